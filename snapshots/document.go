package snapshots

import "strings"

// A Span is a half-open range of bytes [Start, End) in the canonical text of a Document.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// Len is the number of bytes in the span.
func (s Span) Len() int { return s.End - s.Start }

// Contains reports whether o lies wholly within s.
func (s Span) Contains(o Span) bool { return s.Start <= o.Start && o.End <= s.End }

// Overlaps reports whether s and o share at least one byte.
func (s Span) Overlaps(o Span) bool { return s.Start < o.End && o.Start < s.End }

// Shift is s further on by n bytes.
func (s Span) Shift(n int) Span { return Span{s.Start + n, s.End + n} }

// Kind says what a block is in the structure of a document.
type Kind string

// The kinds of blocks. Quotations and preformatted text are paragraphs.
const (
	Heading   Kind = "heading"
	Paragraph Kind = "paragraph"
	Item      Kind = "item" // one item of a list, without its nested items
	Cell      Kind = "cell" // one cell of a table
)

// A Link is a piece of a block's text that leads somewhere.
type Link struct {
	Span   Span   `json:"span"`
	Target string `json:"target"` // absolute where the base address is known, otherwise as written
}

// A Place is where a cell stands: the number of its table in the document, its row and its column, from 0.
// A cell that spans rows or columns is repeated in each place that it covers.
type Place struct {
	Table  int  `json:"table"`
	Row    int  `json:"row"`
	Column int  `json:"column"`
	Header bool `json:"header,omitempty"`
}

// A Block is a span of the canonical text with its place in the structure of the document.
type Block struct {
	Kind     Kind   `json:"kind"`
	Level    int    `json:"level,omitempty"` // heading: 1 to 6; item: depth of its list, from 1
	Heading  int    `json:"heading"`         // index of the heading block that governs this one, -1 if none; for a heading, its parent
	Span     Span   `json:"span"`
	Anchor   string `json:"anchor,omitempty"`   // id in the source, without '#'
	Language string `json:"language,omitempty"` // set only where it differs from the document's
	Place    *Place `json:"place,omitempty"`    // cells only
	Links    []Link `json:"links,omitempty"`
}

// A Document is what a source says: one canonical text (Unicode NFC, LF line ends) and the blocks within it.
// Blocks are in text order and do not overlap. They are separated in Text by "\n", cells of one row by "\t".
// Everything that points into a document does so by Span and never carries a copy of the words.
type Document struct {
	Language      string   `json:"language"`                 // BCP 47, "und" if it could not be told
	Title         string   `json:"title,omitempty"`          // from the source's title or first heading
	EffectiveDate string   `json:"effective_date,omitempty"` // YYYY-MM-DD as the text states it
	Text          string   `json:"text"`
	Blocks        []Block  `json:"blocks"`
	Warnings      []string `json:"warnings,omitempty"` // what could not be read, in words for a person
}

// Quote is the text within s, or "" if s does not lie within the document.
func (d *Document) Quote(s Span) string {
	if s.Start < 0 || s.End > len(d.Text) || s.Start > s.End {
		return ""
	}
	return d.Text[s.Start:s.End]
}

// Headings are the texts of the headings above block i, outermost first; the block itself is not among them.
func (d *Document) Headings(i int) []string {
	var up []string
	for h := d.Blocks[i].Heading; h >= 0; h = d.Blocks[h].Heading {
		up = append(up, d.Quote(d.Blocks[h].Span))
	}
	for l, r := 0, len(up)-1; l < r; l, r = l+1, r-1 {
		up[l], up[r] = up[r], up[l]
	}
	return up
}

// Words is the number of words in the text, by white space.
func (d *Document) Words() int { return len(strings.Fields(d.Text)) }
