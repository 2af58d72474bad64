package main

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// TestDutiesAreDoneOnce kills workers in the middle of their duties: captures are made once, digests and alerts are sent once.
func TestDutiesAreDoneOnce(t *testing.T) {
	t.Parallel() // it waits for workers most of the time
	b := newWorkBench(t, weeksSettings)
	names := []string{"clipzy", "mailzy", "wavezy"}
	for _, name := range names {
		b.page(name, "We store your personal data on servers in Ireland, which are run by our own staff in Dublin.")
		b.use(func(a *archive.Archive) error {
			return a.PutDeclaration(snapshots.Declaration{Service: strings.ToUpper(name[:1]) + name[1:], TermsType: "Privacy Policy",
				Added: time.Date(2023, 6, 1, 0, 0, 0, 0, time.UTC), Sources: []snapshots.Source{{URL: "http://" + name + ".example/" + name}}})
		})
	}
	b.flags = append(b.flags, "--delay", "10ms")
	idle := func() bool {
		return b.ask("select count(*) from river_job where kind not in ('schedule', 'post', 'gather', 'tidy') and state not in ('completed', 'cancelled', 'discarded')") == 0
	}
	p := b.startAt("2023-06-21T08:00:00Z", "")
	b.until("the first captures", time.Minute, func() bool {
		return b.ask("select count(*) from kv_versions") == 3 && idle() && b.ask("select count(*) from work_files where name = 'post/watch.json'") == 1
	})
	_ = p.Process.Signal(syscall.SIGTERM)
	<-p.done
	b.page("clipzy", "We transfer your personal data to our servers in India, where our group companies have access to them.")
	for step, queue := range map[string]string{"scheduled": "capture", "posted": "digest"} {
		p := b.startAt("2023-06-26T09:00:00Z", step, "--queue", queue)
		select {
		case <-p.done:
		case <-time.After(time.Minute):
			t.Fatalf("nobody was killed when it had %s\n%s", step, b.logs())
		}
	}
	for range 2 {
		b.startAt("2023-06-26T09:01:00Z", "")
	}
	b.until("the mails", time.Minute, func() bool { return len(b.post.got()) >= 3 && b.ask("select count(*) from kv_versions") == 6 && idle() })
	if out, _ := b.must("2023-06-26T09:05:00Z", exitOK, "digest", "outbox", "list", "--all", "--format", "json"); strings.Count(out, `"state": "sent"`) != 3 {
		t.Errorf("the outbox of the workers:\n%s", out)
	}
	want := map[string]int{"ana@example.org": 1, "bo@example.org": 1, "dpo@example.org": 1}
	for _, l := range b.post.got() {
		want[l.to]--
	}
	for to, n := range want {
		if n != 0 {
			t.Errorf("%s got %d mails too few: %q\n%s", to, n, b.subjects(), b.logs())
		}
	}
	b.use(func(a *archive.Archive) error {
		terms, err := a.Terms()
		for _, x := range terms {
			n := 0
			for _, bad := range a.Snapshots(x) {
				err = errors.Join(err, bad)
				n++
			}
			if n != 2 {
				t.Errorf("%s was captured %d times", x, n)
			}
		}
		return err
	})
}
