package main

// The command feed: changes and findings as an Atom feed, for readers of feeds and for programs.

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/digest"
)

const (
	newestEntries = 50
	mostEntries   = 1000
)

func (t *tool) feedCommand() *cli.Command {
	return &cli.Command{
		Name:      "feed",
		Usage:     "changes and findings as an Atom feed: of all services, of one, or of a level",
		ArgsUsage: " ",
		Description: `Writes the newest versions that brought findings or changed facts on transfers, an
entry for each. An entry keeps its id when everything is derived anew, so that nobody
sees it twice. Run it after 'drittland run', and serve the file as it is.

   drittland feed --output feed.atom
   drittland feed --service Clipzy --self https://example.org/clipzy.atom -o clipzy.atom
   drittland --locale de feed --level error --since 365d`,
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "since", Value: "90d", Usage: "the `TIME` before now: 90d, 26w or 36h"},
			&cli.IntFlag{Name: "newest", Value: newestEntries, Usage: "`NUMBER` of entries at most"},
			&cli.StringFlag{Name: "self", Usage: "`ADDRESS` at which the feed will be found"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o", "out"}, Usage: "write to `FILE` rather than standard output"},
		}, aboutFlags()...),
		OnUsageError: usageError,
		Action:       t.writeFeed,
	}
}

func (t *tool) writeFeed(c *cli.Context) error {
	f := digest.Feed{Self: c.String("self"), Newest: c.Int("newest"), Versions: true, Name: strings.Join(append(slices.Clone(c.StringSlice("service")), c.StringSlice("level")...), ", ")}
	switch u, err := url.Parse(f.Self); {
	case c.NArg() > 0:
		return usage(errors.New("takes no arguments; --service names a service"), commandName(c))
	case f.Newest < 1 || f.Newest > mostEntries:
		return usage(fmt.Errorf("--newest %d: expected 1 to %d", f.Newest, mostEntries), commandName(c))
	case f.Self != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http"):
		return usage(fmt.Errorf("--self %.200q: expected an address such as https://example.org/feed.atom", f.Self), commandName(c))
	}
	s, err := t.settings(c)
	if err != nil {
		return err
	}
	span, err := parseSince(c.String("since"), t.env.Now(), s.Zone())
	if err != nil {
		return usage(err, commandName(c))
	}
	list, err := t.listOf(c, s)
	if err != nil {
		return err
	}
	d, err := t.digestOf(c, s, list, span, nil)
	if err != nil {
		return err
	}
	if len(list.Levels) > 0 { // a feed of a level holds nothing else
		d.Facts = slices.DeleteFunc(d.Facts, func(x digest.Change) bool {
			return !slices.ContainsFunc(d.Findings, func(y digest.Found) bool {
				return y.Terms == x.Terms && y.Line == x.Line && y.Version == x.Version && y.Cause == x.Cause
			})
		})
	}
	return t.write(c, func(w io.Writer) error { return digest.Atom(w, d, f) })
}
