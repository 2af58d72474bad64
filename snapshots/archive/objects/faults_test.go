package objects

// This file has a real server fail: it is killed, has somebody in the line before it, or is asked by one who may not.

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/drittland/drittland/snapshots/archive/objects/s3test"
)

// silent fails if a message tells a credential, or holds what a terminal obeys.
func silent(t *testing.T, err error) {
	t.Helper()
	if m := fmt.Sprint(err); strings.Contains(m, s3test.Key) || strings.Contains(m, s3test.Secret) || strings.ContainsFunc(m, func(r rune) bool { return r < ' ' || r == 0x202e }) || len(m) > 1000 {
		t.Errorf("the message is not fit to be shown: %q", m)
	}
}

// refused wants an error that is want and has a hint in it.
func refused(t *testing.T, err, want error, hint string) {
	t.Helper()
	if !errors.Is(err, want) || !strings.Contains(err.Error(), hint) {
		t.Errorf("the error is %v; want %v, with %q", err, want, hint)
	}
	silent(t, err)
}

func TestServerGoneAndBack(t *testing.T) {
	srv := s3test.New(t)
	s := openAt(t, "s3://"+srv.Bucket(t)+"/p", srv.Address)
	mustPut(t, s, "a/b", []byte("before"))
	srv.Kill()
	refused(t, s.Put(t.Context(), "a/b", []byte("lost")), ErrUnreachable, srv.Address)
	refused(t, s.ReadAt(t.Context(), "a/b", make([]byte, 6), 0), ErrUnreachable, srv.Address)
	_, err := s.Size(t.Context(), "a/b")
	refused(t, err, ErrUnreachable, srv.Address)
	refused(t, s.Delete(t.Context(), "a/b"), ErrUnreachable, srv.Address)
	for _, err := range s.List(t.Context(), "", "") {
		refused(t, err, ErrUnreachable, srv.Address)
	}
	_, err = openTest("s3://clipzy-1/p", srv.Address, impatient)
	refused(t, err, ErrUnreachable, "does it run")
	srv.Start(t)
	holds(t, s, "a/b", []byte("before"))
	mustPut(t, s, "a/b", []byte("after"))
	holds(t, s, "a/b", []byte("after"))
}

