package report

// Explanations of findings: the words, the facts, what was not there, and the rows of law.

import (
	"io"
	"slices"
	"strings"

	"github.com/fatih/color"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/rules/places"
)

// factKinds are the kinds of facts in words.
var factKinds = map[string]string{
	"transfer": "data go, are kept or are seen outside the EEA", "denial": "the text says that there is no transfer",
	"destination": "a country where data go", "vague": "a destination that is not named", "list": "destinations or recipients behind a link",
	"remote_access": "access from outside the EEA", "government": "authorities of third countries or national security",
	"explained": "what happens to the data there, or who gets them and what for", "tool": "a ground for transfers",
	"adequacy_claim": "a named country is called adequate", "copy": "a copy of the safeguards, or where they are",
	"safeguards": "safeguards without a name", "other_grounds": "an open alternative to the grounds named",
	"deemed_consent": "use taken for consent to a transfer", "legitimate_interests": "legitimate interests as ground of a transfer",
	"less_protective": "laws there protect less", "measure": "a technical or supplementary measure",
	"assessment": "an assessment of the transfer or of the law there", "uk_ch_only": "instruments for UK or Swiss data only",
	"item": "a piece of information of Art. 13 or 14", "mention": "words that make an item due", "controller_seat": "a controller outside the EEA",
	"copy_limit": "a copy of the safeguards refused, restricted or paid for", "certificate": "a certificate as protection of a transfer",
	"encryption": "encryption or pseudonymisation as protection of a transfer", "onward": "the recipient passes data on",
	"local": "data are kept in the EEA", "direct": "data given directly to a company abroad", "backup": "copies, backups or logs outside the EEA",
	"support": "support, moderation, analytics or development outside the EEA", "dispute": "courts or arbitration in a third country",
	"document": "the text as a whole", "appeared": "new in this version", "gone": "no longer in this version",
	"same_date": "facts changed, and the date of the text did not",
	"layer":     "another notice for people in the EEA behind a link", "established": "a place of the controller in the EEA",
	"uk_in_eea": "the United Kingdom counted as part of the EEA", "out_of_scope": "recipients that an adequacy decision may not cover",
	"possible": "a transfer said to be possible, or a fact", "vendors": "providers outside the EEA without names",
	"importer": "who receives data in a third country", "recipient": "a company with its seat outside the EEA",
	"hidden": "a text on transfers that is hard to reach", "clauses_for": "clauses made for importers in one role",
	"own_use": "a recipient that uses data for its own purposes", "pending": "what is not yet in force", "challenge": "orders of authorities challenged",
	"legal_process": "disclosure where the law or an authority asks for it", "parent": "a parent company outside the EEA", "topic": "a piece of information that the text only touches"}

// changed are the kinds of facts that differ between versions, in words.
var changed = map[string]string{"country": "country", "destination": "country in this role", "tool": "transfer tool", "recipient": "recipient", "statement": "what is said of transfers at all",
	"remote_access": "access from outside the EEA", "government_access": "access by authorities of third countries", "vague": "destinations that are not named",
	"list_url": "list behind a link", "annex_dead": "linked page that cannot be had", "annex_changed": "linked page whose words changed"}

// sameWords say where a fact was looked for.
var sameWords = map[string]string{"sentence": "in the same sentence", "section": "in the same section", "document": "anywhere in the text"}

// Explain writes explanations one after another.
func Explain(w io.Writer, list []analyze.Explanation, s Style) error {
	p := newPen(w, s)
	for i := range list {
		if i > 0 {
			p.line("\n%s\n", strings.Repeat("═", p.width()))
		}
		p.explanation(&list[i])
	}
	return p.Flush()
}

func (p *pen) explanation(x *analyze.Explanation) {
	p.words = locale.For(x.Language)
	f := newFinding(p.words, &x.Finding)
	p.finding(&f)
	p.wrapped("        ", x.Finding.Rule+" · "+x.Finding.Fingerprint, color.Faint)
	p.asks(x.Asks)
	p.heading(p.words.T("What the text says"))
	if len(x.Facts) == 0 {
		p.wrapped("", p.words.T("The finding is about something that the text does not say."))
	}
	p.factsShown(x.Facts)
	if len(x.Beside) > 0 {
		p.heading(p.words.T("What stands beside it"))
		p.factsShown(x.Beside)
	}
	if len(x.Absent) > 0 {
		p.heading(p.words.T("What was looked for and not found"))
		for _, a := range x.Absent {
			p.wrapped("– ", p.wanted(&a))
		}
	}
	if len(x.Law) > 0 {
		p.heading(p.words.F("The law on %s and today", x.Finding.AsOf))
		for i := range x.Law {
			p.lawRow(&x.Law[i])
		}
	}
	p.heading(p.words.T("What would mitigate it"))
	if x.Mitigates == "" {
		x.Mitigates = p.words.T("The check names no remedy.")
	}
	p.wrapped("", x.Mitigates)
	if len(x.Sources) > 0 {
		p.wrapped("", p.words.F("Sources: %s", strings.Join(x.Sources, "; ")))
	}
	p.wrapped("", p.words.F("'drittland rules explain %s' shows the check itself.", x.Finding.ID), color.Faint)
}

