import { Exact, type Instrument, Ledger, sessionDayAt, sessionsOf } from './replay-oracle.fixture.js';

const NSE = {
  venue: 'NSE',
  currency: 'INR',
  money: 'INR',
  opens: 225,
  closes: 600,
  zone: 330,
  holidays: ['2026-11-24'],
};
const NYSE = {
  venue: 'NYSE',
  currency: 'USD',
  money: 'USD',
  opens: 870,
  closes: 1260,
  zone: -300,
  holidays: ['2026-11-26'],
};
const EUROPE = { opens: 480, closes: 990, holidays: [] };

/** 5 venues and 5 currencies; a future, an option, a share in pence, and 2 splits: one after a weekend and a holiday. */
export const INSTRUMENTS: readonly Instrument[] = [
  { ...NSE, portfolio: 'india', key: 'INFY', unit: '1', price: 1500, lot: 10 },
  {
    ...NSE,
    portfolio: 'india',
    key: 'NIFTY26NOVFUT',
    unit: '75',
    multiplier: '75',
    margined: true,
    price: 26000,
    lot: 1,
  },
  {
    ...EUROPE,
    portfolio: 'world',
    key: 'VOD',
    venue: 'XLON',
    currency: 'GBX',
    money: 'GBP',
    unit: '0.01',
    zone: 0,
    price: 433.7,
    lot: 500,
  },
  {
    ...EUROPE,
    portfolio: 'world',
    key: 'AIR',
    venue: 'XETR',
    currency: 'EUR',
    money: 'EUR',
    unit: '1',
    zone: 60,
    price: 180,
    lot: 7,
  },
  {
    ...{
      portfolio: 'world',
      key: 'SONY',
      venue: 'XTKS',
      currency: 'JPY',
      money: 'JPY',
      unit: '1',
      price: 15000,
      lot: 3,
    },
    ...{ opens: 0, closes: 390, zone: 540, holidays: ['2026-11-23'], split: { exDate: '2026-11-24', factor: '5' } },
  },
  { ...NYSE, portfolio: 'world', key: 'MSFT 261218C500', unit: '100', multiplier: '100', price: 12.5, lot: 1 },
  {
    ...NYSE,
    portfolio: 'us',
    key: 'AAPL',
    unit: '1',
    price: 400,
    lot: 10,
    split: { exDate: '2026-11-27', factor: '4' },
  },
];

export const BROKERS: Record<string, string> = { india: 'zerodha', world: 'ibkr', us: 'alpaca' };
export const DEPOSITS: Record<string, Record<string, number>> = {
  india: { INR: 5_000_000 },
  world: { USD: 100_000, GBP: 20_000, EUR: 30_000, JPY: 4_000_000 },
  us: { USD: 50_000 },
};

export type Happening =
  | { at: string; what: 'quote' | 'trade' | 'settlement'; instrument: Instrument }
  | { at: string; what: 'flow'; portfolio: string; currency: string }
  | { at: string; what: 'rates'; currencies: readonly string[]; closes: boolean }
  | { at: string; what: 'split'; instrument: Instrument }
  | { at: string; what: 'end of day'; instrument: Instrument; day: string };

