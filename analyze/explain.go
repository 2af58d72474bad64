package analyze

// Explanations: how a finding came about. The facts that its check selected, the facts beside them that it asked for,
// what it looked for and did not find, and the rows of law behind it.

import (
	"maps"
	"slices"
	"strings"

	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
)

// ExplanationSchema names the form of an Explanation.
const ExplanationSchema = "drittland/explanation/1"

// maxShown bounds the facts of one list of an explanation.
const maxShown = 50

// An Explanation says how a finding came about.
type Explanation struct {
	Schema    string       `json:"schema"`
	Language  string       `json:"report_language"`
	Finding   Finding      `json:"finding"`
	Asks      []Asked      `json:"asks"` // of the articles of the finding, those that the legal data hold
	Mitigates string       `json:"mitigates"`
	Sources   []string     `json:"sources"` // guidelines, judgments, decisions behind the check
	Facts     []FactShown  `json:"facts"`   // what the finding is about; none where something is absent
	Beside    []FactShown  `json:"beside"`  // other facts that the check asks for, and found
	Absent    []Wanted     `json:"absent"`  // facts that the check asks not to be there; each would have kept it silent
	Law       []LawRow     `json:"law"`     // in force or ended on one of the two days
	Check     *rules.Check `json:"-"`
}

// A FactShown is a fact with its words.
type FactShown struct {
	Kind    string            `json:"kind"`
	Attr    map[string]string `json:"attributes"`
	Quote   string            `json:"quote"`
	Heading string            `json:"heading"` // that the words stand below
	Start   int               `json:"start"`
	End     int               `json:"end"`
	URL     string            `json:"url,omitempty"` // of the linked page that says it
}

// An Asked is what one article of a finding asks, in the language of the explanation.
type Asked struct {
	Article  string `json:"article"` // as the finding names it
	Sentence string `json:"sentence"`
	Verified bool   `json:"verified"` // the article was read in a copy of its official text
	Source   string `json:"source"`   // its address
}

// A Wanted is a fact that was looked for and is not there.
type Wanted struct {
	Kind  string              `json:"kind"`
	Where map[string][]string `json:"where"`
	Same  string              `json:"same"` // where it was looked for: sentence, section or document
}

func (w Wanted) equal(o Wanted) bool {
	return w.Kind == o.Kind && w.Same == o.Same && maps.EqualFunc(w.Where, o.Where, slices.Equal)
}

// A LawRow is one row of the legal data.
type LawRow struct {
	About      string   `json:"about"` // country or tool
	Name       string   `json:"name"`
	Instrument string   `json:"instrument"`
	Scope      string   `json:"scope"`
	Then       string   `json:"as_of"` // standing or status on the day of the report
	Today      string   `json:"today"`
	From       law.Date `json:"from"`
	Ended      law.Date `json:"ended"`
	Verified   bool     `json:"verified"`
	Source     string   `json:"source"`
}

// Explain gives the explanations of the findings of a report that have an ID, a rule or a fingerprint that begins so, of all if name is
// "", in the order of the report. f are the facts that the report was made of.
func (e *Engine) Explain(f *Facts, d Dates, name string) []Explanation {
	r := e.Report(f, d)
	return e.explain(f.On(d.AsOf), d, r.Findings, name, false)
}

// ExplainChange does the same for the findings on a change of versions.
func (e *Engine) ExplainChange(old, new *Facts, oldDay law.Date, d Dates, name string) []Explanation {
	c := e.Compare(old, new, oldDay, d)
	return e.explain(c.facts(old, new, d), d, c.Appeared, name, true)
}

func (e *Engine) explain(f *Facts, d Dates, list []Finding, name string, versions bool) []Explanation {
	var out []Explanation
	hits := e.judge(f, d.AsOf, versions)
	q := newQuestions(f.All)
	for _, x := range list {
		if !x.called(name) {
			continue
		}
		i := slices.IndexFunc(hits, func(h hit) bool { return h.check.ID == x.ID })
		if i < 0 {
			continue // a finding of the new text alone, in a comparison
		}
		h := hits[i]
		say := e.set.Text(h.check, e.language)
		ex := Explanation{Schema: ExplanationSchema, Language: e.language, Finding: x, Asks: Asks(x.Articles, e.language), Mitigates: say.Mitigates, Sources: append([]string{}, h.check.Sources...),
			Facts: []FactShown{}, Beside: []FactShown{}, Absent: []Wanted{}, Law: []LawRow{}, Check: h.check}
		for _, g := range h.facts {
			ex.Facts = addShown(ex.Facts, f, g)
		}
		beside := q.beside(&h.check.When, nil)
		if len(h.facts) > 0 && h.facts[0].Kind == FactSameDate { // which has no words of its own
			beside = append(beside, slices.Concat(f.Of(FactAppeared), f.Of(FactGone))...)
		}
		for _, g := range beside {
			if !slices.Contains(h.facts, g) {
				ex.Beside = addShown(ex.Beside, f, g)
			}
		}
		var near *Fact
		if len(h.facts) > 0 {
			near = h.facts[0]
		}
		for _, w := range q.absent(&h.check.When, near) {
			if !slices.ContainsFunc(ex.Absent, w.equal) {
				ex.Absent = append(ex.Absent, w)
			}
		}
		ex.Law = append(ex.Law, lawOf(slices.Concat(h.facts, beside, sameSentence(f, h.facts)), d)...)
		out = append(out, ex)
	}
	return out
}

// Asks says what articles ask, in a language, in their order. One that the legal data do not hold is left out.
func Asks(articles []string, language string) []Asked {
	out := []Asked{}
	for _, name := range articles {
		if a, ok := law.Asks(name, language); ok {
			out = append(out, Asked{Article: name, Sentence: a.Sentence, Verified: a.Verified, Source: a.Source})
		}
	}
	return out
}

