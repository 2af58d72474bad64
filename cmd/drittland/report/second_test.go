package report

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/analyze/llm"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/snapshots"
)

// secondSample is what a model with an evil name said of sample, or of the new text of comparison.
func secondSample(r *analyze.Report) *Second {
	r.Findings[1].Fingerprint = "0123456789abcdef"
	got := &llm.Reading{Status: llm.Stopped, Problem: llm.Problem{Kind: llm.OverBudget, Detail: "the next question does not fit"},
		Added: []llm.Added{{Opinion: "aa", Fact: llm.Fact{Kind: "destination", Country: "IN", Role: "remote_access", Who: "staff", Hedged: true, Quote: evil, Span: snapshots.Span{Start: 120, End: 140}}, Articles: []string{"GDPR 13(1)(f)", "GDPR 44"}},
			{Opinion: "ab", Fact: llm.Fact{Kind: "tool", Tool: "bcr", Quote: "Our group has rules."}, Articles: []string{"GDPR 46"}}},
		Doubted: []llm.Doubt{{Opinion: "ac", Finding: "0123456789abcdef", Check: "T08", Quote: "The Shield is history. " + evil, Span: snapshots.Span{Start: 10, End: 30}, Article: "GDPR 45"},
			{Opinion: "ad", Finding: "no such finding", Check: "T99", Quote: "x"}},
		Counts: llm.Counts{Passages: 14, Findings: 2, Asked: 14, Cached: 2, NoOpinion: 1, Unasked: 3, Left: 4, Dropped: llm.Dropped{Quote: 3, Country: 1}}, Tokens: llm.Usage{In: 9000, Out: 800},
		Opinions: []llm.Opinion{{Served: "small-1-quick " + evil}, {}, {Served: "small-1-quick " + evil}}}
	s := NewSecond(r, got, "small-1 "+evil, "127.0.0.1:8080", "EUR")
	s.Add(&llm.Reading{Status: llm.Complete, Added: []llm.Added{{Opinion: "ae", Fact: llm.Fact{Kind: "destination", Country: "BR", Role: "unspecified", Quote: "Brazil"}, Articles: []string{"GDPR 44"}},
		{Opinion: "af", Fact: llm.Fact{Kind: "tool", Tool: "bcr", Quote: "The rules again."}}}, Counts: llm.Counts{Passages: 1, Asked: 1}}, "https://clipzy.example/countries")
	other := &llm.Reading{Status: llm.Complete, Doubted: []llm.Doubt{{Opinion: "ba", Finding: "0123456789abcdef", Check: "T08", Quote: "The Shield is history."}}, Counts: llm.Counts{Passages: 1, Findings: 1, Asked: 2}}
	return Together([]*Second{s, NewSecond(r, other, "large-2", "127.0.0.1:8080", "")})
}

func TestSecondReadings(t *testing.T) {
	r := sample()
	s := secondSample(r)
	c := comparison()
	c.Appeared[0].Fingerprint = "0123456789abcdef"
	for name, write := range map[string]func(io.Writer) error{
		"second.txt":          func(w io.Writer) error { return Text(w, []*analyze.Report{unread(), r}, Style{Width: 80}, nil, s) },
		"second.md":           func(w io.Writer) error { return Markdown(w, []*analyze.Report{r}, s) },
		"second.html":         func(w io.Writer) error { return HTML(w, []*analyze.Report{r}, s) },
		"second.json":         func(w io.Writer) error { return JSON(w, s) },
		"second_compare.txt":  func(w io.Writer) error { return CompareText(w, c, Style{}, s) },
		"second_compare.md":   func(w io.Writer) error { return CompareMarkdown(w, c, s) },
		"second_compare.html": func(w io.Writer) error { return CompareHTML(w, c, s) },
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			if name != "second.json" {
				harmless(t, name, b.String())
			}
			golden(t, name, b.Bytes())
		})
	}
}

// TestASecondReadingOnlyAdds takes away what a second reading put into a report, which must leave the report without one.
func TestASecondReadingOnlyAdds(t *testing.T) {
	r := sample()
	s := secondSample(r)
	for name, write := range map[string]func(io.Writer, ...*Second) error{
		"text": func(w io.Writer, s ...*Second) error { return Text(w, []*analyze.Report{r}, Style{}, s...) },
		"md":   func(w io.Writer, s ...*Second) error { return Markdown(w, []*analyze.Report{r}, s...) },
		"html": func(w io.Writer, s ...*Second) error { return HTML(w, []*analyze.Report{r}, s...) },
		"json": func(w io.Writer, s ...*Second) error { return JSON(w, WithSeconds([]*analyze.Report{r}, s)) },
	} {
		var with, without bytes.Buffer
		if err := write(&without); err != nil {
			t.Fatal(err)
		}
		if err := write(&with, s); err != nil {
			t.Fatal(err)
		}
		rest := strings.Split(with.String(), "\n")
		for _, line := range strings.Split(without.String(), "\n") {
			i := 0
			for i < len(rest) && strings.TrimSuffix(rest[i], ",") != strings.TrimSuffix(line, ",") {
				i++
			}
			if i == len(rest) {
				t.Fatalf("%s: the line %q is gone, or elsewhere", name, line)
			}
			rest = rest[i+1:]
		}
	}
}

