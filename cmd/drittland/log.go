package main

// The command log: the versions of some terms, oldest first, and what each of them changed.

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/diff"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

func (t *tool) logCommand() *cli.Command {
	return &cli.Command{
		Name:      "log",
		Usage:     "the versions of a service's terms, and what each of them changed",
		ArgsUsage: "[SERVICE [TERMS]]",
		Description: `Without arguments lists the terms in the archive. Otherwise lists every version,
oldest first: its date, why it differs from the one before it (the service changed
its terms, or the reading changed), the class of the change, and what happened to
countries, transfer tools and findings. Where the law changed while a text stood
still, and with it the findings, the day is listed too, with cause law.

A service may serve several texts in turn: each version is compared with the text
that it continues, and variants have names ('drittland variants' lists them). A text
that lost much of itself is not confirmed until the next capture shows the same.
'drittland explain Clipzy@3' says why version 3 is an alert or is none. TERMS is a
type of terms; without it the privacy policy is meant.

   drittland log
   drittland log Clipzy
   drittland log Clipzy "Terms of Service"
   drittland log Clipzy --format json | jq '.[] | select(.alert)'
   drittland log Clipzy --alerts`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "`FORM` of the output: text or json"},
			&cli.BoolFlag{Name: "alerts", Usage: "only versions that a person should look at"},
		},
		OnUsageError: usageError,
		Action:       t.log,
	}
}

func (t *tool) log(c *cli.Context) error {
	if c.NArg() > 2 {
		return usage(errors.New("name a service, and its terms if it has several"), commandName(c))
	}
	if err := knownFormat(c.String("format"), "text", "json"); err != nil {
		return usage(err, commandName(c))
	}
	if c.NArg() == 0 {
		return t.logAll(c)
	}
	engine, err := t.engine(nil)
	if err != nil {
		return err
	}
	s := t.store(c)
	h, rows, err := s.timeline(c.Context, engine, c.Args().Get(0), c.Args().Get(1))
	if err != nil {
		return err
	}
	if c.Bool("alerts") {
		kept := rows[:0]
		for _, r := range rows {
			if r.Alert {
				kept = append(kept, r)
			}
		}
		rows = kept
	}
	if c.String("format") == "json" {
		return writeRows(t.env.Stdout, rows)
	}
	return t.printLog(h, rows)
}

// A summary is one line of the list of all terms.
type summary struct {
	snapshots.Terms
	Versions int       `json:"versions"`
	First    time.Time `json:"first,omitzero"`
	Last     time.Time `json:"last,omitzero"`
	Verified time.Time `json:"verified,omitzero"`
}

// logAll lists the terms in the archive.
func (t *tool) logAll(c *cli.Context) error {
	list := []summary{}
	err := t.store(c).read(c.Context, func(a *archive.Archive) error {
		all, err := a.Terms()
		for _, terms := range all {
			h, err := readHistory(a, terms)
			if err != nil {
				return err
			}
			x := summary{Terms: terms, Versions: len(h.Versions), Verified: h.Verified}
			if n := len(h.Versions); n > 0 {
				x.First, x.Last = h.Versions[0].Date, h.Versions[n-1].Date
			}
			list = append(list, x)
		}
		return err
	})
	if err != nil {
		return err
	}
	if c.String("format") == "json" {
		return report.JSON(t.env.Stdout, list)
	}
	w := tabwriter.NewWriter(t.env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, t.head("SERVICE", "TERMS", "VERSIONS", "FIRST", "LAST", "VERIFIED"))
	for _, x := range list {
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\n", report.Line(x.Service), report.Line(x.Type), x.Versions, dayOr(x.First, "–"), dayOr(x.Last, "–"), dayOr(x.Verified, t.words.T("never")))
	}
	return w.Flush()
}

// writeRows writes a list with one object on each line.
func writeRows(w io.Writer, rows []row) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, "[")
	for i := range rows {
		var line strings.Builder
		if err := report.JSONLine(&line, rows[i]); err != nil {
			return err
		}
		end := ",\n"
		if i == len(rows)-1 {
			end = "\n"
		}
		fmt.Fprint(out, strings.TrimSuffix(line.String(), "\n")+end)
	}
	fmt.Fprintln(out, "]")
	return out.Flush()
}

