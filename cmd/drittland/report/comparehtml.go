package report

// Comparisons as one self-contained HTML page.

import (
	"io"

	"github.com/drittland/drittland/analyze"
)

// CompareHTML writes a comparison as one page. Insertions are underlined, deletions struck, what moved is
// underlined twice, so that the page reads without colour. second is what a second reader said of the new text, if one was asked.
func CompareHTML(w io.Writer, c *analyze.Comparison, second ...*Second) error {
	v := readComparison(c, second)
	red := NewRedline(c, RedlineOptions{})
	for _, list := range [][]levelGroup{v.Appeared, v.Resolved} {
		for i := range list {
			for k := range list[i].Findings {
				f := &list[i].Findings[k]
				f.Beside = red.Beside(f.source)
			}
		}
	}
	return templates(v.Words).ExecuteTemplate(w, "compare.html", page{Lang: v.Words.Language(), CSS: style() + RedlineCSS(), Title: v.F("What changed: %s", v.New.Title),
		Comparison: v, Redline: red})
}
