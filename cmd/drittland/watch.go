package main

// The command watch: captures by schedule, makes digests and alerts, and sends them, for as long as it runs.

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/send"
	"github.com/drittland/drittland/cmd/drittland/watch"
	"github.com/drittland/drittland/fetch"
)

// longestSleep is how long watch sleeps at most: a clock that jumps and settings that change are noticed within it.
const longestSleep = time.Minute

func (t *tool) watchCommand() *cli.Command {
	return &cli.Command{
		Name:      "watch",
		Usage:     "watch by itself: capture by schedule, send digests and alerts, for as long as it runs",
		ArgsUsage: " ",
		Description: `Captures what is due at the times that the settings say, as 'drittland run' does, and
between them what has a schedule of its own or could not be had. Makes the digest of
each list when its time comes, and alerts of what a run brought; both are recorded in
the outbox before they are sent.

   drittland config example > ~/.config/drittland/config.yaml
   drittland config check
   drittland watch --dry-run
   drittland watch

What was done is kept in the directory of the state. A digest whose time passed while
the program did not run is made when it runs again, for the time that it is about, and
none is made or sent twice; of captures that were missed, one is made. If the clock
goes back, nothing is captured or made until it has caught up; --trust-clock says that
it is right now. Ctrl-C or SIGTERM ends it after what is being sent. The settings are
read again when their file changes, or on SIGHUP; one with mistakes changes nothing.

   drittland watch --once            does what is due and ends; for cron
   drittland watch --health          asks the watch that runs on this machine

With 'listen' in the settings, http://127.0.0.1:9464/healthz says 200, or 503 with the
reasons, and /metrics speaks to Prometheus. A guide for systemd and containers is in
cmd/drittland/watch/README.md.`,
		Flags:        append(watchFlags(), append(limitFlags(), cli.HelpFlag)...),
		OnUsageError: usageError,
		Action:       t.watch,
	}
}

const overSettings = "IN THE PLACE OF SETTINGS"

func watchFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "once", Usage: "do what is due and end; exit codes as of 'drittland run'"},
		&cli.BoolFlag{Name: "dry-run", Usage: "say what would be done now, and do nothing"},
		&cli.BoolFlag{Name: "health", Usage: "ask the watch that runs on this machine whether it turns; exit code 1 if not"},
		&cli.BoolFlag{Name: "trust-clock", Usage: "the clock went back and is right now: go on from here"},
		&cli.StringFlag{Name: "log-format", Value: "text", Usage: "`FORM` of the log on standard error: text or json"},
		&cli.StringFlag{Name: "log-level", Value: "info", Usage: "least `LEVEL` that is logged: debug, info, warn or error; addresses of people are in debug alone"},
		&cli.BoolFlag{Name: "allow-loopback", Hidden: true, Usage: "also capture from this machine, for tests and demonstrations"},
		&cli.IntFlag{Name: "annexes", Value: maxAnnexes, Usage: "capture at most `N` linked pages with each policy"},
		timestampsFlag(),
		&cli.StringFlag{Name: "state", Category: overSettings, Usage: "`DIR` of the outbox and of what was done, wherever the archive is (default: drittland in ~/.local/state)"},
		&cli.StringFlag{Name: "listen", Category: overSettings, Usage: "`ADDRESS` of this machine for health and metrics, such as 127.0.0.1:9464"},
		&cli.StringFlag{Name: "schedule", Category: overSettings, Usage: "when runs begin: hourly, daily, weekly or a cron `EXPRESSION`"},
		&cli.StringFlag{Name: "jitter", Category: overSettings, Usage: "`TIME` by which a run begins later, at most"},
		&cli.StringFlag{Name: "jobs", Category: overSettings, Usage: "capture `N` sources at a time; one server is asked for one page at a time"},
		&cli.StringFlag{Name: "budget", Category: overSettings, Usage: "begin no further page after a `TIME`, such as 20m, or a number of requests"},
		renderFlag("", "read pages with a browser: auto, always or never (`WHEN`)"),
		&cli.StringFlag{Name: "time-zone", Category: overSettings, Usage: "`ZONE` of schedules and of times that are shown, such as Europe/Berlin"},
	}
}

// A watcher does what is due.
type watcher struct {
	*tool
	c       *cli.Context
	set     *settled
	live    *config.Settings // a copy, which the outbox looks at
	options fetch.Options
	store   *store
	folder  watch.Folder
	state   *watch.State
	board   *watch.Board
	outbox  *send.Outbox
	log     *slog.Logger
	file    fileState // of the settings, as it was read
	hup     chan os.Signal

	post      time.Time // when the outbox is looked at next
	wakes     wakes
	pause     time.Duration // after a run that did not end, doubled with each
	notBefore time.Time     // of the next run, after one that did not end
	told      bool          // that the clock is behind
}

