// Package snapshots holds the records that drittland keeps: declarations, captures, snapshots,
// documents and versions, their identifiers and their canonical encoding. FORMAT.md beside this
// file describes the archive that stores them. The package imports only the standard library.
package snapshots

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// A Declaration is what a user asks to have tracked: the sources of one type of terms of one service.
type Declaration struct {
	Service   string        `json:"service"`
	TermsType string        `json:"terms_type"`         // Open Terms Archive's words, such as "Privacy Policy"
	Sources   []Source      `json:"sources"`            // the pages that make up the text, in its order; mostly one
	Past      []Past        `json:"past,omitempty"`     // how it was published before
	Every     time.Duration `json:"every,omitempty"`    // how often it is due; 0 means the default of the run
	Schedule  string        `json:"schedule,omitempty"` // when it is due, in the place of Every: a cron expression, or a word such as "weekly"
	Added     time.Time     `json:"added"`
	Removed   time.Time     `json:"removed,omitzero"` // history stays when tracking ends
}

// A Past is how terms were published until a time. Snapshots that are not younger, of the address of its first source, are read by it.
type Past struct {
	Until   time.Time `json:"until"`
	Sources []Source  `json:"sources"`
}

// A Source is one address and the selectors within its page.
type Source struct {
	URL     string   `json:"url"`
	Select  []string `json:"select,omitempty"`  // CSS selectors of the parts to read; none means the main content
	Remove  []string `json:"remove,omitempty"`  // CSS selectors of the parts to leave out
	Lang    string   `json:"lang,omitempty"`    // wanted language
	Render  string   `json:"render,omitempty"`  // when a browser reads the page: "auto", "always" or "never"; empty means auto
	Annexes []string `json:"annexes,omitempty"` // pages that belong to the policy whether a clause links them or not

	SelectRanges []Range  `json:"select_ranges,omitempty"` // parts to read, beside those of Select
	RemoveRanges []Range  `json:"remove_ranges,omitempty"` // parts to leave out, beside those of Remove
	Normalise    []string `json:"normalise,omitempty"`     // steps that take out what changes with each visit, see package extract
}

// Selects reports whether s names the parts to read.
func (s Source) Selects() bool { return len(s.Select)+len(s.SelectRanges) > 0 }

// A Range is the part of a page between the first elements that two CSS selectors match. One of the first two fields and one
// of the last two are set (Open Terms Archive's range selectors).
type Range struct {
	StartBefore string `json:"start_before,omitempty"` // it begins with the element
	StartAfter  string `json:"start_after,omitempty"`  // it begins behind the element
	EndBefore   string `json:"end_before,omitempty"`   // it ends before the element
	EndAfter    string `json:"end_after,omitempty"`    // it ends with the element
}

// String is r in words, such as "from h1 up to #footer".
func (r Range) String() string {
	start, end := "from "+r.StartBefore, " up to "+r.EndBefore
	if r.StartAfter != "" {
		start = "behind " + r.StartAfter
	}
	if r.EndAfter != "" {
		end = " through " + r.EndAfter
	}
	return start + end
}

// A Validator is what a server said of a page that it sent whole, to be asked later whether the page has changed.
type Validator struct {
	Snapshot     string    // ID of the snapshot that holds the body
	URL          string    // that gave the page, after redirects
	At           time.Time // when it was sent whole
	Language     string    // that was asked for, the header Accept-Language
	ETag         string    // as given, may be empty
	LastModified string    // as given, may be empty
}

// Terms name one line of history: a service and a type of terms.
type Terms struct {
	Service string `json:"service"`
	Type    string `json:"terms_type"`
}

func (t Terms) String() string { return t.Service + " · " + t.Type }

// A Hash is a lower-case hexadecimal SHA-256.
type Hash string

// HashOf is the SHA-256 of b.
func HashOf(b []byte) Hash {
	s := sha256.Sum256(b)
	return Hash(hex.EncodeToString(s[:]))
}

// Encode is the canonical encoding of a record: JSON with the fields in the order of the Go type,
// no HTML escaping, no white space. Same record, same bytes.
func Encode(v any) ([]byte, error) {
	var buf jsonBuffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode %T: %w", v, err)
	}
	return buf[:len(buf)-1], nil // without the line feed that json.Encoder adds
}

type jsonBuffer []byte

func (b *jsonBuffer) Write(p []byte) (int, error) { *b = append(*b, p...); return len(p), nil }

// A Cause says why a derived record differs from the one before it.
type Cause string

// The causes of a version.
const (
	First   Cause = "first"   // the first version of its terms
	TermsCh Cause = "terms"   // the service changed its text
	Reading Cause = "reading" // we changed a selector, the extractor or a rule
	Law     Cause = "law"     // the legal data changed while the text stood still
)

