package archive

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/warc"
	"github.com/google/go-cmp/cmp"
	bolt "go.etcd.io/bbolt"
)

func TestVersions(t *testing.T) {
	a := created(t, Options{})
	bodies := texts(1, 45, 4000)
	if _, err := a.PutImports(imports("Clipzy/Privacy Policy.md", bodies), Cursor{}); err != nil {
		t.Fatal(err)
	}
	var want []snapshots.Version
	var batch []Reading
	for s, err := range a.Pending() {
		if err != nil {
			t.Fatal(err)
		}
		r := reading(t, a, s)
		want, batch = append(want, r.Version), append(batch, r)
	}
	if err := a.PutVersions(batch); err != nil {
		t.Fatal(err)
	}
	if n := len(all(t, a.Pending())); n != 0 {
		t.Errorf("%d still pending", n)
	}
	before := dumped(t, a, true)
	if err := a.PutVersions(batch[:3]); err != nil { // the same again
		t.Fatal(err)
	}
	if d := cmp.Diff(before, dumped(t, a, true)); d != "" {
		t.Error(d)
	}
	if err := a.ReadAgain(clipzy); err != nil {
		t.Fatal(err)
	}
	if n, m := len(all(t, a.Pending())), len(all(t, a.Versions(clipzy))); n != len(want) || m != 0 {
		t.Errorf("to be read again: %d pending, %d versions", n, m)
	}
	if err := a.PutVersions(batch); err != nil {
		t.Fatal(err)
	}
	b := opened(t, closed(t, a), Options{})
	if d := cmp.Diff(want, all(t, b.Versions(clipzy))); d != "" {
		t.Error(d)
	}
	for i := len(want) - 1; i >= 0; i-- {
		b.bodies = newCache(1 << 20)
		d, err := b.Document(want[i].Document)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(document(string(bodies[i])), d); diff != "" {
			t.Errorf("document %d: %s", i, diff)
		}
		if v, err := b.Version(want[i].ID); err != nil || !cmp.Equal(v, want[i]) {
			t.Errorf("version %d: %+v, %v", i, v, err)
		}
	}
	for _, err := range []error{second(b.Version("0123456789abcdef")), second(b.Document(snapshots.HashOf(nil)))} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("what is not there: %v", err)
		}
	}
	sound(t, b)
}

func second[T any](_ T, err error) error { return err }

