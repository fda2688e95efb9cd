import { postSnapshots } from '../../libs/portfolios/snapshots/snapshot.dto.js';
import { Bystander, cpuNow, expectUnharmed, spread } from '../setup/bystander.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

const BULK = '/v1/portfolios/snapshots';
const JSON_TYPE = { 'content-type': 'application/json' };

const position = (n: number) => ({ key: `NSE_EQ|${n}`, quantity: '10', averagePrice: '2711.12', lastPrice: '2800.10' });
const snapshot = (id: string, positions: object[] = [], day = '02') => ({
  portfolioId: id,
  broker: 'zerodha',
  account: id,
  asOf: `2026-11-${day}T03:45:00Z`,
  currency: 'INR',
  cash: '5.00',
  positions,
});

describe('a body with a long list, and one of an anonymous client', () => {
  let desk: TestApp;
  let operator: string;

  beforeAll(async () => {
    desk = await startTestApp();
    operator = (await desk.login('operator')).token;
  });
  afterAll(() => desk.close());

  const post = (body: string | Uint8Array, path = BULK) =>
    desk.request('POST', path, { token: operator, body, headers: JSON_TYPE });

  async function refused(body: string | Uint8Array, status = 400): Promise<{ detail: string; errors: any[] }> {
    const answer = await post(body);
    expect([answer.status, answer.body.status]).toEqual([status, status]);
    return answer.body;
  }

  it('a streamed list body equals one parsed at once: items, order, white space, escapes, content types', async () => {
    const names = ['a', 'b', 'c'].map((name) => `list-${name}`);
    const pretty = JSON.stringify({ snapshots: names.map((name) => snapshot(name, [position(1)])) }, null, '\t');
    const answer = await desk.request('POST', BULK, {
      token: operator,
      body: pretty.replace('"snapshots"', '"snap\\u0073hots"'),
      headers: { 'content-type': 'application/merge-patch+json; charset=utf-8' },
    });
    expect(answer.body).toMatchObject({ stored: 3, items: names.map((portfolioId) => ({ portfolioId })) });
  });

  it.each([
    ['a key twice in an item', '{"snapshots":[{"a":1,"a":2}]}', 'snapshots[0] has the key "a" twice'],
    ['the list twice', '{"snapshots":[],"snapshots":[]}', 'The body has the key "snapshots" twice'],
    ['an item that is not JSON', '{"snapshots":[{},{"a"}]}', 'snapshots[1] is not JSON'],
    ['a trailing comma', '{"snapshots":[{},]}', 'snapshots[1] is not JSON'],
    ['a wrong bracket', '{"snapshots":[{}}', 'a bracket is wrong at snapshots[0]'],
    ['no end', '{"snapshots":[{}', 'The body is not JSON'],
    ['500,000 levels', `{"snapshots":[${'['.repeat(500_000)}`, '32 levels'],
    ['31 levels in an item', `{"snapshots":[${'['.repeat(31)}${']'.repeat(31)}]}`, '32 levels'],
    ['__proto__ in an item', '{"snapshots":[{"__proto__":{"admin":true}}]}', '__proto__'],
    ['a wrong type of the list', '{"snapshots":7}', 'snapshots: a list of 1 to 10000 snapshots'],
    ['an empty list', '{"snapshots":[]}', 'snapshots: a list of 1 to 10000 snapshots'],
    ['another field', `{"snapshots":[${JSON.stringify(snapshot('x'))}],"more":1}`, 'more: no such field'],
    ['not an object', '[{"snapshots":[]}]', 'The body: '],
  ])('a list body is refused with the position: %s', async (_name, body, says) => {
    expect((await refused(body)).detail).toContain(says);
    expect(({} as any).admin).toBeUndefined();
  });

  it('a list body with an item that is not UTF-8 is refused', async () => {
    const bytes = Buffer.from('{"snapshots":[{"a":"?"}]}');
    bytes[bytes.indexOf('?')] = 0xff;
    expect((await refused(bytes)).detail).toBe('snapshots[0] is not valid UTF-8.');
  });

  it('validation of a list body stops after 20 issues and says so', async () => {
    const quotes = Array.from({ length: 5_000 }, (_, n) => ({
      broker: 'b',
      key: `K${n}`,
      price: 7,
      asOf: '2026-11-02T03:45:00Z',
    }));
    const { body } = await post(JSON.stringify({ quotes }), '/v1/quotes');
    expect(body.detail).toContain('Validation stopped after 20 issues.');
    expect(body.errors.map(({ field }: { field: string }) => field)).toEqual(
      Array.from({ length: 20 }, (_, n) => `quotes[${n}].price`),
    );
  });

  it('the answer to a bulk of wrong snapshots lists at most 20 issues an item and 2,000 in all', async () => {
    const wrong = (n: number) =>
      snapshot(
        `w${n}`,
        Array.from({ length: 30 }, (_, at) => ({ ...position(at), quantity: 7 })),
      );
    const items = Array.from({ length: 150 }, (_, n) => wrong(n));
    const { status, body } = await post(JSON.stringify({ snapshots: items }));
    expect([status, body.refused]).toEqual([200, 150]);
    const counts = body.items.map(({ issues = [] }: { issues?: unknown[] }) => issues.length);
    expect(counts).toEqual([...Array(100).fill(20), ...Array(50).fill(0)]);
    expect(body.items[149]).toMatchObject({
      code: 'REQUEST_INVALID',
      detail: expect.stringContaining('positions[0].quantity'),
    });
  });

  it('a list body is also validated as a whole: keys that two items share are refused', async () => {
    const body = { ...snapshot('x', [position(1), position(1)]) };
    const answer = await desk.request('PUT', '/v1/portfolios/x/snapshot', { token: operator, body });
    expect(answer.body.errors).toEqual([
      {
        field: 'positions[1].key',
        seen: '"NSE_EQ|1"',
        allowed: 'a key and leg that no other position of the snapshot has',
      },
    ]);
  });

  it.each([
    ['the whole is larger than the route allows', () => `{"snapshots":[${`"${'x'.repeat(4_000)}",`.repeat(5_000)}`],
    ['an item is larger than 1 MiB', () => `{"snapshots":["${'x'.repeat(1_048_577)}"]}`],
    ['the rest is larger than 64 KiB', () => `{"a":"${'x'.repeat(65_537)}","snapshots":[]}`],
  ])('a list body gets 413 when %s', async (_name, body) => {
    expect((await refused(body(), 413)).detail).toMatch(/is larger than \d+ bytes/);
  });

  it('a chunked list body beyond the limit of the route gets 413', async () => {
    const quotes = `{"quotes":[${`"${'x'.repeat(4_000)}",`.repeat(3_000)}`;
    const answer = await fetch(new URL('/v1/quotes', desk.url), {
      method: 'POST',
      headers: { ...JSON_TYPE, authorization: `Bearer ${operator}` },
      body: new Blob([quotes]).stream(),
      duplex: 'half',
    });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([413, 'REQUEST_TOO_LARGE']);
  });

  it.each(['/v1/auth/login', BULK, '/v1/nowhere'])(
    '25 anonymous bodies of 1 MB per second to %s delay nobody and are refused with a code',
    async (path) => {
      const { token } = await desk.login('viewer');
      await desk.request('GET', '/v1/dashboard', { token });
      const body = Buffer.from(JSON.stringify({ rows: Array.from({ length: 60_000 }, (_, n) => ({ n: `row ${n}` })) }));
      expect(body.length).toBeGreaterThan(900_000);
      const refusals = await expectUnharmed(new Bystander(desk.url, token), () =>
        spread(25, () => desk.request('POST', path, { body, headers: JSON_TYPE }), { group: 1, pauseMs: 40 }),
      );
      const expected = { '/v1/auth/login': 'REQUEST_TOO_LARGE', [BULK]: 'AUTH_UNAUTHENTICATED' }[path];
      expect(new Set(refusals.map((refusal) => refusal.body.code))).toEqual(new Set([expected ?? 'ROUTE_NOT_FOUND']));
    },
  );

  it('a list of 9,000 snapshots is parsed and validated in slices, the longest a fraction of the whole', async () => {
    const positions = Array.from({ length: 10 }, (_, n) => position(n));
    const snapshots = Array.from({ length: 9_000 }, (_, n) => snapshot(`bulk-${n}`, positions));
    // The body is refused for the member after the list, so that nothing follows the validation.
    const text = JSON.stringify({ snapshots, unknown: true });
    const atOnce = () => {
      const begin = cpuNow();
      expect(postSnapshots.safeParse(JSON.parse(text)).success).toBe(false);
      return cpuNow() - begin;
    };
    const longestSlice = async () => {
      let longest = 0;
      let last = cpuNow();
      const ticks = setInterval(() => {
        const now = cpuNow();
        longest = Math.max(longest, now - last);
        last = now;
      }, 1);
      const answer = await post(text);
      clearInterval(ticks);
      expect([answer.status, answer.body.code]).toEqual([400, 'REQUEST_INVALID']);
      return longest;
    };
    atOnce(); // The first run compiles the code.
    let share = Infinity;
    // A collection of garbage may fall into a slice, and takes longer on a busy machine; it does not fall into each.
    for (let attempt = 0; attempt < 16 && share >= 1 / 2; attempt++)
      share = (await longestSlice()) / Math.min(atOnce(), atOnce());
    expect(share).toBeLessThan(1 / 2);
  });
});
