package objects

import (
	"errors"
	"strings"
	"testing"
)

func TestAddresses(t *testing.T) {
	for in, want := range map[string]string{
		"file:///srv/objects":             "file:///srv/objects",
		"file:///srv//objects/../o/":      "file:///srv/o",
		"file://localhost/srv/objects":    "file:///srv/objects",
		"file:///srv/a%20b":               "file:///srv/a%20b",
		"s3://clipzy":                     "s3://clipzy",
		"s3://clipzy/":                    "s3://clipzy",
		"s3://clipzy/a/b":                 "s3://clipzy/a/b",
		"s3://clipzy.example-1/captures/": "s3://clipzy.example-1/captures",
		"S3://clipzy/a":                   "s3://clipzy/a",
		"s3://" + strings.Repeat("a", 63): "s3://" + strings.Repeat("a", 63),
	} {
		if a, err := parse(in); err != nil || a.String() != want {
			t.Errorf("%s is %s, %v; want %s", in, a, err, want)
		}
	}
}

func TestWrongAddresses(t *testing.T) {
	for in, hint := range map[string]string{
		"":                              "neither",
		"/srv/objects":                  "neither",
		"http://clipzy.example/a":       "neither",
		"postgres://u:password@h/db":    "credentials",
		"file://srv/objects":            "three slashes",
		"file:srv":                      "follow",
		"file:///":                      "no folder",
		"file:///a/..":                  "no folder",
		"file://":                       "absolute",
		"file:///a%00b":                 "absolute",
		"s3://":                         "bucket has",
		"s3:///a":                       "bucket has",
		"s3://ab":                       "bucket has",
		"s3://Clipzy":                   "bucket has",
		"s3://a..b":                     "bucket has",
		"s3://clipzy:9000/a":            "bucket has",
		"s3://clipzy-/a":                "bucket has",
		"s3://clipzy/../a":              "prefix",
		"s3://clipzy/a//b":              "prefix",
		"s3://clipzy/A":                 "prefix",
		"s3://clipzy/%2e%2e/a":          "prefix",
		"s3://key:password@clipzy/a":    "credentials",
		"s3://clipzy/a?secret=password": "follow",
		"s3://clipzy/a?":                "follow",
		"s3://clipzy/a#":                "follow",
		"s3://clipzy/a#b":               "follow",
		"s3://cl ipzy:password/a":       "write",
		"s3://clipzy/" + strings.Repeat("a/", 2000): "bytes",
	} {
		a, err := parse(in)
		if !errors.Is(err, ErrAddress) || !strings.Contains(err.Error(), hint) {
			t.Errorf("%s is %q, %v; want an error with %q", in, a, err, hint)
		} else if strings.Contains(err.Error(), "password") {
			t.Errorf("%s: the message tells it: %v", in, err)
		}
	}
}

// What is read as an address is written as one that is read as the same, and leads to no strange place.
func FuzzAddress(f *testing.F) {
	for _, s := range []string{"file:///srv/a%20b/../c", "s3://clipzy/a/b/", "s3://u:p@clipzy?a#b", "file://h/x", "s3://clipzy/%2e%2e/", "file:///%2e%2e/%2f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := parse(s)
		if err != nil {
			if !errors.Is(err, ErrAddress) || len(err.Error()) > 300 || a != (address{}) {
				t.Errorf("%q: %v", s, err)
			}
			return
		}
		b, err := parse(a.String())
		if err != nil || a != b {
			t.Errorf("%q is %+v, and that is %+v, %v", s, a, b, err)
		}
		switch {
		case (a.dir == "") == (a.bucket == ""):
			t.Errorf("%q is %+v", s, a)
		case a.dir != "" && (a.dir[0] != '/' || strings.Contains(a.dir+"/", "/../")):
			t.Errorf("%q is the folder %q", s, a.dir)
		case a.bucket != "" && (!validBucket(a.bucket) || a.prefix != "" && !valid(strings.TrimSuffix(a.prefix, "/"))):
			t.Errorf("%q is %+v", s, a)
		}
	})
}
