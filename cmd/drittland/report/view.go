package report

// Views: a report in the words and the order in which people read it, safe to show. The writers for text,
// Markdown and HTML share them and differ in form only.

import (
	"slices"
	"strings"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/rules/places"
)

// Lengths of quotes, in runes.
const (
	quoteLong  = 300 // of a finding
	quoteShort = 160 // in a table
	quoteTiny  = 90  // of an item of the notice, where there are many
)

// A view is one report.
type view struct {
	*locale.Words
	Title, Name  string
	About        []string // language, size, date
	AsOf, Today  string
	SameDay      bool
	Warnings     []string
	Statement    string
	Destinations []destination
	Says         []saying
	Judged       bool // the language is read, so that silence means something
	TextLanguage string
	Whole        bool // a whole notice rather than an excerpt
	Found        []item
	Missing      []item
	Tally        string
	Levels       []levelGroup
	Later        []levelGroup // findings that only the law of today makes
	Second       *SecondView  // what a second reader says, nil if there was none
	Known        string       // day up to which the law is known, if today is later
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
	Level                                                string // note, warning or error
	Said                                                 string // the level in words
	ID, Title, Articles, Message, LookUp, Quote, Differs string
	Decided                                              string // what a person decided on it, "" for nothing
	Doubted                                              string // that a model doubts it, "" if none does
	Beside                                               int    // number of the note beside its words in a redline, 0 if none
	source                                               *analyze.Finding
}

// statement is what the text says on transfers; an address of a recipient alone says nothing.
func statement(t *analyze.Transfers) string {
	named := slices.ContainsFunc(t.Destinations, func(d analyze.Destination) bool { return d.Kind != "implied" })
	if t.Statement == "none" && named {
		return "address"
	}
	return t.Statement
}

func newView(r *analyze.Report) *view {
	a := &r.Document
	l := locale.For(r.Language)
	v := &view{Words: l, Title: Line(a.Title), Name: Line(a.Name), AsOf: r.AsOf.String(), Today: r.Today.String(), SameDay: r.AsOf == r.Today,
		Judged: a.Readable, TextLanguage: a.Language, Whole: whole(r), Statement: word(l, statements, statement(&r.Transfers))}
	if v.Title == "" {
		v.Title = l.T("Untitled text")
	}
	v.About = about(l, a)
	if s := NotInForce(l, &a.Dates); s != "" {
		v.Warnings = append(v.Warnings, s)
	}
	for _, w := range r.Warnings {
		v.Warnings = append(v.Warnings, Line(l.Tell(w)))
	}
	v.destinations(r)
	v.says(r)
	for _, it := range r.Transparency {
		x := item{Line(it.Title), articlesIn(l, it.Articles), shorten(it.Quote, "", quoteTiny)}
		if it.Found {
			v.Found = append(v.Found, x)
		} else {
			v.Missing = append(v.Missing, x)
		}
	}
	v.Levels, v.Later = groups(l, r.Findings), groups(l, r.Later)
	v.Tally = tally(l, r.Findings, a.Readable)
	if k := law.KnownUntil(); k.Before(r.Today) {
		v.Known = k.String()
	}
	return v
}

func about(l *locale.Words, a *analyze.About) []string {
	out := []string{LanguageIn(l, a.Language), l.N("%s word", "%s words", a.Words)}
	return append(out, Dates(l, &a.Dates)...)
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
		row := destination{Country: country(v.Words, d), Roles: words(v.Words, roles, d.Roles), Standing: standing(v.Words, d.Standing), Quote: shorten(d.Quote, Line(d.Name), quoteShort), Source: Line(d.Source)}
		if d.Today != d.Standing {
			row.Standing = v.F("%s; today: %s", row.Standing, standing(v.Words, d.Today))
		}
		row.Tools = v.toolsAt(t, d)
		v.Destinations = append(v.Destinations, row)
	}
}

// toolsAt are the tools that the text names together with a destination, or where else it names some.
func (v *view) toolsAt(t *analyze.Transfers, d *analyze.Destination) string {
	var near, all []string
	for _, x := range t.Tools {
		if x.ID == "none_stated" {
			continue
		}
		all = append(all, word(v.Words, tools, x.ID))
		if d.Source == "" && x.Start < d.End && d.Start < x.End {
			near = append(near, word(v.Words, tools, x.ID))
		}
	}
	switch {
	case len(near) > 0:
		return strings.Join(near, ", ")
	case len(all) > 0:
		return v.T("elsewhere, see below")
	}
	return v.T("none stated")
}

