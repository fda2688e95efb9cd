import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { UsersService } from '#auth';
import { kiteCsv } from '../integration/instruments/masters.fixture.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { snapshotOf } from './portfolio-quotas.fixture.js';

const ID = '01890000-0000-7000-8000-000000000000';
const REQUIRED: Record<string, string> = {
  '/v1/quotes': 'broker=zerodha&',
  '/v1/instruments/expiries': 'underlying=ACME&',
  '/v1/instruments/chain': 'underlying=ACME&broker=zerodha&',
};

describe('lists as CSV', () => {
  let desk: TestApp;
  let operator: { token: string; userId: string };
  const read = async (path: string, token = operator.token) => {
    const answer = await fetch(new URL(path, desk.url), { headers: { authorization: `Bearer ${token}` } });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  /** A client that reads nothing of the body, on a connection of its own. */
  const open = async (token: string) => {
    const url = new URL('/v1/instruments?broker=wide&format=csv', desk.url);
    const sent = get(url, { agent: false, headers: { authorization: `Bearer ${token}` } });
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.on('error', () => undefined);
    const { statusCode: status, headers } = response;
    return { response, status, leave: () => sent.destroy(), retryAfter: headers['retry-after'] };
  };
  const rowsOf = (text: string) => text.trimEnd().split('\r\n').slice(1);

  beforeAll(async () => {
    desk = await startTestApp();
    operator = await desk.login('admin');
    const master = kiteCsv([
      { token: 1, symbol: '=HYPERLINK(1)', name: '@SUM(A1)', expiry: '', strike: '0', type: 'EQ' },
      ...Array.from({ length: 1_200 }, (_, n) => ({ token: 1000 + n, symbol: `ACME26AUG${1000 + n}CE` })),
    ]);
    // 14 MB, more than the buffers of a connection hold, so that an answer does not end before its client reads.
    const [head, ...rows] = kiteCsv(Array.from({ length: 1_600 }, (_, n) => ({ token: n, symbol: `WIDE${n}` })))
      .trimEnd()
      .split('\n');
    const wide = [`${head},remark`, ...rows.map((row) => `${row},${'x'.repeat(9_000)}`)].join('\n');
    for (const [broker, body] of [
      ['zerodha', master],
      ['wide', wide],
    ] as const) {
      const { status } = await desk.request('POST', `/v1/instruments/imports?broker=${broker}`, {
        token: operator.token,
        body,
        headers: { 'content-type': 'text/csv' },
      });
      expect(status).toBe(201);
    }
  });
  afterAll(() => desk.close());

  it('every list of the document has a CSV form whose header names the fields of its items', async () => {
    const { body } = await desk.request('GET', '/openapi.json');
    const lists = Object.entries<any>(body.paths).filter(([, { get }]) =>
      get?.parameters?.some(({ name }: { name: string }) => name === 'cursor' || name === 'format'),
    );
    expect(lists.length).toBeGreaterThan(18);
    for (const [path, { get }] of lists) {
      expect([path, Object.keys(get.responses['200'].content)]).toEqual([path, ['application/json', 'text/csv']]);
      const url = `${path.replace('{name}', 'NSE').replace(/\{\w+\}/g, ID)}?${REQUIRED[path] ?? ''}format=csv`;
      const { status, headers, text } = await read(url);
      if (status === 404) continue; // a list that belongs to one thing
      expect([path, status, headers.get('content-type')]).toEqual([
        path,
        200,
        'text/csv; charset=utf-8; header=present',
      ]);
      expect(headers.get('content-disposition')).toMatch(/^attachment; filename="[a-z-]+\.csv"$/);
      expect(text).toMatch(/^\w+(,\w+)*\r\n/);
    }
  });

  it('a CSV has all rows of a list of several pages, once, whatever the limit, and from a cursor on the rest', async () => {
    const { text } = await read('/v1/instruments?broker=zerodha&format=csv&limit=10');
    expect(rowsOf(text)).toHaveLength(1_201);
    expect(new Set(rowsOf(text)).size).toBe(1_201);
    const { body } = await desk.request('GET', '/v1/instruments?broker=zerodha&limit=500', { token: operator.token });
    const rest = await read(`/v1/instruments?broker=zerodha&format=csv&cursor=${body.nextCursor}`);
    expect(rowsOf(rest.text)).toEqual(rowsOf(text).slice(500));
  });

  it('positions are listed by portfolio, key and leg, of the caller only, page by page, and as CSV every one once', async () => {
    const trader = await desk.login('trader');
    const owned = (id: string, keys: number, owner: string) => {
      const positions = Array.from({ length: keys }, (_, n) => [
        { key: `K${n}`, leg: 'SHORT', quantity: '-1', averagePrice: '9', lastPrice: '10' },
        { key: `K${n}`, leg: 'LONG', quantity: '2', averagePrice: '9', lastPrice: '10' },
      ]).flat();
      return desk.request('PUT', `/v1/portfolios/${id}/snapshot`, {
        token: owner,
        body: snapshotOf(id, { positions }),
      });
    };
    for (const [id, keys] of [
      ['p-a', 300],
      ['p-b', 0],
      ['p-c', 1],
      ['p-d', 260],
    ] as const)
      expect((await owned(id, keys, trader.token)).status).toBe(200);
    expect((await owned('p-0', 2, operator.token)).status).toBe(200);
    const { text } = await read('/v1/positions?format=csv', trader.token);
    const ids = rowsOf(text).map((row) => row.split(',')[0]!);
    expect(ids).toHaveLength(600 + 2 + 520);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.slice(0, 3)).toEqual(['p-a|K0|LONG', 'p-a|K0|SHORT', 'p-a|K1|LONG']);
    expect(new Set(ids.map((id) => id.split('|')[0]))).toEqual(new Set(['p-a', 'p-c', 'p-d']));
    const paged: string[] = [];
    let cursor = '';
    do {
      const query = `limit=77${cursor && `&cursor=${cursor}`}`;
      const { body } = await desk.request('GET', `/v1/positions?${query}`, { token: trader.token });
      paged.push(...body.items.map(({ id }: { id: string }) => id));
      cursor = body.nextCursor ?? '';
    } while (cursor !== '');
    expect(paged).toEqual(ids);
    const one = await read('/v1/positions?portfolioId=p-c&format=csv', operator.token);
    expect(rowsOf(one.text).map((row) => row.split(',')[0])).toEqual(['p-c|K0|LONG', 'p-c|K0|SHORT']);
    expect(rowsOf((await read('/v1/positions?portfolioId=p-0&format=csv', trader.token)).text)).toEqual([]);
    await desk.request('PUT', '/v1/portfolios/p-a/closed', { token: trader.token, body: { closed: true } });
    expect(rowsOf((await read('/v1/positions?format=csv', trader.token)).text)).toHaveLength(522);
  });

  it('a cell that a spreadsheet would run is text, and an amount below zero stays a number', async () => {
    const found = (await read('/v1/instruments?exchange=NFO&type=EQ&format=csv')).text;
    expect(found).toContain(`,'=HYPERLINK(1),'@SUM(A1),`);
    const put = snapshotOf('csv', {
      cash: '-5.25',
      positions: [{ key: 'K', quantity: '-1', averagePrice: '9', lastPrice: '10' }],
    });
    expect(
      (await desk.request('PUT', '/v1/portfolios/csv/snapshot', { token: operator.token, body: put })).status,
    ).toBe(200);
    const [head, row] = (await read('/v1/portfolios?format=csv')).text.split('\r\n');
    expect(row!.split(',')[head!.split(',').indexOf('cash')]).toBe('-5.25');
  });

  it('more CSVs at once than a user or a process reads are refused with a time to retry, and each ends with its client', async () => {
    const users = [operator, ...(await Promise.all(Array.from({ length: 4 }, () => desk.login('viewer'))))];
    const statuses = (opened: { status: number | undefined }[]) => opened.map(({ status: one }) => one).sort();
    const own = await Promise.all(Array.from({ length: 4 }, () => open(operator.token)));
    expect(statuses(own)).toEqual([200, 200, 503, 503]);
    expect(own.find((one) => one.status === 503)!.retryAfter).toBe('2');
    const others = await Promise.all(users.slice(1).flatMap(({ token }) => [open(token), open(token)]));
    expect(statuses(others)).toEqual([...Array(6).fill(200), ...Array(2).fill(503)]);
    for (const { leave } of [...own, ...others]) leave();
    await eventually(async () => {
      const again = await open(operator.token);
      again.leave();
      expect(again.status).toBe(200);
    });
  });

  it.each([
    ['login has ended', (userId: string) => desk.get(UsersService).access.endLogins(userId)],
    ['user has lost a role', (userId: string) => desk.get(UsersService).change(userId, { roles: ['viewer'] })],
  ])('a CSV breaks off when its %s', async (_, end) => {
    const { token, userId } = await desk.login('trader');
    const { response, status } = await open(token);
    expect(status).toBe(200);
    await end(userId);
    const closed = new Promise((resolve) => response.once('close', resolve));
    response.resume();
    await closed;
    expect(response.complete).toBe(false);
  });

  it('a list as CSV shows a trader their own rows only, and a refusal is a problem document', async () => {
    const trader = await desk.login('trader');
    expect(rowsOf((await read('/v1/portfolios?format=csv', trader.token)).text)).toEqual([]);
    const refused = await read('/v1/audit?format=csv', trader.token);
    expect([refused.status, refused.headers.get('content-type')]).toEqual([
      403,
      'application/problem+json; charset=utf-8',
    ]);
    expect((await read('/v1/instruments?format=xml')).status).toBe(400);
  });
});
