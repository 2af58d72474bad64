// Package text cuts canonical text into sentences and words, and folds words for matching.
// It is the one place that decides what a word is; rules, diff and analyze all use it.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A Word is a run of letters, marks and digits in a text. Apostrophes and hyphens separate words;
// soft hyphens and zero-width characters within a word belong to it.
type Word struct{ Start, End int }

// NextWord finds the first word in s at or after byte from. ok is false if there is none.
func NextWord(s string, from int) (w Word, ok bool) {
	i := from
	for i < len(s) {
		r, n := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		if isWordRune(r) {
			break
		}
		i += n
	}
	if i >= len(s) {
		return Word{}, false
	}
	w.Start = i
	for i < len(s) {
		r, n := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		if !isWordRune(r) && !isJoiner(r) {
			break
		}
		i += n
	}
	w.End = i
	return w, true
}

// Words are the words of s in order.
func Words(s string) []Word { return AppendWords(nil, s) }

// AppendWords appends the words of s to ws.
func AppendWords(ws []Word, s string) []Word {
	for i := 0; ; {
		w, ok := NextWord(s, i)
		if !ok {
			return ws
		}
		ws = append(ws, w)
		i = w.End
	}
}

func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// isJoiner tells the invisible characters that may stand inside a word.
func isJoiner(r rune) bool {
	switch r {
	case '\u00ad', '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff':
		return true
	}
	return false
}

var special = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "đ", "d", "ð", "d", "þ", "th", "ł", "l", "ħ", "h", "ı", "i", "ς", "σ",
	"أ", "ا", "إ", "ا", "آ", "ا", "ى", "ي", "ة", "ه", "ـ", "")

// Fold maps a word to the form in which words are compared: lower case, without accents, invisible
// characters and compatibility forms, so that "Übermittlung", "UBERMITTLUNG" and "über­mittlung" are one.
func Fold(word string) string {
	plain := true
	for i := 0; i < len(word); i++ {
		if c := word[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			plain = false
			break
		}
	}
	if plain {
		return word
	}
	var b strings.Builder
	b.Grow(len(word))
	for _, r := range norm.NFKD.String(word) {
		if unicode.Is(unicode.Mn, r) || isJoiner(r) {
			continue
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return special.Replace(b.String())
}
