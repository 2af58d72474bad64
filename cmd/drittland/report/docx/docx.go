// Package docx writes Word documents (Office Open XML, ECMA-376): headings, paragraphs, lists, tables, links, a footer
// with page numbers, comments and tracked changes. The same inputs give the same bytes: all times are the caller's.
//
// Text may be hostile. What XML cannot hold and what would turn the direction of a line is dropped, everything else is
// escaped, links lead to the web, to mail or within the document only, and the size is bounded.
package docx

import (
	"bytes"
	"errors"
	"fmt"
	"time"
)

// Bounds of one document.
const (
	maxBody     = 64 << 20 // bytes of word/document.xml and of word/comments.xml
	maxComments = 10_000
	maxLink     = 2_048  // bytes of an address; a longer one is shown as text
	maxLinks    = 20_000 // addresses; further ones are shown as text
	maxName     = 255    // characters of a title or another property
)

// MaxColumns is how many columns a table may have, since Word shows no more.
const MaxColumns = 63

// ErrTooBig says that a document grew beyond what an office program opens.
var ErrTooBig = errors.New("the document is too big for a DOCX file")

// Properties are what a document says about itself. The zero value works.
type Properties struct {
	Title, Subject, Creator string
	Language                string    // BCP 47, of the document's own words; "" is English
	Created                 time.Time // of the document, in its properties; none if zero
	Footer                  string    // at the left of each page's end
	Pages                   string    // at its right: "Page %s of %s", of which the first is the page; no numbers if ""
}

// A Document is a document in the making. Use New, Add and Write.
type Document struct {
	p        Properties
	body     bytes.Buffer
	comments bytes.Buffer
	opened   []bool // by comment
	closed   []bool
	links    []string
	linkIDs  map[string]int
	lists    int // numbered lists
	ids      int // of revisions and bookmarks
	err      error
}

// New begins a document.
func New(p Properties) *Document {
	if p.Language == "" {
		p.Language = "en"
	}
	return &Document{p: p, linkIDs: map[string]int{}}
}

// A List is the list that a paragraph is an item of.
type List int

// The lists that are always there. Numbered gives further ones.
const (
	NoList  List = 0
	Bullets List = 1
)

// Numbered begins a numbered list, which counts from 1.
func (d *Document) Numbered() List {
	d.lists++
	return Bullets + List(d.lists)
}

// A Look is how a paragraph looks: its style, and the list that it is an item of, with the depth from 0 to 8.
type Look struct {
	Style Style
	List  List
	Depth int
}

// A Block is a Paragraph, a Table or a Grid.
type Block interface{ write(*Document) }

// A Paragraph is one paragraph. Heading styles make it a heading.
type Paragraph struct {
	Look
	Runs        []Run
	RightToLeft bool
	NewPage     bool      // begins a page
	KeepNext    bool      // stays on the page of the next paragraph
	Bookmark    string    // name that links within the document lead to: letters, digits and _
	Mark        *Revision // if its end was inserted or deleted, so that it is a paragraph of its own in one version only
	Was         *Restyled // if it looked otherwise before
}

// Restyled is a tracked change of a paragraph's look.
type Restyled struct {
	Look
	Revision
}

// A Run is a stretch of text with one look and one fate. Tabs and line feeds are kept.
type Run struct {
	Text                          string
	Bold, Italic, Code, Highlight bool
	Link                          string    // https:, http:, mailto: or #bookmark; others are left out
	Language                      string    // BCP 47, if it is not the document's
	Revision                      *Revision // if it was inserted or deleted
	Opens, Closes                 []int     // comments whose words begin or end with this run
}

// Change is what a revision did.
type Change int

// What revisions do.
const (
	Inserted Change = iota + 1
	Deleted
)

// A Revision is who changed something, when, and how. Restyled needs no Change.
type Revision struct {
	Change Change
	Author string
	Date   time.Time
}

// A Table is a table over the width of the page.
type Table struct {
	Widths []int // of the columns, in shares; at most 63
	Header bool  // the first row is one, and is repeated on each page
	Rows   [][]Cell
}

// A Cell is what stands in one cell of a table.
type Cell []Paragraph

// A Grid is a table whose rows may be tracked: columns of one width, the last cell of a short row as wide as what is left.
type Grid struct {
	Columns int // 1 to MaxColumns
	Rows    []Row
}

// A Row is a row of a Grid, of one cell at least.
type Row struct {
	Cells []Cell
	Mark  *Revision // if the row was inserted or deleted; its words and the ends of its paragraphs are tracked, too
}

// A Comment stands in the margin. Open and close it with runs.
type Comment struct {
	Author, Initials string
	Date             time.Time
	Paragraphs       []Paragraph // of plain runs, without revisions or comments
}

// Add appends blocks. What goes wrong is said by Write.
func (d *Document) Add(blocks ...Block) {
	for _, b := range blocks {
		if d.err == nil {
			b.write(d)
		}
		if d.body.Len() > maxBody {
			d.fail(ErrTooBig)
		}
	}
}

// Text appends a paragraph of one run.
func (d *Document) Text(s Style, text string) {
	d.Add(Paragraph{Look: Look{Style: s}, Runs: []Run{{Text: text}}})
}

// Heading appends a heading of a level from 1 to 6.
func (d *Document) Heading(level int, text string) { d.Text(Heading(level), text) }

// Item appends an item of a list.
func (d *Document) Item(l List, depth int, runs ...Run) {
	d.Add(Paragraph{Look: Look{ListItem, l, depth}, Runs: runs})
}

// Comment takes up a comment and gives its number for Opens and Closes. Each must be opened and closed once.
func (d *Document) Comment(c Comment) int {
	id := len(d.opened)
	d.opened, d.closed = append(d.opened, false), append(d.closed, false)
	if id >= maxComments || d.comments.Len() > maxBody {
		d.fail(ErrTooBig)
		return id
	}
	b := &d.comments
	fmt.Fprintf(b, `<w:comment w:id="%d" w:author="%s"%s w:initials="%s">`, id, escape(Line(c.Author)), date(c.Date), escape(Line(c.Initials)))
	if len(c.Paragraphs) == 0 {
		c.Paragraphs = []Paragraph{{}}
	}
	for i, p := range c.Paragraphs {
		b.WriteString(`<w:p><w:pPr><w:pStyle w:val="` + string(commentText) + `"/></w:pPr>`)
		if i == 0 {
			b.WriteString(`<w:r><w:rPr><w:rStyle w:val="CommentReference"/></w:rPr><w:annotationRef/></w:r>`)
		}
		for j := range p.Runs {
			writeRun(b, &p.Runs[j], false)
		}
		b.WriteString(`</w:p>`)
	}
	b.WriteString(`</w:comment>`)
	return id
}

func (d *Document) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

// nextID numbers revisions and bookmarks.
func (d *Document) nextID() int {
	d.ids++
	return d.ids
}
