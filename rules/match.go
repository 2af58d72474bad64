package rules

// Matching: the words of a sentence against the compiled patterns of a language.

import (
	"fmt"
	"slices"
	"sort"
	"sync"
	"unicode/utf8"

	"github.com/drittland/drittland/snapshots/text"
)

// A Hit is one place in a text that words a concept.
type Hit struct {
	Concept    Concept
	First, End int // words of the sentence, half open
}

// A Matcher finds the concepts of one language. It is safe for concurrent use.
type Matcher struct {
	Language      string
	Abbreviations map[string]bool // folded, for text.Sentences
	CapitalNouns  bool            // the language writes every noun with a capital
	Joint         map[string]bool // words that join the names of an enumeration, such as and, folded
	exact         map[string][]int32
	cased         map[string][]int32
	prefix        map[string][]int32
	suffix        map[string][]int32
	longest       int // of the prefixes, bytes
	concepts      int // that the set knows
	seqs          []sequence
	starts        [][]int32 // atom → sequences that begin with it
	scratch       sync.Pool
}

type sequence struct {
	concept Concept
	slots   []compiledSlot
}

type compiledSlot struct {
	atoms []int32
	gap   int
}

// Matcher compiles the lexicons of lang together with the international one. A language without a
// lexicon gives the international words alone; Languages tells which have one.
func (s *Set) Matcher(lang string) *Matcher {
	if m, ok := s.matchers.Load(lang); ok {
		return m.(*Matcher)
	}
	if _, ok := s.lexicons[lang]; !ok {
		lang = international
		if m, ok := s.matchers.Load(lang); ok {
			return m.(*Matcher)
		}
	}
	m, err := s.compile(lang)
	if err != nil {
		panic("rules: lexicon was not checked when loaded: " + err.Error()) // Load compiles every language
	}
	got, _ := s.matchers.LoadOrStore(lang, m)
	return got.(*Matcher)
}

func (s *Set) compile(lang string) (*Matcher, error) {
	m := &Matcher{Language: lang, concepts: len(s.Concepts), Abbreviations: map[string]bool{}, Joint: map[string]bool{}, exact: map[string][]int32{}, cased: map[string][]int32{}, prefix: map[string][]int32{}, suffix: map[string][]int32{}}
	m.scratch.New = func() any { return &scratch{seen: map[string]*known{}} }
	c := &compiler{m: m, set: s, atoms: map[atom]int32{}, byName: map[string][]located{}, done: map[string][][]slot{}, open: map[string]bool{}}
	langs := []string{international}
	if lang != international {
		langs = append(langs, lang)
	}
	for _, l := range langs {
		for _, lex := range s.words(l) {
			m.CapitalNouns = m.CapitalNouns || lex.CapitalNouns
			for _, w := range lex.Joint {
				m.Joint[text.Fold(w)] = true
			}
			for _, a := range lex.Abbreviations {
				m.Abbreviations[text.Fold(a)] = true
			}
			for _, w := range lex.Concepts {
				for _, p := range w.Patterns {
					c.byName[w.Name] = append(c.byName[w.Name], located{lex, p})
				}
			}
		}
	}
	names := make([]string, 0, len(c.byName))
	for n := range c.byName {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		seqs, err := c.concept(n)
		if err != nil {
			return nil, err
		}
		if id, ok := s.index[n]; ok {
			for _, q := range seqs {
				c.add(id, q)
			}
		}
	}
	return m, nil
}

type located struct {
	lex *lexicon
	p   patternNode
}

type compiler struct {
	m      *Matcher
	set    *Set
	atoms  map[atom]int32
	byName map[string][]located
	done   map[string][][]slot
	open   map[string]bool // concepts being expanded, to refuse circles
}

func (c *compiler) concept(name string) ([][]slot, error) {
	if s, ok := c.done[name]; ok {
		return s, nil
	}
	ps, ok := c.byName[name]
	if !ok {
		return nil, fmt.Errorf("{%s}: no words for it in this language", name)
	}
	if c.open[name] {
		return nil, fmt.Errorf("{%s}: refers to itself", name)
	}
	c.open[name] = true
	defer delete(c.open, name)
	var out [][]slot
	for _, l := range ps {
		seqs, err := parsePattern(l.p.Text, c.concept)
		if err != nil {
			return nil, at(l.lex.file, l.lex.source, l.p.Line, l.p.Column, name+": "+err.Error())
		}
		out = append(out, seqs...)
	}
	c.done[name] = out
	return out, nil
}

func (c *compiler) add(id Concept, slots []slot) {
	q := sequence{concept: id}
	for _, s := range slots {
		cs := compiledSlot{gap: s.gap}
		for _, a := range s.atoms {
			cs.atoms = append(cs.atoms, c.atom(a))
		}
		q.slots = append(q.slots, cs)
	}
	n := int32(len(c.m.seqs))
	c.m.seqs = append(c.m.seqs, q)
	for _, a := range q.slots[0].atoms {
		c.m.starts[a] = append(c.m.starts[a], n)
	}
}

