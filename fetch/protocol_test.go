package fetch

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/http2"

	"github.com/drittland/drittland/snapshots"
)

func TestConditionalRequests(t *testing.T) {
	var asked []string
	s := serve(t, map[string]http.HandlerFunc{
		"/page": func(w http.ResponseWriter, r *http.Request) {
			asked = append(asked, r.Header.Get("If-None-Match")+" "+r.Header.Get("If-Modified-Since"))
			if r.Header.Get("If-None-Match") == `W/"7"` {
				w.WriteHeader(304)
				return
			}
			w.Header().Set("ETag", `W/"7"`)
			_, _ = io.WriteString(w, "text")
		},
		"/old":   status(301, "Location", "/page"),
		"/liar":  status(304),
		"/other": page("other"),
	})
	c, _ := newClient(Options{})
	v := &snapshots.Validator{Snapshot: "urn:x", URL: s.URL + "/page", Language: "de, *;q=0.1", ETag: `W/"7"`, LastModified: "Sat, 03 Jan 2026 10:00:00 GMT"}
	got, err := c.Get(context.Background(), Request{URL: s.URL + "/old", Lang: "de", Since: v})
	if err != nil || got.Status != 304 || got.Revisits != "urn:x" || len(got.Body) != 0 || len(got.Exchanges) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	if asked[0] != `W/"7" Sat, 03 Jan 2026 10:00:00 GMT` || strings.Contains(string(got.Exchanges[0].Request), "If-") {
		t.Errorf("asked %q, and of the redirect %q", asked, got.Exchanges[0].Request)
	}
	if got, err := c.Get(context.Background(), Request{URL: s.URL + "/page", Lang: "fr", Since: v}); err != nil || got.Status != 200 || got.Revisits != "" {
		t.Errorf("in another language: %+v, %v", got, err)
	}
	if got, err := c.Get(context.Background(), Request{URL: s.URL + "/other", Lang: "de", Since: v}); err != nil || got.Status != 200 {
		t.Errorf("at another address: %+v, %v", got, err)
	}
	if got, err := c.Get(context.Background(), Request{URL: s.URL + "/liar"}); !errors.Is(err, Broken) || got == nil || got.Revisits != "" {
		t.Errorf("not modified without being asked: %+v, %v", got, err)
	}
}

// http2Only is a server that speaks nothing else.
func http2Only(t *testing.T, h http.Handler) *httptest.Server {
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.EnableHTTP2 = true
	s.TLS = &tls.Config{NextProtos: []string{"h2"}, GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if slices.Contains(hello.SupportedProtos, "h2") {
			return nil, nil
		}
		return &tls.Config{Certificates: s.TLS.Certificates, NextProtos: []string{"none"}}, nil // crypto/tls lets http/1.1 pass where h2 is spoken
	}}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// deaf is a server that answers in HTTP/2 whatever it was asked, with the certificate and the pages of s.
func deaf(t *testing.T, s *httptest.Server) (address string) {
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: s.TLS.Certificates, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for conn, err := l.Accept(); err == nil; conn, err = l.Accept() {
			go func() {
				sec := conn.(*tls.Conn)
				if sec.Handshake() != nil || sec.ConnectionState().NegotiatedProtocol == "" {
					_, _ = io.WriteString(conn, "\x00\x00\x00\x04\x00\x00\x00\x00\x00") // a SETTINGS frame
					_, _ = io.Copy(io.Discard, conn)
				} else {
					new(http2.Server).ServeConn(conn, &http2.ServeConnOpts{Handler: s.Config.Handler, BaseConfig: s.Config}) //nolint:staticcheck // no other server speaks on one connection
				}
			}()
		}
	}()
	return "https://" + l.Addr().String()
}

