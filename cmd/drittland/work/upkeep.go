package work

// This file is the duties that keep an archive in order.

import (
	"time"

	"github.com/riverqueue/river"
)

// queueUpkeep is served with derive. A duty in it may take long.
const queueUpkeep = "upkeep"

// Gather is the duty to gather the passages of new texts, so that whoever searches finds them.
type Gather struct{}

// Kind is that of a river.JobArgs.
func (Gather) Kind() string { return "gather" }

func (Gather) options() river.InsertOpts { return upkeep(time.Minute) }

// Tidy is the duty to join old parts of capture files and to take away objects that nothing names.
type Tidy struct{}

// Kind is that of a river.JobArgs.
func (Tidy) Kind() string { return "tidy" }

func (Tidy) options() river.InsertOpts { return upkeep(24 * time.Hour) }

func upkeep(every time.Duration) river.InsertOpts {
	o := duty(queueUpkeep)
	o.UniqueOpts.ByPeriod = every
	return o
}
