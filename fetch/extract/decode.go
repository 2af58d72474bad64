package extract

// This file finds out what a body is (HTML, Markdown, text or none of them) and decodes its bytes to UTF-8.

import (
	"bytes"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
)

type format string

const (
	formatHTML     format = "HTML"
	formatMarkdown format = "Markdown"
	formatText     format = "plain text"
	formatPDF      format = "PDF"
	formatDOCX     format = "DOCX"
	formatODT      format = "ODT"
)

// signatures are the first bytes of files that are not texts.
var signatures = []struct{ magic, looks string }{
	{"PK\x03\x04", "a ZIP archive"},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Microsoft Office file (DOC, XLS)"},
	{"{\\rtf", "an RTF file"},
	{"\x89PNG\r\n", "a PNG image"},
	{"\xff\xd8\xff", "a JPEG image"},
	{"GIF8", "a GIF image"},
	{"RIFF", "a RIFF file (WebP image, sound or video)"},
	{"\x1f\x8b", "a gzip archive"},
	{"BZh", "a bzip2 archive"},
	{"(\xb5\x2f\xfd", "a Zstandard archive"},
	{"\xfd7zXZ\x00", "an XZ archive"},
	{"7z\xbc\xaf\x27\x1c", "a 7z archive"},
	{"wOFF", "a font"},
	{"wOF2", "a font"},
	{"\x7fELF", "a program"},
	{"\x00\x00\x01\x00", "an icon"},
}

// fileFormat is the format of a file that is no text and can be read, "" for all others.
func fileFormat(body []byte) format {
	switch {
	case bytes.HasPrefix(bytes.TrimLeft(body[:min(len(body), 1024)], "\xef\xbb\xbf\x00 \t\r\n"), []byte("%PDF-")):
		return formatPDF
	case bytes.HasPrefix(body, []byte("PK\x03\x04")):
		if o := openOffice(body); o != nil {
			return o.format
		}
	}
	return ""
}

// binary says what body looks like if it is not a text, otherwise "".
func binary(body []byte) string {
	head := body[:min(len(body), 4096)]
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.magic)) {
			if s.looks == "a ZIP archive" {
				return zipKind(head)
			}
			return s.looks
		}
	}
	if len(head) > 12 && bytes.Equal(head[4:8], []byte("ftyp")) {
		return "a video or an image in an MP4 container"
	}
	if _, ok := utf16Of(head); ok {
		return ""
	}
	control := 0
	for _, c := range head {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b {
			control++
		}
	}
	if 20*control > len(head) {
		return "binary data"
	}
	return ""
}

func zipKind(head []byte) string {
	switch {
	case bytes.Contains(head, []byte("word/")):
		return "a DOCX file"
	case bytes.Contains(head, []byte("xl/")):
		return "an XLSX file"
	case bytes.Contains(head, []byte("ppt/")):
		return "a PPTX file"
	case bytes.Contains(head, []byte("opendocument.text")):
		return "an ODT file"
	case bytes.Contains(head, []byte("epub")):
		return "an EPUB book"
	case bytes.Contains(head, []byte("[Content_Types].xml")):
		return "an Office file (DOCX, XLSX or PPTX)"
	}
	return "a ZIP archive"
}

// utf16Of tells UTF-16 by its byte order mark, or by every other byte of Latin text being zero.
func utf16Of(head []byte) (encoding.Encoding, bool) {
	little := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	big := unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return little, true
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return big, true
	}
	var zero [2]int
	for i, c := range head {
		if c == 0 {
			zero[i%2]++
		}
	}
	half := len(head) / 2
	switch {
	case half < 8:
		return nil, false
	case zero[1]*10 > half*8 && zero[0]*10 < half:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), true
	case zero[0]*10 > half*8 && zero[1]*10 < half:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), true
	}
	return nil, false
}

