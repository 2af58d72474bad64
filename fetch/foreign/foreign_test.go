package foreign

// These tests read files that other programs wrote, and files made for the purpose. wget.warc.gz and wget.warc are by Wget 1.21.3
// (--warc-file, --no-warc-compression), of a server that redirects and then sends a page in gzip and chunks; testdata/warcio.mjs makes
// warcio.warc.gz.

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha1"
	"encoding/base32"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drittland/drittland/snapshots/warc"
)

const page = "https://clipzy.example/privacy"

// zipped is each text as a gzip member.
func zipped(texts ...string) string {
	var b bytes.Buffer
	for _, s := range texts {
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(s))
		z.Close()
	}
	return b.String()
}

// record is a record as others write them, without digests unless more states some.
func record(typ, id, url, date, block string, more ...string) string {
	head := "WARC/1.0\r\nWARC-Type: " + typ + "\r\nWARC-Record-ID: <urn:uuid:" + id + ">\r\nWARC-Date: " + date + "\r\n"
	if url != "" {
		head += "WARC-Target-URI: <" + url + ">\r\n"
	}
	return head + strings.Join(append(more, ""), "\r\n") + fmt.Sprintf("Content-Length: %d\r\n\r\n%s\r\n\r\n", len(block), block)
}

const ok = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"

func response1(id, date, body string, more ...string) string {
	return record("response", id, page, date, ok+body, more...)
}

func leads(id, url, date, to string) string {
	return record("response", id, url, date, "HTTP/1.1 301 Moved\r\nLocation: "+to+"\r\n\r\n")
}

func again(id, date, refers string, more ...string) string {
	return record("revisit", id, page, date, ok, append(more, "WARC-Refers-To: <urn:uuid:"+refers+">")...)
}

func sha1of(s string) string {
	sum := sha1.Sum([]byte(s))
	return "sha1:" + base32.StdEncoding.EncodeToString(sum[:])
}

