import { Decimal } from '#decimal';
import { Amount } from './amount.js';
import { contractOf, priceIn } from './contract.js';
import { type CurrencyUnit, currencyUnit } from './currencies.js';
import { type DayBasis, type DayTrades, dayTradesOf } from './day-trades.js';
import type { PositionFacts } from './facts.js';
import type { BlockingReason, Incomplete, TellingReason } from './incomplete.js';
import type { PreviousClose } from './previous-close.js';
import { PricedPosition, type PositionInput } from './priced-position.js';
import { reconcile, type Reconciliation } from './reconciliation.js';

/** What a position is worth. An amount is null if `incomplete` has a blocking reason for it. In the position's own currency. */
export interface ValuedPosition {
  key: string;
  leg: string;
  currency: string;
  unit: CurrencyUnit;
  /** As sent, or in the units of today after a split. */
  quantity: Amount;
  /** Quantity x multiplier, as sent. */
  size: Decimal;
  averagePrice: Amount | null;
  /** Null if neither the snapshot nor a quote has one. */
  price: Amount | null;
  previousClose: Amount | null;
  value: Amount | null;
  unrealised: Amount | null;
  dayPnl: Amount | null;
  exposure: Amount | null;
  /** By how much marks have moved it since the snapshot. */
  moved: Amount | null;
  dayBasis: DayBasis | null;
  closeBasis: PreviousClose['basis'] | null;
  sessionDay: string;
  /** Session days between the snapshot and now, at most 5. */
  snapshotAgeDays: number;
  pricedAt: string | null;
  /** Time of the quote that prices it; null if the snapshot does. */
  quotedAt: string | null;
  /** Decimals of the broker's own figures, which computed ones keep. */
  decimals: { value: number; dayPnl: number };
  reconciliation: { value?: Reconciliation; dayPnl?: Reconciliation };
  incomplete: Incomplete[];
}

/** A snapshot is as old as any from here on. */
const STALE_SNAPSHOT_DAYS = 5;

export function valuePosition(input: PositionInput): ValuedPosition {
  return new PositionFigures(input).valued();
}

/**
 * Value and day P&L are each worth plus a constant (`Kv`, `Kd` of docs/portfolios.md), so a mark moves both by the same and
 * touches no other position. A figure of the broker only sets the constant.
 */
class PositionFigures {
  private readonly facts: PositionFacts;
  private readonly priced: PricedPosition;
  private readonly incomplete: Incomplete[] = [];
  private readonly reconciliation: ValuedPosition['reconciliation'] = {};

  constructor(private readonly input: PositionInput) {
    this.facts = input.position;
    this.priced = new PricedPosition(input);
  }

  valued(): ValuedPosition {
    const { facts, priced } = this;
    const { contract, span, current } = priced;
    const memo = contract.valuation === 'memo';
    if (priced.quoteRefused) this.tell('currency_mismatch', 'price');
    if (!current && !memo) this.tell('snapshot_of_another_day', 'dayPnl');
    if (priced.stale) this.tell('stale_price', 'price');
    if (priced.splitSuspected) this.tell('split_suspected', 'value');
    const close = priced.close();
    return {
      key: facts.key,
      leg: facts.leg ?? '',
      currency: priced.currency,
      unit: currencyUnit(priced.currency),
      quantity: Amount.of(Decimal.parse(facts.quantity).times(priced.factor)),
      size: contract.size,
      averagePrice: facts.averagePrice === null ? null : inUnits(facts.averagePrice, priced.factor),
      price: priced.price === undefined ? null : Amount.quotient(priced.price.above, priced.price.below),
      previousClose: typeof close === 'string' ? null : inUnits(close.price, priced.unitsSince(close.unitsOf)),
      value: memo ? Amount.ZERO : this.value(),
      unrealised: this.unrealised(),
      ...(memo ? { dayPnl: Amount.ZERO, dayBasis: null, closeBasis: null } : this.day(close)),
      exposure: this.exposure(),
      moved: memo ? Amount.ZERO : priced.now && priced.before ? priced.now.minus(priced.before) : null,
      sessionDay: span.day,
      snapshotAgeDays: current ? 0 : this.input.days.daysBetween(priced.snapshotDay, span.day, STALE_SNAPSHOT_DAYS),
      pricedAt: priced.pricedAt,
      quotedAt: priced.quotedAt,
      decimals: { value: decimalsOf(facts.value), dayPnl: current ? decimalsOf(facts.dayPnl) : 0 },
      reconciliation: this.reconciliation,
      incomplete: this.incomplete,
    };
  }

  private value(): Amount | null {
    const { before, now } = this.priced;
    const computed = this.valueConstant();
    if (now === undefined) return this.block(this.unpriced, 'value');
    const constant = this.givenConstant('value', this.facts.value, computed, before) ?? computed;
    return typeof constant === 'string' ? this.block(constant, 'value') : now.plus(constant);
  }

