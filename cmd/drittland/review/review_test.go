package review

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// fake is a desk with the items that a test gives it, and two texts.
type fake struct {
	Desk      // for what no test asks it
	mu        sync.Mutex
	items     []Item
	decisions []snapshots.Decision
	old, new  string // of version 1 and version 2
	language  string // of the texts; "" for English
	model     string // that said something of the new text; "" for none
	err       error
}

func (f *fake) all(context.Context) (*All, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return &All{Items: slices.Clone(f.items), Read: 2, Total: 2}, f.err
}

func (f *fake) Queue(ctx context.Context, x Filter, page int, w *locale.Words) (*Queue, error) {
	return InMemory(f.all).Queue(ctx, x, page, w)
}

func (f *fake) Beside(ctx context.Context, x Filter, key string, at Where, skip []string, w *locale.Words) (*Beside, error) {
	return InMemory(f.all).Beside(ctx, x, key, at, skip, w)
}

func (f *fake) Line(ctx context.Context, terms snapshots.Terms, line string) ([]Item, error) {
	return InMemory(f.all).Line(ctx, terms, line)
}

func (f *fake) Keyed(ctx context.Context, keys []string) ([]Item, error) {
	return InMemory(f.all).Keyed(ctx, keys)
}

func (f *fake) Decide(_ context.Context, d snapshots.Decision) (snapshots.Decision, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, x := range slices.Backward(f.decisions) {
		if x.Fingerprint == d.Fingerprint {
			if x.ID != d.Revises {
				return d, &Conflict{x}
			}
			break
		}
	}
	d.ID = fmt.Sprintf("%016x", len(f.decisions)+1)
	f.decisions = append(f.decisions, d)
	for i := range f.items {
		if f.items[i].Fingerprint == d.Fingerprint {
			f.items[i].State = State{Is: Decided, Decision: &d}
		}
	}
	return d, nil
}

func (f *fake) Change(_ context.Context, at Where, lang string) (*Change, error) {
	if at.Terms.Service != "Clipzy" || at.Number > 2 || f.err != nil {
		return nil, cmpErr(f.err)
	}
	set, err := rules.Builtin()
	if err != nil {
		return nil, err
	}
	e, err := analyze.New(set)
	if err != nil {
		return nil, err
	}
	e = e.In(lang)
	day := law.DateOf(noon)
	doc := func(s string) *analyze.Facts {
		d := &snapshots.Document{Language: cmp.Or(f.language, "en"), Text: s, Title: "Privacy policy"}
		start := 0
		for line := range strings.SplitSeq(s, "\n") {
			d.Blocks = append(d.Blocks, snapshots.Block{Kind: snapshots.Paragraph, Heading: -1, Span: snapshots.Span{Start: start, End: start + len(line)}})
			start += len(line) + 1
		}
		return e.Facts(d)
	}
	old, now := doc(f.old), doc(f.new)
	c := &Change{At: at, Versions: 2, Cause: snapshots.TermsCh, Alert: true, Report: e.Report(now, analyze.Dates{AsOf: day, Today: day}),
		Captures: []Capture{{Which: "new", Role: "policy", At: noon, URL: "https://clipzy.example/privacy", IP: "192.0.2.7", Snapshot: "urn:uuid:1", Picture: true}}}
	if at.Number != 1 {
		c.At.Number, c.Against = 2, 1
		c.Comparison = e.Compare(old, now, day, analyze.Dates{AsOf: day, Today: day})
	}
	if f.model != "" {
		c.Seconds = []*report.Second{saidOf(c.Report, f.model)}
	}
	c.Decisions = map[string][]snapshots.Decision{}
	for _, d := range f.decisions {
		c.Decisions[d.Fingerprint] = append(c.Decisions[d.Fingerprint], d)
	}
	return c, nil
}

func cmpErr(err error) error {
	if err == nil {
		return ErrNotFound
	}
	return err
}

func (f *fake) Picture(_ context.Context, id string) ([]byte, error) {
	switch id {
	case "urn:uuid:1":
		return []byte("\x89PNG\r\n\x1a\n0000"), nil
	case "html":
		return []byte("<html><script>alert(1)</script>"), nil
	}
	return nil, ErrNotFound
}

func (f *fake) Word(_ context.Context, w io.Writer, at Where, _ string) error {
	if at.Number == 1 {
		return ErrNotFound
	}
	_, err := io.WriteString(w, "PK")
	return err
}

