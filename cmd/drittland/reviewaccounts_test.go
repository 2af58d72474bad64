package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/drittland/drittland/cmd/drittland/review"
)

const officePassword = "vier alte Kutschen"

// withAccounts has people log in to the review pages: rea is a reader, ada an admin.
func withAccounts(t *testing.T, now func() time.Time) (change func(*review.Options), audit string) {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(officePassword), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	accounts, audit := filepath.Join(dir, "accounts.yaml"), filepath.Join(dir, "audit.jsonl")
	err = review.ChangeAccounts(accounts, func(a *review.Accounts) error {
		a.List = []review.Account{{Handle: "ada", Role: review.Admin, Password: string(hash)}, {Handle: "rea", Role: review.Reader, Password: string(hash)}}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	gate, err := review.NewGate(review.GateOptions{Accounts: accounts, Audit: audit, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return func(o *review.Options) { o.Guard = gate }, audit
}

func TestLogInInBrowser(t *testing.T) {
	needsChromium(t)
	u, _ := published(t)
	guarded, audit := withAccounts(t, func() time.Time { return u.now })
	srv := reviewOf(t, u, guarded)
	b := openTab(t, srv.URL)
	fill := func(handle, password string) { // as somebody who has the keyboard alone
		t.Helper()
		b.until(`document.activeElement && document.activeElement.matches('form.login input')`)
		b.eval(`document.querySelector('#handle').value = '', document.querySelector('#handle').focus()`)
		b.keys(handle + "\t" + password + "\r")
	}
	b.open("/?state=all")
	b.until(`location.pathname == '/login'`)
	b.picture("login", 360, 1000)
	b.clean()
	fill("rea", "vier neue Kutschen")
	b.until(`document.querySelector('[role=alert]') !== null && document.querySelector('#handle').value == 'rea' && document.querySelector('#password').value == ''`)
	b.picture("login-wrong", 360, 1000)
	fill("rea", officePassword)
	b.until(`location.pathname + location.search == '/?state=all' && document.body.innerText.includes('Clipzy')`)
	if got := b.eval(`document.querySelectorAll('[name=judgement], a[href="/audit"]').length`); got != "0" {
		t.Errorf("a reader sees %s parts for others", got)
	}
	if got := b.eval(`document.cookie`); got != "" {
		t.Errorf("scripts see the cookie %s", got)
	}

	// A reader who makes the form for it cannot decide.
	b.eval(`(() => { const f = document.createElement('form'); f.method = 'post'; f.action = '/decide'; document.body.append(f); f.requestSubmit(); })()`)
	b.until(`location.pathname == '/decide' && document.body.innerText.includes('You may read here, and not decide.')`)
	b.eval(`document.querySelector('form[action="/logout"]').requestSubmit()`)
	b.until(`location.pathname == '/login' && document.body.innerText.includes('You are logged out.')`)
	b.open("/")
	b.until(`location.pathname == '/login'`)

	fill("ada", officePassword)
	b.until(`location.pathname == '/' && document.querySelector('[name=judgement]') !== null`)
	b.open("/audit")
	b.until(`document.querySelectorAll('table.audit tbody tr').length == 6`)
	b.picture("audit", 360, 1000)
	log, err := os.ReadFile(audit)
	if err != nil {
		t.Fatal(err)
	}
	var did []string
	for _, m := range regexp.MustCompile(`"handle":"(\w+)".*"did":"([^"]+)"`).FindAllStringSubmatch(string(log), -1) {
		did = append(did, m[1]+" "+m[2])
	}
	if want := []string{"rea failed log-in", "rea log-in", "rea refused", "rea log-out", "ada log-in"}; !slices.Equal(did, want) {
		t.Errorf("the log holds %q, want %q", did, want)
	}
}

func TestLogInAccessible(t *testing.T) {
	u, _ := published(t)
	guarded, _ := withAccounts(t, func() time.Time { return u.now })
	srv := reviewOf(t, u, guarded)
	readers(t)
	b := openTab(t, srv.URL)
	check := func(name string) {
		for _, width := range []int64{360, 1280} {
			b.accessible(name, width)
		}
	}
	b.open("/login?out=1")
	b.until(`document.querySelector('#handle') === document.activeElement`)
	check("login")
	b.keys("ada\tx\r")
	b.until(`document.querySelector('[role=alert]') !== null`)
	check("login-wrong")
	b.keys(officePassword + "\r") // the focus is where it is needed
	b.until(`location.pathname == '/' && document.querySelector('a[href="/audit"]') !== null`)
	b.open("/audit")
	check("audit")
}

// selfSigned writes a certificate for names, and its key.
func selfSigned(t *testing.T, dir string, serial int64, names ...string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(serial), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), DNSNames: names, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}},
		&x509.Certificate{SerialNumber: big.NewInt(serial)}, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// TestReviewOverTLS serves the pages as the command does, on a port of this machine.
func TestReviewOverTLS(t *testing.T) {
	dir := t.TempDir()
	demoRun(t, "--archive", filepath.Join(dir, "archive"), "demo")
	cert, key := selfSigned(t, dir, 1, "review.example.org", "*.example.org")
	accounts := filepath.Join(dir, "accounts.yaml")
	var said strings.Builder
	if code := run(context.Background(), []string{"drittland", "review", "account", "add", "rob", "--accounts", accounts}, environment{Stdin: strings.NewReader(officePassword + "\n"), Stdout: io.Discard, Stderr: &said,
		Getenv: func(string) string { return "" }, Now: time.Now}); code != exitOK {
		t.Fatal(said.String())
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r, w := io.Pipe()
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"drittland", "--archive", filepath.Join(dir, "archive"), "review", "--listen", "127.0.0.1:0", "--accounts", accounts, "--tls-cert", cert, "--tls-key", key},
			environment{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: w, Getenv: func(string) string { return "" }, Now: time.Now})
		w.Close()
	}()
	line := make([]byte, 4096)
	n, _ := r.Read(line)
	go io.Copy(io.Discard, r)
	m := regexp.MustCompile(`https://(127\.0\.0\.1:\d+)/`).FindStringSubmatch(string(line[:n]))
	if m == nil {
		t.Fatalf("says %q", line[:n])
	}
	client := func(config *tls.Config) (*http.Response, error) {
		config.InsecureSkipVerify, config.ServerName = true, "review.example.org"
		c := &http.Client{Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true, DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		req, err := http.NewRequest(http.MethodPost, "https://"+m[1]+"/login", strings.NewReader("handle=rob&password="+strings.ReplaceAll(officePassword, " ", "+")))
		if err != nil {
			t.Fatal(err)
		}
		req.Host = "review.example.org"
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return c.Do(req)
	}
	got, err := client(&tls.Config{})
	if err != nil {
		t.Fatal(err)
	}
	got.Body.Close()
	if c := got.Cookies(); got.StatusCode != http.StatusSeeOther || got.ProtoMajor != 2 || got.TLS.Version != tls.VersionTLS13 || got.Header.Get("Strict-Transport-Security") == "" || len(c) != 1 || c[0].Name != "__Host-drittland" || !c[0].Secure {
		t.Errorf("%d %s %v", got.StatusCode, got.Proto, got.Header)
	}
	if got, err := client(&tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}); err == nil {
		got.Body.Close()
		t.Error("speaks TLS 1.1")
	}
	selfSigned(t, dir, 2, "review.example.org")
	if got, err = client(&tls.Config{}); err != nil {
		t.Fatal(err)
	}
	got.Body.Close()
	if s := got.TLS.PeerCertificates[0].SerialNumber; s.Int64() != 2 {
		t.Errorf("the renewed certificate is not used: %s", s)
	}
	if err := os.WriteFile(cert, []byte("half a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err = client(&tls.Config{}); err != nil {
		t.Fatalf("a certificate that is being written: %v", err)
	}
	got.Body.Close()
	cancel()
	if code := <-done; code != exitOK {
		t.Errorf("exit code %d", code)
	}
}

func TestWherePagesAre(t *testing.T) {
	at := func(s string) net.Addr { return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(s)) }
	for _, x := range []struct {
		p    place
		at   string
		want string
	}{
		{place{}, "127.0.0.1:7441", "http://127.0.0.1:7441/"},
		{place{hosts: []string{"127.0.0.1"}}, "[::1]:7441", "http://[::1]:7441/"},
		{place{tls: &tls.Config{}, hosts: []string{"review.example.org"}}, "[::]:443", "https://review.example.org:443/"},
		{place{tls: &tls.Config{}, hosts: []string{"192.0.2.1"}}, "192.0.2.1:443", "https://192.0.2.1:443/"},
		{place{origin: "https://review.example.org", hosts: []string{"review.example.org"}}, "127.0.0.1:7441", "https://review.example.org/"},
	} {
		if got := x.p.url(at(x.at)); got != x.want {
			t.Errorf("%s: %s, want %s", x.at, got, x.want)
		}
	}
}
