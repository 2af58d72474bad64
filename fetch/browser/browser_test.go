package browser

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"image/png"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/drittland/drittland/fetch"
	"github.com/drittland/drittland/snapshots"
)

// program finds the Chromium that the tests need.
func program(t *testing.T) string {
	t.Helper()
	path, err := (&Browser{}).program()
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("these tests need Chromium: apt-get install chromium")
		}
		t.Skip("needs Chromium: apt-get install chromium")
	}
	return path
}

// A site is a fictional site on this machine that remembers what it was asked for.
type site struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string // "GET /path"
	agent string
}

const policy = `<h2>Where your data go</h2><p>Clipzy keeps the videos that you upload on servers in Ireland, and a copy of them
on servers in Singapore. Staff of Clipzy in Brazil may look at them where that is needed to repair the service. We rely on
standard contractual clauses for both, and we send you a copy of them when you write to us.</p><h2>How long</h2><p>We keep your
videos until you delete them, and our records of what you watched for thirteen months after you watched it, unless the law wants
us to keep them for longer. Then we delete them or make them anonymous.</p>`

func serve(t *testing.T, pages map[string]string) *site {
	t.Helper()
	s := &site{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.Method+" "+r.URL.Path)
		s.agent = r.UserAgent()
		s.mu.Unlock()
		page, ok := pages[r.URL.Path]
		switch {
		case !ok:
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusNotFound)
			page = "<h1>Not found</h1>"
		case strings.HasSuffix(r.URL.Path, "late"):
			time.Sleep(2 * time.Second)
		case strings.HasSuffix(r.URL.Path, ".zip"):
			w.Header().Set("Content-Disposition", "attachment")
		}
		if ok {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
		}
		if strings.HasSuffix(r.URL.Path, "undeclared") {
			w.Header().Set("Content-Type", "text/html")
		}
		if strings.HasSuffix(r.URL.Path, ".js") {
			w.Header().Set("Content-Type", "text/javascript")
		}
		if strings.HasSuffix(r.URL.Path, "packed-undeclared") {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			defer z.Close()
			fmt.Fprint(z, page)
			return
		}
		fmt.Fprint(w, strings.ReplaceAll(page, "POLICY", policy))
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *site) got(what string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.asked {
		if a == what {
			return true
		}
	}
	return false
}

// TestMain wants that no file is left of all the pages and, where processes can be listed, no process.
func TestMain(m *testing.M) {
	tmp, err := os.MkdirTemp("/tmp", "b") // a name short enough for sockets
	if err != nil {
		panic(err)
	}
	os.Setenv("TMPDIR", tmp)
	code := m.Run()
	if left, _ := filepath.Glob(tmp + "/*"); len(left) > 0 {
		fmt.Println("FAIL: files are left:", left)
		code = 1
	}
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, name := range lines {
		if line, err := os.ReadFile(name); err == nil && bytes.Contains(line, []byte("--user-data-dir="+tmp)) {
			fmt.Printf("FAIL: a process is left: %s %.200q\n", name, line)
			code = 1
		}
	}
	os.RemoveAll(tmp)
	os.Exit(code)
}

// render renders a page of the site.
func render(t *testing.T, s *site, path string, o Options) (*snapshots.Rendering, error) {
	t.Helper()
	o.Program, o.AllowLoopback = program(t), true
	return New(o).Render(context.Background(), Request{URL: s.URL + path, Lang: "en"})
}

