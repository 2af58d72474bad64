package review

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

func TestAccountsThatAreRefused(t *testing.T) {
	hash := cheapHash(t, rightPassword)
	costly := strings.Replace(hash, "$04$", "$31$", 1)
	one := func(handle, role, password string) string {
		return "  - {handle: " + handle + ", role: " + role + ", password: '" + password + "'}\n"
	}
	for _, x := range []struct{ name, file, says string }{
		{"a handle with a space", "accounts:\n" + one("'r b'", "reader", hash), "a handle has letters"},
		{"an address", "accounts:\n" + one("rob@example.org", "reader", hash), "a handle has letters"},
		{"no role", "accounts:\n" + one("rob", "''", hash), "expected reader, reviewer or admin"},
		{"another role", "accounts:\n" + one("rob", "owner", hash), "expected reader, reviewer or admin"},
		{"a password as it is typed", "accounts:\n" + one("rob", "reader", rightPassword), "not as bcrypt writes it"},
		{"a costly password", "accounts:\n" + one("rob", "reader", costly), "cost of the password is 31"},
		{"twice", "accounts:\n" + one("rob", "reader", hash) + one("Rob", "reader", hash), "two accounts Rob"},
		{"a field that there is not", "accounts:\n  - {handle: rob, roles: [reader]}\n", "line 2: field roles not found"},
		{"two documents", "accounts: []\n---\naccounts: []\n", "more than one document"},
		{"no list", "accounts: rob\n", "line 1"},
		{"no YAML", "accounts: [", "yaml"},
		{"too many", "accounts:\n" + strings.Repeat(one("rob", "reader", hash), maxAccounts+1), "more than 1000"},
		{"too long", strings.Repeat("#", maxAccountsFile+1), "larger than"},
		{"aliases without end", "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\naccounts: *c\n", "yaml"},
	} {
		path := filepath.Join(t.TempDir(), "accounts.yaml")
		if err := os.WriteFile(path, []byte(x.file), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadAccounts(path); err == nil || !strings.Contains(err.Error(), x.says) || strings.Contains(err.Error(), rightPassword) {
			t.Errorf("%s: %v", x.name, err)
		}
	}
}

func TestAccountsFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "new", "accounts.yaml")
	add := func(handle string) error {
		return ChangeAccounts(path, func(a *Accounts) error {
			return a.Add(Account{Handle: handle, Role: Reader, Password: cheapHash(t, rightPassword)})
		})
	}
	for _, h := range []string{"rob", "ada"} {
		if err := add(h); err != nil {
			t.Fatal(err)
		}
	}
	if err := add("ADA"); err == nil || !strings.Contains(err.Error(), "an account ada already") {
		t.Error(err)
	}
	a, err := ReadAccounts(path)
	if err != nil || len(a.List) != 2 || a.List[0].Handle != "ada" || a.Open() != 2 {
		t.Fatalf("%+v, %v", a, err)
	}
	for name, mode := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700 | os.ModeDir} {
		if info, err := os.Stat(name); err != nil || info.Mode() != mode {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	before, _ := os.ReadFile(path)
	failed := errors.New("no")
	if err := ChangeAccounts(path, func(a *Accounts) error { a.List = nil; return failed }); !errors.Is(err, failed) {
		t.Error(err)
	}
	if err := ChangeAccounts(path, func(a *Accounts) error { a.List[0].Role = "x"; return nil }); err == nil {
		t.Error("wrote a role that there is not")
	}
	if after, _ := os.ReadFile(path); string(after) != string(before) {
		t.Error("a change that failed changed the file")
	}
	link := filepath.Join(dir, "link.yaml")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := ChangeAccounts(link, func(a *Accounts) error { a.List[0].Disabled = true; return nil }); err != nil {
		t.Fatal(err)
	}
	if a, err := ReadAccounts(path); err != nil || a.Open() != 1 {
		t.Errorf("%+v, %v", a, err)
	}
	for _, mode := range []os.FileMode{0o602, 0o620, 0o666} {
		os.Chmod(path, mode)
		if _, err := ReadAccounts(path); !errors.Is(err, ErrWritable) {
			t.Errorf("mode %o: %v", mode, err)
		}
		if err := add("eve"); !errors.Is(err, ErrWritable) {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "new", ".accounts-*")); len(left) != 0 {
		t.Errorf("left %q", left)
	}
	if _, err := ReadAccounts(dir); err == nil {
		t.Error("a folder is read")
	}
}

func TestPasswords(t *testing.T) {
	for _, x := range []struct{ password, says string }{
		{"", "too short"}, {"elevenchars", "too short"}, {"éééééé", "too short"},
		{"twelve chars", ""}, {"zwölf Zeichen", ""}, {strings.Repeat("x", 72), ""},
		{strings.Repeat("x", 73), "too long"}, {strings.Repeat("é", 37), "too long"},
		{"twelve\x00chars!", "control characters"}, {"twelve chars\xff", "control characters"}, {"twelve\tchars!", "control characters"},
	} {
		hash, err := HashPassword(x.password)
		switch {
		case x.says == "" && (err != nil || bcrypt.CompareHashAndPassword([]byte(hash), []byte(x.password)) != nil):
			t.Errorf("%q: %v", x.password, err)
		case x.says != "" && (err == nil || !strings.Contains(err.Error(), x.says) || hash != ""):
			t.Errorf("%q: %q, %v", x.password, hash, err)
		}
		if cost, _ := bcrypt.Cost([]byte(hash)); hash != "" && cost < 12 {
			t.Errorf("cost %d", cost)
		}
	}
}

func FuzzAccounts(f *testing.F) {
	f.Add([]byte("accounts:\n  - {handle: rob, role: reader, password: x, disabled: true}\n"))
	f.Add([]byte("accounts: []\n---\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := parseAccounts(b)
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, x := range a.List {
			if x.Role != Reader && x.Role != Reviewer && x.Role != Admin || seen[x.Handle] || x.Handle == "" {
				t.Errorf("%q gives %+v", b, x)
			}
			seen[x.Handle] = true
		}
	})
}
