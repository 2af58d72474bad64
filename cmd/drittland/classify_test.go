package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
)

func testEngine(t testing.TB) *analyze.Engine {
	t.Helper()
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	e, err := analyze.New(set)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

var testDay = law.Date{Year: 2026, Month: 6, Day: 20}

// TestClassifyStreams sends a line and reads its answer before it sends the next: nothing may wait for the end of the input.
func TestClassifyStreams(t *testing.T) {
	in, toIn := io.Pipe()
	fromOut, out := io.Pipe()
	done := make(chan error, 1)
	go func() {
		_, err := (&classifier{engine: testEngine(t), day: testDay}).lines(t.Context(), in, out)
		out.Close()
		done <- err
	}()
	answers := bufio.NewReader(fromOut)
	for i := range 3 {
		fmt.Fprintf(toIn, `{"id": %d, "text": "We transfer your personal data to India.", "lang": "en"}`+"\n", i)
		line, err := answers.ReadString('\n')
		if err != nil || !strings.HasPrefix(line, fmt.Sprintf(`{"id":%d,`, i)) {
			t.Fatalf("answer %q, %v", line, err)
		}
	}
	toIn.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// passages makes n lines without holding them.
type passages struct {
	n, i int
	rest string
}

func (p *passages) Read(b []byte) (int, error) {
	if p.rest == "" {
		if p.i == p.n {
			return 0, io.EOF
		}
		p.rest = fmt.Sprintf(`{"id": %d, "text": "We transfer your personal data to India. %s", "lang": "en"}`, p.i, strings.Repeat("We keep it. ", p.i%7)) + "\n"
		p.i++
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

// TestClassifyOrder holds many lines against their order and the memory against growth.
func TestClassifyOrder(t *testing.T) {
	e := testEngine(t)
	const n = 20000
	r, w := io.Pipe()
	go func() {
		_, err := (&classifier{engine: e, day: testDay}).lines(context.Background(), &passages{n: n}, w)
		w.CloseWithError(err)
	}()
	in := bufio.NewScanner(r)
	var early uint64
	i := 0
	for ; in.Scan(); i++ {
		var a struct{ ID int }
		if err := json.Unmarshal(in.Bytes(), &a); err != nil || a.ID != i {
			t.Fatalf("line %d is answer %d, %v", i, a.ID, err)
		}
		if i == n/10 {
			early = heap()
		}
	}
	if i != n || in.Err() != nil {
		t.Fatalf("%d answers, %v", i, in.Err())
	}
	if late := heap(); late > early+16<<20 {
		t.Errorf("the heap grew from %d to %d bytes", early, late)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestClassifyBadLines(t *testing.T) {
	in := strings.Join([]string{`{"id": 1, "text": "` + strings.Repeat("x", maxLine) + `"}`, `{"id": 2, "text": 5}`, `[]`, ``, `{"id": {"a": 1}, "text": ""}`}, "\n")
	var out strings.Builder
	bad, err := (&classifier{engine: testEngine(t), day: testDay}).lines(t.Context(), strings.NewReader(in), &out)
	if err != nil || bad != 3 {
		t.Fatalf("bad %d, %v", bad, err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for i, want := range []string{`{"id":null,"error":"the line is longer than 16 MB"}`, `{"id":2,"error":"`, `{"id":null,"error":"`, `{"id":{"a":1},"items":[]`} {
		if len(lines) != 4 || !strings.HasPrefix(lines[i], want) {
			t.Fatalf("line %d of %q does not begin with %s", i, lines, want)
		}
	}
}

// TestClassifyStops makes sure that an interruption ends the command though the input is silent.
func TestClassifyStops(t *testing.T) {
	in, _ := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := (&classifier{engine: testEngine(t), day: testDay}).lines(ctx, in, io.Discard)
		done <- err
	}()
	cancel()
	select {
	case err := <-done:
		if err != context.Canceled {
			t.Fatal(err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("still waiting for input")
	}
}

func BenchmarkClassify(b *testing.B) {
	e := testEngine(b)
	b.ResetTimer()
	if _, err := (&classifier{engine: e, day: testDay}).lines(b.Context(), &passages{n: b.N}, io.Discard); err != nil {
		b.Fatal(err)
	}
}