// An Exchange is one request and its response as they went over the wire.
type Exchange struct {
	URL           string    // absolute, as requested
	Started       time.Time // when the request was sent
	Ended         time.Time // when the last byte of the response was read
	RemoteIP      string    // address without port
	DNS           []string  // addresses that the name was looked up as, at most 16; none for an address in figures, or through a proxy
	Clock         string    // what the machine knew of its clock: "synchronised, max-error=12ms", "not synchronised", "" for nothing
	Program       string    // that fetched, with its version
	Protocol      string    // such as "http/1.1"
	TLS           string    // such as "tls/1.3", empty for plain HTTP
	Cipher        string    // such as "TLS_AES_128_GCM_SHA256", empty for plain HTTP
	TLSChain      []byte    // PEM, leaf first; empty for plain HTTP
	Proxy         string    // scheme of the proxy that the exchange went through, empty without one: RemoteIP is not known then
	Timing        Timing    // how long each part took
	Reconstructed bool      // the protocol has no text of its own (HTTP/2): the heads of Request and Response are written as those of HTTP/1.1
	Request       []byte    // exact bytes
	Response      []byte    // exact bytes: status line, headers, body as received
}

// A Timing says how long the parts of an exchange took. A part that did not happen, such as a look-up of an address, is 0.
type Timing struct {
	DNS       time.Duration // to look up the name
	Connect   time.Duration // to connect, to the proxy if there is one
	TLS       time.Duration // to shake hands
	FirstByte time.Duration // from sending the request to the first byte of the response
	Total     time.Duration // from the look-up to the last byte
}

// A Capture is one fetch in hand: the chain of exchanges from the asked address to the final one,
// and the decoded body of the last.
type Capture struct {
	Terms     Terms
	AnnexOf   string     // address of the policy page that refers to this one; empty for the policy itself
	URL       string     // asked for
	FinalURL  string     // after redirects
	At        time.Time  // when the first request was sent
	Exchanges []Exchange // in order; the last one holds the body
	Status    int        // of the last response
	MediaType string     // of the last response, without parameters
	Charset   string     // as declared by the response, may be empty
	Body      []byte     // of the last response, content encoding and transfer encoding removed
	Rendering *Rendering // if the page was read with a browser: Body is its HTML, Status and FinalURL are those it saw
	Revisits  string     // if the last response says "not modified" (304): the snapshot ID of the page that was not
}

// A Rendering is what a browser made of a page, after its scripts had run.
type Rendering struct {
	Browser    string    // name and version, such as "Chromium 148.0.7778.167"
	URL        string    // of the document when it was read
	At         time.Time // when it was read
	Status     int       // of the document's response
	HTML       []byte    // the document as it stood then, UTF-8
	Screenshot []byte    // PNG of the whole page; nil if it could not be had
	PDF        []byte    // nil if it could not be had
	Cut        bool      // the page goes on below the end of the screenshot
	Notes      []string  // what was refused to the page or could not be had, in words for a person
}

// Use makes r the body of c.
func (c *Capture) Use(r *Rendering) {
	c.Rendering, c.Body, c.Status, c.FinalURL = r, r.HTML, r.Status, r.URL
	c.MediaType, c.Charset = "text/html", "utf-8"
}

// An Attempt is a capture that failed: what is known of a source at a time at which it could not be had.
type Attempt struct {
	Terms    Terms     `json:"terms"`
	URL      string    `json:"url"`                // asked for
	AnnexOf  string    `json:"annex_of,omitempty"` // snapshot ID of the policy that refers to the page
	At       time.Time `json:"at"`                 // UTC, when it was known to have failed
	Kind     string    `json:"kind"`               // as package fetch classes failures: "gone", "blocked" …
	Status   int       `json:"status,omitempty"`   // of the last response
	Why      string    `json:"why"`                // in words
	Snapshot string    `json:"snapshot,omitempty"` // ID of the snapshot of what the server said, if it said anything
	Again    time.Time `json:"again,omitzero"`     // before which the server asks not to be asked again
}

// A Telling is what was found in the last version of a line when somebody was told of it, by the rules of that day. It cannot be computed again.
type Telling struct {
	Terms    Terms     `json:"terms"`
	Variant  string    `json:"variant,omitempty"` // of the line, empty for the wanted text
	At       time.Time `json:"at"`                // UTC
	Snapshot string    `json:"snapshot"`          // ID of the snapshot of the version
	Findings []string  `json:"findings"`          // IDs of all that was found

	// If the text was read again, and that brought findings to light:
	Appeared []string  `json:"findings_appeared,omitempty"`
	Since    string    `json:"since_snapshot,omitempty"` // of the first version of those to the last in which all of them are found
	Date     time.Time `json:"since,omitzero"`           // of that version
	Alert    bool      `json:"alert,omitempty"`          // whether one of them is a warning or worse
}

// An Erasure says that the content of snapshots was taken out of the archive for good, so that what is missing is not taken for damage.
type Erasure struct {
	At        time.Time `json:"at"`                  // UTC
	Why       string    `json:"why"`                 // in words, at most MaxWhy bytes; it can never be erased itself
	Snapshots []string  `json:"snapshots,omitempty"` // IDs of those that have no content any more
	Records   []string  `json:"records,omitempty"`   // IDs of the records of which the head alone is left
}

