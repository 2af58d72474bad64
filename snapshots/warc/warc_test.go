package warc

// These tests write records, read them back, damage them, and fuzz the reader.

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func sample(id, block string) *Record {
	return &Record{Header: Header{
		{"WARC-Type", "resource"},
		{"WARC-Record-ID", Bracket("urn:uuid:" + id)},
		{"WARC-Date", FormatDate(time.Date(2026, 11, 22, 10, 31, 7, 123456789, time.FixedZone("CET", 3600)))},
		{"WARC-Protocol", "http/1.1"},
		{"WARC-Protocol", "tls/1.3"},
	}, Block: []byte(block)}
}

func written(t testing.TB, records ...*Record) ([]byte, []Extent) {
	t.Helper()
	var buf bytes.Buffer
	w := NewWriter(&buf)
	var at []Extent
	for _, r := range records {
		e, err := w.Write(r)
		if err != nil {
			t.Fatal(err)
		}
		at = append(at, e)
	}
	return buf.Bytes(), at
}

func TestWriteAndRead(t *testing.T) {
	in := []*Record{sample("1", "first"), sample("2", ""), sample("3", strings.Repeat("Clipzy keeps data in Norway.\r\n\r\n", 9000))}
	data, extents := written(t, in...)
	r := NewReader(bytes.NewReader(data), Limits{})
	for i, want := range in {
		got, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if r.Extent() != extents[i] {
			t.Errorf("record %d is at %v, written at %v", i, r.Extent(), extents[i])
		}
		if !bytes.Equal(got.Block, want.Block) || got.ID() != want.ID() || got.Type() != "resource" {
			t.Errorf("record %d: read %v", i, got.Header)
		}
		if err := got.CheckDigest(); err != nil {
			t.Error(err)
		}
		if d := cmp.Diff([]string{"http/1.1", "tls/1.3"}, got.Header.All("warc-protocol")); d != "" {
			t.Error(d)
		}
		if date, err := got.Date(); err != nil || !date.Equal(time.Date(2026, 11, 22, 9, 31, 7, 123456000, time.UTC)) {
			t.Errorf("date %v, %v", date, err)
		}
	}
	if _, err := r.Next(); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
	again, _ := written(t, in...)
	if !bytes.Equal(data, again) {
		t.Error("the same records made other bytes")
	}
}

// noise is n bytes that do not become smaller.
func noise(n int) string {
	var b []byte
	for i := 0; len(b) < n; i++ {
		sum := sha256.Sum256([]byte{byte(i), byte(i >> 8), byte(i >> 16)})
		b = append(b, sum[:]...)
	}
	return string(b[:n])
}

func packedSample(id, block string) *Record {
	r := sample(id, block)
	r.Header = append(r.Header, Field{"Content-Type", "application/zstd"})
	return r
}

// A block that is compressed already is stored, in as many parts as it takes.
func TestPackedBlocksAreStored(t *testing.T) {
	for _, n := range []int{0, 1, 300, 1<<16 - 6, 1<<16 - 5, 1<<16 - 4, 1 << 16, 200_000} {
		block := noise(n)
		data, at := written(t, packedSample("1", block), sample("2", "behind it"))
		if !bytes.Contains(data, []byte(block[:min(n, 60_000)])) {
			t.Errorf("%d bytes: the block does not stand in the member", n)
		}
		if more := int(at[0].Length) - n; more > 300+5*(n>>16) {
			t.Errorf("%d bytes: the member takes %d more", n, more)
		}
		r := NewReader(bytes.NewReader(data), Limits{})
		for i, want := range []string{block, "behind it"} {
			rec, err := r.Next()
			if err != nil {
				t.Fatalf("%d bytes: record %d: %v", n, i, err)
			}
			if string(rec.Block) != want || rec.CheckDigest() != nil || r.Extent() != at[i] {
				t.Errorf("%d bytes: record %d has %d bytes at %v", n, i, len(rec.Block), r.Extent())
			}
		}
	}
}

