package extract

// This file reads the tables of DOCX.

import "strconv"

// table reads a table into cells; one that only lays out a page into the blocks within it.
func (r *docxReader) table(n *node) {
	rows, headers := docxRows(n)
	if r.single || isLayout(rows) {
		for _, row := range rows {
			for _, c := range row {
				r.blocks(c)
			}
		}
		return
	}
	r.b.flush(paragraph)
	look := n.get("tblPr", "tblLook")
	styled := r.style(n.get("tblPr", "tblStyle").attr("val")).header && look.attr("firstRow") != "0"
	var table [][]*cell
	above := map[int]*cell{} // by column
	total := 0
	for i, row := range rows {
		header := i == 0 && styled || headers[i]
		var cells []*cell
		column := 0
		for _, c := range row {
			if total++; total > r.b.max {
				r.b.full = true
				return
			}
			span := spanAttr(c.get("tcPr", "gridSpan").attr("val"))
			merge := c.get("tcPr", "vMerge")
			if up := above[column]; merge != nil && merge.attr("val") != "restart" && up != nil {
				up.rows++
				column += span
				continue
			}
			text := &cell{rows: 1, columns: span, header: header, run: r.cellRun(c)}
			cells = append(cells, text)
			above[column] = text
			column += span
		}
		table = append(table, cells)
	}
	r.b.table(table)
}

func spanAttr(v string) int {
	n, err := strconv.Atoi(v)
	if err != nil {
		return 1
	}
	return min(max(n, 1), maxColumns)
}

// docxRows are the cells of each row, without rows that were deleted, and whether it is marked as one that each page repeats.
func docxRows(table *node) (rows [][]*node, headers []bool) {
	var walk func(n *node, depth int)
	walk = func(n *node, depth int) {
		for _, k := range n.kids {
			switch {
			case k.name == "tr" && k.get("trPr", "del") == nil:
				rows, headers = append(rows, docxCells(k, 0)), append(headers, k.get("trPr", "tblHeader").isOn())
			case (k.name == "sdt" || k.name == "sdtContent" || k.name == "customXml") && depth < 20:
				walk(k, depth+1)
			}
		}
	}
	walk(table, 0)
	return rows, headers
}

func docxCells(row *node, depth int) []*node {
	var cells []*node
	for _, k := range row.kids {
		switch {
		case k.name == "tc":
			cells = append(cells, k)
		case (k.name == "sdt" || k.name == "sdtContent" || k.name == "customXml") && depth < 20:
			cells = append(cells, docxCells(k, depth+1)...)
		}
	}
	return cells
}

// cellRun reads what one cell holds into a run of its own.
func (r *docxReader) cellRun(c *node) run {
	outer := r.b.run
	r.b.run = run{flat: true}
	r.single = true
	r.blocks(c)
	r.single = false
	text := r.b.run
	for i := range text.open {
		text.settle(i)
	}
	text.open = nil
	r.b.run = outer
	return text
}
