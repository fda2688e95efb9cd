import { RateTable } from '../../../libs/portfolios/valuation/rate-table.js';
import { RollCalendar, SessionDays, UTC_MIDNIGHT } from '../../../libs/portfolios/valuation/session-days.js';
import { type Incomplete, shownIncomplete } from '../../../libs/portfolios/valuation/incomplete.js';
import type { ValuedPosition } from '../../../libs/portfolios/valuation/position.js';
import { type DeskCase, figuresOf, rateTable, valued } from './valuation.fixture.js';

const snapshot = (asOf: string, position: Partial<DeskCase['snapshot']['positions'][number]>, more = {}) => ({
  asOf,
  currency: 'INR',
  cash: '0',
  positions: [{ key: 'X', quantity: '1', averagePrice: '100', lastPrice: '100', ...position }],
  ...more,
});
const reasons = ({ incomplete }: Pick<ValuedPosition, 'incomplete'>) => incomplete.map(({ reason }) => reason);
const dayOf = (desk: DeskCase, at: string) => {
  const portfolio = valued(desk, at);
  const { closeBasis, dayBasis, sessionDay } = portfolio.positions[0]!;
  return { ...figuresOf(portfolio), closeBasis, dayBasis, sessionDay, reasons: reasons(portfolio) };
};

describe('a previous close', () => {
  const rolls: DeskCase = {
    venue: 'NSE',
    snapshot: snapshot('2026-11-20T09:00:00Z', { previousClose: '100' }),
    quotes: [
      { key: 'X', price: '110', previousClose: '100', asOf: '2026-11-23T09:00:00Z' },
      { key: 'X', price: '112', asOf: '2026-11-25T09:00:00Z' },
    ],
  };

  it('belongs to one session: after the roll the last price of the session before stands in (M16)', () => {
    expect(dayOf(rolls, '2026-11-23T09:00:00Z')).toMatchObject({ dayPnl: '10', closeBasis: 'given' });
    const after = dayOf(rolls, '2026-11-25T09:00:00Z');
    expect(after).toMatchObject({ dayPnl: '2', closeBasis: 'rolled', sessionDay: '2026-11-25' });
    expect(after.reasons).toContain('previous_close_rolled');
  });

  it('is unknown if the session before had no price', () => {
    const desk = { ...rolls, quotes: [rolls.quotes![1]!] };
    const after = dayOf(desk, '2026-11-25T09:00:00Z');
    expect(after).toMatchObject({ value: '112', dayPnl: null });
    expect(after.reasons).toContain('previous_close_of_another_day');
  });

  it('that names its day is good for the session after that day only', () => {
    const quotes = [{ key: 'X', price: '112', previousClose: '109', asOf: '2026-11-25T09:00:00Z' }];
    const dated = (previousCloseDate: string) =>
      dayOf({ ...rolls, quotes: [{ ...quotes[0]!, previousCloseDate }] }, '2026-11-25T09:00:00Z').dayPnl;
    expect([dated('2026-11-23'), dated('2026-11-20'), dated('2026-11-24')]).toEqual(['3', null, null]);
  });

  it('of 0 in a quote leaves that of the snapshot in force', () => {
    const desk: DeskCase = {
      venue: 'NSE',
      snapshot: snapshot('2026-11-25T05:00:00Z', { previousClose: '90' }),
      quotes: [{ key: 'X', price: '112', previousClose: '0', asOf: '2026-11-25T09:00:00Z' }],
    };
    expect(dayOf(desk, '2026-11-25T09:00:00Z')).toMatchObject({ dayPnl: '22' });
  });

  it('stays over a Saturday and rolls on a Sunday with a special session (M17)', () => {
    const desk: DeskCase = {
      venue: 'NSE',
      snapshot: snapshot('2026-01-30T10:00:00Z', {
        quantity: '10',
        averagePrice: '90',
        lastPrice: '101',
        previousClose: '100',
      }),
      quotes: [{ key: 'X', price: '103', asOf: '2026-02-01T04:00:00Z' }],
    };
    expect(dayOf(desk, '2026-01-31T06:00:00Z')).toMatchObject({ dayPnl: '10', sessionDay: '2026-01-30' });
    expect(dayOf(desk, '2026-02-01T03:00:00Z')).toMatchObject({
      dayPnl: '0',
      sessionDay: '2026-02-01',
      closeBasis: 'rolled',
    });
    expect(dayOf(desk, '2026-02-01T04:00:00Z')).toMatchObject({ dayPnl: '20', sessionDay: '2026-02-01' });
  });
});

