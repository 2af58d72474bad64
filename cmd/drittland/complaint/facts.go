package complaint

// The parts of the draft that the archive fills: controller, recordings, history, passages, law, exhibits.

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
)

// Bounds of what is shown.
const (
	maxQuote  = 2000 // runes of a passage
	maxPlaces = 40   // destinations in the table of the law
	maxEvents = 60   // rows of the history
)

// identity is the item of the notice by which a text names its controller.
const identity = "controller_name"

func (d *Draft) controller() {
	w, r := d.w, &d.Recordings[0]
	d.heading(2, plain(w.T("3. Controller (Art. 4(1)(d) of Regulation (EU) 2025/2518)")))
	lines := [][]report.Run{d.item(w.T("Service"), said(d.Terms.Service)), d.item(w.T("Text"), said(d.Terms.Type))}
	if r.Snapshot.URL != "" {
		lines = append(lines, d.item(w.T("Published at"), web(r.Snapshot.URL)))
	}
	d.list(append(lines, d.item(w.T("Controller"), fill(w.T("name and address of the controller"))))...)
	who := w.T("who the controller is: no passage was recognised in which the text names one")
	for _, it := range d.Report.Transparency {
		if it.ID == identity && it.Found {
			d.para(plain(w.T("On who is responsible the text says:")))
			d.quote(r, it.Quote, it.Start)
			who = w.T("who the controller is: whether the passage quoted names it, and whether that still holds")
		}
	}
	d.checks(who, w.T("whether there are joint controllers, processors or a representative in the Union (Art. 26 to 28 GDPR)"))
}

// quote adds a passage of the text of a recording and says where it stands.
func (d *Draft) quote(r *Recording, quote string, start int) {
	words := []rune(report.Line(quote))
	if len(words) > maxQuote {
		words = append(words[:maxQuote:maxQuote], '…')
	}
	source := report.Runs(d.w.T("exhibit %s, version %s"), plain(r.Letter+"-1"), plain(r.Number))
	if under := headings(r.Document, start); under != "" {
		source = append(source, plain(", "))
		source = append(source, report.Runs(d.w.T("under %s"), said("“"+under+"”"))...)
	}
	source = append(source, plain(d.w.F(", characters %d to %d of the text", characters(r.Document, start), characters(r.Document, start+len(quote)))))
	d.p.Add(report.Part{Kind: report.PartQuote, Runs: []report.Run{said(string(words))}, Source: source})
}

// headings are those above a place in a text, outermost first.
func headings(doc *snapshots.Document, at int) string {
	for i := range doc.Blocks {
		if b := &doc.Blocks[i]; b.Span.Start <= at && at < b.Span.End {
			up := doc.Headings(i)
			for j := range up {
				up[j] = report.Line(up[j])
			}
			return strings.Join(up, " › ")
		}
	}
	return ""
}

// characters is how many characters stand before a byte of the text, for people who count from 1.
func characters(doc *snapshots.Document, at int) int {
	return len([]rune(doc.Text[:min(max(at, 0), len(doc.Text))])) + 1
}

func (d *Draft) recorded() {
	w := d.w
	d.heading(2, plain(w.T("4. Facts: the text and how it was recorded")))
	for i := range d.Recordings {
		r := &d.Recordings[i]
		d.heading(3, report.Runs(w.T("Exhibits %s: version %s of %s"), plain(r.Letter), plain(r.Number), said(d.Terms.String()))...)
		verified := time.Time{}
		if i == 0 {
			verified = d.Verified
		}
		lines := d.circumstances(r, verified)
		if day := d.Report.Document.EffectiveDate; i == 0 && day != "" {
			lines = append(lines, d.item(w.T("Date that the text states"), said(day)))
		}
		d.list(lines...)
	}
	if s := report.NotInForce(w, &d.Report.Document.Dates); s != "" {
		d.para(plain(s))
	}
	d.para(plain(w.T("For each text this says what was received, by which client, from which address and no later than when. That it is unchanged since can be checked: anyone can compute the SHA-256 of the original anew.")))
	if slices.ContainsFunc(d.Recordings, func(r Recording) bool { return r.Snapshot.Origin != nil }) {
		d.para(plain(w.T("What others recorded was not received from the service by this program: of its circumstances no more is known than its collection says.")))
	}
	marks := []string{w.T("what the times rest on: the clock of the machine that recorded, unless a time stamp of an authority (RFC 3161) covers the recording")}
	if slices.ContainsFunc(d.Recordings, func(r Recording) bool { return r.Snapshot.ThirdParty != nil }) {
		d.para(plain(w.T("What others captured was not received from the service by this program: time, address and client are what their file says.")))
		marks = append(marks, w.T("who made the captures of others, and whether that person can vouch for them"))
	}
	d.checks(marks...)
}

