package fetch

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// The kernel's word on its clock (adjtimex(2)).
const (
	clockError  = 5      // TIME_ERROR: the clock is not synchronised
	unsyncedBit = 0x0040 // STA_UNSYNC
)

// clockState says what the kernel knows of the clock of this machine: whether something such as an NTP client keeps it right, and how far
// off it is at most. "" if it does not say.
func clockState() string {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	switch {
	case err != nil:
		return ""
	case state == clockError || t.Status&unsyncedBit != 0:
		return "not synchronised"
	}
	return fmt.Sprintf("synchronised, max-error=%s", (time.Duration(t.Maxerror) * time.Microsecond).Round(time.Millisecond))
}
