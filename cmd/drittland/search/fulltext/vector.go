package fulltext

// This file makes the vectors of passages: each word as it stands, and its stems at the same place.

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/drittland/drittland/cmd/drittland/search"
	"github.com/drittland/drittland/snapshots"
)

// What PostgreSQL can hold: a vector of less than 1 MiB, places up to 16,383, of one word 255 of them, words of less than 2 KiB.
const (
	maxPlaces  = 4000   // words of a piece; a passage that has more is cut
	maxSame    = 255    // places of one word in a piece
	maxLexemes = 400000 // bytes of a piece's different words
	maxLexeme  = 500    // bytes of a word; what is longer is found by its beginning
)

// A piece is a passage, or a part of one that is too long.
type piece struct {
	from, to int // of the words
	fold     string
}

// cut cuts the words of a passage into pieces that PostgreSQL can hold.
func cut(ws []search.Word) []piece {
	var out []piece
	var b strings.Builder
	from, size, count := 0, 0, map[string]int{}
	end := func(to int) {
		out = append(out, piece{from, to, b.String()})
		from, size, count = to, 0, map[string]int{}
		b.Reset()
	}
	for i, w := range ws {
		f := short(w.Fold)
		if n := count[f]; i > from && (i-from == maxPlaces || n == maxSame || n == 0 && size+len(f) > maxLexemes) {
			end(i)
		}
		if count[f]++; count[f] == 1 {
			size += len(f) + longestStem
		}
		b.WriteString(w.Fold)
		b.WriteByte(' ')
	}
	if len(ws) > from {
		end(len(ws))
	}
	return out
}

// span is where a piece of a passage stands.
func (c piece) span(passage snapshots.Span, ws []search.Word) snapshots.Span {
	s := passage
	if c.from > 0 {
		s.Start = passage.Start + ws[c.from].Start
	}
	if c.to < len(ws) {
		s.End = passage.Start + ws[c.to-1].End
	}
	return s
}

// short is a word, or the beginning of one that PostgreSQL does not hold.
func short(fold string) string {
	if len(fold) <= maxLexeme {
		return fold
	}
	n := maxLexeme
	for !utf8.RuneStart(fold[n]) {
		n--
	}
	return fold[:n]
}

// stemmed is a stem as it stands in vectors, where it must not be taken for a word: no word has "~".
func stemmed(language, stem string) string { return "~" + language + short(stem) }

// label stands in a vector for the language of a text or for the type of its terms, in any case: the index of words finds them together. No stem begins as
// it does.
func label(kind, said string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(plainText(said))))
	return fmt.Sprintf("~%s%x", kind, sum[:5])
}

const ofLanguage, ofType = ":", ";"

// labels are those of a passage. A language with a region has that of the language, too.
func labels(language, typ string) []string {
	out := []string{label(ofType, typ), label(ofLanguage, language)}
	if base, _, ok := strings.Cut(language, "-"); ok {
		out = append(out, label(ofLanguage, base))
	}
	return out
}

// vector is the words of a piece with their places, and its labels without, as PostgreSQL reads a tsvector.
func vector(fold []string, stems func(i int) []string, language string, labels []string) string {
	places := map[string][]int{}
	var order []string
	add := func(lexeme string, at int) {
		if places[lexeme] == nil {
			order = append(order, lexeme)
		}
		if n := len(places[lexeme]); n < maxSame && (n == 0 || places[lexeme][n-1] != at) {
			places[lexeme] = append(places[lexeme], at)
		}
	}
	for i, f := range fold {
		add(short(f), i+1)
		for _, stem := range stems(i) {
			add(stemmed(language, stem), i+1)
		}
	}
	var b strings.Builder
	for _, lexeme := range append(order, labels...) {
		b.WriteString(quoted(lexeme))
		for i, at := range places[lexeme] {
			b.WriteByte(":,"[min(i, 1)])
			b.WriteString(strconv.Itoa(at))
		}
		b.WriteByte(' ')
	}
	return b.String()
}

// quoted is a word as it stands in the text form of vectors and queries, whatever signs it has.
func quoted(lexeme string) string {
	return "'" + escapes.Replace(lexeme) + "'"
}

var escapes = strings.NewReplacer("'", "''", `\`, `\\`, "\x00", "")
