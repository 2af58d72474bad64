package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/google/go-cmp/cmp"
)

// plainCapture is a fetch of one page without redirect.
func plainCapture(at time.Time, response, body string) *snapshots.Capture {
	url := "https://pixelfern.example/privacy"
	var status int
	_, _ = fmt.Sscanf(response, "HTTP/1.1 %d", &status)
	return &snapshots.Capture{Terms: snapshots.Terms{Service: "Pixelfern", Type: "Privacy Policy"}, URL: url, FinalURL: url, At: at,
		Status: status, MediaType: "text/html", Charset: "utf-8", Body: []byte(body), Exchanges: []snapshots.Exchange{{URL: url, Started: at,
			Protocol: "http/1.1", TLS: "tls/1.3", Cipher: "TLS_AES_128_GCM_SHA256", TLSChain: []byte("CHAIN"),
			DNS: []string{"192.0.2.7", "2001:db8::7"}, Clock: "not synchronised", Program: "drittland 1",
			Timing:   snapshots.Timing{DNS: 1500 * time.Microsecond, FirstByte: 20 * time.Millisecond, Total: 2 * time.Second},
			Request:  []byte("GET /privacy HTTP/1.1\r\nHost: pixelfern.example\r\nAccept-Language: de, *;q=0.1\r\n\r\n"),
			Response: []byte(response)}}}
}

const (
	policyText   = "<p>We transfer your data to Canada.</p>"
	policyWhole  = "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nLast-Modified: Sat, 03 Jan 2026 10:00:00 GMT\r\nContent-Length: 39\r\n\r\n" + policyText
	policyChunks = "HTTP/1.1 200 OK\r\nETag: \"v2\"\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n<p>We transfer y\r\n17\r\nour data to Canada.</p>\r\n0\r\n\r\n"
	policySame   = "HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n\r\n"
)

