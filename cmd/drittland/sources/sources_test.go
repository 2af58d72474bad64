package sources

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/pg"
	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

func newTable(t *testing.T) *Table {
	t.Helper()
	db, err := pg.Open(t.Context(), pgtest.Need(t).Database(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return In(db)
}

func (t *Table) sql(tb *testing.T, sql string, args ...any) {
	tb.Helper()
	if _, err := t.db.Pool().Exec(tb.Context(), sql, args...); err != nil {
		tb.Fatal(err)
	}
}

var clipzy = snapshots.Terms{Service: "Clipzy", Type: "Privacy Policy"}

// record enters something into a table of the archive.
func (t *Table) record(tb *testing.T, table string) {
	tb.Helper()
	switch table {
	case "declarations":
		t.sql(tb, "insert into kv_declarations (key, value) values ($1, '{}') on conflict (key) do update set value = excluded.value", termsKey(clipzy))
	case "attempts":
		t.sql(tb, "insert into kv_attempts (sub, key, value) values ($1, $2, '{}')", termsKey(clipzy), []byte(time.Now().String()))
	default:
		t.sql(tb, "insert into kv_terms (key, value) values ($1, '\\x00000001') on conflict do nothing", termsKey(clipzy))
		t.sql(tb, "insert into kv_"+table+" (key, value) values ($1, '')", append([]byte{0, 0, 0, 1}, time.Now().String()...))
	}
}

func (t *Table) stale(tb *testing.T) []Mark {
	tb.Helper()
	marks, err := t.Stale(tb.Context(), "UTC", 100)
	if err != nil {
		tb.Fatal(err)
	}
	return marks
}

func (t *Table) keep(tb *testing.T, marks []Mark, r Row) {
	tb.Helper()
	r.Terms, r.Standing = clipzy, json.RawMessage("{}")
	if err := t.Keep(tb.Context(), marks, map[snapshots.Terms]Row{clipzy: r}); err != nil {
		tb.Fatal(err)
	}
}

// Whatever is recorded of a source makes its row stale, until it is worked out.
func TestWhatIsRecordedMarks(t *testing.T) {
	x := newTable(t)
	for _, name := range []string{"declarations", "declarations", "attempts", "history", "timeline"} {
		x.record(t, name)
		marks := x.stale(t)
		if all, err := x.AllStale(t.Context()); err != nil || len(all) != 1 || !all[clipzy] {
			t.Errorf("%s: stale are %v: %v", name, all, err)
		}
		if len(marks) != 1 || marks[0].Terms != clipzy {
			t.Errorf("%s marks %v", name, marks)
		}
		x.keep(t, marks, Row{})
		if marks := x.stale(t); len(marks) > 0 {
			t.Errorf("%s: when all is kept, %v are stale", name, marks)
		}
	}
	x.sql(t, "delete from kv_timeline")
	if marks := x.stale(t); len(marks) != 1 {
		t.Errorf("what goes marks %v", marks)
	}
	x.sql(t, "delete from kv_declarations")
	if err := x.Keep(t.Context(), x.stale(t), nil); err != nil {
		t.Fatal(err)
	}
	if some, err := x.Any(t.Context()); some || err != nil {
		t.Errorf("of what nobody tracks there is a row: %v", err)
	}
}

// Of two who work out the same row, one who looked before something else was recorded does not take the mark of it away.
func TestKeepIsOfWhatWasSeen(t *testing.T) {
	x := newTable(t)
	x.record(t, "declarations")
	early := x.stale(t)
	x.record(t, "attempts")
	late := x.stale(t)
	x.keep(t, late, Row{Failing: true})
	x.keep(t, early, Row{})
	doubtful, err := x.Doubtful(t.Context(), time.Now(), 1e6*time.Hour)
	if err != nil || !doubtful[clipzy] {
		t.Errorf("who saw less has written over it: %v", err)
	}
	x.record(t, "declarations")
	early = x.stale(t)
	x.record(t, "attempts")
	late = x.stale(t)
	x.keep(t, early, Row{})
	x.keep(t, late, Row{Failing: true})
	if left := x.stale(t); len(left) != 1 {
		t.Errorf("the mark that the first did not see is gone: %v", left)
	}
}

// A row whose schedule was read in another zone, or that another release has made, is stale.
func TestZoneAndForm(t *testing.T) {
	x := newTable(t)
	x.record(t, "declarations")
	x.keep(t, x.stale(t), Row{Zone: "Europe/Berlin"})
	if marks := x.stale(t); len(marks) != 1 || marks[0].Terms != clipzy {
		t.Errorf("in another zone stale are %v", marks)
	}
	x.keep(t, x.stale(t), Row{Zone: "UTC"})
	if marks := x.stale(t); len(marks) > 0 {
		t.Errorf("stale are %v", marks)
	}
	x.sql(t, "update sources set made = made - 1")
	if marks := x.stale(t); len(marks) != 1 {
		t.Errorf("of another release stale are %v", marks)
	}
}

// TestMany measures with DRITTLAND_TEST_SOURCES rows.
func TestMany(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("DRITTLAND_TEST_SOURCES"))
	if err != nil {
		t.Skip("for measuring: DRITTLAND_TEST_SOURCES says how many sources")
	}
	x := newTable(t)
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	for _, name := range []string{"kv_declarations", "sources"} {
		columns := map[string][]string{"kv_declarations": {"key", "value"}, "sources": {"terms", "made", "zone", "removed", "next_at", "apart", "slack", "tried", "verified", "failing", "standing"}}[name]
		_, err := x.db.Pool().CopyFrom(t.Context(), pgx.Identifier{name}, columns, pgx.CopyFromSlice(n, func(i int) ([]any, error) {
			terms := termsKey(snapshots.Terms{Service: fmt.Sprintf("Service %d", i), Type: "Privacy Policy"})
			if name == "kv_declarations" {
				return []any{terms, fmt.Appendf(nil, `{"service":"Service %d","terms_type":"Privacy Policy","sources":[{"url":"https://service-%d.example/privacy"}],"added":"2025-01-01T00:00:00Z"}`, i, i)}, nil
			}
			seen := now.Add(-time.Duration(i%(7*24*3600)) * time.Second) // spread over a week
			failing := i%50 == 0
			return []any{terms, form, "", false, seen.Add(7 * 24 * time.Hour), failing, 84 * time.Hour, seen, seen, failing, json.RawMessage(`{"versions":3,"verified":"2026-03-01T00:00:00Z"}`)}, nil
		}))
		if err != nil {
			t.Fatal(err)
		}
	}
	x.sql(t, "truncate source_stale")
	x.sql(t, "vacuum analyze")
	took := func(name string, times int, f func() (int, error)) {
		var all []time.Duration
		got := 0
		for range times {
			began := time.Now()
			n, err := f()
			if err != nil {
				t.Fatal(err)
			}
			got = n
			all = append(all, time.Since(began))
		}
		slices.Sort(all)
		t.Logf("%-60s %7d rows, p50 %8.1f ms, most %8.1f ms", name, got, float64(all[times/2].Microseconds())/1000, float64(all[times-1].Microseconds())/1000)
	}
	due := func(w Wish) func() (int, error) {
		return func() (n int, err error) {
			err = x.Due(context.Background(), w, func([]byte, time.Time, time.Time) error { n++; return nil })
			return n, err
		}
	}
	took("due within ten minutes", 20, due(Wish{Now: now.Add(10 * time.Minute)}))
	took("due within ten minutes, between runs of all", 20, due(Wish{Now: now.Add(10 * time.Minute), Apart: true}))
	took("due within a day", 5, due(Wish{Now: now.Add(24 * time.Hour)}))
	took("all are due", 3, due(Wish{Now: now.Add(8 * 24 * time.Hour)}))
	took("when the first is due, and how many there are", 10, func() (int, error) { _, n, err := x.Wake(context.Background()); return n, err })
	took("nothing is stale", 20, func() (int, error) { m, err := x.Stale(context.Background(), "UTC", 2000); return len(m), err })
	took("in doubt five minutes ago", 10, func() (int, error) {
		m, err := x.Doubtful(context.Background(), now.Add(-5*time.Minute), 8*24*time.Hour)
		return len(m), err
	})
	took("how all stand", 3, func() (n int, err error) {
		err = x.All(context.Background(), func(snapshots.Terms, []byte) error { n++; return nil })
		return n, err
	})
	var size int64
	if err := x.db.Pool().QueryRow(t.Context(), "select pg_total_relation_size('sources')").Scan(&size); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes a source", size/int64(n))
}
