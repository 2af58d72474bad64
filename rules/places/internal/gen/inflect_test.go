package main

import (
	"slices"
	"strings"
	"testing"
)

func TestForms(t *testing.T) {
	h := &hand{inflect: "all", rules: []rule{parseRule("a y ę"), parseRule("ska skiej ską"), parseRule("o a u/om")}}
	for pattern, want := range map[string]string{
		"Kenia":             "Kenia|Keniy|Kenię",
		"Arabia Saudyjska":  "Arabia Saudyjska|Arabiy Saudyjskiej|Arabię Saudyjską",
		"Togo":              "Togo|Toga|Togu|Togom",
		"Stan|y,ów nowa":    "Stany nowa|Stanów nowa",
		"Chin|y,∅":          "Chiny|Chin",
		"Bośnia i Togo":     "Bośnia i Togo|Bośniy i Toga|Bośnię i Togu|Bośnię i Togom",
		"Peru":              "Peru",
		"a|1,2 b|1,2,3 c|x": "a1 b1 cx|a1 b2 cx|a1 b3 cx|a2 b1 cx|a2 b2 cx|a2 b3 cx",
	} {
		if got := strings.Join(h.forms(pattern), "|"); got != want {
			t.Errorf("%s: %s, want %s", pattern, got, want)
		}
	}
	h.inflect = "last"
	if got := strings.Join(h.forms("Arabia Saudyjska"), "|"); got != "Arabia Saudyjska|Arabia Saudyjskiej|Arabia Saudyjską" {
		t.Error("last word:", got)
	}
}

func TestDeclines(t *testing.T) {
	h := &hand{inflect: "all"}
	if err := h.line("name", "PL Pols|ka,ki ; Rzeczpospolita"); err != nil {
		t.Fatal(err)
	}
	if !h.declines("PL", "Polska") || h.declines("PL", "Polski") || h.declines("PL", "Rzeczpospolita") || h.declines("DE", "Polska") {
		t.Error("a name given with its endings, and no other, stands for that of the CLDR")
	}
}

func TestPrefixes(t *testing.T) {
	for name, want := range map[string][]string{"tSín": {"Sín", "Shín", "tSín"}, "Chóiré": {"Cóiré", "Chóiré", "gCóiré"}, "India": {"India", "hIndia", "tIndia", "nIndia"}} {
		if got := irish(name); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := arabic("الهند"); !slices.Contains(got, "للهند") || !slices.Contains(got, "وبالهند") || slices.Contains(got, "لالهند") {
		t.Errorf("%q", got)
	}
	if got := arabic("كندا"); !slices.Contains(got, "لكندا") {
		t.Errorf("%q", got)
	}
}

func TestAbbreviation(t *testing.T) {
	for name, want := range map[string]bool{"USA": true, "S.U.A.": true, "ΗΠΑ": true, "Peru": false, "قطر": false, "Тайван": false} {
		if got := abbreviation(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestHandLinesAreStrict(t *testing.T) {
	for _, line := range []string{"nome US x", "name USA x", "name US", "adj US-lemma"} {
		h := &hand{}
		verb, rest, _ := strings.Cut(line, " ")
		if err := h.line(verb, rest); err == nil {
			t.Errorf("%q is accepted", line)
		}
	}
	for _, lang := range languages {
		if _, err := readHand("lang/" + lang + ".txt"); err != nil {
			t.Error(err)
		}
	}
}
