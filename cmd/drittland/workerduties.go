package main

// The duties of workers: what is done once for all of them, by whichever lives.

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/drittland/drittland/cmd/drittland/watch"
	"github.com/drittland/drittland/cmd/drittland/work"
	"github.com/drittland/drittland/rules/law"
)

// longestDuty bounds a duty.
const longestDuty = 45 * time.Minute

// scheduleState and postState are where what the duties did is recorded.
func (h *hand) scheduleState() watch.Folder {
	return watch.Folder{Dir: "schedule", Files: h.queue.Files()}
}

func (h *hand) postState() watch.Folder { return watch.Folder{Dir: "post", Files: h.queue.Files()} }

// scheduling is the duty to put what is due into the queue.
func (h *hand) scheduling(ctx context.Context, _ work.Job, _ work.Schedule) ([]work.Args, error) {
	_, err := h.turns.Alone(ctx, "duty:schedule", longestDuty, h.putDue)
	return nil, err
}

// putDue puts the captures that are due into the queue: at the times that the settings say, and between them every few minutes what does not wait for these.
func (h *hand) putDue(ctx context.Context) error {
	state, _, err := h.scheduleState().Load()
	if err != nil {
		return err
	}
	w, now := h.with(state), h.env.Now()
	if w.behind(now) {
		return nil
	}
	sched, err := w.schedule(w.set.Capture.Schedule)
	if err != nil {
		return err
	}
	slot, due, next := state.CaptureDue(sched, now, w.set.Capture.Jitter)
	w.board.Change(func(s *watch.Standing) { s.RunDue = next })
	if !due && now.Sub(state.Capture.Ended) < lookAgain && !state.Capture.Ended.After(now) {
		return nil
	}
	p := pick{zone: w.set.Zone(), between: !due}
	if due {
		p.early = earlyBy(sched, now)
	}
	whole, err := w.store.freshened(ctx, time.Now().Add(freshTurn))
	if err != nil {
		return err
	}
	if !whole && now.Sub(state.Capture.Ended) < lookAgain { // the rest is read with the next duties
		return nil
	}
	found, fresh := 0, 0
	err = w.store.dueEach(ctx, p, func(list []candidate) error {
		var jobs []work.Args
		for _, c := range inTurn(list) {
			jobs = append(jobs, work.Capture{Service: c.Service, Type: c.TermsType, Due: c.since.UTC(), Host: hostOf(c.Declaration)})
		}
		n, err := h.queue.Put(ctx, jobs...)
		found, fresh = found+len(jobs), fresh+n
		return err
	})
	if err != nil && !errors.Is(err, errNothingTracked) {
		return err
	}
	nothing := err != nil
	if fresh > 0 {
		w.log.Info("captures are due", "jobs", fresh, "due", found, "slot", slot)
	}
	h.reached("scheduled")
	if due && !nothing && whole { // what is tracked first is captured at once
		state.Capture.Slot = slot
	}
	state.Capture.Began, state.Capture.Ended, state.Capture.Sources = now.UTC(), now.UTC(), fresh
	state.See(now)
	return h.scheduleState().Save(state)
}

// posting is the duty to have digests made, and to send what waits.
func (h *hand) posting(ctx context.Context, _ work.Job, _ work.Post) ([]work.Args, error) {
	_, err := h.turns.Alone(ctx, "duty:post", longestDuty, func(ctx context.Context) error {
		return errors.Join(h.putDigests(ctx), h.orgDigests(ctx), h.sendPost(ctx), h.stamp(), h.shelveSome(ctx))
	})
	return nil, err
}

// putDigests puts jobs for the digests that are due into the queue, and one for the alerts of a new day of the law.
func (h *hand) putDigests(ctx context.Context) error {
	state, _, err := h.postState().Load()
	if err != nil {
		return err
	}
	w, now := h.with(state), h.env.Now()
	if w.behind(now) {
		return nil
	}
	known := len(state.Lists)
	due, _ := w.dueLists(now)
	var jobs []work.Args
	for _, d := range due {
		jobs = append(jobs, work.Digest{List: d.list.Name, Period: d.period.Name, From: d.period.From, Until: d.period.Until, Slot: d.period.Slot})
		state.Lists[d.list.Name] = watch.List{Slot: d.period.Slot, Until: d.period.Until}
	}
	day := state.Told.IsZero() || law.DateOf(state.Told) != law.DateOf(now)
	if day && !state.Told.IsZero() && len(w.set.Alerts) > 0 {
		jobs = append(jobs, work.Alert{Since: now.UTC(), LawSince: state.Told})
	}
	if len(jobs) == 0 && !day && known == len(state.Lists) {
		return nil
	}
	if _, err := h.queue.Put(ctx, jobs...); err != nil { // before it is recorded: the outbox keeps what is made twice from being sent twice
		return err
	}
	h.reached("posted")
	if day {
		state.Told = now.UTC()
	}
	state.See(now)
	return h.postState().Save(state)
}

// stampEvery is how often the log of captures is stamped, where authorities are configured.
const stampEvery = time.Hour

// stamp has the newest checkpoint stamped.
func (h *hand) stamp() error {
	folder := watch.Folder{Dir: "stamp", Files: h.queue.Files()}
	state, _, err := folder.Load()
	if err != nil || h.env.Now().Sub(state.Seen) < stampEvery {
		return err
	}
	h.store.afterRun(h.c, h.options)
	state.See(h.env.Now())
	return folder.Save(state)
}

// A sentMark is how far this worker has sent what is in the outbox.
type sentMark struct {
	mu      sync.Mutex
	changed time.Time // of the outbox, when it was looked at last
	next    time.Time // when something is due
}

// sendPost sends what is due in the outbox. It is looked at when it has changed, or something in it is due.
func (h *hand) sendPost(ctx context.Context) error {
	h.sent.mu.Lock()
	defer h.sent.mu.Unlock()
	changed, err := h.queue.Files().Changed(sharedBox)
	if err != nil || changed.IsZero() {
		return err
	}
	if changed.Equal(h.sent.changed) && h.sent.next.After(h.env.Now()) {
		return nil
	}
	w := h.with(&watch.State{})
	w.outbox, w.post = h.outbox, time.Time{}
	err = w.deliver(ctx)
	h.sent.changed, h.sent.next = changed, w.post
	return err
}
