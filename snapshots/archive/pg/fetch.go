package pg

// This file gets what a transaction will look at with one question to the server, and keeps it up to date with what the transaction changes.

import (
	"cmp"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/snapshots/archive/kv"
)

// A known key is one that was asked for; its value is nil if there is none.
type known map[place][]byte

// A tail is all keys of a bucket from one on, in order.
type tail struct {
	keys  []string
	vals  [][]byte
	whole bool // there are no others before
}

// covers reports whether the tail holds all keys that are not below key.
func (t *tail) covers(key string) bool {
	return t != nil && (t.whole || len(t.keys) > 0 && key >= t.keys[0])
}

func (t *tail) change(key string, value []byte) {
	if !t.covers(key) {
		return
	}
	i, there := slices.BinarySearch(t.keys, key)
	switch {
	case there && value == nil && i == 0 && !t.whole: // it would not be known any more where the tail begins
		t.vals[i] = nil
	case there && value == nil:
		t.keys, t.vals = slices.Delete(t.keys, i, i+1), slices.Delete(t.vals, i, i+1)
	case there:
		t.vals[i] = value
	case value != nil:
		t.keys, t.vals = slices.Insert(t.keys, i, key), slices.Insert(t.vals, i, value)
	}
}

// at is the tail of a bucket, nil if none was fetched.
func (t *tx) tailOf(bucket, sub string) *tail { return t.tails[bucket][sub] }

// remember notes what is changed. It is sent later.
func (t *tx) remember(bucket string, at place, value []byte) {
	if k := t.known[bucket]; k != nil {
		if _, ok := k[at]; ok {
			k[at] = value
		}
	}
	t.tailOf(bucket, at.sub).change(at.key, value)
}

// recall is what was fetched of a place.
func (t *tx) recall(bucket string, at place) (value []byte, ok bool) {
	if value, ok = t.known[bucket][at]; ok {
		return value, true
	}
	if l := t.tailOf(bucket, at.sub); l.covers(at.key) {
		if i, there := slices.BinarySearch(l.keys, at.key); there {
			return l.vals[i], true
		}
		return nil, true
	}
	return nil, false
}

// maxKnown is how many keys are remembered at most.
const maxKnown = 50_000

// Fetch is that of a kv.Fetcher.
func (t *tx) Fetch(needs ...kv.Need) error {
	q, ok := t.q.(batcher)
	if !ok || t.counted == nil { // no transaction: what is there now may be another thing later
		return nil
	}
	n := 0
	for _, k := range t.known {
		n += len(k)
	}
	if n > maxKnown {
		clear(t.known)
	}
	var batch pgx.Batch
	for _, n := range needs {
		name := string(n.Bucket)
		if _, ok := buckets[name]; !ok {
			continue
		}
		if len(n.Keys) > 0 {
			t.queueKeys(&batch, name, n)
		}
		if n.Last > 0 && t.dirty[name] == nil { // what was changed is not fetched again
			t.queueTail(&batch, name, n)
		}
	}
	if len(t.counted) == 0 {
		batch.Queue("select bucket, n from kv_sequences").Query(t.readSequences)
	}
	if batch.Len() == 0 {
		return nil
	}
	return failed(q.SendBatch(t.ctx, &batch).Close())
}

func (t *tx) readSequences(rows pgx.Rows) error {
	var name string
	var n uint64
	_, err := pgx.ForEachRow(rows, []any{&name, &n}, func() error { t.counted[name] = n; return nil })
	return err
}

func (t *tx) queueKeys(batch *pgx.Batch, name string, n kv.Need) {
	if t.known[name] == nil {
		t.known[name] = known{}
	}
	var keys [][]byte
	for _, k := range n.Keys {
		at := place{string(n.Sub), string(k)}
		if _, ok := t.known[name][at]; ok {
			continue
		}
		if c := t.dirty[name]; c != nil {
			if _, ok := (*c)[at]; ok {
				continue
			}
		}
		t.known[name][at] = nil
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		return
	}
	read := func(rows pgx.Rows) error {
		var k, v []byte
		_, err := pgx.ForEachRow(rows, []any{&k, &v}, func() error {
			t.known[name][place{string(n.Sub), string(k)}] = append([]byte{}, v...)
			return nil
		})
		return err
	}
	if buckets[name] {
		batch.Queue("select key, value from kv_"+name+" where sub = $1 and key = any($2::bytea[])", n.Sub, keys).Query(read)
		return
	}
	batch.Queue("select key, value from kv_"+name+" where key = any($1::bytea[])", keys).Query(read)
}

func (t *tx) queueTail(batch *pgx.Batch, name string, n kv.Need) {
	read := func(rows pgx.Rows) error {
		l := &tail{}
		var k, v []byte
		_, err := pgx.ForEachRow(rows, []any{&k, &v}, func() error {
			l.keys, l.vals = append(l.keys, string(k)), append(l.vals, append([]byte{}, v...))
			return nil
		})
		l.whole = len(l.keys) < n.Last
		slices.Reverse(l.keys)
		slices.Reverse(l.vals)
		if t.tails[name] == nil {
			t.tails[name] = map[string]*tail{}
		}
		t.tails[name][string(n.Sub)] = l
		return err
	}
	if buckets[name] {
		batch.Queue("select key, value from kv_"+name+" where sub = $1 order by key desc limit $2", n.Sub, n.Last).Query(read)
		return
	}
	batch.Queue("select key, value from kv_"+name+" order by key desc limit $1", n.Last).Query(read)
}

// fromTail is fetch, where all that is asked for was fetched before.
func (c *cursor) fromTail(op string, key []byte, back bool) bool {
	l := c.b.tx.tailOf(c.b.name, c.b.sub)
	if l == nil {
		return false
	}
	i, there := slices.BinarySearch(l.keys, string(key))
	first, last := 0, len(l.keys)
	switch {
	case op == "" && !l.whole && (!back || last == 0):
		return false
	case op == "":
	case op == "<":
		if last = i; !l.whole && i == 0 {
			return false
		}
	case !l.covers(string(key)):
		return false
	case op == ">" && there:
		first = i + 1
	default:
		first = i
	}
	c.keys, c.vals, c.i, c.back = nil, nil, 0, back
	for n := first; n < last; n++ {
		if l.vals[n] != nil {
			c.keys, c.vals = append(c.keys, []byte(l.keys[n])), append(c.vals, l.vals[n])
		}
	}
	if c.end = l.whole || !back; back {
		if len(c.keys) == 0 && !l.whole {
			return false
		}
		slices.Reverse(c.keys)
		slices.Reverse(c.vals)
	}
	c.size = cmp.Or(c.size, firstPage)
	return true
}
