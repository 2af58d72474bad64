package wacz

// This file writes and reads the index: CDXJ lines in blocks, each a gzip member, and an index of the blocks. Players load the latter, and
// find nothing without it.

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/snapshots/warc"
)

const blockLines = 500 // lines of the index in one gzip member

// A Line says where the record of an address stands.
type Line struct {
	Key          string    `json:"-"` // the address as SURT
	At           time.Time `json:"-"` // milliseconds
	URL          string    `json:"url"`
	MIME         string    `json:"mime"`
	Status       int       `json:"status,omitempty"`
	Digest       string    `json:"digest"` // of the entity: the body without its transfer coding
	Length       int64     `json:"length"`
	Offset       int64     `json:"offset"`
	Filename     string    `json:"filename"`
	RecordDigest string    `json:"recordDigest,omitempty"` // of the record, decompressed
}

const cdxTime = "20060102150405"

// text is the line as CDXJ.
func (l *Line) text() (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(l); err != nil {
		return "", err
	}
	at := l.At.UTC()
	return fmt.Sprintf("%s %s%03d %s", l.Key, at.Format(cdxTime), at.Nanosecond()/1e6, b.String()), nil
}

// parseLine reads a line of CDXJ.
func parseLine(s string) (Line, error) {
	var l Line
	key, rest, ok := strings.Cut(s, " ")
	ts, object, ok2 := strings.Cut(rest, " ")
	if !ok || !ok2 || len(ts) < 14 {
		return l, fmt.Errorf("%w: line %.60q of the index", ErrFormat, s)
	}
	// The fields that we do not write come as strings from others.
	var raw struct {
		URL, MIME, Digest, Filename, RecordDigest string
		Status, Length, Offset                    number
	}
	if err := json.Unmarshal([]byte(object), &raw); err != nil {
		return l, fmt.Errorf("%w: line %.60q of the index: %w", ErrFormat, s, err)
	}
	layout := cdxTime
	if len(ts) == len("20060102150405000") {
		ts, layout = ts[:14]+"."+ts[14:], cdxTime+".000"
	}
	at, err := time.Parse(layout, ts)
	if err != nil {
		return l, fmt.Errorf("%w: line %.60q of the index: %w", ErrFormat, s, err)
	}
	return Line{key, at, raw.URL, raw.MIME, int(raw.Status), raw.Digest, int64(raw.Length), int64(raw.Offset), raw.Filename, raw.RecordDigest}, nil
}

// A number is one that others write as a string.
type number int64

func (n *number) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	if s == "" || s == "null" || s == "-" {
		return nil
	}
	return json.Unmarshal([]byte(s), (*int64)(n))
}

// indexLine describes a record that a player can show; ok is false for any other.
func indexLine(rec *warc.Record, ext warc.Extent, whole []byte) (l Line, ok bool, err error) {
	uri := warc.Bare(rec.Header.Get("WARC-Target-URI"))
	if !isWeb(uri) {
		return l, false, nil
	}
	at, err := rec.Date()
	if err != nil {
		return l, false, err
	}
	l = Line{Key: SURT(uri), At: at.Truncate(time.Millisecond), URL: uri, Length: ext.Length, Offset: ext.Offset, Filename: path.Base(dataFile),
		RecordDigest: warc.Digest(whole)}
	switch rec.Type() {
	case "response", "revisit":
		head, err := warc.ParseAnswer(rec.Block)
		if err != nil {
			return l, false, nil //nolint:nilerr // kept, but nothing can show it
		}
		l.Status, l.MIME = head.Status, head.MediaType
		if rec.Type() == "revisit" {
			l.MIME, l.Digest = "warc/revisit", rec.Header.Get("WARC-Payload-Digest")
			return l, true, nil
		}
		_, entity, err := warc.Entity(rec.Block, int64(len(rec.Block)))
		if err != nil {
			return l, false, nil //nolint:nilerr // cut short: kept, but nothing can show it
		}
		l.Digest = warc.Digest(entity)
	case "resource":
		l.Status, l.Digest = 200, warc.Digest(rec.Block)
		l.MIME, _, _ = strings.Cut(rec.Header.Get("Content-Type"), ";")
	default:
		return l, false, nil
	}
	return l, true, nil
}

// writeIndex gives the two files of the index of lines.
func writeIndex(lines []Line) (cdx, idx []byte, err error) {
	texts := make([]string, len(lines))
	for i := range lines {
		if texts[i], err = lines[i].text(); err != nil {
			return nil, nil, err
		}
	}
	slices.Sort(texts)
	var data, index bytes.Buffer
	index.WriteString(`!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}` + "\n")
	for block := range slices.Chunk(texts, blockLines) {
		from := data.Len()
		z := gzip.NewWriter(&data)
		for _, s := range block {
			if _, err := io.WriteString(z, s); err != nil {
				return nil, nil, err
			}
		}
		if err := z.Close(); err != nil {
			return nil, nil, err
		}
		first := strings.SplitN(block[0], " ", 3)
		fmt.Fprintf(&index, `%s %s {"offset": %d, "length": %d, "digest": "%s", "filename": "index.cdx.gz"}`+"\n", first[0], first[1], from, data.Len()-from,
			warc.Digest(data.Bytes()[from:]))
	}
	return data.Bytes(), index.Bytes(), nil
}

// readLines reads the lines of an index, compressed or not.
func readLines(b []byte, packed bool, most int64) ([]Line, error) {
	var in io.Reader = bytes.NewReader(b)
	if packed {
		z, err := gzip.NewReader(in)
		if err == io.EOF {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: index: %w", ErrFormat, err)
		}
		in = z
	}
	limited := &io.LimitedReader{R: in, N: most + 1}
	s := bufio.NewScanner(limited)
	s.Buffer(nil, 1<<20)
	var out []Line
	for s.Scan() && limited.N > 0 {
		if s.Text() == "" || strings.HasPrefix(s.Text(), "!meta ") {
			continue
		}
		l, err := parseLine(s.Text())
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	if limited.N <= 0 {
		return nil, fmt.Errorf("%w: index of more than %d bytes", ErrLimit, most)
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("%w: index: %w", ErrFormat, err)
	}
	return out, nil
}

var www = regexp.MustCompile(`^www\d*\.`)

// SURT is an address as an index sorts by it: lower case, the host from its end, without www, its arguments sorted.
func SURT(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return unspaced(strings.ToLower(address))
	}
	host := www.ReplaceAllString(strings.ToLower(u.Hostname()), "")
	parts := strings.Split(host, ".") // those of an address in figures, too, as players do
	slices.Reverse(parts)
	host = strings.Join(parts, ",")
	if p := u.Port(); p != "" && (u.Scheme != "http" || p != "80") && (u.Scheme != "https" || p != "443") {
		host += ":" + p
	}
	rest := u.EscapedPath()
	if rest == "" {
		rest = "/"
	}
	if u.RawQuery != "" {
		args := strings.Split(u.RawQuery, "&")
		slices.Sort(args)
		rest += "?" + strings.Join(args, "&")
	}
	return unspaced(strings.ToLower(host + ")" + rest))
}

// unspaced is s with what would end a key of an index escaped.
func unspaced(s string) string {
	if !strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' }) {
		return s
	}
	var b strings.Builder
	for _, c := range []byte(s) {
		if c <= ' ' {
			fmt.Fprintf(&b, "%%%02x", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
