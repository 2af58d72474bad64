package config

// What values of settings must be. The messages quote no value that may be a secret.

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/text/language"

	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/rules"
	"github.com/drittland/drittland/rules/places"
)

const (
	maxLine    = 1000 // bytes of a value
	maxAddress = 254  // bytes of a mail address, as RFC 5321 has it
)

var (
	zoneName = regexp.MustCompile(`^[A-Za-z0-9_+/-]{1,64}$`)
	hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,252})$`)
	envName  = regexp.MustCompile(`^[A-Z_][A-Z0-9_]{0,99}$`) // in capitals, which few secrets are
	listName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$`)
)

// checkLine refuses what is too long, or more than a line.
func checkLine(v string) error {
	switch {
	case len(v) > maxLine:
		return fmt.Errorf("%d bytes; at most %d", len(v), maxLine)
	case strings.ContainsFunc(v, unicode.IsControl):
		return errors.New("expected a single line")
	}
	return nil
}

func checkPath(v string) error {
	if v == "~" || strings.HasPrefix(v, "~/") {
		return errors.New("~ is known to shells only: write the whole path")
	}
	return checkLine(v)
}

// among refuses what is not one of the words, and names the one that was probably meant.
func among(v string, known ...string) error {
	if slices.Contains(known, v) {
		return nil
	}
	return fmt.Errorf("%.60q: expected %s%s", v, strings.Join(known[:len(known)-1], ", ")+" or "+known[len(known)-1], DidYouMean(strings.ToLower(v), known))
}

func checkLocale(v string) error { return among(v, locale.Languages()...) }
func checkRender(v string) error { return among(v, "auto", "always", "never") }
func checkTLS(v string) error    { return among(v, TLSFirst, TLSStart, TLSNone) }
func checkLevel(v string) error {
	return among(v, string(rules.Error), string(rules.Warning), string(rules.Note))
}

func checkSchedule(v string) error {
	_, err := ParseSchedule(v, time.UTC)
	return err
}

// checkZone refuses what is no name of the time zone database.
func checkZone(v string) error {
	if v != "Local" && zoneName.MatchString(v) {
		if _, err := time.LoadLocation(v); err == nil {
			return nil
		}
	}
	meant := ""
	if guess := capitals(v); zoneName.MatchString(guess) && guess != v {
		if _, err := time.LoadLocation(guess); err == nil {
			meant = "; did you mean " + guess + "?"
		}
	}
	return fmt.Errorf("%.60q is no time zone, such as Europe/Berlin or UTC%s", v, meant)
}

// capitals writes a name as the time zone database does: Europe/Berlin, America/New_York.
func capitals(v string) string {
	begins := true
	return strings.Map(func(r rune) rune {
		if begins {
			r = unicode.ToUpper(r)
		} else {
			r = unicode.ToLower(r)
		}
		begins = r == '/' || r == '_' || r == '-' || r == ' '
		if r == ' ' {
			return '_'
		}
		return r
	}, v)
}

func checkBudget(v string) error {
	if n, err := strconv.Atoi(v); err == nil && n > 0 {
		return nil
	}
	if d, err := time.ParseDuration(v); err != nil || d <= 0 {
		return errors.New("expected a time such as 20m, or a number of requests")
	}
	return nil
}

func parseTime(v string, least, most time.Duration) (time.Duration, error) {
	d, err := time.ParseDuration(v)
	if err != nil || d < least || d > most {
		return 0, fmt.Errorf("%.60q: expected a time from %s to %s, such as 10m", v, least, ShortTime(most))
	}
	return d, nil
}

func parseNumber(v string, least, most int) (int, error) {
	n, err := strconv.Atoi(v)
	if err != nil || n < least || n > most {
		return least, fmt.Errorf("%.60q: expected a number from %d to %d", v, least, most)
	}
	return n, nil
}

