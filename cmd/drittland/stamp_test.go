package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/archive/pg/pgtest"
	"github.com/drittland/drittland/snapshots/stamp"
	"github.com/drittland/drittland/snapshots/stamp/stamptest"
)

// A keeper is a user whose archive has checkpoints, and an authority on this machine.
type keeper struct {
	t          *testing.T
	home       string
	now        time.Time
	env        map[string]string
	checkpoint string
	public     bool   // addresses of this machine are refused
	authority  string // directory of timestamp.yaml; "" for that of the archive
}

// newKeeper makes an archive with one tracked page.
func newKeeper(t *testing.T, page string) *keeper {
	k := keeperIn(t)
	k.does(0, "track", "add", "Clipzy", page)
	return k
}

func keeperIn(t *testing.T) *keeper {
	return &keeper{t: t, home: t.TempDir(), now: time.Now().UTC(), checkpoint: "clipzy.example/log\n1\nAAAA\n", env: map[string]string{}}
}

func (k *keeper) archive() string {
	return filepath.Join(k.home, ".local", "share", "drittland", "archive")
}
func (k *keeper) stamps() string { return filepath.Join(k.archive(), "ledger", "stamps") }

// does runs a command at k.now, wants its exit code and gives what it printed.
func (k *keeper) does(code int, args ...string) string {
	k.t.Helper()
	var out bytes.Buffer
	got := run(context.Background(), append([]string{"drittland"}, args...), environment{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Loopback: !k.public,
		Now:        func() time.Time { return k.now },
		Checkpoint: func(*archive.Archive) ([]byte, error) { return []byte(k.checkpoint), nil },
		Getenv: func(name string) string {
			if name == "HOME" {
				return k.home
			}
			return k.env[name]
		}})
	if got != code {
		k.t.Fatalf("%q: exit code %d, want %d\n%s", args, got, code, out.String())
	}
	return out.String()
}

func (k *keeper) sees(out string, words ...string) {
	k.t.Helper()
	for _, w := range words {
		if !strings.Contains(out, w) {
			k.t.Errorf("%q is not in\n%s", w, out)
		}
	}
}

// status wants words in the status, and holds its JSON against the schema.
func (k *keeper) status(code int, words ...string) {
	k.t.Helper()
	k.sees(k.does(code, "evidence", "status"), words...)
	out := k.does(code, "evidence", "status", "--format", "json")
	if i := strings.Index(out, "\n}\n"); i >= 0 {
		out = out[:i+3] // without the message
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
	if err != nil {
		k.t.Fatal(err)
	}
	if err := compileSchema(k.t, "evidence-status").Validate(v); err != nil {
		k.t.Errorf("%v\n%s", err, out)
	}
}

// configure writes timestamp.yaml with authorities at some addresses, all with the same root.
func (k *keeper) configure(root []byte, more string, urls ...string) {
	k.t.Helper()
	text := "timeout: 1s\nauthorities:\n"
	for i, u := range urls {
		text += fmt.Sprintf("  - {name: tsa-%d, url: %q, roots: root.pem%s}\n", i+1, u, more)
	}
	for name, b := range map[string][]byte{"timestamp.yaml": []byte(text), "root.pem": root} {
		if err := os.WriteFile(filepath.Join(cmp.Or(k.authority, k.archive()), name), b, 0o644); err != nil {
			k.t.Fatal(err)
		}
	}
}

func serve(t *testing.T, h http.Handler) string {
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

// policyPage serves a policy that changes with every request, so that each run has something to record.
func policyPage(t *testing.T) string {
	var n atomic.Int64
	return serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, "<html lang=en><title>Clipzy</title><main><h1>Privacy policy</h1><p>We store your personal data in India for %d days. You may ask us for access to your data, "+
			"and you may object to their use at any time; write to privacy@clipzy.example for both.</p></main></html>", n.Add(1))
	})) + "/privacy"
}

// TestStamps goes from no authority at all over one that is down to a stamp that openssl accepts.
func TestStamps(t *testing.T) { newKeeper(t, policyPage(t)).stamped() }

// TestStampsOnServer does the same with an archive on a server, which keeps stamps beside its ledger; who is asked stands with the user's settings.
func TestStampsOnServer(t *testing.T) {
	k := keeperIn(t)
	k.env["DRITTLAND_ARCHIVE"], k.env["DRITTLAND_OBJECTS"] = pgtest.Need(t).Database(t), "file://"+t.TempDir()
	k.authority = filepath.Join(k.home, ".config", "drittland")
	if err := os.MkdirAll(k.authority, 0o755); err != nil {
		t.Fatal(err)
	}
	k.does(0, "track", "add", "Clipzy", policyPage(t))
	k.stamped()
}

