package teams

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/archive/pg"
	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

var (
	noon   = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	clipzy = snapshots.Terms{Service: "Clipzy", Type: "Privacy Policy"}
	parcel = snapshots.Terms{Service: "Parcelito", Type: "Privacy Policy"}
	byMK   = Actor{Handle: "mk", Token: "abc", Address: "192.0.2.1", At: noon}
)

// opened is organisations in a database of their own.
func opened(t testing.TB, address string) *DB {
	t.Helper()
	db, err := pg.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	d, err := Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// made is two organisations, each with a watch, a token, a decision, a list.
func made(t testing.TB, d *DB) (a, b *Org) {
	t.Helper()
	var orgs [2]*Org
	for i, name := range []string{"north", "south"} {
		o, err := d.Add(t.Context(), name, noon)
		if err != nil {
			t.Fatal(err)
		}
		terms := []snapshots.Terms{clipzy, parcel}[i]
		_, err1 := o.Watch(t.Context(), byMK, terms)
		_, _, err2 := o.NewToken(t.Context(), byMK, Token{Role: review.Admin, Handle: "of-" + name})
		_, err3 := o.PutDecision(t.Context(), byMK, decision(terms, name))
		_, err4 := o.PutList(t.Context(), byMK, List{Name: "legal", To: []string{name + "@example.org"}}, false)
		if err := errors.Join(err1, err2, err3, err4); err != nil {
			t.Fatal(err)
		}
		orgs[i] = o
	}
	return orgs[0], orgs[1]
}

func decision(terms snapshots.Terms, note string) snapshots.Decision {
	return snapshots.Decision{Terms: terms, About: snapshots.AboutFinding, Fingerprint: strings.Repeat("ab", 12), Check: "T07", Quote: "to the United States",
		Version: strings.Repeat("0f", 8), Judgement: snapshots.Relevant, Note: note, By: "mk", At: noon}
}

// due are the organisations whose lists are to be looked at at noon.
func due(t *testing.T, d *DB) (out []int64) {
	t.Helper()
	list, err := DueLists(t.Context(), d.db, noon, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range list {
		out = append(out, x.ID)
	}
	return out
}

// users are the ways in which a database may be set up: each user owns the tables and has other rights.
func users(t *testing.T) map[string]string {
	server := pgtest.Need(t)
	out := map[string]string{"superuser": server.Database(t)}
	for name, rights := range map[string]string{"may make roles": "createrole", "may make none": "nocreaterole"} {
		address := server.Database(t)
		conn, err := pgx.Connect(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		user := "owner_" + rights
		for _, sql := range []string{
			"drop role if exists " + user, "create role " + user + " login " + rights, "grant all on database " + conn.Config().Database + " to " + user,
			"do $$ begin create role drittland_org nologin; exception when duplicate_object then null; end $$", "grant drittland_org to owner_nocreaterole",
		} {
			if _, err := conn.Exec(t.Context(), sql); err != nil && !strings.HasPrefix(sql, "grant drittland_org") {
				t.Fatalf("%s: %v", sql, err)
			}
		}
		t.Cleanup(func() { forget(address, user) })
		out[name] = strings.Replace(address, "drittland@", user+"@", 1)
	}
	return out
}

// forget drops what a user owns in a database, and the user.
func forget(address, user string) {
	conn, err := pgx.Connect(context.Background(), address)
	if err != nil {
		return
	}
	defer conn.Close(context.Background())
	_, _ = conn.Exec(context.Background(), "drop owned by "+user+" cascade; drop role "+user)
}

// No method of one organisation reaches what is another's, whoever owns the tables.
func TestMethodsStayWithin(t *testing.T) {
	for name, address := range users(t) {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			north, south := made(t, opened(t, address))
			tokens, err := south.Tokens(ctx)
			if err != nil || len(tokens) != 1 || tokens[0].Handle != "of-south" {
				t.Fatalf("tokens of south: %v, %v", tokens, err)
			}
			if err := north.Revoke(ctx, byMK, tokens[0].ID); !errors.Is(err, ErrNotFound) {
				t.Errorf("north revoked a token of south: %v", err)
			}
			if w, err := north.Watches(ctx, snapshots.Terms{}, 10); err != nil || len(w) != 1 || w[0].Terms != clipzy {
				t.Errorf("watches of north: %v, %v", w, err)
			}
			if _, err := north.Watching(ctx, parcel); !errors.Is(err, ErrNotFound) {
				t.Errorf("north watches what south does: %v", err)
			}
			if err := north.Unwatch(ctx, byMK, parcel); !errors.Is(err, ErrNotFound) {
				t.Errorf("north unwatched for south: %v", err)
			}
			if list, err := north.DecisionsOn(ctx, parcel); err != nil || len(list) != 0 {
				t.Errorf("north reads decisions of south: %v, %v", list, err)
			}
			if list, err := north.Decisions(ctx, snapshots.Terms{}, 0, 10); err != nil || len(list) != 1 || list[0].Decision.Note != "north" {
				t.Errorf("decisions of north: %v, %v", list, err)
			}
			theirs, err := south.DecisionsOn(ctx, parcel)
			if err != nil || len(theirs) != 1 {
				t.Fatalf("decisions of south: %v, %v", theirs, err)
			}
			d := decision(parcel, "across")
			d.Revises = theirs[0].ID
			if _, err := north.PutDecision(ctx, byMK, d); !errors.Is(err, archive.ErrNotFound) {
				t.Errorf("north revised a decision of south: %v", err)
			}
			if list, err := north.Lists(ctx); err != nil || len(list) != 1 || list[0].To[0] != "north@example.org" {
				t.Errorf("lists of north: %v, %v", list, err)
			}
			if _, err := south.PutList(ctx, byMK, List{Name: "press", To: []string{"bo@example.org"}}, false); err != nil {
				t.Fatal(err)
			}
			if _, err := north.List(ctx, "press"); !errors.Is(err, ErrNotFound) {
				t.Errorf("north reads a list of south: %v", err)
			}
			if err := north.RemoveList(ctx, byMK, "press"); !errors.Is(err, ErrNotFound) {
				t.Errorf("north removed a list of south: %v", err)
			}
			if err := north.Told(ctx, Due{south.id, noon}, []List{{Name: "press", Made: noon, Slot: "x", Until: &noon}}, noon, noon.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			if l, err := south.List(ctx, "press"); err != nil || l.Until != nil || l.Slot != "" {
				t.Errorf("north told for south: %+v, %v", l, err)
			}
			log, err := north.Audit(ctx, 0, 10)
			if err != nil || len(log) != 4 {
				t.Errorf("audit log of north: %v, %v", log, err)
			}
			for _, e := range log {
				if strings.Contains(e.Subject, "Parcelito") || strings.Contains(e.Subject, "south") {
					t.Errorf("the log of north tells of south: %+v", e)
				}
			}
			if n, err := north.Count(ctx, noon); err != nil || n.Watches != 1 || n.Tokens != 1 || n.Decisions != 1 {
				t.Errorf("count of north: %+v, %v", n, err)
			}
		})
	}
}

// Statements that name no organisation, or another one, do no harm within a bound transaction; and none at all find anything without the setting.
func TestStatementsStayWithin(t *testing.T) {
	for name, address := range users(t) {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			d := opened(t, address)
			north, south := made(t, d)
			count := func(sql string, args ...any) (n int) {
				t.Helper()
				if err := north.in(ctx, func(tx pgx.Tx) error { return tx.QueryRow(ctx, sql, args...).Scan(&n) }); err != nil {
					t.Fatal(err)
				}
				return n
			}
			for _, table := range []string{"orgs", "org_tokens", "org_watches", "org_decisions", "org_lists"} {
				if n := count("select count(*) from " + table); n != 1 {
					t.Errorf("%s: north sees %d rows", table, n)
				}
			}
			if n := count("select count(*) from org_audit where org = $1", south.id); n != 0 {
				t.Errorf("north sees %d lines of the log of south", n)
			}
			refused := []string{
				"insert into org_watches (org, service, type, since) values (%[1]d, 'X', 'Y', now())",
				"insert into org_decisions (org, service, type, variant, about, fingerprint, revises, decision) values (%[1]d, 'X', 'Y', '', '', '', '', '{}')",
				"insert into org_audit (org, at, handle, token, address, did, subject) values (%[1]d, now(), 'x', '', '', 'x', '')",
				"insert into org_tokens (id, org, hash, role, handle, made) values ('aaaaaaaaaaaaa', %[1]d, decode(repeat('00', 32), 'hex'), 'admin', 'x', now())",
				"insert into org_lists (org, name, recipients, services, types, languages, levels, locale, schedule, quiet, format, unsubscribe, made) values (%[1]d, 'x', '{x@example.org}', '{}', '{}', '{}', '{}', '', 'daily', 'send', 'html', '', now())",
				"update org_lists set org = %[1]d", "update orgs set digest_due = now(), id = %[1]d", "truncate org_lists", "alter table org_lists disable row level security", "drop policy bound on org_lists",
				"update org_tokens set org = %[1]d", "delete from org_audit", "update org_audit set handle = 'x'", "delete from org_decisions", "update org_decisions set variant = 'x'",
				"delete from orgs", "update orgs set name = 'x'", "insert into orgs (name, made) values ('x', now())", "delete from org_tokens", "select * from kv_meta",
				"alter table org_watches disable row level security", "drop policy bound on org_watches", "truncate org_watches", "set session authorization postgres", "create table mine (n int)",
			}
			for _, sql := range refused {
				if strings.Contains(sql, "%[1]d") {
					sql = fmt.Sprintf(sql, south.id)
				}
				if err := north.in(ctx, func(tx pgx.Tx) error { _, err := tx.Exec(ctx, sql); return err }); err == nil {
					t.Errorf("not refused: %s", sql)
				}
			}
			if err := north.in(ctx, func(tx pgx.Tx) error {
				done, err := tx.Exec(ctx, "delete from org_watches where org <> $1", north.id)
				if err == nil && done.RowsAffected() > 0 {
					t.Errorf("north deleted %d watches of others", done.RowsAffected())
				}
				return err
			}); err != nil {
				t.Error(err)
			}
			before := due(t, d)
			for _, sql := range []string{"delete from org_lists where org <> $1", "update org_lists set recipients = '{x@example.org}' where org <> $1", "update orgs set digest_due = null where id <> $1"} {
				if err := north.in(ctx, func(tx pgx.Tx) error {
					done, err := tx.Exec(ctx, sql, north.id)
					if err == nil && done.RowsAffected() > 0 {
						t.Errorf("%s: %d rows", sql, done.RowsAffected())
					}
					return err
				}); err != nil {
					t.Error(err)
				}
			}
			if after := due(t, d); len(before) != 2 || !slices.Equal(before, after) {
				t.Errorf("due before %v, after %v", before, after)
			}
			for setting, value := range map[string]string{"drittland.none": "1", "drittland.org": "", "drittland.token": "unknown"} {
				for _, table := range []string{"orgs", "org_tokens", "org_watches", "org_decisions", "org_audit", "org_lists"} {
					n := -1
					if err := d.as(ctx, setting, value, func(tx pgx.Tx) error { return tx.QueryRow(ctx, "select count(*) from "+table).Scan(&n) }); err != nil || n != 0 {
						t.Errorf("%s=%q: %d rows of %s, %v", setting, value, n, table, err)
					}
				}
			}
		})
	}
}

