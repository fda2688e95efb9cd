import { limitsOf } from '../../../libs/portfolios/valuation/moment-limits.js';
import type { PositionFacts } from '../../../libs/portfolios/valuation/facts.js';
import { daysOf, type DeskCase, figuresOf, valued } from './valuation.fixture.js';

const AT = '2026-11-25T09:30:00Z';
const held: PositionFacts = { key: 'X', quantity: '6', averagePrice: '100', lastPrice: null };
const desk = (position: Partial<PositionFacts> = {}, more: Partial<DeskCase> = {}): DeskCase => ({
  snapshot: { asOf: AT, currency: 'EUR', cash: '1500.25', positions: [{ ...held, ...position }] },
  ...more,
});
const reasons = (of: DeskCase) => valued(of).incomplete.map(({ field, reason }) => `${field} ${reason}`);

describe('a position without a price', () => {
  it('a position without a price has no figures, and the rest of the portfolio is known', () => {
    const worth = valued(desk());
    expect(figuresOf(worth)).toEqual({ value: null, dayPnl: null });
    expect(worth.known.value.shown()).toBe('1500.25');
    expect(worth.positions[0]).toMatchObject({ price: null, pricedAt: null, value: null, exposure: null, moved: null });
    expect(worth.oldestPriceAt).toBeNull();
    expect(reasons(desk())).toEqual(['value no_price', 'unrealised no_price', 'dayPnl no_price']);
  });

  it('a position without a price takes any quote, also one from before the snapshot', () => {
    const quotes = [{ key: 'X', price: '210', asOf: '2026-11-24T16:00:00Z' }];
    const worth = valued(desk({}, { quotes }));
    expect(worth.positions[0]!.value!.shown()).toBe('1260');
    expect(worth.positions[0]!.unrealised!.shown()).toBe('660');
    // A known price is replaced by newer quotes only.
    expect(valued(desk({ lastPrice: '200' }, { quotes })).positions[0]!.value!.shown()).toBe('1200');
  });

  it('a quote makes the figures those of a snapshot that had its price', () => {
    const asOf = '2026-11-25T09:31:00Z';
    const quotes = [{ key: 'X', price: '210', asOf, previousClose: '205' }];
    for (const valuation of ['premium', 'margined', 'memo'] as const) {
      const later = valued(desk({ valuation }, { quotes }), asOf);
      const sent = desk({ valuation, lastPrice: '210', pricedAt: asOf, previousClose: '205' });
      expect(figuresOf(later)).toEqual(figuresOf(valued(sent, asOf)));
    }
  });

  it('a closed position needs no price', () => {
    const day = { openQuantity: '3', buyQuantity: '1', buyValue: '23388', sellQuantity: '4', sellValue: '93360' };
    const closed = desk({ quantity: '0', averagePrice: null, previousClose: '23232', day });
    expect(figuresOf(valued(closed))).toEqual({ value: '1500.25', dayPnl: '276' });
    expect(reasons(closed)).toEqual([]);
  });

  it('a price that is not known does not become stale, so no moment values the portfolio again for it', () => {
    const { positions } = valued(desk());
    const input = { days: daysOf(), moment: Date.parse(AT), snapshotAsOf: AT, quote: undefined } as never;
    expect(limitsOf([input], positions, Infinity).oldest.size).toBe(0);
  });
});
