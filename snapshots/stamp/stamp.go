// Package stamp asks for, checks and keeps time stamps as RFC 3161 has them: an authority signs the SHA-256 of some bytes together with
// the time, which shows that the bytes were there no later than then.
//
// The package reaches no network: it makes a request and checks an answer, whoever carries them. Check trusts nothing of an
// answer but what the authority's certificate chain vouches for, at the time of the stamp: an authority's certificate runs out
// after some years, what it signed before stays good.
package stamp

// This file makes and reads requests.

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"

	"github.com/digitorus/timestamp"
)

const (
	// MaxAnswer is the most that an answer may have, in bytes. A token with its chain has some 2 to 10 KB.
	MaxAnswer = 64 << 10

	maxRequest = 4 << 10 // bytes
	maxNonce   = 32 << 3 // bits of a nonce that is read
	nonceSize  = 8       // bytes of a nonce that is made; some authorities take no more
)

// A Request is a question to an authority: which time is it, with these bytes before you?
type Request struct {
	DER    []byte            // as it is sent
	Digest [sha256.Size]byte // of the bytes to be stamped
	Nonce  *big.Int          // comes back in the answer, so that an old one cannot be passed off as new
	Policy string            // the policy asked for, in dots; "" for whatever the authority has
}

// NewRequest makes a request for the bytes with this SHA-256. The certificates of the authority are asked for, too. The nonce is
// read from random.
func NewRequest(digest [sha256.Size]byte, policy string, random io.Reader) (Request, error) {
	fresh := make([]byte, nonceSize)
	if _, err := io.ReadFull(random, fresh); err != nil {
		return Request{}, fmt.Errorf("time stamp request: nonce: %w", err)
	}
	r := Request{Digest: digest, Nonce: new(big.Int).SetBytes(fresh), Policy: policy}
	q := timestamp.Request{HashAlgorithm: crypto.SHA256, HashedMessage: digest[:], Certificates: true, Nonce: r.Nonce}
	var err error
	if policy != "" {
		if q.TSAPolicyOID, err = ParsePolicy(policy); err != nil {
			return Request{}, err
		}
	}
	r.DER, err = q.Marshal()
	if err != nil {
		return Request{}, fmt.Errorf("time stamp request: %w", err)
	}
	return r, nil
}

// ParseRequest reads a request that NewRequest made.
func ParseRequest(der []byte) (r Request, err error) {
	defer guard("time stamp request", &err)
	if len(der) > maxRequest {
		return r, fmt.Errorf("time stamp request: more than %d bytes", maxRequest)
	}
	if err := strict(der); err != nil {
		return r, fmt.Errorf("time stamp request: %w", err)
	}
	q, err := timestamp.ParseRequest(der)
	if err != nil {
		return r, fmt.Errorf("time stamp request: %w", err)
	}
	switch {
	case q.HashAlgorithm != crypto.SHA256 || len(q.HashedMessage) != sha256.Size:
		return r, errors.New("time stamp request: not for a SHA-256")
	case q.Nonce == nil || q.Nonce.Sign() < 0 || q.Nonce.BitLen() > maxNonce:
		return r, errors.New("time stamp request: without a usable nonce")
	}
	r = Request{DER: der, Nonce: q.Nonce}
	if len(q.TSAPolicyOID) > 0 {
		r.Policy = q.TSAPolicyOID.String()
	}
	copy(r.Digest[:], q.HashedMessage)
	return r, nil
}

// ParsePolicy reads the identifier of a policy, such as 0.4.0.2023.1.1.
func ParsePolicy(s string) (asn1.ObjectIdentifier, error) {
	if _, err := x509.ParseOID(s); err != nil || len(s) > 200 {
		return nil, fmt.Errorf("%.60q is no identifier of a policy, such as 0.4.0.2023.1.1", s)
	}
	var id asn1.ObjectIdentifier
	for part := range strings.SplitSeq(s, ".") {
		n, err := strconv.ParseInt(part, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("%.60q is no identifier of a policy, such as 0.4.0.2023.1.1", s)
		}
		id = append(id, int(n))
	}
	return id, nil
}

// guard turns a panic into an error: what comes from strangers goes through libraries that were written for friendlier bytes.
func guard(what string, err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%s: it cannot be read: %v", what, p)
	}
}

// Digest is the SHA-256 of a message, which is what an authority gets to see of it.
func Digest(message []byte) [sha256.Size]byte { return sha256.Sum256(message) }
