package extract
import ("testing";"fmt";"sort")
func TestZZ(t *testing.T) {
	for _, s := range []string{"We store your personal data on servers in Brazil.","Wir speichern Ihre Daten auf Servern in Brasilien.","Your data may be transferred to India.","Nous conservons vos données au Brésil.","Les données sont transférées aux États-Unis.","Home Products Pricing About us Contact Log in Sign up","Clipzy Hosting Ltd, 12 Baker Street, London W1U 3BW, United Kingdom","Privacy Policy Terms of Service Cookie Policy","Maria Gonzalez, Calle Mayor 12, 28013 Madrid, España","Pixelfern Inc., 500 Market Street, San Francisco, CA 94105","Nordlicht Mail GmbH, Hauptstraße 5, 20095 Hamburg","Facebook Instagram Twitter LinkedIn YouTube","Impressum Datenschutz AGB Kontakt Karriere","Dati conservati in Brasile su server sicuri.","Amazon Web Services, Google Cloud, Microsoft Azure","Przekazujemy dane do Indii.","Vi overfører dine data til Indien.","We share data with our partners.", "Anna Schmidt, Datenschutzbeauftragte, Berlin", "Dropbox, Slack, Zendesk, Mailchimp, Salesforce, Stripe"} {
		tt := trigrams()
		total, n, _ := tt.costs(s)
		type x struct{c string; v int}
		var xs []x
		for i, c := range tt.codes { xs = append(xs, x{c,total[i]}) }
		sort.Slice(xs, func(i,j int) bool {return xs[i].v<xs[j].v})
		fmt.Printf("%-4s n %d mean %.1f lead %d %s/%s third %d  %s\n", Language(s,""), n, float64(xs[0].v)/float64(n), xs[1].v-xs[0].v, xs[0].c, xs[1].c, xs[2].v-xs[0].v, s)
	}
}
