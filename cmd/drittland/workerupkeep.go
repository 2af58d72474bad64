package main

// Two more duties of workers: that a search finds its passages gathered, and that old parts of capture files are joined.

import (
	"context"
	"errors"
	"runtime"
	"time"

	"github.com/drittland/drittland/cmd/drittland/search/fulltext"
	"github.com/drittland/drittland/cmd/drittland/work"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// How long a duty goes on before it gives its place to others.
const (
	longestGather = 10 * time.Minute
	longestTidy   = 40 * time.Minute
)

// gathering is the duty to gather the passages of texts that came in, and to forget what holds no longer.
func (h *hand) gathering(ctx context.Context, _ work.Job, _ work.Gather) ([]work.Args, error) {
	_, err := h.turns.Alone(ctx, "duty:gather", longestDuty, func(ctx context.Context) error {
		return errors.Join(h.queue.Forget(ctx), h.gather(ctx, h.env.Now().Add(longestGather)))
	})
	return nil, err
}

// gather gathers terms by terms, some at a time. What cannot be read is passed over until the next time, so that it keeps nothing else.
func (h *hand) gather(ctx context.Context, until time.Time) error {
	var after snapshots.Terms
	for h.env.Now().Before(until) && ctx.Err() == nil {
		more := false
		err := h.store.look(func(a *archive.Archive) error {
			tables := fulltext.In(a.Server())
			todo, err := tables.PendingAfter(ctx, after, gatherTurn)
			if err != nil || len(todo) == 0 {
				return err
			}
			after, more = todo[len(todo)-1].Terms, true
			return tables.Fill(ctx, todo, textsOf(a), max(1, runtime.GOMAXPROCS(0)/2), func() {})
		})
		switch {
		case errors.Is(err, fulltext.ErrDenied):
			return nil
		case err != nil && !more:
			return err
		case err != nil && ctx.Err() == nil:
			h.log.Warn("texts cannot be gathered for searching", "why", err)
		}
		if !more {
			return nil
		}
	}
	return context.Cause(ctx)
}

// tidying is the duty to keep the store of objects in order. It takes turns with itself: what is left is done a little later.
func (h *hand) tidying(ctx context.Context, _ work.Job, _ work.Tidy) ([]work.Args, error) {
	var done archive.Tidied
	ok, err := h.turns.Alone(ctx, "duty:tidy", longestDuty, func(ctx context.Context) error {
		short, cancel := context.WithTimeout(ctx, longestTidy)
		defer cancel()
		return h.store.look(func(a *archive.Archive) (err error) {
			if done, err = a.Tidy(short, archive.TidyOptions{}); err != nil && short.Err() != nil && ctx.Err() == nil {
				err = &work.Later{In: time.Minute}
			}
			return err
		})
	})
	if done != (archive.Tidied{}) {
		h.log.Info("the capture files are tidied", "joined", done.Joined, "into", done.Into, "taken away", done.Objects, "bytes", done.Bytes)
	}
	var later *work.Later
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err == nil && !ok:
		return nil, &work.Later{In: time.Minute}
	case err == nil, errors.As(err, &later):
		return nil, err
	}
	return nil, archiveFailed(err)
}
