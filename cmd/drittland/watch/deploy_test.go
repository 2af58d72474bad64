package watch

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestUnit has systemd read the unit, with a program that is there in the place of ours.
func TestUnit(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	switch {
	case err != nil && os.Getenv("CI") != "":
		t.Fatal("this test needs systemd-analyze: apt-get install systemd")
	case err != nil:
		t.Skip("needs systemd-analyze: apt-get install systemd")
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

// A builder runs buildah with a store of its own.
type builder struct {
	t    *testing.T
	dir  string
	tool string
}

func needsBuildah(t *testing.T) *builder {
	t.Helper()
	tool, err := exec.LookPath("buildah")
	switch {
	case err != nil && os.Getenv("CI") != "":
		t.Fatal("this test needs buildah: apt-get install buildah")
	case err != nil:
		t.Skip("needs buildah: apt-get install buildah")
	case os.Getuid() != 0:
		t.Skip("images are built here by root alone")
	}
	return &builder{t, t.TempDir(), tool}
}

// does runs a command of buildah and gives what was said, and its exit code.
func (b *builder) does(args ...string) (out string, code int) {
	b.t.Helper()
	c := exec.Command(b.tool, append([]string{"--root", filepath.Join(b.dir, "store"), "--runroot", filepath.Join(b.dir, "run"), "--storage-driver", "vfs"}, args...)...)
	c.Env = append(os.Environ(), "BUILDAH_ISOLATION=chroot")
	said, err := c.CombinedOutput()
	var e *exec.ExitError
	if err != nil && !errors.As(err, &e) {
		b.t.Fatal(err)
	}
	return string(said), c.ProcessState.ExitCode()
}

func (b *builder) must(args ...string) string {
	b.t.Helper()
	out, code := b.does(args...)
	if code != 0 {
		b.t.Fatalf("buildah %v: exit code %d\n%s", args, code, out)
	}
	return strings.TrimSpace(out)
}

// built makes what the first stage makes, without the image that the stage begins with.
func (b *builder) built() string {
	b.t.Helper()
	dir := filepath.Join(b.dir, "context")
	certificates := filepath.Join(dir, "etc/ssl/certs/ca-certificates.crt")
	for name, mode := range map[string]os.FileMode{"out/root/data": 0o700, "out/root/captures": 0o700, "out/root/tmp": os.ModeSticky | 0o777, "etc/ssl/certs": 0o755} {
		if err := errors.Join(os.MkdirAll(filepath.Join(dir, name), 0o755), os.Chmod(filepath.Join(dir, name), mode)); err != nil {
			b.t.Fatal(err)
		}
	}
	if err := os.WriteFile(certificates, []byte("# roots\n"), 0o644); err != nil {
		b.t.Fatal(err)
	}
	c := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s", "-o", filepath.Join(dir, "out/drittland"), "github.com/drittland/drittland/cmd/drittland")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		b.t.Fatalf("%v\n%s", err, out)
	}
	return dir
}

// TestContainer builds the image, all but the program itself, and runs it as users do: it keeps its archive and its state, and reads its
// settings, certificates and time zones, with nothing else around it.
func TestContainer(t *testing.T) {
	b := needsBuildah(t)
	dir := b.built()
	b.must("bud", "--build-context", "build="+dir, "--format", "docker", "-f", "deploy/Containerfile", "-t", "drittland", dir) // OCI knows no HEALTHCHECK
	image := b.must("inspect", "--type", "image", "--format", "{{.Docker.Config.User}} {{.Docker.Config.Volumes}} {{.Docker.Config.Healthcheck.Test}} {{.Docker.Config.Entrypoint}} {{.Docker.Config.Cmd}} {{.Docker.Config.StopSignal}}", "drittland")
	if image != "65532:65532 map[/data:{}] [CMD /usr/local/bin/drittland watch --health] [/usr/local/bin/drittland] [watch --log-format json] SIGTERM" {
		t.Error(image)
	}
	settings := filepath.Join(b.dir, "config.yaml")
	if err := os.WriteFile(settings, []byte("time_zone: Europe/Berlin\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	container := b.must("from", "--pull-never", "localhost/drittland")
	run := func(args ...string) (string, int) {
		return b.does(append([]string{"run", "-v", settings + ":/etc/drittland/config.yaml:ro", container, "--", "/usr/local/bin/drittland"}, args...)...)
	}
	if out, code := run("config", "check"); code != 0 && strings.Contains(out, "operation not permitted") {
		t.Skipf("the image is right; nothing is run in containers here:\n%s", out)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"config", "check"}, "archive: /data/archive; state: /data/state"},
		{[]string{"config", "check"}, "hourly at minute 0"},
		{[]string{"config", "show"}, "time_zone: Europe/Berlin"},
		{[]string{"track", "add", "Clipzy", "https://clipzy.example/privacy"}, "new archive in /data/archive"},
		{[]string{"track", "list"}, "Clipzy"},
		{[]string{"archive", "check"}, "whole"}, // which needs a place for what is temporary
		{[]string{"watch", "--dry-run"}, "1 of 1 text due: Clipzy"},
	} {
		if out, code := run(c.args...); code != 0 || !strings.Contains(out, c.want) {
			t.Errorf("%v: exit code %d, want %q in\n%s", c.args, code, c.want, out)
		}
	}
	if out, code := run("watch", "--health"); code != 1 || !strings.Contains(out, "127.0.0.1:9464") {
		t.Errorf("health of none: exit code %d\n%s", code, out)
	}
	if out, code := b.does("run", container, "--", "/bin/sh", "-c", "true"); code == 0 {
		t.Errorf("there is a shell in the image: %s", out)
	}
	b.must("rm", container)
}
