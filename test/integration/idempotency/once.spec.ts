import { createHash } from 'node:crypto';
import { Database } from '#database';
import { DomainError } from '#errors';
import { IdempotencyService } from '#idempotency';
import { databaseConfig } from '#database/config';
import { createTestDatabase, type TestDatabase } from '../../setup/test-database.js';
import { eventually } from '../../setup/eventually.js';
import { testModule, type TestModule } from '../../setup/test-module.js';
import { LostCommit } from './lost-commit.fixture.js';

const DESK = '00000000-0000-7000-8000-000000000001';
const OTHER = '00000000-0000-7000-8000-000000000002';

let keys = 0;
const request = (key = `key-${++keys}`, content = 'same', ownerId = DESK) => ({
  ownerId,
  key,
  operation: 'POST /v1/things',
  fingerprint: createHash('sha256').update(content).digest(),
});

const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: unknown) => (error instanceof DomainError ? error.code : String(error)),
  );

function gate(): { opened: Promise<void>; open: () => void } {
  let open!: () => void;
  return { opened: new Promise((resolve) => (open = resolve)), open };
}

describe('a request under a key', () => {
  let database: TestDatabase;
  let [node, second] = [] as unknown as TestModule[];

  /** Adds a row, waits for `meanwhile`, and answers the row's id. */
  const adding = (on: TestModule, thing: string, meanwhile?: () => Promise<unknown>) => async () => {
    const [row] = await on.get(Database).rows('INSERT INTO things (thing) VALUES ($1) RETURNING id', [thing]);
    await meanwhile?.();
    return { status: 201, body: row };
  };
  const once = (on: TestModule, ...[asked, work, secrets]: Parameters<IdempotencyService['once']>) =>
    on.get(IdempotencyService).once(asked, work, secrets);
  const things = async (thing: string): Promise<number> =>
    (await node!.get(Database).rows('SELECT FROM things WHERE thing = $1', [thing])).length;
  const remembered = async (key: string): Promise<number> =>
    (await node!.get(Database).rows('SELECT FROM idempotency_keys WHERE key = $1', [key])).length;

  beforeAll(async () => {
    database = await createTestDatabase();
    const env = { DATABASE_POOL_MAX: '3' };
    [node, second] = [await testModule([], { database, env }), await testModule([], { database, env })];
    await node.get(Database).run('CREATE TABLE things (id bigint GENERATED ALWAYS AS IDENTITY, thing text)');
  });
  afterAll(async () => {
    await node?.close();
    await second?.close();
    await database.drop();
  });

  it('20 concurrent requests with one key on two nodes have one effect, and all get the same answer', async () => {
    const asked = request();
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, n) => [node!, second!][n % 2]!).map((on) =>
        once(on, asked, adding(on, 'at once')),
      ),
    );
    expect(await things('at once')).toBe(1);
    expect(results.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(new Set(results.map(({ answer }) => JSON.stringify(answer))).size).toBe(1);
    expect(results[0]!.answer).toEqual({ status: 201, body: { id: expect.any(String) } });
  });

  it('a request waits for the first one on another node, and runs itself if that one is rolled back', async () => {
    const asked = request();
    const { opened, open } = gate();
    const first = code(
      once(
        node!,
        asked,
        adding(node!, 'handed over', () => opened.then(() => Promise.reject(new Error('refused')))),
      ),
    );
    await eventually(async () =>
      expect((await node!.get(Database).rows(`SELECT FROM pg_locks WHERE relation = 'things'::regclass`)).length).toBe(
        1,
      ),
    );
    const other = once(second!, asked, adding(second!, 'handed over'));
    await eventually(async () =>
      expect(
        (
          await node!
            .get(Database)
            .rows(
              'SELECT FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database()',
            )
        ).length,
      ).toBe(1),
    );
    open();
    expect(await first).toBe('Error: refused');
    expect((await other).replayed).toBe(false);
    expect(await things('handed over')).toBe(1);
  });

  it('a request gets a retry time when the first takes longer than lock_timeout, on the same or another node', async () => {
    const internals = [databaseConfig.with({ lockTimeoutMs: 500 })];
    const impatient = [
      await testModule([], { database, internals }),
      await testModule([], { database, internals }),
    ] as const;
    const [here] = impatient;
    const asked = request();
    const { opened, open } = gate();
    const working = gate();
    const first = once(
      here,
      asked,
      adding(here, 'slow', () => (working.open(), opened)),
    );
    await working.opened;
    const late = impatient.map((on) =>
      once(on, asked, adding(on, 'slow')).catch((error: DomainError) => [
        error.code,
        error.details.kind,
        error.details.retryAfterMs,
      ]),
    );
    const refused = ['IDEMPOTENCY_IN_PROGRESS', 'conflict', 1_000];
    expect(await Promise.all(late)).toEqual([refused, refused]);
    open();
    const { answer } = await first;
    expect(await once(second!, asked, adding(second!, 'slow'))).toEqual({ answer, replayed: true });
    expect(await things('slow')).toBe(1);
    for (const module of impatient) await module.close();
  });

  it('repeated requests wait without a connection: 50 of them leave the pool of 3 to others', async () => {
    const asked = request();
    const { opened, open } = gate();
    const repetitions = Array.from({ length: 50 }, () =>
      once(
        node!,
        asked,
        adding(node!, 'crowd', () => opened),
      ),
    );
    expect((await once(node!, request(), adding(node!, 'aside'))).replayed).toBe(false);
    open();
    await Promise.all(repetitions);
    expect(await things('crowd')).toBe(1);
  });

  it('a repeated request is answered, and not executed again, when the connection broke between commit and answer', async () => {
    const proxy = new LostCommit(database.url);
    const url = await proxy.start();
    const behind = await testModule([], { database: { url, drop: () => Promise.resolve() } });
    try {
      const asked = request();
      proxy.arm();
      expect(await code(once(behind, asked, adding(behind, 'lost')))).not.toBe('done');
      expect(await things('lost')).toBe(1);
      const { answer, replayed } = await once(behind, asked, adding(behind, 'lost'));
      expect([answer.status, replayed, await things('lost')]).toEqual([201, true, 1]);
    } finally {
      await behind.close();
      await proxy.stop();
    }
  });

  it('a repeated request is executed when the backend died before the commit', async () => {
    const asked = request();
    const killing = adding(node!, 'killed', () =>
      node!.get(Database).run('SELECT pg_terminate_backend(pg_backend_pid())'),
    );
    expect(await code(once(node!, asked, killing))).not.toBe('done');
    expect([await things('killed'), await remembered(asked.key)]).toEqual([0, 0]);
    expect((await once(node!, asked, adding(node!, 'killed'))).replayed).toBe(false);
    expect(await things('killed')).toBe(1);
  });

  it('a refused request is not stored, so the retry succeeds', async () => {
    const asked = request();
    const refusing = adding(node!, 'refused', () =>
      Promise.reject(new DomainError('THINGS_REFUSED', 'no', { kind: 'conflict' })),
    );
    expect(await code(once(node!, asked, refusing))).toBe('THINGS_REFUSED');
    expect([await things('refused'), await remembered(asked.key)]).toEqual([0, 0]);
    expect(
      (await once(node!, { ...asked, ...request(asked.key, 'corrected') }, adding(node!, 'refused'))).replayed,
    ).toBe(false);
    expect(await things('refused')).toBe(1);
  });

  it('a request has one effect when PostgreSQL forces a retry of the transaction', async () => {
    let runs = 0;
    const asked = request();
    const unserializable = async () => {
      if (++runs === 1)
        await node!.get(Database).run(`DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$`);
    };
    expect((await once(node!, asked, adding(node!, 'again', unserializable))).replayed).toBe(false);
    expect([runs, await things('again')]).toEqual([2, 1]);
    expect((await once(node!, asked, adding(node!, 'again'))).replayed).toBe(true);
  });

  it('a key is independent of the same key of another owner', async () => {
    const asked = request();
    const mine = await once(node!, asked, adding(node!, 'owners'));
    const theirs = await once(node!, request(asked.key, 'other content', OTHER), adding(node!, 'owners'));
    expect([theirs.replayed, await things('owners')]).toEqual([false, 2]);
    expect((await once(node!, asked, adding(node!, 'owners'))).answer).toEqual(mine.answer);
  });

  it('whose content is another one is refused by name, and nothing is done', async () => {
    const asked = request();
    await once(node!, asked, adding(node!, 'reused'));
    const refused = once(second!, request(asked.key, 'another'), adding(second!, 'reused'));
    await expect(refused).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
      message: expect.stringContaining(asked.key),
      details: { kind: 'unprocessable' },
    });
    expect(await things('reused')).toBe(1);
  });

  it('in read-only mode a repeated request is answered, and a new one is refused', async () => {
    const asked = request();
    const { answer } = await once(node!, asked, adding(node!, 'read-only'));
    const reader = await testModule([], { database, env: { DB_READONLY: 'true' } });
    try {
      expect(await once(reader, asked, adding(reader, 'read-only'))).toEqual({ answer, replayed: true });
      expect(await code(once(reader, request(asked.key, 'another'), adding(reader, 'read-only')))).toBe(
        'IDEMPOTENCY_KEY_REUSED',
      );
      expect(await code(once(reader, request(), adding(reader, 'read-only')))).toBe('DATABASE_READ_ONLY');
    } finally {
      await reader.close();
    }
  });
});
