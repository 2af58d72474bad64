package extract

// This file lets a regular expression be compiled when it is first needed, and not by every command at its start.

import (
	"regexp"
	"sync"
)

func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
