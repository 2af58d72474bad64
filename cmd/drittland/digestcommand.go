package main

// The command digest: what happened to the texts that somebody follows, printed or sent.

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/digest"
	"github.com/drittland/drittland/rules/law"
)

func (t *tool) digestCommand() *cli.Command {
	return &cli.Command{
		Name:      "digest",
		Usage:     "what happened in a week, in the texts of all services: to read in five minutes, or to send",
		ArgsUsage: " ",
		Description: `Tells, by service: findings that are new, with the words before and after; facts on
transfers that changed; texts that are announced; changes of the law with the texts
that rely on them; what reviewers decided; what was quiet; and what could not be
verified, and since when. What does not fit is counted. A week with nothing takes two
lines. JSON tells everything; Atom is a feed whose entries keep their ids.

   drittland digest
   drittland digest --week 2026-W47
   drittland digest --from 2026-11-01 --until 2026-11-30 --service Clipzy
   drittland digest --since 14d --format html --output digest.html
   drittland --locale de digest --level error --format md

A week is one of ISO 8601, from Monday to Sunday in the time zone of the settings. A
list of the settings says who gets which services, levels and language. With --to or
--send mails are put into the outbox, one for each address; what is there for a list,
a time and an address is never put there again, so that nobody gets it twice.

   drittland digest --week 2026-W47 --list legal
   drittland digest --week 2026-W47 --list legal --send
   drittland digest --week 2026-W47 --to ana@example.org

Organisations that share an archive on a server have lists of their own ('drittland org
digest'), which 'drittland worker' sends to. What one of them is told can be printed:

   drittland digest --org north --list legal --week last

'drittland digest outbox' shows what waits, 'drittland config' what the settings say.`,
		Flags:        append(spanFlags(), digestFlags()...),
		Subcommands:  []*cli.Command{t.outboxCommand()},
		OnUsageError: usageError,
		Action:       t.tellDigest,
	}
}

func spanFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "since", Usage: "the `TIME` before now: 7d, 2w or 36h (default: 7d)"},
		&cli.StringFlag{Name: "week", Usage: "an ISO `WEEK`, such as 2026-W47, or last: the last one that is over"},
		asOfFlag("from", "the first `DAY` (YYYY-MM-DD)"),
		asOfFlag("until", "the last `DAY` (YYYY-MM-DD; default: today)"),
	}
}

// aboutFlags say which texts and findings are told of.
func aboutFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "service", Usage: "tell of this `SERVICE` only (may be repeated)"},
		&cli.StringSliceFlag{Name: "level", Usage: "tell of findings of this `LEVEL` only: error, warning or note (may be repeated; default: error and warning)"},
		&cli.StringFlag{Name: "time-zone", Usage: "`ZONE` in which days begin, such as Europe/Berlin (default: that of the settings)"},
		&cli.StringFlag{Name: "review-url", Usage: "`ADDRESS` at which readers reach 'drittland review', for links (default: that of the settings)"},
	}
}

func digestFlags() []cli.Flag {
	return append([]cli.Flag{
		&cli.StringFlag{Name: "list", Usage: "tell what the list of this `NAME` in the settings is to get"},
		&cli.StringFlag{Name: "org", Usage: "tell an organisation of this `NAME` of the terms that it watches, with its own decisions; --list is then one of its lists"},
	}, append(aboutFlags(),
		&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "`FORM` of the output: text, html, md, json or atom"},
		outputFlag(),
		&cli.StringSliceFlag{Name: "to", Usage: "put a mail to this `ADDRESS` into the outbox rather than print (may be repeated)"},
		&cli.BoolFlag{Name: "send", Usage: "put mails to the list, or to the addresses of --to, into the outbox and send at once"},
	)...)
}

func (t *tool) tellDigest(c *cli.Context) error {
	if c.NArg() > 0 {
		return usage(errors.New("takes no arguments; --service names a service"), commandName(c))
	}
	for _, a := range c.StringSlice("to") {
		if _, err := law.ParseDate(a); err == nil {
			return usage(fmt.Errorf("--to %s: takes an address; --until names the last day", a), commandName(c))
		}
	}
	form := c.String("format")
	if err := knownFormat(form, "text", "html", "md", "json", "atom"); err != nil {
		return usage(err, commandName(c))
	}
	s, err := t.settings(c)
	if err != nil {
		return err
	}
	span, err := t.spanOf(c, s.Zone())
	if err != nil {
		return usage(err, commandName(c))
	}
	if c.String("org") != "" {
		return t.tellOrgDigest(c, s, span, form)
	}
	list, err := t.listOf(c, s)
	if err != nil {
		return err
	}
	post, err := t.postOf(c, s, list, span)
	if err != nil {
		return err
	}
	d, err := t.digestOf(c, s, list, span, nil)
	if err != nil {
		return err
	}
	if post != nil {
		return post.post(c.Context, d)
	}
	return t.write(c, func(w io.Writer) error { return writeDigest(w, d, form) })
}

