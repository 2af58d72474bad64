package main

// The command show: one version of some terms, as text with its metadata, as JSON or as a report.

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/desk"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/fetch/extract"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

func (t *tool) showCommand() *cli.Command {
	return &cli.Command{
		Name:      "show",
		Usage:     "one version of a service's terms: its text, its origin, or a report on it",
		ArgsUsage: "SERVICE [VERSION]",
		Description: `VERSION is a number as 'drittland log' gives it, a number from the end (-1 is the
last one, and what is shown without VERSION), a day (the version that was the
last one seen on it) or the beginning of an ID; with de: before it, it is one of
the variant de ('drittland variants' lists them). The text is Markdown, headed by
where it comes from. The report shows beside the findings what models said of them, if any
has read the version ('drittland second-read'): the one that read it last at first.

   drittland show Clipzy
   drittland show Clipzy 1 > clipzy-1.md
   drittland show Clipzy 2026-10-01 --format report
   drittland show Clipzy -1 --terms "Terms of Service" --format json`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "md", Usage: "`FORM` of the output: md, json or report"},
			&cli.StringFlag{Name: "terms", Usage: "`TYPE` of terms, if the service has several"},
			&cli.BoolFlag{Name: "annexes", Usage: "also the texts of the pages that were captured with it"},
		},
		OnUsageError: usageError,
		Action:       t.show,
	}
}

// A shown version is what show tells of one.
type shown struct {
	Number   int                            `json:"number"`
	Version  snapshots.Version              `json:"version"`
	Snapshot snapshots.Snapshot             `json:"snapshot"`
	Document *snapshots.Document            `json:"document"`
	Dates    analyze.StatedDates            `json:"dates"`               // that the text states about itself
	Annexes  map[string]*snapshots.Document `json:"annexes,omitempty"`   // by address
	Decided  []snapshots.Decision           `json:"decisions,omitempty"` // that hold: on the change that it brought, and on its findings
	Seconds  []*report.Second               `json:"second_readings,omitempty"`
	annexes  []analyze.Annex
	of       int         // versions of the terms
	decided  [][2]string // what Decided says, in words
	opined   [][2]string // how far Seconds came, in words
	desk     *desk.Desk
}

func (t *tool) show(c *cli.Context) error {
	if c.NArg() < 1 || c.NArg() > 2 {
		return usage(errors.New("name a service, and a version of it"), commandName(c))
	}
	if err := knownFormat(c.String("format"), "md", "json", "report"); err != nil {
		return usage(err, commandName(c))
	}
	x, err := t.store(c).one(c.Context, c.Args().Get(0), c.String("terms"), c.Args().Get(1))
	if err != nil {
		return err
	}
	if err := t.store(c).decisionsFor(c.Context, x); err != nil {
		return err
	}
	if err := t.store(c).opinionsFor(x); err != nil {
		return err
	}
	switch c.String("format") {
	case "json":
		day := law.DateOf(x.Version.Date)
		x.Dates = analyze.DatesOf(&analyze.Facts{Document: x.Document, Seen: day}, day)
		if c.Bool("annexes") {
			x.Annexes = map[string]*snapshots.Document{}
			for _, a := range x.annexes {
				if a.Document != nil && !a.Part {
					x.Annexes[a.URL] = a.Document
				}
			}
		}
		return report.JSON(t.env.Stdout, x)
	case "report":
		return t.showReport(x)
	}
	return x.markdown(t.env.Stdout, c.Bool("annexes"))
}

// one loads one version of some terms.
func (s *store) one(ctx context.Context, name, typ, spec string) (*shown, error) {
	var x *shown
	err := s.read(ctx, func(a *archive.Archive) error {
		terms, others, err := findTerms(a, name, typ)
		if err != nil {
			return err
		}
		if typ == "" && len(others) > 0 {
			s.say("this is from %s; %s also has: %s", terms, terms.Service, strings.Join(others, ", "))
		}
		h, err := readHistory(a, terms)
		if err != nil {
			return err
		}
		h, i, err := h.find(spec)
		if err != nil {
			return err
		}
		x = &shown{Number: i + 1, Version: h.Versions[i], of: len(h.Versions)}
		if x.Snapshot, err = a.Snapshot(x.Version.Snapshot); err != nil {
			return err
		}
		x.Document, x.annexes, err = texts(a, x.Version)
		return err
	})
	return x, err
}

