package main

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/archive/pg"
	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
)

// runOnServer runs a script with an empty archive on a server.
func runOnServer(t *testing.T, file string) {
	address := pgtest.Need(t).Database(t)
	if _, err := archive.CreateShared(t.Context(), address, archive.Options{Objects: "file://" + t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Files:               []string{file},
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("NOW", testNow)
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("DRITTLAND_ARCHIVE", address)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "collection": collection, "lexeme": lexeme, "readonly": readOnly},
	})
}

// The same words find the same on a server as in a folder.
func TestSearchScriptOnServer(t *testing.T) { runOnServer(t, "testdata/archive/search.txtar") }

func TestSearchOnServer(t *testing.T) { runOnServer(t, "testdata/server/search.txtar") }

// numberFrom is one number from the database of a script's archive.
func numberFrom(ts *testscript.TestScript, sql string, args ...any) (n int) {
	db, err := pg.Open(context.Background(), ts.Getenv("DRITTLAND_ARCHIVE"))
	ts.Check(err)
	defer db.Close()
	ts.Check(db.Pool().QueryRow(context.Background(), sql, args...).Scan(&n))
	return n
}

// lexeme wants so many passages in the tables that hold a word: lexeme WORD N
func lexeme(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: lexeme WORD N")
	}
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	if n := numberFrom(ts, "select count(*) from search_passages where $1 = any(tsvector_to_array(words))", args[0]); n != want {
		ts.Fatalf("%d passages hold %s, want %d", n, args[0], want)
	}
}

// readOnly makes the rest of a script use a user of the database who may only read.
func readOnly(ts *testscript.TestScript, neg bool, _ []string) {
	address := ts.Getenv("DRITTLAND_ARCHIVE")
	db, err := pg.Open(context.Background(), address)
	ts.Check(err)
	defer db.Close()
	for _, sql := range []string{"create role reader login", "grant usage on schema drittland to reader", "grant select on all tables in schema drittland to reader"} {
		_, err := db.Pool().Exec(context.Background(), sql)
		ts.Check(err)
	}
	ts.Defer(func() {
		c, err := pgx.Connect(context.Background(), address)
		ts.Check(err)
		defer c.Close(context.Background())
		_, err = c.Exec(context.Background(), "drop owned by reader; drop role reader")
		ts.Check(err)
	})
	ts.Setenv("DRITTLAND_ARCHIVE", strings.Replace(address, "drittland@", "reader@", 1))
}
