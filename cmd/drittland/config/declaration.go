package config

// This file reads declarations: one YAML file for each service.

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/drittland/drittland/fetch/extract"
	"github.com/drittland/drittland/snapshots"
)

// Bounds on a declaration.
const (
	MaxSize   = 1 << 20 // bytes of a file
	maxPages  = 20      // of one text
	maxList   = 100     // selectors and the like
	maxTerms  = 200     // of one service
	maxPast   = 500     // ways in which one text was published before
	minEvery  = time.Hour
	maxLength = 2000 // bytes of an address or a selector
)

// DefaultType is the type of terms for which none is named.
const DefaultType = "Privacy Policy"

// Declarations reads the declarations of one service, in the order of the file; Added and what the file leaves out is zero.
// The error is of type Problems.
func Declarations(file string, source []byte) ([]snapshots.Declaration, error) {
	r := newReader(file, source)
	root := r.parse(source)
	if root == nil {
		return nil, r.err()
	}
	service := ""
	var list []snapshots.Declaration
	var terms *yaml.Node
	single := snapshots.Declaration{TermsType: DefaultType}
	known := r.termsFields(&single)
	page := known.fields
	page["service"] = func(n *yaml.Node) { service = r.text(n) }
	page["terms"] = func(n *yaml.Node) { terms = n }
	r.fields(root, "a declaration", page)
	switch {
	case service == "" && len(r.problems) == 0:
		r.wrong(root, "no service: say whose terms these are")
	case terms == nil:
		single.Sources = known.sources(root)
		list = append(list, single)
	case known.used():
		r.wrong(terms, "terms stand beside an address of their own: write each address under its type of terms")
	default:
		if len(terms.Content) > 2*maxTerms || len(terms.Content) == 0 {
			r.wrong(terms, "expected 1 to %d types of terms", maxTerms)
			break
		}
		r.pairs(terms, "types of terms", func(key, value *yaml.Node) { list = append(list, r.terms(key, value)) })
	}
	for i := range list {
		list[i].Service = service
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	return list, nil
}

// parse gives the tree of one YAML document, nil if there is none.
func (r *reader) parse(source []byte) *yaml.Node {
	if len(source) > MaxSize {
		r.wrongAt(0, 0, fmt.Sprintf("too big: %d bytes, where %d are the limit", len(source), MaxSize))
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(source))
	var doc yaml.Node
	err := dec.Decode(&doc)
	switch {
	case errors.Is(err, io.EOF), err == nil && len(doc.Content) == 0:
		r.wrongAt(0, 0, "the file is empty")
		return nil
	case err != nil:
		r.noYAML(err)
		return nil
	case !errors.Is(dec.Decode(new(yaml.Node)), io.EOF):
		r.wrongAt(0, 0, "expected one YAML document, found more")
		return nil
	}
	if a := aliasIn(&doc); a != nil {
		r.wrong(a, "anchors and aliases are not read here: write it out")
		return nil
	}
	return doc.Content[0]
}

// yamlHints say what to do about what the parser says. What they are about often stands a line further up than it says.
var yamlHints = []struct{ said, hint string }{
	{"alphabetic or numeric", "put quotes around what begins with * or &"},
	{"cannot start any token", "indent with spaces, not with tabs, and put quotes around what begins with @, % or `"},
	{"tab character", "indent with spaces, not with tabs"},
	{"mapping values are not allowed", "is a line indented like none before it, or does a value hold a colon and no quotes?"},
	{"node content", "is a bracket or a brace left open?"},
	{"unexpected end of stream", "is a quote left open?"},
	{"did not find expected", "is a line indented like none before it, or a bracket or a quote left open?"},
}

// noYAML notes why the parser gave up. It names no line if that is the first.
func (r *reader) noYAML(err error) {
	line, m := 0, strings.TrimPrefix(err.Error(), "yaml: ")
	if _, e := fmt.Sscanf(m, "line %d:", &line); e == nil {
		m = strings.TrimSpace(m[strings.Index(m, ":")+1:])
	}
	for _, h := range yamlHints {
		if strings.Contains(m, h.said) {
			m, line = m+"; "+h.hint, max(line, 1)
			break
		}
	}
	r.wrongAt(line, 1, m)
}

// aliasIn is the first alias of a tree, nil if there is none.
func aliasIn(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n
	}
	for _, c := range n.Content {
		if a := aliasIn(c); a != nil {
			return a
		}
	}
	return nil
}

