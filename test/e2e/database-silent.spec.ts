import { randomUUID } from 'node:crypto';
import { authConfig } from '#auth/config';
import { Database } from '#database';
import { databaseConfig } from '#database/config';
import { FaultProxy } from '../setup/fault-proxy.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';

describe('a network that loses the answers of PostgreSQL', () => {
  let database: TestDatabase;
  let proxy: FaultProxy;
  let desk: TestApp;
  let token: string;
  /** The next answer to a COMMIT is lost with its connection. */
  let losesCommit = false;

  beforeAll(async () => {
    database = await createTestDatabase();
    const rewrite = (answer: string) => {
      if (losesCommit && answer.includes('COMMIT\0')) {
        losesCommit = false;
        void proxy.become('pass');
      }
      return answer;
    };
    proxy = await new FaultProxy(database.url, rewrite).start('pass');
    desk = await startTestApp({
      database: { url: proxy.url, drop: () => Promise.resolve() },
      env: { DESKWIRE_ROLE: 'web' },
      internals: [
        authConfig.with({ statusTtlMs: 50, statusQueryMs: 1_000, statusGraceMs: 1_500 }),
        databaseConfig.with({
          acquireTimeoutMs: 5_000,
          statementTimeoutMs: 10_000,
          analyticsStatementTimeoutMs: 5_000,
        }),
      ],
    });
    ({ token } = await desk.login('operator'));
  });
  afterAll(async () => {
    proxy.thaw();
    await desk.close();
    await proxy.become('refuse');
    await database.drop();
  });

  const addRule = (name: string, headers: Record<string, string>) =>
    desk.request('POST', '/v1/alert-rules', {
      token,
      headers,
      body: {
        name,
        severity: 'info',
        condition: { op: 'equals', field: 'type', value: 'NewsPublished' },
        channels: [],
      },
    });
  const effects = async (name: string) =>
    (await desk.get(Database).rows('SELECT FROM alert_rules WHERE name = $1', [name])).length;

  /** Sends the request, loses the answer to its commit, and sends it again until it is answered. */
  async function retried(headersOf: (name: string) => Record<string, string>): Promise<number> {
    for (;;) {
      const name = randomUUID();
      losesCommit = true;
      const first = await addRule(name, headersOf(name));
      losesCommit = false;
      await eventually(async () => expect((await addRule(name, headersOf(name))).status).toBe(201));
      // Another transaction may have been the one that lost its answer.
      if (first.status === 503) return effects(name);
    }
  }

  it('a write whose commit was not answered has one effect when it is sent again with its Idempotency-Key', async () => {
    expect(await retried((name) => ({ 'idempotency-key': name }))).toBe(1);
  });

  it('the same write without an Idempotency-Key has two effects (negative control)', async () => {
    const counts = new Set<number>();
    // One effect if the connection was lost before the commit.
    while (!counts.has(2)) counts.add(await retried(() => ({})));
    expect([...counts].every((count) => count <= 2)).toBe(true);
  });

  it('while PostgreSQL is silent, reads are refused once the cached status of the caller is too old', async () => {
    proxy.freeze();
    const dashboard = () => desk.request('GET', '/v1/dashboard', { token });
    await eventually(async () => {
      const { status, body } = await dashboard();
      expect([status, body.code]).toEqual([503, 'DATABASE_UNAVAILABLE']);
    });
  });
});
