package docx

// This file writes the body: paragraphs, runs, tables. The order of the elements within w:pPr and w:rPr is that of the
// schema; Word refuses files with another.

import (
	"bytes"
	"fmt"
	"strings"
)

func (p Paragraph) write(d *Document) {
	b := &d.body
	b.WriteString(`<w:p>`)
	d.properties(&p)
	if p.Bookmark != "" {
		id := d.nextID()
		fmt.Fprintf(b, `<w:bookmarkStart w:id="%d" w:name="%s"/><w:bookmarkEnd w:id="%d"/>`, id, bookmark(p.Bookmark), id)
	}
	for i := range p.Runs {
		d.run(&p.Runs[i], p.RightToLeft)
	}
	b.WriteString(`</w:p>`)
}

// properties writes w:pPr.
func (d *Document) properties(p *Paragraph) {
	b := &d.body
	b.WriteString(`<w:pPr>`)
	d.look(p.Look, p.KeepNext, p.NewPage, p.RightToLeft)
	if p.Mark != nil {
		b.WriteString(`<w:rPr>`)
		d.open(p.Mark, "/")
		b.WriteString(`</w:rPr>`)
	}
	if p.Was != nil {
		fmt.Fprintf(b, `<w:pPrChange w:id="%d" w:author="%s"%s><w:pPr>`, d.nextID(), escape(Line(p.Was.Author)), date(p.Was.Date))
		d.look(p.Was.Look, false, false, p.RightToLeft)
		b.WriteString(`</w:pPr></w:pPrChange>`)
	}
	b.WriteString(`</w:pPr>`)
}

func (d *Document) look(l Look, keep, page, rtl bool) {
	b := &d.body
	if l.Style != Body {
		fmt.Fprintf(b, `<w:pStyle w:val="%s"/>`, escape(string(l.Style)))
	}
	if keep {
		b.WriteString(`<w:keepNext/>`)
	}
	if page {
		b.WriteString(`<w:pageBreakBefore/>`)
	}
	if l.List != NoList {
		fmt.Fprintf(b, `<w:numPr><w:ilvl w:val="%d"/><w:numId w:val="%d"/></w:numPr>`, min(max(l.Depth, 0), 8), l.List)
	}
	if rtl {
		b.WriteString(`<w:bidi/>`)
	}
}

// open writes the element of a revision, which end closes at once if it is "/".
func (d *Document) open(r *Revision, end string) {
	fmt.Fprintf(&d.body, `<w:%s w:id="%d" w:author="%s"%s%s>`, r.element(), d.nextID(), escape(Line(r.Author)), date(r.Date), end)
}

func (r *Revision) element() string {
	if r.Change == Deleted {
		return "del"
	}
	return "ins"
}

// run writes a run with what stands around it: the ends of comments, its revision, its link.
func (d *Document) run(r *Run, rtl bool) {
	b := &d.body
	for _, id := range r.Opens {
		if d.mark(d.opened, id, "opened") {
			fmt.Fprintf(b, `<w:commentRangeStart w:id="%d"/>`, id)
		}
	}
	around := func(write func()) {
		if r.Revision != nil {
			d.open(r.Revision, "")
			defer b.WriteString(`</w:` + r.Revision.element() + `>`)
		}
		write()
	}
	if r.Text != "" {
		end := d.link(r.Link)
		around(func() { writeRun(b, r, rtl) })
		b.WriteString(end)
	}
	for _, id := range r.Closes {
		if d.mark(d.closed, id, "closed") {
			fmt.Fprintf(b, `<w:commentRangeEnd w:id="%d"/>`, id)
			around(func() {
				fmt.Fprintf(b, `<w:r><w:rPr><w:rStyle w:val="CommentReference"/></w:rPr><w:commentReference w:id="%d"/></w:r>`, id)
			})
		}
	}
}

// mark notes that a comment was opened or closed.
func (d *Document) mark(done []bool, id int, what string) bool {
	if id < 0 || id >= len(done) || done[id] {
		d.fail(fmt.Errorf("docx: comment %d is %s twice or does not exist", id, what))
		return false
	}
	done[id] = true
	return true
}

// link opens a link and gives what closes it. Addresses that an office program should not open are left out.
func (d *Document) link(to string) string {
	name, within := strings.CutPrefix(to, "#")
	switch {
	case within:
		fmt.Fprintf(&d.body, `<w:hyperlink w:anchor="%s" w:history="1">`, bookmark(name))
		return `</w:hyperlink>`
	case !Linkable(to):
		return ""
	}
	id, ok := d.linkIDs[to]
	if !ok {
		if len(d.links) >= maxLinks {
			return ""
		}
		d.links = append(d.links, to)
		id = len(d.links)
		d.linkIDs[to] = id
	}
	fmt.Fprintf(&d.body, `<w:hyperlink r:id="link%d" w:history="1">`, id)
	return `</w:hyperlink>`
}

