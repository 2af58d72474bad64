package main

// The command run: captures what is due, reads it and says what changed. What one source does has no bearing on the others.

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/fetch"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

func (t *tool) runCommand() *cli.Command {
	return &cli.Command{
		Name:      "run",
		Usage:     "capture the tracked pages that are due, and say what changed",
		ArgsUsage: "[SERVICE ...]",
		Description: `Captures each page that is due, and the pages that its clauses on transfers link
to, such as a list of countries. Everything that the servers said is kept as
evidence. Then says what changed in each text.

   drittland run
   drittland run --all
   drittland run Clipzy Clipzy-DE
   drittland run --budget 20m

A text that goes on behind links to a next page of the same site is read as one.
A page that only lists the policies of regions or products is refused, with the
links that look right; 'combine' of 'track import' names the pages of a text.

A source that cannot be captured is named at the end and makes the exit code 4;
the others are not held up. It is tried again after an hour, then ever later, and
not before its server wishes. A text that has suddenly lost its half, or says
everything twice, is captured once more before it counts. A page that the server
says has not changed is not sent again, except once a month. A page that needs
JavaScript is read with Chromium, if there is one; its HTML, a picture of it and a
PDF are evidence, too. Run it from cron or a timer as often as you like: only what
is due is captured.

Where time stamp authorities are configured, the run ends with one request for all
that it captured: see 'drittland evidence stamp --help'.

HTTP_PROXY, HTTPS_PROXY and NO_PROXY in the environment name a proxy. The proxy
then looks up the names, so that it is the proxy that must keep away from private
addresses; addresses in figures and names such as localhost are refused here.`,
		Flags: append([]cli.Flag{
			&cli.BoolFlag{Name: "all", Usage: "capture what is not due as well"},
			&cli.IntFlag{Name: "jobs", Value: 4, Usage: "capture `N` sources at a time; one server is asked for one page at a time"},
			renderFlag("", "read pages with a browser: auto (those that cannot be read without), always or never (`WHEN`; default: as 'track add' was told)"),
			&cli.BoolFlag{Name: "allow-loopback", Hidden: true, Usage: "also capture from this machine, for tests and demonstrations"},
			&cli.StringFlag{Name: "budget", Usage: "begin no further page after a `TIME`, such as 20m, or a number of requests; what is left comes first the next time"},
			alarmFlag(),
			&cli.IntFlag{Name: "annexes", Value: maxAnnexes, Usage: "capture at most `N` linked pages with each policy"},
			&cli.BoolFlag{Name: "full", Usage: "have every page sent whole, also where the server would say that it has not changed"},
			timestampsFlag(),
		}, append(limitFlags(), cli.HelpFlag)...),
		OnUsageError: usageError,
		Action:       t.run,
	}
}

func (t *tool) run(c *cli.Context) error {
	if n := c.Int("jobs"); n < 1 || n > 64 {
		return usage(fmt.Errorf("--jobs %d: expected 1 to 64", n), commandName(c))
	}
	if c.IsSet("render") {
		if err := knownRender(c.String("render")); err != nil {
			return usage(err, commandName(c))
		}
	}
	options, err := t.webOptions(c)
	if err != nil {
		return usage(err, commandName(c))
	}
	until, requests, err := budget(c.String("budget"), t.env.Now())
	if err != nil {
		return usage(err, commandName(c))
	}
	if n := c.Int("annexes"); n < 1 || n > 50 {
		return usage(fmt.Errorf("--annexes %d: expected 1 to 50", n), commandName(c))
	}
	options.AllowLoopback = options.AllowLoopback || c.Bool("allow-loopback")
	engine, err := t.engine(nil)
	if err != nil {
		return err
	}
	s := t.store(c)
	todo, err := s.due(c.Context, s.pickOf(c))
	if err != nil {
		return err
	}
	if len(todo) == 0 {
		t.say("nothing is due; --all captures everything")
		s.afterRun(c, options)
		return nil
	}
	pages := t.newPages(c.String("render"), options)
	spent := func() bool {
		return !until.IsZero() && !t.env.Now().Before(until) || requests > 0 && pages.web.Sent() >= requests
	}
	s.hold = runHolds
	r := &runner{store: s, pages: pages, engine: engine, full: c.Bool("full"), spent: spent, annexes: c.Int("annexes")}
	results, err := r.captureAndRead(c.Context, todo, c.Int("jobs"))
	if err != nil {
		return err
	}
	err = r.tell(results)
	if r.took.capture+r.took.read >= longRun {
		s.say("%s", r.took.summary(results))
	}
	s.afterRun(c, options)
	return errors.Join(err, s.alarms(c.Context, c.Int("alarm-after")))
}

