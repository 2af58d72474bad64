package config

// Settings of the second reader: whom --llm asks, and what that may cost.

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// LLM is the second reader. It is asked where --llm is given, and by workers where Read or their --queue says so, and nowhere else.
type LLM struct {
	URL      string // base address of the interface, such as http://localhost:11434/v1; "" for that of OPENAI_BASE_URL
	Model    string // as the endpoint names it
	KeyEnv   string // name of the variable with the key; one that is not set is no key
	KeyFile  string // or the file
	HTTP     string // whether http without TLS may be spoken: HTTPLoopback or HTTPAnywhere
	Price    string // of a million tokens, as of ParsePrice; "" if it is not known
	Budget   string // of one run, and of a day of all workers together, as of ParseBudget; "" for the default of the reader
	Parallel int    // questions at a time, of all workers together
	Read     string // which new versions workers have read by themselves: ReadChanges, ReadAlerts or ReadAll; "" for none
	Timeout  time.Duration
}

// With whom http without TLS may be spoken.
const (
	HTTPLoopback = "loopback"
	HTTPAnywhere = "anywhere"
)

// Which new versions workers have read.
const (
	ReadChanges = "changes" // those whose text the service changed, other than in form
	ReadAlerts  = "alerts"  // those that an alert would tell of
	ReadAll     = "all"     // first ones, variants and what was read otherwise, too
)

// KeyEnv is the variable with the key of the endpoint, unless the settings name another.
const KeyEnv = "OPENAI_API_KEY"

// A Price is what a million tokens of questions and of answers cost.
type Price struct {
	In, Out  float64
	Currency string // as the user writes it: EUR
}

// A Budget is tokens, or money.
type Budget struct {
	Tokens   int     // 0 where it is money
	Money    float64 // 0 where it is tokens
	Currency string
}

const maxTokens = 1_000_000_000

var (
	priceForm  = regexp.MustCompile(`^([0-9]{1,6}(?:\.[0-9]{1,9})?)/([0-9]{1,6}(?:\.[0-9]{1,9})?) ?([A-Z]{3})$`)
	moneyForm  = regexp.MustCompile(`^([0-9]{1,6}(?:\.[0-9]{1,9})?) ?([A-Z]{3})$`)
	numberForm = regexp.MustCompile(`^[0-9]{1,10}$`)
)

// ParsePrice reads a price such as "0.15/0.60 EUR": of a million tokens of questions, and of answers. "" is no price.
func ParsePrice(v string) (Price, error) {
	m := priceForm.FindStringSubmatch(v)
	switch {
	case v == "":
		return Price{}, nil
	case m == nil:
		return Price{}, fmt.Errorf("%.60q: expected what a million tokens cost, of questions and of answers, such as 0.15/0.60 EUR", v)
	}
	in, _ := strconv.ParseFloat(m[1], 64) // the form is that of numbers
	out, _ := strconv.ParseFloat(m[2], 64)
	return Price{in, out, m[3]}, nil
}

// ParseBudget reads a budget such as "200000" (tokens) or "2EUR". "" is none.
func ParseBudget(v string) (Budget, error) {
	bad := fmt.Errorf("%.60q: expected a number of tokens such as 200000, or money such as 2EUR", v)
	if v == "" {
		return Budget{}, nil
	}
	if numberForm.MatchString(v) {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > maxTokens {
			return Budget{}, fmt.Errorf("%.60q: expected 1 to %d tokens", v, maxTokens)
		}
		return Budget{Tokens: n}, nil
	}
	m := moneyForm.FindStringSubmatch(v)
	if m == nil {
		return Budget{}, bad
	}
	money, err := strconv.ParseFloat(m[1], 64)
	if err != nil || money <= 0 || math.IsInf(money, 0) {
		return Budget{}, bad
	}
	return Budget{Money: money, Currency: m[2]}, nil
}