// writeRun writes w:r.
func writeRun(b *bytes.Buffer, r *Run, rtl bool) {
	b.WriteString(`<w:r>`)
	var p strings.Builder
	on := func(is bool, element string) {
		if is {
			p.WriteString(element)
		}
	}
	on(r.Link != "" && (r.Link[0] == '#' || Linkable(r.Link)), `<w:rStyle w:val="Hyperlink"/>`)
	on(r.Code, `<w:rFonts w:ascii="`+codeFont+`" w:hAnsi="`+codeFont+`" w:cs="`+codeFont+`"/>`)
	on(r.Bold, `<w:b/><w:bCs/>`)
	on(r.Italic, `<w:i/><w:iCs/>`)
	on(r.Code, `<w:sz w:val="17"/><w:szCs w:val="17"/>`)
	on(r.Highlight, `<w:highlight w:val="yellow"/>`)
	on(rtl, `<w:rtl/>`)
	on(r.Language != "", languageOf(r.Language))
	if p.Len() > 0 {
		b.WriteString(`<w:rPr>` + p.String() + `</w:rPr>`)
	}
	element := "w:t"
	if r.Revision != nil && r.Revision.Change == Deleted {
		element = "w:delText"
	}
	text := Clean(r.Text)
	for text != "" {
		i := strings.IndexAny(text, "\t\n")
		if i < 0 {
			i = len(text)
		}
		if i > 0 {
			b.WriteString(`<` + element + ` xml:space="preserve">` + escape(text[:i]) + `</` + element + `>`)
		}
		switch text = text[i:]; {
		case strings.HasPrefix(text, "\t"):
			b.WriteString(`<w:tab/>`)
		case text != "":
			b.WriteString(`<w:br/>`)
		}
		text = text[min(1, len(text)):]
	}
	b.WriteString(`</w:r>`)
}

func (t Table) write(d *Document) {
	n := len(t.Widths)
	if n == 0 || n > MaxColumns {
		d.fail(fmt.Errorf("docx: a table of %d columns; 1 to %d can be written", n, MaxColumns))
		return
	}
	total := 0
	for _, w := range t.Widths {
		total += max(w, 1)
	}
	b := &d.body
	b.WriteString(`<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="5000" w:type="pct"/><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>`)
	widths := make([]int, n)
	for i, w := range t.Widths {
		widths[i] = textWidth * max(w, 1) / total
		fmt.Fprintf(b, `<w:gridCol w:w="%d"/>`, widths[i])
	}
	b.WriteString(`</w:tblGrid>`)
	for i, row := range t.Rows {
		b.WriteString(`<w:tr><w:trPr><w:cantSplit/>`)
		if t.Header && i == 0 {
			b.WriteString(`<w:tblHeader/>`)
		}
		b.WriteString(`</w:trPr>`)
		for k := range n {
			fmt.Fprintf(b, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/>`, widths[k])
			if t.Header && i == 0 {
				b.WriteString(`<w:shd w:val="clear" w:color="auto" w:fill="EEF1F4"/>`)
			}
			b.WriteString(`</w:tcPr>`)
			var c Cell
			if k < len(row) {
				c = row[k]
			}
			if len(c) == 0 {
				c = Cell{{}}
			}
			for _, p := range c {
				p.write(d)
			}
			b.WriteString(`</w:tc>`)
		}
		b.WriteString(`</w:tr>`)
	}
	b.WriteString(`</w:tbl>`)
}

func (g Grid) write(d *Document) {
	if g.Columns <= 0 || g.Columns > MaxColumns {
		d.fail(fmt.Errorf("docx: a table of %d columns; 1 to %d can be written", g.Columns, MaxColumns))
		return
	}
	b := &d.body
	b.WriteString(`<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="5000" w:type="pct"/><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>`)
	width := textWidth / g.Columns
	for range g.Columns {
		fmt.Fprintf(b, `<w:gridCol w:w="%d"/>`, width)
	}
	b.WriteString(`</w:tblGrid>`)
	for _, row := range g.Rows {
		b.WriteString(`<w:tr>`)
		if row.Mark != nil {
			b.WriteString(`<w:trPr>`)
			d.open(row.Mark, "/")
			b.WriteString(`</w:trPr>`)
		}
		for k, c := range row.Cells[:min(len(row.Cells), g.Columns)] {
			wide := 1
			if k == len(row.Cells)-1 {
				wide = g.Columns - k
			}
			fmt.Fprintf(b, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/>`, width*wide)
			if wide > 1 {
				fmt.Fprintf(b, `<w:gridSpan w:val="%d"/>`, wide)
			}
			b.WriteString(`</w:tcPr>`)
			if len(c) == 0 {
				c = Cell{{}}
			}
			for _, p := range c {
				p.write(d)
			}
			b.WriteString(`</w:tc>`)
		}
		b.WriteString(`</w:tr>`)
	}
	b.WriteString(`</w:tbl>`)
}
