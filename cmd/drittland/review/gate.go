package review

// The gate: who may come in where there are accounts. People log in with a handle and a password.

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/drittland/drittland/snapshots"
)

// GateOptions are what a gate needs.
type GateOptions struct {
	Accounts string           // file of the accounts
	Audit    string           // file of the audit log
	Secure   bool             // browsers ask by HTTPS alone
	Behind   bool             // a reverse proxy stands before the server: what it says of addresses is believed
	Proxies  []netip.Prefix   // where it may be, beside this machine
	Now      func() time.Time // nil means time.Now
	Log      *slog.Logger     // of failures; nil for none
}

// A Gate is the guard of a server with accounts. It is made with NewGate.
type Gate struct {
	opts      GateOptions
	accounts  accountFile
	sessions  sessions
	audit     auditLog
	byHandle  Limit
	byAddress Limit
	strangers Limit         // lines of the audit log that people who are not known may cause
	turns     chan struct{} // bounds how many passwords are compared at once
	compare   func(hash, password []byte) error

	mu    sync.Mutex
	decoy []byte // compared where there is no account, so that it takes as long
}

// Past a burst, one more log-in after each of these. That by handle is the looser one: nobody keeps another out from one address.
const (
	everyByAddress, burstByAddress = 20 * time.Second, 10
	everyByHandle, burstByHandle   = 10 * time.Second, 20
)

// NewGate makes a gate. It fails if the accounts cannot be read, if nobody may log in, or if the audit log cannot be written.
func NewGate(opts GateOptions) (*Gate, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	g := &Gate{opts: opts, accounts: accountFile{path: opts.Accounts}, audit: auditLog{path: opts.Audit}, compare: bcrypt.CompareHashAndPassword, turns: make(chan struct{}, 2),
		byHandle: Limit{Every: everyByHandle, Burst: burstByHandle}, byAddress: Limit{Every: everyByAddress, Burst: burstByAddress}, strangers: Limit{Every: everyByAddress, Burst: burstByAddress}}
	a, err := g.current()
	if err != nil {
		return nil, err
	}
	if a.Open() == 0 {
		return nil, fmt.Errorf("accounts in %s: there is none that may log in", opts.Accounts)
	}
	return g, g.audit.add(auditEntry{Time: opts.Now().UTC(), Did: didStart})
}

// current are the accounts as the file says now. What it changed ends sessions.
func (g *Gate) current() (*Accounts, error) {
	a, changed, err := g.accounts.read()
	if err != nil {
		if changed {
			g.opts.Log.Error("nobody is let in", "error", err.Error())
		}
		return nil, err
	}
	if changed {
		g.sessions.keep(a)
		cost := passwordCost
		if len(a.List) > 0 {
			cost, _ = bcrypt.Cost([]byte(a.List[0].Password)) // it was checked
		}
		decoy, err := bcrypt.GenerateFromPassword([]byte(rand.Text()), cost)
		if err != nil {
			return nil, err
		}
		g.mu.Lock()
		g.decoy = decoy
		g.mu.Unlock()
	}
	return a, nil
}

// Person is whose session the request belongs to.
func (g *Gate) Person(r *http.Request) (Person, bool) {
	c, err := r.Cookie(g.cookie())
	if err != nil {
		return Person{}, false
	}
	accounts, err := g.current()
	if err != nil {
		return Person{}, false
	}
	a, ok := g.sessions.of(c.Value, g.opts.Now())
	if !ok {
		return Person{}, false
	}
	if now := accounts.Find(a.Handle); now == nil || *now != a || now.Disabled { // changed while somebody logged in
		g.sessions.end(c.Value)
		return Person{}, false
	}
	return Person{a.Handle, a.Role}, true
}

// Record keeps in the audit log what somebody did.
func (g *Gate) Record(r *http.Request, p Person, did, on string) error {
	if p.Handle == "" {
		if ok, _ := g.strangers.Allow(Network(g.address(r)), g.opts.Now()); !ok {
			return nil
		}
	}
	return g.add(r, p.Handle, did, on)
}

