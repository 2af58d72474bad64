package main

// The command stats: how noisy a collection is, and how much of that becomes alerts.

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

func (t *tool) statsCommand() *cli.Command {
	return &cli.Command{
		Name:  "stats",
		Usage: "counts over everything in the archive",
		Subcommands: []*cli.Command{{
			Name:  "alerts",
			Usage: "how many versions there are, of which class, and how many are alerts",
			Description: `Goes through the history of all terms of a type, without it the privacy policies,
and counts their versions by class, the alerts, and the terms that make most of
them. A first version, and a capture that was refused, is no change. The first time
this reads and compares every version; the next time it is quick.

   drittland stats alerts
   drittland stats alerts --since 2025-01-01
   drittland stats alerts --type "Terms of Service" --format json`,
			Flags: []cli.Flag{
				&cli.StringFlag{Name: "type", Value: defaultType, Usage: "`TYPE` of terms; all means every type"},
				asOfFlag("since", "only versions of this `DAY` and later"),
				&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "`FORM` of the output: text or json"},
			},
			OnUsageError: usageError,
			Action:       t.statsAlerts,
		}},
	}
}

// A tally is what the versions of a collection came to.
type tally struct {
	Terms    int          `json:"terms"`
	Versions int          `json:"versions"`
	Firsts   int          `json:"first_versions"`
	Refused  int          `json:"refused"` // captures that made no version
	Changes  int          `json:"changes"` // versions that follow another
	Alerts   int          `json:"alerts"`
	Law      int          `json:"other_alerts"` // the law changed, or a text was read again, while it stood
	Classes  []classTally `json:"classes"`
	Loudest  []termsTally `json:"loudest"` // the terms with most alerts, at most maxLoudest
}

type classTally struct {
	Class   string `json:"class"`
	Changes int    `json:"changes"`
	Alerts  int    `json:"alerts"`
}

type termsTally struct {
	snapshots.Terms
	Changes int `json:"changes"`
	Alerts  int `json:"alerts"`
}

const maxLoudest = 10

func (t *tool) statsAlerts(c *cli.Context) error {
	if c.NArg() > 0 {
		return usage(errors.New("takes no arguments"), commandName(c))
	}
	if err := knownFormat(c.String("format"), "text", "json"); err != nil {
		return usage(err, commandName(c))
	}
	since, err := t.dayFlag(c, "since")
	if err != nil {
		return err
	}
	engine, err := t.engine(nil)
	if err != nil {
		return err
	}
	s := t.store(c)
	var all []snapshots.Terms
	err = s.read(c.Context, func(a *archive.Archive) (err error) { all, err = a.Terms(); return err })
	if err != nil {
		return err
	}
	typ := c.String("type")
	all = slices.DeleteFunc(all, func(x snapshots.Terms) bool { return !strings.EqualFold(x.Type, typ) && typ != "all" })
	if len(all) == 0 {
		return &coded{fmt.Errorf("the archive holds no terms of type %q", typ), exitUsage, "'drittland log' lists what it holds"}
	}
	sum := &tally{}
	bar := t.progress(len(all), "reading histories")
	defer bar.Clear()
	silent := *t
	silent.env.Stderr, silent.env.ErrTerminal = io.Discard, false // the bar of each history, and which terms are meant
	each := &store{tool: &silent, dir: s.dir, objs: s.objs, key: s.key}
	for _, terms := range all {
		_, rows, err := each.timeline(c.Context, engine, terms.Service, terms.Type)
		if err != nil {
			return err
		}
		sum.add(terms, rows, since)
		_ = bar.Add(1)
	}
	_ = bar.Clear()
	sum.sort()
	if c.String("format") == "json" {
		return report.JSON(t.env.Stdout, sum)
	}
	return t.printTally(sum)
}

// add takes up the rows of some terms.
func (x *tally) add(terms snapshots.Terms, rows []row, since law.Date) {
	own := termsTally{Terms: terms}
	for _, r := range rows {
		if law.DateOf(r.Date).Before(since) {
			continue
		}
		switch {
		case r.Cause == snapshots.Law, r.Again:
			if r.Alert {
				x.Law++
			}
			continue
		case r.Refused != "":
			x.Refused++
			continue
		case r.Cause == snapshots.First:
			x.Versions++
			x.Firsts++
			continue
		}
		x.Versions++
		own.Changes++
		i := slices.IndexFunc(x.Classes, func(k classTally) bool { return k.Class == r.Class })
		if i < 0 {
			i = len(x.Classes)
			x.Classes = append(x.Classes, classTally{Class: r.Class})
		}
		x.Classes[i].Changes++
		if r.Alert {
			x.Classes[i].Alerts++
			own.Alerts++
		}
	}
	x.Terms++
	x.Changes += own.Changes
	x.Alerts += own.Alerts
	x.Loudest = append(x.Loudest, own)
}

// sort puts the most first.
func (x *tally) sort() {
	slices.SortStableFunc(x.Classes, func(a, b classTally) int { return b.Changes - a.Changes })
	slices.SortStableFunc(x.Loudest, func(a, b termsTally) int { return b.Alerts - a.Alerts })
	x.Loudest = slices.DeleteFunc(x.Loudest, func(k termsTally) bool { return k.Alerts == 0 })
	x.Loudest = x.Loudest[:min(len(x.Loudest), maxLoudest)]
	if x.Classes == nil {
		x.Classes = []classTally{}
	}
}

func (t *tool) printTally(x *tally) error {
	w := bufio.NewWriter(t.env.Stdout)
	fmt.Fprintf(w, "%s\n", t.words.F("terms: %d, versions: %d, first versions: %d; changes: %d, alerts among them: %d (%s)",
		x.Terms, x.Versions, x.Firsts, x.Changes, x.Alerts, percent(x.Alerts, x.Changes)))
	if x.Refused+x.Law > 0 {
		fmt.Fprintf(w, "%s\n", t.words.F("besides, captures that were refused: %d; alerts on text that stood, by a change of the law or of the reading: %d", x.Refused, x.Law))
	}
	fmt.Fprintln(w)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, t.head("CLASS", "CHANGES", "SHARE", "ALERTS"))
	for _, k := range x.Classes {
		fmt.Fprintf(table, "%s\t%d\t%s\t%d\n", k.Class, k.Changes, percent(k.Changes, x.Changes), k.Alerts)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if len(x.Loudest) > 0 {
		fmt.Fprintln(w)
		fmt.Fprintln(table, t.head("MOST ALERTS", "CHANGES", "ALERTS"))
		for _, k := range x.Loudest {
			fmt.Fprintf(table, "%s\t%d\t%d\n", report.Line(k.Terms.String()), k.Changes, k.Alerts)
		}
	}
	return errors.Join(table.Flush(), w.Flush())
}

func percent(n, of int) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(of))
}
