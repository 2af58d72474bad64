// Package stamptest is a time stamp authority for tests: certificates of its own, and `openssl ts -reply` behind an HTTP server, so
// that what is tested is tested against another implementation.
package stamptest

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/digitorus/timestamp"
)

// Policy is the identifier under which stamps are given where a request asks for none. Others is one that is given when asked for.
const (
	Policy = "1.2.3.4.1"
	Others = "1.2.3.4.5"
)

// Options make an authority unusual.
type Options struct {
	Digests   string             // that it accepts; "" for sha256 and longer ones
	Usages    []x509.ExtKeyUsage // of its signer; nil for time stamps
	Lax       bool               // its extended key usage is not critical
	KeyUsage  x509.KeyUsage      // of its signer; 0 for signatures
	NotAfter  time.Time          // end of its signer's certificate; zero for a year from now
	NotBefore time.Time          // zero for an hour ago
}

// An Authority gives time stamps by the clock of this machine. It is an http.Handler.
type Authority struct {
	Root  []byte       // PEM
	Asked atomic.Int64 // requests by HTTP

	dir      string
	signer   *x509.Certificate
	key      *ecdsa.PrivateKey
	between  *x509.Certificate
	mu       sync.Mutex // openssl counts serial numbers in a file
	Instead  func(w http.ResponseWriter, r *http.Request) bool
	Username string // wanted by HTTP, with Password; "" for nobody in particular
	Password string
}

// NeedsOpenSSL ends a test where there is no openssl.
func NeedsOpenSSL(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("this test needs openssl: apt-get install openssl")
		}
		t.Skip("needs openssl: apt-get install openssl")
	}
}

// New makes an authority with a root, a certificate in between and a signer.
func New(t testing.TB, o Options) *Authority {
	t.Helper()
	NeedsOpenSSL(t)
	a, err := Make(t.TempDir(), o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Make makes an authority in a directory.
func Make(dir string, o Options) (*Authority, error) {
	a := &Authority{dir: dir}
	now := time.Now()
	root, rootKey, err := certificate(&x509.Certificate{Subject: pkix.Name{CommonName: "Clipzy Test Root"}, IsCA: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: now.Add(-48 * time.Hour), NotAfter: now.AddDate(20, 0, 0)}, nil, nil)
	if err != nil {
		return nil, err
	}
	between, betweenKey, err := certificate(&x509.Certificate{Subject: pkix.Name{CommonName: "Clipzy Test Issuer"}, IsCA: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: now.Add(-48 * time.Hour), NotAfter: now.AddDate(10, 0, 0)}, root, rootKey)
	if err != nil {
		return nil, err
	}
	signer, key, err := certificate(o.signer(now), between, betweenKey)
	if err != nil {
		return nil, err
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	a.Root, a.signer, a.key, a.between = encode("CERTIFICATE", root.Raw), signer, key, between
	digests := o.Digests
	if digests == "" {
		digests = "sha256, sha384, sha512"
	}
	for name, content := range map[string][]byte{
		"signer.pem": encode("CERTIFICATE", signer.Raw), "key.pem": encode("EC PRIVATE KEY", keyDER), "serial": []byte("01\n"),
		"chain.pem": encode("CERTIFICATE", between.Raw),
		"tsa.cnf": fmt.Appendf(nil, "[tsa]\ndefault_tsa = c\n[c]\ndir = %s\nserial = $dir/serial\nsigner_cert = $dir/signer.pem\ncerts = $dir/chain.pem\n"+
			"signer_key = $dir/key.pem\nsigner_digest = sha256\ndefault_policy = %s\nother_policies = %s\ndigests = %s\naccuracy = secs:1\n"+
			"ordering = no\ntsa_name = yes\ness_cert_id_chain = no\ness_cert_id_alg = sha256\n", dir, Policy, Others, digests),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// signer is what the certificate of the signer says.
func (o Options) signer(now time.Time) *x509.Certificate {
	c := &x509.Certificate{Subject: pkix.Name{CommonName: "Clipzy Test Time"}, KeyUsage: o.KeyUsage, NotBefore: o.NotBefore, NotAfter: o.NotAfter}
	if c.KeyUsage == 0 {
		c.KeyUsage = x509.KeyUsageDigitalSignature
	}
	if c.NotBefore.IsZero() {
		c.NotBefore = now.Add(-time.Hour)
	}
	if c.NotAfter.IsZero() {
		c.NotAfter = now.AddDate(1, 0, 0)
	}
	if o.Usages != nil || o.Lax {
		c.ExtKeyUsage = append(o.Usages, x509.ExtKeyUsageTimeStamping)
		return c
	}
	usage, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	if err != nil {
		panic(err)
	}
	c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: usage}}
	return c
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func certificate(c, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	if parent == nil {
		parent, parentKey = c, key
	}
	if c.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 100)); err != nil {
		return nil, nil, err
	}
	c.BasicConstraintsValid = true
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), parentKey)
	if err != nil {
		return nil, nil, err
	}
	made, err := x509.ParseCertificate(der)
	return made, key, err
}

