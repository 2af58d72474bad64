package objects

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func noEnv(string) string { return "" }

func openDir(t testing.TB, dir string) Store {
	t.Helper()
	s, err := Open(context.Background(), "file://"+dir, noEnv)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFolder(t *testing.T) {
	conformance(t, func(t *testing.T) (Store, func() Store) {
		dir := t.TempDir()
		return openDir(t, dir), func() Store { return openDir(t, dir) }
	})
}

// A share that is not mounted leaves a folder that is missing, or an empty one: nothing is made in its place.
func TestFolderMissing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "share")
	if _, err := Open(t.Context(), "file://"+dir, noEnv); !errors.Is(err, ErrNoStore) || !strings.Contains(err.Error(), "mount") {
		t.Errorf("a folder that is missing: %v", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s := openDir(t, dir)
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), "a", nil); !errors.Is(err, ErrNoStore) {
		t.Errorf("a folder that went away: %v", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	mustPut(t, s, "a", []byte("it is back"))
	holds(t, s, "a", []byte("it is back"))
}

func TestFolderModes(t *testing.T) {
	dir := t.TempDir()
	mustPut(t, openDir(t, dir), "a/b/c", []byte("c"))
	for name, want := range map[string]os.FileMode{"a": 0o700, "a/b": 0o700, "a/b/c": 0o600, pending: 0o700} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, %v", name, info.Mode(), err)
		}
	}
	if left, err := os.ReadDir(filepath.Join(dir, pending)); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// What a crash left is cleared away when it is old; what another machine may be writing is not.
func TestFolderAfterCrash(t *testing.T) {
	dir := t.TempDir()
	mustPut(t, openDir(t, dir), "a", []byte("a"))
	for name, age := range map[string]time.Duration{"old": 2 * oldPending, "young": time.Minute} {
		file := filepath.Join(dir, pending, name)
		if err := os.WriteFile(file, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if got := names(t, openDir(t, dir), "", ""); len(got) != 1 {
		t.Errorf("listed: %q", got)
	}
	left, err := os.ReadDir(filepath.Join(dir, pending))
	if err != nil || len(left) != 1 || left[0].Name() != "young" {
		t.Errorf("left: %v, %v", left, err)
	}
}

// Links and other things that somebody puts into the folder are no objects, and lead nowhere.
func TestFolderStrangers(t *testing.T) {
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, target := range map[string]string{"link": filepath.Join(outside, "secret"), "out": outside, "none": "nowhere"} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	s := openDir(t, dir)
	for _, name := range []string{"link", "out/secret", "none", "out"} {
		if err := s.ReadAt(t.Context(), name, make([]byte, 1), 0); err == nil {
			t.Errorf("%s was read", name)
		}
	}
	if err := s.Put(t.Context(), "out/new", nil); err == nil {
		t.Error("wrote through a link")
	}
	if err := s.Delete(t.Context(), "out/secret"); err == nil {
		t.Error("deleted through a link")
	}
	if got := names(t, s, "", ""); len(got) > 0 {
		t.Errorf("listed: %q", got)
	}
	mustPut(t, s, "link", []byte("ours")) // takes the place of the link
	if b, err := os.ReadFile(filepath.Join(outside, "secret")); err != nil || string(b) != "secret" {
		t.Errorf("outside there is %q, %v", b, err)
	}
	if entries, _ := os.ReadDir(outside); len(entries) != 1 {
		t.Errorf("outside: %v", entries)
	}
}

// What stands in the way is an error, and stays.
func TestFolderInTheWay(t *testing.T) {
	dir := t.TempDir()
	s := openDir(t, dir)
	if err := os.WriteFile(filepath.Join(dir, pending), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), "a", nil); err == nil {
		t.Error("written")
	}
	if err := os.Remove(filepath.Join(dir, pending)); err != nil {
		t.Fatal(err)
	}
	mustPut(t, s, "a/b", []byte("b"))
	if err := s.Put(t.Context(), "a", []byte("a")); err == nil {
		t.Error("a file has taken the place of a folder")
	}
	holds(t, s, "a/b", []byte("b"))
	if left, err := os.ReadDir(filepath.Join(dir, pending)); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
