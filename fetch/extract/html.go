package extract

// This file reads a page: parse, take the wanted part, prune, choose the main content, walk it.

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// A page is an HTML document on its way through the reader.
type page struct {
	doc      *html.Node
	body     *html.Node
	base     *url.URL // nil if unknown
	title    string   // as the title element says
	lang     string   // as the html element says
	linked   map[string]bool
	controls map[string]bool // ids of elements that a button or tab opens
	signs    signs
	leads    leads
	removed  []goquery.Matcher // what is to be left out
	noscript []string          // contents of noscript elements
	size     map[*html.Node]size
}

// readHTML reads body into b and gives what the page says of itself.
func readHTML(b *builder, body []byte, in Input, opt Options) (a about, err error) {
	doc, rough, err := parse(body, opt.MaxDepth)
	if err != nil {
		return a, fmt.Errorf("parse the page: %w", err)
	}
	if rough {
		b.warn("the page nests its elements too deep; their structure was read roughly")
	}
	if breaksOff(body) {
		b.warn("the page seems to break off: it ends without closing what it opened")
	}
	p := &page{doc: doc, linked: map[string]bool{}, controls: map[string]bool{}}
	for _, sel := range in.Remove {
		m, err := compile(sel)
		if err != nil {
			return a, err
		}
		p.removed = append(p.removed, m)
	}
	p.survey(in.BaseURL)
	p.signs.mount = p.signs.mount && !in.Rendered
	b.prefer = p.linked
	roots, err := p.roots(b, in)
	if err != nil {
		return a, err
	}
	w := walker{b: b, page: p}
	for _, r := range roots {
		w.block(r)
		w.b.flush(paragraph)
	}
	if !in.selects() {
		p.readNoscript(b)
		if reason := p.refuse(b); reason != "" {
			return a, ErrNotPolicy{reason}
		}
	}
	if b.cut {
		b.warn("a table cell spans so many places that it was not repeated in all of them")
	}
	return about{title: p.title, language: p.lang, next: p.resolved(slices.Concat(p.leads.rel, p.leads.words))}, nil
}

// parse gives the tree of body. The parser refuses more than 512 open elements: such a page is flattened first.
func parse(body []byte, depth int) (doc *html.Node, rough bool, err error) {
	if doc, err = html.Parse(bytes.NewReader(body)); err == nil && !deeper(doc, depth) {
		return doc, false, nil
	}
	doc, err = html.Parse(bytes.NewReader(flatten(body, depth/4)))
	return doc, true, err
}

// deeper reports whether the tree under n is more than depth levels deep.
func deeper(n *html.Node, depth int) bool {
	level := 0
	for at := n; ; {
		if at.FirstChild != nil {
			at = at.FirstChild
			if level++; level > depth {
				return true
			}
			continue
		}
		for at.NextSibling == nil {
			if at = at.Parent; at == nil || at == n {
				return false
			}
			level--
		}
		at = at.NextSibling
	}
}

// flatten writes body again without the elements that only wrap others: a division becomes a paragraph, lists and
// tables stay up to depth of their kind.
func flatten(body []byte, depth int) []byte {
	var out bytes.Buffer
	open := map[atom.Atom]int{}
	for z := html.NewTokenizer(bytes.NewReader(body)); ; {
		t := z.Next()
		if t == html.ErrorToken {
			return out.Bytes()
		}
		raw := z.Raw()
		if t != html.StartTagToken && t != html.EndTagToken {
			out.Write(raw)
			continue
		}
		raw = bytes.Clone(raw)
		name, _ := z.TagName()
		a := atom.Lookup(name)
		switch a {
		case atom.Div, atom.Section, atom.Center, atom.Dl, atom.Fieldset, atom.Figure, atom.Blockquote, atom.Header, atom.Footer,
			atom.Nav, atom.Aside, atom.Form, atom.Details, atom.Button, atom.Dialog:
			out.WriteString("<p>")
		case atom.Ul, atom.Ol, atom.Li, atom.Table, atom.Tbody, atom.Tr, atom.Td, atom.Th, atom.Main, atom.Article:
			if t == html.StartTagToken {
				open[a]++
				if open[a] <= depth {
					out.Write(raw)
				}
			} else {
				if open[a] <= depth {
					out.Write(raw)
				}
				open[a] = max(0, open[a]-1)
			}
		case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.P, atom.Title, atom.Head, atom.Body, atom.Html, atom.Script,
			atom.Style, atom.Noscript, atom.Br, atom.Meta, atom.Base, atom.Textarea, atom.Iframe, atom.Dt, atom.Dd, atom.Caption, atom.A:
			out.Write(raw)
		}
	}
}

