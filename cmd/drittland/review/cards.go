package review

// The parts of a change page: decisions, findings and captures in words.

import (
	"net/url"
	"slices"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/snapshots"
)

// A decisionView is a decision in words.
type decisionView struct {
	Said, By, At, Until, Note, Where, Lapsed string
	Old                                      bool // it does not hold any more
}

func newDecisionView(w *locale.Words, d *snapshots.Decision) decisionView {
	v := decisionView{Said: report.Judgement(w, d.Judgement), By: report.Line(d.By), At: d.At.UTC().Format("2006-01-02 15:04 UTC"), Until: report.Line(d.Until), Note: report.Printable(d.Note)}
	if d.Withdrawn {
		v.Said = w.T("withdrawn")
	}
	return v
}

// A judged is what was decided on a finding or a change.
type judged struct {
	On        string // title of a change
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
	Doubts      []doubt
}

// A doubt is a finding that a model doubts: both readings.
type doubt struct {
	By *report.SecondView
	report.DoubtedView
}

// A heard model is one with what it said: facts that it adds, and doubts of findings.
type heard struct {
	*report.SecondView
	Rest []doubt // those of findings that the page has no card for
}

// Cards are how many the section shows.
func (h heard) Cards() int { return len(h.Added) + len(h.Rest) }

// An asked is an article with what it asks.
type asked struct{ Article, Says, Source string }

// A captureView says how a page came.
type captureView struct {
	Which, Role, At, URL, FinalURL, IP, TLS, Rendered, Snapshot, Body, Text, By, Problem string
	Size                                                                                 int
	Picture                                                                              string // address of the screenshot
}

// A linkedPage is a page that a text refers to, and what became of it.
type linkedPage struct{ URL, Is, Level, Problem string }

// linkedPages compares the pages that both texts refer to.
func linkedPages(w *locale.Words, c *Change) (out []linkedPage) {
	now, old := map[string]bool{}, map[string]*Capture{}
	for i := range c.Captures {
		if x := &c.Captures[i]; x.Role == "annex" && x.Which == "old" {
			old[x.URL] = x
		}
	}
	for i := range c.Captures {
		x := &c.Captures[i]
		if x.Role != "annex" || x.Which == "old" {
			continue
		}
		now[x.URL] = true
		p := linkedPage{URL: report.Line(x.URL), Problem: report.Line(w.Tell(x.Problem))}
		switch before := old[x.URL]; {
		case x.Text == "":
			p.Is, p.Level = w.T("cannot be had"), "warning"
		case c.Comparison == nil:
			p.Is = w.T("captured")
		case before == nil:
			p.Is, p.Level = w.T("new"), "note"
		case before.Text == "":
			p.Is, p.Level = w.T("can be had again"), "note"
		case before.Text != x.Text:
			p.Is, p.Level = w.T("other words than before"), "warning"
		default:
			p.Is = w.T("same words as before")
		}
		out = append(out, p)
	}
	for i := range c.Captures {
		if x := &c.Captures[i]; x.Role == "annex" && x.Which == "old" && !now[x.URL] {
			out = append(out, linkedPage{URL: report.Line(x.URL), Is: w.T("no longer linked"), Level: "note"})
		}
	}
	return out
}

func (k *card) rank() int { return rules.Level(k.Level).Rank() }

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
