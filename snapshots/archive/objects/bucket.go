package objects

// This file keeps objects in a bucket of a server that speaks S3.

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
)

// A bucket is a store in a bucket, under names that begin with a prefix.
type bucket struct {
	address
	core   *minio.Core
	access access
	limits limits
}

// limits bound what is waited for.
type limits struct {
	header  time.Duration // from the end of a request to the first bytes of its answer
	request time.Duration // for one request with all its tries, and more for what it carries:
	rate    int64         // bytes each second that a line carries at the least
	tries   int
	page    int // objects in one answer to a question for a list
}

var usual = limits{header: 30 * time.Second, request: 2 * time.Minute, rate: 128 << 10, tries: 4, page: 1000}

const maxReply = 16 << 20 // bytes of an answer that is no object; a page of 1000 names has about 400 KB

// openBucket opens the store at a and asks for one name of it, which needs a bucket that is there and credentials that are right.
func openBucket(ctx context.Context, a address, getenv func(string) string, l limits) (*bucket, error) {
	acc, err := accessFrom(getenv)
	if err != nil {
		return nil, err
	}
	core, err := acc.client(getenv, l)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", ErrAddress, acc.clean(err.Error()))
	}
	s := &bucket{address: a, core: core, access: acc, limits: l}
	ctx2, cancel := s.bounded(ctx, 0)
	defer cancel()
	for info := range core.ListObjectsIter(ctx2, a.bucket, minio.ListObjectsOptions{Prefix: a.prefix, Recursive: true, MaxKeys: 1}) {
		if info.Err != nil {
			return nil, s.fault(ctx, info.Err)
		}
		break
	}
	if err := ctx2.Err(); err != nil { // the sequence ends without a word of it
		return nil, s.fault(ctx, err)
	}
	return s, nil
}

// bounded is ctx with the time that a request may take which carries n bytes.
func (s *bucket) bounded(ctx context.Context, n int) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, s.limits.request+time.Duration(int64(n)/s.limits.rate)*time.Second)
}

// Put sends the object with one request. The server checks the SHA-256 of what arrives, of which S3 promises that all of it or nothing is stored.
func (s *bucket) Put(ctx context.Context, name string, b []byte) error {
	if err := checkPut(name, b); err != nil {
		return err
	}
	if err := s.put(ctx, name, b); err != nil {
		return fmt.Errorf("put object %s: %w", name, err)
	}
	return nil
}

func (s *bucket) put(ctx context.Context, name string, b []byte) error {
	bound, cancel := s.bounded(ctx, len(b))
	defer cancel()
	sum := sha256.Sum256(b)
	want := base64.StdEncoding.EncodeToString(sum[:])
	opts := minio.PutObjectOptions{
		ContentType:          "application/octet-stream",
		DisableContentSha256: true, // not piece by piece: the sum of the whole is signed, below
		UserMetadata:         map[string]string{"X-Amz-Checksum-Sha256": want},
	}
	info, err := s.core.PutObject(bound, s.bucket, s.prefix+name, bytes.NewReader(b), int64(len(b)), "", hex.EncodeToString(sum[:]), opts)
	if err != nil {
		return s.fault(ctx, err)
	}
	if got := info.ChecksumSHA256; got != "" && got != want {
		return fmt.Errorf("%w: it says that it has stored other bytes than were sent", errServer)
	}
	return nil
}

