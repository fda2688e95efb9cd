import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import { Changes } from '#changes';
import { changesConfig } from '#changes/config';
import { Database, Transactions } from '#database';
import { withCorrelation } from '#telemetry';
import { ChangeListener } from '../../../libs/changes/change-listener.js';
import { eventually } from '../../setup/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../setup/test-database.js';
import { testModule, type TestModule } from '../../setup/test-module.js';

type Told = (string[] | null)[];

describe('the change feed between two nodes', () => {
  let shared: TestDatabase;
  let writer: TestModule;
  let reader: TestModule;
  let told: Told;

  beforeAll(async () => {
    shared = await createTestDatabase();
    writer = await testModule([], { database: shared, internals: [changesConfig.with({ pollMs: 60_000 })] });
  });
  afterAll(async () => {
    await writer.close();
    await shared.drop();
  });
  afterEach(() => reader.close());

  /** A second node that has read once, so that later notifications are new. */
  async function startReader(pollMs: number): Promise<void> {
    reader = await testModule([], { database: shared, internals: [changesConfig.with({ pollMs })] });
    told = [];
    reader.get(Changes).onChange('sessions', (keys) => told.push(keys));
    await listening(1);
    await writer.get(Changes).append('feeds', ['up']);
    await eventually(() => expect(told).toEqual([null])); // the first time anything may have changed
    told.length = 0;
  }
  const append = (...keys: string[]) => writer.get(Changes).append('sessions', keys);
  const listeners = () =>
    writer
      .get(Database)
      .rows<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE application_name = 'deskwire-listen' AND datname = current_database() AND query LIKE 'LISTEN%' ORDER BY backend_start`,
      );
  const listening = (readers: number) => eventually(async () => expect(await listeners()).toHaveLength(1 + readers));

  it('the change feed between two nodes gives a subscriber each commit of the other node once, by NOTIFY alone', async () => {
    await startReader(60_000);
    for (const key of ['a', 'b', 'c']) await append(key);
    await writer.get(Transactions).atomic(async () => {
      await append('d', 'e');
      await append('f');
    });
    await writer.get(Changes).append('portfolios', ['another topic']);
    await eventually(() => expect(told.flat()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']));
    await append('last');
    await eventually(() => expect(told.flat().at(-1)).toBe('last'));
    expect(told.flat()).toHaveLength(7);
  });

  it('the change feed between two nodes hints at a commit at once, and no second time by the NOTIFY of the same node', async () => {
    await startReader(60_000);
    const [hinted, emit] = [jest.fn(), jest.spyOn(pg.Client.prototype, 'emit')];
    const listenersTold = () =>
      new Set(emit.mock.contexts.filter((_client, call) => emit.mock.calls[call]![0] === 'notification'));
    try {
      writer.get(Changes).onHint(hinted);
      await append('own');
      await eventually(() => expect(listenersTold().size).toBe(2));
      expect(hinted).toHaveBeenCalledTimes(1);
      await reader.get(Changes).append('sessions', ['of the other']);
      await eventually(() => expect(hinted).toHaveBeenCalledTimes(2));
    } finally {
      emit.mockRestore();
    }
  });

  it('the change feed between two nodes gives a subscriber nothing of a rollback', async () => {
    await startReader(60_000);
    await expect(
      writer.get(Transactions).atomic(async () => {
        await append('never');
        throw new Error('aborted');
      }),
    ).rejects.toThrow('aborted');
    await append('after');
    await eventually(() => expect(told.flat()).toEqual(['after']));
  });

  it('the change feed between two nodes gives a subscriber commits by polling while LISTEN is down, and reconnects LISTEN', async () => {
    await startReader(100);
    for (let cut = 0; cut < 2; cut++) {
      // LISTEN comes back only when the test lets it.
      const listener = reader.get(ChangeListener);
      const mended = Promise.withResolvers<() => void>();
      const mending = jest
        .spyOn(listener, 'start')
        .mockImplementation(async (onHint) => mended.resolve(() => void listener.start(onHint)));
      await writer.get(Database).rows(`SELECT pg_terminate_backend($1)`, [(await listeners()).at(-1)!.pid]);
      await eventually(async () => expect(await listeners()).toHaveLength(1));
      await append(`cut ${cut}`);
      await eventually(() => expect(told.flat()).toContain(`cut ${cut}`));
      const mend = await mended.promise;
      mending.mockRestore();
      mend();
      await listening(1);
    }
    expect(told.flat()).toEqual(['cut 0', 'cut 1']);
  });

  it('the change feed between two nodes calls the other subscribers when one throws, and logs its error', async () => {
    await startReader(60_000);
    const errors: unknown[] = [];
    Logger.overrideLogger({ log() {}, warn() {}, error: (message: unknown) => void errors.push(message) });
    const after: Told = [];
    reader.get(Changes).onChange('portfolios', () => {
      throw new Error('broken');
    });
    reader.get(Changes).onChange('portfolios', (keys) => after.push(keys));
    await writer.get(Changes).append('portfolios', ['p1']);
    await eventually(() => expect(after).toEqual([['p1']]));
    expect(errors).toEqual([expect.objectContaining({ msg: 'a subscriber of the change feed failed' })]);
    Logger.overrideLogger(false);
  });

  it('the change feed between two nodes reads the feed outside of the request that wrote, whose one connection stays free', async () => {
    await startReader(60_000);
    const { get } = reader;
    await withCorrelation('a request', async () => {
      for (let n = 0; n < 20; n++) {
        await get(Changes).append('sessions', [`own ${n}`]);
        await get(Database).rows('SELECT 1'); // throws DATABASE_SECOND_CONNECTION if the reading above counts
      }
    });
    await eventually(() => expect(told.flat()).toHaveLength(20));
  });
});
