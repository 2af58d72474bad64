package extract

// This file reads tables: which of them hold data and which only lay out a page, and what stands in which place.

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/drittland/drittland/snapshots"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const (
	maxColumns = 1000 // as HTML has it
	longCell   = 400  // words beyond which a cell is part of a laid out page
)

// A cell is what one cell of a table holds and how many places it covers.
type cell struct {
	rows, columns int
	header        bool
	run           run
	anchor        string
}

func isTable(n *html.Node) bool {
	if n.DataAtom == atom.Table {
		return attr(n, "role") != "presentation" && attr(n, "role") != "none"
	}
	role := attr(n, "role")
	return role == "table" || role == "grid"
}

// isRow and isCell know the elements and the roles of the same meaning.
func isRow(n *html.Node) bool { return n.DataAtom == atom.Tr || attr(n, "role") == "row" }

func isCell(n *html.Node) bool {
	if n.DataAtom == atom.Td || n.DataAtom == atom.Th {
		return true
	}
	switch attr(n, "role") {
	case "cell", "gridcell", "columnheader", "rowheader":
		return true
	}
	return false
}

// table reads a table: as cells if it holds data, otherwise as the blocks within it.
func (w *walker) table(n *html.Node) {
	if w.single {
		w.children(n)
		w.end()
		return
	}
	rows := rowsOf(n)
	if !holdsData(rows) {
		w.children(n)
		w.end()
		return
	}
	for c := range n.Descendants() {
		if c.DataAtom == atom.Caption {
			w.block(c)
			break
		}
	}
	table := make([][]*cell, 0, len(rows))
	total := 0
	for _, row := range rows {
		var cells []*cell
		for _, c := range row {
			if total++; total > w.b.max {
				w.b.full = true
				return
			}
			cells = append(cells, w.cell(c))
		}
		table = append(table, cells)
	}
	w.b.table(table)
}

// rowsOf are the cells of each row of a table, without those of tables within it.
func rowsOf(table *html.Node) [][]*html.Node {
	var rows [][]*html.Node
	var find func(n *html.Node)
	find = func(n *html.Node) {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			switch {
			case c.Type != html.ElementNode || isTable(c):
			case isRow(c):
				var cells []*html.Node
				for d := c.FirstChild; d != nil; d = d.NextSibling {
					if d.Type == html.ElementNode && isCell(d) {
						cells = append(cells, d)
					}
				}
				rows = append(rows, cells)
			default:
				find(c)
			}
		}
	}
	find(table)
	return rows
}

// holdsData tells a table of data from one that lays out a page: data stand in two columns or more, and no cell
// holds a page's worth of text, headings or another table.
func holdsData(rows [][]*html.Node) bool {
	wide, headers := 0, false
	for _, row := range rows {
		filled := 0
		for _, c := range row {
			if c.DataAtom == atom.Th {
				headers = true
			}
			words := 0
			for d := range c.Descendants() {
				if d.Type == html.TextNode {
					words += wordCount(d.Data)
				} else if d.DataAtom == atom.Table || d.DataAtom == atom.H1 || d.DataAtom == atom.H2 {
					return headers && d.DataAtom != atom.Table
				}
			}
			if words > 0 {
				filled++
			}
			if words > longCell && !headers && len(rows) < 3 {
				return false
			}
		}
		if filled > 1 {
			wide++
		}
	}
	return wide > 0
}

// cell reads what one cell holds into a run of its own.
func (w *walker) cell(n *html.Node) *cell {
	b := w.b
	outer := b.run
	b.run = run{flat: true}
	inner := walker{b: b, page: w.page, single: true}
	b.mark(attr(n, "id"))
	inner.children(n)
	c := &cell{rows: spanOf(n, "rowspan", 65534), columns: spanOf(n, "colspan", maxColumns), run: b.run, anchor: b.anchor}
	role := attr(n, "role")
	c.header = n.DataAtom == atom.Th || role == "columnheader" || role == "rowheader" || n.Parent.Parent != nil && n.Parent.Parent.DataAtom == atom.Thead
	b.run, b.anchor = outer, ""
	return c
}

