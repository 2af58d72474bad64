package rules

// Packs: notice items (what a text must give) and checks (what to flag), as data.

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// A Level says how urgently a person should read a finding.
type Level string

// The levels, from low to high.
const (
	Note    Level = "note"
	Warning Level = "warning"
	Error   Level = "error"
)

// Rank orders levels: 0 for none or unknown, 3 for Error.
func (l Level) Rank() int {
	switch l {
	case Note:
		return 1
	case Warning:
		return 2
	case Error:
		return 3
	}
	return 0
}

type pack struct {
	file   string
	source []byte
	order  int // of its tree among those loaded
	Items  []Item
	Checks []Check
}

// An Item is one piece of information that Art. 13 or 14 GDPR asks for, and how to tell that a text gives it.
type Item struct {
	ID       string     `yaml:"item"`
	Title    string     `yaml:"title"`
	Articles []string   `yaml:"articles"`
	Evidence []Evidence `yaml:"evidence"`
	Off      bool       `yaml:"off"`
	line     int
}

// Evidence holds for a sentence that has all of All, one of Any (if given) and none of None, below a heading, or after
// the lead of a list, that has one of Under (if given). With Near, words for all of All and one of
// Any must begin within so many words of each other. Topic evidence shows that the sentence is about the item without
// giving it as the law asks: it counts for a passage by itself and not for a notice.
type Evidence struct {
	All   []string `yaml:"all"`
	Any   []string `yaml:"any"`
	None  []string `yaml:"none"`
	Under []string `yaml:"under"`
	Near  int      `yaml:"near"`
	Topic bool     `yaml:"topic"`
}

// A Check is a rule: conditions over facts and what to tell a person where they hold.
type Check struct {
	ID       string      `yaml:"id"`
	Rule     string      `yaml:"rule"`
	Title    string      `yaml:"title"`
	Articles []string    `yaml:"articles"`
	Level    Level       `yaml:"level"`
	From     string      `yaml:"from"`  // YYYY-MM-DD, first day; "" means 2018-05-25
	Until    string      `yaml:"until"` // last day
	Levels   []LevelCase `yaml:"levels"`
	When     Condition   `yaml:"when"`
	YieldsTo []string    `yaml:"yields_to"` // silent where one of these checks found the same sentence
	Message  string      `yaml:"message"`
	LookUp   string      `yaml:"look_up"` // what the text cannot decide and a person must
	Mitigate string      `yaml:"mitigates"`
	Sources  []string    `yaml:"sources"`
	Versions bool        `yaml:"versions"` // compares two versions
	Examples []Example   `yaml:"examples"`
	Off      bool        `yaml:"off"`
	file     string
	line     int
	order    int // of the tree that it comes from
}

// A LevelCase gives another level within dates or under a condition. The first that holds counts.
type LevelCase struct {
	Level Level      `yaml:"level"`
	From  string     `yaml:"from"`
	Until string     `yaml:"until"`
	When  *Condition `yaml:"when"`
}

// A Condition is a question to the facts of a text. Exactly one of Fact, All, Any and Not is set.
type Condition struct {
	Fact    string            `yaml:"fact"`    // there is a fact of this kind …
	Where   map[string]Values `yaml:"where"`   // … with these attributes …
	With    []Condition       `yaml:"with"`    // … beside which each of these holds …
	Without []Condition       `yaml:"without"` // … and none of these
	Same    string            `yaml:"same"`    // how near a partner in With or Without must be: sentence, section, document (default)
	Match   []string          `yaml:"match"`   // attributes in which a partner must be equal to the first fact
	All     []Condition       `yaml:"all"`
	Any     []Condition       `yaml:"any"`
	Not     *Condition        `yaml:"not"`
}

// Values are the values that an attribute may have. A value that begins with '!' must not be there.
type Values []string

// UnmarshalYAML takes a scalar or a list of scalars.
func (v *Values) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*v = Values{n.Value}
		return nil
	}
	var list []string
	if err := n.Decode(&list); err != nil {
		return err
	}
	*v = list
	return nil
}

// Fits reports whether the attribute's value is allowed.
func (v Values) Fits(value string) bool {
	positive, hit := false, false
	for _, want := range v {
		if bad, ok := strings.CutPrefix(want, "!"); ok {
			if value == bad {
				return false
			}
			continue
		}
		positive = true
		hit = hit || value == want
	}
	return hit || !positive
}

// An Example is a text that a check must find, or must leave alone. It runs in the tests.
type Example struct {
	Lang   string `yaml:"lang"`
	On     string `yaml:"on"`     // date of the text; "" means 2026-06-01
	Whole  bool   `yaml:"whole"`  // read as a whole notice, for checks on what is absent
	Before string `yaml:"before"` // the earlier version, for checks that compare
	Match  string `yaml:"match"`
	Clean  string `yaml:"clean"`
	file   string
	line   int
}

// UnmarshalYAML keeps the line for messages.
func (e *Example) UnmarshalYAML(n *yaml.Node) error {
	type plain Example
	if err := strictNode(n, (*plain)(e)); err != nil {
		return err
	}
	e.line = n.Line
	return nil
}

