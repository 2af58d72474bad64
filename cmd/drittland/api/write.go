package api

// This file is what belongs to the organisation alone: its decisions, what it watches, and its audit log.

import (
	"net/http"
	"slices"

	"github.com/drittland/drittland/cmd/drittland/teams"
	"github.com/drittland/drittland/snapshots"
)

func (s *Server) decisions(v *visit) error {
	var after int64
	n, err := v.paged(&after)
	if err != nil {
		return err
	}
	var t snapshots.Terms
	if q := v.r.URL.Query(); q.Has("service") || q.Has("terms_type") {
		t = snapshots.Terms{Service: q.Get("service"), Type: q.Get("terms_type")}
		if t.Service == "" || t.Type == "" {
			return badRequest("service and terms_type go together")
		}
		if err := checkNames(t.Service, t.Type); err != nil {
			return err
		}
	}
	list, err := v.org.Decisions(v.ctx, t, after, n+1)
	if err != nil {
		return err
	}
	p := newPage(list, n, func(x teams.Numbered) any { return x.Number })
	out := page[snapshots.Decision]{[]snapshots.Decision{}, p.Next}
	for _, x := range p.Items {
		out.Items = append(out.Items, x.Decision)
	}
	return v.json(http.StatusOK, out)
}

// A drafted decision is what a program sends.
type drafted struct {
	Version     string              `json:"version"`
	About       string              `json:"about"`
	Fingerprint string              `json:"fingerprint"`
	Judgement   snapshots.Judgement `json:"judgement"`
	Note        string              `json:"note"`
	Until       string              `json:"until"`
	Revises     string              `json:"revises"`
	Withdrawn   bool                `json:"withdrawn"`
}

// decide records a decision on what stands in a version, or on what was decided on before.
func (s *Server) decide(v *visit) error {
	var x drafted
	if err := v.read(&x); err != nil {
		return err
	}
	version, decisions, err := s.versionOf(v, x.Version)
	if err != nil {
		return err
	}
	d := snapshots.Decision{Terms: version.Terms, Variant: version.Variant, Version: version.ID, About: x.About, Fingerprint: x.Fingerprint, Judgement: x.Judgement,
		Note: x.Note, Until: x.Until, Revises: x.Revises, Withdrawn: x.Withdrawn, By: v.token.Handle, At: v.actor.At}
	if err := d.Validate(); err != nil {
		return unprocessable("%s", err)
	}
	if d.Withdrawn && d.Revises == "" {
		return unprocessable("name the decision that is withdrawn in revises")
	}
	if d.Revises != "" && !slices.ContainsFunc(decisions, func(o snapshots.Decision) bool {
		return o.ID == d.Revises && o.About == d.About && o.Fingerprint == d.Fingerprint && o.Variant == d.Variant
	}) {
		return unprocessable("there is no decision %.40q on this to revise", d.Revises)
	}
	f, err := s.found(v, version, decisions)
	if err != nil {
		return err
	}
	if !f.matter(&d, decisions) {
		return unprocessable("the version has no %s with this fingerprint", d.About)
	}
	if d, err = v.org.PutDecision(v.ctx, v.actor, d); err != nil {
		return err
	}
	return v.json(http.StatusCreated, d)
}

// matter completes d with the check and the words of what it is about. It reports whether there is such a thing.
func (f *Findings) matter(d *snapshots.Decision, before []snapshots.Decision) bool {
	if d.About == snapshots.AboutChange && f.Change != nil && f.Change.Fingerprint == d.Fingerprint {
		d.Quote = f.Change.Quote
		return true
	}
	for i := range f.Findings {
		if x := &f.Findings[i]; d.About == snapshots.AboutFinding && x.Fingerprint == d.Fingerprint {
			d.Check, d.Quote = x.ID, x.Quote
			return true
		}
	}
	for _, o := range slices.Backward(before) {
		if o.ID == d.Revises && d.Revises != "" { // its words stand no longer
			d.Check, d.Quote = o.Check, o.Quote
			return true
		}
	}
	return false
}

func (s *Server) watches(v *visit) error {
	var after snapshots.Terms
	n, err := v.paged(&after)
	if err != nil {
		return err
	}
	list, err := v.org.Watches(v.ctx, after, n+1)
	if err != nil {
		return err
	}
	return v.json(http.StatusOK, newPage(list, n, func(w teams.Watch) any { return w.Terms }))
}

// watch has the organisation watch some terms that the archive knows.
func (s *Server) watch(v *visit) error {
	t, err := v.named()
	if err != nil {
		return err
	}
	known, err := s.desk.Known(v.ctx, t)
	if err != nil {
		return err
	}
	if !known {
		return notFound("the archive has no such terms; whoever runs it declares them with 'drittland track add'")
	}
	added, err := v.org.Watch(v.ctx, v.actor, t)
	if err != nil {
		return err
	}
	w, err := v.org.Watching(v.ctx, t)
	if err != nil {
		return err
	}
	if added {
		return v.json(http.StatusCreated, w)
	}
	return v.json(http.StatusOK, w)
}

func (s *Server) unwatch(v *visit) error {
	t, err := v.named()
	if err != nil {
		return err
	}
	if err := v.org.Unwatch(v.ctx, v.actor, t); err != nil {
		return err
	}
	v.w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) audit(v *visit) error {
	var before int64
	n, err := v.paged(&before)
	if err != nil {
		return err
	}
	list, err := v.org.Audit(v.ctx, before, n+1)
	if err != nil {
		return err
	}
	return v.json(http.StatusOK, newPage(list, n, func(e teams.Entry) any { return e.Number }))
}
