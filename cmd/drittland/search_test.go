package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/cmd/drittland/search"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// demonstrated is the archive of the demonstration.
func demonstrated(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "archive")
	demoRun(t, "--archive", dir, "demo")
	return dir
}

// TestSearchDemo holds what search prints as JSON against its schema, and its spans against the texts.
func TestSearchDemo(t *testing.T) {
	dir := demonstrated(t)
	for _, query := range []string{"access", "access -consent last:", "lang:de daten", "india", "zebra"} {
		code, out, stderr := command(t, "", "--archive", dir, "search", query, "-f", "json")
		if code != exitOK || stderr != "" {
			t.Fatalf("%s: code %d\n%s", query, code, stderr)
		}
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		if err := compileSchema(t, "search").Validate(v); err != nil {
			t.Errorf("%s: %v\n%s", query, err, out)
		}
	}
	q, err := search.Parse("remote access")
	if err != nil {
		t.Fatal(err)
	}
	f := finderOf(t, dir)
	got, err := f.all(context.Background(), q, 0, 20)
	if err != nil || len(got.Hits) == 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	err = f.look(func(a *archive.Archive) error {
		for _, h := range got.Hits {
			d, err := a.Document(h.Text)
			if err != nil {
				return err
			}
			if d.Quote(h.Span) != h.Quote || len(h.Words) == 0 {
				t.Errorf("%+v", h)
			}
			for _, w := range h.Words {
				if s := strings.ToLower(d.Quote(w)); s != "remote access" && s != "remote" && s != "access" {
					t.Errorf("marked %q", s)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func finderOf(t *testing.T, dir string) *finder {
	t.Helper()
	tool := &tool{env: environment{Stdout: io.Discard, Stderr: io.Discard, Now: time.Now, Getenv: func(string) string { return "" }}, words: locale.For("en")}
	return newFinder(&store{tool: tool, dir: dir})
}

// TestGatherGoesOn gathers while another process holds the archive, and takes what is new into what it has.
func TestGatherGoesOn(t *testing.T) {
	dir := demonstrated(t)
	f := finderOf(t, dir)
	q, err := search.Parse("data")
	if err != nil {
		t.Fatal(err)
	}
	var todo []snapshots.Terms
	err = f.look(func(a *archive.Archive) error {
		p, err := f.pass(context.Background(), a, q, nil)
		if err == nil {
			todo = p.stale
		}
		return err
	})
	if err != nil || len(todo) != 2 {
		t.Fatalf("%v, %v", todo, err)
	}
	other, err := archive.Open(dir, archive.Options{ReadOnly: true}) // keeps writers out
	if err != nil {
		t.Fatal(err)
	}
	done := 0
	if err := f.gather(context.Background(), todo, func(n int) { done += n }); err != nil || done != 2 || len(f.held) != 2 {
		t.Errorf("%d done, %d held, %v", done, len(f.held), err)
	}
	got, err := f.all(context.Background(), q, 0, 5)
	if err != nil || got.Total == 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.gather(context.Background(), todo, func(int) {}); err != nil || len(f.held) != 0 {
		t.Errorf("%d held, %v", len(f.held), err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := f.all(ctx, q, 0, 5); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestDeskSearch searches as the review pages do.
func TestDeskSearch(t *testing.T) {
	dir := demonstrated(t)
	f := finderOf(t, dir)
	d := newReviewDesk(f.store, nil)
	got, err := d.Search(context.Background(), review.Query{})
	if err != nil || !slices.Equal(got.All, []string{"Clipzy", "Clipzy-DE"}) || got.Total != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	var first []review.Hit
	for range 100 { // gathering takes its time
		if got, err = d.Search(context.Background(), review.Query{Words: `"remote access"`}); err != nil {
			t.Fatal(err)
		}
		if first = got.Hits; got.Read == got.Terms {
			break
		}
	}
	if len(first) == 0 || first[0].At.Number != 2 || first[0].At.Terms.Service != "Clipzy" || !slices.ContainsFunc(first[0].Parts, func(p search.Part) bool { return p.Marked }) {
		t.Errorf("%+v", got)
	}
	var mistake *search.Mistake
	if got, err = d.Search(context.Background(), review.Query{Words: `"remote`}); !errors.As(err, &mistake) || len(got.All) != 2 {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err = d.Search(context.Background(), review.Query{Words: "data", Service: "Nobody"}); err != nil || got.Total != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err = d.Search(context.Background(), review.Query{Words: "data", Page: 500}); err != nil || len(got.Hits) != 0 || got.More {
		t.Errorf("%+v, %v", got, err)
	}
}

// What was not counted or not looked at is said, and is in the JSON.
func TestSearchedInPart(t *testing.T) {
	since := time.Date(2024, 5, 6, 7, 0, 0, 0, time.UTC)
	for want, x := range map[string]searched{
		"Nothing found.":                 {Complete: true},
		"2 passages, 1 service":          {Complete: true, Total: 2, Services: 1},
		"at least 2 passages, 1 service": {Total: 2, Services: 1},
		"Nothing found so far.\nNot all passages were looked at that appeared until 2024-05-06: add a word, a service or a language.":         {Since: &since},
		"at least 1 passage, 1 service\nNot all passages were looked at that appeared until 2024-05-06: add a word, a service or a language.": {Total: 1, Services: 1, Since: &since},
		"at least 3 passages, 1 service\nThere is more than was counted: ask for less.":                                                       {Total: 3, Services: 1, cut: true},
	} {
		var out strings.Builder
		if err := (&tool{words: locale.For("en")}).printSearch(&out, &x); err != nil || out.String() != want+"\n" {
			t.Errorf("%q, want %q (%v)", out.String(), want, err)
		}
		x.Schema, x.Query, x.Page, x.Hits = "drittland/search/1", "data", 1, []foundHit{}
		b, err := json.Marshal(&x)
		if err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if err := compileSchema(t, "search").Validate(v); err != nil || strings.Contains(string(b), "looked_since") != (x.Since != nil) {
			t.Errorf("%s: %v", b, err)
		}
	}
}
