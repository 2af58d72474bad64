package send

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

const secret = "s3cr3t of the desk"

func alert(kind string) Message {
	return Message{Key: "alert/desk/Clipzy/1", Kind: kind, Made: monday, To: "desk", Subject: "Clipzy: storage in Ruritania", Text: "Clipzy stores data in Ruritania.",
		JSON: []byte(`{"service":"Clipzy","countries":["XR"]}`), Language: "en"}
}

// hookTo is an outbox whose webhook is at an address.
func hookTo(t *testing.T, address string) *Outbox {
	t.Helper()
	return New(t.TempDir(), Options{Timeout: 5 * time.Second, Random: func() float64 { return 0.5 },
		Webhook: func(string) (string, string, error) { return address, secret, nil }, Chat: func(string) (string, error) { return address, nil }})
}

func TestWebhook(t *testing.T) {
	var bodies, ids []string
	status := http.StatusServiceUnavailable
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		id, err := Verify(secret, r.Header, body, monday.Add(4*time.Minute), 5*time.Minute+time.Second)
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %v: %v", r.Method, r.Header, err)
		}
		bodies, ids = append(bodies, string(body)), append(ids, id)
		w.WriteHeader(status)
	}))
	defer srv.Close()
	b := hookTo(t, srv.URL+"/hook/T0K3N")
	put(t, b, alert(Webhook))
	d := deliver(t, b, monday)
	if len(d.Later) != 1 || d.Later[0].Trouble != "status 503 Service Unavailable" {
		t.Fatalf("%+v", d)
	}
	status = http.StatusNoContent
	if d := deliver(t, b, monday.Add(5*time.Minute)); len(d.Sent) != 1 {
		t.Fatalf("%+v", d)
	}
	if len(ids) != 2 || ids[0] != ids[1] || ids[0] != hashOf("alert/desk/Clipzy/1") || bodies[0] != bodies[1] {
		t.Errorf("%v %v", ids, bodies)
	}
	var p Payload
	if err := json.Unmarshal([]byte(bodies[0]), &p); err != nil || p.Schema != Schema || p.Alert != "desk" || !p.Made.Equal(monday) ||
		string(p.Data) != `{"service":"Clipzy","countries":["XR"]}` {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestVerify(t *testing.T) {
	e := Entry{Message: alert(Webhook), ID: "5c5"}
	body, err := payload(&e)
	if err != nil {
		t.Fatal(err)
	}
	other := e
	other.ID = "5c6"
	otherBody, _ := payload(&other)
	const at = "1795413600" // monday
	whole := func() http.Header {
		h := http.Header{}
		h.Set(headerTime, at)
		h.Set(headerID, "5c5")
		h.Set(headerSignature, "v1="+hex.EncodeToString(sign(secret, at, body)))
		return h
	}
	for name, c := range map[string]struct {
		secret string
		spoil  func(http.Header)
		body   []byte
		now    time.Time
		ok     bool
	}{
		"right":            {secret, func(http.Header) {}, body, monday, true},
		"late":             {secret, func(http.Header) {}, body, monday.Add(5 * time.Minute), true},
		"early":            {secret, func(http.Header) {}, body, monday.Add(-5 * time.Minute), true},
		"two signatures":   {secret, func(h http.Header) { h.Set(headerSignature, "v1=00, "+h.Get(headerSignature)) }, body, monday, true},
		"too late":         {secret, func(http.Header) {}, body, monday.Add(5*time.Minute + time.Second), false},
		"too early":        {secret, func(http.Header) {}, body, monday.Add(-5*time.Minute - time.Second), false},
		"other secret":     {"guess", func(http.Header) {}, body, monday, false},
		"no secret":        {"", func(h http.Header) { h.Set(headerSignature, "v1="+hex.EncodeToString(sign("", at, body))) }, body, monday, false},
		"other body":       {secret, func(http.Header) {}, otherBody, monday, false},
		"later stamp":      {secret, func(h http.Header) { h.Set(headerTime, "1795413601") }, body, monday, false},
		"no stamp":         {secret, func(h http.Header) { h.Del(headerTime) }, body, monday, false},
		"no signature":     {secret, func(h http.Header) { h.Del(headerSignature) }, body, monday, false},
		"empty signature":  {secret, func(h http.Header) { h.Set(headerSignature, "v1=") }, body, monday, false},
		"other ID":         {secret, func(h http.Header) { h.Set(headerID, "5c6") }, body, monday, false},
		"stamp of another": {secret, func(h http.Header) { h.Set(headerTime, at+".") }, body, monday, false},
	} {
		h := whole()
		c.spoil(h)
		id, err := Verify(c.secret, h, c.body, c.now, 5*time.Minute)
		if (err == nil) != c.ok || c.ok && id != "5c5" {
			t.Errorf("%s: %q, %v", name, id, err)
		}
	}
}

// TestAnswers goes through what receivers answer.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		status int
		header [2]string
		state  string
		wait   time.Duration
		says   string
	}{
		{200, [2]string{}, Sent, 0, ""},
		{202, [2]string{}, Sent, 0, ""},
		{410, [2]string{}, Abandoned, 0, "status 410 Gone: it wants nothing more"},
		{429, [2]string{"Retry-After", "1800"}, Waiting, 30 * time.Minute, "status 429 Too Many Requests"},
		{429, [2]string{"Retry-After", "1"}, Waiting, 5 * time.Minute, "status 429 Too Many Requests"},
		{503, [2]string{"Retry-After", "Mon, 23 Nov 2026 08:00:00 GMT"}, Waiting, 2 * time.Hour, "status 503"},
		{503, [2]string{"Retry-After", "99999999999"}, Waiting, 24 * time.Hour, "status 503"},
		{503, [2]string{"Retry-After", "soon"}, Waiting, 5 * time.Minute, "status 503"},
		{401, [2]string{}, Waiting, 5 * time.Minute, "status 401 Unauthorized"},
		{302, [2]string{"Location", "/elsewhere"}, Waiting, 5 * time.Minute, "it redirects, which is not followed"},
		{299, [2]string{}, Sent, 0, ""},
	} {
		asked := 0
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked++
			if c.header[0] != "" {
				w.Header().Set(c.header[0], c.header[1])
			}
			w.WriteHeader(c.status)
		}))
		b := hookTo(t, srv.URL)
		put(t, b, alert(Webhook))
		d := deliver(t, b, monday)
		e := state(t, b, alert(Webhook).Key)
		if e.State != c.state || !strings.Contains(e.Trouble, c.says) || asked != 1 || c.state == Waiting && d.Next.Sub(monday) != c.wait {
			t.Errorf("%d %v: %s %q, asked %d times, next in %s", c.status, c.header, e.State, e.Trouble, asked, d.Next.Sub(monday))
		}
		srv.Close()
	}
}

