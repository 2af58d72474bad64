package main

// The command evidence: what makes captures stand before others.

import "github.com/urfave/cli/v2"

func (t *tool) evidenceCommand() *cli.Command {
	return &cli.Command{
		Name:  "evidence",
		Usage: "what makes captures stand before others: time stamps, exhibits, the draft of a complaint",
		Description: `What these commands write says what was received, by which client, from which
address, no later than when, and that it is unchanged since. What it means in law
is for a person to conclude. A time stamp (RFC 3161) is the signature of an authority
over the log of all captures and the time: they were there no later than then.

   drittland evidence export Clipzy 2 3 --out clipzy.zip
   drittland evidence verify clipzy.zip
   drittland evidence authorities > timestamp.yaml
   drittland evidence status
   drittland evidence complaint Clipzy --finding T05 --authority dpc -o annex.md
   drittland evidence filing Clipzy 2 1 --out filing --max-file-size 5MB`,
		Subcommands: append(append(t.bundleCommands(), t.stampCommands()...), t.complaintCommand(), t.filingCommand()),
	}
}
