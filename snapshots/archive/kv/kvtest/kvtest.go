// Package kvtest is what every index of an archive must pass.
package kvtest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/drittland/drittland/snapshots/archive/kv"
)

// The buckets that the tests use: one that holds values, one that holds buckets.
var (
	flat   = []byte("records")
	nested = []byte("tellings")
)

// Conformance tests indexes that open makes: each empty, with the buckets that an archive has.
func Conformance(t *testing.T, open func(testing.TB) kv.DB) {
	t.Run("Model", func(t *testing.T) { db := open(t); rapid.Check(t, func(r *rapid.T) { model(r, db) }) })
	t.Run("AllOrNothing", func(t *testing.T) { allOrNothing(t, open(t)) })
	t.Run("Views", func(t *testing.T) { views(t, open(t)) })
	t.Run("Sequences", func(t *testing.T) { sequences(t, open(t)) })
	t.Run("Long", func(t *testing.T) { long(t, open(t)) })
	t.Run("Together", func(t *testing.T) { together(t, open(t)) })
	t.Run("Nested", func(t *testing.T) { inner(t, open(t)) })
}

func must(t interface{ Fatal(...any) }, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

// model compares a bucket with a map while transactions change both.
func model(r *rapid.T, db kv.DB) {
	want := map[string]string{}
	must(r, db.Alone(func(tx kv.Tx) error {
		must(r, tx.DeleteBucket(flat))
		_, err := tx.CreateBucketIfNotExists(flat)
		return err
	}))
	key := rapid.Custom(func(t *rapid.T) string {
		return string(rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 'a', 'b', 0x7f, 0x80, 0xff}), 1, 4).Draw(t, "key"))
	})
	for range rapid.IntRange(1, 4).Draw(r, "transactions") {
		must(r, db.Update(func(tx kv.Tx) error {
			b := tx.Bucket(flat)
			for range rapid.IntRange(0, 20).Draw(r, "steps") {
				k := key.Draw(r, "k")
				switch rapid.IntRange(0, 6).Draw(r, "what") {
				case 0, 1, 2:
					v := rapid.StringN(0, 20, 60).Draw(r, "v")
					must(r, b.Put([]byte(k), []byte(v)))
					want[k] = v
				case 3:
					must(r, b.Delete([]byte(k)))
					delete(want, k)
				case 4:
					if got, has := b.Get([]byte(k)), want[k]; string(got) != has || (got == nil) == func() bool { _, ok := want[k]; return ok }() {
						r.Fatalf("key %q: %q, not %q", k, got, has)
					}
				case 5:
					walk(r, b, want, k)
				case 6:
					must(r, kv.Fetch(tx, kv.Need{Bucket: flat, Keys: [][]byte{[]byte(k)}, Last: rapid.IntRange(0, 4).Draw(r, "last")}))
				}
			}
			return nil
		}))
		must(r, db.View(func(tx kv.Tx) error {
			must(r, kv.Fetch(tx, kv.Need{Bucket: flat, Last: rapid.IntRange(0, 4).Draw(r, "last")}))
			walk(r, tx.Bucket(flat), want, key.Draw(r, "from"))
			if n := tx.Bucket(flat).Len(); n != len(want) {
				r.Fatalf("%d keys, not %d", n, len(want))
			}
			return nil
		}))
	}
}

