package api

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/cmd/drittland/teams"
	"github.com/drittland/drittland/snapshots"
)

// Every answer that is described is given, but for failures inside, and every one is as described: Checker sees to that.
func TestEverything(t *testing.T) {
	st := newStage(t, Options{Rate: 1000})
	v1, id, capture := "/v1/versions/"+idOf(clipzy, 1), idOf(clipzy, 1), "/v1/captures/"+captureOf(clipzy, 1)
	for _, path := range []string{"/health", "/openapi.json"} {
		st.wants(200, "", "GET", path, nil)
		st.wants(400, "", "GET", path+"?x=y", nil)
	}
	paths := []string{"/v1/terms", "/v1/terms/" + termsPath(parcel) + "/versions", v1, v1 + "/findings", capture, "/v1/decisions", "/v1/watches", "/v1/digest"}
	for _, path := range append(slices.Clone(paths), "/v1/audit", "/v1/lists", "/openapi.json") {
		resp, b := st.ask("north admin", "GET", path, nil)
		if resp.StatusCode != 200 || resp.Header.Get("ETag") == "" || !json.Valid([]byte(b)) {
			t.Errorf("%s: %d, %v, %.300s", path, resp.StatusCode, resp.Header, b)
		}
		r := httptest.NewRequest("GET", "http://api.example"+path, nil)
		r.Header.Set("Authorization", "Bearer "+st.tokens["north admin"])
		r.Header.Set("If-None-Match", `"other", W/`+resp.Header.Get("ETag"))
		if resp, b := st.check.Do(t, st.s, r); resp.StatusCode != 304 || len(b) > 0 {
			t.Errorf("%s again: %d %s", path, resp.StatusCode, b)
		}
	}
	for _, path := range append(slices.Clone(paths), "/v1/audit", "/v1/lists") {
		st.wants(401, "", "GET", path, nil)
		st.wants(400, "north admin", "GET", path+"?x=y", nil)
	}
	st.wants(404, "north reader", "GET", "/v1/terms/No/Such/versions", nil)
	st.wants(404, "north reader", "GET", "/v1/versions/ffffffffffffffff/findings", nil)
	st.wants(404, "north reader", "GET", "/v1/versions/1", nil)
	st.wants(404, "north reader", "GET", "/v1/captures/1", nil)
	st.wants(404, "north reader", "GET", "/v1/decisions?service=%00&terms_type=x", nil)
	st.wants(409, "north reader", "GET", "/v1/versions/"+idOf(clipzy, 3)+"/findings", nil)
	for _, q := range []string{"?limit=0", "?limit=201", "?limit=x", "?limit=", "?cursor=!", "?cursor=e30", "?limit=1&limit=2"} {
		st.wants(400, "north admin", "GET", "/v1/audit"+q, nil)
	}
	st.wants(403, "north reader", "GET", "/v1/audit", nil)

	st.wants(401, "", "POST", "/v1/decisions", draft(clipzy, nil))
	st.wants(403, "north reader", "POST", "/v1/decisions", draft(clipzy, nil))
	made := st.wants(201, "north reviewer", "POST", "/v1/decisions", draft(clipzy, map[string]any{"note": "<b>ask</b>"}))
	var d snapshots.Decision
	if err := json.Unmarshal([]byte(made), &d); err != nil || d.By != "north.reviewer" || d.Check != "T07" || d.Quote != "to the United States" || d.Terms != clipzy || !d.At.Equal(noon) {
		t.Errorf("%+v, %v", d, err)
	}
	stands := st.wants(409, "north admin", "POST", "/v1/decisions", draft(clipzy, nil))
	if !strings.Contains(stands, d.ID) || !strings.Contains(stands, "north.reviewer") {
		t.Errorf("the problem does not name the decision in the way: %s", stands)
	}
	st.wants(201, "north admin", "POST", "/v1/decisions", draft(clipzy, map[string]any{"revises": d.ID, "withdrawn": true, "judgement": ""}))
	st.wants(201, "north admin", "POST", "/v1/decisions", draft(clipzy, map[string]any{"about": "change", "fingerprint": change}))
	for name, with := range map[string]map[string]any{"no finding": {"fingerprint": strings.Repeat("00", 12)}, "no fingerprint": {"fingerprint": "x"}, "no judgement": {"judgement": "bad"},
		"over": {"until": "2026-11-21"}, "no day": {"until": "x"}, "revises nothing": {"fingerprint": change, "about": "change", "revises": "ffffffffffffffff"}, "a long note": {"note": strings.Repeat("x", 4001)},
		"withdrawn, and nothing named": {"withdrawn": true}, "about what": {"about": "x"}} {
		if b := st.wants(422, "north reviewer", "POST", "/v1/decisions", draft(clipzy, with)); b == "" {
			t.Error(name)
		}
	}
	st.wants(404, "north reviewer", "POST", "/v1/decisions", draft(other, nil))
	for _, b := range []string{"", "{", "[]", `{"unknown": 1}`, `{} {}`, `{"at": "2020-01-01T00:00:00Z"}`, `{"by": "else"}`, `{"version": 1}`} {
		st.wants(400, "north reviewer", "POST", "/v1/decisions", b)
	}
	st.wants(413, "north reviewer", "POST", "/v1/decisions", `{"note": "`+strings.Repeat("x", 70_000)+`"}`)
	r := httptest.NewRequest("POST", "http://api.example/v1/decisions", strings.NewReader("{}"))
	r.Header.Set("Authorization", "Bearer "+st.tokens["north admin"])
	if resp, _ := st.check.Do(t, st.s, r); resp.StatusCode != 415 {
		t.Errorf("without a type: %d", resp.StatusCode)
	}
	if b := st.wants(200, "north reader", "GET", "/v1/decisions?service=Clipzy&terms_type=Privacy+Policy", nil); strings.Count(b, `"fingerprint"`) != 3 {
		t.Errorf("decisions: %s", b)
	}
	if b := st.wants(200, "north reader", "GET", v1+"/findings", nil); !strings.Contains(b, `"withdrawn"`) || !strings.Contains(b, `"decided"`) || !strings.Contains(b, id) {
		t.Errorf("findings: %s", b)
	}

	watch := "/v1/watches/" + termsPath(other)
	st.wants(401, "", "PUT", watch, nil)
	st.wants(403, "north reviewer", "PUT", watch, nil)
	st.wants(201, "north admin", "PUT", watch, nil)
	st.wants(200, "north admin", "PUT", watch, nil)
	st.wants(400, "north admin", "PUT", watch+"?x=y", nil)
	st.wants(404, "north admin", "PUT", "/v1/watches/No/Such", nil)
	st.wants(404, "north admin", "PUT", "/v1/watches/%00/Such", nil)
	st.wants(401, "", "DELETE", watch, nil)
	st.wants(403, "north reviewer", "DELETE", watch, nil)
	st.wants(400, "north admin", "DELETE", watch+"?x=y", nil)
	st.wants(204, "north admin", "DELETE", watch, nil)
	st.wants(404, "north admin", "DELETE", watch, nil)

	digestsOf(st)
	st.shelf.erased = true
	st.wants(410, "north reader", "GET", "/v1/digest", nil)
	st.wants(410, "north reader", "GET", v1, nil)
	st.wants(410, "north reader", "GET", v1+"/findings", nil)
	st.wants(410, "north reader", "GET", capture+"?body=true", nil)
	st.wants(410, "north reviewer", "POST", "/v1/decisions", draft(parcel, nil))
	st.shelf.erased = false
	st.shelf.down = fmt.Errorf("connect to postgres://secret@host: refused")
	st.wants(503, "", "GET", "/health", nil)
	if b := st.wants(500, "north reader", "GET", "/v1/terms", nil); strings.Contains(b, "secret") {
		t.Errorf("told what went wrong inside: %s", b)
	}
	if !strings.Contains(st.log.String(), "refused") {
		t.Error("what went wrong inside is not in the log")
	}
	st.shelf.down, st.shelf.slow = nil, true
	st.wants(503, "north reader", "GET", v1, nil)

	if left := st.check.Unseen("429", "500", "503"); !slices.Equal(left, []string{"PUT /v1/watches/{service}/{type} 409"}) {
		t.Errorf("described, and not seen: %q", left)
	}
}