// terms reads what stands under a type of terms.
func (r *reader) terms(key, value *yaml.Node) snapshots.Declaration {
	d := snapshots.Declaration{TermsType: key.Value}
	if d.TermsType == "" {
		r.wrong(key, "expected a type of terms, such as %s", DefaultType)
	}
	p := r.termsFields(&d)
	r.fields(value, "terms", p.fields)
	d.Sources = p.sources(value)
	return d
}

// termsFields are the keys of terms; those of a declaration are read into d.
func (r *reader) termsFields(d *snapshots.Declaration) *publication {
	p := r.publication(yamlKeys)
	p.fields["every"] = func(n *yaml.Node) {
		every, err := time.ParseDuration(r.text(n))
		if err != nil || every < minEvery {
			r.wrong(n, "every: expected a time of at least 1h, such as 24h")
		}
		d.Every = every
	}
	p.fields["schedule"] = func(n *yaml.Node) {
		d.Schedule = r.text(n)
		if err := CheckRhythm(d.Schedule); d.Schedule != "" && err != nil {
			r.wrong(n, "schedule: %v", err)
		}
	}
	p.fields["history"] = func(n *yaml.Node) {
		r.list(n, maxPast, func(n *yaml.Node) {
			if past, _ := r.past(n, yamlKeys); len(past.Sources) > 0 {
				d.Past = append(d.Past, past)
			}
		})
		sortPast(d.Past)
	}
	return p
}

func sortPast(list []snapshots.Past) {
	slices.SortStableFunc(list, func(a, b snapshots.Past) int { return a.Until.Compare(b.Until) })
}

// past reads how terms were published before, and which filters that names.
func (r *reader) past(n *yaml.Node, k keys) (snapshots.Past, []string) {
	var past snapshots.Past
	p := r.publication(k)
	p.fields[k.until] = func(n *yaml.Node) { past.Until = r.time(n) }
	r.fields(n, "an entry of the history", p.fields)
	past.Sources = p.sources(n)
	if past.Until.IsZero() {
		r.wrong(n, "no %s: say until when it was so", k.until)
	}
	return past, p.filters
}

// time is a point in time, or the end of a day.
func (r *reader) time(n *yaml.Node) time.Time {
	s := r.text(n)
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.UTC().Truncate(time.Second)
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		r.wrong(n, "%q is no day such as 2026-05-31, and no time such as 2026-05-31T10:00:00Z", s)
		return time.Time{}
	}
	return t.Add(24*time.Hour - time.Second)
}

// keys are how a kind of file calls things.
type keys struct {
	address, until string
	ota            bool
}

var (
	yamlKeys = keys{address: "url", until: "until"}
	otaKeys  = keys{address: "fetch", until: "validUntil", ota: true}
)

// A publication is how terms are published, while it is read: a page, or several of which the keys beside combine hold for each
// that does not say otherwise.
type publication struct {
	r       *reader
	k       keys
	base    snapshots.Source
	combine *yaml.Node
	filters []string // of JavaScript, that would have to be run
	fields  map[string]func(*yaml.Node)
}

func (r *reader) publication(k keys) *publication {
	p := &publication{r: r, k: k}
	p.fields = p.sourceFields(&p.base)
	p.fields["combine"] = func(n *yaml.Node) { p.combine = n }
	return p
}

// used reports whether anything of it stood in the file.
func (p *publication) used() bool { return p.base.URL != "" || p.combine != nil }

