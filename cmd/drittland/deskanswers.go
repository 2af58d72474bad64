package main

// What the review pages ask: answered from memory for an archive in a folder, and from tables for one on a server.

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/desk"
	"github.com/drittland/drittland/cmd/drittland/desk/shelf"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
)

// items are what can be decided on.
func (d *reviewDesk) items() review.Items {
	if d.onServer() {
		return &serverItems{d}
	}
	return review.InMemory(d.everything)
}

// Queue is that of review.Items.
func (d *reviewDesk) Queue(ctx context.Context, f review.Filter, page int, w *locale.Words) (*review.Queue, error) {
	return d.items().Queue(ctx, f, page, w)
}

// Beside is that of review.Items.
func (d *reviewDesk) Beside(ctx context.Context, f review.Filter, key string, at review.Where, skip []string, w *locale.Words) (*review.Beside, error) {
	return d.items().Beside(ctx, f, key, at, skip, w)
}

// Line is that of review.Items.
func (d *reviewDesk) Line(ctx context.Context, terms snapshots.Terms, line string) ([]review.Item, error) {
	return d.items().Line(ctx, terms, line)
}

// Keyed is that of review.Items.
func (d *reviewDesk) Keyed(ctx context.Context, keys []string) ([]review.Item, error) {
	return d.items().Keyed(ctx, keys)
}

// serverItems are what can be decided on in an archive on a server.
type serverItems struct{ d *reviewDesk }

// asked waits a little until what has changed is read, and gives the tables to f.
func (s *serverItems) asked(ctx context.Context, f func(*shelf.Tables) error) error {
	if err := s.d.await(ctx); err != nil {
		return err
	}
	return s.d.inTables(ctx, func(t *shelf.Tables) error {
		if err := t.Tidy(ctx, s.d.today().String()); err != nil {
			return err
		}
		return f(t)
	})
}

// progress is how many terms were read, of how many, and what is wrong.
func (d *reviewDesk) progress() (read, total int, trouble []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.read, d.total, slices.Clone(d.trouble)
}

// Queue is that of review.Items.
func (s *serverItems) Queue(ctx context.Context, f review.Filter, page int, w *locale.Words) (*review.Queue, error) {
	out := &review.Queue{}
	err := s.asked(ctx, func(t *shelf.Tables) error {
		p, err := t.Queue(ctx, f, page, w)
		if errors.Is(err, shelf.ErrSlow) {
			out.Slow = true
			return nil
		}
		if err != nil {
			return err
		}
		out.Page, out.Count, out.Groups, out.Countries, out.Articles, out.Many = p.Page, p.Count, p.Groups, p.Countries, p.Articles, p.Many
		out.More, out.Uncounted = p.More, p.Uncounted
		out.Items, err = shownItems(p.Items)
		return err
	})
	out.Read, out.Total, out.Trouble = s.d.progress()
	return out, err
}

// Beside is that of review.Items.
func (s *serverItems) Beside(ctx context.Context, f review.Filter, key string, at review.Where, skip []string, w *locale.Words) (*review.Beside, error) {
	out := &review.Beside{}
	err := s.asked(ctx, func(t *shelf.Tables) error {
		n, err := t.Beside(ctx, f, key, at, len(skip), w)
		if errors.Is(err, shelf.ErrSlow) {
			return nil
		}
		if err != nil {
			return err
		}
		out.Place, out.Of = n.Place, n.Of
		for _, side := range []struct {
			list []shelf.Item
			to   **review.Item
		}{{n.Before, &out.Before}, {n.After, &out.After}} {
			list, err := shownItems(side.list)
			if err != nil {
				return err
			}
			if i := slices.IndexFunc(list, func(x review.Item) bool { return !slices.Contains(skip, x.Judged()) }); i >= 0 {
				*side.to = &list[i]
			}
		}
		return nil
	})
	return out, err
}

// Line is that of review.Items.
func (s *serverItems) Line(ctx context.Context, terms snapshots.Terms, line string) (out []review.Item, err error) {
	s.d.readNow(ctx, terms)
	err = s.asked(ctx, func(t *shelf.Tables) error {
		list, err := t.Line(ctx, terms, line)
		if err == nil {
			out, err = shownItems(list)
		}
		return err
	})
	return out, err
}

// Keyed is that of review.Items.
func (s *serverItems) Keyed(ctx context.Context, keys []string) (out []review.Item, err error) {
	err = s.asked(ctx, func(t *shelf.Tables) error {
		list, err := t.Keyed(ctx, keys)
		if err == nil {
			out, err = shownItems(list)
		}
		return err
	})
	return out, err
}