func (t *tool) showReport(x *shown) error {
	engine, err := t.engine(nil)
	if err != nil {
		return err
	}
	facts := engine.Facts(x.Document, x.annexes...)
	facts.Seen = law.DateOf(x.Version.Date)
	r := engine.Report(facts, analyze.Dates{AsOf: lawDay(x.Version, x.Document), Today: t.today()})
	t.mark(x.desk, r.Findings, r.Later)
	r.Document.Name = fmt.Sprintf("%s, version %d of %s", x.Version.Terms, x.Number, x.Version.Date.Format(time.DateOnly))
	return report.Text(t.env.Stdout, []*analyze.Report{r}, t.style(), report.Together(x.Seconds))
}

// markdown writes the text below a head that says where it comes from.
func (x *shown) markdown(out io.Writer, annexes bool) error {
	w := bufio.NewWriter(out)
	fmt.Fprintln(w, "---")
	for _, l := range slices.Concat(x.head(), x.decided, x.opined) {
		fmt.Fprintf(w, "%s: %s\n", l[0], report.Line(l[1]))
	}
	fmt.Fprint(w, "---\n\n")
	if err := writeMarkdown(w, x.Document); err != nil {
		return err
	}
	if annexes {
		for _, a := range x.annexes {
			if a.Document == nil || a.Part {
				continue // the head says why, or the text holds it
			}
			fmt.Fprintf(w, "\n---\nannex: %s\n---\n\n", report.Line(a.URL))
			if err := writeMarkdown(w, a.Document); err != nil {
				return err
			}
		}
	}
	return w.Flush()
}

func writeMarkdown(w io.Writer, doc *snapshots.Document) error {
	var text strings.Builder
	if err := extract.Markdown(&text, doc); err != nil {
		return err
	}
	_, err := io.WriteString(w, report.Printable(text.String()))
	return err
}

// head is the metadata of a version as names and values.
func (x *shown) head() [][2]string {
	v, s := x.Version, x.Snapshot
	lines := [][2]string{{"service", v.Terms.Service}, {"terms", v.Terms.Type}, {"version", fmt.Sprintf("%d of %d, %s", x.Number, x.of, v.ID)},
		{"date", v.Date.Format(time.RFC3339)}, {"cause", string(v.Cause)}, {"language", v.Language}}
	add := func(name, value string) {
		if value != "" {
			lines = append(lines, [2]string{name, value})
		}
	}
	add("variant", v.Variant)
	for _, d := range x.dates() {
		add(d[0], d[1])
	}
	add("url", s.URL)
	if s.FinalURL != s.URL {
		add("redirected", s.FinalURL)
	}
	if o := v.Origin; o != nil {
		add("collection", o.Repo)
		add("commit", o.Commit)
		add("path", o.Path)
		add("subject", o.Subject)
		if o.Technical {
			add("technical", "yes")
		}
	}
	if by := s.ThirdParty; by != nil {
		add("captured by", "others: what they say of the page and its date is not verified")
		add("file", by.File)
		add("file digest", "sha256:"+string(by.SHA256))
		add("within", by.Within)
		add("warc record", by.Record)
		add("warc file", by.Filename)
		add("software", by.Software)
		add("operator", by.Operator)
		add("digests", by.Digests)
		for _, f := range by.Faults {
			add("damaged", f)
		}
	}
	for _, p := range v.Parts {
		add("further page", p.URL)
	}
	for _, a := range v.Annexes {
		value := a.URL
		if a.Problem != "" {
			value += " (" + a.Problem + ")"
		}
		add("annex", value)
	}
	add("rendered", s.Rendered)
	add("snapshot", v.Snapshot)
	add("body", fmt.Sprintf("sha256:%s, %d bytes", s.Body, s.Size))
	add("reader", v.Reader)
	for _, n := range v.Notes {
		add("note", n)
	}
	for _, w := range x.Document.Warnings {
		add("warning", w)
	}
	return lines
}
