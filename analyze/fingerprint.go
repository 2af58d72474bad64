package analyze

// Fingerprints: names for findings and changes that are made of their words alone, so that what a person decided on them
// holds while the words stand, wherever they move and however they are read.

import (
	"slices"
	"strings"

	"github.com/drittland/drittland/diff"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/text"
)

// fingerprint identifies a finding by its check and the words it is about, so that a decision on it
// holds while the words stand, wherever they move.
func fingerprint(id, quote string) string {
	return printOf(strings.Join(append([]string{id}, foldedWords(quote)...), " "))
}

// printOf is the fingerprint of s: 24 hexadecimal digits.
func printOf(s string) string { return string(snapshots.HashOf([]byte(s))[:24]) }

func foldedWords(s string) []string {
	ws := text.Words(s)
	out := make([]string, len(ws))
	for i, w := range ws {
		out[i] = text.Fold(s[w.Start:w.End])
	}
	return out
}

// changed are the words that make up a change: of a text, and of the pages that it refers to.
type changed struct {
	Was   []string    `json:"was,omitempty"`
	Is    []string    `json:"is,omitempty"`
	Pages []changed   `json:"pages,omitempty"` // linked ones
	Dead  [][2]string `json:"dead,omitempty"`  // linked pages that went or came back: added or removed, and the address
	Facts [][]string  `json:"facts,omitempty"` // where no words changed
}

func changedWords(r *diff.Redline, v diff.Verdict) changed {
	was, is := diff.Changed(r, v)
	return changed{Was: was, Is: is}
}

// Fingerprint identifies a change by its words: those that went and came in the changes that are worth a reader, in the text and
// in the pages that it refers to, and linked pages that went. Where no words changed it is made of the facts that did.
// Where blocks begin and end, and links lead, and the rules that judge it have no part in it. It has 24 hexadecimal
// digits, and is "" where nothing changed.
func (c *Comparison) Fingerprint() string {
	x := c.words
	for _, f := range c.FactsChanged {
		if f.What == "annex_dead" {
			x.Dead = append(x.Dead, [2]string{f.Op, bare(f.Value)})
		}
	}
	if len(x.Was)+len(x.Is)+len(x.Pages)+len(x.Dead) == 0 {
		for _, f := range c.FactsChanged {
			x.Facts = append(x.Facts, []string{f.Op, f.What, bare(f.Value), f.Role, strings.Join(foldedWords(f.Quote), " ")})
		}
		if x.Facts == nil {
			return ""
		}
		slices.SortFunc(x.Facts, slices.Compare)
	}
	b, err := snapshots.Encode(x)
	if err != nil {
		return "" // strings always encode
	}
	return printOf("change " + string(b))
}

// bare is an address without what may differ from visit to visit; another value is as it was.
func bare(value string) string {
	if !strings.Contains(value, "://") {
		return value
	}
	if i := strings.IndexAny(value, "?#"); i >= 0 {
		value = value[:i]
	}
	return value
}

// Fingerprint identifies a first text, which changed nothing, by what was found in it. It is "" where nothing was.
func (r *Report) Fingerprint() string {
	if len(r.Findings) == 0 {
		return ""
	}
	list := make([]string, len(r.Findings))
	for i := range r.Findings {
		list[i] = r.Findings[i].Fingerprint
	}
	slices.Sort(list)
	return printOf("first " + strings.Join(list, " "))
}
