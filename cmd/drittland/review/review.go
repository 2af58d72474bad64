// Package review is the lawyer's desk in the browser: the queue of changes and findings that wait for a decision, the change
// page with its redline, the decisions, the pages of services, the map and the search. It serves pages that it makes itself,
// from embedded templates, style and one small script; captured pages are never shown in its origin, and no page asks another
// host for anything. What it shows it gets from a Desk.
package review

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules/law"
)

//go:embed page
var files embed.FS

// Options are what a server needs beside a desk. The zero value serves one person on this machine.
type Options struct {
	Now      func() time.Time // nil means time.Now
	Language string           // of the pages where a browser asks for none that there is; "" means English
	Handle   string           // under which decisions are recorded where there are no accounts
	ReadOnly bool             // nothing can be decided
	Hosts    []string         // names under which the server may be asked for, beside loopback ones
	Origin   string           // of a reverse proxy before the server, "https://review.example.org"; "" for none
	Log      *slog.Logger     // of failures; nil for none
	Well     func() error     // why the desk cannot be used, for /health; nil if it always can
	// Hint says what to do about an error, in the language of the visitor; "" for nothing that is known. nil is for none.
	Hint  func(w *locale.Words, err error) string
	Guard Guard // who may do what; nil for one person who may do everything
}

// A Role is what somebody may do.
type Role string

// The roles. Each may do what those before it may.
const (
	Reader   Role = "reader"   // see everything
	Reviewer Role = "reviewer" // decide
	Admin    Role = "admin"    // see the audit log
)

// May reports whether r may do what role may.
func (r Role) May(role Role) bool {
	order := []Role{Reader, Reviewer, Admin}
	return slices.Index(order, r) >= slices.Index(order, role)
}

// A Person is who asks for a page.
type Person struct {
	Handle string
	Role   Role
}

// A Guard knows who asks, and keeps out those that it does not know.
type Guard interface {
	// Person is who asks; ok is false for nobody known.
	Person(r *http.Request) (p Person, ok bool)
	// Routes adds the guard's own pages, which anybody may ask for, such as that to log in.
	Routes(mux *http.ServeMux, s *Server)
	// Ask answers somebody who is not known.
	Ask(w http.ResponseWriter, r *http.Request, s *Server)
	// Record keeps what somebody did: "decided", "refused" … p is the zero value for nobody known.
	Record(r *http.Request, p Person, did, on string) error
}

// A Server serves the pages of a desk.
type Server struct {
	desk  Desk
	opts  Options
	mux   http.Handler
	looks chan struct{} // full while somebody asks whether the desk can be used
	pages sync.Map      // language → *template.Template
}

// New makes the server of a desk.
func New(desk Desk, opts Options) *Server {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Handle == "" {
		opts.Handle = "reviewer"
	}
	s := &Server{desk: desk, opts: opts, looks: make(chan struct{}, 1)}
	s.mux = s.routes()
	return s
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// routes are all pages. Whoever asks for one must be known, and come from the server's own pages to change something.
func (s *Server) routes() http.Handler {
	inner := http.NewServeMux()
	get := func(path string, f page) { inner.Handle("GET "+path, s.page(Reader, f)) }
	get("/{$}", s.queue)
	get("/change", s.change)
	get("/picture", s.picture)
	get("/export", s.export)
	get("/search", s.search)
	get("/services", s.services)
	get("/service", s.service)
	get("/timeline.svg", s.timeline)
	get("/map", s.world)
	inner.Handle("POST /decide", s.page(Reviewer, s.decide))
	get("/", func(*visit) error { return ErrNotFound })

	outer := http.NewServeMux()
	outer.HandleFunc("GET /assets/{name}", s.asset)
	outer.HandleFunc("GET /health", s.health)
	outer.HandleFunc("POST /language", s.setLanguage)
	if s.opts.Guard != nil {
		s.opts.Guard.Routes(outer, s)
	}
	outer.Handle("/", inner)
	return s.headers(s.hosts(s.sameOrigin(outer)))
}

// sameOrigin refuses forms that a page elsewhere sent.
func (s *Server) sameOrigin(next http.Handler) http.Handler {
	p := http.NewCrossOriginProtection()
	if s.opts.Origin != "" {
		if err := p.AddTrustedOrigin(s.opts.Origin); err != nil {
			s.opts.Log.Error("no origin", "error", err.Error())
		}
	}
	p.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := s.visit(w, r, Person{})
		_ = s.record(v, didRefused, "from another site: "+r.URL.Path)
		s.fail(v, &trouble{http.StatusForbidden, v.T("That came from a page of another site, and nothing was done.")})
	}))
	return p.Handler(next)
}

