//go:build !unix

package pgtest

import (
	"os"
	"os/exec"
)

func become(*exec.Cmd, int, int) {}

func stopSignal(bool) os.Signal { return os.Kill }
