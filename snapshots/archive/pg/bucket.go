package pg

// This file is the buckets of a transaction and the cursors over them, which fetch keys by the page.

import (
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/drittland/drittland/snapshots/archive/kv"
)

// A bucket holds values: a table, or the part of a table that belongs to one bucket within another.
type bucket struct {
	tx     *tx
	name   string
	sub    string
	nested bool
}

func (b *bucket) at(key []byte) place { return place{b.sub, string(key)} }

// Get is that of a kv.Bucket.
func (b *bucket) Get(key []byte) []byte { return b.tx.get(b.name, b.at(key), b.nested) }

// Put is that of a kv.Bucket.
func (b *bucket) Put(key, value []byte) error {
	if len(key) == 0 {
		return fmt.Errorf("a key of %s is empty", b.name)
	}
	if value == nil {
		value = []byte{}
	}
	return b.tx.put(b.name, b.at(key), value)
}

// Delete is that of a kv.Bucket.
func (b *bucket) Delete(key []byte) error { return b.tx.put(b.name, b.at(key), nil) }

// Cursor is that of a kv.Bucket.
func (b *bucket) Cursor() kv.Cursor { return &cursor{b: b} }

// clean makes the server see what was changed.
func (b *bucket) clean() {
	if b.tx.dirty[b.name] == nil {
		return
	}
	if err := b.tx.send(b.name); err != nil {
		panic(failure{err})
	}
}

// ForEach is that of a kv.Bucket.
func (b *bucket) ForEach(f func(k, v []byte) error) error { return each(b.Cursor(), f) }

func each(c kv.Cursor, f func(k, v []byte) error) error {
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if err := f(k, v); err != nil {
			return err
		}
	}
	return nil
}

// Len is that of a kv.Bucket.
func (b *bucket) Len() int {
	b.clean()
	sql, args := "select count(*) from kv_"+b.name, []any{}
	if b.nested {
		sql, args = sql+" where sub = $1", append(args, []byte(b.sub))
	}
	var n int
	if err := b.tx.q.QueryRow(b.tx.ctx, sql, args...).Scan(&n); err != nil {
		panic(failure{failed(err)})
	}
	return n
}

// Bucket is that of a kv.Bucket.
func (b *bucket) Bucket([]byte) kv.Bucket { return nil }

// CreateBucketIfNotExists is that of a kv.Bucket.
func (b *bucket) CreateBucketIfNotExists([]byte) (kv.Bucket, error) {
	return nil, fmt.Errorf("%s holds no buckets", b.name)
}

// Sequence is that of a kv.Bucket.
func (b *bucket) Sequence() uint64 { return b.tx.sequence(b.name) }

// NextSequence is that of a kv.Bucket.
func (b *bucket) NextSequence() (uint64, error) {
	if !b.tx.writable {
		return 0, errReadOnly
	}
	n := b.tx.sequence(b.name) + 1
	b.tx.count(b.name, n)
	return n, nil
}

// SetSequence is that of a kv.Bucket.
func (b *bucket) SetSequence(n uint64) error {
	if !b.tx.writable {
		return errReadOnly
	}
	b.tx.count(b.name, n)
	return nil
}

// A page is the most keys that a cursor fetches at a time, and the bytes of values at which it fetches no more.
const (
	firstPage = 8
	lastPage  = 512
	fullPage  = 2 << 20
)

type cursor struct {
	b    *bucket
	keys [][]byte
	vals [][]byte
	i    int  // of the current key
	back bool // the page goes backward
	size int  // of the next page
	end  bool // the page is the last one in its direction
}

// First is that of a kv.Cursor.
func (c *cursor) First() (k, v []byte) { return c.from("", nil, false) }

// Last is that of a kv.Cursor.
func (c *cursor) Last() (k, v []byte) { return c.from("", nil, true) }

// Seek is that of a kv.Cursor.
func (c *cursor) Seek(key []byte) (k, v []byte) {
	if key == nil {
		key = []byte{}
	}
	return c.from(">=", key, false)
}

// Next is that of a kv.Cursor.
func (c *cursor) Next() (k, v []byte) { return c.step(false) }

// Prev is that of a kv.Cursor.
func (c *cursor) Prev() (k, v []byte) { return c.step(true) }

// from begins anew at a key.
func (c *cursor) from(op string, key []byte, back bool) (k, v []byte) {
	c.size = firstPage
	c.fetch(op, key, back)
	return c.current()
}

func (c *cursor) current() (k, v []byte) {
	if c.i >= len(c.keys) {
		return nil, nil
	}
	return c.keys[c.i], c.vals[c.i]
}

func (c *cursor) step(back bool) (k, v []byte) {
	if c.i >= len(c.keys) {
		return nil, nil // beyond the end, or before it began
	}
	if back != c.back {
		c.size = firstPage
		c.fetch(op(back), c.keys[c.i], back)
		return c.current()
	}
	if c.i+1 < len(c.keys) || c.end {
		c.i++
		return c.current()
	}
	c.fetch(op(back), c.keys[c.i], back)
	return c.current()
}

func op(back bool) string {
	if back {
		return "<"
	}
	return ">"
}

