package main

// Reading again: the command derive reads what is in the archive with the reader and the rules of today. What they find in
// text that was always there is told apart from what services changed.

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/diff"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

func (t *tool) deriveCommand() *cli.Command {
	return &cli.Command{
		Name:      "derive",
		Usage:     "read the whole archive again with the reader and the rules of today",
		ArgsUsage: "[SERVICE ...]",
		Description: `Captures are evidence and never change; versions are read from them. After an
update of drittland this reads all captures again. Terms that read otherwise get
their history anew, and what the rules of today find in a text that has stood since
is listed by itself: 'drittland log' shows it on the day of this command, with cause
reading, and not as a change of the service. It needs no network.

With --llm a model then reads the versions, too, as 'drittland second-read' has one
read: the newest version of each text first, and none on which it has answered every
question before. What the budget or the endpoint leaves is read by a further run. An
endpoint that fails does not change the exit code. --llm-dry-run says for each version
what that would take, and neither sends nor reads anything again.

   drittland derive
   drittland derive Clipzy
   drittland derive --all
   drittland derive --llm --llm-budget 500000`,
		Flags: append([]cli.Flag{
			&cli.BoolFlag{Name: "all", Usage: "make every history anew, also where all captures read as before"},
			&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "`FORM` of the output: text or json"},
			llmFlag(),
		}, llmFlags()...),
		OnUsageError: usageError,
		Action:       t.deriveAgain,
	}
}

// A reread is what reading again brought to light in the last version of a line.
type reread struct {
	Terms    snapshots.Terms `json:"terms"`
	Variant  string          `json:"variant,omitempty"`
	At       time.Time       `json:"at"`
	Snapshot string          `json:"snapshot"` // of the last version
	Appeared []string        `json:"findings_appeared"`
	Since    string          `json:"since_snapshot"` // of the first version of those to the last in which all of them are found
	Date     time.Time       `json:"since"`
	Alert    bool            `json:"alert"` // whether one of them is a warning or worse
}

// A rereading is what came of reading the archive again.
type rereading struct {
	Terms     int               `json:"terms"`
	Snapshots int               `json:"snapshots"`
	Otherwise []snapshots.Terms `json:"read_otherwise"`
	News      []reread          `json:"news"`
	Second    *secondRun        `json:"second_reading,omitempty"`
}

func (t *tool) deriveAgain(c *cli.Context) error {
	if err := knownFormat(c.String("format"), "text", "json"); err != nil {
		return usage(err, commandName(c))
	}
	engine, err := t.engine(nil)
	if err != nil {
		return err
	}
	second, err := t.derivingSecond(c)
	if err != nil {
		return err
	}
	s := t.store(c)
	var todo []snapshots.Terms
	err = s.read(c.Context, func(a *archive.Archive) (err error) { todo, err = chosen(a, c.Args().Slice()); return err })
	if err != nil {
		return err
	}
	if second != nil && second.reader.Dry {
		return second.planMany(c, todo)
	}
	sum, err := t.rereadAll(c, s, engine, todo)
	if err == nil && second != nil {
		sum.Second, err = second.deriveSecond(c, todo)
	}
	if err != nil {
		return err
	}
	if c.String("format") == "json" {
		return report.JSON(t.env.Stdout, sum)
	}
	return t.printRereading(sum)
}

// rereadAll reads terms again, and notes what is news.
func (t *tool) rereadAll(c *cli.Context, s *store, engine *analyze.Engine, todo []snapshots.Terms) (*rereading, error) {
	sum := &rereading{Terms: len(todo), Otherwise: []snapshots.Terms{}, News: []reread{}}
	err := s.write(func(a *archive.Archive) error {
		before, err := findingsTold(c.Context, a, engine, todo, t.env.Now())
		if err != nil {
			return err
		}
		if sum.Otherwise, err = t.readsOtherwise(c.Context, a, todo, c.Bool("all"), &sum.Snapshots); err != nil {
			return err
		}
		for _, terms := range sum.Otherwise {
			if err := a.ReadAgain(terms); err != nil {
				return err
			}
		}
		if err := t.derive(c.Context, a, nil); err != nil {
			return err
		}
		sum.News, err = t.news(c.Context, a, engine, todo, before)
		return err
	})
	return sum, err
}

