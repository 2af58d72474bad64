package watch

// Health and metrics over HTTP, for this machine.

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/report"
)

// Handler answers /healthz (200, or 503 with a reason on each line; notes behind either), /livez (200 while the program turns) and /metrics. It answers only
// who asks for this machine by its name or address, so that no page of the web can read it through somebody's browser.
func (b *Board) Handler(now func() time.Time) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		var reasons, notes []string
		b.Look(func(s *Standing) { reasons, notes = s.Reasons(now()), s.Notes(now()) })
		answer(w, reasons, notes...)
	})
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		var reasons []string
		b.Look(func(s *Standing) {
			if s.Capturing.IsZero() && now().Sub(s.Turned) > slowLoop {
				reasons = []string{"nothing was done since " + s.Turned.UTC().Format(time.RFC3339)}
			}
		})
		answer(w, reasons)
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		var out bytes.Buffer
		b.Look(func(s *Standing) { _ = s.WriteMetrics(&out, now()) }) // into memory
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_, _ = w.Write(out.Bytes()) // who asked may have gone
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if !config.Loopback(host) {
			http.Error(w, "this machine alone", http.StatusForbidden)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		mux.ServeHTTP(w, r)
	})
}

func answer(w http.ResponseWriter, reasons []string, notes ...string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if len(reasons) == 0 {
		fmt.Fprintln(w, "ok")
	} else {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	for _, r := range reasons {
		fmt.Fprintln(w, report.Line(r))
	}
	for _, n := range notes {
		fmt.Fprintln(w, "note: "+report.Line(n))
	}
}

// Server serves the board with bounds on what a client may take.
func (b *Board) Server(now func() time.Time) *http.Server {
	return &http.Server{Handler: b.Handler(now), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second,
		IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
}

// Ask asks a watch for its health; an error says what it answered, or why it did not.
func Ask(listen string, timeout time.Duration) error {
	c := http.Client{Timeout: timeout, Transport: &http.Transport{}, CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("a redirect") }}
	r, err := c.Get("http://" + listen + "/livez")
	if err != nil {
		return err
	}
	defer r.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(r.Body, 4096)) // the status counts
	if r.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", r.Status, report.Line(string(body)))
	}
	return nil
}
