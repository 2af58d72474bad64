package extract

// This file makes one document of the pages that a policy is spread over, and takes one page out of it again.

import (
	"slices"
	"strings"

	"github.com/drittland/drittland/snapshots"
)

// Join is one document of several, in their order: the pages of one policy. What documents say of themselves is that of the
// first, or of the first that says it. The documents are left as they are. The spans are where the text of each stands.
func Join(docs []*snapshots.Document) (out *snapshots.Document, spans []snapshots.Span) {
	out = &snapshots.Document{}
	var text strings.Builder
	tables := 0
	for i, d := range docs {
		if i == 0 {
			out.Title = d.Title
		}
		if out.EffectiveDate == "" {
			out.EffectiveDate = d.EffectiveDate
		}
		for _, w := range d.Warnings {
			if !slices.Contains(out.Warnings, w) {
				out.Warnings = append(out.Warnings, w)
			}
		}
		if text.Len() > 0 && len(d.Text) > 0 {
			text.WriteByte('\n')
		}
		offset, first, next := text.Len(), len(out.Blocks), tables
		text.WriteString(d.Text)
		spans = append(spans, snapshots.Span{Start: offset, End: text.Len()})
		for _, b := range d.Blocks {
			b.Span = b.Span.Shift(offset)
			b.Links = slices.Clone(b.Links)
			for j := range b.Links {
				b.Links[j].Span = b.Links[j].Span.Shift(offset)
			}
			if b.Heading >= 0 {
				b.Heading += first
			}
			if b.Place != nil {
				p := *b.Place
				p.Table += tables
				next = max(next, p.Table+1)
				b.Place = &p
			}
			b.Language = ""
			out.Blocks = append(out.Blocks, b)
		}
		tables = next
	}
	out.Text = text.String()
	if len(docs) > 0 {
		out.Language = Language(out.Text, docs[0].Language)
		markLanguages(out)
	}
	return out, spans
}

// Cut is the part of a document within a span, such as one page of a document that was joined: its text and the blocks that lie
// wholly in it.
func Cut(d *snapshots.Document, s snapshots.Span) *snapshots.Document {
	out := &snapshots.Document{Language: d.Language, Title: d.Title, Text: d.Quote(s)}
	first := -1
	for i, b := range d.Blocks {
		if !s.Contains(b.Span) {
			continue
		}
		if first < 0 {
			first = i
		}
		b.Span = b.Span.Shift(-s.Start)
		b.Links = slices.Clone(b.Links)
		for j := range b.Links {
			b.Links[j].Span = b.Links[j].Span.Shift(-s.Start)
		}
		b.Heading = max(b.Heading-first, -1)
		out.Blocks = append(out.Blocks, b)
	}
	return out
}
