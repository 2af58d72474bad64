package archive

// This file compares the objects of an archive on a server with the parts that they hold.

import (
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"time"

	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/archive/objects"
	"github.com/drittland/drittland/snapshots/archive/pg"
)

// staleAge is the age of an object at which no row is entered for it any more: it is written before the row that names it, and one that nothing names for long
// is deleted. In between, clocks may differ.
const staleAge = time.Hour

// stale reports whether an object that was written at a time may be an orphan by now. The clock of the wall counts: a machine may have slept.
func stale(written time.Time) bool { return time.Since(written.Round(0)) > staleAge }

// A misplaced object is one that is not as a part says, or that none names.
type misplaced struct {
	info   objects.Info // zero if there is none
	part   part         // zero if none names it
	number uint32       // of the capture file
}

// misplacedObjects compares the objects in a store with those that the index names, both of which come in order. What is written meanwhile may be given or not.
func (s *shared) misplacedObjects(ctx context.Context) iter.Seq2[misplaced, error] {
	return func(yield func(misplaced, error) bool) {
		next, stop := iter.Pull2(s.db.Sorted(ctx, pg.Cut{Bucket: "parts", Value: true, From: 8}, pg.Cut{Bucket: "doomed"}, pg.Cut{Bucket: "spare", From: 12}))
		defer stop()
		w, err, more := next()
		missing := func(before string) bool { // all that are named and stand before an object
			for ; more && err == nil && (before == "" || string(w.Word) < before); w, err, more = next() {
				if m, ok := namedPart(w); ok && !yield(m, nil) {
					return false
				}
			}
			if err != nil {
				yield(misplaced{}, err)
			}
			return err == nil
		}
		for info, bad := range s.objects.List(ctx, captureDir+"/", "") {
			if bad != nil {
				yield(misplaced{}, bad)
				return
			}
			if !missing(info.Name) {
				return
			}
			if !more || string(w.Word) != info.Name {
				if !yield(misplaced{info: info}, nil) {
					return
				}
				continue
			}
			for ; more && err == nil && string(w.Word) == info.Name; w, err, more = next() {
				m, ok := namedPart(w)
				if m.info = info; ok && m.part.length != info.Size && !yield(m, nil) {
					return
				}
			}
		}
		missing("")
	}
}

// namedPart is the part that names an object; ok is false if what names it needs it no more.
func namedPart(w pg.Word) (m misplaced, ok bool) {
	p, err := decodePart(w.Key, w.Value)
	if err != nil || p.name != string(w.Word) {
		return misplaced{}, false
	}
	return misplaced{number: binary.BigEndian.Uint32(w.Key), part: p}, true
}

func (m misplaced) orphan(before time.Time) bool {
	return m.part.name == "" && m.info.Time.Before(before)
}

// manyOrphans is how many a check names one by one.
const manyOrphans = 50

// objects checks that all objects are there, and names those that nothing needs.
func (c *checker) objects(tx kv.Tx) error {
	c.progress(Progress{"objects", 0, 1})
	keep, err := c.a.Keep()
	if err != nil {
		return err
	}
	now, err := c.a.shared.db.Now(c.ctx)
	if err != nil {
		return err
	}
	n, size := 0, int64(0)
	for m, err := range c.a.shared.misplacedObjects(c.ctx) {
		switch {
		case err != nil:
			return err
		case m.orphan(now.Add(-keep)):
			if n, size = n+1, size+m.info.Size; n <= manyOrphans {
				c.problems.add(Problem{File: captureDir, Note: true, What: fmt.Sprintf("object %s, %d bytes of %s, holds nothing that was recorded: a put was cut off",
					m.info.Name, m.info.Size, m.info.Time.UTC().Format(time.DateOnly))})
			}
		case m.part.name != "":
			if err := c.misplaced(m); err != nil {
				return err
			}
		}
	}
	if n > manyOrphans {
		c.problems.add(Problem{File: captureDir, Note: true, What: fmt.Sprintf("%d more objects hold nothing that was recorded; all %d have %d bytes", n-manyOrphans, n, size)})
	}
	if k, _ := tx.Bucket(bucketDoomed).Cursor().First(); k != nil {
		c.problems.add(Problem{File: captureDir, Note: true, What: "objects that hold what was erased are still there; the next command that writes to the archive takes them away"})
	}
	c.progress(Progress{"objects", 1, 1})
	return nil
}

// misplaced says that an object is not as it was written, unless another has taken its place meanwhile.
func (c *checker) misplaced(m misplaced) error {
	var now part
	err := c.a.shared.db.Peek(func(tx kv.Tx) (err error) { now, _, err = partAt(tx, m.number, m.part.at); return err })
	if err != nil || now.name != m.part.name {
		return err
	}
	what := fmt.Sprintf("object %s, which holds %d bytes from here on, is missing", m.part.name, m.part.length)
	if m.info.Name != "" {
		what = fmt.Sprintf("object %s has %d bytes, not %d", m.part.name, m.info.Size, m.part.length)
	}
	c.damage(Problem{File: fileName(m.number), Offset: m.part.at, What: what})
	return nil
}
