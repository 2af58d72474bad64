package main

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/cmd/drittland/review"
)

// Pages of an archive that another release has laid out say what to do, and /health says that they do not work, without a reason, to whoever asks.
func TestReviewOfOtherRelease(t *testing.T) {
	s, a, _ := sourceBench(t)
	engine, err := s.engine(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.held = nil
	server := review.New(newReviewDesk(s, engine.In("en")), review.Options{Now: s.env.Now, Well: s.well, Hint: pageHint})
	ask := func(path, language string) (int, string) {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "http://127.0.0.1"+path, nil)
		r.Header.Set("Accept-Language", language)
		server.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	if code, said := ask("/health", "en"); code != http.StatusOK || said != "ok\n" {
		t.Fatalf("%d %q", code, said)
	}
	for _, x := range []struct{ sql, language, hint string }{
		{"update goose_db_version set version_id = 99 where version_id = 9", "en", "newer release, which is to be installed here as well"},
		{"delete from goose_db_version where version_id >= 8", "de", "drittland archive upgrade"},
	} {
		if _, err := a.Server().Pool().Exec(t.Context(), x.sql); err != nil {
			t.Fatal(err)
		}
		if code, page := ask("/services", x.language); code != http.StatusInternalServerError || !strings.Contains(page, strings.ReplaceAll(x.hint, "'", "&#39;")) {
			t.Errorf("%s: %d\n%s", x.sql, code, page)
		}
		if code, said := ask("/health", "en"); code != http.StatusServiceUnavailable || strings.Contains(said, "release") {
			t.Errorf("%s: %d %q", x.sql, code, said)
		}
	}
}

// Whoever may start a program beside review learns from it whether it works, also behind a proxy.
func TestReviewHealth(t *testing.T) {
	well := error(nil)
	server := review.New(nil, review.Options{Well: func() error { return well }})
	web := httptest.NewServer((&place{origin: "https://review.example.org"}).front(server))
	at := strings.TrimPrefix(web.URL, "http://")
	ask := func(listen string) int {
		return run(t.Context(), []string{"drittland", "review", "--health", "--listen", listen}, environment{Stdout: io.Discard, Stderr: io.Discard, Getenv: func(string) string { return "" }, Now: time.Now})
	}
	if code := ask(at); code != exitOK {
		t.Errorf("works: %d", code)
	}
	if code := ask("127.0.0.1"); code != exitUsage {
		t.Errorf("no port: %d", code)
	}
	well = errors.New("away")
	if code := ask(at); code != exitFailed {
		t.Errorf("does not work: %d", code)
	}
	web.Close()
	if code := ask(at); code != exitFailed {
		t.Errorf("not there: %d", code)
	}
}
