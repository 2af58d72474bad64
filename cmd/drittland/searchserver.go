package main

// Searching an archive on a server: its passages are in tables beside it, which all who search bring up to date.

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/drittland/drittland/cmd/drittland/search"
	"github.com/drittland/drittland/cmd/drittland/search/fulltext"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// gatherTurn is how many terms are gathered before others of this process can have the archive.
const gatherTurn = 64

// passOnServer finds out which terms must be gathered first, of the given ones or of all if there are none. What is found is left to the answer. It reads the
// names of terms only to say that there are none of what is asked for.
func passOnServer(ctx context.Context, a *archive.Archive, q *search.Query, only []snapshots.Terms) (*pass, error) {
	tables := fulltext.In(a.Server())
	out := &pass{}
	pending, err := tables.Pending(ctx, only)
	if err != nil {
		return nil, err
	}
	fresh := 0
	for _, p := range pending {
		if q.Service != "" && !strings.EqualFold(q.Service, p.Terms.Service) || q.Type != "" && !strings.EqualFold(q.Type, p.Terms.Type) {
			continue
		}
		if out.stale = append(out.stale, p.Terms); p.Fresh {
			fresh++
		}
	}
	if out.terms, err = tables.Gathered(ctx, q.Service, q.Type); err != nil {
		return nil, err
	}
	if out.terms += fresh; out.terms == 0 {
		all, err := a.Terms()
		if err != nil {
			return nil, err
		}
		if _, err := asked(all, q, only); err != nil {
			return nil, err
		}
	}
	return out, nil
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
		return nil, &coded{err, exitFailed, "add a word, a service or a language"}
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
	out.Complete, out.cut, out.languages = found.Complete && !p.cut, p.cut, found.Languages
	if !found.Since.IsZero() {
		out.Since = &found.Since
	}
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
