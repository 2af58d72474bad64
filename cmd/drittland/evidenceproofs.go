package main

// Checking the proofs in a bundle, and telling what came of the check.

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/ledger"
)

func hashOf(r io.Reader) (snapshots.Hash, error) {
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", err
	}
	return snapshots.Hash(hex.EncodeToString(h.Sum(nil))), nil
}

func sortedNames[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }

// proofs checks what the ledger and the authorities say.
func (v *verifier) proofs() {
	byRole := map[string][]bundledFile{}
	for _, f := range v.manifest.Files {
		if !v.bad[f.Path] {
			byRole[f.Role] = append(byRole[f.Role], f)
		}
	}
	defer v.unproved()
	if len(byRole[roleCheckpoint]) != 1 || len(byRole[roleKey]) != 1 {
		return
	}
	checkpoint, err1 := v.zip.Read(byRole[roleCheckpoint][0].Path, 1<<20)
	key, err2 := v.zip.Read(byRole[roleKey][0].Path, 1<<20)
	if err := errors.Join(err1, err2); err != nil {
		v.damaged(byRole[roleCheckpoint][0].Path, "cannot be read: %v", err)
		return
	}
	if v.signature(byRole[roleCheckpoint][0].Path, strings.TrimSpace(string(key)), checkpoint); v.bad[byRole[roleCheckpoint][0].Path] {
		return // nothing leads to it
	}
	v.signed = true
	v.tools(byRole[roleTool], strings.TrimSpace(string(key)))
	for _, f := range byRole[roleProof] {
		v.proof(f, strings.TrimSpace(string(key)), checkpoint)
	}
	v.unproven()
	v.stamps(byRole[roleStamp], checkpoint)
}

// tools checks what a person is to check the proofs with: it could belong to another ledger, or say that all is well.
func (v *verifier) tools(files []bundledFile, key string) {
	for _, f := range files {
		b, err := v.zip.Read(f.Path, 1<<20)
		switch pem, wrong := ledger.PublicPEM(key); {
		case err != nil:
			v.damaged(f.Path, "cannot be read: %v", err)
		case strings.HasSuffix(f.Path, ".pem") && (wrong != nil || !bytes.Equal(b, pem)):
			v.damaged(f.Path, "is another key than proofs/ledger.key")
		case strings.HasSuffix(f.Path, ".py") && !bytes.Equal(b, ledger.Script):
			v.note(f.Path, "is another program than the one that this version of drittland writes: read it before you run it")
		}
	}
}

// unproved says what the file does not prove, by what was found in it. What the manifest says of that is not relied on.
func (v *verifier) unproved() {
	add := func(what string, is bool) {
		if is && !slices.Contains(v.out.NotProved, what) {
			v.out.NotProved = append(v.out.NotProved, what)
		}
	}
	add(sameMachine, true)
	logged := true
	for _, e := range v.manifest.Exhibits {
		add(importedText, e.Version.Origin != nil)
		add(byOthers, e.Version.Others)
		for _, s := range e.Snapshots {
			add(importedText, s.Snapshot.Origin != nil)
			add(byOthers, s.Snapshot.ThirdParty != nil)
		}
		logged = logged && !slices.ContainsFunc(e.records(), func(id string) bool { return !v.proved[id] })
	}
	add(noLedger, !v.signed)
	add(notLogged, v.signed && !logged)
	add(noTimeStamp, !v.stamped)
}

func (v *verifier) signature(name, key string, checkpoint []byte) {
	if v.parts.checkpoint == nil {
		v.note(name, "its signature was not checked: this program checks none")
		return
	}
	if err := v.parts.checkpoint(key, checkpoint); err != nil {
		v.damaged(name, "does not belong to the key in proofs/ledger.key: %v", err)
		return
	}
	v.replace(name, "is signed by the key in proofs/ledger.key", "that the owner of the key vouched for all records of the archive as they were then",
		"that there is no other ledger: compare it with a checkpoint that was published or given away before")
}

