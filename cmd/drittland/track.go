package main

// The command track: which services are watched, where their terms are published, and how they are read.

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/fetch/extract"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

const (
	defaultEvery = 24 * time.Hour
	minEvery     = time.Hour
)

func (t *tool) trackCommand() *cli.Command {
	typeFlag := &cli.StringFlag{Name: "type", Value: defaultType, Usage: "`TYPE` of terms, in the words of Open Terms Archive"}
	return &cli.Command{
		Name:  "track",
		Usage: "the services that 'drittland run' captures",
		Description: `   drittland track add Clipzy https://clipzy.example/legal/privacy
   drittland track list
   drittland run`,
		Subcommands: []*cli.Command{
			{
				Name:      "add",
				Usage:     "track a page of terms; if the service and type are tracked already, address and selectors are replaced",
				ArgsUsage: "SERVICE URL",
				Description: `   drittland track add Clipzy https://clipzy.example/legal/privacy
   drittland track add Clipzy-DE https://clipzy.example/de/datenschutz --lang de --every 12h
   drittland track add Clipzy https://clipzy.example/terms --type "Terms of Service"
   drittland track add Clipzy https://clipzy.example/privacy --select "main article" --remove .banner`,
				Flags: []cli.Flag{typeFlag,
					&cli.DurationFlag{Name: "every", Value: defaultEvery, Usage: "`TIME` after which it is due again, at least 1h"},
					&cli.StringFlag{Name: "schedule", Usage: "when it is due, in the place of --every: hourly, daily, weekly or a cron `EXPRESSION`, in the time zone of the settings; on a server in UTC, for all machines"},
					&cli.StringFlag{Name: "lang", Usage: "`LANGUAGE` to ask the server for, such as de"},
					renderFlag(renderAuto, "read the page with a browser: auto (if it cannot be read without), always or never (`WHEN`)"),
					&cli.StringSliceFlag{Name: "select", Usage: "`CSS` selector of a part to read, rather than the main content (may be repeated)"},
					&cli.StringSliceFlag{Name: "remove", Usage: "`CSS` selector of a part to leave out (may be repeated)"},
					&cli.StringSliceFlag{Name: "normalise", Usage: "`STEP` that leaves out what changes with each visit: " + strings.Join(extract.Steps, ", ") + " (may be repeated)"},
					&cli.StringSliceFlag{Name: "annex", Usage: "`URL` of a page that belongs to the policy, such as a list of countries on another site (may be repeated)"}},
				OnUsageError: usageError, Action: t.trackAdd,
			},
			t.trackImportCommand(),
			t.trackExportCommand(),
			{Name: "move", Usage: "track the page at another address: the one named, or where its redirect leads for good", ArgsUsage: "SERVICE [URL]",
				Description: `   drittland track move Clipzy
   drittland track move Clipzy https://clipzy.example/new/privacy`,
				Flags: []cli.Flag{typeFlag}, OnUsageError: usageError, Action: t.trackMove},
			{Name: "list", Usage: "list what is tracked, when each text was seen last, and since when and why one cannot be had", OnUsageError: usageError, Action: t.trackList,
				Description: "   drittland track list --all",
				Flags: []cli.Flag{&cli.BoolFlag{Name: "all", Usage: "also what is tracked no longer"}, alarmFlag(),
					&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "`FORM` of the output: text or json"}}},
			{Name: "show", Usage: "how a service is tracked", ArgsUsage: "SERVICE", OnUsageError: usageError, Action: t.trackShow,
				Description: "   drittland track show Clipzy"},
			{Name: "remove", Usage: "track a service no longer; its history stays", ArgsUsage: "SERVICE", Flags: []cli.Flag{typeFlag},
				Description: "   drittland track remove Clipzy", OnUsageError: usageError, Action: t.trackRemove},
		},
	}
}

func (t *tool) trackAdd(c *cli.Context) error {
	if c.NArg() != 2 {
		return usage(errors.New("give a name for the service and the address of its terms"), commandName(c))
	}
	render := c.String("render")
	if render == renderAuto {
		render = "" // the same, and what older declarations say
	}
	d := snapshots.Declaration{Service: c.Args().Get(0), TermsType: c.String("type"), Every: c.Duration("every"), Schedule: c.String("schedule"), Added: t.env.Now().UTC(),
		Sources: []snapshots.Source{{URL: c.Args().Get(1), Select: c.StringSlice("select"), Remove: c.StringSlice("remove"), Lang: c.String("lang"),
			Annexes: c.StringSlice("annex"), Normalise: c.StringSlice("normalise"), Render: render}}}
	if err := checkDeclaration(d); err != nil {
		return usage(err, commandName(c))
	}
	replaced := false
	err := t.store(c).write(func(a *archive.Archive) error {
		old, err := declared(a, d.Service, d.TermsType)
		if replaced = err == nil && old != nil && old.Removed.IsZero(); replaced {
			d.Past = old.Past
		}
		return errors.Join(err, a.PutDeclaration(d))
	})
	if err != nil {
		return err
	}
	verb := "tracking"
	if replaced {
		verb = "tracking otherwise than before:"
	}
	t.say("%s %s · %s at %s, %s; 'drittland run' captures it", verb, d.Service, d.TermsType, d.Sources[0].URL, rhythm(d))
	return nil
}

