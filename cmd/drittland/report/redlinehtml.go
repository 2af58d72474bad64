package report

// The redline as a piece of a page: of the file that diff writes, and of the pages of a server. It needs no script. Each
// text is written once for the inline view, in which the new side is shown by leaving the deletions out, and the old
// side once more; what is not near a change is marked, so that CSS shows it or not.

import (
	"bytes"
	"html/template"
	"io"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
)

// A RedlineView is how both texts stand.
type RedlineView string

// The two views.
const (
	Inline     RedlineView = "inline" // in one text
	SideBySide RedlineView = "side"   // the old text at the left of the new one
)

// RedlineOptions say how a redline is shown. The zero value is an inline view of what changed, with switches for the
// other view and for all of the text.
type RedlineOptions struct {
	Words *locale.Words // of labels; those of the comparison's language if nil
	View  RedlineView   // at first; Inline if ""
	All   bool          // at first all of the text, and not only what changed with what stands beside it
	Fixed bool          // View and All stand: no switches, and nothing is written that is not shown
	Level int           // of the highest headings of the text, in aria-level; 3 if 0
	// After is written at the end of the note on a finding, such as a form; nothing if nil. A finding that is resolved
	// is one of the old text.
	After func(f *analyze.Finding, resolved bool) template.HTML
}

// A Redline is a redline that can be written as HTML. Its changes have the ids change-1, change-2 and so on, its notes
// note-1, and the words that a note is about mark-1.
type Redline struct {
	*locale.Words
	View     RedlineView
	All      bool
	Fixed    bool
	Old, New string // names of the two texts
	Counts   string
	Changes  int
	Noted    bool // there are notes
	Parts    []redPart
	notes    []*redNote
}

// NewRedline makes the redline of a comparison.
func NewRedline(c *analyze.Comparison, o RedlineOptions) *Redline {
	v := newComparison(c)
	if o.Words != nil {
		v.Words = o.Words
	}
	if o.View != SideBySide {
		o.View = Inline
	}
	if o.Level <= 0 {
		o.Level = 3
	}
	r := &Redline{Words: v.Words, View: o.View, All: o.All, Fixed: o.Fixed, Old: v.Old.Label(), New: v.New.Label()}
	if c.Redline == nil {
		return r
	}
	r.Counts, r.Changes = counts(v.Words, c), len(c.Redline.Changes)
	b := &redliner{r: c.Redline, o: o, old: newRedSide(c.Redline.Old), new: newRedSide(c.Redline.New)}
	b.place(v.redNotes(c, o))
	r.Parts, r.notes, r.Noted = b.parts(), b.all, len(b.all) > 0
	return r
}

// Empty reports whether there is nothing to show.
func (r *Redline) Empty() bool { return len(r.Parts) == 0 }

// Write writes the redline as a div of the class redline, which RedlineCSS styles.
func (r *Redline) Write(w io.Writer) error {
	return templates(r.Words).ExecuteTemplate(w, "redline", r)
}

// HTML is the redline for a template.
func (r *Redline) HTML() (template.HTML, error) {
	var b bytes.Buffer
	err := r.Write(&b)
	return template.HTML(b.String()), err // escaped by our template
}

// Class names the views that stand.
func (r *Redline) Class() string {
	s := "redline"
	if r.Fixed && r.View == SideBySide {
		s += " side"
	}
	if r.Fixed && r.All {
		s += " all"
	}
	return s
}

// RedlineCSS is the style of a redline: light and dark, of any width, and for paper. Everything in it is within .redline.
func RedlineCSS() template.CSS {
	b, err := pages.ReadFile("page/redline.css")
	if err != nil {
		panic("report: the style of redlines is not embedded: " + err.Error())
	}
	return template.CSS(b) // ours, not the text's
}
