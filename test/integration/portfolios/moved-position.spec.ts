import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { Decimal } from '#decimal';
import { utcTime } from '#time';
import { Amount } from '../../../libs/portfolios/valuation/amount.js';
import type { QuoteFacts } from '../../../libs/portfolios/valuation/facts.js';
import { isOfSameSession, movedPosition } from '../../../libs/portfolios/valuation/moved-position.js';
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
  split: fc.constantFrom(false, false, false, true),
});

type Made = typeof moves extends fc.Arbitrary<infer T> ? T : never;

function inputsOf({ contract: one, given: sent, quotes, later, moment, venue, mark, split }: Made) {
  const { memo, average, ...figures } = sent;
  const facts = factsOf(one, { ...figures, ...(memo && { valuation: 'memo' }) } as never);
  const quoteOf = (of: (typeof quotes)[number]): QuoteFacts => ({
    ...{ price: String(one.last.times(percentOf(of.percent))), asOf: timeOf(of.hours), currency: of.currency },
    ...{ previousClose: of.close, previousCloseDate: null, previousCloseAsOf: of.close && timeOf(of.closed) },
  });
  const was: PositionInput = {
    position: average === 'known' ? facts : { ...facts, averagePrice: null },
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

/** All that is shown of a position. */
function shown(position: ValuedPosition): object {
  return JSON.parse(
    JSON.stringify(position, (_, value: unknown) =>
      value instanceof Amount ? value.shown() : typeof value === 'bigint' ? String(value) : value,
    ),
  ) as object;
}

describe('a position after a quote that moves only its price', () => {
  it('is what it would be if it were valued anew', () => {
    let [moved, all] = [0, 0];
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
        expect(shown(short)).toEqual(shown(valuePosition(input)));
      }),
      { numRuns: 2_000 },
    );
    // Both ways were taken.
    expect(moved).toBeGreaterThan(all / 20);
    expect(moved).toBeLessThan(all);
  });
});
