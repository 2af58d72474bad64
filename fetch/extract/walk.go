package extract

// This file walks the elements of a page and makes blocks of them.

import (
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"

	"github.com/drittland/drittland/snapshots"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var paragraph = shape{kind: snapshots.Paragraph}

// A walker reads elements into blocks. Within a cell or a heading it only breaks lines: they are one block.
type walker struct {
	b      *builder
	page   *page
	depth  int  // of lists
	item   int  // depth of the list item whose first block is still to come, 0 if none
	single bool // within a table cell or a heading
	hinted bool // the current block stands where a heading would: a summary, the button of an accordion
}

// end closes the block before and after a block element.
func (w *walker) end() {
	if w.single {
		w.b.run.endLine()
		return
	}
	s := paragraph
	s.maybe = w.hinted
	if w.item > 0 {
		s = shape{kind: snapshots.Item, level: w.item}
	}
	if len(w.b.run.text) > 0 {
		w.item = 0
	}
	w.b.flush(s)
}

func (w *walker) children(n *html.Node) {
	if !w.single && isStack(n) {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.Type == html.ElementNode {
				w.end()
				w.element(c)
				w.end()
			}
		}
		return
	}
	for c := n.FirstChild; c != nil && !w.b.full; c = c.NextSibling {
		switch c.Type {
		case html.TextNode:
			w.b.run.write(c.Data)
		case html.ElementNode:
			w.element(c)
		}
	}
}

// block reads n as a block element, whatever it is.
func (w *walker) block(n *html.Node) {
	w.end()
	w.b.mark(attr(n, "id"))
	if level := headingLevel(n); level > 0 {
		w.heading(n, level)
	} else if isTable(n) {
		w.table(n)
	} else {
		w.children(n)
		w.end()
	}
}

func (w *walker) element(n *html.Node) {
	if level := headingLevel(n); level > 0 {
		w.end()
		w.b.mark(attr(n, "id"))
		w.heading(n, level)
		return
	}
	if hidden := attr(n, "data-cfemail"); hidden != "" && w.mail(hidden) {
		return
	}
	switch n.DataAtom {
	case atom.Br:
		w.b.run.breakLine()
	case atom.Wbr, atom.Img, atom.Picture:
	case atom.Hr:
		w.end()
	case atom.A:
		w.link(n)
	case atom.B, atom.Strong:
		w.strong(n)
	case atom.Ul, atom.Ol, atom.Menu, atom.Dir:
		w.list(n)
	case atom.Li:
		w.listItem(n, max(w.depth, 1))
	case atom.Dd:
		w.listItem(n, w.depth+1)
	case atom.Pre:
		w.preformatted(n)
	case atom.Summary:
		w.titled(n)
	case atom.Button:
		if hasAttr(n, "aria-expanded") || hasAttr(n, "aria-controls") {
			w.titled(n)
		} else {
			w.inline(n)
		}
	case atom.Table:
		w.block(n)
	default:
		switch {
		case isTable(n), breaksBlock(n):
			w.block(n)
		default:
			w.inline(n)
		}
	}
}

// breaksBlock tells elements that stand on lines of their own.
func breaksBlock(n *html.Node) bool {
	switch n.DataAtom {
	case atom.P, atom.Div, atom.Section, atom.Article, atom.Main, atom.Header, atom.Footer, atom.Aside, atom.Nav, atom.Address, atom.Blockquote,
		atom.Figure, atom.Figcaption, atom.Details, atom.Dl, atom.Dt, atom.Fieldset, atom.Legend, atom.Form, atom.Center, atom.Body, atom.Html,
		atom.Td, atom.Th, atom.Tr, atom.Tbody, atom.Thead, atom.Tfoot, atom.Caption, atom.Hgroup, atom.Search, atom.Dialog, atom.Option:
		return true
	}
	if n.DataAtom == 0 { // a custom element stands where it holds blocks
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.Type == html.ElementNode && (breaksBlock(c) || headingLevel(c) > 0 || c.DataAtom == atom.Ul || c.DataAtom == atom.Table) {
				return true
			}
		}
	}
	switch attr(n, "role") {
	case "paragraph", "listitem", "row", "article", "region", "group":
		return true
	}
	return n.DataAtom == atom.Span && strings.Contains(strings.ReplaceAll(attr(n, "style"), " ", ""), "display:block")
}

func (w *walker) inline(n *html.Node) {
	w.b.mark(attr(n, "id"))
	bold := boldByStyle(attr(n, "style"))
	if bold {
		w.b.run.strong++
	}
	w.children(n)
	if bold {
		w.b.run.strong--
	}
}

