// Package archive keeps one archive: evidence in WARC files that are only appended to, and a bbolt index of
// everything that can be computed from it. FORMAT.md in the parent folder describes the format.
//
// Evidence is written and flushed to the disk before it is indexed, so that a crash at any moment leaves an archive that
// Check accepts. One process at a time may write; commands open an archive briefly and close it again.
package archive

// This file makes, opens and closes archives.

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/disk"
	"github.com/drittland/drittland/snapshots/ledger"
	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// Errors that a caller may tell apart with errors.Is.
var (
	ErrNotArchive = errors.New("not an archive")
	ErrVersion    = errors.New("archive of another version of the format")
	ErrExists     = errors.New("already exists")
	ErrLocked     = errors.New("archive is in use by another process")
	ErrNoIndex    = errors.New("archive has no usable index and must be rebuilt")
	ErrDamaged    = errors.New("archive is damaged")
	ErrReadOnly   = errors.New("archive is open for reading only")
	ErrNotFound   = errors.New("not in the archive")
	ErrUnfinished = errors.New("a copy that is not finished: make the same copy again to go on, or delete it")
)

const (
	formatLine = "drittland-archive/1"
	formatFile = "FORMAT"
	indexFile  = "index.db"
	captureDir = "captures"
)

// Options say how an archive is opened. The zero value opens it for writing.
type Options struct {
	Timeout  time.Duration        // how long to wait for another process; 0 means 10 s, negative not at all
	Waiting  func(message string) // called once when opening has to wait
	ReadOnly bool                 // share the archive with other readers; nothing is mended
	Said     func(message string) // called with what opening has mended or made anew
	FileSize int64                // a capture file that has grown to this size is followed by a new one; 0 means 256 MiB
	AtHand   int                  // bytes of decoded texts that are kept, for others that build upon them; 0 means 40 MiB

	Objects string              // address of the store of objects of an archive on a server; "" means the one that it was made with
	Getenv  func(string) string // credentials of that store; nil means none

	LedgerKey string // file of the key that signs the ledger; "" means ledger/key, which is made on first use

	Beside Beside // what Copy, Backup and Restore take along from one server to another; nil for nothing
}

// An Archive is one open archive. Its methods may be called from several goroutines.
type Archive struct {
	dir      string // or the address without password of one on a server
	opts     Options
	db       kv.DB
	file     *bolt.DB   // that db is kept in; nil on a server
	shared   *shared    // nil for an archive in a folder
	lent     bool       // shared stays open when this is closed
	mu       sync.Mutex // held by the one who writes
	captures *captures
	codec    *codec
	bodies   *cache // decoded bodies and documents by hash
	ready    bool   // opened for writing, and nothing was amiss
	files    files  // of the ledger
	log      *ledger.Log
	logged   progress
	scrub    bool  // free pages of the index may hold what was erased: it is written anew
	opened   int64 // size of the index when it was opened, bytes; 0 for one that is made anew
}

// Create makes an empty archive in dir, which may exist if it is empty. It is opened with Open.
func Create(dir string) error {
	if err := creatable(dir); err != nil {
		return fmt.Errorf("create archive %s: %w", dir, err)
	}
	if err := create(dir); err != nil {
		return fmt.Errorf("create archive %s: %w", dir, err)
	}
	return nil
}

// creatable refuses a directory that is an archive or holds anything but what a broken-off Create leaves.
func creatable(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		switch e.Name() {
		case formatFile:
			return ErrExists
		case captureDir:
			if inside, err := os.ReadDir(filepath.Join(dir, captureDir)); err != nil || len(inside) > 0 {
				return fmt.Errorf("%w: its folder %s is not empty", ErrExists, captureDir)
			}
		case indexFile:
		default:
			return fmt.Errorf("%w and is not empty: it holds %s", ErrExists, e.Name())
		}
	}
	return nil
}

func create(dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, captureDir), 0o755); err != nil {
		return err
	}
	db, err := openIndex(filepath.Join(dir, indexFile), Options{Timeout: -1})
	if err != nil {
		return err
	}
	err = kv.Bolt{DB: db}.Update(makeBuckets)
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	return finish(dir)
}

