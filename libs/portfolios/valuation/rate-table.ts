import { Decimal } from '#decimal';
import { Amount, type Ratio } from './amount.js';
import type { RateFacts } from './facts.js';
import type { SessionDays } from './session-days.js';

/** A way from one currency to another: `amount[to] = amount[from] x rate`. */
export interface RatePath {
  from: string;
  to: string;
  rate: Ratio;
  /** The rate at the previous close of foreign exchange; null if one of its legs has none. */
  close: Ratio | null;
  /** One or two legs, such as `JPY->USD inverse`. */
  path: string[];
  /** Time of the older leg. */
  asOf: string;
  stale: boolean;
}

export interface RateTableOptions {
  /** The desk's moment, ms since 1970. */
  moment: number;
  /** The calendar of foreign exchange: a rate does not age at the weekend. */
  days: SessionDays;
  /** The desk's base currency: the first of the pivots. */
  base: string | null;
}

const HOUR_MS = 3_600_000;
/** Open time after which a rate is flagged, and after which it counts as none. */
const STALE_MS = 26 * HOUR_MS;
const TOO_OLD_MS = 5 * 24 * HOUR_MS;
const PIVOTS = ['USD', 'EUR', 'INR', 'USDT'];

/** Finds rates by at most two legs. Fewest legs first, then the path whose older leg is newer, then the order of the pivots. */
export class RateTable {
  private readonly legs = new Map<string, RatePath>();
  readonly #found = new Map<string, RatePath | undefined>();
  private readonly pivots: readonly string[];
  readonly #days: SessionDays;
  private readonly dayEnds: number;
  /** Times of the oldest rates that are not flagged, and that count. */
  private readonly oldest = { fresh: Infinity, counted: Infinity };

  constructor(rates: readonly RateFacts[], { moment, days, base }: RateTableOptions) {
    this.pivots = [...new Set(base === null ? PIVOTS : [base, ...PIVOTS])];
    const [stale, tooOld] = [days.staleBefore(moment, STALE_MS), days.staleBefore(moment, TOO_OLD_MS)];
    const { day: today, ends } = days.at(moment);
    this.#days = days;
    this.dayEnds = ends;
    for (const rate of rates) {
      const at = Date.parse(rate.asOf);
      if (at < tooOld) continue;
      this.oldest.counted = Math.min(this.oldest.counted, at);
      if (at >= stale) this.oldest.fresh = Math.min(this.oldest.fresh, at);
      const price = Decimal.parse(rate.price);
      const close = closeOf(rate, days, today);
      const common = { asOf: rate.asOf, stale: at < stale };
      this.add({
        ...common,
        from: rate.base,
        to: rate.quote,
        rate: { above: price, below: ONE },
        close: close && { above: close, below: ONE },
        path: [`${rate.base}->${rate.quote}`],
      });
      this.add({
        ...common,
        from: rate.quote,
        to: rate.base,
        rate: { above: ONE, below: price },
        close: close && { above: ONE, below: close },
        path: [`${rate.quote}->${rate.base} inverse`],
      });
    }
  }

  /** Whether a later moment changes it: the day of foreign exchange has ended, or a rate has become stale or too old. */
  changesAt(moment: number): boolean {
    const { oldest } = this;
    const days = this.#days;
    return (
      moment >= this.dayEnds ||
      days.isStale(oldest.fresh, moment, STALE_MS) ||
      days.isStale(oldest.counted, moment, TOO_OLD_MS)
    );
  }

  /** Between two major currencies. Undefined if there is no way by two legs. */
  find(from: string, to: string): RatePath | undefined {
    const pair = `${from} ${to}`;
    if (!this.#found.has(pair)) this.#found.set(pair, this.search(from, to));
    return this.#found.get(pair);
  }

  private search(from: string, to: string): RatePath | undefined {
    const direct = this.legs.get(`${from} ${to}`);
    if (direct !== undefined) return direct;
    let best: RatePath | undefined;
    for (const pivot of this.pivots) {
      const [first, second] = [this.legs.get(`${from} ${pivot}`), this.legs.get(`${pivot} ${to}`)];
      if (first === undefined || second === undefined) continue;
      const path = joined(first, second);
      if (best === undefined || path.asOf > best.asOf) best = path;
    }
    return best;
  }

  /** Of a pair that is quoted both ways, the newer one counts, or of equally new ones the direct one. */
  private add(leg: RatePath): void {
    const pair = `${leg.from} ${leg.to}`;
    const known = this.legs.get(pair);
    const direct = leg.rate.below === ONE;
    if (known === undefined || leg.asOf > known.asOf || (leg.asOf === known.asOf && direct)) this.legs.set(pair, leg);
  }
}

const ONE = Decimal.of(1n);

/** The previous close of a rate, if the message that brought it is of today. */
function closeOf(rate: RateFacts, days: SessionDays, today: string): Decimal | null {
  const { previousClose, previousCloseAsOf, asOf } = rate;
  if (previousClose === null || days.at(Date.parse(previousCloseAsOf ?? asOf)).day !== today) return null;
  const close = Decimal.parse(previousClose);
  return close.sign > 0 ? close : null;
}

function joined(first: RatePath, second: RatePath): RatePath {
  return {
    from: first.from,
    to: second.to,
    rate: product(first.rate, second.rate),
    close: first.close && second.close && product(first.close, second.close),
    path: [...first.path, ...second.path],
    asOf: first.asOf < second.asOf ? first.asOf : second.asOf,
    stale: first.stale || second.stale,
  };
}

function product(a: Ratio, b: Ratio): Ratio {
  return { above: a.above.times(b.above), below: a.below.times(b.below) };
}

/** A rate as it is shown. */
export function shownRate({ above, below }: Ratio): string {
  return Amount.quotient(above, below).shown();
}