// alarms names the tracked texts, due or not, that have not been seen for too long.
func (s *store) alarms(ctx context.Context, days int) error {
	list, err := s.tracked(ctx, false, days)
	for i := range list {
		if a := list[i].alarm(s.words); a != "" {
			s.say("%s · %s: %s", list[i].Service, list[i].TermsType, a)
		}
	}
	return err
}

// runHolds is how many bytes of texts the archive keeps at hand for a run, which reads one or two texts of each history: few build upon
// each other.
const runHolds = 8 << 20

// captureAndRead captures sources and reads them. Those of which the text is in doubt are captured once more.
func (r *runner) captureAndRead(ctx context.Context, todo []snapshots.Declaration, jobs int) ([]*result, error) {
	began := r.env.Now()
	results := r.capture(ctx, todo, jobs)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r.took.capture = r.env.Now().Sub(began)
	if err := r.read(ctx, results); err != nil {
		return nil, err
	}
	r.took.read = r.env.Now().Sub(began) - r.took.capture
	var doubt []snapshots.Declaration
	for _, d := range todo {
		for _, res := range results {
			if res.Version != nil && res.Version.RefusedAs == asUnconfirmed && res.Terms == (snapshots.Terms{Service: d.Service, Type: d.TermsType}) {
				doubt = append(doubt, d)
			}
		}
	}
	if len(doubt) == 0 {
		return results, nil
	}
	whole := *r
	whole.full = true
	began = r.env.Now()
	again := whole.capture(ctx, doubt, jobs)
	captured := r.env.Now().Sub(began)
	if err := errors.Join(ctx.Err(), r.read(ctx, again)); err != nil {
		return nil, err
	}
	r.took.capture, r.took.read = r.took.capture+captured, r.took.read+r.env.Now().Sub(began)-captured
	for _, x := range again {
		for i, res := range results {
			if res.Terms == x.Terms && !errors.Is(x.Err, errLeft) {
				x.Took += res.Took
				results[i] = x
			}
		}
	}
	return results, nil
}

// budget reads what a run may take: a time until which sources are begun, or a number of requests.
func budget(s string, now time.Time) (until time.Time, requests int, err error) {
	if s == "" {
		return until, 0, nil
	}
	if n, err := strconv.Atoi(s); err == nil && n > 0 {
		return until, n, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return until, 0, fmt.Errorf("--budget %q: expected a time such as 20m, or a number of requests", s)
	}
	return now.Add(d), 0, nil
}

// read derives what was captured and finds what changed.
func (r *runner) read(ctx context.Context, results []*result) error {
	captured := map[string]*result{}
	for _, res := range results {
		if res.Err == nil && res.Snapshot != "" {
			captured[res.Snapshot] = res
		}
	}
	err := r.write(func(a *archive.Archive) error {
		return r.derive(ctx, a, func(v snapshots.Version) {
			if res := captured[v.Snapshot]; res != nil {
				res.Version = &v
			}
		})
	})
	if err != nil {
		return err
	}
	return r.tellOf(ctx, results)
}

// tellOf finds what the versions of results changed, and notes what is told of them.
func (r *runner) tellOf(ctx context.Context, results []*result) error {
	read := slices.DeleteFunc(slices.Clone(results), func(res *result) bool { return res.Version == nil })
	for len(read) > 0 {
		n, err := r.compare(ctx, read[:min(atOnce, len(read))])
		if err != nil {
			return err
		}
		read = read[n:]
	}
	return r.write(func(a *archive.Archive) error { return noteTold(a, r.engine, results, r.env.Now()) })
}

// How much is read while the archive is held open: opening it for each history takes longer than reading most of them.
const (
	atOnce     = 50   // histories
	rowsAtOnce = 2000 // rows of them, after which no further one is begun
)

// compare finds what the new versions of some sources changed, of the first one at least. It gives the number of sources that it took.
func (r *runner) compare(ctx context.Context, part []*result) (n int, err error) {
	var keep []*remembered
	err = r.store.read(ctx, func(a *archive.Archive) error {
		for all := 0; n < len(part) && all < rowsAtOnce; n++ {
			h, err := readHistory(a, part[n].Version.Terms)
			if err != nil {
				return err
			}
			rows, k, err := r.allRows(ctx, a, r.engine, h)
			if keep = append(keep, k...); err != nil {
				return err
			}
			part[n].take(h, rows)
			all += len(rows)
		}
		return nil
	})
	r.remember(keep...)
	return n, err
}

