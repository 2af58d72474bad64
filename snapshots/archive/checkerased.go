package archive

// This file tells what was erased, with an entry that says when and why, from what was taken away.

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/warc"
)

// erasures judges the blank records and those that rest on them, now that all erasures are known.
func (c *checker) erasures() error {
	return c.fresh.View(func(tx kv.Tx) error {
		blank := map[uuid]bool{}
		for _, w := range c.blank {
			id, err := parseUUID(w.rec.ID())
			blank[id] = true
			if err == nil && tx.Bucket(bucketErased).Get(id[:]) == nil {
				c.blame(w, errors.New("its content was taken away, and no erasure says when and why"))
			}
		}
		for _, w := range c.later {
			err := c.content(tx, w)
			if e := unread(err); e != nil {
				return e
			}
			if err != nil {
				c.blame(w, err)
			}
		}
		return tx.Bucket(bucketErased).ForEach(func(k, _ []byte) error {
			if p, err := locate(tx, uuid(k)); err == nil && !blank[uuid(k)] {
				c.problems.add(Problem{File: fileName(p.file), Offset: p.extent.Offset, Record: uuid(k).String(), Note: true,
					What: "is to be erased; the next command that writes to the archive does it"})
			}
			return c.ctx.Err()
		})
	})
}

func (c *checker) blame(w written, err error) {
	c.damage(Problem{File: fileName(w.place.file), Offset: w.place.extent.Offset, Record: w.rec.ID(), What: err.Error()})
}

// pardon is err, or nil if all that is wrong is that something was erased, and an erasure says so.
func (c *checker) pardon(tx kv.Tx, err error) error {
	var snapshot *ErasedError
	var record erasedRecord
	switch {
	case errors.As(err, &snapshot):
		return nil
	case errors.As(err, &record):
		if id, wrong := parseUUID(string(record)); wrong == nil && tx.Bucket(bucketErased).Get(id[:]) != nil {
			return nil
		}
	}
	return err
}

// stoodIn checks the record that stands in for a body record, if there is one: it must state the same hash. The body in it is decoded where it
// stands. What is to be erased needs none.
func (c *checker) stoodIn(tx kv.Tx, rec *warc.Record, want []byte) (bool, error) {
	id, err := parseUUID(rec.ID())
	if err != nil {
		return false, err
	}
	to := standsIn(tx, id)
	if to == id {
		return tx.Bucket(bucketErased).Get(id[:]) != nil, nil
	}
	other, err := c.a.recordNamed(tx, to.String())
	if err != nil {
		return true, c.pardon(tx, err)
	}
	if hash, ok := bodyHash(other); !ok || !bytes.Equal(hash, want) {
		return true, fmt.Errorf("record %s, which stands in for it, holds another body", to)
	}
	return true, nil
}