// ReadAt asks for a range of the object, and again where the line breaks in the middle of it.
func (s *bucket) ReadAt(ctx context.Context, name string, b []byte, at int64) error {
	if err := checkRead(name, b, at); err != nil {
		return err
	}
	if len(b) == 0 { // no range has no bytes
		size, err := s.Size(ctx, name)
		if err == nil && at > size {
			err = fmt.Errorf("read object %s: %w", name, short(size, 0, at))
		}
		return err
	}
	bound, cancel := s.bounded(ctx, len(b))
	defer cancel()
	var err error
	for try := range s.limits.tries {
		if try > 0 && !pause(bound, try) {
			break
		}
		var broken bool
		if broken, err = s.readAt(bound, name, b, at); !broken {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("read object %s: %w", name, s.fault(ctx, err))
	}
	return nil
}

// pause waits before a try that is not the first, longer each time. False says that ctx has ended.
func pause(ctx context.Context, try int) bool {
	select {
	case <-time.After(rand.N(200 * time.Millisecond << min(try, 4))):
		return true
	case <-ctx.Done():
		return false
	}
}

// readAt reads once. It reports whether the answer began well and broke off.
func (s *bucket) readAt(ctx context.Context, name string, b []byte, at int64) (broken bool, err error) {
	var opts minio.GetObjectOptions
	if err := opts.SetRange(at, at+int64(len(b))-1); err != nil {
		return false, err
	}
	body, _, header, err := s.core.GetObject(ctx, s.bucket, s.prefix+name, opts)
	if err != nil {
		return false, err
	}
	defer body.Close()
	first, last, size, ok := contentRange(header)
	switch {
	case !ok || first != at:
		return false, fmt.Errorf("%w: it does not give the part of an object that it is asked for", errServer)
	case at+int64(len(b)) > size:
		return false, short(size, len(b), at)
	case last != at+int64(len(b))-1:
		return false, fmt.Errorf("%w: it gives less of an object than it is asked for", errServer)
	}
	if _, err := io.ReadFull(body, b); err != nil {
		return true, err
	}
	return false, nil
}

// contentRange reads the header that says which part of an object an answer has: the numbers of its first and last byte, and the size of the object.
func contentRange(h http.Header) (first, last, size int64, ok bool) {
	s, found := strings.CutPrefix(h.Get("Content-Range"), "bytes ")
	part, all, slash := strings.Cut(s, "/")
	from, to, dash := strings.Cut(part, "-")
	if !found || !slash || !dash {
		return 0, 0, 0, false
	}
	first, err1 := strconv.ParseInt(from, 10, 64)
	last, err2 := strconv.ParseInt(to, 10, 64)
	size, err3 := strconv.ParseInt(all, 10, 64)
	ok = errors.Join(err1, err2, err3) == nil && 0 <= first && first <= last && last < size
	return first, last, size, ok
}

// Size asks for the head of the object. That has no room to say whether the object or the bucket is missing, so that in this case its first byte is asked for, too.
func (s *bucket) Size(ctx context.Context, name string) (int64, error) {
	if err := checkName(name); err != nil {
		return 0, err
	}
	bound, cancel := s.bounded(ctx, 0)
	defer cancel()
	info, err := s.core.StatObject(bound, s.bucket, s.prefix+name, minio.StatObjectOptions{})
	if e, ok := errors.AsType[minio.ErrorResponse](err); ok && e.StatusCode == http.StatusNotFound {
		if _, again := s.readAt(bound, name, make([]byte, 1), 0); again != nil {
			err = again
		}
	}
	if err != nil {
		return 0, fmt.Errorf("size of object %s: %w", name, s.fault(ctx, err))
	}
	if info.Size < 0 {
		return 0, fmt.Errorf("size of object %s: %w: it does not say", name, errServer)
	}
	return info.Size, nil
}

// Delete removes the object.
func (s *bucket) Delete(ctx context.Context, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	bound, cancel := s.bounded(ctx, 0)
	defer cancel()
	err := s.core.RemoveObject(bound, s.bucket, s.prefix+name, minio.RemoveObjectOptions{})
	if err == nil {
		return nil
	}
	if err = s.fault(ctx, err); errors.Is(err, ErrNotFound) {
		return nil
	}
	return fmt.Errorf("delete object %s: %w", name, err)
}

// List asks for page after page, each of them beginning behind the last name of the one before, with a time for each.
func (s *bucket) List(ctx context.Context, prefix, after string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		if err := checkList(prefix, after); err != nil {
			yield(Info{}, err)
			return
		}
		for last := after; ; {
			infos, next, err := s.page(ctx, prefix, last)
			for _, info := range infos {
				if !yield(info, nil) {
					return
				}
			}
			if err != nil {
				yield(Info{}, fmt.Errorf("list objects: %w", err))
				return
			}
			if next == "" {
				return
			}
			last = next
		}
	}
}

// page gives the next objects behind after, and the name behind which the next page begins, "" at the end.
func (s *bucket) page(ctx context.Context, prefix, after string) (infos []Info, next string, err error) {
	bound, cancel := s.bounded(ctx, 0)
	defer cancel()
	opts := minio.ListObjectsOptions{Prefix: s.prefix + prefix, Recursive: true, MaxKeys: s.limits.page}
	if after != "" {
		opts.StartAfter = s.prefix + after
	}
	n, last := 0, opts.StartAfter
	for o := range s.core.ListObjectsIter(bound, s.bucket, opts) {
		if o.Err != nil {
			return infos, "", s.fault(ctx, o.Err)
		}
		if !strings.HasPrefix(o.Key, opts.Prefix) || o.Key <= last || o.Size < 0 {
			return infos, "", fmt.Errorf("%w: its list of objects is not in the order of their names, or has others than it was asked for", errServer)
		}
		last = o.Key
		if name := o.Key[len(s.prefix):]; valid(name) {
			infos = append(infos, Info{Name: name, Size: o.Size, Time: o.LastModified.UTC()})
		}
		if n++; n == s.limits.page {
			return infos, last[len(s.prefix):], nil
		}
	}
	if err := bound.Err(); err != nil { // the sequence ends without a word of it
		return infos, "", s.fault(ctx, err)
	}
	return infos, "", nil
}
