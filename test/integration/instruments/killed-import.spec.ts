import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import pg from 'pg';
import { Database } from '#database';
import { InstrumentImporter, InstrumentsModule } from '#instruments';
import { eventually } from '../../setup/eventually.js';
import { SHORT_LIVED } from '../../setup/short-lived.js';
import { type TestModule, testModule } from '../../setup/test-module.js';
import { bytesOf, contracts, kiteCsv } from './masters.fixture.js';

const HOOKS = join(import.meta.dirname, '../../setup/typescript-hooks.mjs');

describe('an import killed by SIGKILL', () => {
  let desk: TestModule;
  let database: Database;
  let before: unknown;
  const load = (count: number) =>
    desk.get(InstrumentImporter).import(bytesOf(kiteCsv(contracts(count))), { broker: 'zerodha', source: 'made' });
  const state = async () => ({
    instruments: await database.rows(`SELECT * FROM instruments ORDER BY id`),
    imports: await database.rows(`SELECT * FROM instrument_imports ORDER BY id`),
    rest: await database.rows(
      `SELECT (SELECT count(*) FROM instrument_import_changes) AS changes, (SELECT count(*) FROM instrument_import_issues) AS issues,
              (SELECT count(*) FROM instrument_names) AS names, (SELECT count(*) FROM trading_events) AS events, (SELECT count(*) FROM change_feed) AS feed`,
    ),
  });
  const start = (pause: boolean): ChildProcess =>
    fork(join(import.meta.dirname, 'importing-process.mjs'), {
      execArgv: ['--import', HOOKS],
      env: {
        PATH: process.env['PATH'],
        ...SHORT_LIVED,
        VICTIM_URL: desk.database.url,
        VICTIM_ROWS: '6000',
        ...(pause ? { VICTIM_PAUSE: '1' } : {}),
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  const said = (child: ChildProcess, word: string): Promise<void> =>
    new Promise((resolve) => child.on('message', (message) => message === word && resolve()));
  const kill = async (child: ChildProcess): Promise<void> => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };

  beforeAll(async () => {
    desk = await testModule([InstrumentsModule]);
    database = desk.get(Database);
    await load(100);
  });
  afterAll(() => desk.close());

  beforeEach(async () => {
    before = await state();
  });

  it('an import killed while its rows arrive leaves nothing, and the next one succeeds', async () => {
    const victim = start(true);
    await said(victim, 'paused');
    await expect(load(100)).rejects.toMatchObject({ code: 'INSTRUMENTS_IMPORT_RUNNING' });
    await kill(victim);
    const next = await eventually(() => load(110));
    expect(next).toMatchObject({ inserted: 10, unchanged: 100, delisted: 0 });
  });

  it('an import killed during its merge leaves nothing, and the next one succeeds', async () => {
    // The table is locked against writers, so the merge stops exactly where it begins to write.
    const blocker = new pg.Client({ connectionString: desk.database.url });
    await blocker.connect();
    await blocker.query('BEGIN; LOCK TABLE instruments IN SHARE MODE');
    const victim = start(false);
    await eventually(async () => {
      const waiting = await database.rows(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%instruments%'`,
      );
      if (waiting.length === 0) throw new Error('not writing yet');
    });
    await kill(victim);
    await blocker.query('ROLLBACK');
    await blocker.end();
    await eventually(async () => {
      const open = await database.rows(
        `SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      );
      expect(open).toHaveLength(0);
    });
    expect(await state()).toEqual(before);
    expect(await load(120)).toMatchObject({ inserted: 10, unchanged: 110, delisted: 0 });
  });
});
