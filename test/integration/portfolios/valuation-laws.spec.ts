import * as fc from 'fast-check';
import { Decimal } from '#decimal';
import { Amount } from '../../../libs/portfolios/valuation/amount.js';
import {
  AT,
  check,
  contract,
  type Contract,
  dayOf,
  factsOf,
  inverseContract,
  linearContract,
  plus,
  positive,
  price,
  quantity,
  same,
  totalOf,
  trades,
  worth,
} from './valuation-laws.fixture.js';
import { valuedPosition } from './valuation.fixture.js';

const FIELDS = ['value', 'unrealised', 'dayPnl'] as const;
const of = (decimal: Decimal) => Amount.of(decimal);
const LATER = '2026-11-25T09:31:00Z';
const withQuantity = (from: Contract, amount: Decimal): Contract => ({ ...from, quantity: amount });

describe('the laws of a position', () => {
  it('two legs sum to the position they were split from', () =>
    check(fc.tuple(contract, quantity), ([one, part]) => {
      const [a, b] = [withQuantity(one, part), withQuantity(one, one.quantity.minus(part))].map((leg) =>
        worth(factsOf(leg)),
      );
      return FIELDS.every((field) => same(worth(factsOf(one))[field], plus(a![field], b![field])));
    }));

  it('trades count by their sums only: their order and grouping change nothing', () =>
    check(fc.tuple(linearContract, quantity, trades), ([one, open, made]) => {
      const forwards = worth(factsOf(one, dayOf(one, open, made)));
      const grouped = [
        ...made
          .toReversed()
          .flatMap(({ quantity: all, price }) =>
            [all.times(Decimal.of(3n, 1)), all.times(Decimal.of(7n, 1))].map((part) => ({ quantity: part, price })),
          ),
      ];
      const backwards = worth(factsOf(one, dayOf(one, open, grouped)));
      return same(forwards.dayPnl, backwards.dayPnl);
    }));

  it('a purchase and a sale of one size at one price change nothing', () =>
    check(fc.tuple(linearContract, quantity, positive, positive), ([one, open, size, at]) => {
      const round = [
        { quantity: size, price: at },
        { quantity: size.negated(), price: at },
      ];
      return same(
        worth(factsOf(one, dayOf(one, open, round))).dayPnl,
        worth(factsOf(one, dayOf(one, open, []))).dayPnl,
      );
    }));

  it('the day P&L of a closed position does not depend on the price', () =>
    check(fc.tuple(linearContract, quantity, positive, price), ([one, open, at, other]) => {
      const closed = dayOf(one, open, [{ quantity: open.negated(), price: at }]);
      return same(worth(factsOf(one, closed)).dayPnl, worth(factsOf({ ...one, last: other }, closed)).dayPnl);
    }));

  it('the day P&L of a position opened today does not depend on the previous close', () =>
    check(fc.tuple(linearContract, trades), ([one, made]) => {
      const opened = dayOf(one, Decimal.ZERO, made);
      const { previousClose: _, ...unknown } = factsOf(one, opened);
      return same(worth(factsOf(one, opened)).dayPnl, worth(unknown).dayPnl);
    }));

  it('without trades the day P&L does not depend on the average price', () =>
    check(fc.tuple(contract, positive), ([one, average]) =>
      same(worth(factsOf(one)).dayPnl, worth(factsOf({ ...one, average })).dayPnl),
    ));

  it('a mark moves value, unrealised and day P&L by quantity x change of worth, and a memo position not at all', () =>
    check(fc.tuple(contract, positive), ([one, next]) => {
      const facts = factsOf(one);
      const [before, after] = [worth(facts), worth(facts, [{ key: 'X', price: String(next), asOf: LATER }])];
      const size = one.quantity.times(one.multiplier);
      const change = one.inverse
        ? Amount.quotient(size.times(next.minus(one.last)), next.times(one.last))
        : of(size.times(next.minus(one.last)));
      const memo = worth({ ...facts, valuation: 'memo' }, [{ key: 'X', price: String(next), asOf: LATER }]);
      return (
        FIELDS.every((field) => same(after[field]!.minus(before[field]!), change)) &&
        same(after.moved, change) &&
        memo.value!.sign === 0 &&
        memo.dayPnl!.sign === 0
      );
    }));

  it('settling a future into cash changes nothing', () =>
    check(fc.tuple(linearContract, price, price), ([one, settled, next]) => {
      const future = { ...one, margined: true };
      const paid = one.quantity.times(one.multiplier).times(next.minus(settled));
      const before = totalOf([factsOf(future, { settlementPrice: String(settled) })], { cash: '1000' });
      const after = totalOf([factsOf(future, { settlementPrice: String(next) })], {
        cash: String(paid.plus(Decimal.of(1000n))),
      });
      return same(before.value, after.value) && same(before.dayPnl, after.dayPnl);
    }));

  it('turning all signs turns value and day P&L', () =>
    check(contract, (one) => {
      const [long, short] = [one, withQuantity(one, one.quantity.negated())].map((side) => worth(factsOf(side)));
      return FIELDS.every((field) => same(long![field], short![field]!.negated()));
    }));

  it('a multiplier and a price in its units are the same', () =>
    check(linearContract, (one) => {
      const times = (decimal: Decimal) => decimal.times(one.multiplier);
      const plain = {
        ...one,
        average: times(one.average),
        last: times(one.last),
        close: times(one.close),
        multiplier: Decimal.of(1n),
      };
      return FIELDS.every((field) => same(worth(factsOf(one))[field], worth(factsOf(plain))[field]));
    }));

  it('a posted split changes quantity and prices, and no figure', () =>
    check(fc.tuple(contract, fc.integer({ min: 2, max: 100 })), ([one, k]) => {
      const factor = Decimal.of(BigInt(k));
      // The price of before is one that the split makes exact.
      const facts = factsOf({ ...one, last: one.last.times(factor), average: one.average.times(factor) });
      const quote = {
        key: 'X',
        price: String(one.last),
        previousClose: String(one.close),
        asOf: '2026-11-26T09:30:00Z',
      };
      const desk = { adjustments: [{ key: 'X', factor: String(k), exDate: '2026-11-26' }] };
      const split = worthOn(facts, [quote], desk);
      const after = worth(factsOf({ ...one, quantity: one.quantity.times(factor) }), [{ ...quote }]);
      return FIELDS.every((field) => same(split[field], after[field]));
    }));

  it('the profit of an inverse contract in coin, at the price of now, is that of its value in money', () =>
    check(inverseContract, (one) => {
      const { unrealised } = worth(factsOf(one));
      const inMoney = unrealised!.times({ above: one.last, below: Decimal.of(1n) });
      const size = one.quantity.times(one.multiplier);
      return same(inMoney, Amount.quotient(size.times(one.last.minus(one.average)), one.average));
    }));

  it('null comes with a reason that blocks, and a number without one', () =>
    check(
      fc.tuple(contract, fc.constantFrom('0', undefined, '7'), fc.boolean(), fc.boolean()),
      ([one, close, averageKnown, atZero]) => {
        const facts = {
          ...factsOf(one),
          ...(close === undefined ? {} : { previousClose: close }),
          ...(averageKnown ? {} : { averagePrice: null }),
          ...(atZero ? { lastPrice: '0' } : {}),
        };
        if (close === undefined) delete facts.previousClose;
        const seen = worth(facts);
        const blocked = (field: string) =>
          seen.incomplete.some((entry) => entry.field === field && BLOCKING.has(entry.reason));
        return FIELDS.every((field) => (seen[field] === null) === blocked(field));
      },
    ));

  it('a given figure and ours differ by the same, however marks move', () =>
    check(fc.tuple(linearContract, price, price, positive), ([one, value, dayPnl, next]) => {
      const facts = factsOf(one, { value: String(value), dayPnl: String(dayPnl) });
      const [before, after] = [worth(facts), worth(facts, [{ key: 'X', price: String(next), asOf: LATER }])];
      const [own, ownAfter] = [
        worth(factsOf(one)),
        worth(factsOf(one), [{ key: 'X', price: String(next), asOf: LATER }]),
      ];
      return (
        same(before.value!.minus(own.value!), after.value!.minus(ownAfter.value!)) &&
        same(before.dayPnl!.minus(own.dayPnl!), after.dayPnl!.minus(ownAfter.dayPnl!))
      );
    }));

  it('a roll without a message leaves the value and makes the day P&L 0 or unknown', () =>
    check(fc.tuple(contract, fc.constantFrom('2026-11-26T09:30:00Z', '2026-11-28T09:30:00Z')), ([one, at]) => {
      const [before, after] = [worth(factsOf(one)), worth(factsOf(one), [], at)];
      return same(before.value, after.value) && (after.dayPnl === null || after.dayPnl.sign === 0);
    }));

  it('shown numbers are plain digits, at most 18 decimals, within half of the last', () =>
    check(fc.tuple(fc.array(contract, { maxLength: 4 }), quantity), ([list, cash]) => {
      const { value, positions } = totalOf(
        list.map((one, at) => ({ ...factsOf(one), leg: `${at}` })),
        { cash: String(cash) },
      );
      const shown = [value!, ...positions.flatMap((position) => FIELDS.map((field) => position[field]!))];
      const half = of(Decimal.of(5n, 19));
      const fair = shown.every(
        (amount) =>
          /^-?\d+(\.\d{1,18})?$/.test(amount.shown()) &&
          !/^-0(\.0*)?$/.test(amount.shown()) &&
          amount
            .minus(of(Decimal.parse(amount.shown())))
            .abs()
            .compare(half) <= 0,
      );
      const parts = positions.reduce((sum, position) => sum.plus(Decimal.parse(position.value!.shown())), cash);
      const apart = of(parts)
        .minus(of(Decimal.parse(value!.shown())))
        .abs();
      return fair && apart.compare(of(Decimal.of(5n * BigInt(list.length + 1), 19))) <= 0;
    }));
});

const BLOCKING = new Set(['average_unknown', 'no_previous_close', 'previous_close_zero', 'price_not_positive']);

function worthOn(facts: Parameters<typeof worth>[0], quotes: Parameters<typeof worth>[1], more: object) {
  const desk = { snapshot: { asOf: AT, currency: 'USD', cash: '0', positions: [facts] }, quotes: quotes!, ...more };
  return valuedPosition(desk, quotes!.at(-1)!.asOf, facts);
}
