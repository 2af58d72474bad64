package main

import (
	"net/url"
	"strings"
	"testing"
)

func TestProxyOfTheEnvironment(t *testing.T) {
	for name, c := range map[string]struct {
		env  map[string]string
		url  string
		want string
	}{
		"none":           {nil, "https://clipzy.example/", ""},
		"https":          {map[string]string{"HTTPS_PROXY": "http://proxy.example:3128", "HTTP_PROXY": "http://other.example"}, "https://clipzy.example/", "http://proxy.example:3128"},
		"lower case":     {map[string]string{"http_proxy": "http://proxy.example:3128"}, "http://clipzy.example/", "http://proxy.example:3128"},
		"only for http":  {map[string]string{"HTTP_PROXY": "http://proxy.example:3128"}, "https://clipzy.example/", ""},
		"no proxy":       {map[string]string{"HTTPS_PROXY": "http://proxy.example:3128", "NO_PROXY": "clipzy.example"}, "https://www.clipzy.example/", ""},
		"this machine":   {map[string]string{"HTTP_PROXY": "http://proxy.example:3128"}, "http://127.0.0.1:8080/", ""},
		"socks":          {map[string]string{"HTTPS_PROXY": "socks5://proxy.example"}, "https://clipzy.example/", "socks5://proxy.example"},
		"without scheme": {map[string]string{"HTTPS_PROXY": "proxy.example:3128"}, "https://clipzy.example/", "http://proxy.example:3128"},
	} {
		tool := &tool{env: environment{Getenv: func(name string) string { return c.env[name] }}}
		got := ""
		if via := tool.proxy(); via != nil {
			u, err := url.Parse(c.url)
			if err != nil {
				t.Fatal(err)
			}
			p, err := via(u)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if p != nil {
				got = p.String()
			}
		}
		if got != c.want {
			t.Errorf("%s: proxy %q, want %q", name, got, c.want)
		}
	}
	cgi := &tool{env: environment{Getenv: func(name string) string {
		return map[string]string{"REQUEST_METHOD": "GET", "HTTP_PROXY": "http://evil.example"}[name]
	}}}
	if _, err := cgi.proxy()(&url.URL{Scheme: "http", Host: "clipzy.example"}); err == nil {
		t.Error("the header Proxy of a request was taken for the environment")
	}
}

func TestUserAgent(t *testing.T) {
	if s, err := userAgent("mail@example.org"); err != nil || !strings.HasPrefix(s, "drittland (+") || !strings.HasSuffix(s, "; mail@example.org)") {
		t.Errorf("%q, %v", s, err)
	}
	for _, s := range []string{"a b", "x)", "a\r\nb", "ü@example.org", strings.Repeat("x", 300)} {
		if _, err := userAgent(s); err == nil {
			t.Errorf("contact %q was taken", s)
		}
	}
}
