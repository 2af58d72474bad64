package main

// The bundle: a ZIP file of exhibits, with a manifest and SHA256SUMS. snapshots/FORMAT.md describes it.

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/wacz"
)

const (
	bundleFormat  = "drittland/evidence/1"
	manifestName  = "manifest.json"
	sumsName      = "SHA256SUMS"
	verifyName    = "VERIFY.md"
	commentPrefix = "SHA256SUMS sha256:"
	maxExhibits   = 26 // letters
)

// The roles of files in a bundle.
const (
	roleCapture    = "capture"
	roleScreenshot = "screenshot"
	rolePage       = "page"
	roleText       = "text"
	roleExchanges  = "exchanges"
	roleOpinions   = "opinions"
	roleRedline    = "redline"
	roleFindings   = "findings"
	roleLog        = "log"
	roleProof      = "proof"
	roleCheckpoint = "checkpoint"
	roleKey        = "key"
	roleStamp      = "stamp"
	roleTool       = "tool"
	roleManual     = "manual"
)

// A bundledFile is one file of a bundle.
type bundledFile struct {
	Path    string         `json:"path"`
	SHA256  snapshots.Hash `json:"sha256"`
	Bytes   int            `json:"bytes"`
	Role    string         `json:"role"`
	Exhibit string         `json:"exhibit,omitempty"` // letter, or letters
	URL     string         `json:"url,omitempty"`     // of the page that it is of
	Record  string         `json:"record,omitempty"`  // ID of the record that it is of
}

// A manifest says what a bundle holds.
type manifest struct {
	Format    string          `json:"format"`
	Created   time.Time       `json:"created"`
	Software  string          `json:"software"`
	Terms     snapshots.Terms `json:"terms"`
	Exhibits  []exhibited     `json:"exhibits"`
	NotProved []string        `json:"not_proved"`
	Files     []bundledFile   `json:"files"` // without this one and SHA256SUMS
}

// An exhibited version is one with what it was read from.
type exhibited struct {
	Letter    string              `json:"letter"`
	Number    int                 `json:"number"` // of the version in its history
	Version   snapshots.Version   `json:"version"`
	Reading   *bundledReading     `json:"reading,omitempty"` // how its text was read; nil if that is not known any more
	Snapshots []exhibitedSnapshot `json:"snapshots"`         // of the policy, its further pages, its annexes
	Opinions  *exhibitedOpinions  `json:"opinions,omitempty"`
}

// records are the IDs of all records that an exhibit rests on, and of those with its opinions.
func (e *exhibited) records() (out []string) {
	for _, s := range e.Snapshots {
		out = append(out, s.Records...)
	}
	if e.Opinions != nil {
		out = append(out, e.Opinions.Records...)
	}
	return out
}

// An exhibitedSnapshot is one page of a version.
type exhibitedSnapshot struct {
	Snapshot   snapshots.Snapshot `json:"snapshot"`
	Role       string             `json:"role"`                 // "policy", "part" or "annex"
	Replay     string             `json:"replay"`               // the address under which the WACZ file shows it
	At         time.Time          `json:"at"`                   // of the record that it shows
	Records    []string           `json:"records"`              // IDs of the records that it rests on, as they stand in the archive
	Conversion *conversion        `json:"conversion,omitempty"` // if the record that is shown was made at export
}

// A conversion is a record that was made at export, so that a player can show what no response holds.
type conversion struct {
	Record string         `json:"record"` // its ID
	Of     string         `json:"of"`     // ID of the record that the body is decoded from
	Digest string         `json:"digest"` // of the block of that record, as it states
	Body   snapshots.Hash `json:"body"`   // of the decoded body
	Why    string         `json:"why"`
}

// A bundle is one that is being written.
type bundle struct {
	zip   *wacz.ZipWriter
	files []bundledFile
}

func newBundle(w io.Writer) *bundle { return &bundle{zip: wacz.NewZipWriter(w)} }

// add adds a file. Its path, role and what it is of are in f.
func (b *bundle) add(f bundledFile, content []byte) error {
	f.SHA256, f.Bytes = snapshots.HashOf(content), len(content)
	b.files = append(b.files, f)
	return b.zip.Add(f.Path, content)
}

// print adds a file that a writer prints.
func (b *bundle) print(f bundledFile, print func(io.Writer) error) error {
	var buf bytes.Buffer
	if err := print(&buf); err != nil {
		return fmt.Errorf("write %s: %w", f.Path, err)
	}
	return b.add(f, buf.Bytes())
}

// close adds the manifest and SHA256SUMS. The comment of the ZIP file holds the hash of the latter.
func (b *bundle) close(m manifest) error {
	m.Files = b.files
	var buf bytes.Buffer
	if err := report.JSON(&buf, m); err != nil {
		return err
	}
	if err := b.zip.Add(manifestName, buf.Bytes()); err != nil {
		return err
	}
	sums := sumsOf(append(slices.Clone(b.files), bundledFile{Path: manifestName, SHA256: snapshots.HashOf(buf.Bytes())}))
	if err := b.zip.Add(sumsName, sums); err != nil {
		return err
	}
	return b.zip.Close(commentPrefix + string(snapshots.HashOf(sums)))
}

// sumsOf is SHA256SUMS as sha256sum reads it, sorted by path.
func sumsOf(files []bundledFile) []byte {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b bundledFile) int { return strings.Compare(a.Path, b.Path) })
	var out bytes.Buffer
	for _, f := range files {
		fmt.Fprintf(&out, "%s  %s\n", f.SHA256, f.Path)
	}
	return out.Bytes()
}

// hashFile is the SHA-256 of a file.
func hashFile(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
