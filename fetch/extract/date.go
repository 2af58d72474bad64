package extract

// This file finds the date from which a text says that it holds, or the date of its last change.

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/drittland/drittland/snapshots"
	"github.com/drittland/drittland/snapshots/text"
)

const (
	firstBlocks = 30
	lastBlocks  = 10
	reach       = 90 // bytes between a word that announces a date and the date
)

// Words that announce a date, folded, as alternatives of a regular expression over folded words with single spaces.
var (
	inForce = lazily(`\b(?:effective|in force|takes? effect|valid (?:from|as of)|applicable (?:from|as of)|comes? into force|into effect|` +
		`gultig (?:ab|seit)|gelte(?:n|t) ab|gilt ab|appl(?:y|ies) from|s applique a (?:partir|compter)|se aplica desde|in kraft|wirksam (?:ab|seit|zum)|en vigueur|prend effet|date d effet|vigente|en vigor|entrada en vigor|vigencia|fecha de entrada|` +
		`in vigore|in vigor|valida dal|valido dal|efficace dal|em vigor|van kracht|ingangsdatum|geldig vanaf|inwerkingtreding|obowiazuj\w*|wejscia w zycie|wchodzi w zycie|` +
		`traeder i kraft|traedte i kraft|gaelder fra|trader i kraft|galler fran|i kraft fra|gjelder fra|gyldig fra|voimaan|voimassa|ucinn\w+|platn\w+ od|` +
		`in vigoare|intrare in vigoare|hatalyos|hatalyba|nadobuda ucinnost|stupa na snagu|vrijedi od|na snazi|velja od|veljavno od|v veljavi|joustub|kehtib|joustumise|` +
		`stajas speka|speka no|isigalioja|galioja nuo|tekur gildi|gildir fra|i bhfeidhm|fis sehh|effettiv\w+)\b|ισχυ(?:ει|σ|ουν)|εναρξη ισχυοσ|влиза в сила|в сила от|вступает в силу|` +
		`набирає чинності|تاريخ السريان|ساريه|يسري`)
	updated = lazily(`\b(?:last (?:updated?|modified|revised|changed|reviewed|amended)|latest (?:update|revision|version)|updated(?: on)?|(?:date of )?(?:last )?revision|revised|version(?: of| date| du| vom| van)?|as of|` +
		`stand|status|zuletzt am|letzte (?:aktualisierung|anderung|fassung|uberarbeitung)|zuletzt (?:aktualisiert|geandert|uberarbeitet)|aktualisiert am|fassung vom|mise a jour|derniere (?:mise|modification|revision|version)|mis a jour|` +
		`ultima (?:actualizacion|modificacion|revision|version|modifica|revisione|versione|atualizacao|alteracao|actualizacao|actualizare|modificare)|actualizado|ultimo aggiornamento|aggiornat\w+|data di (?:aggiornamento|revisione)|atualizad\w+|` +
		`laatst (?:gewijzigd|bijgewerkt|aangepast|herzien)|laatste (?:wijziging|update|herziening)|bijgewerkt|versie|ostatni\w* (?:aktualizacj\w+|zmian\w+|modyfikacj\w+)|zaktualizowan\w+|data aktualizacji|` +
		`sidst (?:opdateret|aendret|revideret|vurderet)|senest (?:opdateret|aendret|revideret)|opdateret|sist (?:oppdatert|endret|revidert)|oppdatert|senast (?:uppdaterad|andrad|reviderad)|uppdaterad\w*|` +
		`(?:viimeksi )?paivitetty|viimeisin paivitys|viimeksi muokattu|posledni (?:aktualizace|zmena|revize|uprava)|naposledy (?:aktualizovano|upraveno|zmeneno|aktualizovane|upravene)|aktualizovan\w+|posledna (?:aktualizacia|zmena)|` +
		`actualizat\w*|utolso (?:frissites|modositas)\w*|frissitve|utoljara (?:frissitve|modositva)|(?:zadnja|posljednja|zadnje|posljednje) (?:posodobitev|sprememba|izmjena|azuriranje|azurirano)|azurirano|posodobljeno|nazadnje|` +
		`(?:viimati|viimane) \w+|uuendatud|muudetud|pedej\w+ (?:reizi )?\w+|atjauninat\w+|(?:paskutin\w+|atnaujint\w+)(?: karta)? ?\w*|sidast uppfaert|uppfaert|nuashonrai\w*|nuashonru|agghornat\w*|l ahhar aggornament|aggornat\w*)\b|` +
		`τελευταια (?:ενημερωση|τροποποιηση|αναθεωρηση)|ενημερωθηκε|последна (?:актуализация|промяна)|актуализиран\pL+|последнее обновление|последние изменения|اخر تحديث|تم التحديث|تاريخ التحديث`)
	older = lazily(`\b(?:previous|prior|earlier versions?|archived?|former|precedente?s?|anteriore?s?|vorherige\w*|fruhere\w*|until|up to|bis zum|jusqu)\b`)
)

