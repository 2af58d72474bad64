package extract

// This file tells the structure of a PDF from how its pages look: lines, boxes of lines, and what repeats on each page.

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/drittland/drittland/fetch/extract/pdf"
)

// A segment is text on one line without a wide gap.
type segment struct {
	page           int
	x0, x1, y      float64
	size           float64
	pieces         []*pdf.Piece
	bold, artifact bool
}

func (s *segment) text() string {
	var out strings.Builder
	for i, p := range s.pieces {
		if i > 0 && p.X-s.pieces[i-1].X-s.pieces[i-1].Width > 0.16*p.Size {
			out.WriteByte(' ')
		}
		out.WriteString(p.Text)
	}
	return strings.TrimSpace(out.String())
}

// A box is lines below each other that belong together: a paragraph, a heading, an item, a cell.
type box struct {
	lines  []*segment
	x0, x1 float64
	bullet bool // it begins with the mark of an item, which stands apart
}

func (b *box) first() *segment { return b.lines[0] }
func (b *box) last() *segment  { return b.lines[len(b.lines)-1] }
func (b *box) top() float64    { return b.first().y + 0.8*b.first().size }
func (b *box) bottom() float64 { return b.last().y - 0.25*b.last().size }

// layout reads all pages.
func (r *pdfReader) layout() {
	var pages [][]*segment
	for n := range r.doc.Pages {
		pages = append(pages, inOrder(segments(n, &r.doc.Pages[n])))
	}
	r.dropRunning(pages)
	pitch := linePitch(pages)
	r.levels = r.headingLevels(func(each func(float64)) {
		for _, page := range pages {
			for _, s := range page {
				each(s.size)
			}
		}
	})
	var parts []part
	for n, page := range pages {
		parts = joinPages(parts, partsOf(boxes(page, pitch), r.doc.Pages[n].Height))
	}
	r.emitParts(parts)
}

// segments joins the pieces of a page that stand side by side.
func segments(n int, page *pdf.Page) []*segment {
	var out []*segment
	for i := range page.Pieces {
		p := &page.Pieces[i]
		if strings.TrimSpace(p.Text) == "" {
			continue
		}
		if len(out) > 0 {
			s := out[len(out)-1]
			gap := p.X - s.x1
			wide := 1.0
			if len(s.pieces) == 1 && (isBullet(s.pieces[0].Text) || isNumber(s.pieces[0].Text)) {
				wide = 4
			}
			if math.Abs(p.Y-s.y) < 0.45*max(s.size, p.Size) && gap > -0.5*p.Size && gap < wide*max(s.size, p.Size) && p.Artifact == s.artifact {
				if len(s.pieces) == 1 && s.pieces[0].Text == "o" && gap > 0.3*p.Size { // Word's second bullet
					s.pieces[0].Text = "◦"
				}
				s.add(p)
				continue
			}
		}
		out = append(out, &segment{page: n, x0: p.X, x1: p.X + p.Width, y: p.Y, size: p.Size, pieces: []*pdf.Piece{p}, bold: p.Bold, artifact: p.Artifact})
	}
	return out
}

func (s *segment) add(p *pdf.Piece) {
	if len(p.Text) > 2 && p.Size > s.size { // a small mark before a line does not lower it
		s.y = p.Y
	}
	s.pieces = append(s.pieces, p)
	s.x1 = max(s.x1, p.X+p.Width)
	s.size = max(s.size, p.Size)
	s.bold = s.bold && p.Bold
}

// isNumber reports whether s is the number of a heading or an item and nothing else.
func isNumber(s string) bool {
	return len(s) < 10 && numberMark().MatchString(s+" ") && len(numberMark().FindString(s+" ")) == len(s)+1
}

// inOrder is the order in which the segments were drawn, unless they were drawn in disorder: then from the top down.
func inOrder(list []*segment) []*segment {
	up := 0
	for i := 1; i < len(list); i++ {
		if a, b := list[i-1], list[i]; b.y > a.y+0.5*a.size && b.x0 < a.x1 {
			up++
		}
	}
	if up < 4 || up*8 < len(list) {
		return list
	}
	slices.SortStableFunc(list, func(a, b *segment) int {
		if math.Abs(a.y-b.y) < 0.3*min(a.size, b.size) {
			return cmp.Compare(a.x0, b.x0)
		}
		return -cmp.Compare(a.y, b.y)
	})
	return list
}

