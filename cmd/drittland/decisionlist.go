package main

// The command decisions: what people decided, with how it stands today.

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/desk"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// decisionsSchema names the form of the list as JSON.
const decisionsSchema = "drittland/decisions/1"

func (t *tool) decisionsCommand() *cli.Command {
	return &cli.Command{
		Name:      "decisions",
		Usage:     "what was decided on findings and changes, and whether it still holds",
		ArgsUsage: "[SERVICE [TERMS]]",
		Description: `Lists each finding and change on which somebody has decided, with its state today:

   decided           the last decision holds
   lapsed-by-words   the words that were decided on stand no longer
   lapsed-by-date    the decision held until a day, and that is over
   withdrawn         the decision was taken back
   open              nobody has decided; listed with --state open only

Open are the findings of the last version of each text, and changes that are an alert.
All decisions on the same stand below each other, the last one at the end.

   drittland decisions
   drittland decisions Clipzy --state open
   drittland decisions --state lapsed-by-date --state lapsed-by-words --format json`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "`FORM` of the output: text or json"},
			&cli.StringSliceFlag{Name: "state", Usage: "only those in this `STATE`; may be repeated"},
		},
		OnUsageError: usageError,
		Action:       t.decisions,
	}
}

// A decisionList is all that the command lists.
type decisionList struct {
	Schema  string    `json:"schema"`
	Today   string    `json:"today"`
	Matters []decided `json:"matters"`
}

// A decided matter is a finding or a change with what was decided on it.
type decided struct {
	Terms       snapshots.Terms      `json:"terms"`
	Variant     string               `json:"variant,omitempty"`
	About       string               `json:"about"` // finding or change
	Fingerprint string               `json:"fingerprint"`
	State       desk.State           `json:"state"`
	Check       string               `json:"check,omitempty"`
	Level       rules.Level          `json:"level,omitempty"` // of a finding that stands
	Version     string               `json:"version"`         // ID of the version that was looked at last; of one that is open, of the one that it stands in
	Quote       string               `json:"quote,omitempty"`
	Decision    *snapshots.Decision  `json:"decision,omitempty"` // the last one, whether it holds or not
	Earlier     []snapshots.Decision `json:"earlier,omitempty"`  // those before it, oldest first
}

func (t *tool) decisions(c *cli.Context) error {
	if c.NArg() > 2 {
		return usage(errors.New("name a service, and its terms if it has several"), commandName(c))
	}
	if err := knownFormat(c.String("format"), "text", "json"); err != nil {
		return usage(err, commandName(c))
	}
	var states []desk.State
	for _, s := range c.StringSlice("state") {
		if !slices.Contains(desk.States, desk.State(s)) {
			return usage(fmt.Errorf("--state %q is none of: %s", s, strings.Trim(fmt.Sprint(desk.States), "[]")), commandName(c))
		}
		states = append(states, desk.State(s))
	}
	engine, err := t.engine(nil)
	if err != nil {
		return err
	}
	s := t.store(c)
	list := decisionList{Schema: decisionsSchema, Today: t.today().String(), Matters: []decided{}}
	terms, err := s.termsToList(c.Context, c.Args().Get(0), c.Args().Get(1))
	if err != nil {
		return err
	}
	for _, x := range terms {
		matters, err := s.mattersOf(c.Context, engine, x, slices.Contains(states, desk.Open))
		if err != nil {
			return err
		}
		list.Matters = append(list.Matters, matters...)
	}
	if len(states) > 0 {
		list.Matters = slices.DeleteFunc(list.Matters, func(d decided) bool { return !slices.Contains(states, d.State) })
	}
	if c.String("format") == "json" {
		return report.JSON(t.env.Stdout, list)
	}
	return t.printDecisions(list.Matters)
}

// termsToList are all terms in the archive, of one service if it is named, or the terms that are named.
func (s *store) termsToList(ctx context.Context, service, typ string) (out []snapshots.Terms, err error) {
	err = s.read(ctx, func(a *archive.Archive) error {
		all, err := a.Terms()
		if err != nil || service == "" {
			out = all
			return err
		}
		if typ != "" {
			found, _, err := findTerms(a, service, typ)
			out = []snapshots.Terms{found}
			return err
		}
		for _, x := range all {
			if strings.EqualFold(x.Service, service) {
				out = append(out, x)
			}
		}
		if len(out) == 0 {
			return unknownService(all, service)
		}
		return nil
	})
	return out, err
}

