/** A fraction of integers, so that the expected figures stand on no arithmetic of the product. */
export class Exact {
  static readonly ZERO = new Exact(0n);

  constructor(
    readonly above: bigint,
    readonly below = 1n,
  ) {}

  static of(decimal: string | number): Exact {
    const [whole, part = ''] = String(decimal).split('.');
    return new Exact(BigInt(whole + part), 10n ** BigInt(part.length));
  }

  static sum(amounts: readonly Exact[]): Exact {
    return amounts.reduce((all, next) => all.plus(next), Exact.ZERO);
  }

  plus(other: Exact): Exact {
    return new Exact(this.above * other.below + other.above * this.below, this.below * other.below).reduced();
  }

  minus(other: Exact): Exact {
    return this.plus(new Exact(-other.above, other.below));
  }

  times(...others: readonly Exact[]): Exact {
    return others.reduce((all, { above, below }) => new Exact(all.above * above, all.below * below).reduced(), this);
  }

  over({ above, below }: Exact): Exact {
    return this.times(above < 0n ? new Exact(-below, -above) : new Exact(below, above));
  }

  /** Rounded once to `digits` decimals, half away from zero, without zeros at the end. */
  shown(digits = 18): string {
    const sign = this.above < 0n ? -1n : 1n;
    const scaled = (this.above * sign * 10n ** BigInt(digits) * 2n + this.below) / (this.below * 2n);
    const text = scaled.toString().padStart(digits + 1, '0');
    const shown = `${text.slice(0, -digits)}.${text.slice(-digits)}`.replace(/\.?0+$/, '');
    return sign < 0n && shown !== '0' ? `-${shown}` : shown;
  }

  private reduced(): Exact {
    let [a, b] = [this.above < 0n ? -this.above : this.above, this.below];
    while (b > 0n) [a, b] = [b, a % b];
    return a > 1n ? new Exact(this.above / a, this.below / a) : this;
  }
}

/** An instrument of the replay. Times are minutes of the day in UTC. */
export interface Instrument {
  portfolio: string;
  key: string;
  venue: string;
  /** As the broker sends it, and the currency that its money is in. */
  currency: string;
  money: string;
  /** Money for a price of 1 and a quantity of 1. */
  unit: string;
  multiplier?: string;
  margined?: boolean;
  opens: number;
  closes: number;
  /** Offset of the venue's midnight from UTC, in minutes. */
  zone: number;
  /** Weekdays on which the venue is closed. */
  holidays: readonly string[];
  price: number;
  lot: number;
  split?: { exDate: string; factor: string };
}

interface Trade {
  day: string;
  quantity: Exact;
  price: Exact;
}
interface Mark {
  at: string;
  day: string;
  price: Exact;
}

const MINUTE_MS = 60_000;
export const DAYS = Array.from({ length: 14 }, (_, n) => `2026-11-${17 + n}`);

/** The session days of a venue, and when each begins: its weekdays at its own midnight. */
export function sessionsOf({ zone, holidays }: Instrument): { day: string; begins: number }[] {
  return DAYS.filter((day) => ![0, 6].includes(new Date(day).getUTCDay()) && !holidays.includes(day)).map((day) => ({
    day,
    begins: Date.parse(day) - zone * MINUTE_MS,
  }));
}

export function sessionDayAt(instrument: Instrument, at: string): string {
  return sessionsOf(instrument).findLast(({ begins }) => begins <= Date.parse(at))!.day;
}

/** What really happened to one instrument, and what follows from it. */
export class Ledger {
  readonly trades: Trade[] = [];
  readonly marks: Mark[] = [];

  constructor(readonly instrument: Instrument) {}

  trade(at: string, quantity: Exact, price: Exact): void {
    this.trades.push({ day: sessionDayAt(this.instrument, at), quantity, price });
  }

  mark(at: string, price: Exact): void {
    this.marks.push({ at, day: sessionDayAt(this.instrument, at), price });
  }

  /** Units of `to` for one of `from`. */
  units(from: string, to: string): Exact {
    const { split } = this.instrument;
    return split && from < split.exDate && split.exDate <= to ? Exact.of(split.factor) : Exact.of(1);
  }

  quantity(day: string, of: (trade: Trade) => boolean = () => true): Exact {
    return Exact.sum(this.trades.filter(of).map(({ day: made, quantity }) => quantity.times(this.units(made, day))));
  }

  /** Quantity at the begin of the session. */
  opening(day: string): Exact {
    return this.quantity(day, (trade) => trade.day < day);
  }

  /** The last price, in units of `day`; the last one of an earlier session for `before`. */
  price(day: string, when: 'now' | 'before' = 'now'): Exact {
    const mark = this.marks.findLast((each) => when === 'now' || each.day < day);
    return mark === undefined ? Exact.ZERO : mark.price.over(this.units(mark.day, day));
  }

  /** Money paid in trades; below 0 if more was received. */
  paid(of: (trade: Trade) => boolean = () => true): Exact {
    return this.money(Exact.sum(this.trades.filter(of).map(({ quantity, price }) => quantity.times(price))));
  }

  /** All that was ever won and lost: what is held at its price, less what was paid for it. */
  profit(at: string): Exact {
    const day = sessionDayAt(this.instrument, at);
    return this.money(this.quantity(day).times(this.price(day))).minus(this.paid());
  }

  dayPnl(at: string): Exact {
    const day = sessionDayAt(this.instrument, at);
    const now = this.money(this.quantity(day).times(this.price(day)));
    const begin = this.money(this.opening(day).times(this.price(day, 'before')));
    return now.minus(begin).minus(this.paid((trade) => trade.day === day));
  }

  money(amount: Exact): Exact {
    return amount.times(Exact.of(this.instrument.unit));
  }
}
