package work

// This file holds what all workers together spend on a second reader: within a budget for each day, a bound on calls at a time, and pauses after
// failures that hold for all. What a call may take is set aside before it is made and settled after it, so that a crash can only make the account too high.

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// Spent is what calls take.
type Spent struct {
	In, Out int     // tokens of questions, and of answers
	Cost    float64 // in the currency of the budget
}

// A Budget is what may be spent in a day, UTC.
type Budget struct {
	Tokens   int     // 0 for no bound
	Money    float64 // 0 for no bound
	Currency string  // of the price of tokens; "" if none is known
	Calls    int     // at a time, to one endpoint
}

// A Till pays for the calls of one worker to an endpoint. It is safe for concurrent use.
type Till struct {
	q      *Queue
	worker string
	host   string
	Budget
	mu     sync.Mutex
	calls  map[string]int
	spent  Spent
	usedUp string // the last day whose budget did not suffice for a call
}

// Till is that of a worker for an endpoint.
func (w *Worker) Till(host string, b Budget) *Till {
	return &Till{q: w.q, worker: w.ID, host: host, Budget: b, calls: map[string]int{}}
}

// Why a call may not be made now.
const (
	SpentUp  = "budget"  // of the day is used up, or does not suffice for the call
	Away     = "away"    // the endpoint failed, and is left alone for a while
	Full     = "full"    // as many calls are made as may be at a time
	TooLarge = "too big" // the budget of a whole day does not suffice for the call
)

// Closed says that a call may not be made now.
type Closed struct {
	Kind string
	In   time.Duration // after which it may be, as far as that is known
	Why  string        // for people
}

func (c *Closed) Error() string { return c.Why }

// A Hold is what is set aside for one call.
type Hold struct {
	till *Till
	most Spent
	id   int64
	at   time.Time
}

// account is how it stands, by the clock of the database. Calls of a worker that died count as if they had taken what they may.
const account = `with now as (select clock_timestamp() as at, (clock_timestamp() at time zone 'utc')::date as day),
taken as (
	select d.currency, tokens_in, tokens_out, cost from llm_days d, now where d.day = now.day
	union all select c.currency, tokens_in, tokens_out, cost from llm_calls c, now where c.day = now.day
)
select to_char(now.day, 'YYYY-MM-DD'), ((now.day + 1)::timestamp at time zone 'utc') - now.at,
	(select coalesce(sum(tokens_in), 0) from taken)::bigint, (select coalesce(sum(tokens_out), 0) from taken)::bigint,
	(select coalesce(sum(cost), 0) from taken where currency = $2), (select count(*) from llm_calls c where c.host = $1 and exists (select from workers w where w.id = c.worker)),
	coalesce(e.failures, 0), greatest(coalesce(e.until - now.at, interval '0'), interval '0'), coalesce(now.at - e.since, interval '0'), coalesce(e.why, '')
from now left join llm_endpoints e on e.host = $1`

// A TillStanding is how a till stands.
type TillStanding struct {
	Day      string // such as 2026-11-23
	Taken    Spent  // on this day, what is set aside included
	UsedUp   bool   // the budget of the day: it did not suffice for a call of this worker, or is all taken
	Flying   int    // calls
	Failures int    // of the endpoint, one after the other
	Away     time.Duration
	Why      string        // of the last failure
	left     time.Duration // of the day
	pause    time.Duration // for which the endpoint is left alone
}

type rower interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func (t *Till) stand(ctx context.Context, from rower) (*TillStanding, error) {
	var s TillStanding
	err := from.QueryRow(ctx, account, t.host, t.Currency).Scan(&s.Day, &s.left, &s.Taken.In, &s.Taken.Out, &s.Taken.Cost, &s.Flying, &s.Failures, &s.pause, &s.Away, &s.Why)
	if s.Failures == 0 {
		s.Away, s.Why = 0, ""
	}
	return &s, err
}

