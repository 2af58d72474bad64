package extract

// This file decides which elements of a page are not part of the text: navigation, site headers and footers, consent
// boxes, forms, hidden pieces. Every rule has a guard, because a lost clause is worse than a stray menu.

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// A size is how much an element holds.
type size struct {
	words  int
	linked int // words within links
}

func (s size) prose() int { return s.words - s.linked }

// neverShows tells the elements that hold no text for a reader.
func neverShows(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Noscript, atom.Head, atom.Svg, atom.Canvas, atom.Object, atom.Embed, atom.Iframe, atom.Frameset,
		atom.Audio, atom.Video, atom.Select, atom.Datalist, atom.Input, atom.Textarea, atom.Progress, atom.Meter, atom.Map, atom.Title:
		return true
	case atom.Template:
		return !hasAttr(n, "shadowrootmode") && !hasAttr(n, "shadowroot")
	}
	return false
}

// measure counts the words of every element under n.
func measure(n *html.Node, inLink bool, sizes map[*html.Node]size) size {
	var s size
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch c.Type {
		case html.TextNode:
			w := wordCount(c.Data)
			s.words += w
			if inLink {
				s.linked += w
			}
		case html.ElementNode:
			in := measure(c, inLink || c.DataAtom == atom.A && !isFragment(attr(c, "href")), sizes)
			s.words += in.words
			s.linked += in.linked
		}
	}
	sizes[n] = s
	return s
}

func isFragment(href string) bool { return href == "" || href[0] == '#' }

// wordCount is the number of words of s by white space; without white space between words (Chinese, Thai …), four
// letters count as a word.
func wordCount(s string) int {
	n, in, wide := 0, false, 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			space := c <= ' '
			if in && space {
				n++
			}
			in = !space
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if unicode.IsSpace(r) {
			if in {
				n++
			}
			in = false
		} else {
			in = true
			if r >= 0x0e00 && (r < 0x0e80 || r >= 0x3040) && unicode.IsLetter(r) {
				wide++
			}
		}
		i += size
	}
	if in {
		n++
	}
	return max(n, wide/4)
}

// prune takes the elements out of root that are not text of the page. total is the size of the whole body.
func (p *page) prune(b *builder, root *html.Node, total size) {
	for n := root.FirstChild; n != nil; {
		next := n.NextSibling
		if n.Type == html.ElementNode {
			switch {
			case p.isHidden(n, b), p.isNoise(n, total):
				root.RemoveChild(n)
			default:
				p.prune(b, n, total)
			}
		}
		n = next
	}
}

// isHidden tells elements that the page hides, but for closed sections (accordions, tabs) and large parts: a page
// captured while a dialogue was open hides everything behind it.
func (p *page) isHidden(n *html.Node, b *builder) bool {
	if !hasAttr(n, "hidden") && attr(n, "aria-hidden") != "true" && !hidesByStyle(attr(n, "style")) {
		return false
	}
	words := p.size[n].words
	switch {
	case n.DataAtom == atom.Body || n.DataAtom == atom.Main || n.DataAtom == atom.Article:
		return false
	case isConsent(n):
		return true
	case words >= 5 && (p.isPanel(n) || p.isPanel(n.Parent)):
		return false
	case words >= 200:
		b.warn("the page hides some of its text; it was read all the same")
		return false
	}
	return true
}

// isPanel tells the body of an accordion or a tab.
func (p *page) isPanel(n *html.Node) bool {
	if n == nil {
		return false
	}
	switch attr(n, "role") {
	case "tabpanel", "region":
		return true
	}
	if id := attr(n, "id"); id != "" && (p.controls[id] || p.linked[id]) {
		return true
	}
	if attr(n, "aria-labelledby") != "" {
		return true
	}
	names := strings.ToLower(attr(n, "class") + " " + attr(n, "id"))
	for _, sign := range [...]string{"accordion", "collaps", "tab-pane", "tabpanel", "panel-body", "toggle", "expand", "faq", "answer", "details"} {
		if strings.Contains(names, sign) {
			return true
		}
	}
	return false
}

func hidesByStyle(style string) bool {
	if style == "" {
		return false
	}
	s := strings.ToLower(strings.ReplaceAll(style, " ", ""))
	return strings.Contains(s, "display:none") || strings.Contains(s, "visibility:hidden")
}

// isNoise tells what stands around the text of a page.
func (p *page) isNoise(n *html.Node, total size) bool {
	s := p.size[n]
	if s.words == 0 {
		return n.DataAtom == atom.Nav || n.DataAtom == atom.Form
	}
	if isConsent(n) && total.prose()-s.prose() >= 60 {
		return true
	}
	if 2*s.prose() > total.prose() && s.prose() > 80 { // whatever it is called, it holds the text
		return false
	}
	role := attr(n, "role")
	switch {
	case n.DataAtom == atom.Nav, role == "navigation", role == "search", role == "menu", role == "menubar", role == "toolbar":
		return true
	case n.DataAtom == atom.Dialog, role == "dialog", role == "alertdialog", attr(n, "aria-modal") == "true":
		return true
	case n.DataAtom == atom.Footer, role == "contentinfo":
		return !inArticle(n) || s.words < 40
	case n.DataAtom == atom.Header, role == "banner":
		return !inArticle(n) && !(hasTitle(n) && s.words <= 80)
	case n.DataAtom == atom.Aside, role == "complementary":
		return !inArticle(n) || 2*s.linked > s.words || s.words < 15
	case n.DataAtom == atom.Form:
		return s.words < 100
	case n.DataAtom == atom.Button, role == "button":
		return !p.opens(n)
	case isConsent(n), s.words <= 12 && isForEars(n):
		return true
	}
	return 2*s.linked > s.words && namedNoise(n)
}

