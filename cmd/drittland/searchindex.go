package main

// Searching all texts of the archive: its passages are gathered by terms and kept with what is derived; what has changed since is
// gathered first.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/drittland/drittland/cmd/drittland/search"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// derivedPassages is the kind of the derived values that hold packed indexes, each behind the state of the terms that it was made of.
const derivedPassages = "passages"

const (
	maxFound   = 100000                 // passages that one search gathers
	searchTurn = 500 * time.Millisecond // for which gathering has the archive to itself
)

// A finder searches the texts of an archive. It may be used by several at once.
type finder struct {
	*store
	mu   sync.Mutex
	held map[snapshots.Terms][]byte // gathered, and not kept in the archive
	busy sync.Mutex                 // held by who gathers

	running chan struct{} // closed when what gathers in the background is done; nil if nothing does
}

func newFinder(s *store) *finder { return &finder{store: s, held: map[snapshots.Terms][]byte{}} }

// A foundPassage is a passage of some terms.
type foundPassage struct {
	search.Hit
	Terms snapshots.Terms
	quote string           // once it was read
	marks []snapshots.Span // in the quote
	text  snapshots.Hash   // of the document in which it stands

	language string // of that document
}

// A pass is what was found in what is gathered, and of which terms the passages must be gathered first.
type pass struct {
	hits   []foundPassage
	stale  []snapshots.Terms
	terms  int  // searched and stale
	cut    bool // there is more
	failed error
}

// pass searches what is gathered, of the given terms or of all if there are none.
func (f *finder) pass(ctx context.Context, a *archive.Archive, q *search.Query, only []snapshots.Terms) (*pass, error) {
	if a.Server() != nil {
		return passOnServer(ctx, a, q, only)
	}
	states, err := a.States()
	if err != nil {
		return nil, err
	}
	todo, err := asked(slices.Collect(maps.Keys(states)), q, only)
	if err != nil {
		return nil, err
	}
	out := &pass{terms: len(todo)}
	var mu sync.Mutex
	inParallel(ctx, todo, func(t snapshots.Terms) {
		hits, stale, err := f.findIn(a, t, states[t], q)
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err != nil:
			out.failed = errors.Join(out.failed, err)
		case stale:
			out.stale = append(out.stale, t)
		case len(out.hits)+len(hits) > maxFound:
			out.cut = true
		default:
			for _, h := range hits {
				out.hits = append(out.hits, foundPassage{Hit: h, Terms: t})
			}
		}
	})
	out.cut = out.cut || ctx.Err() != nil
	slices.SortFunc(out.stale, compareTerms)
	return out, out.failed
}

// inParallel calls f for all of a list, until ctx ends.
func inParallel[T any](ctx context.Context, list []T, f func(T)) {
	next := make(chan T)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(list)) {
		wg.Go(func() {
			for x := range next {
				f(x)
			}
		})
	}
	defer wg.Wait()
	defer close(next)
	for _, x := range list {
		select {
		case next <- x:
		case <-ctx.Done():
			return
		}
	}
}

func compareTerms(a, b snapshots.Terms) int {
	return cmp.Or(strings.Compare(strings.ToLower(a.Service), strings.ToLower(b.Service)), strings.Compare(a.Service, b.Service), strings.Compare(a.Type, b.Type))
}

// asked are the terms of the service and the type that a query asks for, sorted.
func asked(all []snapshots.Terms, q *search.Query, only []snapshots.Terms) ([]snapshots.Terms, error) {
	var out []snapshots.Terms
	service := false
	for _, t := range all {
		mine := q.Service == "" || strings.EqualFold(q.Service, t.Service)
		service = service || mine
		if mine && (q.Type == "" || strings.EqualFold(q.Type, t.Type)) && (only == nil || slices.Contains(only, t)) {
			out = append(out, t)
		}
	}
	slices.SortFunc(all, compareTerms)
	slices.SortFunc(out, compareTerms)
	switch {
	case len(all) > 0 && !service:
		return nil, unknownService(all, q.Service)
	case len(all) > 0 && len(out) == 0 && only == nil:
		return nil, &coded{fmt.Errorf("the archive holds no terms %q of what is asked for", q.Type), exitUsage, "'drittland log' lists what the archive holds"}
	}
	return out, nil
}

// findIn searches some terms; stale says that their passages must be gathered first.
func (f *finder) findIn(a *archive.Archive, t snapshots.Terms, state snapshots.Hash, q *search.Query) (hits []search.Hit, stale bool, err error) {
	b, err := f.gathered(a, t)
	if err != nil {
		return nil, false, err
	}
	rest, current := strings.CutPrefix(string(b[:min(len(b), len(state))]), string(state))
	if !current || rest != "" {
		return nil, true, nil
	}
	p, err := search.Open(b[len(state):])
	if err != nil { // of another release
		return nil, true, nil
	}
	if hits, err = p.Find(q); err != nil {
		return nil, true, nil
	}
	return hits, false, nil
}

// gathered is what was gathered of some terms, current or not; nil if nothing was.
func (f *finder) gathered(a *archive.Archive, t snapshots.Terms) ([]byte, error) {
	f.mu.Lock()
	b := f.held[t]
	f.mu.Unlock()
	if b != nil {
		return b, nil
	}
	b, err := a.Derived(derivedPassages, lineKey{t, ""}.key())
	if errors.Is(err, archive.ErrNotFound) {
		return nil, nil
	}
	return b, err
}

