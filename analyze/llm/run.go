package llm

// Runs: the questions of a plan are asked, several at a time and within a budget, and the answers are put together.

import (
	"cmp"
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/drittland/drittland/snapshots"
)

// maxInRow is how many questions may fail one after the other until the endpoint is given up.
const maxInRow = 3

// An outcome is what came of one question.
type outcome struct {
	exchange
	state state
}

// A state says how far a question came.
type state int

const (
	unasked state = iota
	answered
	cached
	failed
)

// A runner asks the questions of one plan.
type runner struct {
	*asker
	ctx     context.Context
	purse   purse
	out     []outcome
	mu      sync.Mutex
	inRow   int     // failures one after the other
	given   bool    // the endpoint is given up
	stopped bool    // by the budget
	why     string  // the account said no; "" if it did not
	problem Problem // the first, or the one that ended the run
}

// run asks what is not in the cache and puts everything together.
func (r *Reader) run(ctx context.Context, p *Plan, facts knownFacts, h *holder) *Reading {
	l := r.Limits.defaults()
	n := &runner{asker: r.asker(l), ctx: ctx, purse: purse{tokens: l.Tokens, money: l.Money, price: r.Price}, out: make([]outcome, len(p.Questions))}
	n.all(p.Questions)
	n.sends.close(r.HTTP == nil)
	return n.gather(p, facts, h)
}

// all asks the questions in their order. The first goes alone: it shows whether anybody answers, and in which dialect.
func (n *runner) all(list []Question) {
	done := make(chan Usage) // what is held for a question that ended
	flying, most := 0, 1
	land := func() {
		n.purse.give(<-done)
		flying--
		most = n.limits.Parallel
	}
	for i := range list {
		q := &list[i]
		if q.Cached {
			n.out[i] = outcome{exchange: q.answer, state: cached}
			continue
		}
		for flying >= most {
			land()
		}
		taken := false
		for !n.ended() {
			if taken = n.purse.take(q.Tokens); taken || flying == 0 {
				break
			}
			land() // what is held for another may be more than it takes
		}
		if !taken {
			n.stop()
			continue
		}
		flying++
		go func() {
			var held Usage
			n.out[i], held = n.ask(q)
			done <- held
		}()
	}
	for flying > 0 {
		land()
	}
}

// ended reports whether nothing is asked any more.
func (n *runner) ended() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.given || n.stopped
}

// ask puts one question, and once more where the answer cannot be used and the budget allows it. What was answered and paid is kept, whatever becomes of the
// second try. It gives back what is held for it at the end.
func (n *runner) ask(q *Question) (outcome, Usage) {
	total, held, messages := Usage{}, q.Tokens, q.Messages
	var out outcome // of the first try
	for try := 0; ; try++ {
		settle, err := n.hold(n.ctx, held)
		if err != nil {
			n.refuse(err)
			return out, held
		}
		rep, problem := n.once(n.ctx, q.Job, messages)
		if problem != nil {
			spent := Usage{}
			if problem.Sent {
				spent = held
			}
			settle(spent, problem)
			n.fail(*problem)
			if try == 0 {
				out.state = failed
			}
			return out, held
		}
		n.well()
		n.purse.spend(rep.tokens)
		total = total.plus(rep.tokens)
		out = n.settled(settle, q, rep, total)
		if _, err = prompts()[q.Job].parse(rep.raw, rep.finish); err == nil || try > 0 {
			return out, held
		}
		messages = again(q.Messages, err)
		next := Usage{estimateAll(messages), n.limits.AnswerTokens}
		if !n.purse.swap(held, next) { // what it said is paid for, and would be again
			n.stop()
			return out, held
		}
		held = next
	}
}

// settled keeps an answer, and then settles what it took: a run that dies in between has lost neither.
func (n *runner) settled(settle func(Usage, *Problem), q *Question, rep reply, total Usage) outcome {
	defer settle(rep.tokens, nil)
	return n.keep(q, rep, total)
}

// keep makes an answer what the cache and the records hold.
func (n *runner) keep(q *Question, rep reply, total Usage) outcome {
	now := n.Now
	if now == nil {
		now = time.Now
	}
	x := exchange{Raw: rep.raw, Finish: rep.finish, Served: rep.served, Host: n.Host(), At: now().UTC().Truncate(time.Second), Tokens: total}
	if n.Cache != nil {
		if b, err := json.Marshal(x); err == nil {
			_ = n.Cache.Put(q.Key, b) // the answer is used all the same
		}
	}
	return outcome{exchange: x, state: answered}
}

// fail counts a failure and gives the endpoint up where asking on makes no sense.
func (n *runner) fail(p Problem) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.inRow++
	if n.problem.Kind == "" {
		n.problem = p
	}
	switch p.Kind {
	case Unreachable, Unauthorized, UnknownModel, Interrupted:
		n.given, n.problem = true, p
	default:
		n.given = n.given || n.inRow >= maxInRow
	}
}

// well tells that somebody answered.
func (n *runner) well() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.inRow = 0
}

// stop ends the run where the budget does not suffice, unless it has ended.
func (n *runner) stop() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stopped = n.stopped || !n.given
}

// refuse ends the run where the account says no.
func (n *runner) refuse(err error) {
	n.stop()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.why == "" {
		n.why = clip(line(n.scrub(err.Error())), maxDetail)
	}
}

// gather puts the outcomes together, in the order of the plan.
func (n *runner) gather(p *Plan, facts knownFacts, h *holder) *Reading {
	r := &Reading{Status: Complete, Tokens: n.purse.spent, Cost: n.Price.Cost(n.purse.spent), Problem: n.problem,
		Counts: Counts{Passages: p.Passages, Findings: p.Findings, Left: p.Left}}
	for i := range p.Questions {
		q, x := &p.Questions[i], &n.out[i]
		switch x.state {
		case unasked:
			r.Counts.Unasked++
			continue
		case failed:
			r.Counts.Failed++
			continue
		case cached:
			r.Counts.Cached++
		case answered:
			r.Counts.Asked++
		}
		r.take(n.opinion(q, x, h), facts)
	}
	switch {
	case n.given:
		r.Status = Failed
	case n.stopped:
		r.Status, r.Problem = Stopped, Problem{Kind: OverBudget, Detail: cmp.Or(n.why, "the next question does not fit into what is left")}
	case r.Counts.Failed > 0:
		r.Status = Partial
	default:
		r.Problem = Problem{} // of a second try at most; the first was answered
	}
	r.settle()
	return r
}

// opinion is the record of an answer.
func (n *runner) opinion(q *Question, x *outcome, h *holder) Opinion {
	o := Opinion{Job: q.Job, Document: h.document, Passage: q.Passage, Finding: q.Finding, Check: q.Check, Model: n.Model, Served: x.Served, Host: x.Host,
		Prompt: q.Key.Prompt, At: x.At, Raw: x.Raw, Finish: x.Finish, Tokens: x.Tokens, Cached: x.state == cached}
	if a, err := prompts()[q.Job].parse(x.Raw, x.Finish); err != nil {
		o.Verdict, o.Dropped.Form = NoOpinion, 1
	} else {
		h.hold(&o, q.about, a)
	}
	if b, err := snapshots.Encode(&o); err == nil { // strings and numbers always encode
		o.ID = string(snapshots.HashOf(b)[:16])
	}
	return o
}
