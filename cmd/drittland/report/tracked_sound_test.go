package report

// What Word asks of the parts of a file and of the order of elements.

import (
	"strings"

	"github.com/drittland/drittland/cmd/drittland/report/docx"
)

// soundPackage says what is wrong with the parts of a file: one without a type, a type or a relationship without its
// part, a link of the text without its address.
func soundPackage(all map[string]*element) string {
	typed, extensions := map[string]bool{}, map[string]bool{}
	for _, k := range all["[Content_Types].xml"].get("Types").kids {
		switch name := strings.TrimPrefix(k.attr["PartName"], "/"); {
		case k.name == "Default":
			extensions[k.attr["Extension"]] = true
		case all[name] == nil:
			return "a type for " + name + ", which is not there"
		default:
			typed[name] = true
		}
	}
	for name := range all {
		if name != "[Content_Types].xml" && !typed[name] && !(strings.HasSuffix(name, ".rels") && extensions["rels"]) {
			return name + " has no type"
		}
	}
	ids := map[string]bool{}
	for from, base := range map[string]string{"_rels/.rels": "", "word/_rels/document.xml.rels": "word/"} {
		for _, k := range all[from].get("Relationships").kids {
			if ids[from+k.attr["Id"]] {
				return "the relationship " + k.attr["Id"] + " is there twice"
			}
			ids[from+k.attr["Id"]] = true
			if k.attr["TargetMode"] == "External" {
				if !docx.Linkable(k.attr["Target"]) {
					return "a link to " + k.attr["Target"]
				}
			} else if all[base+k.attr["Target"]] == nil {
				return k.attr["Target"] + " is not there"
			}
		}
	}
	msg := ""
	all["word/document.xml"].each(func(e *element, _ []string) {
		if e.name == "hyperlink" && e.attr["anchor"] == "" && !ids["word/_rels/document.xml.rels"+e.attr["id"]] {
			msg = "a link without address"
		}
	})
	return msg
}

// rPrOrder is the order of what may stand in w:rPr, tcPrOrder in w:tcPr, trPrOrder in w:trPr, as far as it is used.
const (
	rPrOrder  = " ins del rStyle rFonts b bCs i iCs color sz szCs highlight u rtl lang "
	tcPrOrder = " tcW gridSpan shd "
	trPrOrder = " cantSplit tblHeader ins del "
)
