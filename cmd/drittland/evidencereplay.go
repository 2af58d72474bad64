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

// shown finds the record that a player shows of a snapshot: its last response, or one that is made of its body.
func (x *exporter) shown(a *archive.Archive, w *wacz.Writer, p *exhibitedSnapshot, own []*warc.Record, members []archive.Member) error {
	last := p.Snapshot.At
	for _, rec := range own {
		if rec.Type() != "response" && rec.Type() != "revisit" {
			continue
		}
		at, err := rec.Date()
		if err != nil {
			return err
		}
		p.Replay, p.At = rec.Header.Get("WARC-Target-URI"), at.Truncate(time.Millisecond)
		last = at
	}
	if p.Replay != "" && p.Snapshot.Rendered == "" {
		return nil
	}
	why := "imported: there is no response of a server in the archive, and the address is made up of the collection, the commit and the path"
	if p.Snapshot.Rendered != "" {
		why = "read with a browser: the document as it stood after its scripts had run is no response of a server"
		response := last.Truncate(time.Second)
		for _, rec := range own { // pictures were made when the document was read
			if at, err := rec.Date(); err == nil && rec.Type() == "conversion" && at.After(last) {
				last = at
			}
		}
		if p.Replay = p.Snapshot.FinalURL; last.Truncate(time.Second).Equal(response) {
			last = response.Add(time.Second) // players tell two records of one address by seconds
		}
	} else {
		p.Replay = importAddress(p.Snapshot)
	}
	p.At = last.Truncate(time.Millisecond)
	body, err := a.Body(p.Snapshot)
	if err != nil {
		return err
	}
	c := &conversion{Body: p.Snapshot.Body, Why: why}
	for _, m := range members {
		if strings.HasSuffix(m.Header.Get("WARC-Target-URI"), string(p.Snapshot.Body)) && m.Type() == "resource" {
			c.Of, c.Digest = m.ID(), m.Header.Get("WARC-Block-Digest")
		}
	}
	rec := converted(p, c, body)
	c.Record = rec.ID()
	p.Conversion = c
	return w.Make(rec)
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
