package archive

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/archive/objects"
	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
	bolt "go.etcd.io/bbolt"
)

// agedStore is a store whose objects are older than they are.
type agedStore struct {
	objects.Store
	by time.Duration
}

func (s agedStore) List(ctx context.Context, prefix, after string) iter.Seq2[objects.Info, error] {
	return func(yield func(objects.Info, error) bool) {
		for info, err := range s.Store.List(ctx, prefix, after) {
			if info.Time = info.Time.Add(-s.by); !yield(info, err) {
				return
			}
		}
	}
}

// joined joins the parts of an archive as if they were two days old.
func joined(t testing.TB, a *Archive) Tidied {
	t.Helper()
	store := a.shared.objects
	a.shared.objects = agedStore{store, 48 * time.Hour}
	done, err := a.Tidy(t.Context(), TidyOptions{TakeOver: true})
	if err != nil {
		t.Fatal(err)
	}
	a.shared.objects = store
	return done
}

// joinable makes an empty archive on a server whose parts are not joined yet.
func joinable(t testing.TB) string {
	t.Helper()
	if onJoined {
		t.Skip("joins by itself")
	}
	return createdOnServer(t)
}

// partsOf are the parts of all capture files.
func partsOf(t testing.TB, a *Archive) (out []part) {
	t.Helper()
	err := a.view(func(tx kv.Tx) error {
		return tx.Bucket(bucketParts).ForEach(func(k, v []byte) error {
			p, err := decodePart(k, v)
			out = append(out, p)
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// sparesOf are the spare objects. With age they become as old.
func sparesOf(t testing.TB, a *Archive, age time.Duration) (out []spare) {
	t.Helper()
	err := a.db.Append(func(tx kv.Tx) error {
		err := tx.Bucket(bucketSpare).ForEach(func(k, v []byte) error {
			s, err := decodeSpare(k, v)
			out = append(out, s)
			return err
		})
		for _, s := range out {
			if s.since = time.Now().Add(-age); age > 0 && err == nil {
				err = tx.Bucket(bucketSpare).Put(s.key(), s.value())
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// manyCaptures fills an archive on a server with captures of their own objects.
func manyCaptures(t testing.TB, a *Archive, services, each int) (out []snapshots.Snapshot) {
	t.Helper()
	for service := range services {
		for n := range each {
			s, err := a.PutCapture(captureOf(service, n))
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, s)
		}
	}
	return out
}

// Parts are joined, and nothing moves; the old objects stay for a copy of the database, and then go.
func TestJoin(t *testing.T) {
	address := joinable(t)
	a := opened(t, address, Options{FileSize: 40_000})
	snaps := manyCaptures(t, a, 3, 20)
	before, dump, files := partsOf(t, a), dumped(t, a, true), filesOf(t, a)
	if done, err := a.Tidy(t.Context(), TidyOptions{}); err != nil || done != (Tidied{}) {
		t.Fatalf("what was just put is joined: %+v, %v", done, err)
	}
	earlier := pgtest.Need(t).Clone(t, closedFor(t, a, address))
	a = opened(t, address, Options{FileSize: 40_000})
	changed, err1 := a.shared.db.Mark(t.Context())
	store, done := a.shared.objects, Tidied{}
	a.shared.objects = agedStore{store, 48 * time.Hour}
	err := a.join(t.Context(), &done, func(Progress) {})
	a.shared.objects = store
	if still, err2 := a.shared.db.Mark(t.Context()); still != changed || errors.Join(err, err1, err2) != nil {
		t.Fatalf("the archive has changed, %s: %v", still, errors.Join(err, err1, err2))
	}
	after, spares := partsOf(t, a), sparesOf(t, a, 0)
	if len(files) < 4 || done.Into < len(files)-1 || done.Objects != 0 || len(after) != len(before)-done.Joined+done.Into || len(spares) != done.Joined {
		t.Fatalf("%+v of %d parts in %d files: %d parts, %d spare", done, len(before), len(files), len(after), len(spares))
	}
	whole := func(a *Archive) {
		t.Helper()
		a.shared.near.empty()
		a.bodies.empty()
		if p := checked(t, a); len(p) > 0 {
			t.Errorf("%v", p)
		}
		if dumped(t, a, true) != dump || !slices.EqualFunc(filesOf(t, a), files, bytes.Equal) {
			t.Error("something has moved")
		}
		for _, s := range snaps {
			if b, err := a.Body(s); err != nil || len(b) == 0 {
				t.Error(err)
			}
		}
		proven(t, a, snaps[0].ID, snaps[7].ID)
	}
	whole(a)
	if again := joined(t, a); again != (Tidied{}) {
		t.Errorf("joined again: %+v", again)
	}
	// A copy of the database that is older finds what it names, whatever was tidied, until its time is over.
	sparesOf(t, a, UsualKeep-time.Hour)
	if done := joined(t, a); done.Objects != 0 {
		t.Errorf("%+v", done)
	}
	old := opened(t, earlier, Options{ReadOnly: true})
	whole(old)
	closed(t, old)
	sparesOf(t, a, UsualKeep+time.Hour)
	if gone := joined(t, a); gone.Objects != done.Joined || len(sparesOf(t, a, 0)) != 0 || len(objectsIn(t, stores[address])) != len(after) {
		t.Errorf("%+v, %d objects for %d parts", gone, len(objectsIn(t, stores[address])), len(after))
	}
	whole(a)
	if p := checked(t, opened(t, earlier, Options{ReadOnly: true})); !p.Damaged() {
		t.Error("the objects of the old database are still there")
	}
	if _, err := a.PutCapture(captureOf(1, 99)); err != nil {
		t.Error(err)
	}
	sound(t, a)
}

// What was erased in the live archive is gone in a copy of the database that is older; the same erasure there says when and why.
func TestEraseAgain(t *testing.T) {
	address := joinable(t)
	a := opened(t, address, Options{})
	snaps := manyCaptures(t, a, 2, 3)
	earlier := pgtest.Need(t).Clone(t, closedFor(t, a, address))
	a = opened(t, address, Options{})
	last := snaps[len(snaps)-1].ID
	if _, err := a.Erase([]string{last}, day(20), "request 5", true); err != nil {
		t.Fatal(err)
	}
	old := opened(t, earlier, Options{})
	if p := checked(t, old); !p.Damaged() || !strings.Contains(fmt.Sprint(p), "no erasure says when and why") {
		t.Errorf("what was taken away without a word: %v", p)
	}
	if _, err := old.Erase([]string{last}, day(20), "request 5", true); err != nil {
		t.Fatal(err)
	}
	sound(t, old)
	sound(t, a)
}

// closedFor closes an archive, so that its database can be copied.
func closedFor(t testing.TB, a *Archive, address string) string {
	t.Helper()
	closed(t, a)
	return address
}

// filesOf are the bytes of the capture files.
func filesOf(t testing.TB, a *Archive) (out [][]byte) {
	t.Helper()
	numbers, err := a.captures.list()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range numbers {
		f, err := a.captures.open(n)
		if err != nil {
			t.Fatal(err)
		}
		size, err := f.length()
		b := make([]byte, size)
		if err == nil {
			_, err = f.ReadAt(b, 0)
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

// unzipped is the text of a file of gzip members.
func unzipped(t testing.TB, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(path, err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(path, err)
	}
	return b
}

func TestNextRun(t *testing.T) {
	const kb = int64(1 << 10)
	big := int64(joinedSize)
	for name, c := range map[string]struct {
		sizes []int64 // negative: a gap
		open  bool
		want  [][2]int // first part and number of parts of each run
	}{
		"nothing":              {},
		"one":                  {sizes: []int64{kb}},
		"two at the end":       {sizes: []int64{kb, kb}, want: [][2]int{{0, 2}}},
		"two that may be more": {sizes: []int64{kb, kb}, open: true},
		"full":                 {sizes: []int64{big / 2, big / 2, kb}, open: true, want: [][2]int{{0, 2}}},
		"full, and an end":     {sizes: []int64{big / 2, big / 2, kb, kb}, want: [][2]int{{0, 2}, {2, 2}}},
		"large between":        {sizes: []int64{kb, kb, 2 * big, kb, big, kb, kb}, want: [][2]int{{0, 2}, {5, 2}}},
		"large alone":          {sizes: []int64{2 * big, big, big}},
		"a gap":                {sizes: []int64{kb, kb, -kb, kb, kb}, want: [][2]int{{0, 2}, {2, 2}}},
		"very many":            {sizes: slices.Repeat([]int64{1}, mostJoined+3), want: [][2]int{{0, mostJoined}, {mostJoined, 3}}},
	} {
		t.Run(name, func(t *testing.T) {
			file, err := bolt.Open(filepath.Join(t.TempDir(), "parts"), 0o600, &bolt.Options{NoSync: true})
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			var got [][2]int
			err = kv.Bolt{DB: file}.Update(func(tx kv.Tx) error {
				b, err := tx.CreateBucketIfNotExists(bucketParts)
				where, at := map[int64]int{}, int64(0)
				for _, size := range c.sizes {
					if size > 0 {
						where[at] = len(where)
						err = errors.Join(err, b.Put(partKey(7, at), part{length: size, name: "x"}.value()))
					}
					at += max(size, -size)
				}
				err = errors.Join(err, b.Put(partKey(6, 0), part{length: kb, name: "x"}.value()), b.Put(partKey(8, 0), part{length: kb, name: "x"}.value()))
				for from := int64(0); err == nil; {
					run, wrong := nextRun(tx, 7, from, c.open)
					if wrong != nil || len(run) == 0 {
						return wrong
					}
					got = append(got, [2]int{where[run[0].at], len(run)})
					from = run[len(run)-1].at + run[len(run)-1].length
				}
				return err
			})
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("%v, %v; want %v", got, err, c.want)
			}
		})
	}
}

// A flakyStore does so many more things, and then nothing: the process that used it is gone. What it does last is done, though nobody hears of it.
type flakyStore struct {
	objects.Store
	left *atomic.Int64
}

var errGone = errors.New("the process is gone")

func (s flakyStore) alive() error {
	if s.left.Add(-1) < 0 {
		return errGone
	}
	return nil
}

func (s flakyStore) Put(ctx context.Context, name string, b []byte) error {
	if s.alive() != nil {
		return errGone
	}
	return errors.Join(s.Store.Put(ctx, name, b), s.alive())
}

func (s flakyStore) ReadAt(ctx context.Context, name string, b []byte, at int64) error {
	return errors.Join(s.alive(), s.Store.ReadAt(ctx, name, b, at))
}

func (s flakyStore) Delete(ctx context.Context, name string) error {
	if s.alive() != nil {
		return errGone
	}
	return errors.Join(s.Store.Delete(ctx, name), s.alive())
}

// Whoever joins, erases and deletes may be killed at any moment: nothing is lost, the next one ends it, and nothing of what is erased is left.
func TestJoinCutOff(t *testing.T) {
	first := joinable(t)
	a := opened(t, first, Options{FileSize: 7_000})
	snaps := manyCaptures(t, a, 1, 9)
	withIt, err := a.PutCapture(secretPage())
	if err != nil {
		t.Fatal(err)
	}
	if len(filesOf(t, a)) < 3 || !slices.ContainsFunc(objectsIn(t, stores[first]), hasSecret(t)) {
		t.Fatal("there are few files, or none holds the secret")
	}
	closed(t, a)
	for step := int64(0); ; step += 5 {
		address := copiedOnServer(t, first)
		a := opened(t, address, Options{FileSize: 7_000})
		store, left := a.shared.objects, &atomic.Int64{}
		left.Store(step)
		a.shared.objects = agedStore{flakyStore{store, left}, 48 * time.Hour}
		_, err := a.Tidy(t.Context(), TidyOptions{})
		if err == nil {
			_, err = a.Erase([]string{withIt.ID}, day(300), "request 4", true)
		}
		if err == nil {
			sparesOf(t, a, 2*UsualKeep)
			_, err = a.Tidy(t.Context(), TidyOptions{})
		}
		if err != nil && !errors.Is(err, errGone) {
			t.Fatal(err)
		}
		closed(t, a)
		b := opened(t, address, Options{FileSize: 7_000})
		if p := checked(t, b); len(p) > 0 {
			t.Fatalf("after %d steps: %v", step, p)
		}
		joined(t, b)
		if _, gone, wrong := b.Erased(withIt.ID); wrong != nil {
			t.Fatal(wrong)
		} else if !gone {
			if _, err := b.Erase([]string{withIt.ID}, day(300), "request 4", true); err != nil {
				t.Fatal(err)
			}
		}
		if p := checked(t, b); len(p) > 0 {
			t.Fatalf("after %d steps and the rest: %v", step, p)
		}
		for _, s := range snaps {
			if b, err := b.Body(s); err != nil || len(b) == 0 {
				t.Fatal(err)
			}
		}
		for _, path := range objectsIn(t, stores[address]) {
			if hasSecret(t)(path) {
				t.Fatalf("after %d steps the secret is in %s", step, path)
			}
		}
		if err == nil {
			if step < 30 {
				t.Errorf("all was done in %d steps", step)
			}
			return
		}
	}
}

// Some put, some join, some read and one erases, in processes of their own.
func TestJoinTogether(t *testing.T) {
	address := joinable(t)
	a := opened(t, address, Options{FileSize: 30_000})
	snaps := manyCaptures(t, a, 2, 10)
	var wg sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	for range 3 {
		b := opened(t, address, Options{FileSize: 30_000})
		b.shared.objects = agedStore{b.shared.objects, 48 * time.Hour}
		wg.Go(func() {
			for ctx.Err() == nil {
				if _, err := b.Tidy(t.Context(), TidyOptions{TakeOver: true}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	var puts sync.WaitGroup
	for service := range 3 {
		b := opened(t, address, Options{FileSize: 30_000})
		puts.Go(func() {
			for n := range 15 {
				if _, err := b.PutCapture(captureOf(10+service, n)); err != nil {
					t.Error(err)
				}
				s := snaps[n]
				if body, err := b.Body(s); (err != nil || len(body) == 0) && !errors.Is(err, ErrErased) {
					t.Error(err)
				}
			}
		})
	}
	for i := range 4 {
		if _, err := a.Erase([]string{snaps[5*i].ID}, day(300), "request 5", true); err != nil {
			t.Error(err)
		}
	}
	puts.Wait()
	stop()
	wg.Wait()
	b := opened(t, address, Options{})
	if p := checked(t, b); len(p) > 0 {
		t.Errorf("%v", p)
	}
	if s, err := b.Stats(); err != nil || s.Snapshots != 20+45 {
		t.Errorf("%d snapshots, %v", s.Snapshots, err)
	}
	if len(partsOf(t, b)) >= 65 {
		t.Errorf("%d parts: nothing was joined", len(partsOf(t, b)))
	}
}

// Parts that are not as they were written are left for a check to name.
func TestJoinLeavesDamage(t *testing.T) {
	address := joinable(t)
	a := opened(t, address, Options{FileSize: 15_000})
	manyCaptures(t, a, 1, 20)
	before := partsOf(t, a)
	path := filepath.Join(stores[address], filepath.FromSlash(before[2].name))
	overwrite(t, path, 20, func(b byte) byte { return b ^ 1 })
	if done := joined(t, a); done.Into == 0 || !slices.Contains(partsOf(t, a), before[2]) {
		t.Errorf("%+v", done)
	}
	if p := checked(t, a); !p.Damaged() || p[0].File != fileName(1) || p[0].Offset != before[2].at {
		t.Errorf("%v", p)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	joined(t, a)
	if !slices.Contains(partsOf(t, a), before[2]) {
		t.Error("an object that is missing was joined")
	}
}

// What another database names is no orphan: a copy of the database, or one that was restored, takes nothing away until somebody says so.
func TestTidyIsForOne(t *testing.T) {
	address := joinable(t)
	a := opened(t, address, Options{FileSize: 15_000})
	manyCaptures(t, a, 1, 5)
	if _, err := a.Tidy(t.Context(), TidyOptions{}); err != nil {
		t.Fatal(err)
	}
	other := pgtest.Need(t).Clone(t, closedFor(t, a, address))
	a = opened(t, address, Options{FileSize: 15_000})
	manyCaptures(t, a, 2, 5)
	a.shared.objects = agedStore{a.shared.objects, 2 * UsualKeep}
	for range 2 {
		if _, err := a.Tidy(t.Context(), TidyOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	n := len(objectsIn(t, stores[address]))
	b := opened(t, other, Options{})
	b.shared.objects = agedStore{b.shared.objects, 2 * UsualKeep}
	if done, err := b.Tidy(t.Context(), TidyOptions{}); !errors.Is(err, ErrNotOurs) || done != (Tidied{}) || len(objectsIn(t, stores[address])) != n {
		t.Errorf("%+v, %v: %d objects of %d", done, err, len(objectsIn(t, stores[address])), n)
	}
	sound(t, a)
	if done, err := b.Tidy(t.Context(), TidyOptions{TakeOver: true}); err != nil || done.Objects == 0 {
		t.Errorf("%+v, %v", done, err)
	}
	if _, err := a.Tidy(t.Context(), TidyOptions{}); !errors.Is(err, ErrNotOurs) {
		t.Error(err)
	}
	if err := errors.Join(b.SetKeep(30*24*time.Hour), b.SetKeep(UsualKeep+time.Hour)); err != nil {
		t.Error(err)
	}
	if keep, err := b.Keep(); err != nil || keep != UsualKeep+time.Hour {
		t.Error(keep, err)
	}
	for _, wrong := range []time.Duration{0, -1, time.Hour, LongestKeep + 1} {
		if b.SetKeep(wrong) == nil {
			t.Errorf("objects are kept for %s", wrong)
		}
	}
}

// TestManyParts measures how fast many parts are joined and tidied. DRITTLAND_TEST_PARTS says how many.
func TestManyParts(t *testing.T) {
	n := 0
	if s := os.Getenv("DRITTLAND_TEST_PARTS"); s == "" {
		t.Skip("for measuring: DRITTLAND_TEST_PARTS is not set")
	} else if _, err := fmt.Sscan(s, &n); err != nil {
		t.Fatal(err)
	}
	address := joinable(t)
	a := opened(t, address, Options{})
	began := time.Now()
	said := func(what string, args ...any) {
		t.Helper()
		t.Logf("%s: %s", time.Since(began).Round(10*time.Millisecond), fmt.Sprintf(what, args...))
		began = time.Now()
	}
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			for i := range min(n, 1600) / 16 {
				if _, err := a.PutCapture(captureOf(w, i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	said("%d puts of 16 at a time", min(n, 1600)/16*16)
	list := partsOf(t, a)
	at, body := list[len(list)-1].at+list[len(list)-1].length, texts(3, 1, 1900)[0]
	for from := 0; from < n; from += 2000 { // what puts leave, without the records
		var rows []part
		for i := range min(2000, n-from) {
			b := append(bytes.Clone(body), fmt.Sprint(from+i)...)
			rows, at = append(rows, part{at, int64(len(b)), objectName(b)}), at+int64(len(b))
		}
		i := from
		if err := together(t.Context(), rows, func(ctx context.Context, p part) error {
			return a.shared.objects.Put(ctx, p.name, append(bytes.Clone(body), fmt.Sprint(i+slices.Index(rows, p))...))
		}); err != nil {
			t.Fatal(err)
		}
		if err := a.db.Append(func(tx kv.Tx) (err error) {
			for _, p := range rows {
				err = errors.Join(err, tx.Bucket(bucketParts).Put(partKey(1, p.at), p.value()))
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	count := func() int { return len(objectsIn(t, stores[address])) }
	said("%d parts, %d objects, %d MB", len(partsOf(t, a)), count(), at>>20)
	var done Tidied
	if err := a.takeAway(t.Context(), TidyOptions{Progress: func(Progress) {}}, &done); err != nil {
		t.Fatal(err)
	}
	said("listed, nothing to take away: %+v", done)
	joinedNow := joined(t, a)
	said("joined and listed: %+v, %d parts, %d objects", joinedNow, len(partsOf(t, a)), count())
	sparesOf(t, a, 2*UsualKeep)
	said("aged")
	if err := a.takeAway(t.Context(), TidyOptions{Progress: func(Progress) {}}, &done); err != nil {
		t.Fatal(err)
	}
	said("taken away: %+v, %d objects", done, count())
	if err := a.takeAway(t.Context(), TidyOptions{Progress: func(Progress) {}}, &done); err != nil {
		t.Fatal(err)
	}
	said("again")
}
