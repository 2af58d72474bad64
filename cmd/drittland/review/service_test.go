package review

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
)

// A fakeWorld is a desk that gives what a test sets.
type fakeWorld struct {
	Desk
	tracks  []Track
	service *Service
	flows   []Flow
	vague   []Where
	days    []law.Date
	asked   []string // of Flows: service and day
}

func (f *fakeWorld) Services(_ context.Context, x TrackFilter, page int) (*Services, error) {
	out := ListTracks(f.tracks, x, page)
	out.Read, out.Total, out.Trouble = 1, 3, []string{"damaged <b>"}
	return out, nil
}

func (f *fakeWorld) Service(_ context.Context, terms snapshots.Terms, _ string) (*Service, error) {
	if f.service == nil || terms.Service != f.service.Terms.Service {
		return nil, ErrNotFound
	}
	return f.service, nil
}

func (f *fakeWorld) Timeline(_ context.Context, at Where, lang string) (*report.Timeline, error) {
	if at.Terms.Service == "" || at.Line == "xx" {
		return nil, ErrNotFound
	}
	rec := &report.Record{Terms: at.Terms, Now: noon}
	for i, t := range []string{"yes", "denied"} {
		rec.Events = append(rec.Events, report.Event{Number: i + 1, At: noon.AddDate(-2+i, 0, 0), Cause: snapshots.First, Transfers: &analyze.Transfers{Statement: t}})
	}
	return report.NewTimeline(locale.For(lang), rec), nil
}

func (f *fakeWorld) Flows(_ context.Context, service string, on law.Date) (*Flows, error) {
	f.asked = append(f.asked, service+" "+on.String())
	x := &Flows{On: on, Days: f.days, Names: []string{"Appzy", "Clipzy"}, Texts: 2, Vague: f.vague, Read: 3, Total: 3}
	for _, fl := range f.flows {
		if service == "" || fl.At.Terms.Service == service {
			x.Flows = append(x.Flows, fl)
		}
	}
	return x, nil
}

func over(t testing.TB, f *fakeWorld) *client {
	tt, _ := t.(*testing.T)
	return &client{tt, New(f, Options{Now: func() time.Time { return noon }, Handle: "mk"})}
}

// hostile is what no page may show as it is.
const hostile = `<script>alert(1)</script>"' onmouseover=x \u202e` + "\u202e\x00\x1b"

func privacy(service string) snapshots.Terms {
	return snapshots.Terms{Service: service, Type: "Privacy Policy"}
}

func tracks() []Track {
	step := func(service string, n, age int, alert bool) Step {
		return Step{At: Where{Terms: privacy(service), Number: n}, Date: noon.AddDate(0, 0, -age), Cause: snapshots.TermsCh, Class: "substantive_transfers", Alert: alert}
	}
	return []Track{
		{Terms: privacy("Clipzy"), Declared: true, Versions: 3, Verified: noon, Last: step("Clipzy", 3, 2, true), Waiting: map[rules.Level]int{rules.Error: 2, rules.Note: 1}},
		{Terms: privacy("Appzy"), Declared: true, Versions: 5, Others: 2, Variants: 4, Verified: noon.AddDate(0, -2, 0), Stale: 61, Last: step("Appzy", 5, 1, false), Waiting: map[rules.Level]int{rules.Error: 1},
			Trouble: &Trouble{Since: noon.AddDate(0, -2, 1), At: noon, Times: 60, Kind: "blocked", Why: "status 403 " + hostile}},
		{Terms: snapshots.Terms{Service: "Clipzy", Type: "Terms of Service"}},
		{Terms: privacy(hostile), Moved: "https://clipzy.example/" + hostile},
	}
}

// listed are the services and terms of a list, in order.
func listed(page string) string {
	var out []string
	for _, m := range regexp.MustCompile(`(?s)<th scope="row"><a href="[^"]+"><bdi>(.*?)</bdi></a><br><span class="soft small"><bdi>(.).*?</bdi>`).FindAllStringSubmatch(page, -1) {
		if strings.Contains(m[1], "script") {
			m[1] = "hostile"
		}
		out = append(out, m[1]+" "+m[2])
	}
	return strings.Join(out, ", ")
}

