package archive

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/warc"
	"github.com/google/go-cmp/cmp"
)

func TestCheckFindsNothing(t *testing.T) {
	a := filled(t, Options{FileSize: 30_000})
	var steps []string
	p, err := a.Check(context.Background(), func(p Progress) {
		if len(steps) == 0 || steps[len(steps)-1] != p.Step {
			steps = append(steps, p.Step)
		}
		if p.Done > p.Total {
			t.Errorf("progress %+v", p)
		}
	})
	if err != nil || len(p) > 0 {
		t.Errorf("%v, %v", p, err)
	}
	if len(steps) < 3 {
		t.Errorf("steps %q", steps)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := a.Check(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// One flipped bit anywhere in the evidence is found and named with the record that it is in. A rebuild gets at all records
// but the damaged one.
func TestCheckFindsFlippedBits(t *testing.T) {
	folderOnly(t)
	a := created(t, Options{})
	if _, err := a.PutCapture(capture(day(1), "first")); err != nil {
		t.Fatal(err)
	}
	batch := imports("Clipzy/Terms of Service.md", texts(1, 4, 1500))
	if _, err := a.PutImports(batch, Cursor{"demo-versions", "x"}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.PutCapture(capture(day(2), "second")); err != nil {
		t.Fatal(err)
	}
	var places []place
	err := a.db.View(func(tx kv.Tx) error {
		return tx.Bucket(bucketRecords).ForEach(func(_, v []byte) error {
			p, err := decodePlace(v)
			places = append(places, p)
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	dir := closed(t, a)
	for _, p := range places {
		bad := copied(t, dir)
		path := filepath.Join(bad, captureDir, fileName(1))
		overwrite(t, path, p.extent.Offset+p.extent.Length/2, func(b byte) byte { return b ^ 0x20 })
		b := opened(t, bad, Options{ReadOnly: true})
		found := checked(t, b)
		if len(found) == 0 || !found.Damaged() || found[0].File != fileName(1) || found[0].Offset != p.extent.Offset {
			t.Errorf("damage in the record at %d: %v", p.extent.Offset, found)
		}
		closed(t, b)
		if err := os.Remove(filepath.Join(bad, indexFile)); err != nil {
			t.Fatal(err)
		}
		again, err := Rebuild(context.Background(), bad, Options{}, nil)
		last := p.extent.Offset == lastPlace(places).extent.Offset
		if err != nil || len(again) == 0 || again.Damaged() == last {
			t.Errorf("rebuild with damage at %d: %v, %v", p.extent.Offset, again, err)
		}
		if s, err := opened(t, bad, Options{ReadOnly: true}).Stats(); err != nil || s.Records < len(places)-4 || s.Records >= len(places) {
			t.Errorf("rebuild with damage at %d: %d of %d records, %v", p.extent.Offset, s.Records, len(places), err)
		}
	}
}

func lastPlace(places []place) place {
	last := places[0]
	for _, p := range places {
		if p.extent.Offset > last.extent.Offset {
			last = p
		}
	}
	return last
}

// Damage that keeps every checksum right is found by what the records say of each other.
func TestCheckFindsTampering(t *testing.T) {
	folderOnly(t)
	a := created(t, Options{})
	out, err := a.PutImports(imports("Clipzy/Privacy Policy.md", texts(1, 3, 1500)), Cursor{})
	if err != nil {
		t.Fatal(err)
	}
	dir := closed(t, a)
	path := filepath.Join(dir, captureDir, fileName(1))
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	id := identify("body", string(out[1].Body))
	reader := opened(t, dir, Options{ReadOnly: true})
	p := placeOf(t, reader, id)
	rec, err := reader.captures.read(p)
	if err != nil {
		t.Fatal(err)
	}
	if rec.Block, err = reader.codec.encode([]byte("We never transfer anything."), nil); err != nil {
		t.Fatal(err)
	}
	rec.Header = slices.DeleteFunc(rec.Header, func(f warc.Field) bool {
		return f.Name == "WARC-Block-Digest" || f.Name == "Content-Length" || f.Name == dictionary
	})
	var member bytes.Buffer
	if _, err := warc.NewWriter(&member).Write(rec); err != nil {
		t.Fatal(err)
	}
	end := p.extent.Offset + p.extent.Length
	forged := slices.Concat(data[:p.extent.Offset], member.Bytes(), data[end:])
	bad := copied(t, dir)
	if err := os.WriteFile(filepath.Join(bad, captureDir, fileName(1)), forged, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Rebuild(context.Background(), bad, Options{}, nil); err != nil {
		t.Fatal(err)
	}
	b := opened(t, bad, Options{})
	found := checked(t, b)
	if !found.Damaged() || found[0].Record != id.String() || !strings.Contains(found[0].What, "hash") {
		t.Errorf("check: %v", found)
	}
	if _, err := b.Body(out[1]); !errors.Is(err, ErrDamaged) {
		t.Errorf("forged body: %v", err)
	}
}

// A missing or shortened capture file is damage, not a crash to be mended.
func TestEvidenceIsGone(t *testing.T) {
	folderOnly(t)
	dir := closed(t, filled(t, Options{FileSize: 15_000}))
	for name, harm := range map[string]func(string) error{
		"first file missing": func(d string) error { return os.Remove(filepath.Join(d, captureDir, fileName(1))) },
		"cut in the middle":  func(d string) error { return os.Truncate(filepath.Join(d, captureDir, fileName(2)), 5000) },
	} {
		bad := copied(t, dir)
		if err := harm(bad); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(bad, Options{}); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: open for writing says %v", name, err)
		}
		a := opened(t, bad, Options{ReadOnly: true})
		if p := checked(t, a); !p.Damaged() {
			t.Errorf("%s: check says %v", name, p)
		}
		closed(t, a)
		if p, err := Rebuild(context.Background(), bad, Options{}, nil); err != nil || !p.Damaged() {
			t.Errorf("%s: rebuild says %v, %v", name, p, err)
		}
	}
}

// Whatever is wrong in the index alone is named; the evidence stands.
func TestCheckFindsWrongIndex(t *testing.T) {
	dir := closed(t, filled(t, Options{}))
	first := func(b kv.Bucket) []byte { k, _ := b.Cursor().First(); return k }
	for name, harm := range map[string]func(kv.Tx) error{
		"records lacks":      func(tx kv.Tx) error { b := tx.Bucket(bucketRecords); return b.Delete(first(b)) },
		"records says":       func(tx kv.Tx) error { b := tx.Bucket(bucketRecords); return b.Put(first(b), make([]byte, 21)) },
		"snapshots lacks":    func(tx kv.Tx) error { b := tx.Bucket(bucketSnapshots); return b.Delete(first(b)) },
		"cursors says":       func(tx kv.Tx) error { return tx.Bucket(bucketCursors).Put([]byte("demo-versions"), []byte("z")) },
		"cursors holds":      func(tx kv.Tx) error { return tx.Bucket(bucketCursors).Put([]byte("other"), []byte("z")) },
		"declarations lacks": func(tx kv.Tx) error { b := tx.Bucket(bucketDeclarations); return b.Delete(first(b)) },
		"bodies lacks":       func(tx kv.Tx) error { b := tx.Bucket(bucketBodies); return b.Delete(first(b)) },
		"annexes lacks":      func(tx kv.Tx) error { b := tx.Bucket(bucketAnnexes); return b.Delete(first(b)) },
		"history lacks": func(tx kv.Tx) error {
			b := tx.Bucket(bucketHistory)
			return b.Delete(first(b))
		},
		"document ": func(tx kv.Tx) error {
			b := tx.Bucket(bucketDocuments)
			return b.Put(first(b), []byte("\x00nonsense"))
		},
		"not in the archive": func(tx kv.Tx) error { b := tx.Bucket(bucketDocuments); return b.Delete(first(b)) },
		"stand in a timeline": func(tx kv.Tx) error {
			b := tx.Bucket(bucketTimeline)
			return b.Delete(first(b))
		},
		"terms says": func(tx kv.Tx) error {
			b := tx.Bucket(bucketTerms)
			return b.Put(first(b), []byte("9999"))
		},
		"among those of other terms": func(tx kv.Tx) error {
			b := tx.Bucket(bucketTimeline)
			k, v := b.Cursor().First()
			return b.Put(append([]byte("9999"), k[4:]...), v)
		},
		"on another date": func(tx kv.Tx) error {
			b := tx.Bucket(bucketTimeline)
			k, v := b.Cursor().First()
			return b.Put(slices.Concat(k[:4], timeKey(day(-9)), k[12:]), v)
		},
		"its content has the ID": func(tx kv.Tx) error {
			b := tx.Bucket(bucketVersions)
			k, v := b.Cursor().First()
			line, err := unpackLine(v)
			if err != nil {
				return err
			}
			return b.Put(k, packLine([]byte(strings.Replace(string(line), `"lines/1"`, `"lines/2"`, 1))))
		},
		"pending is false, should be true": func(tx kv.Tx) error { b := tx.Bucket(bucketVersions); return b.Delete(first(b)) },
	} {
		bad := copied(t, dir)
		a := opened(t, bad, Options{})
		if err := a.db.Update(harm); err != nil {
			t.Fatal(err)
		}
		found := checked(t, a)
		var text []string
		for _, p := range found {
			text = append(text, p.String())
		}
		if all := strings.Join(text, "\n"); !found.Damaged() || !strings.Contains(all, name) {
			t.Errorf("%q is not among the problems: %s", name, all)
		}
		closed(t, a)
	}
}

func TestProblem(t *testing.T) {
	p := Problem{File: "000001.warc.gz", Offset: 7, Record: "urn:uuid:x", What: "is torn"}
	if d := cmp.Diff("000001.warc.gz offset 7 record urn:uuid:x: is torn", p.String()); d != "" {
		t.Error(d)
	}
	if (Problems{{Note: true}}).Damaged() || !(Problems{{Note: true}, {}}).Damaged() {
		t.Error("a note is no damage")
	}
}
