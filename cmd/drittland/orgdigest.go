package main

// Digests of an organisation: of the terms that it watches alone, with its own decisions and those of nobody else.

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/send"
	"github.com/drittland/drittland/cmd/drittland/teams"
	"github.com/drittland/drittland/cmd/drittland/watch"
	"github.com/drittland/drittland/cmd/drittland/work"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// A team is an organisation as a digest sees it.
type team struct {
	*teams.Org
	watched map[snapshots.Terms]bool
	terms   []snapshots.Terms // the same, in order
}

// teamOf reads what an organisation watches.
func teamOf(ctx context.Context, o *teams.Org) (*team, error) {
	list, err := allWatches(ctx, o)
	if err != nil {
		return nil, err
	}
	x := &team{Org: o, watched: make(map[snapshots.Terms]bool, len(list))}
	for _, w := range list {
		x.watched[w.Terms], x.terms = true, append(x.terms, w.Terms)
	}
	return x, nil
}

// wants reports whether a digest is to tell of some terms.
func (w *digestWish) wants(t snapshots.Terms) bool {
	return (w.of == nil || w.of.watched[t]) && inList(w.list.Services, t.Service) && inList(w.list.Terms, t.Type)
}

// mostWatched is up to how many terms of an organisation are looked for one by one: more are found sooner in the list of all.
const mostWatched = 1000

// among are the terms that a digest may tell of: those that an organisation watches, if the archive holds them, or all.
func (w *digestWish) among(a *archive.Archive) ([]snapshots.Terms, error) {
	if w.of == nil || len(w.of.terms) > mostWatched {
		return a.Terms()
	}
	var out []snapshots.Terms
	for _, t := range w.of.terms {
		held, err := a.Holds(t)
		if err != nil {
			return nil, err
		}
		if held {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b snapshots.Terms) int {
		return strings.Compare(a.Service+"\x00"+a.Type, b.Service+"\x00"+b.Type)
	})
	return slices.Compact(out), nil
}

// decisionsOn are the decisions of those who read the digest.
func (g *digestGatherer) decisionsOn(ctx context.Context, t snapshots.Terms) (out []snapshots.Decision, err error) {
	if g.of != nil {
		return g.of.DecisionsOn(ctx, t)
	}
	err = g.store.look(func(a *archive.Archive) (err error) { out, err = gathered(a.Decisions(t)); return err })
	return out, err
}

// unverifiedOnes are the declarations that the digest is about whose source could not be had at the end of its time.
func (g *digestGatherer) unverifiedOnes(ctx context.Context) (out []tracked, err error) {
	if g.of == nil {
		return g.store.unverifiedBefore(ctx, g.alarm, g.until)
	}
	err = g.store.look(func(a *archive.Archive) error {
		var list []snapshots.Declaration
		for _, t := range g.of.terms {
			d, err := a.Declaration(t)
			switch {
			case errors.Is(err, archive.ErrNotFound) || !g.wants(t):
			case err != nil:
				return err
			default:
				list = append(list, d)
			}
		}
		out, err = g.store.unverifiedAmong(a, list, g.alarm, g.until, g.wants)
		return err
	})
	return out, err
}

// orgKey begins the keys of messages that go to organisations.
const orgKey = "org/"

// mailKey begins the keys of the mails of a list of an organisation. It has the number of the organisation, which no other one will ever have.
func mailKey(o *teams.Org, list string) string {
	return fmt.Sprintf("%s%d/%s/%s", orgKey, o.Number(), o.Name(), list)
}

// wantedBy is whether a message that goes to an organisation is still to be sent: that there is the organisation, and the list, and that the address is on it.
// Organisations are looked for where there is such a message, and not before.
func wantedBy(q *work.Queue) func(context.Context, *send.Message) (bool, error) {
	var orgs *teams.DB
	return func(ctx context.Context, m *send.Message) (bool, error) {
		if !strings.HasPrefix(m.Key, orgKey) {
			return true, nil
		}
		var id int64
		if _, err := fmt.Sscanf(m.Key, orgKey+"%d/", &id); err != nil {
			return false, fmt.Errorf("message %.200q: whose it is cannot be read", m.Key)
		}
		if orgs == nil {
			var err error
			if orgs, err = teams.Open(ctx, q.DB()); err != nil {
				return false, err
			}
		}
		o, err := orgs.Numbered(ctx, id)
		if err != nil {
			return false, noneIs(err, teams.ErrNoOrg)
		}
		lists, err := o.Lists(ctx)
		if err != nil {
			return false, err
		}
		for i := range lists {
			rest, ok := strings.CutPrefix(m.Key, mailKey(o, lists[i].Name)+"/")
			if ok && strings.Contains(rest, "/") && inList(lists[i].To, m.To) {
				return true, nil
			}
		}
		return false, nil
	}
}

