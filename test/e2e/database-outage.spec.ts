import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Socket } from 'socket.io-client';
import { DeskHome } from '../../apps/cli/home/desk-home.js';
import { EmbeddedPostgres } from '../../apps/cli/postgres/embedded-postgres.js';
import { FaultProxy } from '../setup/fault-proxy.js';
import { eventually } from '../setup/eventually.js';
import { databaseConfig } from '#database/config';
import { startTestApp, type TestApp } from '../setup/test-app.js';

interface Flow {
  state: 'stale' | 'live';
  ageMs: number;
}

/** A PostgreSQL of the test's own behind a proxy. It can stop, be killed, and hang. */
class Cluster {
  private readonly folder = mkdtempSync(join(tmpdir(), 'deskwire-outage-'));
  private readonly home = DeskHome.of({ DESKWIRE_HOME: this.folder });
  private postgres = new EmbeddedPostgres(this.home);
  proxy!: FaultProxy;

  async start(): Promise<void> {
    const { url } = await this.postgres.start();
    this.proxy ??= await new FaultProxy(url).start('pass');
    await this.proxy.become('pass');
  }

  /** Simulates `pg_ctl stop -m fast`: sessions get 57P01, then the port is closed. */
  async stop(): Promise<void> {
    await this.postgres.stop();
    this.postgres = new EmbeddedPostgres(this.home);
  }

  async kill(): Promise<void> {
    const pids = readdirSync('/proc').filter(
      (name) => /^\d+$/.test(name) && commandLine(name).includes(`-D ${this.folder}/`),
    );
    const postmaster = readFileSync(join(this.folder, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]!;
    for (const pid of new Set([postmaster, ...pids])) process.kill(Number(pid), 'SIGKILL');
    await this.stop();
  }

  silence = () => this.proxy.become('hang');

  async remove(): Promise<void> {
    await this.proxy.become('refuse');
    await this.postgres.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

describe('an outage of PostgreSQL under a running desk', () => {
  const cluster = new Cluster();
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
      internals: [databaseConfig.with({ acquireTimeoutMs: 2_000 })],
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
    const { status, body } = await app.request('PUT', `/v1/portfolios/${portfolioId}/snapshot`, {
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
    return { portfolioId, status, code: body.code as string };
  }

  async function watch(): Promise<{ socket: Socket; heard: Flow[]; held: () => string[] }> {
    const socket = app.socket(operator);
    const heard: Flow[] = [];
    socket.on('flow', (flow: Flow) => heard.push(flow));
    const { default: patcher } = await import('fast-json-patch');
    let document = await socket.timeout(60_000).emitWithAck('dashboard:subscribe', { panels: ['portfolios'] });
    socket.on('dashboard:snapshot', (full) => (document = full));
    socket.on('dashboard:delta', ({ patch }) => (document = patcher.applyPatch(document, patch).newDocument));
    return {
      socket,
      heard,
      held: () => document.panels.portfolios.items.map((item: { portfolioId: string }) => item.portfolioId),
    };
  }

  it.each([
    { how: 'PostgreSQL is stopped', away: () => cluster.stop() },
    { how: 'PostgreSQL is killed', away: () => cluster.kill() },
    // The first request waits 2 s for a connection, to tell a silent server from a slow one. Later requests fail at
    // once.
    { how: 'PostgreSQL accepts connections but does not answer', away: cluster.silence },
  ])(
    'when $how, dashboards come from memory, writes fail with 503, sockets stay open and report it, and all recover afterwards',
    async ({ away }) => {
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
        refused.push(answer.portfolioId);
      }
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

      await cluster.start();
      await eventually(async () => {
        const { status, portfolioId } = await write();
        (status === 200 ? acknowledged : refused).push(portfolioId);
        expect(status).toBe(200);
      });
      await eventually(async () => {
        expect((await dashboard()).body.source).not.toBe('stale');
        expect(watching.heard.map(({ state }) => state)).toEqual(['stale', 'live']);
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
});

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
