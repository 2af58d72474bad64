package ledger

// This file reads and writes keys: Ed25519, as PEM for openssl and as text for verifiers of signed notes.

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

const ed25519Note = 1 // the kind of key in a signed note

// FormatKey is a private key as PEM (PKCS #8).
func FormatKey(key ed25519.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("format key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// ParseKey reads a private key: PEM (PKCS #8) as 'openssl genpkey -algorithm ed25519' makes it, or a signer of notes
// ("PRIVATE+KEY+…"), whose name does not count.
func ParseKey(b []byte) (ed25519.PrivateKey, error) {
	if text := strings.TrimSpace(string(b)); strings.HasPrefix(text, "PRIVATE+KEY+") {
		parts := strings.SplitN(text, "+", 5)
		raw, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
		if err != nil || len(parts) != 5 || len(raw) != 1+ed25519.SeedSize || raw[0] != ed25519Note {
			return nil, errors.New("read key: it is no Ed25519 key of a signer of notes")
		}
		return ed25519.NewKeyFromSeed(raw[1:]), nil
	}
	block, _ := pem.Decode(b)
	if block == nil || block.Type != "PRIVATE KEY" {
		return nil, errors.New("read key: it is no private key in PEM (PKCS #8, not encrypted)")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	signing, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("read key: it is a %T, but must be Ed25519", key)
	}
	return signing, nil
}

// VerifierKey is the public half of key as verifiers of signed notes want it: name, hash and key.
func VerifierKey(origin string, key ed25519.PrivateKey) (string, error) {
	return note.NewEd25519VerifierKey(origin, key.Public().(ed25519.PublicKey))
}

// signer signs notes as origin.
func signer(origin string, key ed25519.PrivateKey) (note.Signer, error) {
	v, err := VerifierKey(origin, key)
	if err != nil {
		return nil, err
	}
	parts := strings.SplitN(v, "+", 3)
	private := base64.StdEncoding.EncodeToString(append([]byte{ed25519Note}, key.Seed()...))
	return note.NewSigner("PRIVATE+KEY+" + parts[0] + "+" + parts[1] + "+" + private)
}

// Verifiers are those of some verifier keys.
func Verifiers(keys ...string) (note.Verifiers, error) {
	var list []note.Verifier
	for _, k := range keys {
		v, err := note.NewVerifier(k)
		if err != nil {
			return nil, fmt.Errorf("verifier key %.80q: %w", k, err)
		}
		list = append(list, v)
	}
	return note.VerifierList(list...), nil
}

// PublicPEM is a verifier key as PEM, for openssl.
func PublicPEM(key string) ([]byte, error) {
	parts := strings.SplitN(key, "+", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("%.80q is no verifier key", key)
	}
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != ed25519Note {
		return nil, fmt.Errorf("%.80q is no verifier key for Ed25519", key)
	}
	der, err := x509.MarshalPKIXPublicKey(ed25519.PublicKey(raw[1:]))
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}
