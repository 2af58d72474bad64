package extract

// This file recognises paragraphs that only a style sheet sets apart: spans side by side without a space between
// them, each a sentence or a title of its own.

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// isStack reports whether the children of n are three or more such spans.
func isStack(n *html.Node) bool {
	if n.FirstChild == nil || n.FirstChild.NextSibling == nil {
		return false
	}
	pieces, words, joints, sentences := 0, 0, 0, 0
	var before string
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type != html.ElementNode, c.DataAtom != atom.Span && c.DataAtom != atom.Br:
			return false
		case c.DataAtom == atom.Br:
			before = ""
			continue
		}
		text := flatText(c)
		if text == "" {
			continue
		}
		if before != "" {
			joints++
			if looksJoined(before, text) {
				sentences++
			}
		}
		pieces++
		words += wordCount(text)
		before = text
	}
	return pieces >= 3 && words >= 30 && joints >= 2 && 10*sentences >= 6*joints
}

// looksJoined reports whether a sentence or a title ends in before and another begins in after, with no space between.
func looksJoined(before, after string) bool {
	last, _ := utf8.DecodeLastRuneInString(before)
	first, _ := utf8.DecodeRuneInString(after)
	if unicode.IsSpace(last) || unicode.IsSpace(first) {
		return false
	}
	begins := unicode.IsUpper(first) || unicode.IsDigit(first) || bulletLength([]byte(after)) > 0
	ends := strings.ContainsRune(".:;!?)", last) || unicode.IsLetter(last)
	return begins && ends
}

// flatText is the text in n, as it stands in the source.
func flatText(n *html.Node) string {
	if n.FirstChild != nil && n.FirstChild.NextSibling == nil && n.FirstChild.Type == html.TextNode {
		return n.FirstChild.Data
	}
	var s strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			s.WriteString(c.Data)
		}
	}
	return s.String()
}
