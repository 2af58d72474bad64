package main

// Asking a time stamp authority over HTTP, as RFC 3161 section 3.4 says.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"

	"github.com/drittland/drittland/snapshots/stamp"
)

// ask sends a request to an authority and gives its answer as it came. It is not checked yet, not even by a look at its status.
func (st *stamper) ask(ctx context.Context, a *authority, q stamp.Request) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.URL, bytes.NewReader(q.DER))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/timestamp-query")
	req.Header.Set("Accept", "application/timestamp-reply")
	req.Header.Set("User-Agent", "drittland (+https://github.com/drittland/drittland)")
	if a.username != "" || a.password != "" {
		req.SetBasicAuth(a.username, a.password)
	}
	resp, err := st.web.Do(req)
	if err != nil {
		return nil, st.unanswered(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, answered(resp)
	}
	if kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type")); err != nil || kind != "application/timestamp-reply" {
		return nil, fmt.Errorf("it answers with %.60q and not with a time stamp; it may be a page of the network that wants a login", resp.Header.Get("Content-Type"))
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, stamp.MaxAnswer+1))
	if err != nil {
		return nil, st.unanswered(err)
	}
	if len(answer) > stamp.MaxAnswer {
		return nil, fmt.Errorf("its answer has more than %d bytes", stamp.MaxAnswer)
	}
	return answer, nil
}

// unanswered is why there is no answer, without the address, which stands beside it.
func (st *stamper) unanswered(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		if wrapped.Timeout() {
			return fmt.Errorf("no answer within %s", st.timeout)
		}
		return wrapped.Err
	}
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no answer within %s", st.timeout)
	}
	return err
}

// answered is what a status other than 200 says.
func answered(resp *http.Response) error {
	switch code := resp.StatusCode; {
	case code/100 == 3:
		return fmt.Errorf("it redirects (status %d) to %.200q: configure that address, if it is right", code, resp.Header.Get("Location"))
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		return fmt.Errorf("it does not serve this user (status %d %s)", code, http.StatusText(code))
	default:
		return fmt.Errorf("status %d %s", code, http.StatusText(code))
	}
}
