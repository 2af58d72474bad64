package wacz

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots/warc"
)

// strange is a record as a stranger may write it.
func strange(typ, date, uri, block string, more ...string) string {
	return fmt.Sprintf("WARC/1.0\nWARC-Type: %s\nWARC-Record-ID: <urn:uuid:0>\nWARC-Date: %s\nWARC-Target-URI: %s\n%sContent-Length: %d\n\n%s",
		typ, date, uri, strings.Join(append(more, ""), "\n"), len(block), block)
}

func TestOthers(t *testing.T) {
	const page = "https://clipzy.example/privacy"
	given := []string{
		strange("response", "2026-01-02T03:04:05Z", page, "HTTP/2 200\r\nContent-Type: Text/HTML; charset=utf-8\r\n\r\nwords", "WARC-Payload-Digest: sha1:X"),
		strange("revisit", "2026-01-02T03:04:06Z", page, "HTTP/1.1 200 OK\r\n\r\n"),
		strange("Resource", "2026-01-02", "https://clipzy.example/a b", "words", "Content-Type: text/plain"),
		strange("response", "2026-01-02T03:04:07Z", page, "no head"),
		strange("response", "one day", page, answer),
		strange("request", "2026-01-02T03:04:05Z", page, "GET / HTTP/1.1\r\n\r\n"),
		strange("resource", "2026-01-02T03:04:05Z", "urn:x:y", "words"),
		strange("metadata", "2026-01-02T03:04:05Z", page, "{}", "Content-Type: application/vnd.drittland.entries"),
	}
	shown := []bool{true, true, true, false, false, false, false, false}
	w := NewWriter(Info{Created: day})
	if err := w.Make(record(0, "response", page, answer)); err != nil { // of the same identifier
		t.Fatal(err)
	}
	for range 2 {
		for i, raw := range given {
			if got, err := w.AddOthers([]byte(raw)); err != nil || got != shown[i] {
				t.Errorf("%q: shown %t, %v", raw, got, err)
			}
		}
	}
	var b bytes.Buffer
	if _, err := w.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	r := open(t, b.Bytes())
	if found, n := r.Check(); len(found) > 0 || n != len(given)+2 {
		t.Errorf("%v, %d records", found, n)
	}
	var got []string
	for rec, err := range r.Others() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(rec.Raw))
	}
	if !slices.Equal(got, given) {
		t.Errorf("%q, want %q", got, given)
	}
	lines, err := r.Index()
	if err != nil || len(lines) != 4 {
		t.Fatalf("%+v, %v", lines, err)
	}
	i := slices.IndexFunc(lines, func(l Line) bool { return l.Filename == "third-party.warc.gz" && l.MIME == "text/html" })
	if i < 0 || lines[i].Status != 200 || lines[i].Digest != "sha1:X" || lines[i].URL != page || !lines[i].At.Equal(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)) ||
		lines[i].RecordDigest != warc.Digest([]byte(given[0]+"\r\n\r\n")) {
		t.Errorf("%+v", lines)
	}
}

func TestOthersAreOneRecordEach(t *testing.T) {
	one := strange("resource", "2026-01-02T03:04:05Z", "https://clipzy.example/", "words")
	w := NewWriter(Info{Created: day})
	for name, bad := range map[string]string{"two": one + "\n\n" + one, "none": "", "cut": one[:len(one)-1], "more": one + "\n\n", "no record": "words"} {
		if _, err := w.AddOthers([]byte(bad)); err == nil {
			t.Errorf("%s: was added", name)
		}
	}
	// Two in one gzip member, as only a forger writes them.
	var packed, b bytes.Buffer
	z := gzip.NewWriter(&packed)
	fmt.Fprintf(z, "%s\r\n\r\n%s\r\n\r\n", one, strings.Replace(one, "words", "w0rds", 1))
	z.Close()
	for _, method := range []uint16{zip.Store, zip.Deflate} {
		b.Reset()
		out := zip.NewWriter(&b)
		for name, content := range map[string]string{packageFile: "{}", othersFile: packed.String()} {
			f, err := out.CreateHeader(&zip.FileHeader{Name: name, Method: method})
			if err == nil {
				_, err = f.Write([]byte(content))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
		var last error
		for _, err := range open(t, b.Bytes()).Others() {
			last = err
		}
		if want := map[uint16]string{zip.Store: "two records in one gzip member", zip.Deflate: "is compressed"}[method]; last == nil || !strings.Contains(last.Error(), want) {
			t.Errorf("%v, want %q", last, want)
		}
	}
}

// Damage to the records of others is named as theirs, and ours are not blamed.
func TestDamageToOthers(t *testing.T) {
	w := NewWriter(Info{Created: day})
	for i := range 3 {
		if _, err := w.AddOthers([]byte(strange("resource", "2026-01-02", fmt.Sprintf("https://clipzy.example/%d", i), "words"))); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Make(record(1, "resource", "https://www.clipzy.example/privacy", "block")); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := w.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	whole := open(t, b.Bytes())
	content, err := whole.Read(othersFile, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for at := -2; at < len(content); at += 5 {
		var out bytes.Buffer
		z := NewZipWriter(&out)
		for _, name := range whole.Names() {
			have, err := whole.Read(name, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case name != othersFile:
			case at == -2: // dropped
				continue
			case at < len(content)/2: // cut short, or flipped
				have = have[:max(at, 0)]
			default:
				have[at] ^= 1
			}
			if err := z.Add(name, have); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(""); err != nil {
			t.Fatal(err)
		}
		found, _ := open(t, out.Bytes()).Check()
		if len(found) == 0 || slices.ContainsFunc(found, func(p Problem) bool { return p.File != othersFile }) {
			t.Errorf("damage at %d of %d: %v", at, len(content), found)
		}
	}
}
