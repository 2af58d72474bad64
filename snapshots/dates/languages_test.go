package dates

import "testing"

// sentences are, in each language: from when the text is in force (19 November 2023), when it was last changed (5 October 2023),
// a line with a month alone (May 2024), and a sentence on a law, which is no date of the text.
var sentences = map[string][4]string{
	"en": {"This policy comes into effect on 19 November 2023.", "Last updated: 5 October 2023", "Last updated: May 2024", "The General Data Protection Regulation of 27 April 2016 has been in force since 25 May 2018."},
	"de": {"Diese Datenschutzerklärung tritt am 19. November 2023 in Kraft.", "Zuletzt am 5. Oktober 2023 aktualisiert", "Stand: Mai 2024", "Die Datenschutz-Grundverordnung vom 27. April 2016 gilt seit dem 25. Mai 2018."},
	"fr": {"La présente politique entre en vigueur le 19 novembre 2023.", "Dernière mise à jour : 5 octobre 2023", "Dernière mise à jour : mai 2024", "Le règlement du 27 avril 2016 est en vigueur depuis le 25 mai 2018."},
	"nl": {"Dit privacybeleid treedt in werking op 19 november 2023.", "Laatst gewijzigd op 5 oktober 2023", "Laatste update: mei 2024", "De verordening van 27 april 2016 is van toepassing sinds 25 mei 2018."},
	"es": {"Esta política entra en vigor el 19 de noviembre de 2023.", "Última actualización: 5 de octubre de 2023", "Última actualización: mayo de 2024", "El Reglamento de 27 de abril de 2016 está en vigor desde el 25 de mayo de 2018."},
	"it": {"La presente informativa entra in vigore il 19 novembre 2023.", "Ultimo aggiornamento: 5 ottobre 2023", "Ultimo aggiornamento: maggio 2024", "Il regolamento del 27 aprile 2016 è in vigore dal 25 maggio 2018."},
	"pt": {"Esta política entra em vigor em 19 de novembro de 2023.", "Última atualização: 5 de outubro de 2023", "Última atualização: maio de 2024", "O Regulamento de 27 de abril de 2016 está em vigor desde 25 de maio de 2018."},
	"da": {"Denne privatlivspolitik træder i kraft den 19. november 2023.", "Senest opdateret den 5. oktober 2023", "Senest opdateret: maj 2024", "Databeskyttelsesforordningen af 27. april 2016 har været i kraft siden 25. maj 2018."},
	"no": {"Denne erklæringen trer i kraft 19. november 2023.", "Sist oppdatert 5. oktober 2023", "Sist endret: mai 2024", "Personvernforordningen av 27. april 2016 har vært i kraft siden 25. mai 2018."},
	"sv": {"Denna policy träder i kraft den 19 november 2023.", "Senast uppdaterad den 5 oktober 2023", "Senast ändrad: maj 2024", "Dataskyddsförordningen av den 27 april 2016 har varit i kraft sedan den 25 maj 2018."},
	"fi": {"Tämä tietosuojaseloste tulee voimaan 19. marraskuuta 2023.", "Päivitetty 5.10.2023", "Päivitetty viimeksi toukokuussa 2024", "Tietosuoja-asetus, annettu 27. huhtikuuta 2016, on ollut voimassa 25. toukokuuta 2018 alkaen."},
	"cs": {"Tyto zásady nabývají účinnosti dne 19. listopadu 2023.", "Poslední aktualizace: 5. října 2023", "Poslední aktualizace: květen 2024", "Nařízení ze dne 27. dubna 2016 je účinné od 25. května 2018."},
	"sk": {"Tieto zásady nadobúdajú účinnosť 19. novembra 2023.", "Posledná aktualizácia: 5. októbra 2023", "Posledná aktualizácia: máj 2024", "Nariadenie z 27. apríla 2016 je účinné od 25. mája 2018."},
	"pl": {"Niniejsza polityka wchodzi w życie 19 listopada 2023 r.", "Ostatnia aktualizacja: 5 października 2023 r.", "Ostatnia aktualizacja: maj 2024", "Rozporządzenie z dnia 27 kwietnia 2016 r. obowiązuje od 25 maja 2018 r."},
	"hu": {"Jelen tájékoztató 2023. november 19. napján lép hatályba.", "Utolsó frissítés: 2023. október 5.", "Utolsó módosítás: 2024. május", "A 2016. április 27-i rendelet 2018. május 25. óta hatályos."},
	"ro": {"Această politică intră în vigoare la 19 noiembrie 2023.", "Ultima actualizare: 5 octombrie 2023", "Ultima actualizare: mai 2024", "Regulamentul din 27 aprilie 2016 este în vigoare din 25 mai 2018."},
	"bg": {"Настоящата политика влиза в сила на 19 ноември 2023 г.", "Последна актуализация: 5 октомври 2023 г.", "Последна актуализация: май 2024 г.", "Регламентът от 27 април 2016 г. е в сила от 25 май 2018 г."},
	"el": {"Η παρούσα πολιτική τίθεται σε ισχύ στις 19 Νοεμβρίου 2023.", "Τελευταία ενημέρωση: 5 Οκτωβρίου 2023", "Τελευταία ενημέρωση: Μάιος 2024", "Ο κανονισμός της 27ης Απριλίου 2016 ισχύει από τις 25 Μαΐου 2018."},
	"hr": {"Ova politika stupa na snagu 19. studenoga 2023.", "Posljednje ažuriranje: 5. listopada 2023.", "Zadnja izmjena: svibanj 2024.", "Uredba od 27. travnja 2016. na snazi je od 25. svibnja 2018."},
	"sl": {"Ta politika začne veljati 19. novembra 2023.", "Zadnja posodobitev: 5. oktober 2023", "Zadnja posodobitev: maj 2024", "Uredba z dne 27. aprila 2016 se uporablja od 25. maja 2018."},
	"et": {"Käesolevad põhimõtted jõustuvad 19. novembril 2023.", "Viimati uuendatud: 5. oktoober 2023", "Viimati muudetud: mai 2024", "27. aprilli 2016 määrus kehtib alates 25. maist 2018."},
	"lv": {"Šī politika stājas spēkā 2023. gada 19. novembrī.", "Pēdējo reizi atjaunināts 2023. gada 5. oktobrī", "Pēdējās izmaiņas: 2024. gada maijs", "2016. gada 27. aprīļa regula ir spēkā no 2018. gada 25. maija."},
	"lt": {"Ši politika įsigalioja 2023 m. lapkričio 19 d.", "Paskutinį kartą atnaujinta 2023 m. spalio 5 d.", "Atnaujinta: 2024 m. gegužė", "2016 m. balandžio 27 d. reglamentas taikomas nuo 2018 m. gegužės 25 d."},
	"mt": {"Din il-politika tidħol fis-seħħ fid-19 ta’ Novembru 2023.", "L-aħħar aġġornament: 5 ta’ Ottubru 2023", "L-aħħar aġġornament: Mejju 2024", "Ir-Regolament tas-27 ta’ April 2016 ilu fis-seħħ mill-25 ta’ Mejju 2018."},
	"ga": {"Tiocfaidh an polasaí seo i bhfeidhm an 19 Samhain 2023.", "Nuashonraithe: 5 Deireadh Fómhair 2023", "An nuashonrú deireanach: Bealtaine 2024", "Tá Rialachán an 27 Aibreán 2016 i bhfeidhm ón 25 Bealtaine 2018."},
	"is": {"Þessi persónuverndarstefna tekur gildi 19. nóvember 2023.", "Síðast uppfært 5. október 2023", "Síðast uppfært: maí 2024", "Reglugerðin frá 27. apríl 2016 hefur verið í gildi frá 25. maí 2018."},
	"ar": {"تسري هذه السياسة اعتبارا من 19 نوفمبر 2023.", "آخر تحديث: ٥ أكتوبر ٢٠٢٣", "آخر تحديث: مايو 2024", "اللائحة الصادرة في 27 أبريل 2016 سارية منذ 25 مايو 2018."},
}

