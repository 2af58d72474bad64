package places

// Finding places in running text: the longest form at each word, in any of the given languages.

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/drittland/drittland/snapshots/text"
)

// A Match is a place that a text names. Start and End are bytes of the text.
type Match struct {
	Start, End int
	Country    string // ISO 3166-1 alpha-2
	Kind       Kind
	Form       string // of the table, as written there
	// Framework tells that the place stands in the name of a transfer framework ("EU-US Data Privacy Framework",
	// "Swiss-U.S. Privacy Shield") and is no destination by that.
	Framework bool
}

const (
	maxKey = 160 // bytes of a form's key
	maxGap = 6   // bytes between two words of a form
)

// Find is what s names, by the forms of the given languages, from left to right and without overlaps. At each word the
// longest form wins, whatever its language, so that "South Sudan" is not Sudan; forms of equal length go to the
// language that stands first. Some forms depend on what stands around them: see context.go.
func Find(s string, langs ...string) []Match {
	f := finder{s: s, letters: letters()}
	for _, l := range langs {
		if t := tableOf(l); t != nil && !slices.Contains(f.tables, t) {
			f.tables = append(f.tables, t)
		}
	}
	for i := 0; ; {
		w, key, ok := nextWord(s, i, f.key[:0], f.letters)
		if !ok {
			break
		}
		i = f.at(w, key)
	}
	for i := range f.matches {
		f.matches[i].Framework = f.framework(i)
	}
	f.georgia()
	return f.matches
}

type finder struct {
	s       string
	tables  []*table
	letters *[quick]letter
	matches []Match
	key     [maxKey]byte
}

// at looks for the longest form that begins with w, whose key is given, and returns where to go on.
func (f *finder) at(w text.Word, key []byte) int {
	var best Match
	for _, t := range f.tables {
		if !t.first.may(key) {
			continue
		}
		sl, ok := t.slots[string(key)]
		if !ok {
			continue
		}
		if m := f.walk(t, w, key, sl); m.End > best.End {
			best = m
		}
	}
	if best.End == 0 && f.stateBeforeZIP(w) {
		best = Match{Start: w.Start, End: w.End, Country: "US", Kind: Region, Form: f.s[w.Start:w.End]}
	}
	if best.End == 0 {
		return w.End
	}
	if best.Country != "" {
		f.matches = append(f.matches, best)
	}
	return best.End
}

// walk follows the forms of one table from the first word w, whose key and slot are given. The longest form that
// holds wins; a match without a country is a phrase to pass over.
func (f *finder) walk(t *table, w text.Word, key []byte, sl slot) (best Match) {
	start, end := w.Start, w.End
	for {
		if m, ok := f.holds(t, sl, start, end); ok {
			best = m
		}
		if !sl.longer {
			return best
		}
		gap, comma, ok := joint(f.s[end:])
		if !ok {
			return best
		}
		if comma {
			key = append(key, " ,"...)
		}
		var next text.Word
		next, key, ok = nextWord(f.s, end+gap, append(key, ' '), f.letters)
		if !ok || next.Start != end+gap || len(key) > maxKey {
			return best
		}
		if sl, ok = t.slots[string(key)]; !ok {
			return best
		}
		end = next.End
	}
}

// joint is the length of what can stand between two words of one form, and whether it holds a comma; ok is false if
// something else follows.
func joint(s string) (n int, comma, ok bool) {
	for i, r := range s {
		switch r {
		case ' ', '\u00a0', '\u202f', '-', '\u2010', '\u2011', '–', '\'', '’', 'ʼ', '‘', '&', '.', '(', ')':
		case ',':
			if comma {
				return 0, false, false
			}
			comma = true
		default:
			return i, comma, i > 0
		}
		if i > maxGap {
			return 0, false, false
		}
	}
	return 0, false, false
}

// holds is the first of the slot's forms that the text between start and end can be.
func (f *finder) holds(t *table, sl slot, start, end int) (Match, bool) {
	for at := sl.first; at != 0; at = t.forms[at-1].next {
		fm := &t.forms[at-1]
		if fm.entry < 0 {
			return Match{Start: start, End: end}, true
		}
		e := &t.entries[fm.entry]
		if e.Kind == Short {
			if stop, ok := f.isShort(e, fm, start, end); ok {
				return Match{Start: start, End: stop, Country: e.Country, Kind: e.Kind, Form: e.Form}, true
			}
			continue
		}
		if !capitalised(f.s[start:end], e.Form) && (fm.strict || e.Kind != Adjective && f.inAddress(start, end)) {
			continue
		}
		if strings.HasSuffix(e.Form, givenName) && f.isPerson(end) {
			continue
		}
		return Match{Start: start, End: end, Country: e.Country, Kind: e.Kind, Form: e.Form}, true
	}
	return Match{}, false
}

// capitalised reports whether each word of s has a capital where the same word of form has one.
func capitalised(s, form string) bool {
	i, j := 0, 0
	for {
		a, ok := text.NextWord(s, i)
		b, ok2 := text.NextWord(form, j)
		if !ok || !ok2 {
			return true
		}
		r, _ := utf8.DecodeRuneInString(s[a.Start:])
		q, _ := utf8.DecodeRuneInString(form[b.Start:])
		if unicode.IsUpper(q) && !unicode.IsUpper(r) {
			return false
		}
		i, j = a.End, b.End
	}
}

// isShort reports whether an abbreviation stands at start as written, and where it ends.
func (f *finder) isShort(e *Entry, fm *form, start, end int) (int, bool) {
	want := strings.TrimSuffix(e.Form, ".")
	if f.s[start:end] != want && strings.ReplaceAll(f.s[start:end], " ", "") != strings.ReplaceAll(want, " ", "") {
		return 0, false
	}
	stop := end
	if len(want) < len(e.Form) && strings.HasPrefix(f.s[end:], ".") {
		stop++
	}
	if f.isMoney(stop) || fm.wary && f.shouted(start, stop) {
		return 0, false
	}
	return stop, true
}
