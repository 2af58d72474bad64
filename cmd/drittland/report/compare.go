package report

// Comparisons: what changed between two texts in the words and the order in which people read it. The
// writers for text, Markdown and HTML share this view.

import (
	"slices"
	"strings"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/diff"
)

// comparisonView is one comparison.
type comparisonView struct {
	*locale.Words
	Old, New     sideView
	Class        string
	Why          string
	Alert        bool
	Judged       bool // both languages are read
	Warnings     []string
	Facts        []factLine
	Appeared     []levelGroup
	AppearedSum  string
	Resolved     []levelGroup
	ResolvedSum  string
	Counts       string
	red          *diff.Redline
	Links        []linkChange
	AsOf, OldDay string
	Second       *SecondView // what a second reader says of the new text, nil if there was none
}

type sideView struct {
	Title, Name string
	About       []string
}

// A factLine is one fact about transfers that appeared ("+"), went away ("-") or changed ("~").
type factLine struct{ Sign, Text, Quote string }

type linkChange struct{ Words, Old, New string }

func newComparison(c *analyze.Comparison) *comparisonView {
	judged := c.Old.Readable && c.New.Readable
	w := locale.For(c.Language)
	v := &comparisonView{Words: w, Old: newSide(w, &c.Old), New: newSide(w, &c.New), Class: word(w, classes, c.Class), Why: Line(w.Tell(c.Why)),
		Alert: c.Alert, Judged: judged, AppearedSum: tally(w, nil, judged), ResolvedSum: tally(w, nil, judged), AsOf: c.AsOf.String(), OldDay: c.OldAsOf.String()}
	for _, a := range []*analyze.About{&c.Old, &c.New} {
		if s := NotInForce(w, &a.Dates); s != "" {
			v.Warnings = append(v.Warnings, w.F("%s: %s", sideName(a), s))
		}
		if why := unjudged(w, a); why != "" {
			v.Warnings = append(v.Warnings, why)
		}
	}
	for _, s := range changedDates(w, &c.Old.Dates, &c.New.Dates) {
		v.Why = strings.TrimPrefix(strings.Join([]string{strings.TrimSuffix(v.Why, "."), s}, ". "), ". ")
	}
	if judged { // else facts and findings of one side alone would look like changes
		v.facts(c)
		v.Appeared, v.AppearedSum = groups(w, c.Appeared), tally(w, c.Appeared, true)
		v.Resolved, v.ResolvedSum = groups(w, c.Resolved), tally(w, c.Resolved, true)
	}
	if c.Redline != nil {
		v.Counts, v.red = counts(w, c), c.Redline
		for _, l := range c.Redline.LinkChanges {
			v.Links = append(v.Links, linkChange{shorten(c.Redline.New.Quote(l.New.Span), "", quoteShort), Line(l.Old.Target), Line(l.New.Target)})
		}
	}
	return v
}

// readComparison is the view of a comparison with what a second reader said of the new text.
func readComparison(c *analyze.Comparison, seconds []*Second) *comparisonView {
	v, s := newComparison(c), secondOf(seconds, 0)
	v.Second = s.View(v.Words)
	s.mark(v.Words, v.Appeared)
	return v
}

// blocks are those of the redline that are shown in text and Markdown: they are not made for those who show it themselves.
func (v *comparisonView) blocks() []block {
	if v.red == nil {
		return nil
	}
	return redline(v.red)
}

// unjudged says why a text could not be judged, or "".
func unjudged(l *locale.Words, a *analyze.About) string {
	switch {
	case a.Readable:
		return ""
	case a.Words == 0:
		return l.F("%s holds no text: what the change did to transfers is not judged.", sideName(a))
	}
	return l.F("There are no rules for the language of %s (%s): the changes are shown, but what they did to transfers is not judged.", sideName(a), LanguageIn(l, a.Language))
}

func sideName(a *analyze.About) string {
	if a.Name != "" {
		return Line(a.Name)
	}
	return Line(a.Title)
}

func newSide(l *locale.Words, a *analyze.About) sideView {
	return sideView{Title: Line(a.Title), Name: Line(a.Name), About: about(l, a)}
}

// Label names a side: its name, else its title.
func (s sideView) Label() string {
	if s.Name != "" {
		return s.Name
	}
	return s.Title
}

