// Package locale holds the program's own words in other languages than English: one PO file a language, keyed by the
// English words, as translators' tools read and write them. What checks and items say stands with the rules.
package locale

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/leonelquinteros/gotext"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

//go:embed *.po
var files embed.FS

// Words are the program's words in one language. The zero value is not usable; see For.
type Words struct {
	language string
	po       *gotext.Po // nil for English
	messages map[string]*gotext.Translation
	numbers  *message.Printer
	forms    func() []form
}

// A form tells instances of a message: "the encoding is not declared; read as utf-8".
type form struct {
	re  *regexp.Regexp
	msg string
}

var cache sync.Map // language → *Words

// For gives the words of a language; those of English if there are none.
func For(lang string) *Words {
	if w, ok := cache.Load(lang); ok {
		return w.(*Words)
	}
	w := &Words{language: "en", numbers: message.NewPrinter(language.English)}
	if b, err := files.ReadFile(lang + ".po"); err == nil {
		w = &Words{language: lang, po: gotext.NewPo(), numbers: message.NewPrinter(language.Make(lang))}
		w.po.Parse(b)
		w.messages = w.po.GetDomain().GetTranslations()
	}
	w.forms = sync.OnceValue(w.findForms)
	got, _ := cache.LoadOrStore(lang, w)
	return got.(*Words)
}

// Languages are those that there are words in, sorted; English among them.
func Languages() []string {
	out := []string{"en"}
	list, _ := fs.Glob(files, "*.po") // the pattern is right
	for _, f := range list {
		out = append(out, strings.TrimSuffix(path.Base(f), ".po"))
	}
	slices.Sort(out)
	return out
}

// Language is the code of the language.
func (w *Words) Language() string { return w.language }

// T gives a message. What was not translated stays English.
func (w *Words) T(msg string) string {
	if t, ok := w.messages[msg]; ok && msg != "" { // "" is the head of the file
		return t.Get()
	}
	return msg
}

// F gives a message with its values filled in as fmt.Sprintf does.
func (w *Words) F(msg string, a ...any) string { return fmt.Sprintf(w.T(msg), a...) }

// N gives the form of a message that belongs to a number, which is filled in for %s as the language writes it.
func (w *Words) N(one, many string, n int) string {
	msg := many
	switch {
	case w.po != nil:
		msg = w.po.GetN(one, many, n)
	case n == 1:
		msg = one
	}
	return fmt.Sprintf(msg, w.Number(n))
}

// Number writes a number with the language's sign between thousands.
func (w *Words) Number(n int) string { return w.numbers.Sprintf("%d", n) }

// Tell translates what other packages said in English, values included. What is no message stays as it is.
func (w *Words) Tell(said string) string {
	if said == "" {
		return ""
	}
	if t, ok := w.messages[said]; ok {
		return t.Get()
	}
	if head, rest, ok := strings.Cut(said, ": "); ok && w.messages[head] != nil { // a reason and the words that it is about
		return w.T(head) + ": " + rest
	}
	for _, f := range w.forms() {
		if m := f.re.FindStringSubmatch(said); m != nil {
			values := make([]any, len(m)-1)
			for i := range values {
				values[i] = w.Tell(m[i+1]) // a reason within a reason
			}
			asText := verb.ReplaceAllStringFunc(w.T(f.msg), func(v string) string {
				at, _, numbered := strings.Cut(v, "]") // a translation may give the values another order
				if !numbered {
					return "%s"
				}
				return at + "]s"
			})
			return fmt.Sprintf(asText, values...)
		}
	}
	return said
}

// leastForm is the length in bytes of what is fixed in a message from which on its instances can be told.
const leastForm = 12

var verb = regexp.MustCompile(`%(?:\[\d\])?(?:\.\d)?[sdqvf]`)

// findForms makes the forms of the messages that have values.
func (w *Words) findForms() []form {
	var out []form
	for msg := range w.messages {
		parts := verb.Split(msg, -1)
		if len(parts) == 1 || len(strings.Join(parts, "")) < leastForm {
			continue
		}
		for i := range parts {
			parts[i] = regexp.QuoteMeta(strings.ReplaceAll(parts[i], "%%", "%"))
		}
		out = append(out, form{regexp.MustCompile(`(?s)^` + strings.Join(parts, `(.+?)`) + `$`), msg})
	}
	slices.SortFunc(out, func(a, b form) int { // the longest first: it says most
		if n := len(b.msg) - len(a.msg); n != 0 {
			return n
		}
		return strings.Compare(a.msg, b.msg)
	})
	return out
}
