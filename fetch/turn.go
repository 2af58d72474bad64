// This file lets somebody else ask a host in the client's stead, such as a browser: with the same
// manners, in the same queue.

package fetch

import (
	"context"
	"errors"
	"net"
	"net/url"
)

// Turn waits until a page may be fetched: its address is one that Get would fetch, its robots.txt
// allows it, and its host is free and may be asked. The host stays taken until done is called, which
// must be done once. An error is a *Failure.
func (c *Client) Turn(ctx context.Context, address string) (done func(), err error) {
	if err := c.Permitted(ctx, address); err != nil {
		return nil, err
	}
	u, f := c.address(address)
	if f != nil {
		return nil, f
	}
	h := c.enter(u)
	if f := c.wait(ctx, h, u); f != nil {
		c.leave(h)
		return nil, f
	}
	return func() {
		c.done(h, c.opt.Now(), 0)
		c.leave(h)
	}, nil
}

// Permitted reports whether a page may be fetched, but for the address that its host turns out to have:
// nil, or a *Failure that says why not.
func (c *Client) Permitted(ctx context.Context, address string) error {
	u, f := c.address(address)
	if f != nil {
		return f
	}
	if f := c.permitted(ctx, u); f != nil {
		return f
	}
	return nil
}

// Via is the proxy through which an address is to be asked, nil for none. An error is a *Failure: it must not be asked for at all.
// Without a proxy every address passes, since only who connects knows where a name leads.
func (c *Client) Via(address string) (*url.URL, error) {
	if c.opt.Proxy == nil {
		return nil, nil
	}
	u, f := c.address(address)
	if f != nil {
		return nil, f
	}
	via, err := c.proxyFor(u)
	if err != nil {
		return nil, ofError(context.Background(), u.String(), err)
	}
	return via, nil
}

// Tunnel connects through a proxy that Via gave to the server of an https address. An error is a *Failure.
func (c *Client) Tunnel(ctx context.Context, via *url.URL, address string) (net.Conn, error) {
	u, f := c.address(address)
	if f == nil && u.Scheme != "https" {
		f = fail(WrongScheme, u.String(), errors.New("a tunnel leads to https only"))
	}
	if f != nil {
		return nil, f
	}
	w, err := c.throughProxy(ctx, via, u)
	if err != nil {
		return nil, ofError(ctx, u.String(), err)
	}
	return w.conn, nil
}
