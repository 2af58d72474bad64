package archive

// This file records the opinions of the second reader. They quote the text and hold raw answers, so they stand in records that can be
// erased with it; the entry beside such a record holds no words of either.

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/warc"
)

const (
	opinionsURI  = "urn:drittland:opinions:sha256:" // and the SHA-256 of the block, hexadecimal
	typeOpinions = "application/vnd.drittland.opinions"
)

// PutOpinions records opinions on the text of v and on its annexes, at most snapshots.MaxOpinions of them, and returns how many were not
// recorded before for what v was read from. The error is an ErrErased if something that the text was read from has been erased meanwhile.
func (a *Archive) PutOpinions(v snapshots.Version, list []snapshots.Opinion) (int, error) {
	added := 0
	err := a.put(func(s *stage) (bool, error) {
		fresh, err := s.unrecorded(v, list)
		if err != nil || len(fresh) == 0 {
			return false, err
		}
		added = len(fresh)
		if err := s.opinions(v, fresh); err != nil {
			return false, err
		}
		return s.finish(uuid{}), nil
	})
	if err != nil {
		return 0, fmt.Errorf("record opinions on version %s of %s: %w", v.ID, v.Terms, err)
	}
	return added, nil
}

// unrecorded are those of list that are not recorded for what v was read from, each once.
func (s *stage) unrecorded(v snapshots.Version, list []snapshots.Opinion) ([]snapshots.Opinion, error) {
	if len(list) > snapshots.MaxOpinions {
		return nil, fmt.Errorf("%d opinions, at most %d are recorded together", len(list), snapshots.MaxOpinions)
	}
	terms, err := termsKey(v.Terms)
	if err != nil {
		return nil, err
	}
	from, known := readFrom(v), map[string]bool{}
	err = eachOpinions(s.tx, terms, func(e *entry) error {
		other := func(id string) bool { return !slices.Contains(e.Opinions.Snapshots, id) }
		if id, err := parseUUID(e.Record); err != nil || slices.ContainsFunc(from, other) || s.tx.Bucket(bucketErased).Get(id[:]) != nil {
			return err
		}
		for _, id := range e.Opinions.IDs {
			known[id] = true
		}
		return nil
	})
	var out []snapshots.Opinion
	for _, o := range list {
		if err := o.Validate(); err != nil {
			return nil, err
		}
		if !known[o.ID] {
			out, known[o.ID] = append(out, o), true
		}
	}
	return out, err
}

// opinions stages the record of some opinions and their entry.
func (s *stage) opinions(v snapshots.Version, list []snapshots.Opinion) error {
	x := snapshots.Opinions{Terms: v.Terms, Variant: v.Variant, Version: v.ID, Snapshots: readFrom(v)}
	for _, id := range x.Snapshots {
		if _, err := storedEntry(s.tx, id); err != nil {
			return err
		}
		if e, gone, err := erasureOf(s.tx, id); err != nil || gone {
			return fmt.Errorf("snapshot %s: %w", id, errors.Join(err, &ErasedError{e}))
		}
	}
	var block bytes.Buffer
	for _, o := range list {
		b, err := snapshots.Encode(o)
		if err != nil {
			return err
		}
		block.Write(append(b, '\n'))
		x.IDs = append(x.IDs, o.ID)
		if o.At.After(x.At) {
			x.At = o.At.UTC().Truncate(time.Microsecond)
		}
	}
	hash := string(snapshots.HashOf(block.Bytes()))
	n := s.tx.Bucket(bucketRecords).Sequence() // what was erased may be said again
	rec := &warc.Record{Block: block.Bytes(), Header: warc.Header{
		{Name: "WARC-Type", Value: "resource"},
		{Name: "WARC-Record-ID", Value: warc.Bracket(identify("opinions", hash, strconv.FormatUint(n, 10)).String())},
		{Name: "WARC-Date", Value: warc.FormatDate(x.At)},
		{Name: "WARC-Target-URI", Value: opinionsURI + hash},
		{Name: "Content-Type", Value: typeOpinions}}}
	if err := s.once(rec); err != nil {
		return err
	}
	return s.entry(entry{Opinions: &x, Record: rec.ID()}, x.At)
}

