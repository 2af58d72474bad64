package llm

// Prompts: the words of a question. The instructions stand in files and go out in the system role; what comes from a policy
// goes out in the user role, between marks that are made of its own hash.

import (
	"bytes"
	"embed"
	"fmt"
	"strings"
	"sync"
	"text/template"
	"unicode"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/snapshots"
)

//go:embed prompts
var promptFiles embed.FS

// form counts the ways in which the data of a prompt were made ready (see tame). It is a part of the hash of prompts.
const form = 1

// A prompt is what is asked for one job.
type prompt struct {
	job    Job
	system string
	user   *template.Template
	schema []byte // JSON
	check  *jsonschema.Schema
	hash   snapshots.Hash
}

// prompts are those of all jobs.
var prompts = sync.OnceValue(func() map[Job]*prompt {
	all := map[Job]*prompt{}
	for _, job := range []Job{ReadJob, ReviewJob} {
		p, err := loadPrompt(job)
		if err != nil {
			panic("llm: " + err.Error()) // the files are embedded, and a test reads them
		}
		all[job] = p
	}
	return all
})

func loadPrompt(job Job) (*prompt, error) {
	words, err := promptFiles.ReadFile("prompts/" + string(job) + ".txt")
	if err != nil {
		return nil, err
	}
	schema, err := promptFiles.ReadFile("prompts/" + string(job) + ".json")
	if err != nil {
		return nil, err
	}
	system, user, ok := strings.Cut(string(words), "--- user ---\n")
	if !ok {
		return nil, fmt.Errorf("the prompt %s has no part for the user role", job)
	}
	p := &prompt{job: job, system: system + string(schema), schema: schema}
	if p.user, err = template.New(string(job)).Option("missingkey=error").Parse(user); err != nil {
		return nil, err
	}
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		return nil, fmt.Errorf("read the schema of %s: %w", job, err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("answer.json", tree); err != nil {
		return nil, err
	}
	if p.check, err = c.Compile("answer.json"); err != nil {
		return nil, fmt.Errorf("compile the schema of %s: %w", job, err)
	}
	p.hash = snapshots.HashOf(fmt.Appendf(nil, "%d\n%s\n%s", form, words, schema))
	return p, nil
}

// about is the hash of the prompt with what the rules say of a check, which stands among its instructions.
func (p *prompt) about(c *checkWords) snapshots.Hash {
	if c == nil {
		return p.hash
	}
	return snapshots.HashOf([]byte(strings.Join(append([]string{string(p.hash), c.ID, c.Title, c.Message}, c.Articles...), "\n")))
}

// checkWords are what the packs say of a check, without a word of a policy.
type checkWords struct {
	ID, Title, Message string
	Articles           []string
}

func wordsOf(set *rules.Set, c *rules.Check) *checkWords {
	say := set.Text(c, "en")
	return &checkWords{ID: c.ID, Title: say.Title, Message: blank(say.Message), Articles: c.Articles}
}

// blank puts … in the place of what facts fill in: {countries}, {urls}, …
func blank(message string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(message, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		b.WriteString("…")
		if _, message, ok = strings.Cut(rest, "}"); !ok {
			return b.String()
		}
	}
}

// mark is the number of a passage in prompts and answers: the beginning of its hash, which no passage can hold of itself.
func (p Passage) mark() string { return string(p.Hash[:16]) }

// messages writes a question about a passage; c and quote are those of a finding, nil and "" otherwise.
func (p *prompt) messages(x *passage, c *checkWords, quote string) ([]Message, error) {
	if c == nil {
		c = &checkWords{}
	}
	data := struct {
		checkWords
		Check, Mark, Language, Quote, Text string
		Headings                           []string
	}{checkWords: *c, Check: c.ID, Mark: x.mark(), Language: line(x.language), Quote: line(quote), Text: tame(x.text)}
	for _, h := range x.headings {
		data.Headings = append(data.Headings, line(h))
	}
	var b strings.Builder
	if err := p.user.Execute(&b, data); err != nil {
		return nil, fmt.Errorf("write the prompt %s: %w", p.job, err)
	}
	return []Message{{"system", p.system}, {"user", b.String()}}, nil
}

// line is tame text on one line.
func line(s string) string { return strings.Join(strings.Fields(tame(s)), " ") }

// tame makes text of a policy ready to be sent. Its words stay as they are, by the folding that matching uses. Brackets
// of marks and of the control words of chat templates ("<|im_end|>", "[INST]") become others; characters that are not
// seen go, or become a space: controls, directions of writing, tags.
func tame(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	hidden := false
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch {
		case silent(r):
			continue
		case unseen(r) || r == utf8.RuneError && n == 1:
			if !hidden {
				b.WriteByte(' ')
			}
			hidden = true
			continue
		case r == '<':
			r = '‹'
		case r == '>':
			r = '›'
		case r == '[':
			r = '('
		case r == ']':
			r = ')'
		}
		hidden = false
		b.WriteRune(r)
	}
	return b.String()
}

// silent characters may stand inside a word and are no part of it.
func silent(r rune) bool {
	switch r {
	case '\u00ad', '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff':
		return true
	}
	return r >= 0xfe00 && r <= 0xfe0f || r >= 0xe0100 && r <= 0xe01ef // variation selectors
}

// unseen characters separate words and have no shape.
func unseen(r rune) bool {
	if r == '\n' || r == '\t' {
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp)
}

// estimate is about how many tokens s has, rather too many than too few: 3.5 bytes of ASCII each, and every other
// character by itself.
func estimate(s string) int {
	plain, other := 0, 0
	for _, r := range s {
		if r < utf8.RuneSelf {
			plain++
		} else {
			other++
		}
	}
	return (2*plain+6)/7 + other
}

// estimateAll is that of messages, each with what a server puts around it.
func estimateAll(list []Message) int {
	n := 0
	for _, m := range list {
		n += estimate(m.Content) + 8
	}
	return n
}
