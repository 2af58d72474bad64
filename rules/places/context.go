package places

// What a form means by what stands around it: abbreviations that are words in a line of capitals, sums of money,
// names of frameworks, given names, states of the US before a postal code, and the two Georgias.

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/drittland/drittland/snapshots/text"
)

// window is how far, in bytes, the context of a form reaches. It ends at a line break or a tab, too.
const window = 120

// before and after are the text next to a form on the same line or in the same cell.
func (f *finder) before(start int) string {
	s := f.s[max(0, start-window):start]
	return s[strings.LastIndexAny(s, "\n\t")+1:]
}

func (f *finder) after(end int) string {
	s := f.s[end:min(len(f.s), end+window)]
	if i := strings.IndexAny(s, "\n\t"); i >= 0 {
		s = s[:i]
	}
	return s
}

// isMoney reports whether what ends at end is followed by a dollar: "US$ 10", "U.S. dollars".
func (f *finder) isMoney(end int) bool {
	rest := strings.TrimLeft(f.after(end), " \u00a0-")
	return strings.HasPrefix(rest, "$") || len(rest) >= 6 && strings.EqualFold(rest[:6], "dollar")
}

// inAddress reports whether what stands between start and end is a piece of a web or mail address.
func (f *finder) inAddress(start, end int) bool {
	const marks = "/@._=?#"
	r, n := utf8.DecodeRuneInString(f.s[end:])
	next, _ := utf8.DecodeRuneInString(f.s[end+n:])
	return start > 0 && strings.IndexByte(marks, f.s[start-1]) >= 0 ||
		end < len(f.s) && strings.ContainsRune(marks, r) && (r != '.' && r != '?' || unicode.IsLetter(next))
}

// shouted reports whether the words around a form are in capitals and no abbreviations: in "CONTACT US" and
// "LET US KNOW" the word is none. A form alone in its line or cell, or among abbreviations ("EU, UK, US"), is not shouted.
func (f *finder) shouted(start, end int) bool {
	capitals := false
	check := func(words []text.Word, s string, fromEnd bool) bool {
		for n := range min(3, len(words)) {
			w := words[n]
			if fromEnd {
				w = words[len(words)-1-n]
			}
			word := s[w.Start:w.End]
			if strings.IndexFunc(word, unicode.IsLower) >= 0 {
				return true
			}
			if utf8.RuneCountInString(word) > 2 && strings.IndexFunc(word, unicode.IsLetter) >= 0 {
				capitals = true
			}
		}
		return false
	}
	left, right := f.before(start), f.after(end)
	if check(text.Words(left), left, true) || check(text.Words(right), right, false) {
		return false
	}
	return capitals
}

// givenName ends the forms that are given names, too.
const givenName = "Maurice"

// isPerson reports whether a surname stands after a form that is a given name: "à Maurice Martin".
func (f *finder) isPerson(end int) bool {
	rest, ok := strings.CutPrefix(f.after(end), " ")
	r, n := utf8.DecodeRuneInString(rest)
	next, _ := utf8.DecodeRuneInString(rest[n:])
	return ok && unicode.IsUpper(r) && unicode.IsLower(next)
}

// stateBeforeZIP reports whether w is the code of a state of the US before a postal code: "CA 94103".
func (f *finder) stateBeforeZIP(w text.Word) bool {
	if w.End-w.Start != 2 || !states[f.s[w.Start:w.End]] || len(f.s) < w.End+6 || f.s[w.End] != ' ' {
		return false
	}
	zip, ok := text.NextWord(f.s, w.End)
	return ok && zip.Start == w.End+1 && zip.End-zip.Start == 5 && strings.Trim(f.s[zip.Start:zip.End], "0123456789") == ""
}

// states are the codes of the US Postal Service, without those that stand before the postal codes of a European
// country (DE, MT).
var states = set(`AK AL AR AZ CA CO CT DC FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS NC ND NE NH NJ NM NV NY OH OK
	OR PA RI SC SD TN TX UT VA VT WA WI WV WY`)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// unions are the folded names by which a framework's other side goes: the EU, and who joined later.
var unions = set("eu ue εε ес es ae eli el euroopa swiss schweiz suisse svizzera suiza uk europe european")

// frameworks are the beginnings of folded words that stand in the names of transfer frameworks.
var frameworks = strings.Fields(`privacy framework shield dpf harbor harbour bridge bouclier cadre escudo marco quadro scudo
	datenschutz schutzschild rahmen kader schild gegevensbescherming ram tarcz stit ramec ramc okvir zascit zastit щит рамк πλαισι ασπιδ skold dataskydd
	skjold databeskyttelse personvern tietosuoja yksityisyy raamistik kilp andmekait sistem skyd regej satvar pajzs keret adatved scut
	cadrul rammi personuvernd اطار درع`)

