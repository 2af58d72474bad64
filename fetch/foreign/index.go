package foreign

// This file finds out what stands where in a file.

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/url"
	"strings"
	"time"

	"github.com/drittland/drittland/snapshots/warc"
)

const (
	maxBlock  = 128<<20 - 64<<10 // bytes of a block, so that a record can be kept with its header
	maxInfo   = 1 << 20          // bytes of a warcinfo block
	maxURL    = 8 << 10          // bytes of an address
	rowWeight = 300              // bytes of memory that a row takes beside its words
)

type kind byte

const (
	response kind = iota
	revisit
	resource
	beside // a request or metadata
)

// A row is what is known of a record before its block is read.
type row struct {
	kind     kind
	part     int16
	status   int16
	place    warc.Place
	size     int64 // of header and block
	id       string
	url      string
	at       time.Time
	media    string // of the page
	location string // where a redirect leads
	payload  string // WARC-Payload-Digest
	with     string // WARC-Concurrent-To
	refers   string // WARC-Refers-To
	refersAt time.Time
	refersTo string // WARC-Refers-To-Target-URI
	info     *info
}

// leads reports whether a row is a redirect.
func (r *row) leads() bool { return r.status >= 300 && r.status < 400 && r.location != "" }

// An info is what a warcinfo record says of the records behind it.
type info struct{ filename, software, operator string }

// index goes through all records.
func (f *File) index(ctx context.Context) error {
	for n, p := range f.warcs {
		err := f.walk(ctx, int16(n), p)
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ErrTooMuch), errors.Is(err, warc.ErrTotal), errors.Is(err, warc.ErrARC), errors.Is(err, warc.ErrNotWARC), len(f.rows) == 0:
			return p.named(err)
		default:
			if err := f.fault("%v", p.named(err)); err != nil {
				return err
			}
		}
	}
	return nil
}

// named is err with the name of the part in front.
func (p *part) named(err error) error {
	if p.within == "" {
		return err
	}
	return fmt.Errorf("%s: %w", p.within, err)
}

func (f *File) walk(ctx context.Context, n int16, p *part) error {
	about := new(info)
	for i := 0; ; i++ {
		if i%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		h, err := p.walk.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if strings.EqualFold(h.Header.Get("WARC-Type"), "warcinfo") {
			if about, err = readInfo(p.walk, h); err != nil {
				return err
			}
			continue
		}
		r, ok, err := rowOf(p.walk, h)
		if err != nil {
			return err
		}
		if r.part, r.info = n, about; !ok {
			continue
		}
		if err := f.enter(r); err != nil {
			return err
		}
	}
}

// enter takes up a row.
func (f *File) enter(r row) error {
	f.room -= rowWeight + int64(len(r.id)+2*len(r.url)+len(r.media)+len(r.location)+len(r.payload)+len(r.refers)+len(r.refersTo)+len(r.with))
	if f.room < 0 {
		return fmt.Errorf("%w: what stands in it takes more than %d MB; take it apart", ErrTooMuch, f.opts.MaxRows>>20)
	}
	i := int32(len(f.rows))
	f.rows = append(f.rows, r)
	if _, ok := f.byID[r.id]; !ok && r.id != "" {
		f.byID[r.id] = i
	}
	if r.kind == beside {
		if to := cmp.Or(r.with, r.refers); to != "" {
			f.joined[to] = append(f.joined[to], i)
		}
		return nil
	}
	key := Key(r.url)
	f.byURL[key] = append(f.byURL[key], i)
	return nil
}

// rowOf is the row of a record; ok is false for one that is of no use.
func rowOf(w *warc.Walk, h *warc.Head) (r row, ok bool, err error) {
	kinds := map[string]kind{"response": response, "revisit": revisit, "resource": resource, "request": beside, "metadata": beside}
	k, known := kinds[strings.ToLower(h.Header.Get("WARC-Type"))]
	if !known {
		return r, false, nil
	}
	get := func(name string) string { return warc.Bare(h.Header.Get(name)) }
	r = row{kind: k, place: h.Place, size: int64(len(h.Raw)) + h.Size, id: h.ID(), payload: h.Header.Get("WARC-Payload-Digest"), refers: get("WARC-Refers-To"), with: get("WARC-Concurrent-To")}
	if k == beside {
		return r, r.id != "", nil
	}
	r.url, r.refersTo = get("WARC-Target-URI"), get("WARC-Refers-To-Target-URI")
	if len(r.url) > maxURL || !isWeb(r.url) {
		return r, false, nil
	}
	r.at = h.At()
	r.refersAt = warc.Dated(h.Header.Get("WARC-Refers-To-Date"))
	if k == resource {
		r.status, r.media = 200, mediaOf(h.Header.Get("Content-Type"))
		return r, true, nil
	}
	begin, err := w.Begin(32 << 10)
	if err != nil {
		return r, false, err
	}
	if m, err := warc.ReadMessage(begin); err == nil {
		r.status, r.media, r.location = int16(m.Status), mediaOf(m.Header.Get("Content-Type")), m.Header.Get("Location")
	}
	return r, true, nil
}

func isWeb(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (strings.EqualFold(u.Scheme, "http") || strings.EqualFold(u.Scheme, "https")) && u.Host != ""
}

func mediaOf(contentType string) string {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		media, _, _ = strings.Cut(contentType, ";")
		media = strings.ToLower(strings.TrimSpace(media))
	}
	return media[:min(len(media), 200)]
}

// readInfo reads a warcinfo record.
func readInfo(w *warc.Walk, h *warc.Head) (*info, error) {
	out := &info{filename: short(h.Header.Get("WARC-Filename"))}
	if h.Size > maxInfo {
		return out, nil
	}
	block, err := w.Block()
	if err != nil {
		return nil, err
	}
	for _, line := range bytes.SplitN(block, []byte("\n"), 1000) {
		name, value, _ := strings.Cut(strings.ToValidUTF8(string(line[:min(len(line), 4<<10)]), "\ufffd"), ":")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "software":
			out.software = short(value)
		case "operator":
			out.operator = short(value)
		}
	}
	return out, nil
}

// short is s without white space around it, at most 300 letters.
func short(s string) string {
	r := []rune(strings.TrimSpace(s))
	return string(r[:min(len(r), 300)])
}
