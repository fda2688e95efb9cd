import { randomUUID } from 'node:crypto';
import { Database } from '#database';
import { contracts, kiteCsv } from '../integration/instruments/masters.fixture.js';
import { startTestApp, type TestApp, type TestResponse } from '../setup/test-app.js';

type Login = Awaited<ReturnType<TestApp['login']>>;

/** POSTs without a key: they create nothing lasting, answer with secrets, or are idempotent by themselves. */
const WITHOUT_KEY = [
  '/v1/auth/login',
  '/v1/auth/refresh',
  '/v1/auth/logout',
  '/v1/auth/password',
  '/v1/instruments/imports',
  '/v1/portfolios/{id}/snapshot',
  '/v1/quotes',
  '/v1/rates',
  '/v1/adjustments',
  '/v1/feeds/{id}/run',
  '/v1/alert-rules/test',
  '/v1/alerts/acknowledge',
  '/v1/alerts/{id}/acknowledge',
  '/v1/users/{id}/reset',
  '/v1/watchlist',
  '/v1/webhooks/{id}/test',
  '/v1/webhooks/{id}/pause',
  '/v1/webhooks/{id}/enable',
];

const replayed = (response: TestResponse): string | null => response.headers.get('idempotency-replayed');

describe('Idempotency-Key over HTTP', () => {
  let desk: TestApp;
  let [trader, other, operator, admin] = [] as unknown as [Login, Login, Login, Login];
  const post = (path: string, { token }: Login, body: unknown, key?: string) =>
    desk.request('POST', path, { token, body, headers: key === undefined ? {} : { 'idempotency-key': key } });
  const snapshot = (portfolioId: string, cash = '1000.00') => ({
    snapshots: [
      {
        portfolioId,
        broker: 'zerodha',
        account: 'AB1',
        asOf: '2026-08-17T09:15:00+05:30',
        currency: 'INR',
        cash,
        positions: [],
      },
    ],
  });
  const bulk = '/v1/portfolios/snapshots';
  const rows = (table: string) => desk.get(Database).rows(`SELECT * FROM ${table}`);

  beforeAll(async () => {
    desk = await startTestApp();
    [trader, other, operator, admin] = [
      await desk.login('trader'),
      await desk.login('trader'),
      await desk.login('operator'),
      await desk.login('admin'),
    ];
  });
  afterAll(() => desk.close());

  it('a repeated request gets the stored first answer byte for byte, whatever the order of its fields', async () => {
    const key = randomUUID();
    const first = await post(bulk, trader, snapshot('one'), key);
    expect([first.status, replayed(first), first.body.stored]).toEqual([200, null, 1]);
    const { portfolioId, ...rest } = snapshot('one').snapshots[0]!;
    const newer = { ...rest, asOf: '2026-08-17T09:16:00+05:30' };
    expect(
      (await desk.request('PUT', '/v1/portfolios/one/snapshot', { token: trader.token, body: newer })).body.status,
    ).toBe('stored');
    const again = await post(bulk, trader, { snapshots: [{ ...rest, portfolioId }] }, key);
    expect([again.status, replayed(again)]).toEqual([200, 'true']);
    expect(JSON.stringify(again.body)).toBe(JSON.stringify(first.body));
    expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'));
    // Executed again, the snapshot would be stale, as it is without the key.
    expect((await post(bulk, trader, snapshot('one'))).body).toMatchObject({ stored: 0, stale: 1 });
  });

  it('20 concurrent requests with one key have one effect', async () => {
    const key = randomUUID();
    const body = { email: 'twenty@example.com', roles: ['viewer'], password: 'a password of length' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => post('/v1/users', admin, body, key)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
    expect(answers.filter((answer) => replayed(answer) === null)).toHaveLength(1);
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
  });

  it('the same key of another principal is another key', async () => {
    const key = randomUUID();
    expect((await post(bulk, trader, snapshot('two'), key)).body.stored).toBe(1);
    const theirs = await post(bulk, other, snapshot('three'), key);
    expect([theirs.status, theirs.body.stored, replayed(theirs)]).toEqual([200, 1, null]);
  });

  it('a key is the same after a new sign-in, and another one for an API key of the same user', async () => {
    const key = randomUUID();
    const first = await post(bulk, trader, snapshot('four'), key);
    const { body } = await desk.request('POST', '/v1/auth/login', {
      body: { email: trader.email, password: trader.password },
    });
    expect(replayed(await post(bulk, { ...trader, token: body.accessToken }, snapshot('four'), key))).toBe('true');
    const machine = await post('/v1/auth/api-keys', trader, { name: 'feed', roles: ['trader'], expiresInDays: 1 });
    const byMachine = await post(bulk, { ...trader, token: machine.body.key }, snapshot('four'), key);
    expect([first.status, byMachine.status, replayed(byMachine)]).toEqual([200, 200, null]);
  });

  it('a key with another body or route gets a 422 that names the key', async () => {
    const key = randomUUID();
    await post(bulk, operator, { snapshots: [] }, key);
    await post(bulk, operator, snapshot('five'), key);
    const rule = { name: 'five', severity: 'info', condition: { op: 'equals', field: 'type', value: 'SessionOpened' } };
    for (const [path, body] of [
      [bulk, snapshot('five', '2.00')],
      ['/v1/alert-rules', rule],
    ] as const) {
      const refused = await post(path, operator, body, key);
      expect([refused.status, refused.body.code, refused.body.idempotencyKey]).toEqual([
        422,
        'IDEMPOTENCY_KEY_REUSED',
        key,
      ]);
      expect(refused.body.detail).toContain(`POST ${bulk}`);
      expect(refused.body.errors).toEqual([{ field: 'Idempotency-Key', seen: key, allowed: expect.any(String) }]);
    }
  });

  it.each([[''], ['a b'], ['a, b'], ['x'.repeat(256)], ['cl\u00e9']])(
    'the malformed key %j gets 400 without an effect',
    async (key) => {
      const refused = await post(bulk, trader, snapshot(`malformed-${key.length}`), key);
      expect([refused.status, refused.body.code]).toEqual([400, 'IDEMPOTENCY_KEY_MALFORMED']);
      expect(
        (await desk.request('GET', `/v1/portfolios/malformed-${key.length}`, { token: trader.token })).status,
      ).toBe(404);
    },
  );

  it('a corrected request may use the key of a refused one', async () => {
    const key = randomUUID();
    for (const login of [trader, other]) expect((await post(bulk, login, { snapshots: [] }, key)).status).toBe(400);
    for (const login of [trader, other]) {
      const corrected = await post(bulk, login, snapshot(`six-${login.userId}`), key);
      expect([corrected.status, corrected.body.stored, replayed(corrected)]).toEqual([200, 1, null]);
    }
  });

  it('a key does not replay answers without a token or with an insufficient role', async () => {
    const key = randomUUID();
    expect(
      (await desk.request('POST', bulk, { body: snapshot('x'), headers: { 'idempotency-key': key } })).status,
    ).toBe(401);
    expect((await post('/v1/users', trader, {}, key)).status).toBe(403);
  });

  it('one API key is created per idempotency key, and its secret is neither stored nor shown again', async () => {
    const key = randomUUID();
    const wanted = { name: 'once', roles: ['operator'], expiresInDays: 1 };
    const first = await post('/v1/auth/api-keys', operator, wanted, key);
    expect([first.status, first.body.key]).toEqual([201, expect.stringMatching(/^dwk_/)]);
    const again = await post('/v1/auth/api-keys', operator, wanted, key);
    expect([again.status, again.body.code, again.body.originalStatus, replayed(again)]).toEqual([
      409,
      'IDEMPOTENCY_ANSWER_NOT_KEPT',
      201,
      'true',
    ]);
    expect(again.body.answer).toMatchObject({ id: first.body.id, name: 'once' });
    expect(JSON.stringify([again.body, await rows('idempotency_keys')])).not.toContain(first.body.key);
    const { body } = await desk.request('GET', '/v1/auth/api-keys', { token: operator.token });
    expect(body.items).toHaveLength(1);
  });

  it('one user is created per idempotency key, and no password is stored', async () => {
    const [sent, made] = [randomUUID(), randomUUID()];
    const password = 'a password of its own';
    const person = { email: 'sent@example.com', roles: ['viewer'], password };
    const first = await post('/v1/users', admin, person, sent);
    expect((await post('/v1/users', admin, person, sent)).body).toEqual(first.body);
    const { password: _, ...without } = { ...person, email: 'made@example.com' };
    const shown = await post('/v1/users', admin, without, made);
    expect((await post('/v1/users', admin, without, made)).body).toMatchObject({
      code: 'IDEMPOTENCY_ANSWER_NOT_KEPT',
      answer: { email: 'made@example.com' },
    });
    const stored = JSON.stringify(await rows('idempotency_keys'));
    for (const secret of [password, shown.body.oneTimePassword]) expect(stored).not.toContain(secret);
  });

  it('a rollback runs once per idempotency key', async () => {
    const { token } = operator;
    const upload = (count: number) =>
      desk.request('POST', '/v1/instruments/imports?broker=zerodha&force=true', {
        token,
        body: kiteCsv(contracts(count)),
        headers: { 'content-type': 'text/csv' },
      });
    const { importId } = (await upload(20)).body;
    await upload(18);
    const key = randomUUID();
    const path = `/v1/instruments/imports/${importId}/rollback`;
    const first = await post(path, operator, undefined, key);
    expect([first.status, first.body.relisted]).toEqual([201, 2]);
    const again = await post(path, operator, undefined, key);
    expect([again.body, replayed(again)]).toEqual([first.body, 'true']);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect((await desk.request('GET', '/v1/instruments/imports?broker=zerodha', { token })).body.items).toHaveLength(3);
  });

  it('every POST documents the Idempotency-Key, except those that need none', async () => {
    const { body } = await desk.request('GET', '/openapi.json');
    const posts = Object.entries<any>(body.paths).filter(([, item]) => item.post);
    const takes = posts.filter(([, { post: operation }]) =>
      operation.parameters?.some((parameter: any) => parameter.in === 'header' && parameter.name === 'Idempotency-Key'),
    );
    expect(
      posts
        .map(([path]) => path)
        .filter((path) => !takes.some(([taking]) => taking === path))
        .sort(),
    ).toEqual([...WITHOUT_KEY].sort());
    expect(takes.length).toBeGreaterThanOrEqual(5);
    for (const [, { post: operation }] of takes) {
      const codesOf = (status: string) =>
        operation.responses[status].content['application/problem+json'].schema.allOf[1].properties.code.enum;
      expect(codesOf('409')).toEqual(
        expect.arrayContaining(['IDEMPOTENCY_IN_PROGRESS', 'IDEMPOTENCY_ANSWER_NOT_KEPT']),
      );
      expect(codesOf('422')).toContain('IDEMPOTENCY_KEY_REUSED');
    }
  });

  it('uses of idempotency keys are counted by outcome', async () => {
    const { body } = await desk.request('GET', '/metrics');
    const count = (outcome: string) =>
      Number(
        new RegExp(`^idempotency_requests_total\\{outcome="${outcome}"\\} (\\d+)$`, 'm').exec(body as string)?.[1] ?? 0,
      );
    for (const outcome of ['fresh', 'failed', 'replayed', 'not_kept', 'reused', 'malformed'])
      expect([outcome, count(outcome)]).toEqual([outcome, expect.any(Number)]);
    expect(
      ['fresh', 'failed', 'replayed', 'not_kept', 'reused', 'malformed'].filter((outcome) => count(outcome) === 0),
    ).toEqual([]);
  });
});