func TestHTTP2(t *testing.T) {
	body := strings.Repeat("Wir übermitteln Ihre Daten nach Kanada. ", 5000)
	s := http2Only(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/page":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("X-Odd", r.Proto+" "+r.Header.Get("Accept-Language")+" "+r.Host)
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, zipped(t, body))
		case "/endless":
			for _, err := w.Write([]byte(body)); err == nil; _, err = w.Write([]byte(body)) {
			}
		case "/broken":
			panic(http.ErrAbortHandler)
		case "/empty":
			w.WriteHeader(203)
		default:
			http.NotFound(w, r)
		}
	}))
	c, _ := newClient(Options{RootCAs: s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, MaxWire: 1 << 20, Retries: -1})
	got, err := c.Get(context.Background(), Request{URL: s.URL + "/page?x=1", Lang: "de"})
	if err != nil {
		t.Fatal(err)
	}
	e := got.Exchanges[0]
	if string(got.Body) != body || e.Protocol != "h2" || !e.Reconstructed || e.TLS != "tls/1.3" || e.Cipher == "" || len(e.TLSChain) == 0 {
		t.Errorf("%d bytes over %s %s %s, reconstructed %v", len(got.Body), e.Protocol, e.TLS, e.Cipher, e.Reconstructed)
	}
	host := strings.TrimPrefix(s.URL, "https://")
	if want := "GET /page?x=1 HTTP/1.1\r\nHost: " + host + "\r\nuser-agent: drittland "; !strings.HasPrefix(string(e.Request), want) {
		t.Errorf("request %q", e.Request)
	}
	resp, err := http.ReadResponse(bufio.NewReader(strings.NewReader(string(e.Response))), nil)
	if err != nil || resp.Header.Get("X-Odd") != "HTTP/2.0 de, *;q=0.1 "+host || !strings.HasPrefix(string(e.Response), "HTTP/1.1 200 OK\r\n") {
		t.Errorf("response %.300q, %v", e.Response, err)
	} else {
		_ = resp.Body.Close()
	}
	if got, err := c.Get(context.Background(), Request{URL: s.URL + "/empty"}); err != nil || got.Status != 203 || len(got.Body) != 0 {
		t.Errorf("without a body: %+v, %v", got, err)
	}
	if got, err := c.Get(context.Background(), Request{URL: deaf(t, s) + "/empty"}); err != nil || got.Exchanges[0].Protocol != "h2" {
		t.Errorf("of a server that answers HTTP/1.1 in HTTP/2: %+v, %v", got, err)
	}
	for path, want := range map[string]Kind{"/endless": TooBig, "/broken": Transient, "/none": NotFound} {
		if _, err := c.Get(context.Background(), Request{URL: s.URL + path}); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
}

// A proxyServer notes what it is asked, and connects to one address whatever it is asked for.
type proxyServer struct {
	to     string
	status int
	mu     sync.Mutex
	asked  []string
}

func (p *proxyServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked = append(p.asked, r.Method+" "+r.RequestURI+" "+r.Header.Get("Proxy-Authorization"))
	p.mu.Unlock()
	if p.status != 0 {
		w.WriteHeader(p.status)
		return
	}
	if r.Method != http.MethodConnect {
		w.Header().Set("Content-Type", "text/html")
		if r.URL.Path == "/robots.txt" {
			w.WriteHeader(404)
		}
		_, _ = io.WriteString(w, "through the proxy")
		return
	}
	up, err := net.Dial("tcp", p.to)
	if err != nil {
		w.WriteHeader(502)
		return
	}
	defer up.Close()
	w.WriteHeader(200)
	down, buf, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer down.Close()
	go func() { _, _ = io.Copy(up, buf) }()
	_, _ = io.Copy(down, up)
}

