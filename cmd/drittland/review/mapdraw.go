package review

// Drawing the map: the land, the countries that data go to with a letter beside their code, and dots where a country is too small
// to be seen.

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/rules/places/shapes"
)

// A drawnWorld is the map as the template writes it.
type drawnWorld struct {
	Box, Credit string
	Land        []drawnLand // without those that data go to
	Targets     []drawnTarget
}

// A drawnLand is a country that no text lets data go to.
type drawnLand struct{ Path, Class string }

// A drawnTarget is a country that data go to.
type drawnTarget struct {
	Code, Label, Class, Path string
	Dot                      bool
	X, Y                     string
	Text, TextX, TextY       string // "" where there is no room
	Indirect                 bool
}

func (d *drawnWorld) has(code string) bool {
	return slices.ContainsFunc(d.Targets, func(t drawnTarget) bool { return t.Code == code })
}

// Sizes in units of the picture.
const (
	textHeight = 11.0
	textWidth  = 6.6 // of one letter
	dotRadius  = 4.5
)

// A box is where something stands that nothing else may be written over.
type box struct{ left, top, right, bottom float64 }

func (b box) meets(o box) bool {
	return b.left < o.right && o.left < b.right && b.top < o.bottom && o.top < b.bottom
}

// drawWorld draws countries, given in the order of their weight, on the map of a day.
func drawWorld(w *locale.Words, countries []countryRow, on law.Date) *drawnWorld {
	width, _ := shapes.Size()
	d := &drawnWorld{Box: shapes.ViewBox(), Credit: shapes.Credit}
	targets := map[string]*countryRow{}
	for i := range countries {
		targets[countries[i].Code] = &countries[i]
	}
	at := map[string]*shapes.Shape{}
	for _, s := range shapes.Shapes() {
		at[s.Code] = &s
		if targets[s.Code] != nil || s.Path == "" {
			continue
		}
		land := drawnLand{Path: s.Path}
		if law.InEEA(s.Code, on) {
			land.Class = "eea"
		}
		d.Land = append(d.Land, land)
	}
	var taken []box
	for i := range countries { // dots first: names go around them
		if s := at[countries[i].Code]; s != nil && dotted(s) {
			taken = append(taken, box{s.X - dotRadius, s.Y - dotRadius, s.X + dotRadius, s.Y + dotRadius})
		}
	}
	for i := range countries {
		c := &countries[i]
		s := at[c.Code]
		if s == nil {
			continue
		}
		t := drawnTarget{Code: c.Code, Label: c.label(w), Class: c.Class, Path: s.Path, Dot: dotted(s), X: number(s.X), Y: number(s.Y), Indirect: c.Indirect}
		if b, ok := room(s, float64(len(c.Code)+len(c.Sign)+1)*textWidth, width, taken); ok {
			taken = append(taken, b)
			t.Text, t.TextX, t.TextY = c.Code+" "+c.Sign, number((b.left+b.right)/2), number(b.bottom-2)
		}
		d.Targets = append(d.Targets, t)
	}
	slices.SortStableFunc(d.Targets, func(a, b drawnTarget) int { // dots over land
		switch {
		case a.Dot == b.Dot:
			return 0
		case a.Dot:
			return 1
		}
		return -1
	})
	return d
}

// least is how wide or high a country must be to be seen without a dot.
const least = 9.0

// dotted reports whether a country needs a dot.
func dotted(s *shapes.Shape) bool {
	if s.Small || s.Path == "" {
		return true
	}
	b := extent(s.Path)
	return b.right-b.left < least && b.bottom-b.top < least
}

// extent is the box around a path of M, L, Z and numbers.
func extent(path string) box {
	b := box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	across := true
	for n := range strings.FieldsFuncSeq(path, func(r rune) bool { return r == 'M' || r == 'L' || r == 'Z' || r == ' ' }) {
		x, err := strconv.ParseFloat(n, 64)
		if err != nil {
			continue
		}
		if across {
			b.left, b.right = min(b.left, x), max(b.right, x)
		} else {
			b.top, b.bottom = min(b.top, x), max(b.bottom, x)
		}
		across = !across
	}
	return b
}

// room finds where the name of a country can stand: on it, or beside it.
func room(s *shapes.Shape, wide, width float64, taken []box) (box, bool) {
	type step struct{ x, y float64 }
	far := wide/2 + dotRadius + 1
	beside := []step{{far, 0}, {-far, 0}, {0, -textHeight}, {0, textHeight}, {far, textHeight / 2}, {far, -textHeight / 2}, {-far, textHeight / 2}, {-far, -textHeight / 2}}
	around := beside
	if b := extent(s.Path); !dotted(s) && (b.right-b.left > wide*.8 || b.bottom-b.top > 2*textHeight) {
		around = append([]step{{0, 0}}, beside...)
	}
	for _, a := range around {
		b := box{s.X + a.x - wide/2, s.Y + a.y - textHeight/2, s.X + a.x + wide/2, s.Y + a.y + textHeight/2}
		if b.left >= 0 && b.right <= width && b.top >= 0 && !slices.ContainsFunc(taken, b.meets) {
			return b, true
		}
	}
	return box{}, false
}
