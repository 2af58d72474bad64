package main

// Writing a bundle: for each version its captures, texts and pictures, then what was made of them, then the proofs.

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/wacz"
)

// An exporter writes one bundle.
type exporter struct {
	*tool
	engine   *analyze.Engine
	parts    attachments
	created  time.Time
	terms    snapshots.Terms
	exhibits []exhibited
	bundle   *bundle
	texts    []exhibitText // of the exhibits
	logs     []captureLog
	opinions bool // put them in, too
	unproved []string
	proved   map[string]bool // records that a proof was written for
}

// An exhibitText is the text of an exhibit, with those of the pages that it refers to.
type exhibitText struct {
	document *snapshots.Document
	annexes  []analyze.Annex
}

// choose finds the versions, oldest first, each once.
func (x *exporter) choose(a *archive.Archive, name, typ string, specs []string) error {
	terms, others, err := findTerms(a, name, typ)
	if err != nil {
		return err
	}
	if typ == "" && len(others) > 0 {
		x.say("this is from %s; %s also has: %s", terms, terms.Service, strings.Join(others, ", "))
	}
	h, err := readHistory(a, terms)
	if err != nil {
		return err
	}
	if len(specs) == 0 {
		specs = []string{""}
	}
	for _, spec := range specs {
		line, i, err := h.find(spec)
		if err != nil {
			return err
		}
		v := line.Versions[i]
		if !slices.ContainsFunc(x.exhibits, func(e exhibited) bool { return e.Version.ID == v.ID }) {
			x.exhibits = append(x.exhibits, exhibited{Number: i + 1, Version: v})
		}
	}
	slices.SortStableFunc(x.exhibits, func(a, b exhibited) int { return a.Version.Date.Compare(b.Version.Date) })
	for i := range x.exhibits {
		x.exhibits[i].Letter = string(rune('A' + i))
	}
	x.terms = terms
	return nil
}

// export writes the bundle.
func (x *exporter) export(ctx context.Context, a *archive.Archive, w io.Writer) error {
	x.bundle, x.proved = newBundle(w), map[string]bool{}
	for i := range x.exhibits {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := x.exhibit(a, &x.exhibits[i]); err != nil {
			return fmt.Errorf("version %d of %s: %w", x.exhibits[i].Number, x.terms, err)
		}
	}
	if err := x.copies(); err != nil {
		return err
	}
	if err := x.bundle.print(bundledFile{Path: "L-1_capture-log.md", Role: roleLog}, func(w io.Writer) error { return writeCaptureLog(w, x.terms, x.logs) }); err != nil {
		return err
	}
	if err := x.proofs(a); err != nil {
		return err
	}
	m := manifest{Format: bundleFormat, Created: x.created, Software: "drittland " + version(), Terms: x.terms, Exhibits: x.exhibits, NotProved: x.unproved}
	manual := func(w io.Writer) error { return writeManual(w, &m, x.bundle.files) }
	if err := x.bundle.print(bundledFile{Path: verifyName, Role: roleManual}, manual); err != nil {
		return err
	}
	return x.bundle.close(m)
}

