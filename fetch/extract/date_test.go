package extract

import (
	"testing"

	"github.com/drittland/drittland/snapshots/dates"
)

func TestEffectiveDate(t *testing.T) {
	for _, c := range []struct{ in, lang, want string }{
		{"Effective: 2 December 2022", "en", "2022-12-02"},
		{"Effective Date: December 2nd, 2022", "en", "2022-12-02"},
		{"Last updated 2022-03-22", "en", "2022-03-22"},
		{"Last updated: 03/22/2022", "en", "2022-03-22"},
		{"Last updated: 03/04/2022", "en", ""},
		{"Last updated: 4/4/2022", "en", "2022-04-04"},
		{"Last updated on May 1, 2022. Effective as of June 1, 2022.", "en", "2022-06-01"},
		{"Our previous version of 1 May 2019 is archived.", "en", ""},
		{"We were founded on 3 May 2004 in Dublin, as a service for sharing short films with friends and family.", "en", ""},
		{"Stand: Mai 2024", "de", "2024-05-01"},
		{"Stand: 01.02.2024", "de", "2024-02-01"},
		{"Stand: 24.5.18", "de", "2018-05-24"},
		{"Diese Erklärung gilt ab 01.02.2026.", "de", "2026-02-01"},
		{"Zuletzt am 24.5.2018 geändert", "de", "2018-05-24"},
		{"Dernière mise à jour : 12 mars 2023", "fr", "2023-03-12"},
		{"En vigueur à compter du 1er janvier 2023", "fr", "2023-01-01"},
		{"(en vigueur à compter du 15. 07. 2019)", "fr", "2019-07-15"},
		{"Laatst gewijzigd op 3 maart 2021", "nl", "2021-03-03"},
		{"Última actualización: 5 de mayo de 2022", "es", "2022-05-05"},
		{"Ultimo aggiornamento: 22 aprile 2025", "it", "2025-04-22"},
		{"Data wejścia w życie: 10 lutego 2026 r.", "pl", "2026-02-10"},
		{"Última atualização: 02/03/2021", "pt", "2021-03-02"},
		{"Senest opdateret 25. maj 2018", "da", "2018-05-25"},
		{"Senast uppdaterad den 25 maj 2018", "sv", "2018-05-25"},
		{"Sist oppdatert 4. desember 2020", "no", "2020-12-04"},
		{"Päivitetty 25.5.2018", "fi", "2018-05-25"},
		{"Voimassa 3. toukokuuta 2021 alkaen", "fi", "2021-05-03"},
		{"Poslední aktualizace: 1. listopadu 2022", "cs", "2022-11-01"},
		{"Posljednja izmjena: 1. listopada 2022.", "hr", "2022-10-01"},
		{"Hatályos: 2022. május 3.", "hu", "2022-05-03"},
		{"Ultima actualizare: 16 aprilie 2019", "ro", "2019-04-16"},
		{"Последна актуализация: 3 май 2021 г.", "bg", "2021-05-03"},
		{"Τελευταία ενημέρωση: 3 Μαΐου 2021", "el", "2021-05-03"},
		{"Viimati muudetud 21. märts 2023", "et", "2023-03-21"},
		{"Pēdējo reizi atjaunināts 2022. gada 3. maijā", "lv", "2022-05-03"},
		{"Paskutinį kartą atnaujinta 2022 m. gegužės 3 d.", "lt", "2022-05-03"},
		{"Aġġornat fit-3 ta’ Mejju 2022", "mt", "2022-05-03"},
		{"آخر تحديث: 3 مايو 2022", "ar", "2022-05-03"},
		{"Last updated 31 February 2022", "en", ""},
	} {
		d := mustRead(t, "text/html", "<main><h1>A</h1><p>"+c.in+"</p>"+prose(3)+"</main>")
		d.Language = c.lang
		if got := dates.Of(d, "").Day(); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}

func TestEffectiveDatePlaces(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"alone under the title", "<h1>Privacy</h1><p>25 May 2018</p>" + prose(2), "2018-05-25"},
		{"word and date in two blocks", "<h1>Privacy</h1><p>Last updated</p><p>25 May 2018</p>" + prose(2), "2018-05-25"},
		{"at the end", prose(60) + "<p>Last updated 25 May 2018</p>", "2018-05-25"},
		{"a line in the middle", prose(60) + "<p>Last updated 25 May 2018</p>" + prose(60), "2018-05-25"},
		{"two texts in the middle", prose(60) + "<p>Last updated 25 May 2018</p><p>Last updated 26 May 2018</p>" + prose(60), ""},
		{"a change log", prose(60) + "<p>May 3, 2024: new recipients</p><p>May 4, 2014: first version of this notice</p>", ""},
	} {
		if got := mustRead(t, "text/html", "<main>"+c.in+"</main>").EffectiveDate; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
