package stamp

// This file reads the certificates that a user trusts for time stamps.

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
)

const (
	// MaxRoots is the most that a file of certificates may have, in bytes.
	MaxRoots = 256 << 10
	maxCerts = 50
)

// Roots are the certificates at which the chain of an authority may end.
type Roots struct {
	list []*x509.Certificate
	pool *x509.CertPool
}

// ParseRoots reads certificates of authorities as PEM. Text between them is passed over. A certificate that must not sign others is
// refused: the certificate that signs the stamps changes every year or so, so that nothing should be pinned to it.
func ParseRoots(source []byte) (*Roots, error) {
	if len(source) > MaxRoots {
		return nil, fmt.Errorf("roots: more than %d bytes", MaxRoots)
	}
	r := &Roots{pool: x509.NewCertPool()}
	for rest := source; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("roots: expected certificates, found a %.40q", block.Type)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("roots: %w", err)
		}
		if !c.BasicConstraintsValid || !c.IsCA {
			return nil, fmt.Errorf("roots: %.100q is no certificate of an authority that vouches for others; name the root", c.Subject)
		}
		if len(r.list) >= maxCerts {
			return nil, fmt.Errorf("roots: more than %d certificates", maxCerts)
		}
		r.list = append(r.list, c)
		r.pool.AddCert(c)
	}
	if len(r.list) == 0 {
		return nil, errors.New("roots: no certificate in PEM (-----BEGIN CERTIFICATE-----); convert another form with: openssl x509 -inform der -in root.crt -out root.pem")
	}
	return r, nil
}

// Has reports whether c is one of them.
func (r *Roots) Has(c *x509.Certificate) bool {
	for _, x := range r.list {
		if bytes.Equal(x.Raw, c.Raw) {
			return true
		}
	}
	return false
}

// Fingerprint is the SHA-256 of a certificate, hexadecimal.
func Fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}

// EncodePEM is a certificate as PEM.
func EncodePEM(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}

// All are the certificates, in the order of the file.
func (r *Roots) All() []*x509.Certificate { return r.list }