// exhibit writes one version.
func (x *exporter) exhibit(a *archive.Archive, e *exhibited) error {
	doc, annexes, err := texts(a, e.Version)
	if err != nil {
		return err
	}
	x.texts = append(x.texts, exhibitText{doc, annexes})
	pages, err := pagesIn(a, e.Version)
	if err != nil {
		return err
	}
	if e.Reading, err = x.readingOf(a, e.Version, pages[0].Snapshot); err != nil {
		return err
	}
	w := wacz.NewWriter(wacz.Info{Title: fmt.Sprintf("%s, %s", x.terms, e.Version.Date.Format(time.DateOnly)), Software: "drittland " + version(),
		Description: "What was received of " + x.terms.String() + ", copied record by record from the archive of the capturing machine.", Created: e.Version.Date})
	log := captureLog{Letter: e.Letter, Number: e.Number, Version: e.Version.ID, Date: e.Version.Date, Reader: e.Version.Reader}
	var pictures []picture
	for i := range pages {
		members, err := x.page(a, w, &pages[i], doc, annexes)
		if err != nil {
			return err
		}
		pictures = append(pictures, picturesIn(members, pages[i].Snapshot.URL)...)
		entry, err := loggedPage(&pages[i], members)
		if err != nil {
			return err
		}
		log.Pages = append(log.Pages, entry)
		e.Snapshots = append(e.Snapshots, pages[i])
	}
	for _, n := range e.Version.Annexes {
		if n.Document == "" && n.Snapshot == "" {
			log.NotHad = append(log.NotHad, n)
		}
	}
	x.logs = append(x.logs, log)
	file := func(n int, name, role, url string) bundledFile {
		return bundledFile{Path: fmt.Sprintf("%s-%d_%s", e.Letter, n, name), Role: role, Exhibit: e.Letter, URL: url}
	}
	var buf bytes.Buffer
	if _, err := w.WriteTo(&buf); err != nil {
		return err
	}
	if err := x.bundle.add(file(1, "capture.wacz", roleCapture, pages[0].Snapshot.URL), buf.Bytes()); err != nil {
		return err
	}
	if err := x.pictures(file, pictures); err != nil {
		return err
	}
	if err := x.writtenTexts(file, pages[0].Snapshot.URL, doc, annexes); err != nil {
		return err
	}
	if err := x.bundle.print(file(5, "exchanges.json", roleExchanges, ""), func(w io.Writer) error { return report.JSON(w, log) }); err != nil {
		return err
	}
	return x.writtenOpinions(a, e)
}

// pictures writes what a browser made of the pages.
func (x *exporter) pictures(file func(int, string, string, string) bundledFile, list []picture) error {
	count := map[string]int{}
	for _, p := range list {
		f := file(2, "screenshot", roleScreenshot, p.url)
		ext := ".png"
		if p.media == "application/pdf" {
			f, ext = file(3, "page", rolePage, p.url), ".pdf"
		}
		f.Record = p.record
		if count[ext]++; count[ext] > 1 {
			f.Path += fmt.Sprintf("-%d", count[ext])
		}
		f.Path += ext
		if err := x.bundle.add(f, p.content); err != nil {
			return err
		}
	}
	return nil
}

// writtenTexts writes the canonical texts: A-4.
func (x *exporter) writtenTexts(file func(int, string, string, string) bundledFile, address string, doc *snapshots.Document, annexes []analyze.Annex) error {
	if err := x.bundle.add(file(4, "text.txt", roleText, address), []byte(doc.Text)); err != nil {
		return err
	}
	n := 0
	for _, a := range annexes {
		if a.Document == nil || a.Part {
			continue
		}
		n++
		if err := x.bundle.add(file(4, fmt.Sprintf("text-annex-%d.txt", n), roleText, a.URL), []byte(a.Document.Text)); err != nil {
			return err
		}
	}
	return nil
}

// pagesIn are the snapshots that a version was read from, the policy first.
func pagesIn(a *archive.Archive, v snapshots.Version) ([]exhibitedSnapshot, error) {
	ids := []string{v.Snapshot}
	roles := []string{"policy"}
	take := func(id, role string) {
		if id != "" && !slices.Contains(ids, id) {
			ids, roles = append(ids, id), append(roles, role)
		}
	}
	for _, p := range v.Parts {
		take(p.Snapshot, "part")
	}
	for _, p := range v.Annexes {
		take(p.Snapshot, "annex")
	}
	var out []exhibitedSnapshot
	for i, id := range ids {
		s, err := a.Snapshot(id)
		if err != nil {
			return nil, err
		}
		out = append(out, exhibitedSnapshot{Snapshot: s, Role: roles[i]})
	}
	return out, nil
}

