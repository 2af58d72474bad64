package archive

// This file puts evidence: declarations, captures and imports.

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive/kv"
	"github.com/drittland/drittland/snapshots/warc"
)

// put writes what fill stages: first the evidence, then the index.
func (a *Archive) put(fill func(*stage) (bool, error)) error {
	if a.opts.ReadOnly {
		return ErrReadOnly
	}
	if a.shared != nil {
		return a.putShared(fill)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	var s *stage
	var anything bool
	err := a.view(func(tx kv.Tx) (err error) {
		s = newStage(a, tx)
		anything, err = fill(s)
		return err
	})
	if err != nil || !anything {
		return err
	}
	if err := a.record(s.records); err != nil {
		return err
	}
	s.keep()
	return nil
}

// PutDeclaration records what is tracked. The last declaration of a service and a type of terms holds; one that says
// the same as the last is not recorded again.
func (a *Archive) PutDeclaration(d snapshots.Declaration) error {
	d.Added = d.Added.UTC().Round(0)
	if !d.Removed.IsZero() {
		d.Removed = d.Removed.UTC().Round(0)
	}
	err := a.put(func(s *stage) (bool, error) {
		key, err := termsKey(snapshots.Terms{Service: d.Service, Type: d.TermsType})
		if err != nil {
			return false, err
		}
		b, err := snapshots.Encode(d)
		if err != nil || bytes.Equal(b, s.tx.Bucket(bucketDeclarations).Get(key)) {
			return false, err
		}
		date := d.Added
		if d.Removed.After(date) {
			date = d.Removed
		}
		if err := s.entry(entry{Declaration: &d}, date); err != nil {
			return false, err
		}
		return s.finish(uuid{}), nil
	})
	if err != nil {
		return fmt.Errorf("record declaration of %s · %s: %w", d.Service, d.TermsType, err)
	}
	return nil
}

// PutCapture records one fetch and returns its snapshot. The same capture is recorded once. An annex refers to the
// last snapshot before it, of the same terms, that was asked for at or ended at the address in AnnexOf.
func (a *Archive) PutCapture(c *snapshots.Capture) (snapshots.Snapshot, error) {
	var snap snapshots.Snapshot
	err := a.putFree(func(s *stage) (bool, error) {
		var err error
		if snap, err = captured(s.tx, c); err != nil {
			return false, err
		}
		if err := expect(s.tx, &snap, c); err != nil {
			return false, err
		}
		e, err := storedEntry(s.tx, snap.ID)
		if err == nil {
			snap = *e.Snapshot
			return false, nil
		}
		if !errors.Is(err, ErrNotFound) {
			return false, err
		}
		return s.capture(&snap, c)
	})
	if err != nil {
		return snapshots.Snapshot{}, fmt.Errorf("record capture of %s: %w", c.URL, err)
	}
	return snap, nil
}

// expect gets what a capture may have in common with the evidence.
func expect(tx kv.Tx, snap *snapshots.Snapshot, c *snapshots.Capture) error {
	e := entry{Snapshot: snap}
	k, err := keysOf(&e)
	if err != nil {
		return err
	}
	body := identify("body", string(snap.Body))
	ids := [][]byte{body[:]}
	for i, x := range c.Exchanges {
		n := strconv.Itoa(i)
		for _, id := range []uuid{identify("response", snap.ID, n), identify("request", snap.ID, n), identify("tls-chain", string(snapshots.HashOf(x.TLSChain)))} {
			ids = append(ids, id[:])
		}
	}
	return kv.Fetch(tx, kv.Need{Bucket: bucketSnapshots, Keys: [][]byte{k.id[:]}}, kv.Need{Bucket: bucketBodies, Keys: [][]byte{k.body}},
		kv.Need{Bucket: bucketRecords, Keys: ids}, kv.Need{Bucket: bucketErased, Keys: [][]byte{body[:]}})
}

// captured is the snapshot that c becomes.
func captured(tx kv.Tx, c *snapshots.Capture) (snapshots.Snapshot, error) {
	s := snapshots.Snapshot{Terms: c.Terms, URL: c.URL, FinalURL: c.FinalURL, At: c.At, Status: c.Status,
		MediaType: c.MediaType, Charset: c.Charset}
	if c.Rendering != nil {
		s.Rendered = c.Rendering.Browser
	}
	if c.AnnexOf != "" {
		policy, err := policyAt(tx, c.Terms, c.AnnexOf, c.At)
		if err != nil {
			return s, err
		}
		s.AnnexOf = policy
	}
	if c.Revisits != "" {
		if err := revisited(tx, &s, c.Revisits); err != nil {
			return s, err
		}
		return identified(s)
	}
	return complete(s, c.Body)
}

// complete fills in what follows from the body, and the ID.
func complete(s snapshots.Snapshot, body []byte) (snapshots.Snapshot, error) {
	if len(body) > MaxBody {
		return s, fmt.Errorf("body of %d bytes is larger than %d", len(body), MaxBody)
	}
	s.Body, s.Size = snapshots.HashOf(body), len(body)
	return identified(s)
}

// identified fills in the ID and gives s the form that it has when it is read back.
func identified(s snapshots.Snapshot) (snapshots.Snapshot, error) {
	if s.At.IsZero() {
		return s, errors.New("snapshot has no date")
	}
	if _, err := termsKey(s.Terms); err != nil {
		return s, err
	}
	s.At = s.At.UTC().Truncate(time.Microsecond)
	s.ID = ""
	b, err := snapshots.Encode(s)
	if err != nil {
		return s, err
	}
	var out snapshots.Snapshot
	if err := json.Unmarshal(b, &out); err != nil {
		return s, fmt.Errorf("snapshot does not survive encoding: %w", err)
	}
	out.ID = snapshotID(&out).String()
	_, err = keysOf(&entry{Snapshot: &out})
	return out, err
}

// snapshotID is derived from what was seen, where and when.
func snapshotID(s *snapshots.Snapshot) uuid {
	var o snapshots.Origin
	if s.Origin != nil {
		o = *s.Origin
	}
	parts := []string{"snapshot", s.Terms.Service, s.Terms.Type, s.AnnexOf, s.URL, s.FinalURL,
		s.At.Format(time.RFC3339Nano), string(s.Body), o.Repo, o.Commit, o.Path}
	if s.ThirdParty != nil {
		parts = append(parts, "third-party", s.ThirdParty.Record)
	}
	return identify(parts...)
}

// policyAt is the ID of the last snapshot of t at address url, not after at, that is no annex itself.
func policyAt(tx kv.Tx, t snapshots.Terms, url string, at time.Time) (string, error) {
	key, err := termsKey(t)
	if err != nil {
		return "", err
	}
	if number := termsNumber(tx, key); number != nil {
		for _, v := range backward(tx.Bucket(bucketHistory), number, timeKey(at)) {
			e, _, err := decodeEntry(tx.Bucket(bucketSnapshots).Get(v))
			if err != nil {
				return "", err
			}
			if s := e.Snapshot; s.AnnexOf == "" && s.ThirdParty == nil && (s.URL == url || s.FinalURL == url) {
				return s.ID, nil
			}
		}
	}
	return "", fmt.Errorf("annex of %s: no snapshot of %s at that address: %w", url, t, ErrNotFound)
}

// capture stages the exchanges, the body if no exchange yields it, and the entry. A last response that repeats one in the
// evidence is staged as a revisit.
func (s *stage) capture(snap *snapshots.Snapshot, c *snapshots.Capture) (bool, error) {
	e := entry{Snapshot: snap}
	var extra []warc.Field
	same, err := s.original(snap, c)
	if err != nil {
		return false, err
	}
	for i := range c.Exchanges {
		if len(c.Exchanges[i].Response) == 0 {
			return false, fmt.Errorf("exchange with %s has no response", c.Exchanges[i].URL)
		}
		records := exchange(snap, i, &c.Exchanges[i])
		if same != nil && i == len(c.Exchanges)-1 {
			if records[0], err = same.revisit(records[0]); err != nil {
				return false, err
			}
		}
		for n, rec := range records {
			if err := s.once(rec); err != nil {
				return false, err
			}
			e.Records = append(e.Records, rec.ID())
			if n == 0 {
				extra = []warc.Field{{Name: "WARC-Target-URI", Value: c.Exchanges[i].URL},
					{Name: "WARC-Concurrent-To", Value: warc.Bracket(rec.ID())}}
			}
		}
	}
	pictures, err := s.pictures(snap, c)
	if err != nil {
		return false, err
	}
	e.Records = append(e.Records, pictures...)
	if same != nil {
		e.Record = same.rec.ID()
	} else if e.Record, err = s.captureBody(snap, c); err != nil {
		return false, err
	}
	if err := s.entry(e, snap.At); err != nil {
		return false, err
	}
	id, err := parseUUID(snap.ID)
	return err == nil && s.finish(id, extra...), err
}

// captureBody is the record that holds the body of a capture: the last response if it yields the body, otherwise a body
// record, which is staged.
func (s *stage) captureBody(snap *snapshots.Snapshot, c *snapshots.Capture) (string, error) {
	if len(c.Body) == 0 {
		return "", nil
	}
	if n := len(c.Exchanges); n > 0 {
		payload, err := warc.Payload(c.Exchanges[n-1].Response, MaxBody)
		if err == nil && bytes.Equal(payload, c.Body) {
			return identify("response", snap.ID, strconv.Itoa(n-1)).String(), nil
		}
	}
	id, err := s.body(snap, c.Body)
	return id.String(), err
}

// exchange is the records of the nth exchange of a capture: response, request, certificates.
func exchange(snap *snapshots.Snapshot, n int, x *snapshots.Exchange) []*warc.Record {
	date := x.Started
	if date.IsZero() {
		date = snap.At
	}
	name := func(kind string) string { return warc.Bracket(identify(kind, snap.ID, strconv.Itoa(n)).String()) }
	record := func(typ, kind, uri, content string, block []byte, more ...warc.Field) *warc.Record {
		return &warc.Record{Block: block, Header: append(warc.Header{
			{Name: "WARC-Type", Value: typ},
			{Name: "WARC-Record-ID", Value: name(kind)},
			{Name: "WARC-Date", Value: warc.FormatDate(date)},
			{Name: "WARC-Target-URI", Value: uri},
			{Name: "Content-Type", Value: content}}, more...)}
	}
	with := warc.Field{Name: "WARC-Concurrent-To", Value: name("response")}
	wire := wireFields(x)
	response := record("response", "response", x.URL, "application/http; msgtype=response", x.Response, wire...)
	if t := timing(x.Timing); t != "" {
		response.Header = append(response.Header, warc.Field{Name: "Drittland-Timing", Value: t})
	}
	for _, f := range []warc.Field{{Name: "Drittland-DNS", Value: strings.Join(x.DNS, ", ")}, {Name: "Drittland-Clock", Value: x.Clock}, {Name: "Drittland-Program", Value: x.Program}} {
		if f.Value != "" {
			response.Header = append(response.Header, f)
		}
	}
	if d := warc.PayloadDigest(x.Response); d != "" {
		response.Header = append(response.Header, warc.Field{Name: "WARC-Payload-Digest", Value: d})
	}
	out := []*warc.Record{response}
	if len(x.Request) > 0 {
		out = append(out, record("request", "request", x.URL, "application/http; msgtype=request", x.Request, append(wire, with)...))
	}
	if len(x.TLSChain) > 0 {
		chain := chainRecord(x.TLSChain, date)
		response.Header = append(response.Header, warc.Field{Name: "Drittland-TLS-Chain", Value: chain.Header.Get("WARC-Record-ID")})
		out = append(out, chain)
	}
	return out
}

// chainRecord holds certificates. It is named by them, so that the same ones are written once.
func chainRecord(chain []byte, date time.Time) *warc.Record {
	hash := string(snapshots.HashOf(chain))
	return &warc.Record{Block: chain, Header: warc.Header{
		{Name: "WARC-Type", Value: "resource"},
		{Name: "WARC-Record-ID", Value: warc.Bracket(identify("tls-chain", hash).String())},
		{Name: "WARC-Date", Value: warc.FormatDate(date)},
		{Name: "WARC-Target-URI", Value: chainURI + hash},
		{Name: "Content-Type", Value: "application/pem-certificate-chain"}}}
}

// wireFields say how an exchange went over the network, as far as it is known.
func wireFields(x *snapshots.Exchange) []warc.Field {
	var out []warc.Field
	for _, f := range []warc.Field{{Name: "WARC-IP-Address", Value: x.RemoteIP}, {Name: "WARC-Protocol", Value: x.Protocol},
		{Name: "WARC-Protocol", Value: x.TLS}, {Name: "WARC-Cipher-Suite", Value: x.Cipher}, {Name: "Drittland-Proxy", Value: x.Proxy},
		{Name: "Drittland-Head", Value: map[bool]string{true: "reconstructed"}[x.Reconstructed]}} {
		if f.Value != "" {
			out = append(out, f)
		}
	}
	return out
}
