package work

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

// tills are those of workers with one budget, which live by their rows.
func tills(t *testing.T, address string, n int, b Budget) (out []*Till) {
	t.Helper()
	for i := range n {
		w := open(t, address).NewWorker(options(string(rune('a' + i))))
		if err := w.beat(t.Context()); err != nil {
			t.Fatal(err)
		}
		out = append(out, w.Till("models.example", b))
	}
	return out
}

func kindOf(err error) string {
	var c *Closed
	if errors.As(err, &c) {
		return c.Kind
	}
	return ""
}

// TestTheBudgetHoldsForAll has many draw on one budget at a time: together they never get more than it, and what is not taken can be drawn again.
func TestTheBudgetHoldsForAll(t *testing.T) {
	address := database(t)
	all := tills(t, address, 2, Budget{Tokens: 10_000, Calls: 64})
	var mu sync.Mutex
	var holds []*Hold
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			h, err := all[i%2].Hold(t.Context(), Spent{In: 300, Out: 700})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				holds = append(holds, h)
			} else if kindOf(err) != SpentUp {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(holds) != 10 {
		t.Fatalf("%d calls of 1000 tokens out of 10000", len(holds))
	}
	for _, h := range holds[:5] {
		if err := errors.Join(h.Settle(t.Context(), Spent{In: 300, Out: 100}), h.Settle(t.Context(), Spent{In: 300, Out: 100})); err != nil { // once counts
			t.Fatal(err)
		}
	}
	for i := range 4 {
		if _, err := all[0].Hold(t.Context(), Spent{In: 300, Out: 700}); (err == nil) != (i < 3) {
			t.Errorf("call %d out of the 3000 tokens that are left: %v", i, err)
		}
	}
	s, closed, err := all[1].Standing(t.Context(), Spent{In: 1})
	if err != nil || closed == nil || closed.Kind != SpentUp || s.Taken.In+s.Taken.Out != 10_000 || s.Flying != 8 {
		t.Errorf("%+v, %v, %v", s, closed, err)
	}
	if _, err := all[0].Hold(t.Context(), Spent{In: 10_001}); kindOf(err) != TooLarge {
		t.Errorf("more than a day has: %v", err)
	}
}

// A call belongs to the day on which it was begun, whenever it is answered.
func TestACallOverMidnight(t *testing.T) {
	address := database(t)
	till := tills(t, address, 1, Budget{Tokens: 1000, Calls: 8})[0]
	h, err := till.Hold(t.Context(), Spent{In: 500, Out: 500})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := till.Hold(t.Context(), Spent{In: 500}); kindOf(err) != SpentUp {
		t.Errorf("of the same day: %v", err)
	}
	if _, err := till.q.pool.Exec(t.Context(), "update llm_calls set day = day - 1"); err != nil { // it was begun the day before
		t.Fatal(err)
	}
	today, err := till.Hold(t.Context(), Spent{In: 500, Out: 500})
	if err != nil {
		t.Fatalf("the call of the day before is charged to this one: %v", err)
	}
	if err := errors.Join(h.Settle(t.Context(), Spent{In: 500, Out: 100}), today.Settle(t.Context(), Spent{In: 300, Out: 100})); err != nil {
		t.Fatal(err)
	}
	var before, now int
	err = till.q.pool.QueryRow(t.Context(), `select (select tokens_in + tokens_out from llm_days where day = (clock_timestamp() at time zone 'utc')::date - 1),
		(select tokens_in + tokens_out from llm_days where day = (clock_timestamp() at time zone 'utc')::date)`).Scan(&before, &now)
	if err != nil || before != 600 || now != 400 {
		t.Errorf("%d tokens on the day on which the call was begun, %d on the next: %v", before, now, err)
	}
}

func TestMoneyIsBounded(t *testing.T) {
	till := tills(t, database(t), 1, Budget{Money: 1, Currency: "EUR", Calls: 4})[0]
	h, err := till.Hold(t.Context(), Spent{In: 10, Cost: 0.6})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := till.Hold(t.Context(), Spent{In: 10, Cost: 0.6}); kindOf(err) != SpentUp || !strings.Contains(err.Error(), "1 EUR") {
		t.Errorf("beyond one EUR: %v", err)
	}
	if err := h.Settle(t.Context(), Spent{In: 10, Cost: 0.4}); err != nil {
		t.Fatal(err)
	}
	if _, err := till.Hold(t.Context(), Spent{In: 10, Cost: 0.6}); err != nil {
		t.Errorf("one EUR: %v", err)
	}
}

