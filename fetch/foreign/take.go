package foreign

// This file takes captures out of a file: the records that each is made of, and whether they are as they were written.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/url"
	"slices"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/warc"
)

const (
	maxHops   = 10        // redirects, and revisits of revisits
	maxBeside = 8         // requests and metadata of one record
	maxSmall  = 1 << 20   // bytes of a request or of metadata
	maxWhole  = 192 << 20 // bytes of all records of a capture
	near      = time.Hour // between a redirect and the page that it leads to
)

// A Capture is one capture of others.
type Capture struct {
	Snapshot snapshots.Snapshot // URL as asked for, FinalURL, At, Status, MediaType, Charset, ThirdParty
	Body     []byte             // decoded
	Records  [][]byte           // as they stand in the file: version line, header, block
	Holder   int                // index of the record that holds the body
}

// A Refusal says why a capture cannot be taken.
type Refusal struct {
	URL string
	At  time.Time
	Err error
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("%s of %s: %v", r.URL, r.At.Format(time.DateTime), r.Err)
}
func (r *Refusal) Unwrap() error { return r.Err }

// Take gives the captures of the page at address, oldest first, to one of the functions each. An error of these, and one that concerns
// the whole file, ends it.
func (f *File) Take(ctx context.Context, address string, taken func(*Capture) error, refused func(*Refusal)) error {
	rows := slices.Clone(f.byURL[Key(address)])
	slices.SortStableFunc(rows, func(a, b int32) int { return f.rows[a].at.Compare(f.rows[b].at) })
	for _, i := range rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		c, err := f.take(&f.rows[i])
		switch {
		case errors.Is(err, ErrTooMuch), errors.Is(err, warc.ErrTotal):
			return fmt.Errorf("%s: %w", f.Name, err)
		case err != nil:
			refused(&Refusal{f.rows[i].url, f.rows[i].at, err})
		default:
			if err := taken(c); err != nil {
				return err
			}
		}
	}
	return nil
}

// take reads one capture.
func (f *File) take(r *row) (*Capture, error) {
	switch {
	case r.at.IsZero():
		return nil, errors.New("it has no date")
	case r.at.Year() < 1990, !f.opts.Now.IsZero() && r.at.After(f.opts.Now.Add(24*time.Hour)):
		return nil, errors.New("its date cannot be right")
	}
	chain, err := f.hops(r)
	if err != nil {
		return nil, err
	}
	page := chain[len(chain)-1]
	holder, between, err := f.holder(page)
	if err != nil {
		return nil, err
	}
	l := &loader{f: f, seen: map[*row]bool{}}
	for _, x := range slices.Concat(chain, between) {
		if err := l.load(x, x == page, x == holder); err != nil {
			return nil, err
		}
	}
	for _, x := range chain {
		if err := l.beside(x); err != nil {
			return nil, err
		}
	}
	return l.capture(r, page, holder)
}

// hops are the rows from the one asked for to the page, along redirects.
func (f *File) hops(r *row) ([]*row, error) {
	chain := []*row{r}
	for r.leads() {
		to, err := f.behind(r)
		if err != nil {
			return nil, err
		}
		if len(chain) > maxHops || slices.Contains(chain, to) {
			return nil, errors.New("its redirects lead in a circle")
		}
		chain, r = append(chain, to), to
	}
	return chain, nil
}

// behind is the page that a redirect leads to: the one recorded at about the same time.
func (f *File) behind(r *row) (*row, error) {
	base, err := url.Parse(r.url)
	if err != nil {
		return nil, err
	}
	to, err := base.Parse(r.location)
	if err != nil {
		return nil, fmt.Errorf("it leads to %.100q, which is no address", r.location)
	}
	var best *row
	for _, i := range f.byURL[Key(to.String())] {
		x := &f.rows[i]
		if apart := x.at.Sub(r.at).Abs(); apart <= near && (best == nil || apart < best.at.Sub(r.at).Abs()) {
			best = x
		}
	}
	if best == nil {
		return nil, fmt.Errorf("it leads to %s, which the file does not hold", to)
	}
	return best, nil
}

// holder is the row that holds the body of a page, and those between them: a revisit refers to an earlier response.
func (f *File) holder(page *row) (*row, []*row, error) {
	var between []*row
	for r := page; ; {
		if r.kind != revisit {
			return r, between, nil
		}
		to := f.original(r)
		switch {
		case to == nil:
			return nil, nil, errors.New("it repeats a page that the file does not hold")
		case to == page, slices.Contains(between, to), len(between) >= maxHops:
			return nil, nil, errors.New("it repeats a page that repeats it: the records refer to each other in a circle")
		}
		between, r = append(between, to), to
	}
}

// original is the row that a revisit refers to: by its identifier, else by address and date, else by what it carried.
func (f *File) original(r *row) *row {
	if i, ok := f.byID[r.refers]; ok && r.refers != "" && f.rows[i].kind != beside {
		return &f.rows[i]
	}
	if r.refersTo != "" && !r.refersAt.IsZero() {
		for _, i := range f.byURL[Key(r.refersTo)] {
			if x := &f.rows[i]; x.at.Equal(r.refersAt) && x != r {
				return x
			}
		}
	}
	if r.payload == "" || r.refers != "" {
		return nil
	}
	for _, i := range f.byURL[Key(r.url)] {
		if x := &f.rows[i]; x.kind == response && x.payload == r.payload && !x.at.After(r.at) {
			return x
		}
	}
	return nil
}

