package main

// What the jobs of workers do: what 'run' and 'watch' do of one source, one text, one list.

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"net/url"
	"slices"
	"time"

	"github.com/drittland/drittland/cmd/drittland/watch"
	"github.com/drittland/drittland/cmd/drittland/work"
	"github.com/drittland/drittland/fetch"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

const (
	mostBusy     = time.Second // that a job waits in its place for a host that others ask
	mostAttempts = 4           // at a page that is not available now, before the job is dead
	readingTerms = 15 * time.Minute
)

// hostOf is the host of the first page of a declaration.
func hostOf(d snapshots.Declaration) string {
	if len(d.Sources) > 0 {
		if u, err := url.Parse(d.Sources[0].URL); err == nil && u.Hostname() != "" {
			return u.Hostname()
		}
	}
	return ""
}

// captureJob is the job to capture the page of a declaration.
func (h *hand) captureJob(ctx context.Context, j work.Job, args work.Capture) ([]work.Args, error) {
	terms := snapshots.Terms{Service: args.Service, Type: args.Type}
	var d snapshots.Declaration
	err := h.store.look(func(a *archive.Archive) (err error) { d, err = a.Declaration(terms); return err })
	if errors.Is(err, archive.ErrNotFound) || err == nil && !d.Removed.IsZero() {
		return nil, nil // nobody wants it any more
	}
	if err != nil {
		return nil, archiveFailed(err)
	}
	if busy, err := h.turns.Busy(ctx, hostOf(d)); err != nil {
		return nil, archiveFailed(err)
	} else if busy > mostBusy || busy > 0 && !j.Again {
		return nil, &work.Later{In: busy + rand.N(time.Second)}
	}
	var fell error
	r := &runner{store: h.store, pages: h.pages, engine: h.engine, full: args.Full, annexes: h.c.Int("annexes"),
		fell: func(err error) {
			if fell == nil {
				fell = err
			}
		}}
	if j.Again {
		r.had = h.hadSince(args.Due)
	}
	began := h.env.Now()
	res := r.source(ctx, d)
	h.log.Debug("captured", "service", terms.Service, "terms", terms.Type, "took", seconds(h.env.Now().Sub(began)), "error", res.Err)
	var busy *fetch.Busy
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.As(fell, &busy):
		return nil, &work.Later{In: busy.For + rand.N(2*time.Second)}
	case fell != nil:
		return nil, archiveFailed(fell)
	}
	then := []work.Args{work.Derive{Service: args.Service, Type: args.Type, Snapshot: res.Snapshot, URL: res.URL, Annexes: res.Annexes, Notes: res.Notes, Full: args.Full}}
	if res.Err == nil {
		return then, nil
	}
	if res.Snapshot != "" { // what the server said instead is read, too
		if _, err := h.queue.Put(ctx, then...); err != nil {
			return nil, archiveFailed(err)
		}
	}
	return nil, captureFailed(j, res)
}

// archiveFailed says that the archive, or the database of the queue, is why a job was not done: all of a source is well.
func archiveFailed(err error) error { return &work.Failure{Class: work.ClassArchive, Err: err} }

// captureFailed says of a page that could not be had whether another attempt is made.
func captureFailed(j work.Job, res *result) error {
	f := &work.Failure{Class: work.ClassOther, Final: j.Attempt >= mostAttempts, Err: res.Err}
	var x *fetch.Failure
	if errors.As(res.Err, &x) {
		f.Class, f.After = string(x.Kind), x.RetryAfter
		f.Final = f.Final || x.Kind != fetch.Transient
	}
	return f
}

