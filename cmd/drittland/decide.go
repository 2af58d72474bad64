package main

// The command decide: a person's judgement on findings or on a change is recorded.

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

func (t *tool) decideCommand() *cli.Command {
	return &cli.Command{
		Name:      "decide",
		Usage:     "record what you make of a finding, or of the change that a version brought",
		ArgsUsage: "SERVICE[@VERSION] [TERMS]",
		Description: `A decision is about words: of a finding, the passage that it quotes; of a change, the
words that went and came. It holds while they stand, however the text around them
changes, or until a day that you name. Reports go on showing the finding, with the
decision beside it. VERSION is the one you looked at, as 'drittland show' takes it; the
last one without it.

Nothing is ever erased: a later decision on the same revises yours, --withdraw takes
it back, and 'drittland decisions' shows them all. A decision of somebody else is
revised only if you name its ID with --revises, so that you have seen it. You are
named by a handle of letters, digits and . _ - alone: it stays in the archive for
good, so it is no address.

   drittland decide Clipzy --finding T07 --as relevant --note "asked them for the list"
   drittland decide Clipzy@3 --change --as not-relevant
   drittland decide Clipzy --finding T07 --finding T12 --as second-look --until 2027-01-31
   drittland decide Clipzy --finding T07 --withdraw
   drittland decisions Clipzy`,
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "finding", Usage: "`ID` of a finding, such as T07, or the beginning of its fingerprint; may be repeated"},
			&cli.BoolFlag{Name: "change", Usage: "decide on the change that the version brought"},
			&cli.StringFlag{Name: "as", Usage: "`JUDGEMENT`: relevant, not-relevant, second-look or escalated"},
			&cli.StringFlag{Name: "note", Usage: "why, in your own `WORDS`; at most 4,000 bytes"},
			&cli.StringFlag{Name: "until", Usage: "last `DAY` (YYYY-MM-DD) on which it holds; without it, as long as the words stand"},
			&cli.StringFlag{Name: "by", Usage: "your `HANDLE`; without it DRITTLAND_REVIEWER of the environment, else the name under which you are logged in"},
			&cli.StringSliceFlag{Name: "revises", Usage: "`ID` of a decision of somebody else that you have seen and revise; may be repeated"},
			&cli.BoolFlag{Name: "withdraw", Usage: "take the last decision back"},
		},
		OnUsageError: usageError,
		Action:       t.decide,
	}
}

// judgementNames are judgements as --as takes them.
var judgementNames = map[string]snapshots.Judgement{"relevant": snapshots.Relevant, "not-relevant": snapshots.NotRelevant,
	"second-look": snapshots.SecondLook, "escalated": snapshots.Escalated}

func (t *tool) decide(c *cli.Context) error {
	if c.NArg() < 1 || c.NArg() > 2 {
		return usage(errors.New("name a service, and its terms if it has several"), commandName(c))
	}
	draft, err := t.draftDecision(c)
	if err != nil {
		return usage(err, commandName(c))
	}
	engine, err := t.engine(nil)
	if err != nil {
		return err
	}
	service, typ, spec, ok := cutReference(c.Args().Get(0))
	if !ok {
		service = c.Args().Get(0)
	}
	if c.NArg() == 2 {
		typ = c.Args().Get(1)
	}
	s := t.store(c)
	x, err := s.looked(c.Context, engine, service, typ, spec)
	if err != nil {
		return err
	}
	list, err := x.drafted(draft, c.StringSlice("finding"), c.Bool("change"))
	if err != nil {
		return err
	}
	for i := range list {
		if list[i].Revises, err = x.revises(&list[i], c.StringSlice("revises")); err != nil {
			return err
		}
	}
	return s.write(func(a *archive.Archive) error {
		for _, d := range list {
			d, err := a.PutDecision(d)
			if err != nil {
				return err
			}
			fmt.Fprintf(t.env.Stdout, "%s  %s  %s  [%s]\n", report.Line(d.Terms.String()), report.Line(t.matter(d.About, d.Check)), report.Decision(t.words, &d), d.ID)
		}
		return nil
	})
}

// draftDecision is what the flags say of a decision, whatever it is about.
func (t *tool) draftDecision(c *cli.Context) (d snapshots.Decision, err error) {
	d = snapshots.Decision{Note: c.String("note"), Until: c.String("until"), At: t.env.Now(), Withdrawn: c.Bool("withdraw")}
	d.Judgement = judgementNames[c.String("as")]
	switch {
	case c.Bool("change") == (len(c.StringSlice("finding")) > 0):
		return d, errors.New("say what you decide on: --finding ID, or --change")
	case d.Withdrawn && c.IsSet("as"):
		return d, errors.New("--withdraw takes a decision back and needs no --as")
	case !d.Withdrawn && d.Judgement == "":
		return d, fmt.Errorf("--as %q: say relevant, not-relevant, second-look or escalated", c.String("as"))
	case len(d.Note) > snapshots.MaxNote:
		return d, fmt.Errorf("the note has %d bytes, at most %d are kept", len(d.Note), snapshots.MaxNote)
	}
	if d.Until != "" {
		day, err := law.ParseDate(d.Until)
		if err != nil {
			return d, fmt.Errorf("--until %s is no day: YYYY-MM-DD", d.Until)
		}
		if day.Before(t.today()) {
			return d, fmt.Errorf("--until %s is over", d.Until)
		}
	}
	d.By, err = t.handle(c.String("by"))
	if err == nil && d.By == "" {
		err = errors.New("say who decides: --by HANDLE, or DRITTLAND_REVIEWER in the environment")
	}
	return d, err
}

