package extract

// This file chooses the element that holds the main content of a page.
//
// The rule: the largest main (or role=main) if it holds half of the running text of the body, or a quarter and more
// than 300 words; else the largest article if it holds 60 %; else the body. All of them without navigation and the like. A body chosen for want of a landmark is checked
// against go-readability; a page with a landmark is not, since that costs two or three times the parse.

import (
	"fmt"

	"codeberg.org/readeck/go-readability/v2"
	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const (
	disagree    = 0.2    // share of words by which two readings may differ without a warning
	crossChecks = 60_000 // words beyond which the second reading is not worth its price
)

// mainContent prunes the page and chooses.
func (p *page) mainContent(b *builder) *html.Node {
	p.nameTabs()
	var second *html.Node
	landmark := p.hasLandmark()
	if !landmark {
		second = clone(p.doc)
	}
	p.size = map[*html.Node]size{}
	p.prune(b, p.body, measure(p.body, false, p.size))
	clear(p.size)
	total := measure(p.body, false, p.size)
	if root, words := p.largest(isMain); 2*words > total.prose() || words > 300 && 4*words > total.prose() {
		return root
	}
	if root, words := p.largest(isArticle); 10*words > 6*total.prose() {
		return root
	}
	if second == nil {
		second = clone(p.doc)
	}
	if p.hasStart(p.body) {
		p.dropLead(p.body)
		clear(p.size)
		total = measure(p.body, false, p.size)
	}
	return p.crossCheck(b, second, total)
}

// startsText tells where the text of a page begins: at its title, or at running text of 20 words.
func (p *page) startsText(n *html.Node) bool {
	switch n.DataAtom {
	case atom.H1:
		return p.size[n].prose() > 0
	case atom.P, atom.Li, atom.Td, atom.Dd, atom.Blockquote:
		return p.size[n].prose() >= 20
	}
	return false
}

func (p *page) hasStart(n *html.Node) bool {
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && p.startsText(c) {
			return true
		}
	}
	return false
}

// dropLead takes out what stands before the text of a page and holds links only: its unmarked menus. It reports
// whether the text began within n.
func (p *page) dropLead(n *html.Node) bool {
	if wordCount(ownText(n)) > 0 { // its links are part of a sentence
		return p.size[n].prose() >= 20
	}
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		if c.Type == html.ElementNode {
			s := p.size[c]
			if p.startsText(c) {
				return true
			}
			switch c.DataAtom {
			case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Td, atom.Dd, atom.Dt: // read as a whole
			default:
				if p.dropLead(c) {
					return true
				}
			}
			if s.words > 0 && 10*s.linked >= 8*s.words {
				n.RemoveChild(c)
			}
		}
		c = next
	}
	return false
}

func isMain(n *html.Node) bool    { return n.DataAtom == atom.Main || attr(n, "role") == "main" }
func isArticle(n *html.Node) bool { return n.DataAtom == atom.Article }

func (p *page) hasLandmark() bool {
	for n := range p.body.Descendants() {
		if n.Type == html.ElementNode && (isMain(n) || isArticle(n)) {
			return true
		}
	}
	return false
}

// largest is the landmark with the most running text, and how many words that is.
func (p *page) largest(is func(*html.Node) bool) (best *html.Node, words int) {
	for n := range p.body.Descendants() {
		if n.Type == html.ElementNode && is(n) && (best == nil || p.size[n].prose() > words) {
			best, words = n, p.size[n].prose()
		}
	}
	return best, words
}

// crossCheck compares the body with what go-readability takes for the article. The body is read unless it holds less
// than half of that: the body errs by menus, the other by whole sections that it takes for menus.
func (p *page) crossCheck(b *builder, doc *html.Node, total size) *html.Node {
	if total.words < 100 || total.words > crossChecks {
		return p.body
	}
	parser := readability.NewParser()
	article, err := parser.ParseAndMutate(doc, p.base)
	if err != nil || article.Node == nil {
		return p.body
	}
	other := measure(article.Node, false, map[*html.Node]size{}).words
	if other < 100 || float64(max(other, total.words)-min(other, total.words)) <= disagree*float64(max(other, total.words)) {
		return p.body
	}
	b.warn(fmt.Sprintf("the main content is not marked: two readings of the page differ, %d and %d words; look at the text or select a part",
		total.words, other))
	if 2*total.words < other {
		return article.Node
	}
	return p.body
}

// clone copies the tree under n, which the parser keeps shallow.
func clone(n *html.Node) *html.Node {
	c := &html.Node{Type: n.Type, DataAtom: n.DataAtom, Data: n.Data, Namespace: n.Namespace, Attr: append([]html.Attribute(nil), n.Attr...)}
	for k := n.FirstChild; k != nil; k = k.NextSibling {
		c.AppendChild(clone(k))
	}
	return c
}

func compile(selector string) (goquery.Matcher, error) {
	m, err := cascadia.Compile(selector)
	if err != nil {
		return nil, fmt.Errorf("selector %q: %w", selector, err)
	}
	return m, nil
}
