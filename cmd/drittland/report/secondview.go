package report

// The second reading in words: the section of reports that stands after the findings, and the mark at those that a model doubts.

import (
	"slices"
	"strings"

	"github.com/fatih/color"

	"github.com/drittland/drittland/analyze/llm"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report/docx"
	"github.com/drittland/drittland/rules/places"
	"github.com/drittland/drittland/snapshots"
)

// A SecondView is what a model said, in words and safe to show.
type SecondView struct {
	*locale.Words
	Line     string // how far the reading came
	Whole    bool   // every question has an answer
	Model    string
	Mark     string // at what is added: "opinion (model X)"
	Doubting string // at what is doubted: "doubted by model X"
	Added    []AddedView
	Doubted  []DoubtedView
	Dropped  string // what was left out, "" if nothing was
	Left     string // what was not asked about, "" if nothing was left
	Others   []*SecondView
}

// An AddedView is an added fact in words.
type AddedView struct {
	What, Articles, Quote, Source string
	span                          snapshots.Span
}

// A DoubtedView is a finding that a model doubts: both readings, side by side.
type DoubtedView struct {
	Level, Said, ID, Title, Message, RulesQuote, Quote, Article string
	span                                                        snapshots.Span // of Quote
}

// kindNames are the kinds of facts that a model may add, in words.
var kindNames = map[string]string{"destination": "destination: %s", "vague": "destinations that are not named", "tool": "transfer tool: %s", "copy": "a copy of the safeguards offered",
	"remote_access": "access from outside the EEA", "government": "access by authorities of third countries", "denial": "the text says that no data leave the EEA", "list": "a list behind a link"}

// droppedNames are the reasons for which what a model says is left out.
var droppedNames = map[string][2]string{"form": {"%s answer not in the form asked for", "%s answers not in the form asked for"},
	"passage": {"%s about another passage", "%s about other passages"}, "quote": {"%s quote that does not stand in the passage", "%s quotes that do not stand in the passage"},
	"long": {"%s quote that is too long", "%s quotes that are too long"}, "country": {"%s country that the passage does not name", "%s countries that the passage does not name"},
	"home": {"%s country that was no third country", "%s countries that were no third countries"}, "article": {"%s unknown article", "%s unknown articles"},
	"incomplete": {"%s incomplete fact", "%s incomplete facts"}, "duplicate": {"%s statement made twice", "%s statements made twice"}, "too many": {"%s beyond the limit", "%s beyond the limit"}}

// A reason is why something is left out, and how often.
type reason struct {
	name string
	n    int
}

func reasonsOf(d llm.Dropped) []reason {
	return []reason{{"form", d.Form}, {"passage", d.Passage}, {"quote", d.Quote}, {"long", d.Long}, {"country", d.Country}, {"home", d.Home}, {"article", d.Article},
		{"incomplete", d.Incomplete}, {"duplicate", d.Duplicate}, {"too many", d.TooMany}}
}

// secondOf is the one of the readings for a report, or nil.
func secondOf(list []*Second, i int) *Second {
	if i < len(list) {
		return list[i]
	}
	return nil
}

// View is the reading in words; nil for none.
func (s *Second) View(l *locale.Words) *SecondView {
	if s == nil {
		return nil
	}
	model := Line(s.Model)
	v := &SecondView{Words: l, Line: s.Line(l), Whole: s.Status == llm.Complete, Model: model, Mark: l.F("opinion (model %s)", model), Doubting: l.F("doubted by model %s", model)}
	for i := range s.Added {
		a := &s.Added[i]
		v.Added = append(v.Added, AddedView{addedWords(l, a), articlesIn(l, a.Articles), shorten(a.Quote, "", quoteLong), Line(a.Source), snapshots.Span{Start: a.Start, End: a.End}})
	}
	for i := range s.Doubted {
		d := &s.Doubted[i]
		x := DoubtedView{Level: string(d.Rules.Level), Said: word(l, levelNames, string(d.Rules.Level)), ID: Line(d.ID), Title: Line(d.Rules.Title), Message: Line(d.Rules.Message),
			RulesQuote: shorten(d.Rules.Quote, "", quoteLong), Quote: shorten(d.Quote, "", quoteLong), span: snapshots.Span{Start: d.Start, End: d.End}}
		if d.Article != "" {
			x.Article = articlesIn(l, []string{d.Article})
		}
		v.Doubted = append(v.Doubted, x)
	}
	var out []string
	for _, r := range reasonsOf(s.Dropped) {
		if r.n > 0 {
			out = append(out, l.N(droppedNames[r.name][0], droppedNames[r.name][1], r.n))
		}
	}
	if len(out) > 0 {
		v.Dropped = l.F("Left out of what the model said, since it does not hold: %s.", strings.Join(out, ", "))
	}
	if n := s.Counts.Left; n > 0 {
		v.Left = l.N("%s passage or finding was beyond the limits and was not asked about.", "%s passages or findings were beyond the limits and were not asked about.", n)
	}
	for _, o := range s.Others {
		v.Others = append(v.Others, o.View(l))
	}
	return v
}

