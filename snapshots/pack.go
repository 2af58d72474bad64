package snapshots

// The canonical encoding of documents: every block with its own words, so that an edit in one block
// leaves the bytes of all others alone and a document compresses well against the one before it.

import (
	"encoding/json"
	"fmt"
)

type packedDocument struct {
	Language      string        `json:"language"`
	Title         string        `json:"title,omitempty"`
	EffectiveDate string        `json:"effective_date,omitempty"`
	Warnings      []string      `json:"warnings,omitempty"`
	Blocks        []packedBlock `json:"blocks"`
	Tail          string        `json:"tail,omitempty"` // text after the last block
}

type packedBlock struct {
	Gap      *string      `json:"gap,omitempty"` // text before the block; "\n" if not given, "" before the first
	Kind     Kind         `json:"kind"`
	Level    int          `json:"level,omitempty"`
	Up       int          `json:"up,omitempty"` // how many blocks back the heading stands; 0 for none
	Anchor   string       `json:"anchor,omitempty"`
	Language string       `json:"language,omitempty"`
	Place    *Place       `json:"place,omitempty"`
	Links    []packedLink `json:"links,omitempty"`
	Text     string       `json:"text"`
}

type packedLink struct {
	At     int    `json:"at"` // offset from the start of the block, bytes
	Length int    `json:"length"`
	Target string `json:"target"`
}

// Pack is the canonical encoding of d: same document, same bytes. It fails if a span lies outside the
// text or blocks overlap.
func (d *Document) Pack() ([]byte, error) {
	p := packedDocument{Language: d.Language, Title: d.Title, EffectiveDate: d.EffectiveDate, Warnings: d.Warnings, Blocks: make([]packedBlock, 0, len(d.Blocks))}
	end := 0
	for i, b := range d.Blocks {
		if b.Span.Start < end || b.Span.End < b.Span.Start || b.Span.End > len(d.Text) || b.Heading >= i {
			return nil, fmt.Errorf("pack document: block %d at %d to %d does not fit", i, b.Span.Start, b.Span.End)
		}
		q := packedBlock{Kind: b.Kind, Level: b.Level, Anchor: b.Anchor, Language: b.Language, Place: b.Place, Text: d.Quote(b.Span)}
		if gap := d.Text[end:b.Span.Start]; gap != usualGap(i) {
			q.Gap = &gap
		}
		if b.Heading >= 0 {
			q.Up = i - b.Heading
		}
		for _, l := range b.Links {
			q.Links = append(q.Links, packedLink{l.Span.Start - b.Span.Start, l.Span.Len(), l.Target})
		}
		p.Blocks = append(p.Blocks, q)
		end = b.Span.End
	}
	p.Tail = d.Text[end:]
	return Encode(p)
}

func usualGap(i int) string {
	if i == 0 {
		return ""
	}
	return "\n"
}

// UnpackDocument decodes what Pack encoded.
func UnpackDocument(b []byte) (*Document, error) {
	var p packedDocument
	if err := json.Unmarshal(b, &p); err != nil {
		return nil, fmt.Errorf("unpack document: %w", err)
	}
	size := len(p.Tail)
	for i := range p.Blocks {
		size += len(p.Blocks[i].Text) + 1
	}
	d := &Document{Language: p.Language, Title: p.Title, EffectiveDate: p.EffectiveDate, Warnings: p.Warnings, Blocks: make([]Block, 0, len(p.Blocks))}
	text := make([]byte, 0, size)
	for i, q := range p.Blocks {
		gap := usualGap(i)
		if q.Gap != nil {
			gap = *q.Gap
		}
		text = append(text, gap...)
		b := Block{Kind: q.Kind, Level: q.Level, Heading: -1, Anchor: q.Anchor, Language: q.Language, Place: q.Place, Span: Span{len(text), len(text) + len(q.Text)}}
		if q.Up > i || q.Up < 0 {
			return nil, fmt.Errorf("unpack document: block %d has its heading %d blocks back", i, q.Up)
		}
		if q.Up > 0 {
			b.Heading = i - q.Up
		}
		for _, l := range q.Links {
			if l.At < 0 || l.Length < 0 || l.At+l.Length > len(q.Text) {
				return nil, fmt.Errorf("unpack document: block %d has a link outside it", i)
			}
			b.Links = append(b.Links, Link{Span{b.Span.Start + l.At, b.Span.Start + l.At + l.Length}, l.Target})
		}
		text = append(text, q.Text...)
		d.Blocks = append(d.Blocks, b)
	}
	d.Text = string(append(text, p.Tail...))
	return d, nil
}