// finish writes FORMAT, which makes the directory an archive.
func finish(dir string) error {
	f, err := os.OpenFile(filepath.Join(dir, formatFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(formatLine + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return disk.Sync(dir)
}

// Open opens the archive in dir. Opened for writing, it first takes up what a crash has left: whole records that the index does
// not know are entered, and what remains of a record that was cut off is moved aside into a file of its own.
func Open(dir string, opts Options) (*Archive, error) {
	if OnServer(dir) {
		return openShared(dir, opts)
	}
	a, err := open(dir, opts)
	if err != nil {
		return nil, fmt.Errorf("open archive %s: %w", dir, err)
	}
	return a, nil
}

func (o Options) getenv() func(string) string {
	if o.Getenv == nil {
		return func(string) string { return "" }
	}
	return o.Getenv
}

func open(dir string, opts Options) (*Archive, error) {
	if err := checkFormat(dir); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, indexFile)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, ErrNoIndex
	}
	db, err := openIndex(path, opts)
	if err != nil {
		return nil, err
	}
	a := newArchive(dir, opts, db)
	if info, err := os.Stat(path); err == nil {
		a.opened = info.Size()
	}
	if err := a.start(); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func newArchive(dir string, opts Options, db *bolt.DB) *Archive {
	return &Archive{dir: dir, opts: opts, db: kv.Bolt{DB: db}, file: db, codec: newCodec(), bodies: newCache(cmp.Or(opts.AtHand, 40<<20)),
		captures: newCaptures(drawer(filepath.Join(dir, captureDir)), opts.FileSize), files: folder(filepath.Join(dir, ledgerDir))}
}

// start makes an opened archive ready: the index must be whole, and the capture files agree with it.
func (a *Archive) start() error {
	if err := a.file.View(whole); err != nil {
		return err
	}
	if err := a.view(usable); err != nil {
		return err
	}
	if err := a.openLedger(); err != nil || a.opts.ReadOnly {
		return err
	}
	if err := a.keyIsPrivate(); err != nil {
		return err
	}
	_ = os.Remove(filepath.Join(a.dir, copyFile)) // a crash behind the last step of a copy leaves it
	_ = os.Remove(a.compactFile())                // there is one after a crash only, and it does no harm
	var m mend
	err := a.rollForward(&m)
	if err == nil {
		err = a.finishErasures()
	}
	for _, p := range m.problems {
		a.said("%s", p)
	}
	a.ready = err == nil
	return err
}

// Close signs a checkpoint over what was recorded and gives the archive back. Sequences and readers obtained from it end with an error. An index that has grown much is
// written anew without the room that it does not need; that this could not be done, for want of room on the disk
// say, is no error.
func (a *Archive) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.codec.close()
	switch {
	case a.lent:
		return nil
	case a.shared != nil:
		return a.db.Close()
	}
	var err error
	if a.ready {
		err = a.sign()
	}
	if a.scrub && !a.opts.ReadOnly {
		err = errors.Join(err, a.compact())
	} else if a.pays() {
		_ = a.compact()
	}
	if err := errors.Join(err, a.captures.close(), a.db.Close()); err != nil {
		return fmt.Errorf("close archive %s: %w", a.dir, err)
	}
	return nil
}

// Dir is the directory of the archive, or "" if it is on a server.
func (a *Archive) Dir() string {
	if a.shared != nil {
		return ""
	}
	return a.dir
}

// String is where the archive is, without a password.
func (a *Archive) String() string { return a.dir }

func checkFormat(dir string) error {
	b, err := os.ReadFile(filepath.Join(dir, formatFile))
	if errors.Is(err, os.ErrNotExist) {
		if _, err := os.Stat(filepath.Join(dir, copyFile)); err == nil {
			return fmt.Errorf("%w: %w", ErrNotArchive, ErrUnfinished)
		}
		return ErrNotArchive
	}
	if err != nil {
		return err
	}
	line := strings.TrimRight(string(b), "\r\n")
	switch {
	case line == formatLine:
		return nil
	case strings.HasPrefix(line, "drittland-archive/"):
		return fmt.Errorf("%w: it is %.40q, this program reads %q", ErrVersion, line, formatLine)
	}
	return fmt.Errorf("%w: its file %s says %.40q", ErrNotArchive, formatFile, line)
}

// openIndex opens the bbolt file at path and waits for its lock as opts say.
func openIndex(path string, opts Options) (*bolt.DB, error) {
	timeout := opts.Timeout
	if timeout == 0 {
		timeout = 10 * time.Second
	}
	const first = 50 * time.Millisecond // long enough to try the lock, too short to notice
	db, err := openFile(path, opts.ReadOnly, first)
	if errors.Is(err, ErrLocked) && timeout > 0 {
		if opts.Waiting != nil {
			opts.Waiting(fmt.Sprintf("the archive in %s is in use by another process, waiting up to %s", filepath.Dir(path), timeout))
		}
		db, err = openFile(path, opts.ReadOnly, timeout)
	}
	if errors.Is(err, ErrLocked) {
		return nil, fmt.Errorf("%w (waited %s)", err, max(timeout, 0))
	}
	return db, err
}

// openFile opens the bbolt file. If the file was replaced while it waited for the lock, it opens the new one.
func openFile(path string, readOnly bool, timeout time.Duration) (*bolt.DB, error) {
	for {
		before, _ := os.Stat(path)
		db, err := openBolt(path, readOnly, timeout)
		if err != nil {
			return nil, err
		}
		now, err := os.Stat(path)
		if err == nil && (before == nil || os.SameFile(before, now)) {
			return db, nil
		}
		if err := db.Close(); err != nil {
			return nil, err
		}
	}
}

// openBolt opens the bbolt file and turns what a damaged one does, panics and faults included, into ErrNoIndex.
func openBolt(path string, readOnly bool, timeout time.Duration) (db *bolt.DB, err error) {
	var file *os.File
	keep := func(name string, flag int, mode os.FileMode) (f *os.File, err error) {
		file, err = os.OpenFile(name, flag, mode)
		return file, err
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			db, err = nil, errors.Join(fmt.Errorf("%w: %s: %v", ErrNoIndex, indexFile, r), unlock(file))
		}
	}()
	db, err = bolt.Open(path, 0o644, &bolt.Options{Timeout: timeout, ReadOnly: readOnly, OpenFile: keep})
	var pathErr *os.PathError
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return nil, ErrLocked
	case errors.As(err, &pathErr):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w: %s: %w", ErrNoIndex, indexFile, err)
	}
	db.AllocSize = allocSize
	return db, nil
}

