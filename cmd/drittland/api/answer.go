package api

// This file is answers: JSON, pages of lists, and problems (RFC 9457).

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/cmd/drittland/teams"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// A problem is what a program is told in place of an answer.
type problem struct {
	Type     string              `json:"type"`
	Title    string              `json:"title"`
	Status   int                 `json:"status"`
	Detail   string              `json:"detail,omitempty"`
	Decision *snapshots.Decision `json:"decision,omitempty"` // that stands in the way
	retry    int                 // seconds after which it may be tried again; 0 for unknown
}

func (p *problem) Error() string { return p.Detail }

func badRequest(format string, args ...any) error {
	return &problem{Status: http.StatusBadRequest, Detail: fmt.Sprintf(format, args...)}
}

func unprocessable(format string, args ...any) error {
	return &problem{Status: http.StatusUnprocessableEntity, Detail: fmt.Sprintf(format, args...)}
}

func notFound(detail string) error { return &problem{Status: http.StatusNotFound, Detail: detail} }

func unauthorised(detail string) error {
	return &problem{Status: http.StatusUnauthorized, Detail: detail}
}

func tooMany(detail string, seconds int) error {
	return &problem{Status: http.StatusTooManyRequests, Detail: detail, retry: seconds}
}

// problemOf is what is told of an error; inside reports whether it is none of the program that asked.
func problemOf(err error) (p *problem, inside bool) {
	var revised *archive.ErrRevised
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &p):
		return p, false
	case errors.As(err, &revised):
		return &problem{Status: http.StatusConflict, Detail: "somebody has decided on this meanwhile: read that decision, and name its id in revises", Decision: &revised.Last}, false
	case errors.Is(err, archive.ErrErased):
		return &problem{Status: http.StatusGone, Detail: "the content was erased"}, false
	case errors.Is(err, ErrNoText):
		return &problem{Status: http.StatusConflict, Detail: "the capture was refused, so that there is no text to read"}, false
	case gone(err):
		return &problem{Status: http.StatusNotFound, Detail: "your organisation watches no terms that have this"}, false
	case errors.Is(err, teams.ErrTooMany):
		return &problem{Status: http.StatusConflict, Detail: "your organisation has as many as it may have"}, false
	case errors.As(err, &long):
		return &problem{Status: http.StatusRequestEntityTooLarge, Detail: fmt.Sprintf("at most %d bytes are read", long.Limit)}, false
	case errors.Is(err, context.DeadlineExceeded):
		return &problem{Status: http.StatusServiceUnavailable, Detail: "it took too long; try again", retry: 5}, true
	}
	return &problem{Status: http.StatusInternalServerError, Detail: "it failed here; whoever runs this server finds out more in its log"}, true
}

// tell answers with a problem, if there is one. What went wrong inside is logged, and not told.
func (s *Server) tell(v *visit, err error) {
	if err == nil || v.r.Context().Err() != nil {
		return
	}
	p, inside := problemOf(err)
	if inside {
		s.opts.Log.Error("request failed", "method", v.r.Method, "path", report.Line(v.r.URL.Path), "error", err.Error())
	}
	told := *p
	told.Type, told.Title = "about:blank", http.StatusText(p.Status)
	h := v.w.Header()
	switch {
	case p.Status == http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="drittland"`)
	case p.retry > 0:
		h.Set("Retry-After", strconv.Itoa(p.retry))
	}
	h.Set("Content-Type", "application/problem+json")
	v.w.WriteHeader(p.Status)
	_ = report.JSON(v.w, told)
}

// json answers with a value.
func (v *visit) json(status int, x any) error {
	var b bytes.Buffer
	if err := report.JSON(&b, x); err != nil {
		return err
	}
	if status == http.StatusOK && v.r.Method != http.MethodPut {
		return v.bytes("application/json", b.Bytes())
	}
	v.w.Header().Set("Content-Type", "application/json")
	v.w.WriteHeader(status)
	_, _ = v.w.Write(b.Bytes()) // whoever asked may be gone
	return nil
}

// bytes answers with bytes, or that they are those that the program has already.
func (v *visit) bytes(mediaType string, b []byte) error {
	sum := sha256.Sum256(b)
	if v.unchanged(hex.EncodeToString(sum[:16])) {
		return nil
	}
	v.w.Header().Set("Content-Type", mediaType)
	v.w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, _ = v.w.Write(b)
	return nil
}

// unchanged sets the tag of what is asked for, and answers if the program has it already.
func (v *visit) unchanged(tag string) bool {
	tag = `"` + tag + `"`
	v.w.Header().Set("ETag", tag)
	for _, has := range strings.Split(v.r.Header.Get("If-None-Match"), ",") {
		if strings.TrimPrefix(strings.TrimSpace(has), "W/") == tag {
			v.w.WriteHeader(http.StatusNotModified)
			return true
		}
	}
	return false
}

// read reads the JSON of a request, strictly.
func (v *visit) read(x any) error {
	if t, _, err := mime.ParseMediaType(v.r.Header.Get("Content-Type")); err != nil || t != "application/json" {
		return &problem{Status: http.StatusUnsupportedMediaType, Detail: "send application/json"}
	}
	d := json.NewDecoder(v.r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(x)
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return err
	}
	if err != nil {
		return badRequest("the JSON cannot be read: %s", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return badRequest("something follows the JSON")
	}
	return nil
}

// A page is part of a list.
type page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"` // cursor of the next page; "" at the end
}

// newPage is a page of n items: list holds one more if there is a next page, whose cursor comes from the last item.
func newPage[T any](list []T, n int, cursor func(T) any) page[T] {
	p := page[T]{Items: list}
	if p.Items == nil {
		p.Items = []T{}
	}
	if len(list) > n {
		p.Items = list[:n]
		b, _ := json.Marshal(cursor(list[n-1])) // a number or strings
		p.Next = base64.RawURLEncoding.EncodeToString(b)
	}
	return p
}

// paged is what a request says of the page that it asks for: the cursor goes into after, which stays as it is for the first page.
func (v *visit) paged(after any) (n int, err error) {
	q := v.r.URL.Query()
	n = defaultPage
	if s := q.Get("limit"); q.Has("limit") {
		if n, err = strconv.Atoi(s); err != nil || n < 1 || n > maxPage {
			return 0, badRequest("limit: a number from 1 to %d", maxPage)
		}
	}
	if s := q.Get("cursor"); q.Has("cursor") {
		b, err := base64.RawURLEncoding.DecodeString(s)
		if err != nil || json.Unmarshal(b, after) != nil {
			return 0, badRequest("cursor: take it from next of the page before, as it is")
		}
	}
	return n, nil
}

// named is the terms that a path names.
func (v *visit) named() (snapshots.Terms, error) {
	t := snapshots.Terms{Service: v.r.PathValue("service"), Type: v.r.PathValue("type")}
	return t, checkNames(t.Service, t.Type)
}

func checkNames(names ...string) error {
	for _, s := range names {
		if s == "" || len(s) > maxName || !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			return notFound("there are no terms of this name")
		}
	}
	return nil
}
