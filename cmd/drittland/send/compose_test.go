package send

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// parts reads a mail as its reader does: the text and the HTML.
func parts(t *testing.T, m *mail.Message) map[string]string {
	t.Helper()
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	read := func(kind, encoding string, r io.Reader) {
		kind, params, err := mime.ParseMediaType(kind)
		if err != nil || !strings.EqualFold(params["charset"], "utf-8") {
			t.Fatalf("%s %v: %v", kind, params, err)
		}
		switch encoding {
		case "quoted-printable":
			r = quotedprintable.NewReader(r)
		case "base64":
			r = base64.NewDecoder(base64.StdEncoding, r)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[kind] = strings.TrimRight(strings.ReplaceAll(string(b), "\r\n", "\n"), "\n")
	}
	if kind != "multipart/alternative" {
		read(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
		return out
	}
	r := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if p.Header.Get("Content-Disposition") != "" {
			t.Errorf("an attachment: %v", p.Header)
		}
		read(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p)
	}
}

// TestComposed sends words of several scripts and long lines through a real server, and reads back what arrived.
func TestComposed(t *testing.T) {
	p := newPost(t, "starttls")
	o := p.options("starttls")
	o.Mail.From, o.Mail.ReplyTo = "Drittland für Ämter <watch@example.org>", "dpo@example.org"
	b := New(t.TempDir(), o)
	long := strings.Repeat("Übermittlung ", 160) // more than 2,000 characters
	link := "https://review.example.org/" + strings.Repeat("x", 300)
	m := Message{Key: "digest/legal/2026-W47/ana@example.org", Kind: Mail, Made: monday, Subject: "Woche 47: Clipzy übermittelt nach Ruritanien, Διαβίβαση δεδομένων, " +
		strings.Repeat("größer ", 20) + "\U0001f310", To: "Ana Müller <ana@example.org>", List: "legal", Language: "de",
		Text: "Grüße\n\n" + long + "\n> " + long + "\n.\n..a\nFrom here\n" + link + "\nΔιαβίβαση σε τρίτες χώρες\n\n-- \nFoot\n",
		HTML: "<html lang=\"de\"><body><p>" + strings.Repeat("ä", 2000) + "</p><p>Διαβίβαση</p></body></html>"}
	put(t, b, m)
	if d := deliver(t, b, monday.Add(time.Hour)); len(d.Sent) != 1 {
		t.Fatalf("%+v", d)
	}
	got := p.letters()[0]
	h := got.msg.Header
	for _, line := range bytes.Split(got.raw, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsFunc(line, func(r rune) bool { return r > 126 }) {
			t.Errorf("a line of %d bytes: %.100q", len(line), line)
		}
	}
	for name, want := range map[string]string{"Message-Id": "<" + hashOf(m.Key) + "@example.org>", "Auto-Submitted": "auto-generated", "Content-Language": "de",
		"List-Id": "<legal.example.org>", "List-Unsubscribe": "<mailto:watch@example.org?subject=unsubscribe%20legal>", "List-Unsubscribe-Post": "",
		"Mime-Version": "1.0", "Reply-To": "<dpo@example.org>", "Date": "Mon, 23 Nov 2026 06:00:00 +0000", "X-Mailer": "", "User-Agent": ""} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if s, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject")); err != nil || s != m.Subject {
		t.Errorf("subject: %q, %v", s, err)
	}
	for name, want := range map[string]mail.Address{"From": {Name: "Drittland für Ämter", Address: "watch@example.org"}, "To": {Name: "Ana Müller", Address: "ana@example.org"}} {
		if list, err := h.AddressList(name); err != nil || len(list) != 1 || *list[0] != want {
			t.Errorf("%s: %v, %v", name, list, err)
		}
	}
	body := parts(t, got.msg)
	if body["text/html"] != m.HTML {
		t.Errorf("HTML: %.200q", body["text/html"])
	}
	text := body["text/plain"]
	if strings.Join(strings.Fields(strings.ReplaceAll(text, "\n> ", "\n")), " ") != strings.Join(strings.Fields(strings.ReplaceAll(m.Text, "\n> ", "\n")), " ") {
		t.Errorf("other words: %.300q", text)
	}
	for line := range strings.SplitSeq(text, "\n") {
		if n := utf8.RuneCountInString(line); n > width && line != link {
			t.Errorf("a line of %d characters: %q", n, line)
		}
	}
	for _, whole := range []string{"\n.\n..a\nFrom here\n", "\n> Übermittlung Übermittlung", link, "\nΔιαβίβαση σε τρίτες χώρες", "\n-- \nFoot"} {
		if !strings.Contains(text, whole) {
			t.Errorf("%.40q is not in the text", whole)
		}
	}
}

func TestTextAlone(t *testing.T) {
	p := newPost(t, "none")
	b := New(t.TempDir(), p.options("none"))
	m := digestTo("ana@example.org")
	m.HTML, m.List = "", ""
	put(t, b, m)
	deliver(t, b, monday)
	got := p.letters()[0].msg
	if body := parts(t, got); len(body) != 1 || body["text/plain"] != strings.TrimSpace(m.Text) {
		t.Errorf("%q", body)
	}
	if got.Header.Get("List-Id")+got.Header.Get("List-Unsubscribe") != "" {
		t.Error("no list, and yet its headers")
	}
}

