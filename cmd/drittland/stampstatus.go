package main

// The command evidence status: how far the log of captures is stamped, and what is not proved.

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/report"
	"github.com/drittland/drittland/snapshots/stamp"
)

const evidenceStatusSchema = "drittland/evidence-status/1"

// stampStatus is what evidence status says; schema/evidence-status.schema.json describes it.
type stampStatus struct {
	Schema        string            `json:"schema"`
	Archive       string            `json:"archive"`
	Configuration string            `json:"configuration,omitempty"` // file, "" if no authority is configured
	Authorities   []authorityStatus `json:"authorities"`
	Stamps        int               `json:"stamps"`
	Last          *lastStamp        `json:"last,omitempty"`
	Pending       *pendingStamp     `json:"pending,omitempty"`
	Alarm         bool              `json:"alarm"`
	NotProved     []string          `json:"not_proved"` // in the user's language
	Problems      []string          `json:"problems,omitempty"`
}

type authorityStatus struct {
	Name      string         `json:"name"`
	URL       string         `json:"url"`
	Qualified bool           `json:"qualified"`
	Failed    *stamp.Attempt `json:"last_failure,omitempty"`
}

type lastStamp struct {
	Checkpoint string    `json:"checkpoint"`        // SHA-256
	Records    int64     `json:"records,omitempty"` // in the log up to there; 0 if the checkpoint does not say so
	Authority  string    `json:"authority"`
	Qualified  bool      `json:"qualified"`
	Time       time.Time `json:"time,omitzero"` // of the stamp; zero if it is not good
	Accuracy   float64   `json:"accuracy_seconds,omitempty"`
	Policy     string    `json:"policy,omitempty"`
	Serial     string    `json:"serial,omitempty"` // hexadecimal
	Signer     string    `json:"signer,omitempty"`
	Root       string    `json:"root"` // SHA-256 of the certificate
	Trusted    bool      `json:"trusted"`
	Waiting    time.Time `json:"waiting_since"`
	Problem    string    `json:"problem,omitempty"`
}

type pendingStamp struct {
	Checkpoint string          `json:"checkpoint"`
	Records    int64           `json:"records,omitempty"`
	Waiting    time.Time       `json:"waiting_since"`
	Failures   int             `json:"failures"`
	Next       time.Time       `json:"next_try"`
	Attempts   []stamp.Attempt `json:"attempts,omitempty"`
}

func (t *tool) evidenceStatus(c *cli.Context) error {
	if err := errors.Join(noArguments(c), knownFormat(c.String("format"), "text", "json")); err != nil {
		return usage(err, commandName(c))
	}
	s := t.store(c)
	if err := s.there(); err != nil {
		return err
	}
	st, err := s.stamper(c.String("timestamps"))
	if err != nil {
		return err
	}
	v := st.status()
	if c.String("format") == "json" {
		err = report.JSON(t.env.Stdout, v)
	} else {
		err = t.printStampStatus(t.env.Stdout, v)
	}
	switch {
	case err != nil:
		return err
	case len(v.Problems) > 0 || v.Last != nil && v.Last.Problem != "":
		return &coded{errors.New("a time stamp is not good"), exitFailed, "'drittland archive check' names what is damaged"}
	case v.Alarm:
		return &coded{fmt.Errorf("a checkpoint has waited for a time stamp since %s", v.Pending.Waiting.Format(time.RFC3339)), exitFailed,
			"'drittland evidence stamp' tries all authorities now; see why they failed, and configure another one if need be"}
	}
	return nil
}

// status reads the folder of stamps. It asks no authority, and needs no lock of the archive.
func (st *stamper) status() *stampStatus {
	v := &stampStatus{Schema: evidenceStatusSchema, Archive: st.name(), Configuration: st.file, Authorities: []authorityStatus{}}
	records, err := st.folder.Records()
	if err != nil {
		v.Problems = append(v.Problems, err.Error())
	}
	for _, a := range st.authorities {
		x := authorityStatus{Name: a.Name, URL: a.URL, Qualified: a.Qualified}
		for _, r := range records {
			for _, f := range r.Attempts {
				if f.Authority == a.Name && (x.Failed == nil || !f.At.Before(x.Failed.At)) {
					x.Failed = &f
				}
			}
		}
		v.Authorities = append(v.Authorities, x)
	}
	for i := range records {
		r := &records[i]
		if r.Stamped != nil {
			v.Stamps++
			v.Last = st.last(r)
			v.Pending = nil // a checkpoint stands for those before it
			continue
		}
		v.Pending = &pendingStamp{Checkpoint: r.Digest, Records: logSize(st.folder, r), Waiting: r.Waiting, Failures: r.Failures, Next: dueAt(r), Attempts: r.Attempts}
	}
	if p := v.Pending; p != nil {
		v.Alarm = st.env.Now().Sub(p.Waiting) > overdue
		if p.Next.IsZero() {
			p.Next = p.Waiting
		}
	}
	v.NotProved = st.notProved(v)
	return v
}

