package watch

// What was done: one small file that is replaced whole, and the lock that keeps a second watch out.

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/drittland/drittland/snapshots/disk"
)

// Schema names the form of a State as JSON.
const Schema = "drittland/watch/1"

const (
	stateFile = "watch.json"
	lockFile  = "watch.lock"
	maxState  = 8 << 20 // bytes
)

// A State is what was done, by the slots of schedules.
type State struct {
	Schema  string          `json:"schema"`
	Seed    string          `json:"seed"`    // of the jitter, drawn once
	Seen    time.Time       `json:"seen"`    // the latest time that the clock showed
	Capture Capture         `json:"capture"` // of the schedule for all
	Lists   map[string]List `json:"lists"`   // by name
	// Untold is the time from which on what was captured has not been looked at for alerts; zero if all has.
	Untold time.Time `json:"untold,omitzero"`
	// Told is when alerts were made last. What the law changes since is looked for in all texts.
	Told time.Time `json:"told,omitzero"`
	// Restarts counts how often somebody said that a clock which went back is right. It is part of the keys of digests.
	Restarts int `json:"restarts,omitempty"`

	anew bool // the file was damaged: lists begin one slot earlier
}

// Settled says that all lists of the settings were looked at once.
func (s *State) Settled() { s.anew = false }

// A Capture is a run.
type Capture struct {
	Slot    string    `json:"slot"` // the last one that was done; of a schedule of a declaration alone it stays
	Began   time.Time `json:"began,omitzero"`
	Ended   time.Time `json:"ended,omitzero"` // before Began while it goes on, and after a crash
	Sources int       `json:"sources"`
	Failed  int       `json:"failed"`
	Trouble string    `json:"trouble,omitempty"` // what kept it from ending
}

// A List is a list of people who get digests.
type List struct {
	Slot  string    `json:"slot"`  // for which the last digest was made
	Until time.Time `json:"until"` // end of the time of which it told: the next one begins there
}

// A Folder is the directory of the state. Write, if it is set, takes the place of writing a file and bringing it to the disk, in tests.
type Folder struct {
	Dir   string
	Write func(name string, data []byte) error
	Files Files // where the directory is; nil for the file system
}

// Files are where a directory of state may be that several machines share.
type Files interface {
	Read(name string, most int) ([]byte, error) // fs.ErrNotExist if there is none
	Write(name string, data []byte) error       // whole or not at all
}

// ErrBusy says that another process watches with the same directory.
var ErrBusy = errors.New("another 'drittland watch' is at work")

// Lock makes the directory if there is none and keeps other processes out of it until unlock; ErrBusy if one is there. The lock goes with
// the process, however it ends.
func (f Folder) Lock() (unlock func(), err error) {
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	name := filepath.Join(f.Dir, lockFile)
	l := flock.New(name, flock.SetPermissions(0o600))
	ok, err := l.TryLock()
	switch {
	case err != nil:
		return nil, fmt.Errorf("state: lock %s: %w", name, err)
	case !ok:
		return nil, fmt.Errorf("%w with %s", ErrBusy, f.Dir)
	}
	return func() { _ = l.Unlock() }, nil // it goes with the process in any case
}

// Load reads the state. Where there is none, it is new. One that is damaged is set aside under the name that is given back, and what is
// new then begins one slot earlier: nothing is skipped, and the outbox keeps what was sent from being sent again.
func (f Folder) Load() (s *State, aside string, err error) {
	s, aside, err = f.Look()
	if err == nil && aside != "" && f.Files == nil { // in a shared place it is written over
		err = os.Rename(filepath.Join(f.Dir, stateFile), aside)
	}
	return s, aside, err
}

// Look is Load without setting anything aside.
func (f Folder) Look() (s *State, aside string, err error) {
	s = &State{Schema: Schema, Seed: rand.Text(), Lists: map[string]List{}}
	name := filepath.Join(f.Dir, stateFile)
	data, err := f.read(name)
	if errors.Is(err, fs.ErrNotExist) {
		return s, "", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("state: %w", err)
	}
	read := *s
	dec := json.NewDecoder(bytes.NewReader(data))
	switch err := dec.Decode(&read); {
	case err == nil && strings.HasPrefix(read.Schema, "drittland/watch/") && read.Schema != Schema:
		return nil, "", fmt.Errorf("state: %s was written by another release: %.40q", name, read.Schema)
	case err != nil, read.Schema != Schema:
		s.anew = true
		return s, name + ".damaged", nil
	}
	if read.Lists == nil {
		read.Lists = map[string]List{}
	}
	return &read, "", nil
}

func (f Folder) read(name string) ([]byte, error) {
	if f.Files != nil {
		return f.Files.Read(name, maxState)
	}
	return readFile(name)
}

func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxState+1))
	if err == nil && len(data) > maxState {
		err = fmt.Errorf("%s: more than %d bytes", name, maxState)
	}
	return data, err
}

// Save replaces the state, whole or not at all. It is on the disk when Save returns.
func (f Folder) Save(s *State) error {
	data, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return err
	}
	if f.Files != nil {
		if err := f.Files.Write(filepath.Join(f.Dir, stateFile), append(data, '\n')); err != nil {
			return fmt.Errorf("state: what was done could not be recorded: %w", err)
		}
		return nil
	}
	write := f.Write
	if write == nil {
		write = func(name string, data []byte) error { return disk.Write(name, data, 0o600) }
	}
	name := filepath.Join(f.Dir, stateFile)
	if err := write(name+".new", append(data, '\n')); err != nil {
		return fmt.Errorf("state: what was done could not be recorded: %w", err)
	}
	if err := errors.Join(os.Rename(name+".new", name), disk.Sync(f.Dir)); err != nil {
		return fmt.Errorf("state: what was done could not be recorded: %w", err)
	}
	return nil
}

// Behind is by how much the clock lies behind what it showed before, 0 if it does not. Nothing is captured or made until it has caught
// up: times then never run backwards in the archive, and no time is told of twice or skipped.
func (s *State) Behind(now time.Time) time.Duration {
	if d := s.Seen.Sub(now); d > 0 {
		return d
	}
	return 0
}

// See notes what the clock shows.
func (s *State) See(now time.Time) {
	if now.After(s.Seen) {
		s.Seen = now.UTC()
	}
}

// TrustClock takes the clock as it is, though it went back. Lists whose time lies ahead begin again with now.
func (s *State) TrustClock(now time.Time) {
	if s.Behind(now) == 0 {
		return
	}
	s.Seen, s.Capture.Slot, s.Restarts = now.UTC(), "", s.Restarts+1
	for _, at := range []*time.Time{&s.Capture.Began, &s.Capture.Ended, &s.Untold, &s.Told} {
		if at.After(now) {
			*at = now.UTC()
		}
	}
	for name, l := range s.Lists {
		if l.Until.After(now) {
			s.Lists[name] = List{Until: now.UTC()}
		}
	}
}

// Keep forgets lists that are no more.
func (s *State) Keep(lists []string) {
	known := map[string]bool{}
	for _, l := range lists {
		known[l] = true
	}
	for name := range s.Lists {
		if !known[name] {
			delete(s.Lists, name)
		}
	}
}
