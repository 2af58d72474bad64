package send

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// digestTo is a mail of a list to somebody.
func digestTo(to string) Message {
	return Message{Key: "digest/legal/2026-W47/" + to, Kind: Mail, Made: monday, Subject: "Clipzy: neue Übermittlung", To: to,
		Text: "Clipzy speichert jetzt in Ruritanien.\n", HTML: "<p>Clipzy speichert jetzt in Ruritanien.</p>", List: "legal", Language: "de"}
}

func put(t *testing.T, b *Outbox, m Message) {
	t.Helper()
	if fresh, err := b.Put(m); err != nil || !fresh {
		t.Fatalf("put %s: fresh %v, %v", m.Key, fresh, err)
	}
}

func deliver(t *testing.T, b *Outbox, now time.Time) Delivery {
	t.Helper()
	d, err := b.Deliver(context.Background(), now)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func state(t *testing.T, b *Outbox, key string) Entry {
	t.Helper()
	e, err := b.Get(key)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestOnce puts messages, delivers them, and tries to do so again: by the same outbox, and by one opened anew.
func TestOnce(t *testing.T) {
	for _, security := range []string{"tls", "starttls", "none"} {
		p := newPost(t, security)
		dir := filepath.Join(t.TempDir(), "outbox")
		b := New(dir, p.options(security))
		put(t, b, digestTo("ana@example.org"))
		put(t, b, digestTo("Bo Ålund <bo@example.org>"))
		if fresh, err := b.Put(digestTo("ana@example.org")); fresh || err != nil {
			t.Errorf("the second one of a key: fresh %v, %v", fresh, err)
		}
		d := deliver(t, b, monday)
		if len(d.Sent) != 2 || d.Waiting != 0 || len(d.Troubles) != 0 || !d.Next.IsZero() {
			t.Fatalf("%s: %+v", security, d)
		}
		for _, again := range []*Outbox{b, New(dir, p.options(security))} {
			if fresh, err := again.Put(digestTo("ana@example.org")); fresh || err != nil {
				t.Errorf("after it was sent: fresh %v, %v", fresh, err)
			}
			if d := deliver(t, again, monday.Add(400*time.Hour)); len(d.Sent) != 0 {
				t.Errorf("sent again: %+v", d.Sent)
			}
		}
		if got := p.letters(); len(got) != 2 || got[0].to != "bo@example.org" || got[1].to != "ana@example.org" {
			t.Errorf("%s: the server got %d letters: %+v", security, len(got), got)
		}
		if e := state(t, b, "digest/legal/2026-W47/ana@example.org"); e.State != Sent || e.Tries != 1 || !e.SentAt.Equal(monday) {
			t.Errorf("%+v", e)
		}
		if i, err := os.Stat(dir); err != nil || i.Mode().Perm() != 0o700 {
			t.Errorf("the directory: %v, %v", i.Mode(), err)
		}
		files, _ := filepath.Glob(filepath.Join(dir, "*"))
		for _, f := range files {
			if i, err := os.Stat(f); err != nil || i.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, %v", f, i.Mode(), err)
			}
		}
	}
}

func TestRefusedForGood(t *testing.T) {
	p := newPost(t, "starttls")
	p.refuse["ana@example.org"] = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user \x1b[31mhere"}
	b := New(t.TempDir(), p.options("starttls"))
	put(t, b, digestTo("ana@example.org"))
	put(t, b, digestTo("bo@example.org"))
	d := deliver(t, b, monday)
	if len(d.Sent) != 1 || len(d.Abandoned) != 1 || d.Waiting != 0 {
		t.Fatalf("%+v", d)
	}
	e := state(t, b, "digest/legal/2026-W47/ana@example.org")
	if e.State != Abandoned || !strings.Contains(e.Trouble, "550 5.1.1 no such user ␛[31mhere") || strings.Contains(e.Trouble, "message ID") {
		t.Errorf("%s: %q", e.State, e.Trouble)
	}
	// The mailbox is made, and somebody says so.
	p.set(func() { delete(p.refuse, "ana@example.org") })
	if d := deliver(t, b, monday.Add(time.Hour)); len(d.Sent) != 0 {
		t.Errorf("tried again by itself: %+v", d)
	}
	if err := b.Retry(e.Key); err != nil {
		t.Fatal(err)
	}
	if d := deliver(t, b, monday.Add(time.Hour)); len(d.Sent) != 1 {
		t.Errorf("not tried again: %+v", d)
	}
	if err := b.Retry(e.Key); !errors.Is(err, ErrSent) {
		t.Errorf("retry of what was sent: %v", err)
	}
}

// TestServersTrouble has what keeps all messages: they wait, none ages, it is told once, and all are sent when it is over.
func TestServersTrouble(t *testing.T) {
	for name, c := range map[string]struct {
		security, asked string
		spoil           func(*post, *Options)
		says            string
	}{
		"password": {"starttls", "starttls", func(p *post, _ *Options) { p.password = "another" }, "refuses the user or the password: 535 5.7.8 who are you"},
		"no password": {"starttls", "starttls", func(_ *post, o *Options) {
			o.Password = func() (string, error) { return "", errors.New("there is no such file") }
		}, "password of the mail server: there is no such file"},
		"unreachable":        {"starttls", "starttls", func(_ *post, o *Options) { o.Mail.Port = closedPort(t) }, "cannot be reached: connect: connection refused"},
		"unknown":            {"starttls", "starttls", func(_ *post, o *Options) { o.Mail.Host = "mail.invalid" }, "cannot be found"},
		"no STARTTLS":        {"none", "starttls", func(*post, *Options) {}, "offers no STARTTLS, and nothing is sent without"},
		"no trust":           {"tls", "tls", func(_ *post, o *Options) { o.Mail.CA = "" }, "has a certificate that is not trusted"},
		"no trust, STARTTLS": {"starttls", "starttls", func(_ *post, o *Options) { o.Mail.CA = "" }, "has a certificate that is not trusted"},
		"sender": {"tls", "tls", func(p *post, _ *Options) {
			p.refuse["sender"] = &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "not yours"}
		}, "refuses the sender drittland <watch@example.org>: 553 5.7.1 not yours"},
		"no user":          {"tls", "tls", func(_ *post, o *Options) { o.Mail.User = "" }, "wants a user: 530 5.7.0 log in first"},
		"user without TLS": {"none", "none", func(_ *post, o *Options) { o.Mail.User = "watch" }, "needs TLS"},
		"wrong CA":         {"tls", "tls", func(_ *post, o *Options) { o.Mail.CA = "nowhere.pem" }, "nowhere.pem"},
		"wrong sender":     {"tls", "tls", func(_ *post, o *Options) { o.Mail.From = "watch" }, `the sender "watch" of the settings is no mail address`},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPost(t, c.security)
			o := p.options(c.asked)
			c.spoil(p, &o)
			dir := t.TempDir()
			b := New(dir, o)
			put(t, b, digestTo("ana@example.org"))
			put(t, b, digestTo("bo@example.org"))
			now := monday
			for i := range 4 {
				d := deliver(t, b, now)
				if len(d.Troubles) != 1 || d.Waiting != 2 || len(d.Sent)+len(d.Later)+len(d.Abandoned) != 0 {
					t.Fatalf("%d: %+v", i, d)
				}
				tr := d.Troubles[0]
				if !strings.Contains(tr.Why, c.says) || tr.New != (i == 0) || !tr.Since.Equal(monday) || tr.Place != "mail" {
					t.Errorf("%d: %+v, want %q", i, tr, c.says)
				}
				if !d.Next.After(now) || d.Next.Sub(now) > mostPause {
					t.Errorf("%d: the next try is in %s", i, d.Next.Sub(now))
				}
				if now = d.Next; i == 1 {
					b = New(dir, o) // a new process
				}
				if i == 2 {
					now = now.Add(300 * time.Hour)
				}
			}
			for _, to := range []string{"ana@example.org", "bo@example.org"} {
				if e := state(t, b, "digest/legal/2026-W47/"+to); e.State != Waiting || e.Tries != 0 || e.Trouble != "" {
					t.Errorf("%+v", e)
				}
			}
			if p.tries > 4 {
				t.Errorf("logged in %d times", p.tries)
			}
			whole := newPost(t, "tls")
			b = New(dir, whole.options("tls"))
			if d := deliver(t, b, now.Add(time.Hour)); len(d.Sent) != 2 || len(d.Troubles) != 0 {
				t.Errorf("when it was over: %+v", d)
			}
		})
	}
}

