package main

// The command serve: what programs ask for over the network.

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/api"
	"github.com/drittland/drittland/cmd/drittland/teams"
	"github.com/drittland/drittland/snapshots/archive"
)

const defaultAPI = "127.0.0.1:8081"

func (t *tool) serveCommand() *cli.Command {
	return &cli.Command{
		Name: "serve", Usage: "serve an archive on a server to programs", OnUsageError: usageError,
		Description: `People read and decide in 'drittland review'; programs ask here.

   drittland serve api`,
		Subcommands: []*cli.Command{{
			Name: "api", Usage: "serve the HTTP API to the programs of organisations", OnUsageError: usageError, Action: t.serveAPI,
			Description: `Programs of an organisation read the terms that it watches, their versions, findings and
captures, and its own decisions, and record decisions; as JSON, with a token that
'drittland org token add' makes. What the organisation does not watch is not there for
them. /openapi.json describes all of it, and /health says whether it works.

   drittland --archive postgres://db.example.org/drittland serve api
   curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8081/v1/terms

Other machines reach it only encrypted, by a certificate or by a reverse proxy; that
must set X-Forwarded-For:

   drittland serve api --listen 0.0.0.0:443 --tls-cert chain.pem --tls-key key.pem
   drittland serve api --behind-proxy https://api.example.org

Any number of machines may serve the same archive. Press Ctrl-C to end.

   drittland serve api --health      asks the API that runs on this machine`,
			Flags: append([]cli.Flag{
				&cli.StringFlag{Name: "listen", Value: defaultAPI, Usage: "serve on this `ADDRESS` (port 0: any free one); other machines reach it only with TLS or a reverse proxy"},
				&cli.BoolFlag{Name: "health", Usage: "ask the API that runs on this machine, at the port of --listen, whether it works; exit code 1 if not"},
				&cli.IntFlag{Name: "rate", Value: 20, Usage: "let each token ask `N` times a second, after a burst of five times as many"},
			}, encryptionFlags()...),
		}},
	}
}

// organisations opens the archive on a server, and the organisations beside it. The function that it gives is to be called when they were used.
func (t *tool) organisations(c *cli.Context) (*teams.DB, *store, func(), error) {
	s := t.store(c)
	orgs, done, err := s.organisations(c.Context)
	return orgs, s, done, err
}

// organisations opens those beside the archive.
func (s *store) organisations(ctx context.Context) (*teams.DB, func(), error) {
	if !archive.OnServer(s.dir) {
		return nil, nil, &coded{fmt.Errorf("organisations share an archive on a server, and %s is a directory", s.dir), exitUsage,
			"give --archive postgres://HOST/DATABASE; an archive in a directory has one team: those who may use it"}
	}
	if err := s.there(); err != nil {
		return nil, nil, err
	}
	conn, done, err := s.connect(s.options(true))
	if err != nil {
		return nil, nil, err
	}
	orgs, err := teams.Open(ctx, conn.DB())
	if err != nil {
		done()
		return nil, nil, fmt.Errorf("archive %s: %w", conn, err)
	}
	return orgs, done, nil
}

func (t *tool) serveAPI(c *cli.Context) error {
	if c.NArg() > 0 {
		return usage(errors.New("takes no arguments"), commandName(c))
	}
	if n := c.Int("rate"); n < 1 || n > 10_000 {
		return usage(fmt.Errorf("--rate %d: from 1 to 10,000", n), commandName(c))
	}
	if c.Bool("health") {
		return askServed(c)
	}
	at, err := apiPlace(c)
	if err != nil {
		return err
	}
	engine, err := t.engine(nil)
	if err != nil {
		return err
	}
	set, err := t.settings(c)
	if err != nil {
		return err
	}
	orgs, s, done, err := t.organisations(c)
	if err != nil {
		return err
	}
	defer done()
	d := newAPIDesk(s, engine, set)
	if err := d.Ready(context.WithoutCancel(c.Context)); err != nil {
		return err
	}
	server := api.New(d, orgs, api.Options{Now: t.env.Now, Rate: c.Int("rate"), Behind: at.origin != "", Proxies: at.proxies,
		Log: slog.New(slog.NewTextHandler(t.env.Stderr, nil))})
	return t.serve(c.Context, at, at.front(server), t.words.T("API on %s (Ctrl-C ends it)"))
}

// askServed asks what is served by this machine, at the port of --listen, for its health. Its certificate has the name of a host that others know, and is not looked
// at: nothing is told to it.
func askServed(c *cli.Context) error {
	listen, scheme := c.String("listen"), "http"
	_, port, err := net.SplitHostPort(listen)
	if err != nil {
		return usage(fmt.Errorf("--listen %s: %w", listen, err), commandName(c))
	}
	if c.IsSet("tls-cert") {
		scheme = "https"
	}
	ctx, cancel := context.WithTimeout(c.Context, 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+net.JoinHostPort("127.0.0.1", port)+"/health", nil)
	if err != nil {
		return err
	}
	r.Header.Set("X-Forwarded-For", "127.0.0.1")                                                              // as one behind a proxy wants
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, //nolint:gosec // as said above
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	if err == nil {
		err = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			err = errors.New(resp.Status)
		}
	}
	if err != nil {
		return &coded{fmt.Errorf("health: %w", err), exitFailed, ""}
	}
	return nil
}

// apiPlace is where the flags say that the API is to be served, if tokens are safe there.
func apiPlace(c *cli.Context) (*place, error) {
	p := &place{address: c.String("listen")}
	host, _, err := net.SplitHostPort(p.address)
	if err != nil {
		return nil, usage(fmt.Errorf("--listen %s: %w", p.address, err), commandName(c))
	}
	if err := p.proxy(c); err != nil {
		return nil, err
	}
	if err := p.certificate(c); err != nil {
		return nil, err
	}
	return p, p.encrypted(loopback(host), "tokens would pass through the network for all to read")
}
