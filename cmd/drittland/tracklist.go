package main

// The commands track list and track show: what is tracked, and how each source stands.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// A tracked declaration is one with what is known of its history.
type tracked struct {
	snapshots.Declaration
	Versions int       `json:"versions"`
	Others   int       `json:"third_party,omitempty"`     // of these, captured by others
	Verified time.Time `json:"verified,omitzero"`         // when the last text was seen last
	Failing  *trouble  `json:"failing,omitempty"`         // why it cannot be had, since then
	Moved    string    `json:"moved,omitempty"`           // where the page has moved for good
	Notes    []string  `json:"notes,omitempty"`           // on how the text was read last
	Stale    int       `json:"unverified_days,omitempty"` // for how many days the text has not been seen, if that is an alarm
}

// tracked are the declarations, removed ones only if all is set, with their histories. A text that was not seen for more than some days is
// an alarm.
func (s *store) tracked(ctx context.Context, all bool, days int) ([]tracked, error) {
	var out []tracked
	now := s.env.Now()
	err := s.read(ctx, func(a *archive.Archive) error {
		had := map[snapshots.Terms]known{}
		list, err := a.Declarations()
		if err == nil && a.Server() != nil {
			had, err = s.knownOnServer(ctx, a)
		}
		for _, d := range list {
			if !d.Removed.IsZero() && !all {
				continue
			}
			k, ok := had[snapshots.Terms{Service: d.Service, Type: d.TermsType}]
			if !ok && err == nil {
				k, err = s.knownOf(a, d, time.Time{})
			}
			if err != nil {
				return err
			}
			x := tracked{d, k.Versions, k.Others, k.Verified, k.Trouble, k.Moved, k.Notes, 0}
			x.Stale = x.stale(now, days)
			out = append(out, x)
		}
		return err
	})
	return out, err
}

// knownOf reads how the source of a declaration stood before a time; the zero time stands for now.
func (s *store) knownOf(a *archive.Archive, d snapshots.Declaration, until time.Time) (known, error) {
	h, st, err := s.standingBefore(a, d, until)
	if err != nil {
		return known{}, err
	}
	return known{len(h.Versions), h.byOthers(), h.Verified, st.Trouble, st.Moved, st.Notes}, nil
}

// unverifiedBefore are the declarations whose source could not be had before a time, or whose text was not seen for more than some days.
func (s *store) unverifiedBefore(ctx context.Context, days int, until time.Time) (out []tracked, err error) {
	err = s.read(ctx, func(a *archive.Archive) error {
		doubtful := func(snapshots.Terms) bool { return true }
		if a.Server() != nil {
			if doubtful, err = s.doubtful(ctx, a, days, until); err != nil {
				return err
			}
		}
		out, err = s.unverifiedOf(a, days, until, doubtful)
		return err
	})
	return out, err
}

// unverifiedOf is unverifiedBefore, and reads only those that are doubtful.
func (s *store) unverifiedOf(a *archive.Archive, days int, until time.Time, doubtful func(snapshots.Terms) bool) (out []tracked, err error) {
	list, err := a.Declarations()
	if err != nil {
		return nil, err
	}
	return s.unverifiedAmong(a, list, days, until, doubtful)
}

// unverifiedAmong are those of some declarations.
func (s *store) unverifiedAmong(a *archive.Archive, list []snapshots.Declaration, days int, until time.Time, doubtful func(snapshots.Terms) bool) (out []tracked, err error) {
	now := s.env.Now()
	if later(now, until) {
		now = until
	}
	for _, d := range list {
		if later(d.Removed, until) { // it was removed later
			d.Removed = time.Time{}
		}
		if !d.Removed.IsZero() || later(d.Added, until) || !doubtful(snapshots.Terms{Service: d.Service, Type: d.TermsType}) {
			continue
		}
		k, err := s.knownOf(a, d, until)
		if err != nil {
			return nil, err
		}
		x := tracked{d, k.Versions, k.Others, k.Verified, k.Trouble, k.Moved, k.Notes, 0}
		if x.Stale = x.stale(now, days); x.Failing != nil || x.Stale > 0 {
			out = append(out, x)
		}
	}
	return out, nil
}

// stale is for how many days the text of a source has not been seen, if these are more than it may be, and two captures were due.
func (d *tracked) stale(now time.Time, days int) int {
	since := d.Verified
	if since.IsZero() {
		since = d.Added
	}
	every := interval(d.Declaration, now)
	if gone := now.Sub(since); d.Removed.IsZero() && !since.IsZero() && gone > time.Duration(days)*24*time.Hour && gone > 2*every {
		return int(gone / (24 * time.Hour))
	}
	return 0
}

// alarmFlag says after how many days a source that could not be verified is an alarm.
func alarmFlag() cli.Flag {
	return &cli.IntFlag{Name: "alarm-after", Value: 7, Usage: "raise an alarm for a text that was not seen for more than `N` days"}
}

