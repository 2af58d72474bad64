package archive

// This file finds what must be erased with a snapshot, and what is written before it goes.

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/warc"
)

// A plan is what is to be erased.
type plan struct {
	s         *stage
	all       bool
	snapshots map[string]bool
	records   map[uuid]bool
	bodies    map[snapshots.Hash]bool
	documents map[snapshots.Hash]bool
}

func newPlan(s *stage) *plan {
	return &plan{s: s, snapshots: map[string]bool{}, records: map[uuid]bool{}, bodies: map[snapshots.Hash]bool{}, documents: map[snapshots.Hash]bool{}}
}

// make finds the records that hold the content, and who else has it.
func (p *plan) make(ids []string) error {
	for _, id := range ids {
		e, err := storedEntry(p.s.tx, id)
		if err != nil {
			return err
		}
		if x, gone, err := erasureOf(p.s.tx, id); err != nil || gone {
			return fmt.Errorf("snapshot %s: %w", id, errors.Join(err, &ErasedError{x}))
		}
		if err := p.add(e); err != nil {
			return err
		}
	}
	for {
		if err := p.readDocuments(); err != nil {
			return err
		}
		others, err := p.sharers()
		if err != nil || len(others) == 0 {
			return err
		}
		if !p.all {
			shared := &SharedError{}
			for _, e := range others {
				shared.Others = append(shared.Others, *e.Snapshot)
			}
			slices.SortFunc(shared.Others, func(a, b snapshots.Snapshot) int { return a.At.Compare(b.At) })
			return shared
		}
		for _, e := range others {
			if err := p.add(e); err != nil {
				return err
			}
		}
	}
}

// add adds a snapshot and the records that hold its content: all but what was asked, and certificates.
func (p *plan) add(e *entry) error {
	p.snapshots[e.Snapshot.ID] = true
	names := slices.Clone(e.Records)
	if e.Snapshot.Size > 0 {
		p.bodies[e.Snapshot.Body] = true
		id, err := bodyRecord(p.s.tx, e)
		if err != nil {
			return err
		}
		names = append(names, id.String(), standsIn(p.s.tx, id).String())
	}
	for _, name := range names {
		rec, err := p.s.a.recordNamed(p.s.tx, name)
		if errors.Is(err, ErrErased) {
			if id, wrong := parseUUID(name); wrong == nil && p.s.tx.Bucket(bucketErased).Get(id[:]) == nil {
				p.records[id] = true // its content went before it was recorded that it did: the index is older than the capture files
			}
			continue
		}
		if err != nil {
			return err
		}
		if len(rec.Block) == 0 || rec.Type() == "request" || strings.HasPrefix(rec.Header.Get("WARC-Target-URI"), chainURI) {
			continue
		}
		id, _ := parseUUID(name) // it was found by it
		p.records[id] = true
	}
	return nil
}

// readDocuments finds what the snapshots were read as.
func (p *plan) readDocuments() error {
	return eachVersion(p.s.tx, func(v snapshots.Version) error {
		for h := range documentsOf(v, p.snapshots) {
			p.documents[h] = true
		}
		return nil
	})
}

func eachVersion(tx kv.Tx, f func(snapshots.Version) error) error {
	return tx.Bucket(bucketVersions).ForEach(func(id, b []byte) error {
		v, err := decodeVersion(tx, id, b)
		if err != nil {
			return err
		}
		return f(v)
	})
}

// documentsOf are the documents of v that were read from some snapshots.
func documentsOf(v snapshots.Version, of map[string]bool) map[snapshots.Hash]bool {
	out := map[snapshots.Hash]bool{}
	own := of[v.Snapshot]
	for _, x := range v.Parts {
		own = own || of[x.Snapshot]
	}
	if own && v.Document != "" {
		out[v.Document] = true
	}
	for _, x := range v.Annexes {
		if of[x.Snapshot] && x.Document != "" {
			out[x.Document] = true
		}
	}
	return out
}

