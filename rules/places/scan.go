package places

// Words and their folded forms in one pass, as text.NextWord and text.Fold give them, for the letters of the
// languages that the package knows. What lies beyond is left to package text.

import (
	"sync"
	"unicode/utf8"

	"github.com/drittland/drittland/snapshots/text"
)

const quick = 0x700 // Latin, Greek, Cyrillic, Arabic and their marks

// A letter is what the scanner knows of a rune below quick.
type letter struct {
	fold          string // text.Fold of it
	begins, joins bool   // whether a word can begin with it, and go on with it
}

var letters = sync.OnceValue(func() *[quick]letter {
	var t [quick]letter
	for r := range t {
		s := string(rune(r))
		_, begins := text.NextWord(s, 0)
		w, _ := text.NextWord("a"+s+"a", 0)
		t[r] = letter{text.Fold(s), begins, w.End == len(s)+2}
	}
	return &t
})

// nextWord is text.NextWord, and appends the word's folded form to buf.
func nextWord(s string, from int, buf []byte, t *[quick]letter) (w text.Word, key []byte, ok bool) {
	i := from
	for ; ; i++ { // to the first letter
		if i >= len(s) {
			return w, buf, false
		}
		if c := s[i]; c < utf8.RuneSelf {
			if t[c].begins {
				break
			}
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r < quick && t[r].begins {
			break
		}
		if r >= quick && !isPunctuation(r) {
			if _, ok := text.NextWord(s[i:i+n], 0); ok {
				break
			}
		}
		i += n - 1
	}
	w.Start, key = i, buf
	for i < len(s) {
		if c := s[i]; c < utf8.RuneSelf {
			if !t[c].joins {
				break
			}
			key = append(key, t[c].fold...)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r >= quick && !isPunctuation(r) {
			return slowWord(s, w.Start, buf)
		}
		if r >= quick || !t[r].joins {
			break
		}
		key = append(key, t[r].fold...)
		i += n
	}
	w.End = i
	return w, key, true
}

// isPunctuation reports whether r is one of the dashes, quotation marks and bullets that end most words.
func isPunctuation(r rune) bool { return '\u2010' <= r && r <= '\u2027' }

func slowWord(s string, start int, buf []byte) (text.Word, []byte, bool) {
	w, ok := text.NextWord(s, start)
	if !ok {
		return w, buf, false
	}
	return w, append(buf, text.Fold(s[w.Start:w.End])...), true
}

// A sieve tells of most words that no form begins with them, without looking them up.
type sieve [1 << 16 / 64]uint64

func (v *sieve) add(key []byte) {
	h := sieveHash(key)
	v[h/64] |= 1 << (h % 64)
}

func (v *sieve) may(key []byte) bool {
	h := sieveHash(key)
	return v[h/64]&(1<<(h%64)) != 0
}

func sieveHash(key []byte) uint32 {
	h := uint32(len(key))
	if len(key) > 0 {
		h = h*31 + uint32(key[len(key)-1])
		h = h*257 + uint32(key[min(1, len(key)-1)])
		h = h*257 + uint32(key[min(3, len(key)-1)])
		h = h*257 + uint32(key[0])
	}
	return h * 2654435761 >> 16
}
