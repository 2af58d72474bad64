package pdf

// This file makes pieces of the characters that are drawn.

import (
	"math"
	"strings"
)

// show draws strings; numbers among them move on.
func (p *painter) show(list array) {
	if p.font == nil {
		p.font = p.f.newFont(nil)
	}
	for _, v := range list {
		switch v := v.(type) {
		case float64:
			p.tm = matrix{1, 0, 0, 1, -v / 1000 * p.size * p.scale, 0}.times(p.tm)
		case string:
			p.font.glyphs(v, p.glyph)
		}
	}
}

// glyph draws one character.
func (p *painter) glyph(g glyph) {
	if !p.f.spend(1 + len(g.text)/8) {
		return
	}
	m := matrix{p.size * p.scale, 0, 0, p.size, 0, p.rise}.times(p.tm).times(p.ctm)
	advance := g.width*p.size + p.charSpace
	if g.space {
		advance += p.wordSpace
	}
	p.tm = matrix{1, 0, 0, 1, advance * p.scale, 0}.times(p.tm)
	size := math.Hypot(m[2], m[3])
	if !(size > 0.5 && size < 2000) || m[0] <= 0 || math.Abs(m[1]) > 0.3*m[0] { // invisible, or turned: a stamp, a watermark
		return
	}
	now := Piece{X: m[4], Y: m[5], Size: size, Bold: p.font.bold || p.mode == 2, Mark: -1}
	if n := len(p.marks); n > 0 {
		top := &p.marks[n-1]
		now.Mark, now.Artifact = top.id, top.artifact
		if top.actual != nil {
			g.text = *top.actual
			*top.actual = ""
		}
	}
	width := g.width
	if p.size != 0 {
		width += p.charSpace / p.size
	}
	p.put(now, g.text, width*m[0])
}

// put adds a character to the piece at hand, or begins another.
func (p *painter) put(now Piece, text string, width float64) {
	blank := strings.TrimSpace(text) == "" // NBSP too
	if text == noText && now.Size > 0 {
		p.unread++
	}
	if !blank && len(p.links) > 0 {
		now.Link = linkAt(p.links, now.X+width/2, now.Y+now.Size/4)
	}
	gap := now.X - (p.cur.X + p.cur.Width)
	joins := len(p.text) > 0 && p.curFont == p.font && p.curMode == p.mode && math.Abs(now.Y-p.cur.Y) < 0.1*now.Size && math.Abs(now.Size-p.cur.Size) < 0.1 &&
		now.Mark == p.cur.Mark && now.Artifact == p.cur.Artifact && gap > -0.3*now.Size && gap < 0.8*now.Size && (blank || now.Link == p.cur.Link)
	if !joins {
		p.flush()
		if blank {
			return
		}
		now.Width = width
		p.cur, p.curFont, p.curMode = now, p.font, p.mode
		p.text = append(p.text, text...)
		return
	}
	if spaced := p.text[len(p.text)-1] == ' '; (blank && text != "" || gap > 0.16*now.Size && len(text) > 0) && !spaced {
		p.text = append(p.text, ' ')
	}
	if !blank {
		p.text = append(p.text, text...)
	}
	p.cur.Width = max(p.cur.Width, now.X+width-p.cur.X)
}

// flush ends the piece at hand.
func (p *painter) flush() {
	if len(p.text) == 0 {
		return
	}
	p.cur.Text = string(p.text)
	if p.curMode == 3 {
		p.hidden = append(p.hidden, p.cur)
	} else {
		p.out = append(p.out, p.cur)
	}
	p.text = p.text[:0]
}
