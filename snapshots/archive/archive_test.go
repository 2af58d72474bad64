package archive

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/google/go-cmp/cmp"
)

func TestCreateAndOpenRefuse(t *testing.T) {
	folderOnly(t)
	a := created(t, Options{})
	dir := closed(t, a)
	if err := Create(dir); !errors.Is(err, ErrExists) {
		t.Errorf("create twice: %v", err)
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "letter.txt"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Create(other); !errors.Is(err, ErrExists) {
		t.Errorf("create in a folder in use: %v", err)
	}
	if _, err := Open(other, Options{}); !errors.Is(err, ErrNotArchive) {
		t.Errorf("open another folder: %v", err)
	}
	for text, want := range map[string]error{"drittland-archive/2\n": ErrVersion, "something\n": ErrNotArchive} {
		if err := os.WriteFile(filepath.Join(dir, formatFile), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir, Options{}); !errors.Is(err, want) {
			t.Errorf("FORMAT %q: %v", text, err)
		}
	}
}

// A Create that was broken off before FORMAT can be done again.
func TestCreateAgain(t *testing.T) {
	folderOnly(t)
	dir := closed(t, created(t, Options{}))
	if err := os.Remove(filepath.Join(dir, formatFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrNotArchive) {
		t.Errorf("open without FORMAT: %v", err)
	}
	if err := Create(dir); err != nil {
		t.Fatal(err)
	}
	opened(t, dir, Options{})
}

func TestCaptureIsKeptByteForByte(t *testing.T) {
	a := created(t, Options{})
	c := capture(day(1), "<p>We transfer data to Canada.</p>")
	s, err := a.PutCapture(c)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := a.Body(s); err != nil || !bytes.Equal(body, c.Body) {
		t.Errorf("body %q, %v", body, err)
	}
	records, err := a.Records(s)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range records {
		got = append(got, r.Type())
	}
	if d := cmp.Diff([]string{"response", "request", "resource", "response", "request", "resource"}, got); d != "" {
		t.Fatal(d)
	}
	for i, x := range c.Exchanges {
		for j, want := range [][]byte{x.Response, x.Request, x.TLSChain} {
			if !bytes.Equal(records[3*i+j].Block, want) {
				t.Errorf("exchange %d: %s differs", i, records[3*i+j].Type())
			}
		}
	}
	if records[0].Header.Get("WARC-Payload-Digest") == "" || records[3].Header.Get("WARC-Payload-Digest") != "" {
		t.Error("payload digest should be given for the redirect only: the page is chunked")
	}
	if records[1].Header.Get("WARC-Concurrent-To") != "<"+records[0].ID()+">" {
		t.Error("request does not name its response")
	}
	before, _ := a.Stats()
	again, err := a.PutCapture(c)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(s, again); d != "" {
		t.Error(d)
	}
	if after, _ := a.Stats(); after.Captures != before.Captures {
		t.Error("the same capture was written twice")
	}
	sound(t, a)
}

// A body that the response does not yield, such as a page read by a browser, has a record of its own.
func TestCaptureOfARenderedPage(t *testing.T) {
	a := created(t, Options{})
	for i, text := range texts(1, 4, 3000) {
		c := capture(day(i), string(text))
		c.Exchanges[1].Response = []byte("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nwhatever")
		s, err := a.PutCapture(c)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := a.Body(s); err != nil || !bytes.Equal(body, text) {
			t.Errorf("body of %d: %v", i, err)
		}
	}
	none, err := a.PutCapture(&snapshots.Capture{Terms: clipzy, URL: "file:policy.txt", At: day(9), MediaType: "text/plain", Body: []byte("typed by hand")})
	if err != nil {
		t.Fatal(err)
	}
	if body, err := a.Body(none); err != nil || string(body) != "typed by hand" {
		t.Errorf("body without exchange: %q, %v", body, err)
	}
	sound(t, a)
}

func TestAnnexes(t *testing.T) {
	a := created(t, Options{})
	if _, err := a.PutCapture(annex(day(1), "list")); !errors.Is(err, ErrNotFound) {
		t.Errorf("annex before its policy: %v", err)
	}
	first, err := a.PutCapture(capture(day(1), "policy"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := a.PutCapture(capture(day(5), "policy, new"))
	if err != nil {
		t.Fatal(err)
	}
	late, err := a.PutCapture(annex(day(6), "list"))
	if err != nil {
		t.Fatal(err)
	}
	early, err := a.PutCapture(annex(day(2), "list"))
	if err != nil {
		t.Fatal(err)
	}
	if late.AnnexOf != second.ID || early.AnnexOf != first.ID {
		t.Errorf("annexes of %s and %s, want %s and %s", late.AnnexOf, early.AnnexOf, second.ID, first.ID)
	}
	if d := cmp.Diff([]snapshots.Snapshot{early}, all(t, a.Annexes(first.ID))); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]snapshots.Snapshot{first, second}, all(t, a.Pending())); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]snapshots.Snapshot{first, early, second, late}, all(t, a.Snapshots(clipzy))); d != "" {
		t.Error(d)
	}
}