func (g *Gate) add(r *http.Request, handle, did, on string) error {
	err := g.audit.add(auditEntry{g.opts.Now().UTC(), handle, g.address(r).String(), did, on})
	if err != nil {
		g.opts.Log.Error("cannot write the audit log", "error", err.Error())
	}
	return err
}

// Routes adds the pages of the gate.
func (g *Gate) Routes(mux *http.ServeMux, s *Server) {
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) { g.logInPage(s.visit(w, r, Person{}), s) })
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) { g.logIn(s.visit(w, r, Person{}), s) })
	mux.HandleFunc("POST /logout", g.logOut)
	mux.Handle("GET /audit", s.page(Admin, g.auditPage(s)))
}

// Ask has somebody who is not known log in.
func (g *Gate) Ask(w http.ResponseWriter, r *http.Request, s *Server) {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		to := "/login"
		if back := r.URL.RequestURI(); back != "/" {
			to += "?" + url.Values{"back": {back}}.Encode()
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
		return
	}
	v := s.visit(w, r, Person{})
	s.fail(v, &trouble{http.StatusUnauthorized, v.T("You are not logged in any more, and nothing was recorded. Log in in another tab, come back to this page, and send it again.")})
}

// A logInForm is the page to log in.
type logInForm struct {
	Handle, Back, Trouble string
	Out                   bool // somebody has just logged out

}

func (g *Gate) logInPage(v *visit, s *Server) {
	back := local(v.query.Get("back"))
	if _, ok := g.Person(v.r); ok {
		http.Redirect(v.w, v.r, back, http.StatusSeeOther)
		return
	}
	g.ask(v, s, http.StatusOK, &logInForm{Back: back, Out: v.query.Has("out")})
}

func (g *Gate) ask(v *visit, s *Server, status int, f *logInForm) {
	if err := s.show(v, status, "login.html", &frame{Title: v.T("Log in"), Tab: "login", Content: f}); err != nil {
		s.fail(v, err)
	}
}

// logIn begins a session for somebody with the right password. What is wrong otherwise, it does not tell.
func (g *Gate) logIn(v *visit, s *Server) {
	if err := v.r.ParseForm(); err != nil {
		s.fail(v, &trouble{http.StatusBadRequest, v.T("The form could not be read: it is damaged or too long.")})
		return
	}
	form := v.r.PostForm
	handle, f := strings.TrimSpace(form.Get("handle")), &logInForm{Back: local(form.Get("back"))}
	if f.Handle = handle; !snapshots.Handle(handle) {
		f.Handle = ""
	}
	if !g.turn(v.r, f.Handle) {
		f.Trouble = v.T("There were too many attempts. Wait a minute, and try again.")
		v.w.Header().Set("Retry-After", "60")
		g.ask(v, s, http.StatusTooManyRequests, f)
		return
	}
	a, err := g.check(v.ctx, v.r, handle, form.Get("password"))
	switch {
	case err != nil:
		f.Trouble = v.T("Nobody can log in now: the server cannot read its accounts. Tell whoever runs it.")
		g.ask(v, s, http.StatusServiceUnavailable, f)
	case a == nil:
		f.Trouble = v.T("Handle or password is wrong, or the account is disabled.")
		g.ask(v, s, http.StatusForbidden, f)
	default:
		if c, err := v.r.Cookie(g.cookie()); err == nil {
			g.sessions.end(c.Value)
		}
		g.setCookie(v.w, g.sessions.begin(a, g.opts.Now()), 0)
		_ = g.add(v.r, a.Handle, didLogIn, "") // one may read without
		http.Redirect(v.w, v.r, f.Back, http.StatusSeeOther)
	}
}

