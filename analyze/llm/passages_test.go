package llm

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/snapshots"
)

func plan(t testing.TB, d *snapshots.Document, l Limits) *Plan {
	t.Helper()
	f, rep := judged(d)
	p, err := (&Reader{Endpoint: "http://127.0.0.1:1/v1", Model: "m", Limits: l}).Plan(f, rep)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// passagesOf are the texts that one job is asked about.
func passagesOf(d *snapshots.Document, p *Plan, job Job, sample bool) []string {
	var out []string
	for _, q := range p.Questions {
		if q.Job == job && q.Sample == sample {
			out = append(out, d.Quote(q.Passage.Span))
		}
	}
	return out
}

func TestPassagesNearTransfersAreRead(t *testing.T) {
	for language, lines := range map[string][]string{
		"en": {"We send data to Chile.", "Our colleagues abroad can open your file.", "Hosting is done by Pixelfern Inc.", "Data may leave the EU.", "The sub-processors are listed on our site.",
			"Authorities of other countries may ask for your data.", "Nightly backups are kept in Toronto."},
		"de": {"Wir übermitteln Daten nach Chile.", "Unsere Dienstleister sitzen in Indien.", "Es gelten Standardvertragsklauseln.", "Der Support erfolgt aus Drittländern."},
		"fr": {"Nous transférons vos données au Chili.", "Nos serveurs se trouvent au Canada.", "Des clauses contractuelles types s'appliquent."},
		"nl": {"Wij geven gegevens door aan landen buiten de EER.", "Onze servers staan in Japan."},
		"xx": {"Qwertz uiop Brazil asdf.", "Yxcv bnm lkjh."}, // no rules for it: everything may matter
	} {
		for _, l := range lines {
			d := page(language, "# A\nLorem ipsum.\n# B\n"+l)
			if got := passagesOf(d, plan(t, d, Limits{}), ReadJob, false); !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, l) }) {
				t.Errorf("%s: %q is not among the passages %q", language, l, got)
			}
		}
	}
}

func TestTheRestIsSampled(t *testing.T) {
	var b strings.Builder
	for i := range 30 {
		fmt.Fprintf(&b, "# Level %d\nThe dragon of level %d guards %d coins.\n", i, i, i*7)
	}
	d := page("en", b.String()+"# Transfers\nWe transfer your data to Chile.")
	a, again := plan(t, d, Limits{}), plan(t, d, Limits{})
	if diff := cmp.Diff(passagesOf(d, a, ReadJob, true), passagesOf(d, again, ReadJob, true)); diff != "" {
		t.Error(diff)
	}
	if got := passagesOf(d, a, ReadJob, true); len(got) != 4 {
		t.Errorf("the sample has %d passages: %q", len(got), got)
	}
	if got := passagesOf(d, a, ReadJob, false); len(got) != 1 || !strings.Contains(got[0], "Chile") {
		t.Errorf("passages %q", got)
	}
	if got := passagesOf(d, plan(t, d, Limits{Sample: -1}), ReadJob, true); len(got) != 0 {
		t.Errorf("without a sample: %q", got)
	}
}

func TestThereAreNoMorePassagesThanTheLimit(t *testing.T) {
	var b strings.Builder
	for i := range 90 {
		fmt.Fprintf(&b, "# Part %d\nWe may share data number %d with partners in other countries.\n", i, i)
		fmt.Fprintf(&b, "# Game %d\n%s\n", i, strings.Repeat("The dragon guards its coins and sleeps by day. ", 10)) // sets the parts apart
	}
	d := page("en", b.String()+"# Last\nWe transfer data to Chile under standard contractual clauses and binding corporate rules, with remote access from servers there.")
	p := plan(t, d, Limits{Passages: 10, Findings: 1})
	got := append(passagesOf(d, p, ReadJob, false), passagesOf(d, p, ReadJob, true)...)
	if len(got) != 10 || p.Passages != 10 || p.Findings != 1 || p.Left < 80 {
		t.Errorf("%d passages, %d findings, %d left", len(got), p.Findings, p.Left)
	}
	if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "Chile") }) {
		t.Errorf("the passage with the most is not among them: %q", got)
	}
}