/** mulberry32, so that one seed gives one replay. */
export function dice(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const time = (ms: number) => new Date(ms).toISOString();
const minute = (day: string, of: number) => time(Date.parse(day) + of * 60_000);
/** The sessions that are replayed: from Thursday to the Friday of the next week. */
const isReplayed = (day: string) => day >= '2026-11-19' && day <= '2026-11-27';

/** All that happens from 2026-11-18T22:00Z on, in order. */
export function happenings(roll: (below: number) => number): Happening[] {
  const list: Happening[] = [];
  for (const instrument of INSTRUMENTS) {
    const { opens, closes } = instrument;
    for (const [n, { day }] of sessionsOf(instrument).entries()) {
      if (!isReplayed(day)) continue;
      list.push({ at: minute(day, opens + 5), what: 'quote', instrument });
      for (let more = 2 + roll(3); more > 0; more--) {
        const what = more === 1 || roll(2) === 0 ? ('trade' as const) : ('quote' as const);
        list.push({ at: minute(day, opens + 10 + roll(closes - opens - 20)), what, instrument });
      }
      list.push({ at: minute(day, closes - 1), what: 'quote', instrument });
      if (instrument.margined) list.push({ at: minute(day, closes + 20), what: 'settlement', instrument });
      const next = sessionsOf(instrument)[n + 1]!;
      list.push({ at: time(next.begins - 60_000), what: 'end of day', instrument, day });
    }
  }
  // A deposit or a withdrawal a day, also on the weekend.
  for (let day = 19; day <= 28; day++) {
    const portfolio = ['india', 'world', 'us'][roll(3)]!;
    const currencies = Object.keys(DEPOSITS[portfolio]!);
    const currency = currencies[roll(currencies.length)]!;
    list.push({ at: minute(`2026-11-${day}`, 420 + roll(900)), what: 'flow', portfolio, currency });
  }
  for (let day = 18; day <= 27; day++) {
    // The yen has no rate before the second noon. The euro has none between Thursday evening and the Friday of the week after.
    const currencies = (noon: boolean) => [
      'GBP',
      'INR',
      ...(day < 20 || (day === 27 && noon) ? ['EUR'] : []),
      ...(day > 20 || (day === 20 && noon) ? ['JPY'] : []),
    ];
    const weekday = new Date(`2026-11-${day}`).getUTCDay();
    if (weekday < 5)
      list.push({ at: minute(`2026-11-${day}`, 1_350), what: 'rates', currencies: currencies(false), closes: true });
    if (weekday > 0 && weekday < 6 && day > 18)
      list.push({ at: minute(`2026-11-${day}`, 720), what: 'rates', currencies: currencies(true), closes: false });
  }
  const sony = INSTRUMENTS.find(({ key }) => key === 'SONY')!;
  list.push({ at: '2026-11-23T02:00:00.000Z', what: 'split', instrument: sony });
  return list.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** A broker: knows the trades and sends snapshots of them, as brokers do. */
export class Broker {
  readonly ledgers: Ledger[];
  readonly flows: Record<string, Exact> = {};
  private readonly settled = new Map<Ledger, Exact>();

  constructor(
    readonly portfolio: string,
    private readonly roll: (below: number) => number,
  ) {
    this.ledgers = INSTRUMENTS.filter((each) => each.portfolio === portfolio).map((each) => new Ledger(each));
    for (const [currency, amount] of Object.entries(DEPOSITS[portfolio]!)) this.flows[currency] = Exact.of(amount);
  }

  settle(ledger: Ledger): void {
    this.settled.set(ledger, ledger.marks.at(-1)!.price);
  }

  snapshot(at: string) {
    const known = this.ledgers.filter((ledger) => {
      const day = sessionDayAt(ledger.instrument, at);
      return ledger.quantity(day).above !== 0n || ledger.trades.at(-1)?.day === day;
    });
    const currencies = Object.keys(this.flows);
    return {
      broker: BROKERS[this.portfolio],
      account: 'A',
      asOf: at,
      currency: this.portfolio === 'india' ? 'INR' : 'USD',
      cashBalances: currencies.map((currency) => ({ currency, amount: this.cash(currency, at).shown() })),
      positions: known.map((ledger) => this.position(ledger, at)),
    };
  }

  private position(ledger: Ledger, at: string) {
    const { instrument, trades, marks } = ledger;
    const { key, venue, currency, multiplier, margined } = instrument;
    const day = sessionDayAt(instrument, at);
    const side = (sign: bigint, money: boolean) => {
      const made = trades.filter((each) => each.day === day && each.quantity.above * sign > 0n);
      const sum = Exact.sum(
        made.map(({ quantity, price }) => (money ? ledger.money(quantity.times(price)) : quantity)),
      );
      // Values are in the currency of the position: pence for a share in pence.
      const own = money && currency === 'GBX' ? sum.times(Exact.of(100)) : sum;
      return own.times(new Exact(sign)).shown();
    };
    const close = ledger.price(day, 'before');
    const first = trades[0]!.day === day;
    return {
      ...{ key, venue, currency, quantity: ledger.quantity(day).shown(), lastPrice: ledger.price(day).shown() },
      ...{ pricedAt: marks.at(-1)!.at, ...(multiplier && { multiplier }) },
      // Neither the value nor the day P&L may depend on it.
      averagePrice: trades.at(-1)!.price.shown(),
      ...(margined && { valuation: 'margined', settlementPrice: this.settlementPrice(ledger).shown() }),
      // A broker leaves it out at times: the last price of the session before stands in.
      ...(!first && this.roll(2) === 0 ? { previousClose: close.shown() } : {}),
      day: {
        openQuantity: ledger.opening(day).shown(),
        ...{ buyQuantity: side(1n, false), buyValue: side(1n, true) },
        ...{ sellQuantity: side(-1n, false), sellValue: side(-1n, true) },
      },
    };
  }

  private cash(currency: string, at: string): Exact {
    return this.ledgers
      .filter(({ instrument }) => instrument.money === currency)
      .reduce((cash, ledger) => {
        const quantity = ledger.quantity(sessionDayAt(ledger.instrument, at));
        const variation = ledger.instrument.margined
          ? ledger.money(quantity.times(this.settlementPrice(ledger)))
          : Exact.ZERO;
        return cash.minus(ledger.paid()).plus(variation);
      }, this.flows[currency]!);
  }

  private settlementPrice(ledger: Ledger): Exact {
    return this.settled.get(ledger) ?? ledger.trades[0]?.price ?? Exact.ZERO;
  }
}
