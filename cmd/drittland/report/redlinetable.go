package report

// Tables of a redline in HTML: consecutive rows of cells.

import (
	"github.com/drittland/drittland/diff"
	"github.com/drittland/drittland/snapshots"
)

// manyColumns is how many columns a table has that may have to scroll.
const manyColumns = 5

// A redCell is a cell of a table.
type redCell struct {
	Header bool
	Runs   []redRun
}

// tableEnd is the row behind the table that begins at row i; i if none does.
func (b *redliner) tableEnd(i int) int {
	old, new := -1, -1
	for k := i; k < len(b.r.Rows); k++ {
		at := b.r.Rows[k]
		was, is := tableOf(b.r.Old, at.Old), tableOf(b.r.New, at.New)
		if kind(b.r, at) != snapshots.Cell || len(at.New) > 0 && is < 0 || len(at.New) == 0 && was < 0 ||
			len(at.New) > 0 && new >= 0 && is != new || len(at.New) == 0 && old >= 0 && was != old {
			return k
		}
		if is >= 0 {
			new = is
		}
		if was >= 0 {
			old = was
		}
	}
	return len(b.r.Rows)
}

// tableOf is the number of the table that blocks are cells of, -1 if none.
func tableOf(d *snapshots.Document, blocks []int) int {
	if len(blocks) == 0 || d.Blocks[blocks[0]].Place == nil {
		return -1
	}
	return d.Blocks[blocks[0]].Place.Table
}

// table makes a table of rows i to end.
func (b *redliner) table(i, end int) *redTable {
	t := &redTable{HasOld: b.sides()}
	near := false
	for k := i; k < end; k++ {
		near = near || b.shown[k]
	}
	gap := -1
	for k := i; k < end; k++ {
		far := !b.shown[k] && near && !b.head(b.r.Rows[k])
		switch {
		case !far:
			gap = -1
		case gap < 0 && !(b.o.Fixed && b.o.All):
			gap = len(t.Rows)
			t.Rows = append(t.Rows, redRow{Skip: 1})
		case gap >= 0:
			t.Rows[gap].Skip++
		}
		if far && !b.keeps() {
			continue
		}
		row := b.cells(k)
		row.Far = far
		t.Columns = max(t.Columns, len(row.Cells), len(row.OldCells))
		t.Notes = append(t.Notes, row.Notes...)
		t.Rows = append(t.Rows, row)
		if t.In.Dir == "" || len(b.r.Rows[k].New) > 0 {
			t.In = row.In
		}
		if t.OldIn.Dir == "" || len(b.r.Rows[k].Old) > 0 {
			t.OldIn = row.OldIn
		}
	}
	t.Wide = t.Columns > manyColumns
	return t
}

// head reports whether a row is one of headers.
func (b *redliner) head(at diff.Row) bool {
	_, block := b.leading(at)
	return block != nil && block.Place != nil && block.Place.Header && block.Place.Row == 0
}

// cells makes row i as cells.
func (b *redliner) cells(i int) redRow {
	at := b.r.Rows[i]
	ch := b.r.Change(at.Change)
	row := b.tag(i, at, ch)
	b.old.begin(at.Old, false)
	b.new.begin(at.New, false)
	if ch != nil && ch.Op == diff.Moved && len(at.New) > 0 {
		b.old.begin(ch.OldBlocks, true)
	}
	row.In, row.OldIn = b.new.tongue(), b.old.tongue()
	edits := b.edits(at, ch)
	show := b.new
	if len(at.New) == 0 {
		show, row.In = b.old, row.OldIn
	}
	for k := range show.blocks {
		row.Cells = append(row.Cells, redCell{show.header(k), b.runs(i, b.within(edits, k), ch)})
	}
	if b.sides() && !b.old.mute {
		for k := range b.old.blocks {
			row.OldCells = append(row.OldCells, redCell{b.old.header(k), b.oldRuns(b.old.part(edits, k), ch)})
		}
	}
	row.Notes = b.notes[i]
	if n := len(row.Cells); n > 0 {
		row.Cells[n-1].Runs = lateRefs(row.Cells[n-1].Runs, row.Notes)
	}
	return row
}

// part are the edits of an old cell.
func (s *redSide) part(edits []diff.Edit, k int) []diff.Edit {
	var out []diff.Edit
	cell := s.spans[s.blocks[k]]
	for _, e := range edits {
		if e.Op == diff.Insert {
			continue
		}
		if e.Old = meet(e.Old, cell); e.Old.Len() > 0 {
			out = append(out, e)
		}
	}
	return out
}

// within are the edits of cell k of the row: what stands in it now, and what was deleted there.
func (b *redliner) within(edits []diff.Edit, k int) []diff.Edit {
	if len(b.new.blocks) == 0 {
		return b.old.part(edits, k)
	}
	var out []diff.Edit
	cell := b.new.spans[b.new.blocks[k]]
	like := len(b.old.blocks) == len(b.new.blocks)
	for _, e := range edits {
		switch {
		case e.Op != diff.Delete:
			is := meet(e.New, cell)
			if is.Len() <= 0 {
				continue
			}
			if e.Op == diff.Equal {
				if e.Old.Len() == e.New.Len() {
					e.Old = is.Shift(e.Old.Start - e.New.Start)
				} else if is != e.New {
					e.Old = snapshots.Span{}
				}
			}
			e.New = is
		case like:
			if e.Old = meet(e.Old, b.old.spans[b.old.blocks[k]]); e.Old.Len() <= 0 {
				continue
			}
		case e.New.Start < cell.Start || e.New.Start > cell.End:
			continue
		}
		out = append(out, e)
	}
	return out
}

// meet is what two spans share.
func meet(a, b snapshots.Span) snapshots.Span {
	return snapshots.Span{Start: max(a.Start, b.Start), End: min(a.End, b.End)}
}
