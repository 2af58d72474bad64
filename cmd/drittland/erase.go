package main

// The command archive erase: the content of captures goes, and a record stays that says when and why.

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// erasedOn begins what is said of a capture whose content was erased.
const erasedOn = "erased on "

func (t *tool) eraseCommand() *cli.Command {
	return &cli.Command{
		Name: "erase", Usage: "take the content of a capture out of the archive for good, such as after a request under Art. 17 GDPR",
		ArgsUsage: "SERVICE VERSION | SNAPSHOT | --listed FILE", OnUsageError: usageError, Action: t.archiveErase,
		Description: `VERSION is what 'drittland show' takes, SNAPSHOT the ID of a capture
(urn:uuid:…), as 'drittland show' and 'drittland log --format json' give it. What the
server sent, pictures, texts and what models said of them go. The heads of the records,
their hashes and the ledger stay: it can still be proved that something was recorded,
and 'archive check' tells what was erased, on which day and why, from damage. The
entry about it can never be erased itself: name no person in --why.

Other captures that hold the same content are listed, and nothing is done; --all
erases them, too. What other versions say is not touched, nor are linked pages, which
have snapshots of their own, decisions that quote the text, bundles that were
exported, answers that 'drittland check --llm' keeps in drittland/opinions of the
cache directory, and backups: erase in each of those that you keep. --listed erases
there, or in what was restored from one, what 'archive erased' has listed here.

   drittland archive erase Clipzy 3 --why "request of a person of 2026-11-02, Art. 17 GDPR"
   drittland archive erase Clipzy 3 --all --why "request 17"
   drittland archive erase urn:uuid:6825e68d-2d84-826f-b56d-07a01994c173 --why "request 17"
   drittland --archive /media/usb/clipzy archive erase Clipzy 3 --why "request 17"
   drittland --archive /media/usb/clipzy archive erase --listed erased.json`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "why", Usage: "`REASON`, which is recorded for good"},
			&cli.StringFlag{Name: "terms", Usage: "`TYPE` of terms, if the service has several"},
			&cli.StringFlag{Name: "listed", Usage: "erase the captures in a `FILE` that 'archive erased --format json' has written, for the reasons there"},
			&cli.BoolFlag{Name: "all", Usage: "also all other captures that hold the same content"},
		},
	}
}

func (t *tool) archiveErase(c *cli.Context) error {
	if c.IsSet("listed") {
		return t.eraseListed(c)
	}
	why := strings.TrimSpace(c.String("why"))
	switch {
	case c.NArg() < 1 || c.NArg() > 2 || c.NArg() == 1 && !strings.HasPrefix(c.Args().First(), "urn:uuid:"):
		return usage(errors.New("name a service and a version of it, or the ID of a snapshot"), commandName(c))
	case why == "":
		return usage(errors.New("say why with --why: it is recorded in place of the content"), commandName(c))
	case len(why) > snapshots.MaxWhy:
		return usage(fmt.Errorf("the reason has %d bytes, at most %d are kept", len(why), snapshots.MaxWhy), commandName(c))
	}
	s := t.store(c)
	if err := s.there(); err != nil {
		return err
	}
	return s.write(func(a *archive.Archive) error {
		if err := s.derive(c.Context, a, nil); err != nil && !errors.Is(err, archive.ErrDamaged) {
			return err
		}
		ids, err := toErase(a, c.Args().Slice(), c.String("terms"))
		if err != nil {
			return err
		}
		x, err := a.Erase(ids, t.env.Now(), why, c.Bool("all"))
		var shared *archive.SharedError
		if errors.As(err, &shared) {
			return t.sharedContent(shared)
		}
		if err != nil {
			return err
		}
		return t.tellErased(c.Context, s, a, x)
	})
}

// toErase are the snapshots that the arguments mean: of a version all that its text was read from.
func toErase(a *archive.Archive, args []string, typ string) ([]string, error) {
	if len(args) == 1 {
		_, err := a.Snapshot(args[0])
		return args, err
	}
	terms, _, err := findTerms(a, args[0], typ)
	if err != nil {
		return nil, err
	}
	h, err := readHistory(a, terms)
	if err != nil {
		return nil, err
	}
	h, i, err := h.find(args[1])
	if err != nil {
		return nil, err
	}
	ids := []string{h.Versions[i].Snapshot}
	for _, p := range h.Versions[i].Parts {
		ids = append(ids, p.Snapshot)
	}
	return ids, nil
}

// sharedContent lists who else holds what was to be erased.
func (t *tool) sharedContent(shared *archive.SharedError) error {
	const most = 20
	for i, s := range shared.Others {
		if i == most {
			fmt.Fprintf(t.env.Stdout, "… %s\n", t.words.Number(len(shared.Others)-most))
			break
		}
		where := s.URL
		if s.Origin != nil {
			where = s.Origin.Repo + " " + s.Origin.Commit
		}
		fmt.Fprintf(t.env.Stdout, "%s  %s  %s  %s\n", s.At.Format(time.DateOnly), s.ID, report.Line(s.Terms.String()), report.Line(where))
	}
	return &coded{fmt.Errorf("nothing was erased: the same content is held by %s", amount(len(shared.Others), "other capture", "other captures")), exitFailed,
		"--all erases all of them"}
}

// tellErased reads again what is left and says what was done.
func (t *tool) tellErased(ctx context.Context, s *store, a *archive.Archive, x snapshots.Erasure) error {
	if err := s.derive(ctx, a, nil); err != nil && !errors.Is(err, archive.ErrDamaged) {
		return err
	}
	w := t.env.Stdout
	fmt.Fprintln(w, t.words.F("erased on %s: %s", x.At.Format(time.DateOnly), report.Line(x.Why)))
	for _, id := range x.Snapshots {
		fmt.Fprintf(w, "  %s\n", id)
		for p, err := range a.Annexes(id) {
			if err != nil {
				return err
			}
			if _, gone, err := a.Erased(p.ID); err != nil || !gone {
				fmt.Fprintf(w, "    %s\n", t.words.F("captured with it and not erased: %s, %s", report.Line(p.URL), p.ID))
			}
		}
	}
	left, err := a.Leftovers()
	for _, name := range left {
		fmt.Fprintf(w, "  %s\n", t.words.F("may hold it as well, and is to be looked through by a person: %s", report.Line(name)))
	}
	fmt.Fprintln(w, t.words.T("Backups and exported files are not touched: erase in each backup that you keep."))
	return err
}
