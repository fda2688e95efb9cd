import { execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { Database, DataSources, toDomainError } from '#database';
import { databaseConfig } from '#database/config';
import { testModule, type TestModule } from '../../setup/test-module.js';

/** A mounted file system of 1 MiB that PostgreSQL may write, or undefined where this user may not mount. */
function smallDisk(): { path: string; remove(): void } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const path = mkdtempSync(join(tmpdir(), 'deskwire-disk-'));
  try {
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=0777', 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    rmSync(path, { recursive: true });
    return undefined;
  }
  return {
    path,
    remove: () => {
      execFileSync('/bin/umount', ['-l', path]);
      rmSync(path, { recursive: true });
    },
  };
}

describe('an error of the environment of PostgreSQL', () => {
  let module: TestModule;
  let database: Database;
  beforeAll(async () => {
    module = await testModule([]);
    database = module.get(Database);
  });
  afterAll(() => module.close());

  const failure = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => toDomainError(thrown),
    );
    return error && { code: error.code, kind: error.details.kind, retryAfterMs: error.details.retryAfterMs };
  };

  it('53300: a role with its maximum of connections is a typed 503', async () => {
    await database.run(`CREATE ROLE one_connection LOGIN PASSWORD 'x' CONNECTION LIMIT 1`);
    const url = new URL(module.database.url);
    url.username = 'one_connection';
    url.password = 'x';
    const [first, second] = [new pg.Client(url.href), new pg.Client(url.href)];
    second.on('error', () => undefined);
    await first.connect();
    try {
      expect(await failure(second.connect())).toEqual({
        code: 'DATABASE_TOO_MANY_CONNECTIONS',
        kind: 'unavailable',
        retryAfterMs: 5_000,
      });
    } finally {
      await first.end();
      await database.run('DROP ROLE one_connection');
    }
  });

  it('53400: a statement beyond temp_file_limit is a typed 503', async () => {
    const client = new pg.Client(module.database.url);
    await client.connect();
    try {
      await client.query(`SET temp_file_limit = '64kB'; SET work_mem = '64kB'`);
      expect(
        await failure(client.query('SELECT n, md5(n::text) FROM generate_series(1, 100000) AS n ORDER BY 2')),
      ).toEqual({ code: 'DATABASE_LIMIT_EXCEEDED', kind: 'unavailable', retryAfterMs: 30_000 });
    } finally {
      await client.end();
    }
  });

  it('53100: a full disk is a typed 503, and the disk is real where the test may mount one', async () => {
    const disk = smallDisk();
    const expected = { code: 'DATABASE_DISK_FULL', kind: 'unavailable', retryAfterMs: 30_000 };
    if (disk === undefined) {
      const raised = database.run(`DO $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$`);
      return expect(await failure(raised)).toEqual(expected);
    }
    try {
      const [{ data_directory: data } = { data_directory: '' }] = await database.rows<{ data_directory: string }>(
        'SHOW data_directory',
      );
      chownSync(disk.path, statSync(data).uid, statSync(data).gid);
      await database.run(`CREATE TABLESPACE small_disk LOCATION '${disk.path}'`);
      const fill = `CREATE TABLE filled TABLESPACE small_disk AS SELECT repeat(md5(n::text), 50) FROM generate_series(1, 10000) AS n`;
      expect(await failure(database.run(fill))).toEqual(expected);
      await database.run('DROP TABLESPACE small_disk');
    } finally {
      disk.remove();
    }
  });

  it('53200: no memory is a typed 503', async () => {
    const raised = database.run(`DO $$ BEGIN RAISE EXCEPTION 'no memory' USING ERRCODE = '53200'; END $$`);
    expect(await failure(raised)).toEqual({
      code: 'DATABASE_OUT_OF_MEMORY',
      kind: 'unavailable',
      retryAfterMs: 10_000,
    });
  });
});

describe('a connection', () => {
  it('a connection is replaced after its maximum of queries', async () => {
    const module = await testModule([], {
      env: { DATABASE_POOL_MAX: '1' },
      internals: [databaseConfig.with({ connectionMaxQueries: 5 })],
    });
    const database = module.get(Database);
    const pids: number[] = [];
    for (let n = 0; n < 12; n++) {
      const [row] = await database.rows<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      pids.push(row!.pid);
    }
    expect(new Set(pids).size).toBeGreaterThanOrEqual(3);
    expect(pids.slice(-5).filter((pid) => pid === pids.at(-1)).length).toBeLessThanOrEqual(5);
    expect(module.get(DataSources).pool('app').totalCount).toBeLessThanOrEqual(1);
    await module.close();
  });
});