// page adds the records of one snapshot to the WACZ file, and what a player shows of it.
func (x *exporter) page(a *archive.Archive, w *wacz.Writer, p *exhibitedSnapshot, doc *snapshots.Document, annexes []analyze.Annex) ([]archive.Member, error) {
	members, err := a.Exhibit(p.Snapshot)
	if err != nil {
		return nil, err
	}
	own, err := a.Records(p.Snapshot)
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		p.Records = append(p.Records, m.ID())
		if err := w.Add(m.Bytes); err != nil {
			return nil, err
		}
	}
	if err := x.shown(a, w, p, own, members); err != nil {
		return nil, err
	}
	title, text := p.Snapshot.URL, ""
	switch p.Role {
	case "policy":
		title, text = doc.Title, doc.Text
	case "annex":
		for _, n := range annexes {
			if n.URL == p.Snapshot.URL && n.Document != nil {
				title, text = n.Document.Title, n.Document.Text
			}
		}
	}
	if title == "" {
		title = x.terms.String()
	}
	w.Page(wacz.Page{ID: strings.TrimPrefix(p.Snapshot.ID, "urn:uuid:"), URL: p.Replay, At: p.At, Title: title, Text: text})
	return members, nil
}

// copies writes what was made of the texts: redlines and findings.
func (x *exporter) copies() error {
	facts, days := make([]*analyze.Facts, len(x.texts)), make([]law.Date, len(x.texts))
	for i, t := range x.texts {
		facts[i], days[i] = x.engine.Facts(t.document, t.annexes...), lawDay(x.exhibits[i].Version, t.document)
		facts[i].Seen = law.DateOf(x.exhibits[i].Version.Date)
	}
	for i := 1; i < len(facts); i++ {
		cmp := x.engine.Compare(facts[i-1], facts[i], days[i-1], analyze.Dates{AsOf: days[i], Today: x.today()})
		cmp.Old.Name, cmp.New.Name = x.named(i-1), x.named(i)
		if err := x.redline(x.exhibits[i-1].Letter+x.exhibits[i].Letter, cmp); err != nil {
			return err
		}
	}
	for i := range facts {
		r := x.engine.Report(facts[i], analyze.Dates{AsOf: days[i], Today: x.today()})
		r.Document.Name = x.named(i)
		letter := x.exhibits[i].Letter
		for _, form := range []struct {
			ext   string
			print func(io.Writer) error
		}{{"html", func(w io.Writer) error { return report.HTML(w, []*analyze.Report{r}) }}, {"json", func(w io.Writer) error { return report.JSON(w, r) }}} {
			if err := x.bundle.print(bundledFile{Path: "R-2_findings-" + letter + "." + form.ext, Role: roleFindings, Exhibit: letter}, form.print); err != nil {
				return err
			}
		}
	}
	return nil
}

// redline writes the redline between two exhibits.
func (x *exporter) redline(letters string, cmp *analyze.Comparison) error {
	forms := []struct {
		ext   string
		print func(io.Writer) error
	}{{"html", func(w io.Writer) error { return report.CompareHTML(w, cmp) }}, {"json", func(w io.Writer) error { return report.CompareJSON(w, cmp) }}}
	if x.parts.docx != nil {
		forms = append(forms, forms[0])
		forms[2].ext, forms[2].print = "docx", func(w io.Writer) error { return x.parts.docx(w, cmp) }
	}
	for _, f := range forms {
		if err := x.bundle.print(bundledFile{Path: "R-1_redline-" + letters + "." + f.ext, Role: roleRedline, Exhibit: letters}, f.print); err != nil {
			return err
		}
	}
	return nil
}

func (x *exporter) named(i int) string {
	e := x.exhibits[i]
	return fmt.Sprintf("%s, version %d of %s (exhibit %s)", x.terms, e.Number, e.Version.Date.Format(time.DateOnly), e.Letter)
}
