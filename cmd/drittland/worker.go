package main

// The command worker: does jobs of an archive on a server, with as many others as there are.

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/watch"
	"github.com/drittland/drittland/cmd/drittland/work"
	"github.com/drittland/drittland/fetch"
	"github.com/drittland/drittland/snapshots/archive"
)

const mostSlots = 64 // jobs at a time of one worker

func (t *tool) workerCommand() *cli.Command {
	return &cli.Command{
		Name:      "worker",
		Usage:     "do the jobs of an archive on a server, beside any number of other workers",
		ArgsUsage: " ",
		Description: `Where one machine is not enough, workers on any number of them share an archive in
PostgreSQL. Each takes jobs from a queue in the same database:

   capture   asks for the page of a declaration and what belongs to it
   derive    reads what was captured and finds what changed
   digest    makes and sends digests and alerts
   llm       asks the second reader about new versions, where it is told to

   drittland --archive postgres://db.example/drittland worker
   drittland worker --queue capture -n 16
   drittland worker --queue derive,digest -n 2

Which pages are due, and which digests, one of the workers looks up, whichever lives, by
the same settings as 'drittland watch', which all of them need. Workers take the place of
watch: do not run both on one archive.

All workers together ask a host for one page at a time, and leave it alone in between for
as long as --delay and its robots.txt say. A job whose host is busy gives its place to
another. If a worker dies, others do what it had within half a minute: what was captured
is not asked for again, and nothing is sent twice. Ctrl-C or SIGTERM ends it after the
jobs that run, or after --stop, and gives back what is left.

A page that is not available now is tried again after a minute, then ever later; after
four attempts, or if it is gone or blocked, the job is dead, with the reason, and the page
is due again later as with 'drittland run'. 'drittland jobs' shows and retries jobs.

Workers that serve derive also keep the archive in order: they gather new passages for
'drittland search', and once a day join small objects and take away old ones ('drittland
archive tidy'). Those that serve digest keep the tables of 'drittland review' up to date.

The second reader is asked where llm.read in the settings says of which new versions, or
where --queue names llm; nobody is asked merely because a worker runs. Workers that serve
derive put the versions into the queue, those that serve llm ask. Nothing waits for its
opinions, and they alter no finding. What all workers ask together is bounded: by
llm.budget a day (UTC, by the clock of the database; 200000 tokens if nobody says), and by
llm.parallel at a time, on each worker by -n. If the budget is used up, jobs wait for the
next day; 'drittland jobs retry --all' has them tried again at once, with a larger budget
say. If the endpoint fails or wants to be left alone, all leave it alone for a while, ever
longer. 'drittland second-read --queue' has versions read that were there before.

   drittland worker --queue capture,derive,digest,llm -n 8
   drittland worker --queue llm -n 2 --llm-budget 2EUR

With 'listen' in the settings, http://127.0.0.1:9464/healthz says 200, or 503 with the
reasons, and /metrics speaks to Prometheus.`,
		Flags:        slices.Concat(workerFlags(), workerLLMFlags(), limitFlags(), []cli.Flag{cli.HelpFlag}),
		OnUsageError: usageError,
		Action:       t.worker,
	}
}

func workerFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "queue", DefaultText: strings.Join(work.Free, ",") + ", and llm where llm.read is set", Usage: "`QUEUES` to take jobs from, with commas between them"},
		&cli.IntFlag{Name: "slots", Aliases: []string{"n"}, Value: 4, Usage: "do `N` jobs of each queue at a time"},
		&cli.DurationFlag{Name: "stop", Value: time.Minute, Usage: "`TIME` that jobs have to end when the worker is told to"},
		&cli.DurationFlag{Name: "lease", Value: 30 * time.Second, Hidden: true, Usage: "`TIME` for which nothing may be heard of a worker, for tests"},
		&cli.StringFlag{Name: "log-format", Value: "text", Usage: "`FORM` of the log on standard error: text or json"},
		&cli.StringFlag{Name: "log-level", Value: "info", Usage: "least `LEVEL` that is logged: debug, info, warn or error; addresses of people are in debug alone"},
		&cli.BoolFlag{Name: "allow-loopback", Hidden: true, Usage: "also capture from this machine, for tests and demonstrations"},
		&cli.IntFlag{Name: "annexes", Value: maxAnnexes, Usage: "capture at most `N` linked pages with each policy"},
		timestampsFlag(),
		&cli.StringFlag{Name: "listen", Category: overSettings, Usage: "`ADDRESS` of this machine for health and metrics, such as 127.0.0.1:9464"},
		&cli.StringFlag{Name: "schedule", Category: overSettings, Usage: "when runs begin: hourly, daily, weekly or a cron `EXPRESSION`"},
		&cli.StringFlag{Name: "jitter", Category: overSettings, Usage: "`TIME` by which a run begins later, at most"},
		&cli.StringFlag{Name: "llm-read", Category: secondReading, Usage: "which new versions the second reader reads, of those that are tracked: changes (whose text the service changed, other than in form), alerts (that an alert would tell of) or all (`WHICH`; default with --queue llm: changes)"},
		renderFlag("", "read pages with a browser: auto, always or never (`WHEN`)"),
		&cli.StringFlag{Name: "time-zone", Category: overSettings, Usage: "`ZONE` of schedules and of times that are shown, such as Europe/Berlin"},
	}
}