// maxForm bounds what a form may send, bytes.
const maxForm = 64 << 10

// headers sets what every answer says to the browser: nothing from elsewhere, nothing inline, in no frame, kept by no cache.
func (s *Server) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if r.TLS != nil && r.TLS.ServerName != "" && r.TLS.ServerName != "localhost" {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		next.ServeHTTP(w, r)
	})
}

// hosts refuses requests for a name that is not the server's: a page elsewhere may give its own name this machine's address.
func (s *Server) hosts(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		host = strings.ToLower(strings.Trim(host, "[]"))
		ip, err := netip.ParseAddr(host)
		if host != "localhost" && !(err == nil && ip.IsLoopback()) && !slices.Contains(s.opts.Hosts, host) {
			http.Error(w, "drittland review is not served under this name", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// A page answers one visit. What it returns is told to the visitor.
type page func(*visit) error

// A visit is one request with who asks and in which words.
type visit struct {
	*locale.Words
	w      http.ResponseWriter
	r      *http.Request
	ctx    context.Context
	person Person
	query  url.Values
}

func (s *Server) visit(w http.ResponseWriter, r *http.Request, p Person) *visit {
	return &visit{Words: s.words(r), w: w, r: r, ctx: r.Context(), person: p, query: validQuery(r.URL)}
}

// validQuery is the query of an address, with what is no UTF-8 taken out.
func validQuery(u *url.URL) url.Values {
	q := u.Query()
	for _, values := range q {
		for i, v := range values {
			values[i] = strings.ToValidUTF8(v, "")
		}
	}
	return q
}

// page makes a page a handler for those who have a role.
func (s *Server) page(role Role, f page) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := Person{s.opts.Handle, Admin}
		if s.opts.Guard != nil {
			var ok bool
			if p, ok = s.opts.Guard.Person(r); !ok {
				s.opts.Guard.Ask(w, r, s)
				return
			}
		}
		v := s.visit(w, r, p)
		if !p.Role.May(role) || role == Reviewer && s.opts.ReadOnly {
			_ = s.record(v, didRefused, r.URL.Path)
			why := v.T("You may read here, and not decide.")
			if role == Admin {
				why = v.T("Only people with the role admin may see this page.")
			}
			s.fail(v, &trouble{http.StatusForbidden, why})
			return
		}
		if err := f(v); err != nil {
			s.fail(v, err)
		}
	})
}

// record keeps what a visitor did. The error says that it could not be kept.
func (s *Server) record(v *visit, did, on string) error {
	if s.opts.Guard == nil {
		return nil
	}
	if err := s.opts.Guard.Record(v.r, v.person, did, on); err != nil {
		return &trouble{http.StatusServiceUnavailable, v.T("The audit log of this server cannot be written, so no more is decided. Tell whoever runs it.")}
	}
	return nil
}

// A trouble is what a visitor is told in place of a page.
type trouble struct {
	status int
	words  string // in the visitor's language
}

func (t *trouble) Error() string { return t.words }