// decode gives the body in UTF-8. A byte order mark decides; otherwise a body that is valid UTF-8 is UTF-8, whatever
// was declared; otherwise the declaration of the response or the page, at last windows-1252.
func (b *builder) decode(in Input) []byte {
	body := in.Body
	if bytes.HasPrefix(body, []byte("\xef\xbb\xbf")) {
		return body[3:]
	}
	if e, ok := utf16Of(body[:min(len(body), 4096)]); ok {
		if out, err := e.NewDecoder().Bytes(body); err == nil {
			return out
		}
	}
	if utf8.Valid(body) {
		return body
	}
	declared := in.MediaType
	if in.Charset != "" {
		declared = "text/html; charset=" + strings.Trim(in.Charset, `"' `)
	}
	e, name, certain := charset.DetermineEncoding(body, declared)
	if !certain && name == "windows-1252" {
		if e2, name2 := charset.Lookup(metaCharset(body)); e2 != nil {
			e, name, certain = e2, name2, true
		}
	}
	if name == "utf-8" { // declared, and nearly true
		if bad := invalid(body); bad*100 > len(body) {
			e, name = charset.Lookup("windows-1252")
			certain = false
		} else {
			return body
		}
	}
	out, err := e.NewDecoder().Bytes(body)
	if err != nil {
		b.warn("the bytes are not in the declared encoding " + name)
		return body
	}
	if !certain {
		b.warn("the encoding is not declared; read as " + name)
	}
	return out
}

// invalid counts the bytes of body that are not part of a UTF-8 character.
func invalid(body []byte) (n int) {
	for len(body) > 0 {
		r, size := utf8.DecodeRune(body)
		if r == utf8.RuneError && size == 1 {
			n++
		}
		body = body[size:]
	}
	return n
}

var metaCharsetPattern = lazily(`(?i)<meta[^>]{0,200}charset\s*=\s*["']?\s*([a-z0-9_:.-]+)`)

// metaCharset is the encoding that a meta element declares in the first 64 kB, where browsers and x/net look at 1 kB only.
func metaCharset(body []byte) string {
	m := metaCharsetPattern().FindSubmatch(body[:min(len(body), 64<<10)])
	if m == nil {
		return ""
	}
	return string(m[1])
}

// formatOf trusts a specific media type and looks at the text otherwise.
func formatOf(mediaType string, body []byte) format {
	base, _, err := mime.ParseMediaType(mediaType)
	if err != nil {
		base, _, _ = strings.Cut(strings.ToLower(mediaType), ";")
		base = strings.TrimSpace(base)
	}
	switch base {
	case "text/html", "application/xhtml+xml":
		return formatHTML
	case "text/markdown", "text/x-markdown":
		return formatMarkdown
	}
	switch {
	case looksLikeHTML(body):
		return formatHTML
	case base != "text/plain" && looksLikeMarkdown(body):
		return formatMarkdown
	}
	return formatText
}

var (
	htmlStart = lazily(`(?i)^\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?s:.*?)-->\s*)*<(?:!doctype\s+html|html|head|body)\b`)
	htmlTags  = lazily(`(?i)<(?:p|div|h[1-6]|ul|ol|li|table|tr|td|span|section|article|main|br|a\s+href)\b[^<>]*>`)
	mdSigns   = lazily(`(?m)^#{1,6} \S|^\s{0,3}(?:={3,}|-{3,})\s*$|\]\((?:https?:|#|/|mailto:)|\*\*[^\s*][^*\n]{0,200}\*\*|^\s*\|?[-: ]+-\|[-:| ]+$|^\\-`)
)

// looksLikeHTML: it begins like a page, or tags that break blocks stand in it as often as in a fragment of one.
func looksLikeHTML(body []byte) bool {
	head := body[:min(len(body), 32<<10)]
	if htmlStart().Match(head) {
		return true
	}
	tags := htmlTags().FindAllIndex(head, 50)
	trimmed := bytes.TrimSpace(head)
	if len(tags) > 0 && len(trimmed) > 0 && trimmed[0] == '<' && !looksLikeMarkdown(head) {
		return true
	}
	return len(tags) >= 3 && len(tags)*400 > len(head) && !looksLikeMarkdown(head)
}

func looksLikeMarkdown(body []byte) bool {
	return len(mdSigns().FindAllIndex(body[:min(len(body), 32<<10)], 2)) >= 2
}