// stamped goes the way of TestStamps.
func (k *keeper) stamped() {
	t := k.t
	a := stamptest.New(t, stamptest.Options{})
	var down atomic.Bool
	down.Store(true)
	a.Instead = func(w http.ResponseWriter, _ *http.Request) bool {
		if down.Load() {
			http.Error(w, "later", http.StatusServiceUnavailable)
		}
		return down.Load()
	}
	if out := k.does(0, "run", "--delay", "0s"); strings.Contains(out, "time stamp") {
		t.Errorf("a run without an authority speaks of time stamps:\n%s", out)
	}
	k.status(0, "none is configured", "stamped      nothing yet", "no time stamp authority is configured, so that only the clock of this machine")
	k.sees(k.does(1, "evidence", "stamp"), "no time stamp authority is configured", "drittland evidence authorities")

	k.configure(a.Root, ", qualified: true", serve(t, a)+"/tsr")
	k.sees(k.does(0, "run", "--all", "--delay", "0s"), "version 2", "time stamp: tsa-1: status 503 Service Unavailable; 'drittland evidence status' shows what waits")
	k.status(0, "waiting      checkpoint ", "(1 record)", "1 failure", "tsa-1, "+stampTime(k.now)+": status 503", "(qualified, as configured)")
	if got := a.Asked.Load(); got != 1 {
		t.Errorf("%d requests for one run", got)
	}
	k.now = k.now.Add(30 * time.Second)
	k.does(0, "run")
	if got := a.Asked.Load(); got != 1 {
		t.Errorf("asked again before the minute is over")
	}
	k.now = k.now.Add(25 * time.Hour)
	k.status(1, "ALARM", "more than 24 hours")

	down.Store(false)
	k.checkpoint = "clipzy.example/log\n1042\nBBBB\n"
	k.now = time.Now()
	k.sees(k.does(0, "evidence", "stamp"), "stamped by tsa-1")
	k.status(0, "(1,042 records), no later than ", "by tsa-1", "policy "+stamptest.Policy, "waiting      nothing", "clock of this machine, and by what servers wrote")
	k.sees(k.does(0, "evidence", "stamp"), "nothing waits")
	k.sees(k.does(0, "archive", "check"), "whole: ")
	if k.authority != "" { // a backup is in a folder
		k.does(0, "archive", "backup", k.archive())
	}
	k.acceptedByOpenSSL()

	f := stamp.Folder{Dir: k.stamps()}
	records, err := f.Records()
	if err != nil || len(records) != 1 || !records[0].Stamped.Qualified || records[0].Failures != 1 {
		t.Errorf("%+v: %v", records, err)
	}
}

// acceptedByOpenSSL has openssl verify each stamp with nothing but the files in the archive.
func (k *keeper) acceptedByOpenSSL() {
	k.t.Helper()
	answers, err := filepath.Glob(filepath.Join(k.stamps(), "*.tsr"))
	if err != nil || len(answers) == 0 {
		k.t.Fatal(answers, err)
	}
	roots, err := filepath.Glob(filepath.Join(k.stamps(), "roots", "*.pem"))
	if err != nil || len(roots) != 1 {
		k.t.Fatal(roots, err)
	}
	for _, name := range answers {
		var b [3][]byte
		for i, n := range []string{name, strings.TrimSuffix(name, ".tsr") + ".checkpoint", roots[0]} {
			if b[i], err = os.ReadFile(n); err != nil {
				k.t.Fatal(err)
			}
		}
		for _, at := range []time.Time{{}, time.Now()} {
			if err := stamptest.Verify(k.t, b[0], b[1], b[2], at); err != nil {
				k.t.Error(err)
			}
		}
	}
}