// addedWords are a fact that a model adds: "destination: India (IN), remote access, by staff".
func addedWords(l *locale.Words, a *SecondAdded) string {
	out := word(l, kindNames, a.Kind)
	place := ""
	if a.Country != "" {
		place = places.DisplayName(a.Country, l.Language()) + " (" + Line(a.Country) + ")"
	}
	switch a.Kind {
	case "destination":
		out, place = l.F("destination: %s", place), ""
	case "tool":
		out = l.F("transfer tool: %s", word(l, tools, a.Tool))
	}
	role := a.Role
	if role == "unspecified" {
		role = ""
	}
	for _, more := range []string{place, word(l, roles, role), word(l, whoNames, a.Who)} {
		if more != "" {
			out += ", " + more
		}
	}
	if a.Hedged {
		out += ", " + l.T("hedged")
	}
	return out
}

// Intro says what an opinion is.
func (v *SecondView) Intro() string {
	return v.T("What follows is what a model says. Its words were found in the text; whether it is right must be seen by a person. It changes no finding.")
}

// Finding names a finding that is doubted.
func (d *DoubtedView) Finding() string { return d.ID + " " + d.Title }

// doubts are the fingerprints of findings that a model doubts.
func (s *Second) doubts(fingerprint string) bool {
	return s != nil && fingerprint != "" && slices.ContainsFunc(s.Doubted, func(d SecondDoubt) bool { return d.Finding == fingerprint })
}

// mark puts a mark at findings that a model doubts. They stay what and where they are.
func (s *Second) mark(l *locale.Words, groups ...[]levelGroup) {
	if s == nil {
		return
	}
	for _, list := range groups {
		for i := range list {
			for k := range list[i].Findings {
				if f := &list[i].Findings[k]; f.source != nil && s.doubts(f.source.Fingerprint) {
					f.Doubted = strings.TrimPrefix(f.Doubted+", "+l.F("doubted by model %s", Line(s.Model)), ", ")
				}
			}
		}
	}
	for _, o := range s.Others {
		o.mark(l, groups...)
	}
}

// second writes the section of a second reading.
func (p *pen) second(v *SecondView) {
	if v == nil {
		return
	}
	p.heading(v.T("Second reading"))
	p.reading(v)
	for _, o := range v.Others {
		p.line("")
		p.reading(o)
	}
}

// reading writes what one model said.
func (p *pen) reading(v *SecondView) {
	if v.Whole {
		p.wrapped("", v.Line)
	} else {
		p.wrapped("! ", v.Line, color.FgYellow, color.Bold)
	}
	if len(v.Added)+len(v.Doubted) > 0 {
		p.wrapped("", v.Intro(), color.Faint)
	}
	for _, a := range v.Added {
		p.line("")
		p.wrapped("? ", "["+v.Mark+"] "+a.What, color.Bold)
		p.wrapped("        ", a.Articles)
		p.wrapped("        ", "“"+a.Quote+"”", color.FgBlue)
		if a.Source != "" {
			p.wrapped("        ", v.F("on %s", a.Source))
		}
	}
	for i := range v.Doubted {
		d := &v.Doubted[i]
		p.line("")
		p.wrapped("? ", "["+v.Doubting+"] "+d.Said+" "+d.Finding(), color.Bold)
		rows := [][]string{{v.T("The rules read"), v.F("The model %s reads", v.Model)}, {d.Message, d.says(v)}, {quotedOr(v, d.RulesQuote), quotedOr(v, d.Quote)}}
		p.halves(rows)
	}
	for _, s := range []string{v.Dropped, v.Left} {
		if s != "" {
			p.line("")
			p.wrapped("", s, color.Faint)
		}
	}
}

// says is what a model says of a finding that it doubts.
func (d *DoubtedView) says(v *SecondView) string {
	if d.Article != "" {
		return v.F("It disagrees (%s).", d.Article)
	}
	return v.T("It disagrees.")
}

// Says is what a model says of a finding that it doubts.
func (v *SecondView) Says(d DoubtedView) string { return d.says(v) }

