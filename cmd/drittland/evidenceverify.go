package main

// Checking a bundle: every byte, offline, and what each part proves.

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/wacz"
)

// The results of a check.
const (
	resultOK      = "ok"
	resultDamaged = "damaged"
	resultNote    = "note" // nothing is wrong, but a person should know
)

// verificationSchema names the form of the JSON output.
const verificationSchema = "drittland/evidence-verify/1"

// A verification is what came of checking a bundle.
type verification struct {
	Schema    string          `json:"schema"`
	File      string          `json:"file"`
	SHA256    string          `json:"sha256"`
	Damaged   bool            `json:"damaged"`
	Terms     snapshots.Terms `json:"terms"`
	Exhibits  []verified      `json:"exhibits"`
	Checks    []checkLine     `json:"checks"`
	NotProved []string        `json:"not_proved"`
}

// A verified exhibit is what a bundle says of one version, and what was found to hold.
type verified struct {
	Letter  string    `json:"letter"`
	Number  int       `json:"number"`
	Version string    `json:"version"`
	Date    time.Time `json:"date"`
	URL     string    `json:"url"`
	Whole   bool      `json:"whole"`
}

// A checkLine is what was found of one file, "" for the ZIP file itself.
type checkLine struct {
	File   string `json:"file"`
	Result string `json:"result"`
	What   string `json:"what"`
	Proves string `json:"proves,omitempty"`
	ButNot string `json:"but_not,omitempty"`
}

// errNoBundle says that a file is none.
var errNoBundle = errors.New("is no bundle of evidence")

// limits of a bundle: it holds pictures, and at most a few hundred files.
var bundleLimits = wacz.Limits{Files: 5000, File: 2 << 30, Total: 8 << 30}

// maxListed is how many snapshots a manifest may list. Each may be looked for in all records of its exhibit.
const maxListed = 1000

// A verifier checks one bundle.
type verifier struct {
	parts    attachments
	zip      *wacz.Zip
	out      verification
	sums     map[string]snapshots.Hash
	hashes   map[string]snapshots.Hash // of the files, as they are
	bad      map[string]bool
	manifest *manifest
	leaves   map[string][]byte            // what the ledger hashes of the records in the captures, by ID
	stood    map[string]string            // the capture that a record stands in
	taken    map[snapshots.Hash]bool      // the records of others in the capture that is being checked
	pages    []wacz.Page                  // of that capture
	proved   map[string]bool              // records that stand in the ledger
	signed   bool                         // so does the checkpoint, by its key
	stamped  bool                         // and somebody vouches for its time
	examined map[string]*archive.Examined // its snapshots that are whole, by ID
	ctx      context.Context              // ends when no more time is spent on reading texts again
}

// verifyBundle checks the bundle in f.
func verifyBundle(name string, parts attachments) (*verification, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s %w", name, errNoBundle)
	}
	v := &verifier{parts: parts, out: verification{Schema: verificationSchema, File: name, Exhibits: []verified{}, Checks: []checkLine{}, NotProved: []string{}},
		hashes: map[string]snapshots.Hash{}, bad: map[string]bool{}, leaves: map[string][]byte{}, proved: map[string]bool{}, stood: map[string]string{}}
	var cancel context.CancelFunc
	v.ctx, cancel = context.WithTimeout(context.Background(), rereadTime)
	defer cancel()
	if v.out.SHA256, err = hashFile(name); err != nil {
		return nil, err
	}
	if v.zip, err = wacz.OpenZip(f, info.Size(), bundleLimits); err != nil {
		return v.unopened(f, err)
	}
	if !v.zip.Has(sumsName) && !v.zip.Has(manifestName) && !strings.HasPrefix(v.zip.Comment, commentPrefix) {
		return v.unopened(f, errors.New("it holds neither a manifest nor SHA256SUMS")) // one that was cut short ends in a capture, which is a ZIP file, too
	}
	v.container(f, info.Size())
	v.files()
	v.contents()
	return &v.out, nil
}

// unopened tells a bundle that was cut short, or whose directory is damaged, from another file.
func (v *verifier) unopened(f io.ReaderAt, why error) (*verification, error) {
	head := make([]byte, 64)
	n, _ := f.ReadAt(head, 0)                                  // a short file is none
	if !bytes.Contains(head[:n], []byte("A-1_capture.wacz")) { // the first file
		return nil, fmt.Errorf("%s %w: %w", v.out.File, errNoBundle, why)
	}
	v.damaged("", "the ZIP file cannot be read, so nothing in it can be checked: %v", why)
	return &v.out, nil
}

