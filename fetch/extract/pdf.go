package extract

// This file reads PDF: it decides whether a file can be read and by whom, and in which of two ways. Files that name
// their structure are read as they name it; of others the structure is told from how the pages look.

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/drittland/drittland/fetch/extract/pdf"
)

// A Helper is a program that reads PDF. It is asked only about files that the built-in reader cannot read well.
type Helper struct {
	Name  string                           // name and version, such as "pdftotext/24.02.0"; it becomes part of the name of the reader
	Words func(pdf []byte) ([]byte, error) // what `pdftotext -bbox-layout` writes; the caller bounds time and size

	// Always asks about every PDF: to compare its text with one that the helper read.
	Always bool
}

const (
	mayUnread    = 50 // one character in so many may be unknown before another reader is asked
	scannedWords = 10 // on a page; below it is a picture, if there is one
	minTagged    = 97 // percent of the letters that a structure must name to be trusted
)

// readPDF reads body into b and says what the file says of itself, and names the helper if it was the helper's reading
// that was taken.
func readPDF(b *builder, body []byte, opt Options) (a about, err error) {
	doc, err := pdf.Read(body, pdf.Limits{Characters: 100 * opt.MaxBlocks})
	if errors.Is(err, pdf.ErrTooBig) {
		return a, ErrTooBig{What: "pages, or what would fill as many", Limit: 2000}
	}
	weak := weakness(doc)
	if opt.PDF != nil && (weak != "" || opt.PDF.Always) && !errors.Is(err, pdf.ErrEncrypted) {
		if helped := help(doc, body, opt); helped != nil && wordsOf(helped) > 0 {
			doc, err, weak, a.helper = helped, nil, "", opt.PDF.Name
		}
	}
	if err := refusePDF(doc, weak, err); err != nil {
		return a, err
	}
	if weak != "" {
		b.warn("the PDF could be read in part only: " + weak)
	}
	r := newPDFReader(b, doc)
	if r.tagged() {
		r.elements(doc.Tree)
		r.end()
	} else {
		b.bare = true
		r.layout()
	}
	a.title, a.language = doc.Title, doc.Language
	return a, nil
}

// refusePDF is why no text is to be had of a file, nil if it is.
func refusePDF(doc *pdf.Document, weak string, err error) error {
	switch {
	case errors.Is(err, pdf.ErrEncrypted):
		return ErrUnreadable{"PDF", Encrypted, "it is encrypted"}
	case err != nil:
		return ErrUnreadable{"PDF", Damaged, "it is damaged: no page is to be found in it"}
	}
	words, pages := wordsOf(doc), len(doc.Pages)
	switch {
	case words < scannedWords*pages && doc.Images > 0:
		return ErrUnreadable{"PDF", Scanned, fmt.Sprintf("it is scanned: %s with pictures, and %s", count(pages, "page"), count(words, "word"))}
	case words == 0 && doc.Broken:
		return ErrUnreadable{"PDF", Damaged, "it is damaged: nothing of its " + count(pages, "page") + " can be read"}
	case words == 0:
		return ErrUnreadable{"PDF", Scanned, "it holds no text: " + count(pages, "page") + " without words"}
	case doc.Unread*2 > lettersOf(doc):
		return ErrUnreadable{"PDF", Coded, weak}
	}
	return nil
}

func count(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}

// weakness says what the built-in reader cannot read well in a file, "" if there is nothing.
func weakness(doc *pdf.Document) string {
	if doc == nil {
		return "no page is to be found in it"
	}
	letters, backward := 0, 0
	for i := range doc.Pages {
		for _, p := range doc.Pages[i].Pieces {
			for _, c := range p.Text {
				if unicode.IsLetter(c) {
					letters++
				}
				if unicode.In(c, unicode.Arabic, unicode.Hebrew) {
					backward++
				}
			}
		}
	}
	switch {
	case doc.Unread*mayUnread > letters+doc.Unread:
		return fmt.Sprintf("of %d characters the file does not say which they are", doc.Unread)
	case doc.Broken:
		return "a part of it is packed in a way that is not known, or damaged"
	case backward*5 > letters:
		return "its script runs from right to left, and the order of its words is uncertain"
	}
	return ""
}

func wordsOf(doc *pdf.Document) (n int) {
	for i := range doc.Pages {
		for _, p := range doc.Pages[i].Pieces {
			n += wordCount(p.Text)
		}
	}
	return n
}

