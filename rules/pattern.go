package rules

// The wording of concepts: patterns of words. See "Patterns" in SYNTAX.md for the notation.

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/drittland/drittland/snapshots/text"
)

const (
	maxSequences = 2048 // a pattern may stand for at most so many plain sequences
	maxGap       = 16
	defaultGap   = 3
	minPrefix    = 2 // letters before a '*'
	minSuffix    = 4 // letters after a '*'
)

// An atom is what one word of a text is compared with.
type atom struct {
	word   string // folded; as written if exact
	prefix bool   // word is only the beginning
	suffix bool   // word is only the end, for compounds
	exact  bool   // upper and lower case count, for acronyms
}

// A slot is one place in a sequence: any of its atoms fits.
type slot struct {
	atoms []atom
	gap   int // so many other words may stand before it
}

// parsePattern turns a pattern into plain sequences of slots. expand gives the patterns of a concept
// that is referred to as {name}.
func parsePattern(p string, expand func(string) ([][]slot, error)) ([][]slot, error) {
	seqs := []partial{{}}
	gap := 0
	fields := strings.Fields(p)
	if len(fields) == 0 {
		return nil, fmt.Errorf("empty pattern")
	}
	for i, f := range fields {
		if g, ok := strings.CutPrefix(f, ".."); ok {
			n, err := parseGap(g)
			if err != nil || i == 0 || i == len(fields)-1 {
				return nil, fmt.Errorf("%q: a gap is '..' or '..N' (N up to %d) between two words", f, maxGap)
			}
			gap = n
			continue
		}
		f, optional := strings.CutSuffix(f, "?")
		alternatives, err := parseElement(f, expand)
		if err != nil {
			return nil, err
		}
		if seqs, err = product(seqs, alternatives, gap, optional); err != nil {
			return nil, fmt.Errorf("%q: %w", p, err)
		}
		gap = 0
	}
	var out [][]slot
	for _, s := range seqs {
		if len(s.slots) > 0 {
			out = append(out, s.slots)
		}
	}
	if len(out) < len(seqs) {
		return nil, fmt.Errorf("%q: at least one word must not be optional", p)
	}
	return out, nil
}

func parseGap(s string) (int, error) {
	if s == "" {
		return defaultGap, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > maxGap {
		return 0, fmt.Errorf("bad gap")
	}
	return n, nil
}

// A partial is the beginning of a sequence, and the gap before what comes next: that of an optional word which was
// left out carries over.
type partial struct {
	slots []slot
	gap   int
}

func product(seqs []partial, alternatives [][]slot, gap int, optional bool) ([]partial, error) {
	var next []partial
	for _, s := range seqs {
		before := max(s.gap, gap)
		if len(s.slots) == 0 {
			before = 0
		}
		if optional {
			next = append(next, partial{s.slots, before})
		}
		for _, a := range alternatives {
			n := append(append(make([]slot, 0, len(s.slots)+len(a)), s.slots...), a...)
			n[len(s.slots)].gap = before
			next = append(next, partial{slots: n})
		}
	}
	if len(next) > maxSequences {
		return nil, fmt.Errorf("stands for more than %d sequences: split it", maxSequences)
	}
	return next, nil
}

// parseElement reads one field: words and references {concept}, separated by '|'.
func parseElement(f string, expand func(string) ([][]slot, error)) ([][]slot, error) {
	var single slot
	var out [][]slot
	for _, alt := range strings.Split(f, "|") {
		if strings.HasPrefix(alt, "{") {
			name, ok := strings.CutSuffix(alt[1:], "}")
			if !ok || name == "" {
				return nil, fmt.Errorf("%q: a reference is written {concept}", alt)
			}
			seqs, err := expand(name)
			if err != nil {
				return nil, err
			}
			out = append(out, seqs...)
			continue
		}
		seq, err := parseWord(alt)
		if err != nil {
			return nil, err
		}
		if len(seq) == 1 {
			single.atoms = append(single.atoms, seq[0].atoms...)
			continue
		}
		out = append(out, seq)
	}
	if len(single.atoms) > 0 {
		out = append(out, []slot{single})
	}
	return out, nil
}

// parseWord reads one alternative. What it writes as one ("non-EEA", "d'adéquation", "U.S.") may be several words.
func parseWord(alt string) ([]slot, error) {
	w, prefix := strings.CutSuffix(alt, "*")
	w, suffix := strings.CutPrefix(w, "*")
	if prefix && suffix {
		return nil, fmt.Errorf("%q: '*' may stand at one end of a word only", alt)
	}
	if strings.ContainsAny(w, "*?{}[]()\\^$+") {
		return nil, fmt.Errorf("%q: '*' may stand only at the end or the beginning of a word; brackets and other signs are not allowed", alt)
	}
	words := text.Words(w)
	if len(words) == 0 {
		return nil, fmt.Errorf("%q: there is no word in it", alt)
	}
	exact := isAcronym(w)
	var seq []slot
	for i, x := range words {
		a := atom{word: text.Fold(w[x.Start:x.End]), prefix: prefix && i == len(words)-1, suffix: suffix && i == 0}
		if exact && !a.prefix && !a.suffix {
			a.word, a.exact = w[x.Start:x.End], true
		}
		if a.prefix && len([]rune(a.word)) < minPrefix || a.suffix && len([]rune(a.word)) < minSuffix {
			return nil, fmt.Errorf("%q: at least %d letters must stand before '*', %d after it", alt, minPrefix, minSuffix)
		}
		seq = append(seq, slot{atoms: []atom{a}})
	}
	return seq, nil
}

// isAcronym tells words written in capitals only: they match only capitals, so that "US" is not "us".
func isAcronym(w string) bool {
	upper := 0
	for _, r := range w {
		if unicode.IsLower(r) {
			return false
		}
		if unicode.IsUpper(r) {
			upper++
		}
	}
	return upper >= 2
}