// called reports whether a finding has that ID, rule or beginning of a fingerprint; "" calls all.
func (f *Finding) called(name string) bool {
	return name == "" || strings.EqualFold(f.ID, name) || f.Rule == name || len(name) >= 6 && strings.HasPrefix(f.Fingerprint, strings.ToLower(name))
}

func addShown(list []FactShown, f *Facts, x *Fact) []FactShown {
	if len(list) == maxShown {
		return list
	}
	s := FactShown{Kind: x.Kind, Attr: x.Attr, URL: x.URL, Start: x.Span.Start, End: x.Span.End}
	if x.URL == "" && x.Span.End <= len(f.Document.Text) {
		s.Quote = f.Document.Quote(x.Span)
		if x.Section >= 0 && x.Section < len(f.Document.Blocks) {
			s.Heading = f.Document.Quote(f.Document.Blocks[x.Section].Span)
		}
	}
	return append(list, s)
}

// beside are the facts that a condition that holds found: those that it selects, and their partners.
func (q *questions) beside(c *rules.Condition, near *Fact) []*Fact {
	var out []*Fact
	add := func(list []*Fact) {
		for _, f := range list {
			if !slices.Contains(out, f) && len(out) < maxShown {
				out = append(out, f)
			}
		}
	}
	for _, list := range [][]rules.Condition{c.All, c.Any} {
		for i := range list {
			add(q.beside(&list[i], near))
		}
	}
	if c.Fact == "" {
		return out
	}
	at := place{kind: c.Fact}
	if near != nil {
		at = placeOf(c.Fact, c.Same, near)
	}
	for _, f := range q.facts[at] {
		if near != nil && !matches(c, f, near) || !q.fits(c, f) {
			continue
		}
		add([]*Fact{f})
		for i := range c.With {
			add(q.beside(&c.With[i], f))
		}
	}
	return out
}

// absent are the facts that a condition asks not to be there and that are not there, as near to near as it asks.
func (q *questions) absent(c *rules.Condition, near *Fact) []Wanted {
	var out []Wanted
	for _, list := range [][]rules.Condition{c.All, c.Any, c.With} {
		for i := range list {
			out = append(out, q.absent(&list[i], near)...)
		}
	}
	for i := range c.Without {
		out = append(out, q.wanted(&c.Without[i], near)...)
	}
	if c.Not != nil {
		out = append(out, q.wanted(c.Not, nil)...)
	}
	return out
}

// wanted are the facts that a condition selects, without those that are there.
func (q *questions) wanted(c *rules.Condition, near *Fact) []Wanted {
	var out []Wanted
	for _, list := range [][]rules.Condition{c.All, c.Any} {
		for i := range list {
			out = append(out, q.wanted(&list[i], near)...)
		}
	}
	if c.Fact == "" {
		return out
	}
	if _, there := q.holds(c, near); there {
		return nil
	}
	w := Wanted{Kind: c.Fact, Where: map[string][]string{}, Same: c.Same}
	if w.Same == "" {
		w.Same = "document"
	}
	for k, v := range c.Where {
		w.Where[k] = v
	}
	return append(out, w)
}

// sameSentence are the facts that stand in a sentence of one of some facts.
func sameSentence(f *Facts, some []*Fact) []*Fact {
	in := map[int]bool{}
	for _, x := range some {
		in[x.Sentence] = x.Sentence >= 0
	}
	var out []*Fact
	for i := range f.All {
		if in[f.All[i].Sentence] {
			out = append(out, &f.All[i])
		}
	}
	return out
}

// lawOf are the rows of law that stand behind facts, on either day.
func lawOf(facts []*Fact, d Dates) []LawRow {
	var out []LawRow
	var seen []string
	for _, f := range facts {
		country, id := f.Attr["country"], ""
		if f.Kind == FactTool || f.Attr["what"] == "tool" {
			id = f.Attr["id"]
		}
		for _, about := range []string{country, id} {
			if about == "" || slices.Contains(seen, about) || len(about) != 2 && about == country {
				continue
			}
			seen = append(seen, about)
			if about == country {
				out = append(out, countryRows(about, d)...)
			} else {
				out = append(out, toolRows(about, d)...)
			}
		}
	}
	return out
}

func countryRows(country string, d Dates) []LawRow {
	then, today := string(law.StandingOf(country, d.AsOf)), string(law.StandingOf(country, d.Today))
	var out []LawRow
	for _, day := range []law.Date{d.AsOf, d.Today} {
		for _, r := range law.Rows(country, day) {
			row := LawRow{About: country, Name: r.Name, Instrument: r.Instrument, Scope: r.Scope, Then: then, Today: today, From: r.From, Ended: r.Ended, Verified: r.Verified, Source: r.Source}
			if !slices.Contains(out, row) {
				out = append(out, row)
			}
		}
	}
	if len(out) == 0 { // that there is none is what the law says
		out = append(out, LawRow{About: country, Then: then, Today: today})
	}
	return out
}

func toolRows(id string, d Dates) []LawRow {
	var out []LawRow
	for _, t := range law.Default().Tools {
		then, today := law.Tool(t.ID, d.AsOf), law.Tool(t.ID, d.Today)
		past := then == law.Ended && today == law.Ended
		if t.ID == id || t.Kind == id && !past {
			out = append(out, LawRow{About: id, Name: t.Name, Instrument: t.Instrument, Then: string(then), Today: string(today),
				From: t.From, Ended: t.Ended, Verified: t.Verified, Source: t.Source})
		}
	}
	return out
}
