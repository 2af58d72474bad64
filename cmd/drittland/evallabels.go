package main

// Labelled sets: texts with what a person read in them, in labels.jsonl and texts/ID.md, and what a reader made of the same text.

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/analyze/llm"
)

// Bounds of a set.
const (
	maxLabels    = 100_000   // texts
	maxLabelFile = 256 << 20 // bytes
)

// A label is what a person read in one text. null stands for what the text cannot show.
type label struct {
	ID           string `json:"id"`
	Lang         string `json:"lang"`
	Date         string `json:"date"`
	Outside      string `json:"transfers_outside_eea"` // yes, no_statement or denied
	Borderline   bool   `json:"transfers_borderline"`
	Destinations []struct {
		Country string `json:"iso2"`
		Kind    string `json:"kind"` // named, implied or by_reference
		Role    string `json:"role"`
	} `json:"destinations"`
	Mechanisms []struct {
		ID         string `json:"id"`
		Borderline bool   `json:"borderline"`
	} `json:"mechanisms"`
	Copy           string  `json:"copy_of_safeguards"`
	CopyBorderline bool    `json:"copy_borderline"`
	List           *string `json:"list_by_reference_url"`
	Vague          *bool   `json:"vague_destination"`
	Remote         *bool   `json:"remote_access"`
	Government     *bool   `json:"government_access_in_third_country"`
	DPO            *bool   `json:"dpo_contact"`
	Complaint      *bool   `json:"complaint_right"`
	Representative *bool   `json:"eu_representative"`
	Retention      *bool   `json:"retention_stated"`
}

// statement is what the label says of transfers, in the words of a report.
func (l *label) statement() string {
	if l.Outside == "no_statement" {
		return "none"
	}
	return l.Outside
}

// labelID tells names of files from ways out of the directory.
var labelID = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$`)

// readLabels reads the labels of a set.
func readLabels(dir string) ([]label, error) {
	name := filepath.Join(dir, "labels.jsonl")
	b, err := readBounded(name, maxLabelFile+1)
	switch {
	case err != nil:
		return nil, unreadable(fmt.Errorf("%s: %w", name, plain(err)), "a set is a directory with labels.jsonl and texts/ID.md; 'drittland eval --help' shows a line")
	case len(b) > maxLabelFile:
		return nil, unreadable(fmt.Errorf("%s: more than %d MB", name, maxLabelFile>>20), "")
	}
	var out []label
	seen := map[string]bool{}
	s := bufio.NewScanner(bytes.NewReader(b))
	s.Buffer(nil, maxLine)
	for n := 1; s.Scan(); n++ {
		if len(bytes.TrimSpace(s.Bytes())) == 0 {
			continue
		}
		var l label
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			return nil, unreadable(fmt.Errorf("%s:%d: %w", name, n, err), "each line is one JSON object")
		}
		switch {
		case !labelID.MatchString(l.ID):
			return nil, unreadable(fmt.Errorf("%s:%d: id %.60q: expected letters, digits and . _ -", name, n, l.ID), "the text is texts/ID.md")
		case seen[l.ID]:
			return nil, unreadable(fmt.Errorf("%s:%d: %s stands here twice", name, n, l.ID), "")
		case !slices.Contains([]string{"yes", "no_statement", "denied"}, l.Outside):
			return nil, unreadable(fmt.Errorf("%s:%d: transfers_outside_eea %.60q: expected yes, no_statement or denied", name, n, l.Outside), "")
		case len(out) >= maxLabels:
			return nil, unreadable(fmt.Errorf("%s: more than %d texts", name, maxLabels), "")
		}
		seen[l.ID] = true
		out = append(out, l)
	}
	if err := s.Err(); err != nil {
		return nil, unreadable(fmt.Errorf("%s: %w", name, err), "")
	}
	if len(out) == 0 {
		return nil, unreadable(fmt.Errorf("%s: no labels", name), "")
	}
	return out, nil
}

// labelledText is the file of a label.
func labelledText(dir string, l *label) string {
	return filepath.Join(dir, "texts", l.ID+".md")
}

// readFacts are what one reader made of one text.
type readFacts struct {
	language, statement                   string // language: "" of a reader that is not asked for it
	roles                                 map[string]map[string]bool
	tools, items                          map[string]bool
	vague, list, copy, remote, government bool
}

func noFacts() *readFacts {
	return &readFacts{statement: "none", roles: map[string]map[string]bool{}, tools: map[string]bool{}, items: map[string]bool{}}
}

func (f *readFacts) goes(country, role string) {
	if f.roles[country] == nil {
		f.roles[country] = map[string]bool{}
	}
	f.roles[country][role] = true
}

// ofRules are the facts of a report.
func ofRules(r *analyze.Report) *readFacts {
	f, t := noFacts(), &r.Transfers
	f.language, f.statement = r.Document.Language, t.Statement
	for _, d := range t.Destinations {
		f.goes(d.Country, "")
		for _, role := range d.Roles {
			f.goes(d.Country, role)
		}
	}
	for _, x := range t.Tools {
		f.tools[x.ID] = true
	}
	for _, it := range r.Transparency {
		f.items[it.ID] = it.Found
	}
	f.vague, f.list, f.copy = t.Vague, t.ListURL != nil && *t.ListURL != "", t.Copy.Offered
	f.remote, f.government = t.RemoteAccess.Stated.Stated, t.GovernmentAccess.Stated
	return f
}

// ofModel are the facts that a model read and that hold. It is asked neither for the language nor for what else a notice gives.
func ofModel(r *llm.Reading) *readFacts {
	f := noFacts()
	denied := false
	for _, x := range r.Facts() {
		switch x.Kind {
		case "destination":
			f.goes(x.Country, "")
			f.goes(x.Country, x.Role)
		case "tool":
			f.tools[x.Tool] = true
		case "vague":
			f.vague = true
		case "list":
			f.list = true
		case "copy":
			f.copy = true
		case "remote_access":
			f.remote = true
		case "government":
			f.government = true
		case "denial":
			denied = true
			continue
		}
		f.statement = "yes"
	}
	if denied && f.statement == "none" {
		f.statement = "denied"
	}
	return f
}

// with are the facts of the rules and, beside them, those that a model adds.
func (f *readFacts) with(m *readFacts) *readFacts {
	out := noFacts()
	out.language, out.statement = f.language, f.statement
	if out.statement == "none" {
		out.statement = m.statement
	}
	for _, x := range []*readFacts{f, m} {
		for country, roles := range x.roles {
			for role := range roles {
				out.goes(country, role)
			}
		}
		for id := range x.tools {
			out.tools[id] = true
		}
		out.vague, out.list, out.copy = out.vague || x.vague, out.list || x.list, out.copy || x.copy
		out.remote, out.government = out.remote || x.remote, out.government || x.government
	}
	for id, found := range f.items {
		out.items[id] = found
	}
	return out
}
