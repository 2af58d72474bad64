package objects

// This file holds what every store has to do, whatever it keeps objects in.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// conformance runs the suite. open opens a new, empty store; again opens the same one a second time.
func conformance(t *testing.T, open func(t *testing.T) (s Store, again func() Store)) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, s Store, again func() Store)
	}{
		{"written and read", testReadBack}, {"absent", testAbsent}, {"ends before", testShort}, {"listed in order", testList},
		{"many", testMany}, {"deleted", testDelete}, {"replaced", testReplace}, {"large", testLarge}, {"at the same time", testConcurrent},
		{"hostile names", testNames}, {"ended context", testEnded}, {"too large", testTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, again := open(t)
			c.test(t, s, again)
		})
	}
}

// noise is n bytes that do not compress, the same for the same seed.
func noise(seed uint64, n int) []byte {
	b := make([]byte, n)
	src := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	src.Read(b)
	return b
}

func mustPut(t *testing.T, s Store, name string, b []byte) {
	t.Helper()
	if err := s.Put(t.Context(), name, b); err != nil {
		t.Fatal(err)
	}
}

// holds fails unless the object has the bytes.
func holds(t *testing.T, s Store, name string, want []byte) {
	t.Helper()
	n, err := s.Size(t.Context(), name)
	if err != nil || n != int64(len(want)) {
		t.Fatalf("size of %s is %d, %v; want %d", name, n, err, len(want))
	}
	got := make([]byte, len(want))
	if err := s.ReadAt(t.Context(), name, got, 0); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%s does not hold what was written (%v)", name, err)
	}
}

// names lists a store.
func names(t *testing.T, s Store, prefix, after string) []string {
	t.Helper()
	list := []string{}
	for info, err := range s.List(t.Context(), prefix, after) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, info.Name)
	}
	return list
}

func testReadBack(t *testing.T, s Store, again func() Store) {
	b := noise(1, 5000)
	given := slices.Clone(b)
	mustPut(t, s, "captures/2f/2f9a.warc.gz", given)
	clear(given) // a store does not keep what it was given
	mustPut(t, s, "empty", nil)
	for _, s := range []Store{s, again()} {
		holds(t, s, "captures/2f/2f9a.warc.gz", b)
		holds(t, s, "empty", nil)
		for _, r := range [][2]int{{0, 1}, {4999, 5000}, {17, 18}, {100, 4000}, {0, 0}, {5000, 5000}} {
			got := make([]byte, r[1]-r[0])
			if err := s.ReadAt(t.Context(), "captures/2f/2f9a.warc.gz", got, int64(r[0])); err != nil || !bytes.Equal(got, b[r[0]:r[1]]) {
				t.Errorf("bytes %d to %d: not as written (%v)", r[0], r[1], err)
			}
		}
	}
	for info, err := range s.List(t.Context(), "captures/", "") {
		if err != nil || info.Name != "captures/2f/2f9a.warc.gz" || info.Size != 5000 || time.Since(info.Time).Abs() > time.Hour {
			t.Errorf("listed as %+v, %v", info, err)
		}
	}
}

func testAbsent(t *testing.T, s Store, _ func() Store) {
	mustPut(t, s, "a/b", []byte("b"))
	for _, name := range []string{"b", "a", "a/b/c", "a/c", "c/d/e/f"} {
		if _, err := s.Size(t.Context(), name); !errors.Is(err, ErrNotFound) {
			t.Errorf("size of %s: %v", name, err)
		}
		for _, n := range []int{0, 1} {
			if err := s.ReadAt(t.Context(), name, make([]byte, n), 0); !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), name) {
				t.Errorf("read %d bytes of %s: %v", n, name, err)
			}
		}
	}
}

func testShort(t *testing.T, s Store, _ func() Store) {
	mustPut(t, s, "ten", []byte("0123456789"))
	mustPut(t, s, "empty", nil)
	for _, c := range []struct {
		name string
		n    int
		at   int64
	}{{"ten", 11, 0}, {"ten", 1, 10}, {"ten", 2, 9}, {"ten", 1, 1 << 40}, {"ten", 0, 11}, {"empty", 1, 0}, {"empty", 0, 1}} {
		if err := s.ReadAt(t.Context(), c.name, make([]byte, c.n), c.at); !errors.Is(err, ErrShort) {
			t.Errorf("%d bytes of %s from %d on: %v", c.n, c.name, c.at, err)
		}
	}
	if err := s.ReadAt(t.Context(), "ten", make([]byte, 1), -1); err == nil || errors.Is(err, ErrShort) || errors.Is(err, ErrNotFound) {
		t.Errorf("read before the beginning: %v", err)
	}
}

