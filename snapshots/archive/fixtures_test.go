package archive

// This file makes the archives, captures and texts that the tests work on. All services are invented.

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots"
)

var clipzy = snapshots.Terms{Service: "Clipzy", Type: "Privacy Policy"}

func day(n int) time.Time {
	return time.Date(2026, 1, 1, 10, 0, 0, 0, time.UTC).AddDate(0, 0, n)
}

func opened(t testing.TB, dir string, opts Options) *Archive {
	t.Helper()
	a, err := Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	if onJoined && a.shared != nil && !opts.ReadOnly {
		joined(t, a)
	}
	return a
}

func created(t testing.TB, opts Options) *Archive {
	t.Helper()
	if onServer {
		return opened(t, createdOnServer(t), opts)
	}
	dir := filepath.Join(t.TempDir(), "archive")
	if err := Create(dir); err != nil {
		t.Fatal(err)
	}
	return opened(t, dir, opts)
}

func closed(t testing.TB, a *Archive) string {
	t.Helper()
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return whereIs(a)
}

// whereIs is what an archive is opened by.
func whereIs(a *Archive) string {
	if a.shared != nil {
		return addresses[a.shared.db.String()]
	}
	return a.Dir()
}

// texts are n versions of a policy of about size bytes, each with some sentences changed, made from seed.
func texts(seed uint64, n, size int) [][]byte {
	r := rand.New(rand.NewPCG(seed, 7))
	who := []string{"Clipzy", "Nordlicht Mail", "Petit Panier", "our affiliates", "our processors"}
	what := []string{"stores", "transfers", "shares", "reads", "deletes", "encrypts"}
	where := []string{"in Norway", "in Canada", "outside the EEA", "in India", "under standard contractual clauses", "with your consent"}
	sentence := func() string {
		return fmt.Sprintf("%s %s record %x of your data %s. ", who[r.IntN(len(who))], what[r.IntN(len(what))], r.Uint32(), where[r.IntN(len(where))])
	}
	var lines []string
	for length := 0; length < size; {
		s := sentence()
		lines = append(lines, s)
		length += len(s)
	}
	var out [][]byte
	for range n {
		out = append(out, []byte(strings.Join(lines, "\n")))
		for range 3 {
			lines[r.IntN(len(lines))] = sentence()
		}
	}
	return out
}

// imports are versions of one text of a collection.
func imports(path string, bodies [][]byte) []Import {
	service, typ, _ := strings.Cut(strings.TrimSuffix(path, ".md"), "/")
	var out []Import
	for i, b := range bodies {
		out = append(out, Import{Snapshot: snapshots.Snapshot{
			Terms: snapshots.Terms{Service: service, Type: typ}, At: day(i), MediaType: "text/markdown",
			Origin: &snapshots.Origin{Repo: "demo-versions", Commit: fmt.Sprintf("%040x", i+1), Path: path, Subject: "Record new changes of " + service},
		}, Body: b})
	}
	return out
}

func zipped(b []byte) []byte {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	w.Write(b)
	w.Close()
	return buf.Bytes()
}

// capture is a fetch with a redirect, then a page that is gzipped and chunked.
func capture(at time.Time, body string) *snapshots.Capture {
	z := zipped([]byte(body))
	half := len(z) / 2
	wire := fmt.Sprintf("HTTP/1.1 200 OK\r\nx-OddCase: kept\r\nContent-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\n"+
		"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n%x;ext=1\r\n%s\r\n0\r\n\r\n", half, z[:half], len(z)-half, z[half:])
	x := snapshots.Exchange{Started: at, Ended: at.Add(time.Second), RemoteIP: "192.0.2.7", Protocol: "http/1.1", TLS: "tls/1.3",
		TLSChain: []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")}
	first, second := x, x
	first.URL, second.URL = "https://clipzy.example/privacy", "https://www.clipzy.example/legal/privacy"
	first.Request = []byte("GET /privacy HTTP/1.1\r\nHost: clipzy.example\r\n\r\n")
	first.Response = []byte("HTTP/1.1 301 Moved Permanently\r\nLocation: https://www.clipzy.example/legal/privacy\r\nContent-Length: 0\r\n\r\n")
	second.Request = []byte("GET /legal/privacy HTTP/1.1\r\nHost: www.clipzy.example\r\nAccept-Encoding: gzip\r\n\r\n")
	second.Response = []byte(wire)
	return &snapshots.Capture{Terms: clipzy, URL: first.URL, FinalURL: second.URL, At: at, Status: 200, MediaType: "text/html",
		Charset: "utf-8", Exchanges: []snapshots.Exchange{first, second}, Body: []byte(body)}
}

// annex is a page that the policy of capture refers to.
func annex(at time.Time, body string) *snapshots.Capture {
	url := "https://www.clipzy.example/legal/subprocessors"
	return &snapshots.Capture{Terms: clipzy, AnnexOf: "https://clipzy.example/privacy", URL: url, FinalURL: url, At: at, Status: 200, MediaType: "text/html",
		Exchanges: []snapshots.Exchange{{URL: url, Started: at, Ended: at, Protocol: "http/1.1",
			Request:  []byte("GET /legal/subprocessors HTTP/1.1\r\n\r\n"),
			Response: []byte(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body))}}, Body: []byte(body)}
}