// effectiveDate is the date that d states, YYYY-MM-DD: the one from which it is in force, else that of its last
// change, else one that stands alone near the top. "" if there is none or it can be read in two ways.
func effectiveDate(d *snapshots.Document) string {
	best, rank := "", 0
	for i := range d.Blocks {
		if i >= firstBlocks && i < len(d.Blocks)-lastBlocks {
			continue
		}
		s := excerptBytes(d.Quote(d.Blocks[i].Span), 600)
		date, r := dateIn(s, d.Language, i < 8)
		if r == 0 && i >= len(d.Blocks)-3 { // or a last line that is nothing but a date
			if ds := findDates(s, d.Language); len(ds) == 1 && len(s)-(ds[0].end-ds[0].start) <= 4 {
				date, r = ds[0].value, 1
			}
		}
		if r == 0 && i+1 < len(d.Blocks) && len(s) < 60 && d.Blocks[i+1].Span.Len() < 40 { // the word and the date in two blocks
			date, r = dateIn(s+" "+d.Quote(d.Blocks[i+1].Span), d.Language, false)
		}
		if r > rank {
			best, rank = date, r
		}
	}
	return best
}

func excerptBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// dateIn ranks the dates of s: 3 in force, 2 last changed, 1 alone in a short line
// (only if alone allows it), 0 none.
func dateIn(s, lang string, alone bool) (date string, rank int) {
	dates := findDates(s, lang)
	if len(dates) == 0 {
		return "", 0
	}
	for _, d := range dates {
		before := s[max(0, d.start-reach):d.start]
		if i := strings.LastIndexAny(before, ".!?;"); i >= 0 && i < len(before)-1 && unicode.IsSpace(rune(before[i+1])) && len(before)-i > 25 {
			before = before[i+1:] // the sentence of the date
		}
		f := foldAll(strings.ToValidUTF8(before, ""))
		r := 0
		switch {
		case older().MatchString(f):
		case inForce().MatchString(f):
			r = 3
		case updated().MatchString(f):
			r = 2
		case announcedAfter(s[d.end:]):
			r = 3
		case alone && len(s)-(d.end-d.start) < 40 && len(dates) == 1:
			r = 1
		}
		if r > rank {
			date, rank = d.value, r
		}
	}
	return date, rank
}

// announcedAfter tells "… 3 May 2021 (effective date)".
func announcedAfter(after string) bool {
	f := foldAll(excerptBytes(after, 30))
	return strings.HasPrefix(f, "effective") || strings.HasPrefix(f, "in kraft")
}

// isDateLine tells a short line that is there for its date, which makes it no heading.
func isDateLine(s string) bool {
	ds := findDates(s, "")
	return len(ds) > 0 && len(s)-(ds[0].end-ds[0].start) <= 40
}

// A foundDate is a date and where it stands.
type foundDate struct {
	value      string
	start, end int
}

// A token is a number or a word of a date.
type token struct {
	start, end int
	number     int // -1 for a word
	digits     int
	word       string // folded
}

// findDates finds the dates of s that can be read in one way only.
func findDates(s, lang string) []foundDate {
	if !mayHoldDate(s) {
		return nil
	}
	var out []foundDate
	ts := tokens(s)
	for i := 0; i < len(ts); {
		y, m, d, n := dateAt(s, ts[i:], lang)
		if n == 0 {
			i++
			continue
		}
		if validDate(y, m, d) {
			out = append(out, foundDate{fmt.Sprintf("%04d-%02d-%02d", y, m, d), ts[i].start, ts[i+n-1].end})
		}
		i += n
	}
	return out
}

