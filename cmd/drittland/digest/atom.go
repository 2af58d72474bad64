package digest

// Atom (RFC 4287): an entry for each thing that happened, with an id that stays when everything is derived anew.

import (
	"crypto/sha256"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// A Feed says how a feed is called and where it is published.
type Feed struct {
	Name     string // "" for that of the list
	Self     string // address at which it is published; "" if that is not known
	Newest   int    // how many entries, the newest; 0 for all
	Versions bool   // versions with findings or changed facts alone
}

// The elements of RFC 4287 that are written, in the order in which they stand.
type (
	atomFeed struct {
		XMLName   xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		Lang      string      `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
		ID        string      `xml:"id"`
		Title     string      `xml:"title"`
		Subtitle  string      `xml:"subtitle,omitempty"`
		Updated   string      `xml:"updated"`
		Author    atomName    `xml:"author"`
		Generator string      `xml:"generator"`
		Links     []atomLink  `xml:"link"`
		Entries   []atomEntry `xml:"entry"`
	}
	atomEntry struct {
		ID         string         `xml:"id"`
		Title      string         `xml:"title"`
		Published  string         `xml:"published"`
		Updated    string         `xml:"updated"`
		Links      []atomLink     `xml:"link"`
		Categories []atomCategory `xml:"category"`
		Content    atomContent    `xml:"content"`
	}
	atomName struct {
		Name string `xml:"name"`
	}
	atomLink struct {
		Rel  string `xml:"rel,attr"`
		Type string `xml:"type,attr,omitempty"`
		Href string `xml:"href,attr"`
	}
	atomCategory struct {
		Term   string `xml:"term,attr"`
		Scheme string `xml:"scheme,attr,omitempty"`
		Label  string `xml:"label,attr,omitempty"`
	}
	atomContent struct {
		Type string `xml:"type,attr"`
		Body string `xml:",chardata"`
	}
)

// The schemes of categories.
const (
	schemeService = "tag:drittland.invalid,2026:service"
	schemeLevel   = "tag:drittland.invalid,2026:level"
	schemeCheck   = "tag:drittland.invalid,2026:check"
)

// Atom writes the news of a digest as a feed, the newest first.
func Atom(w io.Writer, d *Digest, f Feed) error {
	b := newBuilder(d, true)
	found, changed := b.versions()
	list := slices.Concat(found, changed)
	if !f.Versions {
		list = slices.Concat(list, b.announced(), b.lawDays(), b.decisions(), b.unverified())
	}
	slices.SortStableFunc(list, func(x, y *entry) int { return y.day.Compare(x.day) })
	ids := map[string]bool{}
	list = slices.DeleteFunc(list, func(e *entry) bool {
		twice := ids[e.id]
		ids[e.id] = true
		return twice
	})
	if f.Newest > 0 {
		list = list[:min(len(list), f.Newest)]
	}
	feed := atomFeed{Lang: b.Language(), Title: b.title(f), Updated: stamp(d.From), Author: atomName{"drittland"}, Generator: "drittland", Links: []atomLink{}}
	feed.ID = idOf("feed", clip(f.Name, nameRunes), d.List)
	if !f.Versions {
		feed.ID, feed.Subtitle = idOf("digest", d.called(), d.Period), b.gist()
	}
	if f.Self != "" {
		feed.Links = append(feed.Links, atomLink{"self", "application/atom+xml", f.Self})
	}
	if u := link(d.ReviewURL); u != "" {
		feed.Links = append(feed.Links, atomLink{"alternate", "text/html", u})
	}
	last := d.From
	for _, e := range list {
		x, err := b.atom(e)
		if err != nil {
			return err
		}
		if e.day.After(last) {
			last = e.day
		}
		feed.Entries = append(feed.Entries, x)
	}
	feed.Updated = stamp(last)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(feed); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// title is that of a feed.
func (b *builder) title(f Feed) string {
	switch {
	case f.Name != "":
		return "drittland: " + clip(f.Name, nameRunes)
	case !f.Versions:
		return "drittland: " + clip(b.d.Period, nameRunes)
	}
	return "drittland: " + b.T("changes and findings")
}

// atom is an entry of a feed.
func (b *builder) atom(e *entry) (atomEntry, error) {
	var body strings.Builder
	v := &view{Words: b.Words}
	if err := templates(b.Words).ExecuteTemplate(&body, "entry.html", entryPage{v, e}); err != nil {
		return atomEntry{}, err
	}
	title := e.service + ": " + e.What
	if len(e.Says) > 0 {
		title += ": " + e.Says[0]
	}
	x := atomEntry{ID: e.id, Title: clip(title, noteRunes), Published: stamp(e.day), Updated: stamp(e.day), Content: atomContent{"html", body.String()},
		Categories: []atomCategory{{Term: e.service, Scheme: schemeService}}}
	if e.Level != "" {
		x.Categories = append(x.Categories, atomCategory{e.Level, schemeLevel, e.Said})
	}
	for _, f := range e.Findings {
		if c := (atomCategory{f.ID, schemeCheck, f.Title}); !slices.Contains(x.Categories, c) {
			x.Categories = append(x.Categories, c)
		}
	}
	if e.Review != "" {
		x.Links = append(x.Links, atomLink{"alternate", "text/html", e.Review})
	}
	return x, nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// idOf is a URN (a UUID of version 8, RFC 9562) of what names a thing for all time.
func idOf(parts ...string) string {
	u := sha256.Sum256([]byte("drittland\x00" + strings.Join(parts, "\x00")))
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", u[0:4], u[4:6], u[6:8], u[8:10], u[10:16])
}
