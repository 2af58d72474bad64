package complaint

// The draft: what is in it, and its first and last parts. Its order is that of Art. 4(1) of Regulation (EU) 2025/2518: who
// complains, about whom, and what is alleged.

import (
	"strings"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
)

// A Draft is everything that the annex of a complaint is made from.
type Draft struct {
	Words      *locale.Words
	Authority  Authority
	Terms      snapshots.Terms
	Recordings []Recording // with letters: the version complained of first
	Report     *analyze.Report
	Findings   []analyze.Finding // those complained of, in the order asked for
	History    []Event
	Verified   time.Time // when the version was seen last, zero if it is not the last one
	Command    string    // that makes the filing set with the same numbers
	Program    string    // name and version of this program
	Made       law.Date

	sheet
}

// A sheet is a paper that is being written.
type sheet struct {
	w *locale.Words
	p *report.Paper
}

// An Event is one row of the history that matters for the findings.
type Event struct {
	Day                string   // YYYY-MM-DD
	Version            string   // its number, "" for a change of the law
	What               string   // in the language of the draft
	Appeared, Resolved []string // IDs of findings
}

// Paper is the draft as parts, in the language of its words.
func (d *Draft) Paper() (*report.Paper, error) {
	d.w = d.Words
	d.p = &report.Paper{Language: d.w.Language(), Title: d.w.F("Complaint under Art. 77 GDPR: %s (draft of an annex)", report.Line(d.Terms.String())),
		FillIn: d.w.T("FILL IN"), Check: d.w.T("CHECK")}
	exhibits, err := Exhibits(d.Recordings)
	if err != nil {
		return nil, err
	}
	d.authority()
	d.complainant()
	d.controller()
	d.recorded()
	d.history()
	d.alleged()
	d.law()
	d.asked()
	d.exhibits(exhibits)
	d.end()
	d.summary()
	return d.p, nil
}

// Shorthands for parts and runs.

func (d *sheet) heading(level int, runs ...report.Run) {
	d.p.Add(report.Part{Kind: report.PartHeading, Level: level, Runs: runs})
}

func (d *sheet) para(runs ...report.Run) {
	d.p.Add(report.Part{Kind: report.PartParagraph, Runs: runs})
}

func (d *sheet) list(items ...[]report.Run) {
	d.p.Add(report.Part{Kind: report.PartList, Items: items})
}

func plain(s string) report.Run { return report.Run{Text: s} }
func said(s string) report.Run  { return report.Run{Kind: report.Said, Text: report.Line(s)} }
func code(s string) report.Run  { return report.Run{Kind: report.Code, Text: s} }
func web(s string) report.Run   { return report.Run{Kind: report.Web, Text: s} }
func fill(s string) report.Run  { return report.Run{Kind: report.Fill, Text: s} }
func check(s string) report.Run { return report.Run{Kind: report.Check, Text: s} }

// item is a line of a list: a name in bold, and what belongs to it.
func (d *sheet) item(name string, runs ...report.Run) []report.Run {
	return append([]report.Run{{Kind: report.Strong, Text: d.w.F("%s:", name)}, plain(" ")}, runs...)
}

// checks are marks, each an item of a list.
func (d *sheet) checks(marks ...string) {
	var items [][]report.Run
	for _, m := range marks {
		if m != "" {
			items = append(items, []report.Run{check(m)})
		}
	}
	if len(items) > 0 {
		d.list(items...)
	}
}

// summary puts before everything else what a person has to do with the draft.
func (d *Draft) summary() {
	rest, w := d.p.Parts, d.w
	fills, checks := d.p.Open(report.Fill), d.p.Open(report.Check)
	d.p.Parts = nil
	d.para(report.Run{Kind: report.Strong, Text: w.T("This is a draft, made by a program.")},
		plain(" "+w.T("It says what a text says, how the text was recorded, and which articles of the GDPR ask about it. Whether they were complied with is for the supervisory authority to decide, and what is alleged is for the person who complains to say. It is no legal advice.")))
	for _, x := range []struct {
		count string
		list  []string
	}{
		{w.N("%s place is to be filled in:", "%s places are to be filled in:", len(fills)), fills},
		{w.N("%s point is to be checked:", "%s points are to be checked:", len(checks)), checks},
	} {
		d.para(report.Run{Kind: report.Strong, Text: x.count})
		var items [][]report.Run
		for _, s := range x.list {
			items = append(items, report.Say(s))
		}
		d.list(items...)
	}
	d.p.Add(rest...)
}

