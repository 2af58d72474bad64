package send

// Webhooks: JSON by POST, signed, to a public address.

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"

	"github.com/drittland/drittland/cmd/drittland/config"
)

// Schema names the form of what a webhook gets.
const Schema = "drittland/webhook/1"

// The headers of a webhook.
const (
	headerTime      = "Drittland-Timestamp" // seconds since 1970, when it was sent
	headerID        = "Drittland-Id"        // the same each time that one message is sent
	headerSignature = "Drittland-Signature" // "v1=" and HMAC-SHA256 in hex; several may stand behind each other, with commas
)

const maxAnswer = 16 << 10 // bytes of the answer of a receiver that are read

// A Payload is the body of a webhook.
type Payload struct {
	Schema   string          `json:"schema"`
	ID       string          `json:"id"` // as in the header
	Alert    string          `json:"alert"`
	Made     time.Time       `json:"made"` // when the alert was made, however late it is sent
	Language string          `json:"language,omitempty"`
	Subject  string          `json:"subject,omitempty"`
	Text     string          `json:"text,omitempty"`
	Data     json.RawMessage `json:"data,omitempty"` // what the alert is about
}

// payload is the body for an entry, the same each time.
func payload(e *Entry) ([]byte, error) {
	return json.Marshal(Payload{Schema: Schema, ID: e.ID, Alert: e.To, Made: e.Made.UTC(), Language: e.Language, Subject: e.Subject, Text: e.Text, Data: e.JSON})
}

// A hook is a webhook that is ready.
type hook struct {
	url, secret string
	client      *http.Client
}

// openWebhook looks up where the webhook of an alert is. Nothing is sent.
func (b *Outbox) openWebhook(alert string) (carrier, error) {
	if b.o.Webhook == nil {
		return nil, &hindrance{settings, "no webhook is configured"}
	}
	address, secret, err := b.o.Webhook(alert)
	if err != nil {
		return nil, &hindrance{settings, err.Error()}
	}
	u, err := url.Parse(address)
	local := err == nil && config.Loopback(u.Hostname())
	switch {
	case err != nil || u.Host == "": // the error would show the address
		return nil, &hindrance{settings, "the address of the webhook is none"}
	case u.Scheme != "https" && (u.Scheme != "http" || !local):
		return nil, &hindrance{settings, "the address of the webhook must begin with https://"}
	case secret == "":
		return nil, &hindrance{settings, "the webhook has no secret to sign with"}
	}
	guard := ssrf.New(ssrf.WithAnyPort())
	dialer := &net.Dialer{Timeout: b.o.Timeout, Control: func(network, address string, c syscall.RawConn) error {
		if to, err := netip.ParseAddrPort(address); err == nil && local && to.Addr().Unmap().IsLoopback() {
			return nil
		}
		if local { // and leads elsewhere
			return ssrf.ErrProhibitedIP
		}
		return guard.Safe(network, address, c)
	}}
	return &hook{address, secret, &http.Client{
		Timeout:       b.o.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DialContext: dialer.DialContext, MaxResponseHeaderBytes: maxAnswer, DisableCompression: true,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: b.o.Roots}, ForceAttemptHTTP2: true},
	}}, nil
}

func (h *hook) close() { h.client.CloseIdleConnections() }

// carry posts one message.
func (h *hook) carry(_ context.Context, e *Entry) error {
	body, err := payload(e)
	if err != nil {
		return &refusal{why: err.Error(), good: true}
	}
	// The message under way is finished even if the program is to end: the client's timeout bounds it.
	req, err := http.NewRequest(http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		return &hindrance{settings, "the address of the webhook is none"}
	}
	stamp := strconv.FormatInt(e.Last.Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "drittland (+https://github.com/drittland/drittland)")
	req.Header.Set(headerTime, stamp)
	req.Header.Set(headerID, e.ID)
	req.Header.Set(headerSignature, "v1="+hex.EncodeToString(sign(h.secret, stamp, body)))
	resp, err := h.client.Do(req)
	if err != nil {
		return unanswered(err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer)) // only the status counts
	return judge(resp, e.Last)
}

// unanswered is why there is no answer, without the address, which may be a secret.
func unanswered(err error) error {
	var outer *url.Error
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrProhibitedNetwork), errors.Is(err, ssrf.ErrInvalidHostPort):
		return &refusal{why: "its address is not in the public network, and nothing is sent there"}
	case errors.As(err, &outer) && outer.Timeout(), errors.Is(err, os.ErrDeadlineExceeded):
		return &refusal{why: "no answer in time"}
	case errors.As(err, &dns):
		return &refusal{why: "its name cannot be found"}
	case errors.As(err, &op):
		return &refusal{why: "it cannot be reached: " + op.Err.Error()}
	case outer != nil:
		return &refusal{why: outer.Err.Error()}
	}
	return &refusal{why: err.Error()}
}

// judge says what the status of an answer means.
func judge(resp *http.Response, now time.Time) error {
	code := resp.StatusCode
	why := strings.TrimSpace(fmt.Sprintf("status %d %s", code, http.StatusText(code)))
	switch {
	case code/100 == 2:
		return nil
	case code == http.StatusGone:
		return &refusal{why: why + ": it wants nothing more", good: true}
	case code/100 == 3:
		return &refusal{why: why + ": it redirects, which is not followed; configure where it leads"}
	}
	return &refusal{why: why, after: retryAfter(resp.Header.Get("Retry-After"), now)}
}

// retryAfter reads how long a receiver wants to be left alone, in seconds or until a date.
func retryAfter(s string, now time.Time) time.Duration {
	if n, err := strconv.Atoi(strings.TrimSpace(s)); err == nil {
		return time.Duration(min(max(n, 0), int(mostAfter/time.Second))) * time.Second
	}
	if t, err := http.ParseTime(s); err == nil && t.After(now) {
		return min(t.Sub(now), mostAfter)
	}
	return 0
}

// sign is the HMAC of a timestamp and a body.
func sign(secret, stamp string, body []byte) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(stamp + "."))
	h.Write(body)
	return h.Sum(nil)
}

// Verify is what a receiver of a webhook does: it checks the signature, and that the message was sent within a window around now, such
// as five minutes. It gives the ID of the message. A receiver keeps the IDs that it has seen and leaves out what comes twice: a message
// whose answer was lost is sent again, with the same ID.
func Verify(secret string, headers http.Header, body []byte, now time.Time, window time.Duration) (id string, err error) {
	stamp := headers.Get(headerTime)
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return "", fmt.Errorf("%s is missing, or no number", headerTime)
	}
	if secret == "" {
		return "", errors.New("there is no secret to check with")
	}
	want, ok := sign(secret, stamp, body), false
	for s := range strings.SplitSeq(headers.Get(headerSignature), ",") {
		got, err := hex.DecodeString(strings.TrimPrefix(strings.TrimSpace(s), "v1="))
		ok = err == nil && hmac.Equal(got, want) || ok
	}
	if !ok {
		return "", fmt.Errorf("%s is not that of the secret", headerSignature)
	}
	if d := now.Sub(time.Unix(seconds, 0)).Abs(); d > window {
		return "", fmt.Errorf("sent %s away from now; at most %s are allowed", d.Round(time.Second), window)
	}
	var p Payload
	if err := json.Unmarshal(body, &p); err != nil || p.Schema != Schema || p.ID == "" {
		return "", fmt.Errorf("the body is none of %s", Schema)
	}
	if p.ID != headers.Get(headerID) { // the body is signed, the header is not
		return "", fmt.Errorf("%s is not that of the body", headerID)
	}
	return p.ID, nil
}
