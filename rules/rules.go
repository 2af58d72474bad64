// Package rules holds what drittland looks for, as data: packs say what a rule means, once;
// lexicons say how it is worded, once for each language. The package decodes both strictly, checks
// them against each other, compiles the wording and matches it on sentences. What the matches mean
// for the flow of personal data is decided by package analyze. SYNTAX.md describes the files.
package rules

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"sort"
	"strings"
	"sync"
)

//go:embed packs lexicon
var embedded embed.FS

// A Set is everything that was loaded: concepts, lexicons, notice items and checks.
// It is immutable and safe for concurrent use.
type Set struct {
	Concepts []ConceptInfo // sorted by name; a Concept is an index into it
	Items    []Item        // in the order of the packs
	Checks   []Check       // sorted by ID
	lexicons map[string]*words
	messages map[string]*messages
	index    map[string]Concept
	matchers sync.Map // language → *Matcher
}

// A Concept is an index into Set.Concepts.
type Concept int

// ConceptInfo is the name of a concept and what it stands for.
type ConceptInfo struct{ Name, Doc string }

// Files are the embedded packs and lexicons, to load together with trees of one's own.
func Files() fs.FS { return embedded }

// Builtin loads the embedded packs; the lexicon of a language is decoded when it is first asked for, and the examples
// of the checks are left out: Load(Files()) gives everything. The files are tested, so an error is a defect of the build.
var Builtin = sync.OnceValues(func() (*Set, error) {
	l := newLoader()
	l.lazy = true
	l.tree(embedded)
	return l.finish()
})

// Load reads packs and lexicons from one or more trees laid out like the embedded one:
// packs/concepts.yaml, packs/**/*.yaml and lexicon/<language>/*.yaml. Later trees add concepts, words
// and rules, and replace or switch off rules with the same ID. Every mistake found is in the error.
func Load(trees ...fs.FS) (*Set, error) {
	l := newLoader()
	for _, t := range trees {
		l.tree(t)
	}
	return l.finish()
}

func newLoader() *loader {
	return &loader{set: &Set{lexicons: map[string]*words{}, messages: map[string]*messages{}, index: map[string]Concept{}}, docs: map[string]string{}, known: map[string]bool{}}
}

type loader struct {
	set      *Set
	docs     map[string]string
	packs    []*pack
	examples []exampleFile
	known    map[string]bool // IDs of checks and items, switched off ones too
	problem  Problems
	lazy     bool // lexicons are decoded later, and examples never
	trees    int  // loaded before the one at hand
}

// words are the lexicons of one language: read from files when first asked for.
type words struct {
	once  sync.Once
	files []file
	list  []*lexicon
	err   error
}

type file struct {
	tree  fs.FS
	name  string
	order int // of the tree among those loaded
}

func (w *words) lexicons() ([]*lexicon, error) {
	w.once.Do(func() {
		var ps Problems
		for _, f := range w.files {
			b, err := fs.ReadFile(f.tree, f.name)
			if err != nil {
				ps.add(err)
				continue
			}
			lex, err := decodeLexicon(f.name, b)
			ps.add(err)
			if lex != nil {
				w.list = append(w.list, lex)
			}
		}
		w.err = errOrNil(ps)
	})
	return w.list, w.err
}

func (l *loader) tree(t fs.FS) {
	err := fs.WalkDir(t, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".yaml" {
			return err
		}
		return l.file(t, name)
	})
	if err != nil {
		l.problem = append(l.problem, &Problem{File: ".", Message: err.Error()})
	}
	l.trees++
}

func (l *loader) file(t fs.FS, name string) error {
	examples := path.Base(name) == "examples.yaml"
	lang := path.Base(path.Dir(name))
	switch {
	case !strings.Contains("/"+name, "/lexicon/"), examples:
	case path.Base(name) == messagesFile:
		if l.set.messages[lang] == nil {
			l.set.messages[lang] = &messages{}
		}
		l.set.messages[lang].files = append(l.set.messages[lang].files, file{t, name, l.trees})
		return nil
	default:
		if l.set.lexicons[lang] == nil {
			l.set.lexicons[lang] = &words{}
		}
		l.set.lexicons[lang].files = append(l.set.lexicons[lang].files, file{t, name, l.trees})
		return nil
	}
	if examples && l.lazy {
		return nil
	}
	b, err := fs.ReadFile(t, name)
	if err != nil {
		return err
	}
	switch {
	case examples:
		x, err := decodeExamples(name, b)
		l.problem.add(err)
		l.examples = append(l.examples, x...)
	case path.Base(name) == "concepts.yaml":
		l.problem.add(decodeConcepts(name, b, l.docs))
	default:
		p, err := decodePack(name, b)
		l.problem.add(err)
		if p != nil {
			p.order = l.trees
			l.packs = append(l.packs, p)
		}
	}
	return nil
}

