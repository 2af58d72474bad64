package archive

// This file erases the content of snapshots: first it is recorded that, when and why, then the records are blanked and what was derived from
// them goes. What a crash has left undone is done on the next opening.

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
)

var (
	keyErasing = []byte("erasing") // of meta: an erasure is recorded and perhaps not done
	keyScrub   = []byte("scrub")   // of meta: free pages of the index may hold erased texts
)

// A SharedError says that other snapshots hold the content that was to be erased. Nothing was done.
type SharedError struct {
	Others []snapshots.Snapshot // oldest first
}

func (e *SharedError) Error() string {
	return fmt.Sprintf("%d other snapshots hold the same content", len(e.Others))
}

// Erase takes the content of the snapshots called ids out of the archive for good: what servers answered, pictures, bodies, the texts
// that were read from them, and the opinions of the second reader on these. Heads of records, entries and the ledger stay, and with them the proof that something was recorded, and an entry
// that says when and why it went. If other snapshots hold the same content it is a *SharedError, unless all is set, which erases them, too.
// The versions of all terms that are touched are to be read again. It returns what was recorded. What stands elsewhere, in
// backups, in files that were moved aside, in decisions that quote the text, is not touched.
func (a *Archive) Erase(ids []string, at time.Time, why string, all bool) (snapshots.Erasure, error) {
	return a.erase(at, why, func(s *stage) (*plan, error) {
		p := newPlan(s)
		p.all = all
		return p, p.make(ids)
	})
}

// erase does what a plan says. A plan without a snapshot does nothing.
func (a *Archive) erase(at time.Time, why string, make func(*stage) (*plan, error)) (snapshots.Erasure, error) {
	x := snapshots.Erasure{At: at.UTC().Truncate(time.Microsecond), Why: strings.TrimSpace(why)}
	if x.Why == "" || len(x.Why) > snapshots.MaxWhy || x.At.IsZero() {
		return x, fmt.Errorf("erase: an erasure has a date and a reason of at most %d bytes", snapshots.MaxWhy)
	}
	err := a.put(func(s *stage) (bool, error) {
		p, err := make(s)
		if err != nil || len(p.snapshots) == 0 {
			return false, err
		}
		return p.stage(&x)
	})
	switch {
	case err == nil && a.shared != nil:
		err = a.finishShared()
	case err == nil:
		a.mu.Lock()
		defer a.mu.Unlock()
		err = a.finishErasures()
	}
	if err != nil {
		return x, fmt.Errorf("erase: %w", err)
	}
	return x, nil
}

// finishErasures makes sure that all erased records are blank and that nothing of them is left in the index.
func (a *Archive) finishErasures() error {
	todo := map[uint32][]place{}
	err := a.view(func(tx kv.Tx) error {
		a.scrub = tx.Bucket(bucketMeta).Get(keyScrub) != nil
		if tx.Bucket(bucketMeta).Get(keyErasing) == nil {
			return nil
		}
		a.scrub = true
		return tx.Bucket(bucketErased).ForEach(func(k, _ []byte) error {
			p, err := locate(tx, uuid(k))
			if err == nil {
				_, err = a.captures.read(p)
			}
			if err == nil {
				todo[p.file] = append(todo[p.file], p)
			}
			if errors.Is(err, ErrErased) || errors.Is(err, ErrDamaged) { // done, or check names it
				return nil
			}
			return err
		})
	})
	if err != nil || !a.scrub {
		return err
	}
	if err := a.captures.tidy(); err != nil {
		return err
	}
	for number, places := range todo {
		if err := a.captures.blank(number, places); err != nil {
			return fmt.Errorf("erase in %s: %w", fileName(number), err)
		}
	}
	a.bodies.empty()
	return a.update(func(tx kv.Tx) error {
		if tx.Bucket(bucketMeta).Get(keyErasing) == nil {
			return nil
		}
		return errors.Join(a.forgetTexts(tx), tx.Bucket(bucketMeta).Delete(keyErasing), tx.Bucket(bucketMeta).Put(keyScrub, []byte{1}))
	})
}

// blank makes some records of a capture file blank.
func (c *captures) blank(number uint32, places []place) error {
	slices.SortFunc(places, func(a, b place) int { return int(a.extent.Offset - b.extent.Offset) })
	var patches []patch
	for _, p := range places {
		m, err := c.member(number, p.extent.Offset)
		if err != nil {
			return err
		}
		b, err := blank(m.Bytes, m.Record)
		if err != nil {
			return err
		}
		patches = append(patches, patch{p.extent.Offset, b})
	}
	return errors.Join(c.close(), c.overwrite(number, patches), c.close()) // what is open is the old file
}

// forgetTexts takes everything out of the index that was read from erased snapshots, builds upon that, or was made of it, and has the
// terms that are touched read again.
func (a *Archive) forgetTexts(tx kv.Tx) error {
	gone := map[string]bool{}
	err := tx.Bucket(bucketForgotten).ForEach(func(k, _ []byte) error {
		s, err := snapshotAt(tx, k)
		gone[s.ID] = true
		return err
	})
	if err != nil {
		return err
	}
	texts, err := lostTexts(tx, gone)
	if err != nil {
		return err
	}
	touched := map[string]bool{}
	err = eachVersion(tx, func(v snapshots.Version) error {
		key, err := termsKey(v.Terms)
		hit := len(documentsOf(v, gone)) > 0 || gone[v.Snapshot]
		for _, h := range append(annexDocuments(v), v.Document) {
			id, none := named(h)
			hit = hit || none == nil && texts[id]
		}
		if hit {
			touched[string(key)] = true
		}
		return err
	})
	for key := range touched {
		err = errors.Join(err, forgetVersions(tx, []byte(key)))
	}
	for id := range texts {
		err = errors.Join(err, tx.Bucket(bucketDocuments).Delete(id[:]))
	}
	if err != nil {
		return err
	}
	if err := tx.DeleteBucket(bucketDerived); err != nil {
		return err
	}
	_, err = tx.CreateBucketIfNotExists(bucketDerived)
	return err
}

// lostTexts are the documents that were read from some snapshots, and those that are compressed against them or against their bodies.
func lostTexts(tx kv.Tx, gone map[string]bool) (map[uuid]bool, error) {
	lost := map[uuid]bool{}
	err := eachVersion(tx, func(v snapshots.Version) error {
		for h := range documentsOf(v, gone) {
			id, err := named(h)
			if err != nil {
				return err
			}
			lost[id] = true
		}
		return nil
	})
	for grown := true; grown && err == nil; {
		grown = false
		err = tx.Bucket(bucketDocuments).ForEach(func(k, b []byte) error {
			p, err := unpack(b)
			if err == nil && !lost[uuid(k)] && (lost[p.dict] || tx.Bucket(bucketErased).Get(p.body[:]) != nil) {
				lost[uuid(k)], grown = true, true
			}
			return err
		})
	}
	return lost, err
}

// Leftovers are files in the archive that may hold what was erased: they were moved aside when something was damaged.
func (a *Archive) Leftovers() ([]string, error) {
	var out []string
	for _, pattern := range []string{indexFile + ".damaged*", filepath.Join(captureDir, "*.torn-*")} {
		names, err := filepath.Glob(filepath.Join(a.dir, pattern))
		if err != nil {
			return nil, err
		}
		out = append(out, names...)
	}
	return out, nil
}