// closed says why a call may not be made; nil if it may.
func (t *Till) closed(s *TillStanding, most Spent) *Closed {
	budget, taken := t.limit(), s.Taken
	over := func(x Spent) bool {
		return t.Tokens > 0 && x.In+x.Out > t.Tokens || t.Money > 0 && x.Cost > t.Money*(1+1e-9)
	}
	switch {
	case over(most):
		return &Closed{TooLarge, 0, fmt.Sprintf("one question may take %d tokens, more than the budget of a whole day (%s) allows", most.In+most.Out, budget)}
	case over(Spent{taken.In + most.In, taken.Out + most.Out, taken.Cost + most.Cost}):
		return &Closed{SpentUp, s.left, fmt.Sprintf("the budget of %s (%s) does not suffice for the next question; it goes on the next day, UTC", s.Day, budget)}
	case s.pause > 0:
		return &Closed{Away, s.pause, fmt.Sprintf("%s is left alone for %s: %s", t.host, s.pause.Round(time.Second), s.Why)}
	case s.Failures > 0 && s.Flying > 0: // one call shows whether it is there again
		return &Closed{Full, 0, fmt.Sprintf("%s has failed, and another call tries it: %s", t.host, s.Why)}
	case s.Flying >= t.Calls:
		return &Closed{Full, 0, fmt.Sprintf("%d questions are asked at a time, and no more may be", t.Calls)}
	}
	return nil
}

// limit is the budget, for people.
func (t *Till) limit() string {
	if t.Money > 0 {
		return fmt.Sprintf("%g %s", t.Money, t.Currency)
	}
	return fmt.Sprintf("%d tokens", t.Tokens)
}

// Standing is how it stands, and why no call that takes most may be made; nil if one may.
func (t *Till) Standing(ctx context.Context, most Spent) (*TillStanding, *Closed, error) {
	s, err := t.stand(ctx, t.q.pool)
	if err != nil {
		return nil, nil, fmt.Errorf("account of the second reader: %w", err)
	}
	c := t.closed(s, most)
	t.mu.Lock()
	defer t.mu.Unlock()
	s.UsedUp = t.usedUp == s.Day || c != nil && c.Kind == SpentUp
	return s, c, nil
}

// Hold sets aside what a call may take. The error is a *Closed if it may not be made now.
func (t *Till) Hold(ctx context.Context, most Spent) (*Hold, error) {
	h := &Hold{till: t, most: most}
	err := pgx.BeginFunc(ctx, t.q.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock(hashtextextended(current_schema() || ':llm', 0))"); err != nil {
			return err
		}
		s, err := t.stand(ctx, tx)
		if err != nil {
			return err
		}
		if c := t.closed(s, most); c != nil {
			if c.Kind == SpentUp {
				t.mu.Lock()
				t.usedUp = s.Day
				t.mu.Unlock()
			}
			return c
		}
		return tx.QueryRow(ctx, `insert into llm_calls (day, currency, worker, host, at, tokens_in, tokens_out, cost) values ($1::text::date, $2, $3, $4, clock_timestamp(), $5, $6, $7)
			returning id, at`, s.Day, t.Currency, t.worker, t.host, most.In, most.Out, most.Cost).Scan(&h.id, &h.at)
	})
	var c *Closed
	switch {
	case errors.As(err, &c):
		t.count(c.Kind, Spent{})
		return nil, c
	case err != nil:
		return nil, fmt.Errorf("account of the second reader: %w", err)
	}
	return h, nil
}

// settleTime is for how long a settlement is tried while the database is away. What is not settled counts as if it had taken all that it may.
const settleTime = 20 * time.Second

// Steadily does something to the database that is paid for: it is tried for a while, whatever ctx says.
func Steadily(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	for {
		err := f(ctx)
		if err == nil || rest(ctx, time.Second) != nil {
			return err
		}
	}
}

const settlement = `with ended as (delete from llm_calls where id = $1 returning day, currency)
insert into llm_days (day, currency, calls, tokens_in, tokens_out, cost) select day, currency, 1, $2, $3, $4 from ended
on conflict (day, currency) do update set calls = llm_days.calls + 1, tokens_in = llm_days.tokens_in + excluded.tokens_in,
	tokens_out = llm_days.tokens_out + excluded.tokens_out, cost = llm_days.cost + excluded.cost`

func (h *Hold) settle(ctx context.Context, spent Spent) error {
	_, err := h.till.q.pool.Exec(ctx, settlement, h.id, spent.In, spent.Out, spent.Cost)
	return err
}

