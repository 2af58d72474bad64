package report

// Timelines as text: a coarse bar and the spans in words, a line for each fact.

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/fatih/color"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/drittland/drittland/snapshots"
)

// mostListed is how many alerts and gaps a timeline lists in words.
const mostListed = 12

// A strip is a timeline laid out in columns: a label, a bar, words.
type strip struct {
	*pen
	t          *Timeline
	label, bar int // columns
}

// TimelineText writes t for a terminal.
func TimelineText(w io.Writer, t *Timeline, s Style) error {
	p := newPen(w, s)
	p.words = t.words
	x := &strip{pen: p, t: t, label: t.labelWidth(p.width() * 3 / 10)}
	x.bar = (p.width() - x.label - 3) * 3 / 5
	x.head()
	for i := range t.Groups {
		x.group(&t.Groups[i])
	}
	if len(t.Groups) == 0 {
		p.line("")
		x.wrapped("", x.words.T("The text says nothing of transfers that could be drawn."))
	}
	x.alerts()
	x.gaps()
	x.law()
	p.line("")
	x.key()
	for _, n := range t.Notes {
		p.wrapped("", n, color.Faint)
	}
	return p.Flush()
}

// labelWidth is that of the longest label, from 12 to a limit.
func (t *Timeline) labelWidth(most int) int {
	widest := 12
	for _, g := range t.Groups {
		for _, r := range g.Rows {
			if len(r.IDs) == 1 {
				widest = max(widest, text.StringWidthWithoutEscSequences(r.Label))
			}
		}
	}
	return min(widest, most)
}

// head writes the title and the lines that all facts share.
func (x *strip) head() {
	t, l := x.t, x.words
	x.wrapped("", t.title(), color.Bold)
	x.wrapped("", t.about()+". "+l.N("A column is about %s day.", "A column is about %s days.", max(1, int(t.Until.Sub(t.From).Hours()/24)/x.bar)))
	x.line("")
	x.row("", x.years(), "")
	counts := make([]int, x.bar)
	for _, v := range t.Versions {
		counts[x.column(v.Date)]++
	}
	x.row(l.T("Versions"), digits(counts), "")
	marks := blank(x.bar)
	for _, a := range t.Alerts {
		marks[x.column(a.Date)] = '!'
	}
	x.row(l.T("Alerts"), string(marks), "")
	marks = blank(x.bar)
	for _, g := range t.Gaps {
		x.fill(marks, g.From, g.Until, '~')
	}
	x.row(l.T("Not verified"), string(marks), "")
	marks = blank(x.bar)
	for i := range t.Law {
		marks[x.column(t.Law[i].at())] = '§'
	}
	x.row(l.T("Law"), string(marks), "")
}

// title names the terms.
func (t *Timeline) title() string { return Line(t.Terms.String()) }

// about says how much there is of the terms and of when.
func (t *Timeline) about() string {
	l := t.words
	s := l.N("%s version", "%s versions", len(t.Versions)) + ", " + t.From.Format(time.DateOnly) + " – " + t.Until.Format(time.DateOnly)
	if t.Variant != "" {
		s += "; " + l.F("variant %s", Line(t.Variant))
		if i := slices.IndexFunc(t.Variants, func(v TimelineVariant) bool { return v.Name == t.Variant }); i >= 0 {
			s += " " + l.F("of %s", l.Number(len(t.Variants)))
		}
	}
	if !t.Verified.IsZero() {
		s += "; " + l.F("last verified %s", t.Verified.Format(time.DateOnly))
	}
	return s + "; " + l.F("drawn on %s", t.Drawn.Format(time.DateOnly))
}

// ticks are the beginnings of years on the axis, or of months where there are few years, and how they are written.
func (t *Timeline) ticks() (list []time.Time, form string) {
	const month = 30 * 24 * time.Hour
	step, form := 12, "2006"
	switch all := t.Until.Sub(t.From); {
	case all <= 8*month:
		step, form = 1, "2006-01"
	case all <= 30*month:
		step, form = 3, "2006-01"
	}
	for at := time.Date(t.From.Year(), 1, 1, 0, 0, 0, 0, time.UTC); !t.Until.Before(at); at = at.AddDate(0, step, 0) {
		if !at.Before(t.From) {
			list = append(list, at)
		}
	}
	return list, form
}

func blank(n int) []rune { return []rune(strings.Repeat(" ", n)) }

