package pdf

// This file finds the marks of list items that are drawn as shapes and not written as characters.

import "math"

// A shape is the box around the path at hand.
type shape struct {
	x0, y0, x1, y1 float64
	any            bool
}

func (s *shape) take(x, y float64) {
	if !s.any {
		*s = shape{x, y, x, y, true}
		return
	}
	s.x0, s.y0, s.x1, s.y1 = min(s.x0, x), min(s.y0, y), max(s.x1, x), max(s.y1, y)
}

// pathOp follows the operators that draw shapes; small ones as wide as high may be dots.
func (p *painter) pathOp(o op, a array) {
	switch o {
	case "m", "l", "c", "v", "y":
		for i := 0; i+1 < len(a); i += 2 {
			p.path.take(p.ctm.apply(num(a[i]), num(a[i+1])))
		}
	case "re":
		if len(a) == 4 {
			x, y := num(a[0]), num(a[1])
			p.path.take(p.ctm.apply(x, y))
			p.path.take(p.ctm.apply(x+num(a[2]), y+num(a[3])))
		}
	case "f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "n":
		s := p.path
		p.path = shape{}
		w, h := s.x1-s.x0, s.y1-s.y0
		if o != "n" && s.any && w > 1 && w < 9 && math.Abs(w-h) < 0.25*w && len(p.dots) < 10_000 {
			p.dots = append(p.dots, s)
		}
	}
}

// addDots puts a bullet before each piece that a dot stands before, on its line and with nothing between.
func addDots(pieces []Piece, dots []shape) []Piece {
	if len(dots) == 0 {
		return pieces
	}
	before := map[int]shape{}
	for _, d := range dots {
		best, nearest := -1, math.Inf(1)
		x, y := d.x1, (d.y0+d.y1)/2
		clear := true
		for i := range pieces {
			p := &pieces[i]
			if y < p.Y || y > p.Y+0.75*p.Size || d.x1-d.x0 > 0.7*p.Size {
				continue
			}
			if p.X < x && p.X+p.Width > d.x0 { // a dot over a letter
				clear = false
			}
			if gap := p.X - x; gap >= 0 && gap < 2.5*p.Size && gap < nearest {
				best, nearest = i, gap
			}
		}
		if clear && best >= 0 {
			before[best] = d
		}
	}
	out := make([]Piece, 0, len(pieces)+len(before))
	for i, p := range pieces {
		if d, ok := before[i]; ok {
			b := p
			b.X, b.Width, b.Text, b.Link, b.Bold = d.x0, d.x1-d.x0, "•", "", false
			out = append(out, b)
		}
		out = append(out, p)
	}
	return out
}
