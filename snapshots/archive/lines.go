package archive

// This file makes the JSON of the index small. There is a record for every version of a text, and most of each is names of fields, which are the
// same in all of them, and hexadecimal digits, which are kept in bytes.

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// usualLines is what lines of the index are compressed against: what is in most of them, the most usual last. It is part of the
// layout of the index: other words, another layout.
const usualLines = `"added":"removed":"refused":"the collection removed the text","refused_as":"gone","notes":["annexes":[{"snapshot":"` + aRecord + `",` +
	`"gone":true,"problem":"not-found: could not be had this time; as with the version of "parts":[{"url":"https://"span":{"start":,"end":` +
	`"rendered":"Chromium "final_url":"https://www."annex_of":"` + aRecord + `","status":304,"revisits":"` + aRecord + `","deleted":true,` +
	`"language":"de","language":"fr","language":"nl","cause":"reading","cause":"law","cause":"first","reader":"drittland-extract/1+pdftotext",` +
	`Cookie Policy","Terms of Service","Community Guidelines","Developer Terms","Trackers Policy","Commercial Terms",` +
	`"Record technical upgrade of Apply technical or declaration upgrade on Start tracking First record of ` +
	`{"snapshot":{"id":"` + aRecord + `","terms":{"service":"","terms_type":"Privacy Policy"},"url":"https://www.","final_url":"https://www.",` +
	`"at":"2026-11-22T10:31:07Z","status":200,"media_type":"text/html","charset":"utf-8","body":"` + aHash + `","size":45678},"record":"` + aRecord + `",` +
	`"records":["` + aRecord + `","` + aRecord + `","` + aRecord + `"]}` +
	`{"id":"","terms":{"service":"","terms_type":""},"snapshot":"` + aRecord + `","date":"0001-01-01T00:00:00Z","document":"` + aHash + `",` +
	`"language":"en","cause":"terms","previous":"` + aVersion + `","reader":"drittland-extract/3","refused":"unchanged since the version before"}` +
	`{"snapshot":{"id":"` + aRecord + `","terms":{"service":"","terms_type":"Privacy Policy"},"at":"2024-11-22T10:31:07Z","media_type":"text/markdown",` +
	`"body":"` + aHash + `","size":45678,"origin":{"repo":"-versions","commit":"` + aCommit + `","path":"/Privacy Policy.md","technical":true,` +
	`"subject":"Record new changes of  Privacy Policy"}}}`

// What stands for hexadecimal digits, see hexForms.
const (
	aRecord  = "urn:uuid:\x01"
	aHash    = "\x02"
	aCommit  = "\x03"
	aVersion = "\x04"
)

// maxLine is the longest line of evidence, in bytes.
const maxLine = 128 << 20

// A lineCodec compresses lines. It may be used by several at a time.
type lineCodec struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

var lines = sync.OnceValue(func() lineCodec {
	enc, err1 := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithEncoderDictRaw(0, []byte(usualLines)),
		zstd.WithWindowSize(1<<17), zstd.WithEncoderCRC(false), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
	dec, err2 := zstd.NewReader(nil, zstd.WithDecoderDictRaw(0, []byte(usualLines)), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxLine))
	if err := errors.Join(err1, err2); err != nil {
		panic(err) // the options are constants
	}
	return lineCodec{enc, dec}
})

// frameMagic is what every frame begins with. It is left out.
const frameMagic = "\x28\xb5\x2f\xfd"

// packLine is line, which is JSON, in few bytes: the number of bytes that it has in hexadecimal, those bytes, and a frame of the rest.
func packLine(line []byte) []byte {
	rest, raw := takeHex(line)
	out := append(binary.AppendUvarint(nil, uint64(len(raw))), raw...)
	return append(out, lines().enc.EncodeAll(rest, nil)[len(frameMagic):]...)
}

func unpackLine(b []byte) ([]byte, error) {
	n, at := binary.Uvarint(b)
	if at <= 0 || n > uint64(len(b)-at) {
		return nil, fmt.Errorf("%w: line of %d bytes in the index", ErrDamaged, len(b))
	}
	raw, frame := b[at:at+int(n)], b[at+int(n):]
	rest, err := lines().dec.DecodeAll(append([]byte(frameMagic), frame...), nil)
	if err != nil {
		return nil, fmt.Errorf("%w: line in the index: %w", ErrDamaged, err)
	}
	return putHex(rest, raw)
}

// hexForms are the forms of hexadecimal digits that are kept in bytes: digits between hyphens. What stands in their place is a control
// character, which JSON never holds: 1 for the first form, and so on.
var hexForms = [][]int{{8, 4, 4, 4, 12}, {64}, {40}, {16}} // identifier of a record, hash, commit, ID of a version

// takeHex takes the hexadecimal digits out of line. A line that is no JSON stays as it is.
func takeHex(line []byte) (rest, raw []byte) {
	if bytes.ContainsFunc(line, func(c rune) bool { return c < ' ' }) {
		return line, nil
	}
	for i := 0; i < len(line); {
		n := digits(line[i:])
		if n < 8 {
			rest = append(rest, line[i:min(i+n+1, len(line))]...)
			i += n + 1
			continue
		}
		form, length := formOf(line[i:])
		if form < 0 {
			rest = append(rest, line[i:i+n]...)
			i += n
			continue
		}
		rest = append(rest, byte(1+form))
		raw, _ = hex.AppendDecode(raw, bytes.ReplaceAll(line[i:i+length], []byte("-"), nil)) // all are digits
		i += length
	}
	return rest, raw
}

// putHex undoes takeHex.
func putHex(rest, raw []byte) ([]byte, error) {
	if len(raw) == 0 {
		return rest, nil
	}
	var line []byte
	for _, c := range rest {
		if c == 0 || int(c) > len(hexForms) {
			line = append(line, c)
			continue
		}
		for i, n := range hexForms[c-1] {
			if n /= 2; n > len(raw) {
				return nil, fmt.Errorf("%w: line in the index lacks digits", ErrDamaged)
			}
			if i > 0 {
				line = append(line, '-')
			}
			line, raw = hex.AppendEncode(line, raw[:n]), raw[n:]
		}
	}
	if len(raw) > 0 {
		return nil, fmt.Errorf("%w: line in the index has digits left", ErrDamaged)
	}
	return line, nil
}

// formOf is the form of the digits that b begins with, and its length; -1 if it is none.
func formOf(b []byte) (form, length int) {
	for form, parts := range hexForms {
		at := 0
		for i, n := range parts {
			if i > 0 {
				if at == len(b) || b[at] != '-' {
					at = -1
					break
				}
				at++
			}
			if digits(b[at:]) != n {
				at = -1
				break
			}
			at += n
		}
		if at > 0 {
			return form, at
		}
	}
	return -1, 0
}

// digits is the number of lower-case hexadecimal digits that b begins with.
func digits(b []byte) int {
	for i, c := range b {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return i
		}
	}
	return len(b)
}