// digestsOf makes lists and asks for digests.
func digestsOf(st *stage) {
	list := map[string]any{"to": []string{"ana@north.example"}, "services": []string{"clipzy"}}
	with := func(name string, value any) map[string]any {
		x := maps.Clone(list)
		x[name] = value
		return x
	}
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		body := map[string]any{"PUT": list}[method]
		st.wants(401, "", method, "/v1/lists/legal", body)
		st.wants(403, "north reviewer", method, "/v1/lists/legal", body)
		st.wants(400, "north admin", method, "/v1/lists/legal?x=y", body)
	}
	st.wants(403, "north reviewer", "GET", "/v1/lists", nil)
	st.wants(201, "north admin", "PUT", "/v1/lists/legal", list)
	if b := st.wants(200, "north admin", "PUT", "/v1/lists/legal", with("schedule", "daily")); !strings.Contains(b, `"schedule": "daily"`) || !strings.Contains(b, `"format": "html"`) {
		st.t.Errorf("changed: %s", b)
	}
	st.wants(409, "north admin", "PUT", "/v1/lists/LEGAL", list)
	for name, value := range map[string]any{"to": []string{"root@localhost"}, "services": []string{"Other"}, "schedule": "hourly", "levels": []string{"grave"}, "format": "pdf", "unsubscribe": "https://127.0.0.1/"} {
		st.wants(422, "north admin", "PUT", "/v1/lists/legal", with(name, value))
	}
	if b := st.wants(422, "north admin", "PUT", "/v1/lists/legal", with("terms_types", []string{"Privacy Polic"})); !strings.Contains(b, " terms_types: ") {
		st.t.Errorf("a type of terms that nobody watches: %s", b)
	}
	st.wants(422, "north admin", "PUT", "/v1/lists/a%2Fb", list)
	for _, b := range []string{"", "{", "[]", `{"name": "x"}`, `{"webhook": "http://127.0.0.1/"}`, `{"to": "ana@north.example"}`} {
		st.wants(400, "north admin", "PUT", "/v1/lists/legal", b)
	}
	st.wants(413, "north admin", "PUT", "/v1/lists/legal", with("locale", strings.Repeat("x", 70_000)))
	r := httptest.NewRequest("PUT", "http://api.example/v1/lists/legal", strings.NewReader("{}"))
	r.Header.Set("Authorization", "Bearer "+st.tokens["north admin"])
	if resp, _ := st.check.Do(st.t, st.s, r); resp.StatusCode != 415 {
		st.t.Errorf("without a type: %d", resp.StatusCode)
	}
	etag, _ := st.ask("north admin", "GET", "/v1/lists/legal", nil)
	r = httptest.NewRequest("GET", "http://api.example/v1/lists/legal", nil)
	r.Header.Set("Authorization", "Bearer "+st.tokens["north admin"])
	r.Header.Set("If-None-Match", etag.Header.Get("ETag"))
	if resp, _ := st.check.Do(st.t, st.s, r); resp.StatusCode != 304 {
		st.t.Errorf("again: %d", resp.StatusCode)
	}
	if b := st.wants(200, "north reader", "GET", "/v1/digest?list=legal&from=2026-11-01&until=2026-11-22", nil); !strings.Contains(b, `"2026-11-01..2026-11-22"`) || !strings.Contains(b, `"list": "legal"`) || strings.Contains(b, "Other") {
		st.t.Errorf("digest: %s", b)
	}
	if b := st.wants(200, "north reader", "GET", "/v1/digest", nil); !strings.Contains(b, `"2026-11-16..2026-11-22"`) {
		st.t.Errorf("digest of a week: %s", b)
	}
	for _, q := range []string{"from=x", "until=2026-11-31", "from=2026-11-20&until=2026-11-19", "from=2024-01-01", "from=2026-12-01&until=2026-12-02", "from=", "from=2026-11-20&from=2026-11-20"} {
		st.wants(400, "north reader", "GET", "/v1/digest?"+q, nil)
	}
	// the other organisation has none of it, and may have a list of the same name
	st.wants(404, "south reader", "GET", "/v1/digest?list=legal", nil)
	st.wants(404, "south admin", "GET", "/v1/lists/legal", nil)
	st.wants(404, "south admin", "GET", "/v1/lists/%00", nil)
	st.wants(404, "south admin", "DELETE", "/v1/lists/legal", nil)
	st.wants(201, "south admin", "PUT", "/v1/lists/legal", map[string]any{"to": []string{"cy@south.example"}})
	for who, other := range map[string]string{"north": "cy@south.example", "south": "ana@north.example"} {
		if b := st.wants(200, who+" admin", "GET", "/v1/lists", nil); strings.Contains(b, other) || strings.Count(b, `"name"`) != 1 {
			st.t.Errorf("lists of %s: %s", who, b)
		}
	}
	st.wants(204, "north admin", "DELETE", "/v1/lists/legal", nil)
	st.wants(200, "south admin", "GET", "/v1/lists/legal", nil)
}

