package main

import (
	"os"
	"syscall"
)

// maxRSS is the most memory that a process held, in KB.
func maxRSS(s *os.ProcessState) int64 {
	u, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return u.Maxrss
}
