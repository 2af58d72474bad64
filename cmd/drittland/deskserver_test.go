package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/desk/shelf"
	"github.com/drittland/drittland/cmd/drittland/digest"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
)

// A pair is one archive in a folder and its like on a server, as the desk sees both, with one clock.
type pair struct {
	t           testing.TB
	now         time.Time
	here, there *reviewDesk
	r           *rand.Rand
	texts       map[snapshots.Terms]int // imported so far
}

func newPair(t testing.TB, now time.Time, seed uint64) *pair {
	t.Helper()
	p := &pair{t: t, now: now, r: rand.New(rand.NewPCG(seed, 1)), texts: map[snapshots.Terms]int{}}
	tl := &tool{words: locale.For("en"), env: environment{Stdout: new(bytes.Buffer), Stderr: new(bytes.Buffer), Now: func() time.Time { return p.now }, Getenv: func(string) string { return "" }},
		servers: &servers{ctx: t.Context()}}
	t.Cleanup(tl.servers.close)
	engine, err := tl.engine(nil)
	if err != nil {
		t.Fatal(err)
	}
	address := pgtest.Need(t).Database(t)
	if _, err := archive.CreateShared(t.Context(), address, archive.Options{Objects: "file://" + t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	p.here = newReviewDesk(&store{tool: tl, dir: t.TempDir() + "/archive"}, engine)
	p.there = newReviewDesk(&store{tool: tl, dir: address}, engine)
	return p
}

// both does something with either archive.
func (p *pair) both(f func(a *archive.Archive) error) {
	p.t.Helper()
	for _, d := range []*reviewDesk{p.here, p.there} {
		if err := d.store.write(f); err != nil {
			p.t.Fatal(err)
		}
	}
}

// publish imports the next text of some terms, as it was seen at a time.
func (p *pair) publish(terms snapshots.Terms, at time.Time, text string) {
	p.t.Helper()
	p.texts[terms]++
	n := p.texts[terms]
	p.both(func(a *archive.Archive) error {
		_, err := a.PutImport(snapshots.Snapshot{Terms: terms, At: at, MediaType: "text/markdown",
			Origin: &snapshots.Origin{Repo: "some-versions", Commit: fmt.Sprintf("%036x%04x", len(p.texts), n), Path: terms.Service + "/" + terms.Type + ".md"}}, []byte(text))
		return err
	})
}

var (
	somePlaces = []string{"Ireland", "India", "the United States", "the United Kingdom", "Brazil", "Japan", "Singapore", "Germany", "Switzerland"}
	someTools  = []string{"", "For this we rely on the standard contractual clauses.", "For this we rely on the EU-U.S. Privacy Shield.", "For this we rely on your consent.",
		"This transfer is covered by an adequacy decision of the European Commission.", "We have self-certified under the EU-U.S. Data Privacy Framework."}
	someDates = []string{"", "", "Effective date: 1 December 2025", "This policy is in force from 15 March 2026.", "Last updated: 3 July 2023"}
)

// text is a random policy.
func (p *pair) text() string {
	pick := func(list []string) string { return list[p.r.IntN(len(list))] }
	if p.r.IntN(8) == 0 {
		return "# Datenschutzerklärung\n\nWir übermitteln Ihre personenbezogenen Daten an unsere Server in den Vereinigten Staaten.\n\nSie haben das Recht, der Verarbeitung zu widersprechen. Wir sind die " + pick(somePlaces) + " GmbH.\n"
	}
	return "# Privacy policy\n\n" + pick(someDates) + "\n\nWe transfer your personal data to our servers in " + pick(somePlaces) + " and in " + pick(somePlaces) + ". " + pick(someTools) +
		"\n\nStaff in " + pick(somePlaces) + " have remote access to your data.\n\nYou may object at any time. Our address is 1 Quay Street, Dublin.\n"
}

var someTerms = []snapshots.Terms{{Service: "Clipzy", Type: "Privacy Policy"}, {Service: "clipzy two", Type: "Privacy Policy"}, {Service: "Clipzy", Type: "Cookie Policy"}, {Service: "Ötzy's", Type: "Privacy Policy"},
	{Service: "Mailzy", Type: "Privacy Policy"}, {Service: "Wavezy", Type: "Privacy Policy"}, {Service: "100%_zy", Type: "Terms of Service"}}

// fill publishes some texts of each of some terms, and declares some.
func (p *pair) fill(first time.Time) {
	p.t.Helper()
	for i, terms := range someTerms {
		for n := range 4 + p.r.IntN(4) {
			p.publish(terms, first.AddDate(0, 2*n, p.r.IntN(20)), p.text())
		}
		if i%2 == 0 {
			p.both(func(a *archive.Archive) error {
				return a.PutDeclaration(snapshots.Declaration{Service: terms.Service, TermsType: terms.Type, Added: first.AddDate(0, 0, i), Sources: []snapshots.Source{{URL: "https://service.example/privacy"}}})
			})
		}
	}
	p.both(func(a *archive.Archive) error {
		return a.PutDeclaration(snapshots.Declaration{Service: "Neverzy", TermsType: "Privacy Policy", Added: first, Sources: []snapshots.Source{{URL: "https://never.example/privacy"}}})
	})
}

// settle waits until all is read.
func (p *pair) settle() []review.Item {
	p.t.Helper()
	for range 1000 {
		all, err := p.here.everything(p.t.Context())
		if err != nil || len(all.Trouble) > 0 {
			p.t.Fatal(err, all)
		}
		busy := p.there.refresh()
		if busy != nil {
			<-busy
		}
		if _, _, trouble := p.there.progress(); len(trouble) > 0 {
			p.t.Fatal(trouble)
		}
		if p.here.refresh() == nil && busy == nil {
			return all.Items
		}
		time.Sleep(5 * time.Millisecond)
	}
	p.t.Fatal("the archives are never read")
	return nil
}

// decide records a random decision on an item, in both archives.
func (p *pair) decide(x *review.Item) {
	p.t.Helper()
	d := snapshots.Decision{Terms: x.At.Terms, Variant: x.At.Line, About: x.Kind, Fingerprint: x.Fingerprint, Check: x.Check, Quote: x.Quote, Version: x.Version, By: "mk", At: p.now.Truncate(time.Second),
		Judgement: snapshots.Judgements[p.r.IntN(len(snapshots.Judgements))]}
	if len(d.Quote) > snapshots.MaxQuoted {
		d.Quote = ""
	}
	if p.r.IntN(3) == 0 {
		d.Until = p.now.AddDate(0, 0, p.r.IntN(4)).Format(time.DateOnly)
	}
	if x.Decision != nil && x.Decision.Fingerprint == x.Fingerprint {
		d.Revises = x.Decision.ID
		d.Withdrawn = p.r.IntN(3) == 0 && !x.Decision.Withdrawn
	}
	if d.Withdrawn {
		d.Until = ""
	}
	for _, desk := range []*reviewDesk{p.here, p.there} {
		if _, err := desk.Decide(p.t.Context(), d); err != nil {
			p.t.Fatal(err)
		}
	}
}

// itself is how items are compared: by what they are and what they say.
func itself(w *locale.Words, list ...review.Item) []string {
	var out []string
	for i := range list {
		x := &list[i]
		title, lines := x.Say(w)
		b, _ := json.Marshal(struct {
			At                                             review.Where
			Kind, Fingerprint, Version, Check, Lang, Class string
			Level, Cause, Is, Why, Quote, Title, Judged    string
			Date                                           time.Time
			Checks, Articles, Countries, Lines             []string
			Facts                                          any
			Decision                                       *snapshots.Decision
			Place                                          int
		}{x.At, x.Kind, x.Fingerprint, x.Version, x.Check, x.Language, x.Class, string(x.Level), string(x.Cause), x.Is, x.Why, x.Quote, title, x.Judged(), x.Date.UTC(),
			slices.Concat(x.Checks), slices.Concat(x.Articles), slices.Concat(x.Countries), slices.Concat(lines), slices.Concat(x.Facts), x.Decision, x.Place})
		out = append(out, string(b))
	}
	return out
}

// counted are groups added up.
func counted(groups []review.Group) map[string]int {
	out := map[string]int{}
	for _, g := range groups {
		n := g.Count
		g.Count, g.Countries, g.Articles = 0, nil, nil
		if out[fmt.Sprint(g)] += n; out[fmt.Sprint(g)] == 0 {
			delete(out, fmt.Sprint(g))
		}
	}
	return out
}

// filters are random ones, of what there is and of what there is not.
func (p *pair) filters(items []review.Item, n int) (out []review.Filter) {
	any := func(values ...string) string { return values[p.r.IntN(len(values))] }
	for _, sort := range []string{"", "age", "newest", "service"} {
		for _, state := range []string{"waiting", "all", review.Decided, review.Lapsed, review.Open} {
			out = append(out, review.Filter{State: state, Sort: sort})
		}
	}
	for range n {
		f := review.Filter{State: any("waiting", "all", review.Decided, review.Lapsed), Sort: any("", "age", "newest", "service", "odd")}
		x := &items[p.r.IntN(len(items))]
		for _, field := range []struct {
			to     *string
			values []string
		}{{&f.Service, []string{x.At.Terms.Service, strings.ToUpper(x.At.Terms.Service)}}, {&f.Kind, []string{x.Kind}}, {&f.Level, []string{string(x.Level), "odd\x00"}}, {&f.Language, []string{x.Language}},
			{&f.Country, append(slices.Clone(x.Countries), "US", "zz")}, {&f.Article, append(slices.Clone(x.Articles), "46")},
			{&f.Words, []string{"India", "clipzy", "change", "änderung", "T0", "servers in", "%", "_", "\\", "us", "zq", "ö", "ÖT", " ", "staff access", "“we", "\x00", x.Quote, p.pieces(x), p.pieces(x), p.pieces(x)}}} {
			if p.r.IntN(4) == 0 {
				*field.to = any(field.values...)
			}
		}
		out = append(out, f)
	}
	return out
}

// pieces are one or two pieces of what an item says, of any length and at any place.
func (p *pair) pieces(x *review.Item) (out string) {
	title, lines := x.Say(locale.For([]string{"en", "de"}[p.r.IntN(2)]))
	for range 1 + p.r.IntN(2) {
		all := []rune(strings.Join(append(lines, title, x.Quote, x.At.Terms.Service), " "))
		from := p.r.IntN(len(all))
		out += " " + string(all[from:min(len(all), from+1+p.r.IntN(6))])
	}
	return out
}

// TestDeskOnServer holds what the review pages are told of an archive on a server against what they are told of the same in a folder.
func TestDeskOnServer(t *testing.T) {
	p := newPair(t, time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), 1)
	p.fill(time.Date(2023, 5, 1, 8, 30, 0, 123456000, time.UTC))
	for round := range 4 {
		items := p.settle()
		if len(items) < 30 {
			t.Fatalf("only %d items", len(items))
		}
		p.there.listed = []int{0, 2}[round%2] // as if there were too many services to list
		p.there.found = []int{0, 20}[round/2] // as if very many items had some words
		p.sameQueues(items)
		p.sameLists()
		p.samePages(items)
		for range 25 {
			items := p.settle()
			p.decide(&items[p.r.IntN(len(items))])
		}
		p.now = p.now.AddDate(0, 0, 2) // some decisions lapse
		if round == 1 {
			p.publish(someTerms[p.r.IntN(len(someTerms))], p.now, p.text())
		}
	}
	states := map[string]bool{}
	for _, x := range p.settle() {
		states[x.Is] = true
	}
	if len(states) != 3 {
		t.Errorf("the test has not come upon all states: %v", states)
	}
}

func (p *pair) sameQueues(items []review.Item) {
	p.t.Helper()
	ctx := p.t.Context()
	some, uncounted := 0, 0
	for _, f := range p.filters(items, 60) {
		w := locale.For([]string{"en", "de"}[p.r.IntN(2)])
		for page := 0; ; page++ {
			want, err := p.here.Queue(ctx, f, page, w)
			got, wrong := p.there.Queue(ctx, f, page, w)
			if err != nil || wrong != nil {
				p.t.Fatal(err, wrong)
			}
			if got.Uncounted {
				p.uncounted(f, want, got, w)
				uncounted++
			}
			if diff := cmp.Diff(itself(w, want.Items...), itself(w, got.Items...)); diff != "" || got.Count != want.Count || got.Page != want.Page {
				p.t.Fatalf("%+v, page %d: %d of %d, want %d of %d\n%s", f, page, got.Page, got.Count, want.Page, want.Count, diff)
			}
			if got.Many != (p.there.listed > 0) {
				p.t.Fatalf("many services: %t", got.Many)
			}
			if got.Many {
				want.Groups = asOfMany(want.Groups, f)
			}
			if diff := cmp.Diff(counted(want.Groups), counted(got.Groups)); diff != "" {
				p.t.Fatalf("%+v: counts: %s", f, diff)
			}
			if diff := cmp.Diff([]any{want.Countries, want.Articles}, []any{got.Countries, got.Articles}, cmpopts.EquateEmpty()); diff != "" {
				p.t.Fatalf("%+v: countries and articles: %s", f, diff)
			}
			some += min(1, want.Count)
			if want.Page < page || len(want.Items) == 0 {
				break
			}
		}
		p.sameBeside(f, items, w)
	}
	if some < 40 || p.there.found > 0 && uncounted < 3 {
		p.t.Errorf("only %d pages show anything, and of %d it is not counted what others would", some, uncounted)
	}
}

// uncounted makes of what a folder says of words that very many items have what a server says: how many there are up to a number, and what choices there are without the words.
func (p *pair) uncounted(f review.Filter, want, got *review.Queue, w *locale.Words) {
	p.t.Helper()
	if g := (review.Filter{State: "all", Words: f.Words}); p.there.listed == 0 || f.Service == "" {
		if all, err := p.here.Queue(p.t.Context(), g, 0, w); err != nil || all.Count <= p.there.found {
			p.t.Fatalf("%+v: %d items are not counted: %v", f, all.Count, err)
		}
	}
	f.Words = ""
	any, err := p.here.Queue(p.t.Context(), f, 0, w)
	if err != nil {
		p.t.Fatal(err)
	}
	want.Groups, want.Countries, want.Articles = any.Groups, any.Countries, any.Articles
	if got.More != (want.Count > p.there.found) {
		p.t.Fatalf("%+v: more than are counted is %t of %d", f, got.More, want.Count)
	}
	if got.More {
		want.Count = p.there.found
		want.Items = want.Items[:min(len(want.Items), max(0, want.Count-want.Page*review.PerPage))]
		if want.Page > review.LastPage(want.Page, want.Count) {
			want.Page, want.Items = got.Page, got.Items // it was held against its like before
		}
	}
}

// asOfMany are groups where there are too many services to count each.
func asOfMany(groups []review.Group, f review.Filter) (out []review.Group) {
	for _, g := range groups {
		switch f.Service {
		case "":
			g.Service = ""
			out = append(out, g)
		case g.Service:
			out = append(out, g)
		}
	}
	return out
}

func (p *pair) sameBeside(f review.Filter, items []review.Item, w *locale.Words) {
	p.t.Helper()
	for range 3 {
		x, y := &items[p.r.IntN(len(items))], &items[p.r.IntN(len(items))]
		key := []string{x.Key(), "", "no key", y.Key()}[p.r.IntN(4)]
		var skip []string
		for range p.r.IntN(4) {
			skip = append(skip, items[p.r.IntN(len(items))].Judged())
		}
		want, err := p.here.Beside(p.t.Context(), f, key, x.At, skip, w)
		got, wrong := p.there.Beside(p.t.Context(), f, key, x.At, skip, w)
		if err != nil || wrong != nil {
			p.t.Fatal(err, wrong)
		}
		if p.there.found > 0 && want.Of > p.there.found && f.Words != "" {
			want.Of, want.Place = p.there.found, 0
		}
		say := func(b *review.Beside) (out []string) {
			for _, x := range []*review.Item{b.Before, b.After} {
				if x == nil {
					out = append(out, "none")
				} else {
					out = append(out, itself(w, *x)...)
				}
			}
			return append(out, fmt.Sprint(b.Place, " of ", b.Of))
		}
		if diff := cmp.Diff(say(want), say(got)); diff != "" {
			p.t.Fatalf("%+v, beside %s %+v without %q: %s", f, key, x.At, skip, diff)
		}
	}
}

func (p *pair) sameLists() {
	p.t.Helper()
	for _, state := range []string{"", review.WithWaiting, review.Failing, "odd"} {
		for _, sort := range []string{"", "waiting", "changed", "unseen"} {
			for _, words := range []string{"", "clip", "PRIVACY ö", "zy policy", "%", "none"} {
				f := review.TrackFilter{Words: words, State: state, Sort: sort}
				want, err := p.here.Services(p.t.Context(), f, 0)
				got, wrong := p.there.Services(p.t.Context(), f, 0)
				if err != nil || wrong != nil {
					p.t.Fatal(err, wrong)
				}
				if diff := cmp.Diff(want.Tracks, got.Tracks, cmpopts.EquateEmpty()); diff != "" {
					p.t.Fatalf("%+v: %s", f, diff)
				}
				if diff := cmp.Diff(want.Counts, got.Counts, cmpopts.EquateEmpty(), cmpopts.IgnoreMapEntries(func(_ string, n int) bool { return n == 0 })); diff != "" {
					p.t.Fatalf("%+v: %s", f, diff)
				}
			}
		}
	}
}

// samePages holds changes, services and maps against each other, and the services that the search can be asked for.
func (p *pair) samePages(items []review.Item) {
	p.t.Helper()
	ctx := context.Background()
	here, err := p.here.Search(ctx, review.Query{})
	there, wrong := p.there.Search(ctx, review.Query{})
	if err != nil || wrong != nil || len(here.All) == 0 {
		p.t.Fatal(err, wrong, here)
	}
	if there.Many != (p.there.listed > 0) || !there.Many && !slices.Equal(here.All, there.All) {
		p.t.Errorf("services to search: %q, want %q; they are too many: %t", there.All, here.All, there.Many)
	}
	opts := cmp.Options{cmpopts.EquateEmpty(), cmpopts.IgnoreFields(review.Change{}, "Captures"), cmpopts.IgnoreUnexported()}
	for range 4 {
		x := &items[p.r.IntN(len(items))]
		want, err := p.here.Change(ctx, x.At, "de")
		got, wrong := p.there.Change(ctx, x.At, "de")
		if err != nil || wrong != nil {
			p.t.Fatal(err, wrong)
		}
		for f := range want.Elsewhere { // all are at hand there; here those of the page
			if _, ok := got.Elsewhere[f]; !ok {
				delete(want.Elsewhere, f)
			}
		}
		if diff := cmp.Diff([]any{want.Decisions, want.States, sortedByID(want.Elsewhere), want.Fingerprint}, []any{got.Decisions, got.States, sortedByID(got.Elsewhere), got.Fingerprint}, opts); diff != "" {
			p.t.Errorf("%+v: %s", x.At, diff)
		}
		for _, typ := range []string{"", x.At.Terms.Type} {
			want, err := p.here.Service(ctx, snapshots.Terms{Service: x.At.Terms.Service, Type: typ}, "fr")
			got, wrong := p.there.Service(ctx, snapshots.Terms{Service: x.At.Terms.Service, Type: typ}, "fr")
			if err != nil || wrong != nil {
				p.t.Fatal(err, wrong)
			}
			if diff := cmp.Diff([]any{want.Tracks, want.Rows, want.Terms, want.Notes}, []any{got.Tracks, got.Rows, got.Terms, got.Notes}, opts); diff != "" {
				p.t.Errorf("%+v: %s", x.At.Terms, diff)
			}
		}
		for _, service := range []string{"", x.At.Terms.Service, "Nobody"} {
			want, err := p.here.Flows(ctx, service, p.here.today().AddDays(-p.r.IntN(900)))
			got, wrong := p.there.Flows(ctx, service, want.On)
			if err != nil || wrong != nil {
				p.t.Fatal(err, wrong)
			}
			for _, f := range []*review.Flows{want, got} {
				f.Read, f.Total = 0, 0
				slices.SortFunc(f.Flows, func(a, b review.Flow) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
				slices.SortFunc(f.Vague, func(a, b review.Where) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
			}
			if diff := cmp.Diff(want, got, opts); diff != "" {
				p.t.Errorf("flows of %q: %s", service, diff)
			}
		}
	}
}

func sortedByID(m map[string][]snapshots.Decision) map[string][]snapshots.Decision {
	for _, list := range m {
		slices.SortFunc(list, func(a, b snapshots.Decision) int { return strings.Compare(a.ID, b.ID) })
	}
	return m
}

// inServer gives the tables of the archive on a server.
func (p *pair) inServer(f func(*shelf.Tables) error) {
	p.t.Helper()
	if err := p.there.inTables(p.t.Context(), f); err != nil {
		p.t.Fatal(err)
	}
}

// TestDigestOnServer holds digests of random weeks against those that walk over everything, byte by byte; and the terms of alerts likewise.
func TestDigestOnServer(t *testing.T) {
	p := newPair(t, time.Date(2026, 2, 20, 12, 0, 0, 0, time.UTC), 2)
	p.fill(time.Date(2024, 12, 1, 8, 30, 0, 123456000, time.UTC))
	for range 20 {
		items := p.settle()
		p.decide(&items[p.r.IntN(len(items))])
		p.now = p.now.Add(time.Duration(p.r.IntN(30)) * time.Hour)
	}
	p.settle()
	any := func(values ...[]string) []string { return values[p.r.IntN(len(values))] }
	some, law := 0, 0
	for i := range 60 {
		until := p.now.AddDate(0, 0, -p.r.IntN(440)).Truncate(24 * time.Hour)
		w := digestWish{period: "week", from: until.AddDate(0, 0, -7*(1+p.r.IntN(3))), until: until, zone: time.UTC, alarm: 7, ahead: p.r.IntN(90), list: config.List{Name: "some",
			Services: any(nil, nil, []string{"clipzy", "Mailzy"}), Languages: any(nil, nil, []string{"en"}, []string{"de", "fr"}), Levels: any(nil, []string{"note", "error"}), Terms: any(nil, nil, []string{"Privacy Policy"})}}
		if i == 0 {
			w.from, w.until = p.now.AddDate(-2, 0, 0), p.now.Add(time.Hour)
		}
		var said [2]bytes.Buffer
		for i, d := range []*reviewDesk{p.here, p.there} {
			got, err := d.digest(t.Context(), w)
			if err != nil {
				t.Fatal(err)
			}
			if err := digest.JSON(&said[i], got); err != nil {
				t.Fatal(err)
			}
			some, law = some+min(1, len(got.Facts)), law+min(1, len(got.Law))
		}
		if diff := cmp.Diff(said[0].String(), said[1].String()); diff != "" {
			t.Fatalf("%+v: %s", w, diff)
		}
	}
	if some < 10 || law < 10 {
		t.Errorf("only %d digests tell of changes and %d of the law", some, law)
	}
	p.sameAlerts(400)
}

// sameAlerts holds the terms that alerts look at against those that have one.
func (p *pair) sameAlerts(days int) {
	p.t.Helper()
	some := 0
	for range 60 {
		since, lawSince := p.now.AddDate(0, 0, -p.r.IntN(days)), p.now.AddDate(0, 0, -p.r.IntN(days))
		got, err := p.there.alertTerms(p.t.Context(), since, lawSince)
		if err != nil {
			p.t.Fatal(err)
		}
		var want []snapshots.Terms
		for _, terms := range someTerms {
			_, rows, err := p.here.store.timeline(p.t.Context(), p.here.engine, terms.Service, terms.Type)
			if err != nil {
				p.t.Fatal(err)
			}
			if slices.ContainsFunc(rows, func(r row) bool { return r.alerts() && r.newSince(since, lawSince) }) {
				want = append(want, terms)
			}
		}
		slices.SortFunc(want, func(a, b snapshots.Terms) int {
			return strings.Compare(a.Service+"\x00"+a.Type, b.Service+"\x00"+b.Type)
		})
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			p.t.Fatalf("since %s, of the law since %s: %s", since, lawSince, diff)
		}
		some += min(1, len(want))
	}
	if some < 20 {
		p.t.Errorf("only %d times there is an alert", some)
	}
}

// TestDeskOnLawDays lets days of the law pass: terms that a change does not touch are not read again, and are shown as if they were.
func TestDeskOnLawDays(t *testing.T) {
	p := newPair(t, time.Date(2020, 7, 1, 12, 0, 0, 0, time.UTC), 3)
	p.fill(time.Date(2018, 12, 1, 8, 30, 0, 0, time.UTC))
	p.settle()
	passed := 0
	for _, day := range p.here.engine.LawDays() {
		at := time.Date(day.Year, day.Month, day.Day, 9, 0, 0, 0, time.UTC)
		if at.Before(p.now) || day.Year > 2026 {
			continue
		}
		p.now = at
		p.inServer(func(s *shelf.Tables) error {
			if err := p.there.passBy(t.Context(), s); err != nil {
				return err
			}
			behind, _, err := s.Behind(t.Context())
			passed += len(someTerms) + 1 - behind
			return err
		})
		items := p.settle()
		want, err := p.here.Queue(t.Context(), review.Filter{State: "all"}, 0, locale.For("en"))
		got, wrong := p.there.Queue(t.Context(), review.Filter{State: "all"}, 0, locale.For("en"))
		if err != nil || wrong != nil {
			t.Fatal(err, wrong)
		}
		if diff := cmp.Diff(itself(locale.For("en"), want.Items...), itself(locale.For("en"), got.Items...)); diff != "" || len(items) == 0 {
			t.Fatalf("on %s: %s", day, diff)
		}
	}
	if passed < len(someTerms) {
		t.Errorf("only %d terms were passed by", passed)
	}
	p.sameLists()
	p.sameAlerts(2600)
}

// TestErasedFromDesk erases what the desk shows: it is gone from its tables when the erasure is done, and terms that are forgotten go with their rows.
func TestErasedFromDesk(t *testing.T) {
	p := newPair(t, time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), 4)
	p.publish(clipzy, p.now.AddDate(0, -3, 0), homely)
	p.publish(clipzy, p.now.AddDate(0, -2, 0), abroad)
	p.publish(someTerms[4], p.now.AddDate(0, -2, 0), abroad)
	p.settle()
	rows := func() (n int) {
		p.inServer(func(s *shelf.Tables) error {
			list, err := s.Line(t.Context(), clipzy, "")
			n = len(list)
			return err
		})
		return n
	}
	if rows() == 0 {
		t.Fatal("there is nothing to erase")
	}
	p.both(func(a *archive.Archive) error {
		var last snapshots.Snapshot
		for s, err := range a.Snapshots(clipzy) {
			if err != nil {
				return err
			}
			last = s
		}
		_, err := a.Erase([]string{last.ID}, p.now, "request 17", true)
		return err
	})
	if n := rows(); n != 0 {
		t.Errorf("%d items are left behind an erasure", n)
	}
	for _, x := range p.settle() {
		if x.At.Terms == clipzy && strings.Contains(x.Quote, "India") {
			t.Errorf("erased, and shown: %+v", x)
		}
	}
	p.sameLists()
}

// TestOddNames has services with names that mean something to others, and as long as the archive takes them.
func TestOddNames(t *testing.T) {
	p := newPair(t, time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), 7)
	long := func(n int, letters string) string {
		runes, b := []rune(letters), new(strings.Builder)
		for range n {
			b.WriteRune(runes[p.r.IntN(len(runes))])
		}
		return b.String()
	}
	var terms []snapshots.Terms
	for _, name := range []string{`100%_`, `\\x00\'; --`, `"quoted" 'twice'`, "\u202egpj.yz\u202c", "اسم الخدمة", "<b>&amp;", "İstanbul ẞ", "a,b {c}", long(500, "אבגדהוזחטיכלמנסעפצקרשתابتثجحخدذرزسشصضطظعغفقكلمنهوي"), long(500, "ȺȾ")} {
		x := snapshots.Terms{Service: name, Type: defaultType}
		if len(name) == 1000 {
			x.Type = long(1000, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
		}
		terms = append(terms, x)
		p.publish(x, p.now.AddDate(0, -2, 0), p.text())
		p.publish(x, p.now.AddDate(0, -1, 0), abroad)
	}
	for range 5 {
		items := p.settle()
		p.decide(&items[p.r.IntN(len(items))])
	}
	items := p.settle()
	p.sameQueues(items)
	p.sameLists()
	p.samePages(items)
	for _, x := range terms {
		f := review.Filter{State: "all", Service: x.Service}
		if q, err := p.there.Queue(t.Context(), f, 0, locale.For("en")); err != nil || q.Count == 0 {
			t.Errorf("%.20q: nothing, %v", x.Service, err)
		}
	}
}

// TestLeftByDesk has other processes read terms while a desk gathers: when they are done, the desk says so though the archive has not changed.
func TestLeftByDesk(t *testing.T) {
	p := newPair(t, time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), 6)
	p.publish(clipzy, p.now.AddDate(0, -2, 0), abroad)
	p.publish(someTerms[4], p.now.AddDate(0, -2, 0), abroad)
	d := p.there
	p.inServer(func(s *shelf.Tables) error {
		_, err := s.Fill(t.Context(), clipzy, func(ctx context.Context, terms snapshots.Terms, kept *shelf.Kept) (*shelf.Reading, error) {
			if busy := d.refresh(); busy != nil {
				<-busy
			}
			if read, total, _ := d.progress(); read != 1 || total != 2 {
				t.Errorf("while another reads: %d of %d", read, total)
			}
			if d.refresh() != nil {
				t.Error("looked again at once")
			}
			return d.readTerms(ctx, terms, kept)
		})
		return err
	})
	d.again = time.Now()
	busy := d.refresh()
	if busy == nil {
		t.Fatal("the rest is not looked at any more")
	}
	<-busy
	if read, total, trouble := d.progress(); read != total || len(trouble) > 0 {
		t.Errorf("%d of %d, %v", read, total, trouble)
	}
	if d.left > 0 {
		t.Error("left:", d.left)
	}
}

