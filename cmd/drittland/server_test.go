package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
)

// TestServerScripts runs the scripts about an archive on a server. $DB is an empty database, $NODB one that is not there.
func TestServerScripts(t *testing.T) {
	server := pgtest.Need(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/server",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			srv := httptest.NewServer(webFolder(filepath.Join(e.WorkDir, "web")))
			e.Defer(srv.Close)
			db := server.Database(e.T().(testing.TB))
			e.Setenv("DB", db)
			e.Setenv("NODB", strings.Replace(db, "/test_", "/none_", 1))
			e.Setenv("WEB", srv.URL)
			e.Setenv("NOW", testNow)
			e.Setenv("HOME", e.WorkDir)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "sql": runSQL},
	})
}

// runSQL runs a statement: sql ADDRESS STATEMENT
func runSQL(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sql ADDRESS STATEMENT")
	}
	ts.Check(execSQL(args[0], args[1]))
}

func execSQL(address, sql string) error {
	ctx := context.Background()
	c, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	_, err = c.Exec(ctx, sql)
	return err
}

// TestPasswordOfServer has a server ask for a password, which stands nowhere on the command line.
func TestPasswordOfServer(t *testing.T) {
	admin := pgtest.Need(t).Database(t)
	at, err := url.Parse(admin)
	if err != nil {
		t.Fatal(err)
	}
	db, dir, role := strings.TrimPrefix(at.Path, "/"), at.Query().Get("host"), fmt.Sprintf("ana%d", os.Getpid())
	guard(t, admin, role)
	t.Cleanup(func() { _ = execSQL(admin, "drop owned by "+role+"; drop role "+role) })
	objects, home := t.TempDir(), t.TempDir()
	if made, err := archive.CreateShared(t.Context(), admin, archive.Options{Objects: "file://" + objects}); err != nil || !made {
		t.Fatal(made, err)
	}
	if err := execSQL(admin, "grant usage on schema drittland to "+role+"; grant all on all tables in schema drittland to "+role); err != nil {
		t.Fatal(err)
	}
	file := func(name, content string) string {
		path := filepath.Join(home, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	pass := file("pass", fmt.Sprintf("*:*:*:%s:geheim\n", role))
	service := file("service", fmt.Sprintf("[clipzy]\nhost=%s\ndbname=%s\nuser=%s\npassword=geheim\n", dir, db, role))
	plain := fmt.Sprintf("postgres://%s@/%s?host=%s", role, db, dir)
	for name, c := range map[string]struct {
		archive string
		env     map[string]string
		code    int
		want    string
	}{
		"none":        {plain, nil, exitFailed, "PostgreSQL refuses access"},
		"wrong":       {plain, map[string]string{"PGPASSWORD": "falsch"}, exitFailed, "hint: the user and the password: in PGUSER and PGPASSWORD"},
		"variable":    {plain, map[string]string{"PGPASSWORD": "geheim"}, exitOK, ""},
		"file":        {plain, map[string]string{"PGPASSFILE": pass}, exitOK, ""},
		"service":     {"postgres://", map[string]string{"PGSERVICEFILE": service, "PGSERVICE": "clipzy"}, exitOK, ""},
		"service in":  {"postgres://?service=clipzy", map[string]string{"PGSERVICEFILE": service}, exitOK, ""},
		"all outside": {"postgres://", map[string]string{"PGHOST": dir, "PGUSER": role, "PGDATABASE": db, "PGPASSWORD": "geheim"}, exitOK, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PGPASSFILE", filepath.Join(home, "none"))
			for k, v := range c.env {
				t.Setenv(k, v)
			}
			var out, said bytes.Buffer
			code := run(t.Context(), []string{"drittland", "archive", "stats", "--archive", c.archive}, environment{Stdout: &out, Stderr: &said, Getenv: func(string) string { return "" }, Now: time.Now})
			if code != c.code || !strings.Contains(said.String(), c.want) {
				t.Errorf("exit code %d, want %d; said %q, want %q", code, c.code, said.String(), c.want)
			}
			if s := out.String() + said.String(); strings.Contains(s, "geheim") || strings.Contains(s, "falsch") {
				t.Errorf("the password was printed:\n%s", s)
			}
		})
	}
}

// guard makes a role that needs a password.
func guard(t *testing.T, admin, role string) {
	t.Helper()
	for _, sql := range []string{
		"create role " + role + " login password 'geheim'",
		"do $$ begin execute format('copy (values (''local all " + role + " scram-sha-256''), (''local all all trust'')) to %L', current_setting('hba_file')); end $$",
		"select pg_reload_conf()",
	} {
		if err := execSQL(admin, sql); err != nil {
			t.Fatal(err)
		}
	}
	for range 100 { // until it has read them
		if err := execSQL(strings.Replace(admin, "drittland@", role+"@", 1), "select 1"); err != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the server asks for no password")
}
