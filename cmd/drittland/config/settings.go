package config

// Settings: what the unattended side is told in one YAML file. Addresses of people and secrets stand here, or where it points
// to, and never in the archive.

import (
	"cmp"
	"net"
	"strconv"
	"strings"
	"time"
)

// Settings are the whole file, with what it leaves out filled in.
type Settings struct {
	Archive    string // directory, or address of a server, perhaps with a password; "" for the default
	Objects    string // address of the store of objects of an archive on a server; "" for the one that it was made with
	State      string // directory of the outbox, and of what was done when; "" for the default
	Locale     string // of digests and alerts that say no other: en, de, fr or nl
	TimeZone   string // IANA name, such as Europe/Berlin; in which schedules are read and times are shown
	ReviewURL  string // where people reach 'drittland review', for links; "" for no links
	Capture    Capture
	AlarmAfter int    // days after which a text that was not seen is an alarm
	LawAhead   int    // days before a date of the law on which digests tell of it
	Listen     string // loopback address of health and metrics; "" for none
	Mail       Mail
	LLM        LLM
	Lists      []List
	Alerts     []Alert
}

// Capture says when and how pages are captured.
type Capture struct {
	Schedule string        // as of ParseSchedule, in TimeZone
	Jitter   time.Duration // at most, by which a run begins later
	Jobs     int
	Budget   string // as of 'drittland run --budget'; "" for none
	Render   string // auto, always or never; "" as each declaration says
}

// Mail is the SMTP server and the sender.
type Mail struct {
	Host         string
	Port         int    // 0 for that of TLS
	TLS          string // TLSFirst (from the first byte), TLSStart (required) or TLSNone (loopback only)
	User         string
	PasswordFile string // the password is in DRITTLAND_SMTP_PASSWORD otherwise; never in the file
	From         string // address, with a name if wanted: "drittland <watch@example.org>"
	ReplyTo      string
	CA           string // file with roots in PEM, beside those of the system
}

// A List is who gets a digest of what.
type List struct {
	Name        string   // letters, digits and . _ -; part of what makes a digest one
	To          []string // addresses without names; each gets a mail of its own
	Services    []string // none for all
	Terms       []string // types; none for all
	Languages   []string // of texts; none for all
	Levels      []string // error, warning, note; none for error and warning
	Locale      string   // "" for that of the settings
	Schedule    string   // as of ParseSchedule, in TimeZone; at most hourly; "weekly" if the file says nothing
	Quiet       string   // QuietSend (two lines; if the file says nothing) or QuietSkip, for a time with nothing
	Unsubscribe string   // address or URL for List-Unsubscribe; "" for that of the sender
}

// Default are the settings where nobody says anything. Directories have no default here: where they are depends on the environment.
func Default() *Settings {
	return &Settings{Locale: "en", TimeZone: "UTC", AlarmAfter: 7, LawAhead: 60,
		Capture: Capture{Schedule: "hourly", Jitter: 10 * time.Minute, Jobs: 4}, // hourly, for only what is due is captured
		Mail:    Mail{TLS: TLSStart},
		LLM:     LLM{KeyEnv: KeyEnv, HTTP: HTTPLoopback, Parallel: 4, Timeout: 2 * time.Minute}}
}

// Address is the host and port of the server.
func (m Mail) Address() string {
	port := m.Port
	if port == 0 {
		port = map[string]int{TLSFirst: 465, TLSNone: 25}[m.TLS]
	}
	return net.JoinHostPort(strings.Trim(m.Host, "[]"), strconv.Itoa(cmp.Or(port, 587)))
}

// Zone is the time zone. Settings that were read have one that is known.
func (s *Settings) Zone() *time.Location {
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// The ways in which mail is handed over.
const (
	TLSFirst = "tls"
	TLSStart = "starttls"
	TLSNone  = "none"
)

// What a list does in a time with nothing to tell.
const (
	QuietSend = "send"
	QuietSkip = "skip"
)

// An Alert is who is told at once of what.
type Alert struct {
	Name       string
	Levels     []string // error, warning, note; none for error
	Checks     []string // IDs; none for all
	Countries  []string // ISO codes that a finding or a change must touch; none for all
	Services   []string
	Locale     string
	To         []string // mail addresses
	Webhook    string   // address that gets JSON by POST: https, or this machine; it may hold a secret
	SecretEnv  string   // name of the variable with the webhook's secret
	SecretFile string   // or the file
	ChatEnv    string   // name of the variable with the address of a chat (shoutrrr URL, which is a secret)
	ChatFile   string   // or the file
}
