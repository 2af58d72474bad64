package archive

// This file keeps the store of objects of an archive on a server in order: it takes away what nothing names any more, once it is old enough, and joins small
// parts.

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/archive/objects"
)

// UsualKeep is for how long objects are kept that no part names any more, unless SetKeep has said otherwise: a copy of the database that is not
// older finds all that it names. LongestKeep bounds it.
const (
	UsualKeep   = 8 * 24 * time.Hour
	LongestKeep = 10 * 366 * 24 * time.Hour
)

// ErrNotOurs says that another database tidies the same store of objects: one of them is a copy, or was restored.
var ErrNotOurs = errors.New("another database keeps its objects in this store, too, and has tidied it")

// claimObject says which database has tidied a store last. It is beside the capture files.
const claimObject = "tidied/by"

var (
	keyKeep   = []byte("keep")   // of meta → for how long objects are kept, seconds (8)
	keyClaim  = []byte("claim")  // of meta → what claimObject says
	keyClaims = []byte("claims") // of meta → what it is about to say
)

// Tidied counts what was done.
type Tidied struct {
	Objects int   // that were taken away
	Bytes   int64 // of them
	Joined  int   // parts
	Into    int   // parts that took their place
}

// TidyOptions say how an archive is tidied.
type TidyOptions struct {
	TakeOver bool // from another database, which is not to write to this store any more
	Progress func(Progress)
}

// Keep is for how long objects are kept that no part names any more.
func (a *Archive) Keep() (keep time.Duration, err error) {
	err = a.view(func(tx kv.Tx) error {
		keep = UsualKeep
		if b := tx.Bucket(bucketMeta).Get(keyKeep); len(b) == 8 {
			keep = min(max(joinAge, time.Duration(min(binary.BigEndian.Uint64(b), uint64(LongestKeep/time.Second)))*time.Second), LongestKeep)
		}
		return nil
	})
	return keep, err
}

// SetKeep sets for how long, for all who tidy the archive: from a day to LongestKeep.
func (a *Archive) SetKeep(keep time.Duration) error {
	switch {
	case keep < joinAge || keep > LongestKeep:
		return fmt.Errorf("objects are kept from a day to %d days, not %s", LongestKeep/(24*time.Hour), keep)
	case a.opts.ReadOnly:
		return ErrReadOnly
	case a.shared == nil:
		return nil
	}
	return a.db.Append(func(tx kv.Tx) error {
		return tx.Bucket(bucketMeta).Put(keyKeep, binary.BigEndian.AppendUint64(nil, uint64(keep/time.Second)))
	})
}

// Tidy takes away the objects of an archive on a server that no part has named for as long as Keep says, and those that none ever named and that are as old: puts that were
// cut off have left them. Then it joins the parts of capture files that are a day old to larger ones, file by file. Broken off at any moment it has harmed nothing,
// and goes on when it is called again. Others may do anything meanwhile, the same, too. In a folder there is nothing to do.
//
// It is ErrNotOurs, and nothing is taken away, if another database has tidied the store since this one did.
func (a *Archive) Tidy(ctx context.Context, o TidyOptions) (Tidied, error) {
	var done Tidied
	if a.opts.ReadOnly {
		return done, ErrReadOnly
	}
	if a.shared == nil {
		return done, nil
	}
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	_, err := a.shared.db.Only(ctx, "tidy", func() error { return a.takeAway(ctx, o, &done) })
	if err == nil {
		err = a.join(ctx, &done, o.Progress)
	}
	if err != nil {
		return done, fmt.Errorf("tidy %s: %w", a.dir, err)
	}
	return done, nil
}

func (a *Archive) takeAway(ctx context.Context, o TidyOptions, done *Tidied) error {
	keep, err := a.Keep()
	if err != nil {
		return err
	}
	now, err := a.shared.db.Now(ctx) // before anything is looked at
	if err != nil {
		return err
	}
	if err := a.claim(ctx, o.TakeOver); err != nil {
		return err
	}
	if err := a.takeSpares(ctx, now.Add(-keep), done, o.Progress); err != nil {
		return err
	}
	return a.takeOrphans(ctx, now.Add(-keep), done, o.Progress)
}

