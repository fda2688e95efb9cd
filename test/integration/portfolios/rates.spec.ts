import type { Principal } from '#auth';
import { Changes } from '#changes';
import { Database, Transactions } from '#database';
import { PortfoliosModule } from '#portfolios';
import { AdjustmentsRepository } from '../../../libs/portfolios/rates/adjustments.repository.js';
import { RatesRepository } from '../../../libs/portfolios/rates/rates.repository.js';
import { RatesService } from '../../../libs/portfolios/rates/rates.service.js';
import { ValuationMoment } from '../../../libs/portfolios/rates/valuation-moment.js';
import { ValuationMomentsRepository } from '../../../libs/portfolios/rates/valuation-moments.repository.js';
import { VirtualClock } from '../../setup/virtual-clock.js';
import { testModule, type TestModule } from '../../setup/test-module.js';
import { at, exact, member, refusal } from './desk.fixture.js';

describe('rates, splits and the moment of the desk', () => {
  const clock = new VirtualClock('2026-11-25T09:30:42.500Z');
  let module: TestModule;
  let rates: RatesService;
  let operator: Principal;
  const rate = (base: string, quote: string, price: string, second: number, more: object = {}) => ({
    base,
    quote,
    price,
    asOf: at(second),
    ...more,
  });
  const all = () => module.get<RatesRepository>(RatesRepository).all();
  /** What the change feed tells of `work`. */
  const changed = async (work: () => Promise<unknown>) => {
    const [changes, transactions] = [module.get<Changes>(Changes), module.get<Transactions>(Transactions)];
    const before = await transactions.readSnapshot(() => changes.current());
    await work();
    const { changes: seen } = await transactions.readSnapshot(() => changes.since(before));
    return seen!.map(({ topic, key }) => `${topic} ${key}`).sort();
  };

  beforeAll(async () => {
    module = await testModule([PortfoliosModule], { clock, env: { DESKWIRE_ROLE: 'web', PORTFOLIOS_MAX_RATES: '3' } });
    rates = module.get(RatesService);
    operator = await member(module.get(Database), 'operator');
  });
  afterAll(() => module.close());
  beforeEach(() => module.get<Database>(Database).run('TRUNCATE rates, position_adjustments, valuation_moments'));

  it('an older rate never replaces a newer one, in any order and in one call', async () => {
    const messages = [
      rate('EUR', 'USD', '1.0850', 1, { previousClose: '1.1000', source: 'ecb' }),
      rate('EUR', 'USD', '1.0860', 3),
      rate('EUR', 'USD', '1.0855', 2, { previousClose: '1.1001' }),
    ];
    const expected = [
      {
        ...{ base: 'EUR', quote: 'USD', price: '1.0860', asOf: exact(3), source: null },
        ...{ previousClose: '1.1001', previousCloseAsOf: exact(2) },
      },
    ];
    expect(await rates.post(messages)).toEqual({ stored: 1, stale: 2 });
    expect(await all()).toEqual(expected);
    for (const order of [messages, messages.toReversed()]) {
      await module.get<Database>(Database).run('TRUNCATE rates');
      for (const one of order) await rates.post([one]);
      expect(await all()).toEqual(expected);
    }
    expect(await rates.post(messages)).toEqual({ stored: 0, stale: 3 });
  });

  it('a call with rates appends their pairs to the change feed, and a stale call nothing', async () => {
    const call = () => rates.post([rate('EUR', 'USD', '1', 1), rate('USD', 'JPY', '150.00', 1)]);
    expect(await changed(call)).toEqual(['rates EUR USD', 'rates USD JPY']);
    expect(await changed(call)).toEqual([]);
  });

  it('a rate from the future, or of one pair too many, is refused and nothing of its call is stored', async () => {
    expect(
      await refusal(
        rates.post([rate('EUR', 'USD', '1', 1), { ...rate('A1', 'B1', '1', 1), asOf: '2026-11-25T09:36:00Z' }]),
      ),
    ).toBe('REQUEST_INVALID rates[1].asOf');
    const pairs = ['AA', 'BB', 'CC', 'DD'].map((base) => rate(base, 'USD', '1', 1));
    expect(await refusal(rates.post(pairs))).toBe('PORTFOLIOS_TOO_MANY_RATES');
    expect(await all()).toEqual([]);
    expect(await rates.post(pairs.slice(1))).toEqual({ stored: 3, stale: 0 });
  });

  it('a split is stored once, corrected by another factor, and listed by key and day', async () => {
    const split = (key: string, exDate: string, factor: string) =>
      rates.adjust(operator, { broker: 'zerodha', key, exDate, factor });
    expect(await split('B', '2026-11-23', '4')).toMatchObject({ key: 'B', factor: '4', createdBy: operator.userId });
    expect(await changed(() => split('B', '2026-11-23', '4'))).toEqual([]);
    expect(await changed(() => split('B', '2026-11-23', '1.5'))).toEqual(['adjustments zerodha B']);
    await split('A', '2026-11-24', '2');
    await split('A', '2026-11-20', '3');
    const page = async (cursor?: [string, string, string]) =>
      (await rates.listAdjustments({ broker: 'zerodha', limit: 2, cursor })).items.map(
        ({ key, exDate, factor }) => `${key} ${exDate} ${factor}`,
      );
    expect(await page()).toEqual(['A 2026-11-20 3', 'A 2026-11-24 2']);
    expect(await page(['zerodha', 'A', '2026-11-24'])).toEqual(['B 2026-11-23 1.5']);
    const found = await module.get<AdjustmentsRepository>(AdjustmentsRepository).of([{ broker: 'zerodha', key: 'B' }]);
    expect(found.map(({ key, factor }) => `${key} ${factor}`)).toEqual(['B 1.5']);
  });

  it('the moment is the minute of the clock, moves forward only, and appends to the change feed when it moves', async () => {
    const moments = module.get<ValuationMomentsRepository>(ValuationMomentsRepository);
    const task = module.get<ValuationMoment>(ValuationMoment);
    expect(await moments.current()).toBeNull();
    expect(await changed(() => task.advance())).toEqual(['moment desk']);
    expect(await moments.current()).toBe('2026-11-25T09:30:00.000000Z');
    expect(await changed(() => task.advance())).toEqual([]);
    expect(await moments.advance(new Date('2026-11-25T09:29:00Z'))).toBe(false);
    expect(await moments.advance(new Date('2026-11-25T09:31:00Z'))).toBe(true);
    expect(await moments.current()).toBe('2026-11-25T09:31:00.000000Z');
  });
});
