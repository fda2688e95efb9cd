import type { Socket } from 'socket.io-client';
import { authConfig } from '#auth/config';
import { databaseConfig } from '#database/config';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { PostgresCluster } from './postgres-cluster.fixture.js';
import { askInto } from './sockets.fixture.js';

interface Flow {
  state: 'stale' | 'live';
  ageMs: number;
}

describe('an outage of PostgreSQL under a running desk', () => {
  const cluster = new PostgresCluster('migrated');
  let app: TestApp;
  let operator: string;
  let asOf = Date.parse('2026-11-02T03:45:00Z');
  const crashes: unknown[] = [];
  const crashed = (error: unknown) => crashes.push(error);

  beforeAll(async () => {
    process.on('unhandledRejection', crashed).on('uncaughtException', crashed);
    await cluster.start();
    app = await startTestApp({
      database: { url: cluster.proxy.url, drop: () => Promise.resolve() },
      env: { THROTTLING_MAX_WRITES: '100000' },
      internals: [
        databaseConfig.with({ acquireTimeoutMs: 2_000, statementTimeoutMs: 4_000, analyticsStatementTimeoutMs: 4_000 }),
        authConfig.with({ statusQueryMs: 2_000 }),
      ],
    });
    operator = (await app.login('operator')).token;
  });
  afterAll(async () => {
    await app?.close();
    await cluster.remove();
    process.off('unhandledRejection', crashed).off('uncaughtException', crashed);
  });

  const dashboard = (headers = {}) => app.request('GET', '/v1/dashboard', { token: operator, headers });
  /** @returns the status and the body */
  async function write() {
    const portfolioId = `p${(asOf += 1_000)}`;
    const { status, body, headers } = await app.request('PUT', `/v1/portfolios/${portfolioId}/snapshot`, {
      token: operator,
      body: {
        broker: 'zerodha',
        account: portfolioId,
        asOf: new Date(asOf).toISOString(),
        currency: 'INR',
        cash: '1.00',
        positions: [],
      },
    });
    return { portfolioId, status, code: body.code as string, retryAfter: headers.get('retry-after') };
  }

  async function watch(): Promise<{ socket: Socket; heard: Flow[]; held: () => string[] }> {
    const socket = app.socket(operator);
    const heard: Flow[] = [];
    socket.on('flow', (flow: Flow) => heard.push(flow));
    const { default: patcher } = await import('fast-json-patch');
    let document: any;
    const take = (full: object) => (document = full);
    await askInto(socket, 'dashboard:subscribe', { panels: ['portfolios'] }, take);
    socket.on('dashboard:snapshot', take);
    socket.on('dashboard:delta', ({ patch }) => (document = patcher.applyPatch(document, patch).newDocument));
    return {
      socket,
      heard,
      held: () => document.panels.portfolios.items.map((item: { portfolioId: string }) => item.portfolioId),
    };
  }

  it.each([
    { how: 'PostgreSQL is stopped', away: () => cluster.stop(), back: () => cluster.start() },
    { how: 'PostgreSQL is killed', away: () => cluster.kill(), back: () => cluster.start() },
    // The kernel accepts connections and data for it, so nothing fails by itself.
    { how: 'PostgreSQL is frozen (SIGSTOP)', away: () => cluster.freeze(), back: () => cluster.thaw() },
    // The first request waits 2 s for a connection, to tell a silent server from a slow one. Later requests fail at
    // once.
    { how: 'PostgreSQL accepts connections but does not answer', away: cluster.silence, back: () => cluster.start() },
  ])(
    'when $how, dashboards come from memory, writes fail with 503, sockets stay open and report it, and all recover afterwards',
    async ({ away, back }) => {
      const watching = await watch();
      const acknowledged: string[] = [];
      const refused: string[] = [];
      const written = await write();
      expect(written.status).toBe(200);
      acknowledged.push(written.portfolioId);
      await eventually(() => expect(watching.held()).toContain(written.portfolioId));
      const before = (await dashboard({ 'cache-control': 'no-cache' })).body;

      await away();

      // Sent without a request.
      await eventually(() => expect(watching.heard.map(({ state }) => state)).toEqual(['stale']));
      for (let times = 0; times < 3; times++) {
        const answer = await write();
        expect([answer.status, answer.code]).toEqual([503, expect.stringMatching(/^DATABASE_/)]);
        expect(Number(answer.retryAfter)).toBeGreaterThan(0);
        refused.push(answer.portfolioId);
      }
      const healthTimes: number[] = [];
      for (let times = 0; times < 3; times++) {
        const began = performance.now();
        const health = await app.request('GET', '/health');
        healthTimes.push(performance.now() - began);
        expect([health.status, health.body.checks.database.status]).toEqual([503, 'down']);
      }
      expect(Math.min(...healthTimes)).toBeLessThan(1_000);
      let age = 0;
      for (const headers of [{}, { 'cache-control': 'no-cache' }, {}]) {
        const { status, body, headers: answered } = await dashboard(headers);
        expect([status, body.source]).toEqual([200, 'stale']);
        expect([body.snapshot, body.panels]).toEqual([before.snapshot, before.panels]);
        expect(answered.get('etag')).toMatch(/-stale"$/);
        expect(body.ageMs).toBeGreaterThan(age);
        age = body.ageMs;
      }
      expect(watching.socket.connected).toBe(true);
      // Users who were known before are admitted, and see a stale dashboard.
      const late = app.socket(operator);
      expect(await late.timeout(60_000).emitWithAck('dashboard:subscribe', { panels: ['portfolios'] })).toMatchObject({
        source: 'stale',
        snapshot: before.snapshot,
      });

      await back();
      await eventually(async () => {
        const { status, portfolioId } = await write();
        (status === 200 ? acknowledged : refused).push(portfolioId);
        expect(status).toBe(200);
      });
      await eventually(async () => {
        expect((await dashboard()).body.source).not.toBe('stale');
        const states = watching.heard.map(({ state }) => state);
        // On a busy machine a cut may be late again.
        expect([states.slice(0, 2), states.at(-1)]).toEqual([['stale', 'live'], 'live']);
        expect(watching.held()).toEqual(expect.arrayContaining(acknowledged));
      });

      const { body } = await dashboard({ 'cache-control': 'no-cache' });
      const shown = body.panels.portfolios.items.map((item: { portfolioId: string }) => item.portfolioId);
      expect(shown).toEqual(expect.arrayContaining(acknowledged));
      for (const portfolioId of refused) expect(shown).not.toContain(portfolioId);
      expect(watching.socket.connected && late.connected).toBe(true);
      expect(crashes).toEqual([]);
      for (const socket of [watching.socket, late]) socket.disconnect();
    },
  );

  it('when PostgreSQL fails over to a standby, reads and sockets go on and writes fail with 503 until it is promoted', async () => {
    const watching = await watch();
    const written = await write();
    expect(written.status).toBe(200);
    const promote = await cluster.restartAsStandby();
    await eventually(async () => expect((await write()).code).toBe('DATABASE_READ_ONLY')); // 25006
    await eventually(async () => {
      const { status, body } = await dashboard({ 'cache-control': 'no-cache' });
      expect([status, body.source]).toEqual([200, 'database']);
      expect(body.panels.portfolios.items).toContainEqual(
        expect.objectContaining({ portfolioId: written.portfolioId }),
      );
    });
    const state = async () => (await app.request('GET', '/v1/system/startup', { token: operator })).body;
    await eventually(async () => expect(await state()).toMatchObject({ phase: 'ready', readOnly: true }));
    await promote();
    await eventually(async () => expect(await state()).toMatchObject({ readOnly: false }));
    const after = await write();
    expect(after.status).toBe(200);
    await eventually(() => expect(watching.held()).toContain(after.portfolioId));
    expect([watching.socket.connected, crashes]).toEqual([true, []]);
    watching.socket.disconnect();
  });
});
