package review

// The pages of services: the list of all terms, and one of them with its versions, its timeline, what it says now, its variants, and
// how its source stands.

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/rules/places"
	"github.com/drittland/drittland/snapshots"
)

// A Service is some terms of a service: their history, and how they stand.
type Service struct {
	Terms    snapshots.Terms
	Tracks   []Track // all terms of the service, these among them
	Sources  []string
	Notes    []string // on how the text was read last, in English
	Rows     []Step   // all that happened, the newest first
	Lines    []Line   // what its texts say now: the wanted one, then those that came in its place
	Variants []Variant
}

// A Step is one version, a capture that was refused, or a day on which the law or the reading changed the findings on a version.
type Step struct {
	At       Where // number 0 of a capture that was refused
	Version  string
	Date     time.Time
	Cause    snapshots.Cause
	Class    string
	Alert    bool
	Refused  string // why it was, in English
	Variant  string // name of the variant, if there are several
	Language string
	Others   bool     // others captured it
	Waits    bool     // it is not confirmed
	Text     bool     // it is a version with a text
	Notes    []string // what it changed, in words of the language asked for
	State    *State   // of the change; nil if it is none that is decided on
	About    string   // its key in the queue, if it is there
}

// A Line is what the last version of a text says.
type Line struct {
	At      Where
	Date    time.Time
	Report  *analyze.Report
	Annexes []Annex
}

// An Annex is a page that a text refers to.
type Annex struct {
	URL, Problem string // the problem in English
	Gone         bool
	At           time.Time // when it was captured
}

// A Variant is one of several texts that a service serves side by side.
type Variant struct {
	Name, Line, Language string
	Versions             int
	First, Last          time.Time
	Words                int      // that differ from the first one's text
	Differs              []string // on transfers from the first one, in words
}

// A termsTab is one of the terms of a service.
type termsTab struct {
	Label, Address string
	Waiting        int
	Current        bool
}

// A historyRow is one step in words.
type historyRow struct {
	Number, Date, Until, Address, Cause, Class, Variant, State, Is string
	Alert, Waits, Others, Text                                     bool
	Count                                                          int // of captures that were refused in a row
	Notes                                                          []string
}

// A nowView is what a text says now.
type nowView struct {
	Title, Date, Address string
	Roles                []roleView
	Says                 []saying
	Findings             []finding
	Annexes              []annexView
	Timeline, Picture    string // address; text that stands for it
	Facts                []report.ToldFact
	Alerts, Law, Gaps    []string
}

// A roleView is the destinations of one role, by their standing today.
type roleView struct {
	Role      string
	Standings []standingView
}

type standingView struct {
	Standing, Class string
	Places          []string
}

type (
	saying  struct{ What, Value, Quote string }
	finding struct {
		Level, Said string
		Count       int
	}
	annexView struct {
		URL, At, Problem string
		Gone             bool
	}
	variantView struct {
		Name, Language, First, Last, Words string
		Versions                           int
		Differs                            []string
	}
)

// A servicePage is the page of some terms as it is shown.
type servicePage struct {
	Service, Type, Map  string
	Track               *trackView
	Types               []termsTab
	Sources, Notes      []string
	Now                 []nowView
	Variants            []variantView
	Rows                []historyRow
	Tabs                []tab
	First, Shown, Total int
	Prev, Next          string
}

func (s *Server) service(v *visit) error {
	terms := snapshots.Terms{Service: v.query.Get("s"), Type: v.query.Get("t")}
	if terms.Service == "" || len(terms.Service)+len(terms.Type) > 1000 {
		return ErrNotFound
	}
	x, err := s.desk.Service(v.ctx, terms, v.Language())
	if err != nil {
		return err
	}
	p := &servicePage{Service: report.Line(x.Terms.Service), Type: report.Line(x.Terms.Type), Map: "/map?" + url.Values{"service": {x.Terms.Service}}.Encode()}
	for i := range x.Tracks {
		t := &x.Tracks[i]
		p.Types = append(p.Types, termsTab{report.Line(t.Terms.Type), t.address(), t.waits(), t.Terms == x.Terms})
		if t.Terms == x.Terms {
			view := newTrackView(v.Words, t)
			p.Track = &view
		}
	}
	for _, src := range x.Sources {
		p.Sources = append(p.Sources, report.Line(src))
	}
	for _, n := range x.Notes {
		p.Notes = append(p.Notes, report.Line(v.Tell(n)))
	}
	for i := range x.Lines {
		now := newNowView(v.Words, &x.Lines[i], len(x.Lines) > 1)
		t, err := s.desk.Timeline(v.ctx, x.Lines[i].At, v.Language())
		if err != nil {
			return err
		}
		now.draw(v.Words, &x.Lines[i], t)
		p.Now = append(p.Now, now)
	}
	for i := range x.Variants {
		p.Variants = append(p.Variants, newVariantView(v.Words, &x.Variants[i]))
	}
	p.history(v, x)
	return s.show(v, http.StatusOK, "service.html", &frame{Title: p.Service, Tab: "services", Style: "places.css", Content: p})
}

