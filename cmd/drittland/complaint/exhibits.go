package complaint

// Exhibits: what is shown of each recorded version, under which number, and the SHA-256 of what it was made from. The draft and
// the filing set number them alike, because both ask here.

import (
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/snapshots"
)

// MaxRecordings is how many versions one draft or filing set can hold: each has a letter.
const MaxRecordings = 10

// A Recording is one version of some terms with what the evidence holds of it.
type Recording struct {
	Letter     string // of its exhibits: "A" for the first
	Number     string // of the version, as the log gives it: "3", or "de:1" of a variant
	Version    snapshots.Version
	Snapshot   snapshots.Snapshot
	Document   *snapshots.Document
	Body       []byte
	BodyRecord string   // identifier of the record that holds the body, "" for an import
	Records    []Record // in the order written
	Client     string   // User-Agent of the last request, "" if not known
	Server     string   // address that answered last, without port, "" if not known
	Screenshot []byte   // PNG, nil if there is none
	PDF        []byte   // the page as the browser printed it, nil if there is none
	Browser    string   // that made the two
	Linked     []Linked
}

// A Record is one record of the evidence.
type Record struct {
	ID     string `json:"id"`
	Type   string `json:"type"`
	URI    string `json:"uri,omitempty"`
	Date   string `json:"date"` // UTC
	Server string `json:"server,omitempty"`
	Status string `json:"status,omitempty"` // first line of a request or a response
	Digest string `json:"block_digest"`
}

// A Linked page is one that the text refers to and that was captured with it, or that it goes on in.
type Linked struct {
	Snapshot snapshots.Snapshot
	Document *snapshots.Document // nil if it could not be read
	Body     []byte
}

// An ExhibitKind says what an exhibit shows.
type ExhibitKind string

// The kinds of exhibits.
const (
	Page       ExhibitKind = "page"
	Screenshot ExhibitKind = "screenshot"
	Print      ExhibitKind = "print" // a PDF that stays as it is, behind a cover
	LinkedPage ExhibitKind = "linked-page"
	Redline    ExhibitKind = "redline"
	Log        ExhibitKind = "capture-log"
)

// An Original is what an exhibit was made from.
type Original struct {
	Name   string // of the file that holds it in a filing set
	SHA256 snapshots.Hash
	Bytes  []byte
}

// An Exhibit is one numbered thing that is shown.
type Exhibit struct {
	Number    string // "A-1"
	Kind      ExhibitKind
	Of        *Recording  // nil for the log; the newer one for a redline
	Old       *Recording  // of a redline
	Linked    *Linked     // of a linked page
	Originals []Original  // two for a redline
	All       []Recording // of the log
}

// Name is the name of its file without what follows the dot.
func (e *Exhibit) Name() string { return e.Number + "_" + string(e.Kind) }

// Letters gives the recordings their letters, A to the oldest, as bundles do.
func Letters(list []Recording) {
	for i, r := range byDate(list) {
		r.Letter = string(rune('A' + i))
	}
}

