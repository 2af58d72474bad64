// Package teams keeps organisations that share one archive on a server: whom they let in, what they watch, what they have decided and what was done in
// their name. Captures and versions belong to all; everything here belongs to one organisation.
//
// An Org is the only way to those rows. All that it does is done in transactions that have given up every other right and that the database itself binds
// to one organisation, by row level security: a statement that forgets to say of which organisation it speaks finds nothing of another one.
package teams

// This file is the organisations, and the transactions that are bound to one.

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/drittland/drittland/snapshots/archive/pg"
)

// Errors that a caller may tell apart with errors.Is.
var (
	ErrNotFound = errors.New("there is no such thing in this organisation")
	ErrNoOrg    = errors.New("there is no such organisation")
	ErrExists   = errors.New("there is one of this name already")
	ErrName     = errors.New("a name has lower-case letters, digits and - alone, at most 40, and begins with no -")
	ErrToken    = errors.New("the token is not known, or holds no longer")
	ErrTooMany  = errors.New("there are too many")
	ErrBehind   = errors.New("its tables are those of an earlier release")
	ErrRole     = errors.New("the database role drittland_org, which keeps organisations apart, cannot be used")
)

// Limits.
const (
	MaxOrgs    = 10_000
	MaxTokens  = 1000    // of one organisation that hold
	MaxWatches = 200_000 // of one organisation
	MaxPage    = 1000    // rows that are asked for at a time
)

// role is the database role that all is done as. It is bound by the policies of the tables.
const role = "drittland_org"

// A DB is the organisations of one archive. It is safe for concurrent use.
type DB struct {
	db   *pg.DB
	pool *pgxpool.Pool // that of db
}

// Open is the organisations beside the archive in db. It fails with ErrBehind if there are no tables for them yet, and with ErrRole if the
// database would not keep them apart.
func Open(ctx context.Context, db *pg.DB) (*DB, error) {
	behind, err := db.State(ctx)
	switch {
	case err != nil:
		return nil, err
	case behind:
		return nil, ErrBehind
	}
	d := &DB{db, db.Pool()}
	return d, d.bound(ctx)
}

// bound makes sure that transactions can be bound: that there is a role for them, that it is no stronger than it should be, and that it has what it needs.
func (d *DB) bound(ctx context.Context) error {
	const ask = `select coalesce((select not (rolsuper or rolbypassrls or rolcanlogin or rolcreaterole) and has_table_privilege(oid, 'org_audit', 'insert')
		and has_schema_privilege(oid, current_schema(), 'usage') and pg_has_role(current_user, oid, 'member')
		and has_table_privilege(oid, 'org_lists', 'insert') and not has_table_privilege(oid, 'org_audit', 'delete') from pg_roles where rolname = $1), false)`
	var fit bool
	if err := d.pool.QueryRow(ctx, ask, role).Scan(&fit); err != nil {
		return pg.Failed(err)
	}
	if fit {
		return nil
	}
	if _, err := d.pool.Exec(ctx, "select org_role()"); err != nil {
		return fmt.Errorf("%w: %w", ErrRole, pg.Failed(err))
	}
	if err := d.pool.QueryRow(ctx, ask, role).Scan(&fit); err != nil {
		return pg.Failed(err)
	}
	if !fit {
		return fmt.Errorf("%w: it may do more than it should, or less", ErrRole)
	}
	return nil
}

// Ping asks the database for nothing, and whether it is there.
func (d *DB) Ping(ctx context.Context) error { return pg.Failed(d.pool.Ping(ctx)) }

// An Org is one organisation. All that it gives and takes is that organisation's own.
type Org struct {
	db   *DB
	id   int64
	name string
}

// Name is the name of the organisation.
func (o *Org) Name() string { return o.name }

// Number is that of the organisation. No other one has it, nor will have it when this one is gone.
func (o *Org) Number() int64 { return o.id }

// Info is what a list of organisations says of one.
type Info struct {
	Name      string    `json:"name"`
	Made      time.Time `json:"made"`
	Tokens    int       `json:"tokens"` // that hold
	Watches   int       `json:"watches"`
	Decisions int       `json:"decisions"`
	Lists     int       `json:"lists"` // of digests
}

