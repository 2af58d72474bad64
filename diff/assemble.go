// This file turns paired units into the rows and changes of a redline.

package diff

import (
	"strings"

	"github.com/drittland/drittland/snapshots"
)

// An assembly is a redline in the making.
type assembly struct {
	*comparison
	r *Redline
}

// assemble writes the redline of steps, of which with says which removal and which addition are one move.
func (c *comparison) assemble(steps []step, with map[int]int) *Redline {
	w := assembly{c, &Redline{Old: c.old.doc, New: c.new.doc}}
	number := map[int]int{} // of a move, by the step that removes
	from := map[int]int{}   // row of a move's removal
	for k, s := range steps {
		other, moved := with[k]
		switch {
		case moved && removes(s):
			from[k] = len(w.r.Rows)
			w.r.Rows = append(w.r.Rows, Row{Old: c.old.units[s.a0].blocks})
		case moved:
			w.change(Moved, c.old.over(steps[other].a0, steps[other].a1), c.new.over(s.b0, s.b1))
			w.r.Rows[len(w.r.Rows)-1].Old = nil
			number[other] = len(w.r.Changes)
		case removes(s):
			w.change(Removed, c.old.over(s.a0, s.a1), c.new.before(s.b0))
		case adds(s):
			w.change(Added, c.old.before(s.a0), c.new.over(s.b0, s.b1))
		default:
			w.pair(s)
		}
	}
	for k, row := range from {
		w.r.Rows[row].Change = number[k]
	}
	c.linkMovedWords(w.r.Changes)
	w.r.LinkChanges = linkChanges(w.r)
	w.r.Counts = count(w.r)
	return w.r
}

// A stretch is the blocks and the passage of one side of a change.
type stretch struct {
	blocks []int
	passage
}

// over is units i to j, which lie side by side.
func (s *side) over(i, j int) stretch {
	if j == i+1 {
		u := &s.units[i]
		return stretch{u.blocks, passage{s.doc, u.span, u.tokens}}
	}
	out := stretch{passage: passage{doc: s.doc, span: snapshots.Span{Start: s.units[i].span.Start, End: s.units[j-1].span.End}}}
	for _, u := range s.units[i:j] {
		out.blocks = append(out.blocks, u.blocks...)
	}
	return out
}

// before is the empty stretch at the end of the unit before i.
func (s *side) before(i int) stretch {
	at := 0
	if i > 0 {
		at = s.units[i-1].span.End
	}
	return stretch{passage: passage{doc: s.doc, span: snapshots.Span{Start: at, End: at}}}
}

// pair writes the rows of units that were paired.
func (w *assembly) pair(s step) {
	a, b := w.old.over(s.a0, s.a1), w.new.over(s.b0, s.b1)
	switch {
	case s.a1-s.a0 == 1 && s.b1-s.b0 == 1 && w.old.units[s.a0].row && w.new.units[s.b0].row:
		w.cells(a, b)
	case a.same(b.passage):
		w.r.Rows = append(w.r.Rows, Row{Old: a.blocks, New: b.blocks})
	default:
		w.change(Rewritten, a, b)
	}
}

// cells pairs the cells of two rows: column by column, or by likeness if the number of columns changed.
func (w *assembly) cells(a, b stretch) {
	var steps []step
	if len(a.blocks) == len(b.blocks) {
		for i := range a.blocks {
			steps = append(steps, step{i, i + 1, i, i + 1})
		}
	} else {
		steps = w.lex.align(w.cellBags(a), w.cellBags(b), w.opt.cells())
	}
	at := func(s stretch, i int) stretch {
		span := s.doc.Blocks[s.blocks[i]].Span
		if span.Start < s.span.Start || span.End > s.span.End || span.End < span.Start {
			span = snapshots.Span{Start: s.span.Start, End: s.span.Start}
		}
		return stretch{s.blocks[i : i+1], passage{s.doc, span, w.lex.tokens(s.doc.Quote(span), span.Start)}}
	}
	none := func(s stretch, i int) stretch {
		p := s.span.Start
		if i > 0 {
			p = at(s, i-1).span.End
		}
		return stretch{passage: passage{doc: s.doc, span: snapshots.Span{Start: p, End: p}}}
	}
	for _, s := range steps {
		switch {
		case removes(s):
			w.change(Removed, at(a, s.a0), none(b, s.b0))
		case adds(s):
			w.change(Added, none(a, s.a0), at(b, s.b0))
		default:
			x, y := at(a, s.a0), at(b, s.b0)
			if x.same(y.passage) {
				w.r.Rows = append(w.r.Rows, Row{Old: x.blocks, New: y.blocks})
			} else {
				w.change(Rewritten, x, y)
			}
		}
	}
}

func (w *assembly) cellBags(s stretch) []bag {
	out := make([]bag, len(s.blocks))
	for i, b := range s.blocks {
		out[i] = *w.bagOf(s.doc, s.doc.Blocks[b].Span)
		out[i].whole = true
	}
	return out
}

// change appends a change and its row.
func (w *assembly) change(op Op, a, b stretch) {
	ch := Change{Number: len(w.r.Changes) + 1, Op: op, OldBlocks: a.blocks, NewBlocks: b.blocks, Old: a.span, New: b.span}
	switch {
	case op == Added:
		ch.Words = []Edit{{Op: Insert, Old: a.span, New: b.span}}
	case op == Removed:
		ch.Words = []Edit{{Op: Delete, Old: a.span, New: b.span}}
	case a.same(b.passage):
		ch.Words = []Edit{{Op: Equal, Old: a.span, New: b.span}}
	default:
		ch.Words = w.edits(w.tokenised(a), w.tokenised(b))
	}
	w.r.Changes = append(w.r.Changes, ch)
	w.r.Rows = append(w.r.Rows, Row{Old: a.blocks, New: b.blocks, Change: ch.Number})
}

// tokenised cuts the passage of joined units, so that the line break between them is a token too.
func (w *assembly) tokenised(s stretch) passage {
	if s.tokens == nil {
		s.tokens = w.lex.tokens(s.text(), s.span.Start)
	}
	return s.passage
}

// count sums up the rows of a redline.
func count(r *Redline) Counts {
	n := Counts{BlocksChanged: len(r.Changes)}
	words := func(d *snapshots.Document, s snapshots.Span) int { return len(strings.Fields(d.Quote(s))) }
	for _, row := range r.Rows {
		if row.Change != 0 {
			continue
		}
		for _, b := range row.New {
			n.WordsKept += words(r.New, r.New.Blocks[b].Span)
		}
		if restyled(&r.Old.Blocks[row.Old[0]], &r.New.Blocks[row.New[0]]) {
			n.Restyled++
		}
	}
	for i := range r.Changes {
		for _, e := range r.Changes[i].Words {
			switch {
			case e.Op == Equal && r.Changes[i].Op == Moved, e.Op == Insert && e.Move != 0:
				n.WordsMoved += words(r.New, e.New)
			case e.Op == Equal:
				n.WordsKept += words(r.New, e.New)
			case e.Op == Insert:
				n.WordsAdded += words(r.New, e.New)
			case e.Move == 0:
				n.WordsRemoved += words(r.Old, e.Old)
			}
		}
	}
	return n
}

func restyled(a, b *snapshots.Block) bool { return a.Kind != b.Kind || a.Level != b.Level }