func (t *tool) watch(c *cli.Context) error {
	if c.NArg() > 0 {
		return usage(errors.New("takes no arguments"), commandName(c))
	}
	options, err := t.webOptions(c)
	if err == nil && (c.Int("annexes") < 1 || c.Int("annexes") > 50) {
		err = fmt.Errorf("--annexes %d: expected 1 to 50", c.Int("annexes"))
	}
	if err != nil {
		return usage(err, commandName(c))
	}
	options.AllowLoopback = options.AllowLoopback || c.Bool("allow-loopback")
	set, err := t.settle(c, c.String("config"))
	if err != nil {
		return err
	}
	if set.State == "" {
		return &coded{errors.New("there is no place for the state: the environment names no home directory"), exitUsage, "give --state DIR"}
	}
	if c.Bool("health") {
		return askHealth(set.Listen)
	}
	w, err := t.newWatcher(c, set, options)
	if err != nil {
		return err
	}
	if c.Bool("dry-run") {
		return w.dryRun(c.Context)
	}
	return w.watch(c.Context)
}

func askHealth(listen string) error {
	if listen == "" {
		return &coded{errors.New("the settings name no address for health"), exitFailed, "listen: 127.0.0.1:9464"}
	}
	if err := watch.Ask(listen, 5*time.Second); err != nil {
		return &coded{fmt.Errorf("health: %w", err), exitFailed, ""}
	}
	return nil
}

// newWatcher makes a watcher that has done nothing yet. What it says goes into the log.
func (t *tool) newWatcher(c *cli.Context, set *settled, o fetch.Options) (*watcher, error) {
	log, err := t.logger(c.String("log-format"), c.String("log-level"), set.Zone())
	if err != nil {
		return nil, usage(err, commandName(c))
	}
	mine := *t
	mine.env.ErrTerminal = false // no bars among the lines of the log
	mine.told = func(s string) { log.Info(s) }
	w := &watcher{tool: &mine, c: c, options: o, log: log, folder: watch.Folder{Dir: set.State}, board: new(watch.Board), hup: make(chan os.Signal, 1)}
	w.file = stateOf(set.sought)
	return w, w.use(set)
}

// use takes settings over.
func (w *watcher) use(set *settled) error {
	old := w.set
	if old == nil || old.Archive != set.Archive || old.Objects != set.Objects {
		w.store = w.storeOf(w.c, set.Settings)
		w.store.hold = runHolds
	}
	if old != nil && old.Mail == set.Mail { // it knows what was sent and could not be recorded
		*w.live = *set.Settings
	} else {
		live := *set.Settings
		box, err := w.tool.outbox(&live)
		if err != nil {
			return err
		}
		w.live, w.outbox = &live, box
	}
	w.set, w.post, w.wakes = set, time.Time{}, wakes{}
	return nil
}

// watch does what is due, once or until the end.
func (w *watcher) watch(ctx context.Context) (err error) {
	unlock, err := w.folder.Lock()
	if errors.Is(err, watch.ErrBusy) {
		return &coded{err, exitBusy, "one watch for each directory of state; 'state' in the settings, or --state, names another"}
	}
	if err != nil {
		return err
	}
	defer unlock()
	if err := w.load(); err != nil {
		return err
	}
	if w.c.Bool("once") {
		return w.once(ctx)
	}
	stop, err := w.listen()
	if err != nil {
		return err
	}
	defer stop()
	signal.Notify(w.hup, syscall.SIGHUP)
	defer signal.Stop(w.hup)
	w.log.Info("watching", "version", version(), "state", w.set.State, "archive", w.store.name(), "lists", len(w.set.Lists), "alerts", len(w.set.Alerts))
	w.loop(ctx)
	w.log.Info("ended; what was recorded is kept")
	return nil
}

// load reads what was done.
func (w *watcher) load() error {
	state, aside, err := w.folder.Load()
	if err != nil {
		return err
	}
	if aside != "" {
		w.log.Error("the record of what was done is damaged and was set aside; nothing is sent twice, and the last digest is made again if it was not", "file", aside)
	}
	w.state = state
	if w.c.Bool("trust-clock") {
		w.state.TrustClock(w.env.Now())
	}
	w.board.Change(func(s *watch.Standing) {
		s.Version, s.Started, s.Turned = version(), w.env.Now(), w.env.Now()
		s.Run = watch.Run{Began: state.Capture.Began, Ended: state.Capture.Ended, Sources: state.Capture.Sources, Failed: state.Capture.Failed, Trouble: state.Capture.Trouble}
	})
	return nil
}

// once does what is due, and what that makes due.
func (w *watcher) once(ctx context.Context) error {
	_, err := w.turn(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return discreet{err}
	}
	return nil
}

