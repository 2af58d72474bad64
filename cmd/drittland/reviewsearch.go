package main

// The desk, the search: words in all versions of all texts.

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/drittland/drittland/cmd/drittland/desk/shelf"
	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/cmd/drittland/search"
	"github.com/drittland/drittland/cmd/drittland/search/fulltext"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

const (
	hitsPerPage = 25
	searchTime  = 10 * time.Second // that one search may take
)

// Search finds words. What is not gathered yet is gathered meanwhile.
func (d *reviewDesk) Search(ctx context.Context, q review.Query) (*review.Found, error) {
	began := time.Now()
	out := &review.Found{}
	if err := d.choices(ctx, out); err != nil {
		return nil, err
	}
	if q.Words == "" {
		return out, nil
	}
	parsed, err := search.Parse(q.Words)
	if err != nil {
		return out, err
	}
	parsed.Set(q.Service, "", q.Language, q.Last)
	ctx, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	p, err := d.passOver(ctx, parsed)
	if err != nil {
		return out, err
	}
	if len(p.stale) > 0 && d.gatherFor(p.stale) {
		if p, err = d.passOver(ctx, parsed); err != nil {
			return out, err
		}
	}
	var got *searched
	err = d.store.look(func(a *archive.Archive) (err error) {
		got, err = p.answer(ctx, a, parsed, q.Page*hitsPerPage, hitsPerPage)
		return err
	})
	if errors.Is(err, fulltext.ErrSlow) {
		out.Slow = true
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.Total, out.Services, out.More, out.Least, out.Cut, out.First = got.Total, got.Services, got.More, !got.Complete, got.cut, got.from+1
	if got.Since != nil {
		out.Since = *got.Since
	}
	out.Languages = each(append(out.Languages, got.languages...))
	out.Terms, out.Read, out.Took = p.terms, p.terms-len(p.stale), time.Since(began)
	for i := range got.Hits {
		out.Hits = append(out.Hits, newReviewHit(&got.Hits[i]))
	}
	return out, nil
}

// passOver searches what is gathered. A service that there is not has nothing.
func (d *reviewDesk) passOver(ctx context.Context, q *search.Query) (p *pass, err error) {
	err = d.store.look(func(a *archive.Archive) (err error) {
		p, err = d.finder.pass(ctx, a, q, nil)
		return err
	})
	var unknown *coded
	if errors.As(err, &unknown) && unknown.code == exitUsage {
		return &pass{}, nil
	}
	return p, err
}

// gatherFor has passages gathered in the background, and waits a little. It reports whether that is done.
func (d *reviewDesk) gatherFor(stale []snapshots.Terms) bool {
	done := d.finder.background(stale)
	select {
	case <-done:
		return true
	case <-time.After(queuePatience):
		return false
	}
}

// choices are the services of the archive, and the languages that texts are in as far as the last search knows.
func (d *reviewDesk) choices(ctx context.Context, out *review.Found) error {
	if d.onServer() {
		return d.inTables(ctx, func(t *shelf.Tables) (err error) {
			if out.All, out.Many, err = t.Names(ctx); err != nil {
				return err
			}
			languages, err := t.Languages(ctx)
			out.Languages = each(append(out.Languages, languages...))
			return err
		})
	}
	err := d.store.look(func(a *archive.Archive) error {
		all, err := a.Terms()
		for _, t := range all {
			out.All = append(out.All, t.Service)
		}
		return err
	})
	out.All = each(out.All)
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, lines := range d.lines {
		for i := range lines {
			for j := range lines[i].items {
				out.Languages = append(out.Languages, lines[i].items[j].Language)
			}
		}
	}
	out.Languages = each(out.Languages)
	return err
}

// each is each word of a list once, sorted, without "".
func each(list []string) []string {
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(s string) bool { return s == "" })
}

func newReviewHit(x *foundHit) review.Hit {
	h := review.Hit{At: x.where(), Annex: x.Annex, From: x.First.Date, Versions: x.Versions, Runs: x.Runs, Language: x.Language, Parts: x.snippet()}
	if x.Until != nil {
		h.Until, h.Gone = x.Until.Date, x.Until.Number
	}
	return h
}
