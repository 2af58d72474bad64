package pg

import (
	"io/fs"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"

	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
)

// numbers are those of all migrations.
func numbers(t *testing.T) (out []int64) {
	t.Helper()
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		n, err := goose.NumericComponent(name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// layoutOf are the tables, columns, indexes, triggers, policies, functions and rights of a database, a line each.
func layoutOf(t *testing.T, db *DB) []string {
	t.Helper()
	rows, err := db.pool.Query(t.Context(), `
		select format('column %s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) from information_schema.columns where table_schema = $1
		union all select indexdef from pg_indexes where schemaname = $1
		union all select pg_get_triggerdef(t.oid) from pg_trigger t join pg_class c on c.oid = tgrelid where relnamespace = $1::regnamespace and not tgisinternal
		union all select format('policy %s on %s: %s', policyname, tablename, qual) from pg_policies where schemaname = $1
		union all select prosrc from pg_proc where pronamespace = $1::regnamespace
		union all select format('%s on %s to %s', privilege_type, table_name, grantee) from information_schema.role_table_grants where table_schema = $1 and grantee = 'drittland_org'
		union all select format('constraint %s on %s: %s', conname, conrelid::regclass, pg_get_constraintdef(oid)) from pg_constraint where connamespace = $1::regnamespace
		order by 1`, db.schema)
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// What was laid out by any earlier migration becomes what is laid out today, and keeps what it holds.
func TestMigrateFromEach(t *testing.T) {
	want := layoutOf(t, opened(t))
	all := numbers(t)
	for _, n := range all[:len(all)-1] {
		db, err := Open(t.Context(), pgtest.Need(t).Database(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		if err := db.makeSchema(t.Context()); err != nil {
			t.Fatal(err)
		}
		p, done, err := db.provider()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.UpTo(t.Context(), n); err != nil {
			t.Fatal(err)
		}
		done()
		for _, sql := range []string{
			`insert into kv_terms (key, value) values ('Clipzy\000Privacy Policy', '\x00000001')`,
			`insert into kv_declarations (key, value) values ('Clipzy\000Privacy Policy', '{}')`,
			`insert into kv_timeline (key, value) values ('\x000000010000', '\x01')`,
			`insert into kv_attempts (sub, key, value) values ('Clipzy\000Privacy Policy', '\x01', '{}')`,
		} {
			if _, err := db.pool.Exec(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
		}
		if n >= 4 {
			if _, err := db.pool.Exec(t.Context(), "insert into orgs (name, made) values ('north', now())"); err != nil {
				t.Fatal(err)
			}
		}
		if behind, err := db.State(t.Context()); !behind || err != nil {
			t.Errorf("from %d: behind is %t: %v", n, behind, err)
		}
		if _, err := db.Migrate(t.Context()); err != nil {
			t.Fatalf("from %d: %v", n, err)
		}
		if got := layoutOf(t, db); !slices.Equal(got, want) {
			t.Errorf("from %d it is laid out otherwise than from the beginning:\n%q\n%q", n, got, want)
		}
		var rows, orgs int
		if err := db.pool.QueryRow(t.Context(), "select (select count(*) from kv_terms) + (select count(*) from kv_declarations) + (select count(*) from kv_timeline) + (select count(*) from kv_attempts), (select count(*) from orgs)").Scan(&rows, &orgs); err != nil {
			t.Fatal(err)
		}
		if rows != 4 || n >= 4 && orgs != 1 {
			t.Errorf("from %d: %d rows of 4 are left, and %d organisations", n, rows, orgs)
		}
		var stale int
		if err := db.pool.QueryRow(t.Context(), "select (select count(*) from search_stale)::int + (select count(*) from source_stale)::int").Scan(&stale); err != nil || stale < 2 {
			t.Errorf("from %d: of what was there before, %d rows are to be gathered: %v", n, stale, err)
		}
	}
}