// loop does what is due until ctx ends.
func (w *watcher) loop(ctx context.Context) {
	for ctx.Err() == nil {
		next, err := w.turn(ctx)
		if err != nil && ctx.Err() == nil {
			w.log.Error("not all was done; it is tried again", "error", err)
		}
		timer := time.NewTimer(min(max(next.Sub(w.env.Now()), time.Second), longestSleep))
		select {
		case <-ctx.Done():
		case <-w.hup:
			w.reload(true)
		case <-timer.C:
		}
		timer.Stop()
		w.reload(false)
	}
}

// listen serves health and metrics, if they are wanted.
func (w *watcher) listen() (stop func(), err error) {
	if w.set.Listen == "" {
		return func() {}, nil
	}
	l, err := listenOn(w.set.Listen)
	if err != nil {
		return nil, &coded{fmt.Errorf("health and metrics: %w", err), exitFailed, "'listen' in the settings, or --listen, names another address"}
	}
	srv := w.board.Server(w.env.Now)
	go func() { _ = srv.Serve(l) }() // until Close
	w.log.Info("health and metrics", "address", l.Addr().String())
	return func() { _ = srv.Close() }, nil
}

// turn does what is due now, and says when something is due next.
func (w *watcher) turn(ctx context.Context) (next time.Time, err error) {
	now := w.env.Now()
	w.board.Change(func(s *watch.Standing) { s.Turned = now })
	if w.behind(now) {
		return now.Add(longestSleep), w.deliver(ctx)
	}
	w.state.See(now)
	lists, nextList := w.dueLists(now)
	err = errors.Join(w.digests(ctx, lists), w.leftAlerts(ctx), w.deliver(ctx))
	if ctx.Err() != nil {
		return now, err
	}
	nextRun, runErr := w.captures(ctx)
	if ctx.Err() == nil {
		err = errors.Join(err, runErr, w.deliver(ctx))
	}
	w.reached("delivered")
	w.state.See(w.env.Now())
	if saved := w.folder.Save(w.state); saved != nil {
		err = errors.Join(err, saved)
	}
	for _, t := range []time.Time{nextRun, w.post} {
		if !t.IsZero() && (nextList.IsZero() || t.Before(nextList)) {
			nextList = t
		}
	}
	return nextList, err
}

// behind reports whether the clock went back, so that nothing but sending is done.
func (w *watcher) behind(now time.Time) bool {
	d := w.state.Behind(now)
	w.board.Change(func(s *watch.Standing) { s.Behind = d })
	if d == 0 {
		w.told = false
		return false
	}
	if !w.told && d > time.Second {
		w.told = true
		w.log.Warn("the clock went back: nothing is captured or made until it has caught up; if it is right now, --trust-clock says so",
			"shows", w.shown(now), "showed", w.shown(w.state.Seen))
	}
	return true
}

// shown is a time as people read it.
func (w *watcher) shown(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(w.set.Zone()).Format(time.RFC3339)
}

// reached tells tests how far it is.
func (w *watcher) reached(name string) {
	if w.env.Step != nil {
		w.env.Step(name)
	}
}

// A fileState tells whether a file has changed.
type fileState struct {
	size  int64
	mtime time.Time
}

func stateOf(name string) fileState {
	if name == "" {
		return fileState{}
	}
	info, err := os.Stat(name)
	if err != nil {
		return fileState{size: -1}
	}
	return fileState{info.Size(), info.ModTime()}
}

// reload reads the settings again, if their file has changed or that is wanted. Settings with mistakes change nothing.
func (w *watcher) reload(wanted bool) {
	file := stateOf(w.set.sought)
	if !wanted && (file == w.file || file.size < 0 && w.set.file == "") {
		return
	}
	w.file = file
	set, err := w.settle(w.c, w.c.String("config"))
	if err == nil && (set.State != w.set.State || set.Listen != w.set.Listen) {
		w.log.Warn("another 'state' or 'listen' counts when watch is started again")
		set.State, set.Listen = w.set.State, w.set.Listen
	}
	if err == nil {
		err = w.use(set)
	}
	if err != nil {
		w.board.Change(func(s *watch.Standing) { s.Settings = "cannot be read" })
		w.log.Error("the settings were changed and cannot be read; those of before hold", "error", err)
		return
	}
	w.board.Change(func(s *watch.Standing) { s.Settings = "" })
	w.log.Info("the settings were read again", "lists", len(set.Lists), "alerts", len(set.Alerts))
}

// schedule is one of the settings, which were checked.
func (w *watcher) schedule(expr string) (config.Schedule, error) {
	return config.ParseSchedule(expr, w.set.Zone())
}

// listNames are the lists of the settings.
func (w *watcher) listNames() []string {
	var out []string
	for _, l := range w.set.Lists {
		out = append(out, l.Name)
	}
	return slices.Clip(out)
}
