package stamp

// This file checks a folder of stamps, offline.

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// Verify checks a stamp that was kept, as of the time of the stamp: against its message, its request and the roots. With nil roots it
// takes the root that was kept with it; then it shows that all is as it was kept, and not who the authority is.
func (f Folder) Verify(r *Record, roots *Roots, now time.Time) (*Stamp, error) {
	answer, err := f.Answer(r)
	if err != nil {
		return nil, fmt.Errorf("%s%s: %w", r.Digest, answerExt, err)
	}
	if _, err := f.Message(r.Digest); err != nil {
		return nil, fmt.Errorf("%s%s: %w", r.Digest, messageExt, err)
	}
	q, err := f.request(r)
	if err != nil {
		return nil, err
	}
	kept, err := f.root(r.Stamped.Root)
	if err != nil {
		return nil, err
	}
	if roots == nil {
		roots = kept
	}
	digest := q.Digest // that of the message, as request has seen to
	s, err := Check(answer, Want{Digest: digest, Nonce: q.Nonce, Policy: r.Stamped.Policy, Roots: roots, Now: now})
	if err != nil {
		return nil, fmt.Errorf("%s%s: %w", r.Digest, answerExt, err)
	}
	return s, nil
}

// request is the last request for a message.
func (f Folder) request(r *Record) (Request, error) {
	var q Request
	b, err := f.readSum(r.Digest, requestExt, maxRequest, r.Request)
	if err == nil {
		q, err = ParseRequest(b)
	}
	if err == nil && hex.EncodeToString(q.Digest[:]) != r.Digest {
		err = errors.New("it is for another message")
	}
	if err != nil {
		return Request{}, fmt.Errorf("%s%s: %w", r.Digest, requestExt, err)
	}
	return q, nil
}

// root reads a root that was kept. Its file must be as EncodePEM writes it.
func (f Folder) root(fingerprint string) (*Roots, error) {
	b, err := f.Root(fingerprint)
	if err != nil {
		return nil, err
	}
	name := rootsDir + "/" + fingerprint + rootExt
	roots, err := ParseRoots(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if c := roots.All()[0]; Fingerprint(c) != fingerprint || string(EncodePEM(c)) != string(b) {
		return nil, fmt.Errorf("%s: it is not the certificate that was kept", name)
	}
	return roots, nil
}

// A Problem is something in a folder that is not as it was written, or does not belong there.
type Problem struct {
	File string // with / between its parts, below the folder
	What string
	Note bool // worth knowing, but no damage: what a crash leaves
}

// Problems reads every file of the folder and names what is damaged, missing, or of no use; each file once.
func (f Folder) Problems(now time.Time) ([]Problem, error) {
	var out []Problem
	add := func(file, what string, note bool) {
		if !slices.ContainsFunc(out, func(p Problem) bool { return p.File == file }) {
			out = append(out, Problem{file, what, note})
		}
	}
	digests, err := f.names(recordExt)
	if err != nil {
		return nil, err
	}
	needed := map[string]bool{rootsDir: true}
	for _, digest := range digests {
		for _, ext := range []string{recordExt, messageExt, requestExt, answerExt} {
			needed[digest+ext] = true
		}
		r, err := f.record(digest)
		if err != nil {
			add(digest+recordExt, f.plain(err), false)
			continue
		}
		if r.Stamped != nil {
			needed[rootsDir+"/"+r.Stamped.Root+rootExt] = true
		}
		f.each(r, now, func(file string, err error) { add(file, f.plain(err), false) })
	}
	return out, f.strangers(needed, add)
}

// each checks the files of a message one by one, so that each is blamed for itself.
func (f Folder) each(r *Record, now time.Time, blame func(file string, err error)) {
	_, err := f.Message(r.Digest)
	whole := err == nil
	if err != nil {
		blame(r.Digest+messageExt, err)
	}
	if _, err := f.request(r); err != nil {
		whole = false
		blame(r.Digest+requestExt, err)
	}
	if r.Stamped == nil {
		return
	}
	if _, err := f.root(r.Stamped.Root); err != nil {
		whole = false
		blame(rootsDir+"/"+r.Stamped.Root+rootExt, err)
	}
	_, err = f.Answer(r)
	if err == nil && whole {
		_, err = f.Verify(r, nil, now)
	}
	if err != nil {
		blame(r.Digest+answerExt, err)
	}
}

// plain is an error without the names that stand before it already.
func (f Folder) plain(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "it is missing"
	}
	s := err.Error()
	for _, ext := range []string{recordExt, messageExt, requestExt, answerExt, rootExt} {
		if i := strings.Index(s, ext+": "); i >= 0 {
			return s[i+len(ext)+2:]
		}
	}
	return s
}

// strangers names the files that no record needs. What a crash leaves is no damage; what has lost its record is.
func (f Folder) strangers(needed map[string]bool, add func(file, what string, note bool)) error {
	for _, dir := range []string{"", rootsDir} {
		entries, err := f.files().Names(dir)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			name := strings.TrimPrefix(dir+"/"+entry, "/")
			switch digest, ext, _ := strings.Cut(name, "."); {
			case needed[name]:
			case isDigest(digest) && slices.Contains([]string{messageExt, requestExt, answerExt}, "."+ext) && !f.dropped(digest):
				add(digest+recordExt, "it is missing, though there is the "+"."+ext+" of it", false)
			default:
				add(name, "no record speaks of it", true)
			}
		}
	}
	return nil
}

// dropped reports whether a message was about to be removed.
func (f Folder) dropped(digest string) bool {
	entries, _ := f.files().Names("")
	return slices.Contains(entries, digest+recordExt+tempExt)
}