// Reply answers a request.
func (a *Authority) Reply(tsq []byte) ([]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	query, reply := filepath.Join(a.dir, "query.tsq"), filepath.Join(a.dir, "reply.tsr")
	if err := os.WriteFile(query, tsq, 0o600); err != nil {
		return nil, err
	}
	if out, err := exec.Command("openssl", "ts", "-reply", "-queryfile", query, "-config", filepath.Join(a.dir, "tsa.cnf"), "-section", "c", "-out", reply).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("openssl ts -reply: %w: %s", err, out)
	}
	return os.ReadFile(reply)
}

// Forge answers a request without openssl, which refuses to sign with a signer that is not fit for it. A nil change signs what openssl would.
func (a *Authority) Forge(tsq []byte, change func(*timestamp.Timestamp)) ([]byte, error) {
	q, err := timestamp.ParseRequest(tsq)
	if err != nil {
		return nil, err
	}
	ts := &timestamp.Timestamp{HashAlgorithm: q.HashAlgorithm, HashedMessage: q.HashedMessage, Time: time.Now().UTC().Truncate(time.Second),
		Policy: asn1.ObjectIdentifier{1, 2, 3, 4, 1}, Nonce: q.Nonce, Certificates: []*x509.Certificate{a.between}, AddTSACertificate: true}
	if change != nil {
		change(ts)
	}
	return ts.CreateResponseWithOpts(a.signer, a.key, crypto.SHA256)
}

// ServeHTTP answers as RFC 3161 section 3.4 says, unless Instead has done so.
func (a *Authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.Asked.Add(1)
	if a.Instead != nil && a.Instead(w, r) {
		return
	}
	if name, password, _ := r.BasicAuth(); a.Username != "" && (name != a.Username || password != a.Password) {
		http.Error(w, "who are you?", http.StatusUnauthorized)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
	if err == nil && (r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/timestamp-query") {
		err = fmt.Errorf("%s with %q", r.Method, r.Header.Get("Content-Type"))
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	reply, err := a.Reply(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/timestamp-reply")
	w.Write(reply)
}

// Verify has openssl check an answer against the bytes that were stamped and a root in PEM, as of a time; zero for now.
func Verify(t testing.TB, tsr, message, root []byte, at time.Time) error {
	t.Helper()
	NeedsOpenSSL(t)
	dir := t.TempDir()
	for name, content := range map[string][]byte{"a.tsr": tsr, "message": message, "root.pem": root} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"ts", "-verify", "-in", filepath.Join(dir, "a.tsr"), "-data", filepath.Join(dir, "message"), "-CAfile", filepath.Join(dir, "root.pem")}
	if !at.IsZero() {
		args = append(args, "-attime", fmt.Sprint(at.Unix()))
	}
	out, err := exec.Command("openssl", args...).CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("Verification: OK")) {
		return fmt.Errorf("openssl ts -verify: %w: %s", err, out)
	}
	return nil
}
