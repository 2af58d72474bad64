package report

// HTML: one self-contained page without scripts, readable without colour, printable.

import (
	"embed"
	"html/template"
	"io"
	"sync"

	"github.com/drittland/drittland/analyze"
)

//go:embed page
var pages embed.FS

var templates = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{"web": web}).ParseFS(pages, "page/*"))
})

type page struct {
	Title      string
	CSS        template.CSS
	Reports    []*view
	Disclaimer string
	Comparison *comparisonView
}

func style() template.CSS {
	b, err := pages.ReadFile("page/style.css")
	if err != nil {
		panic("report: the style is not embedded: " + err.Error())
	}
	return template.CSS(b) // ours, not the text's
}

// HTML writes reports on one page.
func HTML(w io.Writer, rs []*analyze.Report) error {
	p := page{CSS: style(), Disclaimer: disclaimer, Title: "Privacy policies"}
	for _, r := range rs {
		p.Reports = append(p.Reports, newView(r))
	}
	if len(p.Reports) == 1 {
		p.Title = p.Reports[0].Title
	}
	return templates().ExecuteTemplate(w, "report.html", p)
}