// Chains of documents are bounded like those of bodies, and documents of one line of history build on each other.
func TestDocumentChains(t *testing.T) {
	a := filled(t, Options{})
	alone, longest := 0, 0
	err := a.db.View(func(tx kv.Tx) error {
		return tx.Bucket(bucketDocuments).ForEach(func(_, v []byte) error {
			p, err := unpack(v)
			if err != nil {
				return err
			}
			if p.depth == 0 {
				alone++
			}
			longest = max(longest, int(p.depth)+1)
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if alone != 5 || longest != maxChain { // Clipzy 1 of 12, Nordlicht Mail 3 of 45, Petit Panier 1 of 5
		t.Errorf("%d documents alone, longest chain %d", alone, longest)
	}
}

// The chain of a long text that changes little goes on behind a document further up when it is full, not with one that stands alone.
func TestDocumentChainGoesOn(t *testing.T) {
	a := created(t, Options{})
	if _, err := a.PutImports(imports("Clipzy/Privacy Policy.md", texts(4, 45, 60_000)), Cursor{}); err != nil {
		t.Fatal(err)
	}
	derive(t, a)
	depths := map[byte]int{}
	err := a.db.View(func(tx kv.Tx) error {
		return tx.Bucket(bucketDocuments).ForEach(func(_, v []byte) error {
			p, err := unpack(v)
			depths[p.depth]++
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if depths[0] != 1 || depths[1] > 3 || depths[maxChain-1] < 2 {
		t.Errorf("documents by depth: %v", depths)
	}
	sound(t, a)
}

// A document may be given as it is packed.
func TestPackedDocument(t *testing.T) {
	a := created(t, Options{})
	if _, err := a.PutImports(imports("Clipzy/Privacy Policy.md", texts(1, 2, 4000)), Cursor{}); err != nil {
		t.Fatal(err)
	}
	for s, err := range a.Pending() {
		if err != nil {
			t.Fatal(err)
		}
		r := reading(t, a, s)
		want := r.Document
		if r.Packed, err = want.Pack(); err != nil {
			t.Fatal(err)
		}
		r.Document = nil
		wrong := r
		wrong.Packed = append([]byte(" "), r.Packed...)
		if err := a.PutVersions([]Reading{wrong}); err == nil {
			t.Error("a document that the version does not state was taken")
		}
		if err := a.PutVersions([]Reading{r}); err != nil {
			t.Fatal(err)
		}
		got, err := a.Document(r.Version.Document)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	}
	sound(t, a)
}

func TestVersionWithAnnexes(t *testing.T) {
	a := created(t, Options{})
	var last snapshots.Version
	for i := range 3 {
		s, err := a.PutCapture(capture(day(i), fmt.Sprint("policy ", i)))
		if err != nil {
			t.Fatal(err)
		}
		x, err := a.PutCapture(annex(day(i), fmt.Sprint("sub-processors ", i)))
		if err != nil {
			t.Fatal(err)
		}
		doc, list := document(fmt.Sprint("policy ", i)), document(fmt.Sprint("sub-processors ", i))
		v := snapshots.Version{Terms: clipzy, Snapshot: s.ID, Date: s.At, Document: hashOf(t, doc), Cause: snapshots.TermsCh, Reader: "lines/1", Previous: last.ID,
			Annexes: []snapshots.Annex{{Snapshot: x.ID, URL: x.URL, Document: hashOf(t, list)}, {Snapshot: x.ID, URL: "https://clipzy.example/gone", Problem: "not found"}}}
		if err := v.Identify(); err != nil {
			t.Fatal(err)
		}
		if err := a.PutVersion(v, doc, []*snapshots.Document{list}); err != nil {
			t.Fatal(err)
		}
		if d, err := a.Document(v.Annexes[0].Document); err != nil || !cmp.Equal(d, list) {
			t.Errorf("annex: %v, %v", d, err)
		}
		last = v
	}
	sound(t, a)
}

func TestRefusedVersionIsNotPending(t *testing.T) {
	a := created(t, Options{})
	s, err := a.PutCapture(capture(day(1), "verify that you are human"))
	if err != nil {
		t.Fatal(err)
	}
	v := snapshots.Version{Terms: clipzy, Snapshot: s.ID, Date: s.At, Cause: snapshots.First, Reader: "lines/1", Refused: "asks for a proof that a human reads it"}
	if err := v.Identify(); err != nil {
		t.Fatal(err)
	}
	if err := a.PutVersion(v, nil, nil); err != nil {
		t.Fatal(err)
	}
	if n := len(all(t, a.Pending())); n != 0 {
		t.Errorf("%d pending", n)
	}
	if d := cmp.Diff([]snapshots.Version{v}, all(t, a.Versions(clipzy))); d != "" {
		t.Error(d)
	}
	sound(t, a)
}

// A version that does not fit together is refused, and nothing of its batch is kept.
func TestPutVersionRefuses(t *testing.T) {
	a := created(t, Options{})
	s, err := a.PutCapture(capture(day(1), "policy"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := a.PutCapture(capture(day(2), "policy, new"))
	if err != nil {
		t.Fatal(err)
	}
	before := dumped(t, a, true)
	for name, change := range map[string]func(*Reading){
		"another ID":        func(r *Reading) { r.Version.ID = "0000000000000000" },
		"no snapshot":       func(r *Reading) { r.Version.Snapshot = identify("x").String(); r.Version.Identify() },
		"no terms":          func(r *Reading) { r.Version.Terms = snapshots.Terms{}; r.Version.Identify() },
		"another document":  func(r *Reading) { r.Document = document("something else") },
		"document missing":  func(r *Reading) { r.Document = nil },
		"document too many": func(r *Reading) { r.Annexes = append(r.Annexes, document("annex of nothing")) },
		"annex missing": func(r *Reading) {
			r.Version.Annexes = []snapshots.Annex{{URL: "x", Document: hashOf(t, document("annex"))}}
			r.Version.Identify()
		},
	} {
		good, bad := reading(t, a, other), reading(t, a, s)
		change(&bad)
		if err := a.PutVersions([]Reading{good, bad}); err == nil {
			t.Errorf("%s: was put", name)
		}
	}
	if d := cmp.Diff(before, dumped(t, a, true)); d != "" {
		t.Error(d)
	}
}

func TestDerived(t *testing.T) {
	a := created(t, Options{})
	long := bytes.Repeat([]byte(`{"finding":"transfer"}`), 1000)
	for key, value := range map[string][]byte{"long": long, "empty": {}, "short": []byte("x")} {
		if err := a.PutDerived("report", key, value); err != nil {
			t.Fatal(err)
		}
		if got, err := a.Derived("report", key); err != nil || !bytes.Equal(got, value) {
			t.Errorf("%s: %d bytes, %v", key, len(got), err)
		}
	}
	if err := a.PutDerived("report", "short", nil); err != nil {
		t.Fatal(err)
	}
	for _, key := range [][2]string{{"report", "short"}, {"report", "none"}, {"none", "x"}} {
		if _, err := a.Derived(key[0], key[1]); !errors.Is(err, ErrNotFound) {
			t.Errorf("%v: %v", key, err)
		}
	}
	if err := a.PutDerived("", "x", long); err == nil {
		t.Error("a value of no kind was put")
	}
	if err := a.PutAllDerived("words", map[string][]byte{"a": long, "b": []byte("b")}); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string][]byte{"a": long, "b": []byte("b")} {
		if got, err := a.Derived("words", key); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, %v", key, len(got), err)
		}
	}
	if err := a.PutAllDerived("words", map[string][]byte{"c": long, "": long}); err == nil {
		t.Error("a value of no key was put")
	}
	if _, err := a.Derived("words", "c"); !errors.Is(err, ErrNotFound) {
		t.Errorf("one of two values was put: %v", err)
	}
}

// The state of terms changes with their versions, and with nothing else.
func TestStates(t *testing.T) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	a := filled(t, Options{})
	before, err := a.States()
	must(err)
	if len(before) == 0 {
		t.Fatal("no terms")
	}
	must(a.PutDerived("words", "a", []byte("b")))
	now, err := a.States()
	must(err)
	if d := cmp.Diff(before, now); d != "" {
		t.Error(d)
	}
	for terms := range before {
		must(a.ReadAgain(terms))
		now, err := a.States()
		must(err)
		if _, there := now[terms]; there || len(now) != len(before)-1 {
			t.Errorf("%s has a state without versions: %v", terms, now)
		}
		break
	}
}

// The archive is written to while sequences are read, and by several at a time.
func TestConcurrentUse(t *testing.T) {
	a := filled(t, Options{})
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n, text := range texts(uint64(i), 10, 1000) {
				c := capture(day(400+n), string(text))
				c.Terms.Service = fmt.Sprint("Service ", i)
				s, err := a.PutCapture(c)
				if err != nil {
					t.Error(err)
					return
				}
				if body, err := a.Body(s); err != nil || !bytes.Equal(body, text) {
					t.Errorf("body: %v", err)
				}
			}
		})
	}
	for range 3 {
		for _, err := range a.Snapshots(clipzy) {
			if err != nil {
				t.Error(err)
			}
		}
	}
	wg.Wait()
	derive(t, a)
	sound(t, a)
}

// Whatever a record says, it is indexed or refused as such: nothing breaks.
func FuzzIndex(f *testing.F) {
	f.Add("metadata", typeEntries, "", `{"declaration":{"service":"Clipzy","terms_type":"x","sources":null,"added":"2026-01-01T00:00:00Z"}}`)
	f.Add("metadata", typeEntries, "", `{"snapshot":{"id":"`+identify("a").String()+`","terms":{"service":"a","terms_type":"b"},"at":"2026-01-01T00:00:00Z","media_type":"","body":"`+string(snapshots.HashOf(nil))+`","size":1}}`+"\n"+`{"cursor":{"repo":"r","commit":"c"}}`)
	f.Add("resource", typeZstd, bodyURI+string(snapshots.HashOf(nil)), "x")
	f.Add("metadata", typeEntries, "", "{}\n\n[]")
	dir := f.TempDir()
	db, err := bolt.Open(dir+"/index.db", 0o600, &bolt.Options{NoSync: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { db.Close() })
	if err := (kv.Bolt{DB: db}).Update(makeBuckets); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, typ, content, uri, block string) {
		rec := &warc.Record{Block: []byte(block), Header: warc.Header{{Name: "WARC-Type", Value: typ}, {Name: "Content-Type", Value: content},
			{Name: "WARC-Target-URI", Value: uri}, {Name: "WARC-Record-ID", Value: warc.Bracket(identify("fuzz", block).String())}}}
		tx, err := db.Begin(true)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		if err := index(kv.BoltTx{Tx: tx}, place{file: 1}, rec); err != nil && !errors.Is(err, errEntry) {
			t.Fatal(err)
		}
	})
}

func FuzzUnpack(f *testing.F) {
	c := newCodec()
	frame, _ := c.encode([]byte("We transfer data to Canada."), []byte("We transfer data to Norway."))
	f.Add(append([]byte{0}, frame...))
	f.Add(append([]byte{3}, frame...))
	f.Add([]byte{0x28, 0xb5, 0x2f, 0xfd, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := unpack(b)
		if err != nil {
			return
		}
		if text, err := c.decode(p.frame, []byte("We transfer data to Norway.")); err == nil && len(text) > MaxBody {
			t.Fatalf("%d bytes", len(text))
		}
	})
}
