package main

// The commands about time stamps: evidence stamp, status and authorities.

import "github.com/urfave/cli/v2"

func (t *tool) stampCommands() []*cli.Command {
	return []*cli.Command{
		{Name: "stamp", Usage: "have the log of captures stamped now", OnUsageError: usageError, Action: t.evidenceStamp,
			Description: `Asks the authorities for a time stamp of the newest checkpoint of the log, whatever
'drittland run' would wait for. A run does the same at its end, once for all that
it captured; an authority that is down never makes it fail: the checkpoint waits,
and is tried again after 1 minute, 5 minutes, 30 minutes, 2 hours, and then every 6
hours, with the next authority after three failures.

   drittland evidence stamp
   drittland evidence stamp --timestamps /etc/drittland/timestamp.yaml

What an authority answers is kept only if it is about the asked bytes, with the
nonce and policy of the request, and signed by a certificate for time stamps that
the configured roots vouch for. The files are in ledger/stamps of the archive, and
can be checked without drittland:

   openssl ts -verify -in X.tsr -data X.checkpoint -CAfile root.pem -attime SECONDS

A user name and a password for the authority called my-qtsp are read from
DRITTLAND_TIMESTAMP_MY_QTSP_USERNAME and DRITTLAND_TIMESTAMP_MY_QTSP_PASSWORD.`,
			Flags: []cli.Flag{timestampsFlag(),
				&cli.BoolFlag{Name: "allow-loopback", Hidden: true, Usage: "also ask an authority on this machine, for tests and demonstrations"}}},
		{Name: "status", Usage: "what is stamped, by whom, what waits since when, and what is not proved", OnUsageError: usageError, Action: t.evidenceStatus,
			Description: `Checks the newest stamp, offline, and says until which checkpoint the log is stamped,
what waits, and which authority failed why. The exit code is 1 if a checkpoint has
waited for more than 24 hours, or if the stamp is not good.

   drittland evidence status
   drittland evidence status --format json`,
			Flags: []cli.Flag{timestampsFlag(),
				&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "`FORM` of the output: text or json"}}},
		{Name: "authorities", Usage: "print an example of timestamp.yaml, with authorities that are known", OnUsageError: usageError, Action: t.evidenceAuthorities,
			Description: `Put it into the folder of the archive, or name it with --timestamps. For an archive on
a server, which other machines use as well, it stands in ~/.config/drittland.

   drittland evidence authorities > ~/.local/share/drittland/archive/timestamp.yaml`},
	}
}

func timestampsFlag() cli.Flag {
	return &cli.StringFlag{Name: "timestamps",
		Usage: "`FILE` that names the time stamp authorities; DRITTLAND_TIMESTAMPS in the environment, or timestamp.yaml in the archive (with your settings, if that is on a server), otherwise"}
}
