package main

// The log of watch. What a person's address looks like is masked in all that is not for debugging: servers quote addresses, and keys of
// messages hold them.

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"regexp"
	"strings"
	"time"

	"github.com/drittland/drittland/cmd/drittland/report"
)

var mailAddress = regexp.MustCompile(`[^\s<>"'/=,;:()]+@[^\s<>"'/=,;:()]+`)

// logger writes to standard error; zone is that in which times are shown.
func (t *tool) logger(form, level string, zone *time.Location) (*slog.Logger, error) {
	var least slog.Level
	switch level {
	case "debug", "info", "warn", "error":
		_ = least.UnmarshalText([]byte(level)) // one of these
	default:
		return nil, fmt.Errorf("--log-level %s: expected debug, info, warn or error", level)
	}
	o := &slog.HandlerOptions{Level: least, ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey && len(groups) == 0 {
			a.Value = slog.TimeValue(t.env.Now().In(zone))
		}
		return a
	}}
	switch form {
	case "text":
		return slog.New(masked{slog.NewTextHandler(t.env.Stderr, o)}), nil
	case "json":
		return slog.New(masked{slog.NewJSONHandler(t.env.Stderr, o)}), nil
	}
	return nil, fmt.Errorf("--log-format %s: expected text or json", form)
}

// masked is a handler that masks addresses from level info on.
type masked struct{ slog.Handler }

func (m masked) Handle(ctx context.Context, r slog.Record) error {
	clean := func(s string) string {
		s = report.Line(s)
		if r.Level >= slog.LevelInfo {
			s = mailAddress.ReplaceAllString(s, "…@…")
		}
		return s
	}
	out := slog.NewRecord(r.Time, r.Level, clean(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		switch v := a.Value.Any().(type) {
		case error:
			a.Value = slog.StringValue(clean(strings.ReplaceAll(v.Error(), "\n", "; ")))
		case string:
			a.Value = slog.StringValue(clean(v))
		case []string:
			a.Value = slog.StringValue(clean(strings.Join(v, ", ")))
		}
		out.AddAttrs(a)
		return true
	})
	return m.Handler.Handle(ctx, out)
}

func (m masked) WithAttrs(attrs []slog.Attr) slog.Handler { return masked{m.Handler.WithAttrs(attrs)} }
func (m masked) WithGroup(name string) slog.Handler       { return masked{m.Handler.WithGroup(name)} }

// A discreet error says what another one does, without addresses of people: cron mails it to whoever looks after the machine.
type discreet struct{ error }

func (d discreet) Error() string { return plainly(d.error) }
func (d discreet) Unwrap() error { return d.error }

func listenOn(address string) (net.Listener, error) { return net.Listen("tcp", address) }