// gather gathers the passages of terms, a few at a time so that others can have the archive in between, and keeps them.
func (f *finder) gather(ctx context.Context, todo []snapshots.Terms, told func(done int)) error {
	f.busy.Lock()
	defer f.busy.Unlock()
	if archive.OnServer(f.dir) {
		return f.gatherOnServer(ctx, todo, told)
	}
	for len(todo) > 0 {
		fresh := map[string][]byte{}
		var done []snapshots.Terms
		err := f.store.look(func(a *archive.Archive) error {
			states, err := a.States()
			if err != nil {
				return err
			}
			turn, cancel := context.WithTimeout(ctx, searchTurn)
			defer cancel()
			var mu sync.Mutex
			var failed error
			inParallel(turn, todo, func(t snapshots.Terms) {
				b, err := f.index(ctx, a, t, states[t])
				mu.Lock()
				defer mu.Unlock()
				done, failed = append(done, t), errors.Join(failed, err)
				if b != nil {
					fresh[lineKey{t, ""}.key()] = b
					f.hold(t, b)
				}
			})
			return failed
		})
		if err := errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		todo = slices.DeleteFunc(slices.Clone(todo), func(t snapshots.Terms) bool { return slices.Contains(done, t) })
		if f.keep(fresh) {
			for _, t := range done {
				f.hold(t, nil)
			}
		}
		told(len(done))
	}
	return nil
}

// background gathers in the background, unless it does already. What it gives is closed when that is done; failures show when it is
// tried again.
func (f *finder) background(todo []snapshots.Terms) <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.running == nil {
		f.running = make(chan struct{})
		go func() {
			_ = f.gather(context.Background(), todo, func(int) {})
			f.mu.Lock()
			defer f.mu.Unlock()
			close(f.running)
			f.running = nil
		}()
	}
	return f.running
}

func (f *finder) hold(t snapshots.Terms, b []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.held[t] = b; b == nil {
		delete(f.held, t)
	}
}

// keep puts what was gathered into the archive. It is no failure if that cannot be done now.
func (f *finder) keep(fresh map[string][]byte) bool {
	f.store.mu.Lock()
	defer f.store.mu.Unlock()
	return f.useWith(f.atOnce(), func(a *archive.Archive) error { return a.PutAllDerived(derivedPassages, fresh) }) == nil
}

// index gathers the passages of some terms: only those of new versions, if the others were gathered before. It gives nil if it is current.
func (f *finder) index(ctx context.Context, a *archive.Archive, t snapshots.Terms, state snapshots.Hash) ([]byte, error) {
	x := &search.Index{}
	if b, err := f.gathered(a, t); err != nil {
		return nil, err
	} else if len(b) > len(state) {
		if p, err := search.Open(b[len(state):]); err == nil {
			if old, err := p.Unpack(); err == nil {
				x = old
			}
		}
	}
	h, err := readHistory(a, t)
	if err != nil {
		return nil, err
	}
	lines := linesToSearch(h)
	have, ok := x.Covers(lines)
	if !ok {
		x, have = &search.Index{}, make([]int, len(lines))
	}
	for i, l := range h.lines() {
		for j := have[i]; j < len(l.Versions); j++ {
			list, err := textsToSearch(a, l.Versions[j])
			if err := errors.Join(err, ctx.Err()); err != nil {
				return nil, err
			}
			x.Add(i, l.Variant, lines[i].Versions[j], list)
		}
	}
	return append([]byte(state), x.Pack()...), nil
}

// linesToSearch are the versions of some terms by their lines.
func linesToSearch(h *history) []search.Line {
	var out []search.Line
	for _, l := range h.lines() {
		line := search.Line{Name: l.Variant}
		for _, v := range l.Versions {
			line.Versions = append(line.Versions, search.Version{ID: v.ID, Date: v.Date, Language: v.Language})
		}
		out = append(out, line)
	}
	return out
}

// textsToSearch are the text of a version and those of its linked pages.
func textsToSearch(a *archive.Archive, v snapshots.Version) ([]search.Text, error) {
	var out []search.Text
	for _, x := range append([]snapshots.Annex{{Document: v.Document}}, v.Annexes...) {
		if x.Document == "" {
			continue
		}
		d, err := a.Document(x.Document)
		if err != nil {
			return nil, fmt.Errorf("version %s of %s: %w", v.ID, v.Terms, err)
		}
		out = append(out, search.Text{Source: x.URL, Document: d})
	}
	return out, nil
}

// sortFound puts what stands first, then what appeared last.
func sortFound(list []foundPassage) {
	slices.SortFunc(list, func(a, b foundPassage) int {
		if a.Standing() != b.Standing() {
			if a.Standing() {
				return -1
			}
			return 1
		}
		return cmp.Or(b.First.Date.Compare(a.First.Date), compareTerms(a.Terms, b.Terms), strings.Compare(a.Line, b.Line), strings.Compare(a.Source, b.Source), a.Span.Start-b.Span.Start)
	})
}

// quotes reads the words of passages.
func quotes(a *archive.Archive, q *search.Query, list []foundPassage) error {
	docs := map[snapshots.Hash]*snapshots.Document{}
	for i := range list {
		h := &list[i]
		v, err := a.Version(h.First.ID)
		if err != nil {
			return err
		}
		if h.text = v.Document; h.Source != "" {
			h.text = ""
			for _, x := range v.Annexes {
				if x.URL == h.Source && x.Document != "" {
					h.text = x.Document
				}
			}
		}
		d := docs[h.text]
		if d == nil {
			if d, err = a.Document(h.text); err != nil {
				return fmt.Errorf("version %s of %s: %w", v.ID, v.Terms, err)
			}
			docs[h.text] = d
		}
		h.quote, h.language = d.Quote(h.Span), d.Language
		h.marks = q.Marks(h.quote, nil)
	}
	return nil
}
