package report

// Views: a report in the words and the order in which people read it, safe to show. The writers for text,
// Markdown and HTML share them and differ in form only.

import (
	"fmt"
	"strings"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
)

// Lengths of quotes, in runes.
const (
	quoteLong  = 300 // of a finding
	quoteShort = 160 // in a table
	quoteTiny  = 90  // of an item of the notice, where there are many
)

// A view is one report.
type view struct {
	Title, Name  string
	About        []string // language, size, date
	AsOf, Today  string
	SameDay      bool
	Warnings     []string
	Statement    string
	Destinations []destination
	Says         []saying
	Judged       bool // the language is read, so that silence means something
	Language     string
	Whole        bool // a whole notice rather than an excerpt
	Found        []item
	Missing      []item
	Tally        string
	Levels       []levelGroup
	Known        string // day up to which the law is known, if today is later
}

type destination struct{ Country, Roles, Standing, Tools, Quote, Source string }

// A saying is one more thing that the text says about transfers, or does not.
type saying struct {
	What, Value, Quote, URL string
	Absent                  bool
}

type item struct{ Title, Articles, Quote string }

type levelGroup struct {
	Level    string
	Heading  string
	Findings []finding
}

type finding struct {
	ID, Level, Title, Articles, Message, LookUp, Quote, Differs string
}

// statement is what the text says on transfers; an address of a recipient alone says nothing.
func statement(t *analyze.Transfers) string {
	if t.Statement == "none" && len(t.Destinations) > 0 {
		return "address"
	}
	return t.Statement
}

func newView(r *analyze.Report) *view {
	a := &r.Document
	v := &view{Title: Line(a.Title), Name: Line(a.Name), AsOf: r.AsOf.String(), Today: r.Today.String(), SameDay: r.AsOf == r.Today,
		Judged: a.Readable, Language: a.Language, Whole: whole(r), Statement: word(statements, statement(&r.Transfers))}
	if v.Title == "" {
		v.Title = "Untitled text"
	}
	v.About = about(a)
	for _, w := range r.Warnings {
		v.Warnings = append(v.Warnings, Line(w))
	}
	v.destinations(r)
	v.says(r)
	for _, it := range r.Transparency {
		x := item{Line(it.Title), articles(it.Articles), shorten(it.Quote, "", quoteTiny)}
		if it.Found {
			v.Found = append(v.Found, x)
		} else {
			v.Missing = append(v.Missing, x)
		}
	}
	v.Levels = groups(r.Findings)
	v.Tally = tally(r.Findings, a.Readable)
	if k := law.KnownUntil(); k.Before(r.Today) {
		v.Known = k.String()
	}
	return v
}

func about(a *analyze.About) []string {
	out := []string{Language(a.Language), plural(a.Words, "word", "words")}
	if a.EffectiveDate != "" {
		out = append(out, "effective "+Line(a.EffectiveDate))
	}
	return out
}

// whole reports whether the text was taken for a whole notice.
func whole(r *analyze.Report) bool {
	f := r.Facts()
	if f == nil {
		return true
	}
	for _, d := range f.Of(analyze.FactDocument) {
		return d.Attr["whole"] == "yes"
	}
	return true
}

func (v *view) destinations(r *analyze.Report) {
	t := &r.Transfers
	for i := range t.Destinations {
		d := &t.Destinations[i]
		row := destination{Country: country(d), Roles: words(roles, d.Roles), Standing: standing(d.Standing), Quote: shorten(d.Quote, Line(d.Name), quoteShort), Source: Line(d.Source)}
		if d.Today != d.Standing {
			row.Standing += "; today: " + standing(d.Today)
		}
		row.Tools = toolsAt(t, d)
		v.Destinations = append(v.Destinations, row)
	}
}

// toolsAt are the tools that the text names together with a destination, or where else it names some.
func toolsAt(t *analyze.Transfers, d *analyze.Destination) string {
	var near, all []string
	for _, x := range t.Tools {
		if x.ID == "none_stated" {
			continue
		}
		all = append(all, word(tools, x.ID))
		if d.Source == "" && x.Start < d.End && d.Start < x.End {
			near = append(near, word(tools, x.ID))
		}
	}
	switch {
	case len(near) > 0:
		return strings.Join(near, ", ")
	case len(all) > 0:
		return "elsewhere, see below"
	}
	return "none stated"
}

