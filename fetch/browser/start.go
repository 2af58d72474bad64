package browser

// This file starts a browser for one page, and ends it.

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdpfetch "github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/drittland/drittland/fetch"
)

// A session is one page in a browser of its own.
type session struct {
	opt     *Options
	req     Request
	outer   context.Context // with the limit of time
	ctx     context.Context // of chromedp, within outer
	proxy   *proxy
	traffic *traffic
	name    string // of the browser, with its version
	frame   cdp.FrameID
	world   world
	notes   []string

	ending []func() // undo what start did, last one first
}

// maxScratch is the length of a directory in which Chromium can put a socket: their names have a limit.
const maxScratch = 45

// width and height of the window. The height of the page is that of its text.
const width, height = 1280, 1024

// start starts the browser and prepares a page, which is still empty.
func (b *Browser) start(ctx context.Context, program string, req Request) (*session, error) {
	s := &session{opt: &b.opt, req: req, outer: ctx}
	if err := s.begin(ctx, program); err != nil {
		s.stop()
		if ctx.Err() != nil {
			return nil, &fetch.Failure{Kind: fetch.Transient, URL: req.URL, Err: context.Cause(ctx)}
		}
		return nil, fmt.Errorf("%w: %s: %w", ErrStart, program, err)
	}
	return s, nil
}

func (s *session) begin(ctx context.Context, program string) error {
	scratch, err := os.MkdirTemp("", "drittland-")
	if err != nil {
		return err
	}
	s.ending = append(s.ending, func() { os.RemoveAll(scratch) })
	ctx, cancel := context.WithCancel(ctx)
	s.ending = append(s.ending, cancel)
	if s.proxy, err = startProxy(ctx, s.localPort(), s.opt.MaxBytes, s.opt.Upstream); err != nil {
		return err
	}
	s.ending = append(s.ending, s.proxy.stop)
	var said saying
	options := append(flags(s.proxy.addr, s.opt.UserAgent, s.lang()), chromedp.ExecPath(program), chromedp.CombinedOutput(&said),
		chromedp.Env("XDG_CONFIG_HOME="+scratch, "XDG_CACHE_HOME="+scratch))
	for name, value := range s.opt.flags {
		options = append(options, chromedp.Flag(name, value))
	}
	if len(scratch) < maxScratch {
		options = append(options, chromedp.Env("TMPDIR="+scratch))
	}
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	s.ending = append(s.ending, cancel)
	silent := func(string, ...any) {}
	s.ctx, cancel = chromedp.NewContext(ctx, chromedp.WithBrowserOption(chromedp.WithBrowserErrorf(silent), chromedp.WithBrowserLogf(silent)),
		chromedp.WithErrorf(silent), chromedp.WithLogf(silent))
	s.ending = append(s.ending, cancel)
	if err := s.prepare(); err != nil {
		if words := said.last(); words != "" {
			return fmt.Errorf("it says %q", words)
		}
		return err
	}
	return nil
}

// stop ends the browser and removes what it left. It waits until that is done.
func (s *session) stop() {
	for i := len(s.ending) - 1; i >= 0; i-- {
		s.ending[i]()
	}
	s.ending = nil
}

func (s *session) lang() string {
	if s.req.Lang != "" {
		return s.req.Lang
	}
	return "en"
}

// localPort is the port of the page if it is on this machine and that is allowed, otherwise 0.
func (s *session) localPort() uint16 {
	u, err := url.Parse(s.req.URL)
	if err != nil || !s.opt.AllowLoopback {
		return 0
	}
	ip, err := netip.ParseAddr(u.Hostname())
	if u.Hostname() != "localhost" && (err != nil || !ip.Unmap().IsLoopback()) {
		return 0
	}
	_, port, _ := net.SplitHostPort(withPort(u))
	n, _ := strconv.ParseUint(port, 10, 16)
	return uint16(n)
}

