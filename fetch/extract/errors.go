package extract

// This file holds the reasons for which a body makes no document.

import (
	"errors"
	"fmt"
)

// ErrEmpty says that a body holds no visible text.
var ErrEmpty = errors.New("no text to read")

// ErrTooBig says that a body exceeds a limit of Options.
type ErrTooBig struct {
	What  string // "bytes" or "blocks"
	Size  int    // how many there are, 0 if counting stopped at the limit
	Limit int
}

func (e ErrTooBig) Error() string {
	if e.Size == 0 {
		return fmt.Sprintf("too big to read: more than %d %s", e.Limit, e.What)
	}
	return fmt.Sprintf("too big to read: %d %s, where %d are the limit", e.Size, e.What, e.Limit)
}

// ErrBinary says that a body is not a text.
type ErrBinary struct {
	Looks string // what it looks like, such as "a PDF file"
}

func (e ErrBinary) Error() string { return "not a text: it looks like " + e.Looks }

// ErrNotPolicy says that a page was served which is not the one asked for.
type ErrNotPolicy struct {
	Reason string // in words, such as "a bot wall: \"Verify you are human\""
}

func (e ErrNotPolicy) Error() string { return "not a policy: the page is " + e.Reason }

// A Fault is why a file of a known format cannot be read.
type Fault string

// The faults of files.
const (
	Encrypted Fault = "encrypted"
	Damaged   Fault = "damaged"
	Scanned   Fault = "scanned" // pictures of pages, without text
	Coded     Fault = "coded"   // the text stands in codes of which the file does not say what they mean
)

// ErrUnreadable says that a file is of a known format and holds no text that can be had.
type ErrUnreadable struct {
	Format string // "PDF", "DOCX" or "ODT"
	Fault  Fault
	Reason string // in words, such as "it is scanned: 3 pages with pictures, and 2 words"
}

func (e ErrUnreadable) Error() string { return "the " + e.Format + " cannot be read: " + e.Reason }
