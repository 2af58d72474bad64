package wacz

// This file writes a WACZ file.

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/snapshots/warc"
)

// A Writer gathers the records and pages of one WACZ file.
type Writer struct {
	info   Info
	data   bytes.Buffer
	others bytes.Buffer // records of others
	lines  []Line
	pages  []Page
	have   map[string]bool // records by ID
	read   *warc.Reader
	left   int64 // bytes of blocks that a reader would still read
}

// NewWriter is a writer of a file that says info about itself.
func NewWriter(info Info) *Writer {
	return &Writer{info: info, have: map[string]bool{}, read: warc.NewReader(bytes.NewReader(nil), warc.Limits{}), left: Limits{}.withDefaults().Blocks}
}

// Add adds one record, byte for byte: member is a gzip member that holds it and nothing else. A record that is there already, by its
// ID, is not added again. ErrLimit says that no reader would read so many.
func (w *Writer) Add(member []byte) error {
	w.read.Reset(bytes.NewReader(member))
	rec, err := w.read.Next()
	if err == nil && w.read.Extent().Length != int64(len(member)) {
		err = errors.New("more than one record")
	}
	if err == nil {
		err = rec.CheckDigest()
	}
	if err != nil {
		return fmt.Errorf("add record: %w", err)
	}
	if w.have[rec.ID()] {
		return nil
	}
	if w.left -= int64(len(rec.Block)); w.left < 0 {
		return fmt.Errorf("add record %s: %w", rec.ID(), ErrLimit)
	}
	w.have[rec.ID()] = true
	whole, err := unzip(member)
	if err != nil {
		return fmt.Errorf("add record %s: %w", rec.ID(), err)
	}
	line, ok, err := indexLine(rec, warc.Extent{Offset: int64(w.data.Len()), Length: int64(len(member))}, whole)
	if err != nil {
		return fmt.Errorf("add record %s: %w", rec.ID(), err)
	}
	if ok {
		w.lines = append(w.lines, line)
	}
	w.data.Write(member)
	return nil
}

// unzip is what a gzip member that has been read before holds.
func unzip(member []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(member))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// Make adds a record that is made for this file.
func (w *Writer) Make(rec *warc.Record) error {
	var b bytes.Buffer
	if _, err := warc.NewWriter(&b).Write(rec); err != nil {
		return err
	}
	return w.Add(b.Bytes())
}

// Page adds a page to the list of those that a reader can begin at. The first one is the main page.
func (w *Writer) Page(p Page) { w.pages = append(w.pages, p) }

// WriteTo writes the file.
func (w *Writer) WriteTo(out io.Writer) (int64, error) {
	n := &counter{w: out}
	err := w.write(NewZipWriter(n))
	if err != nil {
		err = fmt.Errorf("write WACZ: %w", err)
	}
	return n.n, err
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

func (w *Writer) write(z *ZipWriter) error {
	first, err := w.warcinfo()
	if err != nil {
		return err
	}
	lines := slices.Clone(w.lines)
	for i := range lines {
		if lines[i].Filename == path.Base(dataFile) {
			lines[i].Offset += int64(len(first))
		}
	}
	cdx, idx, err := writeIndex(lines)
	if err != nil {
		return err
	}
	pages, err := w.pageList()
	if err != nil {
		return err
	}
	files := []struct {
		name    string
		content []byte
	}{{dataFile, append(first, w.data.Bytes()...)}, {othersFile, w.others.Bytes()}, {cdxFile, cdx}, {idxFile, idx}, {pagesFile, pages}}
	p := w.dataPackage()
	for _, f := range files {
		if f.name == othersFile && len(f.content) == 0 {
			continue
		}
		p.Resources = append(p.Resources, resource{strings.ToLower(path.Base(f.name)), f.name, warc.Digest(f.content), int64(len(f.content))})
		if err := z.Add(f.name, f.content); err != nil {
			return err
		}
	}
	b, err := encode(p)
	if err != nil {
		return err
	}
	if err := z.Add(packageFile, b); err != nil {
		return err
	}
	digest, err := encode(packageDigest{packageFile, warc.Digest(b)})
	if err != nil {
		return err
	}
	if err := z.Add(digestFile, digest); err != nil {
		return err
	}
	return z.Close("")
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(v)
	return b.Bytes(), err
}

func (w *Writer) dataPackage() dataPackage {
	p := dataPackage{Profile: "data-package", WACZVersion: version, Title: w.info.Title, Description: w.info.Description, Software: w.info.Software,
		Created: w.info.Created.UTC().Format("2006-01-02T15:04:05Z")}
	if len(w.pages) > 0 {
		p.MainPageURL, p.MainPageDate = w.pages[0].URL, w.pages[0].At.UTC().Format(stamp)
	}
	return p
}

// warcinfo is the first record. Its ID follows from the records behind it.
func (w *Writer) warcinfo() ([]byte, error) {
	sum := sha256.Sum256(w.data.Bytes())
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	h := hex.EncodeToString(sum[:16])
	id := "urn:uuid:" + h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
	rec := &warc.Record{Header: warc.Header{
		{Name: "WARC-Type", Value: "warcinfo"},
		{Name: "WARC-Record-ID", Value: warc.Bracket(id)},
		{Name: "WARC-Date", Value: warc.FormatDate(w.info.Created.Truncate(time.Second))},
		{Name: "WARC-Filename", Value: path.Base(dataFile)},
		{Name: "Content-Type", Value: "application/warc-fields"}},
		Block: []byte("software: drittland\r\nformat: WARC File Format 1.1\r\n" +
			"conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n" +
			"description: records copied from an archive as they stand there\r\n")}
	var b bytes.Buffer
	_, err := warc.NewWriter(&b).Write(rec)
	return b.Bytes(), err
}

// pageList is pages.jsonl.
func (w *Writer) pageList() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(pageLine{Format: "json-pages-1.0", ID: "pages", Title: "All Pages", HasText: true}); err != nil {
		return nil, err
	}
	for _, p := range w.pages {
		if err := enc.Encode(pageLine{ID: p.ID, URL: p.URL, TS: p.At.UTC().Truncate(time.Millisecond).Format(stamp), Title: p.Title, Text: p.Text}); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}
