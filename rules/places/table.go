package places

// Decoding of the embedded tables, once per language, when first asked for.

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"strings"
	"sync"
)

//go:embed data/*.tsv.gz
var data embed.FS

var languages = []string{"ar", "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "is", "it",
	"lt", "lv", "mt", "nl", "no", "pl", "pt", "ro", "sk", "sl", "sv"}

// A table holds the forms of one language by their keys: folded words and commas with a space between. The key of
// the beginning of a longer form is in it too, so that a text can be walked word by word.
type table struct {
	entries []Entry
	phrases []string
	display map[string]string
	slots   map[string]slot
	forms   []form
	first   sieve // first words of keys
}

// A slot is what the table knows of one key: the forms that end there, and whether longer ones go on.
type slot struct {
	first  int32 // index of the best form, plus 1; 0 for none
	longer bool
}

// A form is one entry as Find needs it; entry is -1 for a phrase that means no place.
type form struct {
	entry  int32
	next   int32 // index of the next best form of the same key, plus 1; 0 for none
	strict bool  // as Entry.CaseSensitive
	wary   bool  // an ordinary word in capitals: not taken in a line of capitals
}

// tables decode the table of each language when it is first asked for.
var tables = func() map[string]func() *table {
	m := make(map[string]func() *table, len(languages)+2)
	for _, lang := range languages {
		m[lang] = sync.OnceValue(func() *table {
			t, err := open(lang)
			if err != nil {
				panic("places: the embedded data do not decode: " + err.Error()) // a test of this package reads them
			}
			return t
		})
	}
	m["nb"], m["nn"] = m["no"], m["no"]
	return m
}()

// tableOf is the table of a language tag, nil if there is none.
func tableOf(lang string) *table {
	base := strings.ToLower(lang)
	if i := strings.IndexAny(base, "-_"); i >= 0 {
		base = base[:i]
	}
	if get := tables[base]; get != nil {
		return get()
	}
	return nil
}

func open(lang string) (*table, error) {
	b, err := data.ReadFile("data/" + lang + ".tsv.gz")
	if err != nil {
		return nil, err
	}
	zr, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("read places of %s: %w", lang, err)
	}
	text, err := io.ReadAll(zr)
	if err != nil {
		return nil, fmt.Errorf("read places of %s: %w", lang, err)
	}
	return decode(string(text))
}

var kinds = map[string]Kind{"n": Name, "s": Short, "a": Adjective, "c": City, "r": Region}

// decode reads lines of country, letter and forms. The letter is that of the kind, a capital if letters' case counts
// (for a Short form, which is always strict: if it is an ordinary word too); t marks phrases and d the name to show.
func decode(text string) (*table, error) {
	n := strings.Count(text, "\t")
	t := &table{display: make(map[string]string, 260), slots: make(map[string]slot, n+n/4), entries: make([]Entry, 0, n), forms: make([]form, 0, n)}
	b := builder{table: t, letters: letters()}
	line := 0
	for row := range strings.Lines(text) {
		line++
		country, rest, _ := strings.Cut(strings.TrimSuffix(row, "\n"), "\t")
		letter, list, ok := strings.Cut(rest, "\t")
		if !ok || len(letter) != 1 || len(country) == 0 {
			return nil, fmt.Errorf("line %d: want country, kind and forms", line)
		}
		lower := strings.ToLower(letter)
		kind := kinds[lower]
		for f := range strings.SplitSeq(list, "\t") {
			switch {
			case lower == "d":
				t.display[country] = f
			case lower == "t":
				t.phrases = append(t.phrases, f)
				b.add(f, form{entry: -1})
			case kind == "":
				return nil, fmt.Errorf("line %d: no such kind: %q", line, letter)
			default:
				strict := kind == Short || letter != lower
				t.entries = append(t.entries, Entry{country, kind, f, strict})
				b.add(f, form{entry: int32(len(t.entries) - 1), strict: strict, wary: kind == Short && letter != lower})
			}
		}
	}
	return t, nil
}

// A builder adds forms to a table.
type builder struct {
	*table
	letters *[quick]letter
	key     []byte
}

func (b *builder) add(s string, f form) {
	b.key = b.key[:0]
	for last := 0; ; {
		n := len(b.key)
		w, key, ok := nextWord(s, last, b.key, b.letters)
		if !ok {
			break
		}
		if n == 0 {
			b.first.add(key)
			b.key, last = key, w.End
			continue
		}
		b.longer()
		if strings.Contains(s[last:w.Start], ",") {
			b.key = append(b.key[:n], " ,"...)
			b.longer()
		}
		_, b.key, _ = nextWord(s, last, append(b.key, ' '), b.letters)
		last = w.End
	}
	if len(b.key) > 0 && len(b.key) <= maxKey {
		b.insert(f)
	}
}

// longer notes that a form goes on after the key so far.
func (b *builder) longer() {
	if s := b.slots[string(b.key)]; !s.longer {
		s.longer = true
		b.slots[string(b.key)] = s
	}
}

// insert puts the form among those of its key: phrases first, then names, adjectives last.
func (b *builder) insert(f form) {
	s := b.slots[string(b.key)]
	at := &s.first
	for *at != 0 && b.rank(b.forms[*at-1]) <= b.rank(f) {
		at = &b.forms[*at-1].next
	}
	f.next = *at
	*at = int32(len(b.forms) + 1)
	b.forms = append(b.forms, f)
	b.slots[string(b.key)] = s
}

func (b *builder) rank(f form) int {
	switch {
	case f.entry < 0:
		return 0
	case b.entries[f.entry].Kind == Adjective:
		return 2
	}
	return 1
}