describe('a snapshot of another day', () => {
  it('keeps its quantities and loses its trades (M23)', () => {
    const trades = { openQuantity: '100', buyQuantity: '0', buyValue: '0', sellQuantity: '100', sellValue: '21500' };
    const desk: DeskCase = {
      venue: 'NYSE',
      snapshot: snapshot(
        '2026-11-20T20:30:00Z',
        { quantity: '0', averagePrice: '0', lastPrice: '220', previousClose: '210', day: trades },
        { cash: '50000', currency: 'USD' },
      ),
    };
    expect(dayOf(desk, '2026-11-20T20:31:00Z')).toMatchObject({ dayPnl: '500', dayBasis: 'trades', reasons: [] });
    const monday = dayOf(desk, '2026-11-23T15:00:00Z');
    expect(monday).toMatchObject({ value: '50000', dayPnl: '0', dayBasis: 'assumed-overnight' });
    expect(monday.reasons).toContain('snapshot_of_another_day');
  });
});

describe('a split between snapshot and quote', () => {
  const split: DeskCase = {
    snapshot: snapshot(
      '2026-11-20T20:00:00Z',
      { quantity: '10', averagePrice: '300', lastPrice: '400', previousClose: '398' },
      { currency: 'USD' },
    ),
    quotes: [{ key: 'X', price: '101', previousClose: '100', asOf: '2026-11-23T15:00:00Z' }],
  };
  const at = '2026-11-23T15:00:00Z';

  it('that is posted restates quantity, average and closes (M19)', () => {
    const desk = { ...split, adjustments: [{ key: 'X', factor: '4', exDate: '2026-11-23' }] };
    const { positions, ...portfolio } = valued(desk, at);
    expect(figuresOf(portfolio)).toEqual({ value: '4040', dayPnl: '40' });
    const { quantity, averagePrice, previousClose, unrealised } = positions[0]!;
    expect([quantity, averagePrice, previousClose, unrealised].map((amount) => amount!.shown())).toEqual([
      ...['40', '75', '100', '1040'],
    ]);
  });

  it('that is not posted is suspected: the value is flagged and the day P&L unknown (M19)', () => {
    const seen = dayOf(split, at);
    expect(seen).toMatchObject({ value: '1010', dayPnl: null });
    expect(seen.reasons).toContain('split_suspected');
  });

  it('is not suspected within a session, nor for an ordinary move', () => {
    const sameDay = { ...split, quotes: [{ key: 'X', price: '101', asOf: '2026-11-20T21:00:00Z' }] };
    expect(dayOf(sameDay, '2026-11-20T21:00:00Z')).toMatchObject({ dayPnl: '-2970' });
    const ordinary = { ...split, quotes: [{ ...split.quotes![0]!, price: '430', previousClose: '400' }] };
    expect(dayOf(ordinary, at)).toMatchObject({ dayPnl: '300' });
  });
});

describe("a broker's own figures", () => {
  const given: DeskCase = {
    snapshot: snapshot(
      '2026-11-25T09:30:00Z',
      { quantity: '200', averagePrice: '40', lastPrice: '51', previousClose: '50', dayPnl: '398.20', value: '10200' },
      { cash: '1000', value: '11195.50', dayPnl: '395.10' },
    ),
    quotes: [{ key: 'X', price: '52', asOf: '2026-11-25T09:31:00Z' }],
  };

  it('are shown, marks move them, and their difference from ours stays (M20)', () => {
    const difference = {
      value: { given: '11195.50', computed: '11200', difference: '-4.50' },
      dayPnl: { given: '395.10', computed: '398.2', difference: '-3.10' },
    };
    const before = valued(given, '2026-11-25T09:30:00Z');
    expect(figuresOf(before)).toEqual({ value: '11195.50', dayPnl: '395.10' });
    expect(before.reconciliation).toEqual(difference);
    expect(reasons(before)).toContain('reconciliation_difference');
    const after = valued(given, '2026-11-25T09:31:00Z');
    expect(figuresOf(after)).toEqual({ value: '11395.50', dayPnl: '595.10' });
    expect(after.reconciliation).toEqual(difference);
    expect(after.byCurrency.map(({ value, dayPnl }) => [value!.shown(2), dayPnl!.shown(2)])).toEqual([
      ['11395.50', '595.10'],
    ]);
  });

  it('of the day are dropped on the next day', () => {
    const next = dayOf(given, '2026-11-26T09:31:00Z');
    expect(next).toMatchObject({ value: '11395.50', dayPnl: '0', dayBasis: 'assumed-overnight', closeBasis: 'rolled' });
  });
});

