package pdf

// This file follows the operators that draw a page, as far as they place text.

import (
	"bytes"
	"math"
)

type matrix [6]float64

var identity = matrix{1, 0, 0, 1, 0, 0}

// times is m followed by n.
func (m matrix) times(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3],
		m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5]}
}

func (m matrix) apply(x, y float64) (float64, float64) {
	return m[0]*x + m[2]*y + m[4], m[1]*x + m[3]*y + m[5]
}

// state is the part of the graphics state that matters to text.
type state struct {
	ctm                                              matrix
	font                                             *font
	size, charSpace, wordSpace, scale, leading, rise float64
	mode                                             int
}

// A mark is marked content that is open.
type mark struct {
	id       int
	artifact bool
	actual   *string // what stands in place of what is drawn, nil if nothing does
}

type painter struct {
	f     *file
	fonts map[ref]*font
	state
	stack   []state
	tm, tlm matrix
	marks   []mark
	deeper  int // marks open beyond those that are kept
	links   []Link
	path    shape
	dots    []shape
	out     []Piece
	hidden  []Piece // drawn with no ink
	cur     Piece
	text    []byte
	curFont *font
	curMode int
	unread  int
	images  int
	broken  bool
	upright matrix
	w, h    float64
	depth   int
}

const maxStack = 1000

func (f *file) newPainter(page dict, fonts map[ref]*font) *painter {
	p := &painter{f: f, fonts: fonts}
	box := f.numbers(page["CropBox"], 4)
	if box == nil {
		box = f.numbers(page["MediaBox"], 4)
	}
	if box == nil {
		box = []float64{0, 0, 612, 792}
	}
	x0, y0 := min(box[0], box[2]), min(box[1], box[3])
	w, h := math.Abs(box[2]-box[0]), math.Abs(box[3]-box[1])
	p.w, p.h = w, h
	switch int(f.num(page["Rotate"])) % 360 {
	case 90, -270:
		p.upright, p.w, p.h = matrix{0, -1, 1, 0, -y0, w + x0}, h, w
	case 180, -180:
		p.upright = matrix{-1, 0, 0, -1, w + x0, h + y0}
	case 270, -90:
		p.upright, p.w, p.h = matrix{0, 1, -1, 0, h + y0, -x0}, h, w
	default:
		p.upright = matrix{1, 0, 0, 1, -x0, -y0}
	}
	p.state = state{ctm: p.upright, scale: 1}
	return p
}

// page draws one page.
func (p *painter) page(d dict, doc *Document) Page {
	p.annotations(d["Annots"])
	var content []byte
	for _, v := range p.f.list(d["Contents"]) {
		if s, ok := p.f.get(v).(*stream); ok {
			data, err := p.f.unpack(s)
			p.broken = p.broken || err != nil
			content = append(append(content, data...), '\n')
		}
	}
	p.draw(content, p.f.dict(d["Resources"]))
	p.flush()
	pieces := p.out
	if len(pieces) == 0 { // text without ink over the picture of a page
		pieces = p.hidden
	}
	doc.Unread += p.unread
	doc.Images += p.images
	doc.Broken = doc.Broken || p.broken
	if len(pieces)*len(p.dots) < 1_000_000 {
		pieces = addDots(pieces, p.dots)
	}
	return Page{p.w, p.h, pieces, p.links}
}

// annotations finds the links of a page.
func (p *painter) annotations(v any) {
	for _, a := range p.f.list(v) {
		if !p.f.spend(1) {
			return
		}
		d := p.f.dict(a)
		action := p.f.dict(d["A"])
		target := p.f.bytes(action["URI"])
		box := p.f.numbers(d["Rect"], 4)
		if target == "" || box == nil || len(p.links) >= 500 {
			continue
		}
		x0, y0 := p.upright.apply(box[0], box[1])
		x1, y1 := p.upright.apply(box[2], box[3])
		p.links = append(p.links, Link{min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1), textString(target)})
	}
}

// LinkAt is where a point of the page leads, "" for nowhere.
func (p *Page) LinkAt(x, y float64) string { return linkAt(p.Links, x, y) }

func linkAt(links []Link, x, y float64) string {
	for i := range links {
		if l := &links[i]; l.X0 <= x && x <= l.X1 && l.Y0 <= y && y <= l.Y1 {
			return l.Target
		}
	}
	return ""
}

// draw follows the operators of one stream.
func (p *painter) draw(content []byte, resources dict) {
	l := lexer{b: content, draws: true}
	var args array
	for !p.f.full {
		switch v := l.next().(type) {
		case end:
			return
		case op:
			if v == "BI" {
				skipImage(&l)
			} else {
				p.do(v, args, resources)
			}
			args = args[:0]
		default:
			if len(args) < 64 {
				args = append(args, v)
			}
		}
	}
}

// skipImage passes over a picture that stands among the operators.
func skipImage(l *lexer) {
	for {
		switch v := l.next().(type) {
		case end:
			return
		case op:
			if v != "ID" {
				continue
			}
			for {
				i := bytes.Index(l.b[l.at:], []byte("EI"))
				if i < 0 {
					l.at = len(l.b)
					return
				}
				l.at += i + 2
				if isSpace(l.b[l.at-3]) && (l.at == len(l.b) || isSpace(l.b[l.at])) {
					return
				}
			}
		}
	}
}

