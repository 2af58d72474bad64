// Package work is the queue of jobs that many workers on many machines share: in the database of the archive, by River. It knows what a job
// is, whose turn it is, who lives, and what becomes of the jobs of one who died. What a job does, cmd/drittland does.
package work

// This file opens the queue and puts jobs into it.

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"github.com/drittland/drittland/snapshots/archive/pg"
)

// ErrNone says that no worker has laid out a queue in this database yet.
var ErrNone = errors.New("there is no queue of jobs in this database yet")

// A Queue is the jobs of one archive.
type Queue struct {
	db     *pg.DB
	pool   *pgxpool.Pool
	schema string
	client *river.Client[pgx.Tx] // that inserts and looks; a Worker has another one
}

// Open opens the queue in the database at address, with at most so many connections to it.
func Open(ctx context.Context, address string, connections int) (*Queue, error) {
	db, err := pg.Open(ctx, Pooled(address, connections))
	if err != nil {
		return nil, err
	}
	q := &Queue{db: db, pool: db.Pool(), schema: db.SchemaName()}
	q.client, err = river.NewClient(riverpgxv5.New(q.pool), &river.Config{Schema: q.schema, Logger: quiet})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return q, nil
}

// Pooled is an address with at most so many connections to its database, unless it says how many itself.
func Pooled(address string, connections int) string {
	if strings.Contains(address, "pool_max_conns") {
		return address
	}
	sep := "?"
	if strings.Contains(address, "?") {
		sep = "&"
	}
	return address + fmt.Sprintf("%spool_max_conns=%d", sep, connections)
}

// quiet takes what River says beside its errors.
var quiet = slog.New(slog.DiscardHandler)

// DB is the database that the queue is in.
func (q *Queue) DB() *pg.DB { return q.db }

// Close gives the connections back.
func (q *Queue) Close() error { return q.db.Close() }

// String is where the queue is, without a password.
func (q *Queue) String() string { return q.db.String() }

// lockLayout orders those who lay out the tables of River.
const lockLayout = "jobs:layout"

// LayOut makes the tables of the queue, or brings them up to this release. Of several at a time one does it and the others wait.
func (q *Queue) LayOut(ctx context.Context) error {
	m, err := rivermigrate.New(riverpgxv5.New(q.pool), &rivermigrate.Config{Schema: q.schema, Logger: quiet})
	if err != nil {
		return err
	}
	tx, err := q.pool.Begin(ctx)
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	defer func() { _ = tx.Rollback(ctx) }() // it holds nothing but the lock
	if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock(hashtextextended($1, 0))", q.schema+":"+lockLayout); err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("lay out the queue of jobs: %w", err)
	}
	return nil
}

// There is ErrNone where no worker has laid out a queue.
func (q *Queue) There(ctx context.Context) error {
	var there bool
	err := q.pool.QueryRow(ctx, "select to_regclass($1) is not null", pgx.Identifier{q.schema, "river_job"}.Sanitize()).Scan(&there)
	if err == nil && !there {
		err = ErrNone
	}
	return err
}

// Lives reports whether a worker serves the archive at address.
func Lives(ctx context.Context, address string) (lives bool, err error) {
	q, err := Open(ctx, address, 2)
	if err != nil {
		return false, err
	}
	err = q.pool.QueryRow(ctx, "select exists (select from workers where seen > now() - interval '2 minutes')").Scan(&lives)
	return lives, errors.Join(err, q.Close())
}

// Put puts jobs into the queue. Of one that is there already, no second one is made. fresh is how many were not.
func (q *Queue) Put(ctx context.Context, jobs ...Args) (fresh int, err error) {
	for len(jobs) > 0 {
		part := jobs[:min(len(jobs), 1000)]
		results, err := q.client.InsertMany(ctx, params(part))
		if err != nil {
			return fresh, fmt.Errorf("put jobs: %w", err)
		}
		for _, r := range results {
			if !r.UniqueSkippedAsDuplicate {
				fresh++
			}
		}
		jobs = jobs[len(part):]
	}
	return fresh, nil
}

func params(jobs []Args) []river.InsertManyParams {
	out := make([]river.InsertManyParams, len(jobs))
	for i, j := range jobs {
		o := j.options()
		out[i] = river.InsertManyParams{Args: j, InsertOpts: &o}
	}
	return out
}

// live are the states of a job that is still to be done.
var live = []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable, rivertype.JobStateScheduled}

// kept is how long a job that ended is kept for those who ask.
const (
	keptDone = 24 * time.Hour
	keptDead = 30 * 24 * time.Hour
)