func boldByStyle(style string) bool {
	i := strings.Index(style, "font-weight")
	if i < 0 {
		return false
	}
	v := strings.TrimLeft(style[i+len("font-weight"):], ": ")
	for _, b := range [...]string{"bold", "600", "700", "800", "900"} {
		if strings.HasPrefix(v, b) {
			return true
		}
	}
	return false
}

func (w *walker) strong(n *html.Node) {
	w.b.run.strong++
	w.inline(n)
	w.b.run.strong--
}

// titled reads what opens a closed section: it is the section's heading unless it holds one.
func (w *walker) titled(n *html.Node) {
	w.end()
	w.hinted = true
	w.b.mark(attr(n, "id"))
	w.children(n)
	w.end()
	w.hinted = false
}

// headingLevel is 1 to 6 for a heading, 0 for anything else.
func headingLevel(n *html.Node) int {
	switch n.DataAtom {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return int(n.Data[1] - '0')
	}
	if attr(n, "role") != "heading" {
		return 0
	}
	if l, err := strconv.Atoi(attr(n, "aria-level")); err == nil && 1 <= l && l <= 6 {
		return l
	}
	return 2
}

// heading reads a heading. One that holds whole sections, by a tag left open, is none.
func (w *walker) heading(n *html.Node, level int) {
	if w.single {
		w.children(n)
		w.end()
		return
	}
	if headingHoldsBlocks(n) {
		w.children(n)
		w.end()
		return
	}
	w.item = 0
	w.single, w.b.run.flat = true, true
	w.children(n)
	w.single, w.b.run.flat = false, false
	if len(w.b.run.text) > 600 {
		w.b.flush(paragraph)
		return
	}
	w.b.flush(shape{kind: snapshots.Heading, level: level})
}

func headingHoldsBlocks(n *html.Node) bool {
	for c := range n.Descendants() {
		switch c.DataAtom {
		case atom.Ul, atom.Ol, atom.Table, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Pre, atom.Dl:
			return true
		}
	}
	return false
}

func (w *walker) list(n *html.Node) {
	w.end()
	w.b.mark(attr(n, "id"))
	w.depth++
	w.item = 0
	w.children(n)
	w.end()
	w.item = 0
	w.depth--
}

func (w *walker) listItem(n *html.Node, level int) {
	w.end()
	w.b.mark(attr(n, "id"))
	w.item = level
	w.children(n)
	w.end()
	w.item = 0
}

// preformatted text keeps its lines until it is known whether they are paragraphs, items or mere wrapping.
func (w *walker) preformatted(n *html.Node) {
	w.end()
	w.b.mark(attr(n, "id"))
	for c := range n.Descendants() {
		if c.Type != html.TextNode {
			continue
		}
		for i, l := range strings.Split(c.Data, "\n") {
			if i > 0 {
				w.b.run.breakLine()
			}
			w.b.run.write(l)
		}
	}
	w.end()
}

func (w *walker) link(n *html.Node) {
	if id := attr(n, "id"); id != "" {
		w.b.mark(id)
	} else {
		w.b.mark(attr(n, "name"))
	}
	w.b.run.openLink(w.target(attr(n, "href")))
	w.children(n)
	w.b.run.closeLink()
}

// mail writes an e-mail address that Cloudflare hid.
func (w *walker) mail(hidden string) bool {
	mail, ok := unhide(hidden)
	if ok {
		w.b.run.openLink("mailto:" + mail)
		w.b.run.write(mail)
		w.b.run.closeLink()
	}
	return ok
}

// target is href as an absolute address where the base is known, "" if it leads nowhere.
func (w *walker) target(href string) string {
	href = strings.TrimSpace(href)
	if href == "" || len(href) > 8192 || hasPrefixFold(href, "javascript:") || hasPrefixFold(href, "data:") {
		return ""
	}
	if _, hidden, ok := strings.Cut(href, "/cdn-cgi/l/email-protection#"); ok {
		if mail, ok := unhide(hidden); ok {
			return "mailto:" + mail
		}
	}
	href = strings.ToValidUTF8(href, "\ufffd")
	if w.page == nil || w.page.base == nil {
		return href
	}
	u, err := url.Parse(href)
	if err != nil {
		return href
	}
	return w.page.base.ResolveReference(u).String()
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// unhide undoes Cloudflare's e-mail obfuscation: hexadecimal bytes, all but the first exclusive-or the first.
func unhide(s string) (string, bool) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) < 4 {
		return "", false
	}
	for i := range b[1:] {
		b[i+1] ^= b[0]
	}
	mail := strings.ToValidUTF8(string(b[1:]), "")
	return mail, strings.Contains(mail, "@")
}