// noneIs is err, or nil if it says what is expected.
func noneIs(err, expected error) error {
	if errors.Is(err, expected) {
		return nil
	}
	return err
}

// orgDigests is the duty to put jobs for the digests of organisations that are due into the queue. What fails of one holds up no other.
func (h *hand) orgDigests(ctx context.Context) error {
	state, _, err := h.postState().Load()
	if err != nil {
		return err
	}
	w, now := h.with(state), h.env.Now()
	if w.behind(now) {
		return nil
	}
	var orgs *teams.DB
	var failed []error
	for after := int64(0); ; {
		page, err := teams.DueLists(ctx, h.queue.DB(), now, after, teams.MaxPage)
		if err != nil || len(page) == 0 {
			return errors.Join(append(failed, err)...)
		}
		if orgs == nil {
			if orgs, err = teams.Open(ctx, h.queue.DB()); err != nil {
				return err
			}
		}
		for _, due := range page {
			if err := h.orgDue(ctx, w, orgs, due, now); err != nil && len(failed) < 3 {
				failed = append(failed, err)
			}
		}
		after = page[len(page)-1].ID
		if err := ctx.Err(); err != nil {
			return errors.Join(append(failed, err)...)
		}
	}
}

// orgDue puts jobs for what is due of one organisation into the queue, and notes that.
func (h *hand) orgDue(ctx context.Context, w *watcher, orgs *teams.DB, due teams.Due, now time.Time) error {
	o, err := orgs.Numbered(ctx, due.ID)
	if err != nil {
		return noneIs(err, teams.ErrNoOrg)
	}
	lists, err := o.Lists(ctx)
	if err != nil {
		return fmt.Errorf("lists of %s: %w", o.Name(), err)
	}
	var next time.Time
	var jobs []work.Args
	for i := range lists {
		l := &lists[i]
		sched, err := w.schedule(l.Schedule)
		if err != nil { // was checked
			w.log.Error("a list has no schedule", "organisation", o.Name(), "list", l.Name, "error", err)
			continue
		}
		periods, begins := missedOf(l, sched, now)
		for _, p := range periods {
			jobs = append(jobs, work.OrgDigest{Org: o.Number(), Name: o.Name(), List: l.Name, Period: p.Name, From: p.From, Until: p.Until, Slot: p.Slot})
		}
		if next.IsZero() || begins.Before(next) {
			next = begins
		}
	}
	if len(jobs) > 0 {
		if _, err := h.queue.Put(ctx, jobs...); err != nil { // before it is recorded: the outbox keeps what is made twice from being sent twice
			return err
		}
		h.reached("posted for organisations")
	}
	return o.Told(ctx, due, lists, now, next)
}

// missedOf are the periods of a list whose digests are to be made at now, and when its next slot begins. The list then has the end of the last one.
// One that was never told of begins with the period that held the time at which it was made; one whose time lies ahead, for the clock was wrong, with now.
func missedOf(l *teams.List, sched config.Schedule, now time.Time) (periods []watch.Period, next time.Time) {
	state := &watch.State{Lists: map[string]watch.List{}}
	if l.Until == nil {
		state.Missed(l.Name, sched, earlier(l.Made, now))
	} else {
		state.Lists[l.Name] = watch.List{Slot: l.Slot, Until: earlier(*l.Until, now)}
	}
	periods, next = state.Missed(l.Name, sched, now)
	x := state.Lists[l.Name]
	l.Slot, l.Until = x.Slot, &x.Until
	if n := len(periods); n > 0 {
		l.Slot, l.Until = periods[n-1].Slot, &periods[n-1].Until
	}
	return periods, next
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// orgDigestJob is the job to make the digest of a list of an organisation.
func (h *hand) orgDigestJob(ctx context.Context, _ work.Job, args work.OrgDigest) ([]work.Args, error) {
	state, _, err := h.postState().Look()
	if err != nil {
		return nil, archiveFailed(err)
	}
	orgs, err := teams.Open(ctx, h.queue.DB())
	if err != nil {
		return nil, archiveFailed(err)
	}
	o, err := orgs.Numbered(ctx, args.Org)
	if err != nil {
		return nil, noneIs(err, teams.ErrNoOrg)
	}
	l, err := o.List(ctx, args.List)
	if err != nil {
		return nil, noneIs(err, teams.ErrNotFound) // it has no such list any more
	}
	of, err := teamOf(ctx, o)
	if err != nil {
		return nil, archiveFailed(err)
	}
	w := h.with(state)
	d := dueDigest{w.said(l.Wish()), watch.Period{Name: args.Period, Slot: args.Slot, From: args.From, Until: args.Until}, of, l.Format}
	return nil, w.makeDigest(ctx, newReviewDesk(h.store, h.engine.In("en")), d)
}
