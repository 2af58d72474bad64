package teams

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/pg"
	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
)

// rows are all rows of the tables of organisations, as a superuser sees them.
func rows(t *testing.T, address string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	schema := "drittland"
	if strings.Contains(address, "search_path") {
		schema = "moved"
	}
	var out strings.Builder
	for _, name := range tables {
		var s string
		if err := conn.QueryRow(t.Context(), fmt.Sprintf("select coalesce(string_agg(x::text, E'\\n' order by x::text), '') from %s.%s x", schema, name)).Scan(&s); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%s\n%s\n", name, s)
	}
	return out.String()
}

// Organisations are the same in a copy, whoever owns the tables, and go on being apart there; made again, the copy follows its source.
func TestCopy(t *testing.T) {
	for name, from := range users(t) {
		t.Run(name, func(t *testing.T) {
			super := func(address string) string { return "postgres://drittland" + address[strings.Index(address, "@"):] }
			ctx, to := t.Context(), from+"&search_path=moved"
			here := opened(t, from)
			north, south := made(t, here)
			if err := south.Remove(ctx); err != nil { // its number is not given again
				t.Fatal(err)
			}
			for i := range copiedAtOnce + 3 {
				if _, err := north.Watch(ctx, byMK, snapshots.Terms{Service: fmt.Sprintf("S%d, \"with\" (signs) \\ '", i), Type: "ä\ttab"}); err != nil {
					t.Fatal(err)
				}
			}
			secret, _, err := north.NewToken(ctx, byMK, Token{Role: "reader", Handle: "reads"})
			if err != nil {
				t.Fatal(err)
			}
			there := opened(t, to)
			src, dst := open(t, from), open(t, to)
			if err := (Beside{}).Vacant(ctx, dst); err != nil {
				t.Error(err)
			}
			for range 2 {
				if err := (Beside{}).Copy(ctx, src, dst); err != nil {
					t.Fatal(err)
				}
				if got, want := rows(t, super(to)), rows(t, super(from)); got != want {
					t.Errorf("in the copy:\n%.2000s\nwant\n%.2000s", got, want)
				}
				if err := north.Unwatch(ctx, byMK, clipzy); err != nil { // for the second time
					break
				}
			}
			if err := (Beside{}).Vacant(ctx, dst); !errors.Is(err, ErrExists) {
				t.Errorf("there is something: %v", err)
			}
			if o, _, err := there.Bearer(ctx, secret, noon); err != nil || o.Name() != "north" {
				t.Errorf("the token there: %v", err)
			}
			west, err := there.Add(ctx, "west", noon)
			if err != nil || west.id <= south.id {
				t.Errorf("west has number %d, south had %d: %v", west.id, south.id, err)
			}
			copied, err := there.Org(ctx, "north")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := copied.PutDecision(ctx, byMK, decision(parcel, "there")); err != nil {
				t.Errorf("a decision there: %v", err)
			}
		})
	}
}

func open(t *testing.T, address string) *pg.DB {
	t.Helper()
	db, err := pg.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// What organisations have is in the tables that are copied: a table with a name like theirs that is not would stay behind without a word.
func TestAllTablesAreCopied(t *testing.T) {
	db := open(t, pgtest.Need(t).Database(t))
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	found, err := db.Pool().Query(t.Context(), `select relname::text from pg_class where relnamespace = 'drittland'::regnamespace and relkind in ('r', 'p')
		and (relname like 'org%' or oid in (select conrelid from pg_constraint where contype = 'f' and confrelid = 'orgs'::regclass)) order by relname`)
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(found, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Sorted(slices.Values(tables))
	if !slices.Equal(names, want) {
		t.Errorf("tables of organisations are %v, and %v are copied", names, want)
	}
}