// mayHoldDate is quick and false for most texts without a date: each has a year, of four digits or of two after a stop.
func mayHoldDate(s string) bool {
	stop, digits := false, 0
	for i := range len(s) + 1 {
		if i < len(s) && '0' <= s[i] && s[i] <= '9' {
			digits++
			continue
		}
		switch {
		case digits == 2 && stop:
			return true
		case digits == 4 && (s[i-4:i-2] == "19" || s[i-4:i-2] == "20"):
			return true
		}
		digits = 0
		stop = stop || i < len(s) && s[i] == '.'
	}
	return false
}

func tokens(s string) []token {
	var ts []token
	for _, w := range text.Words(s) {
		raw := s[w.Start:w.End]
		t := token{start: w.Start, end: w.End, number: -1}
		if d := len(raw) - len(strings.TrimLeft(raw, "0123456789")); d > 0 && d <= 4 {
			switch strings.ToLower(raw[d:]) { // ordinals: 1st, 1er, 3rd, 1º
			case "", "st", "nd", "rd", "th", "er", "eme", "ème", "e", "º", "ª", "de", "η", "ú":
				t.number, _ = strconv.Atoi(raw[:d])
				t.digits = d
			}
		}
		if t.number < 0 {
			t.word = text.Fold(raw)
		}
		ts = append(ts, t)
	}
	return ts
}

// fillers are the small words of dates: "2 de mayo de 2022", "2022. gada 3. maijs", "3 ta’ Mejju 2022", "2022 m.".
var fillers = wordSet("de del of the den d gada m ta a du di sz godu года г ден r eta")

func dateAt(s string, ts []token, lang string) (y, m, d, n int) {
	if y, m, d, n = numericDate(s, ts, lang); n > 0 {
		return
	}
	var part []token // up to three tokens that are not fillers
	var last []int
	for i := 0; i < len(ts) && i < 6 && len(part) < 3; i++ {
		if i > 0 && ts[i].start-ts[i-1].end > 5 { // as much as ", " and an apostrophe take
			break
		}
		if i > 0 && fillers[ts[i].word] {
			continue
		}
		part, last = append(part, ts[i]), append(last, i+1)
	}
	month := func(i int) int {
		if i < len(part) && part[i].number < 0 {
			return monthOf(part[i].word, lang)
		}
		return 0
	}
	year := func(i int) bool {
		return i < len(part) && part[i].digits == 4 && 1990 <= part[i].number && part[i].number < 2100
	}
	day := func(i int) bool { return i < len(part) && 0 < part[i].digits && part[i].digits <= 2 }
	switch {
	case day(0) && month(1) > 0 && year(2): // 2 December 2022
		return part[2].number, month(1), part[0].number, last[2]
	case month(0) > 0 && day(1) && year(2): // December 2, 2022
		return part[2].number, month(0), part[1].number, last[2]
	case year(0) && month(1) > 0 && day(2): // 2022. december 2.
		return part[0].number, month(1), part[2].number, last[2]
	case year(0) && day(1) && month(2) > 0: // 2022. gada 2. decembris
		return part[0].number, month(2), part[1].number, last[2]
	case month(0) > 0 && year(1): // December 2022: its first day
		return part[1].number, month(0), 1, last[1]
	}
	return 0, 0, 0, 0
}

// numericDate reads three numbers. The year leads, or the marks between them and the language tell day from month;
// it consumes what could be read in two ways and gives month 0 for it.
func numericDate(s string, ts []token, lang string) (y, m, d, n int) {
	if len(ts) < 3 || ts[0].number < 0 || ts[1].number < 0 || ts[2].number < 0 {
		return
	}
	mark := strings.TrimSpace(s[ts[0].end:ts[1].start])
	if mark != strings.TrimSpace(s[ts[1].end:ts[2].start]) || len(mark) != 1 || !strings.Contains("./-", mark) {
		return
	}
	a, b, c := ts[0].number, ts[1].number, ts[2].number
	switch {
	case ts[0].digits == 4 && ts[2].digits <= 2:
		return a, b, c, 3
	case ts[2].digits == 2 && mark == ".":
		c += 2000
	case ts[2].digits != 4:
		return
	}
	switch {
	case mark == "." || a > 12 || a == b:
		return c, b, a, 3
	case b > 12:
		return c, a, b, 3
	case lang != "en" && lang != "und":
		return c, b, a, 3
	}
	return 0, 0, 0, 3
}

func validDate(y, m, d int) bool {
	if y < 1990 || y > 2099 || m < 1 || m > 12 || d < 1 {
		return false
	}
	days := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[m-1]
	if m == 2 && y%4 == 0 {
		days = 29
	}
	return d <= days
}