// servicesOnServer lists terms.
func (d *reviewDesk) servicesOnServer(ctx context.Context, f review.TrackFilter, page int) (*review.Services, error) {
	out := &review.Services{}
	err := d.inTables(ctx, func(t *shelf.Tables) error {
		list, counts, at, err := t.List(ctx, f, page, d.env.Now())
		if err != nil {
			return err
		}
		out.Counts, out.Page = counts, at
		for i := range list {
			_, track, err := d.kept(&list[i])
			if err != nil {
				return err
			}
			out.Tracks = append(out.Tracks, track)
		}
		return nil
	})
	out.Read, out.Total, out.Trouble = d.progress()
	return out, err
}

// kept is what was kept of some terms, as lists show it.
func (d *reviewDesk) kept(x *shelf.Listed) (*termsSum, review.Track, error) {
	var k keptSum
	if err := json.Unmarshal(x.Data, &k); err != nil {
		return nil, review.Track{}, err
	}
	t := k.Listed
	if t.Waiting = x.Waiting; t.Declared {
		t.Stale = k.Tracked.stale(d.env.Now(), staleDays)
	}
	return &termsSum{k.Tracked, k.Listed, k.Flows}, t, nil
}

// mostTerms bounds the terms of one service that its page lists.
const mostTerms = 500

// tracksOnServer is tracksOf on a server.
func (d *reviewDesk) tracksOnServer(ctx context.Context, terms *snapshots.Terms) (out []review.Track, sum *termsSum, err error) {
	if terms.Type != "" {
		d.readNow(ctx, *terms)
	}
	err = d.inTables(ctx, func(t *shelf.Tables) error {
		list, err := t.Of(ctx, terms.Service, mostTerms)
		if err != nil {
			return err
		}
		sums := map[string]*termsSum{}
		for i := range list {
			x, track, err := d.kept(&list[i])
			if err != nil {
				return err
			}
			out, sums[track.Terms.Type] = append(out, track), x
		}
		slices.SortFunc(out, func(a, b review.Track) int { return strings.Compare(a.Terms.Type, b.Terms.Type) })
		if terms.Type == "" {
			terms.Type = foremost(out)
		}
		sum = sums[terms.Type]
		return nil
	})
	return out, sum, err
}

// decidedOnServer says what was decided on a change, and on the same words elsewhere.
func (d *reviewDesk) decidedOnServer(ctx context.Context, c *review.Change, decisions []snapshots.Decision) error {
	h, rows, err := d.store.timeline(ctx, d.engine, c.At.Terms.Service, c.At.Terms.Type)
	if err != nil {
		return err
	}
	lines, err := d.linesOf(h, rows)
	if err != nil {
		return err
	}
	for i := range lines {
		if l := &lines[i]; l.key.variant == c.At.Line {
			l.decisions = desk.OfVariant(decisions, c.At.Line)
			l.decidedOn(c, d.today())
		}
	}
	fingerprints := []string{c.Fingerprint}
	for _, list := range [][]analyze.Finding{c.Report.Findings, c.Report.Later} {
		for i := range list {
			fingerprints = append(fingerprints, list[i].Fingerprint)
		}
	}
	if x := c.Comparison; x != nil {
		for _, list := range [][]analyze.Finding{x.Appeared, x.Resolved, x.Has} {
			for i := range list {
				fingerprints = append(fingerprints, list[i].Fingerprint)
			}
		}
	}
	slices.Sort(fingerprints)
	return d.inTables(ctx, func(t *shelf.Tables) error {
		list, err := t.Decided(ctx, slices.Compact(fingerprints), c.At.Terms, c.At.Line, maxElsewhere)
		for i := range list {
			var y snapshots.Decision
			if err := json.Unmarshal(list[i].Data, &y); err != nil {
				return err
			}
			c.Elsewhere[y.Fingerprint] = append(c.Elsewhere[y.Fingerprint], y)
		}
		return err
	})
}

// mostDrawn bounds the terms that one map is drawn of.
const mostDrawn = 2000

// flowsOnServer gives where data go on a day: of a service, or of all if they are not too many.
func (d *reviewDesk) flowsOnServer(ctx context.Context, service string, on law.Date) (*review.Flows, error) {
	f := &review.Flows{On: on}
	err := d.inTables(ctx, func(t *shelf.Tables) error {
		list, err := t.Of(ctx, "", mostDrawn+1)
		if err != nil {
			return err
		}
		if f.Many = len(list) > mostDrawn; f.Many {
			f.Names, list = nil, nil
			if service != "" {
				if list, err = t.Of(ctx, service, mostDrawn); err != nil {
					return err
				}
			}
		}
		var lines []*flowLine
		for i := range list {
			x, _, err := d.kept(&list[i])
			if err != nil {
				return err
			}
			if len(x.flows) > 0 {
				f.Names = append(f.Names, list[i].Terms.Service)
			}
			for j := range x.flows {
				if service == "" || list[i].Terms.Service == service {
					lines = append(lines, &x.flows[j])
				}
			}
		}
		fillFlows(f, lines, d.today())
		return nil
	})
	f.Read, f.Total, _ = d.progress()
	return f, err
}
