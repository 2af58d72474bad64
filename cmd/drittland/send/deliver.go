package send

// Delivering: what is due, in which order, and what becomes of it.

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	firstBackoff = 5 * time.Minute    // after the first try, doubled with each one
	mostBackoff  = 6 * time.Hour      // at most
	mostAfter    = 24 * time.Hour     // that a receiver may ask us to wait
	giveUp       = 5 * 24 * time.Hour // after which a message that is refused or gets no answer is abandoned
	leastTries   = 5                  // before that, so that a clock that jumps abandons nothing
	crashes      = 3                  // tries that ended with the program, after which it is tried ever later, too
	firstPause   = time.Minute        // after which a place in trouble is tried again by the same process, doubled with each time
	mostPause    = time.Hour          // at most
	jitter       = 0.2                // of a back-off, around it
)

// A refusal is what kept one message from being delivered.
type refusal struct {
	why   string
	good  bool          // for good: not to be tried again
	after time.Duration // not to be tried before, if the receiver said so
}

func (r *refusal) Error() string { return r.why }

// A hindrance is what keeps all messages of a place.
type hindrance struct {
	class string // tells it from others: it is told again when it changes
	why   string
}

func (h *hindrance) Error() string { return h.why }

// A carrier takes messages to a place.
type carrier interface {
	// carry gives a *refusal or a *hindrance, or nil once the place took the message.
	carry(ctx context.Context, e *Entry) error
	close()
}

// A pause is how long a place in trouble is left alone.
type pause struct {
	until time.Time
	times int
}

// A standing is a trouble as it is kept between processes.
type standing struct {
	Class string    `json:"class"`
	Why   string    `json:"why"`
	Since time.Time `json:"since"`
	fresh bool
}

// A round is one call of Deliver.
type round struct {
	*Outbox
	now      time.Time
	troubles map[string]standing
	unknown  []error // of messages of which nobody knew whether they are still to be sent
	Delivery
}

// Deliver sends what is due, oldest first, and says what became of it. One process at a time does; another gets ErrBusy. When ctx ends,
// the message under way is finished and the rest waits. An error means that the outbox itself could not be read or written; what the
// Delivery says holds in any case.
//
// A message that is refused for now, or gets no answer, is tried again after five minutes, then ever later, up to six hours, for five days;
// then it is abandoned with the reason. One that is refused for good is abandoned at once. What keeps all messages of a place, such as a
// server that cannot be reached or a wrong password, ages none of them: they wait until it is over.
func (b *Outbox) Deliver(ctx context.Context, now time.Time) (Delivery, error) {
	r := &round{Outbox: b, now: now}
	if there, err := b.disk.Has(b.dir); err == nil && !there {
		return r.Delivery, nil
	}
	unlock, err := b.lock(ctx, "deliver.lock", 0)
	if err != nil {
		return r.Delivery, err
	}
	defer unlock()
	if err := b.tidy(ctx); err != nil {
		return r.Delivery, err
	}
	if r.troubles, err = b.recall(); err != nil {
		return r.Delivery, err
	}
	places, err := r.gather()
	if err != nil {
		return r.Delivery, err
	}
	for _, name := range slices.Sorted(maps.Keys(places)) {
		if err = r.place(ctx, name, places[name]); err != nil {
			break
		}
	}
	r.count(places)
	return r.Delivery, errors.Join(err, errors.Join(r.unknown[:min(len(r.unknown), 3)]...), r.remember(places))
}

// gather reads what is still to be sent, by place, oldest first. Damaged files are set aside, old ones shortened.
func (r *round) gather() (map[string][]*Entry, error) {
	names, err := r.names()
	if err != nil {
		return nil, err
	}
	places := map[string][]*Entry{}
	for _, n := range names {
		if strings.HasSuffix(n, damagedSuffix) {
			continue
		}
		e, err := r.read(n)
		if errors.Is(err, ErrDamaged) {
			r.Damaged = append(r.Damaged, filepath.Join(r.dir, n+damagedSuffix))
			err = r.setAside(n)
		}
		if err != nil {
			return nil, err
		}
		switch {
		case e.State == Waiting, e.State == Sending:
			places[placeOf(&e)] = append(places[placeOf(&e)], &e)
		case prune(&e, r.now):
			data, err := encode(strings.TrimSuffix(n, ".json"), &e)
			if err = cmp.Or(err, r.replace(n, data)); err != nil {
				return nil, err
			}
		}
	}
	for _, list := range places {
		slices.SortFunc(list, func(x, y *Entry) int { return cmp.Or(x.Made.Compare(y.Made), strings.Compare(x.Key, y.Key)) })
	}
	return places, nil
}

