package rules

// Lexicons: the words of a language for each concept.

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// international is the language of words that notices in every language use ("Privacy Shield").
const international = "mul"

// A lexicon is one file of words.
type lexicon struct {
	file          string
	source        []byte
	Language      string
	Abbreviations []string
	CapitalNouns  bool
	Joint         []string
	Concepts      []wording
}

// A wording is the patterns of one concept in one file.
type wording struct {
	Name     string
	Line     int
	Column   int
	Patterns []patternNode
}

type patternNode struct {
	Text         string
	Line, Column int
}

var conceptName = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$`)

func decodeLexicon(file string, b []byte) (*lexicon, error) {
	var raw struct {
		Language      string    `yaml:"language"`
		Abbreviations []string  `yaml:"abbreviations"`
		CapitalNouns  bool      `yaml:"capital_nouns"`
		Joint         []string  `yaml:"joint"`
		Concepts      yaml.Node `yaml:"concepts"`
	}
	if err := decodeStrict(file, b, &raw); err != nil {
		return nil, err
	}
	lex := &lexicon{file: file, source: b, Language: raw.Language, Abbreviations: raw.Abbreviations, CapitalNouns: raw.CapitalNouns, Joint: raw.Joint}
	if !strings.Contains("/"+file, "/"+raw.Language+"/") || raw.Language == "" {
		return nil, at(file, b, 1, 1, fmt.Sprintf("language %q: must be that of its folder", raw.Language))
	}
	n := &raw.Concepts
	if n.Kind != yaml.MappingNode {
		return nil, at(file, b, max(n.Line, 1), max(n.Column, 1), "concepts: expected a map from concept to a list of patterns")
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		w := wording{Name: k.Value, Line: k.Line, Column: k.Column}
		if v.Kind != yaml.SequenceNode {
			return nil, at(file, b, v.Line, v.Column, k.Value+": expected a list of patterns")
		}
		for _, p := range v.Content {
			if p.Kind != yaml.ScalarNode {
				return nil, at(file, b, p.Line, p.Column, k.Value+": expected a pattern of words")
			}
			w.Patterns = append(w.Patterns, patternNode{p.Value, p.Line, p.Column})
		}
		lex.Concepts = append(lex.Concepts, w)
	}
	return lex, nil
}

// check reports concepts that no pack knows.
func (l *lexicon) check(index map[string]Concept) error {
	var ps Problems
	for _, c := range l.Concepts {
		if _, ok := index[c.Name]; !ok {
			ps.add(at(l.file, l.source, c.Line, c.Column, fmt.Sprintf("unknown concept %q: packs/concepts.yaml lists those that exist", c.Name)))
		}
	}
	if len(ps) == 0 {
		return nil
	}
	return ps
}

func decodeConcepts(file string, b []byte, into map[string]string) error {
	var raw struct {
		Concepts map[string]string `yaml:"concepts"`
	}
	if err := decodeStrict(file, b, &raw); err != nil {
		return err
	}
	for name, doc := range raw.Concepts {
		if !conceptName.MatchString(name) {
			return at(file, b, 1, 1, fmt.Sprintf("concept %q: a name is lower-case letters, digits, '_' and '.'", name))
		}
		if doc == "" {
			return at(file, b, 1, 1, fmt.Sprintf("concept %q: say what it stands for", name))
		}
		into[name] = doc
	}
	return nil
}

// decodeStrict decodes one YAML document; unknown fields and second documents are mistakes.
func decodeStrict(file string, b []byte, v any) error {
	dec := yaml.NewDecoder(bytes.NewReader(b))
	dec.KnownFields(true)
	err := dec.Decode(v)
	if errors.Is(err, io.EOF) {
		return at(file, b, 0, 0, "the file is empty")
	}
	if err == nil {
		if !errors.Is(dec.Decode(new(yaml.Node)), io.EOF) {
			return at(file, b, 0, 0, "expected one YAML document, found more")
		}
		return nil
	}
	var ps Problems
	messages := []string{err.Error()}
	var te *yaml.TypeError
	if errors.As(err, &te) {
		messages = te.Errors
	}
	for _, m := range messages {
		line := 0
		m = strings.TrimPrefix(m, "yaml: ")
		if _, e := fmt.Sscanf(m, "line %d:", &line); e == nil {
			m = strings.TrimSpace(m[strings.Index(m, ":")+1:])
		}
		ps.add(at(file, b, line, 1, m))
	}
	return ps
}

// at makes a Problem with an excerpt of the file around the line.
func at(file string, source []byte, line, column int, message string) *Problem {
	p := &Problem{File: file, Line: line, Column: column, Message: message}
	if line < 1 {
		return p
	}
	lines := strings.Split(string(source), "\n")
	var b strings.Builder
	for i := max(line-1, 1); i <= min(line+1, len(lines)); i++ {
		fmt.Fprintf(&b, "%5d | %s\n", i, lines[i-1])
		if i == line {
			fmt.Fprintf(&b, "      | %s^\n", strings.Repeat(" ", max(column-1, 0)))
		}
	}
	p.Excerpt = strings.TrimRight(b.String(), "\n")
	return p
}
