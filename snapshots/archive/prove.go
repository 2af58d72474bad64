package archive

// This file proves that records are in the ledger, and copies the ledger out.

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"

	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/disk"
	"github.com/drittland/drittland/snapshots/ledger"
	"github.com/drittland/drittland/snapshots/warc"
)

// Prove proves with the last checkpoint that a record, called "urn:uuid:…", is in the ledger. The proof is a text as
// c2sp.org/tlog-proof describes it; ledger.Check checks it. ErrNotFound says that the record is not in the archive, or that no
// checkpoint has been signed since it was written.
func (a *Archive) Prove(record string) ([]byte, error) {
	a.mu.Lock()
	var signed, proof []byte
	var c ledger.Checkpoint
	err := a.steady(func(w *Archive) (err error) {
		if signed, c, err = w.lastCheckpoint(); err == nil && w != a {
			proof, err = w.prove(record, signed, c)
		}
		return err
	})
	a.mu.Unlock()
	if err == nil && proof == nil {
		proof, err = a.prove(record, signed, c)
	}
	if err != nil {
		return nil, fmt.Errorf("prove record %.80s: %w", record, err)
	}
	return proof, nil
}

// ProveBy is Prove with an earlier checkpoint of this ledger, signed by one of its keys: such as one that has a time stamp.
func (a *Archive) ProveBy(record string, signed []byte) ([]byte, error) {
	var proof []byte
	err := a.steady(func(w *Archive) error {
		c, err := w.openCheckpoint(signed)
		if err == nil {
			proof, err = w.prove(record, signed, c)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("prove record %.80s: %w", record, err)
	}
	return proof, nil
}

func (a *Archive) prove(record string, signed []byte, c ledger.Checkpoint) ([]byte, error) {
	id, err := parseUUID(record)
	if err != nil {
		return nil, err
	}
	log, err := ledger.Open(a.files)
	if err != nil {
		return nil, err
	}
	var n int64
	var leaf []byte
	err = a.view(func(tx kv.Tx) error {
		p, err := locate(tx, id)
		if err != nil {
			return err
		}
		if leaf, err = a.leaf(p); err != nil {
			return err
		}
		n, err = leafOf(tx, log, min(c.Size, log.Size()), id, p)
		return err
	})
	if err != nil {
		return nil, err
	}
	proof, err := log.Prove(n, leaf, signed, c)
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return proof, err
}

// Leaf is the line of JSON that the ledger has hashed of a record.
func (a *Archive) Leaf(record string) ([]byte, error) {
	var leaf []byte
	id, err := parseUUID(record)
	if err == nil {
		err = a.view(func(tx kv.Tx) error {
			p, err := locate(tx, id)
			if err == nil {
				leaf, err = a.leaf(p)
			}
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("leaf of record %.80s: %w", record, err)
	}
	return leaf, nil
}

// leaf reads a record and gives its leaf.
func (a *Archive) leaf(p place) ([]byte, error) {
	f, err := a.captures.file(p.file)
	if err != nil {
		return nil, err
	}
	r := warc.NewReader(io.NewSectionReader(f, p.extent.Offset, p.extent.Length), warc.Limits{})
	rec, err := r.Next()
	if err != nil {
		return nil, damagedAt(p.file, p.extent.Offset, err)
	}
	d := asWritten(p, rec, r.Digests()).digests
	return ledger.Leaf{Record: rec.ID(), Head: d.Head, Block: d.Block}.Bytes(), nil
}

// leafOf is the number of the leaf of a record: leaves stand in the order of the records.
func leafOf(tx kv.Tx, log *ledger.Log, size int64, id uuid, p place) (int64, error) {
	var failed error
	n := int64(sort.Search(int(size), func(i int) bool {
		e, err := log.Entry(int64(i))
		if err != nil {
			failed = err
			return true
		}
		at, err := locate(tx, e.ID)
		return err == nil && (at.file > p.file || at.file == p.file && at.extent.Offset >= p.extent.Offset)
	}))
	if failed != nil {
		return 0, failed
	}
	if n < size {
		if e, err := log.Entry(n); err != nil || e.ID == id {
			return n, err
		}
	}
	n = -1 // in an archive with lost or moved records
	err := log.Entries(func(i int64, e ledger.Entry) error {
		if e.ID == id && i < size && n < 0 {
			n = i
		}
		return nil
	})
	if err == nil && n < 0 {
		err = fmt.Errorf("%w in the ledger up to its last checkpoint", ErrNotFound)
	}
	return n, err
}

// ExportLedger writes the ledger up to its last checkpoint into dst, which must not exist, as c2sp.org/tlog-tiles lays it out:
// what is published, so that others can follow it. Its public key is in key.pub.
func (a *Archive) ExportLedger(dst string) error {
	if err := a.steady(func(w *Archive) error { return w.exportLedger(dst) }); err != nil {
		return fmt.Errorf("export the ledger of %s to %s: %w", a.dir, dst, err)
	}
	return nil
}

func (a *Archive) exportLedger(dst string) error {
	if err := os.Mkdir(dst, 0o755); err != nil {
		return err
	}
	a.mu.Lock()
	signed, c, err := a.lastCheckpoint()
	a.mu.Unlock()
	if err != nil {
		return err
	}
	log, err := ledger.Open(a.files)
	if err != nil {
		return err
	}
	key, err := a.LedgerKey()
	if err != nil {
		return err
	}
	write := func(name string, b []byte) error {
		path := filepath.Join(dst, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		return os.WriteFile(path, b, 0o644)
	}
	return a.view(func(tx kv.Tx) error {
		leaf := func(n int64) ([]byte, error) {
			e, err := log.Entry(n)
			if err != nil {
				return nil, err
			}
			p, err := locate(tx, e.ID)
			if err != nil {
				return nil, err
			}
			return a.leaf(p)
		}
		return errors.Join(log.Export(signed, c, leaf, write), write(publicFile, []byte(key+"\n")))
	})
}

// backupLedger copies the ledger as far as the index in tx knows it, and all else that stands beside it.
func (a *Archive) backupLedger(tx kv.Tx, dst string) error {
	p, err := readProgress(tx)
	if err != nil {
		return err
	}
	return copyLedger(filepath.Join(a.dir, ledgerDir), dst, p.ends())
}

// ends is how much of the files of the ledger is of what is indexed.
func (p progress) ends() map[string]int64 {
	ends := map[string]int64{ledger.LeavesFile: p.leaves * ledger.EntrySize, checkpointFile: p.signed}
	for n := 1; n < ledger.Levels; n++ {
		ends[ledger.LevelFile(n)] = p.leaves >> (8 * n) * 32
	}
	return ends
}

// copyLedger copies a ledger, if there is one, into the archive in dst: of the files that ends names, as much as it says.
func copyLedger(from, dst string, ends map[string]int64) error {
	if _, err := os.Stat(from); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		to := filepath.Join(dst, ledgerDir, name)
		if d.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		return copyLedgerFile(path, to, ends)
	})
}

func copyLedgerFile(path, to string, ends map[string]int64) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	size := info.Size()
	if end, ok := ends[filepath.Base(path)]; ok {
		size = min(size, end)
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, io.NewSectionReader(f, 0, size))
	return errors.Join(err, out.Sync(), out.Close(), disk.Sync(filepath.Dir(to)))
}
