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
	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/warc"
)

// A stage holds the records and the entries of one put. It reads the index as it was before.
type stage struct {
	a       *Archive
	tx      kv.Tx
	records []*warc.Record
	lines   bytes.Buffer
	date    time.Time // of the last entry

	paths  map[uuid]uuid // pathKey → the body record staged last for it
	bodies map[snapshots.Hash]uuid
	staged map[uuid]stagedBody
}

type stagedBody struct {
	body  []byte
	hash  snapshots.Hash
	depth byte
	dict  uuid // the record of the body that it builds upon, if any
}

func newStage(a *Archive, tx kv.Tx) *stage {
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
	id, err := s.bodyID(snap.Body)
	if err != nil {
		return uuid{}, err
	}
	header := warc.Header{
		{Name: "WARC-Type", Value: "resource"},
		{Name: "WARC-Record-ID", Value: warc.Bracket(id.String())},
		{Name: "WARC-Date", Value: warc.FormatDate(snap.At)},
		{Name: "WARC-Target-URI", Value: bodyURI + string(snap.Body)},
		{Name: "Content-Type", Value: typeZstd},
	}
	staged := stagedBody{body: body, hash: snap.Body}
	var text []byte
	dict, err := s.base(path, body)
	if err != nil {
		return uuid{}, fmt.Errorf("body %s: %w", snap.Body, err)
	}
	if dict != nil {
		text, staged.depth, staged.dict = dict.text, dict.depth+1, dict.id
		header = append(header, warc.Field{Name: dictionary, Value: warc.Bracket(staged.dict.String())})
	}
	frame, err := s.a.codec.encode(body, text)
	if err != nil {
		return uuid{}, fmt.Errorf("body %s: %w", snap.Body, err)
	}
	s.records = append(s.records, &warc.Record{Header: header, Block: frame})
	s.bodies[snap.Body], s.paths[path] = id, id
	s.staged[id] = staged
	return id, nil
}

// bodyID names a body record: by its hash, and by a number as well if the one of that name was erased.
func (s *stage) bodyID(h snapshots.Hash) (uuid, error) {
	id := identify("body", string(h))
	for n := 2; ; n++ {
		if _, err := locate(s.tx, id); errors.Is(err, ErrNotFound) {
			return id, nil
		} else if err != nil {
			return id, err
		}
		id = identify("body", string(h), strconv.Itoa(n))
	}
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
	return holder(s.tx, key)
}

// base is what a body is compressed against: the one before it on its path or one further up, nil if there is none.
func (s *stage) base(path uuid, body []byte) (*base[uuid], error) {
	before, err := s.before(path)
	if err != nil || before.depth == noBody {
		return nil, err
	}
	return follow(s.a.codec, body, before, earlier[uuid]{s.up, s.text})
}

// before is the last body on a path, without its text; its depth is noBody if no body record holds it.
func (s *stage) before(path uuid) (base[uuid], error) {
	id, ok := s.paths[path]
	if !ok {
		b := s.tx.Bucket(bucketPaths).Get(path[:])
		if b == nil {
			return base[uuid]{depth: noBody}, nil
		}
		if id, ok = holder(s.tx, b); !ok {
			return base[uuid]{depth: noBody}, nil
		}
	}
	if staged, ok := s.staged[id]; ok {
		return base[uuid]{id: id, depth: staged.depth}, nil
	}
	p, err := locate(s.tx, id)
	return base[uuid]{id: id, depth: p.depth}, err
}

// up is the body that another builds upon, without its text.
func (s *stage) up(from base[uuid]) (base[uuid], error) {
	to := base[uuid]{depth: from.depth - 1}
	if staged, ok := s.staged[from.id]; ok {
		to.id = staged.dict
		return to, nil
	}
	if id := standsIn(s.tx, from.id); id != from.id {
		return base[uuid]{id: id}, nil
	}
	p, err := locate(s.tx, from.id)
	if err != nil {
		return to, err
	}
	rec, err := s.a.captures.read(p)
	if err != nil {
		return to, err
	}
	to.id, err = parseUUID(warc.Bare(rec.Header.Get(dictionary)))
	return to, err
}

// text is the body in the body record called id.
func (s *stage) text(id uuid) ([]byte, error) {
	if staged, ok := s.staged[id]; ok {
		return staged.body, nil
	}
	body, _, err := s.a.recorded(s.tx, id)
	return body, err
}

// keep puts the staged bodies at hand for the next put.
func (s *stage) keep() {
	for _, id := range s.paths {
		if b, ok := s.staged[id]; ok {
			s.a.bodies.put(id, bytes.Clone(b.body), b.hash)
		}
	}
}
