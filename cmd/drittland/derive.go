package main

// Derive: the snapshots that were not read yet become versions. It needs no network, and what a crash cut off is
// done again the next time.

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/fetch/extract"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// unchanged is why a capture whose text reads as before makes no version. It stands in line all the same, so that
// the history tells when the text was verified last.
const unchanged = "unchanged since the version before"

// holdsText reports whether a version holds a text of its own.
func holdsText(v snapshots.Version) bool { return v.Refused == "" }

// derive reads what is pending, oldest first, and tells of each version that it makes, refused and unchanged ones
// included. A snapshot whose body is damaged is left and named in the error.
func (t *tool) derive(ctx context.Context, a *archive.Archive, told func(snapshots.Version)) error {
	d, err := t.newDeriverFor(a)
	if err != nil {
		return err
	}
	if told != nil {
		d.told = told
	}
	return d.all(ctx)
}

// all reads what is pending.
func (d *deriver) all(ctx context.Context) error {
	if err := d.takeAll(ctx); err != nil {
		return err
	}
	if err := errors.Join(d.flush(), ctx.Err()); err != nil {
		return err
	}
	if len(d.damaged) > 0 {
		return fmt.Errorf("%w: %w", archive.ErrDamaged, errors.Join(d.damaged...))
	}
	return nil
}

// newDeriverFor makes a deriver that knows the declarations in a.
func (t *tool) newDeriverFor(a *archive.Archive) (*deriver, error) {
	d := newDeriver(a, t.reading().PDF)
	declared, err := a.Declarations()
	for _, x := range declared {
		d.declared[snapshots.Terms{Service: x.Service, Type: x.TermsType}] = x
	}
	if err == nil {
		d.erased, err = a.ErasedSnapshots()
	}
	return d, err
}

func newDeriver(a *archive.Archive, helper *extract.Helper) *deriver {
	return &deriver{a: a, told: func(snapshots.Version) {}, helper: helper, tails: map[lineKey]*snapshots.Version{},
		ends: map[lineKey]*snapshots.Version{}, known: map[readingKey]readAs{}, declared: map[snapshots.Terms]snapshots.Declaration{}}
}

// A deriver is one run of derive.
type deriver struct {
	a        *archive.Archive
	told     func(snapshots.Version)
	pending  iter.Seq2[snapshots.Snapshot, error] // what is read; nil for all that is pending
	helper   *extract.Helper                      // that reads PDF, if there is one
	erased   map[string]snapshots.Erasure         // snapshots whose content was erased
	declared map[snapshots.Terms]snapshots.Declaration
	tails    map[lineKey]*snapshots.Version // last version with a text of each line, nil if there is none
	known    map[readingKey]readAs          // what was read in this run, without the documents
	ends     map[lineKey]*snapshots.Version // last version of each line that is in doubt, nil if it is not
	batch    []archive.Reading
	size     int // bytes of the texts in the batch
	damaged  []error
}

// take puts a text at the end of the line of its terms.
func (d *deriver) take(r pendingText) error {
	if r.err != nil {
		return d.leave(r.err)
	}
	s := r.snapshot
	last, err := d.before(lineKey{terms: s.Terms}, s)
	if err != nil {
		return err
	}
	r.source = r.text.source
	v := snapshots.Version{Terms: s.Terms, Snapshot: s.ID, Date: s.At, Others: s.ThirdParty != nil, Document: r.text.hash, Language: r.text.language,
		Origin: s.Origin, Reader: r.text.reader(s), Parts: r.text.parts, Refused: r.text.refused, RefusedAs: r.text.as, Notes: r.text.notes, Cause: snapshots.First}
	if v.Refused == "" && s.Origin == nil {
		if last, err = d.apart(&v, last, r); err != nil {
			return d.leave(err)
		}
		if err := d.doubt(&v, last, r); err != nil {
			return d.leave(err)
		}
	}
	docs, err := d.annexes(&v, s, r, last)
	if err != nil {
		return d.leave(err)
	}
	if last != nil && v.Refused == "" {
		if last, err = d.readAgain(last, r); err != nil {
			return d.leave(err)
		}
	}
	if last != nil {
		v.Previous, v.Cause = last.ID, snapshots.TermsCh
		if s.Origin != nil && s.Origin.Technical || s.Origin == nil && (switched(*last, v) || onlyMoreAnnexes(*last, v) || partsOf(last.Reader) != partsOf(v.Reader)) {
			v.Cause = snapshots.Reading
		}
		if v.Refused == "" && s.Origin == nil && sameTexts(*last, v) {
			v.Refused = unchanged
		}
	}
	return d.put(v, r.text.doc, docs, r.text.packed)
}

