package teams

// This file takes organisations along when an archive moves from one server to another.

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/snapshots/archive/pg"
)

// tables hold what organisations have, each behind those that its rows refer to. The number of the organisation is in the column org, of orgs in id.
var tables = []string{"orgs", "org_tokens", "org_watches", "org_decisions", "org_audit", "org_lists"}

// copiedAtOnce is how many rows are written with one statement.
const copiedAtOnce = 500

// Beside moves organisations with the archive that they share. It is an archive.Beside.
type Beside struct{}

// Number is how many organisations share the archive in db.
func Number(ctx context.Context, db *pg.DB) (n int, err error) {
	err = db.Pool().QueryRow(ctx, "select count(*) from orgs").Scan(&n)
	return n, pg.Failed(err)
}

// Vacant refuses a database that has organisations.
func (Beside) Vacant(ctx context.Context, db *pg.DB) error {
	n, err := Number(ctx, db)
	if err == nil && n > 0 {
		err = fmt.Errorf("organisations: %w", ErrExists)
	}
	return err
}

// Copy makes the organisations in one database those of another, as they are at one moment: all of them, or nothing is changed. Numbers and tokens stay what
// they are, and what is made later gets higher ones. Both have the tables of this release.
func (Beside) Copy(ctx context.Context, from, to *pg.DB) error {
	err := inTx(ctx, from, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(src pgx.Tx) error {
		return inTx(ctx, to, pgx.TxOptions{}, func(dst pgx.Tx) error { return copyAll(ctx, src, dst) })
	})
	if err != nil {
		return fmt.Errorf("organisations: %w", pg.Failed(err))
	}
	return nil
}

// inTx calls f in a transaction in which values have the same form in all databases.
func inTx(ctx context.Context, db *pg.DB, o pgx.TxOptions, f func(pgx.Tx) error) error {
	return pgx.BeginTxFunc(ctx, db.Pool(), o, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "set local datestyle = 'ISO'; set local timezone = 'UTC'; set local intervalstyle = 'iso_8601'; set local bytea_output = 'hex'; set local extra_float_digits = 3"); err != nil {
			return err
		}
		return f(tx)
	})
}

func copyAll(ctx context.Context, src, dst pgx.Tx) error {
	if _, err := dst.Exec(ctx, "delete from orgs"); err != nil { // and with them all that refers to them
		return err
	}
	rows, err := src.Query(ctx, "select id from orgs order by id")
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	for _, id := range ids {
		for _, tx := range []pgx.Tx{src, dst} { // the policies bind the owner of the tables as well
			if _, err := tx.Exec(ctx, "select set_config('drittland.org', $1, true)", fmt.Sprint(id)); err != nil {
				return err
			}
		}
		for _, name := range tables {
			if err := copyRows(ctx, src, dst, name, id); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	for _, name := range tables {
		if err := copySequences(ctx, src, dst, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// copyRows copies the rows of one organisation. A name is one of tables.
func copyRows(ctx context.Context, src, dst pgx.Tx, name string, id int64) error {
	column := "org"
	if name == "orgs" {
		column = "id"
	}
	rows, err := src.Query(ctx, fmt.Sprintf("select x::text from %s x where %s = $1", name, column), id)
	if err != nil {
		return err
	}
	defer rows.Close()
	var page []string
	flush := func() error {
		_, err := dst.Exec(ctx, fmt.Sprintf("insert into %[1]s overriding system value select (x::%[1]s).* from unnest($1::text[]) x", name), page)
		page = page[:0]
		return err
	}
	for rows.Next() {
		var row string
		if err := rows.Scan(&row); err != nil {
			return err
		}
		if page = append(page, row); len(page) == copiedAtOnce {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := rows.Err(); err != nil || len(page) == 0 {
		return err
	}
	return flush()
}

// copySequences has the numbers that a table gives go on where those of the other end. Numbers of rows that are gone are not given again.
func copySequences(ctx context.Context, src, dst pgx.Tx, name string) error {
	rows, err := src.Query(ctx, "select attname from pg_attribute where attrelid = $1::regclass and attidentity <> '' and not attisdropped", name)
	if err != nil {
		return err
	}
	columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, column := range columns {
		var sequence string
		if err := src.QueryRow(ctx, "select pg_get_serial_sequence($1, $2)", name, column).Scan(&sequence); err != nil {
			return err
		}
		var last int64
		var called bool
		if err := src.QueryRow(ctx, "select last_value, is_called from "+sequence).Scan(&last, &called); err != nil {
			return err
		}
		if _, err := dst.Exec(ctx, "select setval(pg_get_serial_sequence($1, $2), $3, $4)", name, column, last, called); err != nil {
			return err
		}
	}
	return nil
}
