package review

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/analyze/llm"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/snapshots"
)

// saidOf is a model that adds a fact and doubts every finding, with words that would do harm.
func saidOf(r *analyze.Report, model string) *report.Second {
	got := &llm.Reading{Status: llm.Complete, Counts: llm.Counts{Cached: 3, Dropped: llm.Dropped{Quote: 2}}, Added: []llm.Added{{Opinion: "aa", Articles: []string{"GDPR 44"},
		Fact: llm.Fact{Kind: "destination", Country: "BR", Quote: "in Brazil " + model, Span: snapshots.Span{Start: 1, End: 9}}}}}
	for _, f := range slices.Concat(r.Findings, r.Later) {
		got.Doubted = append(got.Doubted, llm.Doubt{Opinion: "ab", Finding: f.Fingerprint, Check: f.ID, Quote: "words of the text " + model, Span: snapshots.Span{Start: 3, End: 6}})
	}
	got.Doubted = append(got.Doubted, llm.Doubt{Opinion: "ac", Finding: "000000000000000000000000", Check: "T99", Quote: "of nothing"})
	s := report.NewSecond(r, got, model, "127.0.0.1:8080", "")
	s.Recorded = "2026-11-22"
	return s
}

var cardIDs = regexp.MustCompile(`id="finding-[0-9a-f]+"|name="item" value="[^"]*"`)

// What models say stands beside the findings in every language. No finding, and nothing that can be decided on, goes for it.
func TestOpinionsOnlyAdd(t *testing.T) {
	for _, lang := range []string{"en", "de", "fr", "nl"} {
		for _, path := range []string{"/change?s=Clipzy&t=Privacy+Policy&v=2", "/change?s=Clipzy&t=Privacy+Policy&v=1"} {
			f := newFake()
			c := serve(t, f)
			without := c.get(path, "Accept-Language", lang)
			f.model = "norden-7b"
			with := c.get(path, "Accept-Language", lang)
			want := cardIDs.FindAllString(without, -1)
			if got := cardIDs.FindAllString(with, -1); !slices.Equal(got, want) || len(want) == 0 {
				t.Errorf("%s %s: findings %q, without a model %q", lang, path, got, want)
			}
			for _, s := range []string{"words of the text", "norden-7b", "2026-11-22", "in Brazil"} {
				if !strings.Contains(with, s) || strings.Contains(without, s) {
					t.Errorf("%s %s: %q is not beside the findings", lang, path, s)
				}
			}
			_, section, _ := strings.Cut(with, `class="second">`)
			section, _, _ = strings.Cut(section, "</section>")
			if n := strings.Count(section, "finding opinion"); n < 1 || !strings.Contains(section, fmt.Sprintf(`<span class="count">%d<`, n)) {
				t.Errorf("%s %s: the section counts other than its %d cards", lang, path, n)
			}
			if strings.Contains(with, "of nothing") || strings.Contains(with, "T99") {
				t.Errorf("%s %s: a doubt of no finding is shown", lang, path)
			}
		}
	}
}

func TestOpinionsAreEscaped(t *testing.T) {
	f := newFake()
	c := serve(t, f)
	f.model = `<script>alert(1)</script>"onload=` + "\u202e"
	for _, path := range []string{"/change?s=Clipzy&t=Privacy+Policy&v=2", "/export?s=Clipzy&t=Privacy+Policy&v=2&form=html"} {
		b := c.get(path)
		if strings.Contains(b, "<script>alert") || strings.Contains(b, "\u202e") || !strings.Contains(b, "&lt;script&gt;alert") {
			t.Errorf("%s: what a model says is not escaped", path)
		}
	}
}
