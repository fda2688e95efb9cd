import { BackgroundTasks } from '#background';
import { Database, Transactions } from '#database';
import { DeliveryQueue } from '#deliveries';
import { Egress } from '#egress';
import { deliveriesConfig } from '#deliveries/config';
import { webhooksConfig } from '#webhooks/config';
import { eventually } from '../../setup/eventually.js';
import { startTestApp, type TestApp } from '../../setup/test-app.js';
import { TestReceiver } from './receiver.fixture.js';

const QUICK = [webhooksConfig.with({ probeSeconds: 1, upkeepMs: 50 }), deliveriesConfig.with({ pollMs: 50 })];

describe('an endpoint, from healthy to disabled and back', () => {
  let app: TestApp;
  let receiver: TestReceiver;
  let trader: { token: string; userId: string };
  let endpoint: { id: string; secret: string };

  beforeAll(async () => {
    receiver = await new TestReceiver().open();
    app = await startTestApp({ internals: QUICK });
    app.get(Egress).allow(receiver.host);
    trader = await app.login('trader');
  });
  afterAll(async () => {
    await app.close();
    await receiver.close();
  });
  beforeEach(async () => {
    receiver.receipts.length = 0;
    receiver.effects.clear();
    receiver.answer = () => ({ status: 200 });
    endpoint = (
      await app.request('POST', '/v1/webhooks', { token: trader.token, body: { url: receiver.url, concurrency: 5 } })
    ).body;
    receiver.secrets = [endpoint.secret];
  });
  const path = (rest = '') => `/v1/webhooks/${endpoint.id}${rest}`;
  const view = async () => (await app.request('GET', path(), { token: trader.token })).body;
  const health = async () => (await app.request('GET', path('/health'), { token: trader.token })).body;
  const sql = (text: string, params: unknown[] = []) => app.get(Database).rows<any>(text, params);
  const moves = async (): Promise<string[]> =>
    (
      await sql(
        `SELECT type FROM trading_events WHERE payload ->> 'endpointId' = $1 AND type ~ '^Webhook(Degraded|Disabled|Probed|Recovered)$' ORDER BY id`,
        [endpoint.id],
      )
    ).map(({ type }) => type);
  const enqueue = (bodies: string[]) =>
    app.get(Transactions).atomic(async () => {
      for (const body of bodies)
        await app
          .get(DeliveryQueue)
          .enqueue([{ alertId: null, endpointId: endpoint.id, messageId: `msg_${body}`, body }]);
    });
  const counts = async () =>
    Object.fromEntries(
      (
        await sql(
          `SELECT status, count(*)::int AS n FROM alert_delivery_queue WHERE endpoint_id = $1 GROUP BY status`,
          [endpoint.id],
        )
      ).map(({ status, n }) => [status, n]),
    );

  it('a healthy endpoint gets each delivery once and signed, counted by the minute', async () => {
    await enqueue(Array.from({ length: 40 }, (_, n) => `h${n}`));
    await eventually(async () => expect(await counts()).toEqual({ delivered: 40 }));
    expect(receiver.receipts).toHaveLength(40);
    expect(receiver.receipts.every(({ verified }) => verified)).toBe(true);
    const seen = await health();
    expect(seen).toMatchObject({
      state: 'healthy',
      sent: 40,
      failed: 0,
      successPercent: 100,
      held: 0,
      pending: 0,
      heldMax: 10_000,
    });
    expect(seen.minutes.reduce((sum: number, minute: { sent: number }) => sum + minute.sent, 0)).toBe(40);
    const log = (await app.request('GET', path('/deliveries?limit=3'), { token: trader.token })).body;
    expect(log.items).toHaveLength(3);
    expect(log.items[0]).toMatchObject({
      status: 'delivered',
      attempts: 1,
      statusCode: 200,
      latencyMs: expect.any(Number),
    });
    expect(log.nextCursor).toEqual(expect.any(String));
    app.get(BackgroundTasks).wake('webhooks-states');
    await eventually(async () => {
      const metrics: string = (await app.request('GET', '/metrics')).body;
      expect(metrics).toMatch(/webhooks_attempts_total\{outcome="delivered"\} [1-9]/);
      expect(metrics).toMatch(/webhooks_attempt_duration_seconds_count [1-9]/);
      expect(metrics).toMatch(/webhooks_endpoints\{state="healthy"\} [1-9]/);
    });
  });

  it('an endpoint gets a replay with the same message ids, which has no second effect', async () => {
    const from = new Date().toISOString();
    await enqueue(['r1', 'r2', 'r3']);
    await eventually(() => expect(receiver.effects.size).toBe(3));
    await eventually(async () => expect(await counts()).toEqual({ delivered: 3 }));
    const { body } = await app.request('POST', path('/replay'), {
      token: trader.token,
      body: { from, to: new Date().toISOString() },
    });
    expect(body).toEqual({ replayed: 3 });
    await eventually(() => expect(receiver.receipts).toHaveLength(6));
    expect([...receiver.effects.keys()].sort()).toEqual(['msg_r1', 'msg_r2', 'msg_r3']);
  });

  it('becomes degraded by its ratio, and operators get one alert that names it', async () => {
    receiver.answer = () => ({ status: 500, body: 'oh' });
    await enqueue(Array.from({ length: 12 }, (_, n) => `d${n}`));
    await eventually(async () =>
      expect(await view()).toMatchObject({
        state: 'degraded',
        stateReason: 'failing',
        failingSince: expect.any(String),
      }),
    );
    expect(await moves()).toEqual(['WebhookDegraded']);
    const [event] = await sql(
      `SELECT payload, user_id FROM trading_events WHERE type = 'WebhookDegraded' AND payload ->> 'endpointId' = $1`,
      [endpoint.id],
    );
    expect(event).toEqual({
      user_id: trader.userId,
      payload: expect.objectContaining({
        endpointId: endpoint.id,
        host: receiver.host,
        from: 'healthy',
        to: 'degraded',
      }),
    });
    expect(JSON.stringify(event)).not.toContain('secret-path');
    // Its waiting deliveries end with it: later tests count what the receiver gets.
    expect((await app.request('DELETE', path(), { token: trader.token })).status).toBe(200);
  });

  it('an endpoint is disabled by 410, its deliveries are held, and all are sent in order when it is enabled', async () => {
    receiver.answer = () => ({ status: 410 });
    await enqueue(['g0']);
    await eventually(async () =>
      expect(await view()).toMatchObject({ state: 'disabled', stateReason: 'gone', probeAt: null }),
    );
    receiver.answer = () => ({ status: 200 });
    receiver.receipts.length = 0;
    const names = Array.from({ length: 30 }, (_, n) => `g${n + 1}`);
    for (const name of names) await enqueue([name]);
    expect(await health()).toMatchObject({ held: 30, pending: 0 });
    expect(receiver.receipts).toEqual([]);
    await app.request('POST', path('/enable'), { token: trader.token });
    await eventually(async () => expect(await counts()).toEqual({ dead: 1, delivered: 30 }));
    expect(receiver.receipts.map(({ body }) => body)).toEqual(names);
    expect(await moves()).toEqual(['WebhookDisabled', 'WebhookRecovered']);
  });

  it('an endpoint that fails for long is disabled, probed until a probe succeeds, and then gets all in order', async () => {
    receiver.answer = () => ({ status: 500 });
    await sql(`UPDATE webhook_endpoints SET failing_since = now() - interval '121 hours' WHERE id = $1`, [endpoint.id]);
    const names = Array.from({ length: 20 }, (_, n) => `p${String(n).padStart(2, '0')}`);
    await enqueue(names.slice(0, 1));
    await eventually(async () =>
      expect(await view()).toMatchObject({ state: 'disabled', stateReason: 'failing', probeAt: expect.any(String) }),
    );
    for (const name of names.slice(1)) await enqueue([name]);
    const before = receiver.receipts.length;
    // Two probes, one delivery each, a second apart. The rest stays held.
    await eventually(() => expect(receiver.receipts.length).toBeGreaterThanOrEqual(before + 2));
    await eventually(async () => expect(await health()).toMatchObject({ state: 'disabled', held: 20 }));
    expect(new Set(receiver.receipts.map(({ body }) => body))).toEqual(new Set(['p00']));
    receiver.receipts.length = 0;
    receiver.answer = () => ({ status: 200 });
    await eventually(async () => expect(await counts()).toEqual({ delivered: 20 }));
    expect(receiver.receipts.map(({ body }) => body).filter((body, at, all) => all.indexOf(body) === at)).toEqual(
      names,
    );
    expect(await view()).toMatchObject({ state: 'healthy', failingSince: null, probeAt: null });
    const told = await moves();
    expect([told[0], told.at(-1)]).toEqual(['WebhookDisabled', 'WebhookRecovered']);
    expect(told.slice(1, -1).length).toBeGreaterThanOrEqual(2);
    expect(new Set(told.slice(1, -1))).toEqual(new Set(['WebhookProbed']));
  });

  it('a removed endpoint gets no more messages, and its waiting deliveries are cancelled', async () => {
    await enqueue(['x0']);
    await eventually(async () => expect(await counts()).toEqual({ delivered: 1 }));
    receiver.receipts.length = 0;
    const paused = await app.request('POST', path('/pause'), { token: trader.token });
    expect(paused.body).toMatchObject({ stateReason: 'paused', waiting: { pending: 0, held: 0 } });
    await enqueue(['x1', 'x2']);
    expect(await view()).toMatchObject({ waiting: { pending: 0, held: 2 } });
    const listed = await app.request('GET', '/v1/webhooks', { token: trader.token });
    expect(listed.body.items.find(({ id }: { id: string }) => id === endpoint.id).waiting).toEqual({
      pending: 0,
      held: 2,
    });
    expect(await app.request('DELETE', path(), { token: trader.token })).toMatchObject({
      status: 200,
      body: { id: endpoint.id, cancelled: { pending: 0, held: 2 } },
    });
    await eventually(async () => expect(await counts()).toEqual({ delivered: 1, cancelled: 2 }));
    expect(await sql(`SELECT FROM webhook_secrets WHERE endpoint_id = $1`, [endpoint.id])).toEqual([]);
    expect(receiver.receipts).toEqual([]);
  });
});
