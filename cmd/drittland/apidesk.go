package main

// What the API shows, out of the archive: the same versions, findings and decisions as on the command line, joined with the decisions of one organisation. Nothing is
// read anew in a request: captures that no worker has read yet are not there.

import (
	"cmp"
	"context"
	"io"
	"slices"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/api"
	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/digest"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// An apiDesk is an archive as the API sees it.
type apiDesk struct {
	*store
	engine *analyze.Engine
	set    *config.Settings
}

// newAPIDesk is the desk of an archive. It says nothing on standard error.
func newAPIDesk(s *store, engine *analyze.Engine, set *config.Settings) *apiDesk {
	silent := *s.tool
	silent.env.Stderr, silent.env.ErrTerminal = io.Discard, false
	return &apiDesk{&store{tool: &silent, dir: s.dir, objs: s.objs, key: s.key, hold: s.hold, asIs: true}, engine.In("en"), set}
}

// Ready says what keeps the archive from being read.
func (d *apiDesk) Ready(context.Context) error {
	return d.look(func(*archive.Archive) error { return nil })
}

// Known reports whether the archive holds some terms, or they are declared.
func (d *apiDesk) Known(_ context.Context, t snapshots.Terms) (known bool, err error) {
	err = d.look(func(a *archive.Archive) error {
		all, err := a.TermsOf(t.Service)
		known = slices.Contains(all, t)
		return err
	})
	return known, err
}

// Summaries are what lists tell of some terms.
func (d *apiDesk) Summaries(ctx context.Context, list []snapshots.Terms) (out []api.Summary, err error) {
	err = d.look(func(a *archive.Archive) error {
		for _, t := range list {
			h, err := readHistory(a, t)
			if err = cmp.Or(err, ctx.Err()); err != nil {
				return err
			}
			x := api.Summary{Terms: t, Versions: len(h.Versions)}
			if n := len(h.Versions); n > 0 {
				x.Last = &api.Version{Number: n, Version: h.Versions[n-1]}
			}
			if !h.Verified.IsZero() {
				x.Verified = &h.Verified
			}
			out = append(out, x)
		}
		return nil
	})
	return out, err
}

// Versions are all versions of some terms and their variants, but for captures that changed nothing.
func (d *apiDesk) Versions(_ context.Context, t snapshots.Terms) (out []api.Version, err error) {
	err = d.look(func(a *archive.Archive) error {
		h, err := readHistory(a, t)
		if err != nil {
			return err
		}
		for _, line := range h.lines() {
			n := 0
			for _, v := range line.All {
				x := api.Version{Version: v}
				if holdsText(v) {
					n++
					x.Number = n
				}
				out = append(out, x)
			}
		}
		return nil
	})
	slices.SortStableFunc(out, func(a, b api.Version) int { return a.Date.Compare(b.Date) })
	return out, err
}

// Version is the version called id.
func (d *apiDesk) Version(_ context.Context, id string) (v snapshots.Version, err error) {
	err = d.look(func(a *archive.Archive) error { v, err = a.Version(id); return err })
	return v, err
}

// Capture is the snapshot called id.
func (d *apiDesk) Capture(_ context.Context, id string) (s snapshots.Snapshot, err error) {
	err = d.look(func(a *archive.Archive) error { s, err = a.Snapshot(id); return err })
	return s, err
}

// Body is what the server sent.
func (d *apiDesk) Body(_ context.Context, s snapshots.Snapshot) (b []byte, err error) {
	err = d.look(func(a *archive.Archive) error { b, err = a.Body(s); return err })
	return b, err
}

// place is the line of a version and its index there; below 0 if it holds no text.
func (h *history) place(v snapshots.Version) (*history, int) {
	for _, line := range h.lines() {
		if i := slices.IndexFunc(line.Versions, func(x snapshots.Version) bool { return x.ID == v.ID }); i >= 0 {
			return line, i
		}
	}
	return h, -1
}

// Shown is what 'drittland show --format json' tells of a version, with the decisions that hold of those given.
func (d *apiDesk) Shown(ctx context.Context, v snapshots.Version, decisions []snapshots.Decision) (any, error) {
	x := &shown{Version: v}
	err := d.look(func(a *archive.Archive) (err error) {
		if x.Snapshot, err = a.Snapshot(v.Snapshot); err != nil {
			return err
		}
		h, err := readHistory(a, v.Terms)
		if err != nil {
			return err
		}
		line, i := h.place(v)
		if i < 0 {
			return nil
		}
		x.Number, x.Version = i+1, line.Versions[i]
		x.Document, _, err = texts(a, v)
		return err
	})
	if err != nil || x.Document == nil {
		return x, err
	}
	day := law.DateOf(v.Date)
	x.Dates = analyze.DatesOf(&analyze.Facts{Document: x.Document, Seen: day}, day)
	if len(decisions) > 0 {
		y, err := d.lookedAsIs(ctx, v, decisions)
		if err != nil {
			return nil, err
		}
		x.Decided = y.hold()
	}
	return x, d.opinionsFor(x)
}

// lookedAsIs gathers what may be decided on a version, from what the archive has read. decisions are those on its terms.
func (d *apiDesk) lookedAsIs(ctx context.Context, v snapshots.Version, decisions []snapshots.Decision) (x *looked, err error) {
	var keep []*remembered
	err = d.look(func(a *archive.Archive) error {
		h, err := readHistory(a, v.Terms)
		if err != nil {
			return err
		}
		line, i := h.place(v)
		if i < 0 {
			return api.ErrNoText
		}
		rows, kept, err := d.allRows(ctx, a, d.engine, h)
		if keep = kept; err != nil {
			return err
		}
		x, err = d.lookAt(a, d.engine, line, i, rows, decisions)
		return err
	})
	d.remember(keep...)
	return x, err
}

// Findings is what can be decided on a version, joined with the decisions on its terms.
func (d *apiDesk) Findings(ctx context.Context, v snapshots.Version, decisions []snapshots.Decision) (*api.Findings, error) {
	x, err := d.lookedAsIs(ctx, v, decisions)
	if err != nil {
		return nil, err
	}
	out := &api.Findings{Version: v.ID, Terms: v.Terms, Variant: v.Variant, Number: x.number + 1, AsOf: x.day, Today: d.today(), Findings: []api.Finding{}}
	if x.row.Fingerprint != "" {
		name := x.row.fingerprint()
		out.Change = &api.Change{Fingerprint: name, Class: x.row.Class, Why: x.row.Why, Alert: x.row.Alert, Quote: quoteOf(&x.row), State: api.StateOn(x.desk, name)}
	}
	for _, f := range x.findings {
		out.Findings = append(out.Findings, api.Finding{Finding: f, OfChange: f.OfChange, State: api.StateOn(x.desk, f.Fingerprint)})
	}
	return out, nil
}

// Digest is what happened to the terms that an organisation watches, in days of the zone that the settings name.
func (d *apiDesk) Digest(ctx context.Context, w api.DigestWish) (*digest.Digest, error) {
	of, err := teamOf(ctx, w.Org)
	if err != nil {
		return nil, err
	}
	var list config.List
	if w.List != nil {
		list = w.List.Wish()
	}
	list.Locale = cmp.Or(list.Locale, d.set.Locale)
	span := namedDays(w.First, w.Last, d.set.Zone())
	return newReviewDesk(d.store, d.engine).digest(ctx, digestWish{list: list, period: span.name, from: span.from, until: span.until, zone: d.set.Zone(),
		alarm: d.set.AlarmAfter, ahead: d.set.LawAhead, of: of})
}

var _ api.Desk = (*apiDesk)(nil)
