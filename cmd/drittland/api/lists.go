package api

// This file is digests: who gets those of an organisation, and what one of them tells.

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/drittland/drittland/cmd/drittland/teams"
	"github.com/drittland/drittland/rules/law"
)

// maxDays bounds the time of a digest that is asked for.
const maxDays = 366

// A DigestWish says what a digest is to tell: of the terms that an organisation watches, with its decisions.
type DigestWish struct {
	Org         *teams.Org
	List        *teams.List // nil for all that it watches
	First, Last law.Date    // both included
}

// A listPage is the lists of an organisation; there are few.
type listPage struct {
	Items []teams.List `json:"items"`
}

func (s *Server) lists(v *visit) error {
	list, err := v.org.Lists(v.ctx)
	if err != nil {
		return err
	}
	return v.json(http.StatusOK, listPage{append([]teams.List{}, list...)})
}

func (s *Server) list(v *visit) error {
	l, err := v.org.List(v.ctx, v.r.PathValue("name"))
	if err != nil {
		return listError(err)
	}
	return v.json(http.StatusOK, l)
}

// A newList is what a program says of a list; what it leaves out is as if there had been no list before.
type newList struct {
	To          []string `json:"to"`
	Services    []string `json:"services"`
	Types       []string `json:"terms_types"`
	Languages   []string `json:"languages"`
	Levels      []string `json:"levels"`
	Locale      string   `json:"locale"`
	Schedule    string   `json:"schedule"`
	Quiet       string   `json:"quiet"`
	Format      string   `json:"format"`
	Unsubscribe string   `json:"unsubscribe"`
}

func (s *Server) putList(v *visit) error {
	var x newList
	if err := v.read(&x); err != nil {
		return err
	}
	l := teams.List{Name: v.r.PathValue("name"), To: x.To, Services: x.Services, Types: x.Types, Languages: x.Languages, Levels: x.Levels, Locale: x.Locale,
		Schedule: x.Schedule, Quiet: x.Quiet, Format: x.Format, Unsubscribe: x.Unsubscribe}
	added, err := v.org.PutList(v.ctx, v.actor, l, true)
	if err != nil {
		return listError(err)
	}
	if l, err = v.org.List(v.ctx, l.Name); err != nil {
		return listError(err)
	}
	if added {
		return v.json(http.StatusCreated, l)
	}
	return v.json(http.StatusOK, l)
}

func (s *Server) removeList(v *visit) error {
	if err := v.org.RemoveList(v.ctx, v.actor, v.r.PathValue("name")); err != nil {
		return listError(err)
	}
	v.w.WriteHeader(http.StatusNoContent)
	return nil
}

// listError is what is told of an error about a list.
func listError(err error) error {
	switch {
	case errors.Is(err, teams.ErrList):
		return unprocessable("%s", strings.Replace(err.Error(), ": terms: ", ": terms_types: ", 1)) // as it is called here, where terms are a service with a type
	case errors.Is(err, teams.ErrNotFound):
		return notFound("your organisation has no list of this name")
	case errors.Is(err, teams.ErrExists):
		return &problem{Status: http.StatusConflict, Detail: "your organisation has a list whose name differs in capital letters alone"}
	}
	return err
}

func (s *Server) digest(v *visit) error {
	w, err := v.digestWish(s.opts.Now())
	if err != nil {
		return err
	}
	done, err := s.turn(v.ctx)
	if err != nil {
		return err
	}
	defer done()
	d, err := s.desk.Digest(v.ctx, *w)
	if err != nil {
		return err
	}
	return v.json(http.StatusOK, d)
}

// digestWish is what a request says of the digest that it asks for: by default the seven days that end today.
func (v *visit) digestWish(now time.Time) (*DigestWish, error) {
	q := v.r.URL.Query()
	w := &DigestWish{Org: v.org, Last: law.DateOf(now)}
	for name, to := range map[string]*law.Date{"from": &w.First, "until": &w.Last} {
		if !q.Has(name) {
			continue
		}
		day, err := law.ParseDate(q.Get(name))
		if err != nil {
			return nil, badRequest("%s: a day, YYYY-MM-DD", name)
		}
		*to = day
	}
	if w.First.IsZero() {
		w.First = w.Last.AddDays(-6)
	}
	switch {
	case w.Last.Before(w.First):
		return nil, badRequest("from is after until")
	case w.First.AddDays(maxDays).Before(w.Last):
		return nil, badRequest("from and until are at most %d days apart", maxDays)
	case law.DateOf(now).AddDays(1).Before(w.First): // it may be tomorrow elsewhere
		return nil, badRequest("from is not yet")
	}
	if name := q.Get("list"); q.Has("list") {
		l, err := v.org.List(v.ctx, name)
		if err != nil {
			return nil, listError(err)
		}
		w.List = &l
	}
	return w, nil
}
