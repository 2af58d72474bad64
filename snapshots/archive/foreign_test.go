package archive

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/warc"
	"github.com/google/go-cmp/cmp"
)

const strangersPage = "https://clipzy.example/privacy"

// ofOthers is a capture that others made.
func ofOthers(n int, body string) Foreign {
	id := fmt.Sprintf("urn:uuid:00000000-0000-4000-8000-%012d", n)
	block := "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n" + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body)
	rec := func(typ, block string) []byte {
		return []byte(fmt.Sprintf("WARC/1.0\r\nWARC-Type: %s\r\nWARC-Record-ID: <%s>\r\nContent-Length: %d\r\n\r\n%s", typ, id, len(block), block))
	}
	return Foreign{Body: []byte(body), Records: [][]byte{rec("response", block), rec("request", "GET / HTTP/1.1\r\n\r\n")},
		Snapshot: snapshots.Snapshot{Terms: clipzy, URL: strangersPage, FinalURL: strangersPage, At: day(n), Status: 200, MediaType: "text/html",
			ThirdParty: &snapshots.ThirdParty{File: "x.warc.gz", SHA256: snapshots.HashOf([]byte("x")), Record: id, Digests: "none"}}}
}

func TestForeign(t *testing.T) {
	a := filled(t, Options{})
	batch := []Foreign{ofOthers(1, "We keep your data."), ofOthers(2, "We keep your data."), ofOthers(1, "We keep your data."), ofOthers(3, "")}
	out, added, err := a.PutForeign(batch)
	if err != nil || added != 3 || out[0].ID != out[2].ID {
		t.Fatal(added, err)
	}
	if _, added, err := a.PutForeign(batch); err != nil || added != 0 {
		t.Fatalf("once more: %d new, %v", added, err)
	}
	moved := ofOthers(1, "We keep your data.")
	moved.Snapshot.ThirdParty.File, moved.Snapshot.ThirdParty.Within = "y.wacz", "archive/data.warc.gz"
	if _, added, err := a.PutForeign([]Foreign{moved}); err != nil || added != 0 {
		t.Fatalf("the same record in another file: %d new, %v", added, err)
	}
	for i, f := range batch {
		if body, err := a.Body(out[i]); err != nil || !bytes.Equal(body, f.Body) {
			t.Errorf("body %q, %v", body, err)
		}
		records, err := a.Records(out[i])
		if err != nil || len(records) != 2 || !bytes.Equal(records[0].Block, f.Records[0]) || !bytes.Equal(records[1].Block, f.Records[1]) {
			t.Errorf("records are not kept as they were: %v", err)
		}
		if d := cmp.Diff(f.Snapshot.ThirdParty, out[i].ThirdParty); d != "" {
			t.Error(d)
		}
	}
	sound(t, a)
	want := dumped(t, a, false)
	dir := closed(t, a)
	if _, err := Rebuild(t.Context(), dir, Options{}, nil); err != nil {
		t.Fatal(err)
	}
	a = opened(t, dir, Options{})
	if d := cmp.Diff(want, dumped(t, a, false)); d != "" {
		t.Error(d)
	}
	if _, err := a.PutCapture(plainCapture(day(400), "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\nWe keep your data.", "We keep your data.")); err != nil {
		t.Fatal(err)
	}
	sound(t, a) // a page of our own with the same body is kept whole
	if _, ok, err := a.Validator(clipzy, strangersPage); err != nil || ok {
		t.Errorf("what others were told by the server is sent back to it: %v, %v", ok, err)
	}
}

// Nothing in a record of others is taken for a record of the archive: neither entries nor bodies, revisits or names.
func TestForeignCannotCommand(t *testing.T) {
	a := created(t, Options{})
	own, err := a.PutCapture(capture(day(1), "our own"))
	if err != nil {
		t.Fatal(err)
	}
	line := `{"declaration":{"service":"Evil","terms_type":"Privacy Policy","sources":[{"url":"https://evil.example/"}],"added":"2026-01-01T00:00:00Z"}}` + "\n"
	f := ofOthers(2, "x")
	f.Records = append(f.Records,
		[]byte(fmt.Sprintf("WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: <%s>\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", own.ID, typeEntries, len(line), line)),
		[]byte("WARC/1.1\r\nWARC-Type: resource\r\nWARC-Target-URI: "+bodyURI+string(own.Body)+"\r\nContent-Type: "+typeZstd+"\r\nContent-Length: 1\r\n\r\nx"))
	if _, _, err := a.PutForeign([]Foreign{f}); err != nil {
		t.Fatal(err)
	}
	sound(t, a)
	if d, err := a.Declarations(); err != nil || len(d) > 0 {
		t.Errorf("declared: %v, %v", d, err)
	}
	if body, err := a.Body(own); err != nil || string(body) != "our own" {
		t.Errorf("%q, %v", body, err)
	}
}

func TestForeignRefuses(t *testing.T) {
	a := created(t, Options{})
	for name, change := range map[string]func(*Foreign){
		"no record":      func(f *Foreign) { f.Records = nil },
		"no third party": func(f *Foreign) { f.Snapshot.ThirdParty = nil },
		"no name":        func(f *Foreign) { f.Snapshot.ThirdParty.Record = "" },
		"wrong holder":   func(f *Foreign) { f.Holder = 7 },
		"no date":        func(f *Foreign) { f.Snapshot.At = day(0).AddDate(-3000, 0, 0); f.Snapshot.Terms.Service = "" },
	} {
		f := ofOthers(1, "x")
		change(&f)
		if _, _, err := a.PutForeign([]Foreign{f}); err == nil {
			t.Errorf("%s: was put", name)
		}
	}
}

func TestCheckFindsForeignOfAnotherKind(t *testing.T) {
	a := created(t, Options{})
	f := ofOthers(1, "We keep your data.")
	f.Records[1] = []byte("this is no record")
	if _, _, err := a.PutForeign([]Foreign{f}); err != nil {
		t.Fatal(err)
	}
	if found := checked(t, a); len(found) != 1 || !strings.Contains(found[0].What, warc.ErrNotWARC.Error()) {
		t.Errorf("%v", found)
	}
}
