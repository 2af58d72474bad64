package extract

// This file takes the parts out of a page that a declaration names: by CSS selectors, and by ranges between two of them.

import (
	"errors"
	"fmt"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/drittland/drittland/snapshots"
)

// CheckSelector says what is wrong with a CSS selector; nil if it can be used.
func CheckSelector(selector string) error {
	_, err := compile(selector)
	return err
}

// CheckRange says what is wrong with a range; nil if it can be used.
func CheckRange(r snapshots.Range) error {
	_, _, err := ends(r)
	return err
}

// roots are the parts of the page to read: what was selected, or the main content.
func (p *page) roots(b *builder, in Input) ([]*html.Node, error) {
	doc := goquery.NewDocumentFromNode(p.doc)
	unwanted, err := p.ranged(b, in.RemoveRanges) // found before anything is taken out that marks their ends
	if err != nil {
		return nil, err
	}
	wanted, err := p.ranged(b, in.SelectRanges)
	if err != nil {
		return nil, err
	}
	for _, m := range p.removed {
		doc.FindMatcher(m).Remove()
	}
	for n := range unwanted {
		if n.Parent != nil {
			n.Parent.RemoveChild(n)
		}
	}
	if !in.selects() {
		return []*html.Node{p.mainContent(b)}, nil
	}
	for _, sel := range in.Select {
		m, err := compile(sel)
		if err != nil {
			return nil, err
		}
		found := doc.FindMatcher(m)
		if found.Length() == 0 {
			b.warn(fmt.Sprintf("the selector %q matches nothing", sel))
		}
		for _, n := range found.Nodes {
			wanted[n] = true
		}
	}
	roots := p.inOrder(wanted)
	if len(roots) == 0 {
		return nil, fmt.Errorf("the selectors %q match nothing in the page: %w", namesOf(in), ErrEmpty)
	}
	return roots, nil
}

// namesOf are the selectors of in as a person would write them.
func namesOf(in Input) []string {
	names := append([]string(nil), in.Select...)
	for _, r := range in.SelectRanges {
		names = append(names, r.String())
	}
	return names
}

// inOrder are the wanted nodes in the order of the page, each part once. Neighbours that are no elements of their own, such as
// the rest of a sentence, are put into one like their parent, so that they are read together.
func (p *page) inOrder(wanted map[*html.Node]bool) []*html.Node {
	var found []*html.Node
	for n := range p.doc.Descendants() {
		if wanted[n] && !within(n.Parent, wanted) {
			found = append(found, n)
		}
	}
	var roots []*html.Node
	for i := 0; i < len(found); {
		j, loose := i, false
		for ; j < len(found) && (j == i || found[j-1].NextSibling == found[j]); j++ {
			loose = loose || found[j].Type != html.ElementNode
		}
		if loose {
			roots = append(roots, gather(found[i:j]))
		} else {
			roots = append(roots, found[i:j]...)
		}
		i = j
	}
	return roots
}

// gather moves neighbours into a new element like their parent.
func gather(nodes []*html.Node) *html.Node {
	parent := nodes[0].Parent
	box := &html.Node{Type: html.ElementNode, DataAtom: parent.DataAtom, Data: parent.Data, Namespace: parent.Namespace}
	if parent.Type != html.ElementNode || parent.DataAtom == atom.Body || parent.DataAtom == atom.Html {
		box.DataAtom, box.Data = atom.Div, "div"
	}
	parent.InsertBefore(box, nodes[0])
	for _, n := range nodes {
		parent.RemoveChild(n)
		box.AppendChild(n)
	}
	return box
}

func within(n *html.Node, set map[*html.Node]bool) bool {
	for ; n != nil; n = n.Parent {
		if set[n] {
			return true
		}
	}
	return false
}

// ranged are the largest nodes that lie within one of the ranges. A range of which an end is not in the page is empty, with a warning.
func (p *page) ranged(b *builder, ranges []snapshots.Range) (map[*html.Node]bool, error) {
	set := map[*html.Node]bool{}
	if len(ranges) == 0 {
		return set, nil
	}
	opens, closes := p.positions()
	doc := goquery.NewDocumentFromNode(p.doc)
	for _, r := range ranges {
		start, end, err := ends(r)
		if err != nil {
			return nil, err
		}
		first, last := doc.FindMatcher(goquery.SingleMatcher(start)), doc.FindMatcher(goquery.SingleMatcher(end))
		if first.Length() == 0 || last.Length() == 0 {
			b.warn(fmt.Sprintf("the range %q matches nothing", r))
			continue
		}
		from, to := opens[first.Nodes[0]], closes[last.Nodes[0]]
		if r.StartAfter != "" {
			from = closes[first.Nodes[0]] + 1
		}
		if r.EndBefore != "" {
			to = opens[last.Nodes[0]] - 1
		}
		for n := range p.doc.Descendants() {
			if from <= opens[n] && closes[n] <= to && !within(n.Parent, set) {
				set[n] = true
			}
		}
	}
	return set, nil
}

// positions number where each node opens and closes, in the order of the page.
func (p *page) positions() (opens, closes map[*html.Node]int) {
	opens, closes = map[*html.Node]int{}, map[*html.Node]int{}
	at := 0
	for n := p.doc; n != nil; {
		opens[n] = at
		at++
		if n.FirstChild != nil {
			n = n.FirstChild
			continue
		}
		for n != nil {
			closes[n] = at
			at++
			if n.NextSibling != nil && n != p.doc {
				n = n.NextSibling
				break
			}
			if n == p.doc {
				return opens, closes
			}
			n = n.Parent
		}
	}
	return opens, closes
}

// ends compiles the selectors of a range.
func ends(r snapshots.Range) (start, end goquery.Matcher, err error) {
	if (r.StartBefore == "") == (r.StartAfter == "") || (r.EndBefore == "") == (r.EndAfter == "") {
		return nil, nil, errors.New("a range has a start (startBefore or startAfter) and an end (endBefore or endAfter)")
	}
	if start, err = compile(r.StartBefore + r.StartAfter); err != nil {
		return nil, nil, err
	}
	end, err = compile(r.EndBefore + r.EndAfter)
	return start, end, err
}
