package extract

// This file reads Markdown (CommonMark with GitHub's tables, autolinks and strikethrough) as collections of terms hold
// it: often made from HTML, with stray tags, escaped characters and bold lines for headings.

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/drittland/drittland/snapshots"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	mdtext "github.com/yuin/goldmark/text"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

type markdownReader struct {
	walker
	src   []byte
	depth int
	max   int
}

// markdownParser is made once: it keeps nothing of what it parses, and may be used by several at a time.
var markdownParser = sync.OnceValue(func() parser.Parser {
	return goldmark.New(goldmark.WithExtensions(extension.Table, linkify{}, extension.Strikethrough),
		goldmark.WithParserOptions(parser.WithHeadingAttribute())).Parser()
})

// readMarkdown reads body into b.
func readMarkdown(b *builder, body []byte, in Input, opt Options) {
	body, rough := tame(mendLinks(frontMatter(body)), opt.MaxDepth/4)
	if rough {
		b.warn("the text nests quotations or lists too deep; their structure was read roughly")
	}
	base, err := url.Parse(in.BaseURL)
	if err != nil || !base.IsAbs() {
		base = nil
	}
	b.bare = true
	root := markdownParser().Parse(mdtext.NewReader(body))
	m := markdownReader{walker: walker{b: b, page: &page{base: base, linked: map[string]bool{}, controls: map[string]bool{}}}, src: body, max: opt.MaxDepth}
	m.blocks(root)
	b.flush(paragraph)
}

// blocks reads the children of a block.
func (m *markdownReader) blocks(n ast.Node) {
	if m.depth++; m.depth > m.max {
		m.depth--
		return
	}
	defer func() { m.depth-- }()
	for c := n.FirstChild(); c != nil && !m.b.full; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Heading:
			m.heading(c)
		case *ast.Paragraph, *ast.TextBlock:
			m.end()
			m.inlines(c)
			m.end()
		case *ast.List:
			m.end()
			if m.numberedTitle(c) {
				continue
			}
			m.walker.depth++
			m.item = 0
			m.blocks(c)
			m.end()
			m.item = 0
			m.walker.depth--
		case *ast.ListItem:
			m.end()
			m.item = max(m.walker.depth, 1)
			m.blocks(c)
			m.end()
			m.item = 0
		case *ast.FencedCodeBlock:
			m.code(c.Lines())
		case *ast.CodeBlock:
			m.code(c.Lines())
		case *ast.HTMLBlock:
			m.htmlBlock(c)
		case *ast.ThematicBreak:
			m.end()
		case *east.Table:
			m.table(c)
		default:
			m.end()
			m.blocks(c)
			m.end()
		}
	}
}

// numberedTitle reads a line such as "8. Transfers" or "25. May 2018", which Markdown takes for a list of one item.
// A first item of one line that no stop ends is a heading if text follows.
func (m *markdownReader) numberedTitle(l *ast.List) bool {
	if !l.IsOrdered() || l.ChildCount() != 1 || m.walker.depth > 0 || l.FirstChild().FirstChild() == nil {
		return false
	}
	title := l.FirstChild().FirstChild()
	if title.Kind() != ast.KindTextBlock && title.Kind() != ast.KindParagraph {
		return false
	}
	s := title.Lines().At(0)
	t := bytes.TrimSpace(s.Value(m.src))
	short := len(t) > 0 && len(t) <= boldHeadingBytes && bytes.IndexByte([]byte(".,;:"), t[len(t)-1]) < 0 && title.Lines().Len() == 1
	if l.Start == 1 && !short || l.Start == 1 && l.NextSibling() == nil {
		return false
	}
	m.b.run.write(strconv.Itoa(l.Start) + string(l.Marker) + " ")
	m.hinted = short && title.NextSibling() == nil
	m.inlines(title)
	m.end()
	m.hinted = false
	l.FirstChild().RemoveChild(l.FirstChild(), title)
	m.blocks(l.FirstChild())
	return true
}

func (m *markdownReader) heading(h *ast.Heading) {
	m.end()
	m.item = 0
	if id, ok := h.AttributeString("id"); ok {
		if v, ok := id.([]byte); ok {
			m.b.mark(string(v))
		}
	}
	m.single, m.b.run.flat = true, true
	m.inlines(h)
	m.single, m.b.run.flat = false, false
	m.b.run.strong = 0
	if len(m.b.run.text) > 600 { // a paragraph above a line of dashes
		m.b.flush(paragraph)
		return
	}
	m.b.flush(shape{kind: snapshots.Heading, level: h.Level})
}

// code reads a code block line by line, as text: in terms it is mostly indentation gone wrong.
func (m *markdownReader) code(lines *mdtext.Segments) {
	m.end()
	for i := range lines.Len() {
		s := lines.At(i)
		m.b.run.write(string(s.Value(m.src)))
		m.b.run.breakLine()
	}
	m.end()
}

