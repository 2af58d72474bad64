package rules

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/drittland/drittland/snapshots/text"
)

// tree makes a set of rules with one lexicon of the given patterns for the concept "x".
func tree(patterns ...string) fstest.MapFS {
	var b strings.Builder
	b.WriteString("language: en\nconcepts:\n  y: [spring water]\n  x:\n")
	for _, p := range patterns {
		b.WriteString("    - '" + strings.ReplaceAll(p, "'", "''") + "'\n")
	}
	return fstest.MapFS{
		"packs/concepts.yaml":  {Data: []byte("concepts:\n  x: what is tested\n  y: another one\n")},
		"lexicon/en/test.yaml": {Data: []byte(b.String())},
	}
}

// scan gives the words of each hit of the concept "x".
func scan(t *testing.T, s *Set, in string) []string {
	t.Helper()
	words := text.Words(in)
	var got []string
	for _, h := range s.Matcher("en").Scan(in, words, nil) {
		if h.Concept == s.Concept("x") {
			got = append(got, in[words[h.First].Start:words[h.End-1].End])
		}
	}
	return got
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, in string
		want        []string
	}{
		{"transfer*", "We transferred it. The Transfer is TRANSFERABLE, a retransfer is not.", []string{"transferred", "Transfer", "TRANSFERABLE"}},
		{"*daten", "Daten, Nutzungsdaten, datenbank, Kundendaten", []string{"Daten", "Nutzungsdaten", "Kundendaten"}},
		{"third country|countries", "a third country, third countries, third-country, third big country", []string{"third country", "third countries", "third-country"}},
		{"outside of? the? EEA", "outside the EEA, outside of the EEA, outside EEA, outside the eea", []string{"outside the EEA", "outside of the EEA", "outside EEA"}},
		{"send ..2 kind? regards", "send you kind regards, send me my regards, send regards", []string{"send you kind regards", "send me my regards", "send regards"}},
		{"copy .. clauses", "a copy of these clauses; a copy of all of these many clauses", []string{"copy of these clauses"}},
		{"copy ..6 clauses", "a copy of all of these many clauses", []string{"copy of all of these many clauses"}},
		{"US", "us, US, U.S., Us", []string{"US"}},
		{"U.S.", "us, US, U.S.A., U.S.", []string{"U.S", "U.S"}},
		{"d'adéquation", "une décision d’adequation", []string{"d’adequation"}},
		{"drink {y}|tea", "drink spring water, drink tea, drink water", []string{"drink spring water", "drink tea"}},
		{"ab|a cd", "ab cd, a cd, b cd", []string{"ab cd", "a cd"}},
		{"übermittl*", "Über­mittlung übermitteln UBERMITTLUNG", []string{"Über­mittlung", "UBERMITTLUNG"}},
		{"long word|words", "long words", []string{"long words"}},
	} {
		s, err := Load(tree(c.pattern))
		if err != nil {
			t.Errorf("%q: %v", c.pattern, err)
			continue
		}
		if got := scan(t, s, c.in); !slices.Equal(got, c.want) {
			t.Errorf("%q in %q:\n got %q\nwant %q", c.pattern, c.in, got, c.want)
		}
	}
}

func TestBadPatterns(t *testing.T) {
	for pattern, want := range map[string]string{
		"":             "empty pattern",
		"a*":           "at least 2 letters",
		"foo.*bar":     "'*' may stand only at the end",
		"*ab":          "4 after it",
		"*abcde*":      "at one end",
		"[ab]c":        "brackets",
		".. word":      "between two words",
		"word ..":      "between two words",
		"one ..99 two": "between two words",
		"--":           "no word",
		"maybe?":       "must not be optional",
		"{x} y":        "refers to itself",
		"{nothing} y":  "no words for it",
		"{y":           "written {concept}",
		"a|b|c d? e? f? g? h? i? j? k? l? m? n? o?": "more than",
	} {
		_, err := Load(tree(pattern))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got error %v, want one with %q", pattern, err, want)
		}
		if err != nil && !strings.Contains(err.Error(), "lexicon/en/test.yaml:5:") {
			t.Errorf("%q: the error does not say where: %v", pattern, err)
		}
	}
}

func TestLongerHitWins(t *testing.T) {
	s, err := Load(tree("data", "data protection", "protection"))
	if err != nil {
		t.Fatal(err)
	}
	if got := scan(t, s, "data protection"); !slices.Equal(got, []string{"data protection"}) {
		t.Errorf("got %q", got)
	}
}

func BenchmarkScan(b *testing.B) {
	s, err := Builtin()
	if err != nil {
		b.Fatal(err)
	}
	sentence := "When we transfer your personal data to service providers in countries outside the European Economic Area, " +
		"we rely on standard contractual clauses, a copy of which you can request from our data protection officer at any time."
	words := text.Words(sentence)
	m := s.Matcher("en")
	var hits []Hit
	b.SetBytes(int64(len(sentence)))
	b.ReportAllocs()
	for b.Loop() {
		hits = m.Scan(sentence, words, hits[:0])
	}
}
