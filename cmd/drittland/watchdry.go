package main

// What watch would do now, without doing it.

import (
	"context"
	"fmt"
	"strings"

	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/cmd/drittland/send"
	"github.com/drittland/drittland/snapshots"
)

// dryRun says what is due and when the rest is.
func (w *watcher) dryRun(ctx context.Context) error {
	state, _, err := w.folder.Look()
	if err != nil {
		return err
	}
	w.state = state
	now := w.env.Now()
	line := func(s string) { fmt.Fprintln(w.env.Stdout, report.Line(s)) }
	if d := state.Behind(now); d > 0 {
		line(w.words.F("The clock shows %s; it showed %s before: nothing is captured or made until it has caught up.", w.shown(now), w.shown(state.Seen)))
	}
	due, next := w.dueLists(now)
	for _, d := range due {
		line(w.words.F("digest: %s for the list %s, %s", d.period.Name, d.list.Name, w.words.N("%s mail", "%s mails", len(d.list.To))))
	}
	if !next.IsZero() {
		line(w.words.F("next digest: %s", w.shown(next)))
	}
	if err := w.dryCapture(ctx, line); err != nil {
		return err
	}
	list, _, err := w.outbox.List()
	if err != nil {
		return err
	}
	waiting := 0
	for i := range list {
		if s := list[i].State; s == send.Waiting || s == send.Sending {
			waiting++
		}
	}
	line(w.words.F("outbox: %s", w.words.N("%s message waits", "%s messages wait", waiting)))
	return nil
}

// dryCapture says what would be captured.
func (w *watcher) dryCapture(ctx context.Context, line func(string)) error {
	sched, err := w.schedule(w.set.Capture.Schedule)
	if err != nil {
		return err
	}
	jitter := w.set.Capture.Jitter
	if w.c.Bool("once") {
		jitter = 0
	}
	_, due, next := w.state.CaptureDue(sched, w.env.Now(), jitter)
	if w.store.placed() != nil || w.store.missing() {
		line(w.words.F("capture: there is no archive in %s yet", w.store.name()))
		return nil
	}
	_, tracked, err := w.store.wake(ctx, w.set.Zone())
	if err != nil {
		return err
	}
	var todo []snapshots.Declaration
	if tracked > 0 {
		p := pick{zone: w.set.Zone(), between: !due}
		if due {
			p.early = earlyBy(sched, w.env.Now())
		}
		if todo, err = w.store.due(ctx, p); err != nil {
			return err
		}
	}
	var names []string
	for i, d := range todo {
		if i == 10 {
			names = append(names, "…")
			break
		}
		names = append(names, d.Service+" · "+d.TermsType)
	}
	text := w.words.F("capture: %s of %s due", fmt.Sprint(len(todo)), w.words.N("%s text", "%s texts", tracked))
	if len(names) > 0 {
		text += ": " + strings.Join(names, ", ")
	}
	line(text)
	if !due {
		line(w.words.F("next run: %s", w.shown(next)))
	}
	return nil
}
