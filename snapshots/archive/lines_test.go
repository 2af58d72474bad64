package archive

// These tests make lines small and get them back.

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

var sampleLines = []string{
	``,
	`{}`,
	`{"a":"0123456789abcdef"}`,
	`{"a":"0123456789abcdef0"}`,
	`{"a":"0123456789ABCDEF"}`,
	`{"a":"01234567-89ab-cdef-0123"}`,
	`{"a":"01234567-89ab-cdef-0123-0123456789ab-","b":"01234567-89ab-cdef-0123-0123456789a"}`,
	`{"a":"01234567-89ab-cdef-0123-0123456789ab01234567"}`,
	`deadbeef`,
	`{"id":"urn:uuid:01234567-89ab-8def-8123-0123456789ab","body":"` + strings.Repeat("0f", 32) + `","commit":"` + strings.Repeat("a1", 20) + `","previous":"00ff00ff00ff00ff"}`,
	"{\"a\":\t\"0123456789abcdef\"}",
	"\x01\x02\x05\x00 no JSON 0123456789abcdef",
	`"` + strings.Repeat("c", 65) + `"`,
}

func FuzzPackLine(f *testing.F) {
	for _, s := range sampleLines {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		got, err := unpackLine(packLine(line))
		if err != nil || !bytes.Equal(got, line) {
			t.Errorf("%q comes back as %q, %v", line, got, err)
		}
		if back, err := unpackLine(line); err == nil && len(back) > maxLine+len(line)*10 { // whatever is read, nothing panics
			t.Errorf("%q becomes %d bytes", line, len(back))
		}
	})
}

// Digits cost half a byte each.
func TestPackLineIsSmall(t *testing.T) {
	line := []byte(sampleLines[9])
	if !json.Valid(line) {
		t.Fatalf("%s is no JSON", line)
	}
	if n := len(packLine(line)); n > 16+32+20+8+30 {
		t.Errorf("line of %d bytes takes %d", len(line), n)
	}
}

// What lacks digits, or has some left, is damaged.
func TestUnpackLineRefuses(t *testing.T) {
	good := packLine([]byte(sampleLines[9]))
	for name, b := range map[string][]byte{
		"empty":        nil,
		"cut":          good[:20],
		"fewer digits": append([]byte{good[0] - 8}, good[9:]...),
		"more digits":  append([]byte{good[0] + 8, 1, 2, 3, 4, 5, 6, 7, 8}, good[1:]...),
	} {
		if line, err := unpackLine(b); err == nil {
			t.Errorf("%s: %q", name, line)
		}
	}
}