// circumstances say how a text was recorded, and until when it was seen unchanged, if that is known.
func (d *sheet) circumstances(r *Recording, verified time.Time) [][]report.Run {
	w, s := d.w, &r.Snapshot
	lines := [][]report.Run{d.item(w.T("Received"), plain(utc(s.At)))}
	add := func(name string, value report.Run) {
		if value.Text != "" {
			lines = append(lines, d.item(name, value))
		}
	}
	if o := s.Origin; o != nil {
		lines = [][]report.Run{d.item(w.T("Recorded by others"), plain(utc(s.At)))}
		add(w.T("Collection"), said(o.Repo))
		add(w.T("Commit"), code(o.Commit))
		add(w.T("Path"), said(o.Path))
	}
	if by := s.ThirdParty; by != nil {
		lines = [][]report.Run{d.item(w.T("Recorded by others"), plain(utc(s.At)))}
		add(w.T("File that it came in"), said(by.File))
		add(w.T("SHA-256 of that file"), code(string(by.SHA256)))
		add(w.T("Their record of the page"), code(by.Record))
		add(w.T("Their program"), said(by.Software))
		add(w.T("Who ran it, as they say"), said(by.Operator))
		add(w.T("Their digests"), plain(map[string]string{"agree": w.T("agree with the bytes"), "none": w.T("none are stated"), "disagree": w.T("do not agree with the bytes")}[by.Digests]))
		for _, f := range by.Faults {
			add(w.T("Damaged, and imported all the same"), said(f))
		}
	}
	add(w.T("Address asked for"), web(s.URL))
	if s.FinalURL != s.URL {
		add(w.T("Address that answered"), web(s.FinalURL))
	}
	add(w.T("Address of the server"), plain(r.Server))
	add(w.T("Client"), said(r.Client))
	add(w.T("Browser"), said(s.Rendered))
	if s.Status != 0 {
		add(w.T("Status"), plain(statusOf(s.Status)))
	}
	if !verified.IsZero() {
		add(w.T("Seen unchanged until"), plain(utc(verified)))
	}
	add(w.T("SHA-256 of what was received"), code(string(s.Body)))
	add(w.T("Record that holds it"), code(r.BodyRecord))
	add(w.T("Snapshot"), code(s.ID))
	for _, x := range r.Version.Annexes {
		if x.Document == "" {
			add(w.T("Linked page that is not among the exhibits"), said(x.URL+" ("+w.Tell(x.Problem)+")"))
		}
	}
	return lines
}

func (d *Draft) history() {
	w := d.w
	d.heading(3, plain(w.T("History")))
	part := report.Part{Kind: report.PartTable, Head: []string{w.T("Day"), w.T("Version"), w.T("What happened"), w.T("Findings that appeared"), w.T("Findings that went away")}}
	for i, e := range d.History {
		if i == maxEvents {
			d.checks(w.T("the rest of the history, which is too long for this table"))
			break
		}
		part.Rows = append(part.Rows, [][]report.Run{report.Say(e.Day), report.Say(e.Version), {said(e.What)}, report.Say(strings.Join(e.Appeared, " ")),
			report.Say(strings.Join(e.Resolved, " "))})
	}
	d.p.Add(part)
}

func (d *Draft) alleged() {
	w := d.w
	d.heading(2, plain(w.T("5. Description of the alleged infringement (Art. 4(1)(e) of Regulation (EU) 2025/2518)")))
	d.list(d.item(w.T("In the words of the complainant"), fill(w.T("what happened, and why you think that the articles named below were not complied with"))))
	d.para(plain(w.T("What follows was noted in the text. The articles named with each passage or gap ask about it.")))
	for i := range d.Findings {
		d.finding(&d.Findings[i])
	}
}

func (d *Draft) finding(f *analyze.Finding) {
	w := d.w
	d.heading(3, plain(f.ID+" "+report.Line(f.Title)))
	d.list(d.item(w.T("Articles that ask about it"), plain(report.ArticlesIn(w, f.Articles))), d.item(w.T("Noted by the law of"), plain(f.AsOf.String())))
	if f.Quote != "" {
		d.quote(&d.Recordings[0], f.Quote, f.Start)
	} else {
		d.para(plain(w.T("There is no passage to quote: it is about something that was not recognised in the text, or that stands on a linked page.")))
	}
	d.para(plain(report.Line(f.Message)))
	marks := []string{report.Line(f.LookUp)}
	if f.Quote == "" {
		marks = append(marks, w.F("%s: whether the text, or a page that it links, says it in other words", f.ID))
	}
	d.checks(marks...)
}