var named = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// Add makes an organisation.
func (d *DB) Add(ctx context.Context, name string, now time.Time) (*Org, error) {
	if !named.MatchString(name) {
		return nil, fmt.Errorf("organisation %.60q: %w", name, ErrName)
	}
	o := &Org{db: d, name: name}
	err := d.pool.QueryRow(ctx, "insert into orgs (name, made) select $1, $2 where (select count(*) from orgs) < $3 returning id", name, now, MaxOrgs).Scan(&o.id)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, fmt.Errorf("organisations: %w: at most %d", ErrTooMany, MaxOrgs)
	case unique(err):
		return nil, fmt.Errorf("organisation %s: %w", name, ErrExists)
	}
	return o, pg.Failed(err)
}

// Org is the organisation called name.
func (d *DB) Org(ctx context.Context, name string) (*Org, error) {
	o := &Org{db: d, name: name}
	err := d.pool.QueryRow(ctx, "select id from orgs where name = $1", name).Scan(&o.id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("%.60q: %w", name, ErrNoOrg)
	}
	return o, pg.Failed(err)
}

// Numbered is the organisation with a number.
func (d *DB) Numbered(ctx context.Context, id int64) (*Org, error) {
	o := &Org{db: d, id: id}
	err := d.pool.QueryRow(ctx, "select name from orgs where id = $1", id).Scan(&o.name)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("number %d: %w", id, ErrNoOrg)
	}
	return o, pg.Failed(err)
}

// List is all organisations, by name.
func (d *DB) List(ctx context.Context, now time.Time) (out []Info, err error) {
	rows, err := d.pool.Query(ctx, "select id, name, made from orgs order by name limit $1", MaxOrgs)
	if err != nil {
		return nil, pg.Failed(err)
	}
	var orgs []*Org
	for rows.Next() {
		o, x := &Org{db: d}, Info{}
		if err := rows.Scan(&o.id, &x.Name, &x.Made); err != nil {
			return nil, err
		}
		o.name = x.Name
		orgs, out = append(orgs, o), append(out, x)
	}
	if err := rows.Err(); err != nil {
		return nil, pg.Failed(err)
	}
	for i, o := range orgs {
		if err := o.count(ctx, &out[i], now); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Count is what a list says of the organisation.
func (o *Org) Count(ctx context.Context, now time.Time) (x Info, err error) {
	x.Name = o.name
	return x, o.count(ctx, &x, now)
}

func (o *Org) count(ctx context.Context, x *Info, now time.Time) error {
	return o.in(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `select (select count(*) from org_tokens where revoked is null and (expires is null or expires > $1)),
			(select count(*) from org_watches), (select count(*) from org_decisions), (select count(*) from org_lists)`, now).Scan(&x.Tokens, &x.Watches, &x.Decisions, &x.Lists)
	})
}

// Remove takes the organisation away, with its tokens, what it watches, its lists, its decisions and its audit log.
func (o *Org) Remove(ctx context.Context) error {
	_, err := o.db.pool.Exec(ctx, "delete from orgs where id = $1", o.id)
	return pg.Failed(err)
}

// in calls f in a transaction that is bound to the organisation.
func (o *Org) in(ctx context.Context, f func(pgx.Tx) error) error {
	return o.db.as(ctx, "drittland.org", fmt.Sprint(o.id), f)
}

// as calls f in a transaction of the role that policies bind, with a setting that they go by. Both end with the transaction.
func (d *DB) as(ctx context.Context, setting, value string, f func(pgx.Tx) error) error {
	tx, err := d.pool.Begin(ctx)
	if err != nil {
		return pg.Failed(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // nothing, after a commit
	var batch pgx.Batch
	batch.Queue("set local role " + role)
	batch.Queue("select set_config($1, $2, true)", setting, value)
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return pg.Failed(err)
	}
	if err := f(tx); err != nil {
		if pe := (*pgconn.PgError)(nil); errors.As(err, &pe) || tx.Conn().IsClosed() {
			return pg.Failed(err)
		}
		return err
	}
	return pg.Failed(tx.Commit(ctx))
}

// unique reports whether an error says that a row with the same key is there.
func unique(err error) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) && pe.Code == "23505"
}
