package llm

// Plans: the questions about a document, before any is asked.

import (
	"errors"
	"fmt"
	"slices"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/snapshots"
)

// A Plan is what Read would send.
type Plan struct {
	Questions []Question // those of the first job first, in text order; then those of the second, in the order of the report
	Passages  int        // that are read
	Findings  int        // that are reviewed
	Left      int        // passages and findings beyond the limits, and findings without a passage
	Cached    int        // questions that are in the cache
	Tokens    Usage      // of the others: estimated, with answers as long as they may be
	Cost      float64    // of the others, by Price
}

// A Question is one request: what is asked about one passage.
type Question struct {
	Job      Job
	Passage  Passage
	Sample   bool   // read: the rules see nothing in the passage
	Finding  string // review: fingerprint
	Check    string // review: ID
	Key      Key
	Messages []Message
	Tokens   Usage // estimated: of the messages, and of the longest answer
	Cached   bool
	about    *passage
	answer   exchange // from the cache
}

// A Message is one message of a request.
type Message struct {
	Role    string `json:"role"` // system or user
	Content string `json:"content"`
}

// Plan is what Read would send, without sending anything. It asks the cache which questions are answered already. The
// error is that of Check, or that the rules could not be had.
func (r *Reader) Plan(f *analyze.Facts, rep *analyze.Report) (*Plan, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	if f == nil || f.Document == nil || rep == nil {
		return nil, errors.New("the second reader needs a document and its report")
	}
	set, err := r.rules()
	if err != nil {
		return nil, err
	}
	l := r.Limits.defaults()
	c := newChooser(set, f, rep, l)
	p := &Plan{}
	if r.does(ReadJob) {
		err = r.planRead(p, c)
	}
	if err == nil && r.does(ReviewJob) {
		err = r.planReview(p, c, findingsOf(rep))
	}
	if err != nil {
		return nil, err
	}
	for i := range p.Questions {
		q := &p.Questions[i]
		if r.Cache != nil {
			if b, ok := r.Cache.Get(q.Key); ok {
				q.answer, q.Cached = readExchange(b)
			}
		}
		if q.Cached {
			p.Cached++
		} else {
			p.Tokens = p.Tokens.plus(q.Tokens)
		}
	}
	p.Cost = r.Price.Cost(p.Tokens)
	return p, nil
}

func (r *Reader) rules() (*rules.Set, error) {
	if r.Rules != nil {
		return r.Rules, nil
	}
	set, err := rules.Builtin()
	if err != nil {
		return nil, fmt.Errorf("rules of the second reader: %w", err)
	}
	return set, nil
}

func (r *Reader) does(j Job) bool { return len(r.Jobs) == 0 || slices.Contains(r.Jobs, j) }

func (r *Reader) planRead(p *Plan, c *chooser) error {
	list, sample, left := c.read()
	p.Passages, p.Left = len(list), p.Left+left
	for i := range list {
		if err := r.question(p, c, Question{Job: ReadJob, Sample: sample[list[i].Hash], about: &list[i]}, nil, ""); err != nil {
			return err
		}
	}
	return nil
}

// asked is what this package keeps of a finding: a copy of what a question needs. The report itself goes no further.
type asked struct {
	check, fingerprint, quote string
	span                      snapshots.Span
}

// findingsOf are those of the day of the text, and then those that only the law of today makes, each once.
func findingsOf(rep *analyze.Report) []asked {
	var out []asked
	for _, f := range slices.Concat(rep.Findings, rep.Later) {
		if f.OfChange || slices.ContainsFunc(out, func(o asked) bool { return o.fingerprint == f.Fingerprint }) {
			continue
		}
		out = append(out, asked{f.ID, f.Fingerprint, f.Quote, snapshots.Span{Start: f.Start, End: f.End}})
	}
	return out
}

func (r *Reader) planReview(p *Plan, c *chooser, findings []asked) error {
	for _, f := range findings {
		check, known := c.set.CheckByID(f.check)
		if !known || p.Findings >= c.limits.Findings {
			p.Left++
			continue
		}
		x, ok := c.around(f.span)
		if f.quote == "" {
			x, ok = c.expected(check)
		}
		if !ok {
			p.Left++
			continue
		}
		p.Findings++
		if err := r.question(p, c, Question{Job: ReviewJob, Finding: f.fingerprint, Check: f.check, about: &x}, wordsOf(c.set, check), f.quote); err != nil {
			return err
		}
	}
	return nil
}

// question adds q, which is about a passage and, in a review, a check and the words that it found.
func (r *Reader) question(p *Plan, c *chooser, q Question, check *checkWords, quote string) (err error) {
	if n := c.limits.PassageTokens * 3; len(quote) > n {
		quote = clip(quote, n)
	}
	ask := prompts()[q.Job]
	q.Passage = q.about.Passage
	q.Key = Key{Model: r.Model, Prompt: ask.about(check), Passage: q.Passage.Hash, Finding: q.Finding}
	if q.Messages, err = ask.messages(q.about, check, quote); err != nil {
		return err
	}
	q.Tokens = Usage{In: estimateAll(q.Messages), Out: c.limits.AnswerTokens}
	p.Questions = append(p.Questions, q)
	return nil
}