// sources are the pages, once the keys of n are read.
func (p *publication) sources(n *yaml.Node) []snapshots.Source {
	if p.combine == nil {
		if p.base.URL == "" {
			p.r.wrong(n, "no %s: say where the text is published", p.k.address)
			return nil
		}
		return []snapshots.Source{p.base}
	}
	if p.base.URL != "" {
		p.r.wrong(p.combine, "%s and combine exclude each other: write each page below combine", p.k.address)
		return nil
	}
	if p.combine.Kind != yaml.SequenceNode || len(p.combine.Content) == 0 {
		p.r.wrong(p.combine, "combine: expected a list of pages")
		return nil
	}
	var out []snapshots.Source
	p.r.list(p.combine, maxPages, func(n *yaml.Node) {
		s := p.base
		if len(out) > 0 {
			s.Annexes = nil // once is enough
		}
		p.r.fields(n, "a page of combine", p.sourceFields(&s))
		switch {
		case s.URL == "":
			p.r.wrong(n, "no %s: say where the page is", p.k.address)
		case slices.ContainsFunc(out, func(o snapshots.Source) bool { return o.URL == s.URL }):
			p.r.wrong(n, "%s stands here twice: name it once, with all its selectors", s.URL)
		}
		out = append(out, s)
	})
	return out
}

// sourceFields are the keys of a page.
func (p *publication) sourceFields(s *snapshots.Source) map[string]func(*yaml.Node) {
	r := p.r
	f := map[string]func(*yaml.Node){
		p.k.address: func(n *yaml.Node) { s.URL = r.address(n) },
		"select":    func(n *yaml.Node) { s.Select, s.SelectRanges = r.selectors(n) },
		"remove":    func(n *yaml.Node) { s.Remove, s.RemoveRanges = r.selectors(n) },
	}
	if p.k.ota {
		p.otaFields(s, f)
		return f
	}
	f["lang"] = func(n *yaml.Node) { s.Lang = r.text(n) }
	f["render"] = func(n *yaml.Node) {
		switch s.Render = r.text(n); s.Render {
		case "auto":
			s.Render = "" // the same
		case "always", "never":
		default:
			r.wrong(n, "render: expected auto, always or never")
		}
	}
	f["annexes"] = func(n *yaml.Node) {
		s.Annexes = nil
		r.list(n, maxList, func(n *yaml.Node) { s.Annexes = append(s.Annexes, r.address(n)) })
	}
	f["normalise"] = func(n *yaml.Node) {
		s.Normalise = nil
		r.list(n, len(extract.Steps), func(n *yaml.Node) {
			step := r.text(n)
			if !slices.Contains(extract.Steps, step) {
				r.wrong(n, "normalise: %q is no step; there are %s", step, strings.Join(extract.Steps, ", "))
			}
			s.Normalise = append(s.Normalise, step)
		})
	}
	return f
}

// CheckRhythm says why something is no schedule on which a page may be captured, nil if it is one.
func CheckRhythm(expr string) error {
	s, err := ParseSchedule(expr, time.UTC)
	if err == nil && !s.hourlyAtMost() {
		return fmt.Errorf("%q comes more than once an hour: the server is to be left in peace", expr)
	}
	return err
}

// address is the address of a page.
func (r *reader) address(n *yaml.Node) string {
	s := r.text(n)
	if err := CheckAddress(s); s != "" && err != nil {
		r.wrong(n, "%v", err)
	}
	return s
}

// CheckAddress says why s is no address of a page that can be tracked, nil if it is one.
func CheckAddress(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || len(s) > maxLength {
		return fmt.Errorf("%q is no address of a page, such as https://example.org/privacy", s[:min(len(s), maxLength)])
	}
	if u.User != nil {
		return errors.New("an address with a user name or a password is not tracked")
	}
	return nil
}

// selectors are CSS selectors and ranges: one, or a list.
func (r *reader) selectors(n *yaml.Node) (css []string, ranges []snapshots.Range) {
	r.list(n, maxList, func(n *yaml.Node) {
		if n.Kind == yaml.MappingNode {
			var x snapshots.Range
			end := func(to *string) func(*yaml.Node) {
				return func(n *yaml.Node) { *to = r.text(n) }
			}
			r.fields(n, "a range", map[string]func(*yaml.Node){"startBefore": end(&x.StartBefore), "startAfter": end(&x.StartAfter),
				"endBefore": end(&x.EndBefore), "endAfter": end(&x.EndAfter)})
			if err := extract.CheckRange(x); err != nil {
				r.wrong(n, "%v", err)
			}
			ranges = append(ranges, x)
			return
		}
		s := r.text(n)
		if err := extract.CheckSelector(s); s != "" && (err != nil || len(s) > maxLength) {
			r.wrong(n, "%v", err)
		}
		css = append(css, s)
	})
	return css, ranges
}
