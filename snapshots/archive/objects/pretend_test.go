package objects

// This file has servers that only pretend to be one, and stand still, lead elsewhere and lie.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots/archive/objects/s3test"
)

// pretend is a server that answers as said, but lets stores be opened.
func pretend(t *testing.T, answer http.HandlerFunc) string {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("max-keys") == "1" {
			fmt.Fprint(w, `<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>`)
			return
		}
		answer(w, r)
	}))
	t.Cleanup(web.Close)
	return web.Listener.Addr().String()
}

// all calls everything that asks a server, and gives the errors.
func all(ctx context.Context, s Store) map[string]error {
	_, size := s.Size(ctx, "a")
	errs := map[string]error{"size": size, "put": s.Put(ctx, "a", []byte("text")), "read": s.ReadAt(ctx, "a", make([]byte, 4), 0), "delete": s.Delete(ctx, "a"), "list": nil}
	for _, err := range s.List(ctx, "", "") {
		errs["list"] = err
	}
	return errs
}

func TestServerHangs(t *testing.T) {
	stop := make(chan struct{})
	address := pretend(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-stop:
		case <-r.Context().Done():
		}
	})
	t.Cleanup(func() { close(stop) })
	short := limits{header: 100 * time.Millisecond, request: 5 * time.Second, rate: 1 << 20, tries: 2, page: 50}
	s, err := openTest("s3://clipzy", address, short)
	if err != nil {
		t.Fatal(err)
	}
	for what, err := range all(t.Context(), s) {
		t.Run(what, func(t *testing.T) { refused(t, err, ErrUnreachable, address) })
	}
	ctx, cancel := context.WithCancel(t.Context()) // one who gives up is told that, and not that the server is at fault
	time.AfterFunc(50*time.Millisecond, cancel)
	s, err = openTest("s3://clipzy", address, usual)
	if err != nil {
		t.Fatal(err)
	}
	refused(t, s.Put(ctx, "a", []byte("text")), context.Canceled, "put object a")
}

// A server that begins to answer and then stands still.
func TestServerStandsStill(t *testing.T) {
	stop := make(chan struct{})
	address := pretend(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.Header.Get("Range") != "" {
			w.Header().Set("Content-Range", "bytes 0-3/4")
			w.Header().Set("Last-Modified", "Mon, 01 Jun 2026 10:00:00 GMT")
			w.Header().Set("Content-Length", "4")
			w.WriteHeader(http.StatusPartialContent)
			fmt.Fprint(w, "te")
		} else {
			fmt.Fprint(w, "<ListBucketResult><IsTruncated>")
		}
		w.(http.Flusher).Flush()
		select {
		case <-stop:
		case <-r.Context().Done():
		}
	})
	t.Cleanup(func() { close(stop) })
	s, err := openTest("s3://clipzy", address, limits{header: 300 * time.Millisecond, request: 300 * time.Millisecond, rate: 1 << 20, tries: 2, page: 50})
	if err != nil {
		t.Fatal(err)
	}
	refused(t, s.ReadAt(t.Context(), "a", make([]byte, 4), 0), ErrUnreachable, "took too long")
	for info, err := range s.List(t.Context(), "", "") {
		if err == nil {
			t.Errorf("listed %v", info)
		}
		refused(t, err, ErrUnreachable, "took too long")
	}
}

// Requests carry signatures and objects, which no other host is to have.
func TestNoRedirect(t *testing.T) {
	var asked atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer other.Close()
	for _, code := range []int{301, 302, 303, 307, 308} {
		for _, body := range []string{"", "<Error><Code>TemporaryRedirect</Code><Message>go on</Message><Endpoint>" + other.Listener.Addr().String() + "</Endpoint><Region>eu-clipzy-1</Region></Error>"} {
			address := pretend(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", other.URL+r.URL.Path)
				w.Header().Set("X-Amz-Bucket-Region", "eu-clipzy-1")
				w.WriteHeader(code)
				fmt.Fprint(w, body)
			})
			for what, err := range all(t.Context(), openAt(t, "s3://clipzy", address)) {
				t.Run(fmt.Sprint(code, what, len(body)), func(t *testing.T) { refused(t, err, ErrAddress, "AWS_REGION") })
			}
		}
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("%d requests went to another host", n)
	}
}