func lettersOf(doc *pdf.Document) (n int) {
	for i := range doc.Pages {
		for _, p := range doc.Pages[i].Pieces {
			n += len([]rune(p.Text))
		}
	}
	return n
}

// A pdfReader makes blocks of the pieces of a file.
type pdfReader struct {
	b       *builder
	doc     *pdf.Document
	words   map[string]bool // that stand in the file unbroken, in lower case, with their hyphens
	body    float64         // size of most of the text
	levels  map[int]int     // of headings, by ten times their size
	last    *pdf.Piece      // the last that was written to the run
	link    string          // that is open
	depth   int             // of lists
	item    int             // as in walker
	single  bool            // within a table cell or a heading
	marks   map[[2]int][]int
	heading bool // the structure names headings
}

func newPDFReader(b *builder, doc *pdf.Document) *pdfReader {
	r := &pdfReader{b: b, doc: doc, words: map[string]bool{}, marks: map[[2]int][]int{}}
	sizes := map[int]int{}
	for n := range doc.Pages {
		for i := range doc.Pages[n].Pieces {
			p := &doc.Pages[n].Pieces[i]
			p.Text = cleanPiece(p.Text)
			sizes[sizeKey(p.Size)] += len(p.Text)
			if p.Mark >= 0 {
				at := [2]int{n, p.Mark}
				r.marks[at] = append(r.marks[at], i)
			}
			fields := strings.Fields(strings.ToLower(p.Text))
			for i, w := range fields {
				if w = strings.TrimFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' }); i < len(fields)-1 || !strings.HasSuffix(w, "-") {
					r.words[w] = true
				}
			}
		}
	}
	most := 0
	for k, n := range sizes {
		if n > most || n == most && k < sizeKey(r.body) {
			most, r.body = n, float64(k)/2
		}
	}
	return r
}

// sizeKey is a size of a font in half points.
func sizeKey(size float64) int { return int(size*2 + 0.5) }

// cleanPiece folds ligatures and the forms of letters that only fonts know, and makes bullets of the marks that symbol
// fonts put in the private area.
func cleanPiece(s string) string {
	plain := true
	for _, c := range s {
		if c >= 0xe000 && c <= 0xfeff || c == 0xad {
			plain = false
		}
	}
	if plain {
		return s
	}
	var out strings.Builder
	for _, c := range s {
		switch {
		case 0xfb00 <= c && c <= 0xfdff, 0xfe70 <= c && c <= 0xfefc:
			out.WriteString(normalForm(c))
		case 0xf000 <= c && c <= 0xf0ff:
			out.WriteRune('•')
		case 0xe000 <= c && c <= 0xf8ff:
		default:
			out.WriteRune(c)
		}
	}
	return out.String()
}

// end makes a block of what was written.
func (r *pdfReader) end() {
	if r.single {
		r.stop()
		r.b.run.endLine()
		return
	}
	s := paragraph
	if r.item > 0 {
		s = shape{kind: itemKind, level: r.item}
	}
	if len(r.b.run.text) > 0 {
		r.item = 0
	}
	r.flush(s)
}

// flush makes a block of the given shape.
func (r *pdfReader) flush(s shape) {
	r.stop()
	r.b.flush(s)
}

// stop closes what is open in the run.
func (r *pdfReader) stop() {
	if r.link != "" {
		r.b.run.closeLink()
		r.link = ""
	}
	r.last = nil
}

// write adds a piece to the run.
func (r *pdfReader) write(p *pdf.Piece) {
	run := &r.b.run
	text := p.Text
	if l := r.last; l != nil {
		below := l.Y-p.Y > 0.6*max(l.Size, p.Size) || p.Y-l.Y > 1.5*p.Size
		switch gap := p.X - l.X - l.Width; {
		case below && r.joinHyphen(text):
		case below, gap > 0.16*p.Size:
			run.space = true
		}
	}
	if p.Link != r.link {
		if r.link != "" {
			run.closeLink()
		}
		if r.link = p.Link; r.link != "" {
			run.openLink(strings.ToValidUTF8(r.link, "\ufffd"))
		}
	}
	if p.Bold {
		run.strong++
	}
	run.write(strings.ReplaceAll(strings.TrimSuffix(text, "\u00ad"), "\u00ad", ""))
	if strings.HasSuffix(text, "\u00ad") { // a mark for joinHyphen
		run.put("\u00ad")
	}
	if p.Bold {
		run.strong--
	}
	r.last = p
}