func TestLanguages(t *testing.T) {
	for lang, s := range sentences {
		got := Of(document(lang, "Clipzy", s[1], s[0], s[3]), "2024-06-01")
		if got.Effective.Day != "2023-11-19" || got.Updated.Day != "2023-10-05" || got.Alone || got.Until.Found() || got.Next.Found() {
			t.Errorf("%s: %+v", lang, got)
		}
		if got := Of(document(lang, "Clipzy", s[0]), "2023-11-01"); got.On("2023-11-01") != Announced {
			t.Errorf("%s: %s", lang, got.On("2023-11-01"))
		}
		if u := Of(document(lang, "Clipzy", s[2]), "").Updated; u.Day != "2024-05-01" || u.Precision != ToMonth {
			t.Errorf("%s: %q: %+v", lang, s[2], u)
		}
		if list := Mentions(document(lang, "Clipzy", s[3])); len(list) > 0 {
			t.Errorf("%s: %q: %+v", lang, s[3], list)
		}
	}
}

// Every language with a lexicon has its words and its sentences here.
func TestLanguagesAreThoseOfTheLexicon(t *testing.T) {
	for _, lang := range []string{"ar", "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "is", "it", "lt", "lv", "mt", "nl", "no", "pl", "pt", "ro", "sk", "sl", "sv"} {
		if p := wordsOf()[lang]; p.effective == "" || p.updated == "" || p.until == "" || p.older == "" || p.not == "" || p.law == "" || p.policy == "" || p.this == "" || p.other == "" {
			t.Errorf("%s: words are missing", lang)
		}
		if wordsOf()[lang].months == "" || sentences[lang][0] == "" {
			t.Errorf("%s: no months, or no sentences", lang)
		}
	}
}

func TestMonthNames(t *testing.T) {
	for lang, p := range wordsOf() {
		if p.months == "" {
			continue
		}
		seen := map[int]bool{}
		for name, m := range months()[lang] {
			if seen[m] = true; m < 1 || m > 12 || name == "" {
				t.Errorf("%s: %q is month %d", lang, name, m)
			}
		}
		if len(seen) != 12 {
			t.Errorf("%s: %d months", lang, len(seen))
		}
	}
}

func TestReadPhrases(t *testing.T) {
	p, err := readPhrases("months: a | b |\n   c\n\nlaw: x\n")
	if err != nil || len(alternatives(p.months)) != 3 || len(alternatives(p.law)) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
	for _, bad := range []string{"lawz: x", "law x", "law: x\nlaw: y", "  x"} {
		if _, err := readPhrases(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}
