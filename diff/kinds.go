// This file judges one spot.

package diff

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/text"
)

// scraps are what is left of a link that was written badly, or the mark of a footnote; or nothing.
var scraps = regexp.MustCompile(`^\s*(?:\[\d{1,3}\]|\(?(?:mailto:|https?:(?://)?)\)?)?\s*$`)

// classOf judges a spot. The order of the questions matters: what is certain to mean nothing comes first, and what is
// left at the end is taken for substance.
func (j *judge) classOf(s spot) Class {
	was, is := folded(s.was), folded(s.is)
	sc, block := j.new, s.newBlock
	if block < 0 {
		sc, block = j.old, s.oldBlock
	}
	switch {
	case s.relisted:
		return SubstantiveOther
	case scraps.MatchString(s.was) && scraps.MatchString(s.is):
		return Cosmetic
	case signs(s.was) == signs(s.is) && strings.Join(was, "") == strings.Join(is, "") || sc.doc.Blocks[block].Kind != snapshots.Cell && enumerators(s, was, is):
		return Cosmetic
	case j.known(s, was, is):
		return Extraction
	}
	j.gone += len(was)
	j.came += len(is)
	switch {
	case sc.menu(block) && !reachable(s.was+" "+s.is), relative(s, was, is), sc.contents(block), sc.facts[block].feed:
		return Extraction
	case dated(s, was, is):
		return DateOnly
	case contact(s, sc.listed(block) && s.was != "" && s.is != ""):
		return ContactOrEntity
	case sc.fringe(block):
		return Extraction
	case sc.doc.Blocks[block].Kind == snapshots.Heading && len(was)+len(is) <= 2*labelWords && !digits(s.was+s.is):
		return Cosmetic
	case signs(s.was) == signs(s.is) && sameSense(was, is):
		return Editorial
	}
	return SubstantiveOther
}

// known reports whether a sentence that came stands in the old text too, and one that went in the new: the words were
// captured twice, or once, or in other blocks. A few words are known only as a block of their own or as a heading. A new
// item of a list that stands is never known: the same words say something else there.
func (j *judge) known(s spot, was, is []string) bool {
	if !s.full && !j.reflowed {
		return false
	}
	one := func(ws []string, here, other *scene, block int) bool {
		if len(ws) == 0 {
			return true
		}
		if in := here.facts[block].intro; in >= 0 && !here.facts[in].fresh && !j.reflowed {
			return false
		}
		if len(ws) < gram && !j.reflowed {
			k := strings.Join(ws, " ")
			return s.whole && (other.texts[k] > 0 && len(ws) > 1 || other.headings[k])
		}
		return other.knows(ws)
	}
	return one(was, j.old, j.new, s.oldBlock) && one(is, j.new, j.old, s.newBlock)
}

// enumerators reports whether only the number of an item changed: "a)", "1.", "iv)".
func enumerators(s spot, was, is []string) bool {
	if s.whole || !s.opens || len(was) > 2 || len(is) > 2 {
		return false
	}
	for _, w := range append(was[:len(was):len(was)], is...) {
		single, roman, number := utf8.RuneCountInString(w) == 1, strings.Trim(w, "ivx") == "", strings.Trim(w, "0123456789") == ""
		if !single && !roman && !(number && len(w) <= 2) {
			return false
		}
	}
	marked := func(t string) bool {
		t = strings.TrimSpace(t)
		return t == "" || strings.ContainsAny(t[len(t)-1:], ").") || s.after != "" && strings.ContainsAny(s.after[:1], ").")
	}
	return marked(s.was) && marked(s.is)
}

// signs are the marks in s that mean something: currencies, per cent, more and less.
func signs(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Sc, r) || strings.ContainsRune("%‰<>≤≥+", r) {
			return r
		}
		return -1
	}, s)
}

func digits(s string) bool { return strings.ContainsAny(s, "0123456789") }

// reachable reports whether a text holds an address at which somebody can be reached, or the name of a firm.
func reachable(s string) bool {
	if strings.Contains(s, "@") {
		return true
	}
	n := 0
	for _, r := range s {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n >= 7 || firm(s)
}

// firms are the forms of companies, folded and without full stops.
var firms = set(`inc incorporated llc llp ltd limited plc corp corporation gmbh ag kg ug se ohg mbh sarl sas sasu sa spa srl sl slu bv nv ab oy oyj as aps sro zoo ood
	eood kft zrt nyrt doo dd uab sia ou lda unipessoal pty pte kk ltda srls snc commv vof`)

func firm(s string) bool {
	for _, f := range strings.Fields(s) {
		t := strings.Trim(f, ".,;:()\"“”'’")
		r, _ := utf8.DecodeRuneInString(t)
		if len(t) == 2 && !allUpper(t) && t != "Oy" { // "As", "Se" and "Sa" are words
			continue
		}
		if (unicode.IsUpper(r) || strings.HasPrefix(t, "a.s") || strings.HasPrefix(t, "s.r")) && firms[text.Fold(strings.ReplaceAll(t, ".", ""))] {
			return true
		}
	}
	return false
}

// contact reports whether what changed is who somebody is or where they are reached: mostly names and numbers, with
// at least one name or address. A capital at the beginning of a sentence says nothing, unless the words are listed.
func contact(s spot, listed bool) bool {
	names, other := 0, 0
	count := func(t string, opens bool) {
		for k, f := range strings.Fields(t) {
			r, _ := utf8.DecodeRuneInString(strings.TrimLeft(f, "(“\"'‘[<"))
			switch {
			case strings.Contains(f, "@") || strings.Contains(f, "://") || strings.HasPrefix(f, "www."):
				names += 3
			case months[text.Fold(strings.Trim(f, ".,;:"))]:
				other++
			case unicode.IsUpper(r) && (k > 0 || !opens || allUpper(f)):
				names++
			case unicode.IsDigit(r), !unicode.IsLetter(r):
			default:
				other++
			}
		}
	}
	opens := !listed && sentenceStart(s)
	count(s.was, opens)
	count(s.is, opens)
	whole := s.was + " " + s.is
	switch {
	case names == 0 && !firm(whole):
		return false
	case other == 0:
		return true
	case reachable(whole):
		return names >= other
	}
	return names >= 3*other
}

func allUpper(f string) bool { return len(f) > 1 && strings.ToUpper(f) == f }

// sentenceStart reports whether the changed words open a sentence, where a capital says nothing.
func sentenceStart(s spot) bool {
	a := strings.TrimSpace(s.around)
	is := strings.TrimSpace(s.is)
	if is == "" {
		is = strings.TrimSpace(s.was)
	}
	return s.whole || s.opens || strings.HasPrefix(a, is)
}
