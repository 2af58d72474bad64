package report

// Comparisons as text.

import (
	"io"
	"strings"

	"github.com/fatih/color"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/drittland/drittland/analyze"
)

// CompareText writes a comparison as text; second is what a second reader said of the new text, if one was asked.
func CompareText(w io.Writer, c *analyze.Comparison, s Style, second ...*Second) error {
	p := newPen(w, s)
	p.comparison(readComparison(c, second))
	return p.Flush()
}

func (p *pen) comparison(v *comparisonView) {
	p.words = v.Words
	p.wrapped(v.T("old:")+" ", v.Old.Label()+" · "+strings.Join(v.Old.About, " · "))
	p.wrapped(v.T("new:")+" ", v.New.Label()+" · "+strings.Join(v.New.About, " · "))
	for _, w := range v.Warnings {
		p.line("")
		p.wrapped("! ", w, color.FgYellow, color.Bold)
	}
	p.line("")
	p.wrapped("", v.F("Class: %s", v.Verdict()), color.Bold)
	p.wrapped("", v.Why)
	if v.Counts != "" {
		p.wrapped("", v.Counts, color.Faint)
	}
	p.heading(v.T("Facts on transfers that changed"))
	if len(v.Facts) == 0 {
		p.line("%s", v.NoFacts())
	}
	for _, f := range v.Facts {
		attr := color.FgGreen
		if f.Sign == "-" {
			attr = color.FgRed
		}
		p.wrapped(p.paint(f.Sign, attr, color.Bold)+" ", f.Text)
		if f.Quote != "" {
			p.wrapped("    ", "“"+f.Quote+"”", color.Faint)
		}
	}
	p.findingChange(v.F("Findings that appeared: %s", v.AppearedSum), v.Appeared, true)
	p.findingChange(v.F("Findings that are resolved: %s", v.ResolvedSum), v.Resolved, false)
	p.second(v.Second)
	p.line("")
	p.wrapped("", v.Days()+" "+v.Disclaimer(), color.Faint)
	p.redline(v)
}

// findingChange lists findings, in full or with their titles only.
func (p *pen) findingChange(heading string, groups []levelGroup, full bool) {
	p.heading(heading)
	for _, g := range groups {
		for i := range g.Findings {
			f := &g.Findings[i]
			if full {
				p.finding(f)
			} else {
				p.line("%s %s  %s", p.level(f), f.ID, f.Title)
			}
		}
	}
}

func (p *pen) redline(v *comparisonView) {
	blocks := v.blocks()
	if len(blocks) > 0 {
		p.heading(v.T("Redline"))
		if !p.Colour {
			p.line("[+%s+] [-%s-] {%s …} {%s …}", v.T("inserted"), v.T("deleted"), v.F("%s:", v.T("moved here")), v.F("%s:", v.T("moved away")))
		}
	}
	for i := range blocks {
		p.block(&blocks[i])
	}
	if len(v.Links) > 0 {
		p.heading(v.T("Links that lead elsewhere"))
		for _, l := range v.Links {
			p.wrapped("• ", v.F("“%s”: now %s, before %s", l.Words, l.New, l.Old))
		}
	}
}

// gutters mark the lines of a block by what happened to it.
var gutters = map[string]string{"added": "+ ", "removed": "- ", "changed": "~ ", "moved here": "» ", "moved away": "« ", "": "  "}

func (p *pen) block(b *block) {
	if b.Skipped > 0 {
		p.line("    %s", p.paint(p.words.N("… %s unchanged block", "… %s unchanged blocks", b.Skipped), color.Faint))
		return
	}
	if b.Kind == "heading" {
		p.line("")
	}
	lead := gutters[b.Tag]
	if b.Kind == "item" {
		lead += "• "
	}
	ink := p.ink(b)
	for _, l := range p.lay(b.Pieces, p.width()-text.StringWidthWithoutEscSequences(lead)) {
		p.line("%s%s", lead, ink(l))
		lead = gutters[b.Tag] + strings.Repeat(" ", len([]rune(lead))-2)
	}
}

// A run is a stretch of one line with one fate.
type run struct{ op, text string }

