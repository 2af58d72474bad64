package review

// The change page: what a version changed, what the checks say of it and what the law says behind them, how it was captured, and
// what was decided.

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/snapshots"
)

// A target is something that the form can decide on.
type target struct {
	Value, Label string
	Checked      bool
}

// A changePage is the change page as it is shown.
type changePage struct {
	Title, Reference, Terms, Cause, Class, Why, Counts string
	Number, Versions, Against                          int
	Alert                                              bool
	Level                                              string
	About                                              []string // language, size, dates of the text
	Warnings, Law                                      []string
	Days                                               string
	Facts                                              []report.FactLine
	Cards, Reworded, Later, Gone                       []card       // findings: that appeared, that stood in other words, by the law of today alone, that went
	View                                               *report.View // of a first version
	Redline                                            template.HTML
	Captures                                           []captureView
	Judged                                             []judged // the change itself, and what the law or a new reading made of its text
	Linked                                             []linkedPage
	Behind                                             []report.LawLine // on paper: the law behind all findings, each row once
	Seconds                                            []heard          // what models said
	Form                                               *decideForm
	Targets                                            []target
	Prev, Next, Queue                                  string // in the queue
	Older, Newer                                       string // of the line
	Export                                             string
	Service                                            string
	Notice                                             string
	Place, Of                                          int // in the queue
}

func (s *Server) change(v *visit) error {
	at, ok := whereIn(v.query)
	if !ok {
		return ErrNotFound
	}
	c, err := s.desk.Change(v.ctx, at, v.Language())
	if err != nil {
		return err
	}
	line, err := s.desk.Line(v.ctx, c.At.Terms, c.At.Line)
	if err != nil {
		return err
	}
	p, err := newChangePage(v.Words, c, changes(line, c), false)
	if err != nil {
		return err
	}
	p.Notice = s.notice(v)
	if err := s.place(v, p, c, line); err != nil {
		return err
	}
	if v.person.Role.May(Reviewer) && !s.opts.ReadOnly && len(p.Targets) > 0 {
		p.Form = newDecideForm(v, s.opts.Now())
		p.Form.Back, p.Form.Next = v.r.URL.RequestURI(), p.Next
	}
	return s.show(v, http.StatusOK, "change.html", &frame{Title: p.Title, Tab: "change", Content: p})
}

// changes are the items about the change that a version brought, and about what the law or a new reading made of its text: the change
// itself first.
func changes(line []Item, c *Change) (out []*Item) {
	for i := range line {
		x := &line[i]
		switch {
		case x.Kind != snapshots.AboutChange || x.At != c.At:
		case x.Fingerprint == c.Fingerprint:
			out = append([]*Item{x}, out...)
		default:
			out = append(out, x)
		}
	}
	return out
}

