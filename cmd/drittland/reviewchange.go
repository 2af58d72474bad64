package main

// The desk, one change: a version compared with the text that it continues, how both were captured, and what was decided on the
// same words.

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/desk"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/fetch/browser"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// levelOf is the highest level of what a row found; a warning for an alert without a finding.
func levelOf(r *row) rules.Level {
	worst := rules.Warning
	if set, err := rules.Builtin(); err == nil {
		for _, id := range r.Appeared {
			if c, ok := set.CheckByID(id); ok && c.Level.Rank() > worst.Rank() {
				worst = c.Level
			}
		}
	}
	return worst
}

// articlesOf are the articles that checks ask about.
func articlesOf(ids []string) (out []string) {
	set, err := rules.Builtin()
	if err != nil {
		return nil
	}
	for _, id := range ids {
		if c, ok := set.CheckByID(id); ok {
			for _, a := range c.Articles {
				if !slices.Contains(out, a) {
					out = append(out, a)
				}
			}
		}
	}
	return out
}

// checkTitle is the title of a check in the words of a language, other if it is none of ours.
func checkTitle(w *locale.Words, id, other string) string {
	if set, err := rules.Builtin(); err == nil {
		if c, ok := set.CheckByID(id); ok {
			return set.Text(c, w.Language()).Title
		}
	}
	return other
}

// maxElsewhere bounds the decisions of other terms that a page shows on the same words.
const maxElsewhere = 5

// Change puts one version together.
func (d *reviewDesk) Change(ctx context.Context, at review.Where, lang string) (*review.Change, error) {
	c, err := d.compareAt(ctx, at, d.engine.In(lang))
	if err != nil {
		return nil, err
	}
	var decisions []snapshots.Decision
	if err := d.store.look(func(a *archive.Archive) (err error) { decisions, err = gathered(a.Decisions(c.At.Terms)); return err }); err != nil {
		return nil, err
	}
	c.Decisions, c.States, c.Elsewhere = map[string][]snapshots.Decision{}, map[string]review.State{}, map[string][]snapshots.Decision{}
	if d.onServer() {
		return c, d.decidedOnServer(ctx, c, decisions)
	}
	if err := d.know(ctx, func(t snapshots.Terms) bool { return t == c.At.Terms }); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for terms, lines := range d.lines {
		for i := range lines {
			l := &lines[i]
			if terms != c.At.Terms || l.key.variant != c.At.Line {
				for _, y := range l.decisions {
					if len(c.Elsewhere[y.Fingerprint]) < maxElsewhere {
						c.Elsewhere[y.Fingerprint] = append(c.Elsewhere[y.Fingerprint], y)
					}
				}
				continue
			}
			l.decisions = desk.OfVariant(decisions, l.key.variant)
			l.decidedOn(c, d.today())
		}
	}
	return c, nil
}

// decidedOn says what was decided on a change and the findings of its line.
func (l *deskLine) decidedOn(c *review.Change, day law.Date) {
	joined := desk.Join(l.decisions, l.stands, day)
	for _, m := range joined.Matters() {
		f := m.Last().Fingerprint
		c.Decisions[f], c.States[f] = m.History, stateAt(joined, f)
	}
}

