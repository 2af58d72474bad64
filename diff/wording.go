// This file knows dates, the words of a notice of update, and small words that say the same.

package diff

import (
	"slices"
	"strings"
)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// months are the names of months, folded, in the languages of the EEA, as they stand in dates.
var months = set(`
	january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec
	januar februar marz mai juni juli oktober dezember janner
	janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre
	enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre
	gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
	januari februari maart mei augustus
	janeiro fevereiro marco maio junho julho setembro outubro novembro dezembro
	stycznia lutego marca kwietnia maja czerwca lipca sierpnia wrzesnia pazdziernika listopada grudnia
	augusti december maj
	tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesakuuta heinakuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta
	ledna unora brezna dubna kvetna cervna cervence srpna zari rijna listopadu prosince
	januara februara aprila juna jula augusta septembra oktobra novembra decembra
	januar februar marcius aprilis majus junius julius augusztus szeptember
	ianuarie februarie martie aprilie iunie iulie septembrie octombrie noiembrie decembrie
	ιανουαριου φεβρουαριου μαρτιου απριλιου μαιου ιουνιου ιουλιου αυγουστου σεπτεμβριου οκτωβριου νοεμβριου δεκεμβριου
	януари февруари март април маи юни юли август септември октомври ноември декември
	sijecnja veljace ozujka travnja svibnja lipnja srpnja kolovoza rujna listopada studenoga prosinca
	janvaris februaris marts aprilis junijs julijs augusts septembris oktobris novembris decembris
	sausio vasario kovo balandzio geguzes birzelio liepos rugpjucio rugsejo spalio lapkricio gruodzio
	jaanuar veebruar marts aprill juuni juuli detsember
	eanair feabhra marta aibrean bealtaine meitheamh iuil lunasa meanfomhair samhain nollaig
	`)

// updates are words that stand about a date of a version, folded.
var updates = set(`
	updated update updates effective effect revised revision modified modification version versions amended posted published archived archive
	previous prior current currently last date dated since copyright reviewed takes force
	aktualisiert aktualisierung stand gultig fassung letzte letzter letztmals zuletzt geandert anderung kraft datum
	mise jour maj derniere dernieres vigueur modifie modifiee actualisation effet version versions
	actualizacion actualizado actualizada ultima vigencia vigor fecha revision
	aggiornamento aggiornata aggiornato ultimo ultima vigore data revisione
	bijgewerkt laatst laatste versie gewijzigd ingangsdatum herzien
	atualizacao atualizado atualizada versao
	aktualizacja zaktualizowano obowiazuje wersja ostatnia
	uppdaterad uppdaterades senast galler opdateret sidst oppdatert sist paivitetty viimeksi versio
	aktualizace ucinnost verze posledni aktualizacia ucinnost frissitve hatalyos utolso actualizare actualizat
	ενημερωση τελευταια актуализация последна posljednje azurirano posodobljeno zadnja atjauninats atnaujinta uuendatud
	`)

// ago are words that make a number of days a date told from today.
var ago = set(`ago vor il hace geleden sedan siden dni fa ha temu sitten`)

var spans = set(`second seconds minute minutes hour hours day days week weeks month months year years over about a an one
	tag tagen woche wochen monat monaten jahr jahren stunde stunden y ans an mois jour jours heure heures semaine semaines
	dia dias mes meses ano anos hora horas dag dagen uur maand maanden jaar`)

// fillers are words that may stand between those of a date.
var fillers = set(`the of on as at in from with is was this our we re new privacy policy notice to and am vom der des de du le la les el del il dal em op per
	den st nd rd th er politique confidentialite datenschutzerklarung politica privacidad informativa comes go into will was applies until apply`)