// history puts a page of the steps in words: all, or only those that a person should read.
func (p *servicePage) history(v *visit, x *Service) {
	all := joinRefused(v.Words, x.Rows)
	alerts := slices.DeleteFunc(slices.Clone(all), func(r historyRow) bool { return !r.Alert })
	at := func(only string, page int) string {
		q := url.Values{"s": {x.Terms.Service}, "t": {x.Terms.Type}}
		if only != "" {
			q.Set("only", only)
		}
		if page > 0 {
			q.Set("page", strconv.Itoa(page))
		}
		return "/service?" + q.Encode() + "#history"
	}
	only := ""
	list := all
	if v.query.Get("only") == "alerts" {
		only, list = "alerts", alerts
	}
	p.Tabs = []tab{{v.T("All"), at("", 0), len(all), only == ""}, {v.T("Alerts"), at("alerts", 0), len(alerts), only != ""}}
	page, _ := strconv.Atoi(v.query.Get("page"))
	page = max(0, min(page, (len(list)-1)/perPage))
	p.Rows = list[page*perPage : min((page+1)*perPage, len(list))]
	p.First, p.Shown, p.Total = page*perPage+1, page*perPage+len(p.Rows), len(list)
	if page > 0 {
		p.Prev = at(only, page-1)
	}
	if p.Shown < p.Total {
		p.Next = at(only, page+1)
	}
}

// joinRefused puts steps in words. Captures that were refused in a row for one reason are one row.
func joinRefused(w *locale.Words, steps []Step) (out []historyRow) {
	for i := range steps {
		st := &steps[i]
		if n := len(out); i > 0 && st.Refused != "" && steps[i-1].Refused == st.Refused && steps[i-1].Variant == st.Variant {
			out[n-1].Count++
			out[n-1].Date = day(st.Date)
			continue
		}
		out = append(out, newHistoryRow(w, st))
	}
	return out
}

func newHistoryRow(w *locale.Words, st *Step) historyRow {
	r := historyRow{Date: day(st.Date), Until: day(st.Date), Cause: causeIn(w, st.Cause), Alert: st.Alert, Waits: st.Waits, Others: st.Others, Text: st.Text, Variant: report.Line(st.Variant), Count: 1}
	for _, n := range st.Notes {
		r.Notes = append(r.Notes, report.Line(n))
	}
	if st.Refused != "" {
		r.Cause, r.Notes = w.T("a capture that made no version"), []string{report.Line(w.Tell(st.Refused))}
		return r
	}
	r.Number = strconv.Itoa(st.At.Number)
	r.Address = "/change?" + st.At.Query()
	if st.About != "" {
		r.Address += "&about=" + st.About
	}
	if st.Text && st.Class != "" {
		r.Class = report.ClassIn(w, st.Class)
	}
	if st.State != nil {
		r.State, r.Is = stateIn(w, st.State), st.State.Is
	}
	return r
}