func TestUnsubscribe(t *testing.T) {
	for in, want := range map[string]struct{ header, post string }{
		"leave@example.org":                     {"<mailto:leave@example.org?subject=unsubscribe%20legal>", ""},
		"Ana <leave@example.org>":               {"<mailto:leave@example.org?subject=unsubscribe%20legal>", ""},
		"mailto:leave@example.org?subject=stop": {"<mailto:leave@example.org?subject=stop>", ""},
		"https://example.org/leave?list=legal":  {"<https://example.org/leave?list=legal>", "List-Unsubscribe=One-Click"},
	} {
		p := newPost(t, "none")
		b := New(t.TempDir(), p.options("none"))
		m := digestTo("ana@example.org")
		m.Unsubscribe = in
		put(t, b, m)
		deliver(t, b, monday)
		h := p.letters()[0].msg.Header
		if got := h.Get("List-Unsubscribe"); got != want.header || h.Get("List-Unsubscribe-Post") != want.post {
			t.Errorf("%s: %q, %q", in, got, h.Get("List-Unsubscribe-Post"))
		}
	}
	for _, in := range []string{"http://example.org/leave", "javascript:alert(1)", "https://user:secret@example.org/", "https:///leave", "leave", "https://example.org/>,<https://evil.example"} {
		m := digestTo("ana@example.org")
		if m.Unsubscribe = in; m.check() == nil {
			t.Errorf("%q is taken", in)
		}
	}
}

// TestForgedHeaders puts line ends wherever a header is made of it.
func TestForgedHeaders(t *testing.T) {
	for name, spoil := range map[string]func(*Message, string){
		"subject":     func(m *Message, s string) { m.Subject += s },
		"to":          func(m *Message, s string) { m.To = "ana@example.org" + s },
		"to name":     func(m *Message, s string) { m.To = "Ana" + s + " <ana@example.org>" },
		"list":        func(m *Message, s string) { m.List += s },
		"unsubscribe": func(m *Message, s string) { m.Unsubscribe = "https://example.org/" + s },
		"language":    func(m *Message, s string) { m.Language += s },
		"key":         func(m *Message, s string) { m.Key += s },
	} {
		for _, s := range []string{"\r\nBcc: all@example.org", "\nBcc: all@example.org", "\rBcc: x", "\x00", "\u0085x", "\xff"} {
			m := digestTo("ana@example.org")
			spoil(&m, s)
			if fresh, err := New(t.TempDir(), Options{}).Put(m); err == nil || fresh {
				t.Errorf("%s: %q is taken", name, s)
			}
		}
	}
	for name, m := range map[string]Message{
		"no recipient": {Key: "k", Kind: Mail, Made: monday, Subject: "s", Text: "t"},
		"no text":      {Key: "k", Kind: Mail, Made: monday, Subject: "s", To: "ana@example.org"},
		"no address":   {Key: "k", Kind: Mail, Made: monday, Subject: "s", Text: "t", To: "ana"},
		"two":          {Key: "k", Kind: Mail, Made: monday, Subject: "s", Text: "t", To: "ana@example.org, bo@example.org"},
		"no time":      {Key: "k", Kind: Mail, Subject: "s", Text: "t", To: "ana@example.org"},
		"kind":         {Key: "k", Kind: "fax", Made: monday, Subject: "s", Text: "t", To: "ana@example.org"},
		"long":         {Key: "k", Kind: Mail, Made: monday, Subject: "s", Text: strings.Repeat("t", maxBody+1), To: "ana@example.org"},
		"bad JSON":     {Key: "k", Kind: Webhook, Made: monday, JSON: []byte("{"), To: "desk"},
	} {
		if fresh, err := New(t.TempDir(), Options{}).Put(m); err == nil || fresh {
			t.Errorf("%s: is taken", name)
		}
	}
}

func TestListID(t *testing.T) {
	for in, want := range map[string]string{"legal": "legal", ".legal..eu.": "legal.eu", "Großkunden": "Gro.kunden", "...": "list", "a_b-c": "a_b-c"} {
		if got := listID(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// FuzzWrap checks that wrapping keeps the words and their order, and makes no line longer that could be broken.
func FuzzWrap(f *testing.F) {
	for _, s := range []string{"", "short", strings.Repeat("word ", 100), "> " + strings.Repeat("zitiert ", 40), strings.Repeat(" ", 200) + "x", "a\r\nb\n\n", strings.Repeat("ß", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		bare := func(s string) string { return strings.Join(strings.Fields(strings.ReplaceAll(s, ">", " ")), " ") }
		got := wrap(s)
		if bare(got) != bare(s) {
			t.Errorf("%q became %q", s, got)
		}
		for line := range strings.SplitSeq(got, "\r\n") {
			if utf8.RuneCountInString(line) > width && strings.Contains(strings.Trim(line, " >"), " ") {
				t.Errorf("%q could be broken", line)
			}
		}
	})
}
