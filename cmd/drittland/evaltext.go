package main

// Evaluations as text: a table of the kinds of facts, one of the languages, and what it took.

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
)

// A column is one reader in a table.
type evalColumn struct {
	name string
	of   *factScorer
}

func (e *evaluation) columns(l *locale.Words) []evalColumn {
	out := []evalColumn{{l.T("rules"), e.Rules}}
	if e.Both != nil {
		out = append(out, evalColumn{l.T("model"), e.Model.factScorer}, evalColumn{l.T("both"), e.Both})
	}
	return out
}

// text writes an evaluation.
func (e *evaluation) text(w io.Writer, l *locale.Words) error {
	fmt.Fprintln(w, report.Line(l.F("%s: %s of %s texts scored", e.Set, l.Number(e.Scored), l.Number(e.Texts))))
	if n := len(e.Failed); n > 0 {
		fmt.Fprintln(w, l.N("%s text could not be read and counts as one in which nothing is found", "%s texts could not be read and count as ones in which nothing is found", n))
	}
	switch n := len(e.LeftOut); {
	case n > 0 && e.Both == nil:
		fmt.Fprintln(w, l.T("the model read no text whole: what follows are the rules alone"))
	case n > 0:
		fmt.Fprintln(w, l.N("%s text was not read whole by the model and is left out for all readers", "%s texts were not read whole by the model and are left out for all readers", n))
	}
	cols := e.columns(l)
	err := e.table(w, l, cols, l.T("fact"), kindsScored, func(s *factScorer, name string) *score { return s.Kinds[name] }, func(name string) string { return l.T(name) })
	if err != nil {
		return err
	}
	var macro []string
	for _, c := range cols {
		macro = append(macro, fmt.Sprintf("%s %.3f", c.name, c.of.macro()))
	}
	fmt.Fprintln(w, "\n"+l.F("mean F1 of the facts on transfers: %s", strings.Join(macro, ", ")))
	err = e.table(w, l, cols, l.T("language"), e.languagesOf(), func(s *factScorer, name string) *score { return s.Languages[name] },
		func(name string) string { return report.LanguageIn(l, name) })
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "\n"+l.F("time of the rules: %.1f s", e.Seconds))
	if e.Model != nil {
		e.Model.text(w, l)
	}
	return nil
}

// table writes one line for each row that any reader has a score for.
func (e *evaluation) table(w io.Writer, l *locale.Words, cols []evalColumn, head string, rows []string, of func(*factScorer, string) *score, name func(string) string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	line := "\n" + head + "\t"
	for _, c := range cols {
		line += c.name + " P\tR\tF1\t"
	}
	fmt.Fprintln(t, line+l.T("right")+"\t"+l.T("wrong")+"\t"+l.T("missing")+"\t")
	for _, row := range rows {
		line, any := report.Line(name(row))+"\t", false
		for _, c := range cols {
			if s := of(c.of, row); s != nil {
				line, any = line+fmt.Sprintf("%.3f\t%.3f\t%.3f\t", s.Precision, s.Recall, s.F1), true
			} else {
				line += "–\t–\t–\t"
			}
		}
		if s := of(cols[len(cols)-1].of, row); any && s != nil {
			fmt.Fprintln(t, line+fmt.Sprintf("%d\t%d\t%d\t", s.Right, s.Wrong, s.Missing))
		}
	}
	return t.Flush()
}

// text says what a model took.
func (m *modelScorer) text(w io.Writer, l *locale.Words) {
	c := &m.Counts
	fmt.Fprintln(w, report.Line(l.F("model %s at %s: %s questions asked now in %.1f s, %s from the cache, %s gave no usable opinion, %s statements left out", (&report.Second{Model: m.Name, Served: m.Served}).Name(l), m.Host, l.Number(c.Asked), m.Seconds,
		l.Number(c.Cached), l.Number(c.NoOpinion), l.Number(m.Dropped.Total()))))
	out := l.F("tokens of all answers: questions %s, answers %s; spent now: %s", l.Number(m.Tokens.In), l.Number(m.Tokens.Out), l.Number(m.Spent.Total()))
	if m.Currency != "" {
		out += ", " + money(m.Cost, m.Currency)
	}
	fmt.Fprintln(w, report.Line(out))
	if m.Problem != "" {
		fmt.Fprintln(w, report.Line(l.F("the model did not read everything: %s", report.ProblemIn(l, m.Problem))))
	}
}
