package digest

// Plain text: 78 columns, but for addresses and commands, which are not broken.

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/drittland/drittland/cmd/drittland/report"
)

const columns = 78

// A writer writes lines.
type writer struct {
	*bufio.Writer
	*view
}

func (w writer) line(format string, a ...any) { fmt.Fprintf(w.Writer, format+"\n", a...) }

// wrapped writes s after lead, its further lines below where it begins.
func (w writer) wrapped(lead, s string) {
	n := len([]rune(lead))
	for i, l := range report.Wrap(s, columns-n) {
		if i == 1 {
			lead = strings.Repeat(" ", n)
		}
		w.line("%s", strings.TrimRight(lead+l, " "))
	}
}

// Text writes a digest as plain text for a reader, who may be nobody.
func Text(out io.Writer, d *Digest, to Reader) error {
	w := writer{bufio.NewWriter(out), newView(d, to)}
	if w.Nothing != "" { // two lines, and no more
		w.wrapped("", w.F("%s: %s", w.Title, w.Nothing))
		for i := range w.Sections {
			w.wrapped("", w.Sections[i].Line)
		}
		w.foot()
		return w.Flush()
	}
	w.wrapped("", w.F("%s: %s", w.Title, w.Gist))
	w.wrapped("", w.Span)
	for i := range w.Sections {
		w.section(&w.Sections[i])
	}
	if w.Review != "" {
		w.line("\n%s %s", w.F("%s:", w.T("All that waits for a decision")), w.Review)
	}
	w.foot()
	return w.Flush()
}

func (w writer) section(s *section) {
	w.line("\n%s", strings.ToUpper(s.Heading))
	if s.Line != "" {
		w.line("")
		w.wrapped("", s.Line)
	}
	for i := range s.Groups {
		w.line("")
		w.wrapped("", s.Groups[i].Service)
		for _, e := range s.Groups[i].Entries {
			w.entry(e)
		}
	}
	if len(s.More) > 0 {
		w.line("")
	}
	for _, m := range s.More {
		w.wrapped("… ", m.Text)
		if m.URL != "" {
			w.line("  %s", m.URL)
		}
	}
}

func (w writer) entry(e *entry) {
	head := e.What
	if e.Level != "" {
		head = strings.ToUpper(e.Said) + " · " + head
	}
	w.wrapped("* ", head)
	for _, s := range e.Says {
		w.wrapped("  ", s)
	}
	for _, p := range e.Pairs {
		if p.Before != "" {
			w.wrapped("  – "+w.F("%s:", w.T("before"))+" ", "“"+p.Before+"”")
		}
		if p.After != "" {
			w.wrapped("  + "+w.F("%s:", w.T("after"))+" ", "“"+p.After+"”")
		}
	}
	for _, f := range e.Findings {
		w.wrapped("  > ", strings.ToUpper(f.Said)+" "+f.ID+" "+f.Title+brackets(f.Articles))
		if f.Quote != "" {
			w.wrapped("    ", "“"+f.Quote+"”")
		}
		if f.Decided != "" {
			w.wrapped("    ", f.Decided)
		}
	}
	if e.Rest != "" {
		w.wrapped("  > ", e.Rest)
	}
	for _, l := range w.links(e) { // an address or a command is not broken
		w.line("  %s %s", w.F("%s:", l[0]), l[1])
	}
}

// links are where to read on, with what they are.
func (v *view) links(e *entry) [][2]string {
	var out [][2]string
	for _, l := range [][2]string{{v.T("Page"), e.Page}, {v.T("Review"), e.Review}, {v.T("Evidence"), e.Evidence}} {
		if l[1] != "" {
			out = append(out, l)
		}
	}
	return out
}

func brackets(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

func (w writer) foot() {
	if len(w.Foot) > 0 || w.Leave != "" {
		w.line("\n-- ")
	}
	for _, s := range w.Foot {
		w.wrapped("", s)
	}
	if w.Leave != "" {
		w.line("%s %s", w.F("%s:", w.Leave), w.LeaveURL)
	}
}
