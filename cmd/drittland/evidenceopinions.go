package main

// The opinions of the second reader in a bundle: the records of the archive that hold them, byte for byte, and their check.

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/ledger"
	"github.com/drittland/drittland/snapshots/warc"
)

// opinionsFile is what the name of such a file ends with.
const opinionsFile = "-6_opinions.warc.gz"

// exhibitedOpinions are what models said of a version.
type exhibitedOpinions struct {
	Records  []string `json:"records"`  // IDs of the records that hold them, and of those with their entries
	Opinions int      `json:"opinions"` // in these
	Models   []string `json:"models"`   // that gave them, sorted
}

// maxOpinionBytes bounds the records of opinions of one exhibit.
const maxOpinionBytes = 256 << 20

// writtenOpinions writes what models said of a version: A-6.
func (x *exporter) writtenOpinions(a *archive.Archive, e *exhibited) error {
	if !x.opinions {
		return nil
	}
	members, err := a.OpinionMembers(e.Version)
	if err != nil || len(members) == 0 {
		return err
	}
	out := &exhibitedOpinions{}
	var buf bytes.Buffer
	for _, m := range members {
		list, _, err := archive.OpinionsIn(m.Record)
		if err != nil {
			return err
		}
		out.take(list)
		out.Records = append(out.Records, m.ID())
		if buf.Write(m.Bytes); buf.Len() > maxOpinionBytes {
			return fmt.Errorf("its opinions take more than %d bytes", maxOpinionBytes)
		}
	}
	e.Opinions = out
	return x.bundle.add(bundledFile{Path: e.Letter + opinionsFile, Role: roleOpinions, Exhibit: e.Letter}, buf.Bytes())
}

// take counts opinions and who gave them.
func (x *exhibitedOpinions) take(list []snapshots.Opinion) {
	x.Opinions += len(list)
	for _, o := range list {
		if !slices.Contains(x.Models, o.Model) {
			x.Models = append(x.Models, o.Model)
		}
	}
	slices.Sort(x.Models)
}

// opinions checks the opinions in an exhibit: the records, what the manifest says of them, and that their quotes stand in its texts.
func (v *verifier) opinions(e *exhibited) {
	name := e.Letter + opinionsFile
	if e.Opinions == nil {
		if v.hashes[name] != "" {
			v.damaged(manifestName, "says nothing of the opinions in %s", name)
		}
		return
	}
	if v.hashes[name] == "" && !v.bad[name] {
		v.damaged(manifestName, "lists opinions of exhibit %s, of which there is no %s", e.Letter, name)
	}
	if !v.there(name) {
		return
	}
	found := &exhibitedOpinions{}
	list, err := v.opinionRecords(name, found)
	switch {
	case err != nil:
		v.damaged(name, "is not whole: %v", err)
		return
	case found.Opinions != e.Opinions.Opinions || !slices.Equal(found.Records, e.Opinions.Records) || !slices.Equal(found.Models, e.Opinions.Models):
		v.damaged(manifestName, "says otherwise of the opinions of exhibit %s than their records in %s", e.Letter, name)
		return
	}
	other, wrong := v.quoted(e, list)
	if wrong != nil {
		v.damaged(name, "is not whole: %v", wrong)
		return
	}
	v.replace(name, "its opinions are those of the manifest, with their identifiers, and their quotes stand in the texts", roleProves[roleOpinions][0], roleProves[roleOpinions][1])
	if other {
		v.note(name, "holds opinions on the text as another version of drittland read it: whether their quotes stand in the capture was not checked")
	}
}

// opinionRecords reads the records in a file and enters their leaves.
func (v *verifier) opinionRecords(name string, found *exhibitedOpinions) (all []snapshots.Opinion, err error) {
	b, err := v.zip.Read(name, maxOpinionBytes)
	if err != nil {
		return nil, err
	}
	r := warc.NewReader(bytes.NewReader(b), warc.Limits{})
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err == nil {
			err = rec.CheckDigest()
		}
		if err != nil {
			return nil, err
		}
		list, ok, err := archive.OpinionsIn(rec)
		if err == nil && !ok && rec.Type() != "metadata" {
			err = fmt.Errorf("record %s holds no opinions", rec.ID())
		}
		if err != nil {
			return nil, err
		}
		found.take(list)
		all, found.Records = append(all, list...), append(found.Records, rec.ID())
		d := r.Digests()
		leaf := ledger.Leaf{Record: rec.ID(), Head: d.Head, Block: d.Block}.Bytes()
		if have := v.leaves[rec.ID()]; have != nil && !bytes.Equal(have, leaf) {
			return nil, fmt.Errorf("record %s stands otherwise in %s", rec.ID(), v.stood[rec.ID()])
		} else if have == nil {
			v.leaves[rec.ID()], v.stood[rec.ID()] = leaf, name
		}
	}
}

// quoted looks for the words that opinions count on in the texts of the exhibit; other says that some are on a text that is not there.
func (v *verifier) quoted(e *exhibited, list []snapshots.Opinion) (other bool, err error) {
	texts := map[snapshots.Hash]string{}
	for _, f := range v.manifest.Files {
		if f.Exhibit != e.Letter || f.Role != roleText || !v.there(f.Path) {
			continue
		}
		b, err := v.zip.Read(f.Path, archive.MaxBody)
		if err != nil {
			return false, err
		}
		texts[snapshots.HashOf(b)] = string(b)
	}
	for _, o := range list {
		text, ok := texts[o.Document]
		if !ok {
			other = true
			continue
		}
		stands := func(s snapshots.Span, quote string) bool { return s.End <= len(text) && text[s.Start:s.End] == quote }
		if o.Span != nil && !stands(*o.Span, o.Quote) || slices.ContainsFunc(o.Facts, func(f snapshots.OpinionFact) bool { return !stands(f.Span, f.Quote) }) {
			return other, fmt.Errorf("what opinion %s quotes does not stand in the text", o.ID)
		}
	}
	return other, nil
}
