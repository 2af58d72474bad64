// This file cuts text into tokens and numbers them, so that everything after it compares integers.

package diff

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/drittland/drittland/snapshots/text"
)

// A token is a word, a mark of punctuation or a line break. White space that follows belongs to no token and is
// not compared; it is settled when edits are spelled out.
type token struct {
	id         int32 // number of its exact text in the lexis
	start, end int   // bytes in the document
	next       int   // where the white space after it ends
}

type tokenKind uint8

const (
	mark      tokenKind = iota // punctuation and symbols
	word                       // holds a letter or a digit
	lineBreak                  // a line break, between joined blocks or within one
)

// A term is one distinct token text.
type term struct {
	text   string
	kind   tokenKind
	fold   int32 // number of the folded form
	count  int32 // how often the folded form occurs in both documents; kept on the folded term
	weight float32
}

// A lexis numbers the distinct tokens of the two documents.
type lexis struct {
	ids   map[string]int32
	terms []term
	total int
}

func newLexis() *lexis { return &lexis{ids: map[string]int32{}} }

func (l *lexis) intern(s string, k tokenKind) int32 {
	s = plain(s)
	if id, ok := l.ids[s]; ok {
		return id
	}
	id := int32(len(l.terms))
	l.ids[s] = id
	l.terms = append(l.terms, term{text: s, kind: k, fold: id})
	if k == word {
		if f := text.Fold(strings.ReplaceAll(s, "’", "'")); f != s {
			fold := l.intern(f, word)
			l.terms[id].fold = fold
		}
	}
	return id
}

// weigh gives each term its weight: 1 for a word that says something, a quarter for a short word or one that
// is everywhere, in whatever language, a tenth for punctuation.
func (l *lexis) weigh() {
	often := int32(max(l.total/150, 8))
	for i := range l.terms {
		t := &l.terms[i]
		switch {
		case t.kind == lineBreak:
			t.weight = 8
		case t.kind == mark:
			t.weight = 0.1
		case strings.ContainsAny(t.text, "0123456789"):
			t.weight = 1
		case utf8.RuneCountInString(t.text) <= 3 || l.terms[t.fold].count > often:
			t.weight = 0.25
		default:
			t.weight = 1
		}
	}
}

func (l *lexis) weightOf(ts []token) (w float32) {
	for _, t := range ts {
		w += l.terms[t.id].weight
	}
	return w
}

func (l *lexis) kind(t token) tokenKind { return l.terms[t.id].kind }

func (l *lexis) text(t token) string { return l.terms[t.id].text }

// tokens cuts s, which begins at byte base of its document.
func (l *lexis) tokens(s string, base int) []token {
	var out []token
	add := func(from, to int, k tokenKind) {
		id := l.intern(s[from:to], k)
		if k == word {
			l.terms[l.terms[id].fold].count++
			l.total++
		}
		out = append(out, token{id: id, start: base + from, end: base + to, next: base + to})
	}
	for i := 0; i < len(s); {
		w, ok := text.NextWord(s, i)
		if !ok {
			w.Start, w.End = len(s), len(s)
		}
		for i < w.Start {
			r, n := utf8.DecodeRuneInString(s[i:])
			switch {
			case r == '\n':
				add(i, i+n, lineBreak)
			case isBlank(r) && len(out) > 0 && l.kind(out[len(out)-1]) != lineBreak:
				out[len(out)-1].next += n
			default:
				add(i, i+n, mark)
			}
			i += n
		}
		if !ok {
			break
		}
		if oneByOne(s[w.Start:]) {
			for j := w.Start; j < w.End; {
				_, n := utf8.DecodeRuneInString(s[j:])
				add(j, j+n, word)
				j += n
			}
			i = w.End
			continue
		}
		end := lengthen(s, w.End)
		add(w.Start, end, word)
		i = end
	}
	return out
}

// isBlank tells white space and what takes no room at all.
func isBlank(r rune) bool {
	switch r {
	case '\u00ad', '\u200b', '\u200c', '\u200d', '\u200e', '\u200f', '\u2060', '\ufeff':
		return true
	}
	return unicode.IsSpace(r)
}

// plain is s as a reader sees it: each run of white space within a line is one space, and what takes no room is gone.
// It is s itself for most texts.
func plain(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r != ' ' && r != '\n' && isBlank(r) }) && !strings.Contains(s, "  ") {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		switch {
		case !isBlank(r) || r == '\n':
			b.WriteRune(r)
			space = false
		case unicode.IsSpace(r) && !space:
			b.WriteByte(' ')
			space = true
		}
	}
	return b.String()
}

// oneByOne tells scripts that write without spaces: each of their signs is a token.
func oneByOne(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return r >= 0x0e00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// lengthen carries a word that ends at end over signs that join it to the next: "l'Inde", "opt-out", "1.5",
// "privacy@clipzy.example".
func lengthen(s string, end int) int {
	for end < len(s) {
		r, n := utf8.DecodeRuneInString(s[end:])
		if !strings.ContainsRune("'’-‑.,@_", r) {
			return end
		}
		w, ok := text.NextWord(s, end+n)
		if !ok || w.Start != end+n {
			return end
		}
		before, _ := utf8.DecodeLastRuneInString(s[:end])
		after, _ := utf8.DecodeRuneInString(s[w.Start:])
		switch r {
		case ',':
			if !unicode.IsDigit(before) || !unicode.IsDigit(after) {
				return end
			}
		case '.':
			if unicode.IsUpper(after) {
				return end
			}
		}
		end = w.End
	}
	return end
}

// bag counts the words of the tokens without regard to order, case and accents.
func (l *lexis) bag(ts []token) bag {
	b := bag{size: len(ts)}
	ids := make([]int32, 0, len(ts))
	for _, t := range ts {
		if l.kind(t) == word {
			ids = append(ids, l.terms[t.id].fold)
		}
	}
	if len(ids) == 0 {
		for _, t := range ts {
			ids = append(ids, t.id)
		}
	}
	slices.Sort(ids)
	for i := 0; i < len(ids); {
		j := i
		for j < len(ids) && ids[j] == ids[i] {
			j++
		}
		b.counts = append(b.counts, tally{ids[i], int32(j - i)})
		b.weight += float32(j-i) * l.terms[ids[i]].weight
		i = j
	}
	b.words = len(ids)
	return b
}
