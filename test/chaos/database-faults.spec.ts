import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Socket } from 'socket.io-client';
import { io } from 'socket.io-client';
import { authConfig } from '#auth/config';
import { databaseConfig } from '#database/config';
import { PostgresCluster } from '../e2e/postgres-cluster.fixture.js';
import { ForkedDesk } from '../e2e/forked-desk.fixture.js';
import { eventually } from '../setup/eventually.js';

const ADMIN = { ADMIN_EMAIL: 'ops@desk.example', ADMIN_PASSWORD: 'a password of the operator' };
const LIMIT_MS = 600_000;
const WRITERS = 10;
const READERS = 10;
/** 10 writers and 10 readers with this pause are 200 requests a second. */
const PACE_MS = 100;
const FAULT_MS = 20_000;
const RESTARTS = 5;
/** The limits of production. Those of other tests are for a busy machine. */
const LIMITS = {
  ...{ acquireTimeoutMs: 5_000, statementTimeoutMs: 10_000, analyticsStatementTimeoutMs: 5_000 },
  ...{ lockTimeoutMs: 3_000, idleInTransactionTimeoutMs: 15_000 },
};
/** A statement, and the second that its answer may take. */
const WRITE_LIMIT_MS = LIMITS.statementTimeoutMs + 1_000;

interface Seen {
  statuses: Record<string, number>;
  slowestMs: number;
  /** Time of the last answer that was not a success. */
  lastFailureAt: number;
}