// A server that is busy is asked again.
func TestServerBusy(t *testing.T) {
	var n atomic.Int64
	address := pretend(t, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprint(w, "<Error><Code>SlowDown</Code><Message>later</Message></Error>")
			return
		}
		if b, _ := io.ReadAll(r.Body); string(b) != "text" {
			t.Errorf("the second time, it got %q", b)
		}
	})
	s := openAt(t, "s3://clipzy", address)
	mustPut(t, s, "a", []byte("text"))
	n.Store(-100)
	address = pretend(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	refused(t, openAt(t, "s3://clipzy", address).Put(t.Context(), "a", []byte("text")), ErrUnreachable, "try again later")
}

// Servers that say what is not so, or too much.
func TestServerLies(t *testing.T) {
	entry := func(key string) string { return "<Contents><Key>" + key + "</Key><Size>1</Size></Contents>" }
	list := func(entries ...string) string {
		return "<ListBucketResult><IsTruncated>false</IsTruncated>" + strings.Join(entries, "") + "</ListBucketResult>"
	}
	part := func(r string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", r)
			w.Header().Set("Last-Modified", "Mon, 01 Jun 2026 10:00:00 GMT")
			w.WriteHeader(http.StatusPartialContent)
			fmt.Fprint(w, "text")
		}
	}
	said := func(s string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, s) }
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		what   string
		hint   string
	}{
		"list out of order":          {said(list(entry("p/b"), entry("p/a"))), "list", "order"},
		"one name twice":             {said(list(entry("p/b"), entry("p/b"))), "list", "order"},
		"others than asked for":      {said(list(entry("q"))), "list", "asked for"},
		"size below nothing":         {said("<ListBucketResult><Contents><Key>p/a</Key><Size>-1</Size></Contents></ListBucketResult>"), "list", "asked for"},
		"the same page for ever":     {said("<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken>" + entry("p/a") + "</ListBucketResult>"), "list", "order"},
		"list that is none":          {said("<html>welcome"), "list", ""},
		"list that is too long":      {said("<ListBucketResult>" + strings.Repeat(" ", maxReply) + "</ListBucketResult>"), "list", ""},
		"no part":                    {part(""), "read", "part"},
		"another part":               {part("bytes 1-4/5"), "read", "part"},
		"less than asked for":        {part("bytes 0-2/4"), "read", "less"},
		"a part that makes no sense": {part("bytes 3-0/4"), "read", "part"},
		"a part beyond":              {part("bytes 0-3/99999999999999999999"), "read", "part"},
		"other bytes stored": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Amz-Checksum-Sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
		}, "put", "other bytes"},
		"credentials in the answer": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, "<Error><Code>Odd&#x202e;</Code><Message>\x7f&#10;%s %s %s</Message></Error>", s3test.Secret, s3test.Key, strings.Repeat("much ", 10_000))
		}, "put", "refused"},
		"an answer that is no HTTP": {func(w http.ResponseWriter, _ *http.Request) {
			c, _, _ := w.(http.Hijacker).Hijack()
			fmt.Fprintf(c, "%s\x1b[2J\r\n\r\n", s3test.Secret)
			c.Close()
		}, "put", ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := all(t.Context(), openAt(t, "s3://clipzy/p", pretend(t, c.answer)))[c.what]
			if err == nil || errors.Is(err, ErrNotFound) || errors.Is(err, ErrShort) || !strings.Contains(err.Error(), c.hint) {
				t.Errorf("%s: %v; want an error with %q", c.what, err, c.hint)
			}
			silent(t, err)
		})
	}
}

// Objects of others in the bucket are passed over.
func TestStrangersInBucket(t *testing.T) {
	address := pretend(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<ListBucketResult><IsTruncated>false</IsTruncated>")
		for _, key := range []string{"p/", "p/../x", "p/A", "p/a", "p/b/", "p/b/c", "p/b\u202e", "p/c%0a"} {
			fmt.Fprintf(w, "<Contents><Key>%s</Key><Size>1</Size></Contents>", key)
		}
		fmt.Fprint(w, "</ListBucketResult>")
	})
	if got := names(t, openAt(t, "s3://clipzy/p", address), "", ""); !slices.Equal(got, []string{"a", "b/c"}) {
		t.Errorf("listed %q", got)
	}
}
