package main

// The digests that watch makes, and how everything is sent.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/digest"
	"github.com/drittland/drittland/cmd/drittland/send"
	"github.com/drittland/drittland/cmd/drittland/teams"
	"github.com/drittland/drittland/cmd/drittland/watch"
)

// A dueDigest is a digest that is to be made.
type dueDigest struct {
	list   config.List
	period watch.Period
	of     *team  // nil for a list of the settings
	format string // of its mails, where an organisation says one
}

// lists are those of the settings, each with its locale.
func (w *watcher) lists() []config.List {
	list := slices.Clone(w.set.Lists)
	for i := range list {
		list[i] = w.said(list[i])
	}
	return list
}

// said is a list with its locale.
func (w *watcher) said(l config.List) config.List {
	l.Locale = cmp.Or(l.Locale, w.set.Locale)
	return l
}

// dueLists are the digests to be made at now, and when the next slot of a list begins; zero if there are no lists.
func (w *watcher) dueLists(now time.Time) (due []dueDigest, next time.Time) {
	w.state.Keep(w.listNames())
	for _, l := range w.lists() {
		sched, err := w.schedule(l.Schedule)
		if err != nil { // was checked
			w.log.Error("a list has no schedule", "list", l.Name, "error", err)
			continue
		}
		periods, begins := w.state.Missed(l.Name, sched, now)
		for _, p := range periods {
			due = append(due, dueDigest{list: l, period: p})
		}
		if next.IsZero() || begins.Before(next) {
			next = begins
		}
	}
	w.state.Settled()
	return due, next
}

// digests puts the digests that are due into the outbox. What cannot be made now is made the next time; the other lists are not held up.
func (w *watcher) digests(ctx context.Context, due []dueDigest) (err error) {
	if len(due) == 0 {
		return nil
	}
	if w.store.placed() != nil || w.store.missing() {
		w.log.Info("there is no archive yet: no digest is made", "archive", w.store.name())
		return nil
	}
	engine, err := w.engine(nil)
	if err != nil {
		return err
	}
	desk := newReviewDesk(w.store, engine.In("en"))
	stuck := map[string]bool{}
	for _, d := range due {
		if stuck[d.list.Name] {
			continue
		}
		if x := w.digest(ctx, desk, d); x != nil {
			stuck[d.list.Name] = true
			err = errors.Join(err, fmt.Errorf("digest of %s for %s: %w", d.period.Name, d.list.Name, x))
		}
	}
	return err
}

// digest puts one digest into the outbox and notes that.
func (w *watcher) digest(ctx context.Context, desk *reviewDesk, d dueDigest) error {
	if err := w.makeDigest(ctx, desk, d); err != nil {
		return err
	}
	w.reached("put")
	w.state.Lists[d.list.Name] = watch.List{Slot: d.period.Slot, Until: d.period.Until}
	return w.folder.Save(w.state)
}

// makeDigest puts one digest into the outbox.
func (w *watcher) makeDigest(ctx context.Context, desk *reviewDesk, d dueDigest) error {
	got, err := desk.digest(ctx, digestWish{list: d.list, period: d.period.Name, from: d.period.From, until: d.period.Until, zone: w.set.Zone(),
		reviewURL: w.set.ReviewURL, alarm: w.set.AlarmAfter, ahead: w.set.LawAhead, of: d.of})
	if err != nil {
		return err
	}
	fresh := 0
	if got.Empty() && d.list.Quiet == config.QuietSkip {
		w.log.Info("nothing to tell, and the list wants no mail then", "organisation", got.Organisation, "list", d.list.Name, "period", d.period.Name)
	} else if fresh, err = w.putDigest(got, d); err != nil {
		return err
	} else {
		w.log.Info("digest made", "organisation", got.Organisation, "list", d.list.Name, "period", d.period.Name, "mails", fresh, "empty", got.Empty())
	}
	w.post = time.Time{}
	w.board.Change(func(s *watch.Standing) { s.Digests += fresh })
	return nil
}

// putDigest puts the mails of a digest into the outbox. fresh is how many were not there before.
func (w *watcher) putDigest(d *digest.Digest, of dueDigest) (fresh int, err error) {
	sender, err := senderOf(w.set.Settings)
	if err != nil {
		return 0, err
	}
	period := d.Period
	if n := w.state.Restarts; n > 0 { // the clock went back: what has this name may be about a time that never was
		period = fmt.Sprintf("%s+%d", period, n)
	}
	messages, err := of.mails(d, period, sender)
	if err != nil {
		return 0, err
	}
	for _, m := range messages {
		ok, err := w.outbox.Put(m)
		if err != nil {
			return fresh, err
		}
		if ok {
			fresh++
		}
	}
	return fresh, nil
}

