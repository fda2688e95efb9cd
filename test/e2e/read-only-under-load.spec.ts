import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { rowsOf } from '../integration/maintenance/desk-copy.fixture.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';
import { CommandLine } from './command-line.fixture.js';

const CLIENTS = 8;
const ROUNDS = 2;
/** Pause of each client, so that the command gets most of the processors. */
const PACE_MS = 150;
/** Writes that each phase of a round must see. */
const WRITES = 40;

/** Clients that record webhooks of their own, each with a key that makes its repetition safe. */
class WritingClients {
  readonly acknowledged: string[] = [];
  readonly refusals = new Map<string, number>();
  readonly others: string[] = [];
  private running = true;
  private readonly loops: Promise<void>[];

  constructor(desk: TestApp, tokens: readonly string[]) {
    this.loops = tokens.map((token) => this.loop(desk, token));
  }

  get refused(): number {
    return [...this.refusals.values()].reduce((sum, count) => sum + count, 0);
  }

  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.loops);
  }

  /** Repeats a refused write with its key until it is acknowledged. */
  private async loop(desk: TestApp, token: string): Promise<void> {
    while (this.running) {
      const [name, key] = [`rule ${randomUUID()}`, randomUUID()];
      for (;;) {
        const body = { name, severity: 'info', condition: { op: 'exists', field: 'payload.symbol' } };
        const answer = await desk.request('POST', '/v1/alert-rules', {
          token,
          body,
          headers: { 'idempotency-key': key },
        });
        if (answer.status === 201) {
          this.acknowledged.push(name);
          await pause(PACE_MS);
          break;
        }
        const { code } = answer.body;
        if (answer.status !== 503) this.others.push(`${answer.status} ${code}`);
        this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
        await pause(PACE_MS);
      }
    }
  }
}

describe('deskwire read-only', () => {
  let database: TestDatabase;
  let desk: TestApp;
  let commands: CommandLine;

  beforeAll(async () => {
    database = await createTestDatabase();
    desk = await startTestApp({
      database,
      env: { ALERTS_MAX_RULES: '10000', DESKWIRE_ROLE: 'web', THROTTLING_MAX_WRITES: '1000000000' },
    });
    commands = new CommandLine();
  });
  afterAll(async () => {
    commands.remove();
    await desk.close();
    await database.drop();
  });

  const readOnly = (mode: string) =>
    commands
      .run(['read-only', mode, '--json'], { DATABASE_URL: database.url })
      .json<{ readOnly: boolean; reason: string; interrupted: number }>();

  it('read-only mode, switched on and off under load, loses no acknowledged write and doubles none', async () => {
    const tokens = await Promise.all(Array.from({ length: CLIENTS }, async () => (await desk.login('trader')).token));
    const clients = new WritingClients(desk, tokens);
    const rules = async () =>
      (
        await rowsOf<{ n: number }>(database.url, `SELECT count(*)::int AS n FROM alert_rules WHERE name LIKE 'rule %'`)
      )[0]!.n;
    try {
      for (let round = 0; round < ROUNDS; round++) {
        const [before, refused] = [clients.acknowledged.length, clients.refused];
        await eventually(() => expect(clients.acknowledged.length).toBeGreaterThan(before + WRITES));
        expect(await readOnly('on')).toMatchObject({ readOnly: true, reason: 'setting', interrupted: 0 });
        const frozen = await rules();
        await eventually(() => expect(clients.refused).toBeGreaterThan(refused + WRITES));
        expect(await rules()).toBe(frozen);
        expect(await readOnly('status')).toEqual({ readOnly: true, reason: 'setting' });
        expect(await readOnly('off')).toMatchObject({ readOnly: false, reason: null });
      }
      const before = clients.acknowledged.length;
      await eventually(() => expect(clients.acknowledged.length).toBeGreaterThan(before + WRITES));
    } finally {
      await clients.stop();
    }
    const stored = await rowsOf<{ name: string }>(
      database.url,
      `SELECT name FROM alert_rules WHERE name LIKE 'rule %'`,
    );
    expect(stored.map(({ name }) => name).sort()).toEqual([...clients.acknowledged].sort());
    expect(clients.others).toEqual([]);
    expect(
      [...clients.refusals.keys()].filter((code) => !['DATABASE_READ_ONLY', 'DATABASE_UNAVAILABLE'].includes(code)),
    ).toEqual([]);
  });

  it('a process that saw no refused write accepts writes at once after read-only mode', async () => {
    const { token } = await desk.login('trader');
    await readOnly('on');
    expect((await desk.request('GET', '/v1/alert-rules', { token })).status).toBe(200);
    await readOnly('off');
    const body = { name: 'at once', severity: 'info', condition: { op: 'exists', field: 'payload.symbol' } };
    await eventually(async () =>
      expect((await desk.request('POST', '/v1/alert-rules', { token, body })).status).toBe(201),
    );
  });

  it('a transaction that runs too long is rolled back, and read-only mode waits no longer for it', async () => {
    const { ReadOnlyModeRepository } = await import('#maintenance');
    const { DataSources, Transactions, Database } = await import('#database');
    const mode = new ReadOnlyModeRepository(desk.get(DataSources));
    const release = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const long = desk.get(Transactions).atomic(async () => {
      await desk.get(Database).rows(`UPDATE alert_rules SET name = 'too late' WHERE name = 'at once'`);
      held.resolve();
      await release.promise;
    });
    const failed = long.catch((error: unknown) => error);
    await held.promise;
    expect(await mode.set(true, 100)).toMatchObject({ readOnly: true, interrupted: 1 });
    release.resolve();
    expect(await failed).toBeInstanceOf(Error);
    await mode.set(false, 10_000);
    expect(await rowsOf(database.url, `SELECT FROM alert_rules WHERE name = 'too late'`)).toEqual([]);
  });
});
