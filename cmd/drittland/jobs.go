package main

// The command jobs: what waits in the queue of the workers, what is dead and why, and having it done again.

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/cmd/drittland/work"
)

// jobsSchema names the form of jobs as JSON.
const jobsSchema = "drittland/jobs/1"

const (
	mostListed  = 1000 // jobs
	shownReason = 100  // characters of a reason in the list
)

// A jobList is all that the command lists.
type jobList struct {
	Schema string       `json:"schema"`
	Jobs   []work.Entry `json:"jobs"`
}

func (t *tool) jobsCommand() *cli.Command {
	format := func() []cli.Flag {
		return []cli.Flag{&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "`FORM` of the output: text or json"}}
	}
	list := func() []cli.Flag {
		return append(format(),
			&cli.StringSliceFlag{Name: "state", Usage: "only jobs in a `STATE`: " + strings.Join(work.States, ", ") + ", or dead for the last two"},
			&cli.StringSliceFlag{Name: "queue", Usage: "only jobs of a `QUEUE`: " + strings.Join(work.Queues, ", ")},
			&cli.IntFlag{Name: "limit", Value: 100, Usage: "list at most `N` jobs, the newest"})
	}
	return &cli.Command{
		Name:  "jobs",
		Usage: "the jobs of the workers: what waits, what is dead and why",
		Description: `Shows the queue that 'drittland worker' takes jobs from. Without a state, it lists what
is not done: what waits or runs, and what is dead. A job is

   available   to be done as soon as a worker is free
   running     being done
   scheduled   put off: its host is busy, or the budget of the second reader is used up
   retryable   tried again at the time shown, after a failure
   completed   done; kept for a day
   cancelled   dead: it failed for good, or somebody cancelled it
   discarded   dead: all its attempts failed; dead ones are kept for 30 days

   drittland jobs list --state dead
   drittland jobs list --queue capture --format json
   drittland jobs show 4711
   drittland jobs retry 4711
   drittland jobs retry --all
   drittland jobs cancel 4711

A job that is retried does nothing twice: what it had done already stays done.`,
		Subcommands: []*cli.Command{
			{Name: "list", Usage: "list jobs, the newest first", ArgsUsage: " ", OnUsageError: usageError, Action: t.jobsList, Flags: list()},
			{Name: "show", Usage: "print a job with all its failures", ArgsUsage: "ID", OnUsageError: usageError, Action: t.jobsShow, Flags: format()},
			{Name: "retry", Usage: "have jobs done again now", ArgsUsage: "ID ...", OnUsageError: usageError, Action: t.jobsRetry,
				Flags: []cli.Flag{&cli.BoolFlag{Name: "all", Usage: "every job that failed, whether it is dead or waits, and those that wait for the second reader"}}},
			{Name: "cancel", Usage: "have jobs not done; one that runs is told to end", ArgsUsage: "ID ...", OnUsageError: usageError, Action: t.jobsCancel},
		},
		Flags:        list(),
		OnUsageError: usageError,
		Action:       t.jobsList,
	}
}

// withQueue calls f with the queue of the archive.
func (t *tool) withQueue(c *cli.Context, f func(context.Context, *work.Queue) error) error {
	address := c.String("archive")
	if err := onServer(address); err != nil {
		return err
	}
	q, err := work.Open(c.Context, address, 4)
	if err != nil {
		return err
	}
	defer func() { _ = q.Close() }() // nothing is left to be written
	err = q.There(c.Context)
	if errors.Is(err, work.ErrNone) {
		return &coded{err, exitFailed, "'drittland worker' makes it"}
	}
	if err != nil {
		return err
	}
	return f(c.Context, q)
}

// statesOf reads the flag of that name.
func statesOf(list []string) (out []string, err error) {
	for _, s := range list {
		switch {
		case s == "dead":
			out = append(out, work.Dead...)
		case slices.Contains(work.States, s):
			out = append(out, s)
		default:
			return nil, fmt.Errorf("--state %s: expected dead, %s", s, strings.Join(work.States, ", "))
		}
	}
	return out, nil
}