// mails are those of a digest.
func (of *dueDigest) mails(d *digest.Digest, period, sender string) ([]send.Message, error) {
	if of.of == nil {
		return digestMails(d, "digest/"+listKey(of.list)+"/"+period, of.list, sender, of.list.To)
	}
	messages, err := digestMails(d, mailKey(of.of.Org, of.list.Name)+"/"+period, of.list, sender, of.list.To)
	for i := range messages {
		messages[i].List = of.list.Name + "." + of.of.Name() // others may have one of this name
		if of.format == teams.FormText {
			messages[i].HTML = ""
		}
	}
	return messages, err
}

// lookAtPost is after how long the outbox is looked at, though nothing is known to be due: others put messages into it, too.
const lookAtPost = 5 * time.Minute

// deliver sends what is due in the outbox, and notes when something is due again. What could not be sent waits there; for --once that
// is an error.
func (w *watcher) deliver(ctx context.Context) error {
	now := w.env.Now()
	if w.post.After(now) && w.post.Sub(now) <= lookAtPost {
		return nil
	}
	got, err := w.outbox.Deliver(ctx, now)
	w.tellDelivery(&got)
	w.reached("sent")
	w.post = now.Add(lookAtPost)
	if !got.Next.IsZero() && got.Next.Before(w.post) {
		w.post = got.Next
	}
	if errors.Is(err, send.ErrBusy) {
		w.log.Info("another drittland sends right now")
		return nil
	}
	if err != nil {
		return fmt.Errorf("send: %w", err)
	}
	if w.c.Bool("once") {
		return notSent(&got)
	}
	return nil
}

// notSent is the error of a delivery that left something; nil if it did not.
func notSent(d *send.Delivery) error {
	given := len(d.Abandoned)
	switch {
	case given == 0 && len(d.Troubles)+len(d.Later) == 0:
		return nil
	case given == 0:
		return &coded{fmt.Errorf("%s not sent", amount(max(d.Waiting, 1), "message was", "messages were")), exitFailed, "'drittland digest outbox' shows what waits and why; the next run tries again"}
	case d.Waiting == 0:
		return &coded{fmt.Errorf("%s given up", amount(given, "message was", "messages were")), exitFailed, "'drittland digest outbox' shows why; 'drittland digest outbox retry KEY' has it tried again"}
	}
	return &coded{fmt.Errorf("%s given up, and %s", amount(given, "message was", "messages were"), amount(d.Waiting, "waits", "wait")), exitFailed,
		"'drittland digest outbox' shows them and why; the next run tries again what waits, and 'drittland digest outbox retry KEY' what was given up"}
}

// tellDelivery logs what became of messages, and notes it.
func (w *watcher) tellDelivery(d *send.Delivery) {
	for i := range d.Sent {
		e := &d.Sent[i]
		w.log.Info("sent", "kind", e.Kind, "subject", e.Subject, "tries", e.Tries)
		w.log.Debug("sent", "key", e.Key, "to", e.To, "id", e.ID)
	}
	for i := range d.Later {
		e := &d.Later[i]
		w.log.Warn("not sent; it is tried again", "kind", e.Kind, "subject", e.Subject, "why", e.Trouble, "after", w.shown(e.Next))
		w.log.Debug("not sent", "key", e.Key, "to", e.To)
	}
	for i := range d.Abandoned {
		e := &d.Abandoned[i]
		w.log.Error("given up; 'drittland digest outbox' shows it", "kind", e.Kind, "subject", e.Subject, "why", e.Trouble)
		w.log.Debug("given up", "key", e.Key, "to", e.To)
	}
	for _, x := range d.Troubles {
		if x.New {
			w.log.Error("nothing can be sent there; all that is for it waits", "place", x.Place, "why", x.Why)
		}
	}
	for _, f := range d.Damaged {
		w.log.Error("a message of the outbox is damaged and was set aside", "file", f)
	}
	oldest := w.env.Now()
	if d.Waiting > 0 {
		if list, _, err := w.outbox.List(); err == nil {
			for i := range list {
				if e := &list[i]; (e.State == send.Waiting || e.State == send.Sending) && e.Made.Before(oldest) {
					oldest = e.Made
				}
			}
		}
	}
	w.board.Change(func(s *watch.Standing) {
		s.Waiting, s.Oldest = d.Waiting, oldest
		s.Away = map[string]time.Time{}
		for _, x := range d.Troubles {
			s.Away[x.Place] = x.Since
		}
		for i := range d.Sent {
			s.Sent[d.Sent[i].Kind]++
		}
		if n := len(d.Abandoned); n > 0 {
			s.Abandoned, s.GivenUp = s.Abandoned+n, w.env.Now()
		}
	})
}