func (p *painter) do(o op, a array, resources dict) {
	n := func(i int) float64 {
		if i < len(a) {
			return num(a[i])
		}
		return 0
	}
	switch o {
	case "q":
		if len(p.stack) < maxStack {
			p.stack = append(p.stack, p.state)
		}
	case "Q":
		if len(p.stack) > 0 {
			p.state = p.stack[len(p.stack)-1]
			p.stack = p.stack[:len(p.stack)-1]
		}
	case "cm":
		p.ctm = matrix{n(0), n(1), n(2), n(3), n(4), n(5)}.times(p.ctm)
	case "Do":
		if len(a) > 0 {
			p.object(p.f.dict(resources["XObject"])[key(a[0])], resources)
		}
	case "BDC", "BMC":
		p.begin(a, resources)
	case "EMC":
		p.endMark()
	case "m", "l", "c", "v", "y", "re", "f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "n":
		p.pathOp(o, a)
	default:
		p.textOp(o, a, n, resources)
	}
}

func key(v any) name {
	k, _ := v.(name)
	return k
}

func (p *painter) textOp(o op, a array, n func(int) float64, resources dict) {
	switch o {
	case "BT":
		p.tm, p.tlm = identity, identity
	case "Tf":
		if len(a) > 1 {
			p.font, p.size = p.fontOf(p.f.dict(resources["Font"])[key(a[0])]), n(1)
		}
	case "Tc":
		p.charSpace = n(0)
	case "Tw":
		p.wordSpace = n(0)
	case "Tz":
		p.scale = n(0) / 100
	case "TL":
		p.leading = n(0)
	case "Ts":
		p.rise = n(0)
	case "Tr":
		p.mode = int(n(0))
	case "Td":
		p.move(n(0), n(1))
	case "TD":
		p.leading = -n(1)
		p.move(n(0), n(1))
	case "T*":
		p.move(0, -p.leading)
	case "Tm":
		p.tlm = matrix{n(0), n(1), n(2), n(3), n(4), n(5)}
		p.tm = p.tlm
	case "'", `"`:
		if o == `"` {
			p.wordSpace, p.charSpace = n(0), n(1)
		}
		p.move(0, -p.leading)
		if len(a) > 0 {
			p.show(a[len(a)-1:])
		}
	case "Tj":
		p.show(a)
	case "TJ":
		if len(a) > 0 {
			list, _ := a[0].(array)
			p.show(list)
		}
	}
}

func (p *painter) move(x, y float64) {
	p.tlm = matrix{1, 0, 0, 1, x, y}.times(p.tlm)
	p.tm = p.tlm
}

func (p *painter) fontOf(v any) *font {
	r, ok := v.(ref)
	if !ok {
		if p.f.fonts++; p.f.fonts > 1000 && p.font != nil {
			return p.font
		}
		return p.f.newFont(v)
	}
	if p.fonts[r] == nil {
		p.fonts[r] = p.f.newFont(v)
	}
	return p.fonts[r]
}

// object draws a form; pictures are counted.
func (p *painter) object(v any, resources dict) {
	s, ok := p.f.get(v).(*stream)
	if !ok {
		return
	}
	if p.f.name(s.dict["Subtype"]) != "Form" {
		p.images++
		return
	}
	if p.depth >= 12 || !p.f.spend(200) {
		return
	}
	data, err := p.f.unpack(s)
	p.broken = p.broken || err != nil
	if own := p.f.dict(s.dict["Resources"]); len(own) > 0 {
		resources = own
	}
	before, stack := p.state, p.stack
	if m := p.f.numbers(s.dict["Matrix"], 6); m != nil {
		p.ctm = matrix(m).times(p.ctm)
	}
	p.depth++
	p.stack = nil
	p.draw(data, resources)
	p.depth--
	p.state, p.stack = before, stack
}

// begin opens marked content.
func (p *painter) begin(a array, resources dict) {
	if len(p.marks) >= maxStack {
		p.deeper++
		return
	}
	m := mark{id: -1}
	if n := len(p.marks); n > 0 {
		m = p.marks[n-1]
	}
	if len(a) > 0 && key(a[0]) == "Artifact" {
		m.artifact = true
	}
	if len(a) > 1 {
		d := p.f.dict(a[1])
		if k := key(a[1]); k != "" {
			d = p.f.dict(p.f.dict(resources["Properties"])[k])
		}
		if id, ok := p.f.get(d["MCID"]).(float64); ok && p.depth == 0 {
			m.id = int(id)
		}
		if s, ok := p.f.get(d["ActualText"]).(string); ok && m.actual == nil {
			s = textString(s[:min(len(s), 2000)])
			m.actual = &s
		}
	}
	p.marks = append(p.marks, m)
}

func (p *painter) endMark() {
	switch n := len(p.marks); {
	case p.deeper > 0:
		p.deeper--
	case n > 0:
		p.marks = p.marks[:n-1]
	}
}
