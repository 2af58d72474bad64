package review

// Accounts: who may log in, as a file says. The file holds what bcrypt makes of passwords, and never a password.

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/text/secure/precis"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/disk"
)

// Limits of accounts and their passwords.
const (
	MinPassword = 12 // characters
	MaxPassword = 72 // bytes: bcrypt reads no more

	maxAccounts     = 1000
	maxAccountsFile = 1 << 20
	passwordCost    = 12 // about a quarter of a second
	maxPasswordCost = 16 // a file cannot make every log-in take a minute
)

// Roles are all roles, in the order in which each may do more.
var Roles = []Role{Reader, Reviewer, Admin}

// An Account is somebody who may log in.
type Account struct {
	Handle   string `yaml:"handle"`
	Role     Role   `yaml:"role"`
	Password string `yaml:"password"` // as bcrypt writes it
	Disabled bool   `yaml:"disabled,omitempty"`
}

// Accounts are those of one file, sorted by handle.
type Accounts struct {
	List []Account `yaml:"accounts"`
}

// Find is the account of a handle, nil if there is none.
func (a *Accounts) Find(handle string) *Account {
	for i := range a.List {
		if a.List[i].Handle == handle {
			return &a.List[i]
		}
	}
	return nil
}

// Open counts the accounts that may log in.
func (a *Accounts) Open() (n int) {
	for i := range a.List {
		if !a.List[i].Disabled {
			n++
		}
	}
	return n
}

// Add adds an account. A handle differs from all others by more than the size of its letters.
func (a *Accounts) Add(x Account) error {
	if i := slices.IndexFunc(a.List, func(o Account) bool { return strings.EqualFold(o.Handle, x.Handle) }); i >= 0 {
		return fmt.Errorf("there is an account %s already", a.List[i].Handle)
	}
	a.List = append(a.List, x)
	slices.SortFunc(a.List, func(x, y Account) int { return strings.Compare(x.Handle, y.Handle) })
	return a.check()
}

// check says what is wrong with accounts.
func (a *Accounts) check() error {
	if len(a.List) > maxAccounts {
		return fmt.Errorf("more than %d accounts", maxAccounts)
	}
	seen := map[string]bool{}
	for i := range a.List {
		x := &a.List[i]
		name := strings.ToLower(x.Handle)
		cost, err := bcrypt.Cost([]byte(x.Password))
		switch {
		case !snapshots.Handle(x.Handle):
			return fmt.Errorf("account %d, %q: a handle has letters, digits and . _ - alone, at most %d", i+1, x.Handle, snapshots.MaxHandle)
		case seen[name]:
			return fmt.Errorf("there are two accounts %s", x.Handle)
		case !slices.Contains(Roles, x.Role):
			return fmt.Errorf("account %s: role %q: expected reader, reviewer or admin", x.Handle, x.Role)
		case err != nil:
			return fmt.Errorf("account %s: the password is not as bcrypt writes it", x.Handle)
		case cost > maxPasswordCost:
			return fmt.Errorf("account %s: the cost of the password is %d, above %d", x.Handle, cost, maxPasswordCost)
		}
		seen[name] = true
	}
	return nil
}

// HashPassword checks a new password, and makes of it what an account keeps.
func HashPassword(password string) (string, error) {
	p, err := prepared(password)
	switch {
	case err != nil || !utf8.ValidString(password):
		return "", errors.New("the password has characters that cannot be typed everywhere, such as control characters")
	case utf8.RuneCountInString(p) < MinPassword:
		return "", fmt.Errorf("the password is too short: at least %d characters; a sentence of some words is easy to keep in mind", MinPassword)
	case len(p) > MaxPassword:
		return "", fmt.Errorf("the password is too long: at most %d bytes", MaxPassword)
	}
	b, err := bcrypt.GenerateFromPassword([]byte(p), passwordCost)
	return string(b), err
}

// prepared is a password in the form in which it is compared, whatever keyboard it came from (RFC 8265).
func prepared(password string) (string, error) {
	if password == "" {
		return "", nil
	}
	return precis.OpaqueString.String(password)
}

// ErrWritable is what reading says of a file that others than its owner could have written.
var ErrWritable = errors.New("others than its owner may write it")

// private says why a file is not to be trusted: who may write it may log in.
func private(f *os.File) error {
	info, err := f.Stat()
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errors.New("is no file")
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o022 != 0:
		return fmt.Errorf("%w (mode %04o)", ErrWritable, info.Mode().Perm())
	}
	return nil
}

// ReadAccounts reads a file of accounts. It is fs.ErrNotExist if there is none, ErrWritable if others may write it.
func ReadAccounts(path string) (*Accounts, error) {
	b, err := readPrivate(path)
	if err != nil {
		return nil, fmt.Errorf("accounts in %s: %w", path, err)
	}
	a, err := parseAccounts(b)
	if err != nil {
		return nil, fmt.Errorf("accounts in %s: %w", path, err)
	}
	return a, nil
}

func parseAccounts(b []byte) (*Accounts, error) {
	dec := yaml.NewDecoder(bytes.NewReader(b))
	dec.KnownFields(true)
	a := &Accounts{}
	if err := dec.Decode(a); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if !errors.Is(dec.Decode(new(yaml.Node)), io.EOF) {
		return nil, errors.New("holds more than one document")
	}
	return a, a.check()
}

func readPrivate(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := private(f); err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, maxAccountsFile+1))
	if err == nil && len(b) > maxAccountsFile {
		err = fmt.Errorf("is larger than %d bytes", maxAccountsFile)
	}
	return b, err
}

const accountsHead = "# Accounts of 'drittland review', written by 'drittland review account'. Comments of yours are not kept.\n"

// ChangeAccounts changes a file of accounts, all of it or not at all. It makes the file, and its folder, if there is none.
func ChangeAccounts(path string, change func(*Accounts) error) error {
	a, err := ReadAccounts(path)
	if errors.Is(err, fs.ErrNotExist) {
		a, err = &Accounts{}, os.MkdirAll(filepath.Dir(path), 0o700)
	}
	if err != nil {
		return err
	}
	if err := change(a); err != nil {
		return err
	}
	if err := a.check(); err != nil {
		return err
	}
	b, err := yaml.Marshal(a)
	if err != nil {
		return err
	}
	if real, err := filepath.EvalSymlinks(path); err == nil { // a link stays one
		path = real
	}
	if err := replace(path, append([]byte(accountsHead), b...)); err != nil {
		return fmt.Errorf("write accounts: %w", err)
	}
	return nil
}

// replace writes a file that only its owner may read, under its name when it is complete.
func replace(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".accounts-*") // with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return errors.Join(os.Rename(f.Name(), path), disk.Sync(filepath.Dir(path)))
}

// An accountFile reads a file of accounts again when it has changed.
type accountFile struct {
	path string

	mu   sync.Mutex
	info fs.FileInfo // of what was read last
	now  *Accounts
	err  error
}

// read gives the accounts as they are now, and whether they have changed since the last call.
func (f *accountFile) read() (a *Accounts, changed bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := os.Stat(f.path)
	if err != nil {
		changed = f.err == nil
		f.info, f.now, f.err = nil, nil, err
		return nil, changed, err
	}
	if f.info != nil && os.SameFile(f.info, info) && f.info.ModTime().Equal(info.ModTime()) && f.info.Size() == info.Size() && f.info.Mode() == info.Mode() {
		return f.now, false, f.err
	}
	f.now, f.err = ReadAccounts(f.path)
	f.info = info
	return f.now, true, f.err
}
