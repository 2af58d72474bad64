package pdf

// This file reads tokens and objects, in files and in the streams that draw pages.

import (
	"bytes"
	"math"
	"strconv"
)

// The objects of PDF: nil, bool, float64, string (bytes), name, array, dict, *stream and ref. In streams that draw,
// op is an operator; at the end of what is read stands end.
type (
	name  string
	array []any
	dict  map[name]any
	ref   int // the number of an object; generations are not told apart, the last object of a number counts
	op    string
	end   struct{}
)

// A stream is a dictionary with data, as they stand in the file.
type stream struct {
	dict dict
	raw  []byte
}

const (
	maxDepth = 100       // to which arrays and dictionaries nest
	maxArray = 1_000_000 // entries
)

type lexer struct {
	b     []byte
	at    int
	depth int
	draws bool // operators are wanted, references do not occur
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

// skipSpace passes over white space and comments.
func (l *lexer) skipSpace() {
	for l.at < len(l.b) {
		switch c := l.b[l.at]; {
		case isSpace(c):
			l.at++
		case c == '%':
			for l.at < len(l.b) && l.b[l.at] != '\n' && l.b[l.at] != '\r' {
				l.at++
			}
		default:
			return
		}
	}
}

// next is the next object or operator. What makes no sense is passed over.
func (l *lexer) next() any {
	for {
		l.skipSpace()
		if l.at >= len(l.b) {
			return end{}
		}
		switch c := l.b[l.at]; c {
		case '/':
			return l.name()
		case '(':
			return l.literal()
		case '[':
			l.at++
			return l.array()
		case '<':
			if l.at+1 < len(l.b) && l.b[l.at+1] == '<' {
				l.at += 2
				return l.dict()
			}
			return l.hex()
		case ']', ')', '{', '}':
			l.at++
			return op(c)
		case '>':
			l.at++
			if l.at < len(l.b) && l.b[l.at] == '>' {
				l.at++
				return op(">>")
			}
		default:
			return l.word()
		}
	}
}

func (l *lexer) name() name {
	l.at++
	start := l.at
	for l.at < len(l.b) && !isSpace(l.b[l.at]) && !isDelimiter(l.b[l.at]) {
		l.at++
	}
	raw := l.b[start:l.at]
	if bytes.IndexByte(raw, '#') < 0 {
		return name(raw)
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] == '#' && i+2 < len(raw) && unhex(raw[i+1]) >= 0 && unhex(raw[i+2]) >= 0 {
			out = append(out, byte(unhex(raw[i+1])<<4|unhex(raw[i+2])))
			i += 2
		} else {
			out = append(out, raw[i])
		}
	}
	return name(out)
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

func (l *lexer) hex() string {
	l.at++
	var out []byte
	high := -1
	for l.at < len(l.b) {
		c := l.b[l.at]
		l.at++
		if c == '>' {
			break
		}
		v := unhex(c)
		switch {
		case v < 0:
		case high < 0:
			high = v
		default:
			out = append(out, byte(high<<4|v))
			high = -1
		}
	}
	if high >= 0 {
		out = append(out, byte(high<<4))
	}
	return string(out)
}

// literal is a string in parentheses, which may nest.
func (l *lexer) literal() string {
	l.at++
	var out []byte
	open := 1
	for l.at < len(l.b) {
		c := l.b[l.at]
		l.at++
		switch c {
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				return string(out)
			}
		case '\\':
			out = l.escape(out)
			continue
		}
		out = append(out, c)
	}
	return string(out)
}

func (l *lexer) escape(out []byte) []byte {
	if l.at >= len(l.b) {
		return out
	}
	c := l.b[l.at]
	l.at++
	switch c {
	case 'n':
		return append(out, '\n')
	case 'r':
		return append(out, '\r')
	case 't':
		return append(out, '\t')
	case 'b':
		return append(out, '\b')
	case 'f':
		return append(out, '\f')
	case '\r':
		if l.at < len(l.b) && l.b[l.at] == '\n' {
			l.at++
		}
		return out
	case '\n':
		return out
	}
	if c < '0' || c > '7' {
		return append(out, c)
	}
	v := int(c - '0')
	for i := 0; i < 2 && l.at < len(l.b) && '0' <= l.b[l.at] && l.b[l.at] <= '7'; i++ {
		v = v<<3 | int(l.b[l.at]-'0')
		l.at++
	}
	return append(out, byte(v))
}

func (l *lexer) array() array {
	out := array{}
	if l.depth++; l.depth > maxDepth {
		l.at = len(l.b)
	}
	defer func() { l.depth-- }()
	for len(out) < maxArray {
		switch v := l.next().(type) {
		case end:
			return out
		case op:
			if v == "]" {
				return out
			}
		default:
			out = append(out, v)
		}
	}
	return out
}

func (l *lexer) dict() dict {
	out := dict{}
	if l.depth++; l.depth > maxDepth {
		l.at = len(l.b)
	}
	defer func() { l.depth-- }()
	for len(out) < maxArray {
		switch k := l.next().(type) {
		case end:
			return out
		case op:
			if k == ">>" {
				return out
			}
		case name:
			before := l.at
			switch v := l.next().(type) {
			case op: // a key without a value
				l.at = before
				if v != ">>" {
					l.next()
				}
			case end:
			default:
				out[k] = v
			}
		}
	}
	return out
}

// word is a number, a reference, true, false, null or an operator.
func (l *lexer) word() any {
	start := l.at
	for l.at < len(l.b) && !isSpace(l.b[l.at]) && !isDelimiter(l.b[l.at]) {
		l.at++
	}
	w := l.b[start:l.at]
	if c := w[0]; '0' <= c && c <= '9' || c == '-' || c == '+' || c == '.' {
		if f, ok := number(w); ok {
			if !l.draws && c != '-' && f == math.Trunc(f) {
				if r, ok := l.reference(f); ok {
					return r
				}
			}
			return f
		}
	}
	switch string(w) {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	}
	return op(w)
}

// reference is number as the beginning of a reference such as "12 0 R".
func (l *lexer) reference(number float64) (ref, bool) {
	at := l.at
	for at < len(l.b) && isSpace(l.b[at]) {
		at++
	}
	digits := at
	for at < len(l.b) && at-digits < 6 && '0' <= l.b[at] && l.b[at] <= '9' {
		at++
	}
	gap := at
	for at < len(l.b) && isSpace(l.b[at]) {
		at++
	}
	if digits == gap || gap == at || at >= len(l.b) || l.b[at] != 'R' || at+1 < len(l.b) && !isSpace(l.b[at+1]) && !isDelimiter(l.b[at+1]) {
		return 0, false
	}
	l.at = at + 1
	return ref(min(number, 1<<30)), true
}

// number reads what writers take for a number, such as "--5" and "1.2-3" too.
func number(w []byte) (float64, bool) {
	if f, err := strconv.ParseFloat(string(w), 64); err == nil && len(w) < 40 && !math.IsInf(f, 0) && !math.IsNaN(f) {
		return f, true
	}
	sign, seen, point := 1.0, false, 0.0
	v := 0.0
	for i, c := range w {
		switch {
		case c == '-' && !seen:
			sign = -1
		case c == '+' && i == 0:
		case c == '.' && point == 0:
			point = 1
		case '0' <= c && c <= '9':
			seen = true
			if point == 0 {
				v = v*10 + float64(c-'0')
			} else {
				point /= 10
				v += point * float64(c-'0')
			}
		case c == '-' && seen:
			return sign * v, !math.IsInf(v, 0)
		default:
			return 0, false
		}
	}
	return sign * v, seen && !math.IsInf(v, 0)
}