func mustRender(t *testing.T, s *site, path string, o Options) *snapshots.Rendering {
	t.Helper()
	r, err := render(t, s, path, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range r.Notes {
		t.Log("note:", n)
	}
	return r
}

var scripts = regexp.MustCompile(`(?s)<script.*?</script>|\son\w+="[^"]*"`)

// shown is the page without its scripts, which hold the words that they are to show.
func shown(r *snapshots.Rendering) []byte { return scripts.ReplaceAll(r.HTML, nil) }

func wants(t *testing.T, r *snapshots.Rendering, texts ...string) {
	t.Helper()
	for _, x := range texts {
		if !bytes.Contains(shown(r), []byte(x)) {
			t.Errorf("%q is not in\n%.3000s", x, shown(r))
		}
	}
}

// shell is a page whose text a script writes.
func shell(script string) string {
	return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Clipzy privacy</title></head><body><noscript>You need to enable JavaScript.</noscript><div id="app"></div>
<script>const show = h => document.getElementById('app').innerHTML = h; ` + script + `</script></body></html>`
}

func TestPageBuiltByScripts(t *testing.T) {
	t.Parallel()
	s := serve(t, map[string]string{"/": shell("show(`<main>POLICY</main>`)")})
	r := mustRender(t, s, "/", Options{})
	wants(t, r, "servers in Singapore", `<html lang="en">`)
	if bytes.Contains(r.HTML, []byte("<noscript>")) {
		t.Error("what is for readers without scripts is still there")
	}
	if !strings.HasPrefix(r.Browser, "Chromium 1") || r.Status != 200 || r.URL != s.URL+"/" || r.At.IsZero() || r.Cut || len(r.Notes) > 0 {
		t.Errorf("%q %d %q %v %v %q", r.Browser, r.Status, r.URL, r.At, r.Cut, r.Notes)
	}
	if img, err := png.Decode(bytes.NewReader(r.Screenshot)); err != nil || img.Bounds().Dx() != width || img.Bounds().Dy() < 400 {
		t.Errorf("screenshot: %v", err)
	}
	if !bytes.HasPrefix(r.PDF, []byte("%PDF-")) {
		t.Errorf("PDF begins with %.10q", r.PDF)
	}
	if !strings.Contains(s.agent, "Chrome/") || !strings.HasSuffix(s.agent, "drittland (+https://github.com/drittland/drittland)") {
		t.Errorf("User-Agent %q", s.agent)
	}
}

func TestTextThatArrivesLate(t *testing.T) {
	t.Parallel()
	pages := map[string]string{
		"/answer":  shell("show('<p>Loading …</p>'); fetch('/text-late').then(r => r.text()).then(show)"),
		"/timer":   shell("show('<p>Loading …</p>'); setTimeout(() => show(`POLICY`), 2000)"),
		"/pieces":  shell("let n = 0; const t = setInterval(() => { show(`POLICY`.slice(0, 80 * ++n)); if (n == 12) clearInterval(t) }, 400)"),
		"/leadson": shell("setTimeout(() => location.href = '/there', 500)"),
		"/there":   shell("setTimeout(() => show(`POLICY`), 300)"),
		"/poll":    shell("show(`POLICY`); const f = () => fetch('/poll-late').then(f); f()"),
		"/scroll":  shell("show(`POLICY<div style='height:3000px'></div><p id=end>.</p>`); new IntersectionObserver(e => { if (e[0].isIntersecting) document.getElementById('end').innerText = 'the last clause' }).observe(document.getElementById('end'))"),
		"/shadow":  shell("const e = document.createElement('clipzy-text'); document.body.append(e); e.attachShadow({mode: 'open'}).innerHTML = `POLICY`"),
	}
	pages["/text-late"], pages["/poll-late"] = policy, "."
	for _, x := range []struct{ path, want string }{{"/answer", "thirteen months"}, {"/timer", "thirteen months"}, {"/pieces", "make them anonymous"},
		{"/leadson", "thirteen months"}, {"/poll", "thirteen months"}, {"/scroll", "the last clause"}, {"/shadow", "thirteen months"}} {
		t.Run(x.path[1:], func(t *testing.T) {
			t.Parallel()
			s := serve(t, pages)
			start := time.Now()
			wants(t, mustRender(t, s, x.path, Options{}), x.want)
			if took := time.Since(start); took > 15*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

func TestClosedSections(t *testing.T) {
	t.Parallel()
	s := serve(t, map[string]string{"/": shell(`show(` + "`POLICY" + `
<details><summary>Cookies</summary><p>Cookies of Clipzy last a year.</p></details>
<h3><button aria-expanded="false" aria-controls="p1" onclick="toggle(1)">Recipients</button></h3><div id="s1"></div>
<h3><button aria-expanded="false" aria-controls="p2" onclick="toggle(2)">Children</button></h3><div id="s2"></div>
<div id="more"></div><a href="#" role="button" onclick="document.getElementById('more').innerHTML='<p>The rest of the text.</p>'">Read more</a>
<a href="/elsewhere" aria-expanded="false">A link</a>
<form action="/sent" method="post"><button aria-expanded="false">Show more</button></form>
<button aria-expanded="false" onclick="location.href='/gone'">Details</button>
<div class="cookie-banner"><button aria-expanded="false" onclick="fetch('/consented')">Show details</button><button onclick="fetch('/consented')">Accept all</button></div>
<header><button aria-expanded="false" onclick="fetch('/menu')">All</button></header>
<section id="consent" class="cookies"><button aria-expanded="false" onclick="this.after('You can take your consent back.')">Your consent</button></section>
<button aria-haspopup="menu" aria-expanded="false" onclick="fetch('/menu')">Language</button>` + "`" + `);
const texts = ['', 'We give data to Pixelfern in India.', 'Nobody below sixteen may use Clipzy.'];
function toggle(n) { // one at a time, and a closed section has no text
	for (const i of [1, 2]) {
		const b = document.querySelector('[aria-controls=p' + i + ']'), on = i == n && b.getAttribute('aria-expanded') == 'false';
		b.setAttribute('aria-expanded', on);
		document.getElementById('s' + i).innerHTML = on ? '<div id="p' + i + '"><p>' + texts[i] + '</p></div>' : '';
	}
}`)})
	r := mustRender(t, s, "/", Options{})
	wants(t, r, `<details open="">`, "Pixelfern in India", "below sixteen", "The rest of the text", "servers in Singapore", "take your consent back")
	if n := bytes.Count(shown(r), []byte("<p>We give data to Pixelfern")); n != 1 {
		t.Errorf("a section stands there %d times", n)
	}
	for _, never := range []string{"GET /elsewhere", "POST /sent", "GET /gone", "GET /consented", "GET /menu"} {
		if s.got(never) {
			t.Errorf("asked for %s", never)
		}
	}
	if r.URL != s.URL+"/" {
		t.Errorf("ended at %s", r.URL)
	}
}

func TestSectionThatLeadsAway(t *testing.T) {
	t.Parallel()
	s := serve(t, map[string]string{"/": shell("show(`POLICY<button aria-expanded=false onclick=\"history.pushState(0,'','/other');show('<p>Another view.</p>')\">More</button>`)")})
	r := mustRender(t, s, "/", Options{})
	wants(t, r, "servers in Singapore")
	if bytes.Contains(shown(r), []byte("Another view")) || len(r.Notes) != 1 {
		t.Errorf("notes %q", r.Notes)
	}
}

