package stamp

// This file checks an answer.

import (
	"bytes"
	"crypto"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"time"

	"github.com/digitorus/pkcs7"
	"github.com/digitorus/timestamp"
)

// skew is how far the clocks of an authority and of this machine may be apart.
const skew = 5 * time.Minute

// Want is what an answer must be about. Digest and Roots are always compared.
type Want struct {
	Digest [sha256.Size]byte // of the bytes that were to be stamped
	Nonce  *big.Int          // of the request; nil where that is not known
	Policy string            // under which the stamp must be; "" for any
	Roots  *Roots            // at which the chain must end
	Asked  time.Time         // the stamp must not be older; zero where that is not known
	Now    time.Time         // the stamp must not be younger; zero where nobody asks
}

// A Stamp is what an answer that was checked says.
type Stamp struct {
	Time     time.Time           // UTC: the bytes were there no later than this
	Accuracy time.Duration       // how far Time may be off, as the authority says; 0 if it does not
	Policy   string              // under which it was given, in dots
	Serial   *big.Int            // of the stamp, at this authority
	Chain    []*x509.Certificate // the signer's first, one of the roots last
}

// Signer is the certificate of the key that signed.
func (s *Stamp) Signer() *x509.Certificate { return s.Chain[0] }

// Root is the certificate among the roots that vouches for the signer.
func (s *Stamp) Root() *x509.Certificate { return s.Chain[len(s.Chain)-1] }

// Check reads an answer (a TimeStampResp, as in a .tsr file) and refuses it unless it holds a stamp of the wanted digest, with the
// wanted nonce and policy, signed by exactly one signer whose certificate is in the answer, is bound into the signature, is for time
// stamps only, and was vouched for by the roots at the time of the stamp. The error says what is wrong with
// it; it is a *Refusal if the authority gave no stamp.
func Check(tsr []byte, want Want) (s *Stamp, err error) {
	defer guard("time stamp", &err)
	return check(tsr, want)
}

// parsing is held while the library parses: it counts its depth in a variable of the package.
var parsing sync.Mutex

func check(tsr []byte, want Want) (*Stamp, error) {
	if want.Roots == nil || len(want.Roots.list) == 0 {
		return nil, errors.New("no roots to check it with")
	}
	der, err := token(tsr)
	if err != nil {
		return nil, err
	}
	parsing.Lock()
	defer parsing.Unlock()
	cms, err := pkcs7.Parse(der)
	if err != nil {
		return nil, err
	}
	signer := cms.GetOnlySigner()
	if signer == nil {
		return nil, errors.New("it does not have exactly one signer whose certificate comes with it")
	}
	said, err := timestamp.Parse(der) // checks the signature, as there is a certificate
	if err != nil {
		return nil, err
	}
	if err := errors.Join(want.about(said), bound(cms, signer)); err != nil {
		return nil, err
	}
	chain, err := want.Roots.chain(signer, cms.Certificates, said.Time)
	if err != nil {
		return nil, err
	}
	return &Stamp{Time: said.Time.UTC(), Accuracy: said.Accuracy, Policy: said.Policy.String(), Serial: said.SerialNumber, Chain: chain}, nil
}

// about compares what a token says with what is wanted.
func (want Want) about(said *timestamp.Timestamp) error {
	at := said.Time.UTC().Format(time.RFC3339)
	switch {
	case said.HashAlgorithm != crypto.SHA256 || !bytes.Equal(said.HashedMessage, want.Digest[:]):
		return fmt.Errorf("it is about other bytes: its digest is %.64x", said.HashedMessage)
	case want.Nonce != nil && (said.Nonce == nil || said.Nonce.Cmp(want.Nonce) != 0):
		return errors.New("it does not answer this request: another nonce")
	case want.Policy != "" && said.Policy.String() != want.Policy:
		return fmt.Errorf("it is under the policy %s, where %s is wanted", said.Policy, want.Policy)
	case said.SerialNumber == nil:
		return errors.New("it has no serial number")
	case !want.Now.IsZero() && said.Time.After(want.Now.Add(skew)):
		return fmt.Errorf("it is from the future (%s): the clock of this machine or of the authority is wrong", at)
	case !want.Asked.IsZero() && said.Time.Before(want.Asked.Add(-skew)):
		return fmt.Errorf("it is older (%s) than the request: the clock of this machine or of the authority is wrong", at)
	}
	for _, e := range said.Extensions {
		if e.Critical {
			return fmt.Errorf("it has the critical extension %s, which is not known here", e.Id)
		}
	}
	return nil
}