// hadSince gives pages that were captured since a time, by a worker that could not go on.
func (h *hand) hadSince(due time.Time) hadFunc {
	return func(req fetch.Request, annexOf string) (got *snapshots.Capture, snap snapshots.Snapshot, err error) {
		err = h.store.look(func(a *archive.Archive) error {
			all := a.Snapshots(req.Terms)
			if annexOf != "" {
				all = a.Annexes(annexOf)
			}
			for s, err := range all {
				if err != nil {
					return err
				}
				if s.URL != req.URL || s.AnnexOf != annexOf || s.At.Before(due) || !isPage(s) || s.Origin != nil || s.ThirdParty != nil {
					continue
				}
				body, err := a.Body(s)
				if err != nil {
					return err
				}
				snap = s
				got = &snapshots.Capture{Terms: s.Terms, AnnexOf: req.AnnexOf, URL: s.URL, FinalURL: s.FinalURL, At: s.At, Status: s.Status,
					MediaType: s.MediaType, Charset: s.Charset, Body: body}
				if s.Rendered != "" {
					got.Rendering = &snapshots.Rendering{Browser: s.Rendered, URL: s.FinalURL}
				}
			}
			return nil
		})
		return got, snap, err
	}
}

// deriveJob is the job to read what was captured of some terms.
func (h *hand) deriveJob(ctx context.Context, _ work.Job, args work.Derive) (then []work.Args, err error) {
	terms := snapshots.Terms{Service: args.Service, Type: args.Type}
	res := &result{Terms: terms, URL: args.URL, Snapshot: args.Snapshot, Annexes: args.Annexes, Notes: args.Notes}
	ok, err := h.turns.Alone(ctx, "terms:"+terms.Service+"\n"+terms.Type, readingTerms, func(ctx context.Context) error {
		r := &runner{store: h.store, engine: h.engine}
		return r.readOne(ctx, res)
	})
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, archiveFailed(err)
	case !ok:
		return nil, &work.Later{In: time.Second + rand.N(time.Second)}
	}
	h.tellOne(res)
	h.shelve(ctx, terms)
	if v := res.Version; v != nil && v.RefusedAs == asUnconfirmed && !args.Full {
		then = append(then, work.Capture{Service: terms.Service, Type: terms.Type, Due: h.env.Now().UTC(), Full: true})
	}
	if res.Row != nil && res.Row.Number > 1 && res.Row.Alert && len(h.set.Alerts) > 0 {
		then = append(then, work.Alert{Service: terms.Service, Type: terms.Type, Since: res.Version.Date, LawSince: h.env.Now().UTC()})
	}
	if worthReading(h.reads, res) {
		then = append(then, secondReadOf(*res.Version))
	}
	return then, nil
}

// readOne derives what is pending of the terms of a result, and finds what its version changed. Done again, it tells nothing twice.
func (r *runner) readOne(ctx context.Context, res *result) error {
	err := r.write(func(a *archive.Archive) error {
		if err := r.deriveOf(ctx, a, res.Terms); err != nil {
			return err
		}
		for v, err := range a.Versions(res.Terms) {
			if err != nil {
				return err
			}
			if v.Snapshot == res.Snapshot && res.Version == nil {
				res.Version = &v
			}
		}
		if res.Version == nil {
			return nil
		}
		x, ok, err := lastTold(a, lineOf(*res.Version))
		if ok && x.Snapshot == res.Snapshot { // it was told before the job was broken off
			res.told = true
		}
		return err
	})
	if err != nil {
		return err
	}
	return r.tellOf(ctx, []*result{res})
}

// deriveOf reads what is pending of some terms.
func (t *tool) deriveOf(ctx context.Context, a *archive.Archive, terms snapshots.Terms) error {
	d := newDeriver(a, t.reading().PDF)
	x, err := a.Declaration(terms)
	switch {
	case err == nil:
		d.declared[terms] = x
	case !errors.Is(err, archive.ErrNotFound):
		return err
	}
	pending, all, err := pendingOf(a, terms)
	if err != nil || len(pending) == 0 {
		return err
	}
	if d.erased, err = a.ErasedAmong(all); err != nil {
		return err
	}
	d.pending = inOrder(pending)
	return d.all(ctx)
}

