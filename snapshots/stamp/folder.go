package stamp

// This file keeps stamps in a folder: for each message the bytes, the request, the answer and a record. FORMAT.md describes it.

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// MaxMessage is the most that is stamped, in bytes. Longer things are stamped by stamping their digest.
const MaxMessage = 64 << 10

// The names of the files of a message: its SHA-256 in hexadecimal, and one of these.
const (
	messageExt = ".checkpoint"
	requestExt = ".tsq"
	answerExt  = ".tsr"
	recordExt  = ".json"
	rootsDir   = "roots"
	rootExt    = ".pem"
	tempExt    = ".new"
)

// A Folder holds what was stamped and what waits for it. At most one message waits: a checkpoint of an append-only log stands for those
// before it, so that one stamp settles them all. Who changes a folder must be the only one who does; reading needs no care.
type Folder struct {
	Dir   string
	Files Files // in the place of the directory; nil for that
}

func (f Folder) files() Files {
	if f.Files != nil {
		return f.Files
	}
	return directory(f.Dir)
}

// path is where a file is, for messages.
func (f Folder) path(digest, ext string) string { return filepath.Join(f.Dir, digest+ext) }

// Records are all records, in the order in which their messages were put here. A folder that is not there has none; damaged records make
// an error beside those that can be read.
func (f Folder) Records() ([]Record, error) {
	names, err := f.names(recordExt)
	if err != nil {
		return nil, err
	}
	var out []Record
	var bad []error
	for _, digest := range names {
		r, err := f.record(digest)
		if err != nil {
			bad = append(bad, err)
			continue
		}
		out = append(out, *r)
	}
	slices.SortStableFunc(out, func(a, b Record) int { return a.Queued.Compare(b.Queued) })
	return out, errors.Join(bad...)
}

// names are the digests for which there is a file with an extension.
func (f Folder) names(ext string) ([]string, error) {
	entries, err := f.files().Names("")
	var out []string
	for _, name := range entries {
		if digest, ok := strings.CutSuffix(name, ext); ok && isDigest(digest) {
			out = append(out, digest)
		}
	}
	return out, err
}

func isDigest(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == sha256.Size && s == strings.ToLower(s)
}

func (f Folder) record(digest string) (*Record, error) {
	b, err := f.read(digest, recordExt, maxRecord)
	if err != nil {
		return nil, err
	}
	r, err := decodeRecord(b)
	if err == nil && r.Digest != digest {
		err = errors.New("it is the record of another message")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.path(digest, recordExt), err)
	}
	return r, nil
}

func (f Folder) read(digest, ext string, most int64) ([]byte, error) {
	return f.files().Read(digest+ext, most)
}

// readSum reads a file whose SHA-256 the record states. After a crash it may not be in its place yet.
func (f Folder) readSum(digest, ext string, most int64, want string) ([]byte, error) {
	b, err := f.read(digest, ext, most)
	if err == nil && sum(b) == want {
		return b, nil
	}
	if fresh, e := f.read(digest, ext+tempExt, most); e == nil && sum(fresh) == want {
		return fresh, nil
	}
	return b, errors.Join(err, errOther)
}

var errOther = errors.New("it is not what was written: its SHA-256 is another one")

// Pending is the record of the message that waits, nil if none does.
func (f Folder) Pending() (*Record, error) {
	records, err := f.Records()
	for _, r := range slices.Backward(records) {
		if r.Stamped == nil {
			return &r, err
		}
	}
	return nil, err
}

// Message is what was stamped, or is to be.
func (f Folder) Message(digest string) ([]byte, error) {
	return f.readSum(digest, messageExt, MaxMessage, digest)
}

// Answer is the answer of the authority that a record speaks of, with the token: a TimeStampResp.
func (f Folder) Answer(r *Record) ([]byte, error) {
	if r.Stamped == nil {
		return nil, errors.New("it has not been stamped yet")
	}
	return f.readSum(r.Digest, answerExt, MaxAnswer, r.Stamped.Answer)
}

