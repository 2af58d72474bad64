package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

const where = "# Privacy policy\n\nWe store your personal data on servers in %s. You may object at any time.\n"

func TestReviewServices(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	d := deskOver(t, now, clipzy, fmt.Sprintf(where, "Ireland"), fmt.Sprintf(where, "India"), fmt.Sprintf(where, "India and in Singapore"))
	list, err := d.Services(context.Background(), review.TrackFilter{}, 0)
	if err != nil || len(list.Tracks) != 1 || list.Read != 1 || list.Total != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	x := list.Tracks[0]
	if x.Terms != clipzy || x.Versions != 3 || x.Last.At.Number != 3 || !x.Last.Alert || x.Declared || x.Stale != 0 || len(x.Waiting) == 0 {
		t.Errorf("listed: %+v", x)
	}
	for _, typ := range []string{"", defaultType} {
		s, err := d.Service(context.Background(), snapshots.Terms{Service: "Clipzy", Type: typ}, "de")
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, r := range s.Rows {
			told = append(told, fmt.Sprint(r.At.Number, r.Alert, r.State != nil, strings.Contains(strings.Join(r.Notes, "\n"), "Speicherung: SG")))
		}
		if want := []string{"3 true true true", "2 true true false", "1 false false false"}; !slices.Equal(told, want) {
			t.Errorf("the history tells %q, want %q", told, want)
		}
		if s.Terms != clipzy || len(s.Lines) != 1 || s.Lines[0].At.Number != 3 || len(s.Lines[0].Report.Transfers.Destinations) != 2 || len(s.Variants) != 0 || len(s.Tracks) != 1 {
			t.Errorf("now: %+v", s)
		}
	}
	if tl, err := d.Timeline(context.Background(), review.Where{Terms: clipzy}, "de"); err != nil || len(tl.Versions) != 3 || tl.Language != "de" {
		t.Errorf("timeline: %v", err)
	}
	for _, terms := range []snapshots.Terms{{Service: "Appzy"}, {Service: "clipzy", Type: defaultType}, {Service: "Clipzy", Type: "Terms of Service"}} {
		if _, err := d.Service(context.Background(), terms, "en"); !errors.Is(err, review.ErrNotFound) {
			t.Errorf("%s: %v", terms, err)
		}
		if _, err := d.Timeline(context.Background(), review.Where{Terms: terms}, "en"); !errors.Is(err, review.ErrNotFound) {
			t.Errorf("timeline of %s: %v", terms, err)
		}
	}
}

func TestReviewFlows(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) // the versions are of August, September and October
	d := deskOver(t, now, clipzy, fmt.Sprintf(where, "India"), fmt.Sprintf(where, "India")+"\nWrite to us at any time.\n", fmt.Sprintf(where, "India and in Singapore"))
	for day, want := range map[string]string{
		"2026-08-19": "",
		"2026-08-20": "IN since 2026-08-20 by 1",
		"2026-10-19": "IN since 2026-08-20 by 1",
		"2026-10-20": "IN since 2026-08-20 by 1, SG since 2026-10-20 by 3",
		"2026-11-20": "IN since 2026-08-20 by 1, SG since 2026-10-20 by 3",
	} {
		on, err := law.ParseDate(day)
		if err != nil {
			t.Fatal(err)
		}
		for _, service := range []string{"", "Clipzy", "Appzy"} {
			f, err := d.Flows(context.Background(), service, on)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, x := range f.Flows {
				got = append(got, fmt.Sprintf("%s since %s by %d", x.Country, x.Since, x.At.Number))
			}
			slices.Sort(got)
			if service == "Appzy" && len(got) > 0 || service != "Appzy" && strings.Join(got, ", ") != want {
				t.Errorf("%s of %q: %q, want %q", day, service, got, want)
			}
			if !slices.Equal(f.Names, []string{"Clipzy"}) {
				t.Errorf("names: %q", f.Names)
			}
			if service == "Clipzy" && fmt.Sprint(f.Days) != "[2026-08-20 2026-10-20 2026-11-20]" {
				t.Errorf("days: %v", f.Days)
			}
		}
	}
}