// table reads a GitHub table.
func (m *markdownReader) table(t *east.Table) {
	m.end()
	var rows [][]*cell
	total := 0
	for r := t.FirstChild(); r != nil; r = r.NextSibling() {
		_, header := r.(*east.TableHeader)
		var row []*cell
		for c := r.FirstChild(); c != nil; c = c.NextSibling() {
			if total++; total > m.b.max {
				m.b.full = true
				return
			}
			outer := m.b.run
			m.b.run = run{flat: true}
			m.single = true
			m.inlines(c)
			row = append(row, &cell{rows: 1, columns: 1, header: header, run: m.b.run, anchor: m.b.anchor})
			m.single = false
			m.b.run, m.b.anchor = outer, ""
		}
		rows = append(rows, row)
	}
	m.b.table(rows)
}

// inlines reads the text within a block.
func (m *markdownReader) inlines(n ast.Node) {
	if m.depth++; m.depth > m.max {
		m.depth--
		return
	}
	defer func() { m.depth-- }()
	r := &m.b.run
	strong, links := r.strong, len(r.open)
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			r.write(unescape(c.Segment.Value(m.src)))
			if c.HardLineBreak() || c.SoftLineBreak() {
				r.endLine()
			}
		case *ast.String:
			r.write(string(c.Value))
		case *ast.CodeSpan:
			for t := c.FirstChild(); t != nil; t = t.NextSibling() {
				if s, ok := t.(*ast.Text); ok {
					r.write(string(s.Segment.Value(m.src)))
				}
			}
		case *ast.Emphasis:
			if c.Level > 1 {
				r.strong++
			}
			m.inlines(c)
			if c.Level > 1 {
				r.strong--
			}
		case *ast.Link:
			r.openLink(m.target(unescape(c.Destination)))
			m.inlines(c)
			r.closeLink()
		case *ast.Image:
		case *ast.AutoLink:
			m.autoLink(c)
		case *ast.RawHTML:
			m.rawHTML(c)
		default:
			m.inlines(c)
		}
	}
	r.strong = strong // tags left open end with their block
	for len(r.open) > links {
		r.closeLink()
	}
}

func (m *markdownReader) autoLink(a *ast.AutoLink) {
	label := string(a.Label(m.src))
	target := string(a.URL(m.src))
	if a.AutoLinkType == ast.AutoLinkEmail && !hasPrefixFold(target, "mailto:") {
		target = "mailto:" + target
	}
	m.b.run.openLink(m.target(target))
	m.b.run.write(label)
	m.b.run.closeLink()
}

// rawHTML reads a stray tag for the little that it means within a block.
func (m *markdownReader) rawHTML(n *ast.RawHTML) {
	r := &m.b.run
	var tag []byte
	for i := range n.Segments.Len() {
		s := n.Segments.At(i)
		tag = append(tag, s.Value(m.src)...)
	}
	if string(tag) == "<br>" || string(tag) == "</br>" { // by far the most frequent
		r.breakLine()
		return
	}
	z := html.NewTokenizer(bytes.NewReader(tag))
	kind := z.Next()
	t := z.Token()
	for _, a := range t.Attr {
		if a.Key == "id" || a.Key == "name" && t.DataAtom == atom.A {
			m.b.mark(a.Val)
		}
	}
	opens := kind == html.StartTagToken
	switch t.DataAtom {
	case atom.Br:
		r.breakLine()
	case atom.P, atom.Div, atom.Li, atom.Tr, atom.Ul, atom.Ol, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		r.endLine()
	case atom.Td, atom.Th:
		r.space = true
	case atom.B, atom.Strong:
		if opens {
			r.strong++
		} else if r.strong > 0 {
			r.strong--
		}
	case atom.A:
		if !opens && len(r.open) > 0 {
			r.closeLink()
		} else if opens {
			href := ""
			for _, a := range t.Attr {
				if a.Key == "href" {
					href = a.Val
				}
			}
			r.openLink(m.target(href))
		}
	}
}

// htmlBlock reads HTML between Markdown blocks with the reader of pages.
func (m *markdownReader) htmlBlock(n *ast.HTMLBlock) {
	var raw []byte
	for i := range n.Lines().Len() {
		s := n.Lines().At(i)
		raw = append(raw, s.Value(m.src)...)
	}
	if n.HasClosure() {
		raw = append(raw, n.ClosureLine.Value(m.src)...)
	}
	doc, _, err := parse(raw, m.max)
	if err != nil {
		return
	}
	inner := &page{doc: doc, base: m.page.base, linked: m.page.linked, controls: m.page.controls}
	inner.survey("")
	inner.base = m.page.base
	m.end()
	w := walker{b: m.b, page: inner, depth: m.walker.depth, item: m.item}
	w.block(inner.body)
	m.item = w.item
}

// unescape resolves backslash escapes and character references.
func unescape(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 && bytes.IndexByte(raw, '&') < 0 {
		return string(raw)
	}
	var out strings.Builder
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '\\' && i+1 < len(raw) && strings.IndexByte("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", raw[i+1]) >= 0:
			i++
			out.WriteByte(raw[i])
		case c == '&':
			end := bytes.IndexByte(raw[i:min(len(raw), i+40)], ';')
			if end < 0 {
				out.WriteByte(c)
				continue
			}
			out.WriteString(html.UnescapeString(string(raw[i : i+end+1])))
			i += end
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}
