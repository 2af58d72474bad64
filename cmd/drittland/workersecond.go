package main

// Second readings by workers: one job for each version, paid for out of one budget of all workers. They alter no finding, and nobody waits for them.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/analyze/llm"
	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/watch"
	"github.com/drittland/drittland/cmd/drittland/work"
	"github.com/drittland/drittland/diff"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

const (
	mostReading  = 45 * time.Minute // that the reading of one version may take; it goes on later where it was
	inPlace      = 2 * time.Minute  // that a job waits in its place for an endpoint that is left alone
	inPlaceFull  = 15 * time.Second // and for other questions to be answered
	leastAsked   = 2500             // tokens below which no question is
	mostRefusals = 3                // of a question, before its job is dead
)

// servesLLM has a worker serve the queue llm where it is told to, and gives it a second reader then; nil if it does not. Without --queue it is what the
// settings say, who must ask for it: a worker that is merely started asks nobody who may want money for it.
func (t *tool) servesLLM(c *cli.Context, set *settled, o *work.Options) (*secondReader, error) {
	if !c.IsSet("queue") {
		o.Queues = slices.Clone(work.Free)
		if set.LLM.Read != "" {
			o.Queues = append(o.Queues, work.QueueLLM)
		}
	}
	if !slices.Contains(o.Queues, work.QueueLLM) {
		for _, name := range []string{"llm-read", "llm-model", "llm-url", "llm-http", "llm-price", "llm-budget"} {
			if c.IsSet(name) {
				return nil, usage(fmt.Errorf("--%s goes with --queue llm: nothing is sent without it", name), commandName(c))
			}
		}
		return nil, nil
	}
	r, err := t.namedReader(c, nil)
	var known *coded
	if errors.As(err, &known) && known.code == exitUsage && !c.IsSet("queue") {
		known.hint = "llm.read in the settings has workers serve the queue llm; --queue " + strings.Join(work.Free, ",") + " leaves it out on this machine"
	}
	return r, err
}

// A secondHand is what a worker reads with.
type secondHand struct {
	*secondReader
	till   *work.Till
	budget string
}

// tillOf is what all workers may spend with a reader. Its own run has no other bound.
func (h *hand) tillOf(r *secondReader) *secondHand {
	b := work.Budget{Tokens: cmp.Or(r.Limits.Tokens, usualTokens), Money: r.Limits.Money, Currency: r.Currency, Calls: max(r.Limits.Parallel, 1)}
	if b.Money > 0 {
		b.Tokens = 0
	}
	r.Limits.Tokens, r.Limits.Money, r.Limits.Parallel, r.Limits.Retries = mostTokens, 0, 1, -1
	r.say = func(string, ...any) {}
	return &secondHand{r, h.worker.Till(r.Host(), b), h.set.LLM.Budget}
}

// inForm are the classes of changes that say nothing else, or are no change of the service.
var inForm = []diff.Class{"", diff.None, diff.Cosmetic, diff.DateOnly, diff.Extraction, diff.FlipLocale, diff.FlipVariant}

// worthReading reports whether a version that was just read is one that a second reader is to read, too.
func worthReading(which string, res *result) bool {
	r := res.Row
	if which == "" || r == nil || res.Version == nil || !holdsText(*res.Version) || r.Waits {
		return false
	}
	switch which {
	case config.ReadAll:
		return true
	case config.ReadAlerts:
		return r.Number > 1 && r.Alert
	}
	return r.Number > 1 && r.Variant == "" && r.Cause == snapshots.TermsCh && !slices.Contains(inForm, diff.Class(r.Class))
}

// secondReadOf is the job to read a version.
func secondReadOf(v snapshots.Version) work.SecondRead {
	return work.SecondRead{Service: v.Terms.Service, Type: v.Terms.Type, Version: v.ID, Snapshot: v.Snapshot}
}

// An account pays for the questions of one job.
type account struct {
	h      *hand
	closed *work.Closed // why nothing more was asked
	lost   error        // the account could not be reached
	mu     sync.Mutex
	last   *llm.Problem
}

