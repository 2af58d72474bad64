// Package llm is the optional second reader: a model behind an OpenAI-compatible endpoint reads passages of a document
// and the findings of the rules on it, and says what the rules may have missed or misread. What it says is an opinion.
// It counts only where its words stand in the passage that was sent, and no opinion changes a finding: the report of the
// rules is read, never written, and nothing of this package hands it on.
//
// The text of a policy is data. It goes out in the user role alone, between marks made of its own hash.
package llm

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/snapshots"
)

// A Reader asks one model. Endpoint and Model are needed; the zero value of everything else works. It is safe for
// concurrent use as long as its fields are not changed; what an endpoint refused is learned anew in each call of Read.
type Reader struct {
	Endpoint string           // base address of the interface, such as "http://localhost:11434/v1"
	Model    string           // as the endpoint names it
	Key      string           // bearer token; "" for servers that ask for none
	HTTP     *http.Client     // nil for one of its own, which asks no proxy; redirects to other hosts are refused with either
	Rules    *rules.Set       // whose words choose the passages and whose checks made the findings; nil for the built-in ones
	Jobs     []Job            // nil for all of them
	Limits   Limits           //
	Price    Price            //
	Cache    Cache            // nil for none
	Account  Account          // nil for none
	Now      func() time.Time // time.Now
	// Wait pauses between tries, and gives the context's error if it ends first; nil for a timer. Tests set it.
	Wait func(ctx context.Context, d time.Duration) error
}

// Limits bound what one call of Read costs. A field that is zero or less has the default that is named.
type Limits struct {
	Passages      int           // of one document that are read: 40
	Sample        int           // of them, those that the rules see nothing in: 4; negative for none
	PassageTokens int           // of one passage, estimated: 1,500
	AnswerTokens  int           // of one answer: 2,000
	Findings      int           // that are reviewed: 60
	Tokens        int           // of the whole run, questions and answers, estimated before and counted after: 200,000
	Money         float64       // of the whole run, in the currency of Price; 0 for no bound
	Parallel      int           // questions at a time: 4
	Timeout       time.Duration // of one try: 2 minutes
	Retries       int           // after a failure that may pass (no connection, 429, 5xx): 3; negative for none
	Pause         time.Duration // longest between two tries; a server that asks for more is given up: 30 seconds
}

// A Price is what a million tokens cost, in any one currency.
type Price struct{ In, Out float64 }

// Cost is what u costs.
func (p Price) Cost(u Usage) float64 { return (float64(u.In)*p.In + float64(u.Out)*p.Out) / 1e6 }

// Usage counts tokens: those of questions and those of answers.
type Usage struct {
	In  int `json:"in"`
	Out int `json:"out"`
}

// Total is the sum of both.
func (u Usage) Total() int { return u.In + u.Out }

// plus is the sum of u and o.
func (u Usage) plus(o Usage) Usage { return Usage{u.In + o.In, u.Out + o.Out} }

// defaults fills in what is not set.
func (l Limits) defaults() Limits {
	number := func(n *int, d int) {
		if *n <= 0 {
			*n = d
		}
	}
	length := func(t *time.Duration, d time.Duration) {
		if *t <= 0 {
			*t = d
		}
	}
	if l.Sample == 0 {
		l.Sample = 4
	}
	if l.Retries == 0 {
		l.Retries = 3
	}
	l.Sample, l.Retries = max(l.Sample, 0), max(l.Retries, 0)
	number(&l.Passages, 40)
	number(&l.PassageTokens, 1500)
	number(&l.AnswerTokens, 2000)
	number(&l.Findings, 60)
	number(&l.Tokens, 200_000)
	number(&l.Parallel, 4)
	length(&l.Timeout, 2*time.Minute)
	length(&l.Pause, 30*time.Second)
	return l
}

// Check says what is wrong with the endpoint, the model and the budget, before anything is sent.
func (r *Reader) Check() error {
	if strings.TrimSpace(r.Model) == "" {
		return errors.New("the second reader needs the name of a model")
	}
	u, err := url.Parse(r.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("the address of the second reader is %.80q: want http(s)://host/path", r.Endpoint)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("the address of the second reader has a name, a password, a query or a fragment: want http(s)://host/path alone")
	}
	if r.Limits.Money > 0 && r.Price.In <= 0 && r.Price.Out <= 0 {
		return errors.New("a budget in money needs the price of a million tokens")
	}
	return nil
}

// Host is that of the endpoint, with its port if it states one.
func (r *Reader) Host() string {
	u, err := url.Parse(r.Endpoint)
	if err != nil {
		return ""
	}
	return u.Host
}

// Read asks the model about a document and gives what it said, checked. An endpoint that fails is no error: the Reading
// says so and holds what was answered until then. The error is that of Plan. Neither facts nor report are changed.
func (r *Reader) Read(ctx context.Context, f *analyze.Facts, rep *analyze.Report) (*Reading, error) {
	p, err := r.Plan(f, rep)
	if err != nil {
		return nil, err
	}
	set, err := r.rules()
	if err != nil {
		return nil, err
	}
	h := &holder{set: set, day: rep.AsOf, document: snapshots.HashOf([]byte(f.Document.Text))}
	return r.run(ctx, p, known(f), h), nil
}