// TestFlowDays has law and texts change, and more days than there may be.
func TestFlowDays(t *testing.T) {
	day := func(s string) law.Date {
		d, err := law.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	l := &flowLine{}
	r := func(number int, date string, places ...string) *row {
		at, err := time.Parse(time.DateOnly, date)
		if err != nil {
			t.Fatal(err)
		}
		x := &row{Number: number, Date: at, Transfers: &analyze.Transfers{}}
		for _, p := range places {
			x.Transfers.Destinations = append(x.Transfers.Destinations, analyze.Destination{Country: p, Kind: "named", Roles: []string{"storage"}, Quote: date})
		}
		return x
	}
	l.add(r(1, "2019-05-01", "US"))
	l.add(r(2, "2020-01-01", "US"))
	l.add(r(3, "2024-01-01", "US", "KR"))
	if len(l.Steps) != 2 || l.Steps[1].Places[0].Since != 1 || l.Steps[1].Places[0].Quote != "2019-05-01" || l.Steps[1].Places[1].Since != 3 {
		t.Errorf("%+v", l.Steps)
	}
	// the Privacy Shield ended, the framework after it began; Korea was found adequate before a text named it
	got := fmt.Sprint(daysOf([]*flowLine{l}, day("2026-01-01")))
	for _, want := range []string{"2019-05-01", "2020-07-16", "2023-07-10", "2021-12-17", "2024-01-01", "2026-01-01"} {
		if !strings.Contains(got, want) {
			t.Errorf("the days %s lack %s", got, want)
		}
	}
	for _, never := range []string{"2020-01-01", "2016"} {
		if strings.Contains(got, never) {
			t.Errorf("the days %s have %s", got, never)
		}
	}
	many := &flowLine{}
	for i := range 3 * maxDays {
		many.Steps = append(many.Steps, flowStep{From: day("2010-01-01").AddDays(i), Number: i + 1})
	}
	list := daysOf([]*flowLine{many}, day("2026-01-01"))
	if len(list) != maxDays || list[0] != day("2010-01-01") || list[maxDays-1] != day("2026-01-01") || !slices.IsSortedFunc(list, law.Date.Compare) {
		t.Errorf("%d days from %s to %s", len(list), list[0], list[len(list)-1])
	}
}

// TestReviewFailingSource has a page go away: list and page say since when and why.
func TestReviewFailingSource(t *testing.T) {
	u, gone := vanishing(t)
	srv := reviewOf(t, u)
	if page := served(t, srv.URL+"/services?state=failing"); strings.Contains(page, "<tbody>") {
		t.Error("a text that was seen is listed as failing")
	}
	gone()
	page := ""
	for range 50 {
		if page = served(t, srv.URL+"/services?state=failing"); strings.Contains(page, "<tbody>") {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if !strings.Contains(page, "2026-06-20</time>") || !strings.Contains(page, "gone") {
		t.Errorf("the list does not say since when and why:\n%s", page)
	}
	page = served(t, srv.URL+"/service?s=Clipzy&t="+url.QueryEscape(defaultType))
	if !strings.Contains(page, "The text cannot be had since 2026-06-20") {
		t.Error("the page of the service does not say that it fails")
	}
}

// vanishing is a policy of Clipzy, captured once; gone takes it away and captures again.
func vanishing(t *testing.T) (u *user, gone func()) {
	t.Helper()
	var is atomic.Bool
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if is.Load() {
			w.WriteHeader(http.StatusGone)
			return
		}
		fmt.Fprint(w, policyOf("India"))
	}))
	t.Cleanup(web.Close)
	u = &user{t: t, home: t.TempDir(), now: time.Date(2026, 6, 20, 10, 0, 0, 0, time.UTC), env: map[string]string{}}
	u.does(exitOK, "track", "add", "Clipzy", web.URL+"/privacy", "--lang", "en")
	u.does(exitOK, "run", "--all")
	return u, func() {
		is.Store(true)
		u.does(exitUnreadable, "run", "--all")
	}
}

// served asks for a page that must be there.
func served(t *testing.T, address string) string {
	t.Helper()
	r, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v\n%s", address, r.Status, err, b)
	}
	return string(b)
}

// TestPlacesInBrowser looks at the pages of services and the map in a real browser: pictures show, the slider and the countries can be
// used with the keyboard, and an accessibility checker finds nothing.
func TestPlacesInBrowser(t *testing.T) {
	u, publish := published(t)
	u.now = u.now.AddDate(0, 1, 0)
	publish("Singapore")
	srv := reviewOf(t, u)
	readers(t)
	b := openTab(t, srv.URL)
	scheme := func(name string) {
		t.Helper()
		if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}}); err != nil {
			t.Fatal(err)
		}
	}
	for name, path := range map[string]string{"services": "/services", "service": "/service?s=Clipzy", "map": "/map", "map of a country": "/map?service=Clipzy&country=SG", "map of nobody": "/map?service=Nobody"} {
		b.open(path)
		if name == "service" {
			b.eval(`document.querySelector('.picture img').scrollIntoView(), document.querySelector('details').open = true, 1`)
			b.until(`document.querySelector('.picture img').naturalWidth > 500`)
		}
		scheme("light")
		b.picture(name, 360, 1000, 1600)
		b.accessible(name, 360)
		scheme("dark")
		b.picture(name+" dark", 1000)
		b.accessible(name+", dark", 1280)
	}
	scheme("light")

	if _, err := chromedp.Call(b.ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}); err != nil { // a page behind others is told of no focus
		t.Fatal(err)
	}
	b.open("/map")
	b.until(`document.querySelector('a[href="#country-SG"]') != null`)
	b.eval(`document.querySelector('a[href="#country-SG"]').focus(), 1`)
	b.until(`!document.querySelector('#tip').hidden && document.querySelector('#tip').innerText.includes('Singapore (SG): no adequacy decision')`)
	b.keys("\r")
	b.until(`location.hash == '#country-SG' && document.querySelector('tr:target') != null`)
	b.eval(`document.querySelector('#step').focus(), 1`)
	b.keys(kb.ArrowLeft)
	b.until(`document.querySelector('#here').innerText == '2026-06-20' && location.search.includes('on=2026-06-20')`)
	b.until(`document.activeElement.id == 'step' && document.querySelector('a[href="#country-IN"]') != null && document.querySelector('a[href="#country-SG"]') == null`)
	b.clean()
}

// TestReadingSideBySide reads the archive while it is read: pages need not wait until the queue is gathered.
func TestReadingSideBySide(t *testing.T) {
	d := deskOver(t, time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), clipzy, fmt.Sprintf(where, "India"))
	err := d.look(func(*archive.Archive) error {
		done := make(chan error)
		go func() { done <- d.look(func(*archive.Archive) error { return nil }) }()
		return <-done
	})
	if err != nil {
		t.Error(err)
	}
}