// dated reports whether only the date or the number of a version changed. The words that changed must be of a date, and
// it must stand in a short block or among words of an update.
func dated(s spot, was, is []string) bool {
	around := folded(s.around)
	if s.whole && len(around) <= 40 && has(around, updates) && noticeOnly(around) && (hasDate(around) || len(around) <= 14) {
		return true
	}
	changed := append(was[:len(was):len(was)], is...)
	if len(changed) == 0 || len(changed) > 24 || !all(changed, func(w string) bool {
		return isNumber(w) || months[w] || updates[w] || fillers[w] || ago[w] || spans[w]
	}) {
		return false
	}
	notice := has(around, updates)
	switch {
	case hasDate(changed), hasDate(around) && has(changed, updates):
		return others(around) <= max(1, 2*len(around)/5) || howMany(around, updates) >= 2 || len(around) <= 12 && strings.Contains(s.around, "©")
	case notice && len(around) <= 6:
		return true
	case notice && len(around) <= 15 && hasDate(around):
		return all(changed, func(w string) bool { return isNumber(w) || fillers[w] })
	}
	return false
}

// relative reports whether only a time told from today changed ("2 days ago"), outside a sentence.
func relative(s spot, was, is []string) bool {
	around := folded(s.around)
	changed := append(was[:len(was):len(was)], is...)
	return len(around) <= 16 && !ends(s.around) && has(around, ago) &&
		all(changed, func(w string) bool { return isNumber(w) || spans[w] || ago[w] }) && len(changed) > 0
}

// noticeOnly reports whether the words of a sentence are nearly all those of a notice of update.
func noticeOnly(ws []string) bool { return 5*others(ws) <= len(ws) }

// others is how many words are not those of a notice of update.
func others(ws []string) (n int) {
	for _, w := range ws {
		if !isNumber(w) && !months[w] && !updates[w] && !fillers[w] && !pointers[w] {
			n++
		}
	}
	return n
}

func howMany(ws []string, in map[string]bool) (n int) {
	for _, w := range ws {
		if in[w] {
			n++
		}
	}
	return n
}

// pointers are words by which a notice leads to another version.
var pointers = set(`click here view see read more learn be can you your following terms statement archived download pdf take`)

func hasDate(ws []string) bool {
	for _, w := range ws {
		if len(w) == 4 && (strings.HasPrefix(w, "19") || strings.HasPrefix(w, "20")) && isNumber(w) {
			return true
		}
		if months[w] && w != "may" && w != "mars" && w != "march" {
			return true
		}
	}
	return false
}

// isNumber tells a number, with an ordinal ending or not.
func isNumber(w string) bool {
	d := strings.TrimRight(w, "stndrhe")
	return d != "" && len(d) <= 8 && strings.Trim(d, "0123456789") == ""
}

func has(ws []string, in map[string]bool) bool {
	return slices.ContainsFunc(ws, func(w string) bool { return in[w] })
}

func all(ws []string, is func(string) bool) bool {
	return !slices.ContainsFunc(ws, func(w string) bool { return !is(w) })
}

// small are words that may come, go or stand for each other without a change of meaning: articles, relatives and the
// like. Words of obligation, permission, negation, choice, place and person are not among them.
var small = set(`
	a an the that which who whom this these those such also please s e g eg is are
	der die das den dem des ein eine einen einem einer dass welche welcher welches diese dieser dieses auch
	la le les l un une que qui ce cette ces aussi el los las una unos este esta estos estas
	il lo gli i uno che questo questa een het de dat deze dit ook o os um uma`)

// sameSense reports whether only small words changed, or words became forms of themselves.
func sameSense(was, is []string) bool {
	rest := func(ws []string) (out []string) {
		for _, w := range ws {
			if !small[w] {
				out = append(out, w)
			}
		}
		return out
	}
	return slices.EqualFunc(rest(was), rest(is), func(a, b string) bool { return a == b || sameWord(a, b) })
}

// sameWord reports whether two words are long, begin alike and differ only in the last two letters: another ending or
// spelling. A slip within a word is none of these, since "consent" and "content" are one letter apart.
func sameWord(a, b string) bool {
	if digits(a) || digits(b) {
		return false
	}
	x, y := []rune(a), []rune(b)
	p := 0
	for p < len(x) && p < len(y) && x[p] == y[p] {
		p++
	}
	return p >= 5 && len(x)-p <= 2 && len(y)-p <= 2
}
