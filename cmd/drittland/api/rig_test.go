package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/api/apitest"
	"github.com/drittland/drittland/cmd/drittland/desk"
	"github.com/drittland/drittland/cmd/drittland/digest"
	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/cmd/drittland/teams"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/archive/pg"
	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

var (
	noon   = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	clipzy = snapshots.Terms{Service: "Clipzy", Type: "Privacy Policy"}
	parcel = snapshots.Terms{Service: "Parcel/ito ✓", Type: "Terms of Service"}
	other  = snapshots.Terms{Service: "Other", Type: "Privacy Policy"}
	print7 = strings.Repeat("ab", 12)
	change = strings.Repeat("cd", 12)
)

// A shelf is an archive that a test has laid out: each terms have three versions, the last of which was refused.
type shelf struct {
	down   error
	erased bool
	slow   bool
}

func idOf(t snapshots.Terms, n int) string {
	return string(snapshots.HashOf([]byte(fmt.Sprint(t, n)))[:16])
}

func captureOf(t snapshots.Terms, n int) string {
	h := string(snapshots.HashOf([]byte(fmt.Sprint(t, n))))
	return "urn:uuid:" + h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:32]
}

func (s *shelf) Ready(context.Context) error { return s.down }

func (s *shelf) Known(_ context.Context, t snapshots.Terms) (bool, error) {
	return slices.Contains([]snapshots.Terms{clipzy, parcel, other}, t), nil
}

func (s *shelf) Summaries(ctx context.Context, list []snapshots.Terms) (out []Summary, err error) {
	for _, t := range list {
		all, _ := s.Versions(ctx, t)
		out = append(out, Summary{Terms: t, Versions: 2, Last: &all[1], Verified: &noon})
	}
	return out, s.down
}

func (s *shelf) Versions(_ context.Context, t snapshots.Terms) (out []Version, err error) {
	for n := 1; n <= 3; n++ {
		v := Version{n, snapshots.Version{ID: idOf(t, n), Terms: t, Snapshot: captureOf(t, n), Date: noon.AddDate(0, n, 0), Document: snapshots.HashOf([]byte("text")), Language: "en", Cause: snapshots.TermsCh, Reader: "test 1"}}
		if n == 3 {
			v.Number, v.Document, v.Cause, v.Refused, v.RefusedAs = 0, "", "", "a wall", "not a policy"
		}
		out = append(out, v)
	}
	return out, s.down
}

func (s *shelf) Version(ctx context.Context, id string) (snapshots.Version, error) {
	for _, t := range []snapshots.Terms{clipzy, parcel, other} {
		all, _ := s.Versions(ctx, t)
		for _, v := range all {
			if v.ID == id {
				return v.Version, s.down
			}
		}
	}
	return snapshots.Version{}, fmt.Errorf("version: %w", archive.ErrNotFound)
}

func (s *shelf) Shown(ctx context.Context, v snapshots.Version, decisions []snapshots.Decision) (any, error) {
	if s.erased {
		return nil, archive.ErrErased
	}
	if s.slow {
		return nil, context.DeadlineExceeded
	}
	c, err := s.Capture(ctx, v.Snapshot)
	return map[string]any{"number": 1, "version": v, "snapshot": c, "document": map[string]any{"text": "<script>"}, "dates": map[string]any{}, "decisions": append([]snapshots.Decision{}, decisions...)}, err
}

func (s *shelf) Findings(_ context.Context, v snapshots.Version, decisions []snapshots.Decision) (*Findings, error) {
	if s.erased {
		return nil, archive.ErrErased
	}
	if v.Refused != "" {
		return nil, ErrNoText
	}
	day := law.DateOf(noon)
	d := desk.Join(decisions, []string{print7, change}, day)
	return &Findings{Version: v.ID, Terms: v.Terms, Number: 1, AsOf: day, Today: day, Change: &Change{Fingerprint: change, Class: "x", Quote: "came", State: StateOn(d, change)},
		Findings: []Finding{{Finding: analyze.Finding{ID: "T07", Rule: "r", Level: "warning", Title: "t", Articles: []string{"44"}, Message: "m", Quote: "to the United States", Start: 1, End: 2, AsOf: day, Today: "warning", Fingerprint: print7}, State: StateOn(d, print7)}}}, nil
}

func (s *shelf) Capture(_ context.Context, id string) (snapshots.Snapshot, error) {
	for _, t := range []snapshots.Terms{clipzy, parcel, other} {
		for n := 1; n <= 3; n++ {
			if captureOf(t, n) == id {
				return snapshots.Snapshot{ID: id, Terms: t, URL: "https://clipzy.example/privacy", At: noon, Status: 200, MediaType: "text/html", Body: snapshots.HashOf([]byte("<html>")), Size: 6}, s.down
			}
		}
	}
	return snapshots.Snapshot{}, archive.ErrNotFound
}

