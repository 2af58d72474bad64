package warc

import (
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// raw is a record as others write them.
func raw(version, id, block string, more ...string) string {
	return version + "\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:uuid:" + id + ">\r\n" + strings.Join(append(more, ""), "\r\n") +
		fmt.Sprintf("Content-Length: %d\r\n\r\n%s\r\n\r\n", len(block), block)
}

func walked(t testing.TB, data []byte, limits Limits) (ids []string, places []Place, err error) {
	t.Helper()
	w, err := NewWalk(bytes.NewReader(data), int64(len(data)), limits)
	for err == nil {
		var h *Head
		if h, err = w.Next(); err == nil {
			ids, places = append(ids, strings.TrimPrefix(h.ID(), "urn:uuid:")), append(places, h.Place)
		}
	}
	return ids, places, err
}

func TestWalk(t *testing.T) {
	a, b, c := raw("WARC/1.0", "a", "first"), raw("WARC/1.1", "b", strings.Repeat("second ", 30_000)), raw("WARC/1.0", "c", "")
	lf := strings.ReplaceAll(a, "\r\n", "\n") + strings.ReplaceAll(c, "\r\n", "\n")
	halves := append(zipped(a+b[:500]), zipped(b[500:]+c)...)
	for name, x := range map[string]struct {
		data []byte
		want string
	}{
		"one member each":       {bytes.Join([][]byte{zipped(a), zipped(b), zipped(c)}, nil), "a b c"},
		"one member for all":    {zipped(a + b + c), "a b c"},
		"records across them":   {halves, "a b c"},
		"empty members between": {bytes.Join([][]byte{zipped(a), zipped(""), zipped(""), zipped(b), zipped(c)}, nil), "a b c"},
		"zeros at the end":      {append(zipped(a+b), make([]byte, 4096)...), "a b"},
		"plain":                 {[]byte(a + b + c), "a b c"},
		"line feeds":            {[]byte(lf), "a c"},
		"folded line":           {[]byte(raw("WARC/1.0", "d", "x", "X: one", "  two")), "d"},
		"length twice":          {[]byte(raw("WARC/1.0", "e", "x", "Content-Length: 1")), "e"},
		"no empty lines":        {[]byte(strings.TrimSuffix(a, "\r\n\r\n") + b), "a b"},
		"nothing":               {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			ids, places, err := walked(t, x.data, Limits{})
			if err != io.EOF || strings.Join(ids, " ") != x.want {
				t.Fatalf("read %v, %v; want %s", ids, err, x.want)
			}
			w, err := NewWalk(bytes.NewReader(x.data), int64(len(x.data)), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range []int{len(ids) - 1, 0, len(ids) / 2, len(ids) - 1} { // back and forth
				if len(ids) == 0 {
					continue
				}
				h, err := w.At(places[i])
				if err != nil || strings.TrimPrefix(h.ID(), "urn:uuid:") != ids[i] {
					t.Fatalf("record %d at %v: %v, %v", i, places[i], h, err)
				}
				part, err := w.Begin(10)
				begin := bytes.Clone(part)
				block, again := w.Block()
				if err != nil || again != nil || int64(len(block)) != h.Size || !bytes.HasPrefix(block, begin) {
					t.Errorf("block of %d bytes begins %q: %v, %v", len(block), begin, err, again)
				}
			}
		})
	}
}

func TestWalkRefuses(t *testing.T) {
	ok := raw("WARC/1.0", "a", "first")
	for name, x := range map[string]struct {
		data []byte
		want error
		says string
	}{
		"ARC":                  {[]byte("filedesc://old.arc.gz 0.0.0.0 20010101 text/plain 76\n1 0 Archive\n"), ErrARC, ""},
		"ARC, compressed":      {zipped("filedesc://old.arc.gz 0.0.0.0 20010101 text/plain 76\n"), ErrARC, ""},
		"ZIP":                  {[]byte("PK\x03\x04 and so on"), ErrZip, ""},
		"Zstandard":            {[]byte("\x28\xb5\x2f\xfd and so on"), ErrZstd, ""},
		"Zstandard, framed":    {[]byte("\x5d\x2a\x4d\x18 and so on"), ErrZstd, ""},
		"HTML":                 {[]byte("<html>\n"), ErrNotWARC, "<html>"},
		"one long line":        {bytes.Repeat([]byte("x"), 1<<20), ErrNotWARC, ""},
		"another version":      {[]byte("WARC/0.17\r\n\r\n"), ErrFormat, "WARC/0.17"},
		"length too small":     {[]byte(strings.Replace(ok, "Length: 5", "Length: 3", 1) + ok), ErrFormat, "the length of the one before it is wrong"},
		"length too large":     {[]byte(strings.Replace(ok, "Length: 5", "Length: 20", 1) + ok), ErrFormat, "the length of the one before it is wrong"},
		"length beyond file":   {[]byte(strings.Replace(ok, "Length: 5", "Length: 5000000000000", 1)), io.ErrUnexpectedEOF, ""},
		"length not a number":  {[]byte(strings.Replace(ok, "Length: 5", "Length: -5", 1)), ErrFormat, "Content-Length"},
		"length out of range":  {[]byte(strings.Replace(ok, "Length: 5", "Length: 99999999999999999999", 1)), ErrFormat, "Content-Length"},
		"two lengths":          {[]byte(strings.Replace(ok, "Content-Length: 5", "Content-Length: 5\r\nContent-Length: 6", 1)), ErrFormat, "lengths"},
		"no length":            {[]byte("WARC/1.0\r\nWARC-Type: resource\r\n\r\n"), ErrFormat, "lengths"},
		"huge header":          {[]byte(raw("WARC/1.0", "a", "x", "X: "+strings.Repeat("x", 70_000))), ErrFormat, "longer than 65536"},
		"huge folded header":   {[]byte(raw("WARC/1.0", "a", "x", "X: y"+strings.Repeat("\r\n y", 30_000))), ErrFormat, "longer than 65536"},
		"many fields":          {[]byte(raw("WARC/1.0", "a", "x", strings.Repeat("X: y\r\n", 300)+"X: y")), ErrFormat, "more than 256"},
		"header without end":   {[]byte("WARC/1.0\r\nWARC-Type: x\r\n"), io.ErrUnexpectedEOF, ""},
		"folded first line":    {[]byte("WARC/1.0\r\n x\r\n\r\n"), ErrFormat, ""},
		"line without colon":   {[]byte("WARC/1.0\r\nx\r\n\r\n"), ErrFormat, ""},
		"broken compression":   {append(zipped(ok), 0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 0xff, 0xff, 0xff), ErrFormat, ""},
		"compression cut off":  {zipped(ok)[:60], io.ErrUnexpectedEOF, ""},
		"rubbish behind a gz":  {append(zipped(ok), "rubbish"...), nil, ""},
		"rubbish between them": {[]byte(ok + "rubbish" + ok), ErrFormat, "rubbish"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := walked(t, x.data, Limits{})
			if err == nil || err == io.EOF || x.want != nil && !errors.Is(err, x.want) || !strings.Contains(err.Error(), x.says) {
				t.Errorf("%v; want %v, %q", err, x.want, x.says)
			}
		})
	}
}

