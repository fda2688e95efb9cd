import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Database } from '#database';
import { InstrumentImporter, InstrumentsModule, InstrumentsService } from '#instruments';
import { type TestModule, testModule } from '../../setup/test-module.js';
import { VirtualClock } from '../../setup/virtual-clock.js';
import { bytesOf, kiteCsv, type MadeContract } from './masters.fixture.js';

/** An option of Kite: a week's symbol has the day, a month's the month. */
const option = (
  token: number,
  name: string,
  code: string,
  expiry: string,
  strike: number,
  type = 'CE',
): MadeContract => ({
  ...{ token, name, expiry, type },
  symbol: `${name}${code}${strike}${type}`,
  strike: String(strike),
});
const cash = (token: number, symbol: string, name: string, exchange = 'NSE'): MadeContract => ({
  ...{ token, symbol, name, exchange },
  ...{ expiry: '', strike: '0', type: 'EQ' },
});

describe('search for a contract as people type it', () => {
  let desk: TestModule;
  let service: InstrumentsService;
  const clock = new VirtualClock('2025-11-20T06:00:00Z');
  const search = async (query: string, filter: object = {}, limit = 10) =>
    (await service.search({ query, ...filter }, limit)).map((row) => row.tradingsymbol);

  beforeAll(async () => {
    desk = await testModule([InstrumentsModule], { clock });
    service = desk.get(InstrumentsService);
    const weeks = [
      ['25D02', '2025-12-02'],
      ['25D09', '2025-12-09'],
      ['25DEC', '2025-12-30'],
      ['26JAN', '2026-01-27'],
      ['26DEC', '2026-12-29'],
    ] as const;
    const options = weeks.flatMap(([code, expiry], week) =>
      ['NIFTY', 'BANKNIFTY', 'RELIANCE'].flatMap((name, at) =>
        [25_900, 26_000, 26_100].flatMap((strike, step) =>
          ['CE', 'PE'].map((type, side) =>
            option(10_000 + week * 1_000 + at * 100 + step * 10 + side, name, code, expiry, strike, type),
          ),
        ),
      ),
    );
    const futures = [
      ['25DEC', '2025-12-30'],
      ['26JAN', '2026-01-27'],
      ['25NOV', '2025-11-25'],
    ].map(([code, expiry], at): MadeContract => {
      return { token: 90 + at, symbol: `NIFTY${code}FUT`, name: 'NIFTY', expiry: expiry!, strike: '0', type: 'FUT' };
    });
    const master = kiteCsv([
      ...options,
      ...futures,
      option(70, 'IDEA', '25DEC', '2025-12-30', 10),
      option(72, 'RELAXO', '25D02', '2025-12-02', 26_000),
      option(71, 'NIFTYNXT50', '25DEC', '2025-12-30', 26_000),
      cash(1, 'NIFTY 50', 'NIFTY 50'),
      cash(2, 'RELIANCE', 'RELIANCE INDUSTRIES'),
      cash(3, 'RELIANCE', 'RELIANCE INDUSTRIES', 'BSE'),
    ]);
    await desk.get(InstrumentImporter).import(bytesOf(master), { broker: 'zerodha', source: 'made' });
    // Another broker leaves names blank and has no column of the side.
    const upstox = [
      'instrument_key,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,option_type,exchange',
      'NSE_FO|501,501,NIFTY25D0226000CE,,0,2025-12-02,26000,0.05,75,OPTIDX,CE,NSE_FO',
      'NSE_FO|502,502,NIFTY25D0226000PE,,0,2025-12-02,26000,0.05,75,OPTIDX,PE,NSE_FO',
      'NSE_EQ|INE002A01018,2885,RELIANCE,RELIANCE INDUSTRIES,0,,,0.05,1,EQ,,NSE_EQ',
    ].join('\n');
    await desk.get(InstrumentImporter).import(bytesOf(upstox), { broker: 'upstox', source: 'made' });
  });
  afterAll(() => desk.close());

  it('a day, a strike and a side find the one contract, of every broker', async () => {
    expect(await search('NIFTY 2 DEC 26000 CE')).toEqual(['NIFTY25D0226000CE', 'NIFTY25D0226000CE']);
    expect(await search('nifty 2nd dec 26,000 call', { broker: 'zerodha' })).toEqual(['NIFTY25D0226000CE']);
    expect(await search('26000 pe 02DEC25 nifty', { broker: 'upstox' })).toEqual(['NIFTY25D0226000PE']);
    expect(await search('NIFTY 2025-12-09 26000', { broker: 'zerodha' })).toEqual([
      'NIFTY25D0926000CE',
      'NIFTY25D0926000PE',
    ]);
  });

  it('a month finds its own contract before those of its weeks, the nearest year first', async () => {
    expect(await search('NIFTY DEC 26000 CE', { broker: 'zerodha' })).toEqual([
      'NIFTY25DEC26000CE',
      'NIFTY26DEC26000CE',
      'NIFTY25D0226000CE',
      'NIFTY25D0926000CE',
    ]);
  });

  it('a strike without a day finds the nearest expiry first, and expired contracts last', async () => {
    clock.set('2025-12-05T06:00:00Z');
    const found = await search('banknifty 26000 ce');
    clock.set('2025-11-20T06:00:00Z');
    expect(found).toEqual(['25D09', '25DEC', '26JAN', '26DEC', '25D02'].map((code) => `BANKNIFTY${code}26000CE`));
    expect(await search('NIFTY FUT')).toEqual(['NIFTY25NOVFUT', 'NIFTY25DECFUT', 'NIFTY26JANFUT']);
  });

  it('a name in two words, a beginning and a name with a typing error find the underlying', async () => {
    expect(await search('bank nifty 2 dec 26000 ce')).toEqual(['BANKNIFTY25D0226000CE']);
    expect(await search('RELI 2 DEC 26000 CE')).toEqual(['RELIANCE25D0226000CE']);
    expect(await search('RELAINCE 2 DEC 26000 CE')).toEqual(['RELIANCE25D0226000CE', 'RELAXO25D0226000CE']);
    expect((await search('NIFTYNXT50 DEC 26000 CE'))[0]).toBe('NIFTYNXT5025DEC26000CE');
    expect(await search('IDEA DEC 10 CE')).toEqual(['IDEA25DEC10CE']);
  });

  it('a symbol written as another broker does finds the contract, and an exact symbol comes first', async () => {
    expect((await search('NIFTY25DEC26000CE'))[0]).toBe('NIFTY25DEC26000CE');
    expect((await search('nifty 50'))[0]).toBe('NIFTY 50');
    expect(await search('26000PE', { expiry: '2026-12-29' })).toEqual([
      'BANKNIFTY26DEC26000PE',
      'NIFTY26DEC26000PE',
      'RELIANCE26DEC26000PE',
    ]);
  });

  it('an ISIN, a token of an exchange and a key find the contract, with its exchange in front or behind', async () => {
    const keys = async (query: string) =>
      (await service.search({ query }, 10)).map(({ broker, key }) => `${broker} ${key}`);
    expect((await keys('INE002A01018'))[0]).toBe('upstox NSE_EQ|INE002A01018');
    expect((await keys('2885'))[0]).toBe('upstox NSE_EQ|INE002A01018');
    expect((await keys('NSE_FO|502'))[0]).toBe('upstox NSE_FO|502');
    expect(await keys('RELIANCE BSE')).toEqual(['zerodha 3']);
    expect((await keys('NSE:RELIANCE')).sort()).toEqual(['upstox NSE_EQ|INE002A01018', 'zerodha 2']);
  });

  it.each(['NIFTY 26000', 'NIFTY DEC', '26000 CE'])(
    'pages of %p return every contract once and in the same order',
    async (query) => {
      const whole = await service.search({ query }, 500);
      const paged: string[] = [];
      for (let at = 0; at < whole.length + 1; at += 3) {
        const last = whole[at - 1];
        paged.push(
          ...(await service.search({ query }, 3, last && [last.rank, last.upper, last.id])).map(({ id }) => id),
        );
      }
      expect(whole.length).toBeGreaterThan(9);
      expect(paged).toEqual(whole.map(({ id }) => id));
    },
  );

  it('expiries are those of listed contracts, and a chain has call and put of each strike', async () => {
    expect(await service.expiries('nifty', { broker: 'zerodha', expiryTo: '2025-12-31' }, 10)).toEqual(
      ['2025-11-25', '2025-12-02', '2025-12-09', '2025-12-30'].map((expiry) => {
        return { underlying: 'NIFTY', broker: 'zerodha', exchange: 'NFO', expiry };
      }),
    );
    const chain = await service.chain({ underlying: 'BANKNIFTY', broker: 'zerodha', strikeFrom: '26000' }, 10);
    expect([
      chain.expiry,
      chain.options.map(({ strike, side, instrument }) => [strike, side, instrument.tradingsymbol]),
    ]).toEqual([
      '2025-12-02',
      ['26000', '26100'].flatMap((strike) => [
        [strike, 'call', `BANKNIFTY25D02${strike}CE`],
        [strike, 'put', `BANKNIFTY25D02${strike}PE`],
      ]),
    ]);
    expect(
      (await service.chain({ underlying: 'NIFTY', broker: 'upstox' }, 10)).options.map(({ side }) => side),
    ).toEqual(['call', 'put']);
    await expect(service.chain({ underlying: 'NOBODY', broker: 'zerodha' }, 10)).rejects.toMatchObject({
      code: 'INSTRUMENTS_SERIES_NOT_FOUND',
    });
    await desk.get(Database).run(`UPDATE instruments SET delisted_at = now() WHERE expiry = '2025-11-25'`);
    expect((await service.expiries('NIFTY', { broker: 'zerodha' }, 1)).map(({ expiry }) => expiry)).toEqual([
      '2025-12-02',
    ]);
  });

  const folder = process.env['DESKWIRE_DATA_DIR'];
  (folder ? it : it.skip)(
    `the oddities of Kite are found as typed${folder ? '' : ' (skipped: DESKWIRE_DATA_DIR is unset)'}`,
    async () => {
      for (const name of ['kite_oddities.csv', 'kite_oddities_bom_crlf.csv']) {
        const broker = name.includes('bom') ? 'odd_bom' : 'odd';
        const source = bytesOf(readFileSync(join(folder!, 'field', name)));
        await desk.get(InstrumentImporter).import(source, { broker, source: name });
        const first = async (query: string) => (await search(query, { broker }))[0];
        expect(await first('NIFTY 2 DEC 26000')).toBe('NIFTY25D0226000CE');
        expect(await first('NIFTY 30 DEC 26000 CE')).toBe('NIFTY25DEC26000CE');
        expect(await first('USDINR DEC 89.25 CE')).toBe('USDINR25DEC89.25CE');
        expect(await first('AAPL 19 DEC 200 C')).toBe('AAPL  251219C00200000');
        expect(await first('m&m')).toBe('M&M');
        expect(await first('BAJAJ AUTO')).toBe('BAJAJ-AUTO');
      }
    },
  );
});
