package extract

// This file reads plain text: paragraphs, lists and headings are told by empty lines, marks and length.

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/drittland/drittland/snapshots"
)

// readPlain reads body into b.
func readPlain(b *builder, body []byte) {
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n\n", "\f", "\n\n", "\u0085", "\n").Replace(string(body))
	lines := strings.Split(text, "\n")
	wrapped := wrapWidth(lines)
	var para []string
	flush := func(next string) {
		if len(para) > 0 {
			b.plainParagraph(para, next)
			para = para[:0]
		}
	}
	for i, l := range lines {
		if b.full {
			return
		}
		l = strings.TrimSpace(l)
		switch {
		case l == "" || strings.Trim(l, "-=_*~#. \t") == "" && len(l) > 2: // an empty line or a rule
			flush(nextText(lines, i))
		case len(para) > 0 && (wrapped == 0 || startsItem(l) || isUpperLine(l) != isUpperLine(para[len(para)-1]) ||
			utf8.RuneCountInString(para[len(para)-1]) < wrapped):
			flush(l)
			para = append(para, l)
		default:
			para = append(para, l)
		}
	}
	flush("")
}

// nextText is the first line with text after line i, "" at the end.
func nextText(lines []string, i int) string {
	for _, l := range lines[i+1:] {
		if l = strings.TrimSpace(l); l != "" {
			return l
		}
	}
	return ""
}

// wrapWidth tells hard-wrapped text, where many lines go on in the next without a stop and in lower case: 0 if each
// line is a paragraph, otherwise the number of characters below which a line is the last of its paragraph although
// no empty line follows.
func wrapWidth(lines []string) int {
	longest, filled, torn := 0, 0, 0
	before := ""
	for _, l := range lines {
		l = strings.TrimSpace(l)
		if l != "" {
			filled++
			longest = max(longest, utf8.RuneCountInString(l))
			first, _ := utf8.DecodeRuneInString(l)
			if last, _ := utf8.DecodeLastRuneInString(before); before != "" && unicode.IsLower(first) && !strings.ContainsRune(".!?:;…", last) && !startsItem(l) {
				torn++
			}
		}
		before = l
	}
	if torn < 2 || 6*torn < filled {
		return 0
	}
	return min(longest, 120) / 2
}

var (
	bulletMark = lazily(`^(?:[•·▪●○◦‣■□➢►➤✓✔∙⁃]\s*|[-*–+]\s+)`)
	numberMark = lazily(`^(?:\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)]|\d{1,2}(?:\.\d{1,2}){1,3}\.?)\s+`)
)

func startsItem(l string) bool { return bulletMark().MatchString(l) || numberMark().MatchString(l) }

func isUpperLine(l string) bool {
	letters := 0
	for _, r := range l {
		if unicode.IsLower(r) {
			return false
		}
		if unicode.IsUpper(r) {
			letters++
		}
	}
	return letters >= 3
}

// plainParagraph makes one block of lines; next is the text line that comes after them.
func (b *builder) plainParagraph(lines []string, next string) {
	s, first := paragraph, lines[0]
	if m := bulletMark().FindString(first); m != "" && len(m) < len(first) {
		s, first = shape{kind: snapshots.Item, level: 1}, first[len(m):]
	} else if level := plainHeading(lines, next); level > 0 {
		s = shape{kind: snapshots.Heading, level: level}
	} else if numberMark().MatchString(first) {
		s = shape{kind: snapshots.Item, level: 1}
	}
	b.plainLine(first)
	for _, l := range lines[1:] {
		b.run.space = true
		b.plainLine(l)
	}
	b.flush(s)
}

var addresses = lazily(`(?i)\bhttps?://[^\s<>"]+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b`)

// plainLine writes a line; web and e-mail addresses in it become links.
func (b *builder) plainLine(l string) {
	if !strings.Contains(l, "://") && !strings.Contains(l, "@") {
		b.run.write(l)
		return
	}
	at := 0
	for _, m := range addresses().FindAllStringIndex(l, -1) {
		found := strings.TrimRight(l[m[0]:m[1]], ".,;:!?)]}'”»")
		if found == "" {
			continue
		}
		b.run.write(l[at:m[0]])
		target := strings.ToValidUTF8(found, "\ufffd")
		if !strings.Contains(found, "://") {
			target = "mailto:" + target
		}
		b.run.openLink(target)
		b.run.write(found)
		b.run.closeLink()
		at = m[0] + len(found)
	}
	b.run.write(l[at:])
}

// plainHeading is the level of lines if they are a heading: short, not a sentence, followed by something longer or
// by a lower heading; 0 otherwise.
func plainHeading(lines []string, next string) int {
	l := lines[0]
	if len(lines) > 2 || len(l) > boldHeadingBytes || next == "" {
		return 0
	}
	last, _ := utf8.DecodeLastRuneInString(l)
	numbered := numberMark().MatchString(l)
	switch {
	case isUpperLine(l) && last != ',' && last != ';':
		return 2
	case len(lines) > 1 || strings.ContainsRune(".,;:!", last) && !(numbered && isNumberedTitle(l)):
		return 0
	case numbered && strings.Count(l, " ") <= 9 && !startsLike(next, l):
		return 3 + min(2, strings.Count(strings.TrimRight(strings.Fields(l)[0], "."), "."))
	case !numbered && strings.Count(l, " ") <= 9 && len(next) > 2*len(l) && !bulletMark().MatchString(l) && startsUpper(l):
		return 3
	}
	return 0
}

// startsLike tells two numbered lines in a row: items of one list.
func startsLike(next, l string) bool {
	return numberMark().MatchString(next) && len(next) < 2*len(l)+40
}

func startsUpper(l string) bool {
	r, _ := utf8.DecodeRuneInString(l)
	return unicode.IsUpper(r) || unicode.IsDigit(r) || unicode.IsLetter(r) && !unicode.IsLower(r)
}
