let asOf = Date.parse('2026-11-02T03:45:00Z');

/** A snapshot of a portfolio, each newer than the previous. */
export const snapshotOf = (portfolioId: string, more: object = {}) => ({
  portfolioId,
  broker: 'zerodha',
  account: `A-${portfolioId}`,
  asOf: new Date((asOf += 1_000)).toISOString(),
  currency: 'INR',
  cash: '1.00',
  positions: [],
  ...more,
});