// mattersOf are those of some terms on which somebody has decided; with open also those on which nobody has.
func (s *store) mattersOf(ctx context.Context, engine *analyze.Engine, terms snapshots.Terms, open bool) ([]decided, error) {
	var all []snapshots.Decision
	if err := s.look(func(a *archive.Archive) (err error) { all, err = gathered(a.Decisions(terms)); return err }); err != nil {
		return nil, err
	}
	if len(all) == 0 && !open {
		return nil, nil
	}
	h, rows, err := s.timeline(ctx, engine, terms.Service, terms.Type)
	if err != nil {
		return nil, err
	}
	var out []decided
	err = s.look(func(a *archive.Archive) error {
		for _, line := range h.lines() {
			x := &looked{history: line, rows: rows, desk: desk.Join(desk.OfVariant(all, line.Variant), nil, s.today())}
			if len(line.Versions) > 0 {
				if x, err = s.lookAt(a, engine, line, line.standing(rows), rows, all); err != nil {
					return err
				}
			}
			out = append(out, x.matters(open)...)
		}
		return ctx.Err()
	})
	return out, err
}

// matters are those on which somebody has decided; with open also those on which nobody has.
func (x *looked) matters(open bool) []decided {
	var out []decided
	for _, m := range x.desk.Matters() {
		last := m.Last()
		d := decided{Terms: last.Terms, Variant: last.Variant, About: last.About, Fingerprint: last.Fingerprint, State: m.State, Check: last.Check,
			Version: last.Version, Quote: last.Quote, Decision: &last, Earlier: m.History[:len(m.History)-1]}
		if i := slices.IndexFunc(x.findings, func(f analyze.Finding) bool { return f.Fingerprint == last.Fingerprint }); i >= 0 {
			d.Level = x.findings[i].Level
		}
		out = append(out, d)
	}
	if !open {
		return out
	}
	seen := map[string]bool{}
	for _, f := range x.findings {
		if x.desk.State(f.Fingerprint) == desk.Open && !seen[f.Fingerprint] {
			seen[f.Fingerprint] = true
			out = append(out, decided{Terms: x.Terms, Variant: x.Variant, About: snapshots.AboutFinding, Fingerprint: f.Fingerprint, State: desk.Open,
				Check: f.ID, Level: f.Level, Version: x.Versions[x.number].ID, Quote: f.Quote})
		}
	}
	for i := range x.rows {
		r := &x.rows[i]
		if name := r.fingerprint(); r.Line == x.Variant && r.Alert && r.Number > 0 && x.desk.State(name) == desk.Open && !seen[name] {
			seen[name] = true
			out = append(out, decided{Terms: x.Terms, Variant: x.Variant, About: snapshots.AboutChange, Fingerprint: name, State: desk.Open,
				Version: r.Version, Quote: quoteOf(r)})
		}
	}
	return out
}

// stateNames are states in words.
var stateNames = map[desk.State]string{desk.Open: "open", desk.Decided: "decided", desk.LapsedWords: "lapsed: its words stand no longer",
	desk.LapsedDate: "lapsed: its last day is over", desk.Withdrawn: "withdrawn"}

const quoteColumns = 160 // runes of a quote or a note that the list shows

func (t *tool) printDecisions(list []decided) error {
	w := bufio.NewWriter(t.env.Stdout)
	if len(list) == 0 {
		fmt.Fprintln(w, t.words.T("nothing to list"))
	}
	title := ""
	for i := range list {
		d := &list[i]
		name := d.Terms.String()
		if d.Variant != "" {
			name += " · " + d.Variant
		}
		if name != title {
			if title != "" {
				fmt.Fprintln(w)
			}
			title = name
			fmt.Fprintf(w, "%s\n", t.strong(report.Line(name)))
		}
		t.printMatter(w, d)
	}
	return w.Flush()
}

// printMatter writes the lines of one finding or change.
func (t *tool) printMatter(w io.Writer, d *decided) {
	fmt.Fprintf(w, "  %s  %s  %s\n", t.words.T(stateNames[d.State]), report.Line(t.matter(d.About, d.Check)), d.Fingerprint[:min(len(d.Fingerprint), 8)])
	if d.Quote != "" {
		fmt.Fprintf(w, "      “%s”\n", report.Line(clipped(d.Quote, quoteColumns)))
	}
	if d.Decision == nil {
		return
	}
	for _, x := range append(slices.Clone(d.Earlier), *d.Decision) {
		fmt.Fprintf(w, "      %s  [%s]\n", report.Decision(t.words, &x), report.Line(x.ID))
		if x.Note != "" {
			fmt.Fprintf(w, "          %s\n", report.Line(clipped(x.Note, quoteColumns)))
		}
	}
}

// matter is what a decision is about, in a word.
func (t *tool) matter(about, check string) string {
	if about == snapshots.AboutChange {
		return t.words.T("change")
	}
	return check
}
