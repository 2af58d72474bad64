package main

// The alerts that watch makes: what is told at once, to whom, of what a run or a day of the law brought.

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/config"
	"github.com/drittland/drittland/cmd/drittland/desk"
	"github.com/drittland/drittland/cmd/drittland/digest"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/cmd/drittland/send"
	"github.com/drittland/drittland/cmd/drittland/watch"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/law"
	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/archive"
)

// leftAlerts makes the alerts that a run which was cut off owes, of all texts.
func (w *watcher) leftAlerts(ctx context.Context) error {
	if w.state.Untold.IsZero() || w.store.placed() != nil || w.store.missing() {
		return nil
	}
	engine, err := w.engine(nil)
	if err != nil {
		return err
	}
	return w.alerts(ctx, engine, nil)
}

// alerts puts the alerts of what is new in some terms into the outbox, of all terms if none are named or a day has passed since. Each is
// told of once: its key names it for all time.
func (w *watcher) alerts(ctx context.Context, engine *analyze.Engine, terms []snapshots.Terms) error {
	now := w.env.Now()
	since, lawSince := w.state.Untold, w.state.Told
	if lawSince.IsZero() {
		lawSince = since
	}
	if len(w.set.Alerts) > 0 {
		d := newReviewDesk(w.store, engine.In("en"))
		if terms == nil || law.DateOf(lawSince) != law.DateOf(now) {
			var err error
			if terms, err = d.alertTerms(ctx, since, lawSince); err != nil {
				return err
			}
		}
		for _, t := range terms {
			if err := w.alertsOf(ctx, d, t, since, lawSince); err != nil {
				return fmt.Errorf("alerts: %s: %w", t, err)
			}
		}
	}
	w.state.Untold, w.state.Told = time.Time{}, now.UTC()
	return w.folder.Save(w.state)
}