func TestDeclarations(t *testing.T) {
	a := created(t, Options{})
	d := snapshots.Declaration{Service: "Clipzy", TermsType: "Privacy Policy", Added: day(0).In(time.FixedZone("CET", 3600)),
		Sources: []snapshots.Source{{URL: "https://clipzy.example/privacy"}}}
	changed := d
	changed.Sources = []snapshots.Source{{URL: "https://clipzy.example/legal"}}
	for _, x := range []snapshots.Declaration{d, d, changed, d, changed} { // back and forth: each change is a record of its own
		if err := a.PutDeclaration(x); err != nil {
			t.Fatal(err)
		}
	}
	s, err := a.Stats()
	if err != nil {
		t.Fatal(err)
	}
	if s.Records != 5 { // warcinfo and four changes
		t.Errorf("%d records", s.Records)
	}
	got, err := a.Declarations()
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	changed.Added = changed.Added.UTC()
	if d := cmp.Diff(changed, got[0]); d != "" {
		t.Error(d)
	}
	for _, bad := range []snapshots.Declaration{{}, {Service: "a\nb", TermsType: "x"}, {Service: "\xff", TermsType: "x"}} {
		if err := a.PutDeclaration(bad); err == nil {
			t.Errorf("declared %q", bad.Service)
		}
	}
	sound(t, a)
}

func TestReadOnly(t *testing.T) {
	dir := closed(t, filled(t, Options{}))
	a := opened(t, dir, Options{ReadOnly: true})
	b := opened(t, dir, Options{ReadOnly: true}) // readers do not shut each other out
	if _, err := b.Terms(); err != nil {
		t.Error(err)
	}
	_, err := a.PutCapture(capture(day(100), "x"))
	for _, err := range []error{err, a.PutDerived("a", "b", nil), a.PutVersions(nil), a.PutDeclaration(snapshots.Declaration{})} {
		if !errors.Is(err, ErrReadOnly) {
			t.Errorf("write: %v", err)
		}
	}
	sound(t, a)
}