func written(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// taken are the captures of a page in words, and the refusals.
func taken(t testing.TB, f *File, url string) (got []*Capture, refused []string) {
	t.Helper()
	err := f.Take(context.Background(), url, func(c *Capture) error {
		got = append(got, c)
		return nil
	}, func(r *Refusal) { refused = append(refused, r.Err.Error()) })
	if err != nil {
		t.Fatal(err)
	}
	return got, refused
}

func opened(t testing.TB, path string, opts Options) *File {
	t.Helper()
	open := Open
	if strings.HasSuffix(path, ".wacz") {
		open = OpenWACZ
	}
	f, err := open(context.Background(), path, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestFilesOfOtherPrograms(t *testing.T) {
	for _, x := range []struct {
		file, url, final, software string
		records                    []int // of each capture
		words                      []string
	}{
		{"wget.warc.gz", "http://clipzy.example/old", "http://clipzy.example/privacy", "Wget/1.21.3 (linux-gnu)", []int{4}, []string{"Brazil"}},
		{"wget.warc.gz", "http://clipzy.example/privacy#top", "http://clipzy.example/privacy", "Wget/1.21.3 (linux-gnu)", []int{2}, []string{"Brazil"}},
		{"wget.warc", "HTTP://clipzy.example:80/privacy", "http://clipzy.example/privacy", "Wget/1.21.3 (linux-gnu)", []int{2}, []string{"Brazil"}},
		{"warcio.warc.gz", page, page, "warcio.js 2.4.11", []int{2, 2, 1}, []string{"Ireland", "Ireland", "Japan"}},
	} {
		f := opened(t, filepath.Join("testdata", x.file), Options{})
		got, refused := taken(t, f, x.url)
		if len(refused) > 0 || len(got) != len(x.words) {
			t.Fatalf("%s: %d captures, refused %q", x.file, len(got), refused)
		}
		for i, c := range got {
			s := c.Snapshot
			if s.FinalURL != x.final || s.Status != 200 || s.MediaType != "text/html" || s.Charset != "utf-8" || !bytes.Contains(c.Body, []byte(x.words[i])) {
				t.Errorf("%s: capture %d is %+v: %s", x.file, i, s, c.Body)
			}
			if by := s.ThirdParty; by.Digests != "agree" || by.Software != x.software || !strings.HasPrefix(by.Record, "urn:uuid:") || by.File != x.file || len(by.SHA256) != 64 {
				t.Errorf("%s: capture %d is by %+v", x.file, i, by)
			}
			if len(c.Records) != x.records[i] {
				t.Errorf("%s: capture %d has %d records, want %d", x.file, i, len(c.Records), x.records[i])
			}
			for _, r := range c.Records {
				w, err := warc.NewWalk(bytes.NewReader(r), int64(len(r)), warc.Limits{})
				if err != nil {
					t.Fatal(err)
				}
				h, err := w.Next()
				if err != nil {
					t.Fatal(err)
				}
				block, err := w.Block()
				if err != nil || warc.CheckBlock(h.Header, block) != warc.Agrees {
					t.Errorf("%s: record %s is not as it was: %v", x.file, h.ID(), err)
				}
			}
		}
	}
}

func TestPages(t *testing.T) {
	other := record("response", "3", "https://clipzy.example/logo.png", "2026-01-01T00:00:00Z", "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\nx")
	text := record("resource", "4", "https://clipzy.example/terms.txt", "2026-01-04T00:00:00Z", "Be kind.", "Content-Type: text/plain; charset=utf-8")
	dns := record("response", "5", "dns:clipzy.example", "2026-01-01T00:00:00Z", "x")
	f := opened(t, written(t, "x.warc.gz", zipped(response1("1", "2026-01-03T00:00:00Z", "b"), response1("2", "2026-01-01T00:00:00Z", "a"), other, text, dns,
		leads("6", "https://clipzy.example/old", "2026-01-01T00:00:00Z", page))), Options{})
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	want := []Page{{page, "text/html", 2, day(1), day(3)}, {"https://clipzy.example/terms.txt", "text/plain", 1, day(4), day(4)}}
	if d := cmp.Diff(want, f.Pages()); d != "" {
		t.Error(d)
	}
	got, _ := taken(t, f, page)
	if len(got) != 2 || string(got[0].Body) != "a" || got[0].Snapshot.ThirdParty.Digests != "none" {
		t.Errorf("not the oldest first, or digests that nobody stated: %+v", got)
	}
	got, refused := taken(t, f, "https://clipzy.example/terms.txt")
	if len(got) != 1 || string(got[0].Body) != "Be kind." || got[0].Snapshot.Charset != "utf-8" {
		t.Errorf("resource: %+v, %q", got, refused)
	}
}

// A capture that is not as it was written is refused, or taken and marked.
func TestDamaged(t *testing.T) {
	body := ok + "We keep your data."
	good := record("response", "1", page, "2026-01-01T00:00:00Z", body, "WARC-Block-Digest: "+sha1of(body), "WARC-Payload-Digest: "+sha1of("We keep your data."))
	for name, x := range map[string]struct {
		content, says string
	}{
		"block":   {zipped(strings.Replace(good, "keep", "sell", 1)), "the digest of the block"},
		"payload": {zipped(record("response", "1", page, "2026-01-01T00:00:00Z", body, "WARC-Payload-Digest: "+sha1of("other"))), "the digest of the payload"},
		"revisit": {zipped(response1("1", "2025-01-01T00:00:00Z", "x") + again("2", "2026-01-01T00:00:00Z", "1", "WARC-Payload-Digest: "+sha1of("y"))), "the digest of the payload"},
	} {
		path := written(t, "x.warc.gz", x.content)
		got, refused := taken(t, opened(t, path, Options{}), page)
		if name == "revisit" && len(got) == 1 {
			got = nil // the page that it repeats is as it was
		}
		if len(got) > 0 || len(refused) != 1 || !strings.Contains(refused[0], x.says) {
			t.Errorf("%s: %d taken, refused %q", name, len(got), refused)
		}
		got, refused = taken(t, opened(t, path, Options{Damaged: true}), page)
		if len(refused) > 0 || len(got) == 0 {
			t.Fatalf("%s, accepted: refused %q", name, refused)
		}
		if by := got[len(got)-1].Snapshot.ThirdParty; by.Digests != "disagree" || !strings.Contains(strings.Join(by.Faults, "\n"), x.says) {
			t.Errorf("%s, accepted: %+v", name, by)
		}
	}
	cut := written(t, "cut.warc.gz", zipped(good)+zipped(strings.ReplaceAll(good, "urn:uuid:1", "urn:uuid:2"))[:80])
	if _, err := Open(context.Background(), cut, Options{}); !errors.Is(err, ErrDamaged) {
		t.Errorf("cut off: %v", err)
	}
	got, refused := taken(t, opened(t, cut, Options{Damaged: true}), page)
	if len(got) != 1 || len(refused) != 0 || len(got[0].Snapshot.ThirdParty.Faults) != 1 || got[0].Snapshot.ThirdParty.Digests != "agree" {
		t.Errorf("cut off, accepted: %+v, %q", got, refused)
	}
}

// What refers to itself, leads nowhere or asks for too much is refused with a reason.
func TestHostileCaptures(t *testing.T) {
	var long []string // redirects, each to the next
	for i := range 30 {
		long = append(long, leads(fmt.Sprint(i), fmt.Sprintf("https://clipzy.example/%d", i), "2026-01-01T00:00:00Z", fmt.Sprintf("/%d", i+1)))
	}
	var deep []string // revisits of revisits
	for i := range 30 {
		deep = append(deep, again(fmt.Sprint(i), "2026-01-01T00:00:00Z", fmt.Sprint(i+1)))
	}
	const day = "2026-01-01T00:00:00Z"
	for name, x := range map[string]struct {
		content, url, says string
	}{
		"a revisit of itself":           {again("1", day, "1"), page, "in a circle"},
		"revisits in a circle":          {again("1", day, "2") + again("2", day, "3") + again("3", day, "1"), page, "in a circle"},
		"revisits without end":          {strings.Join(deep, ""), page, ""},
		"a revisit of nothing":          {again("1", day, "9"), page, "does not hold"},
		"a redirect to itself":          {leads("1", page, day, page), page, "lead in a circle"},
		"redirects in a circle":         {leads("1", page, day, "/b") + leads("2", "https://clipzy.example/b", day, "/privacy"), page, "lead in a circle"},
		"redirects without end":         {strings.Join(long, ""), "https://clipzy.example/0", "lead in a circle"},
		"a redirect to nothing":         {leads("1", page, day, "https://other.example/"), page, "leads to https://other.example/, which the file does not hold"},
		"a redirect to no address":      {leads("1", page, day, "http://[::1"), page, "no address"},
		"a redirect to another year":    {leads("1", page, day, "/b") + record("response", "2", "https://clipzy.example/b", "2024-01-01T00:00:00Z", ok), page, "does not hold"},
		"no date":                       {record("response", "1", page, "yesterday", ok), page, "no date"},
		"a date to come":                {response1("1", "2036-01-01T00:00:00Z", "x"), page, "cannot be right"},
		"a date before the web":         {response1("1", "1066-01-01T00:00:00Z", "x"), page, "cannot be right"},
		"no HTTP":                       {record("response", "1", page, day, "<html>"), page, "read response"},
		"a bomb in a body":              {record("response", "1", page, day, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"+zipped(strings.Repeat("\x00", 5<<20))), page, "larger than"},
		"chunks that are cut off":       {record("response", "1", page, day, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\nfff\r\nb"), page, "unexpected EOF"},
		"a coding that is not read":     {record("response", "1", page, day, "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nx"), page, "unknown content coding"},
		"a compressed body that breaks": {record("response", "1", page, day, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"+zipped("long enough a text")[:20]), page, "unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			f := opened(t, written(t, "x.warc", x.content), Options{MaxBody: 1 << 20, Now: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)})
			got, refused := taken(t, f, x.url)
			if len(got) > 0 || len(refused) == 0 || !strings.Contains(strings.Join(refused, "\n"), x.says) {
				t.Errorf("taken %d, refused %q; want %q", len(got), refused, x.says)
			}
		})
	}
}

func TestHostileFiles(t *testing.T) {
	many := strings.Repeat(response1("1", "2026-01-01T00:00:00Z", "x"), 4000)
	for name, x := range map[string]struct {
		content string
		want    error
	}{
		"ARC":                    {"filedesc://old.arc 0.0.0.0 20010101 text/plain 1\n", warc.ErrARC},
		"ZIP":                    {"PK\x03\x04", warc.ErrZip},
		"HTML":                   {"<html>", warc.ErrNotWARC},
		"too many records":       {many, ErrTooMuch},
		"one that says nothing":  {"WARC/1.0\r\n\r\n", warc.ErrFormat},
		"a bomb of empty space":  {zipped("WARC/1.0\r\nContent-Length: 4611686018427387903\r\n\r\n" + strings.Repeat("\x00", 8<<20)), nil},
		"a header without end":   {zipped("WARC/1.0\r\n" + strings.Repeat("X: y\r\n", 1<<20)), warc.ErrFormat},
		"an address without end": {zipped(record("response", "1", "https://clipzy.example/"+strings.Repeat("x", 60_000), "2026-01-01T00:00:00Z", ok)), nil},
	} {
		f, err := Open(context.Background(), written(t, "x.warc.gz", x.content), Options{MaxRows: 1 << 20})
		switch {
		case err == nil:
			if name != "an address without end" || len(f.Pages()) > 0 {
				t.Errorf("%s: was read", name)
			}
			f.Close()
		case x.want != nil && !errors.Is(err, x.want):
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Open(context.Background(), t.TempDir(), Options{}); err == nil {
		t.Error("a folder was read")
	}
}

// Records that were compressed as one are read in a time that is bounded, in whatever order they are wanted.
func TestWorkIsBounded(t *testing.T) {
	var all strings.Builder
	for i := range 40 { // the youngest first: each is read from the beginning
		all.WriteString(response1(fmt.Sprint(i), fmt.Sprintf("20%02d-01-01T00:00:00Z", 60-i), strings.Repeat("x", 100_000)))
	}
	f := opened(t, written(t, "x.warc.gz", zipped(all.String())), Options{})
	if got, refused := taken(t, f, page); len(got) != 40 {
		t.Fatalf("%d taken, refused %q", len(got), refused)
	}
	f.work = 1 << 20
	err := f.Take(context.Background(), page, func(*Capture) error { return nil }, func(*Refusal) {})
	if !errors.Is(err, ErrTooMuch) {
		t.Errorf("read on: %v", err)
	}
}

func FuzzTake(f *testing.F) {
	f.Add([]byte(response1("1", "2026-01-01T00:00:00Z", "x")+again("2", "2026-01-02T00:00:00Z", "1")+record("request", "3", page, "2026-01-01T00:00:00Z", "GET / HTTP/1.1\r\n\r\n", "WARC-Concurrent-To: <urn:uuid:1>")), true)
	f.Add([]byte(leads("1", page, "2026-01-01T00:00:00Z", "/b")+record("resource", "2", "https://clipzy.example/b", "2026-01-01T00:00:00Z", "x", "Content-Type: text/plain")), false)
	f.Add([]byte(record("warcinfo", "1", "", "2026-01-01T00:00:00Z", "software: x\r\noperator: y\r\n", "WARC-Filename: z")+again("2", "2026-01-02T00:00:00Z", "2")), false)
	f.Fuzz(func(t *testing.T, in []byte, damaged bool) {
		file := &File{opts: Options{Damaged: damaged, MaxBody: 1 << 16, MaxRows: 1 << 20}, in: bytes.NewReader(in), size: int64(len(in))}
		if err := file.read(context.Background(), (*File).single); err != nil {
			return
		}
		urls := []string{page}
		for _, p := range file.Pages() {
			urls = append(urls, p.URL)
		}
		for _, u := range urls {
			_ = file.Take(context.Background(), u, func(c *Capture) error {
				if len(c.Body) > 1<<16 || c.Holder >= len(c.Records) || c.Snapshot.ThirdParty.Record == "" || !damaged && len(c.Snapshot.ThirdParty.Faults) > 0 {
					t.Fatalf("%+v", c.Snapshot)
				}
				return nil
			}, func(*Refusal) {})
		}
	})
}
