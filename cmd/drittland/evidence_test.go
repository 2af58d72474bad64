package main

// A bundle is damaged in every way there is, and the check names what was damaged, and nothing else.

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/stamp"
	"github.com/drittland/drittland/snapshots/stamp/stamptest"
	"github.com/drittland/drittland/snapshots/wacz"
)

// testAuthority gives the time stamps of all tests of bundles, each checkpoint the same.
var testAuthority = sync.OnceValues(func() (*stamptest.Authority, error) {
	dir, err := os.MkdirTemp("", "authority")
	if err != nil {
		return nil, err
	}
	return stamptest.Make(dir, stamptest.Options{})
})

var testTokens sync.Map // SHA-256 of a checkpoint → answer

// stampedParts are the attachments of the program, with a time stamp for every checkpoint.
func stampedParts() attachments {
	parts := (&tool{}).attachments()
	parts.stamps = func(_ *archive.Archive, checkpoint []byte) (map[string][]byte, error) {
		a, err := testAuthority()
		if err != nil {
			return nil, err
		}
		digest := stamp.Digest(checkpoint)
		token, ok := testTokens.Load(digest)
		if !ok {
			q, err := stamp.NewRequest(digest, "", rand.Reader)
			if err != nil {
				return nil, err
			}
			b, err := a.Reply(q.DER)
			if err != nil {
				return nil, err
			}
			token, _ = testTokens.LoadOrStore(digest, b)
		}
		return map[string][]byte{"checkpoint-1.tsr": token.([]byte), "tsa.pem": a.Root}, nil
	}
	return parts
}