// digits are counts of at most 9, one a column.
func digits(counts []int) string {
	var b strings.Builder
	for _, n := range counts {
		switch {
		case n == 0:
			b.WriteByte(' ')
		case n > 9:
			b.WriteByte('+')
		default:
			fmt.Fprint(&b, n)
		}
	}
	return b.String()
}

// column is that of a time.
func (x *strip) column(at time.Time) int {
	all := x.t.Until.Sub(x.t.From)
	if all <= 0 {
		return 0
	}
	return min(max(0, int(float64(at.Sub(x.t.From))/float64(all)*float64(x.bar))), x.bar-1)
}

// fill puts a sign into the columns from one time to another; at least into one.
func (x *strip) fill(cells []rune, from, until time.Time, sign rune) {
	for i := x.column(from); i <= max(x.column(from), x.column(until.Add(-time.Second))); i++ {
		cells[i] = sign
	}
}

// cells are the columns of a bar: each has the kind that stood for at least half of its time, and each span has one at least.
func (x *strip) cells(spans []TimelineSpan) []rune {
	cells := blank(x.bar)
	width := x.t.Until.Sub(x.t.From) / time.Duration(x.bar)
	for i := range cells {
		begin := x.t.From.Add(time.Duration(i) * width)
		stood := map[string]time.Duration{}
		for _, s := range spans {
			from, until := later(s.From, begin), s.end(x.t.Until)
			if end := begin.Add(width); end.Before(until) {
				until = end
			}
			if from.Before(until) {
				stood[s.Kind] += until.Sub(from)
			}
		}
		for kind, d := range stood {
			if 2*d > width {
				cells[i] = signs[kind]
			}
		}
	}
	for _, s := range spans {
		from, until := x.column(later(s.From, x.t.From)), x.column(s.end(x.t.Until))
		if !slices.Contains(cells[from:until+1], signs[s.Kind]) {
			cells[(from+until)/2] = signs[s.Kind]
		}
	}
	return cells
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// years are the beginnings of years or months, as many as there is room for.
func (x *strip) years() string {
	cells, next := blank(x.bar), 0
	ticks, form := x.t.ticks()
	if begin := x.t.From.Format("2006-01"); len(ticks) == 0 || x.column(ticks[0]) > len(begin) {
		next = copy(cells, []rune(begin)) + 1
	}
	if form == "2006" && len(ticks) > x.bar/5 {
		form = "’06"
	}
	for _, at := range ticks {
		name := []rune(at.Format(form))
		if i := x.column(at); i >= next && i+len(name) <= x.bar {
			copy(cells[i:], name)
			next = i + len(name) + 1
		}
	}
	return string(cells)
}

// row writes a label, a bar and words; the label and the words go on below where there is no room for them.
func (x *strip) row(label, bar, words string) {
	left := strings.Split(wrap(label, x.label), "\n")
	right := strings.Split(wrap(words, x.width()-x.label-x.bar-3), "\n")
	for i := range max(len(left), len(right)) {
		l, r, b := "", "", strings.Repeat(" ", x.bar)
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = strings.TrimSpace(right[i])
		}
		if i == 0 {
			b = bar
		}
		x.line("%s", strings.TrimRight(text.Pad(strings.TrimSpace(l), x.label, ' ')+" "+b+"  "+r, " "))
	}
}

// signs are those of kinds of spans.
var signs = map[string]rune{"named": '█', "stated": '█', "by_reference": '▒', "implied": '░'}

func (x *strip) group(g *TimelineGroup) {
	x.heading(g.Title)
	for i := range g.Rows {
		r := &g.Rows[i]
		cells := x.cells(r.Spans)
		x.row(strings.Join(r.labelLines(), " "), string(cells), x.t.spans(r.Spans))
	}
	if len(g.Rest) > 0 {
		x.wrapped("", x.t.rest(g, false))
	}
}

// rest names the facts of a group without a row; countries by codes alone, if that is asked for.
func (t *Timeline) rest(g *TimelineGroup, codes bool) string {
	names, sep := make([]string, len(g.Rest)), ", "
	for i, f := range g.Rest {
		names[i] = f.Name
		if codes && g.places() {
			names[i], sep = Line(f.ID), " "
		}
	}
	return t.words.N("and %s more:", "and %s more:", len(g.Rest)) + " " + strings.Join(names, sep)
}

