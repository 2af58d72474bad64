package search

// The index of some terms: each passage once, with the versions that hold it.

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/snapshots"
)

// An Index is the passages of all versions of some terms.
type Index struct {
	lines    []Line
	sources  []string // "" for the policy itself, else the addresses of linked pages
	passages []passage
	folded   []byte         // of each passage a space, its words with a space behind each, and a line feed
	known    map[string]int // while it is made: line, source and words → passage
}

// A Line is the versions of the wanted text, or of a variant that came in its place.
type Line struct {
	Name     string // "" for the wanted text
	Versions []Version
}

// A Version is one version in a line. Its number is its place there, from 1.
type Version struct {
	ID       string
	Date     time.Time
	Language string
}

// A passage is a paragraph, an item, a heading or a row of a table.
type passage struct {
	line, source int
	span         snapshots.Span // in the text of the first version that holds it
	runs         []Run
}

// A Run is versions that follow one another, by number, both included.
type Run struct {
	First int `json:"first"`
	Last  int `json:"last"`
}

// A Text is one document of a version.
type Text struct {
	Source   string // "" for the policy itself, else the address of the linked page
	Document *snapshots.Document
}

// Covers gives how many versions of each line the index holds already; ok is false if it holds others than lines say, and must be made anew.
func (x *Index) Covers(lines []Line) (have []int, ok bool) {
	have = make([]int, len(lines))
	if len(x.lines) > len(lines) {
		return have, false
	}
	for i, l := range x.lines {
		if l.Name != lines[i].Name || len(l.Versions) > len(lines[i].Versions) {
			return have, false
		}
		for j, v := range l.Versions {
			if v.ID != lines[i].Versions[j].ID {
				return have, false
			}
		}
		have[i] = len(l.Versions)
	}
	return have, true
}

// Add adds the next version of a line with its texts. Lines come in order.
func (x *Index) Add(line int, name string, v Version, texts []Text) {
	x.learn()
	for len(x.lines) <= line {
		x.lines = append(x.lines, Line{})
	}
	x.lines[line].Name = name
	x.lines[line].Versions = append(x.lines[line].Versions, v)
	for _, t := range texts {
		source := slices.Index(x.sources, t.Source)
		if source < 0 {
			source = len(x.sources)
			x.sources = append(x.sources, t.Source)
		}
		for s, ws := range Passages(t.Document) {
			x.put(line, source, s, ws)
		}
	}
}

// Passages are the passages of a document that have words, with these.
func Passages(d *snapshots.Document) iter.Seq2[snapshots.Span, []Word] {
	return func(yield func(snapshots.Span, []Word) bool) {
		for _, s := range spans(d) {
			if ws := Words(d.Quote(s)); len(ws) > 0 && !yield(s, ws) {
				return
			}
		}
	}
}

// spans are the passages of a document: its blocks, the cells of one row together.
func spans(d *snapshots.Document) []snapshots.Span {
	var out []snapshots.Span
	for i := 0; i < len(d.Blocks); i++ {
		s := d.Blocks[i].Span
		if p := d.Blocks[i].Place; p != nil {
			for i+1 < len(d.Blocks) && d.Blocks[i+1].Place != nil && d.Blocks[i+1].Place.Table == p.Table && d.Blocks[i+1].Place.Row == p.Row {
				i++
				s.End = max(s.End, d.Blocks[i].Span.End)
			}
		}
		out = append(out, s)
	}
	return out
}

// put notes that the last version of a line holds a passage.
func (x *Index) put(line, source int, s snapshots.Span, ws []Word) {
	var b strings.Builder
	b.WriteByte(' ')
	for _, w := range ws {
		b.WriteString(w.Fold)
		b.WriteByte(' ')
	}
	b.WriteByte('\n')
	number := len(x.lines[line].Versions)
	key := passageKey(line, source, b.String())
	i, ok := x.known[key]
	if !ok {
		x.known[key] = len(x.passages)
		x.passages = append(x.passages, passage{line, source, s, []Run{{number, number}}})
		x.folded = append(x.folded, b.String()...)
		return
	}
	runs := x.passages[i].runs
	switch last := &runs[len(runs)-1]; number {
	case last.Last: // twice in one text
	case last.Last + 1:
		last.Last = number
	default:
		x.passages[i].runs = append(runs, Run{number, number})
	}
}

func passageKey(line, source int, folded string) string {
	return fmt.Sprintf("%d %d%s", line, source, folded)
}

