package archive

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func indexSize(t *testing.T, dir string) int64 {
	t.Helper()
	info, err := os.Stat(filepath.Join(dir, indexFile))
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// noise is what does not compress.
func noise(size int) []byte {
	b := make([]byte, size)
	s := uint32(1)
	for i := range b {
		s = s*1664525 + 1013904223
		b[i] = byte(s >> 24)
	}
	return b
}

// grown is an archive with an index of many pages, most of which are free again.
func grown(t *testing.T) *Archive {
	t.Helper()
	a := filled(t, Options{})
	for _, value := range [][]byte{noise(6 << 20), nil} {
		if err := a.PutDerived("report", "big", value); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

func TestCloseCompacts(t *testing.T) {
	folderOnly(t)
	a := grown(t)
	want, before := dumped(t, a, true), indexSize(t, a.Dir())
	b := opened(t, closed(t, a), Options{})
	after := indexSize(t, b.Dir())
	if after > before/4 {
		t.Errorf("index of %d bytes, %d before it was closed", after, before)
	}
	if d := cmp.Diff(want, dumped(t, b, true)); d != "" {
		t.Error(d)
	}
	sound(t, b)
	if _, err := b.PutCapture(capture(day(90), "after the index was written anew")); err != nil {
		t.Fatal(err)
	}
	if size := indexSize(t, closed(t, b)); size > after+2*allocSize {
		t.Errorf("index of %d bytes after one capture, %d before", size, after)
	}
}

// A reader never writes the index anew, and neither does who opens an archive and writes little.
func TestCloseLeavesIndex(t *testing.T) {
	folderOnly(t)
	a := grown(t)
	a.opened = indexSize(t, a.Dir()) // as if it had been opened like that
	dir := closed(t, a)
	size := indexSize(t, dir)
	closed(t, opened(t, dir, Options{ReadOnly: true}))
	b := opened(t, dir, Options{})
	if _, err := b.PutCapture(capture(day(90), "a little more")); err != nil {
		t.Fatal(err)
	}
	if after := indexSize(t, closed(t, b)); after < size {
		t.Errorf("index of %d bytes, %d before", after, size)
	}
}

// Whoever waits for the lock while the index is written anew gets the new one.
func TestCompactWhileWaiting(t *testing.T) {
	folderOnly(t)
	a := grown(t)
	before := len(all(t, a.Snapshots(clipzy)))
	waiting, got := make(chan bool), make(chan error)
	go func() {
		b, err := Open(a.Dir(), Options{Timeout: time.Minute, Waiting: func(string) { close(waiting) }})
		if err == nil {
			_, err = b.PutCapture(capture(day(90), "written by the second"))
			err = errors.Join(err, b.Close())
		}
		got <- err
	}()
	<-waiting
	dir := closed(t, a)
	if err := <-got; err != nil {
		t.Fatal(err)
	}
	b := opened(t, dir, Options{})
	sound(t, b)
	if n := len(all(t, b.Snapshots(clipzy))); n != before+1 {
		t.Errorf("%d snapshots, %d before", n, before)
	}
}

// What a compaction leaves that was cut off does no harm and goes when the archive is opened.
func TestCompactCutOff(t *testing.T) {
	folderOnly(t)
	a := filled(t, Options{})
	want := dumped(t, a, true)
	dir, left := closed(t, a), a.compactFile()
	if err := os.WriteFile(left, []byte("half of an index"), 0o644); err != nil {
		t.Fatal(err)
	}
	b := opened(t, dir, Options{})
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s: %v", left, err)
	}
	if d := cmp.Diff(want, dumped(t, b, true)); d != "" {
		t.Error(d)
	}
	sound(t, b)
}

// An index that cannot be written anew stays.
func TestCompactFails(t *testing.T) {
	folderOnly(t)
	a := grown(t)
	if err := os.MkdirAll(filepath.Join(a.compactFile(), "in the way"), 0o755); err != nil {
		t.Fatal(err)
	}
	want, before := dumped(t, a, true), indexSize(t, a.Dir())
	dir := closed(t, a)
	if after := indexSize(t, dir); after != before {
		t.Errorf("index of %d bytes, %d before", after, before)
	}
	if err := os.RemoveAll(a.compactFile()); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, dumped(t, opened(t, dir, Options{}), true)); d != "" {
		t.Error(d)
	}
}

// An archive that is opened for each capture is not written anew each time that its index grows by a step.
func TestCloseLeavesSmallSteps(t *testing.T) {
	folderOnly(t)
	a := filled(t, Options{})
	if err := a.PutDerived("report", "big", noise(2*allocSize)); err != nil { // from here on it grows by whole steps
		t.Fatal(err)
	}
	dir := closed(t, a)
	before, err := os.Stat(filepath.Join(dir, indexFile))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		b := opened(t, dir, Options{})
		if _, err := b.PutCapture(capture(day(90+i), "one at a time, number "+strconv.Itoa(i))); err != nil {
			t.Fatal(err)
		}
		closed(t, b)
	}
	after, err := os.Stat(filepath.Join(dir, indexFile))
	if err != nil || !os.SameFile(before, after) {
		t.Errorf("the index was written anew: %v", err)
	}
	if after.Size() > before.Size()+2*allocSize {
		t.Errorf("index of %d bytes, %d before", after.Size(), before.Size())
	}
}
