package review

// The list of all terms: how each stands, and what waits in it.

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
	"github.com/drittland/drittland/snapshots"
)

// Services are a page of all terms. They may be a little older than the archive.
type Services struct {
	Tracks      []Track
	Page        int            // from 0
	Counts      map[string]int // by state, "" for all, of the terms with the words that are asked for
	Read, Total int            // how many terms were read already, of how many
	Trouble     []string
}

// A Track is one line of the list: some terms, and how they stand.
type Track struct {
	Terms    snapshots.Terms
	Declared bool // they are tracked, so that they should be seen again and again
	Versions int
	Others   int // of these, captured by others
	Variants int // versions of texts that came in place of the wanted one
	Verified time.Time
	Stale    int      // for how many days the text has not been seen, if that is an alarm
	Trouble  *Trouble // nil if the text can be had
	Moved    string   // where the page has moved for good
	Last     Step     // the latest change; zero if there is no version
	Waiting  map[rules.Level]int
}

// A Trouble is why a source cannot be verified.
type Trouble struct {
	Since, At time.Time // of the first failure after the text was seen last, and of the last one
	Times     int
	Kind, Why string    // in English
	Again     time.Time // before which the server asks not to be asked
}

// address is the page of the terms.
func (t *Track) address() string {
	return "/service?" + url.Values{"s": {t.Terms.Service}, "t": {t.Terms.Type}}.Encode()
}

// waits is how many items wait for a decision.
func (t *Track) waits() (n int) {
	for _, k := range t.Waiting {
		n += k
	}
	return n
}

func (t *Track) fails() bool { return t.Trouble != nil || t.Stale > 0 }

// The states by which the list can be read.
const (
	WithWaiting = "waiting"
	Failing     = "failing"
)

// A TrackFilter says which terms are listed, and in which order.
type TrackFilter struct{ Words, State, Sort string }

func (f TrackFilter) address(page int) string {
	q := url.Values{}
	for name, value := range map[string]string{"q": f.Words, "state": f.State, "sort": f.Sort} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if page > 0 {
		q.Set("page", strconv.Itoa(page))
	}
	if len(q) == 0 {
		return "/services"
	}
	return "/services?" + q.Encode()
}

// mentions reports whether terms have all words that are asked for in their name.
func (f TrackFilter) mentions(t *Track) bool {
	name := strings.ToLower(t.Terms.Service + "\n" + t.Terms.Type)
	return !slices.ContainsFunc(f.Looked(), func(word string) bool { return !strings.Contains(name, word) })
}

// Looked are the words that f looks for, in lower case.
func (f TrackFilter) Looked() []string { return Filter{Words: f.Words}.Looked() }

func (f TrackFilter) takes(t *Track) bool {
	return f.State == "" || f.State == WithWaiting && t.waits() > 0 || f.State == Failing && t.fails()
}