// spanOf is how many rows or columns a cell covers; 0 rows mean all that are left.
func spanOf(n *html.Node, key string, most int) int {
	v := attr(n, key)
	if v == "" {
		return 1
	}
	i, err := strconv.Atoi(v)
	switch {
	case err != nil && len(v) > 6 && v[0] >= '0' && v[0] <= '9':
		return most
	case err != nil || i < 0:
		return 1
	case i == 0:
		if key == "rowspan" {
			return most
		}
		return 1
	}
	return min(i, most)
}

// table appends the cells row by row, each in every place that it covers. Empty cells have a place but no block.
func (b *builder) table(rows [][]*cell) {
	markHeaderRow(rows)
	var above []held // by column
	before := len(b.doc.Blocks)
	for r, row := range rows {
		next, column, first := 0, 0, true
		for ; column < len(above) || next < len(row); column++ {
			var c *cell
			repeated := column < len(above) && above[column].left > 0 && !b.cut
			if repeated {
				c = above[column].cell
				above[column].left--
			} else if next < len(row) {
				c = row[next]
				next++
				above = b.hold(above, c, column, len(rows)-r)
			}
			if repeated && !b.afford(c) {
				continue
			}
			if c != nil && b.emitCell(c, snapshots.Place{Table: b.tables, Row: r, Column: column, Header: c.header}, first, repeated) {
				first = false
			}
			if b.full {
				return
			}
		}
		for len(above) > 0 && (above[len(above)-1].left == 0 || b.cut) {
			above = above[:len(above)-1]
		}
	}
	if len(b.doc.Blocks) > before {
		b.tables++
	}
}

// held is a cell that covers its column in this row or in rows to come.
type held struct {
	*cell
	left int // places that it still covers
}

// hold remembers the places that c covers beyond its own, in the rows that are left.
func (b *builder) hold(above []held, c *cell, column, rows int) []held {
	if b.cut {
		return above
	}
	for i := range c.columns {
		left := min(c.rows, rows)
		if i == 0 {
			left-- // its own place
		}
		if left == 0 {
			continue
		}
		for len(above) <= column+i {
			above = append(above, held{})
		}
		above[column+i] = held{c, left}
	}
	return above
}

// afford reports whether c, if it has text, may be repeated once more: repeats have a budget, so that a small page
// cannot become a huge document. When it is spent, spans count no more.
func (b *builder) afford(c *cell) bool {
	b.spare -= len(c.run.text) + 32
	b.cut = b.spare < 0
	return !b.cut && len(c.run.text) > 0
}

// emitCell appends one cell in one place.
func (b *builder) emitCell(c *cell, at snapshots.Place, first, repeated bool) bool {
	b.anchor = ""
	if !repeated {
		b.anchor = c.anchor
	}
	before := len(b.doc.Blocks)
	b.emit(shape{kind: snapshots.Cell, place: &at, sameRow: !first}, &c.run, snapshots.Span{End: len(c.run.text)})
	b.anchor = ""
	return len(b.doc.Blocks) > before
}

// markHeaderRow takes the first row with text for the header if the source marks none and it is bold all over.
func markHeaderRow(rows [][]*cell) {
	filled := func(c *cell) bool { return len(bytes.TrimSpace(c.run.text)) > 0 }
	for _, row := range rows {
		if slices.ContainsFunc(row, func(c *cell) bool { return c.header && filled(c) }) {
			return
		}
	}
	for i, row := range rows {
		if !slices.ContainsFunc(row, filled) {
			continue
		}
		for _, c := range row {
			if filled(c) && !c.run.isBold(snapshots.Span{End: len(c.run.text)}) {
				return
			}
		}
		for _, c := range row {
			c.header = i < len(rows)-1
		}
		return
	}
}
