package extract

// This file reads ODT: headings, paragraphs, lists, tables, links and notes. Deletions that are tracked stand apart from the
// text and are left out.

import (
	"strconv"
	"strings"

	"github.com/drittland/drittland/snapshots"
)

type odtReader struct {
	b      *builder
	bold   map[string]bool // styles
	levels map[string]int  // of headings, by style
	notes  []*node
	list   int // depth
	item   int // depth of the item whose first block is still to come
	single bool
	depth  int
}

func readODT(b *builder, o *office) (string, error) {
	doc, err := o.tree("content.xml")
	if err != nil {
		return "", err
	}
	r := &odtReader{b: b, bold: map[string]bool{}, levels: map[string]int{}}
	for _, name := range [...]string{"styles.xml", "content.xml"} {
		tree := doc
		if name == "styles.xml" {
			if tree, err = o.tree(name); err != nil {
				return "", err
			}
		}
		for _, s := range tree.all("style") {
			r.levels[s.attr("name")] = max(styleLevel(s.attr("name")), styleLevel(s.attr("parent-style-name")), r.levels[s.attr("parent-style-name")])
			weight := s.get("text-properties").attr("font-weight")
			r.bold[s.attr("name")] = weight == "bold" || weight >= "600" && weight <= "900" || weight == "" && r.bold[s.attr("parent-style-name")]
		}
	}
	r.blocks(doc.get("document-content", "body", "text"))
	for i := 0; i < len(r.notes) && i < 10_000; i++ {
		r.blocks(r.notes[i].get("note-body"))
	}
	meta, err := o.tree("meta.xml")
	return strings.TrimSpace(meta.get("document-meta", "meta", "title").words()), err
}

// styleLevel is the level of a heading by the name of its style, 0 for other styles.
func styleLevel(style string) int {
	if style == "Title" {
		return 1
	}
	level, _ := strconv.Atoi(strings.TrimPrefix(style, "Heading_20_"))
	if level < 1 || level > 10 || !strings.HasPrefix(style, "Heading_20_") {
		return 0
	}
	return min(level, 6)
}

func (r *odtReader) blocks(n *node) {
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
		case "h":
			r.inlines(k)
			level, _ := strconv.Atoi(k.attr("outline-level"))
			r.end(shape{kind: snapshots.Heading, level: min(max(level, 1), 6)})
		case "p":
			bold := r.bold[k.attr("style-name")]
			if bold {
				r.b.run.strong++
			}
			r.inlines(k)
			if bold {
				r.b.run.strong--
			}
			s := paragraph
			switch {
			case r.item > 0:
				s = shape{kind: snapshots.Item, level: r.item}
			case max(r.levels[k.attr("style-name")], styleLevel(k.attr("style-name"))) > 0:
				s = shape{kind: snapshots.Heading, level: max(r.levels[k.attr("style-name")], styleLevel(k.attr("style-name")))}
			}
			r.end(s)
			r.item = 0
		case "list":
			r.list++
			r.blocks(k)
			r.list--
		case "list-item", "list-header":
			r.item = min(r.list, 12)
			r.blocks(k)
			r.item = 0
		case "table":
			r.table(k)
		case "tracked-changes", "table-of-content", "annotation", "sequence-decls", "forms":
		case "section", "index-body", "text-box", "frame", "numbered-paragraph":
			r.blocks(k)
		}
	}
}

func (r *odtReader) end(s shape) {
	if r.single {
		r.b.run.endLine()
		return
	}
	r.b.flush(s)
}

func (r *odtReader) inlines(n *node) {
	if r.depth > maxNest {
		return
	}
	r.depth++
	defer func() { r.depth-- }()
	run := &r.b.run
	for _, k := range n.kids {
		switch k.name {
		case "":
			run.write(k.text)
		case "s", "tab":
			run.write(" ")
		case "line-break":
			run.breakLine()
		case "a":
			run.openLink(strings.ToValidUTF8(k.attr("href"), "\ufffd"))
			r.inlines(k)
			run.closeLink()
		case "span":
			bold := r.bold[k.attr("style-name")]
			if bold {
				run.strong++
			}
			r.inlines(k)
			if bold {
				run.strong--
			}
		case "note":
			r.notes = append(r.notes, k)
		case "bookmark", "bookmark-start":
			if name := k.attr("name"); name != "" && name[0] != '_' {
				r.b.mark(name)
			}
		case "annotation", "annotation-end", "tracked-changes", "change", "change-start", "change-end", "soft-page-break", "frame":
		default: // fields show their text
			r.inlines(k)
		}
	}
}

// table reads a table into cells.
func (r *odtReader) table(n *node) {
	var rows [][]*node
	var header []bool
	var find func(n *node, head bool)
	find = func(n *node, head bool) {
		for _, k := range n.kids {
			switch k.name {
			case "table-row":
				var cells []*node
				for _, c := range k.kids {
					if c.name == "table-cell" {
						cells = append(cells, c)
					}
				}
				rows, header = append(rows, cells), append(header, head)
			case "table-header-rows":
				find(k, true)
			case "table-rows", "table-row-group":
				find(k, head)
			}
		}
	}
	find(n, false)
	if r.single || isLayout(rows) {
		for _, row := range rows {
			for _, c := range row {
				r.blocks(c)
			}
		}
		return
	}
	var table [][]*cell
	total := 0
	for i, row := range rows {
		var cells []*cell
		for _, c := range row {
			if total++; total > r.b.max {
				r.b.full = true
				return
			}
			outer := r.b.run
			r.b.run, r.single = run{flat: true}, true
			r.blocks(c)
			cells = append(cells, &cell{rows: spanAttr(c.attr("number-rows-spanned")), columns: spanAttr(c.attr("number-columns-spanned")), header: header[i], run: r.b.run})
			r.b.run, r.single = outer, false
		}
		table = append(table, cells)
	}
	r.b.table(table)
}
