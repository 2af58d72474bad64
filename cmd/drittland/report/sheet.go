package report

// Sheets and tables: the plain lists of the commands rules and law.

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fatih/color"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
)

// Standing is the standing of a destination in words.
func Standing(l *locale.Words, s law.Standing) string { return standing(l, s) }

// A Sheet is a text of entries with fields.
type Sheet struct{ *pen }

// NewSheet begins a sheet. Close ends it.
func NewSheet(w io.Writer, s Style) *Sheet { return &Sheet{newPen(w, s)} }

// Title writes a line in bold.
func (s *Sheet) Title(format string, a ...any) {
	s.wrapped("", Line(fmt.Sprintf(format, a...)), color.Bold)
}

// Line writes a paragraph after an empty line.
func (s *Sheet) Line(format string, a ...any) {
	s.line("")
	s.wrapped("", Line(fmt.Sprintf(format, a...)))
}

// Entry writes a heading and fields below it; fields without a value are left out.
func (s *Sheet) Entry(heading string, fields [][2]string) {
	s.line("")
	s.wrapped("", Line(heading), color.Bold)
	width := 0
	for _, f := range fields {
		width = max(width, text.StringWidthWithoutEscSequences(f[0]))
	}
	for _, f := range fields {
		if f[1] != "" {
			s.wrapped("  "+text.Pad(f[0], width, ' ')+"  ", Line(f[1]))
		}
	}
}

// Close ends the sheet.
func (s *Sheet) Close() error { return s.Flush() }

// Table writes rows, of which the first is the header, in columns.
func Table(w io.Writer, s Style, rows [][]string) error {
	p := newPen(w, s)
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	t.Style().Options = table.OptionsNoBordersAndSeparators
	t.Style().Box.PaddingLeft = ""
	for i, r := range rows {
		cells := make(table.Row, len(r))
		for j, c := range r {
			cells[j] = Line(c)
		}
		if i == 0 {
			t.AppendHeader(cells)
		} else {
			t.AppendRow(cells)
		}
	}
	p.columns(t, fitting(rows, p.width(), 0)...)
	for _, l := range strings.Split(t.Render(), "\n") {
		p.line("%s", strings.TrimRight(l, " "))
	}
	return p.Flush()
}

// fitting gives the widths of columns: what they need; where the line is too long the widest are narrowed,
// but never below their longest word. If there is a most, no column but the last gets more, unless a word is longer.
func fitting(rows [][]string, width, most int) []int {
	need, least := make([]int, len(rows[0])), make([]int, len(rows[0]))
	for _, r := range rows {
		for j, c := range r {
			c = Line(c)
			need[j] = max(need[j], text.StringWidthWithoutEscSequences(c))
			for _, w := range strings.Fields(c) {
				least[j] = max(least[j], text.StringWidthWithoutEscSequences(w))
			}
		}
	}
	for j := range len(need) - 1 {
		if most > 0 {
			need[j] = max(least[j], min(need[j], most))
		}
	}
	total := 0
	for _, n := range need {
		total += n + 1
	}
	for total > width {
		widest := -1
		for j := range need {
			if need[j] > least[j] && (widest < 0 || need[j] >= need[widest]) {
				widest = j
			}
		}
		if widest < 0 {
			break
		}
		need[widest]--
		total--
	}
	return need
}

