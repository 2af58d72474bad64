package dates

// This file holds the names of the months in the languages of the EEA and their neighbours, as they stand in dates.

import (
	"strings"
	"sync"

	"github.com/drittland/drittland/snapshots/text"
)

// monthNames gives for each language twelve groups of forms: nominative, genitive, abbreviations. "_" joins the words of a
// name that has two.
var monthNames = map[string]string{
	"bg": "януари ян яну|февруари фев февр|март мар|април апр|май|юни юн|юли юл|август авг|септември сеп септ|октомври окт|ноември ное ноем|декември дек",
	"ca": "gener|febrer|març|abril|maig|juny|juliol|agost|setembre|octubre|novembre|desembre",
	"cs": "leden ledna|únor února|březen března|duben dubna|květen května|červen června|červenec července|srpen srpna|září|říjen října|listopad listopadu|prosinec prosince",
	"da": "januar jan|februar feb|marts mar|april apr|maj|juni jun|juli jul|august aug|september sep sept|oktober okt|november nov|december dec",
	"de": "januar jänner jan|februar feber feb|märz mrz|april apr|mai|juni jun|juli jul|august aug|september sept sep|oktober okt|november nov|dezember dez",
	"el": "ιανουάριος ιανουαρίου ιαν|φεβρουάριος φεβρουαρίου φεβ φεβρ|μάρτιος μαρτίου μαρ|απρίλιος απριλίου απρ|μάιος μαΐου μάη μαη|ιούνιος ιουνίου ιουν|ιούλιος ιουλίου ιουλ|αύγουστος αυγούστου αυγ|σεπτέμβριος σεπτεμβρίου σεπ σεπτ|οκτώβριος οκτωβρίου οκτ|νοέμβριος νοεμβρίου νοε νοεμ|δεκέμβριος δεκεμβρίου δεκ",
	"en": "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sept sep|october oct|november nov|december dec",
	"es": "enero ene|febrero feb|marzo mar|abril abr|mayo may|junio jun|julio jul|agosto ago|septiembre setiembre sep sept set|octubre oct|noviembre nov|diciembre dic",
	"et": "jaanuar jaanuari jaanuaril jaanuarist|veebruar veebruari veebruaril veebruarist|märts märtsi märtsil märtsist|aprill aprilli aprillil aprillist|mai mail maist|juuni juunil juunist|juuli juulil juulist|august augusti augustil augustist|september septembri septembril septembrist|oktoober oktoobri oktoobril oktoobrist|november novembri novembril novembrist|detsember detsembri detsembril detsembrist",
	"fi": "tammikuu tammikuuta tammikuussa|helmikuu helmikuuta helmikuussa|maaliskuu maaliskuuta maaliskuussa|huhtikuu huhtikuuta huhtikuussa|toukokuu toukokuuta toukokuussa|kesäkuu kesäkuuta kesäkuussa|heinäkuu heinäkuuta heinäkuussa|elokuu elokuuta elokuussa|syyskuu syyskuuta syyskuussa|lokakuu lokakuuta lokakuussa|marraskuu marraskuuta marraskuussa|joulukuu joulukuuta joulukuussa",
	"fr": "janvier janv|février févr|mars|avril avr|mai|juin|juillet juil|août|septembre sept|octobre oct|novembre nov|décembre déc",
	"ga": "eanáir|feabhra fheabhra feabhraí|márta mhárta|aibreán aibreáin|bealtaine bhealtaine|meitheamh meithimh mheitheamh mheithimh|iúil|lúnasa|meán_fómhair mheán_fómhair|deireadh_fómhair dheireadh_fómhair|samhain samhna shamhain shamhna|nollaig nollag",
	"hr": "siječanj siječnja|veljača veljače|ožujak ožujka|travanj travnja|svibanj svibnja|lipanj lipnja|srpanj srpnja|kolovoz kolovoza|rujan rujna|listopad listopada|studeni studenoga studenog|prosinac prosinca",
	"hu": "január jan januári|február febr februári|március márc márciusi|április ápr áprilisi|május májusi|június jún júniusi|július júl júliusi|augusztus aug augusztusi|szeptember szept szeptemberi|október okt októberi|november nov novemberi|december dec decemberi",
	"is": "janúar jan|febrúar feb|mars mar|apríl apr|maí|júní jún|júlí júl|ágúst ágú|september sep sept|október okt|nóvember nóv|desember des",
	"it": "gennaio gen|febbraio feb|marzo mar|aprile apr|maggio mag|giugno giu|luglio lug|agosto ago|settembre set sett|ottobre ott|novembre nov|dicembre dic",
	"lt": "sausis sausio sausį|vasaris vasario vasarį|kovas kovo kovą|balandis balandžio balandį|gegužė gegužės gegužę|birželis birželio birželį|liepa liepos liepą|rugpjūtis rugpjūčio rugpjūtį|rugsėjis rugsėjo rugsėjį|spalis spalio spalį|lapkritis lapkričio lapkritį|gruodis gruodžio gruodį",
	"lv": "janvāris janvārī janvāra janvāri|februāris februārī februāra februāri|marts martā marta martu|aprīlis aprīlī aprīļa aprīli|maijs maijā maija maiju|jūnijs jūnijā jūnija jūniju|jūlijs jūlijā jūlija jūliju|augusts augustā augusta augustu|septembris septembrī septembra septembri|oktobris oktobrī oktobra oktobri|novembris novembrī novembra novembri|decembris decembrī decembra decembri",
	"mt": "jannar|frar|marzu|april|mejju|ġunju|lulju|awwissu|settembru|ottubru|novembru|diċembru",
	"nl": "januari jan|februari feb|maart mrt|april apr|mei|juni jun|juli jul|augustus aug|september sep sept|oktober okt|november nov|december dec",
	"no": "januar jan|februar feb|mars mar|april apr|mai|juni jun|juli jul|august aug|september sep sept|oktober okt|november nov|desember des",
	"pl": "styczeń stycznia|luty lutego|marzec marca|kwiecień kwietnia|maj maja|czerwiec czerwca|lipiec lipca|sierpień sierpnia|wrzesień września|październik października|listopad listopada|grudzień grudnia",
	"pt": "janeiro jan|fevereiro fev|março mar|abril abr|maio mai|junho jun|julho jul|agosto ago|setembro set|outubro out|novembro nov|dezembro dez",
	"ro": "ianuarie ian|februarie feb|martie mar|aprilie apr|mai|iunie iun|iulie iul|august aug|septembrie sept|octombrie oct|noiembrie nov|decembrie dec",
	"ru": "январь января|февраль февраля|март марта|апрель апреля|май мая|июнь июня|июль июля|август августа|сентябрь сентября|октябрь октября|ноябрь ноября|декабрь декабря",
	"sk": "január januára|február februára|marec marca|apríl apríla|máj mája|jún júna|júl júla|august augusta|september septembra|október októbra|november novembra|december decembra",
	"sl": "januar januarja|februar februarja|marec marca|april aprila|maj maja|junij junija|julij julija|avgust avgusta|september septembra|oktober oktobra|november novembra|december decembra",
	"sv": "januari jan|februari feb|mars mar|april apr|maj|juni jun|juli jul|augusti aug|september sep sept|oktober okt|november nov|december dec",
	"tr": "ocak|şubat|mart|nisan|mayıs|haziran|temmuz|ağustos|eylül|ekim|kasım|aralık",
	"uk": "січень січня|лютий лютого|березень березня|квітень квітня|травень травня|червень червня|липень липня|серпень серпня|вересень вересня|жовтень жовтня|листопад листопада|грудень грудня",
	"ar": "يناير كانون_الثاني جانفي|فبراير شباط فيفري|مارس آذار|أبريل نيسان ابريل أفريل|مايو أيار ماي|يونيو حزيران يونيه جوان|يوليو تموز يوليه جويلية|أغسطس آب أوت اغسطس|سبتمبر أيلول|أكتوبر تشرين_الأول اكتوبر|نوفمبر تشرين_الثاني|ديسمبر كانون_الأول",
}

// months maps folded names to 1–12, by language and, under "", for all languages together without what is ambiguous
// between them ("listopad").
var months = sync.OnceValue(func() map[string]map[string]int {
	all := map[string]map[string]int{"": {}}
	for lang, names := range monthNames {
		m := map[string]int{}
		for i, group := range strings.Split(names, "|") {
			for _, name := range strings.Fields(group) {
				f := foldedName(name)
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

// foldedName folds the words of a name: "Meán_Fómhair" becomes "mean fomhair".
func foldedName(name string) string {
	words := strings.Split(name, "_")
	for i, w := range words {
		words[i] = text.Fold(w)
	}
	return strings.Join(words, " ")
}

// monthOf is the month that a folded word names in lang, or in any language if it means the same in all; 0 if none.
func monthOf(folded, lang string) int {
	if m := months()[lang][folded]; m > 0 {
		return m
	}
	return max(0, months()[""][folded])
}
