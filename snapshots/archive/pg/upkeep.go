package pg

// This file is what those need who keep an archive in order while others use it.

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"
)

// Now is the time by the clock of the server, which all processes share.
func (db *DB) Now(ctx context.Context) (now time.Time, err error) {
	err = db.peeks.QueryRow(ctx, "select clock_timestamp()").Scan(&now)
	return now, failed(err)
}

// Only calls f while no other process is in it by the same name; ok is false if one is, and nobody waits. If the connection is lost another may get in
// before f ends: what f changes it must look at again in a transaction.
func (db *DB) Only(ctx context.Context, name string, f func() error) (ok bool, err error) {
	conn, err := db.pool.Acquire(ctx)
	if err != nil {
		return false, failed(err)
	}
	defer conn.Release()
	key := db.schema + ":only:" + name
	if err := conn.QueryRow(ctx, "select pg_try_advisory_lock(hashtextextended($1, 0))", key).Scan(&ok); err != nil || !ok {
		return false, failed(err)
	}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if _, wrong := conn.Exec(end, "select pg_advisory_unlock(hashtextextended($1, 0))", key); wrong != nil {
			_ = conn.Conn().Close(end) // the lock goes with it
		}
	}()
	return true, f()
}

// A Cut names the words of a bucket: what its keys, or its values, hold from a byte on.
type Cut struct {
	Bucket string
	Value  bool
	From   int
}

// A Word is one, with where it was found.
type Word struct{ Word, Key, Value []byte }

// Sorted gives the words of buckets in byte order, as they are at one moment. The server sorts them, and takes no lock that anybody waits for, and the memory is
// that of one row.
func (db *DB) Sorted(ctx context.Context, cuts ...Cut) iter.Seq2[Word, error] {
	var parts []string
	for _, c := range cuts {
		column := map[bool]string{true: "value", false: "key"}[c.Value]
		parts = append(parts, fmt.Sprintf("select substring(%s from %d) as word, key, value from kv_%s", column, c.From+1, c.Bucket))
	}
	sql := strings.Join(parts, " union all ") + " order by word"
	return func(yield func(Word, error) bool) {
		for _, c := range cuts {
			if nested, ok := buckets[c.Bucket]; !ok || nested {
				yield(Word{}, fmt.Errorf("there is no table for %.40q", c.Bucket))
				return
			}
		}
		rows, err := db.pool.Query(ctx, sql)
		if err != nil {
			yield(Word{}, failed(err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			var w Word
			if err := rows.Scan(&w.Word, &w.Key, &w.Value); err != nil {
				yield(w, failed(err))
				return
			}
			if !yield(w, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(Word{}, failed(err))
		}
	}
}
