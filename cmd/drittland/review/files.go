package review

// What a change can be had as: its screenshot, and files to keep.

import (
	"bytes"
	"errors"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules/law"
)

// picture gives the screenshot of a capture.
func (s *Server) picture(v *visit) error {
	b, err := s.desk.Picture(v.ctx, v.query.Get("id"))
	if err != nil {
		return err
	}
	if http.DetectContentType(b) != "image/png" {
		return ErrNotFound
	}
	v.w.Header().Set("Content-Type", "image/png")
	_, _ = v.w.Write(b)
	return nil
}

// The files that a change can be had as.
var exports = map[string]string{"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "html": "text/html; charset=utf-8", "pdf": "application/pdf"}

// export gives a change as a file to keep. Nothing of it runs in the server's origin: it is always saved.
func (s *Server) export(v *visit) error {
	at, ok := whereIn(v.query)
	form := v.query.Get("form")
	media, is := exports[form]
	if !ok || !is {
		return ErrNotFound
	}
	b, err := s.file(v, at, form)
	if errors.Is(err, ErrNoProgram) {
		return &trouble{http.StatusNotImplemented, v.F("This file cannot be made here: %s", report.Line(err.Error()))}
	}
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'")
	h.Set("Content-Disposition", `attachment; filename="`+fileName(at, s.opts.Now())+"."+form+`"`)
	_, _ = v.w.Write(b)
	return nil
}

// file makes a change a file.
func (s *Server) file(v *visit, at Where, form string) ([]byte, error) {
	var b bytes.Buffer
	if form == "docx" {
		err := s.desk.Word(v.ctx, &b, at, v.Language())
		return b.Bytes(), err
	}
	c, err := s.desk.Change(v.ctx, at, v.Language())
	if err != nil {
		return nil, err
	}
	line, err := s.desk.Line(v.ctx, c.At.Terms, c.At.Line)
	if err != nil {
		return nil, err
	}
	p, err := newChangePage(v.Words, c, changes(line, c), true)
	if err != nil {
		return nil, err
	}
	for i := range p.Captures {
		p.Captures[i].Picture = "" // a file asks for nothing
	}
	f := &frame{Words: v.Words, Lang: v.Language(), Title: p.Title, Today: law.DateOf(s.opts.Now()), Content: p, CSS: sheetStyle()}
	if err := s.templates(v.Words).ExecuteTemplate(&b, "sheet.html", f); err != nil || form == "html" {
		return b.Bytes(), err
	}
	return s.desk.Print(v.ctx, b.Bytes(), p.Title+" · "+f.Today.String())
}

// sheetStyle is the style of a file that stands alone.
func sheetStyle() template.CSS {
	b, err := files.ReadFile("page/desk.css")
	if err != nil {
		panic("review: the style is not embedded: " + err.Error())
	}
	return report.RedlineCSS() + template.CSS(b) // both ours
}

// fileName names a file of a change by ASCII letters and digits.
func fileName(at Where, now time.Time) string {
	keep := func(s string) string {
		return strings.Trim(strings.Map(func(r rune) rune {
			if r < 128 && (r == '-' || r == '.' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z') {
				return r
			}
			return '-'
		}, s), "-.")
	}
	name := keep(at.Terms.Service + "-" + at.Terms.Type + "-" + at.Spec())
	return name[:min(len(name), 80)] + "-" + day(now)
}
