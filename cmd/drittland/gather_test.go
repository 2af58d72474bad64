package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/digest"
	"github.com/drittland/drittland/rules/law"
)

// weekUntil is a wish for the seven days before a time.
func weekUntil(t time.Time) digestWish {
	return digestWish{period: "week", from: t.AddDate(0, 0, -7), until: t, zone: time.UTC, reviewURL: "https://review.clipzy.example/desk/", alarm: 7, ahead: 60}
}

const (
	homely = "# Privacy policy\n\nWe store your personal data in Ireland.\n\nYou may object at any time.\n\nOur address is 1 Quay Street, Dublin, and you may write to privacy@clipzy.example.\n"
	abroad = "# Privacy policy\n\nWe transfer your personal data to our servers in India, where our group companies have access to them.\n\nYou may object at any time.\n\nOur address is 1 Quay Street, Dublin, and you may write to privacy@clipzy.example.\n"
	london = "# Privacy policy\n\nEffective date: 1 December 2025\n\nWe transfer your personal data to our servers in the United Kingdom, on the basis of the adequacy decision of the European Commission.\n\nYou may object at any time.\n"
)

// What the facts are about is quoted, and not the date above it that changed as well.
func TestWhatIsQuoted(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	dated := func(day, text string) string {
		return strings.Replace(text, "We ", "Last updated: "+day+". Here we say what we do with what you tell us.\n\nWe ", 1)
	}
	got, err := deskOver(t, now, clipzy, dated("1 June 2026", homely), dated("3 October 2026", abroad)).digest(context.Background(), weekUntil(now.AddDate(0, -1, 1)))
	if err != nil || len(got.Facts) != 1 {
		t.Fatalf("%v: %+v", err, got)
	}
	if x := got.Facts[0]; len(x.Before) != 1 || !strings.Contains(x.Before[0], "Ireland") || !strings.Contains(x.After[0], "India") {
		t.Errorf("%q, %q", x.Before, x.After)
	}
}

func TestGather(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	d := deskOver(t, now, clipzy, homely, abroad) // captured two months and one month before
	gather := func(w digestWish) *digest.Digest {
		t.Helper()
		got, err := d.digest(context.Background(), w)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	week := gather(weekUntil(now.AddDate(0, -1, 1)))
	if len(week.Facts) != 1 || week.Facts[0].Number != 2 || !week.Facts[0].Alert || len(week.Facts[0].Before) != 1 ||
		!strings.Contains(week.Facts[0].Before[0], "Ireland") || !strings.Contains(week.Facts[0].After[0], "India") {
		t.Errorf("facts: %+v", week.Facts)
	}
	if f := week.Facts[0]; f.Review != "https://review.clipzy.example/desk/change?s=Clipzy&t=Privacy+Policy&v=2" || f.Evidence != "drittland evidence export Clipzy 2 --out evidence-"+shortID(f.Version)+".zip" {
		t.Errorf("links: %+v", f.Ref)
	}
	if len(week.Findings) == 0 || week.Findings[0].Level != "error" || slices.ContainsFunc(week.Findings, func(f digest.Found) bool { return f.Level == "note" || f.Number != 2 }) {
		t.Errorf("findings: %+v", week.Findings)
	}
	notes := weekUntil(now.AddDate(0, -1, 1))
	notes.list = config.List{Levels: []string{"note"}, Locale: "de"}
	if got := gather(notes); got.Language != "de" || slices.ContainsFunc(got.Findings, func(f digest.Found) bool { return f.Level != "note" }) {
		t.Errorf("notes: %+v", got.Findings)
	}
	if quiet := gather(weekUntil(now)); !quiet.Empty() || !slices.Equal(quiet.Quiet, []string{"Clipzy"}) {
		t.Errorf("a quiet week: %+v", quiet)
	}
	other := weekUntil(now.AddDate(0, -1, 1))
	other.list.Services = []string{"Appzy"}
	if got := gather(other); !got.Empty() || len(got.Quiet) != 0 {
		t.Errorf("of another service: %+v", got)
	}
}

func TestGatherLaw(t *testing.T) {
	now := time.Date(2025, 12, 15, 12, 0, 0, 0, time.UTC)
	d := deskOver(t, now, clipzy, london)
	got, err := d.digest(context.Background(), weekUntil(now))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(got.Law, func(x digest.LawDay) bool {
		return x.About == "GB" && x.What == "begins" && x.Date == law.Date{Year: 2025, Month: 12, Day: 19}
	})
	if i < 0 || got.Law[i].Ahead != 4 || len(got.Law[i].Relying) != 1 || got.Law[i].Relying[0].Number != 1 || got.Law[i].Source == "" {
		t.Errorf("law: %+v", got.Law)
	}
	if slices.ContainsFunc(got.Law, func(x digest.LawDay) bool { return !strings.Contains(x.About, "GB") && x.About != "adequacy" }) {
		t.Errorf("what the text does not rely on: %+v", got.Law)
	}
	if len(got.Quiet) != 0 {
		t.Errorf("quiet, though the law changes under it: %q", got.Quiet)
	}
	w := weekUntil(now)
	w.ahead = 3
	if got, err := d.digest(context.Background(), w); err != nil || len(got.Law) != 0 || !slices.Equal(got.Quiet, []string{"Clipzy"}) {
		t.Errorf("three days ahead: %v, %+v, quiet: %q", err, got.Law, got.Quiet)
	}
}

func TestQuoteArg(t *testing.T) {
	for in, want := range map[string]string{"Clipzy": "Clipzy", "Clip zy": "'Clip zy'", "it's; rm -rf": `'it'\''s; rm -rf'`, "": "''"} {
		if got := quoteArg(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}
