import patcher from 'fast-json-patch';
import { Clock } from '#time';
import { Database } from '#database';
import { eventually } from '../setup/eventually.js';
import { ValuationMoment } from '../../libs/portfolios/rates/valuation-moment.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { VirtualClock } from '../setup/virtual-clock.js';
import { Broker, BROKERS, dice, happenings, type Happening } from './replay.fixture.js';
import { Exact, type Instrument, type Ledger, sessionDayAt } from './replay-oracle.fixture.js';
import { askInto } from './sockets.fixture.js';

const START = '2026-11-18T14:00:00.000Z';
const clock = new VirtualClock(START);
const RATES: Record<string, number> = { GBP: 1.25, INR: 0.0114, EUR: 1.085, JPY: 151.37 };
/** The euro's only rate is 26 hours of open time old, then 120. */
const [EURO_STALE, EURO_GONE] = ['2026-11-23T00:30:00.000Z', '2026-11-26T22:30:00.000Z'];

/** Of this many quotes and trades one is followed by a comparison; in `npm run test:chaos` each. */
const COMPARED = process.env['CHAOS'] === 'true' ? 1 : 12;

interface Rate {
  price: Exact;
  close: Exact;
  /** The day of foreign exchange that the close is good for. It begins at 22:00 UTC. */
  day: string;
}

