package extract

// This file holds the names of the months in the languages of the EEA and their neighbours, as they stand in dates.

import (
	"strings"
	"sync"

	"github.com/drittland/drittland/snapshots/text"
)

// monthNames gives for each language twelve groups of forms: nominative, genitive, abbreviations.
var monthNames = map[string]string{
	"bg": "януари|февруари|март|април|май|юни|юли|август|септември|октомври|ноември|декември",
	"ca": "gener|febrer|març|abril|maig|juny|juliol|agost|setembre|octubre|novembre|desembre",
	"cs": "leden ledna|únor února|březen března|duben dubna|květen května|červen června|červenec července|srpen srpna|září|říjen října|listopad listopadu|prosinec prosince",
	"da": "januar|februar|marts|april|maj|juni|juli|august|september|oktober|november|december",
	"de": "januar jänner jan|februar feber feb|märz mrz|april apr|mai|juni jun|juli jul|august aug|september sept sep|oktober okt|november nov|dezember dez",
	"el": "ιανουάριος ιανουαρίου|φεβρουάριος φεβρουαρίου|μάρτιος μαρτίου|απρίλιος απριλίου|μάιος μαΐου|ιούνιος ιουνίου|ιούλιος ιουλίου|αύγουστος αυγούστου|σεπτέμβριος σεπτεμβρίου|οκτώβριος οκτωβρίου|νοέμβριος νοεμβρίου|δεκέμβριος δεκεμβρίου",
	"en": "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sept sep|october oct|november nov|december dec",
	"es": "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre setiembre|octubre|noviembre|diciembre",
	"et": "jaanuar jaanuari jaanuaril|veebruar veebruari|märts märtsi|aprill aprilli|mai|juuni|juuli|august augusti|september septembri|oktoober oktoobri|november novembri|detsember detsembri",
	"fi": "tammikuu tammikuuta|helmikuu helmikuuta|maaliskuu maaliskuuta|huhtikuu huhtikuuta|toukokuu toukokuuta|kesäkuu kesäkuuta|heinäkuu heinäkuuta|elokuu elokuuta|syyskuu syyskuuta|lokakuu lokakuuta|marraskuu marraskuuta|joulukuu joulukuuta",
	"fr": "janvier janv|février févr|mars|avril avr|mai|juin|juillet juil|août|septembre sept|octobre oct|novembre nov|décembre déc",
	"ga": "eanáir|feabhra|márta|aibreán aibreáin|bealtaine|meitheamh meithimh|iúil|lúnasa|meán_fómhair|deireadh_fómhair|samhain samhna|nollaig nollag",
	"hr": "siječanj siječnja|veljača veljače|ožujak ožujka|travanj travnja|svibanj svibnja|lipanj lipnja|srpanj srpnja|kolovoz kolovoza|rujan rujna|listopad listopada|studeni studenoga studenog|prosinac prosinca",
	"hu": "január|február|március|április|május|június|július|augusztus|szeptember|október|november|december",
	"is": "janúar|febrúar|mars|apríl|maí|júní|júlí|ágúst|september|október|nóvember|desember",
	"it": "gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre",
	"lt": "sausis sausio|vasaris vasario|kovas kovo|balandis balandžio|gegužė gegužės|birželis birželio|liepa liepos|rugpjūtis rugpjūčio|rugsėjis rugsėjo|spalis spalio|lapkritis lapkričio|gruodis gruodžio",
	"lv": "janvāris janvārī janvāra|februāris februārī februāra|marts martā marta|aprīlis aprīlī aprīļa|maijs maijā maija|jūnijs jūnijā jūnija|jūlijs jūlijā jūlija|augusts augustā augusta|septembris septembrī septembra|oktobris oktobrī oktobra|novembris novembrī novembra|decembris decembrī decembra",
	"mt": "jannar|frar|marzu|april|mejju|ġunju|lulju|awwissu|settembru|ottubru|novembru|diċembru",
	"nl": "januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december",
	"no": "januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember",
	"pl": "styczeń stycznia|luty lutego|marzec marca|kwiecień kwietnia|maj maja|czerwiec czerwca|lipiec lipca|sierpień sierpnia|wrzesień września|październik października|listopad listopada|grudzień grudnia",
	"pt": "janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro",
	"ro": "ianuarie|februarie|martie|aprilie|mai|iunie|iulie|august|septembrie|octombrie|noiembrie|decembrie",
	"ru": "январь января|февраль февраля|март марта|апрель апреля|май мая|июнь июня|июль июля|август августа|сентябрь сентября|октябрь октября|ноябрь ноября|декабрь декабря",
	"sk": "január januára|február februára|marec marca|apríl apríla|máj mája|jún júna|júl júla|august augusta|september septembra|október októbra|november novembra|december decembra",
	"sl": "januar januarja|februar februarja|marec marca|april aprila|maj maja|junij junija|julij julija|avgust avgusta|september septembra|oktober oktobra|november novembra|december decembra",
	"sv": "januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december",
	"tr": "ocak|şubat|mart|nisan|mayıs|haziran|temmuz|ağustos|eylül|ekim|kasım|aralık",
	"uk": "січень січня|лютий лютого|березень березня|квітень квітня|травень травня|червень червня|липень липня|серпень серпня|вересень вересня|жовтень жовтня|листопад листопада|грудень грудня",
	"ar": "يناير|فبراير|مارس|أبريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر",
}

// months maps folded names to 1–12, by language and, under "", for all languages together without what is ambiguous
// between them ("listopad").
var months = sync.OnceValue(func() map[string]map[string]int {
	all := map[string]map[string]int{"": {}}
	for lang, names := range monthNames {
		m := map[string]int{}
		for i, group := range strings.Split(names, "|") {
			for _, name := range strings.Fields(group) {
				if _, second, ok := strings.Cut(name, "_"); ok { // "Meán Fómhair": its first word tells the month
					name = strings.TrimSuffix(name, "_"+second)
				}
				f := text.Fold(name)
				m[f] = i + 1
				switch had, ok := all[""][f]; {
				case !ok:
					all[""][f] = i + 1
				case had != i+1:
					all[""][f] = -1
				}
			}
		}
		all[lang] = m
	}
	return all
})

// monthOf is the month that a folded word names in lang, or in any language if it means the same in all; 0 if none.
func monthOf(folded, lang string) int {
	if m := months()[lang][folded]; m > 0 {
		return m
	}
	return max(0, months()[""][folded])
}
