package main

// The command law: what the legal data say of a country or a transfer tool on a day.

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/rules/places"
)

func (t *tool) lawCommand() *cli.Command {
	form := func() cli.Flag {
		return &cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "`FORM` of the output: text or json"}
	}
	return &cli.Command{
		Name:  "law",
		Usage: "show the standing of a country or a transfer tool on a day, with its source",
		Description: `The legal data are built in and dated row by row; each answer says up to which
day they are known. "verified" means that the day was checked against a public
source.

   drittland law country US --on 2020-07-17
   drittland law tool privacy_shield
   drittland law recipient "Google LLC"`,
		Subcommands: []*cli.Command{
			{Name: "country", ArgsUsage: "COUNTRY", Usage: "the standing of a destination", Action: t.lawCountry, OnUsageError: usageError,
				Description: "COUNTRY is a code of two letters or a name.\n\n   drittland law country CN --on 2022-12-02\n   drittland law country \"South Korea\"",
				Flags:       []cli.Flag{asOfFlag("on", "`DAY` (YYYY-MM-DD; default: today)"), form()}},
			{Name: "tool", ArgsUsage: "ID", Usage: "the status of a transfer tool", Action: t.lawTool, OnUsageError: usageError,
				Description: "ID is an ID of reports (scc, bcr, dpf, privacy_shield, …) or the number of an instrument.\n\n   drittland law tool scc --on 2022-12-02\n   drittland law tool 2010/87",
				Flags:       []cli.Flag{asOfFlag("on", "`DAY` (YYYY-MM-DD; default: today)"), form()}},
			{Name: "recipient", ArgsUsage: "NAME", Usage: "where a well-known recipient has its seat", Action: t.lawRecipient, OnUsageError: usageError,
				Description: "NAME is a company with its legal form, a brand or a group, in quotation marks if it has several words.\n\n   drittland law recipient \"Google Ireland Limited\"\n   drittland law recipient bytedance",
				Flags:       []cli.Flag{form()}},
			{Name: "timeline", ArgsUsage: "[COUNTRY|TOOL]", Usage: "judgments, decisions and changes of the law in order", Action: t.lawTimeline, OnUsageError: usageError,
				Description: "   drittland law timeline US\n   drittland law timeline scc --kind guideline\n   drittland law timeline --until 2021-12-31",
				Flags: []cli.Flag{asOfFlag("until", "last `DAY` (YYYY-MM-DD; default: today)"),
					&cli.StringFlag{Name: "kind", Usage: "only events of this `KIND`: " + strings.Join(law.EventKinds, ", ")}, form()}},
		},
		OnUsageError: usageError,
	}
}

// countryJSON is what law country says.
type countryJSON struct {
	Country       string       `json:"country"`
	Name          string       `json:"name"`
	On            law.Date     `json:"on"`
	Standing      law.Standing `json:"standing"`
	ThirdCountry  bool         `json:"third_country"`
	Rows          []rowJSON    `json:"rows"`
	Today         law.Date     `json:"today"`
	StandingToday law.Standing `json:"standing_today"`
	KnownUntil    law.Date     `json:"known_until"`
}

type rowJSON struct {
	Name       string   `json:"name"`
	Standing   string   `json:"standing"`
	Instrument string   `json:"instrument"`
	Scope      string   `json:"scope"`
	Adopted    law.Date `json:"adopted"`
	From       law.Date `json:"from"`
	Ended      law.Date `json:"ended"`
	Verified   bool     `json:"verified"`
	Source     string   `json:"source"`
}

