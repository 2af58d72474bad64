package fetch

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/google/go-cmp/cmp"
)

func zipped(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, s)
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestExchangesAreByteExact(t *testing.T) {
	body := zipped(t, "<h1>Datenschutz</h1>")
	answers := map[string]string{
		"/plain": "HTTP/1.1 200 Fine by me\r\nx-OddCase:  two  spaces\r\nA: 1\r\nContent-Type: Text/HTML; Charset=\"UTF-8\"\r\nA: 2\r\nContent-Length: 5\r\n\r\nhello",
		"/chunked": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/html\r\n\r\n" +
			"3;ext=1\r\nabc\r\n0A\r\n0123456789\r\n0\r\nX-Trailer: t\r\n\r\n",
		"/gzip":  fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", len(body), body),
		"/close": "HTTP/1.0 200 OK\r\n\r\nuntil the end",
		"/empty": "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n",
	}
	bodies := map[string]string{"/plain": "hello", "/chunked": "abc0123456789", "/gzip": "<h1>Datenschutz</h1>", "/close": "until the end", "/empty": ""}
	sent := map[string]string{}
	for p, a := range answers {
		sent[p] = a
	}
	sent["/plain"] += "and bytes after the end"
	sent["/chunked"] = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n" + sent["/chunked"]
	server, requests := raw(t, sent)
	c, k := newClient(Options{UserAgent: "drittland/1.2 (+https://drittland.example/about)"})
	for p, answer := range answers {
		got, err := c.Get(context.Background(), Request{URL: server + p, Lang: "de", Terms: snapshots.Terms{Service: "Nordlicht Mail", Type: "Privacy Policy"}})
		if err != nil {
			t.Errorf("%s: %v", p, err)
			continue
		}
		all := requests()
		e := got.Exchanges[0]
		if len(got.Exchanges) != 1 || string(e.Request) != all[len(all)-1] {
			t.Errorf("%s: request recorded %q, received %q", p, e.Request, all[len(all)-1])
		}
		if string(e.Response) != answer {
			t.Errorf("%s: response recorded %q, want %q", p, e.Response, answer)
		}
		if string(got.Body) != bodies[p] {
			t.Errorf("%s: body %q, want %q", p, got.Body, bodies[p])
		}
		if e.Program != "drittland" || runtime.GOOS == "linux" && e.Clock == "" {
			t.Errorf("fetched by %q, clock %q", e.Program, e.Clock)
		}
		if e.RemoteIP != "127.0.0.1" || e.Protocol != "http/1.1" || e.TLS != "" || !e.Started.Equal(k.Now()) || !got.At.Equal(k.Now()) || e.Ended.IsZero() {
			t.Errorf("%s: exchange %+v", p, e)
		}
		if got.Status != 200 || got.FinalURL != server+p || got.Terms.Service != "Nordlicht Mail" {
			t.Errorf("%s: capture %+v", p, got)
		}
		if p == "/plain" && (got.MediaType != "text/html" || got.Charset != "utf-8") {
			t.Errorf("type %q, charset %q", got.MediaType, got.Charset)
		}
	}
	first := requests()[0]
	for _, want := range []string{"GET /robots.txt HTTP/1.1\r\n", "User-Agent: drittland/1.2 (+https://drittland.example/about)\r\n", "Accept-Encoding: gzip\r\n", "Connection: close\r\n"} {
		if !strings.Contains(first, want) {
			t.Errorf("request %q lacks %q", first, want)
		}
	}
	if last := requests()[1]; !strings.Contains(last, "Accept-Language: de, *;q=0.1\r\n") {
		t.Errorf("request %q asks for no language", last)
	}
}

