package config

// This file reads declarations of Open Terms Archive: JSON with the pages of each type of terms, and their history beside it.
// The format is that of the engine's JSON schemas (scripts/declarations/validate).

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/drittland/drittland/snapshots"
)

// A Refusal is terms, or an entry of their history, that cannot be taken over, because a filter in JavaScript would have to be run.
type Refusal struct {
	Terms   string
	Past    bool     // an entry of the history; the terms of today are taken
	Filters []string // the names of the functions
}

// OpenTermsArchive reads the declaration of one service, and its history if there is one. The service is called as its file, which
// is how collections name it in their versions. Terms of which only history is left are passed over. The error is of type Problems.
func OpenTermsArchive(service, file string, source []byte, historyFile string, history []byte) ([]snapshots.Declaration, []Refusal, error) {
	r := newReader(file, source)
	root := r.parseJSON(source)
	if root == nil {
		return nil, nil, r.err()
	}
	var list []snapshots.Declaration
	var refused []Refusal
	found := false
	terms := func(n *yaml.Node) {
		found = true
		r.pairs(n, "types of terms", func(key, value *yaml.Node) {
			p := r.publication(otaKeys)
			r.fields(value, "terms", p.fields)
			d := snapshots.Declaration{Service: service, TermsType: key.Value, Sources: p.sources(value)}
			if len(p.filters) > 0 {
				refused = append(refused, Refusal{Terms: key.Value, Filters: p.filters})
				return
			}
			list = append(list, d)
		})
	}
	ignored := func(*yaml.Node) {}
	r.fields(root, "a declaration of Open Terms Archive", map[string]func(*yaml.Node){"terms": terms, "documents": terms,
		"name": func(n *yaml.Node) { r.text(n) }, "importedFrom": ignored, "$schema": ignored})
	if !found && len(r.problems) == 0 {
		r.wrong(root, "no terms: this is no declaration of Open Terms Archive")
	}
	if err := r.err(); err != nil {
		return nil, nil, err
	}
	if history == nil {
		return list, refused, nil
	}
	old, err := otaHistory(historyFile, history, list)
	return list, append(refused, old...), err
}

// otaHistory reads a history into the declarations that it belongs to.
func otaHistory(file string, source []byte, list []snapshots.Declaration) ([]Refusal, error) {
	r := newReader(file, source)
	root := r.parseJSON(source)
	if root == nil {
		return nil, r.err()
	}
	var refused []Refusal
	r.pairs(root, "the history of terms", func(key, value *yaml.Node) {
		var past []snapshots.Past
		var filters []string
		r.list(value, maxPast, func(n *yaml.Node) {
			x, f := r.past(n, otaKeys)
			if filters = append(filters, f...); len(f) == 0 {
				past = append(past, x)
			}
		})
		sortPast(past)
		for i := range list {
			if list[i].TermsType == key.Value {
				list[i].Past = past
				if len(filters) > 0 {
					refused = append(refused, Refusal{Terms: key.Value, Past: true, Filters: filters})
				}
			}
		}
	})
	return refused, r.err()
}

// otaFields are the keys of a page that only Open Terms Archive has.
func (p *publication) otaFields(s *snapshots.Source, f map[string]func(*yaml.Node)) {
	f["executeClientScripts"] = func(n *yaml.Node) {
		switch {
		case n.Kind == yaml.ScalarNode && n.Value == "true":
			s.Render = "always"
		case n.Kind == yaml.ScalarNode && n.Value == "false":
			s.Render = "never"
		default:
			p.r.wrong(n, "executeClientScripts: expected true or false")
		}
	}
	f["filter"] = func(n *yaml.Node) {
		p.r.list(n, maxList, func(n *yaml.Node) {
			if n.Kind == yaml.MappingNode && len(n.Content) == 2 { // a function with what it is called with
				n = n.Content[0]
			}
			if name := p.r.text(n); name != "" {
				p.filters = append(p.filters, name)
			}
		})
	}
}

// parseJSON gives the tree of a JSON document as that of a YAML one, nil if there is none.
func (r *reader) parseJSON(source []byte) *yaml.Node {
	source = bytes.TrimPrefix(source, []byte("\ufeff"))
	if len(source) > MaxSize {
		r.wrongAt(0, 0, fmt.Sprintf("too big: %d bytes, where %d are the limit", len(source), MaxSize))
		return nil
	}
	t := &jsonTree{source: source, dec: json.NewDecoder(bytes.NewReader(source))}
	t.dec.UseNumber()
	for i, c := range source {
		if c == '\n' {
			t.lines = append(t.lines, i)
		}
	}
	n, err := t.value(0)
	if err == nil {
		if _, end := t.dec.Token(); !errors.Is(end, io.EOF) {
			err = errors.New("something stands behind the end of the document")
		}
	}
	if err != nil {
		line, column := t.place(int(t.dec.InputOffset()))
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			line, column = t.place(int(max(syntax.Offset-1, 0)))
		}
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		r.wrongAt(line, column, "this is no JSON: "+strings.TrimPrefix(err.Error(), "json: "))
		return nil
	}
	return n
}

// A jsonTree is a JSON document on its way to a tree that knows its lines.
type jsonTree struct {
	source []byte
	lines  []int // offsets of line ends
	dec    *json.Decoder
}

// place is the line and the column of an offset.
func (t *jsonTree) place(offset int) (line, column int) {
	i := sort.SearchInts(t.lines, offset)
	start := 0
	if i > 0 {
		start = t.lines[i-1] + 1
	}
	return i + 1, len([]rune(string(t.source[start:min(offset, len(t.source))]))) + 1
}

// value reads the next value.
func (t *jsonTree) value(depth int) (*yaml.Node, error) {
	if depth > 50 {
		return nil, errors.New("nested too deep")
	}
	at := int(t.dec.InputOffset())
	for at < len(t.source) && strings.IndexByte(" \t\r\n,:", t.source[at]) >= 0 {
		at++
	}
	n := &yaml.Node{Kind: yaml.ScalarNode}
	n.Line, n.Column = t.place(at)
	token, err := t.dec.Token()
	if err != nil {
		return nil, err
	}
	open, ok := token.(json.Delim)
	if !ok {
		switch v := token.(type) {
		case nil:
			n.Tag = "!!null"
		default:
			n.Value = fmt.Sprint(v)
		}
		return n, nil
	}
	if n.Kind = yaml.SequenceNode; open == '{' {
		n.Kind = yaml.MappingNode
	}
	for t.dec.More() {
		c, err := t.value(depth + 1)
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, c)
	}
	_, err = t.dec.Token()
	return n, err
}
