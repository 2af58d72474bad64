package main

// The command archive: what the archive holds, whether it is whole, a copy of it, and its index made anew.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

func (t *tool) archiveCommand() *cli.Command {
	return &cli.Command{
		Name:  "archive",
		Usage: "look after the archive: check it, copy it, restore it, rebuild its index",
		Description: `The archive is a directory: WARC files that are only appended to, an index that
can be made anew, and a signed log of digests, the ledger. snapshots/FORMAT.md describes it.
For several machines it is a database of PostgreSQL and a store of objects, which hold the
same: what is no matter of the archive (the state of watch, accounts, timestamp.yaml) then
stays with each machine, in the directories of the user that 'drittland watch --help',
'review account --help' and 'evidence authorities --help' name.

   drittland archive stats
   drittland archive check
   drittland archive backup /media/usb/clipzy
   drittland --archive ~/restored archive restore /media/usb/clipzy
   drittland archive rebuild
   drittland archive migrate --to postgres://db.example.org/drittland --objects s3://bucket/drittland
   drittland archive erase Clipzy 3 --why "request of a person, Art. 17 GDPR"
   drittland archive key`,
		Subcommands: append([]*cli.Command{
			{Name: "stats", Usage: "what the archive holds, in figures", OnUsageError: usageError, Action: t.archiveStats,
				Description: "   drittland archive stats --format json",
				Flags:       []cli.Flag{&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "`FORM` of the output: text or json"}}},
			{Name: "check", Usage: "read every byte and name what is damaged; the exit code is then 5", OnUsageError: usageError, Action: t.archiveCheck,
				Description: "   drittland archive check\n   drittland archive check --tidy",
				Flags:       []cli.Flag{&cli.BoolFlag{Name: "tidy", Usage: "then do what 'archive tidy' does, if nothing is damaged"}}},
			{Name: "rebuild", Usage: "make the index anew from the evidence", OnUsageError: usageError, Action: t.archiveRebuild,
				Description: "   drittland archive rebuild"},
			{Name: "backup", Usage: "copy the archive as it is now into DST, while it may be in use", ArgsUsage: "DST", OnUsageError: usageError,
				Action: t.archiveBackup, Description: `Of an archive on a server the copy in a directory is the archive alone: no organisations,
no jobs, no outbox. cmd/drittland/watch/deploy/SERVER.md says how a whole server is backed
up.

   drittland archive backup /media/usb/clipzy`},
			{Name: "restore", Usage: "make the archive anew from the backup in SRC, after checking it; its place must be empty", ArgsUsage: "SRC",
				OnUsageError: usageError, Action: t.archiveRestore, Description: "   drittland --archive ~/restored archive restore /media/usb/clipzy"},
			t.eraseCommand(), t.erasedCommand(), t.pruneCommand(), t.tidyCommand(), t.migrateCommand(), t.upgradeCommand(),
		}, t.ledgerCommands()...),
	}
}

func noArguments(c *cli.Context) error {
	if c.NArg() > 0 {
		return usage(errors.New("takes no arguments; --archive DIR names another archive"), commandName(c))
	}
	return nil
}

