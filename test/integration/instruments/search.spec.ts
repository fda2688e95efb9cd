import { Database } from '#database';
import { InstrumentImporter, InstrumentsModule, InstrumentsService } from '#instruments';
import type { SearchKey } from '../../../libs/instruments/catalogue/instrument-filter.js';
import { type TestModule, testModule } from '../../setup/test-module.js';
import { bytesOf, kiteCsv, MADE_EXPIRY, type MadeContract } from './masters.fixture.js';

describe('instrument search', () => {
  let desk: TestModule;
  const search = async (query: string | undefined, filter: object = {}, limit = 10) =>
    (await desk.get(InstrumentsService).search({ query, ...filter }, limit)).map((row) => row.tradingsymbol);

  beforeAll(async () => {
    desk = await testModule([InstrumentsModule]);
    const cash = (token: number, symbol: string, name: string): MadeContract => ({
      token,
      symbol,
      name,
      expiry: '',
      strike: '0',
      type: 'EQ',
      exchange: 'NSE',
    });
    const option = (token: number, name: string, strike: number, type: string): MadeContract => ({
      token,
      symbol: `${name}26AUG${strike}${type}`,
      name,
      strike: String(strike),
      type,
    });
    const options = ['NIFTY', 'BANKNIFTY', 'HINDPETRO'].flatMap((name, index) =>
      Array.from({ length: 100 }, (_, step) =>
        option(1_000 * (index + 1) + step, name, 20_000 + 100 * (step >> 1), step % 2 ? 'PE' : 'CE'),
      ),
    );
    const master = kiteCsv([
      ...options,
      cash(1, 'RELIANCE', 'RELIANCE INDUSTRIES'),
      cash(2, 'NIFTY 50', 'NIFTY 50'),
      cash(3, 'NIFTYBEES', 'NIPPON INDIA ETF NIFTY BEES'),
      cash(4, '100%_SAFE', 'Percent & Co'),
      cash(5, 'HINDPETRO', 'HINDUSTAN PETROLEUM CORP'),
      cash(6, 'nifty lower', 'Écrit autrement'),
      cash(7, 'RELAXO', 'RELAXO FOOT'),
    ]);
    await desk.get(InstrumentImporter).import(bytesOf(master), { broker: 'zerodha', source: 'made' });
  });
  afterAll(() => desk.close());

  it('search returns the exact symbol first, then prefixes, in any case', async () => {
    expect((await search('hindpetro'))[0]).toBe('HINDPETRO');
    expect((await search('HINDPETRO'))[1]).toBe('HINDPETRO26AUG20000CE');
    expect((await search('nifty 50'))[0]).toBe('NIFTY 50');
    expect(await search('Nifty L')).toContain('nifty lower');
  });

  it('search finds by the start of a name, by all words of the query, and by similarity', async () => {
    expect((await search('hindustan petr'))[0]).toBe('HINDPETRO');
    expect((await search('nifty 24500 pe'))[0]).toBe('NIFTY26AUG24500PE');
    expect((await search('RELAINCE'))[0]).toBe('RELIANCE');
    expect((await search('HINDPTRO'))[0]).toMatch(/^HINDPETRO/);
    expect((await search('24900PE')).slice(0, 3)).toEqual([
      'BANKNIFTY26AUG24900PE',
      'HINDPETRO26AUG24900PE',
      'NIFTY26AUG24900PE',
    ]);
    expect(await search('ÉCRIT')).toEqual(['nifty lower']);
    expect(await search('@@@')).toEqual([]);
  });

  it('search treats %, _ and backslash literally', async () => {
    expect(await search('100%_')).toEqual(['100%_SAFE']);
    expect((await search('%'))[0]).toBe('100%_SAFE');
    expect(await search('_SAFE')).toEqual(['100%_SAFE']);
    expect(await search('\\')).toEqual([]);
  });

  it('search filters by exchange, segment, type and expiry, with or without words', async () => {
    expect(await search('NIFTY', { exchange: 'NSE' })).toEqual(['NIFTY 50', 'nifty lower', 'NIFTYBEES']);
    expect(await search(undefined, { type: 'PE', expiry: MADE_EXPIRY, segment: 'NFO-OPT' }, 500)).toHaveLength(150);
    expect(await search(undefined, { expiry: '2026-08-26' })).toEqual([]);
  });

  it.each(['NIFTY', 'nifty 2', 'HINDPTRO', 'PE', undefined])(
    'pages of any size return every result of %p once and in the same order',
    async (query) => {
      const service = desk.get(InstrumentsService);
      const whole = await service.search({ query }, 500);
      expect(new Set(whole.map((row) => row.id)).size).toBe(whole.length);
      expect(whole.length).toBeGreaterThan(20);
      for (const limit of [7, 50]) {
        const paged: string[] = [];
        let last: (typeof whole)[number] | undefined;
        do {
          const page = await service.search({ query }, limit, last && [last.rank, last.upper, last.id]);
          paged.push(...page.map((row) => row.id));
          last = page.length === limit ? page.at(-1) : undefined;
        } while (last && paged.length <= whole.length);
        expect(paged).toEqual(whole.map((row) => row.id));
      }
    },
  );

  it('search filters by underlying, strike and range of expiries, with or without words', async () => {
    const nifty = { underlying: 'nifty', strikeFrom: '24000', strikeTo: '24200' };
    const strikes = [24_000, 24_100, 24_200].flatMap((strike) => [`NIFTY26AUG${strike}CE`, `NIFTY26AUG${strike}PE`]);
    expect(await search(undefined, nifty)).toEqual(strikes);
    expect(await search('NIFTY', { ...nifty, type: 'CE', strike: '24100' })).toEqual(['NIFTY26AUG24100CE']);
    expect(await search(undefined, { strike: '24100' }, 500)).toHaveLength(6);
    expect(await search(undefined, { expiryFrom: MADE_EXPIRY, expiryTo: MADE_EXPIRY }, 500)).toHaveLength(300);
    const dayAfter = new Date(Date.parse(MADE_EXPIRY) + 86_400_000).toISOString().slice(0, 10);
    expect(await search(undefined, { expiryFrom: dayAfter })).toEqual([]);
    expect(await search(undefined, { underlying: 'NIFTY 50' })).toEqual([]);
  });

  it.each([{ underlying: 'BANKNIFTY' }, { strikeFrom: '22000' }, { expiryTo: MADE_EXPIRY }])(
    'pages of the filter %j return every result once and in the same order',
    async (filter) => {
      const service = desk.get(InstrumentsService);
      const whole = (await service.search(filter, 500)).map((row) => row.id);
      expect(whole.length).toBeGreaterThan(50);
      const paged: string[] = [];
      for (let last: SearchKey | undefined, more = true; more;) {
        const page = await service.search(filter, 40, last);
        paged.push(...page.map((row) => row.id));
        more = page.length === 40;
        const end = page.at(-1);
        if (end) last = [end.rank, end.upper, end.id];
      }
      expect(paged).toEqual(whole);
    },
  );

  it('search omits delisted contracts unless requested', async () => {
    await desk.get(Database).run(`UPDATE instruments SET delisted_at = now() WHERE tradingsymbol = 'RELIANCE'`);
    expect(await search('RELIANCE')).not.toContain('RELIANCE');
    expect(await search('RELIANCE', { includeDelisted: true })).toContain('RELIANCE');
  });
});
