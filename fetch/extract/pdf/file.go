// Package pdf reads the text of PDF files: pieces of text with their places and fonts, the structure that tagged files
// name, and links. It trusts nothing that a file says of itself: the objects are found by looking for them, so that a
// damaged table of contents is no matter, and what is unpacked and drawn is counted against limits.
//
// It is pure, and it is not a viewer: pictures, forms, scripts and attachments are not looked at.
package pdf

import (
	"bytes"
	"errors"
	"slices"
)

// Errors of Read.
var (
	ErrEncrypted = errors.New("the PDF is encrypted")
	ErrDamaged   = errors.New("the PDF is damaged: no pages can be found in it")
	ErrTooBig    = errors.New("the PDF is too big to read")
)

// Limits bound what Read does. The zero value takes the defaults.
type Limits struct {
	Pages      int // 2,000
	Objects    int // 500,000
	Unpacked   int // bytes that streams may unpack to, all together; 128 MB
	Characters int // 20,000,000
}

func (l Limits) withDefaults() Limits {
	for _, x := range []struct {
		limit  *int
		normal int
	}{{&l.Pages, 2000}, {&l.Objects, 500_000}, {&l.Unpacked, 128 << 20}, {&l.Characters, 20_000_000}} {
		if *x.limit <= 0 {
			*x.limit = x.normal
		}
	}
	return l
}

// spend takes n off the effort that is left and reports whether there was as much.
func (f *file) spend(n int) bool {
	if f.effort -= n; f.effort < 0 {
		f.full = true
	}
	return !f.full
}

// A place is where an object stands: in the file, or in a stream of objects.
type place struct {
	in []byte // nil: the file
	at int
}

type file struct {
	body    []byte
	limits  Limits
	places  map[ref]place
	objects map[ref]any // those that were asked for
	trailer dict
	crypt   bool
	left    int  // bytes that may still be unpacked
	effort  int  // characters, widths and the like that may still be read
	fonts   int  // that were read
	full    bool // a limit was met
}

// open finds the objects of body.
func open(body []byte, limits Limits) (*file, error) {
	f := &file{body: body, limits: limits.withDefaults(), places: map[ref]place{}, objects: map[ref]any{}, trailer: dict{}}
	f.left, f.effort = f.limits.Unpacked, f.limits.Characters
	f.scan()
	switch {
	case f.crypt:
		return nil, ErrEncrypted
	case f.full:
		return nil, ErrTooBig
	case len(f.places) == 0:
		return nil, ErrDamaged
	}
	return f, nil
}

// scan looks for "12 0 obj" and "trailer" all over the file. Of two objects with one number the later counts, as it
// does where a file was changed by appending to it.
func (f *file) scan() {
	for at := 0; at < len(f.body) && !f.full; {
		i := bytes.Index(f.body[at:], []byte("obj"))
		if i < 0 {
			break
		}
		at += i + 3
		if n, ok := numberBefore(f.body, at-3); ok {
			at = f.found(n, at)
		}
	}
	for at := 0; ; {
		i := bytes.Index(f.body[at:], []byte("trailer"))
		if i < 0 {
			return
		}
		at += i + len("trailer")
		l := lexer{b: f.body, at: at}
		if d, ok := l.next().(dict); ok {
			f.addTrailer(d)
			at = max(at, l.at)
		}
	}
}

// numberBefore is the number in "12 0 obj", of which obj begins at at.
func numberBefore(b []byte, at int) (ref, bool) {
	back := func(is func(byte) bool) (n int) {
		for at > 0 && n < 12 && is(b[at-1]) {
			at--
			n++
		}
		return n
	}
	digit := func(c byte) bool { return '0' <= c && c <= '9' }
	if back(isSpace) == 0 || back(digit) == 0 || back(isSpace) == 0 || back(digit) == 0 {
		return 0, false
	}
	n := 0
	for ; at < len(b) && digit(b[at]) && n < 1<<30; at++ {
		n = n*10 + int(b[at]-'0')
	}
	return ref(n), true
}

// found enters the object at at and gives where to go on.
func (f *file) found(n ref, at int) int {
	if len(f.places) >= f.limits.Objects {
		f.full = true
		return len(f.body)
	}
	f.places[n] = place{at: at}
	l := lexer{b: f.body, at: at}
	d, ok := l.next().(dict)
	if !ok {
		return at
	}
	s := f.streamAt(d, l.at)
	if s == nil {
		return at // what follows may be an object even within a broken dictionary
	}
	switch d["Type"] {
	case name("XRef"):
		f.addTrailer(d)
	case name("ObjStm"):
		f.unpackObjects(s)
	}
	end := cap(f.body) - cap(s.raw) + len(s.raw)
	return max(at, end)
}

func (f *file) addTrailer(d dict) {
	if d["Encrypt"] != nil {
		f.crypt = true
	}
	for _, k := range []name{"Root", "Info"} {
		if d[k] != nil {
			f.trailer[k] = d[k]
		}
	}
}

