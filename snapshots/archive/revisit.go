package archive

// This file keeps a page that has not changed as a revisit: a reference to the response that holds it, and the head of the
// new one.

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/warc"
)

const (
	notModified   = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
	samePayload   = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
	refersTo      = "WARC-Refers-To"
	maxValidators = 1 << 10 // bytes of an ETag or a date that are sent back
)

// An original is a response that a revisit refers to.
type original struct {
	rec    *warc.Record
	entity []byte // without transfer coding
}

// originalAt is the response record called id, nil if that is a record of another kind.
func (a *Archive) originalAt(tx kv.Tx, id uuid) (*original, error) {
	p, err := locate(tx, id)
	if err != nil {
		return nil, err
	}
	if p.depth != noBody {
		return nil, nil
	}
	rec, err := a.captures.read(p)
	if err != nil || rec.Type() != "response" {
		return nil, err
	}
	_, entity, err := warc.Entity(rec.Block, MaxBody)
	if err != nil {
		return nil, fmt.Errorf("%w: record %s: %w", ErrDamaged, id, err)
	}
	return &original{rec, entity}, nil
}

// original is the response in the evidence that the last one of c repeats, nil if there is none: the one that the server
// says has not changed, or one with the same bytes.
func (s *stage) original(snap *snapshots.Snapshot, c *snapshots.Capture) (*original, error) {
	if snap.Revisits != "" {
		e, err := storedEntry(s.tx, snap.Revisits)
		if err != nil {
			return nil, err
		}
		o, err := s.originalOf(e)
		if err == nil && o == nil {
			err = fmt.Errorf("snapshot %s holds no response that can be revisited", snap.Revisits)
		}
		return o, err
	}
	if len(c.Body) == 0 || len(c.Exchanges) == 0 {
		return nil, nil
	}
	id, ok := s.known(snap.Body)
	if !ok {
		return nil, nil
	}
	o, err := s.a.originalAt(s.tx, id)
	if err != nil || o == nil {
		return nil, err
	}
	_, entity, err := warc.Entity(c.Exchanges[len(c.Exchanges)-1].Response, MaxBody)
	if err != nil || !bytes.Equal(entity, o.entity) { // a response that cannot be read is kept whole
		return nil, nil
	}
	return o, nil
}

// originalOf is the response that holds the body of the snapshot in e, nil if the body stands elsewhere.
func (s *stage) originalOf(e *entry) (*original, error) {
	id, err := bodyRecord(s.tx, e)
	if err != nil {
		return nil, err
	}
	return s.a.originalAt(s.tx, id)
}

// revisit makes a revisit record of the record of a response.
func (o *original) revisit(response *warc.Record) (*warc.Record, error) {
	head, _, err := warc.Entity(response.Block, MaxBody)
	if err != nil {
		return nil, err
	}
	profile := samePayload
	if bytes.HasPrefix(head, []byte("HTTP/1.")) && bytes.HasPrefix(head[min(len(head), 8):], []byte(" 304")) {
		profile = notModified
	}
	rec := &warc.Record{Block: head, Header: slices.Clone(response.Header)}
	rec.Header = slices.DeleteFunc(rec.Header, func(f warc.Field) bool { return f.Name == "WARC-Payload-Digest" })
	rec.Header[0].Value = "revisit"
	rec.Header = append(rec.Header,
		warc.Field{Name: "WARC-Profile", Value: profile},
		warc.Field{Name: refersTo, Value: warc.Bracket(o.rec.ID())},
		warc.Field{Name: "WARC-Refers-To-Target-URI", Value: o.rec.Header.Get("WARC-Target-URI")},
		warc.Field{Name: "WARC-Refers-To-Date", Value: o.rec.Header.Get("WARC-Date")},
		warc.Field{Name: "WARC-Payload-Digest", Value: warc.Digest(o.entity)})
	if profile == samePayload {
		rec.Header = append(rec.Header, warc.Field{Name: "WARC-Truncated", Value: "length"})
	}
	return rec, nil
}

// checkRevisit compares a revisit with the response that it refers to, which must stand before it.
func (a *Archive) checkRevisit(tx kv.Tx, rec *warc.Record) error {
	id, err := parseUUID(warc.Bare(rec.Header.Get(refersTo)))
	if err != nil {
		return err
	}
	o, err := a.originalAt(tx, id)
	switch {
	case err != nil:
		return err
	case o == nil:
		return fmt.Errorf("refers to %s, which is no response", id)
	case warc.Digest(o.entity) != rec.Header.Get("WARC-Payload-Digest"):
		return fmt.Errorf("refers to %s, whose payload is another one", id)
	}
	return nil
}

