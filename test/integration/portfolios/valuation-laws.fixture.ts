import * as fc from 'fast-check';
import { Decimal } from '#decimal';
import { Amount } from '../../../libs/portfolios/valuation/amount.js';
import type { PositionFacts } from '../../../libs/portfolios/valuation/facts.js';
import { type DeskCase, type PostedQuote, valued, valuedPosition } from './valuation.fixture.js';

export const AT = '2026-11-25T09:30:00Z';

const decimal = (min: bigint, max: bigint) =>
  fc.tuple(fc.bigInt({ min, max }), fc.integer({ min: 0, max: 9 })).map(([units, scale]) => Decimal.of(units, scale));

export const quantity = decimal(-(10n ** 12n), 10n ** 12n);
export const positive = decimal(1n, 10n ** 12n);
/** Prices may be below 0, except those of inverse contracts. */
export const price = decimal(-(10n ** 12n), 10n ** 12n);

export interface Contract {
  quantity: Decimal;
  average: Decimal;
  last: Decimal;
  close: Decimal;
  multiplier: Decimal;
  inverse: boolean;
  margined: boolean;
}

const linear = fc.record({
  quantity,
  average: price,
  last: price,
  close: price.filter(({ sign }) => sign !== 0),
  multiplier: positive,
  inverse: fc.constant(false),
  margined: fc.boolean(),
});
const inverse = fc.record({
  quantity,
  average: positive,
  last: positive,
  close: positive,
  multiplier: positive,
  inverse: fc.constant(true),
  margined: fc.constant(true),
});
export const contract: fc.Arbitrary<Contract> = fc.oneof(linear, inverse);
export const linearContract: fc.Arbitrary<Contract> = linear;
export const inverseContract: fc.Arbitrary<Contract> = inverse;

/** A trade: bought if the quantity is above 0. */
export interface Trade {
  quantity: Decimal;
  price: Decimal;
}
export const trades = fc.array(fc.record({ quantity, price: positive }), { maxLength: 5 });

export function factsOf(of: Contract, more: Partial<PositionFacts> = {}): PositionFacts {
  return {
    key: 'X',
    quantity: String(of.quantity),
    averagePrice: String(of.average),
    lastPrice: String(of.last),
    previousClose: String(of.close),
    multiplier: String(of.multiplier),
    pricing: of.inverse ? 'inverse' : 'linear',
    valuation: of.margined ? 'margined' : 'premium',
    ...more,
  };
}

/** The session's facts of a position that began with `open`; a linear one, because values of inverse trades may not end. */
export function dayOf(of: Contract, open: Decimal, made: readonly Trade[]): Partial<PositionFacts> {
  const sum = (side: number, amount: (trade: Trade) => Decimal) =>
    made.filter((trade) => trade.quantity.sign === side).reduce((all, trade) => all.plus(amount(trade)), Decimal.ZERO);
  const value = (trade: Trade) => trade.quantity.abs().times(trade.price).times(of.multiplier);
  return {
    quantity: String(made.reduce((all, trade) => all.plus(trade.quantity), open)),
    day: {
      openQuantity: String(open),
      buyQuantity: String(sum(1, (trade) => trade.quantity)),
      buyValue: String(sum(1, value)),
      sellQuantity: String(sum(-1, (trade) => trade.quantity.abs())),
      sellValue: String(sum(-1, value)),
    },
  };
}

export function deskOf(positions: readonly PositionFacts[], more: Partial<DeskCase['snapshot']> = {}): DeskCase {
  return { snapshot: { asOf: AT, currency: 'USD', cash: '0', positions, ...more } };
}

/** Value, unrealised and day P&L of one position, after quotes. */
export function worth(facts: PositionFacts, quotes: readonly PostedQuote[] = [], at = quotes.at(-1)?.asOf ?? AT) {
  return valuedPosition({ ...deskOf([facts]), quotes }, at, facts);
}

export function totalOf(positions: readonly PositionFacts[], more: Partial<DeskCase['snapshot']> = {}) {
  return valued(deskOf(positions, more));
}

export const same = (a: Amount | null, b: Amount | null) => a !== null && b !== null && a.compare(b) === 0;
export const plus = (...amounts: (Amount | null)[]) =>
  amounts.reduce<Amount>((all, next) => all.plus(next!), Amount.ZERO);
export const check = <T>(of: fc.Arbitrary<T>, law: (value: T) => boolean) =>
  fc.assert(fc.property(of, law), { numRuns: 100 });
