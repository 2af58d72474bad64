package browser

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/drittland/drittland/fetch"
)

// An upstream is a proxy as users have them. It answers plain requests itself and leads every tunnel to one server.
type upstream struct {
	*httptest.Server
	pages  map[string]string // by the address asked for
	to     string            // where tunnels lead
	status int               // it answers everything with, if set
	mu     sync.Mutex
	asked  []string
}

func newUpstream(t *testing.T, to string, pages map[string]string) *upstream {
	u := &upstream{to: to, pages: pages}
	u.Server = httptest.NewServer(u)
	t.Cleanup(u.Close)
	return u
}

func (u *upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u.mu.Lock()
	if !strings.HasSuffix(r.RequestURI, "/favicon.ico") { // browsers like it, whatever the page says
		u.asked = append(u.asked, r.Method+" "+r.RequestURI+" "+r.Header.Get("Proxy-Authorization"))
	}
	status := u.status
	u.mu.Unlock()
	switch {
	case status != 0:
		w.Header().Set("Proxy-Authenticate", "Basic")
		w.WriteHeader(status)
		return
	case r.Method != http.MethodConnect:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, strings.ReplaceAll(u.pages[r.RequestURI], "POLICY", policy))
		return
	}
	up, err := net.Dial("tcp", u.to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer up.Close()
	w.WriteHeader(http.StatusOK)
	down, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer down.Close()
	go func() { _, _ = io.Copy(up, buffered) }()
	_, _ = io.Copy(down, up)
}

// client knows the proxy as the plain client does, for all names but those of the network that needs none.
func (u *upstream) client(t *testing.T) *fetch.Client {
	t.Helper()
	via, err := url.Parse(strings.Replace(u.URL, "http://", "http://ann:pass@", 1))
	if err != nil {
		t.Fatal(err)
	}
	return fetch.New(fetch.Options{Proxy: func(to *url.URL) (*url.URL, error) {
		if to.Hostname() == "direct.example" {
			return nil, nil
		}
		return via, nil
	}})
}

// TestUpstreamProxy wants that everything goes through the proxy of the user, which is never asked for what is not public.
func TestUpstreamProxy(t *testing.T) {
	t.Parallel()
	tls := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		fmt.Fprint(w, "<p>Through the tunnel to "+r.Host+".</p>")
	}))
	defer tls.Close()
	u := newUpstream(t, tls.Listener.Addr().String(), map[string]string{"http://clipzy.example/privacy": shell("show(`POLICY<div id=t></div><p id=r></p>`);" + `
fetch('https://cdn.clipzy.example/text').then(r => r.text()).then(x => document.getElementById('t').innerHTML = x);
for (const x of ['http://10.0.0.1/', 'https://169.254.169.254/', 'http://[::1]/', 'http://printer.local/', 'https://intranet/', 'http://localhost/', 'http://2130706433/',
	'http://clipzy.example:8080/', 'https://clipzy.example:22222/', 'http://direct.example/'])
	fetch(x, {mode: 'no-cors'}).then(() => 'reached ' + x, () => 'refused').then(x => document.getElementById('r').innerHTML += '<i>' + x + '</i>')`)})
	o := Options{Program: program(t), Upstream: u.client(t), flags: map[string]any{"ignore-certificate-errors": true}}
	r, err := New(o).Render(context.Background(), Request{URL: "http://clipzy.example/privacy"})
	if err != nil {
		t.Fatal(err)
	}
	wants(t, r, "servers in Singapore", "Through the tunnel to cdn.clipzy.example.")
	if n := strings.Count(string(shown(r)), "<i>refused"); n != 10 || strings.Contains(string(shown(r)), "<i>reached") {
		t.Errorf("%d of 10 requests were refused:\n%s", n, shown(r))
	}
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "9 hosts or ports that are not of the public web") {
		t.Errorf("notes %q", r.Notes)
	}
	secret := " Basic " + base64.StdEncoding.EncodeToString([]byte("ann:pass"))
	u.mu.Lock()
	defer u.mu.Unlock()
	slices.Sort(u.asked)
	want := []string{"CONNECT cdn.clipzy.example:443" + secret, "GET http://clipzy.example/privacy" + secret}
	if got := slices.Compact(u.asked); !slices.Equal(got, want) {
		t.Errorf("the proxy was asked for\n%q, want\n%q", got, want)
	}
}

func TestUpstreamProxyThatRefuses(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, "", nil)
	o := Options{Program: program(t), Upstream: u.client(t)}
	b := New(o)
	for _, x := range []struct {
		url    string
		status int
		want   error
		says   string
	}{
		{"https://clipzy.example/", 403, fetch.Broken, "proxy"},
		{"https://clipzy.example/", 0, fetch.Transient, "proxy"}, // it cannot connect: 502
		{"http://clipzy.example/", 407, fetch.Transient, "proxy"},
		{"https://clipzy.example/", 407, fetch.Broken, "proxy"},
		{"https://10.1.2.3/", 0, fetch.PrivateAddress, "10.1.2.3"},
		{"http://printer.local/", 0, fetch.PrivateAddress, "printer.local"},
		{"http://clipzy.example:8080/", 0, fetch.BadAddress, "8080"},
	} {
		u.mu.Lock()
		u.status = x.status
		u.mu.Unlock()
		_, err := b.Render(context.Background(), Request{URL: x.url})
		if !errors.Is(err, x.want) || !strings.Contains(fmt.Sprint(err), x.says) || strings.Contains(fmt.Sprint(err), "pass") {
			t.Errorf("%s with status %d: %v", x.url, x.status, err)
		}
	}
	u.Close()
	if _, err := b.Render(context.Background(), Request{URL: "http://clipzy.example/"}); !errors.Is(err, fetch.Transient) {
		t.Errorf("no proxy there: %v", err)
	}
}

func TestUpstreamSocks(t *testing.T) {
	t.Parallel()
	s := serve(t, map[string]string{"/privacy": shell("show(`POLICY`)")})
	address, asked := socks(t, s.Listener.Addr().String())
	web := fetch.New(fetch.Options{Proxy: func(*url.URL) (*url.URL, error) { return &url.URL{Scheme: "socks5", Host: address}, nil }})
	r, err := New(Options{Program: program(t), Upstream: web}).Render(context.Background(), Request{URL: "http://clipzy.example/privacy"})
	if err != nil {
		t.Fatal(err)
	}
	wants(t, r, "servers in Singapore")
	if name := <-asked; name != "clipzy.example" {
		t.Errorf("asked for %q", name)
	}
}

// socks is a SOCKS5 proxy (RFC 1928), which leads to an address whatever name it is asked for.
func socks(t *testing.T, to string) (address string, asked chan string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	asked = make(chan string, 100)
	serve := func(down net.Conn) {
		defer down.Close()
		head, name := make([]byte, 3), make([]byte, 5)
		if _, err := io.ReadFull(down, head); err != nil {
			return
		}
		_, _ = down.Write([]byte{5, 0})
		if _, err := io.ReadFull(down, name); err != nil || name[3] != 3 {
			return
		}
		rest := make([]byte, int(name[4])+2)
		if _, err := io.ReadFull(down, rest); err != nil {
			return
		}
		asked <- string(rest[:name[4]])
		up, err := net.Dial("tcp", to)
		if err != nil {
			return
		}
		defer up.Close()
		_, _ = down.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
		go func() { _, _ = io.Copy(up, down) }()
		_, _ = io.Copy(down, up)
	}
	go func() {
		for conn, err := l.Accept(); err == nil; conn, err = l.Accept() {
			go serve(conn)
		}
	}()
	return l.Addr().String(), asked
}