// last checks a stamp and says what is in it.
func (st *stamper) last(r *stamp.Record) *lastStamp {
	v := &lastStamp{Checkpoint: r.Digest, Records: logSize(st.folder, r), Authority: r.Stamped.Authority, Qualified: r.Stamped.Qualified, Root: r.Stamped.Root, Waiting: r.Waiting}
	s, err := st.folder.Verify(r, nil, st.env.Now())
	if err != nil {
		v.Problem = err.Error()
		return v
	}
	v.Time, v.Accuracy, v.Policy, v.Serial, v.Signer = s.Time, s.Accuracy.Seconds(), s.Policy, s.Serial.Text(16), s.Signer().Subject.String()
	for _, a := range st.authorities {
		v.Trusted = v.Trusted || a.roots.Has(s.Root())
	}
	return v
}

// logSize is how many records a log had at the checkpoint that a record is about; 0 if it does not say so.
func logSize(f stamp.Folder, r *stamp.Record) int64 {
	message, err := f.Message(r.Digest)
	if err != nil {
		return 0
	}
	return leavesIn(message)
}

// leavesIn is how many records a log had at a checkpoint, which its second line says; 0 if it does not.
func leavesIn(message []byte) int64 {
	_, rest, _ := bytes.Cut(message, []byte("\n"))
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	n, err := strconv.ParseInt(string(line), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// notProved says what a reader of the evidence must not believe.
func (st *stamper) notProved(v *stampStatus) []string {
	w := st.words
	var out []string
	good := v.Last != nil && v.Last.Problem == ""
	switch {
	case !good && len(v.Authorities) == 0:
		out = append(out, w.T("That captures were there at a certain time: no time stamp authority is configured, so that only the clock of this machine says when they were made, and whoever holds the archive could have written them later. That no record was changed since the newest checkpoint, the log shows all the same, to whoever holds a checkpoint of it."))
	case !good:
		out = append(out, w.T("That captures were there at a certain time: there is no time stamp yet, so that only the clock of this machine says when they were made."))
	default:
		out = append(out, w.T("When before the time of the stamp a capture was made: that is said by the clock of this machine, and by what servers wrote into their answers."))
	}
	if good && v.Pending != nil {
		out = append(out, w.T("That the captures after the stamped checkpoint were there at a certain time: they wait for a stamp."))
	}
	if good && !v.Last.Trusted {
		out = append(out, w.T("Who stamped it: the root certificate of the stamp is none of those that are configured."))
	}
	if good && !v.Last.Qualified {
		out = append(out, w.T("That time and data are presumed to be right under Article 41(2) of Regulation (EU) No 910/2014 (eIDAS): no authority is configured as qualified that gave the newest stamp. It may not be refused as evidence for that alone (Article 41(1))."))
	}
	return append(out, w.T("That a server said the same to others: a capture shows what was received by this client from this address."))
}

// printStampStatus writes the status as text.
func (t *tool) printStampStatus(out io.Writer, v *stampStatus) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(what, text string) { fmt.Fprintf(w, "%s\t%s\n", what, report.Line(text)) }
	line(t.words.T("archive"), v.Archive)
	if len(v.Authorities) == 0 {
		line(t.words.T("authorities"), t.words.T("none is configured; 'drittland evidence authorities' prints an example"))
	}
	for i, a := range v.Authorities {
		what := ""
		if i == 0 {
			what = t.words.T("authorities")
		}
		text := a.Name + " " + a.URL
		if a.Qualified {
			text += " " + t.words.T("(qualified, as configured)")
		}
		line(what, text)
	}
	t.printLastStamp(line, v)
	if p := v.Pending; p == nil {
		line(t.words.T("waiting"), t.words.T("nothing"))
	} else {
		line(t.words.T("waiting"), t.words.F("%s, since %s; %s", t.checkpointName(p.Checkpoint, p.Records), stampTime(p.Waiting), t.words.N("%s failure", "%s failures", p.Failures)))
		line("", t.words.F("is tried again from %s", stampTime(p.Next)))
	}
	for _, a := range v.Authorities {
		if a.Failed != nil {
			line(t.words.T("failed"), fmt.Sprintf("%s, %s: %s", a.Name, stampTime(a.Failed.At), a.Failed.Failure))
		}
	}
	if v.Alarm {
		line(t.words.T("ALARM"), t.words.T("a checkpoint has waited for more than 24 hours"))
	}
	for _, p := range v.Problems {
		line(t.words.T("damaged"), p)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%s\n", t.strong(t.words.T("What is not proved:")))
	for _, s := range v.NotProved {
		fmt.Fprintf(out, "- %s\n", report.Line(s))
	}
	return nil
}

func (t *tool) printLastStamp(line func(what, text string), v *stampStatus) {
	l := v.Last
	switch {
	case l == nil:
		line(t.words.T("stamped"), t.words.T("nothing yet"))
	case l.Problem != "":
		line(t.words.T("stamped"), t.words.F("not good: %s", l.Problem))
	default:
		line(t.words.T("stamped"), t.words.F("%s, no later than %s, by %s", t.checkpointName(l.Checkpoint, l.Records), stampTime(l.Time), l.Authority))
		line("", t.words.F("policy %s, serial number %s, signed by %s", l.Policy, l.Serial, l.Signer))
		line("", t.words.F("root certificate %s", l.Root))
		line(t.words.T("stamps"), t.words.Number(v.Stamps))
	}
}

// checkpointName tells a checkpoint from others.
func (t *tool) checkpointName(digest string, records int64) string {
	if records > 0 {
		return t.words.F("checkpoint %s (%s)", digest[:16], t.words.N("%s record", "%s records", int(records)))
	}
	return t.words.F("checkpoint %s", digest[:16])
}

func stampTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