// TestACrashKeepsTheAccount has a worker die under a call: it counts as if it had taken all that it might, and does not stand in the way of others.
func TestACrashKeepsTheAccount(t *testing.T) {
	address := database(t)
	all := tills(t, address, 2, Budget{Tokens: 10_000, Calls: 1})
	if _, err := all[0].Hold(t.Context(), Spent{In: 1000, Out: 2000}); err != nil {
		t.Fatal(err)
	}
	if _, err := all[1].Hold(t.Context(), Spent{In: 1000}); kindOf(err) != Full {
		t.Errorf("two calls at a time: %v", err)
	}
	if _, err := all[0].q.pool.Exec(t.Context(), "delete from workers where id = $1", all[0].worker); err != nil {
		t.Fatal(err)
	}
	for range 2 { // counted once
		if err := all[1].q.unsettled(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	s, closed, err := all[1].Standing(t.Context(), Spent{In: 7000})
	if err != nil || closed != nil || s.Taken != (Spent{In: 1000, Out: 2000}) {
		t.Errorf("%+v, %v, %v", s, closed, err)
	}
}

// TestAnEndpointIsLeftAlone has calls fail side by side, which counts once, then one at a time try it, and one that is answered open it for all.
func TestAnEndpointIsLeftAlone(t *testing.T) {
	address := database(t)
	all := tills(t, address, 2, Budget{Tokens: 1_000_000, Calls: 8})
	var holds []*Hold
	for i := range 3 {
		h, err := all[i%2].Hold(t.Context(), Spent{In: 1})
		if err != nil {
			t.Fatal(err)
		}
		holds = append(holds, h)
	}
	for _, h := range holds[:2] {
		if err := h.Fail(t.Context(), Spent{}, Fault{Why: "broken: HTTP 500", First: time.Minute}); err != nil {
			t.Fatal(err)
		}
	}
	if err := holds[2].Settle(t.Context(), Spent{In: 1}); err != nil { // it was asked before
		t.Fatal(err)
	}
	s, closed, err := all[1].Standing(t.Context(), Spent{In: 1})
	if err != nil || s.Failures != 1 || closed == nil || closed.Kind != Away || closed.In > time.Minute || closed.In < 30*time.Second || !strings.Contains(closed.Why, "HTTP 500") {
		t.Fatalf("%+v, %+v, %v", s, closed, err)
	}
	later := func() {
		if _, err := all[0].q.pool.Exec(context.Background(), "update llm_endpoints set until = clock_timestamp()"); err != nil {
			t.Fatal(err)
		}
	}
	later()
	try, err := all[0].Hold(t.Context(), Spent{In: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := all[1].Hold(t.Context(), Spent{In: 1}); kindOf(err) != Full {
		t.Errorf("two try it: %v", err)
	}
	if err := try.Fail(t.Context(), Spent{}, Fault{Why: "busy", First: time.Minute, After: 10 * time.Minute}); err != nil {
		t.Fatal(err)
	}
	if s, closed, err = all[1].Standing(t.Context(), Spent{}); err != nil || s.Failures != 2 || closed.In < 9*time.Minute {
		t.Errorf("%+v, %+v, %v", s, closed, err)
	}
	later()
	if try, err = all[1].Hold(t.Context(), Spent{In: 1}); err != nil {
		t.Fatal(err)
	}
	if err := try.Settle(t.Context(), Spent{In: 1}); err != nil {
		t.Fatal(err)
	}
	if s, closed, err = all[0].Standing(t.Context(), Spent{}); err != nil || s.Failures != 0 || closed != nil || s.Why != "" {
		t.Errorf("%+v, %+v, %v", s, closed, err)
	}
}

// TestAnswersAreErased has what something says of a text go with it.
func TestAnswersAreErased(t *testing.T) {
	q := open(t, database(t))
	for _, key := range []string{"k1", "k2", "k1"} {
		if err := q.PutAnswer(t.Context(), "Clipzy", "Privacy Policy", key, []byte(key)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := q.Answers(t.Context(), "Clipzy", "Privacy Policy")
	if err != nil || len(got) != 2 || string(got["k1"]) != "k1" {
		t.Fatalf("%q, %v", got, err)
	}
	if err := q.DropAnswers(t.Context(), "Clipzy", "Privacy Policy", []string{"k2"}); err != nil {
		t.Fatal(err)
	}
	if _, err := q.pool.Exec(t.Context(), `insert into kv_erased values ('\x01', '\x02')`); err != nil {
		t.Fatal(err)
	}
	if got, err = q.Answers(t.Context(), "Clipzy", "Privacy Policy"); err != nil || len(got) != 0 {
		t.Errorf("%q, %v", got, err)
	}
}
