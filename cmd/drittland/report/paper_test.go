package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// hostilePaper has what a text may try in each kind of part and run.
func hostilePaper() *Paper {
	const bad = "a`|b\n# <script>x</script> [y](https://evil.example) \x1b[31m\u202e *z* & _w_"
	p := &Paper{Language: "en", Title: "T " + bad, FillIn: "FILL IN", Check: "CHECK"}
	var all []Run
	for _, k := range []RunKind{Plain, Strong, Said, Web, Fill, Check} {
		all = append(all, Run{k, bad})
	}
	all = append(all, Run{Code, "c`|d\n\x1b\u202e"}) // between backquotes nothing else means anything
	p.Add(Part{Kind: PartHeading, Level: 2, Runs: all}, Part{Kind: PartParagraph, Runs: all}, Part{Kind: PartList, Items: [][]Run{all, all}},
		Part{Kind: PartQuote, Runs: all, Source: all}, Part{Kind: PartTable, Head: []string{bad, "B"}, Rows: [][][]Run{{all, all}, {all}}},
		Part{Kind: PartParagraph, Runs: []Run{{Web, "javascript:alert(1)"}, {Text: " and "}, {Web, "https://clipzy.example/a"}, {Code, ""}, {Text: " "}, {Text: ""}}})
	return p
}

func TestPaperMarkdown(t *testing.T) {
	var b bytes.Buffer
	if err := PaperMarkdown(&b, hostilePaper()); err != nil {
		t.Fatal(err)
	}
	out := b.String()
	for _, bad := range []string{"<script", "](https://evil", "\x1b", "\u202e", "\n# <"} {
		if strings.Contains(out, bad) {
			t.Errorf("%q in %s", bad, out)
		}
	}
	for _, want := range []string{"**[FILL IN: a", "**[CHECK: a", "<https://clipzy.example/a>", "javascript:alert(1) and ", "> — "} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in %s", want, out)
		}
	}
	for l := range strings.Lines(out) {
		if n := strings.Count(strings.ReplaceAll(l, `\|`, ""), "|"); strings.HasPrefix(l, "|") && n != 3 {
			t.Errorf("a row of two cells has %d signs between them: %s", n, l)
		}
	}
}

func TestPaperHTML(t *testing.T) {
	var b bytes.Buffer
	if err := PaperHTML(&b, hostilePaper(), []byte("picture")); err != nil {
		t.Fatal(err)
	}
	out := b.String()
	for _, bad := range []string{"<script", `href="javascript`, "\x1b", "\u202e", `href="a`} {
		if strings.Contains(out, bad) {
			t.Errorf("%q in %s", bad, out)
		}
	}
	for _, want := range []string{"<mark>[FILL IN: a", "<mark>[CHECK: a", `href="https://clipzy.example/a"`, `src="data:image/png;base64,cGljdHVyZQ=="`, "default-src 'none'", "<h2>", "<blockquote>"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in %s", want, out)
		}
	}
}

func TestPaperRuns(t *testing.T) {
	got := Runs("%s of %s", Run{Said, "A"}, Run{Code, "B"})
	if want := []Run{{Said, "A"}, {Text: " of "}, {Code, "B"}}; !slices.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
	if got := Runs("none, %s", Run{}, Run{Text: "over"}); len(got) != 2 {
		t.Errorf("got %+v", got)
	}
	p := hostilePaper()
	if n := len(p.Open(Fill)); n != 8 {
		t.Errorf("%d places to fill in, want 8: those of the quotation's own words are none", n)
	}
}
