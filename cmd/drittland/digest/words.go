package digest

// The words of a digest: its gist, and each kind of news as a sentence.

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/rules/places"
	"github.com/drittland/drittland/snapshots"
)

// said are the ways in which a text can speak of transfers.
var said = map[string]string{"yes": "stated", "denied": "denied", "none": "not mentioned"}

const mostPlaces = 8 // countries in a sentence

// Subject is the line that says the gist: "2026-W47: 2 services let data go somewhere new, 1 could not be verified".
func (d *Digest) Subject() string {
	b := newBuilder(d, false)
	return b.F("%s: %s", clip(d.Period, nameRunes), b.gist())
}

// gist is what happened, in at most three counts of services.
func (b *builder) gist() string {
	newer, changed, first, found := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i := range b.d.Facts {
		c := &b.d.Facts[i]
		if c.somewhereNew() {
			newer[c.Terms.Service] = true
		} else {
			changed[c.Terms.Service] = true
		}
	}
	for i := range b.d.Findings {
		f := &b.d.Findings[i]
		if f.Cause == snapshots.First {
			first[f.Terms.Service] = true
		} else {
			found[f.Terms.Service] = true
		}
	}
	failing := map[string]bool{}
	for i := range b.d.Unverified {
		failing[b.d.Unverified[i].Terms.Service] = true
	}
	for s := range newer {
		delete(changed, s)
		delete(found, s)
	}
	for s := range changed {
		delete(found, s)
	}
	var parts []string
	say := func(n int, words string) {
		if n > 0 && len(parts) < 2 {
			parts = append(parts, words)
		}
	}
	say(len(newer), b.N("%s service lets data go somewhere new", "%s services let data go somewhere new", len(newer)))
	say(len(changed), b.N("%s service changed what it says of transfers", "%s services changed what they say of transfers", len(changed)))
	say(len(found), b.N("%s service has new findings", "%s services have new findings", len(found)))
	say(len(first), b.N("%s service is new", "%s services are new", len(first)))
	say(len(b.d.Announced), b.N("%s text is announced", "%s texts are announced", len(b.d.Announced)))
	say(len(b.d.Law), b.N("%s change of the law", "%s changes of the law", len(b.d.Law)))
	say(len(b.d.Decisions), b.N("%s decision", "%s decisions", len(b.d.Decisions)))
	switch n := len(failing); {
	case n > 0 && len(parts) > 0:
		parts = append(parts, b.N("%s could not be verified", "%s could not be verified", n))
	case n > 0:
		parts = append(parts, b.N("%s service could not be verified", "%s services could not be verified", n))
	case len(parts) == 0:
		return b.T("nothing new")
	}
	return strings.Join(parts, ", ")
}

// somewhereNew reports whether a change lets data go where they could not go before.
func (c *Change) somewhereNew() bool {
	return slices.ContainsFunc(c.Facts, func(f analyze.FactChange) bool {
		if f.Op != "added" {
			return false
		}
		return !other(c.Facts, f) && (f.What == "destination" && law.StandingOf(f.Value, law.DateOf(c.Date)) != law.EEA || f.What == "vague" || f.What == "remote_access")
	})
}

// other reports whether a fact is gone and new at once, in another role.
func other(list []analyze.FactChange, f analyze.FactChange) bool {
	return slices.ContainsFunc(list, func(o analyze.FactChange) bool { return o.Op != f.Op && o.What == f.What && o.Value == f.Value })
}

// facts says what changed in a few sentences.
func (b *builder) facts(list []analyze.FactChange, on time.Time) string {
	var out, added, removed []string
	var outside, inside, moved, gone []analyze.FactChange
	tools, before := map[string][]string{}, ""
	for _, f := range list {
		switch {
		case f.What == "destination" && other(list, f):
			if f.Op == "added" {
				moved = append(moved, f)
			}
		case f.What == "destination" && f.Op == "removed":
			gone = append(gone, f)
		case f.What == "destination" && law.StandingOf(f.Value, law.DateOf(on)) == law.EEA:
			inside = append(inside, f)
		case f.What == "destination":
			outside = append(outside, f)
		case f.What == "tool":
			tools[f.Op] = append(tools[f.Op], report.Tool(b.Words, f.Value))
		case f.What == "statement" && f.Op == "removed":
			before = f.Value
		case f.What == "statement":
		case f.Op == "added":
			added = addOnce(added, report.FactName(b.Words, f.What))
		default:
			removed = addOnce(removed, report.FactName(b.Words, f.What))
		}
	}
	say := func(msg, what string) {
		if what != "" {
			out = append(out, fmt.Sprintf(msg, what))
		}
	}
	say(b.T("It now lets data go to: %s."), b.places(outside))
	say(b.T("Now named within the EEA: %s."), b.places(inside))
	say(b.T("Named in another role than before: %s."), b.places(moved))
	say(b.T("No longer named: %s."), b.places(gone))
	say(b.T("New transfer tool: %s."), b.some(tools["added"], mostPlaces))
	say(b.T("Transfer tool no longer named: %s."), b.some(tools["removed"], mostPlaces))
	say(b.T("New in the text: %s."), b.some(added, mostPlaces))
	say(b.T("No longer in the text: %s."), b.some(removed, mostPlaces))
	for _, f := range list {
		if f.What == "statement" && f.Op == "added" {
			out = append(out, b.F("Transfers to third countries: %s; before: %s.", b.T(said[f.Value]), b.T(said[cmp.Or(before, "none")])))
		}
	}
	if len(out) == 0 {
		return b.T("Passages on transfers are worded otherwise; the facts stand.")
	}
	return strings.Join(out, " ")
}

