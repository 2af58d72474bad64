package report

// Papers as Markdown.

import (
	"bufio"
	"io"
	"strings"
)

// PaperMarkdown writes a paper as Markdown.
func PaperMarkdown(out io.Writer, p *Paper) error {
	w := mdWriter{Writer: bufio.NewWriter(out)}
	w.line("# %s", md(p.Title))
	for i := range p.Parts {
		w.line("")
		w.part(p, &p.Parts[i])
	}
	return w.Flush()
}

func (w mdWriter) part(p *Paper, x *Part) {
	switch x.Kind {
	case PartHeading:
		w.line("%s %s", strings.Repeat("#", x.Level), p.mdRuns(x.Runs))
	case PartParagraph:
		w.line("%s", p.mdRuns(x.Runs))
	case PartList:
		for _, item := range x.Items {
			w.line("- %s", p.mdRuns(item))
		}
	case PartQuote:
		w.line("> %s", p.mdRuns(x.Runs))
		if len(x.Source) > 0 {
			w.line(">\n> — %s", p.mdRuns(x.Source))
		}
	case PartTable:
		w.paperTable(p, x)
	}
}

func (w mdWriter) paperTable(p *Paper, x *Part) {
	cells := make([]string, len(x.Head))
	for i, h := range x.Head {
		cells[i] = md(h)
	}
	w.line("| %s |\n|%s", strings.Join(cells, " | "), strings.Repeat("---|", len(cells)))
	for _, row := range x.Rows {
		for i := range cells {
			cells[i] = ""
			if i < len(row) {
				cells[i] = p.mdRuns(row[i])
			}
		}
		w.line("| %s |", strings.Join(cells, " | "))
	}
}

func (p *Paper) mdRuns(runs []Run) string {
	var b strings.Builder
	for _, r := range runs {
		b.WriteString(p.mdRun(r))
	}
	return startOf(b.String())
}

// mdRun escapes one run. Outer spaces of plain words stay: they part it from its neighbours.
func (p *Paper) mdRun(r Run) string {
	text := spaced(r.Text, func(s string) string { return escapes.Replace(Line(s)) })
	switch r.Kind {
	case Strong:
		return "**" + strings.TrimSpace(text) + "**"
	case Code:
		code := strings.NewReplacer("`", "'", "|", `\|`).Replace(Line(r.Text))
		if code == "" {
			return ""
		}
		return "`" + code + "`"
	case Web:
		return mdLink(r.Text)
	case Fill, Check:
		return "**" + strings.NewReplacer(`\[`, "[", `\]`, "]").Replace(escapes.Replace(p.mark(r))) + "**"
	}
	return text
}

// spaced gives f of a text, with a space at each end where the text has one.
func spaced(s string, f func(string) string) string {
	out := f(s)
	if out == "" {
		if s != "" {
			return " "
		}
		return ""
	}
	if strings.HasPrefix(s, " ") || strings.HasPrefix(s, "\u00a0") {
		out = " " + strings.TrimPrefix(out, "\u00a0")
	}
	if strings.HasSuffix(s, " ") {
		out += " "
	}
	return out
}
