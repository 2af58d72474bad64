package main

// The command eval: how well the rules, a model and both together read texts that a person has labelled.

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/analyze/llm"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules/law"
)

func (t *tool) evalCommand() *cli.Command {
	return &cli.Command{
		Name:      "eval",
		Usage:     "score the rules, a model and both on texts that a person has labelled",
		ArgsUsage: "SET",
		Description: `SET is a directory with texts/ID.md and labels.jsonl, in which each line says what a person
read in one text; what the text cannot show is null or left out:

   {"id": "clipzy", "lang": "en", "date": "2026-01-31", "transfers_outside_eea": "yes",
    "destinations": [{"iso2": "SG", "kind": "named", "role": "storage"}],
    "mechanisms": [{"id": "scc"}], "copy_of_safeguards": "offered", "vague_destination": true,
    "list_by_reference_url": null, "remote_access": false,
    "government_access_in_third_country": false, "dpo_contact": true, "complaint_right": true,
    "eu_representative": false, "retention_stated": true}

transfers_outside_eea is yes, no_statement or denied; kind named, implied or by_reference;
roles and tools are called as in the JSON of 'drittland check'.

   drittland eval labelled/
   drittland eval --llm --llm-url http://localhost:11434/v1 --llm-model NAME labelled/
   drittland eval --llm-dry-run --llm-url http://localhost:11434/v1 --llm-model NAME labelled/

With --llm a model reads each text as it does in 'check', and is scored alone and with
the rules; findings are not reviewed. What it answered is kept, so that a run that was
broken off goes on where it was. Texts that were not read whole are left out for all
readers; if the model read none whole, the rules are scored alone. --llm-budget is for
the whole run: a large set needs more than the default.`,
		Flags: append([]cli.Flag{llmFlag(),
			&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "`FORM` of the output: text or json"},
			rulesFlag(), outputFlag()}, llmFlags()...),
		OnUsageError: usageError,
		Action:       t.eval,
	}
}

// An evaluation is what came of one run.
type evaluation struct {
	Schema  string       `json:"schema"`
	Set     string       `json:"set"`
	Texts   int          `json:"texts"`
	Scored  int          `json:"scored"`
	Failed  []string     `json:"failed"`   // texts that could not be read; they count as read without facts
	LeftOut []string     `json:"left_out"` // texts that the model did not read whole
	Rules   *factScorer  `json:"rules"`
	Model   *modelScorer `json:"model,omitempty"`
	Both    *factScorer  `json:"both,omitempty"`
	Seconds float64      `json:"seconds"` // of the rules
}

// A modelScorer is what a model read, and what that took.
type modelScorer struct {
	*factScorer
	Name     string              `json:"name"`
	Host     string              `json:"host"`
	Served   []string            `json:"served,omitempty"` // what the endpoint called the models that answered, where that is another name
	Counts   report.SecondCounts `json:"counts"`
	Dropped  llm.Dropped         `json:"dropped"`
	Tokens   llm.Usage           `json:"tokens"` // of all answers, those from the cache included
	Spent    llm.Usage           `json:"spent"`  // in this run
	Cost     float64             `json:"cost,omitempty"`
	Currency string              `json:"currency,omitempty"`
	Seconds  float64             `json:"seconds"` // of this run
	Problem  string              `json:"problem,omitempty"`
}

// evalSchema names the form of an evaluation in JSON.
const evalSchema = "drittland/eval/1"

// An evaluator is one run of eval.
type evaluator struct {
	*tool
	c      *cli.Context
	dir    string
	engine *analyze.Engine
	reader *secondReader // nil if nobody asked for one
	out    *evaluation
	alone  *factScorer // the rules on all texts, whatever the model read
	told   bool        // that the model does not read everything
	plans  []*secondPlan
}

func (t *tool) eval(c *cli.Context) error {
	if c.NArg() != 1 {
		return usage(errors.New("name the directory of a labelled set"), commandName(c))
	}
	if err := knownFormat(c.String("format"), "text", "json"); err != nil {
		return usage(err, commandName(c))
	}
	x := &evaluator{tool: t, c: c, dir: c.Args().First(), out: &evaluation{Schema: evalSchema, Failed: []string{}, LeftOut: []string{}, Rules: newFactScorer(false)}, alone: newFactScorer(false)}
	labels, err := readLabels(x.dir)
	if err != nil {
		return err
	}
	if x.engine, err = t.engine(c.StringSlice("rules")); err != nil {
		return err
	}
	if x.reader, err = t.secondReader(c, x.engine.Rules()); err != nil {
		return err
	}
	x.out.Set, x.out.Texts = x.dir, len(labels)
	if x.reader != nil {
		x.reader.Jobs = []llm.Job{llm.ReadJob}
		x.out.Model = &modelScorer{factScorer: newFactScorer(true), Name: x.reader.Model, Host: x.reader.Host(), Currency: x.reader.Currency}
		x.out.Both = newFactScorer(false)
	}
	if err := x.all(labels); err != nil {
		return err
	}
	return t.write(c, x.print)
}

