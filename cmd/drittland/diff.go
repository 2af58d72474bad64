package main

// The command diff: what changed between two texts, and what that did to transfers.

import (
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/fetch/extract"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
)

func (t *tool) diffCommand() *cli.Command {
	return &cli.Command{
		Name:      "diff",
		Usage:     "compare two texts: the class of the change, the facts that changed, the redline",
		ArgsUsage: "OLD NEW",
		Description: `OLD and NEW are files, addresses, - for standard input, or versions of a tracked
service (Clipzy@3; see 'drittland log'). Blocks are aligned first and words
compared within them; moved blocks are shown as moved, unchanged parts are left out.

   drittland diff old.html new.html
   drittland diff Clipzy@1 Clipzy@2
   drittland diff --format html -o change.html old.md new.md
   drittland diff --format docx -o change.docx old.md new.md
   drittland diff --format json old.md new.md | jq .countries_added

DOCX is for Word and LibreOffice: the whole text with tracked changes, findings as
comments. Accepting all changes gives the new text, rejecting all the old one.

Each text is judged by the law of its own day, if it states one, else of today.

With --llm a model reads the new text, too, and its opinions stand beside the findings
(see 'drittland check --help'); the old text is not sent.`,
		Flags: append([]cli.Flag{
			llmFlag(),
			asOfFlag("as-of", "judge the new text by the law of this `DAY` (YYYY-MM-DD)"),
			asOfFlag("as-of-old", "judge the old text by the law of this `DAY`"),
			langFlag(), diffFormatFlag(), rulesFlag(), outputFlag(),
		}, llmFlags()...),
		OnUsageError: usageError,
		Action:       t.diff,
	}
}

func diffFormatFlag() cli.Flag {
	return &cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "`FORM` of the output: text, json, md, html or docx"}
}

func (t *tool) diff(c *cli.Context) error {
	if c.NArg() != 2 {
		return usage(fmt.Errorf("diff takes two texts, OLD and NEW; %d given", c.NArg()), commandName(c))
	}
	if c.Args().Get(0) == "-" && c.Args().Get(1) == "-" {
		return usage(fmt.Errorf("standard input can be read once only"), commandName(c))
	}
	if err := knownFormat(c.String("format"), "text", "json", "md", "html", "docx"); err != nil {
		return usage(err, commandName(c))
	}
	if err := t.notDOCX(c); err != nil {
		return err
	}
	asked, err := t.bothDays(c)
	if err != nil {
		return err
	}
	engine, err := t.engine(c.StringSlice("rules"))
	if err != nil {
		return err
	}
	reader, err := t.secondReader(c, engine.Rules())
	if err != nil {
		return err
	}
	sides, err := t.sides(c)
	if err != nil {
		return err
	}
	var facts [2]*analyze.Facts
	var days [2]law.Date
	for i, x := range sides {
		facts[i], days[i] = engine.Facts(x.Document, x.Annexes...), x.day(asked[i], t.today())
		facts[i].Seen = x.seen()
	}
	cmp := engine.Compare(facts[0], facts[1], days[0], analyze.Dates{AsOf: days[1], Today: t.today()})
	if err := t.store(c).markReference(c.Args().Get(1), cmp.Appeared); err != nil {
		return err
	}
	cmp.Old.Name, cmp.New.Name = c.Args().Get(0), c.Args().Get(1)
	if reader == nil {
		return t.write(c, func(w io.Writer) error { return t.writeComparison(w, c, cmp, nil) })
	}
	return t.diffRead(c, reader, cmp, facts[1], engine.Report(facts[1], analyze.Dates{AsOf: days[1], Today: t.today()}))
}

// diffRead writes a comparison with what a second reader says of the new text, or what it would be asked.
func (t *tool) diffRead(c *cli.Context, reader *secondReader, cmp *analyze.Comparison, facts *analyze.Facts, r *analyze.Report) error {
	if reader.Dry {
		p, err := reader.plan(cmp.New.Name, facts, r)
		if err != nil {
			return err
		}
		return t.write(c, func(w io.Writer) error { return t.writePlans(w, c, []*secondPlan{p}) })
	}
	second, err := reader.read(c.Context, cmp.New.Name, facts, r)
	if err != nil {
		return err
	}
	return t.write(c, func(w io.Writer) error { return t.writeComparison(w, c, cmp, second) })
}

// sides reads the two texts. One of them may hold nothing: a page that was captured empty is a version of its
// history, and the comparison says what it is.
func (t *tool) sides(c *cli.Context) (sides [2]*input, err error) {
	in := t.newIntake(c)
	empty := 0
	for i := range sides {
		name := c.Args().Get(i)
		sides[i], err = in.take(c.Context, name)
		if errors.Is(err, errEmpty) || errors.Is(err, extract.ErrEmpty) {
			if empty++; empty < len(sides) {
				t.say("%s holds no text", name)
				sides[i], err = &input{Name: name, Document: &snapshots.Document{Language: "und"}}, nil
			}
		}
		if err != nil {
			return sides, err
		}
	}
	return sides, nil
}

// writeComparison writes a comparison in the form that --format asks for, with what a second reader said of the new text, if it was asked.
func (t *tool) writeComparison(w io.Writer, c *cli.Context, cmp *analyze.Comparison, second *report.Second) error {
	switch c.String("format") {
	case "json":
		return report.CompareJSON(w, cmp, second)
	case "md":
		return report.CompareMarkdown(w, cmp, second)
	case "html":
		return report.CompareHTML(w, cmp, second)
	case "docx":
		return report.CompareDOCX(w, cmp, report.DOCX{Second: second})
	}
	return report.CompareText(w, cmp, t.styleFor(c), second)
}
