package main

// Why a version is an alert, or is none: explain with a version in the place of a finding.

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/diff"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// A verdict is why a version is an alert, or is none.
type verdict struct {
	row
	Before  string   `json:"before,omitempty"` // number of the version that it was compared with, "" for a first one
	Steps   []string `json:"steps"`            // the rules in their order, and what they said
	Changes []judged `json:"changes"`
}

// A judged change is one change of the redline with its class.
type judged struct {
	Number int        `json:"change"` // as 'drittland diff' numbers it
	Op     diff.Op    `json:"op"`
	Class  diff.Class `json:"class"`
	Words  string     `json:"words"` // what changed, with a few words around it: [-deleted-] [+inserted+]
}

// explainVersion says why the version that a reference names is an alert, or is none.
func (t *tool) explainVersion(c *cli.Context, service, typ, spec string) error {
	engine, err := t.engine(c.StringSlice("rules"))
	if err != nil {
		return err
	}
	s := t.store(c)
	h, rows, err := s.timeline(c.Context, engine, service, typ)
	if err != nil {
		return err
	}
	in, i, err := h.find(spec)
	if err != nil {
		return err
	}
	id := in.Versions[i].ID
	at := slices.IndexFunc(rows, func(r row) bool { return r.Version == id && r.ofVersion() })
	if at < 0 {
		return errors.New("the version has no row")
	}
	x := &verdict{row: rows[at], Changes: []judged{}}
	if err := s.judgeVersion(in, i, x); err != nil {
		return err
	}
	return t.write(c, func(w io.Writer) error {
		if c.String("format") == "json" {
			return report.JSON(w, x)
		}
		return t.printVerdict(w, in, x)
	})
}

// judgeVersion compares a version again with the text that it continues.
func (s *store) judgeVersion(h *history, i int, x *verdict) error {
	if i == 0 {
		x.Steps = s.steps(x)
		return nil
	}
	before := i - 1
	if x.Against > 0 {
		before = x.Against - 1
	}
	x.Before = (&row{Line: x.Line, Number: before + 1}).reference()
	return s.look(func(a *archive.Archive) error {
		old, _, err := texts(a, h.Versions[before])
		if err != nil {
			return err
		}
		now, _, err := texts(a, h.Versions[i])
		if err != nil {
			return err
		}
		red := diff.Compare(old, now, diff.Options{})
		v := diff.ClassifyConfirmed(red)
		for n := range red.Changes {
			ch := &red.Changes[n]
			if n < len(v.Each) {
				x.Changes = append(x.Changes, judged{ch.Number, ch.Op, v.Each[n], edited(red, ch)})
			}
		}
		x.Steps = s.steps(x)
		return nil
	})
}

// steps say what each rule made of a version, in the order in which they decide.
func (t *tool) steps(x *verdict) []string {
	w := t.words
	var out []string
	say := func(s string) { out = append(out, s) }
	switch {
	case x.Cause == snapshots.First:
		say(w.T("It is the first version: there is nothing to compare it with. Its findings are listed, and nobody is alerted."))
		return out
	case x.Against > 0:
		say(w.F("It continues version %s, and not version %s before it: it was compared with that.", x.Before, (&row{Line: x.Line, Number: x.Number - 1}).reference()))
	default:
		say(w.F("It was compared with version %s before it.", x.Before))
	}
	if x.Loss != "" {
		say(w.T("Much of the text is missing, or stands in it twice: that comes more often from the capture than from the service."))
	}
	if x.Waits {
		say(w.T("It is not confirmed: the next capture decides whether what is missing was dropped."))
	}
	worth := 0
	for _, ch := range x.Changes {
		if ch.Class.Alert() {
			worth++
		}
	}
	say(w.F("Changes of the words: %d; of substance, of a name or of a contact: %d.", len(x.Changes), worth))
	say(w.F("Facts on transfers that appeared or went away: %d.", len(x.Facts)))
	if x.Cause == snapshots.Reading {
		say(w.T("The reading changed and not, as far as is known, the text: only facts on transfers that came to light are an alert."))
	}
	say(w.F("Class: %s.", report.Class(w, x.Class)) + " " + w.Tell(x.Why))
	return out
}

// edited is what changed in a change, with a few words around it.
func edited(r *diff.Redline, ch *diff.Change) string {
	const around, most = 40, 400
	var b strings.Builder
	for i, e := range ch.Words {
		old, now := r.Old.Text[e.Old.Start:e.Old.End], r.New.Text[e.New.Start:e.New.End]
		switch e.Op {
		case diff.Delete:
			b.WriteString("[-" + clipped(old, most) + "-]")
		case diff.Insert:
			b.WriteString("[+" + clipped(now, most) + "+]")
		default:
			b.WriteString(surroundings(now, around, i == 0, i == len(ch.Words)-1))
		}
		if b.Len() > 2*most {
			b.WriteString(" …")
			break
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func clipped(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

// surroundings are the beginning and the end of words that stand; of the first only the end, of the last only the beginning.
func surroundings(s string, n int, first, last bool) string {
	r := []rune(s)
	switch {
	case first && last || len(r) <= 2*n && !first && !last || len(r) <= n:
		return s
	case first:
		return "…" + string(r[len(r)-n:])
	case last:
		return string(r[:n]) + "…"
	}
	return string(r[:n]) + " … " + string(r[len(r)-n:])
}

const maxShown = 40 // changes that explain prints

func (t *tool) printVerdict(out io.Writer, h *history, x *verdict) error {
	w := t.words
	sheet := report.NewSheet(out, t.style())
	result := w.T("no alert")
	if x.Alert {
		result = w.T("ALERT")
	}
	sheet.Title("%s", w.F("%s, version %s of %s: %s", h.Terms.String(), x.reference(), x.Date.Format(time.DateOnly), result))
	var steps, facts [][2]string
	for i, s := range x.Steps {
		steps = append(steps, [2]string{fmt.Sprintf("%d.", i+1), s})
	}
	sheet.Entry(w.T("How it was judged"), steps)
	for _, l := range rowLines(w, &x.row) {
		if l != w.Tell(x.Why) {
			facts = append(facts, [2]string{"•", l})
		}
	}
	if len(facts) > 0 {
		sheet.Entry(w.T("Facts and findings"), facts)
	}
	shown := x.Changes
	slices.SortStableFunc(shown, func(a, b judged) int { return alertFirst(a) - alertFirst(b) })
	for _, ch := range shown[:min(len(shown), maxShown)] {
		sheet.Entry(fmt.Sprintf("%d  %s", ch.Number, t.changeClass(ch.Class)), [][2]string{{"", ch.Words}})
	}
	if more := len(shown) - maxShown; more > 0 {
		sheet.Line("%s", w.N("… %s more change; --format json has all", "… %s more changes; --format json has all", more))
	}
	return sheet.Close()
}

// changeClass is the class of a single change in words. What it is to transfers, the facts say.
func (t *tool) changeClass(c diff.Class) string {
	if c == diff.SubstantiveOther {
		return t.words.T("of substance")
	}
	return report.Class(t.words, string(c))
}

func alertFirst(j judged) int {
	if j.Class.Alert() {
		return 0
	}
	return 1
}
