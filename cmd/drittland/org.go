package main

// The commands about organisations that share an archive on a server: which there are, and what they watch.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/cmd/drittland/teams"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

func (t *tool) orgCommand() *cli.Command {
	format := &cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "`FORM` of the output: text or json"}
	yes := &cli.BoolFlag{Name: "yes", Usage: "remove it, with all that belongs to it"}
	sub := func(name, usage, args, description string, action cli.ActionFunc, flags ...cli.Flag) *cli.Command {
		return &cli.Command{Name: name, Usage: usage, ArgsUsage: args, Description: description, Flags: flags, OnUsageError: usageError, Action: action}
	}
	return &cli.Command{
		Name: "org", Usage: "organisations that share an archive on a server", OnUsageError: usageError,
		Description: `Captures and versions belong to all who share an archive. Each organisation has a list
of the terms that it watches, tokens for its programs, lists of who gets its digests,
decisions and an audit log of its own, which the database keeps apart from those of the
others. Its programs ask 'drittland serve api'. Decisions made with 'drittland decide'
and 'drittland review' are those of the people who run the archive, and no
organisation's.

   drittland org add north
   drittland org watch add north Clipzy
   drittland org token add north --role reviewer --handle mk --expires 90d
   drittland org digest add north legal --to ana@north.example`,
		Subcommands: []*cli.Command{
			sub("add", "make an organisation", "NAME", `The name has lower-case letters, digits and - alone.

   drittland org add north`, t.orgAdd),
			sub("list", "list the organisations", " ", `   drittland org list
   drittland org list --format json`, t.orgList, format),
			sub("remove", "remove an organisation", "NAME", `Its tokens, what it watches, its decisions, its lists and its audit log go for good, and
what waits to be sent to its lists is not sent; captures and versions stay. Without
--yes it only says what would go.

   drittland org remove north --yes`, t.orgRemove, yes),
			t.orgTokenCommand(),
			t.orgDigestCommand(),
			{Name: "watch", Usage: "the terms that an organisation watches", OnUsageError: usageError,
				Description: `Only terms that it watches are there for the programs of an organisation. They are
captured for all who share the archive: 'drittland track add' declares them.

   drittland org watch add north Clipzy
   drittland org watch list north`,
				Subcommands: []*cli.Command{
					sub("add", "have an organisation watch some terms", "ORG SERVICE [TERMS]", `   drittland org watch add north Clipzy
   drittland org watch add north Clipzy "Terms of Service"`, t.orgWatchAdd),
					sub("list", "list what an organisation watches", "ORG", `   drittland org watch list north`, t.orgWatchList, format),
					sub("remove", "have an organisation watch some terms no longer", "ORG SERVICE TERMS", `What was decided on them is kept, and there again when they are watched again.

   drittland org watch remove north Clipzy "Privacy Policy"`, t.orgWatchRemove),
				}},
		},
	}
}

// An orgList is what the lists write as JSON: organisations, or what one of them has.
type orgList struct {
	Schema        string         `json:"schema"`
	Organisations *[]teams.Info  `json:"organisations,omitempty"`
	Organisation  string         `json:"organisation,omitempty"`
	Tokens        *[]teams.Token `json:"tokens,omitempty"`
	Watches       *[]teams.Watch `json:"watches,omitempty"`
	Lists         *[]teams.List  `json:"lists,omitempty"`
}

const orgsSchema = "drittland/organisations/1"

// withOrgs calls f with the organisations of the archive, if the command has from..to arguments and a format that is known.
func (t *tool) withOrgs(c *cli.Context, from, to int, f func(*teams.DB, *store) error) error {
	if c.NArg() < from || c.NArg() > to {
		return usage(fmt.Errorf("takes %s", cmp.Or(strings.TrimSpace(c.Command.ArgsUsage), "no arguments")), commandName(c))
	}
	if s := c.String("format"); s != "" {
		if err := knownFormat(s, "text", "json"); err != nil {
			return usage(err, commandName(c))
		}
	}
	orgs, s, done, err := t.organisations(c)
	if err != nil {
		return err
	}
	defer done()
	return f(orgs, s)
}

// withOrg is withOrgs with the organisation that the first argument names.
func (t *tool) withOrg(c *cli.Context, from, to int, f func(*teams.Org, *store) error) error {
	return t.withOrgs(c, from, to, func(d *teams.DB, s *store) error {
		o, err := d.Org(c.Context, c.Args().First())
		if err != nil {
			return err
		}
		return f(o, s)
	})
}

// operator is who is at the command line.
func (t *tool) operator() teams.Actor {
	handle, _ := t.handle("") // of the environment, if it is one
	return teams.Actor{Handle: cmp.Or(handle, "operator"), At: t.env.Now().UTC()}
}

