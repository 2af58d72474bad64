package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
)

// sourceBench is a store over an archive on a server, with a clock of its own.
func sourceBench(t *testing.T) (s *store, a *archive.Archive, now *time.Time) {
	t.Helper()
	address := pgtest.Need(t).Database(t)
	objects := filepath.Join(t.TempDir(), "objects")
	if err := os.Mkdir(objects, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.CreateShared(t.Context(), address, archive.Options{Objects: "file://" + objects}); err != nil {
		t.Fatal(err)
	}
	now = new(time.Time)
	*now = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	s = &store{tool: &tool{words: locale.For("en"), env: environment{Stderr: os.Stderr, Now: func() time.Time { return *now }, Getenv: func(string) string { return "" }}}, dir: address}
	a, err := archive.Open(address, archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	s.held = a
	return s, a, now
}

// TestDueOnServer records what can be recorded of sources in random order, and holds what the table says against what reading all histories says.
func TestDueOnServer(t *testing.T) {
	s, a, now := sourceBench(t)
	r := rand.New(rand.NewPCG(7, 11))
	const n = 12
	for i := range n {
		d := snapshots.Declaration{Service: fmt.Sprintf("Service %d", i), TermsType: "Privacy Policy", Added: *now, Sources: []snapshots.Source{{URL: fmt.Sprintf("https://s%d.example/privacy", i)}}}
		switch i % 4 {
		case 1:
			d.Every = 6 * time.Hour
		case 2:
			d.Schedule = "weekly"
		case 3:
			d.Schedule = "0 4 * * *"
		}
		if err := a.PutDeclaration(d); err != nil {
			t.Fatal(err)
		}
	}
	zone := time.UTC
	began := *now
	for step := range 60 {
		*now = now.Add(time.Duration(1+r.IntN(600)) * time.Minute)
		for range 1 + r.IntN(5) {
			happen(t, a, r, r.IntN(n), *now)
			*now = now.Add(time.Second)
		}
		if step%4 == 0 {
			if err := s.tool.derive(t.Context(), a, nil); err != nil {
				t.Fatal(err)
			}
		}
		if step == 40 {
			zone = time.FixedZone("Elsewhere", 9*3600) // settings of another machine, which alter nothing
		}
		sameDue(t, s, a, zone, r)
		sameUnverified(t, s, a, began.Add(time.Duration(r.Int64N(int64(now.Sub(began)+48*time.Hour)))), r.IntN(5))
		if t.Failed() {
			t.Fatalf("step %d, at %s", step, now)
		}
	}
}

// happen records something of a source.
func happen(t *testing.T, a *archive.Archive, r *rand.Rand, i int, now time.Time) {
	t.Helper()
	terms := snapshots.Terms{Service: fmt.Sprintf("Service %d", i), Type: "Privacy Policy"}
	url := fmt.Sprintf("https://s%d.example/privacy", i)
	var err error
	switch k := r.IntN(10); {
	case k < 5:
		text := fmt.Sprintf("<html lang=en><body><h1>Privacy Policy</h1><p>We are service %d. This policy says what we do with your personal data and which rights you have. We store them in Ireland, and keep them for %d months. You may object at any time.</p></body></html>", i, 1+r.IntN(4))
		if k == 4 {
			text = "<html><body><p>Not now.</p></body></html>"
		}
		_, err = a.PutCapture(&snapshots.Capture{Terms: terms, URL: url, FinalURL: url, At: now, Status: 200, MediaType: "text/html", Charset: "utf-8", Body: []byte(text),
			Exchanges: []snapshots.Exchange{{URL: url, Request: []byte("GET /privacy HTTP/1.1\r\n\r\n"), Response: []byte("HTTP/1.1 200 OK\r\n\r\n" + text)}}})
	case k < 8:
		x := snapshots.Attempt{Terms: terms, URL: url, At: now, Kind: "transient", Why: "503"}
		if r.IntN(3) == 0 {
			x.Again = now.Add(time.Duration(r.IntN(50)) * time.Hour)
		}
		err = a.PutAttempt(x)
	default:
		var d snapshots.Declaration
		if d, err = a.Declaration(terms); err == nil {
			if d.Removed = now; k == 9 {
				d.Removed = time.Time{}
			}
			err = a.PutDeclaration(d)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// sameDue asks both ways what is due, and how all sources stand.
func sameDue(t *testing.T, s *store, a *archive.Archive, zone *time.Location, r *rand.Rand) {
	t.Helper()
	for _, between := range []bool{false, true} {
		p := pick{zone: zone, between: between, early: time.Duration(r.IntN(30)) * time.Hour}
		got, err := s.dueSince(t.Context(), p)
		want, wrong := s.dueOf(a, p)
		if err != nil || wrong != nil {
			t.Fatal(err, wrong)
		}
		bySource := cmpopts.SortSlices(func(a, b candidate) bool { return a.Service < b.Service })
		if d := cmp.Diff(want, got, bySource, cmp.AllowUnexported(candidate{}), cmpopts.EquateApproxTime(time.Microsecond)); d != "" {
			t.Errorf("due, between %t (-histories +table):\n%s", between, d)
		}
		if !slices.IsSortedFunc(got, func(a, b candidate) int { return a.tried.Compare(b.tried) }) {
			t.Error("not those first that were tried longest ago")
		}
	}
	if r.IntN(2) == 0 { // with rows of which something was recorded since
		happen(t, a, r, r.IntN(12), s.env.Now())
	}
	list, err := s.tracked(t.Context(), true, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range list {
		k, err := s.knownOf(a, x.Declaration, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(k, known{x.Versions, x.Others, x.Verified, x.Failing, x.Moved, x.Notes}, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s (-history +table):\n%s", x.Service, d)
		}
	}
}

// sameUnverified asks both ways what could not be had before a time.
func sameUnverified(t *testing.T, s *store, a *archive.Archive, until time.Time, days int) {
	t.Helper()
	got, err := s.unverifiedBefore(t.Context(), days, until)
	if err != nil {
		t.Fatal(err)
	}
	want, err := s.unverifiedOf(a, days, until, func(snapshots.Terms) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("unverified before %s (-histories +table):\n%s", until, d)
	}
}

// A source that cannot be read holds up no other.
func TestDueBesideDamage(t *testing.T) {
	s, a, now := sourceBench(t)
	for i := range 3 {
		d := snapshots.Declaration{Service: fmt.Sprintf("Service %d", i), TermsType: "Privacy Policy", Added: *now, Sources: []snapshots.Source{{URL: "https://s.example/privacy"}}}
		if err := a.PutDeclaration(d); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.PutAttempt(snapshots.Attempt{Terms: snapshots.Terms{Service: "Service 1", Type: "Privacy Policy"}, URL: "https://s.example/privacy", At: *now, Kind: "transient", Why: "503"}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Server().Pool().Exec(t.Context(), "update kv_attempts set value = 'no JSON'"); err != nil {
		t.Fatal(err)
	}
	var said []string
	s.tool.told = func(m string) { said = append(said, m) }
	list, err := s.due(t.Context(), pick{zone: time.UTC})
	if err != nil || len(list) != 2 || len(said) != 1 {
		t.Errorf("due: %v %v, said: %q", list, err, said)
	}
	*now = now.Add(2 * firstPause)
	if list, err = s.due(t.Context(), pick{zone: time.UTC}); err != nil || len(list) != 3 {
		t.Errorf("an hour later: %v %v", list, err)
	}
}

// TestDueOfReader asks as a user of the database who may only read.
func TestDueOfReader(t *testing.T) {
	s, a, now := sourceBench(t)
	for i := range 3 {
		d := snapshots.Declaration{Service: fmt.Sprintf("Service %d", i), TermsType: "Privacy Policy", Added: *now, Sources: []snapshots.Source{{URL: "https://s.example/privacy"}}}
		if err := a.PutDeclaration(d); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.Server().Pool().Exec(context.Background(), "alter database "+a.Server().Pool().Config().ConnConfig.Database+" set default_transaction_read_only = on"); err != nil {
		t.Fatal(err)
	}
	b, err := archive.Open(s.dir, archive.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	s.held = b
	if list, err := s.due(t.Context(), pick{zone: time.UTC}); err != nil || len(list) != 3 {
		t.Errorf("due: %v %v", list, err)
	}
	if _, tracked, err := s.wake(t.Context(), time.UTC); err != nil || tracked != 3 {
		t.Errorf("%d are tracked: %v", tracked, err)
	}
	if list, err := s.tracked(t.Context(), false, 7); err != nil || len(list) != 3 {
		t.Errorf("tracked: %v %v", list, err)
	}
}

// Machines whose settings name other zones mean the same slots, and none makes the rows of another stale.
func TestZonesOfMachines(t *testing.T) {
	s, a, now := sourceBench(t)
	d := snapshots.Declaration{Service: "Clipzy", TermsType: "Privacy Policy", Added: *now, Schedule: "0 4 * * *", Sources: []snapshots.Source{{URL: "https://clipzy.example/privacy"}}}
	if err := a.PutDeclaration(d); err != nil {
		t.Fatal(err)
	}
	got := &snapshots.Capture{Terms: snapshots.Terms{Service: "Clipzy", Type: "Privacy Policy"}, URL: d.Sources[0].URL, FinalURL: d.Sources[0].URL, At: *now, Status: 200, MediaType: "text/html", Charset: "utf-8",
		Body: []byte("<html lang=en><body><h1>Privacy Policy</h1><p>We store your personal data in Ireland, and keep them for a year.</p></body></html>")}
	if _, err := a.PutCapture(got); err != nil {
		t.Fatal(err)
	}
	want := time.Date(2026, 3, 3, 4, 0, 0, 0, time.UTC)
	for _, zone := range []*time.Location{time.FixedZone("East", 9*3600), time.FixedZone("West", -9*3600), time.UTC} {
		if first, _, err := s.wake(t.Context(), zone); err != nil || !first.Equal(want) {
			t.Errorf("in %s the slot is at %s: %v", zone, first, err)
		}
		if list, err := s.dueOf(a, pick{zone: zone}); err != nil || len(list) != 0 {
			t.Errorf("in %s due are %v: %v", zone, list, err)
		}
		var zones []string
		rows, err := a.Server().Pool().Query(t.Context(), "select zone from sources where zone > ''")
		if err == nil {
			zones, err = pgx.CollectRows(rows, pgx.RowTo[string])
		}
		if err != nil || !slices.Equal(zones, []string{"UTC"}) {
			t.Errorf("rows are of %q: %v", zones, err)
		}
	}
}
