// Package complaint drafts the annex of a complaint under Art. 77 GDPR from what an archive holds. It says what the text
// says, when and how it was received, and which articles ask about it. It states no infringement as a fact, invents no name,
// and marks what a person must fill in or look up.
//
// This file holds the supervisory authorities.
package complaint

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/drittland/drittland/rules/law"
)

//go:embed authorities.yaml
var authorities []byte

// An Authority is a supervisory authority with which a complaint can be lodged.
type Authority struct {
	ID             string   `yaml:"id" json:"id"`
	Country        string   `yaml:"country" json:"country"` // ISO 3166-1 alpha-2
	Region         string   `yaml:"region" json:"region,omitempty"`
	Name           string   `yaml:"name" json:"name"` // in its own language
	English        string   `yaml:"english" json:"english"`
	Languages      []string `yaml:"languages" json:"languages"` // in which it takes complaints as far as known
	Website        string   `yaml:"website" json:"website"`
	Complaint      string   `yaml:"complaint" json:"complaint,omitempty"` // page of its form, "" if not known
	Archives       string   `yaml:"archives" json:"archives,omitempty"`   // "refused", or "" if not known
	ArchivesSource string   `yaml:"archives_source" json:"archives_source,omitempty"`
	Lands          bool     `yaml:"lands" json:"-"` // for most services another authority of the country is competent
	Memory         []string `yaml:"memory" json:"from_memory,omitempty"`
	Source         string   `yaml:"source" json:"source"`
	Verified       day      `yaml:"verified" json:"verified,omitzero"` // when it was compared with the source; zero: from memory
}

type day struct{ law.Date }

func (d *day) UnmarshalYAML(n *yaml.Node) error { return d.UnmarshalText([]byte(n.Value)) }

// Form is where a complaint is lodged: the page of the form, else the website. known says that it is the former.
func (a *Authority) Form() (address string, known bool) {
	if a.Complaint != "" {
		return a.Complaint, true
	}
	return a.Website, false
}

// Remembered reports whether the address of Form comes from memory.
func (a *Authority) Remembered() bool {
	return a.Verified.IsZero() || a.Complaint == "" && slices.Contains(a.Memory, "website")
}

// Authorities are all that are known, by country, those of regions behind those of the state. Callers must not change them.
var Authorities = sync.OnceValue(func() []Authority {
	list, err := readAuthorities(authorities)
	if err != nil {
		panic("complaint: " + err.Error()) // a test of this package reads them
	}
	return list
})

// readAuthorities decodes a list strictly.
func readAuthorities(b []byte) ([]Authority, error) {
	var list []Authority
	dec := yaml.NewDecoder(bytes.NewReader(b))
	dec.KnownFields(true)
	if err := dec.Decode(&list); err != nil {
		return nil, fmt.Errorf("read the authorities: %w", err)
	}
	seen := map[string]bool{}
	for i := range list {
		a := &list[i]
		if err := a.check(); err != nil {
			return nil, fmt.Errorf("authority %d, %q: %w", i+1, a.ID, err)
		}
		if seen[a.ID] {
			return nil, fmt.Errorf("authority %d, %q: its id is taken", i+1, a.ID)
		}
		seen[a.ID] = true
	}
	slices.SortStableFunc(list, func(a, b Authority) int {
		return strings.Compare(a.Country+" "+a.Region, b.Country+" "+b.Region)
	})
	return list, nil
}

func (a *Authority) check() error {
	for what, value := range map[string]string{"id": a.ID, "name": a.Name, "english": a.English, "website": a.Website, "source": a.Source} {
		if strings.TrimSpace(value) == "" {
			return fmt.Errorf("no %s", what)
		}
	}
	switch {
	case len(a.Country) != 2 || a.Country != strings.ToUpper(a.Country):
		return fmt.Errorf("country %q is no code of two capitals", a.Country)
	case len(a.Languages) == 0:
		return fmt.Errorf("no languages")
	case a.Archives != "" && a.Archives != "refused":
		return fmt.Errorf("archives: %q is neither refused nor left out", a.Archives)
	case (a.Archives == "") != (a.ArchivesSource == ""):
		return fmt.Errorf("archives and archives_source go together")
	case a.Verified.IsZero() && !strings.HasPrefix(a.Source, "from memory"):
		return fmt.Errorf("no day on which it was compared with its source")
	}
	for _, m := range a.Memory {
		if !slices.Contains([]string{"name", "languages", "website", "complaint"}, m) {
			return fmt.Errorf("memory: %q is no field that can be", m)
		}
	}
	for _, u := range []string{a.Website, a.Complaint} {
		if u != "" && !strings.HasPrefix(u, "https://") && !strings.HasPrefix(u, "http://") {
			return fmt.Errorf("%q is no address", u)
		}
	}
	return nil
}

// Find finds an authority by its id, or by the code of a country that has one alone.
func Find(name string) (Authority, bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	for _, a := range Authorities() {
		if a.ID == name {
			return a, true
		}
	}
	for _, a := range Authorities() {
		if a.Region == "" && strings.ToLower(a.Country) == name {
			return a, true
		}
	}
	return Authority{}, false
}
