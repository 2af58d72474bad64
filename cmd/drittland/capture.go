package main

// Capturing: the network half of run. Each page is evidence in the archive before anything is read out of it, and so is why a
// page could not be had.

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/net/publicsuffix"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/fetch"
	"github.com/drittland/drittland/fetch/extract"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

const maxAnnexes = 5 // linked pages that are captured with one policy

// errLeft says that a source was not asked for, because the budget of the run was used up.
var errLeft = errors.New("left for the next run: the budget is used up")

// A runner captures sources.
type runner struct {
	*store
	web     fetcher // of every source; or
	pages   *pages  // of each
	engine  *analyze.Engine
	full    bool        // ask for whole pages
	spent   func() bool // reports whether no further source is to be begun; nil for no bound
	annexes int         // pages captured with one policy; 0 for maxAnnexes
	had     hadFunc     // gives what was captured before the job was broken off; nil for a run
	fell    func(error) // is told what says nothing about a source: the archive, or the turns, failed; nil for nobody
	bar     *progressbar.ProgressBar
	took    took
}

// A result is what a run did with one source.
type result struct {
	Terms    snapshots.Terms
	URL      string
	Snapshot string // "" if nothing was received
	Annexes  int    // pages captured with it
	Notes    []string
	Err      error              // why it could not be captured
	Version  *snapshots.Version // what it was read as
	Row      *row               // what the version changed, if it is a new one
	Found    []string           // the checks that found something in it, if it is the first of its line
	Law      []row              // what the law changed since the text was seen last
	Quiet    time.Time          // since when the text reads as it does, if it is not
	told     bool               // that it was told of before
	Took     time.Duration      // from its first request to the last answer, waits included
}

// capture captures sources, some at a time, those of one host one after the other: a slow host keeps one hand busy and not
// all. The results are in the order of services and terms.
func (r *runner) capture(ctx context.Context, todo []snapshots.Declaration, jobs int) []*result {
	r.bar = r.progress(len(todo), "capturing")
	defer r.bar.Clear()
	results := make([]*result, len(todo))
	hosts := byHost(todo)
	next := make(chan []int)
	var wg sync.WaitGroup
	for range min(jobs, len(hosts)) {
		wg.Go(func() {
			for group := range next {
				for _, i := range group {
					began := r.env.Now()
					results[i] = r.source(ctx, todo[i])
					results[i].Took = r.env.Now().Sub(began)
					_ = r.bar.Add(1)
				}
			}
		})
	}
	for _, group := range hosts {
		next <- group
	}
	close(next)
	wg.Wait()
	slices.SortStableFunc(results, func(a, b *result) int {
		return strings.Compare(a.Terms.Service+"\x00"+a.Terms.Type, b.Terms.Service+"\x00"+b.Terms.Type)
	})
	return results
}

// byHost groups declarations by the host of their first source, in the order of their first.
func byHost(todo []snapshots.Declaration) [][]int {
	var out [][]int
	at := map[string]int{}
	for i, d := range todo {
		host := d.Service
		if len(d.Sources) > 0 {
			if u, err := url.Parse(d.Sources[0].URL); err == nil {
				host = u.Hostname()
			}
		}
		n, ok := at[host]
		if !ok {
			n = len(out)
			at[host] = n
			out = append(out, nil)
		}
		out[n] = append(out[n], i)
	}
	return out
}