// What this package writes must be readable by an implementation of gzip that we did not write.
func TestMembersReadByGzip(t *testing.T) {
	tool, err := exec.LookPath("gzip")
	if err != nil {
		t.Skip("no gzip program")
	}
	large := noise(150_000)
	for _, second := range []*Record{sample("2", "second"), packedSample("2", "second"), packedSample("2", large)} {
		data, at := written(t, sample("1", "first"), second)
		cmd := exec.Command(tool, "-dc")
		cmd.Stdin = bytes.NewReader(data[at[1].Offset:])
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		end := fmt.Sprintf("Content-Length: %d\r\n\r\n%s\r\n\r\n", len(second.Block), second.Block)
		if s := string(out); !strings.HasPrefix(s, "WARC/1.1\r\n") || !strings.HasSuffix(s, end) {
			t.Errorf("gzip reads %.500q", s)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	with := func(f ...Field) *Record {
		r := sample("1", "x")
		r.Header = append(r.Header, f...)
		return r
	}
	many := make([]Field, 300)
	for i := range many {
		many[i] = Field{"X", "y"}
	}
	for name, r := range map[string]*Record{
		"injected line":   with(Field{"WARC-Target-URI", "https://clipzy.example/\r\nWARC-Type: response"}),
		"not UTF-8":       with(Field{"WARC-Target-URI", "https://clipzy.example/\xff"}),
		"name with a gap": with(Field{"WARC Target", "x"}),
		"empty name":      with(Field{"", "x"}),
		"outer space":     with(Field{"X", " x"}),
		"own length":      with(Field{"content-length", "1"}),
		"own digest":      with(Field{"WARC-Block-Digest", "sha256:00"}),
		"long header":     with(Field{"X", strings.Repeat("x", 70_000)}),
		"many fields":     with(many...),
		"no date":         {Header: Header{{"WARC-Type", "resource"}, {"WARC-Record-ID", "<urn:x>"}}},
		"large block":     {Header: sample("1", "").Header, Block: make([]byte, 128<<20+1)},
	} {
		if _, err := NewWriter(io.Discard).Write(r); err == nil {
			t.Errorf("%s: was written", name)
		}
	}
}

func zipped(s string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, s)
	w.Close()
	return b.Bytes()
}

func TestReadRefuses(t *testing.T) {
	head := "WARC/1.1\r\nWARC-Type: resource\r\n"
	for name, text := range map[string]string{
		"another version":    "WARC/0.9\r\n\r\n",
		"no length":          head + "\r\n\r\n\r\n",
		"two lengths":        head + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx\r\n\r\n",
		"negative length":    head + "Content-Length: -1\r\n\r\nx\r\n\r\n",
		"signed length":      head + "Content-Length: +1\r\n\r\nx\r\n\r\n",
		"huge length":        head + "Content-Length: 99999999999999999999\r\n\r\nx\r\n\r\n",
		"above the limit":    head + "Content-Length: 2000\r\n\r\n" + strings.Repeat("x", 2000) + "\r\n\r\n",
		"member ends early":  head + "Content-Length: 5\r\n\r\nx",
		"header without end": head,
		"block too long":     head + "Content-Length: 1\r\n\r\nxy\r\n\r\n",
		"two in one member":  strings.Repeat(head+"Content-Length: 1\r\n\r\nx\r\n\r\n", 2),
		"bare line feeds":    strings.ReplaceAll(head+"Content-Length: 1\r\n\r\nx\r\n\r\n", "\r\n", "\n"),
		"folded line":        head + " more\r\nContent-Length: 1\r\n\r\nx\r\n\r\n",
		"line without colon": head + "Content-Length\r\n\r\n",
		"long header":        head + "X: " + strings.Repeat("x", 500) + "\r\nContent-Length: 1\r\n\r\nx\r\n\r\n",
		"many fields":        head + strings.Repeat("X: y\r\n", 20) + "Content-Length: 1\r\n\r\nx\r\n\r\n",
		"control in a value": head + "X: a\x00b\r\nContent-Length: 1\r\n\r\nx\r\n\r\n",
	} {
		_, err := NewReader(bytes.NewReader(zipped(text)), Limits{Header: 300, Fields: 10, Block: 1000}).Next()
		if !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewReader(strings.NewReader("not gzip at all"), Limits{}).Next(); !errors.Is(err, ErrFormat) {
		t.Errorf("plain text: %v", err)
	}
}

// A bomb is given up at the limit of the block, long before it is unpacked.
func TestReadBomb(t *testing.T) {
	head := "WARC/1.1\r\nContent-Length: 1000000000\r\n\r\n"
	bomb := zipped(head + strings.Repeat("\x00", 32<<20))
	n := testing.AllocsPerRun(1, func() {
		if _, err := NewReader(bytes.NewReader(bomb), Limits{}).Next(); !errors.Is(err, ErrFormat) {
			t.Errorf("bomb: %v", err)
		}
	})
	if n > 1000 {
		t.Errorf("%v allocations", n)
	}
}

// A record that is cut off anywhere is told from one that is damaged.
func TestReadTorn(t *testing.T) {
	data, _ := written(t, sample("1", "some words about transfers"))
	for n := 1; n < len(data); n++ {
		if _, err := NewReader(bytes.NewReader(data[:n]), Limits{}).Next(); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("cut after %d of %d bytes: %v", n, len(data), err)
		}
	}
}

// No flipped bit in the compressed data goes unseen.
func TestReadFlipped(t *testing.T) {
	data, _ := written(t, sample("1", "some words about transfers"))
	for i := 10; i < len(data); i++ { // the gzip header has fields that mean nothing
		bad := bytes.Clone(data)
		bad[i] ^= 0x10
		if _, err := NewReader(bytes.NewReader(bad), Limits{}).Next(); err == nil {
			t.Errorf("flipped byte %d was not noticed", i)
		}
	}
}

func TestCheckDigest(t *testing.T) {
	for value, want := range map[string]error{
		"":        nil,
		"sha1:AB": nil,
		"sha256:5e5a8a2aa7ba5f4c1c4e4cd8b3d1ab1c6f4b1c2f1f4e8c0d6ad1ab3d1ab3d1ab": ErrDigest,
		"sha256:2D711642B726B04401627CA9FBAC32F5C8530FB1903CC4DB02258717921A4881": nil, // of "x"
	} {
		r := &Record{Header: Header{{"WARC-Block-Digest", value}}, Block: []byte("x")}
		if err := r.CheckDigest(); !errors.Is(err, want) {
			t.Errorf("%q: %v", value, err)
		}
	}
}

func TestResync(t *testing.T) {
	data, at := written(t, sample("1", "first"), sample("2", strings.Repeat("\x1f\x8b\x08 not a member ", 50)), sample("3", "third"))
	bad := bytes.Clone(data)
	bad[at[1].Offset+40] ^= 0xff
	got, ok := Resync(bytes.NewReader(bad), at[1].Offset+1, int64(len(bad)), Limits{})
	if !ok || got != at[2].Offset {
		t.Errorf("resync at %d (%v), want %d", got, ok, at[2].Offset)
	}
	if got, ok := Resync(bytes.NewReader(bad), at[2].Offset+1, int64(len(bad)), Limits{}); ok {
		t.Errorf("found a record at %d behind the last", got)
	}
	wide := append(bytes.Repeat([]byte{0x1f}, 1<<20-1), data...) // the member begins where a window ends
	if got, ok := Resync(bytes.NewReader(wide), 0, int64(len(wide)), Limits{}); !ok || got != 1<<20-1 {
		t.Errorf("resync across windows at %d (%v)", got, ok)
	}
}

func FuzzReader(f *testing.F) {
	data, _ := written(f, sample("1", "first"), sample("2", "second"))
	f.Add(data)
	f.Add(data[:len(data)-3])
	f.Add(zipped("WARC/1.1\r\nContent-Length: 3\r\nX: y\r\n\r\nabc\r\n\r\n"))
	f.Add(zipped("WARC/1.0\r\n\r\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		r := NewReader(bytes.NewReader(in), Limits{Block: 1 << 20})
		var end int64
		for {
			rec, err := r.Next()
			if err != nil {
				break
			}
			e := r.Extent()
			if e.Offset != end || e.Length <= 0 || e.Offset+e.Length > int64(len(in)) {
				t.Fatalf("record at %v behind %d in %d bytes", e, end, len(in))
			}
			end = e.Offset + e.Length
			_ = rec.CheckDigest()
			if rec.Type() == "response" {
				_, _ = Payload(rec.Block, 1<<20)
			}
		}
	})
}

// What is inside the member is where the parser works, so this target compresses its input first.
func FuzzRecord(f *testing.F) {
	f.Add("WARC/1.1\r\nContent-Length: 3\r\nX: y\r\n\r\nabc\r\n\r\n")
	f.Add("WARC/1.1\r\nContent-Length: 3\r\n\r\nabc")
	f.Fuzz(func(t *testing.T, in string) {
		rec, err := NewReader(bytes.NewReader(zipped(in)), Limits{Block: 1 << 16, Header: 1 << 10, Fields: 8}).Next()
		if err != nil {
			return
		}
		rec.Header = append(rec.Header[:0:0], sample("1", "").Header[:3]...)
		data, _ := written(t, rec)
		back, err := NewReader(bytes.NewReader(data), Limits{}).Next()
		if err != nil || !bytes.Equal(back.Block, rec.Block) {
			t.Fatalf("does not survive writing: %v", err)
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	rec := sample("1", strings.Repeat("We keep your data in Norway and in Canada. ", 700))
	w := NewWriter(io.Discard)
	b.SetBytes(int64(len(rec.Block)))
	for b.Loop() {
		if _, err := w.Write(rec); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	data, _ := written(b, sample("1", strings.Repeat("We keep your data in Norway and in Canada. ", 700)))
	r := NewReader(nil, Limits{})
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		r.Reset(bytes.NewReader(data))
		if _, err := r.Next(); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleWriter() {
	var buf bytes.Buffer
	at, _ := NewWriter(&buf).Write(&Record{
		Header: Header{{"WARC-Type", "metadata"}, {"WARC-Record-ID", "<urn:uuid:0>"}, {"WARC-Date", "2026-11-22T10:31:07.000000Z"}},
		Block:  []byte("hello"),
	})
	rec, _ := NewReader(&buf, Limits{}).Next()
	fmt.Println(at.Offset, rec.ID(), string(rec.Block))
	// Output: 0 urn:uuid:0 hello
}

// What is written and what is read back has the same digests, those of the bytes in the member.
func TestDigests(t *testing.T) {
	var buf bytes.Buffer
	w := NewWriter(&buf)
	for _, block := range []string{"hello", "", "a longer block\r\n\r\nwith lines"} {
		buf.Reset()
		rec := &Record{Header: Header{{"WARC-Type", "resource"}, {"WARC-Record-ID", "<urn:uuid:0>"}, {"WARC-Date", "2026-11-22T10:00:00.000000Z"}}, Block: []byte(block)}
		if _, err := w.Write(rec); err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(bytes.NewReader(buf.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		head := raw[:len(raw)-len(block)-4]
		want := Digests{sha256.Sum256(head), sha256.Sum256([]byte(block))}
		r := NewReader(&buf, Limits{})
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
		if w.Digests() != want || r.Digests() != want {
			t.Errorf("%q: written %x, read %x, want %x", block, w.Digests(), r.Digests(), want)
		}
	}
}
