package extract

// This file opens the files of word processors: ZIP archives with XML in them. Sizes are counted as they are unpacked,
// whatever the archive says of them.

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"
)

const (
	maxParts = 10_000   // files in an archive
	maxPart  = 48 << 20 // bytes of one file that is read, unpacked
	maxNodes = 1_500_000
	maxNest  = 300
)

// An office is an archive of a word processor.
type office struct {
	format format
	parts  map[string]*zip.File
	nodes  int // that may still be made
}

// openOffice opens an archive; nil if it is none that can be read.
func openOffice(body []byte) *office {
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil || len(z.File) > maxParts {
		return nil
	}
	o := &office{parts: map[string]*zip.File{}, nodes: maxNodes}
	for _, f := range z.File {
		o.parts[strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/")] = f
	}
	switch kind, _ := o.part("mimetype"); {
	case o.parts["content.xml"] != nil && strings.HasPrefix(string(kind), "application/vnd.oasis.opendocument.text"):
		o.format = formatODT
	case o.parts["[Content_Types].xml"] != nil && o.parts[o.mainPart()] != nil:
		o.format = formatDOCX
	default:
		return nil
	}
	return o
}

// mainPart is the name of the part with the text of a DOCX file.
func (o *office) mainPart() string {
	root, _ := o.tree("_rels/.rels")
	for _, rel := range root.all("Relationship") {
		if strings.HasSuffix(rel.attr("Type"), "/officeDocument") {
			name := strings.TrimPrefix(path.Clean(rel.attr("Target")), "/")
			if strings.HasPrefix(name, "xl/") || strings.HasPrefix(name, "ppt/") {
				return ""
			}
			return name
		}
	}
	return "word/document.xml"
}

var errPart = errors.New("a part of it cannot be unpacked")

// part is one file of the archive; nil if it is not there.
func (o *office) part(name string) ([]byte, error) {
	f := o.parts[name]
	if f == nil {
		return nil, nil
	}
	r, err := f.Open()
	if err != nil {
		return nil, errPart
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, maxPart+1))
	if len(b) > maxPart {
		return nil, ErrTooBig{What: "bytes in one part of the file", Limit: maxPart}
	}
	if err != nil {
		return nil, errPart
	}
	return b, nil
}

// A node is an element of XML, or a piece of text if it has no name. Namespaces are left out: the names are not
// ambiguous in the files that are read here.
type node struct {
	name  string
	text  string
	attrs []xml.Attr
	kids  []*node
}

// tree parses one file of the archive; an empty node if it is not there.
func (o *office) tree(name string) (*node, error) {
	b, err := o.part(name)
	if err != nil || b == nil {
		return &node{}, err
	}
	root := &node{}
	open := []*node{root}
	d := xml.NewDecoder(bytes.NewReader(b))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	for {
		t, err := d.RawToken()
		if err == io.EOF {
			return root, nil
		}
		if err != nil {
			return root, errPart
		}
		top := open[len(open)-1]
		switch t := t.(type) {
		case xml.StartElement:
			if o.nodes--; o.nodes < 0 {
				return root, ErrTooBig{What: "elements", Limit: maxNodes}
			}
			n := &node{name: t.Name.Local, attrs: t.Copy().Attr}
			top.kids = append(top.kids, n)
			if len(open) > maxNest {
				return root, ErrTooBig{What: "levels of elements", Limit: maxNest}
			}
			open = append(open, n)
		case xml.EndElement:
			if len(open) > 1 {
				open = open[:len(open)-1]
			}
		case xml.CharData:
			if o.nodes--; o.nodes >= 0 {
				top.kids = append(top.kids, &node{text: string(t)})
			}
		}
	}
}

// attr is an attribute by its name without a prefix, "" if there is none.
func (n *node) attr(name string) string {
	if n == nil {
		return ""
	}
	for i := range n.attrs {
		if n.attrs[i].Name.Local == name {
			return n.attrs[i].Value
		}
	}
	return ""
}

// get follows a path of names, nil if it leads nowhere.
func (n *node) get(names ...string) *node {
	for _, name := range names {
		if n == nil {
			return nil
		}
		var next *node
		for _, k := range n.kids {
			if k.name == name {
				next = k
				break
			}
		}
		n = next
	}
	return n
}

// all are the elements of a name under n, however deep.
func (n *node) all(name string) []*node {
	var out []*node
	var find func(n *node)
	find = func(n *node) {
		for _, k := range n.kids {
			if k.name == name {
				out = append(out, k)
			}
			find(k)
		}
	}
	if n != nil {
		find(n)
	}
	return out
}

// outermost are the elements of a name under n that do not lie within another of them.
func (n *node) outermost(name string) []*node {
	var out []*node
	for _, k := range n.kids {
		if k.name == name {
			out = append(out, k)
		} else {
			out = append(out, k.outermost(name)...)
		}
	}
	return out
}

// words is all text in n.
func (n *node) words() string {
	var out strings.Builder
	var add func(n *node)
	add = func(n *node) {
		out.WriteString(n.text)
		for _, k := range n.kids {
			add(k)
		}
	}
	if n != nil {
		add(n)
	}
	return out.String()
}

// isOn reads a property such as <w:b/> or <w:b w:val="0"/>.
func (n *node) isOn() bool {
	if n == nil {
		return false
	}
	switch n.attr("val") {
	case "0", "false", "off", "none":
		return false
	}
	return true
}

// readOffice reads the archive into b and gives the title that the file has.
func readOffice(b *builder, o *office) (title string, err error) {
	damaged := func(err error) error {
		if errors.Is(err, errPart) {
			return ErrUnreadable{string(o.format), Damaged, "it is damaged: " + err.Error()}
		}
		return err
	}
	if o.format == formatODT {
		title, err = readODT(b, o)
	} else {
		title, err = readDOCX(b, o)
	}
	if b.cut {
		b.warn("a table cell spans so many places that it was not repeated in all of them")
	}
	return title, damaged(err)
}

// isEncryptedOffice reports whether body is a file of Office with a password: the old container around a new file.
func isEncryptedOffice(body []byte) bool {
	return bytes.HasPrefix(body, []byte("\xd0\xcf\x11\xe0")) && bytes.Contains(body, []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e"))
}

// isLayout reports whether a table has one column only: then it lays out a page, and its blocks are read one after the
// other.
func isLayout(rows [][]*node) bool {
	for _, row := range rows {
		if len(row) > 1 {
			return false
		}
	}
	return true
}
