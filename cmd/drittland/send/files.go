package send

// The files of the outbox: one for each message, named by the hash of its key, replaced whole or not at all.

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	whole "github.com/drittland/drittland/snapshots/disk"
)

const (
	format        = 1                    // of the files
	maxFile       = 4*maxBody + 1<<20    // bytes
	putWait       = 10 * time.Second     // for another process that puts
	damagedSuffix = ".damaged"           // of files that were set aside
	newPrefix     = ".new-"              // of files that are being written
	sentPrefix    = ".sent-"             // of what a file becomes once its message was sent
	troublesFile  = "troubles.json"      // what keeps the messages of places, so that it is told once
	keepBodies    = 30 * 24 * time.Hour  // after which a message that was sent is kept without its words
	keepEntries   = 400 * 24 * time.Hour // after which only the hash of its key and the date are kept, for good
)

// A Disk is where the files of an outbox are: a folder, or a place that several machines have.
type Disk interface {
	// Make makes a folder, if there is none.
	Make(dir string) error
	// Has reports whether there is a file or folder.
	Has(name string) (bool, error)
	// Names are those of the files in a folder; none if there is no folder.
	Names(dir string) ([]string, error)
	// Read reads a file, of which it gives not much more than most bytes; os.ErrNotExist if there is none.
	Read(name string, most int) ([]byte, error)
	// Write writes a new file and brings it to the disk, or leaves none.
	Write(name string, data []byte) error
	// Rename gives a file another name, in the place of one that has it.
	Rename(old, new string) error
	Remove(name string) error
	// Sync brings names to the disk.
	Sync(dir string) error
	// Lock keeps other processes out, until unlock or the end of this one, that lock the same name; ok is false if one does not let go within wait.
	Lock(ctx context.Context, name string, wait time.Duration) (unlock func(), ok bool, err error)
}

type realDisk struct{}

func (realDisk) Make(dir string) error                { return os.MkdirAll(dir, 0o700) }
func (realDisk) Write(name string, data []byte) error { return whole.Write(name, data, 0o600) }
func (realDisk) Rename(old, new string) error         { return os.Rename(old, new) }
func (realDisk) Remove(name string) error             { return os.Remove(name) }
func (realDisk) Sync(dir string) error                { return whole.Sync(dir) }

func (realDisk) Has(name string) (bool, error) {
	_, err := os.Lstat(name)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (realDisk) Names(dir string) ([]string, error) {
	d, err := os.Open(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.Readdirnames(-1)
}

func (realDisk) Read(name string, most int) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, int64(most)+1))
}

func (realDisk) Lock(ctx context.Context, name string, wait time.Duration) (unlock func(), ok bool, err error) {
	l := flock.New(name, flock.SetPermissions(0o600))
	if wait == 0 {
		ok, err = l.TryLock()
	} else {
		waiting, stop := context.WithTimeout(ctx, wait)
		defer stop()
		ok, err = l.TryLockContext(waiting, 20*time.Millisecond)
		if errors.Is(err, context.DeadlineExceeded) {
			ok, err = false, nil
		}
	}
	return func() { _ = l.Unlock() }, ok, err // the system frees it in any case
}

// A stored entry is one as its file holds it.
type stored struct {
	Format int    `json:"format"`
	Hash   string `json:"hash"` // of the key
	Entry
}

func encode(hash string, e *Entry) ([]byte, error) {
	data, err := json.MarshalIndent(stored{format, hash, *e}, "", " ")
	return append(data, '\n'), err
}

// write replaces the file of an entry.
func (b *Outbox) write(e *Entry) error {
	data, err := encode(hashOf(e.Key), e)
	if err != nil {
		return err
	}
	return b.replace(fileOf(e.Key), data)
}

// replace puts data into the place of a file, whole or not at all.
func (b *Outbox) replace(name string, data []byte) error {
	fresh := filepath.Join(b.dir, newPrefix+name)
	if err := b.disk.Write(fresh, data); err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	return b.settle(fresh, name)
}

