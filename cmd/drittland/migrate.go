package main

// The command archive migrate: the archive on other ground, from a directory to a server or back.

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/teams"
	"github.com/drittland/drittland/snapshots/archive"
)

func (t *tool) migrateCommand() *cli.Command {
	return &cli.Command{Name: "migrate", Usage: "copy the archive to a server, or from one into a directory, and verify the copy", ArgsUsage: " ", OnUsageError: usageError, Action: t.archiveMigrate,
		Description: `Copies everything that the archive holds: evidence, ledger with its keys and time stamps,
and index. The copy is the same archive, byte for byte, and is compared with the first
before it can be used. What is there stays as it is; afterwards give --archive the new
address (DRITTLAND_ARCHIVE, or 'archive' in the settings). Of two copies, write to one.

From one server to another, organisations go along, with their tokens, watches, lists,
decisions and audit logs. A directory has none: they stay behind. Nowhere do jobs and the
outbox of workers go along, which are no evidence, and what is gathered for searching,
which is gathered again: end the workers first, and have them send what waits.

   drittland archive migrate --to postgres://db.example.org/drittland --objects s3://bucket/drittland
   drittland archive migrate --to postgres://db.example.org/drittland --objects file:///mnt/shared/captures
   drittland --archive postgres://db.example.org/drittland archive migrate --to ./copy

Ctrl-C breaks it off; the same command goes on from there. Nothing can be recorded in an
archive in a directory meanwhile; one on a server is copied as it was when that began.`,
		Flags: []cli.Flag{&cli.StringFlag{Name: "to", Usage: "`ADDRESS` of the copy: postgres://HOST/DATABASE, or a directory; --objects is then that of its capture files"}}}
}

func (t *tool) archiveMigrate(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	s := t.store(c)
	s.objs = "" // --objects is that of the copy
	to := &store{tool: t, dir: c.String("to"), objs: c.String("objects")}
	if archive.OnServer(s.dir) && s.dir == to.dir {
		return usage(errors.New("--to names the archive itself"), commandName(c))
	}
	switch {
	case to.dir == "":
		return usage(errors.New("say where to with --to"), commandName(c))
	case !archive.OnServer(to.dir) && c.IsSet("objects"):
		return usage(errors.New("--objects goes with a copy on a server"), commandName(c))
	case !archive.OnServer(to.dir):
		to.objs = "" // the environment names it for another
	}
	if err := s.there(); err != nil {
		return err
	}
	shown, stop := t.steady()
	progress := func(p archive.Progress) {
		if t.env.Step != nil {
			t.env.Step(p.Step)
		}
		if shown != nil {
			shown(p)
		}
	}
	done, err := archive.Copy(c.Context, s.dir, to.dir, s.options(true), to.options(false), progress)
	stop()
	if errors.Is(err, archive.ErrExists) {
		return &coded{err, exitFailed, "--to names an empty database or schema (?search_path=NAME), or a directory that is not there yet"}
	}
	if err != nil {
		return err
	}
	if done.Kept > 0 {
		t.say("%s were copied before already", megabytes(done.Kept))
	}
	if err := t.tellLeftBehind(c.Context, s, to.dir); err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.env.Stdout, "the same in %s: %s, %s; all compared (index %s)\n", archiveName(to.dir), amount(done.Files, "capture file", "capture files")+" of "+megabytes(done.Bytes),
		amount(int(done.Leaves), "record", "records")+" in the ledger", done.Dump)
	if err == nil {
		t.say("read the copy with: drittland --archive %s archive check", shellWord(config.WithoutPassword(to.dir)))
	}
	return err
}

// tellLeftBehind says how many organisations of an archive on a server are not in its copy in a directory.
func (t *tool) tellLeftBehind(ctx context.Context, s *store, to string) error {
	if !archive.OnServer(s.dir) || archive.OnServer(to) {
		return nil
	}
	conn, done, err := s.connect(s.options(true))
	if err != nil {
		return err
	}
	defer done()
	n, err := teams.Number(ctx, conn.DB())
	if err == nil && n > 0 {
		t.say("%s", t.words.F("an archive in a directory has no organisations: %s, with tokens, watches, lists, decisions and audit log, stays behind (archive migrate to another server takes them along)",
			t.words.N("%s organisation", "%s organisations", n)))
	}
	return err
}
