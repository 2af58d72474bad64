package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

func TestCutReference(t *testing.T) {
	for arg, want := range map[string]string{
		"Clipzy@3": "Clipzy||3", "Clipzy@-1": "Clipzy||-1", "Clipzy/Terms of Service@2026-01-31": "Clipzy|Terms of Service|2026-01-31",
		"a@b@bf8786ec70b3db18": "a@b||bf8786ec70b3db18",
		"Clipzy":               "", "policy.md": "", "@3": "", "/x@3": "", "me@example.org": "", "Clipzy@": "", "Clipzy@1234567890": "Clipzy||1234567890",
		"Clipzy@--1": "", "Clipzy@2026-1-1": "", "Clipzy@ABCDEF": "",
	} {
		service, typ, spec, ok := cutReference(arg)
		var got string
		if ok {
			got = service + "|" + typ + "|" + spec
		}
		if got != want {
			t.Errorf("%q: %q, want %q", arg, got, want)
		}
	}
}

func FuzzCutReference(f *testing.F) {
	for _, s := range []string{"Clipzy@3", "a/b@-1", "@", "/@1", "x@2026-01-01", "\xff@1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, arg string) {
		service, typ, spec, ok := cutReference(arg)
		if ok && (service == "" || spec == "" || len(service)+len(typ)+len(spec) >= len(arg)) {
			t.Errorf("%q: %q, %q, %q", arg, service, typ, spec)
		}
	})
}

func TestIndex(t *testing.T) {
	h := &history{Terms: snapshots.Terms{Service: "Clipzy", Type: defaultType}}
	for i, id := range []string{"aaaa000000000000", "aaaa111111111111", "1234567800000000"} {
		h.Versions = append(h.Versions, snapshots.Version{ID: id, Date: time.Date(2026, 1, 10*(i+1), 12, 0, 0, 0, time.UTC)})
	}
	for spec, want := range map[string]string{
		"": "2", "1": "0", "3": "2", "-1": "2", "-3": "0", "aaaa0": "0", "aaaa1111": "1", "12345678": "2",
		"2026-01-10": "0", "2026-01-19": "0", "2026-01-20": "1", "2027-01-01": "2",
		"0": "has no version 0", "4": "has no version 4", "-4": "has no version -4", "aaaa": "several versions", "ffff": "has no version ffff",
		"2026-01-09": "was not recorded before 2026-01-10", "2026-02-30": "is no day",
	} {
		var got string
		if i, err := h.index(spec); err != nil {
			got = err.Error()
		} else {
			got = fmt.Sprint(i)
		}
		if !strings.Contains(got, want) {
			t.Errorf("%q: %s, want %s", spec, got, want)
		}
	}
	if _, err := (&history{}).index(""); err == nil {
		t.Error("a history without versions has a last one")
	}
}

func TestSmallWords(t *testing.T) {
	for n, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 27: "AB", 26 + 26*26: "AAA"} {
		if got := letter(n); got != want {
			t.Errorf("letter %d: %s, want %s", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{0: "24h", 12 * time.Hour: "12h", 90 * time.Minute: "1h30m", 36*time.Hour + time.Second: "36h0m1s"} {
		if got := period(d); got != want {
			t.Errorf("period %d: %s, want %s", d, got, want)
		}
	}
	for s, want := range map[string]string{"/tmp/a-b_c.1": "/tmp/a-b_c.1", "a b": "'a b'", "it's": `'it'\''s'`, "": "''", "$HOME": "'$HOME'", "~x": "'~x'"} {
		if got := shellWord(s); got != want {
			t.Errorf("shell word %q: %s, want %s", s, got, want)
		}
	}
}

func TestFactLines(t *testing.T) {
	got := factLines(locale.For("en"), []analyze.FactChange{
		{Op: "added", What: "destination", Value: "SG", Role: "storage"}, {Op: "added", What: "remote_access", Quote: "seen \x1b[31mfrom\nabroad"},
		{Op: "added", What: "destination", Value: "US", Role: "storage"}, {Op: "removed", What: "destination", Value: "CN", Role: "remote_access"},
		{Op: "removed", What: "tool", Value: "scc", Quote: "clauses"}, {Op: "added", What: "statement", Value: "yes"}, {Op: "removed", What: "statement", Value: "denied"},
		{Op: "removed", What: "vague"},
	})
	want := []string{"+ storage: SG US", "+ access from outside the EEA: “seen ␛[31mfrom abroad”", "– remote access: CN", "– tool: scc",
		"~ transfers: stated, before: denied", "– destinations not named"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestBusyArchive meets another process that holds the archive.
func TestBusyArchive(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "archive")
	if err := archive.Create(dir); err != nil {
		t.Fatal(err)
	}
	a, err := archive.Open(dir, archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	_, err = archive.Open(dir, archive.Options{Timeout: -1, ReadOnly: true})
	if !errors.Is(err, archive.ErrLocked) || diagnose(err).code != exitBusy {
		t.Errorf("exit code %d for %v", diagnose(err).code, err)
	}
}

// TestDamagedSnapshot leaves a snapshot whose body is lost and reads the others.
func TestDamagedSnapshot(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "archive")
	if err := archive.Create(dir); err != nil {
		t.Fatal(err)
	}
	a, err := archive.Open(dir, archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	var batch []archive.Import
	for i := range 3 {
		batch = append(batch, archive.Import{Body: fmt.Appendf(nil, "# Privacy Policy\n\nWe keep messages for %d months.\n", i+1), Snapshot: snapshots.Snapshot{
			Terms: snapshots.Terms{Service: "Clipzy", Type: defaultType}, At: time.Date(2026, 1, i+1, 0, 0, 0, 0, time.UTC), MediaType: "text/markdown",
			Origin: &snapshots.Origin{Repo: "clipzy-versions", Commit: fmt.Sprint(i), Path: "Clipzy/Privacy Policy.md"}}})
	}
	if _, err := a.PutImports(batch, archive.Cursor{}); err != nil {
		t.Fatal(err)
	}
	d := newDeriver(a, nil)
	n := 0
	for s, err := range a.Pending() {
		if err != nil {
			t.Fatal(err)
		}
		p := &promise{pendingText: pendingText{snapshot: s}}
		if n++; n == 2 {
			p.err, p.done = errors.New("lost"), make(chan struct{})
			close(p.done)
		}
		if err := d.fulfil(context.Background(), p); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.flush(); err != nil || len(d.damaged) != 1 {
		t.Fatalf("%v; damaged: %v", err, d.damaged)
	}
	h, err := readHistory(a, batch[0].Snapshot.Terms)
	if err != nil || len(h.Versions) != 2 || h.Versions[1].Previous != h.Versions[0].ID {
		t.Errorf("%v: %+v", err, h)
	}
}
