package main

// Having checkpoints stamped: which authority is asked when, and what is kept of it.

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/fetch"
	"github.com/drittland/drittland/snapshots/archive"
	"github.com/drittland/drittland/snapshots/stamp"
)

const (
	timestampsFile = "timestamp.yaml"
	stampsDir      = "ledger/stamps"    // in the archive
	patience       = 3                  // failures until the next authority is asked
	urgent         = 12 * time.Hour     // of waiting, after which all authorities are asked
	overdue        = 24 * time.Hour     // of waiting, after which it is an alarm
	laterRetry     = 6 * time.Hour      // between attempts, once the first ones have failed
	stampsInRun    = 2 * time.Minute    // that a run gives to time stamps
	maxFailure     = 300                // bytes of a failure that are kept
	maxTimestamps  = config.MaxSize + 1 // bytes of the file that are read
)

// firstRetries are the waits after the first failures.
var firstRetries = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour}

// An authority is one with what is needed to ask it.
type authority struct {
	config.Authority
	roots              *stamp.Roots
	username, password string
}

// A stamper has the checkpoints of an archive stamped.
type stamper struct {
	*store
	file        string // of the configuration, "" if there is none
	timeout     time.Duration
	authorities []authority
	web         *http.Client
	folder      stamp.Folder // for reading
}

// stamper reads the configuration. Without one the stamper has no authorities.
func (s *store) stamper(file string) (*stamper, error) {
	st := &stamper{store: s, folder: s.stamps()}
	if file == "" {
		file = s.env.Getenv("DRITTLAND_TIMESTAMPS")
	}
	optional := file == ""
	if optional {
		file = s.timestamps()
	}
	source, err := readBounded(file, maxTimestamps)
	if optional && errors.Is(err, fs.ErrNotExist) {
		return st, nil
	}
	if err != nil {
		return st, fmt.Errorf("time stamps: %w", err)
	}
	conf, err := config.ReadTimestamps(file, source)
	if err != nil {
		return st, &coded{err, exitUnreadable, "'drittland evidence authorities' prints an example"}
	}
	st.file, st.timeout = file, conf.Timeout
	for _, a := range conf.Authorities {
		ready, err := s.authority(a, filepath.Dir(file))
		if err != nil {
			return st, fmt.Errorf("%s: %s: %w", file, a.Name, err)
		}
		st.authorities = append(st.authorities, ready)
	}
	return st, nil
}

// authority reads the roots of an authority, which stand beside the file that names them, and the environment.
func (s *store) authority(a config.Authority, dir string) (authority, error) {
	out := authority{Authority: a}
	name := a.Roots
	if !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	source, err := readBounded(name, stamp.MaxRoots+1)
	if err != nil {
		return out, &coded{fmt.Errorf("roots: %w", err), exitFailed, "fetch the root certificate from the authority's own pages, as PEM"}
	}
	if out.roots, err = stamp.ParseRoots(source); err != nil {
		return out, fmt.Errorf("%s: %w", name, err)
	}
	key := "DRITTLAND_TIMESTAMP_" + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(a.Name))
	out.username, out.password = s.env.Getenv(key+"_USERNAME"), s.env.Getenv(key+"_PASSWORD")
	if (out.username != "" || out.password != "") && !a.Sealed() {
		return out, fmt.Errorf("%s_USERNAME and _PASSWORD are set, but its address is not https: they would be sent in the clear", key)
	}
	return out, nil
}

// readBounded reads at most so many bytes of a file.
func readBounded(name string, most int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most))
}

