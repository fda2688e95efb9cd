import * as fc from 'fast-check';
import { Decimal } from '#decimal';
import { Amount } from '../../../libs/portfolios/valuation/amount.js';
import { baseTotal } from '../../../libs/portfolios/valuation/base-total.js';
import type { CurrencyAmounts } from '../../../libs/portfolios/valuation/conversion.js';
import { CurrencySums } from '../../../libs/portfolios/valuation/currency-sums.js';
import { CurrencyTotals } from '../../../libs/portfolios/valuation/currency-totals.js';
import {
  AT,
  check,
  contract,
  type Contract,
  dayOf,
  factsOf,
  linearContract,
  plus,
  positive,
  same,
  trades,
  worth,
} from './valuation-laws.fixture.js';
import { rateTable, valuedPosition } from './valuation.fixture.js';

const CODES = ['USD', 'EUR', 'GBP', 'JPY', 'INR'];
const money = fc
  .tuple(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), fc.integer({ min: 0, max: 9 }))
  .map(([units, scale]) => Amount.of(Decimal.of(units, scale)));
const rowOf = (currency: string, value: Amount, dayPnl: Amount): CurrencyAmounts => ({
  currency,
  cash: Amount.ZERO,
  value,
  dayPnl,
  known: { value, dayPnl },
});
const rows = fc
  .array(fc.tuple(money, money), { minLength: 5, maxLength: 5 })
  .map((amounts) => amounts.map(([value, dayPnl], at) => rowOf(CODES[at]!, value, dayPnl)));
/** The price of each currency in USD, so that USD is the only pivot. */
const prices = fc.array(positive, { minLength: 4, maxLength: 4 });
const ratesOf = (list: readonly Decimal[], previous?: readonly Decimal[]) =>
  CODES.slice(1).map((base, at) => ({
    base,
    quote: 'USD',
    price: String(list[at]),
    asOf: AT,
    ...(previous && { previousClose: String(previous[at]) }),
  }));
const tableOf = (rates: ReturnType<typeof ratesOf>) => rateTable({ rates }, AT);

describe('the laws of currencies', () => {
  it('converting and summing is summing and converting', () =>
    check(fc.tuple(rows, prices), ([list, given]) => {
      const table = tableOf(ratesOf(given));
      const together = baseTotal(list, 'EUR', table);
      const apart = list.map((row) => baseTotal([row], 'EUR', table));
      return (
        same(together.value, plus(...apart.map(({ value }) => value))) &&
        same(together.dayPnl, plus(...apart.map(({ dayPnl }) => dayPnl)))
      );
    }));

  it('a total in another base is the total times the rate, and a pair there and back is 1', () =>
    check(fc.tuple(rows, prices), ([list, given]) => {
      const table = tableOf(ratesOf(given));
      const there = table.find('USD', 'JPY')!;
      const back = table.find('JPY', 'USD')!;
      const one = Amount.of(Decimal.of(1n)).times(there.rate).times(back.rate);
      const [usd, jpy] = [baseTotal(list, 'USD', table), baseTotal(list, 'JPY', table)];
      return same(one, Amount.of(Decimal.of(1n))) && same(jpy.value, usd.value!.times(there.rate));
    }));

  it('local profit and rate profit sum to the change of the value in base', () =>
    check(fc.tuple(rows, prices, prices), ([list, now, before]) => {
      const rates = ratesOf(now, before);
      const { value, dayPnl, fxPnl } = baseTotal(list, 'USD', tableOf(rates));
      const start = list.map(({ currency, value: worthNow, dayPnl: made }) =>
        rowOf(currency, worthNow!.minus(made!), Amount.ZERO),
      );
      const startValue = baseTotal(start, 'USD', tableOf(ratesOf(before))).value!;
      return same(value!.minus(startValue), plus(dayPnl, fxPnl));
    }));

  it('a rate that is gone makes the base total unknown and changes no other, and brings back every digit', () =>
    check(fc.tuple(rows, prices, fc.integer({ min: 1, max: 4 })), ([list, given, gone]) => {
      fc.pre(list[gone]!.value!.sign !== 0);
      const rates = ratesOf(given);
      const without = tableOf(rates.filter(({ base }) => base !== CODES[gone]));
      const [full, less] = [baseTotal(list, 'USD', tableOf(rates)), baseTotal(list, 'USD', without)];
      const missing = baseTotal([list[gone]!], 'USD', tableOf(rates)).value;
      return (
        less.value === null &&
        less.incomplete.some(({ currency, reason }) => currency === CODES[gone] && reason === 'no_rate') &&
        same(plus(less.known.value, missing), full.value)
      );
    }));
});