// byDate are the recordings, the oldest first.
func byDate(list []Recording) []*Recording {
	out := make([]*Recording, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	slices.SortStableFunc(out, func(a, b *Recording) int { return a.Version.Date.Compare(b.Version.Date) })
	return out
}

// Exhibits numbers what there is to show of recordings that have their letters.
func Exhibits(list []Recording) ([]Exhibit, error) {
	var out []Exhibit
	sorted := byDate(list)
	for _, r := range sorted {
		out = append(out, exhibitsOf(r)...)
	}
	for i := 1; i < len(sorted); i++ {
		old, now := sorted[i-1], sorted[i]
		out = append(out, Exhibit{Number: fmt.Sprintf("R-%d", i), Kind: Redline, Of: now, Old: old, Originals: []Original{bodyOf(old), bodyOf(now)}})
	}
	b, err := logJSON(list)
	if err != nil {
		return nil, err
	}
	return append(out, Exhibit{Number: "L-1", Kind: Log, All: list, Originals: []Original{{"L-1_capture-log.json", snapshots.HashOf(b), b}}}), nil
}

func exhibitsOf(r *Recording) []Exhibit {
	var out []Exhibit
	add := func(k ExhibitKind, l *Linked, o Original) {
		e := Exhibit{Number: fmt.Sprintf("%s-%d", r.Letter, len(out)+1), Kind: k, Of: r, Linked: l}
		if o.Name = e.Name() + o.Name; o.SHA256 == "" {
			o.SHA256 = snapshots.HashOf(o.Bytes)
		}
		e.Originals = []Original{o}
		out = append(out, e)
	}
	add(Page, nil, Original{extension(r.Snapshot.MediaType), r.Snapshot.Body, r.Body})
	if r.Snapshot.MediaType == "application/pdf" {
		add(Print, nil, Original{"_original.pdf", r.Snapshot.Body, r.Body})
	}
	if len(r.Screenshot) > 0 {
		add(Screenshot, nil, Original{".png", "", r.Screenshot})
	}
	if len(r.PDF) > 0 {
		add(Print, nil, Original{"_original.pdf", "", r.PDF})
	}
	for i := range r.Linked {
		l := &r.Linked[i]
		add(LinkedPage, l, Original{extension(l.Snapshot.MediaType), l.Snapshot.Body, l.Body})
	}
	return out
}

// bodyOf is the original of the first exhibit of a recording.
func bodyOf(r *Recording) Original {
	return Original{r.Letter + "-1_" + string(Page) + extension(r.Snapshot.MediaType), r.Snapshot.Body, r.Body}
}

// extension is the end of the name of a file of a type, ".bin" if there is none that all know.
func extension(media string) string {
	media, _, _ = mime.ParseMediaType(media)
	known := map[string]string{"text/html": ".html", "application/xhtml+xml": ".html", "application/pdf": ".pdf", "text/plain": ".txt", "text/markdown": ".md",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx", "application/vnd.oasis.opendocument.text": ".odt"}
	if e, ok := known[media]; ok {
		return e
	}
	return ".bin"
}

// Shows says in one line what an exhibit shows.
func (e *Exhibit) Shows(w *locale.Words) []report.Run {
	page := func(s snapshots.Snapshot) report.Run {
		if s.URL == "" && s.Origin != nil {
			return report.Run{Kind: report.Said, Text: s.Origin.Path}
		}
		return report.Run{Kind: report.Web, Text: s.URL}
	}
	at := func(r *Recording) report.Run { return report.Run{Text: utc(r.Version.Date)} }
	number := func(r *Recording) report.Run { return report.Run{Text: r.Number} }
	switch e.Kind {
	case Page:
		if s := e.Of.Snapshot; s.Origin != nil || s.ThirdParty != nil {
			return report.Runs(w.T("the text of %s, version %s, as others recorded it on %s"), page(s), number(e.Of), at(e.Of))
		}
		return report.Runs(w.T("the text of %s, version %s, as received on %s"), page(e.Of.Snapshot), number(e.Of), at(e.Of))
	case Screenshot:
		return report.Runs(w.T("what a browser showed of %s, version %s, on %s"), page(e.Of.Snapshot), number(e.Of), at(e.Of))
	case Print:
		return report.Runs(w.T("%s, version %s, as a PDF of %s that is left as it is"), page(e.Of.Snapshot), number(e.Of), at(e.Of))
	case LinkedPage:
		return report.Runs(w.T("the text of %s, to which version %s refers, as received on %s"), page(e.Linked.Snapshot), number(e.Of), report.Run{Text: utc(e.Linked.Snapshot.At)})
	case Redline:
		return report.Runs(w.T("what changed from version %s of %s to version %s of %s"), number(e.Old), at(e.Old), number(e.Of), at(e.Of))
	}
	return report.Say(w.T("how each text was received: from which address, by which client, when, and its digests"))
}

func utc(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// A logged recording is what the capture log says of one.
type logged struct {
	Exhibit  string               `json:"exhibit"` // its letter
	Terms    snapshots.Terms      `json:"terms"`
	Version  string               `json:"version"` // ID
	Reader   string               `json:"reader"`
	Client   string               `json:"client,omitempty"`
	Server   string               `json:"server,omitempty"`
	Snapshot snapshots.Snapshot   `json:"snapshot"`
	Record   string               `json:"record,omitempty"` // that holds the body
	Records  []Record             `json:"records"`
	Linked   []snapshots.Snapshot `json:"linked"`
}

// logJSON is the capture log in its canonical encoding.
func logJSON(list []Recording) ([]byte, error) {
	out := make([]logged, 0, len(list))
	for i := range list {
		r := &list[i]
		l := logged{Exhibit: r.Letter, Terms: r.Version.Terms, Version: r.Version.ID, Reader: r.Version.Reader, Client: r.Client, Server: r.Server,
			Snapshot: r.Snapshot, Record: r.BodyRecord, Records: append([]Record{}, r.Records...), Linked: []snapshots.Snapshot{}}
		for _, x := range r.Linked {
			l.Linked = append(l.Linked, x.Snapshot)
		}
		out = append(out, l)
	}
	b, err := snapshots.Encode(out)
	if err != nil {
		return nil, fmt.Errorf("write the capture log: %w", err)
	}
	return append(b, '\n'), nil
}

// statusOf names a status with its usual reason.
func statusOf(code int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", code, http.StatusText(code)))
}
