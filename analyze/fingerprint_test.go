package analyze

import (
	"strings"
	"testing"

	"github.com/drittland/drittland/snapshots"
)

// printed is the fingerprint of the change from old to new.
func printed(t *testing.T, e *Engine, old, new *snapshots.Document, annexes ...[2]Annex) string {
	t.Helper()
	on := day(t, "2026-06-01")
	var before, after []Annex
	for _, x := range annexes {
		before, after = append(before, x[0]), append(after, x[1])
	}
	c := e.Compare(e.Facts(old, before...), e.Facts(new, after...), on, Dates{AsOf: on, Today: on})
	got := c.Fingerprint()
	if again := c.Fingerprint(); again != got {
		t.Errorf("fingerprint is %s, then %s", got, again)
	}
	if got != "" && (len(got) != 24 || strings.Trim(got, "0123456789abcdef") != "") {
		t.Errorf("%q is no fingerprint", got)
	}
	return got
}

const (
	intro = "Clipzy Ltd is responsible for the processing of your personal data when you watch clips, and this page says what we do with it."
	rest  = "You may ask us for a copy of your personal data at any time, and we answer within a month of the day on which you asked."
)

// The same words make the same fingerprint, however they are read.
func TestFingerprintOfChangeHolds(t *testing.T) {
	e := engine(t)
	old := page("en", "# Transfers\n"+intro+"\nWe store personal data in Germany.\n"+rest)
	new := page("en", "# Transfers\n"+intro+"\nWe store personal data in the United States.\n"+rest)
	want := printed(t, e, old, new)
	for name, c := range map[string][2]*snapshots.Document{
		"among other blocks": {page("en", "# Contact\nWrite to us.\n# Transfers\n"+intro+"\nWe store personal data in Germany.\n"+rest),
			page("en", "# Contact\nWrite to us.\n# Transfers\n"+intro+"\nWe store personal data in the United States.\n"+rest)},
		"in a longer block": {page("en", "# Transfers\n"+intro+" We store personal data in Germany. "+rest),
			page("en", "# Transfers\n"+intro+" We store personal data in the United States. "+rest)},
		"as an item": {page("en", "# Transfers\n"+intro+"\n- We store personal data in Germany.\n"+rest),
			page("en", "# Transfers\n"+intro+"\n- We store personal data in the United States.\n"+rest)},
		"with links": {page("en", "# Transfers\n"+intro+"\nWe store personal data in Germany.\n[You](https://clipzy.example/?id=1)"+rest[3:]),
			page("en", "# Transfers\n"+intro+"\nWe store personal data in the [United States](https://clipzy.example/us?id=7).\n[You](https://clipzy.example/?id=2)"+rest[3:])},
		"in other letters": {page("en", "# Transfers\n"+intro+"\nWe store personal data in GERMANY.\n"+rest),
			page("en", "# Transfers\n"+intro+"\nWe store personal data in the united\u00a0Sta\u00adtes.\n"+rest)},
	} {
		if got := printed(t, e, c[0], c[1]); got != want {
			t.Errorf("%s: %s, should be %s", name, got, want)
		}
	}
}

// Other words make another fingerprint, and so does the way back.
func TestFingerprintOfChangeDiffers(t *testing.T) {
	e := engine(t)
	text := func(words string) *snapshots.Document { return page("en", "# Transfers\n"+intro+"\n"+words+"\n"+rest) }
	germany := text("We store personal data in Germany.")
	seen := map[string]string{"": "nothing"}
	for name, c := range map[string][2]*snapshots.Document{
		"to the US":    {germany, text("We store personal data in the United States.")},
		"to India":     {germany, text("We store personal data in India.")},
		"back":         {text("We store personal data in the United States."), germany},
		"from India":   {text("We store personal data in India."), germany},
		"more":         {germany, text("We store personal data in Germany.\nWe also store it in Brazil.")},
		"less":         {text("We store personal data in Germany.\nWe also store it in Brazil."), germany},
		"another date": {page("en", "Last updated: 1 May 2026\n"+intro), page("en", "Last updated: 1 June 2026\n"+intro)},
		"next date":    {page("en", "Last updated: 1 May 2026\n"+intro), page("en", "Last updated: 2 June 2026\n"+intro)},
	} {
		got := printed(t, e, c[0], c[1])
		if other, ok := seen[got]; ok {
			t.Errorf("%s has the fingerprint %q of %s", name, got, other)
		}
		seen[got] = name
	}
	if got := printed(t, e, germany, germany); got != "" {
		t.Errorf("no change has the fingerprint %s", got)
	}
}

// What counts beside the words of the text is what the pages say that it refers to.
func TestFingerprintOfLinkedPages(t *testing.T) {
	e := engine(t)
	const list = "https://clipzy.example/countries"
	policy := func(store string) *snapshots.Document {
		return page("en", "Our group companies in the countries listed [here]("+list+"), outside the European Economic Area, have remote access to your personal data.\nWe store it in "+store+".")
	}
	at := func(url, text string) Annex { return Annex{URL: url, Document: page("en", text)} }
	india, brazil := at(list, "# Countries\n- India"), at(list, "# Countries\n- India\n- Brazil")
	japan, gone := at(list, "# Countries\n- India\n- Japan"), Annex{URL: list, Problem: "404"}
	same, moved := policy("Germany"), policy("Norway")
	seen := map[string]string{}
	for name, got := range map[string]string{
		"brazil":                 printed(t, e, same, same, [2]Annex{india, brazil}),
		"japan":                  printed(t, e, same, same, [2]Annex{india, japan}),
		"gone":                   printed(t, e, same, same, [2]Annex{india, gone}),
		"back":                   printed(t, e, same, same, [2]Annex{gone, india}),
		"the text":               printed(t, e, same, moved, [2]Annex{india, india}),
		"the text and the page":  printed(t, e, same, moved, [2]Annex{india, brazil}),
		"nothing":                printed(t, e, same, same, [2]Annex{india, india}),
		"the address of the lot": printed(t, e, same, page("en", strings.Replace(same.Text, "here", "[here](https://clipzy.example/places)", 1))),
	} {
		if other, ok := seen[got]; ok || got == "" && name != "nothing" {
			t.Errorf("%s has the fingerprint %q of %s", name, got, other)
		}
		seen[got] = name
	}
}

func TestFingerprintOfFirst(t *testing.T) {
	e := engine(t)
	on := day(t, "2026-06-01")
	first := func(text string) string {
		return e.Report(e.Facts(page("en", text)), Dates{AsOf: on, Today: on}).Fingerprint()
	}
	a := first(intro + "\nWe transfer your personal data to India.")
	if b := first("# Transfers\n" + intro + "\n- We transfer your personal data to India.\nWrite to us."); len(a) != 24 || a != b {
		t.Errorf("the same findings: %s and %s", a, b)
	}
	if b := first(intro + "\nWe transfer your personal data to Brazil."); a == b {
		t.Errorf("other findings: %s and %s", a, b)
	}
	if b := (&Report{}).Fingerprint(); b != "" {
		t.Errorf("no findings: %s", b)
	}
}
