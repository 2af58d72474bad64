package main

// Reading of the hand-written files. Each line is a directive:
//
//	inflect all|last|first|none|arabic   which words of a name the rules inflect
//	rule SUFFIX ENDINGS…                 a word that ends in SUFFIX takes each of ENDINGS in its place, one per case;
//	                                     a/b are two endings for one case, ∅ is none
//	adjrule SUFFIX ENDINGS…              the same for adjectives
//	name|short|city|region CC FORM ; …   forms of a place; in stem|e1,e2 the endings of all words go together; a name
//	                                     whose first form is that of the CLDR stands for it
//	adj CC:lemma/lemma …                 adjectives; _ stands for a space
//	drop CC FORM                         a form of the CLDR that is an ordinary word of the language
//	ordinary WORD …                      forms that are ordinary words too: only capitalised ones are names
//	trap PHRASE ; …                      phrases that hold the name of a place and mean none; inflected like names

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/drittland/drittland/snapshots/text"
)

// A hand is one hand-written file.
type hand struct {
	inflect        string
	rules, adjs    []rule
	places         []place
	drop, ordinary map[string]bool // folded; keys of drop begin with the country
}

type rule struct {
	suffix  string
	endings [][]string // per case, alternatives
}

type place struct{ kind, country, pattern string }

func readHand(file string) (*hand, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	h := &hand{inflect: "none", drop: map[string]bool{}, ordinary: map[string]bool{}}
	in := bufio.NewScanner(f)
	for n := 1; in.Scan(); n++ {
		line := strings.TrimSpace(in.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		verb, rest, ok := strings.Cut(line, " ")
		if !ok {
			return nil, fmt.Errorf("%s:%d: nothing after %q", file, n, verb)
		}
		if err := h.line(verb, rest); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, n, err)
		}
	}
	return h, in.Err()
}

func (h *hand) line(verb, rest string) error {
	switch verb {
	case "inflect":
		h.inflect = rest
	case "rule":
		h.rules = append(h.rules, parseRule(rest))
	case "adjrule":
		h.adjs = append(h.adjs, parseRule(rest))
	case "name", "short", "city", "region":
		cc, forms, ok := strings.Cut(rest, " ")
		if !ok || len(cc) != 2 {
			return fmt.Errorf("want a country and its forms, not %q", rest)
		}
		for form := range strings.SplitSeq(forms, " ; ") {
			h.places = append(h.places, place{verb, cc, strings.TrimSpace(form)})
		}
	case "trap":
		for form := range strings.SplitSeq(rest, " ; ") {
			h.places = append(h.places, place{verb, "-", strings.TrimSpace(form)})
		}
	case "adj":
		for _, item := range strings.Fields(rest) {
			cc, lemmas, ok := strings.Cut(item, ":")
			if !ok || len(cc) != 2 {
				return fmt.Errorf("want CC:lemma, not %q", item)
			}
			for lemma := range strings.SplitSeq(lemmas, "/") {
				h.places = append(h.places, place{"adj", cc, strings.ReplaceAll(lemma, "_", " ")})
			}
		}
	case "drop":
		cc, form, _ := strings.Cut(rest, " ")
		h.drop[cc+" "+key(form)] = true
	case "ordinary":
		for _, w := range strings.Fields(rest) {
			h.ordinary[text.Fold(w)] = true
		}
	default:
		return fmt.Errorf("no such directive: %q", verb)
	}
	return nil
}

// declines reports whether the file gives all forms of a name itself, so that the rules need not.
func (h *hand) declines(cc, name string) bool {
	return slices.ContainsFunc(h.places, func(p place) bool {
		return p.kind == "name" && p.country == cc && strings.Contains(p.pattern, "|") && h.forms(p.pattern)[0] == name
	})
}

func parseRule(s string) rule {
	f := strings.Fields(s)
	r := rule{suffix: f[0]}
	for _, e := range f[1:] {
		r.endings = append(r.endings, strings.Split(strings.NewReplacer("∅", "", "Ø", "").Replace(e), "/"))
	}
	return r
}

// key is a form as it is compared: its folded words, and its commas, with one space between.
func key(form string) string {
	var b strings.Builder
	last := 0
	for _, w := range text.Words(form) {
		if last > 0 && strings.Contains(form[last:w.Start], ",") {
			b.WriteString(" ,")
		}
		if last > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(text.Fold(form[w.Start:w.End]))
		last = w.End
	}
	return b.String()
}
