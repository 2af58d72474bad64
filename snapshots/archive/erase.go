package archive

// This file erases the content of snapshots: first it is recorded that, when and why, then the records are blanked and what was derived from
// them goes. What a crash has left undone is done on the next opening.

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/warc"
	bolt "go.etcd.io/bbolt"
)

var (
	keyErasing = []byte("erasing") // of meta: an erasure is recorded and perhaps not done
	keyScrub   = []byte("scrub")   // of meta: free pages of the index may hold erased texts
)

// A SharedError says that other snapshots hold the content that was to be erased. Nothing was done.
type SharedError struct {
	Others []snapshots.Snapshot // oldest first
}

func (e *SharedError) Error() string {
	return fmt.Sprintf("%d other snapshots hold the same content", len(e.Others))
}

// Erase takes the content of the snapshots called ids out of the archive for good: what servers answered, pictures, bodies, and the texts
// that were read from them. Heads of records, entries and the ledger stay, and with them the proof that something was recorded, and an entry
// that says when and why it went. If other snapshots hold the same content it is a *SharedError, unless all is set, which erases them, too.
// The versions of all terms that are touched are to be read again. It returns what was recorded. What stands elsewhere, in
// backups, in files that were moved aside, in decisions that quote the text, is not touched.
func (a *Archive) Erase(ids []string, at time.Time, why string, all bool) (snapshots.Erasure, error) {
	x := snapshots.Erasure{At: at.UTC().Truncate(time.Microsecond), Why: strings.TrimSpace(why)}
	if x.Why == "" || len(x.Why) > snapshots.MaxWhy || x.At.IsZero() {
		return x, fmt.Errorf("erase: an erasure has a date and a reason of at most %d bytes", snapshots.MaxWhy)
	}
	err := a.put(func(s *stage) (bool, error) {
		p := &plan{s: s, all: all, snapshots: map[string]bool{}, records: map[uuid]bool{}, bodies: map[snapshots.Hash]bool{}, documents: map[snapshots.Hash]bool{}}
		if err := p.make(ids); err != nil {
			return false, err
		}
		return p.stage(&x)
	})
	if err == nil {
		a.mu.Lock()
		defer a.mu.Unlock()
		err = a.finishErasures()
	}
	if err != nil {
		return x, fmt.Errorf("erase: %w", err)
	}
	return x, nil
}

