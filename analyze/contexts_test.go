package analyze

import "testing"

// TestPlacesInContext reads sentences that name places where no data go, beside some where they do.
func TestPlacesInContext(t *testing.T) {
	e := engine(t)
	for _, c := range []struct{ language, text, want string }{
		{"en", "We share the data of users located in India or Brazil with our partners.", "none"},
		{"en", "We store data on servers in Singapore or, for users located in Hong Kong (“HK”) and Macao, nearby.", "yes SG:storage none_stated"},
		{"en", "We share data that we received from the EEA, Brazil and Japan with our partners.", "none"},
		{"en", "We share data with partners in the EEA, Brazil and Japan.", "yes BR:recipient JP:recipient none_stated"},
		{"en", "Outside the EEA we rely on standard contractual clauses and the equivalent clauses for the UK.", "yes vague scc"},
		{"en", "We transfer the data of UK users under the UK Addendum.", "none"},
		{"en", "We transfer your data to partners in the UK.", "yes GB:recipient none_stated"},
		{"en", "Under certain US state data privacy laws, “sharing” also means providing data to third parties for advertising.", "none"},
		{"en", "We share your data with Lima Records Trading Private Limited.", "none"},
		{"en", "The app is offered by PIXELFERN Singapore E-Commerce Private Limited, which shares your data.", "none"},
		{"en", "You may lodge a complaint about how we share data with the data protection authority, with staff in Gibraltar.", "none"},
		{"en", "We receive requests from governments and courts around the world to disclose user data.", "none government"},
		{"en", "We disclose user data to governments around the world.", "yes vague none_stated government"},
		{"fi", "Tallennamme tietosi Japanissa vakiosopimuslausekkeiden nojalla.", "yes JP:storage scc"},
		{"de", "Wir geben Daten weiter, die wir aus dem EWR, Brasilien und Japan erhalten.", "none"},
		{"fr", "Nous partageons les données reçues de Suisse, du Brésil et du Japon avec nos partenaires.", "none"},
		{"fr", "Nous partageons des données avec nos partenaires en Suisse, au Brésil et au Japon.", "yes CH:recipient BR:recipient JP:recipient none_stated"},
		{"nl", "Wij delen gegevens die wij hebben ontvangen uit de EER, Brazilië en Japan met onze partners.", "none"},
		{"es", "Compartimos los datos recibidos del EEE, Brasil y Japón con nuestros socios.", "none"},
		{"pt", "Partilhamos os dados recebidos da Suíça, do Brasil e do Japão com os nossos parceiros.", "none"},
		{"it", "Condividiamo i dati ricevuti da Svizzera, Brasile e Giappone con i nostri partner.", "none"},
		{"pl", "Udostępniamy dane otrzymane z EOG, Brazylii i Japonii naszym partnerom.", "none"},
	} {
		if got := brief(transfers(e.Facts(page(c.language, c.text)).On(day(t, "2026-06-01")), day(t, "2026-06-01"))); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

// TestGrounds reads sentences that sound like a ground for a transfer, beside some that are one.
func TestGrounds(t *testing.T) {
	e := engine(t)
	for _, c := range []struct{ language, text, want string }{
		{"en", "By using Clipzy you acknowledge and agree that your data are transferred to India.", "yes IN:recipient consent"},
		{"en", "By using Clipzy you acknowledge that your data are transferred to India.", "yes IN:recipient none_stated"},
		{"de", "Durch die Nutzung von Clipzy nehmen Sie zur Kenntnis, dass Ihre Daten nach Indien übermittelt werden.", "yes IN:recipient none_stated"},
		{"de", "Durch die Nutzung von Clipzy stimmen Sie zu, dass Ihre Daten nach Indien übermittelt werden.", "yes IN:recipient consent"},
		{"pl", "Korzystając z Clipzy, rozumiesz, że Twoje dane są przekazywane do Indii.", "yes IN:recipient none_stated"},
		{"cs", "Používáním Clipzy berete na vědomí, že vaše údaje jsou předávány do Indie.", "yes IN:recipient none_stated"},
		{"fi", "Käyttämällä Clipzyä ymmärrät, että tietosi siirretään Intiaan.", "yes IN:recipient none_stated"},
		{"ro", "Prin utilizarea Clipzy înțelegeți că datele dvs. sunt transferate în India.", "yes IN:recipient none_stated"},
		{"ro", "Prin utilizarea Clipzy sunteți de acord ca datele dvs. să fie transferate în India.", "yes IN:recipient consent"},
		{"en", "You agree that any dispute goes to court and that your data are then transferred to Canada.", "yes CA:recipient none_stated"},
		{"en", "In the EEA, Japan and Brazil we rely on your consent to process the data that we share.", "yes JP:recipient BR:recipient none_stated"},
		{"fr", "Au Royaume-Uni et aux États-Unis, nous collectons avec votre consentement explicite des données sur votre origine ethnique et les partageons.", "yes GB:recipient US:recipient none_stated"},
		{"en", "We send your data to Japan, which the European Commission has found to offer an adequate level of protection.", "yes JP:recipient adequacy"},
		{"en", "We transfer data to countries that the European Commission does not consider to protect personal data in an adequate way.", "yes vague none_stated"},
		{"en", "We transfer data outside the EEA or to countries whose protection has been found adequate.", "yes vague none_stated"},
		{"en", "We transfer data outside the EEA under the contractual clauses required by the GDPR.", "yes vague scc"},
		{"fr", "Nous transférons des données hors de l'UE avec les clauses contractuelles requises par le RGPD.", "yes vague scc"},
		{"fr", "# Partage avec des tiers\nNous avons conclu un accord de traitement des données avec Clipzy afin d'encadrer nos relations.", "none"},
		{"cs", "Při předání mimo EHP zajistíme ochranu prostřednictvím:\n- rozhodnutí o odpovídající ochraně, nebo\n- standardních smluvních doložek.", "none adequacy scc"},
	} {
		if got := brief(transfers(e.Facts(page(c.language, c.text)).On(day(t, "2026-06-01")), day(t, "2026-06-01"))); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}
