package report

// Comparisons as a Word document with tracked changes.

import (
	"io"
	"strings"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/report/docx"
	"github.com/drittland/drittland/diff"
	"github.com/drittland/drittland/rules/law"
)

// maxListed bounds the list of changes at the end.
const maxListed = 1000

// DOCX is what a Word document of a comparison carries beside it. The zero value works.
type DOCX struct {
	Time   time.Time // of the tracked changes and of the file; noon of the day that the new text is judged by, if zero
	Footer string    // at the end of each page; the title of the new text if ""
	Second *Second   // what a second reader said of the new text, if one was asked
}

// CompareDOCX writes a comparison as a Word document: what changed and what it did in front, then the whole text with
// tracked changes and comments, then the list of changes, with the numbers that the other forms give them. Accepting all
// changes gives the new text, rejecting all the old one. What is not of the texts stands in styles named Front.
func CompareDOCX(w io.Writer, c *analyze.Comparison, o DOCX) error {
	v := readComparison(c, []*Second{o.Second})
	title := v.F("What changed: %s", v.New.Title)
	if o.Time.IsZero() {
		o.Time = noon(c.AsOf)
	}
	if o.Footer == "" {
		o.Footer = shorten(title, "", 90)
	}
	d := docx.New(docx.Properties{Title: title, Creator: editor, Language: v.Language(), Created: o.Time, Footer: o.Footer, Pages: v.T("Page %s of %s")})
	d.Text(docx.FrontTitle, title)
	v.docxFront(d, c)
	if c.Redline != nil && len(c.Redline.Rows) > 0 {
		d.Add(docx.Paragraph{Look: docx.Look{Style: docx.FrontHeading}, NewPage: true, Runs: []docx.Run{{Text: v.T("Redline")}}})
		track(d, c.Redline, v.notes(c), v.Language(), o.Time)
		d.Text(docx.FrontSmall, v.T("End of the redline"))
		v.docxChanges(d, c.Redline)
	}
	d.Text(docx.FrontSmall, v.Days()+" "+v.Disclaimer())
	return d.Write(w)
}

// noon is the middle of a day, which is that day wherever it is read.
func noon(day law.Date) time.Time {
	t, err := time.Parse(time.DateOnly, day.String())
	if err != nil {
		return time.Time{}
	}
	return t.Add(12 * time.Hour)
}

// front is a paragraph in front of the redline.
func front(runs ...docx.Run) docx.Paragraph {
	return docx.Paragraph{Look: docx.Look{Style: docx.Front}, Runs: runs}
}

// frontCell is a cell of a table in front of the redline.
func frontCell(runs ...docx.Run) docx.Cell {
	return docx.Cell{{Look: docx.Look{Style: docx.FrontTable}, Runs: runs}}
}

func plainRun(s string) docx.Run { return docx.Run{Text: s} }
func boldRun(s string) docx.Run  { return docx.Run{Text: s, Bold: true} }

// docxFront writes what stands in front: the two texts, the class, the legend, facts, findings, links.
func (v *comparisonView) docxFront(d *docx.Document, c *analyze.Comparison) {
	side := func(label string, s *sideView, a *analyze.About) []docx.Cell {
		about := frontCell(boldRun(s.Label()))
		about = append(about, frontCell(plainRun(strings.Join(s.About, " · ")))...)
		if a.SHA256 != "" {
			about = append(about, frontCell(plainRun("SHA-256 "), docx.Run{Text: string(a.SHA256), Code: true})...)
		}
		return []docx.Cell{frontCell(boldRun(label)), about}
	}
	d.Add(docx.Table{Widths: []int{14, 86}, Rows: [][]docx.Cell{side(v.T("Old:"), &v.Old, &c.Old), side(v.T("New:"), &v.New, &c.New)}})
	d.Text(docx.FrontSmall, v.T("The hash is that of the text as it was read, without layout (UTF-8)."))
	for _, w := range v.Warnings {
		d.Add(front(boldRun(w)))
	}
	d.Add(front(boldRun(v.F("Class: %s", v.Verdict())+". "), plainRun(v.Why)))
	if v.Counts != "" {
		d.Text(docx.FrontSmall, v.Counts)
	}
	v.docxLegend(d)
	v.docxFacts(d)
	v.docxFindings(d, v.F("Findings that appeared: %s", v.AppearedSum), v.Appeared, true)
	v.docxFindings(d, v.F("Findings that are resolved: %s", v.ResolvedSum), v.Resolved, false)
	v.Second.docxSecond(d)
	if len(v.Links) > 0 {
		d.Text(docx.FrontHeading, v.T("Links that lead elsewhere"))
		for _, l := range v.Links {
			d.Add(front(plainRun(v.F("“%s”: now %s, before %s", l.Words, l.New, l.Old))))
		}
	}
}

