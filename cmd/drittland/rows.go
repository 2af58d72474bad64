package main

// Rows: comparing each version with the one before it is the slow part of a log, so that results are kept in the
// archive for the very program that computed them.

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"runtime"
	"slices"
	"sync"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/diff"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

const derivedLog = "log" // kind of the derived value that holds the rows of some terms

// remembered are rows by the IDs of the versions that they compare, and what the texts before them make of them.
type remembered struct {
	Program string             `json:"program"` // hash of the program that computed them
	Rows    map[string]kept    `json:"rows"`
	Follows map[string]follows `json:"follows"` // by the hash of the IDs of all versions up to theirs
	line    lineKey
	fresh   int // what is not in the archive yet
}

// A kept row is one with what the rows after it need to know.
type kept struct {
	row
	Swaps  []diff.Swap `json:"swaps,omitempty"`  // the changes that are worth a reader
	Linked bool        `json:"linked,omitempty"` // a linked page is part of the change
}

func pairOf(old, new snapshots.Version) string { return old.ID + " " + new.ID }

// program is the hash of this program, rules and law included; "" if it cannot be read, so that nothing is remembered.
var program = sync.OnceValue(func() string {
	name, err := os.Executable()
	if err != nil {
		return ""
	}
	f, err := os.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
})

// recall reads the rows that are kept of a line. What another program computed does not count.
func recall(a *archive.Archive, l lineKey) (*remembered, error) {
	k := &remembered{line: l}
	b, err := a.Derived(derivedLog, k.line.key())
	if err != nil && !errors.Is(err, archive.ErrNotFound) {
		return nil, err
	}
	if err != nil || json.Unmarshal(b, k) != nil || k.Program != program() || program() == "" || k.Rows == nil || k.Follows == nil {
		k = &remembered{line: l, Program: program(), Rows: map[string]kept{}, Follows: map[string]follows{}}
	}
	return k, nil
}

// remember keeps what is fresh of rows in the archive. It is no failure if that cannot be done now: they are computed again.
func (s *store) remember(list ...*remembered) {
	values := map[string][]byte{}
	for _, k := range list {
		if k == nil || k.fresh == 0 || k.Program == "" {
			continue
		}
		if b, err := json.Marshal(k); err == nil && len(b) <= archive.MaxBody/2 {
			values[k.line.key()] = b
		}
	}
	if len(values) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.useWith(s.atOnce(), func(a *archive.Archive) error { return a.PutAllDerived(derivedLog, values) })
}

// rows gives a row for each version of h, refused ones included, and for each day on which the law changed the findings. If it is interrupted, what was computed until then
// can be remembered.
func (t *tool) rows(ctx context.Context, a *archive.Archive, engine *analyze.Engine, h *history) ([]row, *remembered, error) {
	engine = engine.In("en") // what is remembered is in one language
	keep, err := recall(a, lineKey{h.Terms, h.Variant})
	if err != nil {
		return nil, nil, err
	}
	var missing []int
	for i, v := range h.Versions {
		if _, ok := keep.Rows[pairOf(h.before(i), v)]; !ok {
			missing = append(missing, i)
		}
	}
	if err := t.compareAll(ctx, a, engine, h, missing, keep); err != nil {
		return nil, keep, err
	}
	texts, err := t.follow(ctx, a, engine, h, keep)
	if err != nil {
		return nil, keep, err
	}
	var out []row
	number := 0
	for _, v := range h.All {
		r := newRow(v, 0)
		if holdsText(v) {
			r = texts[number]
			number++
			today(r.Transfers, t.today())
		}
		out = append(out, r)
	}
	again, err := againRows(a, h)
	if err != nil {
		return nil, keep, err
	}
	out = withOthers(out, again)
	if h.Variant != "" {
		return out, keep, nil
	}
	byLaw, err := t.lawRows(ctx, a, engine, h)
	if err != nil {
		return nil, keep, err
	}
	return withOthers(out, byLaw), keep, nil
}

// before is the version before number i+1, a zero version for the first.
func (h *history) before(i int) snapshots.Version {
	if i == 0 {
		return snapshots.Version{}
	}
	return h.Versions[i-1]
}

// today sets the standing of destinations by the law of today, which is not remembered.
func today(t *analyze.Transfers, day law.Date) {
	for i := range t.Destinations {
		t.Destinations[i].Today = law.StandingOf(t.Destinations[i].Country, day)
	}
}

