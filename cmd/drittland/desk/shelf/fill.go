package shelf

// This file writes what was read of terms: of one terms at a time, all of it in one transaction.

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/snapshots"
)

// A Reading is what was read of some terms.
type Reading struct {
	Mark      []byte // of what was read: if it is the same, so is all but the sum
	Same      bool   // the mark is that of what is kept: nothing else was read
	Sum       Sum
	About     []string // countries and tools that findings on the texts may turn on; nil if that is not known
	Items     []Item
	Rows      []Row
	Decisions []Decision
}

// A Sum is what lists tell of some terms.
type Sum struct {
	Failing  bool
	Alarm    time.Time // from when on a text that nobody has seen since is an alarm; zero for never
	Verified time.Time
	Changed  time.Time // date of the latest change
	Data     []byte
}

// An Item is something that can be decided on, as it is found, with what is shown of it.
type Item struct {
	Line, Key, Kind, State string // the key in hexadecimal
	Waits                  bool
	Until                  string // last day of the decision that holds
	Level                  rules.Level
	Date                   time.Time
	Place, Number          int
	Check, Language        string
	Articles, Countries    []string
	Words                  string            // in any language, in lower case
	Said                   map[string]string // by language, likewise
	Data                   []byte
	Terms                  snapshots.Terms // only of what was found
}

// A Row is what a version, the law or a reader brought.
type Row struct {
	Line            string
	LinePlace       int // of the line among those of its terms
	Number          int
	Version         string
	Date            time.Time
	Cause, Language string
	Tells, Alert    bool      // a digest tells of it; it is an alert
	Stands          bool      // it is a text that seems whole
	Until           time.Time // of the next such text of the line in this language
	About           []string
	Ahead           string // last day that it announces
}

// A Decision is one with its record as JSON.
type Decision struct {
	Line, Fingerprint string
	At                time.Time
	Data              []byte
}

// A Kept is what is kept of terms, if this program has read it by the law of this day.
type Kept struct{ Mark, Data []byte } // the data are those of its sum

// A Reader reads some terms as they are when it is called. kept is nil if nothing is kept. It gives nil if the archive does not hold the terms any more.
type Reader func(ctx context.Context, terms snapshots.Terms, kept *Kept) (*Reading, error)

// rereads is how often terms are read again of which something was taken away meanwhile.
const rereads = 3

// Fill reads some terms and writes what they hold, those left out that others read right now. The error is ErrDenied if the user may only read.
func (t *Tables) Fill(ctx context.Context, terms snapshots.Terms, read Reader) (done bool, err error) {
	conn, err := t.db.Pool().Acquire(ctx)
	if err != nil {
		return false, failed(err)
	}
	defer conn.Release()
	name := t.db.SchemaName() + ":desk:" + fmt.Sprintf("%x", key(terms))
	if err := conn.QueryRow(ctx, "select pg_try_advisory_lock(hashtextextended($1, 2))", name).Scan(&done); err != nil || !done {
		return false, failed(err)
	}
	defer func() { // also after ctx has ended
		if _, wrong := conn.Exec(context.WithoutCancel(ctx), "select pg_advisory_unlock(hashtextextended($1, 2))", name); wrong != nil {
			_ = conn.Conn().Close(context.WithoutCancel(ctx)) // it goes with the connection
		}
	}()
	for range rereads {
		again, held, err := t.once(ctx, conn, terms, read)
		if err != nil {
			return false, fmt.Errorf("%s: %w", terms, failed(err))
		}
		if !again {
			return !held, nil
		}
	}
	return false, nil
}

// takeUp takes up the marks of terms, and leaves one of them. What is written from then on has a mark of its own. Those that a writer holds, who is not done yet, are left; held says if there are.
const takeUp = `with mine as materialized (select id from desk_stale where terms = $1 for update skip locked),
	kept as (update desk_stale set taken = true where id = (select min(id) from mine) returning id),
	spare as (delete from desk_stale where id in (select id from mine) and id <> (select min(id) from mine))
	select coalesce((select array_agg(id) from kept), '{}'), exists (select from desk_stale where terms = $1 and id not in (select id from mine))`

