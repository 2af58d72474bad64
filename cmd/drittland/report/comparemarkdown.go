package report

// Comparisons as Markdown. Insertions and deletions are the inline tags ins and del, which CommonMark
// passes on and which stay readable in the source.

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/drittland/drittland/analyze"
)

// CompareMarkdown writes a comparison as Markdown; second is what a second reader said of the new text, if one was asked.
func CompareMarkdown(out io.Writer, c *analyze.Comparison, second ...*Second) error {
	v := readComparison(c, second)
	w := mdWriter{bufio.NewWriter(out), v.Words}
	w.comparison(v)
	return w.Flush()
}

func (w mdWriter) comparison(v *comparisonView) {
	w.line("# %s\n", v.F("What changed: %s", md(v.New.Title)))
	w.line("- %s %s", v.T("Old:"), md(v.Old.Label()+" · "+strings.Join(v.Old.About, " · ")))
	w.line("- %s %s", v.T("New:"), md(v.New.Label()+" · "+strings.Join(v.New.About, " · ")))
	for _, x := range v.Warnings {
		w.line("\n> **%s** %s", v.T("Warning:"), md(x))
	}
	w.line("\n**%s.** %s", md(v.F("Class: %s", v.Verdict())), md(v.Why))
	if v.Counts != "" {
		w.line("\n%s.", v.Counts)
	}
	w.line("\n## %s\n", v.T("Facts on transfers that changed"))
	if len(v.Facts) == 0 {
		w.line("%s", v.NoFacts())
	}
	for _, f := range v.Facts {
		w.line("- **%s** %s", strings.Replace(f.Sign, "~", `\~`, 1), md(f.Text))
		if f.Quote != "" {
			w.line("  > %s", md(f.Quote))
		}
	}
	w.line("\n## %s", v.F("Findings that appeared: %s", v.AppearedSum))
	w.findings(v.Appeared)
	w.line("\n## %s\n", v.F("Findings that are resolved: %s", v.ResolvedSum))
	for _, g := range v.Resolved {
		for _, f := range g.Findings {
			w.line("- %s %s (%s)", f.ID, md(f.Title), f.Said)
		}
	}
	w.second(v.Second)
	blocks := v.blocks()
	if len(blocks) > 0 {
		w.line("\n## %s\n", v.T("Redline"))
		w.line("<ins>%s</ins> <del>%s</del> {%s}\n", v.T("inserted"), v.T("deleted"), v.T("moved"))
	}
	for i := range blocks {
		w.block(&blocks[i])
	}
	if len(v.Links) > 0 {
		w.line("## %s\n", v.T("Links that lead elsewhere"))
		for _, l := range v.Links {
			w.line("- %s", v.F("“%s”: now %s, before %s", md(l.Words), mdLink(l.New), mdLink(l.Old)))
		}
	}
	w.line("\n---\n\n%s %s", v.Days(), v.Disclaimer())
}

func (w mdWriter) block(b *block) {
	if b.Skipped > 0 {
		w.line("*%s*\n", w.words.N("… %s unchanged block", "… %s unchanged blocks", b.Skipped))
		return
	}
	var s strings.Builder
	for _, p := range b.Pieces {
		s.WriteString(mdPiece(p))
	}
	tag := ""
	if b.Tag != "" {
		tag = "*" + w.words.F("%s:", w.words.T(b.Tag)) + "* "
	}
	text := strings.TrimSpace(s.String())
	switch {
	case b.Kind == "heading" && tag == "":
		w.line("**%s**\n", text)
	case b.Kind == "item":
		w.line("- %s%s\n", tag, text)
	case tag == "":
		w.line("%s\n", startOf(text))
	default:
		w.line("%s%s\n", tag, text)
	}
}

// startOf keeps the begin of a line from meaning a list or a heading.
func startOf(s string) string {
	if s != "" && strings.ContainsRune("-+=:", rune(s[0])) {
		return `\` + s
	}
	if i := strings.IndexAny(s, ".)"); i > 0 && i < 10 && strings.Trim(s[:i], "0123456789") == "" {
		return s[:i] + `\` + s[i:]
	}
	return s
}

// mdPiece is a run of words with its tags inside its outer spaces.
func mdPiece(p piece) string {
	core := strings.TrimSpace(p.Text)
	if core == "" {
		return " "
	}
	i := strings.Index(p.Text, core)
	left, right := "", ""
	if i > 0 {
		left = " "
	}
	if i+len(core) < len(p.Text) {
		right = " "
	}
	body := escapes.Replace(strings.Join(strings.Fields(core), " "))
	switch p.Op {
	case "insert":
		body = "<ins>" + body + "</ins>"
	case "delete":
		body = "<del>" + body + "</del>"
	case "in", "out":
		body = fmt.Sprintf("{%s}", body)
	}
	return left + body + right
}