func (c *compiler) atom(a atom) int32 {
	if id, ok := c.atoms[a]; ok {
		return id
	}
	id := int32(len(c.atoms))
	c.atoms[a] = id
	c.m.starts = append(c.m.starts, nil)
	switch {
	case a.prefix:
		c.m.prefix[a.word] = append(c.m.prefix[a.word], id)
		c.m.longest = max(c.m.longest, len(a.word))
	case a.suffix:
		c.m.suffix[a.word] = append(c.m.suffix[a.word], id)
	case a.exact:
		c.m.cased[a.word] = append(c.m.cased[a.word], id)
	default:
		c.m.exact[a.word] = append(c.m.exact[a.word], id)
	}
	return id
}

// known is what the matcher knows of one word form.
type known struct {
	atoms  []int32
	starts []int32 // sequences that may begin here
}

const maxSeen = 1 << 16 // word forms remembered by one scratch

type scratch struct {
	seen  map[string]*known
	words []*known
	last  []int // atom → where it stands last: base + word + 1, in the sentence at hand if it is above base
	ends  []int // concept → where its last hit ends, likewise
	base  int
}

// Scan appends to hits the concepts found in the words of s. Of two hits of one concept that overlap,
// the longer stays. Hits are ordered by their first word, then by concept.
func (m *Matcher) Scan(s string, words []text.Word, hits []Hit) []Hit {
	sc := m.scratch.Get().(*scratch)
	defer m.scratch.Put(sc)
	sc.words = sc.words[:0]
	for _, w := range words {
		k, ok := sc.seen[s[w.Start:w.End]]
		if !ok {
			if len(sc.seen) >= maxSeen {
				clear(sc.seen)
			}
			raw := string([]byte(s[w.Start:w.End])) // own copy: the cache must not hold the document
			k = m.know(raw)
			sc.seen[raw] = k
		}
		sc.words = append(sc.words, k)
	}
	sc.mark(m)
	for i, k := range sc.words {
		from := len(hits)
		for _, q := range k.starts {
			seq := &m.seqs[q]
			if n := len(seq.slots); n > 1 && !sc.after(i, seq.slots[n-1].atoms) {
				continue // the last word of the sequence does not follow
			}
			if end := seq.match(sc.words, i, 0); end > 0 {
				hits = append(hits, Hit{seq.concept, i, end})
			}
		}
		hits = sc.tidy(hits, from)
	}
	sc.base += len(sc.words) + 1
	return hits
}

// mark notes where each atom of the sentence stands last.
func (sc *scratch) mark(m *Matcher) {
	if sc.last == nil {
		sc.last, sc.ends = make([]int, len(m.starts)), make([]int, m.concepts)
	}
	for i, k := range sc.words {
		for _, a := range k.atoms {
			sc.last[a] = sc.base + i + 1
		}
	}
}

// after reports whether one of the atoms stands after word i of the sentence that was marked.
func (sc *scratch) after(i int, atoms []int32) bool {
	for _, a := range atoms {
		if sc.last[a] > sc.base+i+1 {
			return true
		}
	}
	return false
}

// match gives the word after the last one of the sequence of which slot n stands at word i, or 0. That the first slot fits
// is known.
func (q *sequence) match(words []*known, i, n int) int {
	if n > 0 && !fits(words[i].atoms, q.slots[n].atoms) {
		return 0
	}
	if n+1 == len(q.slots) {
		return i + 1
	}
	for g := 0; g <= q.slots[n+1].gap && i+1+g < len(words); g++ {
		if end := q.match(words, i+1+g, n+1); end > 0 {
			return end
		}
	}
	return 0
}

func fits(have, want []int32) bool {
	for _, a := range want {
		for _, b := range have {
			if a == b {
				return true
			}
		}
	}
	return false
}

func (m *Matcher) know(raw string) *known {
	k := &known{}
	f := text.Fold(raw)
	k.atoms = append(k.atoms, m.exact[f]...)
	k.atoms = append(k.atoms, m.cased[raw]...)
	for n := 1; n <= len(f) && n <= m.longest; n++ {
		if n == len(f) || utf8.RuneStart(f[n]) {
			k.atoms = append(k.atoms, m.prefix[f[:n]]...)
		}
	}
	for n := 0; n < len(f) && len(m.suffix) > 0; n++ {
		if utf8.RuneStart(f[n]) {
			k.atoms = append(k.atoms, m.suffix[f[n:]]...)
		}
	}
	for _, a := range k.atoms {
		k.starts = append(k.starts, m.starts[a]...)
	}
	return k
}

// tidy orders the hits from index from on, which begin at one word, by concept, and drops those within a longer one of the
// same concept.
func (sc *scratch) tidy(hits []Hit, from int) []Hit {
	if len(hits)-from > 1 {
		slices.SortFunc(hits[from:], func(a, b Hit) int {
			if a.Concept != b.Concept {
				return int(a.Concept - b.Concept)
			}
			return b.End - a.End
		})
	}
	out := hits[:from]
	for _, h := range hits[from:] {
		if sc.base+h.End > sc.ends[h.Concept] {
			sc.ends[h.Concept] = sc.base + h.End
			out = append(out, h)
		}
	}
	return out
}
