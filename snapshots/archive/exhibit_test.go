package archive

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/warc"
)

// An exhibit is whole without the archive that it comes from: of a capture, a page that has not changed, and an import with dictionaries.
func TestExhibit(t *testing.T) {
	dir := t.TempDir() + "/a"
	if err := Create(dir); err != nil {
		t.Fatal(err)
	}
	a, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	at := time.Date(2026, 6, 20, 10, 0, 0, 0, time.UTC)
	terms := snapshots.Terms{Service: "Clipzy", Type: "Privacy Policy"}
	var all []snapshots.Snapshot
	for i := range 2 {
		body := "<p>Clipzy keeps data in Norway.</p>"
		s, err := a.PutCapture(&snapshots.Capture{Terms: terms, URL: "https://clipzy.example/", FinalURL: "https://clipzy.example/", At: at.Add(time.Duration(i) * time.Hour), Status: 200,
			MediaType: "text/html", Body: []byte(body), Exchanges: []snapshots.Exchange{{URL: "https://clipzy.example/", Request: []byte("GET / HTTP/1.1\r\n\r\n"),
				Response: []byte(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body))}}})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	for i := range 30 {
		s, err := a.PutImport(snapshots.Snapshot{Terms: terms, At: at.Add(time.Duration(i) * time.Minute), MediaType: "text/markdown",
			Origin: &snapshots.Origin{Repo: "versions", Commit: fmt.Sprint(i), Path: "Clipzy/Privacy Policy.md"}}, []byte(strings.Repeat("Clipzy keeps data in Norway. ", 50)+fmt.Sprint(i)))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	longest := 0
	for _, s := range all {
		members, err := a.Exhibit(s)
		if err != nil {
			t.Fatal(err)
		}
		longest = max(longest, len(members))
		records := map[string]*warc.Record{}
		for _, m := range members {
			if records[m.ID()] != nil {
				t.Errorf("%s: record %s stands there twice", s.ID, m.ID())
			}
			for _, name := range []string{dictionary, refersTo} {
				if needs := warc.Bare(m.Header.Get(name)); needs != "" && records[needs] == nil {
					t.Errorf("%s: record %s stands before %s, which it needs", s.ID, m.ID(), needs)
				}
			}
			r := warc.NewReader(bytes.NewReader(m.Bytes), warc.Limits{})
			again, err := r.Next()
			if err != nil || again.ID() != m.ID() || r.Extent().Length != int64(len(m.Bytes)) {
				t.Errorf("%s: %v", m.ID(), err)
			}
			records[m.ID()] = m.Record
		}
		x, err := Examine(records, s.ID)
		if err != nil {
			t.Fatalf("%s: %v", s.ID, err)
		}
		if want, err := a.Body(s); err != nil || !bytes.Equal(x.Body, want) {
			t.Errorf("%s: body %q, %v", s.ID, x.Body, err)
		}
		for id, rec := range records { // without any of them, or with other bytes in it, it is not whole
			if rec.Type() == "request" || rec.Type() == "revisit" {
				continue
			}
			delete(records, id)
			if _, err := Examine(records, s.ID); err == nil {
				t.Errorf("%s is whole without record %s (%s)", s.ID, id, rec.Type())
			}
			records[id] = rec
		}
	}
	if longest < 10 {
		t.Errorf("no exhibit has more than %d records: the test wants a chain of dictionaries", longest)
	}
}
