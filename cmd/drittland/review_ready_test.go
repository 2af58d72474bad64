package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

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