// Hold is that of an llm.Account. Where the endpoint is left alone for a short while, or others ask, it waits in its place.
func (a *account) Hold(ctx context.Context, most llm.Usage) (func(llm.Usage, *llm.Problem), error) {
	switch { // it is the same for the other texts of a version
	case a.lost != nil:
		return nil, a.lost
	case a.closed != nil:
		return nil, a.closed
	}
	s := a.h.second
	var held *work.Hold
	err := a.patiently(ctx, func() (closed *work.Closed, err error) {
		held, err = s.till.Hold(ctx, s.taken(most))
		if errors.As(err, &closed) {
			return closed, nil
		}
		return nil, err
	})
	if err != nil {
		return nil, err
	}
	return func(spent llm.Usage, p *llm.Problem) {
		if p == nil {
			err = held.Settle(ctx, s.taken(spent))
		} else {
			a.mu.Lock()
			a.last = p
			a.mu.Unlock()
			err = held.Fail(ctx, s.taken(spent), faultOf(p))
		}
		if err != nil {
			a.h.log.Warn("what a question took could not be recorded; it counts as what it may take at most", "why", err)
		}
		a.h.reached("asked")
	}, nil
}

// taken is what tokens cost.
func (s *secondHand) taken(u llm.Usage) work.Spent {
	return work.Spent{In: u.In, Out: u.Out, Cost: s.Price.Cost(u)}
}

// faultOf says for how long an endpoint is left alone after a failure.
func faultOf(p *llm.Problem) work.Fault {
	f := work.Fault{Why: problemLine(p), First: 2 * time.Second, After: p.After}
	switch p.Kind {
	case llm.Unauthorized, llm.UnknownModel: // a person must do something
		f.First = 5 * time.Minute
	case llm.Refused, llm.Interrupted:
		f.First = 0
	}
	return f
}

func problemLine(p *llm.Problem) string { return string(p.Kind) + ": " + p.Detail }

