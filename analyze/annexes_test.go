package analyze

import (
	"slices"
	"strings"
	"testing"
)

// What happens to a linked page is told though the policy reads as before.
func TestCompareTellsOfAnnexes(t *testing.T) {
	e := engine(t)
	const list = "https://clipzy.example/countries"
	policy := page("en", "Our group companies in the countries listed [here]("+list+"), outside the European Economic Area, have remote access to your personal data.")
	india := page("en", "# Countries\n- India")
	more := page("en", "# Countries\n- India\n- Brazil")
	words := page("en", "| Country | What for |\n|---|---|\n| India | Answers to the questions that users ask |\n")
	on := day(t, "2026-06-01")
	had := func(x Annex) Annex { x.URL = list; return x }
	for name, c := range map[string]struct {
		old, new Annex
		class    string
		alert    bool
		want     string
	}{
		"the same":        {Annex{Document: india}, Annex{Document: india}, "none", false, ""},
		"one country":     {Annex{Document: india}, Annex{Document: more}, "substantive_transfers", true, "added annex_changed " + list + ", added destination BR remote_access"},
		"other words":     {Annex{Document: india}, Annex{Document: words}, "editorial", false, "added annex_changed " + list},
		"gone":            {Annex{Document: india}, Annex{Problem: "404"}, "substantive_transfers", true, "added annex_dead " + list + ", removed destination IN remote_access"},
		"back":            {Annex{Problem: "404"}, Annex{Document: india}, "substantive_transfers", true, "added destination IN remote_access, removed annex_dead " + list},
		"gone, as before": {Annex{Problem: "404"}, Annex{Problem: "410"}, "none", false, ""},
	} {
		cmp := e.Compare(e.Facts(policy, had(c.old)), e.Facts(policy, had(c.new)), on, Dates{AsOf: on, Today: on})
		var got []string
		for _, f := range cmp.FactsChanged {
			got = append(got, strings.TrimSpace(f.Op+" "+f.What+" "+f.Value+" "+f.Role))
		}
		slices.Sort(got)
		if s := strings.Join(got, ", "); s != c.want || cmp.Class != c.class || cmp.Alert != c.alert {
			t.Errorf("%s: class %s, alert %v: %s\nwant %s, %v: %s", name, cmp.Class, cmp.Alert, s, c.class, c.alert, c.want)
		}
	}
}

func TestDeadAnnexIsAWarning(t *testing.T) {
	e := engine(t)
	const list = "https://clipzy.example/countries"
	policy := page("en", "Our group companies in the countries listed [here]("+list+"), outside the European Economic Area, have remote access to your personal data.")
	on := day(t, "2026-06-01")
	for problem, want := range map[string]string{"": "note", "the server answered with status 404 Not Found": "warning"} {
		found := false
		for _, f := range e.Report(e.Facts(policy, Annex{URL: list, Problem: problem}), Dates{AsOf: on, Today: on}).Findings {
			if f.ID != "T07" {
				continue
			}
			found = true
			if string(f.Level) != want || strings.Contains(f.Message, "†") != (want == "warning") {
				t.Errorf("problem %q: %s: %s", problem, f.Level, f.Message)
			}
		}
		if !found {
			t.Errorf("problem %q: no T07", problem)
		}
	}
}