func TestRedirects(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{
		"/old":    status(301, "Location", "/older#part"),
		"/older":  status(308, "Location", "sub/new?x=1"),
		"/sub/":   status(302, "Location", "//127.0.0.1:PORT/page"),
		"/page":   page("found"),
		"/circle": status(302, "Location", "/circle"),
		"/ftp":    status(301, "Location", "ftp://clipzy.example/policy"),
		"/user":   status(301, "Location", "https://me:secret@clipzy.example/"),
		"/port":   status(301, "Location", "https://clipzy.example:8443/"),
		"/lost":   status(302),
		"/inner":  status(302, "Location", "http://10.0.0.1/metadata"),
		"/link":   status(302, "Location", "http://169.254.169.254/latest"),
		"/v6":     status(302, "Location", "http://[fd00::1]/"),
		"/mapped": status(302, "Location", "http://[::ffff:192.168.0.1]/"),
		"/many/":  func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path+"x", http.StatusFound) },
		"/gone":   status(301, "Location", "/410"),
		"/410":    status(410),
	})
	s.Config.Handler = port(s.Config.Handler, s.Listener.Addr().String())
	c, _ := newClient(Options{MaxRedirects: 5})
	got, err := c.Get(context.Background(), Request{URL: s.URL + "/old"})
	if err != nil {
		t.Fatal(err)
	}
	var chain []string
	for _, e := range got.Exchanges {
		chain = append(chain, strings.TrimPrefix(e.URL, s.URL)+" "+string(e.Response[9:12]))
	}
	if d := cmp.Diff([]string{"/old 301", "/older 308", "/sub/new?x=1 302", "/page 200"}, chain); d != "" {
		t.Error(d)
	}
	if got.FinalURL != s.URL+"/page" || string(got.Body) != "found" || got.URL != s.URL+"/old" {
		t.Errorf("capture of %s at %s: %q", got.URL, got.FinalURL, got.Body)
	}
	if to := MovedTo(got); to != s.URL+"/sub/new?x=1" {
		t.Errorf("moved to %q", to)
	}
	for path, want := range map[string]Kind{
		"/circle": Moved, "/lost": Moved, "/many/": Moved, "/ftp": WrongScheme, "/user": BadAddress, "/port": BadAddress,
		"/inner": PrivateAddress, "/link": PrivateAddress, "/v6": PrivateAddress, "/mapped": PrivateAddress, "/gone": Gone,
	} {
		got, err := c.Get(context.Background(), Request{URL: s.URL + path})
		if !errors.Is(err, want) || got == nil || len(got.Exchanges) == 0 {
			t.Errorf("%s: %v, want %s and what was received", path, err, want)
		}
		if strings.Contains(fmt.Sprint(err), "secret") {
			t.Errorf("%s: password in %v", path, err)
		}
	}
}

// port writes the server's port into redirects.
func port(h http.Handler, addr string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		if l := w.Header().Get("Location"); l != "" {
			w.Header().Set("Location", strings.ReplaceAll(l, "127.0.0.1:PORT", addr))
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
	})
}

func TestAddresses(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{"/": page("private")})
	local := strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	if got, err := New(Options{AllowLoopback: true}).Get(context.Background(), Request{URL: local}); err != nil || !slices.Contains(got.Exchanges[0].DNS, "127.0.0.1") {
		t.Errorf("looked up as %+v, %v", got, err)
	}
	guarded := New(Options{Delay: -1})
	for url, want := range map[string]Kind{
		"ftp://clipzy.example/":                  WrongScheme,
		"file:///etc/passwd":                     WrongScheme,
		"clipzy.example/privacy":                 WrongScheme,
		"":                                       WrongScheme,
		"https:///privacy":                       BadAddress,
		"https://clipzy.example:22/":             BadAddress,
		"https://me:secret@clipzy.example/":      BadAddress,
		"http://me:secret@[::1":                  BadAddress,
		"http://a b/":                            BadAddress,
		"http://[fe80::1%25eth0]/":               BadAddress,
		"https://x/" + strings.Repeat("y", 9000): BadAddress,
		s.URL:                                    BadAddress, // its port
		local:                                    BadAddress,
		"http://127.0.0.1/":                      PrivateAddress,
		"http://localhost/":                      PrivateAddress, // known only after the look-up
		"http://0.0.0.0/":                        PrivateAddress,
		"http://192.168.1.1/":                    PrivateAddress,
		"http://[::1]/":                          PrivateAddress,
		"http://[64:ff9b::a00:1]/":               PrivateAddress,
	} {
		got, err := guarded.Get(context.Background(), Request{URL: url})
		var f *Failure
		if !errors.Is(err, want) || !errors.As(err, &f) || got != nil {
			t.Errorf("%.60q: %v, want %s", url, err, want)
		}
		if strings.Contains(fmt.Sprint(err), "secret") {
			t.Errorf("password in %v", err)
		}
	}
	c, _ := newClient(Options{})
	if _, err := c.Get(context.Background(), Request{URL: local}); err != nil {
		t.Errorf("loopback allowed: %v", err)
	}
	u, f := c.address("https://Übermail.example:443/Datenschutz erklärung#teil")
	if f != nil || u.String() != "https://xn--bermail-m2a.example/Datenschutz%20erkl%C3%A4rung" {
		t.Errorf("address %v, %v", u, f)
	}
}

