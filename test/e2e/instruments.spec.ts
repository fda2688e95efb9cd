import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { contracts, kiteCsv, MADE_EXPIRY } from '../integration/instruments/masters.fixture.js';

/** Of this many naughty strings, which are listed by their kind, one is searched; in `npm run test:chaos` each. */
const SEARCHED = process.env['CHAOS'] === 'true' ? 1 : 3;

describe('instruments over HTTP', () => {
  let desk: TestApp;
  let operator: string;
  let trader: string;
  const upload = (body: string, broker: string) =>
    desk.request('POST', `/v1/instruments/imports?broker=${broker}`, {
      token: operator,
      body,
      headers: { 'content-type': 'text/csv' },
    });

  beforeAll(async () => {
    desk = await startTestApp();
    operator = (await desk.login('operator')).token;
    trader = (await desk.login('trader')).token;
    expect((await upload(kiteCsv(contracts(300)), 'zerodha')).status).toBe(201);
  });
  afterAll(() => desk.close());

  it('a contract is found, shown, followed and unfollowed', async () => {
    const { body } = await desk.request('GET', '/v1/instruments?query=acme26aug1007ce&broker=zerodha', {
      token: trader,
    });
    expect(body).toEqual({ items: [expect.anything()], nextCursor: null });
    const [found] = body.items;
    expect(found).toEqual({
      id: expect.any(String),
      broker: 'zerodha',
      key: '1007',
      exchange: 'NFO',
      segment: 'NFO-OPT',
      tradingsymbol: 'ACME26AUG1007CE',
      name: 'ACME',
      expiry: MADE_EXPIRY,
      strike: '100',
      type: 'CE',
      tickSize: '0.05',
      lotSize: '50',
      attributes: { exchange_token: '1' },
      listedAt: expect.stringMatching(/Z$/),
      delistedAt: null,
      updatedAt: expect.stringMatching(/Z$/),
    });
    expect((await desk.request('GET', `/v1/instruments/${found.id}`, { token: trader })).body).toEqual(found);
    const followed = await desk.request('PUT', `/v1/watchlist/${found.id}`, { token: trader });
    expect(followed).toMatchObject({ status: 200, body: { ...found, followedAt: expect.stringMatching(/Z$/) } });
    expect((await desk.request('PUT', `/v1/watchlist/${found.id}`, { token: trader })).body).toEqual(followed.body);
    expect((await desk.request('GET', '/v1/watchlist', { token: trader })).body).toEqual({
      items: [followed.body],
      nextCursor: null,
    });
    expect((await desk.request('GET', '/v1/watchlist', { token: operator })).body.items).toEqual([]);
    expect((await desk.request('DELETE', `/v1/watchlist/${found.id}`, { token: trader })).status).toBe(204);
    expect((await desk.request('DELETE', `/v1/watchlist/${found.id}`, { token: trader })).status).toBe(204);
    expect((await desk.request('GET', `/v1/watchlist/${found.id}`, { token: trader })).status).toBe(404);
    expect(
      (await desk.request('PUT', `/v1/watchlist/00000000-0000-7000-8000-000000000000`, { token: trader })).body.code,
    ).toBe('INSTRUMENTS_NOT_FOUND');
  });

  it('the facets of a search count the contracts of all its pages, also right after an import', async () => {
    const read = async (path: string) => (await desk.request('GET', `/v1/instruments${path}`, { token: trader })).body;
    const counted = async (query: string) => {
      const counts: Record<string, Record<string, number>> = {
        broker: {},
        exchange: {},
        segment: {},
        type: {},
        expiry: {},
      };
      let total = 0;
      for (let cursor: string | null = ''; cursor !== null;) {
        const page: any = await read(`?limit=200&${query}${cursor && `&cursor=${cursor}`}`);
        total += page.items.length;
        for (const item of page.items)
          for (const [facet, values] of Object.entries(counts))
            if (item[facet]) values[item[facet]] = (values[item[facet]] ?? 0) + 1;
        cursor = page.nextCursor;
      }
      return { total, complete: true, facets: counts };
    };
    const facets = async (query: string) => {
      const { facets: given, ...rest } = await read(`/facets?${query}`);
      const byValue = (values: any[]) => Object.fromEntries(values.map(({ value, count }) => [value, count]));
      return {
        ...rest,
        facets: Object.fromEntries(Object.entries<any[]>(given).map(([name, of]) => [name, byValue(of)])),
      };
    };
    const queries = [
      ...['', 'query=acme', 'query=acme26aug1007ce', 'query=ACME+100+CE', 'query=NFO:acme&type=CE', 'query=QZXW'],
      ...['type=PE', 'exchange=NSE&segment=NSE', `expiry=${MADE_EXPIRY}&type=EQ`, `expiryTo=${MADE_EXPIRY}`],
      ...['expiryFrom=2099-01-01', 'underlying=ACME', 'underlying=ACME&type=EQ', 'strikeFrom=1', 'delisted=include'],
    ];
    const compare = async () => {
      for (const query of queries) expect([query, await facets(query)]).toEqual([query, await counted(query)]);
      return (await facets('')).total as number;
    };
    const before = await compare();
    const share = {
      token: 1,
      symbol: 'SHARE',
      name: 'ACME SHARE',
      expiry: '',
      strike: '0',
      type: 'EQ',
      exchange: 'NSE',
    };
    await upload(kiteCsv([share, ...contracts(20)]), 'facets');
    expect(await compare()).toBe(before + 21);
    expect((await read('/facets?key=1')).errors[0].field).toBe('key');
  });

  it('a contract that is followed and unfollowed at the same time answers both', async () => {
    const { items } = (await desk.request('GET', '/v1/instruments?limit=1', { token: trader })).body;
    const path = `/v1/watchlist/${items[0].id}`;
    const pairs = Array.from({ length: 40 }, () => ['PUT', 'DELETE']).flat();
    const answers = await Promise.all(pairs.map((method) => desk.request(method, path, { token: trader })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 204]));
    await desk.request('DELETE', path, { token: trader });
  });

  it('contracts are read by several keys of a broker, and many are followed and unfollowed at once', async () => {
    const read = async (query: string) =>
      (await desk.request('GET', `/v1/instruments?${query}`, { token: trader })).body;
    const { items, nextCursor } = await read('broker=zerodha&key=1007&key=1003&key=1007&key=none');
    expect([items.map(({ key }: any) => key).sort(), nextCursor]).toEqual([['1003', '1007'], null]);
    const page = await read('broker=zerodha&key=1007&key=1003&limit=1');
    const rest = await read(`broker=zerodha&key=1007&key=1003&limit=1&cursor=${page.nextCursor}`);
    expect([...page.items, ...rest.items]).toEqual(items);
    expect((await read('broker=upstox&key=1007')).items).toEqual([]);
    expect((await read('key=1007')).errors[0].field).toBe('broker');
    expect((await read('broker=zerodha&key=1007&query=x')).errors[0].field).toBe('key');

    const change = (body: object) => desk.request('POST', '/v1/watchlist', { token: trader, body });
    const nobody = '00000000-0000-7000-8000-000000000000';
    const ids = items.map(({ id }: any) => id as string);
    expect((await change({ follow: [...ids, nobody] })).body).toEqual({
      followed: 2,
      unfollowed: 0,
      notFound: [nobody],
    });
    expect((await change({ follow: ids })).body).toEqual({ followed: 0, unfollowed: 0, notFound: [] });
    const listed = async (sort: string) => {
      const symbols: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const path: string = `/v1/watchlist?sort=${sort}&limit=1${cursor && `&cursor=${cursor}`}`;
        const { body } = await desk.request('GET', path, { token: trader });
        symbols.push(...body.items.map(({ tradingsymbol }: any) => tradingsymbol));
        cursor = body.nextCursor;
      }
      return symbols;
    };
    const symbols = items.map(({ tradingsymbol }: any) => tradingsymbol).sort();
    expect([await listed('tradingsymbol'), await listed('-tradingsymbol')]).toEqual([symbols, [...symbols].reverse()]);
    for (const sort of ['id', '-id', 'followedAt', '-followedAt']) expect((await listed(sort)).sort()).toEqual(symbols);
    const bySymbol = await desk.request('GET', '/v1/watchlist?sort=tradingsymbol&limit=1', { token: trader });
    const kept = await desk.request('GET', `/v1/watchlist?sort=followedAt&cursor=${bySymbol.body.nextCursor}`, {
      token: trader,
    });
    expect([kept.status, kept.body.errors?.[0].field]).toEqual([400, 'cursor']);
    expect((await change({ unfollow: [ids[0]], follow: [ids[1]] })).body).toMatchObject({ followed: 0, unfollowed: 1 });
    expect((await change({ follow: ids, unfollow: ids })).body.errors[0].field).toBe('unfollow');
    expect((await change({})).body.errors[0].field).toBe('follow');
    expect((await change({ unfollow: ids })).body.unfollowed).toBe(1);
  });

  it('a wrong query parameter is refused by name', async () => {
    for (const [path, field] of [
      ['/v1/instruments?limit=0', 'limit'],
      ['/v1/instruments?limit=501', 'limit'],
      ['/v1/instruments?expiry=soon', 'expiry'],
      ['/v1/instruments?query=', 'query'],
      [`/v1/instruments?query=${'x'.repeat(101)}`, 'query'],
      ['/v1/instruments?query=a%00b', 'query'],
      ['/v1/instruments?cursor=xyz', 'cursor'],
      ['/v1/instruments?broker=%F0%9F%9A%80', 'broker'],
      [`/v1/instruments?cursor=${Buffer.from('["9e99","x","y"]').toString('base64url')}`, 'cursor'],
      ['/v1/instruments?colour=red', 'colour'],
      ['/v1/instruments/none', 'id'],
      [
        `/v1/instruments?cursor=${Buffer.from('["0","a\\u0000b","00000000-0000-7000-8000-000000000000"]').toString('base64url')}`,
        'cursor',
      ],
      ['/v1/watchlist/none', 'instrumentId'],
      ['/v1/watchlist?cursor=xyz', 'cursor'],
    ] as const) {
      const { status, body } = await desk.request('GET', path, { token: trader });
      expect([path, status, body.errors?.[0]?.field]).toEqual([path, 400, field]);
    }
  });

  const folder = process.env['DESKWIRE_DATA_DIR'];
  (folder ? it : it.skip)(
    `gives naughty strings back unchanged, from master, search and list${folder ? '' : ' (skipped: DESKWIRE_DATA_DIR is unset)'}`,
    async () => {
      const strings = (JSON.parse(readFileSync(join(folder!, 'naughty-strings/blns.json'), 'utf8')) as string[]).filter(
        (text) => text.trim() !== '',
      );
      const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
      const header = kiteCsv([]).trimEnd();
      const { body } = await upload(
        [
          header,
          ...strings.map(
            (text, index) => `${index + 1},${quoted(text)},${quoted(text)},${quoted(text)},0,,0,0.05,1,EQ,NSE,NSE`,
          ),
        ].join('\n'),
        'naughty',
      );
      expect(body).toMatchObject({ inserted: strings.length, quarantined: 0 });
      const listed = (await desk.request('GET', '/v1/instruments?broker=naughty&limit=500', { token: trader })).body;
      const more = (
        await desk.request('GET', `/v1/instruments?broker=naughty&limit=500&cursor=${listed.nextCursor}`, {
          token: trader,
        })
      ).body;
      const byKey = new Map([...listed.items, ...more.items].map((item: any) => [item.key, item]));
      for (const [index, text] of strings.entries()) {
        // A CRLF inside a field becomes LF. White space around a text is removed.
        const unix = text.replaceAll('\r\n', '\n');
        expect(byKey.get(String(index + 1))).toMatchObject({
          name: unix.trim(),
          tradingsymbol: unix.trim(),
          attributes: { exchange_token: unix },
        });
      }
      const searched = strings.filter((_, n) => n % SEARCHED === 0).values();
      const search = async () => {
        for (const text of searched) {
          const { status, body: answer } = await desk.request(
            'GET',
            `/v1/instruments?broker=naughty&limit=1&query=${encodeURIComponent(text)}`,
            { token: trader },
          );
          expect([text, status]).toEqual([text, text.length <= 100 ? 200 : expect.any(Number)]);
          if (status === 400) expect(answer.errors[0].field).toBe('query');
        }
      };
      await Promise.all(Array.from({ length: 8 }, search));
    },
  );
});
