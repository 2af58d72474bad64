package shelf

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/snapshots"
)

// A model is the same items in memory and in tables.
type model struct {
	*Tables
	r     *rand.Rand
	items []review.Item
	queue review.InMemory
}

// newModel fills both with random policies. Some services have many items of one level and moment.
func newModel(t *testing.T, policies int) *model {
	db := database(t)
	m := &model{Tables: tablesOf(t, db, "one", today), r: rand.New(rand.NewPCG(3, 3))}
	c := &crowd{r: m.r, zipf: rand.NewZipf(m.r, 1.3, 2, uint64(len(crowdPlaces)-1))}
	for i := 0; len(c.text) < 20_000; i++ {
		c.text += []string{"daten", "δεδομένα", "100%", "a_b", `c\d`, "übermittlung", "個人情報", "data", "us", "x", "%", "“quoted”", "it's", "ΑΒΓ", "é"}[m.r.IntN(15)] + strings.Repeat(" ", m.r.IntN(2))
	}
	c.text = strings.ToValidUTF8(strings.ToLower(c.text), "")
	for i := range policies {
		terms := snapshots.Terms{Service: fmt.Sprintf("%sService %d", []string{"", "Ö", strings.Repeat("long ", 20)}[i%3], m.r.IntN(policies/2)), Type: fmt.Sprint("Policy ", i)}
		r := c.policy()
		r.Mark, r.Sum.Data = []byte("x"), []byte("{}")
		for j := range r.Items {
			x := &r.Items[j]
			if i%4 == 0 {
				x.Date = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			}
			x.Words = strings.ToLower(strings.Join([]string{terms.Service, terms.Type, x.Check, strings.ToValidUTF8(x.Words, "")}, "\n"))
			for lang := range x.Said {
				x.Said[lang] = strings.ToValidUTF8(c.words(30), "") + " " + lang
			}
			m.items = append(m.items, itemOf(x, terms))
			x.Key = m.items[len(m.items)-1].Key()
		}
		m.mustFill(t, terms, reads(r))
	}
	m.Fold(t.Context())
	m.queue = func(context.Context) (*review.All, error) { return &review.All{Items: m.items}, nil }
	return m
}

// itemOf is an item as it is in memory.
func itemOf(x *Item, terms snapshots.Terms) review.Item {
	words, said := x.Words, x.Said
	out := review.Item{Kind: x.Kind, At: review.Where{Terms: terms, Number: x.Number}, Fingerprint: fmt.Sprint(x.Place), Date: x.Date, Level: x.Level, Check: x.Check, Articles: x.Articles, Countries: x.Countries,
		Language: x.Language, Place: x.Place, State: review.State{Is: x.State}}
	if x.State == review.Decided {
		out.Decision = &snapshots.Decision{Judgement: snapshots.Judgements[0]}
	}
	out.Say = func(w *locale.Words) (string, []string) { return said[w.Language()], []string{words} }
	return out
}

