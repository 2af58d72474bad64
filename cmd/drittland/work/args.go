package work

// This file says which jobs there are, and what makes two of them the same.

import (
	"time"

	"github.com/riverqueue/river"
)

// The queues that a worker may serve.
const (
	QueueCapture = "capture" // pages are asked for
	QueueDerive  = "derive"  // what was captured is read
	QueueDigest  = "digest"  // digests and alerts are made and sent, checkpoints stamped
	QueueLLM     = "llm"     // a second reader is asked about new versions

	// Duties have queues of their own, so that they never wait behind jobs.
	queueSchedule = "schedule" // served with capture
	queuePost     = "post"     // served with digest
)

// Queues are those that a worker may be told to serve.
var Queues = []string{QueueCapture, QueueDerive, QueueDigest, QueueLLM}

// Free are those of them that ask nobody who wants money for it.
var Free = []string{QueueCapture, QueueDerive, QueueDigest}

// Args are a job.
type Args interface {
	river.JobArgs
	options() river.InsertOpts
}

// Capture captures the page of a declaration and what belongs to it. There is one at a time for each source. Done again for the same
// due time, it goes on with what was captured since, and asks for nothing twice.
type Capture struct {
	Service string    `json:"service" river:"unique"`
	Type    string    `json:"terms_type" river:"unique"`
	Due     time.Time `json:"due"`
	Full    bool      `json:"full,omitempty"` // have all pages sent whole: the text of the capture before is in doubt
	Host    string    `json:"host,omitempty"` // of the first page
}

// Kind is that of a river.JobArgs.
func (Capture) Kind() string { return "capture" }

func (c Capture) options() river.InsertOpts {
	o := river.InsertOpts{Queue: QueueCapture, MaxAttempts: 12, Priority: 2, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: live}}
	if c.Full {
		o.Priority = 1
	}
	return o
}

// Derive reads what was captured.
type Derive struct {
	Service  string   `json:"service" river:"unique"`
	Type     string   `json:"terms_type" river:"unique"`
	Snapshot string   `json:"snapshot" river:"unique"`
	URL      string   `json:"url"`
	Annexes  int      `json:"annexes,omitempty"`
	Notes    []string `json:"notes,omitempty"`
	Full     bool     `json:"full,omitempty"` // it was captured because the text before was in doubt
}

// Kind is that of a river.JobArgs.
func (Derive) Kind() string { return "derive" }

func (Derive) options() river.InsertOpts {
	return river.InsertOpts{Queue: QueueDerive, MaxAttempts: 8, Priority: 2, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: live}}
}

// Alert makes the alerts of what is new in some terms.
type Alert struct {
	Service  string    `json:"service" river:"unique"`
	Type     string    `json:"terms_type" river:"unique"`
	Since    time.Time `json:"since" river:"unique"`
	LawSince time.Time `json:"law_since"`
}

// Kind is that of a river.JobArgs.
func (Alert) Kind() string { return "alert" }

func (Alert) options() river.InsertOpts {
	return river.InsertOpts{Queue: QueueDigest, MaxAttempts: 12, Priority: 1, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: live}}
}

// Digest makes the digest of a list for the time between two slots.
type Digest struct {
	List   string    `json:"list" river:"unique"`
	Period string    `json:"period" river:"unique"`
	From   time.Time `json:"from" river:"unique"`
	Until  time.Time `json:"until" river:"unique"`
	Slot   string    `json:"slot"`
}

// Kind is that of a river.JobArgs.
func (Digest) Kind() string { return "digest" }

func (Digest) options() river.InsertOpts {
	return river.InsertOpts{Queue: QueueDigest, MaxAttempts: 20, Priority: 2, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: live}}
}

// OrgDigest makes the digest of a list of an organisation for the time between two slots.
type OrgDigest struct {
	Org    int64     `json:"org" river:"unique"` // its number
	Name   string    `json:"organisation"`
	List   string    `json:"list" river:"unique"`
	Period string    `json:"period" river:"unique"`
	From   time.Time `json:"from" river:"unique"`
	Until  time.Time `json:"until" river:"unique"`
	Slot   string    `json:"slot"`
}

// Kind is that of a river.JobArgs.
func (OrgDigest) Kind() string { return "org_digest" }

func (OrgDigest) options() river.InsertOpts {
	return river.InsertOpts{Queue: QueueDigest, MaxAttempts: 20, Priority: 3, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: live}}
}

// SecondRead has a second reader asked about a version. What is recorded is not asked for again.
type SecondRead struct {
	Service  string `json:"service" river:"unique"`
	Type     string `json:"terms_type" river:"unique"`
	Version  string `json:"version" river:"unique"` // its ID
	Snapshot string `json:"snapshot"`               // by which it is found if it was read again since
	Old      bool   `json:"old,omitempty"`          // somebody put it into the queue: what is new goes first
}

// Kind is that of a river.JobArgs.
func (SecondRead) Kind() string { return "second_read" }

func (s SecondRead) options() river.InsertOpts {
	o := river.InsertOpts{Queue: QueueLLM, MaxAttempts: 20, Priority: 2, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: live}}
	if s.Old {
		o.Priority = 3
	}
	return o
}

// often is how often each duty is done, by whoever lives.
const often = 10 * time.Second

// Schedule is the duty to make jobs of what is due.
type Schedule struct{}

// Kind is that of a river.JobArgs.
func (Schedule) Kind() string { return "schedule" }

func (Schedule) options() river.InsertOpts { return duty(queueSchedule) }

// Post is the duty to make jobs of the digests that are due, to send what waits, and to have checkpoints stamped.
type Post struct{}

// Kind is that of a river.JobArgs.
func (Post) Kind() string { return "post" }

func (Post) options() river.InsertOpts { return duty(queuePost) }

// duty has one job of a kind made in each period, however many workers ask for it.
func duty(queue string) river.InsertOpts {
	return river.InsertOpts{Queue: queue, MaxAttempts: 5, Priority: 1, UniqueOpts: river.UniqueOpts{ByPeriod: often}}
}
