package rules

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestBuiltin(t *testing.T) {
	s, err := Load(embedded)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range s.Languages() {
		if c, all := s.Coverage(l); c*100 < all*85 {
			t.Errorf("%s words only %d of %d concepts", l, c, all)
		}
	}
	ids := map[string]bool{}
	for _, c := range s.Checks {
		ids[c.ID] = true
		if len(c.Examples) == 0 {
			t.Errorf("%s has no examples", c.ID)
		}
		for _, lang := range s.Languages() {
			match, clean := c.examplesIn(lang)
			switch {
			case lang == "en" && (match == 0 || clean == 0), (match == 0) != (clean == 0):
				t.Errorf("%s: %d match and %d clean examples in %s, want at least one of each", c.ID, match, clean, lang)
			}
		}
	}
	for _, lang := range []string{"en", "de", "fr", "nl"} {
		if n, all := s.Proven(lang); n*10 < all*6 {
			t.Errorf("%s: only %d of %d checks have examples", lang, n, all)
		}
	}
	for _, id := range []string{"T01", "T01b", "T02", "T02b", "T08", "T38", "T42", "N01", "N21"} {
		if !ids[id] {
			t.Errorf("check %s is missing", id)
		}
	}
}

const okCheck = `checks:
  - id: X1
    rule: test/one
    title: A title
    articles: [GDPR 5]
    level: note
    message: A message
    when: {fact: transfer}
`

func TestBadPacks(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"unknown field":      {"    level: note", "    levle: note", `unknown field "levle"`},
		"bad level":          {"level: note", "level: fatal", `level "fatal"`},
		"bad id":             {"id: X1", "id: first", "id: expected"},
		"bad date":           {"level: note", "level: note\n    from: 1.2.2020", "expected YYYY-MM-DD"},
		"no condition":       {"{fact: transfer}", "{}", "exactly one of"},
		"two conditions":     {"{fact: transfer}", "{fact: a, not: {fact: b}}", "exactly one of"},
		"bad nearness":       {"{fact: transfer}", "{fact: a, with: [{fact: b, same: planet}]}", `same "planet"`},
		"no message":         {"    message: A message\n", "", "message"},
		"second document":    {"when: {fact: transfer}\n", "when: {fact: transfer}\n---\nchecks: []\n", "one YAML document"},
		"not yaml":           {"checks:", "checks: [", "yaml"},
		"example of both":    {"when: {fact: transfer}\n", "when: {fact: transfer}\n    examples: [{lang: en, match: a, clean: b}]\n", "either match or clean"},
		"item of nothing":    {"checks:\n", "items: [{item: a}]\nchecks:\n", "no evidence"},
		"item of a stranger": {"checks:\n", "items: [{item: a, evidence: [{all: [nonsense]}]}]\nchecks:\n", `unknown concept "nonsense"`},
		"item nowhere near":  {"checks:\n", "items: [{item: a, evidence: [{all: [x], near: -1}]}]\nchecks:\n", "near must be"},
	} {
		b := strings.Replace(okCheck, c.old, c.new, 1)
		_, err := Load(fstest.MapFS{"packs/test.yaml": {Data: []byte(b)}})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "packs/test.yaml") {
			t.Errorf("%s: got %v, want an error in packs/test.yaml with %q", name, err, c.want)
		}
	}
}

func TestUserPacks(t *testing.T) {
	off := "checks:\n  - {id: T05, off: true}\n"
	s, err := Load(embedded, fstest.MapFS{"packs/mine.yaml": {Data: []byte(off + strings.TrimPrefix(okCheck, "checks:\n"))}})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := s.CheckByID("T05"); ok {
		t.Error("T05 is still there")
	}
	if _, ok := s.CheckByID("test/one"); !ok {
		t.Error("the new check is missing")
	}
}

func TestOrderOfChecks(t *testing.T) {
	s, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, c := range s.Checks {
		ids = append(ids, c.ID)
	}
	if got := strings.Join(ids[:4], " "); got != "T01 T01b T02 T02b" {
		t.Errorf("checks begin with %s", got)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(okCheck, "language: en\nconcepts:\n  x: [a b, c* .. d?]\n", "language: de\nchecks: {X1: {title: a, message: b}}\n")
	f.Add("items: [{item: a, evidence: [{all: [x]}]}]", "language: en\nconcepts: {x: ['{x}']}", "language: de\nitems: {a: b}\nnames: {c: d}\nand: e\n")
	f.Add("checks: [{id: X1, when: {all: [{not: {any: [{fact: a}]}}]}}]", "language: de\nconcepts: []", "language: fr")
	f.Fuzz(func(t *testing.T, pack, lexicon, messages string) {
		s, err := Load(fstest.MapFS{
			"packs/concepts.yaml":      {Data: []byte("concepts: {x: what is tested}")},
			"packs/fuzz.yaml":          {Data: []byte(pack)},
			"lexicon/en/fuzz.yaml":     {Data: []byte(lexicon)},
			"lexicon/de/messages.yaml": {Data: []byte(messages)},
		})
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		s.Matcher("en")
		for i := range s.Checks {
			s.Text(&s.Checks[i], "de")
		}
	})
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := Load(embedded); err != nil {
			b.Fatal(err)
		}
	}
}