// TestShortGapsAreSentWithWhatIsAroundThem has one question in the place of two where little stands between, and two where much does.
func TestShortGapsAreSentWithWhatIsAroundThem(t *testing.T) {
	for n, want := range map[int]int{1: 1, 40: 2} {
		d := page("en", "# Transfers\nWe transfer your data to Chile.\n# Games\n"+strings.Repeat("The dragon sleeps by day. ", n)+"\n# Storage\nOur servers are in Canada.")
		got := passagesOf(d, plan(t, d, Limits{Sample: -1}), ReadJob, false)
		if len(got) != want {
			t.Errorf("with %d sentences between: %q", n, got)
		}
		if want == 1 && !strings.Contains(got[0], "Transfers\nWe transfer") {
			t.Errorf("the passage lacks its heading: %q", got)
		}
	}
}

// TestWeakWordsComeInPairs has a deed or a receiver alone put to nobody, and both together.
func TestWeakWordsComeInPairs(t *testing.T) {
	for text, want := range map[string]int{"We store your preferences.": 0, "Our service providers are chosen with care.": 0, "We share your data with our service providers.": 1} {
		d := page("en", text)
		if got := passagesOf(d, plan(t, d, Limits{Sample: -1}), ReadJob, false); len(got) != want {
			t.Errorf("%q: passages %q", text, got)
		}
	}
}

func TestSameWordsAreAskedOnce(t *testing.T) {
	d := page("en", strings.Repeat("# Transfers\nWe transfer your data to Chile.\n", 5))
	if got := passagesOf(d, plan(t, d, Limits{}), ReadJob, false); len(got) != 1 {
		t.Errorf("passages %q", got)
	}
}

// A finding about something that is missing is put to the passage where it would be expected.
func TestAbsencesAreReviewedWhereTheyWouldStand(t *testing.T) {
	fill := strings.Repeat("The dragon of the second level guards a hundred coins and a golden cup. ", 40)
	d := page("en", "# Dragons\n"+fill+"\n# Who we are\nClipzy is made by friends.\n# Complaints\nYou can complain to us at any time, and to your mother.\n# More dragons\n"+fill)
	_, rep := judged(d)
	if fingerprintOf(rep, "N17") == "none" {
		t.Fatal("the rules do not miss the right to lodge a complaint")
	}
	p := plan(t, d, Limits{})
	for _, q := range p.Questions {
		if q.Check == "N17" {
			if got := d.Quote(q.Passage.Span); !strings.Contains(got, "complain") {
				t.Errorf("N17 is put to %q", got)
			}
			return
		}
	}
	t.Error("N17 is not reviewed")
}

func TestCutKeepsEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.OneOf(rapid.SampledFrom([]rune("abc . A\n語é")), rapid.Rune())).Draw(t, "s")
		limit := rapid.IntRange(6, 40).Draw(t, "limit")
		last := 0
		for _, p := range cut(s, limit) {
			if p.Start < last || p.Len() <= 0 || strings.TrimSpace(s[last:p.Start]) != "" {
				t.Fatalf("cut %q at %d: a part at %v, after %d", s, limit, p, last)
			}
			if n := estimate(s[p.Start:p.End]); n > limit {
				t.Fatalf("cut %q at %d: a part of %d tokens", s, limit, n)
			}
			last = p.End
		}
		if strings.TrimSpace(s[last:]) != "" {
			t.Fatalf("cut %q: %q is left", s, s[last:])
		}
	})
}

func TestConceptsOfPassagesExist(t *testing.T) {
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Concat(strong, weakDeeds, weakWhos) {
		if !slices.ContainsFunc(set.Concepts, func(c rules.ConceptInfo) bool { return c.Name == name }) {
			t.Errorf("there is no concept %q", name)
		}
	}
}
