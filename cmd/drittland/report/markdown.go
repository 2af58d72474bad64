package report

// Markdown: reports for documents, tickets and pull requests.

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
)

// escapes are the characters that mean something in Markdown wherever they stand.
var escapes = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "|", `\|`,
	"~", `\~`, "&", "&amp;", "#", `\#`, "!", `\!`, "://", `:\//`, "@", `\@`, "$", `\$`)

// md escapes a line of text for Markdown.
func md(s string) string { return startOf(escapes.Replace(Line(s))) }

// MarkdownLine escapes a line of text for Markdown, where it may begin a line.
func MarkdownLine(s string) string { return md(s) }

// MarkdownLink is an address as Markdown shows it: a link if it is one of the web.
func MarkdownLink(u string) string { return mdLink(u) }

// mdLink is an address as Markdown shows it: a link if it is one of the web.
func mdLink(u string) string {
	if web(u) == "" || strings.ContainsAny(u, " <>\n") {
		return md(u)
	}
	return "<" + Line(u) + ">"
}

type mdWriter struct {
	*bufio.Writer
	words *locale.Words
}

func (w mdWriter) line(format string, a ...any) { fmt.Fprintf(w, format+"\n", a...) }

// Markdown writes reports one after another; seconds are what a second reader said of each, if one was asked.
func Markdown(out io.Writer, rs []*analyze.Report, seconds ...*Second) error {
	w := mdWriter{Writer: bufio.NewWriter(out)}
	for i, r := range rs {
		if i > 0 {
			w.line("\n---\n")
		}
		v := read(r, secondOf(seconds, i))
		w.words = v.Words
		w.report(v)
	}
	return w.Flush()
}

func (w mdWriter) report(v *view) {
	w.line("# %s\n", md(v.Title))
	about := v.About
	if v.Name != "" {
		about = append([]string{v.Name}, about...)
	}
	w.line("%s  \n%s.", md(strings.Join(about, " · ")), md(v.Verdict()))
	for _, x := range v.Warnings {
		w.line("\n> **%s** %s", v.T("Warning:"), md(x))
	}
	w.line("\n## %s\n", v.T("Where the data go"))
	if v.Judged || len(v.Destinations) > 0 {
		w.line("%s\n", v.F("The text %s.", v.Statement))
	}
	w.destinations(v)
	for _, s := range v.Says {
		w.line("- **%s** %s", v.F("%s:", s.What), mdLink(s.Value))
		if s.Quote != "" {
			w.line("  > %s", md(s.Quote))
		}
	}
	w.line("\n## %s\n", v.T("What the notice says (Art. 13 and 14 GDPR)"))
	w.notice(v)
	w.line("\n## %s", v.F("Findings: %s", v.Tally))
	if len(v.Levels) == 0 {
		w.line("\n%s", v.NoFindings())
	}
	w.findings(v.Levels)
	if len(v.Later) > 0 {
		w.line("\n## %s", v.T("Only by the law of today"))
		w.findings(v.Later)
	}
	w.second(v.Second)
	w.line("\n---\n\n%s", strings.TrimSpace(v.Disclaimer()+" "+v.KnownNote()))
}

func (w mdWriter) destinations(v *view) {
	if len(v.Destinations) == 0 {
		w.line("%s\n", v.NoDestinations())
		return
	}
	w.line("| %s | %s | %s | %s | %s |", v.T("Country"), v.T("Role"), v.F("Standing on %s", v.AsOf), v.T("Transfer tool"), v.T("Passage"))
	w.line("|---|---|---|---|---|")
	for _, d := range v.Destinations {
		quote := "“" + md(d.Quote) + "”"
		if d.Source != "" {
			quote = v.F("on %s", mdLink(d.Source))
		}
		w.line("| %s | %s | %s | %s | %s |", md(d.Country), d.Roles, d.Standing, d.Tools, quote)
	}
	w.line("")
}

func (w mdWriter) notice(v *view) {
	if why := v.NotJudged(); why != "" {
		w.line("%s", why)
		return
	}
	if len(v.Found) > 0 {
		w.line("| %s | %s | %s |", v.T("Information given"), v.T("Articles"), v.T("Passage"))
		w.line("|---|---|---|")
		for _, x := range v.Found {
			w.line("| %s | %s | “%s” |", md(x.Title), md(x.Articles), md(x.Quote))
		}
		w.line("")
	}
	if len(v.Missing) > 0 {
		w.line("%s\n", v.F("%s:", v.MissingHeading()))
		for _, x := range v.Missing {
			w.line("- %s (%s)", md(x.Title), md(x.Articles))
		}
	}
}

func (w mdWriter) findings(groups []levelGroup) {
	for _, g := range groups {
		w.line("\n### %s", g.Heading)
		for i := range g.Findings {
			f := &g.Findings[i]
			w.line("\n#### %s %s\n", f.ID, md(f.Title))
			w.line("*%s*\n", md(f.Articles))
			w.line("%s", md(f.Message))
			if f.Quote != "" {
				w.line("\n> %s", md(f.Quote))
			}
			if f.LookUp != "" {
				w.line("\n**%s** %s", w.words.T("Look up:"), md(f.LookUp))
			}
			if f.Differs != "" {
				w.line("\n**%s**", md(f.Differs))
			}
			if f.Doubted != "" {
				w.line("\n? *%s*", md(w.words.F("%s; see the second reading", f.Doubted)))
			}
			if f.Decided != "" {
				w.line("\n✓ %s", md(f.Decided))
			}
		}
	}
}