func TestRevisits(t *testing.T) {
	a := created(t, Options{})
	put := func(c *snapshots.Capture) snapshots.Snapshot {
		t.Helper()
		s, err := a.PutCapture(c)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := a.Body(s); err != nil || string(body) != policyText {
			t.Fatalf("body %q, %v", body, err)
		}
		return s
	}
	first := put(plainCapture(day(1), policyWhole, policyText))
	put(plainCapture(day(2), policyChunks, policyText)) // the same, in other chunks
	same := plainCapture(day(3), policySame, "")
	same.Revisits, same.MediaType, same.Charset = first.ID, "", ""
	third := put(same)
	if third.Status != 304 || third.MediaType != "text/html" || third.Charset != "utf-8" || third.Revisits != first.ID || third.Body != first.Body {
		t.Errorf("not modified: %+v", third)
	}
	var got []string
	for _, s := range all(t, a.Snapshots(same.Terms)) {
		records, err := a.Records(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s %d", r.Type(), r.Header.Get("WARC-Profile"), r.Header.Get("WARC-Truncated"), len(r.Block))))
		}
		if records[0].Header.Get("Drittland-TLS-Chain") != "<"+records[2].ID()+">" {
			t.Error("the response does not name its certificates")
		}
		if h := records[0].Header; h.Get("WARC-Cipher-Suite") != "TLS_AES_128_GCM_SHA256" || h.Get("Drittland-Timing") != "dns;dur=1.5, first-byte;dur=20, total;dur=2000" ||
			h.Get("Drittland-DNS") != "192.0.2.7, 2001:db8::7" || h.Get("Drittland-Clock") != "not synchronised" || h.Get("Drittland-Program") != "drittland 1" {
			t.Errorf("wire: %v", h)
		}
	}
	whole, chunks := len(policyWhole), strings.Index(policyChunks, "\r\n\r\n")+4
	want := []string{fmt.Sprintf("response   %d", whole), "request   80", "resource   5",
		fmt.Sprintf("revisit %s length %d", samePayload, chunks), "request   80", "resource   5",
		fmt.Sprintf("revisit %s  %d", notModified, len(policySame)), "request   80", "resource   5"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	sound(t, a)
	before := dumped(t, a, false)
	dir := closed(t, a)
	if p, err := Rebuild(context.Background(), dir, Options{}, nil); err != nil || p.Damaged() {
		t.Fatal(p, err)
	}
	if d := cmp.Diff(before, dumped(t, opened(t, dir, Options{}), false)); d != "" {
		t.Error(d)
	}
}

func TestValidator(t *testing.T) {
	a := created(t, Options{})
	c := plainCapture(day(1), policyWhole, policyText)
	if _, ok, err := a.Validator(c.Terms, c.URL); ok || err != nil {
		t.Errorf("validator of nothing: %v %v", ok, err)
	}
	first, err := a.PutCapture(c)
	if err != nil {
		t.Fatal(err)
	}
	want := snapshots.Validator{Snapshot: first.ID, URL: c.URL, At: day(1), Language: "de, *;q=0.1", ETag: `"v1"`, LastModified: "Sat, 03 Jan 2026 10:00:00 GMT"}
	same := plainCapture(day(3), policySame, "")
	same.Revisits = first.ID
	failed := plainCapture(day(4), "HTTP/1.1 503 Service Unavailable\r\nETag: \"x\"\r\nContent-Length: 4\r\n\r\nlate", "late")
	for _, next := range []*snapshots.Capture{nil, same, failed} { // a page that was not sent whole changes nothing
		if next != nil {
			if _, err := a.PutCapture(next); err != nil {
				t.Fatal(err)
			}
		}
		if got, ok, err := a.Validator(c.Terms, c.URL); !ok || err != nil || !cmp.Equal(want, got) {
			t.Errorf("%v %v %s", ok, err, cmp.Diff(want, got))
		}
	}
	rendered := plainCapture(day(5), "HTTP/1.1 200 OK\r\nETag: \"shell\"\r\nContent-Length: 5\r\n\r\nshell", "<p>made by a script</p>")
	if _, err := a.PutCapture(rendered); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := a.Validator(c.Terms, c.URL); ok || err != nil {
		t.Errorf("validator of a page that the response does not hold: %v %v", ok, err)
	}
	for _, wrong := range []string{"urn:uuid:00000000-0000-8000-8000-000000000000", all(t, a.Snapshots(c.Terms))[3].ID} {
		same := plainCapture(day(6), policySame, "")
		if same.Revisits = wrong; wrong == "" {
			t.Fatal("no snapshot")
		}
		if _, err := a.PutCapture(same); err == nil {
			t.Errorf("revisit of %s was taken", wrong)
		}
	}
	lying := plainCapture(day(7), policyWhole, policyText)
	lying.Revisits = first.ID
	if _, err := a.PutCapture(lying); err == nil {
		t.Error("a revisit with status 200 was taken")
	}
}

// An unchanged page costs little, whatever its size.
func TestRevisitIsSmall(t *testing.T) {
	folderOnly(t)
	for name, change := range map[string]func(*snapshots.Capture, string){
		"not modified": func(c *snapshots.Capture, first string) {
			c.Status, c.Body, c.Revisits = 304, nil, first
			c.Exchanges[0].Response = []byte(policySame)
		},
		"same bytes": func(*snapshots.Capture, string) {},
	} {
		a := created(t, Options{})
		body := string(texts(1, 1, 300_000)[0])
		page := func(n int) *snapshots.Capture {
			return plainCapture(day(n), fmt.Sprintf("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: %d\r\n\r\n%s", len(body), body), body)
		}
		first, err := a.PutCapture(page(0))
		if err != nil {
			t.Fatal(err)
		}
		before := fileSize(t, a)
		for n := range 10 {
			c := page(n + 1)
			change(c, first.ID)
			if _, err := a.PutCapture(c); err != nil {
				t.Fatal(err)
			}
		}
		if each := (fileSize(t, a) - before) / 10; each > 2500 {
			t.Errorf("%s: %d bytes for an unchanged page", name, each)
		} else {
			t.Logf("%s: %d bytes for an unchanged page of %d", name, each, len(body))
		}
	}
}

func fileSize(t *testing.T, a *Archive) int64 {
	t.Helper()
	info, err := os.Stat(filepath.Join(a.Dir(), captureDir, "000001.warc.gz"))
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// A revisit whose original says something else, or is gone, is named by a check.
func TestCheckNamesLostOriginals(t *testing.T) {
	folderOnly(t)
	a := created(t, Options{})
	first, err := a.PutCapture(plainCapture(day(1), policyWhole, policyText))
	if err != nil {
		t.Fatal(err)
	}
	same := plainCapture(day(3), policySame, "")
	same.Revisits = first.ID
	late, err := a.PutCapture(same)
	if err != nil {
		t.Fatal(err)
	}
	records, err := a.Records(first)
	if err != nil {
		t.Fatal(err)
	}
	id, err := parseUUID(records[0].ID())
	if err != nil {
		t.Fatal(err)
	}
	p := placeOf(t, a, id)
	overwrite(t, filepath.Join(a.Dir(), captureDir, "000001.warc.gz"), p.extent.Offset+p.extent.Length/2, func(b byte) byte { return ^b })
	fresh := opened(t, closed(t, a), Options{})
	if _, err := fresh.Body(late); !errors.Is(err, ErrDamaged) {
		t.Errorf("body of a revisit without its original: %v", err)
	}
	var text bytes.Buffer
	for _, x := range checked(t, fresh) {
		fmt.Fprintln(&text, x)
	}
	revisits, err := fresh.Records(late)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), revisits[0].ID()) {
		t.Errorf("check does not name the revisit %s:\n%s", revisits[0].ID(), &text)
	}
}
