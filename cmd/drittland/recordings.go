package main

// Recordings: versions with all that the evidence holds of them, for drafts and exhibits.

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/drittland/drittland/cmd/drittland/complaint"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/warc"
)

// recordings loads versions of some terms, as the user names them, in that order; the last one if none is named.
func (s *store) recordings(ctx context.Context, name, typ string, specs []string) (list []complaint.Recording, h *history, err error) {
	if len(specs) == 0 {
		specs = []string{""}
	}
	err = s.read(ctx, func(a *archive.Archive) error {
		terms, others, err := findTerms(a, name, typ)
		if err != nil {
			return err
		}
		if typ == "" && len(others) > 0 {
			s.say("this is from %s; %s also has: %s", terms, terms.Service, strings.Join(others, ", "))
		}
		if h, err = readHistory(a, terms); err != nil {
			return err
		}
		seen := map[string]string{}
		for _, spec := range specs {
			line, i, err := h.find(spec)
			if err != nil {
				return err
			}
			v := line.Versions[i]
			if before, ok := seen[v.ID]; ok {
				return &coded{fmt.Errorf("%s and %s are the same version", before, spec), exitUsage, "name each version once"}
			}
			seen[v.ID] = spec
			r, err := recording(a, v)
			if err != nil {
				return err
			}
			r.Number = numberOf(line, i)
			list = append(list, r)
		}
		return nil
	})
	complaint.Letters(list)
	return list, h, err
}

// numberOf is how a user names a version: "3", or "de:1" of a variant.
func numberOf(h *history, i int) string {
	if h.Variant != "" {
		return fmt.Sprintf("%s:%d", h.Variant, i+1)
	}
	return fmt.Sprint(i + 1)
}

// recording reads what the evidence holds of a version.
func recording(a *archive.Archive, v snapshots.Version) (complaint.Recording, error) {
	r := complaint.Recording{Version: v}
	var err error
	if r.Snapshot, err = a.Snapshot(v.Snapshot); err != nil {
		return r, err
	}
	if r.Body, err = a.Body(r.Snapshot); err != nil {
		return r, err
	}
	if r.Document, err = a.Document(v.Document); err != nil {
		return r, fmt.Errorf("version %s of %s: %w", v.ID, v.Terms, err)
	}
	records, err := a.Records(r.Snapshot)
	if err != nil {
		return r, err
	}
	for _, rec := range records {
		takeRecord(&r, rec)
	}
	if r.Browser = r.Snapshot.Rendered; r.Browser != "" { // the exchanges hold what the server says to a reader without scripts
		r.BodyRecord = "urn:drittland:body:sha256:" + string(r.Snapshot.Body)
	}
	r.Linked, err = linkedOf(a, v)
	return r, err
}

// takeRecord takes up one record of the evidence.
func takeRecord(r *complaint.Recording, rec *warc.Record) {
	uri, kind := rec.Header.Get("WARC-Target-URI"), rec.Type()
	x := complaint.Record{ID: rec.ID(), Type: kind, URI: uri, Server: rec.Header.Get("WARC-IP-Address"), Digest: rec.Header.Get("WARC-Block-Digest")}
	if at, err := rec.Date(); err == nil {
		x.Date = at.UTC().Format(time.RFC3339Nano)
	}
	switch {
	case kind == "response", kind == "revisit":
		x.Status = firstLine(rec.Block)
		r.Server, r.BodyRecord = x.Server, x.ID
	case kind == "request":
		x.Status = firstLine(rec.Block)
		if req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(rec.Block))); err == nil {
			r.Client = req.UserAgent()
		}
	case strings.HasPrefix(uri, "urn:drittland:screenshot:"):
		r.Screenshot = rec.Block
	case strings.HasPrefix(uri, "urn:drittland:pdf:"):
		r.PDF = rec.Block
	}
	if raw, ok := archive.Others(rec); ok {
		takeOthers(r, &x, raw)
		if body, err := archive.OthersBody(rec); err == nil && snapshots.HashOf(body) == r.Snapshot.Body {
			r.BodyRecord = x.ID
		}
	}
	r.Records = append(r.Records, x)
}

// takeOthers takes up what the record of others, that one of ours holds, says of itself.
func takeOthers(r *complaint.Recording, x *complaint.Record, raw []byte) {
	head, block, err := warc.Single(raw)
	if err != nil {
		return // check names it
	}
	x.URI, x.Server = warc.Bare(head.Header.Get("WARC-Target-URI")), head.Header.Get("WARC-IP-Address")
	if at := head.At(); !at.IsZero() {
		x.Date = at.UTC().Format(time.RFC3339Nano)
	}
	switch strings.ToLower(head.Header.Get("WARC-Type")) {
	case "response", "revisit":
		x.Status = firstLine(block)
		if by := r.Snapshot.ThirdParty; by != nil && by.Record == head.ID() { // not what it repeats
			r.Server = x.Server
		}
	case "request":
		x.Status = firstLine(block)
		if req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(block))); err == nil {
			r.Client = req.UserAgent()
		}
	}
}

// firstLine is the first line of a message of HTTP, shortened.
func firstLine(block []byte) string {
	line, _, _ := bytes.Cut(block[:min(len(block), 500)], []byte("\r\n"))
	return strings.ToValidUTF8(string(line), "\ufffd")
}

// linkedOf are the pages that a version was read from beside the first, and those that it links.
func linkedOf(a *archive.Archive, v snapshots.Version) ([]complaint.Linked, error) {
	var out []complaint.Linked
	add := func(id string, document snapshots.Hash) error {
		s, err := a.Snapshot(id)
		if err != nil {
			return err
		}
		l := complaint.Linked{Snapshot: s}
		if l.Body, err = a.Body(s); err != nil {
			return err
		}
		if document != "" {
			if l.Document, err = a.Document(document); err != nil {
				return fmt.Errorf("annex %s of version %s of %s: %w", s.URL, v.ID, v.Terms, err)
			}
		}
		out = append(out, l)
		return nil
	}
	for _, p := range v.Parts {
		if err := add(p.Snapshot, ""); err != nil {
			return nil, err
		}
	}
	for _, x := range v.Annexes {
		if x.Document == "" {
			continue // there is nothing to show but that it could not be had; the report says so
		}
		if err := add(x.Snapshot, x.Document); err != nil {
			return nil, err
		}
	}
	return out, nil
}
