package archive

// This file joins the parts of the capture files of an archive on a server: each put has made an object of its own, and many small ones are slow to list and
// dear to copy. Nothing moves: a part that takes the place of others begins where the first of them did and ends where the last one did.

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/archive/objects"
)

const (
	joinedSize = pieceSize      // most bytes of parts that are joined: what a copy writes at a time, and what an erasure writes anew
	mostJoined = 4096           // parts at a time
	joinAge    = 24 * time.Hour // of the last one, by the clock of its store: whoever put it has long heard that it is entered
	atATime    = 16             // objects that are read, or deleted, at a time
)

// A spare is an object that holds a stretch of a capture file and that no part names: one whose place another has taken, or one that is about to.
type spare struct {
	number uint32
	part
	since time.Time
}

func (s spare) key() []byte { return append(partKey(s.number, s.at), s.name...) }

func (s spare) value() []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, uint64(s.length)), uint64(s.since.Unix()))
}

func decodeSpare(k, v []byte) (spare, error) {
	if len(k) < 13 || len(v) != 16 {
		return spare{}, fmt.Errorf("%w: spare object in the index", ErrDamaged)
	}
	s := spare{number: binary.BigEndian.Uint32(k), since: time.Unix(int64(binary.BigEndian.Uint64(v[8:])), 0),
		part: part{at: int64(binary.BigEndian.Uint64(k[4:])), length: int64(binary.BigEndian.Uint64(v)), name: string(k[12:])}}
	if s.at < 0 || s.length <= 0 || s.length > objects.MaxSize || s.at > maxFile {
		return spare{}, fmt.Errorf("%w: spare object in the index", ErrDamaged)
	}
	return s, nil
}