// testList has names in which a folder and its neighbours do not stand in the order of their files.
func testList(t *testing.T, s Store, _ func() Store) {
	all := []string{"a-b/1", "a.b", "a/1", "a/10", "a/2", "a/b-c", "a/b/c", "a0", "b", "b0/x/y/z/1"}
	for _, i := range rand.New(rand.NewPCG(1, 2)).Perm(len(all)) {
		mustPut(t, s, all[i], []byte(all[i]))
	}
	if !slices.IsSorted(all) {
		t.Fatal("the list of this test is not in order")
	}
	for _, prefix := range []string{"", "a", "a/", "a/b", "a/b/", "b0/x", "a-b/1", "none", "a/1"} {
		for _, after := range append([]string{"", "a", "a-c", "a/", "a/b", "zz", "b0/x/", "0"}, all...) {
			want := []string{}
			for _, n := range all {
				if strings.HasPrefix(n, prefix) && n > after {
					want = append(want, n)
				}
			}
			if d := cmp.Diff(want, names(t, s, prefix, after)); d != "" {
				t.Errorf("prefix %q after %q (-want +got):\n%s", prefix, after, d)
			}
		}
	}
	for info := range s.List(t.Context(), "", "") { // one may stop
		if info.Name != all[0] || info.Size != int64(len(all[0])) {
			t.Errorf("first is %+v", info)
		}
		break
	}
}