// A transaction leaves neither role nor setting behind on its connection.
func TestNothingStays(t *testing.T) {
	d := opened(t, pgtest.Need(t).Database(t)+"&pool_max_conns=1")
	north, _ := made(t, d)
	if _, err := north.Tokens(t.Context()); err != nil {
		t.Fatal(err)
	}
	var user, setting string
	if err := d.pool.QueryRow(t.Context(), "select current_user, coalesce(current_setting('drittland.org', true), '')").Scan(&user, &setting); err != nil {
		t.Fatal(err)
	}
	if user == role || setting != "" {
		t.Errorf("the connection is left as %s, with %q", user, setting)
	}
}

// A role that is stronger than it should be is not used.
func TestStrongRole(t *testing.T) {
	server, err := pgtest.New()
	if err != nil {
		pgtest.Need(t)
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	address := server.Database(t)
	opened(t, address)
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	db, err := pg.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, right := range []string{"bypassrls", "superuser", "login", "createrole"} {
		if _, err := conn.Exec(t.Context(), "alter role drittland_org "+right); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), db); !errors.Is(err, ErrRole) {
			t.Errorf("%s: %v", right, err)
		}
		if _, err := conn.Exec(t.Context(), "alter role drittland_org no"+right); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(t.Context(), db); err != nil {
		t.Errorf("as it should be: %v", err)
	}
}

// Where there is no role and the user may not make it, the tables are laid out all the same, and nothing is kept in them until somebody has made it.
func TestNoRole(t *testing.T) {
	server, err := pgtest.New()
	if err != nil {
		pgtest.Need(t)
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	address := server.Database(t)
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	do := func(sql string) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	do("create role plain login; grant all on database " + conn.Config().Database + " to plain")
	db, err := pg.Open(t.Context(), strings.Replace(address, "drittland@", "plain@", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), db); !errors.Is(err, ErrRole) {
		t.Errorf("without the role: %v", err)
	}
	do("create role drittland_org nologin; grant drittland_org to plain")
	d, err := Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	made(t, d)
}