// framework reports whether match i stands in the name of a framework: tied by a dash to the other side of it with a
// word of such a name near by, right before such a word ("U.S. Privacy Shield"), or after "and" in a name such as
// "Data Privacy Framework between the EU and the US".
func (f *finder) framework(i int) bool {
	m := &f.matches[i]
	if m.Kind == City || m.Kind == Region || m.Country != "US" && m.Country != "CH" && m.Country != "GB" {
		return false
	}
	left, right := f.before(m.Start), f.after(m.End)
	if named(right) {
		return true
	}
	if m.Country == "GB" && near(right, 1, false, []string{"extension"}) {
		return near(right, 8, false, frameworks)
	}
	if between(left) && inPact(left) {
		return true
	}
	if !f.tied(i, left, right) {
		return false
	}
	return near(right, 8, false, frameworks) || near(left, 8, true, frameworks)
}

// conjunctions are the folded words for "and" between the two sides of a framework.
var conjunctions = set("and u et und y e ed en og och i a oraz in ja ir un si agus es και и")

// pacts are the folded beginnings of the nouns that a framework's name starts with where its sides follow as
// "between the EU and the US"; in small letters they mean none ("dans le cadre de"), nor does the German Rahmen.
var pacts = strings.Fields("framework qafas tarka cadre bouclier marco escudo quadro scudo datenschutzrahmen kader ramy okvir ram creat sciath")

// between reports whether the EU and an "and" stand right before a form, with an article at most: "l-UE u l-".
func between(left string) bool {
	const reach = 24 // bytes, to spare the rest of the line
	if len(left) > reach {
		_, left, _ = strings.Cut(left[len(left)-reach:], " ")
	}
	words := text.Words(left)
	for i := max(1, len(words)-2); i < len(words); i++ {
		and, union := text.Fold(left[words[i].Start:words[i].End]), words[i-1]
		if conjunctions[and] && unions[text.Fold(left[union.Start:union.End])] {
			return true
		}
	}
	return false
}

// inPact reports whether the name of a framework, with a capital, begins among the last words of left.
func inPact(left string) bool {
	words := text.Words(left)
	for _, w := range words[max(0, len(words)-12):] {
		word := left[w.Start:w.End]
		r, _ := utf8.DecodeRuneInString(word)
		if unicode.IsUpper(r) && near(word, 1, false, pacts) {
			return true
		}
	}
	return false
}

// named reports whether the text goes on with the name of a framework.
func named(right string) bool {
	right = strings.ToLower(strings.TrimLeft(right, " \u00a0"))
	for _, name := range []string{"privacy shield", "data privacy framework", "data protection framework", "dpf", "safe harbo", "data bridge"} {
		if strings.HasPrefix(right, name) {
			return true
		}
	}
	return false
}

// tied reports whether a dash joins match i to the EU or to another match: "EU-US", "Swiss–U.S.", "ЕС-САЩ".
func (f *finder) tied(i int, left, right string) bool {
	if head, ok := dashed(left, strings.TrimRight, strings.TrimSuffix); ok {
		words := text.Words(head)
		if n := len(words); n > 0 && unions[text.Fold(head[words[n-1].Start:words[n-1].End])] {
			return true
		}
	}
	if _, ok := dashed(right, strings.TrimLeft, strings.TrimPrefix); ok {
		return i+1 < len(f.matches) && f.matches[i+1].Start-f.matches[i].End <= 2*maxGap
	}
	return false
}

// dashed cuts the dash off the side of s that touches a form.
func dashed(s string, trim, cut func(string, string) string) (string, bool) {
	s = trim(s, " \u00a0")
	for _, dash := range []string{"-", "–", "—", "\u2011", "\u2010", "/"} {
		if rest := cut(s, dash); rest != s {
			return rest, true
		}
	}
	return s, false
}

// near reports whether one of the n first (or last) words of s begins with one of the stems.
func near(s string, n int, fromEnd bool, stems []string) bool {
	words := text.Words(s)
	if fromEnd && len(words) > n {
		words = words[len(words)-n:]
	}
	for _, w := range words[:min(n, len(words))] {
		folded := text.Fold(s[w.Start:w.End])
		for _, stem := range stems {
			if strings.HasPrefix(folded, stem) {
				return true
			}
		}
	}
	return false
}

// georgia makes the country the state where a place in the US stands on the same line close by, or a postal code.
func (f *finder) georgia() {
	for i := range f.matches {
		m := &f.matches[i]
		if m.Form != "Georgia" || m.Country != "GE" {
			continue
		}
		american := false
		for _, j := range []int{i - 1, i + 1} {
			if j < 0 || j >= len(f.matches) {
				continue
			}
			o := &f.matches[j]
			gap := f.s[min(m.End, o.End):max(m.Start, o.Start)]
			state := o.Kind == Region || o.Kind == City
			american = american || state && o.Country == "US" && len(gap) <= window/3 && !strings.ContainsAny(gap, "\n\t")
		}
		rest := strings.TrimLeft(f.after(m.End), " ")
		if zip, ok := text.NextWord(rest, 0); ok && zip.Start == 0 && zip.End == 5 && strings.Trim(rest[:5], "0123456789") == "" {
			american = true
		}
		if american {
			m.Country, m.Kind = "US", Region
		}
	}
}