// line is a line to the server that counts what passes to it, and calls full after so many bytes.
func line(t *testing.T, to string, bytes int64, full func()) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	var passed atomic.Int64
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				d, err := net.Dial("tcp", to)
				if err != nil {
					return
				}
				defer d.Close()
				go io.Copy(c, d)
				b := make([]byte, 64<<10)
				for {
					n, err := c.Read(b)
					if before := passed.Add(int64(n)) - int64(n); before < bytes && before+int64(n) >= bytes {
						full()
						return
					}
					if _, err := d.Write(b[:n]); err != nil {
						return
					}
					if err != nil {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

// A server that is killed while an object arrives has the old one afterwards, whole.
func TestServerKilledInTheMiddle(t *testing.T) {
	srv := s3test.New(t)
	b := srv.Bucket(t)
	direct := openAt(t, "s3://"+b, srv.Address)
	mustPut(t, direct, "a/old", noise(1, 100_000))
	through := openAt(t, "s3://"+b, line(t, srv.Address, 5<<20, srv.Kill))
	for _, name := range []string{"a/old", "a/new"} {
		refused(t, through.Put(t.Context(), name, noise(2, 20<<20)), ErrUnreachable, "put object "+name)
	}
	srv.Start(t)
	holds(t, direct, "a/old", noise(1, 100_000))
	if got := names(t, direct, "", ""); !slices.Equal(got, []string{"a/old"}) {
		t.Errorf("the bucket has %q", got)
	}
	mustPut(t, through, "a/new", noise(2, 20<<20))
	holds(t, direct, "a/new", noise(2, 20<<20))
}

func TestWrongCredentials(t *testing.T) {
	srv := s3test.New(t)
	url := "s3://" + srv.Bucket(t)
	for name, c := range map[string]struct {
		change map[string]string
		want   error
		hint   string
	}{
		"secret":  {map[string]string{"AWS_SECRET_ACCESS_KEY": s3test.Secret[1:]}, ErrDenied, "AWS_SECRET_ACCESS_KEY"},
		"key":     {map[string]string{"AWS_ACCESS_KEY_ID": "CLIPZYTESTKEY0000002"}, ErrDenied, "AWS_ACCESS_KEY_ID"},
		"region":  {map[string]string{"AWS_REGION": "eu-clipzy-1"}, ErrAddress, "AWS_REGION"},
		"no key":  {map[string]string{"AWS_ACCESS_KEY_ID": ""}, ErrCredentials, "set AWS_ACCESS_KEY_ID"},
		"nothing": {map[string]string{"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_ENDPOINT_URL": ""}, ErrCredentials, "set AWS_ACCESS_KEY_ID"},
	} {
		t.Run(name, func(t *testing.T) {
			getenv := func(n string) string {
				if v, ok := c.change[n]; ok {
					return v
				}
				return env(srv.Address)(n)
			}
			_, err := Open(t.Context(), url, getenv)
			refused(t, err, c.want, c.hint)
			if secret := c.change["AWS_SECRET_ACCESS_KEY"]; secret != "" && strings.Contains(err.Error(), secret) {
				t.Errorf("the message tells it: %v", err)
			}
		})
	}
}

func TestNoBucket(t *testing.T) {
	srv := s3test.New(t)
	_, err := openTest("s3://clipzy-none/a", srv.Address, impatient)
	refused(t, err, ErrNoStore, "make it")
	b := srv.Bucket(t)
	s := openAt(t, "s3://"+b, srv.Address)
	if err := srv.Admin(t).RemoveBucket(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	refused(t, s.Put(t.Context(), "a", []byte("a")), ErrNoStore, b)
	refused(t, s.ReadAt(t.Context(), "a", make([]byte, 1), 0), ErrNoStore, b)
	_, err = s.Size(t.Context(), "a")
	refused(t, err, ErrNoStore, b)
	refused(t, s.Delete(t.Context(), "a"), ErrNoStore, b)
	for _, err := range s.List(t.Context(), "", "") {
		refused(t, err, ErrNoStore, b)
	}
}

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// before puts somebody into the line before the server, who may change what passes.
func before(t *testing.T, address string, change func(p *httputil.ReverseProxy)) string {
	p := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: address})
		r.Out.Host = r.In.Host // is signed
	}}
	change(p)
	p.ErrorLog = quiet()
	web := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if v := recover(); v != nil && v != http.ErrAbortHandler {
				t.Errorf("panic: %v", v)
			}
		}()
		p.ServeHTTP(w, r)
	}))
	web.Start()
	t.Cleanup(web.Close)
	return web.Listener.Addr().String()
}

// What is damaged on its way is refused by the server, and not stored.
func TestDamagedOnTheWay(t *testing.T) {
	srv := s3test.New(t)
	b := srv.Bucket(t)
	direct := openAt(t, "s3://"+b, srv.Address)
	mustPut(t, direct, "a", []byte("the old text"))
	s := openAt(t, "s3://"+b, before(t, srv.Address, func(p *httputil.ReverseProxy) {
		rewrite := p.Rewrite
		p.Rewrite = func(r *httputil.ProxyRequest) {
			rewrite(r)
			if r.In.Method == http.MethodPut {
				text, _ := io.ReadAll(r.In.Body)
				text[len(text)/2] ^= 1
				r.Out.Body = io.NopCloser(bytes.NewReader(text))
			}
		}
	}))
	err := s.Put(t.Context(), "a", []byte("the new text"))
	if err == nil {
		t.Error("the server took it")
	}
	silent(t, err)
	holds(t, direct, "a", []byte("the old text"))
}

// An object that the line cuts short is asked for again; one that is always cut short is an error, and not a short object.
func TestObjectCutShort(t *testing.T) {
	srv := s3test.New(t)
	b := srv.Bucket(t)
	mustPut(t, openAt(t, "s3://"+b, srv.Address), "a", noise(1, 300_000))
	var cuts atomic.Int64
	s := openAt(t, "s3://"+b, before(t, srv.Address, func(p *httputil.ReverseProxy) {
		p.ModifyResponse = func(r *http.Response) error {
			if r.Request.Header.Get("Range") != "" && cuts.Add(-1) >= 0 {
				r.Body = io.NopCloser(io.LimitReader(r.Body, 100_000)) // the length that was announced stands
			}
			return nil
		}
	}))
	cuts.Store(1)
	holds(t, s, "a", noise(1, 300_000))
	if n := cuts.Load(); n != -1 {
		t.Errorf("asked %d times", 1-n)
	}
	cuts.Store(1 << 30)
	err := s.ReadAt(t.Context(), "a", make([]byte, 300_000), 0)
	refused(t, err, ErrUnreachable, "read object a")
	if errors.Is(err, ErrShort) || errors.Is(err, ErrNotFound) {
		t.Errorf("taken for a short object: %v", err)
	}
}

