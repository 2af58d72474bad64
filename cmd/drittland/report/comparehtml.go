package report

// Comparisons as one self-contained HTML page.

import (
	"io"

	"github.com/drittland/drittland/analyze"
)

// CompareHTML writes a comparison as one page. Insertions are underlined, deletions struck, what moved is
// underlined twice, so that the page reads without colour.
func CompareHTML(w io.Writer, c *analyze.Comparison) error {
	v := newComparison(c)
	return templates().ExecuteTemplate(w, "compare.html", page{CSS: style(), Disclaimer: disclaimer, Title: "What changed: " + v.New.Title, Comparison: v})
}

// Gap is the line that stands for blocks left out.
func (b block) Gap() string { return "… " + plural(b.Skipped, "unchanged block", "unchanged blocks") }
