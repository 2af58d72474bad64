package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/drittland/drittland/cmd/drittland/work"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// TestJobs looks at jobs that failed each in its way, and has them done again.
func TestJobs(t *testing.T) {
	t.Parallel() // it waits for workers most of the time
	b := newWorkBench(t, "capture: {schedule: daily, jitter: 0s}\nlisten: 127.0.0.1:0\n")
	b.flags = append(b.flags, "--delay", "10ms")
	now := time.Now().UTC().Format(time.RFC3339)
	if _, messages := b.must(now, exitFailed, "jobs"); !strings.Contains(messages, "'drittland worker' makes it") {
		t.Errorf("without a queue it says %s", messages)
	}
	b.page("clipzy", "We store your personal data in Ireland.")
	b.write("web/mailzy.html", "status 503\nlater")
	b.write("web/wavezy.html", "status 410\ngone")
	for name, service := range map[string]string{"clipzy": "Clipzy", "mailzy": "Mailzy", "wavezy": "Wavezy"} {
		b.use(func(a *archive.Archive) error {
			return a.PutDeclaration(snapshots.Declaration{Service: service, TermsType: "Privacy Policy", Added: time.Now(),
				Sources: []snapshots.Source{{URL: fmt.Sprintf("http://%s.example/%s", name, name)}}})
		})
	}
	p := b.start()
	jobs := func(args ...string) []work.Entry {
		out, _ := b.must(now, exitOK, append([]string{"jobs", "list", "--format", "json"}, args...)...)
		validJSON(t, "jobs", out)
		var list jobList
		if err := json.Unmarshal([]byte(out), &list); err != nil {
			t.Fatal(err)
		}
		return list.Jobs
	}
	b.until("one waits and one is dead", time.Minute, func() bool {
		return b.ask("select count(*) from river_job where state = 'retryable'") == 1 && b.ask("select count(*) from river_job where state = 'cancelled'") == 1 &&
			b.ask("select count(*) from river_job where kind = 'derive' and state = 'completed'") == 3
	})
	dead, late := jobs("--state", "dead"), jobs("--state", "retryable", "--queue", "capture")
	if len(dead) != 1 || !strings.HasPrefix(dead[0].Why, "gone: ") || dead[0].About != "Wavezy · Privacy Policy" {
		t.Errorf("dead: %+v", dead)
	}
	if len(late) != 1 || !strings.HasPrefix(late[0].Why, "not available now: ") || !strings.Contains(late[0].Why, "503") {
		t.Errorf("late: %+v", late)
	}
	out, messages := b.must(now, exitOK, "jobs")
	if strings.Contains(messages, "nobody takes jobs") || !strings.Contains(out, "Wavezy · Privacy Policy") || !strings.Contains(out, "503") || strings.Contains(out, "Clipzy") {
		t.Errorf("the list:\n%q\n%s", out, messages)
	}
	out, _ = b.must(now, exitOK, "jobs", "show", fmt.Sprint(late[0].ID))
	if !strings.Contains(out, "failure 1") || !strings.Contains(out, "1 of at most 12") {
		t.Errorf("shown:\n%q", out)
	}
	b.health(p)
	_ = p.Process.Signal(syscall.SIGTERM)
	<-p.done
	if _, messages := b.must(now, exitOK, "jobs"); !strings.Contains(messages, "nobody takes jobs from capture now; 'drittland worker --queue capture' does") {
		t.Errorf("without a worker: %s", messages)
	}
	b.hostile(now)
	b.page("mailzy", "We store your personal data in France.")
	b.page("wavezy", "We store your personal data in Spain.")
	if _, messages := b.must(now, exitOK, "jobs", "retry", "--all"); !strings.Contains(messages, "2") {
		t.Errorf("retried: %s", messages)
	}
	b.start()
	b.until("all are captured", time.Minute, func() bool {
		return b.toDo() == 0 && b.ask("select count(*) from river_job where kind = 'derive' and state = 'completed'") == 5
	})
	if list := jobs("--state", "dead"); len(list) != 1 || !list[0].ByHand() {
		t.Errorf("still dead: %+v", list)
	}
	done := jobs("--state", "completed", "--queue", "capture")
	if _, messages := b.must(now, exitOK, "jobs", "cancel", fmt.Sprint(done[0].ID)); !strings.Contains(messages, "cancelled") {
		t.Errorf("cancelled: %s", messages)
	}
	b.must(now, exitFailed, "jobs", "retry", "999999")
}

// hostile puts a job into the queue whose arguments would colour a terminal, and cancels it.
func (b *workBench) hostile(now string) {
	b.t.Helper()
	q, err := work.Open(context.Background(), b.address, 2)
	if err != nil {
		b.t.Fatal(err)
	}
	_, err = q.Put(context.Background(), work.Capture{Service: "Evil\x1b[31m", Type: "Privacy Policy\n"})
	if err := errors.Join(err, q.Close()); err != nil {
		b.t.Fatal(err)
	}
	out, _ := b.must(now, exitOK, "jobs", "--state", "available")
	id, _, _ := strings.Cut(out[strings.Index(out, "\n")+1:], " ")
	shown, _ := b.must(now, exitOK, "jobs", "show", id)
	if strings.Contains(out+shown, "\x1b") || strings.Count(out, "\n") != 2 || !strings.Contains(out, "Evil") {
		b.t.Errorf("shown:\n%q\n%q", out, shown)
	}
	b.must(now, exitOK, "jobs", "cancel", id)
	if n := b.ask("select count(*) from river_job where state = 'available'"); n != 0 {
		b.t.Errorf("%d jobs are left though it was cancelled", n)
	}
}

// health asks a worker for its health and its metrics.
func (b *workBench) health(p *workProcess) {
	b.t.Helper()
	_, rest, ok := strings.Cut(p.log.String(), `msg="health and metrics" address=`)
	address, _, _ := strings.Cut(rest, "\n")
	if !ok {
		b.t.Fatalf("no address in the log:\n%s", p.log.String())
	}
	b.until("the metrics tell of jobs", time.Minute, func() bool {
		r, err := http.Get("http://" + address + "/metrics")
		if err != nil {
			b.t.Fatal(err)
		}
		defer r.Body.Close()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			b.t.Fatal(err)
		}
		s := string(body)
		return strings.Contains(s, `drittland_jobs{queue="capture",state="retryable"} 1`) && strings.Contains(s, `drittland_jobs_done_total{kind="capture",result="failed"} 2`) &&
			strings.Contains(s, "drittland_workers 1\n") && strings.Contains(s, "drittland_jobs_dead 1\n") && strings.Contains(s, `drittland_jobs_lag_seconds{queue="capture"} `)
	})
}

func TestJobsUsage(t *testing.T) {
	for _, args := range [][]string{{"jobs"}, {"worker"}, {"worker", "--queue", "llama"}, {"worker", "-n", "0"}, {"worker", "x"}, {"jobs", "--state", "odd"}, {"jobs", "--queue", "odd"},
		{"jobs", "show"}, {"jobs", "show", "x"}, {"jobs", "retry"}, {"jobs", "retry", "--all", "1"}, {"jobs", "cancel"}, {"jobs", "--limit", "0"}} {
		if code, out, messages := command(t, "", append([]string{"--archive", t.TempDir()}, args...)...); code != exitUsage || out != "" {
			t.Errorf("%q: exit code %d\n%s%s", args, code, out, messages)
		}
	}
}
