package archive

// This file records what was told of a text, so that it is known later what was not.

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
)

// maxFindings is how many findings a telling may name.
const maxFindings = 10_000

// PutTellings records what was told, all of it or nothing.
func (a *Archive) PutTellings(batch []snapshots.Telling) error {
	err := a.put(func(s *stage) (bool, error) {
		for _, x := range batch {
			x.At = x.At.UTC().Truncate(time.Microsecond)
			if err := checkTelling(&x); err != nil {
				return false, fmt.Errorf("%s: %w", x.Terms, err)
			}
			if err := s.entry(entry{Telling: &x}, x.At); err != nil {
				return false, err
			}
		}
		return s.finish(uuid{}), nil
	})
	if err != nil {
		return fmt.Errorf("record what was told: %w", err)
	}
	return nil
}

func checkTelling(x *snapshots.Telling) error {
	if _, err := termsKey(x.Terms); err != nil {
		return err
	}
	if _, err := parseUUID(x.Snapshot); err != nil {
		return err
	}
	if x.At.IsZero() || len(x.Findings) > maxFindings || len(x.Appeared) > maxFindings {
		return errors.New("a telling has a date and not too many findings")
	}
	return nil
}

// Tellings are what was told of t and its variants, in the order in which it was recorded.
func (a *Archive) Tellings(t snapshots.Terms) iter.Seq2[snapshots.Telling, error] {
	key, err := termsKey(t)
	if err != nil {
		return failed[snapshots.Telling](err)
	}
	return pages(a, within(bucketTellings, key),
		func(_ kv.Tx, b []byte) (x snapshots.Telling, err error) {
			if err = json.Unmarshal(b, &x); err != nil {
				err = fmt.Errorf("%w: what was told of %s: %w", ErrDamaged, t, err)
			}
			return x, err
		})
}

func indexTelling(tx kv.Tx, pos []byte, x *snapshots.Telling) error {
	if err := checkTelling(x); err != nil {
		return fmt.Errorf("%w: telling: %w", errEntry, err)
	}
	key, err1 := termsKey(x.Terms)
	b, err2 := snapshots.Encode(x)
	if err := errors.Join(err1, err2); err != nil {
		return fmt.Errorf("%w: telling: %w", errEntry, err)
	}
	bucket, err := tx.Bucket(bucketTellings).CreateBucketIfNotExists(key)
	if err != nil {
		return err
	}
	return bucket.Put(pos, b)
}
