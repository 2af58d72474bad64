package extract

// This file reads DOCX: styles, lists, links, tables, notes. Of tracked changes the insertions are read and the deletions
// are left out: the text as it would be if all changes were accepted.

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/drittland/drittland/snapshots"
)

type docxReader struct {
	b      *builder
	styles map[string]docxStyle
	rels   map[string]string // targets of links by their ids
	notes  []string          // that the text refers to, in order
	single bool              // within a cell
	depth  int
	fields []docxField
}

// A docxStyle is what a style says of the paragraphs and runs that have it.
type docxStyle struct {
	name, base string
	level      int // of headings; 0 for none, -1 if the style does not say
	item       int // depth in a list; 0 for none, -1 if the style does not say
	bold       bool
	header     bool // the first row of tables in this style is bold
}

// A docxField is a field that is open: its instruction, then what it shows.
type docxField struct {
	instruction string
	shown       bool
	linked      bool
}

// readDOCX reads the text and gives the title among the properties.
func readDOCX(b *builder, o *office) (string, error) {
	main := o.mainPart()
	dir := main[:strings.LastIndex(main, "/")+1]
	doc, err := o.tree(main)
	if err != nil {
		return "", err
	}
	r := &docxReader{b: b, rels: map[string]string{}}
	if r.styles, err = docxStyles(o, dir); err != nil {
		return "", err
	}
	if r.rels, err = docxLinks(o, dir+"_rels/"+strings.TrimPrefix(main, dir)+".rels"); err != nil {
		return "", err
	}
	r.blocks(doc.get("document", "body"))
	if err := r.footnotes(o, dir); err != nil {
		return "", err
	}
	core, err := o.tree("docProps/core.xml")
	return strings.TrimSpace(core.get("coreProperties", "title").words()), err
}

func docxLinks(o *office, name string) (map[string]string, error) {
	tree, err := o.tree(name)
	out := map[string]string{}
	for _, rel := range tree.all("Relationship") {
		if strings.HasSuffix(rel.attr("Type"), "/hyperlink") {
			out[rel.attr("Id")] = rel.attr("Target")
		}
	}
	return out, err
}

// docxStyles reads the styles. Their names are English whatever language the program spoke; their ids are not.
func docxStyles(o *office, dir string) (map[string]docxStyle, error) {
	tree, err := o.tree(dir + "styles.xml")
	out := map[string]docxStyle{}
	for _, s := range tree.get("styles").all("style") {
		st := docxStyle{name: strings.ToLower(s.get("name").attr("val")), base: s.get("basedOn").attr("val"), level: -1, item: -1,
			bold: s.get("rPr", "b").isOn()}
		if l, ok := outlineLevel(s.get("pPr", "outlineLvl")); ok {
			st.level = l
		}
		if n := s.get("pPr", "numPr"); n != nil {
			st.item = itemLevel(n)
		}
		if name, ok := strings.CutPrefix(st.name, "heading "); ok {
			if l, err := strconv.Atoi(name); err == nil && l >= 1 {
				st.level = min(l, 6)
			}
		}
		if st.name == "title" {
			st.level = 1
		}
		for _, p := range s.all("tblStylePr") {
			st.header = st.header || p.attr("type") == "firstRow" && p.get("rPr", "b").isOn()
		}
		out[s.attr("styleId")] = st
	}
	return out, err
}

func outlineLevel(n *node) (int, bool) {
	if n == nil {
		return 0, false
	}
	l, err := strconv.Atoi(n.attr("val"))
	if err != nil || l < 0 || l > 8 {
		return 0, true
	}
	return min(l+1, 6), true
}

// itemLevel is the depth of an item by its numPr; 0 if it takes the paragraph out of its list.
func itemLevel(n *node) int {
	if n.get("numId").attr("val") == "0" {
		return 0
	}
	l, _ := strconv.Atoi(n.get("ilvl").attr("val"))
	return min(max(l, 0)+1, 12)
}

