package fulltext

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// How far a search may go, so that all of its ways are taken in a few texts.
var (
	byWordsOnly = reach{words: 1 << 20, service: 1 << 20, step: 1, far: 1, enough: 1}
	walkOnly    = reach{words: -1, service: 1 << 20, step: 3, far: 1 << 20, enough: 1}
	bounded     = reach{words: 10, service: 5, step: 5, far: 40, enough: 8}
	tight       = reach{words: 3, service: 1, step: 2, far: 4, enough: 2}
)

// Whichever way it is looked for, the same is found as in a folder.
func TestSameEitherWay(t *testing.T) {
	w := collection(t)
	for name, r := range map[string]reach{"by words": byWordsOnly, "from the newest on": walkOnly} {
		w.tables.reach = r
		for _, said := range exact {
			found, err := w.tables.Find(t.Context(), parsed(t, said), 0, 1000)
			if err != nil {
				t.Fatalf("%s, %s: %v", name, said, err)
			}
			var got []string
			for i := range found.Hits {
				got = append(got, shown(found.Hits[i].Terms, &found.Hits[i].Hit))
			}
			slices.Sort(got)
			if want := w.embedded(said); !slices.Equal(got, want) || !found.Complete || !found.Since.IsZero() || found.Total != len(want) {
				t.Errorf("%s, %s:\n%q (%+v), embedded\n%q", name, said, got, found, want)
			}
		}
	}
}

// crowded is many services that say the same: some on the same day, some in one version only.
func crowded(t *testing.T) *world {
	w := newWorld(t)
	for i := range 40 {
		terms, language := privacy(fmt.Sprintf("Service %02d", (i*17)%40)), []string{"en", "en", "de-AT", ""}[i%4]
		if i%5 == 0 {
			terms.Type = "Cookie Policy"
		}
		w.add(terms, "", language, day(1+i/3), says(language, "Our common data.", fmt.Sprintf("Data of number%d alone.", i)))
		if i%4 != 1 {
			w.add(terms, "", language, day(20+i/10), says(language, "Our common data, kept anew.", fmt.Sprintf("Data of number%d alone.", i)))
		}
	}
	w.fill()
	return w
}

// Bounds change how much is counted, and not what stands on a page and in which order: unless it says that hits may be missing.
func TestBounds(t *testing.T) {
	w := crowded(t)
	if _, err := w.db.Pool().Exec(t.Context(), "analyze search_passages"); err != nil {
		t.Fatal(err)
	}
	least, part := 0, 0
	for _, said := range []string{"data", "common", "data common", `"common data"`, `"data kept"`, `"data common"`, "data -common", "data last:", "kept", "number7", "data lang:de", "data lang:en",
		`data terms:"cookie policy"`, `data service:"service 03"`, "data before:2024-01-05", "data after:2024-01-20 before:2024-01-22", "common after:2024-01-21", "nothing", "co*"} {
		q := parsed(t, said)
		w.tables.reach = byWordsOnly
		all, err := w.tables.Find(t.Context(), q, 0, 1000)
		if err != nil || !all.Complete || all.Total != len(w.embedded(said)) {
			t.Fatalf("%s: %+v, %v", said, all, err)
		}
		for _, r := range []reach{walkOnly, bounded, tight} {
			w.tables.reach = r
			for from := 0; from <= 30; from += 10 {
				got, err := w.tables.Find(t.Context(), q, from, 5)
				if err != nil {
					t.Fatalf("%s: %v", said, err)
				}
				checkPage(t, fmt.Sprintf("%s from %d, %+v", said, from, r), got, all, from)
				if !got.Since.IsZero() {
					part++
				} else if !got.Complete {
					least++
				}
			}
		}
	}
	if least < 20 || part < 20 {
		t.Errorf("%d pages were full and not all was counted, and of %d not all was looked at", least, part)
	}
}

// checkPage compares a page with all that there is.
func checkPage(t *testing.T, what string, got, all *Found, from int) {
	t.Helper()
	if got.Total > all.Total || got.Services > all.Services || got.Complete && (got.Total != all.Total || got.Services != all.Services || !slices.Equal(got.Languages, all.Languages)) {
		t.Errorf("%s: %d passages of %d services in %q, there are %d of %d in %q", what, got.Total, got.Services, got.Languages, all.Total, all.Services, all.Languages)
	}
	if !got.Complete && got.Since.IsZero() && got.Total <= from+len(got.Hits) {
		t.Errorf("%s: only %d are counted", what, got.Total)
	}
	page := func(f *Found, from, to int) (out []string) {
		for i := min(from, len(f.Hits)); i < min(to, len(f.Hits)); i++ {
			out = append(out, shown(f.Hits[i].Terms, &f.Hits[i].Hit))
		}
		return out
	}
	if here, want := page(got, 0, 5), page(all, from, from+5); got.Since.IsZero() && !slices.Equal(here, want) {
		t.Errorf("%s:\n%q, want\n%q", what, here, want)
	}
	if got.Since.IsZero() || from > 0 {
		return
	}
	// What appeared since is all there, and nothing that is not to be found.
	newer := 0
	for i := range all.Hits {
		if all.Hits[i].First.Date.After(got.Since.Add(time.Second)) {
			newer++
		}
	}
	every := page(all, 0, all.Total)
	if got.Total < newer || slices.ContainsFunc(page(got, 0, 5), func(h string) bool { return !slices.Contains(every, h) }) {
		t.Errorf("%s: %d of %d that appeared since %s: %q", what, got.Total, newer, got.Since, page(got, 0, 5))
	}
}
