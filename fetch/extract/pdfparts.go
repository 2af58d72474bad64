package extract

// This file makes blocks of the boxes of a PDF: tables where boxes stand side by side in rows, headings, lists.

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/drittland/drittland/snapshots"
)

// A part is a box, or a table of them.
type part struct {
	box  *box
	rows [][]*box // each from left to right
	page int
}

const (
	columnGap = 4   // points at least between two columns
	maxCells  = 50  // in a row of a PDF
	tallRow   = 0.4 // of a page: side by side so high are columns of text, not cells
)

// partsOf finds the tables among the boxes of a page.
func partsOf(list []*box, height float64) []part {
	var rows [][]*box
	for _, b := range list {
		if n := len(rows); n > 0 && besides(rows[n-1], b, height) {
			rows[n-1] = append(rows[n-1], b)
			continue
		}
		rows = append(rows, []*box{b})
	}
	var out []part
	for i := 0; i < len(rows); {
		j := tableEnd(rows, i)
		if j-i >= 2 {
			out = append(out, part{rows: rows[i:j], page: rows[i][0].first().page})
			i = j
			continue
		}
		for _, b := range rows[i] {
			out = append(out, part{box: b, page: b.first().page})
		}
		i++
	}
	return out
}

// besides reports whether b is the next cell of a row, or the next paragraph of the row's last cell.
func besides(row []*box, b *box, height float64) bool {
	l := row[len(row)-1]
	if len(row) >= maxCells || b.first().page != l.first().page || b.top()-b.bottom() > tallRow*height || l.top()-l.bottom() > tallRow*height {
		return false
	}
	return !leader().MatchString(b.text()) && b.x0 >= l.x1+columnGap && b.top() > l.bottom() && l.top() > b.bottom()
}

// tableEnd is the row after the table that begins with row i: two rows or more with several cells whose columns fit.
func tableEnd(rows [][]*box, i int) int {
	end, wide := i, 0
	var columns []*box
	for ; end < len(rows); end++ {
		row := rows[end]
		if end > i && (row[0].top() > rows[end-1][0].top() || !fits(columns, row) || len(columns) > 2*maxCells) {
			break
		}
		if len(row) == 1 {
			if end == i || wide == 0 || !inColumn(columns, row[0]) || row[0].bullet {
				break
			}
		} else {
			wide++
		}
		for _, b := range row {
			columns = widen(columns, b)
		}
	}
	for end > i && len(rows[end-1]) == 1 && wide < 2 {
		end--
	}
	if wide < 2 {
		return i
	}
	return end
}

// fits reports whether no box of row stands in two columns.
func fits(columns, row []*box) bool {
	for _, b := range row {
		n := 0
		for _, c := range columns {
			if b.x0 < c.x1 && c.x0 < b.x1 {
				n++
			}
		}
		if n > 1 {
			return false
		}
	}
	return true
}

// inColumn reports whether b begins where a column does, and is no wider than the table leaves it.
func inColumn(columns []*box, b *box) bool {
	for i, c := range columns {
		if math.Abs(b.x0-c.x0) < 3 {
			return i == len(columns)-1 || b.x1 < columns[i+1].x0
		}
	}
	return false
}

// widen enters b into the columns, which are in order from left to right.
func widen(columns []*box, b *box) []*box {
	for i, c := range columns {
		if b.x0 < c.x1 && c.x0 < b.x1 {
			c.x0, c.x1 = min(c.x0, b.x0), max(c.x1, b.x1)
			return columns
		}
		if b.x1 <= c.x0 {
			return append(columns[:i:i], append([]*box{{x0: b.x0, x1: b.x1}}, columns[i:]...)...)
		}
	}
	return append(columns, &box{x0: b.x0, x1: b.x1})
}