func (m *model) filter() review.Filter {
	pick := func(list ...string) string { return list[m.r.IntN(len(list))] }
	x := &m.items[m.r.IntN(len(m.items))]
	f := review.Filter{State: pick("waiting", "waiting", "all", review.Decided, review.Lapsed), Sort: pick("", "age", "newest", "service")}
	for _, field := range []struct {
		to    *string
		value string
	}{{&f.Service, x.At.Terms.Service}, {&f.Kind, x.Kind}, {&f.Level, string(x.Level)}, {&f.Language, x.Language}, {&f.Country, pick(append(x.Countries, "US")...)}, {&f.Article, pick(append(x.Articles, "49")...)}} {
		if m.r.IntN(8) == 0 {
			*field.to = field.value
		}
	}
	if m.r.IntN(2) == 0 {
		f.Words = pick("%", "_", `\`, "us", "ü", "δε", "個人", "é", "ΑΒΓ", "data", "100%", "nothing of this", "en", "SERVICE 1", "'", "x x")
		if m.r.IntN(2) == 0 {
			_, lines := x.Say(locale.For("en"))
			all := []rune(lines[0])
			from := m.r.IntN(len(all))
			f.Words = string(all[from:min(len(all), from+1+m.r.IntN([]int{4, 80}[m.r.IntN(2)]))])
		}
	}
	return f
}

// TestLikeInMemory holds random pages of random filters against those of the same items in memory: far from both ends, of words of any script, length and frequency.
func TestLikeInMemory(t *testing.T) {
	m := newModel(t, 130)
	m.far = 150
	far, seen := 0, map[string]int{}
	for i := range 160 {
		f, w := m.filter(), locale.For([]string{"en", "de"}[i%2])
		if i%4 == 0 {
			f = review.Filter{State: "all", Sort: f.Sort}
		}
		m.Services, m.Found = []int{0, 10}[m.r.IntN(2)], []int{0, 120}[m.r.IntN(2)]
		all, err := m.queue.Queue(t.Context(), f, 0, w)
		if err != nil {
			t.Fatal(err)
		}
		page := m.r.IntN(2 + all.Count/review.PerPage)
		got, err := m.Queue(t.Context(), f, page, w)
		if err != nil {
			t.Fatal(err)
		}
		if got.More {
			page = got.Page
		}
		want, _ := m.queue.Queue(t.Context(), f, page, w)
		m.same(t, f, want, got, w)
		from := got.Page * review.PerPage
		far += map[bool]int{true: 1}[from >= m.far && got.Count-from >= m.far]
		seen[fmt.Sprint("more ", got.More, ", uncounted ", got.Uncounted)]++
	}
	if far < 10 || len(seen) < 3 {
		t.Errorf("%d pages far from both ends, and of words %v", far, seen)
	}
}

// same holds a page against one of memory.
func (m *model) same(t *testing.T, f review.Filter, want *review.Queue, got *Page, w *locale.Words) {
	t.Helper()
	if got.Uncounted {
		plain := f
		plain.Words = ""
		any, _ := m.queue.Queue(t.Context(), plain, 0, w)
		want.Groups, want.Countries, want.Articles = any.Groups, any.Countries, any.Articles
		if got.More != (want.Count > m.Found) {
			t.Fatalf("%+v: more is %t of %d", f, got.More, want.Count)
		}
	}
	if got.More {
		want.Count = m.Found
		want.Items = want.Items[:min(len(want.Items), want.Count-want.Page*review.PerPage)]
	}
	if got.Count != want.Count || got.Page != want.Page {
		t.Fatalf("%+v: page %d of %d items, want page %d of %d", f, got.Page, got.Count, want.Page, want.Count)
	}
	var a, b []string
	for i := range want.Items {
		a = append(a, fmt.Sprint(want.Items[i].At.Terms, want.Items[i].Key()))
	}
	for i := range got.Items {
		b = append(b, fmt.Sprint(got.Items[i].Terms, got.Items[i].Key))
	}
	if !slices.Equal(a, b) {
		t.Fatalf("%+v: page %d: %s", f, got.Page, cmp.Diff(a, b))
	}
	fields := func(groups []review.Group) map[string]int {
		out := map[string]int{}
		for _, g := range groups {
			if got.Many && f.Service == "" {
				g.Service = ""
			}
			if !got.Many || f.Service == "" || g.Service == f.Service {
				out[fmt.Sprint(g.Kind, g.State, g.Waits, g.Level, g.Language, g.Service)] += g.Count
			}
		}
		return out
	}
	for _, x := range [][2]map[string]int{{fields(want.Groups), fields(got.Groups)}, {want.Countries, got.Countries}, {want.Articles, got.Articles}} {
		if !maps.Equal(x[0], x[1]) {
			t.Fatalf("%+v, many %t: counts: %s", f, got.Many, cmp.Diff(x[0], x[1]))
		}
	}
}

// TestLapsedToday has days pass that decisions held until, while nobody may write that down: pages and lists say what they say when it is written.
func TestLapsedToday(t *testing.T) {
	m := newModel(t, 40)
	if _, err := m.db.Pool().Exec(t.Context(), "update desk_items set until = case when n % 2 = 0 then date '2026-06-03' else '2026-06-09' end where state = 'decided'"); err != nil {
		t.Fatal(err)
	}
	now, w := time.Date(2026, 6, 4, 0, 0, 0, 0, time.UTC), locale.For("en")
	ask := func() (out []string) {
		m.r = rand.New(rand.NewPCG(4, 4))
		for range 40 {
			f := m.filter()
			m.Services = []int{0, 10}[m.r.IntN(2)]
			p, err := m.Queue(t.Context(), f, 0, w)
			if err != nil {
				t.Fatal(err)
			}
			groups := map[string]int{}
			for _, g := range p.Groups {
				groups[fmt.Sprint(g.Kind, g.State, g.Waits, g.Level, g.Language, g.Service)] += g.Count
			}
			list, counts, _, err := m.List(t.Context(), review.TrackFilter{State: review.WithWaiting, Sort: "waiting"}, 0, now)
			if err != nil {
				t.Fatal(err)
			}
			b, err := json.Marshal([]any{f, p.Items, p.Count, groups, p.Countries, p.Articles, list, counts})
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, string(b))
		}
		return out
	}
	before := ask()
	m.Today = today.AddDays(3)
	got := ask()
	m.Today = today
	if err := m.Tidy(t.Context(), today.AddDays(3).String()); err != nil {
		t.Fatal(err)
	}
	for i, want := range ask() {
		if got[i] != want {
			t.Errorf("while nobody has written it down\n%.2000s\nwant\n%.2000s", got[i], want)
		}
	}
	if slices.Equal(before, got) {
		t.Error("nothing lapsed")
	}
}
