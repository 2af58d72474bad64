package main

// Desks: what people decided on some terms, joined with the findings of a version and the changes of its history.

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/desk"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// prints are the fingerprints of the changes of a line, and of the findings that are about them.
func prints(rows []row, line string) []string {
	var out []string
	for i := range rows {
		if r := &rows[i]; r.Line == line && r.Number > 0 {
			out = append(append(out, r.fingerprint()), r.OnChange...)
		}
	}
	return out
}

// standing is the index of the version of h whose text stands: the last one that is no broken capture as far as is known, so that
// no decision lapses because half a page came. If all seem broken it is the last one.
func (h *history) standing(rows []row) int {
	lost := map[int]bool{} // by number
	for i := range rows {
		if r := &rows[i]; r.ofVersion() && r.Line == h.Variant {
			lost[r.Number] = r.Loss != "" || r.Waits
		}
	}
	for i := range slices.Backward(h.Versions) {
		if !lost[i+1] {
			return i
		}
	}
	return len(h.Versions) - 1
}

// decided puts the decisions that hold on changes into rows.
func (s *store) decided(a *archive.Archive, h *history, rows []row) error {
	all, err := gathered(a.Decisions(h.Terms))
	if err != nil || len(all) == 0 {
		return err
	}
	for _, line := range h.lines() {
		d := desk.Join(desk.OfVariant(all, line.Variant), prints(rows, line.Variant), s.today())
		for i := range rows {
			if held, ok := d.Holds(rows[i].fingerprint()); ok && rows[i].Line == line.Variant && rows[i].Number > 0 {
				rows[i].Decision = &held
			}
		}
	}
	return nil
}

// A looked version is one with all that a person may decide on.
type looked struct {
	*history                      // its line
	number   int                  // index of Versions
	row      row                  // its change
	rows     []row                // of all lines
	day      law.Date             // whose law judges the text
	findings []analyze.Finding    // of the text, then by the law of today alone, then about the change
	all      []snapshots.Decision // on its line
	desk     *desk.Desk
}

// looked gathers what may be decided on the version that spec means; the last one for "".
func (s *store) looked(ctx context.Context, engine *analyze.Engine, service, typ, spec string) (*looked, error) {
	h, rows, err := s.timeline(ctx, engine, service, typ)
	if err != nil {
		return nil, err
	}
	in, i, err := h.find(spec)
	if err != nil {
		return nil, err
	}
	var x *looked
	err = s.look(func(a *archive.Archive) error {
		all, err := gathered(a.Decisions(h.Terms))
		if err == nil {
			x, err = s.lookAt(a, engine, in, i, rows, all)
		}
		return err
	})
	return x, err
}

// lookAt gathers what may be decided on version i of a line. all are the decisions on its terms.
func (s *store) lookAt(a *archive.Archive, engine *analyze.Engine, h *history, i int, rows []row, all []snapshots.Decision) (*looked, error) {
	x := &looked{history: h, number: i, rows: rows, all: desk.OfVariant(all, h.Variant)}
	at := slices.IndexFunc(rows, func(r row) bool { return r.Version == h.Versions[i].ID && r.ofVersion() })
	if at >= 0 {
		x.row = rows[at]
	}
	now, err := newSubject(a, engine, h.Versions[i])
	if err != nil {
		return nil, err
	}
	dates := analyze.Dates{AsOf: now.day, Today: s.today()}
	rep := engine.Report(now.facts, dates)
	x.day, x.findings = now.day, slices.Concat(rep.Findings, rep.Later)
	if len(x.row.OnChange) > 0 && i > 0 {
		before := i - 1
		if x.row.Against > 0 {
			before = x.row.Against - 1
		}
		old, err := newSubject(a, engine, h.Versions[before])
		if err != nil {
			return nil, err
		}
		for _, f := range engine.Compare(old.facts, now.facts, old.day, dates).Appeared {
			if f.OfChange {
				x.findings = append(x.findings, f)
			}
		}
	}
	stands := prints(rows, h.Variant)
	for _, f := range x.findings {
		stands = append(stands, f.Fingerprint)
	}
	x.desk = desk.Join(x.all, stands, s.today())
	return x, nil
}

// hold are the decisions that hold on the change that a version brought, and on its findings.
func (x *looked) hold() (out []snapshots.Decision) {
	if d, ok := x.desk.Holds(x.row.fingerprint()); ok {
		out = append(out, d)
	}
	for _, f := range x.findings {
		if d, ok := x.desk.Holds(f.Fingerprint); ok {
			out = append(out, d)
		}
	}
	return out
}

// mark writes the decisions that hold into findings.
func (t *tool) mark(d *desk.Desk, lists ...[]analyze.Finding) {
	for _, list := range lists {
		for i := range list {
			if held, ok := d.Holds(list[i].Fingerprint); ok {
				list[i].Decided = report.Decided(t.words, &held)
			}
		}
	}
}

// decisionsFor puts the decisions that hold on a version into x.
func (s *store) decisionsFor(ctx context.Context, x *shown) error {
	v := x.Version
	var all []snapshots.Decision
	if err := s.look(func(a *archive.Archive) (err error) { all, err = gathered(a.Decisions(v.Terms)); return err }); err != nil || len(all) == 0 {
		x.desk = desk.Join(nil, nil, s.today())
		return err
	}
	engine, err := s.engine(nil)
	if err != nil {
		return err
	}
	spec := fmt.Sprint(x.Number)
	if v.Variant != "" {
		spec = v.Variant + ":" + spec
	}
	y, err := s.looked(ctx, engine, v.Terms.Service, v.Terms.Type, spec)
	if err != nil {
		return err
	}
	x.desk = y.desk
	x.Decided = y.hold()
	for i := range x.Decided {
		d := &x.Decided[i]
		x.decided = append(x.decided, [2]string{"decided", s.matter(d.About, d.Check) + ": " + report.Decision(s.words, d)})
	}
	return nil
}

// markReference marks the findings on a version that a reference such as "Clipzy@3" names with the decisions that hold. Other
// texts have none.
func (s *store) markReference(arg string, findings []analyze.Finding) error {
	service, typ, spec, ok := cutReference(arg)
	if _, err := os.Stat(arg); !ok || err == nil || len(findings) == 0 {
		return nil
	}
	variant, _, named := strings.Cut(spec, ":")
	if !named {
		variant = ""
	}
	return s.look(func(a *archive.Archive) error {
		terms, _, err := findTerms(a, service, typ)
		if err != nil {
			return err
		}
		all, err := gathered(a.Decisions(terms))
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(d snapshots.Decision) bool { return !strings.EqualFold(d.Variant, variant) })
		var stands []string
		for _, f := range findings {
			stands = append(stands, f.Fingerprint)
		}
		s.mark(desk.Join(all, stands, s.today()), findings)
		return nil
	})
}