// alarm names a text that has not been seen for too long; "" if it has.
func (d *tracked) alarm(w *locale.Words) string {
	if d.Stale == 0 {
		return ""
	}
	return w.F("ALARM: not verified for %d days", d.Stale)
}

func (t *tool) trackList(c *cli.Context) error {
	if c.NArg() > 0 {
		return usage(errors.New("takes no arguments; 'drittland track show SERVICE' shows one service"), commandName(c))
	}
	if err := knownFormat(c.String("format"), "text", "json"); err != nil {
		return usage(err, commandName(c))
	}
	list, err := t.store(c).tracked(c.Context, c.Bool("all"), c.Int("alarm-after"))
	if err != nil {
		return err
	}
	if c.String("format") == "json" {
		if list == nil {
			list = []tracked{}
		}
		return report.JSON(t.env.Stdout, list)
	}
	if len(list) == 0 {
		t.say("nothing is tracked yet; 'drittland track add SERVICE URL' begins")
		return nil
	}
	w := tabwriter.NewWriter(t.env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, t.head("SERVICE", "TERMS", "VERSIONS", "LAST VERIFIED", "FAILING SINCE", "EVERY", "URL"))
	for _, d := range list {
		every := cmp.Or(report.Line(d.Schedule), period(d.Every))
		if !d.Removed.IsZero() {
			every = t.words.T("removed")
		}
		versions := fmt.Sprint(d.Versions)
		if d.Others > 0 {
			versions += " " + t.words.F("(%d by others)", d.Others)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", report.Line(d.Service), report.Line(d.TermsType), versions, dayOr(d.Verified, t.words.T("never")), d.failing(t.words), every,
			report.Line(pagesInWords(d.Declaration)))
	}
	return w.Flush()
}

// failing says since when and in what way a source fails, in a few words.
func (d *tracked) failing(w *locale.Words) string {
	if a := d.alarm(w); a != "" {
		return strings.TrimSuffix(a+"; "+d.trouble(w), "; –")
	}
	return d.trouble(w)
}

// trouble is failing without an alarm.
func (d *tracked) trouble(w *locale.Words) string {
	switch {
	case d.Failing != nil:
		return d.Failing.Since.Format(time.DateOnly) + ": " + report.FailureName(w, d.Failing.Kind)
	case d.Moved != "":
		return "– (" + w.T("moved") + ")"
	case len(d.Notes) > 0:
		return "– (" + w.T("see track show") + ")"
	}
	return "–"
}

func (t *tool) trackShow(c *cli.Context) error {
	if c.NArg() != 1 {
		return usage(errors.New("name one service"), commandName(c))
	}
	list, err := t.store(c).tracked(c.Context, true, 1<<20)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(d tracked) bool { return !strings.EqualFold(d.Service, c.Args().First()) })
	if len(list) == 0 {
		return notTracked(c.Args().First())
	}
	w := tabwriter.NewWriter(t.env.Stdout, 0, 0, 2, ' ', 0)
	for i, d := range list {
		if i > 0 {
			fmt.Fprintln(w)
		}
		d.print(w)
	}
	return w.Flush()
}

// print writes names and values, one pair for each line.
func (d *tracked) print(w io.Writer) {
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%s\t%s\n", name, report.Line(value))
		}
	}
	line("service", d.Service)
	line("terms", d.TermsType)
	for _, src := range d.Sources {
		printSource(line, src)
	}
	for _, p := range d.Past {
		line("published until", fmt.Sprintf("%s: %s", p.Until.Format(time.DateOnly), pagesInWords(snapshots.Declaration{Sources: p.Sources})))
	}
	if line("schedule", d.Schedule); d.Schedule == "" {
		line("every", period(d.Every))
	}
	line("added", dayOr(d.Added, "?"))
	line("versions", fmt.Sprint(d.Versions))
	if d.Others > 0 {
		line("captured by others", fmt.Sprint(d.Others))
	}
	line("last verified", dayOr(d.Verified, "never"))
	if x := d.Failing; x != nil {
		line("failing since", fmt.Sprintf("%s, %s", x.Since.Format(time.DateOnly), amount(x.Times, "time", "times")))
		line("reason", x.Kind+": "+x.Why)
		line("asks to wait until", timeOr(x.Again))
	}
	line("moved to", d.Moved)
	for _, x := range d.Notes {
		line("note", x)
	}
	line("removed", dayOr(d.Removed, ""))
}

// printSource tells how a page is read.
func printSource(line func(name, value string), src snapshots.Source) {
	lines := func(name string, values []string) {
		for _, x := range values {
			line(name, x)
		}
	}
	line("url", src.URL)
	lines("select", src.Select)
	for _, r := range src.SelectRanges {
		line("select", r.String())
	}
	lines("remove", src.Remove)
	for _, r := range src.RemoveRanges {
		line("remove", r.String())
	}
	line("normalise", strings.Join(src.Normalise, ", "))
	line("lang", src.Lang)
	line("render", src.Render)
	lines("annex", src.Annexes)
}