func TestEndlessPages(t *testing.T) {
	t.Parallel()
	s := serve(t, map[string]string{
		"/grows":    shell("show(`POLICY`); setInterval(() => document.body.append(...[1,2,3].map(i => Object.assign(document.createElement('p'), {innerText: 'more and more ' + Math.random(), style: 'height:900px'}))), 100)"),
		"/big":      shell("show('<p>' + 'word '.repeat(1e6) + '</p>')"),
		"/requests": shell("show(`POLICY`); for (let i = 0; i < 300; i++) fetch('/x' + i)"),
		"/busy":     shell("show(`POLICY`); for (;;);"),
		"/dialogs":  shell("alert('hello'); show(confirm('Do you agree?') ? 'agreed' : `POLICY`); window.open('/opened'); addEventListener('beforeunload', e => e.preventDefault())"),
	})
	t.Run("grows", func(t *testing.T) {
		start := time.Now()
		r := mustRender(t, s, "/grows", Options{Settle: 3 * time.Second, MaxHeight: 5000})
		wants(t, r, "servers in Singapore", "more and more")
		img, err := png.DecodeConfig(bytes.NewReader(r.Screenshot))
		if err != nil || img.Height != 5000 || !r.Cut || len(r.Notes) < 2 {
			t.Errorf("%v %d %v %q", err, img.Height, r.Cut, r.Notes)
		}
		if took := time.Since(start); took > 60*time.Second {
			t.Errorf("took %s", took)
		}
	})
	t.Run("big", func(t *testing.T) {
		if _, err := render(t, s, "/big", Options{MaxHTML: 1 << 20}); !errors.Is(err, fetch.TooBig) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("requests", func(t *testing.T) {
		r := mustRender(t, s, "/requests", Options{MaxRequests: 50})
		if n := len(s.asked); n > 60 || len(r.Notes) != 1 {
			t.Errorf("%d requests, notes %q", n, r.Notes)
		}
	})
	t.Run("busy", func(t *testing.T) {
		start := time.Now()
		if _, err := render(t, s, "/busy", Options{Total: 8 * time.Second}); !errors.Is(err, fetch.Transient) {
			t.Errorf("error %v", err)
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("took %s", took)
		}
	})
	t.Run("dialogs", func(t *testing.T) {
		wants(t, mustRender(t, s, "/dialogs", Options{}), "servers in Singapore")
		if s.got("GET /opened") {
			t.Error("a window was opened")
		}
	})
}

func TestBytesAreBounded(t *testing.T) {
	t.Parallel()
	s := serve(t, map[string]string{"/": shell("show(`POLICY`); fetch('/large').then(r => r.text()).then(x => show('loaded all of it'))"), "/large": strings.Repeat("x", 4<<20)})
	r := mustRender(t, s, "/", Options{MaxBytes: 1 << 20})
	wants(t, r, "servers in Singapore")
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "more than 1048576 bytes") {
		t.Errorf("notes %q", r.Notes)
	}
}

// TestPrivateAddresses wants that nothing reaches another port of this machine, by whatever way, nor what is not public.
func TestPrivateAddresses(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var reached []string
	note := func(what string) { mu.Lock(); reached = append(reached, what); mu.Unlock() }
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { note("HTTP " + r.URL.Path) }))
	defer other.Close()
	raw, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	go func() {
		for {
			c, err := raw.Accept()
			if err != nil {
				return
			}
			note("TCP")
			c.Close()
		}
	}()
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	go func() {
		for b := make([]byte, 100); ; {
			if _, _, err := udp.ReadFrom(b); err != nil {
				return
			}
			note("UDP")
		}
	}()
	port := func(a net.Addr) string { _, p, _ := net.SplitHostPort(a.String()); return p }
	s := serve(t, map[string]string{"/sw.js": "", "/worker.js": "fetch('" + other.URL + "/worker')", "/": `<html><head><link rel="preconnect" href="http://127.0.0.1:` + port(raw.Addr()) + `">
<link rel="stylesheet" href="` + other.URL + `/style"></head><body>` + policy + `<img src="` + other.URL + `/img"><iframe src="` + other.URL + `/frame"></iframe><p id="r"></p><script>
const say = x => document.getElementById('r').innerHTML += '<i>' + x + '</i> ';
const ask = u => fetch(u, {mode: 'no-cors'}).then(() => say('reached ' + u), () => say('refused'));
ask('http://169.254.169.254/latest/meta-data/'); ask('` + other.URL + `/fetch'); ask('http://localhost:` + port(other.Listener.Addr()) + `/name');
ask('http://[::1]:` + port(other.Listener.Addr()) + `/six'); ask('http://10.0.0.1/'); ask('https://192.168.0.1/'); ask('file:///etc/passwd');
try { new WebSocket('ws://127.0.0.1:` + port(raw.Addr()) + `/') } catch (e) {}
try { new Worker('/worker.js') } catch (e) {}
try { navigator.sendBeacon('` + other.URL + `/beacon', 'x') } catch (e) {}
try { navigator.serviceWorker.register('/sw.js') } catch (e) {}
const f = document.createElement('iframe'); document.body.append(f);
for (const w of [window, f.contentWindow]) try {
	const p = new w.RTCPeerConnection({iceServers: [{urls: 'stun:127.0.0.1:` + port(udp.LocalAddr()) + `'}]});
	p.createDataChannel('x'); p.createOffer().then(o => p.setLocalDescription(o));
} catch (e) {}
for (const w of [window, f.contentWindow]) try { new w.WebTransport('https://127.0.0.1:` + port(udp.LocalAddr()) + `/') } catch (e) {}
try { f.contentWindow.navigator.serviceWorker.register('/sw.js') } catch (e) {}
</script></body></html>`})
	r := mustRender(t, s, "/", Options{})
	mu.Lock()
	defer mu.Unlock()
	if len(reached) > 0 || bytes.Contains(r.HTML, []byte("<i>reached")) {
		t.Errorf("reached %q", reached)
	}
	if n := bytes.Count(shown(r), []byte("<i>refused")); n != 7 {
		t.Errorf("%d of 7 requests were refused:\n%s", n, r.HTML)
	}
	if s.got("GET /sw.js") {
		t.Error("a service worker was asked for")
	}
	if !s.got("GET /worker.js") {
		t.Error("the worker did not run, so nothing was shown of it")
	}
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "not of the public web") {
		t.Errorf("notes %q", r.Notes)
	}
}

