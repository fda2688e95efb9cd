import { Decimal } from '#decimal';
import { Amount } from './amount.js';
import { Conversion, type CurrencyAmounts } from './conversion.js';
import { currencyUnit } from './currencies.js';
import type { CurrencySum, CurrencySums } from './currency-sums.js';
import type { SnapshotFacts } from './facts.js';
import type { Incomplete } from './incomplete.js';
import { decimalsOf, type ValuedPosition } from './position.js';
import type { RateTable } from './rate-table.js';
import { reconcile, type Reconciliation } from './reconciliation.js';

/** A portfolio in its own currency. An amount is null if `incomplete` has a blocking reason for it. */
export interface ValuedPortfolio {
  value: Amount | null;
  dayPnl: Amount | null;
  known: { value: Amount; dayPnl: Amount };
  byCurrency: CurrencyAmounts[];
  /** Decimals of the broker's own figures, which computed ones keep. */
  decimals: { value: number; dayPnl: number };
  reconciliation: { value?: Reconciliation; dayPnl?: Reconciliation };
  sessionDays: string[];
  oldestPriceAt: string | null;
  /** Time of the newest quote that prices a position. */
  markedAt: string | null;
  /** Session days since the snapshot, at most 5. */
  snapshotAgeDays: number;
  incomplete: Incomplete[];
}

export interface PortfolioInput {
  snapshot: SnapshotFacts;
  positions: readonly ValuedPosition[];
  /** Cash and positions. */
  sums: CurrencySums;
  rates: RateTable;
  /** Session days between the snapshot and the desk's moment, by the portfolio's own calendar. */
  snapshotAgeDays: number;
}

/** Adds the cash of a snapshot to its sums. */
export function addCashOf(
  { currency, cash, cashBalances }: Pick<SnapshotFacts, 'currency' | 'cash' | 'cashBalances'>,
  sums: CurrencySums,
): void {
  if (cashBalances === undefined || cashBalances.length === 0) sums.addCash(currency, Amount.of(Decimal.parse(cash)));
  else for (const { currency: of, amount } of cashBalances) sums.addCash(of, Amount.of(Decimal.parse(amount)));
}

/** Costs additions of its currencies, not of its positions: those are in the sums. */
export function valuePortfolio(input: PortfolioInput): ValuedPortfolio {
  const { snapshot, positions, sums, rates } = input;
  const list = sums.list();
  const conversion = new Conversion(snapshot.currency, rates);
  const rows = list.map(amountsOf);
  const computed = conversion.total(rows);
  const { snapshotAgeDays, incomplete, oldestPriceAt, markedAt, sessionDays } = factsOf(
    positions,
    input.snapshotAgeDays,
  );
  const given = { value: snapshot.value, dayPnl: snapshotAgeDays === 0 ? snapshot.dayPnl : undefined };

  const moved = given.value === undefined && given.dayPnl === undefined ? null : movedOf(list, conversion);
  const reconciliation: ValuedPortfolio['reconciliation'] = {};
  incomplete.push(...computed.incomplete.filter(({ reason }) => reason !== 'positions_incomplete'));
  const figures = { value: computed.value, dayPnl: computed.dayPnl };
  for (const field of ['value', 'dayPnl'] as const) {
    const figure = given[field];
    if (figure === undefined) continue;
    const ours = figures[field];
    figures[field] = moved && Amount.of(Decimal.parse(figure)).plus(moved);
    let difference: Amount | undefined;
    if (ours !== null && moved !== null) {
      const made = reconcile(figure, ours.minus(moved), positions.length);
      ({ difference } = made);
      reconciliation[field] = made.shown;
      if (made.differs) incomplete.push({ field, reason: 'reconciliation_difference' });
    }
    settle(rows, field, snapshot.currency, figures[field], difference);
  }
  return {
    ...figures,
    known: { value: figures.value ?? computed.known.value, dayPnl: figures.dayPnl ?? computed.known.dayPnl },
    byCurrency: rows,
    decimals: { value: decimalsOf(given.value), dayPnl: decimalsOf(given.dayPnl) },
    reconciliation,
    sessionDays,
    oldestPriceAt,
    markedAt,
    snapshotAgeDays,
    incomplete,
  };
}

/** What the broker's figure has beyond ours belongs to the currency of the portfolio, so that rows add up to the figure. */
function settle(
  rows: CurrencyAmounts[],
  field: 'value' | 'dayPnl',
  currency: string,
  figure: Amount | null,
  difference: Amount | undefined,
): void {
  const { major, factor } = currencyUnit(currency);
  const own = rows.find((row) => row.currency === major);
  const inMajor = (amount: Amount) => amount.times({ above: factor, below: currencyUnit(major).factor });
  const amount = own?.[field];
  if (difference !== undefined && own !== undefined && amount != null) {
    own[field] = own.known[field] = amount.plus(inMajor(difference));
  } else if (difference !== undefined && own === undefined && difference.sign !== 0) {
    const [other, extra] = [Amount.ZERO, inMajor(difference)];
    const sums = { value: other, dayPnl: other, [field]: extra };
    rows.push({ currency: major, cash: Amount.ZERO, ...sums, known: { ...sums } });
    rows.sort((a, b) => (a.currency < b.currency ? -1 : 1));
  } else if (figure !== null && own !== undefined && rows.length === 1) {
    own[field] = own.known[field] = inMajor(figure);
  }
}

function amountsOf({ currency, cash, value, dayPnl, unknown }: CurrencySum): CurrencyAmounts {
  return {
    currency,
    cash,
    value: unknown.value > 0 ? null : value,
    dayPnl: unknown.dayPnl > 0 ? null : dayPnl,
    known: { value, dayPnl },
  };
}

/** By how much marks have moved the portfolio since the snapshot; null if that cannot be said in its currency. */
function movedOf(list: readonly CurrencySum[], conversion: Conversion): Amount | null {
  let total = Amount.ZERO;
  for (const { currency, moved, unknown } of list) {
    if (unknown.moved > 0) return null;
    if (moved.sign === 0) continue;
    const rate = conversion.rate(currency);
    if (rate === undefined) return null;
    total = total.plus(conversion.amount(moved, rate));
  }
  return total;
}

/** What positions say of the portfolio beside its amounts, in one walk: a tick takes it for each portfolio. */
function factsOf(positions: readonly ValuedPosition[], ageDays: number) {
  let snapshotAgeDays = ageDays;
  let [oldestPriceAt, markedAt]: [string | null, string | null] = [null, null];
  const sessionDays: string[] = [];
  const incomplete: Incomplete[] = [];
  for (const position of positions) {
    const { pricedAt, quotedAt } = position;
    if (pricedAt !== null && (oldestPriceAt === null || pricedAt < oldestPriceAt)) oldestPriceAt = pricedAt;
    if (quotedAt !== null && (markedAt === null || quotedAt > markedAt)) markedAt = quotedAt;
    if (position.snapshotAgeDays > snapshotAgeDays) snapshotAgeDays = position.snapshotAgeDays;
    if (!sessionDays.includes(position.sessionDay)) sessionDays.push(position.sessionDay);
    if (position.incomplete.length > 0) incomplete.push(...position.incomplete);
  }
  return { snapshotAgeDays, incomplete, oldestPriceAt, markedAt, sessionDays: sessionDays.sort() };
}