// streamAt is the stream with the dictionary d that ends at at, nil if none follows.
func (f *file) streamAt(d dict, at int) *stream {
	b := f.body
	for at < len(b) && isSpace(b[at]) {
		at++
	}
	if !bytes.HasPrefix(b[at:], []byte("stream")) {
		return nil
	}
	at += len("stream")
	if at < len(b) && b[at] == '\r' {
		at++
	}
	if at < len(b) && b[at] == '\n' {
		at++
	}
	if n, ok := d["Length"].(float64); ok && n >= 0 && n <= float64(len(b)-at) {
		end := at + int(n)
		tail := bytes.TrimLeft(b[end:min(len(b), end+20)], "\r\n\t \x00")
		if bytes.HasPrefix(tail, []byte("endstream")) {
			return &stream{d, b[at:end]}
		}
	}
	end := bytes.Index(b[at:], []byte("endstream"))
	if end < 0 {
		end = len(b) - at
	}
	return &stream{d, b[at : at+end]}
}

// unpackObjects enters the objects that a stream holds.
func (f *file) unpackObjects(s *stream) {
	data, _ := f.unpack(s)
	n, first := int(num(s.dict["N"])), int(num(s.dict["First"]))
	l := lexer{b: data}
	for range min(max(n, 0), f.limits.Objects) {
		number, ok1 := l.next().(float64)
		offset, ok2 := l.next().(float64)
		at := first + int(offset)
		if !ok1 || !ok2 || number < 0 || number > 1<<30 || at < 0 || at >= len(data) {
			return
		}
		if len(f.places) >= f.limits.Objects {
			f.full = true
			return
		}
		f.places[ref(number)] = place{data, at}
	}
}

// get follows references.
func (f *file) get(v any) any {
	for range 20 {
		r, ok := v.(ref)
		if !ok {
			return v
		}
		v = f.object(r)
	}
	return nil
}

func (f *file) object(r ref) any {
	if v, ok := f.objects[r]; ok {
		return v
	}
	p, ok := f.places[r]
	if !ok {
		return nil
	}
	var v any
	if p.in != nil {
		l := lexer{b: p.in, at: p.at}
		v = l.next()
	} else {
		l := lexer{b: f.body, at: p.at}
		v = l.next()
		if d, ok := v.(dict); ok {
			if s := f.streamAt(d, l.at); s != nil {
				v = s
			}
		}
	}
	switch v.(type) {
	case op, end:
		v = nil
	}
	f.objects[r] = v
	return v
}

// dict is v as a dictionary; of a stream its own. It is never nil, but may be empty.
func (f *file) dict(v any) dict {
	switch v := f.get(v).(type) {
	case dict:
		return v
	case *stream:
		return v.dict
	}
	return dict{}
}

// list is v as an array; one thing that is no array is an array of it.
func (f *file) list(v any) array {
	switch v := f.get(v).(type) {
	case array:
		return v
	case nil:
		return nil
	default:
		return array{v}
	}
}

func (f *file) num(v any) float64  { return num(f.get(v)) }
func (f *file) name(v any) name    { n, _ := f.get(v).(name); return n }
func (f *file) text(v any) string  { s, _ := f.get(v).(string); return textString(s) }
func (f *file) bytes(v any) string { s, _ := f.get(v).(string); return s }

func num(v any) float64 {
	n, _ := v.(float64)
	return n
}

// numbers are n numbers of an array, nil if it has not as many.
func (f *file) numbers(v any, n int) []float64 {
	a, _ := f.get(v).(array)
	if len(a) < n {
		return nil
	}
	out := make([]float64, n)
	for i := range out {
		x, ok := f.get(a[i]).(float64)
		if !ok {
			return nil
		}
		out[i] = x
	}
	return out
}

// pageDicts are the pages in order. Where the tree of pages is broken, the pages that are found anywhere.
func (f *file) pageDicts() ([]dict, error) {
	root := f.dict(f.trailer["Root"])
	if root["Pages"] == nil {
		for _, r := range f.sorted() {
			if d := f.dict(r); d["Type"] == name("Catalog") && d["Pages"] != nil {
				root = d
			}
		}
		f.trailer["Root"] = root
	}
	var pages []dict
	seen := map[ref]bool{}
	var walk func(v any, up dict, depth int)
	walk = func(v any, up dict, depth int) {
		if r, ok := v.(ref); ok {
			if seen[r] {
				return
			}
			seen[r] = true
		}
		d := f.dict(v)
		if len(d) == 0 || depth > 60 || len(pages) > f.limits.Pages {
			return
		}
		if d["Kids"] == nil && d["Type"] == name("Pages") {
			return
		}
		own := dict{}
		for _, k := range []name{"Resources", "MediaBox", "CropBox", "Rotate"} {
			if own[k] = d[k]; own[k] == nil {
				own[k] = up[k]
			}
		}
		if d["Kids"] == nil {
			own["Contents"], own["Annots"], own["self"] = d["Contents"], d["Annots"], v
			pages = append(pages, own)
			return
		}
		for _, k := range f.list(d["Kids"]) {
			walk(k, own, depth+1)
		}
	}
	walk(root["Pages"], dict{}, 0)
	if len(pages) == 0 {
		for _, r := range f.sorted() {
			if d := f.dict(r); d["Type"] == name("Page") {
				walk(r, f.dict(d["Parent"]), 0)
			}
		}
	}
	switch {
	case len(pages) > f.limits.Pages:
		return nil, ErrTooBig
	case len(pages) == 0:
		return nil, ErrDamaged
	}
	return pages, nil
}

// sorted are the numbers of all objects.
func (f *file) sorted() []ref {
	out := make([]ref, 0, len(f.places))
	for r := range f.places {
		out = append(out, r)
	}
	slices.Sort(out)
	return out
}