// view calls f with a view of the index. What a damaged one does, panics and faults included, is ErrNoIndex.
func (a *Archive) view(f func(kv.Tx) error) (err error) {
	defer contain(&err)()
	return a.db.View(f)
}

// update calls f with the index to be changed: all that f does, or nothing if it fails. A damaged index is ErrNoIndex.
func (a *Archive) update(f func(kv.Tx) error) (err error) {
	defer contain(&err)()
	return a.db.Update(f)
}

// contain makes ErrNoIndex of the panic of a damaged index, when what it returns is called.
func contain(err *error) func() {
	old := debug.SetPanicOnFault(true)
	return func() {
		debug.SetPanicOnFault(old)
		switch r := recover().(type) {
		case nil:
		case interface{ Failed() error }: // a server, within a transaction that others have begun
			*err = r.Failed()
		default:
			*err = fmt.Errorf("%w: %s: %v", ErrNoIndex, indexFile, r)
		}
	}
}

// whole refuses an index that is cut short: reading on would end the program.
func whole(tx *bolt.Tx) error {
	info, err := os.Stat(tx.DB().Path())
	if err != nil {
		return err
	}
	if info.Size() < tx.Size() {
		return fmt.Errorf("%w: %s is cut short", ErrNoIndex, indexFile)
	}
	return nil
}

// usable refuses an index that was laid out by another release.
func usable(tx kv.Tx) error {
	meta := tx.Bucket(bucketMeta)
	if meta == nil || string(meta.Get(keyLayout)) != layout {
		return fmt.Errorf("%w: %s has another layout", ErrNoIndex, indexFile)
	}
	for _, name := range allBuckets {
		if tx.Bucket(name) == nil {
			return fmt.Errorf("%w: %s lacks %s", ErrNoIndex, indexFile, name)
		}
	}
	return nil
}
