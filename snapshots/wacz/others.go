package wacz

// This file holds records that others wrote, byte for byte as they wrote them. They stand in a file of records of their own, so that nothing
// that a stranger wrote is taken for one of ours, whatever it says of itself.

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"iter"
	"path"
	"strings"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/warc"
)

// othersFile holds the records of others. There is none where there are none of these.
const othersFile = "archive/third-party.warc.gz"

// AddOthers adds a record that others wrote: its version line, its header and its block, as they stood in the file that it came in. The same
// bytes are added once. What a player cannot show is kept all the same: shown is false then.
func (w *Writer) AddOthers(raw []byte) (shown bool, err error) {
	head, block, err := warc.Single(raw)
	if err != nil {
		return false, fmt.Errorf("add record of others: %w", err)
	}
	whole := append(bytes.Clone(raw), "\r\n\r\n"...)
	hash := string(snapshots.HashOf(raw))
	if w.have[othersFile+hash] {
		_, shown = othersLine(head, block, warc.Extent{}, nil)
		return shown, nil
	}
	w.have[othersFile+hash] = true
	from := int64(w.others.Len())
	z := gzip.NewWriter(&w.others)
	if _, err := z.Write(whole); err != nil {
		return false, err
	}
	if err := z.Close(); err != nil {
		return false, err
	}
	line, shown := othersLine(head, block, warc.Extent{Offset: from, Length: int64(w.others.Len()) - from}, whole)
	if shown {
		w.lines = append(w.lines, line)
	}
	return shown, nil
}

// othersLine describes a record of others that a player can show; ok is false for any other. Its digest is the one that the record states, as
// players compare the two.
func othersLine(head *warc.Head, block []byte, ext warc.Extent, whole []byte) (l Line, ok bool) {
	uri, at := warc.Bare(head.Header.Get("WARC-Target-URI")), head.At()
	if !isWeb(uri) || at.IsZero() {
		return l, false
	}
	l = Line{Key: SURT(uri), At: at.Truncate(time.Millisecond), URL: uri, Length: ext.Length, Offset: ext.Offset, Filename: path.Base(othersFile),
		Digest: head.Header.Get("WARC-Payload-Digest"), RecordDigest: warc.Digest(whole)}
	switch strings.ToLower(head.Header.Get("WARC-Type")) {
	case "resource":
		l.Status, l.MIME, l.Digest = 200, mediaOf(head.Header.Get("Content-Type")), cmp.Or(l.Digest, warc.Digest(block))
		return l, true
	case "response", "revisit":
		m, err := warc.ReadMessage(block)
		if err != nil {
			return l, false
		}
		if l.Status, l.MIME = m.Status, mediaOf(m.Header.Get("Content-Type")); strings.EqualFold(head.Header.Get("WARC-Type"), "revisit") {
			l.MIME = "warc/revisit"
			return l, true
		}
		entity, err := m.Entity(int64(len(block)))
		l.Digest = cmp.Or(l.Digest, warc.Digest(entity))
		return l, err == nil
	}
	return l, false
}

func isWeb(uri string) bool {
	return strings.HasPrefix(uri, "http://") || strings.HasPrefix(uri, "https://")
}

func mediaOf(contentType string) string {
	media, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(media))
}

// A FoundOthers is a record of others in a file.
type FoundOthers struct {
	Raw    []byte // version line, header and block
	Head   *warc.Head
	Block  []byte
	Extent warc.Extent
}

// HoldsOthers reports whether one of the Archives is the file with the records of others.
func (r *Reader) HoldsOthers(archive string) bool { return archive == othersFile }

// Others are the records of others that AddOthers has added, each in a gzip member of its own. The sequence ends with the first error.
func (r *Reader) Others() iter.Seq2[FoundOthers, error] {
	return func(yield func(FoundOthers, error) bool) {
		if !r.Has(othersFile) {
			return
		}
		if err := r.others(yield); err != nil {
			yield(FoundOthers{}, err)
		}
	}
}

func (r *Reader) others(yield func(FoundOthers, error) bool) error {
	in, err := r.Section(othersFile)
	if err != nil {
		return err
	}
	walk, err := warc.NewWalk(in, in.Size(), warc.Limits{})
	if err != nil {
		return err
	}
	var last *FoundOthers
	for {
		head, err := walk.Next()
		end := in.Size()
		if err == nil {
			end = head.Place.Member
		}
		if last != nil && (err == nil || err == io.EOF) {
			if last.Extent.Length = end - last.Extent.Offset; last.Extent.Length <= 0 {
				return fmt.Errorf("%w: two records in one gzip member", ErrFormat)
			}
			if !yield(*last, nil) {
				return nil
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		block, err := walk.Block()
		if err != nil {
			return err
		}
		last = &FoundOthers{Raw: append(bytes.Clone(head.Raw), block...), Head: head, Block: block, Extent: warc.Extent{Offset: head.Place.Member}}
	}
}
