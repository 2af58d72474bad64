// This file says what class of change a redline is: whether a person should be told, and why.

package diff

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/drittland/drittland/snapshots"
)

// Class is what kind of change lies between two versions.
type Class string

// The classes, from nothing to what a reader must see. SubstantiveTransfers and FlipVariant are never given by
// Classify: the first needs the transfer facts of both documents, the second the history of the terms.
const (
	None                 Class = "none"        // nothing differs: words, structure, links
	FlipLocale           Class = "flip_locale" // another language or the text for another region
	FlipVariant          Class = "flip_variant"
	Extraction           Class = "extraction" // what stands around the policy changed, or what was captured of it
	Cosmetic             Class = "cosmetic"   // markup, links, punctuation, case, headings, order
	DateOnly             Class = "date_only"
	ContactOrEntity      Class = "contact_or_entity"
	Editorial            Class = "editorial" // other words for the same
	SubstantiveOther     Class = "substantive_other"
	SubstantiveTransfers Class = "substantive_transfers"
)

// Alert reports whether a person should be told of a change of this class.
func (c Class) Alert() bool {
	return c == ContactOrEntity || c == SubstantiveOther || c == SubstantiveTransfers
}

// A Verdict is the class of a redline with its evidence.
type Verdict struct {
	Class  Class         `json:"class"`
	Alert  bool          `json:"alert"`
	Why    string        `json:"why"`              // one sentence for a person
	Number int           `json:"change,omitempty"` // the change that weighed most, 0 if it was the documents as a whole
	Loss   Loss          `json:"loss,omitempty"`   // in which way the new text looks like a capture that failed
	Each   []Class       `json:"each,omitempty"`   // of each change, in order
	Words  map[Class]int `json:"words,omitempty"`  // how many changed words are of each class
}

// Loss is in which way a new text looks like a capture that failed.
type Loss string

// The ways in which a capture fails without anybody noticing. What lost a part may also be a text that its service cut:
// the next capture tells.
const (
	LostAll  Loss = "all"  // hardly a word is left
	LostPart Loss = "part" // much is gone and nothing came
	Doubled  Loss = "doubled"
)

// rank orders the classes of single changes: the highest decides.
var rank = map[Class]int{None: 0, Cosmetic: 1, Extraction: 2, DateOnly: 3, Editorial: 4, ContactOrEntity: 5, SubstantiveOther: 6}

// Shares of a document from which it, and not a sentence, is what changed.
const (
	brokenShare = 0.20 // a side with fewer words than this share of the other, and few at all, was not captured
	brokenWords = 150
	partWords   = 60   // fewest words of a part of a page; less is a clause, however short the text
	lostShare   = 0.30 // share of the old words that vanished while none came: half a capture
	cameShare   = 0.50 // share of new words that came while none went, and no date changed
	repeatShare = 0.20 // by which the share of repeated sentences differs: the page shows a text twice
	strayWords  = 12   // changed words that may accompany such a change
)

// Classify judges a redline by its texts alone. It would rather call a real change too important than miss one.
func Classify(r *Redline) Verdict { return classify(r, false) }

// ClassifyConfirmed judges the redline of a text of which it is known that it was captured as it is: what is missing in it
// was dropped by the service.
func ClassifyConfirmed(r *Redline) Verdict { return classify(r, true) }

func classify(r *Redline, confirmed bool) Verdict {
	if len(r.Changes) == 0 {
		return unchanged(r)
	}
	j := newJudge(r)
	v := Verdict{}
	best := j.weigh(&v)
	if n := v.Words[Extraction]; n > (j.old.words+j.new.words)/2 {
		j.reflowed = true
		best = j.weigh(&v)
	}
	if c, loss, why := j.whole(); c != "" && !(confirmed && loss == LostPart) {
		v.Class, v.Loss, v.Why = c, loss, why
		return v
	}
	v.Class = Cosmetic
	for _, c := range []Class{SubstantiveOther, ContactOrEntity, Editorial, DateOnly, Extraction, Cosmetic} {
		if v.Words[c] > 0 {
			v.Class = c
			break
		}
	}
	if v.Class == DateOnly && v.Words[Extraction] > v.Words[DateOnly] {
		v.Class = Extraction
	}
	v.Alert = v.Class.Alert()
	if s, ok := best[v.Class]; ok {
		v.Number = s.change + 1
		v.Why = fmt.Sprintf("%s: %s.", reasons[v.Class], s.quote())
	} else {
		v.Why = "The same blocks stand in another order."
	}
	return v
}

// weigh judges every spot and gives the longest of each class.
func (j *judge) weigh(v *Verdict) map[Class]spot {
	v.Each, v.Words = make([]Class, len(j.r.Changes)), map[Class]int{}
	for i := range v.Each {
		v.Each[i] = Cosmetic
	}
	j.came, j.gone, j.dates = 0, 0, 0
	best := map[Class]spot{}
	for _, s := range j.spots() {
		c := j.classOf(s)
		n := max(s.words(), 1)
		v.Words[c] += n
		if c == DateOnly && j.r.Changes[s.change].Op != Added {
			j.dates++
		}
		if rank[c] > rank[v.Each[s.change]] {
			v.Each[s.change] = c
		}
		if b, ok := best[c]; !ok || s.words() > b.words() {
			best[c] = s
		}
	}
	return best
}

