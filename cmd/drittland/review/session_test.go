package review

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

func TestSessionsEnd(t *testing.T) {
	for _, x := range []struct {
		name string
		does func(*office, string)
		in   bool
	}{
		{"nothing", func(*office, string) {}, true},
		{"two hours without a page", func(o *office, _ string) { o.now = o.now.Add(idleSession + time.Second) }, false},
		{"not quite", func(o *office, _ string) { o.now = o.now.Add(idleSession - time.Second) }, true},
		{"seen now and then", func(o *office, id string) {
			for range 7 {
				o.now = o.now.Add(100 * time.Minute)
				o.in(id)
			}
		}, true},
		{"twelve hours", func(o *office, id string) {
			for range 8 {
				o.now = o.now.Add(100 * time.Minute)
				o.in(id)
			}
		}, false},
		{"log-out", func(o *office, id string) {
			r := o.asks("/logout", id, url.Values{})
			if c := r.Cookies; r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/login?out=1" || len(c) != 1 || c[0].MaxAge != -1 || c[0].Value != "" {
				o.t.Errorf("%d %v", r.StatusCode, r.Header)
			}
			if s := body(o.asks("/login?out=1", "", nil)); !strings.Contains(s, "You are logged out.") {
				o.t.Error(s)
			}
		}, false},
		{"log-out of another", func(o *office, _ string) { o.asks("/logout", o.logsIn("rob"), url.Values{}) }, true},
		{"asked to log out by a link", func(o *office, id string) { o.asks("/logout", id, nil) }, true},
		{"another log-in in the same browser", func(o *office, id string) {
			r := o.asks("/login", id, url.Values{"handle": {"rob"}, "password": {rightPassword}})
			if len(r.Cookies) != 1 || r.Cookies[0].Value == id {
				o.t.Error("no new id")
			}
		}, false},
		{"a failed log-in in the same browser", func(o *office, id string) {
			o.asks("/login", id, url.Values{"handle": {"rob"}, "password": {"x"}})
		}, true},
		{"disabled", func(o *office, _ string) { o.change("rob", func(a *Account) { a.Disabled = true }) }, false},
		{"another role", func(o *office, _ string) { o.change("rob", func(a *Account) { a.Role = Admin }) }, false},
		{"another password", func(o *office, _ string) {
			o.change("rob", func(a *Account) { a.Password = cheapHash(o.t, rightPassword) })
		}, false},
		{"another account changed", func(o *office, _ string) { o.change("rea", func(a *Account) { a.Disabled = true }) }, true},
		{"removed", func(o *office, _ string) {
			if err := ChangeAccounts(o.accounts, func(a *Accounts) error { a.List = a.List[:1]; return nil }); err != nil {
				o.t.Fatal(err)
			}
		}, false},
		{"the file is gone", func(o *office, _ string) { os.Remove(o.accounts) }, false},
		{"others may write the file", func(o *office, _ string) { os.Chmod(o.accounts, 0o666) }, false},
		{"the file is damaged", func(o *office, _ string) { os.WriteFile(o.accounts, []byte("accounts: ["), 0o600) }, false},
		{"too many sessions of one", func(o *office, id string) {
			for range maxSessionsFor {
				o.now = o.now.Add(time.Second)
				o.gate.sessions.begin(&Account{Handle: "rob"}, o.now)
			}
		}, false},
	} {
		o := newOffice(t, nil)
		id := o.logsIn("rob")
		if !o.in(id) {
			t.Fatal("not let in")
		}
		x.does(o, id)
		if got := o.in(id); got != x.in {
			t.Errorf("%s: let in: %t", x.name, got)
		}
	}
}

// Nobody logs in while the accounts cannot be read, and the log says so once.
func TestAccountsThatCannotBeRead(t *testing.T) {
	o := newOffice(t, nil)
	os.Chmod(o.accounts, 0o620)
	r := o.tries("rob", rightPassword)
	if r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body(r), "cannot read its accounts") || !strings.Contains(o.log.String(), "others than its owner may write it") {
		t.Errorf("%d %s", r.StatusCode, o.log.String())
	}
	os.Chmod(o.accounts, 0o600)
	o.logsIn("rob")

	o.log.Reset()
	os.Remove(o.accounts)
	for range 3 {
		o.tries("rob", rightPassword)
	}
	if n := strings.Count(o.log.String(), "nobody is let in"); n != 1 {
		t.Errorf("said %d times:\n%s", n, o.log.String())
	}
}

func TestSessionsAreBounded(t *testing.T) {
	var s sessions
	now := time.Date(2026, 6, 20, 10, 0, 0, 0, time.UTC)
	for i := range maxSessions + 50 {
		s.begin(&Account{Handle: fmt.Sprint("h", i)}, now)
	}
	if len(s.all) != maxSessions {
		t.Errorf("%d sessions", len(s.all))
	}
	s.begin(&Account{Handle: "late"}, now.Add(idleSession+time.Minute))
	if len(s.all) != 1 {
		t.Errorf("%d sessions, of which one lasts", len(s.all))
	}
}
