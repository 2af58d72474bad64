package main

// What evidence bundles take from the ledger, the time stamps and the redlines for word processors, and how that is checked.

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/ledger"
	"github.com/drittland/drittland/snapshots/stamp"
)

// attachments are those that this program has.
func (t *tool) attachments() attachments {
	return attachments{ledger: bestLog, stamps: stampsOf, docx: func(w io.Writer, c *analyze.Comparison) error { return report.CompareDOCX(w, c, report.DOCX{}) },
		checkpoint: checkCheckpoint, proof: checkProof, stamp: checkStamp}
}

// A signedLog proves by one checkpoint.
type signedLog struct {
	a      *archive.Archive
	signed []byte
}

func (l signedLog) Checkpoint() ([]byte, error)     { return l.signed, nil }
func (l signedLog) Prove(id string) ([]byte, error) { return l.a.ProveBy(id, l.signed) }
func (l signedLog) LedgerKey() (string, error)      { return l.a.LedgerKey() }

// bestLog proves by the newest checkpoint with a time stamp in which all records stand, else by the newest one.
func bestLog(a *archive.Archive, records []string) (prover, error) {
	last, err := a.Checkpoint()
	if errors.Is(err, archive.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	key, err := a.LedgerKey()
	if err != nil {
		return nil, err
	}
	stamped, err := stampedCheckpoints(a)
	if err != nil {
		return nil, err
	}
	for _, signed := range stamped {
		l := signedLog{a, signed}
		if checkCheckpoint(key, signed) == nil && l.holds(records) {
			return l, nil
		}
	}
	return signedLog{a, last}, nil
}

func (l signedLog) holds(records []string) bool {
	return !slices.ContainsFunc(records, func(id string) bool { _, err := l.Prove(id); return err != nil })
}

// stampedCheckpoints are those with a time stamp, the newest first.
func stampedCheckpoints(a *archive.Archive) ([][]byte, error) {
	f := stampFolder(a)
	list, err := f.Records()
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(r stamp.Record) bool { return r.Stamped == nil })
	slices.SortFunc(list, func(x, y stamp.Record) int { return y.Queued.Compare(x.Queued) })
	var out [][]byte
	for _, r := range list {
		b, err := f.Message(r.Digest)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// stampsOf are the answer of an authority about a checkpoint and the root that vouches for it, if there is one.
func stampsOf(a *archive.Archive, checkpoint []byte) (map[string][]byte, error) {
	f, digest := stampFolder(a), fmt.Sprintf("%x", stamp.Digest(checkpoint))
	list, err := f.Records()
	if err != nil {
		return nil, err
	}
	for i := range list {
		r := &list[i]
		if r.Digest != digest || r.Stamped == nil {
			continue
		}
		answer, err1 := f.Answer(r)
		root, err2 := f.Root(r.Stamped.Root)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		return map[string][]byte{"checkpoint.tsr": answer, "root.pem": root}, nil
	}
	return nil, nil
}

func checkCheckpoint(key string, checkpoint []byte) error {
	known, err := ledger.Verifiers(key)
	if err == nil {
		_, err = ledger.OpenCheckpoint(checkpoint, known)
	}
	return err
}

func checkProof(key string, proof, leaf, checkpoint []byte) error {
	known, err := ledger.Verifiers(key)
	if err != nil {
		return err
	}
	want, err := ledger.OpenCheckpoint(checkpoint, known)
	if err != nil {
		return err
	}
	got, err := ledger.Check(proof, leaf, known)
	if err == nil && got != want { // the time stamps are over the other one
		err = fmt.Errorf("it leads to a tree of %d leaves, and the checkpoint in this file is of one of %d, or of another tree", got.Size, want.Size)
	}
	return err
}

// checkStamp checks a stamp at the root that comes with it. That the root is the authority's own, a person must compare.
func checkStamp(checkpoint, token []byte, others map[string][]byte) (at time.Time, who string, err error) {
	var pem []byte
	for name, b := range others {
		if strings.HasSuffix(name, ".pem") {
			pem = append(append(pem, b...), '\n')
		}
	}
	roots, err := stamp.ParseRoots(pem)
	if err != nil {
		return at, "", err
	}
	s, err := stamp.Check(token, stamp.Want{Digest: stamp.Digest(checkpoint), Roots: roots})
	if err != nil {
		return at, "", err
	}
	return s.Time, fmt.Sprintf("%s (by the root in this file, %s: compare it with the one that the authority publishes)", report.Line(s.Signer().Subject.CommonName), report.Line(s.Root().Subject.CommonName)), nil
}
