package diff

import (
	"strings"
	"testing"
)

func TestChanged(t *testing.T) {
	const (
		cookies = "# Cookies\nPetit Panier sets cookies that remember your basket, your language and the shops near you.\n"
		rights  = "# Rights\nYou may ask Petit Panier for a copy of your personal data, and have what is wrong in it put right.\n"
	)
	for name, c := range map[string]struct{ old, new, was, is string }{
		"nothing":      {cookies, cookies, "", ""},
		"moved":        {cookies + rights, rights + cookies, "", ""},
		"words":        {cookies + rights, strings.Replace(cookies, "near", "far from", 1) + rights, "near", "far from"},
		"a sentence":   {cookies, cookies + "We sell Your Data to brokers in India.", "", "we sell your data to brokers in india"},
		"beside dates": {"Last updated: 1 May 2026\n" + cookies, "Last updated: 2 June 2026\n" + strings.Replace(cookies, "near", "far from", 1), "near", "far from"},
		"dates alone":  {"Last updated: 1 May 2026\n" + cookies, "Last updated: 1 June 2026\n" + cookies, "may", "june"},
		"another list": {cookies + "We collect:\n- your exact age in years\n- your name and the name of your shop\n" + rights + "We never collect:\n- your voice, and what you say at home",
			cookies + "We collect:\n- your name and the name of your shop\n" + rights + "We never collect:\n- your voice, and what you say at home\n- your exact age in years",
			"your exact age in years", "your exact age in years"},
	} {
		r := Compare(page(c.old), page(c.new), Options{})
		was, is := Changed(r, Classify(r))
		if got := [2]string{strings.Join(was, " "), strings.Join(is, " ")}; got != [2]string{c.was, c.is} {
			t.Errorf("%s: %q, want %q and %q", name, got, c.was, c.is)
		}
	}
}
