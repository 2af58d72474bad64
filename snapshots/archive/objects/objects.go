// Package objects keeps the capture files of an archive where they are no files of one machine: whole objects under names,
// in a folder that machines share, or in a bucket of a server that speaks S3.
//
// An object is written whole, with one call, and is seen whole or not at all. What was written is on stable storage when the call
// returns. Nothing is appended to an object; a second Put under its name replaces it.
package objects

// This file says what a store of objects promises, and opens one.

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"strings"
	"time"
)

// Errors that a caller may tell apart with errors.Is.
var (
	ErrAddress     = errors.New("not an address of a store of objects")
	ErrCredentials = errors.New("no credentials for the store of objects") // none are set, or they cannot be used
	ErrDenied      = errors.New("access denied")                           // the server knows them not, or they may not do this
	ErrNoStore     = errors.New("no such store of objects")                // the bucket or the folder is missing
	ErrUnreachable = errors.New("store of objects does not answer")        // try again later: nothing is known of what was asked
	ErrName        = errors.New("not a name of an object")
	ErrNotFound    = errors.New("no such object")
	ErrShort       = errors.New("object ends before")
	ErrTooLarge    = errors.New("too large for an object")
)

// MaxSize is the size of the largest object, bytes.
const MaxSize = 512 << 20

// A Store keeps whole objects under names such as "captures/2f/2f9a.warc.gz". A name has at most 400 bytes and 8 parts with "/" between
// them; a part has 1 to 200 lower-case ASCII letters, digits, ".", "_" and "-", and begins with none but a letter or a digit, and ends
// with no ".". The name of an object is no folder of another: where there is "a/b" there is no "a". Anything else in a store is passed over.
//
// A Store is safe for concurrent use, also by several processes and machines.
type Store interface {
	// Put writes an object, whole or not at all, and replaces what was there. It is on stable storage when Put returns. After an error
	// the object may be there, or come when a server is slow, but not in part; of several at a time one stands in the end, whole. b is not kept.
	Put(ctx context.Context, name string, b []byte) error
	// ReadAt fills b with the bytes of an object from byte at on. ErrNotFound, or ErrShort if the object ends before at+len(b);
	// b then holds anything. It may read what a Put at the same time replaces, but never some of both.
	ReadAt(ctx context.Context, name string, b []byte, at int64) error
	// Size is the size of an object, bytes. ErrNotFound.
	Size(ctx context.Context, name string) (int64, error)
	// List gives the objects whose names begin with prefix, behind the name after ("" for all), in byte order of their names. Both need not be whole
	// names, but have no other characters. It ends with the first error. Objects that come or go while it runs may be given or not.
	List(ctx context.Context, prefix, after string) iter.Seq2[Info, error]
	// Delete removes an object. It is no error if there is none.
	Delete(ctx context.Context, name string) error
	// String is the address of the store, without credentials.
	String() string
}

// Info says what a store knows of an object.
type Info struct {
	Name string
	Size int64     // bytes
	Time time.Time // when it was written, by the clock of the store
}

// Open opens the store at address: file:///dir for a folder, which must exist, or s3://bucket/prefix for a bucket, which must exist too. It asks the store
// whether it is there. Credentials and endpoint of a bucket come from getenv, by the names that other programs for S3 know:
// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, and AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL for a server other than Amazon's.
func Open(ctx context.Context, address string, getenv func(string) string) (Store, error) {
	a, err := parse(address)
	if err != nil {
		return nil, err
	}
	var s Store
	if a.bucket != "" {
		s, err = openBucket(ctx, a, getenv, usual)
	} else {
		s, err = openFolder(ctx, a.dir)
	}
	if err != nil {
		return nil, fmt.Errorf("open store of objects %s: %w", a, err)
	}
	return s, nil
}

const (
	maxName  = 400 // bytes; with the prefix it stays below the 1024 that S3 takes
	maxPart  = 200 // bytes; files of most systems take 255
	maxParts = 8
)

// checkName refuses what is no name of an object.
func checkName(name string) error {
	if !valid(name) {
		return fmt.Errorf("%w: %.80q", ErrName, name)
	}
	return nil
}

func valid(name string) bool {
	if name == "" || len(name) > maxName || strings.Count(name, "/") >= maxParts || !filepath.IsLocal(filepath.FromSlash(name)) {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || len(part) > maxPart || !alphanumeric(part[0]) || part[len(part)-1] == '.' {
			return false
		}
	}
	return plain(name)
}

// plain reports whether s has no other characters than names have.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; !alphanumeric(c) && c != '.' && c != '_' && c != '-' && c != '/' {
			return false
		}
	}
	return true
}

func alphanumeric(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }

// checkList refuses what no name begins with or stands behind.
func checkList(prefix, after string) error {
	for _, s := range []string{prefix, after} {
		if len(s) > maxName || !plain(s) {
			return fmt.Errorf("list objects: %w: %.80q", ErrName, s)
		}
	}
	return nil
}

// checkRead refuses what cannot be read.
func checkRead(name string, b []byte, at int64) error {
	if err := checkName(name); err != nil {
		return err
	}
	if at < 0 || len(b) > MaxSize || at > 1<<50 {
		return fmt.Errorf("%d bytes from byte %d of an object: out of range", len(b), at)
	}
	return nil
}

// checkPut refuses what cannot be written.
func checkPut(name string, b []byte) error {
	if err := checkName(name); err != nil {
		return err
	}
	if len(b) > MaxSize {
		return fmt.Errorf("%s of %d bytes: %w, which takes %d", name, len(b), ErrTooLarge, MaxSize)
	}
	return nil
}

// short says that an object of size bytes has not what was asked for.
func short(size int64, n int, at int64) error {
	return fmt.Errorf("%w byte %d: it has %d", ErrShort, at+int64(n), size)
}
