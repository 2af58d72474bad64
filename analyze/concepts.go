package analyze

// The concepts that the code asks for by name, resolved once for a set of rules.

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/drittland/drittland/rules"
)

// maxConcepts bounds the concepts of a set, so that those of a sentence fit into a mask of fixed size.
const maxConcepts = 256

// A mask is the set of concepts that occur in a stretch of text.
type mask [maxConcepts / 64]uint64

func (m *mask) add(c rules.Concept)      { m[c/64] |= 1 << (c % 64) }
func (m *mask) has(c rules.Concept) bool { return m[c/64]&(1<<(c%64)) != 0 }

func (m *mask) any(cs ...rules.Concept) bool {
	for _, c := range cs {
		if m.has(c) {
			return true
		}
	}
	return false
}

func (m mask) union(o mask) mask {
	for i := range m {
		m[i] |= o[i]
	}
	return m
}

// concepts are named by their fields: the tag is the name in packs/concepts.yaml.
type concepts struct {
	Data           rules.Concept `concept:"data"`
	We             rules.Concept `concept:"we"`
	Group          rules.Concept `concept:"group"`
	Staff          rules.Concept `concept:"staff"`
	Provider       rules.Concept `concept:"provider"`
	ThirdParty     rules.Concept `concept:"third_party"`
	CompanyForm    rules.Concept `concept:"company_form"`
	ProviderIs     rules.Concept `concept:"provider_is"`
	Email          rules.Concept `concept:"has.email"`
	Link           rules.Concept `concept:"has.link"`
	EEA            rules.Concept `concept:"eea"`
	ThirdCountry   rules.Concept `concept:"third_country"`
	OtherCountry   rules.Concept `concept:"other_country"`
	World          rules.Concept `concept:"world"`
	IntlHeading    rules.Concept `concept:"intl_heading"`
	Transfer       rules.Concept `concept:"transfer"`
	Send           rules.Concept `concept:"send"`
	Share          rules.Concept `concept:"share"`
	Store          rules.Concept `concept:"store"`
	Server         rules.Concept `concept:"server"`
	Process        rules.Concept `concept:"process"`
	Access         rules.Concept `concept:"access"`
	Remote         rules.Concept `concept:"remote"`
	AccessFrom     rules.Concept `concept:"access_from"`
	Locate         rules.Concept `concept:"locate"`
	Support        rules.Concept `concept:"support"`
	Deny           rules.Concept `concept:"deny"`
	Except         rules.Concept `concept:"except"`
	Hedge          rules.Concept `concept:"hedge"`
	Condition      rules.Concept `concept:"condition"`
	NoLonger       rules.Concept `concept:"no_longer"`
	Definition     rules.Concept `concept:"definition"`
	UserDoes       rules.Concept `concept:"user_does"`
	LawChoice      rules.Concept `concept:"law_choice"`
	Outside        rules.Concept `concept:"outside"`
	Origin         rules.Concept `concept:"origin"`
	Seat           rules.Concept `concept:"seat"`
	Scope          rules.Concept `concept:"scope"`
	Audience       rules.Concept `concept:"audience"`
	LocalLaw       rules.Concept `concept:"local_law"`
	Adequacy       rules.Concept `concept:"adequacy"`
	AdequacyLvl    rules.Concept `concept:"adequacy.level"`
	AdequacyNot    rules.Concept `concept:"adequacy.denied"`
	Commission     rules.Concept `concept:"commission"`
	SCC            rules.Concept `concept:"scc"`
	SCCWeak        rules.Concept `concept:"scc.weak"`
	SCCOld         rules.Concept `concept:"scc.old"`
	SCCDetail      rules.Concept `concept:"scc.detail"`
	BCR            rules.Concept `concept:"bcr"`
	DPF            rules.Concept `concept:"dpf"`
	Shield         rules.Concept `concept:"privacy_shield"`
	SafeHarbour    rules.Concept `concept:"safe_harbour"`
	Adhere         rules.Concept `concept:"adhere"`
	Certified      rules.Concept `concept:"certified"`
	Consent        rules.Concept `concept:"consent"`
	ConsentTr      rules.Concept `concept:"consent.transfer"`
	ConsentDeem    rules.Concept `concept:"consent.deemed"`
	ConsentExpl    rules.Concept `concept:"consent.explicit"`
	ConsentNoted   rules.Concept `concept:"consent.noted"`
	Contract       rules.Concept `concept:"contract"`
	LegitInt       rules.Concept `concept:"legitimate_interests"`
	Derogation     rules.Concept `concept:"derogation"`
	CodeCert       rules.Concept `concept:"code_certification"`
	Safeguards     rules.Concept `concept:"safeguards"`
	Rely           rules.Concept `concept:"rely"`
	OtherGrounds   rules.Concept `concept:"other_grounds"`
	Copy           rules.Concept `concept:"copy"`
	Request        rules.Concept `concept:"request"`
	List           rules.Concept `concept:"list"`
	Here           rules.Concept `concept:"here"`
	SubProcessor   rules.Concept `concept:"subprocessor"`
	Countries      rules.Concept `concept:"countries"`
	Authority      rules.Concept `concept:"authority"`
	Foreign        rules.Concept `concept:"foreign"`
	NatSecurity    rules.Concept `concept:"national_security"`
	LessProt       rules.Concept `concept:"less_protective"`
	Assessment     rules.Concept `concept:"assessment"`
	Measure        rules.Concept `concept:"measure"`
	UKCHOnly       rules.Concept `concept:"uk_ch_only"`
	Purpose        rules.Concept `concept:"purpose"`
	Controller     rules.Concept `concept:"controller"`
	DPO            rules.Concept `concept:"dpo"`
	Representative rules.Concept `concept:"representative"`
	Authorities    rules.Concept `concept:"supervisory_authority"`
	Complaint      rules.Concept `concept:"complaint"`
	Contact        rules.Concept `concept:"contact"`
	Right          rules.Concept `concept:"right"`
	AccessRight    rules.Concept `concept:"access_right"`
	AnswerNo       rules.Concept `concept:"answer_no"`
	CopyLimit      rules.Concept `concept:"copy_limit"`
	Approval       rules.Concept `concept:"approval"`
	Certificate    rules.Concept `concept:"certificate"`
	Encryption     rules.Concept `concept:"encryption"`
	Onward         rules.Concept `concept:"onward"`
	Bound          rules.Concept `concept:"bound"`
	Exclusive      rules.Concept `concept:"exclusive"`
	Direct         rules.Concept `concept:"direct"`
	Backup         rules.Concept `concept:"backup"`
	Special        rules.Concept `concept:"special"`
	Children       rules.Concept `concept:"children"`
	Dispute        rules.Concept `concept:"dispute"`
	AsNecessary    rules.Concept `concept:"as_necessary"`
	NumberPeriod   rules.Concept `concept:"number_period"`
	Retain         rules.Concept `concept:"retain"`
	Name           rules.Concept `concept:"name"`
	Automated      rules.Concept `concept:"automated"`
	AutoLogic      rules.Concept `concept:"automated.logic"`
	AutoDenied     rules.Concept `concept:"automated.denied"`
	ChangeNotice   rules.Concept `concept:"change_notice"`
	OtherSource    rules.Concept `concept:"other_source"`
	Art6f          rules.Concept `concept:"art6f"`
	ProperName     rules.Concept `concept:"has.name"`
	LegalBasis     rules.Concept `concept:"legal_basis"`
	LegalGround    rules.Concept `concept:"legal_ground"`
	BasisStated    rules.Concept `concept:"basis.stated"`
	PurposeGiven   rules.Concept `concept:"purpose.stated"`
	Named          rules.Concept `concept:"controller.named"`
	Operated       rules.Concept `concept:"operated"`
	GDPR           rules.Concept `concept:"gdpr"`
	ClausesP       rules.Concept `concept:"clauses.processor"`
	ClausesC       rules.Concept `concept:"clauses.controller"`
	OwnUse         rules.Concept `concept:"own_use"`
	Parent         rules.Concept `concept:"parent"`
	Hidden         rules.Concept `concept:"hidden"`
	EEAWithUK      rules.Concept `concept:"eea.with_uk"`
	Challenge      rules.Concept `concept:"challenge"`
	ScopeOutside   rules.Concept `concept:"scope.outside"`
	Pending        rules.Concept `concept:"pending"`
}

func resolve(s *rules.Set) (c concepts, err error) {
	if len(s.Concepts) > maxConcepts {
		return c, fmt.Errorf("%d concepts are defined, at most %d are possible", len(s.Concepts), maxConcepts)
	}
	byName := map[string]rules.Concept{}
	for i, info := range s.Concepts {
		byName[info.Name] = rules.Concept(i)
	}
	var missing []string
	v := reflect.ValueOf(&c).Elem()
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("concept")
		id, ok := byName[name]
		if !ok {
			missing = append(missing, name)
			continue
		}
		v.Field(i).SetInt(int64(id))
	}
	if len(missing) > 0 {
		return c, fmt.Errorf("the packs define no concept %s", strings.Join(missing, ", "))
	}
	return c, nil
}
