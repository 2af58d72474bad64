package review

// The queue: what waits for a decision, what was decided, sorted and filtered.

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/places"
	"github.com/drittland/drittland/snapshots"
)

// perPage is how many items a page of the queue shows.
const perPage = 50

// waiting is the filter of states that people begin with: open and lapsed.
const waiting = "waiting"

// Key names an item in forms: the same as long as its terms and its fingerprint are.
func (x *Item) Key() string {
	return string(snapshots.HashOf([]byte(strings.Join([]string{x.Kind, x.At.Terms.Service, x.At.Terms.Type, x.At.Line, x.Fingerprint}, "\x00")))[:20])
}

// Waits reports whether somebody should decide on it, or look at it once more.
func (x *State) Waits() bool {
	return x.Is != Decided || x.Decision != nil && x.Decision.Judgement == snapshots.SecondLook
}

// Judged is the value of a form for an item: its key, and the decision that the person has seen.
func (x *Item) Judged() string {
	if x.Decision != nil && x.Decision.Fingerprint == x.Fingerprint { // else it was made on other words
		return x.Key() + "." + x.Decision.ID
	}
	return x.Key()
}

// A Filter says which items are shown, and in which order. Fields are "" where nothing is asked for.
type Filter struct {
	Words, Service, Kind, State, Level, Article, Country, Language, Sort string
}

// maxWords is how many words a filter looks for.
const maxWords = 16

func filterIn(q url.Values) Filter {
	f := Filter{q.Get("q"), q.Get("service"), q.Get("kind"), q.Get("state"), q.Get("level"), q.Get("article"), q.Get("country"), q.Get("lang"), q.Get("sort")}
	if f.State == "" {
		f.State = waiting
	}
	return f
}

// query is f as the query of an address, without what is not asked for.
func (f Filter) query() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"q": f.Words, "service": f.Service, "kind": f.Kind, "level": f.Level, "article": f.Article, "country": f.Country, "lang": f.Language, "sort": f.Sort} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.State != waiting {
		q.Set("state", f.State)
	}
	return q
}

// Fields are what filters know of an item. Its words stand apart.
type Fields struct {
	Service, Kind, Level, Language, State string
	Waits                                 bool
	Articles, Countries                   []string
}

// Fields are those of x.
func (x *Item) Fields() Fields {
	return Fields{x.At.Terms.Service, x.Kind, string(x.Level), x.Language, x.Is, x.Waits(), x.Articles, x.Countries}
}

// takes reports whether f lets an item with some fields through, one field apart if it is named.
func (f Filter) takes(x *Fields, but string) bool {
	is := func(name, want string, got ...string) bool {
		return but == name || want == "" || slices.Contains(got, want)
	}
	return is("service", f.Service, x.Service) && is("kind", f.Kind, x.Kind) && is("level", f.Level, x.Level) &&
		is("article", f.Article, x.Articles...) && is("country", f.Country, x.Countries...) && is("lang", f.Language, x.Language) &&
		(but == "state" || f.State == "all" || f.State == x.State || f.State == waiting && x.Waits)
}

// Looked are the words that f looks for, in lower case.
func (f Filter) Looked() []string {
	words := strings.Fields(strings.ToLower(f.Words))
	return words[:min(len(words), maxWords)]
}

// mentions reports whether an item has all words that are asked for in its title, terms or checks.
func (f Filter) mentions(x *Item, w *locale.Words) bool {
	looked := f.Looked()
	if len(looked) == 0 {
		return true
	}
	title, lines := x.Say(w)
	all := strings.ToLower(strings.Join(slices.Concat([]string{title, x.At.Terms.Service, x.At.Terms.Type, x.Check, x.Quote}, lines, x.Checks), "\n"))
	return !slices.ContainsFunc(looked, func(word string) bool { return !strings.Contains(all, word) })
}

// pick gives the items that f takes, in its order.
func (f Filter) pick(all []Item, w *locale.Words) []*Item {
	var out []*Item
	for i := range all {
		if x := all[i].Fields(); f.takes(&x, "") && f.mentions(&all[i], w) {
			out = append(out, &all[i])
		}
	}
	slices.SortStableFunc(out, f.compare)
	return out
}