// closedPort is a port of this machine on which nobody listens.
func closedPort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// TestBackoff greylists a recipient: until its mails are given up.
func TestBackoff(t *testing.T) {
	p := newPost(t, "tls")
	p.refuse["ana@example.org"] = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "later"}
	b := New(t.TempDir(), p.options("tls"))
	put(t, b, digestTo("ana@example.org"))
	var waits []time.Duration
	now := monday
	for {
		d := deliver(t, b, now)
		if len(d.Abandoned) == 1 {
			break
		}
		if len(d.Later) != 1 || !strings.Contains(d.Later[0].Trouble, "451 4.7.1 later") || d.Waiting != 1 {
			t.Fatalf("%+v", d)
		}
		if again := deliver(t, b, d.Next.Add(-time.Second)); len(again.Later) != 0 {
			t.Fatal("tried before its time")
		}
		waits = append(waits, d.Next.Sub(now))
		now = d.Next
	}
	for i, want := range []time.Duration{5, 10, 20, 40, 80, 160, 320, 360, 360} {
		if waits[i] != want*time.Minute {
			t.Errorf("wait %d is %s, want %d minutes", i+1, waits[i], want)
		}
	}
	if age := now.Sub(monday); age < giveUp || age > giveUp+mostBackoff {
		t.Errorf("given up after %s", age)
	}
	if e := state(t, b, "digest/legal/2026-W47/ana@example.org"); e.State != Abandoned || !strings.HasPrefix(e.Trouble, "given up after 5 days: ") {
		t.Errorf("%+v", e)
	}
}

