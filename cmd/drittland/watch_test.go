package main

// What the tests of watch share: a mail server, a web behind a proxy, and the program as a process of its own.

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// A mailHost is a mail server of this machine, and what it got.
type mailHost struct {
	mu       sync.Mutex
	letters  []*mailed
	refuse   map[string]*smtp.SMTPError // by recipient
	password string                     // "" for nobody
	port     string
	tls      *tls.Config // nil for none
}

// secured makes the server speak TLS from the first byte, and gives its certificate as PEM.
func (p *mailHost) secured(t testing.TB) string {
	t.Helper()
	web := httptest.NewTLSServer(nil)
	t.Cleanup(web.Close)
	p.tls = &tls.Config{Certificates: web.TLS.Certificates}
	p.open(t, "127.0.0.1:0")
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw}))
}

// A mailed is one that was taken.
type mailed struct {
	to, subject, id, text, html string
	header                      mail.Header
}

func newMailHost(t testing.TB) *mailHost {
	t.Helper()
	p := &mailHost{refuse: map[string]*smtp.SMTPError{}}
	p.open(t, "127.0.0.1:0")
	return p
}

func (p *mailHost) open(t testing.TB, address string) {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	_, p.port, _ = net.SplitHostPort(l.Addr().String())
	s := smtp.NewServer(p)
	if p.tls != nil {
		l = tls.NewListener(l, p.tls)
	}
	s.ReadTimeout = time.Minute
	go s.Serve(l)
	t.Cleanup(func() { _ = s.Close() })
}

func (p *mailHost) got() []*mailed {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]*mailed{}, p.letters...)
}

func (p *mailHost) set(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

func (p *mailHost) NewSession(*smtp.Conn) (smtp.Session, error) {
	return &visit{mailHost: p, known: p.password == ""}, nil
}

type visit struct {
	*mailHost
	to    string
	known bool
}

func (v *visit) AuthMechanisms() []string {
	if v.password == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (v *visit) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		v.mu.Lock()
		defer v.mu.Unlock()
		if v.known = user == "watch" && password == v.password; v.known {
			return nil
		}
		return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "wrong password"}
	}), nil
}

func (v *visit) Mail(string, *smtp.MailOptions) error {
	if !v.known {
		return smtp.ErrAuthRequired
	}
	return nil
}

func (v *visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.to = to
	if e := v.refuse[to]; e != nil {
		return e
	}
	return nil
}

func (v *visit) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	l := &mailed{to: v.to, id: m.Header.Get("Message-ID"), header: m.Header}
	if l.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return err
	}
	if err := l.read(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body); err != nil {
		return err
	}
	v.set(func() { v.letters = append(v.letters, l) })
	return nil
}

func (v *visit) Reset()        {}
func (v *visit) Logout() error { return nil }

// read takes the parts of a mail.
func (l *mailed) read(media, coding string, r io.Reader) error {
	kind, params, err := mime.ParseMediaType(media)
	if err != nil {
		return err
	}
	if strings.HasPrefix(kind, "multipart/") {
		for parts := multipart.NewReader(r, params["boundary"]); ; {
			p, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err == nil {
				err = l.read(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p)
			}
			if err != nil {
				return err
			}
		}
	}
	if strings.EqualFold(coding, "quoted-printable") {
		r = quotedprintable.NewReader(r)
	}
	b, err := io.ReadAll(r)
	body := strings.ReplaceAll(string(b), "\r\n", "\n")
	if kind == "text/html" {
		l.html = body
	} else {
		l.text = body
	}
	return err
}

// A watchBench is a directory in which the program runs as a process of its own, with a web of its own and a mail server.
type watchBench struct {
	t    *testing.T
	dir  string
	post *mailHost
	env  []string
}

// newWatchBench makes a bench. settings follow those of the mail server.
func newWatchBench(t *testing.T, settings string) *watchBench {
	t.Helper()
	b := &watchBench{t: t, dir: t.TempDir(), post: newMailHost(t)}
	web := httptest.NewServer(webFolder(filepath.Join(b.dir, "web")))
	t.Cleanup(web.Close)
	b.write("config.yaml", settings+"\narchive: archive\nstate: state\nmail:\n  host: 127.0.0.1\n  port: "+b.post.port+"\n  tls: none\n  from: drittland <watch@example.org>\n")
	b.env = []string{"HOME=" + b.dir, "HTTP_PROXY=" + web.URL, "DRITTLAND_CONFIG=" + filepath.Join(b.dir, "config.yaml"), "PATH=" + os.Getenv("PATH"),
		"DRITTLAND_ARCHIVE=" + filepath.Join(b.dir, "archive")}
	return b
}

func (b *watchBench) write(name, content string) {
	b.t.Helper()
	file := filepath.Join(b.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// page puts a policy on the web, at http://<name>.example/<name>.
func (b *watchBench) page(name string, paragraphs ...string) {
	b.t.Helper()
	service := strings.ToUpper(name[:1]) + name[1:]
	body := "<!DOCTYPE html><html lang=\"en\"><head><title>Privacy Policy</title></head><body><main><h1>Privacy Policy</h1>\n"
	body += "<p>We are " + service + ", a service that does not exist. This policy says what we do with your personal data and which rights you have.</p>\n"
	for _, p := range paragraphs {
		body += "<p>" + p + "</p>\n"
	}
	b.write("web/"+name+".html", body+"<p>You may object at any time. Write to privacy@"+name+".example.</p></main></body></html>\n")
}

// command is a command line that begins at a time.
func (b *watchBench) command(now, kill string, args ...string) *exec.Cmd {
	c := exec.Command("drittland", args...)
	c.Env = append([]string{"NOW=" + now, "KILL=" + kill}, b.env...)
	return c
}

// run runs a command line at a time and gives its exit code, -1 if it was killed.
func (b *watchBench) run(now, kill string, args ...string) (code int, out, messages string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	c := b.command(now, kill, args...)
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Start(); err != nil {
		b.t.Fatal(err)
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Process.Kill() })
	err := c.Wait()
	if !stop() {
		b.t.Fatalf("drittland %v does not end\n%s", args, &stderr)
	}
	var e *exec.ExitError
	if err != nil && !errors.As(err, &e) {
		b.t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// must runs a command line that ends with one of some codes.
func (b *watchBench) must(now string, code int, args ...string) (out, messages string) {
	b.t.Helper()
	got, out, messages := b.run(now, "", args...)
	if got != code {
		b.t.Fatalf("%s: drittland %v: exit code %d, want %d\n%s%s", now, args, got, code, out, messages)
	}
	return out, messages
}

// once is a watch --once.
func (b *watchBench) once(now string, code int, args ...string) string {
	b.t.Helper()
	_, messages := b.must(now, code, append([]string{"watch", "--once", "--delay", "0s", "--retries", "0"}, args...)...)
	return messages
}

// subjects are those of all letters so far, with their recipients.
func (b *watchBench) subjects() (out []string) {
	for _, l := range b.post.got() {
		out = append(out, fmt.Sprintf("%s: %s", l.to, l.subject))
	}
	return out
}
