package main

// Second readings of a whole archive: derive --llm reads every version that the model has not read, within one budget.

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/analyze/llm"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// A secondRun is what came of reading many versions.
type secondRun struct {
	Model    string                `json:"model"`
	Host     string                `json:"host"`
	Versions int                   `json:"versions"`        // that there are
	Read     int                   `json:"read"`            // of them, those on which every question has an answer now
	Asked    int                   `json:"questions_asked"` // in this run
	Cached   int                   `json:"cached"`          // questions that were answered before
	Recorded int                   `json:"recorded"`        // opinions, in this run
	Added    int                   `json:"added"`           // facts that the rules do not have, in all versions
	Doubted  int                   `json:"doubted"`         // findings that the model doubts, in all versions; they stand
	Dropped  llm.Dropped           `json:"dropped"`         // what the model said that does not count, by reason
	Tokens   llm.Usage             `json:"tokens"`          // in this run
	Cost     float64               `json:"cost,omitempty"`
	Currency string                `json:"currency,omitempty"`
	Status   llm.Status            `json:"status"` // complete, partial, stopped or failed
	Problem  *report.SecondProblem `json:"problem,omitempty"`
}

// versionsToRead are the versions of some terms with a text of their own: the newest of each text first, then the earlier ones of each terms,
// newest first.
func versionsToRead(ctx context.Context, a *archive.Archive, todo []snapshots.Terms) ([]toRead, error) {
	var newest, earlier []toRead
	for _, terms := range todo {
		h, err := readHistory(a, terms)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		for _, line := range h.lines() {
			for i := len(line.Versions) - 1; i >= 0; i-- {
				x := toRead{terms, i + 1, line.Versions[i]}
				if i == len(line.Versions)-1 {
					newest = append(newest, x)
				} else {
					earlier = append(earlier, x)
				}
			}
		}
	}
	return append(newest, earlier...), nil
}

// readMany has versions read until all are, or the budget or the endpoint has had enough. What was answered is recorded.
func (o *opining) readMany(ctx context.Context, todo []toRead) (*secondRun, error) {
	sum := &secondRun{Model: o.reader.Model, Host: o.reader.Host(), Versions: len(todo), Status: llm.Complete, Currency: o.reader.Currency}
	bar := o.progress(len(todo), "second reading")
	defer func() { _ = bar.Clear() }()
	o.reader.say = func(string, ...any) {} // one line at the end, and not one for each version
	for i := range todo {
		_, s, n, err := o.version(ctx, &todo[i])
		if err != nil {
			return sum, err
		}
		sum.take(s, n)
		_ = bar.Add(1)
		if s.Status == llm.Failed || s.Status == llm.Stopped {
			_ = bar.Clear()
			o.say("%s: %s", todo[i].name(), s.Line(locale.For("en")))
			break
		}
	}
	return sum, nil
}

// take adds what came of one version.
func (r *secondRun) take(s *report.Second, recorded int) {
	c := &s.Counts
	r.Asked, r.Cached, r.Recorded = r.Asked+c.Asked, r.Cached+c.Cached, r.Recorded+recorded
	r.Added, r.Doubted, r.Dropped = r.Added+len(s.Added), r.Doubted+len(s.Doubted), r.Dropped.Plus(s.Dropped)
	r.Tokens, r.Cost = llm.Usage{In: r.Tokens.In + s.Tokens.In, Out: r.Tokens.Out + s.Tokens.Out}, r.Cost+s.Cost
	if s.Status == llm.Complete {
		r.Read++
	} else {
		r.Status, r.Problem = s.Status, s.Problem
	}
}

// derivingSecond is the second reader of derive; nil if nobody asks for one.
func (t *tool) derivingSecond(c *cli.Context) (*opining, error) {
	if !wantsSecond(c) {
		_, err := t.secondReader(c, nil) // flags that make no sense then
		return nil, err
	}
	return t.newOpining(c)
}

// deriveSecond has the versions of some terms read by a second reader.
func (o *opining) deriveSecond(c *cli.Context, todo []snapshots.Terms) (*secondRun, error) {
	list, err := o.versions(c.Context, todo)
	if err != nil {
		return nil, err
	}
	return o.readMany(c.Context, list)
}

func (o *opining) versions(ctx context.Context, todo []snapshots.Terms) (list []toRead, err error) {
	err = o.store.read(ctx, func(a *archive.Archive) error { list, err = versionsToRead(ctx, a, todo); return err })
	return list, err
}

