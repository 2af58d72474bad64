package review

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/drittland/drittland/snapshots"
)

func TestNobodyUnknownComesIn(t *testing.T) {
	o := newOffice(t, nil)
	for _, path := range []string{"/", "/change?s=Clipzy&t=Privacy+Policy", "/picture?id=x", "/export?s=a", "/audit", "/nowhere"} {
		for _, cookie := range []string{"", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"} {
			r := o.asks(path, cookie, nil)
			want := "/login"
			if path != "/" {
				want += "?" + url.Values{"back": {path}}.Encode()
			}
			if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != want {
				t.Errorf("%s: %d, to %s", path, r.StatusCode, r.Header.Get("Location"))
			}
		}
	}
	r := o.asks("/decide", "", url.Values{"item": {"x"}})
	if s := body(r); r.StatusCode != http.StatusUnauthorized || !strings.Contains(s, "not logged in any more") || strings.Contains(s, "/logout") || strings.Contains(s, `href="/map"`) {
		t.Errorf("%d %s", r.StatusCode, s)
	}
	if r := o.asks("/login", "", nil); r.StatusCode != http.StatusOK || r.Header.Get("Content-Security-Policy") == "" {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
}

func TestLoggingIn(t *testing.T) {
	for _, x := range []struct{ back, to string }{{"", "/"}, {"/change?s=Clipzy&t=a", "/change?s=Clipzy&t=a"}, {"https://elsewhere.example/", "/"}, {"//elsewhere.example/", "/"}, {`/\elsewhere.example`, "/"}} {
		for _, secure := range []bool{false, true} {
			o := newOffice(t, func(g *GateOptions) { g.Secure = secure })
			page := body(o.asks("/login?"+url.Values{"back": {x.back}}.Encode(), "", nil))
			if want := `name="back" value="` + strings.ReplaceAll(x.to, "&", "&amp;") + `"`; !strings.Contains(page, want) {
				t.Errorf("%q: the page does not hold %s", x.back, want)
			}
			r := o.asks("/login", "", url.Values{"handle": {" rob "}, "password": {rightPassword}, "back": {x.back}})
			if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != x.to || len(r.Cookies) != 1 {
				t.Fatalf("%q: %d, to %q", x.back, r.StatusCode, r.Header.Get("Location"))
			}
			c, name := r.Cookies[0], "drittland"
			if secure {
				name = "__Host-drittland"
			}
			if c.Name != name || !c.HttpOnly || c.Secure != secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || len(c.Value) != 43 {
				t.Errorf("secure %t: %s", secure, c.Raw)
			}
			if !o.in(c.Value) {
				t.Error("logged in, and not let in")
			}
			if r := o.asks("/login?back=/change", c.Value, nil); r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/change" {
				t.Errorf("asked to log in twice: %d", r.StatusCode)
			}
			if s := fmt.Sprint(o.gate.sessions.all); strings.Contains(s, c.Value) {
				t.Error("the server keeps the id itself")
			}
		}
	}
}

// What is wrong is not told: not by the words, not by what is done.
func TestWrongLogIns(t *testing.T) {
	pages := map[string]string{}
	for _, x := range []struct{ name, handle, password, line string }{
		{"a wrong password", "rob", "wrong horse battery", "rob|127.0.0.1|failed log-in|wrong password"},
		{"no password", "rob", "", "rob|127.0.0.1|failed log-in|wrong password"},
		{"another case", "rob", strings.ToUpper(rightPassword), "rob|127.0.0.1|failed log-in|wrong password"},
		{"more than is read", "rob", rightPassword + strings.Repeat("x", 100), "rob|127.0.0.1|failed log-in|wrong password"},
		{"a control character", "rob", "correct\x00horse battery", "rob|127.0.0.1|failed log-in|wrong password"},
		{"nobody", "bob", rightPassword, "|127.0.0.1|failed log-in|no such account"},
		{"another handle", "ROB", rightPassword, "|127.0.0.1|failed log-in|no such account"},
		{"a password as handle", rightPassword, "", "|127.0.0.1|failed log-in|no such account"},
		{"a disabled account", "dis", rightPassword, "dis|127.0.0.1|failed log-in|disabled"},
	} {
		o := newOffice(t, nil)
		r := o.tries(x.handle, x.password)
		if r.StatusCode != http.StatusForbidden || len(r.Cookies) != 0 || o.compared != 1 {
			t.Errorf("%s: %d, %d cookies, %d passwords compared", x.name, r.StatusCode, len(r.Cookies), o.compared)
		}
		page := body(r)
		if snapshots.Handle(x.handle) {
			page = strings.ReplaceAll(page, `value="`+x.handle+`"`, `value="…"`)
			pages[page] = x.name
		}
		if strings.Contains(page, rightPassword) || x.password != "" && strings.Contains(page, x.password) {
			t.Errorf("%s: the page shows a password", x.name)
		}
		if l := o.lines(); len(l) != 2 || l[1] != x.line {
			t.Errorf("%s: the log holds %q", x.name, l)
		}
		if len(o.gate.sessions.all) != 0 {
			t.Errorf("%s: a session began", x.name)
		}
	}
	if len(pages) != 1 {
		t.Errorf("the answers differ: %v", pages)
	}
}