func (t *tool) jobsList(c *cli.Context) error {
	if c.NArg() > 0 {
		return usage(errors.New("takes no arguments; 'drittland jobs show ID' shows one job"), commandName(c))
	}
	states, err := statesOf(c.StringSlice("state"))
	if err == nil {
		err = knownFormat(c.String("format"), "text", "json")
	}
	for _, q := range c.StringSlice("queue") {
		if err == nil && !slices.Contains(work.Queues, q) {
			err = fmt.Errorf("--queue %s: expected %s", q, strings.Join(work.Queues, ", "))
		}
	}
	if n := c.Int("limit"); err == nil && (n < 1 || n > mostListed) {
		err = fmt.Errorf("--limit %d: expected 1 to %d", n, mostListed)
	}
	if err != nil {
		return usage(err, commandName(c))
	}
	if len(states) == 0 {
		states = slices.DeleteFunc(slices.Clone(work.States), func(s string) bool { return s == "completed" })
	}
	return t.withQueue(c, func(ctx context.Context, q *work.Queue) error {
		list, err := q.List(ctx, work.Wish{States: states, Queues: c.StringSlice("queue"), Most: c.Int("limit")})
		if err != nil {
			return err
		}
		if c.String("format") == "json" {
			return report.JSON(t.env.Stdout, jobList{jobsSchema, list})
		}
		return errors.Join(t.printJobs(list, c.Int("limit")), t.unserved(ctx, q))
	})
}

// unserved says in which queues jobs wait for nobody.
func (t *tool) unserved(ctx context.Context, q *work.Queue) error {
	list, err := q.Unserved(ctx)
	if len(list) > 0 {
		names := strings.Join(list, ",")
		t.say("%s", t.words.F("nobody takes jobs from %s now; 'drittland worker --queue %s' does", names, names))
	}
	return err
}