// A plan is what is to be erased.
type plan struct {
	s         *stage
	all       bool
	snapshots map[string]bool
	records   map[uuid]bool
	bodies    map[snapshots.Hash]bool
	documents map[snapshots.Hash]bool
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

func eachVersion(tx *bolt.Tx, f func(snapshots.Version) error) error {
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

// stage stages body records for those that were compressed against one that goes, and the entry of the erasure.
func (p *plan) stage(x *snapshots.Erasure) (bool, error) {
	if err := p.moveDependants(x.At); err != nil {
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
		if err != nil {
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
			return err
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

// finishErasures makes sure that all erased records are blank and that nothing of them is left in the index.
func (a *Archive) finishErasures() error {
	todo := map[uint32][]place{}
	err := a.db.View(func(tx *bolt.Tx) error {
		a.scrub = tx.Bucket(bucketMeta).Get(keyScrub) != nil
		if tx.Bucket(bucketMeta).Get(keyErasing) == nil {
			return nil
		}
		a.scrub = true
		return tx.Bucket(bucketErased).ForEach(func(k, _ []byte) error {
			p, err := locate(tx, uuid(k))
			if err == nil {
				_, err = a.captures.read(p)
			}
			if err == nil {
				todo[p.file] = append(todo[p.file], p)
			}
			if errors.Is(err, ErrErased) || errors.Is(err, ErrDamaged) { // done, or check names it
				return nil
			}
			return err
		})
	})
	if err != nil || !a.scrub {
		return err
	}
	left, err := filepath.Glob(filepath.Join(a.captures.dir, "*.warc.gz.new"))
	for _, name := range left {
		err = errors.Join(err, os.Remove(name))
	}
	if err != nil {
		return err
	}
	for number, places := range todo {
		if err := a.captures.blank(number, places); err != nil {
			return fmt.Errorf("erase in %s: %w", fileName(number), err)
		}
	}
	a.bodies.empty()
	return a.db.Update(func(tx *bolt.Tx) error {
		if tx.Bucket(bucketMeta).Get(keyErasing) == nil {
			return nil
		}
		return errors.Join(a.forgetTexts(tx), tx.Bucket(bucketMeta).Delete(keyErasing), tx.Bucket(bucketMeta).Put(keyScrub, []byte{1}))
	})
}

// blank puts a copy of a capture file in its place, in which some records are blank.
func (c *captures) blank(number uint32, places []place) error {
	path := filepath.Join(c.dir, fileName(number))
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	slices.SortFunc(places, func(a, b place) int { return int(a.extent.Offset - b.extent.Offset) })
	var parts []io.Reader
	at := int64(0)
	for _, p := range places {
		m, err := c.member(number, p.extent.Offset)
		if err != nil {
			return err
		}
		b, err := blank(m.Bytes, m.Record)
		if err != nil {
			return err
		}
		parts = append(parts, io.NewSectionReader(f, at, p.extent.Offset-at), strings.NewReader(string(b)))
		at = p.extent.Offset + p.extent.Length
	}
	parts = append(parts, io.NewSectionReader(f, at, 1<<62-at))
	if err := copyTo(path+".new", io.MultiReader(parts...)); err != nil {
		return err
	}
	if err := c.close(); err != nil { // what is open is the old file
		return err
	}
	return errors.Join(os.Rename(path+".new", path), syncDir(c.dir))
}

// forgetTexts takes everything out of the index that was read from erased snapshots, builds upon that, or was made of it, and has the
// terms that are touched read again.
func (a *Archive) forgetTexts(tx *bolt.Tx) error {
	gone, bodies := map[string]bool{}, map[snapshots.Hash]bool{}
	err := tx.Bucket(bucketForgotten).ForEach(func(k, _ []byte) error {
		s, err := snapshotAt(tx, k)
		gone[s.ID], bodies[s.Body] = true, true
		return err
	})
	if err != nil {
		return err
	}
	texts, err := lostTexts(tx, gone, bodies)
	if err != nil {
		return err
	}
	touched := map[string]bool{}
	err = eachVersion(tx, func(v snapshots.Version) error {
		key, err := termsKey(v.Terms)
		hit := len(documentsOf(v, gone)) > 0 || gone[v.Snapshot] || texts[v.Document]
		for _, h := range annexDocuments(v) {
			hit = hit || texts[h]
		}
		if hit {
			touched[string(key)] = true
		}
		return err
	})
	for key := range touched {
		err = errors.Join(err, forgetVersions(tx, []byte(key)))
	}
	for h := range texts {
		key, err1 := hashKey(h)
		err = errors.Join(err, err1, tx.Bucket(bucketDocuments).Delete(key))
	}
	if err != nil {
		return err
	}
	if err := tx.DeleteBucket(bucketDerived); err != nil {
		return err
	}
	_, err = tx.CreateBucket(bucketDerived)
	return err
}

// lostTexts are the documents that were read from some snapshots, and those that are compressed against them or against their bodies.
func lostTexts(tx *bolt.Tx, gone map[string]bool, bodies map[snapshots.Hash]bool) (map[snapshots.Hash]bool, error) {
	lost := map[snapshots.Hash]bool{}
	err := eachVersion(tx, func(v snapshots.Version) error {
		for h := range documentsOf(v, gone) {
			lost[h] = true
		}
		return nil
	})
	for grown := true; grown && err == nil; {
		grown = false
		err = tx.Bucket(bucketDocuments).ForEach(func(k, b []byte) error {
			p, err := unpack(b)
			h := hashOfKey(k)
			if err == nil && !lost[h] && (lost[p.dict] || bodies[p.body]) {
				lost[h], grown = true, true
			}
			return err
		})
	}
	return lost, err
}

// Leftovers are files in the archive that may hold what was erased: they were moved aside when something was damaged.
func (a *Archive) Leftovers() ([]string, error) {
	var out []string
	for _, pattern := range []string{indexFile + ".damaged*", filepath.Join(captureDir, "*.torn-*")} {
		names, err := filepath.Glob(filepath.Join(a.dir, pattern))
		if err != nil {
			return nil, err
		}
		out = append(out, names...)
	}
	return out, nil
}
