package stamp_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/timestamp"

	"github.com/drittland/drittland/snapshots/stamp"
	"github.com/drittland/drittland/snapshots/stamp/stamptest"
)

// message stands for a checkpoint.
var message = []byte("clipzy.example/log\n42\nqpRxb8mzTlWxk6Jvt0oGZQ7lpc2Y2qTUZEGDUXbnJ0o=\n\n— clipzy.example/log AAAA\n")

// ask makes a request for the message.
func ask(t testing.TB, policy string) stamp.Request {
	t.Helper()
	r, err := stamp.NewRequest(sha256.Sum256(message), policy, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func roots(t testing.TB, pem []byte) *stamp.Roots {
	t.Helper()
	r, err := stamp.ParseRoots(pem)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// stamped has the message stamped: the answer, and what must be said of it.
func stamped(t testing.TB, a *stamptest.Authority, policy string) ([]byte, stamp.Want) {
	t.Helper()
	r := ask(t, policy)
	tsr, err := a.Reply(r.DER)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	return tsr, stamp.Want{Digest: r.Digest, Nonce: r.Nonce, Policy: policy, Roots: roots(t, a.Root), Asked: now, Now: now}
}

func TestCheck(t *testing.T) {
	a := stamptest.New(t, stamptest.Options{})
	for _, policy := range []string{"", stamptest.Others} {
		tsr, want := stamped(t, a, policy)
		s, err := stamp.Check(tsr, want)
		if err != nil {
			t.Fatal(err)
		}
		wantPolicy := policy
		if policy == "" {
			wantPolicy = stamptest.Policy
		}
		if s.Policy != wantPolicy || s.Accuracy != time.Second || s.Signer().Subject.CommonName != "Clipzy Test Time" || len(s.Chain) != 3 ||
			!want.Roots.Has(s.Root()) || s.Time.Location() != time.UTC {
			t.Errorf("policy %q: %+v", policy, s)
		}
		for _, at := range []time.Time{{}, s.Time} {
			if err := stamptest.Verify(t, tsr, message, a.Root, at); err != nil {
				t.Error(err)
			}
		}
	}
}

// Everything that is wrong with an answer is found, and openssl agrees where it looks at the same thing.
func TestCheckRefuses(t *testing.T) {
	a, other := stamptest.New(t, stamptest.Options{}), stamptest.New(t, stamptest.Options{})
	tsr, good := stamped(t, a, "")
	for _, c := range []struct {
		name, says string
		change     func(*stamp.Want)
	}{
		{"other message", "about other bytes", func(w *stamp.Want) { w.Digest = sha256.Sum256([]byte("Clipzy")) }},
		{"other root", "do not vouch", func(w *stamp.Want) { w.Roots = roots(t, other.Root) }},
		{"no roots", "no roots", func(w *stamp.Want) { w.Roots = nil }},
		{"wrong nonce", "another nonce", func(w *stamp.Want) { w.Nonce = big.NewInt(7) }},
		{"wrong policy", "under the policy " + stamptest.Policy, func(w *stamp.Want) { w.Policy = stamptest.Others }},
		{"future", "from the future", func(w *stamp.Want) { w.Now = w.Now.Add(-time.Hour) }},
		{"old", "older", func(w *stamp.Want) { w.Asked = w.Asked.Add(time.Hour) }},
	} {
		want := good
		c.change(&want)
		if _, err := stamp.Check(tsr, want); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if stamptest.Verify(t, tsr, []byte("Clipzy"), a.Root, time.Time{}) == nil || stamptest.Verify(t, tsr, message, other.Root, time.Time{}) == nil {
		t.Error("openssl accepts another message or another root")
	}
	another, _ := stamped(t, other, "")
	if _, err := stamp.Check(another, good); err == nil {
		t.Error("a token of another authority in the place of the right one is accepted")
	}
}

// A certificate that is not made for time stamps is no signer, however good its chain.
func TestCheckRefusesSigners(t *testing.T) {
	for _, c := range []struct {
		name, says string
		o          stamptest.Options
		change     func(*timestamp.Timestamp)
	}{
		{"as it should be", "", stamptest.Options{}, nil},
		{"not critical", "not for time stamps alone", stamptest.Options{Lax: true}, nil},
		{"more usages", "not for time stamps alone", stamptest.Options{Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, nil},
		{"for keys, too", "for more than signatures", stamptest.Options{KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment}, nil},
		{"ran out", "expired", stamptest.Options{}, func(ts *timestamp.Timestamp) { ts.Time = ts.Time.AddDate(2, 0, 0) }},
		{"not begun", "not yet valid", stamptest.Options{}, func(ts *timestamp.Timestamp) { ts.Time = ts.Time.AddDate(-2, 0, 0) }},
		{"no chain", "do not vouch", stamptest.Options{}, func(ts *timestamp.Timestamp) { ts.Certificates = nil }},
		{"no certificates", "exactly one signer", stamptest.Options{}, func(ts *timestamp.Timestamp) { ts.AddTSACertificate = false; ts.Certificates = nil }},
		{"no nonce", "another nonce", stamptest.Options{}, func(ts *timestamp.Timestamp) { ts.Nonce = nil }},
		{"unknown and critical", "critical extension", stamptest.Options{}, func(ts *timestamp.Timestamp) {
			ts.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3}, Critical: true, Value: []byte{5, 0}}}
		}},
	} {
		a := stamptest.New(t, c.o)
		r := ask(t, "")
		tsr, err := a.Forge(r.DER, c.change)
		if err != nil {
			t.Fatal(err)
		}
		_, err = stamp.Check(tsr, stamp.Want{Digest: r.Digest, Nonce: r.Nonce, Roots: roots(t, a.Root)})
		if err == nil != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// What was signed while the certificate was good stays good: all is checked as of the time of the stamp.
func TestExpiredSigner(t *testing.T) {
	a := stamptest.New(t, stamptest.Options{NotAfter: time.Now().Add(time.Hour)})
	tsr, want := stamped(t, a, "")
	want.Asked, want.Now = time.Time{}, time.Now().AddDate(15, 0, 0)
	s, err := stamp.Check(tsr, want)
	if err != nil {
		t.Fatal(err)
	}
	if err := stamptest.Verify(t, tsr, message, a.Root, s.Time); err != nil {
		t.Error(err)
	}
	if stamptest.Verify(t, tsr, message, a.Root, want.Now) == nil {
		t.Error("openssl accepts it in fifteen years, too: the test shows nothing")
	}
}

func TestRefusal(t *testing.T) {
	a := stamptest.New(t, stamptest.Options{Digests: "sha512"})
	r := ask(t, "")
	tsr, err := a.Reply(r.DER)
	if err != nil {
		t.Fatal(err)
	}
	var no *stamp.Refusal
	_, err = stamp.Check(tsr, stamp.Want{Digest: r.Digest, Roots: roots(t, a.Root)})
	if !errors.As(err, &no) || no.Status != 2 || no.Reason == "" || no.Text == "" {
		t.Errorf("%v: %+v", err, no)
	}
}

// A flipped bit is found, or is in bytes that nothing signs; then what the stamp proves is the same.
func TestFlippedBytes(t *testing.T) {
	a := stamptest.New(t, stamptest.Options{})
	tsr, want := stamped(t, a, "")
	good, err := stamp.Check(tsr, want)
	if err != nil {
		t.Fatal(err)
	}
	missed := 0
	for i := range tsr {
		for _, bit := range []byte{1, 0x20, 0x80} {
			bad := bytes.Clone(tsr)
			bad[i] ^= bit
			s, err := stamp.Check(bad, want)
			if err != nil {
				continue
			}
			missed++
			if !s.Time.Equal(good.Time) || s.Policy != good.Policy || s.Serial.Cmp(good.Serial) != 0 || s.Accuracy != good.Accuracy ||
				!bytes.Equal(s.Signer().Raw, good.Signer().Raw) || !bytes.Equal(s.Root().Raw, good.Root().Raw) {
				t.Errorf("byte %d: it now says %+v", i, s)
			}
		}
	}
	if t.Logf("%d of %d flips were in bytes that nothing signs", missed, 3*len(tsr)); missed > 3*len(tsr)/50 {
		t.Errorf("%d of %d flips were not found", missed, 3*len(tsr))
	}
	for n := range tsr {
		if _, err := stamp.Check(tsr[:n], want); err == nil {
			t.Errorf("cut to %d bytes: accepted", n)
		}
	}
	if _, err := stamp.Check(append(bytes.Clone(tsr), 0), want); err == nil {
		t.Error("bytes after its end: accepted")
	}
}

func TestRequest(t *testing.T) {
	r := ask(t, stamptest.Others)
	again, err := stamp.ParseRequest(r.DER)
	if err != nil || again.Nonce.Cmp(r.Nonce) != 0 || again.Digest != r.Digest || again.Policy != r.Policy {
		t.Errorf("%+v: %v", again, err)
	}
	for _, p := range []string{"1", "1.2.x", "4.1", "1.2.99999999999", strings.Repeat("1.2.", 100) + "1", ""} {
		if _, err := stamp.ParsePolicy(p); err == nil {
			t.Errorf("policy %q: accepted", p)
		}
	}
	if _, err := stamp.NewRequest(r.Digest, "", strings.NewReader("short")); err == nil {
		t.Error("a request without a nonce")
	}
}

func TestRoots(t *testing.T) {
	a := stamptest.New(t, stamptest.Options{})
	if r := roots(t, append([]byte("Clipzy's root\n\n"), a.Root...)); !r.Has(r.All()[0]) {
		t.Error("it does not have its own certificate")
	}
	tsr, want := stamped(t, a, "")
	s, err := stamp.Check(tsr, want)
	if err != nil {
		t.Fatal(err)
	}
	for name, pem := range map[string][]byte{"nothing": nil, "text": []byte("Clipzy"), "a signer": stamp.EncodePEM(s.Signer()),
		"a key": []byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), "too long": make([]byte, stamp.MaxRoots+1),
		"damaged": bytes.Replace(a.Root, []byte("MII"), []byte("AAA"), 1)} {
		if _, err := stamp.ParseRoots(pem); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// FuzzCheck: an answer with a stamp for these roots cannot be made, and nothing else ends the program or takes long.
func FuzzCheck(f *testing.F) {
	tsr, err := os.ReadFile("testdata/clipzy.tsr")
	if err != nil {
		f.Fatal(err)
	}
	pem, err := os.ReadFile("testdata/clipzy-root.pem")
	if err != nil {
		f.Fatal(err)
	}
	want := stamp.Want{Digest: sha256.Sum256(message), Roots: roots(f, pem)}
	good, err := stamp.Check(tsr, want)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(tsr)
	f.Add(tsr[9:])
	f.Add([]byte{0x30, 5, 0x30, 3, 2, 1, 2})
	f.Add(bytes.Repeat([]byte{0x30, 0x80}, 1000))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := stamp.Check(b, want); err == nil && (!s.Time.Equal(good.Time) || !bytes.Equal(s.Signer().Raw, good.Signer().Raw)) {
			t.Errorf("another stamp: %+v", s)
		}
		if r, err := stamp.ParseRequest(b); err == nil && r.Nonce == nil {
			t.Error("a request without a nonce")
		}
	})
}
