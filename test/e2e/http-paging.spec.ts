import { kiteCsv } from '../integration/instruments/masters.fixture.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { snapshotOf } from './portfolio-quotas.fixture.js';

const ID = '01890000-0000-7000-8000-000000000000';
/** Query parameters without which a list is refused before its cursor is read. */
const REQUIRED: Record<string, string> = {
  '/v1/quotes': 'broker=zerodha&',
  '/v1/instruments/expiries': 'underlying=NIFTY&',
  '/v1/instruments/chain': 'underlying=NIFTY&broker=zerodha&',
};

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const WRONG = [
  ['empty', 'cursor='],
  ['given without a value', 'cursor'],
  ['given twice', `cursor=${encoded(ID)}&cursor=${encoded(ID)}`],
  ['not base64url', 'cursor=%25%25'],
  ['not JSON', `cursor=${Buffer.from('{').toString('base64url')}`],
  ['of another shape', `cursor=${encoded({ id: ID })}`],
  ['text that PostgreSQL refuses', `cursor=${encoded('\0')}`],
  ['longer than any cursor', `cursor=${'a'.repeat(9_000)}`],
] as const;

describe('The pages of every list', () => {
  let desk: TestApp;
  let token: string;
  let lists: string[];

  beforeAll(async () => {
    desk = await startTestApp({ env: { EGRESS_ALLOW_HOSTS: '127.0.0.1:9' } });
    ({ token } = await desk.login('admin'));
    const { body } = await desk.request('GET', '/openapi.json');
    lists = Object.entries<any>(body.paths)
      .filter(([, { get }]) => get?.parameters?.some(({ name }: { name: string }) => name === 'cursor'))
      .map(([path]) => path);
  });

  afterAll(() => desk.close());

  it.each(WRONG)('a cursor that is %s gets the same 400 on every list route', async (_what, query) => {
    const answers = await Promise.all(
      lists.map(async (path) => {
        const url = `${path.replace(/\{\w+\}/g, ID)}?${REQUIRED[path] ?? ''}${query}`;
        const { status, body } = await desk.request('GET', url, { token });
        const { correlationId: _id, ...problem } = body;
        return { path, status, problem };
      }),
    );
    const problem = answers[0]?.problem;
    expect(answers).toEqual(lists.map((path) => ({ path, status: 400, problem })));
    expect(problem).toMatchObject({
      code: 'REQUEST_INVALID',
      errors: [{ field: 'cursor', allowed: 'the nextCursor of a page of the same list' }],
    });
  });

  it('every list route of the document is tested with a malformed cursor', () => {
    expect(lists.length).toBeGreaterThan(12);
    expect(lists).toEqual(expect.arrayContaining(['/v1/alert-rules', '/v1/events', '/v1/webhooks/{id}/deliveries']));
  });

  describe('in the order that sort names', () => {
    const sorted = new Map<string, string[]>();
    const get = async (path: string) => (await desk.request('GET', path, { token })).body;
    const keyOf = ({ id, portfolioId }: Record<string, string>) => id ?? portfolioId;

    beforeAll(async () => {
      const { body } = await desk.request('GET', '/openapi.json');
      for (const [path, { get }] of Object.entries<any>(body.paths)) {
        const sort = get?.parameters?.find(({ name }: { name: string }) => name === 'sort');
        if (sort !== undefined && !path.includes('{')) sorted.set(path, sort.schema.enum);
      }
      const send = async (method: string, path: string, given?: unknown, headers = {}) => {
        const { status, body } = await desk.request(method, path, { token, body: given, headers });
        expect([path, status < 300 || body]).toEqual([path, true]);
      };
      const csv = { 'content-type': 'text/csv' };
      for (const [n, broker] of ['gamma', 'beta', 'alpha'].entries()) {
        const rows = Array.from({ length: 3 - n }, (_, at) => ({ token: at + 1, symbol: `${broker}${at}` }));
        await send('POST', `/v1/instruments/imports?broker=${broker}`, kiteCsv(rows), csv);
        const positions = Array.from({ length: n }, (_, at) => ({
          ...{ key: `K${at}`, quantity: '1', averagePrice: '1', lastPrice: '1' },
        }));
        const asOf = `2026-11-0${3 - n}T03:45:00Z`;
        await send('PUT', `/v1/portfolios/p${n}/snapshot`, { ...snapshotOf(`p${n}`), broker, asOf, positions });
        const expiresAt = `2031-01-0${3 - n}T00:00:00Z`;
        const session = { broker, account: 'A', accessToken: `secret-${n}`, loginMethod: 'totp', expiresAt };
        await send('PUT', '/v1/sessions', session);
        await send('POST', '/v1/webhooks', { url: 'http://127.0.0.1:9/hook', description: n === 1 ? 'b' : 'a' });
        const [contract] = (await get('/v1/instruments?limit=1')).items;
        await send('PUT', `/v1/watchlist/${contract.id}`);
      }
      const paused = (await get('/v1/webhooks')).items[1];
      await send('POST', `/v1/webhooks/${paused.id}/pause`);
    });

    it('each order of every list shows each row once over its pages, and with a minus in the reverse order', async () => {
      const lists = ['/v1/alert-rules', '/v1/instruments/imports', '/v1/portfolios', '/v1/sessions', '/v1/webhooks'];
      expect([...sorted.keys()]).toEqual(
        expect.arrayContaining([...lists, '/v1/filings', '/v1/users', '/v1/watchlist']),
      );
      for (const [path, orders] of sorted) {
        for (const order of orders.filter((each) => !each.startsWith('-'))) {
          const [up, down] = [await get(`${path}?sort=${order}`), await get(`${path}?sort=-${order}`)];
          expect([path, order, down.items.map(keyOf)]).toEqual([path, order, up.items.map(keyOf).reverse()]);
          if (lists.includes(path)) expect(up.items.length).toBeGreaterThan(2);
          const paged: unknown[] = [];
          for (let cursor: string | null = ''; cursor !== null && paged.length <= up.items.length;) {
            const page: any = await get(`${path}?sort=-${order}&limit=2${cursor && `&cursor=${cursor}`}`);
            paged.push(...page.items.map(keyOf));
            cursor = page.nextCursor;
          }
          expect([path, order, paged.slice(0, down.items.length)]).toEqual([path, order, down.items.map(keyOf)]);
        }
      }
    });

    it('an order is by the values of its field', async () => {
      const first = async (path: string, field: string) => (await get(path)).items.map((item: any) => item[field]);
      expect(await first('/v1/portfolios?sort=asOf', 'portfolioId')).toEqual(['p2', 'p1', 'p0']);
      expect(await first('/v1/portfolios?sort=-positions', 'portfolioId')).toEqual(['p2', 'p1', 'p0']);
      expect(await first('/v1/sessions?sort=-expiresAt', 'broker')).toEqual(['gamma', 'beta', 'alpha']);
      expect(await first('/v1/instruments/imports?sort=-inserted', 'broker')).toEqual(['gamma', 'beta', 'alpha']);
      expect(await first('/v1/webhooks?sort=description', 'description')).toEqual(['a', 'a', 'b']);
      expect((await first('/v1/webhooks?sort=-state', 'state'))[0]).toBe('disabled');
    });

    it('a filter with several values finds the rows with any of them', async () => {
      const count = async (path: string) => (await get(path)).items.length;
      for (const path of ['/v1/portfolios', '/v1/sessions', '/v1/instruments/imports'])
        expect([path, await count(`${path}?broker=gamma`), await count(`${path}?broker=alpha&broker=beta`)]).toEqual([
          path,
          1,
          2,
        ]);
      expect(await count('/v1/sessions?state=active&state=expired')).toBe(3);
      expect(await count('/v1/sessions?state=closed&state=expired')).toBe(0);
      expect(await count('/v1/instruments/imports?kind=rollback')).toBe(0);
      expect(await count('/v1/portfolios?currency=INR&currency=USD')).toBe(3);
      expect(await count('/v1/portfolios?currency=EUR&currency=USD')).toBe(0);
    });

    it('a cursor of another order, or with a wrong value, is refused, and an order by value names the panel', async () => {
      const refused = async (path: string) => (await desk.request('GET', path, { token })).body.errors;
      const { nextCursor } = await get('/v1/sessions?sort=broker&limit=1');
      expect(await refused(`/v1/sessions?sort=expiresAt&cursor=${nextCursor}`)).toMatchObject([
        { field: 'cursor', allowed: 'the nextCursor of a page of the same order' },
      ]);
      const forged = encoded(['expiresAt', 'never', ID]);
      expect(await refused(`/v1/sessions?sort=expiresAt&cursor=${forged}`)).toMatchObject([
        { field: 'cursor', allowed: 'the nextCursor of a page of the same list' },
      ]);
      expect(await refused('/v1/portfolios?sort=-value')).toMatchObject([
        { field: 'sort', allowed: expect.stringMatching(/asOf, -asOf.*panel portfolios of GET \/v1\/dashboard/) },
      ]);
    });
  });
});
