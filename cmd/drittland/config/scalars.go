package config

// The settings with a single value, in one table: how the file, the environment and the flags call each of them.

import (
	"slices"
	"strconv"
	"time"
)

// A Setting is a setting with a single value.
type Setting struct {
	Key  string // in the file: "capture.jobs" is jobs below capture
	Env  string // variable that overrides the file
	Flag string // that overrides both, of the commands that have it
	Path bool   // it names a file or a directory; one in the file is found from there

	number bool               // written without quotes
	inFile func(string) error // what else is wrong with a value that stands in the file; nil for nothing
	get    func(*Settings) string
	set    func(*Settings, string) error
}

// Value is the setting as text, as it may stand in the file; "" if it has none.
func (x *Setting) Value(s *Settings) string { return x.get(s) }

// Number reports whether the value is a number.
func (x *Setting) Number() bool { return x.number }

// Table are the settings with a single value, in the order in which they are written.
func Table() []Setting {
	return append([]Setting{
		address("archive", "DRITTLAND_ARCHIVE", checkPath, func(s *Settings) *string { return &s.Archive }),
		address("objects", "DRITTLAND_OBJECTS", checkObjects, func(s *Settings) *string { return &s.Objects }),
		path("state", "DRITTLAND_STATE", func(s *Settings) *string { return &s.State }),
		word("locale", "DRITTLAND_LOCALE", checkLocale, func(s *Settings) *string { return &s.Locale }),
		word("time_zone", "DRITTLAND_TIME_ZONE", checkZone, func(s *Settings) *string { return &s.TimeZone }),
		word("review_url", "DRITTLAND_REVIEW_URL", checkReviewURL, func(s *Settings) *string { return &s.ReviewURL }),
		number("alarm_after", "DRITTLAND_ALARM_AFTER", 1, 3650, func(s *Settings) *int { return &s.AlarmAfter }),
		number("law_ahead", "DRITTLAND_LAW_AHEAD", 0, 3650, func(s *Settings) *int { return &s.LawAhead }),
		word("listen", "DRITTLAND_LISTEN", checkListen, func(s *Settings) *string { return &s.Listen }),
	}, slices.Concat(captureTable(), mailTable(), llmTable())...)
}

func captureTable() []Setting {
	jitter := Setting{Key: "capture.jitter", Env: "DRITTLAND_CAPTURE_JITTER", Flag: "jitter",
		get: func(s *Settings) string { return ShortTime(s.Capture.Jitter) },
		set: func(s *Settings, v string) error {
			d, err := parseTime(v, 0, 12*time.Hour)
			s.Capture.Jitter = d
			return err
		}}
	return []Setting{
		word("capture.schedule", "DRITTLAND_CAPTURE_SCHEDULE", checkSchedule, func(s *Settings) *string { return &s.Capture.Schedule }),
		jitter,
		number("capture.jobs", "DRITTLAND_CAPTURE_JOBS", 1, 64, func(s *Settings) *int { return &s.Capture.Jobs }),
		word("capture.budget", "DRITTLAND_CAPTURE_BUDGET", checkBudget, func(s *Settings) *string { return &s.Capture.Budget }),
		word("capture.render", "DRITTLAND_CAPTURE_RENDER", checkRender, func(s *Settings) *string { return &s.Capture.Render }),
	}
}

func mailTable() []Setting {
	return []Setting{
		word("mail.host", "DRITTLAND_SMTP_HOST", checkHost, func(s *Settings) *string { return &s.Mail.Host }),
		number("mail.port", "DRITTLAND_SMTP_PORT", 1, 65535, func(s *Settings) *int { return &s.Mail.Port }),
		word("mail.tls", "DRITTLAND_SMTP_TLS", checkTLS, func(s *Settings) *string { return &s.Mail.TLS }),
		word("mail.user", "DRITTLAND_SMTP_USER", checkLine, func(s *Settings) *string { return &s.Mail.User }),
		path("mail.password_file", "DRITTLAND_SMTP_PASSWORD_FILE", func(s *Settings) *string { return &s.Mail.PasswordFile }),
		word("mail.from", "DRITTLAND_SMTP_FROM", checkSender, func(s *Settings) *string { return &s.Mail.From }),
		word("mail.reply_to", "DRITTLAND_SMTP_REPLY_TO", checkSender, func(s *Settings) *string { return &s.Mail.ReplyTo }),
		path("mail.ca", "DRITTLAND_SMTP_CA", func(s *Settings) *string { return &s.Mail.CA }),
	}
}

// PasswordEnv is the variable with the password of the SMTP server.
const PasswordEnv = "DRITTLAND_SMTP_PASSWORD"

// flags are how commands call settings whose flag is not their last word.
var flags = map[string]string{"time_zone": "time-zone", "review_url": "review-url", "alarm_after": "alarm-after", "law_ahead": "law-ahead"}

// llmFlags are the settings of the second reader that have a flag.
var llmFlags = []string{"url", "model", "http", "price", "budget", "read"}

// flagOf is the flag for a setting. Those of the mail server have none.
func flagOf(key string) string {
	if f, ok := flags[key]; ok {
		return f
	}
	switch section, name := cutKey(key); {
	case section == "llm" && slices.Contains(llmFlags, name):
		return "llm-" + name
	case section == "mail", section == "llm":
		return ""
	default:
		return name
	}
}

// word is a setting that is text; check says what is wrong with a value.
func word(key, env string, check func(string) error, at func(*Settings) *string) Setting {
	return Setting{Key: key, Env: env, Flag: flagOf(key), get: func(s *Settings) string { return *at(s) },
		set: func(s *Settings, v string) error {
			*at(s) = v
			return check(v)
		}}
}

// address is a path, or the address of a server; it is shown without a password.
func address(key, env string, check func(string) error, at func(*Settings) *string) Setting {
	x := word(key, env, check, at)
	x.Path, x.inFile = true, openAddress
	x.get = func(s *Settings) string { return WithoutPassword(*at(s)) }
	return x
}

func path(key, env string, at func(*Settings) *string) Setting {
	x := word(key, env, checkPath, at)
	x.Path = true
	return x
}

func number(key, env string, least, most int, at func(*Settings) *int) Setting {
	return Setting{Key: key, Env: env, Flag: flagOf(key), number: true,
		get: func(s *Settings) string {
			if n := *at(s); n != 0 || least == 0 {
				return strconv.Itoa(n)
			}
			return ""
		},
		set: func(s *Settings, v string) (err error) {
			*at(s), err = parseNumber(v, least, most)
			return err
		}}
}
