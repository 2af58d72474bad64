package dates

// This file finds the dates of which the words around them say that they are the text's own.

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/text"
)

// Where dates are looked for, and how far words are looked at.
const (
	firstBlocks = 30
	lastBlocks  = 10
	aloneBlocks = 8    // among which a line that is nothing but a date is the date of the text
	blockBytes  = 4000 // of a block, from its beginning
	blockDates  = 20   // that are looked at in a block
	middleDates = 3    // of a block between beginning and end; one with more is a history
	middleMax   = 200  // blocks with dates that are looked at there
	beforeBytes = 300
	beforeWords = 24
	afterBytes  = 120
	afterWords  = 8
	farthest    = 10 // words between the words that tell of a date and the date
	aloneWords  = 4  // beside it at most
	labelBytes  = 60 // of a block that is the label of the next one
	lineBytes   = 90 // of a line of its own
	valueBytes  = 40 // of the block with the date then, and of what may stand beside a date alone
)

// A Mention is a date that a text states about itself. Its Span is within the text of the document.
type Mention struct {
	Date
	Kind  Kind
	named bool // the sentence names the text: "this policy"
	this  bool // it names the one in which it stands
	label bool // the date follows its label ("Last updated:"), it stands in no sentence
}

// Mentions lists the dates that d states about itself, in the order of the text, from its beginning and its end. Where these
// state none, those between them count that stand in a line of their own or in a sentence that names the text, unless they differ.
func Mentions(d *snapshots.Document) []Mention {
	var out []Mention
	taken := -1 // block whose date went with the label before it
	for i := range d.Blocks {
		if i == taken || i >= firstBlocks && i < len(d.Blocks)-lastBlocks {
			continue
		}
		span := d.Blocks[i].Span
		s := beginning(d.Quote(span), blockBytes)
		found := mentionsIn(s, d.Language)
		if len(found) == 0 && len(s) < labelBytes && i+1 < len(d.Blocks) {
			if next := d.Blocks[i+1].Span; next.Len() < valueBytes {
				if found = labelled(s, d.Quote(next), d.Language, next.Start-span.Start); len(found) > 0 {
					taken = i + 1
				}
			}
		}
		if len(found) == 0 {
			found = alone(s, d.Language, i, len(d.Blocks))
		}
		out = append(out, shifted(found, span.Start)...)
	}
	if !slices.ContainsFunc(out, func(m Mention) bool { return m.Kind != Until }) {
		out = append(out, agreeing(middle(d))...)
		slices.SortStableFunc(out, func(a, b Mention) int { return a.Span.Start - b.Span.Start })
	}
	return out
}

func shifted(list []Mention, by int) []Mention {
	for i := range list {
		list[i].Span = list[i].Span.Shift(by)
	}
	return list
}

// middle are the mentions between the beginning and the end of d.
func middle(d *snapshots.Document) []Mention {
	var out []Mention
	seen := 0
	for i := firstBlocks; i < len(d.Blocks)-lastBlocks && seen < middleMax; i++ {
		s := beginning(d.Quote(d.Blocks[i].Span), blockBytes)
		n := len(find(s, d.Language))
		if n == 0 {
			continue
		}
		if seen++; n > middleDates {
			continue
		}
		list := slices.DeleteFunc(mentionsIn(s, d.Language), func(m Mention) bool {
			return m.Kind == Until || !m.named && (!m.label || len(s) >= lineBytes)
		})
		out = append(out, shifted(list, d.Blocks[i].Span.Start)...)
	}
	return out
}

// agreeing is list if all dates of a kind are the same in it, else nothing of that kind: they are of several texts then.
func agreeing(list []Mention) []Mention {
	days := map[Kind]string{}
	for _, m := range list {
		if day, ok := days[m.Kind]; ok && day != m.latest() {
			days[m.Kind] = "several"
		} else {
			days[m.Kind] = m.latest()
		}
	}
	return slices.DeleteFunc(list, func(m Mention) bool { return days[m.Kind] == "several" })
}

// labelled are the mentions of a block and the label before it. next is where the block stands after the beginning of the label.
func labelled(label, value, lang string, next int) []Mention {
	if len(find(label, lang)) > 0 {
		return nil
	}
	return shifted(mentionsIn(label+" "+value, lang), next-len(label)-1)
}

// alone is the date of block i of n, if that is hardly anything else: a date under the title, or a last line.
func alone(s, lang string, i, n int) []Mention {
	ds := Find(s, lang)
	if len(ds) != 1 {
		return nil
	}
	before, after := s[:ds[0].Span.Start], s[ds[0].Span.End:]
	rest := len(before) + len(after)
	if (i >= aloneBlocks || rest >= valueBytes || strings.Contains(before+after, "©")) && (i < n-3 || rest > 4) {
		return nil
	}
	b, a := foldedWords(before), foldedWords(after)
	v := vocabularyOfAll()
	m, ok := v.nearest(b, a)
	words := append(b, a...)
	if ok && m.class == not || len(words) > aloneWords || v.law.last(words) >= 0 || v.older.last(words) >= 0 || v.other.last(words) >= 0 || slices.Contains(words, "copyright") {
		return nil
	}
	return []Mention{{Date: ds[0], Kind: Dated, label: true}}
}

