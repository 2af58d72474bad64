package extract

// This file finds where a page says that its text goes on: on a next page.

import (
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const (
	maxLeads  = 20 // addresses of a kind that are kept
	maxButton = 60 // bytes of the words of a link that are looked at
)

// leads are the raw targets of links that lead to more of the text.
type leads struct {
	rel   []string // by rel=next
	words []string // by their words
}

// see looks at an element before the page is pruned. What a declaration removes leads nowhere.
func (l *leads) see(n *html.Node, removed []goquery.Matcher) {
	if n.DataAtom != atom.A && n.DataAtom != atom.Link {
		return
	}
	href := strings.TrimSpace(attr(n, "href"))
	if isFragment(href) || len(href) > 2048 {
		return
	}
	isRel := slices.ContainsFunc(strings.Fields(attr(n, "rel")), func(s string) bool { return strings.EqualFold(s, "next") })
	list := &l.words
	if isRel {
		list = &l.rel
	} else if n.DataAtom != atom.A || !saysNext(n) || aroundText(n) {
		return
	}
	if len(*list) < maxLeads && !isRemoved(n, removed) {
		*list = append(*list, href)
	}
}

// isRemoved reports whether an element or one around it is to be left out.
func isRemoved(n *html.Node, removed []goquery.Matcher) bool {
	for ; n != nil; n = n.Parent {
		if slices.ContainsFunc(removed, func(m goquery.Matcher) bool { return m.Match(n) }) {
			return true
		}
	}
	return false
}

// resolved are targets as absolute addresses of pages, without what leads within them, each once.
func (p *page) resolved(hrefs []string) []string {
	var out []string
	for _, h := range hrefs {
		u, err := url.Parse(strings.ToValidUTF8(h, "\ufffd"))
		if err != nil {
			continue
		}
		if u = resolve(p.base, u); u == nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
			continue
		}
		u.Fragment, u.RawFragment = "", ""
		if s := u.String(); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// aroundText tells what stands in the frame of a page, in a box above it or in an aside, and not at the end of its text.
func aroundText(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		switch p.DataAtom {
		case atom.Header, atom.Footer:
			return !inArticle(p)
		case atom.Aside, atom.Dialog, atom.Form:
			return true
		}
		switch attr(p, "role") {
		case "banner", "contentinfo", "complementary", "dialog", "alertdialog":
			return true
		}
		if isConsent(p) {
			return true
		}
	}
	return false
}

// saysNext reports whether the words of a link, or those it has for screen readers, are "next page" and nothing else.
func saysNext(n *html.Node) bool {
	text := bareWords(allText(n))
	return nextWords[text] || text == "" && nextWords[bareWords(attr(n, "aria-label"))]
}

// bareWords is s in lower case without signs around its words, such as arrows; "" if it is too long.
func bareWords(s string) string {
	if s = collapse(s); len(s) > maxButton {
		return ""
	}
	return strings.TrimFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) })
}

// nextWords are the whole words of links that lead to the next page of a text.
var nextWords = phraseSet(`next|next page|go to next page|go to the next page|continue reading
	weiter|nächste seite|zur nächsten seite|weiter zur nächsten seite|weiterlesen auf der nächsten seite
	suivant|suivante|page suivante|la page suivante|volgende|volgende pagina|naar de volgende pagina
	siguiente|página siguiente|siguiente página|avanti|successivo|successiva|pagina successiva
	seguinte|próxima|próximo|próxima página|página seguinte|næste|næste side|nästa|nästa sida|neste|neste side
	seuraava|seuraava sivu|næsta|næsta síða|następna|następny|następna strona|dalej|další|další strana|další stránka
	ďalej|ďalšia|ďalšia strana|ďalšia stránka|következő|következő oldal|tovább|următoarea|următorul|pagina următoare
	следваща|следваща страница|напред|επόμενη|επόμενο|επόμενη σελίδα|sljedeća|sljedeća stranica|dalje
	naslednja|naslednja stran|naprej|järgmine|järgmine leht|edasi|nākamā|nākamā lapa|tālāk|kitas|kitas puslapis|toliau
	an chéad leathanach eile|ar aghaidh|li jmiss|il-paġna li jmiss|التالي|الصفحة التالية`)

func phraseSet(list string) map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(list) {
		for s := range strings.SplitSeq(line, "|") {
			set[strings.TrimSpace(s)] = true
		}
	}
	return set
}
