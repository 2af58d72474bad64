// Package report writes reports and comparisons for people: as text for a terminal, as Markdown, as one
// self-contained HTML page, and as JSON for programs. It reads what analyze says and judges nothing.
//
// Policy text is hostile: everything that comes from it passes through Printable or Line, is escaped for
// the form it is written in, and is shortened.
//
// This file makes text safe to show.
package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable is s without what a terminal or a browser would obey rather than show: control characters
// become visible pictures, directional overrides, tags and other invisible format characters go.
// Line feeds stay.
func Printable(s string) string {
	if plain(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t', r == '\r', r == '\u2028', r == '\u2029', r == '\u0085':
			return ' '
		case r < ' ':
			return 0x2400 + r // ␀ … ␟
		case r == 0x7f:
			return '␡'
		case r == '\u200c', r == '\u200d': // joiners: Persian and emoji need them
			return r
		case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Cs, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' && c != '\n' || c >= 0x7f {
			return false
		}
	}
	return true
}

// Line is s printable on one line, with single spaces. No-break spaces stay: French has them before signs.
func Line(s string) string {
	return strings.Join(strings.FieldsFunc(Printable(s), func(r rune) bool {
		return unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f'
	}), " ")
}

// Piece is a piece of a line printable: with single spaces, one at an end of it stays.
func Piece(s string) string {
	line := Line(s)
	if line == "" {
		if s != "" {
			return " "
		}
		return ""
	}
	if r, _ := utf8.DecodeRuneInString(s); unicode.IsSpace(r) {
		line = " " + line
	}
	if r, _ := utf8.DecodeLastRuneInString(s); unicode.IsSpace(r) {
		line += " "
	}
	return line
}

// shorten cuts s to about n runes around the first place of focus, at spaces, with … for what was cut.
// An empty focus keeps the beginning.
func shorten(s, focus string, n int) string {
	s = Line(s)
	if utf8.RuneCountInString(s) <= n+n/10 {
		return s
	}
	at := 0
	if i := strings.Index(s, focus); i > 0 {
		at = utf8.RuneCountInString(s[:i])
	}
	return Around(s, at, n, n/2)
}

// Around is about n runes of a line, from lead runes before rune number at, cut at spaces, with … for what was cut.
func Around(s string, at, n, lead int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	from := max(min(at-lead, len(r)-n), 0)
	to := from + n
	for i := from; from > 0 && i < min(from+20, max(at, from)); i++ {
		if r[i] == ' ' {
			from = i + 1
			break
		}
	}
	for i := to; to < len(r) && i > max(to-20, from); i-- {
		if r[i] == ' ' {
			to = i
			break
		}
	}
	out := string(r[from:to])
	if from > 0 {
		out = "… " + out
	}
	if to < len(r) {
		out += " …"
	}
	return out
}

// escapeJSON writes characters that terminals obey as \u escapes, so that JSON says exactly what the text
// says and shows nothing else. Such characters stand in JSON only within strings.
func escapeJSON(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			if b[i] == 0x7f {
				out = append(out, `\u007f`...)
			} else {
				out = append(out, b[i])
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case r > 0xffff && unicode.Is(unicode.Cf, r):
			hi, lo := (r-0x10000)>>10+0xd800, (r-0x10000)&0x3ff+0xdc00
			out = fmt.Appendf(out, `\u%04x\u%04x`, hi, lo)
		case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r):
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			out = append(out, b[i:i+n]...)
		}
		i += n
	}
	return out
}
