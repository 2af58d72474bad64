package main

// Gathering a digest: what happened to the texts of a list in a time, out of the archive.

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/desk"
	"github.com/drittland/drittland/cmd/drittland/digest"
	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/dates"
)

// A digestWish says what a digest is to tell.
type digestWish struct {
	list      config.List
	period    string
	from      time.Time // inclusive
	until     time.Time // exclusive
	zone      *time.Location
	reviewURL string
	alarm     int   // days
	ahead     int   // days
	of        *team // nil for the people who run the archive
}

// A gatherer puts a digest together.
type digestGatherer struct {
	*reviewDesk
	digestWish
	lang string // in which findings are worded
	out  *digest.Digest
	last []standingText // the texts that stood at the end
}

// A standingText is the last text of a line before the end of the time.
type standingText struct {
	ref       digest.Ref
	transfers *analyze.Transfers
}

// newDigestGatherer begins a digest that tells nothing yet.
func newDigestGatherer(d *reviewDesk, w digestWish) *digestGatherer {
	lang := cmp.Or(w.list.Locale, d.words.Language())
	g := &digestGatherer{reviewDesk: d, digestWish: w, lang: lang, out: &digest.Digest{Schema: digest.Schema, Language: lang, List: w.list.Name, Period: w.period, From: w.from.UTC(), Until: w.until.UTC(),
		TimeZone: w.zone.String(), Made: d.env.Now().UTC(), ReviewURL: w.reviewURL, Findings: []digest.Found{}, Facts: []digest.Change{}, Announced: []digest.Announced{}, Law: []digest.LawDay{},
		Decisions: []digest.Decision{}, Unverified: []digest.Unverified{}, Quiet: []string{}}}
	if w.of != nil {
		g.out.Organisation, g.out.ReviewURL = w.of.Name(), ""
	}
	return g
}

// digest tells what happened to the texts of a list.
func (d *reviewDesk) digest(ctx context.Context, w digestWish) (*digest.Digest, error) {
	g := newDigestGatherer(d, w)
	var all []snapshots.Terms
	if err := d.store.read(ctx, func(a *archive.Archive) (err error) { all, err = w.among(a); return err }); err != nil {
		return nil, err
	}
	only, err := g.toRead(ctx)
	if err != nil {
		return nil, err
	}
	told := map[string]bool{}
	for _, t := range all {
		if !w.wants(t) {
			continue
		}
		n := g.told()
		if only == nil || only.terms[t] {
			if err := g.terms(ctx, t); err != nil {
				return nil, fmt.Errorf("%s: %w", t, err)
			}
		} else {
			g.last = append(g.last, only.stood[t]...)
		}
		told[t.Service] = told[t.Service] || g.told() > n
	}
	if err := g.unverified(ctx, told); err != nil {
		return nil, err
	}
	g.lawDays(told)
	for _, s := range sortedKeys(told) {
		if !told[s] {
			g.out.Quiet = append(g.out.Quiet, s)
		}
	}
	g.sort()
	return g.out, nil
}

func sortedKeys(m map[string]bool) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// inList reports whether a name is in a list, or the list is empty.
func inList(list []string, name string) bool {
	return len(list) == 0 || slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, name) })
}

// told is how much there is to tell so far.
func (g *digestGatherer) told() int {
	o := g.out
	return len(o.Findings) + len(o.Facts) + len(o.Announced) + len(o.Decisions)
}

func (g *digestGatherer) within(t time.Time) bool { return !t.Before(g.from) && t.Before(g.until) }

// takes reports whether the list wants findings of a level.
func (g *digestGatherer) takes(l rules.Level) bool {
	if len(g.list.Levels) == 0 {
		return l.Rank() >= rules.Warning.Rank()
	}
	return slices.Contains(g.list.Levels, string(l))
}

// terms tells of the lines of some terms.
func (g *digestGatherer) terms(ctx context.Context, t snapshots.Terms) error {
	h, rows, err := g.store.timeline(ctx, g.engine, t.Service, t.Type)
	if err != nil {
		return err
	}
	decisions, err := g.decisionsOn(ctx, t)
	if err != nil {
		return err
	}
	for _, line := range h.lines() {
		if err := g.line(ctx, line, rows, desk.OfVariant(decisions, line.Variant)); err != nil {
			return err
		}
	}
	return nil
}

