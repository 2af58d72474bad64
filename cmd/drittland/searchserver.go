package main

// Searching an archive on a server: its passages are in tables beside it, which all who search bring up to date.

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/drittland/drittland/cmd/drittland/search"
	"github.com/drittland/drittland/cmd/drittland/search/fulltext"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// gatherTurn is how many terms are gathered before others of this process can have the archive.
const gatherTurn = 64

// passOnServer finds out which terms must be gathered first, of the given ones or of all if there are none. What is found is left to the answer.
func passOnServer(ctx context.Context, a *archive.Archive, q *search.Query, only []snapshots.Terms) (*pass, error) {
	tables := fulltext.In(a.Server())
	out := &pass{}
	var err error
	if q.Service != "" || q.Type != "" {
		all, err := termsToSearch(ctx, a, tables, q)
		if err != nil {
			return nil, err
		}
		wanted, err := asked(all, q, only)
		if err != nil {
			return nil, err
		}
		only, out.terms = wanted, len(wanted)
	} else if out.terms, err = tables.Terms(ctx); err != nil {
		return nil, err
	}
	pending, err := tables.Pending(ctx, only)
	for _, p := range pending {
		out.stale = append(out.stale, p.Terms)
	}
	return out, err
}

// termsToSearch are the terms that may be meant: those of the service as its name is written, and those that were gathered of others whose names differ in upper and lower case;
// all of them if there are none, or no service is named.
func termsToSearch(ctx context.Context, a *archive.Archive, tables *fulltext.Tables, q *search.Query) ([]snapshots.Terms, error) {
	if q.Service == "" {
		return a.Terms()
	}
	list, err := a.TermsOf(q.Service)
	if err != nil {
		return nil, err
	}
	gathered, err := tables.Named(ctx, q.Service)
	if err != nil {
		return nil, err
	}
	for _, t := range gathered {
		if !slices.Contains(list, t) {
			list = append(list, t)
		}
	}
	if len(list) == 0 {
		return a.Terms()
	}
	return list, nil
}

// gatherOnServer gathers the passages of terms. A user of the database who may only read searches what others have gathered.
func (f *finder) gatherOnServer(ctx context.Context, todo []snapshots.Terms, told func(done int)) error {
	for part := range slices.Chunk(todo, gatherTurn) {
		err := f.store.look(func(a *archive.Archive) error {
			tables := fulltext.In(a.Server())
			pending, err := tables.Pending(ctx, part)
			if err != nil {
				return err
			}
			return tables.Fill(ctx, pending, textsOf(a), runtime.GOMAXPROCS(0), func() { told(1) })
		})
		if errors.Is(err, fulltext.ErrDenied) {
			f.say("texts that came in since are not searched: %s", err)
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// textsOf reads what is to be searched.
func textsOf(a *archive.Archive) fulltext.Reader {
	return func(ctx context.Context, t snapshots.Terms) ([]search.Line, func(line, version int) ([]search.Text, error), error) {
		h, err := readHistory(a, t)
		if err != nil {
			return nil, nil, err
		}
		return linesToSearch(h), func(line, version int) ([]search.Text, error) {
			return textsToSearch(a, h.lines()[line].Versions[version])
		}, ctx.Err()
	}
}

// answerOnServer has the server find, and makes one page of it. If what was found is forgotten meanwhile, it asks again.
func (p *pass) answerOnServer(ctx context.Context, a *archive.Archive, q *search.Query, from, limit int) (*searched, error) {
	out, err := p.askServer(ctx, a, q, from, limit)
	if errors.Is(err, archive.ErrNotFound) {
		out, err = p.askServer(ctx, a, q, from, limit)
	}
	if errors.Is(err, fulltext.ErrSlow) {
		return nil, &coded{err, exitFailed, "ask for rarer words, for one service or for one language"}
	}
	return out, err
}

func (p *pass) askServer(ctx context.Context, a *archive.Archive, q *search.Query, from, limit int) (*searched, error) {
	tables := fulltext.In(a.Server())
	found, err := tables.Find(ctx, q, from, limit)
	if err != nil {
		return nil, err
	}
	out := newSearched(found.Total, found.Services, from)
	out.Complete, out.languages = found.Complete && !p.cut, found.Languages
	var part []foundPassage
	for _, h := range found.Hits {
		part = append(part, foundPassage{Hit: h.Hit, Terms: h.Terms})
	}
	out.More = from+len(part) < out.Total
	if err := quotes(a, q, part); err != nil {
		return nil, err
	}
	for i := range part {
		h := &part[i]
		alike, err := tables.Alike(ctx, found, h.language, h.quote)
		if err != nil {
			return nil, fmt.Errorf("mark words: %w", err)
		}
		h.marks = q.Marks(h.quote, alike)
		out.Hits = append(out.Hits, newFoundHit(h))
	}
	return out, nil
}
