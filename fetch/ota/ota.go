// Package ota reads the git history of an Open Terms Archive collection of versions, without git
// installed: one Version for each text that a commit added, changed or removed. It reads a clone or
// a bare repository on disk and never touches the network.
//
// This file opens a repository and finds its head.
package ota

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

// Reasons why a path cannot be imported from. Open wraps them with the path.
var (
	ErrNotRepository = errors.New("not a git repository")
	ErrEmpty         = errors.New("the repository has no commits")
	ErrSnapshots     = errors.New("the repository holds snapshots, not versions; import the collection whose name ends in -versions")
)

// UnknownCommitError says that the last imported commit is not in the history of the repository:
// the history was rewritten, or it is another collection.
type UnknownCommitError struct {
	Commit string // what was asked for
	Repo   string // name of the collection
}

func (e *UnknownCommitError) Error() string {
	return fmt.Sprintf("commit %s is not in the history of %s: the history was rewritten, or this is another collection; import it from the start", e.Commit, e.Repo)
}

// DefaultMaxBlob is the size in bytes above which a text is reported and not imported.
const DefaultMaxBlob = 16 << 20

// Bounds on what one object may hold. Real collections stay far below.
const (
	maxCommit   = 1 << 20  // bytes of one commit
	maxTree     = 8 << 20  // bytes of one directory listing
	maxCommits  = 5 << 20  // commits in one history
	objectCache = 16 << 20 // bytes of objects kept between reads; delta chains are resolved through it
)

// A Repo is an opened collection. It sees the commits that were there when it was opened. It is for
// one goroutine at a time.
type Repo struct {
	Name      string        // of the collection, such as "OpenTermsArchive/demo-versions"; never holds credentials
	Head      string        // full hash of the newest commit
	Warnings  []string      // what the person who imports should know, such as a shallow clone
	MaxBlob   int64         // largest text in bytes; 0 means DefaultMaxBlob
	OnProblem func(Problem) // told of everything that is left out; nil means nobody is

	git     *git.Repository
	store   *filesystem.Storage
	head    plumbing.Hash
	shallow map[plumbing.Hash]bool
}

// A Reason says why something was left out of an import.
type Reason string

// The reasons of a Problem.
const (
	NotTerms   Reason = "not in a service directory"    // such as README.md, or too deep
	OtherMedia Reason = "neither Markdown nor text"     // such as .html or .pdf of old collections
	BadPath    Reason = "name cannot be used"           // control characters, "..", absurd length
	NotAFile   Reason = "not a regular file"            // symbolic link or submodule
	TooBig     Reason = "larger than the limit"         // of Repo.MaxBlob
	Pointer    Reason = "git lfs pointer, not the text" // the text itself is not in the repository
	BadDate    Reason = "no usable date"                // outside the years 1990 to 9999
)

// A Problem is one change that was left out, and why. Path may hold any bytes: quote it when shown.
type Problem struct {
	Commit string
	Path   string
	Reason Reason
}

func (p Problem) String() string {
	return fmt.Sprintf("%.12s: %q: %s", p.Commit, p.Path, p.Reason)
}

// Open opens the clone or bare repository at path. Close it after use.
func Open(path string) (*Repo, error) {
	r, err := guard(func() (*Repo, error) { return open(path) })
	if err != nil {
		return nil, fmt.Errorf("open collection %s: %w", path, err)
	}
	return r, nil
}

func open(path string) (*Repo, error) {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("%w but a file; a bundle is imported from its clone (git clone --bare FILE)", ErrNotRepository)
	}
	first, err := git.PlainOpenWithOptions(path, &git.PlainOpenOptions{EnableDotGitCommonDir: true})
	switch {
	case errors.Is(err, git.ErrRepositoryNotExists):
		return nil, ErrNotRepository
	case err != nil:
		return nil, err
	}
	plain, ok := first.Storer.(*filesystem.Storage)
	if !ok {
		return nil, fmt.Errorf("unexpected storage %T", first.Storer)
	}
	store := filesystem.NewStorageWithOptions(plain.Filesystem(), cache.NewObjectLRU(objectCache), filesystem.Options{
		ExclusiveAccess: true, KeepDescriptors: true, LargeObjectThreshold: DefaultMaxBlob,
	})
	repo, err := git.Open(store, nil)
	if err != nil {
		return nil, err
	}
	r := &Repo{git: repo, store: store, shallow: map[plumbing.Hash]bool{}}
	if err := r.inspect(path); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// Close releases the files that the repository holds open.
func (r *Repo) Close() error { return r.store.Close() }

// inspect finds the head and the name, and looks for what should be warned of.
func (r *Repo) inspect(path string) error {
	var err error
	if r.head, err = r.findHead(); err != nil {
		return err
	}
	r.Head = r.head.String()
	cfg, err := r.git.Config()
	if err != nil {
		return fmt.Errorf("read its configuration: %w", err)
	}
	var urls []string
	if origin := cfg.Remotes["origin"]; origin != nil {
		urls = origin.URLs
		if cfg.Raw.Section("remote").Subsection("origin").Option("promisor") == "true" {
			r.Warnings = append(r.Warnings, "partial clone: texts that were not fetched cannot be imported; clone without --filter")
		}
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	r.Name = collectionName(urls, abs)
	edges, err := r.store.Shallow()
	if err != nil {
		return fmt.Errorf("read its shallow commits: %w", err)
	}
	for _, h := range edges {
		r.shallow[h] = true
	}
	if len(edges) > 0 {
		r.Warnings = append(r.Warnings, "shallow clone: older history is missing, and all texts of its oldest commit are dated on that commit; git fetch --unshallow gets the rest")
	}
	return r.refuseSnapshots()
}

// findHead resolves HEAD, or the usual main branches if HEAD names a branch that does not exist.
func (r *Repo) findHead() (plumbing.Hash, error) {
	for _, name := range []plumbing.ReferenceName{plumbing.HEAD, "refs/heads/main", "refs/heads/master",
		"refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master"} {
		ref, err := r.git.Reference(name, true)
		if err == nil {
			return ref.Hash(), nil
		}
		if !errors.Is(err, plumbing.ErrReferenceNotFound) {
			return plumbing.ZeroHash, fmt.Errorf("read %s: %w", name, err)
		}
	}
	return plumbing.ZeroHash, ErrEmpty
}

// refuseSnapshots looks at the files of the head: snapshots are HTML and PDF, versions Markdown.
func (r *Repo) refuseSnapshots() error {
	w := newWalker(r)
	c, err := w.commit(r.head)
	if err != nil {
		return err
	}
	root, err := w.tree(c.TreeHash)
	if err != nil {
		return err
	}
	texts, raw := 0, 0
	for _, dir := range root.entries {
		if dir.mode != filemode.Dir || strings.HasPrefix(dir.name, ".") {
			continue
		}
		files, err := w.tree(dir.hash)
		if err != nil {
			return err
		}
		for _, f := range files.entries {
			switch strings.ToLower(path.Ext(f.name)) {
			case ".md", ".txt":
				texts++
			case ".html", ".htm", ".pdf":
				raw++
			}
		}
	}
	if raw > texts {
		return ErrSnapshots
	}
	return nil
}

// guard turns a panic of the git library on a damaged repository into an error.
func guard[T any](read func() (T, error)) (t T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("damaged repository: %v", p)
		}
	}()
	return read()
}