// capturedBy puts captures into a new archive: two of a policy with a linked page, the second one read with a browser.
func capturedBy(t *testing.T) *tool {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "archive")
	if err := archive.Create(dir); err != nil {
		t.Fatal(err)
	}
	a, err := archive.Open(dir, archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	at := time.Date(2026, 6, 20, 10, 0, 0, 0, time.UTC)
	terms := snapshots.Terms{Service: "Clipzy", Type: "Privacy Policy"}
	put := func(at time.Time, address, annexOf, body string, r *snapshots.Rendering) {
		c := &snapshots.Capture{Terms: terms, AnnexOf: annexOf, URL: address, FinalURL: address, At: at, Status: 200, MediaType: "text/html", Charset: "utf-8", Body: []byte(body),
			Exchanges: []snapshots.Exchange{{URL: address, Started: at, RemoteIP: "192.0.2.7", Protocol: "http/1.1", TLS: "tls/1.3", Cipher: "TLS_AES_128_GCM_SHA256",
				TLSChain: []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), Request: []byte("GET / HTTP/1.1\r\nHost: clipzy.example\r\n\r\n"),
				Response: []byte(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s", len(body), body))}}}
		if r != nil {
			c.Use(r)
		}
		if _, err := a.PutCapture(c); err != nil {
			t.Fatal(err)
		}
	}
	const policy, list = "https://www.clipzy.example/privacy", "https://www.clipzy.example/countries"
	link := `<p>We transfer data to the countries listed <a href="` + list + `">here</a>.</p></main>`
	put(at, policy, "", strings.ReplaceAll(policyOf("India"), "</main>", link), nil)
	put(at.Add(time.Second), list, policy, "<html lang=en><main><h1>Countries</h1><ul><li>India</li><li>Japan</li></ul></main></html>", nil)
	put(at.Add(time.Hour), policy, "", app, &snapshots.Rendering{Browser: "Chromium 1", URL: policy, At: at.Add(time.Hour + 3*time.Second), Status: 200,
		HTML: []byte(strings.ReplaceAll(policyOf("Japan"), "</main>", link)), Screenshot: []byte("\x89PNG a picture"), PDF: []byte("%PDF-1.7 a page")})
	return &tool{words: locale.For("en"), env: environment{Stdout: io.Discard, Stderr: io.Discard, Now: func() time.Time { return at.Add(24 * time.Hour) },
		Getenv: func(string) string { return dir }}}
}

// exportWith writes a bundle of both versions.
func exportWith(t *testing.T, tl *tool, parts attachments, out string) {
	t.Helper()
	engine, err := tl.engine(nil)
	if err != nil {
		t.Fatal(err)
	}
	x := &exporter{tool: tl, engine: engine, parts: parts, created: tl.env.Now()}
	s := &store{tool: tl, dir: tl.env.Getenv("")}
	err = s.read(context.Background(), func(a *archive.Archive) error {
		if err := x.choose(a, "Clipzy", "", []string{"1", "2", "-1"}); err != nil {
			return err
		}
		return x.file(context.Background(), a, out)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// exportedFull is a bundle with a file of every kind.
func exportedFull(t *testing.T) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "clipzy.zip")
	exportWith(t, capturedBy(t), stampedParts(), out)
	return out
}

func TestSameInputsSameBytes(t *testing.T) {
	tl, dir := capturedBy(t), t.TempDir()
	var got [2][]byte
	for i := range got {
		name := filepath.Join(dir, fmt.Sprint(i))
		exportWith(t, tl, stampedParts(), name)
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got[i] = b
	}
	if !bytes.Equal(got[0], got[1]) {
		t.Error("two exports of the same differ")
	}
	now := tl.env.Now
	tl.env.Now = func() time.Time { return now().Add(time.Minute) }
	name := filepath.Join(dir, "later")
	exportWith(t, tl, stampedParts(), name)
	later := filesIn(t, name)
	for i, f := range filesIn(t, filepath.Join(dir, "0")) {
		differs := !bytes.Equal(f.content, later[i].content)
		if stated := f.name == manifestName || f.name == verifyName || f.name == sumsName; differs != stated {
			t.Errorf("%s differs a minute later: %t", f.name, differs)
		}
	}
}

// A zipped file is one of a bundle.
type zippedFile struct {
	name    string
	content []byte
	at      int64 // of its content in the ZIP file
}

// filesIn are the files in a ZIP file, in their order.
func filesIn(t *testing.T, name string) []zippedFile {
	t.Helper()
	r, err := zip.OpenReader(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out []zippedFile
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(in)
		in.Close()
		if err != nil {
			t.Fatal(err)
		}
		at, err := f.DataOffset()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, zippedFile{f.Name, b, at})
	}
	return out
}

// repack writes a ZIP file of files.
func repack(t *testing.T, files []zippedFile, comment string) string {
	t.Helper()
	var b bytes.Buffer
	z := wacz.NewZipWriter(&b)
	for _, f := range files {
		if err := z.Add(f.name, f.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(comment); err != nil {
		t.Fatal(err)
	}
	return written(t, b.Bytes())
}

func written(t *testing.T, b []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "damaged.zip")
	if err := os.WriteFile(name, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// blamed are the files that the check calls damaged.
func blamed(t *testing.T, name string) []string {
	t.Helper()
	v, err := verifyBundle(name, stampedParts())
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var out []string
	for _, c := range v.Checks {
		if c.Result == resultDamaged && !slices.Contains(out, c.File) {
			out = append(out, c.File)
		}
	}
	if v.Damaged != (len(out) > 0) {
		t.Errorf("damaged: %t, but %q", v.Damaged, out)
	}
	slices.Sort(out)
	return out
}

func wantBlamed(t *testing.T, what, name string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if got := blamed(t, name); !slices.Equal(got, want) {
		t.Errorf("%s: blamed %q, want %q", what, got, want)
	}
}

// TestDamageToEveryFile damages each file of a bundle in turn.
func TestDamageToEveryFile(t *testing.T) {
	whole := exportedFull(t)
	files := filesIn(t, whole)
	raw, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	r, err := zip.OpenReader(whole)
	if err != nil {
		t.Fatal(err)
	}
	comment := r.Comment
	r.Close()
	kinds := map[string]bool{}
	for _, f := range files {
		kinds[filepath.Ext(f.name)] = true
	}
	for _, ext := range []string{".wacz", ".png", ".pdf", ".txt", ".json", ".html", ".docx", ".md", ".tlog-proof", ".tsr", ".pem", ".key", ""} {
		if !kinds[ext] {
			t.Errorf("the bundle holds no file %q", ext)
		}
	}
	wantBlamed(t, "whole", whole)
	wantBlamed(t, "packed anew", repack(t, files, ""))
	wantBlamed(t, "something added", repack(t, append(slices.Clone(files), zippedFile{name: "A-9_new.txt", content: []byte("new")}), comment), "A-9_new.txt")
	for i, f := range files {
		with := func(content []byte) []zippedFile {
			out := slices.Clone(files)
			out[i].content = content
			return out
		}
		for _, at := range []int{0, len(f.content) / 3, len(f.content) / 2, len(f.content) - 1} {
			flipped := bytes.Clone(f.content)
			flipped[at] ^= 0x01
			wantBlamed(t, fmt.Sprintf("%s flipped at %d", f.name, at), repack(t, with(flipped), comment), f.name)
			inPlace := bytes.Clone(raw)
			inPlace[f.at+int64(at)] ^= 0x40
			wantBlamed(t, fmt.Sprintf("%s flipped at %d in the ZIP file", f.name, at), written(t, inPlace), f.name)
		}
		wantBlamed(t, f.name+" cut short", repack(t, with(f.content[:len(f.content)/2]), comment), f.name)
		wantBlamed(t, f.name+" empty", repack(t, with(nil), comment), f.name)
		wantBlamed(t, f.name+" dropped", repack(t, slices.Delete(slices.Clone(files), i, i+1), comment), f.name)
		if j := (i + 1) % len(files); !bytes.Equal(f.content, files[j].content) {
			swapped := slices.Clone(files)
			swapped[i].content, swapped[j].content = swapped[j].content, swapped[i].content
			wantBlamed(t, f.name+" swapped", repack(t, swapped, comment), f.name, files[j].name)
		}
	}
}

// TestDamageToTheZip flips bytes all over the file, between the files in it as well.
func TestDamageToTheZip(t *testing.T) {
	whole := exportedFull(t)
	raw, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	files := filesIn(t, whole)
	within := func(at int) bool {
		return slices.ContainsFunc(files, func(f zippedFile) bool { return int64(at) >= f.at && int64(at) < f.at+int64(len(f.content)) })
	}
	name := written(t, raw)
	tried := 0
	for at := range raw {
		if within(at) {
			continue // see above
		}
		if tried++; tried%7 > 0 && at < len(raw)-64 {
			continue
		}
		damaged := bytes.Clone(raw)
		damaged[at] ^= 0x10
		if err := os.WriteFile(name, damaged, 0o644); err != nil {
			t.Fatal(err)
		}
		if v, err := verifyBundle(name, stampedParts()); err != nil || !v.Damaged {
			t.Errorf("flipped at %d of %d: %v", at, len(raw), err)
		}
	}
	for _, n := range []int{len(raw) - 1, len(raw) / 2, 100} {
		if v, err := verifyBundle(written(t, raw[:n]), stampedParts()); err != nil || !v.Damaged {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
}

// Without the parts that others make, a bundle says what it does not prove.
func TestWithoutProofs(t *testing.T) {
	out := filepath.Join(t.TempDir(), "clipzy.zip")
	exportWith(t, capturedBy(t), attachments{}, out)
	v, err := verifyBundle(out, attachments{})
	if err != nil || v.Damaged || !slices.Equal(v.NotProved, []string{sameMachine, noLedger, noTimeStamp}) {
		t.Errorf("%+v, %v", v, err)
	}
	full, err := verifyBundle(exportedFull(t), attachments{}) // proofs that this program cannot check
	if err != nil || full.Damaged || !slices.ContainsFunc(full.Checks, func(c checkLine) bool { return c.File == "proofs/checkpoint" && c.Result == resultNote }) {
		t.Errorf("%+v, %v", full, err)
	}
}
