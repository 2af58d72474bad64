package analyze

import (
	"slices"
	"strings"
	"testing"

	"github.com/drittland/drittland/rules/recipients"
)

// company is the first name of the table's first company or brand of that kind; those of the EEA have the seat "EEA".
func company(t *testing.T, form recipients.Form, seat string) *recipients.Row {
	t.Helper()
	for i := range recipients.Default().Rows {
		if r := &recipients.Default().Rows[i]; r.Form == form && (r.Country == seat || seat == "EEA" && r.EEA()) {
			return r
		}
	}
	t.Fatalf("the table has no %s in %s", form, seat)
	return nil
}

// pair is a company abroad and one of its group in the EEA.
func pair(t *testing.T) (abroad, inside string) {
	t.Helper()
	for i := range recipients.Default().Rows {
		r := &recipients.Default().Rows[i]
		for j := range recipients.Default().Rows {
			if o := &recipients.Default().Rows[j]; r.Form == recipients.Entity && o.Form == recipients.Entity && r.Group == o.Group && !r.EEA() && o.EEA() {
				return r.Names[0], o.Names[0]
			}
		}
	}
	t.Fatal("the table has no such pair")
	return "", ""
}

func TestRecipients(t *testing.T) {
	e := engine(t)
	abroad, inside := pair(t)
	fill := strings.NewReplacer("INC", company(t, recipients.Entity, "US").Names[0], "LTD", company(t, recipients.Entity, "IL").Names[0],
		"BRAND", company(t, recipients.Service, "US").Names[0], "GROUP", company(t, recipients.Entity, "US").Group, "HOME", company(t, recipients.Entity, "EEA").Names[0], "PARENT", abroad, "SISTER", inside)
	for _, x := range []struct{ text, want, statement string }{
		{"We share your data with INC.", "US:recipient", "none"},
		{"Your data are stored on servers of INC.", "US:storage", "none"},
		{"We use BRAND, a service provider, to process your data.", "US:recipient", "none"},
		{"Our service providers are:\n- INC: maps\n- LTD: images", "US:recipient IL:recipient", "none"},
		{"Wir übermitteln Ihre Daten an LTD.", "IL:recipient", "none"},
		{"We share your data with HOME.", "", "none"},
		{"We share your data with INC in Canada.", "CA:recipient named", "yes"},                         // the text says where
		{"We share your data with INC. Our servers are in the USA.", "US:storage named", "yes"},         // and here
		{"We transfer your data to countries outside the EEA. We share your data with INC.", "", "yes"}, // states transfers itself
		{"We do not share your data with INC.", "", "none"},
		{"INC keeps your data on servers in the EU.", "", "none"},
		{"We share your data with SISTER, a subsidiary of PARENT.", "", "none"}, // the company in the EEA gets them
		{"# GROUP: privacy notice\n\nWe share your data with INC.", "", "none"}, // the writer
		{"INC (“we”, “us”) processes your data.", "", "none"},                   // likewise
		{"The controller is INC.\nINC processes your data.", "", "none"},
		{"We share your data with INC, which is a controller of its own.", "US:recipient", "none"},
		{"INC is a fine company.", "", "none"},
		{"BRAND Handels GmbH gets your data from our service provider.", "", "none"},
		{"We do not transfer your data outside the EU. We share your data with INC.", "US:recipient", "denied"},
	} {
		language := "en"
		if strings.HasPrefix(x.text, "Wir") {
			language = "de"
		}
		tr := transfers(e.Facts(page(language, fill.Replace(x.text))).On(day(t, "2026-06-01")), day(t, "2026-06-01"))
		var got []string
		for _, d := range tr.Destinations {
			s := d.Country + ":" + strings.Join(d.Roles, ",")
			if d.Kind != "implied" {
				s += " " + d.Kind
			}
			if d.Kind == "implied" != (d.Recipient != "") {
				t.Errorf("%s: %s has the recipient %q", x.text, d.Kind, d.Recipient)
			}
			got = append(got, s)
		}
		if s := strings.Join(got, " "); s != x.want || tr.Statement != x.statement {
			t.Errorf("%s: %q and %s, want %q and %s", x.text, s, tr.Statement, x.want, x.statement)
		}
	}
}

// TestRecipientsAreListed holds that a text which states transfers still lists recipients abroad that it does not place.
func TestRecipientsAreListed(t *testing.T) {
	name := company(t, recipients.Entity, "US").Names[0]
	f := engine(t).Facts(page("en", "We transfer your data to countries outside the EEA. We share your data with "+name+"."))
	tr := transfers(f.On(day(t, "2026-06-01")), day(t, "2026-06-01"))
	if len(tr.Recipients) != 1 || tr.Recipients[0].Name != name || tr.Recipients[0].Country != "US" || tr.Recipients[0].Standing != "conditional" {
		t.Errorf("recipients are %+v", tr.Recipients)
	}
}

// TestRecipientsInChecks holds which checks an implied destination fires: those on a denial that it contradicts, as a
// warning and for companies only; none that need a stated transfer.
func TestRecipientsInChecks(t *testing.T) {
	e := engine(t)
	inc, brand := company(t, recipients.Entity, "US").Names[0], company(t, recipients.Service, "US").Names[0]
	d := Dates{AsOf: day(t, "2026-06-01"), Today: day(t, "2026-06-01")}
	for _, x := range []struct{ text, want string }{
		{"We share your data with " + inc + ".", ""},
		{"We do not transfer your data outside the EU. We share your data with " + inc + ".", "T51 warning"},
		{"We do not transfer your data outside the EU. We share your data with " + brand + ", a service provider.", ""},
		{"# Storage\n\nYour data are stored only on servers in Ireland.\n\n# Partners\n\nWe share your data with " + inc + ".", "T41 warning"},
	} {
		var got []string
		for _, f := range e.Report(e.Facts(page("en", x.text)), d).Findings {
			if f.ID[0] == 'T' {
				got = append(got, f.ID+" "+string(f.Level))
			}
		}
		if s := strings.Join(got, ", "); s != x.want {
			t.Errorf("%s: %s, want %s", x.text, s, x.want)
		}
	}
}

func TestNewRecipients(t *testing.T) {
	e := engine(t)
	inc, home := company(t, recipients.Entity, "US").Names[0], company(t, recipients.Entity, "EEA").Names[0]
	d := Dates{AsOf: day(t, "2026-06-01"), Today: day(t, "2026-06-01")}
	for _, x := range []struct {
		old, new string
		want     bool
	}{
		{"We share your data with our couriers.", "We share your data with " + inc + ".", true},
		{"We share your data with " + inc + " in the USA.", "We share your data with " + inc + ".", false},
		{"We share your data with our couriers.", "We share your data with " + home + ".", false},
	} {
		c := e.Compare(e.Facts(page("en", x.old)), e.Facts(page("en", x.new)), d.AsOf, d)
		if got := slices.ContainsFunc(c.Appeared, func(f Finding) bool { return f.ID == "T39" }); got != x.want {
			t.Errorf("%s → %s: T39 %v, want %v", x.old, x.new, got, x.want)
		}
	}
}