// A password of 72 bytes is compared to its end, and one that a keyboard composes otherwise is the same.
func TestPasswordsThatAreRight(t *testing.T) {
	for _, x := range []struct{ set, typed string }{
		{strings.Repeat("p", 72), strings.Repeat("p", 72)},
		{"vingt-deux été", "vingt-deux e\u0301te\u0301"},
		{"zwölf Wörter hier", "zwölf\u00a0Wörter hier"},
	} {
		set, err := prepared(x.set)
		if err != nil {
			t.Fatal(err)
		}
		o := newOffice(t, nil)
		o.change("rob", func(a *Account) { a.Password = cheapHash(t, set) })
		if r := o.tries("rob", x.typed); r.StatusCode != http.StatusSeeOther {
			t.Errorf("%q is not %q: %d", x.typed, x.set, r.StatusCode)
		}
	}
	o := newOffice(t, nil)
	long := strings.Repeat("p", 72)
	o.change("rob", func(a *Account) { a.Password = cheapHash(t, long) })
	if r := o.tries("rob", long+"p"); r.StatusCode != http.StatusForbidden {
		t.Errorf("one more than bcrypt reads is let in: %d", r.StatusCode)
	}
	if r := o.tries("rob", long); r.StatusCode != http.StatusSeeOther {
		t.Errorf("%d", r.StatusCode)
	}
}

