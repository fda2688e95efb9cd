import { randomUUID } from 'node:crypto';
import { Database, Transactions } from '#database';
import { DeliveryChannels, DeliveryLanes, DeliveryQueue } from '#deliveries';
import { deliveriesConfig } from '#deliveries/config';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';

describe('a desk in parts', () => {
  let database: TestDatabase;
  let web: TestApp;
  let worker: TestApp;
  const sent: string[] = [];
  let failing = false;
  beforeAll(async () => {
    database = await createTestDatabase();
    web = await startTestApp({ database, env: { DESKWIRE_ROLE: 'web' } });
    worker = await startTestApp({ database, env: { DESKWIRE_ROLE: 'worker' } });
    for (const node of [web, worker]) {
      node.get(DeliveryChannels).add({
        name: 'noted',
        send: ({ messageId }) => {
          sent.push(`${node === web ? 'web' : 'worker'}:${messageId}`);
          return Promise.resolve(
            failing
              ? { kind: 'failed' as const, statusCode: 500, error: 'HTTP 500', latencyMs: 1 }
              : { kind: 'delivered' as const, statusCode: 204, latencyMs: 1 },
          );
        },
      });
    }
  });
  afterAll(async () => {
    await worker.close();
    await web.close();
    await database.drop();
  });

  const lane = async (userId: string | null): Promise<string> => {
    const endpointId = randomUUID();
    await web.get(DeliveryLanes).put({
      endpointId,
      channel: 'noted',
      format: 'generic',
      userId,
      operator: false,
      concurrency: 2,
      ratePerSecond: null,
    });
    return endpointId;
  };
  const enqueue = async (endpointId: string, messageId: string): Promise<string> => {
    const [row] = await web
      .get(Transactions)
      .atomic(() =>
        web.get(DeliveryQueue).enqueue([{ alertId: randomUUID(), endpointId, messageId, body: '{"a":1}' }]),
      );
    return row!.id;
  };

  it('a worker process sends the deliveries that a web process has committed', async () => {
    const endpoint = await lane(null);
    for (const message of ['m-1', 'm-2', 'm-3']) await enqueue(endpoint, message);
    await eventually(() => expect([...sent].sort()).toEqual(['worker:m-1', 'worker:m-2', 'worker:m-3']));
  });

  it('only web processes answer users, and a worker answers probes and metrics', async () => {
    const { token } = await web.login('operator');
    expect((await web.request('GET', '/v1/deliveries', { token })).status).toBe(200);
    const refused = await worker.request('GET', '/v1/deliveries', { token });
    expect([refused.status, refused.body.code]).toEqual([503, 'API_IS_A_WORKER']);
    expect((await worker.request('GET', '/')).status).toBe(503);
    const socket = await worker.request('GET', '/socket.io/?EIO=4&transport=websocket');
    expect([socket.status, socket.body.code]).toEqual([503, 'API_IS_A_WORKER']);
    expect((await worker.request('GET', '/health/ready')).status).toBe(200);
    const health = await worker.request('GET', '/health');
    expect(health.body.checks.deliveries).toMatchObject({ status: 'up', pending: expect.any(Number), held: 0 });
    const metrics = await worker.request('GET', '/metrics');
    for (const name of [
      'deliveries_pending',
      'deliveries_claimed_total',
      'deliveries_duration_seconds_count',
      'deliveries_settled_total{outcome="delivered"}',
      'jobs_waiting',
      'jobs_run_total',
    ]) {
      expect(metrics.body).toContain(name);
    }
    await expect(
      new Promise((resolve, reject) => {
        const socket = worker.socket(token);
        socket.once('connect', () => resolve('connected'));
        socket.once('connect_error', reject);
      }),
    ).rejects.toThrow();
  });

  it('users list deliveries of their own endpoints, operators list all, and both retry them', async () => {
    const [trader, stranger, operator] = [
      await web.login('trader'),
      await web.login('trader'),
      await web.login('operator'),
    ];
    const endpoint = await lane(trader.userId);
    failing = true;
    const id = await enqueue(endpoint, 'mine');
    const path = `/v1/deliveries/${id}`;
    await eventually(async () =>
      expect((await web.request('GET', path, { token: trader.token })).body).toMatchObject({
        status: 'pending',
        attempts: 1,
        statusCode: 500,
        log: [{ outcome: 'failed' }],
      }),
    );
    // The next attempt is the one that the user asks for.
    await web
      .get(Database)
      .run(`UPDATE alert_delivery_queue SET next_attempt_at = now() + interval '1 hour' WHERE id = $1`, [id]);
    const listOf = async (token: string, query = '') =>
      (await web.request('GET', `/v1/deliveries?endpointId=${endpoint}${query}`, { token })).body.items.map(
        (row: { id: string }) => row.id,
      );
    expect(await listOf(trader.token)).toEqual([id]);
    expect(await listOf(operator.token, '&status=pending')).toEqual([id]);
    expect(await listOf(stranger.token)).toEqual([]);
    expect((await web.request('GET', path, { token: stranger.token })).status).toBe(404);
    expect((await web.request('POST', `${path}/retry`, { token: stranger.token })).status).toBe(404);
    failing = false;
    expect((await web.request('POST', `${path}/retry`, { token: trader.token })).status).toBe(200);
    await eventually(async () =>
      expect((await web.request('GET', path, { token: trader.token })).body).toMatchObject({
        status: 'delivered',
        attempts: 2,
        body: '{"a":1}',
      }),
    );
    const viewer = await web.login('viewer');
    expect((await web.request('POST', `${path}/retry`, { token: viewer.token })).status).toBe(403);
    expect((await web.request('GET', '/v1/deliveries?status=lost', { token: operator.token })).status).toBe(400);
  });

  it('many deliveries are retried at once, each with a status, and the audit trail names who did it', async () => {
    const [trader, admin] = [await web.login('trader'), await web.login('admin')];
    const [endpoint, gone, foreign] = [await lane(trader.userId), await lane(trader.userId), await lane(null)];
    const ids = [await enqueue(endpoint, 'r-1'), await enqueue(endpoint, 'r-2'), await enqueue(foreign, 'r-3')];
    const cancelled = await enqueue(gone, 'r-4');
    const isDelivered = async (id: string) =>
      (await web.request('GET', `/v1/deliveries/${id}`, { token: admin.token })).body.status === 'delivered';
    for (const id of [...ids, cancelled]) await eventually(async () => expect(await isDelivered(id)).toBe(true));
    await web.get(DeliveryLanes).remove(gone);
    const body = { ids: [...ids, randomUUID()] };
    const retry = (token: string, given: object = body) =>
      web.request('POST', '/v1/deliveries/retry', { token, body: given });
    const { status, body: answer } = await retry(trader.token);
    expect([status, answer.retried]).toEqual([200, 2]);
    expect(answer.items.map((item: any) => item.status)).toEqual(['retried', 'retried', 'not_found', 'not_found']);
    await eventually(() => expect(sent.filter((line) => /r-[12]$/.test(line))).toHaveLength(4));
    expect(sent.filter((line) => line.endsWith('r-3'))).toHaveLength(1);
    expect((await retry(admin.token, { ids: [cancelled] })).body.items[0].status).toBe('endpoint_gone');
    const viewer = await web.login('viewer');
    expect((await retry(viewer.token)).status).toBe(403);
    const { items } = (await web.request('GET', `/v1/audit?subjectId=${endpoint}`, { token: admin.token })).body;
    expect(items).toMatchObject([
      { action: 'deliveries_retried', actorId: trader.userId, ownerId: trader.userId, after: { count: 2 } },
    ]);
  });

  it('pages of the ledger miss and repeat no delivery', async () => {
    const { token } = await web.login('operator');
    const endpoint = await lane(null);
    for (let n = 0; n < 7; n++) await enqueue(endpoint, `page-${n}`);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body }: { body: { items: { messageId: string }[]; nextCursor: string | null } } = await web.request(
        'GET',
        `/v1/deliveries?endpointId=${endpoint}&limit=3${cursor ? `&cursor=${cursor}` : ''}`,
        { token },
      );
      seen.push(...body.items.map((row) => row.messageId));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(Array.from({ length: 7 }, (_, n) => `page-${6 - n}`));
  });

  it('a stopping worker releases its deliveries in flight, and another worker sends them', async () => {
    const held = Promise.withResolvers<void>();
    const second = await startTestApp({
      database,
      env: { DESKWIRE_ROLE: 'worker' },
      internals: [deliveriesConfig.with({ drainMs: 200 })],
    });
    let attempts = 0;
    second.get(DeliveryChannels).add({
      name: 'stuck',
      send: () => {
        attempts += 1;
        held.resolve();
        return new Promise(() => undefined);
      },
    });
    const endpointId = randomUUID();
    await web.get(DeliveryLanes).put({
      endpointId,
      channel: 'stuck',
      format: 'generic',
      userId: null,
      operator: false,
      concurrency: 2,
      ratePerSecond: null,
    });
    const id = await enqueue(endpointId, 'stuck');
    await held.promise;
    await second.close();
    expect(attempts).toBe(1);
    // At once, and not after the lease of 20 s.
    const left = await web.get(Database).rows('SELECT status FROM alert_delivery_queue WHERE id = $1', [id]);
    expect(left).toEqual([{ status: 'pending' }]);
    const third: string[] = [];
    worker.get(DeliveryChannels).add({
      name: 'stuck',
      send: ({ messageId }) => {
        third.push(messageId);
        return Promise.resolve({ kind: 'delivered', statusCode: 204, latencyMs: 1 });
      },
    });
    await eventually(() => expect(third).toEqual(['stuck']));
    const { token } = await web.login('operator');
    await eventually(async () =>
      expect((await web.request('GET', `/v1/deliveries/${id}`, { token })).body.status).toBe('delivered'),
    );
  });
});
