package archive

// This file puts texts that were recorded elsewhere, thousands at a time.

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
)

// An Import is one version of a text out of a collection. Snapshot needs Terms, At, MediaType and an Origin with
// Repo, Commit and Path; its ID, Body and Size are filled in.
type Import struct {
	Snapshot snapshots.Snapshot
	Body     []byte
}

// A Cursor says how far the import of a collection has come.
type Cursor struct {
	Repo   string `json:"repo"`
	Commit string `json:"commit"`
}

func (c Cursor) check() error {
	if c.Repo == "" || len(c.Repo) > 4096 || !utf8.ValidString(c.Repo) {
		return fmt.Errorf("%.80q is no name of a collection", c.Repo)
	}
	return nil
}

// PutImport records one imported text.
func (a *Archive) PutImport(s snapshots.Snapshot, body []byte) (snapshots.Snapshot, error) {
	out, err := a.PutImports([]Import{{s, body}}, Cursor{})
	if err != nil {
		return snapshots.Snapshot{}, err
	}
	return out[0], nil
}

// PutImports records a batch of imported texts, oldest first, and returns their snapshots in the same order. It waits for the
// disk once: a few hundred texts at a time are fast, and a stop between two batches loses nothing. What was imported
// before, by collection, commit and path, is not recorded again; its first snapshot is returned. The cursor, if it
// names a collection, is recorded with the batch.
func (a *Archive) PutImports(batch []Import, cursor Cursor) ([]snapshots.Snapshot, error) {
	out := make([]snapshots.Snapshot, len(batch))
	err := a.put(func(s *stage) (bool, error) {
		seen := map[string]int{}
		for i := range batch {
			if err := s.imported(batch[i], i, seen, out); err != nil {
				return false, fmt.Errorf("%s of commit %s: %w", origin(batch[i]).Path, origin(batch[i]).Commit, err)
			}
		}
		if cursor != (Cursor{}) {
			if err := s.cursor(cursor, out); err != nil {
				return false, err
			}
		}
		return s.finish(uuid{}), nil
	})
	if err != nil {
		return nil, fmt.Errorf("record import: %w", err)
	}
	return out, nil
}

func origin(im Import) snapshots.Origin {
	if im.Snapshot.Origin == nil {
		return snapshots.Origin{}
	}
	return *im.Snapshot.Origin
}

// imported stages the ith text of a batch. seen are the origins of those before it.
func (s *stage) imported(im Import, i int, seen map[string]int, out []snapshots.Snapshot) error {
	if o := origin(im); o.Repo == "" || o.Commit == "" || o.Path == "" {
		return errors.New("import has no collection, commit or path")
	}
	snap, err := complete(im.Snapshot, im.Body)
	if err != nil {
		return err
	}
	key := string(originKey(snap.Origin))
	if first, ok := seen[key]; ok {
		out[i] = out[first]
		return nil
	}
	seen[key] = i
	if b := s.tx.Bucket(bucketOrigins).Get([]byte(key)); b != nil {
		e, _, err := decodeEntry(s.tx.Bucket(bucketSnapshots).Get(b))
		if err != nil {
			return err
		}
		out[i] = *e.Snapshot
		return nil
	}
	e := entry{Snapshot: &snap}
	if len(im.Body) > 0 {
		_, known := s.known(snap.Body)
		id, err := s.body(&snap, im.Body)
		if err != nil {
			return err
		}
		if !known && id != identify("body", string(snap.Body)) {
			e.Record = id.String()
		}
	}
	out[i] = snap
	return s.entry(e, snap.At)
}

// cursor stages c if it says something new. It has the date of the last text of its batch.
func (s *stage) cursor(c Cursor, batch []snapshots.Snapshot) error {
	if err := c.check(); err != nil {
		return err
	}
	if string(s.tx.Bucket(bucketCursors).Get([]byte(c.Repo))) == c.Commit {
		return nil
	}
	date := time.Unix(0, 0)
	if len(batch) > 0 {
		date = batch[len(batch)-1].At
	}
	return s.entry(entry{Cursor: &c}, date)
}

// Cursor is the last commit up to which a collection has been imported, or "".
func (a *Archive) Cursor(repo string) (string, error) {
	var commit string
	err := a.view(func(tx kv.Tx) error {
		commit = string(tx.Bucket(bucketCursors).Get([]byte(repo)))
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("cursor of %s: %w", repo, err)
	}
	return commit, nil
}
