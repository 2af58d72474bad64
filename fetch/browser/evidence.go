package browser

// This file takes the pictures of a page. One that cannot be had is noted; the text stands without it.

import (
	"context"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/drittland/drittland/snapshots"
)

const (
	pictureLimit = 30 * time.Second // for one picture
	pages        = "1-300"          // of the PDF
)

// evidence adds the pictures to r.
func (s *session) evidence(r *snapshots.Rendering) {
	var err error
	if r.Screenshot, r.Cut, err = s.screenshot(s.opt.MaxHeight); err == nil && len(r.Screenshot) > s.opt.MaxEvidence {
		r.Screenshot, r.Cut, err = s.screenshot(s.opt.MaxHeight / 8)
	}
	switch {
	case err != nil:
		s.note("no screenshot: %v", err)
	case len(r.Screenshot) > s.opt.MaxEvidence:
		r.Screenshot = nil
		s.note("no screenshot: it is larger than %d bytes", s.opt.MaxEvidence)
	case r.Cut:
		s.note("the screenshot ends before the page does")
	}
	if r.PDF, err = s.pdf(); err != nil {
		s.note("no PDF: %v", err)
	} else if len(r.PDF) > s.opt.MaxEvidence {
		r.PDF = nil
		s.note("no PDF: it is larger than %d bytes", s.opt.MaxEvidence)
	}
}

// screenshot is a PNG of the page from its top, at most so many pixels high, and whether the page goes on below.
func (s *session) screenshot(most int) ([]byte, bool, error) {
	ctx, cancel := context.WithTimeout(s.ctx, pictureLimit)
	defer cancel()
	size, err := chromedp.Call(ctx, page.GetLayoutMetrics, cdp.Empty{})
	if err != nil {
		return nil, false, err
	}
	whole, yes := max(size.CSSContentSize.Height, 1), true
	got, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: &yes,
		Clip: &page.Viewport{Width: width, Height: min(whole, float64(most)), Scale: 1}})
	if err != nil {
		return nil, false, err
	}
	return got.Data, whole > float64(most), nil
}

// pdf is the page as it would be printed.
func (s *session) pdf() ([]byte, error) {
	ctx, cancel := context.WithTimeout(s.ctx, pictureLimit)
	defer cancel()
	yes := true
	got, err := chromedp.Call(ctx, page.PrintToPDF, page.PrintToPDFParams{PrintBackground: &yes, PaperWidth: 8.27, PaperHeight: 11.69, PageRanges: pages})
	if err != nil {
		return nil, err
	}
	return got.Data, nil
}
