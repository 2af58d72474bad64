package main

// The command evidence authorities: an example of the file that names them.

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

// stampExample writes an example of timestamp.yaml: what is known of authorities, and how a qualified one is configured.
func (t *tool) stampExample() string {
	var b strings.Builder
	note := func(s string) {
		for _, line := range wrapped(s, 100) {
			fmt.Fprintf(&b, "# %s\n", line)
		}
	}
	w := t.words
	note(w.T("Time stamp authorities (RFC 3161), asked in this order: the next one after three failures, all of them after twelve hours. None of the addresses below was tested by drittland; read the terms of use of each before you take it."))
	note(w.T("'roots' is a file with the root certificate in PEM, beside this one. Fetch it from the authority's own pages and compare its fingerprint. Name the root and not the certificate that signs: that one is replaced every year or so."))
	note(w.T("http is enough where no password is sent: what comes back is signed, and nothing is sent but a SHA-256."))
	b.WriteString("timeout: 20s\nauthorities:\n")
	b.WriteString("  - name: freetsa\n    url: https://freetsa.org/tsr\n    roots: freetsa-cacert.pem\n    qualified: false\n")
	note(w.T("More that are publicly known, not tested here:"))
	for _, a := range [][3]string{{"digicert", "http://timestamp.digicert.com", "digicert-trusted-root-g4.pem"}, {"sectigo", "http://timestamp.sectigo.com", "sectigo-time-stamping-root.pem"},
		{"dfn", "http://zeitstempel.dfn.de", "dfn-root.pem"}} {
		fmt.Fprintf(&b, "#  - name: %s\n#    url: %s\n#    roots: %s\n#    min_interval: 15s\n#    qualified: false\n", a[0], a[1], a[2])
	}
	b.WriteString("\n")
	note(w.T("A qualified one. Under Article 41(2) of Regulation (EU) No 910/2014 (eIDAS) the time of a qualified electronic time stamp, and the integrity of what it is bound to, are presumed to be right, in all Member States; others are evidence, too, and may not be refused for being electronic or not qualified (Article 41(1)). Article 42 says what makes one qualified: it is bound to Coordinated Universal Time, and sealed or signed by a qualified trust service provider."))
	note(w.T("Look for a provider with the service 'Qualified time stamp', status granted, in the trusted list of a Member State (the Commission's browser for them: https://eidas.ec.europa.eu/efda/trust-services/browse/eidas/tls). Most want a contract. Take address, policy and root certificate from its practice statement, and compare the root with the trusted list. 'qualified: true' is your statement: drittland repeats it as yours, and infers nothing from a stamp. 'policy' is asked for, and another one is refused."))
	note(w.T("A user name and a password come from the environment alone: DRITTLAND_TIMESTAMP_MY_QTSP_USERNAME and _PASSWORD, over https."))
	b.WriteString("#  - name: my-qtsp\n#    url: https://tsa.provider.example/tsr\n#    roots: my-qtsp-root.pem\n#    policy: 0.4.0.2023.1.1    # ETSI EN 319 421\n#    qualified: true\n")
	return b.String()
}

// wrapped cuts a text into lines of at most n bytes, where its words allow it.
func wrapped(s string, n int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && len(line)+1+len(word) > n {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(lines, line)
}

func (t *tool) evidenceAuthorities(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	_, err := fmt.Fprint(t.env.Stdout, t.stampExample())
	return err
}
