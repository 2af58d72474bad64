package review

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Nothing is decided that the audit log does not tell of; reading goes on.
func TestAuditLogThatCannotBeWritten(t *testing.T) {
	item := func() string { q, _ := (&quietDesk{}).all(context.Background()); return q.Items[0].Judged() }()
	for name, harm := range map[string]func(*office) error{
		"a folder in its place": func(o *office) error { return errors.Join(os.Remove(o.audit), os.Mkdir(o.audit, 0o700)) },
		"others may write it":   func(o *office) error { return os.Chmod(o.audit, 0o666) },
	} {
		o := newOffice(t, nil)
		id := o.logsIn("rob")
		if err := harm(o); err != nil {
			t.Fatal(err)
		}
		r := o.asks("/decide", id, url.Values{"item": {item}, "judgement": {"relevant"}})
		if s := body(r); r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(s, "audit log of this server cannot be written") || len(o.desk.decided) != 0 {
			t.Errorf("%s: %d %s", name, r.StatusCode, s)
		}
		if !o.in(id) || !strings.Contains(o.log.String(), "cannot write the audit log") {
			t.Errorf("%s: %s", name, o.log.String())
		}
		if r := o.asks("/decide", o.logsIn("rea"), url.Values{"item": {item}, "judgement": {"relevant"}}); r.StatusCode != http.StatusForbidden {
			t.Errorf("%s: a reader decides: %d", name, r.StatusCode)
		}
	}
	o := newOffice(t, nil)
	if _, err := NewGate(GateOptions{Accounts: o.accounts, Audit: filepath.Join(o.audit, "x")}); err == nil {
		t.Error("starts without an audit log")
	}
}

func TestAuditLog(t *testing.T) {
	l := &auditLog{path: filepath.Join(t.TempDir(), "audit.jsonl")}
	at := time.Date(2026, 6, 20, 10, 0, 0, 0, time.UTC)
	hostile := "a\n{\"time\":\"2026-06-20T10:00:00Z\",\"did\":\"forged\"}\r\n\x1b[2J\u2028\u202e<script>\xff" + strings.Repeat("x", 1<<20)
	for range 3 {
		if err := l.add(auditEntry{at, "rob", "127.0.0.1", didRefused, hostile}); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(l.path)
	if err != nil || bytes.Count(b, []byte("\n")) != 3 || bytes.ContainsAny(b, "\r\x1b") || bytes.Contains(b, []byte("\u202e")) || len(b) > 3000 {
		t.Fatalf("%v: %d bytes, %d lines: %q", err, len(b), bytes.Count(b, []byte("\n")), b[:min(len(b), 500)])
	}
	info, err := os.Stat(l.path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	os.WriteFile(l.path, append(b, `{"time":"2026-06-20T1`...), 0o600) // a disk that was full
	if err := l.add(auditEntry{Time: at, Did: didLogIn}); err != nil {
		t.Fatal(err)
	}
	list, unread, err := l.last(500)
	if err != nil || len(list) != 4 || unread != 1 || list[0].Did != didLogIn || list[1].Did != didRefused {
		t.Errorf("%+v, %d, %v", list, unread, err)
	}
	if list, unread, err = l.last(2); err != nil || len(list)+unread != 2 {
		t.Errorf("%+v, %d, %v", list, unread, err)
	}
	many := bytes.Repeat([]byte(`{"time":"2026-06-20T10:00:00Z","did":"log-in","handle":"rob"}`+"\n"), 2*maxAuditRead/60)
	os.WriteFile(l.path, many, 0o600)
	if list, unread, err = l.last(500); err != nil || len(list) != 500 || unread != 0 {
		t.Errorf("%d, %d, %v", len(list), unread, err)
	}
}

func TestAuditPageIsEscaped(t *testing.T) {
	o := newOffice(t, nil)
	id := o.logsIn("ada")
	f, err := os.OpenFile(o.audit, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(f, `{"time":"2026-06-20T10:00:00Z","handle":"<b>x","address":"\u202e1","did":"<script>alert(1)</script>","on":"\u001b[31m"}`)
	fmt.Fprintln(f, "not json <img src=x>")
	f.Close()
	s := body(o.asks("/audit", id, nil))
	for _, bad := range []string{"<b>x", "<script>alert", "\u202e", "\x1b", "<img"} {
		if strings.Contains(s, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	for _, want := range []string{"&lt;script&gt;alert(1)", "logged in", "2026-06-20 10:00:00", "1 line is none that this server wrote"} {
		if !strings.Contains(s, want) {
			t.Errorf("the page does not hold %q", want)
		}
	}
}

// People who are not known cannot fill the disk with refusals.
func TestRefusalsOfStrangersAreBounded(t *testing.T) {
	o := newOffice(t, nil)
	o.head = map[string]string{"Sec-Fetch-Site": "cross-site"}
	for range 100 {
		o.asks("/logout", "", url.Values{})
	}
	if l := o.lines(); len(l) != 1+burstByAddress {
		t.Errorf("%d lines", len(l))
	}
}
