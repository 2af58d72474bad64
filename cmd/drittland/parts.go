package main

// Parts: how a snapshot is read, and the texts that are spread over several pages. The first page is the snapshot that stands in
// line; the others are captured with it, as annexes are, and read into one document with it. One that is missing refuses the version.

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/fetch"
	"github.com/drittland/drittland/fetch/extract"
	"github.com/drittland/drittland/snapshots"
)

// A way is how a snapshot is read: as its source says, together with the further pages of the same text.
type way struct {
	snapshots.Source
	rest  []snapshots.Source
	found []snapshots.Source // further pages that the pages before them name, if none are declared
	end   string             // one more that the pages name, which is not there or was not captured
	added time.Time          // when it was declared; pages that were not asked for before are not missed
	past  bool               // it was so once, and is no longer
}

// further are the pages that are read behind the first.
func (w way) further() []snapshots.Source {
	if len(w.rest) > 0 {
		return w.rest
	}
	return w.found
}

// leads reports whether the page names further ones.
func (w way) leads() bool { return len(w.found) > 0 || w.end != "" }

// isPart reports whether a page is a part of the text, or was taken for one.
func (w way) isPart(url string) bool {
	return url == w.end || slices.ContainsFunc(w.further(), func(s snapshots.Source) bool { return s.URL == url })
}

// way says how a snapshot is to be read: as its terms were published then, or are now.
func (d *deriver) way(s snapshots.Snapshot) (way, error) {
	if s.Origin != nil || s.AnnexOf != "" {
		return way{}, nil
	}
	x := d.declared[s.Terms]
	for _, p := range x.Past {
		if !s.At.After(p.Until) && len(p.Sources) > 0 && p.Sources[0].URL == s.URL {
			return d.askedFor(s, way{Source: p.Sources[0], rest: p.Sources[1:], added: x.Added, past: true})
		}
	}
	if len(x.Sources) > 0 && x.Sources[0].URL == s.URL {
		return d.askedFor(s, way{Source: x.Sources[0], rest: x.Sources[1:], added: x.Added})
	}
	return way{}, nil
}

// askedFor leaves out the further pages that were not asked for with a snapshot, if they were declared later, and those that
// another one names.
func (d *deriver) askedFor(s snapshots.Snapshot, w way) (way, error) {
	w.found, w.end = nil, ""
	if len(w.rest) == 0 || !s.At.Before(w.added) {
		return w, nil
	}
	captured, tried, err := d.with(s)
	if err != nil {
		return w, err
	}
	w.rest = slices.DeleteFunc(slices.Clone(w.rest), func(src snapshots.Source) bool {
		_, ok := captured[src.URL]
		return !ok && tried[src.URL] == ""
	})
	return w, nil
}

// join reads the further pages of a text into t, which holds the first, but for those that were read already.
func (d *deriver) join(s snapshots.Snapshot, helper *extract.Helper, t *readAs, read map[string]readAs) error {
	pages := t.source.further()
	if len(pages) == 0 || t.refused != "" {
		return nil
	}
	captured, _, err := d.with(s)
	if err != nil {
		return err
	}
	docs := []*snapshots.Document{t.doc}
	for _, src := range pages {
		x, ok := captured[src.URL]
		if !ok {
			return d.missing(s, src, t)
		}
		p, done := read[src.URL]
		if !done {
			if p, err = d.readPage(x, way{Source: src}, helper); err != nil {
				return err
			}
		}
		if p.refused != "" {
			t.refused, t.as, t.doc = fmt.Sprintf("a page of the text is missing: %s: %s", src.URL, p.refused), p.as, nil
			return nil
		}
		docs = append(docs, p.doc)
		for _, n := range p.notes {
			t.notes = append(t.notes, src.URL+": "+n)
		}
		t.rendered = t.rendered || x.Rendered != ""
		if t.helper == "" {
			t.helper = p.helper
		}
		t.parts = append(t.parts, snapshots.Part{Snapshot: x.ID, URL: src.URL})
	}
	doc, spans := extract.Join(docs)
	for i := range t.parts {
		t.parts[i].Span = spans[i+1]
	}
	t.doc = doc
	return nil
}