// newNowView puts what a text says in words; named says which of several it is.
func newNowView(w *locale.Words, l *Line, named bool) nowView {
	v := report.ViewOf(l.Report)
	now := nowView{Date: day(l.Date), Address: "/change?" + l.At.Query(), Says: []saying{{What: w.T("On transfers the text"), Value: v.Statement}}}
	if named {
		now.Title = w.T("wanted text")
		if l.At.Line != "" {
			now.Title = report.Line(l.At.Line)
		}
		now.Title += ", " + report.LanguageIn(w, l.Report.Document.Language)
	}
	for _, s := range v.Says {
		if !s.Absent {
			now.Says = append(now.Says, saying{s.What, s.Value, s.Quote})
		}
	}
	now.Roles = rolesIn(w, l.Report.Transfers.Destinations)
	for _, g := range v.Levels {
		now.Findings = append(now.Findings, finding{g.Level, g.Heading, len(g.Findings)})
	}
	for _, a := range l.Annexes {
		now.Annexes = append(now.Annexes, annexView{report.Line(a.URL), day(a.At), report.Line(w.Tell(a.Problem)), a.Gone})
	}
	return now
}

// draw adds the timeline, and what stands for the picture.
func (n *nowView) draw(w *locale.Words, l *Line, t *report.Timeline) {
	at := l.At
	at.Number = 0
	n.Timeline, n.Facts = "/timeline.svg?"+at.Query(), t.Told()
	n.Picture = w.F("Timeline of %s; the table below says the same", report.Line(l.At.Terms.String()))
	for _, a := range t.Alerts {
		n.Alerts = append(n.Alerts, day(a.Date)+": "+report.Line(a.Why))
	}
	for _, x := range t.Law {
		n.Law = append(n.Law, x.Date.String()+": "+report.Line(x.Label))
	}
	for _, g := range t.Gaps {
		n.Gaps = append(n.Gaps, day(g.From)+" – "+day(g.Until)+": "+report.Line(w.Tell(g.Why)))
	}
}

// roleOrder is the order in which roles of destinations are shown.
var roleOrder = []string{"storage", "remote_access", "support", "recipient", "unspecified"}

// rolesIn gathers destinations by role, and by their standing today.
func rolesIn(w *locale.Words, list []analyze.Destination) (out []roleView) {
	all := slices.Clone(roleOrder)
	for i := range list {
		for _, r := range list[i].Roles {
			if !slices.Contains(all, r) {
				all = append(all, r)
			}
		}
	}
	for _, role := range all {
		v := roleView{Role: report.Role(w, role)}
		for _, st := range standingOrder {
			x := standingView{Standing: report.StandingIn(w, st), Class: string(st)}
			for i := range list {
				if d := &list[i]; d.Today == st && slices.Contains(d.Roles, role) {
					x.Places = append(x.Places, placeIn(w, d))
				}
			}
			if len(x.Places) > 0 {
				slices.SortFunc(x.Places, strings.Compare)
				v.Standings = append(v.Standings, x)
			}
		}
		if len(v.Standings) > 0 {
			out = append(out, v)
		}
	}
	return out
}

// standingOrder puts first what needs most of a ground.
var standingOrder = []law.Standing{law.None, law.Lapsed, law.Conditional, law.Adequate, law.EEA}

// placeIn names a destination, and how the text comes to it.
func placeIn(w *locale.Words, d *analyze.Destination) string {
	name := report.Line(places.DisplayName(d.Country, w.Language()))
	if k := kindOf(w, d.Kind); k != "" {
		name += " (" + k + ")"
	}
	return name
}

// kindOf says how a text comes to a destination; "" if it names it.
func kindOf(w *locale.Words, kind string) string {
	switch kind {
	case "by_reference":
		return w.T("on a linked page")
	case "implied":
		return w.T("implied")
	}
	return ""
}

func newVariantView(w *locale.Words, x *Variant) variantView {
	v := variantView{Name: report.Line(x.Name), Language: report.LanguageIn(w, x.Language), First: day(x.First), Last: day(x.Last), Versions: x.Versions}
	if x.Name == "" {
		v.Name = w.T("wanted text")
	}
	if x.Words > 0 {
		v.Words = w.N("%s word differs", "%s words differ", x.Words)
	}
	for _, l := range x.Differs {
		v.Differs = append(v.Differs, report.Line(l))
	}
	return v
}

// timeline gives the picture of a history.
func (s *Server) timeline(v *visit) error {
	at, ok := whereIn(v.query)
	if !ok {
		return ErrNotFound
	}
	t, err := s.desk.Timeline(v.ctx, at, v.Language())
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := report.TimelinePicture(&b, t); err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "image/svg+xml")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'")
	_, _ = v.w.Write(b.Bytes())
	return nil
}