// says lists what the text says about transfers beside the destinations.
func (v *view) says(r *analyze.Report) {
	t := &r.Transfers
	add := func(s saying) {
		s.Quote = shorten(s.Quote, "", quoteShort)
		v.Says = append(v.Says, s)
	}
	if t.Vague {
		add(saying{What: "Destinations not named", Value: "stated", Quote: t.VagueQuote})
	}
	if t.ListURL != nil {
		add(saying{What: "List behind a link", Value: Line(*t.ListURL), URL: web(*t.ListURL)})
	}
	for _, x := range t.Tools {
		value := word(tools, x.ID)
		if st := toolStatus(x.ID, r.AsOf, r.Today); st != "" {
			value += " (" + st + ")"
		}
		add(saying{What: "Transfer tool", Value: value, Quote: x.Quote, Absent: x.ID == "none_stated"})
	}
	stated := func(what string, s analyze.Stated, yes, no string) {
		if s.Stated {
			add(saying{What: what, Value: yes, Quote: s.Quote})
		} else if t.Statement == "yes" {
			add(saying{What: what, Value: no, Absent: true})
		}
	}
	stated("Copy of the safeguards", analyze.Stated{Stated: t.Copy.Offered, Quote: t.Copy.Quote, Start: t.Copy.Start, End: t.Copy.End}, "offered", "not offered")
	stated("Access from outside the EEA", t.RemoteAccess, "stated", "not stated")
	stated("Access by authorities there", t.GovernmentAccess, "stated", "not stated")
}

// web is an address that may be made a link, or "".
func web(u string) string {
	if strings.HasPrefix(u, "https://") || strings.HasPrefix(u, "http://") {
		return Line(u)
	}
	return ""
}

func newFinding(f *analyze.Finding) finding {
	x := finding{ID: Line(f.ID), Level: string(f.Level), Title: Line(f.Title), Articles: articles(f.Articles), Message: Line(f.Message),
		LookUp: Line(f.LookUp), Quote: shorten(f.Quote, "", quoteLong)}
	if f.Today != string(f.Level) {
		now := f.Today
		if now == "none" {
			now = "no finding"
		}
		x.Differs = fmt.Sprintf("%s as of %s; by the law of today: %s", f.Level, f.AsOf, now)
	}
	return x
}

var headings = map[rules.Level]string{rules.Error: "Errors", rules.Warning: "Warnings", rules.Note: "Notes"}

// groups puts findings in order: errors, warnings, notes; within a level as they came.
func groups(fs []analyze.Finding) []levelGroup {
	var out []levelGroup
	for _, l := range []rules.Level{rules.Error, rules.Warning, rules.Note} {
		g := levelGroup{Level: string(l), Heading: headings[l]}
		for i := range fs {
			if fs[i].Level == l {
				g.Findings = append(g.Findings, newFinding(&fs[i]))
			}
		}
		if len(g.Findings) > 0 {
			out = append(out, g)
		}
	}
	return out
}

// tally counts findings by level: "2 errors, 1 note". None means something only where the text was judged.
func tally(fs []analyze.Finding, judged bool) string {
	n := map[rules.Level]int{}
	for _, f := range fs {
		n[f.Level]++
	}
	var out []string
	for _, l := range []rules.Level{rules.Error, rules.Warning, rules.Note} {
		if n[l] > 0 {
			out = append(out, plural(n[l], string(l), string(l)+"s"))
		}
	}
	switch {
	case len(out) == 0 && judged:
		return "none"
	case len(out) == 0:
		return "not judged"
	}
	return strings.Join(out, ", ")
}

// disclaimer says what a report is not.
const disclaimer = "A finding is a passage that a person should read; it is no statement that the law is broken."

// Verdict is the line under the title: by the law of which days the text was judged.
func (v *view) Verdict() string {
	if v.SameDay {
		return "Judged by the law of today, " + v.Today
	}
	return "Judged by the law of " + v.AsOf + " and of today, " + v.Today
}

// NoDestinations says why there is no table of destinations.
func (v *view) NoDestinations() string {
	if !v.Judged {
		return "Not judged: the text could not be searched in its language, and may well name destinations."
	}
	return "The text names no third country as a destination."
}

// NotJudged says why the items of the notice were not judged, or "".
func (v *view) NotJudged() string {
	switch {
	case v.Judged:
		return ""
	case v.Language == "und" || v.Language == "":
		return "Not judged: the language of the text could not be told (--lang names it)."
	}
	return "Not judged: there are no rules for " + Language(v.Language) + ". What the text gives and lacks must be read by a person."
}

// MissingHeading introduces the items that were not found.
func (v *view) MissingHeading() string {
	if v.Whole {
		return "Not found in the text"
	}
	return "Not found in this excerpt (a short text is not held to be a whole notice)"
}

// NoFindings says what it means that there are none.
func (v *view) NoFindings() string {
	if !v.Judged {
		return "None, but the text could not be searched in its language: this says nothing about it."
	}
	return "None of the checks found a passage."
}

// KnownNote says up to when the law is known.
func (v *view) KnownNote() string {
	if v.Known == "" {
		return ""
	}
	return "The legal data end on " + v.Known + ": look for later decisions and judgments."
}
