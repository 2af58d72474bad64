package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/encoding/charmap"
)

// A fakeWeb serves the files of a folder by their path and .html. The first lines of a file may say how, one
// directive on each; what follows is the body.
//
//	status 503                 answers with that status, 200 without it
//	location /new              redirects for good
//	redirect 302 http://…      redirects otherwise
//	header Retry-After: 3600   sets a header
//	etag "1"                   gives a validator, and answers 304 to who has it
//	first other.html           serves that file the first time, and this one from then on
//	slow 2s                    waits between the header and the body
//	as pdf                     makes a file of the body, PDF or DOCX: lines are paragraphs, "# " begins a heading
//	latin1                     sends the body in ISO 8859-1
//	endless                    sends the body again and again
//	bomb 100                   sends the body again and again, 100 MB of it, compressed
type fakeWeb struct {
	dir string
	mu  sync.Mutex
	hit map[string]int // requests, by the content of what was asked for
}

// webFolder serves a folder.
func webFolder(dir string) http.Handler { return &fakeWeb{dir: dir, hit: map[string]int{}} }

// directives are those that a file may begin with.
var directives = []string{"status", "location", "redirect", "header", "etag", "first", "slow", "as", "latin1", "endless", "bomb"}

func (f *fakeWeb) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.file(w, r, filepath.FromSlash(filepath.Clean("/"+r.URL.Path))+".html")
}

func (f *fakeWeb) file(w http.ResponseWriter, r *http.Request, name string) {
	b, err := os.ReadFile(filepath.Join(f.dir, name))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	say := map[string]string{}
	body := string(b)
	for {
		line, rest, _ := strings.Cut(body, "\n")
		word, value, _ := strings.Cut(line, " ")
		if !slices.Contains(directives, word) {
			break
		}
		if name, v, ok := strings.Cut(value, ": "); word == "header" && ok {
			w.Header().Set(name, v)
		}
		say[word], body = value, rest
	}
	if other, ok := say["first"]; ok && f.count(r.URL.Path+string(b)) == 1 {
		f.file(w, r, other)
		return
	}
	obey(w, r, say, body)
}

// count is how often something was asked for, this time included.
func (f *fakeWeb) count(key string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hit[key]++
	return f.hit[key]
}

// obey does what the directives say.
func obey(w http.ResponseWriter, r *http.Request, say map[string]string, body string) {
	status := http.StatusOK
	if n, err := strconv.Atoi(say["status"]); err == nil {
		status = n
	}
	if to := say["location"]; to != "" {
		status = http.StatusMovedPermanently
		w.Header().Set("Location", to)
	}
	if code, to, ok := strings.Cut(say["redirect"], " "); ok {
		status, _ = strconv.Atoi(code)
		w.Header().Set("Location", to)
	}
	if tag := say["etag"]; tag != "" {
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			status, body = http.StatusNotModified, ""
		}
	}
	out := []byte(body)
	if _, ok := say["latin1"]; ok {
		out, _ = charmap.ISO8859_1.NewEncoder().Bytes(out)
	}
	if kind := say["as"]; kind != "" {
		var media string
		out, media = asFile(kind, body)
		w.Header().Set("Content-Type", media)
	}
	if n, err := strconv.Atoi(say["bomb"]); err == nil {
		w.Header().Set("Content-Encoding", "gzip")
		out = bomb(out, n<<20)
	}
	w.WriteHeader(status)
	if d, err := time.ParseDuration(say["slow"]); err == nil {
		_ = http.NewResponseController(w).Flush()
		select {
		case <-time.After(d):
		case <-r.Context().Done():
		}
	}
	_, err := w.Write(out)
	for _, endless := say["endless"]; endless && err == nil; {
		_, err = w.Write(out)
	}
}

// bomb is size bytes of a text, compressed.
func bomb(text []byte, size int) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed) // a level that there is
	if _, err := io.CopyN(z, &again{text: text}, int64(size)); err != nil {
		panic(fmt.Sprint("compress: ", err))
	}
	_ = z.Close() // into memory
	return b.Bytes()
}

// again reads a text for ever.
type again struct {
	text []byte
	at   int
}

func (a *again) Read(p []byte) (int, error) {
	n := copy(p, a.text[a.at:])
	a.at = (a.at + n) % len(a.text)
	return n, nil
}
