package pdf

// This file unpacks streams.

import (
	"bytes"
	"compress/zlib"
	"encoding/ascii85"
	"errors"
	"io"
)

// errFilter says that a stream is packed in a way that is not known.
var errFilter = errors.New("unknown filter")

// unpack gives the data of a stream, or what could be unpacked of it.
func (f *file) unpack(s *stream) ([]byte, error) {
	data := s.raw
	if f.left -= len(data); f.left < 0 {
		f.left, f.full = 0, true
		return nil, errFilter
	}
	filters := f.list(s.dict["Filter"])
	params := f.list(s.dict["DecodeParms"])
	if len(filters) > 8 {
		return nil, errFilter
	}
	for i, v := range filters {
		var p dict
		if i < len(params) {
			p = f.dict(params[i])
		}
		var err error
		if data, err = f.filter(f.name(v), p, data); err != nil {
			return data, err
		}
	}
	return data, nil
}

// filter undoes one filter.
func (f *file) filter(kind name, p dict, in []byte) (out []byte, err error) {
	switch kind {
	case "FlateDecode", "Fl":
		if out = f.inflate(in); len(out) == 0 && len(in) > 8 {
			return nil, errFilter
		}
		return f.predict(p, out)
	case "ASCIIHexDecode", "AHx":
		l := lexer{b: in, at: -1}
		return []byte(l.hex()), nil
	case "ASCII85Decode", "A85":
		in = bytes.TrimPrefix(bytes.TrimSpace(in), []byte("<~"))
		if i := bytes.IndexByte(in, '~'); i >= 0 {
			in = in[:i]
		}
		out = make([]byte, 4*len(in)+8) // each z stands for four zeros
		n, _, err := ascii85.Decode(out, in, true)
		return out[:n], err
	case "RunLengthDecode", "RL":
		return f.runLength(in), nil
	case "Crypt":
		return in, nil
	}
	return nil, errFilter
}

// inflate unpacks as much of in as can be, within what is left of the limit.
func (f *file) inflate(in []byte) []byte {
	r, err := zlib.NewReader(bytes.NewReader(bytes.TrimLeft(in, "\r\n")))
	if err != nil {
		return nil
	}
	var out bytes.Buffer
	n, _ := io.Copy(&out, io.LimitReader(r, int64(f.left)+1)) // a stream that breaks off is read as far as it goes
	if f.left -= int(n); f.left < 0 {
		f.left, f.full = 0, true
	}
	return out.Bytes()
}

func (f *file) runLength(in []byte) (out []byte) {
	for i := 0; i < len(in) && in[i] != 128 && f.left > 0; {
		n := int(in[i])
		i++
		if n < 128 {
			to := min(i+n+1, len(in))
			out = append(out, in[i:to]...)
			i = to
		} else if i < len(in) {
			out = append(out, bytes.Repeat(in[i:i+1], 257-n)...)
			i++
		}
		f.left -= min(f.left, 129)
	}
	return out
}

// predict undoes the predictors of PNG.
func (f *file) predict(p dict, in []byte) ([]byte, error) {
	kind := int(f.num(p["Predictor"]))
	if kind < 2 {
		return in, nil
	}
	if kind < 10 {
		return nil, errFilter
	}
	or := func(k name, n int) int {
		if v := int(f.num(p[k])); v > 0 && v < 1<<20 {
			return v
		}
		return n
	}
	pixel := max(1, or("Colors", 1)*or("BitsPerComponent", 8)/8)
	row := (or("Columns", 1)*or("Colors", 1)*or("BitsPerComponent", 8) + 7) / 8
	out := make([]byte, 0, len(in))
	above := make([]byte, row)
	for len(in) > 1 {
		line := append([]byte(nil), in[1:min(len(in), row+1)]...)
		unfilter(in[0], line, above, pixel)
		in = in[len(line)+1:]
		out = append(out, line...)
		copy(above, line)
	}
	return out, nil
}

func unfilter(kind byte, line, above []byte, pixel int) {
	for i := range line {
		var left, corner byte
		if i >= pixel {
			left, corner = line[i-pixel], above[i-pixel]
		}
		switch kind {
		case 1:
			line[i] += left
		case 2:
			line[i] += above[i]
		case 3:
			line[i] += byte((int(left) + int(above[i])) / 2)
		case 4:
			line[i] += paeth(left, above[i], corner)
		}
	}
}

func paeth(a, b, c byte) byte {
	p := int(a) + int(b) - int(c)
	abs := func(n int) int { return max(n, -n) }
	pa, pb, pc := abs(p-int(a)), abs(p-int(b)), abs(p-int(c))
	switch {
	case pa <= pb && pa <= pc:
		return a
	case pb <= pc:
		return b
	}
	return c
}
