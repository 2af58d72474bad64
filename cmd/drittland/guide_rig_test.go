package main

// The machines of the guide to an archive on a server: two PostgreSQL servers, a store of objects, and a shell that runs what the guide says.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/drittland/drittland/cmd/drittland/teams"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/archive/objects/s3test"
	"github.com/drittland/drittland/snapshots/archive/pg"
	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
)

// A guideRig is the machines of the guide.
type guideRig struct {
	t      *testing.T
	dir    string
	blocks map[string]string
	ran    map[string]bool
	env    map[string]string
}

// needsRclone ends a test where rclone is not installed.
func needsRclone(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("rclone"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("this test needs rclone: apt-get install rclone")
		}
		t.Skip("needs rclone: apt-get install rclone")
	}
}

func newGuideServer(t *testing.T) *pgtest.Server {
	t.Helper()
	s, err := pgtest.NewOf("postgres")
	if errors.Is(err, exec.ErrNotFound) && os.Getenv("CI") == "" {
		t.Skip("PostgreSQL is not installed: apt install postgresql")
	}
	if err != nil {
		t.Fatalf("start PostgreSQL (apt install postgresql): %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

// newGuideRig is the machines with a database on a server. now is when commands begin.
func newGuideRig(t *testing.T, s *pgtest.Server, web *watchBench) *guideRig {
	host, programs := s.Place()
	g := &guideRig{t: t, dir: web.dir, ran: map[string]bool{}, env: map[string]string{"PGHOST": host, "PGDATABASE": "drittland", "PGUSER": "drittland", "PGPASSFILE": "/nonexistent",
		"DRITTLAND_ARCHIVE": "postgres://", "BACKUP": filepath.Join(web.dir, "backup"), "PATH": programs + ":" + os.Getenv("PATH"), "NOW": time.Now().UTC().Format(time.RFC3339),
		"DRITTLAND_CAPTURE_RENDER": "never"}}
	g.blocks, _ = guideBlocks(t)
	for _, x := range web.env {
		name, value, _ := strings.Cut(x, "=")
		if g.env[name] == "" {
			g.env[name] = value
		}
	}
	return g
}

// shell is a command line of the guide.
func (g *guideRig) shell(script string) *exec.Cmd {
	c := exec.Command("bash", "-euo", "pipefail", "-c", script)
	c.Dir = g.dir
	for k, v := range g.env {
		c.Env = append(c.Env, k+"="+v)
	}
	return c
}

// box runs a box of the guide, and gives what it said.
func (g *guideRig) box(name string) string {
	g.t.Helper()
	if g.blocks[name] == "" {
		g.t.Fatalf("the guide has no box %s", name)
	}
	g.ran[name] = true
	code, out := g.tries(g.blocks[name])
	if code != 0 {
		g.t.Fatalf("%s: exit code %d\n%s", name, code, out)
	}
	return out
}

// does runs what the guide leaves to the reader.
func (g *guideRig) does(script string) string {
	g.t.Helper()
	code, out := g.tries(script)
	if code != 0 {
		g.t.Fatalf("%s: exit code %d\n%s", script, code, out)
	}
	return out
}

func (g *guideRig) tries(script string) (int, string) {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(g.t.Context(), 3*time.Minute)
	defer cancel()
	var out bytes.Buffer
	c := g.shell(script)
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		g.t.Fatal(err)
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Process.Kill() })
	err := c.Wait()
	if e := (*exec.ExitError)(nil); !stop() || err != nil && !errors.As(err, &e) {
		g.t.Fatalf("%s: %v\n%s", script, err, &out)
	}
	return c.ProcessState.ExitCode(), out.String()
}

// work runs the worker of the guide until f is true, and gives what it logged. It goes on if stop is not set.
func (g *guideRig) work(stop bool, f func() bool) {
	g.t.Helper()
	g.ran["worker"] = true
	p := &workProcess{Cmd: g.shell("exec " + g.blocks["worker"]), done: make(chan struct{})}
	p.Stderr = &p.log
	if err := p.Start(); err != nil {
		g.t.Fatal(err)
	}
	end := func() {
		_ = p.Process.Signal(os.Interrupt)
		<-p.done
	}
	go func() { defer close(p.done); _ = p.Wait() }()
	for limit := time.Now().Add(time.Minute); !f(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(limit) {
			end()
			g.t.Fatalf("the worker does not do it\n%s\n%s\n%s", p.log.String(),
				g.ask("select string_agg(concat_ws(' ', id, kind, state, attempt, scheduled_at, errors), E'\\n') from (select * from river_job order by id desc limit 20) x"), g.ask("select string_agg(x::text, E'\\n') from turns x"))
		}
	}
	if stop {
		end()
	} else {
		g.t.Cleanup(end)
	}
}

// address is that of the database, as a user.
func (g *guideRig) address(user string) string {
	return "postgres://" + user + "@/drittland?host=" + g.env["PGHOST"]
}

// ask gives one value of the database, as text, and "" if it cannot be had.
func (g *guideRig) ask(sql string) (out string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c, err := pgx.Connect(ctx, g.address("postgres"))
	if err != nil {
		return ""
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, "set search_path = drittland"); err != nil {
		return ""
	}
	_ = c.QueryRow(ctx, sql).Scan(&out) // "" will not be what is wanted
	return out
}

// idle reports whether there are so many texts and nothing is left to do.
func (g *guideRig) idle(texts int) func() bool {
	return func() bool {
		return g.ask("select count(*)::text from kv_documents") == fmt.Sprint(texts) &&
			g.ask("select count(*)::text from river_job where kind not in ('schedule', 'post') and state in ('available', 'running', 'retryable', 'scheduled', 'pending')") == "0"
	}
}

// A holding is what a server holds, to be compared.
type holding struct{ archive, organisations, jobs, files, found string }

// holds is what the servers hold: the dump of the index with all that is derived, the rows of organisations, jobs and the outbox, and what a search finds.
func (g *guideRig) holds() (h holding) {
	g.t.Helper()
	a, err := archive.Open(g.address("drittland"), archive.Options{ReadOnly: true, Getenv: func(name string) string { return g.env[name] }})
	if err != nil {
		g.t.Fatal(err)
	}
	var dump bytes.Buffer
	if err := errors.Join(a.Dump(&dump, true), a.Close()); err != nil {
		g.t.Fatal(err)
	}
	h.archive = string(snapshots.HashOf(dump.Bytes()))
	for _, table := range strings.Fields(g.ask("select string_agg(relname, ' ' order by relname) from pg_class where relnamespace = 'drittland'::regnamespace and relkind = 'r' and relname like 'org%'")) {
		h.organisations += table + ": " + g.ask("select coalesce(string_agg(x::text, E'\\n' order by x::text), '') from "+table+" x") + "\n"
	}
	h.jobs = g.ask("select string_agg(kind || ' ' || state || ' ' || args || ' ' || coalesce(errors::text, ''), E'\\n' order by id) from river_job where kind not in ('schedule', 'post')")
	h.files = g.ask("select coalesce(string_agg(name || ' ' || md5(data), E'\\n' order by name), '') from work_files where name not like 'schedule/%' and name not like 'post/%'")
	h.found = g.does("drittland search Ireland")
	return h
}

func (h holding) same(t *testing.T, want holding) {
	t.Helper()
	for _, x := range [][3]string{{"archive", h.archive, want.archive}, {"organisations", h.organisations, want.organisations}, {"jobs", h.jobs, want.jobs},
		{"outbox and state", h.files, want.files}, {"search", h.found, want.found}} {
		if x[1] != x[2] {
			t.Errorf("%s:\n%s\nwant\n%s", x[0], x[1], x[2])
		}
	}
}

// bearer calls f with the organisation of the guide, which its token has opened.
func (g *guideRig) bearer(f func(*teams.Org, *teams.Token) error) {
	g.t.Helper()
	secret, err := os.ReadFile(filepath.Join(g.dir, "north.token"))
	if err != nil {
		g.t.Fatal(err)
	}
	db, err := pg.Open(g.t.Context(), g.address("drittland"))
	if err != nil {
		g.t.Fatal(err)
	}
	defer db.Close()
	d, err := teams.Open(g.t.Context(), db)
	if err != nil {
		g.t.Fatal(err)
	}
	o, token, err := d.Bearer(g.t.Context(), strings.TrimSpace(string(secret)), time.Now())
	if err == nil {
		err = f(o, token)
	}
	if err != nil {
		g.t.Fatal(err)
	}
}

// store makes an empty store, which is that of the guide from now on.
func (g *guideRig) store(name string) {
	if g.env["AWS_ENDPOINT_URL"] != "" {
		g.env["OBJECTS"], g.env["STORE"] = "s3://"+name+"-store/drittland", "store:"+name+"-store/drittland"
		g.does("rclone mkdir store:" + name + "-store")
		return
	}
	dir := filepath.Join(g.dir, name)
	g.env["OBJECTS"], g.env["STORE"] = "file://"+dir, dir
	if err := os.Mkdir(dir, 0o755); err != nil {
		g.t.Fatal(err)
	}
}

// bucketServer starts a server that speaks S3.
func (g *guideRig) bucketServer() {
	server := s3test.New(g.t)
	maps.Copy(g.env, s3test.Environ(server.Address))
	maps.Copy(g.env, map[string]string{"RCLONE_CONFIG_STORE_TYPE": "s3", "RCLONE_CONFIG_STORE_PROVIDER": "Other", "RCLONE_CONFIG_STORE_ENDPOINT": "http://" + server.Address,
		"RCLONE_CONFIG_STORE_ACCESS_KEY_ID": s3test.Key, "RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY": s3test.Secret, "RCLONE_CONFIG_STORE_REGION": "us-east-1"})
}