func TestFormsFromElsewhere(t *testing.T) {
	item := func() string { q, _ := (&quietDesk{}).all(context.Background()); return q.Items[0].Judged() }()
	forms := map[string]url.Values{
		"/decide": {"item": {item}, "judgement": {"relevant"}},
		"/login":  {"handle": {"rob"}, "password": {rightPassword}},
		"/logout": {}, "/language": {"language": {"de"}},
	}
	for path, form := range forms {
		for _, x := range []struct {
			name string
			head map[string]string
			ok   bool
		}{
			{"same origin", map[string]string{"Sec-Fetch-Site": "same-origin"}, true},
			{"typed", map[string]string{"Sec-Fetch-Site": "none"}, true},
			{"same origin, an old browser", map[string]string{"Sec-Fetch-Site": "", "Origin": "http://localhost"}, true},
			{"through the proxy", map[string]string{"Sec-Fetch-Site": "", "Origin": "https://review.example.org"}, true},
			{"cross-site", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"}, false},
			{"same site", map[string]string{"Sec-Fetch-Site": "same-site", "Origin": "https://other.example.org"}, false},
			{"cross-site, an old browser", map[string]string{"Sec-Fetch-Site": "", "Origin": "https://elsewhere.example"}, false},
			{"from a sandbox", map[string]string{"Sec-Fetch-Site": "", "Origin": "null"}, false},
		} {
			o := newOffice(t, nil)
			o.server = New(o.desk, Options{Now: o.gate.opts.Now, Guard: o.gate, Origin: "https://review.example.org"})
			id := o.logsIn("rob")
			o.head = x.head
			r := o.asks(path, id, form)
			if ok := r.StatusCode == http.StatusSeeOther; ok != x.ok || !ok && r.StatusCode != http.StatusForbidden {
				t.Errorf("%s, %s: %d %s", path, x.name, r.StatusCode, body(r))
			}
			o.head = nil
			if x.ok {
				continue
			}
			if l := o.lines(); !strings.HasSuffix(l[len(l)-1], "|refused|from another site: "+path) || !o.in(id) || len(o.desk.decided) > 0 || len(o.gate.sessions.all) != 1 {
				t.Errorf("%s, %s: something was done: %q", path, x.name, l)
			}
		}
	}
}

func TestRoles(t *testing.T) {
	item := func() string { q, _ := (&quietDesk{}).all(context.Background()); return q.Items[0].Judged() }()
	for handle, x := range map[string]struct {
		decide, audit int
		lines         []string
	}{
		"rea": {403, 403, []string{"refused|/decide", "refused|/audit"}},
		"rob": {303, 403, []string{"deciding|Clipzy @3 finding f00d", "decided|0123456789abcdef", "refused|/audit"}},
		"ada": {303, 200, []string{"deciding|Clipzy @3 finding f00d", "decided|0123456789abcdef"}},
	} {
		o := newOffice(t, nil)
		id := o.logsIn(handle)
		front := body(o.asks("/", id, nil))
		if got := strings.Contains(front, `href="/audit"`); got != (x.audit == 200) {
			t.Errorf("%s: a link to the audit log: %t", handle, got)
		}
		if got := strings.Contains(front, `name="judgement"`); got != (x.decide == 303) {
			t.Errorf("%s: a form to decide: %t", handle, got)
		}
		if r := o.asks("/decide", id, url.Values{"item": {item}, "judgement": {"relevant"}}); r.StatusCode != x.decide {
			t.Errorf("%s decides: %d %s", handle, r.StatusCode, body(r))
		}
		if n := len(o.desk.decided); n != 0 && x.decide != 303 || n == 1 && o.desk.decided[0].By != handle {
			t.Errorf("%s decided %+v", handle, o.desk.decided)
		}
		if r := o.asks("/audit", id, nil); r.StatusCode != x.audit {
			t.Errorf("%s reads the audit log: %d", handle, r.StatusCode)
		}
		var want []string
		for _, l := range x.lines {
			want = append(want, handle+"|127.0.0.1|"+l)
		}
		if got := o.lines()[2:]; !slices.Equal(got, want) {
			t.Errorf("%s: the log holds %q, want %q", handle, got, want)
		}
	}
}

func TestNamesAndTransport(t *testing.T) {
	s := New(&quietDesk{}, Options{Hosts: []string{"review.example.org"}})
	for _, x := range []struct {
		host string
		tls  *tls.ConnectionState
		code int
		hsts bool
	}{
		{"review.example.org", nil, 200, false},
		{"review.example.org:7441", &tls.ConnectionState{ServerName: "review.example.org"}, 200, true},
		{"localhost:7441", &tls.ConnectionState{ServerName: "localhost"}, 200, false},
		{"elsewhere.example", nil, 421, false},
		{"", nil, 421, false},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host, r.TLS = x.host, x.tls
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != x.code || (w.Header().Get("Strict-Transport-Security") != "") != x.hsts {
			t.Errorf("%s: %d %v", x.host, w.Code, w.Header())
		}
	}
}

// Every field has a label that names it, and says what a password manager is to do with it.
func TestLogInPageSpeaks(t *testing.T) {
	o := newOffice(t, nil)
	for lang, want := range map[string]string{"en": "Password", "de": "Passwort", "fr": "Mot de passe", "nl": "Wachtwoord"} {
		o.head = map[string]string{"Accept-Language": lang}
		s := body(o.asks("/login", "", nil))
		if !strings.Contains(s, `<html lang="`+lang+`">`) || !regexp.MustCompile(`<label for="password">`+want+`</label><input id="password" type="password" name="password" autocomplete="current-password"`).MatchString(s) ||
			!strings.Contains(s, `autocomplete="username"`) {
			t.Errorf("%s: %s", lang, s)
		}
	}
}
