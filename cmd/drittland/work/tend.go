package work

// This file is what every worker does for all, as often as it tells that it lives. Each step does no harm if another one does it as well.

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// tend gives back turns that are owed, asks for the duties, and gives back what dead workers, and lost completions, have left.
func (w *Worker) tend(ctx context.Context) error {
	return errors.Join(w.owed.pay(ctx, w.q, w.ID), w.duties(ctx), w.bury(ctx), w.reclaim(ctx))
}

// duties asks for the duties of the queues that this worker serves.
func (w *Worker) duties(ctx context.Context) (err error) {
	if slices.Contains(w.Queues, QueueCapture) {
		_, err = w.q.Put(ctx, Schedule{})
	}
	if slices.Contains(w.Queues, QueueDerive) {
		_, more := w.q.Put(ctx, Gather{}, Tidy{})
		err = errors.Join(err, more)
	}
	if slices.Contains(w.Queues, QueueDigest) {
		_, more := w.q.Put(ctx, Post{})
		err = errors.Join(err, more)
	}
	return err
}

// rescue takes running jobs away from those who do not run them. A job whose attempts are used up is dead: it may be what ends its workers. One that was to
// be cancelled is.
const rescue = `with taken as (
	select id from river_job where state = 'running' and %s for update skip locked
)
update river_job j set
	state = (case when metadata ? 'cancel_attempted_at' then 'cancelled' when attempt >= max_attempts then 'discarded' else 'available' end)::river_job_state,
	finalized_at = case when metadata ? 'cancel_attempted_at' or attempt >= max_attempts then now() end,
	scheduled_at = case when metadata ? 'cancel_attempted_at' or attempt >= max_attempts then scheduled_at else now() end,
	errors = array_append(errors, jsonb_build_object('at', now(), 'attempt', attempt, 'error', $2::text, 'trace', '')),
	metadata = metadata || jsonb_build_object('rescued', coalesce((metadata->>'rescued')::int, 0) + 1)
from taken where j.id = taken.id`

// bury takes dead workers off the list and gives back what they had. Who could not tell lately that it lives leaves that to others: the database
// may have been away for all.
func (w *Worker) bury(ctx context.Context) error {
	w.mu.Lock()
	steady := time.Since(w.steady) > w.Lease
	w.mu.Unlock()
	if !steady {
		return nil
	}
	rows, err := w.q.pool.Query(ctx, "delete from workers where seen < now() - $1::interval returning id", w.Lease)
	if err != nil {
		return err
	}
	dead, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	if len(dead) > 0 {
		w.Log.Warn("workers are dead; others do their jobs", "workers", dead)
	}
	_, err = w.q.pool.Exec(ctx, `update turns set next_at = greatest(next_at, now() + pause), holder = null, until = null
		where holder is not null and not exists (select from workers where id = holder)`)
	if err != nil {
		return err
	}
	tag, err := w.q.pool.Exec(ctx, fmt.Sprintf(rescue, "$1 and not exists (select from workers w where w.id = attempted_by[array_upper(attempted_by, 1)])"), true,
		ClassWorker+": the worker ended while it did the job")
	if n := tag.RowsAffected(); n > 0 {
		w.Log.Warn("jobs of dead workers are done by others", "jobs", n)
	}
	if err == nil {
		_, err = w.q.pool.Exec(ctx, "delete from turns where holder is null and next_at < now() - interval '1 day'")
	}
	if err == nil {
		err = w.q.unsettled(ctx)
	}
	return err
}

// forgotten is how long a job may be this worker's in the database though it does not run here: its end could not be recorded, or its begin not be heard of.
const forgotten = 20 * time.Second

// reclaim gives back jobs that this worker does not run, though the database says that it does.
func (w *Worker) reclaim(ctx context.Context) error {
	rows, err := w.q.pool.Query(ctx, `select id, attempted_at < now() - $2::interval from river_job
		where state = 'running' and attempted_by[array_upper(attempted_by, 1)] = $1`, w.ID, forgotten)
	if err != nil {
		return err
	}
	type running struct {
		ID  int64
		Old bool
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[running])
	if err != nil {
		return err
	}
	w.mu.Lock()
	var ours []int64
	for _, j := range all {
		_, runs := w.jobs[j.ID]
		ended, ran := w.ended[j.ID]
		if !runs && j.Old && (!ran || time.Since(ended) > forgotten) {
			ours = append(ours, j.ID)
		}
	}
	for id, at := range w.ended {
		if time.Since(at) > 10*forgotten {
			delete(w.ended, id)
		}
	}
	w.mu.Unlock()
	if len(ours) == 0 {
		return nil
	}
	_, err = w.q.pool.Exec(ctx, fmt.Sprintf(rescue, "id = any($1)"), ours, ClassArchive+": what became of the job could not be recorded")
	return err
}