// readFrom are the snapshots that the text and the annexes of a version were read from.
func readFrom(v snapshots.Version) []string {
	out := []string{v.Snapshot}
	for _, x := range v.Parts {
		out = append(out, x.Snapshot)
	}
	for _, x := range v.Annexes {
		if x.Document != "" {
			out = append(out, x.Snapshot)
		}
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(id string) bool { return id == "" })
}

// Opinions are the opinions on versions of t and its variants, those that were recorded together at a time, in the order in which they were
// recorded. Those that were erased are left out. The archive may be written to meanwhile.
func (a *Archive) Opinions(t snapshots.Terms) iter.Seq2[snapshots.Opinions, error] {
	return func(yield func(snapshots.Opinions, error) bool) {
		for e, err := range a.opinionEntries(t) {
			var x snapshots.Opinions
			if err == nil {
				x, err = a.opinionsOf(&e)
			}
			if errors.Is(err, ErrErased) {
				continue
			}
			if !yield(x, err) || err != nil {
				return
			}
		}
	}
}

// OpinionMembers are the records that hold opinions on what v was read from, each with the entries record that speaks of it behind it, in
// the order in which they were recorded, without those that were erased.
func (a *Archive) OpinionMembers(v snapshots.Version) ([]Member, error) {
	key, err := termsKey(v.Terms)
	if err != nil {
		return nil, err
	}
	x := &exhibit{a: a, have: map[string]bool{}}
	err = a.view(func(tx kv.Tx) error {
		x.tx = tx
		line := tx.Bucket(bucketOpinions).Bucket(key)
		if line == nil {
			return nil
		}
		return line.ForEach(func(pos, b []byte) error {
			e, err := decodeOpinions(b)
			if err != nil || !slices.Contains(e.Opinions.Snapshots, v.Snapshot) {
				return err
			}
			if id, err := parseUUID(e.Record); err != nil || tx.Bucket(bucketErased).Get(id[:]) != nil {
				return err
			}
			if err := x.add(e.Record, 0); err != nil {
				return err
			}
			file, offset := positionFile(pos)
			m, err := a.captures.member(file, offset)
			if err == nil {
				x.take(m)
			}
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("evidence of opinions on version %s of %s: %w", v.ID, v.Terms, err)
	}
	return x.out, nil
}

// OpinionsIn are the opinions in a record, each as it was recorded; ok is false if it is a record of something else.
func OpinionsIn(rec *warc.Record) (list []snapshots.Opinion, ok bool, err error) {
	if !isOpinions(rec) {
		return nil, false, nil
	}
	list, err = readOpinions(rec)
	return list, true, err
}

// opinionEntries are the entries of opinions on t.
func (a *Archive) opinionEntries(t snapshots.Terms) iter.Seq2[entry, error] {
	key, err := termsKey(t)
	if err != nil {
		return failed[entry](err)
	}
	return pages(a, within(bucketOpinions, key), func(_ kv.Tx, b []byte) (entry, error) { return decodeOpinions(b) })
}

// opinionsOf reads the record of an entry.
func (a *Archive) opinionsOf(e *entry) (snapshots.Opinions, error) {
	x := *e.Opinions
	x.Record = e.Record
	err := a.view(func(tx kv.Tx) error {
		id, err := parseUUID(e.Record)
		if err != nil {
			return err
		}
		if tx.Bucket(bucketErased).Get(id[:]) != nil { // perhaps the record is not blank yet
			return erased(e.Record)
		}
		rec, err := a.recordNamed(tx, e.Record)
		if err == nil {
			x.List, err = readOpinions(rec)
		}
		return err
	})
	if err == nil && !slices.Equal(x.IDs, idsOf(x.List)) {
		err = fmt.Errorf("%w: record %s holds other opinions than its entry says", ErrDamaged, e.Record)
	}
	return x, err
}

func idsOf(list []snapshots.Opinion) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = list[i].ID
	}
	return out
}

func isOpinions(rec *warc.Record) bool {
	return rec.Type() == "resource" && rec.Header.Get("Content-Type") == typeOpinions
}

// readOpinions are the opinions in a record.
func readOpinions(rec *warc.Record) ([]snapshots.Opinion, error) {
	if !isOpinions(rec) {
		return nil, fmt.Errorf("%w: record %s holds no opinions", ErrDamaged, rec.ID())
	}
	if rec.Header.Get("WARC-Target-URI") != opinionsURI+string(snapshots.HashOf(rec.Block)) {
		return nil, fmt.Errorf("%w: record %s is not the one that it says", ErrDamaged, rec.ID())
	}
	var out []snapshots.Opinion
	for line := range bytes.Lines(rec.Block) {
		var o snapshots.Opinion
		err := json.Unmarshal(line, &o)
		if err == nil {
			err = o.Validate()
		}
		if err != nil {
			return nil, fmt.Errorf("%w: record %s: %w", ErrDamaged, rec.ID(), err)
		}
		if out = append(out, o); len(out) > snapshots.MaxOpinions {
			return nil, fmt.Errorf("%w: record %s holds more than %d opinions", ErrDamaged, rec.ID(), snapshots.MaxOpinions)
		}
	}
	return out, nil
}

func decodeOpinions(b []byte) (e entry, err error) {
	if err = json.Unmarshal(b, &e); err == nil && e.Opinions == nil {
		err = errors.New("entry of none")
	}
	if err != nil {
		err = fmt.Errorf("%w: opinions in the index: %w", ErrDamaged, err)
	}
	return e, err
}

// eachOpinions calls f with the entries of opinions on some terms.
func eachOpinions(tx kv.Tx, terms []byte, f func(*entry) error) error {
	line := tx.Bucket(bucketOpinions).Bucket(terms)
	if line == nil {
		return nil
	}
	return line.ForEach(func(_, b []byte) error {
		e, err := decodeOpinions(b)
		if err != nil {
			return err
		}
		return f(&e)
	})
}

func indexOpinions(tx kv.Tx, pos []byte, e *entry) error {
	terms, err := termsKey(e.Opinions.Terms)
	if err == nil && (len(e.Opinions.Snapshots) == 0 || len(e.Opinions.IDs) == 0 || len(e.Opinions.IDs) > snapshots.MaxOpinions || e.Opinions.At.IsZero()) {
		err = errors.New("opinions without a text, a date or any of them")
	}
	var record uuid
	if err == nil {
		record, err = parseUUID(e.Record)
	}
	if err == nil {
		_, err = locate(tx, record)
	}
	for _, id := range e.Opinions.Snapshots {
		if err == nil {
			_, err = storedEntry(tx, id)
		}
	}
	if err != nil {
		return fmt.Errorf("%w: opinions: %w", errEntry, err)
	}
	b, err := snapshots.Encode(entry{Opinions: e.Opinions, Record: e.Record})
	if err != nil {
		return fmt.Errorf("%w: %w", errEntry, err)
	}
	line, err := tx.Bucket(bucketOpinions).CreateBucketIfNotExists(terms)
	if err != nil {
		return err
	}
	return line.Put(pos, b)
}

// opinions adds the records of opinions on texts that were read from what is erased: they quote it.
func (p *plan) opinions() error {
	return p.s.tx.Bucket(bucketOpinions).ForEach(func(terms, _ []byte) error {
		return eachOpinions(p.s.tx, terms, func(e *entry) error {
			id, err := parseUUID(e.Record)
			if err == nil && p.s.tx.Bucket(bucketErased).Get(id[:]) == nil &&
				slices.ContainsFunc(e.Opinions.Snapshots, func(s string) bool { return p.snapshots[s] }) {
				p.records[id] = true
			}
			return err
		})
	})
}

// opinions checks the record of opinions that a line of an entries record names, if it names one: the opinions in it have been checked where
// they stand.
func (c *checker) opinions(tx kv.Tx, line []byte) error {
	var e entry
	if json.Unmarshal(line, &e) != nil || e.Opinions == nil {
		return nil
	}
	rec, err := c.a.recordNamed(tx, e.Record)
	if err != nil {
		return err
	}
	list, err := readOpinions(rec)
	if err == nil && !slices.Equal(e.Opinions.IDs, idsOf(list)) {
		err = fmt.Errorf("record %s holds other opinions than its entry says", e.Record)
	}
	return err
}
