import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { Decimal } from '#decimal';
import { utcTime } from '#time';
import { Amount } from '../../../libs/portfolios/valuation/amount.js';
import { CurrencySums } from '../../../libs/portfolios/valuation/currency-sums.js';
import type { QuoteFacts } from '../../../libs/portfolios/valuation/facts.js';
import {
  isOfSameSession,
  type MovedPosition,
  movedPosition,
} from '../../../libs/portfolios/valuation/moved-position.js';
import { type ValuedPosition, valuePosition } from '../../../libs/portfolios/valuation/position.js';
import type { PositionInput } from '../../../libs/portfolios/valuation/priced-position.js';
import { daysOf } from './valuation.fixture.js';
import { AT, contract, factsOf, linearContract } from './valuation-laws.fixture.js';

const HOUR = 3_600_000;
const timeOf = (hours: number) => utcTime(new Date(Date.parse(AT) + hours * HOUR).toISOString());
/** Hours since the snapshot: mostly of its session, some of the days after. */
const hours = fc.oneof(fc.integer({ min: -2, max: 8 }), fc.integer({ min: -40, max: 80 }));
/** Parts of the last price in percent: twice and half of it look like a split. */
const percent = fc.constantFrom(99, 100, 101, 104, 50, 200, 0, -20);
const close = fc.constantFrom(null, '95', '0');

const quote = fc.record({
  percent,
  hours,
  close,
  closed: hours,
  currency: fc.constantFrom(null, null, null, null, 'USD', 'EUR'),
});

const given = fc.record({
  ...{ value: fc.constantFrom(undefined, '1000.50'), dayPnl: fc.constantFrom(undefined, '-3.25') },
  day: fc.constantFrom(undefined, { openQuantity: '0' }, { openQuantity: '4', buyQuantity: '1', buyValue: '90' }),
  memo: fc.constantFrom(false, false, true),
  average: fc.constantFrom('known', 'known', 'unknown'),
});

const moves = fc.record({
  contract: fc.oneof(linearContract, linearContract, contract),
  given,
  quotes: fc.tuple(quote, quote),
  /** Hours between the two. */
  later: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: -5, max: 30 })),
  moment: hours,
  venue: fc.constantFrom('utc' as const, 'NSE' as const, 'NYSE' as const),
  mark: fc.boolean(),
  unpriced: fc.constantFrom(false, false, false, true),
  split: fc.constantFrom(false, false, false, true),
});

type Made = typeof moves extends fc.Arbitrary<infer T> ? T : never;

function inputsOf({ contract: one, given: sent, quotes, later, moment, venue, mark, unpriced, split }: Made) {
  const { memo, average, ...figures } = sent;
  const facts = factsOf(one, { ...figures, ...(memo && { valuation: 'memo' }) } as never);
  const quoteOf = (of: (typeof quotes)[number]): QuoteFacts => ({
    ...{ price: String(one.last.times(percentOf(of.percent))), asOf: timeOf(of.hours), currency: of.currency },
    ...{ previousClose: of.close, previousCloseDate: null, previousCloseAsOf: of.close && timeOf(of.closed) },
  });
  const was: PositionInput = {
    position: { ...facts, ...(average !== 'known' && { averagePrice: null }), ...(unpriced && { lastPrice: null }) },
    ...{ snapshotAsOf: utcTime(AT), currency: 'USD', days: calendars[venue], moment: Date.parse(timeOf(moment)) },
    quote: quoteOf(quotes[0]),
    closeMark: mark ? { price: '97', asOf: timeOf(quotes[0].hours - 24), currency: null } : undefined,
    adjustments: split ? [{ exDate: '2026-11-26', factor: '2' }] : [],
    staleAfterMs: 6 * HOUR,
  };
  // Most quotes repeat the close of the day.
  const second = quoteOf({ ...quotes[1], hours: quotes[0].hours + later });
  const next = quotes[1].closed % 5 === 0 ? second : { ...was.quote!, price: second.price, asOf: second.asOf };
  const closeMark =
    quotes[1].closed % 7 === 0 ? { price: '96', asOf: timeOf(quotes[0].hours - 22), currency: null } : was.closeMark;
  return { was, input: { ...was, quote: next, closeMark, moment: was.moment + (quotes[1].hours % 3) * HOUR } };
}

const percentOf = (percent: number) => Decimal.of(BigInt(percent), 2);
const calendars = { utc: daysOf(), NSE: daysOf('NSE'), NYSE: daysOf('NYSE') };

/** All that is shown of a position. A moved one makes its figures when they are asked for. */
function shown(position: ValuedPosition, like: ValuedPosition = position): object {
  const names = Object.keys(like) as (keyof ValuedPosition)[];
  const members = Object.fromEntries(names.map((name) => [name, position[name]]));
  return JSON.parse(
    JSON.stringify(members, (_, value: unknown) => (value instanceof Amount ? value.shown() : value)),
  ) as object;
}

/** What a portfolio with this position adds up to, after quotes that move its price. */
function sumsOf(position: ValuedPosition, ...moves: MovedPosition[]): object[] {
  const sums = new CurrencySums();
  sums.add(position);
  let before = position;
  for (const moved of moves) {
    sums.shift(moved.base, moved.since(before));
    before = moved;
  }
  return sums.list().map((row) => ({
    ...row,
    value: row.value.shown(),
    dayPnl: row.dayPnl.shown(),
    moved: row.moved.shown(),
    cash: '',
  }));
}

describe('a position after a quote that moves only its price', () => {
  it('is what it would be if it were valued anew', () => {
    let [moved, chained, all] = [0, 0, 0];
    fc.assert(
      fc.property(moves, (made) => {
        const { was, input } = inputsOf(made);
        const before = valuePosition(was);
        const short = isOfSameSession(was, input) ? movedPosition(before, was, input) : undefined;
        all += 1;
        if (short === undefined) return;
        // The moment may have moved on, if that alone changes nothing.
        const { moment } = input;
        if (!isDeepStrictEqual(shown(before), shown(valuePosition({ ...was, moment })))) return;
        moved += 1;
        expect(shown(short, before)).toEqual(shown(valuePosition(input)));
        expect(sumsOf(before, short)).toEqual(sumsOf(valuePosition(input)));
        const asOf = utcTime(new Date(Date.parse(input.quote!.asOf) + 1_000).toISOString());
        const third = { ...input, quote: { ...input.quote!, price: '-7.125', asOf } };
        const twice = isOfSameSession(input, third) ? movedPosition(short, input, third) : undefined;
        if (twice === undefined) return;
        const anew = valuePosition(third);
        chained += 1;
        expect(shown(twice, before)).toEqual(shown(anew));
        expect(sumsOf(before, short, twice)).toEqual(sumsOf(anew));
      }),
      { numRuns: 2_000 },
    );
    // Both ways were taken.
    expect(moved).toBeGreaterThan(all / 20);
    expect(moved).toBeLessThan(all);
    expect(chained).toBeGreaterThan(all / 50);
  });
});