func (t *tool) lawCountry(c *cli.Context) error {
	if c.NArg() != 1 {
		return usage(errors.New("name one country, such as CN"), commandName(c))
	}
	on, err := t.onFlag(c, "on")
	if err != nil {
		return err
	}
	code, err := countryCode(c.Args().First(), t.words.Language())
	if err != nil {
		return err
	}
	x := countryJSON{Country: code, Name: places.DisplayName(code, t.words.Language()), On: on, Standing: law.StandingOf(code, on), ThirdCountry: law.Third(code, on),
		Rows: []rowJSON{}, Today: t.today(), StandingToday: law.StandingOf(code, t.today()), KnownUntil: law.KnownUntil()}
	for _, r := range law.Rows(code, on) {
		x.Rows = append(x.Rows, rowJSON{r.Name, string(r.Standing), r.Instrument, r.Scope, r.Adopted, r.From, r.Ended, r.Verified, r.Source})
	}
	return t.listing(c, x, func(w io.Writer) error {
		p := report.NewSheet(w, t.styleFor(c))
		p.Title("%s", t.words.F("%s (%s) on %s: %s", x.Name, x.Country, x.On, report.Standing(t.words, x.Standing)))
		for _, r := range x.Rows {
			p.Entry(r.Instrument, [][2]string{{t.words.T("destination"), r.Name}, {t.words.T("scope"), r.Scope}, {t.words.T("adopted"), r.Adopted.String()}, {t.words.T("in force"), t.inForce(r.From, r.Ended)},
				{t.words.T("source"), t.proof(r.Verified) + "; " + r.Source}})
		}
		if x.On != x.Today {
			p.Line("%s", t.words.F("Today (%s): %s.", x.Today, report.Standing(t.words, x.StandingToday)))
		}
		p.Line("%s", t.known(x.On))
		return p.Close()
	})
}

// onFlag reads a flag that holds a day; today if it is not given.
func (t *tool) onFlag(c *cli.Context, name string) (law.Date, error) {
	d, err := t.dayFlag(c, name)
	if err != nil {
		return d, usage(err, commandName(c))
	}
	if d.IsZero() {
		d = t.today()
	}
	return d, nil
}

// countryCode finds the code of a country given by code or by its name in lang or in English.
func countryCode(arg, lang string) (string, error) {
	code := strings.ToUpper(arg)
	name := cases.Title(language.Make(lang)).String(arg)
	if len(code) == 2 || code == "EPO" {
		if n := places.DisplayName(code, "en"); n != "" && n != code || len(law.Rows(code, law.KnownUntil())) > 0 {
			return code, nil
		}
	} else if m := places.Find(name, lang, "en"); len(m) == 1 {
		return m[0].Country, nil
	}
	return "", &coded{fmt.Errorf("%q is no country that drittland knows", arg), exitUsage, "give the code of ISO 3166-1, such as US, or its name"}
}

func (t *tool) inForce(from, ended law.Date) string {
	if ended.IsZero() {
		return t.words.F("since %s", from)
	}
	return t.words.F("from %s until before %s", from, ended)
}

func (t *tool) proof(verified bool) string {
	if verified {
		return t.words.T("verified")
	}
	return t.words.T("from memory")
}

// known warns about days after the legal data end.
func (t *tool) known(on law.Date) string {
	if law.KnownUntil().Before(on) {
		return t.words.F("The legal data end on %s: look for later decisions and judgments.", law.KnownUntil())
	}
	return t.words.F("The legal data are known up to %s.", law.KnownUntil())
}

// toolJSON is one tool as law tool gives it.
type toolJSON struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	On          law.Date   `json:"on"`
	Status      law.Status `json:"status"`
	StatusToday law.Status `json:"status_today"`
	Transfer    bool       `json:"transfer_tool"`
	Instrument  string     `json:"instrument"`
	Adopted     law.Date   `json:"adopted"`
	From        law.Date   `json:"from"`
	Closed      law.Date   `json:"closed"`
	Ended       law.Date   `json:"ended"`
	Verified    bool       `json:"verified"`
	Source      string     `json:"source"`
}

