package analyze

import (
	"strings"
	"testing"
)

// TestFurtherFacts reads sentences beside which another one must not be taken for the same: "want" lists kinds of facts,
// with an attribute if one matters, and those that begin with ! must not be there.
func TestFurtherFacts(t *testing.T) {
	e := engine(t)
	for name, c := range map[string]struct{ text, want string }{
		"hedged":               {"We may transfer your data to countries outside the EEA.", "possible:hedged=yes"},
		"hedged by its clause": {"We use tools whose servers may be located outside the EEA, with the transfer of your data.", "possible:hedged=yes"},
		"a fact":               {"We transfer your data to countries outside the EEA.", "possible:hedged=no"},
		"protection only":      {"Your data are transferred outside the EEA on the basis of standard contractual clauses.", "!possible"},
		"a condition":          {"If we transfer your data outside the EEA, we sign clauses.", "!possible"},
		"access":               {"Our support team in India may access your data.", "!possible:hedged=yes remote_access"},
		"other readers":        {"Other users with whom you choose to talk may be located outside the EEA.", "!possible"},
		"a specific measure":   {"Data that we transfer outside the EEA are encrypted with keys held in Ireland.", "measure:specific=yes"},
		"any measure":          {"Where necessary we take supplementary measures for transfers outside the EEA.", "measure:specific=no"},
		"recipients":           {"We transfer your data to Clipzy Inc. in India.", "importer:name=Clipzy importer:who=company"},
		"a new name":           {"We transfer your data to Pixelfern Inc. (formerly Clipzy Inc.) in India.", "!recipient"},
		"a group":              {"We transfer your data to our affiliates in India.", "importer:who=group"},
		"the Kingdom inside":   {"In the European Union and the United Kingdom (the “EEA”) you have these rights.", "uk_in_eea"},
		"the Kingdom beside":   {"We transfer data from the European Economic Area (“EEA”) and the United Kingdom.", "!uk_in_eea"},
		"the Kingdom outside":  {"We transfer data outside the EEA, including the United Kingdom.", "!uk_in_eea"},
		"a seat by its name":   {"Clipzy is provided by Pixelfern (Singapore) Private Limited.", "controller_seat:country=SG"},
		"a seat for others":    {"If you live outside the European Union, the controller is Pixelfern Inc., Austin, USA.", "!controller_seat"},
		"a seat here":          {"The controller is Pixelfern Ireland Limited, Dublin, Ireland.", "established:country=IE !controller_seat"},
		"the seat of a host":   {"Our host Pixelfern Inc., with its headquarters in Austin, USA, stores your data in Frankfurt, Germany.", "local"},
		"abroad and here":      {"We store your data in Germany and in India.", "!local"},
		"a layer":              {"People in the EEA find more in our [other notice](https://clipzy.example/privacy/eea).", "layer:url=https://clipzy.example/privacy/eea"},
		"approval":             {"We use clauses approved by the European Commission or the government of another country.", "!government"},
		"after logging in":     {"The list of countries to which we transfer data is available after you log in.", "hidden:how=login"},
		"logging in":           {"When you log in, we transfer the time to our servers in India.", "!hidden"},
		"bases in a list":      {"Our legal bases are your consent, the performance of a contract and our legitimate interests.", "mention:what=basis_listed !mention:what=basis_mapped"},
		"a basis mapped":       {"We use your address to deliver your parcel; the legal basis is the performance of the contract.", "mention:what=basis_mapped"},
	} {
		facts := e.Facts(page("en", c.text))
		for _, want := range strings.Fields(c.want) {
			want, absent := strings.CutPrefix(want, "!")
			kind, attr, _ := strings.Cut(want, ":")
			key, value, _ := strings.Cut(attr, "=")
			found := false
			for _, f := range facts.Of(kind) {
				found = found || f.Attr[key] == value || key == ""
			}
			if found == absent {
				t.Errorf("%s: %s is there: %v, in %q", name, want, found, c.text)
			}
		}
	}
}

func TestTextInAnotherLanguage(t *testing.T) {
	e := engine(t)
	d := page("de", "Wir erheben Ihre Daten.\nWe transfer your data to servers in India.\nWir löschen sie nach 30 Tagen.")
	d.Blocks[1].Language = "en"
	if len(e.Facts(d).Of(FactHidden)) == 0 {
		t.Error("a text on transfers in another language was not noticed")
	}
	d = page("de", "Wir übermitteln Ihre Daten an Server in Indien.\nWe transfer your data to servers in India.")
	d.Blocks[1].Language = "en"
	if len(e.Facts(d).Of(FactHidden)) > 0 {
		t.Error("the text on transfers stands in both languages")
	}
}