// source captures the page of a declaration and the pages that belong to it.
func (r *runner) source(ctx context.Context, d snapshots.Declaration) *result {
	res := &result{Terms: snapshots.Terms{Service: d.Service, Type: d.TermsType}}
	if len(d.Sources) == 0 {
		res.Err = fmt.Errorf("%s has no address", res.Terms)
		return res
	}
	src := d.Sources[0]
	res.URL = src.URL
	if res.Err = ctx.Err(); res.Err != nil {
		return res
	}
	if r.spent != nil && r.spent() { // one that was begun is finished: a policy without its annexes would look like another text
		res.Err = errLeft
		return res
	}
	got, snap, err := r.get(ctx, r.webOf(src, res), fetch.Request{Terms: res.Terms, URL: src.URL, Lang: src.Lang}, "")
	res.Snapshot = snap.ID
	if res.Err = err; err != nil {
		return res
	}
	if to := fetch.MovedTo(got); to != "" {
		res.Notes = append(res.Notes, fmt.Sprintf("moved for good to %s; 'drittland track move %s' follows it", to, shellWord(d.Service)))
	}
	page, _, err := extractPage(pageOf(got), src, r.reading())
	if err != nil {
		return res // derive says why
	}
	docs, parts, whole := r.rest(ctx, res, d, got, snap.ID, page)
	if !whole {
		return res // derive says why
	}
	doc := page.Document
	if len(docs) > 0 {
		doc, _ = extract.Join(append([]*snapshots.Document{doc}, docs...))
	}
	links := slices.DeleteFunc(r.engine.Facts(doc).AnnexLinks(), func(u string) bool {
		return u == src.URL || slices.Contains(parts, u)
	})
	r.linked(ctx, res, src, got, snap.ID, links)
	return res
}

// linked captures the pages that clauses of a policy link, on the same site, and those that the declaration names. One
// that cannot be captured is noted; the policy stands without it.
func (r *runner) linked(ctx context.Context, res *result, src snapshots.Source, policy *snapshots.Capture, id string, links []string) {
	var pages []string
	for _, u := range append(slices.Clone(src.Annexes), links...) {
		switch {
		case u == policy.URL || u == policy.FinalURL || slices.Contains(pages, u):
		case !slices.Contains(src.Annexes, u) && !sameSite(u, policy.URL) && !sameSite(u, policy.FinalURL):
			res.Notes = append(res.Notes, "linked page on another site not captured: "+u+"; 'drittland track add --annex' declares it")
		default:
			pages = append(pages, u)
		}
	}
	limit := r.annexes
	if limit == 0 {
		limit = maxAnnexes
	}
	if len(pages) > limit {
		res.Notes = append(res.Notes, fmt.Sprintf("links %d pages about transfers; the first %d were captured; --annexes takes more", len(pages), limit))
		pages = pages[:limit]
	}
	web := r.webOf(snapshots.Source{Lang: src.Lang, Render: src.Render}, res)
	for _, u := range pages {
		if _, _, err := r.get(ctx, web, fetch.Request{Terms: res.Terms, URL: u, Lang: src.Lang, AnnexOf: policy.URL}, id); err != nil {
			res.Notes = append(res.Notes, "linked page not captured: "+err.Error())
			continue
		}
		res.Annexes++
	}
}

// sameSite reports whether two addresses are of one site: of the same name below a public suffix, such as clipzy.example.
func sameSite(a, b string) bool {
	x, err1 := url.Parse(a)
	y, err2 := url.Parse(b)
	if err1 != nil || err2 != nil {
		return false
	}
	if strings.EqualFold(x.Hostname(), y.Hostname()) {
		return true
	}
	site, err1 := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(x.Hostname()))
	other, err2 := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(y.Hostname()))
	return err1 == nil && err2 == nil && site == other
}

// webOf is what gets the pages of a source. What is to be told of them is noted in res.
func (r *runner) webOf(src snapshots.Source, res *result) fetcher {
	if r.pages == nil {
		return r.web
	}
	return r.pages.of(src, func(note string) { res.Notes = append(res.Notes, note) })
}

// pageOf is what is read of a capture.
func pageOf(got *snapshots.Capture) extract.Input {
	return extract.Input{Body: got.Body, MediaType: got.MediaType, Charset: got.Charset, BaseURL: got.FinalURL, Rendered: got.Rendering != nil}
}

