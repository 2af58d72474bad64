package main

// The guide to an archive on a server, watch/deploy/SERVER.md: its commands are run as they stand there, from two empty servers to a restored archive.

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/cmd/drittland/teams"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
)

const guideFile = "watch/deploy/SERVER.md"

var guideBlock = regexp.MustCompile("(?ms)^```sh ([a-z-]+)\n(.*?)^```$")

// guideBlocks are the boxes of the guide, by name, and their names in order.
func guideBlocks(t *testing.T) (blocks map[string]string, names []string) {
	t.Helper()
	b, err := os.ReadFile(guideFile)
	if err != nil {
		t.Fatal(err)
	}
	blocks = map[string]string{}
	for _, m := range guideBlock.FindAllStringSubmatch(string(b), -1) {
		if blocks[m[1]] != "" {
			t.Fatalf("two boxes are called %s", m[1])
		}
		blocks[m[1]] = m[2]
		names = append(names, m[1])
	}
	if boxes := strings.Count(string(b), "\n```sh"); boxes != len(blocks) {
		t.Fatalf("%d boxes, and %d with a name", boxes, len(blocks))
	}
	return blocks, names
}

// TestServerGuide makes an archive by the guide, backs it up while a worker works, and restores it into empty servers.
func TestServerGuide(t *testing.T) {
	t.Parallel() // it waits for workers most of the time
	needsRclone(t)
	for _, kind := range []string{"directory", "bucket"} {
		t.Run(kind, func(t *testing.T) {
			if kind == "bucket" && testing.Short() {
				t.Skip("takes half a minute")
			}
			t.Parallel() // most of the time is spent waiting for the lease of dead workers
			web := newWatchBench(t, "capture: {schedule: daily, jitter: 0s}\n")
			g := newGuideRig(t, newGuideServer(t), web)
			if kind == "bucket" {
				g.bucketServer()
			}
			g.store("here")
			g.made(web)
			want := g.backedUp()
			g.erasedSince()
			g.restored(newGuideServer(t), want)
			_, names := guideBlocks(t)
			for _, name := range names {
				if !g.ran[name] && name != "names" && name != "serve" { // TestGuideCommands looks at these
					t.Errorf("nothing ran the box %s", name)
				}
			}
		})
	}
}

// made goes from empty servers to an archive with two versions, a dead job and an organisation that has decided something.
func (g *guideRig) made(web *watchBench) {
	g.box("roles")
	web.page("clipzy", "We store your personal data on servers in Ireland, which Jette Sommerfeld of 7 Harbour Lane looks after.")
	if out := g.box("make"); !strings.Contains(out, "whole: ") {
		g.t.Error(out)
	}
	web.page("wavezy", "We store your personal data on servers in Iceland.")
	g.does("drittland track add Gone http://gone.example/gone")
	now := time.Now().UTC()
	g.env["NOW"] = now.AddDate(0, 0, -20).Format(time.RFC3339)
	g.work(true, g.idle(1))
	web.page("clipzy", "We store your personal data on servers in Ireland and in India, which are run by our own staff.")
	g.env["NOW"] = now.Format(time.RFC3339)
	g.work(false, g.idle(2))
	g.box("organisation")
	terms := snapshots.Terms{Service: "Clipzy", Type: defaultType}
	g.bearer(func(o *teams.Org, token *teams.Token) error {
		_, err := o.PutDecision(g.t.Context(), teams.Actor{Handle: token.Handle, Token: token.ID, At: now}, snapshots.Decision{Terms: terms, About: snapshots.AboutFinding,
			Fingerprint: strings.Repeat("ab", 12), Check: "T07", Quote: "in India", Version: strings.Repeat("0f", 8), Judgement: snapshots.Relevant, By: token.Handle, At: now})
		return err
	})
}

// backedUp makes a backup while the worker of made goes on, and says of what.
func (g *guideRig) backedUp() holding {
	want := g.holds()
	if !strings.Contains(want.found, "Ireland") || !strings.Contains(want.organisations, "in India") || !strings.Contains(want.jobs, "cancelled") {
		g.t.Fatalf("there is too little to be backed up: %+v", want)
	}
	if err := os.Mkdir(g.env["BACKUP"], 0o700); err != nil {
		g.t.Fatal(err)
	}
	if code, out := g.tries("pg_dump --username drittland --format custom --file /dev/null drittland"); code == 0 {
		g.t.Errorf("the guide says that the owner cannot dump the database, and it can\n%s", out)
	}
	g.box("backup-database")
	g.box("backup-objects")
	g.box("backup-erased")
	return want
}

// erasedSince erases a version after the backup.
func (g *guideRig) erasedSince() {
	g.does(`drittland archive erase Clipzy 1 --why "request 17, Art. 17 GDPR"`)
	g.box("backup-erased")
}

// restored restores the backup into an empty server, and an empty store.
func (g *guideRig) restored(s *pgtest.Server, want holding) {
	t := g.t
	live := g.env["STORE"]
	g.env["PGHOST"], _ = s.Place()
	g.box("roles")
	g.store("there")
	g.box("restore-database")
	g.box("restore-objects")
	if out := g.box("restore-address"); !strings.Contains(out, g.env["OBJECTS"]) {
		t.Error(out)
	}
	g.holds().same(t, want)
	if out := g.does("drittland show Clipzy 1"); !strings.Contains(out, "Jette Sommerfeld") {
		t.Errorf("the backup has not what was erased after it:\n%s", out)
	}
	if out := g.box("restore-erased"); !strings.Contains(out, "erased as listed: 1 capture;") {
		t.Error(out)
	}
	out := g.box("restore-check")
	for _, word := range []string{"erased on ", "whole: ", "north", "1 decision", "gone.example"} {
		if !strings.Contains(out, word) {
			t.Errorf("no %q in\n%s", word, out)
		}
	}
	g.box("restore-tidy")
	if out := g.does("drittland search Sommerfeld || true; drittland log Clipzy"); strings.Contains(out, "Jette") {
		t.Errorf("what was erased is found:\n%s", out)
	}
	g.bearer(func(o *teams.Org, _ *teams.Token) error {
		if o.Name() != "north" {
			t.Errorf("the token is that of %s", o.Name())
		}
		return nil
	})
	g.does("drittland track add Wavezy http://wavezy.example/wavezy")
	g.env["NOW"] = time.Now().UTC().Add(30 * time.Hour).Format(time.RFC3339) // the next day
	g.work(true, g.idle(2))
	g.does("drittland archive check")
	g.mismatched(live)
}

// mismatched restores the dump with stores that are not of its time, as the table of the guide says.
func (g *guideRig) mismatched(live string) {
	t := g.t
	g.does("psql --quiet --username postgres --dbname postgres --command 'DROP DATABASE drittland WITH (FORCE)' --command 'CREATE DATABASE drittland OWNER drittland'")
	g.box("restore-database")
	g.store("now") // as it is after the erasure
	g.does("rclone copy --size-only --exclude '.pending/**' " + live + " $STORE")
	g.box("restore-address")
	if code, out := g.tries("drittland archive check"); code != exitDamaged || !strings.Contains(out, "no erasure says when and why") {
		t.Errorf("content is not there: exit code %d\n%s", code, out)
	}
	g.box("restore-erased")
	if out := g.does("drittland archive check"); !strings.Contains(out, "whole: ") || !strings.Contains(out, "erased on ") {
		t.Error(out)
	}
	g.store("none")
	if code, out := g.tries(g.blocks["restore-address"]); code == 0 || !strings.Contains(out, "another store of objects") {
		t.Errorf("a store without the objects: exit code %d\n%s", code, out)
	}
}
