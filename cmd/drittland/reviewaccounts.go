package main

// The commands about accounts: who may log in to 'drittland review'.

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/drittland/drittland/cmd/drittland/review"
	"github.com/drittland/drittland/snapshots"
)

func (t *tool) accountCommand() *cli.Command {
	role := &cli.StringFlag{Name: "role", Value: string(review.Reviewer), Usage: "`ROLE`: reader, reviewer or admin"}
	sub := func(name, usage, args, description string, action cli.ActionFunc, flags ...cli.Flag) *cli.Command {
		return &cli.Command{Name: name, Usage: usage, ArgsUsage: args, Description: description, Flags: append(flags, accountsFlag()), OnUsageError: usageError, Action: action}
	}
	return &cli.Command{
		Name: "account", Usage: "who may log in", OnUsageError: usageError,
		Description: `Keeps a file of accounts, beside which 'drittland review' asks everybody to log in. It
holds handles, roles and what bcrypt makes of passwords; it never goes into the archive.
A server that runs reads it again when it has changed: who is disabled, or has another
role or password, is logged out at once.

   drittland review account add mk --role reviewer
   drittland review account role mk reader
   drittland review account disable mk

A reader sees everything, a reviewer decides, an admin sees the audit log as well. An
account is disabled and never removed: its handle stands in the archive, and is nobody
else's. Passwords are asked for, or read from standard input; they have at least 12
characters, and no other rules.`,
		Subcommands: []*cli.Command{
			sub("add", "add an account", "HANDLE", `Asks for the password twice, or reads it from standard input.

   drittland review account add mk
   drittland review account add kb --role admin < password.txt`, t.accountAdd, role),
			sub("password", "set a new password", "HANDLE", `Whoever is logged in to the account is logged out.

   drittland review account password mk`, t.accountPassword),
			sub("role", "give an account another role: reader, reviewer or admin", "HANDLE ROLE", `   drittland review account role mk admin`, t.accountRole),
			sub("disable", "let nobody log in to an account any more", "HANDLE", `   drittland review account disable mk`, t.accountDisable),
			sub("enable", "let somebody log in to a disabled account again, with a new password", "HANDLE", `   drittland review account enable mk`, t.accountEnable),
			sub("list", "list the accounts", "", `   drittland review account list`, t.accountList),
		},
	}
}

func accountsFlag() cli.Flag {
	return &cli.StringFlag{Name: "accounts", Usage: "`FILE` of the accounts (default: accounts.yaml in the folder drittland of your configuration)"}
}

// accountsFile is the file of accounts that is named, or the one in its default place; named says which.
func (t *tool) accountsFile(c *cli.Context) (path string, named bool) {
	for _, x := range c.Lineage() {
		if x.IsSet("accounts") {
			return x.String("accounts"), true
		}
	}
	config := t.env.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(config) {
		config = ""
		if home := t.env.Getenv("HOME"); home != "" {
			config = filepath.Join(home, ".config")
		} else if data := t.env.Getenv("AppData"); data != "" && runtime.GOOS == "windows" {
			config = data
		}
	}
	if config == "" {
		return "", false
	}
	return filepath.Join(config, "drittland", "accounts.yaml"), false
}

// accountsTold puts an error about accounts in words for a person.
func accountsTold(err error) error {
	switch {
	case errors.Is(err, review.ErrWritable):
		return &coded{err, exitFailed, "who may write it may log in: chmod 600"}
	case errors.Is(err, fs.ErrNotExist):
		return &coded{err, exitFailed, "'drittland review account add HANDLE' makes it"}
	}
	return err
}

// changeAccount changes the account that the command names.
func (t *tool) changeAccount(c *cli.Context, change func(*review.Account)) error {
	return t.changeAccounts(c, func(path string, a *review.Accounts) error {
		x := a.Find(c.Args().First())
		if x == nil {
			return &coded{fmt.Errorf("there is no account %q in %s", c.Args().First(), path), exitFailed, "'drittland review account list' shows them"}
		}
		change(x)
		return nil
	})
}

func (t *tool) changeAccounts(c *cli.Context, change func(path string, a *review.Accounts) error) error {
	path, _ := t.accountsFile(c)
	if path == "" {
		return &coded{errors.New("there is no place for accounts: the environment names no home directory"), exitUsage, "give --accounts FILE"}
	}
	return accountsTold(review.ChangeAccounts(path, func(a *review.Accounts) error { return change(path, a) }))
}

// accountArgs checks how many arguments there are.
func accountArgs(c *cli.Context, n int) error {
	if c.NArg() != n {
		return usage(fmt.Errorf("takes %s", c.Command.ArgsUsage), commandName(c))
	}
	return nil
}

func roleOf(c *cli.Context, name string) (review.Role, error) {
	if !slices.Contains(review.Roles, review.Role(name)) {
		return "", usage(fmt.Errorf("role %q: expected reader, reviewer or admin", name), commandName(c))
	}
	return review.Role(name), nil
}