// A bomb is given up when it has unpacked to what no WARC file of its size does, without holding more than a little of it.
func TestWalkBomb(t *testing.T) {
	data := zipped(fmt.Sprintf("WARC/1.0\r\nContent-Length: %d\r\n\r\n", 1<<30) + strings.Repeat("\x00", 32<<20))
	w, err := NewWalk(bytes.NewReader(data), int64(len(data)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	w.most = 8 << 20
	if err := w.Seek(Place{}); err != nil {
		t.Fatal(err)
	}
	if h, err := w.Next(); err != nil || h.Size != 1<<30 {
		t.Fatal(h, err)
	}
	if _, err := w.Block(); !errors.Is(err, ErrFormat) {
		t.Errorf("block: %v", err)
	}
	if _, err := w.Next(); !errors.Is(err, ErrTotal) {
		t.Errorf("%v", err)
	}
	if w.Unpacked() > 9<<20 {
		t.Errorf("%d bytes were unpacked", w.Unpacked())
	}
}

// A block that is spread over very many members takes no more memory than another.
func TestWalkManyMembers(t *testing.T) {
	var one bytes.Buffer
	z, _ := gzip.NewWriterLevel(&one, gzip.HuffmanOnly)
	_, _ = z.Write([]byte("x"))
	z.Close()
	const n = 300_000
	data := append(zipped(fmt.Sprintf("WARC/1.0\r\nWARC-Record-ID: <urn:a>\r\nContent-Length: %d\r\n\r\n", n)), bytes.Repeat(one.Bytes(), n)...)
	data = append(data, zipped("\r\n\r\n"+raw("WARC/1.0", "b", "x"))...)
	w, err := NewWalk(bytes.NewReader(data), int64(len(data)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"urn:a", "urn:uuid:b"} {
		h, err := w.Next()
		if err != nil || h.ID() != want {
			t.Fatal(h, err)
		}
		if len(w.un.members) > 3*mostBehind {
			t.Errorf("%d members are remembered", len(w.un.members))
		}
		if want == "urn:uuid:b" {
			if h, err = w.At(h.Place); err != nil || h.ID() != want {
				t.Error(h, err)
			}
		}
	}
}

func TestMessage(t *testing.T) {
	z := string(zipped("the text"))
	chunked := fmt.Sprintf("%x;a=b\r\n%s\r\n0\r\n\r\n", len(z), z)
	for name, x := range map[string]struct {
		head, wire, entity, body string
	}{
		"plain":                   {"HTTP/1.1 200 OK\r\n", "the text", "the text", "the text"},
		"no reason, HTTP/2":       {"HTTP/2 200\r\n", "the text", "the text", "the text"},
		"line feeds":              {"HTTP/1.0 200 OK\n", "the text", "the text", "the text"},
		"interim response":        {"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 200 OK\r\n", "the text", "the text", "the text"},
		"gzip in chunks":          {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", chunked, z, "the text"},
		"chunks taken apart":      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", "the text", "the text", "the text"},
		"coding taken off":        {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n", "the text", "the text", "the text"},
		"length before unpacking": {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n", "the text", "the text", "the text"},
		"no header":               {"HTTP/1.1 200 OK\r\n", "", "", ""},
	} {
		gap := "\r\n"
		if !strings.Contains(x.head, "\r") {
			gap = "\n"
		}
		m, err := ReadMessage([]byte(x.head + gap + x.wire))
		if err != nil || m.Status != 200 || string(m.Wire) != x.wire {
			t.Errorf("%s: %+v, %v", name, m, err)
			continue
		}
		entity, err1 := m.Entity(1000)
		body, err2 := m.Body(1000)
		if err1 != nil || err2 != nil || string(entity) != x.entity || string(body) != x.body {
			t.Errorf("%s: entity %q, %v; body %q, %v", name, entity, err1, body, err2)
		}
	}
	for name, s := range map[string]string{
		"no status line": "<html>\r\n\r\n", "no number": "HTTP/1.1 OK\r\n\r\n", "head without end": "HTTP/1.1 200 OK\r\nA: b\r\n",
		"huge head": "HTTP/1.1 200 OK\r\nA: " + strings.Repeat("b", 70_000) + "\r\n\r\n", "for ever": strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 9000),
	} {
		if _, err := ReadMessage([]byte(s)); err == nil {
			t.Errorf("%s: was read", name)
		}
	}
	bomb, err := ReadMessage(append([]byte("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"), zipped(strings.Repeat("\x00", 5<<20))...))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := bomb.Body(1 << 20); err == nil || len(b) > 0 {
		t.Errorf("bomb: %d bytes, %v", len(b), err)
	}
	brotli, err := ReadMessage([]byte("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nx"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := brotli.Body(10); !errors.Is(err, ErrEncoding) {
		t.Errorf("brotli: %v", err)
	}
}

func TestCompare(t *testing.T) {
	sum := sha1.Sum([]byte("x"))
	b32, hexed := base32.StdEncoding.EncodeToString(sum[:]), hex.EncodeToString(sum[:])
	for value, want := range map[string]Agreement{
		"":                                     NoDigest,
		"sha1:" + b32:                          Agrees,
		"SHA-1:" + strings.ToLower(b32):        Agrees,
		"sha1:" + strings.ToUpper(hexed):       Agrees,
		"sha1:" + b32[:31] + "A":               Disagrees,
		"sha1:":                                Disagrees,
		"blake3:" + hexed:                      NoDigest,
		"md5:9dd4e461268c8034f5c8564e155c67a6": Agrees,
		"sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881": Agrees,
		"sha256:FVYRMQVXE2YEIALCPSU7XLBS6XEFGD5RSA6MJWYCEWDRPEQ2JCAQ====":         Agrees,
		"sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4880": Disagrees,
	} {
		if got := Compare(value, []byte("y"), []byte("x")); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
	m, err := ReadMessage([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	for block, want := range map[string]Agreement{"x": Agrees, string(m.Wire): Agrees, "y": Disagrees} {
		h := Header{{"WARC-Payload-Digest", Digest([]byte(block))}}
		if got := CheckPayload(h, m, 100); got != want {
			t.Errorf("digest of %q: %s, want %s", block, got, want)
		}
	}
}

// FuzzWalk gives what is not compressed, too, so that the parser is reached without a valid checksum.
func FuzzWalk(f *testing.F) {
	f.Add([]byte(raw("WARC/1.0", "a", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n")), false)
	f.Add([]byte(raw("WARC/1.1", "a", "x", "X: y", " z")+raw("WARC/1.0", "b", "")), true)
	f.Add([]byte("filedesc://x\n"), true)
	f.Add([]byte("WARC/1.0\r\nContent-Length: 9\r\n\r\n"), false)
	f.Fuzz(func(t *testing.T, in []byte, compress bool) {
		if compress {
			in = append(zipped(string(in)), in...)
		}
		w, err := NewWalk(bytes.NewReader(in), int64(len(in)), Limits{Block: 1 << 16, Header: 1 << 10, Fields: 8})
		if err != nil {
			return
		}
		w.most = 1 << 20
		if err := w.Seek(Place{}); err != nil {
			t.Fatal(err)
		}
		again, err := NewWalk(bytes.NewReader(in), int64(len(in)), Limits{Block: 1 << 16, Header: 1 << 10, Fields: 8})
		if err != nil {
			t.Fatal(err)
		}
		for {
			h, err := w.Next()
			if err != nil {
				return
			}
			block, err := w.Block()
			if err != nil {
				continue
			}
			same, err := again.At(h.Place)
			if err != nil || !bytes.Equal(same.Raw, h.Raw) {
				t.Fatalf("record at %v is not found again: %v", h.Place, err)
			}
			_ = CheckBlock(h.Header, block)
			if m, err := ReadMessage(block); err == nil {
				_ = CheckPayload(h.Header, m, 1<<16)
				if b, err := m.Body(1 << 16); err == nil && len(b) > 1<<16 {
					t.Fatalf("body of %d bytes", len(b))
				}
			}
		}
	})
}
