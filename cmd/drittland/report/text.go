package report

// Text: reports for a terminal of 60 to 140 columns.

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/fatih/color"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
)

// A Style says how text is laid out. The zero value is 100 columns without colour.
type Style struct {
	Width  int // columns
	Colour bool
}

func (s Style) width() int {
	if s.Width == 0 {
		return 100
	}
	return min(max(s.Width, 60), 140)
}

// A pen writes styled lines.
type pen struct {
	*bufio.Writer
	Style
	words *locale.Words
}

func newPen(w io.Writer, s Style) *pen { return &pen{bufio.NewWriter(w), s, locale.For("en")} }

// paint colours s, where colours are on.
func (p *pen) paint(s string, attrs ...color.Attribute) string {
	if !p.Colour || s == "" || len(attrs) == 0 {
		return s
	}
	c := color.New(attrs...)
	c.EnableColor()
	return c.Sprint(s)
}

func (p *pen) line(format string, a ...any) { fmt.Fprintf(p, format+"\n", a...) }

// hold stands for no-break spaces while lines are broken, and let brings them back.
var hold, let = strings.NewReplacer("\u00a0", "\ue0a0", "\u202f", "\ue0af"), strings.NewReplacer("\ue0a0", "\u00a0", "\ue0af", "\u202f")

// wrap breaks s at spaces, but for no-break spaces, into lines of at most width columns.
func wrap(s string, width int) string { return let.Replace(text.WrapSoft(hold.Replace(s), width)) }

// Wrap breaks s at spaces, but for no-break spaces, into lines of at most width columns.
func Wrap(s string, width int) []string { return strings.Split(wrap(s, width), "\n") }

// wrapped writes s in lines of which the first begins with lead and the others stand below it.
func (p *pen) wrapped(lead, s string, attrs ...color.Attribute) {
	w := text.StringWidthWithoutEscSequences(lead)
	for i, l := range strings.Split(wrap(s, p.width()-w), "\n") {
		if i == 1 {
			lead = strings.Repeat(" ", w)
		}
		p.line("%s%s", lead, p.paint(strings.TrimRight(l, " "), attrs...))
	}
}

func (p *pen) heading(s string) { p.line("\n%s", p.paint(strings.ToUpper(s), color.Bold)) }

func (p *pen) level(f *finding) string {
	s := text.Pad(strings.ToUpper(f.Said), p.levelWidth(), ' ')
	switch f.Level {
	case "error":
		return p.paint(s, color.FgRed, color.Bold)
	case "warning":
		return p.paint(s, color.FgYellow, color.Bold)
	}
	return p.paint(s, color.FgCyan)
}

// levelWidth is that of the longest level.
func (p *pen) levelWidth() int {
	width := 0
	for _, l := range []string{"error", "warning", "note"} {
		width = max(width, text.StringWidthWithoutEscSequences(word(p.words, levelNames, l)))
	}
	return width
}

// Text writes reports one after another; seconds are what a second reader said of each, if one was asked.
func Text(w io.Writer, rs []*analyze.Report, s Style, seconds ...*Second) error {
	p := newPen(w, s)
	for i, r := range rs {
		if i > 0 {
			p.line("\n%s\n", strings.Repeat("═", p.width()))
		}
		p.report(read(r, secondOf(seconds, i)))
	}
	return p.Flush()
}

func (p *pen) report(v *view) {
	p.words = v.Words
	p.wrapped("", v.Title, color.Bold)
	about := v.About
	if v.Name != "" {
		about = append([]string{v.Name}, about...)
	}
	p.wrapped("", strings.Join(about, " · "))
	p.wrapped("", v.Verdict())
	for _, w := range v.Warnings {
		p.line("")
		p.wrapped("! ", w, color.FgYellow, color.Bold)
	}
	p.heading(v.T("Where the data go"))
	if v.Judged || len(v.Destinations) > 0 {
		p.wrapped("", v.F("The text %s.", v.Statement))
	}
	p.destinations(v)
	p.sayings(v)
	p.heading(v.T("What the notice says (Art. 13 and 14 GDPR)"))
	p.notice(v)
	p.heading(v.F("Findings: %s", v.Tally))
	if len(v.Levels) == 0 {
		p.wrapped("", v.NoFindings())
	}
	for _, g := range v.Levels {
		for i := range g.Findings {
			p.line("")
			p.finding(&g.Findings[i])
		}
	}
	if len(v.Later) > 0 {
		p.heading(v.T("Only by the law of today"))
	}
	for _, g := range v.Later {
		for i := range g.Findings {
			p.line("")
			p.finding(&g.Findings[i])
		}
	}
	p.second(v.Second)
	p.line("")
	p.wrapped("", strings.TrimSpace(v.Disclaimer()+" "+v.KnownNote()), color.Faint)
}

