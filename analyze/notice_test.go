package analyze

import (
	"slices"
	"strings"
	"testing"
)

// TestItems reads passages below a heading, which may be empty: one item that they must be about, or with '!' must not.
func TestItems(t *testing.T) {
	e := engine(t)
	for _, c := range []struct{ heading, text, want string }{
		{"", "Clipzy was built by Pixelfern Inc. as a free app.", "controller_name"},
		{"", "This privacy policy applies to the Clipzy app, which was created by Pixelfern (hereby referred to as \"Service Provider\").", "controller_name"},
		{"", "We have appointed Nordlicht GmbH as our representative in the European Union.", "representative"},
		{"", "Ask your local sales representative about prices.", "!representative"},
		{"", "Personal data processed: name, e-mail address, usage data.", "data_categories"},
		{"", "Clipzy does not collect any personal information.", "data_categories"},
		{"", "Your information, including personal data, is processed at our offices.", "!data_categories"},
		{"", "We do not knowingly collect personally identifiable information from anyone under the age of 13.", "!data_categories"},
		{"", "We use your e-mail address to send you our newsletter.", "processing_purpose"},
		{"", "We use commercially reasonable means to protect your data.", "!processing_purpose"},
		{"We may use third-party services", "Clipmetrics Analytics", "recipients"},
		{"", "Our app uses third-party service providers to measure its use.", "recipients"},
		{"", "Content may be publicly available on the internet.", "!recipients"},
		{"", "The data that you give us can give you access to further functions of the service.", "!recipients"},
		{"Legal bases", "Compliance with tax law", "legal_basis"},
		{"", "We may need to keep certain data where we have a legal obligation or lawful basis to do so.", "legal_basis"},
		{"", "We may need to keep certain data where we have a legal obligation or lawful basis to do so.", "retention_period"},
		{"How long we keep your data", "30 days", "retention_period"},
		{"", "Files are discarded immediately after use.", "retention_period"},
		{"", "Persistent cookies remain until you delete them.", "!retention_period"},
		{"", "You have the right to access your data.", "right_access"},
		{"", "You may ask us to confirm whether we hold data about you.", "right_access"},
		{"", "These laws give public authorities a right to access your data.", "!right_access"},
		{"", "You can ask us to have your photos and your account deleted.", "right_erasure"},
		{"", "You can set your browser to delete cookies.", "!right_erasure"},
		{"", "You can have wrong data corrected or completed.", "right_rectification"},
		{"", "You have the right to have your data erased or restricted.", "right_restriction"},
		{"", "You have the right to receive your data in a structured format.", "right_portability"},
		{"", "You may receive information about you from third parties.", "!right_portability"},
		{"", "You have the right to opt out of the processing of your data for profiling.", "right_object"},
		{"", "You have the right to change your mind and to withdraw your consent.", "right_withdraw_consent"},
		{"Complaints", "Our lead supervisory authority is that of Ireland.", "right_complaint"},
		{"", "We may require you to provide us with certain information.", "!mandatory_disclosure"},
		{"", "You need not give us these data; without your data we cannot open an account.", "mandatory_disclosure"},
	} {
		var headings []string
		if c.heading != "" {
			headings = []string{c.heading}
		}
		got := e.Classify(e.Facts(Passage(c.text, "en", headings)), day(t, "2026-06-01")).Items
		id, absent := strings.CutPrefix(c.want, "!")
		if slices.Contains(got, id) == absent {
			t.Errorf("%q below %q is about %v, want %s", c.text, c.heading, got, c.want)
		}
	}
}

// TestTopics: a passage can be about an item that a notice does not give by it.
func TestTopics(t *testing.T) {
	e := engine(t)
	for _, c := range []struct{ text, id string }{
		{"If you have a complaint about our privacy practices, please contact us by e-mail.", "right_complaint"},
		{"We will investigate every complaint that we receive.", "right_complaint"},
		{"# California residents\nYou have the right to request the deletion of your data.", "right_erasure"},
	} {
		f := e.Facts(page("en", c.text))
		if got := e.Classify(f, day(t, "2026-06-01")).Items; !slices.Contains(got, c.id) {
			t.Errorf("%q is about %v, want %s", c.text, got, c.id)
		}
		for _, it := range e.transparency(f) {
			if it.ID == c.id && it.Found {
				t.Errorf("%q gives %s", c.text, c.id)
			}
		}
	}
}

func TestProperName(t *testing.T) {
	for _, c := range []struct {
		text string
		want bool
	}{
		{"Clipmetrics Analytics", true},
		{"Kioskpay 24", true},
		{"Clipmetrics measures use", false},
		{"Clipmetrics:", false},
		{"One Two Three Four Five Six Seven", false},
	} {
		words := engine(t).read(Passage(c.text, "en", nil)).sentences[0].words
		if got := properName(c.text, words); got != c.want {
			t.Errorf("%q: %v, want %v", c.text, got, c.want)
		}
	}
}
