package main

// The command check: what one policy says about transfers, and what the law of a day asks about it.

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
)

func (t *tool) checkCommand() *cli.Command {
	return &cli.Command{
		Name:      "check",
		Usage:     "read one policy and say where the data go, what the notice lacks and what to look at",
		ArgsUsage: "FILE|URL|- ...",
		Description: `Reads HTML, PDF, DOCX, ODT, Markdown or plain text. The text is judged by the law of the day on
which it took effect, if it states that day, and by the law of today.

   drittland check https://example.org/privacy
   drittland check --as-of 2022-12-02 policy.html
   curl -s https://example.org/privacy | drittland check --lang de -
   drittland check --format html -o report.html policy.md
   drittland check --format json policies/*.md | jq '.[].findings[].id'

A page of the web is kept in the archive as evidence (--no-save leaves it out);
files and standard input are kept only with --save. A page that needs JavaScript is
read with Chromium, if there is one (DRITTLAND_CHROMIUM in the environment names
another program), and what it showed is kept, too. The exit code is 3 if there
is a finding at or above --fail-on.

With --llm a model reads, too. Passages near transfers, storage, access and recipients,
a sample of the rest, linked pages that were read with the policy, and each finding are
sent to the endpoint that you name; nothing is sent without it. An opinion counts only
where its words stand in the text. Opinions are in a section of their own, doubts with
both readings side by side; they change no finding and no exit code, and an endpoint
that fails leaves the report of the rules as it is. Answers are kept in the cache
directory of the user, so that a second run asks nothing.

   drittland check --llm --llm-url http://localhost:11434/v1 --llm-model NAME policy.html
   drittland check --llm-dry-run --llm-url http://localhost:11434/v1 --llm-model NAME policy.html`,
		Flags: append([]cli.Flag{
			llmFlag(),
			asOfFlag("as-of", "judge by the law of this `DAY` (YYYY-MM-DD, or today; default: the day the text states, else today)"),
			langFlag(), formatFlag(), rulesFlag(), outputFlag(),
			&cli.StringFlag{Name: "fail-on", Value: "error", Usage: "`LEVEL` from which findings make the exit code 3: note, warning, error or none"},
			renderFlag(renderAuto, "read pages with a browser: auto (those that cannot be read without), always or never (`WHEN`)"),
			&cli.BoolFlag{Name: "save", Usage: "keep files and standard input in the archive too"},
			&cli.BoolFlag{Name: "no-save", Usage: "keep nothing in the archive"},
			&cli.StringFlag{Name: "title", Usage: "`TITLE` to show in place of the text's own (one input)"},
		}, llmFlags()...),
		OnUsageError: usageError,
		Action:       t.check,
	}
}

// checking is one run of check.
type checking struct {
	*tool
	c       *cli.Context
	engine  *analyze.Engine
	in      *intake
	asOf    law.Date // zero: the text's own day, else today
	today   law.Date
	failOn  int // rank of a level; above all levels for none
	reports []*analyze.Report
	second  *secondReader    // nil if nobody asked for one
	seconds []*report.Second // what it said of each report
	plans   []*secondPlan    // what it would be asked
	failed  int              // inputs that could not be read
	unkept  error            // why something that was read is not in the archive
}

func (t *tool) check(c *cli.Context) error {
	k, err := t.newChecking(c)
	if err != nil {
		return err
	}
	args := c.Args().Slice()
	if err := k.all(args); err != nil {
		return err
	}
	if len(k.reports) > 0 {
		err := t.write(c, func(w io.Writer) error { return k.print(w, len(args) > 1) })
		if err != nil {
			return err
		}
	}
	k.tellUnjudged()
	switch {
	case k.unkept != nil:
		return k.unkept
	case k.failed > 0:
		return unreadable(fmt.Errorf("%d of %d inputs could not be read", k.failed, len(args)), "")
	}
	for _, r := range k.reports {
		if analyze.Worst(r.Findings).Rank() >= k.failOn {
			return errFindings
		}
	}
	return nil
}

// print writes the reports, or what would be sent in their place.
func (k *checking) print(w io.Writer, list bool) error {
	if k.second != nil && k.second.Dry {
		return k.writePlans(w, k.c, k.plans)
	}
	return k.writeReports(w, k.c, k.reports, k.seconds, list)
}

// all checks the inputs one after another. One of several that cannot be read is told of and counted.
func (k *checking) all(args []string) error {
	bar := k.progress(len(args), "reading policies")
	defer func() { _ = bar.Clear() }()
	for _, arg := range args {
		err := k.one(arg)
		if err := k.c.Context.Err(); err != nil {
			return err
		}
		if err != nil {
			if len(args) == 1 {
				return err
			}
			_ = bar.Clear()
			explain(k.env.Stderr, err)
			k.failed++
		}
		_ = bar.Add(1)
	}
	return nil
}

// onceOnly wants standard input among the arguments once at most.
func onceOnly(args []string) error {
	stdin := 0
	for _, a := range args {
		if a == "-" {
			stdin++
		}
	}
	if stdin > 1 {
		return errors.New("standard input can be read once only")
	}
	return nil
}

