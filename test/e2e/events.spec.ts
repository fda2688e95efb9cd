import { z } from 'zod';
import { defineEvent, EventLog } from '#events';
import { startTestApp, type TestApp } from '../setup/test-app.js';

const Noted = defineEvent('SpecNoted', 1, z.strictObject({ n: z.number() }));
const DAY = Date.parse('2026-08-17T00:00:00Z');

describe('events over HTTP', () => {
  let app: TestApp;
  let trader: { token: string; userId: string };
  let operator: typeof trader;
  const page = (query: string, as = operator) => app.request('GET', `/v1/events${query}`, { token: as.token });
  const numbers = (body: { items: { payload: { n: number } }[] }): number[] =>
    body.items.map((event) => event.payload.n);

  beforeAll(async () => {
    app = await startTestApp();
    [trader, operator] = [await app.login('trader'), await app.login('operator')];
    // Even ones are the trader's. They are ten minutes apart and cross a month boundary.
    await app.get(EventLog).recordMany(
      Array.from({ length: 20 }, (_, n) => ({
        ...{ type: Noted.type, occurredAt: new Date(DAY + n * 600_000), correlationId: `run-${n % 4}`, payload: { n } },
        ...(n % 2 === 0 ? { userId: trader.userId } : {}),
      })),
    );
  });
  afterAll(() => app.close());

  it('events are listed newest first, by correlation id, type, user and time', async () => {
    const types = await page('?type=SpecNoted');
    expect(numbers(types.body)).toEqual(Array.from({ length: 20 }, (_, n) => 19 - n));
    expect(numbers((await page('?correlationId=run-1')).body)).toEqual([17, 13, 9, 5, 1]);
    expect(numbers((await page(`?type=SpecNoted&userId=${trader.userId}&limit=3`)).body)).toEqual([18, 16, 14]);
    const from = encodeURIComponent('2026-08-17T05:50:00+05:30'); // 00:20 in UTC, the time of event 2.
    expect(numbers((await page(`?type=SpecNoted&from=${from}&to=2026-08-17T00:40:00Z`)).body)).toEqual([3, 2]);
    expect(numbers((await page('?type=SpecNoted&type=SessionExpired&sort=occurredAt&limit=2')).body)).toEqual([0, 1]);
    const [{ id }] = types.body.items;
    expect((await page(`/${id}`)).body).toEqual(types.body.items[0]);
    const owned = types.body.items.find((event: any) => event.userId === trader.userId);
    expect((await page(`/${owned.id}`, trader)).status).toBe(200);
    expect((await page(`/${owned.id}`, await app.login('trader'))).body.code).toBe('EVENTS_NOT_FOUND');
    expect(types.body.items[0]).toMatchObject({
      type: 'SpecNoted',
      version: 1,
      occurredAt: '2026-08-17T03:10:00.000Z',
      broker: null,
    });
  });

  it('pages of events have no gap or repeat while new events arrive', async () => {
    const seen: number[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await page(`?type=SpecNoted&to=2026-08-18T00:00:00Z&limit=7${cursor && `&cursor=${cursor}`}`);
      seen.push(...numbers(body));
      cursor = body.nextCursor;
      await app.get(EventLog).record({ type: Noted.type, occurredAt: new Date(DAY + 43_200_000), payload: { n: 99 } });
    }
    expect(seen.filter((n) => n !== 99)).toEqual(Array.from({ length: 20 }, (_, n) => 19 - n));
  });

  it('users see their own events, operators see all', async () => {
    const { body } = await page('?type=SpecNoted', trader);
    expect(numbers(body)).toEqual([18, 16, 14, 12, 10, 8, 6, 4, 2, 0]);
    expect(numbers((await page('?correlationId=run-1', trader)).body)).toEqual([]);
    expect(await page(`?userId=${operator.userId}`, trader)).toMatchObject({
      status: 403,
      body: { code: 'EVENTS_NOT_YOURS' },
    });
    expect((await app.request('GET', '/v1/events')).status).toBe(401);
  });

  it.each([
    'user=x',
    'type=a%20b',
    'from=2026-08-17',
    'to=yesterday',
    'limit=0',
    'limit=x',
    'cursor=x',
    'cursor=WzFd',
    'correlationId=%00',
    'nope=1',
    'type=A&type=B-C',
    'userId=a&userId=b',
  ])('the event list refuses ?%s with a 400 that names it', async (query) => {
    const answer = await page(`?${query}`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
    expect(JSON.stringify(answer.body.errors)).toContain(query.split('=')[0]);
  });
});
