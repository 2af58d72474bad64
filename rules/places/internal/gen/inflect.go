package main

// Inflection by suffix rules. The forms may hold some that no speaker would use; they must not be ordinary words.

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// forms are all forms of a pattern, the nominative first.
func (h *hand) forms(pattern string) []string {
	if h.inflect == "arabic" {
		return arabic(pattern)
	}
	words := strings.Split(pattern, " ")
	cases := make([][][]string, len(words))
	byHand := strings.Contains(pattern, "|")
	for i, w := range words {
		switch {
		case byHand:
			cases[i] = endings(w)
		case h.inflects(i, len(words), w):
			cases[i] = inflect(w, h.rules)
		default:
			cases[i] = [][]string{{w}}
		}
	}
	return combine(cases)
}

func (h *hand) inflects(i, n int, word string) bool {
	if r, _ := utf8.DecodeRuneInString(word); len([]rune(word)) <= 3 && unicode.IsLower(r) {
		return false // a preposition or a conjunction
	}
	switch h.inflect {
	case "all":
		return true
	case "last":
		return i == n-1
	case "first":
		return i == 0
	}
	return false
}

// endings reads stem|e1,e2: one case per ending.
func endings(word string) [][]string {
	stem, list, ok := strings.Cut(word, "|")
	if !ok {
		return [][]string{{word}}
	}
	var cases [][]string
	for e := range strings.SplitSeq(list, ",") {
		cases = append(cases, []string{stem + strings.ReplaceAll(e, "∅", "")})
	}
	return cases
}

// inflect is the word in its cases, by the rule with the longest suffix; the word alone if there is none.
func inflect(word string, rules []rule) [][]string {
	cases := [][]string{{word}}
	best := -1
	for i, r := range rules {
		if strings.HasSuffix(word, r.suffix) && (best < 0 || len(r.suffix) >= len(rules[best].suffix)) {
			best = i
		}
	}
	if best < 0 {
		return cases
	}
	stem := strings.TrimSuffix(word, rules[best].suffix)
	for _, alternatives := range rules[best].endings {
		var forms []string
		for _, e := range alternatives {
			forms = append(forms, stem+e)
		}
		cases = append(cases, forms)
	}
	return cases
}

// combine puts words together: case by case where they have equally many, else each with each.
func combine(words [][][]string) []string {
	n, equal := 1, true
	for _, cases := range words {
		if len(cases) > 1 {
			equal = equal && (n == 1 || n == len(cases))
			n = max(n, len(cases))
		}
	}
	var out []string
	if !equal {
		flat := make([][]string, len(words))
		for i, cases := range words {
			flat[i] = slices.Concat(cases...)
		}
		return product(flat)
	}
	for c := range n {
		row := make([][]string, len(words))
		for i, cases := range words {
			row[i] = cases[min(c, len(cases)-1)]
			if len(cases) == 1 {
				row[i] = cases[0]
			}
		}
		out = append(out, product(row)...)
	}
	return out
}

func product(words [][]string) []string {
	out := []string{""}
	for i, forms := range words {
		var next []string
		for _, head := range out {
			for _, f := range forms {
				if i > 0 {
					f = head + " " + f
				}
				next = append(next, f)
			}
		}
		out = next
	}
	return out
}

// arabic puts the particles that are written together with the next word before a name.
func arabic(name string) []string {
	out := []string{name}
	for _, p := range []string{"و", "ب", "ف", "ك", "وب", "فب"} {
		out = append(out, p+name)
	}
	if rest, ok := strings.CutPrefix(name, "ال"); ok {
		return append(out, "لل"+rest, "ولل"+rest)
	}
	return append(out, "ل"+name, "ول"+name)
}

// irish are the initial mutations of a name: lenition, eclipsis, and the letters that the article puts before it.
func irish(name string) []string {
	name = plain(name)
	r, n := utf8.DecodeRuneInString(name)
	rest := name[n:]
	out := []string{name}
	if strings.ContainsRune("BCDFGMPST", r) {
		out = append(out, string(r)+"h"+rest)
	}
	if before := map[rune]string{'B': "m", 'C': "g", 'D': "n", 'F': "bh", 'G': "n", 'P': "b", 'T': "d", 'S': "t"}[r]; before != "" {
		out = append(out, before+name)
	}
	if strings.ContainsRune("AEIOUÁÉÍÓÚ", r) {
		out = append(out, "h"+name, "t"+name, "n"+name)
	}
	return out
}

// plain takes the initial mutation off an Irish name: tSín and Chóiré become Sín and Cóiré.
func plain(name string) string {
	if rest, ok := strings.CutPrefix(name, "t"); ok && strings.HasPrefix(rest, "S") {
		return rest
	}
	if r := []rune(name); len(r) > 3 && r[1] == 'h' && strings.ContainsRune("BCDFGMPST", r[0]) {
		return string(r[0]) + string(r[2:])
	}
	return name
}