// Validator is what the server said of the page at url, of terms t, when it sent it whole last: with it the server can be
// asked whether the page has changed. ok is false if there is nothing to ask with.
func (a *Archive) Validator(t snapshots.Terms, url string) (v snapshots.Validator, ok bool, err error) {
	err = a.view(func(tx kv.Tx) error {
		e, err := lastPage(tx, t, url)
		if err != nil || e == nil {
			return err
		}
		v, ok, err = a.validator(tx, e)
		return err
	})
	if err != nil {
		return v, false, fmt.Errorf("validator of %s: %w", url, err)
	}
	return v, ok, nil
}

// lastPage is the entry of the last snapshot of t asked for at url that the server sent whole, nil if there is none.
func lastPage(tx kv.Tx, t snapshots.Terms, url string) (*entry, error) {
	key, err := termsKey(t)
	if err != nil {
		return nil, err
	}
	number := termsNumber(tx, key)
	if number == nil {
		return nil, nil
	}
	for _, id := range backward(tx.Bucket(bucketHistory), number, latest) {
		e, _, err := decodeEntry(tx.Bucket(bucketSnapshots).Get(id))
		if err != nil {
			return nil, err
		}
		s := e.Snapshot
		if s.URL == url && s.Origin == nil && s.ThirdParty == nil && s.Size > 0 && (s.Status == http.StatusOK || s.Status == http.StatusNonAuthoritativeInfo) {
			return e, nil
		}
	}
	return nil, nil
}

// validator reads the heads of the last exchange in e.
func (a *Archive) validator(tx kv.Tx, e *entry) (v snapshots.Validator, ok bool, err error) {
	if _, gone, err := erasureOf(tx, e.Snapshot.ID); err != nil || gone {
		return v, false, err
	}
	id, err := bodyRecord(tx, e)
	if err != nil {
		return v, false, err
	}
	if o, err := a.originalAt(tx, id); err != nil || o == nil {
		return v, false, err
	}
	v = snapshots.Validator{Snapshot: e.Snapshot.ID, At: e.Snapshot.At}
	for _, name := range slices.Backward(e.Records) {
		rec, err := a.recordNamed(tx, name)
		if err != nil {
			return v, false, err
		}
		r := bufio.NewReader(bytes.NewReader(rec.Block))
		switch rec.Type() {
		case "request":
			req, err := http.ReadRequest(r)
			if err != nil {
				return v, false, nil //nolint:nilerr // nothing to go by
			}
			v.Language = req.Header.Get("Accept-Language")
		case "response", "revisit":
			resp, err := http.ReadResponse(r, nil)
			if err != nil {
				return v, false, nil //nolint:nilerr // nothing to go by
			}
			resp.Body.Close()
			v.URL, v.ETag, v.LastModified = rec.Header.Get("WARC-Target-URI"), short(resp.Header.Get("ETag")), short(resp.Header.Get("Last-Modified"))
			return v, v.ETag != "" || v.LastModified != "", nil
		}
	}
	return v, false, nil
}

// short is s unless it is too long to send back.
func short(s string) string {
	if len(s) > maxValidators {
		return ""
	}
	return s
}

// revisited fills in what a snapshot shares with the page that was not modified.
func revisited(tx kv.Tx, s *snapshots.Snapshot, id string) error {
	e, err := storedEntry(tx, id)
	if err != nil {
		return err
	}
	from := e.Snapshot
	if from.Revisits != "" {
		id = from.Revisits
	}
	if s.Status != http.StatusNotModified {
		return errors.New("a revisit with status " + strconv.Itoa(s.Status))
	}
	s.Revisits, s.MediaType, s.Charset, s.Body, s.Size = id, from.MediaType, from.Charset, from.Body, from.Size
	return nil
}

// timing is how long an exchange took, in the form of the header Server-Timing: milliseconds.
func timing(t snapshots.Timing) string {
	var out []byte
	for _, x := range []struct {
		name string
		d    time.Duration
	}{{"dns", t.DNS}, {"connect", t.Connect}, {"tls", t.TLS}, {"first-byte", t.FirstByte}, {"total", t.Total}} {
		if x.d <= 0 {
			continue
		}
		if len(out) > 0 {
			out = append(out, ", "...)
		}
		out = strconv.AppendFloat(append(out, x.name+";dur="...), float64(x.d.Microseconds())/1000, 'f', -1, 64)
	}
	return string(out)
}
