package main

// The command evidence: what the archive holds, in forms that others can check.

import "github.com/urfave/cli/v2"

func (t *tool) evidenceCommand() *cli.Command {
	return &cli.Command{
		Name:        "evidence",
		Usage:       "hand on what was recorded: the draft of a complaint, exhibits as PDFs",
		Description: evidenceHelp,
		Subcommands: []*cli.Command{t.complaintCommand(), t.filingCommand()},
	}
}

const evidenceHelp = `What these commands write says what was received, by which client, from which
address, no later than when, and that it is unchanged since. What it means in law
is for a person to conclude.

   drittland evidence complaint Clipzy --finding T05 --authority dpc -o annex.md
   drittland evidence filing Clipzy 2 1 --out filing --max-file-size 5MB`