func TestStatuses(t *testing.T) {
	c, _ := newClient(Options{Retries: -1})
	for code, want := range map[int]Kind{
		404: NotFound, 410: Gone, 401: Blocked, 403: Blocked, 451: Blocked, 400: Blocked, 408: Transient, 429: Transient,
		500: Transient, 503: Transient, 520: Transient, 202: Broken, 204: Broken, 206: Broken, 300: Broken, 304: Broken, 999: Broken,
	} {
		s := serve(t, map[string]http.HandlerFunc{"/": status(code), "/robots.txt": status(404)})
		got, err := c.Get(context.Background(), Request{URL: s.URL})
		var f *Failure
		if !errors.Is(err, want) || !errors.As(err, &f) || f.Status != code || errors.Is(err, TooBig) {
			t.Errorf("status %d: %v, want %s", code, err, want)
			continue
		}
		if got == nil || got.Status != code || !strings.Contains(f.Error(), s.URL) || !strings.Contains(f.Error(), fmt.Sprint(code)) {
			t.Errorf("status %d: %+v, %v", code, got, err)
		}
		if code == 404 && string(got.Body) != "status page" {
			t.Errorf("the page of the status is not kept: %q", got.Body)
		}
	}
}

func TestBodyLimits(t *testing.T) {
	endless := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 8<<10)); err != nil {
				return
			}
		}
	}
	bomb := zipped(t, strings.Repeat("\x00", 4<<20))
	tiny := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1\r\nx\r\n", 40<<10) + "0\r\n\r\n"
	server, _ := raw(t, map[string]string{
		"/bomb":    fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", len(bomb), bomb),
		"/claimed": "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
		"/header":  "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 40<<10) + "\r\n\r\n",
		"/headers": "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 9<<10) + "\r\n",
		"/framing": tiny,
		"/exact":   fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", 64<<10, strings.Repeat("x", 64<<10)),
		"/over":    fmt.Sprintf("HTTP/1.1 200 OK\r\n\r\n%s", strings.Repeat("x", 64<<10+1)),
		"/plain":   fmt.Sprintf("HTTP/1.1 200 OK\r\n\r\n%s", strings.Repeat("x", 60<<10)),
	})
	s := serve(t, map[string]http.HandlerFunc{"/": endless, "/robots.txt": status(404)})
	c, _ := newClient(Options{MaxWire: 64 << 10, MaxBody: 1 << 20, MaxHeader: 16 << 10})
	for _, url := range []string{s.URL + "/endless", server + "/bomb", server + "/claimed", server + "/header", server + "/headers", server + "/framing", server + "/over"} {
		if _, err := c.Get(context.Background(), Request{URL: url}); !errors.Is(err, TooBig) {
			t.Errorf("%s: %v", url, err)
		}
	}
	if got, err := c.Get(context.Background(), Request{URL: server + "/exact"}); err != nil || len(got.Body) != 64<<10 {
		t.Errorf("a body of exactly the limit: %v", err)
	}
	small, _ := newClient(Options{MaxBody: 1 << 10})
	if _, err := small.Get(context.Background(), Request{URL: server + "/plain"}); !errors.Is(err, TooBig) {
		t.Errorf("an uncompressed body over MaxBody: %v", err)
	}
}

