import { Egress } from '#egress';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { TestReceiver } from '../integration/webhooks/receiver.fixture.js';

describe('/v1/webhooks', () => {
  let app: TestApp;
  let receiver: TestReceiver;
  let trader: { token: string; userId: string };
  let other: typeof trader;
  let operator: typeof trader;
  const as =
    (who: typeof trader) =>
    async (method: string, path = '', body?: unknown) =>
      app.request(method, `/v1/webhooks${path}`, { token: who.token, ...(body === undefined ? {} : { body }) });

  beforeAll(async () => {
    receiver = await new TestReceiver().open();
    app = await startTestApp();
    app.get(Egress).allow(receiver.host);
    trader = await app.login('trader');
    other = await app.login('trader');
    operator = await app.login('operator');
  });
  afterAll(async () => {
    await app.close();
    await receiver.close();
  });
  const added = async (who = trader, more: object = {}) => {
    const { status, body } = await as(who)('POST', '', { url: receiver.url, ...more });
    expect(status).toBe(201);
    return body as { id: string; secret: string; state: string; userId: string | null };
  };

  it('a created webhook shows its secret once', async () => {
    const made = await added(trader, { description: 'my desk', minSeverity: 'warning' });
    expect(made).toMatchObject({
      state: 'healthy',
      stateReason: null,
      userId: trader.userId,
      format: 'generic',
      concurrency: 10,
      ratePerSecond: null,
      minSeverity: 'warning',
    });
    expect(made.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    for (const path of ['', `/${made.id}`, `/${made.id}/health`, `/${made.id}/deliveries`]) {
      const { status, body } = await as(trader)('GET', path);
      expect(status).toBe(200);
      expect(JSON.stringify(body)).not.toContain('whsec_');
    }
  });

  it('a signed test message returns its result at once', async () => {
    const { id, secret } = await added();
    receiver.secrets = [secret];
    const { status, body } = await as(trader)('POST', `/${id}/test`);
    expect([status, body]).toEqual([
      200,
      {
        delivered: true,
        messageId: expect.stringMatching(/^test_/),
        statusCode: 200,
        latencyMs: expect.any(Number),
        errorClass: null,
        error: null,
        responseBody: 'ok',
      },
    ]);
    expect(receiver.receipts.at(-1)).toMatchObject({ id: body.messageId, verified: true });
    expect(JSON.parse(receiver.receipts.at(-1)!.body)).toMatchObject({ id: body.messageId, type: 'test' });
    receiver.answer = () => ({ status: 503, body: 'no\0 room' });
    expect((await as(trader)('POST', `/${id}/test`)).body).toMatchObject({
      delivered: false,
      statusCode: 503,
      errorClass: 'server',
      error: 'HTTP 503',
    });
    receiver.answer = () => ({ status: 302, headers: { location: receiver.url } });
    const before = receiver.receipts.length;
    expect((await as(trader)('POST', `/${id}/test`)).body).toMatchObject({
      delivered: false,
      statusCode: 302,
      errorClass: 'client',
    });
    expect(receiver.receipts).toHaveLength(before + 1);
    receiver.answer = () => ({ status: 200, body: 'ok' });
  });

  it.each([
    [{ url: 'https://169.254.169.254/latest' }, 'url'],
    [{ url: 'http://localhost/' }, 'url'],
    [{ url: 'ftp://example.com/' }, 'url'],
    [{ url: 'https://u:p@example.com/' }, 'url'],
    [{ url: 'https://no-such-host.invalid/' }, 'url'],
    [{ url: 'nonsense' }, 'url'],
    [{ url: `https://example.com/${'x'.repeat(2_048)}` }, 'url'],
    [{}, 'url'],
    [{ url: 7 }, 'url'],
    [{ url: 'OK', format: 'xml' }, 'format'],
    [{ url: 'OK', concurrency: 0 }, 'concurrency'],
    [{ url: 'OK', concurrency: 101 }, 'concurrency'],
    [{ url: 'OK', ratePerSecond: 0 }, 'ratePerSecond'],
    [{ url: 'OK', minSeverity: 'loud' }, 'minSeverity'],
    [{ url: 'OK', description: 'x'.repeat(201) }, 'description'],
    [{ url: 'OK', secret: 'mine' }, 'secret'],
  ])('an invalid webhook is refused with the name of the field (%#)', async (body, field) => {
    const given = (body as { url?: unknown }).url === 'OK' ? { ...body, url: receiver.url } : body;
    const { status, body: problem } = await as(trader)('POST', '', given);
    expect(status).toBe(400);
    expect(problem.errors.map((error: { field: string }) => error.field).join()).toContain(field);
    expect(JSON.stringify(problem)).not.toMatch(/ECONN|stack|u:p/);
  });

  it('users see and change their own webhooks, operators all, and others get 404', async () => {
    const { id } = await added();
    for (const [method, path, body] of [
      ['GET', ''],
      ['PATCH', '', { description: 'x' }],
      ['DELETE', ''],
      ['POST', '/test'],
      ['POST', '/rotate-secret'],
      ['POST', '/pause'],
      ['POST', '/enable'],
      ['POST', '/replay', { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }],
      ['GET', '/deliveries'],
      ['GET', '/health'],
    ] as const) {
      expect((await as(other)(method, `/${id}${path}`, body)).status).toBe(404);
    }
    expect((await as(other)('GET')).body.items).toEqual([]);
    expect(
      (await as(operator)('PATCH', `/${id}`, { description: 'by the desk', ratePerSecond: 5 })).body,
    ).toMatchObject({ description: 'by the desk', ratePerSecond: 5, userId: trader.userId });
    expect((await as(operator)('GET')).body.items.length).toBeGreaterThan(1);
    expect((await app.request('GET', '/v1/webhooks')).status).toBe(401);
  });

  it('only operators create desk webhooks and operator endpoints', async () => {
    for (const field of ['desk', 'operator']) {
      expect(await as(trader)('POST', '', { url: receiver.url, [field]: true })).toMatchObject({
        status: 403,
        body: { code: 'WEBHOOKS_OPERATORS_ONLY', errors: [{ field }] },
      });
    }
    const { id } = await added();
    expect((await as(trader)('PATCH', `/${id}`, { operator: true })).status).toBe(403);
    expect(await added(operator, { desk: true, operator: true })).toMatchObject({ userId: null, operator: true });
  });

  it('webhooks are limited per user', async () => {
    const many = await app.login('trader');
    const made = await Promise.all(Array.from({ length: 25 }, () => as(many)('POST', '', { url: receiver.url })));
    expect(made.filter(({ status }) => status === 201)).toHaveLength(20);
    expect(made.filter(({ status, body }) => status === 409 && body.code === 'WEBHOOKS_TOO_MANY')).toHaveLength(5);
  });

  it('after a rotation both secrets verify for a day, and the answer names the end', async () => {
    const { id, secret } = await added();
    const { body } = await as(trader)('POST', `/${id}/rotate-secret`);
    expect(body.secret).not.toBe(secret);
    expect(Date.parse(body.previousUntil) - Date.now()).toBeGreaterThan(23.9 * 3_600_000);
    for (const known of [secret, body.secret]) {
      receiver.secrets = [known];
      await eventually(async () => {
        await as(trader)('POST', `/${id}/test`);
        expect(receiver.receipts.at(-1)!.verified).toBe(true);
        expect(String(receiver.receipts.at(-1)!.headers['webhook-signature']).split(' ')).toHaveLength(2);
      });
    }
    const { body: second } = await as(trader)('POST', `/${id}/rotate-secret`);
    await eventually(async () => {
      for (const [known, good] of [
        [secret, false],
        [body.secret, true],
        [second.secret, true],
      ] as const) {
        receiver.secrets = [known];
        await as(trader)('POST', `/${id}/test`);
        expect(receiver.receipts.at(-1)!.verified).toBe(good);
      }
    });
  });

  it('a webhook is paused, enabled and removed', async () => {
    const { id } = await added();
    expect((await as(trader)('PATCH', `/${id}`, { enabled: false })).body).toMatchObject({
      state: 'disabled',
      stateReason: 'paused',
      probeAt: null,
    });
    expect((await as(trader)('POST', `/${id}/enable`)).body).toMatchObject({ state: 'healthy', stateReason: null });
    expect(await as(trader)('DELETE', `/${id}`)).toMatchObject({
      status: 200,
      body: { id, cancelled: { pending: 0, held: 0 } },
    });
    expect((await as(trader)('GET', `/${id}`)).status).toBe(404);
    const { body } = await app.request('GET', '/v1/events?type=WebhookRemoved', { token: trader.token });
    expect(body.items[0].payload).toEqual({ endpointId: id, host: receiver.host, by: trader.userId });
  });

  it('a replay that ends before it begins is refused', async () => {
    const { id } = await added();
    const window = { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' };
    expect(await as(trader)('POST', `/${id}/replay`, window)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'to' }] },
    });
    expect((await as(trader)('POST', `/${id}/replay`, { from: window.to, to: window.from })).body).toEqual({
      replayed: 0,
    });
  });

  it('only operators see circuit breakers', async () => {
    expect((await app.request('GET', '/v1/system/breakers', { token: trader.token })).status).toBe(403);
    expect((await app.request('GET', '/v1/system/breakers', { token: operator.token })).body).toEqual({
      items: expect.any(Array),
      timeouts: expect.any(Array),
    });
  });
});
