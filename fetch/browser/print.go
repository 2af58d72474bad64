package browser

// This file prints pages that the program itself has written. They come over no network, and reach none.

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/chromedp/cdproto/page"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

const (
	printLimit = 3 * time.Minute // for one sheet
	maxSheet   = 64 << 20        // bytes of HTML that is printed
)

// A Sheet is a page to print.
type Sheet struct {
	HTML   []byte // UTF-8 and whole: pictures stand in it as data: addresses
	Footer string // HTML at the foot of each page; elements of the classes pageNumber and totalPages are filled in
	Pages  string // such as "3-7"; "" for all
}

// A Printer makes PDFs with one browser. It is for one goroutine.
type Printer struct {
	s      *session
	cancel context.CancelFunc
}

// Printer starts a browser that prints. The error wraps ErrMissing or ErrStart. Close ends the browser.
func (b *Browser) Printer(ctx context.Context) (*Printer, error) {
	program, err := b.program()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	opt := b.opt
	opt.Upstream = nil
	s, err := (&Browser{opt: opt}).start(ctx, program, Request{URL: "about:blank", offline: true})
	if err != nil {
		cancel()
		return nil, err
	}
	return &Printer{s: s, cancel: cancel}, nil
}

// Close ends the browser, with all its processes and files.
func (p *Printer) Close() {
	p.s.stop()
	p.cancel()
}

// Print gives a sheet as PDF on A4, and the number of its pages.
func (p *Printer) Print(sheet Sheet) (pdf []byte, pages int, err error) {
	if len(sheet.HTML) > maxSheet {
		return nil, 0, fmt.Errorf("print a page: it has %d bytes, and %d may be", len(sheet.HTML), maxSheet)
	}
	ctx, cancel := context.WithTimeout(p.s.ctx, printLimit)
	defer cancel()
	if _, err := chromedp.Call(ctx, page.SetDocumentContent, page.SetDocumentContentParams{FrameID: p.s.frame, HTML: string(sheet.HTML)}); err != nil {
		return nil, 0, fmt.Errorf("load a page to print: %w", err)
	}
	wait, err := chromedp.Call(ctx, cdpruntime.Evaluate, cdpruntime.EvaluateParams{AwaitPromise: ptr(true),
		Expression: "Promise.all([...document.images].map(i => i.decode()))"})
	if err != nil {
		return nil, 0, fmt.Errorf("load the pictures of a page to print: %w", err)
	}
	if wait.ExceptionDetails != nil {
		return nil, 0, errors.New("load the pictures of a page to print: one cannot be decoded")
	}
	got, err := chromedp.Call(ctx, page.PrintToPDF, page.PrintToPDFParams{PrintBackground: ptr(true), PaperWidth: 8.27, PaperHeight: 11.69,
		MarginTop: ptr(0.6), MarginBottom: ptr(0.9), MarginLeft: ptr(0.7), MarginRight: ptr(0.7), PageRanges: sheet.Pages,
		DisplayHeaderFooter: ptr(sheet.Footer != ""), HeaderTemplate: "<span></span>", FooterTemplate: sheet.Footer})
	if err != nil {
		return nil, 0, fmt.Errorf("print a page: %w", err)
	}
	return got.Data, pagesOf(got.Data), nil
}

func ptr[T any](v T) *T { return &v }

// pageTree is what Chromium writes of a node of the tree of pages: the root holds the number of all.
var pageTree = regexp.MustCompile(`/Type /Pages\s*/Count (\d+)`)

// pagesOf is the number of pages of a PDF that Chromium made, at least 1.
func pagesOf(pdf []byte) int {
	most := 1
	for _, m := range pageTree.FindAllSubmatch(pdf, -1) {
		if n, err := strconv.Atoi(string(m[1])); err == nil {
			most = max(most, n)
		}
	}
	return most
}