// once reads terms and writes them; again says that something was taken away meanwhile, and held that somebody writes to them, so that they are to be read once more.
func (t *Tables) once(ctx context.Context, conn *pgxpool.Conn, terms snapshots.Terms, read Reader) (again, held bool, err error) {
	var ids []int64
	if err := conn.QueryRow(ctx, takeUp, key(terms)).Scan(&ids, &held); err != nil {
		return false, false, err
	}
	var have Kept
	err = conn.QueryRow(ctx, `select k.mark, k.data from (select) one left join desk_terms k on k.terms = $1 and k.program = $2 and k.law = $3`, key(terms), t.program, t.day()).Scan(&have.Mark, &have.Data)
	if err != nil {
		return false, false, err
	}
	kept := &have
	if have.Mark == nil {
		kept = nil
	}
	r, err := read(ctx, terms, kept)
	if err != nil {
		return false, false, err
	}
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		// Those who take something away wait until this ends, or this for them: see desk_forgotten.
		if _, err := tx.Exec(ctx, "lock table desk_terms in row exclusive mode"); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, "select exists (select from desk_stale where terms = $1 and gone and id <> all($2))", key(terms), ids).Scan(&again)
		if err != nil || again {
			return err
		}
		if err := t.write(ctx, tx, terms, r); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "delete from desk_stale where id in (select id from desk_stale where id = any($1) for update skip locked)", ids)
		return err
	})
	return again, held, err
}

func (t *Tables) write(ctx context.Context, tx pgx.Tx, terms snapshots.Terms, r *Reading) error {
	if r == nil {
		_, err := tx.Exec(ctx, "delete from desk_terms where terms = $1", key(terms))
		return err
	}
	var id int64
	s := &r.Sum
	if r.Same {
		err := tx.QueryRow(ctx, "update desk_terms set failing = $2, alarm = $3, verified = $4, data = $5 where terms = $1 returning id", key(terms), s.Failing, nanos(s.Alarm), nanos(s.Verified), s.Data).Scan(&id)
		if err != nil {
			return err
		}
		return count(ctx, tx, id)
	}
	low := strings.ToLower(terms.Service)
	err := tx.QueryRow(ctx, `insert into desk_terms (terms, service, type, lower_service, name, program, law, about, mark, failing, alarm, verified, changed, data)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		on conflict (terms) do update set program = excluded.program, law = excluded.law, about = excluded.about, mark = excluded.mark, failing = excluded.failing, alarm = excluded.alarm,
			verified = excluded.verified, changed = excluded.changed, data = excluded.data returning id`,
		key(terms), []byte(terms.Service), []byte(terms.Type), []byte(low), plain(strings.ToLower(terms.Service+"\n"+terms.Type)), t.program, t.day(), r.About, r.Mark, s.Failing, nanos(s.Alarm),
		nanos(s.Verified), nanos(s.Changed), s.Data).Scan(&id)
	if err != nil {
		return err
	}
	for _, sql := range []string{"delete from desk_items where terms = $1", "delete from desk_rows where terms = $1", "delete from desk_decisions where terms = $1"} {
		if _, err := tx.Exec(ctx, sql, id); err != nil {
			return err
		}
	}
	if err := copyIn(ctx, tx, id, terms, r); err != nil {
		return err
	}
	return count(ctx, tx, id)
}

// count notes how many items of terms wait.
func count(ctx context.Context, tx pgx.Tx, id int64) error {
	_, err := tx.Exec(ctx, `update desk_terms t set errors = c.errors, warnings = c.warnings, notes = c.notes
		from (select count(*) filter (where level = 'error') as errors, count(*) filter (where level = 'warning') as warnings, count(*) filter (where level = 'note') as notes
			from desk_items where terms = $1 and waits) c where t.id = $1 and (t.errors, t.warnings, t.notes) is distinct from (c.errors, c.warnings, c.notes)`, id)
	return err
}

