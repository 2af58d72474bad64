// Package api serves what an archive holds to the programs of organisations, over HTTP and as JSON: the terms that they watch, the versions and captures of
// these, findings, and the organisation's own decisions. openapi.json describes it, and is served with it.
//
// A program shows a token of its organisation. Terms that the organisation does not watch are not there for it. What is read comes from a Desk, and
// is analysed there as for every other command.
package api

// This file is the server: who is let in, how often, and to what.

import (
	"context"
	_ "embed"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/cmd/drittland/digest"
	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/cmd/drittland/teams"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// Document is the description of the API, OpenAPI 3.1.
//
//go:embed openapi.json
var Document []byte

// ErrNoText says that a version holds no text: the capture was refused.
var ErrNoText = errors.New("the version holds no text")

// A Desk is what a server reads from the archive. Errors that are archive.ErrNotFound or archive.ErrErased are told as such.
type Desk interface {
	// Ready says what keeps the archive from being read.
	Ready(ctx context.Context) error
	// Known reports whether the archive holds some terms, or they are declared.
	Known(ctx context.Context, t snapshots.Terms) (bool, error)
	// Summaries are what lists tell of some terms, in their order.
	Summaries(ctx context.Context, list []snapshots.Terms) ([]Summary, error)
	// Versions are all versions of some terms and their variants, refused ones included, oldest first.
	Versions(ctx context.Context, t snapshots.Terms) ([]Version, error)
	// Version is the version called id.
	Version(ctx context.Context, id string) (snapshots.Version, error)
	// Shown is what 'drittland show --format json' tells of a version, with the decisions that hold of those given.
	Shown(ctx context.Context, v snapshots.Version, decisions []snapshots.Decision) (any, error)
	// Findings is what can be decided on a version, joined with the decisions on its terms.
	Findings(ctx context.Context, v snapshots.Version, decisions []snapshots.Decision) (*Findings, error)
	// Capture is the snapshot called id, and Body what the server sent.
	Capture(ctx context.Context, id string) (snapshots.Snapshot, error)
	Body(ctx context.Context, s snapshots.Snapshot) ([]byte, error)
	// Digest is what happened to the terms that an organisation watches.
	Digest(ctx context.Context, w DigestWish) (*digest.Digest, error)
}

// Options are what a server needs beside a desk and organisations.
type Options struct {
	Now     func() time.Time // nil means time.Now
	Rate    int              // requests a second of one token, after a burst of five times as many; 0 means 20
	Behind  bool             // a reverse proxy stands before the server: what it says of addresses is believed
	Proxies []netip.Prefix   // where it may be, beside this machine
	Log     *slog.Logger     // of failures; nil for none
}

// A Server answers programs.
type Server struct {
	desk      Desk
	teams     *teams.DB
	opts      Options
	mux       *http.ServeMux
	byToken   review.Limit
	strangers review.Limit  // requests with a token that lets nobody in, by address
	turns     chan struct{} // bounds how many texts are analysed at once
}

// Bounds of requests.
const (
	maxRequest   = 64 << 10 // bytes of a body
	maxAddress   = 4096     // bytes of path and query
	maxName      = 500      // bytes of the name of a service, or of a type of terms
	patience     = 60 * time.Second
	healthyAfter = 3 * time.Second
	defaultPage  = 50
	maxPage      = 200
)

// New makes a server.
func New(d Desk, orgs *teams.DB, opts Options) *Server {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Rate == 0 {
		opts.Rate = 20
	}
	s := &Server{desk: d, teams: orgs, opts: opts, mux: http.NewServeMux(), turns: make(chan struct{}, runtime.GOMAXPROCS(0)),
		byToken:   review.Limit{Every: time.Second / time.Duration(opts.Rate), Burst: 5 * opts.Rate},
		strangers: review.Limit{Every: 2 * time.Second, Burst: 20}}
	s.routes()
	return s
}

func (s *Server) routes() {
	s.open("GET /health", s.health)
	s.open("GET /openapi.json", s.document)
	s.route("GET /v1/terms", review.Reader, s.terms, "cursor", "limit")
	s.route("GET /v1/terms/{service}/{type}/versions", review.Reader, s.versions, "cursor", "limit")
	s.route("GET /v1/versions/{id}", review.Reader, s.version)
	s.route("GET /v1/versions/{id}/findings", review.Reader, s.findings)
	s.route("GET /v1/captures/{id}", review.Reader, s.capture, "body")
	s.route("GET /v1/decisions", review.Reader, s.decisions, "service", "terms_type", "cursor", "limit")
	s.route("POST /v1/decisions", review.Reviewer, s.decide)
	s.route("GET /v1/watches", review.Reader, s.watches, "cursor", "limit")
	s.route("PUT /v1/watches/{service}/{type}", review.Admin, s.watch)
	s.route("DELETE /v1/watches/{service}/{type}", review.Admin, s.unwatch)
	s.route("GET /v1/lists", review.Admin, s.lists)
	s.route("GET /v1/lists/{name}", review.Admin, s.list)
	s.route("PUT /v1/lists/{name}", review.Admin, s.putList)
	s.route("DELETE /v1/lists/{name}", review.Admin, s.removeList)
	s.route("GET /v1/digest", review.Reader, s.digest, "list", "from", "until")
	s.route("GET /v1/audit", review.Admin, s.audit, "cursor", "limit")
}

// A visit is one request, of somebody who is known but for the open routes.
type visit struct {
	w     http.ResponseWriter
	r     *http.Request
	ctx   context.Context
	org   *teams.Org
	token *teams.Token
	actor teams.Actor
}

// A handler answers a visit. What it returns is told as a problem.
type handler func(*visit) error

// open adds a route for anybody.
func (s *Server) open(pattern string, h handler) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		v := &visit{w: w, r: r, ctx: r.Context()}
		err := parameters(r, nil)
		if err == nil {
			err = h(v)
		}
		s.tell(v, err)
	})
}