// fetch gets a page of keys: all from the first or last one on, or those that compare so with key.
func (c *cursor) fetch(op string, key []byte, back bool) {
	if c.fromTail(op, key, back) {
		return
	}
	c.b.clean()
	sql, args := "select key, value from kv_"+c.b.name, []any{c.size}
	where := " where "
	if c.b.nested {
		args = append(args, []byte(c.b.sub))
		sql, where = sql+where+"sub = $2", " and "
	}
	if op != "" {
		args = append(args, key)
		sql += fmt.Sprintf("%skey %s $%d", where, op, len(args))
	}
	sql += " order by key"
	if back {
		sql += " desc"
	}
	rows, err := c.b.tx.q.Query(c.b.tx.ctx, sql+" limit $1", args...)
	if err != nil {
		panic(failure{failed(err)})
	}
	defer rows.Close()
	c.keys, c.vals, c.i, c.back = nil, nil, 0, back
	bytes := 0
	for rows.Next() {
		k, v := []byte{}, []byte{}
		if err := rows.Scan(&k, &v); err != nil {
			panic(failure{failed(err)})
		}
		c.keys, c.vals = append(c.keys, k), append(c.vals, v)
		bytes += len(v)
	}
	if err := rows.Err(); err != nil {
		panic(failure{failed(err)})
	}
	c.end = len(c.keys) < c.size
	if bytes > fullPage/4 {
		c.size = max(firstPage, min(c.size, len(c.keys)*fullPage/bytes))
		return
	}
	c.size = min(4*c.size, lastPage)
}

// An outer bucket holds buckets, each the rows of a table with the same sub.
type outer struct {
	tx   *tx
	name string
}

// Bucket is that of a kv.Bucket.
func (o *outer) Bucket(name []byte) kv.Bucket {
	b := &bucket{tx: o.tx, name: o.name, sub: string(name), nested: true}
	if l := o.tx.tailOf(o.name, b.sub); l != nil && (l.whole || len(l.keys) > 0) {
		if len(l.keys) == 0 {
			return nil
		}
		return b
	}
	if c := o.tx.dirty[o.name]; c != nil {
		for at, v := range *c {
			if at.sub == b.sub && v != nil {
				return b
			}
		}
		b.clean()
	}
	var there bool
	if err := o.tx.q.QueryRow(o.tx.ctx, "select exists (select from kv_"+o.name+" where sub = $1)", name).Scan(&there); err != nil {
		panic(failure{failed(err)})
	}
	if !there {
		return nil
	}
	return b
}

// CreateBucketIfNotExists is that of a kv.Bucket. A bucket without keys is none.
func (o *outer) CreateBucketIfNotExists(name []byte) (kv.Bucket, error) {
	if len(name) == 0 {
		return nil, fmt.Errorf("a bucket in %s has no name", o.name)
	}
	return &bucket{tx: o.tx, name: o.name, sub: string(name), nested: true}, nil
}

// Get is that of a kv.Bucket.
func (o *outer) Get([]byte) []byte { return nil }

// Put is that of a kv.Bucket.
func (o *outer) Put(_, _ []byte) error { return fmt.Errorf("%s holds buckets only", o.name) }

// Delete is that of a kv.Bucket.
func (o *outer) Delete([]byte) error { return fmt.Errorf("%s holds buckets only", o.name) }

// Cursor is that of a kv.Bucket.
func (o *outer) Cursor() kv.Cursor {
	(&bucket{tx: o.tx, name: o.name}).clean()
	return &subs{o: o}
}

// ForEach is that of a kv.Bucket.
func (o *outer) ForEach(f func(k, v []byte) error) error { return each(o.Cursor(), f) }

// Len is that of a kv.Bucket.
func (o *outer) Len() int {
	n := 0
	_ = o.ForEach(func(_, _ []byte) error { n++; return nil })
	return n
}

// Sequence is that of a kv.Bucket.
func (o *outer) Sequence() uint64 { return o.tx.sequence(o.name) }

// NextSequence is that of a kv.Bucket.
func (o *outer) NextSequence() (uint64, error) {
	return 0, fmt.Errorf("%s holds buckets only", o.name)
}

// SetSequence is that of a kv.Bucket.
func (o *outer) SetSequence(uint64) error { return fmt.Errorf("%s holds buckets only", o.name) }

// subs goes through the names of buckets, one search in the primary key for each.
type subs struct {
	o  *outer
	at []byte
}

func (s *subs) find(sql string, args ...any) (k, v []byte) {
	var found []byte
	if err := s.o.tx.q.QueryRow(s.o.tx.ctx, "select "+fmt.Sprintf(sql, "kv_"+s.o.name), args...).Scan(&found); err != nil {
		panic(failure{failed(err)})
	}
	s.at = found
	return found, nil
}

const (
	least    = "(select sub from %[1]s "
	leastEnd = " order by sub limit 1)"
	mostEnd  = " order by sub desc limit 1)"
)

// First is that of a kv.Cursor.
func (s *subs) First() (k, v []byte) { return s.find(least + leastEnd) }

// Last is that of a kv.Cursor.
func (s *subs) Last() (k, v []byte) { return s.find(least + mostEnd) }

// Next is that of a kv.Cursor.
func (s *subs) Next() (k, v []byte) {
	if s.at == nil {
		return nil, nil
	}
	return s.find(least+"where sub > $1"+leastEnd, s.at)
}

// Prev is that of a kv.Cursor.
func (s *subs) Prev() (k, v []byte) {
	if s.at == nil {
		return nil, nil
	}
	return s.find(least+"where sub < $1"+mostEnd, s.at)
}

// Seek is that of a kv.Cursor.
func (s *subs) Seek(key []byte) (k, v []byte) {
	return s.find(least+"where sub >= $1"+leastEnd, key)
}

func sorted[V any](m map[string]V) iter.Seq[string] {
	return slices.Values(slices.Sorted(maps.Keys(m)))
}
