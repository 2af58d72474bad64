package digest

// The view: a digest as people read it, in words, in order, and short. All forms but JSON are written from it.

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
)

// Bounds on what is told in full, so that a digest is read in five minutes. The rest is counted, by service.
const (
	mostEntries  = 10 // versions with findings, or with changed facts
	mostFindings = 12
	mostPairs    = 5 // of quoted words, before and after
	mostListed   = 5 // of any other section, and of what is counted
	mostAbreast  = 3 // findings of a version
	mostNames    = 20
	nameRunes    = 80 // of the name of a service, of terms, and the like
	quoteRunes   = 180
	noteRunes    = 120
	mostCommand  = 500 // bytes
)

// A Reader is who gets a digest by mail.
type Reader struct {
	Address     string
	Unsubscribe string // address, mailto: or https: URL; "" if there is none
}

// A view is a digest in words. All of it is clean (report.Line) and short.
type view struct {
	*locale.Words
	Title    string // "2026-W47"
	Gist     string
	Span     string // which days, in which zone, for which list
	Nothing  string // of a digest with nothing to tell
	Sections []section
	Foot     []string
	Leave    string // how to get it no longer
	LeaveURL string
	Review   string // address of the queue
}

// A section is one kind of news.
type section struct {
	Heading string
	Line    string // in place of entries
	Groups  []group
	More    []more
}

// A group is the news of one service.
type group struct {
	Service string
	Entries []*entry
}

// More counts what is not told in full.
type more struct{ Text, URL string }

// An entry is one thing that happened.
type entry struct {
	id       string // stable; see idOf
	day      time.Time
	service  string
	Level    string // error, warning, note, or alarm; "" for none
	Said     string // the level in words
	What     string // "Privacy Policy, version 2, 2026-11-17"
	Says     []string
	Page     string // address of what could not be had
	Pairs    []pair
	Findings []line
	Rest     string // findings that are not told
	Review   string
	Evidence string
}

// A pair is quoted words; either may be "".
type pair struct{ Before, After string }

// A line is one finding.
type line struct{ Level, Said, ID, Title, Articles, Quote, Decided string }

// A builder makes views.
type builder struct {
	*locale.Words
	d        *Digest
	zone     *time.Location
	whole    bool // nothing is left out, as in a feed
	findings int  // told so far
	pairs    int
}

func newBuilder(d *Digest, whole bool) *builder {
	zone, err := time.LoadLocation(d.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	return &builder{Words: locale.For(d.Language), d: d, zone: zone, whole: whole}
}

// newView puts a digest into words for a reader, who may be nobody.
func newView(d *Digest, to Reader) *view {
	b := newBuilder(d, false)
	v := &view{Words: b.Words, Title: clip(d.Period, nameRunes), Gist: b.gist(), Span: b.span(), Review: link(d.ReviewURL)}
	found, changed := b.versions()
	v.add(b.section(b.T("New findings"), found, mostEntries))
	v.add(b.section(b.T("Changed facts"), changed, max(mostEntries-len(found), mostListed)))
	v.add(b.section(b.T("Announced, not yet in force"), b.announced(), mostListed))
	v.add(b.section(b.T("Changes of the law"), b.lawDays(), mostListed))
	v.add(b.section(b.T("Decisions by reviewers"), b.decisions(), mostListed))
	switch {
	case d.Empty() && len(d.Quiet) > 0:
		v.add(section{Line: b.F("Services: %s.", b.names(d.Quiet))})
	case len(d.Quiet) > 0:
		v.add(section{Heading: b.T("Quiet"), Line: b.F("Nothing new: %s.", b.names(d.Quiet))})
	}
	v.add(b.section(b.T("Could not be verified"), b.unverified(), mostListed))
	if d.Empty() {
		v.Nothing = b.N("Nothing new in the texts of %s service; all could be verified.", "Nothing new in the texts of %s services; all could be verified.", len(d.Quiet))
		if len(d.Quiet) == 0 {
			v.Nothing = b.T("Nothing is followed: no text of this list was captured yet.")
		}
	} else {
		v.Foot = append(v.Foot, report.Disclaimer(b.Words))
	}
	v.leave(d, to)
	return v
}

func (v *view) add(s section) {
	if len(s.Groups)+len(s.More) > 0 || s.Line != "" {
		v.Sections = append(v.Sections, s)
	}
}

// leave says why a reader gets the digest, and how to get it no longer.
func (v *view) leave(d *Digest, to Reader) {
	if to.Address == "" {
		return
	}
	address := clip(to.Address, nameRunes)
	subject := "unsubscribe"
	switch list := clip(d.List, nameRunes); {
	case list == "":
		v.Foot = append(v.Foot, v.F("This mail goes to %s.", address))
	case d.Organisation == "":
		subject += " " + list
		v.Foot = append(v.Foot, v.F("This mail goes to %s, which is on the list %s.", address, list))
	default: // others may have a list of this name
		of := clip(d.Organisation, nameRunes)
		subject += " " + list + "." + of
		v.Foot = append(v.Foot, v.F("This mail goes to %s, which is on the list %s of %s.", address, list, of))
	}
	switch to := report.Line(to.Unsubscribe); {
	case to == "":
		v.Foot = append(v.Foot, v.T("To get it no longer, answer it and say so."))
		return
	case link(to) != "" || strings.HasPrefix(to, "mailto:"):
		v.LeaveURL = to
	default:
		v.LeaveURL = "mailto:" + url.PathEscape(to) + "?subject=" + strings.ReplaceAll(url.QueryEscape(subject), "+", "%20") // as in the head of the mail
	}
	v.Leave = v.T("Get it no longer")
}

// section gathers entries by service. What is more than most is counted.
func (b *builder) section(heading string, list []*entry, most int) section {
	s := section{Heading: heading}
	left, order := map[string][]*entry{}, []string{}
	for i, e := range list {
		if i >= most {
			if left[e.service] == nil {
				order = append(order, e.service)
			}
			left[e.service] = append(left[e.service], e)
			continue
		}
		k := slices.IndexFunc(s.Groups, func(g group) bool { return g.Service == e.service })
		if k < 0 {
			k, s.Groups = len(s.Groups), append(s.Groups, group{Service: e.service})
		}
		s.Groups[k].Entries = append(s.Groups[k].Entries, e)
	}
	others := 0
	for i, name := range order {
		if i >= mostListed {
			others += len(left[name])
			continue
		}
		s.More = append(s.More, more{b.F("%s: %s", name, b.N("%s more entry", "%s more entries", len(left[name]))), left[name][0].Review})
	}
	if others > 0 {
		s.More = append(s.More, more{b.F("Other services: %s", b.N("%s more entry", "%s more entries", others)), link(b.d.ReviewURL)})
	}
	return s
}
