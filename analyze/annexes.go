package analyze

// Annexes in a comparison: what happened to the pages that the clauses refer to.

import (
	"slices"

	"github.com/drittland/drittland/diff"
)

// deadAnnexes are the pages that could be had with one text and cannot be had with the other, though both refer to them.
func deadAnnexes(old, new *Facts) []FactChange {
	var out []FactChange
	for _, x := range new.Annexes {
		before := old.annex(x.URL)
		if before == nil || (before.Document == nil) == (x.Document == nil) {
			continue
		}
		op := "added"
		if x.Document != nil {
			op = "removed"
		}
		f := FactChange{Op: op, What: "annex_dead", Value: x.URL}
		for _, l := range new.Of(FactList) {
			if l.Attr["url"] == x.URL {
				f.Quote, f.Start, f.End = new.Document.Quote(l.Span), l.Span.Start, l.Span.End
				break
			}
		}
		out = append(out, f)
	}
	return out
}

// annex is the page at an address as it was captured with the text, nil if it was not.
func (f *Facts) annex(url string) *Annex {
	i := slices.IndexFunc(f.Annexes, func(a Annex) bool { return a.URL == url })
	if i < 0 {
		return nil
	}
	return &f.Annexes[i]
}

// rewritten tells of pages of which the words changed. Where the policy itself did not, the change has their class, and is
// editorial at least: the classes of texts say little of a page with few words.
func (c *Comparison) rewritten(old, new *Facts) {
	class := diff.None
	for _, x := range new.Annexes {
		before := old.annex(x.URL)
		if x.Part || before == nil || before.Document == nil || x.Document == nil || before.Document.Text == x.Document.Text {
			continue
		}
		red := diff.Compare(before.Document, x.Document, diff.Options{})
		verdict := diff.Classify(red)
		v := verdict.Class
		switch {
		case v == diff.None, v == diff.Cosmetic:
			continue
		case !v.Alert():
			v = diff.Editorial
		}
		c.FactsChanged = append(c.FactsChanged, FactChange{Op: "added", What: "annex_changed", Value: x.URL})
		c.words.Pages = append(c.words.Pages, changedWords(red, verdict))
		if class == diff.None || v.Alert() {
			class = v
		}
	}
	if class != diff.None && c.Class == string(diff.None) {
		c.Class, c.Why = string(class), "The policy is unchanged; a page that it refers to changed."
		c.Alert = class.Alert()
	}
}