// route adds a route for those who have a role. It takes some parameters and no others.
func (s *Server) route(pattern string, role review.Role, h handler, known ...string) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		v := &visit{w: w, r: r, ctx: ctx}
		err := s.letIn(v, role)
		if err == nil {
			err = parameters(r, known)
		}
		if err == nil {
			err = h(v)
		}
		s.tell(v, err)
	})
}

// letIn finds out who asks, and refuses those who may not.
func (s *Server) letIn(v *visit, role review.Role) error {
	now, from := s.opts.Now(), review.From(v.r, s.opts.Behind, s.opts.Proxies)
	secret, ok := strings.CutPrefix(v.r.Header.Get("Authorization"), "Bearer ")
	if !ok || len(v.r.Header.Values("Authorization")) != 1 {
		return unauthorised("show a token of your organisation: Authorization: Bearer drittland_…")
	}
	if s.strangers.Spent(review.Network(from), now) {
		return tooMany("too many requests with tokens that let nobody in", 2)
	}
	org, token, err := s.teams.Bearer(v.ctx, strings.TrimSpace(secret), now)
	if errors.Is(err, teams.ErrToken) {
		s.strangers.Allow(review.Network(from), now)
		return unauthorised("the token is not known, or holds no longer")
	}
	if err != nil {
		return err
	}
	v.org, v.token, v.actor = org, token, teams.Actor{Handle: token.Handle, Token: token.ID, Address: from.String(), At: now}
	if ok, _ := s.byToken.Allow(token.ID, now); !ok {
		return tooMany("too many requests with this token", 1)
	}
	if !token.Role.May(role) {
		if err := org.Record(v.ctx, v.actor, teams.DidRefused, v.r.Method+" "+v.r.URL.Path); err != nil {
			return err
		}
		return &problem{Status: http.StatusForbidden, Detail: "this takes a token with the role " + string(role) + ", and yours has the role " + string(token.Role)}
	}
	return nil
}

// parameters refuses those that a route does not know: they would have no effect, unlike what somebody thought.
func parameters(r *http.Request, known []string) error {
	for name, values := range r.URL.Query() {
		if !slices.Contains(known, name) {
			return badRequest("there is no parameter %.60q here", name)
		}
		if len(values) != 1 {
			return badRequest("the parameter %s is given %d times", name, len(values))
		}
	}
	return nil
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Vary", "Authorization")
	if r.TLS != nil && r.TLS.ServerName != "" && r.TLS.ServerName != "localhost" {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	v := &visit{w: w, r: r, ctx: r.Context()}
	if len(r.URL.RequestURI()) > maxAddress {
		s.tell(v, &problem{Status: http.StatusRequestURITooLong})
		return
	}
	if _, pattern := s.mux.Handler(r); pattern == "" {
		s.tell(v, s.noRoute(v))
		return
	}
	s.mux.ServeHTTP(w, r)
}

// methods are those of all routes.
var methods = []string{http.MethodGet, http.MethodPut, http.MethodPost, http.MethodDelete}

// noRoute is why there is no route for a request.
func (s *Server) noRoute(v *visit) error {
	var allowed []string
	for _, m := range methods {
		r := v.r.Clone(v.ctx)
		r.Method = m
		if _, pattern := s.mux.Handler(r); pattern != "" {
			allowed = append(allowed, m)
		}
	}
	if len(allowed) == 0 {
		return notFound("there is no such address; /openapi.json describes those that there are")
	}
	v.w.Header().Set("Allow", strings.Join(allowed, ", "))
	return &problem{Status: http.StatusMethodNotAllowed}
}

// health says whether requests can be answered: that the database and the archive are there.
func (s *Server) health(v *visit) error {
	ctx, cancel := context.WithTimeout(v.ctx, healthyAfter)
	defer cancel()
	if err := errors.Join(s.teams.Ping(ctx), s.desk.Ready(ctx)); err != nil {
		s.opts.Log.Error("not ready", "error", err.Error())
		return &problem{Status: http.StatusServiceUnavailable, Detail: "the archive does not answer"}
	}
	return v.json(http.StatusOK, map[string]string{"status": "ok"})
}

func (s *Server) document(v *visit) error { return v.bytes("application/json", Document) }

// turn waits for a turn to analyse a text. The function that it gives ends it.
func (s *Server) turn(ctx context.Context) (func(), error) {
	select {
	case s.turns <- struct{}{}:
		return func() { <-s.turns }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// visible refuses terms that the organisation does not watch, as if there were none.
func (v *visit) visible(t snapshots.Terms) error {
	_, err := v.org.Watching(v.ctx, t)
	return err
}

// gone reports whether an error says that something is not there.
func gone(err error) bool {
	return errors.Is(err, archive.ErrNotFound) || errors.Is(err, teams.ErrNotFound)
}