// A row is one version in a log.
type row struct {
	Version   string               `json:"version"`
	Number    int                  `json:"number,omitempty"` // from 1; 0 for a version that was refused; of cause law, of the version whose findings changed
	Terms     snapshots.Terms      `json:"terms"`
	Date      time.Time            `json:"date"`
	Source    origin               `json:"source"`
	Cause     snapshots.Cause      `json:"cause"`
	Technical bool                 `json:"technical,omitempty"`
	Refused   string               `json:"refused,omitempty"`
	Class     string               `json:"class"` // "" for a first version and one that was refused: there is nothing to compare
	Why       string               `json:"why,omitempty"`
	Alert     bool                 `json:"alert"`
	Loss      diff.Loss            `json:"loss,omitempty"`          // in which way the text looks like a capture that failed
	Waits     bool                 `json:"unconfirmed,omitempty"`   // the next capture will show whether what is missing was dropped
	Against   int                  `json:"compared_with,omitempty"` // number of the version that the text continues, if it is not the one before
	Again     bool                 `json:"read_again,omitempty"`    // the text stood; reading it again brought findings to light
	Line      string               `json:"line,omitempty"`          // language, and region, of a text that came in place of the wanted one; it has numbers of its own
	Variant   string               `json:"variant,omitempty"`       // name of the variant, if there are several
	Language  string               `json:"language,omitempty"`
	Text      snapshots.Hash       `json:"text,omitempty"` // of the canonical text
	Dates     *analyze.StatedDates `json:"dates"`          // that the text states about itself; null if it was refused
	Transfers *analyze.Transfers   `json:"transfers"`      // null if it was refused

	CountriesAdded   []string             `json:"countries_added"`
	CountriesRemoved []string             `json:"countries_removed"`
	ToolsAdded       []string             `json:"tools_added"`
	ToolsRemoved     []string             `json:"tools_removed"`
	Facts            []analyze.FactChange `json:"facts"`
	Appeared         []string             `json:"findings_appeared"` // of a first version: all that it has
	Resolved         []string             `json:"findings_resolved"`
	Law              []analyze.LawChange  `json:"law,omitempty"`                   // what changed the findings, for cause law
	Fingerprint      string               `json:"fingerprint,omitempty"`           // of the change, or of what was found in a first version
	Has              []string             `json:"findings_fingerprints,omitempty"` // of all findings in the text
	OnChange         []string             `json:"findings_on_change,omitempty"`    // fingerprints of the findings that are about the change itself
	Decision         *snapshots.Decision  `json:"decision,omitempty"`              // on the change, if one holds
}

// An origin is where the text of a version comes from: a commit of a collection, or a snapshot of our own.
type origin struct {
	Repo     string `json:"repo,omitempty"`
	Commit   string `json:"commit,omitempty"`
	Path     string `json:"path,omitempty"`
	Snapshot string `json:"snapshot"`
	Others   bool   `json:"third_party,omitempty"` // others captured it
}

// ofVersion reports whether a version with a text made the row, and not the law or a reader that came later.
func (r *row) ofVersion() bool { return r.Number > 0 && r.Cause != snapshots.Law && !r.Again }

// newRow is the row of a version before anything is known of its text.
func newRow(v snapshots.Version, number int) row {
	r := row{Version: v.ID, Number: number, Terms: v.Terms, Date: v.Date, Source: origin{Snapshot: v.Snapshot, Others: v.Others}, Cause: v.Cause,
		Refused: v.Refused, Line: v.Variant, Variant: v.Variant, Language: v.Language, CountriesAdded: []string{}, CountriesRemoved: []string{}, ToolsAdded: []string{},
		ToolsRemoved: []string{}, Facts: []analyze.FactChange{}, Appeared: []string{}, Resolved: []string{}}
	if o := v.Origin; o != nil {
		r.Source.Repo, r.Source.Commit, r.Source.Path, r.Technical = o.Repo, o.Commit, o.Path, o.Technical
	}
	return r
}

// timeline gives a history with a row for each version, refused ones included.
func (s *store) timeline(ctx context.Context, engine *analyze.Engine, name, typ string) (*history, []row, error) {
	var h *history
	var rows []row
	var keep []*remembered
	err := s.read(ctx, func(a *archive.Archive) error {
		terms, others, err := findTerms(a, name, typ)
		if err != nil {
			return err
		}
		if typ == "" && len(others) > 0 {
			s.say("these are the versions of %s; %s also has: %s", terms, terms.Service, strings.Join(others, ", "))
		}
		if h, err = readHistory(a, terms); err != nil {
			return err
		}
		rows, keep, err = s.allRows(ctx, a, engine, h)
		return err
	})
	s.remember(keep...)
	return h, rows, err
}

// allRows gives the rows of all lines of a history, by day, and what is to be remembered of them, also if it fails.
func (s *store) allRows(ctx context.Context, a *archive.Archive, engine *analyze.Engine, h *history) (rows []row, keep []*remembered, err error) {
	for _, x := range h.lines() {
		r, k, err := s.rows(ctx, a, engine, x)
		if keep = append(keep, k); err != nil {
			return nil, keep, err
		}
		rows = append(rows, r...)
	}
	slices.SortStableFunc(rows, func(a, b row) int { return a.Date.Compare(b.Date) })
	return rows, keep, s.decided(a, h, rows)
}

