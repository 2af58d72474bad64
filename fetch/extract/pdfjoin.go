package extract

// This file joins words that a line breaks, and cleans what only fonts know.

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/drittland/drittland/snapshots"
	"golang.org/x/text/unicode/norm"
)

const itemKind = snapshots.Item

// normalForm is a character in its compatibility normal form: "ffi" for a ligature, the letter for one of its forms.
func normalForm(c rune) string { return norm.NFKC.String(string(c)) }

// joinHyphen reports whether the run ends in a hyphen after which next goes on in the same word, and takes the hyphen
// away where it only stands for the end of the line: the word is not written with it elsewhere in the file.
func (r *pdfReader) joinHyphen(next string) bool {
	run := &r.b.run
	last, n := utf8.DecodeLastRune(run.text)
	first, _ := utf8.DecodeRuneInString(next)
	if last != '-' && last != '\u2010' && last != '\u00ad' || run.space || len(run.text) == n {
		return false
	}
	before, _ := utf8.DecodeLastRune(run.text[:len(run.text)-n])
	if !unicode.IsLetter(before) && !unicode.IsDigit(before) || !unicode.IsLetter(first) && !unicode.IsDigit(first) {
		return false
	}
	head := run.text[:len(run.text)-n]
	head = head[max(0, len(head)-100):]
	head = head[bytes.LastIndexAny(head, " \n")+1:]
	tail := strings.TrimFunc(strings.SplitN(next, " ", 2)[0], func(r rune) bool { return !unicode.IsLetter(r) && r != '-' })
	left, right := strings.ToLower(strings.TrimLeftFunc(string(head), func(r rune) bool { return !unicode.IsLetter(r) })), strings.ToLower(tail)
	keep := r.words[left+"-"+right] && !r.words[left+right] || !unicode.IsLower(first) || unicode.IsDigit(before)
	if keep && last != '\u00ad' {
		return true
	}
	run.shorten(n)
	return true
}

// shorten takes the last n bytes away.
func (r *run) shorten(n int) {
	r.text = r.text[:len(r.text)-n]
	end := len(r.text)
	for i := range r.bold {
		r.bold[i].End = min(r.bold[i].End, end)
	}
	for i := range r.links {
		r.links[i].Span.End = min(r.links[i].Span.End, end)
	}
	for i := range r.open {
		r.open[i].start = min(r.open[i].start, end)
	}
}

// A leader is the row of dots before a page number in a table of contents.
var leader = lazily(`\s*(?:\.{4,}|(?:[.:·] ?){5,}|…{2,})[\s.:]*(?:\d{1,4}|[ivxlc]{1,6})?\s*$`)

// isBullet reports whether s is nothing but the mark of a list item.
func isBullet(s string) bool {
	u, n := utf8.DecodeRuneInString(s)
	return n == len(s) && n > 0 && strings.ContainsRune("•·▪●○◦‣■□➢►➤✓✔∙⁃o-–*", u)
}