/** A desk in a process of its own under 200 requests a second, half of them writes that are repeated with their key. */
describe('a desk under load while its PostgreSQL fails', () => {
  const cluster = new PostgresCluster();
  let desk: ForkedDesk;
  let token: string;
  let socket: Socket;
  const flows: string[] = [];
  const disconnects: string[] = [];

  beforeAll(async () => {
    await cluster.start();
    desk = await ForkedDesk.start(
      { url: cluster.proxy.url, drop: () => Promise.resolve() },
      {
        ...ADMIN,
        ...{ EGRESS_ALLOW_PRIVATE: 'true', WEBHOOKS_MAX_PER_USER: '10000', JWT_EXPIRE_MINUTES: '60' },
        ...{ THROTTLING_MAX_WRITES: '1000000', THROTTLING_MAX_READS: '1000000' },
      },
      [databaseConfig.with(LIMITS), authConfig.with({ statusQueryMs: 2_000 })],
    );
    const login = await desk.request('POST', '/v1/auth/login', {
      body: { email: ADMIN.ADMIN_EMAIL, password: ADMIN.ADMIN_PASSWORD },
    });
    token = login.body.accessToken;
    socket = io(`${desk.url}/dashboard`, { auth: { token }, transports: ['websocket'], reconnection: false });
    socket.on('flow', ({ state }: { state: string }) => flows.push(state));
    socket.on('disconnect', (reason) => disconnects.push(reason));
    await socket.timeout(60_000).emitWithAck('dashboard:subscribe', { panels: ['portfolios'] });
  }, LIMIT_MS);
  afterAll(async () => {
    socket?.disconnect();
    await desk?.kill();
    await cluster.remove();
  });

  async function send(method: string, path: string, body?: unknown, key?: string) {
    const began = performance.now();
    const response = await fetch(new URL(path, desk.url), {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const json = (await response.json()) as { code?: string; source?: string };
    return { response, json, tookMs: performance.now() - began };
  }

  const fresh = (): Seen => ({ statuses: {}, slowestMs: 0, lastFailureAt: 0 });
  function note(seen: Seen, what: string, tookMs: number, success: boolean): void {
    seen.statuses[what] = (seen.statuses[what] ?? 0) + 1;
    seen.slowestMs = Math.max(seen.slowestMs, tookMs);
    if (!success) seen.lastFailureAt = performance.now();
  }

  /** Runs the load while `fault` is done and for `after` ms. */
  async function underLoad(fault: () => Promise<void>, afterMs = 3_000) {
    const writes = fresh();
    const reads = fresh();
    const acknowledged = new Set<string>();
    /** Refusals without a time to try again. */
    const bare: object[] = [];
    let over = false;
    const writer = async () => {
      while (!over) {
        const id = randomUUID();
        // As a client does: the same key until there is an answer.
        for (let done = false; !done;) {
          const body = { url: 'http://127.0.0.1:10009/hook', description: id };
          const { response, json, tookMs } = await send('POST', '/v1/webhooks', body, id);
          // A repeated answer lacks its secret: the effect is there.
          done = response.status === 201 || json.code === 'IDEMPOTENCY_ANSWER_NOT_KEPT';
          note(writes, done ? '201' : `${response.status} ${json.code}`, tookMs, done);
          if (!done && !(Number(response.headers.get('retry-after')) > 0)) bare.push(json);
          await pause(PACE_MS);
        }
        acknowledged.add(id);
      }
    };
    const reader = async () => {
      while (!over) {
        const { response, json, tookMs } = await send('GET', '/v1/dashboard?panels=portfolios');
        note(reads, response.status === 200 ? json.source! : `${response.status}`, tookMs, response.status === 200);
        await pause(PACE_MS);
      }
    };
    const load = [...Array.from({ length: WRITERS }, writer), ...Array.from({ length: READERS }, reader)];
    await eventually(() => expect(acknowledged.size).toBeGreaterThan(WRITERS));
    await fault();
    const returnedAt = performance.now();
    await pause(afterMs);
    over = true;
    await Promise.all(load);
    expect(bare).toEqual([]);
    const stored = await cluster.query<{ id: string; n: number }>(
      `SELECT description AS id, count(*)::int AS n FROM webhook_endpoints GROUP BY 1`,
    );
    const ids = new Map(stored.map(({ id, n }) => [id, n]));
    return {
      ...{ writes, reads, acknowledged: acknowledged.size },
      lost: [...acknowledged].filter((id) => !ids.has(id)),
      doubled: [...acknowledged].filter((id) => ids.get(id)! > 1),
      failingForMs: writes.lastFailureAt - returnedAt,
    };
  }

  const told = () =>
    eventually(() => expect([flows.at(-1), disconnects, socket.connected]).toEqual(['live', [], true]));
  const report = (what: string, result: object) => process.stdout.write(`${what} ${JSON.stringify(result)}\n`);

  it(
    `a PostgreSQL frozen for ${FAULT_MS} ms costs no acknowledged write, no double effect and no read`,
    async () => {
      const healthMs: number[] = [];
      const health: number[] = [];
      const result = await underLoad(async () => {
        await cluster.freeze();
        const until = performance.now() + FAULT_MS;
        while (performance.now() < until) {
          const { response, tookMs } = await send('GET', '/health');
          healthMs.push(tookMs);
          health.push(response.status);
          await pause(500);
        }
        await cluster.thaw();
      });
      report('frozen', { ...result, healthMs: Math.max(...healthMs) });
      expect([result.lost, result.doubled]).toEqual([[], []]);
      expect(Object.keys(result.reads.statuses).filter((what) => /^\d/.test(what))).toEqual([]);
      expect(result.reads.statuses['stale']).toBeGreaterThan(0);
      expect(Object.keys(result.writes.statuses).filter((what) => !/^(201|503 DATABASE_)/.test(what))).toEqual([]);
      expect(result.writes.slowestMs).toBeLessThan(WRITE_LIMIT_MS + 1_000);
      expect(Math.max(...healthMs)).toBeLessThan(1_000);
      // The first answer may be of the moment before.
      expect(new Set(health.slice(1))).toEqual(new Set([503]));
      expect(result.failingForMs).toBeLessThan(2_000);
      await told();
    },
    LIMIT_MS,
  );

  it(
    `${RESTARTS} restarts of PostgreSQL (-m immediate) cost no acknowledged write, no double effect and no read`,
    async () => {
      const result = await underLoad(async () => {
        for (let n = 0; n < RESTARTS; n++) {
          await cluster.restartImmediately();
          await pause(n === RESTARTS - 1 ? 0 : 2_000);
        }
      });
      report('restarted', result);
      expect([result.lost, result.doubled]).toEqual([[], []]);
      expect(Object.keys(result.reads.statuses).filter((what) => /^\d/.test(what))).toEqual([]);
      expect(result.failingForMs).toBeLessThan(2_000);
      await told();
      expect(desk.child.exitCode).toBeNull();
    },
    LIMIT_MS,
  );

  it(
    `a PostgreSQL that is read-only for ${FAULT_MS} ms refuses writes with a stable code and keeps reads at 200`,
    async () => {
      const result = await underLoad(async () => {
        await cluster.query('ALTER SYSTEM SET default_transaction_read_only = on');
        await cluster.query('SELECT pg_reload_conf()');
        await pause(FAULT_MS);
        await cluster.query('ALTER SYSTEM RESET default_transaction_read_only');
        await cluster.query('SELECT pg_reload_conf()');
      });
      report('read-only', result);
      expect([result.lost, result.doubled]).toEqual([[], []]);
      expect(Object.keys(result.writes.statuses).sort()).toEqual(['201', '503 DATABASE_READ_ONLY']);
      expect(Object.keys(result.reads.statuses).filter((what) => /^\d|stale/.test(what))).toEqual([]);
      expect(result.failingForMs).toBeLessThan(2_000);
    },
    LIMIT_MS,
  );
});
