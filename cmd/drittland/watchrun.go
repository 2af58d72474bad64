package main

// What watch captures, and when.

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/watch"
	"github.com/drittland/drittland/snapshots"
)

const (
	lookAgain  = 5 * time.Minute  // after which what is due between runs of all is looked up again
	leastPause = 15 * time.Minute // between two runs for what is due between runs of all
	firstRest  = time.Minute      // after a run that did not end, doubled with each
	longRest   = time.Hour        // at most
)

// wakes is when something is due between runs of all.
type wakes struct {
	first  time.Time // zero for nothing
	looked time.Time
	least  time.Time // not before
}

// captures runs what is due to be captured, and says when the next run is due.
func (w *watcher) captures(ctx context.Context) (next time.Time, err error) {
	now := w.env.Now()
	if w.notBefore.After(now) && w.notBefore.Sub(now) <= longRest {
		return w.notBefore, nil
	}
	sched, err := w.schedule(w.set.Capture.Schedule)
	if err != nil {
		return now.Add(longestSleep), err
	}
	jitter := w.set.Capture.Jitter
	if w.c.Bool("once") {
		jitter = 0
	}
	slot, due, next := w.state.CaptureDue(sched, now, jitter)
	p := pick{zone: w.set.Zone(), between: !due}
	if due {
		p.early = earlyBy(sched, now)
	} else {
		if between, err := w.between(ctx, now); err != nil || between.IsZero() || between.After(now) {
			if !between.IsZero() && between.Before(next) {
				next = between
			}
			w.board.Change(func(s *watch.Standing) { s.RunDue = next })
			return next, err
		}
	}
	err = w.capture(ctx, p)
	switch {
	case ctx.Err() != nil:
		return now, err
	case err != nil && !isRunFailure(err):
		w.pause = min(max(2*w.pause, firstRest), longRest)
		w.notBefore = w.env.Now().Add(w.pause)
		w.state.Capture.Trouble = plainly(err)
		w.board.Change(func(s *watch.Standing) { s.Run.Trouble, s.RunsFailed = w.state.Capture.Trouble, s.RunsFailed+1 })
		return w.notBefore, fmt.Errorf("capture: %w", err)
	}
	w.pause, w.notBefore = 0, time.Time{}
	if due {
		w.state.Capture.Slot = slot
	}
	w.wakes = wakes{least: w.env.Now().Add(leastPause)}
	_, _, next = w.state.CaptureDue(sched, w.env.Now(), jitter)
	if between, err := w.between(ctx, w.env.Now()); err == nil && !between.IsZero() && between.Before(next) {
		next = between
	}
	w.board.Change(func(s *watch.Standing) { s.RunDue = next })
	if !w.c.Bool("once") {
		err = nil // the log has named each source
	}
	return next, err
}

// earlyBy is half of the time between two slots: what is due until then is captured in this one.
func earlyBy(sched config.Schedule, now time.Time) time.Duration {
	begin := sched.Next(now)
	return sched.Next(begin).Sub(begin) / 2
}

// isRunFailure reports whether a run ended, though not all could be captured.
func isRunFailure(err error) bool {
	var c *coded
	return errors.As(err, &c) && c.code == exitUnreadable
}

// plainly is an error for health, without addresses.
func plainly(err error) string { return mailAddress.ReplaceAllString(err.Error(), "…@…") }

// between is when something is due between runs of all.
func (w *watcher) between(ctx context.Context, now time.Time) (time.Time, error) {
	x := &w.wakes
	if x.looked.IsZero() || now.Sub(x.looked) >= lookAgain || now.Before(x.looked) {
		if w.store.placed() != nil || w.store.missing() {
			return time.Time{}, nil
		}
		first, tracked, err := w.store.wake(ctx, w.set.Zone())
		if err != nil {
			return time.Time{}, err
		}
		if !first.IsZero() {
			first = first.Add(watch.Jitter(w.state.Seed, first.String(), w.set.Capture.Jitter))
		}
		x.first, x.looked = first, now
		w.board.Change(func(s *watch.Standing) { s.Tracked = tracked })
	}
	if !x.first.IsZero() && x.first.Before(x.least) {
		return x.least, nil
	}
	return x.first, nil
}

// capture runs what is due. The error of a run in which some sources failed has the code of 'run'.
func (w *watcher) capture(ctx context.Context, p pick) error {
	if err := w.store.placed(); err != nil {
		return err
	}
	if w.store.missing() {
		w.log.Info("there is no archive yet: nothing is tracked", "archive", w.store.name())
		return nil
	}
	if empty, err := w.nothingTracked(ctx); err != nil || empty {
		return err
	}
	todo, err := w.store.due(ctx, p)
	if err != nil {
		return err
	}
	now := w.env.Now()
	if len(todo) == 0 {
		w.state.Capture = watch.Capture{Slot: w.state.Capture.Slot, Began: now.UTC(), Ended: now.UTC()}
		w.log.Debug("nothing is due")
		w.board.Change(func(s *watch.Standing) { s.Run, s.Runs = watch.Run{Began: now, Ended: now}, s.Runs+1 })
		return w.alarms(ctx)
	}
	if w.state.Untold.IsZero() {
		w.state.Untold = now.UTC()
	}
	w.state.Capture = watch.Capture{Slot: w.state.Capture.Slot, Began: now.UTC(), Sources: len(todo)}
	if err := w.folder.Save(w.state); err != nil { // a disk that is full is noticed before anything is asked for
		return err
	}
	w.board.Change(func(s *watch.Standing) { s.Capturing = now })
	defer w.board.Change(func(s *watch.Standing) { s.Capturing = time.Time{} })
	w.log.Debug("a run begins", "sources", len(todo))
	return w.run(ctx, todo)
}

