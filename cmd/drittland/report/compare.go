package report

// Comparisons: what changed between two texts in the words and the order in which people read it. The
// writers for text, Markdown and HTML share this view.

import (
	"slices"
	"strings"

	"github.com/drittland/drittland/analyze"
)

// comparisonView is one comparison.
type comparisonView struct {
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
	Blocks       []block
	Links        []linkChange
	AsOf, OldDay string
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
	v := &comparisonView{Old: newSide(&c.Old), New: newSide(&c.New), Class: word(classes, c.Class), Why: Line(c.Why), Alert: c.Alert, Judged: judged,
		AppearedSum: tally(nil, judged), ResolvedSum: tally(nil, judged), AsOf: c.AsOf.String(), OldDay: c.OldAsOf.String()}
	for _, a := range []*analyze.About{&c.Old, &c.New} {
		if w := unjudged(a); w != "" {
			v.Warnings = append(v.Warnings, w)
		}
	}
	if judged { // else facts and findings of one side alone would look like changes
		v.facts(c)
		v.Appeared, v.AppearedSum = groups(c.Appeared), tally(c.Appeared, true)
		v.Resolved, v.ResolvedSum = groups(c.Resolved), tally(c.Resolved, true)
	}
	if c.Redline != nil {
		v.Counts = counts(c)
		v.Blocks = redline(c.Redline)
		for _, l := range c.Redline.LinkChanges {
			v.Links = append(v.Links, linkChange{shorten(c.Redline.New.Quote(l.New.Span), "", quoteShort), Line(l.Old.Target), Line(l.New.Target)})
		}
	}
	return v
}

// unjudged says why a text could not be judged, or "".
func unjudged(a *analyze.About) string {
	switch {
	case a.Readable:
		return ""
	case a.Words == 0:
		return sideName(a) + " holds no text: what the change did to transfers is not judged."
	}
	return "There are no rules for the language of " + sideName(a) + " (" + Language(a.Language) + "): the changes are shown, but what they did to transfers is not judged."
}

func sideName(a *analyze.About) string {
	if a.Name != "" {
		return Line(a.Name)
	}
	return Line(a.Title)
}

func newSide(a *analyze.About) sideView {
	return sideView{Title: Line(a.Title), Name: Line(a.Name), About: about(a)}
}

// Label names a side: its name, else its title.
func (s sideView) Label() string {
	if s.Name != "" {
		return s.Name
	}
	return s.Title
}

func counts(c *analyze.Comparison) string {
	n := c.Redline.Counts
	out := []string{plural(n.BlocksChanged, "change", "changes"), plural(n.WordsAdded, "word added", "words added"), plural(n.WordsRemoved, "removed", "removed")}
	if n.WordsMoved > 0 {
		out = append(out, thousands(n.WordsMoved)+" moved")
	}
	return strings.Join(append(out, thousands(n.WordsKept)+" kept"), ", ")
}

// facts puts the facts that changed in order: the statement, destinations by role, tools, the rest.
func (v *comparisonView) facts(c *analyze.Comparison) {
	if a, b := c.Before.Statement, c.After.Statement; a != b {
		v.Facts = append(v.Facts, factLine{Sign: "~", Text: "the new text " + word(statements, b) + "; the old one " + word(statements, a)})
	}
	for _, op := range []string{"added", "removed"} {
		v.roles(c, op)
	}
	for _, f := range c.FactsChanged {
		if f.What == "destination" || f.What == "statement" {
			continue
		}
		text := word(facts, f.What)
		switch f.What {
		case "tool":
			text = "transfer tool: " + word(tools, f.Value)
		case "list_url":
			text = "list behind a link: " + Line(f.Value)
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
				name, linked = country(&side.Destinations[i]), side.Destinations[i].Kind == "by_reference"
			}
			if linked {
				behind = append(behind, strings.TrimSuffix(name, onLinkedPage))
				continue
			}
			names = append(names, name)
			if quote == "" {
				quote = shorten(f.Quote, "", quoteShort)
			}
		}
		label := word(roles, role)
		if role == "unspecified" {
			label = "destination"
		}
		if len(names) > 0 {
			v.Facts = append(v.Facts, factLine{sign(op), label + ": " + strings.Join(names, ", "), quote})
		}
		if len(behind) > 0 {
			v.Facts = append(v.Facts, factLine{sign(op), label + onLinkedPage + ": " + strings.Join(behind, ", "), ""})
		}
	}
}

// Verdict says in one line how much the change matters.
func (v *comparisonView) Verdict() string {
	if v.Alert {
		return v.Class + " (a person should read it)"
	}
	return v.Class
}

// NoFacts says what it means that no facts changed.
func (v *comparisonView) NoFacts() string {
	if v.Judged {
		return "None."
	}
	return "Not judged: read the redline."
}

// Days is the line that says by the law of which days the findings were made.
func (v *comparisonView) Days() string {
	if v.OldDay == v.AsOf {
		return "Both judged by the law of " + v.AsOf
	}
	return "Old judged by the law of " + v.OldDay + ", new by that of " + v.AsOf
}