// Every route of the server is described.
func TestRoutesAreDescribed(t *testing.T) {
	var described struct {
		Paths map[string]map[string]any
	}
	if err := json.Unmarshal(Document, &described); err != nil {
		t.Fatal(err)
	}
	s := New(&shelf{}, nil, Options{})
	n := 0
	for path, methods := range described.Paths {
		for m := range methods {
			n++
			r := httptest.NewRequest(strings.ToUpper(m), strings.NewReplacer("{", "", "}", "").Replace(path), nil)
			if _, pattern := s.mux.Handler(r); pattern != strings.ToUpper(m)+" "+path {
				t.Errorf("%s %s is served as %q", m, path, pattern)
			}
		}
	}
	source, err := os.ReadFile("api.go")
	if err != nil {
		t.Fatal(err)
	}
	if routes := strings.Count(string(source), "\ts.route(\"") + strings.Count(string(source), "\ts.open(\""); routes != n {
		t.Errorf("%d routes, of which %d are described", routes, n)
	}
}

// A token of one organisation reaches nothing of another, whatever it knows of it.
func TestCross(t *testing.T) {
	st := newStage(t, Options{Rate: 1000})
	made := st.wants(201, "south admin", "POST", "/v1/decisions", draft(other, map[string]any{"note": "of the south"}))
	var d snapshots.Decision
	if err := json.Unmarshal([]byte(made), &d); err != nil {
		t.Fatal(err)
	}
	version := "/v1/versions/" + idOf(other, 1)
	for _, path := range []string{version, version + "/findings", "/v1/captures/" + captureOf(other, 1), "/v1/captures/" + captureOf(other, 1) + "?body=true", "/v1/terms/" + termsPath(other) + "/versions"} {
		st.wants(200, "south reader", "GET", path, nil)
		theirs := st.wants(404, "north admin", "GET", path, nil)
		nothing := st.wants(404, "north admin", "GET", strings.NewReplacer(idOf(other, 1), "ffffffffffffffff", captureOf(other, 1), "urn:uuid:ffffffff-ffff-ffff-ffff-ffffffffffff", "Other", "Nothing").Replace(path), nil)
		if theirs != nothing {
			t.Errorf("%s: what is another's is told from what is not there:\n%s%s", path, theirs, nothing)
		}
	}
	st.wants(404, "north admin", "POST", "/v1/decisions", draft(other, map[string]any{"revises": d.ID}))
	st.wants(422, "north admin", "POST", "/v1/decisions", draft(clipzy, map[string]any{"revises": d.ID}))
	st.wants(404, "north admin", "DELETE", "/v1/watches/"+termsPath(other), nil)
	for _, path := range []string{"/v1/terms", "/v1/watches", "/v1/decisions", "/v1/decisions?service=Other&terms_type=Privacy+Policy", "/v1/audit"} {
		if b := st.wants(200, "north admin", "GET", path, nil); strings.Contains(b, "Other") || strings.Contains(b, "south") {
			t.Errorf("%s tells of the south: %s", path, b)
		}
	}
	// cursors of one organisation mean nothing to another
	for _, c := range []string{`{"service":"","terms_type":""}`, `{"service":"Other","terms_type":""}`} {
		b := st.wants(200, "north admin", "GET", "/v1/watches?cursor="+encoded(c), nil)
		if strings.Contains(b, "Other") {
			t.Errorf("%s: %s", c, b)
		}
	}
	for _, c := range []string{"-1", "0", "9223372036854775807"} {
		if b := st.wants(200, "north admin", "GET", "/v1/decisions?cursor="+encoded(c), nil); strings.Contains(b, "south") {
			t.Errorf("%s: %s", c, b)
		}
	}
	// once it watches the same, it sees what is shared, and not what the other decided
	st.wants(201, "north admin", "PUT", "/v1/watches/"+termsPath(other), nil)
	for _, path := range []string{version, version + "/findings", "/v1/decisions"} {
		if b := st.wants(200, "north admin", "GET", path, nil); strings.Contains(b, "of the south") {
			t.Errorf("%s tells what the south decided: %s", path, b)
		}
	}
	st.wants(201, "north admin", "POST", "/v1/decisions", draft(other, nil))
	if b := st.wants(200, "south admin", "GET", "/v1/audit", nil); strings.Contains(b, "north") {
		t.Errorf("the log of the south tells of the north: %s", b)
	}
}

