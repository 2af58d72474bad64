package main

// The texts of a bundle are read again out of its captures, however they were read.

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/fetch/extract"
	"github.com/drittland/drittland/snapshots"
)

// saidOf are the results and words about a file of a bundle.
func saidOf(t *testing.T, bundle, file string) (lines []string) {
	t.Helper()
	v, err := verifyBundle(bundle, stampedParts())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range v.Checks {
		if c.File == file {
			lines = append(lines, c.Result+": "+c.What)
		}
	}
	return lines
}

const readAgain = "ok: is what this program reads out of the capture"

// TestTextsAreReadAgain exports texts that were read in every way there is: with selectors, from several pages, from pages that follow
// each other, after the declared selectors matched nothing any more, after the declaration changed, by import.
func TestTextsAreReadAgain(t *testing.T) {
	page := func(words, more string) string {
		return "<html lang=en><head><title>Privacy</title></head><body><nav>Menu of everything</nav><main><h1>Privacy policy</h1><p>" + words +
			"</p><p>You may ask us for access to your personal data, and you may object to their use at any time.</p>" + more + "</main></body></html>"
	}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch r.URL.Path {
		case "/privacy":
			fmt.Fprint(w, page("We store your personal data on servers in India.", ""))
		case "/transfers":
			fmt.Fprint(w, page("We transfer your personal data to Japan, under standard contractual clauses.", `<div class="cookie">Cookies</div>`))
		case "/policy/1":
			fmt.Fprint(w, page("We store your personal data on servers in Kenya.", `<p><a rel="next" href="/policy/2">Next page</a></p>`))
		case "/policy/2":
			fmt.Fprint(w, page("We share your personal data with advertisers in Brazil.", ""))
		default:
			http.NotFound(w, r)
		}
	}))
	defer web.Close()
	u := &user{t: t, home: t.TempDir(), now: time.Date(2026, 6, 20, 10, 0, 0, 0, time.UTC), env: map[string]string{}}
	declare := func(name, terms string) {
		file := filepath.Join(t.TempDir(), name+".yaml")
		if err := os.WriteFile(file, []byte("service: "+name+"\nterms:\n  Privacy Policy:\n"+strings.ReplaceAll(terms, "$WEB", web.URL)), 0o644); err != nil {
			t.Fatal(err)
		}
		u.does(exitOK, "track", "import", file)
	}
	declare("Plain", "    url: $WEB/privacy\n    lang: en\n")
	declare("Chosen", "    url: $WEB/privacy\n    select: main\n    remove: h1\n    normalise: [drop_dates]\n")
	declare("Rotten", "    url: $WEB/privacy\n    select: .legal-text\n")
	declare("Combined", "    combine:\n      - url: $WEB/privacy\n        select: main\n      - url: $WEB/transfers\n        remove: .cookie\n")
	declare("Following", "    url: $WEB/policy/1\n")
	declare("Changed", "    url: $WEB/privacy\n    select: main p\n")
	u.does(exitOK, "run", "--all")
	declare("Changed", "    url: $WEB/privacy\n    select: body\n")
	repo := gitCollection(t, "Pixelfern/Privacy Policy.md", strings.ReplaceAll(clause, "India", "Brazil")+"\n")
	u.does(exitOK, "import", "ota", repo)
	u.does(exitOK, "import", "warc", capturesOfOthers(t), "--service", "Otherzy", "--url", "http://www.otherzy.example/privacy")
	for name, reader := range map[string]string{"Plain": "", "Chosen": "+drop_dates", "Rotten": "", "Combined": withParts, "Following": withNext, "Changed": "", "Pixelfern": "", "Otherzy": ""} {
		out := filepath.Join(t.TempDir(), "bundle.zip")
		u.does(exitOK, "evidence", "export", name, "--out", out)
		u.sees(u.does(exitOK, "evidence", "verify", out), "All is as it was written")
		inSchema(t, "evidence-verify", []byte(u.does(exitOK, "evidence", "verify", "-f", "json", out)))
		inSchema(t, "evidence-manifest", contentOf(t, out, manifestName))
		e := manifestOf(t, out).Exhibits[0]
		if !strings.Contains(e.Version.Reader, reader) {
			t.Errorf("%s was read by %s", name, e.Version.Reader)
		}
		want := readAgain
		if name == "Changed" { // how it was read is not known any more
			want = "was not read again out of the capture: this file does not say"
		}
		if got := saidOf(t, out, "A-4_text.txt"); !strings.Contains(strings.Join(got, "\n"), want) {
			t.Errorf("%s, read by %s: %q", name, e.Version.Reader, got)
		}
	}
}

