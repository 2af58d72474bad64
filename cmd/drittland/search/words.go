package search

// Words: those of snapshots/text, folded; in writing without spaces each sign is a word.

import (
	"strings"
	"unicode"

	"github.com/drittland/drittland/snapshots/text"
)

// A Word is a folded word of a text with its place in it.
type Word struct {
	Start, End int
	Fold       string
}

// Plain is a word in lower case with its accents, without invisible characters: as dictionaries have it.
func Plain(word string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, word))
}

// Words are the words of s in order.
func Words(s string) []Word {
	var out []Word
	for i := 0; ; {
		w, ok := text.NextWord(s, i)
		if !ok {
			return out
		}
		i = w.End
		out = appendWords(out, s[w.Start:w.End], w.Start)
	}
}

// appendWords appends the words in one run of letters, which begins at byte at of the text.
func appendWords(out []Word, run string, at int) []Word {
	from := 0
	add := func(to int) {
		if f := text.Fold(run[from:to]); f != "" {
			out = append(out, Word{at + from, at + to, f})
		}
		from = to
	}
	for i, r := range run {
		if r < 0x0e00 || !unicode.In(r, unspaced...) {
			continue
		}
		if i > from {
			add(i)
		}
		add(i + len(string(r)))
	}
	if from < len(run) {
		add(len(run))
	}
	return out
}

// unspaced are the scripts that leave no space between words.
var unspaced = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar}