func encoded(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func TestPages(t *testing.T) {
	st := newStage(t, Options{Rate: 1000})
	for i := range 5 {
		if _, err := st.north.Watch(t.Context(), teams.Actor{Handle: "x", At: noon}, snapshots.Terms{Service: fmt.Sprint("Shop ", i), Type: "X"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		path string
		n    int
	}{{"/v1/terms", 7}, {"/v1/watches", 7}, {"/v1/terms/" + termsPath(clipzy) + "/versions", 3}, {"/v1/audit", 10}} {
		seen, cursor := map[string]bool{}, ""
		for range 20 {
			b := st.wants(200, "north admin", "GET", c.path+"?limit=2"+cursor, nil)
			var p struct {
				Items []json.RawMessage
				Next  string
			}
			if err := json.Unmarshal([]byte(b), &p); err != nil || len(p.Items) > 2 {
				t.Fatal(err, b)
			}
			for _, x := range p.Items {
				seen[string(x)] = true
			}
			if cursor = "&cursor=" + p.Next; p.Next == "" {
				break
			}
		}
		if len(seen) != c.n {
			t.Errorf("%s: %d items, not %d", c.path, len(seen), c.n)
		}
	}
}

func TestLimits(t *testing.T) {
	st := newStage(t, Options{Rate: 2})
	for range 10 {
		st.wants(200, "north reader", "GET", "/v1/watches", nil)
	}
	resp, _ := st.ask("north reader", "GET", "/v1/watches", nil)
	if resp.StatusCode != 429 || resp.Header.Get("Retry-After") == "" {
		t.Errorf("%d, %v", resp.StatusCode, resp.Header)
	}
	st.wants(200, "north admin", "GET", "/v1/watches", nil) // another token has turns of its own
	st.now = st.now.Add(time.Second)
	st.wants(200, "north reader", "GET", "/v1/watches", nil)

	st.tokens["guess"] = "drittland_aaaaaaaaaaaaa_aaaaaaaaaaaaaaaaaaaaaaaaaa"
	for range 20 {
		st.wants(401, "guess", "GET", "/v1/watches", nil)
	}
	st.wants(429, "guess", "GET", "/v1/watches", nil)
	st.from = "198.51.100.7:1"
	st.wants(200, "north admin", "GET", "/v1/watches", nil)
}

func TestAudit(t *testing.T) {
	st := newStage(t, Options{Rate: 1000})
	before, err := st.north.Audit(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	st.wants(201, "north reviewer", "POST", "/v1/decisions", draft(clipzy, nil))
	st.wants(201, "north admin", "PUT", "/v1/watches/"+termsPath(other), nil)
	st.wants(200, "north admin", "PUT", "/v1/watches/"+termsPath(other), nil)
	st.wants(204, "north admin", "DELETE", "/v1/watches/"+termsPath(other), nil)
	st.wants(403, "north reader", "DELETE", "/v1/watches/"+termsPath(clipzy), nil)
	st.wants(422, "north reviewer", "POST", "/v1/decisions", draft(clipzy, map[string]any{"judgement": "x"}))
	after, err := st.north.Audit(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range slices.Backward(after[:len(after)-len(before)]) {
		got = append(got, e.Handle+" "+e.Did+" "+e.Address)
		if e.Token == "" || !e.At.Equal(noon) || strings.Contains(e.Subject, st.tokens["north reader"]) {
			t.Errorf("%+v", e)
		}
	}
	want := []string{"north.reviewer decided 192.0.2.1", "north.admin watch added 192.0.2.1", "north.admin watch removed 192.0.2.1", "north.reader refused 192.0.2.1"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestRequests(t *testing.T) {
	st := newStage(t, Options{Rate: 1000})
	resp, b := st.ask("north reader", "GET", "/v1/captures/"+captureOf(clipzy, 1)+"?body=true", nil)
	h := resp.Header
	if b != "<html>" || h.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment;") || h.Get("X-Content-Type-Options") != "nosniff" ||
		!strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("a body: %v %s", h, b)
	}
	for name, values := range h {
		if strings.HasPrefix(name, "Access-Control") {
			t.Errorf("%s: %v", name, values)
		}
	}
	st.wants(400, "north reader", "GET", "/v1/captures/"+captureOf(clipzy, 1)+"?body=1", nil)
	st.wants(404, "north reader", "GET", "/v2/terms", nil)
	st.wants(414, "north reader", "GET", "/v1/terms?cursor="+strings.Repeat("x", 5000), nil)
	if resp, _ := st.ask("north reader", "PATCH", "/v1/decisions", nil); resp.StatusCode != 405 || resp.Header.Get("Allow") != "GET, POST" {
		t.Errorf("%d, %v", resp.StatusCode, resp.Header)
	}
	if resp, _ := st.ask("", "OPTIONS", "/v1/terms", nil); resp.StatusCode != 405 {
		t.Errorf("preflight: %d", resp.StatusCode)
	}
	for name, headers := range map[string][]string{"basic": {"Basic eDp5"}, "bare": {st.tokens["north reader"]}, "two": {"Bearer " + st.tokens["north reader"], "Bearer x"}, "lower case": {"bearer " + st.tokens["north reader"]}} {
		r := httptest.NewRequest("GET", "/v1/terms", nil)
		r.Header["Authorization"] = headers
		if resp, _ := st.check.Do(t, st.s, r); resp.StatusCode != 401 || resp.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: %d", name, resp.StatusCode)
		}
	}
	r := httptest.NewRequest("GET", "/v1/terms?token="+st.tokens["north reader"], nil)
	if resp, _ := st.check.Do(t, st.s, r); resp.StatusCode != 401 {
		t.Errorf("a token in the address: %d", resp.StatusCode)
	}
}