// patiently calls f until it is not closed any more, for a short while.
func (a *account) patiently(ctx context.Context, f func() (*work.Closed, error)) error {
	began := time.Now()
	for {
		closed, err := f()
		if err != nil {
			a.lost = err
			return err
		}
		if closed == nil {
			return nil
		}
		waited := time.Since(began)
		wait := max(closed.In, 300*time.Millisecond) + rand.N(300*time.Millisecond)
		if !(closed.Kind == work.Away && waited+wait <= inPlace || closed.Kind == work.Full && waited <= inPlaceFull) {
			a.closed = closed
			return closed
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-a.h.worker.Ending(): // another worker may wait as well
			timer.Stop()
			a.closed = closed
			return closed
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// ready waits until a question may be asked.
func (a *account) ready(ctx context.Context) error {
	least := a.h.second.taken(llm.Usage{In: leastAsked})
	return a.patiently(ctx, func() (*work.Closed, error) {
		_, closed, err := a.h.second.till.Standing(ctx, least)
		return closed, err
	})
}

// outcome says what becomes of a job that is not done.
func (a *account) outcome(ctx context.Context, j work.Job) error {
	switch c, p := a.closed, a.last; {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case a.lost != nil:
		return archiveFailed(a.lost)
	case c != nil && c.Kind == work.TooLarge:
		return &work.Failure{Class: work.ClassModel, Final: true, Err: c}
	case c != nil && c.Kind == work.SpentUp: // not all in one moment
		return &work.Later{In: c.In + time.Second + rand.N(5*time.Minute), Why: c.Why}
	case c != nil:
		return &work.Later{In: c.In + 5*time.Second + rand.N(10*time.Second), Why: c.Why}
	case p == nil:
		return &work.Failure{Class: work.ClassModel, Err: errors.New("not every question was answered")}
	case p.Kind == llm.Busy: // it is there, and wants time
		return &work.Later{In: max(p.After, 2*time.Second) + rand.N(2*time.Second), Why: problemLine(p)}
	default:
		return &work.Failure{Class: work.ClassModel, Final: p.Kind == llm.Refused && j.Attempt >= mostRefusals, After: p.After, Err: errors.New(problemLine(p))}
	}
}

// secondReadJob is the job to have a version read by the second reader.
func (h *hand) secondReadJob(ctx context.Context, j work.Job, args work.SecondRead) ([]work.Args, error) {
	a := &account{h: h}
	terms := snapshots.Terms{Service: args.Service, Type: args.Type}
	x, ok, err := h.versionOf(terms, args)
	if err != nil {
		return nil, archiveFailed(err)
	}
	if !ok { // it was erased, or reads otherwise now
		return nil, h.dropAnswers(ctx, terms)
	}
	if a.ready(ctx) != nil {
		return nil, a.outcome(ctx, j)
	}
	done, late := false, false
	ok, err = h.turns.Alone(ctx, "second:"+terms.Service+"\n"+terms.Type, h.readingTime(), func(ctx context.Context) (err error) { // versions have questions in common
		done, err = h.readSecond(ctx, a, &x)
		late = ctx.Err() != nil
		return err
	})
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case late:
		return nil, &work.Later{In: 5 * time.Second, Why: "reading it takes long; what was answered is kept"}
	case errors.Is(err, archive.ErrErased) || errors.Is(err, archive.ErrNotFound):
		h.log.Info("a version is not there any more; it gets no second reading", "service", terms.Service, "terms", terms.Type, "why", err)
		return nil, h.dropAnswers(ctx, terms)
	case err != nil:
		return nil, archiveFailed(err)
	case !ok:
		return nil, &work.Later{In: 2*time.Second + rand.N(5*time.Second)}
	case !done:
		return nil, a.outcome(ctx, j)
	}
	return nil, nil
}

// readingTime bounds the reading of one version.
func (h *hand) readingTime() time.Duration { return max(mostReading, 2*h.second.Limits.Timeout) }

func (h *hand) dropAnswers(ctx context.Context, terms snapshots.Terms) error {
	if err := h.queue.DropAnswers(ctx, terms.Service, terms.Type, nil); err != nil {
		return archiveFailed(err)
	}
	return nil
}

// versionOf finds the version of a job; one that was read again since is found by its snapshot.
func (h *hand) versionOf(terms snapshots.Terms, args work.SecondRead) (x toRead, ok bool, err error) {
	err = h.store.look(func(a *archive.Archive) error {
		hist, err := readHistory(a, terms)
		if err != nil {
			return err
		}
		for _, line := range hist.lines() {
			for i, v := range line.Versions {
				if v.ID == args.Version || v.Snapshot == args.Snapshot && x.version.ID != args.Version {
					x, ok = toRead{terms, i + 1, v}, true
				}
			}
		}
		return nil
	})
	return x, ok, err
}

// readSecond has a version read, and records what was said of it, be it all or not.
func (h *hand) readSecond(ctx context.Context, a *account, x *toRead) (done bool, err error) {
	kept, err := h.queue.Answers(ctx, x.terms.Service, x.terms.Type)
	if err != nil {
		return false, err
	}
	r, lr := *h.second.secondReader, *h.second.Reader
	r.Reader, lr.Account = &lr, a
	o := &opining{tool: h.tool, store: h.store, engine: h.engine, reader: &r, beside: answersKept(kept)}
	o.keep = func(k llm.Key, b []byte) error {
		return h.queue.PutAnswer(ctx, x.terms.Service, x.terms.Type, k.String(), b)
	}
	r.took = func(list []llm.Opinion) { o.said = append(o.said, list...) }
	began := h.env.Now()
	_, second, n, err := o.version(ctx, x)
	if err != nil {
		return false, err
	}
	var keys []string
	for i := range o.said {
		k, _ := o.said[i].Entry()
		keys = append(keys, k.String())
	}
	if len(kept) > 0 || second.Counts.Asked > 0 {
		if err := h.queue.DropAnswers(ctx, x.terms.Service, x.terms.Type, keys); err != nil {
			return false, err
		}
	}
	h.log.Debug("second reading", "service", x.terms.Service, "terms", x.terms.Type, "version", x.version.ID, "status", second.Status, "asked", second.Counts.Asked,
		"answered before", second.Counts.Cached, "recorded", n, "tokens", second.Tokens.Total(), "took", seconds(h.env.Now().Sub(began)))
	return second.Status == llm.Complete, nil
}

// answersKept are answers that are not recorded yet.
type answersKept map[string][]byte

// Get is that of an llm.Cache.
func (m answersKept) Get(k llm.Key) ([]byte, bool) { b, ok := m[k.String()]; return b, ok }

// Put is that of an llm.Cache; nobody calls it.
func (m answersKept) Put(llm.Key, []byte) error { return nil }

// showSecond is how the second reader stands, for health and metrics; nil if this worker has none or it cannot be had.
func (h *hand) showSecond(ctx context.Context) *watch.SecondReader {
	if h.second == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, shownEvery)
	defer cancel()
	s := h.second
	at, _, err := s.till.Standing(ctx, s.taken(llm.Usage{In: leastAsked}))
	waits, more := s.till.Waits(ctx)
	if errors.Join(err, more) != nil {
		return nil
	}
	calls, spent := s.till.Counts()
	return &watch.SecondReader{Host: s.Host(), Model: s.Model, Day: at.Day, Tokens: at.Taken.In + at.Taken.Out, Cost: at.Taken.Cost, Currency: s.Currency, MostTokens: s.till.Tokens, MostCost: s.till.Money,
		Away: at.Away, Why: at.Why, Waits: waits, Calls: calls, In: spent.In, Out: spent.Out, Paid: spent.Cost, UsedUp: at.UsedUp}
}
