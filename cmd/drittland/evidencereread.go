package main

// Reading again: the texts of a bundle are read once more out of the captures that it holds. The extractor gives the same text for the same
// bytes, so a text that does not follow from its capture is not the one that was read. Another version of the extractor may read otherwise:
// that is no damage.

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/fetch/extract"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

const (
	rereadTime  = 2 * time.Minute // for all texts of a bundle
	rereadBytes = 64 << 20        // of the bodies of a version
	wayBytes    = 64 << 10        // of what says how a text was read, encoded
)

// A bundledReading says how the text of a version was read, so that it can be read again.
type bundledReading struct {
	Sources []snapshots.Source `json:"sources"`          // of the page, then of its further pages, with the selectors that were given
	Helper  string             `json:"helper,omitempty"` // name and version of the program that helped
}

// of reports whether the reader of a version is what these sources and this helper are called.
func (r *bundledReading) of(v snapshots.Version) bool {
	if r == nil || len(r.Sources) != 1+len(v.Parts) || r.Helper != "" && !strings.Contains(r.Helper, "/") { // a hash of selectors is no program
		return false
	}
	w := way{Source: r.Sources[0]}
	if w.found = r.Sources[1:]; strings.Contains(v.Reader, withParts) {
		w.rest, w.found = w.found, nil
	}
	if strings.Contains(v.Reader, withoutNext) {
		w.end = "another page"
	}
	_, how, _ := strings.Cut(v.Reader, "+")
	_, mine, _ := strings.Cut(reader(w, strings.HasSuffix(v.Reader, byBrowser), r.Helper), "+")
	return how == mine
}

// extractorOf is the name of the extractor that read a version, without what it was given.
func extractorOf(v snapshots.Version) string {
	name, _, _ := strings.Cut(v.Reader, "+")
	return name
}

// A pageOfBundle gives a snapshot and its body by the ID.
type pageOfBundle func(id string) (snapshots.Snapshot, []byte, error)

var errHelper = errors.New("the program that helped to read it is not here in that version")

// read reads the text of v again.
func (r *bundledReading) read(v snapshots.Version, page pageOfBundle) (*snapshots.Document, error) {
	helper := pdftotext()
	if r.Helper == "" {
		helper = nil
	} else if helper == nil || helper.Name != r.Helper {
		return nil, errHelper
	}
	ids := []string{v.Snapshot}
	for _, p := range v.Parts {
		ids = append(ids, p.Snapshot)
	}
	var docs []*snapshots.Document
	for i, id := range ids {
		d, err := rereadPage(id, r.Sources[i], page, helper)
		if err != nil {
			return nil, err
		}
		docs = append(docs, d)
	}
	if len(docs) == 1 {
		return docs[0], nil
	}
	joined, _ := extract.Join(docs)
	return joined, nil
}

// rereadPage reads one page again.
func rereadPage(id string, src snapshots.Source, page pageOfBundle, helper *extract.Helper) (*snapshots.Document, error) {
	s, body, err := page(id)
	if err != nil {
		return nil, err
	}
	got, _, err := extractPage(extract.Input{Body: body, MediaType: s.MediaType, Charset: s.Charset, BaseURL: keyOf(s, way{}).base, Rendered: s.Rendered != ""},
		src, extract.Options{MaxBytes: rereadBytes, PDF: helper})
	return got.Document, err
}

// readingOf finds out how a version was read, nil if that is not known any more: the declaration may have changed since. What does not
// give the text again is not said.
func (x *exporter) readingOf(a *archive.Archive, v snapshots.Version, s snapshots.Snapshot) (*bundledReading, error) {
	d, err := x.newDeriverFor(a)
	if err != nil {
		return nil, err
	}
	declared := d.declared[s.Terms]
	lists := [][]snapshots.Source{declared.Sources}
	for _, p := range declared.Past {
		lists = append(lists, p.Sources)
	}
	lists = slices.DeleteFunc(lists, func(l []snapshots.Source) bool { return len(l) == 0 || l[0].URL != s.URL || s.Origin != nil })
	for _, l := range append(lists, []snapshots.Source{{URL: s.URL}}) {
		unselected := l[0] // as the page was read if the selectors matched nothing
		unselected.Select, unselected.SelectRanges = nil, nil
		for _, first := range []snapshots.Source{l[0], unselected} {
			for _, helper := range append([]string{""}, strings.Split(v.Reader, "+")...) {
				r := &bundledReading{Sources: sourcesOf(v, first, l[1:]), Helper: helper}
				if r.of(v) && r.holds(a, v) {
					return r, nil
				}
			}
		}
	}
	return nil, nil
}

// sourcesOf are the sources of the pages of a version: the further ones are declared, or read like the first.
func sourcesOf(v snapshots.Version, first snapshots.Source, rest []snapshots.Source) []snapshots.Source {
	out := []snapshots.Source{first}
	for _, p := range v.Parts {
		src := first
		src.URL = p.URL
		if i := slices.IndexFunc(rest, func(s snapshots.Source) bool { return s.URL == p.URL }); i >= 0 {
			src = rest[i]
		}
		out = append(out, src)
	}
	return out
}