var (
	oidTSTInfo       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidSigningCert   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12} // SHA-1
	oidSigningCertV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidKeyUsage      = asn1.ObjectIdentifier{2, 5, 29, 15}
	oidExtKeyUsage   = asn1.ObjectIdentifier{2, 5, 29, 37}
)

// certID is the head of an ESSCertIDv2, and of an ESSCertID, which has no algorithm.
type certID struct {
	Algorithm struct {
		ID         asn1.ObjectIdentifier
		Parameters asn1.RawValue `asn1:"optional"`
	} `asn1:"optional"`
	Hash   []byte
	Issuer asn1.RawValue `asn1:"optional"`
}

// bound checks what the signature covers beside the stamp: that it is one, and whose certificate belongs to it.
func bound(cms *pkcs7.PKCS7, signer *x509.Certificate) error {
	if cms.Signers[0].DigestAlgorithm.Algorithm.Equal(pkcs7.OIDDigestAlgorithmSHA1) {
		return errors.New("it is signed with SHA-1, which no longer proves anything")
	}
	var kind asn1.ObjectIdentifier
	if err := cms.UnmarshalSignedAttribute(pkcs7.OIDAttributeContentType, &kind); err != nil || !kind.Equal(oidTSTInfo) {
		return errors.New("what is signed is no time stamp")
	}
	known := false
	for _, oid := range []asn1.ObjectIdentifier{oidSigningCertV2, oidSigningCert} {
		var attr struct {
			Certs    []certID
			Policies asn1.RawValue `asn1:"optional"`
		}
		err := cms.UnmarshalSignedAttribute(oid, &attr)
		if err != nil && len(attr.Certs) == 0 {
			continue // it is not there
		}
		if err != nil || !attr.Certs[0].names(signer, oid.Equal(oidSigningCert)) {
			return errors.New("the signature belongs to another certificate than the one that comes with it")
		}
		known = true
	}
	if !known {
		return errors.New("the signature does not say to which certificate it belongs")
	}
	return nil
}

// names reports whether it is the digest of a certificate.
func (id *certID) names(c *x509.Certificate, first bool) bool {
	oid := id.Algorithm.ID
	switch {
	case first:
		sum := sha1.Sum(c.Raw) //nolint:gosec // the older attribute knows no other
		return bytes.Equal(id.Hash, sum[:])
	case len(oid) == 0, oid.Equal(pkcs7.OIDDigestAlgorithmSHA256):
		sum := sha256.Sum256(c.Raw)
		return bytes.Equal(id.Hash, sum[:])
	case oid.Equal(pkcs7.OIDDigestAlgorithmSHA384):
		sum := sha512.Sum384(c.Raw)
		return bytes.Equal(id.Hash, sum[:])
	case oid.Equal(pkcs7.OIDDigestAlgorithmSHA512):
		sum := sha512.Sum512(c.Raw)
		return bytes.Equal(id.Hash, sum[:])
	}
	return false
}

// chain finds the way from the signer to a root, as it was at a time.
func (r *Roots) chain(signer *x509.Certificate, others []*x509.Certificate, at time.Time) ([]*x509.Certificate, error) {
	if err := forStamps(signer); err != nil {
		return nil, err
	}
	between := x509.NewCertPool()
	for _, c := range others {
		between.AddCert(c)
	}
	chains, err := signer.Verify(x509.VerifyOptions{Roots: r.pool, Intermediates: between, CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}})
	if err != nil {
		return nil, fmt.Errorf("the roots do not vouch for its signer %.100q at %s: %w", signer.Subject, at.UTC().Format(time.RFC3339), err)
	}
	shortest := slices.MinFunc(chains, func(a, b []*x509.Certificate) int { return len(a) - len(b) })
	return shortest, nil
}

// forStamps refuses a certificate that is not for time stamps, and for nothing else.
func forStamps(c *x509.Certificate) error {
	critical := false
	for _, e := range c.Extensions {
		critical = critical || e.Id.Equal(oidExtKeyUsage) && e.Critical
		if e.Id.Equal(oidKeyUsage) && c.KeyUsage&^(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) != 0 {
			return errors.New("its signer's certificate is for more than signatures")
		}
	}
	if !critical || len(c.UnknownExtKeyUsage) > 0 || len(c.ExtKeyUsage) != 1 || c.ExtKeyUsage[0] != x509.ExtKeyUsageTimeStamping {
		return errors.New("its signer's certificate is not for time stamps alone (extended key usage, critical)")
	}
	return nil
}