// settle gives a file that is on the disk the name of another, which it replaces.
func (b *Outbox) settle(fresh, name string) error {
	if err := b.disk.Rename(fresh, filepath.Join(b.dir, name)); err != nil {
		_ = b.disk.Remove(fresh) // the error that counts is the first
		return fmt.Errorf("outbox: %w", err)
	}
	if err := b.disk.Sync(b.dir); err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	return nil
}

// read reads the file of an entry; ErrDamaged if it holds none. Of one that was sent long ago the key is empty.
func (b *Outbox) read(name string) (e Entry, err error) {
	data, err := b.disk.Read(filepath.Join(b.dir, name), maxFile)
	if err != nil {
		return e, fmt.Errorf("outbox: %w", err)
	}
	var s stored
	dec := json.NewDecoder(bytes.NewReader(data))
	err = dec.Decode(&s)
	switch {
	case len(data) > maxFile, err != nil, dec.More():
		return e, ErrDamaged
	case s.Format > format:
		return e, fmt.Errorf("outbox: %s was written by another release of drittland", filepath.Join(b.dir, name))
	case s.Format != format, s.Hash+".json" != name, s.Key != "" && hashOf(s.Key) != s.Hash:
		return e, ErrDamaged
	case s.Key == "" && (s.State == Sent || s.State == Abandoned):
		return s.Entry, nil
	case s.Key == "", !slices.Contains([]string{Waiting, Sending, Sent, Abandoned}, s.State), s.State != Sent && s.check() != nil:
		return e, ErrDamaged
	}
	return s.Entry, nil
}

var entryName = regexp.MustCompile(`^[0-9a-f]{32}\.json(\.damaged)?$`)

// names are the files of entries, damaged ones too.
func (b *Outbox) names() ([]string, error) {
	all, err := b.disk.Names(b.dir)
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	all = slices.DeleteFunc(all, func(n string) bool { return !entryName.MatchString(n) })
	slices.Sort(all)
	return all, nil
}

// setAside takes a damaged file out of the way.
func (b *Outbox) setAside(name string) error {
	return b.settle(filepath.Join(b.dir, name), name+damagedSuffix)
}

// tidy removes what a process that died left half-written. Nobody else may deliver.
func (b *Outbox) tidy(ctx context.Context) error {
	unlock, err := b.lock(ctx, "put.lock", putWait)
	if err != nil {
		return err
	}
	defer unlock()
	all, err := b.disk.Names(b.dir)
	if err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	for _, n := range all {
		if !strings.HasPrefix(n, newPrefix) && !strings.HasPrefix(n, sentPrefix) {
			continue
		}
		if err := b.disk.Remove(filepath.Join(b.dir, n)); err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
	}
	return nil
}

// prune shortens an entry that was sent or given up a while ago, and reports whether it did.
func prune(e *Entry, now time.Time) bool {
	since := e.SentAt
	if e.State == Abandoned {
		since = e.Last
		if since.IsZero() {
			since = e.Made
		}
	}
	age := now.Sub(since)
	switch {
	case e.State == Waiting, e.State == Sending, e.Key == "":
		return false
	case age > keepEntries:
		*e = Entry{State: e.State, SentAt: e.SentAt, Last: e.Last}
	case e.State == Sent && age > keepBodies && (e.Text != "" || e.HTML != "" || len(e.JSON) > 0):
		e.Text, e.HTML, e.JSON = "", "", nil
	default:
		return false
	}
	return true
}

// lock takes a lock file, at once or after waiting for a while.
func (b *Outbox) lock(ctx context.Context, name string, wait time.Duration) (unlock func(), err error) {
	unlock, ok, err := b.disk.Lock(ctx, filepath.Join(b.dir, name), wait)
	switch {
	case err != nil:
		return nil, fmt.Errorf("outbox: %w", err)
	case !ok:
		return nil, ErrBusy
	}
	return unlock, nil
}
