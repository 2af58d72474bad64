package archive

// This file compares the objects of an archive on a server with the parts that they hold, and takes away what puts that were cut off have left.

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"time"

	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/archive/objects"
	bolt "go.etcd.io/bbolt"
)

// An object is written before the row that names it. One that no row names is left alone until it is orphanAge old, by the clock of its store, and no row is
// entered for one that was written more than staleAge ago: in between, clocks may differ.
const (
	orphanAge = 24 * time.Hour
	staleAge  = time.Hour
)

// stale reports whether an object that was written at a time may be an orphan by now. The clock of the wall counts: a machine may have slept.
func stale(written time.Time) bool { return time.Since(written.Round(0)) > staleAge }

// bucketNames is of an index that is made for a comparison: name of an object → number, offset and length of its part; nothing if it is doomed.
var bucketNames = []byte("names")

// nameObjects enters the objects that tx knows in the index fresh.
func nameObjects(ctx context.Context, tx kv.Tx, fresh kv.DB) error {
	var keys, values [][]byte
	enter := func() error {
		err := fresh.Update(func(to kv.Tx) error {
			b, err := to.CreateBucketIfNotExists(bucketNames)
			for i, k := range keys {
				if err == nil {
					err = b.Put(k, values[i])
				}
			}
			return err
		})
		keys, values = keys[:0], values[:0]
		return errors.Join(err, ctx.Err())
	}
	add := func(name, value []byte) (err error) {
		if keys, values = append(keys, name), append(values, value); len(keys) == batchKeys {
			err = enter()
		}
		return err
	}
	err := tx.Bucket(bucketParts).ForEach(func(k, v []byte) error {
		if _, err := decodePart(k, v); err != nil {
			return err
		}
		return add(v[8:], bytes.Join([][]byte{k, v[:8]}, nil))
	})
	if err == nil {
		err = tx.Bucket(bucketDoomed).ForEach(func(k, _ []byte) error { return add(k, []byte{}) })
	}
	return errors.Join(err, enter())
}

// A misplaced object is one that is not as a part says, or that none names.
type misplaced struct {
	info   objects.Info // zero if there is none
	part   part         // zero if none names it
	number uint32       // of the capture file
}

// misplacedObjects compares the objects in a store with those named in fresh, both of which are in order.
func (s *shared) misplacedObjects(ctx context.Context, fresh kv.Tx) iter.Seq2[misplaced, error] {
	return func(yield func(misplaced, error) bool) {
		c := fresh.Bucket(bucketNames).Cursor()
		k, v := c.First()
		missing := func(before string) bool { // all that are named and stand before an object
			for ; k != nil && (before == "" || string(k) < before); k, v = c.Next() {
				if len(v) > 0 && !yield(namedPart(k, v), nil) {
					return false
				}
			}
			return true
		}
		for info, err := range s.objects.List(ctx, captureDir+"/", "") {
			if err != nil {
				yield(misplaced{}, err)
				return
			}
			if !missing(info.Name) {
				return
			}
			if string(k) != info.Name {
				if !yield(misplaced{info: info}, nil) {
					return
				}
				continue
			}
			if len(v) > 0 {
				if m := namedPart(k, v); m.part.length != info.Size {
					m.info = info
					if !yield(m, nil) {
						return
					}
				}
			}
			k, v = c.Next()
		}
		missing("")
	}
}

func namedPart(k, v []byte) misplaced {
	return misplaced{number: binary.BigEndian.Uint32(v), part: part{at: int64(binary.BigEndian.Uint64(v[4:])),
		length: int64(binary.BigEndian.Uint64(v[12:])), name: string(k)}}
}

func (m misplaced) orphan() bool {
	return m.part.name == "" && time.Since(m.info.Time) > orphanAge
}

// manyOrphans is how many a check names one by one.
const manyOrphans = 50

// objects checks that all objects are there, and names those that nothing needs.
func (c *checker) objects(tx kv.Tx) error {
	c.progress(Progress{"objects", 0, 1})
	if err := nameObjects(c.ctx, tx, c.fresh); err != nil {
		return err
	}
	n, size := 0, int64(0)
	err := c.fresh.View(func(fresh kv.Tx) error {
		for m, err := range c.a.shared.misplacedObjects(c.ctx, fresh) {
			switch {
			case err != nil:
				return err
			case m.orphan():
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
		return nil
	})
	if n > manyOrphans {
		c.problems.add(Problem{File: captureDir, Note: true, What: fmt.Sprintf("%d more objects hold nothing that was recorded; all %d have %d bytes", n-manyOrphans, n, size)})
	}
	if k, _ := tx.Bucket(bucketDoomed).Cursor().First(); k != nil {
		c.problems.add(Problem{File: captureDir, Note: true, What: "objects that hold what was erased are still there; the next command that writes to the archive takes them away"})
	}
	c.progress(Progress{"objects", 1, 1})
	return err
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

// Tidied counts what was taken away.
type Tidied struct {
	Objects int
	Bytes   int64
}

// Tidy takes away the objects of an archive on a server that hold nothing that was recorded and are older than a day: puts that were cut off have left them.
// One that is named by anything is never touched. Others may write meanwhile. In a folder there are none.
func (a *Archive) Tidy(ctx context.Context) (Tidied, error) {
	var done Tidied
	if a.opts.ReadOnly {
		return done, ErrReadOnly
	}
	if a.shared == nil {
		return done, nil
	}
	if err := a.tidy(ctx, &done); err != nil {
		return done, fmt.Errorf("tidy %s: %w", a.dir, err)
	}
	return done, nil
}

func (a *Archive) tidy(ctx context.Context, done *Tidied) error {
	dir, err := os.MkdirTemp("", "drittland-tidy-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file, err := bolt.Open(filepath.Join(dir, indexFile), 0o600, &bolt.Options{NoSync: true, NoFreelistSync: true})
	if err != nil {
		return err
	}
	defer file.Close()
	fresh := kv.Bolt{DB: file}
	if err := a.view(func(tx kv.Tx) error { return nameObjects(ctx, tx, fresh) }); err != nil {
		return err
	}
	page := map[string]int64{}
	err = fresh.View(func(tx kv.Tx) error {
		for m, err := range a.shared.misplacedObjects(ctx, tx) {
			if err != nil {
				return err
			}
			if !m.orphan() {
				continue
			}
			if page[m.info.Name] = m.info.Size; len(page) == 1000 {
				if err := a.takeOrphans(ctx, page, done); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return a.takeOrphans(ctx, page, done)
}

// takeOrphans deletes objects, if nothing names them now. No row is entered meanwhile.
func (a *Archive) takeOrphans(ctx context.Context, page map[string]int64, done *Tidied) error {
	if len(page) == 0 {
		return nil
	}
	defer clear(page)
	return a.db.Append(func(tx kv.Tx) error {
		err := tx.Bucket(bucketParts).ForEach(func(_, v []byte) error {
			delete(page, string(v[min(8, len(v)):]))
			return nil
		})
		for name, size := range page {
			if err == nil {
				err = ctx.Err()
			}
			if err == nil {
				err = a.shared.objects.Delete(ctx, name)
			}
			if err == nil {
				done.Objects, done.Bytes = done.Objects+1, done.Bytes+size
			}
		}
		return err
	})
}
