package main

// Digests and alerts of an archive on a server: only terms that have something to tell are read, and what stands in the others is known from tables.

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/desk/shelf"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// A digestNews is the terms that a digest must read, and the texts of others that rely on what the law changes.
type digestNews struct {
	terms map[snapshots.Terms]bool
	stood map[snapshots.Terms][]standingText
}

// toRead finds which terms have something to tell in the time; nil in a folder, where all are read. What has changed is read first, so that
// it is known of all terms; of those that cannot be read now it is not, and they are read for the digest.
func (g *digestGatherer) toRead(ctx context.Context) (*digestNews, error) {
	if !g.onServer() {
		return nil, nil
	}
	if g.of == nil { // who asks for the digest of an organisation reads, and writes nothing
		if err := g.catchUp(ctx); err != nil {
			return nil, err
		}
	}
	var about []string
	for _, d := range g.lawAhead() {
		about = append(about, d.about...)
	}
	slices.Sort(about)
	out := &digestNews{stood: map[snapshots.Terms][]standingText{}}
	err := g.inTables(ctx, func(t *shelf.Tables) error {
		terms, stood, err := t.News(ctx, g.from, g.until, g.list.Languages, slices.Compact(about))
		for i := range stood {
			x := &stood[i]
			r := &row{Terms: x.Terms, Line: x.Line, Number: x.Number, Version: x.Version, Date: x.Date, Cause: snapshots.Cause(x.Cause), Language: x.Language}
			relied := &analyze.Transfers{}
			for _, id := range x.About { // names of countries and of tools differ
				relied.Tools = append(relied.Tools, analyze.Tool{ID: id})
			}
			out.stood[x.Terms] = append(out.stood[x.Terms], standingText{g.ref(r), relied})
		}
		out.terms = terms
		return err
	})
	if err == nil && g.of != nil {
		err = g.decidedByTeam(ctx, out)
	}
	return out, err
}

// decidedByTeam adds the terms on which an organisation has decided in the time: its decisions stand beside the archive.
func (g *digestGatherer) decidedByTeam(ctx context.Context, out *digestNews) error {
	for _, t := range g.of.terms {
		if out.terms[t] || !g.wants(t) {
			continue
		}
		list, err := g.decisionsOn(ctx, t)
		if err != nil {
			return err
		}
		out.terms[t] = slices.ContainsFunc(list, func(x snapshots.Decision) bool { return g.within(x.At) })
	}
	return nil
}

// catchUp reads the terms that have changed, one time each. What cannot be read, or be written, stays marked.
func (d *reviewDesk) catchUp(ctx context.Context) error {
	if err := d.store.read(ctx, func(*archive.Archive) error { return nil }); err != nil {
		return err
	}
	return d.inTables(ctx, func(t *shelf.Tables) error {
		var left []snapshots.Terms
		for {
			n, err := d.readSome(ctx, t, atATime, &left)
			switch {
			case ctx.Err() != nil:
				return context.Cause(ctx)
			case n == 0 || errors.Is(err, shelf.ErrDenied): // of others that cannot be read, the digest says why
				return nil
			}
		}
	})
}

// alertTerms are the terms that may have an alert of a version since a time, or of the law since another: all of them in a folder.
func (d *reviewDesk) alertTerms(ctx context.Context, since, lawSince time.Time) (list []snapshots.Terms, err error) {
	if !d.onServer() {
		err = d.store.read(ctx, func(a *archive.Archive) (err error) { list, err = a.Terms(); return err })
		return list, err
	}
	if err := d.catchUp(ctx); err != nil {
		return nil, err
	}
	err = d.inTables(ctx, func(t *shelf.Tables) error {
		list, err = t.Alerts(ctx, since, law.DateOf(lawSince))
		return err
	})
	return list, err
}
