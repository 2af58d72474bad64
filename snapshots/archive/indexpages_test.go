package archive

// These tests damage the index, page by page, and see that it is named, or that nothing that it says has changed.

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drittland/drittland/snapshots/archive/kv"
	bolt "go.etcd.io/bbolt"
)

// indexSays is everything that an index says, or what is wrong with it.
func indexSays(t testing.TB, dir string) (string, Problems) {
	t.Helper()
	a, err := Open(dir, Options{ReadOnly: true})
	if err != nil {
		if !errors.Is(err, ErrNoIndex) {
			t.Errorf("open: %v", err)
		}
		return "", Problems{{File: indexFile, What: err.Error()}}
	}
	defer a.Close()
	p, err := a.Check(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if p.Damaged() {
		return "", p
	}
	if err := a.Dump(&b, true); err != nil {
		t.Errorf("dump: %v", err)
	}
	return b.String(), p
}

// A byte of the index that is flipped anywhere, and an index that is cut short anywhere, is named as the index, and no capture is blamed; or the byte is
// in no use. Nothing panics, and what is made anew is whole.
func TestDamagedIndex(t *testing.T) {
	folderOnly(t)
	dir := closed(t, filled(t, Options{}))
	path := filepath.Join(dir, indexFile)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, p := indexSays(t, dir)
	if len(p) > 0 {
		t.Fatal(p)
	}
	r := rand.New(rand.NewPCG(5, 6))
	page := os.Getpagesize()
	named := 0
	for i := range 160 {
		b := bytes.Clone(whole)
		at := r.IntN(len(b))
		switch {
		case i < 20:
			b = b[:at]
		case i < 90: // the heads of pages and of what is in them, where damage leads farthest
			at = at/page*page + r.IntN(96)
			fallthrough
		default:
			b[at] ^= 1 << r.IntN(8)
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		got, p := indexSays(t, dir)
		for _, x := range p {
			if x.File != indexFile && !x.Note {
				t.Errorf("byte %d of %d: %s is blamed", at, len(b), x)
			}
		}
		if !p.Damaged() && got != want {
			t.Errorf("byte %d of %d: nothing is named, but it says something else", at, len(b))
		}
		if p.Damaged() {
			named++
		}
		if i%20 > 0 {
			continue
		}
		if p, err := Rebuild(context.Background(), dir, Options{}, nil); err != nil || p.Damaged() {
			t.Fatalf("byte %d: rebuild says %v, %v", at, p, err)
		}
		a := opened(t, dir, Options{})
		derive(t, a)
		sound(t, a)
		closed(t, a)
	}
	if named < 40 {
		t.Errorf("%d of 160 damages are named", named)
	}
}

// A file that is made to harm is refused or walked, within its own size.
func FuzzIndexPages(f *testing.F) {
	path := filepath.Join(f.TempDir(), indexFile)
	db, err := bolt.Open(path, 0o600, &bolt.Options{PageSize: 1024})
	if err == nil {
		err = errors.Join(kv.Bolt{DB: db}.Update(makeBuckets), kv.Bolt{DB: db}.Update(func(tx kv.Tx) error { return progress{leaves: 7}.put(tx) }), db.Close())
	}
	seed, again := os.ReadFile(path)
	if err := errors.Join(err, again); err != nil {
		f.Fatal(err)
	}
	seed = bytes.TrimRight(seed, "\x00")
	seed = append(seed, make([]byte, 4096-len(seed)%1024)...)
	if err := os.WriteFile(path, seed, 0o600); err != nil {
		f.Fatal(err)
	}
	if err := checkPages(path, 3, 1024); err != nil {
		f.Fatal(err)
	}
	f.Add(uint(4096), []byte("\xff\xff\xff"))
	f.Add(uint(2058), []byte{2})
	f.Fuzz(func(t *testing.T, at uint, with []byte) {
		b := bytes.Clone(seed)
		copy(b[at%uint(len(b)):], with)
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		_ = checkPages(path, 3, 1024) // neither panics nor goes in circles
	})
}