func (d *Draft) authority() {
	w, a := d.w, &d.Authority
	d.heading(2, plain(w.T("1. Supervisory authority")))
	name := []report.Run{said(a.Name)}
	if a.English != a.Name {
		name = append(name, plain(" ("), said(a.English), plain(")"))
	}
	address, form := a.Form()
	lines := [][]report.Run{d.item(w.T("Authority"), name...), d.item(w.T("Website"), web(a.Website))}
	if form {
		lines = append(lines, d.item(w.T("Page for complaints"), web(address)))
	}
	d.list(lines...)
	marks := []string{
		w.T("whether this authority is the right one: a complaint can be lodged where the complainant lives or works, or where the alleged infringement took place (Art. 77(1) GDPR)"),
		w.T("which authority leads: that of the controller's main establishment in the Union, if the processing is cross-border (Art. 56 and 60 GDPR, one-stop shop)"),
		w.T("whether Regulation (EU) 2025/2518 applies: to complaints about cross-border processing, from 2 April 2027; for others the law of the authority's country says what a complaint must hold"),
	}
	if a.Lands {
		marks = append(marks, w.T("whether the authority of a Land is competent instead: it is for most private bodies in Germany (§ 40 BDSG)"))
	}
	if a.Remembered() {
		marks = append(marks, w.T("the address of the authority, which was not compared with a source"))
	} else {
		marks = append(marks, w.F("the address of the authority, which was compared with a stored copy of its pages, or of a list, on %s and may be out of date", a.Verified.Date))
	}
	if !form {
		marks = append(marks, w.T("where on its site the authority takes complaints"))
	}
	if !speaks(a, w.Language()) {
		names := make([]string, len(a.Languages))
		for i, l := range a.Languages {
			names[i] = report.LanguageIn(w, l)
		}
		marks = append(marks, w.F("whether the authority takes a complaint in the language of this draft; it is known to take: %s", strings.Join(names, ", ")))
	}
	if a.Archives == "refused" {
		d.para(plain(w.T("As far as known this authority takes neither archives such as ZIP nor links: the exhibits are filed as single PDFs.")))
	} else {
		marks = append(marks, w.T("which kinds of files, and of which size, the authority takes"))
	}
	d.checks(marks...)
}

func speaks(a *Authority, lang string) bool {
	for _, l := range a.Languages {
		if l == lang {
			return true
		}
	}
	return false
}

func (d *Draft) complainant() {
	w := d.w
	d.heading(2, plain(w.T("2. Person who complains (Art. 4(1)(a) to (c) of Regulation (EU) 2025/2518)")))
	d.list(
		d.item(w.T("Name"), fill(w.T("your name"))),
		d.item(w.T("Postal address"), fill(w.T("your postal address"))),
		d.item(w.T("E-mail"), fill(w.T("your e-mail address"))),
		d.item(w.T("Affected since and how"), fill(w.T("since when and how you use the service, and which of your data it has"))),
		d.item(w.T("Body under Art. 80 GDPR"), fill(w.T("name and contact of the body, proof that it was properly constituted and, under Art. 80(1), its mandate; or strike this line"))))
	d.checks(w.T("whether the complainant is affected: a complaint is about personal data that relate to the complainant (Art. 77(1) GDPR)"))
}

func (d *Draft) asked() {
	w := d.w
	d.heading(2, plain(w.T("7. What the authority is asked for")))
	d.para(plain(w.T("The complainant asks the authority to examine the passages quoted under the articles named, and to inform the complainant of the progress and the outcome (Art. 77(2) GDPR).")))
	d.list(d.item(w.T("Further"), fill(w.T("what else you ask for, such as the use of powers under Art. 58 GDPR; or strike this line"))))
	d.checks(w.T("whether the matter was or is before a court, the controller or another authority, and what came of it"))
}

func (d *Draft) end() {
	w := d.w
	d.heading(2, plain(w.T("9. Place, date and signature")))
	d.list(d.item(w.T("Place and date"), fill(w.T("place and date"))), d.item(w.T("Signature"), fill(w.T("your signature"))))
	d.para(plain(w.F("Drafted with %s on %s.", d.Program, d.Made)))
}
