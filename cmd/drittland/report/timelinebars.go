package report

// Bars of a timeline: which versions are drawn, which facts each of them states, and the spans in which they stand.

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/snapshots"
)

// near is how far from a version the drawn variant must be seen, before and after it, for the version to count as one beside it.
const near = 180 * 24 * time.Hour

// A barLine is what the bars follow.
type barLine struct {
	name     string // of the variant, "" if there is only one
	variants []TimelineVariant
	drawn    []bool // by version
}

// lineOf tells which versions the bars follow: those of the variant called want, else of the one that was served on most days.
// A version of another variant is beside it if it was seen shortly before and is seen again soon. Where it is not, the other
// variants are all there is; of those, too, one with more days has others beside it.
func lineOf(list []Event, want string, until time.Time) barLine {
	x := barLine{drawn: make([]bool, len(list))}
	days := map[string]time.Duration{}
	count := map[string]int{}
	for i := range list {
		e := &list[i]
		x.drawn[i] = !e.Broken
		if e.Broken || e.Variant == "" {
			continue
		}
		days[e.Variant] += endOf(list, i, until).Sub(e.At)
		count[e.Variant]++
	}
	for name, d := range days {
		x.variants = append(x.variants, TimelineVariant{Name: name, Versions: count[name], Days: int(d.Hours() / 24)})
	}
	slices.SortFunc(x.variants, func(a, b TimelineVariant) int {
		first := func(v TimelineVariant) int {
			if v.Name == want {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(first(a), first(b)), cmp.Compare(days[b.Name], days[a.Name]), strings.Compare(a.Name, b.Name))
	})
	for n, v := range x.variants {
		beside(list, x.variants[n+1:], v.Name, x.drawn, until)
	}
	if len(x.variants) > 0 {
		x.name = x.variants[0].Name
	}
	return x
}

// endOf is when a version was followed by another.
func endOf(list []Event, i int, until time.Time) time.Time {
	if i+1 < len(list) {
		return list[i+1].At
	}
	return until
}

// beside clears in drawn the versions of some lesser variants that stand beside one with more days.
func beside(list []Event, lesser []TimelineVariant, name string, drawn []bool, until time.Time) {
	next := make([]int, len(list)) // the next version of name, -1 for none
	for i, n := len(list)-1, -1; i >= 0; i-- {
		if drawn[i] && list[i].Variant == name {
			n = i
		}
		next[i] = n
	}
	less, known := map[string]bool{}, map[string]bool{} // known: seen while name was served
	for _, v := range lesser {
		less[v.Name] = true
	}
	var seen time.Time // the end of the last version of name
	for i := range list {
		e := &list[i]
		if drawn[i] && e.Variant == name {
			seen = endOf(list, i, until)
			continue
		}
		if !drawn[i] || !less[e.Variant] || seen.IsZero() || e.At.Sub(seen) >= near {
			continue
		}
		// After the last version of name, one that was beside it before may be so again.
		if next[i] >= 0 && list[next[i]].At.Sub(e.At) < near || next[i] < 0 && until.Sub(seen) < near && known[e.Variant] {
			drawn[i], known[e.Variant] = false, true
		}
	}
}

// A barKey is one thing that a text says, by its place in a timeline.
type barKey struct{ group, id string }

// bars grow version by version.
type bars struct {
	words *locale.Words
	order []barKey
	spans map[barKey][]TimelineSpan
}

func newBars(l *locale.Words) *bars { return &bars{words: l, spans: map[barKey][]TimelineSpan{}} }

// version ends the spans of what the version does not say, and begins those of what it says for the first time.
func (b *bars) version(v *Event) {
	says := stated(v.Transfers)
	reading := v.Cause == snapshots.Reading
	for _, k := range b.order {
		s := b.spans[k]
		if last := &s[len(s)-1]; last.Until.IsZero() && says[k] != last.Kind {
			last.Until, last.UntilVersion, last.UntilReading = v.At, v.Number, reading
		}
	}
	for k, kind := range says {
		s := b.spans[k]
		if len(s) > 0 && s[len(s)-1].Until.IsZero() {
			continue
		}
		b.spans[k] = append(s, TimelineSpan{From: v.At, FromVersion: v.Number, Kind: kind, FromReading: reading})
		if len(s) == 0 {
			b.order = append(b.order, k)
		}
	}
}

// stated are the facts of a text, with the strongest way in which it states each.
func stated(t *analyze.Transfers) map[barKey]string {
	out := map[barKey]string{}
	for _, d := range t.Destinations {
		for _, r := range d.Roles {
			if k := (barKey{r, d.Country}); kindRank(d.Kind) > kindRank(out[k]) {
				out[k] = d.Kind
			}
		}
	}
	for _, x := range t.Tools {
		out[barKey{"tool", x.ID}] = "stated"
	}
	for id, is := range map[string]bool{"yes": t.Statement == "yes", "denied": t.Statement == "denied", "remote_access": t.RemoteAccess.Stated.Stated,
		"vague": t.Vague, "list_url": t.ListURL != nil, "copy_of_safeguards": t.Copy.Offered, "government_access": t.GovernmentAccess.Stated} {
		if is {
			out[barKey{"text", id}] = "stated"
		}
	}
	return out
}

// kindRank orders the ways in which a text states a destination.
func kindRank(kind string) int {
	return slices.Index([]string{"", "implied", "by_reference", "named"}, kind)
}

// destinations are the countries of all rows.
func destinations(groups []TimelineGroup) []string {
	var out []string
	for _, g := range groups {
		if !g.places() {
			continue
		}
		for _, r := range g.Rows {
			out = append(out, r.IDs...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// barGroups are the groups of a timeline in order, and what heads them.
var barGroups = []string{"storage", "remote_access", "recipient", "support", "unspecified", "tool", "text"}

// textFacts are the facts of the group text in order, in words; toolOrder has the transfer tools.
var (
	textOrder = []string{"yes", "denied", "remote_access", "vague", "list_url", "copy_of_safeguards", "government_access"}
	textFacts = map[string]string{"yes": "transfers stated", "denied": "says that no data leave the EEA", "remote_access": "access from outside the EEA",
		"vague": "destinations not named", "list_url": "list behind a link", "copy_of_safeguards": "copy of the safeguards offered",
		"government_access": "access by authorities there"}
	toolOrder = []string{"adequacy", "safe_harbour", "privacy_shield", "dpf", "scc", "bcr", "codes_cert", "consent", "contract_necessity", "other_art49", "none_stated"}
)

// groups are the rows in order: destinations as they came, tools and other facts in an order of their own. What ended
// before from is left out.
func (b *bars) groups(from time.Time) []TimelineGroup {
	out := []TimelineGroup{}
	for _, id := range barGroups {
		g := TimelineGroup{ID: id, Title: groupTitle(b.words, id), Rows: []TimelineRow{}, Rest: []TimelineFact{}}
		for _, k := range b.order {
			spans := slices.DeleteFunc(slices.Clone(b.spans[k]), func(s TimelineSpan) bool { return !s.Until.IsZero() && !from.Before(s.Until) })
			if k.group == id && len(spans) > 0 {
				name := b.name(k)
				g.Rows = append(g.Rows, TimelineRow{IDs: []string{k.id}, Label: name, Names: []string{name}, Spans: spans})
			}
		}
		slices.SortFunc(g.Rows, func(x, y TimelineRow) int {
			return cmp.Or(cmp.Compare(fixedPlace(id, x.IDs[0]), fixedPlace(id, y.IDs[0])), x.Spans[0].From.Compare(y.Spans[0].From), strings.Compare(x.Label, y.Label))
		})
		if len(g.Rows) > 0 {
			out = append(out, g)
		}
	}
	return out
}

func groupTitle(l *locale.Words, id string) string {
	switch id {
	case "tool":
		return l.T("Transfer tools")
	case "text":
		return l.T("What the text says")
	case "unspecified":
		return l.T("Destinations: role not said")
	}
	return l.F("Destinations: %s", Role(l, id))
}

// fixedPlace is the place of a fact in a group whose order is fixed.
func fixedPlace(group, id string) int {
	switch group {
	case "tool":
		return slices.Index(toolOrder, id)
	case "text":
		return slices.Index(textOrder, id)
	}
	return 0
}

func (b *bars) name(k barKey) string {
	switch k.group {
	case "tool":
		return word(b.words, tools, k.id)
	case "text":
		return word(b.words, textFacts, k.id)
	}
	return nameOf(b.words, k.id)
}
