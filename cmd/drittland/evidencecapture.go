package main

// Checking the captures in a bundle: their records, and what the manifest says of them.

import (
	"bytes"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/ledger"
	"github.com/drittland/drittland/snapshots/wacz"
	"github.com/drittland/drittland/snapshots/warc"
)

// exhibit checks one version: its capture, and what the manifest says of it.
func (v *verifier) exhibit(e *exhibited) {
	name := e.Letter + "-1_capture.wacz"
	url := ""
	if len(e.Snapshots) > 0 {
		url = e.Snapshots[0].Snapshot.URL
	}
	before := len(v.bad)
	records, n := v.capture(name)
	v.examined = map[string]*archive.Examined{}
	if records != nil {
		v.said(name, e, records)
		v.others(name, e, records)
		v.pictures(e, records)
	}
	whole := len(v.bad) == before && records != nil
	if whole {
		v.replace(name, "its "+strconv.Itoa(n)+" records agree with their digests, index, identifiers and bodies",
			"what was received, by which client and from which address, as the capturing machine recorded it", "that the machine told the truth; when, without a time stamp")
		v.texts(e)
	}
	v.out.Exhibits = append(v.out.Exhibits, verified{e.Letter, e.Number, e.Version.ID, e.Version.Date, url, whole})
}

// capture reads the records of a WACZ file and checks it against itself.
func (v *verifier) capture(name string) (map[string]*warc.Record, int) {
	if v.hashes[name] == "" && !v.bad[name] {
		v.damaged(manifestName, "lists an exhibit of which there is no %s", name)
	}
	if v.bad[name] || v.hashes[name] == "" {
		return nil, 0
	}
	packed, err := v.packed(name)
	if err != nil {
		v.damaged(name, "cannot be read: %v", err)
		return nil, 0
	}
	r, err := wacz.Open(packed, packed.Size(), wacz.Limits{})
	if err != nil {
		v.damaged(name, "is not whole: %v", err)
		return nil, 0
	}
	if where, same := r.Compare(); !same {
		v.damaged(name, "its ZIP file is not as it was written, at %s", orWords(where, "its end"))
		return nil, 0
	}
	found, n := r.Check()
	for _, p := range found {
		v.damaged(name, "is not whole: %v", p)
	}
	if len(found) > 0 {
		return nil, n
	}
	v.taken = map[snapshots.Hash]bool{}
	for rec, err := range r.Others() {
		if err != nil {
			v.damaged(name, "is not whole: %v", err)
			return nil, n
		}
		v.taken[snapshots.HashOf(rec.Raw)] = true
	}
	if v.pages, err = r.Pages(); err != nil {
		v.damaged(name, "is not whole: %v", err)
		return nil, n
	}
	records := map[string]*warc.Record{}
	for _, file := range r.Archives() {
		if r.HoldsOthers(file) {
			continue // what a stranger wrote is no record of the archive
		}
		for rec, err := range r.Records(file) {
			if err != nil {
				v.damaged(name, "is not whole: %v", err)
				return nil, n
			}
			records[rec.ID()] = rec.Record
			leaf := ledger.Leaf{Record: rec.ID(), Head: rec.Digests.Head, Block: rec.Digests.Block}
			v.leaves[rec.ID()], v.stood[rec.ID()] = leaf.Bytes(), name
		}
	}
	return records, n
}

// packed is a capture. Only one that another program has compressed takes memory.
func (v *verifier) packed(name string) (interface {
	io.ReaderAt
	Size() int64
}, error) {
	if s, err := v.zip.Section(name); err == nil {
		return s, nil
	}
	b, err := v.zip.Read(name, 256<<20)
	return bytes.NewReader(b), err
}

