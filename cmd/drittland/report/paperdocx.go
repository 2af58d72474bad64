package report

// Papers as Word documents.

import (
	"io"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report/docx"
)

// PaperDOCX writes a paper as a Word document. What is to be filled in or checked is highlighted.
func PaperDOCX(w io.Writer, p *Paper) error {
	d := docx.New(docx.Properties{Title: Line(p.Title), Language: p.Language, Footer: Line(p.Title), Pages: locale.For(p.Language).T("Page %s of %s")})
	d.Text(docx.Title, Line(p.Title))
	for i := range p.Parts {
		p.docxPart(d, &p.Parts[i])
	}
	return d.Write(w)
}

func (p *Paper) docxPart(d *docx.Document, x *Part) {
	add := func(s docx.Style, runs []Run) {
		d.Add(docx.Paragraph{Look: docx.Look{Style: s}, Runs: p.docxRuns(runs)})
	}
	switch x.Kind {
	case PartHeading:
		add(docx.Heading(x.Level), x.Runs)
	case PartParagraph:
		add(docx.Body, x.Runs)
	case PartList:
		for _, item := range x.Items {
			d.Item(docx.Bullets, 0, p.docxRuns(item)...)
		}
	case PartQuote:
		add(docx.Quote, x.Runs)
		if len(x.Source) > 0 {
			add(docx.Small, append([]Run{{Text: "— "}}, x.Source...))
		}
	case PartTable:
		d.Add(p.docxTable(x))
	}
}

func (p *Paper) docxTable(x *Part) docx.Table {
	t := docx.Table{Header: len(x.Head) > 0, Widths: make([]int, len(x.Head))}
	var head []docx.Cell
	for i, h := range x.Head {
		t.Widths[i] = 1
		head = append(head, docx.Cell{{Look: docx.Look{Style: docx.TableText}, Runs: []docx.Run{{Text: Line(h), Bold: true}}}})
	}
	if t.Header {
		t.Rows = append(t.Rows, head)
	}
	for _, row := range x.Rows {
		var cells []docx.Cell
		for _, c := range row {
			cells = append(cells, docx.Cell{{Look: docx.Look{Style: docx.TableText}, Runs: p.docxRuns(c)}})
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

func (p *Paper) docxRuns(runs []Run) []docx.Run {
	var out []docx.Run
	for _, r := range runs {
		x := docx.Run{Text: spaced(r.Text, Line)}
		switch r.Kind {
		case Strong:
			x.Bold = true
		case Code:
			x.Code = true
		case Web:
			x.Link = web(r.Text)
		case Fill, Check:
			x.Text, x.Bold, x.Highlight = p.mark(r), true, true
		}
		out = append(out, x)
	}
	return out
}
