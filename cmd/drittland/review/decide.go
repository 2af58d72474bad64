package review

// Deciding: what a person makes of changes and findings, recorded one by one. What somebody else decided in between is shown, and
// not written over.

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
)

// maxAtOnce bounds on how many items one form decides.
const maxAtOnce = 200

// A decideForm is the form to decide with.
type decideForm struct {
	Judgements []judgementChoice
	Note       string
	Until      string
	Today      string
	MaxNote    int
	Back       string // where to go when it is done
	Next       string // where to go on, "" for nowhere
}

// A judgementChoice is one judgement with its key.
type judgementChoice struct {
	Value, Label, Key string
	Checked           bool
}

func newDecideForm(v *visit, now time.Time) *decideForm {
	f := &decideForm{Today: day(now), MaxNote: snapshots.MaxNote}
	keys := map[snapshots.Judgement]string{snapshots.Relevant: "a", snapshots.NotRelevant: "d", snapshots.SecondLook: "n", snapshots.Escalated: "e"}
	for _, j := range snapshots.Judgements {
		f.Judgements = append(f.Judgements, judgementChoice{Value: string(j), Label: report.Judgement(v.Words, j), Key: keys[j]})
	}
	return f
}

// A wish is what a form asks to record.
type wish struct {
	decision snapshots.Decision // without what it is about
	items    []string           // as Item.Judged gives them
	to       string             // where to go then
}

// wished reads the form, and says what is wrong with it.
func (s *Server) wished(v *visit) (*wish, error) {
	if err := v.r.ParseForm(); err != nil {
		return nil, &trouble{http.StatusBadRequest, v.T("The form could not be read: it is damaged or too long.")}
	}
	form := v.r.PostForm
	w := &wish{items: form["item"], to: local(form.Get("back"))}
	if form.Get("then") == "next" && form.Get("next") != "" {
		w.to = local(form.Get("next"))
	}
	d := &w.decision
	d.By, d.At = v.person.Handle, s.opts.Now().UTC()
	d.Note, d.Until = strings.TrimSpace(strings.ReplaceAll(form.Get("note"), "\r\n", "\n")), form.Get("until")
	switch {
	case form.Get("then") == "withdraw":
		d.Withdrawn, d.Until = true, ""
	default:
		d.Judgement = snapshots.Judgement(form.Get("judgement"))
	}
	day, err := law.ParseDate(d.Until)
	switch {
	case len(w.items) == 0:
		return nil, &trouble{http.StatusBadRequest, v.T("Nothing was chosen to decide on.")}
	case len(w.items) > maxAtOnce:
		return nil, &trouble{http.StatusBadRequest, v.F("At most %d can be decided at once.", maxAtOnce)}
	case !d.Withdrawn && !slices.Contains(snapshots.Judgements, d.Judgement):
		return nil, &trouble{http.StatusBadRequest, v.T("Choose a decision: relevant, not relevant, needs second look or escalated.")}
	case len(d.Note) > snapshots.MaxNote || !utf8.ValidString(d.Note):
		return nil, &trouble{http.StatusBadRequest, v.F("The note is too long: at most %d bytes.", snapshots.MaxNote)}
	case d.Until != "" && err != nil:
		return nil, &trouble{http.StatusBadRequest, v.T("The last day must be written as 2026-12-31.")}
	case d.Until != "" && day.Before(law.DateOf(s.opts.Now())):
		return nil, &trouble{http.StatusBadRequest, v.F("The last day, %s, has passed.", d.Until)}
	}
	return w, nil
}

// A clash is an item on which somebody else decided in between.
type clash struct {
	Title, Address string
	Decision       decisionView
}

// A clashPage tells of clashes.
type clashPage struct {
	Done    int
	Clashes []clash
	Mine    decisionView
	Back    string
}

// decide records what a form says, for each item on its own.
func (s *Server) decide(v *visit) error {
	w, err := s.wished(v)
	if err != nil {
		return err
	}
	keys := make([]string, len(w.items))
	for i, name := range w.items {
		keys[i], _, _ = strings.Cut(name, ".")
	}
	items, err := s.desk.Keyed(v.ctx, keys)
	if err != nil {
		return err
	}
	byKey := map[string]*Item{}
	for i := range items {
		byKey[items[i].Key()] = &items[i]
	}
	out := &clashPage{Back: w.to}
	for _, name := range w.items {
		key, seen, _ := strings.Cut(name, ".")
		x := byKey[key]
		if x == nil {
			return &trouble{http.StatusConflict, v.F("What you decided on no longer stands: the words have changed since the page was made. Recorded so far: %d.", out.Done)}
		}
		d := w.decision
		d.Terms, d.Variant, d.About, d.Fingerprint, d.Check, d.Quote, d.Version, d.Revises = x.At.Terms, x.At.Line, x.Kind, x.Fingerprint, x.Check, x.Quote, x.Version, seen
		if err := s.record(v, didDeciding, x.At.Reference()+" "+x.Kind+" "+x.Fingerprint); err != nil {
			return err
		}
		got, err := s.desk.Decide(v.ctx, d)
		var conflict *Conflict
		switch {
		case errors.As(err, &conflict):
			title, _ := x.Say(v.Words)
			out.Clashes = append(out.Clashes, clash{report.Line(title), x.address(""), newDecisionView(v.Words, &conflict.Decision)})
		case err != nil:
			return err
		default:
			out.Done++
			_ = s.record(v, didDecided, got.ID) // it is in the archive, and announced in the log
		}
	}
	if len(out.Clashes) > 0 {
		out.Mine = newDecisionView(v.Words, &w.decision)
		return s.show(v, http.StatusConflict, "clash.html", &frame{Title: v.T("Somebody else decided in between"), Content: out})
	}
	http.Redirect(v.w, v.r, withNotice(w.to, out.Done, w.decision.Withdrawn), http.StatusSeeOther)
	return nil
}

// withNotice is an address that tells how many decisions were recorded.
func withNotice(to string, n int, withdrawn bool) string {
	u, err := url.Parse(to)
	if err != nil {
		return "/"
	}
	q := u.Query()
	q.Set("done", strconv.Itoa(n))
	q.Del("undone")
	if withdrawn {
		q.Del("done")
		q.Set("undone", strconv.Itoa(n))
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// notice tells what the last form did.
func (s *Server) notice(v *visit) string {
	if n, err := strconv.Atoi(v.query.Get("done")); err == nil && n > 0 && n <= maxAtOnce {
		return v.N("%s decision recorded.", "%s decisions recorded.", n)
	}
	if n, err := strconv.Atoi(v.query.Get("undone")); err == nil && n > 0 && n <= maxAtOnce {
		return v.N("%s decision withdrawn.", "%s decisions withdrawn.", n)
	}
	return ""
}