// quotedOr is a quote in its marks, or that there is none.
func quotedOr(v *SecondView, s string) string {
	if s == "" {
		return v.T("(no words: something is absent)")
	}
	return "“" + s + "”"
}

// second writes the section of a second reading.
func (w mdWriter) second(v *SecondView) {
	if v == nil {
		return
	}
	w.line("\n## %s", v.T("Second reading"))
	w.reading(v)
	for _, o := range v.Others {
		w.reading(o)
	}
}

// reading writes what one model said.
func (w mdWriter) reading(v *SecondView) {
	w.line("\n%s", md(v.Line))
	if len(v.Added)+len(v.Doubted) > 0 {
		w.line("\n*%s*", v.Intro())
	}
	if len(v.Added) > 0 {
		w.line("")
	}
	for _, a := range v.Added {
		w.line("- **%s** %s (%s)", md(v.Mark), md(a.What), md(a.Articles))
		if a.Source != "" {
			w.line("  %s", v.F("on %s", mdLink(a.Source)))
		}
		w.line("  > %s", md(a.Quote))
	}
	for i := range v.Doubted {
		d := &v.Doubted[i]
		w.line("\n#### %s (%s)\n", md(d.Finding()), md(v.Doubting))
		w.line("| %s | %s |", v.T("The rules read"), md(v.F("The model %s reads", v.Model)))
		w.line("|---|---|")
		w.line("| %s | %s |", md(d.Message), md(d.says(v)))
		w.line("| %s | %s |", md(quotedOr(v, d.RulesQuote)), md(quotedOr(v, d.Quote)))
	}
	for _, s := range []string{v.Dropped, v.Left} {
		if s != "" {
			w.line("\n%s", md(s))
		}
	}
}

// notes are the comments on the words that a model quotes in the text itself.
func (v *SecondView) notes() (out []note) {
	if v == nil {
		return nil
	}
	for _, a := range v.Added {
		if a.Source == "" && a.span.Len() > 0 {
			out = append(out, note{span: a.span, says: comment(v.Mark, a.What, a.Articles)})
		}
	}
	for i := range v.Doubted {
		if d := &v.Doubted[i]; d.span.Len() > 0 {
			out = append(out, note{span: d.span, says: comment(v.Doubting, d.Finding(), d.says(v))})
		}
	}
	for _, o := range v.Others {
		out = append(out, o.notes()...)
	}
	return out
}

// docxSecond writes the section of a second reading in front of the redline.
func (v *SecondView) docxSecond(d *docx.Document) {
	if v == nil {
		return
	}
	d.Text(docx.FrontHeading, v.T("Second reading"))
	v.docxReading(d)
	for _, o := range v.Others {
		o.docxReading(d)
	}
}

// docxReading writes what one model said.
func (v *SecondView) docxReading(d *docx.Document) {
	d.Text(docx.Front, v.Line)
	if len(v.Added)+len(v.Doubted) > 0 {
		d.Text(docx.FrontSmall, v.Intro())
	}
	var rows [][]docx.Cell
	for _, a := range v.Added {
		about := frontCell(boldRun(a.What))
		about = append(append(about, frontCell(plainRun(a.Articles))...), frontCell(inQuotes(a.Quote))...)
		if a.Source != "" {
			about = append(about, frontCell(plainRun(v.F("on %s", a.Source)))...)
		}
		rows = append(rows, []docx.Cell{frontCell(plainRun(v.Mark)), about})
	}
	if len(rows) > 0 {
		d.Add(docx.Table{Widths: []int{22, 78}, Rows: rows})
	}
	for i := range v.Doubted {
		x := &v.Doubted[i]
		head := front(boldRun(x.Said+" "+x.Finding()+": "), plainRun(v.Doubting))
		head.KeepNext = true
		d.Text(docx.FrontSmall, "") // tables have no room around them
		d.Add(head)
		d.Add(docx.Table{Widths: []int{50, 50}, Header: true, Rows: [][]docx.Cell{
			{frontCell(boldRun(v.T("The rules read"))), frontCell(boldRun(v.F("The model %s reads", v.Model)))},
			{append(frontCell(plainRun(x.Message)), frontCell(docx.Run{Text: quotedOr(v, x.RulesQuote), Italic: true})...),
				append(frontCell(plainRun(x.says(v))), frontCell(docx.Run{Text: quotedOr(v, x.Quote), Italic: true})...)}}})
	}
	for _, s := range []string{v.Dropped, v.Left} {
		if s != "" {
			d.Text(docx.FrontSmall, s)
		}
	}
}
