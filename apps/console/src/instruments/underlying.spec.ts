import { underlyingOf } from './underlying.js';

describe('the underlying of a contract', () => {
  it.each([
    [{ tradingsymbol: 'NIFTY26DEC26000CE', name: 'NIFTY', expiry: '2026-12-31', attributes: {} }, 'NIFTY'],
    [{ tradingsymbol: 'M&M26DECFUT', name: 'Mahindra', expiry: '2026-12-31', attributes: {} }, 'M&M'],
    [{ tradingsymbol: 'X1', name: '', expiry: '2026-12-31', attributes: { underlying: 'btc' } }, 'BTC'],
    [{ tradingsymbol: 'BAJAJ-AUTO', name: 'Bajaj', expiry: null, attributes: {} }, 'BAJAJ-AUTO'],
    [{ tradingsymbol: 'INFY-EQ', name: 'Infosys', expiry: null, attributes: {} }, 'INFY'],
  ])('of %j it is %s', (contract, underlying) => {
    expect(underlyingOf(contract)).toBe(underlying);
  });
});
