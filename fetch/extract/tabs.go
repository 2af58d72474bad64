package extract

// This file gives the panels of tabs their names: a page shows one panel at a time, under its tab, and its text has them one after
// the other. They are read like closed sections, whether a style hides them or not.

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const longTab = 20 // words from which on a tab is no name

// nameTabs puts each tab at the beginning of its panel, as the heading of what is in it, or takes it out if the panel begins with a
// heading of the same words.
func (p *page) nameTabs() {
	tabs, panels := p.tabs()
	for _, panel := range panels {
		own := tabs[panel]
		if len(own) > 1 { // its text is that of the chosen one
			own = slices.DeleteFunc(own, func(n *html.Node) bool { return attr(n, "aria-selected") != "true" })
		}
		if len(own) != 1 || holds(own[0], panel) || holds(panel, own[0]) {
			continue
		}
		tab := own[0]
		name := allText(tab)
		if n := wordCount(name); n == 0 || n > longTab || tab.Parent == nil {
			continue
		}
		tab.Parent.RemoveChild(tab)
		if strings.EqualFold(firstHeading(panel), name) {
			continue
		}
		tab.DataAtom, tab.Data = levelAbove(panel)
		panel.InsertBefore(tab, panel.FirstChild)
	}
}

// tabs finds the panels, in the order of the page, and the tabs of each.
func (p *page) tabs() (of map[*html.Node][]*html.Node, panels []*html.Node) {
	byID, byTab := map[string]*html.Node{}, map[string]*html.Node{}
	var all []*html.Node
	for n := range p.body.Descendants() {
		switch attr(n, "role") {
		case "tab":
			all = append(all, n)
		case "tabpanel":
			panels = append(panels, n)
			if id := attr(n, "id"); id != "" {
				byID[id] = n
			}
			if id := attr(n, "aria-labelledby"); id != "" {
				byTab[id] = n
			}
		}
	}
	of = map[*html.Node][]*html.Node{}
	for _, n := range all {
		panel := byID[attr(n, "aria-controls")]
		if panel == nil {
			panel = byID[strings.TrimPrefix(attr(n, "href"), "#")]
		}
		if panel == nil {
			panel = byTab[attr(n, "id")]
		}
		if panel != nil {
			of[panel] = append(of[panel], n)
		}
	}
	return of, panels
}

// levelAbove is the heading that stands above those in a panel, the least one if there are none.
func levelAbove(panel *html.Node) (atom.Atom, string) {
	level := 7
	for c := range panel.Descendants() {
		if l := headingLevel(c); l > 0 {
			level = min(level, l)
		}
	}
	a := [...]atom.Atom{atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6}[max(level-2, 0)]
	return a, a.String()
}

// holds reports whether n is in a.
func holds(a, n *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if n == a {
			return true
		}
	}
	return false
}

// allText is the text within n as a run would hold it, "" if it is no short one.
func allText(n *html.Node) string {
	var s strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			if s.Len()+len(c.Data) > 10*maxButton {
				return ""
			}
			s.WriteString(" " + c.Data)
		}
	}
	return collapse(s.String())
}

// firstHeading is the text of the heading with which a panel begins, "" if it begins with something else.
func firstHeading(panel *html.Node) string {
	for c := range panel.Descendants() {
		if c.Type == html.TextNode && strings.TrimSpace(c.Data) != "" {
			return ""
		}
		if c.Type == html.ElementNode && headingLevel(c) > 0 {
			return allText(c)
		}
	}
	return ""
}
