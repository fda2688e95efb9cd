import { jest } from '@jest/globals';
import { createDesk, type Desk, DeskProblem } from '../index.js';
import { FakeDesk } from '../testing/index.js';
import { holdDelays, passDelays } from './delays.fixture.js';

const busy = (retryAfterMs?: number) =>
  new DeskProblem({
    ...{ code: 'RATE_LIMITED', status: 429, detail: 'Too many requests.', correlationId: 'c-1' },
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });

describe('requests of the client', () => {
  let fake: FakeDesk;
  let desk: Desk;
  let calls = 0;
  const failing = (times: number, problem: () => DeskProblem) => () => {
    calls += 1;
    if (calls <= times) throw problem();
    return { items: [], nextCursor: null };
  };
  const keys = () =>
    fake.requests
      .filter(({ path }) => path.startsWith('/v1/alert'))
      .map(({ headers }) => headers.get('idempotency-key'));

  beforeEach(() => {
    calls = 0;
    fake = new FakeDesk();
    desk = createDesk({ ...fake.options, signIn: fake.credentials('operator') });
  });
  afterEach(() => {
    desk.close();
    jest.restoreAllMocks();
  });

  it('a request waits for the time of Retry-After and tries again', async () => {
    fake.route(
      'GET /v1/alerts',
      failing(2, () => busy(20)),
    );
    const delays = passDelays();
    expect(await desk.get('/v1/alerts')).toEqual({ items: [], nextCursor: null });
    expect(calls).toBe(3);
    expect(delays).toHaveLength(2);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(20);
  });

  it('a request reads Retry-After from the header where the answer has no milliseconds', async () => {
    fake.route(
      'GET /v1/alerts',
      () => new Response('<h1>busy</h1>', { status: 503, headers: { 'retry-after': '60' } }),
    );
    const error = await desk.get('/v1/alerts').catch((caught: unknown) => caught as DeskProblem);
    expect(error).toMatchObject({ code: 'CLIENT_ANSWER_UNREADABLE', status: 503, retryAfterMs: 60_000 });
  });

  it('a request that is refused without Retry-After, too long or too often fails with the problem of the desk', async () => {
    fake.route(
      'GET /v1/alerts',
      failing(9, () => busy()),
    );
    await expect(desk.get('/v1/alerts')).rejects.toMatchObject({ code: 'RATE_LIMITED', correlationId: 'c-1' });
    expect(calls).toBe(1);
    fake.route(
      'GET /v1/alerts',
      failing(9, () => busy(60_000)),
    );
    await expect(desk.get('/v1/alerts')).rejects.toMatchObject({ retryAfterMs: 60_000 });
    expect(calls).toBe(2);
    fake.route(
      'GET /v1/alerts',
      failing(99, () => busy(1)),
    );
    await expect(desk.get('/v1/alerts')).rejects.toBeInstanceOf(DeskProblem);
    expect(calls).toBe(6);
  });

  it('each change has an Idempotency-Key of its own, which its retries repeat', async () => {
    fake.route(
      'POST /v1/alerts/{id}/acknowledge',
      failing(1, () => busy(1)),
    );
    await desk.post('/v1/alerts/{id}/acknowledge', { params: { id: '7' } });
    await desk.post('/v1/alerts/{id}/acknowledge', { params: { id: '8' }, idempotencyKey: 'mine' });
    const [first, again, own] = keys();
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect([again, own]).toEqual([first, 'mine']);
    fake.route('GET /v1/alerts', () => ({ items: [] }));
    await desk.get('/v1/alerts');
    expect(keys().at(-1)).toBeNull();
  });

  it('a request survives a broken connection, and repeats a change with the same key', async () => {
    await desk.ready();
    fake.setDown(true);
    fake.route('POST /v1/alert-rules/test', () => ({}));
    passDelays(() => fake.setDown(false));
    await desk.post('/v1/alert-rules/test', { body: {} as never });
    fake.setDown(true);
    await expect(
      desk.post('/v1/auth/password', { body: { currentPassword: 'password', newPassword: 'another password' } }),
    ).rejects.toMatchObject({ code: 'CLIENT_UNREACHABLE', status: 0 });
  });

  it('a repetition that meets its first attempt in progress waits for its answer', async () => {
    const inProgress = { code: 'IDEMPOTENCY_IN_PROGRESS', status: 409, detail: 'In progress.', correlationId: 'c' };
    fake.route(
      'POST /v1/alerts/{id}/acknowledge',
      failing(1, () => new DeskProblem({ ...inProgress, retryAfterMs: 1_000 })),
    );
    const delays = passDelays();
    await desk.post('/v1/alerts/{id}/acknowledge', { params: { id: '7' } });
    expect([calls, delays.length, new Set(keys()).size]).toEqual([2, 1, 1]);
  });

  it('a deletion whose answer was lost succeeds, and one of something that is not there fails', async () => {
    const gone = new DeskProblem({
      code: 'ALERTS_RULE_NOT_FOUND',
      status: 404,
      detail: 'No rule.',
      correlationId: 'c',
    });
    fake.route('DELETE /v1/alert-rules/{id}', () => {
      if (++calls > 1) throw gone;
      return undefined;
    });
    passDelays();
    const losing: typeof fetch = async (input, init) => {
      const answer = await fake.options.fetch!(input, init);
      if (init!.method === 'DELETE' && calls === 1) throw new TypeError('fetch failed');
      return answer;
    };
    const unlucky = createDesk({ ...fake.options, fetch: losing, signIn: fake.credentials('operator') });
    const rule = { params: { id: '7' } };
    expect(await unlucky.delete('/v1/alert-rules/{id}', rule)).toBeUndefined();
    expect(calls).toBe(2);
    await expect(unlucky.delete('/v1/alert-rules/{id}', rule)).rejects.toMatchObject({ status: 404 });
    unlucky.close();
  });

  it('a change of the password is sent again only after a refusal that shows that nothing was done', async () => {
    const body = { currentPassword: 'password', newPassword: 'another password' };
    const unavailable = { code: 'DATABASE_UNAVAILABLE', status: 503, detail: 'No database.', correlationId: 'c' };
    const delays = passDelays();
    fake.route(
      'POST /v1/auth/password',
      failing(1, () => new DeskProblem({ ...unavailable, retryAfterMs: 1_000 })),
    );
    await expect(desk.post('/v1/auth/password', { body })).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    calls = 0;
    fake.route(
      'POST /v1/auth/password',
      failing(1, () => busy(1)),
    );
    await desk.post('/v1/auth/password', { body });
    expect([calls, delays.length]).toEqual([2, 1]);
  });

  it('the page of a proxy is no answer, whatever its status', async () => {
    const page = () => new Response('<h1>Sign in to the network</h1>', { headers: { 'content-type': 'text/html' } });
    fake.route('GET /v1/alerts', page);
    await expect(desk.get('/v1/alerts')).rejects.toMatchObject({ code: 'CLIENT_ANSWER_UNREADABLE', status: 200 });
    fake.route('POST /v1/auth/login', page);
    const other = createDesk(fake.options);
    await expect(other.signIn(fake.credentials('viewer'))).rejects.toMatchObject({ code: 'CLIENT_ANSWER_UNREADABLE' });
    other.close();
  });

  it('an aborted request ends with the reason of its signal, also while it waits', async () => {
    fake.route(
      'GET /v1/alerts',
      failing(9, () => busy(10_000)),
    );
    const stop = new AbortController();
    const waiting = holdDelays();
    const answer = desk.get('/v1/alerts', { signal: stop.signal });
    expect(await waiting).toBeGreaterThanOrEqual(10_000);
    stop.abort(new Error('closed'));
    await expect(answer).rejects.toThrow('closed');
  });

  it('an aborted request ends although its token is still awaited, and leaves the sign-in to the others', async () => {
    const stop = new AbortController();
    fake.setDown(true);
    let goOn = () => undefined as void;
    const waiting = new Promise<void>((resolve) => {
      jest
        .spyOn(globalThis, 'setTimeout')
        .mockImplementation(((work: () => void) => ((goOn = work), resolve())) as never);
    });
    const [aborted, other] = [desk.get('/v1/auth/me', { signal: stop.signal }), desk.get('/v1/auth/me')];
    await waiting;
    stop.abort(new Error('closed'));
    await expect(aborted).rejects.toThrow('closed');
    fake.setDown(false);
    goOn();
    expect(await other).toMatchObject({ email: 'operator@example.com' });
    await expect(desk.get('/v1/auth/me', { signal: stop.signal })).rejects.toThrow('closed');
  });

  it('a request to a desk that is away or does not answer in time is sent four times, later each time', async () => {
    const delays = passDelays();
    let sent = 0;
    const silent: typeof fetch = (_, init) => {
      sent += 1;
      return new Promise((__, reject) =>
        init!.signal!.addEventListener('abort', () => reject(init!.signal!.reason as Error)),
      );
    };
    const waiting = createDesk({ url: 'http://fake.desk', token: 'x', fetch: silent });
    await expect(waiting.get('/v1/alerts', { timeoutMs: 1 })).rejects.toMatchObject({
      ...{ code: 'CLIENT_UNREACHABLE', detail: 'The desk did not answer within 1 ms.' },
    });
    expect(sent).toBe(4);
    expect(delays).toHaveLength(3);
    for (const [at, ms] of [300, 600, 1_200].entries()) {
      expect(delays[at]).toBeGreaterThanOrEqual(ms);
      expect(delays[at]).toBeLessThanOrEqual(ms * 1.2);
    }
  });

  it('parameters are escaped, lists are repeated, and a missing path parameter is named', async () => {
    fake.route('GET /v1/portfolios/{id}', ({ params, query }) => ({ ...params, query: query.toString() }));
    const answer = await desk.get('/v1/portfolios/{id}', {
      params: { id: 'a/b c' },
      query: { x: ['1', '2'], y: undefined } as never,
    });
    expect(answer).toMatchObject({ query: 'x=1&x=2' });
    expect(fake.requests.at(-1)!.path).toBe('/v1/portfolios/a%2Fb%20c');
    await expect(desk.get('/v1/portfolios/{id}', {} as never)).rejects.toThrow(
      '/v1/portfolios/{id} needs the parameter id.',
    );
  });

  it('pages() takes page after page, and only as many as are taken', async () => {
    fake.route('GET /v1/alerts', ({ query }) => {
      const from = Number(query.get('cursor') ?? 0);
      return { items: [{ id: from }, { id: from + 1 }], nextCursor: from < 4 ? String(from + 2) : null };
    });
    const all: unknown[] = [];
    for await (const alert of desk.pages('/v1/alerts', { limit: 2 })) all.push(alert);
    expect(all).toEqual([0, 1, 2, 3, 4, 5].map((id) => ({ id })));
    const before = fake.requests.length;
    for await (const _ of desk.pages('/v1/alerts')) break;
    expect(fake.requests.length - before).toBe(1);
    expect(fake.requests.at(-2)!.query.get('limit')).toBe('2');
  });

  it('the health of a desk that is not well is its answer', async () => {
    fake.route('GET /health', () => Response.json({ status: 'error', checks: {} }, { status: 503 }));
    expect(await desk.get('/health')).toEqual({ status: 'error', checks: {} });
  });

  it('a file is sent as it is, with the type that the caller names', async () => {
    fake.route('POST /v1/instruments/imports', ({ headers, body }) => ({ type: headers.get('content-type'), body }));
    const answer = await desk.post('/v1/instruments/imports', {
      query: { broker: 'zerodha' },
      body: 'a,b\n1,2\n',
      headers: { 'content-type': 'text/csv' },
    } as never);
    expect(answer).toEqual({ type: 'text/csv', body: 'a,b\n1,2\n' });
  });
});