func TestBrokenAnswers(t *testing.T) {
	good := zipped(t, "text")
	length := func(enc, body string) string {
		return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n%s", enc, len(body), body)
	}
	server, _ := raw(t, map[string]string{
		"/ssh":       "SSH-2.0-OpenSSH_9.2\r\n\r\n",
		"/brotli":    length("br", "xxxx"),
		"/nogzip":    length("gzip", "not compressed"),
		"/corrupt":   length("gzip", good[:len(good)-3]+"xxx"),
		"/interim":   strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 20),
		"/chunks":    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"/trailing":  length("x-gzip", good+"garbage"),
		"/cut":       "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
		"/cutheader": "HTTP/1.1 200 OK\r\nContent-Le",
		"/cutzip":    length("gzip", good[:len(good)-4]),
		"/members":   length("gzip", good+good),
		"/nothing":   "",
	})
	c, _ := newClient(Options{Retries: -1})
	for path, want := range map[string]Kind{
		"/ssh": Broken, "/brotli": Broken, "/nogzip": Broken, "/corrupt": Broken, "/cutzip": Broken, "/interim": Broken, "/chunks": Broken,
		"/cut": Transient, "/cutheader": Transient, "/nothing": Transient,
	} {
		if _, err := c.Get(context.Background(), Request{URL: server + path}); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
	for path, want := range map[string]string{"/trailing": "text", "/members": "texttext"} {
		if got, err := c.Get(context.Background(), Request{URL: server + path}); err != nil || string(got.Body) != want {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestSlowAnswers(t *testing.T) {
	hang := func(before string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if before != "" {
				_, _ = io.WriteString(w, before)
				_ = http.NewResponseController(w).Flush()
			}
			<-r.Context().Done()
		}
	}
	s := serve(t, map[string]http.HandlerFunc{"/body": hang("some"), "/header": hang("")})
	for path, o := range map[string]Options{
		"/body":   {Retries: -1, Timeout: 50 * time.Millisecond},
		"/header": {Retries: -1, HeaderTimeout: 50 * time.Millisecond},
		"/total":  {Total: time.Nanosecond},
	} {
		c, _ := newClient(o)
		if _, err := c.Get(context.Background(), Request{URL: s.URL + path}); !errors.Is(err, Transient) {
			t.Errorf("%s: %v", path, err)
		}
	}
	c, _ := newClient(Options{Retries: -1})
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := c.Get(ctx, Request{URL: s.URL + "/body"}); !errors.Is(err, Transient) || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(page("secret text"))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshakes that fail on purpose
	s.StartTLS()
	defer s.Close()
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	c, _ := newClient(Options{RootCAs: pool})
	got, err := c.Get(context.Background(), Request{URL: s.URL + "/privacy"})
	if err != nil {
		t.Fatal(err)
	}
	e := got.Exchanges[0]
	block, rest := pem.Decode(e.TLSChain)
	if block == nil || !bytes.Equal(block.Bytes, s.Certificate().Raw) || len(rest) != 0 || e.TLS != "tls/1.3" || e.Protocol != "http/1.1" {
		t.Errorf("tls %q, protocol %q, chain of %d bytes", e.TLS, e.Protocol, len(e.TLSChain))
	}
	if !bytes.HasPrefix(e.Response, []byte("HTTP/1.1 200 OK\r\n")) || !bytes.HasPrefix(e.Request, []byte("GET /privacy HTTP/1.1\r\n")) || string(got.Body) != "secret text" {
		t.Errorf("recorded below TLS: %.40q, %.40q", e.Request, e.Response)
	}
	strict, _ := newClient(Options{})
	if _, err := strict.Get(context.Background(), Request{URL: s.URL}); !errors.Is(err, Broken) {
		t.Errorf("unknown authority: %v", err)
	}
	if _, err := c.Get(context.Background(), Request{URL: strings.Replace(s.URL, "127.0.0.1", "localhost", 1)}); !errors.Is(err, Broken) {
		t.Errorf("certificate of another name: %v", err)
	}
	if _, err := c.Get(context.Background(), Request{URL: strings.Replace(s.URL, "https:", "http:", 1)}); err == nil {
		t.Error("plain http to a TLS port succeeded")
	}
}