// take picks what a result is about out of the rows of its history.
func (res *result) take(h *history, rows []row) {
	for i := range rows {
		switch {
		case rows[i].Cause == snapshots.Law:
			if !h.Earlier.IsZero() && rows[i].Date.After(h.Earlier) {
				res.Law = append(res.Law, rows[i])
			}
		case rows[i].Version == res.Version.ID && rows[i].ofVersion():
			r := rows[i]
			if r.Number == 1 {
				res.Found = r.Appeared
			}
			r.Has, r.OnChange = nil, nil // of no use to a run, and there may be thousands
			res.Row = &r
		}
	}
	if n := len(h.Versions); n > 0 {
		res.Quiet = h.Versions[n-1].Date
	}
}

// tell prints what changed, a table of all sources, and why some could not be captured.
func (r *runner) tell(results []*result) error {
	for _, res := range results {
		news := res.Law
		if res.Row != nil && res.Row.Number > 1 {
			news = append(news, *res.Row)
		}
		if len(news) > 0 {
			fmt.Fprintf(r.env.Stdout, "%s\n", r.strong(report.Line(res.Terms.String())))
		}
		for i := range news {
			r.printRow(r.env.Stdout, &news[i])
			fmt.Fprintln(r.env.Stdout)
		}
	}
	w := tabwriter.NewWriter(r.env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, r.head("SERVICE", "TERMS", "RESULT", "ANNEXES", "CHANGE"))
	failed := 0
	for _, res := range results {
		result, change := res.outcome(r.words)
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\n", report.Line(res.Terms.Service), report.Line(res.Terms.Type), report.Line(result), res.Annexes, report.Line(change))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	left := 0
	for _, res := range results {
		for _, n := range res.notes() {
			r.say("%s: %s", res.Terms, n)
		}
		switch {
		case errors.Is(res.Err, errLeft):
			left++
		case res.Err != nil:
			failed++
			explain(r.env.Stderr, fmt.Errorf("%s: %w", res.Terms, res.Err))
		case res.Version != nil && !holdsText(*res.Version) && res.Version.Refused != unchanged:
			r.say("%s: %s: %s; the capture is kept", res.Terms, res.URL, res.Version.Refused)
			failed++
		case res.Version != nil && res.Version.Variant != "":
			r.say("%s: %s: recorded as variant %s; the wanted text was not seen", res.Terms, res.URL, res.Version.Variant)
			failed++
		}
	}
	if left > 0 {
		r.say("%s left for the next run: the budget is used up", amount(left, "source", "sources"))
	}
	if failed > 0 {
		return unreadable(fmt.Errorf("%d of %s could not be captured", failed, amount(len(results), "source", "sources")), "")
	}
	return nil
}

// notes are what a user should know of a source beside its result.
func (res *result) notes() []string {
	if res.Version == nil {
		return res.Notes
	}
	return append(slices.Clone(res.Notes), res.Version.Notes...)
}

// outcome is a result in a few words.
func (res *result) outcome(w *locale.Words) (result, change string) {
	var f *fetch.Failure
	switch {
	case errors.Is(res.Err, errLeft):
		return w.T("left"), ""
	case errors.As(res.Err, &f):
		return report.FailureName(w, string(f.Kind)), ""
	case res.Err != nil:
		return w.T("failed"), ""
	case res.Version != nil && res.Version.Variant != "" && res.Row != nil:
		return w.F("variant %s", res.Version.Variant), res.Row.Class
	case res.Version != nil && res.Version.Variant != "" && res.Version.RefusedAs == "":
		return w.F("variant %s", res.Version.Variant), ""
	case res.Row != nil && res.Row.Number == 1:
		return w.T("first version"), ""
	case res.Row != nil:
		return w.F("version %d", res.Row.Number), res.Row.Class
	case res.Version != nil && res.Version.Refused == unchanged:
		return w.F("unchanged since %s", res.Quiet.Format(time.DateOnly)), ""
	case res.Version != nil && res.Version.RefusedAs != "":
		return w.F("refused: %s", report.FailureName(w, res.Version.RefusedAs)), ""
	case res.Version != nil:
		return w.T("refused"), ""
	}
	return w.T("captured"), ""
}
