package archive

// This file puts captures that others made. Their records are kept as they were, each as the block of a record of ours, so that nothing
// that a stranger wrote is taken for a record of this archive.

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/warc"
)

const (
	foreignURI  = "urn:drittland:warc-record:sha256:" // and the SHA-256 of the record, hexadecimal
	typeForeign = "application/warc"
)

// A Foreign is a capture that others made. Snapshot needs Terms, URL, At, MediaType and ThirdParty with Record; its ID, Body and Size are
// filled in.
type Foreign struct {
	Snapshot snapshots.Snapshot
	Body     []byte   // decoded
	Records  [][]byte // the records that it is made of, each with its version line, header and block as they stood in the file
	Holder   int      // index of the record that the body was read from
}

// PutForeign records captures that others made, and returns their snapshots in the same order and how many of them were not in the
// archive. The same record of the same terms is recorded once, whichever file it comes in.
func (a *Archive) PutForeign(batch []Foreign) ([]snapshots.Snapshot, int, error) {
	out := make([]snapshots.Snapshot, len(batch))
	added := 0
	err := a.put(func(s *stage) (bool, error) {
		seen := map[string]bool{}
		for i := range batch {
			snap, fresh, err := s.foreign(&batch[i], seen)
			if err != nil {
				return false, fmt.Errorf("%s: %w", batch[i].Snapshot.URL, err)
			}
			if out[i] = snap; fresh {
				added++
			}
		}
		return s.finish(uuid{}), nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("record captures of others: %w", err)
	}
	return out, added, nil
}

// foreign stages one capture. seen are the snapshots staged before it.
func (s *stage) foreign(f *Foreign, seen map[string]bool) (snap snapshots.Snapshot, fresh bool, err error) {
	if f.Snapshot.ThirdParty == nil || f.Snapshot.ThirdParty.Record == "" || f.Holder < 0 || f.Holder >= len(f.Records) {
		return snap, false, errors.New("capture of others without its record")
	}
	if snap, err = complete(f.Snapshot, f.Body); err != nil {
		return snap, false, err
	}
	e, err := storedEntry(s.tx, snap.ID)
	switch {
	case err == nil:
		return *e.Snapshot, false, nil
	case !errors.Is(err, ErrNotFound):
		return snap, false, err
	case seen[snap.ID]:
		return snap, false, nil
	}
	seen[snap.ID] = true
	e = &entry{Snapshot: &snap}
	for _, b := range f.Records {
		rec := foreignRecord(b, &snap)
		if err := s.once(rec); err != nil {
			return snap, false, err
		}
		e.Records = append(e.Records, rec.ID())
	}
	if len(f.Body) > 0 {
		e.Record = e.Records[f.Holder]
		if body, err := foreignBody(f.Records[f.Holder]); err != nil || !bytes.Equal(body, f.Body) {
			id, err := s.body(&snap, f.Body)
			if err != nil {
				return snap, false, err
			}
			e.Record = id.String()
		}
	}
	return snap, true, s.entry(*e, snap.At)
}

// foreignRecord holds a record of others. It is named by its bytes, so that the same one is written once.
func foreignRecord(b []byte, snap *snapshots.Snapshot) *warc.Record {
	hash := string(snapshots.HashOf(b))
	return &warc.Record{Block: b, Header: warc.Header{
		{Name: "WARC-Type", Value: "resource"},
		{Name: "WARC-Record-ID", Value: warc.Bracket(identify("warc-record", hash).String())},
		{Name: "WARC-Date", Value: warc.FormatDate(snap.At)},
		{Name: "WARC-Target-URI", Value: foreignURI + hash},
		{Name: "Content-Type", Value: typeForeign}}}
}

// Others is the record of others that rec holds, with its version line, header and block; ok is false if rec holds none.
func Others(rec *warc.Record) (raw []byte, ok bool) {
	if !isForeign(rec) {
		return nil, false
	}
	return rec.Block, true
}

// OthersBody is the body in the record of others that rec holds: of a response without its transfer coding and its content coding, of a
// resource its block.
func OthersBody(rec *warc.Record) ([]byte, error) {
	if !isForeign(rec) {
		return nil, fmt.Errorf("record %s holds no record of others", rec.ID())
	}
	return foreignBody(rec.Block)
}

func isForeign(rec *warc.Record) bool {
	return rec.Type() == "resource" && rec.Header.Get("Content-Type") == typeForeign
}

// foreignBody is the body in a record of others: of a response without its transfer coding and its content coding, of a resource its block.
func foreignBody(b []byte) ([]byte, error) {
	head, block, err := warc.Single(b)
	if err != nil {
		return nil, err
	}
	if head.Header.Get("WARC-Type") == "resource" {
		return block, nil
	}
	m, err := warc.ReadMessage(block)
	if err != nil {
		return nil, err
	}
	return m.Body(MaxBody)
}

// foreign checks a record of a capture that others made.
func (c *checker) foreign(p place, name string) error {
	rec, err := c.a.captures.read(p)
	if err != nil {
		return err
	}
	if !isForeign(rec) {
		return fmt.Errorf("record %s holds no record of others", name)
	}
	if rec.Header.Get("WARC-Target-URI") != foreignURI+string(snapshots.HashOf(rec.Block)) {
		return fmt.Errorf("record %s is not the one that it says", name)
	}
	_, _, err = warc.Single(rec.Block)
	return err
}
