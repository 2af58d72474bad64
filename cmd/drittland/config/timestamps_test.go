package config

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReadTimestamps(t *testing.T) {
	got, err := ReadTimestamps("timestamp.yaml", []byte(`timeout: 5s
authorities:
  - {name: my-qtsp, url: "https://tsa.clipzy.example/tsr", roots: qtsp.pem, policy: 0.4.0.2023.1.1, qualified: true}
  - name: free
    url: http://tsa.clipzy.example:318
    roots: /etc/roots/free.pem
    min_interval: 15s
`))
	if err != nil {
		t.Fatal(err)
	}
	want := &Timestamps{Timeout: 5 * time.Second, Authorities: []Authority{
		{Name: "my-qtsp", URL: "https://tsa.clipzy.example/tsr", Roots: "qtsp.pem", Policy: "0.4.0.2023.1.1", Qualified: true},
		{Name: "free", URL: "http://tsa.clipzy.example:318", Roots: "/etc/roots/free.pem", MinInterval: 15 * time.Second}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for _, c := range []struct {
		url    string
		sealed bool
	}{{"https://tsa.example/", true}, {"http://tsa.example/", false}, {"http://127.0.0.1:80/", true}, {"http://localhost/", false}} {
		if got := (Authority{URL: c.url}).Sealed(); got != c.sealed {
			t.Errorf("%s: sealed %v", c.url, got)
		}
	}
}

func TestReadTimestampsRefuses(t *testing.T) {
	good := "authorities: [{name: a, url: \"https://a.example\", roots: a.pem}]\n"
	if _, err := ReadTimestamps("x", []byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{
		{"", "empty"},
		{"timeout: 5s\n", "no authorities"},
		{"authorities: []\n", "no authorities"},
		{good + "mode: all\n", `unknown key "mode"`},
		{strings.Replace(good, "a.pem", "a.pem, password: x", 1), `unknown key "password"`},
		{strings.Replace(good, "name: a", "name: A B", 1), "name: expected"},
		{strings.Replace(good, ", roots: a.pem", "", 1), "without roots"},
		{strings.Replace(good, "https://a.example", "ftp://a.example", 1), "url: expected"},
		{strings.Replace(good, "https://a.example", "https://me:secret@a.example", 1), "belong into the environment"},
		{strings.Replace(good, "a.pem", "a.pem, policy: best", 1), "no identifier of a policy"},
		{strings.Replace(good, "a.pem", "a.pem, qualified: \"yes\"", 1), "expected true or false"},
		{strings.Replace(good, "a.pem", "a.pem, min_interval: -1s", 1), "min_interval: expected"},
		{"timeout: 1h\n" + good, "timeout: expected"},
		{strings.Replace(good, "]", ", {name: a, url: \"https://b.example\", roots: b.pem}]", 1), "two authorities"},
	} {
		var p Problems
		if _, err := ReadTimestamps("timestamp.yaml", []byte(c[0])); !errors.As(err, &p) || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%q: %v, want %q", c[0], err, c[1])
		}
	}
}
