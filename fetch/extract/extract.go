// Package extract reads the body of a page or file into a snapshots.Document: one canonical text and its blocks.
// It reads HTML, PDF, DOCX, ODT, Markdown and plain text. It is pure: no network, no clock; the same bytes give the same document.
package extract

import (
	"fmt"
	"strings"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/dates"
)

// Reader is the name and version of this extractor. It changes whenever the same bytes may give another document.
const Reader = "drittland-extract/3"

// Input is a body with what is known about it. Only Body is required.
type Input struct {
	Body      []byte
	MediaType string   // such as "text/html"; parameters are allowed; empty or generic means: look at the bytes
	Charset   string   // as declared by the response; the bytes win where they contradict it
	BaseURL   string   // address against which links are resolved
	Language  string   // BCP 47 hint, such as the language asked for
	Rendered  bool     // a browser made the body, so nothing in it waits for scripts
	Select    []string // CSS selectors of the parts to read, HTML only; none means the main content
	Remove    []string // CSS selectors of the parts to leave out, HTML only

	SelectRanges []snapshots.Range // parts to read, beside those of Select
	RemoveRanges []snapshots.Range // parts to leave out, beside those of Remove
	Normalise    []string          // steps of Steps that take out what changes with each visit
}

// selects reports whether the parts to read are named.
func (in Input) selects() bool { return len(in.Select)+len(in.SelectRanges) > 0 }

// Options limit what Read does. The zero value takes the defaults.
type Options struct {
	MaxBytes  int // of the body; 64 MB
	MaxBlocks int // of the document; 200,000
	MaxDepth  int // to which HTML elements and Markdown containers may nest before their structure is flattened; 400, at most 500

	// PDF is asked about PDF files that the built-in reader cannot read well; nil for nobody.
	PDF *Helper
}

func (o Options) withDefaults() Options {
	if o.MaxBytes <= 0 {
		o.MaxBytes = 64 << 20
	}
	if o.MaxBlocks <= 0 {
		o.MaxBlocks = 200_000
	}
	if o.MaxDepth <= 0 || o.MaxDepth > 500 {
		o.MaxDepth = 400
	}
	return o
}

// Read makes the document that in holds. Errors are ErrEmpty, ErrBinary, ErrTooBig, ErrUnreadable and ErrNotPolicy,
// possibly wrapped, or say which selector or step is wrong. What could be read only in part is in the document's Warnings.
func Read(in Input, opt Options) (*snapshots.Document, error) {
	d, _, err := ReadNamed(in, opt)
	return d, err
}

// ReadNamed is Read, and names the reader that made the document: Reader, or Reader with the name of the helper. Texts are
// to be compared only if one reader read both.
func ReadNamed(in Input, opt Options) (d *snapshots.Document, reader string, err error) {
	r, err := ReadAll(in, opt)
	return r.Document, r.Reader, err
}

// A Reading is a document and what its body says beside it.
type Reading struct {
	Document *snapshots.Document
	Reader   string   // Reader, or Reader with the name of the helper
	Next     []string // addresses to which links of an HTML page lead that say "next page", the likeliest first; at most 40
}

// ReadAll is Read, with all that is to be known of the body. If it fails the reading holds nothing but the name of the reader.
func ReadAll(in Input, opt Options) (r Reading, err error) {
	opt = opt.withDefaults()
	r.Reader = Reader
	if err := knownSteps(in.Normalise); err != nil {
		return r, err
	}
	if len(in.Body) > opt.MaxBytes {
		return r, ErrTooBig{What: "bytes", Size: len(in.Body), Limit: opt.MaxBytes}
	}
	b := newBuilder(opt)
	about, err := readInto(b, in, opt)
	if about.helper != "" {
		r.Reader += "+" + about.helper
	}
	if err != nil {
		return r, err
	}
	if b.full {
		return r, ErrTooBig{What: "blocks", Limit: opt.MaxBlocks}
	}
	d := b.finish()
	title := normalise(d, about.title, in.Normalise)
	if len(d.Blocks) == 0 {
		return r, ErrEmpty
	}
	describe(d, title, about.language, in.Language)
	r.Document, r.Next = d, about.next
	return r, nil
}

// about is what a body says of itself, and who helped to read it.
type about struct {
	title, language, helper string
	next                    []string
}

// readInto reads the body by its format.
func readInto(b *builder, in Input, opt Options) (a about, err error) {
	f := fileFormat(in.Body)
	if f == "" {
		if err := refuseBinary(in.Body); err != nil {
			return a, err
		}
	}
	body := in.Body
	if f == "" {
		body = b.decode(in)
		f = formatOf(in.MediaType, body)
	}
	if f != formatHTML && (in.selects() || len(in.Remove)+len(in.RemoveRanges) > 0) {
		b.warn("selectors apply to HTML only; this is " + string(f))
	}
	b.text = make([]byte, 0, min(len(body), 1<<20))
	switch f {
	case formatHTML:
		a, err = readHTML(b, body, in, opt)
	case formatPDF:
		a, err = readPDF(b, body, opt)
	case formatDOCX, formatODT:
		a.title, err = readOffice(b, openOffice(body))
	case formatMarkdown:
		readMarkdown(b, body, in, opt)
	default:
		readPlain(b, body)
	}
	return a, err
}

// refuseBinary says why a body that is none of the files that can be read is no text either; nil if it may be one.
func refuseBinary(body []byte) error {
	if isEncryptedOffice(body) {
		return ErrUnreadable{string(formatDOCX), Encrypted, "it is encrypted"}
	}
	switch looks := binary(body); looks {
	case "":
		return nil
	case "a DOCX file", "an ODT file":
		return ErrUnreadable{strings.Fields(looks)[1], Damaged, "it is damaged: its archive cannot be opened"}
	default:
		return ErrBinary{looks}
	}
}

// describe adds what the text says about itself: language, title and date.
func describe(d *snapshots.Document, title, declared, hint string) {
	if declared == "" {
		declared = hint
	}
	d.Language = Language(d.Text, declared)
	markLanguages(d)
	d.Title = titleOf(d, title)
	d.EffectiveDate = dates.Of(d, "").Day()
	if n := strings.Count(d.Text, "\ufffd"); n > 0 {
		d.Warnings = append(d.Warnings, fmt.Sprintf("%d characters could not be decoded", n))
	}
}

// markLanguages sets the language of long blocks that are clearly in another one than the document.
func markLanguages(d *snapshots.Document) {
	if d.Language == "und" {
		return
	}
	for i := range d.Blocks {
		b := &d.Blocks[i]
		if b.Span.Len() < longBlock {
			continue
		}
		s := d.Quote(b.Span)
		key := languageKey(s, d.Language)
		if alikeBlocks.has(key) {
			continue
		}
		if _, decided := byScript(s); !decided && tell(sampleOf(s, longBlock), d.Language) == d.Language {
			alikeBlocks.add(key)
			continue // a sample says as much, and most blocks are in the language of their document
		}
		if lang := Language(s, d.Language); lang != d.Language {
			b.Language = lang
		} else {
			alikeBlocks.add(key)
		}
	}
}