var reasons = map[Class]string{
	SubstantiveOther: "A change of substance",
	ContactOrEntity:  "A name, an address or a contact changed",
	Editorial:        "Other words for the same",
	DateOnly:         "Only dates or version numbers changed",
	Extraction:       "Only text around the policy changed",
	Cosmetic:         "Only punctuation, case, headings or markup changed",
}

// unchanged judges documents whose words are the same.
func unchanged(r *Redline) Verdict {
	v := Verdict{Class: Cosmetic}
	switch {
	case len(r.LinkChanges) == 1:
		v.Why = fmt.Sprintf("The words are the same; a link leads elsewhere: %q.", clip(r.New.Quote(r.LinkChanges[0].New.Span)))
	case len(r.LinkChanges) > 0:
		l := r.LinkChanges[0]
		v.Why = fmt.Sprintf("The words are the same; %d links lead elsewhere, such as %q.", len(r.LinkChanges), clip(r.New.Quote(l.New.Span)))
	case r.Counts.Restyled == 1:
		v.Why = "The words are the same; a block is marked up differently, such as a paragraph as an item."
	case r.Counts.Restyled > 0:
		v.Why = fmt.Sprintf("The words are the same; %d blocks are marked up differently, such as a paragraph as an item.", r.Counts.Restyled)
	case r.Old.Text != r.New.Text || linksDiffer(r):
		v.Why = "The words are the same; only white space or the addresses of links differ."
	default:
		v.Class, v.Why = None, "The texts are the same."
	}
	return v
}

// linksDiffer reports whether any link differs in its target or is on one side only.
func linksDiffer(r *Redline) bool {
	targets := func(d *snapshots.Document, blocks []int) (out []string) {
		for _, b := range blocks {
			for _, l := range d.Blocks[b].Links {
				out = append(out, l.Target)
			}
		}
		return out
	}
	for _, row := range r.Rows {
		if !slices.Equal(targets(r.Old, row.Old), targets(r.New, row.New)) {
			return true
		}
	}
	return false
}

// whole judges what concerns a document as a whole: another language, half a capture, a text shown twice.
// It returns "" if the single changes decide.
func (j *judge) whole() (Class, Loss, string) {
	n, m := j.old.words, j.new.words
	r := j.r
	switch {
	case n == 0 || m == 0 || n < brokenWords && float64(n) < brokenShare*float64(m) || m < brokenWords && float64(m) < brokenShare*float64(n):
		loss := LostAll
		if n < m {
			loss = ""
		}
		return Extraction, loss, fmt.Sprintf("One of the texts was hardly captured: %d words against %d.", n, m)
	case languagesDiffer(r) && 4*r.Counts.WordsKept < min(n, m):
		return FlipLocale, "", fmt.Sprintf("The text is in another language: %s instead of %s.", r.New.Language, r.Old.Language)
	}
	came, gone := j.came, j.gone
	if repeats := j.new.repeated() - j.old.repeated(); math.Abs(repeats) > repeatShare && came <= strayWords {
		loss := Doubled
		if repeats < 0 {
			loss = ""
		}
		return Extraction, loss, fmt.Sprintf("%.0f %% of the sentences stand more than once in the new text, %.0f %% in the old; no sentence is new.", 100*j.new.repeated(), 100*j.old.repeated())
	}
	switch {
	case j.dates == 0 && came <= strayWords && gone >= partWords && float64(gone) >= lostShare*float64(n):
		return Extraction, LostPart, fmt.Sprintf("%d of %d words are gone and none came: a part was not captured.", gone, n)
	case j.dates == 0 && gone <= strayWords && came >= partWords && float64(came) >= cameShare*float64(n) && j.oneRun():
		return Extraction, "", fmt.Sprintf("%d words came in one piece to the %d that stand: another text is captured with the policy.", came, n)
	}
	return "", "", ""
}

func languagesDiffer(r *Redline) bool {
	a, _, _ := strings.Cut(r.Old.Language, "-")
	b, _, _ := strings.Cut(r.New.Language, "-")
	return a != b && a != "" && b != "" && a != "und" && b != "und"
}

// oneRun reports whether all additions stand side by side.
func (j *judge) oneRun() bool {
	runs, in := 0, false
	for _, row := range j.r.Rows {
		c := j.r.Change(row.Change)
		added := c != nil && c.Op == Added
		if added && !in {
			runs++
		}
		in = added
	}
	return runs == 1
}

// clip shortens a quote for a sentence.
func clip(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	r := []rune(s)
	if len(r) > 80 {
		return string(r[:77]) + "…"
	}
	return s
}
