package main

// Reading: bodies of snapshots become texts. That is the slow part of Derive, so it runs ahead on all processors, while
// the texts are taken in order.

import (
	"context"
	"fmt"
	"hash/maphash"
	"net/http"
	"runtime"
	"slices"
	"strings"

	"github.com/drittland/drittland/fetch"
	"github.com/drittland/drittland/fetch/extract"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// readAs is what a snapshot was read as.
type readAs struct {
	hash     snapshots.Hash
	language string
	refused  string
	helper   string              // the name of the program that helped to read it, if one did
	as       string              // the class of the refusal
	source   way                 // how it was read, if not as its source says
	parts    []snapshots.Part    // the further pages that it was read from
	rendered bool                // a browser made one of those
	notes    []string            // what a reader should know
	links    []uint64            // of a capture: where its links lead, hashed: thousands of texts are remembered
	next     []string            // of a page: where its text may go on
	doc      *snapshots.Document // nil if it was refused or read before in this run
	packed   []byte              // the encoding of doc
}

// reader names what read the text of s.
func (t *readAs) reader(s snapshots.Snapshot) string {
	return reader(t.source, s.Rendered != "" || t.rendered, t.helper)
}

// A readingKey is everything that decides what a snapshot reads as.
type readingKey struct {
	body                          snapshots.Hash
	whole                         string // of a text of several pages: the snapshot of the first
	mediaType, charset, base, how string
	status                        int
	deleted                       bool
}

func keyOf(s snapshots.Snapshot, src way) readingKey {
	whole := ""
	if len(src.rest) > 0 {
		whole = s.ID
	}
	base := s.FinalURL
	if base == "" {
		base = s.URL
	}
	status := s.Status
	if isPage(s) {
		status = http.StatusOK
	}
	return readingKey{s.Body, whole, s.MediaType, s.Charset, base, reader(src, s.Rendered != "", "") + " " + src.Lang, status, s.Origin != nil && s.Origin.Deleted}
}

// keyOf is that of one that is not erased, or one that no other snapshot has.
func (d *deriver) keyOf(s snapshots.Snapshot, src way) readingKey {
	key := keyOf(s, src)
	if _, gone := d.erased[s.ID]; gone {
		key.whole = s.ID
	}
	return key
}

// isPage reports whether a server answered with a page, or that the page it gave before has not changed.
func isPage(s snapshots.Snapshot) bool {
	return s.Status == http.StatusOK || s.Status == http.StatusNonAuthoritativeInfo || s.Status == http.StatusNotModified && s.Revisits != ""
}

// A pendingText is a snapshot on its way to the line of its versions.
type pendingText struct {
	snapshot snapshots.Snapshot
	source   way
	text     readAs
	err      error // the archive could not give it
}

// A promise is a pendingText of which the text is still being read.
type promise struct {
	pendingText
	done chan struct{} // nil if the same was promised before
}

// takeAll reads what is pending and takes it in order.
func (d *deriver) takeAll(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	ahead := make(chan *promise, 2*runtime.GOMAXPROCS(0))
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		defer close(ahead)
		d.promiseAll(ctx, ahead)
	}()
	defer func() {
		cancel()
		for range ahead { // lets promiseAll go
		}
		<-finished
	}()
	for p := range ahead {
		if err := d.fulfil(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// maxKnown is how many texts a run remembers having read. One that is forgotten is read again when it comes again.
const maxKnown = 10_000

// promiseAll begins to read all that is pending.
func (d *deriver) promiseAll(ctx context.Context, ahead chan<- *promise) {
	busy := make(chan struct{}, runtime.GOMAXPROCS(0))
	seen := map[readingKey]bool{}
	pending := d.pending
	if pending == nil {
		pending = d.a.Pending()
	}
	for s, err := range pending {
		p := &promise{pendingText: pendingText{snapshot: s, err: err}}
		if err == nil {
			p.source, p.err = d.way(s)
			if key := d.keyOf(s, p.source); p.err == nil && !seen[key] {
				if len(seen) >= maxKnown {
					clear(seen)
				}
				seen[key] = true
				p.done = make(chan struct{})
				busy <- struct{}{}
				go func() {
					defer func() { close(p.done); <-busy }()
					p.text, p.err = d.read(s, p.source)
				}()
			}
		}
		select {
		case ahead <- p:
		case <-ctx.Done():
			return
		}
	}
}

// fulfil waits for a text and takes it.
func (d *deriver) fulfil(ctx context.Context, p *promise) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	key := d.keyOf(p.snapshot, p.source)
	if p.done != nil {
		<-p.done
		if p.err == nil {
			if len(d.known) >= maxKnown {
				clear(d.known)
			}
			if !p.text.source.leads() { // what was captured with another one may be another text
				known := p.text
				known.doc, known.packed = nil, nil
				d.known[key] = known
			}
		}
	} else if known, ok := d.known[key]; ok {
		p.text = known
	} else if p.err == nil { // the one before it could not be read
		p.text, p.err = d.read(p.snapshot, p.source)
	}
	return d.take(p.pendingText)
}

// read reads one snapshot as it reads best.
func (d *deriver) read(s snapshots.Snapshot, src way) (readAs, error) {
	return d.readBy(s, src, d.helper)
}

// readBy reads one snapshot with the help of a program. The error says that the archive could not give it; why a text was refused is in the text.
func (d *deriver) readBy(s snapshots.Snapshot, src way, helper *extract.Helper) (readAs, error) {
	t, err := d.readPage(s, src, helper)
	var further map[string]readAs
	if err == nil && t.refused == "" && len(src.rest) == 0 && s.Origin == nil && s.AnnexOf == "" {
		further, err = d.followed(s, src, helper, &t)
	}
	if err == nil {
		err = d.join(s, helper, &t, further)
	}
	if err != nil || t.refused != "" {
		return t, err
	}
	if s.Origin == nil && s.AnnexOf == "" && strings.Contains(s.Terms.Type, "Privacy") && !src.Selects() {
		if why := hub(t.doc, keyOf(s, src).base); why != "" {
			t.refused, t.as, t.doc = why, asNotPolicy, nil
			return t, nil
		}
	}
	b, err := t.doc.Pack()
	if err != nil {
		return readAs{}, fmt.Errorf("read snapshot %s: %w", s.ID, err)
	}
	t.hash, t.language, t.packed = snapshots.HashOf(b), t.doc.Language, b
	if s.Origin == nil && s.AnnexOf == "" {
		t.links = linksOf(t.doc)
	}
	return t, nil
}

// readPage reads the page of one snapshot: it gives the document, without its hash.
func (d *deriver) readPage(s snapshots.Snapshot, src way, helper *extract.Helper) (readAs, error) {
	gone, erased := d.erased[s.ID]
	switch {
	case erased:
		return readAs{refused: (&archive.ErasedError{Erasure: gone}).Error(), as: asErased, source: src}, nil
	case s.Origin != nil && s.Origin.Deleted:
		return readAs{refused: "the collection removed the text", as: string(fetch.Gone), source: src}, nil
	case s.Status != 0 && !isPage(s):
		return readAs{refused: strings.TrimSpace(fmt.Sprintf("the server answered with status %d %s", s.Status, http.StatusText(s.Status))),
			as: asStatus(s.Status), source: src}, nil
	}
	body, err := d.a.Body(s)
	if err != nil {
		return readAs{}, err
	}
	page, rot, err := extractPage(extract.Input{Body: body, MediaType: s.MediaType, Charset: s.Charset, BaseURL: keyOf(s, src).base,
		Rendered: s.Rendered != ""}, src.Source, extract.Options{PDF: helper})
	t := readAs{source: src, next: page.Next, helper: strings.TrimPrefix(strings.TrimPrefix(page.Reader, extract.Reader), "+")}
	if rot {
		t.notes = []string{fmt.Sprintf("the declared selectors %q match nothing in the page any more; the whole main content was read", selectorsOf(src.Source))}
		t.source.Select, t.source.SelectRanges = nil, nil
	}
	if err != nil {
		t.refused, t.as = err.Error(), asOf(err)
		return t, nil
	}
	t.doc = page.Document
	return t, nil
}

// selectorsOf are the selectors of the parts that a source reads, as a person would write them.
func selectorsOf(src snapshots.Source) []string {
	names := slices.Clone(src.Select)
	for _, r := range src.SelectRanges {
		names = append(names, r.String())
	}
	return names
}

var linkSeed = maphash.MakeSeed()

// hashLink is a short name for an address, which holds in this process.
func hashLink(url string) uint64 { return maphash.String(linkSeed, url) }

func linksOf(doc *snapshots.Document) []uint64 {
	var out []uint64
	for i := range doc.Blocks {
		for _, l := range doc.Blocks[i].Links {
			out = append(out, hashLink(l.Target))
		}
	}
	return out
}
