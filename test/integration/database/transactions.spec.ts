import { jest } from '@jest/globals';
import { Injectable, Logger, Module } from '@nestjs/common';
import pg from 'pg';
import { Atomic, Database, DataSources, ReadSnapshot, Transactions } from '#database';
import { withCorrelation } from '#telemetry';
import { eventually } from '../../setup/eventually.js';
import { testModule, type TestModule } from '../../setup/test-module.js';

interface Seen {
  isolation: string;
  readOnly: string;
  application: string;
  xid: string;
}

@Injectable()
class Desk {
  constructor(private readonly database: Database) {}

  async seen(): Promise<Seen> {
    const [row] = await this.database.rows<Seen>(
      `SELECT current_setting('transaction_isolation') AS isolation, current_setting('transaction_read_only') AS "readOnly",
              current_setting('application_name') AS application, pg_backend_pid() || '/' || now() AS xid`,
    );
    return row!;
  }

  async byManager(): Promise<string> {
    return (await this.database.manager.query(`SELECT pg_backend_pid() || '/' || now() AS xid`))[0].xid;
  }

  note(text: string): Promise<number> {
    return this.database.run('INSERT INTO notes VALUES ($1)', [text]);
  }

  @Atomic()
  atomic<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  @ReadSnapshot()
  snapshot<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }
}

@Module({ providers: [Desk] })
class DeskModule {}

