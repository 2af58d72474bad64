package report

// Tables of a redline in HTML: consecutive rows of cells.

import (
	"slices"

	"github.com/drittland/drittland/diff"
	"github.com/drittland/drittland/snapshots"
)

// manyColumns is how many columns a table has that may have to scroll.
const manyColumns = 5

// A redTable is a table: its lines in one text, and those of the old one.
type redTable struct {
	Lines     []redLine
	Columns   int
	Wide      bool // it may have to scroll
	HasOld    bool // the old side is written
	Notes     []*redNote
	In, OldIn redTongue
}

// A redLine is a row of a table: the cells of one or more rows of the redline.
type redLine struct {
	Tags  []redRow
	Cells []redCell
	Old   []redCell
	Far   bool
	Skip  int // the line is a gap of so many
}

// A redCell is a cell of a table.
type redCell struct {
	ID      string // "" if nothing leads there
	Header  bool
	Changed bool
	Runs    []redRun
}

// tableEnd is the row behind the table that begins at row i; i if none does.
func tableEnd(r *diff.Redline, i int) int {
	old, new := -1, -1
	for k := i; k < len(r.Rows); k++ {
		at := r.Rows[k]
		was, is := tableOf(r.Old, at.Old), tableOf(r.New, at.New)
		if kind(r, at) != snapshots.Cell || len(at.Old) > 0 && was < 0 || len(at.New) > 0 && is < 0 || len(at.New) == 0 && was < 0 ||
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
	return len(r.Rows)
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
	lines := tableLines(b.r, i, end)
	near := slices.ContainsFunc(lines, b.near)
	gap := -1
	for _, rows := range lines {
		far := near && !b.near(rows) && !b.head(b.r.Rows[rows[0]])
		switch {
		case !far:
			gap = -1
		case gap >= 0:
			t.Lines[gap].Skip++
		case !b.o.Fixed || !b.o.All:
			gap = len(t.Lines)
			t.Lines = append(t.Lines, redLine{Skip: 1})
		}
		if far && !b.keeps() {
			continue
		}
		line := redLine{Far: far}
		for _, k := range rows {
			t.add(&line, b.cells(k))
		}
		t.Columns = max(t.Columns, len(line.Cells), len(line.Old))
		t.Lines = append(t.Lines, line)
	}
	t.Wide = t.Columns > manyColumns
	return t
}

// add adds the cells of a row to a line.
func (t *redTable) add(line *redLine, row redRow) {
	if row.Tag != "" {
		line.Tags = append(line.Tags, row)
	}
	if row.ID != "" && len(row.Cells) > 0 {
		row.Cells[0].ID = row.ID
	}
	line.Cells, line.Old = append(line.Cells, row.Cells...), append(line.Old, row.OldCells...)
	t.Notes = append(t.Notes, row.Notes...)
	if t.In.Dir == "" {
		t.In, t.OldIn = row.In, row.OldIn
	}
}

// tableLines are rows i to end, those of which the cells stand in one row of the table together.
func tableLines(r *diff.Redline, i, end int) [][]int {
	var out [][]int
	old, new := -1, -1
	for k := i; k < end; k++ {
		was, is := rowOf(r.Old, r.Rows[k].Old), rowOf(r.New, r.Rows[k].New)
		if is >= 0 && is == new || is < 0 && was >= 0 && was == old {
			out[len(out)-1] = append(out[len(out)-1], k)
		} else {
			out = append(out, []int{k})
			old, new = -1, -1
		}
		if is >= 0 {
			new = is
		}
		if was >= 0 {
			old = was
		}
	}
	return out
}

// rowOf is the row in which the first of some cells stands, -1 if there is none.
func rowOf(d *snapshots.Document, blocks []int) int {
	if len(blocks) == 0 || d.Blocks[blocks[0]].Place == nil {
		return -1
	}
	return d.Blocks[blocks[0]].Place.Row
}

// near reports whether one of some rows is shown.
func (b *redliner) near(rows []int) bool {
	return slices.ContainsFunc(rows, func(k int) bool { return b.shown[k] })
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
		row.Cells = append(row.Cells, redCell{Header: show.header(k), Changed: ch != nil, Runs: b.runs(i, b.within(edits, k), ch)})
	}
	if b.sides() && !b.old.mute {
		for k := range b.old.blocks {
			row.OldCells = append(row.OldCells, redCell{Header: b.old.header(k), Changed: ch != nil, Runs: b.oldRuns(b.old.part(edits, k), ch)})
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