// learn makes known the passages that the index holds.
func (x *Index) learn() {
	if x.known != nil {
		return
	}
	x.known = make(map[string]int, len(x.passages))
	rest := x.folded
	for i, p := range x.passages {
		n := bytes.IndexByte(rest, '\n') + 1
		x.known[passageKey(p.line, p.source, string(rest[:n]))] = i
		rest = rest[n:]
	}
}

// format is the first byte of a packed index. Another way of cutting or folding is another format.
const format = 1

// Pack is x as bytes.
func (x *Index) Pack() []byte {
	out := binary.AppendUvarint([]byte{format}, uint64(len(x.folded)))
	out = append(out, x.folded...)
	number := func(n int) { out = binary.AppendUvarint(out, uint64(n)) }
	words := func(s string) { number(len(s)); out = append(out, s...) }
	number(len(x.lines))
	for _, l := range x.lines {
		words(l.Name)
		number(len(l.Versions))
		for _, v := range l.Versions {
			words(v.ID)
			out = binary.AppendVarint(out, v.Date.Unix())
			words(v.Language)
		}
	}
	number(len(x.sources))
	for _, s := range x.sources {
		words(s)
	}
	number(len(x.passages))
	for _, p := range x.passages {
		for _, n := range []int{p.line, p.source, p.span.Start, p.span.Len(), len(p.runs)} {
			number(n)
		}
		at := 0
		for _, r := range p.runs {
			number(r.First - at)
			number(r.Last - r.First)
			at = r.Last
		}
	}
	return out
}

// errPacked says that bytes are no packed index, or one of another format.
var errPacked = errors.New("no index of passages")

// A Packed index can be searched. What it holds of passages is read when one is found.
type Packed struct{ folded, rest []byte }

// Open opens what Pack gave.
func Open(b []byte) (*Packed, error) {
	if len(b) == 0 || b[0] != format {
		return nil, errPacked
	}
	n, size := binary.Uvarint(b[1:])
	if size <= 0 || n > uint64(len(b)-1-size) {
		return nil, errPacked
	}
	b = b[1+size:]
	return &Packed{b[:n], b[n:]}, nil
}

// Unpack reads all of it.
func (p *Packed) Unpack() (*Index, error) {
	r := &unpacker{rest: p.rest}
	x := &Index{folded: p.folded}
	for range r.count() {
		l := Line{Name: r.words()}
		for range r.count() {
			l.Versions = append(l.Versions, Version{r.words(), time.Unix(r.signed(), 0).UTC(), r.words()})
		}
		x.lines = append(x.lines, l)
	}
	for range r.count() {
		x.sources = append(x.sources, r.words())
	}
	n := r.count()
	x.passages = make([]passage, 0, n)
	for range n {
		q := passage{line: r.number(), source: r.number()}
		q.span.Start = r.number()
		q.span.End = q.span.Start + r.number()
		at := 0
		for range r.count() {
			first := at + r.number()
			at = first + r.number()
			q.runs = append(q.runs, Run{first, at})
		}
		if r.bad || !x.fits(&q) {
			return nil, errPacked
		}
		x.passages = append(x.passages, q)
	}
	if r.bad || len(r.rest) > 0 || bytes.Count(x.folded, []byte{'\n'}) != len(x.passages) {
		return nil, errPacked
	}
	return x, nil
}

// fits reports whether a passage stands in versions that there are.
func (x *Index) fits(p *passage) bool {
	if p.line >= len(x.lines) || p.source >= len(x.sources) || len(p.runs) == 0 || p.span.End < p.span.Start {
		return false
	}
	return p.runs[0].First >= 1 && p.runs[len(p.runs)-1].Last <= len(x.lines[p.line].Versions)
}

// An unpacker reads what is packed; bad is set once and for all.
type unpacker struct {
	rest []byte
	bad  bool
}

func (r *unpacker) number() int {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 || n > 1<<31 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return int(n)
}

// count is the number of things that follow, each of which takes at least a byte.
func (r *unpacker) count() int {
	n := r.number()
	if n > len(r.rest) {
		r.bad, r.rest = true, nil
		return 0
	}
	return n
}

func (r *unpacker) signed() int64 {
	n, size := binary.Varint(r.rest)
	if size <= 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *unpacker) words() string {
	n := r.count()
	s := string(r.rest[:n])
	r.rest = r.rest[n:]
	return s
}
