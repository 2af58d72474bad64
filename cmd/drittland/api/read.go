package api

// This file is what can be read: terms, versions, findings, captures.

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/desk"
	"github.com/drittland/drittland/cmd/drittland/teams"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
)

// A Summary is what lists tell of some terms.
type Summary struct {
	snapshots.Terms
	Watched  time.Time  `json:"watched_since"`
	Versions int        `json:"versions"`           // with a text
	Last     *Version   `json:"last,omitempty"`     // version with a text
	Verified *time.Time `json:"verified,omitempty"` // when that text was seen last
}

// A Version is one of a list.
type Version struct {
	Number int `json:"number,omitempty"` // from 1, within its variant; 0 of one that was refused
	snapshots.Version
}

// Findings is what can be decided on a version.
type Findings struct {
	Version  string          `json:"version"`
	Terms    snapshots.Terms `json:"terms"`
	Variant  string          `json:"variant,omitempty"`
	Number   int             `json:"number"`
	AsOf     law.Date        `json:"as_of"` // the day whose law judges the text
	Today    law.Date        `json:"today"`
	Change   *Change         `json:"change,omitempty"` // that the version brought; absent if it changed nothing to decide on
	Findings []Finding       `json:"findings"`         // on the text, then by the law of today alone, then on the change
}

// A Change is what a version changed.
type Change struct {
	Fingerprint string `json:"fingerprint"`
	Class       string `json:"class,omitempty"` // absent of a first version
	Why         string `json:"why,omitempty"`
	Alert       bool   `json:"alert"`
	Quote       string `json:"quote,omitempty"`
	State
}

// A Finding is a finding with how it stands.
type Finding struct {
	analyze.Finding
	OfChange bool `json:"of_change,omitempty"` // about what changed, and not about the text
	State
}

// A State is how a finding or a change stands with the people of an organisation.
type State struct {
	State    desk.State          `json:"state"`
	Decision *snapshots.Decision `json:"decision,omitempty"` // the last one, whether it holds or not
}

// StateOn is that of what has a fingerprint.
func StateOn(d *desk.Desk, fingerprint string) State {
	s := State{State: d.State(fingerprint)}
	if on := d.On(fingerprint); len(on) > 0 {
		s.Decision = &on[len(on)-1]
	}
	return s
}

func (s *Server) terms(v *visit) error {
	var after snapshots.Terms
	n, err := v.paged(&after)
	if err != nil {
		return err
	}
	watches, err := v.org.Watches(v.ctx, after, n+1)
	if err != nil {
		return err
	}
	p := newPage(watches, n, func(w teams.Watch) any { return w.Terms })
	var list []snapshots.Terms
	for _, w := range p.Items {
		list = append(list, w.Terms)
	}
	sums, err := s.desk.Summaries(v.ctx, list)
	if err != nil {
		return err
	}
	for i := range sums {
		sums[i].Watched = p.Items[i].Since
	}
	if sums == nil {
		sums = []Summary{}
	}
	return v.json(http.StatusOK, page[Summary]{sums, p.Next})
}

func (s *Server) versions(v *visit) error {
	t, err := v.named()
	if err != nil {
		return err
	}
	var after string
	n, err := v.paged(&after)
	if err != nil {
		return err
	}
	if err := v.visible(t); err != nil {
		return err
	}
	list, err := s.desk.Versions(v.ctx, t)
	if err != nil {
		return err
	}
	if after != "" {
		i := slices.IndexFunc(list, func(x Version) bool { return x.ID == after })
		if i < 0 {
			return badRequest("cursor: there is no such version any more; begin again")
		}
		list = list[i+1:]
	}
	return v.json(http.StatusOK, newPage(list[:min(len(list), n+1)], n, func(x Version) any { return x.ID }))
}

var (
	versionID = regexp.MustCompile(`^[0-9a-f]{16}$`)
	captureID = regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
)

// versionOf is a version that the organisation may see, with its decisions on the terms.
func (s *Server) versionOf(v *visit, id string) (x snapshots.Version, decisions []snapshots.Decision, err error) {
	if !versionID.MatchString(id) {
		return x, nil, notFound("the id of a version has 16 hexadecimal digits")
	}
	if x, err = s.desk.Version(v.ctx, id); err != nil {
		return x, nil, err
	}
	if err := v.visible(x.Terms); err != nil {
		return x, nil, err
	}
	decisions, err = v.org.DecisionsOn(v.ctx, x.Terms)
	return x, decisions, err
}

func (s *Server) version(v *visit) error {
	x, decisions, err := s.versionOf(v, v.r.PathValue("id"))
	if err != nil {
		return err
	}
	done, err := s.turn(v.ctx)
	if err != nil {
		return err
	}
	defer done()
	shown, err := s.desk.Shown(v.ctx, x, decisions)
	if err != nil {
		return err
	}
	return v.json(http.StatusOK, shown)
}

func (s *Server) findings(v *visit) error {
	x, decisions, err := s.versionOf(v, v.r.PathValue("id"))
	if err != nil {
		return err
	}
	f, err := s.found(v, x, decisions)
	if err != nil {
		return err
	}
	return v.json(http.StatusOK, f)
}

func (s *Server) found(v *visit, x snapshots.Version, decisions []snapshots.Decision) (*Findings, error) {
	done, err := s.turn(v.ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	return s.desk.Findings(v.ctx, x, decisions)
}

func (s *Server) capture(v *visit) error {
	id := v.r.PathValue("id")
	if !captureID.MatchString(id) {
		return notFound("the id of a capture is urn:uuid: and a UUID")
	}
	q := v.r.URL.Query()
	if q.Has("body") && q.Get("body") != "true" {
		return badRequest("body: true, or leave it out")
	}
	x, err := s.desk.Capture(v.ctx, id)
	if err != nil {
		return err
	}
	if err := v.visible(x.Terms); err != nil {
		return err
	}
	if !q.Has("body") {
		return v.json(http.StatusOK, x)
	}
	return s.body(v, x)
}

// body answers with what the server sent, as a file that no browser shows.
func (s *Server) body(v *visit, x snapshots.Snapshot) error {
	done, err := s.turn(v.ctx)
	if err != nil {
		return err
	}
	defer done()
	b, err := s.desk.Body(v.ctx, x)
	if err != nil || v.unchanged(string(x.Body)) {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", `attachment; filename="`+string(x.Body)+`.bin"`)
	h.Set("Content-Length", strconv.Itoa(len(b)))
	_, _ = v.w.Write(b)
	return nil
}
