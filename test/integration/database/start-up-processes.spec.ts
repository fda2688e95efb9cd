import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import pg from 'pg';
import { migrations } from '../../../migrations/index.js';
import { eventually } from '../../setup/eventually.js';
import { forkNode } from '../../setup/forked-node.js';
import { SHORT_LIVED } from '../../setup/short-lived.js';
import { createEmptyDatabase, type TestDatabase } from '../../setup/test-database.js';
import { testEnvironment, testInternals } from '../../setup/test-environment.js';

interface LogLine {
  level: string | number;
  msg: string;
  applied?: string[];
}

/** One node of the desk as a process of its own. */
class DeskProcess {
  url = '';
  phase = '';
  ready: string[] | undefined;
  failed: string | undefined;
  private log = '';
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;

  constructor(databaseUrl: string) {
    const environment = testEnvironment(databaseUrl, { LOG_LEVEL: 'info', ...SHORT_LIVED });
    this.child = forkNode('desk-process', environment, testInternals, { stdout: 'pipe', stderr: 'pipe' });
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => (this.log += text));
    this.child.on('message', (message) => Object.assign(this, message));
    this.ended = once(this.child, 'close').then(([code]) => {
      if (code !== 0) this.failed ??= `exit ${code}: ${this.log.slice(-2_000)}`;
    });
  }

  /** Complete once the process has ended, because log and messages use different pipes. */
  get lines(): LogLine[] {
    return this.log
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
  }

  kill(): Promise<unknown> {
    this.child.kill('SIGKILL');
    return this.ended;
  }

  stop(): Promise<unknown> {
    if (this.child.connected) this.child.send('stop');
    return this.ended;
  }
}

/** `npm run test:chaos` starts eight. */
const PROCESSES = Number(process.env['CHAOS_PROCESSES'] ?? 3);

describe('processes that start at once on an empty database', () => {
  let database: TestDatabase;
  let desks: DeskProcess[];
  let client: pg.Client;

  beforeEach(async () => {
    database = await createEmptyDatabase();
    client = new pg.Client(database.url);
    await client.connect();
    desks = [];
  });
  afterEach(async () => {
    await Promise.all(desks.map((desk) => desk.kill()));
    await client.end();
    await database.drop();
  });

  const start = (count: number) => (desks = Array.from({ length: count }, () => new DeskProcess(database.url)));
  const applied = () => desks.flatMap((desk) => desk.lines.flatMap((line) => line.applied ?? []));
  const allReady = (some: DeskProcess[]) =>
    eventually(() => {
      expect(desks.map((desk) => desk.failed).filter(Boolean)).toEqual([]);
      expect(some.filter((desk) => desk.ready === undefined)).toHaveLength(0);
    });

  it(`of ${PROCESSES} processes that start together one migrates, and all become ready without an error`, async () => {
    // Holds the lock until all processes wait. On two cores the first would otherwise end before the last begins.
    await holdMigrations();
    start(PROCESSES);
    await allWait(PROCESSES - 1);
    await client.query('ROLLBACK');
    await allReady(desks);
    const ready = await Promise.all(desks.map(async (desk) => (await fetch(`${desk.url}/health/ready`)).status));
    expect(ready).toEqual(Array(PROCESSES).fill(200));
    await Promise.all(desks.map((desk) => desk.stop()));
    expect(desks.map((desk) => desk.failed)).toEqual(Array(PROCESSES).fill(undefined));
    expect(applied()).toHaveLength(migrations.length);
    expect(desks.filter((desk) => desk.lines.some((line) => line.applied))).toHaveLength(1);
    expect((await client.query('SELECT FROM migrations')).rowCount).toBe(migrations.length);
    expect(
      desks
        .flatMap((desk) => desk.lines)
        .filter((line) => /warn|error|fatal/.test(String(line.level)) || Number(line.level) >= 40),
    ).toEqual([]);
  });

  it('finish the migration when the migrating process is killed, although its statement still waits', async () => {
    await holdMigrations();
    start(2);
    await allWait(1);
    const [killed] = migrating();
    await waitsForUs();
    await killed!.kill();
    desks = desks.filter((desk) => desk !== killed);
    await eventually(() => expect(migrating()).toHaveLength(1));
    await client.query('ROLLBACK');
    await allReady(desks);
    await Promise.all(desks.map((desk) => desk.stop()));
    expect(applied()).toHaveLength(migrations.length);
  });

  const migrating = () => desks.filter((desk) => desk.phase === 'migrate');

  /** Blocks the first migration until our ROLLBACK, by an uncommitted table of the same name. */
  async function holdMigrations(): Promise<void> {
    await client.query('BEGIN');
    await client.query('CREATE TABLE change_feed (other int)');
  }

  /** One process migrates and `others` wait for its lock. */
  async function allWait(others: number): Promise<void> {
    await eventually(() => expect(migrating()).toHaveLength(1));
    await eventually(() =>
      expect([migrating().length, desks.filter((desk) => desk.phase === 'lock').length]).toEqual([1, others]),
    );
  }

  async function waitsForUs(): Promise<void> {
    await eventually(async () =>
      expect(
        (
          await client.query(
            `SELECT FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid)) AND datname = current_database()`,
          )
        ).rowCount,
      ).toBe(1),
    );
  }
});
