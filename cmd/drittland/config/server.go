package config

// This file tells addresses of servers from paths, and passwords in them from the rest.

import (
	"errors"
	"net/url"
	"strings"
)

// onServer reports whether a path of the settings is an address: of a database, or of a store of objects.
func onServer(v string) bool {
	scheme, _, ok := strings.Cut(v, "://")
	return ok && (scheme == "postgres" || scheme == "postgresql" || scheme == "s3" || scheme == "file")
}

// secretParams are parameters of the address of a database that hold secrets.
var secretParams = []string{"password", "sslpassword"}

// openAddress refuses the address of a server with a password: those do not stand in the file.
func openAddress(v string) error {
	if !onServer(v) || v == WithoutPassword(v) {
		return nil
	}
	return errors.New("no password stands in this file: set PGPASSWORD in the environment, or name a file with it there as PGPASSFILE")
}

// WithoutPassword is a path, or the address of a server without what is secret in it.
func WithoutPassword(v string) string {
	if !onServer(v) {
		return v
	}
	scheme, rest, _ := strings.Cut(v, "://")
	u, err := url.Parse(v)
	if err != nil {
		_, host, _ := strings.Cut(rest, "@")
		host, _, _ = strings.Cut(host, "?")
		return scheme + "://" + host
	}
	changed := false
	if _, has := u.User.Password(); has {
		u.User, changed = url.User(u.User.Username()), true
	}
	q := u.Query()
	for _, name := range secretParams {
		if q.Has(name) {
			q.Del(name)
			changed = true
		}
	}
	if !changed {
		return v
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// checkObjects refuses what is no address of a store of objects.
func checkObjects(v string) error {
	if v != "" && !strings.HasPrefix(v, "s3://") && !strings.HasPrefix(v, "file:///") {
		return errors.New("expected s3://bucket/prefix, or file:///directory")
	}
	return checkLine(v)
}