// BenchmarkDeskOnServer reads terms with four texts for the tables: all of them for the first time, or those that have only been seen again.
func BenchmarkDeskOnServer(b *testing.B) {
	p := newPair(b, time.Date(2026, 2, 20, 12, 0, 0, 0, time.UTC), 5)
	var list []snapshots.Terms
	for i := range 40 {
		terms := snapshots.Terms{Service: fmt.Sprint("Service ", i), Type: defaultType}
		list = append(list, terms)
		for n := range 4 {
			p.publish(terms, p.now.AddDate(0, n-9, 0), p.text())
		}
	}
	if err := p.there.store.read(b.Context(), func(*archive.Archive) error { return nil }); err != nil {
		b.Fatal(err)
	}
	for _, x := range []struct {
		name  string
		kinds []string // of derived values that go first
		keep  bool
	}{{"first", []string{derivedLog, derivedStanding}, false}, {"compared before", nil, false}, {"seen again", nil, true}} {
		b.Run(x.name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				terms := list[i%len(list)]
				b.StopTimer()
				p.both(func(a *archive.Archive) error {
					for _, kind := range x.kinds {
						if err := a.PutDerived(kind, (lineKey{terms: terms}).key(), nil); err != nil {
							return err
						}
					}
					return nil
				})
				p.inServer(func(s *shelf.Tables) error {
					read := p.there.readTerms
					b.StartTimer()
					_, err := s.Fill(b.Context(), terms, func(ctx context.Context, terms snapshots.Terms, kept *shelf.Kept) (*shelf.Reading, error) {
						if !x.keep {
							kept = nil
						}
						return read(ctx, terms, kept)
					})
					return err
				})
			}
		})
	}
}