func TestServices(t *testing.T) {
	c := over(t, &fakeWorld{tracks: tracks()})
	for query, want := range map[string]string{
		"":                     "hostile P, Appzy P, Clipzy P, Clipzy T",
		"?q=CLIPzy":            "Clipzy P, Clipzy T",
		"?q=clipzy+privacy":    "Clipzy P",
		"?state=waiting":       "Appzy P, Clipzy P",
		"?state=failing":       "Appzy P",
		"?sort=waiting":        "Clipzy P, Appzy P, hostile P, Clipzy T",
		"?sort=changed":        "Appzy P, Clipzy P, hostile P, Clipzy T",
		"?sort=unseen&q=p":     "hostile P, Clipzy T, Appzy P, Clipzy P",
		"?q=nothing":           "",
		"?page=-3":             "hostile P, Appzy P, Clipzy P, Clipzy T",
		"?page=99&state=other": "",
	} {
		if got := listed(c.get("/services" + query)); got != want {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
	page := c.get("/services")
	for _, want := range []string{`Failing <span class="count">1</span>`, "not verified for 61 days", "2026-09-21</time>", ">blocked<", "&#43; 4 beside it", "(2 by others)", `href="/?level=error&amp;service=Clipzy">error 2</a>`,
		"substantive, on transfers", "1 of 3 terms so far", "damaged &lt;b&gt;", ">moved<", "/change?s=Clipzy&amp;t=Privacy&#43;Policy&amp;v=3"} {
		if !strings.Contains(page, want) {
			t.Errorf("the list lacks %q", want)
		}
	}
	harmless(t, "services", page)
}

// harmless wants that nothing of hostile words is more than words.
func harmless(t *testing.T, where, page string) {
	t.Helper()
	for _, bad := range []string{"<script>alert", "\u202e", "\x00", "\x1b", `" onmouseover`, "' onmouseover=x"} {
		if strings.Contains(page, bad) {
			t.Errorf("%s: holds %q", where, bad)
		}
	}
	if !strings.Contains(page, "alert(1)") {
		t.Errorf("%s: the words are gone", where)
	}
}

// theService has a history with everything that may stand in one.
func theService(t *testing.T, name string) *Service {
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	e, err := analyze.New(set)
	if err != nil {
		t.Fatal(err)
	}
	text := "We store your personal data on servers in India and Japan. " + hostile
	day := law.DateOf(noon)
	facts := e.Facts(&snapshots.Document{Language: "en", Text: text, Blocks: []snapshots.Block{{Kind: snapshots.Paragraph, Heading: -1, Span: snapshots.Span{End: len(text)}}}})
	at := func(n int) Where { return Where{Terms: privacy(name), Number: n} }
	s := &Service{Terms: privacy(name), Tracks: tracks(), Sources: []string{"https://clipzy.example/" + hostile}, Notes: []string{"a note " + hostile},
		Lines: []Line{{At: at(3), Date: noon, Report: e.Report(facts, analyze.Dates{AsOf: day, Today: day}), Annexes: []Annex{{URL: "https://clipzy.example/list", At: noon}, {URL: "x" + hostile, Problem: hostile, Gone: true}}},
			{At: Where{Terms: privacy(name), Line: "de", Number: 1}, Date: noon, Report: e.Report(facts, analyze.Dates{AsOf: day, Today: day})}},
		Variants: []Variant{{Name: "A", Versions: 2, First: noon, Last: noon}, {Name: hostile, Versions: 1, Words: 7, Differs: []string{"+ storage: CN"}}},
	}
	s.Tracks = append(s.Tracks, Track{Terms: s.Terms, Declared: true, Trouble: &Trouble{Since: noon, Kind: "gone", Why: hostile, Times: 2, Again: noon}})
	day1 := func(n int) time.Time { return noon.AddDate(0, 0, -n) }
	s.Rows = []Step{
		{At: at(3), Date: day1(1), Cause: snapshots.Law, Class: "none", Notes: []string{"What changed: India"}, Alert: true},
		{Date: day1(2), Refused: "the page is a wall"}, {Date: day1(3), Refused: "the page is a wall"}, {Date: day1(4), Refused: "the page is a wall"},
		{At: at(3), Date: day1(5), Cause: snapshots.TermsCh, Class: "substantive_transfers", Text: true, Alert: true, Notes: []string{"+ storage: IN", hostile}, State: &State{Is: Decided, Decision: &snapshots.Decision{Judgement: snapshots.Relevant, By: "mk"}}},
		{Date: day1(6), Refused: "the page is a wall"},
		{At: at(2), Date: day1(7), Cause: snapshots.Reading, Class: "none", Text: true, Variant: "B", Waits: true, Others: true},
		{At: at(1), Date: day1(8), Cause: snapshots.First, Text: true},
	}
	return s
}

func TestService(t *testing.T) {
	f := &fakeWorld{service: theService(t, "Clipzy")}
	c := over(t, f)
	page := c.get("/service?s=Clipzy&t=Privacy+Policy")
	for _, want := range []string{
		`<a href="/service?s=Clipzy&amp;t=Terms&#43;of&#43;Service"><bdi>Terms of Service</bdi>`,           // its other terms
		"no adequacy decision <span class=\"count\">1</span></dt><dd><bdi>India</bdi>", "<bdi>Japan</bdi>", // destinations by standing
		`<img src="/timeline.svg?s=Clipzy&amp;t=Privacy&#43;Policy"`, "v=de%3A0", // pictures, one of each line
		"2026-11-16</time> – <time datetime=\"2026-11-18\">", "a capture that made no version (3 times)", // refused captures in a row
		"<b>substantive, on transfers</b>", "relevant, mk", `class="small state decided"`,
		"variant B", "not confirmed", "captured by others", "7 words differ", "&#43; storage: CN",
		"captured on 2026-11-20", `<span class="badge warning">gone</span>`, "/map?service=Clipzy",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if n := strings.Count(page, `<li class="step`); n != 6 {
		t.Errorf("%d entries of the history, want 6", n)
	}
	if alerts := c.get("/service?s=Clipzy&only=alerts"); strings.Count(alerts, `<li class="step alert`) != 2 || strings.Count(alerts, `<li class="step`) != 2 {
		t.Error("the filter of alerts lets others through, or not all")
	}
	harmless(t, "service", page)
	for _, q := range []string{"", "?s=", "?s=Other", "?s=" + strings.Repeat("x", 2000)} {
		if w := c.do("GET", "/service"+q, nil); w.Code != http.StatusNotFound {
			t.Errorf("%.20q: %d", q, w.Code)
		}
	}
}

func TestServiceHistoryPages(t *testing.T) {
	s := theService(t, hostile)
	s.Rows = nil
	for i := range 120 {
		s.Rows = append(s.Rows, Step{At: Where{Terms: s.Terms, Number: 120 - i}, Date: noon, Cause: snapshots.TermsCh, Class: "editorial", Text: true})
	}
	f := &fakeWorld{service: s}
	c := over(t, f)
	page := c.get("/service?s=" + strings.NewReplacer("\x00", "%00", "\x1b", "%1b", " ", "+", "\"", "%22", "<", "%3C", ">", "%3E", "\u202e", "%E2%80%AE", "\\", "%5C").Replace(hostile) + "&page=2")
	if n := strings.Count(page, `<li class="step`); n != 20 || !strings.Contains(page, "101 to 120 of 120") || strings.Contains(page, `rel="next"`) {
		t.Errorf("%d entries on the last page", n)
	}
	harmless(t, "history", page)
}

func TestTimelinePicture(t *testing.T) {
	c := over(t, &fakeWorld{})
	w := c.do("GET", "/timeline.svg?s=Clipzy%3Cscript%3E&t=Privacy+Policy", nil)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/svg+xml" || !strings.Contains(w.Header().Get("Content-Security-Policy"), "sandbox; default-src 'none'") {
		t.Errorf("%d, %v", w.Code, w.Header())
	}
	if s := w.Body.String(); !strings.Contains(s, "<svg") || strings.Contains(s, "<script") || strings.Contains(s, "style=") {
		t.Errorf("the picture would not show, or does more than that:\n%.500s", s)
	}
	for _, q := range []string{"", "?s=Clipzy", "?s=Clipzy&t=x&v=y", "?s=Clipzy&t=x&v=xx:0"} {
		if w := c.do("GET", "/timeline.svg"+q, nil); w.Code != http.StatusNotFound {
			t.Errorf("%q: %d", q, w.Code)
		}
	}
}

// manyTracks are the lines of a list of n services.
func manyTracks(n int) []Track {
	out := make([]Track, n)
	for i := range out {
		out[i] = tracks()[i%2]
		out[i].Terms = privacy(fmt.Sprintf("Service %04d", (i*7919)%n))
	}
	return out
}

func BenchmarkServices(b *testing.B) {
	c := over(b, &fakeWorld{tracks: manyTracks(2000)})
	for b.Loop() {
		w := httptest.NewRecorder()
		c.h.ServeHTTP(w, httptest.NewRequest("GET", "http://127.0.0.1/services?q=service+1&page=20", nil))
		if w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}
