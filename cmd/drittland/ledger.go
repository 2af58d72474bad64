package main

// The key of the ledger, and the ledger for others: archive key, archive publish.

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/ledger"
)

// ledgerKeyFlag is the flag of the program that brings a key.
func ledgerKeyFlag(env environment) cli.Flag {
	return &cli.StringFlag{Name: "ledger-key", Value: env.Getenv("DRITTLAND_LEDGER_KEY"),
		Usage: "`FILE` of a private key (Ed25519, PEM) that signs the ledger of the archive, instead of the one that is made in it; DRITTLAND_LEDGER_KEY in the environment sets a default"}
}

func (t *tool) ledgerCommands() []*cli.Command {
	return []*cli.Command{
		{Name: "key", Usage: "print the public key that the ledger is signed with", OnUsageError: usageError, Action: t.archiveKey,
			Description: `The ledger is a log of digests of all records. Each command that records something
signs it. The key is printed as verifiers of signed notes want it, and as PEM for
openssl. Publish it together with checkpoints: who holds the private key could
otherwise make another ledger.

   drittland archive key
   openssl genpkey -algorithm ed25519 -out my.pem && chmod 600 my.pem
   drittland --ledger-key my.pem run`},
		{Name: "publish", Usage: "write the ledger into DIR, for others to follow: digests and the last checkpoint, no content", ArgsUsage: "DIR",
			OnUsageError: usageError, Action: t.archivePublish,
			Description: `DIR must not exist. It is laid out as c2sp.org/tlog-tiles says: checkpoint, tile/… and
tile/entries/…. The checkpoint alone, kept by somebody else or time-stamped, is
enough to show later that no record up to it was changed.

   drittland archive publish /srv/www/ledger`},
	}
}

func (t *tool) archiveKey(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	var key string
	err := t.store(c).look(func(a *archive.Archive) (err error) { key, err = a.LedgerKey(); return err })
	if err != nil {
		return err
	}
	public, err := ledger.PublicPEM(key)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.env.Stdout, "%s\n\n%s", report.Line(key), public)
	return err
}

func (t *tool) archivePublish(c *cli.Context) error {
	if c.NArg() != 1 {
		return usage(errors.New("name the directory to write to"), commandName(c))
	}
	dst := c.Args().First()
	if err := t.store(c).look(func(a *archive.Archive) error { return a.ExportLedger(dst) }); err != nil {
		return err
	}
	t.say("the ledger is in %s", dst)
	return nil
}