// compare orders items: by level and age, by age, or by service. Changes go before findings of the same version.
func (f Filter) compare(a, b *Item) int {
	byAge := cmp.Or(a.Date.Compare(b.Date), strings.Compare(a.At.Terms.Service, b.At.Terms.Service), strings.Compare(a.At.Terms.Type, b.At.Terms.Type), a.At.Number-b.At.Number,
		strings.Compare(a.Kind, b.Kind), strings.Compare(a.Check, b.Check), strings.Compare(a.At.Line, b.At.Line), a.Place-b.Place)
	byLevel := b.Level.Rank() - a.Level.Rank()
	switch f.Sort {
	case "age":
		return byAge
	case "newest":
		return -byAge
	case "service":
		return cmp.Or(strings.Compare(strings.ToLower(a.At.Terms.Service), strings.ToLower(b.At.Terms.Service)), byLevel, byAge)
	}
	return cmp.Or(byLevel, byAge)
}

// An option is one choice of a filter with how many items it would show.
type option struct {
	Value, Label string
	Count        int
	Selected     bool
}

// A choice is one field of the filter.
type choice struct {
	Name, Label string
	Options     []option
	Typed       bool // there are too many to list: its value is written
	Value       string
}

// choices are the fields of the filter, with counts of what each would show while the others stand.
func (f Filter) choices(q *Queue, w *locale.Words) []choice {
	none := w.T("all")
	of := func(name, label, selected string, count map[string]int, say func(string) string) choice {
		c := choice{Name: name, Label: label, Options: []option{{Label: none, Selected: selected == ""}}}
		if selected != "" && count[selected] == 0 {
			count[selected] = 0
		}
		for v, n := range count {
			if v != "" {
				c.Options = append(c.Options, option{v, say(v), n, v == selected})
			}
		}
		slices.SortFunc(c.Options[1:], func(a, b option) int { return strings.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label)) })
		return c
	}
	one := func(name string, get func(*Fields) string) map[string]int {
		count := map[string]int{}
		for i := range q.Groups {
			if g := &q.Groups[i]; f.apart().takes(&g.Fields, name) {
				count[get(&g.Fields)] += g.Count
			}
		}
		return count
	}
	level := of("level", w.T("Level"), f.Level, one("level", func(x *Fields) string { return x.Level }), func(v string) string { return report.LevelIn(w, rules.Level(v)) })
	slices.SortFunc(level.Options[1:], func(a, b option) int { return rules.Level(b.Value).Rank() - rules.Level(a.Value).Rank() })
	service := of("service", w.T("Service"), f.Service, one("service", func(x *Fields) string { return x.Service }), report.Line)
	service.Typed, service.Value = q.Many, f.Service
	return []choice{
		level,
		of("kind", w.T("Kind"), f.Kind, one("kind", func(x *Fields) string { return x.Kind }), func(v string) string { return kindIn(w, v) }),
		service,
		of("country", w.T("Country"), f.Country, q.Countries, func(v string) string { return report.Line(places.DisplayName(v, w.Language())) }),
		of("article", w.T("Article"), f.Article, q.Articles, func(v string) string { return report.ArticlesIn(w, []string{v}) }),
		of("lang", w.T("Language of the text"), f.Language, one("lang", func(x *Fields) string { return x.Language }), func(v string) string { return report.LanguageIn(w, v) }),
	}
}

func kindIn(w *locale.Words, kind string) string {
	if kind == snapshots.AboutChange {
		return w.T("change")
	}
	return w.T("finding")
}

// A tab is one of the states by which the queue can be read.
type tab struct {
	Label, Address string
	Count          int
	Current        bool
}

func (f Filter) tabs(q *Queue, w *locale.Words) []tab {
	count := map[string]int{}
	for i := range q.Groups {
		if x := &q.Groups[i]; f.apart().takes(&x.Fields, "state") {
			count[x.State] += x.Count
			count["all"] += x.Count
			if x.Waits {
				count[waiting] += x.Count
			}
		}
	}
	var out []tab
	for _, s := range []struct{ state, label string }{{waiting, w.T("Waiting")}, {Lapsed, w.T("Lapsed")}, {Decided, w.T("Decided")}, {"all", w.T("All")}} {
		g := f
		g.State = s.state
		out = append(out, tab{s.label, "/?" + g.query().Encode(), count[s.state], f.State == s.state})
	}
	return out
}

// An entry is one row of the queue.
type entry struct {
	*Item
	Service, Title, Address, Terms, Reference, Age, Day string

	More                     int // facts that are not shown
	Lines, Countries         []string
	Articles, Said, Standing string
}

