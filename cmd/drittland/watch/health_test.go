package watch

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// fine is how it stands where all is well.
func fine(b *Board) {
	b.Change(func(s *Standing) {
		*s = Standing{Version: "v1", Started: noon.Add(-time.Hour), Turned: noon, RunDue: noon.Add(time.Hour), Run: Run{Began: noon.Add(-time.Hour), Ended: noon.Add(-50 * time.Minute), Sources: 10, First: 1, Changed: 2, Failed: 3},
			Counts: Counts{Sent: map[string]int{"mail": 4}}}
	})
}

func get(b *Board, path, host string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = host
	b.Handler(func() time.Time { return noon }).ServeHTTP(w, r)
	return w
}

func TestHealth(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Standing)
		want   string // part of the answer; "" for health
	}{
		"well": {func(*Standing) {}, ""},
		"a run goes on": {func(s *Standing) {
			s.RunDue, s.Capturing, s.Turned = noon.Add(-2*time.Hour), noon.Add(-3*time.Hour), noon.Add(-3*time.Hour)
		}, ""},
		"a run for too long":    {func(s *Standing) { s.Capturing = noon.Add(-13 * time.Hour) }, "a run goes on since 2026-11-22T23:00:00Z"},
		"no run":                {func(s *Standing) { s.RunDue = noon.Add(-2 * time.Hour) }, "a run was due at 2026-11-23T10:00:00Z"},
		"a bad run":             {func(s *Standing) { s.Run.Trouble = "disk full" }, "did not end well"},
		"stands still":          {func(s *Standing) { s.Turned = noon.Add(-time.Hour) }, "nothing was done since"},
		"waits a little":        {func(s *Standing) { s.Waiting, s.Oldest = 2, noon.Add(-time.Hour) }, ""},
		"outbox stuck":          {func(s *Standing) { s.Waiting, s.Oldest = 2, noon.Add(-25*time.Hour) }, "messages wait in the outbox since 2026-11-22T11:00:00Z (2)"},
		"server away":           {func(s *Standing) { s.Away = map[string]time.Time{"mail": noon.Add(-2 * time.Hour)} }, "mail takes no message"},
		"given up":              {func(s *Standing) { s.GivenUp = noon.Add(-2 * time.Hour) }, "a message was given up"},
		"given up long ago":     {func(s *Standing) { s.GivenUp = noon.Add(-25 * time.Hour) }, ""},
		"alarm":                 {func(s *Standing) { s.Alarms = []string{"Clipzy\x1b[2J: not verified"} }, "alarm: Clipzy"},
		"bad settings":          {func(s *Standing) { s.Settings = "x" }, "settings cannot be read"},
		"clock back":            {func(s *Standing) { s.Behind = time.Hour }, "clock is 1h0m0s behind"},
		"clock back by a blink": {func(s *Standing) { s.Behind = time.Second }, ""},
	} {
		b := new(Board)
		fine(b)
		b.Change(c.change)
		w := get(b, "/healthz", "127.0.0.1:9464")
		body := w.Body.String()
		if (w.Code == http.StatusOK) != (c.want == "") || !strings.Contains(body, c.want) || strings.Contains(body, "\x1b") {
			t.Errorf("%s: %d %q", name, w.Code, body)
		}
	}
}

func TestThisMachineAlone(t *testing.T) {
	b := new(Board)
	fine(b)
	for host, want := range map[string]int{"127.0.0.1:9464": 200, "localhost:9464": 200, "[::1]:9464": 200, "attacker.example": 403, "attacker.example:9464": 403} {
		if w := get(b, "/metrics", host); w.Code != want {
			t.Errorf("%s: %d", host, w.Code)
		}
	}
	if w := get(b, "/livez", "localhost"); w.Code != http.StatusOK {
		t.Errorf("livez: %d %s", w.Code, w.Body)
	}
}

// What is told of the queue of workers, and that the database is away, is in metrics and health.
func TestQueueMetrics(t *testing.T) {
	b := new(Board)
	fine(b)
	b.Change(func(s *Standing) {
		s.Queue = &Queue{Workers: 2, Dead: 3, DeadOf: map[string]int{"blocked": 2, "other": 1}, Due: time.Hour, Taken: 4, Jobs: map[[2]string]int{{"capture", "available"}: 7}, Lag: map[string]time.Duration{"capture": time.Minute}}
	})
	wants := func(words ...string) {
		t.Helper()
		out := get(b, "/metrics", "localhost").Body.String()
		for _, w := range words {
			if !strings.Contains(out, "\n"+w+"\n") {
				t.Errorf("no %q in\n%s", w, out)
			}
		}
	}
	wants("drittland_database_up 1", "drittland_due_oldest_seconds 3600", "drittland_jobs_taken_over 4", `drittland_jobs_dead_of_class{class="blocked"} 2`, `drittland_jobs{queue="capture",state="available"} 7`)
	b.Change(func(s *Standing) { s.Queue = s.Queue.Lost(noon.Add(-2 * time.Minute)).Lost(noon) })
	wants("drittland_database_up 0", "drittland_workers 2", "drittland_healthy 0")
	if w := get(b, "/healthz", "localhost"); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "the database does not answer since ") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	b.Change(func(s *Standing) { s.Queue = (*Queue)(nil).Lost(noon) })
	wants("drittland_database_up 0")
}

func TestMetrics(t *testing.T) {
	b := new(Board)
	fine(b)
	b.Change(func(s *Standing) { s.Version, s.Waiting, s.Oldest = "a\"b\\c\nd\xff", 1, noon.Add(-90*time.Second) })
	w := get(b, "/metrics", "localhost")
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	if len(families) < 12 {
		t.Errorf("%d families", len(families))
	}
	value := func(name, label string) float64 {
		f := families[name]
		if f == nil || f.GetHelp() == "" {
			t.Fatalf("%s: not there, or without help", name)
		}
		for _, m := range f.Metric {
			if label == "" && len(m.Label) == 0 || len(m.Label) == 1 && m.Label[0].GetValue() == label {
				return m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
		t.Fatalf("%s: no %q", name, label)
		return 0
	}
	for name, want := range map[[2]string]float64{{"drittland_build_info", "a\"b\\c\nd\ufffd"}: 1, {"drittland_last_run_sources", "unchanged"}: 4, {"drittland_sent_total", "mail"}: 4,
		{"drittland_outbox_oldest_seconds", ""}: 90, {"drittland_healthy", ""}: 1, {"drittland_last_run_end_time_seconds", ""}: float64(noon.Add(-50 * time.Minute).Unix())} {
		if got := value(name[0], name[1]); got != want {
			t.Errorf("%v: %v, want %v", name, got, want)
		}
	}
	for name, f := range families {
		if total := strings.HasSuffix(name, "_total"); total != (f.GetType().String() == "COUNTER") {
			t.Errorf("%s is a %s", name, f.GetType())
		}
	}
}
