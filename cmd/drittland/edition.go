package main

// Editions: a page that comes back in another language, or for another region, than the wanted one is no version of the wanted
// text. It is recorded in a line of its own, and its source counts as failing until the wanted text is back.

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/drittland/drittland/snapshots"
)

// A lineKey names what versions follow each other in: some terms, and the variant of them.
type lineKey struct {
	terms   snapshots.Terms
	variant string // "" for the wanted text
}

// key is the name of a line among derived values.
func (l lineKey) key() string {
	key := l.terms.Service + "\x00" + l.terms.Type
	if l.variant != "" {
		key += "\x00" + l.variant
	}
	return key
}

func lineOf(v snapshots.Version) lineKey { return lineKey{v.Terms, v.Variant} }

// variantOf names the variant that a new text is, "" if it is the wanted one, and says why. last is the version before it in
// the wanted line, nil if there is none.
func (d *deriver) variantOf(v *snapshots.Version, last *snapshots.Version, r pendingText) (name, why string, err error) {
	wanted, whose := baseOf(r.source.Lang), "the wanted one is %s"
	if wanted == "" && last != nil && last.Origin == nil {
		wanted, whose = baseOf(last.Language), "the version before is in %s; if the service changed its language, declare the new one with 'drittland track add --lang'"
	}
	is := baseOf(v.Language)
	if otherLanguage(is, wanted) {
		return is, fmt.Sprintf("another language: the page is in %s, "+whose, is, wanted), nil
	}
	want := editionOf(r.snapshot.URL)
	if want == (edition{}) {
		if want, err = d.regionBefore(last, r); err != nil {
			return "", "", err
		}
	}
	got := editionOf(r.snapshot.FinalURL)
	if !sameButEdition(r.snapshot.URL, r.snapshot.FinalURL) || !want.conflicts(got) {
		return "", "", nil
	}
	return got.name(is), fmt.Sprintf("another region: the server led to %s", r.snapshot.FinalURL), nil
}

// regionBefore is the region that a declaration names with the language, else that to which the address led before.
func (d *deriver) regionBefore(last *snapshots.Version, r pendingText) (edition, error) {
	if _, region, ok := strings.Cut(r.source.Lang, "-"); ok && isRegion(region) {
		return edition{region: strings.ToLower(region)}, nil
	}
	if last == nil || last.Origin != nil {
		return edition{}, nil
	}
	s, err := d.a.Snapshot(last.Snapshot)
	if err != nil || s.URL != r.snapshot.URL {
		return edition{}, err
	}
	return editionOf(s.FinalURL), nil
}

// strayed says why a version is of a variant.
func strayed(v snapshots.Version) string {
	if len(v.Notes) == 0 {
		return "it came as variant " + v.Variant
	}
	return v.Notes[len(v.Notes)-1]
}

// An edition is what an address says of language and region, in lower case.
type edition struct {
	lang, region string
	either       string // a code that may mean a language or a region, such as de
}

// codeForm is a code of a language, of a region, or of both.
var codeForm = regexp.MustCompile(`(?i)^([a-z]{2})(?:[-_]([a-z]{2}))?$`)

// editionKeys are the parameters of addresses that name a language or a region.
var editionKeys = []string{"lang", "language", "locale", "hl", "gl", "l", "lc", "cc", "country", "region", "market"}

// editionOf reads an address: the last word on the matter in its host, its path and its parameters counts.
func editionOf(address string) edition {
	var l edition
	u, err := url.Parse(address)
	if err != nil {
		return l
	}
	first, _, _ := strings.Cut(u.Hostname(), ".")
	l.add(first)
	for s := range strings.SplitSeq(u.Path, "/") {
		l.add(s)
	}
	q := u.Query()
	for _, k := range editionKeys {
		l.add(q.Get(k))
	}
	return l
}

// add takes up a part of an address, if it is a code.
func (l *edition) add(part string) {
	m := codeForm.FindStringSubmatch(part)
	if m == nil {
		return
	}
	a, b := strings.ToLower(m[1]), strings.ToLower(m[2])
	switch {
	case b == "" && isLanguage(a) && isRegion(a):
		l.either = a
	case b == "" && isLanguage(a):
		l.lang = a
	case b == "" && isRegion(a):
		l.region = a
	case isLanguage(a) && isRegion(b):
		*l = edition{lang: a, region: b}
	case isRegion(a) && isLanguage(b):
		*l = edition{lang: b, region: a}
	}
}

func isLanguage(code string) bool {
	return slices.ContainsFunc(toldApart, func(g string) bool { return slices.Contains(strings.Fields(g), code) })
}

func isRegion(code string) bool {
	if strings.EqualFold(code, "uk") || strings.EqualFold(code, "eu") {
		return true
	}
	r, err := language.ParseRegion(code)
	return err == nil && r.IsCountry()
}

// conflicts reports whether two addresses are surely of different regions. Languages are told by the text.
func (l edition) conflicts(o edition) bool {
	switch {
	case l.region != "" && o.region != "":
		return l.region != o.region
	case l.either != "" && o.either != "":
		return l.either != o.either
	case l.either != "" && o.region != "":
		return l.either != o.region && l.either != o.lang
	case l.region != "" && o.either != "":
		return o.either != l.region && o.either != l.lang
	}
	return false
}

// name is the name of the variant at an address, of a text in a language: such as "en-US".
func (l edition) name(lang string) string {
	region := l.region
	if region == "" && l.either != lang {
		region = l.either
	}
	if lang == "" {
		lang = "und"
	}
	if region == "" {
		return lang
	}
	return lang + "-" + strings.ToUpper(region)
}

// sameButEdition reports whether two addresses differ in nothing but what they say of language and region.
func sameButEdition(a, b string) bool {
	x, err1 := url.Parse(a)
	y, err2 := url.Parse(b)
	return err1 == nil && err2 == nil && sameSite(a, b) && withoutEdition(x) == withoutEdition(y)
}

// withoutEdition is the path and the parameters of an address without codes of languages and regions.
func withoutEdition(u *url.URL) string {
	var parts []string
	for s := range strings.SplitSeq(u.Path, "/") {
		if s != "" && !codeForm.MatchString(s) {
			parts = append(parts, s)
		}
	}
	q := u.Query()
	for _, k := range editionKeys {
		q.Del(k)
	}
	return strings.Join(parts, "/") + "?" + q.Encode()
}