// MaxWhy is the longest reason of an erasure, in bytes.
const MaxWhy = 1000

// A Snapshot is a capture or an import at rest: one entry of the archive's evidence.
type Snapshot struct {
	ID        string    `json:"id"` // "urn:uuid:…": of a capture's entry record, or of an import's line; see FORMAT.md
	Terms     Terms     `json:"terms"`
	AnnexOf   string    `json:"annex_of,omitempty"` // snapshot ID of the policy that refers to this page
	URL       string    `json:"url,omitempty"`
	FinalURL  string    `json:"final_url,omitempty"`
	At        time.Time `json:"at"` // UTC
	Status    int       `json:"status,omitempty"`
	MediaType string    `json:"media_type"`
	Charset   string    `json:"charset,omitempty"`
	Body      Hash      `json:"body"`               // of the decoded body
	Size      int       `json:"size"`               // of the decoded body, bytes
	Rendered  string    `json:"rendered,omitempty"` // name and version of the browser that the body comes from
	Revisits  string    `json:"revisits,omitempty"` // of a page that was not modified (304): the snapshot ID whose body and media type this is
	Origin    *Origin   `json:"origin,omitempty"`

	ThirdParty *ThirdParty `json:"third_party,omitempty"` // set if others captured the page
}

// A ThirdParty is where a capture that others made comes from, and whether it is as they wrote it. What it says of a page, and when, is
// their word.
type ThirdParty struct {
	File     string   `json:"file"`             // name of the file, without folders
	SHA256   Hash     `json:"sha256"`           // of the file
	Within   string   `json:"within,omitempty"` // the WARC file within a WACZ file
	Record   string   `json:"record"`           // WARC-Record-ID of the record of the page
	Filename string   `json:"warc_filename,omitempty"`
	Software string   `json:"software,omitempty"` // by the warcinfo record, as are WARC-Filename and operator
	Operator string   `json:"operator,omitempty"`
	Digests  string   `json:"digests"`          // "agree"; "none" if the file states none; "disagree"
	Faults   []string `json:"faults,omitempty"` // what is damaged and was accepted
}

// An Origin is where an imported snapshot comes from.
type Origin struct {
	Repo      string `json:"repo"`   // name of the collection
	Commit    string `json:"commit"` // full hash
	Path      string `json:"path"`   // within the repository
	Technical bool   `json:"technical,omitempty"`
	Subject   string `json:"subject,omitempty"` // first line of the commit message
	Deleted   bool   `json:"deleted,omitempty"` // the commit removed the text
}

// An Annex is a page that a clause refers to, read together with the policy.
type Annex struct {
	Snapshot string `json:"snapshot"`
	URL      string `json:"url"`
	Document Hash   `json:"document,omitempty"` // empty if it could not be read
	Problem  string `json:"problem,omitempty"`  // why it could not be read
	Gone     bool   `json:"gone,omitempty"`     // the server says that there is no such page
}

// A Part is a further page that a document was read from.
type Part struct {
	Snapshot string `json:"snapshot"`
	URL      string `json:"url"`
	Span     Span   `json:"span"` // of its words in the document
}

// A Version is a recorded document of some terms. Its ID is derived from its content:
// the same snapshot read the same way has the same ID on every machine.
type Version struct {
	ID        string    `json:"id"`
	Terms     Terms     `json:"terms"`
	Snapshot  string    `json:"snapshot"`
	Date      time.Time `json:"date"` // when the snapshot was taken, UTC
	Document  Hash      `json:"document"`
	Language  string    `json:"language,omitempty"`
	Variant   string    `json:"variant,omitempty"` // language, and region, of a text other than the wanted one, such as "en-US"; it stands in a line of its own
	Parts     []Part    `json:"parts,omitempty"`   // the further pages that the document was read from, in its order
	Annexes   []Annex   `json:"annexes,omitempty"`
	Cause     Cause     `json:"cause"`
	Previous  string    `json:"previous,omitempty"` // ID of the version before it in the same terms and variant
	Origin    *Origin   `json:"origin,omitempty"`
	Others    bool      `json:"third_party,omitempty"` // others captured the snapshot
	Reader    string    `json:"reader"`                // name and version of the extractor
	Refused   string    `json:"refused,omitempty"`     // why the snapshot is not a version of these terms; it is kept as a capture only
	RefusedAs string    `json:"refused_as,omitempty"`  // the class of the refusal, such as "not a policy"; empty if the text is merely unchanged
	Notes     []string  `json:"notes,omitempty"`       // what a reader of the version should know about how it was read
}

// Identify sets v.ID to the first 16 hexadecimal digits of the hash of everything else in it.
func (v *Version) Identify() error {
	v.ID = ""
	b, err := Encode(v)
	if err != nil {
		return err
	}
	v.ID = string(HashOf(b)[:16])
	return nil
}