func (t *tool) accountAdd(c *cli.Context) error {
	if err := accountArgs(c, 1); err != nil {
		return err
	}
	handle := c.Args().First()
	role, err := roleOf(c, c.String("role"))
	if err != nil {
		return err
	}
	if !snapshots.Handle(handle) {
		return usage(fmt.Errorf("%q: a handle has letters, digits and . _ - alone, at most %d", handle, snapshots.MaxHandle), commandName(c))
	}
	if path, _ := t.accountsFile(c); path != "" { // before a password is thought of in vain
		if a, err := review.ReadAccounts(path); err == nil && a.Find(handle) != nil {
			return &coded{fmt.Errorf("there is an account %s already", handle), exitFailed, "'drittland review account password' sets a new password, 'account enable' lets a disabled one in again"}
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return accountsTold(err)
		}
	}
	hash, err := t.newPassword(c)
	if err != nil {
		return err
	}
	err = t.changeAccounts(c, func(_ string, a *review.Accounts) error {
		return a.Add(review.Account{Handle: handle, Role: role, Password: hash})
	})
	if err == nil {
		t.say("%s", t.words.F("account %s added, with the role %s", handle, role))
	}
	return err
}

func (t *tool) accountPassword(c *cli.Context) error {
	return t.setPassword(c, func(*review.Account) {}, t.words.T("the account %s has a new password"))
}

func (t *tool) accountEnable(c *cli.Context) error {
	return t.setPassword(c, func(x *review.Account) { x.Disabled = false }, t.words.T("the account %s is open again, with a new password"))
}

// setPassword asks for a new password, and changes what else is to be changed with it.
func (t *tool) setPassword(c *cli.Context, also func(*review.Account), done string) error {
	if err := accountArgs(c, 1); err != nil {
		return err
	}
	hash, err := t.newPassword(c)
	if err != nil {
		return err
	}
	err = t.changeAccount(c, func(x *review.Account) {
		x.Password = hash
		also(x)
	})
	if err == nil {
		t.say(done, c.Args().First())
	}
	return err
}

func (t *tool) accountRole(c *cli.Context) error {
	if err := accountArgs(c, 2); err != nil {
		return err
	}
	role, err := roleOf(c, c.Args().Get(1))
	if err != nil {
		return err
	}
	if err = t.changeAccount(c, func(x *review.Account) { x.Role = role }); err == nil {
		t.say("%s", t.words.F("the account %s has the role %s", c.Args().First(), role))
	}
	return err
}

func (t *tool) accountDisable(c *cli.Context) error {
	err := accountArgs(c, 1)
	if err == nil {
		err = t.changeAccount(c, func(x *review.Account) { x.Disabled = true })
	}
	if err == nil {
		t.say("%s", t.words.F("nobody can log in to the account %s any more", c.Args().First()))
	}
	return err
}

func (t *tool) accountList(c *cli.Context) error {
	if err := accountArgs(c, 0); err != nil {
		return usage(errors.New("takes no arguments"), commandName(c))
	}
	path, _ := t.accountsFile(c)
	a, err := review.ReadAccounts(path)
	if err != nil {
		return accountsTold(err)
	}
	w := tabwriter.NewWriter(t.env.Stdout, 0, 0, 2, ' ', 0)
	for i := range a.List {
		x := &a.List[i]
		state := ""
		if x.Disabled {
			state = t.words.T("disabled")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", x.Handle, x.Role, state)
	}
	return w.Flush()
}

// newPassword asks for a password on the terminal, twice, or reads it from the first line of standard input. It gives its hash.
func (t *tool) newPassword(c *cli.Context) (string, error) {
	var password string
	if f, ok := t.env.Stdin.(*os.File); ok && isTerminal(f) {
		first, err := t.typed(c.Context, f, t.words.F("Password of %s: ", c.Args().First()))
		if err != nil {
			return "", err
		}
		again, err := t.typed(c.Context, f, t.words.T("The same again: "))
		if err != nil {
			return "", err
		}
		if first != again {
			return "", &coded{errors.New("the two passwords differ; nothing was changed"), exitFailed, ""}
		}
		password = first
	} else {
		line, err := bufio.NewReader(io.LimitReader(t.env.Stdin, 4096)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("read the password: %w", err)
		}
		password = strings.TrimRight(line, "\r\n")
		if password == "" {
			return "", &coded{errors.New("there is no password on standard input"), exitFailed, "run it in a terminal, or give the password with < FILE"}
		}
	}
	hash, err := review.HashPassword(password)
	if err != nil {
		return "", &coded{err, exitFailed, ""}
	}
	return hash, nil
}

// typed is a line typed on a terminal that does not show it.
func (t *tool) typed(ctx context.Context, f *os.File, prompt string) (string, error) {
	before, err := term.GetState(int(f.Fd()))
	if err != nil {
		return "", err
	}
	fmt.Fprint(t.env.Stderr, prompt)
	type answer struct {
		line []byte
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		b, err := term.ReadPassword(int(f.Fd()))
		got <- answer{b, err}
	}()
	select {
	case a := <-got:
		fmt.Fprintln(t.env.Stderr)
		return string(a.line), a.err
	case <-ctx.Done(): // the terminal shows again what is typed
		_ = term.Restore(int(f.Fd()), before)
		fmt.Fprintln(t.env.Stderr)
		return "", ctx.Err()
	}
}
