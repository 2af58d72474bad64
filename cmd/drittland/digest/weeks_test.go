package digest

// Weeks that never were, of services that do not exist.

import (
	"fmt"
	"strings"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/dates"
)

func at(day int) time.Time { return time.Date(2026, 11, day, 9, 30, 0, 0, time.UTC) }

// week is a digest of 2026-W47 with nothing in it but quiet services.
func week(lang string) *Digest {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	monday := time.Date(2026, 11, 16, 0, 0, 0, 0, zone)
	return &Digest{Schema: Schema, Language: lang, List: "legal", Period: "2026-W47", From: monday.UTC(), Until: monday.AddDate(0, 0, 7).UTC(), TimeZone: "Europe/Berlin", Made: at(23),
		ReviewURL: "https://review.clipzy.example/", Findings: []Found{}, Facts: []Change{}, Announced: []Announced{}, Law: []LawDay{}, Decisions: []Decision{}, Unverified: []Unverified{},
		Quiet: []string{"Appzy", "Notezy", "Wavezy"}}
}

func refOf(service string, number, day int, cause snapshots.Cause) Ref {
	return Ref{Terms: snapshots.Terms{Service: service, Type: "Privacy Policy"}, Number: number, Version: fmt.Sprintf("%s-%d", strings.ToLower(service), number), Date: at(day), Cause: cause, Language: "en",
		Review: fmt.Sprintf("https://review.clipzy.example/change?s=%s&t=Privacy+Policy&v=%d", strings.ReplaceAll(service, " ", "+"), number), Evidence: fmt.Sprintf("drittland evidence export %s %d", service, number)}
}

func finding(level rules.Level, id, title, print string, articles ...string) analyze.Finding {
	return analyze.Finding{ID: id, Rule: "transfer", Level: level, Title: title, Articles: articles, Message: "The text says so.", Quote: "Your data may be kept on servers in India.",
		AsOf: law.Date{Year: 2026, Month: 11, Day: 17}, Today: string(level), Fingerprint: print}
}

func destination(op, country, role string) analyze.FactChange {
	return analyze.FactChange{Op: op, What: "destination", Value: country, Role: role}
}

// full is a week in which much happened.
func full(lang string) *Digest {
	d := week(lang)
	moved := refOf("Clipzy", 7, 17, snapshots.TermsCh)
	return d.with(moved)
}

// with fills a week around a version of Clipzy.
func (d *Digest) with(moved Ref) *Digest {
	held := snapshots.Decision{ID: "0011223344556677", Terms: moved.Terms, About: snapshots.AboutFinding, Fingerprint: "f3", Check: "T03", Quote: "our group companies have access", Version: "clipzy-7",
		Judgement: snapshots.NotRelevant, Note: "Covered by the clauses of our own contract, see file 12/26.", By: "mk", At: at(19)}
	first := refOf("Mailzy", 1, 18, snapshots.First)
	d.Findings = []Found{
		{Ref: moved, Finding: finding(rules.Error, "T05", "Transfer without a safeguard named", "f1", "GDPR 13(1)(f)", "GDPR 46")},
		{Ref: first, Finding: finding(rules.Error, "T05", "Transfer without a safeguard named", "f2", "GDPR 13(1)(f)", "GDPR 46")},
		{Ref: moved, Finding: finding(rules.Warning, "T03", "Access from outside the EEA", "f3", "GDPR 44"), Decision: &held},
		{Ref: first, Finding: finding(rules.Warning, "T07", "List of countries behind a link", "f4", "GDPR 12(1)")},
	}
	d.Facts = []Change{
		{Ref: moved, Fingerprint: "c1", Level: rules.Error, Class: "substantive_transfers", Alert: true,
			Facts:  []analyze.FactChange{destination("removed", "IE", "storage"), destination("added", "IN", "storage"), destination("added", "SG", "support"), {Op: "added", What: "remote_access", Quote: "have access"}},
			Before: []string{"We store your personal data on servers in Ireland, which are run by our own staff in Dublin."},
			After:  []string{"We store your personal data on servers in India, where our group companies have access to them, and our support in Singapore may read them when you ask for help."}},
		{Ref: refOf("Teamzy", 3, 20, snapshots.TermsCh), Fingerprint: "c2", Level: rules.Note, Class: "substantive_transfers", Alert: true,
			Facts:  []analyze.FactChange{{Op: "removed", What: "tool", Value: "privacy_shield"}, {Op: "added", What: "tool", Value: "scc"}, {Op: "added", What: "copy_of_safeguards"}},
			Before: []string{"We rely on the Privacy Shield."}, After: []string{"We rely on standard contractual clauses, of which you may ask for a copy."}},
	}
	day := func(s string) *analyze.StatedDate {
		return &analyze.StatedDate{Day: s, Precision: dates.ToDay, Quote: s}
	}
	d.Announced = []Announced{{Ref: refOf("Wikizy", 4, 19, snapshots.TermsCh), Dates: analyze.StatedDates{Effective: day("2026-12-15"), Standing: dates.Announced, On: law.Date{Year: 2026, Month: 11, Day: 19}, Captured: true}}}
	d.Law = []LawDay{{Date: law.Date{Year: 2026, Month: 12, Day: 27}, About: "GB", Instrument: "Implementing Decision (EU) 2021/1772", What: "ends", Ahead: 34, Source: "Official Journal", Verified: true,
		Relying: []Ref{refOf("Clipzy", 7, 17, snapshots.TermsCh), refOf("Notezy", 2, 3, snapshots.TermsCh)}}}
	d.Decisions = []Decision{{Ref: moved, Decision: held}}
	d.Unverified = []Unverified{
		{Terms: snapshots.Terms{Service: "Wallzy", Type: "Privacy Policy"}, URL: "https://wallzy.example/privacy", Since: at(20), Verified: at(19), Kind: "blocked", Why: "the server answers 403 Forbidden"},
		{Terms: snapshots.Terms{Service: "Gonezy", Type: "Privacy Policy"}, URL: "https://gonezy.example/legal/privacy", Since: at(4), Verified: at(3), Kind: "not found", Why: "the server answers 404 Not Found", Alarm: 19},
	}
	return d
}

