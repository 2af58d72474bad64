// Package fulltext keeps the passages of an archive on a server in tables beside it, and finds words in them by PostgreSQL's full text: as they stand, and
// by the stems that the configuration of a text's language gives them. Queries, passages and what is found are those of package search.
package fulltext

// This file says which terms have passages to be gathered.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/pg"
)

// Errors that a caller may tell apart with errors.Is.
var (
	ErrSlow   = errors.New("too many passages to look through in time")
	ErrDenied = errors.New("the user of the database may not write there")
)

// maxTime bounds the time of one search on the server.
const maxTime = 8 * time.Second

// Tables hold the passages of one archive. They are safe for concurrent use.
type Tables struct {
	db      *pg.DB
	maxTime time.Duration
	reach   reach
}

// In gives the tables of the archive in a database.
func In(db *pg.DB) *Tables { return &Tables{db, maxTime, usual} }

// A Pending is terms whose passages are to be gathered.
type Pending struct {
	Terms  snapshots.Terms
	Fresh  bool // none are gathered yet
	number []byte
}

const pending = `select key, value, not exists (select from search_terms t where t.number = kv_terms.value) from kv_terms
	where value in (select number from search_stale) and `

// Pending lists the terms whose versions have changed since their passages were gathered: all of them, or those among some if these are not nil.
func (t *Tables) Pending(ctx context.Context, among []snapshots.Terms) ([]Pending, error) {
	var keys [][]byte
	for _, x := range among {
		keys = append(keys, termsKey(x))
	}
	return t.pending(ctx, pending+"($1 or key = any($2)) order by key", among == nil, keys)
}

// PendingAfter lists at most most of them, in order, behind some terms: all are behind empty ones.
func (t *Tables) PendingAfter(ctx context.Context, after snapshots.Terms, most int) ([]Pending, error) {
	return t.pending(ctx, pending+"key > $1 order by key limit $2", termsKey(after), most)
}

func (t *Tables) pending(ctx context.Context, sql string, args ...any) ([]Pending, error) {
	rows, err := t.db.Pool().Query(ctx, sql, args...)
	if err != nil {
		return nil, failed(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p Pending, err error) {
		var key []byte
		if err := row.Scan(&key, &p.number, &p.Fresh); err != nil {
			return p, err
		}
		service, typ, _ := bytes.Cut(key, []byte{0})
		p.Terms = snapshots.Terms{Service: string(service), Type: string(typ)}
		return p, nil
	})
	return out, failed(err)
}

// termsKey is what terms are called in kv_terms.
func termsKey(t snapshots.Terms) []byte { return []byte(t.Service + "\x00" + t.Type) }

// Gathered is how many terms are gathered, at least in part: of one service and one type, in any case, or of all for "".
func (t *Tables) Gathered(ctx context.Context, service, typ string) (n int, err error) {
	sql, args := "select count(*) from search_terms where true", []any(nil)
	for _, x := range []struct{ column, said string }{{"lower_service", service}, {"lower_type", typ}} {
		if x.said != "" {
			args = append(args, []byte(strings.ToLower(x.said)))
			sql += fmt.Sprintf(" and %s = $%d", x.column, len(args))
		}
	}
	err = t.db.Pool().QueryRow(ctx, sql, args...).Scan(&n)
	return n, failed(err)
}

// failed says of an error of the server what it means here.
func failed(err error) error { return pg.Beside("search", err, ErrSlow, ErrDenied) }