// newChangePage puts a change in words, with the items about it. On paper its redline has no switches.
func newChangePage(w *locale.Words, c *Change, items []*Item, paper bool) (*changePage, error) {
	terms := c.At.Terms.String()
	if c.At.Line != "" {
		terms += " · " + c.At.Line
	}
	p := &changePage{Terms: report.Line(terms), Reference: report.Line(c.At.Reference()), Number: c.At.Number, Versions: c.Versions, Against: c.Against, Alert: c.Alert,
		Cause: causeIn(w, c.Cause), Why: report.Line(w.Tell(c.Why)), Level: "note", Export: "/export?" + c.At.Query(), Service: "/service?" + url.Values{"s": {c.At.Terms.Service}}.Encode()}
	p.Title = w.F("%s, version %d", p.Terms, c.At.Number)
	if len(c.Law) > 0 {
		p.Law = append(p.Law, report.LawBetween(w, c.Law))
	}
	p.about(w, c)
	explained := map[string]*analyze.Explanation{}
	for i := range c.Explained {
		explained[c.Explained[i].Finding.Fingerprint] = &c.Explained[i]
	}
	cards := func(list []analyze.Finding) (out []card) {
		for i := range list {
			out = append(out, newCard(w, c, &list[i], explained[list[i].Fingerprint]))
		}
		slices.SortStableFunc(out, func(a, b card) int { return b.rank() - a.rank() })
		return out
	}
	findings := c.Report.Findings
	if c.Comparison != nil {
		findings = c.Comparison.Appeared
		p.Class, p.Counts, p.Facts = report.ClassIn(w, c.Comparison.Class), report.CountsIn(w, c.Comparison), report.FactLines(c.Comparison)
		p.Warnings = report.Warnings(c.Comparison)
		p.Gone = cards(c.Comparison.Resolved)
		var err error
		if p.Redline, err = report.NewRedline(c.Comparison, report.RedlineOptions{Words: w, Fixed: paper}).HTML(); err != nil {
			return nil, err
		}
	} else {
		p.View = report.ViewOf(c.Report)
		p.Warnings = p.View.Warnings
	}
	p.Cards, p.Reworded, p.Later = cards(findings), cards(reworded(c.Comparison)), cards(c.Report.Later)
	for i := range c.Captures {
		p.Captures = append(p.Captures, newCaptureView(w, &c.Captures[i]))
	}
	p.Linked = linkedPages(w, c)
	if c.Waits {
		p.Warnings = append(p.Warnings, w.T("It is not confirmed: the next capture decides whether what is missing was dropped."))
	}
	for _, x := range items {
		p.Cards = append(p.Cards, cards(p.brought(c, x))...)
	}
	p.judge(w, c, items)
	p.hear(w, c)
	if paper {
		p.gatherLaw()
	}
	for _, k := range p.Cards {
		if k.rank() > rules.Level(p.Level).Rank() {
			p.Level = k.Level
		}
	}
	return p, nil
}

// hear puts what models said beside the findings that the page shows, and the rest into a section of its own. No card goes for it.
func (p *changePage) hear(w *locale.Words, c *Change) {
	for _, s := range c.Seconds {
		v := heard{SecondView: s.View(w)}
		for i, d := range v.Doubted {
			if k := p.cardOf(s.Doubted[i].Finding); k != nil {
				k.Doubts = append(k.Doubts, doubt{v.SecondView, d})
			} else {
				v.Rest = append(v.Rest, doubt{v.SecondView, d})
			}
		}
		p.Seconds = append(p.Seconds, v)
	}
}

// cardOf is the card of a finding, nil if the page shows none.
func (p *changePage) cardOf(fingerprint string) *card {
	for _, list := range [][]card{p.Cards, p.Reworded, p.Later} {
		if i := slices.IndexFunc(list, func(k card) bool { return k.Fingerprint == fingerprint }); i >= 0 {
			return &list[i]
		}
	}
	return nil
}

// gatherLaw puts the law behind the findings in one list: on paper nobody unfolds it, and most findings share it.
func (p *changePage) gatherLaw() {
	for _, list := range [][]card{p.Cards, p.Reworded, p.Later} {
		for i := range list {
			for _, x := range list[i].Law {
				if !slices.Contains(p.Behind, x) {
					p.Behind = append(p.Behind, x)
				}
			}
			list[i].Law = nil
		}
	}
}

// brought are the findings that the law or a new reading brought to light in a text, if the page does not show them yet.
func (p *changePage) brought(c *Change, x *Item) (out []analyze.Finding) {
	if x.Fingerprint == c.Fingerprint {
		return nil
	}
	for _, f := range slices.Concat(c.Report.Findings, c.Report.Later) {
		if slices.Contains(x.Checks, f.ID) && !p.has(f.Fingerprint) {
			out = append(out, f)
		}
	}
	return out
}

