package main

// The command archive tidy: old parts of capture files are joined, and objects that nothing needs are taken away.

import (
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/snapshots/archive"
)

const aDay = 24 * time.Hour

func (t *tool) tidyCommand() *cli.Command {
	return &cli.Command{
		Name: "tidy", Usage: "join small objects of an archive on a server, and take away those that nothing needs", OnUsageError: usageError, Action: t.archiveTidy,
		Description: `On a server each capture is an object of its own in the store of objects, and many small
ones are slow to list and dear to copy. Those that are a day old are joined to objects of
up to 4 MiB; captures, proofs and the index stay as they are. Workers do it once a day; this
does it now. Anything may go on meanwhile, and it may be broken off at any time. In an
archive in a directory there is nothing to do.

What was joined is kept for some days, 8 unless you say otherwise, and then taken away
together with what crashes have left: so a copy of the database that is younger finds all
that it names in the store as it is now. Keep objects for as long as the oldest copy that
you would restore without a copy of the store. What was erased is taken out of them at once.

   drittland archive tidy
   drittland archive tidy --keep-days 35

A database that was copied or restored takes nothing away, since the other one may still
need it. When that is gone, say so once:

   drittland archive tidy --take-over`,
		Flags: []cli.Flag{
			&cli.IntFlag{Name: "keep-days", Usage: "from now on, keep objects that nothing names for `N` days, for all who tidy this archive, workers included; without it, what was said last holds", DefaultText: "8"},
			&cli.BoolFlag{Name: "take-over", Usage: "take away also what another database may name: that one is gone for good"},
		},
	}
}

func (t *tool) archiveTidy(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	days := c.Int("keep-days")
	if most := int(archive.LongestKeep / aDay); c.IsSet("keep-days") && (days < 1 || days > most) {
		return usage(fmt.Errorf("--keep-days %d: expected 1 to %d", days, most), commandName(c))
	}
	s := t.store(c)
	if err := s.there(); err != nil {
		return err
	}
	if c.IsSet("keep-days") {
		if err := s.write(func(a *archive.Archive) error { return a.SetKeep(time.Duration(days) * aDay) }); err != nil {
			return err
		}
	}
	return t.tidy(c, archive.TidyOptions{TakeOver: c.Bool("take-over")})
}

// tidy tidies the archive and says what was done.
func (t *tool) tidy(c *cli.Context, o archive.TidyOptions) error {
	var done archive.Tidied
	var stop func()
	o.Progress, stop = t.steady()
	err := t.store(c).write(func(a *archive.Archive) (err error) { done, err = a.Tidy(c.Context, o); return err })
	stop()
	if done.Joined > 0 {
		t.say("%s joined to %s", amount(done.Joined, "object", "objects"), amount(done.Into, "object", "objects"))
	}
	if done.Objects > 0 {
		t.say("%s that nothing names taken away: %s", amount(done.Objects, "object", "objects"), megabytes(done.Bytes))
	}
	if err == nil && done == (archive.Tidied{}) {
		t.say("there was nothing to tidy")
	}
	if errors.Is(err, archive.ErrNotOurs) {
		return &coded{err, exitFailed, "nothing was taken away, since that database may need it; if it is gone for good, 'drittland archive tidy --take-over'"}
	}
	return err
}
