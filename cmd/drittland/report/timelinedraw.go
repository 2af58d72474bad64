package report

// The marks, bars and signs of a timeline as SVG.

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/snapshots"
)

// The colours; they differ in shade too.
const ink, red = "#1d3557", "#b00020"

// patterns are the fillings that tell kinds of bars apart without colours.
func (d *drawing) patterns() {
	d.begin("defs")
	d.begin("pattern", "id", "dl-by_reference", "width", "5", "height", "5", "patternUnits", "userSpaceOnUse", "patternTransform", "rotate(45)")
	d.draw("", "rect", "width", "5", "height", "5", "fill", "#fff")
	d.draw("", "rect", "width", "2.4", "height", "5", "fill", ink)
	d.end()
	d.begin("pattern", "id", "dl-implied", "width", "4", "height", "4", "patternUnits", "userSpaceOnUse")
	d.draw("", "rect", "width", "4", "height", "4", "fill", "#fff")
	d.draw("", "circle", "cx", "2", "cy", "2", "r", "0.8", "fill", ink)
	d.end()
	d.begin("pattern", "id", "dl-gap", "width", "6", "height", "6", "patternUnits", "userSpaceOnUse", "patternTransform", "rotate(-45)")
	d.draw("", "rect", "width", "6", "height", "6", "fill", "#fff", "fill-opacity", "0.62")
	d.draw("", "rect", "width", "0.8", "height", "6", "fill", "#777")
	d.end()
	d.end()
}

// line is the form of a line down from a point.
func line(x, from, to float64) string { return fmt.Sprintf("M%s %sV%s", px(x), px(from), px(to)) }

// axis draws the beginnings of years, or of months.
func (d *drawing) axis() {
	top := d.body - stripHeight
	d.draw("", "path", "d", fmt.Sprintf("M%s %sH%s", px(d.left), px(top), px(d.right)), "stroke", "#111", "stroke-width", "1")
	ticks, form := d.t.ticks()
	begin, next := d.t.From.Format("2006-01"), d.left
	if len(ticks) == 0 || d.left+advance(begin, normal)+6 < d.x(ticks[0]) {
		d.text(d.left, top-3, begin)
		next += advance(begin, normal) + 6
	}
	for _, at := range ticks {
		x, name := d.x(at), at.Format(form)
		d.draw("", "path", "d", line(x, top-4, d.bottom), "stroke", "#ccc", "stroke-width", "0.7")
		if x >= next && x+advance(name, normal) < d.right {
			d.text(x+2, top-3, name, "font-weight", "bold")
			next = x + advance(name, normal) + 6
		}
	}
}

// strips draws the versions and the alerts.
func (d *drawing) strips() {
	t, l := d.t, d.t.words
	y := d.body - stripHeight
	d.text(margin, y+12, within(l.F("Versions: %s", l.Number(len(t.Versions))), normal, d.left-margin-4))
	for _, v := range t.Versions {
		d.version(d.x(v.Date), y+8, t.versionTitle(&v), versionKind(&v))
	}
	y += stripHeight / 2
	d.text(margin, y+11, within(l.F("Alerts: %s", l.Number(len(t.Alerts))), normal, d.left-margin-4))
	d.alertNumbers(y)
	for _, a := range t.Alerts {
		d.alert(d.x(a.Date), y, a.Date.Format(time.DateOnly)+", "+t.alert(&a), a.Cause == snapshots.Law, a.Drawn)
	}
}

// The kinds of marks of versions.
const (
	versionDrawn = iota
	versionBeside
	versionBroken
	versionReading
)

func versionKind(v *TimelineVersion) int {
	switch {
	case v.Broken:
		return versionBroken
	case !v.Drawn:
		return versionBeside
	case v.Cause == snapshots.Reading:
		return versionReading
	}
	return versionDrawn
}

// version draws the mark of a version about a point.
func (d *drawing) version(x, y float64, title string, kind int) {
	switch kind {
	case versionBroken:
		d.draw(title, "path", "d", fmt.Sprintf("M%s %sl4 4m0 -4l-4 4", px(x-2), px(y+1)), "stroke", "#555", "stroke-width", "0.8", "fill", "none")
	case versionBeside:
		d.draw(title, "path", "d", line(x, y+1, y+6), "stroke", "#777", "stroke-width", "0.7")
	case versionReading:
		d.draw(title, "circle", "cx", px(x), "cy", px(y), "r", "2.2", "fill", "#fff", "stroke", "#111", "stroke-width", "0.8")
	default:
		d.draw(title, "path", "d", line(x, y-5, y+6), "stroke", "#111", "stroke-width", "0.8")
	}
}

// alert draws the mark of an alert below a point: a lozenge if the law changed, hollow if the bars pass over its version.
func (d *drawing) alert(x, y float64, title string, byLaw, drawn bool) {
	form, fill := "M%s %sl4 7h-8z", red
	if byLaw {
		form = "M%s %sl4 4l-4 4l-4 -4z"
	}
	if !drawn {
		fill = "#fff"
	}
	d.draw(title, "path", "d", fmt.Sprintf(form, px(x), px(y)), "fill", fill, "stroke", "#111", "stroke-width", "0.7")
}

