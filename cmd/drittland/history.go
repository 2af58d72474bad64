package main

// Histories: the versions of some terms as commands number and name them.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// defaultType is the type of terms that is meant where none is named.
const defaultType = "Privacy Policy"

// A history is everything recorded of some terms, or of a variant of them, oldest first.
type history struct {
	Terms    snapshots.Terms
	Variant  string              // "" for the wanted text
	Versions []snapshots.Version // those with a text of their own: number 1 is the first
	All      []snapshots.Version // with those refused, without those unchanged
	Verified time.Time           // when the last text was seen last
	Earlier  time.Time           // when a text was seen the time before
	Notes    []string            // on how it was read last
	Variants []*history          // of the wanted text: those that came in its place
	Strays   []snapshots.Version // captures of these, unchanged ones included
}

// readHistory gathers the versions of terms.
func readHistory(a *archive.Archive, terms snapshots.Terms) (*history, error) {
	return historyBefore(a, terms, time.Time{})
}

// historyBefore gathers the versions that were captured before a time; the zero time stands for all.
func historyBefore(a *archive.Archive, terms snapshots.Terms, until time.Time) (*history, error) {
	h := &history{Terms: terms}
	for v, err := range a.Versions(terms) {
		if err != nil {
			return nil, err
		}
		switch {
		case later(v.Date, until):
		case v.Variant != "":
			h.Strays = append(h.Strays, v)
			h.variant(v.Variant).add(v)
		default:
			h.add(v)
		}
	}
	return h, nil
}

// add takes up the next version.
func (h *history) add(v snapshots.Version) {
	if v.Cause == snapshots.First && len(h.Versions) > 0 { // an older text came in later
		v.Cause = snapshots.TermsCh
	}
	if v.Refused != unchanged {
		h.All = append(h.All, v)
	}
	if holdsText(v) {
		h.Versions = append(h.Versions, v)
	}
	if (holdsText(v) || v.Refused == unchanged) && !v.Others { // what others saw, we have not verified
		h.Earlier, h.Verified, h.Notes = h.Verified, v.Date, v.Notes
	}
}

// byOthers is how many of the versions others captured.
func (h *history) byOthers() int {
	n := 0
	for _, v := range h.Versions {
		if v.Others {
			n++
		}
	}
	return n
}

// variant is the history of the variant called name, which is begun if there is none.
func (h *history) variant(name string) *history {
	i := slices.IndexFunc(h.Variants, func(x *history) bool { return x.Variant == name })
	if i < 0 {
		i = len(h.Variants)
		h.Variants = append(h.Variants, &history{Terms: h.Terms, Variant: name})
	}
	return h.Variants[i]
}

// lines are the wanted text and its variants.
func (h *history) lines() []*history { return append([]*history{h}, h.Variants...) }

// findTerms finds what a user calls name, and the type of its terms: the one asked for, else the only one, else the
// privacy policy. others are the types that were not meant.
func findTerms(a *archive.Archive, name, typ string) (found snapshots.Terms, others []string, err error) {
	all, err := a.TermsOf(name)
	if err == nil && len(all) == 0 { // it may be written otherwise
		all, err = a.Terms()
	}
	if err != nil {
		return found, nil, err
	}
	service := ""
	for _, t := range all {
		if t.Service == name || service == "" && strings.EqualFold(t.Service, name) {
			service = t.Service
		}
	}
	if service == "" {
		return found, nil, unknownService(all, name)
	}
	for _, t := range all {
		if t.Service == service {
			others = append(others, t.Type)
		}
	}
	i := slices.IndexFunc(others, func(s string) bool { return strings.EqualFold(s, typ) })
	if typ == "" {
		i = slices.Index(others, defaultType)
		if len(others) == 1 {
			i = 0
		}
	}
	switch {
	case i < 0 && typ == "":
		return found, nil, &coded{fmt.Errorf("%s has several terms: %s", service, strings.Join(others, ", ")), exitUsage,
			"name those you mean after the service"}
	case i < 0:
		return found, nil, &coded{fmt.Errorf("%s has no terms %q; it has: %s", service, typ, strings.Join(others, ", ")), exitUsage, ""}
	}
	found = snapshots.Terms{Service: service, Type: others[i]}
	return found, slices.Delete(others, i, i+1), nil
}

