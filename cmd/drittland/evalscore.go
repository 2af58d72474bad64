package main

// Scores: what a reader got right, beside what a person read, by kind of fact and by language.

import (
	"maps"
	"slices"
)

// A score counts facts.
type score struct {
	Right     int     `json:"right"`   // read, and labelled
	Wrong     int     `json:"wrong"`   // read, and not labelled
	Missing   int     `json:"missing"` // labelled, and not read
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
}

func (s *score) rate() {
	ratio := func(a, b int) float64 {
		if b == 0 {
			return 0
		}
		return float64(a) / float64(b)
	}
	s.Precision, s.Recall, s.F1 = ratio(s.Right, s.Right+s.Wrong), ratio(s.Right, s.Right+s.Missing), ratio(2*s.Right, 2*s.Right+s.Wrong+s.Missing)
}

// kindsScored are the kinds of facts, in the order in which they are shown. Those from the first of noticeKinds on are items of the notice, which no model is asked for.
var kindsScored = []string{"language of the text", "statement on transfers", "destination: country", "destination: storage or access", "transfer tool", "no tool stated",
	"copy of the safeguards", "destinations left vague", "list behind a link only", "access from outside the EEA", "access by authorities there",
	"contact of the DPO", "right to complain", "representative in the EU", "retention period"}

const noticeKinds = 11 // index of the first

// A scorer counts for one reader.
type factScorer struct {
	Kinds     map[string]*score `json:"kinds"`
	Languages map[string]*score `json:"languages"` // all facts on transfers of the texts in one
	model     bool              // asked neither for the language nor for items of the notice
}

func newFactScorer(model bool) *factScorer {
	return &factScorer{Kinds: map[string]*score{}, Languages: map[string]*score{}, model: model}
}

type set map[string]bool

func only(b bool) set {
	if b {
		return set{"yes": true}
	}
	return set{}
}

// add counts what is in both sets, or in one.
func (s *factScorer) add(kind int, language string, gold, got set) {
	if s.model && (kind == 0 || kind >= noticeKinds) {
		return
	}
	name := kindsScored[kind]
	if s.Kinds[name] == nil {
		s.Kinds[name] = &score{}
	}
	counts := []*score{s.Kinds[name]}
	if kind > 0 && kind < noticeKinds {
		if s.Languages[language] == nil {
			s.Languages[language] = &score{}
		}
		counts = append(counts, s.Languages[language])
	}
	for _, c := range counts {
		for x := range got {
			if gold[x] {
				c.Right++
			} else {
				c.Wrong++
			}
		}
		for x := range gold {
			if !got[x] {
				c.Missing++
			}
		}
	}
}

// unscored are countries that labels are not agreed on: the United Kingdom and Switzerland, and ZZ for no country.
var unscored = []string{"", "ZZ", "GB", "CH"}

// take counts one text.
func (s *factScorer) take(l *label, f *readFacts) {
	s.add(0, l.Lang, set{l.Lang: true}, set{f.language: true})
	if !l.Borderline {
		s.add(1, l.Lang, set{l.statement(): true}, set{f.statement: true})
	}
	s.destinations(l, f)
	s.tools(l, f)
	s.add(8, l.Lang, only(l.List != nil && *l.List != ""), only(f.list))
	for _, x := range []struct {
		kind int
		gold *bool
		got  bool
	}{{7, l.Vague, f.vague}, {9, l.Remote, f.remote}, {10, l.Government, f.government},
		{11, l.DPO, f.items["dpo_contact"]}, {12, l.Complaint, f.items["right_complaint"]}, {13, l.Representative, f.items["representative"]}, {14, l.Retention, f.items["retention_period"]}} {
		if x.gold != nil {
			s.add(x.kind, l.Lang, only(*x.gold), only(x.got))
		}
	}
}

// destinations counts countries, without those that are implied alone, and the roles of those that the label has.
func (s *factScorer) destinations(l *label, f *readFacts) {
	gold, implied, named, goldRoles := set{}, set{}, set{}, set{}
	for _, d := range l.Destinations {
		if d.Kind != "by_reference" && !slices.Contains(unscored, d.Country) {
			gold[d.Country] = true
		}
		switch d.Kind {
		case "implied":
			implied[d.Country] = true
		case "named":
			named[d.Country] = true
			if d.Role == "storage" || d.Role == "remote_access" {
				goldRoles[d.Country+" "+d.Role] = true
			}
		}
	}
	got, gotRoles := set{}, set{}
	for country, roles := range f.roles {
		if !slices.Contains(unscored, country) && (!implied[country] || named[country]) {
			got[country] = true
		}
		for _, role := range []string{"storage", "remote_access"} {
			if roles[role] && gold[country] {
				gotRoles[country+" "+role] = true
			}
		}
	}
	want := maps.Clone(gold)
	maps.DeleteFunc(want, func(country string, _ bool) bool { return implied[country] && !named[country] })
	s.add(2, l.Lang, want, got)
	s.add(3, l.Lang, goldRoles, gotRoles)
}

// tools counts tools, but for those that are arguable, and where none is stated; and copies of the safeguards.
func (s *factScorer) tools(l *label, f *readFacts) {
	gold, arguable := set{}, set{}
	for _, m := range l.Mechanisms {
		if m.Borderline {
			arguable[m.ID] = true
		} else {
			gold[m.ID] = true
		}
	}
	maps.DeleteFunc(arguable, func(id string, _ bool) bool { return gold[id] })
	delete(gold, "none_stated")
	got := set{}
	for id := range f.tools {
		if id != "none_stated" && !arguable[id] {
			got[id] = true
		}
	}
	s.add(4, l.Lang, gold, got)
	if l.statement() != "yes" {
		return
	}
	s.add(5, l.Lang, only(len(gold) == 0 && len(arguable) == 0), only(len(got) == 0))
	if !l.CopyBorderline {
		s.add(6, l.Lang, only(l.Copy == "offered"), only(f.copy))
	}
}

// finish rates all counts.
func (s *factScorer) finish() {
	for _, m := range []map[string]*score{s.Kinds, s.Languages} {
		for _, x := range m {
			x.rate()
		}
	}
}

// macro is the mean F1 of the kinds on transfers that were counted.
func (s *factScorer) macro() float64 {
	sum, n := 0.0, 0
	for _, name := range kindsScored[1:noticeKinds] {
		if x := s.Kinds[name]; x != nil {
			sum, n = sum+x.F1, n+1
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}