// testMany has more objects than a server gives with one answer, where the store asks for 50 of them.
func testMany(t *testing.T, s Store, again func() Store) {
	var want []string
	work := make(chan string)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for name := range work {
				if err := s.Put(t.Context(), name, []byte(name)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range 253 {
		name := fmt.Sprintf("captures/%02x/%04d", i%7, i)
		want = append(want, name)
		work <- name
	}
	close(work)
	wg.Wait()
	slices.Sort(want)
	for _, s := range []Store{s, again()} {
		if d := cmp.Diff(want, names(t, s, "", "")); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		if d := cmp.Diff(want[53:], names(t, s, "captures/", want[52])); d != "" { // the last page is full
			t.Errorf("(-want +got):\n%s", d)
		}
	}
}

func testDelete(t *testing.T, s Store, again func() Store) {
	mustPut(t, s, "a/b/c", []byte("c"))
	mustPut(t, s, "a/b/d", []byte("d"))
	for _, name := range []string{"a/b/c", "a/b/c", "none", "a/b", "a/b/d/e"} {
		if err := again().Delete(t.Context(), name); err != nil {
			t.Errorf("delete %s: %v", name, err)
		}
	}
	if err := s.ReadAt(t.Context(), "a/b/c", make([]byte, 1), 0); !errors.Is(err, ErrNotFound) {
		t.Errorf("read what was deleted: %v", err)
	}
	if d := cmp.Diff([]string{"a/b/d"}, names(t, s, "", "")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	mustPut(t, s, "a/b/c", []byte("again"))
	holds(t, s, "a/b/c", []byte("again"))
}

func testReplace(t *testing.T, s Store, again func() Store) {
	for i, n := range []int{3000, 10, 9000} {
		mustPut(t, s, "a/b", noise(uint64(i), n))
		holds(t, again(), "a/b", noise(uint64(i), n))
	}
}

func testLarge(t *testing.T, s Store, _ func() Store) {
	b := noise(3, 20<<20)
	mustPut(t, s, "captures/large.warc.gz", b)
	holds(t, s, "captures/large.warc.gz", b)
	got := make([]byte, 1<<20)
	if err := s.ReadAt(t.Context(), "captures/large.warc.gz", got, 13<<20+7); err != nil || !bytes.Equal(got, b[13<<20+7:14<<20+7]) {
		t.Errorf("a part of it: not as written (%v)", err)
	}
}

// testConcurrent has several write one name, while others read it: what is read is always one of the texts.
func testConcurrent(t *testing.T, s Store, again func() Store) {
	const size, writers, turns = 300_000, 4, 5
	texts := make([][]byte, writers)
	for i := range texts {
		texts[i] = bytes.Repeat([]byte{byte('a' + i)}, size)
	}
	mustPut(t, s, "x/y", texts[0])
	whole := func(b []byte) bool {
		return slices.ContainsFunc(texts, func(x []byte) bool { return bytes.Equal(x, b) })
	}
	var writing, reading sync.WaitGroup
	done := make(chan struct{})
	for i := range writers {
		writing.Go(func() {
			mine := again()
			for range turns {
				if err := mine.Put(t.Context(), "x/y", texts[i]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	reading.Go(func() {
		b := make([]byte, size)
		for {
			if err := s.ReadAt(t.Context(), "x/y", b, 0); err != nil || !whole(b) {
				t.Errorf("read while it is written: not one of the texts (%v)", err)
				return
			}
			select {
			case <-done:
				return
			default:
			}
		}
	})
	writing.Wait()
	close(done)
	reading.Wait()
	b := make([]byte, size)
	if err := s.ReadAt(t.Context(), "x/y", b, 0); err != nil || !whole(b) {
		t.Errorf("in the end: not one of the texts (%v)", err)
	}
	if n, err := s.Size(t.Context(), "x/y"); err != nil || n != size {
		t.Errorf("in the end: %d bytes, %v", n, err)
	}
}

// hostile are no names of objects.
var hostile = []string{
	"", "/", ".", "..", "../a", "a/../b", "a/..", "/a", "/etc/passwd", "a/", "a//b", "./a", "a/./b", ".pending", ".pending/a", "a/.b", `a\b`, `..\a`, "c:a", "a b",
	"a\x00b", "a\nb", "a?b", "a#b", "a%2fb", "a%2e%2e", "ä", "\xff", "A", "a/B", "-a", "a/-rf", "a.", "a./b", "\u202egz", "*", "~", "$HOME", "a;b", "a'b", `a"b`, "<a>",
	strings.Repeat("a", maxPart+1), strings.Repeat("a/", maxParts) + "a", strings.Repeat(strings.Repeat("a", 150)+"/", 2) + strings.Repeat("a", 150),
}

func testNames(t *testing.T, s Store, _ func() Store) {
	ctx := t.Context()
	for _, name := range hostile {
		_, size := s.Size(ctx, name)
		for what, err := range map[string]error{"put": s.Put(ctx, name, []byte("x")), "read": s.ReadAt(ctx, name, nil, 0), "size": size, "delete": s.Delete(ctx, name)} {
			if !errors.Is(err, ErrName) {
				t.Errorf("%s %q: %v", what, name, err)
			} else if m := err.Error(); len(m) > 500 || strings.ContainsAny(m, "\n\x00\u202e") {
				t.Errorf("%s %q: the message is %q", what, name, m)
			}
		}
	}
	if got := names(t, s, "", ""); len(got) > 0 {
		t.Errorf("there are objects now: %q", got)
	}
	for _, odd := range []string{"\x00", "A", "a%2f", "ä", strings.Repeat("a", 2000)} {
		for _, list := range []iter.Seq2[Info, error]{s.List(ctx, odd, ""), s.List(ctx, "", odd)} {
			n := 0
			for info, err := range list {
				if n++; !errors.Is(err, ErrName) {
					t.Errorf("list %q: %v, %v", odd, info, err)
				}
			}
			if n != 1 {
				t.Errorf("list %q: %d errors", odd, n)
			}
		}
	}
	for _, prefix := range []string{"../", "/", "..", ".p", "a//"} {
		if got := names(t, s, prefix, ""); len(got) > 0 {
			t.Errorf("prefix %q: %q", prefix, got)
		}
	}
	longest := strings.Repeat("a", maxPart) + "/" + strings.Repeat("b", maxName-maxPart-1)
	for _, name := range []string{"0", "a_b-c.d..e", "a/b/c/d/e/f/g/h", longest} {
		mustPut(t, s, name, []byte("x"))
	}
	if d := cmp.Diff([]string{"0", "a/b/c/d/e/f/g/h", "a_b-c.d..e", longest}, names(t, s, "", "")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func testEnded(t *testing.T, s Store, _ func() Store) {
	mustPut(t, s, "a", []byte("a"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, size := s.Size(ctx, "a")
	errs := map[string]error{"put": s.Put(ctx, "b", nil), "read": s.ReadAt(ctx, "a", make([]byte, 1), 0), "size": size, "delete": s.Delete(ctx, "a")}
	errs["list"] = nil
	for _, err := range s.List(ctx, "", "") {
		errs["list"] = err
	}
	for what, err := range errs {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if d := cmp.Diff([]string{"a"}, names(t, s, "", "")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func testTooLarge(t *testing.T, s Store, _ func() Store) {
	if err := s.Put(t.Context(), "a", make([]byte, MaxSize+1)); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
}
