package main

// The command evidence complaint: the draft of an annex to a complaint under Art. 77 GDPR.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/complaint"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

func (t *tool) complaintCommand() *cli.Command {
	return &cli.Command{
		Name:      "complaint",
		Usage:     "draft the annex of a complaint to a supervisory authority (Art. 77 GDPR)",
		ArgsUsage: "SERVICE",
		Description: `Writes a draft from what the archive holds: who is complained of, how and when the
text was recorded, its history, the passages of the findings that you name, the
articles that ask about them, the law of the day, and the exhibits with their
SHA-256, in the order that Art. 4 of Regulation (EU) 2025/2518 asks for.

   drittland evidence complaint Clipzy --finding T05 --authority dpc -o annex.md
   drittland evidence complaint Clipzy --finding T05 --authority dpc --format docx -o annex.docx
   drittland --locale de evidence complaint Clipzy --finding T05 --finding T07 --version 2 --authority bfdi
   drittland evidence complaint --authority list

It states no infringement as a fact and invents no name. What only you can know is
marked [FILL IN: …], what you have to look up [CHECK: …], and both are listed at the
top. 'drittland show Clipzy --format report' has the findings of a version. The
exhibits are those of the version and of the one before it, and 'drittland evidence
filing' prints them with the same numbers. The language is that of --locale.`,
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "finding", Usage: "`ID` of a finding that the complaint is about, such as T05 (may be repeated)"},
			&cli.StringFlag{Name: "authority", Usage: "`ID` of the supervisory authority, such as dpc, cnil, bfdi or ap; list shows all"},
			&cli.StringFlag{Name: "version", Usage: "`VERSION` of the text, as 'drittland show' takes it (default: the last)"},
			&cli.StringFlag{Name: "terms", Usage: "`TYPE` of terms, if the service has several"},
			&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "md", Usage: "`FORM` of the draft: md, html or docx; of the list of authorities: text or json"},
			outputFlag(),
		},
		OnUsageError: usageError,
		Action:       t.complaint,
	}
}

func (t *tool) complaint(c *cli.Context) error {
	if c.String("authority") == "list" {
		return t.write(c, func(w io.Writer) error { return t.authorities(w, c) })
	}
	if form := strings.TrimPrefix(filepath.Ext(c.String("output")), "."); !c.IsSet("format") && (form == "docx" || form == "html") {
		if err := c.Set("format", form); err != nil { // Markdown under such a name opens as what it is not
			return err
		}
	}
	if err := checkComplaint(c); err != nil {
		return usage(err, commandName(c))
	}
	if err := t.notDOCX(c); err != nil {
		return err
	}
	authority, ok := complaint.Find(c.String("authority"))
	if !ok {
		return &coded{fmt.Errorf("no supervisory authority is known as %q", c.String("authority")), exitUsage,
			"'drittland evidence complaint --authority list' lists them"}
	}
	d, err := t.draft(c)
	if err != nil {
		return err
	}
	d.Authority = authority
	p, err := d.Paper()
	if err != nil {
		return err
	}
	return t.write(c, func(w io.Writer) error {
		switch c.String("format") {
		case "html":
			return report.PaperHTML(w, p)
		case "docx":
			return report.PaperDOCX(w, p)
		}
		return report.PaperMarkdown(w, p)
	})
}

func checkComplaint(c *cli.Context) error {
	switch {
	case c.NArg() != 1:
		return errors.New("name the service that the complaint is about")
	case len(c.StringSlice("finding")) == 0:
		return errors.New("name what the complaint is about with --finding: 'drittland show SERVICE --format report' has the findings")
	case c.String("authority") == "":
		return errors.New("name the supervisory authority with --authority; --authority list shows all")
	}
	return knownFormat(c.String("format"), "md", "html", "docx")
}

// draft gathers what a draft is made from.
func (t *tool) draft(c *cli.Context) (*complaint.Draft, error) {
	engine, err := t.engine(nil)
	if err != nil {
		return nil, err
	}
	s, name := t.store(c), c.Args().First()
	list, h, err := s.recordings(c.Context, name, c.String("terms"), []string{c.String("version")})
	if err != nil {
		return nil, err
	}
	rep, err := s.judged(c.Context, engine, list[0].Version)
	if err != nil {
		return nil, err
	}
	d := &complaint.Draft{Words: t.words, Terms: h.Terms, Report: rep, Program: "drittland " + version(), Made: t.today()}
	ids := strings.FieldsFunc(strings.Join(c.StringSlice("finding"), ","), func(r rune) bool { return r == ',' || r == ' ' })
	if d.Findings, err = findingsNamed(rep, ids, list[0].Number); err != nil {
		return nil, err
	}
	numbers := []string{list[0].Number}
	if before := previous(h, list[0].Version); before != "" {
		numbers = append(numbers, before)
		if list, _, err = s.recordings(c.Context, h.Terms.Service, h.Terms.Type, numbers); err != nil {
			return nil, err
		}
	}
	d.Recordings = list
	if n := len(h.Versions); n > 0 && h.Versions[n-1].ID == list[0].Version.ID && h.Verified.After(list[0].Version.Date) {
		d.Verified = h.Verified
	}
	d.Command = fmt.Sprintf("drittland evidence filing %s %s --out DIR", shellWord(h.Terms.Service), strings.Join(numbers, " "))
	if h.Terms.Type != defaultType {
		d.Command += " --terms " + shellWord(h.Terms.Type)
	}
	d.History, err = t.events(c.Context, s, engine, h.Terms, list, d.Findings)
	return d, err
}

