package main

// Captures that others made, within a bundle: their records stand in it as they wrote them, and nothing that they wrote is believed.

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots/wacz"
)

// ofOthers is a record as others write it.
func ofOthers(typ, id, at, uri, block string, more ...string) string {
	media := map[string]string{"response": "application/http; msgtype=response", "revisit": "application/http; msgtype=response"}[typ]
	return fmt.Sprintf("WARC/1.0\r\nWARC-Type: %s\r\nWARC-Record-ID: <urn:uuid:%s>\r\nWARC-Date: %s\r\nWARC-Target-URI: %s\r\nContent-Type: %s\r\n%sContent-Length: %d\r\n\r\n%s\r\n\r\n",
		typ, id, at, uri, media, strings.Join(append(more, ""), "\r\n"), len(block), block)
}

// packedPage is a response with a page, compressed and in chunks.
func packedPage(t *testing.T, page string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(page)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", b.Len(), b.String())
}

// capturesOfOthers is a WARC file with the policy of Otherzy, which changes and changes back. The server leads from http to https; twice
// the page is a revisit, one of which says where the page stands that it repeats.
func capturesOfOthers(t *testing.T) string {
	t.Helper()
	const plain, page = "http://www.otherzy.example/privacy", "https://www.otherzy.example/privacy"
	const moved = "HTTP/1.1 301 Moved Permanently\r\nLocation: " + page + "\r\nContent-Length: 0\r\n\r\n"
	var records []string
	capture := func(n int, record string) {
		at := fmt.Sprintf("2026-0%d-01T10:00:00Z", n)
		records = append(records, ofOthers("response", fmt.Sprintf("moved-%d", n), at, plain, moved), record)
	}
	policy := func(country string) string { return strings.ReplaceAll(policyOf(country), "Clipzy", "Otherzy") }
	at := func(n int) string { return fmt.Sprintf("2026-0%d-01T10:00:01Z", n) }
	const same, head = "WARC-Profile: http://netpreserve.org/warc/1.0/revisit/identical-payload-digest", "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
	capture(1, ofOthers("response", "page-1", at(1), page, packedPage(t, policy("Kenya"))))
	capture(2, ofOthers("response", "page-2", at(2), page, "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"+policy("Brazil")))
	capture(3, ofOthers("revisit", "page-3", at(3), page, head, same, "WARC-Refers-To: <urn:uuid:page-1>", "WARC-Refers-To-Target-URI: "+page, "WARC-Refers-To-Date: "+at(1)))
	capture(4, ofOthers("response", "page-4", at(4), page, "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"+policy("Brazil")))
	capture(5, ofOthers("revisit", "page-5", at(5), page, head, same, "WARC-Refers-To: <urn:uuid:page-1>"))
	name := filepath.Join(t.TempDir(), "otherzy.warc")
	if err := os.WriteFile(name, []byte(strings.Join(records, "")), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// repackedOthers is a WACZ file with the records of another one, and with other records of others.
func repackedOthers(t *testing.T, b []byte, others func(have [][]byte) [][]byte) []byte {
	t.Helper()
	r, err := wacz.Open(bytes.NewReader(b), int64(len(b)), wacz.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	w := wacz.NewWriter(r.Info())
	raw, err := r.Read("archive/data.warc.gz", 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for rec, err := range r.Records("archive/data.warc.gz") {
		if err != nil {
			t.Fatal(err)
		}
		if rec.Type() == "warcinfo" {
			continue
		}
		if err := w.Add(raw[rec.Extent.Offset : rec.Extent.Offset+rec.Extent.Length]); err != nil {
			t.Fatal(err)
		}
	}
	var have [][]byte
	for rec, err := range r.Others() {
		if err != nil {
			t.Fatal(err)
		}
		have = append(have, rec.Raw)
	}
	for _, raw := range others(have) {
		if _, err := w.AddOthers(raw); err != nil {
			t.Fatal(err)
		}
	}
	pages, err := r.Pages()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		w.Page(p)
	}
	var out bytes.Buffer
	if _, err := w.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestOthersInABundle(t *testing.T) {
	u := &user{t: t, home: t.TempDir(), now: time.Date(2026, 6, 20, 10, 0, 0, 0, time.UTC), env: map[string]string{}}
	u.does(exitOK, "import", "warc", capturesOfOthers(t), "--service", "Otherzy", "--url", "http://www.otherzy.example/privacy")
	out := filepath.Join(t.TempDir(), "otherzy.zip")
	u.does(exitOK, "evidence", "export", "Otherzy", "3", "--out", out)
	u.sees(u.does(exitOK, "evidence", "verify", out), "All is as it was written", "others made it, with their own client and clock")
	log := string(contentOf(t, out, "L-1_capture-log.md"))
	for _, want := range []string{"https://www.otherzy.example/privacy", "Captured by others: `otherzy.warc", "urn:uuid:page-3"} {
		if !strings.Contains(log, want) {
			t.Errorf("the capture log lacks %q:\n%s", want, log)
		}
	}
	if strings.Contains(log, "import.invalid") {
		t.Errorf("the capture is shown under a made-up address:\n%s", log)
	}
	for what, others := range map[string]func([][]byte) [][]byte{
		"as it is": func(have [][]byte) [][]byte {
			if len(have) != 3 { // the redirect, the revisit, and the page that it repeats
				t.Errorf("%d records of others", len(have))
			}
			return have
		},
		"words changed": func(have [][]byte) [][]byte {
			return append(have[:1:1], bytes.Replace(have[1], []byte("text/html"), []byte("text/HTML"), 1), have[2])
		},
		"one more": func(have [][]byte) [][]byte {
			return append(have[:3:3], []byte(strings.TrimSuffix(ofOthers("resource", "x", "2026-01-01T00:00:00Z", "https://www.otherzy.example/x", "x"), "\r\n\r\n")))
		},
		"one less": func(have [][]byte) [][]byte { return have[1:] },
		"none":     func([][]byte) [][]byte { return nil },
	} {
		name := forge(t, out, func(name string, b []byte) []byte {
			if name != "A-1_capture.wacz" {
				return b
			}
			return repackedOthers(t, b, others)
		})
		if want := []string{"A-1_capture.wacz"}; what == "as it is" {
			wantBlamed(t, what, name)
		} else {
			wantBlamed(t, what, name, want...)
		}
	}
	wantBlamed(t, "shown elsewhere", forge(t, out, func(name string, b []byte) []byte {
		if name == manifestName {
			b = bytes.ReplaceAll(b, []byte(`"replay": "https://www.otherzy.example/privacy"`), []byte(`"replay": "https://www.otherzy.example/terms"`))
		}
		return b
	}), manifestName)
}

// A record of others that calls itself one of ours is nothing but words of others.
func TestOthersThatPretend(t *testing.T) {
	u := &user{t: t, home: t.TempDir(), now: time.Date(2026, 6, 20, 10, 0, 0, 0, time.UTC), env: map[string]string{}}
	const page = "https://www.otherzy.example/privacy"
	file := func(name string, records ...string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(strings.Join(records, "")), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	response := ofOthers("response", "page-1", "2026-01-01T10:00:00Z", page, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"+policyOf("Kenya"))
	first := filepath.Join(t.TempDir(), "first.zip")
	u.does(exitOK, "import", "warc", file("a.warc", response), "--service", "Otherzy", "--url", page)
	u.does(exitOK, "evidence", "export", "Otherzy", "--out", first)
	var entry string // the record that speaks of the capture, in a record of others, with another date
	for _, f := range filesIn(t, first) {
		if f.name != "A-1_capture.wacz" {
			continue
		}
		r, err := wacz.Open(bytes.NewReader(f.content), int64(len(f.content)), wacz.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for rec, err := range r.Records("archive/data.warc.gz") {
			if err != nil {
				t.Fatal(err)
			}
			if rec.Header.Get("Content-Type") == "application/vnd.drittland.entries" {
				block := strings.ReplaceAll(string(rec.Block), "2026-01-01", "2025-01-01")
				entry = ofOthers("metadata", strings.TrimPrefix(rec.ID(), "urn:uuid:"), "2026-01-01T10:00:00Z", page, block, "WARC-Concurrent-To: <urn:uuid:page-1>")
				entry = strings.Replace(entry, "Content-Type: \r\n", "Content-Type: application/vnd.drittland.entries\r\n", 1)
			}
		}
	}
	if entry == "" {
		t.Fatal("no entry")
	}
	other := &user{t: t, home: t.TempDir(), now: u.now, env: map[string]string{}}
	out := filepath.Join(t.TempDir(), "second.zip")
	other.does(exitOK, "import", "warc", file("a.warc", response, entry), "--service", "Otherzy", "--url", page)
	other.does(exitOK, "evidence", "export", "Otherzy", "--out", out)
	other.sees(other.does(exitOK, "evidence", "verify", out), "All is as it was written", "version 1 of 2026-01-01")
}
