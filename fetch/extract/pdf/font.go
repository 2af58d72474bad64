package pdf

// This file reads fonts: what the codes in a string stand for, how wide they are, and whether they are bold.

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A font tells codes apart and says what they mean.
type font struct {
	bold     bool
	wide     bool // codes of two bytes unless the map says otherwise
	toText   *cmap
	encoding *[256]string // of simple fonts
	utf16    bool         // the codes are UTF-16
	widths   map[int]float64
	missing  float64 // width of codes that have none
	scale    float64 // of widths to the size of the font
	blind    bool    // no way is known from codes to characters
}

// A glyph is one code of a string.
type glyph struct {
	text  string
	width float64 // of a font of size 1
	space bool    // the code 32 of one byte, to which word spacing applies
}

const noText = "\ufffd"

func (f *file) newFont(v any) *font {
	d := f.dict(v)
	ft := &font{widths: map[int]float64{}, scale: 0.001}
	if s, ok := f.get(d["ToUnicode"]).(*stream); ok {
		if data, err := f.unpack(s); err == nil {
			ft.toText = readCMap(data)
		}
	}
	descriptor := d
	base := f.name(d["BaseFont"])
	switch f.name(d["Subtype"]) {
	case "Type0":
		descriptor = f.dict(first(f.list(d["DescendantFonts"])))
		f.composite(ft, d, descriptor)
	case "Type3":
		if m := f.numbers(d["FontMatrix"], 6); m != nil && m[0] != 0 {
			ft.scale = max(m[0], -m[0])
		}
		fallthrough
	default:
		f.simple(ft, d, base)
	}
	about := f.dict(descriptor["FontDescriptor"])
	ft.bold = isBoldName(string(base)) || isBoldName(string(f.name(about["FontName"]))) || f.num(about["FontWeight"]) >= 600 ||
		int(f.num(about["Flags"]))&(1<<18) != 0
	return ft
}

func first(a array) any {
	if len(a) == 0 {
		return nil
	}
	return a[0]
}

