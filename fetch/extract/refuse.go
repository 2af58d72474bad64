package extract

// This file recognises pages that are served in place of a policy. It is conservative: a page is refused only on
// a sign that names the reason, and only while it says little; a short annex of one table passes.

import (
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// signs are what the elements of a page give away before they are pruned.
type signs struct {
	captcha  string // what the challenge is called
	password bool   // there is a field for a password
	mount    bool   // an element into which scripts put the page
	scripts  int
	refresh  string // target of a meta refresh
}

var challenges = []string{"captcha", "cf-challenge", "cf_chl", "challenge-platform", "challenge-form", "px-captcha", "datadome", "_incapsula_",
	"incapsula", "perimeterx", "arkoselabs", "funcaptcha", "turnstile", "awswaf", "aws-waf-token", "ddos-guard", "sucuri"}

var mounts = wordSet("root app __next __nuxt ___gatsby react-root app-root main-app svelte q-app")

func (s *signs) see(n *html.Node) {
	switch n.DataAtom {
	case atom.Script:
		s.scripts++
		s.challenge(attr(n, "src"))
		if n.FirstChild != nil && len(n.FirstChild.Data) < 20_000 {
			s.challenge(n.FirstChild.Data)
		}
	case atom.Iframe, atom.Form, atom.Div:
		s.challenge(attr(n, "id") + " " + attr(n, "class") + " " + attr(n, "src") + " " + attr(n, "action"))
		if mounts[attr(n, "id")] {
			s.mount = true
		}
	case atom.Input:
		s.password = s.password || strings.EqualFold(attr(n, "type"), "password")
	case atom.Meta:
		if strings.EqualFold(attr(n, "http-equiv"), "refresh") {
			s.refresh = attr(n, "content")
			s.challenge(s.refresh)
		}
	default:
		if n.DataAtom == 0 && (n.Data == "app-root" || strings.HasSuffix(n.Data, "-app")) {
			s.mount = true
		}
	}
}

func (s *signs) challenge(in string) {
	if s.captcha != "" || in == "" {
		return
	}
	in = strings.ToLower(in)
	for _, c := range challenges {
		if strings.Contains(in, c) {
			s.captcha = c
			return
		}
	}
}

// A sign is wording that such pages carry, with the number of words below which it decides.
type sign struct {
	reason  string
	words   int
	heading bool // must stand in the title or the first lines
	re      func() *regexp.Regexp
}

var wordings = []sign{
	{"a bot wall", 150, false, lazily(`(?i)verif(?:y|ying) (?:that )?you are (?:a )?human|are you a (?:human|robot)|i(?:'|’)?m not a robot|checking (?:if the site connection is secure|your browser)|` +
		`unusual (?:traffic|activity)|pardon our interruption|attention required|just a moment\b|enable javascript and cookies to continue|ddos protection by|automated (?:access|requests)|` +
		`press (?:&|and) hold|security check|vérifi\S+ que vous (?:êtes|n.êtes)|sicherheitsüberprüfung|bestätigen sie, dass sie (?:ein mensch|kein roboter)`)},
	{"an access refusal", 120, true, lazily(`(?i)^(?:error )?(?:access (?:to this page (?:has been )?)?denied|403\b|401\b|forbidden|accès refusé|zugriff verweigert|acceso denegado|accesso negato|toegang geweigerd)|` +
		`you (?:don't|do not) have permission to access|sorry, you have been blocked|not available in your (?:country|region)`)},
	{"an error page", 120, true, lazily(`(?i)^(?:error\W+|erreur\W+|fehler\W+)?(?:404|410|500|502|503|504)\b|\b(?:404|410) (?:error|not found)|(?:error|erreur|fehler) (?:404|410|500|502|503)|` +
		`page (?:was |could |can)?(?:not|n't)(?: be)? (?:be )?(?:found|exist)|page (?:you requested )?(?:does not|doesn.t|no longer) exists?|cannot be found|page not found|not found$|page introuvable|` +
		`seite (?:wurde )?nicht gefunden|página no encontrada|pagina non trovata|pagina niet gevonden|página não encontrada|nie znaleziono strony|strona nie istnieje|stránka (?:nebyla )?nenalezena|` +
		`sidan (?:kunde inte hittas|finns inte)|siden (?:blev ikke|ble ikke|findes ikke|finnes ikke)|sivua ei löyt|pagina nu a fost găsită|a(?:z)? oldal nem található|` +
		`internal server error|service (?:temporarily )?unavailable|bad gateway|something went wrong|under maintenance|be right back|temporarily unavailable`)},
	{"a shell that waits for JavaScript", 60, false, lazily(`(?i)(?:enable|activate|turn on|requires?|needs?|without) javascript|javascript (?:is |must be )?(?:disabled|required|enabled|not enabled)|` +
		`activer javascript|javascript aktivieren|habilit\S+ javascript|attiva\S* javascript|schakel javascript`)},
	{"a consent wall", 150, true, lazily(`(?i)before you continue|bevor sie (?:fortfahren|zu)|avant de continuer|antes de continuar|prima di continuare|voordat je (?:verdergaat|naar)|we value your privacy|` +
		`(?:wir|nous|we|vi) .{0,30}(?:schätzen|respect\w*|care about) .{0,10}(?:ihre privatsphäre|votre vie privée|your privacy)|pur-abo|accept (?:all )?cookies to continue`)},
}

var acceptAll = lazily(`(?i)accept all|reject all|alle akzeptieren|alle ablehnen|tout accepter|tout refuser|aceptar todo|accetta tutto|alles accepteren|manage (?:options|preferences|cookies)|customi[sz]e|einstellungen verwalten`)

// refuse says what the page is if it is not a text to keep, otherwise "".
func (p *page) refuse(b *builder) string {
	text := string(b.text)
	if len(text) > 20_000 {
		return ""
	}
	words := wordCount(text)
	head := p.title + "\n" + text[:min(len(text), 300)]
	// The wording may stand in what was pruned: dialogues, forms, noscript.
	all := text
	if words < 60 {
		all = p.title + "\n" + text + "\n" + strings.Join(p.noscript, "\n")
	}
	for _, s := range wordings {
		if words >= s.words || len(b.doc.Blocks) > 0 && b.tables > 0 {
			continue
		}
		in := all
		if s.heading {
			in = head
		}
		if m := matchLine(s.re(), in); m != "" && (s.reason != "a consent wall" || acceptAll().MatchString(in+text) || words < 40) {
			return fmt.Sprintf("%s: %q", s.reason, m)
		}
	}
	if b.tables > 0 || b.items() >= 3 { // little, but content: an annex
		return ""
	}
	return p.refuseEmpty(words)
}

// refuseEmpty judges pages with hardly a word by how they are built.
func (p *page) refuseEmpty(words int) string {
	s := p.signs
	switch {
	case s.captcha != "" && words < 30:
		return fmt.Sprintf("a bot wall: it holds a challenge (%s) and %d words", s.captcha, words)
	case s.password && words < 60:
		return fmt.Sprintf("a login form with %d words", words)
	case s.mount && words < 25:
		return fmt.Sprintf("a shell that waits for JavaScript: %d scripts and %d words", s.scripts, words)
	case s.refresh != "" && words < 15:
		return fmt.Sprintf("a redirection to %q with %d words", s.refresh, words)
	case s.scripts > 0 && words < 5:
		return fmt.Sprintf("a shell that waits for JavaScript: %d scripts and %d words", s.scripts, words)
	}
	return ""
}

// matchLine is the line of s in which re matches first, shortened, or "".
func matchLine(re *regexp.Regexp, s string) string {
	for l := range strings.SplitSeq(s, "\n") {
		l = strings.TrimSpace(l)
		if re.MatchString(l) {
			return excerpt(l, 80)
		}
	}
	return ""
}

// excerpt is s cut at a word after about n bytes.
func excerpt(s string, n int) string {
	if len(s) <= n {
		return s
	}
	if i := strings.LastIndexByte(s[:n], ' '); i > 0 {
		return s[:i] + " …"
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
