package main

// The capture log of a bundle: how each page came, as the records say it, for programs and for people.

import (
	"bufio"
	"bytes"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"strings"
	"time"

	"crypto/sha256"

	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/warc"
)

// A captureLog says how the pages of one version came.
type captureLog struct {
	Letter  string       `json:"exhibit"`
	Number  int          `json:"number"`
	Version string       `json:"version"`
	Date    time.Time    `json:"date"`
	Reader  string       `json:"reader"`
	Pages   []loggedItem `json:"pages"`

	NotHad []snapshots.Annex `json:"not_had,omitempty"` // linked pages that are not among the pages, and why
}

// A loggedItem is one page.
type loggedItem struct {
	exhibitedSnapshot
	Exchanges []loggedExchange `json:"exchanges"`
	Other     []loggedRecord   `json:"other_records"`
}

// A loggedExchange is one request and its response.
type loggedExchange struct {
	URL         string             `json:"url"`
	At          time.Time          `json:"at"` // by the clock of the capturing machine
	IP          string             `json:"ip,omitempty"`
	Protocol    []string           `json:"protocol"`
	Cipher      string             `json:"cipher,omitempty"`
	Proxy       string             `json:"proxy,omitempty"`
	Timing      string             `json:"timing,omitempty"`
	DNS         string             `json:"dns,omitempty"`     // addresses that the name was looked up as
	Clock       string             `json:"clock,omitempty"`   // what the machine knew of its clock
	Program     string             `json:"program,omitempty"` // that fetched
	Head        string             `json:"head,omitempty"`
	Revisit     string             `json:"revisit_of,omitempty"` // record that holds the body
	Request     []string           `json:"request,omitempty"`    // lines of the head
	Response    []string           `json:"response"`             // lines of the head
	Record      loggedRecord       `json:"record"`
	Certificate *loggedCertificate `json:"certificate,omitempty"`
}

// A loggedRecord is a record by its name and its hash.
type loggedRecord struct {
	ID     string `json:"id"`
	Type   string `json:"type"`
	URI    string `json:"uri,omitempty"`
	Digest string `json:"digest"` // of its block
}

// A loggedCertificate is the certificate that a server showed.
type loggedCertificate struct {
	Subject string    `json:"subject"`
	Issuer  string    `json:"issuer"`
	From    time.Time `json:"not_before"`
	To      time.Time `json:"not_after"`
	SHA256  string    `json:"sha256"`
	Record  string    `json:"record"`
}

// A picture is what a browser made of a page.
type picture struct {
	media, url, record string
	content            []byte
}

// picturesIn are the pictures among records.
func picturesIn(members []archive.Member, address string) []picture {
	var out []picture
	for _, m := range members {
		if media := m.Header.Get("Content-Type"); m.Type() == "conversion" && (media == "image/png" || media == "application/pdf") {
			out = append(out, picture{media, address, m.ID(), m.Block})
		}
	}
	return out
}

// loggedPage reads the log of a page out of its records.
func loggedPage(p *exhibitedSnapshot, members []archive.Member) (loggedItem, error) {
	out := loggedItem{exhibitedSnapshot: *p, Exchanges: []loggedExchange{}, Other: []loggedRecord{}}
	requests, chains := map[string]*warc.Record{}, map[string]*warc.Record{}
	for _, m := range members {
		requests[warc.Bare(m.Header.Get("WARC-Concurrent-To"))+" "+m.Type()] = m.Record
		chains[m.ID()] = m.Record
	}
	for _, m := range members {
		rec := loggedRecord{m.ID(), m.Type(), m.Header.Get("WARC-Target-URI"), m.Header.Get("WARC-Block-Digest")}
		if m.Type() != "response" && m.Type() != "revisit" {
			out.Other = append(out.Other, rec)
			continue
		}
		at, err := m.Date()
		if err != nil {
			return out, err
		}
		h := m.Header
		x := loggedExchange{URL: h.Get("WARC-Target-URI"), At: at, IP: h.Get("WARC-IP-Address"), Protocol: h.All("WARC-Protocol"), Cipher: h.Get("WARC-Cipher-Suite"),
			Proxy: h.Get("Drittland-Proxy"), Timing: h.Get("Drittland-Timing"), DNS: h.Get("Drittland-DNS"), Clock: h.Get("Drittland-Clock"), Program: h.Get("Drittland-Program"), Head: h.Get("Drittland-Head"), Revisit: warc.Bare(h.Get("WARC-Refers-To")),
			Response: headLines(m.Block), Record: rec}
		if req := requests[m.ID()+" request"]; req != nil {
			x.Request = headLines(req.Block)
		}
		if id := warc.Bare(h.Get("Drittland-TLS-Chain")); chains[id] != nil {
			x.Certificate = certificateIn(id, chains[id].Block)
		}
		out.Exchanges = append(out.Exchanges, x)
	}
	return out, nil
}

// headLines are the lines of the head of an HTTP message, at most a hundred of them.
func headLines(block []byte) []string {
	head, _, _ := bytes.Cut(block, []byte("\r\n\r\n"))
	var out []string
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		if len(out) == 100 || len(line) > 8<<10 {
			break
		}
		out = append(out, report.Line(string(line)))
	}
	return out
}

