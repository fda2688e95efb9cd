import type { PortfolioSummary } from '../portfolio.dto.js';
import { portfolioRow, portfolioRowOf } from './portfolio-row.js';

const time = '2026-11-25T09:30:00.000000Z';
const amounts = { value: '12345678.25', dayPnl: '-12345.5' };
const summary = (n: number, more: Partial<PortfolioSummary> = {}): PortfolioSummary => ({
  ...{ portfolioId: `portfolio-${String(n).padStart(5, '0')}`, userId: '0199c1a0-5d2e-7b1c-8d3e-0c5a4e8f1a01' },
  ...{ broker: 'zerodha', account: `AB${1_000 + n}`, currency: 'INR', cash: '123456.50', ...amounts, known: amounts },
  byCurrency: [{ currency: 'INR', cash: '123456.50', ...amounts, known: amounts }],
  ...{
    sessionDays: ['2026-11-25'],
    staleSnapshot: false,
    positions: 10,
    asOf: time,
    markedAt: time,
    oldestPriceAt: time,
  },
  ...{ updatedAt: time, incomplete: [], incompleteCount: 0, ...more },
});

describe('the row of a portfolio in a window', () => {
  it('is short: 200 rows with their keys and order are under 60 kB', () => {
    const all = Array.from({ length: 200 }, (_, n) => portfolioRowOf(summary(n)));
    const order = all.map(({ portfolioId }) => portfolioId);
    const text = JSON.stringify({
      order,
      rows: Object.fromEntries(all.map((row) => [row.portfolioId, row])),
      total: 10_000,
    });
    expect(text.length).toBeLessThan(60_000);
    expect(portfolioRow.parse(all[0])).toEqual(all[0]);
  });

  it('says what is unknown, stale or in another currency', () => {
    const incomplete = [
      { position: 'K1', field: 'value', reason: 'average_unknown' },
    ] as PortfolioSummary['incomplete'];
    const odd = { value: null, staleSnapshot: true, incomplete, incompleteCount: 1 };
    expect(portfolioRowOf(summary(1, odd))).toMatchObject({ ...odd, known: amounts });
    const byCurrency = [{ ...summary(1).byCurrency[0]!, currency: 'USD' }];
    expect(portfolioRowOf(summary(1, { byCurrency })).byCurrency).toEqual(byCurrency);
    // Pence are pounds.
    const pence = [{ ...summary(1).byCurrency[0]!, currency: 'GBP' }];
    expect(portfolioRowOf(summary(1, { currency: 'GBX', byCurrency: pence })).byCurrency).toBeUndefined();
  });

  it('is the same object for the same portfolio, so that its text is made once', () => {
    const one = summary(1);
    expect(portfolioRowOf(one)).toBe(portfolioRowOf(one));
  });
});