// mostSpans is how many spans of a fact are told in words.
const mostSpans = 5

// spans says in words when a fact stood.
func (t *Timeline) spans(list []TimelineSpan) string {
	var out []string
	for i := range list {
		out = append(out, t.span(&list[i]))
	}
	if n := len(out); n > mostSpans {
		out = append([]string{t.words.N("%s earlier", "%s earlier", n-mostSpans+1)}, out[n-mostSpans+1:]...)
	}
	return strings.Join(out, ", ")
}

// A ToldFact says in words what a bar shows.
type ToldFact struct{ Group, Names, When string }

// Told says in words what the bars show, in their order.
func (t *Timeline) Told() (out []ToldFact) {
	for i := range t.Groups {
		g := &t.Groups[i]
		for _, r := range g.Rows {
			out = append(out, ToldFact{g.Title, strings.Join(r.Names, ", "), t.spans(r.Spans)})
		}
		if len(g.Rest) > 0 {
			out = append(out, ToldFact{Group: g.Title, Names: t.rest(g, false)})
		}
	}
	return out
}

// span says when a fact stood, by months, or by days where it came and went in one.
func (t *Timeline) span(s *TimelineSpan) string {
	form := "2006-01"
	if !s.Until.IsZero() && s.From.Format(form) == s.Until.Format(form) {
		form = time.DateOnly
	}
	from, until := s.From.Format(form)+mark(s.FromReading), s.Until.Format(form)+mark(s.UntilReading)
	first := !t.From.Before(s.From)
	var words string
	switch {
	case first && s.Until.IsZero():
		words = t.words.T("throughout")
	case first:
		words = t.words.F("up to %s", until)
	case s.Until.IsZero():
		words = t.words.F("since %s", from)
	case from == until:
		words = from
	default:
		words = from + " – " + until
	}
	switch s.Kind {
	case "by_reference":
		words = t.words.F("%s on a linked page", words)
	case "implied":
		words = t.words.F("%s implied", words)
	}
	return words
}

// mark follows a date at which our reading changed.
func mark(reading bool) string {
	if reading {
		return "*"
	}
	return ""
}

func (x *strip) alerts() {
	if len(x.t.Alerts) == 0 {
		return
	}
	x.heading(x.words.F("Alerts: %s", x.words.Number(len(x.t.Alerts))))
	from := max(0, len(x.t.Alerts)-mostListed)
	if from > 0 {
		x.wrapped("", x.words.N("%s earlier one is told by 'drittland log --alerts'.", "%s earlier ones are told by 'drittland log --alerts'.", from))
	}
	for _, a := range x.t.Alerts[from:] {
		x.wrapped(a.Date.Format(time.DateOnly)+"  ", x.t.alert(&a))
	}
}

// alert says what is to be looked at.
func (t *Timeline) alert(a *TimelineAlert) string {
	if a.Cause == snapshots.Law {
		return "§ " + Line(a.Why)
	}
	s := t.words.F("version %d", a.Version) + ": " + Line(a.Why)
	if !a.Drawn {
		s += " " + t.words.T("(not drawn)")
	}
	return s
}

func (x *strip) gaps() {
	if len(x.t.Gaps) == 0 {
		return
	}
	x.heading(x.words.F("Not verified: %s", x.t.unverified()))
	from := max(0, len(x.t.Gaps)-mostListed)
	if from > 0 {
		x.wrapped("", x.words.N("%s earlier", "%s earlier", from))
	}
	for _, g := range x.t.Gaps[from:] {
		x.wrapped(g.From.Format(time.DateOnly)+" – "+g.Until.Format(time.DateOnly)+"  ", g.Why)
	}
}

func (x *strip) law() {
	if len(x.t.Law) == 0 {
		return
	}
	x.heading(x.words.T("Dates of the law"))
	for _, d := range x.t.Law {
		x.wrapped("§ "+d.Date.String()+"  ", Line(d.Label))
	}
}

// key explains the signs.
func (x *strip) key() {
	l := x.words
	x.wrapped("", fmt.Sprintf("█ %s, ▒ %s, ░ %s, * %s", l.T("named in the text"), l.T("only on a linked page"), l.T("implied, such as by a seat"), l.T("our reading changed, not the text")), color.Faint)
	x.wrapped("", l.T("A span goes from the first version that says it to the first that no longer does."), color.Faint)
}
