package fetch

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"code.dny.dev/ssrf"
)

func TestTransport(t *testing.T) {
	asked := ""
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked = r.RequestURI }))
	defer srv.Close()
	at, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	get := func(o Options, address string) error {
		asked = ""
		resp, err := (&http.Client{Transport: Transport(o)}).Get(address)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	}
	if err := get(Options{}, srv.URL); !errors.Is(err, ssrf.ErrProhibitedIP) || asked != "" {
		t.Errorf("this machine: %v %q", err, asked)
	}
	if err := get(Options{AllowLoopback: true}, srv.URL+"/tsa"); err != nil || asked != "/tsa" {
		t.Errorf("this machine, allowed: %v %q", err, asked)
	}
	proxied := Options{Proxy: func(*url.URL) (*url.URL, error) { return at, nil }}
	if err := get(proxied, "http://tsa.clipzy.example:318/"); err != nil || asked != "http://tsa.clipzy.example:318/" {
		t.Errorf("through a proxy: %v %q", err, asked)
	}
	for _, address := range []string{"http://10.1.2.3/", "http://tsa.internal/", "http://[::1]/"} {
		if err := get(proxied, address); err == nil || asked != "" {
			t.Errorf("%s through a proxy: %v %q", address, err, asked)
		}
	}
}