// style is what the style of an id says, with what it takes over from those that it is based on.
func (r *docxReader) style(id string) docxStyle {
	out, ok := r.styles[id]
	if !ok {
		return docxStyle{}
	}
	base := out.base
	for range 12 {
		s, ok := r.styles[base]
		if !ok {
			break
		}
		if out.level < 0 {
			out.level = s.level
		}
		if out.item < 0 {
			out.item = s.item
		}
		out.bold = out.bold || s.bold
		base = s.base
	}
	out.level, out.item = max(out.level, 0), max(out.item, 0)
	return out
}

// blocks reads paragraphs, tables and what wraps them.
func (r *docxReader) blocks(n *node) {
	if n == nil || r.depth > maxNest {
		return
	}
	r.depth++
	defer func() { r.depth-- }()
	for _, k := range n.kids {
		if r.b.full {
			return
		}
		switch k.name {
		case "p":
			r.paragraph(k)
		case "tbl":
			r.table(k)
		case "sdt":
			r.blocks(k.get("sdtContent"))
		case "ins", "moveTo", "customXml", "smartTag", "AlternateContent", "Choice":
			r.blocks(k)
		}
	}
}

// paragraph reads one paragraph into one block, or more if it holds a box of text.
func (r *docxReader) paragraph(p *node) {
	props := p.get("pPr")
	st := r.style(props.get("pStyle").attr("val"))
	if strings.HasPrefix(st.name, "toc ") { // made from the headings, with numbers of pages
		return
	}
	if l, ok := outlineLevel(props.get("outlineLvl")); ok && l > 0 {
		st.level = l
	}
	if n := props.get("numPr"); n != nil {
		st.item = itemLevel(n)
	}
	deleted := props.get("rPr", "del") != nil || props.get("rPr", "moveFrom") != nil
	for _, m := range p.all("bookmarkStart") {
		if name := m.attr("name"); name != "" && name[0] != '_' {
			r.b.mark(name)
		}
	}
	r.inlines(p, st.bold && st.level == 0)
	for len(r.fields) > 0 && !r.fields[len(r.fields)-1].shown { // an instruction does not go on in the next paragraph
		r.fields = r.fields[:len(r.fields)-1]
	}
	if deleted { // it goes on in the next paragraph
		return
	}
	switch {
	case r.single:
		r.b.run.endLine()
	case st.level > 0:
		r.b.flush(shape{kind: snapshots.Heading, level: st.level})
	case st.item > 0:
		r.b.flush(shape{kind: snapshots.Item, level: st.item})
	default:
		r.b.flush(paragraph)
	}
}

// inlines reads what stands in a paragraph.
func (r *docxReader) inlines(n *node, bold bool) {
	if r.depth > maxNest {
		return
	}
	r.depth++
	defer func() { r.depth-- }()
	for _, k := range n.kids {
		switch k.name {
		case "r":
			r.textRun(k, bold)
		case "hyperlink":
			target := r.rels[k.attr("id")]
			if a := k.attr("anchor"); a != "" {
				target += "#" + a
			}
			r.link(target, func() { r.inlines(k, bold) })
		case "fldSimple":
			r.link(fieldTarget(k.attr("instr")), func() { r.inlines(k, bold) })
		case "sdt":
			if c := k.get("sdtContent"); c != nil {
				r.inlines(c, bold)
			}
		case "ins", "moveTo", "smartTag", "customXml", "dir", "bdo", "AlternateContent", "Choice":
			r.inlines(k, bold)
		}
	}
}

func (r *docxReader) link(target string, inner func()) {
	if target == "" {
		inner()
		return
	}
	r.b.run.openLink(strings.ToValidUTF8(target, "\ufffd"))
	inner()
	r.b.run.closeLink()
}

var hyperlinkField = regexp.MustCompile(`^\s*HYPERLINK\s+(?:\\l\s+)?"([^"]+)"`)

// fieldTarget is where a field leads, "" if it is no link.
func fieldTarget(instruction string) string {
	m := hyperlinkField.FindStringSubmatch(instruction)
	switch {
	case m == nil:
		return ""
	case strings.Contains(m[0], `\l`):
		return "#" + m[1]
	}
	return m[1]
}

