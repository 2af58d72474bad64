package main

// What workers do for the desk of review and for digests: they read for their tables what has changed.

import (
	"context"
	"errors"
	"time"

	"github.com/drittland/drittland/cmd/drittland/desk/shelf"
	"github.com/drittland/drittland/snapshots"
)

// Bounds of one turn of the duty.
const (
	mostShelved = 2000
	shelfTurn   = 20 * time.Second
)

// shelve reads terms of which a job has made a version for the tables. They are marked: what is not done now is done later.
func (h *hand) shelve(ctx context.Context, terms snapshots.Terms) {
	newReviewDesk(h.store, h.engine.In("en")).readNow(ctx, terms)
}

// shelveSome is the duty to read some of what is marked: what commands and others have written, and after a new release or a new day of the law all that
// these touch. It takes a turn at a time, so that other duties are not held up.
func (h *hand) shelveSome(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, shelfTurn)
	defer cancel()
	d := newReviewDesk(h.store, h.engine.In("en"))
	err := d.inTables(ctx, func(t *shelf.Tables) error {
		var left []snapshots.Terms
		var failed error // of the last that could not be read: the others do not wait for it
		for done := 0; done < mostShelved; {
			n, err := d.readSome(ctx, t, atATime, &left)
			if err != nil {
				failed = err
			}
			if n == 0 || errors.Is(err, shelf.ErrDenied) || ctx.Err() != nil {
				break
			}
			done += n
		}
		return failed
	})
	if ctx.Err() != nil || errors.Is(err, shelf.ErrDenied) { // the rest is for the next turn
		return nil
	}
	if err != nil {
		h.log.Warn("not all could be read for the desk of review", "error", err)
	}
	return nil
}
