package archive

// This file makes the JSON of the index small. There is a record for every version of a text, and most of each is names of fields, which are the
// same in all of them, and hexadecimal digits.

import (
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// usualLines is what lines of the index are compressed against: what is in most of them, the most usual last. It is part of the
// layout of the index: other words, another layout.
const usualLines = `"added":"removed":"refused":"the collection removed the text","refused_as":"gone","notes":["annexes":[{"snapshot":"urn:uuid:` +
	`","gone":true,"problem":"not-found: could not be had this time; as with the version of "parts":[{"url":"https://"span":{"start":,"end":` +
	`"rendered":"Chromium "final_url":"https://www."annex_of":"urn:uuid:"status":304,"revisits":"urn:uuid:"deleted":true,` +
	`"language":"de","language":"fr","language":"nl","cause":"reading","cause":"law","cause":"first","reader":"drittland-extract/1+pdftotext",` +
	`Cookie Policy","Terms of Service","Community Guidelines","Developer Terms","Trackers Policy","Commercial Terms",` +
	`"Record technical upgrade of Apply technical or declaration upgrade on Start tracking First record of ` +
	`{"snapshot":{"id":"urn:uuid:","terms":{"service":"","terms_type":"Privacy Policy"},"url":"https://www.","final_url":"https://www.",` +
	`"at":"2026-11-22T10:31:07Z","status":200,"media_type":"text/html","charset":"utf-8","body":"","size":45678},"record":"urn:uuid:",` +
	`"records":["urn:uuid:","urn:uuid:","urn:uuid:"]}` +
	`{"id":"","terms":{"service":"","terms_type":""},"snapshot":"urn:uuid:","date":"0001-01-01T00:00:00Z","document":"",` +
	`"language":"en","cause":"terms","previous":"","reader":"drittland-extract/2","refused":"unchanged since the version before"}` +
	`{"snapshot":{"id":"urn:uuid:","terms":{"service":"","terms_type":"Privacy Policy"},"at":"2024-11-22T10:31:07Z","media_type":"text/markdown",` +
	`"body":"","size":45678,"origin":{"repo":"-versions","commit":"","path":"/Privacy Policy.md","technical":true,` +
	`"subject":"Record new changes of  Privacy Policy"}}}`

// maxLine is the longest line of evidence, in bytes.
const maxLine = 128 << 20

// A lineCodec compresses lines. It may be used by several at a time.
type lineCodec struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

var lines = sync.OnceValue(func() lineCodec {
	enc, err1 := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderDictRaw(0, []byte(usualLines)),
		zstd.WithWindowSize(1<<17), zstd.WithEncoderCRC(false), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
	dec, err2 := zstd.NewReader(nil, zstd.WithDecoderDictRaw(0, []byte(usualLines)), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxLine))
	if err := errors.Join(err1, err2); err != nil {
		panic(err) // the options are constants
	}
	return lineCodec{enc, dec}
})

func packLine(line []byte) []byte { return lines().enc.EncodeAll(line, nil) }

func unpackLine(b []byte) ([]byte, error) {
	line, err := lines().dec.DecodeAll(b, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: line in the index: %w", ErrDamaged, err)
	}
	return line, nil
}
