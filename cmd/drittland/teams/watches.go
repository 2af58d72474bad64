package teams

// This file is the terms that an organisation watches. Others are not there for it.

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/snapshots"
)

// A Watch is some terms that an organisation watches.
type Watch struct {
	snapshots.Terms
	Since time.Time `json:"since"`
}

// Watches are the terms that the organisation watches, by service and type: at most n of those after some terms, the zero value for the first ones.
func (o *Org) Watches(ctx context.Context, after snapshots.Terms, n int) (out []Watch, err error) {
	err = o.in(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select service, type, since from org_watches where (service collate "C", type collate "C") > ($1, $2) order by service collate "C", type collate "C" limit $3`,
			after.Service, after.Type, min(n, MaxPage))
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (w Watch, err error) {
			return w, r.Scan(&w.Service, &w.Type, &w.Since)
		})
		return err
	})
	return out, err
}

// Watching is the watch on some terms, ErrNotFound if there is none.
func (o *Org) Watching(ctx context.Context, t snapshots.Terms) (w Watch, err error) {
	w.Terms = t
	err = o.in(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "select since from org_watches where service = $1 and type = $2", t.Service, t.Type).Scan(&w.Since)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return w, fmt.Errorf("%s: %w", t, ErrNotFound)
	}
	return w, err
}

// Watch has the organisation watch some terms. It says whether that is new.
func (o *Org) Watch(ctx context.Context, by Actor, t snapshots.Terms) (added bool, err error) {
	err = o.in(ctx, func(tx pgx.Tx) error {
		if err := o.lock(ctx, tx); err != nil {
			return err
		}
		var n int
		if err := tx.QueryRow(ctx, "select count(*) from org_watches").Scan(&n); err != nil {
			return err
		}
		done, err := tx.Exec(ctx, "insert into org_watches (org, service, type, since) values ($1, $2, $3, $4) on conflict do nothing", o.id, t.Service, t.Type, by.At)
		if added = err == nil && done.RowsAffected() == 1; !added {
			return err
		}
		if n >= MaxWatches {
			return fmt.Errorf("watches of %s: %w: at most %d", o.name, ErrTooMany, MaxWatches)
		}
		return o.record(ctx, tx, by, DidWatch, t.String())
	})
	return added && err == nil, err
}

// Unwatch has the organisation watch some terms no longer. What was decided on them stays.
func (o *Org) Unwatch(ctx context.Context, by Actor, t snapshots.Terms) error {
	return o.in(ctx, func(tx pgx.Tx) error {
		done, err := tx.Exec(ctx, "delete from org_watches where service = $1 and type = $2", t.Service, t.Type)
		if err != nil {
			return err
		}
		if done.RowsAffected() == 0 {
			return fmt.Errorf("%s: %w", t, ErrNotFound)
		}
		return o.record(ctx, tx, by, DidUnwatch, t.String())
	})
}

// lock has those who change something of the organisation that is counted, or comes in an order, wait for each other.
func (o *Org) lock(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, "select pg_advisory_xact_lock(hashtextextended(current_schema() || ':org:' || $1, 0))", fmt.Sprint(o.id))
	return err
}
