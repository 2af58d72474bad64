package recipients

// Finding recipients in running text: the longest name at each word, with its legal form.

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/drittland/drittland/snapshots/text"
)

// A Match is a recipient that a text names. First and End are indexes of words: it is words[First:End].
type Match struct {
	First, End int
	Name       string // of the table, as written there
	Row        *Row
}

const (
	maxGap     = 4 // bytes between two words of a name
	maxName    = 12
	maxAddress = 200 // bytes of it on either side of a name
	ahead      = 4   // words after a brand in which a legal form makes it another company's name
)

// A node is what may follow the words of a name so far.
type node struct {
	next map[string]*node
	name string // that ends here; "" if none does
	row  *Row
}

// forms are the legal forms of companies, folded, without full stops, and each as it stands in keys.
var forms = map[string]string{"inc": "inc", "incorporated": "inc", "llc": "llc", "lp": "lp", "pbc": "pbc", "corp": "corp", "corporation": "corp",
	"ltd": "ltd", "limited": "ltd", "co": "co", "company": "co", "pte": "pte", "pty": "pty", "plc": "plc", "ulc": "ulc", "unlimited": "unlimited", "uc": "uc",
	"gmbh": "gmbh", "kg": "kg", "ag": "ag", "se": "se", "bv": "bv", "nv": "nv", "sarl": "sarl", "sas": "sas", "sa": "sa", "sca": "sca", "sl": "sl",
	"srl": "srl", "spa": "spa", "ab": "ab", "as": "as", "aps": "aps", "oy": "oy", "ou": "ou", "doo": "doo", "sro": "sro", "kk": "kk", "private": "private"}

// A token is one word of a name, or a run of single letters that stands for one ("B.V.", "S.à r.l.").
type token struct {
	key  string
	end  int  // index of the word after it
	caps bool // it begins with a capital
	form bool
}

// at reads the token that begins with word i.
func at(s string, words []text.Word, i int) token {
	w := words[i]
	first, _ := utf8.DecodeRuneInString(s[w.Start:])
	t := token{key: text.Fold(s[w.Start:w.End]), end: i + 1, caps: unicode.IsUpper(first)}
	if utf8.RuneCountInString(t.key) == 1 {
		for t.end < len(words) && len(t.key) < 8 {
			next := words[t.end]
			gap := s[words[t.end-1].End:next.Start]
			letter := text.Fold(s[next.Start:next.End])
			if len(letter) != 1 || gap != "." && gap != ". " && gap != "/" {
				break
			}
			t.key += letter
			t.end++
		}
	}
	if f, ok := forms[t.key]; ok && (t.caps || noWord(t.key)) {
		t.key, t.form = f, true
	}
	return t
}

// noWord tells the legal forms that are no ordinary words in any language, and that are read without capitals.
func noWord(form string) bool {
	switch form {
	case "inc", "llc", "ltd", "gmbh", "sarl", "doo":
		return true
	}
	return false
}