describe('the laws of sums', () => {
  const valuedIn = (one: Contract, currency: string) => worth(factsOf(one, { currency }));
  const some = fc.array(fc.tuple(contract, fc.constantFrom(...CODES, 'GBX')), { maxLength: 6 });
  const shownOf = (sums: CurrencySums) =>
    sums.list().map(({ currency, value, dayPnl, positions }) => [currency, value.shown(), dayPnl.shown(), positions]);

  it('a position taken away and added again leaves every digit', () =>
    check(fc.tuple(some, contract), ([list, next]) => {
      const [moved, fresh] = [new CurrencySums(), new CurrencySums()];
      const positions = list.map(([one, currency]) => valuedIn(one, currency));
      const other = valuedIn(next, 'EUR');
      for (const position of positions) fresh.add(position);
      moved.add(other);
      for (const position of positions) moved.add(position);
      moved.remove(other);
      return JSON.stringify(shownOf(moved)) === JSON.stringify(shownOf(fresh));
    }));

  it('totals over portfolios are the same by changes as from the beginning, also where a figure is unknown', () =>
    check(fc.tuple(fc.array(rows, { maxLength: 4 }), rows, fc.boolean()), ([list, changed, unknown]) => {
      const [moved, fresh] = [new CurrencyTotals(), new CurrencyTotals()];
      const gone = unknown ? changed.map((row) => ({ ...row, dayPnl: null })) : changed;
      moved.add(gone);
      for (const one of list) [moved, fresh].forEach((totals) => totals.add(one));
      const between = moved.list().every(({ dayPnl }) => (dayPnl === null) === unknown);
      moved.remove(gone);
      const shown = (totals: CurrencyTotals) =>
        totals
          .list()
          .map(({ currency, value, dayPnl, portfolios }) => [currency, value!.shown(), dayPnl!.shown(), portfolios]);
      return between && JSON.stringify(shown(moved)) === JSON.stringify(shown(fresh));
    }));
});

describe('the laws of time', () => {
  it('over a session the value changes by the day P&L and the flows', () =>
    check(fc.tuple(linearContract, trades), ([one, made]) => {
      const premium = { ...one, margined: false };
      const seen = worth(factsOf(premium, dayOf(premium, one.quantity, made)));
      const paid = made.reduce(
        (sum, trade) => sum.plus(trade.quantity.times(trade.price).times(one.multiplier)),
        Decimal.ZERO,
      );
      const start = one.quantity.times(one.multiplier).times(one.close);
      return same(seen.value!.minus(Amount.of(start)).minus(Amount.of(paid)), seen.dayPnl);
    }));

  it('the day P&Ls of consecutive sessions sum to the change of the value', () =>
    check(fc.tuple(linearContract, fc.array(positive, { minLength: 2, maxLength: 6 })), ([one, closes]) => {
      const day = (n: number) => `2026-11-${String(16 + n).padStart(2, '0')}T10:00:00Z`;
      const quotes = closes.map((close, n) => ({ key: 'X', price: String(close), asOf: day(n) }));
      const facts = factsOf({ ...one, last: closes[0]!, margined: false }, { pricedAt: day(0) });
      const desk = (n: number) => {
        const snapshot = { asOf: day(0), currency: 'USD', cash: '0', positions: [facts] };
        return valuedPosition({ snapshot, quotes }, day(n), facts);
      };
      const all = closes.map((_, n) => desk(n));
      if (all.some(({ dayPnl }) => dayPnl === null))
        return all.some(({ incomplete }) => incomplete.some(({ reason }) => reason === 'split_suspected'));
      const sum = plus(...all.slice(1).map(({ dayPnl }) => dayPnl));
      return same(all.at(-1)!.value!.minus(all[0]!.value!), sum);
    }));
});