describe('a price', () => {
  it('is stale after 15 minutes of open time, which a closed market does not count', () => {
    const desk: DeskCase = {
      venue: 'NYSE',
      snapshot: snapshot('2026-11-20T20:50:00Z', { previousClose: '99' }, { currency: 'USD' }),
    };
    const seen = (at: string) => reasons(valued(desk, at)).includes('stale_price');
    expect([seen('2026-11-20T21:30:00Z'), seen('2026-11-22T12:00:00Z'), seen('2026-11-23T14:34:00Z')]).toEqual([
      ...[false, false, false],
    ]);
    expect(seen('2026-11-23T14:36:00Z')).toBe(true);
  });

  it('in another currency than that of its position is not used', () => {
    const desk: DeskCase = {
      snapshot: snapshot('2026-11-25T09:30:00Z', { previousClose: '99', currency: 'GBX' }),
      quotes: [{ key: 'X', price: '1', currency: 'GBP', asOf: '2026-11-25T09:31:00Z' }],
      rates: [{ base: 'GBP', quote: 'INR', price: '100', asOf: '2026-11-25T09:31:00Z' }],
    };
    const seen = dayOf(desk, '2026-11-25T09:31:00Z');
    expect(seen).toMatchObject({ value: '100', dayPnl: '1' });
    expect(seen.reasons).toContain('currency_mismatch');
    const pence = { ...desk, quotes: [{ ...desk.quotes![0]!, price: '101', currency: 'GBp' }] };
    expect(dayOf(pence, '2026-11-25T09:31:00Z')).toMatchObject({ value: '101', dayPnl: '2' });
  });

  it('of 0 or below makes an inverse contract unknown and no other', () => {
    const inverse = snapshot('2026-11-25T09:30:00Z', { lastPrice: '0', previousClose: '99', pricing: 'inverse' });
    expect(dayOf({ snapshot: inverse }, '2026-11-25T09:30:00Z')).toMatchObject({ value: null, dayPnl: null });
  });
});

describe('a rate', () => {
  it('is flagged after 26 hours of open time and used until 5 days of it have passed', () => {
    const rates = [{ base: 'EUR', quote: 'USD', price: '1.085', asOf: '2026-11-19T22:30:00Z' }];
    const seen = (at: string) => rateTable({ rates }, at).find('EUR', 'USD')?.stale;
    expect(['22T12:00', '23T00:25', '23T00:35', '26T22:25'].map((at) => seen(`2026-11-${at}:00Z`))).toEqual([
      ...[false, false, true, true],
    ]);
    expect(seen('2026-11-26T22:35:00Z')).toBeUndefined();
  });
});

describe('a snapshot after a split', () => {
  it('has all its prices in the new units, also a last price of the session before', () => {
    const desk: DeskCase = {
      venue: 'NYSE',
      snapshot: snapshot('2026-11-24T05:30:00Z', { quantity: '40', pricedAt: '2026-11-23T20:59:00Z' }),
      adjustments: [{ key: 'X', factor: '4', exDate: '2026-11-24' }],
      quotes: [
        { key: 'X', price: '400', asOf: '2026-11-23T20:59:00Z' },
        { key: 'X', price: '101', asOf: '2026-11-24T15:00:00Z' },
      ],
    };
    expect(dayOf(desk, '2026-11-24T05:31:00Z')).toMatchObject({ value: '4000', dayPnl: '0', closeBasis: 'rolled' });
    expect(dayOf(desk, '2026-11-24T15:00:00Z')).toMatchObject({ value: '4040', dayPnl: '40' });
  });
});

describe('a list of what is incomplete', () => {
  it('shows at most 20 entries, those that make a figure null first', () => {
    const entry = (reason: Incomplete['reason']): Incomplete => ({ position: 'X', reason });
    const all = [...Array<Incomplete>(30).fill(entry('stale_price')), entry('no_rate')];
    expect(shownIncomplete(all)).toEqual([entry('no_rate'), ...all.slice(0, 19)]);
    expect(shownIncomplete(all.slice(20))).toEqual(all.slice(20));
  });
});

describe('the age of a rate', () => {
  it('flags it after 26 open hours, and drops it after 5 open days', () => {
    const [moment, HOUR] = [Date.parse('2026-11-20T12:00:00Z'), 3_600_000];
    const days = new SessionDays(new RollCalendar(UTC_MIDNIGHT, null));
    const tableOf = (hours: number, at = moment) => {
      const asOf = new Date(moment - hours * HOUR).toISOString();
      const rate = { base: 'USD', quote: 'INR', price: '88', asOf, previousClose: null, previousCloseAsOf: null };
      return new RateTable([rate], { moment: at, days, base: null });
    };
    const stale = (hours: number) => tableOf(hours).find('USD', 'INR')?.stale;
    expect([25, 27, 119, 121].map(stale)).toEqual([false, true, true, undefined]);
    // It says itself when a later moment changes that.
    const changes = (hours: number, later: number) => tableOf(hours).changesAt(moment + later * HOUR);
    expect([changes(10, 1), changes(25, 2), changes(30, 1), changes(118, 3), changes(10, 13)]).toEqual([
      ...[false, true, false, true, true],
    ]);
  });
});