// workerLLMFlags are those of the second reader that make sense for a worker.
func workerLLMFlags() []cli.Flag {
	return slices.DeleteFunc(llmFlags(), func(f cli.Flag) bool { return f.Names()[0] == "llm-dry-run" })
}

// A hand does the jobs of one worker, with what watch does them with.
type hand struct {
	*watcher
	queue  *work.Queue
	worker *work.Worker
	turns  *work.Turns
	engine *analyze.Engine
	pages  *pages
	sent   sentMark
	reads  string      // which new versions are to be read by a second reader, by whichever worker has one; "" for none
	second *secondHand // nil if it has none
}

func (t *tool) worker(c *cli.Context) error {
	o, options, err := t.workerOptions(c)
	if err != nil {
		return usage(err, commandName(c))
	}
	set, err := t.settle(c, c.String("config"))
	if err != nil {
		return err
	}
	if err := onServer(set.Archive); err != nil {
		return err
	}
	reader, err := t.servesLLM(c, set, &o)
	if err != nil {
		return err
	}
	w, err := t.newWatcher(c, set, options)
	if err != nil {
		return err
	}
	h, s := &hand{watcher: w, reads: set.LLM.Read}, w.tool.storeOf(c, set.Settings)
	held, err := h.hold(s, o.Slots)
	if err != nil {
		return err
	}
	defer func() { _ = held.Close() }() // what was recorded is
	if h.queue, err = work.Open(c.Context, s.dir, len(o.Queues)*o.Slots+12); err != nil {
		return err
	}
	o.Log = w.log
	err = h.run(c.Context, o, options, reader)
	if errors.Is(err, work.ErrLost) {
		return &coded{err, exitFailed, "start it again; if it happens often, the database or the machine has too much to do"}
	}
	return errors.Join(err, h.queue.Close())
}

// onServer refuses an archive in a folder.
func onServer(address string) error {
	if archive.OnServer(address) {
		return nil
	}
	return &coded{errors.New("jobs and workers are for an archive on a server"), exitUsage,
		"give --archive postgres://HOST/DATABASE; 'drittland watch' looks after an archive in a folder"}
}

// workerOptions reads the flags.
func (t *tool) workerOptions(c *cli.Context) (o work.Options, web fetch.Options, err error) {
	if c.NArg() > 0 {
		return o, web, errors.New("takes no arguments")
	}
	if web, err = t.webOptions(c); err != nil {
		return o, web, err
	}
	web.AllowLoopback = web.AllowLoopback || c.Bool("allow-loopback")
	for name := range strings.SplitSeq(cmp.Or(c.String("queue"), strings.Join(work.Free, ",")), ",") {
		name = strings.TrimSpace(name)
		if !slices.Contains(work.Queues, name) {
			return o, web, fmt.Errorf("--queue %s: expected %s, with commas between them", name, strings.Join(work.Queues, ", "))
		}
		if !slices.Contains(o.Queues, name) {
			o.Queues = append(o.Queues, name)
		}
	}
	if n := c.Int("slots"); n < 1 || n > mostSlots {
		return o, web, fmt.Errorf("-n %d: expected 1 to %d", n, mostSlots)
	}
	if n := c.Int("annexes"); n < 1 || n > 50 {
		return o, web, fmt.Errorf("--annexes %d: expected 1 to 50", n)
	}
	if d := c.Duration("stop"); d <= 0 || d > time.Hour {
		return o, web, fmt.Errorf("--stop %s: expected a time above 0 and up to 1h", d)
	}
	if d := c.Duration("lease"); d < time.Second || d > time.Hour {
		return o, web, fmt.Errorf("--lease %s: expected 1s to 1h", d)
	}
	o.Slots, o.Stop, o.Lease, o.Version = c.Int("slots"), c.Duration("stop"), c.Duration("lease"), version()
	o.Machine, _ = os.Hostname() // for people
	o.ID = fmt.Sprintf("%.40s-%d-%s", cmp.Or(o.Machine, "worker"), os.Getpid(), strings.ToLower(rand.Text()[:6]))
	return o, web, nil
}

