package review

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/snapshots"
)

// A quietDesk has one finding, and keeps what is decided on it. It is asked for nothing else.
type quietDesk struct {
	Desk
	decided []snapshots.Decision
}

func (d *quietDesk) all(context.Context) (*All, error) {
	return &All{Read: 1, Total: 1, Items: []Item{{Kind: snapshots.AboutFinding, At: Where{Terms: snapshots.Terms{Service: "Clip\u202ezy\n", Type: "Privacy Policy"}, Number: 3}, Fingerprint: "f00d",
		Say: func(*locale.Words) (string, []string) { return "T05", nil }}}}, nil
}
func (d *quietDesk) Queue(ctx context.Context, x Filter, page int, w *locale.Words) (*Queue, error) {
	return InMemory(d.all).Queue(ctx, x, page, w)
}

func (d *quietDesk) Beside(ctx context.Context, x Filter, key string, at Where, skip []string, w *locale.Words) (*Beside, error) {
	return InMemory(d.all).Beside(ctx, x, key, at, skip, w)
}

func (d *quietDesk) Line(ctx context.Context, terms snapshots.Terms, line string) ([]Item, error) {
	return InMemory(d.all).Line(ctx, terms, line)
}

func (d *quietDesk) Keyed(ctx context.Context, keys []string) ([]Item, error) {
	return InMemory(d.all).Keyed(ctx, keys)
}

func (d *quietDesk) Decide(_ context.Context, x snapshots.Decision) (snapshots.Decision, error) {
	x.ID = "0123456789abcdef"
	d.decided = append(d.decided, x)
	return x, nil
}

// An office is a server with accounts, and a clock to turn.
type office struct {
	t        *testing.T
	desk     *quietDesk
	gate     *Gate
	server   *Server
	accounts string
	audit    string
	now      time.Time
	compared int
	log      bytes.Buffer
	from     string // address of who asks
	head     map[string]string
}

const rightPassword = "correct horse battery"

func cheapHash(t *testing.T, password string) string {
	t.Helper()
	b, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// newOffice has the accounts ada (admin), rob (reviewer), rea (reader) and dis (disabled), all with one password.
func newOffice(t *testing.T, change func(*GateOptions)) *office {
	t.Helper()
	dir := t.TempDir()
	o := &office{t: t, desk: &quietDesk{}, accounts: filepath.Join(dir, "accounts.yaml"), audit: filepath.Join(dir, "audit.jsonl"), now: time.Date(2026, 6, 20, 10, 0, 0, 0, time.UTC), from: "127.0.0.1:4000"}
	err := ChangeAccounts(o.accounts, func(a *Accounts) error {
		hash := cheapHash(t, rightPassword)
		a.List = []Account{{"ada", Admin, hash, false}, {"rob", Reviewer, hash, false}, {"rea", Reader, hash, false}, {"dis", Admin, hash, true}}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	opts := GateOptions{Accounts: o.accounts, Audit: o.audit, Now: func() time.Time { return o.now }, Log: slog.New(slog.NewTextHandler(&o.log, nil))}
	if change != nil {
		change(&opts)
	}
	if o.gate, err = NewGate(opts); err != nil {
		t.Fatal(err)
	}
	compare := o.gate.compare
	o.gate.compare = func(hash, password []byte) error {
		o.compared++
		if cost, err := bcrypt.Cost(hash); err != nil || cost != bcrypt.MinCost {
			t.Errorf("compared with %q, cost %d: takes another time than an account's", hash, cost)
		}
		return compare(hash, password)
	}
	o.server = New(o.desk, Options{Now: opts.Now, Guard: o.gate, Log: opts.Log})
	return o
}

// An answer is what a server answered.
type answer struct {
	StatusCode int
	Header     http.Header
	Cookies    []*http.Cookie
	page       string
}

func body(a *answer) string { return a.page }

// asks asks for a page; form is nil to get it.
func (o *office) asks(path, cookie string, form url.Values) *answer {
	o.t.Helper()
	r := httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil)
	if form != nil {
		r = httptest.NewRequest(http.MethodPost, "http://localhost"+path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	r.RemoteAddr = o.from
	if cookie != "" {
		r.AddCookie(&http.Cookie{Name: o.gate.cookie(), Value: cookie})
	}
	for k, v := range o.head {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	o.server.ServeHTTP(w, r)
	got := w.Result()
	defer got.Body.Close()
	return &answer{w.Code, w.Header(), got.Cookies(), w.Body.String()}
}

func (o *office) tries(handle, password string) *answer {
	o.t.Helper()
	return o.asks("/login", "", url.Values{"handle": {handle}, "password": {password}})
}

// logsIn gives the value of the cookie.
func (o *office) logsIn(handle string) string {
	o.t.Helper()
	r := o.tries(handle, rightPassword)
	if r.StatusCode != http.StatusSeeOther || len(r.Cookies) != 1 {
		o.t.Fatalf("%s cannot log in: %d %s", handle, r.StatusCode, body(r))
	}
	return r.Cookies[0].Value
}

// in reports whether a session lasts.
func (o *office) in(cookie string) bool {
	o.t.Helper()
	switch r := o.asks("/", cookie, nil); {
	case r.StatusCode == http.StatusOK:
		return true
	case r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/login":
		o.t.Fatalf("answered %d, to %s", r.StatusCode, r.Header.Get("Location"))
	}
	return false
}

// lines is the audit log: what was done, by whom, on what.
func (o *office) lines() (out []string) {
	o.t.Helper()
	b, err := os.ReadFile(o.audit)
	if err != nil {
		o.t.Fatal(err)
	}
	for l := range strings.Lines(string(b)) {
		var e auditEntry
		if err := json.Unmarshal([]byte(l), &e); err != nil {
			o.t.Fatalf("%q: %v", l, err)
		}
		out = append(out, strings.Join([]string{e.Handle, e.Address, e.Did, e.On}, "|"))
	}
	return out
}

func (o *office) change(handle string, f func(*Account)) {
	o.t.Helper()
	if err := ChangeAccounts(o.accounts, func(a *Accounts) error { f(a.Find(handle)); return nil }); err != nil {
		o.t.Fatal(err)
	}
}