func TestPagesThatAreNone(t *testing.T) {
	t.Parallel()
	s := serve(t, map[string]string{"/file.zip": "x", "/away": shell("location.href = 'http://10.1.2.3/'"), "/forbidden": shell("location.href = '/robots-say-no'"), "/robots-say-no": policy})
	t.Cleanup(func() { // behind the subtests
		if !s.got("GET /forbidden") || s.got("GET /robots-say-no") {
			t.Errorf("asked for %q", s.asked)
		}
	})
	closed := httptest.NewServer(nil)
	closed.Close()
	for _, x := range []struct {
		name, url string
		o         Options
		want      error
	}{
		{"download", s.URL + "/file.zip", Options{AllowLoopback: true}, fetch.Broken},
		{"private", "http://10.1.2.3/", Options{AllowLoopback: true}, fetch.PrivateAddress},
		{"metadata", "http://169.254.169.254/", Options{AllowLoopback: true}, fetch.PrivateAddress},
		{"loopback", s.URL + "/file.zip", Options{}, fetch.BadAddress},
		{"nobody there", closed.URL, Options{AllowLoopback: true}, fetch.Transient},
		{"led where it may not", s.URL + "/forbidden", Options{AllowLoopback: true, Permit: func(_ context.Context, u string) error {
			return &fetch.Failure{Kind: fetch.Blocked, URL: u, Err: fetch.ErrRobots}
		}}, fetch.ErrRobots},
		{"no Chromium", s.URL, Options{Program: "no-such-chromium"}, ErrMissing},
		{"no Chromium by name", s.URL, Options{Program: "false"}, ErrStart},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			if x.o.Program == "" {
				x.o.Program = program(t)
			}
			_, err := New(x.o).Render(context.Background(), Request{URL: x.url})
			if !errors.Is(err, x.want) {
				t.Errorf("error %v, want %v", err, x.want)
			}
		})
	}
}