// ink gives the function that writes the runs of a line.
func (p *pen) ink(b *block) func([]run) string {
	attrs := map[string][]color.Attribute{"insert": {color.FgGreen, color.Underline}, "delete": {color.FgRed, color.CrossedOut},
		"in": {color.FgBlue, color.Underline}, "out": {color.Faint, color.CrossedOut}}
	if b.Tag == "" {
		attrs["equal"] = []color.Attribute{color.Faint}
	}
	if b.Kind == "heading" {
		attrs["equal"] = []color.Attribute{color.Bold}
	}
	return func(l []run) string {
		var s strings.Builder
		for _, r := range l {
			s.WriteString(p.paint(r.text, attrs[r.op]...))
		}
		return s.String()
	}
}

// marks stand around runs where there is no colour.
func (p *pen) marks(op string) [2]string {
	switch op {
	case "insert":
		return [2]string{"[+", "+]"}
	case "delete":
		return [2]string{"[-", "-]"}
	case "in":
		return [2]string{"{" + p.words.F("%s:", p.words.T("moved here")) + " ", "}"}
	case "out":
		return [2]string{"{" + p.words.F("%s:", p.words.T("moved away")) + " ", "}"}
	}
	return [2]string{}
}

// unmark keeps the text from imitating marks.
func (p *pen) unmark() *strings.Replacer {
	here, away := "{"+p.words.T("moved here"), "{"+p.words.T("moved away")
	return strings.NewReplacer("[+", "[ +", "+]", "+ ]", "[-", "[ -", "-]", "- ]", here, "{ "+here[1:], away, "{ "+away[1:])
}

// lay breaks pieces into lines of at most width columns, at spaces.
func (p *pen) lay(ps []piece, width int) [][]run {
	l, unmark := &layout{width: width}, p.unmark()
	for _, x := range ps {
		s := x.Text
		if !p.Colour {
			m := p.marks(x.Op)
			body := unmark.Replace(s)
			core := strings.TrimSpace(body)
			i := strings.Index(body, core)
			s = body[:i] + m[0] + core + m[1] + body[i+len(core):]
			if x.Op == "equal" || core == "" {
				s = body
			}
		}
		l.add(x.Op, s)
	}
	return l.finish()
}

// A layout breaks runs into lines. What stands without a space between stays together.
type layout struct {
	width int
	lines [][]run
	line  []run
	used  int   // columns of line
	word  []run // not yet placed, without a space within
	size  int   // columns of word
	space bool  // before word
	spOp  string
}

func (l *layout) add(op, s string) {
	start := 0
	for i, r := range s {
		if r != ' ' && r != '\n' && r != '\u00a0' {
			continue
		}
		l.push(op, s[start:i])
		l.place()
		l.space, l.spOp = true, op
		start = i + len(string(r))
	}
	l.push(op, s[start:])
}

func (l *layout) push(op, s string) {
	if s != "" {
		l.word = append(l.word, run{op, s})
		l.size += text.StringWidthWithoutEscSequences(s)
	}
}

// place puts the word at hand on the line, or on a new one.
func (l *layout) place() {
	if len(l.word) == 0 {
		return
	}
	if l.used > 0 && l.used+1+l.size > l.width {
		l.lines, l.line, l.used = append(l.lines, l.line), nil, 0
	}
	if l.used > 0 && l.space {
		op := l.spOp
		if last := l.line[len(l.line)-1].op; last != op || l.word[0].op != op {
			op = "equal" // a space between two fates belongs to neither
		}
		l.append(run{op, " "})
		l.used++
	}
	for _, r := range l.word {
		l.append(r)
	}
	l.used += l.size
	l.word, l.size, l.space = nil, 0, false
}

func (l *layout) append(r run) {
	if n := len(l.line); n > 0 && l.line[n-1].op == r.op {
		l.line[n-1].text += r.text
		return
	}
	l.line = append(l.line, r)
}

func (l *layout) finish() [][]run {
	l.place()
	if len(l.line) > 0 {
		l.lines = append(l.lines, l.line)
	}
	return l.lines
}
