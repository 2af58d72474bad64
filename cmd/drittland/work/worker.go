package work

// This file is a worker: one process that does jobs, tells that it lives, and takes over what dead workers have left.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

type driver = *riverpgxv5.Driver

// Options of a Worker.
type Options struct {
	ID      string // that no other worker has, at any time
	Machine string
	Version string
	Queues  []string
	Slots   int           // jobs at a time
	Lease   time.Duration // for which nothing may be heard of a worker; 0 for 30 seconds
	Stop    time.Duration // that jobs have to end when the worker does; 0 for a minute
	Log     *slog.Logger
}

// A Worker does jobs.
type Worker struct {
	Options
	q        *Queue
	client   *river.Client[pgx.Tx]
	kinds    *river.Workers
	failures sync.Map // of jobs, by their IDs
	owed     debts

	mu     sync.Mutex
	beaten time.Time                         // when it was told last that this worker lives
	steady time.Time                         // since when that could be told each time
	jobs   map[int64]context.CancelCauseFunc // that run
	ended  map[int64]time.Time               // that ran lately
	told   chan struct{}                     // closed and replaced with each beat
	counts map[Outcome]int
	lost   bool
	ending chan struct{} // closed when the worker is told to end
}

// An Outcome is what became of jobs of a kind.
type Outcome struct{ Kind, Result string }

// NewWorker makes a worker, which runs jobs of the kinds that On gave it once Run is called.
func (q *Queue) NewWorker(o Options) *Worker {
	if o.Lease == 0 {
		o.Lease = 30 * time.Second
	}
	if o.Stop == 0 {
		o.Stop = time.Minute
	}
	return &Worker{Options: o, q: q, kinds: river.NewWorkers(), jobs: map[int64]context.CancelCauseFunc{}, ended: map[int64]time.Time{},
		told: make(chan struct{}), ending: make(chan struct{}), counts: map[Outcome]int{}, owed: debts{all: map[string]time.Duration{}}}
}

// Turns are the turns of this worker at hosts, each for at most lease.
func (w *Worker) Turns(lease time.Duration) *Turns {
	return &Turns{q: w.q, holder: w.ID, owed: &w.owed, Lease: lease, Patience: 15 * time.Second}
}

// Ending is closed when the worker is told to end: a job that merely waits for something is to give its place back then.
func (w *Worker) Ending() <-chan struct{} { return w.ending }

// Run does jobs until ctx ends, and then those that run, for as long as Stop says; what does not end goes back into the queue. It is
// ErrLost if others have taken over.
func (w *Worker) Run(ctx context.Context) error {
	if err := w.start(ctx); err != nil {
		return err
	}
	beats, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	lost := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { w.live(beats, lost) })
	select {
	case <-ctx.Done():
		close(w.ending)
	case <-lost:
		return ErrLost // with jobs that hang: the process is to end
	}
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.Stop+30*time.Second)
	defer cancel()
	err := w.client.Stop(wait)
	stop()
	wg.Wait()
	_, gone := w.q.pool.Exec(wait, "delete from workers where id = $1", w.ID)
	return errors.Join(err, gone)
}

func (w *Worker) start(ctx context.Context) error {
	queues := map[string]river.QueueConfig{}
	for _, name := range w.Queues {
		queues[name] = river.QueueConfig{MaxWorkers: w.Slots}
		switch name {
		case QueueCapture:
			queues[queueSchedule] = river.QueueConfig{MaxWorkers: 1}
		case QueueDerive:
			queues[queueUpkeep] = river.QueueConfig{MaxWorkers: 2}
		case QueueDigest:
			queues[queuePost] = river.QueueConfig{MaxWorkers: 1}
		}
	}
	c, err := river.NewClient(riverpgxv5.New(w.q.pool), &river.Config{ID: w.ID, Schema: w.q.schema, Queues: queues, Workers: w.kinds, Logger: slog.New(loud{w.Log.Handler()}),
		FetchCooldown: 10 * time.Millisecond, FetchPollInterval: time.Second, SoftStopTimeout: w.Stop, RescueStuckJobsAfter: 3 * time.Hour, JobTimeout: time.Hour,
		CompletedJobRetentionPeriod: keptDone, CancelledJobRetentionPeriod: keptDead, DiscardedJobRetentionPeriod: keptDead})
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	w.client = c
	if err := w.beat(ctx); err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	return c.Start(context.WithoutCancel(ctx))
}