func (l *loader) finish() (*Set, error) {
	s := l.set
	for name, doc := range l.docs {
		s.Concepts = append(s.Concepts, ConceptInfo{name, doc})
	}
	sort.Slice(s.Concepts, func(i, j int) bool { return s.Concepts[i].Name < s.Concepts[j].Name })
	for i, c := range s.Concepts {
		s.index[c.Name] = Concept(i)
	}
	for _, p := range l.packs {
		l.merge(p)
	}
	for _, x := range l.examples {
		l.problem.add(x.attach(s, l.known))
	}
	sort.SliceStable(s.Checks, func(i, j int) bool { return lessID(s.Checks[i].ID, s.Checks[j].ID) })
	if !l.lazy {
		l.lexicons()
		for _, m := range s.messages {
			l.problem.add(m.read(s, l.known))
		}
	}
	if len(l.problem) > 0 {
		sort.SliceStable(l.problem, func(i, j int) bool { return l.problem[i].File < l.problem[j].File })
		return nil, l.problem
	}
	return s, nil
}

// lexicons decodes and compiles every language, to find mistakes.
func (l *loader) lexicons() {
	for lang, w := range l.set.lexicons {
		list, err := w.lexicons()
		l.problem.add(err)
		for _, lex := range list {
			l.problem.add(lex.check(l.set.index))
		}
		if err == nil {
			_, err = l.set.compile(lang)
			l.problem.add(err)
		}
	}
}

// merge adds the rules of p; a rule with a known ID replaces the earlier one, or removes it when off.
func (l *loader) merge(p *pack) {
	s := l.set
	for _, it := range p.Items {
		l.problem.add(it.check(p, s.index))
		l.known[it.ID] = true
		s.Items = slices.DeleteFunc(s.Items, func(o Item) bool { return o.ID == it.ID })
		if !it.Off {
			s.Items = append(s.Items, it)
		}
	}
	for _, c := range p.Checks {
		l.problem.add(c.check(p))
		c.order = p.order
		l.known[c.ID] = true
		s.Checks = slices.DeleteFunc(s.Checks, func(o Check) bool { return o.ID == c.ID })
		if !c.Off {
			s.Checks = append(s.Checks, c)
		}
	}
}

// Languages are the languages with a lexicon of their own, sorted.
func (s *Set) Languages() []string {
	var out []string
	for l := range s.lexicons {
		if l != international {
			out = append(out, l)
		}
	}
	sort.Strings(out)
	return out
}

// Proven is the number of checks with examples in lang, both of what they find and of what they leave alone, and of
// all checks. A check reads every language; it is proven only where it has examples.
func (s *Set) Proven(lang string) (proven, all int) {
	for i := range s.Checks {
		match, clean := s.Checks[i].examplesIn(lang)
		if match > 0 && clean > 0 {
			proven++
		}
	}
	return proven, len(s.Checks)
}

// Coverage is the number of concepts that have words in lang, and of all concepts that are told by words.
func (s *Set) Coverage(lang string) (covered, all int) {
	have := map[string]bool{}
	for _, l := range []string{lang, international} {
		for _, lex := range s.words(l) {
			for _, c := range lex.Concepts {
				have[c.Name] = true
			}
		}
	}
	for _, c := range s.Concepts {
		if !strings.HasPrefix(c.Name, "has.") {
			all++
		}
	}
	return len(have), all
}

// words are the lexicons of a language; those with mistakes were refused when they were loaded.
func (s *Set) words(lang string) []*lexicon {
	w, ok := s.lexicons[lang]
	if !ok {
		return nil
	}
	list, err := w.lexicons()
	if err != nil {
		panic("rules: the lexicon of " + lang + " does not decode: " + err.Error()) // a test decodes the embedded ones
	}
	return list
}

// Concept finds a concept by name. It panics on an unknown name: names in code are constants,
// and a test compares them with the packs.
func (s *Set) Concept(name string) Concept {
	c, ok := s.index[name]
	if !ok {
		panic("rules: unknown concept " + name)
	}
	return c
}

// CheckByID finds a check by its ID or its rule name.
func (s *Set) CheckByID(id string) (*Check, bool) {
	for i := range s.Checks {
		if strings.EqualFold(s.Checks[i].ID, id) || s.Checks[i].Rule == id {
			return &s.Checks[i], true
		}
	}
	return nil, false
}

// lessID orders T01, T01b, T02 … and T before N as a reader expects: by letter, number, suffix.
func lessID(a, b string) bool {
	if a[:1] != b[:1] {
		return a[:1] > b[:1]
	}
	return a < b
}

// Problems are all mistakes found in the files of rules, in the order of the files.
type Problems []*Problem

func (p *Problems) add(err error) {
	var one *Problem
	var many Problems
	switch {
	case err == nil:
	case errors.As(err, &many):
		*p = append(*p, many...)
	case errors.As(err, &one):
		*p = append(*p, one)
	default:
		*p = append(*p, &Problem{Message: err.Error()})
	}
}

func (p Problems) Error() string {
	var b strings.Builder
	for i, x := range p {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(x.Error())
	}
	return b.String()
}

// A Problem is one mistake in a file of rules, shown where it stands.
type Problem struct {
	File         string
	Line, Column int // from 1; 0 if the whole file is meant
	Message      string
	Excerpt      string // the line and its neighbours with a mark, may be empty
}

func (p *Problem) Error() string {
	at := p.File
	if p.Line > 0 {
		at = fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
	s := strings.TrimPrefix(at+": ", ": ") + p.Message
	if p.Excerpt != "" {
		s += "\n" + p.Excerpt
	}
	return s
}