var (
	itemColumns = []string{"terms", "line", "place", "key", "kind", "state", "waits", "until", "urgency", "level", "date", "front", "service", "type", "lower_service", "n", "check_id", "language",
		"articles", "countries", "words", "said", "data"}
	rowColumns      = []string{"terms", "line", "place", "row", "n", "version", "date", "cause", "language", "tells", "alert", "stands", "until", "about", "ahead"}
	decisionColumns = []string{"terms", "line", "n", "at", "fingerprint", "data"}
)

func copyIn(ctx context.Context, tx pgx.Tx, id int64, terms snapshots.Terms, r *Reading) error {
	items := pgx.CopyFromSlice(len(r.Items), func(i int) ([]any, error) { return r.Items[i].values(id, terms) })
	rows := pgx.CopyFromSlice(len(r.Rows), func(i int) ([]any, error) {
		x := &r.Rows[i]
		return []any{id, []byte(x.Line), x.LinePlace, i, x.Number, x.Version, x.Date.UnixNano(), x.Cause, plain(x.Language), x.Tells, x.Alert, x.Stands, nanos(x.Until), plains(x.About), orNull(x.Ahead)}, nil
	})
	decisions := pgx.CopyFromSlice(len(r.Decisions), func(i int) ([]any, error) {
		x := &r.Decisions[i]
		return []any{id, []byte(x.Line), i, x.At.UnixNano(), []byte(x.Fingerprint), x.Data}, nil
	})
	for _, x := range []struct {
		n       int
		table   string
		columns []string
		rows    pgx.CopyFromSource
	}{{len(r.Items), "desk_items", itemColumns, items}, {len(r.Rows), "desk_rows", rowColumns, rows}, {len(r.Decisions), "desk_decisions", decisionColumns, decisions}} {
		if x.n == 0 {
			continue
		}
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{x.table}, x.columns, x.rows); err != nil {
			return err
		}
	}
	return nil
}

// urgency orders levels: 0 is the highest.
func urgency(l rules.Level) int { return rules.Error.Rank() - l.Rank() }

// front is what items are sorted by before the name of the service.
func front(t snapshots.Terms) []byte { return []byte(t.Service[:min(64, len(t.Service))]) }

// values are the columns of a row.
func (x *Item) values(id int64, terms snapshots.Terms) ([]any, error) {
	k, err := hex.DecodeString(x.Key)
	if err != nil {
		return nil, err
	}
	var until, said any
	if x.Until != "" {
		day, err := time.Parse(time.DateOnly, x.Until)
		if err != nil {
			return nil, err
		}
		until = day
	}
	if x.Said != nil {
		clean := map[string]string{}
		for lang, s := range x.Said {
			clean[lang] = plain(s)
		}
		said = clean
	}
	return []any{id, []byte(x.Line), x.Place, k, x.Kind, x.State, x.Waits, until, urgency(x.Level), string(x.Level), x.Date.UnixNano(), front(terms), []byte(terms.Service), []byte(terms.Type),
		[]byte(strings.ToLower(terms.Service)), x.Number, []byte(x.Check), plain(x.Language), plains(x.Articles), plains(x.Countries), plain(x.Words), said, x.Data}, nil
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// Tidy opens again what was decided until a day before today, and adds up what is counted. It is no failure if others do, or if the user may only read.
func (t *Tables) Tidy(ctx context.Context, today string) error {
	_, err := t.db.Pool().Exec(ctx, "select desk_lapse($1)", today)
	if err == nil {
		_, err = t.db.Pool().Exec(ctx, "select desk_fold() from (select count(*) as n from (select from desk_deltas limit 2000) d) c where n >= 2000")
	}
	if err = failed(err); errors.Is(err, ErrDenied) {
		return nil
	}
	return err
}

// Fold adds up all that is counted.
func (t *Tables) Fold(ctx context.Context) error {
	_, err := t.db.Pool().Exec(ctx, "select desk_fold()")
	return failed(err)
}