// says lists what the text says about transfers beside the destinations.
func (v *view) says(r *analyze.Report) {
	t := &r.Transfers
	add := func(s saying) {
		s.Quote = shorten(s.Quote, "", quoteShort)
		v.Says = append(v.Says, s)
	}
	if t.Vague {
		add(saying{What: v.T("Destinations left vague"), Value: v.T("yes"), Quote: t.VagueQuote})
	}
	if s := v.recipients(t); s.What != "" {
		add(s)
	}
	if t.ListURL != nil {
		add(saying{What: v.T("List behind a link"), Value: Line(*t.ListURL), URL: web(*t.ListURL)})
	}
	for _, x := range t.Tools {
		value := word(v.Words, tools, x.ID)
		if st := toolStatus(v.Words, x.ID, r.AsOf, r.Today); st != "" {
			value += " (" + st + ")"
		}
		add(saying{What: v.T("Transfer tool"), Value: value, Quote: x.Quote, Absent: x.ID == "none_stated"})
	}
	stated := func(what string, s analyze.Stated, yes, no string) {
		if s.Stated {
			add(saying{What: what, Value: yes, Quote: s.Quote})
		} else if t.Statement == "yes" {
			add(saying{What: what, Value: no, Absent: true})
		}
	}
	stated(v.T("Copy of the safeguards"), analyze.Stated{Stated: t.Copy.Offered, Quote: t.Copy.Quote, Start: t.Copy.Start, End: t.Copy.End}, v.T("offered"), v.T("not offered"))
	stated(v.T("Access from outside the EEA"), t.RemoteAccess.Stated, v.access(&t.RemoteAccess), v.T("not stated"))
	stated(v.T("Access by authorities there"), t.GovernmentAccess, v.T("stated"), v.T("not stated"))
}

// recipients lists those whose seat lies outside the EEA; the text does not say so, which the label does.
func (v *view) recipients(t *analyze.Transfers) saying {
	if len(t.Recipients) == 0 {
		return saying{}
	}
	names := make([]string, len(t.Recipients))
	for i, r := range t.Recipients {
		names[i] = Line(r.Name) + " (" + Line(r.Country) + ")"
	}
	return saying{What: v.T("Recipients with their seat outside the EEA, which the text does not say"), Value: strings.Join(names, ", "), Quote: t.Recipients[0].Quote}
}

// access says who has access from outside, and for what.
func (v *view) access(a *analyze.Access) string {
	s := v.T("stated")
	if len(a.Who) > 0 {
		s += ", " + words(v.Words, whoNames, a.Who)
	}
	if len(a.For) > 0 {
		s = v.F("%s, for: %s", s, Line(strings.Join(a.For, ", ")))
	}
	return s
}

// web is an address that may be made a link, or "".
func web(u string) string {
	if strings.HasPrefix(u, "https://") || strings.HasPrefix(u, "http://") {
		return Line(u)
	}
	return ""
}

// read is the view of a report with what a second reader said of it.
func read(r *analyze.Report, s *Second) *view {
	v := newView(r)
	v.Second = s.View(v.Words)
	s.mark(v.Words, v.Levels, v.Later)
	return v
}

func newFinding(l *locale.Words, f *analyze.Finding) finding {
	x := finding{ID: Line(f.ID), Level: string(f.Level), Said: word(l, levelNames, string(f.Level)), Title: Line(f.Title), Articles: articlesIn(l, f.Articles), Message: Line(f.Message),
		LookUp: Line(f.LookUp), Quote: shorten(f.Quote, "", quoteLong), Decided: Line(f.Decided), source: f}
	if f.Today != string(f.Level) {
		x.Differs = l.F("%s as of %s; by the law of today: %s", x.Said, f.AsOf, word(l, levelNames, f.Today)) + ". "
	}
	if len(f.Between) > 0 {
		x.Differs += LawBetween(l, f.Between)
	}
	x.Differs = strings.TrimSpace(x.Differs)
	return x
}

// levelNames are levels in words, and what stands where a check found nothing.
var levelNames = map[string]string{"error": "error", "warning": "warning", "note": "note", "none": "no finding"}

// levels count findings.
var levels = map[rules.Level][2]string{rules.Error: {"%s error", "%s errors"}, rules.Warning: {"%s warning", "%s warnings"}, rules.Note: {"%s note", "%s notes"}}

