package pg

// This file lays out the tables, and brings those of an earlier release up to this one.

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate makes the schema and its tables, or brings them up to this release; of several at a time, one does it and the others wait. It gives the numbers of the migrations
// that it applied. What was laid out by a newer release is ErrNewer.
func (db *DB) Migrate(ctx context.Context) (applied []int64, err error) {
	if err := db.makeSchema(ctx); err != nil {
		return nil, err
	}
	p, done, err := db.provider()
	if err != nil {
		return nil, err
	}
	defer done()
	have, latest, err := p.GetVersions(ctx)
	if err != nil {
		return nil, failed(err)
	}
	if have > latest {
		return nil, fmt.Errorf("%w: it is at %d, this one knows %d", ErrNewer, have, latest)
	}
	results, err := p.Up(ctx)
	for _, r := range results {
		applied = append(applied, r.Source.Version)
	}
	return applied, failed(err)
}

// makeSchema makes the schema if there is none. "If not exists" alone fails for one of two who make it at the same moment.
func (db *DB) makeSchema(ctx context.Context) error {
	_, err := db.pool.Exec(ctx, "create schema if not exists "+pgx.Identifier{db.schema}.Sanitize())
	var pe *pgconn.PgError
	if errors.As(err, &pe) && (pe.Code == "23505" || pe.Code == "42P06") { // unique_violation, duplicate_schema
		return nil
	}
	return failed(err)
}

// State says whether the tables are those of this release: ErrNoSchema if there are none, ErrNewer, or behind if Migrate has something to do.
func (db *DB) State(ctx context.Context) (behind bool, err error) {
	var there bool
	err = db.pool.QueryRow(ctx, "select to_regclass($1) is not null", pgx.Identifier{db.schema, "goose_db_version"}.Sanitize()).Scan(&there)
	switch {
	case err != nil:
		return false, failed(err)
	case !there:
		return false, ErrNoSchema
	}
	var have int64
	if err := db.pool.QueryRow(ctx, "select max(version_id) from goose_db_version where is_applied").Scan(&have); err != nil {
		return false, failed(err)
	}
	latest, err := latest()
	if err != nil {
		return false, err
	}
	if have > latest {
		return false, fmt.Errorf("%w: it is at %d, this one knows %d", ErrNewer, have, latest)
	}
	return have < latest, nil
}

// latest is the highest number of a migration.
func latest() (n int64, err error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	for _, name := range names {
		v, bad := goose.NumericComponent(name)
		n, err = max(n, v), errors.Join(err, bad)
	}
	return n, err
}

func (db *DB) provider() (*goose.Provider, func(), error) {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, nil, err
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, nil, err
	}
	sql := stdlib.OpenDBFromPool(db.pool)
	p, err := goose.NewProvider(goose.DialectPostgres, sql, dir, goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, nil, errors.Join(err, sql.Close())
	}
	return p, func() { _ = sql.Close() }, nil // the pool stays
}
