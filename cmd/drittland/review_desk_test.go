package main

// What the review pages and the command decisions make of decisions while time goes by: the law changes, half a page comes, a last day
// passes.

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/drittland/drittland/cmd/drittland/desk"
	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// A clocked desk is one whose clock is set by a test.
type clocked struct {
	*reviewDesk
	t   *testing.T
	now time.Time
}

func clockedDesk(t *testing.T, now time.Time, list ...string) *clocked {
	c := &clocked{deskOver(t, now, clipzy, list...), t, now}
	c.env.Now = func() time.Time { return c.now }
	return c
}

// items are what can be decided on, that match; there must be one at least.
func (c *clocked) items(match func(*review.Item) bool) (out []review.Item) {
	c.t.Helper()
	for range 200 {
		q, err := c.everything(context.Background())
		if err != nil || len(q.Trouble) > 0 {
			c.t.Fatal(err, q.Trouble)
		}
		if c.refresh() != nil {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		for _, x := range q.Items {
			if match(&x) {
				out = append(out, x)
			}
		}
		return out
	}
	c.t.Fatal("the archive is never read")
	return nil
}

// decide records a decision on an item, and gives its ID.
func (c *clocked) decide(x *review.Item, j snapshots.Judgement, until string) string {
	c.t.Helper()
	d := snapshots.Decision{Terms: x.At.Terms, Variant: x.At.Line, About: x.Kind, Fingerprint: x.Fingerprint, Check: x.Check, Quote: x.Quote, Version: x.Version, Judgement: j, By: "mk", At: c.now, Until: until, Note: "seen by the desk"}
	if x.Decision != nil && x.Decision.Fingerprint == x.Fingerprint {
		d.Revises = x.Decision.ID
	}
	got, err := c.Decide(context.Background(), d)
	if err != nil {
		c.t.Fatal(err)
	}
	return got.ID
}

// listed is the state of a decision as the command decisions tells it.
func (c *clocked) listed(id string) desk.State {
	c.t.Helper()
	list, err := c.mattersOf(context.Background(), c.engine, clipzy, false)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, m := range list {
		if m.Decision.ID == id {
			return m.State
		}
	}
	return ""
}

// publish imports the next version.
func (c *clocked) publish(text string) {
	c.t.Helper()
	err := c.write(func(a *archive.Archive) error {
		x := snapshots.Snapshot{Terms: clipzy, At: c.now, MediaType: "text/markdown",
			Origin: &snapshots.Origin{Repo: "clipzy-versions", Commit: fmt.Sprintf("%040x", c.now.Unix()), Path: "Clipzy/Privacy Policy.md"}}
		_, err := a.PutImport(x, []byte(text))
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.now = c.now.AddDate(0, 0, 1)
}

// page is a page as it is served.
func (c *clocked) page(path string) string {
	c.t.Helper()
	w := httptest.NewRecorder()
	review.New(c, review.Options{Now: c.env.Now, Handle: "mk"}).ServeHTTP(w, httptest.NewRequest("GET", "http://127.0.0.1"+path, nil))
	if w.Code != http.StatusOK {
		c.t.Fatalf("%s: %d\n%s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

// A decision on what the law made of a text is held and shown, also by a server that has just started.
func TestDecisionOnLaw(t *testing.T) {
	c := clockedDesk(t, time.Date(2020, 8, 1, 12, 0, 0, 0, time.UTC), "# Privacy policy\n\nWe transfer your personal data to the United States. For this we rely on the EU-U.S. Privacy Shield, to which we have self-certified.\n")
	law := func(x *review.Item) bool { return x.Cause == snapshots.Law }
	list := c.items(law)
	if len(list) != 1 {
		t.Fatalf("%d items of the law: %+v", len(list), list)
	}
	id := c.decide(&list[0], snapshots.Escalated, "")
	if x := c.items(law)[0]; x.Is != review.Decided {
		t.Errorf("the queue has it as %s", x.Is)
	}
	if got := c.listed(id); got != desk.Decided {
		t.Errorf("decisions says %q", got)
	}
	fresh := &clocked{newReviewDesk(c.store, c.engine), t, c.now}
	path := "?s=Clipzy&t=" + url.QueryEscape(defaultType)
	for _, p := range []string{"/change" + path + "&v=1&about=" + list[0].Key(), "/change" + path + "&v=1", "/export" + path + "&v=1&form=html"} {
		page := fresh.page(p)
		for _, want := range []string{"seen by the desk", "escalated", "Privacy Shield", list[0].Checks[0]} {
			if !strings.Contains(page, want) {
				t.Errorf("%s lacks %q", p, want)
			}
		}
	}
	if page := fresh.page("/service" + path); !strings.Contains(page, "about="+list[0].Key()) || !strings.Contains(page, "escalated, mk") {
		t.Error("the page of the service does not lead to it")
	}
}

// A decision holds on its last day, not after it, and waits again then.
func TestDecisionUntil(t *testing.T) {
	c := clockedDesk(t, time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), fmt.Sprintf(where, "Ireland"), fmt.Sprintf(where, "India"))
	change := func(x *review.Item) bool { return x.Kind == snapshots.AboutChange }
	id := c.decide(&c.items(change)[0], snapshots.NotRelevant, "2026-12-01")
	for day, want := range map[int]struct{ web, command string }{1: {review.Decided, string(desk.Decided)}, 2: {review.Lapsed, string(desk.LapsedDate)}} {
		c.now = time.Date(2026, 12, day, 0, 0, 1, 0, time.UTC)
		x := c.items(change)[0]
		if got := c.listed(id); x.Is != want.web || string(got) != want.command || x.Waits() != (day == 2) {
			t.Errorf("on December %d: %s, %s, waits %t", day, x.Is, got, x.Waits())
		}
	}
}

// Half a page takes no decision away until it comes again.
func TestDecisionWhileHalfAPageComes(t *testing.T) {
	long := func(from, to int, more string) string {
		var b strings.Builder
		b.WriteString("# Privacy policy\n\n")
		for i := from; i < to; i++ {
			fmt.Fprintf(&b, "In part %d of the service we keep what you write, watch and say about video number %d, so that others see it.\n\n", i, i)
		}
		return b.String() + more
	}
	const abroad = "We store your personal data on servers in India.\n"
	c := clockedDesk(t, time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), long(0, 60, abroad))
	about := func(check string) func(*review.Item) bool {
		return func(x *review.Item) bool { return x.Check == check }
	}
	stood := c.items(func(x *review.Item) bool {
		return x.Kind == snapshots.AboutFinding && strings.Contains(x.Quote, "India")
	})
	if len(stood) == 0 {
		t.Fatal("nothing is found about India")
	}
	id := c.decide(&stood[0], snapshots.Relevant, "")
	c.publish(long(0, 12, ""))
	page := c.page("/change?s=Clipzy&t=" + url.QueryEscape(defaultType) + "&v=2")
	if !strings.Contains(page, "It is not confirmed") {
		t.Error("the page does not say that the version is not confirmed")
	}
	if x := c.items(about(stood[0].Check)); len(x) != 1 || x[0].Is != review.Decided {
		t.Errorf("after half a page: %+v", x)
	}
	if got := c.listed(id); got != desk.Decided {
		t.Errorf("after half a page decisions says %q", got)
	}
	c.publish(long(0, 12, "Nothing else is kept.\n"))
	for _, x := range c.items(about(stood[0].Check)) {
		if x.Is == review.Decided {
			t.Errorf("after it came again: %+v", x)
		}
	}
	if got := c.listed(id); got != desk.LapsedWords {
		t.Errorf("after it came again decisions says %q", got)
	}
}
