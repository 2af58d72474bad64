package report

// A small reader of Word documents with tracked changes, which also says what is unsound in them.

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/drittland/drittland/cmd/drittland/report/docx"
	"github.com/drittland/drittland/diff"
	"github.com/drittland/drittland/snapshots"
)

// A shownLine is a paragraph as it would be with all changes accepted, or rejected.
type shownLine struct{ Look, Text string }

// faithful says what is wrong with a redline, "" if it is sound and gives both texts.
func faithful(file []byte, r *diff.Redline) string {
	body, msg := readDOCX(file)
	if msg != "" {
		return msg
	}
	for _, x := range []struct {
		what    string
		dropped string
		doc     *snapshots.Document
	}{{"accepting all", "del", r.New}, {"rejecting all", "ins", r.Old}} {
		want := []shownLine{}
		for _, b := range x.doc.Blocks {
			want = append(want, shownLine{lookOf(b), folded(docx.Clean(x.doc.Quote(b.Span)))})
		}
		if d := cmp.Diff(want, settle(body, x.dropped)); d != "" {
			return x.what + " (-text +document):\n" + d
		}
	}
	return ""
}

// folded has plain spaces and no characters without width: what the two texts may differ in where they read the same.
func folded(s string) string {
	s = strings.NewReplacer("\u200b", "", "\u00ad", "").Replace(s)
	return strings.Join(strings.Fields(s), " ")
}

func lookOf(b snapshots.Block) string {
	switch b.Kind {
	case snapshots.Heading:
		return fmt.Sprintf("Heading%d", b.Level)
	case snapshots.Item:
		return fmt.Sprintf("ListParagraph 1 %d", b.Level-1)
	case snapshots.Cell:
		if b.Place.Column == 0 {
			return "RowStart"
		}
		return "RowCell"
	}
	return ""
}

// settle accepts or rejects all changes: runs and ends of paragraphs of one kind are dropped.
func settle(body []para, dropped string) []shownLine {
	out := []shownLine{}
	text := ""
	for _, p := range body {
		for _, r := range p.runs {
			if r.fate != dropped {
				text += r.text
			}
		}
		if p.cell {
			if p.row != dropped {
				out = append(out, shownLine{p.look, folded(text)})
			} else if text != "" {
				out = append(out, shownLine{"words left in a row that goes", text})
			}
			text = ""
			continue
		}
		if p.mark == dropped {
			continue
		}
		look := p.look
		if dropped == "ins" && p.restyled {
			look = p.was
		}
		if !strings.HasPrefix(look, "Front") {
			out = append(out, shownLine{look, folded(text)})
		}
		text = ""
	}
	return out
}

type para struct {
	look, was, mark string
	restyled        bool
	cell            bool
	row             string // ins or del if its row is
	runs            []struct{ fate, text string }
}

// An element is one element of XML.
type element struct {
	name string
	attr map[string]string
	kids []*element
	text string
}

func parse(b []byte) (*element, error) {
	root := &element{}
	stack := []*element{root}
	dec := xml.NewDecoder(bytes.NewReader(b))
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		top := stack[len(stack)-1]
		switch x := tok.(type) {
		case xml.StartElement:
			e := &element{name: x.Name.Local, attr: map[string]string{}}
			for _, a := range x.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			top.kids = append(top.kids, e)
			stack = append(stack, e)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			top.text += string(x)
		}
	}
}

func (e *element) get(path ...string) *element {
	for _, name := range path {
		var next *element
		for _, k := range e.kids {
			if k.name == name {
				next = k
				break
			}
		}
		if next == nil {
			return &element{}
		}
		e = next
	}
	return e
}

func (e *element) each(visit func(*element, []string), above ...string) {
	visit(e, above)
	for _, k := range e.kids {
		k.each(visit, append(above[:len(above):len(above)], e.name)...)
	}
}

func parts(file []byte) (map[string]*element, error) {
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, err
	}
	out := map[string]*element{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		if out[f.Name], err = parse(b); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return out, nil
}

// readDOCX gives the paragraphs of the body outside of tables, or says which rule of tracked changes is broken.
func readDOCX(file []byte) (out []para, msg string) {
	all, err := parts(file)
	if err != nil {
		return nil, err.Error()
	}
	if msg := soundPackage(all); msg != "" {
		return nil, msg
	}
	body := all["word/document.xml"].get("document", "body")
	if msg := sound(body, all["word/comments.xml"]); msg != "" {
		return nil, msg
	}
	for _, p := range body.kids {
		if p.name == "p" {
			out = append(out, paragraph(p))
		}
		for _, tr := range p.kids {
			if p.name == "tbl" && tr.name == "tr" {
				out = append(out, cells(tr)...)
			}
		}
	}
	last := out[len(out)-1]
	if last.mark != "" || !strings.HasPrefix(last.look, "Front") {
		return nil, "the last paragraph is tracked, or no front matter"
	}
	for _, p := range out {
		for _, r := range p.runs {
			if r.fate != "" && strings.HasPrefix(p.look, "Front") {
				return nil, "front matter is tracked"
			}
		}
	}
	return out, ""
}