// placeOf is the place to which a message goes, which may be in trouble.
func placeOf(e *Entry) string {
	if e.Kind == Mail {
		return Mail
	}
	return e.Kind + " " + e.To
}

// place delivers what is due of one place.
func (r *round) place(ctx context.Context, name string, list []*Entry) error {
	due := slices.DeleteFunc(slices.Clone(list), func(e *Entry) bool { return !r.due(e) })
	if p := r.wait[name]; len(due) == 0 || p.until.After(r.now) && p.until.Sub(r.now) <= mostPause || ctx.Err() != nil {
		return nil
	}
	err := r.each(ctx, due)
	var h *hindrance
	switch {
	case err == nil:
		delete(r.troubles, name)
		delete(r.wait, name)
		return nil
	case !errors.As(err, &h):
		return err
	}
	p := r.wait[name]
	r.wait[name] = pause{r.now.Add(min(firstPause<<min(p.times, 10), mostPause)), p.times + 1}
	if old, ok := r.troubles[name]; !ok || old.Class != h.class {
		r.troubles[name] = standing{Class: h.class, Why: clean(h.why), Since: r.now, fresh: true}
	}
	return nil
}

// each delivers entries to one place, of those that are still to be sent. An error is a *hindrance, or of the disk.
func (r *round) each(ctx context.Context, due []*Entry) (err error) {
	var c carrier
	for _, e := range due {
		if ctx.Err() != nil {
			return nil
		}
		if !r.wanted(ctx, e) {
			continue
		}
		if c == nil {
			if c, err = r.open(ctx, e); err != nil {
				return err
			}
			defer c.close()
		}
		if err = r.one(ctx, c, e); err != nil {
			return err
		}
	}
	return nil
}

// wanted reports whether an entry is still to be sent. If nobody knows, it waits, and holds up no other one.
func (r *round) wanted(ctx context.Context, e *Entry) bool {
	if r.o.Wanted == nil {
		return true
	}
	ok, err := r.o.Wanted(ctx, &e.Message)
	if err == nil && !ok {
		if err = r.disk.Remove(filepath.Join(r.dir, fileOf(e.Key))); err == nil {
			e.State = Abandoned // it is counted no more
		}
	}
	if err != nil && ctx.Err() == nil {
		r.unknown = append(r.unknown, fmt.Errorf("outbox: is message %q still to be sent: %w", e.Key, err))
	}
	return ok && err == nil
}

// due reports whether an entry is to be tried now. One that is not due for longer than is ever waited was given its time by a clock
// that was wrong.
func (r *round) due(e *Entry) bool {
	next := e.Next
	if e.State == Sending { // the program died
		if e.Tries <= crashes {
			return true
		}
		next = e.Last.Add(r.backoff(e.Tries))
	}
	return !next.After(r.now) || next.Sub(r.now) > mostAfter+mostBackoff
}

// backoff is how long a message waits that was tried n times.
func (b *Outbox) backoff(n int) time.Duration {
	d := min(firstBackoff<<min(max(n-1, 0), 10), mostBackoff)
	return time.Duration(float64(d) * (1 - jitter/2 + jitter*b.o.Random()))
}

// one delivers one entry. An error is a *hindrance, or of the disk.
func (r *round) one(ctx context.Context, c carrier, e *Entry) error {
	before, done := *e, *e
	done.State, done.Tries, done.Last, done.SentAt = Sent, e.Tries+1, r.now, r.now
	done.First, done.Next, done.Trouble = time.Time{}, time.Time{}, ""
	if r.held[e.Key] { // it was sent before
		return r.sent(e, &done, func() error { return r.write(&done) })
	}
	// What is recorded once it is sent is on the disk before, so that a full disk is noticed while nothing has been sent.
	ready := filepath.Join(r.dir, sentPrefix+fileOf(e.Key))
	data, err := encode(hashOf(e.Key), &done)
	if err == nil {
		err = r.disk.Write(ready, data)
	}
	if err != nil {
		return fmt.Errorf("outbox: nothing is sent: %w", err)
	}
	e.State, e.Tries, e.Last = Sending, e.Tries+1, r.now
	if err := r.write(e); err != nil {
		_ = r.disk.Remove(ready) // the error that counts is the first
		*e = before
		return fmt.Errorf("nothing is sent: %w", err)
	}
	err = c.carry(ctx, e)
	if err == nil {
		r.held[e.Key] = true
		return r.sent(e, &done, func() error { return r.settle(ready, fileOf(e.Key)) })
	}
	var h *hindrance
	if errors.As(err, &h) {
		*e = before
		e.State = Waiting
	} else {
		r.refused(e, err)
	}
	if failed := errors.Join(r.disk.Remove(ready), r.write(e)); failed != nil {
		return failed
	}
	if h != nil {
		return h
	}
	return nil
}

