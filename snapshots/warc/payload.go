package warc

// This file finds the payload of the HTTP messages in response records.

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// ErrEncoding says that a payload has a content coding that this package does not read.
var ErrEncoding = errors.New("unknown content coding")

// Payload is the body of the HTTP response in block with its transfer coding and its content coding (gzip, deflate)
// removed. A payload of more than limit bytes is an error, and so is one that is cut short.
func Payload(block []byte, limit int64) ([]byte, error) {
	resp, err := response(block)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := decoder(resp.Header, resp.Body)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	n, err := io.Copy(&out, io.LimitReader(body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read payload: %w", err)
	}
	if n > limit {
		return nil, fmt.Errorf("read payload: larger than %d bytes", limit)
	}
	return out.Bytes(), nil
}

// Entity splits the HTTP response in block into its head, with the empty line that ends it, and the bytes behind it with
// their transfer coding removed; a content coding stays. The entity is at most limit bytes.
func Entity(block []byte, limit int64) (head, entity []byte, err error) {
	from := bytes.NewReader(block)
	r := bufio.NewReader(from)
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("read response: %w", err)
	}
	defer resp.Body.Close()
	head = block[:len(block)-from.Len()-r.Buffered()]
	entity, err = io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err == nil && int64(len(entity)) > limit {
		err = fmt.Errorf("larger than %d bytes", limit)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read entity: %w", err)
	}
	return head, entity, nil
}

// Digest is a digest as WARC writes it: "sha256:" and the hexadecimal SHA-256 of b.
func Digest(b []byte) string { return digest(b) }

// response parses an HTTP response, passing over the interim ones (1xx) before it.
func response(block []byte) (*http.Response, error) {
	r := bufio.NewReader(bytes.NewReader(block))
	for {
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			return nil, fmt.Errorf("read response: %w", err)
		}
		if resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols {
			return resp, nil
		}
	}
}

// decoder removes the content coding that h names.
func decoder(h http.Header, body io.Reader) (io.Reader, error) {
	switch coding := strings.ToLower(strings.TrimSpace(strings.Join(h.Values("Content-Encoding"), ","))); coding {
	case "", "identity":
		return body, nil
	case "gzip", "x-gzip":
		r, err := gzip.NewReader(body)
		if err == io.EOF {
			return strings.NewReader(""), nil // no body at all
		}
		if err != nil {
			return nil, fmt.Errorf("read payload: %w", err)
		}
		return r, nil
	case "deflate": // zlib by the standard, raw by custom
		b := bufio.NewReader(body)
		if head, _ := b.Peek(2); len(head) == 2 && head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 {
			r, err := zlib.NewReader(b)
			if err != nil {
				return nil, fmt.Errorf("read payload: %w", err)
			}
			return r, nil
		}
		return flate.NewReader(b), nil
	default:
		return nil, fmt.Errorf("%w %.40q", ErrEncoding, coding)
	}
}

// PayloadDigest is the WARC-Payload-Digest of the HTTP response in block: over the bytes behind its head. It is "" where
// readers disagree about what the digest covers (a transfer coding, an interim response before this one) or where
// block is no HTTP response.
func PayloadDigest(block []byte) string {
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(block)), nil)
	if err != nil {
		return ""
	}
	resp.Body.Close()
	end := bytes.Index(block, []byte("\r\n\r\n"))
	if end < 0 || resp.StatusCode < 200 || len(resp.TransferEncoding) > 0 || resp.Header.Get("Transfer-Encoding") != "" {
		return ""
	}
	return digest(block[end+4:])
}

// An Answer is what the head of an HTTP response says.
type Answer struct {
	Status    int
	MediaType string // without parameters, lower case; may be empty
	Header    http.Header
}

// ParseAnswer reads the head of the HTTP response in block, that of the final one where interim ones (1xx) stand before it.
func ParseAnswer(block []byte) (Answer, error) {
	resp, err := response(block)
	if err != nil {
		return Answer{}, err
	}
	resp.Body.Close()
	media, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	return Answer{resp.StatusCode, strings.ToLower(strings.TrimSpace(media)), resp.Header}, nil
}
