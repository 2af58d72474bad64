package config

// This file checks lists that come from elsewhere than the file of settings, by the same rules.

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Check refuses a list that the settings could not have, and writes it as they would: addresses without names, what is left out filled in.
func (l *List) Check() error {
	l.Schedule, l.Quiet = cmp.Or(l.Schedule, "weekly"), cmp.Or(l.Quiet, QuietSend)
	for _, f := range []struct {
		what  string
		list  *[]string
		most  int
		parse func(string) (string, error)
	}{{"to", &l.To, maxPeople, parseRecipient}, {"services", &l.Services, maxNarrows, line}, {"terms", &l.Terms, maxNarrows, line},
		{"languages", &l.Languages, maxNarrows, parseLanguage}, {"levels", &l.Levels, maxNarrows, same(checkLevel)}} {
		if err := parseEach(f.list, f.most, f.parse); err != nil {
			return fmt.Errorf("%s: %w", f.what, err)
		}
	}
	for _, f := range []struct {
		what, value string
		check       func(string) error
	}{{"name", l.Name, checkName}, {"locale", l.Locale, checkLocale}, {"schedule", l.Schedule, checkDigestSchedule}, {"quiet", l.Quiet, checkQuiet}, {"unsubscribe", l.Unsubscribe, checkUnsubscribe}} {
		if f.value == "" && f.what != "name" {
			continue
		}
		if err := f.check(f.value); err != nil {
			return fmt.Errorf("%s: %w", f.what, err)
		}
	}
	if len(l.To) == 0 {
		return errors.New("to: say who gets it")
	}
	return nil
}

// parseEach puts values into the form in which they are kept.
func parseEach(list *[]string, most int, parse func(string) (string, error)) error {
	if n := len(*list); n > most {
		return fmt.Errorf("%d entries; at most %d", n, most)
	}
	var out []string
	for _, raw := range *list {
		v, err := parse(raw)
		switch {
		case err != nil:
			return err
		case v == "":
			return errors.New("an entry is empty")
		case slices.ContainsFunc(out, func(o string) bool { return strings.EqualFold(o, v) }):
			return fmt.Errorf("%.60q stands here twice", v)
		}
		out = append(out, v)
	}
	*list = out
	return nil
}

// parseRecipient reads a mail address, and gives it without a name.
func parseRecipient(v string) (string, error) {
	a, err := parseMail(v)
	if err != nil {
		return "", err
	}
	return a.Address, nil
}

func checkName(v string) error {
	if !listName.MatchString(v) {
		return errors.New("expected up to 60 letters of a-z, digits, dots, dashes and underscores")
	}
	return nil
}

func checkQuiet(v string) error { return among(v, QuietSend, QuietSkip) }

func checkDigestSchedule(v string) error {
	s, err := ParseSchedule(v, time.UTC)
	if err == nil && !s.hourlyAtMost() {
		return fmt.Errorf("%q: a digest comes at most once an hour", v)
	}
	return err
}
