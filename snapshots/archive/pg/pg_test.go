package pg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/archive/kv/kvtest"
	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// opened is an empty index in a database of its own.
func opened(t testing.TB) *DB {
	t.Helper()
	return openedAt(t, pgtest.Need(t).Database(t))
}

func openedAt(t testing.TB, address string) *DB {
	t.Helper()
	db, err := Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

func TestConformance(t *testing.T) {
	kvtest.Conformance(t, func(t testing.TB) kv.DB { return opened(t) })
}

// Every bucket has a table, and there are no others.
func TestTables(t *testing.T) {
	db := opened(t)
	rows, err := db.pool.Query(t.Context(), "select relname from pg_class join pg_namespace n on n.oid = relnamespace where nspname = $1 and relkind = 'r' and relname like 'kv\\_%'", Schema)
	if err != nil {
		t.Fatal(err)
	}
	left := map[string]bool{}
	for name := range buckets {
		left["kv_"+name] = true
	}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		if !left[name] && name != "kv_sequences" {
			t.Errorf("table %s belongs to no bucket", name)
		}
		delete(left, name)
	}
	if len(left) > 0 {
		t.Errorf("buckets without a table: %v", left)
	}
}

// Several may lay out one database at the same time.
func TestMigrateTogether(t *testing.T) {
	address := pgtest.Need(t).Database(t)
	errs := make(chan error)
	for range 4 {
		go func() {
			db, err := Open(context.Background(), address)
			if err == nil {
				_, err = db.Migrate(context.Background())
				db.Close()
			}
			errs <- err
		}()
	}
	for range 4 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// The schema is the first that they meet at.
func TestMakeSchemaTogether(t *testing.T) {
	address := pgtest.Need(t).Database(t)
	var dbs []*DB
	for range 6 {
		db, err := Open(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		dbs = append(dbs, db)
	}
	for i := range 30 {
		errs := make(chan error)
		for _, db := range dbs {
			db.schema = fmt.Sprintf("of_many_%d", i)
			go func() { errs <- db.makeSchema(t.Context()) }()
		}
		for range dbs {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
	}
}

func TestBeside(t *testing.T) {
	slow, denied, theirs := errors.New("slow"), errors.New("denied"), errors.New("of a function")
	for want, err := range map[error]error{slow: &pgconn.PgError{Code: "57014"}, denied: &pgconn.PgError{Code: "25006"}, ErrFull: &pgconn.PgError{Code: "53100"}, ErrUnreachable: &pgconn.PgError{Code: "57P01"},
		theirs: fmt.Errorf("read: %w", theirs), context.Canceled: context.Canceled} {
		if got := Beside("desk", err, slow, denied); !errors.Is(got, want) {
			t.Errorf("%v became %v", err, got)
		}
	}
	if got := Beside("desk", theirs, slow, denied).Error(); got != "desk: of a function" {
		t.Error(got)
	}
}

func TestErrors(t *testing.T) {
	server := pgtest.Need(t)
	address := server.Database(t)
	for name, c := range map[string]struct {
		address string
		want    error
	}{
		"other scheme":   {"mysql://a/b", ErrAddress},
		"nonsense":       {"postgres://a:secret-word@b:port/c", ErrAddress},
		"two schemas":    {address + "&search_path=a,b", ErrAddress},
		"nobody there":   {"postgres://a:secret-word@127.0.0.1:1/b", ErrUnreachable},
		"no database":    {strings.Replace(address, "test_", "absent_", 1), ErrNoDatabase},
		"not laid out":   {address, ErrNoSchema},
		"unknown user":   {strings.Replace(address, "drittland@", "stranger@", 1), ErrDenied},
		"no such host":   {"postgres://a:secret-word@nowhere.invalid/b", ErrUnreachable},
		"no such socket": {"postgres://a@/b?host=/nowhere", ErrUnreachable},
	} {
		db, err := Open(t.Context(), c.address)
		if err == nil {
			_, err = db.State(t.Context())
			db.Close()
		}
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, not %v", name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "secret-word") {
			t.Errorf("%s: the message holds the password: %v", name, err)
		}
	}
}

// While the server is away every call says so, and when it is back the index works on.
func TestServerAway(t *testing.T) {
	server, err := pgtest.New()
	if err != nil {
		pgtest.Need(t)
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	db, err := Open(t.Context(), server.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	put := func(k string) error {
		return db.Update(func(tx kv.Tx) error { return tx.Bucket([]byte("meta")).Put([]byte(k), []byte(k)) })
	}
	get := func(k string) (v []byte, err error) {
		err = db.View(func(tx kv.Tx) error { v = tx.Bucket([]byte("meta")).Get([]byte(k)); return nil })
		return v, err
	}
	if err := put("a"); err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx kv.Tx) error {
		b := tx.Bucket([]byte("meta"))
		if err := b.Put([]byte("b"), []byte("b")); err != nil {
			return err
		}
		server.Stop(true)
		b.Get([]byte("a"))
		return nil
	})
	if !errors.Is(err, ErrUnreachable) {
		t.Errorf("crash in a transaction: %v", err)
	}
	if _, err := get("a"); !errors.Is(err, ErrUnreachable) {
		t.Errorf("server away: %v", err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	if v, err := get("a"); err != nil || string(v) != "a" {
		t.Errorf("server back: %q, %v", v, err)
	}
	if v, err := get("b"); err != nil || v != nil {
		t.Errorf("what the crash broke off: %q, %v", v, err)
	}
}

// What organisations had before they had lists is there after the upgrade, as it was.
func TestUpgradeKeepsOrganisations(t *testing.T) {
	ctx := t.Context()
	db, err := Open(ctx, pgtest.Need(t).Database(t))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.pool.Exec(ctx, "create schema if not exists "+Schema); err != nil {
		t.Fatal(err)
	}
	p, done, err := db.provider()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(ctx, 4); err != nil {
		t.Fatal(err)
	}
	done()
	if _, err := db.pool.Exec(ctx, `insert into orgs (name, made) values ('north', '2026-11-22'), ('south', '2026-11-22');
		insert into org_tokens (id, org, hash, role, handle, made) select repeat(translate(name, 'norths', 'abcdef'), 13)::varchar(13), id, decode(repeat('0f', 32), 'hex'), 'admin', name, made from orgs;
		insert into org_watches (org, service, type, since) select id, 'Clipzy', 'Privacy Policy', made from orgs;
		insert into org_decisions (org, service, type, variant, about, fingerprint, revises, decision) select id, 'Clipzy', 'Privacy Policy', '', 'finding', 'ab', '', '{"note":"of old"}' from orgs;
		insert into org_audit (org, at, handle, token, address, did, subject) select id, made, name, '', '', 'organisation made', name from orgs`); err != nil {
		t.Fatal(err)
	}
	has := func() (out string) {
		t.Helper()
		err := db.pool.QueryRow(ctx, `select concat_ws(e'\n', (select string_agg((id, name, made)::text, ' ' order by id) from orgs), (select string_agg(t::text, ' ' order by org) from org_tokens t),
			(select string_agg(t::text, ' ' order by org) from org_watches t), (select string_agg(t::text, ' ' order by org) from org_decisions t), (select string_agg(t::text, ' ' order by org) from org_audit t))`).Scan(&out)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	before := has()
	if behind, err := db.State(ctx); err != nil || !behind {
		t.Errorf("an earlier layout: behind %v, %v", behind, err)
	}
	applied, err := db.Migrate(ctx)
	if err != nil || len(applied) == 0 || applied[0] != 5 {
		t.Fatalf("%v, %v", applied, err)
	}
	if after := has(); after != before || strings.Count(before, "Clipzy") != 4 {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
	var due, lists int
	if err := db.pool.QueryRow(ctx, "select (select count(*) from orgs where digest_due is not null), (select count(*) from org_lists)").Scan(&due, &lists); err != nil || due+lists != 0 {
		t.Errorf("%d due, %d lists, %v", due, lists, err)
	}
}

func TestNewerSchema(t *testing.T) {
	db := opened(t)
	if _, err := db.pool.Exec(t.Context(), "insert into goose_db_version (version_id, is_applied) values (9999, true)"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.State(t.Context()); !errors.Is(err, ErrNewer) {
		t.Error(err)
	}
	if _, err := db.Migrate(t.Context()); !errors.Is(err, ErrNewer) {
		t.Error(err)
	}
}

// The mark changes with every transaction that changes anything, and with no other.
func TestMark(t *testing.T) {
	db := opened(t)
	mark := func() string {
		s, err := db.Mark(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	before := mark()
	put := func(tx kv.Tx) error { return tx.Bucket([]byte("meta")).Put([]byte("a"), []byte("b")) }
	for name, f := range map[string]func(func(kv.Tx) error) error{"derived": db.Update, "evidence": db.Append, "all": db.Alone} {
		if err := f(put); err != nil {
			t.Fatal(err)
		}
		after := mark()
		if after == before {
			t.Errorf("%s: the mark is %q as before", name, after)
		}
		before = after
		if err := f(func(tx kv.Tx) error { tx.Bucket([]byte("meta")).Get([]byte("a")); return nil }); err != nil {
			t.Fatal(err)
		}
		if after := mark(); after != before {
			t.Errorf("%s: nothing has changed, and the mark is %q, no longer %q", name, after, before)
		}
	}
}

// Who waits for another is let go when it is to wait no more, and what is not held can still be had.
func TestPatience(t *testing.T) {
	address := pgtest.Need(t).Database(t)
	db, other := openedAt(t, address), openedAt(t, address)
	ctx, end := context.WithCancel(t.Context())
	other.Patience(ctx)
	err := db.Append(func(kv.Tx) error {
		time.AfterFunc(50*time.Millisecond, end)
		if err := other.Append(func(kv.Tx) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Append(func(kv.Tx) error { return nil }); err != nil {
		t.Errorf("nobody holds it: %v", err)
	}
}
