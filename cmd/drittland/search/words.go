package search

// Words: those of snapshots/text, folded; in writing without spaces each sign is a word.

import (
	"unicode"

	"github.com/drittland/drittland/snapshots/text"
)

// A word is a folded word of a text with its place in it.
type word struct {
	start, end int
	fold       string
}

// words are the words of s in order.
func words(s string) []word {
	var out []word
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
func appendWords(out []word, run string, at int) []word {
	from := 0
	add := func(to int) {
		if f := text.Fold(run[from:to]); f != "" {
			out = append(out, word{at + from, at + to, f})
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