// cells are the paragraphs of a row of the redline.
func cells(tr *element) (out []para) {
	fate := ""
	for _, k := range tr.get("trPr").kids {
		if k.name == "ins" || k.name == "del" {
			fate = k.name
		}
	}
	for _, tc := range tr.kids {
		if p := tc.get("p"); p.name != "" {
			x := paragraph(p)
			x.cell, x.row = true, fate
			if !strings.HasPrefix(x.look, "Front") {
				out = append(out, x)
			}
		}
	}
	return out
}

func paragraph(e *element) para {
	look := func(p *element) string {
		s := p.get("pStyle").attr["val"]
		if n := p.get("numPr"); n.name != "" {
			s += " " + n.get("numId").attr["val"] + " " + n.get("ilvl").attr["val"]
		}
		return s
	}
	pPr := e.get("pPr")
	p := para{look: look(pPr)}
	if c := pPr.get("pPrChange"); c.name != "" {
		p.restyled, p.was = true, look(c.get("pPr"))
	}
	if m := pPr.get("rPr"); len(m.kids) > 0 {
		p.mark = m.kids[0].name
	}
	e.each(func(r *element, above []string) {
		if r.name != "r" {
			return
		}
		fate, text := "", ""
		if up := above[len(above)-1]; up == "ins" || up == "del" {
			fate = up
		}
		for _, k := range r.kids {
			switch k.name {
			case "t", "delText":
				text += k.text
			case "tab":
				text += "\t"
			case "br":
				text += "\n"
			}
		}
		p.runs = append(p.runs, struct{ fate, text string }{fate, text})
	})
	return p
}

// pPrOrder is the order of what may stand in w:pPr, as far as it is used.
var pPrOrder = " pStyle keepNext keepLines pageBreakBefore numPr pBdr tabs bidi spacing ind jc outlineLvl rPr sectPr pPrChange "

// sound says which rule is broken that office programs rely on and validators do not see, or see too late.
func sound(body, comments *element) (msg string) {
	ids, refs := map[string]bool{}, map[string]int{}
	var neighbour struct{ date string } // of what was tracked before an end of a paragraph that stands
	body.each(func(e *element, above []string) {
		within := strings.Join(above, " ")
		fail := func(s string) { msg = s + " in " + within }
		switch e.name {
		case "t", "delText":
			if e.attr["space"] != "preserve" {
				fail("no xml:space")
			}
			if (e.name == "delText") != strings.Contains(" "+within+" ", " del ") {
				fail(e.name)
			}
		case "ins", "del", "pPrChange":
			if ids[e.attr["id"]] || e.attr["id"] == "" {
				fail("w:id is not unique")
			}
			ids[e.attr["id"]] = true
			if _, err := time.Parse("2006-01-02T15:04:05Z", e.attr["date"]); err != nil || e.attr["author"] == "" {
				fail("author or date")
			}
			if strings.Contains(" "+within+" ", " ins ") || strings.Contains(" "+within+" ", " del ") {
				fail("nested")
			}
		case "pPr", "rPr", "tcPr", "trPr":
			at := -1
			for _, k := range e.kids {
				i := strings.Index(map[string]string{"pPr": pPrOrder, "rPr": rPrOrder, "tcPr": tcPrOrder, "trPr": trPrOrder}[e.name], " "+k.name+" ")
				if i <= at {
					fail("order of " + k.name)
				}
				at = i
			}
		case "commentRangeStart", "commentReference", "commentRangeEnd":
			refs[e.attr["id"]]++
		case "p":
			if m := meets(e, &neighbour.date); m != "" {
				fail(m)
			}
		}
	})
	n := 0
	for _, c := range comments.get("comments").kids {
		if n++; refs[c.attr["id"]] != 3 {
			msg = "comment " + c.attr["id"] + " has no beginning, end or reference"
		}
	}
	if n != len(refs) {
		msg = "a comment is missing"
	}
	return msg
}

// meets says whether what is tracked at both sides of an end of a paragraph that stands has the same date.
func meets(p *element, before *string) string {
	first, last := "", ""
	tracked := func(e *element) string { return e.attr["date"] }
	for _, k := range p.kids {
		switch k.name {
		case "ins", "del":
			if first == "" {
				first = tracked(k)
			}
			last = tracked(k)
		case "r":
			if first == "" {
				first = "none"
			}
			last = "none"
		}
	}
	bad := *before != "" && *before != "none" && *before == first
	mark := p.get("pPr", "rPr")
	if *before = last; len(mark.kids) > 0 {
		*before = "" // its end is tracked itself
	}
	if bad {
		return "two changes of one date meet across the end of a paragraph"
	}
	return ""
}