// LawBetween says which changes of the law make the difference between two days.
func LawBetween(l *locale.Words, list []analyze.LawChange) string {
	out := make([]string, len(list))
	for i, c := range list {
		name := Line(c.About)
		if n := places.DisplayName(c.About, l.Language()); len(c.About) == 2 {
			name = n
		} else if n, ok := tools[c.About]; ok {
			name = l.T(n)
		}
		switch {
		case c.Instrument == "" && c.Change == analyze.Begins:
			out[i] = l.F("%s applies from %s", name, c.Date)
		case c.Change == analyze.Rises:
			out[i] = l.F("%s has a higher level from %s", name, c.Date)
		case c.Instrument == "":
			out[i] = l.F("%s no longer applies from %s", name, c.Date)
		case c.Change == analyze.Begins:
			out[i] = l.F("%s: %s in force from %s", name, Line(c.Instrument), c.Date)
		case c.Change == analyze.Closes:
			out[i] = l.F("%s: %s without new use from %s", name, Line(c.Instrument), c.Date)
		default:
			out[i] = l.F("%s: %s ended on %s", name, Line(c.Instrument), c.Date)
		}
	}
	return l.F("What changed: %s", strings.Join(out, "; ")) + "."
}

var headings = map[rules.Level]string{rules.Error: "Errors", rules.Warning: "Warnings", rules.Note: "Notes"}

// groups puts findings in order: errors, warnings, notes; within a level as they came.
func groups(w *locale.Words, fs []analyze.Finding) []levelGroup {
	var out []levelGroup
	for _, l := range []rules.Level{rules.Error, rules.Warning, rules.Note} {
		g := levelGroup{Level: string(l), Heading: w.T(headings[l])}
		for i := range fs {
			if fs[i].Level == l {
				g.Findings = append(g.Findings, newFinding(w, &fs[i]))
			}
		}
		if len(g.Findings) > 0 {
			out = append(out, g)
		}
	}
	return out
}

// tally counts findings by level: "2 errors, 1 note". None means something only where the text was judged.
func tally(w *locale.Words, fs []analyze.Finding, judged bool) string {
	n := map[rules.Level]int{}
	for _, f := range fs {
		n[f.Level]++
	}
	var out []string
	for _, l := range []rules.Level{rules.Error, rules.Warning, rules.Note} {
		if n[l] > 0 {
			out = append(out, w.N(levels[l][0], levels[l][1], n[l]))
		}
	}
	switch {
	case len(out) == 0 && judged:
		return w.T("none")
	case len(out) == 0:
		return w.T("not judged")
	}
	return strings.Join(out, ", ")
}

// Disclaimer says what a report is not.
func (v *view) Disclaimer() string { return disclaimer(v.Words) }

// Disclaimer says what a finding is, and what it is not.
func Disclaimer(l *locale.Words) string { return disclaimer(l) }

func disclaimer(l *locale.Words) string {
	return l.T("A finding is a passage that a person should read; it is no statement that the law is broken.")
}

// Verdict is the line under the title: by the law of which days the text was judged.
func (v *view) Verdict() string {
	if v.SameDay {
		return v.F("Judged by the law of today, %s", v.Today)
	}
	return v.F("Judged by the law of %s and of today, %s", v.AsOf, v.Today)
}

// NoDestinations says why there is no table of destinations.
func (v *view) NoDestinations() string {
	if !v.Judged {
		return v.T("Not judged: the text could not be searched in its language, and may well name destinations.")
	}
	return v.T("The text names no third country as a destination.")
}

// NotJudged says why the items of the notice were not judged, or "".
func (v *view) NotJudged() string {
	switch {
	case v.Judged:
		return ""
	case v.TextLanguage == "und" || v.TextLanguage == "":
		return v.T("Not judged: the language of the text could not be told (--lang names it).")
	}
	return v.F("Not judged: there are no rules for %s. What the text gives and lacks must be read by a person.", LanguageIn(v.Words, v.TextLanguage))
}

// MissingHeading introduces the items that were not found.
func (v *view) MissingHeading() string {
	if v.Whole {
		return v.T("Not found in the text")
	}
	return v.T("Not found in this excerpt (a short text is not held to be a whole notice)")
}

// NoFindings says what it means that there are none.
func (v *view) NoFindings() string {
	if !v.Judged {
		return v.T("None, but the text could not be searched in its language: this says nothing about it.")
	}
	return v.T("None of the checks found a passage.")
}

// KnownNote says up to when the law is known.
func (v *view) KnownNote() string {
	if v.Known == "" {
		return ""
	}
	return v.F("The legal data end on %s: look for later decisions and judgments.", v.Known)
}