// alertNumbers writes the numbers of versions below alerts, where they do not lie on each other.
func (d *drawing) alertNumbers(y float64) {
	next := math.Inf(-1)
	for _, a := range d.t.Alerts {
		name := fmt.Sprint(a.Version)
		if a.Cause == snapshots.Law {
			name = "§"
		}
		half := advance(name, 7.5) / 2
		if x := d.x(a.Date); x-half >= next {
			d.text(x, y+14.5, name, "font-size", "7.5", "text-anchor", "middle")
			next = x + half + 2
		}
	}
}

// versionTitle says what a mark of a version stands for.
func (t *Timeline) versionTitle(v *TimelineVersion) string {
	s := v.Date.Format(time.DateOnly) + ", " + t.words.F("version %d", v.Number)
	if v.Variant != "" {
		s += ", " + t.words.F("variant %s", Line(v.Variant))
	}
	if v.Broken {
		s += ", " + t.words.T("seems a capture that failed")
	}
	if v.Class != "" {
		s += ", " + Class(t.words, v.Class)
	}
	if v.Cause == snapshots.Reading {
		s += ", " + t.words.T("our reading changed, not the text")
	}
	return s
}

// group draws a group from y down and gives where it ends.
func (d *drawing) group(g *TimelineGroup, y float64) float64 {
	d.draw("", "path", "d", fmt.Sprintf("M%s %sH%s", px(margin), px(y+3), px(d.right)), "stroke", "#999", "stroke-width", "0.6")
	d.text(margin, y+14, within(g.Title, normal, d.right-margin), "font-weight", "bold")
	y += titleHeight
	for i := range g.Rows {
		r := &g.Rows[i]
		height := d.row * float64(r.lines())
		for j, l := range r.labelLines() {
			d.text(margin+6, y+d.row*float64(j)+d.row/2+3.5, within(l, normal, d.left-margin-8))
		}
		for _, s := range joined(r.Spans, d.x) {
			d.span(r, &s, y+d.row*.14, height-d.row*.28)
		}
		y += height
	}
	if len(g.Rest) > 0 {
		d.rests = append(d.rests, restAt{g, y})
		y += d.row
	}
	return y
}

// restLines name what has no row, over the lines of the law; countries by their codes where the names are too many.
func (d *drawing) restLines() {
	for _, r := range d.rests {
		const size = small
		s, width := d.t.rest(r.group, false), d.right-margin-6
		if advance(s, size) > width {
			s = within(d.t.rest(r.group, true), size, width)
		}
		d.draw("", "rect", "x", px(margin+6), "y", px(r.y+.5), "width", px(advance(s, size)), "height", px(d.row-1), "fill", "#fff")
		d.text(margin+6, r.y+d.row/2+3.5, s, "font-size", px(size), "font-style", "italic")
	}
}

// joined are spans without those breaks that could not be seen.
func joined(list []TimelineSpan, x func(time.Time) float64) []TimelineSpan {
	var out []TimelineSpan
	for _, s := range list {
		if n := len(out) - 1; n >= 0 && out[n].Kind == s.Kind && !out[n].Until.IsZero() && x(s.From)-x(out[n].Until) < .4 {
			out[n].Until, out[n].UntilVersion, out[n].UntilReading = s.Until, s.UntilVersion, s.UntilReading
			continue
		}
		out = append(out, s)
	}
	return out
}

// span draws one bar.
func (d *drawing) span(r *TimelineRow, s *TimelineSpan, y, height float64) {
	x := d.x(s.From)
	width := max(d.x(s.end(d.t.Until))-x, 1.5)
	fill := ink
	if s.Kind == "by_reference" || s.Kind == "implied" {
		fill = "url(#dl-" + s.Kind + ")"
	}
	title := strings.Join(r.Names, ", ") + ": " + d.t.span(s)
	d.draw(title, "rect", "x", px(x), "y", px(y), "width", px(width), "height", px(height), "fill", fill, "stroke", ink, "stroke-width", "0.8")
	for _, end := range []struct {
		is bool
		x  float64
	}{{s.FromReading, x}, {s.UntilReading, x + width}} {
		if end.is {
			d.draw("", "circle", "cx", px(end.x), "cy", px(y+height/2), "r", "2.6", "fill", "#fff", "stroke", "#111", "stroke-width", "0.9")
		}
	}
}

