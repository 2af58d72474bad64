package archive

// This file reads what the evidence holds of a snapshot: its decoded body and its records.

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/warc"
)

// Body is the decoded body of s: content coding and transfer coding removed. It is checked against the hash.
func (a *Archive) Body(s snapshots.Snapshot) ([]byte, error) {
	var body []byte
	err := a.view(func(tx kv.Tx) error {
		e, err := storedEntry(tx, s.ID)
		if err != nil {
			return err
		}
		body, err = a.entryBody(tx, e)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("body of snapshot %s: %w", s.ID, err)
	}
	return slices.Clone(body), nil
}

// Records are the records of the exchanges of a capture as they stand in the evidence, in the order written. An import
// has none.
func (a *Archive) Records(s snapshots.Snapshot) ([]*warc.Record, error) {
	var out []*warc.Record
	err := a.view(func(tx kv.Tx) error {
		e, err := storedEntry(tx, s.ID)
		if err != nil {
			return err
		}
		for _, name := range e.Records {
			rec, err := a.recordNamed(tx, name)
			if err != nil {
				return err
			}
			out = append(out, rec)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("records of snapshot %s: %w", s.ID, err)
	}
	return out, nil
}

func (a *Archive) recordNamed(tx kv.Tx, name string) (*warc.Record, error) {
	id, err := parseUUID(name)
	if err != nil {
		return nil, err
	}
	p, err := locate(tx, id)
	if err != nil {
		return nil, err
	}
	return a.captures.read(p)
}

// storedEntry is the entry of the snapshot called id.
func storedEntry(tx kv.Tx, id string) (*entry, error) {
	u, err := parseUUID(id)
	if err != nil {
		return nil, err
	}
	b := tx.Bucket(bucketSnapshots).Get(u[:])
	if b == nil {
		return nil, fmt.Errorf("snapshot %s: %w", id, ErrNotFound)
	}
	e, _, err := decodeEntry(b)
	return e, err
}

// decodeEntry reads the value of a snapshot in the index: its entry and its position.
func decodeEntry(b []byte) (*entry, []byte, error) {
	if len(b) < posLen {
		return nil, nil, fmt.Errorf("%w: entry of %d bytes in the index", ErrDamaged, len(b))
	}
	line, err := unpackLine(b[posLen:])
	if err != nil {
		return nil, nil, err
	}
	e, err := lineEntry(line)
	return e, slices.Clone(b[:posLen]), err
}

// lineEntry reads the line of a snapshot.
func lineEntry(line []byte) (*entry, error) {
	e := new(entry)
	if err := json.Unmarshal(line, e); err != nil {
		return nil, fmt.Errorf("%w: entry: %w", ErrDamaged, err)
	}
	if e.Snapshot == nil {
		return nil, fmt.Errorf("%w: entry is no snapshot", ErrDamaged)
	}
	return e, nil
}

// entryBody is the body of the snapshot in e. It must not be changed.
func (a *Archive) entryBody(tx kv.Tx, e *entry) ([]byte, error) {
	want := e.Snapshot.Body
	if x, ok, err := erasureOf(tx, e.Snapshot.ID); err != nil || ok {
		return nil, errors.Join(err, &ErasedError{x})
	}
	if e.Snapshot.Size == 0 && want == snapshots.HashOf(nil) {
		return nil, nil
	}
	id, err := bodyRecord(tx, e)
	if err != nil {
		return nil, err
	}
	body, got, err := a.recorded(tx, id)
	if err != nil {
		return nil, err
	}
	if got != want {
		return nil, fmt.Errorf("%w: record %s holds a body with hash %s, not %s", ErrDamaged, id, got, want)
	}
	return body, nil
}

// recorded is the body in the record called id, which may be at hand, and its hash. It must not be changed.
func (a *Archive) recorded(tx kv.Tx, id uuid) ([]byte, snapshots.Hash, error) {
	id = standsIn(tx, id)
	if body, hash, ok := a.bodies.get(id); ok {
		return body, hash, nil
	}
	p, err := locate(tx, id)
	if err != nil {
		return nil, "", err
	}
	rec, err := a.captures.read(p)
	if err != nil {
		return nil, "", err
	}
	body, err := a.recordBody(tx, rec)
	if err != nil {
		return nil, "", err
	}
	if stated, ok := bodyHash(rec); ok {
		return body, snapshots.Hash(hex.EncodeToString(stated)), nil // it has been checked
	}
	return body, snapshots.HashOf(body), nil // not kept at hand: nothing builds upon it, and it is read once
}

// bodyRecord is the record that holds the body of the snapshot in e.
func bodyRecord(tx kv.Tx, e *entry) (uuid, error) {
	if e.Record != "" {
		return parseUUID(e.Record)
	}
	return recordOf(tx, e.Snapshot.Body)
}

// recordOf is the first record that holds the body with hash h.
func recordOf(tx kv.Tx, h snapshots.Hash) (uuid, error) {
	key, err := hashKey(h)
	if err != nil {
		return uuid{}, err
	}
	id, ok := holder(tx, key)
	if !ok {
		return uuid{}, fmt.Errorf("body %s: %w", h, ErrNotFound)
	}
	return id, nil
}

// holder is the first record that holds the body with the hash in key and is not erased. The body record that is named by the hash
// needs no entry of its own for this.
func holder(tx kv.Tx, key []byte) (uuid, bool) {
	if b := tx.Bucket(bucketBodies).Get(key); len(b) == len(uuid{}) {
		return uuid(b), true
	}
	id := identify("body", hex.EncodeToString(key))
	if p, err := locate(tx, id); err != nil || p.depth == noBody || tx.Bucket(bucketErased).Get(id[:]) != nil {
		return uuid{}, false
	}
	return id, true
}

// putHolder enters the record that holds a body, unless there is one before it.
func putHolder(tx kv.Tx, key []byte, id uuid) error {
	if id == identify("body", hex.EncodeToString(key)) {
		return nil
	}
	if _, ok := holder(tx, key); ok {
		return nil
	}
	return tx.Bucket(bucketBodies).Put(key, id[:])
}

// recordBody decodes the body in a response or body record. A body record is decoded from the first text of its chain, or
// from the nearest that is at hand. The body of rec itself is not checked against any hash.
func (a *Archive) recordBody(tx kv.Tx, rec *warc.Record) ([]byte, error) {
	if rec.Type() == "response" {
		return warc.Payload(rec.Block, MaxBody)
	}
	if isForeign(rec) {
		return foreignBody(rec.Block)
	}
	chain := []*warc.Record{rec}
	var body []byte
	for {
		if _, ok := bodyHash(chain[len(chain)-1]); !ok {
			return nil, fmt.Errorf("%w: record %s is no body record", ErrDamaged, chain[len(chain)-1].ID())
		}
		name := warc.Bare(chain[len(chain)-1].Header.Get(dictionary))
		if name == "" {
			break
		}
		if len(chain) == maxChain {
			return nil, fmt.Errorf("%w: chain of more than %d dictionaries at record %s", ErrDamaged, maxChain, rec.ID())
		}
		if id, err := parseUUID(name); err == nil {
			if at, _, ok := a.bodies.get(id); ok {
				body = at
				break
			}
		}
		next, err := a.recordNamed(tx, standInName(tx, name))
		if err != nil {
			return nil, fmt.Errorf("dictionary of record %s: %w", chain[len(chain)-1].ID(), err)
		}
		chain = append(chain, next)
	}
	for _, r := range slices.Backward(chain) {
		var err error
		if body, err = a.decodeBody(r, body); err != nil {
			return nil, err
		}
	}
	return body, nil
}

// decodeBody decodes the frame in one body record, and checks the body against the hash that the record states.
func (a *Archive) decodeBody(rec *warc.Record, dict []byte) ([]byte, error) {
	body, err := a.codec.decode(rec.Block, dict)
	if err != nil {
		return nil, fmt.Errorf("%w: record %s: %w", ErrDamaged, rec.ID(), err)
	}
	want, _ := bodyHash(rec)
	got := snapshots.HashOf(body)
	if key, err := hashKey(got); err != nil || string(key) != string(want) {
		return nil, fmt.Errorf("%w: record %s: its body has hash %s", ErrDamaged, rec.ID(), got)
	}
	if id, err := parseUUID(rec.ID()); err == nil {
		a.bodies.put(id, body, got)
	}
	return body, nil
}