// quiet is a week in which nothing happened.
func quiet(lang string) *Digest { return week(lang) }

// trouble is a week in which nothing could be had.
func trouble(lang string) *Digest {
	d := week(lang)
	d.with(refOf("Clipzy", 7, 17, snapshots.TermsCh))
	d.Findings, d.Facts, d.Announced, d.Law, d.Decisions, d.Quiet = []Found{}, []Change{}, []Announced{}, []LawDay{}, []Decision{}, []string{}
	return d
}

const evil = "<script>alert(1)</script>\u202e\u0007\x1b[31m **bold** [a](javascript:alert(1)) `x` ]]>&amp; http://evil.example/ \r\nBcc: all@clipzy.example"

// hostile is a week whose texts, names and addresses wish it ill.
func hostile(lang string) *Digest {
	d := week(lang)
	d.with(refOf("Clipzy", 7, 17, snapshots.TermsCh))
	d.List, d.Period, d.ReviewURL = evil, "2026-W47", "javascript:alert(1)"
	for i := range d.Findings {
		f := &d.Findings[i]
		f.Title, f.Quote, f.Terms.Service, f.ID = evil, strings.Repeat(evil, 40), evil, "T05"
		f.Articles = []string{evil}
		f.Review, f.Evidence, f.Line = "javascript:alert(1)", "drittland evidence export '"+evil+"'", evil
	}
	for i := range d.Facts {
		c := &d.Facts[i]
		c.Terms.Service, c.Terms.Type = evil, strings.Repeat(evil, 9)
		c.Facts = append(c.Facts, analyze.FactChange{Op: "added", What: evil, Value: evil}, destination("added", evil, evil), analyze.FactChange{Op: "added", What: "tool", Value: evil})
		c.Before, c.After = []string{evil, ""}, []string{strings.Repeat("same words ", 100) + evil, evil}
		c.Review, c.Evidence = "https://review.clipzy.example/?q=\"><script>alert(1)</script>", "`"+evil+"`"
	}
	d.Announced[0].Dates.Effective.Day = evil
	d.Law[0].Instrument, d.Law[0].About, d.Law[0].What = evil, evil, evil
	d.Decisions[0].Decision.Note, d.Decisions[0].Decision.Quote, d.Decisions[0].Decision.By, d.Decisions[0].Decision.Check = evil, evil, evil, evil
	for i := range d.Unverified {
		u := &d.Unverified[i]
		u.Kind, u.Why, u.URL = evil, evil, "data:text/html,"+evil
	}
	d.Quiet = []string{evil, evil + "2"}
	return d
}

// crowd is a week in which more happened than can be read.
func crowd(lang string) *Digest {
	d := week(lang)
	for i := range 60 {
		service := fmt.Sprintf("Crowdzy %02d", i%25)
		r := refOf(service, i+1, 17, snapshots.TermsCh)
		d.Facts = append(d.Facts, Change{Ref: r, Fingerprint: fmt.Sprint("c", i), Level: rules.Error, Facts: []analyze.FactChange{destination("added", "IN", "storage"), destination("added", "CN", "support"), {Op: "added", What: "tool", Value: "scc"}},
			Before: []string{strings.Repeat("words that stood before ", 20), "more"}, After: []string{strings.Repeat("words that stand since then ", 20), "more"}})
		for k := range 5 {
			d.Findings = append(d.Findings, Found{Ref: r, Finding: finding(rules.Error, fmt.Sprintf("T%02d", k), "Transfer without a safeguard named", fmt.Sprint("f", i, k), "GDPR 13(1)(f)", "GDPR 46")})
		}
		d.Announced = append(d.Announced, Announced{Ref: r, Dates: analyze.StatedDates{Effective: &analyze.StatedDate{Day: "2026-12-15"}, Standing: dates.Announced, On: law.Date{Year: 2026, Month: 11, Day: 17}}})
		d.Unverified = append(d.Unverified, Unverified{Terms: r.Terms, URL: "https://crowdzy.example/", Since: at(20), Kind: "blocked", Why: "the server answers 403 Forbidden"})
		d.Decisions = append(d.Decisions, Decision{Ref: r, Decision: snapshots.Decision{ID: fmt.Sprint(i), About: snapshots.AboutChange, Judgement: snapshots.Relevant, By: "mk", At: at(19), Note: strings.Repeat("long note ", 50)}})
		d.Quiet = append(d.Quiet, fmt.Sprintf("Quietzy %02d", i))
	}
	return d
}
