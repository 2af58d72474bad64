package review

// This file answers programs that ask whether the server works.

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// healthyAfter is how long whoever asks for the health waits at most.
const healthyAfter = 3 * time.Second

// health answers 200 and "ok", or 503 if the desk cannot be used. Anybody may ask, so that the reason is in the log alone. Only one looks at a time.
func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), healthyAfter)
	defer cancel()
	err := s.well(ctx)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if err != nil {
		s.opts.Log.Error("not ready", "error", err.Error())
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, "the archive cannot be used; the log says why")
		return
	}
	fmt.Fprintln(w, "ok")
}

func (s *Server) well(ctx context.Context) error {
	if s.opts.Well == nil {
		return nil
	}
	select {
	case s.looks <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	done := make(chan error, 1)
	go func() {
		defer func() { <-s.looks }()
		done <- s.opts.Well()
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