// checkDeclaration refuses what cannot be tracked.
func checkDeclaration(d snapshots.Declaration) error {
	for _, x := range [][2]string{{"service", d.Service}, {"type of terms", d.TermsType}} {
		if x[1] == "" || x[1] != report.Line(x[1]) || len(x[1]) > 200 {
			return fmt.Errorf("%q is no name of a %s", x[1], x[0])
		}
	}
	if strings.ContainsAny(d.Service, "/@") {
		return fmt.Errorf("%q: a name of a service holds neither / nor @, which name terms and versions", d.Service)
	}
	if d.Every < minEvery {
		return fmt.Errorf("--every %s: at least %s, so that the server is left in peace", d.Every, minEvery)
	}
	if err := config.CheckRhythm(d.Schedule); d.Schedule != "" && err != nil {
		return err
	}
	if len(d.Sources) == 0 {
		return errors.New("there is no address")
	}
	for _, src := range d.Sources {
		if err := checkSource(src); err != nil {
			return err
		}
	}
	return nil
}

// checkSource refuses a page that cannot be tracked.
func checkSource(src snapshots.Source) error {
	if src.Render != "" {
		if err := knownRender(src.Render); err != nil {
			return err
		}
	}
	for _, address := range append([]string{src.URL}, src.Annexes...) {
		if err := config.CheckAddress(address); err != nil {
			return err
		}
	}
	_, _, err := extractPage(extract.Input{Body: []byte("<p>text</p>"), MediaType: "text/html"}, src, extract.Options{})
	if err != nil && !errors.Is(err, extract.ErrEmpty) {
		return err
	}
	return nil
}

// declared is the last declaration of some terms, nil if there is none.
func declared(a *archive.Archive, service, typ string) (*snapshots.Declaration, error) {
	all, err := a.Declarations()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(d snapshots.Declaration) bool {
		return strings.EqualFold(d.Service, service) && strings.EqualFold(d.TermsType, typ)
	})
	if i < 0 {
		return nil, nil
	}
	return &all[i], nil
}

func dayOr(t time.Time, none string) string {
	if t.IsZero() {
		return none
	}
	return t.Format(time.DateOnly)
}

func timeOr(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

// period is a duration as people write it: 24h, 90m.
func period(d time.Duration) string {
	if d == 0 {
		d = defaultEvery
	}
	s := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(s, zero) {
			s = s[:len(s)-2]
		}
	}
	return s
}

// rhythm is when a declaration is due, in words.
func rhythm(d snapshots.Declaration) string {
	if d.Schedule != "" {
		return "by the schedule " + d.Schedule
	}
	return "every " + period(d.Every)
}

// trackMove follows a page to another address. Selectors and history stay.
func (t *tool) trackMove(c *cli.Context) error {
	if c.NArg() < 1 || c.NArg() > 2 {
		return usage(errors.New("name one service, and its new address if no redirect leads there"), commandName(c))
	}
	s := t.store(c)
	if err := s.there(); err != nil {
		return err
	}
	return s.write(func(a *archive.Archive) error {
		d, err := declared(a, c.Args().First(), c.String("type"))
		if err != nil {
			return err
		}
		if d == nil || !d.Removed.IsZero() {
			return notTracked(c.Args().First() + " · " + c.String("type"))
		}
		to := c.Args().Get(1)
		if to == "" {
			_, st, err := s.standing(a, *d)
			if err != nil {
				return err
			}
			if to = st.Moved; to == "" {
				return &coded{fmt.Errorf("the page of %s has not moved for good, as far as its last capture shows", d.Service), exitFailed, "name the new address after the service"}
			}
		}
		d.Sources[0].URL = to
		if err := checkDeclaration(*d); err != nil {
			return usage(err, commandName(c))
		}
		t.say("%s · %s is tracked at %s from now on", d.Service, d.TermsType, to)
		return a.PutDeclaration(*d)
	})
}

func notTracked(name string) error {
	return &coded{fmt.Errorf("%q is not tracked", name), exitUsage, "'drittland track list' says what is"}
}

func (t *tool) trackRemove(c *cli.Context) error {
	if c.NArg() != 1 {
		return usage(errors.New("name one service"), commandName(c))
	}
	s := t.store(c)
	if err := s.there(); err != nil {
		return err
	}
	return s.write(func(a *archive.Archive) error {
		d, err := declared(a, c.Args().First(), c.String("type"))
		if err != nil {
			return err
		}
		if d == nil || !d.Removed.IsZero() {
			return notTracked(c.Args().First() + " · " + c.String("type"))
		}
		d.Removed = t.env.Now().UTC()
		if err := a.PutDeclaration(*d); err != nil {
			return err
		}
		t.say("%s · %s is tracked no longer; its history stays", d.Service, d.TermsType)
		return nil
	})
}
