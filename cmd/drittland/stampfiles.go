package main

// Where the time stamps of an archive are: in its directory, or beside its ledger on a server. Who asks authorities is a matter of each machine.

import (
	"path/filepath"

	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/stamp"
)

// stampFolder are the stamps of an open archive, for reading.
func stampFolder(a *archive.Archive) stamp.Folder {
	if a.Dir() == "" {
		return stamp.Folder{Dir: stampsDir, Files: a.Stamps()}
	}
	return stamp.Folder{Dir: filepath.Join(a.Dir(), filepath.FromSlash(stampsDir))}
}

// changeStamps calls f with the stamps of an archive that is open for writing, while nobody else changes them.
func changeStamps(a *archive.Archive, f func(stamp.Folder) error) error {
	if a.Dir() == "" {
		return a.ChangeStamps(func(files archive.Stamps) error { return f(stamp.Folder{Dir: stampsDir, Files: files}) })
	}
	return f(stampFolder(a))
}

// stamps are those of an archive, for reading at any time.
func (s *store) stamps() stamp.Folder {
	if archive.OnServer(s.dir) {
		return stamp.Folder{Dir: stampsDir, Files: stampsThere{s}}
	}
	return stamp.Folder{Dir: filepath.Join(s.dir, filepath.FromSlash(stampsDir))}
}

// timestamps is the file that names authorities, unless another is named: in the directory of the archive, or with the settings of the user if the
// archive is on a server.
func (s *store) timestamps() string {
	if archive.OnServer(s.dir) {
		return userDir(s.env, "XDG_CONFIG_HOME", "AppData", ".config", filepath.Join("drittland", timestampsFile))
	}
	return filepath.Join(s.dir, timestampsFile)
}

// stampsThere are the files of the stamps of an archive on a server, for reading.
type stampsThere struct{ s *store }

func (x stampsThere) read(f func(archive.Stamps) error) error {
	return x.s.use(true, func(a *archive.Archive) error { return f(a.Stamps()) })
}

func (x stampsThere) Names(dir string) (out []string, err error) {
	err = x.read(func(f archive.Stamps) (err error) { out, err = f.Names(dir); return err })
	return out, err
}

func (x stampsThere) Read(name string, most int64) (b []byte, err error) {
	err = x.read(func(f archive.Stamps) (err error) { b, err = f.Read(name, most); return err })
	return b, err
}

func (x stampsThere) Write(string, []byte) error   { return archive.ErrReadOnly }
func (x stampsThere) Replace(string, []byte) error { return archive.ErrReadOnly }
func (x stampsThere) Rename(string, string) error  { return archive.ErrReadOnly }
func (x stampsThere) Remove(string) error          { return archive.ErrReadOnly }
