package watch

// Metrics in the text format of Prometheus, version 0.0.4. There are few enough to write them by hand.

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

func sorted[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// A metric is one family. Values are by the value of its label; of one without, by "". Of several labels, names and values have commas and zero bytes between them.
type metric struct {
	name, help, kind, label string
	values                  map[string]float64
}

func gauge(name, help string, v float64) metric {
	return metric{name: name, help: help, kind: "gauge", values: map[string]float64{"": v}}
}

func counter(name, help string, v int) metric {
	return metric{name: name, help: help, kind: "counter", values: map[string]float64{"": float64(v)}}
}

func unix(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}

func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// metrics are those of how it stands.
func (s *Standing) metrics(now time.Time) []metric {
	r := s.Run
	sent := map[string]float64{"mail": 0, "webhook": 0, "chat": 0}
	for k, n := range s.Sent {
		sent[k] = float64(n)
	}
	oldest := 0.0
	if s.Waiting > 0 {
		oldest = max(0, now.Sub(s.Oldest).Seconds())
	}
	return []metric{
		{name: "drittland_build_info", help: "The release that runs; always 1.", kind: "gauge", label: "version", values: map[string]float64{s.Version: 1}},
		gauge("drittland_healthy", "Whether /healthz answers 200.", flag(len(s.Reasons(now)) == 0)),
		gauge("drittland_start_time_seconds", "When the program was started, in seconds since 1970.", unix(s.Started)),
		gauge("drittland_capturing", "Whether a run goes on.", flag(!s.Capturing.IsZero())),
		gauge("drittland_last_run_end_time_seconds", "When the last run ended, in seconds since 1970; 0 if none has.", unix(r.Ended)),
		gauge("drittland_next_run_time_seconds", "When the next run is due, in seconds since 1970.", unix(s.RunDue)),
		{name: "drittland_last_run_seconds", help: "Time that the last run took, by part.", kind: "gauge", label: "part",
			values: map[string]float64{"capture": r.Captured.Seconds(), "read": r.Read.Seconds()}},
		{name: "drittland_last_run_sources", help: "Sources of the last run, by what came of them.", kind: "gauge", label: "result",
			values: map[string]float64{"first": float64(r.First), "changed": float64(r.Changed), "failed": float64(r.Failed), "left": float64(r.Waiting),
				"unchanged": float64(max(0, r.Sources-r.First-r.Changed-r.Failed-r.Waiting))}},
		gauge("drittland_tracked_sources", "Texts that are tracked.", float64(s.Tracked)),
		gauge("drittland_alarms", "Texts that were not seen for too long.", float64(len(s.Alarms))),
		gauge("drittland_outbox_waiting", "Messages that are still to be sent.", float64(s.Waiting)),
		gauge("drittland_outbox_oldest_seconds", "Age of the oldest message that is still to be sent.", oldest),
		gauge("drittland_settings_ok", "Whether the settings could be read the last time.", flag(s.Settings == "")),
		counter("drittland_runs_total", "Runs since the program was started.", s.Runs),
		counter("drittland_runs_failed_total", "Runs that did not end.", s.RunsFailed),
		counter("drittland_sources_total", "Sources that runs asked for.", s.Sources),
		counter("drittland_sources_failed_total", "Sources of these that could not be had.", s.SourcesFailed),
		counter("drittland_digests_total", "Digests put into the outbox, one for each recipient.", s.Digests),
		counter("drittland_alerts_total", "Alerts put into the outbox, one for each recipient.", s.Alerts),
		{name: "drittland_sent_total", help: "Messages sent, by kind.", kind: "counter", label: "kind", values: sent},
		counter("drittland_abandoned_total", "Messages that were refused for good or given up.", s.Abandoned),
	}
}

// metrics are those of the queue that workers share.
func (q *Queue) metrics() []metric {
	pairs := func(of map[[2]string]int) map[string]float64 {
		out := map[string]float64{}
		for k, n := range of {
			out[k[0]+"\x00"+k[1]] = float64(n)
		}
		return out
	}
	lag := map[string]float64{}
	for name, d := range q.Lag {
		lag[name] = d.Seconds()
	}
	dead := map[string]float64{}
	for class, n := range q.DeadOf {
		dead[class] = float64(n)
	}
	out := []metric{
		gauge("drittland_workers", "Workers that live.", float64(q.Workers)),
		gauge("drittland_database_up", "Whether the database could be asked the last time; if not, what is told of the queue is older.", flag(q.Away.IsZero())),
		gauge("drittland_due_oldest_seconds", "For how long the source that waits longest for its capture is due.", q.Due.Seconds()),
		gauge("drittland_jobs_taken_over", "How often jobs that are still kept were taken over from workers that had died.", float64(q.Taken)),
		gauge("drittland_jobs_dead", "Jobs that were given up in the last day.", float64(q.Dead)),
		{name: "drittland_jobs_dead_of_class", help: "Jobs that were given up in the last day, by the class of their last failure.", kind: "gauge", label: "class", values: dead},
		{name: "drittland_jobs", help: "Jobs, by queue and state.", kind: "gauge", label: "queue,state", values: pairs(q.Jobs)},
		{name: "drittland_jobs_lag_seconds", help: "For how long the job that waits longest could have been begun, by queue.", kind: "gauge", label: "queue", values: lag},
		{name: "drittland_jobs_done_total", help: "What became of jobs of this worker, by kind and result.", kind: "counter", label: "kind,result", values: pairs(q.Done)},
	}
	if q.Second != nil {
		out = append(out, q.Second.metrics()...)
	}
	return out
}

// metrics are those of the second reader.
func (x *SecondReader) metrics() []metric {
	calls := map[string]float64{"answered": 0, "failed": 0}
	for k, n := range x.Calls {
		calls[k] = float64(n)
	}
	out := []metric{
		gauge("drittland_llm_reachable", "Whether the second reader answered the last time.", flag(x.Away == 0)),
		gauge("drittland_llm_budget_used_up", "Whether the budget of the second reader for this day, UTC, is used up.", flag(x.UsedUp)),
		gauge("drittland_llm_day_tokens", "Tokens that all workers took of the second reader on this day, UTC.", float64(x.Tokens)),
		{name: "drittland_llm_calls_total", help: "What became of the questions of this worker to the second reader; those that might not be asked by why.", kind: "counter", label: "result", values: calls},
		{name: "drittland_llm_tokens_total", help: "Tokens that the questions of this worker took, and their answers.", kind: "counter", label: "of",
			values: map[string]float64{"questions": float64(x.In), "answers": float64(x.Out)}},
	}
	if x.MostTokens > 0 {
		out = append(out, gauge("drittland_llm_day_tokens_budget", "Tokens that all workers may take on a day.", float64(x.MostTokens)))
	}
	if x.Currency != "" {
		money := func(v float64) map[string]float64 { return map[string]float64{x.Currency: v} }
		out = append(out, metric{name: "drittland_llm_day_cost", help: "What all workers spent on the second reader on this day, UTC, by currency.", kind: "gauge", label: "currency", values: money(x.Cost)},
			metric{name: "drittland_llm_cost_total", help: "What this worker spent on the second reader, by currency.", kind: "counter", label: "currency", values: money(x.Paid)})
		if x.MostCost > 0 {
			out = append(out, metric{name: "drittland_llm_day_cost_budget", help: "What all workers may spend on a day, by currency.", kind: "gauge", label: "currency", values: money(x.MostCost)})
		}
	}
	return out
}

var (
	escapeHelp  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	escapeLabel = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
)

// WriteMetrics writes how it stands at now.
func (s *Standing) WriteMetrics(w io.Writer, now time.Time) error {
	var b strings.Builder
	all := s.metrics(now)
	if s.Queue != nil {
		all = append(all, s.Queue.metrics()...)
	}
	for _, m := range all {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", m.name, escapeHelp.Replace(m.help), m.name, m.kind)
		for _, v := range sorted(m.values) {
			label := ""
			if m.label != "" {
				var pairs []string
				values := strings.Split(v, "\x00")
				for i, name := range strings.Split(m.label, ",") {
					pairs = append(pairs, fmt.Sprintf(`%s="%s"`, name, escapeLabel.Replace(strings.ToValidUTF8(values[i], "\ufffd"))))
				}
				label = "{" + strings.Join(pairs, ",") + "}"
			}
			fmt.Fprintf(&b, "%s%s %s\n", m.name, label, strconv.FormatFloat(m.values[v], 'f', -1, 64))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
