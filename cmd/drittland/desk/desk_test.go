package desk

import (
	"strings"
	"testing"

	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
)

func TestJoin(t *testing.T) {
	today := law.Date{Year: 2026, Month: 11, Day: 20}
	made := func(ids ...snapshots.Decision) (out []snapshots.Decision) {
		for _, d := range ids {
			if d.Fingerprint == "" {
				d.Fingerprint = "f"
			}
			out = append(out, d)
		}
		return out
	}
	is := func(id string) snapshots.Decision { return snapshots.Decision{ID: id, Judgement: snapshots.Relevant} }
	until := func(id, day string) snapshots.Decision { d := is(id); d.Until = day; return d }
	back := func(id string) snapshots.Decision { d := is(id); d.Withdrawn = true; return d }
	other := is("x")
	other.Fingerprint = "g"
	for name, c := range map[string]struct {
		decisions []snapshots.Decision
		stands    string
		state     State
		holds     string
		history   string
	}{
		"nobody":                {nil, "f", Open, "", ""},
		"somebody on another":   {made(other), "f g", Open, "", ""},
		"one":                   {made(is("a")), "f", Decided, "a", "a"},
		"revised":               {made(is("a"), other, is("b")), "f", Decided, "b", "a b"},
		"the words went":        {made(is("a")), "g", LapsedWords, "", "a"},
		"its last day":          {made(until("a", "2026-11-20")), "f", Decided, "a", "a"},
		"the day after":         {made(until("a", "2026-11-19")), "f", LapsedDate, "", "a"},
		"longer":                {made(until("a", "2026-11-19"), is("b")), "f", Decided, "b", "a b"},
		"both":                  {made(until("a", "2026-11-19")), "", LapsedWords, "", "a"},
		"withdrawn":             {made(is("a"), back("b")), "f", Withdrawn, "", "a b"},
		"withdrawn, and gone":   {made(is("a"), back("b")), "", Withdrawn, "", "a b"},
		"decided anew":          {made(is("a"), back("b"), is("c")), "f", Decided, "c", "a b c"},
		"what stood before did": {made(until("a", "2027-01-01"), until("b", "2026-11-01")), "f", LapsedDate, "", "a b"},
	} {
		d := Join(c.decisions, strings.Fields(c.stands), today)
		held, ok := d.Holds("f")
		var history []string
		for _, x := range d.On("f") {
			history = append(history, x.ID)
		}
		if d.State("f") != c.state || held.ID != c.holds || ok != (c.holds != "") || strings.Join(history, " ") != c.history {
			t.Errorf("%s: %s, %q holds, history %v; want %s, %q, %s", name, d.State("f"), held.ID, history, c.state, c.holds, c.history)
		}
		n := 0
		for _, m := range d.Matters() {
			n += len(m.History)
		}
		if n != len(c.decisions) {
			t.Errorf("%s: %d decisions in all, want %d", name, n, len(c.decisions))
		}
	}
}

func TestOfVariant(t *testing.T) {
	list := []snapshots.Decision{{ID: "a"}, {ID: "b", Variant: "de"}, {ID: "c"}}
	if got := OfVariant(list, ""); len(got) != 2 || got[1].ID != "c" {
		t.Errorf("of the wanted text: %v", got)
	}
	if got := OfVariant(list, "de"); len(got) != 1 || got[0].ID != "b" || list[1].ID != "b" {
		t.Errorf("of the variant: %v, list is now %v", got, list)
	}
}
