// This file orders the commits of a history and compares their trees. A collection is two levels
// deep, service directory and file, so that comparing the hashes of the listings level by level
// reads two or three small objects for a commit.

package ota

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// A walker reads commits and trees and keeps those read last.
type walker struct {
	r          *Repo
	young, old map[plumbing.Hash]*tree // two generations of decoded trees
	recent     [2]*object.Commit       // read last: usually a commit and its parent
}

// A tree is a decoded directory listing.
type tree struct {
	entries []entry
	byName  map[string]int // index in entries
}

type entry struct {
	name string
	mode filemode.FileMode
	hash plumbing.Hash
}

// keepTrees is how many trees one generation holds.
const keepTrees = 512

var noTree = &tree{}

func newWalker(r *Repo) *walker {
	return &walker{r: r, young: map[plumbing.Hash]*tree{}}
}

// object reads an object of at most limit bytes, ready for its reader.
func (w *walker) object(t plumbing.ObjectType, h plumbing.Hash, limit int64) (plumbing.EncodedObject, error) {
	o, err := guard(func() (plumbing.EncodedObject, error) { return w.r.store.EncodedObject(t, h) })
	if err != nil {
		return nil, fmt.Errorf("read %s %s: %w", t, h, err)
	}
	if o.Size() > limit {
		return nil, fmt.Errorf("read %s %s: %w: %d bytes, at most %d", t, h, errTooBig, o.Size(), limit)
	}
	return o, nil
}

func (w *walker) commit(h plumbing.Hash) (*object.Commit, error) {
	for _, c := range w.recent {
		if c != nil && c.Hash == h {
			return c, nil
		}
	}
	o, err := w.object(plumbing.CommitObject, h, maxCommit)
	if err != nil {
		return nil, err
	}
	c, err := guard(func() (*object.Commit, error) { return object.DecodeCommit(w.r.store, o) })
	if err != nil {
		return nil, fmt.Errorf("decode commit %s: %w", h, err)
	}
	w.recent = [2]*object.Commit{c, w.recent[0]}
	return c, nil
}

// parents of a commit; none for a commit at the edge of a shallow clone.
func (w *walker) parents(c *object.Commit) []plumbing.Hash {
	if w.r.shallow[c.Hash] {
		return nil
	}
	return c.ParentHashes
}

func (w *walker) tree(h plumbing.Hash) (*tree, error) {
	if t := w.young[h]; t != nil {
		return t, nil
	}
	t := w.old[h]
	if t == nil {
		o, err := w.object(plumbing.TreeObject, h, maxTree)
		if err != nil {
			return nil, err
		}
		if t, err = decodeTree(o); err != nil {
			return nil, fmt.Errorf("decode tree %s: %w", h, err)
		}
	}
	if len(w.young) >= keepTrees {
		w.old, w.young = w.young, map[plumbing.Hash]*tree{}
	}
	w.young[h] = t
	return t, nil
}

func decodeTree(o plumbing.EncodedObject) (*tree, error) {
	raw, err := guard(func() ([]byte, error) { return readAll(o) })
	if err != nil {
		return nil, err
	}
	t := &tree{byName: map[string]int{}}
	for len(raw) > 0 {
		space := slices.Index(raw, ' ')
		end := slices.Index(raw, 0)
		if space < 1 || end < space || len(raw) < end+1+len(plumbing.ZeroHash) {
			return nil, object.ErrMalformedTree
		}
		mode, err := filemode.New(string(raw[:space]))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", object.ErrMalformedTree, err)
		}
		e := entry{name: string(raw[space+1 : end]), mode: mode}
		raw = raw[end+1+copy(e.hash[:], raw[end+1:]):]
		t.byName[e.name] = len(t.entries)
		t.entries = append(t.entries, e)
	}
	return t, nil
}

func readAll(o plumbing.EncodedObject) (b []byte, err error) {
	rd, err := o.Reader()
	if err != nil {
		return nil, err
	}
	defer rd.Close()
	b = make([]byte, o.Size())
	_, err = io.ReadFull(rd, b)
	return b, err
}

// subtree is the listing behind an entry; empty if the entry is no directory.
func (w *walker) subtree(e entry) (*tree, error) {
	if e.mode != filemode.Dir {
		return noTree, nil
	}
	return w.tree(e.hash)
}

func (t *tree) find(name string) (e entry) {
	if i, ok := t.byName[name]; ok {
		e = t.entries[i]
	}
	return e
}

// A change is one path that a commit added, changed or removed.
type change struct {
	dir, name string // the directory is empty at the root
	mode      filemode.FileMode
	hash      plumbing.Hash // zero if removed
	added     bool
}

func (c change) path() string {
	if c.dir == "" {
		return c.name
	}
	return c.dir + "/" + c.name
}

