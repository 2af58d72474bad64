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

// CompareMarkdown writes a comparison as Markdown.
func CompareMarkdown(out io.Writer, c *analyze.Comparison) error {
	w := mdWriter{bufio.NewWriter(out)}
	w.comparison(newComparison(c))
	return w.Flush()
}

func (w mdWriter) comparison(v *comparisonView) {
	w.line("# What changed: %s\n", md(v.New.Title))
	w.line("- Old: %s", md(v.Old.Label()+" · "+strings.Join(v.Old.About, " · ")))
	w.line("- New: %s", md(v.New.Label()+" · "+strings.Join(v.New.About, " · ")))
	for _, x := range v.Warnings {
		w.line("\n> **Warning:** %s", md(x))
	}
	w.line("\n**Class: %s.** %s", md(v.Verdict()), md(v.Why))
	if v.Counts != "" {
		w.line("\n%s.", v.Counts)
	}
	w.line("\n## Facts on transfers that changed\n")
	if len(v.Facts) == 0 {
		w.line("%s", v.NoFacts())
	}
	for _, f := range v.Facts {
		w.line("- **%s** %s", strings.Replace(f.Sign, "~", `\~`, 1), md(f.Text))
		if f.Quote != "" {
			w.line("  > %s", md(f.Quote))
		}
	}
	w.line("\n## Findings that appeared: %s", v.AppearedSum)
	w.findings(v.Appeared)
	w.line("\n## Findings that are resolved: %s\n", v.ResolvedSum)
	for _, g := range v.Resolved {
		for _, f := range g.Findings {
			w.line("- %s %s (%s)", f.ID, md(f.Title), f.Level)
		}
	}
	if len(v.Blocks) > 0 {
		w.line("\n## Redline\n")
		w.line("<ins>inserted</ins> <del>deleted</del> {moved}\n")
	}
	for i := range v.Blocks {
		w.block(&v.Blocks[i])
	}
	if len(v.Links) > 0 {
		w.line("## Links that lead elsewhere\n")
		for _, l := range v.Links {
			w.line("- “%s”: now %s, before %s", md(l.Words), mdLink(l.New), mdLink(l.Old))
		}
	}
	w.line("\n---\n\n%s. %s", v.Days(), disclaimer)
}

func (w mdWriter) block(b *block) {
	if b.Skipped > 0 {
		w.line("… *%s*\n", plural(b.Skipped, "unchanged block", "unchanged blocks"))
		return
	}
	var s strings.Builder
	for _, p := range b.Pieces {
		s.WriteString(mdPiece(p))
	}
	tag := ""
	if b.Tag != "" {
		tag = "*" + b.Tag + ":* "
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