// sparesWithin are the spare objects that may hold something of a part: those that were parts before it was joined, and those that others were to be joined to and
// were not, which may begin before it.
func sparesWithin(tx kv.Tx, number uint32, p part) (out []spare, err error) {
	c := tx.Bucket(bucketSpare).Cursor()
	end := partKey(number, p.at+p.length)
	for k, v := c.Seek(partKey(number, max(0, p.at-joinedSize))); k != nil && bytes.Compare(k, end) < 0; k, v = c.Next() {
		s, err := decodeSpare(k, v)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// join joins what can be joined. Others may write and join meanwhile, each file in one process at a time.
func (a *Archive) join(ctx context.Context, done *Tidied, progress func(Progress)) error {
	numbers, err := a.captures.list()
	if err != nil {
		return err
	}
	for i, n := range numbers {
		_, err := a.shared.db.Only(ctx, "join:"+fileName(n), func() error {
			return a.joinFile(ctx, n, i == len(numbers)-1, done)
		})
		if err != nil {
			return fmt.Errorf("join parts of %s: %w", fileName(n), err)
		}
		progress(Progress{"join", int64(i + 1), int64(len(numbers))})
	}
	return nil
}

func (a *Archive) joinFile(ctx context.Context, number uint32, open bool, done *Tidied) error {
	for at := int64(0); ; {
		var run []part
		err := a.view(func(tx kv.Tx) (err error) { run, err = nextRun(tx, number, at, open); return err })
		if err != nil || len(run) == 0 {
			return err
		}
		last := run[len(run)-1]
		at = last.at + last.length
		if old, err := a.shared.older(ctx, last.name, joinAge); err != nil || !old {
			return err
		}
		joined, err := a.joinRun(ctx, number, run)
		if err != nil {
			return err
		}
		if joined {
			done.Joined, done.Into = done.Joined+len(run), done.Into+1
		}
	}
}

// nextRun are the first parts of a capture file, from an offset on, that are worth joining: to those that follow no more can be added. There are none at the end of
// a file that still grows.
func nextRun(tx kv.Tx, number uint32, at int64, open bool) (run []part, err error) {
	c := tx.Bucket(bucketParts).Cursor()
	size := int64(0)
	for k, v := c.Seek(partKey(number, at)); k != nil && binary.BigEndian.Uint32(k) == number; k, v = c.Next() {
		p, err := decodePart(k, v)
		if err != nil {
			return nil, err
		}
		if n := len(run); n > 0 && (run[n-1].at+run[n-1].length != p.at || size+p.length > joinedSize || n == mostJoined) {
			if n > 1 {
				return run, nil
			}
			run, size = nil, 0
		}
		run, size = append(run, p), size+p.length
	}
	if open || len(run) < 2 || size > joinedSize {
		return nil, nil
	}
	return run, nil
}

// older reports whether an object was written some time ago.
func (s *shared) older(ctx context.Context, name string, age time.Duration) (bool, error) {
	now, err := s.db.Now(ctx)
	if err != nil {
		return false, err
	}
	for info, err := range s.objects.List(ctx, name, "") {
		return err == nil && info.Name == name && now.Sub(info.Time) > age, err
	}
	return false, ctx.Err()
}

// joinRun makes one part of some. It is false if they cannot be read as they were written, or others have changed them meanwhile. Before the object is written
// it is entered among the spare ones: whatever happens, an erasure finds it, and it is deleted some day.
func (a *Archive) joinRun(ctx context.Context, number uint32, run []part) (joined bool, err error) {
	b, whole, err := a.shared.whole(ctx, run)
	if err != nil || !whole {
		return false, err
	}
	now, err := a.shared.db.Now(ctx)
	if err != nil {
		return false, err
	}
	began := time.Now()
	one := spare{number, part{at: run[0].at, length: int64(len(b)), name: objectName(b)}, now}
	err = a.db.Append(func(tx kv.Tx) error { return tx.Bucket(bucketSpare).Put(one.key(), one.value()) })
	if err == nil {
		err = a.shared.objects.Put(ctx, one.name, b)
	}
	if err != nil {
		return false, err
	}
	refused := false
	err = a.db.Append(func(tx kv.Tx) (err error) {
		if joined, err = same(tx, number, run); err != nil || !joined || stale(began) || tx.Bucket(bucketSpare).Get(one.key()) == nil {
			joined, refused = false, err == nil
			return err
		}
		refused = false
		parts, spares := tx.Bucket(bucketParts), tx.Bucket(bucketSpare)
		for _, p := range run {
			old := spare{number, p, now}
			err = errors.Join(err, spares.Put(old.key(), old.value()), parts.Delete(partKey(number, p.at)))
		}
		return errors.Join(err, parts.Put(partKey(number, one.at), one.part.value()), spares.Delete(one.key()))
	})
	if err == nil && refused {
		err = a.takeBack(ctx, one)
	}
	return joined && err == nil, err
}

// takeBack takes an object away that parts were not joined to, since others have changed them meanwhile: it may hold what they have erased.
func (a *Archive) takeBack(ctx context.Context, one spare) error {
	if err := a.shared.objects.Delete(ctx, one.name); err != nil {
		return err
	}
	return a.db.Append(func(tx kv.Tx) error { return tx.Bucket(bucketSpare).Delete(one.key()) })
}

// same reports whether the parts of a capture file are still those of a run.
func same(tx kv.Tx, number uint32, run []part) (bool, error) {
	c := tx.Bucket(bucketParts).Cursor()
	k, v := c.Seek(partKey(number, run[0].at))
	for _, p := range run {
		if k == nil || binary.BigEndian.Uint32(k) != number {
			return false, nil
		}
		now, err := decodePart(k, v)
		if err != nil || now != p {
			return false, err
		}
		k, v = c.Next()
	}
	return true, nil
}

// whole reads the objects of a run. It is false if one is missing or does not hold what its name says: a check names it.
func (s *shared) whole(ctx context.Context, run []part) (b []byte, ok bool, err error) {
	last := run[len(run)-1]
	b = make([]byte, last.at+last.length-run[0].at)
	err = together(ctx, run, func(ctx context.Context, p part) error {
		to := b[p.at-run[0].at:][:p.length]
		if err := s.objects.ReadAt(ctx, p.name, to, 0); err != nil {
			return err
		}
		if !strings.Contains(p.name, "/"+string(snapshots.HashOf(to))[:32]+"-") {
			return objects.ErrShort
		}
		return nil
	})
	if errors.Is(err, objects.ErrNotFound) || errors.Is(err, objects.ErrShort) {
		return nil, false, nil
	}
	return b, err == nil, err
}

// together calls f for all of list, some at a time. The error is the first one.
func together[T any](ctx context.Context, list []T, f func(context.Context, T) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan T)
	var wg sync.WaitGroup
	for range min(atATime, len(list)) {
		wg.Go(func() {
			for x := range next {
				if err := f(ctx, x); err != nil {
					cancel(err)
				}
			}
		})
	}
	for _, x := range list {
		select {
		case next <- x:
		case <-ctx.Done():
		}
	}
	close(next)
	wg.Wait()
	return context.Cause(ctx)
}