// judged is the report on a version.
func (s *store) judged(ctx context.Context, engine *analyze.Engine, v snapshots.Version) (rep *analyze.Report, err error) {
	err = s.read(ctx, func(a *archive.Archive) error {
		x, err := newSubject(a, engine, v)
		if err == nil {
			rep = engine.Report(x.facts, analyze.Dates{AsOf: x.day, Today: s.today()})
		}
		return err
	})
	return rep, err
}

// previous names the version before one in its line, "" if it is the first.
func previous(h *history, v snapshots.Version) string {
	for _, line := range h.lines() {
		if i := slices.IndexFunc(line.Versions, func(x snapshots.Version) bool { return x.ID == v.ID }); i > 0 {
			return numberOf(line, i-1)
		}
	}
	return ""
}

// findingsNamed are the findings that a user names, each once, in that order.
func findingsNamed(rep *analyze.Report, ids []string, number string) ([]analyze.Finding, error) {
	all := slices.Concat(rep.Findings, rep.Later)
	var out []analyze.Finding
	for _, id := range ids {
		same := func(f analyze.Finding) bool { return strings.EqualFold(f.ID, strings.TrimSpace(id)) }
		i := slices.IndexFunc(all, same)
		if i < 0 {
			hint := "it has: " + strings.Join(findingIDs(all), " ")
			if len(all) == 0 {
				hint = "it has none"
			}
			return nil, &coded{fmt.Errorf("version %s has no finding %s", number, id), exitUsage, hint}
		}
		if !slices.ContainsFunc(out, same) {
			out = append(out, all[i])
		}
	}
	return out, nil
}

// events are the rows of the history that matter: the first, those of the exhibits, and those that changed one of the findings.
func (t *tool) events(ctx context.Context, s *store, engine *analyze.Engine, terms snapshots.Terms, list []complaint.Recording, found []analyze.Finding) ([]complaint.Event, error) {
	_, rows, err := s.timeline(ctx, engine, terms.Service, terms.Type)
	if err != nil {
		return nil, err
	}
	asked := findingIDs(found)
	of := func(ids []string) (out []string) {
		for _, id := range ids {
			if slices.Contains(asked, id) {
				out = append(out, id)
			}
		}
		return out
	}
	var out []complaint.Event
	for i := range rows {
		r := &rows[i]
		e := complaint.Event{Day: r.Date.Format(time.DateOnly), Appeared: of(r.Appeared), Resolved: of(r.Resolved)}
		shown := slices.ContainsFunc(list, func(x complaint.Recording) bool { return x.Version.ID == r.Version })
		changed := len(e.Appeared)+len(e.Resolved) > 0
		switch {
		case r.Cause == snapshots.Law && changed:
			e.What = report.LawBetween(t.words, r.Law)
		case strings.HasPrefix(r.Refused, erasedOn): // that the row of versions is not complete must not be kept back
			e.Version, e.What = "–", t.words.Tell(r.Refused)
		case r.ofVersion() && (shown || changed || r.Cause == snapshots.First):
			e.Version, e.What = fmt.Sprint(r.Number), t.happened(r)
			if r.Line != "" {
				e.Version = fmt.Sprintf("%s:%d", r.Line, r.Number)
			}
		default:
			continue
		}
		out = append(out, e)
	}
	return out, nil
}

// happened says in few words how a version differs from the one before it.
func (t *tool) happened(r *row) string {
	if r.Cause == snapshots.First || r.Class == "" {
		return t.words.T("first version recorded")
	}
	return t.words.T("another text:") + " " + report.Class(t.words, r.Class)
}

// authorities lists the supervisory authorities.
func (t *tool) authorities(out io.Writer, c *cli.Context) error {
	if c.String("format") == "json" {
		return report.JSON(out, complaint.Authorities())
	}
	if c.IsSet("format") && c.String("format") != "text" {
		return usage(knownFormat(c.String("format"), "text", "json"), commandName(c))
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, t.head("ID", "COUNTRY", "AUTHORITY", "ADDRESS", "COMPARED"))
	for _, a := range complaint.Authorities() {
		address, _ := a.Form()
		compared := a.Verified.String()
		if a.Remembered() {
			compared = t.words.T("from memory")
		}
		place := a.Country
		if a.Region != "" {
			place += " " + a.Region
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", a.ID, place, a.Name, address, compared)
	}
	return w.Flush()
}
