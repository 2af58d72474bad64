package rules

// Examples in other languages: lexicon/<language>/examples.yaml belongs to the native speaker who writes the words.

import "fmt"

type exampleFile struct {
	file     string
	source   []byte
	id       string
	examples []Example
}

func decodeExamples(file string, b []byte) ([]exampleFile, error) {
	var raw struct {
		Language string               `yaml:"language"`
		Examples map[string][]Example `yaml:"examples"`
	}
	if err := decodeStrict(file, b, &raw); err != nil {
		return nil, err
	}
	var out []exampleFile
	for id, list := range raw.Examples {
		for i := range list {
			list[i].Lang, list[i].file = raw.Language, file
			if (list[i].Match == "") == (list[i].Clean == "") {
				return nil, at(file, b, list[i].line, 1, fmt.Sprintf("example of %s: expected either match or clean", id))
			}
		}
		out = append(out, exampleFile{file, b, id, list})
	}
	return out, nil
}

// examplesIn counts the examples of a check in a language.
func (c *Check) examplesIn(lang string) (match, clean int) {
	for i := range c.Examples {
		switch e := &c.Examples[i]; {
		case e.Lang != lang:
		case e.Match != "":
			match++
		default:
			clean++
		}
	}
	return match, clean
}

// attach gives the examples to their check; those of a check that was switched off are dropped.
func (x *exampleFile) attach(s *Set, known map[string]bool) error {
	if c, ok := s.CheckByID(x.id); ok {
		c.Examples = append(c.Examples, x.examples...)
	} else if !known[x.id] {
		return at(x.file, x.source, 1, 1, fmt.Sprintf("examples for %s: there is no such check", x.id))
	}
	return nil
}
