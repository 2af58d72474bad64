package archive

// This file copies an index, bucket by bucket. What is the same already is left as it is.

import (
	"bytes"
	"fmt"

	"github.com/drittland/drittland/snapshots/archive/kv"
)

// Limits of what is changed by one transaction.
const (
	batchKeys  = 5000
	batchBytes = 4 << 20
)

func (c *copier) index() error {
	for i, name := range allBuckets {
		c.progress(Progress{"index", int64(i), int64(len(allBuckets))})
		if err := c.bucket([][]byte{name}); err != nil {
			return fmt.Errorf("index: %s: %w", name, err)
		}
	}
	return c.to.change(func(tx kv.Tx) error {
		for _, name := range allBuckets {
			if n := c.tx.Bucket(name).Sequence(); n != tx.Bucket(name).Sequence() {
				if err := tx.Bucket(name).SetSequence(n); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// at is the bucket at a path of at most two names; nil if there is none.
func at(tx kv.Tx, path [][]byte) kv.Bucket {
	b := tx.Bucket(path[0])
	if len(path) == 1 || b == nil {
		return b
	}
	return b.Bucket(path[1])
}

// bucket makes the bucket at a path like that of the source.
func (c *copier) bucket(path [][]byte) error {
	var inner [][]byte // names of buckets within it, in both
	var from []byte
	for {
		var b changes
		if err := c.to.look(func(tx kv.Tx) error { return c.compare(&b, at(c.tx, path), at(tx, path), from) }); err != nil {
			return err
		}
		inner = append(inner, b.inner...)
		if len(b.keys) > 0 {
			if err := c.to.change(func(tx kv.Tx) error { return b.apply(tx, path) }); err != nil {
				return err
			}
		}
		if err := c.ctx.Err(); err != nil || b.next == nil {
			if err != nil {
				return err
			}
			break
		}
		from = b.next
	}
	for _, name := range inner {
		if err := c.bucket([][]byte{path[0], name}); err != nil {
			return err
		}
	}
	return nil
}

// changes are what a bucket needs to be like another.
type changes struct {
	keys, values [][]byte // a nil value is a key that goes
	inner        [][]byte
	seen, bytes  int
	next         []byte // where to go on; nil at the end
}

// compare gathers what got, from a key on, needs to be like want. Either may be nil.
func (c *copier) compare(b *changes, want, got kv.Bucket, from []byte) error {
	cw, kw, vw := begin(want, from)
	cg, kg, vg := begin(got, from)
	for kw != nil || kg != nil {
		if b.seen++; b.seen > batchKeys || b.bytes > batchBytes {
			b.next = bytes.Clone(kw)
			if kw == nil || kg != nil && bytes.Compare(kg, kw) < 0 {
				b.next = bytes.Clone(kg)
			}
			return nil
		}
		order := bytes.Compare(kw, kg)
		if kg == nil {
			order = -1
		} else if kw == nil {
			order = 1
		}
		switch {
		case order <= 0 && vw == nil || order > 0 && vg == nil:
			name := kw
			if order > 0 {
				name = kg
			}
			b.inner = append(b.inner, bytes.Clone(name))
		case order > 0:
			b.add(kg, nil)
		case order < 0 || !bytes.Equal(vw, vg):
			b.add(kw, vw)
		}
		if order <= 0 {
			kw, vw = cw.Next()
		}
		if order >= 0 {
			kg, vg = cg.Next()
		}
	}
	return nil
}

func begin(b kv.Bucket, from []byte) (c kv.Cursor, k, v []byte) {
	if b == nil {
		return nil, nil, nil
	}
	c = b.Cursor()
	k, v = c.First()
	if from != nil {
		k, v = c.Seek(from)
	}
	return c, k, v
}

func (b *changes) add(k, v []byte) {
	b.keys = append(b.keys, bytes.Clone(k))
	if v != nil {
		v = append(make([]byte, 0, len(v)), v...) // an empty value is no nil
	}
	b.values = append(b.values, v)
	b.bytes += len(k) + len(v)
}

// apply makes the changes to the bucket at a path.
func (b *changes) apply(tx kv.Tx, path [][]byte) error {
	to := tx.Bucket(path[0])
	if len(path) == 2 {
		var err error
		if to, err = to.CreateBucketIfNotExists(path[1]); err != nil {
			return err
		}
	}
	for i, k := range b.keys {
		var err error
		if b.values[i] == nil {
			err = to.Delete(k)
		} else {
			err = to.Put(k, b.values[i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}