func (t *tool) lawTool(c *cli.Context) error {
	if c.NArg() != 1 {
		return usage(errors.New("name one tool, such as scc, dpf or 2021/914"), commandName(c))
	}
	on, err := t.onFlag(c, "on")
	if err != nil {
		return err
	}
	list := []toolJSON{}
	for _, r := range law.Default().Tools {
		if strings.EqualFold(r.ID, c.Args().First()) || strings.EqualFold(r.Kind, c.Args().First()) {
			list = append(list, toolJSON{r.ID, r.Name, on, law.Tool(r.ID, on), law.Tool(r.ID, t.today()), r.TransferTool, r.Instrument, r.Adopted, r.From, r.Closed, r.Ended, r.Verified, r.Source})
		}
	}
	if len(list) == 0 {
		var ids []string
		for _, r := range law.Default().Tools {
			ids = append(ids, r.ID)
		}
		return &coded{fmt.Errorf("there is no tool %q", c.Args().First()), exitUsage, "known are scc, " + strings.Join(ids, ", ")}
	}
	return t.listing(c, list, func(w io.Writer) error {
		p := report.NewSheet(w, t.styleFor(c))
		for _, x := range list {
			fields := [][2]string{{t.words.T("status"), t.statusOn(&x)}, {t.words.T("instrument"), x.Instrument}, {t.words.T("adopted"), x.Adopted.String()}, {t.words.T("usable"), t.inForce(x.From, x.Ended)}}
			if !x.Closed.IsZero() && x.Closed != x.Ended {
				fields = append(fields, [2]string{t.words.T("new use"), t.words.F("until before %s", x.Closed)})
			}
			if !x.Transfer {
				fields = append(fields, [2]string{t.words.T("note"), t.words.T("cannot carry a transfer of personal data from the EU")})
			}
			p.Entry(x.ID+"  "+x.Name, append(fields, [2]string{t.words.T("source"), t.proof(x.Verified) + "; " + x.Source}))
		}
		p.Line("%s", t.known(on))
		return p.Close()
	})
}

func (t *tool) statusOn(x *toolJSON) string {
	if x.On == t.today() {
		return report.Status(t.words, x.Status)
	}
	return t.words.F("%s on %s; today: %s", report.Status(t.words, x.Status), x.On, report.Status(t.words, x.StatusToday))
}

// eventJSON is one entry of the timeline.
type eventJSON struct {
	Date     law.Date `json:"date"`
	Kind     string   `json:"kind"`
	Ref      string   `json:"ref"`
	About    []string `json:"about"`
	What     string   `json:"what"`
	Verified bool     `json:"verified"`
	Source   string   `json:"source"`
}

func (t *tool) lawTimeline(c *cli.Context) error {
	if c.NArg() > 1 {
		return usage(errors.New("name one country or tool, or none"), commandName(c))
	}
	until, err := t.onFlag(c, "until")
	if err != nil {
		return err
	}
	about := c.Args().First()
	if about != "" {
		if code, err := countryCode(about, t.words.Language()); err == nil {
			about = code
		} else if about = strings.ToLower(about); !slices.ContainsFunc(law.Default().Tools, func(r law.ToolRow) bool { return r.ID == about || r.Kind == about }) {
			return &coded{fmt.Errorf("%q is no country and no tool that drittland knows", c.Args().First()), exitUsage, "give a code such as US, or a tool such as dpf"}
		}
	}
	kind := c.String("kind")
	if kind != "" && !slices.Contains(law.EventKinds, kind) {
		return usage(fmt.Errorf("there is no kind of event %q: want one of %s", kind, strings.Join(law.EventKinds, ", ")), commandName(c))
	}
	list := []eventJSON{}
	for _, e := range law.Events(about, until) {
		if kind != "" && e.Kind != kind {
			continue
		}
		list = append(list, eventJSON{e.Date, e.Kind, e.Ref, append([]string{}, e.About...), e.What, e.Verified, e.Source})
	}
	return t.listing(c, list, func(w io.Writer) error {
		p := report.NewSheet(w, t.styleFor(c))
		for _, e := range list {
			p.Entry(fmt.Sprintf("%s  %s  %s", e.Date, e.Kind, e.Ref), [][2]string{{"", e.What}, {t.words.T("source"), t.proof(e.Verified) + "; " + e.Source}})
		}
		p.Line("%s", t.known(until))
		return p.Close()
	})
}
