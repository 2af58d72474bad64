package archive

// This file keeps the time stamps of an archive on a server: files beside those of its ledger. In a folder they are files in ledger/stamps.

import (
	"bytes"
	"slices"
	"strings"

	"github.com/drittland/drittland/snapshots/archive/kv"
)

const stampDir = "stamps/"

// Stamps are the files of the time stamps of an archive on a server, as a stamp.Folder has them.
type Stamps struct{ in vault }

// Stamps are those of an archive on a server, for reading.
func (a *Archive) Stamps() Stamps { return Stamps{vault{read: a.view}} }

// ChangeStamps calls f with the stamps of an archive on a server, while nobody else changes them: all that f does, or nothing if it fails.
func (a *Archive) ChangeStamps(f func(Stamps) error) error {
	if a.opts.ReadOnly {
		return ErrReadOnly
	}
	return a.db.Append(func(tx kv.Tx) error { return f(Stamps{vault{read: bound{tx}.View, tx: tx}}) })
}

// Names are the files and folders in a folder.
func (s Stamps) Names(dir string) ([]string, error) {
	all, err := s.in.names()
	var out []string
	for _, name := range all {
		rest, mine := strings.CutPrefix(name, stampDir+strings.TrimPrefix(dir+"/", "/"))
		if !mine {
			continue
		}
		if rest, _, _ = strings.Cut(rest, "/"); !slices.Contains(out, rest) {
			out = append(out, rest)
		}
	}
	return out, err
}

// Read reads a file of at most so many bytes. fs.ErrNotExist
func (s Stamps) Read(name string, most int64) ([]byte, error) { return s.in.small(stampDir+name, most) }

// Write writes a file.
func (s Stamps) Write(name string, b []byte) error { return s.in.replace(stampDir+name, b) }

// Replace writes a file.
func (s Stamps) Replace(name string, b []byte) error { return s.Write(name, b) }

// Rename gives a file another name.
func (s Stamps) Rename(from, to string) error {
	size, err := s.in.Size(stampDir + from)
	if err != nil {
		return err
	}
	b, err := s.Read(from, size)
	if err == nil {
		err = s.Write(to, bytes.Clone(b))
	}
	if err != nil {
		return err
	}
	return s.Remove(from)
}

// Remove removes a file, if there is one.
func (s Stamps) Remove(name string) error { return s.Write(name, nil) }
