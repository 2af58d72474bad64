package main

// Answers of the second reader to questions on texts that no archive holds: a cache in a directory of the user, one file for each.

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/drittland/drittland/analyze/llm"
)

// Bounds of the cache. Beyond one of them the oldest answers go until nine tenths are left.
const (
	maxAnswers     = 20_000
	maxAnswerBytes = 200 << 20
	maxAnswer      = 1 << 20 // bytes of one
)

// answers is such a directory. It holds words of policies and what a model said of them, and is readable for its user alone.
type answers struct {
	dir   string
	most  int   // files
	large int64 // bytes of all
	mu    sync.Mutex
	count int
	bytes int64
}

// answerName tells files of the cache from others, which are left alone.
var answerName = regexp.MustCompile(`^[0-9a-f]{64}\.json$`)

// openAnswers makes the directory if need be.
func openAnswers(dir string) (*answers, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, plain(err))
	}
	a := &answers{dir: dir, most: maxAnswers, large: maxAnswerBytes}
	return a, a.prune()
}

func (a *answers) file(k llm.Key) string { return filepath.Join(a.dir, k.String()+".json") }

// Get gives an answer.
func (a *answers) Get(k llm.Key) ([]byte, bool) {
	f, err := os.Open(a.file(k))
	if err != nil {
		return nil, false
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, false
	}
	b, err := io.ReadAll(io.LimitReader(f, maxAnswer+1))
	return b, err == nil && len(b) <= maxAnswer
}

// Put keeps an answer. A file is there whole or not at all.
func (a *answers) Put(k llm.Key, b []byte) error {
	if len(b) > maxAnswer {
		return errors.New("the answer is too long to be kept")
	}
	f, err := os.CreateTemp(a.dir, ".new-*") // for its user alone
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), a.file(k))
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.count, a.bytes = a.count+1, a.bytes+int64(len(b)); a.count > a.most || a.bytes > a.large {
		return a.prune()
	}
	return nil
}

// prune removes the oldest answers where there are too many, and what a run left behind that was cut off.
func (a *answers) prune() error {
	list, err := os.ReadDir(a.dir)
	if err != nil {
		return fmt.Errorf("%s: %w", a.dir, plain(err))
	}
	type file struct {
		name string
		size int64
		at   time.Time
	}
	var files []file
	a.count, a.bytes = 0, 0
	for _, e := range list {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		switch {
		case answerName.MatchString(e.Name()):
			files = append(files, file{e.Name(), info.Size(), info.ModTime()})
			a.count, a.bytes = a.count+1, a.bytes+info.Size()
		case strings.HasPrefix(e.Name(), ".new-") && time.Since(info.ModTime()) > time.Hour:
			_ = os.Remove(filepath.Join(a.dir, e.Name())) // another run may have done so
		}
	}
	if a.count <= a.most && a.bytes <= a.large {
		return nil
	}
	slices.SortFunc(files, func(x, y file) int { return cmp.Or(x.at.Compare(y.at), cmp.Compare(x.name, y.name)) })
	for _, f := range files {
		if a.count <= a.most*9/10 && a.bytes <= a.large*9/10 {
			break
		}
		_ = os.Remove(filepath.Join(a.dir, f.name)) // another run may have done so
		a.count, a.bytes = a.count-1, a.bytes-f.size
	}
	return nil
}
