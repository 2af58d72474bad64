package archive

// This file puts the pictures that a browser made of a page, and checks that they belong to what came before them.

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/warc"
)

// pictures stages the pictures of a rendering and gives their names. Each refers to the last response of the capture, which
// the browser was not given but which says what the page is without it.
func (s *stage) pictures(snap *snapshots.Snapshot, c *snapshots.Capture) ([]string, error) {
	r := c.Rendering
	if r == nil {
		return nil, nil
	}
	if r.Browser == "" || snapshots.HashOf(r.HTML) != snap.Body {
		return nil, errors.New("rendering has no browser, or is not the body of its capture")
	}
	date := r.At
	if date.IsZero() {
		date = snap.At
	}
	var names []string
	for _, p := range []struct {
		kind, media string
		block       []byte
		cut         bool
	}{{"screenshot", "image/png", r.Screenshot, r.Cut}, {"pdf", "application/pdf", r.PDF, false}} {
		if len(p.block) == 0 {
			continue
		}
		rec := &warc.Record{Block: p.block, Header: warc.Header{
			{Name: "WARC-Type", Value: "conversion"},
			{Name: "WARC-Record-ID", Value: warc.Bracket(identify(p.kind, snap.ID).String())},
			{Name: "WARC-Date", Value: warc.FormatDate(date)},
			{Name: "WARC-Target-URI", Value: pictureURI + p.kind + ":" + r.URL},
			{Name: "Content-Type", Value: p.media}}}
		if n := len(c.Exchanges); n > 0 {
			response := identify("response", snap.ID, strconv.Itoa(n-1)).String()
			rec.Header = append(rec.Header, warc.Field{Name: "WARC-Refers-To", Value: warc.Bracket(response)})
		}
		if p.cut {
			rec.Header = append(rec.Header, warc.Field{Name: "WARC-Truncated", Value: "length"})
		}
		if err := s.once(rec); err != nil {
			return nil, err
		}
		names = append(names, rec.ID())
	}
	return names, nil
}

// pictures checks that the pictures of a snapshot refer to its own exchanges, and that it is one of a browser.
func (c *checker) pictures(tx kv.Tx, e *entry) error {
	if e.Snapshot.Rendered == "" {
		return nil
	}
	for _, name := range e.Records {
		id, err := parseUUID(name)
		if err != nil {
			return err
		}
		p, err := locate(tx, id)
		if err != nil {
			return err
		}
		rec, err := c.a.captures.read(p)
		if err != nil {
			return err
		}
		to := warc.Bare(rec.Header.Get("WARC-Refers-To"))
		if rec.Type() == "conversion" && to != "" && !slices.Contains(e.Records, to) {
			return fmt.Errorf("picture %s refers to %s, which is none of its records", name, to)
		}
	}
	return nil
}
