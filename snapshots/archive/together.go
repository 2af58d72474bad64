package archive

// This file enters what several goroutines put at a time in one transaction, with one checkpoint. All that it looks at comes with one question to the
// server: while a transaction is open, nobody else can enter anything.

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"time"

	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/ledger"
	"github.com/drittland/drittland/snapshots/warc"
)

// errMoved says that others have written what a stage has staged.
var errMoved = errors.New("others have written meanwhile")

// putFree is put for what depends on little that others write: it is staged and uploaded while others write as well, and only entered in
// turn. If others have recorded the same meanwhile, it is staged again.
func (a *Archive) putFree(fill func(*stage) (bool, error)) error {
	if a.shared == nil || a.opts.ReadOnly {
		return a.put(fill)
	}
	for range 3 {
		if err := a.putOnce(fill); !errors.Is(err, errMoved) {
			return err
		}
	}
	return a.put(fill)
}

func (a *Archive) putOnce(fill func(*stage) (bool, error)) error {
	var s *stage
	var anything bool
	err := a.view(func(tx kv.Tx) (err error) {
		s = newStage(a, tx)
		anything, err = fill(s)
		return err
	})
	if err != nil || !anything {
		return err
	}
	e, err := encode(s.records)
	if err != nil {
		return err
	}
	x := &entering{e: e, object: objectName(e.bytes), written: time.Now()}
	if err := a.shared.objects.Put(context.Background(), x.object, e.bytes); err != nil {
		return err
	}
	a.enterSoon(x)
	if errors.Is(x.err, errMoved) { // otherwise it may have been entered, whatever the error says
		return errors.Join(x.err, a.shared.objects.Delete(context.Background(), x.object))
	}
	if x.err == nil {
		s.keep()
	}
	return x.err
}

// entering is what was staged and uploaded, and is to be entered.
type entering struct {
	e       *encoded
	object  string
	written time.Time // when the object was
	done    bool
	err     error
}

// Limits of what is entered by one transaction.
const (
	manyPuts  = 64
	manyBytes = 32 << 20
)

// enterSoon enters x together with all that wait for their turn.
func (a *Archive) enterSoon(x *entering) {
	s := a.shared
	s.mu.Lock()
	s.waiting = append(s.waiting, x)
	s.mu.Unlock()
	s.turn.Lock()
	defer s.turn.Unlock()
	for !x.done { // another may have entered it
		s.mu.Lock()
		n, size := 0, 0
		for n < len(s.waiting) && n < manyPuts && (n == 0 || size < manyBytes) {
			size += len(s.waiting[n].e.bytes)
			n++
		}
		group := s.waiting[:n:n]
		s.waiting = s.waiting[n:]
		s.mu.Unlock()
		a.enterAll(group)
	}
}

// enterAll enters what a group has put. If that fails, each is entered by itself, so that it fails only for those that it is about.
func (a *Archive) enterAll(group []*entering) {
	err := a.enterGroup(group)
	if err != nil && len(group) > 1 {
		for _, x := range group {
			a.enterAll([]*entering{x})
		}
		return
	}
	for _, x := range group {
		if x.done = true; err != nil {
			x.err = err
		}
	}
}

func (a *Archive) enterGroup(group []*entering) error {
	return a.db.Append(func(tx kv.Tx) error {
		var es []*encoded
		for _, x := range group {
			es = append(es, x.e)
		}
		if err := fetch(tx, es...); err != nil {
			return err
		}
		w, err := a.within(tx)
		if err != nil {
			return err
		}
		entered := false
		for _, x := range group {
			var there bool
			if there, x.err = x.free(tx); there || errors.Is(x.err, errMoved) {
				continue
			}
			if x.err != nil {
				return x.err
			}
			w.captures.shelf.(*parts).uploaded = x.object
			if err := w.enterNew(x.e); err != nil {
				return err
			}
			entered = true
		}
		if !entered {
			return nil
		}
		return w.sign()
	})
}

// free is errMoved if the evidence holds one of the records already, or if the object has waited for long. If it holds them in this very object, they were
// entered by a transaction whose end was not heard of, and all is done.
func (x *entering) free(tx kv.Tx) (there bool, err error) {
	for _, w := range x.e.records {
		id, err := parseUUID(w.rec.ID())
		if err != nil {
			return false, err
		}
		at, err := locate(tx, id)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return false, err
		}
		p, _, err := partAt(tx, at.file, at.extent.Offset)
		if err != nil || p.name == x.object {
			return err == nil, err
		}
		return false, errMoved
	}
	if stale(x.written) {
		return false, errMoved
	}
	return false, nil
}

// fetch gets what a transaction that enters all of es will look at.
func fetch(tx kv.Tx, es ...*encoded) error {
	needs := []kv.Need{{Bucket: bucketMeta, Keys: [][]byte{keyLedger, keyKept, keyHeld}}, {Bucket: bucketParts, Last: 1},
		{Bucket: bucketVault, Sub: []byte(ledger.LeavesFile), Last: 5}}
	for _, name := range []string{publicFile, keyFile} {
		needs = append(needs, kv.Need{Bucket: bucketVault, Sub: []byte(name), Last: maxKey/chunk + 1})
	}
	for n := 1; n < ledger.Levels; n++ {
		needs = append(needs, kv.Need{Bucket: bucketVault, Sub: []byte(ledger.LevelFile(n)), Last: 3})
	}
	needs = append(needs, kv.Need{Bucket: bucketVault, Sub: []byte(checkpointFile), Last: 3})
	var records []written
	for _, e := range es {
		records = append(records, e.records...)
	}
	if len(records) > 0 {
		needs = append(needs, lookedAt(records)...)
	}
	return kv.Fetch(tx, needs...)
}

// lookedAt is what indexing some records looks at.
func lookedAt(records []written) []kv.Need {
	ids, bodies, found, terms := kv.Need{Bucket: bucketRecords}, kv.Need{Bucket: bucketBodies}, kv.Need{Bucket: bucketSnapshots}, kv.Need{Bucket: bucketTerms}
	gone := kv.Need{Bucket: bucketErased}
	body := func(hash []byte) {
		id := identify("body", hex.EncodeToString(hash))
		bodies.Keys, ids.Keys, gone.Keys = append(bodies.Keys, hash), append(ids.Keys, id[:]), append(gone.Keys, id[:])
	}
	for _, w := range records {
		if id, err := parseUUID(w.rec.ID()); err == nil {
			ids.Keys = append(ids.Keys, id[:])
		}
		if hash, ok := bodyHash(w.rec); ok {
			body(hash)
			if dict, err := parseUUID(warc.Bare(w.rec.Header.Get(dictionary))); err == nil {
				ids.Keys = append(ids.Keys, dict[:])
			}
		}
		if w.rec.Type() != "metadata" || w.rec.Header.Get("Content-Type") != typeEntries {
			continue
		}
		for line := range bytes.Lines(w.rec.Block) {
			e, err := lineEntry(line)
			if err != nil {
				continue // of another kind
			}
			if k, err := keysOf(e); err == nil {
				found.Keys, terms.Keys = append(found.Keys, k.id[:]), append(terms.Keys, k.terms)
				body(k.body)
			}
		}
	}
	return []kv.Need{ids, bodies, gone, found, terms}
}