// nothingTracked reports whether there is nothing to capture, which is no failure of a watch.
func (w *watcher) nothingTracked(ctx context.Context) (bool, error) {
	_, tracked, err := w.store.wake(ctx, w.set.Zone())
	if err == nil && tracked == 0 {
		w.log.Info("nothing is tracked yet: 'drittland track add SERVICE URL' begins")
	}
	return tracked == 0, err
}

// run captures sources, reads them, and makes the alerts of what they brought.
func (w *watcher) run(ctx context.Context, todo []snapshots.Declaration) error {
	engine, err := w.engine(nil)
	if err != nil {
		return err
	}
	until, requests, err := budget(w.set.Capture.Budget, w.env.Now())
	if err != nil {
		return err
	}
	pages := w.newPages(w.set.Capture.Render, w.options)
	spent := func() bool {
		return !until.IsZero() && !w.env.Now().Before(until) || requests > 0 && pages.web.Sent() >= requests
	}
	r := &runner{store: w.store, pages: pages, engine: engine, spent: spent, annexes: w.c.Int("annexes")}
	results, err := r.captureAndRead(ctx, todo, w.set.Capture.Jobs)
	if err != nil {
		return err
	}
	w.reached("captured")
	failed := w.tellRun(r, results)
	var terms []snapshots.Terms
	for _, res := range results {
		terms = append(terms, res.Terms)
	}
	if err := w.alerts(ctx, engine, terms); err != nil {
		return err
	}
	w.store.afterRun(w.c, w.options)
	w.reached("alerted")
	if err := w.alarms(ctx); err != nil {
		return err
	}
	if failed > 0 {
		return unreadable(fmt.Errorf("%d of %s could not be captured", failed, amount(len(results), "source", "sources")), "")
	}
	return nil
}

// tellRun logs what a run did and what took how long, and notes it. It gives the number of sources that failed.
func (w *watcher) tellRun(r *runner, results []*result) (failed int) {
	run := watch.Run{Began: w.state.Capture.Began, Ended: w.env.Now(), Sources: len(results), Captured: r.took.capture, Read: r.took.read}
	for _, res := range results {
		what, change := res.outcome(w.words)
		switch {
		case errors.Is(res.Err, errLeft):
			run.Waiting++
		case res.Err != nil:
			run.Failed++
			w.log.Warn("could not be captured", "service", res.Terms.Service, "terms", res.Terms.Type, "why", res.Err)
		case res.unseen():
			run.Failed++
			w.log.Warn("the text could not be seen; the capture is kept", "service", res.Terms.Service, "terms", res.Terms.Type, "why", what)
		case res.Row != nil && res.Row.Number == 1:
			run.First++
		case res.Row != nil:
			run.Changed++
			w.log.Info("changed", "service", res.Terms.Service, "terms", res.Terms.Type, "version", res.Row.Number, "class", change, "alert", res.Row.Alert)
		}
		for _, n := range res.notes() {
			w.log.Debug(n, "service", res.Terms.Service, "terms", res.Terms.Type)
		}
	}
	var long []string
	for _, res := range slowest(results, 3) {
		long = append(long, fmt.Sprintf("%s %s", res.Terms, seconds(res.Took)))
	}
	var hosts []string
	for _, h := range hostTimes(results, 3) {
		hosts = append(hosts, fmt.Sprintf("%s %s", h.host, seconds(h.took)))
	}
	w.log.Info("captured", "sources", run.Sources, "first", run.First, "changed", run.Changed, "failed", run.Failed, "left", run.Waiting,
		"capturing", seconds(run.Captured), "reading", seconds(run.Read), "longest", long, "hosts", hosts)
	c := &w.state.Capture
	c.Ended, c.Sources, c.Failed, c.Trouble = run.Ended.UTC(), run.Sources, run.Failed, ""
	w.board.Change(func(s *watch.Standing) {
		s.Run, s.Runs, s.Sources, s.SourcesFailed = run, s.Runs+1, s.Sources+run.Sources, s.SourcesFailed+run.Failed
	})
	return run.Failed
}

// unseen reports whether a capture did not show the wanted text.
func (res *result) unseen() bool {
	v := res.Version
	return v != nil && (!holdsText(*v) && v.Refused != unchanged || v.Variant != "")
}

// alarms notes the texts that were not seen for too long, and logs those that were not known before.
func (w *watcher) alarms(ctx context.Context) error {
	list, err := w.store.tracked(ctx, false, w.set.AlarmAfter)
	if err != nil {
		return err
	}
	var out []string
	known := map[string]bool{}
	w.board.Look(func(s *watch.Standing) {
		for _, a := range s.Alarms {
			known[a] = true
		}
	})
	for i := range list {
		if a := list[i].alarm(w.words); a != "" {
			name := snapshots.Terms{Service: list[i].Service, Type: list[i].TermsType}.String() + ": " + a
			if out = append(out, name); !known[name] {
				w.log.Warn(a, "service", list[i].Service, "terms", list[i].TermsType)
			}
		}
	}
	w.board.Change(func(s *watch.Standing) { s.Alarms, s.Tracked = out, len(list) })
	return nil
}
