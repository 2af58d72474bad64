package archive

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBackup(t *testing.T) {
	a := filled(t, Options{FileSize: 20_000})
	want := dumped(t, a, true)
	dir, dst := closed(t, a), filepath.Join(t.TempDir(), "copy")
	if err := Backup(dir, dst, Options{}); err != nil {
		t.Fatal(err)
	}
	if err := Backup(dir, dst, Options{}); !errors.Is(err, ErrExists) {
		t.Errorf("backup onto a backup: %v", err)
	}
	if _, err := opened(t, dir, Options{}).PutCapture(capture(day(200), "after the backup")); err != nil {
		t.Fatal(err)
	}
	b := opened(t, dst, Options{})
	sound(t, b)
	if d := cmp.Diff(want, dumped(t, b, true)); d != "" {
		t.Error(d)
	}
}

// A run opens the archive for each page that it records. Copies that are made meanwhile are whole, and go on.
func TestBackupDuringARun(t *testing.T) {
	folderOnly(t)
	dir := closed(t, filled(t, Options{FileSize: 20_000}))
	stop := make(chan struct{})
	var run sync.WaitGroup
	var pages int
	var failed error
	run.Go(func() {
		for n := 300; failed == nil; n++ {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond): // the page comes over the network
			}
			var a *Archive
			if a, failed = Open(dir, Options{FileSize: 20_000, Timeout: time.Minute}); failed != nil {
				return
			}
			_, failed = a.PutCapture(capture(day(n), string(bytes.Repeat([]byte("a page of the run "), n))))
			failed = errors.Join(failed, a.Close())
			pages++
		}
	})
	var copies []string
	for range 5 {
		dst := filepath.Join(t.TempDir(), "copy")
		if err := Backup(dir, dst, Options{Timeout: time.Minute}); err != nil {
			t.Fatal(err)
		}
		copies = append(copies, dst)
	}
	close(stop)
	run.Wait()
	if failed != nil {
		t.Fatalf("the run failed after %d pages: %v", pages, failed)
	}
	for _, c := range append(copies, dir) {
		back := filepath.Join(t.TempDir(), "back")
		if problems, rebuilt, err := Restore(context.Background(), c, back, Options{}, nil); err != nil || rebuilt || len(problems) > 0 {
			t.Fatalf("restore: %v, rebuilt %v, %v", problems, rebuilt, err)
		}
		b := opened(t, back, Options{})
		sound(t, b)
		if _, err := b.PutCapture(capture(day(2000), "the restored archive goes on")); err != nil {
			t.Fatal(err)
		}
		sound(t, b)
	}
}

// What can be made anew is, what cannot is refused, and then nothing is left behind.
func TestRestore(t *testing.T) {
	folderOnly(t)
	a := filled(t, Options{FileSize: 20_000})
	want := dumped(t, a, false)
	whole := closed(t, a)
	damage := func(file string) func(string) {
		return func(dir string) {
			overwrite(t, filepath.Join(dir, file), 3000, func(b byte) byte { return b ^ 0x40 })
		}
	}
	for name, c := range map[string]struct {
		spoil   func(dir string)
		rebuilt bool
		err     error
	}{
		"whole": {func(string) {}, false, nil},
		"without an index": {func(dir string) {
			if err := os.Remove(filepath.Join(dir, indexFile)); err != nil {
				t.Fatal(err)
			}
		}, true, nil},
		"cut index": {func(dir string) {
			if err := os.Truncate(filepath.Join(dir, indexFile), 9000); err != nil {
				t.Fatal(err)
			}
		}, true, nil},
		"damaged evidence": {damage("captures/000001.warc.gz"), false, ErrDamaged},
		"both": {func(dir string) {
			damage("captures/000001.warc.gz")(dir)
			if err := os.Remove(filepath.Join(dir, indexFile)); err != nil {
				t.Fatal(err)
			}
		}, true, ErrDamaged},
		"no archive": {func(dir string) {
			if err := os.Remove(filepath.Join(dir, formatFile)); err != nil {
				t.Fatal(err)
			}
		}, false, ErrNotArchive},
	} {
		t.Run(name, func(t *testing.T) {
			src, dst := copied(t, whole), filepath.Join(t.TempDir(), "back")
			c.spoil(src)
			problems, rebuilt, err := Restore(context.Background(), src, dst, Options{}, nil)
			if !errors.Is(err, c.err) || rebuilt != c.rebuilt {
				t.Fatalf("%v, rebuilt %v, %v", err, rebuilt, problems)
			}
			if err != nil {
				if errors.Is(err, ErrDamaged) && !problems.Damaged() {
					t.Error("damage is not named")
				}
				if files, _ := filepath.Glob(filepath.Join(dst, "*")); len(files) > 0 {
					t.Errorf("left behind: %v", files)
				}
				return
			}
			b := opened(t, dst, Options{})
			sound(t, b)
			if d := cmp.Diff(want, dumped(t, b, false)); d != "" {
				t.Error(d)
			}
			if _, _, err := Restore(context.Background(), src, dst, Options{}, nil); !errors.Is(err, ErrExists) {
				t.Errorf("restore onto an archive: %v", err)
			}
		})
	}
}

