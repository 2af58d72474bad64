package report

// The words in which reports name countries, roles, standings, tools and classes.

import (
	"fmt"
	"strings"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/rules/law"
)

var roles = map[string]string{"storage": "storage", "remote_access": "remote access", "recipient": "recipient", "support": "support",
	"unspecified": "not said"}

var standings = map[law.Standing]string{law.Adequate: "adequacy decision", law.Conditional: "adequacy decision for some recipients only",
	law.None: "no adequacy decision", law.Lapsed: "adequacy decision lapsed", law.EEA: "within the EEA"}

var tools = map[string]string{"adequacy": "adequacy decision", "scc": "standard contractual clauses", "bcr": "binding corporate rules",
	"dpf": "EU-US Data Privacy Framework", "privacy_shield": "EU-US Privacy Shield", "safe_harbour": "Safe Harbour", "consent": "consent (Art. 49)",
	"contract_necessity": "necessity for a contract (Art. 49)", "other_art49": "another derogation of Art. 49",
	"codes_cert": "code of conduct or certification", "none_stated": "none stated"}

var classes = map[string]string{"none": "no change", "flip_locale": "another language or region", "flip_variant": "another variant served side by side",
	"extraction": "only what stands around the policy", "cosmetic": "cosmetic", "date_only": "dates only", "contact_or_entity": "contact or company",
	"editorial": "editorial", "substantive_other": "substantive, not on transfers", "substantive_transfers": "substantive, on transfers"}

var statements = map[string]string{"yes": "states transfers to third countries", "denied": "says that no data leave the EEA",
	"none":    "says nothing about transfers to third countries",
	"address": "gives addresses of recipients in third countries and does not say that data are transferred"}

var facts = map[string]string{"remote_access": "access from outside the EEA", "government_access": "access by authorities of third countries",
	"copy_of_safeguards": "a copy of the safeguards offered", "vague": "destinations that are not named"}

func word(m map[string]string, key string) string {
	if w, ok := m[key]; ok {
		return w
	}
	return Line(strings.ReplaceAll(key, "_", " "))
}

func words(m map[string]string, keys []string) string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = word(m, k)
	}
	return strings.Join(out, ", ")
}

func standing(s law.Standing) string {
	if w, ok := standings[s]; ok {
		return w
	}
	return Line(string(s))
}

const onLinkedPage = ", on a linked page"

// country names a destination: "Singapore (SG)", and how the text names it where it does not do so by name.
func country(d *analyze.Destination) string {
	s := Line(d.Name) + " (" + Line(d.Country) + ")"
	switch d.Kind {
	case "implied":
		s += ", by a company's seat"
	case "by_reference":
		s += onLinkedPage
	}
	return s
}

// toolStatus says where a tool of a report stands, on the day of the report and today; "" if the legal data do
// not hold it under that name.
func toolStatus(id string, day, today law.Date) string {
	row, ok := law.ToolByID(id)
	if !ok {
		return ""
	}
	say := func(st law.Status) string {
		switch st {
		case law.NotYet:
			return "not yet in force"
		case law.Old:
			return "for earlier contracts only"
		case law.Ended:
			return "ended on " + row.Ended.String()
		}
		return "in force"
	}
	then, now := say(law.Tool(id, day)), say(law.Tool(id, today))
	if then == now {
		return then
	}
	return fmt.Sprintf("%s on %s, today %s", then, day, now)
}

// Articles names articles, each act once: "GDPR 13(1)(f), 44".
func Articles(list []string) string { return articles(list) }

// articles shortens "GDPR 13(1)(f), GDPR 44" to "GDPR 13(1)(f), 44".
func articles(list []string) string {
	last, out := "", make([]string, 0, len(list))
	for _, a := range list {
		a = Line(a)
		act, rest, ok := strings.Cut(a, " ")
		if ok && act == last {
			a = rest
		}
		last = act
		out = append(out, a)
	}
	return strings.Join(out, ", ")
}

var languages = map[string]string{"ar": "Arabic", "bg": "Bulgarian", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
	"es": "Spanish", "et": "Estonian", "fi": "Finnish", "fr": "French", "ga": "Irish", "hr": "Croatian", "hu": "Hungarian", "is": "Icelandic",
	"it": "Italian", "lt": "Lithuanian", "lv": "Latvian", "mt": "Maltese", "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese",
	"ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovenian", "sv": "Swedish", "tr": "Turkish", "uk": "Ukrainian", "zh": "Chinese",
	"ja": "Japanese", "ko": "Korean", "und": "language not told", "": "language not told"}

// Language is the English name of a language.
func Language(code string) string {
	if n, ok := languages[code]; ok {
		return n
	}
	return Line(code)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return fmt.Sprintf("1 %s", one)
	}
	return thousands(n) + " " + many
}

func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
