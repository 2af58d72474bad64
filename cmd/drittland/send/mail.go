package send

// Mail: a session with the SMTP server, and what its answers mean.

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/mail"
	"net/textproto"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"github.com/drittland/drittland/cmd/drittland/config"
)

const (
	perSession  = 50      // mails; servers break off after a number of them
	mostLost    = 2       // connections lost in a row, after which the server is in trouble
	maxSaid     = 1 << 20 // bytes that a server may say in a session
	codeNoAuth  = 530     // RFC 4954: authentication required
	codeClosing = 421     // RFC 5321: the server closes the connection
)

// The classes of trouble with a mail server.
const (
	unreachable = "unreachable"
	credentials = "credentials"
	insecure    = "insecure"
	settings    = "settings"
	rejected    = "rejected"
)

// A mailer is a session with the server, opened anew where it was lost.
type mailer struct {
	*Outbox
	client *gomail.Client
	smtp   *smtp.Client
	conn   *wire // nil while there is no session
	mails  int   // sent in this session
	lost   int   // sessions in a row that were lost before an answer
}

// openMail connects to the server, and logs in.
func (b *Outbox) openMail(ctx context.Context) (carrier, error) {
	m := &mailer{Outbox: b}
	if _, err := mail.ParseAddress(b.o.Mail.From); err != nil {
		return nil, &hindrance{settings, fmt.Sprintf("the sender %q of the settings is no mail address", b.o.Mail.From)}
	}
	return m, m.connect(ctx)
}

// connect begins a session.
func (m *mailer) connect(ctx context.Context) error {
	client, err := m.configured(ctx)
	if err != nil {
		return err
	}
	server, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		m.hangUp()
		return m.unwelcome(err)
	}
	m.client, m.smtp, m.mails = client, server, 0
	return nil
}