// line tells of one line: the rows of the time, the decisions in it, and the text that stood at its end.
func (g *digestGatherer) line(ctx context.Context, h *history, rows []row, decisions []snapshots.Decision) error {
	var last *row
	joined := desk.Join(decisions, g.standing(rows, h.Variant), law.DateOf(g.until))
	for i := range rows {
		r := &rows[i]
		if r.Line != h.Variant || r.Number == 0 || !r.Date.Before(g.until) || !inList(g.list.Languages, r.Language) && r.Language != "" {
			continue
		}
		if r.ofVersion() && r.Loss == "" {
			last = r
		}
		if g.within(r.Date) && r.tells() {
			if err := g.row(ctx, r, joined); err != nil {
				return err
			}
		}
	}
	for _, x := range decisions {
		if g.within(x.At) {
			ref := digest.Ref{Terms: h.Terms, Line: h.Variant, Version: x.Version}
			if i := slices.IndexFunc(h.Versions, func(v snapshots.Version) bool { return v.ID == x.Version }); i >= 0 {
				ref = g.ref(&row{Terms: h.Terms, Line: h.Variant, Number: i + 1, Version: x.Version, Date: h.Versions[i].Date, Cause: h.Versions[i].Cause, Language: h.Versions[i].Language})
			}
			g.out.Decisions = append(g.out.Decisions, digest.Decision{Ref: ref, Decision: x})
		}
	}
	if last == nil {
		return nil
	}
	ref := g.ref(last)
	g.last = append(g.last, standingText{ref, last.Transfers})
	if x := last.Dates; x != nil && (x.Standing == dates.Announced || x.Next != nil && x.Next.Day >= law.DateOf(g.until).String()) && g.stillAhead(x) {
		g.out.Announced = append(g.out.Announced, digest.Announced{Ref: ref, Dates: *x})
	}
	return nil
}

// stillAhead reports whether what a text announces had not come at the end of the time.
func (g *digestGatherer) stillAhead(x *analyze.StatedDates) bool {
	day := law.DateOf(g.until).String()
	return x.Effective != nil && x.Effective.Day >= day || x.Next != nil && x.Next.Day >= day
}

// standing are the fingerprints that stood at the end of the time.
func (g *digestGatherer) standing(rows []row, line string) []string {
	var out, has []string
	for i := range rows {
		if r := &rows[i]; r.Line == line && r.Number > 0 && r.Date.Before(g.until) {
			out = append(append(out, r.fingerprint()), r.OnChange...)
			if r.ofVersion() && r.Loss == "" && !r.Waits { // no decision lapses because half a page came
				has = r.Has
			}
		}
	}
	return append(out, has...)
}

// ref names the version of a row.
func (g *digestGatherer) ref(r *row) digest.Ref {
	ref := digest.Ref{Terms: r.Terms, Line: r.Line, Number: r.Number, Version: r.Version, Date: r.Date, Cause: r.Cause, Language: r.Language}
	if g.of != nil { // its people have neither the archive nor the pages of those who run it
		return ref
	}
	ref.Evidence = "drittland evidence export " + quoteArg(r.Terms.Service) + " " + r.where().Spec() + " --out evidence-" + shortID(r.Version) + ".zip"
	if r.Terms.Type != defaultType {
		ref.Evidence += " --terms " + quoteArg(r.Terms.Type)
	}
	if u, err := url.Parse(g.reviewURL); err == nil && g.reviewURL != "" {
		u = u.JoinPath("change")
		u.RawQuery = r.where().Query()
		ref.Review = u.String()
	}
	return ref
}

// quoteArg is a word as a shell takes it.
func quoteArg(s string) string {
	if s != "" && strings.IndexFunc(s, func(c rune) bool {
		return !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune("._-", c))
	}) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// row tells of one row: its findings with their words, and its facts.
func (g *digestGatherer) row(ctx context.Context, r *row, joined *desk.Desk) error {
	x, err := g.compareAt(ctx, review.Where{Terms: r.Terms, Line: r.Line, Number: r.Number}, g.engine.In(g.lang))
	if err != nil {
		return err
	}
	ref := g.ref(r)
	change := digest.Change{Ref: ref, Level: rules.Note, Class: r.Class, Fingerprint: r.Fingerprint, Alert: r.Alert, Facts: r.Facts, Waits: r.Waits, Before: []string{}, After: []string{}}
	for _, f := range g.findingsOf(r, x) {
		if f.Level.Rank() > change.Level.Rank() {
			change.Level = f.Level
		}
		if !g.takes(f.Level) {
			continue
		}
		found := digest.Found{Ref: ref, Finding: f}
		if held, ok := joined.Holds(f.Fingerprint); ok {
			found.Decision = &held
		}
		g.out.Findings = append(g.out.Findings, found)
	}
	if r.Cause == snapshots.First || r.Cause == snapshots.Law {
		return nil // its findings say it
	}
	change.Before, change.After = quotesOf(x.Comparison)
	g.out.Facts = append(g.out.Facts, change)
	return nil
}

// findingsOf are the findings that a row brought.
func (g *digestGatherer) findingsOf(r *row, c *review.Change) []analyze.Finding {
	if r.ofVersion() && c.Comparison != nil {
		return c.Comparison.Appeared
	}
	var out []analyze.Finding
	for _, f := range slices.Concat(c.Report.Findings, c.Report.Later) {
		if slices.Contains(r.Appeared, f.ID) {
			out = append(out, f)
		}
	}
	return out
}
