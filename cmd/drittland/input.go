package main

// Inputs: reading FILE, URL or - into a document.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/fetch"
	"github.com/drittland/drittland/fetch/extract"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
)

// maxInput is the largest text that is read, in bytes.
const maxInput = 64 << 20

// errEmpty says that an input has no bytes at all.
var errEmpty = errors.New("is empty")

// An input is a text that the user named, read into a document.
type input struct {
	Name     string // as the user named it
	Document *snapshots.Document
	Capture  *snapshots.Capture   // the bytes and how they came; nil for a version of a tracked service
	Annexes  []analyze.Annex      // pages that the text refers to: of a tracked version, or fetched with an address
	Linked   []*snapshots.Capture // as the fetched ones came
	Date     law.Date             // of a version of a tracked service; zero for others
	Reader   string               // name and version of what read it; empty for a version of a tracked service
	Next     string               // address of the page on which the text goes on; empty if it is whole
}

// documents finds versions of tracked services. ok is false if arg does not look like one, so that it is
// taken for a file.
type documents interface {
	resolveVersion(ctx context.Context, arg string) (doc *snapshots.Document, annexes []analyze.Annex, date law.Date, ok bool, err error)
}

// fetcher is the part of fetch.Client that reading needs.
type fetcher interface {
	Get(ctx context.Context, r fetch.Request) (*snapshots.Capture, error)
}

// An intake reads the arguments of one command.
type intake struct {
	*tool
	web      fetcher
	versions documents
	lang     string // that the user says the texts are in; empty if the texts tell
	selects,
	removes []string // selectors of the parts of pages to read and to leave out
}

func (t *tool) newIntake(c *cli.Context) *intake {
	src := snapshots.Source{Lang: c.String("lang")}
	web := t.newPages(c.String("render"), fetch.Options{Now: t.env.Now, Program: "drittland " + version(), Proxy: t.proxy(), AllowLoopback: t.env.Loopback}).of(src, func(note string) { t.say("%s", note) })
	return &intake{tool: t, web: web, versions: t.store(c), lang: c.String("lang")}
}

// take reads one argument: an address, "-" for standard input, a version of a tracked service or a file.
func (t *intake) take(ctx context.Context, arg string) (*input, error) {
	lang := t.lang
	switch {
	case isAddress(arg):
		c, err := t.web.Get(ctx, fetch.Request{URL: arg, Lang: lang})
		if err != nil {
			return nil, err
		}
		in, err := t.document(arg, c, lang)
		if err == nil {
			t.remark(in)
		}
		return in, err
	case arg == "-":
		body, err := readAll(t.env.Stdin)
		if err != nil {
			return nil, fmt.Errorf("standard input: %w", err)
		}
		return t.document("standard input", &snapshots.Capture{At: t.env.Now().UTC(), Body: body}, lang)
	}
	if doc, annexes, date, ok, err := t.versions.resolveVersion(ctx, arg); ok || err != nil {
		return &input{Name: arg, Document: doc, Annexes: annexes, Date: date}, err
	}
	body, err := readFile(arg)
	if err != nil {
		return nil, err
	}
	return t.document(arg, &snapshots.Capture{At: t.env.Now().UTC(), MediaType: mediaType(arg), Body: body}, lang)
}

// annexes fetches the pages that clauses on transfers of in refer to. Those that could not be had are told of; the
// policy stands without them.
func (t *intake) annexes(ctx context.Context, in *input, links []string) {
	for _, u := range links[:min(len(links), maxAnnexes)] {
		if u == in.Capture.URL || u == in.Capture.FinalURL {
			continue
		}
		c, err := t.web.Get(ctx, fetch.Request{URL: u, Lang: t.lang, AnnexOf: in.Capture.URL})
		if err != nil {
			t.say("linked page not read: %v", err)
			if ctx.Err() == nil {
				in.Annexes = append(in.Annexes, analyze.Annex{URL: u, Problem: err.Error()})
			}
			continue
		}
		page, err := (&intake{tool: t.tool}).document(u, c, "")
		if err != nil {
			t.say("linked page not read: %v", err)
			continue
		}
		in.Annexes = append(in.Annexes, analyze.Annex{URL: u, Document: page.Document})
		in.Linked = append(in.Linked, c)
	}
}

func isAddress(arg string) bool {
	scheme, _, ok := strings.Cut(arg, "://")
	return ok && !strings.ContainsAny(scheme, "/\\.")
}

// document extracts the document of a capture.
func (t *intake) document(name string, c *snapshots.Capture, lang string) (*input, error) {
	if len(c.Body) == 0 {
		return nil, fmt.Errorf("%s: %w", name, errEmpty)
	}
	page, err := extract.ReadAll(extract.Input{Body: c.Body, MediaType: c.MediaType, Charset: c.Charset, BaseURL: c.FinalURL, Language: lang,
		Rendered: c.Rendering != nil, Select: t.selects, Remove: t.removes}, t.reading())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if lang != "" {
		page.Document.Language = lang
	}
	return &input{Name: name, Document: page.Document, Capture: c, Reader: page.Reader, Next: newTrail(c.URL, c.FinalURL).next(page.Next)}, nil
}

// remark tells what a page is that is not a whole policy.
func (t *intake) remark(in *input) {
	if in.Next != "" {
		t.say("%s: the text goes on at %s, which is not read; of what is tracked, 'drittland run' reads all pages", in.Name, in.Next)
	}
	if why := hub(in.Document, in.Capture.FinalURL); why != "" && len(t.selects) == 0 {
		t.say("%s: %s", in.Name, why)
	}
}

// readFile reads a file after a look at what it is.
func readFile(name string) ([]byte, error) {
	st, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, unreadable(fmt.Errorf("%s: there is no such file", name), missingHint(name))
	case err != nil:
		return nil, unreadable(fmt.Errorf("%s: %w", name, plain(err)), "")
	case st.IsDir():
		return nil, unreadable(fmt.Errorf("%s: is a directory", name), "name the files in it")
	case st.Size() > maxInput:
		return nil, fmt.Errorf("%s: %w", name, extract.ErrTooBig{What: "bytes", Size: int(st.Size()), Limit: maxInput})
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, unreadable(fmt.Errorf("%s: %w", name, plain(err)), "this user may not read it")
	}
	defer f.Close()
	body, err := readAll(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return body, nil
}

// plain is an error of a file without the name and the operation, which the message has already.
func plain(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func missingHint(name string) string {
	if host, _, _ := strings.Cut(name, "/"); strings.Contains(host, ".") && filepath.Ext(name) != ".md" && filepath.Ext(name) != ".html" && filepath.Ext(name) != ".txt" {
		return "for a page of the web write https://" + name
	}
	return ""
}

func readAll(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	if err != nil {
		return nil, unreadable(plain(err), "")
	}
	if len(b) > maxInput {
		return nil, extract.ErrTooBig{What: "bytes", Size: len(b), Limit: maxInput}
	}
	return b, nil
}

// mediaType tells the format of a file from its name; where it says nothing the bytes decide.
func mediaType(name string) string {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".html", ".htm", ".xhtml":
		return "text/html"
	case ".md", ".markdown":
		return "text/markdown"
	}
	return ""
}