func (t *tool) archiveStats(c *cli.Context) error {
	if err := errors.Join(noArguments(c), knownFormat(c.String("format"), "text", "json")); err != nil {
		return usage(err, commandName(c))
	}
	var st archive.Stats
	s := t.store(c)
	if err := s.look(func(a *archive.Archive) (err error) { st, err = a.Stats(); return err }); err != nil {
		return err
	}
	if c.String("format") == "json" {
		return report.JSON(t.env.Stdout, map[string]any{"archive": s.name(), "terms": st.Terms, "declarations": st.Declarations,
			"snapshots": st.Snapshots, "pending": st.Pending, "records": st.Records, "bodies": st.Bodies, "versions": st.Versions,
			"documents": st.Documents, "capture_bytes": st.Captures, "index_bytes": st.Index, "ledger_bytes": st.Ledger, "torn_bytes": st.Torn, "other_bytes": st.Other})
	}
	w := tabwriter.NewWriter(t.env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "archive\t%s\n", report.Line(s.name()))
	for _, l := range []struct {
		what string
		n    int
	}{{"terms", st.Terms}, {"declarations", st.Declarations}, {"snapshots", st.Snapshots}, {"not read yet", st.Pending}, {"versions", st.Versions},
		{"documents", st.Documents}, {"bodies", st.Bodies}, {"records", st.Records}} {
		fmt.Fprintf(w, "%s\t%d\n", l.what, l.n)
	}
	fmt.Fprintf(w, "capture files\t%s\nindex\t%s\nledger\t%s\n", megabytes(st.Captures), megabytes(st.Index), megabytes(st.Ledger))
	if st.Torn > 0 {
		fmt.Fprintf(w, "moved aside\t%s\n", megabytes(st.Torn))
	}
	return w.Flush()
}

// steady shows how far a long task has come, in bytes of each file or in records.
func (t *tool) steady() (func(archive.Progress), func()) {
	var bar *progressbar.ProgressBar
	step := ""
	stop := func() {
		if bar != nil {
			_ = bar.Clear()
		}
	}
	if !t.env.ErrTerminal {
		return nil, stop
	}
	return func(p archive.Progress) {
		if p.Step != step {
			stop()
			step, bar = p.Step, t.progress(int(p.Total), p.Step)
		}
		_ = bar.Set64(min(p.Done, p.Total))
	}, stop
}

func (t *tool) archiveCheck(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	var found archive.Problems
	var st archive.Stats
	var gone map[string]snapshots.Erasure
	progress, stop := t.steady()
	err := t.store(c).look(func(a *archive.Archive) (err error) {
		if found, err = a.Check(c.Context, progress); err != nil {
			return err
		}
		stamps, err := t.stampProblems(a)
		if err != nil {
			return err
		}
		found = append(found, stamps...)
		if gone, err = a.ErasedSnapshots(); err != nil {
			return err
		}
		st, err = a.Stats()
		return err
	})
	stop()
	if errors.Is(err, archive.ErrNoIndex) {
		return &coded{err, exitDamaged, "the captures were not looked at: 'drittland archive rebuild' makes the index anew from them and names what is damaged there"}
	}
	if err != nil {
		return err
	}
	t.tellErasures(gone)
	if c.Bool("tidy") && !found.Damaged() {
		if err := t.tidy(c, archive.TidyOptions{}); err != nil {
			return err
		}
	}
	return t.tellProblems(found, fmt.Sprintf("whole: %d records, %d snapshots, %d versions", st.Records, st.Snapshots, st.Versions))
}

// tellErasures says what is no longer there, and by which erasure: it is no damage.
func (t *tool) tellErasures(gone map[string]snapshots.Erasure) {
	lines := map[string]int{}
	for _, x := range gone {
		lines[x.At.Format(time.RFC3339)+" "+t.words.F("erased on %s: %s", x.At.Format(time.DateOnly), report.Line(x.Why))]++
	}
	for _, l := range sortedNames(lines) {
		_, words, _ := strings.Cut(l, " ")
		fmt.Fprintf(t.env.Stdout, "%s (%s)\n", words, t.words.N("%s capture", "%s captures", lines[l]))
	}
}

// tellProblems names what is damaged; the error says that something is.
func (t *tool) tellProblems(found archive.Problems, whole string) error {
	damaged := 0
	for _, p := range found {
		kind := "damaged"
		if p.Note {
			kind = "note"
		} else {
			damaged++
		}
		fmt.Fprintf(t.env.Stdout, "%s: %s\n", kind, report.Line(p.String()))
	}
	if damaged > 0 {
		return &coded{fmt.Errorf("the archive is damaged in %s", amount(damaged, "place", "places")), exitDamaged, damageHint(found)}
	}
	fmt.Fprintln(t.env.Stdout, whole)
	return nil
}

