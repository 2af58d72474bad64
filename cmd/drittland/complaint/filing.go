package complaint

// The filing set: its sheets, before they are printed. Each page of a printed sheet has the number of its exhibit and the
// SHA-256 of the original at its foot.

import (
	"bytes"
	"fmt"
	"html/template"
	"image"
	"image/draw"
	"image/png"
	"strings"
	"time"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/snapshots"
)

// maxPixels is how large a screenshot may be that is printed.
const maxPixels = 64 << 20

// A File is one file of a filing set.
type File struct {
	Name   string
	Size   int
	TooBig bool // for the portal, and it cannot be split
}

// A Filed exhibit is one with its files.
type Filed struct {
	*Exhibit
	Files []File
}

func newSheet(w *locale.Words, title string) *sheet {
	return &sheet{w: w, p: &report.Paper{Language: w.Language(), Title: title, FillIn: w.T("FILL IN"), Check: w.T("CHECK")}}
}

// Sheet is the HTML of an exhibit. A redline has none here: it is a comparison.
func (e *Exhibit) Sheet(w *locale.Words) ([]byte, error) {
	s := newSheet(w, w.F("Exhibit %s", e.Number))
	lines := [][]report.Run{s.item(w.T("What this shows"), e.Shows(w)...)}
	for _, o := range e.Originals {
		lines = append(lines, s.item(w.T("Original"), code(o.Name)), s.item(w.T("SHA-256 of the original"), code(string(o.SHA256))))
	}
	s.list(lines...)
	var pictures [][]byte
	var err error
	switch e.Kind {
	case Page:
		s.text(e.Of.Document)
	case LinkedPage:
		s.linked(e)
	case Print:
		s.para(plain(w.F("The PDF itself follows as %s. It has no foot of ours on its pages: it is left as it is, so that its SHA-256 can be computed anew.", e.Originals[0].Name)))
	case Screenshot:
		if e.Of.Browser != "" {
			s.para(report.Runs(w.T("Browser: %s."), said(e.Of.Browser))...)
		}
		s.para(plain(w.T("The picture is cut into leaves from top to bottom; nothing else was done to it.")))
		pictures, err = leaves(e.Of.Screenshot)
	case Log:
		s.log(e.All)
	}
	if err != nil {
		return nil, fmt.Errorf("exhibit %s: %w", e.Number, err)
	}
	var b bytes.Buffer
	err = report.PaperHTML(&b, s.p, pictures...)
	return b.Bytes(), err
}

// linked adds the text of a page that the text refers to.
func (d *sheet) linked(e *Exhibit) {
	if e.Linked.Document == nil {
		d.para(plain(d.w.F("Its text is a part of exhibit %s.", e.Of.Letter+"-1")))
		return
	}
	d.text(e.Linked.Document)
}

// text adds the text of a document.
func (d *sheet) text(doc *snapshots.Document) {
	d.para(plain(d.w.T("Below is the text as it was read from the original: without pictures, menus and layout.")))
	for i := 0; i < len(doc.Blocks); i++ {
		b := &doc.Blocks[i]
		words := []report.Run{said(doc.Quote(b.Span))}
		switch {
		case b.Kind == snapshots.Heading:
			d.heading(min(max(b.Level+1, 2), 4), words...)
		case b.Kind == snapshots.Item:
			var items [][]report.Run
			for ; i < len(doc.Blocks) && doc.Blocks[i].Kind == snapshots.Item; i++ {
				depth := min(max(doc.Blocks[i].Level-1, 0), 8)
				items = append(items, []report.Run{plain(strings.Repeat("– ", depth)), said(doc.Quote(doc.Blocks[i].Span))})
			}
			i--
			d.list(items...)
		case b.Kind == snapshots.Cell && b.Place != nil:
			i = d.table(doc, i) - 1
		default:
			d.para(words...)
		}
	}
}

// table adds the table that begins at block i and gives the block behind it.
func (d *sheet) table(doc *snapshots.Document, i int) int {
	part, row := report.Part{Kind: report.PartTable}, -1
	number := doc.Blocks[i].Place.Table
	for ; i < len(doc.Blocks); i++ {
		b := &doc.Blocks[i]
		if b.Kind != snapshots.Cell || b.Place == nil || b.Place.Table != number {
			break
		}
		if b.Place.Row != row {
			row = b.Place.Row
			part.Rows = append(part.Rows, nil)
		}
		last := &part.Rows[len(part.Rows)-1]
		*last = append(*last, []report.Run{said(doc.Quote(b.Span))})
	}
	d.p.Add(part)
	return i
}

