package pdf

// This file is what others use: Read, and what it gives.

// A Document is the text of a file in pieces, as they were drawn.
type Document struct {
	Title    string
	Language string
	Pages    []Page
	Tree     []Element // what a tagged file says about the structure of its text; nil for others
	Unread   int       // characters of which the file does not say what they stand for
	Images   int       // that are drawn
	Broken   bool      // a part of the drawing could not be read
}

// A Page is one page, its origin at the lower left.
type Page struct {
	Width, Height float64
	Pieces        []Piece
	Links         []Link
}

// A Link is an area of a page that leads out of the file.
type Link struct {
	X0, Y0, X1, Y1 float64
	Target         string
}

// A Piece is text in one font, on one line, without a gap wider than a space.
type Piece struct {
	X, Y, Width, Size float64 // in points; Y is that of the baseline
	Text              string
	Bold              bool
	Link              string // where it leads, if it is a link out of the file
	Mark              int    // the number under which a structure refers to it, -1 if it has none
	Artifact          bool   // not part of the text: a running header, a page number
}

// An Element is a node of the structure: a kind such as "H1", "P", "TD" with others within, or, if the kind is empty,
// the pieces of one page with one mark.
type Element struct {
	Kind          string
	Kids          []Element
	Page, Mark    int
	Rows, Columns int // that a cell covers, at least 1
}

// Read reads a file. Errors are ErrEncrypted, ErrDamaged and ErrTooBig.
func Read(body []byte, limits Limits) (*Document, error) {
	f, err := open(body, limits)
	if err != nil {
		return nil, err
	}
	pages, err := f.pageDicts()
	if err != nil {
		return nil, err
	}
	d := &Document{Title: f.text(f.dict(f.trailer["Info"])["Title"]), Language: f.text(f.dict(f.trailer["Root"])["Lang"])}
	fonts := map[ref]*font{}
	for _, p := range pages {
		page := f.newPainter(p, fonts).page(p, d)
		d.Pages = append(d.Pages, page)
		if f.full {
			return nil, ErrTooBig
		}
	}
	d.Tree = f.tree(pages)
	return d, nil
}

// tree reads the structure of a tagged file.
func (f *file) tree(pages []dict) []Element {
	numbers := map[ref]int{}
	for i, p := range pages {
		if r, ok := p["self"].(ref); ok {
			numbers[r] = i
		}
	}
	root := f.dict(f.dict(f.trailer["Root"])["StructTreeRoot"])
	t := treeReader{f: f, pages: numbers, roles: f.dict(root["RoleMap"]), seen: map[ref]bool{}}
	return t.kids(root["K"], -1, 0)
}

type treeReader struct {
	f     *file
	pages map[ref]int
	roles dict
	seen  map[ref]bool
}

// kids are the elements of K: one or several of elements, marks and references to marks.
func (t *treeReader) kids(k any, page, depth int) []Element {
	if depth > 80 || k == nil {
		return nil
	}
	list := array{k}
	if a, ok := t.f.get(k).(array); ok {
		list = a
	}
	var out []Element
	for _, v := range list {
		if r, ok := v.(ref); ok {
			if t.seen[r] {
				continue
			}
			t.seen[r] = true
		}
		switch v := t.f.get(v).(type) {
		case float64:
			out = append(out, Element{Page: page, Mark: int(v)})
		case dict:
			out = t.kid(out, v, page, depth)
		}
	}
	return out
}

func (t *treeReader) kid(out []Element, d dict, page, depth int) []Element {
	if r, ok := d["Pg"].(ref); ok {
		if n, ok := t.pages[r]; ok {
			page = n
		}
	}
	switch t.f.name(d["Type"]) {
	case "OBJR":
		return out
	case "MCR":
		if d["Stm"] != nil { // within a form: its marks are numbered on their own
			return out
		}
		return append(out, Element{Page: page, Mark: int(t.f.num(d["MCID"]))})
	}
	e := Element{Kind: t.kind(d["S"]), Rows: 1, Columns: 1, Kids: t.kids(d["K"], page, depth+1)}
	for _, a := range t.f.list(d["A"]) {
		a := t.f.dict(a)
		e.Rows = max(e.Rows, int(t.f.num(a["RowSpan"])))
		e.Columns = max(e.Columns, int(t.f.num(a["ColSpan"])))
	}
	if e.Kind == "" {
		return append(out, e.Kids...)
	}
	return append(out, e)
}

// kind is the standard name of a kind.
func (t *treeReader) kind(v any) string {
	k := t.f.name(v)
	for range 10 {
		to := t.f.name(t.roles[k])
		if to == "" || to == k || isStandard(string(k)) {
			break
		}
		k = to
	}
	return string(k)
}

func isStandard(kind string) bool {
	switch kind {
	case "P", "H", "H1", "H2", "H3", "H4", "H5", "H6", "L", "LI", "Lbl", "LBody", "Table", "TR", "TH", "TD", "THead", "TBody", "TFoot", "Span", "Link", "Note":
		return true
	}
	return false
}
