package main

// The proofs in a bundle, and what it says that it does not prove.

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/ledger"
)

// What a bundle may not prove.
const (
	noLedger     = "no_ledger"
	notLogged    = "not_logged"
	noTimeStamp  = "no_time_stamp"
	sameMachine  = "same_machine"
	byOthers     = "captured_by_others"
	importedText = "imported"
)

// unprovedNames say it in words.
var unprovedNames = map[string]string{
	noLedger:     "that the archive was not rewritten as a whole: there is no proof of a ledger in this file",
	notLogged:    "that all records stand in the ledger: some have no proof yet",
	noTimeStamp:  "when the captures were made: the dates are those of the capturing machine, and no time stamp of an authority is in this file",
	sameMachine:  "that other visitors were shown the same page: it is what one client received, at one address, in one language",
	byOthers:     "that the page was received as the capture says: others made it, with their own client and clock",
	importedText: "what the server sent: an imported text is what a collection recorded, and the collection vouches for it",
}

// proofs adds what proves that the records are in the ledger, and since when.
func (x *exporter) proofs(a *archive.Archive) error {
	x.unproved = []string{sameMachine}
	for _, e := range x.exhibits {
		if e.Version.Origin != nil && !slices.Contains(x.unproved, importedText) {
			x.unproved = append(x.unproved, importedText)
		}
		if e.Version.Others && !slices.Contains(x.unproved, byOthers) {
			x.unproved = append(x.unproved, byOthers)
		}
	}
	var log prover
	if x.parts.ledger != nil {
		var err error
		if log, err = x.parts.ledger(a, x.records()); err != nil {
			return err
		}
	}
	if log == nil {
		x.unproved = append(x.unproved, noLedger, noTimeStamp)
		return nil
	}
	checkpoint, err := log.Checkpoint()
	if err != nil {
		return err
	}
	key, err := log.LedgerKey()
	if err != nil {
		return err
	}
	if err := x.bundle.add(bundledFile{Path: "proofs/checkpoint", Role: roleCheckpoint}, checkpoint); err != nil {
		return err
	}
	if err := x.bundle.add(bundledFile{Path: "proofs/ledger.key", Role: roleKey}, []byte(strings.TrimSpace(key)+"\n")); err != nil {
		return err
	}
	pem, err := ledger.PublicPEM(strings.TrimSpace(key))
	if err == nil {
		err = errors.Join(x.bundle.add(bundledFile{Path: "proofs/ledger.pem", Role: roleTool}, pem),
			x.bundle.add(bundledFile{Path: "proofs/verify.py", Role: roleTool}, ledger.Script))
	}
	if err = errors.Join(err, x.prove(log)); err != nil {
		return err
	}
	return x.stamps(a, checkpoint)
}

// records are the IDs of the records that the exhibits rest on.
func (x *exporter) records() []string {
	var out []string
	for i := range x.exhibits {
		out = append(out, x.exhibits[i].records()...)
	}
	return out
}

// prove adds the proof of each record.
func (x *exporter) prove(log prover) error {
	for i := range x.exhibits {
		for _, id := range x.exhibits[i].records() {
			if x.proved[id] {
				continue
			}
			x.proved[id] = true
			proof, err := log.Prove(id)
			if errors.Is(err, archive.ErrNotFound) {
				if !slices.Contains(x.unproved, notLogged) {
					x.unproved = append(x.unproved, notLogged)
				}
				continue
			}
			if err != nil {
				return err
			}
			name := "proofs/" + strings.TrimPrefix(id, "urn:uuid:") + ".tlog-proof"
			if err := x.bundle.add(bundledFile{Path: name, Role: roleProof, Exhibit: x.exhibits[i].Letter, Record: id}, proof); err != nil {
				return err
			}
		}
	}
	return nil
}

// stamps adds the time stamps of the checkpoint.
func (x *exporter) stamps(a *archive.Archive, checkpoint []byte) error {
	var list map[string][]byte
	if x.parts.stamps != nil {
		var err error
		if list, err = x.parts.stamps(a, checkpoint); err != nil {
			return err
		}
	}
	tokens := 0
	for _, name := range slices.Sorted(maps.Keys(list)) {
		if strings.HasSuffix(name, ".tsr") {
			tokens++
		}
		if err := x.bundle.add(bundledFile{Path: "proofs/" + name, Role: roleStamp}, list[name]); err != nil {
			return err
		}
	}
	if tokens == 0 {
		x.unproved = append(x.unproved, noTimeStamp)
	}
	return nil
}