// Through a tunnel the proxy sees no request, but it still knows hosts and addresses.
func TestTLS(t *testing.T) {
	t.Parallel()
	var reached sync.Map
	other := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { reached.Store("other", true) }))
	defer other.Close()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, strings.ReplaceAll(shell("show(`POLICY`); fetch('"+other.URL+"')"), "POLICY", policy))
	}))
	defer s.Close()
	o := Options{Program: program(t), AllowLoopback: true}
	if _, err := New(o).Render(context.Background(), Request{URL: s.URL}); !errors.Is(err, fetch.Broken) || !strings.Contains(err.Error(), "CERT") {
		t.Errorf("a certificate that nobody knows: %v", err)
	}
	o.flags = map[string]any{"ignore-certificate-errors": true}
	r, err := New(o).Render(context.Background(), Request{URL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	wants(t, r, "servers in Singapore")
	if _, yes := reached.Load("other"); yes || len(r.Notes) != 1 {
		t.Errorf("notes %q", r.Notes)
	}
}

func TestSeveralAtATime(t *testing.T) {
	s := serve(t, map[string]string{"/": shell("show(`POLICY`)")})
	b := New(Options{Program: program(t), AllowLoopback: true, Parallel: 2})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if r, err := b.Render(context.Background(), Request{URL: s.URL}); err != nil || !bytes.Contains(shown(r), []byte("Singapore")) {
				t.Errorf("%v", err)
			}
		})
	}
	wg.Wait()
}

func TestStatusIsKept(t *testing.T) {
	t.Parallel()
	s := serve(t, map[string]string{})
	if r := mustRender(t, s, "/gone", Options{}); r.Status != 404 {
		t.Errorf("status %d", r.Status)
	}
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	s := serve(t, map[string]string{"/": shell("show('<p>Loading …</p>'); setInterval(() => fetch('/'), 100)")})
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	_, err := New(Options{Program: program(t), AllowLoopback: true}).Render(ctx, Request{URL: s.URL})
	if !errors.Is(err, fetch.Transient) {
		t.Errorf("error %v", err)
	}
}

// TestEncodingThatNobodyDeclares: a browser looks at the first bytes only, which may be plain.
func TestEncodingThatNobodyDeclares(t *testing.T) {
	page := "<div>" + strings.Repeat("<p>We keep data.</p>", 200) + "<p>Daten für Österreich</p></div>"
	s := serve(t, map[string]string{"/undeclared": page, "/packed-undeclared": page})
	for _, path := range []string{"/undeclared", "/packed-undeclared"} {
		r, err := New(Options{Program: program(t), AllowLoopback: true}).Render(context.Background(), Request{URL: s.URL + path, Lang: "de", UTF8: true})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(r.HTML), "Daten für Österreich") {
			t.Errorf("%s: read as %q", path, r.HTML[max(0, len(r.HTML)-80):])
		}
	}
}
