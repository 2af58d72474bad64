package browser

// This file watches over the requests of a page: which may go out, and whether any is still under way.

import (
	"context"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	cdpfetch "github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// traffic is what a page asks for.
type traffic struct {
	s *session

	mu       sync.Mutex
	asked    int                        // requests
	open     map[network.RequestID]bool // requests under way
	quiet    time.Time                  // since when there is none
	frozen   bool                       // the page may not lead on to another one any more
	status   int                        // of the document
	media    string                     // type of the document
	stopped  error                      // why the document, or the one that it leads on to, was not let through
	overflow bool                       // there were more requests than may be
}

func newTraffic(s *session) *traffic {
	return &traffic{s: s, open: map[network.RequestID]bool{}, quiet: time.Now()}
}

// watch begins to watch.
func (t *traffic) watch() error {
	if err := chromedp.Listen(t.s.ctx, t.see); err != nil {
		return err
	}
	paused := chromedp.Events(t.s.ctx, cdpfetch.RequestPaused)
	go func() {
		for ev, err := range paused {
			if err != nil {
				return
			}
			go t.decide(&ev)
		}
	}()
	dialogs := chromedp.Events(t.s.ctx, page.JavascriptDialogOpening)
	go func() {
		for _, err := range dialogs {
			if err != nil {
				return
			}
			_ = call(t.s, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: false})() // it may be gone
		}
	}()
	return nil
}

// see counts the requests under way.
func (t *traffic) see(ev any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch e := ev.(type) {
	case *network.EventRequestWillBeSent:
		if lasting(e.Type) || !strings.HasPrefix(e.Request.URL, "http") {
			return
		}
		t.open[e.RequestID] = true
	case *network.EventLoadingFinished:
		t.end(e.RequestID)
	case *network.EventLoadingFailed:
		t.end(e.RequestID)
	case *network.EventResponseReceived:
		if e.Type == network.ResourceTypeDocument && e.FrameID == t.s.frame {
			t.status, t.media = int(e.Response.Status), e.Response.MimeType
		}
	}
}

func (t *traffic) end(id network.RequestID) {
	if t.open[id] {
		delete(t.open, id)
		t.quiet = time.Now()
	}
}

// lasting tells requests that have no end of their own.
func lasting(typ network.ResourceType) bool {
	return typ == network.ResourceTypeEventSource || typ == network.ResourceTypeWebSocket || unneeded(typ)
}

// unneeded tells requests that a page can be read without.
func unneeded(typ network.ResourceType) bool {
	switch typ {
	case network.ResourceTypeMedia, network.ResourceTypePing, network.ResourceTypePrefetch, network.ResourceTypeCSPViolationReport, network.ResourceTypeManifest:
		return true
	}
	return false
}

// idle is for how long no request has been under way.
func (t *traffic) idle() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.open) > 0 {
		return 0
	}
	return time.Since(t.quiet)
}

// freeze keeps the page from leading on to another one.
func (t *traffic) freeze() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.frozen = true
}

// decide lets a request through, or ends it.
func (t *traffic) decide(ev *cdpfetch.EventRequestPaused) {
	if ev.ResponseStatusCode != 0 || ev.ResponseErrorReason != "" {
		if !t.asUTF8(ev) {
			_ = call(t.s, cdpfetch.ContinueResponse, cdpfetch.ContinueResponseParams{RequestID: ev.RequestID})()
		}
		return
	}
	if reason := t.denied(ev); reason != "" {
		_ = call(t.s, cdpfetch.FailRequest, cdpfetch.FailRequestParams{RequestID: ev.RequestID, ErrorReason: reason})() // the page may be gone
		return
	}
	_ = call(t.s, cdpfetch.ContinueRequest, cdpfetch.ContinueRequestParams{RequestID: ev.RequestID})()
}