// Where names the place of an example for messages: file and line.
func (e *Example) Where() string { return fmt.Sprintf("%s:%d", e.file, e.line) }

// UnmarshalYAML keeps the line for messages.
func (i *Item) UnmarshalYAML(n *yaml.Node) error {
	type plain Item
	i.line = n.Line
	return strictNode(n, (*plain)(i))
}

// UnmarshalYAML keeps the line for messages.
func (c *Check) UnmarshalYAML(n *yaml.Node) error {
	type plain Check
	c.line = n.Line
	return strictNode(n, (*plain)(c))
}

// strictNode decodes n; yaml.Node.Decode forgets KnownFields, so the names are compared here.
func strictNode(n *yaml.Node, v any) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: expected a map of fields", n.Line)
	}
	known := fieldNames(v)
	for i := 0; i < len(n.Content); i += 2 {
		if k := n.Content[i]; !known[k.Value] {
			return fmt.Errorf("line %d: unknown field %q", k.Line, k.Value)
		}
	}
	return n.Decode(v)
}

func decodePack(file string, b []byte) (*pack, error) {
	var raw struct {
		Items  []Item  `yaml:"items"`
		Checks []Check `yaml:"checks"`
	}
	if err := decodeStrict(file, b, &raw); err != nil {
		return nil, err
	}
	p := &pack{file: file, source: b, Items: raw.Items, Checks: raw.Checks}
	for i := range p.Checks {
		p.Checks[i].file = file
		for j := range p.Checks[i].Examples {
			p.Checks[i].Examples[j].file = file
		}
	}
	return p, nil
}

func (i *Item) check(p *pack, index map[string]Concept) error {
	var ps Problems
	bad := func(format string, a ...any) { ps.add(at(p.file, p.source, i.line, 1, fmt.Sprintf(format, a...))) }
	if i.ID == "" {
		bad("item: a name is missing")
	}
	if i.Off {
		return errOrNil(ps)
	}
	if len(i.Evidence) == 0 {
		bad("item %s: no evidence is given", i.ID)
	}
	for _, e := range i.Evidence {
		if len(e.All)+len(e.Any) == 0 {
			bad("item %s: evidence must name a concept in all or any", i.ID)
		}
		if e.Near < 0 {
			bad("item %s: near must be a number of words", i.ID)
		}
		for _, list := range [][]string{e.All, e.Any, e.None, e.Under} {
			for _, name := range list {
				if _, ok := index[name]; !ok {
					bad("item %s: unknown concept %q", i.ID, name)
				}
			}
		}
	}
	return errOrNil(ps)
}

var (
	checkID  = regexp.MustCompile(`^[A-Z]+[0-9]+[a-z]?$`)
	ruleName = regexp.MustCompile(`^[a-z]+(/[a-z0-9-]+)+$`)
)

func (c *Check) check(p *pack) error {
	var ps Problems
	bad := func(format string, a ...any) {
		ps.add(at(p.file, p.source, c.line, 1, fmt.Sprintf("check %s: ", c.ID)+fmt.Sprintf(format, a...)))
	}
	if !checkID.MatchString(c.ID) {
		bad("id: expected capitals, digits and perhaps a small letter, such as T05 or N09b")
	}
	if c.Off {
		return errOrNil(ps)
	}
	if !ruleName.MatchString(c.Rule) {
		bad("rule: expected a path such as transfer/remote-access")
	}
	if c.Title == "" || c.Message == "" || len(c.Articles) == 0 {
		bad("title, message and articles must be given")
	}
	levels := []Level{c.Level}
	dates := []string{c.From, c.Until}
	for _, lc := range c.Levels {
		levels, dates = append(levels, lc.Level), append(dates, lc.From, lc.Until)
		if lc.When != nil {
			lc.When.check(bad)
		}
	}
	for _, l := range levels {
		if l.Rank() == 0 {
			bad("level %q: expected note, warning or error", l)
		}
	}
	for _, d := range dates {
		if _, err := time.Parse(time.DateOnly, d); d != "" && err != nil {
			bad("date %q: expected YYYY-MM-DD", d)
		}
	}
	for _, e := range c.Examples {
		if (e.Match == "") == (e.Clean == "") || e.Lang == "" {
			ps.add(at(p.file, p.source, e.line, 1, "example: expected lang and either match or clean"))
		}
	}
	c.When.check(bad)
	return errOrNil(ps)
}

func (c *Condition) check(bad func(string, ...any)) {
	set := 0
	for _, is := range []bool{c.Fact != "", len(c.All) > 0, len(c.Any) > 0, c.Not != nil} {
		if is {
			set++
		}
	}
	if set != 1 {
		bad("condition: expected exactly one of fact, all, any, not")
	}
	if c.Fact == "" && (len(c.Where)+len(c.With)+len(c.Without) > 0) {
		bad("condition: where, with and without belong to a fact")
	}
	switch c.Same {
	case "", "sentence", "section", "document":
	default:
		bad("same %q: expected sentence, section or document", c.Same)
	}
	for _, list := range [][]Condition{c.With, c.Without, c.All, c.Any} {
		for i := range list {
			list[i].check(bad)
		}
	}
	if c.Not != nil {
		c.Not.check(bad)
	}
}

func errOrNil(ps Problems) error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}
