// This file speaks HTTP/2 with servers that speak nothing else: one request on one connection, over the
// frames of x/net/http2. An http2.Transport would lose the order of the headers and decompress the body.

package fetch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

const maxFrames = 100_000 // of one response, those without data included

// exchangeH2 sends a request and reads its response. Heads have no text in HTTP/2, so they are recorded as
// HTTP/1.1 would write them: ":method" and ":path" as the request line, ":authority" as Host, ":status"
// as the status line, all other fields under their names and in their order.
func (c *Client) exchangeH2(conn net.Conn, a *ask, r *response) error {
	r.exchange.Reconstructed = true
	t := &tape{r: conn, left: c.opt.MaxHeader + c.opt.MaxWire + 1<<20, first: func() { c.firstByte(r) }}
	fr := http2.NewFramer(conn, t)
	fr.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	fr.MaxHeaderListSize = uint32(min(c.opt.MaxHeader, math.MaxUint32))
	s := &stream{c: c, fr: fr, r: r}
	if err := conn.SetReadDeadline(time.Now().Add(c.opt.HeaderTimeout)); err != nil {
		return err
	}
	if err := s.send(conn, a); err != nil {
		return err
	}
	for range maxFrames {
		f, err := fr.ReadFrame()
		switch {
		case errors.Is(err, io.EOF):
			return fmt.Errorf("the connection ended within the response: %w", io.ErrUnexpectedEOF)
		case err != nil:
			return fmt.Errorf("read the response: %w", err)
		}
		if done, err := s.frame(conn, f); done || err != nil {
			return err
		}
	}
	return errors.New("the response has too many frames")
}

// A stream is a response on its way.
type stream struct {
	c    *Client
	fr   *http2.Framer
	r    *response
	head bytes.Buffer // of the response, as HTTP/1.1 would write it
}

// window is how much of a body a server may send without being asked for more: all that is read of one. With the window that a
// connection has anyway it must not exceed 31 bits.
func (s *stream) window() uint32 { return uint32(min(s.c.opt.MaxWire+1, math.MaxInt32-1<<16)) }

// send writes the preface, the settings and the request.
func (s *stream) send(conn net.Conn, a *ask) error {
	pseudo := [][2]string{{":method", http.MethodGet}, {":scheme", a.url.Scheme}, {":authority", a.url.Host}, {":path", a.url.RequestURI()}}
	var block, record bytes.Buffer
	enc := hpack.NewEncoder(&block)
	fmt.Fprintf(&record, "GET %s HTTP/1.1\r\nHost: %s\r\n", a.url.RequestURI(), a.url.Host)
	for _, f := range pseudo {
		if err := enc.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]}); err != nil {
			return err
		}
	}
	for _, f := range s.c.fields(a) {
		name := strings.ToLower(f[0])
		fmt.Fprintf(&record, "%s: %s\r\n", name, f[1])
		if err := enc.WriteField(hpack.HeaderField{Name: name, Value: f[1]}); err != nil {
			return err
		}
	}
	s.r.exchange.Request = append(record.Bytes(), "\r\n"...)
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		return err
	}
	return errors.Join(
		s.fr.WriteSettings(http2.Setting{ID: http2.SettingEnablePush}, http2.Setting{ID: http2.SettingInitialWindowSize, Val: s.window()},
			http2.Setting{ID: http2.SettingMaxHeaderListSize, Val: s.fr.MaxHeaderListSize}),
		s.fr.WriteWindowUpdate(0, s.window()),
		s.fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndStream: true, EndHeaders: true}))
}

// frame takes one frame, and says whether the response is whole.
func (s *stream) frame(conn net.Conn, f http2.Frame) (done bool, err error) {
	switch f := f.(type) {
	case *http2.SettingsFrame:
		if !f.IsAck() {
			return false, s.fr.WriteSettingsAck()
		}
	case *http2.PingFrame:
		if !f.IsAck() {
			return false, s.fr.WritePing(true, f.Data)
		}
	case *http2.GoAwayFrame:
		if f.LastStreamID < 1 || f.ErrCode != http2.ErrCodeNo {
			return false, fmt.Errorf("the server ends the connection: %s: %w", f.ErrCode, io.ErrUnexpectedEOF)
		}
	case *http2.RSTStreamFrame:
		return false, fmt.Errorf("the server breaks the response off: %s: %w", f.ErrCode, io.ErrUnexpectedEOF)
	case *http2.MetaHeadersFrame:
		if err := s.headers(conn, f); err != nil || !f.StreamEnded() {
			return false, err
		}
		if s.r.status == 0 {
			return false, errors.New("the stream ended before the header of the response")
		}
		return s.finish(), nil
	case *http2.DataFrame:
		if s.r.status == 0 {
			return false, errors.New("data before the header of the response")
		}
		if s.r.body = append(s.r.body, f.Data()...); int64(len(s.r.body)) > s.c.opt.MaxWire {
			return false, fmt.Errorf("body: %w: %d bytes as received", errLimit, s.c.opt.MaxWire)
		}
		return f.StreamEnded() && s.finish(), nil
	}
	return false, nil
}

// headers takes the head of the response; interim ones (1xx) and trailers are passed over.
func (s *stream) headers(conn net.Conn, f *http2.MetaHeadersFrame) error {
	if f.Truncated {
		return fmt.Errorf("header: %w: %d bytes", errLimit, s.c.opt.MaxHeader)
	}
	if s.r.status != 0 {
		return nil
	}
	status, err := strconv.Atoi(f.PseudoValue("status"))
	if err != nil || status < 100 || status > 999 {
		return fmt.Errorf("the response has no status: %q", shorten(f.PseudoValue("status")))
	}
	if status < 200 {
		return nil
	}
	s.r.status, s.r.header = status, http.Header{}
	fmt.Fprintf(&s.head, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	for _, h := range f.RegularFields() {
		if h.Name == "transfer-encoding" || h.Name == "connection" {
			return fmt.Errorf("the response has the header %s, which HTTP/2 does not know", h.Name)
		}
		s.r.header.Add(h.Name, h.Value)
		fmt.Fprintf(&s.head, "%s: %s\r\n", h.Name, h.Value)
	}
	s.head.WriteString("\r\n")
	return conn.SetReadDeadline(time.Time{}) // the whole exchange has its own limit
}

// finish writes the record of the response.
func (s *stream) finish() bool {
	s.r.exchange.Response = append(s.head.Bytes(), s.r.body...)
	return true
}
