package main

// Keeping what check has read as evidence in the archive.

import (
	"net/url"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// saveCapture keeps a capture: under the terms of which its address is a tracked source, else under terms
// named for its host or its file. The linked pages are kept as annexes of it.
func (t *tool) saveCapture(c *cli.Context, in *input) error {
	s, got := t.store(c), in.Capture
	return s.write(func(a *archive.Archive) error {
		declared, err := a.Declarations()
		if err != nil {
			return err
		}
		got.Terms = termsOf(in, declared)
		if _, err := a.PutCapture(got); err != nil {
			return err
		}
		for _, l := range in.Linked {
			l.Terms = got.Terms
			if _, err := a.PutCapture(l); err != nil {
				return err
			}
		}
		s.say("%s is kept in the archive as %s", in.Name, got.Terms)
		return nil
	})
}

// termsOf names the terms of a capture.
func termsOf(in *input, declared []snapshots.Declaration) snapshots.Terms {
	got, name := in.Capture, in.Name
	for _, d := range declared {
		if got.URL != "" && in.Next == "" && d.Removed.IsZero() && len(d.Sources) == 1 && d.Sources[0].URL == got.URL { // of several pages, one is no text
			return snapshots.Terms{Service: d.Service, Type: d.TermsType}
		}
	}
	service := strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	if u, err := url.Parse(got.URL); err == nil && u.Hostname() != "" {
		service = strings.TrimPrefix(u.Hostname(), "www.")
	}
	return snapshots.Terms{Service: report.Line(service), Type: "Privacy Policy"}
}
