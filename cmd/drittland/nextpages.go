package main

// Next pages: the further pages of a text that its pages name themselves, by links that say "next page". Which they are is decided
// from what was captured, in the same way when it is captured and when it is read. A user who declares the pages is believed.

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/drittland/drittland/fetch"
	"github.com/drittland/drittland/fetch/extract"
	"github.com/drittland/drittland/snapshots"
)

// maxFollowed is the number of further pages to which links are followed.
const maxFollowed = 20

// A trail is the pages of a text as they are followed.
type trail struct {
	first string          // address of the first page
	seen  map[string]bool // names of the pages asked for and led to
	pages []string        // addresses of the further ones
	more  bool            // there is one behind the last that is followed
}

func newTrail(asked, final string) *trail {
	return &trail{first: final, seen: map[string]bool{pageName(asked): true, pageName(final): true}}
}

// next is the page that follows one that was read, "" at the end. Where pages lead in a circle, that is the end.
func (t *trail) next(from []string) string {
	for _, u := range from {
		if t.seen[pageName(u)] || !continues(t.first, u) {
			continue
		}
		if len(t.pages) == maxFollowed {
			t.more = true
			return ""
		}
		t.seen[pageName(u)] = true
		t.pages = append(t.pages, u)
		return u
	}
	return ""
}

// ledTo notes where the address of the last page led.
func (t *trail) ledTo(final string) { t.seen[pageName(final)] = true }

// pageName is an address without what servers write in several ways for one page.
func pageName(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return siteHost(u) + bare(u.Path) + "?" + u.RawQuery
}

var (
	pageWord     = regexp.MustCompile(`(?i)[-_.]?(?:page|part|p|seite|teil|pagina|partie|deel)?[-_.]?$`)
	pageKey      = regexp.MustCompile(`(?i)^(?:page|paged|p|pg|part|section|chapter|seite|teil|pagina|página|partie|deel)$`)
	privacyName  = regexp.MustCompile(`(?i)privacy|privat(?:e-?|ssf)?(?:politi|liv)|datenschutz|data-?protection|dataprotection|confidentialit|vie-privee|privacidad|privacidade|tietosuoja|integritet|personvern|persondata|prywatno|soukrom|s[uú]krom|adatv[eé]delm|zasebnost|privatumas|privaatsus`)
	otherName    = regexp.MustCompile(`(?i)cookie|terms|conditions|agb|impressum|imprint|legal-?notice|mentions|subprocessor|sub-processor|\bdpa\b|licen[cs]e|copyright|accessib`)
	fileOfFolder = regexp.MustCompile(`(?i)(?:^|/)index\.[a-z]{2,5}$`)
	fileEnding   = regexp.MustCompile(`(?i)\.(?:html?|php|aspx?|jsp)$`)
)

// continues reports whether an address is near enough to that of the first page of a text to be a further page of it: another page
// number, a page below it, or one beside it in a folder that is named after the policy. Next to a policy stand other documents, too.
func continues(first, next string) bool {
	a, err1 := url.Parse(first)
	b, err2 := url.Parse(next)
	if err1 != nil || err2 != nil || b.Scheme != "http" && b.Scheme != "https" || siteHost(a) != siteHost(b) {
		return false
	}
	from, to := bare(a.Path), bare(b.Path)
	if from == to {
		return otherPage(a.Query(), b.Query())
	}
	if from != "" && strings.HasPrefix(to, from+"/") {
		return true
	}
	folder, name := path.Split(to)
	old, oldName := path.Split(from)
	if folder != old {
		return false
	}
	if stem := unnumbered(name); stem != name && stem == unnumbered(oldName) {
		return true
	}
	return privacyName.MatchString(path.Base(folder)) && !otherName.MatchString(name)
}

// unnumbered is a name without the number of a page at its end, which is below a thousand: others are years.
func unnumbered(name string) string {
	stem := strings.TrimRight(name, "0123456789")
	if n := len(name) - len(stem); n == 0 || n > 3 {
		return name
	}
	return pageWord.ReplaceAllString(stem, "")
}

func siteHost(u *url.URL) string { return strings.TrimPrefix(strings.ToLower(u.Host), "www.") }

// bare is a path without the name of the file that stands for its folder, without an ending, and without the last slash.
func bare(p string) string {
	p = fileOfFolder.ReplaceAllString(p, "")
	return strings.TrimRight(fileEnding.ReplaceAllString(p, ""), "/")
}

