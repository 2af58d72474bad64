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

	"github.com/drittland/drittland/cmd/drittland/review"
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

   drittland review
   drittland --archive ./clipzy review --listen 127.0.0.1:8080
   drittland review --by mk --locale de

Everybody who may use this machine can open the page. Press Ctrl-C to end.`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "listen", Value: defaultReview, Usage: "serve on this `ADDRESS` (port 0: any free one)"},
			&cli.StringFlag{Name: "by", Usage: "`HANDLE` under which decisions are recorded (default: DRITTLAND_REVIEWER, else your log-in name)"},
			&cli.BoolFlag{Name: "read-only", Usage: "show everything, decide nothing"},
		},
		OnUsageError: usageError,
		Action:       t.review,
	}
}

func (t *tool) review(c *cli.Context) error {
	if c.NArg() > 0 {
		return usage(errors.New("takes no arguments"), commandName(c))
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
	host, _, err := net.SplitHostPort(c.String("listen"))
	if err != nil {
		return usage(fmt.Errorf("--listen %s: %w", c.String("listen"), err), commandName(c))
	}
	if !loopback(host) {
		return &coded{fmt.Errorf("--listen %s is no address of this machine alone", c.String("listen")), exitUsage, "give 127.0.0.1:PORT"}
	}
	server := review.New(newReviewDesk(s, engine.In("en")), review.Options{Now: t.env.Now, Language: t.words.Language(), Handle: cmp.Or(handle, "reviewer"), ReadOnly: c.Bool("read-only"),
		Log: slog.New(slog.NewTextHandler(t.env.Stderr, nil))})
	return t.serve(c.Context, c.String("listen"), server)
}

// loopback reports whether a host is this machine and no other can reach it.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// serve serves pages until the context ends, and lets those that are being answered finish.
func (t *tool) serve(ctx context.Context, address string, h http.Handler) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return &coded{fmt.Errorf("cannot serve on %s: %w", address, err), exitFailed, "another program may have the port: --listen 127.0.0.1:0 takes a free one"}
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(slog.NewTextHandler(t.env.Stderr, nil), slog.LevelWarn)}
	t.say("%s", t.words.F("review on http://%s/ (Ctrl-C ends it)", l.Addr()))
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return srv.Shutdown(end)
}
