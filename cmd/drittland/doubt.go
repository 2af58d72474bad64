package main

// Doubt: what is refused as a version of some terms, by classes, and what must be seen twice before it counts.

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/drittland/drittland/fetch"
	"github.com/drittland/drittland/fetch/extract"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// The classes of refusals beside those of package fetch.
const (
	asNotPolicy   = "not a policy"
	asLanguage    = "wrong language"
	asUnreadable  = "not readable"
	asUnconfirmed = "not confirmed"
	asErased      = "erased"
)

// asOf is the class of what the extractor says of a page.
func asOf(err error) string {
	var big extract.ErrTooBig
	var wall extract.ErrNotPolicy
	switch {
	case errors.As(err, &big):
		return string(fetch.TooBig)
	case errors.As(err, &wall), errors.Is(err, extract.ErrEmpty):
		return asNotPolicy
	}
	return asUnreadable
}

// asStatus is the class of an answer that carries no page.
func asStatus(status int) string {
	switch {
	case status == http.StatusNotFound:
		return string(fetch.NotFound)
	case status == http.StatusGone:
		return string(fetch.Gone)
	case status >= 300 && status < 400:
		return string(fetch.Moved)
	case status == http.StatusTooManyRequests, status >= 500:
		return string(fetch.Transient)
	}
	return string(fetch.Blocked)
}

const (
	fewWords = 12  // below, a page says nothing that a policy must say
	longText = 150 // words of a text that is long enough to have a half
	longLine = 8   // words of a block that is not repeated by chance
)

// doubt refuses a first text that says next to nothing and, until it is seen a second time, one that differs from the last in a way that comes more often from the server or the reader than from the
// service.
func (d *deriver) doubt(v *snapshots.Version, last *snapshots.Version, r pendingText) error {
	if last == nil {
		doc, err := d.textOf(r)
		if err == nil && wordsOf(doc) < fewWords {
			v.Refused, v.RefusedAs = fmt.Sprintf("too short for a policy: %d words", wordsOf(doc)), asNotPolicy
		}
		return err
	}
	if last.Document == v.Document {
		return nil
	}
	old, now, err := d.both(*last, r)
	if err != nil {
		return err
	}
	why := surprise(old, now)
	if why == "" {
		return nil
	}
	before, err := d.end(lineOf(*v))
	if err != nil || before != nil && (before.Document == v.Document || d.alike(*before, now)) {
		return err
	}
	v.Refused, v.RefusedAs = why+"; it counts when a second capture shows the same", asUnconfirmed
	return nil
}

// toldApart are the languages that the extractor tells apart, those that it may mix up between the same bars.
var toldApart = strings.Split("bg|cs sk|da no sv|de|el|en|es pt|et|fi|fr|ga|hr sl|hu|is|it|lt|lv|mt|nl|pl|ro|ar", "|")

// otherLanguage reports whether a text is surely not in the wanted language.
func otherLanguage(is, wanted string) bool {
	group := func(lang string) int {
		return slices.IndexFunc(toldApart, func(g string) bool { return slices.Contains(strings.Fields(g), lang) })
	}
	a, b := group(is), group(wanted)
	return a >= 0 && b >= 0 && a != b
}

// baseOf is a language without its region and script, as the extractor names it.
func baseOf(language string) string {
	base, _, _ := strings.Cut(strings.ToLower(language), "-")
	if base == "nb" || base == "nn" {
		return "no"
	}
	return base
}

// both are the documents of the last version and of a new text.
func (d *deriver) both(last snapshots.Version, r pendingText) (old, now *snapshots.Document, err error) {
	if err := d.flush(); err != nil { // either may still be in the batch
		return nil, nil, err
	}
	if old, err = d.a.Document(last.Document); err != nil {
		return nil, nil, err
	}
	now, err = d.textOf(r)
	return old, now, err
}

// textOf is the document of a new text, read again if the same body was read before in this run.
func (d *deriver) textOf(r pendingText) (*snapshots.Document, error) {
	if r.text.doc != nil {
		return r.text.doc, nil
	}
	t, err := d.read(r.snapshot, r.source)
	if err == nil && t.doc == nil {
		err = fmt.Errorf("%w: snapshot %s reads otherwise than before", archive.ErrDamaged, r.snapshot.ID)
	}
	return t.doc, err
}

// surprise says in which way a text differs that may be a mistake: it lost its half, or says most of it twice.
func surprise(old, now *snapshots.Document) string {
	before, after := wordsOf(old), wordsOf(now)
	switch {
	case before >= longText && after*2 < before:
		return fmt.Sprintf("most of the text is missing: %d words, %d before", after, before)
	case before >= longText && after*2 > before*3 && repeated(now) && !repeated(old):
		return fmt.Sprintf("the text says most of it twice: %d words, %d before", after, before)
	}
	return ""
}

func wordsOf(doc *snapshots.Document) int { return len(strings.Fields(doc.Text)) }

// repeated reports whether most longer blocks of a document stand in it more than once.
func repeated(doc *snapshots.Document) bool {
	seen := map[string]int{}
	long, twice := 0, 0
	for _, b := range doc.Blocks {
		s := doc.Quote(b.Span)
		if len(strings.Fields(s)) < longLine {
			continue
		}
		if long++; seen[s] == 1 {
			twice += 2
		} else if seen[s] > 1 {
			twice++
		}
		seen[s]++
	}
	return long >= 4 && twice*10 >= long*8
}

// alike reports whether a text is nearly that of a version in doubt: a page with a date or a counter never comes twice.
func (d *deriver) alike(v snapshots.Version, doc *snapshots.Document) bool {
	other, err := d.a.Document(v.Document)
	return err == nil && nearly(other, doc) && nearly(doc, other)
}

// nearly reports whether most blocks of a stand in b.
func nearly(a, b *snapshots.Document) bool {
	in := map[string]bool{}
	for i := range b.Blocks {
		in[b.Quote(b.Blocks[i].Span)] = true
	}
	same := 0
	for i := range a.Blocks {
		if in[a.Quote(a.Blocks[i].Span)] {
			same++
		}
	}
	return same*10 >= len(a.Blocks)*7
}

// end is the last version of a line if it is in doubt, nil if it is not.
func (d *deriver) end(l lineKey) (*snapshots.Version, error) {
	if v, ok := d.ends[l]; ok {
		return v, nil
	}
	var last *snapshots.Version
	for v, err := range d.a.Versions(l.terms) {
		if err != nil {
			return nil, err
		}
		if v.Variant == l.variant {
			last = &v
		}
	}
	if last != nil && last.RefusedAs != asUnconfirmed {
		last = nil
	}
	d.ends[l] = last
	return last, nil
}
