package pg

// This file reads and changes buckets within a transaction. Changes are gathered and sent together.

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/drittland/drittland/snapshots/archive/kv"
)

// buckets are those of the migrations; true for one that holds others.
var buckets = map[string]bool{"meta": false, "files": false, "records": false, "bodies": false, "snapshots": false, "terms": false,
	"history": false, "annexes": false, "origins": false, "paths": false, "declarations": false, "cursors": false, "judged": false,
	"erased": false, "forgotten": false, "moved": false, "pending": false, "versions": false, "timeline": false, "documents": false,
	"parts": false, "doomed": false, "spare": false, "attempts": true, "decisions": true, "opinions": true, "tellings": true, "derived": true, "vault": true}

// querier is what transactions and pools have in common.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// batcher is what a connection has besides.
type batcher interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

type tx struct {
	ctx      context.Context
	q        querier
	writable bool
	dirty    map[string]*changes // by bucket
	known    map[string]known    // that were fetched, by bucket
	tails    map[string]map[string]*tail
	counted  map[string]uint64 // sequences that were read, or changed
	moved    []string          // sequences that were changed
	sent     bool              // whether anything was changed
}

// changes are those of a bucket that have not been sent. A nil value is a key that goes.
type changes map[place][]byte

type place struct{ sub, key string }

var errReadOnly = errors.New("the transaction may only read")

// Bucket is that of a kv.Tx.
func (t *tx) Bucket(name []byte) kv.Bucket {
	nested, ok := buckets[string(name)]
	if !ok {
		return nil
	}
	if nested {
		return &outer{tx: t, name: string(name)}
	}
	return &bucket{tx: t, name: string(name)}
}

// CreateBucketIfNotExists is that of a kv.Tx.
func (t *tx) CreateBucketIfNotExists(name []byte) (kv.Bucket, error) {
	if b := t.Bucket(name); b != nil {
		return b, nil
	}
	return nil, fmt.Errorf("there is no table for %.40q", name)
}

// DeleteBucket is that of a kv.Tx.
func (t *tx) DeleteBucket(name []byte) error {
	if _, ok := buckets[string(name)]; !ok {
		return fmt.Errorf("there is no table for %.40q", name)
	}
	if !t.writable {
		return errReadOnly
	}
	delete(t.dirty, string(name))
	t.sent = true
	delete(t.known, string(name))
	delete(t.tails, string(name))
	if _, err := t.q.Exec(t.ctx, "delete from kv_"+string(name)); err != nil {
		return failed(err)
	}
	t.count(string(name), 0)
	return nil
}

func (t *tx) count(bucket string, n uint64) {
	t.counted[bucket] = n
	if !slices.Contains(t.moved, bucket) {
		t.moved = append(t.moved, bucket)
	}
}

func (t *tx) sequence(bucket string) uint64 {
	if n, ok := t.counted[bucket]; ok {
		return n
	}
	var n uint64
	err := t.q.QueryRow(t.ctx, "select n from kv_sequences where bucket = $1", bucket).Scan(&n)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		panic(failure{failed(err)})
	}
	if t.counted != nil {
		t.counted[bucket] = n
	}
	return n
}

func (t *tx) put(bucket string, at place, value []byte) error {
	if !t.writable {
		return errReadOnly
	}
	c := t.dirty[bucket]
	if c == nil {
		c = &changes{}
		t.dirty[bucket] = c
	}
	(*c)[at] = value
	t.remember(bucket, at, value)
	if len(*c) >= 5000 {
		return t.send(bucket)
	}
	return nil
}

// get is the value at a place, nil if there is none.
func (t *tx) get(bucket string, at place, nested bool) []byte {
	if c := t.dirty[bucket]; c != nil {
		if v, ok := (*c)[at]; ok {
			return v
		}
	}
	if v, ok := t.recall(bucket, at); ok {
		return v
	}
	var row pgx.Row
	if nested {
		row = t.q.QueryRow(t.ctx, "select value from kv_"+bucket+" where sub = $1 and key = $2", []byte(at.sub), []byte(at.key))
	} else {
		row = t.q.QueryRow(t.ctx, "select value from kv_"+bucket+" where key = $1", []byte(at.key))
	}
	v := []byte{}
	switch err := row.Scan(&v); {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		panic(failure{failed(err)})
	}
	return v
}

// flush sends all that was changed, and ends the transaction.
func (t *tx) flush() error {
	batch := &pgx.Batch{}
	for name := range sorted(t.dirty) {
		t.queue(batch, name)
		t.sent = t.sent || !places[name]
	}
	t.sent = t.sent || len(t.moved) > 0
	for _, name := range t.moved {
		batch.Queue("insert into kv_sequences (bucket, n) values ($1, $2) on conflict (bucket) do update set n = excluded.n", name, int64(t.counted[name]))
	}
	t.moved = nil
	if t.sent { // last: others wait for a commit at most
		batch.Queue("insert into kv_sequences (bucket, n) values ($1, 1) on conflict (bucket) do update set n = kv_sequences.n + 1", changed)
	}
	batch.Queue("commit")
	return t.run(batch)
}

// changed is the sequence that counts the transactions that changed anything, but for where the bytes of capture files are.
const changed = "changed"

var places = map[string]bool{"parts": true, "spare": true, "doomed": true}

// Mark is another text each time that anything has changed.
func (db *DB) Mark(ctx context.Context) (mark string, err error) {
	err = db.pool.QueryRow(ctx, "select coalesce(max(n), 0)::text from kv_sequences where bucket = $1", changed).Scan(&mark)
	return mark, failed(err)
}

// send sends what was changed in one bucket, so that the server can search it.
func (t *tx) send(bucket string) error {
	batch := &pgx.Batch{}
	t.queue(batch, bucket)
	t.sent = t.sent || !places[bucket]
	return t.run(batch)
}

func (t *tx) run(batch *pgx.Batch) error {
	if batch.Len() == 0 {
		return nil
	}
	q, ok := t.q.(batcher)
	if !ok {
		return errReadOnly
	}
	return failed(q.SendBatch(t.ctx, batch).Close())
}

// queue adds the changes of a bucket to a batch.
func (t *tx) queue(batch *pgx.Batch, bucket string) {
	c := t.dirty[bucket]
	if c == nil {
		return
	}
	delete(t.dirty, bucket)
	var subs, keys, values, goneSubs, goneKeys [][]byte
	for at, v := range *c {
		if v == nil {
			goneSubs, goneKeys = append(goneSubs, []byte(at.sub)), append(goneKeys, []byte(at.key))
			continue
		}
		subs, keys, values = append(subs, []byte(at.sub)), append(keys, []byte(at.key)), append(values, v)
	}
	if buckets[bucket] {
		if len(goneKeys) > 0 {
			batch.Queue("delete from kv_"+bucket+" where (sub, key) in (select * from unnest($1::bytea[], $2::bytea[]))", goneSubs, goneKeys)
		}
		if len(keys) > 0 {
			batch.Queue("insert into kv_"+bucket+" (sub, key, value) select * from unnest($1::bytea[], $2::bytea[], $3::bytea[]) on conflict (sub, key) do update set value = excluded.value", subs, keys, values)
		}
		return
	}
	if len(goneKeys) > 0 {
		batch.Queue("delete from kv_"+bucket+" where key = any($1::bytea[])", goneKeys)
	}
	if len(keys) > 0 {
		batch.Queue("insert into kv_"+bucket+" (key, value) select * from unnest($1::bytea[], $2::bytea[]) on conflict (key) do update set value = excluded.value", keys, values)
	}
}
