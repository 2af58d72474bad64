package report

// Tables in the redline as tracked changes. A row whose cells correspond stands, with the changes within them; any other
// row is deleted as a whole and inserted as a whole, since office programs do not track single cells.

import (
	"github.com/drittland/drittland/cmd/drittland/report/docx"
	"github.com/drittland/drittland/diff"
)

// table writes rows i to end of the redline as a table; false if it has more columns than a table may have.
func (t *tracker) table(i, end int) bool {
	lines := tableLines(t.r, i, end)
	columns := 0
	for _, rows := range lines {
		old, new := t.blocksOf(rows)
		columns = max(columns, len(old), len(new))
	}
	if columns == 0 || columns > docx.MaxColumns {
		return false
	}
	if t.tables { // which would be one with this table
		t.d.Text(docx.FrontSmall, "")
	}
	t.tables = true
	out := docx.Grid{Columns: columns}
	for _, rows := range lines {
		old, new := t.blocksOf(rows)
		switch {
		case len(old) == 0 || len(new) == 0:
			out.Rows = append(out.Rows, t.lone(rows, len(new) > 0))
		case t.pairs(rows):
			t.cells = &docx.Row{}
			for _, k := range rows {
				t.row(t.r.Rows[k])
			}
			out.Rows = append(out.Rows, *t.cells)
		default:
			out.Rows = append(out.Rows, t.replaced(rows, old, nil), t.replaced(rows, nil, new))
		}
		t.cells = nil
	}
	t.d.Add(out)
	return true
}

// blocksOf are the cells of some rows in both texts.
func (t *tracker) blocksOf(rows []int) (old, new []int) {
	for _, k := range rows {
		old, new = append(old, t.r.Rows[k].Old...), append(new, t.r.Rows[k].New...)
	}
	return old, new
}

// lone writes a row that stands in one text only: in the new one or not.
func (t *tracker) lone(rows []int, stands bool) docx.Row {
	t.cells = &docx.Row{}
	for _, k := range rows {
		t.row(t.r.Rows[k])
	}
	author := editor
	if ch := t.r.Change(t.r.Rows[rows[0]].Change); ch != nil && ch.Op == diff.Moved {
		author = mover
	}
	t.cells.Mark = t.revision(docx.Inserted, author)
	if !stands {
		t.cells.Mark = t.revision(docx.Deleted, author)
	}
	return *t.cells
}

// replaced writes one side of rows that are replaced as a whole.
func (t *tracker) replaced(rows, old, new []int) docx.Row {
	t.cells = &docx.Row{}
	t.old.blocks, t.old.at, t.new.blocks, t.new.at = old, 0, new, 0
	if len(old) > 0 {
		t.edits([]diff.Edit{{Op: diff.Delete, Old: t.old.over()}}, false)
		t.cells.Mark = t.revision(docx.Deleted, editor)
		return *t.cells
	}
	for _, k := range rows {
		if n := t.r.Rows[k].Change; n != 0 && t.bookmark == "" {
			t.bookmark = changeName(n)
		}
	}
	t.edits([]diff.Edit{{Op: diff.Insert, New: t.new.over()}}, false)
	t.cells.Mark = t.revision(docx.Inserted, editor)
	return *t.cells
}

// pairs reports whether the cells of some rows correspond one by one, and no edit goes from one cell to another.
func (t *tracker) pairs(rows []int) bool {
	old, new := t.blocksOf(rows)
	if len(old) != len(new) {
		return false
	}
	for k := range old {
		was, is, first, begins := t.r.Old.Blocks[old[k]].Place, t.r.New.Blocks[new[k]].Place, t.r.Old.Blocks[old[0]].Place, t.r.New.Blocks[new[0]].Place
		if was == nil || is == nil || was.Column != is.Column || was.Row != first.Row || is.Row != begins.Row {
			return false
		}
	}
	for _, k := range rows {
		row := t.r.Rows[k]
		if len(row.Old) != len(row.New) {
			return false
		}
		ch := t.r.Change(row.Change)
		if ch == nil {
			continue
		}
		if ch.Op == diff.Moved {
			return false
		}
		for _, e := range ch.Words {
			if !t.within(e, row) {
				return false
			}
		}
	}
	return true
}

// within reports whether an edit keeps to corresponding cells.
func (t *tracker) within(e diff.Edit, row diff.Row) bool {
	for k := range row.Old {
		was, is := t.old.spans[row.Old[k]], t.new.spans[row.New[k]]
		a, b := meet(e.Old, was), meet(e.New, is)
		switch e.Op {
		case diff.Equal:
			if max(a.Len(), 0) != max(b.Len(), 0) || a.Len() > 0 && a.Start-e.Old.Start != b.Start-e.New.Start {
				return false
			}
		case diff.Delete:
			if a == e.Old && e.New.Start >= is.Start && e.New.Start <= is.End {
				return true
			}
		default:
			if b == e.New && e.Old.Start >= was.Start && e.Old.Start <= was.End {
				return true
			}
		}
	}
	return e.Op == diff.Equal
}