// printLog writes rows for people.
func (t *tool) printLog(h *history, rows []row) error {
	w := bufio.NewWriter(t.env.Stdout)
	fmt.Fprintf(w, "%s %s", t.words.F("%s:", report.Line(h.Terms.String())), t.words.N("%s version", "%s versions", len(h.Versions)))
	if !h.Verified.IsZero() {
		fmt.Fprint(w, ", "+t.words.F("last verified %s", h.Verified.Format(time.DateOnly)))
	}
	fmt.Fprintln(w)
	shown := map[string]string{} // dates of each variant, as they were told last
	for _, r := range rows {
		fmt.Fprintln(w)
		if list := datesOfRow(t.words, &r); list != "" && list == shown[r.Variant] {
			r.Dates = nil
		} else if list != "" {
			shown[r.Variant] = list
		}
		t.printRow(w, &r)
	}
	return w.Flush()
}

// causes are the causes of versions in words.
var causes = map[snapshots.Cause]string{snapshots.First: "first", snapshots.TermsCh: "terms", snapshots.Reading: "reading", snapshots.Law: "law"}

// printRow writes the lines of one version.
func (t *tool) printRow(w io.Writer, r *row) {
	head := fmt.Sprintf("%4d  %s  %s", r.Number, r.Date.Format(time.DateOnly), shortID(r.Version))
	switch {
	case r.Again:
		head = fmt.Sprintf("   ↻  %s  %s", r.Date.Format(time.DateOnly), shortID(r.Version))
	case r.Line != "":
		head = fmt.Sprintf("%4s  %s  %s", fmt.Sprintf("%s:%d", r.Line, r.Number), r.Date.Format(time.DateOnly), shortID(r.Version))
	case r.Cause == snapshots.Law:
		head = fmt.Sprintf("   §  %s  %s", r.Date.Format(time.DateOnly), shortID(r.Version))
	case r.Number == 0:
		head = fmt.Sprintf("   –  %s  %s", r.Date.Format(time.DateOnly), shortID(r.Version))
	}
	what := []string{t.words.T(causes[r.Cause])}
	if strings.HasPrefix(r.Refused, erasedOn) {
		what = []string{t.words.Tell(r.Refused)}
	} else if r.Refused != "" {
		what = []string{t.words.F("refused: %s", r.Refused)}
	} else if r.Class != "" && r.Cause != snapshots.Law && !r.Again {
		what = append(what, r.Class)
	}
	if r.Variant != "" {
		what = append(what, t.words.F("variant %s", r.Variant))
	}
	if r.Source.Others {
		what = append(what, t.words.T("captured by others"))
	}
	if r.Waits {
		what = append(what, t.words.T("not confirmed"))
	}
	if r.Alert {
		what = append(what, t.strong(t.words.T("ALERT")))
	}
	fmt.Fprintf(w, "%s  %s\n", head, strings.Join(clean(what), "  "))
	for _, l := range rowLines(t.words, r) {
		fmt.Fprintf(w, "        %s\n", l)
	}
}

// clean makes each of some words safe to show on one line.
func clean(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = report.Line(s)
	}
	return out
}

func shortID(id string) string { return id[:min(len(id), 8)] }

// rowLines say what a version did to transfers and findings, one line for each kind.
func rowLines(w *locale.Words, r *row) []string {
	var out []string
	if r.Cause == snapshots.Law {
		out = append(out, report.LawBetween(w, r.Law))
	}
	if r.Again {
		out = append(out, w.Tell(r.Why))
	}
	if r.Transfers != nil && r.Number > 0 && r.Cause == snapshots.First {
		out = append(out, w.F("transfers: %s", firstTransfers(w, r.Transfers)))
	}
	if r.Waits || r.Loss != "" || r.Against > 0 || r.Alert && len(r.Facts) == 0 && r.Cause == snapshots.TermsCh {
		out = append(out, w.Tell(r.Why))
	}
	if list := datesOfRow(w, r); list != "" {
		out = append(out, list)
	}
	out = append(out, factLines(w, r.Facts)...)
	if len(r.Appeared) > 0 {
		out = append(out, w.F("findings + %s", strings.Join(clean(r.Appeared), " ")))
	}
	if len(r.Resolved) > 0 {
		out = append(out, w.F("findings – %s", strings.Join(clean(r.Resolved), " ")))
	}
	if r.Decision != nil {
		out = append(out, report.Decided(w, r.Decision))
	}
	return out
}
