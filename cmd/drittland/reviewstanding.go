package main

// The desk, what stands: the findings on the last text of a line, kept until the text, the program or the law is another.

import (
	"encoding/json"
	"slices"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots/archive"
)

const derivedStanding = "standing" // kind of the derived value that holds standingFindings

// standingFindings are the findings on the text of a line that stands, by the law of its day and of today.
type standingFindings struct {
	Program  string            `json:"program"`
	Version  string            `json:"version"`
	Law      string            `json:"law"` // last day on which the law changed
	Findings []analyze.Finding `json:"findings"`
	About    []string          `json:"about"` // countries and tools that the text speaks of
	key      lineKey
}

// standingFindings gives those of a line; fresh if the archive does not hold them yet.
func (d *reviewDesk) standingFindings(a *archive.Archive, h *history, rows []row) (x standingFindings, fresh bool, err error) {
	if len(h.Versions) == 0 {
		return x, false, nil
	}
	v := h.Versions[h.standing(rows)]
	key := lineKey{h.Terms, h.Variant}
	lawDay := d.lawOn(d.today()).String()
	if b, err := a.Derived(derivedStanding, key.key()); err == nil && json.Unmarshal(b, &x) == nil && x.Program == program() && x.Program != "" && x.Version == v.ID && x.Law == lawDay {
		return x, false, nil
	}
	s, err := newSubject(a, d.engine, v)
	if err != nil {
		return x, false, err
	}
	r := d.engine.Report(s.facts, analyze.Dates{AsOf: s.day, Today: d.today()})
	return standingFindings{program(), v.ID, lawDay, slices.Concat(r.Findings, r.Later), placesAndTools(s.facts), key}, true, nil
}

// lawOn is the last day up to one on which the law changed.
func (d *reviewDesk) lawOn(day law.Date) (last law.Date) {
	for _, x := range d.engine.LawDays() {
		if !day.Before(x) {
			last = x
		}
	}
	return last
}

// placesAndTools are the countries and transfer tools of all facts.
func placesAndTools(f *analyze.Facts) []string {
	out := []string{}
	for i := range f.All {
		x := &f.All[i]
		if c := x.Attr["country"]; c != "" {
			out = append(out, c)
		}
		if id := x.Attr["id"]; id != "" && x.Kind == analyze.FactTool {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// keepStanding keeps what was found in the archive. It is no failure if that cannot be done now.
func (d *reviewDesk) keepStanding(list []standingFindings) {
	d.store.mu.Lock()
	defer d.store.mu.Unlock()
	_ = d.useWith(d.atOnce(), func(a *archive.Archive) error {
		for _, x := range list {
			_ = putJSON(a, derivedStanding, x.key.key(), x)
		}
		return nil
	})
}