// docxLegend says how to read the redline.
func (v *comparisonView) docxLegend(d *docx.Document) {
	d.Text(docx.FrontHeading, v.T("How to read this"))
	lines := []string{
		v.T("Insertions and deletions are tracked changes by “drittland”. Accepting all of them gives the new text, rejecting all the old one; nothing of the texts is left out."),
		v.T("What moved is deleted in one place and inserted in another, both by “moved text”, with a comment that says from where or to where."),
		v.T("Comments stand on the words that a finding or a fact is about. The changes are listed at the end, with their numbers."),
	}
	for _, s := range lines {
		d.Add(docx.Paragraph{Look: docx.Look{Style: docx.Front, List: docx.Bullets}, Runs: []docx.Run{plainRun(s)}})
	}
}

func (v *comparisonView) docxFacts(d *docx.Document) {
	d.Text(docx.FrontHeading, v.T("Facts on transfers that changed"))
	if len(v.Facts) == 0 {
		d.Text(docx.Front, v.NoFacts())
		return
	}
	rows := [][]docx.Cell{{frontCell(), frontCell(boldRun(v.T("Fact"))), frontCell(boldRun(v.T("Words")))}}
	for _, f := range v.Facts {
		rows = append(rows, []docx.Cell{frontCell(boldRun(f.Sign)), frontCell(plainRun(f.Text)), frontCell(inQuotes(f.Quote))})
	}
	d.Add(docx.Table{Widths: []int{5, 38, 57}, Header: true, Rows: rows})
	d.Text(docx.FrontSmall, v.T("+ new, - gone, ~ changed"))
}

// inQuotes is a quote in its marks.
func inQuotes(s string) docx.Run {
	if s == "" {
		return docx.Run{}
	}
	return docx.Run{Text: "“" + s + "”", Italic: true}
}

// docxFindings writes findings as a table, in full or with their titles only.
func (v *comparisonView) docxFindings(d *docx.Document, heading string, groups []levelGroup, full bool) {
	d.Text(docx.FrontHeading, heading)
	var rows [][]docx.Cell
	for _, g := range groups {
		for i := range g.Findings {
			f := &g.Findings[i]
			about := frontCell(boldRun(f.ID + " " + f.Title))
			if full {
				for _, s := range []string{f.Articles, f.Message, f.Differs, f.Doubted, f.Decided} {
					if s != "" {
						about = append(about, frontCell(plainRun(s))...)
					}
				}
				if f.LookUp != "" {
					about = append(about, frontCell(plainRun(v.T("Look up:")+" "+f.LookUp))...)
				}
				if f.Quote != "" {
					about = append(about, frontCell(inQuotes(f.Quote))...)
				}
			}
			rows = append(rows, []docx.Cell{frontCell(plainRun(f.Said)), about})
		}
	}
	if len(rows) > 0 {
		d.Add(docx.Table{Widths: []int{14, 86}, Rows: rows})
	}
}

// docxChanges writes the list of changes, with links to where they stand.
func (v *comparisonView) docxChanges(d *docx.Document, r *diff.Redline) {
	if len(r.Changes) == 0 {
		return
	}
	d.Text(docx.FrontHeading, v.T("List of changes"))
	rows := [][]docx.Cell{{frontCell(boldRun(v.T("Change"))), frontCell(boldRun(v.T("What"))), frontCell(boldRun(v.T("Section"))), frontCell(boldRun(v.T("Words")))}}
	for i := range r.Changes[:min(len(r.Changes), maxListed)] {
		ch := &r.Changes[i]
		where, words := sectionOf(r.New, ch.NewBlocks), r.New.Quote(ch.New)
		if len(ch.NewBlocks) == 0 {
			where, words = sectionOf(r.Old, ch.OldBlocks), r.Old.Quote(ch.Old)
		}
		rows = append(rows, []docx.Cell{frontCell(docx.Run{Text: v.Number(ch.Number), Link: "#" + changeName(ch.Number)}), frontCell(plainRun(v.T(opTag(ch)))),
			frontCell(plainRun(where)), frontCell(plainRun(shorten(words, "", quoteTiny)))})
	}
	d.Add(docx.Table{Widths: []int{15, 16, 28, 41}, Header: true, Rows: rows})
	if n := len(r.Changes) - maxListed; n > 0 {
		d.Text(docx.FrontSmall, v.N("… and %s further change", "… and %s further changes", n))
	}
}

// opTag says in a word what happened.
func opTag(ch *diff.Change) string {
	switch ch.Op {
	case diff.Moved:
		return "moved here"
	case diff.Rewritten:
		return "changed"
	}
	return string(ch.Op)
}