// missing refuses a text because a page of it was not captured, with the reason.
func (d *deriver) missing(s snapshots.Snapshot, src snapshots.Source, t *readAs) error {
	why, as := "it was not captured", string(fetch.Transient)
	for x, err := range d.a.Attempts(s.Terms) {
		if err != nil {
			return err
		}
		if x.AnnexOf == s.ID && x.URL == src.URL {
			why, as = x.Why, x.Kind
		}
	}
	t.refused, t.as, t.doc = fmt.Sprintf("a page of the text is missing: %s: %s", src.URL, why), as, nil
	return nil
}

// asAnnexes are the further pages of a text for the clauses of it that refer to them: a list of countries is one wherever it stands.
func asAnnexes(doc *snapshots.Document, parts []snapshots.Part) []analyze.Annex {
	var out []analyze.Annex
	for _, p := range parts {
		out = append(out, analyze.Annex{URL: p.URL, Document: extract.Cut(doc, p.Span), Part: true})
	}
	return out
}

// reader names the extractor and, if there are any, the selectors and steps that it was given, the further pages, and the helper
// that it asked, and whether it read what a browser made of a page.
func reader(w way, rendered bool, helper string) string {
	how := extract.Reader + selection(w.Source)
	if len(w.Normalise) > 0 {
		how += "+" + strings.Join(w.Normalise, "+")
	}
	if len(w.rest) > 0 {
		b, _ := snapshots.Encode(w.rest) // strings always encode
		how += withParts + string(snapshots.HashOf(b)[:8])
	}
	if len(w.found) > 0 {
		how += withNext
	}
	if w.end != "" {
		how += withoutNext
	}
	if helper != "" {
		how += "+" + helper
	}
	if rendered {
		how += byBrowser
	}
	return how
}

// selection names the selectors of a source, "" if there are none.
func selection(src snapshots.Source) string {
	var b []byte
	switch { // strings always encode
	case len(src.SelectRanges)+len(src.RemoveRanges) > 0:
		b, _ = snapshots.Encode([]any{src.Select, src.Remove, src.SelectRanges, src.RemoveRanges})
	case len(src.Select)+len(src.Remove) > 0:
		b, _ = snapshots.Encode([][]string{src.Select, src.Remove})
	default:
		return ""
	}
	return "+" + string(snapshots.HashOf(b)[:8])
}

const (
	byBrowser = "+rendered" // ends the reader of a version that was read with a browser
	withParts = "+parts-"   // stands in the reader of a version that was read from several declared pages
	withNext  = "+next"     // the same of pages that name each other

	withoutNext = "+broken-off" // stands in the reader of a version of which a further page was not captured
)

// partsOf is what the name of a reader says of further pages: of those that differ by our doing. Which pages name each other is
// the doing of the service.
func partsOf(reader string) string {
	if strings.Contains(reader, withoutNext) {
		return withoutNext
	}
	_, rest, _ := strings.Cut(reader, withParts)
	return rest[:min(len(rest), 8)]
}

// rest captures the further pages of a text, the declared ones or those that its pages name, and gives what can be read of them
// and their addresses. whole reports whether all of them could be had.
func (r *runner) rest(ctx context.Context, res *result, d snapshots.Declaration, policy *snapshots.Capture, id string, first extract.Reading) (docs []*snapshots.Document, pages []string, whole bool) {
	if len(d.Sources) == 1 {
		return r.next(ctx, res, d.Sources[0], policy, id, first.Next)
	}
	for _, src := range d.Sources[1:] {
		pages = append(pages, src.URL)
	}
	docs = r.parts(ctx, res, policy, id, d.Sources[1:])
	return docs, pages, len(docs) == len(pages)
}

// parts captures the declared further pages of a text, and gives what can be read of them. What could not be had refuses the
// text when it is read; pages behind it are not asked for.
func (r *runner) parts(ctx context.Context, res *result, policy *snapshots.Capture, id string, rest []snapshots.Source) []*snapshots.Document {
	var docs []*snapshots.Document
	for _, src := range rest {
		got, _, err := r.get(ctx, r.webOf(src, res), fetch.Request{Terms: res.Terms, URL: src.URL, Lang: src.Lang, AnnexOf: policy.URL}, id)
		if err != nil {
			return docs
		}
		if to := fetch.MovedTo(got); to != "" {
			res.Notes = append(res.Notes, fmt.Sprintf("%s moved for good to %s; change the declaration: 'drittland track export' writes it", src.URL, to))
		}
		if page, _, err := extractPage(pageOf(got), src, r.reading()); err == nil {
			docs = append(docs, page.Document)
		}
	}
	return docs
}