// newChecking reads the flags.
func (t *tool) newChecking(c *cli.Context) (*checking, error) {
	k := &checking{tool: t, c: c, today: t.today()}
	bad := func(err error) (*checking, error) { return nil, usage(err, commandName(c)) }
	switch {
	case c.NArg() == 0:
		return bad(fmt.Errorf("name a file or an address to check, or - for standard input"))
	case onceOnly(c.Args().Slice()) != nil:
		return bad(onceOnly(c.Args().Slice()))
	case c.NArg() > 1 && c.IsSet("title"):
		return bad(fmt.Errorf("--title goes with one input"))
	case c.Bool("save") && c.Bool("no-save"):
		return bad(fmt.Errorf("--save and --no-save contradict each other"))
	}
	if err := knownFormat(c.String("format"), "text", "json", "md", "html"); err != nil {
		return bad(err)
	}
	if err := knownRender(c.String("render")); err != nil {
		return bad(err)
	}
	if l := c.String("fail-on"); l == "none" {
		k.failOn = rules.Error.Rank() + 1
	} else if k.failOn = rules.Level(l).Rank(); k.failOn == 0 {
		return bad(fmt.Errorf("--fail-on %s: expected note, warning, error or none", l))
	}
	var err error
	if k.asOf, err = t.dayFlag(c, "as-of"); err != nil {
		return bad(err)
	}
	if k.engine, err = t.engine(c.StringSlice("rules")); err != nil {
		return nil, err
	}
	if k.second, err = t.secondReader(c, k.engine.Rules()); err != nil {
		return nil, err
	}
	k.in = t.newIntake(c)
	return k, nil
}

// one checks one input.
func (k *checking) one(arg string) error {
	in, err := k.in.take(k.c.Context, arg)
	if err != nil {
		return err
	}
	if k.c.IsSet("title") {
		in.Document.Title = k.c.String("title")
	}
	facts := k.engine.Facts(in.Document, in.Annexes...)
	if links := facts.AnnexLinks(); isAddress(arg) && len(links) > 0 {
		k.in.annexes(k.c.Context, in, links)
		facts = k.engine.Facts(in.Document, in.Annexes...)
	}
	facts.Seen = in.seen()
	r := k.engine.Report(facts, analyze.Dates{AsOf: in.day(k.asOf, k.today), Today: k.today})
	r.Document.Name = in.Name
	k.reports = append(k.reports, r)
	k.unkept = errors.Join(k.unkept, k.keep(in, arg))
	return k.readAgain(in.Name, facts, r)
}

// readAgain has a second reader read what was checked, or says what it would be asked, if somebody wants that.
func (k *checking) readAgain(name string, facts *analyze.Facts, r *analyze.Report) error {
	switch {
	case k.second == nil:
		return nil
	case k.second.Dry:
		p, err := k.second.plan(name, facts, r)
		k.plans = append(k.plans, p)
		return err
	}
	x, err := k.second.read(k.c.Context, name, facts, r)
	k.seconds = append(k.seconds, x)
	return err
}

// tellUnjudged says, beside the reports, which texts could not be judged: their silence means nothing.
func (k *checking) tellUnjudged() {
	var names, why []string
	for _, r := range k.reports {
		if !r.Document.Readable {
			names = append(names, r.Document.Name)
			why = append(why, report.Language(r.Document.Language))
		}
	}
	if len(names) == 0 {
		return
	}
	slices.Sort(why)
	list := strings.Join(slices.Compact(why), ", ")
	if len(k.reports) == 1 {
		if k.reports[0].Document.Language == "und" {
			k.say("%s: not judged, its language could not be told; --lang names it", names[0])
		} else {
			k.say("%s: not judged, there are no rules for its language (%s)", names[0], list)
		}
		return
	}
	k.say("%d of %d texts were not judged, there are no rules for their languages (%s)", len(names), len(k.reports), list)
}

// keep saves what was read, as the flags say.
func (k *checking) keep(in *input, arg string) error {
	if in.Capture == nil || k.c.Bool("no-save") || !isAddress(arg) && !k.c.Bool("save") {
		return nil
	}
	if err := k.saveCapture(k.c, in); err != nil {
		return fmt.Errorf("%s was read but could not be kept: %w", in.Name, err)
	}
	return nil
}

// seen is the day on which the text was captured, as far as that is known.
func (in *input) seen() law.Date {
	if in.Date.IsZero() && in.Capture != nil && isAddress(in.Capture.URL) {
		return law.DateOf(in.Capture.At)
	}
	return in.Date
}

// day is the day whose law judges the text: the one asked for, else the one the text states, else today.
func (in *input) day(asked, today law.Date) law.Date {
	if !asked.IsZero() {
		return asked
	}
	if d, err := law.ParseDate(analyze.StatedDay(in.Document, cmp.Or(in.seen(), today))); err == nil {
		return d
	}
	if !in.Date.IsZero() {
		return in.Date
	}
	return today
}
