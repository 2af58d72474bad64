package main

// What a second reader would be asked: every word that --llm would send, and how many tokens that is.

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/analyze/llm"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/snapshots"
)

// planSchema names the form of a plan in JSON.
const planSchema = "drittland/second-plan/1"

// A secondPlan is what would be sent about one document.
type secondPlan struct {
	Schema    string            `json:"schema"`
	Name      string            `json:"name"`
	Model     string            `json:"model"`
	Endpoint  string            `json:"endpoint"`
	Questions []plannedQuestion `json:"questions"`
	Cached    int               `json:"cached"` // of the questions: they would not be sent
	Left      int               `json:"left"`   // passages and findings beyond the limits
	Tokens    llm.Usage         `json:"tokens"` // of the others, estimated, with answers as long as they may be
	Budget    int               `json:"budget"` // tokens
	Cost      float64           `json:"cost,omitempty"`
	Currency  string            `json:"currency,omitempty"`
}

// A plannedQuestion is one request.
type plannedQuestion struct {
	Job      llm.Job       `json:"job"`
	Source   string        `json:"source,omitempty"` // address of a linked page
	Start    int           `json:"start"`
	End      int           `json:"end"`
	Sample   bool          `json:"sample,omitempty"` // the rules see nothing in the passage
	Check    string        `json:"check,omitempty"`
	Finding  string        `json:"finding,omitempty"`
	Cached   bool          `json:"cached"`
	Tokens   llm.Usage     `json:"tokens"`
	Messages []llm.Message `json:"messages"`
}

// plan is what read would send about a document. Nothing is sent.
func (s *secondReader) plan(name string, f *analyze.Facts, r *analyze.Report) (*secondPlan, error) {
	out := &secondPlan{Schema: planSchema, Name: name, Model: s.Model, Endpoint: s.Endpoint, Questions: []plannedQuestion{}, Budget: s.left().Tokens, Currency: s.Currency}
	for _, part := range s.parts(f) {
		one := *s.Reader
		one.Jobs = part.jobs
		p, err := one.Plan(part.facts, r)
		if err != nil {
			return nil, err
		}
		for _, q := range p.Questions {
			out.Questions = append(out.Questions, plannedQuestion{q.Job, part.source, q.Passage.Span.Start, q.Passage.Span.End, q.Sample, q.Check, q.Finding, q.Cached, q.Tokens, q.Messages})
		}
		out.Cached, out.Left, out.Cost = out.Cached+p.Cached, out.Left+p.Left, out.Cost+p.Cost
		out.Tokens = llm.Usage{In: out.Tokens.In + p.Tokens.In, Out: out.Tokens.Out + p.Tokens.Out}
	}
	return out, nil
}

// writePlans writes what would be sent, as JSON where that is asked for, else as text.
func (t *tool) writePlans(w io.Writer, c *cli.Context, list []*secondPlan) error {
	if c.String("format") == "json" {
		return report.JSON(w, list)
	}
	b := bufio.NewWriter(w)
	shown := map[string]int{} // instructions that were printed, by the number of their question
	for _, p := range list {
		p.write(b, t.words, shown)
	}
	return b.Flush()
}

// write writes one plan. Instructions that many questions share are printed once.
func (p *secondPlan) write(w io.Writer, l *locale.Words, shown map[string]int) {
	fmt.Fprintln(w, report.Line(l.F("%s: this would be sent to %s, model %s", p.Name, p.Endpoint, p.Model)))
	for i, q := range p.Questions {
		about := []string{string(q.Job), l.F("bytes %d to %d", q.Start, q.End), l.F("about %s tokens", l.Number(q.Tokens.In))}
		for _, x := range []string{q.Source, q.Check} {
			if x != "" {
				about = append(about, x)
			}
		}
		if q.Sample {
			about = append(about, l.T("sample"))
		}
		if q.Cached {
			about = append(about, l.T("answered before, not sent"))
		}
		fmt.Fprintf(w, "\n── %s: %s\n", l.F("question %d of %d", i+1, len(p.Questions)), report.Line(strings.Join(about, ", ")))
		for _, m := range q.Messages {
			key := string(snapshots.HashOf([]byte(m.Role + "\n" + m.Content)))
			if first := shown[key]; m.Role == "system" && first > 0 {
				fmt.Fprintf(w, "%s: %s\n", m.Role, l.T("as above"))
				continue
			}
			shown[key] = i + 1
			fmt.Fprintf(w, "%s:\n%s\n", m.Role, indented(report.Printable(m.Content)))
		}
	}
	cost := ""
	if p.Currency != "" {
		cost = ", " + l.F("at most %s", money(p.Cost, p.Currency))
	}
	fmt.Fprintf(w, "\n%s\n", report.Line(l.F("%s, %s of them in the cache; at most %s tokens (questions %s, answers %s) of a budget of %s%s; nothing was sent",
		l.N("%s question", "%s questions", len(p.Questions)), l.Number(p.Cached), l.Number(p.Tokens.Total()), l.Number(p.Tokens.In), l.Number(p.Tokens.Out), l.Number(p.Budget), cost)))
	if p.Left > 0 {
		fmt.Fprintln(w, l.N("%s passage or finding is beyond the limits and would not be asked about.", "%s passages or findings are beyond the limits and would not be asked about.", p.Left))
	}
}

// indented sets lines off from our own.
func indented(s string) string {
	return "  │ " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n  │ ")
}

// money is an amount as people write it.
func money(amount float64, currency string) string { return fmt.Sprintf("%.4f %s", amount, currency) }
