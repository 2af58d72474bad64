package config

// This file writes declarations.

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/drittland/drittland/snapshots"
)

type outFile struct {
	Service string              `yaml:"service"`
	Terms   map[string]outTerms `yaml:"terms"` // written in the order of the alphabet
}

type outTerms struct {
	outPublication `yaml:",inline"`
	Every          string    `yaml:"every,omitempty"`
	Schedule       string    `yaml:"schedule,omitempty"`
	History        []outPast `yaml:"history,omitempty"`
}

type outPast struct {
	Until          string `yaml:"until"`
	outPublication `yaml:",inline"`
}

type outPublication struct {
	outSource `yaml:",inline"`
	Combine   []outSource `yaml:"combine,omitempty"`
}

type outSource struct {
	URL       string   `yaml:"url,omitempty"`
	Select    []any    `yaml:"select,omitempty"`
	Remove    []any    `yaml:"remove,omitempty"`
	Lang      string   `yaml:"lang,omitempty"`
	Render    string   `yaml:"render,omitempty"`
	Annexes   []string `yaml:"annexes,omitempty"`
	Normalise []string `yaml:"normalise,omitempty"`
}

type outRange struct {
	StartBefore string `yaml:"startBefore,omitempty"`
	StartAfter  string `yaml:"startAfter,omitempty"`
	EndBefore   string `yaml:"endBefore,omitempty"`
	EndAfter    string `yaml:"endAfter,omitempty"`
}

// Encode writes the declarations of one service as the YAML that Declarations reads.
func Encode(list []snapshots.Declaration) ([]byte, error) {
	f := outFile{Terms: map[string]outTerms{}}
	for _, d := range list {
		f.Service = d.Service
		t := outTerms{outPublication: published(d.Sources), Schedule: d.Schedule}
		if d.Every != 0 {
			t.Every = ShortTime(d.Every)
		}
		for _, p := range d.Past {
			t.History = append(t.History, outPast{p.Until.Format(time.RFC3339), published(p.Sources)})
		}
		f.Terms[d.TermsType] = t
	}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(f); err != nil {
		return nil, fmt.Errorf("write the declaration of %s: %w", f.Service, err)
	}
	return b.Bytes(), enc.Close()
}

func published(list []snapshots.Source) outPublication {
	if len(list) == 1 {
		return outPublication{outSource: sourceOf(list[0])}
	}
	var p outPublication
	for _, s := range list {
		p.Combine = append(p.Combine, sourceOf(s))
	}
	return p
}

func sourceOf(s snapshots.Source) outSource {
	return outSource{URL: s.URL, Select: mixed(s.Select, s.SelectRanges), Remove: mixed(s.Remove, s.RemoveRanges), Lang: s.Lang, Render: s.Render,
		Annexes: s.Annexes, Normalise: s.Normalise}
}

func mixed(css []string, ranges []snapshots.Range) []any {
	var out []any
	for _, s := range css {
		out = append(out, s)
	}
	for _, r := range ranges {
		out = append(out, outRange(r))
	}
	return out
}

// ShortTime is a duration without parts that are zero: 24h, 1h30m.
func ShortTime(d time.Duration) string {
	s := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(s, zero) {
			s = s[:len(s)-2]
		}
	}
	return s
}