// handle is the handle of the person who decides: as given, of the environment, or of the log-in; "" if there is none.
func (t *tool) handle(given string) (string, error) {
	for _, s := range []string{given, t.env.Getenv("DRITTLAND_REVIEWER")} {
		if s != "" && !snapshots.Handle(s) {
			return "", fmt.Errorf("%.80q is no handle: at most %d letters (a to z), digits and . _ - alone", s, snapshots.MaxHandle)
		}
		if s != "" {
			return s, nil
		}
	}
	for _, name := range []string{"USER", "LOGNAME", "USERNAME"} {
		if s := t.env.Getenv(name); snapshots.Handle(s) {
			return s, nil
		}
	}
	return "", nil
}

// drafted are the decisions on the findings that are named, or on the change.
func (x *looked) drafted(draft snapshots.Decision, names []string, change bool) ([]snapshots.Decision, error) {
	v := x.Versions[x.number]
	draft.Terms, draft.Variant, draft.Version = x.Terms, x.Variant, v.ID
	if change {
		draft.About, draft.Fingerprint, draft.Quote = snapshots.AboutChange, x.row.fingerprint(), quoteOf(&x.row)
		if x.row.Fingerprint == "" {
			return nil, &coded{fmt.Errorf("version %d of %s changed nothing that could be decided on", x.number+1, x.Terms), exitFailed, ""}
		}
		return []snapshots.Decision{draft}, nil
	}
	draft.About = snapshots.AboutFinding
	var out []snapshots.Decision
	for _, name := range names {
		d, err := x.finding(draft, name)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(out, func(o snapshots.Decision) bool { return o.Fingerprint == d.Fingerprint }) {
			out = append(out, d)
		}
	}
	return out, nil
}

// quoteOf is what a change is about: words that came or went with a fact, else why it has its class.
func quoteOf(r *row) string {
	for _, f := range r.Facts {
		if f.Quote != "" {
			return f.Quote
		}
	}
	return r.Why
}

// minPrint is the fewest digits of a fingerprint that name it.
const minPrint = 6

// finding completes draft with the finding that name means: the ID of its check, or the beginning of its fingerprint. One that
// stands no longer is found by the decisions on it.
func (x *looked) finding(draft snapshots.Decision, name string) (snapshots.Decision, error) {
	var found []snapshots.Decision
	add := func(fingerprint, check, quote string) {
		d := draft
		d.Fingerprint, d.Check, d.Quote = fingerprint, check, quote
		if !slices.ContainsFunc(found, func(o snapshots.Decision) bool { return o.Fingerprint == fingerprint }) {
			found = append(found, d)
		}
	}
	digits := len(name) >= minPrint && strings.Trim(name, "0123456789abcdef") == ""
	for _, f := range x.findings {
		if strings.EqualFold(f.ID, name) || digits && strings.HasPrefix(f.Fingerprint, name) {
			add(f.Fingerprint, f.ID, f.Quote)
		}
	}
	for _, d := range x.all {
		if digits && d.About == snapshots.AboutFinding && strings.HasPrefix(d.Fingerprint, name) {
			add(d.Fingerprint, d.Check, d.Quote)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return draft, &coded{fmt.Errorf("version %d of %s has no finding %.40q", x.number+1, x.Terms, name), exitUsage,
			"'drittland show " + x.Terms.Service + " --format report' lists its findings"}
	}
	return draft, &coded{fmt.Errorf("%.40q means several findings of version %d of %s", name, x.number+1, x.Terms), exitUsage, "give more of the fingerprint"}
}

// revises is the decision that d revises, "" for none. One of somebody else must be among those that were named.
func (x *looked) revises(d *snapshots.Decision, named []string) (string, error) {
	before := x.desk.On(d.Fingerprint)
	if len(before) == 0 {
		if d.Withdrawn {
			return "", &coded{fmt.Errorf("there is no decision on this %s to withdraw", d.About), exitFailed, ""}
		}
		return "", nil
	}
	last := before[len(before)-1]
	switch {
	case d.Withdrawn && last.Withdrawn:
		return "", &coded{fmt.Errorf("decision %s on this %s is withdrawn already", last.Revises, d.About), exitFailed, ""}
	case last.By == d.By, last.Withdrawn, slices.Contains(named, last.ID):
		return last.ID, nil
	}
	return "", &archive.ErrRevised{Last: last}
}