// connect makes the client that asks the authorities.
func (st *stamper) connect(o fetch.Options) *stamper {
	st.web = &http.Client{Timeout: st.timeout, Transport: fetch.Transport(o),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return st
}

// checkpoint is the newest checkpoint of the ledger, which is what gets time stamps.
func (st *stamper) checkpoint(a *archive.Archive) ([]byte, error) {
	if st.env.Checkpoint != nil {
		return st.env.Checkpoint(a)
	}
	return a.Checkpoint()
}

// queue takes the newest checkpoint of the archive into the queue.
func (st *stamper) queue() error {
	return st.write(func(a *archive.Archive) error {
		message, err := st.checkpoint(a)
		if errors.Is(err, archive.ErrNotFound) {
			return nil // nothing is recorded yet
		}
		if err != nil {
			return err
		}
		return changeStamps(a, func(f stamp.Folder) error {
			if old, err := f.Pending(); err == nil && old != nil && logSize(f, old) > leavesIn(message) {
				return nil // another machine was faster with a newer one
			}
			_, err = f.Queue(message, rand.Reader, st.env.Now())
			return err
		})
	})
}

// dueAt is when a message that waits is tried next; the zero time if it has not been tried.
func dueAt(r *stamp.Record) time.Time {
	last := r.Last("")
	switch n := r.Failures; {
	case n == 0 || last.IsZero():
		return time.Time{}
	case n <= len(firstRetries):
		return last.Add(firstRetries[n-1])
	}
	return last.Add(laterRetry)
}

// turn is which authorities are asked now, by their numbers: the one whose turn it is, and all if it is urgent.
func turn(r *stamp.Record, authorities int, now bool, at time.Time) []int {
	first := r.Failures / patience % authorities
	order := []int{first}
	for i := 1; i < authorities && (now || at.Sub(r.Waiting) >= urgent); i++ {
		order = append(order, (first+i)%authorities)
	}
	return order
}

// try asks for a stamp for what waits, if it is due or wanted now. It returns the record that was stamped, nil if none was, and why
// authorities failed.
func (st *stamper) try(ctx context.Context, now bool) (*stamp.Record, error) {
	r, err := st.folder.Pending()
	if r == nil || len(st.authorities) == 0 {
		return nil, err
	}
	at := st.env.Now()
	if !now && dueAt(r).After(at) && !r.Last("").After(at) { // a clock that was set back must not hold it up
		return nil, nil
	}
	var failed []error
	for _, i := range turn(r, len(st.authorities), now, at) {
		a := &st.authorities[i]
		if wait := st.tooSoon(a); wait > 0 {
			failed = append(failed, fmt.Errorf("%s: it wants %s between two requests; %s are left", a.Name, a.MinInterval, wait.Round(time.Second)))
			continue
		}
		done, err := st.once(ctx, a, r.Digest)
		if done != nil {
			return done, nil
		}
		if failed = append(failed, err); ctx.Err() != nil {
			break
		}
	}
	return nil, errors.Join(failed...)
}

// tooSoon is how long an authority must still be left alone.
func (st *stamper) tooSoon(a *authority) time.Duration {
	records, _ := st.folder.Records() // what is damaged is told by status and check
	var last time.Time
	for i := range records {
		if t := records[i].Last(a.Name); t.After(last) {
			last = t
		}
	}
	since := st.env.Now().Sub(last)
	if last.IsZero() || since < 0 {
		return 0
	}
	return max(a.MinInterval-since, 0)
}

// once asks one authority, and notes what came of it. The archive is not held while the authority thinks.
func (st *stamper) once(ctx context.Context, a *authority, digest string) (*stamp.Record, error) {
	var q stamp.Request
	err := st.ifPending(digest, func(f stamp.Folder, r *stamp.Record) error {
		message, err := f.Message(digest)
		if err != nil {
			return err
		}
		if q, err = stamp.NewRequest(stamp.Digest(message), a.Policy, rand.Reader); err != nil {
			return err
		}
		return f.Ask(r, q)
	})
	if err != nil {
		return nil, err
	}
	asked := st.env.Now()
	answer, err := st.ask(ctx, a, q)
	var s *stamp.Stamp
	if err == nil {
		s, err = stamp.Check(answer, stamp.Want{Digest: q.Digest, Nonce: q.Nonce, Policy: a.Policy, Roots: a.roots, Asked: asked, Now: st.env.Now()})
	}
	if err != nil && errors.Is(ctx.Err(), context.Canceled) { // by the user: nobody's failure
		return nil, ctx.Err()
	}
	if err != nil {
		failure := strings.ToValidUTF8(err.Error(), "?")
		if len(failure) > maxFailure {
			failure = strings.ToValidUTF8(failure[:maxFailure], "") + "…"
		}
		noted := st.ifPending(digest, func(f stamp.Folder, r *stamp.Record) error {
			return f.Fail(r, stamp.Attempt{Authority: a.Name, At: asked, Failure: failure})
		})
		return nil, errors.Join(fmt.Errorf("%s: %w", a.Name, err), noted)
	}
	var done *stamp.Record
	err = st.ifPending(digest, func(f stamp.Folder, r *stamp.Record) error {
		done = r
		return f.Finish(r, q, answer, s, stamp.Stamped{Authority: a.Name, URL: a.URL, Qualified: a.Qualified, Policy: a.Policy,
			Requested: asked, Received: st.env.Now()})
	})
	if err != nil {
		return nil, err
	}
	return done, nil
}

var errSettled = errors.New("another drittland has had it stamped, or has put a newer checkpoint in its place")

// ifPending gives f the record of a message while this is the only process that changes the archive, if the message still waits.
func (st *stamper) ifPending(digest string, do func(stamp.Folder, *stamp.Record) error) error {
	return st.write(func(a *archive.Archive) error {
		return changeStamps(a, func(f stamp.Folder) error {
			r, err := f.Pending()
			if r == nil || r.Digest != digest {
				return errors.Join(err, errSettled)
			}
			return do(f, r)
		})
	})
}

// afterRun has the checkpoint of a run stamped. Nothing that goes wrong with it is the run's failure.
func (s *store) afterRun(c *cli.Context, o fetch.Options) {
	if s.missing() || c.Context.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(c.Context, stampsInRun)
	defer cancel()
	st, err := s.stamper(c.String("timestamps"))
	if err == nil && len(st.authorities) == 0 {
		return
	}
	if err == nil {
		err = st.queue()
	}
	if err == nil {
		_, err = st.connect(o).try(ctx, false)
	}
	if err != nil {
		s.say("time stamp: %s; 'drittland evidence status' shows what waits", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
}

// stampProblems names what is damaged among the stamps of an archive.
func (t *tool) stampProblems(a *archive.Archive) (archive.Problems, error) {
	list, err := stampFolder(a).Problems(t.env.Now())
	var out archive.Problems
	for _, p := range list {
		out = append(out, archive.Problem{File: stampsDir + "/" + p.File, What: p.What, Note: p.Note})
	}
	return out, err
}

func (t *tool) evidenceStamp(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	s := t.store(c)
	if err := s.there(); err != nil {
		return err
	}
	st, err := s.stamper(c.String("timestamps"))
	if err != nil {
		return err
	}
	if len(st.authorities) == 0 {
		return &coded{errors.New("no time stamp authority is configured"), exitFailed,
			"'drittland evidence authorities > " + shellWord(s.timestamps()) + "' begins a file that names some"}
	}
	if err := st.queue(); err != nil {
		return err
	}
	waiting, err := st.folder.Pending()
	if err != nil {
		return &coded{err, exitDamaged, "'drittland archive check' names what is damaged"}
	}
	if waiting == nil {
		t.say("nothing waits for a time stamp")
		return nil
	}
	done, err := st.connect(fetch.Options{Proxy: t.proxy(), AllowLoopback: t.env.Loopback || c.Bool("allow-loopback"), HeaderTimeout: st.timeout}).try(c.Context, true)
	if done == nil {
		return fmt.Errorf("no authority has given a time stamp: %w", err)
	}
	t.say("stamped by %s; 'drittland evidence status' says what that proves", done.Stamped.Authority)
	return nil
}