// newEntry puts an item in words. from is the query of the queue that it stands in.
func newEntry(w *locale.Words, x *Item, from string, now time.Time) entry {
	title, lines := x.Say(w)
	e := entry{Item: x, Service: report.Line(x.At.Terms.Service), Title: report.Line(title), Terms: report.Line(x.At.Terms.Type), Reference: report.Line(x.At.Spec()), Day: day(x.Date), Age: age(w, now.Sub(x.Date)),
		Said: report.LevelIn(w, x.Level), Articles: report.ArticlesIn(w, x.Articles), Standing: stateIn(w, &x.State), Address: x.address(from)}
	for i, l := range lines {
		if i == maxLines {
			e.More = len(lines) - i
			break
		}
		e.Lines = append(e.Lines, report.Line(l))
	}
	if x.Kind == snapshots.AboutChange { // its facts name them
		return e
	}
	for i, c := range x.Countries {
		if i == maxCountries {
			e.Countries = append(e.Countries, "+"+strconv.Itoa(len(x.Countries)-i))
			break
		}
		e.Countries = append(e.Countries, report.Line(c))
	}
	return e
}

// maxLines is how many facts an entry tells.
const maxLines = 3

// maxCountries is how many countries an entry names.
const maxCountries = 12

// address is where an item is decided on.
func (x *Item) address(from string) string {
	u := "/change?" + x.At.Query() + "&about=" + x.Key()
	if from != "" {
		u += "&from=" + url.QueryEscape(from)
	}
	if x.Kind == snapshots.AboutFinding {
		u += "#finding-" + x.Fingerprint
	}
	return u
}

// age says for how long something waits.
func age(w *locale.Words, d time.Duration) string {
	days := int(d / (24 * time.Hour))
	switch {
	case days < 1:
		return w.T("today")
	case days < 60:
		return w.N("%s day", "%s days", days)
	case days < 730:
		return w.N("%s month", "%s months", days/30)
	}
	return w.N("%s year", "%s years", days/365)
}

// stateIn says how an item stands.
func stateIn(w *locale.Words, x *State) string {
	d := x.Decision
	switch {
	case x.Is == Lapsed && d != nil:
		return w.F("lapsed: %s, %s", report.Judgement(w, d.Judgement), report.Line(d.By))
	case d != nil && d.Withdrawn:
		return w.F("withdrawn by %s", report.Line(d.By))
	case d != nil:
		return w.F("%s, %s", report.Judgement(w, d.Judgement), report.Line(d.By))
	}
	return w.T("open")
}

// A queuePage is the queue as it is shown.
type queuePage struct {
	Entries             []entry
	Choices             []choice
	Tabs                []tab
	Filter              Filter
	Active              bool // a filter is set
	Query               string
	Shown, First, Total int
	Prev, Next          string // addresses of the pages beside it
	Read, Of            int
	Trouble             []string
	Notice              string
	Decide              *decideForm
	Slow                bool // it took too long to find out
	More, Uncounted     bool // as in Queue
}

func (s *Server) queue(v *visit) error {
	f := filterIn(v.query)
	page, _ := strconv.Atoi(v.query.Get("page"))
	q, err := s.desk.Queue(v.ctx, f, max(0, page), v.Words)
	if err != nil {
		return err
	}
	p := &queuePage{Choices: f.choices(q, v.Words), Tabs: f.tabs(q, v.Words), Filter: f, Query: f.query().Encode(), Total: q.Count, Read: q.Read, Of: q.Total, Trouble: q.Trouble,
		Notice: s.notice(v), Decide: newDecideForm(v, s.opts.Now()), Slow: q.Slow, More: q.More, Uncounted: q.Uncounted}
	g := f
	g.State, g.Sort = waiting, ""
	p.Active = len(g.query()) > 0
	for i := range q.Items {
		p.Entries = append(p.Entries, newEntry(v.Words, &q.Items[i], p.Query, s.opts.Now()))
	}
	p.First, p.Shown = q.Page*perPage+1, q.Page*perPage+len(q.Items)
	at := func(n int) string {
		q := f.query()
		q.Set("page", strconv.Itoa(n))
		return "/?" + q.Encode()
	}
	if q.Page > 0 {
		p.Prev = at(q.Page - 1)
	}
	if p.Shown < p.Total {
		p.Next = at(q.Page + 1)
	}
	p.Decide.Back = v.r.URL.RequestURI()
	return s.show(v, http.StatusOK, "queue.html", &frame{Title: v.T("Queue"), Tab: "queue", Content: p})
}
