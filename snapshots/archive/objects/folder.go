package objects

// This file keeps objects as files below a folder.

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A folder is a store in a folder, of one machine or shared by several. A file is written in pending, a folder beside the others, and renamed.
// The folder is opened anew each time, so that one that was unmounted and mounted again is found; nothing outside it is touched, wherever
// a symbolic link may point.
type folder struct{ dir string }

const (
	pending    = ".pending" // where files are before they have their names
	oldPending = 24 * time.Hour
)

// openFolder opens the store in the folder dir, and clears away what crashes have left.
func openFolder(ctx context.Context, dir string) (*folder, error) {
	f := &folder{dir: dir}
	root, err := f.open(ctx)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f.clear(root)
	return f, nil
}

func (f *folder) String() string { return address{dir: f.dir}.String() }

// open opens the folder, which is never made here: where a share is not mounted, nothing may be written.
func (f *folder) open(ctx context.Context) (*os.Root, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(f.dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w: the folder is missing: make it, or mount it", ErrNoStore)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%w: %w", ErrDenied, err)
	}
	return root, err
}

// clear removes files that were begun long ago and never got their names. What cannot be removed does no harm.
func (f *folder) clear(root *os.Root) {
	entries, err := fs.ReadDir(root.FS(), pending)
	if err != nil {
		return
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > oldPending {
			_ = root.Remove(path.Join(pending, e.Name()))
		}
	}
}

// Put writes a file of its own, flushes it, renames it, and flushes the folders that lead to it.
func (f *folder) Put(ctx context.Context, name string, b []byte) error {
	if err := checkPut(name, b); err != nil {
		return err
	}
	root, err := f.open(ctx)
	if err != nil {
		return fmt.Errorf("put object %s: %w", name, err)
	}
	defer root.Close()
	if err := put(ctx, root, name, b); err != nil {
		return fmt.Errorf("put object %s: %w", name, denied(err))
	}
	return nil
}

func put(ctx context.Context, root *os.Root, name string, b []byte) error {
	if err := root.MkdirAll(pending, 0o700); err != nil {
		return err
	}
	temporary := path.Join(pending, rand.Text())
	if err := write(root, temporary, b); err != nil {
		_ = root.Remove(temporary) // or clear does, later
		return err
	}
	if err := place(ctx, root, temporary, name); err != nil {
		_ = root.Remove(temporary)
		return err
	}
	for dir := path.Dir(name); ; dir = path.Dir(dir) { // all of them: another process may have made one and not flushed it yet
		if err := syncDir(root, dir); err != nil || dir == "." {
			return err
		}
	}
}

