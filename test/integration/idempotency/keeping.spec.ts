import { createHash } from 'node:crypto';
import { BackgroundTasks } from '#background';
import { Database, Transactions } from '#database';
import { IdempotencyService } from '#idempotency';
import { idempotencyConfig } from '#idempotency/config';
import { IdempotencyKeysRepository } from '../../../libs/idempotency/idempotency-keys.repository.js';
import { KeyShares } from '../../../libs/idempotency/key-shares.js';
import { eventually } from '../../setup/eventually.js';
import { runTask } from '../../setup/run-task.js';
import { testModule, type TestModule } from '../../setup/test-module.js';

const OWNERS = ['00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002'] as const;

describe('stored answers of an idempotency key', () => {
  let desk: TestModule;
  let database: Database;
  let done: string[];

  const once = (
    key: string,
    body: unknown = { key },
    { ownerId = OWNERS[0] as string, secrets = [] as string[] } = {},
  ) => {
    const asked = { ownerId, key, operation: 'POST /v1/things', fingerprint: createHash('sha256').digest() };
    return desk.get(IdempotencyService).once(asked, async () => (done.push(key), { status: 201, body }), secrets);
  };
  const kept = async (ownerId: string = OWNERS[0]): Promise<string[]> => {
    const rows = await database.rows<{ key: string }>(
      'SELECT key FROM idempotency_keys WHERE owner_id = $1 ORDER BY created_at',
      [ownerId],
    );
    return rows.map(({ key }) => key);
  };
  const age = (where: string) =>
    database.run(`UPDATE idempotency_keys SET expires_at = now() - interval '1 second' WHERE ${where}`);

  const trim = (batch?: number) => desk.get(KeyShares).trim(new AbortController().signal, batch);

  beforeAll(async () => {
    desk = await testModule([], {
      internals: [idempotencyConfig.with({ maxKeysPerPrincipal: 5, maxBytesPerPrincipal: 200, maxAnswerBytes: 100 })],
    });
    database = desk.get(Database);
  });
  beforeEach(async () => {
    done = [];
    await database.run('TRUNCATE idempotency_keys');
  });
  afterAll(() => desk.close());

  it('a stored answer is kept for a day', async () => {
    await once('a');
    const [row] = await database.rows<{ day: boolean }>(
      `SELECT expires_at - created_at = interval '24 hours' AS day FROM idempotency_keys`,
    );
    expect(row).toEqual({ day: true });
    await runTask(desk, 'retention-idempotency_keys');
    await trim();
    expect((await once('a')).replayed).toBe(true);
  });

  it('a stored answer is removed after its time, and only then', async () => {
    for (let n = 0; n < 5; n++) await once(`old-${n}`);
    for (let n = 0; n < 4; n++) await once(`young-${n}`, {}, { ownerId: OWNERS[1] });
    await age(`key LIKE 'old-%'`);
    await runTask(desk, 'retention-idempotency_keys');
    expect([await kept(), (await kept(OWNERS[1])).length]).toEqual([[], 4]);
  });

  it('an expired key has no effect, also before the purge', async () => {
    await once('a', { first: true });
    await age('true');
    expect(await once('a', { first: false })).toMatchObject({ replayed: false });
    expect(await once('a')).toEqual({ answer: { status: 201, body: { first: false } }, replayed: true });
    expect(done).toEqual(['a', 'a']);
  });

  it('of two requests at two nodes after its time, one takes over an expired key', async () => {
    await once('a');
    await age('true');
    done = [];
    const second = await testModule([], { database: desk.database });
    try {
      const asked = {
        ownerId: OWNERS[0],
        key: 'a',
        operation: 'POST /v1/things',
        fingerprint: createHash('sha256').digest(),
      };
      const working = Promise.withResolvers<void>();
      const waited = Promise.withResolvers<void>();
      const first = desk.get(IdempotencyService).once(asked, async () => {
        working.resolve();
        await waited.promise;
        done.push('by the first');
        return { status: 201, body: { again: true } };
      });
      await working.promise;
      const other = second
        .get(IdempotencyService)
        .once(asked, async () => (done.push('by the second'), { status: 201, body: {} }));
      const waiting = `SELECT FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database()`;
      await eventually(async () => expect(await database.rows(waiting)).toHaveLength(1));
      waited.resolve();
      const { answer } = await first;
      expect([await other, done]).toEqual([{ answer, replayed: true }, ['by the first']]);
    } finally {
      await second.close();
    }
  });

  it('of two requests that both saw an expired key, one takes it over', async () => {
    await once('a');
    await age('true');
    const asked = {
      ownerId: OWNERS[0],
      key: 'a',
      operation: 'POST /v1/things',
      fingerprint: createHash('sha256').digest(),
    };
    const [keys, transactions] = [desk.get(IdempotencyKeysRepository), desk.get(Transactions)];
    const bothSaw = Promise.withResolvers<void>();
    let saw = 0;
    const taking = () =>
      transactions.atomic(async () => {
        expect(await keys.find(asked.ownerId, asked.key)).toMatchObject({ isExpired: true });
        if (++saw === 2) bothSaw.resolve();
        await bothSaw.promise;
        return keys.takeOver(asked, 60_000);
      });
    expect((await Promise.all([taking(), taking()])).sort()).toEqual([false, true]);
  });

  it('stored keys are bounded per owner, and the oldest are removed', async () => {
    for (let n = 0; n < 9; n++) await once(`k${n}`);
    for (let n = 0; n < 3; n++) await once(`k${n}`, {}, { ownerId: OWNERS[1] });
    await trim(2);
    expect([await kept(), (await kept(OWNERS[1])).length]).toEqual([['k4', 'k5', 'k6', 'k7', 'k8'], 3]);
  });

  it('stored bytes are bounded per owner: the oldest answers are removed, and their keys stay', async () => {
    for (let n = 0; n < 4; n++) await once(`b${n}`, 'x'.repeat(78));
    await trim(1);
    done = [];
    await expect(once('b1')).rejects.toMatchObject({
      code: 'IDEMPOTENCY_ANSWER_NOT_KEPT',
      details: { kind: 'conflict', extra: { originalStatus: 201 } },
    });
    expect([(await once('b2')).answer.body, done]).toEqual(['x'.repeat(78), []]);
  });

  it('of an answer that is too large the status is stored, and the effect is still one', async () => {
    expect((await once('large', 'x'.repeat(99))).answer.body).toHaveLength(99);
    await expect(once('large')).rejects.toMatchObject({
      code: 'IDEMPOTENCY_ANSWER_NOT_KEPT',
      details: { extra: { idempotencyKey: 'large', originalStatus: 201 } },
    });
    expect(done).toEqual(['large']);
  });

  it('a stored answer never contains a secret', async () => {
    expect((await once('made', { id: 7, key: 'dwk_secret' }, { secrets: ['key'] })).answer.body).toEqual({
      id: 7,
      key: 'dwk_secret',
    });
    expect(JSON.stringify(await database.rows('SELECT * FROM idempotency_keys'))).not.toContain('dwk_secret');
    await expect(once('made')).rejects.toMatchObject({
      code: 'IDEMPOTENCY_ANSWER_NOT_KEPT',
      details: { extra: { answer: { id: 7 } } },
    });
    expect(done).toEqual(['made']);
  });

  it('stored answers are unchanged in read-only mode', async () => {
    await once('a');
    await age('true');
    const reader = await testModule([], { database: desk.database, env: { DB_READONLY: 'true' } });
    try {
      const tasks = reader.get(BackgroundTasks).list();
      const ours = tasks.filter(({ name }) => /idempotency/.test(name)).map(({ name, state }) => [name, state]);
      expect(ours).toEqual([
        ['idempotency-shares', 'paused'],
        ['retention-idempotency_keys', 'paused'],
      ]);
    } finally {
      await reader.close();
    }
    expect(await kept()).toEqual(['a']);
  });
});
