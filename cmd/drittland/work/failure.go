package work

// This file says what becomes of a job that was not done.

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/drittland/drittland/fetch"
)

// Later is the error of a job that gives its place to others and is done later. It is no failure.
type Later struct {
	In  time.Duration
	Why string // for those who look at the job meanwhile; "" for nothing worth telling
}

func (l *Later) Error() string {
	s := "later, in " + l.In.Round(time.Second).String()
	if l.Why != "" {
		s += ": " + l.Why
	}
	return s
}

// whyLater is where the metadata of a job say why it was put off.
const whyLater = "later"

// The classes of failures, beside the kinds of fetch.Failure.
const (
	ClassArchive = "archive" // the archive, or the queue, could not be reached or written
	ClassWorker  = "worker"  // the worker ended
	ClassModel   = "second reader"
	ClassOther   = "other"
)

// Classes are all classes of failures, with those of fetching pages.
var Classes = []string{ClassArchive, ClassWorker, ClassOther, string(fetch.NotFound), string(fetch.Gone), string(fetch.Moved), string(fetch.Blocked), string(fetch.Transient), string(fetch.TooBig),
	string(fetch.PrivateAddress), string(fetch.WrongScheme), string(fetch.BadAddress), string(fetch.Broken)}

// A Failure is why a job was not done.
type Failure struct {
	Class string        // "not available now", "blocked" …
	Final bool          // another attempt would not help: the job is dead until somebody has it retried
	After time.Duration // of the next attempt, not before; 0 for the back-off of the class
	Err   error
}

func (f *Failure) Error() string { return fmt.Sprintf("%s: %s", f.Class, f.Err) }

// Unwrap gives the error beneath.
func (f *Failure) Unwrap() error { return f.Err }

// backOff is how long after its n-th attempt a job is tried again.
func backOff(f *Failure, n int) time.Duration {
	first, most := time.Minute, 2*time.Hour
	if f.Class == ClassArchive {
		first, most = 5*time.Second, 10*time.Minute
	}
	if f.Class == ClassModel {
		first = 3 * time.Second
	}
	d := min(first<<min(max(n-1, 0), 10), most)
	d += rand.N(d/5 + 1) // not all at once
	return max(d, f.After)
}

var (
	// errFenced is why the context of a job ends when its worker has lost touch with the database.
	errFenced = errors.New("the worker has lost touch with the database")
	// ErrLost says that others have taken over what this worker did, because nothing was heard of it.
	ErrLost = errors.New("nothing was heard of this worker for too long, and others do its jobs")
)

// A worker of one kind of jobs, for River.
type kind[T Args] struct {
	river.WorkerDefaults[T]
	w       *Worker
	timeout time.Duration
	do      func(ctx context.Context, j Job, args T) (then []Args, err error)
}

// A Job is what is known of a job beside its arguments.
type Job struct {
	ID      int64
	Attempt int  // from 1 on
	Again   bool // it was begun before
}

// On has jobs of one kind done by f, which gives the jobs to be put into the queue in the same moment in which this one ends.
func On[T Args](w *Worker, timeout time.Duration, f func(ctx context.Context, j Job, args T) (then []Args, err error)) {
	river.AddWorker(w.kinds, &kind[T]{w: w, timeout: timeout, do: f})
}

// Timeout is that of a river.Worker.
func (k *kind[T]) Timeout(*river.Job[T]) time.Duration { return k.timeout }

// NextRetry is that of a river.Worker.
func (k *kind[T]) NextRetry(j *river.Job[T]) time.Time {
	f, ok := k.w.failures.LoadAndDelete(j.ID)
	if !ok {
		return time.Time{}
	}
	return time.Now().Add(backOff(f.(*Failure), j.Attempt))
}

// Work is that of a river.Worker.
func (k *kind[T]) Work(ctx context.Context, j *river.Job[T]) error {
	ctx, end := k.w.begin(ctx, j.ID)
	defer end()
	then, err := k.do(ctx, Job{ID: j.ID, Attempt: j.Attempt, Again: j.Attempt > 1 || len(j.Errors) > 0 || begun(j.Metadata)}, j.Args)
	if err == nil && len(then) > 0 {
		err = k.complete(ctx, j, then)
	}
	k.w.settle(ctx)
	return k.w.outcome(ctx, j.JobRow, err)
}

// complete ends a job and puts others into the queue: both or neither.
func (k *kind[T]) complete(ctx context.Context, j *river.Job[T], then []Args) error {
	err := pgx.BeginFunc(ctx, k.w.q.pool, func(tx pgx.Tx) error {
		if _, err := k.w.client.InsertManyTx(ctx, tx, params(then)); err != nil {
			return err
		}
		_, err := river.JobCompleteTx[driver](ctx, tx, j)
		return err
	})
	if err != nil {
		return &Failure{Class: ClassArchive, Err: fmt.Errorf("put jobs: %w", err)}
	}
	return nil
}

// outcome says of an error what River is to do.
func (w *Worker) outcome(ctx context.Context, j *rivertype.JobRow, err error) error {
	if err == nil {
		w.count(j.Kind, "done")
		return nil
	}
	var later *Later
	if errors.As(err, &later) {
		w.count(j.Kind, "later")
		if later.Why != "" {
			_ = river.MetadataSet(ctx, whyLater, later.Why) // for people
		}
		return river.JobSnooze(max(later.In, 0))
	}
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, rivertype.ErrJobCancelledRemotely):
		w.count(j.Kind, "cancelled")
		return river.JobCancel(errors.New(byHand))
	case ctx.Err() != nil && !errors.Is(cause, context.DeadlineExceeded): // the worker ends, or had to let go
		w.count(j.Kind, "given back")
		return river.JobSnooze(0)
	}
	f := &Failure{Class: ClassOther, Err: err}
	errors.As(err, &f)
	w.count(j.Kind, "failed")
	w.Log.Warn("a job failed", "kind", j.Kind, "id", j.ID, "attempt", j.Attempt, "final", f.Final || j.Attempt >= j.MaxAttempts, "why", err)
	if f.Final {
		return river.JobCancel(f)
	}
	w.failures.Store(j.ID, f)
	return f
}
