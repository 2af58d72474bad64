package dates

// This file matches the words about a date.

import (
	"slices"
	"strings"
	"sync"

	"github.com/drittland/drittland/snapshots/text"
)

// class says what words tell of a date. At equal distance and length the higher one holds.
type class int

const (
	updated class = iota
	effective
	until
	not
)

const gap = 5 // words that ".." may stand for

// A pattern is words before a date and words after it; one of them may be empty.
type pattern struct {
	class         class
	before, after []string
}

// A vocabulary is the words of all languages, folded.
type vocabulary struct {
	patterns                        []pattern
	older, law, policy, other, this []string
}

var vocabularyOfAll = sync.OnceValue(func() *vocabulary {
	v := &vocabulary{}
	var langs []string
	for l := range wordsOf {
		langs = append(langs, l)
	}
	slices.Sort(langs)
	seen := map[string]bool{}
	for _, l := range langs {
		p := wordsOf[l]
		for c, list := range []string{updated: p.updated, effective: p.effective, until: p.until, not: p.not} {
			for _, alt := range alternatives(list) {
				if key := string(rune('0'+c)) + alt; !seen[key] {
					seen[key] = true
					v.patterns = append(v.patterns, patternOf(class(c), alt))
				}
			}
		}
		v.older, v.law, v.policy = addWords(v.older, p.older), addWords(v.law, p.law), addWords(v.policy, p.policy)
		v.other, v.this = addWords(v.other, p.other), addWords(v.this, p.this)
	}
	return v
})

// alternatives are those of a list, each folded word by word.
func alternatives(list string) []string {
	var out []string
	for alt := range strings.SplitSeq(list, "|") {
		words := strings.Fields(alt)
		for i, w := range words {
			words[i] = text.Fold(w)
		}
		if len(words) > 0 {
			out = append(out, strings.Join(words, " "))
		}
	}
	return out
}

func addWords(to []string, list string) []string {
	for _, w := range alternatives(list) {
		if !slices.Contains(to, w) {
			to = append(to, w)
		}
	}
	return to
}

func patternOf(c class, alt string) pattern {
	before, after, _ := strings.Cut(alt, "@")
	return pattern{c, strings.Fields(before), strings.Fields(after)}
}

// is reports whether a folded word is the one that p stands for.
func is(p, word string) bool {
	if end, ok := strings.CutPrefix(p, "*"); ok {
		if stem, ok := strings.CutSuffix(end, "*"); ok {
			return strings.Contains(word, stem)
		}
		return strings.HasSuffix(word, end)
	}
	if stem, ok := strings.CutSuffix(p, "*"); ok {
		return strings.HasPrefix(word, stem)
	}
	return p == word
}

func anyOf(list []string, word string) bool {
	return slices.ContainsFunc(list, func(p string) bool { return is(p, word) })
}

// matchAt is the index after the words of p if they stand at words[i], or -1.
func matchAt(p, words []string, i int) int {
	for k, w := range p {
		if w == ".." {
			for skip := 0; skip <= gap; skip++ {
				if end := matchAt(p[k+1:], words, i+skip); end >= 0 {
					return end
				}
			}
			return -1
		}
		if i >= len(words) || !is(w, words[i]) {
			return -1
		}
		i++
	}
	return i
}

// A match is a pattern as it stands about a date.
type match struct {
	class      class
	start, end int // in the words before; both their number if the pattern stands after the date only
	after      int // words between the date and the words after it; 0 if there are none
	distance   int // words between the pattern and the date
	length     int // words of the pattern
}

// better orders matches: the nearest, then those with words before the date, then the longest, then by class.
func (m match) better(o match) bool {
	if m.distance != o.distance {
		return m.distance < o.distance
	}
	if first, second := m.end > m.start, o.end > o.start; first != second {
		return first
	}
	if m.length != o.length {
		return m.length > o.length
	}
	return m.class > o.class
}

// nearest is the best match of all patterns about a date with these folded words before and after it.
func (v *vocabulary) nearest(before, after []string) (best match, ok bool) {
	for i := range v.patterns {
		if m, found := v.patterns[i].about(before, after); found && (!ok || m.better(best)) {
			best, ok = m, true
		}
	}
	return best, ok
}

// about is the best match of p. What has words on both sides stands close to the date; what limits it, right beside it.
func (p *pattern) about(before, after []string) (match, bool) {
	m := match{class: p.class, start: len(before), end: len(before), length: wordsIn(p.before) + wordsIn(p.after)}
	if len(p.before) > 0 {
		if m.start, m.end = lastMatch(p.before, before); m.end < 0 {
			return m, false
		}
		m.distance = len(before) - m.end
		if (len(p.after) > 0 || p.class == not) && m.distance > 1 {
			return m, false
		}
	}
	if len(p.after) == 0 {
		return m, true
	}
	i := 0
	for ; i < len(after); i++ {
		if matchAt(p.after, after, i) >= 0 {
			break
		}
	}
	if i == len(after) || p.class == not && i > 0 {
		return m, false
	}
	m.after = i
	if len(p.before) == 0 {
		m.distance = i
	}
	return m, true
}

func wordsIn(p []string) int {
	n := 0
	for _, w := range p {
		if w != ".." {
			n++
		}
	}
	return n
}

// lastMatch is where p stands last in words; end is -1 if nowhere.
func lastMatch(p, words []string) (start, end int) {
	start, end = -1, -1
	for i := range words {
		if e := matchAt(p, words, i); e >= 0 && e >= end {
			start, end = i, e
		}
	}
	return start, end
}

// lastOf is the index of the last of words that list names, -1 if none does.
func lastOf(list, words []string) int {
	for i := range slices.Backward(words) {
		if anyOf(list, words[i]) {
			return i
		}
	}
	return -1
}
