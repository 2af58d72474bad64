package report

// Timelines as SVG: one page, A4 landscape, that can be read in shades of grey. No scripts, nothing from elsewhere. This file
// finds the places, timelinedraw.go draws.

import (
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// Lengths of the page: four units are a millimetre.
const (
	pageWidth, pageHeight = 297 * 4, 210 * 4
	margin                = 26.0
	small, normal         = 9.0, 10.0 // sizes of fonts
	laneHeight            = 11.0      // of labels of the law and lines of notes
	titleHeight           = 17.0      // of the title of a group
	stripHeight           = 34.0      // of the versions and alerts
	mostNotes             = 6         // lines of notes
)

// A drawing is one of a timeline under way.
type drawing struct {
	*canvas
	t           *Timeline
	left, right float64 // of the axis
	lanes       []float64
	labels      []lawLabelAt
	row         float64 // height of a line of a row
	signs       []legendSign
	legendLines int
	notes       []string
	body        float64 // where the rows begin
	bottom      float64 // where they end
	rests       []restAt
}

// A restAt is the place of the facts of a group that have no row.
type restAt struct {
	group *TimelineGroup
	y     float64
}

// A lawLabelAt is a date of the law with its place.
type lawLabelAt struct {
	law  *TimelineLaw
	x    float64 // of the date
	from float64 // where the label begins
	lane int     // -1 if there is no room
}

// TimelineSVG writes t as one SVG document that fits one page, A4 landscape.
func TimelineSVG(w io.Writer, t *Timeline) error { return timelineSVG(w, t, true) }

// TimelinePicture writes t as TimelineSVG does, and only as high as it needs to be: for a screen.
func TimelinePicture(w io.Writer, t *Timeline) error { return timelineSVG(w, t, false) }

func timelineSVG(w io.Writer, t *Timeline, page bool) error {
	if _, err := io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"); err != nil {
		return err
	}
	d := &drawing{canvas: newCanvas(w), t: t}
	d.layout()
	wide, high, height := "297mm", "210mm", strconv.Itoa(pageHeight)
	if !page {
		height = px(min(pageHeight, d.below(len(d.notes))+margin/2))
		wide, high = strconv.Itoa(pageWidth), height
	}
	d.begin("svg", "xmlns", "http://www.w3.org/2000/svg", "role", "img", "aria-labelledby", "dl-title dl-desc", "xml:lang", t.Language,
		"viewBox", "0 0 "+strconv.Itoa(pageWidth)+" "+height, "width", wide, "height", high,
		"font-family", "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif", "font-size", px(normal), "fill", "#111")
	d.words("title", t.title(), "id", "dl-title")
	d.words("desc", t.described(), "id", "dl-desc")
	d.patterns()
	d.draw("", "rect", "width", "100%", "height", "100%", "fill", "#fff")
	d.text(margin, margin+6, within(t.title(), 16, pageWidth-2*margin), "font-size", "16", "font-weight", "bold")
	d.text(margin, margin+22, within(t.about(), normal, pageWidth-2*margin))
	d.axis()
	d.lawLabels()
	d.strips()
	y := d.body
	for i := range t.Groups {
		y = d.group(&t.Groups[i], y)
	}
	if len(t.Groups) == 0 {
		d.text(d.left, d.body+titleHeight, t.words.T("The text says nothing of transfers that could be drawn."), "font-style", "italic")
	}
	d.unverified()
	d.lawLines()
	d.restLines()
	d.legend()
	for i, n := range d.notes {
		d.text(margin, d.below(i), n, "font-size", px(small))
	}
	if err := d.flush(); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// below is where line i of the notes stands.
func (d *drawing) below(i int) float64 {
	return d.bottom + 24 + float64(d.legendLines)*14 + float64(i)*laneHeight
}

// described says in words what is drawn, for those who do not see it.
func (t *Timeline) described() string {
	out := []string{t.about() + "."}
	for _, f := range t.Told() {
		if f.When != "" {
			f.Names += ": " + f.When
		}
		out = append(out, f.Group+", "+f.Names+".")
	}
	out = append(out, t.words.F("Alerts: %s", t.words.Number(len(t.Alerts)))+".")
	if len(t.Gaps) > 0 {
		out = append(out, t.words.F("Not verified: %s", t.unverified())+".")
	}
	for _, x := range t.Law {
		out = append(out, x.Date.String()+": "+x.Label+".")
	}
	return strings.Join(append(out, t.Notes...), " ")
}

// layout finds the places of everything.
func (d *drawing) layout() {
	widest, rows := 150.0, 0
	for _, g := range d.t.Groups {
		for _, r := range g.Rows {
			for _, l := range r.labelLines() {
				widest = max(widest, advance(l, normal)+8)
			}
			rows += r.lines()
		}
		if len(g.Rest) > 0 {
			rows++
		}
	}
	d.left, d.right = margin+min(widest, 290)+6, pageWidth-margin
	d.place()
	d.body = margin + 36 + float64(len(d.lanes))*laneHeight + 16 + stripHeight
	all := strings.Join(d.t.Notes, " ")
	if n := d.unplaced(); n != "" {
		all = strings.TrimSpace(n + " " + all)
	}
	d.notes = lay(all, small, pageWidth-2*margin)
	d.signs = d.legendSigns()
	d.legendLines = 1
	if n := len(d.signs); n > 0 {
		d.legendLines = d.signs[n-1].line + 1
	}
	below := 14 + float64(d.legendLines)*14 + float64(len(d.notes))*laneHeight + margin/2
	heads := float64(len(d.t.Groups)) * titleHeight
	room := pageHeight - d.body - below - heads
	d.row = min(19, room/float64(max(rows, 1)))
	d.bottom = d.body + heads + float64(rows)*d.row
	if rows == 0 {
		d.bottom += 3 * titleHeight
	}
}

// place finds a lane for the label of each date of the law, so that none lie on each other.
func (d *drawing) place() {
	const most, pad = 6, 8.0
	for i := range d.t.Law {
		l := &d.t.Law[i]
		p := lawLabelAt{law: l, x: d.x(l.at()), lane: -1}
		width := advance(lawText(l), small)
		p.from = min(p.x+3, d.right-width)
		for lane := range most {
			if lane == len(d.lanes) {
				d.lanes = append(d.lanes, math.Inf(-1))
			}
			if p.from >= d.lanes[lane]+pad {
				d.lanes[lane], p.lane = p.from+width, lane
				break
			}
		}
		d.labels = append(d.labels, p)
	}
}

func lawText(l *TimelineLaw) string { return l.Label + " " + l.Date.String() }

// unplaced names the dates of the law for which no lane had room.
func (d *drawing) unplaced() string {
	var out []string
	for _, p := range d.labels {
		if p.lane < 0 {
			out = append(out, lawText(p.law))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return d.t.words.T("Dates of the law") + ": " + strings.Join(out, "; ") + "."
}

// lay breaks s into lines of a width.
func lay(s string, size, width float64) []string {
	var out []string
	line := ""
	for _, w := range strings.Fields(s) {
		if line != "" && advance(line+" "+w, size) > width {
			out, line = append(out, line), ""
		}
		line = strings.TrimSpace(line + " " + w)
	}
	if line != "" {
		out = append(out, line)
	}
	for i := range out {
		out[i] = within(out[i], size, width)
	}
	return out[:min(len(out), mostNotes)]
}

// x is the place of a time on the axis.
func (d *drawing) x(at time.Time) float64 {
	all := d.t.Until.Sub(d.t.From)
	if all <= 0 {
		return d.left
	}
	f := float64(at.Sub(d.t.From)) / float64(all)
	return d.left + min(max(f, 0), 1)*(d.right-d.left)
}

// kinds are the kinds of spans that are drawn.
func (d *drawing) kinds() []string {
	var out []string
	for _, g := range d.t.Groups {
		for _, r := range g.Rows {
			for _, s := range r.Spans {
				out = append(out, s.Kind)
			}
		}
	}
	return out
}
