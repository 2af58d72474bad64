package dates

// This file knows the names of the months in the languages of the EEA and their neighbours, as they stand in dates.

import (
	"strings"
	"sync"

	"github.com/drittland/drittland/snapshots/text"
)

// months maps folded names to 1–12, by language and, under "", for all languages together without what is ambiguous
// between them ("listopad").
var months = sync.OnceValue(func() map[string]map[string]int {
	all := map[string]map[string]int{"": {}}
	for lang, p := range wordsOf() {
		if p.months == "" {
			continue
		}
		m := map[string]int{}
		for i, group := range strings.Split(p.months, "|") {
			for _, name := range strings.Fields(group) {
				f := foldedName(name)
				m[f] = i + 1
				switch had, ok := all[""][f]; {
				case !ok:
					all[""][f] = i + 1
				case had != i+1:
					all[""][f] = -1
				}
			}
		}
		all[lang] = m
	}
	return all
})

// foldedName folds the words of a name: "Meán_Fómhair" becomes "mean fomhair".
func foldedName(name string) string {
	words := strings.Split(name, "_")
	for i, w := range words {
		words[i] = text.Fold(w)
	}
	return strings.Join(words, " ")
}

// monthOf is the month that a folded word names in lang, or in any language if it means the same in all; 0 if none.
func monthOf(folded, lang string) int {
	if m := months()[lang][folded]; m > 0 {
		return m
	}
	return max(0, months()[""][folded])
}
