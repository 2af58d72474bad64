package archive

// This file has several write to one archive on a server at the same time.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/archive/pg"
	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
	"github.com/drittland/drittland/snapshots/ledger"
)

// captureOf is a capture of one of many services, all with the same certificates.
func captureOf(service, n int) *snapshots.Capture {
	c := capture(day(n), fmt.Sprintf("Service %d stores data in Norway, text %d.", service, n))
	c.Terms = snapshots.Terms{Service: fmt.Sprint("Service ", service), Type: "Privacy Policy"}
	return c
}

func TestWritersTogether(t *testing.T) {
	address := createdOnServer(t)
	const processes, services, each = 3, 4, 5
	var wg sync.WaitGroup
	for range processes { // all of them put the same captures
		a := opened(t, address, Options{FileSize: 20_000})
		for service := range services {
			wg.Go(func() {
				for n := range each {
					if _, err := a.PutCapture(captureOf(service, n)); err != nil {
						t.Error(err)
					}
					if err := covered(a); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	a := opened(t, address, Options{})
	sound(t, a)
	s, err := a.Stats()
	if err != nil || s.Snapshots != services*each {
		t.Errorf("%d snapshots, not %d: %v", s.Snapshots, services*each, err)
	}
	for service := range services {
		for _, snap := range all(t, a.Snapshots(captureOf(service, 0).Terms)) {
			if b, err := a.Body(snap); err != nil || len(b) == 0 {
				t.Error(err)
			}
			proven(t, a, snap.ID)
		}
	}
	before := dumped(t, a, false)
	closed(t, a)
	if _, err := Rebuild(t.Context(), address, Options{}, nil); err != nil {
		t.Fatal(err)
	}
	if after := dumped(t, opened(t, address, Options{}), false); after != before {
		t.Error("the index that is made anew is another")
	}
}

// covered reports an error if a reader sees a record that no checkpoint signs.
func covered(a *Archive) error {
	return a.steady(func(w *Archive) error {
		_, c, err := w.lastCheckpoint()
		if err == nil && c.Size != w.log.Size() || c.Size != w.logged.leaves {
			err = fmt.Errorf("%d leaves, %d signed, %d indexed", w.log.Size(), c.Size, w.logged.leaves)
		}
		return err
	})
}

// A server that crashes while many put loses nothing that was said to be recorded, and nothing is recorded twice.
func TestServerCrashesWhilePutting(t *testing.T) {
	pgtest.Need(t)
	server, err := pgtest.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	address := server.Database(t)
	if _, err := CreateShared(t.Context(), address, Options{Objects: "file://" + t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	a := opened(t, address, Options{})
	const services, each = 4, 12
	var wg sync.WaitGroup
	failed := 0
	var mu sync.Mutex
	for service := range services {
		wg.Go(func() {
			for n := range each {
				for {
					_, err := a.PutCapture(captureOf(service, n))
					if err == nil {
						break
					}
					if !errors.Is(err, pg.ErrUnreachable) {
						t.Error(err)
						return
					}
					mu.Lock()
					failed++
					mu.Unlock()
				}
			}
		})
	}
	for i := range 2 {
		for seen := 0; seen < 8*(i+1); {
			_ = a.view(func(tx kv.Tx) error { seen = tx.Bucket(bucketSnapshots).Len(); return nil })
		}
		server.Stop(true)
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
	if failed == 0 {
		t.Error("no put has noticed the crash")
	}
	b := opened(t, address, Options{})
	sound(t, b)
	if s, err := b.Stats(); err != nil || s.Snapshots != services*each {
		t.Errorf("%d snapshots, not %d: %v", s.Snapshots, services*each, err)
	}
}

// An object that is gone is damage where it stood and nowhere else.
func TestObjectIsGone(t *testing.T) {
	address := createdOnServer(t)
	a := opened(t, address, Options{})
	var snaps []snapshots.Snapshot
	for n := range 5 {
		s, err := a.PutCapture(captureOf(1, n))
		if err != nil {
			t.Fatal(err)
		}
		snaps = append(snaps, s)
	}
	var gone string
	if err := a.view(func(tx kv.Tx) error {
		id, err := parseUUID(snaps[2].ID)
		if err != nil {
			return err
		}
		at, err := locate(tx, id)
		if err != nil {
			return err
		}
		p, _, err := partAt(tx, at.file, at.extent.Offset)
		gone = p.name
		return err
	}); err != nil {
		t.Fatal(err)
	}
	closed(t, a)
	if err := os.Remove(filepath.Join(stores[address], filepath.FromSlash(gone))); err != nil {
		t.Fatal(err)
	}
	a = opened(t, address, Options{ReadOnly: true})
	for i, s := range snaps {
		if _, err := a.Body(s); (err != nil) != (i == 2) {
			t.Errorf("body %d: %v", i, err)
		}
	}
	found, err := a.Check(context.Background(), nil)
	if err != nil || !found.Damaged() {
		t.Errorf("%v, %v", found, err)
	}
	for _, p := range found {
		if p.Record == snaps[1].ID || p.Record == snaps[4].ID {
			t.Errorf("what is whole is said to be damaged: %s", p)
		}
	}
}

// Where objects cannot be written, nothing is recorded.
func TestNoRoomForObjects(t *testing.T) {
	address := createdOnServer(t)
	a := opened(t, address, Options{})
	if _, err := a.PutCapture(captureOf(1, 1)); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(stores[address], stores[address]+".away"); err != nil {
		t.Fatal(err)
	}
	_, err := a.PutCapture(captureOf(1, 2))
	_, again := a.PutImports(imports("Clipzy/Privacy Policy.md", texts(1, 2, 500)), Cursor{})
	if err == nil || again == nil {
		t.Errorf("%v, %v", err, again)
	}
	if err := os.Rename(stores[address]+".away", stores[address]); err != nil {
		t.Fatal(err)
	}
	sound(t, a)
	if s, err := a.Stats(); err != nil || s.Snapshots != 1 {
		t.Errorf("%d snapshots: %v", s.Snapshots, err)
	}
}

// Each put signs a checkpoint, but few of them stay; those that were handed out do.
func TestFewCheckpointsStay(t *testing.T) {
	address := createdOnServer(t)
	a := opened(t, address, Options{})
	var held []string
	for n := range 12 {
		if _, err := a.PutCapture(captureOf(1, n)); err != nil {
			t.Fatal(err)
		}
		if n%5 == 0 {
			signed, err := a.Checkpoint()
			if err != nil {
				t.Fatal(err)
			}
			held = append(held, string(signed))
		}
	}
	err := a.steady(func(w *Archive) error {
		whole, _, err := w.checkpoints(0)
		stay := map[string]bool{}
		for _, c := range whole {
			stay[string(c)] = true
		}
		for i, c := range held {
			if !stay[c] {
				t.Errorf("checkpoint %d, which was handed out, is gone", i)
			}
		}
		if len(whole) > len(held)+1 {
			t.Errorf("%d checkpoints", len(whole))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	sound(t, a)
}

func TestOpenOnServerRefuses(t *testing.T) {
	address := pgtest.Need(t).Database(t)
	if _, err := Open(address, Options{}); !errors.Is(err, ErrNotArchive) {
		t.Errorf("empty database: %v", err)
	}
	if _, err := CreateShared(t.Context(), address, Options{}); !errors.Is(err, ErrNoObjects) {
		t.Errorf("no store of objects: %v", err)
	}
	if _, err := Open(address, Options{}); err == nil {
		t.Error("half made")
	}
	registered(t, address, t.TempDir())
	if made, err := CreateShared(t.Context(), address, Options{}); err != nil || made {
		t.Errorf("made already: %v, %v", made, err)
	}
	a := opened(t, address, Options{ReadOnly: true})
	if _, err := a.PutCapture(captureOf(1, 1)); !errors.Is(err, ErrReadOnly) {
		t.Error(err)
	}
	if _, err := a.Checkpoint(); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	var _ ledger.Storage = a.files
}

// Of a transaction whose end was not heard of, what it has entered is not taken for that of others: its object would be deleted.
func TestEnteredAndNotHeardOf(t *testing.T) {
	address := createdOnServer(t)
	a := opened(t, address, Options{})
	var x *entering
	if err := a.view(func(tx kv.Tx) error {
		s := newStage(a, tx)
		snap, err := captured(tx, captureOf(1, 1))
		if err != nil {
			return err
		}
		if _, err := s.capture(&snap, captureOf(1, 1)); err != nil {
			return err
		}
		e, err := encode(s.records)
		if err != nil {
			return err
		}
		x = &entering{e: e, object: objectName(e.bytes), written: time.Now()}
		return a.shared.objects.Put(t.Context(), x.object, e.bytes)
	}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time after a connection that was lost at the end of the first
		x.done = false
		if a.enterAll([]*entering{x}); x.err != nil || !x.done {
			t.Fatal(x.err)
		}
	}
	if s, err := a.Stats(); err != nil || s.Snapshots != 1 {
		t.Errorf("%d snapshots, %v", s.Snapshots, err)
	}
	other := &entering{e: x.e, object: objectName(x.e.bytes), written: time.Now()}
	if a.enterAll([]*entering{other}); !errors.Is(other.err, errMoved) {
		t.Errorf("the same of another: %v", other.err)
	}
	sound(t, a)
}
