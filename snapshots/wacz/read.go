package wacz

// This file reads a WACZ file, whoever made it.

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/drittland/drittland/snapshots/warc"
)

// A Reader reads one WACZ file.
type Reader struct {
	*Zip
	about  dataPackage
	raw    []byte            // datapackage.json
	hashes map[string]string // that it states, by path
}

// Open reads what a WACZ file says about itself. Nothing is checked against it yet, see Check.
func Open(in io.ReaderAt, size int64, limits Limits) (*Reader, error) {
	z, err := OpenZip(in, size, limits)
	if err != nil {
		return nil, err
	}
	r := &Reader{Zip: z, hashes: map[string]string{}}
	if r.raw, err = z.Read(packageFile, z.limits.Text); err != nil {
		return nil, err
	}
	var other *json.UnmarshalTypeError // a field that others write otherwise is left empty
	if err := json.Unmarshal(r.raw, &r.about); err != nil && !errors.As(err, &other) {
		return nil, fmt.Errorf("%w: %s: %w", ErrFormat, packageFile, err)
	}
	if strings.HasPrefix(r.about.Profile, "multi-wacz") {
		return nil, fmt.Errorf("%w: it is a list of several; take each of those", ErrFormat)
	}
	if len(r.about.Resources) > z.limits.Files {
		return nil, fmt.Errorf("%w: %s lists %d files", ErrLimit, packageFile, len(r.about.Resources))
	}
	for _, res := range r.about.Resources {
		r.hashes[res.Path] = res.Hash
	}
	return r, nil
}

// Info is what the file says about itself. A date that cannot be read is zero.
func (r *Reader) Info() Info {
	at, _ := time.Parse(time.RFC3339Nano, r.about.Created) // others write fractions, or nothing
	return Info{r.about.Title, r.about.Description, r.about.Software, at}
}

// Archives are the files that hold records. Those of others may not be compressed.
func (r *Reader) Archives() []string {
	var out []string
	for _, name := range r.names {
		if strings.HasPrefix(name, "archive/") && (strings.HasSuffix(name, ".warc.gz") || strings.HasSuffix(name, ".warc")) {
			out = append(out, name)
		}
	}
	return out
}

// Hash is the hash of a file that the list of the package states, "" if it states none.
func (r *Reader) Hash(name string) string { return r.hashes[name] }

// Sealed compares the list of the package with its digest, where there is one. Who signed that is not looked at. An error says that it
// cannot be read.
func (r *Reader) Sealed() (warc.Agreement, error) {
	if !r.Has(digestFile) {
		return warc.NoDigest, nil
	}
	b, err := r.Read(digestFile, r.limits.Text)
	if err != nil {
		return warc.NoDigest, err
	}
	var d packageDigest
	if err := json.Unmarshal(b, &d); err != nil {
		return warc.NoDigest, fmt.Errorf("%w: %s: %w", ErrFormat, digestFile, err)
	}
	if warc.Compare(d.Hash, r.raw) != warc.Agrees {
		return warc.Disagrees, nil
	}
	return warc.Agrees, nil
}

// A Found record is one in a file of records.
type Found struct {
	*warc.Record
	Extent  warc.Extent
	Digests warc.Digests // as it stands there
}

// Records are the records of one of the Archives. Each is checked for its framing and the checksum of its member, but not for its
// digest. The sequence ends with the first error, such as ErrLimit where they unpack to more than is read.
func (r *Reader) Records(name string) iter.Seq2[Found, error] {
	return func(yield func(Found, error) bool) {
		f, err := r.Open(name)
		if err != nil {
			yield(Found{}, err)
			return
		}
		defer f.Close()
		in, left := warc.NewReader(f, warc.Limits{}), r.limits.Blocks
		for {
			rec, err := in.Next()
			if err == io.EOF {
				return
			}
			if err == nil {
				if left -= int64(len(rec.Block)); left < 0 {
					rec, err = nil, fmt.Errorf("%w: %s unpacks to more than %d bytes", ErrLimit, name, r.limits.Blocks)
				}
			}
			if err != nil {
				yield(Found{}, err)
				return
			}
			if !yield(Found{rec, in.Extent(), in.Digests()}, nil) {
				return
			}
		}
	}
}

// Index is the lines of all indexes.
func (r *Reader) Index() ([]Line, error) {
	var out []Line
	for _, name := range r.names {
		dir, base, _ := strings.Cut(name, "/")
		packed := strings.HasSuffix(base, ".gz")
		plain := strings.TrimSuffix(base, ".gz")
		if dir != "indexes" || !strings.HasSuffix(plain, ".cdx") && !strings.HasSuffix(plain, ".cdxj") {
			continue
		}
		b, err := r.Read(name, r.limits.Text)
		if err != nil {
			return nil, err
		}
		lines, err := readLines(b, packed, r.limits.Text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, lines...)
	}
	return out, nil
}

// Pages are those that the file lists, without the header line. Text is left out.
func (r *Reader) Pages() ([]Page, error) {
	b, err := r.Read(pagesFile, r.limits.Text)
	if err != nil {
		return nil, err
	}
	s := bufio.NewScanner(bytes.NewReader(b))
	s.Buffer(nil, int(r.limits.Text))
	var out []Page
	for first := true; s.Scan(); first = false {
		var l pageLine
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrFormat, pagesFile, err)
		}
		if first {
			if l.Format == "" {
				return nil, fmt.Errorf("%w: %s has no header line", ErrFormat, pagesFile)
			}
			continue
		}
		at, err := time.Parse(time.RFC3339Nano, l.TS)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrFormat, pagesFile, err)
		}
		out = append(out, Page{ID: l.ID, URL: l.URL, At: at.UTC(), Title: l.Title})
	}
	return out, s.Err()
}