func (p *pen) destinations(v *view) {
	if len(v.Destinations) == 0 {
		p.wrapped("", v.NoDestinations())
		return
	}
	rows := [][]string{{v.T("Country"), v.T("Role"), v.F("Standing on %s", v.AsOf), v.T("Transfer tool"), v.T("Passage")}}
	for _, d := range v.Destinations {
		quote := "“" + d.Quote + "”"
		if d.Source != "" {
			quote = v.F("on %s", d.Source)
		}
		rows = append(rows, []string{d.Country, d.Roles, d.Standing, d.Tools, quote})
	}
	p.grid(rows, true)
}

// grid draws rows, of which the first is the header, with lines around them.
func (p *pen) grid(rows [][]string, lines bool) {
	p.table(rows, lines, fitting(rows, p.width()-2*len(rows[0])-1, p.width()*18/100))
}

// halves draws a table of two columns, side by side, as wide as the line.
func (p *pen) halves(rows [][]string) {
	half := (p.width() - 7) / 2 // what is left of borders and of the room beside them
	p.table(rows, true, []int{half, half})
}

func (p *pen) table(rows [][]string, lines bool, widths []int) {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	t.Style().Options.SeparateRows = lines
	for i, r := range rows {
		cells := make(table.Row, len(r))
		for j, c := range r {
			cells[j] = c
		}
		if i == 0 {
			t.AppendHeader(cells)
		} else {
			t.AppendRow(cells)
		}
	}
	p.columns(t, widths...)
	p.line("%s", t.Render())
}

// sayings are lines of a label, a value and, indented below, the words.
func (p *pen) sayings(v *view) {
	for _, s := range v.Says {
		mark := "•"
		if s.Absent {
			mark = "–"
		}
		p.wrapped(mark+" ", v.F("%s:", s.What)+" "+s.Value)
		if s.Quote != "" {
			p.wrapped("    ", "“"+s.Quote+"”", color.Faint)
		}
	}
}

func (p *pen) notice(v *view) {
	if why := v.NotJudged(); why != "" {
		p.wrapped("", why)
		return
	}
	if len(v.Found) > 0 {
		rows := [][]string{{v.T("Information given"), v.T("Articles"), v.T("Passage")}}
		for _, x := range v.Found {
			rows = append(rows, []string{x.Title, x.Articles, "“" + x.Quote + "”"})
		}
		p.grid(rows, false)
	}
	if len(v.Missing) > 0 {
		p.wrapped("", v.F("%s:", v.MissingHeading()))
		for _, x := range v.Missing {
			p.wrapped("  – ", fmt.Sprintf("%s (%s)", x.Title, x.Articles))
		}
	}
}

func (p *pen) finding(f *finding) {
	p.line("%s %s  %s", p.level(f), p.paint(f.ID, color.Bold), p.paint(f.Title, color.Bold))
	p.wrapped("        ", f.Articles)
	p.wrapped("        ", f.Message)
	if f.Quote != "" {
		p.wrapped("        ", "“"+f.Quote+"”", color.FgBlue)
	}
	if f.LookUp != "" {
		p.wrapped("        ", p.words.T("Look up:")+" "+f.LookUp)
	}
	if f.Differs != "" {
		p.wrapped("        ", f.Differs, color.FgMagenta)
	}
	if f.Doubted != "" {
		p.wrapped("      ? ", p.words.F("%s; see the second reading", f.Doubted), color.FgMagenta)
	}
	if f.Decided != "" {
		p.wrapped("      ✓ ", f.Decided, color.FgGreen)
	}
}

// columns sets the widths of the columns of t.
func (p *pen) columns(t table.Writer, widths ...int) {
	var cs []table.ColumnConfig
	for i, w := range widths {
		cs = append(cs, table.ColumnConfig{Number: i + 1, WidthMax: w, WidthMaxEnforcer: wrap})
	}
	t.SetColumnConfigs(cs)
}