func (v *verifier) damaged(file, format string, args ...any) {
	v.out.Damaged, v.bad[file] = true, true
	v.out.Checks = append(v.out.Checks, checkLine{File: file, Result: resultDamaged, What: fmt.Sprintf(format, args...)})
}

func (v *verifier) note(file, what string) {
	v.out.Checks = append(v.out.Checks, checkLine{File: file, Result: resultNote, What: what})
}

func (v *verifier) ok(file, what, proves, butNot string) {
	v.out.Checks = append(v.out.Checks, checkLine{File: file, Result: resultOK, What: what, Proves: proves, ButNot: butNot})
}

// container checks the bytes of the ZIP file that belong to no file in it.
func (v *verifier) container(f io.ReaderAt, size int64) {
	end := make([]byte, 22)
	_, err := f.ReadAt(end, size-22)
	if v.zip.Comment == "" && err == nil && bytes.HasPrefix(end, []byte("PK\x05\x06")) {
		v.note("", "was packed anew, by another program: its files are judged by their hashes alone")
		return
	}
	switch where, same := v.zip.Compare(); {
	case same:
	case where == "":
		v.damaged("", "the directory at the end of the ZIP file is not as it was written")
	default:
		v.damaged(where, "the ZIP file is not as it was written at this file, or directly before it")
	}
}

// files compares each file with SHA256SUMS and with the manifest. Where these two disagree, the comment of the ZIP file and the file
// itself decide which of them is damaged.
func (v *verifier) files() {
	for _, name := range v.zip.Names() {
		hash, err := v.hash(name)
		if err != nil {
			v.hashes[name] = "?"
			v.damaged(name, "cannot be read: %v", err)
			continue
		}
		v.hashes[name] = hash
	}
	v.readSums()
	v.readManifest()
	wanted := map[string][2]snapshots.Hash{} // by SHA256SUMS, by the manifest
	for name, h := range v.sums {
		wanted[name] = [2]snapshots.Hash{h, ""}
	}
	if v.manifest != nil {
		for _, f := range v.manifest.Files {
			wanted[f.Path] = [2]snapshots.Hash{wanted[f.Path][0], f.SHA256}
		}
	}
	for name := range v.hashes {
		if _, ok := wanted[name]; !ok && name != sumsName && name != manifestName && !v.bad[name] {
			v.unlisted(name)
		}
	}
	for _, name := range sortedNames(wanted) {
		v.judge(name, wanted[name][0], wanted[name][1])
	}
}

// hash is the SHA-256 of a file.
func (v *verifier) hash(name string) (snapshots.Hash, error) {
	r, err := v.zip.Open(name)
	if err != nil {
		return "", err
	}
	defer r.Close()
	return hashOf(r)
}

var sumLine = regexp.MustCompile(`^([0-9a-f]{64})  (\S.*)$`)

// readSums reads SHA256SUMS, if it is the one that the comment of the ZIP file names.
func (v *verifier) readSums() {
	v.sums = map[string]snapshots.Hash{}
	if !v.zip.Has(sumsName) {
		v.damaged(sumsName, "is missing")
		return
	}
	b, err := v.zip.Read(sumsName, 4<<20)
	if err != nil {
		if !v.bad[sumsName] {
			v.damaged(sumsName, "cannot be read: %v", err)
		}
		return
	}
	want, ok := strings.CutPrefix(v.zip.Comment, commentPrefix)
	if !ok && v.zip.Comment != "" {
		v.damaged("", "the comment of the ZIP file is not as it was written")
	}
	if ok && want != string(snapshots.HashOf(b)) {
		if v.agrees(b) {
			v.damaged("", "the comment of the ZIP file names another SHA256SUMS")
		} else {
			v.damaged(sumsName, "is another one than the comment of the ZIP file names")
			return
		}
	}
	for line := range strings.Lines(string(b)) {
		m := sumLine.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil || !strings.HasSuffix(line, "\n") || v.sums[m[2]] != "" || len(v.sums) >= bundleLimits.Files {
			v.damaged(sumsName, "holds a line that is none of a list of hashes: %q", line[:min(len(line), 80)])
			return
		}
		v.sums[m[2]] = snapshots.Hash(m[1])
	}
}

