// This file reads what people and the Open Terms Archive engine write as text: paths, commit
// messages and addresses of repositories.

package ota

import (
	"net/url"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds on text that comes from a repository, in bytes.
const (
	maxName    = 200  // of a service or a terms type
	maxSubject = 300  // of the first line of a commit message
	maxRefs    = 1000 // snapshots that one version is assembled from
)

// A file is what a path of a collection names: Service/Terms type.md or Service/Terms type #Document.md.
type file struct {
	service, termsType, document, mediaType string
}

// parsePath reads a path of a collection. The reason is empty if the path names terms.
func parsePath(p string) (f file, reason Reason) {
	service, name, ok := strings.Cut(p, "/")
	if !ok || strings.HasPrefix(service, ".") && !badName(service) {
		return file{}, NotTerms
	}
	if strings.Contains(name, "/") {
		return file{}, NotTerms
	}
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	f.service = service
	f.termsType, f.document, _ = strings.Cut(stem, " #")
	if badName(service) || badName(f.termsType) || f.document != "" && badName(f.document) {
		return file{}, BadPath
	}
	switch strings.ToLower(ext) {
	case ".md":
		f.mediaType = "text/markdown"
	case ".txt":
		f.mediaType = "text/plain"
	default:
		return file{}, OtherMedia
	}
	return f, ""
}

// badName reports whether s cannot stand as a service or a terms type: it could lead out of a
// directory, hide what it says, or break a line.
func badName(s string) bool {
	if s == "" || s == "." || s == ".." || len(s) > maxName || !utf8.ValidString(s) || strings.TrimSpace(s) != s {
		return true
	}
	return strings.ContainsFunc(s, func(r rune) bool {
		return r == '/' || r == '\\' || unsafeRune(r)
	})
}

// unsafeRune reports control characters, line separators and marks that reorder text.
func unsafeRune(r rune) bool {
	return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) ||
		unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError
}

// technicalPrefixes begin the messages of commits by which the engine records that its own reading
// changed, present and former (source: the engine's git repository, COMMIT_MESSAGE_PREFIXES).
var technicalPrefixes = []string{"Apply technical or declaration upgrade", "Refilter "}

// A message is what is read from a commit message.
type message struct {
	subject   string
	technical bool
	refs      []string
}

// parseMessage reads a commit message of any bytes.
func parseMessage(s string) (m message) {
	first, body, _ := strings.Cut(strings.TrimLeft(s, "\r\n \t"), "\n")
	m.subject = cleanLine(first)
	for _, p := range technicalPrefixes {
		m.technical = m.technical || strings.HasPrefix(m.subject, p)
	}
	for word := range strings.FieldsSeq(body) {
		if len(m.refs) == maxRefs {
			break
		}
		if ref, ok := snapshotRef(word); ok {
			m.refs = append(m.refs, ref)
		}
	}
	return m
}

// snapshotRef reads the address of a commit of a collection of snapshots.
func snapshotRef(word string) (string, bool) {
	if len(word) > 500 || !strings.HasPrefix(word, "https://") && !strings.HasPrefix(word, "http://") {
		return "", false
	}
	u, err := url.Parse(strings.TrimRight(word, ".,;)"))
	if err != nil || u.Host == "" || !strings.Contains(u.Path, "/commit/") || !isHash(path.Base(u.Path)) {
		return "", false
	}
	u.User = nil
	return u.String(), true
}

// isHash reports whether s is a full or an abbreviated commit hash.
func isHash(s string) bool {
	return len(s) >= 7 && len(s) <= 64 && strings.Trim(s, "0123456789abcdef") == ""
}

// cleanLine makes s one line of printable UTF-8 of at most maxSubject bytes.
func cleanLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unsafeRune(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(strings.TrimSpace(s), " "))
	if len(s) > maxSubject {
		s = strings.ToValidUTF8(s[:maxSubject-len("…")], "") + "…"
	}
	return strings.TrimSpace(s)
}

// collectionName names a collection after the address it was cloned from, without credentials, or
// after its directory.
func collectionName(urls []string, dir string) string {
	for _, raw := range urls {
		if name := nameFromURL(raw); name != "" {
			return name
		}
	}
	if base := filepathBase(dir); base == ".git" {
		return trimGit(filepathBase(strings.TrimSuffix(slashed(dir), "/.git")))
	}
	return trimGit(filepathBase(dir))
}

// nameFromURL is the owner and the name for an address on a host, the name alone for a local path.
func nameFromURL(raw string) string {
	u, err := url.Parse(raw)
	switch {
	case err == nil && u.Host != "":
		return lastTwo(u.Path)
	case err == nil && u.Scheme == "file":
		return trimGit(filepathBase(u.Path))
	}
	if strings.Contains(raw, "://") { // not understood: may hold credentials
		return ""
	}
	host, p, scp := strings.Cut(raw, ":")
	if scp && len(host) > 1 && !strings.ContainsAny(host, "/\\") { // user@host:owner/name
		return lastTwo(p)
	}
	return trimGit(filepathBase(raw))
}

func lastTwo(p string) string {
	parts := strings.Split(strings.Trim(slashed(p), "/"), "/")
	if len(parts) > 2 {
		parts = parts[len(parts)-2:]
	}
	return trimGit(strings.Join(parts, "/"))
}

// trimGit removes the endings of repositories and bundles, and what cannot stand in one line.
func trimGit(s string) string {
	s = strings.TrimSuffix(strings.TrimSuffix(s, ".bundle"), ".git")
	if s = cleanLine(s); s == "." || s == "/" {
		return ""
	}
	return s
}

func filepathBase(p string) string { return path.Base(slashed(p)) }

func slashed(p string) string { return strings.ReplaceAll(p, `\`, "/") }