// leaves cuts a screenshot into pictures that fit on a page.
func leaves(picture []byte) ([][]byte, error) {
	size, err := png.DecodeConfig(bytes.NewReader(picture))
	if err != nil {
		return nil, fmt.Errorf("read the screenshot: %w", err)
	}
	if size.Width < 1 || size.Height < 1 || size.Width*size.Height > maxPixels {
		return nil, fmt.Errorf("the screenshot has %d × %d pixels, and %d may be", size.Width, size.Height, maxPixels)
	}
	whole, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		return nil, fmt.Errorf("read the screenshot: %w", err)
	}
	var out [][]byte
	area := whole.Bounds()
	step := max(area.Dx()*145/100, 1) // the printed area of A4
	for top := area.Min.Y; top < area.Max.Y; top += step {
		cut := image.Rect(area.Min.X, top, area.Max.X, min(top+step, area.Max.Y))
		leaf := image.NewRGBA(image.Rect(0, 0, cut.Dx(), cut.Dy()))
		draw.Draw(leaf, leaf.Bounds(), whole, cut.Min, draw.Src)
		var b bytes.Buffer
		if err := png.Encode(&b, leaf); err != nil {
			return nil, fmt.Errorf("cut the screenshot: %w", err)
		}
		out = append(out, b.Bytes())
	}
	return out, nil
}

// log adds the capture log.
func (d *sheet) log(list []Recording) {
	w := d.w
	for i := range list {
		r := &list[i]
		d.heading(2, report.Runs(w.T("Exhibits %s: version %s of %s"), plain(r.Letter), plain(r.Number), said(r.Version.Terms.String()))...)
		lines := d.circumstances(r, time.Time{})
		lines = append(lines, d.item(w.T("Read by"), said(r.Version.Reader)))
		d.list(lines...)
		for _, x := range r.Records {
			entry := [][]report.Run{d.item(w.T("Record"), code(x.ID)), d.item(w.T("Time"), plain(x.Date)), d.item(w.T("Address"), said(x.URI))}
			if x.Server != "" {
				entry = append(entry, d.item(w.T("Address of the server"), plain(x.Server)))
			}
			if x.Status != "" {
				entry = append(entry, d.item(w.T("First line"), code(x.Status)))
			}
			d.heading(4, plain(x.Type))
			d.list(append(entry, d.item(w.T("Digest of the record"), code(x.Digest)))...)
		}
		for _, l := range r.Linked {
			d.heading(4, plain(w.T("Linked page")))
			d.list(d.item(w.T("Address"), web(l.Snapshot.URL)), d.item(w.T("Received"), plain(utc(l.Snapshot.At))), d.item(w.T("Snapshot"), code(l.Snapshot.ID)),
				d.item(w.T("SHA-256 of what was received"), code(string(l.Snapshot.Body))))
		}
	}
}

// Footer is the HTML at the foot of each page of an exhibit.
func (e *Exhibit) Footer(w *locale.Words) string {
	lines := []string{w.F("Exhibit %s", e.Number)}
	for _, o := range e.Originals {
		lines = append(lines, w.F("SHA-256 of the original: %s", string(o.SHA256)))
	}
	return foot(lines)
}

func foot(lines []string) string {
	for i := range lines {
		lines[i] = template.HTMLEscapeString(report.Line(lines[i]))
	}
	return `<div style="font:6.5pt sans-serif;width:100%;margin:0 0.7in;display:flex;justify-content:space-between;color:#333"><span>` +
		strings.Join(lines, "<br>") + `</span><span><span class="pageNumber"></span>/<span class="totalPages"></span></span></div>`
}

// Index is the HTML of the list of exhibits, and its foot.
func Index(w *locale.Words, terms snapshots.Terms, list []Filed, made string) (page []byte, footer string, err error) {
	s := newSheet(w, w.F("Exhibits: %s", report.Line(terms.String())))
	s.para(plain(w.T("Each exhibit shows what was received, by which client, from which address, no later than when; exhibit L-1 has the circumstances. That it is unchanged since can be checked: the SHA-256 of the original stands at the foot of each page.")))
	part := report.Part{Kind: report.PartTable, Head: []string{w.T("Exhibit"), w.T("What this shows"), w.T("Files"), w.T("SHA-256 of the original")}}
	big := false
	for _, e := range list {
		var files []report.Run
		for i, f := range e.Files {
			if i > 0 {
				files = append(files, plain(" "))
			}
			files = append(files, code(f.Name))
			if f.TooBig {
				files, big = append(files, plain("*")), true
			}
		}
		part.Rows = append(part.Rows, [][]report.Run{report.Say(e.Number), e.Shows(w), files, digests(e.Exhibit)})
	}
	s.p.Add(part)
	if big {
		s.para(plain(w.T("* This file is larger than asked for and cannot be split; it can be handed in later, or on a data carrier.")))
	}
	s.para(report.Runs(w.T("The originals are kept in the folder %s; %s in it checks them all. Redlines and texts are made from the originals and are no originals themselves."), code("originals"), code("sha256sum -c SHA256SUMS"))...)
	s.para(plain(w.F("Made with %s.", made)))
	var b bytes.Buffer
	err = report.PaperHTML(&b, s.p)
	return b.Bytes(), foot([]string{w.F("Exhibits: %s", report.Line(terms.String()))}), err
}