func (t *tool) printJobs(list []work.Entry, limit int) error {
	if len(list) == 0 {
		t.say("%s", t.words.T("there are no such jobs"))
		return nil
	}
	w := tabwriter.NewWriter(t.env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, t.head("ID", "KIND", "STATE", "TRIES", "DUE", "ABOUT", "WHY"))
	for i := range list {
		e := &list[i]
		fmt.Fprintf(w, "%d\t%s\t%s\t%d\t%s\t%s\t%s\n", e.ID, report.Line(e.Kind), report.Line(e.State), e.Attempt, e.Due.Format(time.RFC3339), report.Line(e.About), excerpt(report.Line(e.Why), shownReason))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(list) == limit {
		t.say("%s", t.words.F("there may be more; the newest %d are listed", limit))
	}
	return nil
}

// jobIDs reads the arguments.
func jobIDs(args []string) (ids []int64, err error) {
	for _, s := range args {
		id, err := strconv.ParseInt(s, 10, 64)
		if err != nil || id < 1 {
			return nil, fmt.Errorf("%q is no number of a job; 'drittland jobs list' shows them", s)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func (t *tool) jobsShow(c *cli.Context) error {
	ids, err := jobIDs(c.Args().Slice())
	if err == nil && len(ids) != 1 {
		err = errors.New("expected the number of one job")
	}
	if err == nil {
		err = knownFormat(c.String("format"), "text", "json")
	}
	if err != nil {
		return usage(err, commandName(c))
	}
	return t.withQueue(c, func(ctx context.Context, q *work.Queue) error {
		e, err := q.Get(ctx, ids[0])
		if err != nil {
			return jobFailed(ids[0], err)
		}
		if c.String("format") == "json" {
			return report.JSON(t.env.Stdout, jobList{jobsSchema, []work.Entry{e}})
		}
		return t.printJob(&e)
	})
}

func (t *tool) printJob(e *work.Entry) error {
	w := tabwriter.NewWriter(t.env.Stdout, 0, 0, 2, ' ', 0)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%s\t%s\n", name, report.Line(value))
		}
	}
	at := func(when *time.Time) string {
		if when == nil {
			return ""
		}
		return when.Format(time.RFC3339)
	}
	row(t.words.T("job"), strconv.FormatInt(e.ID, 10))
	row(t.words.T("kind"), e.Kind)
	row(t.words.T("queue"), e.Queue)
	row(t.words.T("state"), e.State)
	row(t.words.T("about"), e.About)
	row(t.words.T("arguments"), string(e.Args))
	row(t.words.T("attempts"), t.words.F("%d of at most %d", e.Attempt, e.Most))
	row(t.words.T("made"), at(&e.Created))
	row(t.words.T("due"), at(&e.Due))
	row(t.words.T("begun"), at(e.Begun))
	row(t.words.T("ended"), at(e.Ended))
	row(t.words.T("worker"), e.Worker)
	for _, f := range e.Failures {
		row(t.words.F("failure %d", f.Number), f.At.Format(time.RFC3339)+"  "+f.Why)
	}
	if len(e.Failures) == 0 {
		row(t.words.T("why"), e.Why)
	}
	return w.Flush()
}

// jobFailed says of a job why nothing was done with it.
func jobFailed(id int64, err error) error {
	hint := ""
	switch {
	case errors.Is(err, work.ErrUnknown):
		hint = "'drittland jobs list' shows the jobs; dead ones are kept for 30 days"
	case errors.Is(err, work.ErrLive):
		hint = "'drittland jobs list' shows it"
	case errors.Is(err, work.ErrRuns):
		hint = "'drittland jobs cancel' ends it"
	}
	return &coded{fmt.Errorf("job %d: %w", id, err), exitFailed, hint}
}

func (t *tool) jobsRetry(c *cli.Context) error {
	ids, err := jobIDs(c.Args().Slice())
	switch {
	case err != nil:
	case c.Bool("all") && len(ids) > 0:
		err = errors.New("--all takes no numbers")
	case !c.Bool("all") && len(ids) == 0:
		err = errors.New("expected numbers of jobs, or --all")
	}
	if err != nil {
		return usage(err, commandName(c))
	}
	return t.withQueue(c, func(ctx context.Context, q *work.Queue) error {
		if c.Bool("all") {
			return t.retryAll(ctx, q)
		}
		return t.eachJob(ids, t.words.T("to be done again"), func(id int64) error { _, err := q.Retry(ctx, id); return err })
	})
}

// retryAll has all that failed done again. A dead job in the place of which another one waits stays dead.
func (t *tool) retryAll(ctx context.Context, q *work.Queue) error {
	n, left, kept := 0, 0, 0
	for {
		list, err := q.List(ctx, work.Wish{States: append([]string{"retryable", "scheduled"}, work.Dead...), Most: mostListed + left + kept})
		if err != nil {
			return err
		}
		before := n
		left, kept = 0, 0
		for i := range list {
			if list[i].ByHand() || list[i].State == "scheduled" && list[i].Why == "" { // of the latter: its host is busy
				kept++
				continue
			}
			_, err := q.Retry(ctx, list[i].ID)
			switch {
			case errors.Is(err, work.ErrLive), errors.Is(err, work.ErrRuns), errors.Is(err, work.ErrUnknown):
				left++
			case err != nil:
				return jobFailed(list[i].ID, err)
			default:
				n++
			}
		}
		if n == before || left+kept >= 9*mostListed { // River lists at most ten thousand
			t.say("%s", t.words.F("jobs to be done again: %d; left, since others in their place are still to be done: %d", n, left))
			return nil
		}
	}
}

func (t *tool) jobsCancel(c *cli.Context) error {
	ids, err := jobIDs(c.Args().Slice())
	if err == nil && len(ids) == 0 {
		err = errors.New("expected numbers of jobs")
	}
	if err != nil {
		return usage(err, commandName(c))
	}
	return t.withQueue(c, func(ctx context.Context, q *work.Queue) error {
		return t.eachJob(ids, t.words.T("cancelled"), func(id int64) error { _, err := q.Cancel(ctx, id); return err })
	})
}

// eachJob does something to jobs and says so. One that it cannot be done to does not hold up the others.
func (t *tool) eachJob(ids []int64, done string, f func(int64) error) (err error) {
	for _, id := range ids {
		if x := f(id); x != nil {
			err = errors.Join(err, jobFailed(id, x))
			continue
		}
		t.say("%s", fmt.Sprintf("job %d: %s", id, done))
	}
	return err
}