// hold opens the archive for as long as the worker runs.
func (h *hand) hold(s *store, slots int) (*archive.Archive, error) {
	if s.missing() {
		if err := s.make(); err != nil {
			return nil, err
		}
	}
	s.hold = runHolds
	a, err := archive.Open(work.Pooled(s.dir, 2*slots+8), s.options(false))
	if err != nil {
		return nil, err
	}
	s.held = a
	h.store = s
	return a, nil
}

// run does jobs until ctx ends.
func (h *hand) run(ctx context.Context, o work.Options, web fetch.Options, reader *secondReader) error {
	if err := h.queue.LayOut(ctx); err != nil {
		return err
	}
	engine, err := h.tool.engine(nil)
	if err != nil {
		return err
	}
	h.engine = engine
	h.worker = h.queue.NewWorker(o)
	h.turns = h.worker.Turns(web.Timeout + web.Delay + 5*time.Second)
	web.Turns, web.Robots = h.turns, h.turns
	h.pages = h.newPages(h.set.Capture.Render, web)
	h.outbox = h.outboxOn(h.live, sharedBox, h.queue)
	work.On(h.worker, 45*time.Minute, h.captureJob)
	work.On(h.worker, 20*time.Minute, h.deriveJob)
	work.On(h.worker, 30*time.Minute, h.alertJob)
	work.On(h.worker, 45*time.Minute, h.digestJob)
	work.On(h.worker, 45*time.Minute, h.orgDigestJob)
	if reader != nil {
		reader.Rules, h.reads = engine.Rules(), cmp.Or(h.reads, config.ReadChanges)
		h.second = h.tillOf(reader)
		work.On(h.worker, h.readingTime()+time.Minute, h.secondReadJob)
	}
	work.On(h.worker, longestDuty, h.scheduling)
	work.On(h.worker, longestDuty, h.posting)
	work.On(h.worker, longestDuty, h.gathering)
	work.On(h.worker, longestDuty, h.tidying)
	h.board.Change(func(s *watch.Standing) { s.Version, s.Started, s.Turned = version(), h.env.Now(), h.env.Now() })
	stop, err := h.listen()
	if err != nil {
		return err
	}
	defer stop()
	shown, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	go h.show(shown)
	h.log.Info("working", "version", version(), "worker", o.ID, "queues", o.Queues, "slots", o.Slots, "archive", h.queue.String())
	err = h.worker.Run(ctx)
	h.log.Info("ended; what was not done is in the queue")
	return err
}

// shownEvery is how often health and metrics are brought up to date.
const shownEvery = 15 * time.Second

// show brings health and metrics up to date until ctx ends.
func (h *hand) show(ctx context.Context) {
	for {
		asked, cancel := context.WithTimeout(ctx, shownEvery)
		s, err := h.queue.Standing(asked)
		cancel()
		if err != nil && ctx.Err() == nil {
			h.board.Change(func(s *watch.Standing) { s.Turned, s.Queue = h.env.Now(), s.Queue.Lost(h.env.Now()) }) // a new start would not help
		}
		if err == nil {
			q := &watch.Queue{Workers: s.Workers, Dead: s.Failed, DeadOf: s.Dead, Due: s.Due, Taken: s.Taken, Jobs: map[[2]string]int{}, Lag: s.Lag, Done: map[[2]string]int{}}
			for _, x := range s.Sizes {
				q.Jobs[[2]string{x.Queue, x.State}] = x.Jobs
			}
			for k, n := range h.worker.Counts() {
				q.Done[[2]string{k.Kind, k.Result}] = n
			}
			q.Second = h.showSecond(ctx)
			h.board.Change(func(s *watch.Standing) { s.Turned, s.Queue = h.env.Now(), q })
		}
		timer := time.NewTimer(shownEvery)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}