// A backup in a folder brings an archive on a server back, and only if it is sound.
func TestRestoreToServer(t *testing.T) {
	a := filled(t, Options{FileSize: 20_000})
	want := dumped(t, a, true)
	saved := filepath.Join(t.TempDir(), "saved")
	if err := Backup(closed(t, a), saved, Options{}); err != nil {
		t.Fatal(err)
	}
	spoiled, without := copied(t, saved), copied(t, saved)
	overwrite(t, filepath.Join(spoiled, captureDir, fileName(1)), 3000, func(b byte) byte { return b ^ 0x40 })
	if err := os.Remove(filepath.Join(without, indexFile)); err != nil {
		t.Fatal(err)
	}
	address, opts := emptyServer(t)
	if problems, _, err := Restore(t.Context(), spoiled, address, opts, nil); !errors.Is(err, ErrDamaged) || !problems.Damaged() {
		t.Errorf("damaged: %v, %v", problems, err)
	}
	if _, _, err := Restore(t.Context(), without, address, opts, nil); !errors.Is(err, ErrNoIndex) {
		t.Errorf("without an index: %v", err)
	}
	if problems, _, err := Restore(t.Context(), saved, address, opts, nil); err != nil || len(problems) > 0 {
		t.Fatalf("%v, %v", problems, err)
	}
	b := opened(t, address, Options{})
	sound(t, b)
	if d := cmp.Diff(want, dumped(t, b, true)); d != "" {
		t.Error(d)
	}
}

// What is erased while an archive on a server is backed up is not in the backup.
func TestEraseWhileCopying(t *testing.T) {
	a := created(t, Options{FileSize: 20_000})
	if a.shared == nil {
		t.Skip("a folder is held while it is copied")
	}
	var erased []string
	for n := range 12 {
		s, err := a.PutCapture(captureOf(1, n))
		if err != nil {
			t.Fatal(err)
		}
		erased = append(erased, s.ID)
	}
	to := filepath.Join(t.TempDir(), "copy")
	steps := 0
	_, err := Copy(t.Context(), whereIs(a), to, Options{}, Options{}, func(Progress) {
		if steps++; steps == 2 || steps == 30 {
			if _, err := a.Erase(erased[steps%12:steps%12+1], day(300), "request 9", false); err != nil {
				t.Error(err)
			}
		}
	})
	if err != nil || steps < 30 {
		t.Fatal(err, steps)
	}
	b := opened(t, to, Options{})
	sound(t, b)
	for i, id := range erased {
		s, err := b.Snapshot(id)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Body(s); errors.Is(err, ErrErased) != (i == 2 || i == 30%12) {
			t.Errorf("text %d: %v", i, err)
		}
	}
}