func TestJitter(t *testing.T) {
	for _, c := range []struct {
		random float64
		want   time.Duration
	}{{0, 270 * time.Second}, {0.5, 300 * time.Second}, {0.999999, 330 * time.Second}} {
		b := New(t.TempDir(), Options{Random: func() float64 { return c.random }})
		if got := b.backoff(1); (got - c.want).Abs() > time.Second {
			t.Errorf("%v: %s, want %s", c.random, got, c.want)
		}
	}
}

// TestClockJumps sets the clock years ahead during a try, and back again.
func TestClockJumps(t *testing.T) {
	p := newPost(t, "tls")
	p.refuse["ana@example.org"] = &smtp.SMTPError{Code: 451, Message: "later"}
	b := New(t.TempDir(), p.options("tls"))
	put(t, b, digestTo("ana@example.org"))
	deliver(t, b, monday)
	if d := deliver(t, b, monday.AddDate(3, 0, 0)); len(d.Later) != 1 {
		t.Errorf("abandoned after two tries: %+v", d)
	}
	p.set(func() { clear(p.refuse) })
	if d := deliver(t, b, monday.Add(time.Hour)); len(d.Sent) != 1 {
		t.Errorf("it waits for a year that was never: %+v", d)
	}
}

// TestDiesAfterData loses the connection after the server took a mail: nobody knows, so it is sent again, as the same.
func TestDiesAfterData(t *testing.T) {
	p := newPost(t, "tls")
	p.dying = true
	b := New(t.TempDir(), p.options("tls"))
	put(t, b, digestTo("ana@example.org"))
	d := deliver(t, b, monday)
	if len(d.Later) != 1 || !strings.Contains(d.Later[0].Trouble, "broke off") {
		t.Fatalf("%+v", d)
	}
	p.set(func() { p.dying = false })
	if d := deliver(t, b, d.Next); len(d.Sent) != 1 {
		t.Fatalf("%+v", d)
	}
	got := p.letters()
	if len(got) != 2 || got[0].msg.Header.Get("Message-ID") != got[1].msg.Header.Get("Message-ID") || got[0].msg.Header.Get("Message-ID") == "" {
		t.Errorf("%d letters: %v", len(got), got)
	}
}

