package main

// Rows in words: what a text says of transfers, and which facts changed, on a line each.

import (
	"slices"
	"strings"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
)

// said are the ways in which a text can speak of transfers.
var said = map[string]string{"yes": "stated", "denied": "denied", "none": "not mentioned"}

// firstTransfers sums up what a text says of transfers.
func firstTransfers(w *locale.Words, t *analyze.Transfers) string {
	words := w.T(said[t.Statement])
	var places, tools []string
	for _, d := range t.Destinations {
		if d.Recipient == "" && !slices.Contains(places, d.Country) { // what a seat implies, the text does not say
			places = append(places, d.Country)
		}
	}
	for _, x := range t.Tools {
		if x.ID != "none_stated" {
			tools = append(tools, x.ID)
		}
	}
	if len(places) > 0 {
		words += ", " + w.F("to %s", strings.Join(clean(places), " "))
	}
	if t.Vague {
		words += ", " + w.T("to places not named")
	}
	if len(tools) > 0 {
		words += ", " + w.F("by %s", strings.Join(clean(tools), " "))
	}
	return words
}

// factLines gather the facts that changed: countries of one role on one line.
func factLines(w *locale.Words, facts []analyze.FactChange) []string {
	var out []string
	places, before := map[string]int{}, "" // of a sign and a role → index in out
	for _, f := range facts {
		if f.What == "statement" && f.Op == "removed" {
			before = f.Value
		}
	}
	for _, f := range facts {
		sign := "+"
		if f.Op == "removed" {
			sign = "–"
		}
		key := sign + " " + w.F("%s:", report.Role(w, f.Role))
		i, ok := places[key]
		switch {
		case f.What == "destination" && ok:
			out[i] += " " + report.Line(f.Value)
		case f.What == "destination":
			places[key] = len(out)
			out = append(out, key+" "+report.Line(f.Value))
		case f.What == "statement" && f.Op == "added":
			out = append(out, w.F("~ transfers: %s, before: %s", w.T(said[f.Value]), w.T(said[before])))
		case f.What != "statement":
			out = append(out, strings.TrimRight(sign+" "+w.F("%s:", report.FactName(w, f.What))+" "+factValue(f), ": \u00a0"))
		}
	}
	return out
}

// factValue is what a fact says: its value, else its words.
func factValue(f analyze.FactChange) string {
	if f.Value != "" || f.Quote == "" {
		return report.Line(f.Value)
	}
	return "“" + excerpt(f.Quote, 90) + "”"
}

// excerpt is the beginning of s on one line, cut between words.
func excerpt(s string, runes int) string {
	r := []rune(report.Line(s))
	if len(r) <= runes {
		return string(r)
	}
	cut := string(r[:runes])
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	}
	return cut + " …"
}