// earNames are classes of words that only a screen reader says, such as "(opens in a new window)".
var earNames = wordSet(`sr-only visually-hidden visuallyhidden visually-hidden-focusable screen-reader-text screen-reader-only screenreader-only
	screenreader a11y-hidden u-visually-hidden hidden-visually is-visually-hidden element-invisible`)

func isForEars(n *html.Node) bool {
	if headingLevel(n) > 0 {
		return false
	}
	for name := range strings.FieldsSeq(attr(n, "class")) {
		if earNames[name] {
			return true
		}
	}
	return false
}

// opens tells a button that opens a closed section, or is all there is of a heading.
func (p *page) opens(n *html.Node) bool {
	if hasAttr(n, "aria-expanded") || hasAttr(n, "aria-controls") || strings.Contains(strings.ToLower(attr(n, "class")), "accordion") {
		return true
	}
	for up := n.Parent; up != nil; up = up.Parent {
		if headingLevel(up) > 0 || up.DataAtom == atom.Summary {
			return true
		}
	}
	return false
}

func inArticle(n *html.Node) bool {
	for up := n.Parent; up != nil; up = up.Parent {
		if up.DataAtom == atom.Main || up.DataAtom == atom.Article || attr(up, "role") == "main" {
			return true
		}
	}
	return false
}

// hasTitle reports whether a site header also holds the title of the page.
func hasTitle(n *html.Node) bool {
	for c := range n.Descendants() {
		if c.DataAtom == atom.H1 {
			for t := range c.Descendants() {
				if t.Type == html.TextNode && wordCount(t.Data) > 0 {
					return true
				}
			}
		}
	}
	return false
}

// consentNames are what consent managers call their boxes, as the beginning of an id or a class.
var consentNames = []string{"onetrust-", "ot-sdk-container", "cybotcookiebotdialog", "cookiebanner", "cookie-banner", "cookie_banner",
	"cookieconsent", "cookie-consent", "cookie_consent", "cookie-notice", "cookie_notice", "cookienotice", "cookie-bar", "cookiebar",
	"cookie-law-info", "cookie-modal", "cookie-popup", "cookie-overlay", "consent-banner", "consent-modal", "consent-popup", "cc-window",
	"cc-banner", "cky-consent", "cky-modal", "cky-overlay", "cky-prefer", "cky-notice", "cky-accordion", "cmplz-cookiebanner", "cmpbox", "didomi-", "usercentrics-", "uc-banner",
	"qc-cmp", "sp_message", "truste_overlay", "trustarc-", "truste-consent", "osano-cm", "iubenda-cs", "tarteaucitronroot", "axeptio_",
	"klaro", "borlabs-cookie", "borlabscookie", "bbc-privacy-banner", "gdpr-banner", "gdpr-popup", "gdpr-cookie", "eu-cookie", "moove_gdpr",
	"termly-code-snippet-support", "cookiescript_injected", "cookiefirst-root", "hs-eu-cookie", "fc-consent-root", "_evidon"}

// isConsent tells the box of a consent manager by its names.
func isConsent(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Html, atom.Body, atom.Main, atom.Article, atom.H1, atom.H2, atom.H3, atom.P, atom.A, atom.Li, atom.Table:
		return false
	}
	for i := range n.Attr {
		if k := n.Attr[i].Key; k != "id" && k != "class" {
			continue
		}
		for name := range strings.FieldsSeq(strings.ToLower(n.Attr[i].Val)) {
			for _, c := range consentNames {
				if strings.HasPrefix(name, c) {
					return true
				}
			}
		}
	}
	return false
}

var noiseNames = wordSet(`nav navbar navigation menu mainmenu main-menu site-nav sidebar side-bar breadcrumb breadcrumbs footer site-footer
	page-footer footer-menu header site-header topbar top-bar share sharing social social-links social-share related related-posts pagination
	pager skip-link skip-links tags language-switcher language-selector lang-switcher locale-selector toc table-of-contents newsletter`)

// namedNoise tells divisions full of links whose class or id says that they are menus and the like.
func namedNoise(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Div, atom.Section, atom.Ul, atom.Ol, atom.Span, atom.P, atom.A:
	default:
		return false
	}
	for name := range strings.FieldsSeq(strings.ToLower(attr(n, "class") + " " + attr(n, "id"))) {
		if noiseNames[name] {
			return true
		}
	}
	return false
}
