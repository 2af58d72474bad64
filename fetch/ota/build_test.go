// This file builds small collections for the tests, object by object, so that a test can also write
// what git itself would refuse.

package ota

import (
	"fmt"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// files maps a path to a text. A text that begins with "mode " and six digits sets the mode.
type files map[string]string

type builder struct {
	t    testing.TB
	dir  string
	git  *git.Repository
	head string
	day  int // of the next commit, counted from 1 January 2024
}

func newBuilder(t testing.TB) *builder {
	dir := filepath.Join(t.TempDir(), "demo-versions.git")
	repo, err := git.PlainInit(dir, true)
	check(t, err)
	return &builder{t: t, dir: dir, git: repo}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// commit records the files as the whole tree on top of the head, and moves the head.
func (b *builder) commit(msg string, f files) string {
	b.t.Helper()
	var parents []string
	if b.head != "" {
		parents = []string{b.head}
	}
	return b.commitOn(msg, f, parents...)
}

// commitOn records the files as the whole tree on top of the parents, and moves the head.
func (b *builder) commitOn(msg string, f files, parents ...string) string {
	b.t.Helper()
	when := time.Date(2024, 1, 1+b.day, 12, 0, 0, 0, time.FixedZone("", 3600))
	b.day++
	return b.commitAt(when, msg, f, parents...)
}

func (b *builder) commitAt(when time.Time, msg string, f files, parents ...string) string {
	b.t.Helper()
	sig := object.Signature{Name: "Demo Bot", Email: "bot@collection.example", When: when}
	c := &object.Commit{Author: sig, Committer: sig, Message: msg, TreeHash: b.tree(f)}
	for _, p := range parents {
		c.ParentHashes = append(c.ParentHashes, plumbing.NewHash(p))
	}
	o := b.git.Storer.NewEncodedObject()
	check(b.t, c.Encode(o))
	h := b.put(o)
	check(b.t, b.git.Storer.SetReference(plumbing.NewHashReference("refs/heads/main", h)))
	check(b.t, b.git.Storer.SetReference(plumbing.NewSymbolicReference(plumbing.HEAD, "refs/heads/main")))
	b.head = h.String()
	return b.head
}

// tree writes nested trees.
func (b *builder) tree(f files) plumbing.Hash {
	sub := map[string]files{}
	raw := map[string]string{}
	for p, text := range f {
		if dir, name, ok := strings.Cut(p, "/"); ok {
			if sub[dir] == nil {
				sub[dir] = files{}
			}
			sub[dir][name] = text
			continue
		}
		mode := "100644"
		if m, rest, ok := strings.Cut(strings.TrimPrefix(text, "mode "), " "); ok && strings.HasPrefix(text, "mode ") {
			mode, text = m, rest
		}
		h := b.object(plumbing.BlobObject, text)
		raw[p] = mode + " " + p + "\x00" + string(h[:])
	}
	for dir, inner := range sub {
		h := b.tree(inner)
		raw[dir+"/"] = filemode.Dir.String()[2:] + " " + dir + "\x00" + string(h[:])
	}
	keys := make([]string, 0, len(raw))
	for k := range raw {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	var all strings.Builder
	for _, k := range keys {
		all.WriteString(raw[k])
	}
	return b.object(plumbing.TreeObject, all.String())
}

func (b *builder) object(t plumbing.ObjectType, content string) plumbing.Hash {
	o := b.git.Storer.NewEncodedObject()
	o.SetType(t)
	w, err := o.Writer()
	check(b.t, err)
	_, err = w.Write([]byte(content))
	check(b.t, err)
	check(b.t, w.Close())
	return b.put(o)
}

func (b *builder) put(o plumbing.EncodedObject) plumbing.Hash {
	h, err := b.git.Storer.SetEncodedObject(o)
	check(b.t, err)
	return h
}

func (b *builder) remote(url string) {
	cfg, err := b.git.Config()
	check(b.t, err)
	cfg.Remotes["origin"] = &config.RemoteConfig{Name: "origin", URLs: []string{url}}
	check(b.t, b.git.SetConfig(cfg))
}

func (b *builder) open() *Repo {
	b.t.Helper()
	r, err := Open(b.dir)
	check(b.t, err)
	b.t.Cleanup(func() { check(b.t, r.Close()) })
	return r
}

// line shows what a test compares of a version.
func line(v Version) string {
	flags := ""
	for _, f := range []struct {
		on   bool
		mark string
	}{{v.First, "first "}, {v.Technical, "technical "}, {v.Deleted, "deleted "}} {
		if f.on {
			flags += f.mark
		}
	}
	return strings.TrimSpace(fmt.Sprintf("%s | %s | %s%s", v.Date.Format("01-02"), v.Path, flags, v.Body))
}