func TestLocked(t *testing.T) {
	folderOnly(t)
	if dir := os.Getenv("DRITTLAND_TEST_HOLD"); dir != "" { // the other process
		a := opened(t, dir, Options{})
		os.Stdout.WriteString("held\n")
		os.Stdin.Read(make([]byte, 1))
		closed(t, a)
		return
	}
	dir := closed(t, created(t, Options{}))
	cmd := exec.Command(os.Args[0], "-test.run=^TestLocked$")
	cmd.Env = append(os.Environ(), "DRITTLAND_TEST_HOLD="+dir)
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer in.Close()
	line := make([]byte, 5)
	if _, err := out.Read(line); err != nil || string(line) != "held\n" {
		t.Fatalf("other process says %q, %v", line, err)
	}
	for _, readOnly := range []bool{false, true} {
		var messages []string
		_, err := Open(dir, Options{Timeout: 150 * time.Millisecond, ReadOnly: readOnly, Waiting: func(m string) { messages = append(messages, m) }})
		if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), dir) {
			t.Errorf("open for reading only %v: %v", readOnly, err)
		}
		if len(messages) != 1 || !strings.Contains(messages[0], "another process") {
			t.Errorf("messages: %q", messages)
		}
		if _, err := Open(dir, Options{Timeout: -1, ReadOnly: readOnly, Waiting: func(string) { t.Error("waits") }}); !errors.Is(err, ErrLocked) {
			t.Errorf("without waiting: %v", err)
		}
	}
	// The one who waits gets the archive when it is given back.
	a, err := Open(dir, Options{Waiting: func(string) { in.Close() }})
	if err != nil {
		t.Fatal(err)
	}
	closed(t, a)
}

func TestRotation(t *testing.T) {
	a := filled(t, Options{FileSize: 10_000})
	files, err := a.captures.list()
	if err != nil || len(files) < 3 {
		t.Fatalf("%d capture files, %v", len(files), err)
	}
	for i, n := range files {
		rec, err := a.captures.read(firstOf(t, a, n))
		if err != nil || rec.Type() != "warcinfo" || n != uint32(i)+1 {
			t.Errorf("file %d: %v", n, err)
		}
	}
	sound(t, a)
	sound(t, opened(t, closed(t, a), Options{}))
}

// firstOf is the place of the first record of a capture file.
func firstOf(t *testing.T, a *Archive, number uint32) place {
	t.Helper()
	s, err := a.captures.scan(nil, number, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	batch, _ := s.batch()
	return batch[0].place
}

func TestTermsAndStats(t *testing.T) {
	a := filled(t, Options{})
	terms, err := a.Terms()
	if err != nil {
		t.Fatal(err)
	}
	want := []snapshots.Terms{clipzy, {Service: "Nordlicht Mail", Type: "Privacy Policy"}, {Service: "Petit Panier", Type: "Terms of Service"}}
	if d := cmp.Diff(want, terms); d != "" {
		t.Error(d)
	}
	for _, x := range append(want, snapshots.Terms{Service: "Clip"}, snapshots.Terms{Service: "nordlicht mail"}, snapshots.Terms{}) {
		of, err := a.TermsOf(x.Service)
		if known := x.Type != ""; err != nil || known != (len(of) == 1) || known && of[0] != x {
			t.Errorf("the terms of %q: %v, %v", x.Service, of, err)
		}
	}
	s, err := a.Stats()
	if err != nil {
		t.Fatal(err)
	}
	if onServer { // nothing but the archive is there
		s.Other = 1
	}
	s.Captures, s.Index, s.Other, s.Ledger = min(s.Captures, 1), min(s.Index, 1), min(s.Other, 1), min(s.Ledger, 1)
	if d := cmp.Diff(Stats{Terms: 3, Declarations: 1, Snapshots: 68, Records: 144, Bodies: 68, Versions: 62, Documents: 62,
		Captures: 1, Index: 1, Other: 1, Ledger: 1}, s); d != "" {
		t.Error(d)
	}
	if _, err := a.Snapshot("urn:uuid:00000000-0000-8000-8000-000000000000"); !errors.Is(err, ErrNotFound) {
		t.Errorf("no such snapshot: %v", err)
	}
	for range a.Snapshots(snapshots.Terms{Service: "None", Type: "Privacy Policy"}) {
		t.Error("snapshots of unknown terms")
	}
	if got := all(t, a.Snapshots(clipzy)); !slices.IsSortedFunc(got, func(x, y snapshots.Snapshot) int { return x.At.Compare(y.At) }) || len(got) != 18 {
		t.Errorf("%d snapshots, or not in order", len(got))
	}
}
