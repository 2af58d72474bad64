package objects

// This file reads addresses of stores.

import (
	"fmt"
	"net/url"
	"path"
	"strings"
)

// An address says where a store is: a folder, or a bucket and what the names in it begin with.
type address struct {
	dir    string // absolute, clean
	bucket string
	prefix string // "" or ending with "/"
}

const maxAddress = 2048 // bytes

// parse reads an address. What is wrong with one is said without the address, which may hold a password.
func parse(s string) (address, error) {
	if len(s) > maxAddress {
		return address{}, fmt.Errorf("%w: it has %d bytes", ErrAddress, len(s))
	}
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return address{}, fmt.Errorf("%w: write file:///dir or s3://bucket/prefix", ErrAddress)
	case u.User != nil:
		return address{}, fmt.Errorf("%w: credentials do not belong in it, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", ErrAddress)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(s, "#") || u.Opaque != "":
		return address{}, fmt.Errorf("%w: nothing may follow the path; write file:///dir or s3://bucket/prefix", ErrAddress)
	}
	switch u.Scheme {
	case "file":
		return parseFile(u)
	case "s3":
		return parseS3(u)
	}
	return address{}, fmt.Errorf("%w: it begins with neither file:/// nor s3://", ErrAddress)
}

func parseFile(u *url.URL) (address, error) {
	if u.Host != "" && u.Host != "localhost" {
		return address{}, fmt.Errorf("%w: a folder of another machine has to be mounted first: write file:///dir, with three slashes", ErrAddress)
	}
	if !strings.HasPrefix(u.Path, "/") || strings.ContainsRune(u.Path, 0) {
		return address{}, fmt.Errorf("%w: the path of the folder has to be absolute: file:///dir", ErrAddress)
	}
	dir := path.Clean(u.Path)
	if dir == "/" {
		return address{}, fmt.Errorf("%w: it names no folder", ErrAddress)
	}
	return address{dir: dir}, nil
}

func parseS3(u *url.URL) (address, error) {
	if !validBucket(u.Host) {
		return address{}, fmt.Errorf("%w: a bucket has 3 to 63 lower-case letters, digits, \"-\" and \".\": s3://bucket/prefix", ErrAddress)
	}
	prefix := strings.Trim(u.Path, "/")
	if prefix != "" && !valid(prefix) {
		return address{}, fmt.Errorf("%w: the prefix behind the bucket has lower-case letters, digits, \".\", \"_\", \"-\" and single \"/\" only", ErrAddress)
	}
	if prefix != "" {
		prefix += "/"
	}
	return address{bucket: u.Host, prefix: prefix}, nil
}

// validBucket follows the rules of S3 for the names of buckets.
func validBucket(s string) bool {
	if len(s) < 3 || len(s) > 63 || !alphanumeric(s[0]) || !alphanumeric(s[len(s)-1]) || strings.Contains(s, "..") {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !alphanumeric(c) && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

// String is the address as it is written.
func (a address) String() string {
	if a.bucket != "" {
		return "s3://" + strings.TrimSuffix(a.bucket+"/"+a.prefix, "/")
	}
	return (&url.URL{Scheme: "file", Path: a.dir}).String()
}
