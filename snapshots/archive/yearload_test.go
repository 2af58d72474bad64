package archive

// This file fills tables of an archive on a server as fast as they take it: they are emptied, lose their indexes and triggers, are filled by copying in
// one transaction each, and get back what they lost.

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/archive/pg"
)

// A loader takes what is put into buckets and copies it into their tables. It knows the terms, and nothing else that was put.
type loader struct {
	t      testing.TB
	pool   *pgxpool.Pool
	fills  map[string]*fill
	terms  map[string][]byte
	held   map[string]bool // bodies
	paths  map[string]bool
	counts map[string]uint64 // sequences
}

// A fill is a table that is being filled.
type fill struct {
	tx      pgx.Tx
	name    string
	rows    int
	buf     []byte
	blocks  chan []byte
	done    chan error
	indexes []string // how to make them again
}

func newLoader(t testing.TB, db *pg.DB) *loader {
	config := db.Pool().Config()
	config.MaxConns = 40 // tables
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return &loader{t: t, pool: pool, fills: map[string]*fill{}, terms: map[string][]byte{}, held: map[string]bool{}, paths: map[string]bool{}, counts: map[string]uint64{}}
}

// copyHead is what data for a binary copy begin with: flags and the length of more of it are 0.
const copyHead = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// crowded is how full pages of an index are that grew row by row.
const crowded = 70

// fill is that of the table of a bucket.
func (l *loader) fill(bucket string) *fill {
	if f := l.fills[bucket]; f != nil {
		return f
	}
	l.t.Helper()
	ctx := context.Background()
	f := &fill{name: "kv_" + bucket, blocks: make(chan []byte, 8), done: make(chan error, 1), buf: []byte(copyHead)}
	var err error
	if f.tx, err = l.pool.Begin(ctx); err != nil {
		l.t.Fatal(err)
	}
	columns, err := f.bare(ctx)
	if err != nil {
		l.t.Fatal(f.name, err)
	}
	r, w := io.Pipe()
	go func() {
		_, err := f.tx.Conn().PgConn().CopyFrom(ctx, r, fmt.Sprintf("copy %s (%s) from stdin (format binary, freeze)", f.name, columns))
		r.CloseWithError(err)
		f.done <- err
	}()
	go func() {
		for b := range f.blocks {
			_, _ = w.Write(b) // an error is that of the copy
		}
		_ = w.Close()
	}()
	l.fills[bucket] = f
	return f
}

// bare takes the triggers and indexes of the table away and empties it, but for the rows that it keeps to copy them again. It gives its columns.
func (f *fill) bare(ctx context.Context) (columns string, err error) {
	rows, err := f.tx.Query(ctx, `select format('alter table %s add constraint %I ', $1::text, conname) || pg_get_constraintdef(oid) || ' with (fillfactor = ' || $2::int || ')',
			format('alter table %s drop constraint %I', $1::text, conname)
		from pg_constraint where conrelid = $1::regclass and contype = 'p'
		union all select pg_get_indexdef(indexrelid), 'drop index ' || indexrelid::regclass from pg_index where indrelid = $1::regclass and not indisprimary`, f.name, crowded)
	if err != nil {
		return "", err
	}
	var drops []string
	var again, drop string
	if _, err := pgx.ForEachRow(rows, []any{&again, &drop}, func() error {
		f.indexes, drops = append(f.indexes, again), append(drops, drop)
		return nil
	}); err != nil {
		return "", err
	}
	if err := f.keep(ctx); err != nil {
		return "", err
	}
	for _, sql := range append(drops, "set local maintenance_work_mem = '2GB'", "alter table "+f.name+" disable trigger user", "truncate "+f.name) {
		if _, err := f.tx.Exec(ctx, sql); err != nil {
			return "", fmt.Errorf("%s: %w", sql, err)
		}
	}
	err = f.tx.QueryRow(ctx, "select string_agg(attname, ', ' order by attnum) from pg_attribute where attrelid = $1::regclass and attnum > 0", f.name).Scan(&columns)
	return columns, err
}

// keep enters the rows that stand in the table.
func (f *fill) keep(ctx context.Context) error {
	rows, err := f.tx.Query(ctx, "select * from "+f.name)
	if err != nil {
		return err
	}
	for rows.Next() {
		f.add(rows.RawValues()...)
	}
	return rows.Err()
}

// add enters a row.
func (f *fill) add(values ...[]byte) {
	f.buf = binary.BigEndian.AppendUint16(f.buf, uint16(len(values)))
	for _, v := range values {
		f.buf = append(binary.BigEndian.AppendUint32(f.buf, uint32(len(v))), v...)
	}
	f.rows++
	if len(f.buf) > 1<<18 {
		f.blocks <- f.buf
		f.buf = make([]byte, 0, 1<<18+1<<14)
	}
}

// finish waits until the table is filled and gives back what it lost.
func (f *fill) finish(ctx context.Context) error {
	f.blocks <- binary.BigEndian.AppendUint16(f.buf, 1<<16-1)
	close(f.blocks)
	if err := <-f.done; err != nil {
		return err
	}
	for _, sql := range append(f.indexes, "alter table "+f.name+" enable trigger user") {
		if _, err := f.tx.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return f.tx.Commit(ctx)
}

// finish finishes all tables, one after the other.
func (l *loader) finish(ctx context.Context) {
	for _, f := range l.fills {
		if err := f.finish(ctx); err != nil {
			l.t.Fatal(f.name, err)
		}
	}
	for bucket, n := range l.counts {
		if _, err := l.pool.Exec(ctx, "insert into kv_sequences (bucket, n) values ($1, $2) on conflict (bucket) do update set n = excluded.n", bucket, int64(n)); err != nil {
			l.t.Fatal(err)
		}
	}
}

func (l *loader) rows() (n int) {
	for _, f := range l.fills {
		n += f.rows
	}
	return n
}

func (l *loader) Bucket(name []byte) kv.Bucket { return &loaded{l: l, name: string(name)} }

func (l *loader) CreateBucketIfNotExists(name []byte) (kv.Bucket, error) { return l.Bucket(name), nil }

func (l *loader) DeleteBucket([]byte) error { return errStage }

var errStage = fmt.Errorf("not while a year is loaded")

type nothing = kv.Bucket

type loaded struct {
	nothing // what is not loaded by is not called
	l       *loader
	name    string
}

func (b *loaded) Get(key []byte) []byte {
	if b.name == "terms" {
		return b.l.terms[string(key)]
	}
	return nil
}

func (b *loaded) Put(key, value []byte) error {
	switch b.name {
	case "terms":
		b.l.terms[string(key)] = value
	case "bodies": // the first holder stands
		if b.l.held[string(key)] {
			return nil
		}
		b.l.held[string(key)] = true
	case "pending": // all of them are read at once
		return nil
	case "paths": // the first stands for those that would take its place
		if b.l.paths[string(key)] {
			return nil
		}
		b.l.paths[string(key)] = true
	}
	b.l.fill(b.name).add(key, value)
	return nil
}

func (b *loaded) NextSequence() (uint64, error) { b.l.counts[b.name]++; return b.l.counts[b.name], nil }