func TestProxy(t *testing.T) {
	origin := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "origin") }))
	defer origin.Close()
	p := &proxyServer{to: origin.Listener.Addr().String()}
	s := httptest.NewServer(p)
	defer s.Close()
	through := func() *Client {
		via, err := url.Parse(strings.Replace(s.URL, "http://", "http://ann:pass@", 1))
		if err != nil {
			t.Fatal(err)
		}
		c, _ := newClient(Options{RootCAs: origin.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, Retries: -1,
			Proxy: func(*url.URL) (*url.URL, error) { return via, nil }})
		c.opt.AllowLoopback = false
		return c
	}
	c := through()
	got, err := c.Get(context.Background(), Request{URL: "http://clipzy.example/privacy"})
	if err != nil || string(got.Body) != "through the proxy" {
		t.Fatalf("%+v, %v", got, err)
	}
	e := got.Exchanges[0]
	if e.Proxy != "http" || e.RemoteIP != "" || !strings.HasPrefix(string(e.Request), "GET http://clipzy.example/privacy HTTP/1.1\r\n") {
		t.Errorf("exchange through %q with %q: %q", e.Proxy, e.RemoteIP, e.Request)
	}
	secret := "Basic " + base64.StdEncoding.EncodeToString([]byte("ann:pass"))
	if strings.Contains(string(e.Request), "uthorization") || p.asked[1] != "GET http://clipzy.example/privacy "+secret {
		t.Errorf("recorded %q, sent %q", e.Request, p.asked)
	}
	if got, err = c.Get(context.Background(), Request{URL: "https://example.com/privacy"}); err != nil || string(got.Body) != "origin" {
		t.Fatalf("through a tunnel: %+v, %v", got, err) // example.com is the name in the server's certificate
	}
	if last := p.asked[len(p.asked)-1]; last != "CONNECT example.com:443 "+secret || got.Exchanges[0].TLS == "" {
		t.Errorf("asked for %q", last)
	}
	asked := len(p.asked)
	for _, u := range []string{"http://10.0.0.1/", "http://127.0.0.1/", "https://169.254.169.254/latest", "http://[::1]/", "http://[::ffff:10.0.0.1]/",
		"http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://localhost/", "https://metadata.google.internal/", "http://printer.local/", "http://intranet/"} {
		if _, err := c.Get(context.Background(), Request{URL: u}); !errors.Is(err, PrivateAddress) {
			t.Errorf("%s through a proxy: %v", u, err)
		}
	}
	if len(p.asked) != asked {
		t.Errorf("the proxy was asked for a private address: %q", p.asked[asked:])
	}
	for code, want := range map[int]Kind{407: Broken, 403: Broken, 502: Transient} {
		p.status = code
		if _, err := through().Get(context.Background(), Request{URL: "https://clipzy.example/"}); !errors.Is(err, want) || !strings.Contains(fmt.Sprint(err), "proxy") {
			t.Errorf("status %d of the proxy: %v, want %s", code, err, want)
		}
	}
	c.opt.Proxy = func(*url.URL) (*url.URL, error) { return &url.URL{Scheme: "gopher", Host: "x"}, nil }
	if _, err := c.Get(context.Background(), Request{URL: "https://clipzy.example/other"}); err == nil {
		t.Error("a gopher proxy was used")
	}
}

// socks is a SOCKS5 proxy (RFC 1928) for one connection, which leads to an address whatever it is asked for.
func socks(t *testing.T, to string) (address string, asked chan string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	asked = make(chan string, 10)
	serve := func(down net.Conn) {
		defer down.Close()
		head, name := make([]byte, 3), make([]byte, 5)
		if _, err := io.ReadFull(down, head); err != nil {
			return
		}
		_, _ = down.Write([]byte{5, 0})
		if _, err := io.ReadFull(down, name); err != nil || name[3] != 3 {
			asked <- fmt.Sprintf("not a name: %x", name)
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

func TestSocksProxyLooksUpNames(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{"/privacy": page("found")})
	address, asked := socks(t, s.Listener.Addr().String())
	for _, scheme := range []string{"socks5", "socks5h"} {
		c, _ := newClient(Options{Proxy: func(*url.URL) (*url.URL, error) { return &url.URL{Scheme: scheme, Host: address}, nil }})
		got, err := c.Get(context.Background(), Request{URL: "http://clipzy.example/privacy"})
		if err != nil || string(got.Body) != "found" || got.Exchanges[0].Proxy != scheme || !strings.HasPrefix(string(got.Exchanges[0].Request), "GET /privacy ") {
			t.Fatalf("%s: %+v, %v", scheme, got, err)
		}
		for range 2 { // robots.txt and the page
			if name := <-asked; name != "clipzy.example" {
				t.Errorf("%s: asked for %q", scheme, name)
			}
		}
	}
}