// claim makes sure that no other database tidies the store: what that does not name would be taken for orphans. Each time another word is said in both,
// so that neither a copy of the database nor one that was restored can say it.
func (a *Archive) claim(ctx context.Context, over bool) error {
	said, err := a.shared.small(ctx, claimObject)
	if err != nil {
		return err
	}
	word := rand.Text()
	err = a.db.Append(func(tx kv.Tx) error {
		meta := tx.Bucket(bucketMeta)
		ours := said == "" || said == string(meta.Get(keyClaim)) || said == string(meta.Get(keyClaims))
		if !ours && !over {
			return ErrNotOurs
		}
		return errors.Join(meta.Put(keyClaim, []byte(said)), meta.Put(keyClaims, []byte(word)))
	})
	if err == nil {
		err = a.shared.objects.Put(ctx, claimObject, []byte(word))
	}
	return err
}

// small is what a small object says, "" if there is none.
func (s *shared) small(ctx context.Context, name string) (string, error) {
	size, err := s.objects.Size(ctx, name)
	if errors.Is(err, objects.ErrNotFound) {
		return "", nil
	}
	b := make([]byte, min(max(size, 0), 1<<10))
	if err == nil {
		err = s.objects.ReadAt(ctx, name, b, 0)
	}
	return string(b), err
}

// manyTaken is how many objects are deleted before the index is told.
const manyTaken = 1000

// takeSpares deletes spare objects that have been spare since before a time. One is forgotten when it is gone.
func (a *Archive) takeSpares(ctx context.Context, before time.Time, done *Tidied, progress func(Progress)) error {
	for from := []byte{}; from != nil; {
		var page []spare
		err := a.view(func(tx kv.Tx) error {
			c := tx.Bucket(bucketSpare).Cursor()
			k, v := c.Seek(from)
			for from = nil; k != nil; k, v = c.Next() {
				s, err := decodeSpare(k, v)
				if err != nil {
					return err
				}
				if !s.since.Before(before) {
					continue
				}
				if len(page) == manyTaken {
					from = k
					return nil
				}
				page = append(page, s)
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := a.takeSome(ctx, page, done); err != nil {
			return err
		}
		progress(Progress{"spare objects", int64(done.Objects), int64(done.Objects) + 1})
	}
	return nil
}

func (a *Archive) takeSome(ctx context.Context, page []spare, done *Tidied) error {
	err := together(ctx, page, func(ctx context.Context, s spare) error { return a.shared.objects.Delete(ctx, s.name) })
	if err != nil || len(page) == 0 {
		return err
	}
	err = a.db.Append(func(tx kv.Tx) (err error) {
		for _, s := range page {
			err = errors.Join(err, tx.Bucket(bucketSpare).Delete(s.key()))
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, s := range page {
		done.Objects, done.Bytes = done.Objects+1, done.Bytes+s.length
	}
	return nil
}

// takeOrphans deletes objects that nothing names and that were written before a time. No part can name one of them later: none is entered for an object
// that was written more than an hour ago, and that time was a day or more before the names were read.
func (a *Archive) takeOrphans(ctx context.Context, before time.Time, done *Tidied, progress func(Progress)) error {
	var page []objects.Info
	take := func() error {
		err := together(ctx, page, func(ctx context.Context, x objects.Info) error { return a.shared.objects.Delete(ctx, x.Name) })
		for _, x := range page {
			if err == nil {
				done.Objects, done.Bytes = done.Objects+1, done.Bytes+x.Size
			}
		}
		page = page[:0]
		progress(Progress{"objects", int64(done.Objects), int64(done.Objects) + 1})
		return err
	}
	for m, err := range a.shared.misplacedObjects(ctx) {
		if err != nil {
			return err
		}
		if m.orphan(before) {
			page = append(page, m.info)
		}
		if len(page) == manyTaken {
			if err := take(); err != nil {
				return err
			}
		}
	}
	return take()
}
