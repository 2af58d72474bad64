package main

// The command variants: the texts that a service serves side by side under one name, and in what they differ on transfers.

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/snapshots/archive"
)

func (t *tool) variantsCommand() *cli.Command {
	return &cli.Command{
		Name:      "variants",
		Usage:     "texts that a service serves side by side, and in what they differ on transfers",
		ArgsUsage: "SERVICE [TERMS]",
		Description: `One address may give several texts: by language, by region, by device, or to some
readers only. Texts in another language than the wanted one, or from an address for
another region, are recorded apart and named after these, such as de or en-US; their
versions are called de:1, de:2 and so on. Others are told by the history, in which one
text and another come back in turn, and have letters. The one with most versions, of the
wanted text, is the first; of the others the list says what they state on transfers that it does
not (+), and what they do not state (–).

   drittland variants Clipzy
   drittland show Clipzy de:1
   drittland diff Clipzy@-1 Clipzy@de:-1`,
		Flags:        []cli.Flag{&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "`FORM` of the output: text or json"}},
		OnUsageError: usageError,
		Action:       t.variants,
	}
}

// A variant is one of the texts that are served under one name.
type variant struct {
	Name     string               `json:"variant,omitempty"` // "" if there is one only
	Language string               `json:"language"`
	Versions int                  `json:"versions"` // that are of it
	First    time.Time            `json:"first"`
	Last     time.Time            `json:"last"`
	Number   string               `json:"last_version"` // as commands take it
	Words    int                  `json:"words"`        // that differ from the first variant's text
	Against  []analyze.FactChange `json:"facts"`        // on transfers, that the first variant does not state (added) or states alone (removed)
	Apart    bool                 `json:"apart"`        // whether it is recorded apart, in place of the wanted text
	last     string               // ID of its last version
}

func (t *tool) variants(c *cli.Context) error {
	if c.NArg() < 1 || c.NArg() > 2 {
		return usage(errors.New("name a service, and its terms if it has several"), commandName(c))
	}
	if err := knownFormat(c.String("format"), "text", "json"); err != nil {
		return usage(err, commandName(c))
	}
	engine, err := t.engine(nil)
	if err != nil {
		return err
	}
	s := t.store(c)
	h, rows, err := s.timeline(c.Context, engine, c.Args().Get(0), c.Args().Get(1))
	if err != nil {
		return err
	}
	list := variantsOf(rows)
	if err := s.compareVariants(c.Context, engine, list); err != nil {
		return err
	}
	if c.String("format") == "json" {
		return report.JSON(t.env.Stdout, list)
	}
	return t.printVariants(h, list)
}

// variantsOf gathers the variants of rows, those of the wanted text first and of these the one with most versions.
func variantsOf(rows []row) []*variant {
	list := []*variant{}
	for _, r := range rows {
		if !r.ofVersion() || r.Loss != "" {
			continue
		}
		i := slices.IndexFunc(list, func(x *variant) bool { return x.Name == r.Variant })
		if i < 0 {
			i = len(list)
			list = append(list, &variant{Name: r.Variant, First: r.Date, Apart: r.Line != "", Against: []analyze.FactChange{}})
		}
		x := list[i]
		x.Versions++
		x.Last, x.Language, x.last, x.Number = r.Date, r.Language, r.Version, r.reference()
	}
	slices.SortStableFunc(list, func(a, b *variant) int {
		switch {
		case a.Apart == b.Apart:
			return b.Versions - a.Versions
		case a.Apart:
			return 1
		}
		return -1
	})
	return list
}

// reference is the number of a row's version as commands take it.
func (r *row) reference() string {
	if r.Line != "" {
		return fmt.Sprintf("%s:%d", r.Line, r.Number)
	}
	return fmt.Sprint(r.Number)
}

// compareVariants finds in what the last texts of variants differ from that of the first.
func (s *store) compareVariants(ctx context.Context, engine *analyze.Engine, list []*variant) error {
	if len(list) < 2 {
		return nil
	}
	return s.look(func(a *archive.Archive) error {
		var first subject
		for i, x := range list {
			if err := ctx.Err(); err != nil {
				return err
			}
			v, err := a.Version(x.last)
			if err != nil {
				return err
			}
			now, err := newSubject(a, engine, v)
			if err != nil {
				return err
			}
			if i == 0 {
				first = now
				continue
			}
			today := s.today()
			c := engine.Compare(first.facts, now.facts, today, analyze.Dates{AsOf: today, Today: today})
			x.Words, x.Against = c.Redline.Counts.WordsAdded+c.Redline.Counts.WordsRemoved, c.FactsChanged
		}
		return nil
	})
}

func (t *tool) printVariants(h *history, list []*variant) error {
	if len(list) < 2 {
		t.say("all versions of %s are of one text", h.Terms)
		return nil
	}
	w := bufio.NewWriter(t.env.Stdout)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, t.head("VARIANT", "LANGUAGE", "VERSIONS", "FIRST", "LAST", "LAST VERSION"))
	for _, x := range list {
		fmt.Fprintf(table, "%s\t%s\t%d\t%s\t%s\t%s\n", t.nameOf(x), report.Line(x.Language), x.Versions, x.First.Format(time.DateOnly), x.Last.Format(time.DateOnly), report.Line(x.Number))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, x := range list[1:] {
		lines := factLines(t.words, x.Against)
		if len(lines) == 0 {
			lines = []string{t.words.T("the same on transfers")}
		}
		fmt.Fprintf(w, "\n%s\n    %s\n", t.words.F("%s against %s (words: %d):", t.nameOf(x), t.nameOf(list[0]), x.Words), strings.Join(lines, "\n    "))
	}
	return w.Flush()
}

// nameOf is the name of a variant as people read it.
func (t *tool) nameOf(x *variant) string {
	if x.Name == "" {
		return t.words.T("wanted")
	}
	return report.Line(x.Name)
}
