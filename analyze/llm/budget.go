package llm

// Budgets: what a run may cost. What a question may take at most is held while it is asked.

import (
	"context"
	"sync"
)

// An Account is a budget beyond one run, on which others may draw meanwhile: that of a day, say.
type Account interface {
	// Hold sets aside what a request may take at most, before it is sent. An error says why it may not be sent; the run then asks nothing more.
	// settle is called once when it is known what the request took, and why it failed, nil if it did not. An answer is in the cache before that.
	Hold(ctx context.Context, most Usage) (settle func(spent Usage, p *Problem), err error)
}

// hold sets aside what a request may take.
func (r *Reader) hold(ctx context.Context, most Usage) (settle func(Usage, *Problem), err error) {
	if r.Account == nil {
		return func(Usage, *Problem) {}, nil
	}
	return r.Account.Hold(ctx, most)
}

// A purse holds the budget of a run.
type purse struct {
	tokens int
	money  float64 // 0 for no bound
	price  Price
	mu     sync.Mutex
	spent  Usage
	held   Usage
}

// take holds u, and reports whether it fits beside what is spent and held.
func (p *purse) take(u Usage) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.room(p.held.plus(u)) {
		return false
	}
	p.held = p.held.plus(u)
	return true
}

// room reports whether u fits beside what is spent.
func (p *purse) room(u Usage) bool {
	all := p.spent.plus(u)
	return all.Total() <= p.tokens && (p.money <= 0 || p.price.Cost(all) <= p.money)
}

// swap reports whether next fits in the place of what is held for a question, and holds it if so.
func (p *purse) swap(held, next Usage) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	others := Usage{p.held.In - held.In, p.held.Out - held.Out}
	if !p.room(others.plus(next)) {
		return false
	}
	p.held = others.plus(next)
	return true
}

// give lets go of what was held.
func (p *purse) give(u Usage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = Usage{p.held.In - u.In, p.held.Out - u.Out}
}

// spend counts what was taken.
func (p *purse) spend(u Usage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spent = p.spent.plus(u)
}