// asUTF8 gives the browser the document with its encoding, where that is known better than the server says. A browser that is told
// none guesses one by the first bytes. It reports whether the answer was given.
func (t *traffic) asUTF8(ev *cdpfetch.EventRequestPaused) bool {
	if !t.s.req.UTF8 || ev.FrameID != t.s.frame || ev.ResponseStatusCode < 200 || ev.ResponseStatusCode >= 300 {
		return false
	}
	var headers []*cdpfetch.HeaderEntry
	for _, h := range ev.ResponseHeaders {
		switch strings.ToLower(h.Name) {
		case "content-type":
			media, params, err := mime.ParseMediaType(h.Value)
			if err != nil || media != "text/html" && media != "application/xhtml+xml" || strings.EqualFold(params["charset"], "utf-8") {
				return false
			}
			h = &cdpfetch.HeaderEntry{Name: h.Name, Value: media + "; charset=utf-8"}
		case "content-encoding", "content-length", "transfer-encoding": // of the body as it came
			continue
		}
		headers = append(headers, h)
	}
	ctx, cancel := context.WithTimeout(t.s.ctx, t.s.opt.Settle) // it may be without end
	defer cancel()
	got, err := chromedp.Call(ctx, cdpfetch.GetResponseBody, cdpfetch.GetResponseBodyParams{RequestID: ev.RequestID})
	return err == nil && call(t.s, cdpfetch.FulfillRequest, cdpfetch.FulfillRequestParams{RequestID: ev.RequestID, ResponseCode: ev.ResponseStatusCode,
		ResponsePhrase: ev.ResponseStatusText, ResponseHeaders: headers, Body: got.Body})() == nil
}

// denied says how a request fails; empty if it may go out. Whether its host has a public address is for the proxy to say.
func (t *traffic) denied(ev *cdpfetch.EventRequestPaused) network.ErrorReason {
	u, err := url.Parse(ev.Request.URL)
	if err != nil || unneeded(ev.ResourceType) || t.s.req.offline && u.Scheme != "data" && u.Scheme != "about" {
		return network.ErrorReasonBlockedByClient
	}
	switch u.Scheme {
	case "http", "https":
	case "data", "blob", "about":
		return ""
	default:
		return network.ErrorReasonBlockedByClient
	}
	if !t.count() {
		return network.ErrorReasonBlockedByClient
	}
	if ev.ResourceType == network.ResourceTypeDocument && ev.FrameID == t.s.frame {
		if err := t.leadOn(ev); err != nil {
			t.mu.Lock()
			t.stopped = err
			t.mu.Unlock()
			return network.ErrorReasonAborted // the page that is there stays
		}
	}
	t.s.proxy.allow(withPort(u))
	return ""
}

// count counts a request and reports whether there may be as many.
func (t *traffic) count() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asked++
	t.overflow = t.overflow || t.asked > t.s.opt.MaxRequests
	return t.asked <= t.s.opt.MaxRequests
}

// leadOn says why the page may not lead on to the one that is asked for; nil if it may.
func (t *traffic) leadOn(ev *cdpfetch.EventRequestPaused) error {
	t.mu.Lock()
	frozen := t.frozen
	t.mu.Unlock()
	switch {
	case frozen:
		return fmt.Errorf("led on to %.200s when it had been read already", ev.Request.URL)
	case ev.Request.Method != http.MethodGet:
		return fmt.Errorf("sends a form to %.200s", ev.Request.URL)
	case ev.Request.URL == t.s.req.URL:
		return nil // the caller has asked
	}
	ctx, cancel := context.WithTimeout(t.s.ctx, 30*time.Second)
	defer cancel()
	return t.s.opt.Permit(ctx, ev.Request.URL)
}

// document is the status and the type of the document, and why the one that it led on to was not loaded.
func (t *traffic) document() (status int, media string, stopped error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.status, t.media, t.stopped
}

// withPort is the host of an address with its port.
func withPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443", "ws": "80", "wss": "443"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}
