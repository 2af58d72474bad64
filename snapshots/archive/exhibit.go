package archive

// This file takes out of the evidence everything that one snapshot rests on, as it stands there, and checks it without an archive.

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/warc"
)

// A Member is one record of the evidence, and the gzip member that it stands in, byte for byte.
type Member struct {
	*warc.Record
	Bytes []byte
}

// Exhibit is everything that the evidence holds of s: the responses that its revisits refer to, its exchanges and pictures, its body
// record with the dictionaries before it, and the entries record that speaks of it. Each stands once, and behind what it needs.
func (a *Archive) Exhibit(s snapshots.Snapshot) ([]Member, error) {
	x := &exhibit{a: a, have: map[string]bool{}}
	err := a.view(func(tx kv.Tx) error {
		x.tx = tx
		return x.gather(s.ID)
	})
	if err != nil {
		return nil, fmt.Errorf("evidence of snapshot %s: %w", s.ID, err)
	}
	return x.out, nil
}

type exhibit struct {
	a    *Archive
	tx   kv.Tx
	have map[string]bool
	out  []Member
}

func (x *exhibit) gather(id string) error {
	e, pos, err := snapshotEntry(x.tx, id)
	if err != nil {
		return err
	}
	if gone, ok, err := erasureOf(x.tx, id); err != nil || ok {
		return errors.Join(err, &ErasedError{gone})
	}
	for _, name := range e.Records {
		if err := x.add(name, 0); err != nil {
			return err
		}
	}
	if e.Snapshot.Size > 0 {
		body, err := bodyRecord(x.tx, e)
		if err == nil {
			err = x.add(body.String(), 0)
		}
		if err != nil {
			return err
		}
	}
	file, offset := positionFile(pos)
	m, err := x.a.captures.member(file, offset)
	if err != nil {
		return err
	}
	x.take(m)
	return nil
}

// add adds a record, behind those that it refers to.
func (x *exhibit) add(name string, depth int) error {
	name = standInName(x.tx, name)
	if x.have[name] {
		return nil
	}
	if depth > maxChain {
		return fmt.Errorf("%w: chain of more than %d records at %s", ErrDamaged, maxChain, name)
	}
	id, err := parseUUID(name)
	if err != nil {
		return err
	}
	p, err := locate(x.tx, id)
	if err != nil {
		return err
	}
	m, err := x.a.captures.member(p.file, p.extent.Offset)
	if err != nil {
		return err
	}
	needs := warc.Bare(m.Header.Get(dictionary))
	if m.Type() == "revisit" {
		needs = warc.Bare(m.Header.Get(refersTo))
	}
	if needs != "" {
		if err := x.add(needs, depth+1); err != nil {
			return err
		}
	}
	x.take(m)
	return nil
}

func (x *exhibit) take(m Member) {
	if !x.have[m.ID()] {
		x.have[m.ID()] = true
		x.out = append(x.out, m)
	}
}

// member is the record that begins at an offset of a capture file.
func (c *captures) member(number uint32, offset int64) (Member, error) {
	f, err := c.file(number)
	if err != nil {
		return Member{}, err
	}
	size, err := f.length()
	if err != nil {
		return Member{}, err
	}
	rec, raw, err := readMember(f, offset, size)
	if isErased(rec) {
		return Member{}, erased(rec.ID())
	}
	if err != nil {
		return Member{}, damagedAt(number, offset, err)
	}
	return Member{rec, raw}, nil
}

func readMember(f io.ReaderAt, offset, size int64) (*warc.Record, []byte, error) {
	r := warc.NewReader(io.NewSectionReader(f, offset, size-offset), warc.Limits{})
	rec, err := r.Next()
	if err != nil {
		return nil, nil, err
	}
	raw := make([]byte, r.Extent().Length)
	if _, err := f.ReadAt(raw, offset); err != nil {
		return nil, nil, err
	}
	return rec, raw, rec.CheckDigest()
}

// An Examined snapshot is one that was found whole among records.
type Examined struct {
	Snapshot snapshots.Snapshot
	Records  []string // its exchanges and pictures, in the order written
	Body     []byte
	Entry    string // ID of the record that speaks of it
}

// Examine finds the snapshot called id among records, by their IDs, and checks, without an archive, that it has the identifier that follows
// from what it says, that all records which it names are there, and that the body in them has the hash that it states.
func Examine(records map[string]*warc.Record, id string) (*Examined, error) {
	e, at, err := entryAmong(records, id)
	if err != nil {
		return nil, err
	}
	out := &Examined{Snapshot: *e.Snapshot, Records: e.Records, Entry: at}
	if got := snapshotID(e.Snapshot).String(); got != id {
		return nil, fmt.Errorf("what is said of snapshot %s belongs to %s", id, got)
	}
	for _, name := range e.Records {
		if records[name] == nil {
			return nil, fmt.Errorf("record %s of snapshot %s is missing", name, id)
		}
	}
	if e.Snapshot.Size > 0 {
		if out.Body, err = bodyAmong(records, e); err != nil {
			return nil, fmt.Errorf("body of snapshot %s: %w", id, err)
		}
	}
	if got := snapshots.HashOf(out.Body); got != e.Snapshot.Body {
		return nil, fmt.Errorf("body of snapshot %s has hash %s, not %s", id, got, e.Snapshot.Body)
	}
	return out, nil
}

// entryAmong finds the line that speaks of a snapshot.
func entryAmong(records map[string]*warc.Record, id string) (*entry, string, error) {
	for name, rec := range records {
		if rec.Header.Get("Content-Type") != typeEntries || !bytes.Contains(rec.Block, []byte(id)) {
			continue
		}
		for line := range bytes.Lines(rec.Block) {
			var e entry
			if err := json.Unmarshal(line, &e); err == nil && e.Snapshot != nil && e.Snapshot.ID == id {
				return &e, name, nil
			}
		}
	}
	return nil, "", fmt.Errorf("no record speaks of snapshot %s", id)
}

// bodyAmong is the body of a snapshot.
func bodyAmong(records map[string]*warc.Record, e *entry) ([]byte, error) {
	name := e.Record
	if name == "" {
		name = identify("body", string(e.Snapshot.Body)).String()
		if standingIn(records, name) == nil { // equal bytes: the body of an earlier capture
			for _, rec := range records {
				if rec.Type() != "response" {
					continue
				}
				if b, err := warc.Payload(rec.Block, MaxBody); err == nil && snapshots.HashOf(b) == e.Snapshot.Body {
					return b, nil
				}
			}
		}
	}
	rec := standingIn(records, name)
	if rec == nil {
		return nil, fmt.Errorf("record %s is missing", name)
	}
	if rec.Type() == "response" {
		return warc.Payload(rec.Block, MaxBody)
	}
	if isForeign(rec) {
		return foreignBody(rec.Block)
	}
	c := newCodec()
	defer c.close()
	var chain []*warc.Record
	for rec != nil {
		if chain = append(chain, rec); len(chain) > maxChain {
			return nil, errors.New("chain of dictionaries does not end")
		}
		next := warc.Bare(rec.Header.Get(dictionary))
		if next == "" {
			break
		}
		if rec = standingIn(records, next); rec == nil {
			return nil, fmt.Errorf("dictionary %s is missing", next)
		}
	}
	var body []byte
	for i := len(chain) - 1; i >= 0; i-- {
		var err error
		if body, err = c.decode(chain[i].Block, body); err != nil {
			return nil, err
		}
	}
	return body, nil
}

// Identify derives the identifier of a record from parts, as FORMAT.md says.
func Identify(parts ...string) string { return identify(parts...).String() }