func checkPrice(v string) error {
	_, err := ParsePrice(v)
	return err
}

func checkTokenBudget(v string) error {
	_, err := ParseBudget(v)
	return err
}

func checkRead(v string) error { return among(v, ReadChanges, ReadAlerts, ReadAll) }

func checkHTTP(v string) error { return among(v, HTTPLoopback, HTTPAnywhere) }

// checkModel wants a name on one line.
func checkModel(v string) error {
	if len(v) > 200 {
		return errors.New("more than 200 bytes: expected the name of a model")
	}
	return checkLine(v)
}

func checkEnv(v string) error {
	if !envName.MatchString(v) {
		return errors.New("expected the name of a variable such as " + KeyEnv + ", and no key itself")
	}
	return nil
}

// checkEndpoint wants the base address of an interface.
func checkEndpoint(v string) error {
	u, err := webAddress(v, true)
	if err == nil && (u.RawQuery != "" || u.Fragment != "" || u.ForceQuery) {
		return errors.New("leave out what begins with ? or #")
	}
	return err
}

// Clear says that passages would be sent to another machine without TLS; nil if that is not so, or allowed.
func (l *LLM) Clear(endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil || !strings.EqualFold(u.Scheme, "http") || Loopback(u.Hostname()) || l.HTTP == HTTPAnywhere {
		return nil
	}
	return fmt.Errorf("http sends passages and the key in the clear to %s: expected https, or an address of this machine; --llm-http %s, or llm.http in the settings, allows it", u.Host, HTTPAnywhere)
}

// Afford says why the budget cannot be kept by the price; nil if it can.
func (l *LLM) Afford() error {
	b, err := ParseBudget(l.Budget)
	if err != nil || b.Currency == "" {
		return err
	}
	p, err := ParsePrice(l.Price)
	switch {
	case err != nil:
		return err
	case p.In <= 0 && p.Out <= 0:
		return errors.New("a budget in money needs a price: what a million tokens cost, such as 0.15/0.60 EUR")
	case p.Currency != b.Currency:
		return fmt.Errorf("the budget is in %s, the price in %s", b.Currency, p.Currency)
	}
	return nil
}

func llmTable() []Setting {
	timeout := Setting{Key: "llm.timeout", Env: "DRITTLAND_LLM_TIMEOUT",
		get: func(s *Settings) string { return ShortTime(s.LLM.Timeout) },
		set: func(s *Settings, v string) error {
			d, err := parseTime(v, time.Second, time.Hour)
			s.LLM.Timeout = d
			return err
		}}
	return []Setting{
		word("llm.url", "DRITTLAND_LLM_URL", checkEndpoint, func(s *Settings) *string { return &s.LLM.URL }),
		word("llm.model", "DRITTLAND_LLM_MODEL", checkModel, func(s *Settings) *string { return &s.LLM.Model }),
		word("llm.key_env", "DRITTLAND_LLM_KEY_ENV", checkEnv, func(s *Settings) *string { return &s.LLM.KeyEnv }),
		path("llm.key_file", "DRITTLAND_LLM_KEY_FILE", func(s *Settings) *string { return &s.LLM.KeyFile }),
		word("llm.http", "DRITTLAND_LLM_HTTP", checkHTTP, func(s *Settings) *string { return &s.LLM.HTTP }),
		word("llm.price", "DRITTLAND_LLM_PRICE", checkPrice, func(s *Settings) *string { return &s.LLM.Price }),
		word("llm.budget", "DRITTLAND_LLM_BUDGET", checkTokenBudget, func(s *Settings) *string { return &s.LLM.Budget }),
		word("llm.read", "DRITTLAND_LLM_READ", checkRead, func(s *Settings) *string { return &s.LLM.Read }),
		number("llm.parallel", "DRITTLAND_LLM_PARALLEL", 1, 64, func(s *Settings) *int { return &s.LLM.Parallel }),
		timeout,
	}
}