// lawLabels draws the dates of the law above the axis.
func (d *drawing) lawLabels() {
	top := d.body - stripHeight - 16
	for _, p := range d.labels {
		if p.lane < 0 {
			continue
		}
		y := top - float64(len(d.lanes)-1-p.lane)*laneHeight
		d.draw(lawText(p.law)+lawInstruments(p.law), "path", "d", line(p.x, y-8, d.body-stripHeight), "stroke", "#111", "stroke-width", "0.9", "stroke-dasharray", "4 2.5")
	}
	for _, p := range d.labels {
		if p.lane >= 0 {
			y := top - float64(len(d.lanes)-1-p.lane)*laneHeight
			d.draw("", "rect", "x", px(p.from-1), "y", px(y-8), "width", px(advance(lawText(p.law), small)+1), "height", "10.5", "fill", "#fff")
			d.text(p.from, y, lawText(p.law), "font-size", px(small))
		}
	}
}

// lawLines draws the dates of the law over the rows: dark dashes, and between them light ones, which show on bars.
func (d *drawing) lawLines() {
	for _, p := range d.labels {
		form := line(p.x, d.body+4, d.bottom)
		d.draw("", "path", "d", form, "stroke", "#fff", "stroke-width", "0.9", "stroke-dasharray", "2.5 4", "stroke-dashoffset", "-4")
		d.draw(lawText(p.law)+lawInstruments(p.law), "path", "d", form, "stroke", "#111", "stroke-width", "0.8", "stroke-dasharray", "4 2.5")
	}
}

// unverified draws the times in which nothing could be verified, over the bars.
func (d *drawing) unverified() {
	for _, g := range d.t.Gaps {
		x := d.x(g.From)
		d.draw(g.From.Format(time.DateOnly)+" – "+g.Until.Format(time.DateOnly)+", "+g.Why, "rect", "x", px(x), "y", px(d.body),
			"width", px(max(d.x(g.Until)-x, 1.5)), "height", px(d.bottom-d.body), "fill", "url(#dl-gap)")
	}
}

func lawInstruments(l *TimelineLaw) string {
	if len(l.Instruments) == 0 {
		return ""
	}
	return " (" + strings.Join(l.Instruments, "; ") + ")"
}

// A legendSign is one of the legend.
type legendSign struct {
	label string
	x     float64
	width float64 // of what is drawn before the label
	line  int
	draw  func(x, y float64) // about a point
}

// legendSigns are the signs that are in use, laid out in lines.
func (d *drawing) legendSigns() []legendSign {
	l, t := d.t.words, d.t
	var out []legendSign
	add := func(is bool, label string, width float64, draw func(x, y float64)) {
		if is {
			out = append(out, legendSign{label: label, width: width, draw: draw})
		}
	}
	box := func(fill string) func(x, y float64) {
		return func(x, y float64) {
			d.draw("", "rect", "x", px(x-11), "y", px(y-4.5), "width", "22", "height", "9", "fill", fill, "stroke", ink, "stroke-width", "0.8")
		}
	}
	version := func(kind int) { // those in use
		label := []string{l.T("version"), l.T("version of another variant"), l.T("capture that seems to have failed"), l.T("our reading changed, not the text")}[kind]
		add(slices.ContainsFunc(t.Versions, func(v TimelineVersion) bool { return versionKind(&v) == kind }), label, 8,
			func(x, y float64) { d.version(x, y, "", kind) })
	}
	alert := func(label string, byLaw, drawn bool) {
		add(slices.ContainsFunc(t.Alerts, func(a TimelineAlert) bool { return a.Drawn == drawn && (!drawn || (a.Cause == snapshots.Law) == byLaw) }), label, 8,
			func(x, y float64) { d.alert(x, y-3.5, "", byLaw, drawn) })
	}
	kinds := d.kinds()
	add(slices.Contains(kinds, "named") || slices.Contains(kinds, "stated"), l.T("named in the text"), 22, box(ink))
	add(slices.Contains(kinds, "by_reference"), l.T("only on a linked page"), 22, box("url(#dl-by_reference)"))
	add(slices.Contains(kinds, "implied"), l.T("implied, such as by a seat"), 22, box("url(#dl-implied)"))
	add(len(t.Gaps) > 0, l.T("not verified"), 22, box("url(#dl-gap)"))
	for kind := versionDrawn; kind <= versionReading; kind++ {
		version(kind)
	}
	alert(l.T("alert"), false, true)
	alert(l.T("alert by a change of the law"), true, true)
	alert(l.T("alert at a version that is not drawn"), false, false)
	add(len(t.Law) > 0, l.T("date of the law"), 8, func(x, y float64) {
		d.draw("", "path", "d", line(x, y-6, y+6), "stroke", "#111", "stroke-width", "0.8", "stroke-dasharray", "4 2.5")
	})
	x, n := margin, 0
	for i := range out {
		s := &out[i]
		width := s.width + 4 + advance(s.label, small)
		if x > margin && x+width > pageWidth-margin {
			x, n = margin, n+1
		}
		s.x, s.line = x, n
		x += width + 10
	}
	return out
}

// legend explains the signs.
func (d *drawing) legend() {
	for _, s := range d.signs {
		y := d.bottom + 18 + float64(s.line)*14
		s.draw(s.x+s.width/2, y-3)
		d.text(s.x+s.width+4, y, s.label, "font-size", px(small))
	}
}