// changes lists what a commit changed against its parents. A merge has changed only what differs
// from every parent, for the commits that it joins are in the history themselves.
func (w *walker) changes(c *object.Commit) ([]change, error) {
	now, err := w.tree(c.TreeHash)
	if err != nil {
		return nil, err
	}
	roots := []*tree{}
	for _, h := range w.parents(c) {
		p, err := w.commit(h)
		if err != nil {
			return nil, err
		}
		root, err := w.tree(p.TreeHash)
		if err != nil {
			return nil, err
		}
		roots = append(roots, root)
	}
	if len(roots) == 0 {
		roots = append(roots, noTree)
	}
	list, err := w.compare("", roots[0], now)
	for _, other := range roots[1:] {
		list = slices.DeleteFunc(list, func(ch change) bool {
			same, e := w.holds(other, ch)
			if e != nil {
				err = e
			}
			return same
		})
	}
	return list, err
}

// holds reports whether the tree has the outcome of the change.
func (w *walker) holds(root *tree, ch change) (bool, error) {
	if ch.dir != "" {
		sub, err := w.subtree(root.find(ch.dir))
		if err != nil {
			return false, err
		}
		root = sub
	}
	return root.find(ch.name).hash == ch.hash, nil
}

// compare lists the changes between two listings, and at the root those within its directories.
// Directories below the second level are reported as one path and not read.
func (w *walker) compare(dir string, before, after *tree) (list []change, err error) {
	pair := func(b, a entry) error {
		if b.hash == a.hash {
			return nil
		}
		if dir != "" || b.mode != filemode.Dir && a.mode != filemode.Dir {
			name, mode := a.name, a.mode
			if a.name == "" {
				name, mode = b.name, b.mode
			}
			list = append(list, change{dir: dir, name: name, mode: mode, hash: a.hash, added: b.name == ""})
			return nil
		}
		was, err := w.subtree(b)
		if err != nil {
			return err
		}
		is, err := w.subtree(a)
		if err != nil {
			return err
		}
		name := a.name
		if name == "" {
			name = b.name
		}
		inner, err := w.compare(name, was, is)
		list = append(list, inner...)
		return err
	}
	for _, b := range before.entries { // removed first: a renamed service ends before it begins
		if _, kept := after.byName[b.name]; !kept {
			if err := pair(b, entry{}); err != nil {
				return nil, err
			}
		}
	}
	for _, a := range after.entries {
		if err := pair(before.find(a.name), a); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// history lists the commits reachable from the head and not from since, parents before children,
// the first parent's side of a merge before the others. It keeps 20 bytes for a commit.
func (w *walker) history(ctx context.Context, since string) ([]plumbing.Hash, error) {
	edge, stop := plumbing.Hash{}, since != ""
	if stop {
		if len(since) != 2*len(edge) || !isHash(since) {
			return nil, &UnknownCommitError{since, w.r.Name}
		}
		edge = plumbing.NewHash(since)
	}
	order, found, merges, err := w.ancestors(ctx, w.r.head, edge)
	if err != nil || !stop {
		return order, err
	}
	if !found {
		return nil, &UnknownCommitError{since, w.r.Name}
	}
	if merges { // a merged branch may lead behind the edge
		known, _, _, err := w.ancestors(ctx, edge, plumbing.Hash{})
		if err != nil {
			return nil, err
		}
		drop := make(map[plumbing.Hash]bool, len(known))
		for _, h := range known {
			drop[h] = true
		}
		order = slices.DeleteFunc(order, func(h plumbing.Hash) bool { return drop[h] })
	}
	return order, nil
}

// ancestors walks depth first from a commit without passing edge. It reports whether it met the
// edge and whether there are merges.
func (w *walker) ancestors(ctx context.Context, from, edge plumbing.Hash) (order []plumbing.Hash, found, merges bool, err error) {
	type step struct {
		hash plumbing.Hash
		todo []plumbing.Hash
	}
	seen := map[plumbing.Hash]bool{}
	var stack []step
	visit := func(h plumbing.Hash) error {
		if h == edge {
			found = true
			return nil
		}
		if seen[h] {
			return nil
		}
		if len(seen) == maxCommits {
			return fmt.Errorf("history has more than %d commits", maxCommits)
		}
		seen[h] = true
		c, err := w.commit(h)
		if err != nil {
			return err
		}
		todo := w.parents(c)
		merges = merges || len(todo) > 1
		stack = append(stack, step{h, todo})
		return ctx.Err()
	}
	if err := visit(from); err != nil {
		return nil, false, false, err
	}
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		if len(top.todo) == 0 {
			order = append(order, top.hash)
			stack = stack[:len(stack)-1]
			continue
		}
		next := top.todo[0]
		top.todo = top.todo[1:]
		if err := visit(next); err != nil {
			return nil, false, false, err
		}
	}
	return order, found, merges, nil
}