// all scores the texts one after another.
func (x *evaluator) all(labels []label) error {
	bar := x.progress(len(labels), "reading labelled texts")
	defer func() { _ = bar.Clear() }()
	for i := range labels {
		if err := x.one(&labels[i]); err != nil {
			return err
		}
		if err := x.c.Context.Err(); err != nil {
			return err
		}
		_ = bar.Add(1)
	}
	if m := x.out.Model; m != nil && len(x.out.LeftOut) > 0 && len(x.out.LeftOut)+len(x.out.Failed) == len(labels) { // there is nothing to compare
		x.out.Rules, x.out.Scored, m.factScorer, x.out.Both = x.alone, len(labels), newFactScorer(true), nil
	}
	x.out.finish(x.reader)
	return nil
}

// finish rates what was counted.
func (e *evaluation) finish(r *secondReader) {
	e.Rules.finish()
	if e.Both != nil {
		e.Both.finish()
	}
	if m := e.Model; m != nil {
		m.finish()
		m.Spent, m.Cost = r.spent, r.cost
	}
}

// one scores one text.
func (x *evaluator) one(l *label) error {
	began := x.env.Now()
	facts, r, err := x.read(l)
	x.out.Seconds += x.env.Now().Sub(began).Seconds()
	if err != nil { // as a reader who sees nothing
		x.say("%s: %v", l.ID, err)
		x.out.Failed = append(x.out.Failed, l.ID)
		x.score(l, noFacts(), noFacts())
		return nil
	}
	switch {
	case x.reader == nil:
		x.score(l, ofRules(r), nil)
		return nil
	case x.reader.Dry:
		p, err := x.reader.plan(l.ID, facts, r)
		x.plans = append(x.plans, p)
		return err
	}
	began = x.env.Now()
	got, err := x.reader.ask(x.c.Context, x.reader.Jobs, facts, r)
	if err != nil {
		return err
	}
	x.out.Model.take(got, x.env.Now().Sub(began))
	if got.Status != llm.Complete {
		x.tell(l.ID, got)
		x.alone.take(l, ofRules(r))
		x.out.LeftOut = append(x.out.LeftOut, l.ID)
		return nil
	}
	x.score(l, ofRules(r), ofModel(got))
	return nil
}

// tell says once that a text is not read whole, and why.
func (x *evaluator) tell(id string, r *llm.Reading) {
	if !x.told {
		s := report.NewSecond(&analyze.Report{}, r, x.reader.Model, x.reader.Host(), "")
		x.say("%s: %s", id, s.Line(locale.For("en")))
	}
	x.told = true
}

// read reads a text as check does.
func (x *evaluator) read(l *label) (*analyze.Facts, *analyze.Report, error) {
	var asked law.Date
	if l.Date != "" {
		var err error
		if asked, err = law.ParseDate(l.Date); err != nil {
			return nil, nil, fmt.Errorf("date %.40q: expected a day as YYYY-MM-DD", l.Date)
		}
	}
	in, err := x.newIntake(x.c).take(x.c.Context, labelledText(x.dir, l))
	if err != nil {
		return nil, nil, err
	}
	facts := x.engine.Facts(in.Document, in.Annexes...)
	facts.Seen = in.seen()
	return facts, x.engine.Report(facts, analyze.Dates{AsOf: in.day(asked, x.today()), Today: x.today()}), nil
}

// score counts what the readers made of a text; model is nil where none was asked.
func (x *evaluator) score(l *label, byRules, model *readFacts) {
	x.out.Scored++
	x.out.Rules.take(l, byRules)
	x.alone.take(l, byRules)
	if x.out.Model != nil && model != nil {
		x.out.Model.factScorer.take(l, model)
		x.out.Both.take(l, byRules.with(model))
	}
}

// take counts what a reading took.
func (m *modelScorer) take(r *llm.Reading, took time.Duration) {
	s := report.Second{Counts: m.Counts, Dropped: m.Dropped, Served: m.Served}
	s.Add(r, "")
	m.Counts, m.Dropped, m.Served = s.Counts, s.Dropped, s.Served
	m.Seconds += took.Seconds()
	for i := range r.Opinions {
		u := r.Opinions[i].Tokens
		m.Tokens.In, m.Tokens.Out = m.Tokens.In+u.In, m.Tokens.Out+u.Out
	}
	if r.Status != llm.Complete && m.Problem == "" {
		m.Problem = string(r.Problem.Kind)
	}
}

// print writes what came of the run.
func (x *evaluator) print(w io.Writer) error {
	switch {
	case x.reader != nil && x.reader.Dry:
		return x.writePlans(w, x.c, x.plans)
	case x.c.String("format") == "json":
		return report.JSON(w, x.out)
	}
	return x.out.text(w, x.words)
}

// languagesOf are those of the texts that were scored, sorted.
func (e *evaluation) languagesOf() []string {
	var out []string
	for l := range e.Rules.Languages {
		out = append(out, l)
	}
	slices.Sort(out)
	return out
}