// TestUnanswered has webhooks that are not reached, or without end; what is said of them does not show the address.
func TestUnanswered(t *testing.T) {
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return
			}
		}
	}))
	defer endless.Close()
	hung := make(chan bool)
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hung:
		case <-r.Context().Done():
		}
	}))
	defer silent.Close()
	defer close(hung)
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = nil
	secure.StartTLS()
	defer secure.Close()
	for name, c := range map[string]struct {
		address string
		alter   func(*Options)
		state   string
		says    string
	}{
		"endless":        {endless.URL, func(*Options) {}, Sent, ""},
		"silent":         {silent.URL, func(o *Options) { o.Timeout = 200 * time.Millisecond }, Waiting, "no answer in time"},
		"this machine":   {strings.Replace(endless.URL, "http://127.0.0.1", "https://0.0.0.0", 1), func(*Options) {}, Waiting, "not in the public network"},
		"private":        {"https://10.0.0.1", func(*Options) {}, Waiting, "not in the public network"},
		"metadata":       {"https://169.254.169.254", func(*Options) {}, Waiting, "not in the public network"},
		"mapped":         {"https://[::ffff:10.0.0.1]", func(*Options) {}, Waiting, "not in the public network"},
		"not trusted":    {secure.URL, func(*Options) {}, Waiting, "certificate"},
		"unknown name":   {"https://hook.invalid", func(*Options) {}, Waiting, "its name cannot be found"},
		"nobody listens": {"https://127.0.0.1:" + strconv.Itoa(closedPort(t)), func(*Options) {}, Waiting, "it cannot be reached: connect: connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			b := hookTo(t, c.address+"/T0K3N?key=K3Y")
			c.alter(&b.o)
			put(t, b, alert(Webhook))
			d := deliver(t, b, monday)
			e := state(t, b, alert(Webhook).Key)
			if e.State != c.state || !strings.Contains(e.Trouble, c.says) || len(d.Troubles) != 0 {
				t.Errorf("%s %q; %+v", e.State, e.Trouble, d.Troubles)
			}
			keepsQuiet(t, b)
		})
	}
}

// TestWrongSettings of a webhook or a chat are not the fault of its messages.
func TestWrongSettings(t *testing.T) {
	for name, address := range map[string]string{"http": "http://example.org/T0K3N", "private": "http://10.0.0.1/T0K3N", "none": "T0K3N", "broken": "https://exa mple.org/T0K3N", "empty": ""} {
		b := hookTo(t, address)
		put(t, b, alert(Webhook))
		d := deliver(t, b, monday)
		if len(d.Troubles) != 1 || d.Troubles[0].Place != "webhook desk" || d.Waiting != 1 || strings.Contains(d.Troubles[0].Why, "T0K3N") {
			t.Errorf("%s: %+v", name, d)
		}
	}
	for _, address := range []string{"", "T0K3N", "smtp://user:T0K3N@example.org", "logger://"} {
		b := hookTo(t, address)
		put(t, b, alert(Chat))
		d := deliver(t, b, monday)
		if len(d.Troubles) != 1 || d.Troubles[0].Place != "chat desk" || d.Waiting != 1 || strings.Contains(d.Troubles[0].Why, "T0K3N") {
			t.Errorf("%s: %+v", address, d)
		}
	}
}

