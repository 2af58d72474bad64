package teams

// This file is what the people of an organisation decided on findings and changes. The rules are those of the archive's own decisions.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// MaxOnTerms bounds how many decisions one organisation makes on some terms.
const MaxOnTerms = 5000

// A Numbered decision is one with its place among all of the organisation.
type Numbered struct {
	Number   int64
	Decision snapshots.Decision
}

// PutDecision records a decision and gives it as recorded, with its ID. Revises names the last decision on the same fingerprint, or is empty if there is none; otherwise
// the error is an *archive.ErrRevised, and nothing was recorded. One that is withdrawn revises one that is not.
func (o *Org) PutDecision(ctx context.Context, by Actor, d snapshots.Decision) (snapshots.Decision, error) {
	err := o.in(ctx, func(tx pgx.Tx) error {
		if err := o.lock(ctx, tx); err != nil {
			return err
		}
		last, n, err := o.last(ctx, tx, &d)
		if err != nil {
			return err
		}
		if n >= MaxOnTerms {
			return fmt.Errorf("decisions on %s: %w: at most %d", d.Terms, ErrTooMany, MaxOnTerms)
		}
		if d, err = archive.NextDecision(d, last); err != nil {
			return err
		}
		b, err := snapshots.Encode(&d)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "insert into org_decisions (org, service, type, variant, about, fingerprint, revises, decision) values ($1, $2, $3, $4, $5, $6, $7, $8)",
			o.id, d.Terms.Service, d.Terms.Type, d.Variant, d.About, d.Fingerprint, d.Revises, string(b)); err != nil {
			return err
		}
		did := DidDecide
		if d.Withdrawn {
			did = DidWithdraw
		}
		return o.record(ctx, tx, by, did, fmt.Sprintf("%s: %s %s %s [%s]", d.Terms, d.About, d.Fingerprint, d.Judgement, d.ID))
	})
	return d, err
}

// last is the last decision on what d is about, a zero one if there is none, and how many there are on its terms.
func (o *Org) last(ctx context.Context, tx pgx.Tx, d *snapshots.Decision) (last snapshots.Decision, n int, err error) {
	if err := tx.QueryRow(ctx, "select count(*) from org_decisions where service = $1 and type = $2", d.Terms.Service, d.Terms.Type).Scan(&n); err != nil {
		return last, 0, err
	}
	var b []byte
	err = tx.QueryRow(ctx, `select decision::text from org_decisions where service = $1 and type = $2 and variant = $3 and about = $4 and fingerprint = $5
		order by number desc limit 1`, d.Terms.Service, d.Terms.Type, d.Variant, d.About, d.Fingerprint).Scan(&b)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return last, n, nil
	case err != nil:
		return last, n, err
	}
	return last, n, json.Unmarshal(b, &last)
}

// DecisionsOn are all decisions on some terms and their variants, oldest first.
func (o *Org) DecisionsOn(ctx context.Context, t snapshots.Terms) (out []snapshots.Decision, err error) {
	list, err := o.decisions(ctx, "where service = $1 and type = $2 order by number", t.Service, t.Type)
	for _, x := range list {
		out = append(out, x.Decision)
	}
	return out, err
}

// Decisions are those on the terms that the organisation watches, oldest first: at most n of those after one with a number, 0 for the first ones; on some terms alone,
// unless these are the zero value.
func (o *Org) Decisions(ctx context.Context, t snapshots.Terms, after int64, n int) ([]Numbered, error) {
	return o.decisions(ctx, `where number > $1 and ($2 = '' or (service = $2 and type = $3))
		and exists (select from org_watches w where w.org = d.org and w.service = d.service and w.type = d.type) order by number limit $4`, after, t.Service, t.Type, min(n, MaxPage))
}

func (o *Org) decisions(ctx context.Context, which string, args ...any) (out []Numbered, err error) {
	err = o.in(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "select number, decision::text from org_decisions d "+which, args...)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (x Numbered, err error) {
			var b []byte
			if err = r.Scan(&x.Number, &b); err == nil {
				err = json.Unmarshal(b, &x.Decision)
			}
			return x, err
		})
		return err
	})
	return out, err
}