func isBoldName(s string) bool {
	s = strings.ToLower(s)
	for _, w := range [...]string{"bold", "black", "heavy", "-demi", "extrabd", "-bd"} {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

func (f *file) composite(ft *font, d, descendant dict) {
	ft.wide = true
	ft.missing = 1000
	if w, ok := f.get(descendant["DW"]).(float64); ok {
		ft.missing = w
	}
	w := f.list(descendant["W"])
	for i := 0; i+1 < len(w); {
		from := int(f.num(w[i]))
		if each, ok := f.get(w[i+1]).(array); ok {
			for j, x := range each {
				ft.widths[from+j] = f.num(x)
			}
			i += 2
			continue
		}
		if i+2 >= len(w) {
			break
		}
		to, width := int(f.num(w[i+1])), f.num(w[i+2])
		for c := from; c <= to && c < 65536 && len(ft.widths) < 65536 && f.spend(1); c++ {
			ft.widths[c] = width
		}
		i += 3
	}
	encoding := string(f.name(d["Encoding"]))
	ft.utf16 = strings.Contains(encoding, "UCS2") || strings.Contains(encoding, "UTF16")
	ft.blind = ft.toText == nil && !ft.utf16
}

func (f *file) simple(ft *font, d dict, base name) {
	about := f.dict(d["FontDescriptor"])
	ft.missing = f.num(about["MissingWidth"])
	if widths := f.list(d["Widths"]); len(widths) > 0 {
		from := int(f.num(d["FirstChar"]))
		for i, w := range widths[:min(len(widths), 256)] {
			ft.widths[from+i] = f.num(w)
		}
	} else {
		standardWidths(ft, string(base))
	}
	encoding := f.get(d["Encoding"])
	kind, _ := encoding.(name)
	var differences array
	if e, ok := encoding.(dict); ok {
		kind = f.name(e["BaseEncoding"])
		differences = f.list(e["Differences"])
	}
	symbolic := int(f.num(about["Flags"]))&4 != 0
	ft.encoding = encodingOf(kind, string(base), symbolic)
	code := 0
	named := 0
	for _, v := range differences {
		switch v := f.get(v).(type) {
		case float64:
			code = int(v)
		case name:
			if 0 <= code && code < 256 {
				ft.encoding[code] = glyphText(string(v))
				named++
			}
			code++
		}
	}
	ft.blind = ft.toText == nil && kind == "" && named == 0 && symbolic && f.name(d["Subtype"]) != "Type1"
}

// glyphs tells the codes of s apart.
func (ft *font) glyphs(s string, each func(glyph)) {
	for len(s) > 0 {
		n := 1
		if ft.wide {
			n = ft.toText.length(s)
		}
		code := 0
		for i := range n {
			code = code<<8 | int(s[i])
		}
		g := glyph{space: n == 1 && code == 32}
		w, ok := ft.widths[code]
		if !ok {
			w = ft.missing
		}
		g.width = w * ft.scale
		g.text = ft.text(code, s[:n])
		s = s[n:]
		each(g)
	}
}

func (ft *font) text(code int, raw string) string {
	if ft.toText != nil {
		if t, ok := ft.toText.text(code, len(raw)); ok {
			return t
		}
	}
	switch {
	case ft.utf16 && len(raw) == 2:
		return string(rune(code))
	case ft.encoding != nil && len(raw) == 1:
		return ft.encoding[code]
	}
	return noText
}

// A cmap maps codes to text.
type cmap struct {
	chars  map[cmapKey]string
	ranges []cmapRange
	spaces []cmapRange
}

type cmapKey struct{ code, length int }

type cmapRange struct {
	from, to, length int
	text             string
}

const maxRanges = 20_000

// readCMap reads the map from codes to text that a font carries.
func readCMap(data []byte) *cmap {
	m := &cmap{chars: map[cmapKey]string{}}
	l := lexer{b: data, draws: true}
	var args array
	for {
		switch v := l.next().(type) {
		case end:
			if len(m.chars)+len(m.ranges) == 0 {
				return nil
			}
			slices.SortStableFunc(m.ranges, cmapRange.compare)
			return m
		case op:
			m.add(v, args)
			args = args[:0]
		default:
			if len(args) < maxArray {
				args = append(args, v)
			}
		}
	}
}

func (m *cmap) add(o op, args array) {
	switch o {
	case "endcodespacerange":
		for i := 0; i+1 < len(args) && len(m.spaces) < 100; i += 2 {
			from, n := code(args[i])
			to, _ := code(args[i+1])
			m.spaces = append(m.spaces, cmapRange{from: from, to: to, length: n})
		}
	case "endbfchar":
		for i := 0; i+1 < len(args); i += 2 {
			c, n := code(args[i])
			s, _ := args[i+1].(string)
			m.chars[cmapKey{c, n}] = utf16Text(short(s))
		}
	case "endbfrange":
		for i := 0; i+2 < len(args); i += 3 {
			from, n := code(args[i])
			to, _ := code(args[i+1])
			switch dst := args[i+2].(type) {
			case string:
				if len(m.ranges) < maxRanges {
					m.ranges = append(m.ranges, cmapRange{from, to, n, short(dst)})
				}
			case array:
				for j, x := range dst {
					s, _ := x.(string)
					m.chars[cmapKey{from + j, n}] = utf16Text(short(s))
				}
			}
		}
	}
}

// short is s no longer than what one code can stand for.
func short(s string) string { return s[:min(len(s), 64)] }

func code(v any) (c, length int) {
	s, _ := v.(string)
	for i := range min(len(s), 4) {
		c = c<<8 | int(s[i])
	}
	return c, len(s)
}

// length is how many bytes the first code of s has; two if the map does not say.
func (m *cmap) length(s string) int {
	if m != nil {
		c := 0
		for n := 1; n <= min(4, len(s)); n++ {
			c = c<<8 | int(s[n-1])
			for _, r := range m.spaces {
				if r.length == n && r.from <= c && c <= r.to {
					return n
				}
			}
		}
	}
	return min(2, len(s))
}

func (m *cmap) text(code, length int) (string, bool) {
	if t, ok := m.chars[cmapKey{code, length}]; ok {
		return t, true
	}
	i, found := slices.BinarySearchFunc(m.ranges, cmapRange{from: code, length: length}, cmapRange.compare)
	if !found {
		i-- // the last that begins before
	}
	if i < 0 || m.ranges[i].length != length || m.ranges[i].to < code || m.ranges[i].text == "" {
		return "", false
	}
	b := []byte(m.ranges[i].text)
	add := code - m.ranges[i].from
	for j := len(b) - 1; j >= 0 && add > 0; j-- {
		add += int(b[j])
		b[j] = byte(add)
		add >>= 8
	}
	t := utf16Text(string(b))
	m.chars[cmapKey{code, length}] = t
	return t, true
}

func (r cmapRange) compare(o cmapRange) int {
	return cmp.Or(cmp.Compare(r.length, o.length), cmp.Compare(r.from, o.from))
}

// utf16Text decodes big-endian UTF-16.
func utf16Text(s string) string {
	if len(s) == 1 {
		return string(rune(s[0]))
	}
	u := make([]uint16, 0, len(s)/2)
	for i := 0; i+1 < len(s); i += 2 {
		u = append(u, uint16(s[i])<<8|uint16(s[i+1]))
	}
	return string(utf16.Decode(u))
}

// textString decodes a string that people read: UTF-16 or UTF-8 by its mark, else as Latin.
func textString(s string) string {
	switch {
	case strings.HasPrefix(s, "\xfe\xff"):
		return utf16Text(s[2:])
	case strings.HasPrefix(s, "\xef\xbb\xbf"):
		return strings.ToValidUTF8(s[3:], noText)
	}
	out := make([]rune, 0, len(s))
	for i := range len(s) {
		if r, _ := utf8.DecodeRuneInString(winAnsi[s[i]]); r != utf8.RuneError {
			out = append(out, r)
		}
	}
	return string(out)
}
