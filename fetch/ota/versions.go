// This file turns changes of trees into versions.

package ota

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// A Version is a text of some terms as one commit of a collection left it.
type Version struct {
	Service      string
	TermsType    string    // Open Terms Archive's words, such as "Privacy Policy"
	Document     string    // of several under one type: what follows " #" in the file name; usually empty
	Path         string    // within the repository
	Commit       string    // full hash
	Date         time.Time // of the author, UTC; the order of versions is that of ancestry, not of dates
	Subject      string    // first line of the commit message, cleaned
	Technical    bool      // the message says that the reading changed, not the service
	First        bool      // the parent commit does not have the path
	Deleted      bool      // the commit removed the path; there is no body
	Body         []byte    // as recorded; may be invalid UTF-8
	MediaType    string    // text/markdown or text/plain
	SnapshotRefs []string  // addresses of the snapshots that the message names
}

var errTooBig = errors.New("too big")

// Versions reads the versions after the commit since, oldest first; all of them for an empty since.
// Parents come before their children, whatever their dates. The sequence ends with its first error;
// what is left out is no error and goes to OnProblem. An unknown since is an *UnknownCommitError.
// The commit to continue from is Head, once the sequence has ended without error.
func (r *Repo) Versions(ctx context.Context, since string) iter.Seq2[Version, error] {
	return func(yield func(Version, error) bool) {
		w := newWalker(r)
		order, err := w.history(ctx, since)
		if err != nil {
			yield(Version{}, fmt.Errorf("read the history of %s: %w", r.Name, err))
			return
		}
		for _, h := range order {
			err := ctx.Err()
			if err == nil {
				err = w.versions(h, func(v Version) bool { return yield(v, nil) })
			}
			if errors.Is(err, errStopped) {
				return
			}
			if err != nil {
				yield(Version{}, fmt.Errorf("read commit %s of %s: %w", h, r.Name, err))
				return
			}
		}
	}
}

// Count counts what Versions would give, without reading a text: versions that turn out too big or
// not to be texts are counted. Problems are not reported.
func (r *Repo) Count(ctx context.Context, since string) (n int, err error) {
	w := newWalker(r)
	order, err := w.history(ctx, since)
	for i := 0; i < len(order) && err == nil; i++ {
		var c *object.Commit
		if c, err = w.commit(order[i]); err != nil {
			break
		}
		if _, ok := dateOf(c); !ok {
			continue
		}
		var list []change
		list, err = w.changes(c)
		for _, ch := range list {
			if _, reason := readable(ch); reason == "" {
				n++
			}
		}
		err = errors.Join(err, ctx.Err())
	}
	if err != nil {
		return 0, fmt.Errorf("count the versions of %s: %w", r.Name, err)
	}
	return n, nil
}

var errStopped = errors.New("stopped")

// versions reads what one commit changed.
func (w *walker) versions(h plumbing.Hash, yield func(Version) bool) error {
	c, err := w.commit(h)
	if err != nil {
		return err
	}
	list, err := w.changes(c)
	if err != nil || len(list) == 0 {
		return err
	}
	m := parseMessage(c.Message)
	date, dated := dateOf(c)
	for _, ch := range list {
		f, reason := readable(ch)
		if reason == "" && !dated {
			reason = BadDate
		}
		if reason != "" {
			w.problem(c, ch, reason)
			continue
		}
		v := Version{
			Service: f.service, TermsType: f.termsType, Document: f.document, MediaType: f.mediaType,
			Path: ch.path(), Commit: c.Hash.String(), Date: date,
			Subject: m.subject, Technical: m.technical, SnapshotRefs: m.refs,
			First: ch.added && !w.r.shallow[c.Hash], Deleted: ch.hash.IsZero(),
		}
		if !v.Deleted {
			if reason, err = w.fill(&v, ch.hash); err != nil {
				return fmt.Errorf("%q: %w", v.Path, err)
			}
			if reason != "" {
				w.problem(c, ch, reason)
				continue
			}
		}
		if !yield(v) {
			return errStopped
		}
	}
	return nil
}

// fill reads the text of a version.
func (w *walker) fill(v *Version, h plumbing.Hash) (Reason, error) {
	limit := w.r.MaxBlob
	if limit <= 0 {
		limit = DefaultMaxBlob
	}
	o, err := w.object(plumbing.BlobObject, h, limit)
	if errors.Is(err, errTooBig) {
		return TooBig, nil
	}
	if err != nil {
		return "", err
	}
	if v.Body, err = guard(func() ([]byte, error) { return readAll(o) }); err != nil {
		return "", fmt.Errorf("read blob %s: %w", h, err)
	}
	if bytes.HasPrefix(v.Body, []byte("version https://git-lfs.github.com/spec/")) {
		return Pointer, nil
	}
	return "", nil
}

func (w *walker) problem(c *object.Commit, ch change, reason Reason) {
	if w.r.OnProblem != nil {
		w.r.OnProblem(Problem{Commit: c.Hash.String(), Path: ch.path(), Reason: reason})
	}
}

// readable says which terms a change is of, or why it is none.
func readable(ch change) (file, Reason) {
	switch ch.mode {
	case filemode.Regular, filemode.Executable, filemode.Deprecated:
		return parsePath(ch.path())
	case filemode.Dir:
		return file{}, NotTerms
	default:
		return file{}, NotAFile
	}
}

// dateOf is the author's date in UTC, or the committer's if the author's cannot be.
func dateOf(c *object.Commit) (time.Time, bool) {
	for _, t := range []time.Time{c.Author.When.UTC(), c.Committer.When.UTC()} {
		if t.Year() >= 1990 && t.Year() <= 9999 {
			return t, true
		}
	}
	return time.Time{}, false
}