func (t *tool) orgAdd(c *cli.Context) error {
	return t.withOrgs(c, 1, 1, func(d *teams.DB, _ *store) error {
		o, err := d.Add(c.Context, c.Args().First(), t.env.Now().UTC())
		if err == nil {
			err = o.Record(c.Context, t.operator(), teams.DidAdd, o.Name())
		}
		if errors.Is(err, teams.ErrName) {
			return usage(err, commandName(c))
		}
		if err == nil {
			t.say("%s", t.words.F("organisation %s made; give it something to watch: 'drittland org watch add %s SERVICE'", o.Name(), o.Name()))
		}
		return err
	})
}

func (t *tool) orgList(c *cli.Context) error {
	return t.withOrgs(c, 0, 0, func(d *teams.DB, _ *store) error {
		list, err := d.List(c.Context, t.env.Now())
		if err != nil {
			return err
		}
		if c.String("format") == "json" {
			return report.JSON(t.env.Stdout, orgList{Schema: orgsSchema, Organisations: some(list)})
		}
		return t.table(func(w io.Writer) {
			for _, o := range list {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", o.Name, o.Made.UTC().Format(time.DateOnly), t.words.N("%s token", "%s tokens", o.Tokens),
					t.words.N("%s watch", "%s watches", o.Watches), t.words.N("%s decision", "%s decisions", o.Decisions), t.words.N("%s list", "%s lists", o.Lists))
			}
		})
	})
}

// some is a list that is written even if it is empty.
func some[T any](list []T) *[]T {
	if list == nil {
		list = []T{}
	}
	return &list
}

// table writes cells that are ended by tabs below each other.
func (t *tool) table(f func(io.Writer)) error {
	w := tabwriter.NewWriter(t.env.Stdout, 0, 0, 2, ' ', 0)
	f(w)
	return w.Flush()
}

func (t *tool) orgRemove(c *cli.Context) error {
	return t.withOrg(c, 1, 1, func(o *teams.Org, _ *store) error {
		n, err := o.Count(c.Context, t.env.Now())
		if err != nil {
			return err
		}
		if !c.Bool("yes") {
			return &coded{fmt.Errorf("%s has %s, %s, %s and %s; these would go for good, with its audit log", o.Name(), amount(n.Tokens, "token", "tokens"),
				amount(n.Watches, "watch", "watches"), amount(n.Decisions, "decision", "decisions"), amount(n.Lists, "list", "lists")), exitUsage, "--yes removes it"}
		}
		if err := o.Remove(c.Context); err != nil {
			return err
		}
		t.say("%s", t.words.F("organisation %s is removed", o.Name()))
		return nil
	})
}

func (t *tool) orgWatchAdd(c *cli.Context) error {
	return t.withOrg(c, 2, 3, func(o *teams.Org, s *store) error {
		var terms snapshots.Terms
		err := s.look(func(a *archive.Archive) (err error) {
			terms, _, err = findTerms(a, c.Args().Get(1), c.Args().Get(2))
			return err
		})
		if err != nil {
			return err
		}
		added, err := o.Watch(c.Context, t.operator(), terms)
		switch {
		case err != nil:
			return err
		case added:
			t.say("%s", t.words.F("%s watches %s", o.Name(), terms.String()))
		default:
			t.say("%s", t.words.F("%s watches %s already", o.Name(), terms.String()))
		}
		return nil
	})
}

func (t *tool) orgWatchRemove(c *cli.Context) error {
	return t.withOrg(c, 3, 3, func(o *teams.Org, _ *store) error {
		terms := snapshots.Terms{Service: c.Args().Get(1), Type: c.Args().Get(2)}
		err := o.Unwatch(c.Context, t.operator(), terms)
		if errors.Is(err, teams.ErrNotFound) {
			return &coded{fmt.Errorf("%s does not watch %s", o.Name(), terms), exitFailed, "'drittland org watch list " + o.Name() + "' shows what it watches"}
		}
		if err == nil {
			t.say("%s", t.words.F("%s watches %s no longer", o.Name(), terms.String()))
		}
		return err
	})
}

func (t *tool) orgWatchList(c *cli.Context) error {
	return t.withOrg(c, 1, 1, func(o *teams.Org, _ *store) error {
		list, err := allWatches(c.Context, o)
		if err != nil {
			return err
		}
		if c.String("format") == "json" {
			return report.JSON(t.env.Stdout, orgList{Schema: orgsSchema, Organisation: o.Name(), Watches: some(list)})
		}
		return t.table(func(w io.Writer) {
			for _, x := range list {
				fmt.Fprintf(w, "%s\t%s\t%s\n", report.Line(x.Service), report.Line(x.Type), x.Since.UTC().Format(time.DateOnly))
			}
		})
	})
}

// allWatches is all that an organisation watches, read by the page.
func allWatches(ctx context.Context, o *teams.Org) (out []teams.Watch, err error) {
	var after snapshots.Terms
	for {
		page, err := o.Watches(ctx, after, teams.MaxPage)
		if err != nil || len(page) == 0 {
			return out, err
		}
		out, after = append(out, page...), page[len(page)-1].Terms
	}
}
