package main

// The opinions of the second reader in the archive: as a cache, so that no question on its texts is asked twice, and put together again
// for those who look at a version.

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/analyze/llm"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// recordedAnswers are those of one model on some terms: a cache out of the archive. What is answered now stays at hand as long as it lives,
// and is recorded with the opinion that is made of it.
type recordedAnswers struct {
	mu     sync.Mutex
	byKey  map[string][]byte
	known  map[[2]string]bool          // ID of a snapshot, and of an opinion that is recorded for it
	keep   func(llm.Key, []byte) error // has what is put kept elsewhere, too; nil for nowhere
	beside llm.Cache                   // answers on texts that no archive held when they were asked about; nil for none
}

// answersOn reads what a model said on some terms.
func answersOn(a *archive.Archive, t snapshots.Terms, model string) (*recordedAnswers, error) {
	out := &recordedAnswers{byKey: map[string][]byte{}, known: map[[2]string]bool{}}
	for x, err := range a.Opinions(t) {
		if err != nil {
			return nil, err
		}
		for i := range x.List {
			if x.List[i].Model != model {
				continue
			}
			o, err := llm.Recorded(&x.List[i])
			if err != nil {
				return nil, err
			}
			k, b := o.Entry()
			out.byKey[k.String()] = b
			for _, s := range x.Snapshots {
				out.known[[2]string{s, o.ID}] = true
			}
		}
	}
	return out, nil
}

// Get gives an answer.
func (r *recordedAnswers) Get(k llm.Key) ([]byte, bool) {
	r.mu.Lock()
	b, ok := r.byKey[k.String()]
	r.mu.Unlock()
	if !ok && r.beside != nil {
		return r.beside.Get(k)
	}
	return b, ok
}

// Put keeps an answer at hand.
func (r *recordedAnswers) Put(k llm.Key, b []byte) error {
	r.mu.Lock()
	r.byKey[k.String()] = b
	r.mu.Unlock()
	if r.keep != nil {
		return r.keep(k, b)
	}
	return nil
}

// has reports whether all of list are recorded for a snapshot.
func (r *recordedAnswers) has(snapshot string, list []snapshots.Opinion) bool {
	return !slices.ContainsFunc(list, func(o snapshots.Opinion) bool { return !r.known[[2]string{snapshot, o.ID}] })
}

// A heard model is one with what it said on the texts of a version: of the answers to one question the last.
type heard struct {
	model, host string
	at          time.Time
	list        []llm.Opinion
	place       map[llm.Key]int
}

// secondsOf are what models said of a version in earlier readings, the one that was heard last at first. Nobody is asked. What they say stands
// beside the findings in rep, which are those of the version, and is not looked at where it doubts none of them.
func secondsOf(a *archive.Archive, v snapshots.Version, f *analyze.Facts, rep *analyze.Report) ([]*report.Second, error) {
	parts := (&secondReader{Reader: &llm.Reader{}}).parts(f)
	on := map[snapshots.Hash]bool{}
	for _, p := range parts {
		on[snapshots.HashOf([]byte(p.facts.Document.Text))] = true
	}
	models := map[string]*heard{}
	for x, err := range a.Opinions(v.Terms) {
		if err != nil {
			return nil, err
		}
		for i := range x.List {
			if !on[x.List[i].Document] {
				continue
			}
			o, err := llm.Recorded(&x.List[i])
			if err != nil {
				return nil, err
			}
			h := models[o.Model]
			if h == nil {
				h = &heard{model: o.Model, place: map[llm.Key]int{}}
				models[o.Model] = h
			}
			h.take(o)
		}
	}
	var out []*report.Second
	for _, name := range sortedNames(models) {
		out = append(out, models[name].second(parts, rep))
	}
	slices.SortStableFunc(out, func(a, b *report.Second) int { return cmp.Compare(b.Recorded, a.Recorded) })
	return out, nil
}

// opinionsFor puts what models said of a version into x.
func (s *store) opinionsFor(x *shown) error {
	return s.look(func(a *archive.Archive) error {
		for _, err := range a.Opinions(x.Version.Terms) { // mostly there are none
			if err != nil {
				return err
			}
			engine, err := s.engine(nil)
			if err != nil {
				return err
			}
			sub, err := newSubject(a, engine, x.Version)
			if err != nil {
				return err
			}
			x.Seconds, err = secondsOf(a, x.Version, sub.facts, engine.Report(sub.facts, analyze.Dates{AsOf: sub.day, Today: s.today()}))
			for _, r := range x.Seconds {
				said := s.words.F("added: %s, findings doubted: %s", s.words.Number(len(r.Added)), s.words.Number(len(r.Doubted)))
				x.opined = append(x.opined, [2]string{"opinions", r.Line(s.words) + "; " + said})
			}
			return err
		}
		return nil
	})
}

// take adds an opinion, in the place of an earlier one on the same.
func (h *heard) take(o llm.Opinion) {
	if h.host = o.Host; o.At.After(h.at) {
		h.at = o.At
	}
	same := llm.Key{Model: string(o.Document), Passage: o.Passage.Hash, Finding: o.Finding} // whatever the words of the question were
	if i, ok := h.place[same]; ok {
		h.list[i] = o
		return
	}
	h.place[same] = len(h.list)
	h.list = append(h.list, o)
}

// second puts together what a model said.
func (h *heard) second(parts []secondPart, rep *analyze.Report) *report.Second {
	out := report.NewSecond(rep, llm.Replay(parts[0].facts, h.list), h.model, h.host, "")
	for _, p := range parts[1:] {
		out.Add(llm.Replay(p.facts, h.list), p.source)
	}
	out.Recorded = h.at.UTC().Format(time.DateOnly)
	return out
}
