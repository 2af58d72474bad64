package review

// The change page: what a version changed, what the checks say of it and what the law says behind them, how it was captured, and
// what was decided.

import (
	"bytes"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
)

// A decisionView is a decision in words.
type decisionView struct {
	Said, By, At, Until, Note, Quote, Where, Lapsed string
	Old                                             bool // it does not hold any more
}

func newDecisionView(w *locale.Words, d *snapshots.Decision) decisionView {
	v := decisionView{Said: judgementIn(w, d.Judgement), By: report.Line(d.By), At: d.At.UTC().Format("2006-01-02 15:04 UTC"), Until: report.Line(d.Until), Note: report.Printable(d.Note)}
	if d.Withdrawn {
		v.Said = w.T("withdrawn")
	}
	return v
}

// A judged is what was decided on a finding or a change.
type judged struct {
	State     string // in words
	Is        string
	Decisions []decisionView // the last one first
	Elsewhere []decisionView // on the same words in other terms
}

func newJudged(w *locale.Words, c *Change, fingerprint string) judged {
	st, ok := c.States[fingerprint]
	if !ok {
		st = State{Is: Open}
	}
	j := judged{State: stateIn(w, &st), Is: st.Is}
	for i, d := range slices.Backward(c.Decisions[fingerprint]) {
		v := newDecisionView(w, &d)
		last := i == len(c.Decisions[fingerprint])-1
		if v.Old = !last || st.Is != Decided; last && st.Is == Lapsed {
			v.Lapsed = report.Line(w.Tell(st.Why))
		}
		j.Decisions = append(j.Decisions, v)
	}
	for _, d := range c.Elsewhere[fingerprint] {
		v := newDecisionView(w, &d)
		v.Where = report.Line(d.Terms.String())
		j.Elsewhere = append(j.Elsewhere, v)
	}
	return j
}

// A card is one finding on the change page.
type card struct {
	report.FindingView
	judged
	Fingerprint string
	Asks        []asked
	Law         []report.LawLine
	Mitigates   string
	Resolved    bool
}

// An asked is an article with what it asks.
type asked struct{ Article, Says, Source string }

// A target is something that the form can decide on.
type target struct {
	Value, Label string
	Checked      bool
}

// A captureView says how a page came.
type captureView struct {
	Which, Role, At, URL, FinalURL, IP, TLS, Rendered, Snapshot, Body, Text, By, Problem string
	Size                                                                                 int
	Picture                                                                              string // address of the screenshot
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
	Judged                                             *judged // of the change; nil if it is none to decide on
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
	q, err := s.desk.Queue(v.ctx)
	if err != nil {
		return err
	}
	p, err := newChangePage(v.Words, c, false)
	if err != nil {
		return err
	}
	p.Notice = s.notice(v)
	s.place(v, p, c, q)
	if v.person.Role.May(Reviewer) && !s.opts.ReadOnly && len(p.Targets) > 0 {
		p.Form = newDecideForm(v, s.opts.Now())
		p.Form.Back, p.Form.Next = v.r.URL.RequestURI(), p.Next
	}
	return s.show(v, http.StatusOK, "change.html", &frame{Title: p.Title, Tab: "change", Content: p})
}

