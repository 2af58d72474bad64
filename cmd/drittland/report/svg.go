package report

// SVG: a small writer of elements over encoding/xml, which escapes all that is written.

import (
	"encoding/xml"
	"io"
	"strconv"

	"github.com/jedib0t/go-pretty/v6/text"
)

// A canvas writes SVG elements. The first error stays in err.
type canvas struct {
	enc  *xml.Encoder
	open []string // names of the elements that are not closed yet
	err  error
}

func newCanvas(w io.Writer) *canvas {
	c := &canvas{enc: xml.NewEncoder(w)}
	c.enc.Indent("", " ")
	return c
}

func (c *canvas) token(t xml.Token) {
	if c.err == nil {
		c.err = c.enc.EncodeToken(t)
	}
}

// begin opens an element; attr are names and values in turn.
func (c *canvas) begin(name string, attr ...string) {
	e := xml.StartElement{Name: xml.Name{Local: name}}
	for i := 0; i+1 < len(attr); i += 2 {
		e.Attr = append(e.Attr, xml.Attr{Name: xml.Name{Local: attr[i]}, Value: attr[i+1]})
	}
	c.token(e)
	c.open = append(c.open, name)
}

// end closes the element opened last.
func (c *canvas) end() {
	n := len(c.open) - 1
	c.token(xml.EndElement{Name: xml.Name{Local: c.open[n]}})
	c.open = c.open[:n]
}

// words writes an element that holds s.
func (c *canvas) words(name, s string, attr ...string) {
	c.begin(name, attr...)
	c.token(xml.CharData(Line(s)))
	c.end()
}

// draw writes an element with a title, which a pointer shows; none if it is empty.
func (c *canvas) draw(title, name string, attr ...string) {
	c.begin(name, attr...)
	if title != "" {
		c.words("title", title)
	}
	c.end()
}

// text writes s at a place.
func (c *canvas) text(x, y float64, s string, attr ...string) {
	c.words("text", s, append([]string{"x", px(x), "y", px(y)}, attr...)...)
}

// flush ends what was written.
func (c *canvas) flush() error {
	for len(c.open) > 0 && c.err == nil {
		c.end()
	}
	if c.err == nil {
		c.err = c.enc.Close()
	}
	return c.err
}

// px is a length with at most one decimal.
func px(v float64) string {
	s := strconv.FormatFloat(v, 'f', 1, 64)
	if n := len(s) - 2; s[n:] == ".0" {
		s = s[:n]
	}
	return s
}

// advance is how wide s is at most in a sans-serif font of a size, measured by the widest of those in use.
func advance(s string, size float64) float64 {
	sum := 0.0
	for _, r := range s {
		switch {
		case text.RuneWidth(r) > 1:
			sum += 1.05
		case r < 0x80:
			sum += float64(ascii[r]) / 100
		default:
			sum += .67
		}
	}
	return sum * size
}

// ascii are advances of the characters of ASCII in hundredths of the size.
var ascii = func() (w [128]byte) {
	for i := range w {
		switch {
		case 'A' <= i && i <= 'Z':
			w[i] = 72
		default:
			w[i] = 64
		}
	}
	for set, v := range map[string]byte{"il'|Ij.,:;!": 36, " ft()[]/-": 42, "mwMW@%&+": 98, "r": 43, "OQGDHN": 80, "csz?_": 56} {
		for _, r := range set {
			w[r] = v
		}
	}
	return w
}()

// within cuts s to a width.
func within(s string, size, width float64) string {
	if advance(s, size) <= width {
		return s
	}
	r := []rune(s)
	for len(r) > 0 && advance(string(r)+"…", size) > width {
		r = r[:len(r)-1]
	}
	return string(r) + "…"
}