// Root is the certificate at which the chain of a stamp ends, as PEM.
func (f Folder) Root(fingerprint string) ([]byte, error) {
	if !isDigest(fingerprint) {
		return nil, fmt.Errorf("%.80q is no SHA-256 of a certificate", fingerprint)
	}
	return f.files().Read(rootsDir+"/"+fingerprint+rootExt, MaxRoots)
}

// Queue puts a message here to be stamped and reports whether that is news. It takes the place of one that waits, which
// the caller knows it to stand for, with its failures and the time since when it waits.
func (f Folder) Queue(message []byte, random io.Reader, now time.Time) (bool, error) {
	if len(message) == 0 || len(message) > MaxMessage {
		return false, fmt.Errorf("%d bytes to be stamped: expected 1 to %d", len(message), MaxMessage)
	}
	digest := sha256.Sum256(message)
	r := Record{Digest: hex.EncodeToString(digest[:]), Queued: seconds(now), Waiting: seconds(now)}
	if _, err := f.record(r.Digest); !errors.Is(err, fs.ErrNotExist) {
		return false, err // it is known, or damaged, and then nothing is written over it
	}
	old, _ := f.Pending() // damage is for Check to tell
	if old != nil {
		r.Waiting, r.Failures, r.Attempts = old.Waiting, old.Failures, old.Attempts
	}
	request, err := NewRequest(digest, "", random)
	if err != nil {
		return false, err
	}
	if err := f.commit(&r, map[string][]byte{messageExt: message, requestExt: request.DER}); err != nil {
		return false, err
	}
	if old != nil {
		return true, f.drop(old.Digest)
	}
	return true, nil
}

// drop removes a message that another one stands for.
func (f Folder) drop(digest string) error {
	gone := digest + recordExt + tempExt // tells what a crash leaves of it from what has lost its record
	if err := f.files().Rename(digest+recordExt, gone); err != nil {
		return err
	}
	for _, ext := range []string{requestExt, messageExt} {
		if err := f.files().Remove(digest + ext); err != nil {
			return err
		}
	}
	return f.files().Remove(gone)
}

// commit writes a record and the files that it states the digests of. They hold together after a crash at any moment.
func (f Folder) commit(r *Record, files map[string][]byte) error {
	if b, ok := files[requestExt]; ok {
		r.Request = sum(b)
	}
	for ext, b := range files {
		if err := f.files().Write(r.Digest+ext+tempExt, b); err != nil {
			return err
		}
	}
	if err := f.put(r); err != nil {
		return err
	}
	for ext := range files {
		name := r.Digest + ext
		if err := f.files().Rename(name+tempExt, name); err != nil {
			return err
		}
	}
	return nil
}

// Ask notes the request that is about to be sent.
func (f Folder) Ask(r *Record, q Request) error {
	return f.commit(r, map[string][]byte{requestExt: q.DER})
}

// Fail notes that a request brought no stamp.
func (f Folder) Fail(r *Record, a Attempt) error {
	r.fail(a)
	return f.put(r)
}

// Finish keeps an answer that Check has accepted as s, to the request q. The record gets its digests and the rest as given in d.
func (f Folder) Finish(r *Record, q Request, answer []byte, s *Stamp, d Stamped) error {
	d.Answer, d.Root, d.Requested, d.Received = sum(answer), Fingerprint(s.Root()), seconds(d.Requested), seconds(d.Received)
	r.Stamped = &d
	if err := f.files().Replace(rootsDir+"/"+d.Root+rootExt, EncodePEM(s.Root())); err != nil {
		return err
	}
	return f.commit(r, map[string][]byte{requestExt: q.DER, answerExt: answer})
}

func (f Folder) put(r *Record) error {
	b, err := r.encode()
	if err != nil {
		return err
	}
	return f.files().Replace(r.Digest+recordExt, b)
}