// proof checks that one record stands in the ledger.
func (v *verifier) proof(f bundledFile, key string, checkpoint []byte) {
	leaf := v.leaves[f.Record]
	switch {
	case leaf == nil:
		if !v.anyCaptureBad() {
			v.damaged(f.Path, "is about record %s, which no capture holds", f.Record)
		}
		return
	case v.parts.proof == nil:
		v.proved[f.Record] = true // as far as can be told
		v.note(f.Path, "was not checked: this program checks no proofs of a ledger")
		return
	}
	b, err := v.zip.Read(f.Path, 1<<20)
	if err == nil {
		err = v.parts.proof(key, b, leaf, checkpoint)
	}
	if in := v.stood[f.Record]; err != nil && v.bad[in] {
		v.note(f.Path, "does not prove the record in "+in+", which is damaged")
		return
	} else if err != nil {
		v.damaged(f.Path, "the ledger holds another record than %s in %s, or this is no proof of it: %v", f.Record, in, err)
		return
	}
	v.proved[f.Record] = true
	v.replace(f.Path, "proves the record in "+v.stood[f.Record], "that the record stands in the ledger, unchanged", "when it was put there, without a time stamp")
}

func (v *verifier) anyCaptureBad() bool {
	for name := range v.bad {
		if strings.HasSuffix(name, "_capture.wacz") || strings.HasSuffix(name, opinionsFile) {
			return true
		}
	}
	return false
}

// unproven names captures with records that no proof is about, though the manifest does not say so.
func (v *verifier) unproven() {
	have := map[string]bool{}
	for _, f := range v.manifest.Files { // damaged ones are named already
		have[f.Record] = have[f.Record] || f.Role == roleProof
	}
	said := slices.Contains(v.manifest.NotProved, notLogged)
	for _, e := range v.manifest.Exhibits {
		without := map[string]bool{}
		for _, id := range e.records() {
			if !have[id] && !said {
				v.damaged(manifestName, "lists record %s, for which there is no proof", id)
			}
			without[id] = without[id] || !have[id]
		}
		maps.DeleteFunc(without, func(_ string, lacks bool) bool { return !lacks })
		if said && len(without) > 0 {
			v.note(e.Letter+"-1_capture.wacz", "holds records without a proof, the first of which is "+sortedNames(without)[0])
		}
	}
}

// stamps checks the time stamps of the checkpoint.
func (v *verifier) stamps(files []bundledFile, checkpoint []byte) {
	others, damaged := map[string][]byte{}, "" // certificates
	for _, f := range v.manifest.Files {
		if f.Role == roleStamp && v.bad[f.Path] && !strings.HasSuffix(f.Path, ".tsr") {
			damaged = f.Path
		}
	}
	for _, f := range files {
		if strings.HasSuffix(f.Path, ".tsr") {
			continue
		}
		if b, err := v.zip.Read(f.Path, 4<<20); err == nil {
			others[f.Path] = b
		}
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Path, ".tsr") {
			continue
		}
		if v.parts.stamp == nil {
			v.stamped = true // as far as can be told
			v.note(f.Path, "was not checked: this program checks no time stamps")
			continue
		}
		token, err := v.zip.Read(f.Path, 4<<20)
		var at time.Time
		var who string
		if err == nil {
			at, who, err = v.parts.stamp(checkpoint, token, others)
		}
		if err != nil && damaged != "" {
			v.note(f.Path, "was not checked: "+damaged+" is damaged")
			continue
		}
		if err != nil {
			v.damaged(f.Path, "is no time stamp of proofs/checkpoint: %v", err)
			continue
		}
		v.stamped = true
		v.replace(f.Path, "time stamp of "+at.UTC().Format(time.RFC3339)+", by "+who, "that the checkpoint, and every record in its ledger, existed no later than then", "anything about the time before")
	}
}