// walk goes through a bucket in every way.
func walk(r *rapid.T, b kv.Bucket, want map[string]string, from string) {
	var keys []string
	for k := range want {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var got, back, behind []string
	must(r, b.ForEach(func(k, v []byte) error {
		if v == nil || want[string(k)] != string(v) {
			r.Fatalf("key %q holds %q", k, v)
		}
		got = append(got, string(k))
		return nil
	}))
	c := b.Cursor()
	for k, _ := c.Last(); k != nil; k, _ = c.Prev() {
		back = append(back, string(k))
	}
	slices.Reverse(back)
	for k, _ := c.Seek([]byte(from)); k != nil; k, _ = c.Next() {
		behind = append(behind, string(k))
	}
	n, _ := slices.BinarySearch(keys, from)
	if d := cmp.Diff(keys, got); d != "" {
		r.Fatal(d)
	}
	if d := cmp.Diff(keys, back); d != "" {
		r.Fatal(d)
	}
	if !slices.Equal(keys[n:], behind) {
		r.Fatalf("from %q: %q, not %q", from, behind, keys[n:])
	}
	if k, _ := c.Seek([]byte(from)); k != nil && n > 0 {
		if k, _ := c.Prev(); string(k) != keys[n-1] {
			r.Fatalf("before %q: %q, not %q", from, k, keys[n-1])
		}
	}
}

func allOrNothing(t *testing.T, db kv.DB) {
	broken := errors.New("broken")
	err := db.Update(func(tx kv.Tx) error {
		must(t, tx.Bucket(flat).Put([]byte("a"), []byte("1")))
		tx.Bucket(flat).Cursor().First()
		return broken
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	must(t, db.View(func(tx kv.Tx) error {
		if tx.Bucket(flat).Get([]byte("a")) != nil {
			t.Error("what was broken off is there")
		}
		if tx.Bucket(flat).Put([]byte("a"), nil) == nil {
			t.Error("a view can be written to")
		}
		if tx.Bucket([]byte("nothing")) != nil {
			t.Error("there is a bucket that nobody made")
		}
		return nil
	}))
}

// views shows that a view stays as it was while others write.
func views(t *testing.T, db kv.DB) {
	must(t, db.Update(func(tx kv.Tx) error { return tx.Bucket(flat).Put([]byte("a"), []byte("1")) }))
	must(t, db.View(func(tx kv.Tx) error {
		if v := tx.Bucket(flat).Get([]byte("a")); string(v) != "1" {
			t.Errorf("%q", v)
		}
		done := make(chan error)
		go func() {
			done <- db.Update(func(tx kv.Tx) error { return tx.Bucket(flat).Put([]byte("a"), []byte("2")) })
		}()
		must(t, <-done)
		if v := tx.Bucket(flat).Get([]byte("a")); string(v) != "1" {
			t.Errorf("a view has changed: %q", v)
		}
		return nil
	}))
}

func sequences(t *testing.T, db kv.DB) {
	for i := range 6 {
		must(t, db.Append(func(tx kv.Tx) error {
			b := tx.Bucket(flat)
			if b.Sequence() != uint64(i) {
				t.Errorf("sequence %d, not %d", b.Sequence(), i)
			}
			n, err := b.NextSequence()
			if n != uint64(i+1) || b.Sequence() != n {
				t.Errorf("next %d, not %d", n, i+1)
			}
			return err
		}))
	}
	must(t, db.Append(func(tx kv.Tx) error { return tx.Bucket(flat).SetSequence(40) }))
	must(t, db.Append(func(tx kv.Tx) error {
		if n, err := tx.Bucket(flat).NextSequence(); err != nil || n != 41 {
			t.Errorf("behind one that was set: %d, %v", n, err)
		}
		return nil
	}))
	must(t, db.View(func(tx kv.Tx) error {
		if tx.Bucket(flat).SetSequence(1) == nil {
			t.Error("a view can be written to")
		}
		return nil
	}))
}

// long goes through more keys than a page has.
func long(t *testing.T, db kv.DB) {
	const n = 3000
	must(t, db.Update(func(tx kv.Tx) error {
		for i := range n {
			must(t, tx.Bucket(flat).Put(fmt.Appendf(nil, "%05d", i), bytes.Repeat([]byte{byte(i)}, i%50)))
		}
		return nil
	}))
	must(t, db.View(func(tx kv.Tx) error {
		c := tx.Bucket(flat).Cursor()
		i := 0
		for k, v := c.First(); k != nil; k, v = c.Next() {
			if string(k) != fmt.Sprintf("%05d", i) || len(v) != i%50 {
				t.Fatalf("key %d is %q", i, k)
			}
			i++
		}
		for k, _ := c.Last(); k != nil; k, _ = c.Prev() {
			if i--; string(k) != fmt.Sprintf("%05d", i) {
				t.Fatalf("key %d is %q", i, k)
			}
		}
		for i := 100; i < n; i += 700 { // there and back
			c.Seek(fmt.Appendf(nil, "%05d", i))
			for range 50 {
				c.Next()
			}
			for range 49 {
				c.Prev()
			}
			if k, _ := c.Prev(); string(k) != fmt.Sprintf("%05d", i) {
				t.Errorf("%q, not %d", k, i)
			}
		}
		return nil
	}))
}

// together counts with many at a time: none overwrites what another has counted.
func together(t *testing.T, db kv.DB) {
	var wg sync.WaitGroup
	for _, do := range []func(func(kv.Tx) error) error{db.Append, db.Append, db.Append, db.Alone} {
		wg.Go(func() {
			for range 25 {
				err := do(func(tx kv.Tx) error {
					b := tx.Bucket(flat)
					return b.Put([]byte("n"), append(bytes.Clone(b.Get([]byte("n"))), 'x'))
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	must(t, db.View(func(tx kv.Tx) error {
		if n := len(tx.Bucket(flat).Get([]byte("n"))); n != 100 {
			t.Errorf("%d of 100", n)
		}
		return nil
	}))
}

// inner makes buckets in a bucket.
func inner(t *testing.T, db kv.DB) {
	must(t, db.Update(func(tx kv.Tx) error {
		for i := range 5 {
			b, err := tx.Bucket(nested).CreateBucketIfNotExists([]byte{0xff, byte(i)})
			must(t, err)
			for j := range i + 1 {
				must(t, b.Put([]byte{byte(j)}, []byte{byte(i)}))
			}
		}
		return nil
	}))
	must(t, db.View(func(tx kv.Tx) error {
		outer := tx.Bucket(nested)
		if outer.Bucket([]byte("none")) != nil {
			t.Error("there is a bucket that nobody made")
		}
		i := 0
		return outer.ForEach(func(name, v []byte) error {
			if v != nil || !bytes.Equal(name, []byte{0xff, byte(i)}) {
				t.Errorf("bucket %d is %x with value %x", i, name, v)
			}
			b := outer.Bucket(name)
			if b.Len() != i+1 || len(b.Get([]byte{0})) != 1 || b.Get([]byte{0})[0] != byte(i) {
				t.Errorf("bucket %d holds %d", i, b.Len())
			}
			i++
			return nil
		})
	}))
}
