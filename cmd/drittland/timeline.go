package main

// The command timeline: the history of some terms in one picture.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

func (t *tool) timelineCommand() *cli.Command {
	return &cli.Command{
		Name:      "timeline",
		Usage:     "the history of a service's terms in one picture: what stood from when to when",
		ArgsUsage: "SERVICE [TERMS]",
		Description: `Draws destinations by role, transfer tools and what else the text says of transfers
as bars from the version that first says it to the first that no longer does; with
the versions, the alerts, the times in which nothing could be verified, and the
dates of the law on the same axis: the GDPR, the frameworks with the United States,
the sets of standard contractual clauses, the adequacy of the countries it names.
A country that only a linked page names, or that a seat implies, has a bar of its
own kind. As SVG it fits one page, A4 landscape, and can be read without colours.

Of texts that are served side by side (variants, languages) the bars follow the one
that was served on most days; --variant picks another, and 'drittland log' names
them. They pass over captures that seem to have failed. Where our reading changed
and not the text, bars and versions say so.

A gap is a time without a capture, or only with captures that failed, longer than
twice the usual interval between captures and than a week; 60 days where captures
of our own are too few to tell. Collections record changes only, so that their
silence is no gap.

TERMS is a type of terms; without it the privacy policy is meant.

   drittland timeline Clipzy
   drittland timeline Clipzy --format svg --output clipzy.svg
   drittland timeline Clipzy --from 2020-01-01 --to 2021-12-31
   drittland timeline Clipzy "Terms of Service" --format json | jq '.groups[].rows[].label'
   drittland --locale de timeline Clipzy --variant B`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "`FORM` of the output: text, json or svg"},
			asOfFlag("from", "first `DAY` of the axis (YYYY-MM-DD; default: of the first version)"),
			asOfFlag("to", "last `DAY` of the axis (YYYY-MM-DD; default: today); nothing later counts"),
			&cli.StringFlag{Name: "variant", Usage: "`NAME` of the variant to draw, such as B or B-fr (default: the one served on most days)"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o", "out"}, Usage: "write to `FILE` rather than standard output"},
		},
		OnUsageError: usageError,
		Action:       t.drawTimeline,
	}
}

func (t *tool) drawTimeline(c *cli.Context) error {
	if c.NArg() != 1 && c.NArg() != 2 {
		return usage(errors.New("name a service, and its terms if it has several"), commandName(c))
	}
	form := c.String("format")
	if err := knownFormat(form, "text", "json", "svg"); err != nil {
		return usage(err, commandName(c))
	}
	from, until, err := t.axisFlags(c)
	if err != nil {
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
	last := ""
	if !until.IsZero() {
		last = until.Format(time.DateOnly)
	}
	if _, err := h.lineCalled(c.String("variant")).index(last); err != nil { // nothing could be read yet, or not until then
		return err
	}
	rec, err := s.record(c.Context, h.lineCalled(c.String("variant")), rows)
	if err != nil {
		return err
	}
	rec.From, rec.Until = from, until
	if rec.Variant, err = variantFlag(c, rec); err != nil {
		return err
	}
	line := report.NewTimeline(t.words, rec)
	return t.write(c, func(w io.Writer) error {
		switch form {
		case "json":
			return report.JSON(w, line)
		case "svg":
			return report.TimelineSVG(w, line)
		}
		return report.TimelineText(w, line, t.styleFor(c))
	})
}

// axisFlags reads from which moment to which a timeline goes, UTC; zero where it is not said.
func (t *tool) axisFlags(c *cli.Context) (from, until time.Time, err error) {
	first, err := t.dayFlag(c, "from")
	if err != nil {
		return from, until, err
	}
	last, err := t.dayFlag(c, "to")
	if err != nil {
		return from, until, err
	}
	switch {
	case !last.IsZero() && last.Before(first):
		return from, until, fmt.Errorf("--from %s is after --to %s", first, last)
	case t.today().Before(first):
		return from, until, fmt.Errorf("--from %s is not yet", first)
	}
	if !first.IsZero() {
		from = beginning(first)
	}
	if !last.IsZero() {
		until = beginning(last.AddDays(1)).Add(-time.Second)
	}
	return from, until, nil
}

// beginning is the first moment of a day, UTC.
func beginning(d law.Date) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

// variantFlag reads the name of a variant that the record has.
func variantFlag(c *cli.Context, rec *report.Record) (string, error) {
	want := c.String("variant")
	if want == "" {
		return "", nil
	}
	var names []string
	for _, e := range rec.Events {
		if strings.EqualFold(e.Variant, want) {
			return e.Variant, nil
		}
		if e.Variant != "" && !slices.Contains(names, e.Variant) {
			names = append(names, e.Variant)
		}
	}
	if len(names) == 0 {
		return "", &coded{fmt.Errorf("%s has no variants", rec.Terms), exitUsage, "leave out --variant"}
	}
	slices.Sort(names)
	return "", &coded{fmt.Errorf("%s has no variant %q", rec.Terms, want), exitUsage, "it has " + strings.Join(names, ", ")}
}

// lineCalled is the line of a history in which the variant called name stands: that of the wanted text, unless it was recorded apart.
func (h *history) lineCalled(name string) *history {
	name, _, _ = strings.Cut(name, "/")
	for _, x := range h.Variants {
		if strings.EqualFold(x.Variant, name) {
			return x
		}
	}
	return h
}

// record gathers what a timeline needs of a line.
func (s *store) record(ctx context.Context, h *history, rows []row) (*report.Record, error) {
	rec := &report.Record{Terms: h.Terms, Now: s.env.Now().UTC()}
	broken := map[string]bool{}
	for i := range rows {
		r := &rows[i]
		if r.Number == 0 || r.Again || r.Line != h.Variant {
			continue
		}
		lost := r.Cause != snapshots.Law && (r.Loss != "" || r.Waits)
		broken[r.Version] = broken[r.Version] || lost
		rec.Events = append(rec.Events, report.Event{Number: r.Number, ID: r.Version, At: r.Date, Cause: r.Cause, Class: r.Class, Why: r.Why,
			Alert: r.Alert, Variant: r.Variant, Broken: lost, Transfers: r.Transfers, Law: r.Law})
	}
	err := s.look(func(a *archive.Archive) error {
		for v, err := range a.Versions(h.Terms) {
			ours := v.Origin == nil && !v.Others
			switch {
			case err != nil:
				return err
			case v.Variant != h.Variant:
				rec.Failed = append(rec.Failed, report.Miss{At: v.Date, Why: "variant " + v.Variant, Ours: ours})
			case broken[v.ID]:
				rec.Failed = append(rec.Failed, report.Miss{At: v.Date, Why: "capture that seems to have failed", Ours: ours})
			case holdsText(v) || v.Refused == unchanged:
				rec.Seen = append(rec.Seen, report.Sight{At: v.Date, Ours: ours})
			default:
				rec.Failed = append(rec.Failed, report.Miss{At: v.Date, Why: v.Refused, Ours: ours})
			}
		}
		for x, err := range a.Attempts(h.Terms) {
			if err != nil {
				return err
			}
			if x.AnnexOf == "" {
				rec.Failed = append(rec.Failed, report.Miss{At: x.At, Why: x.Kind, Ours: true})
			}
		}
		return ctx.Err()
	})
	slices.SortStableFunc(rec.Failed, func(a, b report.Miss) int { return a.At.Compare(b.At) })
	return rec, err
}
