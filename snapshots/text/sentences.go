package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/sentences"
)

// abbreviations after which a full stop ends no sentence, folded, from the languages whose notices use
// them. Those that are also common words ("no", "is", "art" …) are in numbered and join only before a digit.
var abbreviations = set(`
	e g i eg ie etc cf vs approx incl excl inc ltd corp co llc plc mr mrs ms dr prof st jr sr dept est
	ggf bzw bspw inkl usw z b d h u a s o sog ca vgl evtl zzgl gem lt str ua zb dh hrsg gmbh
	env ex p m mme mlle cie ste av bd c
	bijv m b t v o a n nr resp incl d w z i v m evt
	sr sra ud uds ej p ej num
	sig dott ecc es ss
	np tzn itd itp ul m in tj dr inz
	tzv napr resp atd apod mj c j
	bl a f eks osv mv hhv jf evt kl ca dvs d v s
	t ex bl a dvs m m o s v
	esim ns ym mm ks
	pl stb ill kb un vmint
	`)

var numbered = set(`
	no nos nr art arts sec sect par para paras cl ch fig p pp s ss vol
	abs ziff kap lit satz rn bst
	n al
	lid blz
	num ap pag
	c d lett
	poz pkt ust lp
	cl odst pism c
	stk pkt kap
	kap p
	kohta
	sz bek
	`)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// Sentences cuts s, the text of one block, into sentences by UAX #29 and joins again what an
// abbreviation or an initial had torn apart ("Art. 46", "Inc. and", "z. B."). The results are byte
// ranges of s without white space at their ends. more holds further folded abbreviations and may be nil.
func Sentences(s string, more map[string]bool) []Word {
	var out []Word
	seg := sentences.FromString(s)
	for seg.Next() {
		start, end := seg.Start(), seg.End()
		piece := s[start:end]
		last := start + len(strings.TrimRightFunc(piece, unicode.IsSpace))
		first := end - len(strings.TrimLeftFunc(piece, unicode.IsSpace))
		if first >= last {
			continue
		}
		n := len(out) - 1
		if n >= 0 && (out[n].End == first || s[out[n].End-1] == '.' && joins(s, out[n], first, more)) {
			out[n].End = last // no white space between: an address, a number, a name
		} else {
			out = append(out, Word{first, last})
		}
	}
	return out
}

// months are the names that follow an ordinal number with a full stop and begin with a capital.
var months = set("januar janner februar feber marz april mai juni juli august september oktober november dezember")

// wordAt is the word of s that begins at byte i, "" if none does.
func wordAt(s string, i int) string {
	if w, ok := NextWord(s, i); ok && w.Start == i {
		return s[w.Start:w.End]
	}
	return ""
}

// joins reports whether the sentence before, which ends in a full stop, goes on at next.
func joins(s string, before Word, next int, more map[string]bool) bool {
	body := s[before.Start : before.End-1]
	i := len(body)
	for i > 0 {
		r, n := utf8.DecodeLastRuneInString(body[:i])
		if !isWordRune(r) {
			break
		}
		i -= n
	}
	word := body[i:]
	if word == "" {
		return false
	}
	r, _ := utf8.DecodeRuneInString(s[next:])
	f := Fold(word)
	if i > 0 && utf8.RuneCountInString(word) == 1 && (body[i-1] == '-' || body[i-1] == ':') && unicode.IsUpper(r) {
		return false // an ending ("USA-s.", "EU:n."), not an initial
	}
	switch {
	case unicode.IsLower(r):
		return true
	case numbered[f] && unicode.IsDigit(r):
		return true
	case isNumber(f): // "3. Transfers" is a numbered heading, "am 4. Juni" a date
		return i == 0 || months[Fold(wordAt(s, next))]
	case numbered[Fold(wordAt(s, next))]: // "i. V. m. Art. 46"
		return abbreviations[f] || more[f]
	case endsOften[f]:
		next := wordAt(s, next)
		return !unicode.IsUpper(r) && !unicode.IsDigit(r) || len(next) > 1 && next == strings.ToUpper(next) // "Pixelfern Inc. USA"
	}
	return abbreviations[f] || more[f]
}

// endsOften are abbreviations that end a sentence as often as not: an upper-case letter after them begins a new one.
var endsOften = set("dvs u inc ltd corp co llc plc gmbh etc usw ecc itd osv stb atd ym a m b c d n t v")

func isNumber(w string) bool {
	for i := 0; i < len(w); i++ {
		if w[i] < '0' || w[i] > '9' {
			return false
		}
	}
	return w != "" && len(w) <= 3
}
