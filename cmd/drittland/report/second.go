package report

// The second reading: what a model said beside the rules, as reports carry it. It stands beside findings, in a section of its
// own, and has no way to change them.

import (
	"slices"
	"strings"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/analyze/llm"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/rules"
)

// A Second is what a model said of one document.
type Second struct {
	Model    string         `json:"model"`
	Host     string         `json:"host"`   // of the endpoint
	Status   llm.Status     `json:"status"` // complete, partial, stopped or failed
	Problem  *SecondProblem `json:"problem,omitempty"`
	Counts   SecondCounts   `json:"counts"`
	Dropped  llm.Dropped    `json:"dropped"` // what the model said that does not count, by reason
	Tokens   llm.Usage      `json:"tokens"`  // that were spent now
	Cost     float64        `json:"cost,omitempty"`
	Currency string         `json:"currency,omitempty"`
	Added    []SecondAdded  `json:"added"`
	Doubted  []SecondDoubt  `json:"doubted"`
	Served   []string       `json:"served,omitempty"`      // what the endpoint called the models that answered, where that is another name
	Others   []*Second      `json:"-"`                     // what other models said of the same document
	Recorded string         `json:"recorded_on,omitempty"` // day of the last answer, of what was recorded before and not asked now
}

// A SecondProblem says why a reading is not complete.
type SecondProblem struct {
	Kind   llm.ProblemKind `json:"kind"`
	Detail string          `json:"detail"`
}

// SecondCounts count questions.
type SecondCounts struct {
	Passages  int `json:"passages"`   // that were chosen to be read
	Findings  int `json:"findings"`   // that were chosen to be reviewed
	Asked     int `json:"asked"`      // questions that were answered now
	Cached    int `json:"cached"`     // that were answered before
	NoOpinion int `json:"no_opinion"` // of both, those that gave no usable opinion
	Failed    int `json:"failed"`
	Unasked   int `json:"unasked"` // that the budget left
	Left      int `json:"left"`    // passages and findings beyond the limits
	Agree     int `json:"agree"`   // findings that the model agrees with
	Unsure    int `json:"unsure"`
}

// A SecondAdded is what a model reads and the rules do not. It is an opinion and no finding.
type SecondAdded struct {
	Mark     string   `json:"mark"`    // always "opinion"
	Opinion  string   `json:"opinion"` // ID of its record
	Kind     string   `json:"kind"`    // destination, vague, tool, copy, remote_access, government, denial or list
	Country  string   `json:"country,omitempty"`
	Role     string   `json:"role,omitempty"`
	Tool     string   `json:"tool,omitempty"`
	Who      string   `json:"who,omitempty"`
	Hedged   bool     `json:"hedged,omitempty"`
	Articles []string `json:"articles"`
	Quote    string   `json:"quote"`
	Start    int      `json:"start"`
	End      int      `json:"end"`
	Source   string   `json:"source,omitempty"` // address of the linked page in which it stands; "" for the text itself
}

// A SecondDoubt is a finding of the rules that a model disagrees with. Both stand.
type SecondDoubt struct {
	Mark    string `json:"mark"`    // always "doubted"
	Opinion string `json:"opinion"` // ID of its record
	Finding string `json:"finding"` // fingerprint
	ID      string `json:"id"`      // of the check
	Article string `json:"article,omitempty"`
	Quote   string `json:"quote"` // that decides it, by the model
	Start   int    `json:"start"`
	End     int    `json:"end"`
	Rules   Ruled  `json:"rules"` // what the rules say, which stands
}

// Ruled is what the rules say of a finding that a model disagrees with.
type Ruled struct {
	Level   rules.Level `json:"level"`
	Title   string      `json:"title"`
	Message string      `json:"message"`
	Quote   string      `json:"quote"` // "" where the finding is about something that is absent
	Start   int         `json:"start"`
	End     int         `json:"end"`
}

// NewSecond is a reading as reports carry it, of the document of a report. currency is that of the price, "" if there is none.
func NewSecond(rep *analyze.Report, r *llm.Reading, model, host, currency string) *Second {
	s := &Second{Model: model, Host: host, Status: llm.Complete, Currency: currency, Added: []SecondAdded{}, Doubted: []SecondDoubt{}}
	s.Add(r, "")
	findings := slices.Concat(rep.Findings, rep.Later)
	for _, d := range r.Doubted {
		i := slices.IndexFunc(findings, func(f analyze.Finding) bool { return f.Fingerprint == d.Finding })
		if i < 0 {
			continue // a doubt of nothing
		}
		f := &findings[i]
		s.Doubted = append(s.Doubted, SecondDoubt{Mark: "doubted", Opinion: d.Opinion, Finding: d.Finding, ID: d.Check, Article: d.Article, Quote: d.Quote, Start: d.Span.Start, End: d.Span.End,
			Rules: Ruled{f.Level, f.Title, f.Message, f.Quote, f.Start, f.End}})
	}
	slices.SortStableFunc(s.Doubted, func(a, b SecondDoubt) int { return b.Rules.Level.Rank() - a.Rules.Level.Rank() }) // as reports show findings
	return s
}

// ranks order statuses from the best to the worst.
var ranks = []llm.Status{llm.Complete, llm.Partial, llm.Stopped, llm.Failed}

// maxServed bounds the names of models that are told.
const maxServed = 4

// Name is the model, and what the endpoint called those that answered, where that is another name. It is safe to show.
func (s *Second) Name(l *locale.Words) string {
	if len(s.Served) == 0 {
		return Line(s.Model)
	}
	return l.F("%s (the endpoint answered as %s)", Line(s.Model), Line(strings.Join(s.Served, ", ")))
}