// TestAlwaysBreaksOff stops asking a server that breaks off with each mail.
func TestAlwaysBreaksOff(t *testing.T) {
	p := newPost(t, "tls")
	p.dying = true
	b := New(t.TempDir(), p.options("tls"))
	for _, to := range []string{"a", "b", "c", "d"} {
		put(t, b, digestTo(to+"@example.org"))
	}
	d := deliver(t, b, monday)
	if len(d.Later) != mostLost || len(d.Troubles) != 1 || !strings.Contains(d.Troubles[0].Why, "breaks off") || len(p.letters()) != mostLost {
		t.Errorf("%+v", d)
	}
}

func TestContentRefused(t *testing.T) {
	p := newPost(t, "tls")
	p.refuse["data"] = &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "smells"}
	b := New(t.TempDir(), p.options("tls"))
	put(t, b, digestTo("ana@example.org"))
	if d := deliver(t, b, monday); len(d.Abandoned) != 1 || !strings.Contains(d.Abandoned[0].Trouble, "554 5.6.0 smells") {
		t.Errorf("%+v", d)
	}
}

// TestManySessions sends more mails than one session takes.
func TestManySessions(t *testing.T) {
	p := newPost(t, "tls")
	b := New(t.TempDir(), p.options("tls"))
	const n = perSession + 5
	for i := range n {
		m := digestTo("ana@example.org")
		m.Key += strings.Repeat("x", i)
		put(t, b, m)
	}
	if d := deliver(t, b, monday); len(d.Sent) != n || p.tries != 2 {
		t.Errorf("%d sent in %d sessions", len(d.Sent), p.tries)
	}
}

// TestEnds stops between messages when the program is to end.
func TestEnds(t *testing.T) {
	p := newPost(t, "tls")
	o := p.options("tls")
	ctx, stop := context.WithCancel(context.Background())
	o.Password = func() (string, error) { return "correct horse", nil }
	b := New(t.TempDir(), o)
	put(t, b, digestTo("ana@example.org"))
	stop()
	d, err := b.Deliver(ctx, monday)
	if err != nil && !errors.Is(err, context.Canceled) || len(d.Sent) != 0 || state(t, b, digestTo("ana@example.org").Key).State != Waiting {
		t.Errorf("%+v, %v", d, err)
	}
}

// TestWanted asks of each message, right before it is sent, whether it still is to be: one that is not leaves no trace, and one of which nobody knows waits and holds up no other.
func TestWanted(t *testing.T) {
	p := newPost(t, "starttls")
	o := p.options("starttls")
	away := errors.New("the database is away")
	o.Wanted = func(_ context.Context, m *Message) (bool, error) {
		switch m.To {
		case "gone@example.org":
			return false, nil
		case "who@example.org":
			return away == nil, away
		}
		return true, nil
	}
	b := New(t.TempDir(), o)
	for _, to := range []string{"ana@example.org", "gone@example.org", "who@example.org", "zoe@example.org"} {
		put(t, b, digestTo(to))
	}
	d, err := b.Deliver(context.Background(), monday)
	if !errors.Is(err, away) || len(d.Sent) != 2 || d.Waiting != 1 || len(d.Later)+len(d.Abandoned)+len(d.Troubles) != 0 {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := b.Get(digestTo("gone@example.org").Key); !errors.Is(err, ErrUnknown) {
		t.Errorf("what is not wanted: %v", err)
	}
	if e := state(t, b, digestTo("who@example.org").Key); e.State != Waiting || e.Tries != 0 {
		t.Errorf("what nobody knows of: %+v", e)
	}
	away = nil
	if d := deliver(t, b, monday); len(d.Sent) != 1 || d.Waiting != 0 {
		t.Errorf("%+v", d)
	}
	for _, l := range p.letters() {
		if l.to == "gone@example.org" {
			t.Error("it was sent though nobody wants it")
		}
	}
	// what is not wanted goes even while the server cannot be reached
	put(t, b, Message{Key: "digest/legal/2026-W48/gone@example.org", Kind: Mail, Made: monday, Subject: "x", Text: "x", To: "gone@example.org"})
	b.o.Mail.Host = "127.0.0.2"
	if d := deliver(t, b, monday); d.Waiting != 0 || len(d.Troubles) != 0 {
		t.Errorf("%+v", d)
	}
}
