package report

// HTML: one self-contained page without scripts, readable without colour, printable.

import (
	"embed"
	"html/template"
	"io"
	"sync"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
)

//go:embed page
var pages embed.FS

var parsed sync.Map // language → *template.Template

// templates are the pages with their words in one language.
func templates(l *locale.Words) *template.Template {
	if t, ok := parsed.Load(l.Language()); ok {
		return t.(*template.Template)
	}
	t := template.Must(template.New("").Funcs(template.FuncMap{"web": web, "t": l.T, "f": l.F, "n": l.N, "number": l.Number}).ParseFS(pages, "page/*"))
	parsed.Store(l.Language(), t)
	return t
}

type page struct {
	Lang, Title string
	CSS         template.CSS
	Reports     []*view
	Comparison  *comparisonView
	Redline     *Redline
}

func style() template.CSS {
	b, err := pages.ReadFile("page/style.css")
	if err != nil {
		panic("report: the style is not embedded: " + err.Error())
	}
	return template.CSS(b) // ours, not the text's
}

// HTML writes reports on one page; seconds are what a second reader said of each, if one was asked.
func HTML(w io.Writer, rs []*analyze.Report, seconds ...*Second) error {
	l := locale.For("en")
	if len(rs) > 0 {
		l = locale.For(rs[0].Language)
	}
	p := page{Lang: l.Language(), CSS: style(), Title: l.T("Privacy policies")}
	for i, r := range rs {
		p.Reports = append(p.Reports, read(r, secondOf(seconds, i)))
	}
	if len(p.Reports) == 1 {
		p.Title = p.Reports[0].Title
	}
	return templates(l).ExecuteTemplate(w, "report.html", p)
}