// TestSecondReadingInWord has opinions as comments on their words; all changes can still be accepted or rejected.
func TestSecondReadingInWord(t *testing.T) {
	c := comparison()
	s := secondSample(sample())
	for _, x := range []*Second{nil, s, {}} {
		var b bytes.Buffer
		if err := CompareDOCX(&b, c, DOCX{Second: x}); err != nil {
			t.Fatal(err)
		}
		if _, msg := readDOCX(b.Bytes()); msg != "" {
			t.Error(msg)
		}
		comments := wordsOf(t, b.Bytes(), "word/comments.xml")
		if got := strings.Contains(comments, "opinion (model small-1"); got != (x == s) {
			t.Errorf("comments with an opinion: %v", got)
		}
		body := wordsOf(t, b.Bytes(), "word/document.xml")
		if got := strings.Contains(body, "The rules read"); got != (x == s) {
			t.Errorf("both readings side by side: %v", got)
		}
	}
}

// wordsOf are the words of one part of a Word document.
func wordsOf(t *testing.T, file []byte, name string) string {
	t.Helper()
	all, err := parts(file)
	if err != nil || all[name] == nil {
		t.Fatalf("%s: %v", name, err)
	}
	var b strings.Builder
	all[name].each(func(e *element, _ []string) { b.WriteString(e.text) })
	return b.String()
}

// Doubts stand in the order in which reports show findings: errors first.
func TestDoubtsInTheOrderOfLevels(t *testing.T) {
	r := &analyze.Report{Findings: []analyze.Finding{{ID: "T1", Fingerprint: "a", Level: rules.Note}, {ID: "T2", Fingerprint: "b", Level: rules.Error}, {ID: "T3", Fingerprint: "c", Level: rules.Warning}},
		Later: []analyze.Finding{{ID: "T4", Fingerprint: "d", Level: rules.Error}}}
	var got []string
	for _, d := range NewSecond(r, &llm.Reading{Doubted: []llm.Doubt{{Finding: "a"}, {Finding: "b"}, {Finding: "c"}, {Finding: "d"}}}, "m", "h", "").Doubted {
		got = append(got, d.Finding)
	}
	if strings.Join(got, "") != "bdca" {
		t.Errorf("%q", got)
	}
}

func TestSecondLines(t *testing.T) {
	en, de := locale.For("en"), locale.For("de")
	for _, c := range []struct {
		s    Second
		l    *locale.Words
		want string
	}{
		{Second{Model: "m", Status: llm.Complete, Counts: SecondCounts{Asked: 14, Cached: 2, NoOpinion: 1}}, en, "second reading by m: 14 questions asked, 2 from the cache, 1 gave no usable opinion"},
		{Second{Model: "m", Status: llm.Complete, Counts: SecondCounts{Asked: 1}}, en, "second reading by m: 1 question asked"},
		{Second{Model: "m", Status: llm.Failed, Problem: &SecondProblem{llm.Unreachable, "connection refused"}}, en, "second reading not possible: no connection (connection refused); the findings of the rules stand"},
		{Second{Model: "m", Status: llm.Failed, Problem: &SecondProblem{llm.Busy, "HTTP 429: \x1b[31mslow"}, Counts: SecondCounts{Asked: 1, Failed: 3}}, en,
			"second reading by m: 1 question asked, 3 failed; the endpoint is busy (HTTP 429: ␛[31mslow)"},
		{Second{Model: "m", Status: llm.Stopped, Problem: &SecondProblem{llm.OverBudget, "x"}, Counts: SecondCounts{Unasked: 7}}, de, "zweite Lesung durch m: 0 Fragen gestellt, 7 nicht gestellt; das Budget ist aufgebraucht"},
	} {
		if d := cmp.Diff(c.want, c.s.Line(c.l)); d != "" {
			t.Error(d)
		}
	}
}

// TestEveryDroppedReasonHasWords has a reason that is counted told in each language.
func TestEveryDroppedReasonHasWords(t *testing.T) {
	var d llm.Dropped
	if err := json.Unmarshal([]byte(`{"form":1,"passage":2,"quote":3,"long":4,"country":5,"home":6,"article":7,"incomplete":8,"duplicate":9,"too_many":10}`), &d); err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, r := range reasonsOf(d) {
		if sum += r.n; droppedNames[r.name][0] == "" {
			t.Errorf("%s has no words", r.name)
		}
	}
	if sum != d.Total() || sum != 55 {
		t.Errorf("%d of %d are told", sum, d.Total())
	}
}
