import { Decimal } from '#decimal';
import { Amount, type Ratio } from './amount.js';
import { type Contract, contractOf, priceIn, worthOf } from './contract.js';
import { isSameUnit } from './currencies.js';
import type { AdjustmentFacts, MarkFacts, PositionFacts, QuoteFacts } from './facts.js';
import type { BlockingReason } from './incomplete.js';
import { type PreviousClose, previousCloseOf, type RollMark, type SentClose } from './previous-close.js';
import type { SessionDays, SessionSpan } from './session-days.js';
import { factorBetween, looksLikeSplit } from './splits.js';

/** All that the worth of one position depends on. */
export interface PositionInput {
  position: PositionFacts;
  /** Time of the snapshot. */
  snapshotAsOf: string;
  /** Currency of the portfolio. */
  currency: string;
  days: SessionDays;
  /** The desk's moment, ms since 1970. */
  moment: number;
  quote: QuoteFacts | undefined;
  /** The newest mark of the key before the session day that `sessionOf` names. */
  closeMark: MarkFacts | undefined;
  adjustments: readonly AdjustmentFacts[];
  staleAfterMs: number;
}

const ONE = Decimal.of(1n);

const instants = new Map<string, number>();
const INSTANTS_KEPT = 10_000;

/** A time in ms since 1970. Positions of one snapshot and quotes of one batch have the same times. */
export function instantOf(time: string): number {
  let at = instants.get(time);
  if (at === undefined) {
    if (instants.size === INSTANTS_KEPT) instants.clear();
    instants.set(time, (at = Date.parse(time)));
  }
  return at;
}

/** The session that a position is measured in: that of the desk's moment, or of newer data. */
export function sessionOf(input: Pick<PositionInput, 'days' | 'moment' | 'snapshotAsOf' | 'quote'>): SessionSpan {
  return input.days.at(momentOf(input));
}

function momentOf({ moment, snapshotAsOf, quote }: Pick<PositionInput, 'moment' | 'snapshotAsOf' | 'quote'>): number {
  return Math.max(moment, instantOf(snapshotAsOf), quote === undefined ? 0 : instantOf(quote.asOf));
}

/** The session of a position, the price that counts and what it makes the position worth. */
export class PricedPosition {
  readonly contract: Contract;
  readonly currency: string;
  readonly span: SessionSpan;
  readonly snapshotDay: string;
  /** Whether the snapshot is of this session, so that what it says of the day counts. */
  readonly current: boolean;
  /** Whether the quote is in another currency and therefore not used. */
  readonly quoteRefused: boolean;
  /** Units of today for one of the snapshot. */
  readonly factor: Decimal;
  /** Undefined if neither the snapshot nor a quote has one. */
  readonly price: Ratio | undefined;
  readonly pricedAt: string | null;
  readonly quotedAt: string | null;
  readonly stale: boolean;
  readonly splitSuspected: boolean;
  /** Worth at the price of the snapshot, and now; undefined without a price, or where an inverse contract has none above 0. */
  readonly before: Amount | undefined;
  readonly now: Amount | undefined;
  private readonly quote: QuoteFacts | undefined;

  constructor(private readonly input: PositionInput) {
    const { position, days, adjustments, snapshotAsOf } = input;
    this.contract = contractOf(position);
    this.currency = position.currency ?? input.currency;
    this.quoteRefused = input.quote !== undefined && !this.isOwnCurrency(input.quote);
    this.quote = this.quoteRefused ? undefined : input.quote;
    const moment = momentOf({ ...input, quote: this.quote });
    this.span = days.at(moment);
    this.snapshotDay = days.at(instantOf(snapshotAsOf)).day;
    this.current = this.snapshotDay === this.span.day;
    this.factor = factorBetween(adjustments, this.snapshotDay, this.span.day);

    const sentAt = position.pricedAt ?? snapshotAsOf;
    const unpriced = position.lastPrice === null;
    const quoted = this.quote !== undefined && (unpriced || this.quote.asOf > sentAt) ? this.quote : undefined;
    this.quotedAt = quoted?.asOf ?? null;
    this.pricedAt = quoted?.asOf ?? (unpriced ? null : sentAt);
    this.stale = this.pricedAt !== null && days.isStale(instantOf(this.pricedAt), moment, input.staleAfterMs);
    const pricedOn = quoted === undefined ? this.snapshotDay : days.at(instantOf(quoted.asOf)).day;
    const sentPrice = position.lastPrice === null ? undefined : priceIn(position.lastPrice, this.factor);
    this.price = quoted === undefined ? sentPrice : priceIn(quoted.price, this.unitsSince(pricedOn));
    this.before = this.worth(sentPrice);
    this.now = quoted === undefined ? this.before : this.worth(this.price);
    this.splitSuspected =
      this.contract.size.sign !== 0 &&
      pricedOn !== this.snapshotDay &&
      sentPrice !== undefined &&
      this.price !== undefined &&
      looksLikeSplit(sentPrice, this.price);
  }

  /** Worth at a price; undefined without one, and for an inverse contract at a price that is not above 0. */
  worth(price: Ratio | undefined, size = this.contract.size): Amount | undefined {
    if (price === undefined) return size.sign === 0 ? Amount.ZERO : undefined;
    return worthOf(size.times(this.factor), this.contract.inverse, price);
  }

  /** Worth at a price of the snapshot, in the units of the snapshot. */
  worthAt(price: string | null): Amount | undefined {
    if (this.contract.size.sign === 0) return Amount.ZERO;
    return price === null ? undefined : this.worth(priceIn(price, this.factor));
  }

  /** Units of today for one of `day`. */
  unitsSince(day: string): Decimal {
    return this.input.adjustments.length === 0 ? ONE : factorBetween(this.input.adjustments, day, this.span.day);
  }

  close(): PreviousClose | BlockingReason {
    const { snapshotAsOf, closeMark, days } = this.input;
    const { previousClose, previousCloseDate = null, lastPrice, pricedAt = snapshotAsOf } = this.input.position;
    const sent: SentClose[] = [];
    if (previousClose !== undefined) sent.push({ price: previousClose, asOf: snapshotAsOf, date: previousCloseDate });
    const marks: RollMark[] = [];
    if (lastPrice !== null) marks.push({ price: lastPrice, asOf: pricedAt, currency: null, unitsOf: this.snapshotDay });
    if (this.quote !== undefined) {
      const { previousClose: price, previousCloseAsOf, previousCloseDate: date, asOf } = this.quote;
      if (price !== null) sent.push({ price, asOf: previousCloseAsOf ?? asOf, date });
      marks.push(this.quote);
    }
    if (closeMark !== undefined && this.isOwnCurrency(closeMark)) marks.push(closeMark);
    return previousCloseOf(sent, marks, this.span, days);
  }

  private isOwnCurrency({ currency }: { currency: string | null }): boolean {
    return currency === null || isSameUnit(currency, this.currency);
  }
}
