// Package config reads and writes the files in which users say what they want: declarations of what is tracked. It decodes
// bytes and reaches nothing: where files are is for the caller to know.
package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Problems are all mistakes found in one file, in its order.
type Problems []*Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, x := range p {
		lines[i] = x.Error()
	}
	return strings.Join(lines, "\n")
}

// A Problem is one mistake in a file, shown where it stands.
type Problem struct {
	File         string
	Line, Column int // from 1; 0 if the whole file is meant
	Message      string
	Excerpt      string // the line and its neighbours with a mark, may be empty
}

func (p *Problem) Error() string {
	if p.Line < 1 {
		return p.File + ": " + p.Message
	}
	return strings.TrimSuffix(fmt.Sprintf("%s:%d:%d: %s\n%s", p.File, p.Line, p.Column, p.Message, p.Excerpt), "\n")
}

const (
	maxProblems = 20  // that are told of one file
	widest      = 160 // runes of a line in an excerpt
)

// A reader walks the tree of one file, and gathers what is wrong with it.
type reader struct {
	file     string
	lines    []string // none if the file may hold secrets, so that no excerpt shows one
	problems Problems
}

func newReader(file string, source []byte) *reader {
	return &reader{file: file, lines: strings.Split(string(source), "\n")}
}

func (r *reader) err() error {
	if len(r.problems) == 0 {
		return nil
	}
	return r.problems
}

// wrong notes a mistake at n.
func (r *reader) wrong(n *yaml.Node, format string, args ...any) {
	r.wrongAt(n.Line, n.Column, fmt.Sprintf(format, args...))
}

func (r *reader) wrongAt(line, column int, message string) {
	if len(r.problems) >= maxProblems {
		return
	}
	p := &Problem{File: r.file, Line: line, Column: max(column, 1), Message: message}
	if line < 1 || len(r.lines) == 0 {
		r.problems = append(r.problems, p)
		return
	}
	var b strings.Builder
	for i := max(line-1, 1); i <= min(line+1, len(r.lines)); i++ {
		text := []rune(strings.TrimRight(r.lines[i-1], "\r"))
		fmt.Fprintf(&b, "%5d | %s\n", i, string(text[:min(len(text), widest)]))
		if i == line && p.Column <= widest {
			fmt.Fprintf(&b, "      | %s^\n", strings.Repeat(" ", p.Column-1))
		}
	}
	p.Excerpt = strings.TrimRight(b.String(), "\n")
	r.problems = append(r.problems, p)
}

// fields gives the value of each key of a map to the function for it. Keys without one, and keys that come twice, are mistakes.
func (r *reader) fields(n *yaml.Node, what string, known map[string]func(*yaml.Node)) {
	r.pairs(n, what, func(key, value *yaml.Node) {
		f, ok := known[key.Value]
		if !ok {
			r.wrong(key, "unknown key %q in %s%s", key.Value, what, DidYouMean(key.Value, slices.Sorted(maps.Keys(known))))
			return
		}
		f(value)
	})
}

// pairs goes through the keys and values of a map.
func (r *reader) pairs(n *yaml.Node, what string, each func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.wrong(n, "expected %s, with keys and values", what)
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode:
			r.wrong(key, "expected a word as key")
		case seen[key.Value]:
			r.wrong(key, "%q stands here twice", key.Value)
		default:
			seen[key.Value] = true
			each(key, value)
		}
	}
}

// text is a value of one piece.
func (r *reader) text(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || n.Value == "" {
		r.wrong(n, "expected one value")
		return ""
	}
	return n.Value
}

// list goes through a list, or a single value that stands for a list of one.
func (r *reader) list(n *yaml.Node, most int, each func(*yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		each(n)
		return
	}
	if len(n.Content) > most {
		r.wrong(n, "a list of %d; at most %d", len(n.Content), most)
		return
	}
	for _, x := range n.Content {
		each(x)
	}
}