// compareAt compares a version with the text that it continues.
func (d *reviewDesk) compareAt(ctx context.Context, at review.Where, engine *analyze.Engine) (*review.Change, error) {
	h, rows, err := d.store.timeline(ctx, d.engine, at.Terms.Service, at.Terms.Type)
	var coded *coded
	if errors.As(err, &coded) && coded.code == exitUsage {
		return nil, review.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	line := h.lineOf(at.Line)
	if line == nil || at.Number > len(line.Versions) || len(line.Versions) == 0 || h.Terms != at.Terms {
		return nil, review.ErrNotFound
	}
	if at.Number == 0 {
		at.Number = len(line.Versions)
	}
	r := rowOf(rows, at)
	if r == nil {
		return nil, review.ErrNotFound
	}
	c := &review.Change{At: at, Fingerprint: r.fingerprint(), Versions: len(line.Versions), Cause: r.Cause, Alert: r.Alert, Waits: r.Waits, Why: r.Why, Law: lawSince(rows, at)}
	err = d.store.look(func(a *archive.Archive) error { return d.put(a, engine, line, r, c) })
	return c, err
}

// lineOf is the wanted text, or the one that came in its place under a name; nil if there is none.
func (h *history) lineOf(variant string) *history {
	for _, x := range h.lines() {
		if x.Variant == variant {
			return x
		}
	}
	return nil
}

// rowOf is the row of a version itself.
func rowOf(rows []row, at review.Where) *row {
	for i := range rows {
		if r := &rows[i]; r.ofVersion() && r.Line == at.Line && r.Number == at.Number {
			return r
		}
	}
	return nil
}

// lawSince is what the law changed of the findings on a version since.
func lawSince(rows []row, at review.Where) (out []analyze.LawChange) {
	for i := range rows {
		if r := &rows[i]; r.Cause == snapshots.Law && r.Line == at.Line && r.Number == at.Number {
			out = append(out, r.Law...)
		}
	}
	return out
}

// put fills a change with what the archive holds of it.
func (d *reviewDesk) put(a *archive.Archive, engine *analyze.Engine, line *history, r *row, c *review.Change) error {
	now, err := newSubject(a, engine, line.Versions[r.Number-1])
	if err != nil {
		return err
	}
	dates := analyze.Dates{AsOf: now.day, Today: d.today()}
	c.Report = engine.Report(now.facts, dates)
	if c.Captures, err = capturesOf(a, "new", now.version); err != nil {
		return err
	}
	if c.Seconds, err = secondsOf(a, now.version, now.facts, c.Report); err != nil {
		return err
	}
	before := r.Number - 1
	if r.Against > 0 {
		before = r.Against
	}
	if before == 0 {
		c.Explained = engine.Explain(now.facts, dates, "")
		return nil
	}
	old, err := newSubject(a, engine, line.Versions[before-1])
	if err != nil {
		return err
	}
	c.Against = before
	c.Comparison = engine.Compare(old.facts, now.facts, old.day, dates)
	was := c.At
	was.Number = before
	c.Comparison.Old.Name, c.Comparison.New.Name = was.Reference(), c.At.Reference()
	c.Comparison.Class, c.Comparison.Why, c.Comparison.Alert = r.Class, r.Why, r.Alert // as the history has it
	c.Explained = append(engine.ExplainChange(old.facts, now.facts, old.day, dates, ""), engine.Explain(now.facts, dates, "")...)
	more, err := capturesOf(a, "old", old.version)
	c.Captures = append(c.Captures, more...)
	return err
}

// capturesOf tell how the pages of a version came.
func capturesOf(a *archive.Archive, which string, v snapshots.Version) ([]review.Capture, error) {
	first, err := captureOf(a, which, "policy", v.Snapshot)
	if err != nil {
		return nil, err
	}
	first.Text = v.Document
	out := []review.Capture{first}
	for _, p := range v.Parts {
		c, err := captureOf(a, which, "further page", p.Snapshot)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	for _, x := range v.Annexes {
		if x.Snapshot == "" {
			out = append(out, review.Capture{Which: which, Role: "annex", URL: x.URL, Problem: x.Problem})
			continue
		}
		c, err := captureOf(a, which, "annex", x.Snapshot)
		if err != nil {
			return nil, err
		}
		c.Text, c.Problem = x.Document, x.Problem
		out = append(out, c)
	}
	return out, nil
}

// captureOf tells how one page came.
func captureOf(a *archive.Archive, which, role, id string) (c review.Capture, err error) {
	s, err := a.Snapshot(id)
	if err != nil {
		return c, err
	}
	c = review.Capture{Which: which, Role: role, At: s.At, URL: s.URL, FinalURL: s.FinalURL, Rendered: s.Rendered, Snapshot: id, Body: s.Body, Size: s.Size, Others: s.ThirdParty != nil, Origin: s.Origin}
	if s.Origin != nil {
		return c, nil
	}
	members, err := a.Exhibit(s)
	if err != nil {
		return c, err
	}
	page, err := loggedPage(&exhibitedSnapshot{Snapshot: s}, members)
	if err != nil {
		return c, err
	}
	if n := len(page.Exchanges); n > 0 {
		last := page.Exchanges[n-1]
		c.IP = last.IP
		c.TLS = strings.Join(slices.DeleteFunc(append(slices.Clone(last.Protocol), last.Cipher), func(s string) bool { return s == "" }), ", ")
	}
	c.Picture = slices.ContainsFunc(picturesIn(members, s.URL), func(p picture) bool { return p.media == "image/png" })
	return c, nil
}

// Picture gives the screenshot of a snapshot.
func (d *reviewDesk) Picture(_ context.Context, id string) (png []byte, err error) {
	err = d.store.look(func(a *archive.Archive) error {
		s, err := a.Snapshot(id)
		if err != nil {
			return err
		}
		members, err := a.Exhibit(s)
		if err != nil {
			return err
		}
		for _, p := range picturesIn(members, s.URL) {
			if p.media == "image/png" {
				png = p.content
				return nil
			}
		}
		return review.ErrNotFound
	})
	if errors.Is(err, archive.ErrNotFound) {
		err = review.ErrNotFound
	}
	return png, err
}

// Word writes the redline of a version.
func (d *reviewDesk) Word(ctx context.Context, w io.Writer, at review.Where, lang string) error {
	c, err := d.compareAt(ctx, at, d.engine.In(lang))
	switch {
	case err != nil:
		return err
	case c.Comparison == nil:
		return review.ErrNotFound
	}
	return report.CompareDOCX(w, c.Comparison, report.DOCX{Second: report.Together(c.Seconds)})
}

// Print gives a page as PDF, by the browser that captures pages too.
func (d *reviewDesk) Print(ctx context.Context, page []byte, foot string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	p, err := browser.New(browser.Options{Program: d.env.Getenv("DRITTLAND_CHROMIUM"), Now: d.env.Now}).Printer(ctx)
	if errors.Is(err, browser.ErrMissing) {
		return nil, fmt.Errorf("%w: %w", review.ErrNoProgram, err)
	}
	if err != nil {
		return nil, err
	}
	defer p.Close()
	pdf, _, err := p.Print(browser.Sheet{HTML: page, Footer: `<div style="font-size:8px;width:100%;padding:0 1.2cm;color:#444;font-family:sans-serif">` + html.EscapeString(foot) +
		` <span style="float:right"><span class="pageNumber"></span>/<span class="totalPages"></span></span></div>`})
	return pdf, err
}
