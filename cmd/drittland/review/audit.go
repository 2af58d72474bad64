package review

// The audit log: who did what, from where, as lines of JSON that are only ever added to.

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/drittland/drittland/cmd/drittland/report"
)

// What the audit log tells.
const (
	didStart    = "started"
	didLogIn    = "log-in"
	didFail     = "failed log-in"
	didTooOften = "too many log-ins"
	didLogOut   = "log-out"
	didRefused  = "refused"
	didDeciding = "deciding" // kept before a decision is recorded: none is without it
	didDecided  = "decided"
)

const (
	maxAuditField = 300 // bytes
	maxAuditShown = 500 // lines
	maxAuditRead  = 2 << 20
)

// An auditEntry is one line of the audit log.
type auditEntry struct {
	Time    time.Time `json:"time"`
	Handle  string    `json:"handle,omitempty"`
	Address string    `json:"address,omitempty"`
	Did     string    `json:"did"`
	On      string    `json:"on,omitempty"`
}

// clean is an entry without what could pass for another line or field, in a terminal too.
func (e auditEntry) clean() auditEntry {
	for _, s := range []*string{&e.Handle, &e.Address, &e.Did, &e.On} {
		*s = report.Line((*s)[:min(len(*s), maxAuditField)])
	}
	return e
}

// An auditLog is a file that is only ever added to. It may be moved away at any time: it is opened for each line.
type auditLog struct {
	path string
	mu   sync.Mutex
}

// add adds one line. When it returns nil, the line is on the disk.
func (l *auditLog) add(e auditEntry) error {
	b, err := json.Marshal(e.clean())
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	f, err := os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	if err := errors.Join(addLine(f, b), f.Close()); err != nil {
		return fmt.Errorf("audit log %s: %w", l.path, err)
	}
	return nil
}

// addLine adds a line to a file, and ends first what a full disk may have left of one.
func addLine(f *os.File, line []byte) error {
	if err := private(f); err != nil {
		return err
	}
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	last := []byte{'\n'}
	if end > 0 {
		if _, err := f.ReadAt(last, end-1); err != nil {
			return err
		}
	}
	line = append(line, '\n')
	if last[0] != '\n' {
		line = append([]byte{'\n'}, line...)
	}
	if _, err := f.Write(line); err != nil {
		return err
	}
	return f.Sync()
}

// last gives the last lines, the newest first. What is no line of the log is counted.
func (l *auditLog) last(n int) (list []auditEntry, unread int, err error) {
	f, err := os.Open(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	from := max(0, info.Size()-maxAuditRead)
	b, err := io.ReadAll(io.NewSectionReader(f, from, maxAuditRead))
	if err != nil {
		return nil, 0, err
	}
	if from > 0 { // the first line may be cut
		_, b, _ = bytes.Cut(b, []byte("\n"))
	}
	for _, line := range slices.Backward(bytes.Split(bytes.TrimSuffix(b, []byte("\n")), []byte("\n"))) {
		var e auditEntry
		switch {
		case len(list)+unread == n:
			return list, unread, nil
		case len(line) == 0:
		case json.Unmarshal(line, &e) != nil || e.Time.IsZero():
			unread++
		default:
			list = append(list, e.clean())
		}
	}
	return list, unread, nil
}

// An auditLine is a line of the log in words.
type auditLine struct{ At, Handle, Address, Did, On string }

// An auditPage shows the end of the log.
type auditPage struct {
	Lines  []auditLine
	Unread int
	Most   int
}

// auditPage shows the audit log, to admins.
func (g *Gate) auditPage(s *Server) page {
	said := func(v *visit, did string) string {
		words := map[string]string{didStart: v.T("the server started"), didLogIn: v.T("logged in"), didFail: v.T("failed to log in"), didTooOften: v.T("tried to log in too often"), didLogOut: v.T("logged out"),
			didRefused: v.T("was refused"), didDeciding: v.T("is about to decide"), didDecided: v.T("decided")}
		if w, ok := words[did]; ok {
			return w
		}
		return did
	}
	return func(v *visit) error {
		list, unread, err := g.audit.last(maxAuditShown)
		if err != nil {
			return err
		}
		p := &auditPage{Unread: unread, Most: maxAuditShown}
		for _, e := range list {
			p.Lines = append(p.Lines, auditLine{e.Time.UTC().Format("2006-01-02 15:04:05"), e.Handle, e.Address, said(v, e.Did), e.On})
		}
		return s.show(v, http.StatusOK, "audit.html", &frame{Title: v.T("Audit log"), Tab: "audit", Content: p})
	}
}