func unknownService(all []snapshots.Terms, name string) error {
	var like []string
	for _, t := range all {
		if strings.Contains(strings.ToLower(t.Service), strings.ToLower(name)) && !slices.Contains(like, t.Service) && len(like) < 5 {
			like = append(like, t.Service)
		}
	}
	hint := "'drittland log' lists what the archive holds"
	if len(like) > 0 {
		hint = "did you mean " + strings.Join(like, ", ") + "?"
	}
	return &coded{fmt.Errorf("the archive holds no service %q", name), exitUsage, hint}
}

var (
	versionForm = regexp.MustCompile(`^([A-Za-z]{2,3}(-[A-Za-z]{2})?:)?(-?\d{1,9}|[0-9a-f]{4,16}|\d{4}-\d{2}-\d{2})$`)
	dayForm     = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
)

// find finds the version that spec means, and its line: what index takes, of a variant after its name and a colon, such as "de:2".
func (h *history) find(spec string) (*history, int, error) {
	in, rest, ok := strings.Cut(spec, ":")
	if !ok {
		i, err := h.index(spec)
		return h, i, err
	}
	var names []string
	for _, x := range h.Variants {
		if strings.EqualFold(x.Variant, in) {
			i, err := x.index(rest)
			return x, i, err
		}
		names = append(names, x.Variant)
	}
	hint := "the text came in no other language, and for no other region"
	if len(names) > 0 {
		hint = "it has: " + strings.Join(names, ", ")
	}
	return nil, 0, &coded{fmt.Errorf("%s has no variant %s", h.Terms, in), exitUsage, hint}
}

// index finds the version that spec means: a number from 1, a number from the end such as -1, a day on which the version
// was the last one seen, or the beginning of an ID. It is an index of Versions.
func (h *history) index(spec string) (int, error) {
	if len(h.Versions) == 0 {
		hint := "'drittland log' says what was captured and why it was refused"
		if len(h.Variants) > 0 {
			hint = fmt.Sprintf("it came as %s only: version %s:1 is the first of it", h.Variants[0].Variant, h.Variants[0].Variant)
		}
		return 0, &coded{fmt.Errorf("nothing of %s could be read yet", h.Terms), exitFailed, hint}
	}
	if spec == "" {
		return len(h.Versions) - 1, nil
	}
	if dayForm.MatchString(spec) {
		return h.onDay(spec)
	}
	n, err := strconv.Atoi(spec)
	if err == nil && n < 0 {
		n += len(h.Versions) + 1
	}
	if err == nil && 1 <= n && n <= len(h.Versions) {
		return n - 1, nil
	}
	for _, v := range h.erased() {
		if len(spec) >= 4 && strings.HasPrefix(v.ID, spec) {
			return 0, asErasure(v)
		}
	}
	found := -1
	for i, v := range h.Versions {
		if len(spec) < 4 || !strings.HasPrefix(v.ID, spec) {
			continue
		}
		if found >= 0 {
			return 0, &coded{fmt.Errorf("several versions of %s have an ID that begins with %s", h.Terms, spec), exitUsage, "give more of it"}
		}
		found = i
	}
	if found < 0 {
		hint := fmt.Sprintf("it has 1 to %d; -1 is the last, a day means the version of that day, and the ID of a version may be shortened", len(h.Versions))
		if n := len(h.erased()); n > 0 {
			hint += fmt.Sprintf("; erased: %d, and 'drittland log' says when and why", n)
		}
		return 0, &coded{fmt.Errorf("%s has no version %s", h.Terms, spec), exitUsage, hint}
	}
	return found, nil
}

// erased are the captures whose content was erased, oldest first.
func (h *history) erased() []snapshots.Version {
	return slices.DeleteFunc(slices.Clone(h.All), func(v snapshots.Version) bool { return v.RefusedAs != asErased })
}

