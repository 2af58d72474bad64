package rules

import (
	"strings"
	"testing"
	"testing/fstest"
)

const (
	messagePack = `items:
  - {item: mine, title: Mine, articles: [GDPR 28], evidence: [{all: [x]}]}
checks:
  - id: X01
    rule: mine/one
    title: One
    articles: [GDPR 28]
    level: note
    message: The text names {countries}.
    look_up: Whether it is so.
    when: {fact: transfer}
`
	messageFile = `language: de
and: und
checks:
  X01:
    title: Eins
    message: "Genannt: {countries}."
    look_up: Ob das stimmt.
items:
  mine: Meins
names:
  scc: Klauseln
`
)

func messageTree(pack, file string) fstest.MapFS {
	return fstest.MapFS{"packs/concepts.yaml": {Data: []byte("concepts: {x: what is tested}")}, "packs/test.yaml": {Data: []byte(pack)},
		"lexicon/de/messages.yaml": {Data: []byte(file)}}
}

func TestMessages(t *testing.T) {
	s, err := Load(messageTree(messagePack, messageFile))
	if err != nil {
		t.Fatal(err)
	}
	c, _ := s.CheckByID("X01")
	if got, want := s.Text(c, "de"), (Text{"Eins", "Genannt: {countries}.", "Ob das stimmt.", ""}); got != want {
		t.Errorf("German: %+v", got)
	}
	if got := s.Text(c, "fr"); got.Title != "One" {
		t.Errorf("a language without messages: %+v", got)
	}
	for got, want := range map[string]string{s.ItemTitle(&s.Items[0], "de"): "Meins", s.ItemTitle(&s.Items[0], "en"): "Mine", s.And("de"): "und", s.And("fr"): "and",
		s.Name("scc", "de"): "Klauseln", s.Name("bcr", "de"): "bcr"} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := strings.Join(s.MessageLanguages(), " "); got != "de en" {
		t.Errorf("languages: %s", got)
	}
}

// TestReplacedCheckSpeaksForItself: the messages of a check that a later tree replaces say what the earlier one meant.
func TestReplacedCheckSpeaksForItself(t *testing.T) {
	mine := fstest.MapFS{"packs/mine.yaml": {Data: []byte(strings.ReplaceAll(messagePack[strings.Index(messagePack, "checks:"):], "{countries}", "a thing"))}}
	s, err := Load(messageTree(messagePack, messageFile), mine)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := s.CheckByID("X01")
	if got := s.Text(c, "de"); got.Message != "The text names a thing." {
		t.Errorf("got %+v", got)
	}
}

func TestBadMessages(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"unknown field":       {"title:", "titel:", "titel"},
		"another language":    {"language: de", "language: fr", "must be that of its folder"},
		"no message":          {`    message: "Genannt: {countries}."` + "\n", "", "messages.yaml:4:1: messages for X01: message is missing"},
		"no look_up":          {"    look_up: Ob das stimmt.\n", "", "look_up is missing"},
		"one too many":        {"title: Eins", "title: Eins\n    mitigates: Nichts.", "mitigates: the check has none"},
		"another placeholder": {"{countries}", "{country}", "placeholders [{country}], the check has [{countries}]"},
		"no such check":       {"  X01:", "  X02:", "messages for X02: there is no such check"},
		"no such item":        {"  mine:", "  yours:", "title of yours: there is no such item"},
	} {
		_, err := Load(messageTree(messagePack, strings.Replace(messageFile, c.old, c.new, 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}