// judge gathers what was decided on the change, and on what the law or a new reading made of its text. What was decided once is
// shown, also if nothing is to be decided any more.
func (p *changePage) judge(w *locale.Words, c *Change, items []*Item) {
	if own := c.Decisions[c.Fingerprint]; len(own) > 0 && (len(items) == 0 || items[0].Fingerprint != c.Fingerprint) {
		p.Judged = append(p.Judged, newJudged(w, c, c.Fingerprint))
	}
	for _, x := range items {
		j := newJudged(w, c, x.Fingerprint)
		title, _ := x.Say(w)
		if j.On = report.Line(title); x.Cause == snapshots.Reading && x.Fingerprint != c.Fingerprint {
			p.Law = append(p.Law, j.On)
		}
		p.Judged = append(p.Judged, j)
	}
}

// reworded are the findings that the old text had in other words.
func reworded(c *analyze.Comparison) (out []analyze.Finding) {
	if c == nil {
		return nil
	}
	same := func(list []analyze.Finding, f *analyze.Finding) bool {
		return slices.ContainsFunc(list, func(g analyze.Finding) bool { return g.Fingerprint == f.Fingerprint })
	}
	for i := range c.Has {
		if f := &c.Has[i]; !same(c.Had, f) && !same(c.Appeared, f) {
			out = append(out, *f)
		}
	}
	return out
}

// has reports whether the page shows a finding with a fingerprint.
func (p *changePage) has(fingerprint string) bool { return p.cardOf(fingerprint) != nil }

// about tells of the texts: their dates, and by the law of which days they were judged.
func (p *changePage) about(w *locale.Words, c *Change) {
	a := &c.Report.Document
	p.About = append([]string{report.LanguageIn(w, a.Language), w.N("%s word", "%s words", a.Words)}, report.Dates(w, &a.Dates)...)
	p.Days = w.F("Judged by the law of %s and of today, %s", c.Report.AsOf, c.Report.Today)
	if c.Report.AsOf == c.Report.Today {
		p.Days = w.F("Judged by the law of today, %s", c.Report.Today)
	}
}

// place finds a page's place in the queue that its visitor comes from, and what can be decided on it.
func (s *Server) place(v *visit, p *changePage, c *Change, line []Item) error {
	values, err := url.ParseQuery(v.query.Get("from"))
	if err != nil || len(v.query.Get("from")) > 2000 {
		values = url.Values{}
	}
	p.Queue = "/?" + values.Encode()
	s.targets(v, p, c, line)
	var chosen []string // to be decided on together with what the page is about
	for _, t := range p.Targets {
		if t.Checked {
			chosen = append(chosen, t.Value)
		}
	}
	near, err := s.desk.Beside(v.ctx, filterIn(values), v.query.Get("about"), c.At, chosen, v.Words)
	if err != nil {
		return err
	}
	p.Place, p.Of = near.Place, near.Of
	if near.Before != nil {
		p.Prev = near.Before.address(values.Encode())
	}
	if near.After != nil {
		p.Next = near.After.address(values.Encode())
	}
	side := func(n int) string {
		w := c.At
		w.Number = n
		return "/change?" + w.Query()
	}
	if c.At.Number > 1 {
		p.Older = side(c.At.Number - 1)
	}
	if c.At.Number < c.Versions {
		p.Newer = side(c.At.Number + 1)
	}
	return nil
}

// targets are what can be decided on here: the change, what the law or a new reading made of its text, and its findings.
func (s *Server) targets(v *visit, p *changePage, c *Change, line []Item) {
	about := v.query.Get("about")
	var mine *Item // the change that the page is about
	for _, x := range changes(line, c) {
		if mine == nil || x.Key() == about {
			mine = x
		}
	}
	for i := range line {
		x := &line[i]
		title, _ := x.Say(v.Words)
		t := target{Value: x.Judged(), Label: report.Line(title), Checked: about == x.Key()}
		switch {
		case x.Kind == snapshots.AboutChange && x.At == c.At:
			t.Checked = t.Checked || about == ""
			p.Targets = append([]target{t}, p.Targets...)
		case x.Kind == snapshots.AboutFinding && p.has(x.Fingerprint):
			t.Checked = t.Checked || x.Waits() && (about == "" || mine != nil && mine.Key() == about)
			p.Targets = append(p.Targets, t)
		}
	}
}