// linePitch is how far lines stand from the one before within a paragraph, in sizes of their type.
func linePitch(pages [][]*segment) float64 {
	counts := map[int]int{}
	for _, page := range pages {
		for i := 1; i < len(page); i++ {
			a, b := page[i-1], page[i]
			if d := (a.y - b.y) / b.size; math.Abs(a.size-b.size) < 0.5 && d > 0.9 && d < 2.6 && b.x0 < a.x1 && len(b.pieces[0].Text) > 20 {
				counts[int(d*20)]++
			}
		}
	}
	most := 0
	for _, n := range counts {
		most = max(most, n)
	}
	for d := 18; d < 52; d++ { // where most paragraphs have one line, most lines stand a paragraph's gap apart
		if n := counts[d] + counts[d+1]; n > 0 && 4*n >= most {
			return float64(d+2) / 20
		}
	}
	return 1.25
}

// dropRunning takes away what is not part of the text: what the file calls an artifact, and lines at the top and the
// bottom that repeat on many pages but for their numbers.
func (r *pdfReader) dropRunning(pages [][]*segment) {
	type line struct {
		text  string
		place int
	}
	seen := map[line]int{}
	key := func(s *segment) (line, bool) {
		h := r.doc.Pages[s.page].Height
		if s.y > 0.1*h && s.y < 0.9*h {
			return line{}, false
		}
		return line{withoutNumbers(s.text()), int(s.y / 12)}, true
	}
	for _, page := range pages {
		here := map[line]bool{}
		for _, s := range page {
			if k, ok := key(s); ok && !here[k] {
				here[k] = true
				seen[k]++
			}
		}
	}
	for n, page := range pages {
		pages[n] = slices.DeleteFunc(page, func(s *segment) bool {
			if s.artifact {
				return true
			}
			k, ok := key(s)
			if !ok {
				return false
			}
			times := seen[k]
			for _, d := range [...]int{-1, 1} { // pages are not always cut alike
				times += seen[line{k.text, k.place + d}]
			}
			return times >= 3 && 2*times >= len(pages)-1 || times >= 2 && len(pages) <= 4 && len(pages) > 1 || isPageNumber(s.text()) && len(pages) > 1
		})
	}
}

// withoutNumbers is s with each number as one sign.
func withoutNumbers(s string) string {
	var out strings.Builder
	digit := false
	for _, c := range s {
		if unicode.IsDigit(c) {
			if !digit {
				out.WriteByte('#')
			}
			digit = true
			continue
		}
		digit = false
		out.WriteRune(unicode.ToLower(c))
	}
	return out.String()
}

var pageNumber = lazily(`(?i)^[-–—|\s]*(?:(?:page|seite|pagina|página|strona|strana|sida|side|sivu|oldal|стр\.?|p\.)\s*)?(?:\d{1,4}|[ivxl]{1,6})(?:\s*(?:/|of|von|de|sur|di|van|z|av|af)\s*\d{1,4})?[-–—|\s]*$`)

func isPageNumber(s string) bool { return pageNumber().MatchString(s) }

// boxes groups the lines of a page.
func boxes(list []*segment, pitch float64) []*box {
	right := 0.0
	for _, s := range list {
		right = max(right, s.x1)
	}
	var out []*box
	for _, s := range list {
		text := s.text()
		bullet := isBullet(s.pieces[0].Text) && len(s.pieces) > 1 || bulletLength([]byte(text)) > 0
		if len(out) > 0 && !bullet && out[len(out)-1].takes(s, text, pitch, right) {
			b := out[len(out)-1]
			b.lines = append(b.lines, s)
			b.x0, b.x1 = min(b.x0, s.x0), max(b.x1, s.x1)
			continue
		}
		out = append(out, &box{lines: []*segment{s}, x0: s.x0, x1: s.x1, bullet: bullet})
	}
	return out
}

// takes reports whether the line s goes on in the box.
func (b *box) takes(s *segment, text string, pitch, right float64) bool {
	l := b.last()
	down := (l.y - s.y) / max(s.size, l.size)
	if down < 0.5 || down > max(pitch, 1)*1.25 || math.Abs(l.size-s.size) > 0.08*s.size || s.x0 > b.x1 || s.x1 < b.x0 {
		return false
	}
	before := l.text()
	stopped := strings.HasSuffix(before, ".") || strings.HasSuffix(before, ";") || strings.HasSuffix(before, ":") || strings.HasSuffix(before, "!") || strings.HasSuffix(before, "?")
	short := l.x1 < b.first().x0+0.8*(right-b.first().x0)
	switch {
	case leader().MatchString(before): // an entry of a table of contents
		return false
	case s.x0 < b.first().x0-0.5*s.size && (b.bullet || numberMark().MatchString(b.first().text())): // left of the item's mark
		return false
	case l.bold != s.bold && (short || stopped || s.bold):
		return false
	case numberMark().MatchString(text) && (stopped || short), short && (strings.HasSuffix(before, ";") || strings.HasSuffix(before, ":")):
		return false
	case stopped && startsUpper(text) && (short || s.x0 > l.x0+0.8*s.size):
		return false
	case s.x0 > l.x0+3*s.size && !b.bullet && len(b.lines) > 1:
		return false
	}
	return true
}