// replace says more of a file that was found as it was written.
func (v *verifier) replace(name, what, proves, butNot string) {
	i := slices.IndexFunc(v.out.Checks, func(c checkLine) bool { return c.File == name && c.Result == resultOK })
	if i < 0 {
		v.ok(name, what, proves, butNot)
		return
	}
	v.out.Checks[i] = checkLine{File: name, Result: resultOK, What: what, Proves: proves, ButNot: butNot}
}

func (t *tool) evidenceVerify(c *cli.Context) error {
	if c.NArg() != 1 {
		return usage(errors.New("name the file to check"), commandName(c))
	}
	if err := knownFormat(c.String("format"), "text", "json"); err != nil {
		return usage(err, commandName(c))
	}
	v, err := verifyBundle(c.Args().First(), t.attachments())
	if errors.Is(err, errNoBundle) {
		return unreadable(err, "'drittland evidence export' writes one")
	}
	if err != nil {
		return err
	}
	if c.String("format") == "json" {
		err = report.JSON(t.env.Stdout, v)
	} else {
		t.printVerification(v)
	}
	if err != nil || !v.Damaged {
		return err
	}
	return &coded{fmt.Errorf("%s is damaged", v.File), exitDamaged, "what is said of the other files holds; ask for the file again, and compare its sha256"}
}

// resultNames are the results in words.
var resultNames = map[string]string{resultOK: "whole", resultDamaged: "DAMAGED", resultNote: "note"}

// roleProves says what the files of a role show, where no check says more.
var roleProves = map[string][2]string{
	roleText:       {"what drittland read out of the capture", "that nothing was overlooked: compare it with the replayed page"},
	roleScreenshot: {"what a browser showed", "what it showed to others"},
	rolePage:       {"what a browser printed", "what it printed for others"},
	roleRedline:    {"nothing: a working copy, made of the texts", ""},
	roleFindings:   {"nothing: a working copy, made of the texts by rules", ""},
	roleLog:        {"nothing by itself: it says for people what the records say", ""},
	roleOpinions:   {"what a model said, as it was recorded", "that it is right: an opinion is advice, and changes no finding"},
	roleExchanges:  {"nothing by itself: it says for programs what the records say", ""},
	roleTool:       {"nothing: it serves to check the proofs without drittland", ""},
	roleManual:     {"nothing: it says how to check the file without drittland", ""},
}

// printVerification tells what was found, line by line.
func (t *tool) printVerification(v *verification) {
	w, l := t.env.Stdout, t.words
	fmt.Fprintf(w, "%s\n  sha256 %s\n", report.Line(v.File), v.SHA256)
	for _, e := range v.Exhibits {
		fmt.Fprintf(w, "  %s  %s\n", report.Line(e.Letter), l.F("version %d of %s, %s", e.Number, e.Date.Format(time.DateOnly), report.Line(e.URL)))
	}
	fmt.Fprintln(w)
	for _, c := range v.Checks {
		name := report.Line(c.File)
		if name == "" {
			name = l.T("the ZIP file")
		}
		fmt.Fprintf(w, "%s: %s: %s\n", l.T(resultNames[c.Result]), name, report.Line(l.Tell(c.What)))
		if c.Proves != "" {
			fmt.Fprintf(w, "    %s %s\n", l.T("shows:"), l.T(c.Proves))
		}
		if c.ButNot != "" {
			fmt.Fprintf(w, "    %s %s\n", l.T("does not show:"), l.T(c.ButNot))
		}
	}
	fmt.Fprintln(w)
	for _, s := range v.NotProved {
		if words, ok := unprovedNames[s]; ok {
			fmt.Fprintf(w, "%s %s\n", l.T("not proved:"), l.T(words))
		}
	}
	if !v.Damaged {
		fmt.Fprintln(w, l.F("All is as it was written. Compare the sha256 above with the one that you were given by another way."))
	}
}