// newChangePage puts a change in words. On paper its redline has no switches.
func newChangePage(w *locale.Words, c *Change, paper bool) (*changePage, error) {
	p := &changePage{Terms: report.Line(c.At.Terms.String()), Reference: report.Line(c.At.Reference()), Number: c.At.Number, Versions: c.Versions, Against: c.Against, Alert: c.Alert,
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
		slices.SortStableFunc(out, func(a, b card) int { return levelRank(b.Level) - levelRank(a.Level) })
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
	for _, k := range p.Cards {
		if levelRank(k.Level) > levelRank(p.Level) {
			p.Level = k.Level
		}
	}
	return p, nil
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
func (p *changePage) has(fingerprint string) bool {
	for _, list := range [][]card{p.Cards, p.Reworded, p.Later} {
		if slices.ContainsFunc(list, func(k card) bool { return k.Fingerprint == fingerprint }) {
			return true
		}
	}
	return false
}

// about tells of the texts: their dates, and by the law of which days they were judged.
func (p *changePage) about(w *locale.Words, c *Change) {
	a := &c.Report.Document
	p.About = append([]string{report.LanguageIn(w, a.Language), w.N("%s word", "%s words", a.Words)}, report.Dates(w, &a.Dates)...)
	p.Days = w.F("Judged by the law of %s and of today, %s", c.Report.AsOf, c.Report.Today)
	if c.Report.AsOf == c.Report.Today {
		p.Days = w.F("Judged by the law of today, %s", c.Report.Today)
	}
}

func levelRank(level string) int {
	return slices.Index([]string{"note", "warning", "error"}, level)
}

func newCard(w *locale.Words, c *Change, f *analyze.Finding, x *analyze.Explanation) card {
	out := card{FindingView: report.FindingIn(w, f), judged: newJudged(w, c, f.Fingerprint), Fingerprint: f.Fingerprint}
	for _, a := range f.Articles {
		out.Asks = append(out.Asks, asks(w, a))
	}
	if x != nil {
		out.Mitigates = report.Line(x.Mitigates)
		for i := range x.Law {
			out.Law = append(out.Law, report.LawLineOf(w, &x.Law[i]))
		}
	}
	return out
}

func newCaptureView(w *locale.Words, c *Capture) captureView {
	v := captureView{Which: w.T("new text"), At: c.At.UTC().Format("2006-01-02 15:04:05 UTC"), URL: report.Line(c.URL), IP: report.Line(c.IP), TLS: report.Line(c.TLS), Rendered: report.Line(c.Rendered),
		Snapshot: report.Line(c.Snapshot), Body: string(c.Body), Text: string(c.Text), Size: c.Size, Problem: report.Line(w.Tell(c.Problem))}
	if c.At.IsZero() {
		v.At = ""
	}
	if c.Which == "old" {
		v.Which = w.T("old text")
	}
	switch c.Role {
	case "annex":
		v.Role = w.T("linked page")
	case "further page":
		v.Role = w.T("further page")
	default:
		v.Role = w.T("policy")
	}
	if c.FinalURL != c.URL {
		v.FinalURL = report.Line(c.FinalURL)
	}
	switch {
	case c.Others:
		v.By = w.T("captured by others: their word on page and date")
	case c.Origin != nil:
		v.By = w.F("taken from the collection %s, commit %s", report.Line(c.Origin.Repo), report.Line(c.Origin.Commit))
	}
	if c.Picture {
		v.Picture = "/picture?" + url.Values{"id": {c.Snapshot}}.Encode()
	}
	return v
}

// causeIn is why a version differs, in words.
func causeIn(w *locale.Words, c snapshots.Cause) string {
	switch c {
	case snapshots.First:
		return w.T("first version")
	case snapshots.TermsCh:
		return w.T("the service changed its text")
	case snapshots.Reading:
		return w.T("the text stood; we read it otherwise")
	case snapshots.Law:
		return w.T("the text stood; the law changed")
	}
	return report.Line(string(c))
}

// place finds a page's place in the queue that its visitor comes from, and what can be decided on it.
func (s *Server) place(v *visit, p *changePage, c *Change, q *Queue) {
	values, err := url.ParseQuery(v.query.Get("from"))
	if err != nil || len(v.query.Get("from")) > 2000 {
		values = url.Values{}
	}
	p.Queue = "/?" + values.Encode()
	list := filterIn(values).pick(q.Items, v.Words)
	here := slices.IndexFunc(list, func(x *Item) bool { return x.Key() == v.query.Get("about") })
	if here < 0 {
		here = slices.IndexFunc(list, func(x *Item) bool { return x.At == c.At })
	}
	beside := func(step int) string { // the next entry that is on another page
		for i := here + step; here >= 0 && i >= 0 && i < len(list); i += step {
			if list[i].At != c.At {
				return list[i].address(values.Encode())
			}
		}
		return ""
	}
	p.Prev, p.Next, p.Place, p.Of = beside(-1), beside(1), here+1, len(list)
	s.targets(v, p, c, q)
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
}

// targets are what can be decided on here: the change, what the law or a new reading made of its text, and its findings.
func (s *Server) targets(v *visit, p *changePage, c *Change, q *Queue) {
	about := v.query.Get("about")
	var mine *Item // what the page is about
	for i := range q.Items {
		x := &q.Items[i]
		if x.At.Terms != c.At.Terms || x.At.Line != c.At.Line {
			continue
		}
		title, _ := x.Say(v.Words)
		t := target{Value: x.Judged(), Label: report.Line(title), Checked: about == x.Key()}
		switch {
		case x.Kind == snapshots.AboutChange && x.At == c.At:
			if mine == nil || t.Checked || x.Fingerprint == c.Item.Fingerprint && mine.Key() != about {
				mine = x
			}
			t.Checked = t.Checked || about == ""
			p.Targets = append([]target{t}, p.Targets...)
		case x.Kind == snapshots.AboutFinding && p.has(x.Fingerprint):
			t.Checked = t.Checked || x.Waits() && (about == "" || mine != nil && mine.Key() == about)
			p.Targets = append(p.Targets, t)
		}
	}
	if mine != nil {
		j := newJudged(v.Words, c, mine.Fingerprint)
		p.Judged = &j
	}
}

// picture gives the screenshot of a capture.
func (s *Server) picture(v *visit) error {
	b, err := s.desk.Picture(v.ctx, v.query.Get("id"))
	if err != nil {
		return err
	}
	if http.DetectContentType(b) != "image/png" {
		return ErrNotFound
	}
	v.w.Header().Set("Content-Type", "image/png")
	_, _ = v.w.Write(b)
	return nil
}

// The files that a change can be had as.
var exports = map[string]string{"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "html": "text/html; charset=utf-8", "pdf": "application/pdf"}

// export gives a change as a file to keep. Nothing of it runs in the server's origin: it is always saved.
func (s *Server) export(v *visit) error {
	at, ok := whereIn(v.query)
	form := v.query.Get("form")
	media, is := exports[form]
	if !ok || !is {
		return ErrNotFound
	}
	b, err := s.file(v, at, form)
	if errors.Is(err, ErrNoProgram) {
		return &trouble{http.StatusNotImplemented, v.F("This file cannot be made here: %s", report.Line(err.Error()))}
	}
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'")
	h.Set("Content-Disposition", `attachment; filename="`+fileName(at, s.opts.Now())+"."+form+`"`)
	_, _ = v.w.Write(b)
	return nil
}

// file makes a change a file.
func (s *Server) file(v *visit, at Where, form string) ([]byte, error) {
	var b bytes.Buffer
	if form == "docx" {
		err := s.desk.Word(v.ctx, &b, at, v.Language())
		return b.Bytes(), err
	}
	c, err := s.desk.Change(v.ctx, at, v.Language())
	if err != nil {
		return nil, err
	}
	p, err := newChangePage(v.Words, c, true)
	if err != nil {
		return nil, err
	}
	for i := range p.Captures {
		p.Captures[i].Picture = "" // a file asks for nothing
	}
	f := &frame{Words: v.Words, Lang: v.Language(), Title: p.Title, Today: law.DateOf(s.opts.Now()), Content: p, CSS: sheetStyle()}
	if err := s.templates(v.Words).ExecuteTemplate(&b, "sheet.html", f); err != nil || form == "html" {
		return b.Bytes(), err
	}
	return s.desk.Print(v.ctx, b.Bytes(), p.Title+" · "+f.Today.String())
}

// sheetStyle is the style of a file that stands alone.
func sheetStyle() template.CSS {
	b, err := files.ReadFile("page/desk.css")
	if err != nil {
		panic("review: the style is not embedded: " + err.Error())
	}
	return report.RedlineCSS() + template.CSS(b) // both ours
}

// fileName names a file of a change by ASCII letters and digits.
func fileName(at Where, now time.Time) string {
	keep := func(s string) string {
		return strings.Trim(strings.Map(func(r rune) rune {
			if r < 128 && (r == '-' || r == '.' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z') {
				return r
			}
			return '-'
		}, s), "-.")
	}
	name := keep(at.Terms.Service + "-" + at.Terms.Type + "-" + at.version())
	return name[:min(len(name), 80)] + "-" + day(now)
}