// A loader reads the records of one capture.
type loader struct {
	f       *File
	seen    map[*row]bool
	records [][]byte
	size    int64
	held    int
	body    []byte
	charset string
	payload []string // digests that the entity must have
	entity  [2][]byte
	agreed  bool
	faults  []string
}

// read reads a record and keeps it. The head is nil if it was kept before.
func (l *loader) read(r *row) (*warc.Head, []byte, error) {
	if l.size += r.size; l.size > maxWhole || r.size > maxBlock {
		return nil, nil, fmt.Errorf("its records are larger than %d MB", maxBlock>>20)
	}
	p := l.f.warcs[r.part]
	if p.walk.Unpacked() > l.f.work+64*p.size { // many records of one gzip member that are not wanted in their order
		return nil, nil, fmt.Errorf("%w: its records are not compressed one by one; 'warcio recompress' mends that", ErrTooMuch)
	}
	h, err := p.walk.At(r.place)
	if err != nil {
		return nil, nil, err
	}
	block, err := p.walk.Block()
	if err != nil {
		return nil, nil, err
	}
	l.records = append(l.records, slices.Concat(h.Raw, block))
	l.note(r, "block", warc.CheckBlock(h.Header, block))
	l.agreed = l.agreed || p.sound
	return h, block, nil
}

// note takes up the outcome of comparing a digest.
func (l *loader) note(r *row, what string, a warc.Agreement) {
	switch a {
	case warc.Agrees:
		l.agreed = true
	case warc.Disagrees:
		l.faults = append(l.faults, fmt.Sprintf("the digest of the %s of record %.100s does not agree", what, r.id))
	}
}

// load reads one of the records between the address asked for and the body.
func (l *loader) load(r *row, page, holder bool) error {
	h, block, err := l.read(r)
	if err != nil {
		return err
	}
	if r.payload != "" && r.kind == revisit {
		l.payload = append(l.payload, r.payload)
	}
	if r.kind == resource {
		if l.note(r, "payload", warc.Compare(r.payload, block)); holder {
			l.held, l.body, l.entity = len(l.records)-1, block, [2][]byte{block, block}
			l.charset = charsetOf(h.Header.Get("Content-Type"))
		}
		return nil
	}
	m, err := warc.ReadMessage(block)
	if err != nil {
		if page || holder {
			return err
		}
		return nil
	}
	if !holder {
		if r.kind == response {
			l.note(r, "payload", warc.CheckPayload(h.Header, m, l.f.opts.MaxBody))
		}
		return nil
	}
	l.note(r, "payload", warc.CheckPayload(h.Header, m, l.f.opts.MaxBody))
	entity, err := m.Entity(l.f.opts.MaxBody)
	if err != nil {
		return err
	}
	l.entity, l.charset, l.held = [2][]byte{entity, m.Wire}, charsetOf(m.Header.Get("Content-Type")), len(l.records)-1
	l.body, err = m.Body(l.f.opts.MaxBody)
	return err
}

func charsetOf(contentType string) string {
	_, params, _ := mime.ParseMediaType(contentType)
	return short(params["charset"])
}

// beside reads what was recorded with a record: the request, and metadata.
func (l *loader) beside(r *row) error {
	all := l.f.joined[r.id]
	if i, ok := l.f.byID[r.with]; ok && l.f.rows[i].kind == beside { // a response may name its request, and not the other way round
		all = append([]int32{i}, all...)
	}
	for _, i := range all[:min(len(all), maxBeside)] {
		x := &l.f.rows[i]
		if x.size > maxSmall || x.part != r.part || l.seen[x] {
			continue
		}
		l.seen[x] = true
		if _, _, err := l.read(x); err != nil {
			return err
		}
	}
	return nil
}

// capture puts together what was read.
func (l *loader) capture(asked, page, holder *row) (*Capture, error) {
	for _, d := range l.payload {
		l.note(page, "payload", warc.Compare(d, l.entity[0], l.entity[1], l.body))
	}
	if len(l.faults) > 0 && !l.f.opts.Damaged {
		return nil, fmt.Errorf("%w: %s", ErrDamaged, l.faults[0])
	}
	by := &snapshots.ThirdParty{File: l.f.Name, SHA256: l.f.SHA256, Within: l.f.warcs[page.part].within, Record: page.id,
		Filename: page.info.filename, Software: page.info.software, Operator: page.info.operator, Digests: string(warc.NoDigest),
		Faults: append(slices.Clone(l.f.Faults), l.faults...)}
	switch {
	case len(l.faults) > 0, l.f.warcs[page.part].wrong, l.f.warcs[holder.part].wrong:
		by.Digests = string(warc.Disagrees)
	case l.agreed:
		by.Digests = string(warc.Agrees)
	}
	if by.Record == "" { // the standard wants one; without it the bytes name the record
		by.Record = "sha256:" + string(snapshots.HashOf(bytes.Join(l.records, nil)))
	}
	status := page.status
	if page.kind == revisit && status == 304 { // the server said that the page is as it was
		status = holder.status
	}
	return &Capture{Body: l.body, Records: l.records, Holder: l.held, Snapshot: snapshots.Snapshot{URL: asked.url, FinalURL: page.url, At: asked.at,
		Status: int(status), MediaType: holder.media, Charset: l.charset, ThirdParty: by}}, nil
}