func counts(l *locale.Words, c *analyze.Comparison) string {
	n := c.Redline.Counts
	out := []string{l.N("%s change", "%s changes", n.BlocksChanged), l.N("%s word added", "%s words added", n.WordsAdded), l.N("%s word removed", "%s words removed", n.WordsRemoved)}
	if n.WordsMoved > 0 {
		out = append(out, l.N("%s word moved", "%s words moved", n.WordsMoved))
	}
	return strings.Join(append(out, l.N("%s word kept", "%s words kept", n.WordsKept)), ", ")
}

// facts puts the facts that changed in order: the statement, destinations by role, tools, the rest.
func (v *comparisonView) facts(c *analyze.Comparison) {
	if a, b := c.Before.Statement, c.After.Statement; a != b {
		v.Facts = append(v.Facts, factLine{Sign: "~", Text: v.F("the new text %s; the old one %s", word(v.Words, statements, b), word(v.Words, statements, a))})
	}
	for _, op := range []string{"added", "removed"} {
		v.roles(c, op)
	}
	for _, f := range c.FactsChanged {
		if f.What == "destination" || f.What == "statement" {
			continue
		}
		text := word(v.Words, facts, f.What)
		switch f.What {
		case "tool":
			text = v.F("transfer tool: %s", word(v.Words, tools, f.Value))
		case "list_url":
			text = v.F("list behind a link: %s", Line(f.Value))
		case "annex_dead":
			text = v.F("linked page that cannot be had: %s", Line(f.Value))
		case "annex_changed":
			text = v.F("linked page with other words: %s", Line(f.Value))
		}
		v.Facts = append(v.Facts, factLine{sign(f.Op), text, shorten(f.Quote, "", quoteShort)})
	}
}

func sign(op string) string {
	if op == "added" {
		return "+"
	}
	return "-"
}

// roles adds one line for each role in which countries came or went.
func (v *comparisonView) roles(c *analyze.Comparison, op string) {
	side := &c.After
	if op == "removed" {
		side = &c.Before
	}
	for _, role := range []string{"storage", "remote_access", "recipient", "support", "unspecified"} {
		var names, behind []string
		quote := ""
		for _, f := range c.FactsChanged {
			if f.Op != op || f.What != "destination" || f.Role != role {
				continue
			}
			name, linked := Line(f.Value), false
			if i := slices.IndexFunc(side.Destinations, func(d analyze.Destination) bool { return d.Country == f.Value }); i >= 0 {
				d := &side.Destinations[i]
				if linked = d.Kind == "by_reference"; linked {
					name = countryName(d)
				} else {
					name = country(v.Words, d)
				}
			}
			if linked {
				behind = append(behind, name)
				continue
			}
			names = append(names, name)
			if quote == "" {
				quote = shorten(f.Quote, "", quoteShort)
			}
		}
		label := word(v.Words, roles, role)
		if role == "unspecified" {
			label = v.T("destination")
		}
		if len(names) > 0 {
			v.Facts = append(v.Facts, factLine{sign(op), v.F("%s:", label) + " " + strings.Join(names, ", "), quote})
		}
		if len(behind) > 0 {
			v.Facts = append(v.Facts, factLine{sign(op), v.F("%s:", v.F("%s, on a linked page", label)) + " " + strings.Join(behind, ", "), ""})
		}
	}
}

// Verdict says in one line how much the change matters.
func (v *comparisonView) Verdict() string {
	if v.Alert {
		return v.F("%s (a person should read it)", v.Class)
	}
	return v.Class
}

// Disclaimer says what a comparison is not.
func (v *comparisonView) Disclaimer() string { return disclaimer(v.Words) }

// NoFacts says what it means that no facts changed.
func (v *comparisonView) NoFacts() string {
	if v.Judged {
		return v.T("None.")
	}
	return v.T("Not judged: read the redline.")
}

// Days is the line that says by the law of which days the findings were made.
func (v *comparisonView) Days() string {
	if v.OldDay == v.AsOf {
		return v.F("Both judged by the law of %s.", v.AsOf)
	}
	return v.F("Old judged by the law of %s, new by that of %s.", v.OldDay, v.AsOf)
}
