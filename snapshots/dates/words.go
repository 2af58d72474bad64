package dates

// This file reads the words that stand about dates, and the names of months: a file for each language in lang.

import (
	"embed"
	"fmt"
	"path"
	"strings"
	"sync"
)

// files have lines "key: alternative | alternative"; lines that begin with a space go on. "stem*" stands for a word that begins so
// and "*end" for one that ends so; ".." for up to five words. "@" is the date: words without it stand before the date,
// "@ in kraft" after it, and "ab dem @ gilt" right before and after.
//
//go:embed lang/*.txt
var files embed.FS

// phrases are the words of one language.
type phrases struct {
	months    string // twelve groups of forms: nominative, genitive, abbreviations; "_" joins the words of a name that has two
	effective string // from the date on the text is in force
	updated   string // on the date it was last changed, published or dated
	until     string // it is in force up to the date
	not       string // right before or after the date: it is the end of something, or its limit
	older     string // what is dated is another, former text
	law       string // what is dated is a law, a judgment or a decision
	policy    string // what is dated is the text itself
	this      string // before the name of the text: it is the one at hand
	other     string // what is dated is a consent, a contract, an order: something of a reader or a customer
}

// wordsOf are the phrases of each language, and under "mul" those of all; they are looked for in texts of all languages, for many
// texts mix two.
var wordsOf = sync.OnceValue(func() map[string]phrases {
	all := map[string]phrases{}
	names, err := files.ReadDir("lang")
	if err != nil {
		panic(err)
	}
	for _, f := range names {
		b, err := files.ReadFile("lang/" + f.Name())
		if err != nil {
			panic(err)
		}
		p, err := readPhrases(string(b))
		if err != nil {
			panic(fmt.Errorf("dates: lang/%s: %w", f.Name(), err))
		}
		all[strings.TrimSuffix(f.Name(), path.Ext(f.Name()))] = p
	}
	return all
})

// readPhrases reads one file.
func readPhrases(s string) (p phrases, err error) {
	keys := map[string]*string{"months": &p.months, "effective": &p.effective, "updated": &p.updated, "until": &p.until, "not": &p.not,
		"older": &p.older, "law": &p.law, "policy": &p.policy, "this": &p.this, "other": &p.other}
	var to *string
	for i, line := range strings.Split(s, "\n") {
		rest, goesOn := strings.CutPrefix(line, " ")
		if !goesOn && strings.TrimSpace(line) != "" {
			key, list, ok := strings.Cut(line, ":")
			if to = keys[key]; !ok || to == nil || *to != "" {
				return p, fmt.Errorf("line %d: want one of the keys, each once, and a colon", i+1)
			}
			rest = list
		}
		if strings.TrimSpace(rest) == "" {
			continue
		}
		if to == nil {
			return p, fmt.Errorf("line %d: goes on, but nothing stands before it", i+1)
		}
		*to += " " + rest
	}
	return p, nil
}
