package main

// A disk that is really full: a small one in memory, on which the archive and the state are.

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// smallDisk puts a file system of some bytes in the place of a directory.
func smallDisk(t *testing.T, dir, size string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("drittland-test", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("no file system may be mounted here (root may): %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}

// fill leaves no byte free below a directory.
func fill(t *testing.T, dir string) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "fill"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, n := range []int{64 << 10, 1} { // and the rest of the last page
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, n))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
}

func TestSmallDiskIsFull(t *testing.T) {
	b := newWatchBench(t, troubleSettings)
	disk := filepath.Join(b.dir, "disk")
	smallDisk(t, disk, "2m")
	b.env = append(b.env, "DRITTLAND_ARCHIVE="+filepath.Join(disk, "archive"), "DRITTLAND_STATE="+filepath.Join(disk, "state"))
	b.page("clipzy", "We store your personal data on servers in Ireland.")
	b.must("2026-11-17T07:00:00Z", exitOK, "track", "add", "Clipzy", "http://clipzy.example/clipzy")
	b.once("2026-11-17T08:00:00Z", exitOK)
	b.page("clipzy", "We transfer your personal data to our servers in India, where our group companies have access to them.")
	full := filepath.Join(disk, "fill")
	for _, now := range []string{"2026-11-18T08:00:00Z", "2026-11-19T08:00:00Z", "2026-11-23T08:00:00Z"} { // a digest is due on the last day
		fill(t, disk)
		has(t, b.once(now, exitFailed), "no space left on device", "hint: the disk is full: make room")
		if err := os.Remove(full); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		fill(t, disk) // what was left half-written has made room for a little
		has(t, b.once(now[:14]+"30:00Z", exitFailed), "no space left on device")
		if err := os.Remove(full); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.all(); got != "" {
		t.Error("mails that could not be recorded, to", got)
	}
	b.once("2026-11-23T09:00:00Z", exitOK)
	b.once("2026-11-24T09:00:00Z", exitOK)
	if got := b.all(); got != both {
		t.Error("mails to", got)
	}
	b.must("2026-11-24T09:00:00Z", exitOK, "archive", "check")
	if log, _ := b.must("2026-11-24T09:00:00Z", exitOK, "log", "Clipzy"); !strings.Contains(log, "+ storage: IN") {
		t.Errorf("the change was not captured:\n%s", log)
	}
}
