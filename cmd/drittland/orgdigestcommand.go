package main

// The commands about the lists of those who get the digests of an organisation, and printing such a digest.

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/cmd/drittland/teams"
)

func (t *tool) orgDigestCommand() *cli.Command {
	sub := func(name, usage, args, description string, action cli.ActionFunc, flags ...cli.Flag) *cli.Command {
		return &cli.Command{Name: name, Usage: usage, ArgsUsage: args, Description: description, Flags: flags, OnUsageError: usageError, Action: action}
	}
	return &cli.Command{
		Name: "digest", Usage: "who gets the digests of an organisation", OnUsageError: usageError,
		Description: `Lists say to whom 'drittland worker' sends digests of an organisation, of which of the
terms that it watches, and when. They tell of its own decisions and of nobody else's, and
go by mail alone, through the mail server of the settings.

   drittland org digest add north legal --to ana@north.example --schedule weekly
   drittland org digest list north
   drittland digest --org north --list legal`,
		Subcommands: []*cli.Command{
			sub("add", "make a list", "ORG LIST", `The first digest is about the time from the last slot of the schedule on. Schedules are
read in the time zone of the settings.

   drittland org digest add north legal --to ana@north.example --to bo@north.example
   drittland org digest add north board --to cy@north.example --level error --service Clipzy --quiet skip
   drittland org digest add north daily --to ana@north.example --schedule "30 6 * * 1-5" --report-language de`,
				t.orgDigestAdd, orgDigestFlags()...),
			sub("change", "change a list", "ORG LIST", `Only what is given changes; "" takes away what was said. What waits for an address that
is taken off the list is not sent.

   drittland org digest change north legal --schedule daily
   drittland org digest change north board --service ""`,
				t.orgDigestChange, orgDigestFlags()...),
			sub("list", "list the lists of an organisation", "ORG", `   drittland org digest list north
   drittland org digest list north --format json`, t.orgDigestList,
				&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "`FORM` of the output: text or json"}),
			sub("remove", "remove a list", "ORG LIST", `What waits to be sent to it is not sent.

   drittland org digest remove north legal`, t.orgDigestRemove),
		},
	}
}

func orgDigestFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "to", Usage: fmt.Sprintf("`ADDRESS` that gets a mail of its own (may be repeated, up to %d times)", teams.MaxTo)},
		&cli.StringSliceFlag{Name: "service", Usage: "tell of this `SERVICE` only (may be repeated; default: all that the organisation watches)"},
		&cli.StringSliceFlag{Name: "terms", Usage: "tell of this `TYPE` of terms only (may be repeated)"},
		&cli.StringSliceFlag{Name: "language", Usage: "tell of texts in this `LANGUAGE` only, such as de (may be repeated)"},
		&cli.StringSliceFlag{Name: "level", Usage: "tell of findings of this `LEVEL` only: error, warning or note (may be repeated; default: error and warning)"},
		&cli.StringFlag{Name: "schedule", Usage: "`WHEN`: weekly (Monday 07:00), daily (07:00) or five fields of cron, at most once a day (default: weekly)"},
		&cli.StringFlag{Name: "report-language", Usage: "`LANGUAGE` of the digest: en, de, fr or nl (default: that of the settings)"},
		&cli.StringFlag{Name: "quiet", Usage: "`WHAT` is done in a time with nothing new: send (two lines) or skip (default: send)"},
		&cli.StringFlag{Name: "mail", Usage: "`FORM` of the mails: html (with text beside it) or text (default: html)"},
		&cli.StringFlag{Name: "unsubscribe", Usage: "`ADDRESS` to which those write who want no more (default: the sender)"},
	}
}

// said puts what the flags say over a list.
func saidOfList(c *cli.Context, l teams.List) teams.List {
	for name, to := range map[string]*[]string{"to": &l.To, "service": &l.Services, "terms": &l.Types, "language": &l.Languages, "level": &l.Levels} {
		if !c.IsSet(name) {
			continue
		}
		if *to = c.StringSlice(name); len(*to) == 1 && (*to)[0] == "" {
			*to = nil
		}
	}
	for name, to := range map[string]*string{"schedule": &l.Schedule, "report-language": &l.Locale, "quiet": &l.Quiet, "mail": &l.Format, "unsubscribe": &l.Unsubscribe} {
		if c.IsSet(name) {
			*to = c.String(name)
		}
	}
	return l
}