// agrees reports whether SHA256SUMS is what follows from the files.
func (v *verifier) agrees(sums []byte) bool {
	var files []bundledFile
	for name, h := range v.hashes {
		if name != sumsName {
			files = append(files, bundledFile{Path: name, SHA256: h})
		}
	}
	return bytes.Equal(sumsOf(files), sums)
}

func (v *verifier) readManifest() {
	b, err := v.zip.Read(manifestName, 64<<20)
	if err != nil {
		return // judge says so
	}
	if want := v.sums[manifestName]; want != "" && want != v.hashes[manifestName] && !v.bad[sumsName] {
		return // judge says so; what it lists may be wrong
	}
	m := new(manifest)
	if err := json.Unmarshal(b, m); err != nil || m.Format != bundleFormat {
		v.damaged(manifestName, "cannot be read, or is of another format than %s", bundleFormat)
		return
	}
	snapshots, records := 0, 0
	for _, e := range m.Exhibits {
		snapshots += len(e.Snapshots)
		for _, s := range e.Snapshots {
			records += len(s.Records)
		}
		if e.Opinions != nil {
			records += len(e.Opinions.Records)
		}
	}
	if len(m.Exhibits) > maxExhibits || len(m.Files) > bundleLimits.Files || snapshots > maxListed || records > 50*maxListed {
		v.damaged(manifestName, "lists more than a bundle holds: %d files, %d exhibits, %d snapshots, %d records", len(m.Files), len(m.Exhibits), snapshots, records)
		return
	}
	v.manifest = m
}

// unlisted names a file that no list knows.
func (v *verifier) unlisted(name string) {
	for other, h := range v.sums {
		if h == v.hashes[name] && other != name {
			v.damaged(name, "is listed nowhere; its content is that of %s", other)
			return
		}
	}
	if len(v.sums) > 0 || v.manifest != nil {
		v.damaged(name, "is listed nowhere: it was put in later")
	}
}

// whole says that a file is as it was written, and what files of its kind show.
func (v *verifier) whole(name string) {
	var shows [2]string
	if v.manifest != nil {
		if i := slices.IndexFunc(v.manifest.Files, func(f bundledFile) bool { return f.Path == name }); i >= 0 {
			shows = roleProves[v.manifest.Files[i].Role]
		}
	}
	v.ok(name, "is as it was written", shows[0], shows[1])
}

// judge compares a file with what the two lists say of it, each "" if it says nothing.
func (v *verifier) judge(name string, sum, listed snapshots.Hash) {
	have, there := v.hashes[name]
	switch {
	case v.bad[name]:
	case !there:
		v.damaged(name, "is missing")
	case have == sum && (have == listed || name == manifestName || v.manifest == nil):
		if name != manifestName {
			v.whole(name)
		}
	case have == sum && !v.bad[manifestName]:
		v.damaged(manifestName, "says another hash of %s than SHA256SUMS, which matches the file", name)
	case have == listed && !v.bad[sumsName]:
		v.damaged(sumsName, "says another hash of %s than the manifest, which matches the file", name)
	case have == sum || have == listed:
		v.whole(name)
	case sum == "" && listed == "":
	default:
		for other, h := range v.sums {
			if h == have && other != name {
				v.damaged(name, "was changed: its content is that of %s", other)
				return
			}
		}
		v.damaged(name, "was changed: its SHA-256 is %s", have)
	}
}

// contents checks what is within the files that are as they were written.
func (v *verifier) contents() {
	if v.manifest == nil || v.bad[manifestName] {
		return
	}
	m := v.manifest
	v.out.Terms, v.out.NotProved = m.Terms, append([]string{}, m.NotProved...)
	if len(m.Exhibits) == 0 || len(m.Exhibits) > maxExhibits {
		v.damaged(manifestName, "lists %d exhibits", len(m.Exhibits))
		return
	}
	for i := range m.Exhibits {
		if letter := string(rune('A' + i)); m.Exhibits[i].Letter != letter {
			v.damaged(manifestName, "calls an exhibit %q that should be %s", m.Exhibits[i].Letter, letter)
			return
		}
	}
	for i := range m.Exhibits {
		v.exhibit(&m.Exhibits[i])
		v.opinions(&m.Exhibits[i])
	}
	v.proofs()
	if !v.bad[manifestName] {
		v.ok(manifestName, "is as it was written, and what it says of the captures is what their records say", "what the file holds, and where it is from", "who wrote it")
	}
	if !v.bad[sumsName] {
		v.ok(sumsName, "matches every file", "that no file was changed, left out or put in since the export", "who made the export")
	}
}
