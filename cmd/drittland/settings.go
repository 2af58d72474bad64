package main

// Settings of the unattended side: where their file is, and the secrets that stand beside it.

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drittland/drittland/cmd/drittland/config"
)

const maxSecret = 4096 // bytes

func configFlag() cli.Flag {
	return &cli.StringFlag{Name: "config",
		Usage: "`FILE` with the settings of watch and digest; DRITTLAND_CONFIG in the environment names another default (see 'drittland config --help')"}
}

// settings are what the file, the environment and the flags of a command say, with everything that they leave out filled in. Archive
// and State are set, unless no place for them is known.
func (t *tool) settings(c *cli.Context) (*config.Settings, error) {
	s, err := t.settle(c, c.String("config"))
	if err != nil {
		return nil, err
	}
	return s.Settings, nil
}

// settled are settings with where they come from.
type settled struct {
	*config.Settings
	origins config.Origins
	file    string // "" if there is none
	sought  string // where it was looked for
}

// settle reads the settings; file is "" for that of the environment or the default.
func (t *tool) settle(c *cli.Context, file string) (*settled, error) {
	named := file != ""
	if !named {
		if file = t.env.Getenv("DRITTLAND_CONFIG"); file != "" {
			named = true
		} else {
			file = userDir(t.env, "XDG_CONFIG_HOME", "AppData", ".config", "drittland/config.yaml")
		}
	}
	out := &settled{sought: file}
	var source []byte
	if file != "" {
		var err error
		switch source, err = readBounded(file, config.MaxSize+1); {
		case errors.Is(err, fs.ErrNotExist) && !named:
		case errors.Is(err, fs.ErrNotExist):
			return nil, unreadable(fmt.Errorf("settings: %s: there is no such file", file), "'drittland config example' writes one to begin with")
		case err != nil:
			return nil, unreadable(fmt.Errorf("settings: %s: %w", file, plain(err)), "the user that runs drittland must be able to read it")
		default:
			out.file = file
		}
	}
	var err error
	out.Settings, out.origins, err = config.ReadSettings(out.file, source, t.overrides(c)...)
	if err != nil {
		return nil, &coded{err, exitUnreadable, "'drittland config example' shows what can be said"}
	}
	if out.Archive == "" {
		out.Archive = defaultArchive(t.env)
	}
	if out.State == "" {
		out.State = userDir(t.env, "XDG_STATE_HOME", "LocalAppData", ".local/state", "drittland")
	}
	return out, nil
}

// overrides are what the environment and the flags of a command say.
func (t *tool) overrides(c *cli.Context) []config.Override {
	var env, flags []config.Override
	for _, x := range config.Table() {
		if v := t.env.Getenv(x.Env); v != "" {
			env = append(env, config.Override{Key: x.Key, Value: v, Origin: x.Env})
		}
		if x.Flag != "" && c.IsSet(x.Flag) {
			flags = append(flags, config.Override{Key: x.Key, Value: fmt.Sprint(c.Value(x.Flag)), Origin: "--" + x.Flag})
		}
	}
	return append(env, flags...)
}

// secret is the value of a variable of the environment or, if that is not set, what stands in a file without the end of its line.
// Either name may be "". That there is no secret is an error.
func (t *tool) secret(env, file string) (string, error) {
	if env != "" {
		if s := t.env.Getenv(env); s != "" {
			return s, checkSecret(env, s)
		}
	}
	switch {
	case file == "" && env == "":
		return "", errors.New("no secret: neither a variable nor a file is named for it")
	case file == "":
		return "", &coded{fmt.Errorf("%s is not set in the environment", env), exitFailed, "a secret stands in the environment or in a file of its own"}
	}
	b, err := secretFile(file)
	if err != nil {
		return "", fmt.Errorf("secret in %s: %w", file, err)
	}
	s := strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	return s, checkSecret(file, s)
}

// checkSecret refuses what is no secret, without saying what it is.
func checkSecret(where, s string) error {
	switch {
	case s == "":
		return fmt.Errorf("secret in %s: it is empty", where)
	case len(s) > maxSecret:
		return fmt.Errorf("secret in %s: more than %d bytes", where, maxSecret)
	case strings.ContainsAny(s, "\r\n\x00"):
		return fmt.Errorf("secret in %s: expected a single line", where)
	}
	return nil
}

// secretFile reads a file that holds nothing but a secret, which only its owner and group may read.
func secretFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("there is no such file")
	case err != nil:
		return nil, plain(err)
	case !info.Mode().IsRegular(): // a pipe would make us wait
		return nil, errors.New("is no regular file")
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, &coded{plain(err), exitFailed, "the user that runs drittland must be able to read it"}
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return nil, plain(err)
	}
	if exposed(info) {
		return nil, &coded{fmt.Errorf("everybody on this machine may read or change it (mode %04o)", info.Mode().Perm()), exitFailed, "chmod 600 " + name}
	}
	return io.ReadAll(io.LimitReader(f, maxSecret+3)) // with the end of the line
}

// exposed reports whether others than owner and group may read a file, or others than the owner may write it.
func exposed(info fs.FileInfo) bool {
	return runtime.GOOS != "windows" && info.Mode().Perm()&0o026 != 0
}