// flags are those of Chromium's command line. As root, for whom Chromium refuses to run with its sandbox,
// chromedp adds the one that turns it off.
func flags(proxy, userAgent, lang string) []chromedp.ExecAllocatorOption {
	out := append([]chromedp.ExecAllocatorOption{}, chromedp.DefaultExecAllocatorOptions[:]...)
	for name, value := range map[string]any{
		"proxy-server":        "http://" + proxy,
		"proxy-bypass-list":   "<-loopback>", // this machine, too, is reached through the proxy only
		"host-resolver-rules": "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
		"user-agent":          userAgent,
		"lang":                lang,
		// Ways around a proxy.
		"disable-quic":                                       true,
		"force-webrtc-ip-handling-policy":                    "disable_non_proxied_udp",
		"webrtc-ip-handling-policy":                          "disable_non_proxied_udp",
		"dns-prefetch-disable":                               true,
		"no-pings":                                           true,
		"disable-component-update":                           true,
		"disable-domain-reliability":                         true,
		"disable-field-trial-config":                         true,
		"disable-component-extensions-with-background-pages": true,
		// Bounds.
		"js-flags": "--max-old-space-size=1024", // MB
		// One process tree, no windows, no sound, no questions.
		"disable-gpu":                      true,
		"mute-audio":                       true,
		"hide-scrollbars":                  true,
		"block-new-web-contents":           true,
		"deny-permission-prompts":          true,
		"disable-notifications":            true,
		"disable-print-preview":            true,
		"disable-external-intent-requests": true,
		"disable-popup-blocking":           false,
		"autoplay-policy":                  "user-gesture-required",
		"disable-features":                 "Translate,BlinkGenPropertyTrees,MediaRouter,OptimizationHints,AutofillServerCommunication,CertificateTransparencyComponentUpdater,DialMediaRouteProvider,InterestFeedContentSuggestions,PrivacySandboxSettings4,HttpsUpgrades",
	} {
		out = append(out, chromedp.Flag(name, value))
	}
	return out
}

// before runs in each document before its own scripts: what could talk to the network past the proxy, or outlive the
// page, is not there.
const before = `for (const [o, k] of [[Navigator.prototype, 'serviceWorker'], [Navigator.prototype, 'sendBeacon'], [window, 'RTCPeerConnection'],
	[window, 'webkitRTCPeerConnection'], [window, 'WebTransport'], [window, 'SharedWorker']]) { try { delete o[k] } catch {} }`

// prepare sets everything that must hold before the first request.
func (s *session) prepare() error {
	version, err := chromedp.CallBrowser(s.ctx, cdpbrowser.GetVersion, cdp.Empty{})
	if err != nil {
		return err
	}
	_, number, _ := strings.Cut(version.Product, "/")
	s.name = "Chromium " + number
	tree, err := chromedp.Call(s.ctx, page.GetFrameTree, cdp.Empty{})
	if err != nil {
		return err
	}
	s.frame = tree.FrameTree.Frame.ID
	s.traffic = newTraffic(s)
	if err := s.traffic.watch(); err != nil {
		return err
	}
	major, _, _ := strings.Cut(number, ".") // sites serve old browsers something else
	agent := "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko) Chrome/" + major + ".0.0.0 Safari/537.36 " + s.opt.UserAgent
	yes := true
	steps := []func() error{
		call(s, cdpbrowser.SetDownloadBehavior, cdpbrowser.SetDownloadBehaviorParams{Behavior: cdpbrowser.SetDownloadBehaviorBehaviorDeny}),
		call(s, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: agent, AcceptLanguage: s.lang()}),
		call(s, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1}),
		call(s, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}}),
		call(s, network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: true}),
		call(s, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: before, RunImmediately: &yes}),
		call(s, cdpfetch.Enable, cdpfetch.EnableParams{Patterns: []*cdpfetch.RequestPattern{{RequestStage: cdpfetch.RequestStageRequest},
			{RequestStage: cdpfetch.RequestStageResponse, ResourceType: network.ResourceTypeDocument}}}),
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// call is a command whose answer says nothing.
func call[P, R any](s *session, cmd cdp.Command[P, R], params P) func() error {
	return func() error {
		_, err := chromedp.Call(s.ctx, cmd, params)
		return err
	}
}

// failure is why a page could not be rendered, as the callers of package fetch know it.
func (s *session) failure(err error) error {
	var f *fetch.Failure
	if errors.As(err, &f) {
		return f
	}
	if s.outer.Err() != nil {
		err = context.Cause(s.outer)
	}
	return &fetch.Failure{Kind: fetch.Transient, URL: s.req.URL, Err: fmt.Errorf("in the browser: %w", err)}
}

// saying keeps the last that a program says.
type saying struct {
	mu   sync.Mutex
	text []byte
}

func (w *saying) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text = append(w.text, b...)
	if over := len(w.text) - 4000; over > 0 {
		w.text = append(w.text[:0], w.text[over:]...)
	}
	return len(b), nil
}

// last is the last line, shortened.
func (w *saying) last() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(w.text)), "\n")
	line := lines[len(lines)-1]
	return strings.ToValidUTF8(line[:min(len(line), 300)], "")
}