func (f *fake) Print(_ context.Context, page []byte, _ string) ([]byte, error) {
	if bytes.Contains(page, []byte("/picture")) {
		return nil, fmt.Errorf("a sheet asks for a picture")
	}
	return nil, fmt.Errorf("%w: chromium", ErrNoProgram)
}

const (
	oldText = "We store your personal data in Ireland.\nYou may object at any time."
	newText = "We store your personal data on servers in India.\nYou may object at any time."
)

// item is one with a fingerprint made of a letter.
func item(kind, service, letter string, level rules.Level, age int) Item {
	return Item{Kind: kind, At: Where{Terms: snapshots.Terms{Service: service, Type: "Privacy Policy"}, Number: 2}, Fingerprint: strings.Repeat(letter, 24), Version: strings.Repeat("1", 16), Level: level,
		Date: noon.AddDate(0, 0, -age), Check: map[string]string{snapshots.AboutFinding: "T05"}[kind], Articles: []string{"GDPR 13(1)(f)"}, Countries: []string{"IN"}, Language: "en", State: State{Is: Open},
		Say: func(w *locale.Words) (string, []string) {
			return w.F("Change: %s", service+" "+letter), []string{"+ storage: IN"}
		}}
}

func newFake() *fake {
	return &fake{old: oldText, new: newText, items: []Item{item(snapshots.AboutFinding, "Clipzy", "a", rules.Note, 400), item(snapshots.AboutChange, "Clipzy", "b", rules.Error, 3),
		item(snapshots.AboutChange, "Appzy", "c", rules.Warning, 70), item(snapshots.AboutChange, "Appzy", "d", rules.Error, 9)}}
}

// A client asks one server.
type client struct {
	t *testing.T
	h http.Handler
}

