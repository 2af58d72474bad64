// Package wacz writes and reads WACZ 1.1.1 files: a ZIP file with WARC records, an index of them, a list of pages, and the
// SHA-256 of each. Records go in byte for byte, as the gzip members that they are in their archive.
//
// What is written is the same for the same input: files are stored uncompressed, with one fixed time. Reading is bounded, and
// trusts nothing: a file may be damaged, or made by someone else to harm.
package wacz

// This file holds what both directions share: the parts of a file, the places of them, the limits.

import (
	"errors"
	"time"
)

// Errors that a caller may tell apart with errors.Is.
var (
	ErrFormat = errors.New("not a valid WACZ file")
	ErrLimit  = errors.New("larger than what is read")
)

// The places of what every file holds.
const (
	packageFile = "datapackage.json"
	digestFile  = "datapackage-digest.json"
	dataFile    = "archive/data.warc.gz"
	cdxFile     = "indexes/index.cdx.gz"
	idxFile     = "indexes/index.idx"
	pagesFile   = "pages/pages.jsonl"

	version = "1.1.1"
)

// A Page is an address that a reader can begin at.
type Page struct {
	ID    string    // within the file
	URL   string    // under which a record stands
	At    time.Time // of that record
	Title string
	Text  string // for the search; may be empty
}

// Info is what a file says about itself.
type Info struct {
	Title       string
	Description string
	Software    string
	Created     time.Time // whole seconds are kept
}

// Limits bound what is read. A zero field means the default.
type Limits struct {
	Files int   // in the ZIP file; default 10,000
	File  int64 // bytes of one of them, decompressed; default 1 GiB
	Total int64 // bytes of all of them, decompressed; default 4 GiB
	Free  int64 // bytes that a file may decompress to, however small it is; default 1 MiB
	Ratio int64 // bytes that one byte may decompress to, beyond that; default 200
	Text  int64 // bytes of a file that is read whole, such as an index; default 64 MiB

	Blocks int64 // bytes of the blocks of the records in one file, decompressed; default 1 GiB
}

func (l Limits) withDefaults() Limits {
	if l.Files == 0 {
		l.Files = 10_000
	}
	if l.File == 0 {
		l.File = 1 << 30
	}
	if l.Total == 0 {
		l.Total = 4 << 30
	}
	if l.Free == 0 {
		l.Free = 1 << 20
	}
	if l.Ratio == 0 {
		l.Ratio = 200
	}
	if l.Text == 0 {
		l.Text = 64 << 20
	}
	if l.Blocks == 0 {
		l.Blocks = 1 << 30
	}
	return l
}

// A resource is one line of datapackage.json.
type resource struct {
	Name  string `json:"name"`
	Path  string `json:"path"`
	Hash  string `json:"hash"`
	Bytes int64  `json:"bytes"`
}

// A dataPackage is datapackage.json.
type dataPackage struct {
	Profile      string     `json:"profile"`
	WACZVersion  string     `json:"wacz_version"`
	Title        string     `json:"title,omitempty"`
	Description  string     `json:"description,omitempty"`
	Software     string     `json:"software,omitempty"`
	Created      string     `json:"created"`
	MainPageURL  string     `json:"mainPageUrl,omitempty"`
	MainPageDate string     `json:"mainPageDate,omitempty"`
	Resources    []resource `json:"resources"`
}

// A packageDigest is datapackage-digest.json.
type packageDigest struct {
	Path string `json:"path"`
	Hash string `json:"hash"`
}

// A pageLine is one line of pages.jsonl. The first line is a header, without which players lose the first page.
type pageLine struct {
	Format  string `json:"format,omitempty"`
	ID      string `json:"id"`
	URL     string `json:"url,omitempty"`
	TS      string `json:"ts,omitempty"`
	Title   string `json:"title"`
	Text    string `json:"text,omitempty"`
	HasText bool   `json:"hasText,omitempty"`
}

// stamp is how pages and packages write a time.
const stamp = "2006-01-02T15:04:05.000Z"
