package watch

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestUnit has systemd read the unit, with a program that is there in the place of ours.
func TestUnit(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is missing: apt-get install systemd")
	}
	unit, err := os.ReadFile("deploy/drittland.service")
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "drittland.service")
	if err := os.WriteFile(file, []byte(strings.Replace(string(unit), "/usr/local/bin/drittland", self, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(analyze, "verify", "--man=no", file).CombinedOutput()
	if err != nil || strings.Contains(string(out), file) {
		t.Errorf("%v\n%s", err, out)
	}
	out, err = exec.Command(analyze, "security", "--offline=yes", "--no-pager", "--threshold=25", file).CombinedOutput()
	if err != nil {
		t.Errorf("exposed to more than 2.5 of 10: %v\n%s", err, out)
	}
}

// TestContainer wants of the image what makes it safe to run.
func TestContainer(t *testing.T) {
	b, err := os.ReadFile("deploy/Containerfile")
	if err != nil {
		t.Fatal(err)
	}
	_, last, ok := strings.Cut(string(b), "\nFROM gcr.io/distroless/")
	for _, want := range []string{"\nUSER 65532:65532\n", "\nVOLUME /data\n", "\nHEALTHCHECK ", `["watch", "--log-format", "json"]`} {
		if !ok || !strings.Contains(last, want) {
			t.Errorf("the last stage has no %q", strings.TrimSpace(want))
		}
	}
}
