// This file finds what moved: blocks that were taken out in one place and put in at another, and sentences that
// went from one changed block to another.

package diff

import (
	"slices"
	"strings"

	"github.com/drittland/drittland/snapshots"
)

// Thresholds of moves. An edited block must be long and nearly the same; an equal one need only say something.
const (
	moveAt    = 0.85
	moveWords = 4         // fewest words of an equal block that counts as moved by itself
	moveCells = 1_000_000 // most pairs of removed and added texts that are compared
)

// A match says that what was removed at a is what was added at b.
type match struct {
	a, b int
	like float32
}

// findMoves gives, for each step that removes a unit, the step that adds it elsewhere, and the reverse.
func (c *comparison) findMoves(steps []step) map[int]int {
	var gone, come []int
	for k, s := range steps {
		switch {
		case removes(s):
			gone = append(gone, k)
		case adds(s):
			come = append(come, k)
		}
	}
	was := func(k int) *bag { return &c.old.units[steps[k].a0].bag }
	is := func(k int) *bag { return &c.new.units[steps[k].b0].bag }
	with := map[int]int{}
	for _, m := range c.matches(gone, come, was, is) {
		with[m.a], with[m.b] = m.b, m.a
	}
	// A short block beside a moved one, such as its heading, goes with it if it is the same.
	for _, k := range append(slices.Clone(gone), gone...) {
		for _, d := range []int{-1, 1} {
			at, moved := with[k]
			if !moved {
				continue
			}
			x, y := k+d, at+d
			if x < 0 || y < 0 || x >= len(steps) || y >= len(steps) || taken(with, x) || taken(with, y) {
				continue
			}
			if removes(steps[x]) && adds(steps[y]) && was(x).text == is(y).text && was(x).kind == is(y).kind {
				with[x], with[y] = y, x
			}
		}
	}
	return with
}

func removes(s step) bool { return s.b0 == s.b1 }
func adds(s step) bool    { return s.a0 == s.a1 }

func taken(m map[int]int, k int) bool {
	_, ok := m[k]
	return ok
}

// matches pairs removed with added texts, the most alike first, each once.
func (c *comparison) matches(gone, come []int, was, is func(int) *bag) []match {
	var all []match
	equal := map[string][]int{}
	for _, j := range come {
		equal[is(j).text] = append(equal[is(j).text], j)
	}
	spent := map[int]bool{}
	var out []match
	var restA []int
	for _, i := range gone {
		js := equal[was(i).text]
		if was(i).words < moveWords || len(js) == 0 {
			restA = append(restA, i)
			continue
		}
		out = append(out, match{i, js[0], 1})
		spent[js[0]] = true
		equal[was(i).text] = js[1:]
	}
	longA, longB := long(restA, nil, was, c.opt.minMove()), long(come, spent, is, c.opt.minMove())
	if len(longA) == 0 || len(longB) == 0 || len(longA) > moveCells/len(longB) {
		return out
	}
	for _, i := range longA {
		for _, j := range longB {
			x, y := was(i), is(j)
			if x.whole != y.whole || 2*min(x.weight, y.weight) < moveAt*(x.weight+y.weight) {
				continue
			}
			if like := c.lex.likeness(x, y); like >= moveAt {
				all = append(all, match{i, j, like})
			}
		}
	}
	slices.SortStableFunc(all, func(x, y match) int {
		switch {
		case x.like > y.like:
			return -1
		case x.like < y.like:
			return 1
		}
		return 0
	})
	used := map[int]bool{}
	for _, m := range all {
		if !used[m.a] && !spent[m.b] {
			used[m.a], spent[m.b] = true, true
			out = append(out, m)
		}
	}
	return out
}

func long(ks []int, skip map[int]bool, of func(int) *bag, least int) []int {
	var out []int
	for _, k := range ks {
		if !skip[k] && of(k).words >= least {
			out = append(out, k)
		}
	}
	return out
}

// linkMovedWords gives each deletion and insertion of the same sentence, wherever they stand, a number of their own.
func (c *comparison) linkMovedWords(changes []Change) {
	var edits []*Edit
	for i := range changes {
		for k := range changes[i].Words {
			if e := &changes[i].Words[k]; e.Op != Equal {
				edits = append(edits, e)
			}
		}
	}
	bags := make([]*bag, len(edits))
	var gone, come []int
	for k, e := range edits {
		doc, span := c.old.doc, e.Old
		if e.Op == Insert {
			doc, span = c.new.doc, e.New
		}
		if span.Len() < 4*c.opt.minMove() {
			continue
		}
		bags[k] = c.bagOf(doc, span)
		if e.Op == Delete {
			gone = append(gone, k)
		} else {
			come = append(come, k)
		}
	}
	of := func(k int) *bag { return bags[k] }
	gone, come = long(gone, nil, of, c.opt.minMove()), long(come, nil, of, c.opt.minMove())
	ms := c.matches(gone, come, of, of)
	slices.SortFunc(ms, func(x, y match) int { return x.b - y.b })
	n := 0
	for _, m := range ms {
		if edits[m.a].New.Start == edits[m.b].New.Start && edits[m.a].Old.End == edits[m.b].Old.Start {
			continue // the one replaces the other in its place
		}
		n++
		edits[m.a].Move, edits[m.b].Move = n, n
	}
}

func (c *comparison) bagOf(doc *snapshots.Document, span snapshots.Span) *bag {
	s := doc.Quote(span)
	b := c.lex.bag(c.lex.tokens(s, span.Start))
	b.text = strings.TrimSpace(plain(s))
	return &b
}
