package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// TestForeignInLine puts captures of others before, between and behind our own: the texts stand in the order of their dates, each is
// compared with the one before it, and what we have verified, and what is due, stays as it was.
func TestForeignInLine(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "archive")
	const url = "https://clipzy.example/privacy"
	demoRun(t, "--archive", dir, "track", "add", "Clipzy", url, "--select", "main")
	terms := snapshots.Terms{Service: "Clipzy", Type: defaultType}
	page := func(place string) string { // the selector that is declared leaves out the menu
		return "<html><body><nav>Menu " + place + "</nav><main><h1>Privacy Policy</h1><p>We store your personal data on servers in " + place +
			".</p><p>We keep them until you delete your account, and you can ask us for a copy of them at any time.</p></main></body></html>"
	}
	date := func(month int) time.Time { return time.Date(2026, time.Month(month), 1, 0, 0, 0, 0, time.UTC) }
	use := func(f func(*archive.Archive) error) {
		t.Helper()
		a, err := archive.Open(dir, archive.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		if err := f(a); err != nil {
			t.Fatal(err)
		}
		if err := (&tool{}).derive(context.Background(), a, nil); err != nil {
			t.Fatal(err)
		}
	}
	own := func(month int, place string) {
		use(func(a *archive.Archive) error {
			_, err := a.PutCapture(&snapshots.Capture{Terms: terms, URL: url, FinalURL: url, At: date(month), Status: 200, MediaType: "text/html", Body: []byte(page(place)),
				Exchanges: []snapshots.Exchange{{URL: url, Started: date(month), Response: []byte("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page(place))}}})
			return err
		})
	}
	others := func(month int, place string) {
		use(func(a *archive.Archive) error {
			block := "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page(place)
			id := fmt.Sprintf("urn:uuid:%d", month)
			_, _, err := a.PutForeign([]archive.Foreign{{Body: []byte(page(place)), Records: [][]byte{fmt.Appendf(nil,
				"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <%s>\r\nContent-Length: %d\r\n\r\n%s", id, len(block), block)},
				Snapshot: snapshots.Snapshot{Terms: terms, URL: url, FinalURL: url, At: date(month), Status: 200, MediaType: "text/html",
					ThirdParty: &snapshots.ThirdParty{File: "x.warc", Record: id, Digests: "none"}}}})
			return err
		})
	}
	standing := func() (out standing) {
		t.Helper()
		use(func(a *archive.Archive) error {
			list, err := a.Declarations()
			if err != nil {
				return err
			}
			h, st, err := (&tool{}).standing(a, list[0])
			out = st
			out.Notes = append(out.Notes, h.Verified.Format(time.DateOnly))
			return err
		})
		return out
	}
	own(3, "Ireland")
	own(6, "Japan")
	before := standing()
	others(9, "India")  // behind all
	others(4, "Brazil") // between
	others(1, "Kenya")  // before all
	others(5, "Brazil") // as it was
	after := standing()
	if !after.Got.Equal(before.Got) || !after.Tried.Equal(before.Tried) || after.Trouble != nil || strings.Join(after.Notes, " ") != strings.Join(before.Notes, " ") {
		t.Errorf("how the source stands has changed: %+v, before %+v", after, before)
	}
	out := demoRun(t, "--archive", dir, "log", "Clipzy")
	at := 0
	for _, want := range []string{"5 versions, last verified 2026-06-01", "1  2026-01-01", "first  captured by others", "2  2026-03-01", "– storage: KE", "3  2026-04-01",
		"captured by others", "+ storage: BR", "4  2026-06-01", "+ storage: JP", "– storage: BR", "5  2026-09-01", "captured by others", "+ storage: IN"} {
		n := strings.Index(out[at:], want)
		if n < 0 {
			t.Fatalf("log lacks %q behind byte %d:\n%s", want, at, out)
		}
		at += n + len(want)
	}
	if text := demoRun(t, "--archive", dir, "show", "Clipzy", "1"); strings.Contains(text, "Menu") || !strings.Contains(text, "servers in Kenya") {
		t.Errorf("the declared selector does not apply:\n%s", text)
	}
	demoRun(t, "--archive", dir, "archive", "check")
	others(2, "Ireland")
	if out := demoRun(t, "--archive", dir, "log", "Clipzy"); !strings.Contains(out, "3  2026-03-01") || !strings.Contains(out, "terms  none") {
		t.Errorf("a text that others saw before us is no change when we see it:\n%s", out)
	}
	own(10, "Norway")
	if out := demoRun(t, "--archive", dir, "log", "Clipzy"); !strings.Contains(out, "7 versions, last verified 2026-10-01") {
		t.Errorf("our own next capture:\n%s", out)
	}
}