// compareAll computes the missing rows: each worker takes a run of versions that follow each other.
func (t *tool) compareAll(ctx context.Context, a *archive.Archive, engine *analyze.Engine, h *history, missing []int, keep *remembered) error {
	bar := t.progress(len(missing), "comparing versions")
	defer bar.Clear()
	var mu sync.Mutex
	done := func(pair string, r kept) {
		mu.Lock()
		defer mu.Unlock()
		keep.Rows[pair] = r
		keep.fresh++
		_ = bar.Add(1)
	}
	workers := min(runtime.GOMAXPROCS(0), max(1, len(missing)))
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w, part := range slices.Collect(slices.Chunk(missing, max(1, (len(missing)+workers-1)/workers))) {
		wg.Go(func() { errs[w] = t.compareSome(ctx, a, engine, h, part, done) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// compareSome computes rows of versions, given by index in order. It reads each text once where they follow each other.
func (t *tool) compareSome(ctx context.Context, a *archive.Archive, engine *analyze.Engine, h *history, part []int, done func(string, kept)) error {
	var last subject
	for _, i := range part {
		if err := ctx.Err(); err != nil {
			return err
		}
		if i > 0 && last.version.ID != h.Versions[i-1].ID {
			var err error
			if last, err = newSubject(a, engine, h.Versions[i-1]); err != nil {
				return err
			}
		}
		now, err := newSubject(a, engine, h.Versions[i])
		if err != nil {
			return err
		}
		r := compareRow(engine.Compare, engine, i, last, now)
		if r, err = r.own(); err != nil {
			return err
		}
		done(pairOf(h.before(i), now.version), r)
		last = now
	}
	return nil
}

// A subject is a version with the facts of its text.
type subject struct {
	version snapshots.Version
	facts   *analyze.Facts
	day     law.Date
}

func newSubject(a *archive.Archive, engine *analyze.Engine, v snapshots.Version) (subject, error) {
	doc, annexes, err := texts(a, v)
	if err != nil {
		return subject{}, err
	}
	facts := engine.Facts(doc, annexes...)
	facts.Seen = law.DateOf(v.Date)
	return subject{v, facts, lawDay(v, doc)}, nil
}

// A comparer is how an engine compares two texts.
type comparer func(old, new *analyze.Facts, oldDay law.Date, d analyze.Dates) *analyze.Comparison

// compareRow is the row of version number i+1. All of it is judged by the law of the day of the text.
func compareRow(compare comparer, engine *analyze.Engine, i int, old, now subject) kept {
	r := kept{row: newRow(now.version, i+1)}
	dates := analyze.Dates{AsOf: now.day, Today: now.day}
	if i == 0 {
		rep := engine.Report(now.facts, dates)
		r.Text, r.Dates, r.Transfers, r.Appeared = rep.Document.SHA256, &rep.Document.Dates, &rep.Transfers, findingIDs(rep.Findings)
		r.Fingerprint, r.Has = rep.Fingerprint(), fingerprints(rep.Findings)
		if now.version.Variant != "" {
			r.Class, r.Why = string(diff.FlipLocale), strayed(now.version)
		}
		return r
	}
	c := compare(old.facts, now.facts, old.day, dates)
	r.Dates = &c.New.Dates
	r.Text, r.Class, r.Why, r.Loss, r.Transfers, r.Facts = c.New.SHA256, c.Class, c.Why, c.Loss, &c.After, c.FactsChanged
	r.Alert = c.Alert && (now.version.Cause != snapshots.Reading || readOtherwise(c))
	r.CountriesAdded, r.CountriesRemoved, r.ToolsAdded, r.ToolsRemoved = c.CountriesAdded, c.CountriesRemoved, c.ToolsAdded, c.ToolsRemoved
	r.Appeared, r.Resolved = findingIDs(c.Appeared), findingIDs(c.Resolved)
	r.Fingerprint, r.Has = c.Fingerprint(), fingerprints(c.Has)
	for _, f := range c.Appeared {
		if f.OfChange {
			r.OnChange = append(r.OnChange, f.Fingerprint)
		}
	}
	r.Swaps, r.Linked = c.Swaps, slices.ContainsFunc(c.FactsChanged, func(f analyze.FactChange) bool { return f.Source != "" })
	return r
}

// own is the row as it is remembered: what a comparison gives points into both texts and all facts on them, which are a hundred times as large.
func (r kept) own() (out kept, err error) {
	b, err := json.Marshal(r)
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	return out, err
}

// readOtherwise reports whether a change of our reading alone brought facts on transfers to light. Nobody changed the text; but
// nobody was told of them either.
func readOtherwise(c *analyze.Comparison) bool {
	return c.Class == string(diff.SubstantiveTransfers) && slices.ContainsFunc(c.FactsChanged, func(f analyze.FactChange) bool { return f.Op == "added" })
}

func fingerprints(list []analyze.Finding) []string {
	out := make([]string, len(list))
	for i, f := range list {
		out[i] = f.Fingerprint
	}
	return out
}

// findingIDs are the checks that found something, each once, in order.
func findingIDs(list []analyze.Finding) []string {
	out := []string{}
	for _, f := range list {
		if !slices.Contains(out, f.ID) {
			out = append(out, f.ID)
		}
	}
	return out
}
