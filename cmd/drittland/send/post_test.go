package send

// A mail server for tests, with the ways in which real ones refuse.

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/drittland/drittland/cmd/drittland/config"
)

var monday = time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)

// A post is a mail server, and what it got.
type post struct {
	mu       sync.Mutex
	got      []letter
	refuse   map[string]*smtp.SMTPError // by recipient; "data" and "sender" for those
	password string                     // "" for no users
	dying    bool                       // closes the connection instead of answering to a mail
	tries    int                        // to log in

	host, port, ca string // ca is a file
	server         *smtp.Server
}

type letter struct {
	to  string
	raw []byte
	msg *mail.Message
}

// newPost starts a server that speaks TLS in one of the ways of config.Mail.
func newPost(t testing.TB, security string) *post {
	t.Helper()
	p := &post{refuse: map[string]*smtp.SMTPError{}, password: "correct horse"}
	cert, ca := certificates(t)
	p.ca = ca
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.host, p.port, _ = net.SplitHostPort(l.Addr().String())
	p.server = smtp.NewServer(p)
	p.server.Domain = "mail.example.org"
	p.server.EnableSMTPUTF8 = true
	p.server.ReadTimeout = time.Minute
	p.server.ErrorLog = quiet{}
	switch security {
	case "tls":
		l = tls.NewListener(l, cert)
	case "starttls":
		p.server.TLSConfig = cert
	case "none":
		p.password = ""
	}
	go p.server.Serve(l)
	t.Cleanup(func() { p.server.Close() })
	return p
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func (p *post) options(security string) Options {
	port, _ := strconv.Atoi(p.port)
	m := config.Mail{Host: p.host, Port: port, TLS: security, From: "drittland <watch@example.org>", CA: p.ca}
	if security != "none" {
		m.User = "watch"
	}
	return Options{Mail: m, Password: func() (string, error) { return "correct horse", nil }, Timeout: 10 * time.Second, Patience: 10 * time.Second,
		Random: func() float64 { return 0.5 }}
}

func (p *post) letters() []letter {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.got)
}

func (p *post) set(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

func (p *post) NewSession(c *smtp.Conn) (smtp.Session, error) { return &session{post: p, conn: c}, nil }

type session struct {
	*post
	conn  *smtp.Conn
	to    string
	known bool
}

func (s *session) AuthMechanisms() []string {
	if s.password == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.tries++
		if user != "watch" || password != s.password {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "who are you"}
		}
		s.known = true
		return nil
	}), nil
}

func (s *session) Mail(string, *smtp.MailOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.password != "" && !s.known {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "log in first"}
	}
	return orOK(s.refuse["sender"])
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.to = to
	return orOK(s.refuse[to])
}

func orOK(e *smtp.SMTPError) error {
	if e == nil {
		return nil
	}
	return e
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.refuse["data"]; e != nil {
		return e
	}
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	s.got = append(s.got, letter{s.to, raw, msg})
	if s.dying {
		s.conn.Conn().Close()
		return errors.New("died")
	}
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

// certificates are those of a server on this machine, and a file with the root that signed them.
func certificates(t testing.TB) (*tls.Config, string) {
	t.Helper()
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test root"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, &rootKey.PublicKey, rootKey)
	must(err)
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "127.0.0.1"}, NotBefore: root.NotBefore, NotAfter: root.NotAfter,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, root, &key.PublicKey, rootKey)
	must(err)
	file := filepath.Join(t.TempDir(), "root.pem")
	must(os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: rootDER}), 0o600))
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{leafDER}, PrivateKey: key}}}, file
}