// textRun reads a run of characters in one style.
func (r *docxReader) textRun(n *node, bold bool) {
	props := n.get("rPr")
	if props.get("vanish").isOn() || props.get("webHidden").isOn() {
		return
	}
	if b := props.get("b"); b != nil {
		bold = b.isOn()
	} else if r.style(props.get("rStyle").attr("val")).bold {
		bold = true
	}
	run := &r.b.run
	if bold {
		run.strong++
		defer func() { r.b.run.strong-- }()
	}
	for _, k := range n.kids {
		switch k.name {
		case "fldChar":
			r.field(k.attr("fldCharType"))
		case "instrText":
			if i := len(r.fields) - 1; i >= 0 && !r.fields[i].shown && len(r.fields[i].instruction) < 4096 {
				r.fields[i].instruction += k.words()
			}
		case "t":
			if r.visible() {
				run.write(k.words())
			}
		case "noBreakHyphen":
			run.write("-")
		case "tab", "ptab":
			run.write(" ")
		case "br", "cr":
			if t := k.attr("type"); t == "" || t == "textWrapping" {
				run.breakLine()
			} else {
				run.write(" ")
			}
		case "sym":
			run.write("•")
		case "footnoteReference", "endnoteReference":
			if len(r.notes) < 10_000 {
				r.notes = append(r.notes, strings.TrimSuffix(k.name, "Reference")+" "+k.attr("id"))
			}
		case "AlternateContent", "drawing", "pict", "object":
			for _, box := range firstBoxes(k) {
				outer, single := r.b.run, r.single
				r.b.run = runWithin(outer)
				r.blocks(box)
				if !single {
					r.b.flush(paragraph)
				} else {
					outer = r.b.run
				}
				r.b.run = outer
			}
		}
	}
}

// runWithin is the run for a box of text: a new one, or in a cell the cell's.
func runWithin(outer run) run {
	if outer.flat {
		return outer
	}
	return run{}
}

// firstBoxes are the boxes of text in a drawing, each once although old programs get a second copy.
func firstBoxes(n *node) []*node {
	if n.name == "AlternateContent" {
		if c := n.get("Choice"); c != nil {
			n = c
		}
	}
	return n.outermost("txbxContent")
}

// visible reports whether text is shown here: it is not in the instruction of a field.
func (r *docxReader) visible() bool {
	return len(r.fields) == 0 || r.fields[len(r.fields)-1].shown
}

// field follows the marks of a field: it begins, its instruction ends, it ends.
func (r *docxReader) field(mark string) {
	top := len(r.fields) - 1
	switch {
	case mark == "begin" && len(r.fields) < 100:
		r.fields = append(r.fields, docxField{})
	case mark == "separate" && top >= 0:
		f := &r.fields[top]
		f.shown = true
		if target := fieldTarget(f.instruction); target != "" && !f.linked {
			r.b.run.openLink(strings.ToValidUTF8(target, "\ufffd"))
			f.linked = true
		}
	case mark == "end" && top >= 0:
		if r.fields[top].linked && len(r.b.run.open) > 0 {
			r.b.run.closeLink()
		}
		r.fields = r.fields[:top]
	}
}

// footnotes reads the notes that the text refers to, as paragraphs at its end.
func (r *docxReader) footnotes(o *office, dir string) error {
	texts := map[string]*node{}
	for _, kind := range [...]string{"footnote", "endnote"} {
		tree, err := o.tree(dir + kind + "s.xml")
		if err != nil {
			return err
		}
		for _, n := range tree.all(kind) {
			texts[kind+" "+n.attr("id")] = n
		}
		links, err := docxLinks(o, dir+"_rels/"+kind+"s.xml.rels")
		if err != nil {
			return err
		}
		for id, target := range links {
			if r.rels[id] == "" {
				r.rels[id] = target
			}
		}
	}
	for i := 0; i < len(r.notes); i++ { // notes may refer to notes
		r.blocks(texts[r.notes[i]])
		delete(texts, r.notes[i])
	}
	return nil
}