// apart gives a text that is not the wanted one to the line of its variant, and the version before it there.
func (d *deriver) apart(v *snapshots.Version, last *snapshots.Version, r pendingText) (*snapshots.Version, error) {
	name, why, err := d.variantOf(v, last, r)
	if err != nil || name == "" {
		return last, err
	}
	v.Variant, v.Notes = name, append(slices.Clone(v.Notes), why)
	return d.before(lineOf(*v), r.snapshot)
}

// switched reports whether a browser read one of two versions and not the other, so that what differs may be our doing.
func switched(old, new snapshots.Version) bool {
	return old.Origin == nil && strings.HasSuffix(old.Reader, byBrowser) != strings.HasSuffix(new.Reader, byBrowser)
}

// leave passes over a snapshot that could not be read, unless there are too many: then something else is wrong.
func (d *deriver) leave(err error) error {
	if d.damaged = append(d.damaged, err); len(d.damaged) > 20 {
		return fmt.Errorf("%w: %w", archive.ErrDamaged, errors.Join(d.damaged...))
	}
	return nil
}

// before is the last version with a text in a line that is not younger than s.
func (d *deriver) before(l lineKey, s snapshots.Snapshot) (*snapshots.Version, error) {
	tail, ok := d.tails[l]
	if ok && (tail == nil || !tail.Date.After(s.At)) {
		return tail, nil
	}
	if ok { // an older text comes in late: what stands before it may still be in the batch
		if err := d.flush(); err != nil {
			return nil, err
		}
	}
	var last *snapshots.Version
	for v, err := range d.a.Versions(l.terms) {
		if err != nil {
			return nil, err
		}
		if holdsText(v) && v.Variant == l.variant {
			tail = &v
			if !v.Date.After(s.At) {
				last = &v
			}
		}
	}
	d.tails[l] = tail
	return last, nil
}

// annexes reads the pages that were captured with the policy into v. A page that the policy still links to and that could
// not be had this time is taken over from the version before, and that is said.
func (d *deriver) annexes(v *snapshots.Version, s snapshots.Snapshot, r pendingText, last *snapshots.Version) ([]*snapshots.Document, error) {
	if s.Origin != nil || v.Refused != "" {
		return nil, nil
	}
	var docs []*snapshots.Document
	gone, had := map[string]bool{}, map[string]bool{}
	for x, err := range d.a.Annexes(s.ID) {
		if err != nil {
			return nil, err
		}
		if r.source.isPart(x.URL) {
			continue
		}
		t, err := d.read(x, way{})
		if err != nil {
			return nil, err
		}
		gone[x.URL] = x.Status == http.StatusNotFound || x.Status == http.StatusGone
		v.Annexes = slices.DeleteFunc(v.Annexes, func(a snapshots.Annex) bool { return a.URL == x.URL })
		if had[x.URL] = t.as == asErased; had[x.URL] { // no other text takes its place
			v.Annexes = append(v.Annexes, snapshots.Annex{URL: x.URL, Problem: t.refused})
			continue
		}
		v.Annexes = append(v.Annexes, snapshots.Annex{Snapshot: x.ID, URL: x.URL, Document: t.hash, Problem: t.refused, Gone: gone[x.URL]})
		if t.doc != nil {
			docs = append(docs, t.doc)
		}
	}
	if err := d.unheard(v, s, r.source); err != nil {
		return nil, err
	}
	if last != nil {
		for _, old := range last.Annexes {
			if old.Document != "" && !gone[old.URL] && !had[old.URL] && !r.source.isPart(old.URL) && slices.Contains(r.text.links, hashLink(old.URL)) {
				takeOver(v, old, last.Date)
			}
		}
	}
	return slices.DeleteFunc(docs, func(doc *snapshots.Document) bool { return !d.wanted(v, doc) }), nil
}

// unheard adds the annexes whose server said nothing.
func (d *deriver) unheard(v *snapshots.Version, s snapshots.Snapshot, w way) error {
	for x, err := range d.a.Attempts(s.Terms) {
		if err != nil {
			return err
		}
		if x.AnnexOf == s.ID && !w.isPart(x.URL) && !slices.ContainsFunc(v.Annexes, func(a snapshots.Annex) bool { return a.URL == x.URL }) {
			v.Annexes = append(v.Annexes, snapshots.Annex{URL: x.URL, Problem: x.Kind + ": " + x.Why})
		}
	}
	return nil
}

// takeOver puts an annex of an earlier version in the place of one that could not be had.
func takeOver(v *snapshots.Version, old snapshots.Annex, seen time.Time) {
	i := slices.IndexFunc(v.Annexes, func(a snapshots.Annex) bool { return a.URL == old.URL })
	if i >= 0 && v.Annexes[i].Document != "" {
		return
	}
	if !strings.HasPrefix(old.Problem, lastHad) {
		old.Problem = lastHad + seen.Format(time.DateOnly)
	}
	if i >= 0 {
		v.Annexes[i] = old
	} else {
		v.Annexes = append(v.Annexes, old)
	}
}

