package work

// This file is what people see of the queue, and do to it.

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// States are the states of a job, as River names them. Those of a dead one are "cancelled" and "discarded".
var States = []string{"available", "running", "scheduled", "retryable", "completed", "cancelled", "discarded"}

// Dead are the states of jobs that nobody does any more, though they were not done.
var Dead = []string{"cancelled", "discarded"}

// An Entry is a job as people see it.
type Entry struct {
	ID       int64           `json:"id"`
	Kind     string          `json:"kind"`
	Queue    string          `json:"queue"`
	State    string          `json:"state"`
	About    string          `json:"about"` // "Clipzy · Privacy Policy"
	Args     json.RawMessage `json:"args"`
	Attempt  int             `json:"attempt"`
	Most     int             `json:"max_attempts"`
	Created  time.Time       `json:"created"`
	Due      time.Time       `json:"due"` // before which it is not begun
	Begun    *time.Time      `json:"begun,omitempty"`
	Ended    *time.Time      `json:"ended,omitempty"`
	Worker   string          `json:"worker,omitempty"` // that began it last
	Why      string          `json:"why,omitempty"`    // it failed the last time
	Failures []Attempt       `json:"failures,omitempty"`
}

// An Attempt is one that failed.
type Attempt struct {
	Number int       `json:"attempt"`
	At     time.Time `json:"at"`
	Why    string    `json:"why"`
}

// A Wish is which jobs are looked for; empty fields stand for all.
type Wish struct {
	States, Queues, Kinds []string
	Most                  int
}

