package dates

// This file matches the words about a date.

import (
	"maps"
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
	byWord                          index // the patterns by one of their words each
	older, law, policy, other, this wordList
}

var vocabularyOfAll = sync.OnceValue(func() *vocabulary {
	v := &vocabulary{}
	seen := map[string]bool{}
	words := wordsOf()
	for _, l := range slices.Sorted(maps.Keys(words)) {
		p := words[l]
		for c, list := range []string{updated: p.updated, effective: p.effective, until: p.until, not: p.not} {
			for _, alt := range alternatives(list) {
				if key := string(rune('0'+c)) + alt; !seen[key] {
					seen[key] = true
					p := patternOf(class(c), alt)
					v.byWord.add(p.rarest(), len(v.patterns))
					v.patterns = append(v.patterns, p)
				}
			}
		}
		v.older.add(p.older)
		v.law.add(p.law)
		v.policy.add(p.policy)
		v.other.add(p.other)
		v.this.add(p.this)
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

func patternOf(c class, alt string) pattern {
	before, after, _ := strings.Cut(alt, "@")
	return pattern{c, strings.Fields(before), strings.Fields(after)}
}

// rarest is the word of p by which it is found: the longest whole one, else the longest stem.
func (p *pattern) rarest() string {
	best, whole := "", false
	for _, w := range slices.Concat(p.before, p.after) {
		if w == ".." {
			continue
		}
		if plain := !strings.Contains(w, "*"); best == "" || plain && !whole || plain == whole && len(w) > len(best) {
			best, whole = w, plain
		}
	}
	return best
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
	var numbers []int
	for _, w := range before {
		numbers = v.byWord.numbers(numbers, w)
	}
	for _, w := range after {
		numbers = v.byWord.numbers(numbers, w)
	}
	slices.Sort(numbers)
	for _, i := range slices.Compact(numbers) {
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
