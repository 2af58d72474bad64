package main

// The command explain: how a finding came about.

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules/law"
)

func (t *tool) explainCommand() *cli.Command {
	return &cli.Command{
		Name:      "explain",
		Usage:     "how a finding came about, or why a version is an alert",
		ArgsUsage: "FINDING [OLD] TEXT | VERSION",
		Description: `FINDING is the ID of a check, its rule, or the fingerprint of a finding (or its first
six characters). TEXT is a file, an address, - for standard input, or a version of
a tracked service (Clipzy@3). Findings on a change take the old text as well.

   drittland explain T05 policy.html
   drittland explain T01 --as-of 2022-12-02 policy.md
   drittland explain T35 Clipzy@2 Clipzy@3
   drittland explain Clipzy@3

It shows what each article asks, in one sentence; the words that the finding is
about, with their place in the text; the facts beside them; what was looked for and
not found, which would have kept the check silent; the rows of law for the day and
today, with their sources and whether they were verified; and what would mitigate
the finding. Of the findings that a check makes, each is explained. 'drittland
rules explain ID' shows the check itself.

Of a VERSION alone it says why that is an alert or is none: the text that it was
compared with, the class of each change, and the facts that changed.`,
		Flags: []cli.Flag{
			asOfFlag("as-of", "judge by the law of this `DAY` (YYYY-MM-DD, or today; default: the day the text states, else today)"),
			asOfFlag("as-of-old", "judge the old text by the law of this `DAY`"),
			langFlag(), &cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "`FORM` of the output: text or json"}, rulesFlag(), outputFlag(),
		},
		OnUsageError: usageError,
		Action:       t.explain,
	}
}

func (t *tool) explain(c *cli.Context) error {
	n := c.NArg()
	if service, typ, spec, ok := cutReference(c.Args().First()); ok && n == 1 {
		if err := knownFormat(c.String("format"), "text", "json"); err != nil {
			return usage(err, commandName(c))
		}
		return t.explainVersion(c, service, typ, spec)
	}
	if n < 2 || n > 3 {
		return usage(fmt.Errorf("name a finding and the text that it is about; for a change, the old text and the new one"), commandName(c))
	}
	if err := knownFormat(c.String("format"), "text", "json"); err != nil {
		return usage(err, commandName(c))
	}
	asked, err := t.bothDays(c)
	if err != nil {
		return err
	}
	engine, err := t.engine(c.StringSlice("rules"))
	if err != nil {
		return err
	}
	name, texts := c.Args().First(), c.Args().Slice()[1:]
	if r, ok := engine.Rules().CheckByID(name); ok && r.Versions != (len(texts) == 2) {
		if r.Versions {
			return usage(fmt.Errorf("%s compares two versions: name the old text and the new one", r.ID), commandName(c))
		}
		return usage(fmt.Errorf("%s is about one text", r.ID), commandName(c))
	}
	list, err := t.explanations(c, engine, name, texts, asked)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return &coded{fmt.Errorf("there is no finding %s on %s", name, texts[len(texts)-1]), exitFailed, "'drittland check' lists the findings on a text, 'drittland diff' those on a change"}
	}
	return t.write(c, func(w io.Writer) error {
		if c.String("format") == "json" {
			return report.JSON(w, list)
		}
		return report.Explain(w, list, t.styleFor(c))
	})
}

// explanations reads one text, or two, and explains what is called name.
func (t *tool) explanations(c *cli.Context, engine *analyze.Engine, name string, texts []string, asked [2]law.Date) ([]analyze.Explanation, error) {
	in := t.newIntake(c)
	var facts []*analyze.Facts
	var days []law.Date
	for i, arg := range texts {
		x, err := in.take(c.Context, arg)
		if err != nil {
			return nil, err
		}
		f := engine.Facts(x.Document, x.Annexes...)
		if links := f.AnnexLinks(); isAddress(arg) && len(links) > 0 {
			in.annexes(c.Context, x, links)
			f = engine.Facts(x.Document, x.Annexes...)
		}
		f.Seen = x.seen()
		facts, days = append(facts, f), append(days, x.day(asked[i+2-len(texts)], t.today()))
	}
	if len(texts) == 2 {
		return engine.ExplainChange(facts[0], facts[1], days[0], analyze.Dates{AsOf: days[1], Today: t.today()}, name), nil
	}
	return engine.Explain(facts[0], analyze.Dates{AsOf: days[0], Today: t.today()}, name), nil
}