// asks says what articles ask, each with its source.
func (p *pen) asks(list []analyze.Asked) {
	if len(list) == 0 {
		return
	}
	p.heading(p.words.T("What the articles ask"))
	for _, a := range list {
		p.wrapped("• ", p.words.F("%s:", articlesIn(p.words, []string{a.Article}))+" "+Line(a.Sentence))
		p.wrapped("    ", p.words.F("Source (%s): %s", verifiedMark(p.words, a.Verified), Line(a.Source)), color.Faint)
	}
}

// verifiedMark says whether a row of law was verified.
func verifiedMark(l *locale.Words, verified bool) string {
	if verified {
		return l.T("verified")
	}
	return l.T("from memory")
}

func (p *pen) factsShown(list []analyze.FactShown) {
	for i := range list {
		f := &list[i]
		name := word(p.words, factKinds, f.Kind)
		if what := f.Attr["what"]; f.Kind == analyze.FactAppeared || f.Kind == analyze.FactGone {
			name = p.words.F("%s:", name) + " " + word(p.words, changed, what)
		}
		p.wrapped("• ", name+p.attributes(f.Attr))
		if f.Quote != "" {
			p.wrapped("    ", "“"+shorten(f.Quote, "", quoteLong)+"”", color.FgBlue)
			where := p.words.F("bytes %d to %d", f.Start, f.End)
			if f.Heading != "" && f.Heading != f.Quote {
				where = p.words.F("below “%s”, %s", shorten(f.Heading, "", quoteTiny), where)
			}
			p.wrapped("    ", where, color.Faint)
		}
		if f.URL != "" {
			p.wrapped("    ", p.words.F("on %s", Line(f.URL)))
		}
	}
}

// attributes are those of a fact, in words where there are some: " (India (IN), recipient, no adequacy decision)".
func (p *pen) attributes(attr map[string]string) string {
	var out []string
	for _, k := range sorted(attr) {
		if v := attr[k]; v != "" && k != "what" {
			out = append(out, p.attribute(k, v))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return " (" + strings.Join(out, ", ") + ")"
}

func (p *pen) attribute(key, value string) string {
	switch key {
	case "country":
		if len(value) != 2 { // any
			return Line(key + ": " + value)
		}
		return places.DisplayName(value, p.words.Language()) + " (" + Line(value) + ")"
	case "role":
		return word(p.words, roles, value)
	case "standing":
		return standing(p.words, law.Standing(value))
	case "id":
		return word(p.words, tools, value)
	}
	return Line(strings.ReplaceAll(key, "_", " ") + ": " + value)
}

func sorted[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// wanted says what was looked for: "a ground for transfers (id: scc or bcr), in the same section".
func (p *pen) wanted(a *analyze.Wanted) string {
	s := word(p.words, factKinds, a.Kind)
	var parts []string
	for _, k := range sorted(a.Where) {
		var values []string
		for _, v := range a.Where[k] {
			if k == "id" || k == "role" || k == "country" {
				v = p.attribute(k, v)
			}
			values = append(values, Line(v))
		}
		if k == "id" || k == "role" || k == "country" {
			parts = append(parts, strings.Join(values, " / "))
		} else {
			parts = append(parts, Line(strings.ReplaceAll(k, "_", " "))+": "+strings.Join(values, " / "))
		}
	}
	if len(parts) > 0 {
		s += " (" + strings.Join(parts, ", ") + ")"
	}
	return s + ", " + word(p.words, sameWords, a.Same)
}

func (p *pen) lawRow(r *analyze.LawRow) {
	x := LawLineOf(p.words, r)
	p.wrapped("• ", p.words.F("%s:", x.Name)+" "+x.Says)
	if r.Source == "" {
		p.wrapped("    ", x.Source)
		return
	}
	p.wrapped("    ", strings.Trim(x.Instrument+"; "+x.Days+"; "+x.Scope, "; "))
	p.wrapped("    ", p.words.F("Source (%s): %s", x.Mark, x.Source), color.Faint)
}

// Status is the status of a tool in words.
func Status(l *locale.Words, s law.Status) string { return word(l, statusNames, string(s)) }

// statusNames are the statuses of tools in words.
var statusNames = map[string]string{"not_yet": "not yet in force", "in_force": "in force", "old": "for earlier contracts only", "ended": "ended", "unknown": "unknown"}