func (t *tool) orgDigestAdd(c *cli.Context) error {
	return t.withOrg(c, 2, 2, func(o *teams.Org, _ *store) error {
		l := saidOfList(c, teams.List{Name: c.Args().Get(1)})
		if err := t.putList(c, o, l, false); err != nil {
			return err
		}
		t.say("%s", t.words.F("list %s of %s made; 'drittland digest --org %s --list %s' prints what it is to get", l.Name, o.Name(), o.Name(), l.Name))
		return nil
	})
}

func (t *tool) orgDigestChange(c *cli.Context) error {
	return t.withOrg(c, 2, 2, func(o *teams.Org, _ *store) error {
		if c.NumFlags() == 0 {
			return usage(errors.New("say what is to change"), commandName(c))
		}
		l, err := o.List(c.Context, c.Args().Get(1))
		if err != nil {
			return noList(o, c.Args().Get(1), err)
		}
		if err := t.putList(c, o, saidOfList(c, l), true); err != nil {
			return err
		}
		t.say("%s", t.words.F("list %s of %s changed", l.Name, o.Name()))
		return nil
	})
}

func (t *tool) putList(c *cli.Context, o *teams.Org, l teams.List, over bool) error {
	_, err := o.PutList(c.Context, t.operator(), l, over)
	if errors.Is(err, teams.ErrList) {
		return usage(err, commandName(c))
	}
	if errors.Is(err, teams.ErrExists) {
		return &coded{err, exitFailed, "'drittland org digest change' changes it; names that differ in capital letters alone are one"}
	}
	return err
}

// noList says where the names of lists are found.
func noList(o *teams.Org, name string, err error) error {
	if errors.Is(err, teams.ErrNotFound) {
		return &coded{fmt.Errorf("%s has no list %.60q", o.Name(), name), exitFailed, "'drittland org digest list " + o.Name() + "' shows its lists"}
	}
	return err
}

func (t *tool) orgDigestRemove(c *cli.Context) error {
	return t.withOrg(c, 2, 2, func(o *teams.Org, _ *store) error {
		name := c.Args().Get(1)
		if err := o.RemoveList(c.Context, t.operator(), name); err != nil {
			return noList(o, name, err)
		}
		t.say("%s", t.words.F("list %s of %s removed; what waits for it is not sent", name, o.Name()))
		return nil
	})
}

func (t *tool) orgDigestList(c *cli.Context) error {
	return t.withOrg(c, 1, 1, func(o *teams.Org, _ *store) error {
		list, err := o.Lists(c.Context)
		if err != nil {
			return err
		}
		if c.String("format") == "json" {
			return report.JSON(t.env.Stdout, orgList{Schema: orgsSchema, Organisation: o.Name(), Lists: some(list)})
		}
		return t.table(func(w io.Writer) {
			for i := range list {
				l := &list[i]
				about := t.words.T("all that it watches")
				if len(l.Services) > 0 {
					about = strings.Join(l.Services, ", ")
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", report.Line(l.Name), report.Line(l.Schedule), excerpt(report.Line(about), shownReason), excerpt(report.Line(strings.Join(l.To, ", ")), shownReason))
			}
		})
	})
}

// tellOrgDigest prints the digest of an organisation: that of one of its lists, or of all that it watches.
func (t *tool) tellOrgDigest(c *cli.Context, s *config.Settings, span timeSpan, form string) error {
	if c.IsSet("to") || c.Bool("send") || c.IsSet("review-url") {
		return usage(errors.New("the digest of an organisation is printed here, without links to pages that are not its own; leave out --to, --send and --review-url: 'drittland worker' sends to its lists"), commandName(c))
	}
	orgs, done, err := t.storeOf(c, s).organisations(c.Context)
	if err != nil {
		return err
	}
	defer done()
	o, err := orgs.Org(c.Context, c.String("org"))
	if err != nil {
		return err
	}
	var list config.List
	if name := c.String("list"); name != "" {
		l, err := o.List(c.Context, name)
		if err != nil {
			return noList(o, name, err)
		}
		list = l.Wish()
	}
	if list, err = t.narrowed(c, s, list); err != nil {
		return err
	}
	of, err := teamOf(c.Context, o)
	if err != nil {
		return err
	}
	for _, name := range c.StringSlice("service") {
		if !inList(of.services(), name) {
			return &coded{fmt.Errorf("%s does not watch %.200q", o.Name(), name), exitUsage, "'drittland org watch list " + o.Name() + "' shows what it watches"}
		}
	}
	d, err := t.digestOf(c, s, list, span, of)
	if err != nil {
		return err
	}
	return t.write(c, func(w io.Writer) error { return writeDigest(w, d, form) })
}

// services are those that the organisation watches; never none, which would be all.
func (x *team) services() []string {
	out := []string{""}
	for _, t := range x.terms {
		out = append(out, t.Service)
	}
	return out
}
