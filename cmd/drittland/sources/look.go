package sources

// This file asks the table.

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/snapshots"
)

// A Wish says which sources are asked for as being due.
type Wish struct {
	Now   time.Time
	Early time.Duration // also what is due so much later, as far as its slack allows
	Apart bool          // only what does not wait for a run of all
}

// Due gives the sources that are due, those first that were tried longest ago: the declaration as it stands in the archive, when it was tried and when it became
// due. f is called for one after the other, while others may use the table.
func (t *Table) Due(ctx context.Context, w Wish, f func(declaration []byte, tried, next time.Time) error) error {
	var declaration []byte
	var tried, next time.Time
	return t.each(ctx, []any{&declaration, &tried, &next}, func() error { return f(declaration, tried, next) },
		`select d.value, s.tried, s.next_at from sources s join kv_declarations d on d.key = s.terms
		where not s.removed and s.next_at <= $1::timestamptz + $2::interval and s.next_at <= $1::timestamptz + least(s.slack, $2::interval) and (s.apart or not $3) order by s.tried, s.terms`,
		w.Now.UTC(), w.Early, w.Apart)
}

// All gives how each source stands by its row.
func (t *Table) All(ctx context.Context, f func(terms snapshots.Terms, standing []byte) error) error {
	var key, standing []byte
	return t.each(ctx, []any{&key, &standing}, func() error { return f(termsOf(key), standing) }, `select terms, standing from sources`)
}

// AllStale gives the terms whose rows do not say how they stand, or that have none yet.
func (t *Table) AllStale(ctx context.Context) (map[snapshots.Terms]bool, error) {
	out := map[snapshots.Terms]bool{}
	var key []byte
	err := t.each(ctx, []any{&key}, func() error { out[termsOf(key)] = true; return nil },
		`select terms from source_stale where terms is not null union select key from kv_terms where value in (select number from source_stale) union select terms from sources where made <> $1`, form)
	return out, err
}

// Doubtful gives the terms of which their row does not say that all was well at a time in the past: it was seen within some time before, and is not seen again since.
func (t *Table) Doubtful(ctx context.Context, at time.Time, within time.Duration) (map[snapshots.Terms]bool, error) {
	out := map[snapshots.Terms]bool{}
	var key []byte
	err := t.each(ctx, []any{&key}, func() error { out[termsOf(key)] = true; return nil },
		`select terms from sources where failing union select terms from sources where verified >= $1::timestamptz union select terms from sources where verified < $1::timestamptz - $2::interval`,
		at.UTC(), within)
	return out, err
}

// each calls f for each row that is read into some places.
func (t *Table) each(ctx context.Context, into []any, f func() error, sql string, args ...any) error {
	rows, err := t.db.Pool().Query(ctx, sql, args...)
	if err != nil {
		return failed(err)
	}
	if _, err = pgx.ForEachRow(rows, into, f); err != nil {
		return failed(err)
	}
	return nil
}

// Any reports whether a source is tracked.
func (t *Table) Any(ctx context.Context) (some bool, err error) {
	err = t.db.Pool().QueryRow(ctx, "select exists (select from sources where not removed)").Scan(&some)
	return some, failed(err)
}

// Wake is when the first source is due that does not wait for a run of all, the zero time if there is none, and how many sources are tracked.
func (t *Table) Wake(ctx context.Context) (first time.Time, tracked int, err error) {
	var next *time.Time
	err = t.db.Pool().QueryRow(ctx, `select (select min(next_at) from sources where not removed and apart), (select count(*) from sources where not removed)`).Scan(&next, &tracked)
	if err == nil && next != nil {
		first = next.UTC()
	}
	return first, tracked, failed(err)
}
