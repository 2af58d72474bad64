package extract

// This file reads PDF files that name the structure of their text, as most writers of text make them today.

import (
	"slices"
	"strings"

	"github.com/drittland/drittland/fetch/extract/pdf"
	"github.com/drittland/drittland/snapshots"
)

// tagged reports whether the file names the structure of nearly all of its text.
func (r *pdfReader) tagged() bool {
	if len(r.doc.Tree) == 0 {
		return false
	}
	named := map[[2]int]bool{}
	var walk func(list []pdf.Element)
	walk = func(list []pdf.Element) {
		for _, e := range list {
			if e.Kind == "" {
				named[[2]int{e.Page, e.Mark}] = true
			}
			r.heading = r.heading || headingOf(e.Kind) > 0
			walk(e.Kids)
		}
	}
	walk(r.doc.Tree)
	letters, covered := 0, 0
	for n := range r.doc.Pages {
		for _, p := range r.doc.Pages[n].Pieces {
			if p.Artifact {
				continue
			}
			letters += len(p.Text)
			if named[[2]int{n, p.Mark}] {
				covered += len(p.Text)
			}
		}
	}
	return letters > 0 && covered*100 >= letters*minTagged
}

func headingOf(kind string) int {
	switch {
	case kind == "H", kind == "Title":
		return 1
	case len(kind) == 2 && kind[0] == 'H' && '1' <= kind[1] && kind[1] <= '6':
		return int(kind[1] - '0')
	}
	return 0
}

func (r *pdfReader) elements(list []pdf.Element) {
	for i := range list {
		if r.b.full {
			return
		}
		r.element(&list[i])
	}
}

func (r *pdfReader) element(e *pdf.Element) {
	if level := headingOf(e.Kind); level > 0 && !r.single {
		r.end()
		r.elements(e.Kids)
		r.flush(shape{kind: snapshots.Heading, level: level})
		return
	}
	switch e.Kind {
	case "":
		at := [2]int{e.Page, e.Mark}
		for _, i := range r.marks[at] {
			r.write(&r.doc.Pages[e.Page].Pieces[i])
		}
		delete(r.marks, at) // nothing is read twice
	case "Artifact", "Lbl": // the number or bullet of an item, which a list has without being told
		if e.Kind == "Lbl" && r.item == 0 {
			r.elements(e.Kids)
		}
	case "L":
		r.end()
		r.depth++
		r.elements(e.Kids)
		r.end()
		r.depth--
	case "LI":
		r.end()
		r.item = max(r.depth, 1)
		r.elements(e.Kids)
		r.end()
		r.item = 0
	case "Table":
		r.table(e)
	case "Span", "Link", "Quote", "Reference", "BibEntry", "Code", "Annot", "Ruby", "Warichu", "NonStruct", "LBody", "Em", "Strong", "Sub", "FENote":
		r.elements(e.Kids)
	case "TOCI":
		r.end()
		r.elements(e.Kids)
		r.dropLeader()
		r.end()
	default:
		r.end()
		r.elements(e.Kids)
		if level := r.looksHeading(); level > 0 {
			r.flush(shape{kind: snapshots.Heading, level: level})
			return
		}
		r.end()
	}
}

// looksHeading is the level of what was written if it is a heading by its size only: in files that name no
// headings, and of the title.
func (r *pdfReader) looksHeading() int {
	if r.single || r.item > 0 || r.last == nil || r.last.Size < 1.15*r.body || len(r.b.run.text) > 200 {
		return 0
	}
	if r.heading { // but for the title, which some writers keep apart
		if len(r.b.doc.Blocks) == 0 && r.last.Size >= 1.4*r.body {
			return 1
		}
		return 0
	}
	if r.levels == nil {
		r.levels = r.headingLevels(func(each func(size float64)) {
			for n := range r.doc.Pages {
				for _, p := range r.doc.Pages[n].Pieces {
					each(p.Size)
				}
			}
		})
	}
	return r.levels[sizeKey(r.last.Size)]
}

// headingLevels gives each size of type above that of the body its level, the largest first.
func (r *pdfReader) headingLevels(all func(func(size float64))) map[int]int {
	sizes := map[int]bool{}
	all(func(size float64) {
		if size >= 1.1*r.body {
			sizes[sizeKey(size)] = true
		}
	})
	order := make([]int, 0, len(sizes))
	for s := range sizes {
		order = append(order, s)
	}
	slices.Sort(order)
	slices.Reverse(order)
	levels := map[int]int{}
	level := 0
	for i, s := range order {
		if i == 0 || order[i-1]-s > 1 { // sizes that differ by half a point are one
			level++
		}
		levels[s] = min(level, 6)
	}
	return levels
}

// dropLeader takes the dots and the page number off a line of a table of contents.
func (r *pdfReader) dropLeader() {
	tail := r.b.run.text[max(0, len(r.b.run.text)-300):]
	if m := leader().FindIndex(tail); m != nil {
		r.b.run.shorten(len(tail) - m[0])
	}
}

// table reads a table into cells.
func (r *pdfReader) table(e *pdf.Element) {
	r.end()
	if r.single { // within a cell
		for i := range e.Kids {
			r.elements(e.Kids[i].Kids)
		}
		r.end()
		return
	}
	var rows [][]*cell
	var find func(list []pdf.Element, head bool)
	find = func(list []pdf.Element, head bool) {
		for i := range list {
			switch k := &list[i]; k.Kind {
			case "TR":
				var row []*cell
				for j := range k.Kids {
					if c := &k.Kids[j]; strings.HasPrefix(c.Kind, "T") {
						row = append(row, r.cell(c, head || c.Kind == "TH"))
					}
				}
				rows = append(rows, row)
			case "Caption":
				r.element(k)
			default:
				find(k.Kids, k.Kind == "THead")
			}
		}
	}
	find(e.Kids, false)
	r.b.table(rows)
}

// cell reads what one cell holds into a run of its own.
func (r *pdfReader) cell(e *pdf.Element, header bool) *cell {
	text := r.inCell(func() { r.elements(e.Kids) })
	return &cell{rows: min(e.Rows, 65534), columns: min(e.Columns, maxColumns), header: header, run: text}
}

// inCell gives the run that fill writes.
func (r *pdfReader) inCell(fill func()) run {
	outer, item := r.b.run, r.item
	r.b.run = run{flat: true}
	r.single, r.item = true, 0
	fill()
	r.stop()
	text := r.b.run
	for i := range text.open {
		text.settle(i)
	}
	r.b.run, r.single, r.item = outer, false, item
	return text
}
