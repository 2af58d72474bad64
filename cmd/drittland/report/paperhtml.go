package report

// Papers as one self-contained HTML page, for printing.

import (
	"encoding/base64"
	"html/template"
	"io"
	"strings"

	"github.com/drittland/drittland/cmd/drittland/locale"
)

// paperPage is a paper as the template shows it.
type paperPage struct {
	Lang, Title string
	CSS         template.CSS
	Paper       *Paper
	Pictures    []template.URL
}

// PaperHTML writes a paper as one page, and behind it pictures (PNG), each on a leaf of its own.
func PaperHTML(w io.Writer, p *Paper, pictures ...[]byte) error {
	x := paperPage{Lang: p.Language, Title: Line(p.Title), CSS: style(), Paper: p}
	for _, b := range pictures {
		x.Pictures = append(x.Pictures, template.URL("data:image/png;base64,"+base64.StdEncoding.EncodeToString(b)))
	}
	return templates(locale.For(p.Language)).ExecuteTemplate(w, "paper.html", x)
}

// A htmlRun is a run as the template shows it.
type htmlRun struct {
	Kind RunKind
	Text string
	URL  string // "" if it leads nowhere
}

// Word makes the head of a column safe to show.
func (p *Paper) Word(s string) string { return Line(s) }

// Show makes runs safe to show.
func (p *Paper) Show(runs []Run) []htmlRun {
	out := make([]htmlRun, 0, len(runs))
	for _, r := range runs {
		x := htmlRun{Kind: r.Kind, Text: spaced(r.Text, Line)}
		switch r.Kind {
		case Fill, Check:
			x.Text = p.mark(r)
		case Web:
			x.URL = web(r.Text)
		case Code:
			x.Text = strings.TrimSpace(x.Text)
		}
		out = append(out, x)
	}
	return out
}