// chosen are the terms of the named services, of all if none is named.
func chosen(a *archive.Archive, names []string) ([]snapshots.Terms, error) {
	all, err := a.Terms()
	if err != nil || len(names) == 0 {
		return all, err
	}
	for _, n := range names {
		if !slices.ContainsFunc(all, func(x snapshots.Terms) bool { return strings.EqualFold(x.Service, n) }) {
			return nil, unknownService(all, n)
		}
	}
	return slices.DeleteFunc(all, func(x snapshots.Terms) bool {
		return !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(x.Service, n) })
	}), nil
}

// readsOtherwise are the terms of which a snapshot reads otherwise than it was read; all of them if all is set.
func (t *tool) readsOtherwise(ctx context.Context, a *archive.Archive, todo []snapshots.Terms, all bool, count *int) ([]snapshots.Terms, error) {
	bar := t.progress(len(todo), "reading again")
	defer bar.Clear()
	d, err := t.newDeriverFor(a)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	otherwise := make([]bool, len(todo))
	errs := make([]error, runtime.GOMAXPROCS(0))
	next := make(chan int)
	var wg sync.WaitGroup
	for w := range errs {
		wg.Go(func() {
			for i := range next {
				differs, n, err := d.differs(ctx, todo[i])
				mu.Lock()
				otherwise[i], *count = differs || all, *count+n
				_ = bar.Add(1)
				mu.Unlock()
				errs[w] = errors.Join(errs[w], err)
			}
		})
	}
	for i := range todo {
		next <- i
	}
	close(next)
	wg.Wait()
	out := []snapshots.Terms{}
	for i, x := range todo {
		if otherwise[i] {
			out = append(out, x)
		}
	}
	return out, errors.Join(errs...)
}

// differs reports whether a snapshot of terms reads otherwise than its first version says, and how many were read.
func (d *deriver) differs(ctx context.Context, terms snapshots.Terms) (differs bool, n int, err error) {
	seen := map[string]bool{}
	for v, err := range d.a.Versions(terms) {
		if err := errors.Join(err, ctx.Err()); err != nil {
			return false, n, err
		}
		if seen[v.Snapshot] { // the last one of its page, read as the next one was
			continue
		}
		seen[v.Snapshot] = true
		n++
		if same, err := d.readsSame(v); err != nil || !same {
			return !same, n, err
		}
	}
	return false, n, nil
}

// readsSame reports whether a version and its linked pages read as they were read.
func (d *deriver) readsSame(v snapshots.Version) (bool, error) {
	s, err := d.a.Snapshot(v.Snapshot)
	if err != nil {
		return false, err
	}
	src, err := d.way(s)
	if err != nil {
		return false, err
	}
	now, err := d.read(s, src)
	if err != nil || now.hash != v.Document {
		return false, err
	}
	for _, x := range v.Annexes {
		if x.Document == "" || x.Snapshot == "" {
			continue
		}
		if s, err = d.a.Snapshot(x.Snapshot); err != nil {
			return false, err
		}
		if now, err = d.read(s, way{}); err != nil || now.hash != x.Document {
			return false, err
		}
	}
	return true, nil
}

