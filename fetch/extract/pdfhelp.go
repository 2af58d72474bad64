package extract

// This file reads what a helper says of a PDF.

import (
	"bytes"
	"encoding/xml"
	"strconv"

	"github.com/drittland/drittland/fetch/extract/pdf"
)

// help is the file as the helper reads it, nil if it cannot. Links are those that the built-in reader found.
func help(doc *pdf.Document, body []byte, opt Options) *pdf.Document {
	out, err := opt.PDF.Words(body)
	if err != nil || len(out) > opt.MaxBytes {
		return nil
	}
	helped := readWords(out, 20*opt.MaxBlocks)
	if helped == nil || doc == nil {
		return helped
	}
	helped.Title, helped.Language, helped.Images = doc.Title, doc.Language, doc.Images
	for n := range min(len(doc.Pages), len(helped.Pages)) {
		from := &doc.Pages[n]
		for i := range helped.Pages[n].Pieces {
			p := &helped.Pages[n].Pieces[i]
			p.Link = from.LinkAt(p.X+p.Width/2, p.Y+p.Size/4)
		}
	}
	return helped
}

// readWords reads what pdftotext -bbox-layout writes: pages with words and their boxes, from the upper left.
func readWords(out []byte, most int) *pdf.Document {
	d := xml.NewDecoder(bytes.NewReader(out))
	d.Strict = false
	d.Entity = xml.HTMLEntity
	doc := &pdf.Document{}
	words := 0
	for {
		t, err := d.RawToken()
		if err != nil {
			if len(doc.Pages) == 0 {
				return nil
			}
			return doc
		}
		start, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		switch start.Name.Local {
		case "page":
			doc.Pages = append(doc.Pages, pdf.Page{Width: attribute(start, "width"), Height: attribute(start, "height")})
		case "word":
			text, err := d.RawToken()
			chars, ok := text.(xml.CharData)
			if err != nil || !ok || len(doc.Pages) == 0 {
				continue
			}
			if words++; words > most {
				return nil
			}
			page := &doc.Pages[len(doc.Pages)-1]
			x0, x1, y0, y1 := attribute(start, "xMin"), attribute(start, "xMax"), attribute(start, "yMin"), attribute(start, "yMax")
			h := max(y1-y0, 1)
			page.Pieces = append(page.Pieces, pdf.Piece{X: x0, Y: page.Height - y1 + 0.22*h, Width: max(x1-x0, 0), Size: h / 1.1, Text: string(chars), Mark: -1})
		}
	}
}

func attribute(e xml.StartElement, name string) float64 {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			if v, err := strconv.ParseFloat(a.Value, 64); err == nil && v > -1e6 && v < 1e6 {
				return v
			}
		}
	}
	return 0
}