// asDeclared is a page with what its source says of how it is read.
func asDeclared(in extract.Input, src snapshots.Source) extract.Input {
	in.Language, in.Select, in.Remove = src.Lang, src.Select, src.Remove
	in.SelectRanges, in.RemoveRanges, in.Normalise = src.SelectRanges, src.RemoveRanges, src.Normalise
	return in
}

// extractPage reads a page as its source says. If the selectors match nothing any more, the whole main content is read; rot says so.
func extractPage(in extract.Input, src snapshots.Source, o extract.Options) (page extract.Reading, rot bool, err error) {
	in = asDeclared(in, src)
	page, err = extract.ReadAll(in, o)
	if src.Selects() && errors.Is(err, extract.ErrEmpty) {
		in.Select, in.SelectRanges = nil, nil
		page, err = extract.ReadAll(in, o)
		return page, true, err
	}
	return page, false, err
}

// get captures one page and records it, with the body that it had before if it has not changed since. If it could not be had,
// that is recorded, too. annexOf is the snapshot of the policy that the page belongs to, "" for a policy.
func (r *runner) get(ctx context.Context, web fetcher, req fetch.Request, annexOf string) (*snapshots.Capture, snapshots.Snapshot, error) {
	if r.had != nil {
		if got, snap, err := r.had(req, annexOf); err != nil || got != nil {
			return got, snap, err
		}
	}
	if !r.full {
		err := r.look(func(a *archive.Archive) error {
			v, ok, err := a.Validator(req.Terms, req.URL)
			if ok && r.env.Now().Sub(v.At) < fullAfter {
				req.Since = &v
			}
			return err
		})
		if err != nil {
			return nil, snapshots.Snapshot{}, r.ours(err)
		}
	}
	got, err := web.Get(ctx, req)
	snap, again := r.keep(ctx, got, err)
	if err != nil && again == nil {
		again = r.failed(ctx, req, annexOf, snap.ID, err)
	}
	if errors.Is(err, fetch.ErrTurn) {
		err = r.ours(err)
	}
	if err = errors.Join(err, r.ours(again)); err != nil || got.Revisits == "" {
		return got, snap, err
	}
	got.MediaType, got.Charset = snap.MediaType, snap.Charset
	err = r.look(func(a *archive.Archive) (err error) {
		got.Body, err = a.Body(snap)
		return err
	})
	return got, snap, r.ours(err)
}

// A hadFunc gives a page that was captured already, nil if it was not.
type hadFunc func(req fetch.Request, annexOf string) (*snapshots.Capture, snapshots.Snapshot, error)

// ours tells of an error that is no server's.
func (r *runner) ours(err error) error {
	if err != nil && r.fell != nil {
		r.fell(err)
	}
	return err
}

// keep records a capture as evidence: what the server said, also where that is a refusal. There is nothing to record if no
// answer came, or if we broke it off.
func (r *runner) keep(ctx context.Context, got *snapshots.Capture, failure error) (snap snapshots.Snapshot, err error) {
	if got == nil || failure != nil && ctx.Err() != nil {
		return snap, nil
	}
	err = r.write(func(a *archive.Archive) error {
		snap, err = a.PutCapture(got)
		return err
	})
	return snap, err
}

// failed records that a page could not be had, unless that was our doing.
func (r *runner) failed(ctx context.Context, req fetch.Request, annexOf, snapshot string, failure error) error {
	var f *fetch.Failure
	if !errors.As(failure, &f) || ctx.Err() != nil || errors.Is(failure, fetch.ErrTurn) {
		return nil
	}
	x := snapshots.Attempt{Terms: req.Terms, URL: req.URL, AnnexOf: annexOf, At: r.env.Now(), Kind: string(f.Kind), Status: f.Status,
		Why: report.Line(f.Error()), Snapshot: snapshot}
	if f.RetryAfter > 0 {
		x.Again = x.At.Add(f.RetryAfter)
	}
	return r.write(func(a *archive.Archive) error { return a.PutAttempt(x) })
}
