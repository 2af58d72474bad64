// Package foreign reads the captures of others out of WARC and WACZ files, those of archive.org and Webrecorder among them. A file may
// come from anyone: it is read within fixed bounds of memory and of work, its digests are compared, and what is wrong with it is said.
//
// A file is read twice: once to know what stands where, and once more, here and there, for the captures that are wanted.
package foreign

// This file opens files and says what they hold.

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/warc"
)

// Options bound the reading. The zero value works.
type Options struct {
	Damaged bool      // take what is damaged, and say so
	MaxBody int64     // bytes of a decoded body; 0 means 64 MiB
	MaxRows int64     // bytes of memory for what stands where; 0 means 128 MiB
	Now     time.Time // what is dated later is refused; zero means that nothing is
}

func (o Options) withDefaults() Options {
	if o.MaxBody == 0 {
		o.MaxBody = 64 << 20
	}
	if o.MaxRows == 0 {
		o.MaxRows = 128 << 20
	}
	return o
}

// ErrDamaged says that a file, or a capture in it, is not as it was written.
var ErrDamaged = errors.New("is damaged")

// ErrTooMuch says that a file asks for more memory or work than is given to it.
var ErrTooMuch = errors.New("is too much to read")

// A File is an open WARC or WACZ file.
type File struct {
	Name     string // without folders
	SHA256   snapshots.Hash
	Software string   // that packed a WACZ file
	Faults   []string // damage that was accepted

	opts   Options
	in     io.ReaderAt
	size   int64
	close  func() error
	warcs  []*part
	spools []*os.File // temporary files
	rows   []row
	room   int64            // left for rows, bytes
	work   int64            // bytes that may be unpacked, beside a multiple of the size of a file
	byID   map[string]int32 // WARC-Record-ID → row
	byURL  map[string][]int32
	joined map[string][]int32 // WARC-Record-ID → rows that were recorded with it, or speak of it
}

// A part is one WARC file, in itself or within a WACZ file.
type part struct {
	within string // name within the WACZ file, "" for a WARC file
	walk   *warc.Walk
	size   int64
	sound  bool // a digest of the whole of it agrees
	wrong  bool // it does not
}

// Open opens the WARC file at path and finds out what it holds.
func Open(ctx context.Context, path string, opts Options) (*File, error) {
	return open(ctx, path, opts, (*File).single)
}

// single takes up a file that is one WARC file.
func (f *File) single(context.Context) error { return f.add("", f.in, f.size, warc.NoDigest) }

func open(ctx context.Context, path string, opts Options, parts func(*File, context.Context) error) (*File, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	f := &File{Name: filepath.Base(path), opts: opts.withDefaults(), in: in, close: in.Close}
	info, err := in.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = errors.New("is no file")
	default:
		f.size = info.Size()
		err = f.read(ctx, parts)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", f.Name, err), f.Close())
	}
	return f, nil
}

// read takes up all parts of the file.
func (f *File) read(ctx context.Context, parts func(*File, context.Context) error) error {
	f.byID, f.byURL, f.joined = map[string]int32{}, map[string][]int32{}, map[string][]int32{}
	f.room, f.work = f.opts.MaxRows, 4<<30
	sum, err := digest(ctx, io.NewSectionReader(f.in, 0, f.size))
	if err != nil {
		return err
	}
	f.SHA256 = snapshots.Hash(sum)
	if err := parts(f, ctx); err != nil {
		return err
	}
	return f.index(ctx)
}

// digest is the hexadecimal SHA-256 of what r gives.
func digest(ctx context.Context, r io.Reader) (string, error) {
	h := sha256.New()
	for {
		n, err := io.CopyN(h, r, 4<<20)
		if err == io.EOF || err == nil && n == 0 {
			return hex.EncodeToString(h.Sum(nil)), nil
		}
		if err = errors.Join(err, ctx.Err()); err != nil {
			return "", err
		}
	}
}

// add takes up a WARC file.
func (f *File) add(within string, in io.ReaderAt, size int64, whole warc.Agreement) error {
	if size == 0 {
		return nil
	}
	w, err := warc.NewWalk(in, size, warc.Limits{Block: maxBlock})
	if err != nil {
		return err
	}
	f.warcs = append(f.warcs, &part{within: within, walk: w, size: size, sound: whole == warc.Agrees, wrong: whole == warc.Disagrees})
	return nil
}

// fault is damage: an error unless it is accepted.
func (f *File) fault(format string, args ...any) error {
	what := fmt.Sprintf(format, args...)
	if !f.opts.Damaged {
		return fmt.Errorf("%w: %s", ErrDamaged, what)
	}
	if len(f.Faults) < 100 {
		f.Faults = append(f.Faults, what)
	}
	return nil
}

// Close gives the file back.
func (f *File) Close() error {
	err := f.close()
	for _, s := range f.spools {
		err = errors.Join(err, s.Close(), os.Remove(s.Name()))
	}
	return err
}

// A Page is one address of which a file holds captures.
type Page struct {
	URL         string
	MediaType   string // of the last capture that states one
	Captures    int
	First, Last time.Time
}

// Pages are the pages that a file holds, texts alone, by address. Redirects are not counted among them.
func (f *File) Pages() []Page {
	var out []Page
	for key := range f.byURL {
		p := Page{}
		for _, i := range f.byURL[key] {
			r := &f.rows[i]
			if r.leads() || r.kind != revisit && !isText(r.media) {
				continue
			}
			if p.Captures++; p.Captures == 1 || r.at.Before(p.First) {
				p.First = r.at
			}
			if !r.at.Before(p.Last) {
				p.Last, p.URL = r.at, r.url
				p.MediaType = cmp.Or(r.media, p.MediaType)
			}
		}
		if p.Captures > 0 {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b Page) int { return strings.Compare(a.URL, b.URL) })
	return out
}

// isText reports whether a policy may be published in a media type.
func isText(media string) bool {
	switch media {
	case "", "text/html", "application/xhtml+xml", "text/plain", "text/markdown", "application/pdf", "application/octet-stream",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application/vnd.oasis.opendocument.text":
		return true
	}
	return false
}

// Key is what two spellings of one address have in common: the letters of scheme and host, a port that goes without saying, an empty
// path and what stands behind # make no difference.
func Key(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	u.Scheme, u.Host, u.Fragment, u.RawFragment = strings.ToLower(u.Scheme), strings.ToLower(u.Host), "", ""
	u.Host = strings.TrimSuffix(u.Host, map[string]string{"http": ":80", "https": ":443"}[u.Scheme])
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String()
}

// Holds reports whether the file has a record of the page at address.
func (f *File) Holds(address string) bool { return len(f.byURL[Key(address)]) > 0 }
