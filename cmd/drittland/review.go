package main

// The command review: the queue of changes and findings in a browser, on this machine.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/archive/objects"
	"github.com/drittland/drittland/snapshots/archive/pg"
)

const defaultReview = "127.0.0.1:7441"

func (t *tool) reviewCommand() *cli.Command {
	return &cli.Command{
		Name:  "review",
		Usage: "read flagged changes and decide on them, in the browser",
		Description: `Serves the queue of changes and findings that wait for a decision, on this machine
alone: each change with its redline, the facts and findings that came with it, the
articles and the law behind them, and how it was captured. What you decide is kept in
the archive and holds while the words stand. The pages ask no other host for anything.

Services lists all terms with what waits in them and what cannot be had; the page of a
service has its versions, timeline, variants and what its texts say now. Map shows
where the data go by the texts of a day, by the standing of each country on that day.

   drittland review
   drittland --archive ./clipzy review --listen 127.0.0.1:8080
   drittland review --by mk --locale de

Everybody who may use this machine can open the page, unless there are accounts: then
everybody logs in, and what is done goes into an audit log. Other machines reach the
page only with accounts, and only encrypted, by a certificate or by a reverse proxy:

   drittland review account add mk --role reviewer
   drittland review --listen 0.0.0.0:443 --tls-cert chain.pem --tls-key key.pem
   drittland review --behind-proxy https://review.example.org

/health says 200 while the archive can be used, and 503 otherwise, without logging in;
'drittland review --health' asks the one on this machine. Press Ctrl-C to end.`,
		Subcommands: []*cli.Command{t.accountCommand()},
		Flags: append(listenFlags(),
			&cli.StringFlag{Name: "by", Usage: "`HANDLE` under which decisions are recorded (default: DRITTLAND_REVIEWER, else your log-in name)"},
			&cli.BoolFlag{Name: "read-only", Usage: "show everything, decide nothing"},
			&cli.BoolFlag{Name: "health", Usage: "ask the review that runs on this machine, at the port of --listen, whether it works; exit code 1 if not"}),
		OnUsageError: usageError,
		Action:       t.review,
	}
}

func (t *tool) review(c *cli.Context) error {
	if c.NArg() > 0 {
		return usage(errors.New("takes no arguments"), commandName(c))
	}
	if c.Bool("health") {
		return askServed(c)
	}
	handle, err := t.handle(c.String("by"))
	if err != nil {
		return usage(err, commandName(c))
	}
	engine, err := t.engine(nil)
	if err != nil {
		return err
	}
	s := t.store(c)
	if err := s.there(); err != nil {
		return err
	}
	if archive.OnServer(s.dir) {
		if err := s.well(); err != nil {
			return err
		}
	}
	at, err := t.place(c)
	if err != nil {
		return err
	}
	server := review.New(newReviewDesk(s, engine.In("en")), review.Options{Now: t.env.Now, Language: t.words.Language(), Handle: cmp.Or(handle, "reviewer"), ReadOnly: c.Bool("read-only"),
		Hosts: at.hosts, Origin: at.origin, Guard: at.guard(), Well: s.well, Hint: pageHint,
		Log: slog.New(slog.NewTextHandler(t.env.Stderr, nil))})
	return t.serve(c.Context, at, at.front(server), t.words.T("review on %s (Ctrl-C ends it)"))
}

// well says why the archive cannot be used.
func (s *store) well() error {
	if archive.OnServer(s.dir) {
		return s.look(func(*archive.Archive) error { return nil })
	}
	_, err := s.moment()
	return err
}

// pageHint says to visitors of the pages what to do about an error.
func pageHint(w *locale.Words, err error) string {
	switch {
	case errors.Is(err, archive.ErrBehind):
		return w.T("Whoever looks after the archive runs 'drittland archive upgrade', once, when all machines run this release.")
	case errors.Is(err, pg.ErrNewer):
		return w.T("Another machine runs a newer release, which is to be installed here as well.")
	case errors.Is(err, pg.ErrUnreachable), errors.Is(err, objects.ErrUnreachable):
		return w.T("What was recorded is kept. Try again later, and tell whoever looks after the archive if it lasts.")
	}
	return ""
}

// loopback reports whether a host is this machine and no other can reach it.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// serve serves pages until the context ends, and lets those that are being answered finish. said tells where.
func (t *tool) serve(ctx context.Context, at *place, h http.Handler, said string) error {
	l, err := net.Listen("tcp", at.address)
	if err != nil {
		return &coded{fmt.Errorf("cannot serve on %s: %w", at.address, err), exitFailed, "another program may have the port: --listen 127.0.0.1:0 takes a free one"}
	}
	srv := &http.Server{Handler: h, TLSConfig: at.tls, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(slog.NewTextHandler(t.env.Stderr, nil), slog.LevelWarn)}
	t.say(said, at.url(l.Addr()))
	done := make(chan error, 1)
	go func() {
		if at.tls != nil {
			done <- srv.ServeTLS(l, "", "")
			return
		}
		done <- srv.Serve(l)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return srv.Shutdown(end)
}
