package digest

// Markdown.

import (
	"bufio"
	"io"
	"strings"

	"github.com/drittland/drittland/cmd/drittland/report"
)

// Markdown writes a digest as Markdown.
func Markdown(out io.Writer, d *Digest) error {
	w := marker{writer{bufio.NewWriter(out), newView(d, Reader{})}}
	w.line("# %s\n", md(w.F("%s: %s", w.Title, w.Gist)))
	if w.Nothing != "" {
		w.line("%s  ", md(w.Nothing))
		for i := range w.Sections {
			w.line("%s", md(w.Sections[i].Line))
		}
		return w.Flush()
	}
	w.line("%s", md(w.Span))
	for i := range w.Sections {
		w.section(&w.Sections[i])
	}
	if w.Review != "" {
		w.line("\n%s %s", w.F("%s:", w.T("All that waits for a decision")), report.MarkdownLink(w.Review))
	}
	for _, s := range w.Foot {
		w.line("\n---\n\n%s", md(s))
	}
	return w.Flush()
}

type marker struct{ writer }

func md(s string) string { return report.MarkdownLine(s) }

func (w marker) section(s *section) {
	w.line("\n## %s", md(s.Heading))
	if s.Line != "" {
		w.line("\n%s", md(s.Line))
	}
	for i := range s.Groups {
		w.line("\n### %s", md(s.Groups[i].Service))
		for _, e := range s.Groups[i].Entries {
			w.entry(e)
		}
	}
	if len(s.More) > 0 {
		w.line("")
	}
	for _, m := range s.More {
		w.line("- %s", strings.TrimSpace(md(m.Text)+" "+report.MarkdownLink(m.URL)))
	}
}

func (w marker) entry(e *entry) {
	head := md(e.What)
	if e.Level != "" {
		head = "**" + md(strings.ToUpper(e.Said)) + "** · " + head
	}
	w.line("\n%s", head)
	for _, s := range e.Says {
		w.line("\n%s", md(s))
	}
	for _, p := range e.Pairs {
		if p.Before != "" {
			w.line("\n> %s “%s”", w.F("%s:", w.T("before")), md(p.Before))
		}
		if p.After != "" {
			w.line("\n> %s “%s”", w.F("%s:", w.T("after")), md(p.After))
		}
	}
	if len(e.Findings) > 0 || e.Rest != "" {
		w.line("")
	}
	for _, f := range e.Findings {
		w.line("- **%s** %s %s", md(strings.ToUpper(f.Said)), md(f.ID), md(f.Title+brackets(f.Articles)))
		if f.Quote != "" {
			w.line("  > “%s”", md(f.Quote))
		}
		if f.Decided != "" {
			w.line("\n  %s", md(f.Decided))
		}
	}
	if e.Rest != "" {
		w.line("- %s", md(e.Rest))
	}
	for _, l := range w.links(e) {
		if to := report.MarkdownLink(l[1]); strings.HasPrefix(to, "<") {
			w.line("\n%s %s", w.F("%s:", l[0]), to)
		} else {
			w.line("\n%s %s", w.F("%s:", l[0]), code(l[1]))
		}
	}
}

// code is a command as Markdown shows it unchanged.
func code(s string) string {
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if len(fence) > 1 || strings.HasPrefix(s, " ") {
		return fence + " " + s + " " + fence
	}
	return fence + s + fence
}