// A plannedVersion is what reading one version would take.
type plannedVersion struct {
	Version   string    `json:"version"` // by name
	ID        string    `json:"id"`
	Questions int       `json:"questions"`
	Cached    int       `json:"cached"` // of them: answered before, or asked about an earlier one of this list
	Tokens    llm.Usage `json:"tokens"` // of the others, estimated, with answers as long as they may be
	Cost      float64   `json:"cost,omitempty"`
}

// planMany prints what reading the versions of some terms would take. Nothing is sent, and nothing is written.
func (o *opining) planMany(c *cli.Context, todo []snapshots.Terms) error {
	versions, err := o.versions(c.Context, todo)
	if err != nil {
		return err
	}
	return o.planVersions(c, versions)
}

// planVersions prints what reading some versions would take.
func (o *opining) planVersions(c *cli.Context, versions []toRead) error {
	planned := &recordedAnswers{byKey: map[string][]byte{}, beside: o.beside} // of all terms: many say the same
	o.beside = planned
	bar := o.progress(len(versions), "planning")
	list := []plannedVersion{}
	for i := range versions {
		x := &versions[i]
		sub, rep, err := o.load(x)
		if err == nil {
			err = c.Context.Err()
		}
		if err != nil {
			return err
		}
		p := plannedVersion{Version: x.name(), ID: x.version.ID}
		for _, part := range o.reader.parts(sub.facts) {
			if err := o.planPart(planned, &p, part, rep); err != nil {
				return err
			}
		}
		list = append(list, p)
		_ = bar.Add(1)
	}
	_ = bar.Clear()
	if c.String("format") == "json" {
		return report.JSON(o.env.Stdout, list)
	}
	o.printPlanned(o.env.Stdout, list)
	return nil
}

// planPart adds what one text of a version would take, and puts down its questions as planned: they would not be asked twice.
func (o *opining) planPart(planned llm.Cache, p *plannedVersion, part secondPart, rep *analyze.Report) error {
	one := *o.reader.Reader
	one.Jobs = part.jobs
	plan, err := one.Plan(part.facts, rep)
	if err != nil {
		return err
	}
	p.Questions, p.Cached, p.Cost = p.Questions+len(plan.Questions), p.Cached+plan.Cached, p.Cost+plan.Cost
	p.Tokens = llm.Usage{In: p.Tokens.In + plan.Tokens.In, Out: p.Tokens.Out + plan.Tokens.Out}
	for i := range plan.Questions {
		answered := llm.Opinion{At: time.Unix(0, 0).UTC()}
		_, b := answered.Entry()
		if q := &plan.Questions[i]; !q.Cached {
			if err := planned.Put(q.Key, b); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *opining) printPlanned(w io.Writer, list []plannedVersion) {
	l, questions, cached, tokens, cost := o.words, 0, 0, llm.Usage{}, 0.0
	for _, p := range list {
		questions, cached, cost = questions+p.Questions, cached+p.Cached, cost+p.Cost
		tokens = llm.Usage{In: tokens.In + p.Tokens.In, Out: tokens.Out + p.Tokens.Out}
		if p.Cached < p.Questions {
			fmt.Fprintln(w, l.F("%s: %s, at most %s tokens", report.Line(p.Version), l.N("%s question", "%s questions", p.Questions-p.Cached), l.Number(p.Tokens.Total())))
		}
	}
	price := ""
	if o.reader.Currency != "" {
		price = ", " + l.F("at most %s", money(cost, o.reader.Currency))
	}
	fmt.Fprintln(w, l.F("%s, %s of them answered before or the same as others; at most %s tokens of a budget of %s%s; nothing was sent",
		l.N("%s question", "%s questions", questions), l.Number(cached), l.Number(tokens.Total()), l.Number(o.reader.left().Tokens), price))
}

// printSecondRun tells what came of second readings.
func (t *tool) printSecondRun(w io.Writer, r *secondRun) {
	l := t.words
	fmt.Fprintln(w, l.F("second reading by %s: versions read: %s of %s; questions asked: %s, answered before: %s", report.Line(r.Model), l.Number(r.Read), l.Number(r.Versions),
		l.Number(r.Asked), l.Number(r.Cached)))
	fmt.Fprintln(w, l.F("  opinions recorded: %s; added: %s, findings doubted: %s, left out since it does not hold: %s; the findings of the rules stand",
		l.Number(r.Recorded), l.Number(r.Added), l.Number(r.Doubted), l.Number(r.Dropped.Total())))
	if n := r.Versions - r.Read; n > 0 && r.Problem != nil {
		fmt.Fprintln(w, l.F("  not read to the end: %s (%s); a further run goes on there", l.Number(n), r.Problem.Words(l)))
	}
}
