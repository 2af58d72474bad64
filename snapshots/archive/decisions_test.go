package archive

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/google/go-cmp/cmp"
)

// decision is one that nobody has made yet.
func decision() snapshots.Decision {
	return snapshots.Decision{Terms: clipzy, About: snapshots.AboutFinding, Fingerprint: strings.Repeat("0af3", 6), Check: "T01",
		Quote: "We store data in the United States.", Version: "0123456789abcdef", Judgement: snapshots.Relevant, Note: "to ask\nthem", By: "mk", At: day(1)}
}

func decided(t testing.TB, a *Archive, d snapshots.Decision) snapshots.Decision {
	t.Helper()
	got, err := a.PutDecision(d)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestDecisions(t *testing.T) {
	a := created(t, Options{})
	first := decided(t, a, decision())
	other := decision()
	other.Variant = "de" // the same words of another variant are judged by themselves
	other.Quote = strings.Repeat("ü", 400)
	variant := decided(t, a, other)
	if len(variant.Quote) > snapshots.MaxQuoted || !strings.HasSuffix(variant.Quote, "ü…") {
		t.Errorf("quote of %d bytes: %q", len(variant.Quote), variant.Quote)
	}
	d := decision()
	d.Judgement, d.Until, d.By, d.Revises = snapshots.NotRelevant, "2027-01-31", "jo", first.ID
	d.At = first.At.Add(-time.Hour) // by a clock that is late; what counts is the order of recording
	second := decided(t, a, d)
	d = decision()
	d.Revises, d.Withdrawn, d.Judgement, d.Note = second.ID, true, "", ""
	third := decided(t, a, d)
	want := []snapshots.Decision{first, variant, second, third}
	if diff := cmp.Diff(want, all(t, a.Decisions(clipzy))); diff != "" {
		t.Error(diff)
	}
	if got := all(t, a.Decisions(snapshots.Terms{Service: "Clipzy", Type: "Terms of Service"})); len(got) > 0 {
		t.Errorf("decisions on other terms: %v", got)
	}
	for _, d := range want {
		again := d
		if err := again.Identify(); err != nil || again.ID != d.ID || len(d.ID) != 16 {
			t.Errorf("decision has ID %s, its content %s, %v", d.ID, again.ID, err)
		}
	}
	sound(t, a)
	before := dumped(t, a, false)
	dir := closed(t, a)
	if _, err := Rebuild(context.Background(), dir, Options{}, nil); err != nil {
		t.Fatal(err)
	}
	a = opened(t, dir, Options{})
	if diff := cmp.Diff(before, dumped(t, a, false)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, all(t, a.Decisions(clipzy))); diff != "" {
		t.Error(diff)
	}
	dir = closed(t, a)
	saved, to := filepath.Join(t.TempDir(), "saved"), filepath.Join(t.TempDir(), "restored")
	if err := Backup(dir, saved, Options{}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Restore(context.Background(), saved, to, Options{}, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, all(t, opened(t, to, Options{}).Decisions(clipzy))); diff != "" {
		t.Error(diff)
	}
}

func TestDecisionsRevised(t *testing.T) {
	a := created(t, Options{})
	put := func(revises string) (snapshots.Decision, error) {
		d := decision()
		d.Revises = revises
		return a.PutDecision(d)
	}
	first := decided(t, a, decision())
	var revised *ErrRevised
	if _, err := put(""); !errors.As(err, &revised) || cmp.Diff(first, revised.Last) != "" {
		t.Errorf("a decision by one who knew of none: %v", err)
	}
	second, err := put(first.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := put(first.ID); !errors.As(err, &revised) || cmp.Diff(second, revised.Last) != "" {
		t.Errorf("a decision by one who knew of the first: %v", err)
	}
	if got := all(t, a.Decisions(clipzy)); len(got) != 2 {
		t.Errorf("%d decisions are recorded, should be 2", len(got))
	}
}

func TestDecisionsAtOnce(t *testing.T) {
	a := created(t, Options{})
	const people = 8
	var wg sync.WaitGroup
	for range people {
		wg.Go(func() {
			d := decision()
			for {
				_, err := a.PutDecision(d)
				var revised *ErrRevised
				if !errors.As(err, &revised) {
					if err != nil {
						t.Error(err)
					}
					return
				}
				d.Revises = revised.Last.ID
			}
		})
	}
	wg.Wait()
	last := ""
	got := all(t, a.Decisions(clipzy))
	for _, d := range got {
		if d.Revises != last {
			t.Errorf("decision %s revises %q, should revise %q", d.ID, d.Revises, last)
		}
		last = d.ID
	}
	if len(got) != people {
		t.Errorf("%d decisions of %d people", len(got), people)
	}
}

func TestDecisionsRefused(t *testing.T) {
	a := created(t, Options{})
	for name, change := range map[string]func(*snapshots.Decision){
		"no terms":            func(d *snapshots.Decision) { d.Terms = snapshots.Terms{} },
		"no date":             func(d *snapshots.Decision) { d.At = time.Time{} },
		"about nothing":       func(d *snapshots.Decision) { d.About = "" },
		"short fingerprint":   func(d *snapshots.Decision) { d.Fingerprint = "0af3" },
		"fingerprint in caps": func(d *snapshots.Decision) { d.Fingerprint = strings.ToUpper(d.Fingerprint) },
		"no version":          func(d *snapshots.Decision) { d.Version = "3" },
		"check with a space":  func(d *snapshots.Decision) { d.Check = "T 01" },
		"long variant":        func(d *snapshots.Decision) { d.Variant = strings.Repeat("d", 65) },
		"no judgement":        func(d *snapshots.Decision) { d.Judgement = "" },
		"other judgement":     func(d *snapshots.Decision) { d.Judgement = "fine" },
		"nobody":              func(d *snapshots.Decision) { d.By = "" },
		"an address":          func(d *snapshots.Decision) { d.By = "mk@clipzy.example" },
		"a long handle":       func(d *snapshots.Decision) { d.By = strings.Repeat("m", 65) },
		"a long note":         func(d *snapshots.Decision) { d.Note = strings.Repeat("n", 4001) },
		"a note that is none": func(d *snapshots.Decision) { d.Note = "\xff" },
		"no day":              func(d *snapshots.Decision) { d.Until = "2026-02-30" },
		"a day before":        func(d *snapshots.Decision) { d.Until = day(0).Format(time.DateOnly) },
		"revises none":        func(d *snapshots.Decision) { d.Revises = "0123456789abcdef" },
		"withdraws none":      func(d *snapshots.Decision) { d.Withdrawn = true },
	} {
		d := decision()
		change(&d)
		if got, err := a.PutDecision(d); err == nil {
			t.Errorf("%s: recorded as %+v", name, got)
		}
	}
	d := decision()
	d.Note, d.By, d.Until = strings.Repeat("n", 4000), strings.Repeat("m", 64), day(1).Format(time.DateOnly)
	first := decided(t, a, d)
	d.Revises, d.Withdrawn = first.ID, true
	d.Revises = decided(t, a, d).ID
	if _, err := a.PutDecision(d); !errors.Is(err, ErrNotFound) {
		t.Errorf("withdrawn twice: %v", err)
	}
	if got := all(t, a.Decisions(clipzy)); len(got) != 2 {
		t.Errorf("%d decisions are recorded, should be 2", len(got))
	}
}

// A decision that was changed behind the back of the archive is damage, and no decision.
func TestDecisionForged(t *testing.T) {
	a := created(t, Options{})
	d := decision()
	if err := d.Identify(); err != nil {
		t.Fatal(err)
	}
	d.Judgement = snapshots.NotRelevant
	err := a.put(func(s *stage) (bool, error) {
		if err := s.entry(entry{Decision: &d}, d.At); err != nil {
			return false, err
		}
		return s.finish(uuid{}), nil
	})
	if err == nil || !strings.Contains(err.Error(), "its content has the ID") {
		t.Errorf("decision with another ID: %v", err)
	}
	if got := all(t, a.Decisions(clipzy)); len(got) > 0 {
		t.Errorf("it is indexed: %v", got)
	}
}