// Rule explains a check; what it says to a person is told in the language of l.
func Rule(w io.Writer, set *rules.Set, c *rules.Check, l *locale.Words, s Style) error {
	p := NewSheet(w, s)
	say := set.Text(c, l.Language())
	p.Title("%s  %s", c.ID, say.Title)
	p.wrapped("", c.Rule+" · "+word(l, levelNames, string(c.Level))+" · "+articlesIn(l, c.Articles))
	p.Line("%s", say.Message)
	fields := [][2]string{{l.T("look up"), say.LookUp}, {l.T("mitigated by"), say.Mitigates}, {l.T("sources"), strings.Join(c.Sources, "; ")},
		{l.T("in force"), inForce(l, c.From, c.Until)}, {l.T("silent beside"), strings.Join(c.YieldsTo, ", ")}, {l.T("asks"), condition(&c.When)}}
	for _, lc := range c.Levels {
		say := word(l, levelNames, string(lc.Level))
		if lc.From != "" || lc.Until != "" {
			say += ", " + inForce(l, lc.From, lc.Until)
		}
		if lc.When != nil {
			say += ", " + l.F("if %s", condition(lc.When))
		}
		fields = append(fields, [2]string{l.T("level"), say})
	}
	p.provisions(c.Articles, l)
	p.Entry(l.T("Meaning"), fields)
	var examples [][2]string
	other := 0
	for _, x := range c.Examples {
		if x.Lang != "en" && x.Lang != l.Language() {
			other++
			continue
		}
		before := ""
		if x.Before != "" {
			before = "“" + x.Before + "” → "
		}
		if x.Match != "" {
			examples = append(examples, [2]string{l.F("finds (%s)", x.Lang), before + "“" + x.Match + "”"})
		} else {
			examples = append(examples, [2]string{l.F("leaves (%s)", x.Lang), before + "“" + x.Clean + "”"})
		}
	}
	if len(examples) > 0 {
		p.Entry(l.T("Examples"), examples)
	}
	if other > 0 {
		p.Line("%s", l.N("%s more example in other languages.", "%s more examples in other languages.", other))
	}
	return p.Close()
}

// provisions is an entry of what articles ask, if the legal data hold one of them.
func (s *Sheet) provisions(articles []string, l *locale.Words) {
	var fields [][2]string
	for _, a := range analyze.Asks(articles, l.Language()) {
		fields = append(fields, [2]string{articlesIn(l, []string{a.Article}), a.Sentence})
	}
	if len(fields) > 0 {
		s.Entry(l.T("What the articles ask"), fields)
	}
}

func inForce(l *locale.Words, from, until string) string {
	switch {
	case from == "" && until == "":
		return l.F("since %s", "2018-05-25")
	case until == "":
		return l.F("since %s", from)
	case from == "":
		return l.F("until %s", until)
	}
	return l.F("from %s until %s", from, until)
}

// condition says a condition in words.
func condition(c *rules.Condition) string {
	list := func(cs []rules.Condition, sep string) string {
		out := make([]string, len(cs))
		for i := range cs {
			out[i] = condition(&cs[i])
		}
		return strings.Join(out, sep)
	}
	switch {
	case c.Not != nil:
		return "no (" + condition(c.Not) + ")"
	case len(c.All) > 0:
		return list(c.All, " and ")
	case len(c.Any) > 0:
		return "(" + list(c.Any, " or ") + ")"
	}
	s := "a fact " + c.Fact
	if len(c.Where) > 0 {
		var ws []string
		for _, k := range sortedKeys(c.Where) {
			ws = append(ws, k+" "+strings.Join(c.Where[k], "|"))
		}
		s += " (" + strings.Join(ws, ", ") + ")"
	}
	if c.Same != "" {
		s += " in the same " + c.Same
	}
	if len(c.With) > 0 {
		s += " beside " + list(c.With, " and ")
	}
	if len(c.Without) > 0 {
		s += " without " + list(c.Without, " and without ")
	}
	return s
}

func sortedKeys(m map[string]rules.Values) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// Item explains an item of the notice.
func Item(w io.Writer, set *rules.Set, it *rules.Item, l *locale.Words, s Style) error {
	p := NewSheet(w, s)
	p.Title("%s  %s", it.ID, set.ItemTitle(it, l.Language()))
	p.wrapped("", articlesIn(l, it.Articles))
	var fields [][2]string
	for _, e := range it.Evidence {
		var parts []string
		for _, x := range []struct {
			label string
			names []string
			join  string
		}{{"", e.All, " + "}, {"one of ", e.Any, ", "}, {"none of ", e.None, ", "}, {"under a heading or lead with ", e.Under, ", "}} {
			if len(x.names) > 0 {
				parts = append(parts, x.label+strings.Join(x.names, x.join))
			}
		}
		if e.Near > 0 {
			parts = append(parts, fmt.Sprintf("within %d words", e.Near))
		}
		if e.Topic {
			parts = append(parts, "about the item only")
		}
		fields = append(fields, [2]string{"a sentence with", strings.Join(parts, "; ")})
	}
	p.provisions(it.Articles, l)
	p.Entry("Evidence", fields)
	return p.Close()
}