// eachLast calls f with the last version of each line, and its history.
func eachLast(ctx context.Context, a *archive.Archive, todo []snapshots.Terms, f func(*history, snapshots.Version) error) error {
	for _, terms := range todo {
		h, err := readHistory(a, terms)
		if err := errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		for _, x := range h.lines() {
			if n := len(x.Versions); n > 0 {
				if err := f(x, x.Versions[n-1]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// news notes what is found in the last version of each line and gives what was not told before. No capture was made meanwhile.
func (t *tool) news(ctx context.Context, a *archive.Archive, engine *analyze.Engine, todo []snapshots.Terms, before map[lineKey]snapshots.Telling) ([]reread, error) {
	out := []reread{}
	var fresh []snapshots.Telling
	err := eachLast(ctx, a, todo, func(h *history, v snapshots.Version) error {
		now, err := found(a, engine, v, t.env.Now().UTC())
		if err != nil {
			return err
		}
		old, known := before[lineKey{h.Terms, h.Variant}]
		appeared := slices.DeleteFunc(slices.Clone(now.Findings), func(id string) bool { return slices.Contains(old.Findings, id) })
		if known && len(appeared) > 0 {
			x := reread{Terms: h.Terms, Variant: h.Variant, At: now.At, Snapshot: v.Snapshot, Appeared: appeared}
			if err := x.trace(a, engine, h); err != nil {
				return err
			}
			out = append(out, x)
			now.Appeared, now.Since, now.Date, now.Alert = x.Appeared, x.Since, x.Date, x.Alert
		}
		if !known || !sameTold(old, now) {
			fresh = append(fresh, now)
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	return out, a.PutTellings(fresh)
}

// trace finds since when all that appeared stands in the text.
func (x *reread) trace(a *archive.Archive, engine *analyze.Engine, h *history) error {
	for i := range slices.Backward(h.Versions) {
		v := h.Versions[i]
		list, err := findingsIn(a, engine, v)
		if err != nil {
			return err
		}
		ids := findingIDs(list)
		if slices.ContainsFunc(x.Appeared, func(id string) bool { return !slices.Contains(ids, id) }) {
			break
		}
		if x.Since == "" {
			news := slices.DeleteFunc(list, func(f analyze.Finding) bool { return !slices.Contains(x.Appeared, f.ID) })
			x.Alert = analyze.Worst(news).Rank() >= rules.Warning.Rank()
		}
		x.Since, x.Date = v.Snapshot, v.Date
	}
	return nil
}

// rereads are what reading again brought to light in a line, oldest first.
func rereads(a *archive.Archive, l lineKey) ([]reread, error) {
	var list []reread
	for x, err := range a.Tellings(l.terms) {
		if err != nil {
			return nil, err
		}
		if x.Variant == l.variant && len(x.Appeared) > 0 {
			list = append(list, reread{x.Terms, x.Variant, x.At, x.Snapshot, x.Appeared, x.Since, x.Date, x.Alert})
		}
	}
	return list, nil
}

// againRows gives a row for each time that reading again brought something to light.
func againRows(a *archive.Archive, h *history) ([]row, error) {
	list, err := rereads(a, lineKey{h.Terms, h.Variant})
	var out []row
	for _, x := range list {
		i := slices.IndexFunc(h.Versions, func(v snapshots.Version) bool { return v.Snapshot == x.Snapshot })
		since := slices.IndexFunc(h.Versions, func(v snapshots.Version) bool { return v.Snapshot == x.Since })
		if i < 0 || since < 0 {
			continue
		}
		r := newRow(h.Versions[i], i+1)
		r.Again, r.Cause, r.Class, r.Date, r.Source = true, snapshots.Reading, string(diff.None), x.At, origin{Snapshot: x.Snapshot}
		r.Appeared, r.Alert = x.Appeared, x.Alert
		number := since + 1
		r.Why = fmt.Sprintf("The text was read again: what is found has stood in it since version %d.", number)
		out = append(out, r)
	}
	return out, err
}

func (t *tool) printRereading(x *rereading) error {
	w := t.env.Stdout
	fmt.Fprintln(w, t.words.F("captures read again: %d, of %d terms; terms that read otherwise than before: %d", x.Snapshots, x.Terms, len(x.Otherwise)))
	for _, terms := range x.Otherwise {
		fmt.Fprintf(w, "  %s\n", report.Line(terms.String()))
	}
	if x.Second != nil {
		defer t.printSecondRun(w, x.Second)
	}
	if len(x.News) == 0 {
		fmt.Fprintln(w, t.words.T("nothing new is found in text that was always there"))
		return nil
	}
	fmt.Fprintf(w, "\n%s\n", t.strong(t.words.T("New findings on text that was always there:")))
	for _, n := range x.News {
		name := n.Terms.String()
		if n.Variant != "" {
			name += " · " + n.Variant
		}
		fmt.Fprintf(w, "  %s\n", t.words.F("%s: %s, in the text since %s", report.Line(name), strings.Join(clean(n.Appeared), " "), n.Date.Format(time.DateOnly)))
	}
	return nil
}
