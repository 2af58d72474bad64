package archive

// This file gathers the records of one put before they are written.

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/warc"
	bolt "go.etcd.io/bbolt"
)

// A stage holds the records and the entries of one put. It reads the index as it was before.
type stage struct {
	a       *Archive
	tx      *bolt.Tx
	records []*warc.Record
	lines   bytes.Buffer
	date    time.Time // of the last entry

	paths  map[uuid]uuid // pathKey → the body record staged last for it
	bodies map[snapshots.Hash]uuid
	staged map[uuid]stagedBody
}

type stagedBody struct {
	body  []byte
	depth byte
}

func newStage(a *Archive, tx *bolt.Tx) *stage {
	return &stage{a: a, tx: tx, paths: map[uuid]uuid{}, bodies: map[snapshots.Hash]uuid{}, staged: map[uuid]stagedBody{}}
}

// finish stages the entries record and says whether there is anything to write. The record is called id, or by its block
// if id is zero.
func (s *stage) finish(id uuid, extra ...warc.Field) bool {
	if s.lines.Len() == 0 {
		return false
	}
	if len(extra) == 0 {
		extra = []warc.Field{{Name: "WARC-Target-URI", Value: entriesURI}}
	}
	if id == (uuid{}) {
		n := s.tx.Bucket(bucketRecords).Sequence()
		id = identify("entries", string(snapshots.HashOf(s.lines.Bytes())), strconv.FormatUint(n, 10))
	}
	header := warc.Header{
		{Name: "WARC-Type", Value: "metadata"},
		{Name: "WARC-Record-ID", Value: warc.Bracket(id.String())},
		{Name: "WARC-Date", Value: warc.FormatDate(s.date)},
		{Name: "Content-Type", Value: typeEntries},
	}
	s.records = append(s.records, &warc.Record{Header: append(header, extra...), Block: s.lines.Bytes()})
	return true
}

// once stages rec unless it is in the evidence, put there before or left by a put that was cut off before its entries, or
// staged already.
func (s *stage) once(rec *warc.Record) error {
	id, err := parseUUID(rec.ID())
	if err != nil {
		return err
	}
	if _, err := locate(s.tx, id); !errors.Is(err, ErrNotFound) {
		return err
	}
	if !slices.ContainsFunc(s.records, func(r *warc.Record) bool { return r.ID() == rec.ID() }) {
		s.records = append(s.records, rec)
	}
	return nil
}

// entry stages one line.
func (s *stage) entry(e entry, date time.Time) error {
	b, err := snapshots.Encode(e)
	if err != nil {
		return err
	}
	s.lines.Write(append(b, '\n'))
	s.date = date
	return nil
}

// body stages a body record for the body of snap, unless there is a record that holds it.
// Compressed against the body before it on the same path, it usually takes about a kilobyte.
func (s *stage) body(snap *snapshots.Snapshot, body []byte) (uuid, error) {
	path := uuid(pathKey(snap))
	if id, ok := s.known(snap.Body); ok {
		s.paths[path] = id
		return id, nil
	}
	id := identify("body", string(snap.Body))
	header := warc.Header{
		{Name: "WARC-Type", Value: "resource"},
		{Name: "WARC-Record-ID", Value: warc.Bracket(id.String())},
		{Name: "WARC-Date", Value: warc.FormatDate(snap.At)},
		{Name: "WARC-Target-URI", Value: bodyURI + string(snap.Body)},
		{Name: "Content-Type", Value: typeZstd},
	}
	var depth byte
	from, dict, err := s.dictionary(path)
	if err != nil {
		return uuid{}, err
	}
	if dict.body != nil {
		depth = dict.depth + 1
		header = append(header, warc.Field{Name: dictionary, Value: warc.Bracket(from.String())})
	}
	frame, err := s.a.codec.encode(body, dict.body)
	if err != nil {
		return uuid{}, fmt.Errorf("body %s: %w", snap.Body, err)
	}
	s.records = append(s.records, &warc.Record{Header: header, Block: frame})
	s.bodies[snap.Body], s.paths[path] = id, id
	s.staged[id] = stagedBody{body, depth}
	return id, nil
}

// known is the record that holds the body with hash h, staged or in the evidence.
func (s *stage) known(h snapshots.Hash) (uuid, bool) {
	if id, ok := s.bodies[h]; ok {
		return id, true
	}
	key, err := hashKey(h)
	if err != nil {
		return uuid{}, false
	}
	b := s.tx.Bucket(bucketBodies).Get(key)
	if len(b) != len(uuid{}) {
		return uuid{}, false
	}
	return uuid(b), true
}

// dictionary is the body before the next one on a path, if that may be built upon.
func (s *stage) dictionary(path uuid) (uuid, stagedBody, error) {
	id, ok := s.paths[path]
	if !ok {
		b := s.tx.Bucket(bucketPaths).Get(path[:])
		if b == nil {
			return uuid{}, stagedBody{}, nil
		}
		if b = s.tx.Bucket(bucketBodies).Get(b); len(b) != len(uuid{}) {
			return uuid{}, stagedBody{}, nil
		}
		id = uuid(b)
	}
	if staged, ok := s.staged[id]; ok {
		if staged.depth >= maxChain-1 {
			return uuid{}, stagedBody{}, nil
		}
		return id, staged, nil
	}
	p, err := locate(s.tx, id)
	if err != nil {
		return uuid{}, stagedBody{}, err
	}
	if p.depth >= maxChain-1 { // so is a record that is no body record
		return uuid{}, stagedBody{}, nil
	}
	body, ok := s.a.bodies.get(id)
	if !ok {
		rec, err := s.a.captures.read(p)
		if err != nil {
			return uuid{}, stagedBody{}, err
		}
		if body, err = s.a.recordBody(s.tx, rec); err != nil {
			return uuid{}, stagedBody{}, err
		}
	}
	return id, stagedBody{body, p.depth}, nil
}

// keep puts the staged bodies at hand for the next put.
func (s *stage) keep() {
	for _, id := range s.paths {
		if b, ok := s.staged[id]; ok {
			s.a.bodies.put(id, bytes.Clone(b.body))
		}
	}
}