describe('the replay of seven sessions of made trades', () => {
  let app: TestApp;
  let trader: { token: string };
  let operator: { token: string };
  const roll = dice(20261119);
  const brokers = Object.fromEntries(Object.keys(BROKERS).map((portfolio) => [portfolio, new Broker(portfolio, roll)]));
  const rates = new Map<string, Rate>();
  const counts: Record<string, number> = {};
  const count = (what: string) => (counts[what] = (counts[what] ?? 0) + 1);
  /** Keys whose splits the desk knows of. Until then it shows the units of before. */
  const announced = new Set<string>();
  let held: any;
  const faults: string[] = [];

  const call = async (method: string, path: string, token: string, body?: unknown) => {
    const answer = await app.request(method, path, { token, body, headers: { 'cache-control': 'no-cache' } });
    expect(answer.status < 300 ? undefined : answer.body).toBeUndefined();
    return answer.body;
  };
  const moment = async (at: string) => {
    clock.set(at);
    await app.get(ValuationMoment).advance();
  };
  const send = async (portfolio: string, at: string) => {
    const body = brokers[portfolio]!.snapshot(at);
    const answer = await call('PUT', `/v1/portfolios/${portfolio}/snapshot`, trader.token, body);
    expect(answer.status).toBe('stored');
  };
  const find = (portfolio: string) => call('GET', `/v1/portfolios/${portfolio}`, trader.token);
  const dashboard = async () => (await call('GET', '/v1/dashboard?panels=portfolios', trader.token)).panels.portfolios;
  const ledgerOf = ({ portfolio, key }: Instrument) =>
    brokers[portfolio]!.ledgers.find(({ instrument }) => instrument.key === key)!;

  /** What one currency of a portfolio is worth, from the trades alone. */
  const expected = (portfolio: string, currency: string, at: string) => {
    const ledgers = brokers[portfolio]!.ledgers.filter(({ instrument }) => instrument.money === currency);
    return {
      value: Exact.sum([brokers[portfolio]!.flows[currency]!, ...ledgers.map((ledger) => ledger.profit(at))]),
      dayPnl: Exact.sum(ledgers.map((ledger) => ledger.dayPnl(at))),
    };
  };
  const rateAt = (currency: string, at: string) => {
    if (currency === 'USD') return { price: Exact.of(1), close: Exact.of(1), day: 'any' };
    return currency === 'EUR' && at > EURO_GONE && at < '2026-11-27T12:00' ? undefined : rates.get(currency);
  };
  const fxDay = (at: string) => new Date(Date.parse(at) + 2 * 3_600_000).toISOString().slice(0, 10);
  /** Friday's day of foreign exchange lasts until Sunday evening. */
  const tradedFxDay = (at: string) => {
    const day = new Date(fxDay(at));
    while ([0, 6].includes(day.getUTCDay())) day.setUTCDate(day.getUTCDate() - 1);
    return day.toISOString().slice(0, 10);
  };
  const expectedBase = (totals: Map<string, { value: Exact; dayPnl: Exact }>, at: string) => {
    const known = [...totals].filter(([currency]) => rateAt(currency, at));
    const full = known.length === totals.size;
    const inBase = (of: 'value' | 'dayPnl') =>
      Exact.sum(known.map(([currency, total]) => total[of].times(rateAt(currency, at)!.price))).shown();
    const closes = known.every(([c]) => c === 'USD' || rateAt(c, at)!.day === tradedFxDay(at));
    const moved = known.map(([currency, { value, dayPnl }]) => {
      const { price, close } = rateAt(currency, at)!;
      return value.minus(dayPnl).times(price).minus(value.minus(dayPnl).times(close));
    });
    return {
      value: full ? inBase('value') : null,
      dayPnl: full ? inBase('dayPnl') : null,
      fxPnl: full && closes ? Exact.sum(moved).shown() : null,
      known: { value: inBase('value'), dayPnl: inBase('dayPnl') },
    };
  };

  /** Compares every figure of every answer with what follows from the trades. */
  const compare = async (at: string) => {
    const totals = new Map<string, { value: Exact; dayPnl: Exact }>();
    const [panel, ...views] = await Promise.all([dashboard(), ...Object.keys(brokers).map(find)]);
    for (const [n, [portfolio, { flows, ledgers }]] of Object.entries(brokers).entries()) {
      const seen = views[n];
      const own = Object.keys(flows).sort();
      expect(seen.byCurrency).toMatchObject(
        own.map((currency) => {
          const { value, dayPnl } = expected(portfolio, currency, at);
          const total = totals.get(currency) ?? { value: Exact.ZERO, dayPnl: Exact.ZERO };
          totals.set(currency, { value: total.value.plus(value), dayPnl: total.dayPnl.plus(dayPnl) });
          return { currency, value: value.shown(), dayPnl: dayPnl.shown() };
        }),
      );
      for (const { key, quantity, dayPnl, sessionDay } of seen.positions) {
        const ledger = ledgers.find(({ instrument }) => instrument.key === key)!;
        const day = sessionDayAt(ledger.instrument, at);
        const pence = ledger.instrument.currency === 'GBX' ? Exact.of(100) : Exact.of(1);
        expect([key, quantity, dayPnl, sessionDay]).toEqual([
          key,
          ledger.quantity(announced.has(key) ? day : START.slice(0, 10)).shown(),
          ledger.dayPnl(at).times(pence).shown(),
          day,
        ]);
      }
    }
    const rows = [...totals].sort(([a], [b]) => (a < b ? -1 : 1));
    expect(panel.totals).toMatchObject(
      rows.map(([currency, { value, dayPnl }]) => ({ currency, value: value.shown(), dayPnl: dayPnl.shown() })),
    );
    expect({ at, ...panel.base }).toMatchObject({ at, ...expectedBase(totals, at) });
    const stale = panel.base.incomplete.some(({ reason }: { reason: string }) => reason === 'rate_stale');
    expect(stale).toBe(at > EURO_STALE && at <= EURO_GONE);
    if (panel.base.value === null) count('base unknown');
    return panel;
  };

  const quote = async (ledger: Ledger, at: string, price: Exact) => {
    const { portfolio, key } = ledger.instrument;
    ledger.mark(at, price);
    const close = ledger.price(sessionDayAt(ledger.instrument, at), 'before');
    const more = close.above !== 0n && roll(3) === 0 ? { previousClose: close.shown() } : {};
    const quotes = [{ broker: BROKERS[portfolio], key, price: price.shown(), asOf: at, ...more }];
    expect(await call('POST', '/v1/quotes', operator.token, { quotes })).toEqual({ stored: 1, stale: 0 });
  };
  /** Up to 1.5 % from the last price, in hundredths. */
  const nextPrice = (ledger: Ledger, at: string) => {
    const last =
      ledger.marks.length === 0 ? Exact.of(ledger.instrument.price) : ledger.price(sessionDayAt(ledger.instrument, at));
    return Exact.of(last.times(new Exact(9_850n + BigInt(roll(301)), 10_000n)).shown(2));
  };
  /** Opens, adds, closes a part, closes, or flips. Instruments with a split stay open. */
  const size = (ledger: Ledger, at: string): Exact => {
    const now = ledger.quantity(sessionDayAt(ledger.instrument, at));
    const lots = Exact.of((1 + roll(9)) * ledger.instrument.lot);
    if (now.above === 0n) return (count('opened'), roll(2) === 0 ? lots : lots.times(Exact.of(-1)));
    const away = new Exact(now.above > 0n ? -1n : 1n);
    const kind = roll(ledger.instrument.split ? 3 : 4);
    if (kind === 0) return (count('added'), lots.times(away).times(Exact.of(-1)));
    if (kind === 1) return (count('flipped'), lots.times(away).minus(now));
    if (kind === 3) return (count('closed'), now.times(Exact.of(-1)));
    const part = now.above * away.above * -1n > now.below ? new Exact(now.above / now.below / 2n) : now;
    return (
      count('partly closed'),
      part.times(Exact.of(-1)).above === -now.above ? lots.times(away).minus(now) : part.times(Exact.of(-1))
    );
  };
  const adjust = async ({ portfolio, key, split }: Instrument) => {
    announced.add(key);
    await call('POST', '/v1/adjustments', operator.token, { broker: BROKERS[portfolio], key, ...split });
  };

  const step = async (event: Happening) => {
    const { at } = event;
    if (event.what === 'flow') {
      const { portfolio, currency } = event;
      const { flows } = brokers[portfolio]!;
      flows[currency] = flows[currency]!.plus(Exact.of((roll(2) === 0 ? -1 : 1) * (100 + roll(900)) + 0.25));
      return send(portfolio, at);
    }
    if (event.what === 'rates') {
      const list = event.currencies.map((currency) => {
        const before = rates.get(currency);
        const text = (RATES[currency]! * (1 + (roll(200) - 100) / 20_000)).toPrecision(6);
        const price = currency === 'JPY' ? Exact.of(1).over(Exact.of(text)) : Exact.of(text);
        const closed = event.closes && before !== undefined;
        rates.set(currency, {
          price,
          close: closed ? before.price : (before?.close ?? price),
          day: closed ? tradedFxDay(at) : (before?.day ?? 'none'),
        });
        const previousClose = closed
          ? (currency === 'JPY' ? Exact.of(1).over(before.price) : before.price).shown()
          : undefined;
        const pair = currency === 'JPY' ? { base: 'USD', quote: 'JPY' } : { base: currency, quote: 'USD' };
        return { ...pair, price: text, asOf: at, ...(previousClose !== undefined && { previousClose }) };
      });
      return call('POST', '/v1/rates', operator.token, { rates: list });
    }
    const ledger = ledgerOf(event.instrument);
    if (event.what === 'split') return adjust(event.instrument);
    if (event.what === 'settlement') {
      brokers[event.instrument.portfolio]!.settle(ledger);
      return send(event.instrument.portfolio, at);
    }
    if (event.what === 'quote') {
      const { split, portfolio, key } = event.instrument;
      await quote(ledger, at, nextPrice(ledger, at));
      // Nobody has said yet that AAPL was split: the price of a quarter is no loss.
      if (key !== 'AAPL' || at.slice(0, 10) !== split!.exDate || counts['suspected']) return;
      count('suspected');
      const suspected = await find(portfolio);
      expect(suspected.dayPnl).toBeNull();
      expect(suspected.incomplete).toContainEqual({ position: 'AAPL', field: 'dayPnl', reason: 'split_suspected' });
      return adjust(event.instrument);
    }
    if (event.what === 'trade') {
      const price = nextPrice(ledger, at);
      ledger.trade(at, size(ledger, at), price);
      return send(event.instrument.portfolio, at);
    }
    return undefined;
  };

  beforeAll(async () => {
    app = await startTestApp({ env: { PORTFOLIOS_BASE_CURRENCY: 'USD' } });
    [trader, operator] = [await app.login('trader'), await app.login('operator')];
    app.get(Clock).now = () => clock.now();
    // The moment never goes back, and the desk was started today.
    await app.get(Database).run('DELETE FROM valuation_moments');
    await moment(START);
    for (const portfolio of Object.keys(brokers)) await send(portfolio, START);
    const socket = app.socket(trader.token);
    await new Promise((resolve, reject) => socket.on('connect', () => resolve(0)).on('connect_error', reject));
    const take = ({ snapshot, panels }: any) => (held = { snapshot, panels });
    socket.on('dashboard:snapshot', take);
    socket.on('dashboard:delta', ({ from, patch }) => {
      if (from !== held.snapshot.id) faults.push(`a delta from ${from} to one who holds ${held.snapshot.id}`);
      else held = patcher.applyPatch(held, patch).newDocument;
    });
    await askInto(socket, 'dashboard:subscribe', { panels: ['portfolios'] }, take);
  });
  afterAll(() => app.close());

  it('every figure is that of the trades, and each day the value changes by day P&L and flows, to the last digit', async () => {
    const start = new Map<string, { value: Exact; flows: Exact }>();
    const sums = new Map<string, Exact>();
    const ends = new Map<string, Exact>();
    const ended = new Set<string>();
    for (const [portfolio, { flows }] of Object.entries(brokers))
      for (const [currency, flow] of Object.entries(flows)) {
        start.set(`${portfolio} ${currency}`, { value: flow, flows: flow });
        ends.set(`${portfolio} ${currency}`, flow);
      }
    const flowsAtEnd = new Map([...start].map(([name, { flows }]) => [name, flows]));
    for (const [at, event] of happenings(roll).entries()) {
      await moment(event.at);
      await step(event);
      if ((event.what === 'quote' || event.what === 'trade') && at % COMPARED !== 0) continue;
      const panel = await compare(event.at);
      if (event.what !== 'end of day') continue;
      const { portfolio, money } = event.instrument;
      const name = `${portfolio} ${money}`;
      if (ended.has(`${name} ${event.day}`)) continue;
      ended.add(`${name} ${event.day}`);
      // From the answers alone, but for the flows.
      const row = (await find(portfolio)).byCurrency.find(({ currency }: { currency: string }) => currency === money);
      const [value, dayPnl] = [Exact.of(row.value), Exact.of(row.dayPnl)];
      const flows = brokers[portfolio]!.flows[money]!;
      const change = value.minus(ends.get(name)!).minus(flows.minus(flowsAtEnd.get(name)!));
      expect([name, event.day, change.shown()]).toEqual([name, event.day, dayPnl.shown()]);
      ends.set(name, value);
      flowsAtEnd.set(name, flows);
      sums.set(name, (sums.get(name) ?? Exact.ZERO).plus(dayPnl));
      await eventually(() => expect(held.panels.portfolios).toEqual(panel));
    }
    for (const [name, { value, flows }] of start) {
      const change = ends.get(name)!.minus(value).minus(flowsAtEnd.get(name)!.minus(flows));
      expect([name, sums.get(name)!.shown()]).toEqual([name, change.shown()]);
      expect(sums.get(name)!.above).not.toBe(0n);
    }
    expect(faults).toEqual([]);
    // NSE, NYSE and TSE had a holiday each.
    expect(ended.size).toBe(6 + 7 + 7 + 6 + 6 + 6);
    for (const what of ['opened', 'added', 'partly closed', 'closed', 'flipped', 'base unknown'])
      expect([what, counts[what]! >= 2]).toEqual([what, true]);
    expect([announced.size, counts['suspected']]).toEqual([2, 1]);
  });
});