func (s *shelf) Body(context.Context, snapshots.Snapshot) ([]byte, error) {
	if s.erased {
		return nil, archive.ErrErased
	}
	return []byte("<html>"), nil
}

func (s *shelf) Digest(ctx context.Context, w DigestWish) (*digest.Digest, error) {
	if s.erased {
		return nil, archive.ErrErased
	}
	list := ""
	if w.List != nil {
		list = w.List.Name
	}
	watches, err := w.Org.Watches(ctx, snapshots.Terms{}, 100)
	d := &digest.Digest{Schema: digest.Schema, Language: "en", Organisation: w.Org.Name(), List: list, Period: w.First.String() + ".." + w.Last.String(), From: noon, Until: noon, TimeZone: "UTC", Made: noon,
		Findings: []digest.Found{}, Facts: []digest.Change{}, Announced: []digest.Announced{}, Law: []digest.LawDay{}, Decisions: []digest.Decision{}, Unverified: []digest.Unverified{}, Quiet: []string{}}
	for _, x := range watches {
		d.Quiet = append(d.Quiet, x.Service)
	}
	return d, errors.Join(s.down, err)
}

// A stage is a server with two organisations: north watches clipzy and parcel, south watches other.
type stage struct {
	t            *testing.T
	s            *Server
	shelf        *shelf
	orgs         *teams.DB
	check        *apitest.Checker
	now          time.Time
	north, south *teams.Org
	tokens       map[string]string // "north reader" …
	log          bytes.Buffer
	from         string
}

func newStage(t *testing.T, opts Options) *stage {
	t.Helper()
	db, err := pg.Open(t.Context(), pgtest.Need(t).Database(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	st := &stage{t: t, shelf: &shelf{}, check: apitest.New(t, Document), now: noon, tokens: map[string]string{}, from: "192.0.2.1:1"}
	if st.orgs, err = teams.Open(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	by := teams.Actor{Handle: "operator", At: noon}
	for name, watched := range map[string][]snapshots.Terms{"north": {clipzy, parcel}, "south": {other}} {
		o, err := st.orgs.Add(t.Context(), name, noon)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range watched {
			if _, err := o.Watch(t.Context(), by, w); err != nil {
				t.Fatal(err)
			}
		}
		for _, role := range review.Roles {
			s, _, err := o.NewToken(t.Context(), by, teams.Token{Role: role, Handle: name + "." + string(role)})
			if err != nil {
				t.Fatal(err)
			}
			st.tokens[name+" "+string(role)] = s
		}
		if name == "north" {
			st.north = o
		} else {
			st.south = o
		}
	}
	opts.Now, opts.Log = func() time.Time { return st.now }, slog.New(slog.NewTextHandler(&st.log, nil))
	st.s = New(st.shelf, st.orgs, opts)
	return st
}

// ask asks as somebody, "north reader", and gives status and body.
func (st *stage) ask(who, method, path string, body any) (apitest.Answer, string) {
	st.t.Helper()
	var sent io.Reader = http.NoBody
	if s, ok := body.(string); ok {
		sent = strings.NewReader(s)
	} else if body != nil {
		b, _ := json.Marshal(body)
		sent = bytes.NewReader(b)
	}
	r := httptest.NewRequest(method, "http://api.example"+path, sent)
	r.RemoteAddr = st.from
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if who != "" {
		r.Header.Set("Authorization", "Bearer "+st.tokens[who])
	}
	resp, b := st.check.Do(st.t, st.s, r)
	for _, s := range st.tokens {
		if strings.Contains(string(b)+st.log.String(), s) {
			st.t.Errorf("%s %s: the answer, or the log, holds a token", method, path)
		}
	}
	return resp, string(b)
}

// wants asks, and fails unless the status is the one that is wanted.
func (st *stage) wants(status int, who, method, path string, body any) string {
	st.t.Helper()
	resp, b := st.ask(who, method, path, body)
	if resp.StatusCode != status {
		st.t.Errorf("%s %s as %q: %d, not %d: %.300s", method, path, who, resp.StatusCode, status, b)
	}
	if status >= 400 && resp.Header.Get("Content-Type") != "application/problem+json" {
		st.t.Errorf("%s %s: the problem is %s", method, path, resp.Header.Get("Content-Type"))
	}
	return b
}

func termsPath(t snapshots.Terms) string {
	return url.PathEscape(t.Service) + "/" + url.PathEscape(t.Type)
}

func draft(t snapshots.Terms, with map[string]any) map[string]any {
	d := map[string]any{"version": idOf(t, 1), "about": "finding", "fingerprint": print7, "judgement": "relevant"}
	for k, v := range with {
		d[k] = v
	}
	return d
}