// turn takes a turn to log in from an address, and then to a handle if it is one.
func (g *Gate) turn(r *http.Request, handle string) bool {
	now := g.opts.Now()
	ok, first := g.byAddress.Allow(Network(g.address(r)), now)
	if ok && handle != "" {
		ok, first = g.byHandle.Allow(strings.ToLower(handle), now)
	}
	if first {
		_ = g.add(r, "", didTooOften, "")
	}
	return ok
}

// check is the account of a handle with its password, nil for a wrong one. It takes as long for a handle that there is not.
func (g *Gate) check(ctx context.Context, r *http.Request, handle, password string) (*Account, error) {
	accounts, err := g.current()
	if err != nil {
		return nil, err
	}
	a := accounts.Find(handle)
	g.mu.Lock()
	hash := g.decoy
	g.mu.Unlock()
	if a != nil {
		hash = []byte(a.Password)
	}
	p, wrong := prepared(password)
	select {
	case g.turns <- struct{}{}:
		defer func() { <-g.turns }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := g.compare(hash, []byte(p[:min(len(p), MaxPassword)])); err != nil {
		wrong = err
	}
	var why string
	switch {
	case a == nil: // the handle is not kept: it may be a password in the wrong field
		_ = g.add(r, "", didFail, "no such account")
		return nil, nil
	case wrong != nil || len(p) > MaxPassword:
		why = "wrong password"
	case a.Disabled:
		why = "disabled"
	default:
		return a, nil
	}
	_ = g.add(r, a.Handle, didFail, why)
	return nil, nil
}

// logOut ends the session.
func (g *Gate) logOut(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(g.cookie()); err == nil {
		if p, ok := g.Person(r); ok {
			_ = g.add(r, p.Handle, didLogOut, "")
		}
		g.sessions.end(c.Value)
	}
	g.setCookie(w, "", -1)
	http.Redirect(w, r, "/login?out=1", http.StatusSeeOther)
}

// cookie is the name of the cookie. Browsers take one that begins with __Host- over HTTPS alone, and from this host alone.
func (g *Gate) cookie() string {
	if g.opts.Secure {
		return "__Host-drittland"
	}
	return "drittland"
}

func (g *Gate) setCookie(w http.ResponseWriter, value string, age int) {
	http.SetCookie(w, &http.Cookie{Name: g.cookie(), Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: g.opts.Secure, SameSite: http.SameSiteLaxMode})
}

// maxForwarded bounds how many addresses are read from what a proxy says.
const maxForwarded = 20

// address is where a request comes from.
func (g *Gate) address(r *http.Request) netip.Addr { return From(r, g.opts.Behind, g.opts.Proxies) }

// From is where a request comes from: behind a proxy, on this machine or at one of those addresses, what the proxy says.
func From(r *http.Request, behind bool, proxies []netip.Prefix) netip.Addr {
	at, ok := remote(r)
	if !ok || !behind {
		return at
	}
	said := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, s := range slices.Backward(said[max(0, len(said)-maxForwarded):]) {
		if !Proxy(at, proxies) {
			break
		}
		a, err := netip.ParseAddr(strings.TrimSpace(s))
		if err != nil {
			break
		}
		at = a.Unmap().WithZone("")
	}
	return at
}

// remote is the address at the other end of the connection.
func remote(r *http.Request) (netip.Addr, bool) {
	p, err := netip.ParseAddrPort(r.RemoteAddr)
	return p.Addr().Unmap().WithZone(""), err == nil
}

// Proxy reports whether an address is this machine or one of those named.
func Proxy(a netip.Addr, named []netip.Prefix) bool {
	return a.IsLoopback() || slices.ContainsFunc(named, func(p netip.Prefix) bool { return p.Contains(a) })
}

// Behind lets a reverse proxy ask, and nobody else: what comes past it is not encrypted. origin is where people ask it.
func Behind(origin string, proxies []netip.Prefix, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a, ok := remote(r); !ok || !Proxy(a, proxies) {
			http.Error(w, "drittland is served at "+origin, http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