describe('transactions', () => {
  let module: TestModule;
  let desk: Desk;
  let database: Database;
  let transactions: Transactions;

  beforeAll(async () => {
    module = await testModule([DeskModule]);
    [desk, database, transactions] = [module.get(Desk), module.get(Database), module.get(Transactions)];
    await database.run('CREATE TABLE notes (text text PRIMARY KEY)');
  });
  afterAll(() => module.close());
  beforeEach(() => database.run('TRUNCATE notes'));
  const notes = async () =>
    (await database.rows<{ text: string }>('SELECT text FROM notes ORDER BY 1')).map((row) => row.text);

  it('@ReadSnapshot() is repeatable read, read only, on the analytics pool; @Atomic() is read committed on the app pool', async () => {
    expect(await desk.snapshot(() => desk.seen())).toMatchObject({
      isolation: 'repeatable read',
      readOnly: 'on',
      application: 'deskwire-analytics',
    });
    expect(await desk.atomic(() => desk.seen())).toMatchObject({
      isolation: 'read committed',
      readOnly: 'off',
      application: 'deskwire-app',
    });
  });

  it('a transaction takes no statement but its begin, its end and those of its work', async () => {
    const spy = jest.spyOn(pg.Client.prototype, 'query');
    for (const open of [desk.atomic, desk.snapshot, transactions.cutSnapshot]) {
      spy.mockClear();
      await open.call(open === transactions.cutSnapshot ? transactions : desk, () => database.rows('SELECT 1'));
      const texts = spy.mock.calls.map(([query]: unknown[]) => (query as { text?: string }).text ?? query);
      const connection = spy.mock.contexts[texts.indexOf('START TRANSACTION')];
      const ofConnection = texts.filter((_text, n) => spy.mock.contexts[n] === connection);
      expect(ofConnection).toEqual(['START TRANSACTION', 'SELECT 1', 'COMMIT']);
    }
    jest.restoreAllMocks();
  });

  it('the snapshot of a cut has a pool of its own, and read snapshots inside it join it', async () => {
    const [outer, inner] = await transactions.cutSnapshot(async () => [
      await desk.seen(),
      await desk.snapshot(() => desk.seen()),
    ]);
    expect(outer).toMatchObject({ isolation: 'repeatable read', readOnly: 'on', application: 'deskwire-cut' });
    expect(inner).toEqual(outer);
  });

  it('a snapshot does not see commits after its first read', async () => {
    const seen = await desk.snapshot(async () => {
      const before = await notes();
      await new Promise<void>((resolve, reject) =>
        withCorrelation('another', () => desk.note('later').then(() => resolve(), reject)),
      );
      return [before, await notes()];
    });
    expect(seen).toEqual([[], []]);
    expect(await notes()).toEqual(['later']);
  });

  it('a write inside a snapshot fails with 25006', () =>
    expect(desk.snapshot(() => desk.note('x'))).rejects.toMatchObject({ code: '25006' }));

  it("an inner transaction joins the open one, by SQL and by TypeORM's manager, and all commits or nothing", async () => {
    const xids = await desk.atomic(async () => [
      (await desk.seen()).xid,
      (await desk.atomic(() => transactions.atomic(() => desk.seen()))).xid,
      await desk.byManager(),
    ]);
    expect(new Set(xids).size).toBe(1);
    const failing = desk.atomic(async () => {
      await desk.atomic(() => desk.note('inner'));
      throw new Error('outer fails');
    });
    await expect(failing).rejects.toThrow('outer fails');
    expect(await notes()).toEqual([]);
  });

  it('two concurrent calls have separate transactions and do not see each other', async () => {
    const both = await Promise.all(
      ['a', 'b'].map((id) =>
        withCorrelation(id, () => desk.atomic(async () => [(await desk.seen()).xid, await desk.byManager()])),
      ),
    );
    expect(both.map((xids) => new Set(xids).size)).toEqual([1, 1]);
    expect(both[0]![0]).not.toBe(both[1]![0]);
  });

  it('a snapshot inside @Atomic() throws, and vice versa, and the outer transaction continues', async () => {
    const mismatch = expect.objectContaining({ code: 'DATABASE_TRANSACTION_MISMATCH' });
    await desk.atomic(async () => {
      await desk.note('kept');
      await expect(desk.snapshot(() => desk.seen())).rejects.toEqual(mismatch);
      await desk.note('too');
    });
    await desk.snapshot(() => expect(desk.atomic(() => desk.seen())).rejects.toEqual(mismatch));
    expect(await notes()).toEqual(['kept', 'too']);
  });

  it('a request that holds a connection gets no second one, and continues with the first', async () => {
    await withCorrelation('r', () =>
      desk.atomic(async () => {
        await expect(module.get(DataSources).app.query('SELECT 1')).rejects.toMatchObject({
          code: 'DATABASE_SECOND_CONNECTION',
        });
        await desk.note('first');
      }),
    );
    await withCorrelation('r', async () => {
      const both = await Promise.allSettled([desk.seen(), desk.seen()]);
      expect(both.map((one) => one.status)).toEqual(['fulfilled', 'rejected']);
      await desk.seen();
    });
    expect(await notes()).toEqual(['first']);
  });

  it('Database.client() returns the client of the open transaction, and throws outside a transaction', async () => {
    await expect(database.client()).rejects.toThrow('needs an open');
    await desk.atomic(async () => {
      const { rows } = await (await database.client()).query(`SELECT pg_backend_pid() || '/' || now() AS xid`);
      expect(rows[0].xid).toBe((await desk.seen()).xid);
    });
  });

  it('a statement that runs alone is in no transaction, and is cancelled after its time, and by its signal', async () => {
    const alone = () =>
      database.rows(
        `SELECT FROM pg_stat_activity WHERE application_name = 'deskwire-upkeep' AND state = 'active' AND datname = current_database()`,
      );
    await database.runAlone('VACUUM notes', 60_000);
    await expect(database.runAlone('SELECT pg_sleep(60)', 50)).rejects.toMatchObject({ code: '57014' });
    const stop = new AbortController();
    const running = database.runAlone('SELECT pg_sleep(60)', 60_000, stop.signal);
    await eventually(async () => expect(await alone()).toHaveLength(1));
    stop.abort();
    await expect(running).rejects.toThrow('terminated');
    await eventually(async () => expect(await alone()).toEqual([]));
  });

  describe('afterCommit()', () => {
    it('afterCommit() runs callbacks in order after the commit, when other connections see its rows', async () => {
      const ran: unknown[] = [];
      await desk.atomic(async () => {
        await desk.note('n');
        transactions.afterCommit(async () => void ran.push(await notes(), transactions.isOpen));
        await desk.atomic(async () => transactions.afterCommit(() => ran.push('inner')));
        expect(ran).toEqual([]);
      });
      expect(ran).toEqual([['n'], false, 'inner']);
    });

    it('afterCommit() runs no callback after a rollback or a failed commit', async () => {
      const ran: string[] = [];
      await database.run('CREATE TABLE late (a int CONSTRAINT uq_late UNIQUE DEFERRABLE INITIALLY DEFERRED)');
      await database.run('INSERT INTO late VALUES (1)');
      const failing = [
        () => Promise.reject(new Error('thrown')),
        () => desk.note('x').then(() => desk.note('x')),
        () => database.run('INSERT INTO late VALUES (1)'), // 23505 at COMMIT
      ];
      for (const fail of failing) {
        await expect(
          desk.atomic(async () => {
            transactions.afterCommit(() => ran.push('ran'));
            await fail();
          }),
        ).rejects.toThrow();
      }
      expect(ran).toEqual([]);
    });

    it('afterCommit() logs a callback that throws, and runs the next ones', async () => {
      const errors: unknown[] = [];
      Logger.overrideLogger({ log() {}, warn() {}, error: (message: unknown) => void errors.push(message) });
      const ran: string[] = [];
      await desk.atomic(async () => {
        await desk.note('n');
        transactions.afterCommit(() => Promise.reject(new Error('mail is down')));
        transactions.afterCommit(() => ran.push('next'));
      });
      Logger.overrideLogger(false);
      expect([ran, await notes()]).toEqual([['next'], ['n']]);
      expect(errors).toEqual([
        expect.objectContaining({
          msg: 'afterCommit work failed',
          err: expect.objectContaining({ message: 'mail is down' }),
        }),
      ]);
    });

    it('afterCommit() runs a callback at once if no transaction is open, also for work that outlives its transaction', async () => {
      const ran: string[] = [];
      transactions.afterCommit(() => ran.push('outside'));
      const over = Promise.withResolvers<void>();
      let straggler: Promise<void> | undefined;
      await desk.atomic(async () => {
        straggler = over.promise.then(() => transactions.afterCommit(() => ran.push('straggler')));
      });
      over.resolve();
      await straggler;
      expect(ran).toEqual(['outside', 'straggler']);
    });
  });

  it('transactions leave no connection in use and none idle in a transaction', async () => {
    // The reader of the change feed has transactions, too. One that is left open would be ended by PostgreSQL after 15 s.
    await eventually(async () => {
      for (const name of ['app', 'analytics', 'cut'] as const) expect(module.get(DataSources).pool(name).inUse).toBe(0);
      expect(
        await database.rows(
          `SELECT query FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`,
        ),
      ).toEqual([]);
    }, 10_000);
  });
});
