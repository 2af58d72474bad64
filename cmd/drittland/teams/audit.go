package teams

// This file is the audit log of an organisation. Lines are only ever added to it, in the transaction of what they tell.

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/cmd/drittland/report"
)

// What the audit log tells.
const (
	DidAdd      = "organisation made"
	DidToken    = "token made"
	DidRevoke   = "token revoked"
	DidWatch    = "watch added"
	DidUnwatch  = "watch removed"
	DidList     = "digest list made"
	DidRelist   = "digest list changed"
	DidUnlist   = "digest list removed"
	DidDecide   = "decided"
	DidRefused  = "refused"
	DidWithdraw = "withdrew"
)

const maxAudited = 300 // bytes of a field

// An Actor is who does something, when, and from where.
type Actor struct {
	Handle  string
	Token   string // its id, "" on the command line
	Address string // likewise
	At      time.Time
}

// An Entry is one line of the audit log.
type Entry struct {
	Number  int64     `json:"number"`
	At      time.Time `json:"at"`
	Handle  string    `json:"handle"`
	Token   string    `json:"token,omitempty"` // its id, never what is secret in it
	Address string    `json:"address,omitempty"`
	Did     string    `json:"did"`
	Subject string    `json:"subject"`
}

// Record adds to the audit log what was not done.
func (o *Org) Record(ctx context.Context, by Actor, did, subject string) error {
	return o.in(ctx, func(tx pgx.Tx) error { return o.record(ctx, tx, by, did, subject) })
}

func (o *Org) record(ctx context.Context, tx pgx.Tx, by Actor, did, subject string) error {
	subject = report.Line(subject[:min(len(subject), maxAudited)])
	_, err := tx.Exec(ctx, "insert into org_audit (org, at, handle, token, address, did, subject) values ($1, $2, $3, $4, $5, $6, $7)",
		o.id, by.At, by.Handle, by.Token, by.Address, did, subject)
	return err
}

// Audit is the end of the audit log, the newest line first: at most n lines before one with a number, 0 for the end.
func (o *Org) Audit(ctx context.Context, before int64, n int) (out []Entry, err error) {
	err = o.in(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "select number, at, handle, token, address, did, subject from org_audit where $1 = 0 or number < $1 order by number desc limit $2", before, min(n, MaxPage))
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (e Entry, err error) {
			return e, r.Scan(&e.Number, &e.At, &e.Handle, &e.Token, &e.Address, &e.Did, &e.Subject)
		})
		return err
	})
	return out, err
}
