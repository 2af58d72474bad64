package config

import "testing"

func TestPricesAndBudgets(t *testing.T) {
	for v, want := range map[string]Price{"": {}, "0.15/0.60 EUR": {0.15, 0.6, "EUR"}, "3/15USD": {3, 15, "USD"}, "0/0 EUR": {0, 0, "EUR"}} {
		if got, err := ParsePrice(v); err != nil || got != want {
			t.Errorf("%q: %v, %v", v, got, err)
		}
	}
	for v, want := range map[string]Budget{"": {}, "200000": {Tokens: 200000}, "2EUR": {Money: 2, Currency: "EUR"}, "0.5 USD": {Money: 0.5, Currency: "USD"}} {
		if got, err := ParseBudget(v); err != nil || got != want {
			t.Errorf("%q: %v, %v", v, got, err)
		}
	}
	for _, v := range []string{"0", "-1", "1e9", "99999999999", "0EUR", "2", "2 eur", "NaNEUR", "2,5EUR", " 2EUR", "9999999EUR"} {
		if got, err := ParseBudget(v); err == nil && v != "2" {
			t.Errorf("budget %q: %v", v, got)
		}
		if got, err := ParsePrice(v); err == nil {
			t.Errorf("price %q: %v", v, got)
		}
	}
}

// TestPlainHTTP has passages leave this machine without TLS only where that is allowed.
func TestPlainHTTP(t *testing.T) {
	for _, c := range []struct {
		url, http string
		ok        bool
	}{
		{"http://localhost:11434/v1", HTTPLoopback, true}, {"http://127.0.0.1/v1", HTTPLoopback, true}, {"http://[::1]:8080/v1", HTTPLoopback, true},
		{"https://models.clipzy.example/v1", HTTPLoopback, true}, {"http://models.clipzy.example/v1", HTTPLoopback, false},
		{"HTTP://models.clipzy.example/v1", HTTPLoopback, false}, {"http://10.0.0.7/v1", HTTPLoopback, false}, {"http://localhost.clipzy.example/v1", HTTPLoopback, false},
		{"http://10.0.0.7/v1", HTTPAnywhere, true},
	} {
		if err := (&LLM{HTTP: c.http}).Clear(c.url); (err == nil) != c.ok {
			t.Errorf("%s with %s: %v", c.url, c.http, err)
		}
	}
}
