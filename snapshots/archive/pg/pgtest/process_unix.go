//go:build unix

package pgtest

import (
	"os"
	"os/exec"
	"syscall"
)

func become(cmd *exec.Cmd, uid, gid int) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

func stopSignal(hard bool) os.Signal {
	if hard {
		return syscall.SIGQUIT
	}
	return syscall.SIGINT
}
