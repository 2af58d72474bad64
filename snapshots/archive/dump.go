package archive

// This file tells what an archive holds in figures and in text.

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/drittland/drittland/snapshots/archive/kv"
)

// Dump writes the content of the index as text, one line per key, in the order of the keys: first what follows from the
// evidence, then, if derived is set, what was derived. Two archives with the same evidence in the same files
// have the same dump, whether their index was built along the way or anew.
func (a *Archive) Dump(w io.Writer, derived bool) error {
	out := bufio.NewWriter(w)
	buckets := evidenceBuckets
	if derived {
		buckets = allBuckets
	}
	err := a.view(func(tx kv.Tx) error {
		for _, name := range buckets {
			if err := dumpBucket(out, string(name), tx.Bucket(name)); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, out.Flush()); err != nil {
		return fmt.Errorf("dump index of %s: %w", a.dir, err)
	}
	return nil
}

func dumpBucket(w io.Writer, name string, b kv.Bucket) error {
	return b.ForEach(func(k, v []byte) error {
		if v == nil {
			return dumpBucket(w, name+" "+plain(k), b.Bucket(k))
		}
		v, err := unpacked(name, v)
		if err == nil {
			_, err = fmt.Fprintf(w, "%s %s %s\n", name, plain(k), plain(v))
		}
		return err
	})
}

// unpacked is a value of a bucket with its line as it was before it was compressed.
func unpacked(bucket string, v []byte) ([]byte, error) {
	pos := 0
	switch bucket {
	case string(bucketSnapshots):
		pos = min(posLen, len(v))
	case string(bucketVersions):
	default:
		return v, nil
	}
	line, err := unpackLine(v[pos:])
	return slices.Concat(v[:pos], line), err
}

// plain is b in a form for a line of text: an identifier, a quoted text, JSON behind a position, or hexadecimal.
func plain(b []byte) string {
	switch {
	case !bytes.ContainsFunc(b, func(c rune) bool { return c < ' ' && c != 0 || c > '~' }):
		return strconv.Quote(string(b))
	case len(b) == len(uuid{}):
		return uuid(b).String()
	case len(b) > posLen && b[posLen] == '{':
		return hex.EncodeToString(b[:posLen]) + " " + strconv.Quote(string(b[posLen:]))
	}
	return hex.EncodeToString(b)
}

// Stats count what an archive holds.
type Stats struct {
	Terms, Declarations, Snapshots, Pending, Records, Bodies, Versions, Documents int

	Captures int64 // bytes of capture files on disk
	Index    int64 // bytes of index.db
	Ledger   int64 // bytes of the ledger
	Torn     int64 // bytes moved aside after crashes
	Other    int64 // bytes of all else
}

// Stats counts. Sizes are those of the files now; they may grow while it counts.
func (a *Archive) Stats() (Stats, error) {
	var s Stats
	terms, err := a.Terms()
	if err != nil {
		return s, err
	}
	s.Terms = len(terms)
	err = a.view(func(tx kv.Tx) error {
		for bucket, n := range map[*[]byte]*int{&bucketDeclarations: &s.Declarations, &bucketSnapshots: &s.Snapshots,
			&bucketPending: &s.Pending, &bucketRecords: &s.Records, &bucketVersions: &s.Versions,
			&bucketDocuments: &s.Documents} {
			*n = tx.Bucket(*bucket).Len()
		}
		s.Bodies, err = countBodies(tx)
		return err
	})
	switch {
	case err == nil && a.shared != nil:
		err = a.sharedSizes(&s)
	case err == nil:
		err = filepath.WalkDir(a.dir, func(path string, d fs.DirEntry, err error) error {
			in, _ := filepath.Rel(a.dir, path)
			return s.size(strings.HasPrefix(filepath.ToSlash(in), ledgerDir+"/"), d, err)
		})
	}
	if err != nil {
		return s, fmt.Errorf("count %s: %w", a.dir, err)
	}
	return s, nil
}

// countBodies counts the body records that are not erased and stand in for none, and the other records that hold a body.
func countBodies(tx kv.Tx) (int, error) {
	n := tx.Bucket(bucketBodies).Len()
	other := map[uuid]bool{} // counted, or not to be counted
	for _, bucket := range [][]byte{bucketBodies, bucketMoved} {
		if err := tx.Bucket(bucket).ForEach(func(_, id []byte) error { other[uuid(id)] = true; return nil }); err != nil {
			return 0, err
		}
	}
	return n, tx.Bucket(bucketRecords).ForEach(func(k, b []byte) error {
		p, err := decodePlace(b)
		if err == nil && p.depth != noBody && !other[uuid(k)] && tx.Bucket(bucketErased).Get(k) == nil {
			n++
		}
		return err
	})
}

// size adds the size of one file.
func (s *Stats) size(ledger bool, d fs.DirEntry, err error) error {
	if err != nil || d.IsDir() {
		return err
	}
	info, err := d.Info()
	if err != nil {
		return err
	}
	switch name := d.Name(); {
	case ledger:
		s.Ledger += info.Size()
	case captureName.MatchString(name):
		s.Captures += info.Size()
	case name == indexFile:
		s.Index += info.Size()
	case strings.Contains(name, ".torn-"):
		s.Torn += info.Size()
	default:
		s.Other += info.Size()
	}
	return nil
}