// Add puts what a reading found beside the rules with the rest; source is the address of the linked page that was read, "" for the text.
func (s *Second) Add(r *llm.Reading, source string) {
	if slices.Index(ranks, r.Status) > slices.Index(ranks, s.Status) {
		s.Status, s.Problem = r.Status, &SecondProblem{r.Problem.Kind, r.Problem.Detail}
	}
	c, n := &s.Counts, &r.Counts
	c.Passages, c.Findings, c.Asked, c.Cached = c.Passages+n.Passages, c.Findings+n.Findings, c.Asked+n.Asked, c.Cached+n.Cached
	c.NoOpinion, c.Failed, c.Unasked, c.Left = c.NoOpinion+n.NoOpinion, c.Failed+n.Failed, c.Unasked+n.Unasked, c.Left+n.Left
	c.Agree, c.Unsure = c.Agree+n.Agree, c.Unsure+n.Unsure
	s.Dropped = s.Dropped.Plus(n.Dropped)
	for i := range r.Opinions {
		if name := r.Opinions[i].Served; name != "" && !slices.Contains(s.Served, name) && len(s.Served) < maxServed {
			s.Served = append(s.Served, name)
		}
	}
	s.Tokens, s.Cost = llm.Usage{In: s.Tokens.In + r.Tokens.In, Out: s.Tokens.Out + r.Tokens.Out}, s.Cost+r.Cost
	for _, a := range r.Added {
		f := a.Fact
		x := SecondAdded{Mark: "opinion", Opinion: a.Opinion, Kind: f.Kind, Country: f.Country, Role: f.Role, Tool: f.Tool, Who: f.Who, Hedged: f.Hedged,
			Articles: append([]string{}, a.Articles...), Quote: f.Quote, Start: f.Span.Start, End: f.Span.End, Source: source}
		if !slices.ContainsFunc(s.Added, func(o SecondAdded) bool { return o.Kind == x.Kind && o.Country == x.Country && o.Tool == x.Tool }) {
			s.Added = append(s.Added, x)
		}
	}
}

// Together is one reading with those of the other models behind it, the one that was heard last at first; nil for none.
func Together(list []*Second) *Second {
	if len(list) == 0 {
		return nil
	}
	out := *list[0]
	out.Others = list[1:]
	return &out
}

// problemNames are what went wrong, in words.
var problemNames = map[string]string{string(llm.Unreachable): "no connection", string(llm.Unauthorized): "the endpoint refuses the key",
	string(llm.UnknownModel): "the endpoint does not know the model", string(llm.Refused): "the endpoint refuses the question",
	string(llm.Busy): "the endpoint is busy", string(llm.Broken): "the endpoint does not answer as it should", string(llm.TimedOut): "no answer in time",
	string(llm.OverBudget): "the budget is used up", string(llm.Interrupted): "interrupted"}

// questionCounts say what became of questions.
var questionCounts = map[string][2]string{"cached": {"%s from the cache", "%s from the cache"}, "no opinion": {"%s gave no usable opinion", "%s gave no usable opinion"},
	"failed": {"%s failed", "%s failed"}, "unasked": {"%s not asked", "%s not asked"}}

// Words say what went wrong, with what the server said of it; "" for nil.
func (p *SecondProblem) Words(l *locale.Words) string {
	if p == nil {
		return ""
	}
	out := word(l, problemNames, string(p.Kind))
	if p.Kind != llm.OverBudget && p.Detail != "" {
		out += " (" + Line(p.Detail) + ")"
	}
	return out
}

// Line says in one line how far the reading came. It is safe to show.
func (s *Second) Line(l *locale.Words) string {
	c := &s.Counts
	if s.Status == llm.Failed && c.Asked+c.Cached == 0 {
		return l.F("second reading not possible: %s; the findings of the rules stand", s.Problem.Words(l))
	}
	if s.Recorded != "" {
		out := l.F("second reading by %s, recorded on %s: %s", s.Name(l), Line(s.Recorded), l.N("%s question answered", "%s questions answered", c.Cached))
		if c.NoOpinion > 0 {
			out += ", " + l.N(questionCounts["no opinion"][0], questionCounts["no opinion"][1], c.NoOpinion)
		}
		return out
	}
	parts := []string{l.N("%s question asked", "%s questions asked", c.Asked)}
	for _, x := range []struct {
		name string
		n    int
	}{{"cached", c.Cached}, {"no opinion", c.NoOpinion}, {"failed", c.Failed}, {"unasked", c.Unasked}} {
		if x.n > 0 {
			parts = append(parts, l.N(questionCounts[x.name][0], questionCounts[x.name][1], x.n))
		}
	}
	out := l.F("second reading by %s: %s", s.Name(l), strings.Join(parts, ", "))
	if s.Problem != nil {
		out += "; " + s.Problem.Words(l)
	}
	return out
}

// Read is a report with what a second reader said beside it, nil if nobody asked for one.
type Read struct {
	*analyze.Report
	Second *Second `json:"second_reading,omitempty"`
}

// WithSeconds are reports with what a second reader said of each, as JSON has them.
func WithSeconds(rs []*analyze.Report, seconds []*Second) []Read {
	out := make([]Read, len(rs))
	for i, r := range rs {
		out[i] = Read{r, secondOf(seconds, i)}
	}
	return out
}

// ProblemIn says in words what went wrong.
func ProblemIn(l *locale.Words, kind string) string { return word(l, problemNames, kind) }