// said compares what the manifest says of a version with what its records say.
func (v *verifier) said(name string, e *exhibited, records map[string]*warc.Record) {
	version := e.Version
	if err := version.Identify(); err != nil || version.ID != e.Version.ID {
		v.damaged(manifestName, "what it says of exhibit %s belongs to no version %s", e.Letter, e.Version.ID)
	}
	if len(e.Snapshots) == 0 || e.Snapshots[0].Snapshot.ID != version.Snapshot || !e.Snapshots[0].Snapshot.At.Equal(version.Date) {
		v.damaged(manifestName, "exhibit %s is a version of another snapshot, or of another date, than it lists", e.Letter)
	}
	for i := range e.Snapshots {
		s := &e.Snapshots[i]
		x, err := archive.Examine(records, s.Snapshot.ID)
		if err != nil {
			v.damaged(name, "is not whole: %v", err)
			continue
		}
		v.examined[s.Snapshot.ID] = x
		want, err1 := snapshots.Encode(s.Snapshot)
		got, err2 := snapshots.Encode(x.Snapshot)
		if err1 != nil || err2 != nil || !bytes.Equal(want, got) {
			v.damaged(manifestName, "says otherwise of snapshot %s than its record in %s", s.Snapshot.ID, name)
		}
		for _, id := range s.Records {
			if records[id] == nil {
				v.damaged(name, "record %s is missing", id)
			}
		}
		v.converted(name, s, x, records)
	}
}

// others compares the records of others, as they wrote them, with those of the archive that hold them, and wants each page to be among those
// that a player shows.
func (v *verifier) others(name string, e *exhibited, records map[string]*warc.Record) {
	for _, s := range e.Snapshots {
		if !slices.ContainsFunc(v.pages, func(p wacz.Page) bool { return p.URL == s.Replay && p.At.Equal(s.At) }) {
			v.damaged(manifestName, "says of snapshot %s that a player shows it as %s of %s, which the capture does not list", s.Snapshot.ID, s.Replay, s.At.Format(time.RFC3339))
		}
		if s.Snapshot.ThirdParty == nil {
			continue
		}
		for _, id := range s.Records {
			if records[id] == nil {
				continue // said has named it
			}
			if raw, ok := archive.Others(records[id]); ok && !v.taken[snapshots.HashOf(raw)] {
				v.damaged(name, "the record of others within record %s does not stand in it as they wrote it", id)
			}
		}
	}
	held := map[snapshots.Hash]bool{}
	for _, rec := range records {
		if raw, ok := archive.Others(rec); ok {
			held[snapshots.HashOf(raw)] = true
		}
	}
	for hash := range v.taken {
		if !held[hash] {
			v.damaged(name, "holds a record of others, of SHA-256 %s, that no record of the archive holds", hash)
		}
	}
}

// converted checks a record that was made at export: it must hold the body of the snapshot, and say what it is.
func (v *verifier) converted(name string, s *exhibitedSnapshot, x *archive.Examined, records map[string]*warc.Record) {
	c := s.Conversion
	if c == nil {
		return
	}
	rec := records[c.Record]
	switch {
	case rec == nil || rec.Header.Get("Drittland-Conversion") == "":
		v.damaged(name, "the record %s, made at export, is missing or does not say so", c.Record)
	case !bytes.Equal(rec.Block, x.Body) || c.Body != x.Snapshot.Body:
		v.damaged(name, "the record %s, made at export, holds another body than snapshot %s", c.Record, s.Snapshot.ID)
	case c.Of != "" && (records[c.Of] == nil || records[c.Of].Header.Get("WARC-Block-Digest") != c.Digest):
		v.damaged(name, "the record %s, made at export, comes from a record that is not there", c.Record)
	}
}

// pictures compares screenshots and PDFs with the records that they were taken from.
func (v *verifier) pictures(e *exhibited, records map[string]*warc.Record) {
	for _, f := range v.manifest.Files {
		if f.Exhibit != e.Letter || f.Role != roleScreenshot && f.Role != rolePage || v.bad[f.Path] {
			continue
		}
		if rec := records[f.Record]; rec == nil || snapshots.HashOf(rec.Block) != f.SHA256 {
			v.damaged(f.Path, "is not the picture in record %s of the capture", f.Record)
		}
	}
}

func orWords(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
