package archive

// These tests copy archives between folders and servers.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
	"github.com/google/go-cmp/cmp"
)

// emptyServer is a database without tables, and the options of an archive in it.
func emptyServer(t testing.TB) (string, Options) {
	t.Helper()
	address := pgtest.Need(t).Database(t)
	store := t.TempDir()
	addressesLock.Lock()
	stores[address] = store
	addressesLock.Unlock()
	return address, Options{Objects: "file://" + store}
}

// toCopy is an archive in a folder with several capture files, of which one has several pieces, and with time stamps.
func toCopy(t testing.TB) string {
	t.Helper()
	a := filled(t, Options{FileSize: 20_000})
	r := rand.New(rand.NewPCG(8, 8))
	for n := range 3 {
		page := make([]byte, 3<<20)
		for i := range page {
			page[i] = "abcdefghijklmnopqrstuvwxyz012345"[r.IntN(32)]
		}
		c := capture(day(100+n), string(page))
		c.Terms.Service = "Petit Panier"
		if _, err := a.PutCapture(c); err != nil {
			t.Fatal(err)
		}
	}
	dir := closed(t, a)
	stamps := filepath.Join(dir, ledgerDir, "stamps", "first")
	if err := os.MkdirAll(stamps, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"answer.tsr": "a stamp", "empty": "", "long": strings.Repeat("x", 9000)} {
		if err := os.WriteFile(filepath.Join(stamps, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// evidenceIn are the capture files and the ledger of an archive in a folder.
func evidenceIn(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, sub := range []string{captureDir, ledgerDir} {
		err := filepath.WalkDir(filepath.Join(dir, sub), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			name, _ := filepath.Rel(dir, path)
			out[name] = string(snapshots.HashOf(b))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func copyOf(t testing.TB, from, to string, toOpts Options) Copied {
	t.Helper()
	done, err := Copy(t.Context(), from, to, Options{}, toOpts, nil)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// An archive that went to a server, from there to another and back into a folder is, byte for byte, what it was.
func TestCopyThereAndBack(t *testing.T) {
	if onServer {
		t.Skip("goes between folders and servers by itself")
	}
	dir := toCopy(t)
	first, firstOpts := emptyServer(t)
	second, secondOpts := emptyServer(t)
	if _, err := CreateShared(t.Context(), second, secondOpts); err != nil { // an empty archive is as good as none
		t.Fatal(err)
	}
	back, again := filepath.Join(t.TempDir(), "back"), filepath.Join(t.TempDir(), "again")
	copyOf(t, dir, first, firstOpts)
	copyOf(t, first, second, secondOpts)
	copyOf(t, second, back, Options{})
	done := copyOf(t, back, again, Options{})

	a := opened(t, dir, Options{ReadOnly: true})
	want := dumped(t, a, true)
	s, err := a.Stats()
	if err != nil || done.Leaves != int64(s.Records) && done.Leaves == 0 || done.Bytes != s.Captures || done.Files < 5 || done.Dump == "" || done.Keys == 0 {
		t.Errorf("%+v of %+v: %v", done, s, err)
	}
	closed(t, a)
	for _, folder := range []string{back, again} {
		if d := cmp.Diff(evidenceIn(t, dir), evidenceIn(t, folder)); d != "" {
			t.Error(d)
		}
		if info, err := os.Stat(filepath.Join(folder, ledgerDir, keyFile)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("key: %v, %v", info, err)
		}
	}
	for n, where := range []string{first, second, back, again} {
		a := opened(t, where, Options{FileSize: 20_000})
		if d := cmp.Diff(want, dumped(t, a, true)); d != "" {
			t.Errorf("%d: %s", n, d)
		}
		if p := checked(t, a); len(p) > 0 {
			t.Errorf("%d: %v", n, p)
		}
		snap, err := a.PutCapture(capture(day(500), "The copy goes on."))
		if err != nil {
			t.Fatal(err)
		}
		proven(t, a, snap.ID)
		sound(t, a)
		closed(t, a)
		if _, err := Copy(t.Context(), dir, where, Options{}, Options{}, nil); !errors.Is(err, ErrExists) || errors.Is(err, ErrUnfinished) {
			t.Errorf("%d: a copy onto an archive: %v", n, err)
		}
	}
}

// stopping copies until progress was told n times, and reports whether it came to an end before.
func stopping(t testing.TB, from, to string, toOpts Options, n int) (Copied, bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done, err := Copy(ctx, from, to, Options{}, toOpts, func(Progress) {
		if n--; n <= 0 {
			cancel()
		}
	})
	if err != nil && (!errors.Is(err, context.Canceled) || !errors.Is(err, ErrUnfinished)) {
		t.Fatalf("broken off: %v", err)
	}
	return done, err == nil
}

// A copy that is broken off at any step is no archive, and the next one goes on with it, though the source has changed meanwhile.
func TestCopyBrokenOff(t *testing.T) {
	if onServer {
		t.Skip("goes between folders and servers by itself")
	}
	for _, server := range []bool{false, true} {
		t.Run(fmt.Sprintf("server %v", server), func(t *testing.T) {
			dir, other := toCopy(t), closed(t, filled(t, Options{}))
			to, opts := filepath.Join(t.TempDir(), "copy"), Options{}
			if server {
				to, opts = emptyServer(t)
			}
			kept := int64(0)
			for n, finished := 1, false; !finished; n += 9 {
				var done Copied
				if done, finished = stopping(t, dir, to, opts, n); finished {
					break
				}
				kept = max(kept, done.Kept)
				if _, err := Open(to, Options{}); !errors.Is(err, ErrNotArchive) || !errors.Is(err, ErrUnfinished) {
					t.Fatalf("open an unfinished copy: %v", err)
				}
				if server {
					if _, err := CreateShared(t.Context(), to, opts); !errors.Is(err, ErrUnfinished) {
						t.Fatal(err)
					}
				}
				if _, err := Copy(t.Context(), other, to, Options{}, opts, nil); !errors.Is(err, ErrExists) {
					t.Fatalf("a copy of another archive: %v", err)
				}
				a := opened(t, dir, Options{FileSize: 20_000})
				s, err := a.PutCapture(capture(day(600+n), "meanwhile"+strings.Repeat(" and again", n)))
				if err == nil && n%2 == 0 {
					_, err = a.Erase([]string{s.ID}, day(700), "request 4", true)
				}
				if err != nil {
					t.Fatal(err)
				}
				readAll(t, a)
				closed(t, a)
			}
			if kept < pieceSize {
				t.Errorf("%d bytes of earlier attempts were kept", kept)
			}
			b := opened(t, to, Options{})
			if p := checked(t, b); len(p) > 0 {
				t.Error(p)
			}
			if d := cmp.Diff(dumped(t, opened(t, dir, Options{ReadOnly: true}), true), dumped(t, b, true)); d != "" {
				t.Error(d)
			}
			if _, err := os.Stat(filepath.Join(to, copyFile)); err == nil {
				t.Error("the mark of an unfinished copy is left")
			}
		})
	}
}

// What a crash has spoiled at the end of an unfinished copy is written anew.
func TestCopyGoesOnAfterACrash(t *testing.T) {
	if onServer {
		t.Skip("goes between folders and servers by itself")
	}
	dir := toCopy(t)
	to := filepath.Join(t.TempDir(), "copy")
	stopping(t, dir, to, Options{}, 12)
	overwrite(t, filepath.Join(to, captureDir, fileName(1)), 500, func(b byte) byte { return b ^ 1 })
	if err := os.WriteFile(filepath.Join(to, indexFile), []byte("torn"), 0o644); err != nil {
		t.Fatal(err)
	}
	copyOf(t, dir, to, Options{})
	if p := checked(t, opened(t, to, Options{})); len(p) > 0 {
		t.Error(p)
	}

	address, opts := emptyServer(t)
	stopping(t, dir, address, opts, 12)
	gone := ""
	err := filepath.WalkDir(stores[address], func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && gone == "" {
			gone, err = path, os.Truncate(path, 100)
		}
		return err
	})
	if err != nil || gone == "" {
		t.Fatal(gone, err)
	}
	copyOf(t, dir, address, opts)
	a := opened(t, address, Options{})
	if p := checked(t, a); len(p) > 0 {
		t.Error(p)
	}
	if _, err := os.Stat(gone); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a cut object that was written anew is left: %v", err)
	}
}

func TestCopyRefuses(t *testing.T) {
	if onServer {
		t.Skip("goes between folders and servers by itself")
	}
	dir := toCopy(t)
	damaged := copied(t, dir)
	overwrite(t, filepath.Join(damaged, captureDir, fileName(2)), 3000, func(b byte) byte { return b ^ 0x40 })
	unsigned := copied(t, dir)
	overwrite(t, filepath.Join(unsigned, ledgerDir, "leaves"), 48*3+5, func(b byte) byte { return b ^ 0x40 })
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "letter.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	address, opts := emptyServer(t)
	for name, c := range map[string]struct {
		from, to string
		opts     Options
		err      error
		says     string
	}{
		"damaged records":    {damaged, filepath.Join(t.TempDir(), "a"), Options{}, ErrDamaged, "check the archive that is to be copied"},
		"damaged ledger":     {unsigned, filepath.Join(t.TempDir(), "b"), Options{}, ErrDamaged, "the root that was signed"},
		"not empty":          {dir, full, Options{}, ErrExists, "letter.txt"},
		"no archive":         {full, filepath.Join(t.TempDir(), "c"), Options{}, ErrNotArchive, ""},
		"no objects":         {dir, address, Options{}, ErrNoObjects, ""},
		"store of no folder": {dir, address, Options{Objects: opts.Objects + "/none"}, nil, "none"},
	} {
		_, err := Copy(t.Context(), c.from, c.to, Options{}, c.opts, nil)
		if err == nil || c.err != nil && !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Copy(t.Context(), dir, strings.Replace(address, "drittland@", "drittland:secret-word@", 1)+"&port=none", Options{}, opts, nil); err == nil || strings.Contains(err.Error(), "secret-word") {
		t.Errorf("a password in an error: %v", err)
	}
}

// A cutter cuts between records only, and gives all bytes.
func TestCutter(t *testing.T) {
	folderOnly(t)
	dir := toCopy(t)
	for _, e := range evidenceFiles(t, dir) {
		c := newCutter(bytes.NewReader(e))
		var got []byte
		for len(got) < len(e) {
			b, err := c.piece(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if b[0] != 0x1f || len(b) > pieceSize+(4<<20) {
				t.Errorf("a piece of %d bytes begins with %x", len(b), b[0])
			}
			got = append(got, b...)
		}
		if !bytes.Equal(got, e) {
			t.Error("other bytes")
		}
	}
}

func evidenceFiles(t testing.TB, dir string) (out [][]byte) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, captureDir, "*.gz"))
	for _, name := range names {
		b, wrong := os.ReadFile(name)
		out, err = append(out, b), errors.Join(err, wrong)
	}
	if err != nil || len(out) == 0 {
		t.Fatal(err)
	}
	return out
}