// breaksOff reports whether a page that opens html and body elements ends without either closed, in the middle of something.
func breaksOff(body []byte) bool {
	head := bytes.ToLower(body[:min(len(body), 64<<10)])
	if !bytes.Contains(head, []byte("<body")) || !bytes.Contains(head, []byte("</head")) {
		return false
	}
	tail := bytes.ToLower(body[max(0, len(body)-64<<10):])
	return !bytes.Contains(tail, []byte("</body")) && !bytes.Contains(tail, []byte("</html"))
}

// survey walks the whole tree once: what the page says about itself, which ids it links to, and signs of
// a page that is not the one asked for. It takes out what never shows.
func (p *page) survey(baseURL string) {
	p.base, _ = url.Parse(baseURL)
	if p.base != nil && !p.base.IsAbs() {
		p.base = nil
	}
	var gone []*html.Node
	for n := range p.doc.Descendants() {
		if n.Type == html.CommentNode {
			gone = append(gone, n)
		}
		if n.Type != html.ElementNode {
			continue
		}
		p.signs.see(n)
		p.leads.see(n, p.removed)
		switch n.DataAtom {
		case atom.Html:
			p.lang = attr(n, "lang")
		case atom.Body:
			p.body = n
		case atom.Title:
			if p.title == "" && n.Namespace == "" {
				p.title = collapse(ownText(n))
			}
		case atom.Base:
			if u, err := url.Parse(attr(n, "href")); err == nil && attr(n, "href") != "" {
				p.base = resolve(p.base, u)
			}
		case atom.Noscript:
			p.noscript = append(p.noscript, ownText(n))
		case atom.A:
			if href := attr(n, "href"); len(href) > 1 && href[0] == '#' {
				p.linked[href[1:]] = true
			}
		}
		p.seeControls(n)
		if neverShows(n) {
			gone = append(gone, n)
		}
	}
	for _, n := range gone {
		if n.Parent != nil {
			n.Parent.RemoveChild(n)
		}
	}
	if p.body == nil {
		p.body = p.doc
	}
}

// seeControls remembers the panels that n opens.
func (p *page) seeControls(n *html.Node) {
	for _, key := range [...]string{"aria-controls", "data-target", "data-bs-target"} {
		for id := range strings.FieldsSeq(attr(n, key)) {
			p.controls[strings.TrimPrefix(id, "#")] = true
		}
	}
}

func resolve(base, u *url.URL) *url.URL {
	if base == nil {
		if u.IsAbs() {
			return u
		}
		return nil
	}
	return base.ResolveReference(u)
}

// readNoscript reads what the page offers to readers without JavaScript, if it offers nothing else.
func (p *page) readNoscript(b *builder) {
	if wordCount(string(b.text)) >= 40 {
		return
	}
	for _, s := range p.noscript {
		if wordCount(s) < 80 {
			continue
		}
		doc, _, err := parse([]byte(s), 400)
		if err != nil {
			continue
		}
		inner := &page{doc: doc, base: p.base, linked: p.linked, controls: p.controls}
		inner.survey("")
		inner.base = p.base
		w := walker{b: b, page: inner}
		w.block(inner.body)
		b.flush(paragraph)
		b.warn("the text stands in the part of the page for readers without JavaScript")
	}
}

func attr(n *html.Node, key string) string {
	for i := range n.Attr {
		if n.Attr[i].Key == key && n.Attr[i].Namespace == "" {
			return n.Attr[i].Val
		}
	}
	return ""
}

func hasAttr(n *html.Node, key string) bool {
	for i := range n.Attr {
		if n.Attr[i].Key == key {
			return true
		}
	}
	return false
}

// ownText is the text directly in n.
func ownText(n *html.Node) string {
	var s strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode {
			s.WriteString(c.Data)
		}
	}
	return s.String()
}

// collapse is s as a run would hold it.
func collapse(s string) string {
	var r run
	r.flat = true
	r.write(s)
	return string(appendNFC(nil, r.text, nil))
}