// List gives jobs, the newest first.
func (q *Queue) List(ctx context.Context, wish Wish) ([]Entry, error) {
	p := river.NewJobListParams().First(wish.Most).OrderBy(river.JobListOrderByID, river.SortOrderDesc)
	if len(wish.States) > 0 {
		var states []rivertype.JobState
		for _, s := range wish.States {
			states = append(states, rivertype.JobState(s))
		}
		p = p.States(states...)
	}
	if len(wish.Queues) > 0 {
		p = p.Queues(wish.Queues...)
	}
	if len(wish.Kinds) > 0 {
		p = p.Kinds(wish.Kinds...)
	}
	got, err := q.client.JobList(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	out := []Entry{}
	for _, j := range got.Jobs {
		out = append(out, entry(j))
	}
	return out, nil
}

// ErrUnknown says that there is no such job, or not any more, and ErrLive that one like it is to be done already.
var (
	ErrUnknown = errors.New("there is no such job")
	ErrLive    = errors.New("there is a job for the same already that is still to be done")
	ErrRuns    = errors.New("it runs")
)

// Get gives one job.
func (q *Queue) Get(ctx context.Context, id int64) (Entry, error) {
	return one(q.client.JobGet(ctx, id))
}

// Retry has a job done again, now.
func (q *Queue) Retry(ctx context.Context, id int64) (Entry, error) {
	e, err := one(q.client.JobRetry(ctx, id))
	if err == nil && e.State == "running" {
		err = ErrRuns
	}
	return e, err
}

// Cancel has a job not done. One that runs is told to end.
func (q *Queue) Cancel(ctx context.Context, id int64) (Entry, error) {
	return one(q.client.JobCancel(ctx, id))
}

func one(j *rivertype.JobRow, err error) (Entry, error) {
	var pe *pgconn.PgError
	switch {
	case errors.Is(err, river.ErrNotFound):
		return Entry{}, ErrUnknown
	case errors.As(err, &pe) && pe.Code == "23505":
		return Entry{}, ErrLive
	case err != nil:
		return Entry{}, fmt.Errorf("jobs: %w", err)
	}
	return entry(j), nil
}

func entry(j *rivertype.JobRow) Entry {
	e := Entry{ID: j.ID, Kind: j.Kind, Queue: j.Queue, State: string(j.State), Args: j.EncodedArgs, Attempt: j.Attempt, Most: j.MaxAttempts,
		Created: j.CreatedAt.UTC(), Due: j.ScheduledAt.UTC(), About: about(j.EncodedArgs)}
	if j.AttemptedAt != nil {
		t := j.AttemptedAt.UTC()
		e.Begun = &t
	}
	if j.FinalizedAt != nil {
		t := j.FinalizedAt.UTC()
		e.Ended = &t
	}
	if n := len(j.AttemptedBy); n > 0 {
		e.Worker = j.AttemptedBy[n-1]
	}
	for _, x := range j.Errors {
		e.Why = strings.TrimPrefix(x.Error, "JobCancelError: ") // that of River
		e.Failures = append(e.Failures, Attempt{Number: x.Attempt, At: x.At.UTC(), Why: e.Why})
	}
	if why := putOff(j.Metadata); e.State == string(rivertype.JobStateScheduled) && why != "" {
		e.Why = why
	}
	if e.State == string(rivertype.JobStateCancelled) && bytes.Contains(j.Metadata, []byte(`"cancel_attempted_at"`)) {
		e.Why = byHand
	}
	return e
}

// putOff is why a job was put off the last time, "" if nobody said.
func putOff(metadata []byte) string {
	var m map[string]json.RawMessage
	var why string
	if json.Unmarshal(metadata, &m) != nil || json.Unmarshal(m[whyLater], &why) != nil {
		return ""
	}
	return why
}

// byHand is why a job is dead that somebody cancelled.
const byHand = "cancelled by hand"

// ByHand reports whether somebody cancelled a job.
func (e *Entry) ByHand() bool { return e.Why == byHand }

// about says what a job is about.
func about(args []byte) string {
	var a struct {
		Service string `json:"service"`
		Type    string `json:"terms_type"`
		Org     string `json:"organisation"`
		List    string `json:"list"`
		Period  string `json:"period"`
	}
	switch err := json.Unmarshal(args, &a); {
	case err != nil:
		return ""
	case a.Service != "":
		return a.Service + " · " + a.Type
	case a.Org != "":
		return a.Org + " · " + a.List + " · " + a.Period
	case a.List != "":
		return a.List + " · " + a.Period
	}
	return ""
}

// A Size is how many jobs of a queue are in a state.
type Size struct {
	Queue, State string
	Jobs         int
}

// A Standing is how the queue stands.
type Standing struct {
	Sizes   []Size
	Lag     map[string]time.Duration // by queue: for how long the job that waits longest could have been begun
	Workers int                      // that live
	Failed  int                      // jobs that died in the last day
	Dead    map[string]int           // of these, by class; what has none of ours is "other"
	Due     time.Duration            // for how long the source that waits longest for its capture is due
	Taken   int                      // how often jobs that are still kept were taken over from workers that had died
}

// Standing looks at the queue.
func (q *Queue) Standing(ctx context.Context) (*Standing, error) {
	s := &Standing{Lag: map[string]time.Duration{}}
	rows, err := q.pool.Query(ctx, `select queue, state::text, count(*), coalesce(max(now() - scheduled_at) filter (where state = 'available' and scheduled_at <= now()), interval '0')
		from river_job group by queue, state order by queue, state`)
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var x Size
		var lag time.Duration
		if err := rows.Scan(&x.Queue, &x.State, &x.Jobs, &lag); err != nil {
			return nil, fmt.Errorf("jobs: %w", err)
		}
		s.Sizes = append(s.Sizes, x)
		s.Lag[x.Queue] = max(s.Lag[x.Queue], lag)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	err = q.pool.QueryRow(ctx, `select (select count(*) from workers), (select count(*) from river_job where state in ('cancelled', 'discarded') and finalized_at > now() - interval '1 day')`).Scan(&s.Workers, &s.Failed)
	if err == nil {
		err = q.pool.QueryRow(ctx, `select coalesce(greatest(max(now() - (args->>'due')::timestamptz) filter (where kind = 'capture' and state not in ('completed', 'cancelled', 'discarded')), interval '0'), interval '0'),
			coalesce(sum((metadata->>'rescued')::int), 0) from river_job`).Scan(&s.Due, &s.Taken)
	}
	if err == nil {
		err = q.dead(ctx, s)
	}
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return s, nil
}

// silent is for how long nothing may be heard of a worker that is said to live; several times what workers take for it among themselves.
const silent = 2 * time.Minute

// Unserved are the queues in which jobs wait and from which no worker that lives takes any.
func (q *Queue) Unserved(ctx context.Context) ([]string, error) {
	rows, err := q.pool.Query(ctx, `select x from unnest($1::text[]) x where exists (select from river_job where queue = x and state in ('available', 'retryable', 'scheduled'))
		and not exists (select from workers where x = any(queues) and seen > now() - $2::interval)`, Queues, silent)
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return out, nil
}

// dead counts the jobs that died in the last day by the class that their last failure begins with.
func (q *Queue) dead(ctx context.Context, s *Standing) error {
	s.Dead = map[string]int{}
	rows, err := q.pool.Query(ctx, `select split_part(regexp_replace(errors[array_upper(errors, 1)]->>'error', '^JobCancelError: ', ''), ':', 1), count(*)
		from river_job where state in ('cancelled', 'discarded') and finalized_at > now() - interval '1 day' group by 1`)
	if err != nil {
		return err
	}
	var class *string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&class, &n}, func() error {
		if class == nil || !slices.Contains(Classes, *class) {
			s.Dead[ClassOther] += n
		} else {
			s.Dead[*class] += n
		}
		return nil
	})
	return err
}