// Settle records what an answered call took. Its endpoint is well, unless it failed meanwhile.
func (h *Hold) Settle(ctx context.Context, spent Spent) error {
	h.till.count("answered", spent)
	return Steadily(ctx, func(ctx context.Context) error {
		if err := h.settle(ctx, spent); err != nil {
			return err
		}
		_, err := h.till.q.pool.Exec(ctx, "update llm_endpoints set failures = 0, since = null, why = '' where host = $1 and failures > 0 and closed < $2", h.till.host, h.at)
		return err
	})
}

// longestPause is the longest between two calls to an endpoint that fails.
const longestPause = 30 * time.Minute

// A Fault is why a call failed. First is the pause after the first failure, twice as long after each further one; 0 if the endpoint is not to blame.
// After is what the endpoint wants.
type Fault struct {
	Why          string
	First, After time.Duration
}

// Fail records what a failed call took, and has all workers leave the endpoint alone for a while. Of calls that were made side by side only one failure counts.
func (h *Hold) Fail(ctx context.Context, spent Spent, f Fault) error {
	h.till.count("failed", spent)
	return Steadily(ctx, func(ctx context.Context) error {
		if err := h.settle(ctx, spent); err != nil || f.First <= 0 {
			return err
		}
		_, err := h.till.q.pool.Exec(ctx, `insert into llm_endpoints as e (host, failures, since, closed, until, why)
			values ($1, 1, clock_timestamp(), clock_timestamp(), clock_timestamp() + greatest($2::interval, $3::interval), $4)
			on conflict (host) do update set failures = case when e.closed < $5 then e.failures + 1 else greatest(e.failures, 1) end, since = coalesce(e.since, clock_timestamp()),
				until = greatest(e.until, clock_timestamp() + greatest(least($2::interval * power(2, case when e.closed < $5 then least(e.failures, 20) else 0 end), $6::interval), $3::interval)),
				closed = case when e.closed < $5 then clock_timestamp() else e.closed end, why = excluded.why`, h.till.host, f.First, min(f.After, 2*longestPause), f.Why, h.at, longestPause)
		return err
	})
}

func (t *Till) count(what string, spent Spent) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls[what]++
	t.spent = Spent{t.spent.In + spent.In, t.spent.Out + spent.Out, t.spent.Cost + spent.Cost}
}

// Counts are what became of the calls of this worker, those that might not be made included, and what they took.
func (t *Till) Counts() (calls map[string]int, spent Spent) {
	t.mu.Lock()
	defer t.mu.Unlock()
	calls = map[string]int{}
	for k, n := range t.calls {
		calls[k] = n
	}
	return calls, t.spent
}

// Waits is for how long the version that waits longest for a second reading does, those left out that somebody put into the queue; 0 if none does.
func (t *Till) Waits(ctx context.Context) (d time.Duration, err error) {
	err = t.q.pool.QueryRow(ctx, `select coalesce(max(now() - created_at), interval '0') from river_job where kind = $1 and state in ('available', 'scheduled', 'retryable')
		and not coalesce((args->>'old')::boolean, false)`, SecondRead{}.Kind()).Scan(&d)
	if err != nil {
		return 0, fmt.Errorf("jobs: %w", err)
	}
	return d, nil
}

// unsettled takes calls of dead workers as having taken what they may, and forgets answers that nobody recorded for long.
func (q *Queue) unsettled(ctx context.Context) error {
	_, err := q.pool.Exec(ctx, `with ended as (delete from llm_calls c where not exists (select from workers w where w.id = c.worker) returning day, currency, tokens_in, tokens_out, cost)
		insert into llm_days (day, currency, calls, tokens_in, tokens_out, cost) select day, currency, count(*), sum(tokens_in), sum(tokens_out), sum(cost) from ended group by day, currency
		on conflict (day, currency) do update set calls = llm_days.calls + excluded.calls, tokens_in = llm_days.tokens_in + excluded.tokens_in,
			tokens_out = llm_days.tokens_out + excluded.tokens_out, cost = llm_days.cost + excluded.cost`)
	if err == nil {
		_, err = q.pool.Exec(ctx, "delete from llm_answers where at < now() - $1::interval", keptAnswers)
	}
	return err
}
