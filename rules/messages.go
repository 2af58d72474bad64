package rules

// Messages: what checks and items say in other languages than English, which stands in the packs.
// lexicon/<language>/messages.yaml belongs to the native speaker, like the words and the examples.

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"sort"
	"sync"
)

// messagesFile is the name of the files that hold messages.
const messagesFile = "messages.yaml"

// A Text is what a check says to a person.
type Text struct {
	Title     string `yaml:"title"`
	Message   string `yaml:"message"`
	LookUp    string `yaml:"look_up"`
	Mitigates string `yaml:"mitigates"`
}

// messages are those of one language: read from files when first asked for. Later files replace single texts. A text is for
// checks of its own tree and of those loaded before it: a check that a later tree replaced says other things.
type messages struct {
	once   sync.Once
	files  []file
	and    string
	checks map[string]ordered
	items  map[string]string
	names  map[string]string
	err    error
}

type ordered struct {
	Text
	order int
}

type rawMessages struct {
	Language string            `yaml:"language"`
	And      string            `yaml:"and"` // before the last of several: "Brazil, India and Japan"
	Checks   map[string]Text   `yaml:"checks"`
	Items    map[string]string `yaml:"items"`
	Names    map[string]string `yaml:"names"` // of tools, by the IDs that facts have
}

// read decodes the files. What they say of checks and items that do not exist is a mistake unless known holds them.
func (m *messages) read(set *Set, known map[string]bool) error {
	m.once.Do(func() {
		m.checks, m.items, m.names = map[string]ordered{}, map[string]string{}, map[string]string{}
		var ps Problems
		for _, f := range m.files {
			b, err := fs.ReadFile(f.tree, f.name)
			if err != nil {
				ps.add(err)
				continue
			}
			ps.add(m.add(set, known, f, b))
		}
		m.err = errOrNil(ps)
	})
	return m.err
}

func (m *messages) add(set *Set, known map[string]bool, f file, b []byte) error {
	var raw rawMessages
	name := f.name
	if err := decodeStrict(name, b, &raw); err != nil {
		return err
	}
	if raw.Language == "" || raw.Language != path.Base(path.Dir(name)) {
		return at(name, b, 1, 1, fmt.Sprintf("language %q: must be that of its folder", raw.Language))
	}
	if raw.And != "" {
		m.and = raw.And
	}
	var ps Problems
	for id, t := range raw.Checks {
		c, ok := set.CheckByID(id)
		switch {
		case ok && f.order >= c.order:
			ps.add(t.check(name, b, c))
		case !ok && known != nil && !known[id]:
			ps.add(at(name, b, lineOf(b, id), 1, fmt.Sprintf("messages for %s: there is no such check", id)))
		}
		m.checks[id] = ordered{t, f.order}
	}
	for id, t := range raw.Items {
		if known != nil && !known[id] && !slices.ContainsFunc(set.Items, func(i Item) bool { return i.ID == id }) {
			ps.add(at(name, b, lineOf(b, id), 1, fmt.Sprintf("title of %s: there is no such item", id)))
		}
		m.items[id] = t
	}
	maps.Copy(m.names, raw.Names)
	sort.SliceStable(ps, func(i, j int) bool { return ps[i].Line < ps[j].Line })
	return errOrNil(ps)
}

// placeholder is what a message has filled in: {countries}.
var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

// check compares a text with the English one of its check: it must say the same things.
func (t *Text) check(file string, source []byte, c *Check) error {
	var ps Problems
	bad := func(format string, a ...any) {
		ps.add(at(file, source, lineOf(source, c.ID), 1, "messages for "+c.ID+": "+fmt.Sprintf(format, a...)))
	}
	for _, x := range []struct{ name, here, english string }{{"title", t.Title, c.Title}, {"message", t.Message, c.Message},
		{"look_up", t.LookUp, c.LookUp}, {"mitigates", t.Mitigates, c.Mitigate}} {
		switch {
		case x.here == "" && x.english != "":
			bad("%s is missing", x.name)
		case x.here != "" && x.english == "":
			bad("%s: the check has none", x.name)
		}
		want, got := placeholder.FindAllString(x.english, -1), placeholder.FindAllString(x.here, -1)
		slices.Sort(want)
		slices.Sort(got)
		if x.here != "" && !slices.Equal(slices.Compact(want), slices.Compact(got)) {
			bad("%s has the placeholders %v, the check has %v", x.name, got, want)
		}
	}
	return errOrNil(ps)
}

// lineOf is the line on which a YAML key stands.
func lineOf(source []byte, key string) int {
	at := regexp.MustCompile(`(?m)^ *` + regexp.QuoteMeta(key) + `:`).FindIndex(source)
	if at == nil {
		return 1
	}
	n := 1
	for _, c := range source[:at[0]] {
		if c == '\n' {
			n++
		}
	}
	return n
}

// MessageLanguages are the languages that findings can be told in: English and those with messages, sorted.
func (s *Set) MessageLanguages() []string {
	out := []string{"en"}
	for l := range s.messages {
		out = append(out, l)
	}
	sort.Strings(out)
	return slices.Compact(out)
}

// messagesIn are the messages of a language, nil if there are none. Mistakes are found when rules are loaded.
func (s *Set) messagesIn(language string) *messages {
	m := s.messages[language]
	if m == nil || m.read(s, nil) != nil {
		return nil
	}
	return m
}

// Text is what a check says in a language; in English if it was not translated.
func (s *Set) Text(c *Check, language string) Text {
	if m := s.messagesIn(language); m != nil {
		if t, ok := m.checks[c.ID]; ok && t.order >= c.order {
			return t.Text
		}
	}
	return Text{c.Title, c.Message, c.LookUp, c.Mitigate}
}

// ItemTitle is the title of an item in a language; in English if it was not translated.
func (s *Set) ItemTitle(it *Item, language string) string {
	if m := s.messagesIn(language); m != nil && m.items[it.ID] != "" {
		return m.items[it.ID]
	}
	return it.Title
}

// Name is what messages in a language call a tool, or another thing that facts know by an ID.
func (s *Set) Name(id, language string) string {
	for _, l := range []string{language, "en"} {
		if m := s.messagesIn(l); m != nil && m.names[id] != "" {
			return m.names[id]
		}
	}
	return id
}

// And is the word before the last of several in a language.
func (s *Set) And(language string) string {
	if m := s.messagesIn(language); m != nil && m.and != "" {
		return m.and
	}
	return "and"
}
