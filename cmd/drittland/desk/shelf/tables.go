// Package shelf keeps what review pages and digests ask of an archive on a server in tables beside it: the items that can be decided on, what lists tell
// of terms, and which rows of their histories are news. What terms hold is read by who calls; what has changed since is marked by the database itself.
package shelf

// This file says which terms are to be read.

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/pg"
)

// Errors that a caller may tell apart with errors.Is.
var (
	ErrSlow   = errors.New("the question took too long")
	ErrDenied = errors.New("the user of the database may not write there")
)

// maxTime bounds the time of one question to the server.
const maxTime = 8 * time.Second

// A Made says by what program, and by the law of which day, terms are read.
type Made struct {
	Program string
	Law     law.Date // last day on which the law changed; zero for none
}

// Tables are those of one archive, as one program sees them. They are safe for concurrent use.
type Tables struct {
	db      *pg.DB
	made    Made
	program int64 // its number
	maxTime time.Duration
	far     int // items before a page that are counted in an index
	// Services is up to how many services a queue lists with counts; 0 stands for 300.
	Services int
	// Found is up to how many items with some words are counted; 0 stands for 10,000.
	Found int
	// Today has what was decided until a day before it lapse, also while nobody may write that down.
	Today law.Date
	// Titles gives the checks whose titles have a word, which is in lower case, in a language.
	Titles func(w *locale.Words, word string) []string
}

// In gives the tables of the archive in a database. A program that may not write there counts as the last one that has.
func In(ctx context.Context, db *pg.DB, made Made) (*Tables, error) {
	t := &Tables{db: db, made: made, maxTime: maxTime, far: far}
	find := func() error {
		err := db.Pool().QueryRow(ctx, "select id from desk_programs where program = $1", made.Program).Scan(&t.program)
		return err
	}
	err := find()
	if errors.Is(err, pgx.ErrNoRows) {
		if _, err = db.Pool().Exec(ctx, "insert into desk_programs (program) values ($1) on conflict do nothing", made.Program); err == nil {
			err = find()
		} else if errors.Is(failed(err), ErrDenied) {
			err = db.Pool().QueryRow(ctx, "select coalesce(max(id), 0) from desk_programs").Scan(&t.program)
		}
	}
	return t, failed(err)
}

// key is what terms are called in the tables.
func key(t snapshots.Terms) []byte { return []byte(t.Service + "\x00" + t.Type) }

func keys(list []snapshots.Terms) [][]byte {
	out := make([][]byte, len(list))
	for i, x := range list {
		out[i] = key(x)
	}
	return out
}

func termsOf(key []byte) snapshots.Terms {
	service, typ, _ := strings.Cut(string(key), "\x00")
	return snapshots.Terms{Service: service, Type: typ}
}

// pending are the terms that are to be read: those that were marked, and those that an earlier program, or the law of an earlier day, has read.
const pending = `select terms from desk_stale union select terms from desk_terms where program < $1 union select terms from desk_terms where law < $2`

// Pending gives some terms that are to be read, at most limit, and none of those in but.
func (t *Tables) Pending(ctx context.Context, limit int, but []snapshots.Terms) ([]snapshots.Terms, error) {
	rows, err := t.db.Pool().Query(ctx, `select terms from (select terms from (select terms from desk_stale where terms <> all($4) order by id limit $3) x
		union select terms from (select terms from desk_terms where program < $1 and terms <> all($4) limit $3) y
		union select terms from (select terms from desk_terms where law < $2 and terms <> all($4) limit $3) z) p limit $3`,
		t.program, t.day(), limit, keys(but))
	return collected(rows, err)
}

// Among gives those of some terms that are to be read.
func (t *Tables) Among(ctx context.Context, list []snapshots.Terms) ([]snapshots.Terms, error) {
	rows, err := t.db.Pool().Query(ctx, `select k from unnest($1::bytea[]) as k where exists (select from desk_stale where terms = k)
		or not exists (select from desk_terms where terms = k and program >= $2 and law >= $3)`, keys(list), t.program, t.day())
	return collected(rows, err)
}

// Behind is how many terms are to be read, and how many there are in all if there is any.
func (t *Tables) Behind(ctx context.Context) (behind, all int, err error) {
	err = t.db.Pool().QueryRow(ctx, "select count(*) from ("+pending+") p", t.program, t.day()).Scan(&behind)
	if err == nil && behind > 0 {
		err = t.db.Pool().QueryRow(ctx, "select count(*) from (select terms from desk_stale union select terms from desk_terms) p").Scan(&all)
	}
	return behind, all, failed(err)
}

func collected(rows pgx.Rows, err error) ([]snapshots.Terms, error) {
	if err != nil {
		return nil, failed(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (snapshots.Terms, error) {
		var k []byte
		err := row.Scan(&k)
		return termsOf(k), err
	})
	return out, failed(err)
}

// day is the day of the law as the tables have it.
func (t *Tables) day() string { return dayOf(t.made.Law) }

func dayOf(d law.Date) string {
	if d.IsZero() {
		return "0001-01-01"
	}
	return d.String()
}

// nanos is a time as the tables have it; nil for the zero time.
func nanos(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	n := t.UnixNano()
	return &n
}

func timeOf(n *int64) time.Time {
	if n == nil {
		return time.Time{}
	}
	return time.Unix(0, *n).UTC()
}

// plain is s as a column of text takes it.
func plain(s string) string {
	if utf8.ValidString(s) && !strings.Contains(s, "\x00") {
		return s
	}
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\ufffd")
}

func plains(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = plain(s)
	}
	return out
}

// within runs f in a transaction that only reads, and sees all tables at one moment.
func (t *Tables) within(ctx context.Context, f func(tx pgx.Tx) error) error {
	err := pgx.BeginTxFunc(ctx, t.db.Pool(), pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, fmt.Sprintf("set local jit = off; set local statement_timeout = %d", t.maxTime.Milliseconds())); err != nil {
			return err
		}
		return f(tx)
	})
	return failed(err)
}

// failed says of an error of the server what it means here.
func failed(err error) error { return pg.Beside("desk", err, ErrSlow, ErrDenied) }