// damageHint says what to do: an index can be made anew, evidence only be fetched from a copy.
func damageHint(found archive.Problems) string {
	for _, p := range found {
		if !p.Note && (p.File == "ledger/leaves" || strings.HasPrefix(p.File, "ledger/level-")) {
			return "remove ledger/leaves and ledger/level-*: 'drittland archive rebuild' makes them anew from the records, and the checkpoints tell whether they are the same"
		}
		if !p.Note && p.File != "index.db" {
			return "restore the named files from a backup; what the other records say still holds, and 'drittland archive rebuild' indexes it"
		}
	}
	return "the evidence is whole; 'drittland archive rebuild' makes the index anew"
}

func (t *tool) archiveRebuild(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	s := t.store(c)
	if err := s.there(); err != nil {
		return err
	}
	progress, stop := t.steady()
	found, err := archive.Rebuild(c.Context, s.dir, s.options(false), progress)
	stop()
	if err != nil {
		return err
	}
	var st archive.Stats
	err = s.write(func(a *archive.Archive) (err error) { st, err = s.readAll(c.Context, a); return err })
	if errors.Is(err, archive.ErrDamaged) {
		found = append(found, archive.Problem{File: "index.db", What: "not all could be read: " + err.Error()})
	} else if err != nil {
		return err
	}
	return t.tellProblems(found, fmt.Sprintf("rebuilt: %d records, %d snapshots, %d versions", st.Records, st.Snapshots, st.Versions))
}

// readAll derives everything, with a bar for those who watch.
func (s *store) readAll(ctx context.Context, a *archive.Archive) (archive.Stats, error) {
	st, err := a.Stats()
	if err != nil {
		return st, err
	}
	bar := s.progress(st.Pending, "reading")
	err = s.derive(ctx, a, func(snapshots.Version) { _ = bar.Add(1) })
	_ = bar.Clear()
	if err != nil {
		return st, err
	}
	return a.Stats()
}

func (t *tool) archiveBackup(c *cli.Context) error {
	if c.NArg() != 1 {
		return usage(errors.New("name the directory to copy to"), commandName(c))
	}
	dst := c.Args().First()
	s := t.store(c)
	if err := s.there(); err != nil {
		return err
	}
	if err := archive.Backup(s.dir, dst, s.options(true)); err != nil {
		return err
	}
	if err := t.tellLeftBehind(c.Context, s, dst); err != nil {
		return err
	}
	t.say("copied to %s; read the copy with: drittland --archive %s archive check", archiveName(dst), shellWord(config.WithoutPassword(dst)))
	return nil
}

func (t *tool) archiveRestore(c *cli.Context) error {
	if c.NArg() != 1 {
		return usage(errors.New("name the directory of the backup"), commandName(c))
	}
	s, src := t.store(c), c.Args().First()
	if err := s.placed(); err != nil {
		return err
	}
	if _, err := os.Stat(src); err != nil && !archive.OnServer(src) {
		return unreadable(err, "name the directory of a backup")
	}
	progress, stop := t.steady()
	found, rebuilt, err := archive.Restore(c.Context, src, s.dir, s.options(true), progress)
	stop()
	switch {
	case errors.Is(err, archive.ErrDamaged) && found.Damaged():
		return t.tellProblems(found, "")
	case errors.Is(err, archive.ErrExists):
		return &coded{err, exitFailed, "restore into an empty place: give --archive DIR, or move away what is there"}
	case err != nil:
		return err
	}
	if rebuilt {
		t.say("the index of the backup was not usable; it is made anew from the evidence, and the texts are read again")
	}
	var st archive.Stats
	if err := s.write(func(a *archive.Archive) (err error) { st, err = s.readAll(c.Context, a); return err }); err != nil {
		return err
	}
	t.say("restored to %s: %d records, %d snapshots, %d versions", s.name(), st.Records, st.Snapshots, st.Versions)
	return nil
}
