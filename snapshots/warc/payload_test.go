package warc

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"errors"
	"io"
	"strings"
	"testing"
)

func squeezed(t *testing.T, w io.WriteCloser, buf *bytes.Buffer, s string) string {
	t.Helper()
	if _, err := io.WriteString(w, s); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

func TestPayload(t *testing.T) {
	var z, raw bytes.Buffer
	rawWriter, err := flate.NewWriter(&raw, 6)
	if err != nil {
		t.Fatal(err)
	}
	asZlib := squeezed(t, zlib.NewWriter(&z), &z, "data goes to Norway")
	asFlate := squeezed(t, rawWriter, &raw, "data goes to Norway")
	asGzip := string(zipped("data goes to Norway"))
	for name, c := range map[string]struct{ in, want, fails string }{
		"length":      {in: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd", want: "abcd"},
		"until close": {in: "HTTP/1.0 200 OK\r\n\r\nabcd", want: "abcd"},
		"chunked":     {in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n1\r\nd\r\n0\r\nTrailer: x\r\n\r\n", want: "abcd"},
		"gzip":        {in: "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + asGzip, want: "data goes to Norway"},
		"zlib":        {in: "HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n" + asZlib, want: "data goes to Norway"},
		"raw deflate": {in: "HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n" + asFlate, want: "data goes to Norway"},
		"identity":    {in: "HTTP/1.1 200 OK\r\nContent-Encoding: Identity\r\n\r\nabcd", want: "abcd"},
		"interim":     {in: "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", want: "x"},
		"redirect":    {in: "HTTP/1.1 301 Moved\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n", want: ""},
		"brotli":      {in: "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nx", fails: "unknown content coding"},
		"twice":       {in: "HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\n\r\nx", fails: "unknown content coding"},
		"cut short":   {in: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabcd", fails: "unexpected EOF"},
		"cut gzip":    {in: "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + asGzip[:20], fails: "unexpected EOF"},
		"cut chunk":   {in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc", fails: "unexpected EOF"},
		"too large":   {in: "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + string(zipped(strings.Repeat("x", 1001))), fails: "larger than"},
		"no response": {in: "hello", fails: "read response"},
		"empty":       {in: "", fails: "read response"},
	} {
		got, err := Payload([]byte(c.in), 1000)
		if c.fails != "" {
			if err == nil || !strings.Contains(err.Error(), c.fails) {
				t.Errorf("%s: error %v, want %q", name, err, c.fails)
			}
		} else if err != nil || string(got) != c.want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := Payload([]byte("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nx"), 10); !errors.Is(err, ErrEncoding) {
		t.Errorf("brotli: %v", err)
	}
}

func TestPayloadDigest(t *testing.T) {
	for in, want := range map[string]string{
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx":                                digest([]byte("x")),
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n":     "",
		"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n": "",
		"no response": "",
	} {
		if got := PayloadDigest([]byte(in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
