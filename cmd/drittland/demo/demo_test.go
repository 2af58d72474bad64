package demo

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestSitePublishes(t *testing.T) {
	var site Site
	get := func(path string) (int, string) {
		w := httptest.NewRecorder()
		site.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w.Code, w.Body.String()
	}
	for _, c := range []struct{ path, first, next string }{
		{English, "Ireland and Germany", "Singapore and the United States"},
		{German, "Irland und Deutschland", "Singapur und in den Vereinigten Staaten"},
	} {
		for want, publish := range map[string]int32{c.first: 0, c.next: 1} {
			site.published.Store(publish)
			code, body := get(c.path)
			if code != 200 || !strings.Contains(body, want) || !strings.Contains(body, "<nav") || !strings.Contains(body, "</html>") {
				t.Errorf("%s, published %d times: status %d without %q:\n%s", c.path, publish, code, want, body)
			}
		}
	}
	for path, rows := range map[string]int{"/legal/countries": 10, "/de/legal/laender": 10} {
		site.published.Store(0)
		if code, _ := get(path); code != 404 {
			t.Errorf("%s before the next version: status %d", path, code)
		}
		site.Publish()
		if _, body := get(path); strings.Count(body, "<tr><td>") != rows {
			t.Errorf("%s: %d countries, want %d", path, strings.Count(body, "<tr><td>"), rows)
		}
		_, policy := get(English)
		site.Publish()
		if _, body := get(path); strings.Count(body, "<tr><td>") != rows+1 {
			t.Errorf("%s, published twice: %d countries, want %d", path, strings.Count(body, "<tr><td>"), rows+1)
		}
		if _, same := get(English); same != policy {
			t.Error("the second publication changed the policy")
		}
	}
	if code, _ := get("/login"); code != 404 {
		t.Errorf("/login: status %d", code)
	}
}
