package warc

// This file reads the HTTP messages and the digests in records of others, which differ in what they keep and in what they count.

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/md5" // digests of others are compared, none is made
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/textproto"
	"strconv"
	"strings"
)

// A Message is an HTTP response in a record of others.
type Message struct {
	Status int
	Header http.Header
	Wire   []byte // behind the head, as it stands in the record
}

const maxHead = 64 << 10 // bytes of the head of a message, interim responses included

// ReadMessage reads the response in block, of which the part behind the head may be missing. Interim responses (1xx) are passed over.
func ReadMessage(block []byte) (*Message, error) {
	rest := block
	for {
		end, gap := bytes.Index(rest, []byte("\r\n\r\n")), 4
		if lf := bytes.Index(rest, []byte("\n\n")); lf >= 0 && (end < 0 || lf < end) {
			end, gap = lf, 2
		}
		if end < 0 || len(block)-len(rest)+end > maxHead {
			return nil, errors.New("read response: its head does not end")
		}
		m, err := head1(rest[:end+gap])
		if err != nil {
			return nil, fmt.Errorf("read response: %w", err)
		}
		rest = rest[end+gap:]
		if m.Status >= 200 || m.Status == http.StatusSwitchingProtocols {
			m.Wire = rest
			return m, nil
		}
	}
}

// head1 reads one head. The version of the protocol and the reason are not looked at.
func head1(b []byte) (*Message, error) {
	r := textproto.NewReader(bufio.NewReader(bytes.NewReader(b)))
	line, err := r.ReadLine()
	if err != nil {
		return nil, err
	}
	protocol, rest, _ := strings.Cut(line, " ")
	code, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	status, err := strconv.Atoi(code)
	if err != nil || !strings.HasPrefix(protocol, "HTTP/") || status < 100 || status > 999 {
		return nil, fmt.Errorf("status line %.60q", line)
	}
	h, err := r.ReadMIMEHeader()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("header: %w", err)
	}
	return &Message{Status: status, Header: http.Header(h)}, nil
}

// Chunked reports whether the server said that it sends chunks.
func (m *Message) Chunked() bool {
	return strings.Contains(strings.ToLower(strings.Join(m.Header.Values("Transfer-Encoding"), ",")), "chunked")
}

// Entity is the wire bytes without chunks. Writers that took them apart, and kept the header that announces them, are believed.
func (m *Message) Entity(limit int64) ([]byte, error) {
	if !m.Chunked() || !chunk(m.Wire) {
		if int64(len(m.Wire)) > limit {
			return nil, fmt.Errorf("read entity: larger than %d bytes", limit)
		}
		return m.Wire, nil
	}
	return atMost(httputil.NewChunkedReader(bytes.NewReader(m.Wire)), limit, "entity")
}

// chunk reports whether b begins with a chunk: its size, and CR LF at its end.
func chunk(b []byte) bool {
	line, rest, ok := bytes.Cut(b[:min(len(b), 4<<10)], []byte("\r\n"))
	size, _, _ := strings.Cut(string(line), ";")
	n, err := strconv.ParseUint(strings.TrimSpace(size), 16, 40)
	if !ok || err != nil {
		return false
	}
	end := len(line) + 2 + int(n)
	if n == 0 {
		return len(rest) >= 2 || len(b) == end
	}
	return len(b) >= end+2 && string(b[end:end+2]) == "\r\n"
}

// Body is the entity with its content coding removed. Writers that took it off, and kept the header that announces it, are believed.
func (m *Message) Body(limit int64) ([]byte, error) {
	entity, err := m.Entity(limit)
	if err != nil {
		return nil, err
	}
	coding := strings.ToLower(strings.TrimSpace(strings.Join(m.Header.Values("Content-Encoding"), ",")))
	if strings.HasSuffix(coding, "gzip") && !bytes.HasPrefix(entity, []byte{0x1f, 0x8b}) {
		return entity, nil
	}
	r, err := decoder(m.Header, bytes.NewReader(entity))
	if err != nil {
		return nil, err
	}
	if z, ok := r.(*gzip.Reader); ok {
		defer z.Close()
	}
	return atMost(r, limit, "body")
}

func atMost(r io.Reader, limit int64, what string) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("larger than %d bytes", limit)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", what, err)
	}
	return b, nil
}

// An Agreement says what became of comparing a digest.
type Agreement string

// The outcomes of comparing a digest. What is absent, or of an algorithm that is not known, says nothing.
const (
	Agrees    Agreement = "agree"
	NoDigest  Agreement = "none"
	Disagrees Agreement = "disagree"
)

// Compare compares a digest as WARC files write it, such as "sha1:" and base32 or "sha256:" and hexadecimal, with the digests of each of
// several byte strings that it may have been taken of.
func Compare(value string, of ...[]byte) Agreement {
	algorithm, text, _ := strings.Cut(strings.TrimSpace(value), ":")
	var sum func([]byte) []byte
	switch strings.ReplaceAll(strings.ToLower(algorithm), "-", "") {
	case "sha1":
		sum = func(b []byte) []byte { s := sha1.Sum(b); return s[:] }
	case "sha256":
		sum = func(b []byte) []byte { s := sha256.Sum256(b); return s[:] }
	case "sha512":
		sum = func(b []byte) []byte { s := sha512.Sum512(b); return s[:] }
	case "md5":
		sum = func(b []byte) []byte { s := md5.Sum(b); return s[:] }
	default:
		return NoDigest
	}
	for _, b := range of {
		if spells(text, sum(b)) {
			return Agrees
		}
	}
	return Disagrees
}

// spells reports whether text is sum, hexadecimal or in base32, with or without padding.
func spells(text string, sum []byte) bool {
	text = strings.TrimRight(strings.TrimSpace(text), "=")
	return strings.EqualFold(text, hex.EncodeToString(sum)) || strings.EqualFold(text, base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum))
}

// CheckBlock compares the block of a record with its WARC-Block-Digest.
func CheckBlock(h Header, block []byte) Agreement {
	return Compare(h.Get("WARC-Block-Digest"), block)
}

// CheckPayload compares what a response carries with the WARC-Payload-Digest of its record. The digest is, by the standard, over the
// entity without transfer coding; most writers take it of the bytes on the wire, chunks included. Both are right here.
func CheckPayload(h Header, m *Message, limit int64) Agreement {
	value := h.Get("WARC-Payload-Digest")
	if value == "" {
		return NoDigest
	}
	entity, err := m.Entity(limit)
	if err != nil {
		return Compare(value, m.Wire)
	}
	return Compare(value, entity, m.Wire)
}