// joined reports whether a token can follow in one name after the gap between two words: a comma only
// before a legal form.
func joined(gap string, next token) bool {
	if len(gap) > maxGap {
		return false
	}
	for _, r := range gap {
		switch r {
		case ' ', '\u00a0', '\u202f', '-', '.', '(', ')', '\'', '’', '&', '®', '™':
		case ',':
			if !next.form {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// index builds the search of the table. It fails on a name that stands in two rows, or twice in one.
func (t *Table) index() error {
	for i := range t.Rows {
		for _, name := range t.Rows[i].Names {
			words := text.Words(name)
			if len(words) == 0 || words[0].Start != 0 || len(words) > maxName || name[0] >= utf8.RuneSelf {
				return fmt.Errorf("read %s: %q cannot be searched for", file, name)
			}
			t.first.add(name[:words[0].End])
			var n *node
			next := t.names
			for j := 0; j < len(words); {
				tok := at(name, words, j)
				if n = next[tok.key]; n == nil {
					n = &node{next: map[string]*node{}}
					next[tok.key] = n
				}
				next, j = n.next, tok.end
			}
			if n.row != nil {
				return fmt.Errorf("read %s: %q stands twice, once as %q", file, name, n.name)
			}
			n.name, n.row = name, &t.Rows[i]
		}
	}
	return nil
}

// Find appends to dst the recipients that s names, from left to right and without overlaps; words are those of s.
// At each word the longest name wins. A word that the table writes with a capital must have one in the text. A
// brand that is followed by a legal form is the name of some other company, and is passed over.
func (t *Table) Find(s string, words []text.Word, dst []Match) []Match {
	for i := 0; i < len(words); {
		w := words[i]
		if !t.first.may(s[w.Start:w.End]) {
			i++
			continue
		}
		m, ok := t.longest(s, words, i)
		if !ok {
			i++
			continue
		}
		if !inAddress(s, words[m.First].Start, words[m.End-1].End) && (m.Row.Form == Entity || !t.otherCompany(s, words, m.End)) {
			dst = append(dst, m)
		}
		i = m.End
	}
	return dst
}

// longest follows the names that begin with word i.
func (t *Table) longest(s string, words []text.Word, i int) (best Match, ok bool) {
	next := t.names
	for j := i; j < len(words); {
		tok := at(s, words, j)
		n := next[tok.key]
		if n == nil || j > i && !joined(s[words[j-1].End:words[j].Start], tok) {
			break
		}
		next, j = n.next, tok.end
		if n.row != nil && capitalised(s[words[i].Start:words[j-1].End], n.name) {
			best, ok = Match{First: i, End: j, Name: n.name, Row: n.row}, true
		}
	}
	return best, ok
}

// otherCompany reports whether a legal form ends the run of names that goes on at word i.
func (t *Table) otherCompany(s string, words []text.Word, i int) bool {
	for j := i; j < len(words) && j < i+ahead; {
		tok := at(s, words, j)
		if !joined(s[words[j-1].End:words[j].Start], tok) {
			return false
		}
		if tok.form {
			return true
		}
		if !tok.caps {
			return false
		}
		j = tok.end
	}
	return false
}

// capitalised reports whether each word of s has a capital where the same word of name has one; legal forms
// may be written as one likes.
func capitalised(s, name string) bool {
	a, b := text.Words(s), text.Words(name)
	for i := 0; i < len(a) && i < len(b); i++ {
		r, _ := utf8.DecodeRuneInString(s[a[i].Start:])
		q, _ := utf8.DecodeRuneInString(name[b[i].Start:])
		if unicode.IsUpper(q) && !unicode.IsUpper(r) && forms[text.Fold(s[a[i].Start:a[i].End])] == "" {
			return false
		}
	}
	return true
}

// inAddress tells names within web addresses and e-mail addresses.
func inAddress(s string, start, end int) bool {
	before, after := s[max(0, start-maxAddress):start], s[end:min(len(s), end+maxAddress)]
	before = before[strings.LastIndexAny(before, " \t\n(")+1:]
	if i := strings.IndexAny(after, " \t\n)"); i >= 0 {
		after = after[:i]
	}
	chunk := before + s[start:end] + after
	return strings.Contains(chunk, "://") || strings.Contains(chunk, "www.") || strings.Contains(chunk, "@")
}

// Lookup is the rows that a name stands for: those that have it among their names, or whose company or group
// it is. Capitals, accents and the spelling of legal forms do not matter.
func (t *Table) Lookup(name string) []*Row {
	want := spell(name)
	var exact, wide []*Row
	for i := range t.Rows {
		r := &t.Rows[i]
		for _, n := range r.Names {
			if spell(n) == want {
				exact = append(exact, r)
			}
		}
		if spell(r.Entity) == want || spell(r.Group) == want {
			wide = append(wide, r)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return wide
}

// spell is the key of a whole name.
func spell(name string) string {
	var b strings.Builder
	words := text.Words(name)
	for i := 0; i < len(words); {
		tok := at(name, words, i)
		if f, ok := forms[tok.key]; ok {
			tok.key = f
		}
		b.WriteString(tok.key + " ")
		i = tok.end
	}
	return b.String()
}

// A sieve tells of most words that no name begins with them, without looking them up.
type sieve [1 << 14 / 64]uint64

func (v *sieve) add(word string) {
	h := hash(word)
	v[h/64] |= 1 << (h % 64)
}

func (v *sieve) may(word string) bool {
	h := hash(word)
	return v[h/64]&(1<<(h%64)) != 0
}

// hash is of the length and of three letters of a word, whatever their case.
func hash(word string) uint32 {
	h := uint32(len(word))
	h = h*31 + uint32(word[len(word)-1]|0x20)
	h = h*257 + uint32(word[min(1, len(word)-1)]|0x20)
	h = h*257 + uint32(word[0]|0x20)
	return h * 2654435761 >> 18
}
