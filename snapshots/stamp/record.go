package stamp

// This file holds what is kept beside a stamp: who was asked when, and with which outcome.

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

const (
	maxRecord   = 64 << 10
	maxAttempts = 20 // that a record keeps, the last ones
)

// A Record says how far the stamping of some bytes has come. Times are UTC, in whole seconds, by the clock of the machine that asked.
type Record struct {
	Digest   string    `json:"digest"`             // SHA-256 of the bytes, hexadecimal
	Queued   time.Time `json:"queued"`             // when they were put here
	Waiting  time.Time `json:"waiting_since"`      // when the oldest bytes were put here that these stand for, too
	Request  string    `json:"request"`            // SHA-256 of the last request, hexadecimal
	Failures int       `json:"failures"`           // of all attempts
	Attempts []Attempt `json:"attempts,omitempty"` // that failed, the last ones
	Stamped  *Stamped  `json:"stamped,omitempty"`  // nil as long as there is no stamp
	Sum      string    `json:"sum"`                // SHA-256 of the record with an empty sum
}

// An Attempt is a request that brought no stamp.
type Attempt struct {
	Authority string    `json:"authority"`
	At        time.Time `json:"at"`
	Failure   string    `json:"failure"`
}

// Stamped is whose stamp it is. What the stamp itself says is in the answer alone, where it is signed.
type Stamped struct {
	Authority string    `json:"authority"` // as configured
	URL       string    `json:"url"`
	Qualified bool      `json:"qualified"` // as configured: nothing in the answer proves it
	Policy    string    `json:"policy,omitempty"`
	Root      string    `json:"root"` // SHA-256 of the certificate at which the chain ends, hexadecimal
	Requested time.Time `json:"requested"`
	Received  time.Time `json:"received"`
	Answer    string    `json:"answer"` // SHA-256 of the answer, hexadecimal
}

// Last is when an authority was asked last, zero if it was not; "" stands for any.
func (r *Record) Last(authority string) time.Time {
	var last time.Time
	for _, a := range r.Attempts {
		if (authority == "" || a.Authority == authority) && a.At.After(last) {
			last = a.At
		}
	}
	if s := r.Stamped; s != nil && (authority == "" || s.Authority == authority) && s.Requested.After(last) {
		last = s.Requested
	}
	return last
}

func (r *Record) fail(a Attempt) {
	a.At = seconds(a.At)
	r.Failures++
	r.Attempts = append(r.Attempts, a)
	r.Attempts = r.Attempts[max(0, len(r.Attempts)-maxAttempts):]
}

func seconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// encode is the record as its file holds it.
func (r Record) encode() ([]byte, error) {
	r.Sum = ""
	b, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	r.Sum = sum(b)
	if b, err = json.MarshalIndent(r, "", "  "); err != nil {
		return nil, err
	}
	return append(b, '\n'), nil
}

// decodeRecord reads a record. Every byte of its file must be as encode writes it.
func decodeRecord(b []byte) (*Record, error) {
	var r Record
	if err := json.Unmarshal(b, &r); err != nil {
		return nil, fmt.Errorf("it cannot be read: %w", err)
	}
	again, err := r.encode()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, b) {
		return nil, errors.New("it is not as it was written: its checksum is another one")
	}
	return &r, nil
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}