// document reads a text line by line.
func document(text string) *snapshots.Document {
	d := &snapshots.Document{Language: "en", Text: text}
	at := 0
	for _, line := range strings.SplitAfter(text, "\n") {
		d.Blocks = append(d.Blocks, snapshots.Block{Kind: snapshots.Paragraph, Heading: -1, Span: snapshots.Span{Start: at, End: at + len(line)}})
		at += len(line)
	}
	return d
}

// reading is s read line by line.
func reading(t testing.TB, a *Archive, s snapshots.Snapshot) Reading {
	t.Helper()
	body, err := a.Body(s)
	if err != nil {
		t.Fatal(err)
	}
	d := document(string(body))
	v := snapshots.Version{Terms: s.Terms, Snapshot: s.ID, Date: s.At, Document: hashOf(t, d), Cause: snapshots.First, Reader: "lines/1", Origin: s.Origin}
	if err := v.Identify(); err != nil {
		t.Fatal(err)
	}
	return Reading{Version: v, Document: d}
}

func hashOf(t testing.TB, d *snapshots.Document) snapshots.Hash {
	t.Helper()
	b, err := d.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return snapshots.HashOf(b)
}

// derive reads all pending snapshots.
func derive(t testing.TB, a *Archive) {
	t.Helper()
	for s, err := range a.Pending() {
		if err != nil {
			t.Fatal(err)
		}
		r := reading(t, a, s)
		if err := a.PutVersion(r.Version, r.Document, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// filled holds some of everything: a declaration, captures with an annex and without an exchange that yields the body, imports of two
// texts, versions, and opinions.
func filled(t testing.TB, opts Options) *Archive {
	t.Helper()
	a := created(t, opts)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(a.PutDeclaration(snapshots.Declaration{Service: clipzy.Service, TermsType: clipzy.Type, Added: day(0),
		Sources: []snapshots.Source{{URL: "https://clipzy.example/privacy", Select: []string{"main"}}}}))
	must(a.PutAttempt(snapshots.Attempt{Terms: clipzy, URL: "https://clipzy.example/privacy", At: day(0), Kind: "gone", Status: 410, Why: "status 410 Gone"}))
	_, err := a.PutDecision(decision())
	must(err)
	must(a.PutTellings([]snapshots.Telling{telling()}))
	for i, text := range texts(1, 6, 4000) {
		_, err := a.PutCapture(capture(day(i), string(text)))
		must(err)
		_, err = a.PutCapture(annex(day(i).Add(time.Minute), fmt.Sprintf("Sub-processors, %d of them", i)))
		must(err)
		rendered := capture(day(i).Add(time.Hour), "rendered "+string(text))
		rendered.URL, rendered.Exchanges[1].Response = "https://clipzy.example/app", []byte("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nshell")
		_, err = a.PutCapture(rendered)
		must(err)
	}
	long := imports("Nordlicht Mail/Privacy Policy.md", texts(2, 45, 6000))
	_, err = a.PutImports(long[:30], Cursor{"demo-versions", long[29].Snapshot.Origin.Commit})
	must(err)
	_, err = a.PutImports(append(long[30:], imports("Petit Panier/Terms of Service.md", texts(3, 5, 2000))...), Cursor{"demo-versions", "head"})
	must(err)
	derive(t, a)
	opined(t, a, all(t, a.Versions(clipzy))[0], opinion(t, 1, "in Norway"), opinion(t, 2, "in Canada"))
	must(a.PutDerived("report", "x", []byte(`{"findings":[]}`)))
	return a
}

func dumped(t testing.TB, a *Archive, derived bool) string {
	t.Helper()
	var b strings.Builder
	if err := a.Dump(&b, derived); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func checked(t testing.TB, a *Archive) Problems {
	t.Helper()
	p, err := a.Check(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// sound fails the test if the archive in dir has any problem beyond notes.
func sound(t testing.TB, a *Archive) {
	t.Helper()
	if p := checked(t, a); p.Damaged() {
		t.Fatalf("archive is damaged: %v", p)
	}
}

func copied(t testing.TB, from string) string {
	t.Helper()
	if OnServer(from) {
		return copiedOnServer(t, from)
	}
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(to, ledgerDir, keyFile) // CopyFS does not keep modes
	if err := os.Chmod(key, 0o600); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return to
}

func all[T any](t testing.TB, seq func(func(T, error) bool)) []T {
	t.Helper()
	var out []T
	for x, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, x)
	}
	return out
}

func overwrite(t testing.TB, path string, at int64, change func(byte) byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b [1]byte
	if _, err := f.ReadAt(b[:], at); err != nil && err != io.EOF {
		t.Fatal(err)
	}
	b[0] = change(b[0])
	if _, err := f.WriteAt(b[:], at); err != nil {
		t.Fatal(err)
	}
}
