package pdf

// This file knows the encodings of fonts and the names of glyphs. Names of letters with accents are put together from
// both, so that the table is short.

import (
	"strconv"
	"strings"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

var (
	winAnsi  = tableOf(charmap.Windows1252)
	macRoman = tableOf(charmap.Macintosh)
	standard = standardTable()
)

func tableOf(c *charmap.Charmap) *[256]string {
	var t [256]string
	for i := range t {
		if i >= 32 {
			t[i] = string(c.DecodeByte(byte(i)))
		}
	}
	t[0xa0] = strings.ReplaceAll(t[0xa0], "\u00a0", " ")
	return &t
}

// standardTable is StandardEncoding, which is ASCII but for two quotes, and has its own upper half.
func standardTable() *[256]string {
	var t [256]string
	for i := 32; i < 127; i++ {
		t[i] = string(rune(i))
	}
	t['\''], t['`'] = "’", "‘"
	upper := map[int]string{0xa1: "¡¢£⁄¥ƒ§¤'“«‹›ﬁﬂ", 0xb1: "–†‡·", 0xb6: "¶•‚„”»…‰", 0xbf: "¿", 0xd0: "—", 0xe1: "Æ", 0xe3: "ª", 0xe8: "ŁØŒº", 0xf1: "æ", 0xf5: "ı", 0xf8: "łøœß"}
	for at, s := range upper {
		for _, r := range s {
			t[at] = string(r)
			at++
		}
	}
	return &t
}

// encodingOf is a copy of a base encoding, to be changed.
func encodingOf(kind name, base string, symbolic bool) *[256]string {
	t := *standard
	switch {
	case kind == "WinAnsiEncoding":
		t = *winAnsi
	case kind == "MacRomanEncoding":
		t = *macRoman
	case strings.Contains(base, "ZapfDingbats"), strings.Contains(base, "Wingdings"), kind == "" && strings.HasSuffix(base, "Symbol"):
		for i := range t { // their marks are bullets to us
			if t[i] = ""; i > 32 {
				t[i] = "•"
			}
		}
		t[' '] = " "
	case strings.Contains(base, "CMSY"): // the symbols of TeX
		t[15] = "•"
	case kind == "" && symbolic:
		t = *winAnsi
	}
	return &t
}

var accents = map[string]string{"acute": "\u0301", "grave": "\u0300", "circumflex": "\u0302", "dieresis": "\u0308", "tilde": "\u0303", "caron": "\u030c",
	"cedilla": "\u0327", "ring": "\u030a", "ogonek": "\u0328", "macron": "\u0304", "breve": "\u0306", "dotaccent": "\u0307", "hungarumlaut": "\u030b",
	"commaaccent": "\u0326", "tonos": "\u0301"}

// glyphNames are names of glyphs that are no letters of ASCII.
var glyphNames = namesOf(`space=\u0020 exclam=! quotedbl=" numbersign=# dollar=$ percent=% ampersand=& quotesingle=' parenleft=( parenright=) asterisk=* plus=+
comma=, hyphen=- minus=− period=. slash=/ zero=0 one=1 two=2 three=3 four=4 five=5 six=6 seven=7 eight=8 nine=9 colon=: semicolon=; less=< equal== greater=>
question=? at=@ bracketleft=[ backslash=\ bracketright=] asciicircum=^ underscore=_ braceleft={ bar=| braceright=} asciitilde=~
quoteleft=‘ quoteright=’ quotedblleft=“ quotedblright=” quotesinglbase=‚ quotedblbase=„ guillemotleft=« guillemotright=» guilsinglleft=‹ guilsinglright=›
bullet=• endash=– emdash=— ellipsis=… periodcentered=· middot=· dagger=† daggerdbl=‡ section=§ paragraph=¶ copyright=© registered=® trademark=™ degree=° plusminus=±
Euro=€ euro=€ sterling=£ yen=¥ cent=¢ currency=¤ fi=fi fl=fl ff=ff ffi=ffi ffl=ffl ft=ft germandbls=ß ae=æ AE=Æ oe=œ OE=Œ oslash=ø Oslash=Ø eth=ð Eth=Ð thorn=þ Thorn=Þ
lslash=ł Lslash=Ł dcroat=đ Dcroat=Đ dmacron=đ hbar=ħ Hbar=Ħ dotlessi=ı Idotaccent=İ exclamdown=¡ questiondown=¿ ordfeminine=ª ordmasculine=º onehalf=½ onequarter=¼ threequarters=¾
onesuperior=¹ twosuperior=² threesuperior=³ mu=µ multiply=× divide=÷ logicalnot=¬ brokenbar=¦ nbspace=\u0020 nonbreakingspace=\u0020 softhyphen=\u00ad sfthyphen=\u00ad hyphentwo=‐
arrowright=→ arrowleft=← fraction=⁄ florin=ƒ perthousand=‰ lessequal=≤ greaterequal=≥ notequal=≠ checkmark=✓ square=■ blacksquare=■ filledbox=■ H18533=■ circle=○ a71=● a73=■ a114=• a20=✓
Alpha=Α Beta=Β Gamma=Γ Delta=Δ Epsilon=Ε Zeta=Ζ Eta=Η Theta=Θ Iota=Ι Kappa=Κ Lambda=Λ Mu=Μ Nu=Ν Xi=Ξ Omicron=Ο Pi=Π Rho=Ρ Sigma=Σ Tau=Τ Upsilon=Υ Phi=Φ Chi=Χ Psi=Ψ Omega=Ω
alpha=α beta=β gamma=γ delta=δ epsilon=ε zeta=ζ eta=η theta=θ iota=ι kappa=κ lambda=λ nu=ν xi=ξ omicron=ο pi=π rho=ρ sigma=σ sigma1=ς tau=τ upsilon=υ phi=φ chi=χ psi=ψ omega=ω
afii10023=Ё afii10071=ё afii10050=Ґ afii10098=ґ afii10053=Є afii10101=є afii10055=І afii10103=і afii10056=Ї afii10104=ї afii61352=№`)

func namesOf(s string) map[string]string {
	out := map[string]string{}
	for f := range strings.FieldsSeq(s) {
		k, v, _ := strings.Cut(f, "=")
		v = strings.NewReplacer(`\u0020`, " ", `\u00ad`, "\u00ad").Replace(v)
		out[k] = v
	}
	return out
}

// glyphText is what the glyph of a name stands for, U+FFFD if the name is not known.
func glyphText(name string) string {
	name, _, _ = strings.Cut(name, ".") // a variant
	if t, ok := glyphNames[name]; ok {
		return t
	}
	if len(name) == 1 {
		return name
	}
	for _, prefix := range [...]string{"uni", "u"} {
		if hex, ok := strings.CutPrefix(name, prefix); ok && len(hex) >= 4 && len(hex) <= 6 {
			if v, err := strconv.ParseUint(hex, 16, 21); err == nil {
				return string(rune(v))
			}
		}
	}
	if n, err := strconv.Atoi(strings.TrimPrefix(name, "afii")); err == nil && strings.HasPrefix(name, "afii") {
		return cyrillic(n)
	}
	for accent, mark := range accents {
		if base, ok := strings.CutSuffix(name, accent); ok && base != "" {
			if greek, ok := glyphNames[base]; ok {
				base = greek
			}
			if len(base) <= 2 {
				return norm.NFC.String(base + mark)
			}
		}
	}
	if parts := strings.Split(name, "_"); len(parts) > 1 && len(parts) < 6 { // a ligature
		out := ""
		for _, p := range parts {
			out += glyphText(p)
		}
		return out
	}
	return noText
}

// cyrillic is the letter of a name such as afii10017.
func cyrillic(n int) string {
	lower := 0
	if n >= 10065 {
		n -= 48
		lower = 32
	}
	switch { // Ё has its own name, at 10023
	case 10017 <= n && n <= 10022:
		return string(rune(0x410 + n - 10017 + lower))
	case 10024 <= n && n <= 10049:
		return string(rune(0x410 + n - 10018 + lower))
	}
	return noText
}

// The widths of ASCII from the space on in the fonts that every reader of PDF has to know; of other characters the
// width of an n.
const (
	timesWidths     = "250 333 408 500 500 833 778 333 333 333 500 564 250 333 250 278 500 500 500 500 500 500 500 500 500 500 278 278 564 564 564 444 921 722 667 667 722 611 556 722 722 333 389 722 611 889 722 722 556 722 667 556 611 722 722 944 722 722 611 333 278 333 469 500 333 444 500 444 500 444 333 500 500 278 278 500 278 778 500 500 500 500 333 389 278 500 500 722 500 500 444 480 200 480 541"
	helveticaWidths = "278 278 355 556 556 889 667 222 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556 222 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500 500 334 260 334 584"
)

// standardWidths are widths for a font that carries none.
func standardWidths(ft *font, base string) {
	widths, n := timesWidths, 500.0
	lower := strings.ToLower(base)
	switch {
	case strings.Contains(lower, "courier"), strings.Contains(lower, "mono"):
		ft.missing = 600
		return
	case strings.Contains(lower, "helvetica"), strings.Contains(lower, "arial"), strings.Contains(lower, "sans"):
		widths, n = helveticaWidths, 556
	}
	ft.missing = n
	at := 32
	for f := range strings.FieldsSeq(widths) {
		w, _ := strconv.ParseFloat(f, 64)
		ft.widths[at] = w
		at++
	}
}
