package main

// What a player shows of a capture: its last response, or a record that is made of its body at export.

import (
	"net/url"
	"strings"
	"time"

	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/wacz"
	"github.com/drittland/drittland/snapshots/warc"
)

// shown finds the record that a player shows of a snapshot, or makes one of its body.
func (x *exporter) shown(a *archive.Archive, w *wacz.Writer, p *exhibitedSnapshot, own []*warc.Record, members []archive.Member) error {
	find := lastResponse
	switch {
	case p.Snapshot.ThirdParty != nil:
		find = func(p *exhibitedSnapshot, own []*warc.Record) (string, error) { return unwrapped(w, p, own) }
	case p.Snapshot.Rendered != "":
		find = rendered
	}
	why, err := find(p, own)
	if err != nil || why == "" {
		return err
	}
	body, err := a.Body(p.Snapshot)
	if err != nil {
		return err
	}
	c := &conversion{Body: p.Snapshot.Body, Why: why}
	for _, m := range members {
		if holdsBody(m.Record, p.Snapshot.Body) {
			c.Of, c.Digest = m.ID(), m.Header.Get("WARC-Block-Digest")
		}
	}
	rec := converted(p, c, body)
	c.Record = rec.ID()
	p.Conversion = c
	return w.Make(rec)
}

// holdsBody reports whether a record is the body record of a body, or holds it as others received it.
func holdsBody(rec *warc.Record, hash snapshots.Hash) bool {
	if strings.HasSuffix(rec.Header.Get("WARC-Target-URI"), string(hash)) && rec.Type() == "resource" {
		return true
	}
	body, err := archive.OthersBody(rec)
	return err == nil && snapshots.HashOf(body) == hash
}

// lastResponse finds the last response. Of an import there is none: why says so, and that a record is to be made.
func lastResponse(p *exhibitedSnapshot, own []*warc.Record) (why string, err error) {
	for _, rec := range own {
		if rec.Type() != "response" && rec.Type() != "revisit" {
			continue
		}
		at, err := rec.Date()
		if err != nil {
			return "", err
		}
		p.Replay, p.At = rec.Header.Get("WARC-Target-URI"), at.Truncate(time.Millisecond)
	}
	if p.Replay != "" {
		return "", nil
	}
	p.Replay, p.At = importAddress(p.Snapshot), p.Snapshot.At.Truncate(time.Millisecond)
	return "imported: there is no response of a server in the archive, and the address is made up of the collection, the commit and the path", nil
}

// rendered gives a page that a browser read the time of its pictures, which were made when it was read.
func rendered(p *exhibitedSnapshot, own []*warc.Record) (why string, err error) {
	if _, err := lastResponse(p, own); err != nil {
		return "", err
	}
	response, last := p.At.Truncate(time.Second), p.At
	for _, rec := range own {
		if at, err := rec.Date(); err == nil && rec.Type() == "conversion" && at.After(last) {
			last = at
		}
	}
	if last.Truncate(time.Second).Equal(response) {
		last = response.Add(time.Second) // players tell two records of one address by seconds
	}
	p.Replay, p.At = p.Snapshot.FinalURL, last.Truncate(time.Millisecond)
	return "read with a browser: the document as it stood after its scripts had run is no response of a server", nil
}

// unwrapped puts the records of others, as they wrote them, beside ours that hold them, and finds that of the page: the first that is no
// redirect. One that repeats an earlier one without saying at which address is not followed by players.
func unwrapped(w *wacz.Writer, p *exhibitedSnapshot, own []*warc.Record) (why string, err error) {
	found, plays := false, false
	p.Replay, p.At = p.Snapshot.FinalURL, p.Snapshot.At
	for _, rec := range own {
		raw, ok := archive.Others(rec)
		if !ok {
			continue
		}
		shown, err := w.AddOthers(raw)
		if err != nil {
			return "", err
		}
		head, block, err := warc.Single(raw)
		if err != nil {
			return "", err
		}
		if found || !isPageOf(head, block) {
			continue
		}
		found = true
		p.Replay, p.At = warc.Bare(head.Header.Get("WARC-Target-URI")), head.At().Truncate(time.Millisecond)
		plays = shown && (!isRevisit(head) || strings.HasPrefix(head.Header.Get("WARC-Refers-To-Target-URI"), "http")) // not between angle brackets
	}
	if plays {
		return "", nil
	}
	p.At = p.At.Truncate(time.Second).Add(time.Second) // players tell two records of one address by seconds
	return "captured by others: their record of the page repeats an earlier one and does not say at which address, so that a player does not find it", nil
}

// isPageOf reports whether a record of others is of a page, and not of a redirect, a request or the like.
func isPageOf(head *warc.Head, block []byte) bool {
	switch strings.ToLower(head.Header.Get("WARC-Type")) {
	case "resource":
		return true
	case "response", "revisit":
		m, err := warc.ReadMessage(block)
		return err != nil || m.Status < 300 || m.Status >= 400 || m.Header.Get("Location") == ""
	}
	return false
}

func isRevisit(head *warc.Head) bool {
	return strings.EqualFold(head.Header.Get("WARC-Type"), "revisit")
}

// converted is the record that a player shows of a body. It is a resource, because players read no conversions.
func converted(p *exhibitedSnapshot, c *conversion, body []byte) *warc.Record {
	media := p.Snapshot.MediaType
	if strings.HasPrefix(media, "text/") && media != "text/html" {
		media = "text/plain" // which every browser shows
	}
	if p.Snapshot.Charset != "" {
		media += "; charset=" + p.Snapshot.Charset
	} else if strings.HasPrefix(media, "text/plain") {
		media += "; charset=utf-8"
	}
	header := warc.Header{
		{Name: "WARC-Type", Value: "resource"},
		{Name: "WARC-Record-ID", Value: warc.Bracket(archive.Identify("replay", p.Snapshot.ID))},
		{Name: "WARC-Date", Value: warc.FormatDate(p.At)},
		{Name: "WARC-Target-URI", Value: p.Replay},
		{Name: "Content-Type", Value: report.Line(media)},
		{Name: "Drittland-Conversion", Value: "made at export, so that a player can show the body; not received from a server in this form"},
		{Name: "Drittland-Media-Type", Value: report.Line(p.Snapshot.MediaType)},
		{Name: "Drittland-Body", Value: "sha256:" + string(c.Body)}}
	if c.Of != "" {
		header = append(header, warc.Field{Name: "Drittland-Body-Record", Value: warc.Bracket(c.Of)}, warc.Field{Name: "Drittland-Body-Record-Digest", Value: c.Digest})
	}
	return &warc.Record{Header: header, Block: body}
}

// importAddress is the made-up address of an imported text: no name ends in invalid.
func importAddress(s snapshots.Snapshot) string {
	u := url.URL{Scheme: "https", Host: "import.invalid", Path: "/" + strings.TrimPrefix(s.ID, "urn:uuid:")}
	if o := s.Origin; o != nil {
		u.Path = "/" + strings.Trim(o.Repo, "/") + "/" + o.Commit + "/" + o.Path
	}
	return u.String()
}
