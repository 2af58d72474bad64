package digest

// News of versions: what one brought is told once, its findings and its facts together.

import (
	"cmp"
	"slices"
	"strings"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/snapshots"
)

// A spot is what the findings of one change share.
type spot struct {
	terms   snapshots.Terms
	line    string
	number  int
	version string
	at      int64
	cause   snapshots.Cause
}

func spotOf(r *Ref) spot {
	return spot{r.Terms, r.Line, r.Number, r.Version, r.Date.Unix(), r.Cause}
}

// versions are the versions that brought findings, the gravest first, and those that changed facts alone. What one version brought
// is told once.
func (b *builder) versions() (found, changed []*entry) {
	type bundle struct {
		ref      *Ref
		change   *Change
		findings []*Found
	}
	at, list := map[spot]*bundle{}, []*bundle{}
	of := func(r *Ref) *bundle {
		k := spotOf(r)
		if at[k] == nil {
			at[k] = &bundle{ref: r}
			list = append(list, at[k])
		}
		return at[k]
	}
	for i := range b.d.Findings {
		f := &b.d.Findings[i]
		x := of(&f.Ref)
		x.findings = append(x.findings, f)
	}
	for i := range b.d.Facts {
		of(&b.d.Facts[i].Ref).change = &b.d.Facts[i]
	}
	grave := func(x *bundle) int {
		n := -1
		for _, f := range x.findings {
			n = max(n, f.Level.Rank())
		}
		return n
	}
	gravest := map[string]int{} // by service
	for _, x := range list {
		s := x.ref.Terms.Service
		gravest[s] = max(gravest[s], grave(x))
	}
	slices.SortStableFunc(list, func(x, y *bundle) int {
		s, t := x.ref.Terms.Service, y.ref.Terms.Service
		return cmp.Or(gravest[t]-gravest[s], strings.Compare(s, t), grave(y)-grave(x), x.ref.Date.Compare(y.ref.Date))
	})
	for _, alone := range []bool{false, true} { // those with findings have the first claim to room
		for _, x := range list {
			switch {
			case (len(x.findings) == 0) != alone:
			case alone:
				changed = append(changed, b.version(x.ref, x.change, nil))
			default:
				found = append(found, b.version(x.ref, x.change, x.findings))
			}
		}
	}
	return found, changed
}

// version is the entry of one version.
func (b *builder) version(r *Ref, c *Change, findings []*Found) *entry {
	e := b.entry(r)
	slices.SortStableFunc(findings, func(x, y *Found) int { return y.Level.Rank() - x.Level.Rank() })
	level := rules.Level("")
	if len(findings) > 0 {
		level = findings[0].Level
	}
	e.Level, e.Said = string(level), b.level(level)
	switch r.Cause {
	case snapshots.First:
		e.Says = append(e.Says, b.F("First version recorded: %s.", b.count(findings)))
	case snapshots.Law:
		e.Says = append(e.Says, b.T("The law changed, not the text."))
	case snapshots.Reading:
		e.Says = append(e.Says, b.T("The text stood; it was read anew."))
	}
	if c != nil {
		e.Says = append(e.Says, b.facts(c.Facts, c.Date))
		if c.Waits {
			e.Says = append(e.Says, b.T("Not confirmed yet: the next capture will show whether it stays."))
		}
		e.Pairs = b.quotes(c)
		e.id = idOf("change", r.key(), cmp.Or(c.Fingerprint, r.Version))
	} else {
		e.id = idOf("change", r.key(), string(r.Cause))
	}
	for i, f := range findings {
		if !b.whole && (i >= mostAbreast || b.findings >= mostFindings) {
			e.Rest = b.N("%s more finding", "%s more findings", len(findings)-i)
			break
		}
		b.findings++
		l := b.finding(&f.Finding, len(e.Pairs) == 0)
		if f.Decision != nil {
			l.Decided = clip(report.Decided(b.Words, f.Decision), noteRunes)
		}
		e.Findings = append(e.Findings, l)
	}
	return e
}

// finding is a finding on a line, with the words that it is about if nothing else quotes them.
func (b *builder) finding(f *analyze.Finding, quote bool) line {
	l := line{Level: string(f.Level), Said: b.level(f.Level), ID: clip(f.ID, nameRunes), Title: clip(f.Title, noteRunes), Articles: clip(report.ArticlesIn(b.Words, f.Articles), noteRunes)}
	if quote && f.Quote != "" && (b.whole || b.pairs < mostPairs) {
		b.pairs++
		l.Quote = clip(f.Quote, quoteRunes)
	}
	return l
}

// quotes are the words of a change, each side from about where they differ.
func (b *builder) quotes(c *Change) []pair {
	var out []pair
	for i := range min(len(c.Before), len(c.After)) {
		if !b.whole && (i >= 2 || b.pairs >= mostPairs) {
			break
		}
		b.pairs++
		out = append(out, differing(c.Before[i], c.After[i]))
	}
	return out
}

// entry is what all entries about a version share.
func (b *builder) entry(r *Ref) *entry {
	e := &entry{day: r.Date, service: named(r.Terms.Service), What: clip(r.Terms.Type, nameRunes), Review: link(r.Review)}
	if len(r.Evidence) <= mostCommand { // part of a command is none
		e.Evidence = report.Line(r.Evidence)
	}
	if r.Line != "" {
		e.What = b.F("%s, variant %s", e.What, clip(r.Line, nameRunes))
	}
	if r.Number > 0 {
		e.What = b.F("%s, version %d, %s", e.What, r.Number, b.on(r.Date))
	}
	return e
}