func write(root *os.Root, name string, b []byte) error {
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(b)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// place gives a file its name, unless ctx has ended meanwhile.
func place(ctx context.Context, root *os.Root, temporary, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if dir := path.Dir(name); dir != "." {
		if err := root.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	return root.Rename(temporary, name)
}

func syncDir(root *os.Root, dir string) error {
	if runtime.GOOS == "windows" {
		return nil // a directory cannot be flushed there
	}
	d, err := root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// ReadAt reads from the file that has the name now.
func (f *folder) ReadAt(ctx context.Context, name string, b []byte, at int64) error {
	if err := checkRead(name, b, at); err != nil {
		return err
	}
	if err := f.readAt(ctx, name, b, at); err != nil {
		return fmt.Errorf("read object %s: %w", name, err)
	}
	return nil
}

func (f *folder) readAt(ctx context.Context, name string, b []byte, at int64) error {
	file, size, err := f.file(ctx, name)
	if err != nil {
		return err
	}
	defer file.Close()
	if at+int64(len(b)) > size {
		return short(size, len(b), at)
	}
	n, err := file.ReadAt(b, at)
	if n < len(b) && errors.Is(err, io.EOF) {
		return short(at+int64(n), len(b), at)
	}
	if n == len(b) {
		err = nil
	}
	return err
}

// file opens the file of an object and says how many bytes it has.
func (f *folder) file(ctx context.Context, name string) (*os.File, int64, error) {
	root, err := f.open(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer root.Close()
	info, err := root.Lstat(name) // before it is opened: to open a pipe would wait for its other end
	if err != nil {
		return nil, 0, missing(err)
	}
	if !info.Mode().IsRegular() {
		return nil, 0, ErrNotFound
	}
	file, err := root.Open(name)
	if err != nil {
		return nil, 0, missing(err)
	}
	if info, err = file.Stat(); err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	return file, info.Size(), nil
}

// missing makes ErrNotFound of the error for a file that is not there.
func missing(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return ErrNotFound
	}
	return denied(err)
}

// denied marks an error of rights as one.
func denied(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w: the folder and what is in it have to belong to the user that runs this: %w", ErrDenied, err)
	}
	return err
}

// Size asks for the size of the file.
func (f *folder) Size(ctx context.Context, name string) (int64, error) {
	if err := checkName(name); err != nil {
		return 0, err
	}
	file, size, err := f.file(ctx, name)
	if err != nil {
		return 0, fmt.Errorf("size of object %s: %w", name, err)
	}
	return size, file.Close()
}

// Delete removes the file. Its folder stays, so that nobody who is about to put a file into it loses it.
func (f *folder) Delete(ctx context.Context, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	err := f.delete(ctx, name)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("delete object %s: %w", name, err)
	}
	return nil
}

func (f *folder) delete(ctx context.Context, name string) error {
	root, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer root.Close()
	info, err := root.Lstat(name)
	if err != nil {
		return missing(err)
	}
	if info.IsDir() {
		return nil
	}
	if err := root.Remove(name); err != nil {
		return missing(err)
	}
	return syncDir(root, path.Dir(name))
}

// List walks through the folders in the order of the names.
func (f *folder) List(ctx context.Context, prefix, after string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		if err := checkList(prefix, after); err != nil {
			yield(Info{}, err)
			return
		}
		root, err := f.open(ctx)
		if err != nil {
			yield(Info{}, fmt.Errorf("list objects: %w", err))
			return
		}
		defer root.Close()
		w := walk{ctx: ctx, fs: root.FS(), prefix: prefix, after: after, yield: yield}
		w.dir("")
	}
}

// A walk gives the objects of a folder.
type walk struct {
	ctx           context.Context
	fs            fs.FS
	prefix, after string
	yield         func(Info, error) bool
}

// dir gives the objects in the folder whose name, with "/" behind it unless it is the first, is at. False says that it is enough.
func (w *walk) dir(at string) bool {
	if err := w.ctx.Err(); err != nil {
		return w.failed(err)
	}
	entries, err := fs.ReadDir(w.fs, path.Join(".", at))
	if errors.Is(err, fs.ErrNotExist) && at != "" {
		return true
	}
	if err != nil {
		return w.failed(denied(err))
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(key(a), key(b)) })
	for _, e := range entries {
		name := at + key(e)
		if !valid(strings.TrimSuffix(name, "/")) || !w.wanted(name) {
			continue
		}
		if !w.entry(e, name) {
			return false
		}
	}
	return true
}

// key is what an entry is sorted by: the names of the objects in a folder go on with a "/".
func key(e fs.DirEntry) string {
	if e.IsDir() {
		return e.Name() + "/"
	}
	return e.Name()
}

// wanted reports whether an object called name, or one whose name begins with it where it ends with "/", may be among those asked for.
func (w *walk) wanted(name string) bool {
	if !strings.HasSuffix(name, "/") {
		return strings.HasPrefix(name, w.prefix) && name > w.after
	}
	return (strings.HasPrefix(name, w.prefix) || strings.HasPrefix(w.prefix, name)) && (name > w.after || strings.HasPrefix(w.after, name))
}

func (w *walk) entry(e fs.DirEntry, name string) bool {
	if e.IsDir() {
		return w.dir(name)
	}
	if !e.Type().IsRegular() {
		return true
	}
	info, err := e.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return true // it was deleted meanwhile
	}
	if err != nil {
		return w.failed(denied(err))
	}
	return w.yield(Info{Name: name, Size: info.Size(), Time: info.ModTime().UTC()}, nil)
}

func (w *walk) failed(err error) bool {
	w.yield(Info{}, fmt.Errorf("list objects: %w", err))
	return false
}