// sharers are the entries of other snapshots that hold the same bodies or records, or were read as the same documents.
func (p *plan) sharers() ([]*entry, error) {
	same := map[string]bool{}
	err := eachVersion(p.s.tx, func(v snapshots.Version) error {
		if p.documents[v.Document] {
			same[v.Snapshot] = true
		}
		for _, x := range v.Annexes {
			if p.documents[x.Document] {
				same[x.Snapshot] = true
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []*entry
	err = p.s.tx.Bucket(bucketSnapshots).ForEach(func(_, b []byte) error {
		e, _, err := decodeEntry(b)
		if err != nil || p.snapshots[e.Snapshot.ID] {
			return err
		}
		shares := same[e.Snapshot.ID] || e.Snapshot.Size > 0 && p.bodies[e.Snapshot.Body]
		for _, name := range append(e.Records[:len(e.Records):len(e.Records)], e.Record) {
			id, err := parseUUID(name)
			shares = shares || err == nil && p.records[id]
		}
		if !shares {
			return nil
		}
		if _, gone, err := erasureOf(p.s.tx, e.Snapshot.ID); err != nil || gone {
			return err
		}
		out = append(out, e)
		return nil
	})
	return out, err
}

// stage stages body records for those that were compressed against one that goes, and the entry of the erasure, which names the opinions on the texts, too.
func (p *plan) stage(x *snapshots.Erasure) (bool, error) {
	if err := errors.Join(p.moveDependants(x.At), p.opinions()); err != nil {
		return false, err
	}
	for id := range p.snapshots {
		x.Snapshots = append(x.Snapshots, id)
	}
	for id := range p.records {
		at, err := locate(p.s.tx, id)
		if err != nil {
			return false, err
		}
		m, err := p.s.a.captures.member(at.file, at.extent.Offset)
		if err == nil {
			_, err = blank(m.Bytes, m.Record)
		}
		if err != nil && !errors.Is(err, ErrErased) {
			return false, err
		}
		x.Records = append(x.Records, id.String())
	}
	slices.Sort(x.Snapshots)
	slices.Sort(x.Records)
	if err := p.s.entry(entry{Erasure: x}, x.At); err != nil {
		return false, err
	}
	return p.s.finish(uuid{}), nil
}

// moveDependants stages the bodies that could not be decoded any more once more, each by itself.
func (p *plan) moveDependants(at time.Time) error {
	tx := p.s.tx
	return tx.Bucket(bucketRecords).ForEach(func(k, b []byte) error {
		pl, err := decodePlace(b)
		if err != nil || pl.depth == 0 || pl.depth == noBody || p.records[uuid(k)] || standsIn(tx, uuid(k)) != uuid(k) {
			return err
		}
		rec, err := p.s.a.captures.read(pl)
		if errors.Is(err, ErrErased) {
			return nil
		}
		if err != nil {
			return err
		}
		dict, err := parseUUID(warc.Bare(rec.Header.Get(dictionary)))
		if err != nil || !p.records[dict] && !p.records[standsIn(tx, dict)] {
			return err
		}
		body, hash, err := p.s.a.recorded(tx, uuid(k))
		if err != nil {
			return fmt.Errorf("%s builds upon what is to be erased, and must be kept: %w", uuid(k), err)
		}
		frame, err := p.s.a.codec.encode(body, nil)
		if err != nil {
			return err
		}
		p.s.records = append(p.s.records, &warc.Record{Block: frame, Header: warc.Header{
			{Name: "WARC-Type", Value: "resource"},
			{Name: "WARC-Record-ID", Value: warc.Bracket(identify("stands-in", rec.ID()).String())},
			{Name: "WARC-Date", Value: warc.FormatDate(at)},
			{Name: "WARC-Target-URI", Value: bodyURI + string(hash)},
			{Name: "Content-Type", Value: typeZstd},
			{Name: insteadOf, Value: warc.Bracket(rec.ID())}}})
		return nil
	})
}
