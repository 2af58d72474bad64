package llm

// Joining: opinions beside what the rules found. The facts of the rules are read, and nothing of them is changed.

import (
	"cmp"
	"slices"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/snapshots"
)

// knownFacts are what the rules read in a document.
type knownFacts map[knownFact]bool

// A knownFact is what makes two facts of a document one: not where it says them, nor in which words.
type knownFact struct{ kind, country, tool string }

func known(f *analyze.Facts) knownFacts {
	out := knownFacts{}
	for i := range f.All {
		switch x := &f.All[i]; x.Kind {
		case analyze.FactDestination, analyze.FactRecipient:
			out[knownFact{kind: analyze.FactDestination, country: x.Attr["country"]}] = true
		case analyze.FactTool:
			out[knownFact{kind: x.Kind, tool: x.Attr["id"]}] = true
		default:
			out[knownFact{kind: x.Kind}] = true
		}
	}
	return out
}

// key is what a fact of a model is compared by.
func (f *Fact) key() knownFact {
	k := knownFact{kind: f.Kind, tool: f.Tool}
	if f.Kind == analyze.FactDestination {
		k.country = f.Country
	}
	return k
}

// asking are the articles that ask about facts of a kind.
var asking = map[string][]string{
	"destination":   {"GDPR 13(1)(f)", "GDPR 44"},
	"vague":         {"GDPR 12(1)", "GDPR 13(1)(f)"},
	"tool":          {"GDPR 13(1)(f)", "GDPR 46"},
	"copy":          {"GDPR 13(1)(f)"},
	"remote_access": {"GDPR 44"},
	"government":    {"GDPR 48"},
	"denial":        {"GDPR 13(1)(f)"},
	"list":          {"GDPR 13(1)(f)"},
}

// take adds an opinion, and what it says beside the rules.
func (r *Reading) take(o Opinion, facts knownFacts) {
	r.Opinions = append(r.Opinions, o)
	r.Counts.Dropped = r.Counts.Dropped.Plus(o.Dropped)
	switch o.Verdict {
	case NoOpinion:
		r.Counts.NoOpinion++
	case Agree:
		r.Counts.Agree++
	case Unsure:
		r.Counts.Unsure++
	case Disagree:
		r.Doubted = append(r.Doubted, Doubt{Opinion: o.ID, Finding: o.Finding, Check: o.Check, Quote: o.Quote, Span: *o.Span, Article: o.Article})
	}
	for _, f := range o.Facts {
		if facts[f.key()] || slices.ContainsFunc(r.Added, func(a Added) bool { return a.Fact.key() == f.key() }) {
			continue
		}
		articles := slices.Clone(asking[f.Kind])
		if f.Article != "" {
			articles = []string{f.Article}
		}
		r.Added = append(r.Added, Added{Opinion: o.ID, Fact: f, Articles: articles})
	}
}

// Replay puts opinions on a document together as Read does, without asking anybody. Those on another document, and those whose words
// do not stand where they say, are left out.
func Replay(f *analyze.Facts, list []Opinion) *Reading {
	r := &Reading{Status: Complete}
	if f == nil || f.Document == nil {
		return r
	}
	facts, document := known(f), snapshots.HashOf([]byte(f.Document.Text))
	for _, o := range list {
		if o.Document != document || !o.stands(f.Document.Text) {
			continue
		}
		if o.Job == ReviewJob {
			r.Counts.Findings++
		} else {
			r.Counts.Passages++
		}
		r.Counts.Cached++
		r.take(o, facts)
	}
	r.settle()
	return r
}

// stands reports whether the words that o counts on stand in a text.
func (o *Opinion) stands(text string) bool {
	at := func(s snapshots.Span, quote string) bool {
		return quote != "" && 0 <= s.Start && s.Start < s.End && s.End <= len(text) && text[s.Start:s.End] == quote
	}
	if o.Verdict == Disagree && (o.Span == nil || !at(*o.Span, o.Quote)) {
		return false
	}
	return !slices.ContainsFunc(o.Facts, func(f Fact) bool { return !at(f.Span, f.Quote) })
}

// settle puts what was added in text order.
func (r *Reading) settle() {
	slices.SortStableFunc(r.Added, func(a, b Added) int {
		return cmp.Or(a.Fact.Span.Start-b.Fact.Span.Start, a.Fact.Span.End-b.Fact.Span.End)
	})
}
