// Package apitest holds tests of the API to its description: what it answers, and what it takes, is checked by another's reader of OpenAPI.
package apitest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
)

// A Checker knows the description of the API, and which of its answers it has seen.
type Checker struct {
	v     validator.Validator
	model *v3.Document
	mu    sync.Mutex
	seen  map[string]bool // "GET /v1/terms 200"
}

// New reads a description. It must itself be as OpenAPI says.
func New(t testing.TB, description []byte) *Checker {
	t.Helper()
	d, err := libopenapi.NewDocument(description)
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(d)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if ok, errs := v.ValidateDocument(); !ok {
		for _, e := range errs {
			t.Error(e)
			for _, s := range e.SchemaValidationErrors {
				t.Error(s.KeywordLocation, s.Reason)
			}
		}
		t.FailNow()
	}
	m, err := d.BuildV3Model()
	if err != nil {
		t.Fatal(err)
	}
	return &Checker{v: v, model: &m.Model, seen: map[string]bool{}}
}

// An Answer is what a server answered.
type Answer struct {
	StatusCode int
	Header     http.Header
}

// Do has a server answer a request, and checks the answer. A request that is not refused must be as described as well.
func (c *Checker) Do(t testing.TB, h http.Handler, r *http.Request) (Answer, []byte) {
	t.Helper()
	var sent []byte
	if r.Body != nil {
		sent, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(sent))
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	resp := w.Result()
	defer resp.Body.Close()
	body := w.Body.Bytes()
	r.Body = io.NopCloser(bytes.NewReader(sent))
	c.Check(t, r, resp, body)
	return Answer{resp.StatusCode, resp.Header}, body
}

// Check checks an answer, whose body was read.
func (c *Checker) Check(t testing.TB, r *http.Request, resp *http.Response, body []byte) {
	t.Helper()
	pattern, operation := c.route(r)
	if operation == nil || r.Method == http.MethodHead {
		return
	}
	code := resp.StatusCode
	key := r.Method + " " + pattern + " " + resp.Status[:3]
	c.mu.Lock()
	c.seen[key] = true
	c.mu.Unlock()
	described := operation.Responses.Codes.GetOrZero(resp.Status[:3])
	if code == http.StatusRequestURITooLong { // of any route
		described = operation.Responses.Default
	}
	if described == nil {
		t.Errorf("%s is not described", key)
		return
	}
	if (described.Content == nil || described.Content.Len() == 0) && len(body) > 0 {
		t.Errorf("%s: a body that is not described: %.200s", key, body)
	}
	copied := *resp
	copied.Body = io.NopCloser(bytes.NewReader(body))
	if ok, errs := c.v.ValidateHttpResponse(r, &copied); !ok && strings.Contains(resp.Header.Get("Content-Type"), "json") {
		for _, e := range errs {
			t.Errorf("%s: %s: %s", key, e.Message, e.Reason)
			for _, s := range e.SchemaValidationErrors {
				t.Errorf("  %s: %s", s.KeywordLocation, s.Reason)
			}
		}
		t.Logf("%.2000s", body)
	}
	if code < 300 {
		if ok, errs := c.v.ValidateHttpRequest(r); !ok {
			for _, e := range errs {
				t.Errorf("%s: the request was answered, and is not as described: %s: %s", key, e.Message, e.Reason)
			}
		}
	}
}

// route is the described path and operation of a request; nil if there is none.
func (c *Checker) route(r *http.Request) (string, *v3.Operation) {
	parts := strings.Split(r.URL.EscapedPath(), "/")
	for path, item := range c.model.Paths.PathItems.FromOldest() {
		want := strings.Split(path, "/")
		fits := len(want) == len(parts)
		for i := range want {
			fits = fits && (want[i] == parts[i] || strings.HasPrefix(want[i], "{") && parts[i] != "")
		}
		if fits {
			return path, item.GetOperations().GetOrZero(strings.ToLower(r.Method))
		}
	}
	return "", nil
}

// Unseen are the described answers that no test has seen, in order, but for those with some statuses.
func (c *Checker) Unseen(but ...string) (out []string) {
	for path, item := range c.model.Paths.PathItems.FromOldest() {
		for method, operation := range item.GetOperations().FromOldest() {
			for code := range operation.Responses.Codes.FromOldest() {
				key := strings.ToUpper(method) + " " + path + " " + code
				if !c.seen[key] && !contains(but, code) {
					out = append(out, key)
				}
			}
		}
	}
	sort.Strings(out)
	return out
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