// writeDigest writes a digest for nobody in particular.
func writeDigest(w io.Writer, d *digest.Digest, form string) error {
	switch form {
	case "html":
		return digest.HTML(w, d, digest.Reader{})
	case "md":
		return digest.Markdown(w, d)
	case "json":
		return digest.JSON(w, d)
	case "atom":
		return digest.Atom(w, d, digest.Feed{})
	}
	return digest.Text(w, d, digest.Reader{})
}

// digestOf gathers the digest of a list out of the archive, of an organisation unless of is nil.
func (t *tool) digestOf(c *cli.Context, s *config.Settings, list config.List, span timeSpan, of *team) (*digest.Digest, error) {
	engine, err := t.engine(nil)
	if err != nil {
		return nil, err
	}
	st := t.storeOf(c, s)
	if err := st.there(); err != nil {
		return nil, err
	}
	return newReviewDesk(st, engine.In("en")).digest(c.Context, digestWish{list: list, period: span.name, from: span.from, until: span.until, zone: s.Zone(),
		reviewURL: s.ReviewURL, alarm: s.AlarmAfter, ahead: s.LawAhead, of: of})
}

// spanOf reads the flags for the time of a digest.
func (t *tool) spanOf(c *cli.Context, zone *time.Location) (timeSpan, error) {
	given := 0
	for _, name := range []string{"since", "week", "from"} {
		if c.IsSet(name) {
			given++
		}
	}
	now := t.env.Now()
	switch {
	case given > 1:
		return timeSpan{}, errors.New("give one of --since, --week and --from")
	case c.IsSet("until") && !c.IsSet("from"):
		return timeSpan{}, errors.New("--until needs --from")
	case c.IsSet("from"):
		return t.daysFlags(c, zone)
	case c.String("week") == "last":
		return lastWeek(now, zone), nil
	case c.IsSet("week"):
		span, err := parseWeek(c.String("week"), zone)
		if err == nil && span.from.After(now) {
			err = fmt.Errorf("--week %s has not begun", c.String("week"))
		}
		return span, err
	}
	return parseSince(cmp.Or(c.String("since"), "7d"), now, zone)
}

// daysFlags reads the flags for the first day and the last.
func (t *tool) daysFlags(c *cli.Context, zone *time.Location) (timeSpan, error) {
	first, err := t.dayFlag(c, "from")
	if err != nil {
		return timeSpan{}, err
	}
	last, err := t.dayFlag(c, "until")
	if err != nil {
		return timeSpan{}, err
	}
	if last.IsZero() {
		y, m, d := t.env.Now().In(zone).Date()
		last.Year, last.Month, last.Day = y, m, d
	}
	span := namedDays(first, last, zone)
	switch {
	case first.IsZero() || last.Before(first):
		return span, fmt.Errorf("--from %s is after --until %s", first, last)
	case span.from.After(t.env.Now()):
		return span, fmt.Errorf("--from %s is not yet", first)
	case first.AddDays(maxPeriod).Before(last):
		return span, fmt.Errorf("--from %s to --until %s: at most %d days", first, last, maxPeriod)
	}
	return span, nil
}

// listOf is the list that --list names, or one of everything, with what the flags say over it.
func (t *tool) listOf(c *cli.Context, s *config.Settings) (config.List, error) {
	var list config.List
	if name := c.String("list"); name != "" {
		i := slices.IndexFunc(s.Lists, func(l config.List) bool { return l.Name == name })
		if i < 0 {
			var names []string
			for _, l := range s.Lists {
				names = append(names, l.Name)
			}
			hint := "the settings have no lists; 'drittland config example' shows one"
			if len(names) > 0 {
				hint = "the settings have: " + strings.Join(names, ", ")
			}
			return list, &coded{fmt.Errorf("there is no list %q", name), exitUsage, hint}
		}
		list = s.Lists[i]
	}
	return t.narrowed(c, s, list)
}

// narrowed is a list with what the flags say over it.
func (t *tool) narrowed(c *cli.Context, s *config.Settings, list config.List) (config.List, error) {
	for _, l := range c.StringSlice("level") {
		if !slices.Contains([]string{"error", "warning", "note"}, l) {
			return list, usage(fmt.Errorf("--level %s: expected error, warning or note", l), commandName(c))
		}
	}
	if v := c.StringSlice("service"); len(v) > 0 {
		list.Services, list.Name = v, ""
	}
	if v := c.StringSlice("level"); len(v) > 0 {
		list.Levels, list.Name = v, ""
	}
	list.Locale = cmp.Or(list.Locale, s.Locale)
	if c.IsSet(localeName) {
		list.Locale = t.words.Language()
	}
	return list, nil
}