// TestStampFailures: whatever an authority does, a run ends well, says it in one line, and the checkpoint waits.
func TestStampFailures(t *testing.T) {
	a, other, refusing := stamptest.New(t, stamptest.Options{}), stamptest.New(t, stamptest.Options{}), stamptest.New(t, stamptest.Options{Digests: "sha512"})
	reply := func(b []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/timestamp-reply")
			w.Write(b)
		}
	}
	k := newKeeper(t, policyPage(t))
	old, err := stamp.NewRequest(stamp.Digest([]byte(k.checkpoint)), "", bytes.NewReader(make([]byte, 8)))
	if err != nil {
		t.Fatal(err)
	}
	replayed, err := a.Reply(old.DER)
	if err != nil {
		t.Fatal(err)
	}
	quit := make(chan struct{})
	slow := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-quit }))
	t.Cleanup(func() { close(quit) }) // before the server is closed, which waits for its handlers
	for name, c := range map[string]struct{ url, says string }{
		"error":     {serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) })), "status 503"},
		"html":      {serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>log in</html>") })), "wants a login"},
		"elsewhere": {serve(t, http.RedirectHandler("http://tsa.clipzy.example/", http.StatusFound)), "it redirects (status 302)"},
		"user":      {serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) })), "does not serve this user"},
		"slow":      {slow, "no answer within 1s"},
		"dead":      {"http://" + deadPort(t), "refused"},
		"endless":   {serve(t, reply(make([]byte, stamp.MaxAnswer+1))), "more than"},
		"noise":     {serve(t, reply([]byte("Clipzy"))), "not in DER"},
		"refused":   {serve(t, refusing), "the authority refuses (status 2): it does not accept the digest algorithm"},
		"replay":    {serve(t, reply(replayed)), "another nonce"},
		"hostile":   {serve(t, reply([]byte("\x30\x11\x30\x0f\x02\x01\x02\x30\x0a\x0c\x08\x1b[31mred"))), "the authority refuses (status 2): "},
		"other":     {serve(t, other), "do not vouch"},
	} {
		k.configure(a.Root, "", c.url)
		out := k.does(0, "run", "--all", "--delay", "0s")
		k.sees(out, "drittland: time stamp: tsa-1: ", c.says)
		if n := strings.Count(out, "drittland: "); n != 1 || strings.Contains(out, "\x1b") {
			t.Errorf("%s: %q", name, out)
		}
		k.status(0, "waiting", c.says, stampTime(k.now))
		if err := os.RemoveAll(filepath.Join(k.archive(), "ledger", "stamps")); err != nil {
			t.Fatal(err)
		}
	}
	k.configure(a.Root, "", serve(t, a))
	if err := os.Remove(filepath.Join(k.archive(), "root.pem")); err != nil {
		t.Fatal(err)
	}
	k.sees(k.does(0, "run", "--all", "--delay", "0s"), "roots: open ")
	k.sees(k.does(1, "evidence", "stamp"), "roots: open ", "fetch the root certificate")
	k.sees(k.does(0, "run", "--all", "--delay", "0s", "--timestamps", "nowhere.yaml"), "time stamps: open nowhere.yaml")
}

func deadPort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// What is not public is not asked, wherever a configuration points.
func TestStampPrivateAddress(t *testing.T) {
	a := stamptest.New(t, stamptest.Options{})
	k := newKeeper(t, policyPage(t))
	k.configure(a.Root, "", serve(t, a))
	k.public = true
	k.sees(k.does(1, "evidence", "stamp"), "tsa-1: ", "prohibited")
	if a.Asked.Load() != 0 {
		t.Error("it was asked")
	}
	k.does(0, "evidence", "stamp", "--allow-loopback")
}

// The next authority is asked after three failures; a stamp by any settles what waits.
func TestStampNextAuthority(t *testing.T) {
	a := stamptest.New(t, stamptest.Options{})
	k := newKeeper(t, policyPage(t))
	k.configure(a.Root, "", "http://"+deadPort(t), serve(t, a))
	began := k.now.Add(-time.Hour)
	for i, wait := range []time.Duration{0, time.Minute, 5 * time.Minute, 30 * time.Minute} {
		began = began.Add(wait)
		k.now = began.Add(-time.Second)
		before := a.Asked.Load()
		if i > 0 {
			k.does(0, "run") // too early
		}
		if k.now = began; i == 3 {
			k.now = time.Now()
		}
		k.does(0, "run")
		if got := a.Asked.Load() - before; got != int64(i/3) {
			t.Errorf("attempt %d: the second authority was asked %d times", i+1, got)
		}
	}
	k.status(0, "by tsa-2", "waiting      nothing", "tsa-1, ")
}

