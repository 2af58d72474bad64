package main

// The command archive prune: repeats of a text that stands in the archive are taken out once they are old.

import (
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/snapshots/archive"
)

func (t *tool) pruneCommand() *cli.Command {
	return &cli.Command{
		Name: "prune", Usage: "take old captures out for good that only repeat a text which another capture holds", OnUsageError: usageError, Action: t.archivePrune,
		Description: `Many captures say what the one before them said, in other bytes: a new date in the
markup, another advertisement. Of those from before the day --before the content goes, as
'drittland archive erase' does it: that something was captured, when, and with which
hash stays in the archive and in the ledger, which proves it as before; what the server
sent does not. The first capture of each text stays, and so do linked pages, imports,
what was read from others, and captures of equal bytes, which take hardly any room.
Capture files do not shrink: zeros stand where the content was, which backups and file
systems that compress make small.

Without --yes it only says what would go.

   drittland archive prune --before 2024-11-22
   drittland archive prune --before 2024-11-22 --yes`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "before", Usage: "the `DAY` before which they were captured, YYYY-MM-DD; at least 30 days ago"},
			&cli.BoolFlag{Name: "yes", Usage: "do it"},
		},
	}
}

// youngestPruned is the least age of what is taken out.
const youngestPruned = 30 * 24 * time.Hour

func (t *tool) archivePrune(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	now, name := t.env.Now(), c.String("before")
	before, err := time.Parse(time.DateOnly, name)
	if err != nil || now.Sub(before) < youngestPruned {
		return usage(fmt.Errorf("say with --before from before which day repeats go, YYYY-MM-DD, at least 30 days ago; not %.40q", name), commandName(c))
	}
	s := t.store(c)
	if err := s.there(); err != nil {
		return err
	}
	if !c.Bool("yes") {
		return s.read(c.Context, func(a *archive.Archive) error {
			p, err := a.Prunable(before)
			if err == nil {
				t.tellPruned("would be taken out, with --yes", p)
			}
			return err
		})
	}
	return s.write(func(a *archive.Archive) error {
		if err := s.derive(c.Context, a, nil); err != nil && !errors.Is(err, archive.ErrDamaged) {
			return err
		}
		p, err := a.Prune(before, now, "repeats from before "+name)
		t.tellPruned("taken out", p)
		if again := s.derive(c.Context, a, nil); again != nil && !errors.Is(again, archive.ErrDamaged) {
			err = errors.Join(err, again)
		}
		return err
	})
}

func (t *tool) tellPruned(what string, p archive.Pruned) {
	fmt.Fprintf(t.env.Stdout, "%s: %s with %s of records\n", what, amount(len(p.Snapshots), "capture", "captures"), megabytes(p.Bytes))
	if p.Shared > 0 {
		fmt.Fprintf(t.env.Stdout, "%s that other captures refer to %s\n", amount(p.Shared, "repeat", "repeats"), map[bool]string{true: "stays", false: "stay"}[p.Shared == 1])
	}
}