// configured is a client that speaks as the settings say.
func (m *mailer) configured(ctx context.Context) (*gomail.Client, error) {
	s := m.o.Mail
	policy := gomail.TLSMandatory
	security, err := m.security()
	if err != nil {
		return nil, &hindrance{settings, err.Error()}
	}
	switch s.TLS {
	case config.TLSStart:
	case config.TLSFirst, config.TLSNone:
		policy = gomail.NoTLS // with TLSFirst the connection is TLS before anything is said
	default:
		return nil, &hindrance{settings, fmt.Sprintf("TLS of the mail server is %q; expected tls, starttls or none", s.TLS)}
	}
	options := []gomail.Option{gomail.WithTLSPolicy(policy), gomail.WithTLSConfig(security), gomail.WithTimeout(m.o.Timeout),
		gomail.WithoutNoop(), gomail.WithoutRset(), gomail.WithDialContextFunc(func(context.Context, string, string) (net.Conn, error) {
			return m.dial(ctx, security)
		})}
	if s.User != "" {
		if s.TLS == config.TLSNone {
			return nil, &hindrance{settings, "a user of the mail server needs TLS: the password would be readable on its way"}
		}
		password, err := m.password()
		if err != nil {
			return nil, &hindrance{credentials, "password of the mail server: " + err.Error()}
		}
		options = append(options, gomail.WithUsername(s.User), gomail.WithPassword(password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	client, err := gomail.NewClient(m.host(), options...)
	if err != nil {
		return nil, &hindrance{settings, "mail server: " + err.Error()}
	}
	return client, nil
}

func (m *mailer) password() (string, error) {
	if m.o.Password == nil {
		return "", errors.New("there is none")
	}
	return m.o.Password()
}

// host is the name or address of the server, as certificates have it.
func (m *mailer) host() string { return strings.Trim(m.o.Mail.Host, "[]") }

// security is how TLS is spoken, with the roots that the settings name beside those of the system.
func (m *mailer) security() (*tls.Config, error) {
	c := &tls.Config{ServerName: m.host(), MinVersion: tls.VersionTLS12, RootCAs: m.o.Roots}
	if m.o.Mail.CA == "" {
		return c, nil
	}
	pem, err := os.ReadFile(m.o.Mail.CA)
	if err != nil {
		return nil, fmt.Errorf("roots of the mail server: %w", err)
	}
	if c.RootCAs == nil {
		if c.RootCAs, err = x509.SystemCertPool(); err != nil {
			c.RootCAs = x509.NewCertPool()
		}
	} else {
		c.RootCAs = c.RootCAs.Clone()
	}
	if !c.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("roots of the mail server: %s holds no certificate in PEM", m.o.Mail.CA)
	}
	return c, nil
}

// dial connects to the server. Without TLS it must be on this machine.
func (m *mailer) dial(ctx context.Context, security *tls.Config) (net.Conn, error) {
	ctx, stop := context.WithTimeout(ctx, m.o.Timeout)
	defer stop()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", m.o.Mail.Address())
	if err != nil {
		return nil, err
	}
	m.conn = &wire{Conn: conn, left: maxSaid}
	m.conn.wait.Store(int64(m.o.Timeout))
	if m.o.Mail.TLS == config.TLSNone {
		if to, ok := conn.RemoteAddr().(*net.TCPAddr); !ok || !to.IP.IsLoopback() {
			m.hangUp()
			return nil, &hindrance{insecure, fmt.Sprintf("%s is not on this machine; without TLS only a server here is spoken to", m.o.Mail.Host)}
		}
	}
	if m.o.Mail.TLS != config.TLSFirst {
		return m.conn, nil
	}
	secure := tls.Client(m.conn, security)
	if err := secure.HandshakeContext(ctx); err != nil {
		m.hangUp()
		return nil, err
	}
	return secure, nil
}

// A wire is a connection that says only so much, and waits for each answer only so long. What the library sets as deadline, one for
// a whole session, has no effect.
type wire struct {
	net.Conn
	left int64
	wait atomic.Int64 // time.Duration
}

func (w *wire) Read(p []byte) (int, error) {
	if w.left <= 0 {
		return 0, fmt.Errorf("the server says more than %d bytes", maxSaid)
	}
	if err := w.Conn.SetReadDeadline(time.Now().Add(time.Duration(w.wait.Load()))); err != nil {
		return 0, err
	}
	n, err := w.Conn.Read(p[:min(int64(len(p)), w.left)])
	w.left -= int64(n)
	return n, err
}

func (w *wire) Write(p []byte) (int, error) {
	if err := w.Conn.SetWriteDeadline(time.Now().Add(time.Duration(w.wait.Load()))); err != nil {
		return 0, err
	}
	return w.Conn.Write(p)
}

func (w *wire) SetDeadline(time.Time) error { return nil }

// hangUp closes the connection without a word. A word would end a mail that is half sent, and the server would take it as it is.
func (m *mailer) hangUp() {
	if m.conn != nil {
		_ = m.conn.Close() // there is nothing to be done about it
		m.conn, m.smtp = nil, nil
	}
}

// close takes leave.
func (m *mailer) close() {
	if m.conn != nil {
		_ = m.client.CloseWithSMTPClient(m.smtp) // everything was answered
		m.hangUp()
	}
}

// carry sends one mail.
func (m *mailer) carry(ctx context.Context, e *Entry) error {
	msg, err := m.compose(e)
	if err != nil {
		return &refusal{why: err.Error(), good: true}
	}
	if m.mails >= perSession {
		m.close()
	}
	if m.conn == nil {
		if m.lost >= mostLost {
			return &hindrance{unreachable, m.named("breaks off in the middle of mails")}
		}
		if err := m.connect(ctx); err != nil {
			return err
		}
	}
	m.conn.wait.Store(int64(m.o.Patience))
	err = m.client.SendWithSMTPClient(m.smtp, msg)
	if msg.IsDelivered() { // whatever came after that
		m.mails++
		m.lost = 0
		m.conn.wait.Store(int64(m.o.Timeout))
		return nil
	}
	return m.answered(err)
}

// answered says what it means that a mail was not taken.
func (m *mailer) answered(err error) error {
	var no *gomail.SendError
	if !errors.As(err, &no) || no.ErrorCode() == 0 {
		m.hangUp()
		m.lost++
		return &refusal{why: m.named("broke off: " + words(err))}
	}
	m.lost = 0
	m.conn.wait.Store(int64(m.o.Timeout))
	said := words(err)
	switch code := no.ErrorCode(); {
	case code == codeClosing:
		m.hangUp()
		return &hindrance{unreachable, m.named("closes the connection: " + said)}
	case code == codeNoAuth:
		return &hindrance{credentials, m.named("wants a user: " + said)}
	case no.Reason == gomail.ErrSMTPMailFrom && code >= 500:
		return &hindrance{rejected, m.named(fmt.Sprintf("refuses the sender %s: %s", m.o.Mail.From, said))}
	default:
		if no.Reason == gomail.ErrSMTPData || no.Reason == gomail.ErrWriteContent {
			m.hangUp() // the session is in an unknown state
		}
		return &refusal{why: said, good: code >= 500}
	}
}

// unwelcome says what it means that there is no session.
func (m *mailer) unwelcome(err error) error {
	var h *hindrance
	var said *textproto.Error
	var op *net.OpError
	var dns *net.DNSError
	var verify *tls.CertificateVerificationError
	switch {
	case errors.As(err, &h):
		return h
	case errors.As(err, &verify):
		return &hindrance{insecure, m.named("has a certificate that is not trusted: " + verify.Err.Error())}
	case errors.As(err, &dns):
		return &hindrance{unreachable, m.named("cannot be found: " + dns.Err)}
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return &hindrance{unreachable, m.named(fmt.Sprintf("does not answer within %s", m.o.Timeout))}
	case errors.As(err, &op):
		return &hindrance{unreachable, m.named("cannot be reached: " + op.Err.Error())}
	case errors.Is(err, io.EOF):
		return &hindrance{unreachable, m.named("closed the connection before anything was sent")}
	case errors.As(err, &said) && (said.Code == 535 || said.Code == 534 || said.Code == 538 || said.Code == codeNoAuth):
		return &hindrance{credentials, m.named(fmt.Sprintf("refuses the user or the password: %d %s", said.Code, said.Msg))}
	case errors.As(err, &said):
		return &hindrance{unreachable, m.named(fmt.Sprintf("refuses: %d %s", said.Code, said.Msg))}
	case strings.Contains(err.Error(), "STARTTLS"):
		return &hindrance{insecure, m.named("offers no STARTTLS, and nothing is sent without")}
	case strings.Contains(err.Error(), "AUTH"):
		return &hindrance{credentials, m.named("offers no way to log in that is known here: " + err.Error())}
	}
	return &hindrance{unreachable, m.named("cannot be used: " + err.Error())}
}

// named is the mail server with what it does.
func (m *mailer) named(does string) string { return "the mail server " + m.o.Mail.Host + " " + does }

// quoted is an answer as net/textproto shows it.
var quoted = regexp.MustCompile(`^([0-9]{3}) ("(?:[^"\\]|\\.)*")`)

// words are what a server said, without what the libraries put around it.
func words(err error) string {
	if err == nil {
		return ""
	}
	s := err.Error()
	var no *gomail.SendError
	if errors.As(err, &no) {
		s = strings.TrimPrefix(s, no.Reason.String()+": ")
		s, _, _ = strings.Cut(s, ", affected recipient(s): ")
		s, _, _ = strings.Cut(s, ", affected message ID: ")
	}
	if m := quoted.FindStringSubmatch(s); m != nil {
		if said, err := strconv.Unquote(m[2]); err == nil {
			return m[1] + " " + said
		}
	}
	return s
}
