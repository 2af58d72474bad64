// Package warc writes and reads WARC 1.1 records (ISO 28500:2017), one gzip member per record.
// It knows the framing, the digests and the payload of HTTP responses; what the records mean is
// for its caller. Reading is bounded: a file may be damaged, or made by someone else to harm.
package warc

// This file holds the record, its header and its digests.

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrDigest says that a block is not the one that its digest was taken of.
var ErrDigest = errors.New("block does not match its digest")

// A Field is one named field of a header.
type Field struct{ Name, Value string }

// A Header is the named fields of a record in the order written. A name may occur more than once.
type Header []Field

// Get is the value of the first field called name, in any case, or "".
func (h Header) Get(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// All are the values of the fields called name, in order.
func (h Header) All(name string) []string {
	var all []string
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			all = append(all, f.Value)
		}
	}
	return all
}

// A Record is one WARC record: named fields and a block of bytes.
type Record struct {
	Header Header
	Block  []byte
}

// Type is the WARC-Type, such as "response".
func (r *Record) Type() string { return r.Header.Get("WARC-Type") }

// ID is the WARC-Record-ID without its angle brackets, such as "urn:uuid:…".
func (r *Record) ID() string { return Bare(r.Header.Get("WARC-Record-ID")) }

// Date is the WARC-Date in UTC.
func (r *Record) Date() (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, r.Header.Get("WARC-Date"))
	if err != nil {
		return time.Time{}, fmt.Errorf("read WARC-Date: %w", err)
	}
	return t.UTC(), nil
}

// CheckDigest compares the block with the WARC-Block-Digest. A record without one, or with one of
// another algorithm than SHA-256 in hexadecimal, is not checked.
func (r *Record) CheckDigest() error {
	want, ok := strings.CutPrefix(r.Header.Get("WARC-Block-Digest"), "sha256:")
	if !ok || len(want) != sha256.Size*2 {
		return nil
	}
	if got := digest(r.Block); !strings.EqualFold(got, "sha256:"+want) {
		return fmt.Errorf("%w: header says sha256:%s, block is %s", ErrDigest, want, got)
	}
	return nil
}

// Digests are the SHA-256 of the two parts of a record, not compressed: its head (version line, header and empty line) and its block.
type Digests struct{ Head, Block [sha256.Size]byte }

// digest is "sha256:" and the hexadecimal SHA-256 of b.
func digest(b []byte) string { return format(sha256.Sum256(b)) }

func format(sum [sha256.Size]byte) string { return "sha256:" + hex.EncodeToString(sum[:]) }

// FormatDate is t as a WARC-Date: UTC, microseconds.
func FormatDate(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// Bracket puts a URI between angle brackets, as record IDs are written.
func Bracket(uri string) string { return "<" + uri + ">" }

// Bare is uri without the angle brackets around it, if there are any.
func Bare(uri string) string {
	if strings.HasPrefix(uri, "<") && strings.HasSuffix(uri, ">") {
		return uri[1 : len(uri)-1]
	}
	return uri
}