// lastHad begins what is said of an annex that was taken over.
const lastHad = "could not be had this time; as with the version of "

// wanted reports whether doc is still among the annexes of v, and not a second copy of one.
func (d *deriver) wanted(v *snapshots.Version, doc *snapshots.Document) bool {
	b, err := doc.Pack()
	return err == nil && slices.ContainsFunc(v.Annexes, func(a snapshots.Annex) bool { return a.Document == snapshots.HashOf(b) })
}

// readAgain reads the snapshot of the last version with other selectors, another extractor or another helper, if these are what
// the next text of the same page was read with, so that the two can be compared. If it reads otherwise, that is a version of its own.
func (d *deriver) readAgain(last *snapshots.Version, next pendingText) (*snapshots.Version, error) {
	if last.Origin != nil || next.snapshot.Origin != nil || last.Reader == next.text.reader(next.snapshot) {
		return last, nil
	}
	s, err := d.a.Snapshot(last.Snapshot)
	if err != nil || s.URL != next.snapshot.URL {
		return last, err
	}
	if own, err := d.way(s); err != nil || own.past { // what holds now never held for it
		return last, err
	}
	src, err := d.askedFor(s, next.source)
	if err != nil || last.Reader == reader(src, s.Rendered != "", next.text.helper) {
		return last, nil
	}
	t, err := d.readBy(s, src, d.same(next.text.helper))
	if err != nil || t.refused != "" {
		return last, err
	}
	v := *last
	if t.hash == last.Document {
		v.Reader = t.reader(s) // it may be known now that a page of it was not captured
		return &v, nil
	}
	v.Document, v.Language, v.Reader, v.Parts, v.Cause, v.Previous = t.hash, t.language, t.reader(s), t.parts, snapshots.Reading, last.ID
	if err := d.put(v, t.doc, nil, t.packed); err != nil {
		return nil, err
	}
	return d.tails[lineOf(v)], nil
}

// same is the helper for a text that is to be compared with one that was read with the named helper, or with none.
func (d *deriver) same(name string) *extract.Helper {
	if name == "" || d.helper == nil || d.helper.Name != name {
		return nil
	}
	always := *d.helper
	always.Always = true
	return &always
}

// sameTexts reports whether two versions hold the same texts. An annex that could not be read this time says nothing, unless
// the server says that it is gone.
func sameTexts(old, new snapshots.Version) bool {
	if old.Document != new.Document {
		return false
	}
	for _, x := range new.Annexes {
		same := func(o snapshots.Annex) bool { return o.URL == x.URL && o.Document == x.Document }
		if x.Document != "" && !slices.ContainsFunc(old.Annexes, same) {
			return false
		}
		had := func(o snapshots.Annex) bool { return o.URL == x.URL && o.Document != "" }
		if x.Gone && slices.ContainsFunc(old.Annexes, had) {
			return false
		}
	}
	return true
}

// onlyMoreAnnexes reports whether a version differs from the one before it only by linked pages that were not asked for then:
// we changed what we capture, and not the service its text.
func onlyMoreAnnexes(old, new snapshots.Version) bool {
	if old.Document != new.Document {
		return false
	}
	for _, x := range new.Annexes {
		i := slices.IndexFunc(old.Annexes, func(o snapshots.Annex) bool { return o.URL == x.URL })
		if i >= 0 && old.Annexes[i].Document != x.Document {
			return false
		}
	}
	return true
}

// deriveBytes is how much of documents is held before it is written, in bytes.
const deriveBytes = 8 << 20

// put enters v in its line.
func (d *deriver) put(v snapshots.Version, doc *snapshots.Document, annexes []*snapshots.Document, packed []byte) error {
	if err := v.Identify(); err != nil {
		return err
	}
	if holdsText(v) {
		if tail := d.tails[lineOf(v)]; tail == nil || !tail.Date.After(v.Date) {
			d.tails[lineOf(v)] = &v
		}
	}
	d.ends[lineOf(v)] = nil
	if v.RefusedAs == asUnconfirmed {
		d.ends[lineOf(v)] = &v
	}
	if packed != nil {
		doc = nil // it is not looked at, and takes more room
	}
	d.size += len(packed)
	d.batch = append(d.batch, archive.Reading{Version: v, Document: doc, Packed: packed, Annexes: annexes})
	if len(d.batch) >= 500 || d.size > deriveBytes {
		return d.flush()
	}
	return nil
}

// flush hands the batch to the archive.
func (d *deriver) flush() error {
	if len(d.batch) == 0 {
		return nil
	}
	if err := d.a.PutVersions(d.batch); err != nil {
		return err
	}
	for _, r := range d.batch {
		d.told(r.Version)
	}
	d.batch, d.size = nil, 0
	return nil
}
