// Package analyze tells what a document says about the flow of personal data (facts), what the law of
// a date asks about that (findings), and what a change of the text did to both. It is pure: the same
// document, date and rules give the same report on every machine.
package analyze

import (
	"fmt"

	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/snapshots"
)

// An Engine reads documents with a set of rules. It is safe for concurrent use.
type Engine struct {
	set      *rules.Set
	c        concepts
	items    []item
	language string // in which reports tell what they found
}

// New prepares an engine. It fails if the set lacks concepts that the analysis asks for.
func New(set *rules.Set) (*Engine, error) {
	c, err := resolve(set)
	if err != nil {
		return nil, fmt.Errorf("prepare the analysis: %w", err)
	}
	return &Engine{set: set, c: c, items: compileItems(set), language: "en"}, nil
}

// In is the same engine with reports in another language. What was not translated is told in English.
func (e *Engine) In(language string) *Engine {
	other := *e
	other.language = language
	return &other
}

// Rules is the set that the engine reads with.
func (e *Engine) Rules() *rules.Set { return e.set }

// An Annex is a page that a clause of the policy refers to.
type Annex struct {
	URL      string              // as the clause links it
	Document *snapshots.Document // nil if it could not be had
	Problem  string              // why, then
	Part     bool                // the page is also a part of the text itself, where its words are compared
}

// Reads reports whether there is a lexicon for the language, so that silence of the facts means something.
func (e *Engine) Reads(language string) bool {
	for _, l := range e.set.Languages() {
		if l == language {
			return true
		}
	}
	return false
}

// Passage makes a document of one passage below its headings, outermost first.
func Passage(text, language string, headings []string) *snapshots.Document {
	d := &snapshots.Document{Language: language}
	parent := -1
	for i, h := range headings {
		d.Blocks = append(d.Blocks, snapshots.Block{Kind: snapshots.Heading, Level: min(i+1, 6), Heading: parent,
			Span: snapshots.Span{Start: len(d.Text), End: len(d.Text) + len(h)}})
		d.Text += h + "\n"
		parent = len(d.Blocks) - 1
	}
	d.Blocks = append(d.Blocks, snapshots.Block{Kind: snapshots.Paragraph, Heading: parent,
		Span: snapshots.Span{Start: len(d.Text), End: len(d.Text) + len(text)}})
	d.Text += text
	return d
}