// ListTracks gives a page of what a filter takes of all terms, from 0; the last one for a page beyond it.
func ListTracks(all []Track, f TrackFilter, page int) *Services {
	x := &Services{Counts: map[string]int{}}
	var list []*Track
	for i := range all {
		t := &all[i]
		if !f.mentions(t) {
			continue
		}
		for _, state := range []string{"", WithWaiting, Failing} {
			if (TrackFilter{State: state}).takes(t) {
				x.Counts[state]++
			}
		}
		if f.takes(t) {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, f.compare)
	x.Page = LastPage(page, len(list))
	for _, t := range list[x.Page*perPage : min((x.Page+1)*perPage, len(list))] {
		x.Tracks = append(x.Tracks, *t)
	}
	return x
}

func (f TrackFilter) compare(a, b *Track) int {
	byName := cmp.Or(strings.Compare(strings.ToLower(a.Terms.Service), strings.ToLower(b.Terms.Service)), strings.Compare(a.Terms.Service, b.Terms.Service), strings.Compare(a.Terms.Type, b.Terms.Type))
	switch f.Sort {
	case "waiting":
		for _, l := range levelsDown {
			if n := b.Waiting[l] - a.Waiting[l]; n != 0 {
				return n
			}
		}
	case "changed":
		return cmp.Or(b.Last.Date.Compare(a.Last.Date), byName)
	case "unseen":
		return cmp.Or(a.Verified.Compare(b.Verified), byName)
	}
	return byName
}

var levelsDown = []rules.Level{rules.Error, rules.Warning, rules.Note}

// A levelCount is how many items of a level wait.
type levelCount struct {
	Level, Said, Address string
	Count                int
}

// A trackView is one line of the list in words.
type trackView struct {
	Service, Type, Address, Verified string
	Versions, Others, Variants       int
	Date, Class, Change              string // of the latest change; Change is its address
	Alert, Declared                  bool
	Alarm, Since, Kind, Why, Times   string // of a failure
	Again, Moved                     string
	Waiting                          []levelCount
}

func newTrackView(w *locale.Words, t *Track) trackView {
	v := trackView{Service: report.Line(t.Terms.Service), Type: report.Line(t.Terms.Type), Address: t.address(), Verified: w.T("never"), Versions: t.Versions, Others: t.Others, Variants: t.Variants,
		Alert: t.Last.Alert, Declared: t.Declared, Moved: report.Line(t.Moved)}
	if !t.Verified.IsZero() {
		v.Verified = day(t.Verified)
	}
	if t.Last.At.Number > 0 {
		v.Date, v.Class, v.Change = day(t.Last.Date), report.ClassIn(w, t.Last.Class), "/change?"+t.Last.At.Query()
		if t.Last.Class == "" || t.Last.Cause == snapshots.Law || t.Last.Cause == snapshots.First {
			v.Class = causeIn(w, t.Last.Cause)
		}
	}
	if t.Stale > 0 {
		v.Alarm = w.N("not verified for %s day", "not verified for %s days", t.Stale)
	}
	if x := t.Trouble; x != nil {
		v.Since, v.Kind, v.Why, v.Times = day(x.Since), report.Line(w.Tell(x.Kind)), report.Line(w.Tell(x.Why)), w.N("%s time", "%s times", x.Times)
		if !x.Again.IsZero() {
			v.Again = x.Again.UTC().Format("2006-01-02 15:04 UTC")
		}
	}
	for _, l := range levelsDown {
		if n := t.Waiting[l]; n > 0 {
			q := url.Values{"service": {t.Terms.Service}, "level": {string(l)}}
			v.Waiting = append(v.Waiting, levelCount{string(l), report.LevelIn(w, l), "/?" + q.Encode(), n})
		}
	}
	return v
}

// A servicesPage is the list as it is shown.
type servicesPage struct {
	Tracks              []trackView
	Tabs                []tab
	Filter              TrackFilter
	First, Shown, Total int
	Prev, Next          string
	Read, Of            int
	Trouble             []string
}

func (s *Server) services(v *visit) error {
	f := TrackFilter{v.query.Get("q"), v.query.Get("state"), v.query.Get("sort")}
	page, _ := strconv.Atoi(v.query.Get("page"))
	x, err := s.desk.Services(v.ctx, f, max(0, page))
	if err != nil {
		return err
	}
	p := &servicesPage{Filter: f, Read: x.Read, Of: x.Total, Total: x.Counts[f.State]}
	for _, t := range []struct{ state, label string }{{"", v.T("All")}, {WithWaiting, v.T("Waiting")}, {Failing, v.T("Failing")}} {
		g := f
		g.State = t.state
		p.Tabs = append(p.Tabs, tab{t.label, g.address(0), x.Counts[t.state], f.State == t.state})
	}
	for i := range x.Tracks {
		p.Tracks = append(p.Tracks, newTrackView(v.Words, &x.Tracks[i]))
	}
	p.First, p.Shown = x.Page*perPage+1, x.Page*perPage+len(p.Tracks)
	if x.Page > 0 {
		p.Prev = f.address(x.Page - 1)
	}
	if p.Shown < p.Total {
		p.Next = f.address(x.Page + 1)
	}
	for _, t := range x.Trouble {
		p.Trouble = append(p.Trouble, report.Line(v.Tell(t)))
	}
	return s.show(v, http.StatusOK, "services.html", &frame{Title: v.T("Services"), Tab: "services", Style: "places.css", Content: p})
}