// asErasure is why an erased version cannot be had.
func asErasure(v snapshots.Version) error {
	return &coded{fmt.Errorf("what was captured of %s at %s is %s", v.Terms, v.Date.Format(time.RFC3339), v.Refused), exitFailed,
		"'drittland log' lists what is left; what is not erased can be named by its number or its ID"}
}

// onDay is the last version seen up to the end of a day, UTC.
func (h *history) onDay(spec string) (int, error) {
	day, err := law.ParseDate(spec)
	if err != nil {
		return 0, &coded{fmt.Errorf("%s is no day", spec), exitUsage, ""}
	}
	for _, v := range slices.Backward(h.erased()) {
		n := len(h.Versions)
		after := slices.IndexFunc(h.Versions, func(x snapshots.Version) bool { return x.Date.After(v.Date) })
		if after < 0 {
			after = n
		}
		ends := after < n && !day.Before(law.DateOf(h.Versions[after].Date)) // another text was seen up to that day
		if !day.Before(law.DateOf(v.Date)) && !ends {
			return 0, asErasure(v)
		}
	}
	for i := range slices.Backward(h.Versions) {
		if !day.Before(law.DateOf(h.Versions[i].Date)) {
			return i, nil
		}
	}
	return 0, &coded{fmt.Errorf("%s was not recorded before %s", h.Terms, h.Versions[0].Date.Format(time.DateOnly)), exitUsage, ""}
}

// texts loads the document of a version and those of its annexes.
func texts(a *archive.Archive, v snapshots.Version) (*snapshots.Document, []analyze.Annex, error) {
	doc, err := a.Document(v.Document)
	if err != nil {
		return nil, nil, fmt.Errorf("version %s of %s: %w", v.ID, v.Terms, err)
	}
	annexes := asAnnexes(doc, v.Parts)
	for _, x := range v.Annexes {
		if x.Document == "" {
			annexes = append(annexes, analyze.Annex{URL: x.URL, Problem: x.Problem})
			continue
		}
		d, err := a.Document(x.Document)
		if err != nil {
			return nil, nil, fmt.Errorf("annex %s of version %s of %s: %w", x.URL, v.ID, v.Terms, err)
		}
		annexes = append(annexes, analyze.Annex{URL: x.URL, Document: d})
	}
	return doc, annexes, nil
}

// lawDay is the day whose law judges the text of a version: the one that the text states, else that of the snapshot.
func lawDay(v snapshots.Version, doc *snapshots.Document) law.Date {
	return (&input{Document: doc, Date: law.DateOf(v.Date)}).day(law.Date{}, law.Date{})
}

// cutReference splits "Clipzy@3" and "Clipzy/Privacy Policy@3". ok is false if arg has another form.
func cutReference(arg string) (service, typ, spec string, ok bool) {
	at := strings.LastIndexByte(arg, '@')
	if at <= 0 || !versionForm.MatchString(arg[at+1:]) {
		return "", "", "", false
	}
	service, typ, _ = strings.Cut(arg[:at], "/")
	return service, typ, arg[at+1:], service != ""
}

// resolveVersion finds a version by a reference such as "Clipzy@3". A file of that name goes before it.
func (s *store) resolveVersion(ctx context.Context, arg string) (*snapshots.Document, []analyze.Annex, law.Date, bool, error) {
	service, typ, spec, ok := cutReference(arg)
	if !ok {
		return nil, nil, law.Date{}, false, nil
	}
	if _, err := os.Stat(arg); err == nil {
		return nil, nil, law.Date{}, false, nil
	}
	var doc *snapshots.Document
	var annexes []analyze.Annex
	var day law.Date
	err := s.read(ctx, func(a *archive.Archive) error {
		terms, _, err := findTerms(a, service, typ)
		if err != nil {
			return err
		}
		h, err := readHistory(a, terms)
		if err != nil {
			return err
		}
		h, i, err := h.find(spec)
		if err != nil {
			return err
		}
		day = law.DateOf(h.Versions[i].Date)
		doc, annexes, err = texts(a, h.Versions[i])
		return err
	})
	if errors.Is(err, archive.ErrNotFound) {
		err = fmt.Errorf("%s: %w", arg, err)
	}
	return doc, annexes, day, true, err
}