func TestStampSchedule(t *testing.T) {
	at := time.Date(2026, 6, 20, 10, 0, 0, 0, time.UTC)
	for failures, want := range []time.Duration{-1, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 6 * time.Hour} {
		r := &stamp.Record{Failures: failures}
		if failures > 0 {
			r.Attempts = []stamp.Attempt{{Authority: "tsa-1", At: at}}
		}
		if got := dueAt(r); failures > 0 && !got.Equal(at.Add(want)) || failures == 0 && !got.IsZero() {
			t.Errorf("%d failures: due at %s", failures, got)
		}
	}
	for _, c := range []struct {
		failures int
		waited   time.Duration
		now      bool
		want     []int
	}{{0, time.Hour, false, []int{0}}, {2, time.Hour, false, []int{0}}, {3, time.Hour, false, []int{1}}, {8, time.Hour, false, []int{2}}, {9, time.Hour, false, []int{0}},
		{4, 12 * time.Hour, false, []int{1, 2, 0}}, {0, 0, true, []int{0, 1, 2}}} {
		if got := turn(&stamp.Record{Failures: c.failures, Waiting: at}, 3, c.now, at.Add(c.waited)); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// Names and passwords come from the environment, and go nowhere in the clear; an authority is left alone for as long as it wants.
func TestStampManners(t *testing.T) {
	a := stamptest.New(t, stamptest.Options{})
	a.Username, a.Password = "clipzy", "s3cret"
	k := newKeeper(t, policyPage(t))
	k.configure(a.Root, ", min_interval: 1h", serve(t, a))
	k.sees(k.does(1, "evidence", "stamp"), "does not serve this user")
	k.env["DRITTLAND_TIMESTAMP_TSA_1_USERNAME"], k.env["DRITTLAND_TIMESTAMP_TSA_1_PASSWORD"] = "clipzy", "s3cret"
	k.sees(k.does(1, "evidence", "stamp"), "it wants 1h0m0s between two requests")
	if a.Asked.Load() != 1 {
		t.Errorf("asked %d times", a.Asked.Load())
	}
	if err := os.RemoveAll(k.stamps()); err != nil {
		t.Fatal(err)
	}
	k.does(0, "evidence", "stamp")
	k.configure(a.Root, "", "http://tsa.clipzy.example/")
	k.sees(k.does(1, "evidence", "stamp"), "not https: they would be sent in the clear")
}

// A stamp that was changed is named by archive check, and status does not show it as good.
func TestStampDamage(t *testing.T) {
	a, other := stamptest.New(t, stamptest.Options{}), stamptest.New(t, stamptest.Options{})
	k := newKeeper(t, policyPage(t))
	k.configure(a.Root, "", serve(t, a))
	k.does(0, "evidence", "stamp")
	answers, err := filepath.Glob(filepath.Join(k.stamps(), "*.tsr"))
	if err != nil || len(answers) != 1 {
		t.Fatal(answers, err)
	}
	good, err := os.ReadFile(answers[0])
	if err != nil {
		t.Fatal(err)
	}
	q, err := stamp.NewRequest(stamp.Digest([]byte(k.checkpoint)), "", bytes.NewReader(make([]byte, 8)))
	if err != nil {
		t.Fatal(err)
	}
	replaced, err := other.Reply(q.DER)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(good)
	flipped[len(flipped)/2] ^= 1
	for name, b := range map[string][]byte{"replaced": replaced, "flipped": flipped, "cut": good[:100]} {
		if err := os.WriteFile(answers[0], b, 0o644); err != nil {
			t.Fatal(err)
		}
		k.sees(k.does(5, "archive", "check"), "damaged: ledger/stamps/"+filepath.Base(answers[0])+": ", "damaged in 1 place")
		k.status(1, "not good", "a time stamp is not good")
		t.Log(name)
	}
	if err := os.WriteFile(answers[0], good, 0o644); err != nil {
		t.Fatal(err)
	}
	k.configure(other.Root, "", serve(t, a))
	k.status(0, "the root certificate of the stamp is none of those that are configured")
}

// The example is a file that can be read, in every language.
func TestStampExample(t *testing.T) {
	for _, lang := range locale.Languages() {
		text := (&tool{words: locale.For(lang)}).stampExample()
		all := strings.NewReplacer("\n#  - ", "\n  - ", "\n#    ", "\n    ").Replace(text)
		for _, s := range []string{text, all} {
			got, err := config.ReadTimestamps("timestamp.yaml", []byte(s))
			if err != nil {
				t.Fatalf("%s: %v", lang, err)
			}
			if s == all && (len(got.Authorities) != 5 || !got.Authorities[4].Qualified || got.Authorities[4].Policy == "" || got.Authorities[0].Qualified) {
				t.Errorf("%s: %+v", lang, got)
			}
		}
		if !strings.Contains(text, "910/2014") {
			t.Errorf("%s: nothing about the law", lang)
		}
	}
}