// certificateIn reads the first certificate of a chain, nil if it cannot be read.
func certificateIn(id string, chain []byte) *loggedCertificate {
	block, _ := pem.Decode(chain)
	if block == nil {
		return nil
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil
	}
	sum := sha256.Sum256(c.Raw)
	return &loggedCertificate{report.Line(c.Subject.String()), report.Line(c.Issuer.String()), c.NotBefore.UTC(), c.NotAfter.UTC(), hex.EncodeToString(sum[:]), id}
}

// writeCaptureLog writes the log for people.
func writeCaptureLog(out io.Writer, terms snapshots.Terms, logs []captureLog) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "# Capture log: %s\n\n", markdownText(terms.String()))
	fmt.Fprint(w, `How each page came, as the records in the WACZ files say it. Times are UTC, by the clock of the capturing machine; a header
Date is the clock of the server. A proof of time, if there is one, is in proofs/ and says only: not later than.
`)
	for _, l := range logs {
		fmt.Fprintf(w, "\n## Exhibit %s: version %d, %s\n\nRead by `%s`; version ID `%s`.\n", l.Letter, l.Number, l.Date.Format(time.RFC3339), code(l.Reader), l.Version)
		for i := range l.Pages {
			writeLoggedPage(w, &l.Pages[i])
		}
		for _, x := range l.NotHad {
			fmt.Fprintf(w, "\n### Linked page that is not in this file: %s\n\n- Because: `%s`\n", markdownText(x.URL), code(x.Problem))
		}
	}
	return w.Flush()
}

func writeLoggedPage(w *bufio.Writer, p *loggedItem) {
	s := p.Snapshot
	name := s.URL
	if s.Origin != nil {
		name = s.Origin.Path
	}
	fmt.Fprintf(w, "\n### %s: %s\n\n", map[string]string{"policy": "Policy", "part": "Further page", "annex": "Linked page"}[p.Role], markdownText(name))
	line := func(what, value string) {
		if value != "" {
			fmt.Fprintf(w, "- %s: `%s`\n", what, code(value))
		}
	}
	line("Snapshot", s.ID)
	line("Body", fmt.Sprintf("sha256:%s, %d bytes, %s", s.Body, s.Size, s.MediaType))
	line("Read with the browser", s.Rendered)
	if o := s.Origin; o != nil {
		line("Imported from the collection", o.Repo)
		line("Commit", o.Commit)
		line("Subject of the commit", o.Subject)
	}
	if by := s.ThirdParty; by != nil {
		line("Captured by others", fmt.Sprintf("%s, sha256:%s", by.File, by.SHA256))
		line("Within it", by.Within)
		line("Their record of the page", by.Record)
		line("Their program", by.Software)
		line("Their digests", by.Digests)
		for _, f := range by.Faults {
			line("Damaged, and accepted", f)
		}
	}
	line("Shown by a player under", p.Replay)
	if c := p.Conversion; c != nil {
		line("Record made at export", c.Record+", because "+c.Why)
	}
	for i := range p.Exchanges {
		writeLoggedExchange(w, i+1, &p.Exchanges[i], line)
	}
	for _, r := range p.Other {
		line("Record "+r.Type, r.ID+" "+r.Digest)
	}
}

func writeLoggedExchange(w *bufio.Writer, n int, x *loggedExchange, line func(string, string)) {
	fmt.Fprintf(w, "\nExchange %d\n\n", n)
	line("Address", x.URL)
	line("Request sent", x.At.Format("2006-01-02T15:04:05.000000Z"))
	line("Server", strings.TrimSpace(x.IP+" "+strings.Join(x.Protocol, " ")+" "+x.Cipher))
	line("Through a proxy", x.Proxy)
	if c := x.Certificate; c != nil {
		line("Certificate", fmt.Sprintf("%s, issued by %s, %s to %s, sha256:%s", c.Subject, c.Issuer, c.From.Format(time.DateOnly), c.To.Format(time.DateOnly), c.SHA256))
	}
	line("Head", x.Head)
	line("Milliseconds", x.Timing)
	line("Name looked up as", x.DNS)
	line("Clock of the machine", x.Clock)
	line("Fetched by", x.Program)
	line("Same body as record", x.Revisit)
	line("Record", x.Record.Type+" "+x.Record.ID+" "+x.Record.Digest)
	for _, part := range [][]string{x.Request, x.Response} {
		if len(part) > 0 {
			fmt.Fprintf(w, "\n    %s\n\n", strings.Join(part, "\n    "))
		}
	}
}

// code is s for a span of code in Markdown.
func code(s string) string { return strings.ReplaceAll(report.Line(s), "`", "'") }

// markdownText is s with nothing that Markdown, or HTML within it, would obey.
func markdownText(s string) string {
	var out strings.Builder
	for _, r := range report.Line(s) {
		if strings.ContainsRune("\\`*_{}[]<>()#!|&~", r) {
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}