// keepsQuiet looks for secrets in the files of an outbox.
func keepsQuiet(t *testing.T, b *Outbox) {
	t.Helper()
	list, err := os.ReadDir(b.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		data, err := os.ReadFile(b.dir + "/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []string{"T0K3N", "K3Y", secret} {
			if strings.Contains(string(data), s) {
				t.Errorf("%s shows a secret: %s", f.Name(), data)
			}
		}
	}
}

func TestChat(t *testing.T) {
	status := http.StatusBadGateway
	var got string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = string(body)
		w.WriteHeader(status)
	}))
	defer srv.Close()
	b := hookTo(t, strings.Replace(srv.URL, "http://", "generic://", 1)+"/T0K3N?disabletls=yes&template=json")
	m := alert(Chat)
	m.Text = "@everyone <!channel> look at <https://review.example.org/1>\n" + strings.Repeat("ä", 5000)
	put(t, b, m)
	d := deliver(t, b, monday)
	if len(d.Later) != 1 || d.Later[0].Trouble != "the chat did not take it: status 502" {
		t.Fatalf("%+v", d)
	}
	keepsQuiet(t, b)
	status = http.StatusOK
	if d := deliver(t, b, d.Next); len(d.Sent) != 1 {
		t.Fatalf("%+v", d)
	}
	var said struct{ Message string }
	if err := json.Unmarshal([]byte(got), &said); err != nil {
		t.Fatalf("%v in %s", err, got)
	}
	if !strings.HasPrefix(said.Message, "Clipzy: storage in Ruritania\n\n@\u200beveryone ‹!channel› look at ‹https://review.example.org/1›\nää") ||
		!strings.HasSuffix(said.Message, "ä …") || len([]rune(said.Message)) > 2000 {
		t.Errorf("%.200q", said.Message)
	}
}

// TestPlacesApart holds up mail while its server is in trouble, and nothing else.
func TestPlacesApart(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer srv.Close()
	b := hookTo(t, srv.URL)
	b.o.Mail.Host, b.o.Mail.TLS, b.o.Mail.From, b.o.Mail.Port = "127.0.0.1", "none", "watch@example.org", closedPort(t)
	put(t, b, digestTo("ana@example.org"))
	put(t, b, alert(Webhook))
	d, err := b.Deliver(context.Background(), monday)
	if err != nil || len(d.Sent) != 1 || d.Sent[0].Kind != Webhook || d.Waiting != 1 || len(d.Troubles) != 1 {
		t.Errorf("%+v, %v", d, err)
	}
}

// TestExampleOfDocs runs the example of WEBHOOK.md on what is really sent.
func TestExampleOfDocs(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("python3 is missing")
		}
		t.Skip("apt-get install python3")
	}
	doc, err := os.ReadFile("WEBHOOK.md")
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(string(doc), "```python\n")
	code, _, ok := strings.Cut(code, "```")
	if !ok {
		t.Fatal("no example")
	}
	var sent http.Header
	var body []byte
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		sent = r.Header
		body, _ = io.ReadAll(r.Body)
	}))
	defer srv.Close()
	b := hookTo(t, srv.URL)
	put(t, b, alert(Webhook))
	deliver(t, b, monday)
	headers, err := json.Marshal(map[string]string{headerTime: sent.Get(headerTime), headerSignature: sent.Get(headerSignature)})
	if err != nil {
		t.Fatal(err)
	}
	code += fmt.Sprintf(`
import sys
headers, body, seen, now = json.loads(sys.argv[1]), sys.stdin.buffer.read(), set(), %d
def refused(*args, **more):
    try:
        verify(*args, **more)
    except ValueError as e:
        return str(e)
print(verify(sys.argv[2], headers, body, seen, now)["id"], verify(sys.argv[2], headers, body, seen, now),
      refused("guess", headers, body, seen, now), refused(sys.argv[2], headers, body + b" ", seen, now), refused(sys.argv[2], headers, body, seen, now + 301))
`, monday.Unix())
	c := exec.Command(python, "-c", code, string(headers), secret)
	c.Stdin = bytes.NewReader(body)
	out, err := c.CombinedOutput()
	if want := hashOf(alert(Webhook).Key) + " None wrong signature wrong signature too old\n"; err != nil || string(out) != want {
		t.Errorf("%v: %s, want %s", err, out, want)
	}
}
