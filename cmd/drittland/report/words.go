package report

// The words in which reports name countries, roles, standings, tools and classes.

import (
	"slices"
	"strings"

	"github.com/drittland/drittland/analyze"
	"github.com/drittland/drittland/cmd/drittland/locale"
	"github.com/drittland/drittland/rules/law"
)

var roles = map[string]string{"storage": "storage", "remote_access": "remote access", "recipient": "recipient", "support": "support",
	"unspecified": "not said"}

var whoNames = map[string]string{"group": "companies of the group", "staff": "staff", "provider": "providers", "third_party": "third parties"}

var standings = map[law.Standing]string{law.Adequate: "adequacy decision", law.Conditional: "adequacy decision for some recipients only",
	law.None: "no adequacy decision", law.Lapsed: "adequacy decision lapsed", law.EEA: "within the EEA"}

var tools = map[string]string{"adequacy": "adequacy decision", "scc": "standard contractual clauses", "bcr": "binding corporate rules",
	"dpf": "EU-US Data Privacy Framework", "privacy_shield": "EU-US Privacy Shield", "safe_harbour": "Safe Harbour", "consent": "consent (Art. 49)",
	"contract_necessity": "necessity for a contract (Art. 49)", "other_art49": "another derogation of Art. 49",
	"codes_cert": "code of conduct or certification", "none_stated": "none stated"}

var classes = map[string]string{"none": "no change", "flip_locale": "another language or region", "flip_variant": "another variant served side by side",
	"extraction": "only text around the policy, such as menus", "cosmetic": "cosmetic", "date_only": "dates only", "contact_or_entity": "contact or company",
	"editorial": "editorial", "substantive_other": "substantive, not on transfers", "substantive_transfers": "substantive, on transfers"}

var statements = map[string]string{"yes": "states transfers to third countries", "denied": "says that no data leave the EEA",
	"none":    "says nothing about transfers to third countries",
	"address": "gives addresses of recipients in third countries and does not say that data are transferred"}

var facts = map[string]string{"remote_access": "access from outside the EEA", "government_access": "access by authorities of third countries",
	"copy_of_safeguards": "a copy of the safeguards offered", "vague": "destinations that are not named"}

// factNames are the facts beside destinations as a log names them.
var factNames = map[string]string{"remote_access": "access from outside the EEA", "government_access": "access by authorities there",
	"copy_of_safeguards": "copy of the safeguards", "vague": "destinations not named", "list_url": "list behind a link", "annex_dead": "linked page that cannot be had",
	"annex_changed": "linked page whose words changed", "tool": "tool"}

// FactName is a fact beside destinations in words.
func FactName(l *locale.Words, what string) string { return word(l, factNames, what) }

// failureNames are the classes of failures and refusals that people read.
var failureNames = []string{"not found", "gone", "moved", "blocked", "not available now", "too big", "private address", "wrong scheme", "bad address", "broken",
	"not a policy", "wrong language", "not readable", "not confirmed", "erased"}

// FailureName is a class of failures or refusals in words.
func FailureName(l *locale.Words, class string) string {
	if slices.Contains(failureNames, class) {
		return l.T(class)
	}
	return Line(class)
}

// Level is a level in words.
func Level(l *locale.Words, level string) string { return word(l, levelNames, level) }

// Tool is a transfer tool in words.
func Tool(l *locale.Words, id string) string { return word(l, tools, id) }

// Role is a role of a destination in words.
func Role(l *locale.Words, role string) string { return word(l, roles, role) }

func word(l *locale.Words, m map[string]string, key string) string {
	if w, ok := m[key]; ok {
		return l.T(w)
	}
	return Line(strings.ReplaceAll(key, "_", " "))
}

func words(l *locale.Words, m map[string]string, keys []string) string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = word(l, m, k)
	}
	return strings.Join(out, ", ")
}

func standing(l *locale.Words, s law.Standing) string {
	if w, ok := standings[s]; ok {
		return l.T(w)
	}
	return Line(string(s))
}

// country names a destination: "Singapore (SG)", and how the text names it where it does not do so by name.
func country(l *locale.Words, d *analyze.Destination) string {
	s := countryName(d)
	switch d.Kind {
	case "implied":
		if d.Recipient == "" {
			return l.F("%s, implied by a framework", s)
		}
		return l.F("%s, implied by %s, which has its seat there", s, Line(d.Recipient))
	case "by_reference":
		return l.F("%s, on a linked page", s)
	}
	return s
}

func countryName(d *analyze.Destination) string { return Line(d.Name) + " (" + Line(d.Country) + ")" }

// toolStatus says where a tool of a report stands, on the day of the report and today; "" if the legal data do
// not hold it under that name.
func toolStatus(l *locale.Words, id string, day, today law.Date) string {
	row, ok := law.ToolByID(id)
	if !ok {
		return ""
	}
	say := func(st law.Status) string {
		switch st {
		case law.NotYet:
			return l.T("not yet in force")
		case law.Old:
			return l.T("for earlier contracts only")
		case law.Ended:
			return l.F("ended on %s", row.Ended)
		}
		return l.T("in force")
	}
	then, now := say(law.Tool(id, day)), say(law.Tool(id, today))
	if then == now {
		return then
	}
	return l.F("%s on %s; today: %s", then, day, now)
}

// Articles names articles, each act once: "GDPR 13(1)(f), 44".
func Articles(list []string) string { return articles(list) }

// articleWords are the words in the names of articles that other languages have others for.
var articleWords = []string{"GDPR", "Decision", "Directive", "recital", "second subparagraph", "Art."}

// articlesIn are articles in the words of a language.
func articlesIn(l *locale.Words, list []string) string {
	pairs := make([]string, 0, 2*len(articleWords))
	for _, w := range articleWords {
		pairs = append(pairs, w, l.T(w))
	}
	return strings.NewReplacer(pairs...).Replace(articles(list))
}

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
func Language(code string) string { return LanguageIn(locale.For("en"), code) }

// Class is the class of a change in words.
func Class(l *locale.Words, class string) string { return word(l, classes, class) }

// Brief is a finding on one line.
func Brief(l *locale.Words, f *analyze.Finding) string {
	return Line(word(l, levelNames, string(f.Level)) + "  " + f.ID + "  " + f.Title + " (" + articlesIn(l, f.Articles) + ")")
}

// LanguageIn is the name of a language in the words of l.
func LanguageIn(l *locale.Words, code string) string {
	if n, ok := languages[code]; ok {
		return l.T(n)
	}
	return Line(code)
}

// StandingIn is a standing in words.
func StandingIn(l *locale.Words, s law.Standing) string { return standing(l, s) }

// ArticlesIn are articles in the words of l, each act once.
func ArticlesIn(l *locale.Words, list []string) string { return articlesIn(l, list) }

// ToolStatus says where a tool of a report stands on a day and today; "" if the legal data do not hold it under that name.
func ToolStatus(l *locale.Words, id string, day, today law.Date) string {
	return toolStatus(l, id, day, today)
}