// places are destinations by their roles: "India, Singapore (storage); Brazil (remote access)".
func (b *builder) places(list []analyze.FactChange) string {
	roles, countries := map[string][]string{}, []string{}
	for _, f := range list {
		if roles[f.Value] == nil {
			countries, roles[f.Value] = append(countries, f.Value), []string{}
		}
		if f.Role != "" && f.Role != "unspecified" {
			roles[f.Value] = addOnce(roles[f.Value], report.Role(b.Words, f.Role))
		}
	}
	names, order := map[string][]string{}, []string{} // by roles
	for _, c := range countries {
		as := strings.Join(roles[c], ", ")
		order = addOnce(order, as)
		names[as] = append(names[as], clip(places.DisplayName(c, b.Language()), nameRunes))
	}
	out := make([]string, len(order))
	for i, as := range order {
		out[i] = b.some(names[as], mostPlaces) + brackets(clip(as, nameRunes))
	}
	return strings.Join(out, "; ")
}

func addOnce(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// some joins names, the first few of them.
func (b *builder) some(names []string, most int) string {
	if n := len(names) - most; n > 0 && !b.whole {
		return b.F("%s and %s more", strings.Join(names[:most], ", "), b.Number(n))
	}
	return strings.Join(names, ", ")
}

// names are names of services.
func (b *builder) names(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = clip(s, nameRunes)
	}
	return b.some(out, mostNames)
}

// count says how many findings of which level there are.
func (b *builder) count(list []*Found) string {
	n := map[rules.Level]int{}
	for _, f := range list {
		n[f.Level]++
	}
	var out []string
	if k := n[rules.Error]; k > 0 {
		out = append(out, b.N("%s error", "%s errors", k))
	}
	if k := n[rules.Warning]; k > 0 {
		out = append(out, b.N("%s warning", "%s warnings", k))
	}
	if k := n[rules.Note]; k > 0 {
		out = append(out, b.N("%s note", "%s notes", k))
	}
	if len(out) == 0 {
		return b.T("no finding")
	}
	return strings.Join(out, ", ")
}

func (b *builder) level(l rules.Level) string {
	if l == "" {
		return ""
	}
	return report.Level(b.Words, string(l))
}

// on is the day of a time where the readers are.
func (b *builder) on(t time.Time) string { return t.In(b.zone).Format(time.DateOnly) }

// span says which days a digest is about.
func (b *builder) span() string {
	first, last := b.on(b.d.From), b.on(b.d.Until.Add(-time.Nanosecond))
	out := b.F("%s to %s (%s)", first, last, report.Line(b.d.TimeZone))
	if b.d.Organisation != "" {
		out += " · " + clip(b.d.Organisation, nameRunes)
	}
	if b.d.List != "" {
		out += " · " + b.F("list %s", clip(b.d.List, nameRunes))
	}
	return out
}

// clip is s on one line, at most n runes of it, cut between words.
func clip(s string, n int) string { return around(report.Line(s), 0, n) }

// named is the name of a service, which has at least a sign.
func named(s string) string { return cmp.Or(clip(s, nameRunes), "–") }

// around is about n runes of a clean line from a little before rune number at.
func around(s string, at, n int) string { return report.Around(s, at, n, n/3) }

// differing quotes two texts from a little before where they begin to differ.
func differing(before, after string) pair {
	before, after = report.Line(before), report.Line(after)
	at := 0
	for a, b := []rune(before), []rune(after); at < min(len(a), len(b)) && a[at] == b[at]; {
		at++
	}
	return pair{around(before, at, quoteRunes), around(after, at, quoteRunes)}
}

// link is an address that may be made a link, or "".
func link(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || len(s) > 2000 {
		return ""
	}
	var out strings.Builder
	for _, b := range []byte(report.Line(u.String())) {
		if b <= ' ' || b >= 0x7f || strings.IndexByte("\"<>\\^`{|}'()", b) >= 0 { // what ends an address in some form
			fmt.Fprintf(&out, "%%%02X", b)
		} else {
			out.WriteByte(b)
		}
	}
	return out.String()
}
