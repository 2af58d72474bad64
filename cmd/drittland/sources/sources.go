// Package sources keeps how each source of an archive on a server stands in a table beside it, so that what is due, and what cannot be verified, is found
// without reading the history of each. What a row says is worked out by who calls it, out of the archive; triggers note which rows have to be worked out anew.
package sources

// This file brings the table up to date.

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/pg"
)

// ErrDenied says that the user of the database may not write the table.
var ErrDenied = errors.New("the user of the database may not write how sources stand")

// errSlow is for databases that bound the time of a statement; here nobody does.
var errSlow = errors.New("the question took too long")

// form is that of a row; one of another release, or of another form, is worked out anew.
const form = 1

// Table is that of one archive. It is safe for concurrent use.
type Table struct{ db *pg.DB }

// In gives the table of the archive in a database.
func In(db *pg.DB) *Table { return &Table{db} }

// A Row is how a source stands. Times that there are not are zero.
type Row struct {
	Terms    snapshots.Terms
	Zone     string        // in which its schedule was read; "" if it has none
	Removed  bool          // it is tracked no longer
	Next     time.Time     // when it is due
	Apart    bool          // it does not wait for a run of all
	Slack    time.Duration // by how much earlier a run of all may take it, at most
	Tried    time.Time     // when it was asked for last
	Verified time.Time     // when its text was seen last
	Failing  bool          // it could not be had the last time
	Standing []byte        // JSON: the rest
}

// A Mark is terms of which something was recorded since their row was made.
type Mark struct {
	Terms snapshots.Terms
	ids   []int64
}

// Stale gives some of the terms whose rows have to be made anew, none if all are up to date. Schedules are read in a zone. most bounds what is looked at.
func (t *Table) Stale(ctx context.Context, zone string, most int) ([]Mark, error) {
	rows, err := t.db.Pool().Query(ctx, `select s.id, coalesce(s.terms, k.key) from (select * from source_stale order by id limit $1) s left join kv_terms k on k.value = s.number`, most)
	if err != nil {
		return nil, failed(err)
	}
	var out []Mark
	at := map[string]int{}
	var id int64
	var key []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &key}, func() error {
		i, ok := at[string(key)]
		if !ok {
			i, at[string(key)] = len(out), len(out)
			out = append(out, Mark{Terms: termsOf(key)})
		}
		out[i].ids = append(out[i].ids, id)
		return nil
	})
	if err != nil || len(out) > 0 {
		return out, failed(err)
	}
	rows, err = t.db.Pool().Query(ctx, `select terms from sources where made < $1 or made > $1 or made = $1 and zone > '' and zone < $2 or made = $1 and zone > $2 and zone > '' limit $3`, form, zone, most)
	if err != nil {
		return nil, failed(err)
	}
	_, err = pgx.ForEachRow(rows, []any{&key}, func() error {
		out = append(out, Mark{Terms: termsOf(key)})
		return nil
	})
	return out, failed(err)
}

// Keep makes rows anew that were worked out after Stale gave their marks; of terms that are not in rows, there is none any more. What others have made anew, or make
// anew now, is left to them. The error is ErrDenied if the user may only read.
func (t *Table) Keep(ctx context.Context, marks []Mark, rows map[snapshots.Terms]Row) error {
	return failed(pgx.BeginFunc(ctx, t.db.Pool(), func(tx pgx.Tx) error {
		var ids []int64
		for _, m := range marks {
			ids = append(ids, m.ids...)
		}
		mine, err := lock(ctx, tx, ids)
		if err != nil {
			return err
		}
		batch := &pgx.Batch{}
		var done []int64
		for _, m := range marks {
			if !all(mine, m.ids) {
				continue
			}
			done = append(done, m.ids...)
			r, ok := rows[m.Terms]
			if !ok {
				batch.Queue("delete from sources where terms = $1", termsKey(m.Terms))
				continue
			}
			batch.Queue(`insert into sources (terms, made, zone, removed, next_at, apart, slack, tried, verified, failing, standing) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
				on conflict (terms) do update set made = excluded.made, zone = excluded.zone, removed = excluded.removed, next_at = excluded.next_at, apart = excluded.apart, slack = excluded.slack,
				tried = excluded.tried, verified = excluded.verified, failing = excluded.failing, standing = excluded.standing`,
				termsKey(m.Terms), form, r.Zone, r.Removed, r.Next.UTC(), r.Apart, r.Slack, r.Tried.UTC(), r.Verified.UTC(), r.Failing, json.RawMessage(r.Standing))
		}
		batch.Queue("delete from source_stale where id = any($1)", done)
		return tx.SendBatch(ctx, batch).Close()
	}))
}

// lock gives those of the marks that nobody else works on.
func lock(ctx context.Context, tx pgx.Tx, ids []int64) (map[int64]bool, error) {
	rows, err := tx.Query(ctx, "select id from source_stale where id = any($1) for update skip locked", ids)
	if err != nil {
		return nil, err
	}
	mine := map[int64]bool{}
	var id int64
	_, err = pgx.ForEachRow(rows, []any{&id}, func() error { mine[id] = true; return nil })
	return mine, err
}

func all(mine map[int64]bool, ids []int64) bool {
	for _, id := range ids {
		if !mine[id] {
			return false
		}
	}
	return true
}

// termsKey is what terms are called in the archive.
func termsKey(t snapshots.Terms) []byte { return []byte(t.Service + "\x00" + t.Type) }

func termsOf(key []byte) snapshots.Terms {
	service, typ, _ := bytes.Cut(key, []byte{0})
	return snapshots.Terms{Service: string(service), Type: string(typ)}
}

// failed says of an error of the server what it means here.
func failed(err error) error { return pg.Beside("sources", err, errSlow, ErrDenied) }