// loud lets warnings and errors of River pass.
type loud struct{ slog.Handler }

func (l loud) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

// live tells that the worker lives, does what all workers do for each other, and closes lost if others have given this one up.
func (w *Worker) live(ctx context.Context, lost chan<- struct{}) {
	tick := time.NewTicker(w.Lease / 6)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		one, cancel := context.WithTimeout(ctx, w.Lease/3)
		err := w.beat(one)
		switch {
		case errors.Is(err, ErrLost):
			cancel()
			close(lost)
			return
		case err != nil && ctx.Err() == nil:
			w.Log.Warn("the database cannot be reached", "why", err)
			w.fence()
		case err == nil:
			if err = w.tend(one); err != nil && ctx.Err() == nil {
				w.Log.Warn("not all that workers do for each other was done", "why", err)
			}
		}
		cancel()
	}
}

// beat tells that the worker lives.
func (w *Worker) beat(ctx context.Context) error {
	w.mu.Lock()
	first := w.beaten.IsZero()
	w.mu.Unlock()
	now := time.Now()
	if first {
		_, err := w.q.pool.Exec(ctx, "insert into workers (id, machine, version, queues) values ($1, $2, $3, $4)", w.ID, w.Machine, w.Version, w.Queues)
		if err != nil {
			return err
		}
	} else if tag, err := w.q.pool.Exec(ctx, "update workers set seen = now() where id = $1", w.ID); err != nil {
		return err
	} else if tag.RowsAffected() == 0 {
		w.mu.Lock()
		w.lost = true
		w.mu.Unlock()
		w.stopAll()
		return ErrLost
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if now.Sub(w.beaten) > w.Lease/2 { // the database was away: others may not have had the time to tell, either
		w.steady = now
	}
	w.beaten = now
	close(w.told)
	w.told = make(chan struct{})
	return nil
}

// fence ends the jobs of a worker that could not tell for almost its lease that it lives: others are about to do them.
func (w *Worker) fence() {
	w.mu.Lock()
	late := time.Since(w.beaten) > w.Lease*7/10
	w.mu.Unlock()
	if late {
		w.stopAll()
	}
}

func (w *Worker) stopAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, cancel := range w.jobs {
		cancel(errFenced)
	}
}

// begin notes that a job runs.
func (w *Worker) begin(ctx context.Context, id int64) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.jobs[id] = cancel
	delete(w.ended, id)
	return ctx, func() {
		cancel(nil)
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.jobs, id)
		w.ended[id] = time.Now()
	}
}

// settle holds a job that was ended for want of touch until it is known whether it is still this worker's. If it is not, it never returns, so that
// nothing is said of a job that another one does; the process is about to end.
func (w *Worker) settle(ctx context.Context) {
	if !errors.Is(context.Cause(ctx), errFenced) {
		return
	}
	w.mu.Lock()
	told, lost := w.told, w.lost
	w.mu.Unlock()
	if lost {
		select {}
	}
	<-told
}

func (w *Worker) count(kind, result string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts[Outcome{kind, result}]++
}

// Counts are what became of jobs since the worker began.
func (w *Worker) Counts() map[Outcome]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := map[Outcome]int{}
	for k, n := range w.counts {
		out[k] = n
	}
	return out
}

// begun reports whether a job was begun before, by what River and tend have noted.
func begun(metadata []byte) bool {
	var m struct {
		Snoozes int `json:"snoozes"`
		Rescued int `json:"rescued"`
	}
	return json.Unmarshal(metadata, &m) == nil && m.Snoozes+m.Rescued > 0
}