// manifestOf is the manifest of a bundle.
func manifestOf(t *testing.T, bundle string) (m manifest) {
	t.Helper()
	if err := json.Unmarshal(contentOf(t, bundle, manifestName), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// redeclared is a bundle in which what the manifest says was changed, with the identifiers that follow, and perhaps a text.
func redeclared(t *testing.T, bundle string, change func(*exhibited), text func([]byte) []byte) string {
	t.Helper()
	return forge(t, bundle, func(name string, b []byte) []byte {
		switch {
		case name == "A-4_text.txt" && text != nil:
			return text(b)
		case name != manifestName:
			return b
		}
		m := manifestOf(t, bundle)
		change(&m.Exhibits[0])
		if err := m.Exhibits[0].Version.Identify(); err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return b
	})
}

func TestTextsThatDoNotFollow(t *testing.T) {
	whole := exportedFull(t)
	italy := func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("India"), []byte("Italy")) }
	older := func(e *exhibited) {
		e.Version.Reader = strings.Replace(e.Version.Reader, extract.Reader, "drittland-extract/0", 1)
	}
	for _, file := range []string{"A-4_text.txt", "A-4_text-annex-1.txt", "B-4_text.txt"} {
		if got := saidOf(t, whole, file); !slices.Equal(got, []string{readAgain}) {
			t.Errorf("%s: %q", file, got)
		}
	}
	for name, x := range map[string]struct {
		bundle string
		want   string
		blamed bool
	}{
		"another text": {redeclared(t, whole, func(*exhibited) {}, italy), "damaged: is not what the capture reads as", true},
		"another text and another document": {redeclared(t, whole, func(e *exhibited) { e.Version.Document = snapshots.HashOf([]byte("x")) }, italy),
			"damaged: is not what the capture reads as", true},
		"another document": {redeclared(t, whole, func(e *exhibited) { e.Version.Document = snapshots.HashOf([]byte("x")) }, nil),
			"damaged: is not what the capture reads as", true},
		"another extractor, the same text": {redeclared(t, whole, older, nil), readAgain, false},
		"another extractor, another text": {redeclared(t, whole, older, italy), "note: was read out of the capture by drittland-extract/0; this program, " + extract.Reader +
			", reads it otherwise. That is no damage", false},
		"nothing said": {redeclared(t, whole, func(e *exhibited) { e.Reading = nil }, italy), "note: was not read again out of the capture: this file does not say how it was read", false},
		"other selectors than the reader names": {redeclared(t, whole, func(e *exhibited) { e.Reading.Sources[0].Select = []string{"h1"} }, nil),
			"note: was not read again out of the capture: this file does not say how it was read", false},
		"a helper that is not here": {redeclared(t, whole, func(e *exhibited) {
			e.Reading.Helper = "clipzy-reader/1"
			e.Version.Reader += "+clipzy-reader/1"
		}, nil), "note: was not read again out of the capture: the program that helped to read it", false},
		"far too many selectors": {redeclared(t, whole, func(e *exhibited) {
			e.Reading.Sources[0].Select = slices.Repeat([]string{"main:not(nav)"}, 100_000)
			e.Version.Reader = reader(way{Source: e.Reading.Sources[0]}, false, "")
		}, nil), "note: was not read again out of the capture: this file does not say how it was read", false},
	} {
		if got := saidOf(t, x.bundle, "A-4_text.txt"); !strings.Contains(strings.Join(got, "\n"), x.want) {
			t.Errorf("%s: %q", name, got)
		}
		if got := blamed(t, x.bundle); slices.Contains(got, "A-4_text.txt") != x.blamed || !x.blamed && len(got) > 0 {
			t.Errorf("%s: blamed %q", name, got)
		}
	}
	annex := forge(t, whole, func(name string, b []byte) []byte {
		if name == "A-4_text-annex-1.txt" {
			return italy(b)
		}
		return b
	})
	wantBlamed(t, "another annex", annex, "A-4_text-annex-1.txt")
}

// What takes too long is given up, and said.
func TestReadingAgainEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	wait := make(chan struct{})
	defer close(wait)
	if _, _, done := within(ctx, func() (*snapshots.Document, error) { cancel(); <-wait; return nil, nil }); done {
		t.Error("did not give up")
	}
	v := &verifier{ctx: ctx, hashes: map[string]snapshots.Hash{"x": "y"}, bad: map[string]bool{}}
	v.readAgain(textAgain{file: "x", again: func() (*snapshots.Document, error) { t.Error("went on"); return nil, nil }})
	if len(v.out.Checks) != 1 || v.out.Checks[0].What != "was not read again out of the capture: that takes too long" {
		t.Errorf("%+v", v.out.Checks)
	}
}