  /** Value less worth: what was accrued, or for a margined position its worth at the price up to which cash has the profit. */
  private valueConstant(): Amount | BlockingReason {
    const { accrued, settlementPrice, averagePrice } = this.facts;
    if (this.priced.contract.valuation === 'premium')
      return accrued === undefined ? Amount.ZERO : Amount.of(Decimal.parse(accrued));
    const settled = this.priced.worthAt(settlementPrice ?? averagePrice);
    return settled === undefined ? 'average_unknown' : settled.negated();
  }

  private day(close: PreviousClose | BlockingReason): Pick<ValuedPosition, 'dayPnl' | 'dayBasis' | 'closeBasis'> {
    const { before, now, current, splitSuspected, contract } = this.priced;
    const quantity = Decimal.parse(this.facts.quantity);
    const atAverage = this.priced.worthAt(this.facts.averagePrice);
    const trades = dayTradesOf(current ? this.facts.day : undefined, quantity, contract.inverse, atAverage);
    const computed = this.dayConstant(trades, close);
    const given = this.givenConstant('dayPnl', current ? this.facts.dayPnl : undefined, computed, before);
    const constant = given ?? computed;
    let dayPnl: Amount | null;
    if (splitSuspected) dayPnl = this.block('split_suspected', 'dayPnl');
    else if (now === undefined) dayPnl = this.block(this.unpriced, 'dayPnl');
    else dayPnl = typeof constant === 'string' ? this.block(constant, 'dayPnl') : now.plus(constant);
    if (given !== undefined) return { dayPnl, dayBasis: 'broker', closeBasis: null };
    if (typeof trades === 'string') return { dayPnl, dayBasis: null, closeBasis: null };
    const closeBasis = typeof close === 'string' || trades.openQuantity.sign === 0 ? null : close.basis;
    if (dayPnl !== null && closeBasis === 'rolled') this.tell('previous_close_rolled', 'dayPnl');
    return { dayPnl, dayBasis: trades.basis, closeBasis };
  }

  /** Day P&L less worth: minus the start of the session at its close, minus what was paid in trades, plus income. */
  private dayConstant(trades: DayTrades | BlockingReason, close: PreviousClose | BlockingReason) {
    if (typeof trades === 'string') return trades;
    const { openQuantity, paid, income } = trades;
    const flows = income.minus(paid);
    if (openQuantity.sign === 0) return flows;
    if (typeof close === 'string') return close;
    const { size } = contractOf({ ...this.facts, quantity: String(openQuantity) });
    const start = this.priced.worth(priceIn(close.price, this.priced.unitsSince(close.unitsOf)), size);
    return start === undefined ? 'price_not_positive' : flows.minus(start);
  }

  private unrealised(): Amount | null {
    const { now } = this.priced;
    if (now === undefined) return this.block(this.unpriced, 'unrealised');
    const cost = this.priced.worthAt(this.facts.averagePrice);
    return cost === undefined ? this.block('average_unknown', 'unrealised') : now.minus(cost);
  }

  private exposure(): Amount | null {
    const { contract, now } = this.priced;
    if (contract.valuation === 'memo') return Amount.ZERO;
    if (now === undefined) return null;
    return contract.inverse ? now.negated() : now;
  }

  /** The constant that makes the broker's figure true at the price of the snapshot, and beside it what we compute. */
  private givenConstant(
    field: 'value' | 'dayPnl',
    given: string | undefined,
    computed: Amount | BlockingReason,
    before: Amount | undefined,
  ): Amount | undefined {
    if (given === undefined || before === undefined) return undefined;
    if (typeof computed !== 'string') {
      const { shown, differs } = reconcile(given, before.plus(computed), 1);
      this.reconciliation[field] = shown;
      if (differs) this.tell('reconciliation_difference', field);
    }
    return Amount.of(Decimal.parse(given)).minus(before);
  }

  /** Why there is no worth now. */
  private get unpriced(): BlockingReason {
    return this.priced.price === undefined ? 'no_price' : 'price_not_positive';
  }

  private block(reason: BlockingReason, field: Incomplete['field']): null {
    this.tell(reason, field);
    return null;
  }

  private tell(reason: BlockingReason | TellingReason, field: Incomplete['field']): void {
    const { key, leg } = this.facts;
    this.incomplete.push({ position: key, ...(leg === undefined ? {} : { leg }), field, reason });
  }
}

/** A price in the units of today. */
function inUnits(price: string, factor: Decimal): Amount {
  return Amount.quotient(Decimal.parse(price), factor);
}

/** Digits after the point of a broker's figure. */
export function decimalsOf(given: string | undefined): number {
  const point = given?.indexOf('.') ?? -1;
  return point < 0 ? 0 : given!.length - point - 1;
}
