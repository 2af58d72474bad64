package archive

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/warc"
)

// rendered is a capture whose page a browser read.
func rendered(at time.Time, html string) *snapshots.Capture {
	c := capture(at, "<div id=app></div>")
	c.Use(&snapshots.Rendering{Browser: "Chromium 148.0.1.2", URL: "https://www.clipzy.example/legal/privacy?view=all", At: at.Add(3 * time.Second), Status: 200,
		HTML: []byte(html), Screenshot: []byte("\x89PNG and so on"), PDF: []byte("%PDF-1.4 and so on"), Cut: true})
	return c
}

func TestRenderingIsKept(t *testing.T) {
	a := created(t, Options{})
	c := rendered(day(1), "<p>We transfer data to Canada.</p>")
	s, err := a.PutCapture(c)
	if err != nil {
		t.Fatal(err)
	}
	if s.Rendered != "Chromium 148.0.1.2" || s.FinalURL != c.Rendering.URL || s.MediaType != "text/html" {
		t.Errorf("snapshot %+v", s)
	}
	if body, err := a.Body(s); err != nil || !bytes.Equal(body, c.Rendering.HTML) {
		t.Errorf("body %q, %v", body, err)
	}
	records, err := a.Records(s)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range records {
		got = append(got, r.Type()+" "+r.Header.Get("Content-Type"))
	}
	want := []string{"response application/http; msgtype=response", "request application/http; msgtype=request", "resource application/pem-certificate-chain"}
	if d := cmp.Diff(slices.Concat(want, want, []string{"conversion image/png", "conversion application/pdf"}), got); d != "" {
		t.Fatal(d)
	}
	for i, block := range [][]byte{c.Rendering.Screenshot, c.Rendering.PDF} {
		r := records[6+i]
		if !bytes.Equal(r.Block, block) || r.Header.Get("WARC-Refers-To") != "<"+records[3].ID()+">" || r.Header.Get("WARC-Date") != "2026-01-02T10:00:03.000000Z" ||
			!strings.HasSuffix(r.Header.Get("WARC-Target-URI"), ":"+c.Rendering.URL) || (r.Header.Get("WARC-Truncated") == "length") != (i == 0) {
			t.Errorf("picture %v", r.Header)
		}
	}
	again, err := a.PutCapture(c)
	if err != nil || again != s {
		t.Errorf("put again: %+v, %v", again, err)
	}
	sound(t, a)
	before, dir := dumped(t, a, false), closed(t, a)
	if p, err := Rebuild(context.Background(), dir, Options{}, nil); err != nil || len(p) > 0 {
		t.Fatal(p, err)
	}
	b := opened(t, dir, Options{})
	if d := cmp.Diff(before, dumped(t, b, false)); d != "" {
		t.Error(d)
	}
	sound(t, b)
}

// The HTML of a page changes little from one rendering to the next, so it must take little room.
func TestRenderingsAreCompressedAgainstEachOther(t *testing.T) {
	a := created(t, Options{})
	var size int64
	for i, text := range texts(3, 6, 40_000) {
		c := rendered(day(i), string(text))
		c.Rendering.Screenshot, c.Rendering.PDF = nil, nil
		if _, err := a.PutCapture(c); err != nil {
			t.Fatal(err)
		}
		st, err := a.Stats()
		if err != nil {
			t.Fatal(err)
		}
		if grown := st.Captures - size; i > 0 && grown > 6000 {
			t.Errorf("rendering %d takes %d bytes", i, grown)
		}
		size = st.Captures
	}
	sound(t, a)
}

func TestRenderingMustBeTheBody(t *testing.T) {
	a := created(t, Options{})
	for name, spoil := range map[string]func(*snapshots.Capture){
		"other body": func(c *snapshots.Capture) { c.Body = []byte("other") },
		"nameless":   func(c *snapshots.Capture) { c.Rendering.Browser = "" },
	} {
		c := rendered(day(1), "<p>text</p>")
		spoil(c)
		if _, err := a.PutCapture(c); err == nil {
			t.Errorf("%s: recorded", name)
		}
	}
}

// A picture that refers to another page than the one it was taken of is found, though every checksum is right.
func TestCheckFindsPictureOfAnotherPage(t *testing.T) {
	folderOnly(t)
	a := created(t, Options{})
	s, err := a.PutCapture(rendered(day(1), "<p>We transfer data to Canada.</p>"))
	if err != nil {
		t.Fatal(err)
	}
	records, err := a.Records(s)
	if err != nil {
		t.Fatal(err)
	}
	id, err := parseUUID(records[6].ID())
	if err != nil {
		t.Fatal(err)
	}
	p, dir := placeOf(t, a, id), closed(t, a)
	rec := records[6]
	rec.Header = slices.DeleteFunc(rec.Header, func(f warc.Field) bool { return f.Name == "WARC-Block-Digest" || f.Name == "Content-Length" })
	i := slices.IndexFunc(rec.Header, func(f warc.Field) bool { return f.Name == "WARC-Refers-To" })
	rec.Header[i].Value = "<" + identify("another").String() + ">"
	var member bytes.Buffer
	if _, err := warc.NewWriter(&member).Write(rec); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, captureDir, fileName(1))
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	forged := slices.Concat(data[:p.extent.Offset], member.Bytes(), data[p.extent.Offset+p.extent.Length:])
	if err := os.WriteFile(path, forged, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Rebuild(context.Background(), dir, Options{}, nil); err != nil {
		t.Fatal(err)
	}
	if found := checked(t, opened(t, dir, Options{})); !found.Damaged() || !strings.Contains(found[0].What, "refers to") {
		t.Errorf("check: %v", found)
	}
}