// A certificate that nobody vouches for is not trusted, and the message says so.
func TestCertificate(t *testing.T) {
	web := httptest.NewUnstartedServer(http.NotFoundHandler())
	web.Config.ErrorLog = quiet()
	web.StartTLS()
	defer web.Close()
	getenv := func(n string) string {
		if n == "AWS_ENDPOINT_URL" {
			return web.URL
		}
		return env("")(n)
	}
	_, err := Open(t.Context(), "s3://clipzy", getenv)
	refused(t, err, ErrUnreachable, "certificate")
}

func TestEnvironment(t *testing.T) {
	for name, c := range map[string]struct {
		env  map[string]string
		want error
		hint string
	}{
		"no region":             {map[string]string{"AWS_ENDPOINT_URL": ""}, ErrAddress, "AWS_REGION"},
		"region as a host":      {map[string]string{"AWS_REGION": "x.example/"}, ErrAddress, "AWS_REGION"},
		"no address":            {map[string]string{"AWS_ENDPOINT_URL": "127.0.0.1:9000"}, ErrAddress, "AWS_ENDPOINT_URL"},
		"other scheme":          {map[string]string{"AWS_ENDPOINT_URL": "ftp://objects.example"}, ErrAddress, "AWS_ENDPOINT_URL"},
		"password in it":        {map[string]string{"AWS_ENDPOINT_URL": "http://u:" + s3test.Secret + "@objects.example"}, ErrAddress, "AWS_ENDPOINT_URL"},
		"path in it":            {map[string]string{"AWS_ENDPOINT_URL": "http://objects.example/a"}, ErrAddress, "AWS_ENDPOINT_URL"},
		"no host":               {map[string]string{"AWS_ENDPOINT_URL": "http://:9000"}, ErrAddress, "no host"},
		"more special":          {map[string]string{"AWS_ENDPOINT_URL_S3": "no"}, ErrAddress, "AWS_ENDPOINT_URL_S3"},
		"line break in the key": {map[string]string{"AWS_ACCESS_KEY_ID": s3test.Key + "\n"}, ErrCredentials, "AWS_ACCESS_KEY_ID"},
		"odd session token":     {map[string]string{"AWS_SESSION_TOKEN": "a b"}, ErrCredentials, "AWS_SESSION_TOKEN"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(t.Context(), "s3://clipzy", func(n string) string {
				if v, ok := c.env[n]; ok {
					return v
				}
				return env("127.0.0.1:1")(n)
			})
			refused(t, err, c.want, c.hint)
		})
	}
	a, err := accessFrom(set(map[string]string{"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "eu-central-1"}))
	if err != nil || a.own || a.plain || a.host != "s3.amazonaws.com" {
		t.Errorf("without an endpoint: %s, own %v, plain %v, %v", a.host, a.own, a.plain, err)
	}
}

// A session token goes with each request.
func TestSessionToken(t *testing.T) {
	var got atomic.Value
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got.Store(r.Header.Get("X-Amz-Security-Token"))
		fmt.Fprint(w, "<ListBucketResult></ListBucketResult>")
	}))
	defer web.Close()
	_, err := Open(t.Context(), "s3://clipzy", set(map[string]string{"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "clipzy-token", "AWS_ENDPOINT_URL": web.URL}))
	if err != nil || got.Load() != "clipzy-token" {
		t.Errorf("the server got %v, %v", got.Load(), err)
	}
}

// What is read as the address of a server is one that a client can be made for, and nothing of what is not is told.
func FuzzEndpoint(f *testing.F) {
	for _, s := range []string{"http://127.0.0.1:9000/", "https://objects.example", "http://[::1]:9000", "https://u:p@h", "http://h:x", "http://h/%2f", "//h", "http://h:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := accessFrom(set(map[string]string{"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL": s}))
		if err != nil {
			if !errors.Is(err, ErrAddress) || len(err.Error()) > 300 {
				t.Errorf("%q: %v", s, err)
			}
			return
		}
		if s == "" {
			return
		}
		if strings.ContainsAny(a.host, "/@?# \\%") || !a.own {
			t.Errorf("%q has the host %q", s, a.host)
		}
		if c, err := a.client(set(nil), usual); err == nil && c.EndpointURL().Host != a.host && c.EndpointURL().Host+":80" != a.host && c.EndpointURL().Host+":443" != a.host {
			t.Errorf("%q: the client asks %q", s, c.EndpointURL().Host)
		}
	})
}
