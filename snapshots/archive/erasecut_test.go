package archive

// These tests cut erasures off, and take content away without one.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
)

// recordErasure does the first step of an erasure alone: what a process that is killed behind it has done.
func recordErasure(t testing.TB, a *Archive, ids []string) {
	t.Helper()
	x := snapshots.Erasure{At: day(300), Why: "request 17"}
	err := a.put(func(s *stage) (bool, error) {
		p := &plan{s: s, all: true, snapshots: map[string]bool{}, records: map[uuid]bool{}, bodies: map[snapshots.Hash]bool{}, documents: map[snapshots.Hash]bool{}}
		if err := p.make(ids); err != nil {
			return false, err
		}
		return p.stage(&x)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A process that erases is killed between any two of its steps: nothing is taken for damage, and the next opening finishes it.
func TestEraseCutOff(t *testing.T) {
	folderOnly(t)
	a, s := withSecret(t)
	gone := ids(s, "page", "rendered", "annex", "text 5")
	dir := closed(t, a)
	before, err := os.ReadFile(filepath.Join(dir, indexFile))
	if err != nil {
		t.Fatal(err)
	}
	blankAll := func(t *testing.T, a *Archive, most int) {
		t.Helper()
		places := map[uint32][]place{}
		for _, w := range records(t, a.Dir()) {
			id, err := parseUUID(w.rec.ID())
			if err != nil {
				t.Fatal(err)
			}
			if err := a.db.View(func(tx kv.Tx) error {
				if tx.Bucket(bucketErased).Get(id[:]) != nil {
					places[w.place.file] = append(places[w.place.file], w.place)
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		if len(places) < 2 {
			t.Fatalf("what is to be erased stands in %d files", len(places))
		}
		for n, list := range places {
			if most--; most < 0 {
				return
			}
			if err := a.captures.blank(n, list); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, step := range map[string]func(*testing.T, *Archive){
		"recorded":       func(*testing.T, *Archive) {},
		"one file":       func(t *testing.T, a *Archive) { blankAll(t, a, 1) },
		"all files":      func(t *testing.T, a *Archive) { blankAll(t, a, 9) },
		"within a file":  func(t *testing.T, a *Archive) { write(t, a, "000001.warc.gz.new", []byte(secret)) },
		"index is older": nil,
		"no index":       nil,
	} {
		t.Run(name, func(t *testing.T) {
			bad := copied(t, dir)
			a := opened(t, bad, Options{FileSize: 10_000})
			recordErasure(t, a, gone)
			closedWithoutFinishing(t, a)
			switch name {
			case "index is older":
				if err := os.WriteFile(filepath.Join(bad, indexFile), before, 0o644); err != nil {
					t.Fatal(err)
				}
			case "no index":
				if err := os.Remove(filepath.Join(bad, indexFile)); err != nil {
					t.Fatal(err)
				}
				if p, err := Rebuild(context.Background(), bad, Options{}, nil); err != nil || len(p) > 0 {
					t.Fatalf("%v, %v", p, err)
				}
			default:
				reader := opened(t, bad, Options{ReadOnly: true})
				step(t, reader)
				closed(t, reader)
				reader = opened(t, bad, Options{ReadOnly: true})
				p := checked(t, reader)
				if p.Damaged() || len(p) == 0 || !strings.Contains(fmt.Sprint(p), "an erasure was cut off") {
					t.Errorf("check says %v", p)
				}
				closed(t, reader)
			}
			a = opened(t, bad, Options{})
			readAll(t, a)
			if p := checked(t, a); len(p) > 0 {
				t.Errorf("finished: %v", p)
			}
			if d := holdsSecret(t, a); len(d) > 0 {
				t.Errorf("the secret is left in %q", d)
			}
		})
	}
}

func write(t testing.TB, a *Archive, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(a.Dir(), captureDir, name), b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// closedWithoutFinishing closes an archive as the end of its process does.
func closedWithoutFinishing(t testing.TB, a *Archive) {
	t.Helper()
	if err := errors.Join(a.captures.close(), a.db.Close()); err != nil {
		t.Fatal(err)
	}
}

// A record that was blanked without an erasure that says so is damage, and so is one that is gone altogether although one says so.
func TestErasedWithoutMarker(t *testing.T) {
	folderOnly(t)
	a, s := withSecret(t)
	dir := closed(t, a)
	bad := copied(t, dir)
	var at written
	for _, w := range records(t, bad) {
		if w.rec.Type() == "response" && len(w.rec.Block) > 200 {
			at = w
		}
	}
	a = opened(t, bad, Options{})
	if err := a.captures.blank(at.place.file, []place{at.place}); err != nil {
		t.Fatal(err)
	}
	closed(t, a)
	for range 2 {
		p := found(t, bad)
		if len(p) == 0 || p[0].Record != at.rec.ID() || !strings.Contains(p[0].What, "no erasure says when and why") {
			t.Errorf("%v", p)
		}
		if _, err := Rebuild(context.Background(), bad, Options{}, nil); err != nil {
			t.Fatal(err)
		}
	}
	gone := copied(t, dir)
	a = opened(t, gone, Options{})
	x, err := a.Erase(ids(s, "after"), day(300), "request 17", false)
	if err != nil {
		t.Fatal(err)
	}
	readAll(t, a)
	closed(t, a)
	if p := found(t, gone); len(p) > 0 {
		t.Fatalf("erased: %v", p)
	}
	all := records(t, gone)
	at = all[slices.IndexFunc(all, func(w written) bool { return w.rec.ID() == x.Records[0] })]
	overwrite(t, filepath.Join(gone, captureDir, fileName(at.place.file)), at.place.extent.Offset+at.place.extent.Length/2, func(b byte) byte { return b ^ 0x55 })
	if p := found(t, gone); len(p) == 0 || !strings.Contains(fmt.Sprint(p), at.rec.ID()) {
		t.Errorf("damage to what stands in the place of an erased record: %v", p)
	}
}

// What is copied while something is erased is the archive before or after.
func TestEraseWhileBackingUp(t *testing.T) {
	folderOnly(t)
	a, s := withSecret(t)
	dir := closed(t, a)
	done := make(chan error, 1)
	go func() {
		for i := range 12 {
			a, err := Open(dir, Options{})
			if err == nil {
				_, err = a.Erase(ids(s, fmt.Sprint("text ", i)), day(300+i), "request 17", true)
				err = errors.Join(err, a.Close())
			}
			if err != nil {
				done <- err
				return
			}
		}
		close(done)
	}()
	for {
		dst := filepath.Join(t.TempDir(), "saved")
		if err := Backup(dir, dst, Options{}); err != nil && !strings.Contains(err.Error(), "are being erased") {
			t.Fatal(err)
		} else if err == nil {
			b := opened(t, dst, Options{ReadOnly: true})
			sound(t, b)
			closed(t, b)
		}
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
			return
		default:
		}
	}
}