func (c *client) do(method, target string, form url.Values, header ...string) *httptest.ResponseRecorder {
	c.t.Helper()
	r := httptest.NewRequest(method, "http://127.0.0.1:7441"+target, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	c.h.ServeHTTP(w, r)
	return w
}

func (c *client) get(target string, header ...string) string {
	c.t.Helper()
	w := c.do("GET", target, nil, header...)
	if w.Code != http.StatusOK {
		c.t.Fatalf("GET %s: %d\n%s", target, w.Code, w.Body)
	}
	return w.Body.String()
}

func serve(t *testing.T, f *fake) *client {
	return &client{t, New(f, Options{Now: func() time.Time { return noon }, Handle: "mk"})}
}

// titles are the services and letters of the entries of a queue, in order.
func titles(page string) string {
	var out []string
	for _, m := range regexp.MustCompile(`<bdi>Change: (\w+ \w)</bdi>`).FindAllStringSubmatch(page, -1) {
		out = append(out, m[1])
	}
	return strings.Join(out, ", ")
}

func TestQueue(t *testing.T) {
	f := newFake()
	f.items[2].State = State{Is: Decided, Decision: &snapshots.Decision{Judgement: snapshots.NotRelevant, By: "mk", Fingerprint: f.items[2].Fingerprint}}
	f.items[0].State = State{Is: Lapsed, Decision: &snapshots.Decision{Judgement: snapshots.Relevant, By: "jo", Fingerprint: strings.Repeat("f", 24), ID: "1"}}
	c := serve(t, f)
	for query, want := range map[string]string{
		"":                        "Appzy d, Clipzy b, Clipzy a",
		"?sort=age":               "Clipzy a, Appzy d, Clipzy b",
		"?sort=newest":            "Clipzy b, Appzy d, Clipzy a",
		"?sort=service&state=all": "Appzy d, Appzy c, Clipzy b, Clipzy a",
		"?state=decided":          "Appzy c",
		"?state=lapsed":           "Clipzy a",
		"?level=error":            "Appzy d, Clipzy b",
		"?service=Clipzy":         "Clipzy b, Clipzy a",
		"?kind=finding":           "Clipzy a",
		"?country=IN&lang=en":     "Appzy d, Clipzy b, Clipzy a",
		"?country=CN":             "",
		"?article=GDPR+13(1)(f)&q=STORAGE+clipzy": "Clipzy b, Clipzy a",
		"?q=nothing": "",
		"?page=7":    "Appzy d, Clipzy b, Clipzy a",
		"?page=-1":   "Appzy d, Clipzy b, Clipzy a",
	} {
		if got := titles(c.get("/" + query)); got != want {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
	page := c.get("/")
	for _, want := range []string{"lapsed: relevant, jo", "13 months", "3 days", "Waiting <span class=\"count\">3</span>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the queue lacks %q", want)
		}
	}
	if strings.Contains(page, f.items[0].Key()+".1") {
		t.Error("a decision on other words is to be revised")
	}
	if page := c.get("/", "Accept-Language", "fr-FR,de;q=0.8"); !strings.Contains(page, `<html lang="fr">`) {
		t.Error("the page is not in French")
	}
}

func TestQueuePages(t *testing.T) {
	f := newFake()
	f.items = nil
	for i := range 120 {
		x := item(snapshots.AboutChange, "Clipzy", "e", rules.Note, i)
		x.Fingerprint = fmt.Sprintf("%024x", i)
		f.items = append(f.items, x)
	}
	c := serve(t, f)
	for query, want := range map[string][3]any{"": {50, true, "1 to 50 of 120"}, "?page=1": {50, true, "51 to 100 of 120"}, "?page=2": {20, false, "101 to 120 of 120"}} {
		page := c.get("/" + query)
		if n := strings.Count(page, "data-stop"); n != want[0] || strings.Contains(page, `rel="next"`) != want[1] || !strings.Contains(page, want[2].(string)) {
			t.Errorf("%q: %d entries; want %v", query, n, want)
		}
	}
}

func TestDecide(t *testing.T) {
	f := newFake()
	c := serve(t, f)
	key := f.items[1].Key()
	post := func(form url.Values) *httptest.ResponseRecorder {
		return c.do("POST", "/decide", form, "Sec-Fetch-Site", "same-origin")
	}
	w := post(url.Values{"item": {key, f.items[3].Key()}, "judgement": {"not relevant"}, "note": {" A line.\r\nAnother. "}, "until": {"2027-01-31"}, "back": {"/?level=error"}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/?done=2&level=error" {
		t.Fatalf("%d to %q\n%s", w.Code, w.Header().Get("Location"), w.Body)
	}
	d := f.decisions[0]
	if len(f.decisions) != 2 || d.By != "mk" || d.Note != "A line.\nAnother." || d.Until != "2027-01-31" || d.About != snapshots.AboutChange || d.Fingerprint != f.items[1].Fingerprint || !d.At.Equal(noon) {
		t.Errorf("recorded: %+v", f.decisions)
	}
	if page := c.get("/?state=decided&done=2"); !strings.Contains(page, "2 decisions recorded.") || !strings.Contains(page, "not relevant, mk") {
		t.Error("the queue does not show what was decided")
	}
	// somebody who has not seen that decision
	w = post(url.Values{"item": {key}, "judgement": {"relevant"}, "note": {"<b>mine</b>"}})
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "Somebody else decided in between") || !strings.Contains(w.Body.String(), "&lt;b&gt;mine") || len(f.decisions) != 2 {
		t.Errorf("%d, %d decisions\n%s", w.Code, len(f.decisions), w.Body)
	}
	w = post(url.Values{"item": {key + "." + d.ID}, "then": {"withdraw"}})
	if w.Code != http.StatusSeeOther || len(f.decisions) != 3 || !f.decisions[2].Withdrawn || f.decisions[2].Revises != d.ID || w.Header().Get("Location") != "/?undone=1" {
		t.Errorf("withdrawn: %d to %q, %+v", w.Code, w.Header().Get("Location"), f.decisions[len(f.decisions)-1])
	}
	w = post(url.Values{"item": {f.items[2].Key()}, "judgement": {"escalated"}, "then": {"next"}, "next": {"/change?s=Clipzy&t=x"}})
	if to := w.Header().Get("Location"); to != "/change?done=1&s=Clipzy&t=x" {
		t.Errorf("goes on to %q", to)
	}
}

func TestDecideRefused(t *testing.T) {
	f := newFake()
	c := serve(t, f)
	good := func() url.Values { return url.Values{"item": {f.items[1].Key()}, "judgement": {"relevant"}} }
	with := func(name, value string) url.Values { v := good(); v.Set(name, value); return v }
	for name, x := range map[string]struct {
		form   url.Values
		header []string
		code   int
	}{
		"no item":         {url.Values{"judgement": {"relevant"}}, nil, 400},
		"no judgement":    {with("judgement", ""), nil, 400},
		"odd judgement":   {with("judgement", "unlawful"), nil, 400},
		"long note":       {with("note", strings.Repeat("x", snapshots.MaxNote+1)), nil, 400},
		"broken note":     {with("note", "\xff"), nil, 400},
		"odd day":         {with("until", "soon"), nil, 400},
		"past day":        {with("until", "2026-11-19"), nil, 400},
		"unknown item":    {with("item", "0123"), nil, 409},
		"too much":        {with("note", strings.Repeat("x", maxForm)), nil, 400},
		"too many":        {url.Values{"judgement": {"relevant"}, "item": slices.Repeat([]string{"0"}, maxAtOnce+1)}, nil, 400},
		"other site":      {good(), []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"other origin":    {good(), []string{"Origin", "https://evil.example"}, 403},
		"other name":      {good(), []string{"Host", "evil.example"}, 421},
		"same site alone": {good(), []string{"Sec-Fetch-Site", "same-site"}, 403},
	} {
		if w := c.do("POST", "/decide", x.form, x.header...); w.Code != x.code {
			t.Errorf("%s: %d, want %d\n%.300s", name, w.Code, x.code, w.Body)
		}
	}
	if len(f.decisions) != 0 {
		t.Errorf("recorded: %+v", f.decisions)
	}
	c.h = New(f, Options{Now: func() time.Time { return noon }, ReadOnly: true})
	if w := c.do("POST", "/decide", good()); w.Code != http.StatusForbidden {
		t.Errorf("read-only: %d", w.Code)
	}
	if page := c.get("/"); strings.Contains(page, `name="judgement"`) {
		t.Error("a form that is refused is shown")
	}
	if w := c.do("GET", "/decide", nil); w.Code != http.StatusNotFound && w.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET /decide: %d", w.Code)
	}
}

func TestChangePage(t *testing.T) {
	f := newFake()
	c := serve(t, f)
	page := c.get("/change?s=Clipzy&t=Privacy+Policy&v=2&from=level%3Derror")
	for _, want := range []string{"India (IN)", "<del", "<ins", "GDPR", "192.0.2.7", `src="/picture?id=urn%3auuid%3a1"`, ">Decide</button>", `href="/?level=error"`, "entry 2 of 2", `rel="prev"`} {
		if !strings.Contains(strings.ReplaceAll(page, "%3A", "%3a"), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if said, _ := law.Asks("GDPR 13(1)(f)", "de"); !strings.Contains(c.get("/change?s=Clipzy&t=Privacy+Policy&v=2", "Accept-Language", "de"), ">DSGVO 13(1)(f)</a></dt><dd>"+said.Sentence+"</dd>") {
		t.Error("the page does not say what the article asks")
	}
	if first := c.get("/change?s=Clipzy&t=Privacy+Policy&v=1"); !strings.Contains(first, "What the text says of transfers") || strings.Contains(first, `class="redline`) {
		t.Error("a first version has a redline, or no facts")
	}
	for _, q := range []string{"", "?s=Clipzy", "?s=Clipzy&t=Privacy+Policy&v=x", "?s=Clipzy&t=Privacy+Policy&v=-1", "?s=No&t=No&v=1", "?s=Clipzy&t=Privacy+Policy&v=3", "?s=" + strings.Repeat("x", 2000) + "&t=y"} {
		if w := c.do("GET", "/change"+q, nil); w.Code != http.StatusNotFound {
			t.Errorf("%.50s: %d", q, w.Code)
		}
	}
	f.err = fmt.Errorf("index.db is <damaged>")
	if w := c.do("GET", "/change?s=Clipzy&t=x&v=1", nil); w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "<damaged>") {
		t.Errorf("%d\n%s", w.Code, w.Body)
	}
}

// Whoever decides on one finding comes to the next one, on the same page or another; what is decided together is one step.
func TestDecideAndGoOn(t *testing.T) {
	f := newFake()
	e := serve(t, f)
	next := func(target string) string {
		m := regexp.MustCompile(`name="next" value="([^"]*)"`).FindStringSubmatch(e.get(target))
		if m == nil {
			t.Fatalf("%s has no form", target)
		}
		u, err := url.Parse(html.UnescapeString(m[1]))
		if err != nil {
			t.Fatal(err)
		}
		return u.Query().Get("about")
	}
	at := func(x *Item) string { return "/change?" + x.At.Query() + "&about=" + x.Key() }
	f.items = []Item{item(snapshots.AboutChange, "Clipzy", "b", rules.Error, 3), item(snapshots.AboutFinding, "Clipzy", "a", rules.Warning, 3), item(snapshots.AboutFinding, "Clipzy", "e", rules.Note, 3)}
	c, err := f.Change(context.Background(), f.items[0].At, "en")
	if err != nil || len(c.Comparison.Appeared) < 2 {
		t.Fatal(err, len(c.Comparison.Appeared))
	}
	f.items[1].Fingerprint, f.items[2].Fingerprint = c.Comparison.Appeared[0].Fingerprint, c.Comparison.Appeared[1].Fingerprint
	if got := next(at(&f.items[1])); got != f.items[2].Key() {
		t.Errorf("after one finding comes %q", got)
	}
	if got := next(at(&f.items[0])); got != "" {
		t.Errorf("after a change with all its findings comes %q", got)
	}
	line := f.items[0].At
	line.Line = "de"
	if page := e.get("/change?" + line.Query()); !strings.Contains(page, "<bdi>Clipzy · Privacy Policy · de, version 2</bdi>") {
		t.Error("the title does not say which text it is")
	}
}

// What was decided is in the files of a change.
func TestFilesHaveDecisions(t *testing.T) {
	f := newFake()
	f.decisions = []snapshots.Decision{{ID: "1", Fingerprint: strings.Repeat("b", 24), Judgement: snapshots.Escalated, By: "jo", At: noon, Note: "asked <b>them</b>\u202e"}}
	page := serve(t, f).get("/export?s=Clipzy&t=Privacy+Policy&v=2&form=html")
	if !strings.Contains(page, "<b>escalated</b>") || !strings.Contains(page, "asked &lt;b&gt;them&lt;/b&gt;") || strings.Contains(page, "\u202e") {
		t.Error("the file lacks what was decided")
	}
	if strings.Contains(page, "<details><summary>The law") || strings.Count(page, `<ul class="law">`) > 1 {
		t.Error("the law is folded, or stands twice")
	}
}

func TestFiles(t *testing.T) {
	c := serve(t, newFake())
	at := "?s=Clipzy&t=Privacy+Policy&v=2"
	for name, x := range map[string]struct {
		target string
		code   int
		media  string
	}{
		"docx":            {"/export" + at + "&form=docx", 200, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		"html":            {"/export" + at + "&form=html", 200, "text/html; charset=utf-8"},
		"pdf, no program": {"/export" + at + "&form=pdf", 501, "text/html; charset=utf-8"},
		"odd form":        {"/export" + at + "&form=exe", 404, "text/html; charset=utf-8"},
		"docx of a first": {"/export?s=Clipzy&t=Privacy+Policy&v=1&form=docx", 404, "text/html; charset=utf-8"},
		"picture":         {"/picture?id=urn:uuid:1", 200, "image/png"},
		"not a picture":   {"/picture?id=html", 404, "text/html; charset=utf-8"},
		"no picture":      {"/picture?id=urn:uuid:2", 404, "text/html; charset=utf-8"},
		"style":           {"/assets/desk.css", 200, "text/css; charset=utf-8"},
		"script":          {"/assets/desk.js", 200, "text/javascript; charset=utf-8"},
		"redline style":   {"/assets/redline.css", 200, "text/css; charset=utf-8"},
		"template":        {"/assets/queue.html", 404, "text/plain; charset=utf-8"},
		"path":            {"/assets/..%2freview.go", 404, "text/plain; charset=utf-8"},
		"nothing":         {"/nothing", 404, "text/html; charset=utf-8"},
	} {
		w := c.do("GET", x.target, nil)
		if w.Code != x.code || w.Header().Get("Content-Type") != x.media {
			t.Errorf("%s: %d %s, want %d %s", name, w.Code, w.Header().Get("Content-Type"), x.code, x.media)
		}
		if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: policy %q", name, csp)
		}
		if w.Code == 200 && strings.HasPrefix(x.target, "/export") && w.Header().Get("Content-Disposition") != `attachment; filename="Clipzy-Privacy-Policy-2-2026-11-20.`+name+`"` {
			t.Errorf("%s: %s", name, w.Header().Get("Content-Disposition"))
		}
	}
	if sheet := c.get("/export" + at + "&form=html"); strings.Contains(sheet, "<script") || strings.Contains(sheet, "/assets/") || strings.Contains(sheet, "/picture") {
		t.Error("the file asks for something")
	}
}

// TestHostile shows pages of texts and names that want to be more than text.
func TestHostile(t *testing.T) {
	const evil = `<script>alert(1)</script><img src=x onerror=alert(1)> "><svg onload=alert(1)> javascript:alert(1) ` + "\u202eabc\u2066 \x00\x1b[31m"
	f := newFake()
	f.new = newText + "\n" + evil + "\n" + strings.Repeat("x", 1<<20)
	for i := range f.items {
		x := &f.items[i]
		x.Quote, x.Say = evil, func(*locale.Words) (string, []string) { return evil, []string{evil} }
	}
	f.items[0].At.Terms = snapshots.Terms{Service: evil, Type: evil}
	f.items[1].State = State{Is: Decided, Decision: &snapshots.Decision{By: "mk", Judgement: evil, Note: evil, Fingerprint: f.items[1].Fingerprint}}
	c := serve(t, f)
	tag := regexp.MustCompile(`(?i)<(?:script|img|svg)\b[^>]*`)
	anyTag := regexp.MustCompile(`<[^>]*>`) // values of fields are as they came
	for _, target := range []string{"/?state=all", "/?q=" + url.QueryEscape(evil), "/?service=" + url.QueryEscape(evil), "/change?s=Clipzy&t=Privacy+Policy&v=2", "/change?s=Clipzy&t=Privacy+Policy&v=1", "/export?s=Clipzy&t=Privacy+Policy&v=2&form=html"} {
		page := c.get(target)
		for _, m := range tag.FindAllString(page, -1) {
			if m != `<script src="/assets/desk.js" defer` && !strings.HasPrefix(m, `<img src="/picture?id=`) {
				t.Errorf("%.30s: %s", target, m)
			}
		}
		if strings.ContainsAny(anyTag.ReplaceAllString(page, ""), "\x00\x1b\u202e\u2066") {
			t.Errorf("%.30s: signs that turn the text or the terminal", target)
		}
	}
	for _, back := range []string{"https://evil.example/", "//evil.example/", `/\evil.example`, "javascript:alert(1)", "/x\r\nSet-Cookie: a=b"} {
		if to := c.do("POST", "/language", url.Values{"language": {"de"}, "back": {back}}).Header().Get("Location"); to != "/" {
			t.Errorf("back to %q: %q", back, to)
		}
	}
}

// TestRightToLeft shows a policy in Arabic: its words run from right to left, and the page around them does not.
func TestRightToLeft(t *testing.T) {
	f := newFake()
	f.language, f.old, f.new = "ar", "نخزن بياناتك الشخصية في أيرلندا.", "ننقل بياناتك الشخصية إلى خوادمنا في الهند."
	c := serve(t, f)
	page := c.get("/change?s=Clipzy&t=Privacy+Policy&v=2")
	if !strings.Contains(page, `<html lang="en">`) || !regexp.MustCompile(`<[^>]*lang="ar" dir="rtl"[^>]*>`).MatchString(page) {
		t.Errorf("no word of the text is marked as running from right to left\n%s", page)
	}
}

func TestLanguage(t *testing.T) {
	c := serve(t, newFake())
	w := c.do("POST", "/language", url.Values{"language": {"de"}, "back": {"/?level=error"}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/?level=error" {
		t.Fatalf("%d to %s", w.Code, w.Header().Get("Location"))
	}
	cookie, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
	if page := c.get("/", "Cookie", cookie, "Accept-Language", "nl"); !strings.Contains(page, `<html lang="de">`) {
		t.Error("the language was not kept")
	}
	if page := c.get("/", "Cookie", languageCookie+"=xx"); !strings.Contains(page, `<html lang="en">`) {
		t.Error("an unknown language")
	}
}

func BenchmarkQueue(b *testing.B) {
	f := newFake()
	f.items = nil
	for i := range 20_000 { // of 2,000 services
		x := item([]string{snapshots.AboutChange, snapshots.AboutFinding}[i%2], fmt.Sprintf("Service %d", i/10), "e", []rules.Level{rules.Note, rules.Warning, rules.Error}[i%3], i%900)
		x.Fingerprint = fmt.Sprintf("%024x", i)
		f.items = append(f.items, x)
	}
	h := New(f, Options{Now: func() time.Time { return noon }})
	for b.Loop() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "http://127.0.0.1/?level=error", nil))
		if w.Code != 200 {
			b.Fatal(w.Code)
		}
	}
}
