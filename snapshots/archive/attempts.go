package archive

// This file records captures that failed, so that it is known since when a source cannot be had, and why.

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
)

const maxWhy = 1000 // bytes of the reason of an attempt

// PutAttempt records a capture that failed.
func (a *Archive) PutAttempt(x snapshots.Attempt) error {
	x.At = x.At.UTC().Truncate(time.Microsecond)
	if !x.Again.IsZero() {
		x.Again = x.Again.UTC().Truncate(time.Second)
	}
	if len(x.Why) > maxWhy {
		x.Why = strings.ToValidUTF8(x.Why[:maxWhy], "") + "…"
	}
	err := a.putFree(func(s *stage) (bool, error) {
		if x.At.IsZero() || x.Kind == "" || x.URL == "" {
			return false, errors.New("an attempt has a date, an address and a kind")
		}
		if _, err := termsKey(x.Terms); err != nil {
			return false, err
		}
		if err := s.entry(entry{Attempt: &x}, x.At); err != nil {
			return false, err
		}
		return s.finish(uuid{}), nil
	})
	if err != nil {
		return fmt.Errorf("record attempt at %s: %w", x.URL, err)
	}
	return nil
}

// Attempts are the captures of t that failed, annexes included, oldest first.
func (a *Archive) Attempts(t snapshots.Terms) iter.Seq2[snapshots.Attempt, error] {
	key, err := termsKey(t)
	if err != nil {
		return failed[snapshots.Attempt](err)
	}
	return pages(a, within(bucketAttempts, key),
		func(_ kv.Tx, b []byte) (x snapshots.Attempt, err error) {
			if err = json.Unmarshal(b, &x); err != nil {
				err = fmt.Errorf("%w: attempt at %s: %w", ErrDamaged, t, err)
			}
			return x, err
		})
}

func indexAttempt(tx kv.Tx, pos []byte, x *snapshots.Attempt) error {
	key, err := termsKey(x.Terms)
	if err != nil {
		return fmt.Errorf("%w: %w", errEntry, err)
	}
	b, err := snapshots.Encode(x)
	if err != nil {
		return fmt.Errorf("%w: %w", errEntry, err)
	}
	bucket, err := tx.Bucket(bucketAttempts).CreateBucketIfNotExists(key)
	if err != nil {
		return err
	}
	return bucket.Put(append(timeKey(x.At), pos...), b)
}
