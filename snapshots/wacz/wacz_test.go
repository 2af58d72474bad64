package wacz

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots/warc"
)

var day = time.Date(2026, 6, 20, 10, 0, 0, 446_000_000, time.UTC)

// record is a response, or a resource, under an address.
func record(n int, typ, uri, block string) *warc.Record {
	media := map[string]string{"response": "application/http; msgtype=response", "resource": "text/plain; charset=utf-8", "metadata": "text/plain"}[typ]
	return &warc.Record{Block: []byte(block), Header: warc.Header{{Name: "WARC-Type", Value: typ}, {Name: "WARC-Record-ID", Value: fmt.Sprintf("<urn:uuid:%d>", n)},
		{Name: "WARC-Date", Value: warc.FormatDate(day.Add(time.Duration(n) * time.Minute))}, {Name: "WARC-Target-URI", Value: uri}, {Name: "Content-Type", Value: media}}}
}

const answer = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nClipzy\r\n0\r\n\r\n"

// made is a WACZ file of n records of responses, and some others.
func made(t testing.TB, n int) []byte {
	t.Helper()
	w := NewWriter(Info{Title: "Clipzy", Software: "drittland", Created: day})
	for i := range n {
		uri := fmt.Sprintf("https://www.clipzy.example/privacy/%d", i)
		if err := w.Make(record(i, "response", uri, answer)); err != nil {
			t.Fatal(err)
		}
		w.Page(Page{ID: fmt.Sprint(i), URL: uri, At: day.Add(time.Duration(i) * time.Minute), Title: "Privacy <b>policy</b>", Text: "words"})
	}
	for i, x := range [][2]string{{"resource", "https://import.invalid/a"}, {"resource", "urn:drittland:tls"}, {"metadata", "https://www.clipzy.example/"}} {
		if err := w.Make(record(n+i, x[0], x[1], "block")); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if _, err := w.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(t testing.TB, b []byte) *Reader {
	t.Helper()
	r, err := Open(bytes.NewReader(b), int64(len(b)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRoundTrip(t *testing.T) {
	for _, n := range []int{0, 1, blockLines + 7} {
		b := made(t, n)
		if !bytes.Equal(b, made(t, n)) {
			t.Errorf("%d: two files of the same differ", n)
		}
		r := open(t, b)
		if found, records := r.Check(); len(found) > 0 || records != n+4 {
			t.Errorf("%d: %v, %d records", n, found, records)
		}
		if where, same := r.Compare(); !same {
			t.Errorf("%d: not as written at %q", n, where)
		}
		lines, err := r.Index()
		if err != nil || len(lines) != n+1 {
			t.Fatalf("%d: %d lines, %v", n, len(lines), err)
		}
		if !slices.IsSortedFunc(lines, func(a, b Line) int { return strings.Compare(a.Key, b.Key) }) {
			t.Errorf("%d: the index is not sorted", n)
		}
		pages, err := r.Pages()
		if err != nil || len(pages) != n {
			t.Errorf("%d: %d pages, %v", n, len(pages), err)
		}
		if n > 0 && (lines[0].Digest != warc.Digest([]byte("Clipzy")) || lines[0].MIME != "text/html" || lines[0].Status != 200 || pages[0].Title != "Privacy <b>policy</b>") {
			t.Errorf("%+v %+v", lines[0], pages[0])
		}
		if i := r.Info(); i.Title != "Clipzy" || !i.Created.Equal(day.Truncate(time.Second)) {
			t.Errorf("%+v", i)
		}
	}
}

// Records stand in the file byte for byte as they were given, each once.
func TestMembersAreCopied(t *testing.T) {
	var member bytes.Buffer
	z, err := gzip.NewWriterLevel(&member, gzip.NoCompression) // as nobody here would write it
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(z, "WARC/1.1\r\nWARC-Type: resource\r\nwarc-record-id: <urn:uuid:x>\r\nWARC-Date: 2026-06-20T10:00:00Z\r\nWARC-Target-URI: https://clipzy.example/\r\nContent-Length: 2\r\n\r\nhi\r\n\r\n")
	z.Close()
	w := NewWriter(Info{Created: day})
	for range 2 {
		if err := w.Add(member.Bytes()); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if _, err := w.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(b.Bytes(), member.Bytes()); n != 1 {
		t.Errorf("the member stands there %d times", n)
	}
	for name, bad := range map[string][]byte{"two records": append(bytes.Clone(member.Bytes()), member.Bytes()...), "none": nil, "cut": member.Bytes()[:20]} {
		if err := w.Add(bad); err == nil {
			t.Errorf("%s: was added", name)
		}
	}
}

func TestSURT(t *testing.T) {
	for in, want := range map[string]string{
		"https://www.Clipzy.example/Legal?b=2&a=1#x": "example,clipzy)/legal?a=1&b=2",
		"http://www2.clipzy.example":                 "example,clipzy)/",
		"http://localhost:8081/x":                    "localhost:8081)/x",
		"http://127.0.0.1:80/x":                      "1,0,0,127)/x",
		"https://clipzy.example:443/":                "example,clipzy)/",
		"not an address":                             "not%20an%20address",
		"https://clipzy.example/a b?c=d e":           "example,clipzy)/a%20b?c=d%20e",
	} {
		if got := SURT(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// TestDamage changes one thing within a file, with the ZIP file whole, and wants it to be named.
func TestDamage(t *testing.T) {
	b := made(t, 3)
	for name, x := range map[string]struct {
		file   string
		change func([]byte) []byte
		want   string
	}{
		"records":         {dataFile, func(b []byte) []byte { b[len(b)/2] ^= 1; return b }, dataFile},
		"records dropped": {dataFile, nil, dataFile},
		"index":           {cdxFile, func(b []byte) []byte { b[len(b)/2] ^= 1; return b }, cdxFile},
		"index of blocks": {idxFile, func(b []byte) []byte { return b[1:] }, idxFile},
		"pages":           {pagesFile, func(b []byte) []byte { return bytes.Replace(b, []byte("words"), []byte("swords"), 1) }, pagesFile},
		"package":         {packageFile, func(b []byte) []byte { return bytes.Replace(b, []byte("Clipzy"), []byte("Glipzy"), 1) }, packageFile},
		"digest":          {digestFile, func([]byte) []byte { return []byte("{") }, digestFile},
		"put in":          {"archive/more.warc.gz", func([]byte) []byte { return nil }, "archive/more.warc.gz"},
	} {
		var out bytes.Buffer
		z, r, seen := NewZipWriter(&out), open(t, b), false
		for _, n := range append(r.Names(), x.file) {
			content := []byte(nil)
			if r.Has(n) {
				var err error
				if content, err = r.Read(n, 1<<20); err != nil {
					t.Fatal(err)
				}
			}
			if n == x.file {
				if seen || x.change == nil {
					continue
				}
				seen, content = true, x.change(content)
			}
			if err := z.Add(n, content); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(""); err != nil {
			t.Fatal(err)
		}
		found, _ := open(t, out.Bytes()).Check()
		if len(found) == 0 || slices.ContainsFunc(found, func(p Problem) bool { return p.File != x.want }) {
			t.Errorf("%s: %v", name, found)
		}
	}
}

// TestIndexOfOtherRecords checks an index that has its own hash and still says what is not so.
func TestIndexOfOtherRecords(t *testing.T) {
	for name, change := range map[string]func(*Line){
		"offset": func(l *Line) { l.Offset++ }, "address": func(l *Line) { l.URL += "x" }, "digest": func(l *Line) { l.Digest = warc.Digest(nil) },
		"time": func(l *Line) { l.At = l.At.Add(-time.Hour) }, "length": func(l *Line) { l.Length-- },
	} {
		w := NewWriter(Info{Created: day})
		if err := w.Make(record(1, "response", "https://clipzy.example/", answer)); err != nil {
			t.Fatal(err)
		}
		change(&w.lines[0])
		var b bytes.Buffer
		if _, err := w.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		if found, _ := open(t, b.Bytes()).Check(); len(found) == 0 || found[0].File != cdxFile {
			t.Errorf("%s: %v", name, found)
		}
	}
}

// hostile is a ZIP file with one more file than a WACZ file needs, as head says.
func hostile(t *testing.T, head *zip.FileHeader, content []byte, list ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(packageFile)
	if err == nil {
		_, err = io.WriteString(w, strings.Join(append(list, `{"resources":[]}`)[:1], ""))
	}
	if err == nil {
		w, err = z.CreateHeader(head)
	}
	if err == nil {
		_, err = w.Write(content)
	}
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// listed is a WACZ file with a byte of each entry of its directory set, or of its end.
func listed(t *testing.T, at int, to byte) []byte {
	t.Helper()
	b := made(t, 1)
	if at < 0 {
		b[len(b)+at], b[len(b)+at+1] = to, to-1
		return b
	}
	for i := 0; ; i++ {
		n := bytes.Index(b[i:], []byte("PK\x01\x02"))
		if n < 0 {
			return b
		}
		i += n
		b[i+at] = to
	}
}

func TestHostileFiles(t *testing.T) {
	link := &zip.FileHeader{Name: "archive/link", Method: zip.Store}
	link.SetMode(0o777 | os.ModeSymlink)
	for name, x := range map[string]struct {
		in   []byte
		want error
	}{
		"out of the folder": {hostile(t, &zip.FileHeader{Name: "../../etc/passwd"}, nil), ErrFormat},
		"inner dots":        {hostile(t, &zip.FileHeader{Name: "archive/../../x"}, nil), ErrFormat},
		"absolute":          {hostile(t, &zip.FileHeader{Name: "/etc/passwd"}, nil), ErrFormat},
		"drive":             {hostile(t, &zip.FileHeader{Name: `C:\x`}, nil), ErrFormat},
		"control character": {hostile(t, &zip.FileHeader{Name: "archive/\x1b[2J"}, nil), ErrFormat},
		"same name":         {hostile(t, &zip.FileHeader{Name: "DataPackage.json"}, nil), ErrFormat},
		"link":              {hostile(t, link, []byte("/etc/passwd")), ErrFormat},
		"bomb":              {hostile(t, &zip.FileHeader{Name: "archive/data.warc.gz", Method: zip.Deflate}, make([]byte, 30<<20)), ErrLimit},
		"not clean":         {hostile(t, &zip.FileHeader{Name: "archive/./x"}, nil), ErrFormat},
		"encrypted":         {listed(t, 8, 1), ErrFormat},
		"overlapping":       {listed(t, 21, 2), ErrFormat},
		"too many":          {listed(t, -12, 0xff), ErrLimit}, // says the end of the file
		"several packages":  {hostile(t, &zip.FileHeader{Name: "x"}, nil, `{"profile":"multi-wacz-package"}`), ErrFormat},
		"no ZIP file":       {[]byte("WARC/1.1"), ErrFormat},
		"nothing":           {nil, ErrFormat},
		"cut":               {made(t, 1)[:700], ErrFormat},
	} {
		if _, err := Open(bytes.NewReader(x.in), int64(len(x.in)), Limits{}); !errors.Is(err, x.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b := made(t, 3)
	for name, l := range map[string]Limits{"files": {Files: 3}, "file": {File: 100}, "total": {Total: 1000}, "text": {Text: 10}} {
		if _, err := Open(bytes.NewReader(b), int64(len(b)), l); !errors.Is(err, ErrLimit) {
			t.Errorf("limit of %s: %v", name, err)
		}
	}
	r := open(t, hostile(t, &zip.FileHeader{Name: pagesFile}, []byte(`{"id":"1","url":"https://clipzy.example/","ts":"2026-06-20T10:00:00Z","title":"x"}`)))
	if _, err := r.Pages(); err == nil || !strings.Contains(err.Error(), "no header line") {
		t.Errorf("pages without a header: %v", err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	fmt.Fprint(z, strings.Repeat("!meta 0 {}\n", 1<<20))
	z.Close()
	if _, err := readLines(packed.Bytes(), true, 1<<20); !errors.Is(err, ErrLimit) {
		t.Errorf("index that is a bomb: %v", err)
	}
}

func TestNamesThatAreNotWritten(t *testing.T) {
	z := NewZipWriter(io.Discard)
	for _, name := range []string{"", "/x", "../x", "a//b", "a/", "a\\b", "a:b", "a\nb", strings.Repeat("x", 300)} {
		if err := z.Add(name, nil); err == nil {
			t.Errorf("%q was added", name)
		}
	}
	if err := errors.Join(z.Add("a", nil), z.Add("A", nil)); err == nil {
		t.Error("two files that differ in case were added")
	}
}

// What unpacks to more than is read is refused before all of it is unpacked.
func TestBlocksAreBounded(t *testing.T) {
	w := NewWriter(Info{Created: day})
	for i := range 8 {
		if err := w.Make(record(i, "resource", fmt.Sprintf("https://www.clipzy.example/%d", i), strings.Repeat("\x00", 1<<20))); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if _, err := w.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	r, err := Open(bytes.NewReader(b.Bytes()), int64(b.Len()), Limits{Blocks: 3 << 20})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, err = range r.Records(dataFile) {
		n++
	}
	if !errors.Is(err, ErrLimit) || n > 4 {
		t.Errorf("%d records of 1 MiB each were read, %v", n, err)
	}
	if found, _ := r.Check(); len(found) != 1 || found[0].File != dataFile || !strings.Contains(found[0].What, "unpacks to more") {
		t.Errorf("%v", found)
	}
	w.left = 100
	if err := w.Make(record(9, "resource", "https://www.clipzy.example/9", strings.Repeat("x", 101))); !errors.Is(err, ErrLimit) {
		t.Errorf("more than is read was written: %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(made(f, 2))
	w := NewWriter(Info{Created: day})
	if _, err := w.AddOthers([]byte(strange("resource", "2026-01-02", "https://clipzy.example/", "words"))); err != nil {
		f.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := w.WriteTo(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Open(bytes.NewReader(b), int64(len(b)), Limits{File: 1 << 20, Total: 4 << 20, Text: 1 << 20})
		if err != nil {
			return
		}
		r.Check()
		r.Compare()
		_, _ = r.Pages()
		r.Info()
	})
}

func FuzzLine(f *testing.F) {
	f.Add(`example,clipzy)/ 20260620100000446 {"url":"https://clipzy.example/","mime":"text/html","status":"200","length":"12","offset":0,"filename":"data.warc.gz"}`)
	f.Fuzz(func(t *testing.T, s string) {
		l, err := parseLine(s)
		if err != nil {
			return
		}
		text, err := l.text()
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseLine(strings.TrimSuffix(text, "\n"))
		if err == nil && (again.Offset != l.Offset || again.Length != l.Length || !again.At.Equal(l.At)) {
			t.Errorf("%+v, then %+v", l, again)
		}
	})
}
