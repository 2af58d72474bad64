package wacz

// This file checks a WACZ file against all that it says about itself: hashes, records, index, pages.

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/snapshots/warc"
)

// A Problem is something in a WACZ file that is not as the file says.
type Problem struct {
	File string // within the WACZ file
	What string
}

func (p Problem) String() string { return p.File + ": " + p.What }

// Check reads everything and gives what is wrong, and the number of records. Each is read within the limits of the reader. What follows
// from a damaged part is not held against the others.
func (r *Reader) Check() (found []Problem, records int) {
	c := &check{r: r, damaged: map[string]bool{}, at: map[string]Line{}}
	c.hashes()
	for _, name := range r.Archives() {
		switch {
		case c.damaged[name]:
		case name == othersFile:
			c.others()
		default:
			c.records(name)
		}
	}
	if len(c.found) == 0 {
		c.index()
	}
	return c.found, c.count
}

type check struct {
	r       *Reader
	found   []Problem
	damaged map[string]bool
	at      map[string]Line // what an index should say, by file and offset
	count   int
}

func (c *check) add(file, format string, args ...any) {
	c.found = append(c.found, Problem{file, fmt.Sprintf(format, args...)})
	c.damaged[file] = true
}

// hashes compares every file with what datapackage.json says, and that with its digest.
func (c *check) hashes() {
	switch sealed, err := c.r.Sealed(); {
	case err != nil:
		c.add(digestFile, "%v", err)
	case sealed == warc.NoDigest:
		c.add(digestFile, "is missing")
	case sealed != warc.Agrees:
		c.add(packageFile, "does not match %s", digestFile)
	}
	listed := map[string]bool{packageFile: true, digestFile: true}
	for _, res := range c.r.about.Resources {
		listed[res.Path] = true
		hash, n, err := c.r.hash(res.Path)
		switch {
		case err != nil:
			c.add(res.Path, "%v", err)
		case n != res.Bytes || hash != res.Hash:
			c.add(res.Path, "has another hash than %s says", packageFile)
		}
	}
	for _, name := range c.r.names {
		if !listed[name] {
			c.add(name, "is not listed in %s", packageFile)
		}
	}
}

// hash is the hash of a file as WACZ writes it, and its length.
func (r *Reader) hash(name string) (string, int64, error) {
	f, err := r.Open(name)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, io.LimitReader(f, r.limits.File+1))
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), n, err
}

// records reads the records of one file and checks their digests.
func (c *check) records(name string) {
	ids := map[string]bool{}
	for rec, err := range c.r.Records(name) {
		if err != nil {
			c.add(name, "%v", err)
			return
		}
		c.count++
		if err := rec.CheckDigest(); err != nil {
			c.add(name, "record %s at offset %d: %v", rec.ID(), rec.Extent.Offset, err)
		}
		if ids[rec.ID()] {
			c.add(name, "two records are called %s", rec.ID())
		}
		ids[rec.ID()] = true
		if l, ok, err := indexLine(rec.Record, rec.Extent, nil); err != nil {
			c.add(name, "record %s: %v", rec.ID(), err)
		} else if ok {
			c.at[fmt.Sprintf("%s %d", strings.TrimPrefix(name, "archive/"), rec.Extent.Offset)] = l
		}
	}
}

// others reads the records of others. Their digests are theirs, and may have been wrong when they were taken.
func (c *check) others() {
	for rec, err := range c.r.Others() {
		if err != nil {
			c.add(othersFile, "%v", err)
			return
		}
		c.count++
		if l, ok := othersLine(rec.Head, rec.Block, rec.Extent, nil); ok {
			c.at[fmt.Sprintf("%s %d", l.Filename, l.Offset)] = l
		}
	}
}

// index compares the index, and the pages, with the records.
func (c *check) index() {
	lines, err := c.r.Index()
	if err != nil {
		c.add(cdxFile, "%v", err)
		return
	}
	known := map[string]bool{}
	for _, l := range lines {
		key := fmt.Sprintf("%s %d", l.Filename, l.Offset)
		rec, ok := c.at[key]
		switch {
		case !ok:
			c.add(cdxFile, "there is no record of %s at offset %d of %s", l.URL, l.Offset, l.Filename)
		case rec.Length != l.Length || rec.URL != l.URL || !rec.At.Truncate(time.Second).Equal(l.At.Truncate(time.Second)):
			c.add(cdxFile, "the record at offset %d of %s is another one than it says", l.Offset, l.Filename)
		case strings.HasPrefix(l.Digest, "sha256:") && rec.Digest != l.Digest:
			c.add(cdxFile, "the record at offset %d of %s has another digest", l.Offset, l.Filename)
		}
		delete(c.at, key)
		known[l.URL+" "+l.At.Format(time.DateTime)] = true
	}
	for key := range c.at {
		c.add(cdxFile, "lacks the record at %s", key)
	}
	pages, err := c.r.Pages()
	if err != nil {
		c.add(pagesFile, "%v", err)
	}
	for _, p := range pages {
		if !known[p.URL+" "+p.At.Format(time.DateTime)] {
			c.add(pagesFile, "there is no record of %s of %s", p.URL, p.At.Format(time.RFC3339))
		}
	}
	slices.SortFunc(c.found, func(a, b Problem) int { return strings.Compare(a.String(), b.String()) })
}
