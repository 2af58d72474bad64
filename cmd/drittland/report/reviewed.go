package report

// What the review pages take from here: parts of reports in words, safe to show.

import (
	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/rules/places"
)

// A FindingView is a finding in words.
type FindingView = finding

// A FactLine is one fact about transfers that appeared ("+"), went away ("-") or changed ("~").
type FactLine = factLine

// A View is a report in words.
type View = view

// FindingIn is a finding in words.
func FindingIn(l *locale.Words, f *analyze.Finding) FindingView { return newFinding(l, f) }

// ViewOf is a report in words.
func ViewOf(r *analyze.Report) *View { return newView(r) }

// FactLines are the facts of a comparison that changed.
func FactLines(c *analyze.Comparison) []FactLine { return newComparison(c).Facts }

// LevelIn is a level in words.
func LevelIn(l *locale.Words, v rules.Level) string { return word(l, levelNames, string(v)) }

// ClassIn is a class of a change in words.
func ClassIn(l *locale.Words, class string) string { return word(l, classes, class) }

// CountsIn say how much a comparison changed.
func CountsIn(l *locale.Words, c *analyze.Comparison) string {
	if c.Redline == nil {
		return ""
	}
	return counts(l, c)
}

// Warnings are what a reader of a comparison should know first.
func Warnings(c *analyze.Comparison) []string { return newComparison(c).Warnings }

// A LawLine is a row of the legal data in words.
type LawLine struct{ Name, Says, Instrument, Days, Scope, Mark, Source string }

// LawLineOf is a row of the legal data in words.
func LawLineOf(l *locale.Words, r *analyze.LawRow) LawLine {
	name := r.Name
	if name == "" {
		name = places.DisplayName(r.About, l.Language())
	}
	state := func(s string) string {
		if w, ok := standings[law.Standing(s)]; ok {
			return l.T(w)
		}
		return word(l, statusNames, s)
	}
	x := LawLine{Name: Line(name), Says: state(r.Then), Instrument: Line(r.Instrument), Scope: Line(r.Scope), Source: Line(r.Source)}
	if r.Today != r.Then {
		x.Says = l.F("%s; today: %s", x.Says, state(r.Today))
	}
	if r.Source == "" {
		x.Source = l.T("The legal data hold no decision for it.")
		return x
	}
	x.Days = l.F("since %s", r.From)
	if !r.Ended.IsZero() {
		x.Days = l.F("from %s until before %s", r.From, r.Ended)
	}
	x.Mark = verifiedMark(l, r.Verified)
	return x
}