// joinPages appends the parts of a page; a paragraph or a table that goes on from the page before stays one.
func joinPages(parts, next []part) []part {
	if len(parts) == 0 || len(next) == 0 {
		return append(parts, next...)
	}
	last, first := &parts[len(parts)-1], next[0]
	switch {
	case last.rows != nil && first.rows != nil && len(last.rows[0]) == len(first.rows[0]) && math.Abs(last.rows[0][0].x0-first.rows[0][0].x0) < 20:
		rows := first.rows
		if rowText(rows[0]) == rowText(last.rows[0]) { // the header again
			rows = rows[1:]
		}
		last.rows = append(last.rows[:len(last.rows):len(last.rows)], rows...)
		return append(parts, next[1:]...)
	case last.box != nil && first.box != nil && last.box.goesOnIn(first.box):
		last.box.lines = append(last.box.lines, first.box.lines...)
		return append(parts, next[1:]...)
	}
	return append(parts, next...)
}

func rowText(row []*box) string {
	var out strings.Builder
	for _, b := range row {
		out.WriteString(b.text() + "\t")
	}
	return out.String()
}

func (b *box) text() string {
	var out strings.Builder
	for _, l := range b.lines {
		out.WriteString(l.text() + " ")
	}
	return strings.TrimSpace(out.String())
}

// goesOnIn reports whether next is the same paragraph on the next page.
func (b *box) goesOnIn(next *box) bool {
	l, f := b.last(), next.first()
	if next.bullet || math.Abs(l.size-f.size) > 0.08*f.size || l.bold != f.bold {
		return false
	}
	text := f.text()
	last, _ := utf8.DecodeLastRuneInString(l.text())
	first, _ := utf8.DecodeRuneInString(text)
	return !strings.ContainsRune(".:;!?", last) && !numberMark().MatchString(text) && (unicode.IsLower(first) || last == ',' || unicode.IsDigit(first) && l.x1-l.x0 > 10*l.size)
}

// emitParts makes the blocks.
func (r *pdfReader) emitParts(parts []part) {
	var indents []float64 // of the lists that are open
	for _, p := range parts {
		if r.b.full {
			return
		}
		if p.rows != nil {
			indents = nil
			r.emitRows(p.rows)
			continue
		}
		first := p.box.first()
		level := 0
		if len(p.box.lines) <= 4 && first.size >= 1.1*r.body {
			level = r.levels[sizeKey(first.size)]
		}
		item := level == 0 && (p.box.bullet || numberMark().MatchString(first.text()) && !first.bold)
		switch {
		case level > 0 && len(p.box.text()) <= 200:
			indents = nil
			r.writeBox(p.box)
			r.flush(shape{kind: snapshots.Heading, level: level})
		case item:
			indents = indent(indents, first.x0)
			r.writeBox(p.box)
			r.flush(shape{kind: snapshots.Item, level: len(indents)})
		default:
			if len(indents) > 0 && first.x0 < indents[0]+1 {
				indents = nil
			}
			r.writeBox(p.box)
			r.flush(paragraph)
		}
	}
}

// indent is the stack of the places where the open lists begin, after an item at x.
func indent(open []float64, x float64) []float64 {
	for len(open) > 0 && x < open[len(open)-1]-5 {
		open = open[:len(open)-1]
	}
	if len(open) == 0 || x > open[len(open)-1]+5 && len(open) < 12 {
		open = append(open, x)
	}
	return open
}

func (r *pdfReader) writeBox(b *box) {
	for _, l := range b.lines {
		for _, p := range l.pieces {
			r.write(p)
		}
		r.dropLeader()
	}
}

// emitRows makes the cells of a table.
func (r *pdfReader) emitRows(rows [][]*box) {
	var columns []*box
	for _, row := range rows {
		for _, b := range row {
			columns = widen(columns, b)
		}
	}
	var table [][]*cell
	for _, row := range rows {
		cells := make([]*cell, len(columns))
		for i, c := range columns {
			cells[i] = &cell{rows: 1, columns: 1, run: r.inCell(func() {
				for _, b := range row {
					if b.x0 < c.x1 && c.x0 < b.x1 {
						r.writeBox(b)
					}
				}
			})}
		}
		table = append(table, cells)
	}
	r.b.table(table)
}