// holds reports whether v can be read again in this way. Where another extractor read it, or its helper is not here, that cannot be told.
func (r *bundledReading) holds(a *archive.Archive, v snapshots.Version) bool {
	b, err := snapshots.Encode(r)
	if err != nil || len(b) > wayBytes {
		return false
	}
	doc, err := r.read(v, func(id string) (snapshots.Snapshot, []byte, error) {
		s, err := a.Snapshot(id)
		if err != nil {
			return s, nil, err
		}
		body, err := a.Body(s)
		return s, body, err
	})
	if extractorOf(v) != extract.Reader || errors.Is(err, errHelper) {
		return true
	}
	return err == nil && isDocument(doc, v.Document)
}

// isDocument reports whether a document has a hash.
func isDocument(doc *snapshots.Document, hash snapshots.Hash) bool {
	b, err := doc.Pack()
	return err == nil && snapshots.HashOf(b) == hash
}

// A textAgain is a text of a bundle that is to be read again.
type textAgain struct {
	file  string
	ids   []string // of the snapshots that it is read from
	hash  snapshots.Hash
	ours  bool // this extractor read it, without the help that a PDF may need
	by    string
	again func() (*snapshots.Document, error)
}

// texts reads the texts of one version again and compares them with those in the bundle.
func (v *verifier) texts(e *exhibited) {
	page := func(id string) (snapshots.Snapshot, []byte, error) {
		x := v.examined[id]
		if x == nil {
			return snapshots.Snapshot{}, nil, fmt.Errorf("snapshot %s is not in the capture", id)
		}
		return x.Snapshot, x.Body, nil
	}
	ours := extractorOf(e.Version) == extract.Reader
	text := textAgain{file: e.Letter + "-4_text.txt", ids: []string{e.Version.Snapshot}, hash: e.Version.Document, ours: ours, by: extractorOf(e.Version),
		again: func() (*snapshots.Document, error) { return e.Reading.read(e.Version, page) }}
	for _, p := range e.Version.Parts {
		text.ids = append(text.ids, p.Snapshot)
	}
	if b, err := snapshots.Encode(e.Reading); err != nil || len(b) > wayBytes || !e.Reading.of(e.Version) {
		if v.there(text.file) {
			v.note(text.file, "was not read again out of the capture: this file does not say how it was read")
		}
	} else {
		v.readAgain(text)
	}
	n := 0
	for _, x := range e.Version.Annexes {
		if x.Document == "" {
			continue
		}
		n++
		seen := v.examined[x.Snapshot]
		plain := seen != nil && !strings.Contains(seen.Snapshot.MediaType, "pdf") && !strings.HasPrefix(x.Problem, lastHad)
		v.readAgain(textAgain{file: fmt.Sprintf("%s-4_text-annex-%d.txt", e.Letter, n), ids: []string{x.Snapshot}, hash: x.Document, ours: ours && plain, by: extractorOf(e.Version),
			again: func() (*snapshots.Document, error) {
				return rereadPage(x.Snapshot, snapshots.Source{}, page, pdftotext())
			}})
	}
}

// there reports whether a file is in the bundle as it was written.
func (v *verifier) there(file string) bool { return v.hashes[file] != "" && !v.bad[file] }

// readAgain reads one text again.
func (v *verifier) readAgain(r textAgain) {
	if !v.there(r.file) {
		return
	}
	size := 0
	for _, id := range r.ids {
		if x := v.examined[id]; x != nil {
			size += len(x.Body)
		}
	}
	if size > rereadBytes {
		v.note(r.file, "was not read again out of the capture: that is too large")
		return
	}
	doc, err, done := within(v.ctx, r.again)
	switch {
	case !done:
		v.note(r.file, "was not read again out of the capture: that takes too long")
	case errors.Is(err, errHelper):
		v.note(r.file, "was not read again out of the capture: the program that helped to read it is not here in that version")
	case err == nil && snapshots.HashOf([]byte(doc.Text)) == v.hashes[r.file] && (!r.ours || isDocument(doc, r.hash)):
		v.replace(r.file, "is what this program reads out of the capture", "that the text follows from what was received",
			"that nothing was overlooked: compare it with the replayed page")
	case !r.ours:
		v.note(r.file, "was read out of the capture by "+r.by+"; this program, "+extract.Reader+", reads it otherwise. That is no damage: compare it with the replayed page")
	case err != nil:
		v.damaged(r.file, "is not what the capture reads as: %v", err)
	default:
		v.damaged(r.file, "is not what the capture reads as")
	}
}

// within waits for f as long as ctx does. What is given up goes on until the program ends.
func within(ctx context.Context, f func() (*snapshots.Document, error)) (doc *snapshots.Document, err error, done bool) {
	type result struct {
		doc *snapshots.Document
		err error
	}
	if ctx.Err() != nil {
		return nil, nil, false
	}
	out := make(chan result, 1)
	go func() {
		doc, err := f()
		out <- result{doc, err}
	}()
	select {
	case r := <-out:
		return r.doc, r.err, true
	case <-ctx.Done():
		return nil, nil, false
	}
}
