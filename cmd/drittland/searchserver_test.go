package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/cmd/drittland/search"
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

func TestSearchOnServer(t *testing.T) { runOnServer(t, "testdata/fulltext/search.txtar") }

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

var port = regexp.MustCompile(`:\d+`)

// TestDeskSearchOnServer searches as the review pages do, in the archive of the demonstration.
func TestDeskSearchOnServer(t *testing.T) {
	address := pgtest.Need(t).Database(t)
	if _, err := archive.CreateShared(t.Context(), address, archive.Options{Objects: "file://" + t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	demoRun(t, "--archive", address, "demo")
	here, there := finderOf(t, demonstrated(t)), finderOf(t, address)
	engine, err := there.store.engine(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []review.Query{{}, {Words: `"remote access"`}, {Words: `"data"`, Service: "clipzy"}, {Words: `"data"`, Service: "Nobody"}, {Words: `"data"`, Page: 500},
		{Words: `"daten"`, Language: "de", Last: true}, {Words: `indi*`}} {
		var got, want *review.Found
		for f, found := range map[*finder]**review.Found{here: &want, there: &got} {
			d := newReviewDesk(f.store, engine)
			for range 100 { // gathering takes its time
				var err error
				if *found, err = d.Search(t.Context(), q); err != nil {
					t.Fatal(err)
				}
				if (*found).Read == (*found).Terms {
					break
				}
			}
			(*found).Took = 0
			for i := range (*found).Hits { // the two archives were made at different times, from different ports
				h := &(*found).Hits[i]
				h.From, h.Until, h.Annex = time.Time{}, time.Time{}, port.ReplaceAllString(h.Annex, "")
			}
			slices.SortFunc((*found).Hits, func(a, b review.Hit) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%+v: %s", q, diff)
		}
	}
	d := newReviewDesk(there.store, engine)
	var mistake *search.Mistake
	if _, err := d.Search(t.Context(), review.Query{Words: `"remote`}); !errors.As(err, &mistake) {
		t.Error(err)
	}
}