func beginning(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// mentionsIn are the dates in s of which the words around them tell.
func mentionsIn(s, lang string) []Mention {
	var out []Mention
	ds := find(s, lang)
	if len(ds) > blockDates {
		ds = ds[:blockDates]
	}
	v := vocabularyOfAll()
	for i, d := range ds {
		end := len(s)
		if i+1 < len(ds) {
			end = ds[i+1].Span.Start
		}
		before := foldedWords(lastSentence(s[max(0, d.Span.Start-beforeBytes):d.Span.Start]))
		after := foldedWords(firstSentence(s[d.Span.End:min(end, d.Span.End+afterBytes)]))
		before, after = before[max(0, len(before)-beforeWords):], after[:min(len(after), afterWords)]
		if m, ok := v.about(before, after, d.bare); ok {
			out = append(out, Mention{Date: d, Kind: kinds[m.class], named: v.policy.last(before) >= 0 || v.policy.last(after) >= 0,
				this: v.this.last(before) >= 0 || v.this.last(after) >= 0, label: m.start <= 2 && m.end > m.start && len(after) < afterWords})
		}
	}
	return out
}

var kinds = map[class]Kind{updated: Updated, effective: Effective, until: Until}

// about is the match of the words before and after a date that tells what it is; none if it is none of the text's own dates.
func (v *vocabulary) about(before, after []string, bare bool) (m match, ok bool) {
	m, ok = v.nearest(before, after)
	if !ok || m.class == not || m.distance > farthest || bare && m.distance > 1 {
		return m, false
	}
	between, lead, rest := before[m.end:], before[:m.end], after[:m.after]
	law := func(words []string) bool { return v.rather(&v.law, words) }
	other := func(words []string) bool { return v.rather(&v.other, words) }
	old := v.older.last(before[:m.start])
	switch {
	case law(between), law(rest), other(between), other(rest): // "as amended by the Act of 3 May 2021", "effective date of your consent"
		return m, false
	case (m.class == effective || m.after > 0 || m.start == len(before)) && law(lead): // "the Regulation, which applies since 25 May 2018"
		return m, false
	case m.class != updated && other(lead): // "your subscription is valid until 3 May 2021"
		return m, false
	case old >= m.start-2 && old >= 0, old >= m.start-4 && old >= 0 && old < v.policy.last(before[:m.start]): // "our previous policy was in force from 3 May 2021"
		return m, false
	case v.older.last(before[m.start:]) >= 0, v.older.last(rest) >= 0: // "in force since the earlier version of 3 May 2021"
		return m, false
	case m.class == until && (v.older.last(before) >= 0 || v.older.last(after) >= 0):
		return m, false
	case len(before) == 0 && m.class == updated && len(after) > m.after+m.length: // an entry of a history: "3 May 2021: updated the list"
		return m, false
	}
	return m, true
}

// rather reports whether words are about what list names rather than about the text.
func (v *vocabulary) rather(list *wordList, words []string) bool {
	i := list.last(words)
	return i >= 0 && i >= v.policy.last(words)
}

// foldedWords are the words of s, folded.
func foldedWords(s string) []string {
	s = strings.ToValidUTF8(s, "")
	var out []string
	for _, w := range text.Words(s) {
		out = append(out, text.Fold(s[w.Start:w.End]))
	}
	return out
}

// lastSentence is what s holds of the sentence at its end. A stop ends a sentence if a whole word stands before it, or much
// follows; not one after the number of a day, and none before a small letter.
func lastSentence(s string) string {
	for i := len(s) - 2; i >= 0; i-- {
		if strings.IndexByte(".!?;", s[i]) < 0 || s[i+1] != ' ' {
			continue
		}
		rest := strings.TrimSpace(s[i+1:])
		r, _ := utf8.DecodeRuneInString(rest)
		if rest == "" || unicode.IsLower(r) || digitsBefore(s[:i]) > 0 && digitsBefore(s[:i]) <= 2 {
			continue
		}
		if len(rest) > 25 || unicode.IsUpper(r) && wordBefore(s[:i]) >= 4 {
			return rest
		}
	}
	return s
}

// digitsBefore is the number of digits at the end of s.
func digitsBefore(s string) int { return len(s) - len(strings.TrimRight(s, "0123456789")) }

// firstSentence is what s holds of the sentence at its beginning.
func firstSentence(s string) string {
	for i := 0; i+2 < len(s); i++ {
		if strings.IndexByte(".!?;", s[i]) >= 0 && s[i+1] == ' ' {
			if r, _ := utf8.DecodeRuneInString(s[i+2:]); unicode.IsUpper(r) {
				return s[:i]
			}
		}
	}
	return s
}

// wordBefore is the length in letters of the word at the end of s.
func wordBefore(s string) int {
	n := 0
	for len(s) > 0 {
		r, size := utf8.DecodeLastRuneInString(s)
		if !unicode.IsLetter(r) {
			break
		}
		n, s = n+1, s[:len(s)-size]
	}
	return n
}