// fail tells the visitor why there is no page. What went wrong inside is logged, and not shown.
func (s *Server) fail(v *visit, err error) {
	var t *trouble
	switch {
	case errors.As(err, &t):
	case errors.Is(err, ErrNotFound):
		t = &trouble{http.StatusNotFound, v.T("There is no such page, or the archive holds no such version.")}
	case errors.Is(err, context.Canceled):
		return
	default:
		s.opts.Log.Error("page failed", "path", v.r.URL.Path, "error", err.Error())
		t = &trouble{http.StatusInternalServerError, v.F("The page could not be made: %s", report.Line(v.Tell(err.Error())))}
		if s.opts.Hint != nil {
			t.words = strings.TrimSpace(t.words + " " + s.opts.Hint(v.Words, err))
		}
	}
	_ = s.show(v, t.status, "trouble.html", &frame{Title: v.T("That did not work"), Content: t.words})
}

// A frame is what every page has around its content.
type frame struct {
	*locale.Words
	Lang, Title string
	Person      Person
	May         bool // decide
	Accounts    bool // people log in
	Audit       bool // may see the audit log
	Tab         string
	Style       string // name of an asset beside those that all pages have
	Back        string // address to come back to after a change of the language
	Today       law.Date
	Content     any
	CSS         template.CSS // of a file that stands alone
}

// show writes a page.
func (s *Server) show(v *visit, status int, name string, f *frame) error {
	f.Words, f.Lang, f.Person, f.Accounts = v.Words, v.Language(), v.person, s.opts.Guard != nil
	f.Audit = f.Accounts && v.person.Role.May(Admin)
	f.May, f.Today = v.person.Role.May(Reviewer) && !s.opts.ReadOnly, law.DateOf(s.opts.Now())
	if f.Back = "/"; v.r.Method == http.MethodGet {
		f.Back = v.r.URL.RequestURI()
	}
	var b bytes.Buffer
	if err := s.templates(v.Words).ExecuteTemplate(&b, name, f); err != nil {
		return fmt.Errorf("make page %s: %w", name, err)
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	_, _ = v.w.Write(b.Bytes()) // the visitor may be gone
	return nil
}

// templates are the pages in one language.
func (s *Server) templates(l *locale.Words) *template.Template {
	if t, ok := s.pages.Load(l.Language()); ok {
		return t.(*template.Template)
	}
	t := template.Must(template.New("").Funcs(functions(l)).ParseFS(files, "page/*.html"))
	s.pages.Store(l.Language(), t)
	return t
}

// words are those of the language that a visitor chose, else that the browser asks for, else the server's.
func (s *Server) words(r *http.Request) *locale.Words {
	if c, err := r.Cookie(languageCookie); err == nil && slices.Contains(locale.Languages(), c.Value) {
		return locale.For(c.Value)
	}
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		lang, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if slices.Contains(locale.Languages(), lang) {
			return locale.For(lang)
		}
	}
	if s.opts.Language != "" {
		return locale.For(s.opts.Language)
	}
	return locale.For("en")
}

const languageCookie = "drittland-language"

// setLanguage keeps the language that a visitor chooses.
func (s *Server) setLanguage(w http.ResponseWriter, r *http.Request) {
	lang := r.FormValue("language")
	if slices.Contains(locale.Languages(), lang) {
		http.SetCookie(w, &http.Cookie{Name: languageCookie, Value: lang, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	}
	http.Redirect(w, r, local(r.FormValue("back")), http.StatusSeeOther)
}

// local is an address within this server, "/" for any other.
func local(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return "/"
	}
	return to
}

// assets are the files that pages refer to, with what they are.
var assets = map[string]string{"desk.css": "text/css; charset=utf-8", "desk.js": "text/javascript; charset=utf-8", "redline.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml",
	"places.css": "text/css; charset=utf-8", "map.js": "text/javascript; charset=utf-8"}

func (s *Server) asset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	media, ok := assets[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	b, err := fs.ReadFile(files, "page/"+name)
	if name == "redline.css" {
		b, err = []byte(report.RedlineCSS()), nil
	}
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", media)
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(b))
}