// otherPage reports whether two queries differ by the number of the page only.
func otherPage(a, b url.Values) bool {
	number := ""
	for key := range b {
		if v := b.Get(key); pageKey.MatchString(key) && v != a.Get(key) {
			if _, err := strconv.ParseUint(v, 10, 10); err != nil {
				return false
			}
			number = key
		}
	}
	if number == "" {
		return false
	}
	a.Del(number)
	b.Del(number)
	return a.Encode() == b.Encode()
}

// deadEnd reports whether a class of failures says that a page is not there: a link that leads nowhere ends the text, whereas a page
// that could not be had this time is missing in it.
func deadEnd(class string) bool {
	return class == string(fetch.NotFound) || class == string(fetch.Gone)
}

// next captures the further pages that the pages of a text name, and gives what can be read of them and their addresses. What could
// not be had refuses the text when it is read, and whole is false.
func (r *runner) next(ctx context.Context, res *result, src snapshots.Source, policy *snapshots.Capture, id string, next []string) (docs []*snapshots.Document, pages []string, whole bool) {
	t := newTrail(policy.URL, policy.FinalURL)
	web := r.webOf(src, res)
	for u := t.next(next); u != ""; u = t.next(next) {
		got, _, err := r.get(ctx, web, fetch.Request{Terms: res.Terms, URL: u, Lang: src.Lang, AnnexOf: policy.URL}, id)
		var f *fetch.Failure
		if errors.As(err, &f) && deadEnd(string(f.Kind)) {
			break
		}
		if err != nil {
			return nil, nil, false
		}
		t.ledTo(got.FinalURL)
		page, _, err := extractPage(pageOf(got), src, r.reading())
		if err != nil {
			return nil, nil, false
		}
		docs, next = append(docs, page.Document), page.Next
	}
	return docs, t.pages, true
}

// followed finds the further pages of a text among what was captured with its first, and gives what they read as, by their addresses.
// A page that could not be had is among them. One that is not there ends the text, with a note, and so does one that nobody asked for:
// it may have been captured by a program that knew less, or the capture was broken off.
func (d *deriver) followed(s snapshots.Snapshot, w way, helper *extract.Helper, t *readAs) (map[string]readAs, error) {
	t.source.found, t.source.end = nil, ""
	if len(t.next) == 0 {
		return nil, nil
	}
	captured, tried, err := d.with(s)
	if err != nil {
		return nil, err
	}
	read := map[string]readAs{}
	trail := newTrail(s.URL, keyOf(s, w).base)
	next := t.next
	for u := trail.next(next); u != ""; u = trail.next(next) {
		src := w.Source
		src.URL = u
		x, had := captured[u]
		p := readAs{as: tried[u]}
		if had {
			if p, err = d.readPage(x, way{Source: src}, helper); err != nil {
				return nil, err
			}
			trail.ledTo(keyOf(x, w).base)
		}
		if why, ends := endsAt(p.as, had || tried[u] != ""); ends {
			t.notes = append(t.notes, fmt.Sprintf("the text goes on at %s, which %s", u, why))
			t.source.end = u
			break
		}
		t.source.found = append(t.source.found, src)
		if !had {
			break
		}
		read[u], next = p, p.next
	}
	if trail.more {
		t.notes = append(t.notes, fmt.Sprintf("the text goes on over more than %d further pages; the rest was not read; 'combine' in a declaration names the pages of a text", maxFollowed))
	}
	return read, nil
}

// endsAt says why a text ends before a page that its links name; the page was refused as a class, or nobody asked for it.
func endsAt(class string, asked bool) (why string, ends bool) {
	switch {
	case !asked:
		return "was not captured with it", true
	case deadEnd(class):
		return "is not there", true
	}
	return "", false
}

// with is what was captured with a page, and the classes of the failures to capture more, by their addresses.
func (d *deriver) with(s snapshots.Snapshot) (captured map[string]snapshots.Snapshot, tried map[string]string, err error) {
	captured, tried = map[string]snapshots.Snapshot{}, map[string]string{}
	for x, err := range d.a.Annexes(s.ID) {
		if err != nil {
			return nil, nil, err
		}
		captured[x.URL] = x
	}
	for x, err := range d.a.Attempts(s.Terms) {
		if err != nil {
			return nil, nil, err
		}
		if x.AnnexOf == s.ID {
			tried[x.URL] = x.Kind
		}
	}
	return captured, tried, nil
}