// alertsOf makes the alerts of some terms.
func (w *watcher) alertsOf(ctx context.Context, d *reviewDesk, t snapshots.Terms, since, lawSince time.Time) error {
	_, rows, err := d.store.timeline(ctx, d.engine, t.Service, t.Type)
	if err != nil {
		return err
	}
	for i := range rows {
		r := &rows[i]
		if !r.alerts() || !r.newSince(since, lawSince) {
			continue
		}
		for j := range w.set.Alerts {
			a := &w.set.Alerts[j]
			if !inList(a.Services, r.Terms.Service) {
				continue
			}
			x, err := w.alert(ctx, d, r, a)
			if err == nil && x != nil {
				err = w.putAlert(x, r, a)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// newSince reports whether a row came since a time; one of the law, on a day after that of another.
func (r *row) newSince(since, lawSince time.Time) bool {
	if r.Cause == snapshots.Law {
		return law.DateOf(lawSince).Before(law.DateOf(r.Date))
	}
	return !r.Date.Before(since.Truncate(time.Second))
}

// alert is what an alert tells of a row, as a digest of this row alone; nil if it is not about it.
func (w *watcher) alert(ctx context.Context, d *reviewDesk, r *row, a *config.Alert) (*digest.Digest, error) {
	levels := a.Levels
	if len(levels) == 0 {
		levels = []string{string(rules.Error)}
	}
	now := w.env.Now().UTC()
	g := newDigestGatherer(d, digestWish{list: config.List{Name: a.Name, Levels: levels, Locale: cmp.Or(a.Locale, w.set.Locale)}, period: r.Date.In(w.set.Zone()).Format(time.DateOnly), from: r.Date, until: now,
		zone: w.set.Zone(), reviewURL: w.set.ReviewURL})
	var decisions []snapshots.Decision
	err := d.store.look(func(x *archive.Archive) (err error) { decisions, err = gathered(x.Decisions(r.Terms)); return err })
	if err != nil {
		return nil, err
	}
	joined := desk.Join(desk.OfVariant(decisions, r.Line), append(slices.Concat(r.Has, r.OnChange), r.fingerprint()), law.DateOf(now))
	if err := g.row(ctx, r, joined); err != nil {
		return nil, err
	}
	g.out.Findings = slices.DeleteFunc(g.out.Findings, func(f digest.Found) bool {
		return f.Decision != nil && f.Decision.Judgement == snapshots.NotRelevant || !inList(a.Checks, f.ID) || !touches(r, &f.Finding, a.Countries)
	})
	if len(g.out.Findings) == 0 {
		return nil, nil
	}
	return g.out, nil
}

// touches reports whether a finding, or what came with it, is about one of some countries; none stand for all.
func touches(r *row, f *analyze.Finding, countries []string) bool {
	if len(countries) == 0 {
		return true
	}
	about := func(c string) bool { return slices.Contains(countries, c) }
	if slices.ContainsFunc(r.CountriesAdded, about) || slices.ContainsFunc(r.Law, func(c analyze.LawChange) bool { return about(c.About) }) ||
		slices.ContainsFunc(f.Between, func(c analyze.LawChange) bool { return about(c.About) }) {
		return true
	}
	return r.Transfers != nil && slices.ContainsFunc(r.Transfers.Destinations, func(d analyze.Destination) bool {
		return about(d.Country) && (f.Quote == "" || d.Source == "" && d.Start < f.End && f.Start < d.End)
	})
}

// putAlert puts the messages of an alert into the outbox.
func (w *watcher) putAlert(d *digest.Digest, r *row, a *config.Alert) error {
	messages, err := w.alertMessages(d, r, a)
	if err != nil {
		return err
	}
	fresh := 0
	for _, m := range messages {
		ok, err := w.outbox.Put(m)
		if err != nil {
			return err
		}
		if ok {
			fresh++
		}
	}
	if fresh > 0 {
		w.log.Info("alert made", "alert", a.Name, "service", r.Terms.Service, "terms", r.Terms.Type, "version", r.Number, "messages", fresh)
		w.post = time.Time{}
		w.board.Change(func(s *watch.Standing) { s.Alerts += fresh })
	}
	return nil
}

// alertMessages are the messages of an alert: mails, a webhook, a chat. What names it is the words of the change, in these terms.
func (w *watcher) alertMessages(d *digest.Digest, r *row, a *config.Alert) ([]send.Message, error) {
	name := snapshots.HashOf([]byte(r.Terms.Service + "\x00" + r.Terms.Type + "\x00" + r.Line + "\x00" + r.fingerprint()))[:24]
	base := send.Message{Made: d.Made, Subject: alertSubject(d, r), Language: d.Language}
	key := func(place string) string { return fmt.Sprintf("alert/%s/%s/%s", a.Name, name, place) }
	var out []send.Message
	if len(a.To) > 0 {
		if _, err := senderOf(w.set.Settings); err != nil {
			return nil, err
		}
	}
	for _, to := range a.To {
		var text, html bytes.Buffer
		if err := errors.Join(digest.Text(&text, d, digest.Reader{Address: to}), digest.HTML(&html, d, digest.Reader{Address: to})); err != nil {
			return nil, err
		}
		m := base
		m.Key, m.Kind, m.To, m.Text, m.HTML = key(strings.ToLower(to)), send.Mail, to, text.String(), html.String()
		out = append(out, m)
	}
	if a.Webhook != "" {
		var data bytes.Buffer
		if err := digest.JSON(&data, d); err != nil {
			return nil, err
		}
		m := base
		m.Key, m.Kind, m.To, m.JSON = key(send.Webhook), send.Webhook, a.Name, data.Bytes()
		out = append(out, m)
	}
	if a.ChatEnv+a.ChatFile != "" {
		m := base
		m.Key, m.Kind, m.To, m.Text = key(send.Chat), send.Chat, a.Name, alertWords(d)
		out = append(out, m)
	}
	return out, nil
}

// alertSubject is the line that says what an alert is about.
func alertSubject(d *digest.Digest, r *row) string {
	f := &d.Findings[0]
	words := locale.For(d.Language)
	return excerpt(words.F("Alert: %s: %s %s", report.Line(r.Terms.String()), f.ID, report.Line(f.Title)), 150)
}

// alertWords are the findings of an alert in a few lines.
func alertWords(d *digest.Digest) string {
	words := locale.For(d.Language)
	var b strings.Builder
	const most = 5
	for i := range d.Findings {
		f := &d.Findings[i]
		if i == most {
			fmt.Fprintln(&b, "…")
			break
		}
		fmt.Fprintf(&b, "%s %s %s\n", strings.ToUpper(words.T(string(f.Level))), f.ID, report.Line(f.Title))
		if f.Quote != "" {
			fmt.Fprintf(&b, "“%s”\n", excerpt(report.Line(f.Quote), 200))
		}
	}
	if u := d.Findings[0].Review; u != "" {
		fmt.Fprintln(&b, u)
	}
	return strings.TrimRight(b.String(), "\n")
}