// webAddress reads the address of a page or service, which must be https unless it is on this machine or plain is set.
func webAddress(v string, plain bool) (*url.URL, error) {
	u, err := url.Parse(v)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || len(v) > maxLength || checkLine(v) != nil:
		return nil, errors.New("expected an address such as https://watch.example.org")
	case u.User != nil:
		return nil, errors.New("an address with a user name or a password")
	case u.Scheme == "http" && !plain && !Loopback(u.Hostname()):
		return nil, errors.New("http sends it in the clear: expected https, or an address of this machine")
	}
	return u, nil
}

func checkReviewURL(v string) error {
	u, err := webAddress(v, true)
	if err == nil && (u.RawQuery != "" || u.Fragment != "" || u.ForceQuery) {
		return errors.New("links are made by adding to it: leave out what begins with ? or #")
	}
	return err
}

// Loopback reports whether a host is this machine by its name or address.
func Loopback(host string) bool {
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

func checkListen(v string) error {
	host, port, err := net.SplitHostPort(v)
	if err == nil {
		_, err = parseNumber(port, 0, 65535)
	}
	switch {
	case err != nil:
		return fmt.Errorf("%.60q: expected an address of this machine with a port, such as 127.0.0.1:9464", v)
	case !Loopback(host):
		return fmt.Errorf("%.60q is reached from other machines: expected 127.0.0.1, [::1] or localhost", v)
	}
	return nil
}

func checkHost(v string) error {
	if net.ParseIP(v) != nil || hostName.MatchString(v) && !strings.Contains(v, "..") {
		return nil
	}
	if strings.Contains(v, "://") || strings.Contains(v, ":") {
		return errors.New("expected a name such as smtp.example.org alone; the port stands under port")
	}
	return errors.New("expected a name such as smtp.example.org")
}

// parseMail reads a mail address, with a name or without.
func parseMail(v string) (*mail.Address, error) {
	a, err := mail.ParseAddress(v)
	switch {
	case err != nil || checkLine(v) != nil || len(a.Address) > maxAddress || strings.ContainsAny(a.Address, "\"<>(),;:\\ "):
		return nil, fmt.Errorf("%.60q is no mail address, such as ana@example.org", v)
	case strings.ContainsFunc(a.Address, func(r rune) bool { return r > '~' }):
		return nil, fmt.Errorf("%.60q: a mail address is written in ASCII; a domain with other letters has a form that begins with xn--", v)
	}
	return a, nil
}

func checkSender(v string) error {
	_, err := parseMail(v)
	return err
}

// checkUnsubscribe wants what List-Unsubscribe may hold.
func checkUnsubscribe(v string) error {
	if _, err := parseMail(v); err == nil {
		return nil
	}
	if _, err := webAddress(v, false); err != nil {
		return errors.New("expected a mail address, or an address of a page such as https://example.org/unsubscribe")
	}
	return nil
}

// parseCountry reads an ISO code.
func parseCountry(v string) (string, error) {
	if r, err := language.ParseRegion(v); err == nil && r.IsCountry() && len(v) == 2 {
		return r.Canonicalize().String(), nil
	}
	for _, e := range places.Entries("en") {
		if e.Kind == places.Name && strings.EqualFold(e.Form, v) {
			return "", fmt.Errorf("%.60q: expected a code of ISO 3166; did you mean %s?", v, e.Country)
		}
	}
	return "", fmt.Errorf("%.60q is no country: expected a code of ISO 3166 such as CN", v)
}

func parseLanguage(v string) (string, error) {
	b, err := language.ParseBase(v)
	if err != nil || len(v) > 3 {
		return "", fmt.Errorf("%.60q is no language: expected a code of ISO 639 such as de", v)
	}
	return b.String(), nil
}

// checkIDs are the IDs of all checks.
var checkIDs = sync.OnceValues(func() ([]string, error) {
	set, err := rules.Builtin()
	if err != nil {
		return nil, err
	}
	var ids []string
	for i := range set.Checks {
		ids = append(ids, set.Checks[i].ID)
	}
	return ids, nil
})

func parseCheck(v string) (string, error) {
	ids, err := checkIDs()
	if err != nil {
		return "", err
	}
	id := strings.ToUpper(v)
	if !slices.Contains(ids, id) {
		return "", fmt.Errorf("there is no check %.60q; 'drittland rules list' names them", v)
	}
	return id, nil
}