// sent records that an entry was sent.
func (r *round) sent(e, done *Entry, record func() error) error {
	*e = *done
	r.Sent = append(r.Sent, *done)
	if err := record(); err != nil {
		return fmt.Errorf("message %q was sent, which could not be recorded: %w", e.Key, err)
	}
	delete(r.held, e.Key)
	return nil
}

// refused says of an entry why it was not delivered, and when it is tried again, if at all.
func (r *round) refused(e *Entry, err error) {
	no := &refusal{why: err.Error()}
	errors.As(err, &no)
	if e.First.IsZero() || e.First.After(r.now) {
		e.First = r.now
	}
	e.State, e.Trouble = Waiting, clean(no.why)
	e.Next = r.now.Add(max(r.backoff(e.Tries), min(no.after, mostAfter)))
	switch {
	case no.good:
	case e.Tries >= leastTries && r.now.Sub(e.First) >= giveUp:
		e.Trouble = fmt.Sprintf("given up after %d days: %s", int(giveUp.Hours()/24), e.Trouble)
	default:
		r.Later = append(r.Later, *e)
		return
	}
	e.State, e.Next = Abandoned, time.Time{}
	r.Abandoned = append(r.Abandoned, *e)
}

// count says what still waits, and until when.
func (r *round) count(places map[string][]*Entry) {
	for name, list := range places {
		for _, e := range list {
			if e.State != Waiting && e.State != Sending {
				continue
			}
			r.Waiting++
			next := e.Next
			if until := r.wait[name].until; until.After(next) {
				next = until
			}
			if next.Before(r.now) {
				next = r.now
			}
			if r.Next.IsZero() || next.Before(r.Next) {
				r.Next = next
			}
		}
	}
}

// recall reads what was in trouble the last time. A damaged file only means that it is told again.
func (b *Outbox) recall() (map[string]standing, error) {
	data, err := b.disk.Read(filepath.Join(b.dir, troublesFile), maxFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	var out map[string]standing
	if json.Unmarshal(data, &out) != nil || out == nil {
		out = map[string]standing{}
	}
	return out, nil
}

// Troubles are what kept places from getting their messages when Deliver was called last, by this process or another.
func (b *Outbox) Troubles() ([]Trouble, error) {
	all, err := b.recall()
	return listed(all), err
}

// listed are troubles in the order of their places.
func listed(all map[string]standing) (out []Trouble) {
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t := all[name]
		out = append(out, Trouble{Place: name, Why: t.Why, Since: t.Since, New: t.fresh})
	}
	return out
}

// remember says which places are in trouble, and keeps that.
func (r *round) remember(places map[string][]*Entry) error {
	maps.DeleteFunc(r.troubles, func(name string, _ standing) bool {
		return !slices.ContainsFunc(places[name], func(e *Entry) bool { return e.State == Waiting || e.State == Sending })
	})
	r.Delivery.Troubles = listed(r.troubles)
	data, err := json.MarshalIndent(r.troubles, "", " ")
	if err != nil {
		return err
	}
	if old, _ := r.disk.Read(filepath.Join(r.dir, troublesFile), maxFile); string(old) == string(data) || len(old) == 0 && len(r.troubles) == 0 {
		return nil
	}
	return r.replace(troublesFile, data)
}

func (o Options) withDefaults() Options {
	o.Timeout = cmp.Or(o.Timeout, time.Minute)
	o.Patience = cmp.Or(o.Patience, 10*time.Minute)
	if o.Random == nil {
		o.Random = rand.Float64
	}
	return o
}
