package main

// The command run: captures what is due. Each page is evidence in the archive before anything is read out of it, and what
// one source does has no bearing on the others.

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/fetch"
	"github.com/drittland/drittland/fetch/extract"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

const (
	maxAnnexes = 5         // linked pages that are captured with one policy
	retryAfter = time.Hour // before a source that could not be captured is due again
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

A source that cannot be captured is named at the end and makes the exit code 4;
the others are not held up. Run it from cron or a timer as often as you like:
only what is due is captured. A page that the server says has not changed is not
sent again, except once a month.

HTTP_PROXY, HTTPS_PROXY and NO_PROXY in the environment name a proxy. The proxy
then looks up the names, so that it is the proxy that must keep away from private
addresses; addresses in figures and names such as localhost are refused here.`,
		Flags: append([]cli.Flag{
			&cli.BoolFlag{Name: "all", Usage: "capture what is not due as well"},
			&cli.IntFlag{Name: "jobs", Value: 4, Usage: "capture `N` sources at a time; one server is asked for one page at a time"},
			&cli.BoolFlag{Name: "allow-loopback", Hidden: true, Usage: "also capture from this machine, for tests and demonstrations"},
			&cli.BoolFlag{Name: "full", Usage: "have every page sent whole, also where the server would say that it has not changed"},
		}, limitFlags()...),
		OnUsageError: usageError,
		Action:       t.run,
	}
}

func (t *tool) run(c *cli.Context) error {
	if n := c.Int("jobs"); n < 1 || n > 64 {
		return usage(fmt.Errorf("--jobs %d: expected 1 to 64", n), commandName(c))
	}
	options, err := t.webOptions(c)
	if err != nil {
		return usage(err, commandName(c))
	}
	options.AllowLoopback = options.AllowLoopback || c.Bool("allow-loopback")
	engine, err := t.engine(nil)
	if err != nil {
		return err
	}
	s := t.store(c)
	todo, err := s.due(c.Context, c.Args().Slice(), c.Bool("all"))
	if err != nil {
		return err
	}
	if len(todo) == 0 {
		t.say("nothing is due; --all captures everything")
		return nil
	}
	r := &runner{store: s, web: fetch.New(options), engine: engine, full: c.Bool("full")}
	results := r.capture(c.Context, todo, c.Int("jobs"))
	if err := c.Context.Err(); err != nil {
		return err
	}
	if err := r.read(c.Context, results); err != nil {
		return err
	}
	return r.tell(results)
}

// due are the declarations that a run captures, sorted by service and terms.
func (s *store) due(ctx context.Context, names []string, all bool) ([]snapshots.Declaration, error) {
	var out []snapshots.Declaration
	err := s.read(ctx, func(a *archive.Archive) error {
		list, err := a.Declarations()
		if err != nil {
			return err
		}
		list = slices.DeleteFunc(list, func(d snapshots.Declaration) bool { return !d.Removed.IsZero() })
		for _, name := range names {
			if !slices.ContainsFunc(list, func(d snapshots.Declaration) bool { return strings.EqualFold(d.Service, name) }) {
				return notTracked(name)
			}
		}
		if len(list) == 0 {
			return &coded{errors.New("nothing is tracked yet"), exitFailed, "'drittland track add SERVICE URL' begins"}
		}
		for _, d := range list {
			asked := slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(d.Service, name) })
			if len(names) > 0 && !asked {
				continue
			}
			due := all || asked
			if !due {
				if due, err = isDue(a, d, s.env.Now()); err != nil {
					return err
				}
			}
			if due {
				out = append(out, d)
			}
		}
		return nil
	})
	return out, err
}

// isDue reports whether a page was last captured longer ago than its declaration says, or could not be captured some
// time ago.
func isDue(a *archive.Archive, d snapshots.Declaration, now time.Time) (bool, error) {
	var tried, got time.Time
	for s, err := range a.Snapshots(snapshots.Terms{Service: d.Service, Type: d.TermsType}) {
		if err != nil {
			return false, err
		}
		if s.AnnexOf != "" || s.Origin != nil || !slices.ContainsFunc(d.Sources, func(src snapshots.Source) bool { return src.URL == s.URL }) {
			continue
		}
		if tried = s.At; isPage(s) {
			got = s.At
		}
	}
	every := d.Every
	if every <= 0 {
		every = defaultEvery
	}
	return now.Sub(got) >= every && now.Sub(tried) >= min(every, retryAfter), nil
}

// A runner captures sources.
type runner struct {
	*store
	web    fetcher
	engine *analyze.Engine
	full   bool // ask for whole pages
	bar    *progressbar.ProgressBar
}

// A result is what a run did with one source.
type result struct {
	Terms    snapshots.Terms
	URL      string
	Snapshot string // "" if nothing was received
	Annexes  int    // pages captured with it
	Notes    []string
	Err      error              // why it could not be captured
	Version  *snapshots.Version // what it was read as
	Row      *row               // what the version changed, if it is a new one
	Law      []row              // what the law changed since the text was seen last
	Quiet    time.Time          // since when the text reads as it does, if it is not
}

// capture captures sources, some at a time. The results are in the order of the declarations.
func (r *runner) capture(ctx context.Context, todo []snapshots.Declaration, jobs int) []*result {
	r.bar = r.progress(len(todo), "capturing")
	defer r.bar.Clear()
	results := make([]*result, len(todo))
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(jobs, len(todo)) {
		wg.Go(func() {
			for i := range next {
				results[i] = r.source(ctx, todo[i])
				_ = r.bar.Add(1)
			}
		})
	}
	for i := range todo {
		next <- i
	}
	close(next)
	wg.Wait()
	return results
}

// source captures the page of a declaration and the pages that its clauses on transfers link to.
func (r *runner) source(ctx context.Context, d snapshots.Declaration) *result {
	res := &result{Terms: snapshots.Terms{Service: d.Service, Type: d.TermsType}}
	if len(d.Sources) != 1 {
		res.Err = fmt.Errorf("%s has %d sources; one is supported", res.Terms, len(d.Sources))
		return res
	}
	src := d.Sources[0]
	res.URL = src.URL
	if res.Err = ctx.Err(); res.Err != nil {
		return res
	}
	got, snap, err := r.get(ctx, fetch.Request{Terms: res.Terms, URL: src.URL, Lang: src.Lang})
	res.Snapshot = snap.ID
	if res.Err = err; err != nil {
		return res
	}
	if to := fetch.MovedTo(got); to != "" {
		res.Notes = append(res.Notes, "moved for good to "+to)
	}
	doc, err := extract.Read(extract.Input{Body: got.Body, MediaType: got.MediaType, Charset: got.Charset, BaseURL: got.FinalURL,
		Language: src.Lang, Select: src.Select, Remove: src.Remove}, extract.Options{})
	if err != nil {
		return res // derive says why
	}
	r.annexes(ctx, res, src, got, r.engine.Facts(doc).AnnexLinks())
	return res
}

// annexes captures linked pages. One that cannot be captured is noted; the policy stands without it.
func (r *runner) annexes(ctx context.Context, res *result, src snapshots.Source, policy *snapshots.Capture, links []string) {
	links = slices.DeleteFunc(links, func(u string) bool { return u == policy.URL || u == policy.FinalURL })
	if len(links) > maxAnnexes {
		res.Notes = append(res.Notes, fmt.Sprintf("links %d pages about transfers; the first %d were captured", len(links), maxAnnexes))
		links = links[:maxAnnexes]
	}
	for _, u := range links {
		if _, _, err := r.get(ctx, fetch.Request{Terms: res.Terms, URL: u, Lang: src.Lang, AnnexOf: policy.URL}); err != nil {
			res.Notes = append(res.Notes, "linked page not captured: "+err.Error())
			continue
		}
		res.Annexes++
	}
}

// get captures one page and records it, with the body that it had before if it has not changed since.
func (r *runner) get(ctx context.Context, req fetch.Request) (*snapshots.Capture, snapshots.Snapshot, error) {
	if !r.full {
		err := r.look(func(a *archive.Archive) error {
			v, ok, err := a.Validator(req.Terms, req.URL)
			if ok && r.env.Now().Sub(v.At) < fullAfter {
				req.Since = &v
			}
			return err
		})
		if err != nil {
			return nil, snapshots.Snapshot{}, err
		}
	}
	got, err := r.web.Get(ctx, req)
	snap, again := r.keep(ctx, got, err)
	if err = errors.Join(err, again); err != nil || got.Revisits == "" {
		return got, snap, err
	}
	got.MediaType, got.Charset = snap.MediaType, snap.Charset
	err = r.look(func(a *archive.Archive) (err error) {
		got.Body, err = a.Body(snap)
		return err
	})
	return got, snap, err
}

// keep records a capture as evidence: what the server said, also where that is a refusal. There is nothing to record if no
// answer came, or if we broke it off.
func (r *runner) keep(ctx context.Context, got *snapshots.Capture, failure error) (snap snapshots.Snapshot, err error) {
	if got == nil || failure != nil && ctx.Err() != nil {
		return snap, nil
	}
	err = r.write(func(a *archive.Archive) error {
		snap, err = a.PutCapture(got)
		return err
	})
	return snap, err
}

// read derives what was captured and finds what changed.
func (r *runner) read(ctx context.Context, results []*result) error {
	made := map[string]snapshots.Version{}
	err := r.write(func(a *archive.Archive) error {
		return r.derive(ctx, a, func(v snapshots.Version) { made[v.Snapshot] = v })
	})
	if err != nil {
		return err
	}
	for _, res := range results {
		v, ok := made[res.Snapshot]
		if !ok || res.Err != nil {
			continue
		}
		res.Version = &v
		h, rows, err := r.timeline(ctx, r.engine, v.Terms.Service, v.Terms.Type)
		if err != nil {
			return err
		}
		for i := range rows {
			switch {
			case rows[i].Cause == snapshots.Law:
				if !h.Earlier.IsZero() && rows[i].Date.After(h.Earlier) {
					res.Law = append(res.Law, rows[i])
				}
			case rows[i].Version == v.ID && rows[i].Number > 0:
				res.Row = &rows[i]
			}
		}
		if n := len(h.Versions); n > 0 {
			res.Quiet = h.Versions[n-1].Date
		}
	}
	return nil
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
	fmt.Fprintln(w, "SERVICE\tTERMS\tRESULT\tANNEXES\tCHANGE")
	failed := 0
	for _, res := range results {
		result, change := res.outcome()
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\n", report.Line(res.Terms.Service), report.Line(res.Terms.Type), report.Line(result), res.Annexes, report.Line(change))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, res := range results {
		for _, n := range res.Notes {
			r.say("%s: %s", res.Terms, n)
		}
		if res.Version != nil && !holdsText(*res.Version) && res.Version.Refused != unchanged {
			r.say("%s: %s: %s; the capture is kept", res.Terms, res.URL, res.Version.Refused)
			failed++
		}
		if res.Err != nil {
			failed++
			explain(r.env.Stderr, fmt.Errorf("%s: %w", res.Terms, res.Err))
		}
	}
	if failed > 0 {
		return unreadable(fmt.Errorf("%d of %s could not be captured", failed, amount(len(results), "source", "sources")), "")
	}
	return nil
}

// outcome is a result in a few words.
func (res *result) outcome() (result, change string) {
	var f *fetch.Failure
	switch {
	case errors.As(res.Err, &f):
		return string(f.Kind), ""
	case res.Err != nil:
		return "failed", ""
	case res.Row != nil && res.Row.Number == 1:
		return "first version", ""
	case res.Row != nil:
		return fmt.Sprintf("version %d", res.Row.Number), res.Row.Class
	case res.Version != nil && res.Version.Refused == unchanged:
		return "unchanged since " + res.Quiet.Format(time.DateOnly), ""
	case res.Version != nil:
		return "refused", ""
	}
	return "captured", ""
}