func (d *Draft) law() {
	w, r := d.w, d.Report
	d.heading(2, plain(w.F("6. The law of %s", r.AsOf)))
	part := report.Part{Kind: report.PartTable, Head: []string{w.T("About"), w.F("On %s", r.AsOf), w.F("On %s", r.Today), w.T("Instrument"), w.T("Source"), w.T("Verified")}}
	unverified := d.destinations(&part)
	unverified = d.tools(&part) || unverified
	if len(part.Rows) == 0 {
		d.para(plain(w.T("The text names no destination and no transfer tool that the table of the law holds.")))
	} else {
		d.p.Add(part)
	}
	marks := []string{""}
	if unverified {
		marks = append(marks, w.T("the rows that were not verified in a public source"))
	}
	if k := law.KnownUntil(); k.Before(r.Today) || k.Before(r.AsOf) {
		marks = append(marks, w.F("what changed in the law after %s: the table ends there", k))
	}
	d.checks(marks...)
}

func (d *Draft) verified(yes bool) []report.Run {
	if yes {
		return report.Say(d.w.T("yes"))
	}
	return report.Say(d.w.T("no"))
}

// destinations adds the adequacy rows of the countries that the text names, and reports whether one was not verified.
func (d *Draft) destinations(part *report.Part) (unverified bool) {
	w, r := d.w, d.Report
	seen := map[string]bool{}
	for i := range r.Transfers.Destinations {
		x := &r.Transfers.Destinations[i]
		if seen[x.Country] || len(seen) >= maxPlaces {
			continue
		}
		seen[x.Country] = true
		name := []report.Run{plain(fmt.Sprintf("%s (%s)", report.Line(x.Name), report.Line(x.Country)))}
		rows := law.Rows(x.Country, r.AsOf)
		if len(rows) == 0 {
			part.Rows = append(part.Rows, [][]report.Run{name, report.Say(report.StandingIn(w, x.Standing)), report.Say(report.StandingIn(w, x.Today)),
				report.Say(w.T("none known")), report.Say("–"), report.Say("–")})
		}
		for _, row := range rows {
			unverified = unverified || !row.Verified
			part.Rows = append(part.Rows, [][]report.Run{name, report.Say(report.StandingIn(w, x.Standing)), report.Say(report.StandingIn(w, x.Today)),
				{said(row.Instrument)}, {said(row.Source)}, d.verified(row.Verified)})
		}
	}
	return unverified
}

// tools adds the rows of the transfer tools that the text names, and reports whether one was not verified.
func (d *Draft) tools(part *report.Part) (unverified bool) {
	w, r := d.w, d.Report
	seen := map[string]bool{}
	for _, x := range r.Transfers.Tools {
		row, ok := law.ToolByID(x.ID)
		if !ok || seen[x.ID] {
			continue
		}
		seen[x.ID] = true
		unverified = unverified || !row.Verified
		part.Rows = append(part.Rows, [][]report.Run{{said(row.Name)}, report.Say(report.ToolStatus(w, x.ID, r.AsOf, r.AsOf)),
			report.Say(report.ToolStatus(w, x.ID, r.Today, r.Today)), {said(row.Instrument)}, {said(row.Source)}, d.verified(row.Verified)})
	}
	return unverified
}

func (d *Draft) exhibits(list []Exhibit) {
	w := d.w
	d.heading(2, plain(w.T("8. Exhibits")))
	part := report.Part{Kind: report.PartTable, Head: []string{w.T("Exhibit"), w.T("What this shows"), w.T("SHA-256 of the original")}}
	for i := range list {
		part.Rows = append(part.Rows, [][]report.Run{report.Say(list[i].Number), list[i].Shows(w), digests(&list[i])})
	}
	d.p.Add(part)
	d.para(report.Runs(w.T("The exhibits as PDFs, with these numbers, are made by %s."), code(d.Command))...)
}

// digests are the SHA-256 of the originals of an exhibit.
func digests(e *Exhibit) []report.Run {
	var out []report.Run
	for i, o := range e.Originals {
		if i > 0 {
			out = append(out, plain(" "))
		}
		out = append(out, code(string(o.SHA256)))
	}
	return out
}