// pendingOf are the snapshots of terms that have no version, oldest first, and the IDs of all, annexes included.
func pendingOf(a *archive.Archive, terms snapshots.Terms) (list []snapshots.Snapshot, all []string, err error) {
	read := map[string]bool{}
	for v, err := range a.Versions(terms) {
		if err != nil {
			return nil, nil, err
		}
		read[v.Snapshot] = true
	}
	for s, err := range a.Snapshots(terms) {
		if err != nil {
			return nil, nil, err
		}
		all = append(all, s.ID)
		if s.AnnexOf == "" && !read[s.ID] {
			list = append(list, s)
		}
	}
	return list, all, nil
}

func inOrder(list []snapshots.Snapshot) iter.Seq2[snapshots.Snapshot, error] {
	return func(yield func(snapshots.Snapshot, error) bool) {
		for _, s := range list {
			if !yield(s, nil) {
				return
			}
		}
	}
}

// tellOne logs what was read of one source, and counts it.
func (h *hand) tellOne(res *result) {
	what, change := res.outcome(h.words)
	first, failed := res.Row != nil && res.Row.Number == 1, res.unseen()
	switch {
	case failed:
		h.log.Warn("the text could not be seen; the capture is kept", "service", res.Terms.Service, "terms", res.Terms.Type, "why", what)
	case res.Row != nil && !first:
		h.log.Info("changed", "service", res.Terms.Service, "terms", res.Terms.Type, "version", res.Row.Number, "class", change, "alert", res.Row.Alert)
	}
	for _, n := range res.notes() {
		h.log.Debug(n, "service", res.Terms.Service, "terms", res.Terms.Type)
	}
	h.board.Change(func(s *watch.Standing) {
		s.Sources++
		if failed {
			s.SourcesFailed++
		}
	})
}

// alertJob is the job to make the alerts of what is new in some terms, of all if none are named.
func (h *hand) alertJob(ctx context.Context, _ work.Job, args work.Alert) ([]work.Args, error) {
	if len(h.set.Alerts) == 0 {
		return nil, nil
	}
	todo := []snapshots.Terms{{Service: args.Service, Type: args.Type}}
	w, desk := h.with(&watch.State{}), newReviewDesk(h.store, h.engine.In("en"))
	if args.Service == "" {
		var err error
		if todo, err = desk.alertTerms(ctx, args.Since, args.LawSince); err != nil {
			return nil, archiveFailed(err)
		}
	}
	for _, terms := range todo {
		if err := w.alertsOf(ctx, desk, terms, args.Since, args.LawSince); err != nil {
			return nil, fmt.Errorf("%s: %w", terms, err)
		}
	}
	return nil, nil
}

// with is the watcher of a hand with a state of its own.
func (h *hand) with(state *watch.State) *watcher {
	w := *h.watcher
	w.state = state
	return &w
}

// digestJob is the job to make the digest of a list.
func (h *hand) digestJob(ctx context.Context, _ work.Job, args work.Digest) ([]work.Args, error) {
	state, _, err := h.postState().Look()
	if err != nil {
		return nil, archiveFailed(err)
	}
	w := h.with(state)
	for _, l := range w.lists() {
		if l.Name == args.List {
			d := dueDigest{list: l, period: watch.Period{Name: args.Period, Slot: args.Slot, From: args.From, Until: args.Until}}
			return nil, w.makeDigest(ctx, newReviewDesk(h.store, h.engine.In("en")), d)
		}
	}
	return nil, nil // the settings have no such list any more
}

// inTurn are candidates in an order in which one host stands as far from itself as can be, so that jobs do not meet at it.
func inTurn(list []candidate) []candidate {
	var out []candidate
	at := map[string][]candidate{}
	var hosts []string
	for _, c := range list {
		host := hostOf(c.Declaration)
		if at[host] == nil {
			hosts = append(hosts, host)
		}
		at[host] = append(at[host], c)
	}
	for len(hosts) > 0 {
		for _, host := range hosts {
			out = append(out, at[host][0])
			at[host] = at[host][1:]
		}
		hosts = slices.DeleteFunc(hosts, func(host string) bool { return len(at[host]) == 0 })
	}
	return out
}
